"""The command `onramp topology`: what is joined to what, as a page, a picture, a diagram, data or a table."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from onramp.aws import topology as reading
from onramp.core.language import Language, labelled
from onramp.core.tags import DEFAULT_PREFIX
from onramp.core.text import counted
from onramp.core.topology import Balancer, Service, Topology, callers
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import given
from cli.aws import Looking, NotLetIn, ProfilesOption, RegionOption, explained, looking
from cli.given import Wrong
from cli.language import LanguageOption, spoken
from cli.render.terminal import Screen, json_text, label, say

WRONG_INPUT = 2
WIDE = 2000
"""Cells, more than a row has: what a name, a domain and a message may have, many times over."""
DAGRE = "dagre-3.1.3.min.js"

STYLES = {"connected": "green", "refused": "red", "failed": "red", "unreachable": "red"}


def add_to(app: typer.Typer) -> None:
    app.command()(topology)


def topology(
    html_: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one page: search, filters, who may call whom.")
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write the picture alone.")] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid diagram.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas/topology.json).")
    ] = False,
    network: Annotated[str, typer.Option(metavar="NAME", help="Only this network.")] = "",
    prefix: Annotated[str, typer.Option(help="The prefix of the teams' tags.")] = DEFAULT_PREFIX,
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
) -> None:
    """Show networks, clients, services and load balancers, their state, and who may call whom.

    Reads only, best from the network account: what is joined comes from the
    networks themselves, what is refused, held or waits from the tags of each
    account that can be read, else from its last report.

    Page, picture, diagram and JSON are in English.

    Exit status 0: it is shown; 2: the words are wrong, there is nothing, or
    AWS does not let you in.
    """
    out = Screen(language=spoken(language), force_terminal=False if no_color else None, soft_wrap=True)
    err = Screen(stderr=True, force_terminal=False if no_color else None, soft_wrap=True)
    try:
        give = _giving(out, html_, svg, mermaid=mermaid, as_json=as_json)
        keys = given.prefix(prefix)
        given.network(network)
        with progressing(err) as progress:
            found = _look(looking(profile or [], region), network, keys, progress)
        give(found)
    except (Wrong, NotLetIn) as wrong:
        err.print(f"onramp topology: {say(out, str(wrong))}", style="red", markup=False)
        raise typer.Exit(WRONG_INPUT) from wrong
    for one in found.unread:
        whose = "" if one.account in one.why else f"{label(out, 'account')} {one.account}: "
        err.print(f"{whose}{say(out, one.why)}", style="yellow", markup=False)


@contextlib.contextmanager
def progressing(err: Console) -> Iterator[Callable[[str], object]]:
    """A line of progress where somebody can watch it."""
    if not err.is_terminal:
        yield lambda _: None
        return
    with err.status("looking") as status:
        yield status.update


def _look(where: Looking, network: str, prefix: str, progress: Callable[[str], object]) -> Topology:
    if network and network not in where.networks.values():
        seen = ", ".join(sorted(where.networks.values()))
        raise Wrong(
            f"no network {network} can be seen; there are: {seen}"
            if seen
            else f"no network can be seen, so none is called {network}: name a profile of the network account"
        )
    with explained():
        found = reading.read(where.eyes, only=network, prefix=prefix, progress=progress)
    if not (found.networks or found.clients or found.services or found.balancers or found.unread):
        raise Wrong(f"no network can be seen in {where.region}: use a profile of the network account, or its --region")
    return found


def _giving(
    out: Console, html_: Path | None, svg: Path | None, *, mermaid: bool, as_json: bool
) -> Callable[[Topology], None]:
    """How it is to be shown; Wrong when more than one way was named."""
    ways: list[Callable[[Topology], None]] = []
    if html_ is not None:
        ways.append(lambda found: _write(out, html_, page(found), found))
    if svg is not None:
        ways.append(lambda found: _write(out, svg, picture(found), found))
    if mermaid:
        ways.append(lambda found: print_plain(diagram(found)))
    if as_json:
        ways.append(lambda found: print_plain(json_text(msgspec.to_builtins(found))))
    if len(ways) > 1:
        raise Wrong("choose one of --html, --svg, --mermaid and --json")
    for file in filter(None, (html_, svg)):
        given.output(file)
    return ways[0] if ways else lambda found: show(out, found)


def print_plain(text: str) -> None:
    sys.stdout.write(text)


def _write(out: Console, file: Path, text: str, found: Topology) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as refused:
        raise Wrong(f"{file} cannot be written: {refused.strerror}") from refused
    out.print(f"{file}: {_counted(out, found)}", markup=False)


def _counted(out: Console, found: Topology) -> str:
    return counts(found, out.language if isinstance(out, Screen) else "en")


def counts(found: Topology, language: Language = "en") -> str:
    """`1 network, 2 clients, 5 services (1 refused), 6 load balancers`."""

    def many(number: int, one: str) -> str:
        return f"{number} {labelled(one, language)}{'s' if number != 1 and language == 'en' else ''}"

    parts = []
    for one, things in (("network", found.networks), ("client", found.clients), ("service", found.services)):
        bad: dict[str, int] = {}
        for thing in things:
            state = getattr(thing, "state", "connected")
            if state != "connected":
                bad[state] = bad.get(state, 0) + 1
        told = ", ".join(f"{count} {state}" for state, count in sorted(bad.items()))
        parts.append(f"{many(len(things), one)}{f' ({told})' if told else ''}")
    return ", ".join([*parts, many(len(found.balancers), "load balancer")])


def show(out: Console, found: Topology) -> None:
    """For a terminal: a table a network, then what is in none. In a pipe no name is broken over lines."""
    if not out.is_terminal:
        out.width = max(out.width, WIDE)
    shown = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "name", "account", "state", "reaches", ""):
        shown.add_column(label(out, column), overflow="fold")
    for network in found.networks:
        auth = say(out, "policy decides who calls") if network.auth == "AWS_IAM" else ""
        shown.add_row(label(out, "network"), Text(network.name, style="bold cyan"), network.account, "", auth, "")
        for client in (it for it in found.clients if it.network == network.id):
            _row(out, shown, "client", client.name or client.vpc, client)
        for service in (it for it in found.services if network.id in it.networks):
            may = say(out, f"from {counted(len(callers(found, service)), 'VPC')}")
            _row(out, shown, "service", service.name, service, service.domain or may)
            for behind in _not_serving(found, service):
                _row(out, shown, "load balancer", behind.name, behind)
    for client in (it for it in found.clients if not it.network):
        _row(out, shown, "client", client.name or client.vpc, client)
    for service in (it for it in found.services if not it.networks):
        _row(out, shown, "service", service.name, service)
    if not shown.row_count:
        out.print(Text(say(out, "No network can be seen from here."), style="dim"))
    elif out.is_terminal:
        out.print(shown)
    else:
        with out.capture() as told:  # a table fills its columns up, which nobody reads in a file
            out.print(shown)
        for line in told.get().splitlines():
            out.print(Text(line.rstrip()), soft_wrap=True)
    out.print(Text(_counted(out, found), style="bold"))


def _not_serving(found: Topology, service: Service) -> list[Balancer]:
    """The load balancers behind a service of which something else is told than of the service itself."""
    told = (service.state, service.code)
    mine = [it for it in found.balancers if it.service == service.id and it.state != "connected"]
    return [it for it in mine if (it.state, it.code) != told]


def _row(out: Console, table: Table, kind: str, name: str, thing: Any, reaches: str = "") -> None:
    table.add_row(label(out, kind), name, thing.account, _state(thing.state), reaches, say(out, _why(thing)))


def _state(state: str) -> Text:
    return Text(state, style=STYLES.get(state, "yellow"))


def _why(thing: Any) -> str:
    return f"{thing.code}: {thing.message}" if thing.code else str(thing.message)


# A quotation mark ends a text there; `<`, a backtick, `%%{` and `#` would be HTML, Markdown, a directive, a character.
_ACTS_IN_MERMAID = re.compile(r"[^\w .,:/@+=·()-]")


def diagram(found: Topology) -> str:
    """A Mermaid flowchart, left to right: clients, networks, services, load balancers."""
    ids: dict[str, str] = {}
    lines = ["flowchart LR"]

    def node(identifier: str, shape: tuple[str, str], text: str, state: str = "") -> None:
        ids[identifier] = name = f"n{len(ids)}"
        shown = "<br>".join(_ACTS_IN_MERMAID.sub(lambda it: f"#{ord(it[0])};", line) for line in text.split("\n"))
        lines.append(f'  {name}{shape[0]}"{shown}"{shape[1]}{f":::{state}" if state else ""}')

    for network in found.networks:
        node(network.id, ("{{", "}}"), f"{network.name}\n{network.account}")
    for client in found.clients:
        node(client.id, ("(", ")"), f"{client.name or client.vpc}\n{client.account} · {client.state}", client.state)
    for service in found.services:
        node(service.id, ("[", "]"), f"{service.name}\n{service.account} · {service.state}", service.state)
    for balancer in found.balancers:
        node(balancer.id, ("[/", "/]"), f"{balancer.name}\n{balancer.state}", balancer.state)
    edges = [(it.id, it.network) for it in found.clients]
    edges += [(network, it.id) for it in found.services for network in it.networks]
    edges += [(it.service, it.id) for it in found.balancers]
    lines += [f"  {ids[one]} --> {ids[other]}" for one, other in edges if one in ids and other in ids]
    bad = (
        {it.state for it in found.clients} | {it.state for it in found.services} | {it.state for it in found.balancers}
    )
    lines += [
        f"  classDef {state} stroke:{'#c5221f' if state in ('refused', 'failed', 'unreachable') else '#9a6700'}"
        for state in sorted(bad - {"connected", ""})
    ]
    if "connected" in bad:
        lines.append("  classDef connected stroke:#1a7f37")
    return "\n".join(lines) + "\n"


def _part(name: str) -> str:
    return files("cli").joinpath("page", name).read_text(encoding="utf-8")


def _hash(name: str) -> str:
    """By which the page's policy lets this script run, and none that a name might bring."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(_part(name).encode()).digest()).decode()}'"


def page(found: Topology) -> str:
    """One page that asks nobody for anything: the data, the picture's code and the layout are in it."""
    names = ", ".join(network.name for network in found.networks) or "no network"
    # `</script>` in a name would end the script that holds the data.
    data = json_text(msgspec.to_builtins(found), indent=None).replace("<", "\\u003c")
    parts = {
        "SCRIPTS": " ".join(map(_hash, (DAGRE, "picture.js", "page.js"))),
        "TITLE": html.escape(names),
        "COUNTS": html.escape(counts(found)),
        "STYLE": _part("picture.css") + _part("page.css"),
        "TOPOLOGY": data,
        "DAGRE": _part(DAGRE),
        "PICTURE": _part("picture.js"),
        "PAGE": _part("page.js"),
    }
    whole = _part("page.html")
    first, *rest = whole.split("@")
    # Each second piece names a part; what a part holds is never looked into again.
    return first + "".join(parts[piece] if place % 2 == 0 else piece for place, piece in enumerate(rest))


def picture(found: Topology) -> str:
    """The page's picture alone, drawn by the same code."""
    from py_mini_racer import MiniRacer

    with MiniRacer() as engine:
        # A browser has it, the language has not.
        engine.eval("var structuredClone = (value) => JSON.parse(JSON.stringify(value))")
        engine.eval(_part(DAGRE))
        engine.eval(_part("picture.js"))
        drawn = str(engine.eval(f"Picture.drawn({json.dumps(msgspec.to_builtins(found))}).svg"))
    first, closed, rest = drawn.partition(">")
    return f"{first}{closed}<style>{_part('picture.css')}</style>{rest}\n"
