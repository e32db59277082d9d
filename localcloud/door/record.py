"""Step: the call stands in the journal, with what it named first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.door.call import Call, is_mutating
from localcloud.door.gate import Gate
from localcloud.ground.journal import CallRecord


def record(gate: Gate, call: Call) -> None:
    outcome = call.error.code if call.error else "ok"
    if call.fault == "lost":
        outcome = "ConnectionClosedError"
    gate.cloud.journal.add(
        CallRecord(
            at=gate.cloud.clock.now,
            run=gate.frame.run,
            service=call.service,
            operation=call.name,
            account=call.caller.account,
            role=call.caller.role,
            region=call.region,
            outcome=outcome,
            mutating=is_mutating(call.name),
            resource=_resource(call.params),
            fault=call.fault,
            function=gate.frame.function,
            params=_lean(call.params),
        )
    )


def _lean(value: Any) -> Any:
    """Parameters without the packages and objects that they carry: the journal keeps only their size."""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, dict):
        return {name: _lean(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_lean(item) for item in value]
    return value


def _resource(params: Any) -> str:
    """The ARN that a call names first, else the first identifier or name; ''."""
    return _first(params, lambda _, value: value.startswith("arn:")) or _first(
        params, lambda name, _: name.endswith(("Arn", "Identifier", "Id", "Name", "Url")) or name == "name"
    )


def _first(value: Any, fits: Callable[[str, str], bool], name: str = "") -> str:
    if isinstance(value, str):
        return value if fits(name, value) else ""
    if isinstance(value, Mapping):
        return next(filter(None, (_first(item, fits, key) for key, item in value.items())), "")
    if isinstance(value, list):
        return next(filter(None, (_first(item, fits, name) for item in value)), "")
    return ""
