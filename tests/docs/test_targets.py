"""Both READMEs say of each target of the Makefile what it does, how long it takes and what it needs."""

from __future__ import annotations

import re

import pytest
from vocabulary import ROOT

TARGETS = re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
ROW = re.compile(r"^\| `make ([a-z0-9-]+)` \|(.*)\|$", re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_each_target_is_told(page: str) -> None:
    rows = dict(ROW.findall((ROOT / page).read_text()))
    assert rows.keys() == set(TARGETS)
    assert len(TARGETS) > 15
    for target, row in rows.items():
        cells = [cell.strip() for cell in row.split("|")]
        assert (len(cells), all(cells)) == (3, True), target


def test_both_pages_give_the_same_numbers() -> None:
    pages = [dict(ROW.findall((ROOT / page).read_text())) for page in ("README.md", "README.ja.md")]
    for target in TARGETS:
        takes = [re.findall(r"\d[\d.,]*", page[target].split("|")[1]) for page in pages]
        assert takes[0] == takes[1], target
