"""A target is as healthy as what its health check would find there."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import world as worlds
from localcloud.cloud import LocalCloud

TEAM = "222222222222"
VPC = "vpc-0bbbbbbbbbbbbbbb2"
ISSUED_AFTER = 61
"""Seconds until a certificate that was requested is issued."""


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    vpc = worlds.Vpc(name="app", id=VPC, cidr="10.2.0.0/16", subnets=("10.2.0.0/24", "10.2.1.0/24"))
    web = worlds.Instance(
        name="web",
        vpc="app",
        ip="10.2.0.5",
        serves=(worlds.Serves(port=80), worlds.Serves(port=81, status=404), worlds.Serves(port=82, status=302)),
    )
    with LocalCloud(enforce_iam=False) as cloud:
        worlds.build(cloud, worlds.World(accounts=(worlds.Account(id=TEAM, vpcs=(vpc,), instances=(web,)),)))
        yield cloud


def health(cloud: LocalCloud, target: str = "", **given: Any) -> dict[str, Any]:
    """What DescribeTargetHealth tells of `target`, the instance when not given, in a group made so."""
    elb = cloud.client("elbv2", TEAM)
    wanted = {"Name": "g", "Protocol": "HTTP", "Port": 80, "VpcId": VPC, **given}
    group = elb.create_target_group(**wanted)["TargetGroups"][0]["TargetGroupArn"]
    everywhere = {"AvailabilityZone": "all"} if target.startswith("10.9.") else {}  # outside the VPC
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": target or instance(cloud), **everywhere}])
    told: dict[str, Any] = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]
    return dict(told["TargetHealth"])


def instance(cloud: LocalCloud) -> str:
    reservations = cloud.client("ec2", TEAM).describe_instances()["Reservations"]
    return str(reservations[0]["Instances"][0]["InstanceId"])


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        ({}, "healthy", None),
        ({"Port": 81}, "unhealthy", "Target.ResponseCodeMismatch"),
        ({"Port": 81, "Matcher": {"HttpCode": "200,404"}}, "healthy", None),
        ({"Port": 82, "Matcher": {"HttpCode": "200-399"}}, "healthy", None),
        ({"Port": 82, "Matcher": {"HttpCode": "200-301"}}, "unhealthy", "Target.ResponseCodeMismatch"),
        ({"Port": 83}, "unhealthy", "Target.FailedHealthChecks"),
        ({"Port": 83, "HealthCheckPort": "80"}, "healthy", None),
        ({"Port": 80, "HealthCheckPort": "83"}, "unhealthy", "Target.FailedHealthChecks"),
        ({"Port": 81, "Protocol": "TCP"}, "healthy", None),
    ],
)
def test_a_health_check_asks_what_listens(
    cloud: LocalCloud, given: dict[str, Any], state: str, reason: str | None
) -> None:
    told = health(cloud, **given)
    assert (told["State"], told.get("Reason")) == (state, reason)


@pytest.mark.parametrize(
    ("address", "state"), [("10.2.0.5", "healthy"), ("10.2.0.6", "unhealthy"), ("10.9.0.5", "unhealthy")]
)
def test_an_address_is_as_healthy_as_the_instance_that_has_it(cloud: LocalCloud, address: str, state: str) -> None:
    assert health(cloud, address, TargetType="ip")["State"] == state


def test_an_address_in_a_vpc_is_nobodys_of_another_vpc_of_the_same_cidr(cloud: LocalCloud) -> None:
    twin = cloud.client("ec2", TEAM).create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    assert health(cloud, "10.2.0.5", TargetType="ip", VpcId=twin)["State"] == "unhealthy"


def test_a_stopped_instance_is_not_in_use_and_its_address_does_not_answer(cloud: LocalCloud) -> None:
    elb, stopped = cloud.client("elbv2", TEAM), instance(cloud)
    assert health(cloud)["State"] == "healthy"
    cloud.client("ec2", TEAM).stop_instances(InstanceIds=[stopped])
    group = elb.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    told = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["TargetHealth"]
    assert (told["State"], told["Reason"]) == ("unused", "Target.InvalidState")
    assert health(cloud, "10.2.0.5", Name="by-address", TargetType="ip")["Reason"] == "Target.Timeout"


def test_lattices_prefix_lists_have_one_id_for_everybody(cloud: LocalCloud) -> None:
    def lists(account: str) -> dict[str, str]:
        found = cloud.client("ec2", account).describe_managed_prefix_lists()["PrefixLists"]
        return {it["PrefixListName"]: it["PrefixListId"] for it in found}

    assert lists(TEAM) == lists("111111111111")
    assert len(set(lists(TEAM).values())) == len(lists(TEAM))


def test_a_listener_tells_its_default_certificate_and_the_others_when_asked_for_them(cloud: LocalCloud) -> None:
    elb, acm = cloud.client("elbv2", TEAM), cloud.client("acm", TEAM)
    first, second = (acm.request_certificate(DomainName=f"{it}.example.jp")["CertificateArn"] for it in ("a", "b"))
    cloud.clock.advance(ISSUED_AFTER)
    subnets = [it["SubnetId"] for it in cloud.client("ec2", TEAM).describe_subnets()["Subnets"] if it["VpcId"] == VPC]
    balancer = elb.create_load_balancer(Name="orders", Scheme="internal", Subnets=subnets)["LoadBalancers"][0]
    made = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": first}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )["Listeners"][0]["ListenerArn"]
    elb.add_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": second}])
    told = elb.describe_listeners(ListenerArns=[made])["Listeners"][0]["Certificates"]
    assert told == [{"CertificateArn": first}]
    asked = elb.describe_listener_certificates(ListenerArn=made)["Certificates"]
    assert [(it["CertificateArn"], it["IsDefault"]) for it in asked] == [(first, True), (second, False)]


def test_a_certificate_that_nobody_has_validated_is_refused_by_a_listener(cloud: LocalCloud) -> None:
    elb, acm = cloud.client("elbv2", TEAM), cloud.client("acm", TEAM)
    pending = acm.request_certificate(DomainName="a.example.jp")["CertificateArn"]
    subnets = [it["SubnetId"] for it in cloud.client("ec2", TEAM).describe_subnets()["Subnets"] if it["VpcId"] == VPC]
    balancer = elb.create_load_balancer(Name="orders", Scheme="internal", Subnets=subnets)["LoadBalancers"][0]
    wanted = {
        "LoadBalancerArn": balancer["LoadBalancerArn"],
        "Protocol": "HTTPS",
        "Port": 443,
        "Certificates": [{"CertificateArn": pending}],
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    }
    with pytest.raises(ClientError, match=r"UnsupportedCertificate.*fully-qualified"):
        elb.create_listener(**wanted)
    assert elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"] == []
    cloud.clock.advance(ISSUED_AFTER)
    [made] = elb.create_listener(**wanted)["Listeners"]
    other = acm.request_certificate(DomainName="b.example.jp")["CertificateArn"]
    for call in (elb.modify_listener, elb.add_listener_certificates):
        with pytest.raises(ClientError, match="UnsupportedCertificate"):
            call(ListenerArn=made["ListenerArn"], Certificates=[{"CertificateArn": other}])
