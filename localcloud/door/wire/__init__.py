"""The wire: which operation a message is, what it carries, and how the answer is spelled.

Everything here follows the botocore model of the service, by way of moto's parsers and serialisers, which
read the same models from the server's side. Nothing in here knows what a service does.
"""

from __future__ import annotations

from localcloud.door.wire.answers import read_answer, sealed, serialise, serialise_error
from localcloud.door.wire.cbor import CBOR, as_json_message
from localcloud.door.wire.message import Answer, Credential, Message, Operation, unpacked
from localcloud.door.wire.operations import canonical_url, credential, identify, request, route, service_of
from localcloud.door.wire.parameters import parse, protocol_of

__all__ = [
    "CBOR",
    "Answer",
    "Credential",
    "Message",
    "Operation",
    "as_json_message",
    "canonical_url",
    "credential",
    "identify",
    "parse",
    "protocol_of",
    "read_answer",
    "request",
    "route",
    "sealed",
    "serialise",
    "serialise_error",
    "service_of",
    "unpacked",
]
