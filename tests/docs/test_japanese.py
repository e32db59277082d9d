"""The Japanese pages are whole: every tag, state, code, stop, alarm and parameter, and the English pages' commands."""

import re
from pathlib import Path
from typing import get_args

import pages
import pytest
import vocabulary
from onramp.core import inventory, tags
from pages import Chapter, chapters
from vocabulary import ROOT, parsed

JA = ROOT / "docs/ja"
TAGS, CODES, DEPLOY, TROUBLESHOOTING = (JA / f"{name}.md" for name in ("tags", "codes", "deploy", "troubleshooting"))
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ROW = re.compile(r"^\| `([^`|]+)` \|(.+)\|$", re.MULTILINE)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def rows(page: Path) -> dict[str, list[str]]:
    """First cell -> the others, of all tables of a page."""
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in ROW.findall(page.read_text())}


def test_every_tag_of_a_team_has_its_row() -> None:
    for kind, keys in vocabulary.team_tags().items():
        missing = {f"{tags.DEFAULT_PREFIX}{key}" for key in keys} - set(rows(TAGS))
        assert missing == set(), f"docs/ja/tags.md lacks tags of a {kind}"


def test_every_tag_of_an_answer_and_every_state_has_its_row() -> None:
    found = set(rows(TAGS))
    assert set(tags.STATUS_KEYS) <= found
    assert set(get_args(inventory.Status.__value__)) <= found <= found


def test_every_code_has_its_row_with_cause_and_remedy_in_japanese() -> None:
    found = rows(CODES)
    missing = set(vocabulary.codes()) - set(found)
    assert missing == set(), "add a row to docs/ja/codes.md"
    assert [code for code, cells in found.items() if len(cells) not in (2, 3) or not JAPANESE.search(cells[-1])] == []


def test_both_languages_know_the_same_codes() -> None:
    english = re.findall(r"^\| `([\w-]+)` \|", _section("By code"), flags=re.MULTILINE)
    assert set(english) == set(rows(CODES))


def _section(title: str) -> str:
    parts = re.split(r"^## ", (ROOT / "docs/troubleshooting.md").read_text(), flags=re.MULTILINE)
    [found] = [part for part in parts if part.startswith(f"{title}\n")]
    return found


def test_every_stop_and_every_alarm_has_its_row() -> None:
    assert set(vocabulary.stops()) | set(vocabulary.alarms()) <= set(rows(TROUBLESHOOTING))


# --- no page falls behind the one in the other language


def _pairs() -> dict[str, tuple[list[Chapter], list[Chapter]]]:
    """Japanese page -> the chapters of the English one and its own. The codes have a page of their own in Japanese."""
    english, own = ({page.stem: chapters(page) for page in folder.glob("*.md")} for folder in (JA.parent, JA))
    codes = pages.below("By code", english["troubleshooting"])
    english["troubleshooting"] = [one for one in english["troubleshooting"] if one not in codes]
    english["codes"] = [Chapter(1, ""), *(Chapter(2, one.title, *_contents(one)) for one in codes)]
    return {name: (english[name], own[name]) for name in sorted(own)}


def _contents(of: Chapter) -> tuple[list[tuple[str, ...]], list[int], list[str], int, list[str], str]:
    return of.rows, of.columns, of.blocks, of.items, of.told, of.prose


@pytest.mark.parametrize("name", sorted(page.stem for page in JA.glob("*.md")))
def test_both_languages_have_the_same_chapters_tables_lists_and_commands(name: str) -> None:
    english, own = _pairs()[name]
    assert [(one.level, f"{one.title} / {other.title}") for one, other in zip(english, own, strict=False)] == [
        (other.level, f"{one.title} / {other.title}") for one, other in zip(english, own, strict=False)
    ]
    assert len(english) == len(own), f"{len(english)} headings in English, {len(own)} in docs/ja/{name}.md"
    for one, other in zip(english, own, strict=True):
        assert other.shape() == one.shape(), f"docs/ja/{name}.md: {one.title!r} / {other.title!r}"


@pytest.mark.parametrize("name", sorted(page.stem for page in JA.glob("*.md")))
def test_what_the_english_page_names_its_japanese_one_names_in_the_same_place(name: str) -> None:
    """Tags, codes, parameters, commands: a sentence that one page gained and the other did not seldom has none."""
    lacking = {
        f"{one.title} / {other.title}: {', '.join(sorted(said - also))}"
        for one, other in zip(*_pairs()[name], strict=True)
        for said, also in zip(one.said, other.said, strict=True)
        if said - also
    }
    assert lacking == set()


def test_a_page_that_falls_behind_is_noticed(tmp_path: Path) -> None:
    whole = "# A\n\n| a | b |\n|---|---|\n| `x` | y |\n\n- one\n\n```sh\nls  # list\n```\n\n## B\n"
    page = tmp_path / "page.md"
    page.write_text(whole)
    [first, second] = chapters(page)
    assert (first.rows, first.columns, first.blocks, first.items) == ([("x",)], [2], ["```sh\nls"], 1)
    assert (second.level, pages.below("A", [first, second])) == (2, [second])
    assert first.said == [{"x"}, set()]
    for less in ("| `x` | y |\n", "- one\n", "```sh\nls  # list\n```\n"):
        page.write_text(whole.replace(less, ""))
        assert chapters(page)[0].shape() != first.shape()


def test_every_parameter_that_the_english_page_explains_is_explained() -> None:
    table = (ROOT / "docs/deploy.md").read_text().partition("## Parameters")[2].partition("\n## ")[0]
    named = set(
        re.findall(r"`([A-Z]\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line[:1] == "|"))
    )
    assert named <= set(parsed("template.yaml")["Parameters"])
    assert {name for name in named if f"`{name}`" not in DEPLOY.read_text()} == set()


@pytest.mark.parametrize("page", [ROOT / "README.ja.md", *sorted(JA.glob("*.md"))], ids=lambda page: page.name)
def test_every_block_of_commands_is_one_of_the_english_pages(page: Path) -> None:
    """Those are typed by tests. What follows a `#` is for people, and may be in their language."""
    english = [
        _typed(block)
        for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
        for block in BLOCK.findall(path.read_text())
    ]
    assert [block for block in map(_typed, BLOCK.findall(page.read_text())) if block not in english] == []


def _typed(block: str) -> str:
    return "\n".join(re.sub(r"\s+# .*$", "", line) for line in block.splitlines())


@pytest.mark.parametrize("page", [ROOT / "README.ja.md", *sorted(JA.glob("*.md"))], ids=lambda page: page.name)
def test_a_japanese_page_is_in_japanese(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`]*`", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    paragraphs = [part for part in text.split("\n\n") if len(part) > 60 and not part.startswith(("|", "<!--", "!["))]
    assert paragraphs
    assert [part for part in paragraphs if not JAPANESE.search(part)] == []


def test_every_japanese_page_is_led_to_from_the_readme() -> None:
    readme = (ROOT / "README.ja.md").read_text()
    assert [page.name for page in sorted(JA.glob("*.md")) if f"](docs/ja/{page.name})" not in readme] == []
