"""Every story under events/ comes out as it says: as it stands, with events disturbed, under other names."""

import functools
import re
import shutil
from pathlib import Path

import pytest
from onramp.core import tags

from replay.play import play_events, play_story
from replay.standing import Standing
from replay.story import STORIES, load_events, load_story, story_names
from replay.telling import Options, Result

TWICE, REORDERED = Options(twice=True), Options(twice=True, shuffle=7, seed=4)


def play(name: str, options: Options = Options(), folder: Path = STORIES) -> Result:  # noqa: B008 - it is frozen
    return play_story(load_story(folder / name / "story.yaml"), options, lambda _: None)


def unmet(result: Result) -> list[str]:
    return [f"{it.where}: {it.reason}" for it in result.unmet]


def comparable(standing: Standing) -> dict[str, str]:
    """The world without the ids that the local cloud draws, which differ when things are made in another order, and
    without what is told with an account's next look, whenever that is.
    """
    drawn = re.compile(r"-[0-9a-z]{17}(?=\.)|(?<=/)sn-[0-9a-z]{17}")
    lasting = {name: what for name, what in standing.things.items() if f" tag {tags.SERVICES} " not in name}
    return {drawn.sub("", name): drawn.sub("", what) for name, what in lasting.items()}


def test_there_are_the_stories_that_were_asked_for() -> None:
    asked = {"walkthrough", "organisation-sharing", "manual-acceptance", "not-internal", "noise"}
    assert asked <= set(story_names())


@functools.cache
def played(name: str) -> Result:
    """The story as it stands; played once for all that compare with it."""
    return play(name)


@pytest.mark.parametrize("name", story_names())
def test_the_story_comes_out_as_it_says(name: str) -> None:
    assert unmet(played(name)) == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        # Each event twice in its order as well, once: with the order drawn it comes twice in each of them.
        pytest.param("walkthrough", TWICE, id="walkthrough-twice"),
        *(pytest.param(name, REORDERED, id=f"{name}-twice and reordered") for name in story_names()),
    ],
)
def test_with_events_doubled_or_reordered_the_world_ends_the_same(name: str, options: Options) -> None:
    disturbed = play(name, options)
    assert unmet(disturbed) == []
    assert comparable(disturbed.end) == comparable(played(name).end)


@pytest.mark.parametrize("name", story_names())
def test_the_recorded_events_alone_end_in_one_world_in_any_order(name: str) -> None:
    story = load_story(STORIES / name / "story.yaml")
    recorded = [event for file in sorted(story.folder.glob("*.json")) for event in load_events(file)]
    ends = []
    for options in (Options(), Options(twice=True, shuffle=2)):
        result = play_events(name, recorded, story, options, lambda _: None)
        # What is about a thing that the story's world does not have says so; nothing else may go wrong.
        assert [reason for reason in unmet(result) if "nothing can come of it" not in reason] == []
        ends.append(comparable(result.end))
    assert ends[0] == ends[1]


RENAMED = {
    "111111111111": "444444444444",
    "222222222222": "555555555555",
    "adways-vpc-lattice-network": "blue-mesh",
    "development-aws-ec2-vpc-lattice-yabuki": "orders",
    "yabuki-lattice-internal-alb": "orders-front",
    "ec2-vpc-lattice-yabuki": "orders-web-1",
    "cloud_coe_server": "till",
    "cloud-coe-vpc": "tills",
    "development-vpc": "shop",
    "10.1.32.0/20": "10.77.0.0/16",
    "10.1.33.": "10.77.5.",
    "10.1.34.": "10.77.6.",
    "10.1.96.0/20": "172.20.0.0/16",
    "10.1.97.": "172.20.1.",
    "10.1.98.": "172.20.2.",
    "vpc-0c2f6a1d9b3e48570": "vpc-0123456789abcdef0",
    "vpc-07d41be95c20fa863": "vpc-0fedcba9876543210",
    "50dc6c495c0c9188": "0f1e2d3c4b5a6978",
    "HTTP:80": "HTTP:8443",
    "{port: 80, protocol: HTTP": "{port: 8080, protocol: HTTP",
    "{port: 80, sources": "{port: 8080, sources",
    "serves: [{port: 80, server: nginx": "serves: [{port: 9000, server: caddy",
    "server: nginx": "server: caddy",
}


def test_the_walk_through_holds_under_other_names_ports_and_addresses(tmp_path: Path) -> None:
    folder = tmp_path / "walkthrough"
    shutil.copytree(STORIES / "walkthrough", folder)
    for file in folder.iterdir():
        text = file.read_text()
        for before, after in RENAMED.items():
            text = text.replace(before, after)
        file.write_text(text)
    # The service's port is none of the usual two, so the VPC's tag has to name it.
    story = folder / "story.yaml"
    port = '- {Key: "lattice:ports", Value: "8443"}'
    allow = '- {Key: "lattice:allow-from", Value: 10.77.5.54/32}'
    story.write_text(
        story.read_text()
        .replace(allow, f"{allow}\n          {port}")
        .replace('{Key: "lattice:allow-from"}]', '{Key: "lattice:allow-from"}, {Key: "lattice:ports"}]')
    )
    tagged, untagged = folder / "01-vpc-tagged.json", folder / "04-vpc-untagged.json"
    changed = '"lattice:allow-from",\n      "lattice:network"'
    for file in (tagged, untagged):
        file.write_text(file.read_text().replace(changed, f'{changed},\n      "lattice:ports"'))
    network = '"lattice:network": "blue-mesh",'
    tagged.write_text(tagged.read_text().replace(network, f'{network}\n      "lattice:ports": "8443",'))
    result = play("walkthrough", folder=tmp_path)
    assert unmet(result) == []
    assert [(asked.status, asked.stopped_at) for asked in result.requests] == [
        (0, "service association"),
        (200, ""),
        (0, "security group"),
        (0, "dns"),
    ]
    assert ":8443/" in result.requests[1].url
    told = repr(result)
    assert not [name for name in RENAMED if name in told and name not in RENAMED.values() and len(name) > 8]
