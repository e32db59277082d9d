"""Paths into JSON, as Step Functions and EventBridge write them: `$.detail.items[0]`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.ground.predicates import Test, end_of, filtered, predicate

type Json = Any  # what json.loads answers


@dataclass(frozen=True)
class Scope:
    """What paths look into: `data` for `$`, `context` for `$$`; `dice` gives MathRandom and UUID."""

    data: Json
    context: Json
    dice: random.Random


_STEP = re.compile(
    r"""\.\.(?P<deep>[\w-]+|\*)            # ..name
      | \.(?P<name>[\w-]+|\*)              # .name
      | \['(?P<quoted>(?:[^'\\]|\\.)*)'\]  # ['name']
      | \["(?P<double>(?:[^"\\]|\\.)*)"\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<all>\*)\]
      | \[(?P<start>-?\d*):(?P<stop>-?\d*)(?::(?P<stride>[1-9]\d*)?)?\]
      | \[(?P<indexes>-?\d+(?:\s*,\s*-?\d+)+)\]
      | \[(?P<names>'[^'\\]*'(?:\s*,\s*'[^'\\]*')+)\]""",
    re.VERBOSE,
)


def check_path(path: str) -> None:
    """Raises ValueError for a path that is not understood."""
    steps_of(path)


def find(path: str, scope: Scope) -> Json:
    """What `path` names. A definite path answers a value, another a list; KeyError when nothing is there."""
    root, steps = steps_of(path)
    return _look(path, scope.context if root == "$$" else scope.data, steps)


def _filter(text: str) -> Test:
    try:
        return predicate(text, _lookup)
    except RecursionError as deep:
        raise ValueError("a filter is too deep") from deep


def _lookup(path: str) -> Callable[[Json], Json]:
    _, steps = steps_of(path)
    return lambda data: _look(path, data, steps)


def _look(path: str, whole: Json, steps: list[tuple[str, Any]]) -> Json:
    values = [whole]
    definite = True
    for kind, key in steps:
        definite = definite and kind in {"name", "index"}
        if kind == "filter":
            values = [found for value in values for found in filtered(value, key, whole)]
        else:
            values = [found for value in values for found in _walk(value, kind, key)]
    if not definite:
        return values
    if not values:
        raise KeyError(path)
    return values[0]


def steps_of(path: str) -> tuple[str, list[tuple[str, Any]]]:
    root = "$$" if path.startswith("$$") else "$"
    if not path.startswith("$"):
        raise ValueError(f"a path must begin with $: {path!r}")
    steps: list[tuple[str, Any]] = []
    at = len(root)
    while at < len(path):
        if path.startswith("[?(", at):
            end = end_of(path, at)
            steps.append(("filter", _filter(path[at + 3 : end - 2])))
            at = end
            continue
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
    if parts["indexes"]:
        return "union", [("index", int(one)) for one in parts["indexes"].split(",")]
    if parts["names"]:
        return "union", [("name", one) for one in re.findall("'([^']*)'", parts["names"])]
    if parts["index"]:
        return "index", int(parts["index"])
    if parts["start"] is not None:
        bounds = [int(bound) if bound else None for bound in (parts["start"], parts["stop"], parts["stride"])]
        return "slice", slice(*bounds)
    named = next(part for part in (parts["name"], parts["quoted"], parts["double"]) if part is not None)
    return "name", re.sub(r"\\(.)", r"\1", named)


def _walk(value: Json, kind: str, key: Any) -> Iterator[Json]:
    has_name = kind == "name" and isinstance(value, Mapping) and key in value
    has_index = kind == "index" and isinstance(value, list) and -len(value) <= key < len(value)
    if has_name or has_index:
        yield value[key]
    elif kind == "union":
        for one, name in key:
            yield from _walk(value, one, name)
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
