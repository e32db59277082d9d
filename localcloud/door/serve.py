"""Step: the call is answered, by a service of ours or by moto."""

from __future__ import annotations

from localcloud.door import moto, wire
from localcloud.door.call import Call, is_mutating
from localcloud.door.check import check_answer, check_refusal, noting
from localcloud.door.gate import Gate
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Service


def choose(gate: Gate, call: Call) -> None:
    """Who will answer. A service that is made now hears this call already."""
    call.own = gate.cloud.service(call.service, call.name)


def serve(gate: Gate, call: Call) -> None:
    """Whatever the service refuses it with."""
    try:
        if call.own is None:
            moto.serve(gate, call)
        else:
            _serve_ourselves(gate, call, call.own)
    finally:
        # Afterwards: what was read while it was served may be half of the change.
        if is_mutating(call.name):
            gate.changes[call.service] += 1


def _serve_ourselves(gate: Gate, call: Call, own: Service) -> None:
    try:
        handled = own.handle(call.name, call.params, call.caller)
    except AwsError as refused:
        if gate.cloud.check_answers:
            with noting(gate.cloud.wrong_answers):
                check_refusal(call.service, call.name, refused)
        raise
    result = {key: value for key, value in handled.items() if value is not None}
    with noting(gate.cloud.wrong_answers):
        check_answer(call.service, call.name, result)
    call.answer = wire.serialise(call.service, call.name, result, call.protocol, call.request_id)
    call.read = lambda: result
