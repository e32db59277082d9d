"""Steps: an injected fault is drawn when a call comes in, and strikes once it is read."""

from __future__ import annotations

from localcloud.door import faults
from localcloud.door.call import AnswerLost, Call
from localcloud.door.gate import Gate


def draw(gate: Gate, call: Call) -> None:
    """Whether a fault strikes this call; a `delay` passes before anything else happens."""
    struck = gate.cloud.faults.check(call.service, call.name, call.caller.account, call.caller.role)
    if struck is None:
        return
    call.fault = struck.kind
    if struck.kind == "delay":
        gate.cloud.clock.advance(struck.seconds)


def strike(_: Gate, call: Call) -> None:
    """The error that the fault stands for."""
    if call.fault == "throttle":
        raise faults.throttled(call.service, call.name)
    if call.fault == "500":
        raise faults.broken(call.service, call.name)
    if call.fault == "refuse":
        text = f"User: {call.caller.arn} is not authorized to perform: {call.service}:{call.name} on resource: *"
        raise faults.denied(call.service, text)


def count(gate: Gate, _: Call) -> None:
    """One more call of the function that runs: FunctionEnded where it is to end after it."""
    frame = gate.frame
    if frame.function:
        frame.calls += 1
        gate.cloud.faults.strike_function(frame.function, frame.calls)


def lose(_: Gate, call: Call) -> None:
    """AnswerLost where a fault swallows the answer of a call that took effect."""
    if call.fault == "lost":
        raise AnswerLost(f"{call.service}:{call.name} took effect; its answer is lost")
