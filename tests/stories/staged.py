"""The walk-through's world with the product deployed in it, and nothing played yet."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from replay.stage import deploy
from replay.story import STORIES, Do, load_story
from replay.truth import Watch
from tests.forks import begun_once

STORY = load_story(STORIES / "walkthrough" / "story.yaml").script
DEEDS: list[Do] = [entry.do for entry in STORY.script if entry.do]
"""What people do in it, in order."""


@begun_once
@contextmanager
def deployed(**parameters: str) -> Iterator[LocalCloud]:
    """The story's stack, with these parameters instead of its own.

    What is told in it has to be so, at each announcement and at the end.
    """
    with LocalCloud() as cloud:
        worlds.build(cloud, STORY.world)
        assert STORY.world.network is not None
        network = replace(STORY.world.network, parameters={**STORY.world.network.parameters, **parameters})
        deploy(cloud, network, STORY.world.members)
        cloud.settle()
        truth = Watch(cloud, answered=network.parameters.get("StatusTags", "on") == "on")
        yield cloud
        truth.at_rest(*(account.id for account in STORY.world.accounts))
        assert truth.wrong == []
