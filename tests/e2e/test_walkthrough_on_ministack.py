"""The README's deployment on an engine that is not ours, the walk-through on it, there and back, and replays of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import deployed
import pytest
import typed
from deployed import NETWORK, STACK, Deployed
from shop import DOMAIN, GROUP, POLICY, ZONE, Shop
from typed import Terminal
from walkthrough import FOLDER, MEMBER, STORY, Walkthrough

from replay.play import play_story
from replay.standing import Standing, added, left_over, missing, stand
from replay.story import load_story
from replay.telling import Options, Waited

STRANGER = "333333333333"
STORY_NETWORK = "adways-vpc-lattice-network"


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
def product(on_the_local_cloud: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Nothing deployed. After the local cloud's story: a process holds one local cloud at a time."""
    with deployed.ministack(tmp_path_factory.mktemp("ministack")) as product:
        yield product


@pytest.fixture(scope="module")
def shell(product: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Who has typed the README's deployment, for the network's own account too."""
    folder = tmp_path_factory.mktemp("typed")
    cloned = typed.clone(folder / "cloned").folder
    with typed.terminal(folder, cloned, product.variables(cloned)) as shell:
        shell.type("export AWS_PROFILE=network")
        network, member = (block for block in typed.blocks("README.md") if block.title == "Deploy (infra)")
        shell.type(f"{named(network)} --stack-name {STACK}", answer="y\n")
        shell.type(named(member))
        shell.type(named(member).replace("--profile department", ""))
        product.read_outputs()
        product.deploy_member(STRANGER)
        yield shell


@pytest.fixture(scope="module")
def story(product: Deployed, shell: Terminal) -> Walkthrough:
    """The walk-through's world, with all that is deployed by `shell`."""
    story = Walkthrough(product)
    story.prepare()
    story.listen()
    return story


def test_the_walkthrough_ends_as_on_the_local_cloud(story: Walkthrough, on_the_local_cloud: list[list[str]]) -> None:
    start = story.stand()
    acts = ["01-vpc-tagged.json", "02-alb-tagged.json", "03-alb-untagged.json", "04-vpc-untagged.json"]
    # After them the story lets the time pass for which a name is kept; here it is real time, and stays so.
    for act, expected in zip(acts, on_the_local_cloud[: len(acts)], strict=True):
        story.play(act)
        assert plain(start, story.stand()) == expected, act
    assert on_the_local_cloud[-1] == []
    assert missing(start, story.stand()) == []
    assert story.announced() == STORY["expect"]["announced"]


def test_the_bus_refuses_the_event_of_an_account_that_may_not_join(product: Deployed, shell: Terminal) -> None:
    story = Walkthrough(product, member=STRANGER)
    story.prepare()
    told = story.act("02-alb-tagged.json")
    assert [one["how"] for one in told] == [f"the policy of {product.outputs['BusArn']} does not admit {STRANGER}"]
    assert product.runs(STRANGER) == []


def test_replays_do_what_lost_events_would_have_done(product: Deployed, shell: Terminal, story: Walkthrough) -> None:
    """docs/replay.md as typed: `onramp` to the stack's queue, and EventBridge from its archive."""
    archive, queue = (
        next(block for block in typed.blocks("docs/replay.md") if block.title == title)
        for title in ("From the archive, by EventBridge", "Recorded events against a deployed stack")
    )
    start, runs = story.stand(), len(product.runs())

    # The README's tags, of which no event tells.
    balancer, vpc_id = story.resource("02-alb-tagged.json"), story.resource("01-vpc-tagged.json").rpartition("/")[2]
    shell.type(f"LOAD_BALANCER_ARN={balancer} VPC_ID={vpc_id} DEPARTMENT_ACCOUNT_ID={NETWORK}")
    alb, vpc = (block for block in typed.blocks("README.md") if block.title == "Opt in (service teams)")
    shell.type(named(alb).replace("aws ", "aws --profile department ", 1))
    shell.type(named(vpc))
    assert len(product.runs()) == runs
    told = shell.type(named(queue))
    assert "Every run ended well." in told
    assert '"status": "connected"' in told
    # Beside the story's own service, whose name is kept.
    assert [one.association for one in story.stand().services if one.association] == ["ACTIVE"]

    # The events of the story come from the archive, long after; by now the tags are gone.
    shell.type(f"aws --profile department elbv2 remove-tags --resource-arns {balancer} --tag-keys lattice:network")
    shell.type(f"aws ec2 delete-tags --resources {vpc_id} --tags Key=lattice:network")
    runs = len(product.runs(MEMBER))
    now = datetime.now(UTC)  # the local cloud's, as the events' times are
    shell.type(f"SINCE={now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ} UNTIL={now:%Y-%m-%dT%H:%M:%SZ}")
    shell.type(named(archive))
    product.settle(MEMBER, runs)
    assert "COMPLETED" in shell.type(archive.text.splitlines()[-1])
    more = [thing for thing in left_over(start, story.stand()) if not re.search(r"^\d+ service \S+: ACTIVE$", thing)]
    assert more == []


def test_the_newer_tags_find_what_they_name(shell: Terminal, story: Walkthrough) -> None:
    """A shop with a domain, its certificate and records, rules, weights, a policy, a log, and callers of every kind.

    MiniStack's are the certificate, the hosted zone with its records, the parameter, the log group with who may write
    to it, the prefix list and the security groups, and it is asked what the roles may do with them. It has no VPC
    Lattice, so what rules, weights, policy, log and idle timeout become stands in the local cloud beside it, and no
    request is walked. Its list of certificates has one name of each, all have RSA 2048, and it knows no authorisation
    of a VPC for another account's zone (`AssociateZones`): these, and what tags change, the local cloud alone shows.
    """
    shop = Shop(story)
    shop.make()
    before = shop.records()
    shop.tag(STORY_NETWORK, "shop-web")
    [(status, message)] = shop.answers().values()
    assert (status, message.partition(":")[0]) == ("refused", "zone-off")

    _, member = (block for block in typed.blocks("README.md") if block.title == "Deploy (infra)")
    shell.type(f"{named(member)} HostedZoneArns=arn:aws:route53:::hostedzone/{shop.zone} RecordDomains={ZONE}")
    shop.tag(STORY_NETWORK)
    too = ("connected", f"clients may use {DOMAIN} too")
    assert shop.answers() == dict.fromkeys(("shop-web", "shop-next", "shop-beta"), too) | {
        "shop-vpc": ("connected", "")
    }
    service = shop.service()
    assert (service["certificateArn"], service["idleTimeoutSeconds"]) == (shop.certificate, 300)
    assert (service["authType"], shop.policy()) == ("AWS_IAM", POLICY)
    assert shop.logs() == [f"{GROUP}:*"]
    beta = {"shop-beta": 100}
    rules = [("/beta", beta), ("/beta/", beta), ("", {"shop-web": 90, "shop-next": 10})]
    assert shop.sends() == {"HTTPS:443": rules, "HTTP:80": rules}
    alias, mark = f"{service['dnsEntry']['domainName']}.", (f"_lattice-onramp.{DOMAIN}.", "TXT")
    made = shop.records()
    assert "network=adways-vpc-lattice-network account=222222222222" in made.pop(mark)
    assert made == before | dict.fromkeys(((f"{DOMAIN}.", "A"), (f"{DOMAIN}.", "AAAA")), alias)
    callers = ("10.7.1.0/24", "2001:db8:7::/64", "offices", "web")
    assert shop.admitted() == {f"{who} {ports}" for who in callers for ports in ("80-80", "443-443", "8000-8010")}

    shop.untag()
    assert (shop.answers(), shop.records(), shop.admitted()) == ({}, before, set())


def named(block: typed.Block) -> str:
    """A block of the README with the story's network in it."""
    assert "production-network" in block.text
    return block.text.replace("production-network", STORY_NETWORK)


def plain(before: Standing, now: Standing) -> list[str]:
    """What has been added, without the ids that each engine draws, and the hashes that names have of them."""
    drawn = re.compile(r"(?<=-)(?:[0-9a-z]{17}|[0-9a-f]{8})\b|(?<=/)[0-9a-z]{16}\b|\.[0-9a-f]{7}\.")
    return sorted(drawn.sub("*", thing) for thing in added(before, now))
