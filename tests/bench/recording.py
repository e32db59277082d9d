"""Keep what AWS answered to a function's first invocation, so that it can be played to a process of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.handlers
import msgspec

from localcloud.cloud import LocalCloud
from localcloud.ground import models
from localcloud.ground.journal import CallRecord, InvocationRecord, Record


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer as botocore got it; `service` is botocore's id of it (`elastic-load-balancing-v2`)."""

    service: str
    operation: str
    status: int
    headers: dict[str, str]
    body: bytes


class Recording(msgspec.Struct, frozen=True):
    """A cold invocation: what went in, the environment it ran in, its AWS answers in order, what came out.

    `at` is the time that it had, in epoch seconds. `clients` are (service, account) of its calls, each once: the
    clients that it cannot do without.
    """

    function: str
    at: float
    handler: str
    payload: Any
    environment: dict[str, str]
    answers: list[Answer]
    clients: list[tuple[str, str]]
    result: Any


class Recorder:
    """Hears the journal and botocore; `recordings` has the first invocation of each function, by its last name."""

    def __init__(self) -> None:
        self.recordings: dict[str, Recording] = {}
        self._environment: dict[str, str] = {}
        self._answers: list[Answer] = []
        self._calls: list[CallRecord] = []
        self._awaited: list[CallRecord] = []

    def hear(self, record: Record, _: LocalCloud) -> None:
        if isinstance(record, CallRecord) and record.function:
            # The function runs now, so this process shows the environment that the function sees.
            self._environment = dict(os.environ)
            self._calls.append(record)
            self._awaited.append(record)
        elif isinstance(record, InvocationRecord):
            name = record.function.rpartition("-")[2]
            if record.cold and name not in self.recordings:
                self.recordings[name] = self._recording(record)
            self._answers, self._calls, self._awaited = [], [], []

    def _recording(self, record: InvocationRecord) -> Recording:
        if self._awaited or record.error:
            raise ValueError(f"{record.function}: not all of its calls were heard, or it failed: {record.error}")
        return Recording(
            function=record.function,
            at=record.at,
            handler=self._environment["_HANDLER"],
            payload=record.payload,
            environment=self._environment,
            answers=self._answers,
            clients=list(dict.fromkeys((call.service, call.account) for call in self._calls)),
            result=record.result,
        )

    def received(self, response_dict: dict[str, Any], event_name: str, **_: Any) -> None:
        """Botocore's `response-received`: the answer of the call that the journal told last, or one of AWS's own."""
        service, operation = event_name.split(".", 2)[1:]
        awaited = self._awaited[-1] if self._awaited else None
        if awaited is None or (awaited.service, awaited.operation) != (models.service_of_id(service), operation):
            return
        self._awaited.pop()
        self._answers.append(
            Answer(
                service=service,
                operation=operation,
                status=response_dict["status_code"],
                headers=dict(response_dict["headers"]),
                body=response_dict["body"],
            )
        )


@contextmanager
def recorder() -> Iterator[Recorder]:
    """A recorder that every client made in the block tells its answers."""
    made = Recorder()
    hook = ("response-received", made.received)
    botocore.handlers.BUILTIN_HANDLERS.append(hook)
    try:
        yield made
    finally:
        botocore.handlers.BUILTIN_HANDLERS.remove(hook)
