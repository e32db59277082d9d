"""Java's `\\p{…}` in models' patterns, spelled out for Python's `re`, which has no categories of characters."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Callable

_CATEGORY = re.compile(r"\\p\{(?:Is)?(\w+)\}")
ASSIGNED, TAGS, PRIVATE = 0x34000, (0xE0000, 0xE0200), 0xF0000
"""Where Unicode has characters: up to there, some for tags, and from there on those of private use."""

_NAMED = {
    "ASCII": "\\x00-\\x7f",
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Graph": "!-~",
    "Lower": "a-z",
    "Print": " -~",
    "Punct": re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "Space": "\\t\\n\\x0b\\f\\r ",
    "Upper": "A-Z",
}


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text is all of what the pattern says; re.error for a pattern that cannot be spelled in Python."""
    plain = re.compile(spelled(pattern, plain=True), re.DOTALL).fullmatch

    @functools.cache
    def whole() -> re.Pattern[str]:
        # Looking at every character there is takes a while, and most texts have none but ASCII's.
        return re.compile(spelled(pattern), re.DOTALL)

    if not _CATEGORY.search(pattern):
        return lambda text: plain(text) is not None
    return lambda text: (plain(text) if text.isascii() else whole().fullmatch(text)) is not None


def spelled(pattern: str, *, plain: bool = False) -> str:
    """The pattern with each category as the ranges that it is, of ASCII alone where `plain`.

    re.error for a category that is not known.
    """
    parts, at, inside = [], 0, False
    while at < len(pattern):
        found = _CATEGORY.match(pattern, at)
        if found:
            ranges = _ranges(found[1], plain)
            # Of nothing there is no range: a letter that is none of ASCII's stands for it.
            ranges = ranges or "\\U0010ffff"
            parts.append(ranges if inside else f"[{ranges}]")
            at = found.end()
            continue
        letter = pattern[at]
        if letter == "\\":
            parts.append(pattern[at : at + 2])
            at += 2
            continue
        inside = letter == "[" or (inside and letter != "]")
        parts.append(letter)
        at += 1
    return "".join(parts)


@functools.cache
def _ranges(name: str, plain: bool) -> str:  # noqa: FBT001 - cached, so by place
    if name in _NAMED:
        return _NAMED[name]
    if not re.fullmatch(r"[CLMNPSZ][a-z]?|Alphabetic", name):
        raise re.error(f"no category {name}")
    wanted = ("L", "Nl") if name == "Alphabetic" else (name,)
    runs = sorted(run for category, found in _runs(plain).items() if category.startswith(wanted) for run in found)
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)


@functools.cache
def _runs(plain: bool) -> dict[str, list[tuple[int, int]]]:  # noqa: FBT001 - as above
    """The characters of each category, as runs of one after the other."""
    found: dict[str, list[tuple[int, int]]] = {} if plain else {"Co": [(PRIVATE, sys.maxunicode)]}
    for part in (range(128),) if plain else (range(ASSIGNED), range(*TAGS)):
        begun = part.start
        for point in part:
            category = unicodedata.category(chr(point))
            if point + 1 == part.stop or unicodedata.category(chr(point + 1)) != category:
                found.setdefault(category, []).append((begun, point))
                begun = point + 1
    return found
