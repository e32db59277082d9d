"""What goes from state to state: selected, put in its place, within the limit, as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud.ground.clock import utc
from localcloud.ground.paths import Json, Scope, find
from localcloud.services.states import asl
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.model import MAX_PAYLOAD


def select(path: str | None, scope: Scope) -> Json:
    if path is None:
        return {}
    try:
        return find(path, scope)
    except KeyError as error:
        text = f"Invalid path '{path}': No results for path in {dump(scope.data)}"
        raise StatesError("States.Runtime", text) from error


def whole(path: str, scope: Scope, field: str, least: int) -> int:
    """The number at a path of a state's field, which is one as the field itself would take it."""
    value = select(path, scope)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= asl.LONGEST or value % 1:
        text = f"The {field} parameter does not reference a valid number: {dump(value)}"
        raise StatesError("States.Runtime", text)
    return int(value)


def put(state: Mapping[str, Any], data: Json, result: Json) -> Json:
    path = state.get("ResultPath", "$")
    return data if path is None else asl.place(path, data, result)


def within_limit(value: Json) -> None:
    if len(dump(value).encode()) > MAX_PAYLOAD:
        text = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."
        raise StatesError("States.DataLimitExceeded", text)


def dump(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def stamp(epoch: float) -> str:
    return utc(epoch).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(epoch * 1000) % 1000:03d}Z"
