"""A Lattice service that people made themselves: on the network by its own tag, changed in nothing else, off again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from onramp.core.tags import ADOPT, RELEASE

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault, Kind
from localcloud.ground.journal import CallRecord
from tests.stories.staged import DEEDS, deployed

TEAM, CALLERS = DEEDS[1].account, DEEDS[0].account
[VPC] = DEEDS[0].with_["Resources"]
[BALANCER] = DEEDS[1].with_["ResourceArns"]
CALLER = "10.1.33.54"
SERVICE = next(tag["Value"] for tag in DEEDS[1].with_["Tags"] if tag["Key"] == "lattice:service")
NETWORK = next(tag["Value"] for tag in DEEDS[1].with_["Tags"] if tag["Key"] == "lattice:network")
TOUCHED = {
    "CreateServiceNetworkServiceAssociation",
    "DeleteServiceNetworkServiceAssociation",
    "TagResource",
    "UntagResource",
}
"""All that is ever asked of Lattice, changing anything, for a service that people made."""


@dataclass
class Theirs:
    """A deployed world in which a client is joined and the department has a service of its own making."""

    cloud: LocalCloud
    arn: str = ""

    @property
    def lattice(self) -> Any:
        return self.cloud.client("vpc-lattice", TEAM)

    def make(self, name: str = "theirs", *, listens: bool = True) -> None:
        """As the Kubernetes controller, Terraform or a hand does: a service, its listener, its target group."""
        [balancer] = self.cloud.client("elbv2", TEAM).describe_load_balancers(LoadBalancerArns=[BALANCER])[
            "LoadBalancers"
        ]
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": balancer["VpcId"]}
        group = self.lattice.create_target_group(name=f"{name}-targets", type="ALB", config=config)["id"]
        self.arn = self.lattice.create_service(name=name)["arn"]
        self.cloud.settle()
        self.lattice.register_targets(targetGroupIdentifier=group, targets=[{"id": BALANCER, "port": 80}])
        self.cloud.settle()
        if listens:
            self.listen(group)

    def listen(self, group: str) -> None:
        forward = {"forward": {"targetGroups": [{"targetGroupIdentifier": group}]}}
        self.lattice.create_listener(
            serviceIdentifier=self.arn, name="http", protocol="HTTP", port=80, defaultAction=forward
        )
        self.cloud.settle()

    def tag(self, **tags: str) -> None:
        given = {f"lattice:{key.replace('_', '-')}": value for key, value in tags.items()}
        self.lattice.tag_resource(resourceArn=self.arn, tags=given)
        self.cloud.settle()

    def untag(self, *keys: str) -> None:
        self.lattice.untag_resource(resourceArn=self.arn, tagKeys=[f"lattice:{key}" for key in keys])
        self.cloud.settle()

    def told(self) -> dict[str, str]:
        tags = self.lattice.list_tags_for_resource(resourceArn=self.arn)["tags"]
        return {key.partition(":")[2]: value for key, value in tags.items() if key.startswith("lattice-onramp:")}

    @property
    def domain(self) -> str:
        return str(self.lattice.get_service(serviceIdentifier=self.arn)["dnsEntry"]["domainName"])

    def asks(self) -> int | str:
        answer = network.request(self.cloud, CALLER, f"http://{self.domain}/")
        return answer.stopped_at or answer.status

    def associations(self) -> list[dict[str, Any]]:
        return list(self.lattice.list_service_network_service_associations(serviceIdentifier=self.arn)["items"])

    def mark(self) -> int:
        return len(list(self.cloud.journal))

    def changes(self, since: int) -> set[str]:
        """What the product has asked of Lattice in the department, that changes anything."""
        calls = [one for one in list(self.cloud.journal)[since:] if isinstance(one, CallRecord) and one.function]
        return {
            one.operation
            for one in calls
            if one.service == "vpc-lattice" and not one.operation.startswith(("Get", "List"))
        }

    def as_it_is(self) -> dict[str, Any]:
        """All of the service that is its maker's."""
        where = {"serviceIdentifier": self.arn}
        service = {k: v for k, v in self.lattice.get_service(**where).items() if k not in {"ResponseMetadata"}}
        listeners = self.lattice.list_listeners(**where)["items"]
        read = [self.lattice.get_listener(**where, listenerIdentifier=one["id"]) for one in listeners]
        groups = self.lattice.list_target_groups()["items"]
        targets = {one["id"]: self.lattice.list_targets(targetGroupIdentifier=one["id"])["items"] for one in groups}
        own = {
            key: value
            for key, value in self.lattice.list_tags_for_resource(resourceArn=self.arn)["tags"].items()
            if not key.startswith(("lattice-onramp:", "lattice:"))
        }
        read = [{key: value for key, value in one.items() if key != "ResponseMetadata"} for one in read]
        return {"service": service, "listeners": read, "groups": groups, "targets": targets, "tags": own}


@contextmanager
def theirs(*, client: bool = True, **parameters: str) -> Iterator[Theirs]:
    with deployed(**parameters) as cloud:
        if client:
            cloud.client("ec2", CALLERS).create_tags(**DEEDS[0].with_)
            cloud.settle()
        yield Theirs(cloud)


def test_a_tag_on_a_service_joins_it_and_taking_it_off_leaves_all_as_it_was() -> None:
    with theirs() as it:
        it.make()
        before, begun = it.as_it_is(), it.mark()
        assert it.asks() != 200
        it.tag(network=NETWORK)
        assert it.told() == {"status": "connected", "domain": it.domain}
        assert it.asks() == 200
        assert it.as_it_is() == before
        it.untag("network")
        assert it.told() == {}
        assert it.asks() != 200
        assert it.associations() == []
        assert it.as_it_is() == before
        assert it.changes(begun) <= TOUCHED


def test_a_tag_of_which_nobody_heard_is_found_within_two_sweeps() -> None:
    with theirs() as it:
        it.make()
        with it.cloud.gate.quiet():
            it.lattice.tag_resource(resourceArn=it.arn, tags={"lattice:network": NETWORK})
        it.cloud.clock.advance(8200)
        it.cloud.settle()
        assert it.told() == {"status": "connected", "domain": it.domain}
        with it.cloud.gate.quiet():
            it.lattice.untag_resource(resourceArn=it.arn, tagKeys=["lattice:network"])
        it.cloud.clock.advance(4600)
        it.cloud.settle()
        assert (it.told(), it.associations()) == ({}, [])


def test_what_another_hand_brought_to_the_network_is_told_so_and_stays() -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        [ours] = it.associations()
        it.untag("network")
        # The network is within the account's reach as long as something of it is on it: here by its own hand.
        it.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        it.cloud.settle()
        it.lattice.create_service_network_service_association(
            serviceIdentifier=it.arn, serviceNetworkIdentifier=ours["serviceNetworkArn"]
        )
        it.cloud.settle()
        begun = it.mark()
        it.tag(network=NETWORK)
        answer = it.told()
        assert (answer["status"], answer["message"].partition(":")[0]) == ("connected", "joined-by-others")
        it.untag("network")
        assert (it.told(), it.asks(), len(it.associations())) == ({}, 200, 1)
        assert it.changes(begun) <= {"TagResource", "UntagResource"}


def test_a_tag_that_makes_no_sense_on_it_is_refused_and_it_goes_on() -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        it.tag(listen="HTTP:81")
        answer = it.told()
        assert (answer["status"], answer["domain"], it.asks()) == ("refused", it.domain, 200)
        assert answer["message"].startswith("tag-unknown: remove tag lattice:listen")
        it.untag("listen")
        assert it.told() == {"status": "connected", "domain": it.domain}


def test_its_owner_may_end_it_and_while_the_tag_is_there_it_comes_back() -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        [ours] = it.associations()
        it.lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=ours["arn"])
        it.cloud.settle()
        it.cloud.clock.advance(4600)
        it.cloud.settle()
        assert (it.told()["status"], it.asks()) == ("connected", 200)


def test_one_without_a_listener_is_joined_and_told_that_nothing_answers() -> None:
    with theirs() as it:
        it.make(listens=False)
        it.tag(network=NETWORK)
        answer = it.told()
        assert (answer["status"], "domain" in answer) == ("unreachable", False)
        assert answer["message"].startswith("service-listener: add a listener")
        [group] = [one["id"] for one in it.lattice.list_target_groups()["items"] if one["name"] == "theirs-targets"]
        it.listen(group)
        it.cloud.clock.advance(4600)
        it.cloud.settle()
        assert it.told() == {"status": "connected", "domain": it.domain}


def test_a_load_balancer_that_asks_for_its_name_is_refused_and_it_goes_on() -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        before = it.as_it_is()
        wish = [{"Key": "lattice:network", "Value": NETWORK}, {"Key": "lattice:service", "Value": "theirs"}]
        it.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=wish)
        it.cloud.settle()
        [said] = it.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
        answer = {one["Key"]: one["Value"] for one in said["Tags"]}
        assert answer["lattice-onramp:message"].startswith("name-taken: ")
        assert (it.asks(), it.as_it_is(), it.told()["status"]) == (200, before, "connected")


def test_what_runs_made_is_not_taken_for_one_whatever_tag_it_carries() -> None:
    with theirs() as it:
        it.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        it.cloud.settle()
        [made] = it.lattice.list_services()["items"]
        it.lattice.tag_resource(resourceArn=made["arn"], tags={"lattice:network": NETWORK})
        it.cloud.settle()
        tags = it.lattice.list_tags_for_resource(resourceArn=made["arn"])["tags"]
        assert tags["lattice:network"] == NETWORK
        it.cloud.clock.advance(4600)
        it.cloud.settle()
        assert it.lattice.list_tags_for_resource(resourceArn=made["arn"])["tags"] == tags


@pytest.mark.parametrize("kind", ["throttle", "refuse", "500"])
def test_an_answer_that_could_not_be_taken_off_goes_by_a_sweep_though_nothing_else_tells_of_the_service(
    kind: Kind,
) -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        denied = Fault(kind=kind, service="vpc-lattice", operation="UntagResource", role="*-writer", times=None)
        it.cloud.faults.add(denied)
        it.untag("network")
        assert it.associations() == []
        assert it.told()["status"] == ""  # blank where it may not be taken off
        it.cloud.faults.clear()
        it.cloud.clock.advance(4600)
        it.cloud.settle()
        assert it.told() == {}


def test_an_account_that_has_none_pays_one_call_a_sweep_for_it() -> None:
    with theirs() as it:
        begun = it.mark()
        it.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        it.cloud.settle()

        def asked() -> list[str]:
            calls = [one for one in list(it.cloud.journal)[begun:] if isinstance(one, CallRecord) and one.function]
            found = [one for one in calls if one.operation == "GetResources" and "ResourceTypeFilters" in one.params]
            return [one.run for one in found]

        assert asked() == []
        it.cloud.clock.advance(3600)
        it.cloud.settle()
        assert len(asked()) == len(set(asked())) > 0


def test_an_association_is_left_to_the_owner_who_takes_his_service_back_wish_or_no_wish() -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        it.lattice.tag_resource(resourceArn=it.arn, tags={RELEASE: "yes"})
        it.cloud.settle()
        [joined] = it.associations()
        assert it.lattice.list_tags_for_resource(resourceArn=joined["arn"])["tags"] == {}
        assert (it.told()["status"], it.told()["message"].partition(":")[0]) == ("connected", "joined-by-others")
        it.untag("network")
        it.cloud.clock.advance(8200)
        it.cloud.settle()
        assert it.associations()[0]["id"] == joined["id"]
        assert (it.told(), it.asks()) == ({"release": "yes"}, 200)


def test_an_answer_on_a_service_goes_when_it_is_handed_over_to_a_load_balancer() -> None:
    """It is told on the load balancer from then on; on the service it would say so for good."""
    with theirs() as it:
        it.make(SERVICE)
        it.tag(network=NETWORK)
        it.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        [group] = it.lattice.list_target_groups()["items"]
        for thing in (group["arn"], it.arn):
            it.lattice.tag_resource(resourceArn=thing, tags={ADOPT: "yes"})
        it.cloud.settle()
        assert it.told().keys() == {"adopt", "name", "network"}
        it.cloud.clock.advance(8200)
        it.cloud.settle()
        assert it.told().keys() == {"adopt", "name", "network"}
        assert it.asks() == 200


def test_an_answer_on_a_service_at_its_last_tag_says_what_is_so() -> None:
    with theirs() as it:
        it.make()
        it.tag(network=NETWORK)
        there = len(it.lattice.list_tags_for_resource(resourceArn=it.arn)["tags"])
        it.lattice.tag_resource(resourceArn=it.arn, tags={f"own-{number}": "x" for number in range(50 - there)})
        it.tag(network="nope")
        assert (it.told()["status"], it.told()["message"].partition(":")[0]) == ("refused", "network-unknown")
        it.tag(network=NETWORK)
        assert it.told() == {"status": "connected", "domain": it.domain}
