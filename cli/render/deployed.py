"""How a replay on a deployment ends, for people and as a document."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cli.render import document as story_document
from cli.render.story import STYLES
from replay.telling import Result


def document(result: Result) -> dict[str, Any]:
    """The same document as a local replay's; what a deployment does not tell is None."""
    return {**story_document.document(result), "calls": None, "leftovers": None}


def ending(console: Console, result: Result) -> None:
    """What the runs last said, and the counts; nobody looked at the accounts themselves."""
    console.print()
    console.print(Rule(Text("As the runs last saw it", style="bold cyan"), align="left", style="cyan"))
    seen = Table.grid(padding=(0, 2))
    for service in result.services:
        seen.add_row("service", Text(service.name, style="bold"), _status(service.status), service.account)
        if service.domain:
            seen.add_row("", Text(service.domain, overflow="fold"), "", "")
    for client in result.clients:
        seen.add_row("client", Text(client.vpc, style="bold"), _status(client.status), client.account)
    console.print(seen if seen.row_count else Text("No service and no client.", style="dim"))
    for refusal in result.refusals:
        console.print(Text.assemble(("refused  ", "red"), f"{refusal.resource}: {refusal.message}"))
    console.print()
    counts = result.counts
    console.print(
        f"{counts.runs} run(s), {counts.transitions} transitions, {counts.invocations} invocations in them; "
        "a deployment does not tell how many AWS calls."
    )
    if result.unmet:
        console.print(Text(f"{len(result.unmet)} not as expected:", style="bold red"))
        for unmet in result.unmet:
            console.print(Text(f"  {unmet.where}: {unmet.reason}"))
    elif result.runs:
        console.print(Text("Every run ended well.", style="bold green"))
    else:
        console.print(Text("Nothing was to be done.", style="bold green"))


def _status(status: str) -> Text:
    return Text(status, style=STYLES.get(status, "yellow"))
