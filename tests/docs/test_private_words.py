"""What people read has AWS's words for AWS's things: none of the words that only those who wrote the code use."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from onramp.core.japanese import LABELS, SENTENCES
from onramp.core.metrics import METRICS
from vocabulary import ROOT, parsed

from cli.japanese import HELP, REHEARSAL

PRIVATE = re.compile(r"\b(ring|rings|rang|rung|ringing|bell|deed|deeds|keeper|keepers)\b", re.IGNORECASE)
"""An event is sent, forwarded or put; an alarm goes to ALARM; a person makes a call."""

CODE = re.compile(r"^```.*?^```$|`[^`]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)
"""Names stay as they are: a story's own keys, tests, links."""

NOT_FOR_READERS = {"docs/decisions.md"}
"""Says how the code came to be what it is, in the code's words."""


def pages() -> list[Path]:
    found = [
        ROOT / name
        for name in (
            "README.md",
            "README.ja.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "NOTICE",
            "samconfig.toml",
        )
    ]
    return [
        *found,
        *(one for one in sorted(ROOT.glob("docs/**/*.md")) if str(one.relative_to(ROOT)) not in NOT_FOR_READERS),
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_has_a_private_word(page: Path) -> None:
    text = CODE.sub("", page.read_text())
    assert [line for line in text.splitlines() if PRIVATE.search(line)] == []


def _texts(value: Any, under: str = "") -> Iterator[str]:
    """What a console shows of a template: descriptions, alarms and the dashboard, outputs, names of statements."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, str(key))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, under)
    elif isinstance(value, str) and under in ("Description", "AlarmDescription", "DashboardBody", "Fn::Sub", "Sid"):
        yield value


@pytest.mark.parametrize("template", ["template.yaml", "member.yaml"])
def test_no_text_of_a_template_has_a_private_word(template: str) -> None:
    found = list(_texts(parsed(template)))
    assert len(found) > 20
    assert [text for text in found if PRIVATE.search(text)] == []


def test_nothing_that_is_said_has_a_private_word() -> None:
    said = [*SENTENCES, *LABELS, *HELP, *REHEARSAL, *(one.meaning for one in METRICS.values())]
    assert len(said) > 900
    assert [text for text in said if PRIVATE.search(text)] == []


@pytest.mark.parametrize("text", ["the account has never rung", "Ring it", "a deed is done", "the keeper's clock"])
def test_a_private_word_is_seen_in_any_form(text: str) -> None:
    assert PRIVATE.search(text)
    assert not PRIVATE.search(CODE.sub("", f"the key `{text}` of a story, during a string"))
