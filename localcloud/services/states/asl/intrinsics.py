"""The intrinsic functions, and what stands in a field that ends in `.$`."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import uuid
from collections.abc import Callable
from typing import NamedTuple

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
        return function.do(scope, *_taken(function.takes, arguments)), end
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise StatesError("States.IntrinsicFailure", f"{name}: {error}") from error


def _taken(kinds: tuple[Kind, ...], arguments: list[Json]) -> list[Json]:
    """The arguments, each of its kind; of the last kind there may be any number if that is ANY_NUMBER."""
    several = kinds[-1:] == (ANY_NUMBER,)
    wanted = [*kinds[:-1], *(ANY,) * (len(arguments) - len(kinds) + 1)] if several else kinds
    if len(wanted) != len(arguments):
        raise ValueError(f"{len(arguments)} arguments are not as many as it takes")
    return [_of_kind(kind, one) for kind, one in zip(wanted, arguments, strict=True)]


def _of_kind(kind: Kind, value: Json) -> Json:
    if kind is WHOLE:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{json.dumps(value)} is not a number")
        return value if isinstance(value, int) else math.floor(value + 0.5)  # rounded to the nearest integer
    if not isinstance(value, kind):
        raise TypeError(f"{json.dumps(value)} is not what it takes")
    return value


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


def _written(value: Json) -> str:
    """By which values are told apart: true is not 1, as it is in Python."""
    return json.dumps(value, sort_keys=True)


def _unique(_: Scope, values: list[Json]) -> list[Json]:
    seen: dict[str, Json] = {}
    for one in values:
        seen.setdefault(_written(one), one)
    return list(seen.values())


def _partition(_: Scope, values: list[Json], size: int) -> list[Json]:
    if size < 1:
        raise ValueError(f"{size} is not a positive number of items")
    return [values[at : at + size] for at in range(0, len(values), size)]


def _item(_: Scope, values: list[Json], index: int) -> Json:
    if not 0 <= index < len(values):
        raise IndexError(f"the array has no item {index}")
    return values[index]


def _hash(_: Scope, value: Json, kind: str) -> str:
    if kind not in _HASHES:
        raise ValueError(f"{kind} is none of {', '.join(_HASHES)}")
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return hashlib.new(_HASHES[kind], _short(text).encode()).hexdigest()


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"more than {_LONGEST} characters")
    return text


def _random(scope: Scope, start: int, stop: int, *seed: Json) -> int:
    if len(seed) > 1 or start >= stop:
        raise ValueError("it takes a start, a greater end and perhaps a seed")
    return scope.dice.randrange(start, stop)


def _range(_: Scope, first: int, last: int, step: int) -> list[int]:
    if not step:
        raise ValueError("the step is 0")
    values = list(range(first, last + (1 if step > 0 else -1), step))
    if len(values) > 1000:
        raise ValueError("more than 1000 items")
    return values


def _merge(_: Scope, one: dict[str, Json], other: dict[str, Json], deep: object) -> dict[str, Json]:
    if deep is not False:
        raise ValueError("only the shallow merging mode is supported")
    return {**one, **other}


_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}

_LONGEST = 10_000  # characters that are hashed or encoded

type Kind = type
WHOLE: Kind = type("Whole", (), {})
"""A number, rounded to an integer."""
ANY: Kind = object
ANY_NUMBER: Kind = type("AnyNumber", (), {})
"""Any number of values, of any kind."""


class _Function(NamedTuple):
    takes: tuple[Kind, ...]
    do: Callable[..., Json]


_FUNCTIONS: dict[str, _Function] = {
    "States.Format": _Function((str, ANY_NUMBER), _format),
    "States.StringToJson": _Function((str,), lambda _, text: json.loads(text)),
    "States.JsonToString": _Function((ANY,), lambda _, value: json.dumps(value, separators=(",", ":"))),
    "States.Array": _Function((ANY_NUMBER,), lambda _, *values: list(values)),
    "States.ArrayPartition": _Function((list, WHOLE), _partition),
    "States.ArrayContains": _Function((list, ANY), lambda _, values, value: _written(value) in map(_written, values)),
    "States.ArrayRange": _Function((WHOLE, WHOLE, WHOLE), _range),
    "States.ArrayGetItem": _Function((list, WHOLE), _item),
    "States.ArrayLength": _Function((list,), lambda _, values: len(values)),
    "States.ArrayUnique": _Function((list,), _unique),
    "States.Base64Encode": _Function((str,), lambda _, text: base64.b64encode(_short(text).encode()).decode()),
    "States.Base64Decode": _Function((str,), lambda _, text: base64.b64decode(_short(text), validate=True).decode()),
    "States.Hash": _Function((ANY, str), _hash),
    "States.JsonMerge": _Function((dict, dict, bool), _merge),
    "States.MathRandom": _Function((WHOLE, WHOLE, ANY_NUMBER), _random),
    "States.MathAdd": _Function((WHOLE, WHOLE), lambda _, one, other: one + other),
    "States.StringSplit": _Function(
        (str, str),
        lambda _, text, marks: [part for part in re.split("[" + re.escape(marks) + "]", text) if part],
    ),
    "States.UUID": _Function((), lambda scope: str(uuid.UUID(int=scope.dice.getrandbits(128), version=4))),
}
