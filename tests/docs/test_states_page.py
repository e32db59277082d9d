"""The page of states names every state there is, of a service and of a client, and every stage."""

import re
from pathlib import Path
from typing import get_args

import pytest
from onramp.core.inventory import Status
from onramp.core.plan.ground import Stage

PAGE = (Path(__file__).parents[2] / "docs" / "states.md").read_text()
STATES = list(get_args(Status.__value__))


def rows(heading: str) -> dict[str, list[str]]:
    """The table below a heading: first cell -> the others."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return {cells[0].strip("` "): cells[1:] for cells in lines[2:]}


@pytest.mark.parametrize(("heading", "lacks"), [("A service", set()), ("A client", {"kept"})])
def test_every_state_is_told_with_what_it_means_and_what_moves_it_on(heading: str, lacks: set[str]) -> None:
    told = rows(heading)
    assert list(told) == [state for state in STATES if state not in lacks]
    assert all(len(cells) == 2 and all(cells) for cells in told.values())


def test_every_stage_is_told() -> None:
    assert list(rows("On the way")) == [stage.name.lower() for stage in Stage]


def test_parameters_that_it_names_are_the_stacks() -> None:
    template = (Path(__file__).parents[2] / "template.yaml").read_text()
    named = re.findall(r"`([A-Z]\w+Seconds)`", PAGE)
    assert named
    assert all(f"  {name}:\n" in template for name in named)
