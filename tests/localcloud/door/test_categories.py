"""Java's categories of characters, as Python's own table has them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.door.categories import matcher


@given(st.characters(codec="utf-8"), st.sampled_from(["L", "Lu", "M", "N", "Nd", "P", "S", "Z", "Zs"]))
def test_a_character_is_of_a_category_as_unicode_says(character: str, name: str) -> None:
    belongs = unicodedata.category(character).startswith(name)
    assert matcher(rf"[\p{{{name}}}]")(character) == belongs
    assert matcher(rf"\p{{{name}}}")(character) == belongs
    assert matcher(rf"[\p{{{name}}}_.:/=+\-@]*")(f"{character}_@") == belongs or character in "_.:/=+-@"


def test_what_is_no_category_cannot_be_spelled() -> None:
    with pytest.raises(re.error):
        matcher(r"\p{Klingon}+")
    assert matcher(r"\p{Alnum}+-\[x")("a1-[x")
    assert not matcher(r"\p{Alnum}+")("é")
    assert not matcher(r"[a\\p{L}]")("b")
