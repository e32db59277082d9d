"""What happens in a served cloud, for people and for machines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TextIO

import msgspec
from botocore import xform_name
from rich.console import Console
from rich.text import Text

from cli.language import here, rehearsal
from cli.render.story import Printer, clock
from cli.render.terminal import json_text, say
from localcloud.ground.journal import CallRecord
from replay import chronicle
from replay.keeper import request_as_json
from replay.story import Do, World
from replay.telling import Asked, Deed, Heard, Looked
from replay.watch import Called, Happening, Wrong, iso

LONGEST_TEXT = 160
"""Characters of a call's parameter that are shown."""


class ForPeople:
    """Prints happenings as `onramp replay` prints them; reads in one line, functions' calls only if `verbose`."""

    def __init__(self, console: Console, world: World, *, verbose: bool) -> None:
        self.console = console
        self.verbose = verbose
        self.printer = Printer(console, world, verbose=verbose)

    def tell(self, happening: Happening) -> None:
        if isinstance(happening, Called):
            self._called(happening)
        elif isinstance(happening, Wrong):
            reason = say(self.console, happening.reason)
            line = Text.assemble((clock(happening.at), "dim"), (" ✗ ", "bold red"), (reason, "red"))
            self.console.print(line)
            if happening.trace and self.verbose:
                self.console.print(Text(happening.trace, style="dim"))
        else:
            self.printer.tell(happening)

    def _called(self, called: Called) -> None:
        record = called.record
        if called.by == "client" and record.mutating:
            self.printer.tell(_deed(called))
        elif called.by == "client" or (called.by == "function" and self.verbose):
            on = record.resource.split(":", 5)[-1] if record.resource.startswith("arn:") else record.resource
            who = _caller(record)
            calls = say(self.console, f"{who} calls {record.service}.{xform_name(record.operation)}")
            line = Text.assemble((clock(record.at), "dim"), " · ", calls, (f"  {on}" if on else "", "dim"))
            if called.by == "function":
                line.stylize("dim")
            self.console.print(line)
            if record.outcome != "ok":
                self.console.print(Text(f"           → {_met(called)}", style="red"))


def _caller(record: CallRecord) -> str:
    return record.function or (f"role {record.role} of {record.account}" if record.role else record.account)


def _deed(called: Called) -> Deed:
    record = called.record
    call = Do(
        account=record.account,
        call=f"{record.service}.{xform_name(record.operation)}",
        who=f"role {record.role}" if record.role else "",
    )
    error = _met(called) if record.outcome != "ok" else ""
    return Deed(at=record.at, account=record.account, call=call, given=_given(record.params), error=error)


def _met(called: Called) -> str:
    return f"{called.record.outcome}: {called.message}" if called.message else called.record.outcome


def _given(params: dict[str, Any]) -> dict[str, Any]:
    """What was given, without what the client made up, and cut where it would fill the screen."""
    return {name: _cut(name, value) for name, value in params.items() if name.lower() != "clienttoken"}


def _cut(name: str, value: Any) -> Any:
    listed = value if isinstance(value, list) else []
    if name == "Tags" and listed and all(isinstance(it, dict) and "Key" in it for it in listed):
        return listed
    text = str(value)
    if name in _LISTED:
        return [str(item) for item in listed] or [text]
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text)} characters)"


_LISTED = ("TagKeys", "ResourceArns", "Resources")
"""Parameters that are printed item by item."""


def left_out(now: Callable[[], float], *, as_json: bool) -> Callable[[int], str]:
    """What is told in place of lines that nobody read in time."""

    def instead(lines: int) -> str:
        reason = f"{lines} lines are not told: nobody read what was told before them"
        if as_json:
            return json_text({"kind": "problem", "at": iso(now()), "reason": reason}, indent=None)
        return f"{reason if here() == 'en' else rehearsal().told(reason)}\n"

    return instead


class ForMachines:
    """Writes one JSON object a line; `kind` and `at` are in each."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        # Lines come from the thread that answers a client, and from the one that keeps the time.
        self._lock = threading.Lock()

    def write(self, kind: str, at: float, **more: Any) -> None:
        line = json_text({"kind": kind, "at": iso(at), **more}, indent=None)
        with self._lock:
            self.out.write(line)
            self.out.flush()

    def tell(self, happening: Happening) -> None:
        match happening:
            case Called(record=record, by=by, message=message):
                self.write(
                    "call",
                    record.at,
                    by=by,
                    account=record.account,
                    role=record.role,
                    function=record.function,
                    service=record.service,
                    operation=record.operation,
                    resource=record.resource,
                    outcome=record.outcome,
                    message=message,
                )
            case Wrong(at=at, reason=reason):
                self.write("problem", at, reason=reason)
            case Heard(event=event):
                self.write("event", event.at, announced=event.announced, ignored=event.why, event=event.document)
            case Looked(run=run, round=round_):
                self._looked(run, round_)
            case Asked():
                self.write("request", happening.at, **request_as_json(happening))
            case _:
                raise TypeError(f"a served cloud does not tell {type(happening).__name__}")

    def _looked(self, run: chronicle.Run, round_: chronicle.Round) -> None:
        plan = round_.plan
        where = {"run": run.number, "round": plan.round}
        self.write(
            "round",
            round_.at,
            **where,
            account=plan.account,
            trigger=run.trigger,
            next=plan.next,
            wait_seconds=plan.wait_seconds,
            refusals=[msgspec.to_builtins(refusal) for refusal in plan.refusals],
            warnings=list(plan.warnings),
        )
        for step in round_.steps:
            self.write("step", round_.at, **where, step=msgspec.to_builtins(step))
