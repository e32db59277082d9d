"""Text of others is shown and does not act: no line, colour, link or quotation mark of theirs gets through."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onramp.core.text import plain, quoted


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("lattice:network", "lattice:network"),
        ("a\r\nSubject: paid\tnow", "a Subject: paid now"),
        ("red \x1b[31malert\x07", "red [31malert"),
        ("abc\u202ecba", "abccba"),  # written backwards from here on
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("line\u2028separator\x85next", "line separator next"),
        ("https://example.com/login", "https[:]//example.com/login"),
        ("  many   spaces ", "many spaces"),
        ("日本語 ✓", "日本語 ✓"),
        ("", ""),
    ],
)
def test_what_would_act_is_gone_and_the_rest_is_there(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert plain("a" * 20, 20) == "a" * 20
    assert plain("a" * 21, 20) == "a" * 17 + "..."
    assert plain("a" * 16 + " bcdef", 20) == "a" * 16 + "..."
    assert len(plain("b" * 5000)) == 1000
    assert len(quoted("b" * 5000)) == 130


def test_a_quotation_cannot_be_left() -> None:
    assert quoted('x": all is well. "') == "\"x': all is well. '\""


@given(st.text())
def test_whatever_is_written_stays_on_one_line_within_its_quotes(written: str) -> None:
    shown = quoted(written)
    inner = shown[1:-1]
    assert shown == f'"{inner}"'
    assert '"' not in inner
    assert "://" not in inner
    assert not [it for it in inner if unicodedata.category(it)[0] == "C" or unicodedata.category(it) in ("Zl", "Zp")]
