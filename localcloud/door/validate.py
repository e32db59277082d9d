"""What the model forbids of the parameters of a call, said in the words of the service."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from localcloud.door import categories
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.door.wire.parameters import below
from localcloud.ground.errors import AwsError
from localcloud.ground.models import error_shapes, model, operation_model
from localcloud.ground.service import Params


class Violation(NamedTuple):
    """What the model forbids: `where` is the path to the member, `value` what stood there."""

    where: str
    value: Any
    rule: str

    def __str__(self) -> str:
        if self.rule == NOT_NULL:
            return f"Value null at '{self.where}' failed to satisfy constraint: {self.rule}"
        return f"Value '{_as_java(self.value)}' at '{self.where}' failed to satisfy constraint: {self.rule}"


def _as_java(value: Any) -> str:
    """A value as AWS repeats it: lists and maps as Java writes them."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_as_java(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_as_java, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


NOT_NULL = "Member must not be null"


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
            yield Violation(below(where, name), None, NOT_NULL)
    given = [name for name in shape.members if value.get(name) is not None]
    if getattr(shape, "is_tagged_union", False) and len(given) != 1:
        yield Violation(where, given, f"Member must have exactly one of [{', '.join(shape.members)}]")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from violations(value[name], member, below(where, name))


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
def _pattern(pattern: str) -> Callable[[str], bool]:
    try:
        return categories.matcher(pattern)
    except re.error:
        # Models are written for Java's expressions; some have no counterpart in `re`, and a rule that cannot be
        # read refuses nothing.
        return lambda _: True


def refuse_invalid(service: str, operation: str, params: Params) -> None:
    """Raise the service's validation error when the parameters break the model."""
    shape = operation_model(service, operation).input_shape
    found = list(violations(params, shape)) if shape is not None else []
    if not found:
        return
    if service == "sqs" and (unknown := next((one for one in found if one.where.startswith("Attribute")), None)):
        raise AwsError("InvalidAttributeName", f"Unknown Attribute {unknown.value}.", 400)
    plural = "" if len(found) == 1 else "s"
    message = f"{len(found)} validation error{plural} detected: " + "; ".join(str(one) for one in found)
    raise invalid(service, message, [(one.where, one.rule) for one in found], operation=operation)


_WORDS = ("ValidationException", "InvalidParameterException", "MalformedArnException")


def invalid(
    service: str, message: str, fields: list[tuple[str, str]], reason: str = "", operation: str = ""
) -> AwsError:
    """The service's own word for parameters that its model does not allow; the operation's, where one is given."""
    names = {shape.name: shape for shape in error_shapes(service)}
    own = {shape.name for shape in error_shapes(service, operation)} if operation else names
    protocol = str(model(service).protocol)
    code = next(
        (one for one in _WORDS if one in own),
        next((one for one in _WORDS[:2] if one in names), "")
        or ("ValidationError" if protocol == "query" else "ValidationException"),
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


def validate(_: Gate, call: Call) -> None:
    """Step: the service's validation error for parameters that the model does not allow."""
    # S3's model describes what its clients send, not what it takes: keys and bodies are free.
    if call.service != "s3":
        refuse_invalid(call.service, call.name, call.params)
