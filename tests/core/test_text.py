"""Text of others is shown and does not act: no line, colour, link or quotation mark of theirs gets through."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onramp.core.text import counted, inert, mailed, plain, plainly, quoted, within


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
        ("mailto:a@b.c tel:1 javascript:x and data: none", "mailto[:]a@b.c tel[:]1 javascript[:]x and data: none"),
        ("www.example.com", "www[.]example.com"),
        ("no\u3164 ink\u2800 here\U000e0100", "no ink here"),
        ("a" + "\u0301" * 20 + "b", "a" + "\u0301" * 3 + "b"),
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


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("pay at evil.example/now", "pay at evil[.]example/now"),
        ("see www.evil.co.jp.", "see www[.]evil[.]co[.]jp."),
        ("infra@evil.example.0x, evil.example-1", "infra@evil[.]example.0x, evil[.]example-1"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd[.]xn--p1ai"),
        (
            "deploy member.yaml, version 0.2.0, of 10.0.0.0/8. Then wait",
            "deploy member.yaml, version 0.2.0, of 10.0.0.0/8. Then wait",
        ),
    ],
)
def test_a_mail_has_no_bare_domain_either(written: str, shown: str) -> None:
    assert mailed(written) == shown
    assert len(mailed("a.bc " * 1000)) == 1000


def test_every_text_of_a_value_is_plain_and_the_rest_is_as_it_was() -> None:
    value = {"a\x1b": ["b\n", ("c\u202e", 1)], "d": None, "e": 0.5, "f": True}
    assert plainly(value) == {"a": ["b", ["c", 1]], "d": None, "e": 0.5, "f": True}


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_as_many_whole_characters_are_left_as_the_bytes_hold(written: str, most: int) -> None:
    shown = within(written, most)
    assert len(shown.encode()) <= most
    assert written.startswith(shown)
    assert shown == written or len(f"{shown}{written[len(shown)]}".encode()) > most


@given(st.recursive(st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_a_document_shows_nothing_that_acts_and_means_the_same(value: object) -> None:
    document = inert(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(document) == value
    assert [it for it in document if it != "\n" and not it.isprintable() and unicodedata.category(it) != "Zs"] == []


def test_what_acts_in_a_document_is_written_as_json_escapes_it() -> None:
    assert inert('{"a":\n "\u202e\U000e0001ok"}') == '{"a":\n "\\u202e\\udb40\\udc01ok"}'
    assert inert('{"half": "\ud800"}') == '{"half": "\\ud800"}'


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


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 services"), (1, "1 service"), (2, "2 services"), (1000, "1000 services")]
)
def test_what_is_counted_has_its_number(number: int, said: str) -> None:
    assert counted(number, "service") == said
    assert counted(number, "entry", "entries") == said.replace("services", "entries").replace("service", "entry")
