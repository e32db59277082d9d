"""Payload templates, and where a result is put."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.paths import Json, Scope, steps_of
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.asl.intrinsics import calculate


def place(path: str, data: Json, value: Json) -> Json:
    """`data` with `value` put at the reference path `path` (ResultPath); what is missing on the way is made."""
    _, steps = steps_of(path)
    return _placed(data, steps, value)


def _placed(data: Json, steps: list[tuple[str, Any]], value: Json) -> Json:
    if not steps:
        return value
    (kind, key), rest = steps[0], steps[1:]
    if kind == "index" and isinstance(data, list) and 0 <= key < len(data):
        return [*data[:key], _placed(data[key], rest, value), *data[key + 1 :]]
    if kind == "name" and (data is None or isinstance(data, Mapping)):
        fields = data or {}
        return {**fields, key: _placed(fields.get(key), rest, value)}
    raise StatesError("States.ResultPathMatchFailure", f"Unable to apply step {key!r} to the input")


def fill(template: Json, scope: Scope) -> Json:
    """A payload template (Parameters, ItemSelector, ResultSelector) with its `.$` fields replaced."""
    if isinstance(template, Mapping):
        filled = {}
        for key, value in template.items():
            if key.endswith(".$"):
                filled[key[:-2]] = calculate(value, scope)
            else:
                filled[key] = fill(value, scope)
        return filled
    if isinstance(template, list):
        return [fill(one, scope) for one in template]
    return template
