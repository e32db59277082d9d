"""The README's deployment on an engine that is not ours, and the walk-through on it, there and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deployed
import pytest
from deployed import NETWORK, Deployed
from walkthrough import FOLDER, MEMBER, STORY, Walkthrough

from cli.replay import play_story
from cli.standing import Standing, added, missing, stand
from cli.story import load_story
from cli.telling import Options, Waited

STRANGER = "333333333333"


@pytest.fixture(scope="module")
def on_the_local_cloud() -> list[list[str]]:
    """What has been added to the world after each of the story's four acts, when the local cloud alone plays it."""
    clouds: list[Any] = []
    found: list[Standing] = []

    def hear(_: Any, cloud: Any) -> None:
        clouds[:] = [cloud]

    def tell(telling: Any) -> None:
        # A wait that names nothing is one until all is settled.
        if isinstance(telling, Waited) and not telling.what:
            found.append(stand(clouds[0], (NETWORK, MEMBER)))

    result = play_story(load_story(FOLDER / "story.yaml"), Options(), tell, hear)
    assert not result.unmet
    return [plain(result.start, standing) for standing in found]


@pytest.fixture(scope="module")
def product(
    on_the_local_cloud: list[list[str]], built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Both accounts, deployed. After the local cloud's story: a process holds one local cloud at a time."""
    with deployed.ministack(tmp_path_factory.mktemp("ministack")) as product:
        product.deploy_network(built)
        for account in (NETWORK, MEMBER, STRANGER):
            product.deploy_member(account)
        yield product


def test_the_walkthrough_ends_as_on_the_local_cloud(product: Deployed, on_the_local_cloud: list[list[str]]) -> None:
    story = Walkthrough(product)
    story.prepare()
    story.listen()
    start = story.stand()
    acts = ["01-vpc-tagged.json", "02-alb-tagged.json", "03-alb-untagged.json", "04-vpc-untagged.json"]
    for act, expected in zip(acts, on_the_local_cloud, strict=True):
        story.play(act)
        assert plain(start, story.stand()) == expected, act
    assert plain(start, story.stand()) == []
    assert missing(start, story.stand()) == []
    assert story.announced() == STORY["expect"]["announced"]


def test_the_bus_refuses_the_event_of_an_account_that_may_not_join(product: Deployed) -> None:
    story = Walkthrough(product, member=STRANGER)
    story.prepare()
    told = story.act("02-alb-tagged.json")
    assert [one["how"] for one in told] == [f"the policy of {product.outputs['BusArn']} does not admit {STRANGER}"]
    assert product.runs(STRANGER) == []


def plain(before: Standing, now: Standing) -> list[str]:
    """What has been added, without the ids that each engine draws, and the hashes that names have of them."""
    drawn = re.compile(r"(?<=-)(?:[0-9a-z]{17}|[0-9a-f]{8})\b|(?<=/)[0-9a-z]{16}\b|\.[0-9a-f]{7}\.")
    return sorted(drawn.sub("*", thing) for thing in added(before, now))
