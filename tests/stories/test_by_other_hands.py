"""What others do in an account meanwhile, and what Lattice does not bring about: told, and never overrun."""

from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, EventRecord, ExecutionRecord
from replay.story import Do
from tests.stories.staged import DEEDS, deployed

TAGGED: Do = DEEDS[1]
TEAM = TAGGED.account
[BALANCER] = TAGGED.with_["ResourceArns"]
SERVICE = "development-aws-ec2-vpc-lattice-yabuki"
NETWORK = "adways-vpc-lattice-network"


def tag(cloud: LocalCloud, **tags: str) -> None:
    given = [{"Key": f"lattice:{key}", "Value": value} for key, value in tags.items()]
    cloud.client("elbv2", TEAM).add_tags(ResourceArns=[BALANCER], Tags=given)
    cloud.settle()


def connect(cloud: LocalCloud) -> None:
    cloud.client("elbv2", TEAM).add_tags(**TAGGED.with_)
    cloud.settle()


def answers(cloud: LocalCloud) -> dict[str, str]:
    [described] = cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
    said = {it["Key"]: it["Value"] for it in described["Tags"]}
    return {key.partition(":")[2]: value for key, value in said.items() if key.startswith("lattice-onramp:")}


def announced(cloud: LocalCloud) -> set[str]:
    return {it.event["detail-type"] for it in cloud.journal.of(EventRecord) if it.event["source"] == "lattice.onramp"}


def called(cloud: LocalCloud, operation: str) -> int:
    return sum(bool(call.function) and call.operation == operation for call in cloud.journal.of(CallRecord))


def test_a_listener_that_somebody_else_made_on_a_wanted_port_is_told_and_left_alone() -> None:
    with deployed() as cloud:
        connect(cloud)
        lattice = cloud.client("vpc-lattice", TEAM)
        [service] = [it for it in lattice.list_services()["items"] if it["name"] == SERVICE]
        action: Any = {"fixedResponse": {"statusCode": 404}}
        lattice.create_listener(
            serviceIdentifier=service["id"], name="theirs", protocol="HTTP", port=8080, defaultAction=action
        )
        tag(cloud, listen="HTTP:80 HTTP:8080")
        assert answers(cloud)["status"] == "refused"
        assert answers(cloud)["message"].startswith("name-taken: listen on another port or put tag")
        listeners = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        assert {(it["name"], it["port"]) for it in listeners} == {("http-80", 80), ("theirs", 8080)}
        assert called(cloud, "CreateListener") == 1


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("service", "CreateService"),
        ("service-association", "CreateServiceNetworkServiceAssociation"),
        ("target-group", "CreateTargetGroup"),
    ],
)
def test_what_fails_each_time_it_is_made_is_given_up_within_the_run_and_told(kind: Any, operation: str) -> None:
    with deployed() as cloud:
        for _ in range(5):
            cloud.lattice.fail_next(kind, "Failed", "there is no capacity")
        connect(cloud)
        assert called(cloud, operation) == 3
        assert answers(cloud)["status"] == "failed"
        assert "there is no capacity" in answers(cloud)["message"]
        runs = [run for run in cloud.journal.of(ExecutionRecord) if f":{TEAM}-" in run.execution]
        assert {run.status for run in runs} == {"RUNNING", "SUCCEEDED"}
        # Two more failures are left. What was given up is tried once by each sweep, and the third one succeeds.
        cloud.clock.advance(4 * 3700)
        cloud.settle()
        assert (called(cloud, operation), answers(cloud)["status"]) == (6, "connected")


def test_a_service_whose_mark_somebody_took_off_serves_on_is_told_and_goes_only_off_the_network() -> None:
    with deployed(KeepSeconds="7200") as cloud:
        connect(cloud)
        lattice = cloud.client("vpc-lattice", TEAM)
        [service] = [it for it in lattice.list_services()["items"] if it["name"] == SERVICE]
        domain = answers(cloud)["domain"]
        lattice.untag_resource(resourceArn=service["arn"], tagKeys=["lattice-onramp:network"])
        made = called(cloud, "CreateService")
        cloud.clock.advance(2 * 3700)
        cloud.settle()
        assert (answers(cloud)["status"], answers(cloud)["domain"]) == ("connected", domain)
        told = [event.event for event in cloud.journal.of(EventRecord) if event.event["source"] == "lattice.onramp"]
        assert "Service Disconnected" not in {event["detail-type"] for event in told}
        codes = [event["detail"]["code"] for event in told if event["detail-type"] == "Request Refused"]
        assert codes == ["mark-missing"]
        assert called(cloud, "CreateService") == made
        # Who leaves is taken off the network; what may not be deleted is told, and goes when it is marked again.
        cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[BALANCER], TagKeys=["lattice:network"])
        cloud.clock.advance(4 * 3700)
        cloud.settle()
        assert lattice.list_service_network_service_associations(serviceIdentifier=service["id"])["items"] == []
        [there] = [it["arn"] for it in lattice.list_services()["items"]]
        assert there == service["arn"]
        lattice.tag_resource(resourceArn=service["arn"], tags={"lattice-onramp:network": NETWORK})
        cloud.clock.advance(4 * 3700)
        cloud.settle()
        assert lattice.list_services()["items"] == []


@pytest.mark.parametrize("lets_in", [True, False])
def test_another_load_balancer_that_somebody_put_into_our_target_group_is_told_with_what_to_do(
    *, lets_in: bool
) -> None:
    with deployed() as cloud:
        connect(cloud)
        lattice, elb = cloud.client("vpc-lattice", TEAM), cloud.client("elbv2", TEAM)
        [described] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"]
        closed = cloud.client("ec2", TEAM).create_security_group(
            GroupName="closed", Description="lets nobody in", VpcId=described["VpcId"]
        )["GroupId"]
        other = elb.create_load_balancer(
            Name="theirs",
            Scheme="internal",
            Subnets=[zone["SubnetId"] for zone in described["AvailabilityZones"]],
            SecurityGroups=described["SecurityGroups"] if lets_in else [closed],
        )["LoadBalancers"][0]["LoadBalancerArn"]
        [behind] = elb.describe_target_groups(LoadBalancerArn=BALANCER)["TargetGroups"]
        health = elb.describe_target_health(TargetGroupArn=behind["TargetGroupArn"])["TargetHealthDescriptions"]
        its = elb.create_target_group(
            Name="theirs",
            Protocol=behind["Protocol"],
            Port=behind["Port"],
            VpcId=behind["VpcId"],
            TargetType=behind["TargetType"],
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=its, Targets=[one["Target"] for one in health])
        elb.create_listener(
            LoadBalancerArn=other,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": its}],
        )
        cloud.clock.advance(cloud.balancer_seconds)
        group = lattice.list_target_groups()["items"][0]["id"]
        lattice.deregister_targets(targetGroupIdentifier=group, targets=[{"id": BALANCER}])
        lattice.register_targets(targetGroupIdentifier=group, targets=[{"id": other}])
        asked = called(cloud, "RegisterTargets")
        cloud.clock.advance(2 * 3700)
        cloud.settle()
        assert answers(cloud)["status"] == "refused"
        assert answers(cloud)["message"].startswith("target-replaced: take app/theirs/")
        assert ("Service Disconnected" in announced(cloud)) is not lets_in
        assert called(cloud, "RegisterTargets") == asked
        lattice.deregister_targets(targetGroupIdentifier=group, targets=[{"id": other}])
        cloud.clock.advance(3700)
        cloud.settle()
        assert answers(cloud)["status"] == "connected"
