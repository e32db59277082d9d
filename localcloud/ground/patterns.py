"""EventBridge event patterns: says whether a rule asks for an event, and refuses what EventBridge refuses.

moto's matcher lets unknown operators match everything and does not look into arrays of objects, so a
rule that never fires on AWS would fire here; hence this one. Rules of matching: EventBridge user guide,
"Event patterns" and "Comparison operators".
"""

import functools
import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.ground.json_text import read_json

type Test = Callable[[Any], bool]  # one alternative, asked of one scalar of the event

_NUMERIC_LIMIT = 5e9  # EventBridge compares numbers between -5e9 and 5e9
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


class BadPattern(ValueError):
    """A pattern that EventBridge would not take; the text says why."""


class Pattern:
    """A checked event pattern."""

    def __init__(self, ask: Mapping[str, Any]) -> None:
        self._matches = _object(ask, "")

    def matches(self, event: Mapping[str, Any]) -> bool:
        return self._matches(event)


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Pattern:
    """The pattern written in `text` (JSON); raises BadPattern."""
    try:
        ask = read_json(text)
    except ValueError as error:
        raise BadPattern(f"Invalid JSON: {error}") from error
    if not isinstance(ask, dict):
        raise BadPattern("Filter is not an object")
    try:
        return Pattern(ask)
    except RecursionError as error:
        raise BadPattern("it is nested too deeply") from error


def _object(ask: Mapping[str, Any], path: str) -> Callable[[Any], bool]:
    if not ask:
        raise BadPattern(f"Empty objects are not allowed{_at(path)}")
    conditions: list[Callable[[Mapping[str, Any]], bool]] = []
    for key, wanted in ask.items():
        below = f"{path}.{key}" if path else key
        if key == "$or":
            conditions.append(_either(wanted, path))
        elif isinstance(wanted, Mapping):
            conditions.append(_nested(key, _object(wanted, below)))
        elif isinstance(wanted, list):
            conditions.append(_leaf(key, wanted, below))
        else:
            raise BadPattern(f'"{key}" must be an object or an array{_at(path)}')

    def matches(value: Any) -> bool:
        # Of an array of objects one element must meet all conditions by itself.
        if isinstance(value, list):
            return any(matches(element) for element in value)
        fields = value if isinstance(value, Mapping) else {}
        return all(condition(fields) for condition in conditions)

    return matches


def _either(wanted: Any, path: str) -> Callable[[Any], bool]:
    if not isinstance(wanted, list) or len(wanted) < 2 or not all(isinstance(one, Mapping) for one in wanted):
        raise BadPattern(f"$or takes an array of at least two objects{_at(path)}")
    choices = [_object(one, path) for one in wanted]
    return lambda fields: any(choice(fields) for choice in choices)


def _nested(key: str, below: Callable[[Any], bool]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda fields: below(fields.get(key))


def _leaf(key: str, wanted: Sequence[Any], path: str) -> Callable[[Mapping[str, Any]], bool]:
    if not wanted:
        raise BadPattern(f"Empty arrays are not allowed{_at(path)}")
    tests: list[Test] = []
    presences: list[bool] = []
    for one in wanted:
        if isinstance(one, Mapping) and "exists" in one:
            presences.append(_exists(one, path))
        else:
            tests.append(_test(one, path))

    def matches(fields: Mapping[str, Any]) -> bool:
        scalars = _scalars(fields[key]) if key in fields else []
        return bool(scalars) in presences or any(test(scalar) for test in tests for scalar in scalars)

    return matches


def _exists(one: Mapping[str, Any], path: str) -> bool:
    if not isinstance(one["exists"], bool) or len(one) != 1:
        raise BadPattern(f"exists match pattern must be either true or false{_at(path)}")
    return one["exists"]


def _scalars(value: Any) -> list[Any]:
    """The leaves that a leaf pattern looks at; objects are no leaves, so `exists` does not see them."""
    if isinstance(value, list):
        return [scalar for element in value for scalar in _scalars(element)]
    return [] if isinstance(value, Mapping) else [value]


def _test(one: Any, path: str) -> Test:
    if isinstance(one, Mapping):
        if len(one) != 1:
            raise BadPattern(f"Only one key allowed in match expression{_at(path)}")
        (operator, operand) = next(iter(one.items()))
        make = _OPERATORS.get(operator)
        if make is None:
            raise BadPattern(f"Unrecognized match type {operator}{_at(path)}")
        return make(operand, path)
    if isinstance(one, list):
        raise BadPattern(f"Arrays are not allowed as values{_at(path)}")
    return _same(one)


def _same(wanted: Any) -> Test:
    # As written: 300 and 300.0 are different, and true is not 1.
    spelled = json.dumps(wanted)
    return lambda value: json.dumps(value) == spelled


def _text(operand: Any, operator: str, path: str) -> str:
    if not isinstance(operand, str):
        raise BadPattern(f"{operator} match pattern must be a string{_at(path)}")
    return operand


def _prefix(operand: Any, path: str) -> Test:
    if isinstance(operand, Mapping):
        start = _ignoring_case(operand, "prefix", path)
        return lambda value: isinstance(value, str) and value.casefold().startswith(start)
    start = _text(operand, "prefix", path)
    return lambda value: isinstance(value, str) and value.startswith(start)


def _suffix(operand: Any, path: str) -> Test:
    if isinstance(operand, Mapping):
        end = _ignoring_case(operand, "suffix", path)
        return lambda value: isinstance(value, str) and value.casefold().endswith(end)
    end = _text(operand, "suffix", path)
    return lambda value: isinstance(value, str) and value.endswith(end)


def _ignoring_case(operand: Mapping[str, Any], operator: str, path: str) -> str:
    if set(operand) != {"equals-ignore-case"}:
        raise BadPattern(f"Unsupported {operator} pattern{_at(path)}")
    return _text(operand["equals-ignore-case"], operator, path).casefold()


def _equals_ignore_case(operand: Any, path: str) -> Test:
    wanted = _text(operand, "equals-ignore-case", path).casefold()
    return lambda value: isinstance(value, str) and value.casefold() == wanted


def _wildcard(operand: Any, path: str) -> Test:
    text = _text(operand, "wildcard", path)
    if re.search(r"(?<!\\)\*\*", text):
        raise BadPattern(f"Consecutive wildcard characters{_at(path)}")
    expression = "".join(_wildcard_part(part) for part in re.findall(r"\\.|\*|[^\\*]+|\\", text))
    compiled = re.compile(expression, re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _wildcard_part(part: str) -> str:
    if part == "*":
        return ".*"
    if part in {r"\*", "\\\\"}:
        return re.escape(part[1])
    if part.startswith("\\"):
        raise BadPattern("Invalid escape character in wildcard pattern")
    return re.escape(part)


def _anything_but(operand: Any, path: str) -> Test:
    if isinstance(operand, Mapping):
        if len(operand) != 1:
            raise BadPattern(f"Only one key allowed in anything-but{_at(path)}")
        (operator, values) = next(iter(operand.items()))
        if operator not in {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
            raise BadPattern(f"Unsupported anything-but pattern {operator}{_at(path)}")
        several = _several(values, path)
        if operator in ("prefix", "suffix") and "" in several:
            raise BadPattern(f"Null prefix/suffix not allowed{_at(path)}")
        refused = [_OPERATORS[operator](value, path) for value in several]
    else:
        values = _several(operand, path)
        if any(isinstance(value, Mapping | list | bool) or value is None for value in values):
            raise BadPattern(f"anything-but takes strings or numbers{_at(path)}")
        if len({isinstance(value, str) for value in values}) > 1:
            raise BadPattern(f"anything-but takes either strings or numbers, not both{_at(path)}")
        refused = [_same(value) for value in values]
    return lambda value: not any(test(value) for test in refused)


def _several(operand: Any, path: str) -> list[Any]:
    values = operand if isinstance(operand, list) else [operand]
    if not values:
        raise BadPattern(f"Empty arrays are not allowed{_at(path)}")
    return values


def _numeric(operand: Any, path: str) -> Test:
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        raise BadPattern(f"numeric takes one or two comparisons{_at(path)}")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for operator, bound in pairs:
        if operator not in _COMPARE:
            raise BadPattern(f"Unrecognized numeric range operator: {operator}{_at(path)}")
        if not _is_number(bound) or abs(bound) > _NUMERIC_LIMIT:
            raise BadPattern(f"Value of {operator} must be numeric{_at(path)}")
    if len(pairs) == 2:
        (low, bottom), (high, top) = pairs
        if low not in {">", ">="} or high not in {"<", "<="} or bottom >= top:
            raise BadPattern(f"a numeric range goes from a lower to a higher bound{_at(path)}")

    def test(value: Any) -> bool:
        return _is_number(value) and all(_COMPARE[operator](value, bound) for operator, bound in pairs)

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cidr(operand: Any, path: str) -> Test:
    try:
        network = ipaddress.ip_network(_text(operand, "cidr", path), strict=False)
    except ValueError as error:
        raise BadPattern(f"Malformed CIDR{_at(path)}: {error}") from error

    def test(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


_OPERATORS: dict[str, Callable[[Any, str], Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
}


def _at(path: str) -> str:
    return f" at {path}" if path else ""
