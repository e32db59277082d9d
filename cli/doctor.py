"""The command `onramp doctor`: is the deployment well, is the estate as it should be, and why did a tag do nothing."""

from __future__ import annotations

import contextlib
import difflib
import re
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
import typer
from onramp import __version__
from onramp.aws import doctor as reading
from onramp.aws.account import Account
from onramp.core import doctor as deciding
from onramp.core.doctor import Document, Walk
from onramp.core.fleet import Kept, fleet
from onramp.core.text import counted, plain
from rich.console import Console
from rich.text import Text

from cli import given
from cli.aws import Looking, NotLetIn, ProfilesOption, RegionOption, aws_now, explained, looking
from cli.deployment import Deployment, NetworkOption, NoTable, deployment, networks, seen
from cli.given import Wrong
from cli.language import LanguageOption, spoken
from cli.render.terminal import Screen, enumerated, json_text, label, say, say_of

FOUND = 1
WRONG_INPUT = 2
UNKNOWN = 3
STATUS = {"ok": 0, "stopped": FOUND, "unknown": UNKNOWN}

MARKS = {"ok": ("✓", "green"), "stopped": ("✗", "bold red"), "unknown": ("?", "yellow")}
SIGNS = {"error": ("✗", "bold red"), "warning": ("!", "yellow"), "note": ("·", "dim")}


def add_to(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    resource: Annotated[
        str,
        typer.Argument(
            metavar="RESOURCE",
            help="A load balancer's or Lattice service's ARN, or a VPC's id: why did its tag do nothing?",
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas/doctor.json, doctor-resource.json).")
    ] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print the findings as SARIF 2.1.0.")] = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
) -> None:
    """Examine the deployment and the estate, or one tagged resource's way to the network.

    Reads only, with the rights of the profiles: the network account's for the
    deployment; for a resource its own account's and, to see list, queue, run
    and report, the network account's as well. What could not be read is told.

    Exit status 0: all is well; 1: something was found; 2: the words are wrong,
    or AWS does not let you in; 3: nothing was found, and something could not
    be read.
    """
    out = Screen(language=spoken(language), force_terminal=False if no_color else None, soft_wrap=True)
    err = Screen(stderr=True, force_terminal=False if no_color else None, soft_wrap=True)
    try:
        _one_form(resource, as_json=as_json, sarif=sarif)
        given.network(network)
        if resource:
            asked = given.tagged(resource)
            given.looked_at(asked, region)
            look = looking(profile or [], region)
            walked = _walk(look, lambda: looking(profile or [], ""), asked, network)
            _print(msgspec.to_builtins(walked)) if as_json else show_walk(out, walked)
            raise typer.Exit(STATUS[walked.verdict])
        found = _examine(looking(profile or [], region), deployment(profile or [], region, network))
    except (Wrong, NotLetIn) as wrong:
        err.print(f"onramp doctor: {say(out, str(wrong))}", style="red", markup=False)
        raise typer.Exit(WRONG_INPUT) from wrong
    if sarif:
        _print(as_sarif(found))
    elif as_json:
        _print(msgspec.to_builtins(found))
    else:
        show(out, found)
    ails = any(it.severity != "note" for it in found.findings)
    raise typer.Exit(FOUND if ails else UNKNOWN if found.unread else 0)


def _one_form(resource: str, *, as_json: bool, sarif: bool) -> None:
    if sarif and as_json:
        raise Wrong("choose one of --json and --sarif")
    if sarif and resource:
        raise Wrong("--sarif is of the whole examination: write --json for one resource, or leave the resource off")


def _print(document: Any) -> None:
    sys.stdout.write(json_text(document))


def _examine(look: Looking, where: Deployment) -> Document:
    kept: list[Kept] | NoTable
    try:
        kept = where.kept()
    except NoTable as no:
        kept = no
    with explained():
        settings = reading.environment(where.own, where.network, "watch")
        read = reading.deployed(where.own, where.network, where.arn, look.eyes, settings)
        now = aws_now(where.own)
    if isinstance(kept, NoTable):
        if set((read.functions or {}).values()) <= {"gone"}:
            raise kept  # nothing of ours is there: the network is somebody's own
        return deciding.examine(read, None)
    whole = fleet(where.network, kept, now, read.version)
    told = {one.entry.account: one.entry.member_version for one in kept if one.entry.member_version}
    return deciding.examine(read._replace(versions={**told, **read.versions}), whole)


def _walk(look: Looking, home: Callable[[], Looking], resource: given.Resource, network: str) -> Walk:
    """`home`: the same profiles in their own region, for a network that cannot be seen where the resource is."""
    key = resource.key
    account = resource.account or owner(key, look)
    at = resource.region or look.region
    try:
        name, whose, arn = seen(look, network)
    except Wrong:
        look, name, whose, arn = _asked_for(look, home, key, account, network)
    own = look.eyes.of(whose) if whose in look.eyes.own else None
    settings: dict[str, str] = {}
    items: list[Kept] | None = None
    with explained():
        if own is not None and arn:
            settings |= reading.environment(own, name, "plan") or {}
            settings |= reading.environment(own, name, "watch") or {}
            items = Deployment(own, name, arn, "").kept()
        kept = next((one for one in items or () if one.entry.account == account), None)
        region = arn.split(":")[3] if arn else ""
        asker = reading.asker(
            look.eyes,
            own,
            name,
            region,
            key,
            account,
            settings,
            kept,
            table=items is not None,
            now=aws_now(own) if own is not None else 0.0,
            at=at,
            eyes_in=look.region,
            machine=Deployment(own, name, arn, "").machine if own is not None and arn else "",
        )
    return deciding.walk(asker)


def _asked_for(
    look: Looking, home: Callable[[], Looking], key: str, account: str, network: str
) -> tuple[Looking, str, str, str]:
    """Name, owner and ARN of the network that the tag asks for, and with which eyes it is seen.

    Its tag says which of several it is. Before it is shared nobody in the account sees it: then it has a name alone.
    A name that no member stack of the account is of is a slip: then it is the one of those that is most like it.
    """
    name = _wished(look, key, account, network)
    joined = reading.forwards_to(look.eyes.of(account)) if account in look.eyes.own and not network else ()
    if joined and name not in {*joined, *networks(look).values()}:
        name = difflib.get_close_matches(name, joined, n=1, cutoff=0)[0]
    for eyes in _here_and_at_home(look, home):
        with contextlib.suppress(Wrong):
            return eyes, *seen(eyes, name)
    return look, name, "", ""


def _here_and_at_home(look: Looking, home: Callable[[], Looking]) -> Iterator[Looking]:
    yield look
    with contextlib.suppress(NotLetIn):  # they need not have a region of their own
        own = home()
        if own.region != look.region:
            yield own


def _wished(look: Looking, key: str, account: str, network: str) -> str:
    """The network's name: as it was typed, else as the resource's tag has it. Raises Wrong."""
    with explained():
        tags = reading.tags_of(look.eyes.of(account), key)
    asked = next((value for name, value in tags.items() if name.endswith(":network") and value), "")
    if not (network or asked):
        raise Wrong(
            "no network can be seen, and no tag names one: say which by --network, or add the network's profile"
        )
    return network or asked.strip()


def owner(vpc: str, look: Looking) -> str:
    """The account of the profiles that has this VPC; Wrong where none has, NotLetIn where not all could be asked."""

    def there(account: Account) -> list[Any]:
        found: list[Any] = account.client("ec2").describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Vpcs"]
        return found

    with explained():
        for account, _ in look.eyes.everywhere(there):
            return account.account
    raise Wrong(
        f"{vpc} is in none of the accounts that the profiles are of, in the region that was looked at: "
        "name a profile of its account, or its region by --region"
    )


# --- as people and machines read it


def show(out: Console, found: Document) -> None:
    """A finding a line, and under it what to do."""
    out.print(Text.assemble((f"{label(out, 'Network')} ", "dim"), (found.network, "bold")))
    for it in found.findings:
        sign, style = SIGNS[it.severity]
        what = f"  {plain(it.resource)}: {say(out, plain(it.message))}"
        out.print(Text.assemble((f"{sign} ", style), (it.code, "bold"), what))
        out.print(Text.assemble("    ", ("→ ", "cyan"), plain(say_of(out, it.code, it.remedy))))
    for what, why in found.unread.items():
        out.print(Text.assemble(("? ", "yellow"), say(out, f"{what} could not be read: {plain(why)}")))
    counts = {severity: sum(it.severity == severity for it in found.findings) for severity in SIGNS}
    if not any(counts.values()):
        nothing = say(out, "Nothing is wrong that could be read.")
        out.print(Text(nothing, style="bold yellow" if found.unread else "bold green"))
    else:
        told = (counted(number, name) for name, number in counts.items() if number)
        out.print(Text(enumerated(out, told), style="bold"))


def show_walk(out: Console, found: Walk) -> None:
    """A place a line, in the order in which a tag passes them."""
    head = Text(say(out, f"{plain(found.resource)} of {found.account}, for network {found.network}"))
    head.highlight_words([plain(found.resource)], "bold")
    out.print(head)
    for it in found.checks:
        mark, style = MARKS[it.verdict]
        code = f"{it.code}: " if it.code else ""
        out.print(
            Text.assemble((f"{mark} ", style), (f"{it.place:13}", "bold"), f" {code}{say(out, plain(it.because))}")
        )
        if it.remedy:
            out.print(Text.assemble(" " * 16, ("→ ", "cyan"), plain(say_of(out, it.code, it.remedy))))
    stops = [it for it in found.checks if it.verdict == "stopped"]
    if stops:
        out.print(Text(say(out, f"Stopped at {stops[0].place}: {stops[0].code}."), style="bold red"))
    elif found.verdict == "unknown":
        out.print(Text(say(out, "No stop was found, and not everything could be told."), style="bold yellow"))
    elif warned := [it.code for it in found.checks if it.code]:
        out.print(Text(say(out, f"It is joined; mind the warning: {warned[0]}."), style="bold yellow"))
    else:
        out.print(Text(say(out, "All is well on its way."), style="bold green"))


def _sarif(text: str) -> str:
    """As a message there shows it: brackets would begin a link, braces a placeholder (SARIF 3.11.5, 3.11.6)."""
    shown = re.sub(r"[\\\[\]]", r"\\\g<0>", plain(text))
    return shown.replace("{", "{{").replace("}", "}}")


def as_sarif(found: Document) -> dict[str, Any]:
    """The findings as a log of the Static Analysis Results Interchange Format (OASIS, 2.1.0)."""
    codes = sorted({it.code for it in found.findings})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "onramp", "version": __version__, "rules": [{"id": code} for code in codes]}
                },
                "results": [
                    {
                        "ruleId": it.code,
                        "ruleIndex": codes.index(it.code),
                        "level": it.severity,
                        "message": {"text": _sarif(f"{it.message}. Remedy: {it.remedy}")},
                        "locations": [
                            {"logicalLocations": [{"fullyQualifiedName": plain(it.resource), "kind": "resource"}]}
                        ],
                    }
                    for it in found.findings
                ],
            }
        ],
    }
