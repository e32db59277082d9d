"""Java's `\\p{…}` in models' patterns, spelled out for Python's `re`, which has no categories of characters."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata

_CATEGORY = re.compile(r"\\p\{(?:Is)?(\w+)\}")
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


def spelled(pattern: str) -> str:
    """The pattern with each category as the ranges that it is; re.error for a category that is not known."""
    parts, at, inside = [], 0, False
    while at < len(pattern):
        found = _CATEGORY.match(pattern, at)
        if found:
            ranges = _ranges(found[1])
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
def _ranges(name: str) -> str:
    if name in _NAMED:
        return _NAMED[name]
    if not re.fullmatch(r"[CLMNPSZ][a-z]?|Alphabetic", name):
        raise re.error(f"no category {name}")
    wanted = ("L", "Nl") if name == "Alphabetic" else (name,)
    runs: list[list[int]] = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)).startswith(wanted):
            if runs and runs[-1][1] == point - 1:
                runs[-1][1] = point
            else:
                runs.append([point, point])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in runs)
