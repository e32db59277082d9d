"""Step: what the message carries, under the names of the model."""

from __future__ import annotations

import json
import re
import struct

from botocore.parsers import ResponseParserError
from moto.core.parse import RequestParserError

from localcloud.door import wire
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.door.validate import invalid
from localcloud.door.wire import Operation
from localcloud.ground.errors import AwsError

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half a letter, as JSON can write it. Where its other half is not beside it, it is none and nobody could keep it."""

LONGEST = 300
"""Characters of what a parser says: some repeat the whole message."""

UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    # JSON that is nested too deeply, a moment that no calendar has; CBOR with a length that the message does not have,
    # or a tag that nobody knows
    RuntimeError,
    MemoryError,
    ResponseParserError,
    RequestParserError,
    struct.error,
)


def parse(_: Gate, call: Call) -> None:
    """The service's own error for a message that cannot be read."""
    call.incoming = incoming = wire.request(call.message, call.region, call.service)
    if not call.operation.path:
        routed = wire.route(incoming, call.service) if call.protocol.startswith("rest") else None
        call.operation = Operation(call.service, call.name, routed.path if routed else {})
    try:
        call.params = wire.parse(call.message, incoming, call.operation, call.protocol)
        if _HALF.search(call.message.body):
            json.dumps(call.params, ensure_ascii=False, default=str).encode()
    except UNREADABLE as problem:
        told = "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)[:LONGEST]
        text = f"the request cannot be read: {told}"
        if call.service == "s3":
            raise AwsError("MalformedXML", text) from problem
        if call.protocol.startswith("rest") or call.own is not None:
            raise invalid(call.service, text, [], "cannotParse") from problem
        raise AwsError("SerializationException", text) from problem
