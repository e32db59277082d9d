"""The filters of a path, as Jayway's JSONPath reads them: `[?(@.price < 10 && @.name =~ /a.*/)]`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

type Json = Any
type Test = Callable[[Json, Json], Any]
"""Of the item (`@`) and of the whole (`$`)."""
type Lookup = Callable[[str], Callable[[Json], Json]]
"""Makes of a path what finds it; KeyError when nothing is there."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<path>[@$](?:\.\.?[\w-]+|\.\*|\[[^\]]*\])*)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<pattern>/(?:[^/\\]|\\.)*/i?)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<sign>\|\||&&|==|!=|<=|>=|=~|<|>|!|\(|\)|\[|\]|,)
    | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NOTHING = object()


def predicate(text: str, lookup: Lookup) -> Test:
    """What stands between `[?(` and `)]`; ValueError where it is not understood."""
    reader = _Reader(text, lookup)
    test = reader.either()
    reader.end()
    return test


class _Reader:
    def __init__(self, text: str, lookup: Lookup) -> None:
        self._text, self._lookup = text, lookup
        self._left = self._tokens()

    def _tokens(self) -> list[tuple[str, str]]:
        found, at = [], 0
        while self._text[at:].strip():
            match = _TOKEN.match(self._text, at)
            if match is None:
                raise ValueError(f"filter not understood at {self._text[at:]!r}")
            found.append((str(match.lastgroup), match[str(match.lastgroup)]))
            at = match.end()
        return found

    def _next(self, *signs: str) -> str:
        if self._left and (
            not signs or self._left[0] in [("sign", one) for one in signs] + [("word", one) for one in signs]
        ):
            return self._left.pop(0)[1]
        return ""

    def end(self) -> None:
        if self._left:
            raise ValueError(f"filter not understood at {self._left[0][1]!r}")

    def either(self) -> Test:
        tests = [self._all()]
        while self._next("||"):
            tests.append(self._all())
        return lambda item, whole: any(test(item, whole) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._next("&&"):
            tests.append(self._one())
        return lambda item, whole: all(test(item, whole) for test in tests)

    def _one(self) -> Test:
        if self._next("!"):
            test = self._one()
            return lambda item, whole: not test(item, whole)
        if self._next("("):
            test = self.either()
            if not self._next(")"):
                raise ValueError("a ( of the filter is not closed")
            return test
        is_path = bool(self._left) and self._left[0][0] == "path"
        left = self._value()
        sign = self._next("==", "!=", "<", "<=", ">", ">=", "=~", "in", "nin")
        if not sign:
            if not is_path:
                raise ValueError("a filter compares, or names what is to be there")
            return lambda item, whole: left(item, whole) is not _NOTHING
        right = self._value()
        return lambda item, whole: _compared(sign, left(item, whole), right(item, whole))

    def _value(self) -> Test:
        if self._next("["):
            members: list[Test] = []
            while not self._next("]"):
                members.append(self._value())
                self._next(",")
            return lambda item, whole: [one(item, whole) for one in members]
        if not self._left:
            raise ValueError("the filter ends too early")
        kind, text = self._left.pop(0)
        if kind == "path":
            find = self._lookup("$" + text[1:])
            return lambda item, whole: _found(find, item if text[0] == "@" else whole)
        if kind == "sign" or (kind == "word" and text not in _WORDS):
            raise ValueError(f"filter not understood at {text!r}")
        value = _literal(kind, text)
        return lambda *_: value


def _literal(kind: str, text: str) -> Any:
    match kind:
        case "number":
            return float(text) if re.search("[.eE]", text) else int(text)
        case "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        case "pattern":
            try:
                return re.compile(text.rstrip("i")[1:-1], re.IGNORECASE if text.endswith("i") else 0)
            except re.error as wrong:
                raise ValueError(f"{text} is no pattern: {wrong}") from wrong
        case _:
            return _WORDS[text]


def _found(find: Callable[[Json], Json], data: Json) -> Any:
    try:
        return find(data)
    except KeyError:
        return _NOTHING


def _compared(sign: str, left: Any, right: Any) -> bool:
    """What is of different types is not equal, and neither is less."""
    if sign == "=~":
        return isinstance(right, re.Pattern) and isinstance(left, str) and right.fullmatch(left) is not None
    if sign in ("in", "nin"):
        return isinstance(right, list) and any(_equal(left, one) for one in right) == (sign == "in")
    if sign in ("==", "!="):
        return _equal(left, right) == (sign == "==")
    alike = (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))
    return alike and bool(_ORDER[sign](left, right))


def _equal(left: Any, right: Any) -> bool:
    alike = (_is_number(left) and _is_number(right)) or type(left) is type(right)
    return alike and bool(left == right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def filtered(value: Json, test: Test, whole: Json) -> list[Json]:
    """The items of a list that pass; an object passes itself."""
    if isinstance(value, list):
        return [one for one in value if test(one, whole)]
    return [value] if isinstance(value, Mapping) and test(value, whole) else []


def end_of(path: str, at: int) -> int:
    """Where the filter that begins at `at` with `[?(` ends, behind its `)]`; ValueError where it does not."""
    depth, quote, place = 0, "", at + 2
    while place < len(path):
        letter = path[place]
        if letter == "\\":
            place += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                if path[place + 1 : place + 2] != "]":
                    break
                return place + 2
        place += 1
    raise ValueError(f"path not understood at {path[at:]!r}: {path!r}")
