"""The product's templates, deployed once on a local cloud; and what all stories together did by its roles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud.cloud import LocalCloud
from replay.stage import deploy
from replay.story import STORIES, load_story
from tests.templates.attempts import Scene, try_everything
from tests.templates.permissions import WALKTHROUGH, Evidence, Gathered, gather
from tests.templates.questions import Question, listening
from tests.templates.readings import Reading, reading_of
from tests.templates.rules import Deployed


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    world = load_story(STORIES / WALKTHROUGH / "story.yaml").script.world
    network = world.network
    assert network is not None
    team = next(member for member in world.members if member != network.account)
    with LocalCloud() as cloud:
        deploy(cloud, network, world.members)
        name = f"onramp-{network.name}"
        yield Deployed(
            cloud=cloud,
            network=network,
            team=team,
            stack=cloud.stacks.stack(network.account, name),
            member=cloud.stacks.stack(team, f"{name}-member"),
            own=cloud.stacks.stack(network.account, f"{name}-member"),
        )


@pytest.fixture(scope="session")
def gathered() -> Gathered:
    return gather()


@pytest.fixture(scope="session")
def evidence(gathered: Gathered) -> Evidence:
    return gathered.united


@pytest.fixture(scope="session")
def evidence_by_row(gathered: Gathered) -> Evidence:
    """The same, where AWS sends no more than the rows of its reference promise."""
    return gathered.by_row


@pytest.fixture(scope="session")
def refusals() -> dict[Question, str]:
    return _refusals(Reading.UNITED)


@pytest.fixture(scope="session")
def refusals_by_row() -> dict[Question, str]:
    return _refusals(Reading.ROW)


def _refusals(reading: Reading) -> dict[Question, str]:
    """Every question to IAM that was answered with no while all was tried that must not be, and what was tried."""
    refusals: dict[Question, str] = {}
    denied: list[Question] = []

    def hear(question: Question, allowed: bool) -> None:
        if not allowed:
            denied.append(question)

    with LocalCloud() as cloud:
        scene = Scene(cloud)
        with listening(hear), reading_of(reading):
            for what in try_everything(scene, reading):
                assert denied, what
                refusals |= dict.fromkeys(denied, what)
                denied.clear()
    return refusals
