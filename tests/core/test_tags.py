"""What is written on a team's resource is what its tags may hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onramp.core import tags

ALLOWED = re.compile(r"[A-Za-z0-9 +\-=._:/@]*")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("connected", "connected"),
        ("Make it internal (scheme), then tag again.", "Make it internal scheme then tag again."),
        ("  spaces\tand\nlines  ", "spaces and lines"),
        ("quoted 'name' & <more>", "quoted name more"),
        ("10.1.33.54/32 a+b=c_d-e:f@g", "10.1.33.54/32 a+b=c_d-e:f@g"),
        ("Zürich 東京", "Z rich"),
        ("x" * 255, "x" * 255),
        ("x" * 256, "x" * 251 + " ..."),
        ("x" * 250 + " " + "y" * 9, "x" * 250 + " ..."),
    ],
)
def test_an_answer_keeps_what_a_tag_may_hold(text: str, written: str) -> None:
    assert tags.answer(text) == written


@given(st.text() | st.text(alphabet="ab ,.", min_size=200, max_size=400))
def test_an_answer_always_fits_a_tag(text: str) -> None:
    written = tags.answer(text)
    assert ALLOWED.fullmatch(written)
    assert len(written) <= 255
    assert written == written.strip()
    assert tags.answer(written) == written


@pytest.mark.parametrize("before", [0, 29, 30, 31, 59, 200])
@pytest.mark.parametrize("wrong", ["é", "、", "*"])
def test_the_first_wrong_character_is_seen_wherever_it_stands(before: int, wrong: str) -> None:
    shown = tags.spelled("/" * before + wrong + "x" * 50)
    assert f"U+{ord(wrong):04X} " in shown
    assert len(shown) <= 64
    assert shown.startswith("... ") == (before > 30)
    assert tags.answer(shown) == shown


@pytest.mark.parametrize(("length", "whole"), [(59, True), (60, True), (61, False)])
def test_what_fits_is_shown_whole(length: int, whole: bool) -> None:
    shown = tags.spelled("x" * length)
    assert shown == ("x" * length if whole else "x" * 60 + " ...")


def test_our_own_keys_never_ring() -> None:
    assert not any(key.startswith(tags.DEFAULT_PREFIX) for key in (*tags.STATUS_KEYS, tags.OWNER, tags.NAME))
