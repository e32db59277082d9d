"""How a replay on a deployment ends, for people and as a document."""

from __future__ import annotations

from msgspec.structs import replace
from onramp.core.text import counted
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cli.render import document as story_document
from cli.render.document import Replayed
from cli.render.story import STYLES
from cli.render.terminal import say
from replay.telling import Result


def document(result: Result) -> Replayed:
    """The same document as a local replay's; what a deployment does not tell is None."""
    return replace(story_document.document(result), calls=None, leftovers=None)


def ending(console: Console, result: Result) -> None:
    """What the runs last said, and the counts; nobody looked at the accounts themselves."""
    console.print()
    console.print(Rule(Text(say(console, "As the runs last saw it"), style="bold cyan"), align="left", style="cyan"))
    seen = Table.grid(padding=(0, 2))
    for service in result.services:
        seen.add_row(
            say(console, "service"), Text(service.name, style="bold"), _status(service.status), service.account
        )
        if service.domain:
            seen.add_row("", Text(service.domain, overflow="fold"), "", "")
    for client in result.clients:
        seen.add_row(say(console, "client"), Text(client.vpc, style="bold"), _status(client.status), client.account)
    console.print(seen if seen.row_count else Text(say(console, "No service and no client."), style="dim"))
    for refusal in result.refusals:
        told = f"{refusal.resource}: {say(console, refusal.message)}"
        console.print(Text.assemble((f"{say(console, 'refused')}  ", "red"), told))
    console.print()
    counts = result.counts
    runs, transitions = counted(counts.runs, "run"), counted(counts.transitions, "transition")
    invocations = counted(counts.invocations, "invocation")
    console.print(say(console, f"{runs}, {transitions}, {invocations} in them"), end="; ")
    console.print(say(console, "a deployment does not tell how many AWS calls."))
    if result.unmet:
        console.print(Text(say(console, f"{len(result.unmet)} not as expected:"), style="bold red"))
        for unmet in result.unmet:
            console.print(Text(f"  {unmet.where}: {say(console, unmet.reason)}"))
    elif result.runs:
        console.print(Text(say(console, "Every run ended well."), style="bold green"))
    else:
        console.print(Text(say(console, "Nothing was to be done."), style="bold green"))


def _status(status: str) -> Text:
    return Text(status, style=STYLES.get(status, "yellow"))
