"""The threat model is a list of tests: each that it names is there, and every actor has some."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from vocabulary import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def names_in(file: Path) -> frozenset[str]:
    found = ast.walk(ast.parse(file.read_text()))
    return frozenset(one.name for one in found if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"))


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(PAGE))))
def test_what_is_named_is_a_test(file: str, name: str) -> None:
    assert name in names_in(ROOT / file)


def test_every_actor_is_stopped_by_some_test() -> None:
    sections = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
    assert list(sections) == [
        "A developer of a member account",
        "An account of the organisation that is no member",
        "A stranger",
        "A function that was taken over",
        "A service team that means ill",
        "The other environment",
        "A clumsy hand that deploys",
        "A supplier",
        "Accepted",
    ]
    for title, section in sections.items():
        rows = [row for row in section.splitlines() if row.startswith("| ") and not row.startswith("| what ")]
        assert rows or title == "Accepted"
        assert [row for row in rows if not NAMED.search(row.split(" | ")[-1])] == [], title


def test_what_is_accepted_has_its_reason() -> None:
    accepted = PAGE.partition("\n## Accepted\n")[2]
    points = re.findall(r"^- \*\*(.+?)\*\*(.*?)(?=^- |\Z)", accepted, flags=re.MULTILINE | re.DOTALL)
    assert len(points) > 5
    assert [what for what, why in points if len(why) < 20] == []
