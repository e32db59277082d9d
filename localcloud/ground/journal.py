"""Everything that happened, in order: the one record that replay, tests and benchmarks read."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: simulated epoch seconds. `run`: ARN of the execution in whose course it happened, or ''."""

    at: float
    run: str = ""


class CallRecord(Record, frozen=True, kw_only=True, tag="call"):
    """One AWS API call as the caller saw it.

    `account` and `role` are the caller's (`role` is the role's name, '' for an account's own owner);
    `outcome` is 'ok' or the error code; `fault` names the injected fault, if any; `mutating` is false for
    reads (Get*, List*, Describe*, ...); `function` is the name of the function that called, or ''.
    """

    service: str
    operation: str
    account: str
    role: str
    region: str
    outcome: str
    mutating: bool
    resource: str = ""
    fault: str = ""
    function: str = ""
    params: dict[str, Any] = {}


class EventRecord(Record, frozen=True, kw_only=True, tag="event"):
    """An event put on a bus: `bus` its ARN, `event` the whole document, `rules` the ARNs that matched."""

    bus: str
    event: dict[str, Any]
    rules: tuple[str, ...] = ()


class DeliveryRecord(Record, frozen=True, kw_only=True, tag="delivery"):
    """A rule's target was served, or not: `outcome` is 'ok' or EventBridge's ERROR_CODE."""

    rule: str
    target: str
    event_id: str
    outcome: str


class InvocationRecord(Record, frozen=True, kw_only=True, tag="invocation"):
    """One invocation of a function: `error` is '' or the error's type, `cold` a first one in its sandbox.

    `result` and `payload` are the JSON values that went in and came out; `output` what it printed. `slept`: simulated
    seconds for which it waited by itself.
    """

    function: str
    account: str
    request_id: str
    cold: bool
    error: str
    payload: Any
    result: Any
    output: str = ""
    slept: float = 0.0


class StateRecord(Record, frozen=True, kw_only=True, tag="state"):
    """A state machine entered a state (a transition): `kind` is the ASL type; `input` the state's input."""

    execution: str
    state: str
    kind: str
    input: Any


class ExecutionRecord(Record, frozen=True, kw_only=True, tag="execution"):
    """An execution began (status RUNNING) or ended (SUCCEEDED, FAILED, TIMED_OUT, ABORTED)."""

    execution: str
    status: str
    input: Any
    output: Any = None
    error: str = ""
    cause: str = ""


class RequestRecord(Record, frozen=True, kw_only=True, tag="request"):
    """A request through the data plane: `stopped_at` is the hop that stopped it, `status` 0 when nobody answered."""

    from_ip: str
    url: str
    status: int
    stopped_at: str
    hops: tuple[str, ...] = ()


class Journal:
    """Append-only. `hear` functions get each record as it is written (live progress)."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._hear: list[Callable[[Record], None]] = []

    def hear(self, hear: Callable[[Record], None]) -> None:
        self._hear.append(hear)

    def add(self, record: Record) -> None:
        self._records.append(record)
        for hear in self._hear:
            hear(record)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def of[R: Record](self, kind: type[R], since: int = 0) -> list[R]:
        """The records of one kind, in order, from index `since` on."""
        return [record for record in self._records[since:] if isinstance(record, kind)]
