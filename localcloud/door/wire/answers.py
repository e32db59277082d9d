"""How an answer or an error is spelled, and how a caller reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore import parsers
from moto.core.serialize import get_serializer_class

from localcloud.door.wire.cbor import CBOR, ERROR_SHAPE, write_cbor
from localcloud.door.wire.message import Answer
from localcloud.ground.errors import AwsError
from localcloud.ground.models import error_shapes, model, operation_model
from localcloud.ground.service import Params


def serialise(service: str, operation: str, result: Params, protocol: str, request_id: str) -> Answer:
    """A result of ours as the wire spells it."""
    modelled = operation_model(service, operation)
    if protocol == CBOR:
        return Answer(200, _cbor_headers(request_id), write_cbor(result, modelled.output_shape))
    made = get_serializer_class(service, protocol)(modelled).serialize(result)
    body: Any = made["body"]
    content = body if isinstance(body, bytes) else str(body or "").encode()
    headers = {name: str(value) for name, value in made["headers"].items()}
    if made["status_code"] == 204:
        content = b""
    elif protocol in ("rest-json", "json"):
        content = content or b"{}"
    return sealed(service, Answer(made["status_code"], headers, content), protocol, request_id)


def _cbor_headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": request_id}


_ID = re.compile(rb"<(RequestId|requestId|RequestID)>[^<]*</")
_TYPES = {"rest-json": "application/json", "query": "text/xml", "ec2": "text/xml", "rest-xml": "text/xml"}


def sealed(service: str, answer: Answer, protocol: str, request_id: str) -> Answer:
    """The answer under one id, told in its head and, where the protocol has it there, in its body; and of a type."""
    if service == "s3":
        return answer  # whose ids and types are its own
    # moto says application/json for JSON of any kind, or nothing.
    again = {"x-amzn-requestid", *(["content-type"] if protocol == "json" else [])}
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in again}
    headers["x-amzn-RequestId"] = request_id
    if protocol == "json" or (answer.body and "content-type" not in map(str.lower, headers)):
        headers["Content-Type"] = _TYPES.get(protocol) or _json_type(service)
    body = answer.body
    found = list(_ID.finditer(body)) if protocol in ("query", "ec2", "rest-xml") else []
    if found:
        # EC2 tells it first of all, and an error of its last, as query does.
        at = found[0] if protocol == "ec2" and answer.status < 300 else found[-1]
        body = b"".join((body[: at.start()], b"<", at[1], b">", request_id.encode(), b"</", body[at.end() :]))
    return Answer(answer.status, headers, body)


def _json_type(service: str) -> str:
    return f"application/x-amz-json-{model(service).metadata.get('jsonVersion', '1.1')}"


def serialise_error(service: str, error: AwsError, protocol: str, request_id: str) -> Answer:
    """An error as the wire spells it; the model's HTTP status, where it has one for this code."""
    shape = next((one for one in error_shapes(service) if error.code in (one.name, one.error_code)), None)
    modelled = shape.metadata.get("error", {}) if shape is not None else {}
    status = int(modelled.get("httpStatusCode", error.status))
    headers = {"x-amzn-RequestId": request_id}
    body: dict[str, Any] = {}
    for name, value in error.members.items():
        member = shape.members.get(name) if shape is not None else None
        if member is not None and member.serialization.get("location") == "header":
            headers[member.serialization.get("name", name)] = str(value)
        else:
            body[name] = value
    if protocol in ("query", "ec2", "rest-xml"):
        headers["Content-Type"] = "text/xml"
        if shape is not None:
            # In XML a code may be another word than the shape's name: InvalidParameter, of SNS.
            error = AwsError(str(shape.error_code), error.message, error.status)
        return Answer(status, headers, _xml_error(service, error, protocol, status, request_id).encode())
    # In JSON the type is the shape's name; where query was before, its code goes beside it: QueueDoesNotExist, of SQS.
    name = shape.name if shape is not None else error.code
    headers["x-amzn-ErrorType"] = name
    if "awsQueryCompatible" in model(service).metadata:
        code = str(shape.error_code) if shape is not None else error.code
        headers["x-amzn-query-error"] = f"{code};{'Sender' if status < 500 else 'Receiver'}"
    document = {"__type": name, "message": error.message, **body}
    if protocol == CBOR:
        return Answer(status, {**headers, **_cbor_headers(request_id)}, write_cbor(document, ERROR_SHAPE))
    headers["Content-Type"] = _TYPES.get(protocol) or _json_type(service)
    return Answer(status, headers, json.dumps(document, default=str).encode())


def _xml_error(service: str, error: AwsError, protocol: str, status: int, request_id: str) -> str:
    inner = f"<Code>{_text(error.code)}</Code><Message>{_text(error.message)}</Message>"
    if protocol == "ec2":
        return f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    if service == "s3":
        return f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    kind = "Sender" if status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type>{inner}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )


_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(text: str) -> str:
    """As XML holds it; what it cannot hold, which an error may repeat, is a question mark."""
    return escape(_NO_XML.sub("?", text))


def read_answer(service: str, operation: str, answer: Answer, protocol: str) -> dict[str, Any]:
    """An answer as botocore would hand it to the caller (`Error` holds the code where it is an error)."""
    modelled: Any = operation_model(service, operation)
    parser = parsers.create_parser(protocol)
    if answer.status < 300 and modelled.has_streaming_output:
        return {}
    parsed: dict[str, Any] = parser.parse(
        {
            "headers": _Headers(answer.headers),
            "body": answer.body,
            "status_code": answer.status,
            "context": {"operation_name": operation},
        },
        modelled.output_shape,
    )
    return parsed


class _Headers(dict[str, str]):
    """Headers that are found whatever their case, as botocore's parsers expect."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in headers.items()})

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())
