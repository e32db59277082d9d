"""docs/aws-facts.md holds every fact of AWS that the code points to, and says where each comes from."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/aws-facts.md"
ROOMS = ("layers", "functions", "localcloud", "cli", "replay", "tests", "docs", "events")
TEMPLATES = ("template.yaml", "member.yaml")
WRITTEN = (".py", ".md", ".yaml", ".json", ".tf", ".j2", ".html")
CERTAINTY = ("documented", "seen", "inferred", "believed", "disputed", "open")

NUMBER = r"R?\d+(?:\.\d+)*"
# A pointer may be broken between two lines of a comment.
GAP = r"(?:\s|#)+"
POINTER = re.compile(rf"\b[Ff]acts{GAP}({NUMBER}(?:(?:,{GAP}|{GAP}(?:and|to){GAP}){NUMBER})*)")

OTHER_SPELLING = re.compile(rf"\b[Ff]acts?,?{GAP}(?:§|sections? \d|{NUMBER}[a-z])")


def written() -> Iterator[tuple[str, str]]:
    """(path, text) of what people write in the rooms, this page and this test excepted."""
    for room in (*ROOMS, *TEMPLATES):
        top = ROOT / room
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in WRITTEN and path not in (PAGE, Path(__file__)):
                yield str(path.relative_to(ROOT)), path.read_text()


def sections() -> dict[str, str]:
    """Number of each section -> its text."""
    parts = re.split(r"^#{2,3} (?=R?\d)", PAGE.read_text().partition("\n## Sources")[0], flags=re.MULTILINE)[1:]
    return {part.partition(". ")[0]: part for part in parts}


def lines(number: str, text: str) -> list[str]:
    return re.findall(rf"^- \*\*({re.escape(number)}\.\d+)\*\* ", text, flags=re.MULTILINE)


def pointers() -> list[tuple[str, str]]:
    """(path, number) of every pointer, each number of a list by itself."""
    return [
        (path, number)
        for path, text in written()
        for pointed in POINTER.findall(text)
        for number in re.findall(NUMBER, pointed)
    ]


def test_every_pointer_leads_to_a_section_or_a_line_of_the_page() -> None:
    found = sections()
    there = {*found, *(line for number, text in found.items() for line in lines(number, text))}
    pointed = pointers()
    assert len(pointed) > 100
    assert [(path, number) for path, number in pointed if number not in there] == []


def test_pointers_have_one_spelling() -> None:
    assert [(path, found[0]) for path, text in written() for found in OTHER_SPELLING.finditer(text)] == []


@pytest.mark.parametrize(
    ("comment", "numbers"),
    [
        ("x  # hard (facts 6, 16)", ["6, 16"]),
        ('"""Shapes (facts 2.3 to 2.5 and 3)."""', ["2.3 to 2.5 and 3"]),
        ("# it stays (facts\n    # 9.3), and goes", ["9.3"]),
        ("certificates (facts R22)", ["R22"]),
        ("three facts and 9 lines", []),
    ],
)
def test_a_pointer_is_found_however_its_comment_is_broken(comment: str, numbers: list[str]) -> None:
    assert POINTER.findall(comment) == numbers


def test_a_section_has_a_source_and_its_lines_are_numbered_without_a_gap() -> None:
    """A number that is pointed to never means another line later: new ones come at the end."""
    for number, text in sections().items():
        found = lines(number, text)
        assert found == [f"{number}.{index}" for index in range(1, len(found) + 1)], number
        assert found or any(part.startswith(f"{number}.") for part in sections()), f"section {number} is empty"
        source = re.search(r"^\*(?P<said>.+?)\*", text, flags=re.MULTILINE | re.DOTALL)
        assert source, f"section {number} does not say where it comes from"


def test_a_section_says_how_sure_it_is_in_the_words_that_the_page_explains() -> None:
    explained = re.findall(r"^\| (\w+) \|", PAGE.read_text(), flags=re.MULTILINE)
    assert explained == ["word", *CERTAINTY]
    unsure = [number for number, text in sections().items() if not any(word in text.lower() for word in CERTAINTY)]
    assert unsure == []
