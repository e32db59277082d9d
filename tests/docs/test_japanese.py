"""The Japanese pages are whole: every tag, state, code, stop, alarm and parameter, and the English pages' commands."""

import re
from pathlib import Path
from typing import get_args

import pytest
import vocabulary
from onramp.core import steps, tags
from vocabulary import ROOT, parsed

JA = ROOT / "docs/ja"
TAGS, CODES, DEPLOY, OPERATE = (JA / f"{name}.md" for name in ("tags", "codes", "deploy", "operate"))
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
    assert set(get_args(steps.Status.__value__ if hasattr(steps.Status, "__value__") else steps.Status)) <= found


def test_every_code_has_its_row_with_cause_and_remedy_in_japanese() -> None:
    found = rows(CODES)
    missing = set(vocabulary.codes()) - set(found)
    assert missing == set(), "add a row to docs/ja/codes.md"
    assert [code for code, cells in found.items() if len(cells) != 2 or not JAPANESE.search(cells[-1])] == []


def test_both_languages_know_the_same_codes() -> None:
    english = re.findall(r"^\| `([\w-]+)` \|", _section("By code"), flags=re.MULTILINE)
    assert set(english) == set(rows(CODES))


def _section(title: str) -> str:
    parts = re.split(r"^## ", (ROOT / "docs/troubleshooting.md").read_text(), flags=re.MULTILINE)
    [found] = [part for part in parts if part.startswith(f"{title}\n")]
    return found


def test_every_stop_and_every_alarm_has_its_row() -> None:
    assert set(vocabulary.stops()) | set(vocabulary.alarms()) == set(rows(OPERATE))


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
