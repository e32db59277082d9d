"""What happens in a served cloud, each thing once and in order, for whoever tells it."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from localcloud.cloud import LocalCloud
from localcloud.door.call import Done
from localcloud.door.http import Server
from localcloud.ground.clock import utc
from localcloud.ground.journal import CallRecord, Journal, Record
from replay import chronicle
from replay.story import World
from replay.telling import Heard, Looked, Telling

EVERY = 0.1
"""Real seconds between two looks at what has happened."""


def iso(at: float) -> str:
    """Epoch seconds as `2026-11-01T12:00:00Z`."""
    return utc(at).strftime("%Y-%m-%dT%H:%M:%SZ")


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """An AWS call was answered. `by`: a client over HTTP, a function of a stack, or AWS itself."""

    record: CallRecord
    by: Literal["client", "function", "aws"]
    message: str = ""


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """A function or an execution failed, or the local cloud itself did (then with its traceback)."""

    at: float
    reason: str
    trace: str = ""


type Happening = Telling | Called | Wrong


class Teller(Protocol):
    """Where happenings go."""

    def tell(self, happening: Happening) -> None: ...


class Watch:
    """Sees what happens in a cloud and tells it, each thing once and in order."""

    def __init__(self, server: Server[LocalCloud], world: World, teller: Teller) -> None:
        self.cloud = server.cloud
        self.server = server
        self.world = world
        self.teller = teller
        self._since = self._seen = 0
        self._told_events = 0
        self._told_rounds: set[tuple[str, int]] = set()
        self._told_failures: Counter[str] = Counter()
        self._runs_before = 0
        self._last_call: CallRecord | None = None

    def begin(self) -> None:
        """From now on; what was before is not told."""
        self._since = self._seen = len(self.cloud.journal)
        self.cloud.journal.hear(self._hear)
        self.cloud.gate.observe(self._answered)
        self.server.on_error = self.failed
        self.server.before_answer = self.catch_up

    def _hear(self, record: Record) -> None:
        if isinstance(record, CallRecord):
            self._last_call = record

    def _answered(self, done: Done) -> None:
        record, self._last_call = self._last_call, None
        if record is None:
            return
        by: Literal["client", "function", "aws"] = "aws"
        if record.function:
            by = "function"
        elif self.server.answering and self.cloud.caller_now is None:
            by = "client"
        self.teller.tell(Called(record=record, by=by, message=done.error.message if done.error else ""))

    def failed(self, problem: BaseException) -> None:
        """Tell of a defect of the local cloud."""
        reason = f"the local cloud failed: {type(problem).__name__}: {problem}"
        trace = "".join(traceback.format_exception(problem))
        self.teller.tell(Wrong(at=self.cloud.clock.now, reason=reason, trace=trace))

    def catch_up(self) -> None:
        """Tell of the events, rounds and failures that were not told yet."""
        journal = self.cloud.journal
        if len(journal) == self._seen:
            return
        self._seen = len(journal)
        try:
            self._tell_new(journal)
        except msgspec.ValidationError as odd:
            # A client may deploy machines of its own, whose input may look like a plan.
            reason = f"an execution here is no run of the product: {odd}"
            self.teller.tell(Wrong(at=self.cloud.clock.now, reason=reason))
            self._forget(0)

    def _tell_new(self, journal: Journal) -> None:
        tellings: list[tuple[float, Happening]] = [(it.event.at, it) for it in self._new_events()]
        runs = chronicle.runs(journal, self._since)
        tellings += [(it.round.at, it) for it in self._new_rounds(runs)]
        # A round is told before what it raised in the same instant.
        for _, telling in sorted(tellings, key=lambda item: (item[0], not isinstance(item[1], Looked))):
            self.teller.tell(telling)
        failures = Counter(chronicle.broken(journal, self._since))
        for reason in (failures - self._told_failures).elements():
            self.teller.tell(Wrong(at=self.cloud.clock.now, reason=reason))
        self._told_failures = failures
        if self.cloud.clock.idle and all(run.status != "RUNNING" for run in runs):
            self._forget(len(runs))

    def _forget(self, runs: int) -> None:
        """Everything is over: looking through it again and again would cost more each day."""
        self._since = self._seen
        self._told_events = 0
        self._told_rounds.clear()
        self._told_failures.clear()
        self._runs_before += runs

    def _new_events(self) -> Iterable[Heard]:
        found = chronicle.events(self.cloud.journal, self.world.audience, self._since)
        new, self._told_events = found[self._told_events :], len(found)
        for event in new:
            # Where the product was not deployed by the story, nothing is known of who would listen.
            yield Heard(event=event if self.world.network else msgspec.structs.replace(event, why=""))

    def _new_rounds(self, runs: list[chronicle.Run]) -> Iterable[Looked]:
        for run in runs:
            for round_ in run.rounds:
                key = (run.execution, round_.plan.round)
                if round_.settled and key not in self._told_rounds:
                    self._told_rounds.add(key)
                    numbered = msgspec.structs.replace(run, number=run.number + self._runs_before)
                    yield Looked(run=numbered, round=round_)
