"""The measurements as people read them."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tests.bench.cold import MEASURED, ColdStart
from tests.bench.package import Package
from tests.bench.replays import Limits, Measured
from tests.bench.scale import MEASURED as SCALE_MEASURED
from tests.bench.scale import STATUS_MEASURED, Scale, Status

SHOWN = 12
"""Rows of what the layer holds; the rest is one row."""


def show(
    console: Console,
    counted: list[Measured],
    started: list[ColdStart],
    scaled: list[Scale],
    told: Status,
    built: Package,
    over: list[str],
) -> None:
    console.print(_counts(counted))
    console.print(
        "calls = reads + changes + books. Changes are to what customers or the network own; books are the "
        "automation's own: lease, start of a run, announcements. After a slash: the limit.\n",
        style="dim",
    )
    console.print(_operations([it for it in counted if "joins" in it.what]))
    console.print(_cold(started))
    console.print(f"{MEASURED}\n", style="dim")
    console.print(_scale(scaled))
    console.print(f"{SCALE_MEASURED}\n", style="dim")
    console.print(_status(told))
    console.print(f"{STATUS_MEASURED}\n", style="dim")
    _package(console, built)
    for text in over:
        console.print(Text(f"over the limit: {text}", style="bold red"))
    if not over:
        console.print("Every limit is kept.", style="green")


def counts(console: Console, counted: list[Measured]) -> None:
    """What some triggers cost, alone."""
    console.print(_counts(counted))


def _counts(counted: list[Measured]) -> Table:
    table = Table(title="What a trigger costs", title_justify="left")
    table.add_column("trigger")
    for name in ("calls", "in a row", "reads", "changes", "books", "transitions", "invocations", "rounds"):
        table.add_column(name, justify="right")
    for it in counted:
        limits: Limits = it.limits
        table.add_row(
            it.what,
            _limited(it.calls, limits.calls),
            Text(f"{it.in_a_row:.3f}" if it.in_a_row else ""),
            str(it.reading),
            _limited(it.changing, limits.changing),
            str(it.bookkeeping),
            _limited(it.transitions, limits.transitions),
            _limited(it.invocations, limits.invocations),
            str(it.rounds),
        )
    return table


def _limited(number: int, limit: int | None) -> Text:
    if limit is None:
        return Text(str(number))
    return Text(f"{number} / {limit}", style="green" if number <= limit else "bold red")


def _operations(counted: list[Measured]) -> Table:
    table = Table(title="An onboarding's calls, by operation", title_justify="left")
    table.add_column("operation")
    for it in counted:
        table.add_column(it.what, justify="right")
    every = sorted({name for it in counted for name in it.by_operation})
    every.sort(key=lambda name: -max(it.by_operation.get(name, 0) for it in counted))
    for name in every:
        table.add_row(name, *(str(it.by_operation.get(name, "")) for it in counted))
    table.add_section()
    table.add_row("all", *(str(it.calls) for it in counted))
    table.add_row("of them answered with an error", *(str(it.failed_calls) for it in counted))
    return table


def _cold(started: list[ColdStart]) -> Table:
    table = Table(title="Cold starts", title_justify="left")
    for name in ("function", "its first event calls"):
        table.add_column(name)
    for name in ("handler, CPU ms", "of it start", "bare clients", "ratio", "ratio of the fastest", "warm", "MB"):
        table.add_column(name, justify="right")
    for it in started:
        table.add_row(
            it.function,
            f"{', '.join(it.services)} ({it.calls} calls)",
            f"{it.handler * 1000:.0f}",
            f"{it.start * 1000:.0f}",
            f"{it.clients * 1000:.0f}",
            f"{it.ratio:.2f}",
            f"{it.fastest:.2f}",
            f"{it.again * 1000:.1f}",
            f"{it.memory:.0f}",
        )
    return table


def _scale(scaled: list[Scale]) -> Table:
    table = Table(title="The local cloud, filled", title_justify="left")
    for name in ("services", "accounts", "load, CPU s", "get", "list services", "list associations"):
        table.add_column(name, justify="right")
    for it in scaled:
        ratios = (f"x {ratio:.2f}" for ratio in (it.get, it.list, it.associations))
        table.add_row(f"{it.services:,}", str(it.accounts), f"{it.load:.1f}", *ratios)
    return table


def _status(told: Status) -> Table:
    table = Table(title="The fleet, told", title_justify="left")
    for name in ("accounts", "services", "pages of the table", "other calls", "ratio to reading them"):
        table.add_column(name, justify="right")
    cells = (told.services, told.pages, told.others)
    table.add_row(str(told.accounts), *(f"{one:,}" for one in cells), f"x {told.ratio:.2f}")
    return table


def _package(console: Console, built: Package) -> None:
    if built.skipped:
        console.print(f"The package was not built: {escape(built.skipped)}", style="yellow")
        return
    if built.failed:
        return
    parts = Table(title="The package, as `sam build` makes it", title_justify="left")
    parts.add_column("part")
    for name in ("files", "unpacked", "zipped"):
        parts.add_column(name, justify="right")
    for name in ("SHA-256 of names and contents", "built again", "handles its first event"):
        parts.add_column(name)
    for part in built.parts:
        handled = built.handled.get(part.name.removesuffix("Function").lower())
        parts.add_row(
            part.name,
            str(part.files),
            _bytes(part.size),
            _bytes(part.zipped),
            part.digest[:16],
            Text("the same", style="green") if part.again else Text("differs", style="bold red"),
            "" if handled is None else Text("no", style="bold red") if handled else Text("yes", style="green"),
        )
    console.print(parts)
    content = Table(title="What the layer holds", title_justify="left")
    content.add_column("content")
    content.add_column("unpacked", justify="right")
    items = list(built.content.items())
    for name, size in items[:SHOWN]:
        content.add_row(name, _bytes(size))
    content.add_row(f"{len(items) - SHOWN} more", _bytes(sum(size for _, size in items[SHOWN:])))
    console.print(content)


def _bytes(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
