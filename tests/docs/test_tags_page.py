"""docs/tags.md has every tag of the code, and every state, and no other."""

import re
from typing import get_args

import vocabulary
from onramp.core import steps, tags
from vocabulary import ROOT

PAGE = (ROOT / "docs/tags.md").read_text()


def rows(title: str) -> list[str]:
    [text] = [part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE) if part.startswith(f"{title}\n")]
    return re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE)


def test_every_tag_that_is_read_has_its_row_and_no_other_has() -> None:
    on = vocabulary.team_tags()
    prefix = tags.DEFAULT_PREFIX
    assert set(rows("On an internal application load balancer")) == {prefix + key for key in on["load balancer"]}
    assert set(rows("On a VPC")) == {prefix + key for key in on["VPC"]}
    assert set(rows("On a Lattice service that is there already")) == {prefix + key for key in on["service"]}


def test_every_tag_that_is_written_and_every_state_has_its_row() -> None:
    found = rows("The answer")
    assert set(tags.STATUS_KEYS) <= set(found)
    assert set(get_args(steps.Status.__value__)) <= set(found)
