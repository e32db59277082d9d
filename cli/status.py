"""The command `onramp status`: all accounts as the network's table has them, or one thing in full."""

from __future__ import annotations

import difflib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

import msgspec
import typer
from onramp.aws.offered import Callable as Service
from onramp.aws.offered import Offered, services_for
from onramp.aws.runs import runs
from onramp.core import fleet as fleets
from onramp.core.fleet import Fleet
from onramp.core.inventory import Status
from onramp.core.names import role
from onramp.core.tagged_by import BY_LENGTH
from onramp.core.text import counted, plain, quoted
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from cli import given
from cli.aws import NotLetIn, ProfilesOption, RegionOption, aws_now, explained, looking
from cli.deployment import Deployment, NetworkOption, deployment
from cli.given import Wrong
from cli.language import LanguageOption, spoken
from cli.render.terminal import Screen, enumerated, json_text, label, say, say_of

WRONG_INPUT = 2
EVERY = 10.0
"""Seconds between two answers of --watch; a run takes minutes."""

STYLES = {
    "connected": "green",
    "well": "green",
    "refused": "red",
    "failed": "red",
    "unreachable": "red",
    "held": "yellow",
    "waiting": "yellow",
}


def add_to(app: typer.Typer) -> None:
    app.command()(status)


def status(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A service, domain, load balancer, VPC or account, told in full."),
    ] = "",
    account: Annotated[str, typer.Option(metavar="ID", help="Only this account.")] = "",
    state: Annotated[
        str,
        typer.Option(
            metavar="STATE",
            help="Only this state, as unreachable, refused, held or account-silent.",
            autocompletion=lambda incomplete: [one for one in STATES if one.startswith(incomplete)],
        ),
    ] = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="VPC", help="Instead: the services that this VPC can call, by its owner.")
    ] = "",
    watch: Annotated[bool, typer.Option("--watch", help=f"Again every {EVERY:.0f} s, until Ctrl-C.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document (docs/schemas/status.json, status-from.json).")
    ] = False,
    network: NetworkOption = "",
    profile: ProfilesOption = None,
    region: RegionOption = "",
    language: LanguageOption = "",
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, even in a terminal.")] = False,
) -> None:
    """Show who is joined, refused, held or silent, from the network's table; one thing with its runs.

    Asks the network account alone, by your own rights or by the role
    onramp-NETWORK-operator; no member account is asked. What it shows is as
    old as each account's last look, which it tells. With --from a client team
    reads by its own rights which services its VPC can call.

    Exit status 0: it is shown; 1: there is no such thing; 2: the words are
    wrong, or AWS does not let you in.
    """
    out = Screen(language=spoken(language), force_terminal=False if no_color else None, soft_wrap=True)
    err = Screen(stderr=True, force_terminal=False if no_color else None, soft_wrap=True)
    sleep: Callable[[float], object] = context.obj or time.sleep
    try:
        if from_:
            _alone(from_, name or account or state)
            _callable(out, from_, looking(profile or [], region), as_json=as_json)
            return
        if name:
            given.thing(name)
        _narrowed(account, state)
        where = deployment(profile or [], region, network)
        whole = not (account or state)
        _tell(out, _look(where, name, account, state), name, as_json=as_json, whole=whole)
        while watch:
            sleep(EVERY)
            if not as_json:
                out.print()
            _tell(out, _look(where, name, account, state), name, as_json=as_json, whole=whole)
    except NoSuchThing as no:
        err.print(f"onramp status: {say(out, str(no))}", style="red", markup=False)
        raise typer.Exit(1) from no
    except (Wrong, NotLetIn) as wrong:
        err.print(f"onramp status: {say(out, str(wrong))}", style="red", markup=False)
        raise typer.Exit(WRONG_INPUT) from wrong
    except KeyboardInterrupt:
        return


STATES = (*get_args(Status.__value__), fleets.WELL, "approved", "rejected", "before")
"""Of services, clients, accounts and requests; what is wrong with one is told by its code, which is a state, too."""


def _narrowed(account: str, state: str) -> None:
    """A word that nothing can have is a slip, and not an answer that nothing has it."""
    if account:
        given.account(account)
    from onramp.core.japanese import REMEDIES  # all codes there are; who names no state loads none

    known = {*STATES, *REMEDIES}
    if state and state not in known:
        close = difflib.get_close_matches(state, sorted(known), n=1)
        hint = f"; did you mean {close[0]}?" if close else f": write {', '.join(STATES[:4])} ... or a code"
        raise Wrong(f"--state {state!r} is no state and no code{hint}")


class NoSuchThing(Exception):
    """The table has nothing of that name; says what there is."""


def _look(where: Deployment, name: str, account: str, state: str) -> Fleet:
    kept = where.kept()
    with explained():
        now = aws_now(where.own)
    whole = fleets.fleet(where.network, kept, now)
    if account and not any(it.account == account for it in whole.accounts):
        raise NoSuchThing(
            f"account {account} has never sent an event to network {where.network}: has it its member stack?"
        )
    if not name:
        return fleets.only(whole, account=account, state=state)
    found = fleets.one(fleets.only(whole, account=account, state=state), name)
    if not (found.services or found.clients or found.refusals or found.held or found.accounts):
        if name.isdecimal():
            account = given.account(name)
            raise NoSuchThing(
                f"account {account} has never sent an event to network {where.network}: has it its member stack?"
            )
        if fleets.one(whole, name).accounts:
            raise NoSuchThing(f"{name} is there, but not in that account or state: leave off --account and --state")
        close = fleets.close_to(whole, name)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise NoSuchThing(f"nothing that is called {name} is joined, refused or held{hint}")
    alone = name.partition("/")[2] or name
    names = {alone, *(it.name for it in found.services), *(it.vpc for it in found.clients)}
    names |= {arn.split("/")[-2] for it in found.services for arn in it.load_balancers if ":loadbalancer/" in arn}
    about = () if any(it.account == name for it in found.accounts) else names
    with explained():
        ran = [run for it in found.accounts for run in runs(where.own, where.machine, it.account, about)]
    return msgspec.structs.replace(found, runs=tuple(ran))


# --- as people read it


def _tell(out: Console, found: Fleet, name: str, *, as_json: bool, whole: bool) -> None:
    if as_json:
        sys.stdout.write(json_text(msgspec.to_builtins(found)))
    elif name:
        _in_full(out, found)
    else:
        show(out, found, whole=whole)


def show(out: Console, found: Fleet, *, whole: bool = True) -> None:
    """A line a thing, and what is not well first in each list. `whole`: it is no part, of an account or a state."""
    out.print(
        Text.assemble(
            (f"{label(out, 'Network')} ", "dim"),
            (found.network, "bold"),
            (f"  {_counts(out, found, whole=whole)}", "dim"),
        )
    )
    rows: list[tuple[str, str, str, str, str]] = []
    rows += [
        ("service", it.name, it.account, it.status, it.message or it.domain)
        for it in sorted(found.services, key=lambda it: (it.status == "connected", it.name))
    ]
    rows += [
        ("client", it.vpc, it.account, it.status, it.message)
        for it in sorted(found.clients, key=lambda it: (it.status == "connected", it.vpc))
    ]
    rows += [
        ("refusal", _short(it.resource), it.account, "refused", f"{it.code}: {it.message}") for it in found.refusals
    ]
    rows += [
        ("request", it.id, it.account, it.state, "; ".join(it.what)) for it in found.approvals if it.state == "waiting"
    ]
    rows += [
        (
            "held",
            it.name or label(out, "all of it"),
            it.account,
            "held",
            f"by {it.by or 'infra'}, {ago(it.at, found.at)}",
        )
        for it in found.held
    ]
    rows += [
        ("account", it.account, "", it.state, it.message or f"looked at {ago(it.looked_at, found.at)}")
        for it in sorted(found.accounts, key=lambda it: (it.state == fleets.WELL, it.account))
    ]
    nobody = "No account has sent an event yet: deploy member.yaml to one, then tag."
    _table(out, rows, nobody if whole else "Nothing of that kind.")


def _table(out: Console, rows: list[tuple[str, str, str, str, str]], nothing: str) -> None:
    if not rows:
        out.print(Text(say(out, nothing), style="dim"))
        return
    heads = [(label(out, what), plain(name), account, state) for what, name, account, state, _ in rows]
    widths = [max(map(cell_len, column)) for column in zip(*heads, strict=True)]
    lines = [
        Text.assemble(
            (set_cell_size(what, widths[0]), "dim"),
            f"  {set_cell_size(name, widths[1])}  {set_cell_size(account, widths[2])}  ",
            _state(state),
            " " * (widths[3] - cell_len(state)),
        )
        for what, name, account, state in heads
    ]
    more = [plain(say(out, row[4])) for row in rows]
    # A file or another program takes lines of any length.
    fits = not out.is_terminal or all(
        it.cell_len + 2 + cell_len(text) <= out.width for it, text in zip(lines, more, strict=True)
    )
    for line, text in zip(lines, more, strict=True):
        beside = f"  {text}" if fits and text else ""
        line.append(beside)
        line.rstrip()
        out.print(line)
        if text and not beside:
            out.print(f"{' ' * (widths[0] + 2)}{text}", markup=False)


def _counts(out: Console, found: Fleet, *, whole: bool) -> str:
    """Of a part only what is there: none of the others was looked for."""
    bad = [it for it in found.accounts if it.state != fleets.WELL]
    parts = [
        (len(found.services), counted(len(found.services), "service")),
        (len(found.clients), counted(len(found.clients), "client")),
        (len(found.refusals), f"{len(found.refusals)} refused"),
        (len(found.accounts), counted(len(found.accounts), "account")),
    ]
    told = [text for number, text in parts if number or whole]
    told += [f"{len(bad)} of them not well"] if bad else []
    oldest = min((it.looked_at for it in found.accounts if it.looked_at), default=0.0)
    told += [f"the oldest look {ago(oldest, found.at)}"] if oldest else []
    return enumerated(out, told)


def _in_full(out: Console, found: Fleet) -> None:
    for it in found.services:
        out.print(_head(out, "service", it.name, it.account, it.status))
        _lines(out, ("message", it.message), ("domain", it.domain), ("own domain", it.custom_domain), ("arn", it.arn))
        serves = label(out, "answers")
        _lines(out, *(("asks", f"{arn}{f'  {serves}' if arn in it.serving else ''}") for arn in it.load_balancers))
        several = len(it.load_balancers) > 1
        _lines(out, *(("asked by", _asker(out, found, arn, several=several)) for arn in it.load_balancers))
        _lines(out, ("kept until", when(it.until) if it.until else ""))
    for client in found.clients:
        out.print(_head(out, "client", client.vpc, client.account, client.status))
        _lines(out, ("message", client.message), ("arn", client.arn), ("asked by", _asker(out, found, client.vpc)))
    for refusal in found.refusals:
        out.print(Text.assemble((f"{label(out, 'refusal')} ", "red"), plain(refusal.resource)))
        _lines(out, ("service", refusal.name), (refusal.code, say_of(out, refusal.code, refusal.message)))
    for hold in found.held:
        what = hold.name or f"{label(out, 'account')} {hold.account}"
        who = say(out, f"by {hold.by or 'infra'}, {when(hold.at)}")
        out.print(Text.assemble((f"{label(out, 'held')} ", "yellow"), f"{what}  {plain(who)}"))
    for request in found.approvals:
        out.print(
            Text.assemble((f"{label(out, 'request')} ", "dim"), (request.id, "bold"), "  ", _state(request.state))
        )
        _lines(out, *(("shows", line) for line in request.what))
        if request.state == "waiting":
            _lines(out, ("asked by", _asker(out, found, request.resource)))
            who = role(found.network, "approver")
            _lines(out, ("to be answered", f"onramp approve {request.id}, or onramp reject, with role {who}"))
        _lines(out, ("answered by", f"{request.by}, {when(request.at)}" if request.at else ""))
    for account in found.accounts:
        out.print(Text.assemble((f"{label(out, 'account')} ", "dim"), account.account, "  ", _state(account.state)))
        _lines(
            out,
            ("message", account.message),
            ("last event", when(account.rung_at)),
            (
                "last look",
                f"{when(account.looked_at)}, {say(out, ago(account.looked_at, found.at))}"
                if account.looked_at
                else "never",
            ),
            ("a run goes on", account.running),
        )
    for run in found.runs:
        begun = f"{when(run.started)}  {run.status}  "
        out.print(Text.assemble((f"{label(out, 'run')} ", "dim"), begun, plain(say(out, run.trigger))))
        _lines(out, *((it.outcome, f"{it.kind} {it.name}: {say(out, it.detail or it.because)}") for it in run.steps))
        _lines(out, ("console", run.console))


def _head(out: Console, kind: str, name: str, account: str, state: str) -> Text:
    """The first line of a thing: what it is, its name as it is typed, whose it is, and its state."""
    whose = f" {label(out, 'of')} {account}  "
    return Text.assemble((f"{label(out, kind)} ", "dim"), (name, "bold"), whose, _state(state))


def _asker(out: Console, found: Fleet, resource: str, *, several: bool = False) -> str:
    """Who changed its tags last; the change's own event does not tell, a trail's does."""
    where = f" ({_short(resource)})" if several else ""
    last = next((it for it in found.asks if it.resource == resource), None)
    if last is None:
        return say(out, "unknown: nothing has told it since it was joined") + where
    who = quoted(last.by, BY_LENGTH) if last.by else say(out, "unknown: no trail of the account has told it")
    return f"{who}, {when(last.at)}{where}"


def _lines(out: Console, *lines: tuple[str, str]) -> None:
    for name, text in lines:
        if text:
            # A link of the console is ours, and to be clicked; all else may be a team's own words.
            shown = text if name == "console" else plain(say(out, text))
            out.print(Text.assemble("  ", (label(out, name, 14), "dim"), " ", shown))


def _state(state: str) -> tuple[str, str]:
    return state, STYLES.get(state, "yellow")


def _short(resource: str) -> str:
    return resource.split("/")[-2] if ":loadbalancer/" in resource else resource


def when(at: float) -> str:
    """Epoch seconds as people read them; never for 0."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "never"


def ago(at: float, now: float) -> str:
    """`5 min ago`."""
    if not at:
        return "never"
    seconds = max(now - at, 0)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


# --- what a client can call


def _alone(vpc: str, more: str) -> None:
    if more:
        raise Wrong("--from stands alone: it asks what one VPC can call")
    given.vpc(vpc, "--from")


def _callable(out: Console, vpc: str, look: Any, *, as_json: bool) -> None:
    with explained():
        found: list[Service] = []
        joined: list[str] = []
        for _, (networks, services) in look.eyes.everywhere(lambda account: [services_for(account, vpc)]):
            joined += [it for it in networks if it not in joined]
            found += [it for it in services if it not in found]
    if as_json:
        document = Offered(vpc=vpc, networks=tuple(joined), services=tuple(found))
        sys.stdout.write(json_text(msgspec.to_builtins(document)))
        return
    if not joined:
        raise NoSuchThing(f"{vpc} is in no network that can be seen from here: tag it with lattice:network = NAME")
    head = Text(say(out, f"{vpc} is in {', '.join(joined)}: {counted(len(found), 'service')}"))
    head.highlight_words([vpc], "bold")
    out.print(head)
    for it in found:
        state = "" if it.status == "ACTIVE" else f"  {it.status}"
        out.print(Text.assemble("  ", (f"{plain(it.name):40}", "cyan"), f" {it.domain}{state}"))
