"""What has to be an object, a list or a text in a definition, before anything of it is understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS = ("Type", "Next", "Default", "Resource", "Error", "Cause", "Timestamp", "Label")
_LISTS = ("Retry", "Catch", "Choices", "Branches")
_OBJECTS = ("Parameters", "ResultSelector", "ItemSelector", "ItemProcessor", "Iterator")


def misshapen(part: Any, where: str = "") -> list[str]:
    """Where something of another kind stands, one line each, of a definition or of a part that is one."""
    if not isinstance(part, Mapping):
        return [f"{where or 'the definition'} is not an object"]
    faults = [] if isinstance(part.get("StartAt", ""), str) else [f"{where}StartAt is not a text"]
    states = part.get("States")
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if isinstance(state, Mapping):
            faults += _state(state, f"{where}{name}")
    return faults


def _state(state: Mapping[str, Any], name: str) -> list[str]:
    free = ("Parameters",) if state.get("Type") == "Pass" else ()
    faults = [f"{name}: {key} is not a text" for key in _TEXTS if not isinstance(state.get(key, ""), str)]
    faults += [
        f"{name}: {key} is not an object"
        for key in _OBJECTS
        if key not in free and not isinstance(state.get(key, {}), Mapping)
    ]
    faults += [f"{name}: {key} is not a list of objects" for key in _LISTS if not _is_objects(state.get(key, []))]
    if faults:
        return faults
    for key in ("Retry", "Catch"):
        for one in state.get(key, []):
            named = one.get("ErrorEquals", [])
            if not (isinstance(named, list) and all(isinstance(error, str) for error in named)):
                faults.append(f"{name}: {key}: ErrorEquals is not a list of texts")
            if not isinstance(one.get("Next", ""), str):
                faults.append(f"{name}: {key}: Next is not a text")
    for one in state.get("Choices", []):
        faults += _choice(one, name)
    for below in (*state.get("Branches", []), *(state[key] for key in ("ItemProcessor", "Iterator") if key in state)):
        faults += misshapen(below, f"{name}.")
    return faults


def _choice(rule: Mapping[str, Any], name: str) -> list[str]:
    faults = [f"{name}: {key} is not a text" for key in ("Next", "Variable") if not isinstance(rule.get(key, ""), str)]
    for key in ("And", "Or"):
        if not _is_objects(rule.get(key, [])):
            return [*faults, f"{name}: {key} is not a list of objects"]
        for below in rule.get(key, []):
            faults += _choice(below, name)
    below = rule.get("Not", {})
    if not isinstance(below, Mapping):
        return [*faults, f"{name}: Not is not an object"]
    return faults + (_choice(below, name) if below else [])


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
