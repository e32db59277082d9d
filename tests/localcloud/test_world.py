"""A world is built by its owners' calls, and stands as its description says."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from localcloud.cloud import LocalCloud
from localcloud.ground.serves import serves_of
from localcloud.world import Account, BalancerListener, HostedZone, LoadBalancer, Unbuildable, Vpc, World, build

ACCOUNT = "222222222222"
DESCRIPTION: dict[str, Any] = {
    "organization": {"id": "o-a1b2c3d4e5", "sharing": True, "units": {"ou-ab12-11111111": [ACCOUNT]}},
    "accounts": [
        {"id": "111111111111"},
        {
            "id": ACCOUNT,
            "trail": True,
            "vpcs": [
                {
                    "name": "app",
                    "id": "vpc-0123456789abcdef0",
                    "cidr": "10.2.0.0/16",
                    "subnets": ["10.2.0.0/24", {"cidr": "10.2.1.0/24", "zone": "c"}],
                    "tags": {"team": "orders"},
                    "security_groups": [
                        {
                            "name": "front",
                            "ingress": [
                                {"port": 80, "sources": ["10.0.0.0/8", "vpc-lattice"]},
                                {"port": "8000-8080", "sources": ["10.2.0.0/16"]},
                            ],
                        }
                    ],
                },
                {"name": "bare", "cidr": "10.3.0.0/16", "dns": False},
            ],
            "instances": [
                {"name": "web", "vpc": "app", "ip": "10.2.0.5", "serves": [{"port": 8080, "server": "nginx"}]}
            ],
            "load_balancers": [
                {
                    "name": "orders",
                    "vpc": "app",
                    "id": "0123456789abcdef",
                    "security_groups": ["front"],
                    "tags": {"a": "b"},
                    "listeners": [{"protocol": "HTTP", "port": 80, "targets": ["web"]}],
                },
                {
                    "name": "public",
                    "vpc": "app",
                    "scheme": "internet-facing",
                    "listeners": [{"protocol": "HTTP", "port": 81}],
                },
            ],
        },
    ],
}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        build(cloud, msgspec.convert(DESCRIPTION, World))
        yield cloud


def test_a_vpc_has_the_id_tags_and_dns_that_it_was_given(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2", ACCOUNT)
    vpc = ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])["Vpcs"][0]
    assert vpc["CidrBlock"] == "10.2.0.0/16"
    assert {tag["Key"]: tag["Value"] for tag in vpc["Tags"]} == {"Name": "app", "team": "orders"}
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]]["Value"] is True


def test_dns_can_be_off_in_a_vpc(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2", ACCOUNT)
    vpc = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["bare"]}])["Vpcs"][0]["VpcId"]
    answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    assert answer["EnableDnsSupport"]["Value"] is False


def test_subnets_lie_in_the_zones_that_they_name_or_in_turn(cloud: LocalCloud) -> None:
    subnets = cloud.client("ec2", ACCOUNT).describe_subnets(
        Filters=[{"Name": "vpc-id", "Values": ["vpc-0123456789abcdef0"]}]
    )["Subnets"]
    zones = {subnet["CidrBlock"]: subnet["AvailabilityZone"] for subnet in subnets}
    assert zones == {"10.2.0.0/24": "ap-northeast-1a", "10.2.1.0/24": "ap-northeast-1c"}


def test_security_groups_admit_ranges_ports_and_prefix_lists(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2", ACCOUNT)
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["front"]}])["SecurityGroups"][0]
    by_port = {permission["FromPort"]: permission for permission in group["IpPermissions"]}
    assert by_port[80]["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}]
    assert len(by_port[80]["PrefixListIds"]) == 1
    assert (by_port[8000]["ToPort"], by_port[8000]["IpRanges"]) == (8080, [{"CidrIp": "10.2.0.0/16"}])


def test_a_load_balancer_is_active_has_its_arn_and_sends_to_the_port_that_its_instance_serves(
    cloud: LocalCloud,
) -> None:
    elb = cloud.client("elbv2", ACCOUNT)
    balancer = elb.describe_load_balancers(Names=["orders"])["LoadBalancers"][0]
    assert balancer["LoadBalancerArn"].endswith(":loadbalancer/app/orders/0123456789abcdef")
    assert (balancer["Scheme"], balancer["State"]["Code"]) == ("internal", "active")
    groups = elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"]
    health = elb.describe_target_health(TargetGroupArn=groups[0]["TargetGroupArn"])["TargetHealthDescriptions"]
    assert [target["Target"]["Port"] for target in health] == [8080]


def test_a_load_balancer_without_named_groups_gets_one_that_lattice_may_call(cloud: LocalCloud) -> None:
    balancer = cloud.client("elbv2", ACCOUNT).describe_load_balancers(Names=["public"])["LoadBalancers"][0]
    group = cloud.client("ec2", ACCOUNT).describe_security_groups(GroupIds=balancer["SecurityGroups"])
    assert group["SecurityGroups"][0]["IpPermissions"][0]["FromPort"] == 81


def test_the_fixing_of_ids_ends_with_the_building(cloud: LocalCloud) -> None:
    made = cloud.client("ec2", ACCOUNT).create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert made != "vpc-0123456789abcdef0"


def test_the_organisation_knows_its_members_units_and_sharing(cloud: LocalCloud) -> None:
    organization = cloud.organization
    assert (organization.id, organization.management, organization.ram_sharing) == (
        "o-a1b2c3d4e5",
        "111111111111",
        True,
    )
    assert organization.paths_of(ACCOUNT) == ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]
    assert cloud.trails == {ACCOUNT}


def test_an_instance_keeps_what_it_serves_and_other_user_data_serves_nothing() -> None:
    assert serves_of('#serves [{"port":80}]')[0].port == 80
    assert serves_of("#!/bin/sh\nyum update") == ()


def test_hosted_zones_are_public_or_of_vpcs() -> None:
    vpcs = tuple(Vpc(name=name, cidr=f"10.{n}.0.0/16") for n, name in enumerate(("app", "other"), 1))
    zones = (
        HostedZone(name="example.jp", id="Z0123456789ABC"),
        HostedZone(name="in.example.jp", vpcs=("app", "other")),
    )
    with LocalCloud() as cloud:
        build(cloud, World(accounts=(Account(id=ACCOUNT, vpcs=vpcs, hosted_zones=zones),)))
        route53 = cloud.client("route53", ACCOUNT)
        public, private = route53.list_hosted_zones()["HostedZones"]
        assert (public["Id"], public["Config"]["PrivateZone"]) == ("/hostedzone/Z0123456789ABC", False)
        assert (private["Name"], private["Config"]["PrivateZone"]) == ("in.example.jp.", True)
        assert len(route53.get_hosted_zone(Id=private["Id"])["VPCs"]) == 2


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("instances", [{"name": "web", "vpc": "app", "ip": "10.9.0.5"}], "lies in no subnet of app"),
        ("instances", [{"name": "web", "vpc": "gone", "ip": "10.9.0.5"}], "has no VPC called gone"),
        (
            "load_balancers",
            [{"name": "x", "vpc": "app", "listeners": [{"protocol": "HTTP", "port": 80, "targets": ["nobody"]}]}],
            "sends to nobody",
        ),
        ("load_balancers", [{"name": "x", "vpc": "app", "security_groups": ["none"]}], "no security group called none"),
        (
            "load_balancers",
            [{"name": "x", "vpc": "app", "listeners": [{"protocol": "HTTP", "port": 80, "redirect": "https"}]}],
            "redirects to 'https': write it as HTTPS:443",
        ),
        ("hosted_zones", [{"name": "example.jp", "vpcs": ["gone"]}], "has no VPC called gone"),
        (
            "vpcs",
            [
                {
                    "name": "app",
                    "cidr": "10.2.0.0/16",
                    "security_groups": [{"name": "g", "ingress": [{"port": 1, "sources": ["what"]}]}],
                }
            ],
            "no managed prefix list is called com.amazonaws.ap-northeast-1.what",
        ),
    ],
)
def test_a_description_that_contradicts_itself_is_refused(part: str, value: Any, reason: str) -> None:
    vpc = {"name": "app", "cidr": "10.2.0.0/16", "subnets": ["10.2.0.0/24", "10.2.1.0/24"]}
    account = {"id": ACCOUNT, "vpcs": [vpc], part: value}
    with LocalCloud() as cloud, pytest.raises(Unbuildable, match=reason):
        build(cloud, msgspec.convert({"accounts": [account]}, World))


def test_an_organisation_without_accounts_is_refused() -> None:
    world = msgspec.convert({"accounts": [], "organization": {"id": "o-a1b2c3d4e5"}}, World)
    with LocalCloud() as cloud, pytest.raises(Unbuildable, match="has no account"):
        build(cloud, world)


def test_a_listener_may_send_clients_away_answer_by_itself_or_have_a_certificate() -> None:
    listeners = (
        BalancerListener(protocol="HTTP", port=80, redirect="HTTPS:443"),
        BalancerListener(protocol="HTTP", port=81, answers=404),
        BalancerListener(protocol="HTTPS", port=443, certificate="orders.example.jp"),
        BalancerListener(protocol="HTTPS", port=444, certificate="orders.example.jp"),
        BalancerListener(protocol="HTTPS", port=445),
    )
    vpc = Vpc(name="app", cidr="10.2.0.0/16", subnets=("10.2.0.0/24", "10.2.1.0/24"))
    balancer = LoadBalancer(name="orders", vpc="app", listeners=listeners)
    with LocalCloud() as cloud:
        build(cloud, World(accounts=(Account(id=ACCOUNT, vpcs=(vpc,), load_balancers=(balancer,)),)))
        elb = cloud.client("elbv2", ACCOUNT)
        arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
        found = {it["Port"]: it for it in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    assert found[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    assert found[81]["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
    assert found[443]["Certificates"] == found[444]["Certificates"]
    assert len({found[port]["Certificates"][0]["CertificateArn"] for port in (443, 445)}) == 2


def test_load_balancers_whose_names_and_ids_are_alike_get_target_groups_of_their_own() -> None:
    listeners = (BalancerListener(protocol="HTTP", port=80),)
    alike = [
        LoadBalancer(
            name=f"a-name-that-is-rather-long-{end}", vpc="main", id=f"{end}0c2f6a1d9b39188", listeners=listeners
        )
        for end in "12"
    ]
    vpc = Vpc(name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"))
    with LocalCloud() as cloud:
        build(cloud, World(accounts=(Account(id=ACCOUNT, vpcs=(vpc,), load_balancers=tuple(alike)),)))
        groups = cloud.client("elbv2", ACCOUNT).describe_target_groups()["TargetGroups"]
        assert len({it["TargetGroupName"] for it in groups}) == 2
