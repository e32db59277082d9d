"""The walk-through inside docs/guard-rails, as an organisation attaches them; and what a developer tries in there."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from replay.play import play_story
from replay.stage import deploy
from replay.story import ROOT, STORIES, Story, load_story
from replay.telling import Options

KIT = ROOT / "docs" / "guard-rails"
MANAGEMENT, UNIT, MEMBERS, STRANGER = "999999999999", "ou-ab12-11111111", "ou-ab12-22222222", "888888888888"
NAME = "adways-vpc-lattice-network"
BY_SCP = "with an explicit deny in a service control policy"
BY_RCP = "with an explicit deny in a resource control policy"


def kit(name: str, network: str) -> dict[str, Any]:
    """One of its policies with this world's ids; whoever deploys is an account's owner here."""
    text = (KIT / f"{name}.json").read_text().replace("111111111111", network)
    found: dict[str, Any] = json.loads(text.replace(":role/infra-deploy", ":root"))
    return found


def guarded() -> Story:
    """Both accounts under the RCP, the department's under the SCP as well."""
    story = load_story(STORIES / "walkthrough" / "story.yaml")
    world = story.script.world
    assert world.network is not None
    network = world.network.account
    [team] = [account.id for account in world.accounts if account.id != network]
    organization = worlds.Organization(
        id="o-a1b2c3d4e5",
        sharing=False,  # so that invitations are sent, as the story tells
        accounts=(MANAGEMENT, network, team),
        units={UNIT: (network,), MEMBERS: (team,)},
        policies={MEMBERS: (kit("scp-members", network),)},
        resource_policies={UNIT: (kit("rcp", network),), MEMBERS: (kit("rcp", network),)},
    )
    return replace(story, script=replace(story.script, world=replace(world, organization=organization)))


def test_the_walk_through_comes_out_as_it_says_inside_the_guard_rails() -> None:
    result = play_story(guarded(), Options(), lambda _: None, lambda _record, _cloud: None)
    assert [f"{it.where}: {it.reason}" for it in result.unmet] == []


class Inside:
    """The walk-through's department, connected, and a developer who may do anything as far as his own account goes."""

    def __init__(self, cloud: LocalCloud, story: Story) -> None:
        self.cloud = cloud
        world = story.script.world
        assert world.network is not None
        self.network = world.network.account
        [self.team] = [account.id for account in world.accounts if account.id != self.network]
        worlds.build(cloud, world)
        deploy(cloud, world.network, world.members)
        cloud.settle()
        for account in (self.team, STRANGER):
            self._developer(account)
        [tagged] = [entry.do for entry in story.script.script if entry.do and entry.do.call == "elbv2.add_tags"][:1]
        cloud.client("elbv2", self.team).add_tags(**tagged.with_)
        cloud.settle()
        lattice = cloud.client("vpc-lattice", self.team)
        [self.service] = [one["arn"] for one in lattice.list_services()["items"]]
        [self.association] = [
            one["arn"]
            for one in lattice.list_service_network_service_associations(serviceIdentifier=self.service)["items"]
        ]
        self.balancer = tagged.with_["ResourceArns"][0]

    def _developer(self, account: str) -> None:
        iam = self.cloud.client("iam", account)
        trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.create_role(
            RoleName="developer",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        iam.put_role_policy(
            RoleName="developer",
            PolicyName="anything",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [anything]}),
        )

    def by(self, service: str, account: str = "") -> Any:
        return self.cloud.client(service, account or self.team, "developer")

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.team}:role/onramp-{NAME}-{name}"


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    with LocalCloud() as cloud:
        yield Inside(cloud, guarded())


ANYBODY = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})

TRIED: dict[str, Callable[[Inside], Any]] = {
    "deletes our association": lambda it: it.by("vpc-lattice").delete_service_network_service_association(
        serviceNetworkServiceAssociationIdentifier=it.association
    ),
    "lets everybody call": lambda it: it.by("vpc-lattice").put_auth_policy(
        resourceIdentifier=it.service, policy=ANYBODY
    ),
    "takes our mark off": lambda it: it.by("vpc-lattice").untag_resource(
        resourceArn=it.service, tagKeys=["lattice-onramp:network"]
    ),
    "makes what bears our mark": lambda it: it.by("vpc-lattice").create_service(
        name="forged", tags={"lattice-onramp:network": NAME}
    ),
    "answers itself": lambda it: it.by("elbv2").add_tags(
        ResourceArns=[it.balancer], Tags=[{"Key": "lattice-onramp:status", "Value": "connected"}]
    ),
    "makes a network of its own": lambda it: it.by("vpc-lattice").create_service_network(name="own"),
    "shares our service with another's network": lambda it: it.by("ram").create_resource_share(
        name="away", resourceArns=[it.service], principals=[STRANGER]
    ),
    "widens the writer": lambda it: it.by("iam").put_role_policy(
        RoleName=f"onramp-{NAME}-writer", PolicyName="more", PolicyDocument=ANYBODY
    ),
    "lets itself into the writer": lambda it: it.by("iam").update_assume_role_policy(
        RoleName=f"onramp-{NAME}-writer", PolicyDocument=ANYBODY
    ),
    "deletes our stack": lambda it: it.by("cloudformation").delete_stack(StackName=f"onramp-{NAME}-member"),
}


@pytest.mark.parametrize("what", TRIED)
def test_a_developer_who_may_do_anything_never(what: str, inside: Inside) -> None:
    with pytest.raises(ClientError, match=BY_SCP):
        TRIED[what](inside)


@pytest.mark.parametrize("who", ["a developer of the account", "a stranger", "a stranger's owner"])
def test_nobody_takes_a_role_of_ours_even_when_its_trust_was_widened(who: str, inside: Inside) -> None:
    account = inside.team if "account" in who else STRANGER
    role = "" if "owner" in who else "developer"
    iam = inside.cloud.client("iam", inside.team)
    before = iam.get_role(RoleName=f"onramp-{NAME}-writer")["Role"]["AssumeRolePolicyDocument"]
    widened = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [widened]})
    iam.update_assume_role_policy(RoleName=f"onramp-{NAME}-writer", PolicyDocument=document)
    sts = inside.cloud.client("sts", account, role)
    with pytest.raises(ClientError, match=BY_RCP):
        sts.assume_role(RoleArn=inside.role("writer"), RoleSessionName="trying")
    iam.update_assume_role_policy(RoleName=f"onramp-{NAME}-writer", PolicyDocument=json.dumps(before))


def test_a_queue_whose_policy_lets_all_in_speaks_to_no_stranger(inside: Inside) -> None:
    sqs = inside.cloud.client("sqs", inside.network)
    url = sqs.get_queue_url(QueueName=f"onramp-{NAME}")["QueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    arn = f"arn:aws:sqs:{inside.cloud.region}:{inside.network}:onramp-{NAME}"
    opened = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [opened]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    with pytest.raises(ClientError, match=BY_RCP):
        inside.by("sqs", STRANGER).send_message(QueueUrl=url, MessageBody="{}")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": before})


def test_what_a_team_does_for_itself_stays_possible(inside: Inside) -> None:
    lattice = inside.by("vpc-lattice")
    own = lattice.create_service(name="own")["arn"]
    inside.cloud.settle()
    lattice.tag_resource(resourceArn=own, tags={"lattice-onramp:adopt": "yes"})
    lattice.delete_service(serviceIdentifier=own)
