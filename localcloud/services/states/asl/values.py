"""Of which kind, and between which bounds, the values of a definition's fields are (Amazon States Language)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.services.states.asl.choices import COMPARISON, IS, KINDS, moment

LONGEST = 99_999_999
"""Seconds of a wait, of a timeout, between attempts; and attempts."""
_LONGEST_DELAY = 31_622_399

type _Is = Callable[[Any], bool]


def _whole(least: int, most: int = LONGEST) -> tuple[_Is, str]:
    def is_it(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return is_it, f"a whole number from {least} to {most}"


def _is_rate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1


def _is_moment(value: Any) -> bool:
    try:
        moment(value)
    except TypeError:
        return False
    return True


_OF_STATE: dict[str, tuple[_Is, str]] = {
    "TimeoutSeconds": _whole(1),
    "HeartbeatSeconds": _whole(1),
    "Seconds": _whole(0),
    "MaxConcurrency": _whole(0),
    "Timestamp": (_is_moment, "a moment such as 2026-01-31T09:00:00Z"),
}

_OF_RETRY: dict[str, tuple[_Is, str]] = {
    "IntervalSeconds": _whole(1),
    "MaxAttempts": _whole(0),
    "MaxDelaySeconds": _whole(1, _LONGEST_DELAY),
    "BackoffRate": (_is_rate, "a number that is at least 1"),
    "JitterStrategy": (lambda value: value in ("FULL", "NONE"), "FULL or NONE"),
}


def of_state(state: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the values of a state, or of a definition at its top, but for its choice rules."""
    yield from _wrong(state, _OF_STATE)
    for retry in state.get("Retry", []):
        yield from (f"Retry: {fault}" for fault in _wrong(retry, _OF_RETRY))
        if not any(_wrong(retry, _OF_RETRY)) and retry.get("MaxDelaySeconds", LONGEST) <= retry.get(
            "IntervalSeconds", 1
        ):
            yield "Retry: MaxDelaySeconds must be greater than IntervalSeconds"


def of_comparison(operator: str, operand: Any) -> Iterator[str]:
    """What is wrong with the value that a choice rule compares with; one at a path is looked at when it is read."""
    found = COMPARISON.fullmatch(operator)
    kind = "Boolean" if operator in IS else "String" if operator == "StringMatches" else ""
    if found is not None and not operator.endswith("Path"):
        kind = str(found[1] or found[4])
    try:
        if kind:
            KINDS[kind](operand)
    except TypeError as wrong:
        yield f"{operator}: {json.dumps(operand)} is {wrong}"


def _wrong(given: Mapping[str, Any], table: Mapping[str, tuple[_Is, str]]) -> Iterator[str]:
    for key, (is_it, what) in table.items():
        if key in given and not is_it(given[key]):
            yield f"{key} is {what}, not {json.dumps(given[key])}"
