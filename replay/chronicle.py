"""What happened, read from the journal: the events, the runs with their rounds and steps, and the counts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from onramp.core import triggers

from localcloud.ground.journal import (
    CallRecord,
    EventRecord,
    ExecutionRecord,
    InvocationRecord,
    Journal,
    StateRecord,
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a plan with what became of it: `outcome` is done, not_yet, refused, failed or ''.

    `put` and `remove` are the tags that it writes on a team's resource, if it does.
    """

    account: str
    kind: str
    name: str
    because: str
    outcome: str = ""
    detail: str = ""
    put: dict[str, str] = {}
    remove: tuple[str, ...] = ()


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    resource: str
    message: str


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What the product says of a service; `status` is its own word."""

    account: str
    name: str
    status: str
    network: str
    domain: str = ""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    vpc: str
    status: str
    network: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    steps: tuple[Step, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a plan as is shown; what else it holds is passed over."""

    account: str
    round: int
    next: str
    wait_seconds: float = 0
    batches: tuple[Batch, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Any, ...] = ()
    services: tuple[Service, ...] = ()
    clients: tuple[Client, ...] = ()
    pending: tuple[str, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    account: str
    name: str
    status: str
    detail: str = ""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: epoch seconds. `settled`: its outcomes are known, or it had no step."""

    at: float
    plan: Plan
    steps: tuple[Step, ...]
    settled: bool


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is the execution's; `trigger` the JSON value that began it."""

    execution: str
    number: int
    account: str
    at: float
    trigger: dict[str, Any]
    rounds: tuple[Round, ...]
    status: str
    error: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An event that some bus received. `why` says why nothing comes of it, or is ''.

    `announced`: the product itself put it, to tell of a change. `echo`: a run's own call raised it.
    """

    at: float
    id: str
    account: str
    source: str
    detail_type: str
    resources: tuple[str, ...]
    rules: tuple[str, ...]
    why: str
    document: dict[str, Any]
    announced: bool
    echo: bool


BOOKS = frozenset({"dynamodb", "stepfunctions", "events", "sns"})
"""Services in which the product keeps its own books: leases and summaries, runs, announcements, notices."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the product used: calls of its functions, transitions of its machines, invocations.

    `mutating` are those of `calls` that change something besides the product's own books.
    """

    calls: int
    mutating: int
    by_operation: dict[str, int]
    transitions: int
    invocations: int
    runs: int


class Audience(NamedTuple):
    """Who hears events: the product, deployed for `network` (it knows its own calls by that name) with the tag
    prefix `prefix`, and the accounts that forward to it.
    """

    network: str
    prefix: str
    members: Collection[str]


def events(journal: Journal, audience: Audience, since: int = 0) -> list[Heard]:
    """Every event at the first bus that it reached, with all rules that matched there and further on.

    One that was delivered again is told again.
    """
    firsts: list[EventRecord] = []
    rules: list[list[str]] = []
    latest: dict[str, int] = {}
    for record in _of(journal, EventRecord, since, None):
        identifier = str(record.event.get("id", ""))
        known = latest.get(identifier)
        if known is None or firsts[known].bus == record.bus:
            known = latest[identifier] = len(firsts)
            firsts.append(record)
            rules.append([])
        rules[known] += [rule for rule in record.rules if rule not in rules[known]]
    return [_heard(record, tuple(found), audience) for record, found in zip(firsts, rules, strict=True)]


def runs(journal: Journal, since: int = 0) -> list[Run]:
    """The runs that began at or after index `since`, in order."""
    found: dict[str, _RunSoFar] = {}
    for record in list(journal)[since:]:
        if isinstance(record, ExecutionRecord):
            if record.status == "RUNNING":
                found.setdefault(record.execution, _RunSoFar(record, len(found) + 1))
            elif record.execution in found:
                found[record.execution].end(record)
        elif isinstance(record, StateRecord) and record.execution in found:
            found[record.execution].see(record)
    return [run.done() for run in found.values()]


def counts(journal: Journal, since: int = 0, until: int | None = None) -> Counts:
    """What the product did in that part of the journal; the calls of people and of AWS itself are not its."""
    calls = [record for record in _of(journal, CallRecord, since, until) if record.function]
    per_operation = Counter(f"{record.service}:{record.operation}" for record in calls)
    executions = _of(journal, ExecutionRecord, since, until)
    return Counts(
        calls=len(calls),
        mutating=sum(record.mutating and record.service not in BOOKS for record in calls),
        by_operation=dict(sorted(per_operation.items(), key=lambda item: (-item[1], item[0]))),
        transitions=sum(1 for _ in _of(journal, StateRecord, since, until)),
        invocations=sum(1 for _ in _of(journal, InvocationRecord, since, until)),
        runs=sum(record.status == "RUNNING" for record in executions),
    )


def broken(journal: Journal, since: int = 0) -> list[str]:
    """Functions and executions that ended in an error: no story means them to."""
    found = [
        f"function {record.function} failed: {record.error}"
        + (f": {record.result['errorMessage']}" if _has_message(record.result) else "")
        for record in _of(journal, InvocationRecord, since, None)
        if record.error
    ]
    found += [
        f"execution {record.execution.rpartition(':')[2]} {record.status}: {record.error} {record.cause}".strip()
        for record in _of(journal, ExecutionRecord, since, None)
        if record.status not in ("RUNNING", "SUCCEEDED")
    ]
    return found


def last_word(found: Iterable[Run]) -> tuple[list[Service], list[Client], list[Refusal]]:
    """What the last plan of each account says: the picture that the product has of them."""
    plans: dict[str, Plan] = {}
    for run in found:
        for round_ in run.rounds:
            plans[round_.plan.account] = round_.plan
    ordered = [plans[account] for account in sorted(plans)]
    return (
        [service for plan in ordered for service in plan.services],
        [client for plan in ordered for client in plan.clients],
        [refusal for plan in ordered for refusal in plan.refusals],
    )


def _why(document: dict[str, Any], audience: Audience, *, ruled: bool) -> str:
    """Why nothing comes of this event, in a sentence; '' when something does. `ruled`: some rule matched."""
    account = str(document.get("account"))
    if not ruled and account not in audience.members:
        return f"account {account} is no member: it has no rule that forwards anything"
    try:
        trigger = triggers.parse(msgspec.convert(document, triggers.Event), audience.network, audience.prefix)
    except msgspec.ValidationError as wrong:
        return f"it is no event: {wrong}"
    if isinstance(trigger, triggers.Ignored):
        return trigger.why
    return "" if ruled else f"no rule of account {account} forwards an event with these values"


def _of[R: Any](journal: Journal, kind: type[R], since: int, until: int | None) -> Iterator[R]:
    return (record for record in list(journal)[since:until] if isinstance(record, kind))


def _heard(record: EventRecord, rules: tuple[str, ...], audience: Audience) -> Heard:
    event = record.event
    source = str(event.get("source", ""))
    # AWS speaks as aws.…; whatever else speaks in a run's course is the product.
    announced = bool(record.run) and not source.startswith("aws.")
    return Heard(
        at=record.at,
        id=str(event.get("id", "")),
        account=str(event.get("account", "")),
        source=source,
        detail_type=str(event.get("detail-type", "")),
        resources=tuple(event.get("resources", ())),
        rules=rules,
        why="" if announced else _why(event, audience, ruled=bool(rules)),
        document=event,
        announced=announced,
        echo=bool(record.run) and not announced,
    )


def _has_message(result: Any) -> bool:
    return isinstance(result, dict) and "errorMessage" in result


class _RunSoFar:
    """Gathers one execution: plans and outcomes stand in the inputs of the states that follow them."""

    def __init__(self, record: ExecutionRecord, number: int) -> None:
        self.record = record
        self.number = number
        self.status = record.status
        self.error = ""
        self.plans: dict[int, tuple[float, Plan]] = {}
        self.outcomes: dict[int, dict[tuple[str, str, str], Outcome]] = {}

    def see(self, record: StateRecord) -> None:
        self._take(record.at, record.input)

    def end(self, record: ExecutionRecord) -> None:
        self.status, self.error = record.status, record.error
        self._take(record.at, record.output)

    def done(self) -> Run:
        given = self.record.input if isinstance(self.record.input, dict) else {}
        rounds = [self._round(number) for number in sorted(self.plans)]
        return Run(
            execution=self.record.execution,
            number=self.number,
            account=str(given.get("account", "")),
            at=self.record.at,
            trigger=given.get("trigger") or {},
            rounds=tuple(rounds),
            status=self.status,
            error=self.error,
        )

    def _take(self, at: float, value: Any) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("plan"), dict):
            return
        plan = msgspec.convert(value["plan"], Plan)
        self.plans.setdefault(plan.round, (at, plan))
        kept = self.outcomes.setdefault(plan.round, {})
        for outcome in _flat([value.get("outcomes") or (), value.get("finished") or ()]):
            read = msgspec.convert(outcome, Outcome)
            kept[read.kind, read.account, read.name] = read

    def _round(self, number: int) -> Round:
        at, plan = self.plans[number]
        outcomes = self.outcomes.get(number, {})
        steps = []
        for step in (step for batch in plan.batches for step in batch.steps):
            outcome = outcomes.get((step.kind, step.account, step.name))
            if outcome is not None:
                step = msgspec.structs.replace(step, outcome=outcome.status, detail=outcome.detail)
            steps.append(step)
        later = any(other > number for other in self.plans) or self.status != "RUNNING"
        settled = later or all(step.outcome for step in steps)
        return Round(at=at, plan=plan, steps=tuple(steps), settled=settled)


def _flat(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
