"""The listing of facts without a test is whole: each section is named by a test, or has its reason."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECTIONS = [str(number) for number in range(1, 30)] + [f"2.{number}" for number in range(1, 8)]
NUMBERS = re.compile(r"(?:\d+(?:\.\d+)?)(?:, \d+(?:\.\d+)?)*")


@functools.cache
def markers() -> tuple[str, ...]:
    """The text of every `fact` marker of this suite."""
    return tuple(read_markers())


def read_markers() -> Iterator[str]:
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("fact", "pytest.mark.fact"):
                [text] = node.args
                assert isinstance(text, ast.Constant), f"{path.name}: the fact is to be read as it stands"
                yield str(text.value)


def rows() -> list[list[str]]:
    """The listing: sections, fact, reason."""
    text = (HERE / "facts.md").read_text().partition("Where the facts")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def sections(text: str) -> list[str]:
    found = NUMBERS.match(text)
    return found[0].split(", ") if found else []


def test_every_fact_that_a_test_names_has_its_source() -> None:
    """A section of the facts, else the issue, or botocore's model or the documentation of an API."""
    elsewhere = ("issue 3", "the model of ", "the API of ")
    assert [text for text in markers() if not sections(text) and not text.startswith(elsewhere)] == []


def test_every_row_of_the_listing_has_section_fact_and_reason() -> None:
    assert [row for row in rows() if len(row) != 3 or not sections(row[0]) or not all(row)] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_held_by_a_test_or_has_its_reason(section: str) -> None:
    held = {found for text in markers() for found in sections(text)}
    listed = {found for row in rows() for found in sections(row[0])}
    assert section in held | listed


def test_the_tests_that_the_listing_names_are_there() -> None:
    named = {path for row in rows() for path in re.findall(r"`(tests/[^`]+)`", row[2])}
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


IN_PROCESS_ONLY = {
    "test_the_quotas_are_those_of_the_facts": "no call is made",
    "test_an_answer_costs_the_same_among_a_hundred_accounts": "what is counted is this process's work",
}


def test_every_test_runs_in_process_and_over_http(request: pytest.FixtureRequest) -> None:
    """Of those collected; `reach` is what all clients of this suite are made by."""
    found = [item for item in request.session.items if item.path.parent == HERE and item.path != Path(__file__)]
    once = {
        item.originalname or item.name
        for item in found
        if isinstance(item, pytest.Function) and "reach" not in item.fixturenames
    }
    assert once <= set(IN_PROCESS_ONLY)
