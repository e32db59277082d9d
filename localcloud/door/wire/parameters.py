"""What a message carries: the parameters under the names of the model."""

from __future__ import annotations

import json
from typing import Any

from botocore.utils import parse_timestamp
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request

from localcloud.door.wire.cbor import CBOR, read_cbor
from localcloud.door.wire.message import Message, Operation
from localcloud.ground.models import model, operation_model
from localcloud.ground.service import Params


def protocol_of(message: Message, service: str) -> str:
    """The protocol in which the message is written: a service may take several."""
    own = str(model(service).protocol)
    offered = model(service).metadata.get("protocols", [own])
    content_type = message.headers.get("content-type", "")
    if message.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    if own in ("rest-xml", "rest-json"):
        return own
    if content_type.startswith("application/x-amz-json"):
        return "json"
    if content_type.startswith("application/x-www-form-urlencoded"):
        return "ec2" if "ec2" in offered else "query"
    return next((one for one in (own, *offered) if one != CBOR), "json")


def parse(message: Message, incoming: Request, operation: Operation, protocol: str) -> Params:
    """The parameters under the model's member names. ValueError or TypeError when the body cannot be read."""
    modelled = operation_model(operation.service, operation.name)
    if protocol == CBOR:
        return read_cbor(message.body)
    body = message.body
    if protocol in ("json", "rest-json") and body and not _is_payload(modelled):
        decoded = json.loads(body)
        if not isinstance(decoded, dict):
            raise TypeError("the body is not a JSON object")
        if modelled.input_shape is not None:
            _demand_kinds(decoded, modelled.input_shape)
            body = _without_elsewhere(body, decoded, modelled.input_shape)
    parser = PROTOCOL_PARSERS[protocol](modelled, timestamp_parser=parse_timestamp)
    parsed = parser.parse(
        {
            "method": incoming.method,
            "values": incoming.values,
            "headers": incoming.headers,
            "body": body,
            "url_path": incoming.path,
            "url_params": operation.path,
        }
    )
    params: Params = _without_none(parsed)
    return {name: value for name, value in params.items() if value != [] or not _in_query(modelled, name)}


def _in_query(modelled: OperationModel, name: str) -> bool:
    """Whether a member travels in the query, where an empty list cannot be told from none."""
    shape: Any = modelled.input_shape
    member = shape.members.get(name)
    return member is not None and member.serialization.get("location") == "querystring"


def _demand_kinds(value: Any, shape: Any, where: str = "") -> None:
    """TypeError where the model wants a whole number or a truth value and JSON has another kind.

    The parser would make 60 of "60" and of 60.5, and false of "yes".
    """
    if value is None or getattr(shape, "is_document_type", False):
        return
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if "location" not in member.serialization:
                _demand_kinds(value.get(member.serialization.get("name", name)), member, below(where, name))
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            _demand_kinds(item, shape.member, where)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            _demand_kinds(item, shape.value, where)
    elif shape.type_name in ("integer", "long") and type(value) is not int:
        raise TypeError(f"{where} must be an integer")
    elif shape.type_name == "boolean" and not isinstance(value, bool):
        raise TypeError(f"{where} must be true or false")


def _without_elsewhere(body: bytes, decoded: dict[str, Any], shape: Any) -> bytes:
    """The body without what the path, the query and the headers carry, which it cannot override."""
    elsewhere = {
        member.serialization.get("name", name)
        for name, member in shape.members.items()
        if "location" in member.serialization
    }
    if elsewhere.isdisjoint(decoded):
        return body
    return json.dumps({name: value for name, value in decoded.items() if name not in elsewhere}).encode()


def _is_payload(modelled: OperationModel) -> bool:
    """The body is a member by itself (a zip, a Lambda payload) rather than a structure of members."""
    shape: Any = modelled.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    return bool(payload) and shape.members[payload].type_name in ("blob", "string")


def _without_none(parsed: Any) -> Any:
    if isinstance(parsed, dict):
        return {key: _without_none(value) for key, value in parsed.items() if value is not None}
    if isinstance(parsed, list):
        return [_without_none(value) for value in parsed]
    return parsed


def below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
