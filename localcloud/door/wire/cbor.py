"""The CBOR protocol, which botocore writes from the client's side only and moto does not read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore import parsers
from botocore.model import ShapeResolver
from botocore.serialize import CBORSerializer

from localcloud.door.wire.message import Message, Operation
from localcloud.ground.models import model
from localcloud.ground.service import Params

CBOR = "smithy-rpc-v2-cbor"


def as_json_message(message: Message, operation: Operation, params: Params) -> Message:
    """The same call in the JSON protocol: moto does not read CBOR."""
    metadata = model(operation.service).metadata
    headers = {
        **{name: value for name, value in message.headers.items() if name not in ("smithy-protocol", "accept")},
        "x-amz-target": f"{metadata['targetPrefix']}.{operation.name}",
        "content-type": f"application/x-amz-json-{metadata.get('jsonVersion', '1.0')}",
    }
    body = json.dumps(params, default=_as_json).encode()
    headers["content-length"] = str(len(body))
    base = urlsplit(message.url)
    return Message("POST", urlunsplit((base.scheme, base.netloc, "/", "", "")), headers, body)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no JSON form")


# What every error of the CBOR protocol holds.
_ERROR_MODEL: Any = {
    "Error": {"type": "structure", "members": {"__type": {"shape": "Text"}, "message": {"shape": "Text"}}},
    "Text": {"type": "string"},
}

ERROR_SHAPE = ShapeResolver(_ERROR_MODEL).get_shape_by_name("Error")


def read_cbor(body: bytes) -> Params:
    if not body:
        return {}
    reader: Any = parsers.create_parser(CBOR)
    value = reader.parse_data_item(reader.get_peekable_stream_from_bytes(body))
    if not isinstance(value, dict):
        raise TypeError("the body is not a CBOR map")
    return value


def write_cbor(value: Params, shape: Any) -> bytes:
    if shape is None:
        return b"\xa0"
    known = {name: item for name, item in value.items() if name in shape.members}
    written = bytearray()
    writer: Any = _CborWriter()
    writer._serialize_data_item(written, known, shape)
    return bytes(written)


class _CborWriter(CBORSerializer):
    """botocore writes requests; the same encoding serves for answers."""

    TIMESTAMP_FORMAT = "unixtimestamp"
