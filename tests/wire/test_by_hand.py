"""The nine manual steps with the AWS CLI, as the two account owners would, and the way back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from replay.play import seconds
from replay.source import parse_yaml
from replay.story import STORIES
from tests.wire.served import AWS, Served, shell, up

STEPS = STORIES / "by-hand" / "steps.yaml"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of a chapter's title, a wait, or a command with what comes of it (the file says how)."""

    chapter: str = ""
    wait: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(s|m|h)$")] | None = None
    account: str = ""
    says: str = ""
    run: str = ""
    answers: str = ""
    fails: str = ""
    told: str = ""
    exit: int = 0


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    steps: tuple[Step, ...]


def steps() -> tuple[Step, ...]:
    return parse_yaml(STEPS).to(Steps).steps


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    # Time stands still but for the steps' own waits, so that "not yet" is the same on every machine.
    with up("--story", "by-hand", "--speed", "0") as served:
        yield served


@pytest.mark.slow
def test_the_walk_through_by_hand_and_back(served: Served, tmp_path: Path) -> None:
    start = served.ask("world")["things"]
    chapter = ""
    with shell(tmp_path, served, AWS) as bash:
        for step in steps():
            chapter = step.chapter or chapter
            if step.wait is not None:
                served.ask("advance", seconds=seconds(step.wait))
            if not step.run:
                continue
            status, out, err = bash.type(f"export AWS_ACCESS_KEY_ID={step.account}; {step.run}")
            shown = f"{chapter}\n{step.run}\n-> {status}\n{out}\n{err}"
            if step.fails:
                assert status != 0, shown
                assert f"({step.fails})" in err, shown
                assert step.told in err, shown
            else:
                assert status == step.exit, shown
                assert "An error occurred" not in err, shown
                assert step.answers in out, shown
    assert served.ask("world")["things"] == start
