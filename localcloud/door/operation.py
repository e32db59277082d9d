"""Step: which operation of which service a message is, in which protocol, for which region."""

from __future__ import annotations

from localcloud.door import wire
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.door.wire import Operation
from localcloud.ground import models
from localcloud.ground.errors import AwsError

# As each protocol says it; by a path of its own nothing is found.
_UNKNOWN = {
    **dict.fromkeys(("query", "ec2"), ("InvalidAction", 400)),
    "json": ("UnknownOperationException", 400),
}


def identify(gate: Gate, call: Call) -> None:
    """UnknownOperationException or InvalidAction for what is no operation of any service."""
    as_it_came = call.message
    call.message = message = wire.unpacked(as_it_came)
    operation = call.told or wire.identify(message)
    call.request_id = gate.request_id()
    if operation is None or not models.is_known(operation.service, operation.name):
        # In the protocol of whom it was signed for: an XML client reads no JSON.
        signed = operation.service if operation else wire.service_of(message)
        if signed and models.exists(signed):
            call.operation = Operation(signed, "", {})
            call.protocol = wire.protocol_of(message, signed)
        name = f"{operation.service}:{operation.name}" if operation else f"{message.method} {message.url}"
        code, status = _UNKNOWN.get(call.protocol, ("UnknownOperationException", 404))
        raise AwsError(code, f"{name} is no operation of an AWS service", status)
    call.operation = operation
    if _is_body_itself(operation):
        # An object is kept as it came, and what it says of its encoding with it.
        call.message = message = as_it_came
    call.protocol = wire.protocol_of(message, operation.service)
    call.region = wire.credential(message).region or gate.cloud.region


def _is_body_itself(operation: Operation) -> bool:
    """Is the body of its message what the call is about, and not how it is said?"""
    shape = models.operation_model(operation.service, operation.name).input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    return shape is not None and payload is not None and shape.members[payload].type_name in ("blob", "string")
