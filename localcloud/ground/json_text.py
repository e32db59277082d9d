"""JSON as AWS reads it: Python's own reader takes NaN and Infinity, which are no JSON, and a key twice."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _number(word: str) -> float:
    found = float(word)
    return found if math.isfinite(found) else _no_number(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice")
        found[key] = value
    return found


def read_json(text: str | bytes, *, twice: bool = False) -> Any:
    """The document; ValueError for what is none, or is nested more deeply than anybody reads.

    `twice`: whether an object may have a key more than once, as AWS takes it of what it only hands on; the last counts.
    """
    try:
        return json.loads(
            text, parse_constant=_no_number, parse_float=_number, object_pairs_hook=None if twice else _once
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
