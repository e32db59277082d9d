"""docs/troubleshooting.md has a row for whatever the code can say: each code, each stop, each alarm."""

import re

import pytest
import vocabulary
from vocabulary import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
HOW = "add a row to docs/troubleshooting.md, under the heading that fits"


def rows(title: str) -> dict[str, list[str]]:
    """First cell -> the others, of all tables under a heading of the second or third level."""
    text = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next((part for part in text if part.startswith(f"{title}\n")), "") or _third(title)
    found = re.findall(r"^\| `([\w .-]+)` \|(.+)\|$", text, flags=re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in found}


def _third(title: str) -> str:
    parts = re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)
    [found] = [part for part in parts if part.startswith(f"{title}\n")]
    return found


def test_every_code_that_the_code_knows_has_its_row() -> None:
    known = vocabulary.codes()
    assert len(known) > 20
    missing = {code: where for code, where in known.items() if code not in rows("By code")}
    assert missing == {}, HOW


def test_no_row_speaks_of_a_code_that_nothing_says() -> None:
    assert set(rows("By code")) - set(vocabulary.codes()) == set()


def test_every_stop_of_a_request_has_its_row() -> None:
    assert set(rows("The request does not arrive")) == set(vocabulary.stops()), HOW


def test_every_alarm_of_the_templates_has_its_row() -> None:
    assert set(rows("By alarm")) == set(vocabulary.alarms()), HOW


@pytest.mark.parametrize("title", ["By code", "By alarm", "The request does not arrive"])
def test_every_row_says_something_in_each_column(title: str) -> None:
    found = rows(title)
    assert found
    assert [name for name, cells in found.items() if not all(cells)] == []


def test_no_code_has_two_rows() -> None:
    found = re.findall(r"^\| `([\w-]+)` \|", PAGE.partition("## By code")[2], flags=re.MULTILINE)
    before_alarms = found[: len(found) - len(vocabulary.alarms())]
    assert sorted(before_alarms) == sorted(set(before_alarms))


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_readme_names_every_code_in_the_row_that_leads_to_its_remedy(readme: str) -> None:
    """Six rows, a part of this page each, in its order."""
    named = [re.findall(r"`([a-z0-9-]+)`", cells) for cells in re.findall(r"^\| (`[^|]+) \|", _codes_of(readme), re.M)]
    parts = re.split(r"^### ", PAGE.partition("## By code")[2].partition("\n## ")[0], flags=re.MULTILINE)[1:]
    assert named == [re.findall(r"^\| `([\w-]+)` \|", part, flags=re.MULTILINE) for part in parts]


def _codes_of(readme: str) -> str:
    [part] = re.findall(r"^### (?:Codes|コード)\n(.+?)^## ", (ROOT / readme).read_text(), re.MULTILINE | re.DOTALL)
    return str(part)


def test_codes_are_read_from_the_code_itself() -> None:
    """Those of a call, of a constant, and of a function that passes on what it is given."""
    known = vocabulary.codes()
    assert {"not-internal", "deletion-limit", "listen-invalid", "backend-quota", "step-failed"} <= set(known)
    assert known["account-unread"].endswith("aws/eyes.py")
