"""What is wrong with a definition: whatever is not known here is refused, so that no field is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.ground.paths import Json, check_path, steps_of
from localcloud.services.states.asl import values
from localcloud.services.states.asl.choices import COMPARISON, IS
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.asl.form import misshapen
from localcloud.services.states.asl.intrinsics import expression

_SHARED = {"Type", "Comment", "QueryLanguage"}
_FLOW = {"Next", "End"}
_PATHS = {"InputPath", "OutputPath"}
_WORK = {"Parameters", "ResultSelector", "ResultPath", "Retry", "Catch"}

FIELDS: dict[str, set[str]] = {
    "Task": _SHARED
    | _FLOW
    | _PATHS
    | _WORK
    | {"Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"},
    "Pass": _SHARED | _FLOW | _PATHS | {"Result", "ResultPath", "Parameters"},
    "Wait": _SHARED | _FLOW | _PATHS | {"Seconds", "Timestamp", "SecondsPath", "TimestampPath"},
    "Choice": _SHARED | _PATHS | {"Choices", "Default"},
    "Succeed": _SHARED | _PATHS,
    "Fail": _SHARED | {"Error", "ErrorPath", "Cause", "CausePath"},
    "Parallel": _SHARED | _FLOW | _PATHS | _WORK | {"Branches"},
    "Map": _SHARED
    | _FLOW
    | _PATHS
    | _WORK
    | {"ItemProcessor", "Iterator", "ItemsPath", "ItemSelector", "MaxConcurrency", "MaxConcurrencyPath", "Label"},
}

_MACHINE = {"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"}
_PROCESSOR = {"Comment", "StartAt", "States", "ProcessorConfig"}

_RETRY = {
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
    "Comment",
}

_EITHER = ("TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency", "Error", "Cause")
"""Given as they are, or by a path."""

_CATCH = {"ErrorEquals", "Next", "ResultPath", "Comment"}


def check(definition: Json) -> list[str]:
    """What is wrong with a state machine's definition, one line each; empty when it can run here."""
    if faults := misshapen(definition):
        return faults
    faults = [f"{key} at the top is not known" for key in definition if key not in _MACHINE]
    if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
        faults.append(f"the query language {definition['QueryLanguage']} is not emulated, only JSONPath")
    return [*faults, *values.of_state(definition), *_check_states(definition, "")]


def _check_states(part: Mapping[str, Any], where: str) -> list[str]:
    states = part.get("States")
    if not isinstance(states, Mapping) or not states:
        return [f"{where or 'the definition'} has no States"]
    faults = []
    if part.get("StartAt") not in states:
        faults.append(f"{where}StartAt names no state: {part.get('StartAt')}")
    reached = {part.get("StartAt")}
    for name, state in states.items():
        faults += [f"{where}{name}: {fault}" for fault in _check_state(name, state)]
        if not isinstance(state, Mapping):
            continue
        targets = list(_targets(state))
        reached.update(targets)
        faults += [f"{where}{name}: no state named {to}" for to in targets if to not in states]
        for below in _parts(state):
            faults += _check_states(below, f"{where}{name}.")
    faults += [f"{where}{name}: no state leads here" for name in states if name not in reached]
    return faults


def tasks(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and body of every Task of a definition that `check` finds right, wherever it stands."""
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for below in _parts(state):
            yield from tasks(below)


def _parts(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if state.get("Type") == "Parallel":
        return list(state.get("Branches") or [])
    if state.get("Type") == "Map":
        return [state.get("ItemProcessor") or state.get("Iterator") or {}]
    return []


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    for key in ("Next", "Default"):
        if key in state:
            yield state[key]
    for rule in [*state.get("Choices", []), *state.get("Catch", [])]:
        if "Next" in rule:
            yield rule["Next"]


def _check_state(name: str, state: Json) -> Iterator[str]:
    if not isinstance(state, Mapping) or state.get("Type") not in FIELDS:
        yield "its Type is not known"
        return
    kind = state["Type"]
    if len(name) > 80:
        yield "its name is longer than 80 characters"
    yield from (f"the field {key} is not known in a {kind} state" for key in state if key not in FIELDS[kind])
    if state.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield f"the query language {state['QueryLanguage']} is not emulated, only JSONPath"
    if kind not in {"Choice", "Succeed", "Fail"} and ("Next" in state) == bool(state.get("End")):
        yield "needs either Next or End"
    yield from values.of_state(state)
    yield from _check_paths(state)
    yield from _CHECKS.get(kind, _nothing)(state)
    for what, known in (("Retry", _RETRY), ("Catch", _CATCH)):
        rules = state.get(what, [])
        for number, rule in enumerate(rules, start=1):
            yield from _check_errors(rule, known, what)
            if "States.ALL" in rule.get("ErrorEquals", []) and number < len(rules):
                yield f"States.ALL stands in the last element of {what}"


def _nothing(_: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


def _check_task(state: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(state.get("Resource"), str):
        yield "a Task needs a Resource"
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield "HeartbeatSeconds must be smaller than TimeoutSeconds"


def _check_wait(state: Mapping[str, Any]) -> Iterator[str]:
    given = [key for key in ("Seconds", "Timestamp", "SecondsPath", "TimestampPath") if key in state]
    if len(given) != 1:
        yield "a Wait needs exactly one of Seconds, Timestamp, SecondsPath, TimestampPath"


def _check_map(state: Mapping[str, Any]) -> Iterator[str]:
    processor = state.get("ItemProcessor") or state.get("Iterator")
    if not isinstance(processor, Mapping):
        yield "a Map needs an ItemProcessor"
        return
    yield from (f"the field {key} is not known in an ItemProcessor" for key in processor if key not in _PROCESSOR)
    config = processor.get("ProcessorConfig", {})
    if config.get("Mode", "INLINE") != "INLINE" or set(config) - {"Mode"}:
        yield "only the inline Map is emulated"
    if "ItemSelector" in state and "Parameters" in state:
        yield "ItemSelector and Parameters exclude each other"


def _check_parallel(state: Mapping[str, Any]) -> Iterator[str]:
    if not state.get("Branches"):
        yield "a Parallel needs Branches"


def _check_choice(state: Mapping[str, Any]) -> Iterator[str]:
    if not state.get("Choices"):
        yield "a Choice needs Choices"
    for rule in state.get("Choices", []):
        if "Next" not in rule:
            yield "a choice rule needs Next"
        yield from _check_rule(rule, top=True)


def _check_rule(rule: Mapping[str, Any], *, top: bool = False) -> Iterator[str]:
    operators = [key for key in rule if key not in {"Variable", "Next", "Comment"}]
    if "Next" in rule and not top:
        yield "only the outermost choice rule has Next"
    if len(operators) != 1:
        yield f"a choice rule needs exactly one comparison, not {operators}"
        return
    operator, operand = operators[0], rule[operators[0]]
    if operator in {"And", "Or"}:
        if not operand:
            yield f"{operator} needs at least one rule"
        for one in operand:
            yield from _check_rule(one)
    elif operator == "Not":
        yield from _check_rule(operand)
    elif not (operator in IS or operator == "StringMatches" or COMPARISON.fullmatch(operator)):
        yield f"the comparison {operator} is not known"
    elif "Variable" not in rule:
        yield "a choice rule needs a Variable"
    else:
        yield from values.of_comparison(operator, operand)
        yield from _check_one_path(rule["Variable"])
        if operator.endswith("Path"):
            yield from _check_one_path(operand)


_CHECKS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "Task": _check_task,
    "Wait": _check_wait,
    "Map": _check_map,
    "Parallel": _check_parallel,
    "Choice": _check_choice,
}


def _check_errors(rule: Mapping[str, Any], known: set[str], what: str) -> Iterator[str]:
    yield from (f"the field {key} is not known in {what}" for key in rule if key not in known)
    names = rule.get("ErrorEquals")
    if not names:
        yield f"{what} needs ErrorEquals"
    elif "States.ALL" in names and len(names) > 1:
        yield f"States.ALL stands alone in the ErrorEquals of {what}"
    if rule.get("ResultPath") is not None:
        yield from _check_reference_path(rule["ResultPath"])
    if what == "Catch" and "Next" not in rule:
        yield "Catch needs Next"


def _check_paths(state: Mapping[str, Any]) -> Iterator[str]:
    for key in _EITHER:
        if key in state and f"{key}Path" in state:
            yield f"{key} and {key}Path exclude each other"
    for key, value in state.items():
        if key in {"ErrorPath", "CausePath"}:
            yield from _check_expression(value)
        elif key.endswith("Path") and value is not None:
            yield from (_check_reference_path if key == "ResultPath" else _check_one_path)(value)
        if key in {"Parameters", "ResultSelector", "ItemSelector", "Credentials"}:
            yield from _check_template(value)


def _check_template(template: Json) -> Iterator[str]:
    if isinstance(template, Mapping):
        for key, value in template.items():
            if key.endswith(".$"):
                yield from _check_expression(value)
            else:
                yield from _check_template(value)
    elif isinstance(template, list):
        for one in template:
            yield from _check_template(one)


def _check_expression(text: Json) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"a field that ends in .$ takes a path or a function, not {text!r}"
    elif text.startswith("$"):
        yield from _check_one_path(text)
    else:
        try:
            _, end = expression(text, 0, None)
            if text[end:].strip():
                yield f"not understood: {text!r}"
        except (StatesError, ValueError) as error:
            yield str(error)


def _check_reference_path(path: Json) -> Iterator[str]:
    """It leads to one place of the input, whatever is in it."""
    wrong = list(_check_one_path(path))
    yield from wrong
    root, steps = ("$", []) if wrong else steps_of(path)
    if root != "$" or any(kind not in ("name", "index") or (kind == "index" and key < 0) for kind, key in steps):
        yield f"Value is not a Reference Path: {path}"


def _check_one_path(path: Json) -> Iterator[str]:
    try:
        check_path(path if isinstance(path, str) else "")
    except ValueError as error:
        yield str(error)
