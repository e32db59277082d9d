"""What cannot be deleted because something else holds it: the holder is told by its id, and each sweep asks once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core.tags import STATUS_KEYS

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, InvocationRecord
from replay.stage import deploy
from replay.truth import Watch
from tests.forks import begun_once
from tests.stories.staged import DEEDS, STORY

CALLERS, TEAM = DEEDS[0].account, DEEDS[1].account
VPC, BALANCER = DEEDS[0].with_["Resources"][0], DEEDS[1].with_["ResourceArns"][0]
SWEEP = 3_600.0


@begun_once
@contextmanager
def connected() -> Iterator[LocalCloud]:
    """The walk-through's two accounts on the network; what is no longer asked for goes at once."""
    network = STORY.world.network
    assert network is not None
    at_once = {**network.parameters, "QuietSeconds": "0", "KeepSeconds": "0"}
    with LocalCloud() as cloud:
        worlds.build(cloud, STORY.world)
        deploy(cloud, replace(network, parameters=at_once), STORY.world.members)
        cloud.client("ec2", CALLERS).create_tags(**DEEDS[0].with_)
        cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        cloud.settle()
        truth = Watch(cloud)
        yield cloud
        truth.at_rest(CALLERS, TEAM)
        assert truth.wrong == []


def opt_out(cloud: LocalCloud) -> None:
    cloud.client("ec2", CALLERS).delete_tags(Resources=[VPC], Tags=[{"Key": "lattice:network"}])
    cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[BALANCER], TagKeys=["lattice:network"])
    cloud.settle()


def referring_group(cloud: LocalCloud) -> str:
    """A rule of a group of the account's own admits whoever is in ours."""
    ec2 = cloud.client("ec2", CALLERS)
    named: Any = [{"Name": "tag-key", "Values": ["lattice-onramp:network"]}]
    [ours] = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    other = ec2.create_security_group(GroupName="theirs", Description="theirs", VpcId=VPC)["GroupId"]
    rule: Any = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": ours["GroupId"]}]}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[rule])
    return str(other)


def foreign_association(cloud: LocalCloud) -> str:
    """The department joins our service to a network of its own."""
    lattice = cloud.client("vpc-lattice", TEAM)
    [service] = lattice.list_services()["items"]
    own = lattice.create_service_network(name="their-own")
    made = lattice.create_service_network_service_association(
        serviceIdentifier=service["id"], serviceNetworkIdentifier=own["id"]
    )
    return str(made["arn"])


HELD: dict[str, tuple[str, Callable[[LocalCloud], str], str, int]] = {
    "a security group, by a rule of another": (CALLERS, referring_group, "DeleteSecurityGroup", 1),
    "a service, by an association of another's": (TEAM, foreign_association, "DeleteService", 0),
}
"""What is held -> whose it is, who comes to hold it, what is asked in vain, and how often by each sweep."""


@pytest.mark.parametrize("what", HELD)
def test_what_holds_it_is_told_and_each_sweep_asks_once(what: str) -> None:
    account, hold, operation, times = HELD[what]
    with connected() as cloud:
        holder = hold(cloud)
        cloud.settle()
        began = cloud.clock.now
        opt_out(cloud)
        assert holder in told(cloud, account)
        assert asked(cloud, account, operation, began) == times
        for _ in range(2):
            at = cloud.clock.now
            cloud.clock.advance(SWEEP)
            cloud.settle()
            assert asked(cloud, account, operation, at) == times
            # The sweep's look, and where something was asked in vain one that sees what came of it.
            assert looks(cloud, account, at) == 1 + times
            assert holder in told(cloud, account)


def test_a_service_that_another_network_holds_answers_here_no_more_and_is_told_so() -> None:
    with connected() as cloud:
        foreign_association(cloud)
        opt_out(cloud)
        [described] = cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
        said = {tag["Key"]: tag["Value"] for tag in described["Tags"] if tag["Key"] in STATUS_KEYS}
        assert said.keys() == {"lattice-onramp:status", "lattice-onramp:message"}
        assert said["lattice-onramp:status"] == "held"
        assert "is off this network and kept for it" in said["lattice-onramp:message"]


def asked(cloud: LocalCloud, account: str, operation: str, since: float) -> int:
    calls = (it for it in cloud.journal.of(CallRecord) if it.function and it.at > since and it.account == account)
    return sum(it.operation == operation for it in calls)


def told(cloud: LocalCloud, account: str) -> str:
    """What the account's last run came to, as it was reported."""
    return json.dumps([payload for _, payload in invocations(cloud, "report", account)][-1])


def looks(cloud: LocalCloud, account: str, since: float) -> int:
    return sum(at > since for at, _ in invocations(cloud, "plan", account))


def invocations(cloud: LocalCloud, function: str, account: str) -> list[tuple[float, Any]]:
    """When and with what a function was called for the account's runs."""
    return [
        (it.at, it.payload)
        for it in cloud.journal.of(InvocationRecord)
        if it.function.endswith(f"-{function}") and it.payload.get("run", it.payload).get("account") == account
    ]
