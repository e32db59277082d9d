"""How a replay looks: the timeline as it goes, the network's picture, and the sums."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cli.examples import me
from cli.render.terminal import say
from replay import chronicle
from replay.standing import ClientSeen, NetworkSeen, ServiceSeen, Standing
from replay.story import World, story_names
from replay.telling import Asked, Chapter, Deed, Delivered, Heard, Looked, Pictured, Result, Telling, Unmet, Waited

WIDTH = 100
"""Wider lines are harder to follow than wrapped ones."""

INDENT = 11
"""Where the text of a line begins, after its time and mark."""

STYLES = {
    "done": "green",
    "not_yet": "yellow",
    "refused": "red",
    "failed": "bold red",
    "connected": "green",
    "connecting": "yellow",
    "waiting": "yellow",
    "ACTIVE": "green",
    "ASSOCIATED": "green",
}

MARKS = {"done": "✓", "not_yet": "…", "refused": "✗", "failed": "✗", "": "·"}


def clock(at: float) -> str:
    """The simulated time of day."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


class Printer:
    """Prints tellings as they come. `verbose` adds what nobody listens to and every hop of a request."""

    def __init__(self, console: Console, world: World, *, verbose: bool = False) -> None:
        self.console = console
        self.verbose = verbose
        self.names = {account.id: account.name for account in world.accounts}
        self._silent = 0

    def opening(self, title: str, about: str, world: World) -> None:
        """What the story is, and where it begins."""
        self.console.print(Text(title, style="bold"))
        if about:
            self.console.print(Text(" ".join(about.split()), style="dim"))
        self.console.print()
        self.console.print(_opening_table(self.console, world))

    def tell(self, telling: Telling) -> None:
        for line in self._lines(telling):
            self._print(line)

    def _print(self, line: RenderableType) -> None:
        # Such a text is broken where it may be already, and never within an address that somebody will copy.
        self.console.print(line, soft_wrap=isinstance(line, Text) and bool(line.no_wrap))

    def _lines(self, telling: Telling) -> Iterable[RenderableType]:
        match telling:
            case Chapter(title=title):
                yield Text()
                yield Rule(Text(title, style="bold cyan"), align="left", style="cyan")
            case Deed():
                yield from self._deed(telling)
            case Delivered():
                event = telling.recorded.event
                yield _at(telling.at, "▸", self._say(f"event file {telling.recorded.file.name}"), "bold")
                if telling.made:
                    yield _below(telling.made, "dim")
                if self.verbose:
                    yield _below(self._say(f"id {event.id}, recorded at {event.time}"), "dim")
            case Heard(event=event):
                yield from self._heard(event)
            case Looked(run=run, round=round_):
                yield from self._looked(run, round_)
            case Asked():
                yield from self._asked(telling)
            case Waited():
                yield from self._waited(telling)
            case Pictured(caption=caption, standing=standing):
                yield Text()
                yield self.picture(standing, caption)
            case Unmet(where=where, reason=reason):
                unmet = self._say("NOT AS EXPECTED")
                yield Text.assemble((f"{unmet} ", "bold red"), (f"{where}: ", "red"), self._say(reason))

    def _say(self, text: str) -> str:
        return say(self.console, text)

    def _account(self, account: str) -> str:
        name = self.names.get(account, "")
        return f"{account} ({name})" if name else account

    def _deed(self, deed: Deed) -> Iterable[RenderableType]:
        account = self._account(deed.account)
        who = deed.call.who or self._say(f"the owner of {account}")
        where = f" in {account}" if deed.call.who else ""
        calls = self._say(f"{who} calls {deed.call.call}{where}")
        yield _styled(_at(deed.at, "▸", calls, "default"), (who, "bold"), (account if deed.call.who else "", "dim"))
        for about in _given(self.console, deed.given):
            yield _below(about, "magenta")
        if deed.error:
            yield _below(f"→ {deed.error}", "red")

    def _heard(self, event: chronicle.Heard) -> Iterable[RenderableType]:
        said = f"{event.source} · {event.detail_type}"
        if event.announced:
            detail = event.document.get("detail")
            line = _at(event.at, "◆", self._say(f"announced {event.detail_type}"), "green")
            yield _styled(line, (event.detail_type, "bold"))
            if isinstance(detail, dict):
                yield _below(
                    " · ".join(_words(detail, ("name", "vpc", "resource", "code", "domain", "message"))), "dim"
                )
        elif event.why:
            # Echoes of a run's own calls, and that it began and ended, would drown what the story is about.
            if self.verbose or not (event.echo or event.source == "aws.states"):
                yield _at(event.at, "◇", self._say(f"{said} in {self._account(event.account)}"), "dim")
                yield _below(f"{self._say('ignored:')} {self._say(event.why)}", "dim")
        else:
            line = _at(event.at, "◆", self._say(f"{said} in {self._account(event.account)}"), "dim")
            yield _styled(line, (said, "not dim yellow"))
            for rule in event.rules if self.verbose else ():
                yield _below(self._say(f"→ rule {rule.partition(':rule/')[2]}"), "dim")

    def _looked(self, run: chronicle.Run, round_: chronicle.Round) -> Iterable[RenderableType]:
        plan = round_.plan
        line = _at(round_.at, "●", self._say(f"run {run.number}, round {plan.round}"), "bold blue")
        line.append(f" · {self._account(plan.account)}", style="default")
        yield line
        if round_ == run.rounds[0] and run.trigger.get("about"):
            yield _below(f"{self._say('began by:')} {self._say(run.trigger['about'])}", "dim")
        if round_.steps:
            yield Padding(self._steps(round_.steps, plan.account), (0, 0, 0, INDENT), expand=False)
        for step in round_.steps:
            yield from self._answers(step)
        for refusal in plan.refusals:
            yield _below(self._say(f"✗ refused: {refusal.code}: {refusal.message}"), "red")
            yield _below(f"  {self._say('on')} {_tail(refusal.resource)}", "dim")
        for warning in plan.warnings:
            yield _below(f"! {self._say(warning)}", "yellow")
        if plan.next == "wait":
            yield _below(self._say(f"waits {plan.wait_seconds:.0f} s: {'; '.join(plan.pending)}"), "dim")
        elif not round_.steps and not plan.refusals:
            yield _below(self._say("nothing is left to do"), "dim")

    def _answers(self, step: chronicle.Step) -> Iterable[Text]:
        """The tags that a step wrote on a team's resource, as tags."""
        if step.outcome == "done" and (step.put or step.remove):
            yield _below(self._say(f"on {step.name} now:"), "dim")
            for key, value in step.put.items():
                yield _below(f"{key} = {value}", "magenta")
            for key in step.remove:
                yield _below(f"{self._say('without')} {key}", "magenta")

    def _steps(self, steps: Iterable[chronicle.Step], account: str) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for step in steps:
            style = STYLES.get(step.outcome, "dim")
            what = Text(step.name, style="default")
            if step.account != account:
                what.append(f"  {self._say('in')} {self._account(step.account)}", style="cyan")
            what.append(f"\n{self._say(step.because)}", style="dim")
            if step.detail:
                what.append(f"\n{step.outcome}: {self._say(step.detail)}", style=style)
            table.add_row(Text(MARKS.get(step.outcome, "·"), style=style), Text(step.kind, style=style), what)
        return table

    def _asked(self, asked: Asked) -> Iterable[RenderableType]:
        yield _at(asked.at, "⇄", self._say(f"{asked.from_} asks"), "bold")
        yield _below(asked.url, "underline")
        if asked.stopped_at:
            because = asked.hops[-1][1]
            answered = f"{asked.status}, " if asked.status else ""
            if asked.foretold:
                stopped = f"✓ {answered}stopped at {asked.stopped_at}, as it should be: {because}"
                yield _below(self._say(stopped), "green")
            else:
                yield _below(self._say(f"✗ {answered}stopped at {asked.stopped_at}: {because}"), "bold red")
        else:
            by = f" from {asked.server}" if asked.server else ""
            way = " → ".join(name for name, _ in asked.hops)
            yield _below(self._say(f"✓ {asked.status or 'unknown'}{by}, by way of {way}"), "bold green")
        for name, because in asked.hops if self.verbose else ():
            yield _below(f"{name}: {self._say(because)}", "dim")

    def _waited(self, waited: Waited) -> Iterable[RenderableType]:
        passed = waited.at - waited.since
        if passed >= 1:
            until = f" until {waited.what}" if waited.what else ""
            yield _at(waited.at, " ", self._say(f"{_span(passed)} passed{until}"), "dim italic")

    # --- the picture

    def picture(self, standing: Standing, caption: str = "") -> RenderableType:
        """The networks with their callers and services, in boxes."""
        boxes = [self._network(network, standing) for network in standing.networks]
        alone = [service for service in standing.services if not service.network]
        if alone:
            tree = Tree(Text(self._say("in no network"), style="yellow"), guide_style="dim")
            for service in alone:
                self._add_service(tree, service)
            boxes.append(Panel(tree, border_style="dim", title=self._say("services"), title_align="left"))
        if not boxes:
            boxes.append(Panel(Text(self._say("no service network"), style="dim"), border_style="dim"))
        if caption:
            return Group(Text(caption, style="italic"), *boxes)
        return Group(*boxes)

    def _network(self, network: NetworkSeen, standing: Standing) -> RenderableType:
        clients = [client for client in standing.clients if client.network == network.name]
        services = [service for service in standing.services if service.network == network.name]
        parts: list[RenderableType] = []
        if network.shared_with:
            shares = Tree(Text(self._say(f"shared with ({len(network.shared_with)})"), style="bold"), guide_style="dim")
            for who, how in network.shared_with:
                shares.add(Text.assemble(self._account(who), (f"  {how}", _style(how))))
            parts = [shares, Text()]
        callers = Tree(Text(self._say(f"callers ({len(clients)})"), style="bold"), guide_style="dim")
        for client in clients:
            self._add_client(callers, client)
        called = Tree(Text(self._say(f"services ({len(services)})"), style="bold"), guide_style="dim")
        for service in services:
            self._add_service(called, service)
        under = self._say(f"{self._account(network.account)} · auth {network.auth}")
        arrow = Text("    │\n    ▼", style="cyan" if clients and services else "dim")
        return Panel(
            Group(*parts, callers, arrow, called),
            title=Text(f" {network.name} ", style="bold cyan"),
            subtitle=Text(f" {under} ", style="dim"),
            title_align="left",
            subtitle_align="left",
            border_style="cyan",
            padding=(0, 1),
        )

    def _add_client(self, tree: Tree, client: ClientSeen) -> None:
        line = _lamp(client.status)
        line.append(client.name or client.vpc, style="bold")
        line.append(f"  {client.cidr}" if client.cidr else "", style="default")
        line.append(f"  {client.status}", style=_style(client.status))
        branch = tree.add(line)
        branch.add(Text(self._say(f"VPC {client.vpc} of {self._account(client.account)}"), style="dim"))
        branch.add(Text(self._say(f"admits {', '.join(client.admits) or 'the whole VPC'}")))

    def _add_service(self, tree: Tree, service: ServiceSeen) -> None:
        status = service.association or service.status
        line = _lamp(status)
        line.append(service.name, style="bold")
        line.append(f"  {' '.join(service.listens)}" if service.listens else "", style="default")
        line.append(f"  {status}", style=_style(status))
        branch = tree.add(line)
        branch.add(Text(f"{self._say('of')} {self._account(service.account)}", style="dim"))
        branch.add(Text(_domain(service)))
        branch.add(Text(f"→ {', '.join(service.targets) or self._say('no target')}"))

    # --- the end

    def ending(self, result: Result) -> None:
        """The picture, what was refused or is left over, and the counts."""
        self.console.print()
        self.console.print(Rule(Text(self._say("At the end"), style="bold cyan"), align="left", style="cyan"))
        self.console.print(self.picture(result.end))
        for refusal in result.refusals:
            told = f"{_tail(refusal.resource)}: {self._say(refusal.message)}"
            self.console.print(Text.assemble((f"{self._say('refused')}  ", "red"), told))
        if result.leftovers:
            self.console.print(Text(self._say(f"Not there at the start ({len(result.leftovers)}):"), style="yellow"))
            for thing in result.leftovers:
                self.console.print(Padding(Text(thing), (0, 0, 0, 2), expand=False))
        else:
            self.console.print(Text(self._say("Nothing is left over: the world is as at the start."), style="green"))
        self.console.print()
        self.console.print(_counts_table(self.console, result))
        if result.pictured is not None and not result.end.services:
            # What the story is about, and not the emptiness after it, is what the reader is left with.
            self.console.print()
            caption = self._say(f"In between: {result.pictured.caption}")
            self.console.print(self.picture(result.pictured.standing, caption))
            for service in result.pictured.standing.services:
                self._print(Text(service.domain, style="underline", no_wrap=True))
        self.console.print()
        if result.unmet:
            unmet_in_all = self._say(f"{len(result.unmet)} not as expected (seed {result.seed}):")
            self.console.print(Text(unmet_in_all, style="bold red"))
            for unmet in result.unmet:
                told = f"{unmet.where}: {self._say(unmet.reason)}"
                self.console.print(Padding(Text(told), (0, 0, 0, 2), expand=False))
        elif result.scripted:
            self.console.print(Text(self._say("Everything came out as the story says."), style="bold green"))
        elif not result.runs:
            self.console.print(Text(self._say("Nothing came of it: no event led to a run."), style="bold yellow"))
            for why in dict.fromkeys(
                event.why for event in result.events if event.why and event.id in result.delivered
            ):
                self._print(_below(f"{self._say('ignored:')} {self._say(why)}", "yellow"))
        else:
            self.console.print(Text(self._say("Every run ended well."), style="bold green"))
        for line in _next(self.console, result):
            self._print(line)


def _next(out: Console, result: Result) -> Iterable[Text]:
    """What to try next, as commands that can be typed here."""
    if not result.scripted or result.name not in story_names():
        return
    yield Text(f"\n{say(out, 'Try next:')}", style="bold")
    twice = say(out, "every event twice and in another order, same end")
    served = say(out, "this world, served to your own AWS tools")
    page = say(out, "the network as a page, of what is served or of your accounts")
    tried = (
        (f"{me()} replay {result.name} --twice --shuffle 7", twice),
        (f"{me()} local up --story {result.name}", served),
        (f"{me()} topology --html network.html", page),
    )
    for command, what in tried:
        yield Text.assemble("  ", (command, "cyan"), (f"   # {what}", "dim"), no_wrap=True)


def _opening_table(out: Console, world: World) -> Table:
    table = Table.grid(padding=(0, 2))
    for account in world.accounts:
        first = True
        things = [f"VPC {vpc.name} {vpc.cidr}" for vpc in account.vpcs]
        things += [f"{it.name} {it.ip}{_serving(out, it)}" for it in account.instances]
        for balancer in account.load_balancers:
            ports = " ".join(f"{listener.protocol}:{listener.port}" for listener in balancer.listeners)
            things.append(say(out, f"{balancer.scheme} load balancer {balancer.name} {ports}"))
        for thing in things or [""]:
            table.add_row(Text(account.id if first else "", style="cyan"), account.name if first else "", thing)
            first = False
    organization = world.organization
    told = "no organisation: shares are by invitation"
    if organization is not None:
        told = f"organisation {organization.id}, RAM sharing {'on' if organization.sharing else 'off'}"
    table.add_row("", "", Text(say(out, told), style="dim"))
    return table


def _serving(out: Console, instance: Any) -> str:
    return "".join(f", {say(out, f'{it.server or "something"} on {it.port}')}" for it in instance.serves)


def _counts_table(out: Console, result: Result) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(say(out, "the product used"))
    for column in ("AWS calls", "mutating", "transitions", "invocations", "runs"):
        table.add_column(say(out, column), justify="right")
    in_all = say(out, "in all")
    rows = [*result.chapters.items(), (in_all, result.counts)]
    for title, counts in rows:
        style = "bold" if title == in_all else None
        numbers = (counts.calls, counts.mutating, counts.transitions, counts.invocations, counts.runs)
        table.add_row(title, *(str(number) for number in numbers), style=style)
    return table


def _given(out: Console, given: dict[str, Any]) -> Iterable[str]:
    """What a call was given, tags spelled as people think of them."""
    for key, value in given.items():
        if key == "Tags" and isinstance(value, list):
            for tag in value:
                yield f"{tag['Key']} = {tag['Value']}" if "Value" in tag else f"{say(out, 'without')} {tag['Key']}"
        elif key == "TagKeys":
            for name in value:
                yield f"{say(out, 'without')} {name}"
        elif key in ("ResourceArns", "Resources"):
            yield f"{say(out, 'on')} " + ", ".join(_tail(resource) for resource in value)
        else:
            yield f"{key}: {value}"


def _words(detail: dict[str, Any], keys: Iterable[str]) -> list[str]:
    return [_tail(str(detail[key])) for key in keys if detail.get(key)]


def _tail(name: str) -> str:
    """The part of an ARN that people know the thing by; anything else as it is."""
    return name.split(":", 5)[5] if name.startswith("arn:") else name


def _domain(service: ServiceSeen) -> str:
    """The domain name, without the service's own name in it where the box would break it."""
    if len(service.domain) > WIDTH - 20 and service.domain.startswith(service.name):
        return f"…{service.domain.removeprefix(service.name)}"
    return service.domain


def _at(at: float, mark: str, text: str, style: str) -> Text:
    return Text.assemble((clock(at), "dim"), " ", (mark, style), " ", (text, style), overflow="fold")


def _below(text: str, style: str) -> Text:
    """Below a line's text, broken between words only: an address stays whole, however narrow the window."""
    lines = _broken(text, WIDTH - INDENT) or [""]
    told = Text("\n".join(" " * INDENT + line for line in lines), no_wrap=True)
    start = 0
    for line in lines:
        told.stylize(style, start + INDENT, start + INDENT + len(line))
        start += INDENT + len(line) + 1
    return told


def _broken(text: str, width: int) -> list[str]:
    """Its lines, each of so many cells at most unless one word is longer; Japanese is broken between its letters."""
    if cell_len(text) == len(text):
        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    lines = [""]
    for word in re.findall(r" *[!-~]+|.", text):
        if lines[-1] and cell_len(lines[-1]) + cell_len(word) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return lines


def _styled(line: Text, *pieces: tuple[str, str]) -> Text:
    """The line with a style on each of these pieces of it, where it is first; '' is none."""
    for piece, style in pieces:
        at = line.plain.find(piece) if piece else -1
        if at >= 0:
            line.stylize(style, at, at + len(piece))
    return line


def _style(status: str) -> str:
    if status.endswith("FAILED"):
        return "red"
    return STYLES.get(status, "yellow")


def _lamp(status: str) -> Text:
    return Text.assemble(("● " if status == "ACTIVE" else "○ ", _style(status)))


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part)
