"""What DynamoDB refuses of a value (developer guide, "Data types"): none, two at once, sets that are none, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.models import operation_model

DIGITS = 38
LARGEST, SMALLEST = Decimal("9.9999999999999999999999999999999999999E+125"), Decimal("1E-130")
_WRONG = "One or more parameter values were invalid: "
_ONE = "must contain exactly one of the supported datatypes"
_SETS = {"SS": "string", "NS": "number", "BS": "binary"}


def demand_values(operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """Each value of a call is one, of one type."""
    for value in _values(params, operation_model("dynamodb", operation).input_shape):
        if fault := _fault(value):
            raise AwsError("ValidationException", fault)


def _values(given: Any, shape: Any) -> Iterator[Mapping[str, Any]]:
    """Every value within, the innermost too."""
    if given is None or shape is None:
        return
    if shape.name == "AttributeValue":
        yield given
    match shape.type_name:
        case "structure":
            for name, one in given.items():
                if name in shape.members:
                    yield from _values(one, shape.members[name])
        case "list":
            for one in given:
                yield from _values(one, shape.member)
        case "map":
            for one in given.values():
                yield from _values(one, shape.value)


def _fault(value: Mapping[str, Any]) -> str:
    if not value:
        return f"Supplied AttributeValue is empty, {_ONE}"
    if len(value) > 1:
        return f"Supplied AttributeValue has more than one datatypes set, {_ONE}"
    [(kind, one)] = value.items()
    if kind in _SETS:
        return _set_fault(kind, one)
    if kind == "NULL" and one is not True:
        return f"{_WRONG}Null attribute value types must have the value of true"
    return _number_fault(one) if kind == "N" else ""


def _set_fault(kind: str, members: list[Any]) -> str:
    if not members:
        return f"{_WRONG}An {_SETS[kind]} set  may not be empty"
    if kind != "NS" and not all(members):
        return f"{_WRONG}An {_SETS[kind]} set may not have a empty string as a member"
    if fault := next(filter(None, map(_number_fault, members if kind == "NS" else ())), ""):
        return fault
    told = [Decimal(one) if kind == "NS" else one for one in members]
    if len(set(told)) < len(told):
        return f"{_WRONG}Input collection [{', '.join(map(str, members))}] contains duplicates."
    return ""


def _number_fault(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in text or text != text.strip():
        return f"The parameter cannot be converted to a numeric value: {text}"
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > DIGITS:
        return f"Attempting to store more than {DIGITS} significant digits in a Number"
    if abs(number) > LARGEST:
        return "Number overflow. Attempting to store a number with magnitude larger than supported range"
    if number and abs(number) < SMALLEST:
        return "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    return ""
