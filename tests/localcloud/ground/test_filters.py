"""A path's filter takes what Jayway's takes, and one that is none is told and flies nowhere."""

from __future__ import annotations

import random
from typing import Any

import pytest

from localcloud.ground.paths import Scope, check_path, find

DATA: dict[str, Any] = {
    "items": [{"a": 1, "n": "x"}, {"a": 2, "n": "y", "in": {"k": [3]}}, {"b": 3, "n": None}],
    "one": {"a": 1},
    "list": [1, 2, 3, 4],
    "least": 2,
}
FIRST, SECOND, THIRD = DATA["items"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.items[?(@.a == 1)]", [FIRST]),
        ("$.items[?(@.a == '1')]", []),
        ("$.items[?(@.a != 1)]", [SECOND, THIRD]),
        ("$.items[?(@.a >= $.least)].n", ["y"]),
        ("$.items[?(@.b)]", [THIRD]),
        ("$.items[?(!@.b)].a", [1, 2]),
        ("$.items[?(@.n == null)]", [THIRD]),
        ("$.items[?(@.n < 'y')]", [FIRST]),
        ("$.items[?(@.n < 5)]", []),
        ('$.items[?(@.a==1 && @.n=="x" || @.b == 3)]', [FIRST, THIRD]),
        ("$.items[?((@.a==1 || @.a==2) && @.n != 'x')]", [SECOND]),
        ("$.items[?(@.n =~ /X|z/i)]", [FIRST]),
        ("$.items[?(@.a in [2, 9])]", [SECOND]),
        ("$.items[?(@.n nin ['x', 'y'])]", [THIRD]),
        ("$.items[?(@['in'].k[0] == 3)].a", [2]),
        ("$.items[?(@.n == ')]')]", []),
        ("$.one[?(@.a == 1)]", [{"a": 1}]),
        ("$.list[?(@ > 2)]", [3, 4]),
        ("$.list[0,2]", [1, 3]),
        ("$.list[::2]", [1, 3]),
        ("$.one['a','b']", [1]),
        ("$.none[?(@.a)]", []),
    ],
)
def test_a_filter_takes_what_it_says(path: str, found: Any) -> None:
    assert find(path, Scope(DATA, {}, random.Random(0))) == found  # noqa: S311 - any dice


@pytest.mark.parametrize(
    "filter_",
    [
        *(
            "",
            "1",
            "@.a ==",
            "@.a = 1",
            "@.a == b",
            "@.a == 1 @.b",
            "(@.a",
            "@.a =~ /(/",
            "@.a && ",
            "[1]",
            "@.a in [1",
        ),
        "(" * 5000 + "@.a" + ")" * 5000,
    ],
    ids=lambda text: text[:12],
)
def test_a_filter_that_is_none_is_told(filter_: str) -> None:
    with pytest.raises(ValueError, match=r"filter|path|pattern"):
        check_path(f"$.items[?({filter_})]")
