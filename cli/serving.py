"""A local cloud that is served: what happens in it told as it happens, and what its keeper may ask of it."""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, Protocol, TextIO

import msgspec
from botocore import xform_name
from rich.console import Console
from rich.text import Text

from cli import faults
from cli.render import Printer, clock
from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.door.call import Done
from localcloud.door.http import Server
from localcloud.ground.clock import utc
from localcloud.ground.journal import CallRecord, ExecutionRecord, InvocationRecord, Journal, Record
from localcloud.services.lattice.model import QUOTA_CODES
from replay import chronicle
from replay.standing import stand
from replay.story import Do, World
from replay.telling import Asked, Deed, Heard, Looked, Telling

EVERY = 0.1
"""Real seconds between two looks at what has happened."""

LONGEST_TEXT = 160
"""Characters of a call's parameter that are shown."""


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


# --- for people --------------------------------------------------------------------------------------------


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
            line = Text.assemble((clock(happening.at), "dim"), (" ✗ ", "bold red"), (happening.reason, "red"))
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
            line = Text.assemble((clock(record.at), "dim"), " · ", _spoken(record), (f"  {on}" if on else "", "dim"))
            if called.by == "function":
                line.stylize("dim")
            self.console.print(line)
            if record.outcome != "ok":
                self.console.print(Text(f"           → {_met(called)}", style="red"))


def _spoken(record: CallRecord) -> str:
    who = record.function or (f"role {record.role} of {record.account}" if record.role else record.account)
    return f"{who} calls {record.service}.{xform_name(record.operation)}"


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


# --- for machines ------------------------------------------------------------------------------------------


class ForMachines:
    """Writes one JSON object a line; `kind` and `at` are in each."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        # Lines come from the thread that answers a client, and from the one that keeps the time.
        self._lock = threading.Lock()

    def write(self, kind: str, at: float, **more: Any) -> None:
        line = json.dumps({"kind": kind, "at": iso(at), **more}, ensure_ascii=False)
        with self._lock:
            self.out.write(line + "\n")
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
                self.write("request", happening.at, **_request(happening))
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


def _request(asked: Asked) -> dict[str, Any]:
    return {
        "from": asked.from_,
        "url": asked.url,
        "status": asked.status or None,
        "server": asked.server,
        "stopped_at": asked.stopped_at or None,
        "hops": [{"hop": name, "because": because} for name, because in asked.hops],
    }


# --- what the keeper may ask -------------------------------------------------------------------------------


LONGEST_ADVANCE = 31 * 86_400.0
"""Seconds that may pass at one word: everything else waits for it."""


class Advance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let so many seconds pass; without a number, until nothing is due but background things."""

    seconds: float | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A request through the network. `vpc` decides where several VPCs have the address."""

    from_: str
    url: str
    vpc: str = ""
    method: str = "GET"
    headers: dict[str, str] = {}


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set a quota of Lattice, by its name or its code; without a name, only tell them."""

    name: str = ""
    limit: Annotated[int, msgspec.Meta(ge=0)] = 0


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameter."""


class Keeper:
    """Answers the words of whoever keeps a served cloud (localcloud.door.http.Control)."""

    def __init__(self, server: Server[LocalCloud], world: World, watch: Watch, about: dict[str, Any]) -> None:
        self.cloud: LocalCloud = server.cloud
        self.world = world
        self.watch = watch
        self.about = about
        self.stopping = threading.Event()
        self._began = time.monotonic()
        self._since = len(self.cloud.journal)

    def __call__(self, word: str, given: dict[str, Any]) -> dict[str, Any]:
        if word not in _WORDS:
            raise LookupError(f"no word {word!r}; there are {', '.join(_WORDS)}")
        shape, act = _WORDS[word]
        return act(self, msgspec.convert(given, shape))

    def status(self, _: Nothing) -> dict[str, Any]:
        journal, since = self.cloud.journal, self._since
        return {
            **self.about,
            "time": iso(self.cloud.clock.now),
            "up_seconds": round(time.monotonic() - self._began),
            "calls": len(journal.of(CallRecord, since)),
            "executions": sum(record.status == "RUNNING" for record in journal.of(ExecutionRecord, since)),
            "invocations": len(journal.of(InvocationRecord, since)),
        }

    def stop(self, _: Nothing) -> dict[str, Any]:
        self.stopping.set()
        return {}

    def advance(self, given: Advance) -> dict[str, Any]:
        if given.seconds is None:
            try:
                self.cloud.settle()
            except RuntimeError as stuck:
                raise ValueError(str(stuck)) from stuck
        elif given.seconds < 0:
            raise ValueError("time does not go back")
        elif given.seconds > LONGEST_ADVANCE:
            raise ValueError(f"at most {LONGEST_ADVANCE / 3600:.0f}h may pass at once")
        else:
            self.cloud.clock.advance(given.seconds)
        self.watch.catch_up()
        return {"time": iso(self.cloud.clock.now)}

    def quota(self, given: Quota) -> dict[str, Any]:
        quotas = self.cloud.lattice.quotas
        if given.name:
            field = next((field for field, code in QUOTA_CODES.items() if given.name in (_hyphened(field), code)), "")
            if not field:
                raise ValueError(
                    f"there is no quota {given.name!r}; there are {', '.join(map(_hyphened, QUOTA_CODES))}"
                )
            setattr(quotas, field, given.limit)
        limits = {_hyphened(field): (code, getattr(quotas, field)) for field, code in QUOTA_CODES.items()}
        return {"quotas": {name: {"code": code, "limit": limit} for name, (code, limit) in limits.items()}}

    def request(self, given: Request) -> dict[str, Any]:
        answer = network.request(
            self.cloud, given.from_, given.url, from_vpc=given.vpc, method=given.method, headers=given.headers
        )
        asked = Asked(
            at=self.cloud.clock.now,
            from_=given.from_,
            url=given.url,
            status=answer.status,
            server=answer.server,
            stopped_at=answer.stopped_at,
            hops=tuple((hop.name, hop.because) for hop in answer.hops),
        )
        self.watch.catch_up()
        self.watch.teller.tell(asked)
        return {**_request(asked), "body": answer.body}

    def world_now(self, _: Nothing) -> dict[str, Any]:
        accounts = {account.id for account in self.world.accounts}
        accounts |= {record.account for record in self.cloud.journal.of(CallRecord)}
        return {"things": stand(self.cloud, sorted(accounts)).things}


def _hyphened(field: str) -> str:
    return field.replace("_", "-")


_WORDS: dict[str, tuple[type[Any], Callable[[Keeper, Any], dict[str, Any]]]] = {
    "status": (Nothing, Keeper.status),
    "stop": (Nothing, Keeper.stop),
    "advance": (Advance, Keeper.advance),
    "quota": (Quota, Keeper.quota),
    "request": (Request, Keeper.request),
    "world": (Nothing, Keeper.world_now),
    "fault": (faults.OfCalls, lambda keeper, given: faults.break_calls(keeper.cloud, given)),
    "function-fault": (faults.OfFunctions, lambda keeper, given: faults.break_function(keeper.cloud, given)),
    "failure": (faults.OfStates, lambda keeper, given: faults.break_state(keeper.cloud, given)),
    "deliver": (faults.Deliveries, lambda keeper, given: faults.deliver(keeper.cloud, given)),
    "faults": (Nothing, lambda keeper, _: faults.standing(keeper.cloud)),
    "clear": (Nothing, lambda keeper, _: faults.clear(keeper.cloud)),
}
