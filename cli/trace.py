"""The command `onramp trace`: why a request gets through, or which hop stops it and what to do."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec
import typer
from onramp.aws import callers, signers, view
from onramp.aws.callers import Nowhere, Source
from onramp.aws.signers import NoRole
from onramp.core.auth import Sent
from onramp.core.trace import Trace, walk
from onramp.core.view import Request, Service, View
from rich.console import Console
from rich.text import Text

from cli import given
from cli.aws import Looking, NotLetIn, ProfilesOption, RegionOption, explained, looking
from cli.given import Wrong
from cli.language import LanguageOption, spoken
from cli.render.terminal import Screen, json_text, say

REACHES, STOPPED, WRONG_INPUT, UNKNOWN = 0, 1, 2, 3
STATUS = {"reaches": REACHES, "stopped": STOPPED, "unknown": UNKNOWN}

MARKS = {"ok": ("✓", "green"), "stopped": ("✗", "bold red"), "unknown": ("?", "yellow")}


class HopSeen(msgspec.Struct, frozen=True):
    """One hop: `because` is the rule that decided; `code` and `remedy` are there where it stops."""

    hop: str
    verdict: Literal["ok", "stopped", "unknown"]
    because: str
    code: str
    remedy: str


class Caller(msgspec.Struct, frozen=True):
    """Who calls; `address` is a CIDR where any host of the VPC is meant."""

    account: str
    vpc: str
    address: str


class Document(msgspec.Struct, frozen=True):
    """What `onramp trace --json` prints.

    `status`: what the caller is answered, null where nobody answers or nobody knows; `service`: account and name.
    """

    caller: Caller
    url: str
    method: str
    service: str | None
    verdict: Literal["reaches", "stopped", "unknown"]
    stopped_at: str | None
    code: str | None
    status: int | None
    hops: list[HopSeen]


class Wanted(NamedTuple):
    """Where to: `name` is a service's or a host's; protocol and port are '' and 0 where nothing was said of them."""

    name: str
    protocol: str
    port: int
    path: str
    query: tuple[tuple[str, str], ...]


def add_to(app: typer.Typer) -> None:
    app.command()(trace)


def trace(
    from_: Annotated[
        str, typer.Option("--from", metavar="VPC|IP|INSTANCE", help="Who calls: vpc-…, i-…, or an address.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="NAME|URL", help="A service's name or domain, or a URL.")],
    vpc: Annotated[str, typer.Option(help="The caller's VPC, where several have its address.")] = "",
    method: Annotated[str, typer.Option("--method", "-X", help="The HTTP method.")] = "GET",
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="NAME: VALUE", help="A header; may be repeated.")
    ] = None,
    as_: Annotated[
        str, typer.Option("--as", metavar="ROLE", help="The role that signs the request: its name or ARN.")
    ] = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document (docs/schemas/trace.json).")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
) -> None:
    """Say hop by hop why a request gets through, or what stops it and what to do.

    Reads only, with your own rights: those of each --profile, and in other
    accounts by the role onramp-NETWORK-reader where you may assume it. What
    could not be read is told as unknown, never as absent.

    Exit status 0: it gets through; 1: a hop stops it; 2: the words are wrong,
    or AWS does not let you in; 3: no stop was found, and some hop is unknown.
    """
    out = Screen(language=spoken(language), force_terminal=False if no_color else None, soft_wrap=True)
    err = Screen(stderr=True, force_terminal=False if no_color else None, soft_wrap=True)
    try:
        wanted, headers = _wanted(to), tuple(given.header(one) for one in header or ())
        where, signer, verb = given.source(from_), given.role(as_) if as_ else "", given.method(method)
        inside = given.vpc(vpc, "--vpc") if vpc else ""
        with err.status("looking") if err.is_terminal else _nothing():
            told = traced(looking(profile or [], region), where, inside, wanted, verb, headers, signer)
    except (Wrong, Nowhere, NoRole, NotLetIn) as wrong:
        err.print(f"onramp trace: {say(out, str(wrong))}", style="red", markup=False)
        raise typer.Exit(WRONG_INPUT) from wrong
    if as_json:
        sys.stdout.write(json_text(msgspec.to_builtins(told)))
    else:
        show(out, told)
    raise typer.Exit(STATUS[told.verdict])


def _nothing() -> Any:
    import contextlib

    return contextlib.nullcontext()


def traced(
    where: Looking,
    from_: str,
    vpc: str,
    wanted: Wanted,
    method: str,
    headers: tuple[tuple[str, str], ...],
    as_: str,
) -> Document:
    """Look and walk. Raises Nowhere, NoRole, Wrong, NotLetIn."""
    with explained():
        caller = callers.source(where.eyes, from_, vpc)
        signer = signers.role(where.eyes, as_) if as_ else None
        sight = view.look(where.eyes, where.region, caller, wanted.name)
    service = _chosen(sight.view, wanted, caller)
    through = tuple(name for it in sight.view.endpoints for name, _ in it.names)
    read = _listeners_read(sight.view, service)
    request = _request(caller, wanted, service, method, headers, read=read, through=through)
    sent = Sent(vpc_owner=caller.account, query=wanted.query, signer=signer)
    walked = walk(sight.view, request, view.authority(sight, sent))
    return _document(caller, request, wanted, service, walked)


def _listeners_read(seen: View, service: Service | None) -> bool:
    return service is None or bool(service.listeners) or all(it.thing != service.id for it in seen.unread)


def _chosen(seen: View, wanted: Wanted, caller: Source) -> Service | None:
    """The one service that is meant: by its own name, those in the caller's network before others."""
    named = [it for it in seen.services if wanted.name in (it.domain, it.custom_domain)] or list(seen.services)
    inside = {it.network for it in seen.vpc_associations if it.vpc == caller.vpc}
    near = [it for it in named if any(one.network in inside for one in it.associations)] or named
    if len(near) > 1:
        which = "; ".join(f"{it.domain} of {it.account}" for it in near)
        raise Wrong(f"several services are called {wanted.name}: say which by its Lattice name: {which}")
    return near[0] if near else None


def _request(
    caller: Source,
    wanted: Wanted,
    service: Service | None,
    method: str,
    headers: tuple[tuple[str, str], ...],
    *,
    read: bool = True,
    through: tuple[str, ...] = (),
) -> Request:
    """`read`: is what it listens on known? Else no port is taken for granted. `through`: names by a VPC endpoint."""
    host, protocol, port = wanted.name, wanted.protocol, wanted.port
    if service is not None and not protocol:
        if host not in (service.domain, service.custom_domain, *through):
            host = service.domain
        # What a person would try first: TLS if it is offered.
        ranked = sorted(service.listeners, key=lambda it: (it.protocol == "HTTP", it.port))
        if ranked:
            first = ranked[0]
            protocol = "HTTP" if first.protocol == "HTTP" else "HTTPS"
            port = port or first.port
            if first.protocol == "TLS_PASSTHROUGH" and service.custom_domain and host not in through:
                host = service.custom_domain
    usual = 0 if not (protocol or read) else 80 if protocol == "HTTP" else 443
    protocol = protocol or "HTTPS"
    return Request(
        source_ip=caller.ip,
        vpc=caller.vpc,
        host=host,
        protocol=protocol,
        port=port or usual,
        path=wanted.path,
        method=method,
        headers=(*headers, ("Host", host)),
        security_groups=caller.security_groups,
        subnet=caller.subnet,
    )


def _document(caller: Source, request: Request, wanted: Wanted, service: Service | None, walked: Trace) -> Document:
    usual = {"HTTP": 80, "HTTPS": 443}[request.protocol] == request.port
    query = "&".join(f"{key}={value}" for key, value in wanted.query)
    # By which protocol it is asked is not told where nobody knows.
    asked_by = f"{request.protocol.lower()}://" if request.port else ""
    url = f"{asked_by}{request.host}{'' if usual or not request.port else f':{request.port}'}{request.path}"
    last = walked.hops[-1]
    return Document(
        caller=Caller(account=caller.account, vpc=caller.vpc, address=caller.ip),
        url=f"{url}?{query}" if query else url,
        method=request.method,
        service=f"{service.account}/{service.name}" if service is not None else None,
        verdict=walked.verdict,
        stopped_at=walked.stopped_at or None,
        code=last.code if walked.stopped_at else None,
        status=walked.status or None,
        hops=[
            HopSeen(hop=it.name, verdict=it.verdict, because=it.because, code=it.code, remedy=it.remedy)
            for it in walked.hops
        ],
    )


def show(out: Console, told: Document) -> None:
    """For people: a line a hop, and under the one that stops it what to do."""
    out.print(Text.assemble((f"{told.method} {told.url}", "bold")))
    caller = f"from {told.caller.address} in {told.caller.vpc} of {told.caller.account}"
    out.print(Text(say(out, caller), style="dim"))
    for hop in told.hops:
        mark, style = MARKS[hop.verdict]
        out.print(Text.assemble((f"{mark} ", style), (f"{hop.hop:20}", "bold"), " ", say(out, hop.because)))
        if hop.remedy:
            out.print(Text.assemble(" " * 23, ("→ ", "cyan"), say(out, hop.remedy)))
    unknown = [hop.hop for hop in told.hops if hop.verdict == "unknown"]
    if told.verdict == "reaches":
        answer = f", answered {told.status}" if told.status else ""
        out.print(Text(say(out, f"It gets through{answer}."), style="bold green"))
    elif told.verdict == "stopped":
        answered = f", answered {told.status}" if told.status else ""
        out.print(Text(say(out, f"Stopped at {told.stopped_at}: {told.code}{answered}."), style="bold red"))
    else:
        missing = f"Unknown: no stop was found, and {', '.join(unknown)} could not be told."
        out.print(Text(say(out, missing), style="bold yellow"))
    if unknown and told.verdict != "reaches":
        more = "To read more, name a profile of that account as well: --profile NAME."
        out.print(Text(say(out, more), style="dim"))


# --- what was typed -----------------------------------------------------------------------------------------


def _wanted(to: str) -> Wanted:
    if to.startswith("arn:"):
        raise Wrong(f"--to {to!r} is an ARN: write the service's name, as onramp status has it")
    if "://" not in to:
        name, slash, path = to.partition("/")
        host, _, port = name.partition(":")
        if not given.host(host.lower()):
            raise Wrong(f"--to {to!r} is no name and no URL: write a service's name, a domain, or http(s)://…")
        if port and not (port.isdecimal() and 0 < int(port) < 65536):
            raise Wrong(f"--to {to!r}: {port!r} is no port")
        return Wanted(host.lower(), "", int(port or 0), f"{slash}{path}" or "/", ())
    try:
        parts = urlsplit(to)
        port_given = parts.port
    except ValueError as wrong:
        raise Wrong(f"--to {to!r} is no URL: {wrong}") from wrong
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not given.host(host):
        raise Wrong(f"--to {to!r} is no http or https URL")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Wanted(host, parts.scheme.upper(), port_given or 0, parts.path or "/", query)
