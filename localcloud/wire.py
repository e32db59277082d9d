"""AWS's wire: which operation a message is, what it carries, and how the answer is spelled.

Everything here follows the botocore model of the service, by way of moto's parsers and serialisers, which
read the same models from the server's side. Nothing in this module knows what a service does.
"""

import functools
import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from xml.sax.saxutils import escape

from botocore import parsers
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ShapeResolver, StructureShape
from botocore.serialize import CBORSerializer
from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES, parse_timestamp
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from localcloud.caller import Caller
from localcloud.errors import AwsError

Params = dict[str, Any]


class Service(Protocol):
    """A service, or some operations of it, that the local cloud answers itself.

    `name` is botocore's name of the service. `handle` gets parameters under the model's member names, already
    valid by the model, and answers a value of the output shape or raises AwsError. Two attributes are looked
    for and need not exist: `operations`, the set of operations that it takes (all, when absent; the rest goes
    to moto), and `authorisation(operation, params, caller)`, a list of (action, resource ARN, context) that
    IAM must allow.
    """

    name: ClassVar[str]

    def handle(self, operation: str, params: Params, caller: Caller) -> Params: ...


class WrongAnswer(RuntimeError):
    """A service of ours answered what its model does not allow: a defect of the local cloud, not of the caller."""


@dataclass(frozen=True)
class Message:
    """An HTTP request as it came: `url` is whole, header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Credential(NamedTuple):
    """Who signed, and for what, as the signature's scope says; '' where there is no signature."""

    access_key: str = ""
    region: str = ""
    signing_name: str = ""


class Operation(NamedTuple):
    """One operation of one service, and what a router read from the path of a message for it."""

    service: str
    name: str
    path: dict[str, Any]


class Violation(NamedTuple):
    """What the model forbids: `where` is the path to the member, `value` what stood there."""

    where: str
    value: Any
    rule: str

    def __str__(self) -> str:
        if self.rule == NOT_NULL:
            return f"Value null at '{self.where}' failed to satisfy constraint: {self.rule}"
        return f"Value '{self.value}' at '{self.where}' failed to satisfy constraint: {self.rule}"


NOT_NULL = "Member must not be null"

_SERVICE_BY_ID = {hyphens: name for name, hyphens in CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.items()}

# What services are signed as, where that is not what botocore calls them. Where two share one, `identify`
# tells them apart by their API version or target prefix.
_SERVICES_BY_SIGNING_NAME = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "monitoring": ("cloudwatch",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "aws-mp-catalog": ("marketplace-catalog",),
}
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/?]+)$")
CBOR = "smithy-rpc-v2-cbor"


@functools.cache
def model(service: str) -> ServiceModel:
    """The botocore model of a service, in moto's dress."""
    return get_service_model(service)


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    modelled: OperationModel = model(service).operation_model(operation)
    return modelled


@functools.cache
def error_shapes(service: str, operation: str = "") -> tuple[StructureShape, ...]:
    """The errors that the model knows, of one operation or of all."""
    of: Any = operation_model(service, operation) if operation else model(service)
    return tuple(of.error_shapes)


@functools.cache
def known_services() -> frozenset[str]:
    return frozenset(Loader().list_available_services("service-2"))


@functools.cache
def page_tokens(service: str, operation: str) -> tuple[str, ...]:
    """The parameters by which an operation is told where to go on."""
    try:
        pages = Loader().load_service_model(service, "paginators-1")["pagination"]
    except (UnknownServiceError, DataNotFoundError):
        return ()
    named = pages.get(operation, {}).get("input_token", [])
    return (named,) if isinstance(named, str) else tuple(named)


def service_of_id(service_id: str) -> str:
    """botocore's name of a service from its hyphenated id, as event names spell it."""
    return _SERVICE_BY_ID.get(service_id, service_id)


def credential(message: Message) -> Credential:
    """What the signature of a message says; from the Authorization header or a presigned URL."""
    found = _CREDENTIAL.search(message.headers.get("authorization", ""))
    if found:
        return Credential(*found.groups())
    query = dict(parse_qsl(urlsplit(message.url).query))
    parts = query.get("X-Amz-Credential", "").split("/")
    if len(parts) == 5:
        return Credential(parts[0], parts[2], parts[3])
    if "AWSAccessKeyId" in query:
        return Credential(query["AWSAccessKeyId"], "", "s3")
    return Credential()


def request(message: Message, region: str, service: str) -> Request:
    """The message as moto takes it, addressed to the service's own host name.

    Over HTTP a message is addressed to the local cloud; moto finds account-less things (the region, a bucket
    in the host name) in the URL, so it gets the one that AWS would have got.
    """
    url = canonical_url(message, region, service)
    headers = {**message.headers, "host": urlsplit(url).netloc}
    if message.headers.get("content-type", "").startswith(_OTHER_PROTOCOLS) and _is_rest(service):
        # A REST call is known by method and path. moto goes by this header first, and `curl -d` calls all a form.
        del headers["content-type"]
    return Request.from_primitives(message.method, url, headers, message.body)


_OTHER_PROTOCOLS = ("application/x-www-form-urlencoded", "application/x-amz-json")


def _is_rest(service: str) -> bool:
    # Of an object in S3 the header says what it is.
    return service != "s3" and str(model(service).protocol).startswith("rest")


def canonical_url(message: Message, region: str, service: str) -> str:
    parts = urlsplit(message.url)
    prefix = model(service).endpoint_prefix
    if service == "s3":
        if parts.hostname and parts.hostname.endswith(".amazonaws.com"):
            return message.url
        bucket = _bucket_in(parts.hostname or "")
        prefix = f"{bucket}.s3" if bucket else "s3"
    host = f"{prefix}.{region}.amazonaws.com"
    return urlunsplit(("https", host, parts.path or "/", parts.query, ""))


def _bucket_in(host: str) -> str:
    """The bucket of a virtual-hosted request to the local cloud, as in `bucket.localhost` or `bucket.s3.localhost`."""
    for end in (".s3.localhost", ".localhost"):
        if host.endswith(end):
            return host.removesuffix(end)
    return ""


def identify(message: Message) -> Operation | None:
    """Which operation a message is, by the ways in which the protocols say it; None when nothing fits."""
    signed = credential(message).signing_name
    path = urlsplit(message.url).path
    rpc = _CBOR_PATH.search(path)
    target = message.headers.get("x-amz-target", "")
    if rpc and message.headers.get("smithy-protocol"):
        service = _by_target(rpc["service"], signed)
        return Operation(service, rpc["operation"], {}) if service else None
    if target:
        prefix, _, operation = target.rpartition(".")
        service = _by_target(prefix, signed)
        return Operation(service, operation, {}) if service else None
    form = _form(message)
    if "Action" in form:
        return _by_action(form, signed)
    return _by_route(message, signed or "s3")


def _form(message: Message) -> dict[str, str]:
    form = dict(parse_qsl(urlsplit(message.url).query, keep_blank_values=True))
    if message.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form.update(parse_qsl(message.body.decode("utf-8", "replace"), keep_blank_values=True))
    return form


def _candidates(signing_name: str) -> tuple[str, ...]:
    named = _SERVICES_BY_SIGNING_NAME.get(signing_name)
    if named:
        return named
    return (signing_name,) if signing_name in known_services() else ()


def _by_target(prefix: str, signing_name: str) -> str:
    for service in _candidates(signing_name):
        if model(service).metadata.get("targetPrefix") in (prefix, prefix.rpartition(".")[2]):
            return service
    # AWS's own clients send the full prefix; the service name of the CBOR protocol is the same word.
    return next(iter(_candidates(signing_name)), "")


def _by_action(form: dict[str, str], signing_name: str) -> Operation | None:
    services = _candidates(signing_name)
    for service in services:
        if model(service).api_version == form.get("Version") and form["Action"] in model(service).operation_names:
            return Operation(service, form["Action"], {})
    return Operation(services[0], form["Action"], {}) if services else None


def _by_route(message: Message, signing_name: str) -> Operation | None:
    for service in _candidates(signing_name):
        found = route(request(message, "us-east-1", service), service)
        if found:
            return found
    return None


def route(message: Request, service: str) -> Operation | None:
    """The operation of a REST service that method and path name, with the values in the path."""
    return _routed(message, service) or _routed(_with_required_queries(message, service), service)


def _routed(message: Request, service: str) -> Operation | None:
    try:
        found, path = get_service_router(service).match(message)
    except NotFound:
        return None
    return Operation(service, found.name, path)


def _with_required_queries(message: Request, service: str) -> Request:
    """The message as if it had every query argument that some operation requires.

    moto's router knows an operation by them as well, so a call that lacks one would be no operation at all;
    on AWS it is one that is not valid.
    """
    lacking = [name for name in _required_queries(service) if name not in message.args]
    query = "&".join([*filter(None, [urlsplit(message.raw_url).query]), *(f"{name}=" for name in lacking)])
    url = urlunsplit(urlsplit(message.raw_url)._replace(query=query))
    return Request.from_primitives(message.method, url, message.headers, b"")


@functools.cache
def _required_queries(service: str) -> tuple[str, ...]:
    # S3 has many operations under one path, which only their query tells apart.
    if model(service).protocol != "rest-json":
        return ()
    shapes: list[Any] = [operation_model(service, name).input_shape for name in model(service).operation_names]
    return tuple(dict.fromkeys(arg for shape in shapes if shape is not None for arg in shape.required_query_args))


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
        return _read_cbor(message.body)
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
                _demand_kinds(value.get(member.serialization.get("name", name)), member, _join(where, name))
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


# --- validation by the model ---


def violations(value: Any, shape: Any, where: str = "") -> Iterator[Violation]:
    """Where `value` breaks the shape: required members, types, lengths, ranges, patterns, enumerations."""
    check = _CHECKS.get(shape.type_name)
    if check:
        yield from check(value, shape, where)


def _structure(value: Any, shape: Any, where: str) -> Iterator[Violation]:
    if getattr(shape, "is_document_type", False):
        return
    if not isinstance(value, dict):
        yield Violation(where, value, "Member must be a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(_join(where, name), None, NOT_NULL)
    given = [name for name in shape.members if value.get(name) is not None]
    if getattr(shape, "is_tagged_union", False) and len(given) != 1:
        yield Violation(where, given, f"Member must have exactly one of [{', '.join(shape.members)}]")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from violations(value[name], member, _join(where, name))


def _list(value: Any, shape: Any, where: str) -> Iterator[Violation]:
    if not isinstance(value, list | tuple):
        yield Violation(where, value, "Member must be a list")
        return
    yield from _length(value, shape, where)
    for index, item in enumerate(value, 1):
        yield from violations(item, shape.member, f"{where}.{index}.member")


def _map(value: Any, shape: Any, where: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(where, value, "Member must be a map")
        return
    yield from _length(value, shape, where)
    for key, item in value.items():
        yield from violations(key, shape.key, where)
        yield from violations(item, shape.value, f"{where}.{key}.member")


def _string(value: Any, shape: Any, where: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        # A JSON value in a header arrives decoded.
        if not shape.serialization.get("jsonvalue"):
            yield Violation(where, value, "Member must be a string")
        return
    yield from _length(value, shape, where)
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        yield Violation(where, value, f"Member must satisfy enum value set: [{', '.join(enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _pattern(pattern)(value):
        yield Violation(where, value, f"Member must satisfy regular expression pattern: {pattern}")


def _length(value: Any, shape: Any, where: str) -> Iterator[Violation]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < int(least):
        yield Violation(where, value, f"Member must have length greater than or equal to {least}")
    if most is not None and len(value) > int(most):
        yield Violation(where, value, f"Member must have length less than or equal to {most}")


def _number(value: Any, shape: Any, where: str) -> Iterator[Violation]:
    whole = shape.type_name in ("integer", "long")
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        yield Violation(where, value, f"Member must be {'an integer' if whole else 'a number'}")
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield Violation(where, value, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        yield Violation(where, value, f"Member must have value less than or equal to {most}")


def _boolean(value: Any, _: Any, where: str) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield Violation(where, value, "Member must be a boolean")


def _timestamp(value: Any, _: Any, where: str) -> Iterator[Violation]:
    if not isinstance(value, datetime):
        yield Violation(where, value, "Member must be a timestamp")


_CHECKS: dict[str, Callable[[Any, Any, str], Iterator[Violation]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
}


@functools.cache
def _pattern(pattern: str) -> Callable[[str], Any]:
    try:
        return re.compile(pattern, re.DOTALL).fullmatch
    except re.error:
        # Models are written for Java's expressions; \p{...} and the like have no counterpart in `re`, and a
        # rule that cannot be read refuses nothing.
        return lambda _: True


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def refuse_invalid(service: str, operation: str, params: Params) -> None:
    """Raise the service's validation error when the parameters break the model."""
    shape = operation_model(service, operation).input_shape
    found = list(violations(params, shape)) if shape is not None else []
    if not found:
        return
    plural = "" if len(found) == 1 else "s"
    message = f"{len(found)} validation error{plural} detected: " + "; ".join(str(one) for one in found)
    raise invalid(service, message, [(one.where, one.rule) for one in found])


def invalid(service: str, message: str, fields: list[tuple[str, str]], reason: str = "") -> AwsError:
    """The service's own word for parameters that its model does not allow."""
    names = {shape.name: shape for shape in error_shapes(service)}
    protocol = str(model(service).protocol)
    code = next(
        (one for one in ("ValidationException", "InvalidParameterException") if one in names),
        "ValidationError" if protocol == "query" else "ValidationException",
    )
    if service == "ec2":
        missing = any(rule == NOT_NULL for _, rule in fields)
        code = "MissingParameter" if missing else "InvalidParameterValue"
    members: dict[str, Any] = {}
    if code in names and "fieldList" in names[code].members:
        members = {
            "reason": reason or "fieldValidationFailed",
            "fieldList": [{"name": name, "message": rule} for name, rule in fields],
        }
    return AwsError(code, message, 400, **members)


def check_answer(service: str, operation: str, result: Params) -> None:
    """Raise WrongAnswer when an answer of ours is not a value of the operation's output shape."""
    shape = operation_model(service, operation).output_shape
    if shape is None:
        if result:
            raise WrongAnswer(f"{service}:{operation} answers nothing by its model, but answered {result}")
        return
    problems = [str(one) for one in violations(result, shape)]
    problems += [f"'{where}' is not in the model" for where in _unknown(result, shape)]
    if problems:
        raise WrongAnswer(f"{service}:{operation}: " + "; ".join(problems))


_WHOLLY_OURS = frozenset({"organizations", "ram", "vpc-lattice"})
_OF_EVERY_SERVICE = frozenset({"AccessDeniedException", "NotImplementedException"})


def check_refusal(service: str, operation: str, error: AwsError) -> None:
    """Raise WrongAnswer when a service that is ours alone refuses a call with an error that its model has not."""
    if service not in _WHOLLY_OURS or error.code in _OF_EVERY_SERVICE:
        return
    declared = {str(shape.error_code): shape for shape in error_shapes(service, operation)}
    shape = declared.get(error.code)
    if shape is None:
        raise WrongAnswer(f"{service}:{operation} has no {error.code} in its model: {error.message}")
    status = shape.metadata.get("error", {}).get("httpStatusCode", error.status)
    if status != error.status:
        raise WrongAnswer(f"{service}:{operation} answers {error.code} with {status}, not with {error.status}")


_BEYOND_THE_MODEL = frozenset(
    {
        ("dynamodb", "NumberOfDecreasesToday"),  # at least 1 by the model, and 0 where nothing was decreased
        ("ec2", "Platform"),  # the model knows Windows, the answers say windows
        ("route53", "Id"),  # longer than the model has it, by the /hostedzone/ before it
        ("route53", "Marker"),  # required by the model, and not there on a first page
    }
)


def check_moto_answer(service: str, operation: str, result: Params) -> None:
    """The same for what moto answered, but for the places where AWS itself does not keep to its model.

    An empty list or map is one of them, where the model has the shape of a request's of at least one.
    """
    shape = operation_model(service, operation).output_shape
    found = [one for one in violations(result, shape) if one.value not in ([], {})] if shape is not None else []
    problems = [str(one) for one in found if (service, one.where.rpartition(".")[2]) not in _BEYOND_THE_MODEL]
    if problems:
        raise WrongAnswer(f"moto's {service}:{operation}: " + "; ".join(problems))


def _unknown(value: Any, shape: Any, where: str = "") -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", 0):
        for name, item in value.items():
            if name not in shape.members:
                yield _join(where, name)
            elif item is not None:
                yield from _unknown(item, shape.members[name], _join(where, name))
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from _unknown(item, shape.member, where)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            yield from _unknown(item, shape.value, where)


# --- answers ---


def serialise(service: str, operation: str, result: Params, protocol: str, request_id: str) -> Answer:
    """A result of ours as the wire spells it."""
    modelled = operation_model(service, operation)
    if protocol == CBOR:
        return Answer(200, _cbor_headers(request_id), _write_cbor(result, modelled.output_shape))
    made = get_serializer_class(service, protocol)(modelled).serialize(result)
    body: Any = made["body"]
    content = body if isinstance(body, bytes) else str(body or "").encode()
    headers = {name: str(value) for name, value in made["headers"].items()}
    if made["status_code"] == 204:
        content = b""
    elif protocol in ("rest-json", "json"):
        headers.setdefault("Content-Type", "application/json")
        content = content or b"{}"
    headers["x-amzn-RequestId"] = request_id
    return Answer(made["status_code"], headers, content)


def _cbor_headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": request_id}


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
        return Answer(status, headers, _xml_error(service, error, protocol, status, request_id).encode())
    headers["x-amzn-ErrorType"] = error.code
    if "awsQueryCompatible" in model(service).metadata:
        headers["x-amzn-query-error"] = f"{error.code};{'Sender' if status < 500 else 'Receiver'}"
    document = {"__type": error.code, "message": error.message, **body}
    if protocol == CBOR:
        return Answer(status, {**headers, **_cbor_headers(request_id)}, _write_cbor(document, _ERROR_SHAPE))
    json_version = model(service).metadata.get("jsonVersion", "1.1")
    headers["Content-Type"] = (
        "application/json" if protocol == "rest-json" else f"application/x-amz-json-{json_version}"
    )
    return Answer(status, headers, json.dumps(document, default=str).encode())


def _xml_error(service: str, error: AwsError, protocol: str, status: int, request_id: str) -> str:
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "ec2":
        return f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    if service == "s3":
        return f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    kind = "Sender" if status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type>{inner}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )


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


# What every error of the CBOR protocol holds.
_ERROR_MODEL: Any = {
    "Error": {"type": "structure", "members": {"__type": {"shape": "Text"}, "message": {"shape": "Text"}}},
    "Text": {"type": "string"},
}
_ERROR_SHAPE = ShapeResolver(_ERROR_MODEL).get_shape_by_name("Error")


def _read_cbor(body: bytes) -> Params:
    if not body:
        return {}
    reader: Any = parsers.create_parser(CBOR)
    value = reader.parse_data_item(reader.get_peekable_stream_from_bytes(body))
    if not isinstance(value, dict):
        raise TypeError("the body is not a CBOR map")
    return value


def _write_cbor(value: Params, shape: Any) -> bytes:
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


def moto_handler(service: str, url: str) -> Callable[..., Any] | None:
    """moto's function for a URL of a service, or None when moto has none."""
    for pattern, handler in _moto_urls(service):
        if pattern.match(url):
            return handler
    return None


@functools.cache
def _moto_urls(service: str) -> tuple[tuple[re.Pattern[str], Callable[..., Any]], ...]:
    package = "awslambda" if service == "lambda" else service.replace("-", "")
    try:
        urls = importlib.import_module(f"moto.{package}.urls")
    except ModuleNotFoundError:
        return ()
    return tuple(
        (re.compile(path.format(base)), handler) for base in urls.url_bases for path, handler in urls.url_paths.items()
    )


@functools.cache
def is_known(service: str, operation: str) -> bool:
    try:
        return operation in model(service).operation_names
    except UnknownServiceError:
        return False


def utc(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
