"""Step: which operation of which service a message is, in which protocol, for which region."""

from __future__ import annotations

from localcloud.door import wire
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.door.wire import Operation
from localcloud.ground import models
from localcloud.ground.errors import AwsError


def identify(gate: Gate, call: Call) -> None:
    """UnknownOperationException for what is no operation of any service."""
    call.message = message = wire.unpacked(call.message)
    operation = call.told or wire.identify(message)
    call.request_id = gate.request_id()
    if operation is None or not models.is_known(operation.service, operation.name):
        # In the protocol of whom it was signed for: an XML client reads no JSON.
        signed = operation.service if operation else wire.service_of(message)
        if signed and models.exists(signed):
            call.operation = Operation(signed, "", {})
            call.protocol = wire.protocol_of(message, signed)
        name = f"{operation.service}:{operation.name}" if operation else f"{message.method} {message.url}"
        raise AwsError("UnknownOperationException", f"{name} is no operation of an AWS service", 404)
    call.operation = operation
    call.protocol = wire.protocol_of(message, operation.service)
    call.region = wire.credential(message).region or gate.cloud.region
