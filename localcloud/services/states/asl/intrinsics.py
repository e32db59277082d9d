"""The intrinsic functions, and what stands in a field that ends in `.$`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Callable

from localcloud.ground.paths import Json, Scope, check_path, find
from localcloud.services.states.asl.errors import StatesError


def calculate(text: str, scope: Scope) -> Json:
    """The value of a path or an intrinsic function."""
    if text.startswith("$"):
        return _found(text, scope)
    value, end = expression(text, 0, scope)
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


def expression(text: str, at: int, scope: Scope | None) -> tuple[Json, int]:
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
        value, at = expression(text, at, scope)
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
