"""Choice rules: whether one holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from localcloud.ground.paths import Json, Scope, find
from localcloud.services.states.asl.errors import StatesError


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return value


def _string(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _boolean(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a boolean")
    return value


def moment(value: Json) -> datetime:
    """TypeError for what is no timestamp with its offset from UTC."""
    text = _string(value)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        raise TypeError("not a timestamp")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise TypeError("not a moment") from error


KINDS: dict[str, Callable[[Json], Any]] = {
    "Numeric": _number,
    "String": _string,
    "Timestamp": moment,
    "Boolean": _boolean,
}

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "GreaterThan": lambda a, b: a > b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThanEquals": lambda a, b: a >= b,
}

COMPARISON = re.compile(
    r"(Numeric|String|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?"
    r"|(Boolean)(Equals)(Path)?"
)

IS = {"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"}


def holds(rule: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a choice rule holds; States.Runtime where its variable is missing."""
    if "And" in rule:
        return all(holds(one, scope) for one in rule["And"])
    if "Or" in rule:
        return any(holds(one, scope) for one in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], scope)
    (operator, operand) = next((key, value) for key, value in rule.items() if key not in _RULE_FIELDS)
    try:
        value = _value_at(rule["Variable"], scope)
    except StatesError:
        if operator == "IsPresent":
            return operand is False
        raise
    if operator in IS:
        return _is(operator, value) is operand
    if operator == "StringMatches":
        return isinstance(value, str) and re.fullmatch(_glob(operand), value, re.DOTALL) is not None
    return _compare(operator, value, operand, scope)


def _value_at(path: str, scope: Scope) -> Json:
    try:
        return find(path, scope)
    except KeyError as error:
        text = f"Invalid path '{path}': the choice state's condition path references an invalid value."
        raise StatesError("States.Runtime", text) from error


def _compare(operator: str, value: Json, operand: Json, scope: Scope) -> bool:
    match = COMPARISON.fullmatch(operator)
    if match is None:
        raise StatesError("States.Runtime", f"unknown comparison {operator}")
    kind, how = [part for part in match.groups() if part][:2]
    other = _value_at(operand, scope) if operator.endswith("Path") else operand
    try:
        return _COMPARE[how](KINDS[kind](value), KINDS[kind](other))
    except TypeError:
        return False  # a value of another type does not match; it is no error


def _is(operator: str, value: Json) -> bool:
    if operator == "IsPresent":
        return True
    if operator == "IsNull":
        return value is None
    try:
        KINDS[operator.removeprefix("Is")](value)
    except TypeError:
        return False
    return True


def _glob(pattern: str) -> str:
    """StringMatches knows only `*`, and a backslash before it."""
    parts = re.split(r"(\\.|\*)", pattern)
    return "".join(".*" if part == "*" else re.escape(part.removeprefix("\\")) for part in parts)


_RULE_FIELDS = {"Variable", "Next", "Comment", "Assign", "Output"}
