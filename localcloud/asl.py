"""The Amazon States Language as text: paths, payload templates, intrinsic functions, choices, and what is valid.

The JSONPath flavour. Nothing here runs anything; `states` does. Whatever this does not know is refused
when a definition is checked, so that no field is silently left out. Source: the States Language
specification (states-language.net) and the Step Functions developer guide.
"""

import base64
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

type Json = Any  # what json.loads answers


class StatesError(Exception):
    """An error that Retry and Catch see: `error` its name (`States.Timeout`), `cause` for people."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


@dataclass(frozen=True)
class Scope:
    """What paths look into: `data` for `$`, `context` for `$$`; `dice` gives MathRandom and UUID."""

    data: Json
    context: Json
    dice: random.Random


# --- paths -----------------------------------------------------------------------------------------------

_STEP = re.compile(
    r"""\.\.(?P<deep>[\w-]+|\*)            # ..name
      | \.(?P<name>[\w-]+|\*)              # .name
      | \['(?P<quoted>(?:[^'\\]|\\.)*)'\]  # ['name']
      | \["(?P<double>(?:[^"\\]|\\.)*)"\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<all>\*)\]
      | \[(?P<start>-?\d*):(?P<stop>-?\d*)\]""",
    re.VERBOSE,
)


def check_path(path: str) -> None:
    """Raises ValueError for a path that is not understood."""
    _steps(path)


def find(path: str, scope: Scope) -> Json:
    """What `path` names. A definite path answers a value, another a list; KeyError when nothing is there."""
    root, steps = _steps(path)
    values = [scope.context if root == "$$" else scope.data]
    definite = True
    for kind, key in steps:
        definite = definite and kind in {"name", "index"}
        values = [found for value in values for found in _walk(value, kind, key)]
    if not definite:
        return values
    if not values:
        raise KeyError(path)
    return values[0]


def _steps(path: str) -> tuple[str, list[tuple[str, Any]]]:
    root = "$$" if path.startswith("$$") else "$"
    if not path.startswith("$"):
        raise ValueError(f"a path must begin with $: {path!r}")
    steps: list[tuple[str, Any]] = []
    at = len(root)
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(f"path not understood at {path[at:]!r}: {path!r}")
        steps.append(_step(match))
        at = match.end()
    return root, steps


def _step(match: re.Match[str]) -> tuple[str, Any]:
    parts = match.groupdict()
    if parts["deep"]:
        return "deep", parts["deep"]
    if parts["all"] or parts["name"] == "*":
        return "all", None
    if parts["index"]:
        return "index", int(parts["index"])
    if parts["start"] is not None:
        bounds = [int(bound) if bound else None for bound in (parts["start"], parts["stop"])]
        return "slice", slice(*bounds)
    named = next(part for part in (parts["name"], parts["quoted"], parts["double"]) if part is not None)
    return "name", re.sub(r"\\(.)", r"\1", named)


def _walk(value: Json, kind: str, key: Any) -> Iterator[Json]:
    has_name = kind == "name" and isinstance(value, Mapping) and key in value
    has_index = kind == "index" and isinstance(value, list) and -len(value) <= key < len(value)
    if has_name or has_index:
        yield value[key]
    elif kind == "slice" and isinstance(value, list):
        yield from value[key]
    elif kind == "all" and isinstance(value, list | Mapping):
        yield from value.values() if isinstance(value, Mapping) else value
    elif kind == "deep":
        yield from _deep(value, key)


def _deep(value: Json, key: str) -> Iterator[Json]:
    children = value.items() if isinstance(value, Mapping) else enumerate(value if isinstance(value, list) else ())
    for name, child in children:
        if key in {"*", name}:
            yield child
        yield from _deep(child, key)


def place(path: str, data: Json, value: Json) -> Json:
    """`data` with `value` put at the reference path `path` (ResultPath); what is missing on the way is made."""
    _, steps = _steps(path)
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


# --- payload templates and intrinsic functions -------------------------------------------------------------


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


def calculate(text: str, scope: Scope) -> Json:
    """The value of a path or an intrinsic function."""
    if text.startswith("$"):
        return _found(text, scope)
    value, end = _expression(text, 0, scope)
    if text[end:].strip():
        raise StatesError("States.IntrinsicFailure", f"not understood: {text!r}")
    return value


def _found(path: str, scope: Scope) -> Json:
    try:
        return find(path, scope)
    except KeyError as error:
        text = f"The JSONPath '{path}' could not be found in the input '{json.dumps(scope.data)}'"
        raise StatesError("States.ParameterPathFailure", text) from error


_TOKEN = re.compile(
    r"""\s*(?:(?P<call>States\.\w+)\s*\(
          | (?P<text>'(?:[^'\\]|\\.)*')
          | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])
          | (?P<word>true|false|null)\b
          | (?P<path>\$(?:\['(?:[^'\\]|\\.)*'\]|[^\s,()\[\]]|\[[^\]']*\])*))""",
    re.VERBOSE,
)
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}


def _expression(text: str, at: int, scope: Scope | None) -> tuple[Json, int]:
    """Value and end of the expression at `at`; without a scope it is only checked."""
    match = _TOKEN.match(text, at)
    if match is None:
        raise StatesError("States.IntrinsicFailure", f"not understood at {text[at:]!r}: {text!r}")
    if match["call"]:
        return _call(match["call"], text, match.end(), scope)
    if match["text"] is not None:
        return re.sub(r"\\(.)", _unescape, match["text"][1:-1]), match.end()
    if match["number"]:
        return json.loads(match["number"]), match.end()
    if match["word"]:
        return _WORDS[match["word"]], match.end()
    check_path(match["path"])
    return (_found(match["path"], scope) if scope else None), match.end()


def _unescape(match: re.Match[str]) -> str:
    # \{ and \} stay escaped here: States.Format tells them from its {}.
    return match[0] if match[1] in "{}" else match[1]


def _call(name: str, text: str, at: int, scope: Scope | None) -> tuple[Json, int]:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise StatesError("States.IntrinsicFailure", f"unknown function {name}")
    arguments: list[Json] = []
    while text[at:].lstrip()[:1] != ")":
        value, at = _expression(text, at, scope)
        arguments.append(value)
        separator = re.compile(r"\s*(,|(?=\)))").match(text, at)
        if separator is None:
            raise StatesError("States.IntrinsicFailure", f"not understood at {text[at:]!r}: {text!r}")
        at = separator.end()
    end = text.index(")", at) + 1
    if scope is None:
        return None, end
    try:
        return function(scope, *arguments), end
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise StatesError("States.IntrinsicFailure", f"{name}: {error}") from error


def _format(_: Scope, template: str, *values: Json) -> str:
    left = iter(values)

    def one(match: re.Match[str]) -> str:
        if match[0] != "{}":
            return match[0][1]
        value = next(left, None)
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))

    if len(re.findall(r"(?<!\\)\{\}", template)) != len(values):
        raise ValueError("the number of arguments is not the number of {}")
    return re.sub(r"\\[{}]|\{\}", one, template)


def _unique(values: list[Json]) -> list[Json]:
    seen: list[Json] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen


def _range(_: Scope, first: int, last: int, step: int) -> list[int]:
    values = list(range(first, last + (1 if step > 0 else -1), step))
    if len(values) > 1000:
        raise ValueError("more than 1000 items")
    return values


def _merge(_: Scope, one: dict[str, Json], other: dict[str, Json], deep: object) -> dict[str, Json]:
    if deep is not False:
        raise ValueError("only the shallow merging mode is supported")
    return {**one, **other}


_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}

_FUNCTIONS: dict[str, Callable[..., Json]] = {
    "States.Format": _format,
    "States.StringToJson": lambda _, text: json.loads(text),
    "States.JsonToString": lambda _, value: json.dumps(value, separators=(",", ":")),
    "States.Array": lambda _, *values: list(values),
    "States.ArrayPartition": lambda _, values, size: [values[at : at + size] for at in range(0, len(values), size)],
    "States.ArrayContains": lambda _, values, value: value in values,
    "States.ArrayRange": _range,
    "States.ArrayGetItem": lambda _, values, index: values[index],
    "States.ArrayLength": lambda _, values: len(values),
    "States.ArrayUnique": lambda _, values: _unique(values),
    "States.Base64Encode": lambda _, text: base64.b64encode(text.encode()).decode(),
    "States.Base64Decode": lambda _, text: base64.b64decode(text).decode(),
    "States.Hash": lambda _, text, kind: hashlib.new(_HASHES[kind], str(text).encode()).hexdigest(),
    "States.JsonMerge": _merge,
    "States.MathRandom": lambda scope, start, stop, *_: scope.dice.randrange(start, stop),
    "States.MathAdd": lambda _, one, other: one + other,
    "States.StringSplit": lambda _, text, marks: [
        part for part in re.split("[" + re.escape(marks) + "]", text) if part
    ],
    "States.UUID": lambda scope: str(uuid.UUID(int=scope.dice.getrandbits(128), version=4)),
}


# --- choices -----------------------------------------------------------------------------------------------


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


def _timestamp(value: Json) -> datetime:
    text = _string(value)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        raise TypeError("not a timestamp")
    return datetime.fromisoformat(text)


_KINDS: dict[str, Callable[[Json], Any]] = {
    "Numeric": _number,
    "String": _string,
    "Timestamp": _timestamp,
    "Boolean": _boolean,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "GreaterThan": lambda a, b: a > b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThanEquals": lambda a, b: a >= b,
}
_COMPARISON = re.compile(
    r"(Numeric|String|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?"
    r"|(Boolean)(Equals)(Path)?"
)
_IS = {"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"}


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
        value = find(rule["Variable"], scope)
    except KeyError as error:
        if operator == "IsPresent":
            return operand is False
        text = f"Invalid path '{rule['Variable']}': the choice state's condition path references an invalid value."
        raise StatesError("States.Runtime", text) from error
    if operator in _IS:
        return _is(operator, value) is operand
    if operator == "StringMatches":
        return isinstance(value, str) and re.fullmatch(_glob(operand), value, re.DOTALL) is not None
    return _compare(operator, value, operand, scope)


def _compare(operator: str, value: Json, operand: Json, scope: Scope) -> bool:
    match = _COMPARISON.fullmatch(operator)
    if match is None:
        raise StatesError("States.Runtime", f"unknown comparison {operator}")
    kind, how = [part for part in match.groups() if part][:2]
    other = find(operand, scope) if operator.endswith("Path") else operand
    try:
        return _COMPARE[how](_KINDS[kind](value), _KINDS[kind](other))
    except TypeError:
        return False  # a value of another type does not match; it is no error


def _is(operator: str, value: Json) -> bool:
    if operator == "IsPresent":
        return True
    if operator == "IsNull":
        return value is None
    try:
        _KINDS[operator.removeprefix("Is")](value)
    except TypeError:
        return False
    return True


def _glob(pattern: str) -> str:
    """StringMatches knows only `*`, and a backslash before it."""
    parts = re.split(r"(\\.|\*)", pattern)
    return "".join(".*" if part == "*" else re.escape(part.removeprefix("\\")) for part in parts)


# --- what is valid -----------------------------------------------------------------------------------------

_RULE_FIELDS = {"Variable", "Next", "Comment", "Assign", "Output"}
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
_CATCH = {"ErrorEquals", "Next", "ResultPath", "Comment"}


def check(definition: Json) -> list[str]:
    """What is wrong with a state machine's definition, one line each; empty when it can run here."""
    if not isinstance(definition, Mapping):
        return ["the definition is not an object"]
    faults = [f"{key} at the top is not known" for key in definition if key not in _MACHINE]
    if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
        faults.append(f"the query language {definition['QueryLanguage']} is not emulated, only JSONPath")
    return faults + _check_states(definition, "")


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
        for one in operand:
            yield from _check_rule(one)
    elif operator == "Not":
        yield from _check_rule(operand)
    elif not (operator in _IS or operator == "StringMatches" or _COMPARISON.fullmatch(operator)):
        yield f"the comparison {operator} is not known"
    elif "Variable" not in rule:
        yield "a choice rule needs a Variable"
    else:
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
    if what == "Catch" and "Next" not in rule:
        yield "Catch needs Next"


def _check_paths(state: Mapping[str, Any]) -> Iterator[str]:
    for key, value in state.items():
        if key.endswith("Path") and value is not None:
            yield from _check_one_path(value)
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
            _, end = _expression(text, 0, None)
            if text[end:].strip():
                yield f"not understood: {text!r}"
        except (StatesError, ValueError) as error:
            yield str(error)


def _check_one_path(path: Json) -> Iterator[str]:
    try:
        check_path(path if isinstance(path, str) else "")
    except ValueError as error:
        yield str(error)
