"""What DynamoDB refuses of an expression beside its grammar: placeholders of nothing, and ranges that hold nothing.

Developer guide, "Expression attribute names", "Expression attribute values" and "Comparison operator reference".
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from localcloud.ground.errors import AwsError

_EXPRESSIONS = (
    *("KeyConditionExpression", "FilterExpression", "ConditionExpression", "UpdateExpression", "ProjectionExpression"),
)
_PLACEHOLDERS = (
    ("ExpressionAttributeValues", re.compile(r":\w+"), "attribute value used in expression", "attribute value"),
    ("ExpressionAttributeNames", re.compile(r"#\w+"), "attribute name used in the document path", "attribute name"),
)
_RANGE = re.compile(r"\bBETWEEN\s+(:\w+)\s+AND\s+(:\w+)", re.IGNORECASE)


def _invalid(text: str) -> AwsError:
    return AwsError("ValidationException", text)


def demand_names(part: Mapping[str, Any]) -> None:
    """Each placeholder stands for something, and what stands for something is used."""
    texts = {name: str(part[name]) for name in _EXPRESSIONS if part.get(name)}
    for where, placeholder, what, word in _PLACEHOLDERS:
        given = set(part.get(where) or {})
        if given and not texts:
            raise _invalid(f"{where} can only be specified when using expressions")
        used: set[str] = set()
        for name, text in texts.items():
            here = set(placeholder.findall(text))
            if unknown := sorted(here - given):
                raise _invalid(f"Invalid {name}: An expression {what} is not defined; {word}: {unknown[0]}")
            used |= here
        if idle := sorted(given - used):
            raise _invalid(f"Value provided in {where} unused in expressions: keys: {{{', '.join(idle)}}}")


def demand_ranges(part: Mapping[str, Any]) -> None:
    """A range goes from its lower bound to its upper one, both of one type."""
    values = part.get("ExpressionAttributeValues") or {}
    for name in _EXPRESSIONS:
        for low, high in _RANGE.findall(part.get(name) or ""):
            _demand_range(f"Invalid {name}:", values[low], values[high])
    for name in ("KeyConditions", "QueryFilter", "ScanFilter", "Expected"):
        for condition in (part.get(name) or {}).values():
            bounds = condition.get("AttributeValueList") or ()
            if condition.get("ComparisonOperator") == "BETWEEN" and len(bounds) == 2:
                _demand_range("One or more parameter values were invalid:", *bounds)


def _demand_range(refusal: str, low: Mapping[str, Any], high: Mapping[str, Any]) -> None:
    told = f"lower bound operand: AttributeValue: {_shown(low)}, upper bound operand: AttributeValue: {_shown(high)}"
    refusal = f"{refusal} The BETWEEN operator requires"
    if set(low) != set(high):
        raise _invalid(f"{refusal} same data type for lower and upper bounds; {told}")
    if _ordered(low) > _ordered(high):
        raise _invalid(f"{refusal} upper bound to be greater than or equal to lower bound; {told}")


_IN = re.compile(r"\bIN\s*\(([^()]*)\)", re.IGNORECASE)
_BEGINS = re.compile(r"\bbegins_with\s*\([^,()]+,\s*(:\w+)\s*\)")
_OF_TYPE = re.compile(r"\battribute_type\s*\([^,()]+,\s*(:\w+)\s*\)")
_TYPES = ("B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M")
OPERANDS = 100


def demand_functions(part: Mapping[str, Any]) -> None:
    """A function gets operands of the types that it takes, and IN no more than a hundred."""
    values = part.get("ExpressionAttributeValues") or {}
    for name in _EXPRESSIONS:
        text = part.get(name) or ""
        for listed in _IN.findall(text):
            if (many := listed.count(",") + 1) > OPERANDS:
                told = f"The IN operator is provided with too many operands; number of operands: {many}"
                raise _invalid(f"Invalid {name}: {told}")
        for kind in (kind for word in _BEGINS.findall(text) for kind in values[word] if kind not in "SB"):
            told = "Incorrect operand type for operator or function; operator or function: begins_with"
            raise _invalid(f"Invalid {name}: {told}, operand type: {kind}")
        for value in map(values.__getitem__, _OF_TYPE.findall(text)):
            if value.get("S") not in _TYPES:
                told = f"type: {value.get('S')}, valid types: {{{','.join(_TYPES)}}}"
                raise _invalid(f"Invalid {name}: Invalid attribute type name found; {told}")


def _shown(value: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{kind}:{one}" for kind, one in value.items()) + "}"


def _ordered(value: Mapping[str, Any]) -> Any:
    """As DynamoDB orders: numbers by their worth, texts by their UTF-8, bytes as they are; the rest is equal."""
    for kind, one in value.items():
        if kind == "N":
            with contextlib.suppress(ArithmeticError):
                number = Decimal(one)
                return number if number.is_finite() else 0
        elif kind in ("S", "B"):
            return one.encode() if isinstance(one, str) else bytes(one)
    return 0
