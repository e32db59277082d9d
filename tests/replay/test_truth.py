"""What is told is held against what is: every kind of untruth is seen, on resources and in announcements."""

from collections.abc import Iterator
from typing import Any

import pytest
from onramp.core import tags
from onramp.core.report import SOURCE

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord
from replay.truth import Watch, unfounded, untrue
from tests.stories.said import BALANCER, CALLERS, SERVICE, TEAM, VPC, connected


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A service and a client that are connected, and told so."""
    with connected() as said:
        yield said.cloud


def wrong(cloud: LocalCloud) -> list[str]:
    return [*untrue(cloud, TEAM), *untrue(cloud, CALLERS)]


def domain(cloud: LocalCloud) -> str:
    [service] = cloud.lattice.estate.services
    return str(service.domain)


@pytest.mark.parametrize(
    ("resource", "said", "why"),
    [
        (BALANCER, {"status": "unreachable", "domain": ""}, "says unreachable and"),
        (BALANCER, {"status": "", "domain": ""}, "says nothing and"),
        (BALANCER, {"status": "connecting", "domain": ""}, "says connecting without a domain and"),
        (BALANCER, {"domain": ""}, "says connected and no domain"),
        (BALANCER, {"domain": "orders.example"}, "and orders.example, which does not answer"),
        (VPC, {"status": "unreachable"}, "says unreachable and requests leave it"),
        (VPC, {"status": "connecting"}, "says connecting and requests leave it"),
        (VPC, {"status": ""}, "says nothing and requests leave it"),
    ],
)
def test_an_answer_that_is_not_so_is_seen(cloud: LocalCloud, resource: str, said: dict[str, str], why: str) -> None:
    assert wrong(cloud) == []
    with rewritten(cloud, resource, said):
        assert why in " ".join(wrong(cloud))
    assert wrong(cloud) == []


class rewritten:  # noqa: N801 - used like a function
    """Somebody writes over the answers on a resource, and for as long as it lasts nothing of the product runs."""

    def __init__(self, cloud: LocalCloud, resource: str, said: dict[str, str]) -> None:
        self.cloud, self.resource, self.said = cloud, resource, said

    def __enter__(self) -> None:
        self.before = self.there()
        self.put({**self.before, **{f"lattice-onramp:{key}": value for key, value in self.said.items()}})

    def __exit__(self, *_: object) -> None:
        self.put(self.before)

    def there(self) -> dict[str, str]:
        with self.cloud.gate.quiet():
            if self.resource == BALANCER:
                [found] = self.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
                given = found["Tags"]
            else:
                given = self.cloud.client("ec2", CALLERS).describe_vpcs(VpcIds=[VPC])["Vpcs"][0]["Tags"]
        return {tag["Key"]: tag["Value"] for tag in given if tag["Key"] in tags.STATUS_KEYS}

    def put(self, wanted: dict[str, str]) -> None:
        full = [{"Key": key, "Value": value} for key, value in wanted.items() if value]
        gone = [key for key in tags.STATUS_KEYS if not wanted.get(key)]
        with self.cloud.gate.quiet():
            if self.resource == BALANCER:
                elb = self.cloud.client("elbv2", TEAM)
                elb.remove_tags(ResourceArns=[BALANCER], TagKeys=gone)
                if full:
                    elb.add_tags(ResourceArns=[BALANCER], Tags=full)
            else:
                ec2 = self.cloud.client("ec2", CALLERS)
                ec2.delete_tags(Resources=[VPC], Tags=[{"Key": key} for key in gone])
                if full:
                    ec2.create_tags(Resources=[VPC], Tags=full)


def test_connected_is_untrue_where_nothing_answers_or_nobody_can_call(cloud: LocalCloud) -> None:
    with cloud.gate.quiet():
        ec2 = cloud.client("ec2", CALLERS)
        ec2.modify_vpc_attribute(VpcId=VPC, EnableDnsSupport={"Value": False})
        elb = cloud.client("elbv2", TEAM)
        [listener] = elb.describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
        silent = [{"Type": "forward", "TargetGroupArn": target_group_without_targets(cloud)}]
        elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=silent)
    assert [what.partition(" and ")[0] for what in wrong(cloud)] == [
        f"{BALANCER.split('/')[-2]} says connected",
        f"{VPC} says connected",
    ]
    assert [*unfounded(cloud, event("Service Connected", domain=domain(cloud)))]
    assert [*unfounded(cloud, event("Client Connected", vpc=VPC))]
    with cloud.gate.quiet():
        ec2.modify_vpc_attribute(VpcId=VPC, EnableDnsSupport={"Value": True})
        elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=listener["DefaultActions"])
    assert wrong(cloud) == []


def target_group_without_targets(cloud: LocalCloud) -> str:
    elb = cloud.client("elbv2", TEAM)
    vpc = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"][0]["VpcId"]
    made = elb.create_target_group(Name="nobody", Protocol="HTTP", Port=80, VpcId=vpc)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def event(kind: str, **detail: Any) -> dict[str, Any]:
    return {"id": kind, "source": SOURCE, "detail-type": kind, "detail": {"account": TEAM, **detail}}


def announcements(cloud: LocalCloud) -> dict[str, bool]:
    """Announcement -> is it so, while all is connected."""
    [service] = cloud.lattice.estate.services
    network = "adways-vpc-lattice-network"
    of_service = {"domain": service.domain, "arn": service.arn, "name": SERVICE}
    said = {
        "Service Connected": (of_service, True),
        "Service Disconnected": (of_service, False),
        "Service Unreachable": (of_service, False),
        "Client Connected": ({"vpc": VPC}, True),
        "Client Disconnected": ({"vpc": VPC, "network": network}, False),
        "Client Unreachable": ({"vpc": VPC}, False),
        "Load Balancer Joined": ({**of_service, "joined": [BALANCER]}, True),
        "Request Refused": ({}, True),
    }
    return {kind: so == (not [*unfounded(cloud, event(kind, **detail))]) for kind, (detail, so) in said.items()}


def test_an_announcement_that_is_not_so_is_seen(cloud: LocalCloud) -> None:
    assert set(announcements(cloud).values()) == {True}
    strange = event("Load Balancer Joined", arn="arn:none", name="none", joined=[BALANCER])
    assert [*unfounded(cloud, strange)] == [f"Load Balancer Joined: service none does not send to {BALANCER}"]


def test_a_watch_hears_each_announcement_once_and_tells_each_untruth_once(cloud: LocalCloud) -> None:
    watch = Watch(cloud)
    lie = event("Service Disconnected", domain=domain(cloud))
    for run in ("", "run-1", "run-1"):
        watch.hear(EventRecord(at=cloud.clock.now, run=run, bus="arn:bus", event=lie))
    assert watch.wrong == [
        f"as Service Disconnected was announced: Service Disconnected: {domain(cloud)} answers",
    ]
    watch.at_rest(TEAM, CALLERS)
    assert len(watch.wrong) == 1
    with rewritten(cloud, BALANCER, {"status": ""}):
        Watch(cloud, answered=False).at_rest(TEAM)
        watch.at_rest(TEAM)
    assert len(watch.wrong) == 2
