"""EC2 deletes nothing that something stands in, or that something names (facts 19.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from lattice_world import MEMBER, REGION, World, refused

type Deleting = Callable[[World], Callable[[], Any]]


def _group_in_a_rule(world: World) -> Callable[[], Any]:
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    named, naming = world.security_group(vpc), world.security_group(vpc)
    pair = [{"GroupId": named}]
    ec2.authorize_security_group_ingress(
        GroupId=naming, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": pair}]
    )
    return lambda: ec2.delete_security_group(GroupId=named)


def _group_of_an_association(world: World) -> Callable[[], Any]:
    vpc = world.vpc()
    group = world.security_group(vpc)
    world.admit(vpc, world.network(MEMBER), securityGroupIds=[group])
    world.settle()
    return lambda: world.aws("ec2", MEMBER).delete_security_group(GroupId=group)


def _vpc_of_an_association(world: World) -> Callable[[], Any]:
    vpc = world.vpc()
    world.admit(vpc, world.network(MEMBER))
    world.settle()
    return lambda: world.aws("ec2", MEMBER).delete_vpc(VpcId=vpc)


def _vpc_with_a_group(world: World) -> Callable[[], Any]:
    vpc = world.vpc()
    world.security_group(vpc)
    return lambda: world.aws("ec2", MEMBER).delete_vpc(VpcId=vpc)


def _group_of_a_balancer(world: World) -> Callable[[], Any]:
    ec2, arn = world.aws("ec2", MEMBER), world.alb(world.vpc())
    found = world.aws("elbv2", MEMBER).describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    vpc = found["VpcId"]
    group = world.security_group(vpc)
    world.aws("elbv2", MEMBER).set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])
    return lambda: ec2.delete_security_group(GroupId=group)


def _subnet_of_a_balancer(world: World) -> Callable[[], Any]:
    arn = world.alb(world.vpc())
    found = world.aws("elbv2", MEMBER).describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    subnet = found["AvailabilityZones"][0]["SubnetId"]
    return lambda: world.aws("ec2", MEMBER).delete_subnet(SubnetId=subnet)


def _endpoint(world: World) -> tuple[str, str]:
    """The subnet and the group of an endpoint to a network."""
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.9.0/24")["Subnet"]["SubnetId"]
    group = world.security_group(vpc)
    ec2.create_vpc_endpoint(
        VpcEndpointType="ServiceNetwork",
        VpcId=vpc,
        ServiceNetworkArn=world.network(MEMBER)["arn"],
        SubnetIds=[subnet],
        SecurityGroupIds=[group],
    )
    return subnet, group


def _subnet_of_an_endpoint(world: World) -> Callable[[], Any]:
    subnet, _ = _endpoint(world)
    return lambda: world.aws("ec2", MEMBER).delete_subnet(SubnetId=subnet)


def _group_of_an_endpoint(world: World) -> Callable[[], Any]:
    _, group = _endpoint(world)
    return lambda: world.aws("ec2", MEMBER).delete_security_group(GroupId=group)


@pytest.mark.parametrize(
    "in_use",
    [
        _subnet_of_an_endpoint,
        _group_of_an_endpoint,
        _group_in_a_rule,
        _group_of_an_association,
        _vpc_of_an_association,
        _vpc_with_a_group,
        _group_of_a_balancer,
        _subnet_of_a_balancer,
    ],
)
def test_what_is_in_use_is_not_deleted(world: World, in_use: Deleting) -> None:
    delete = in_use(world)
    with refused("DependencyViolation", status=400):
        delete()


def test_a_certificate_that_is_presented_is_not_deleted(world: World) -> None:
    acm = world.aws("acm", MEMBER)
    arn = acm.request_certificate(DomainName="presents.example.jp")["CertificateArn"]
    world.pass_time(120)
    lattice = world.lattice(MEMBER)
    service = lattice.create_service(name="presents", customDomainName="presents.example.jp", certificateArn=arn)["id"]
    world.settle()
    with refused("ResourceInUseException", status=400):
        acm.delete_certificate(CertificateArn=arn)
    lattice.delete_service(serviceIdentifier=service)
    world.settle()
    listener = world.aws("elbv2", MEMBER).create_listener(
        LoadBalancerArn=world.alb(world.vpc()),
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )["Listeners"][0]["ListenerArn"]
    with refused("ResourceInUseException", status=400):
        acm.delete_certificate(CertificateArn=arn)
    world.aws("elbv2", MEMBER).delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)


def test_a_prefix_list_that_is_named_stays_with_its_entries(world: World) -> None:
    ec2 = world.aws("ec2", MEMBER)
    found = ec2.create_managed_prefix_list(
        PrefixListName="callers", AddressFamily="IPv4", MaxEntries=1, Entries=[{"Cidr": "10.9.0.0/24"}]
    )["PrefixList"]["PrefixListId"]
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": [{"PrefixListId": found}]}]
    group = world.security_group(world.vpc())
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
    assert ec2.delete_managed_prefix_list(PrefixListId=found)["PrefixList"]["State"] == "delete-failed"
    for _ in range(3):
        [told] = ec2.describe_managed_prefix_lists(PrefixListIds=[found])["PrefixLists"]
        assert told["State"] == "delete-failed"
    assert ec2.get_managed_prefix_list_entries(PrefixListId=found)["Entries"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
    assert ec2.delete_managed_prefix_list(PrefixListId=found)["PrefixList"]["State"] == "delete-complete"


def test_a_default_group_is_not_deleted(world: World) -> None:
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    [default] = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    with refused("CannotDelete", status=400):
        ec2.delete_security_group(GroupId=default["GroupId"])
    ec2.delete_vpc(VpcId=vpc)


def test_what_is_let_go_is_deleted(world: World) -> None:
    ec2, vpc = world.aws("ec2", MEMBER), world.vpc()
    group = world.security_group(vpc)
    association = world.admit(vpc, world.network(MEMBER), securityGroupIds=[group])
    world.settle()
    world.lattice().delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=association["id"])
    world.settle()
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)


def test_a_listener_with_tls_needs_a_certificate(world: World) -> None:
    elb, arn = world.aws("elbv2", MEMBER), world.alb(world.vpc())
    with refused("ValidationError", "certificate"):
        elb.create_listener(
            LoadBalancerArn=arn,
            Protocol="HTTPS",
            Port=8443,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )


def test_a_log_that_is_not_there_takes_no_records(world: World) -> None:
    service = world.service()
    for missing in (f"arn:aws:logs:ap-northeast-1:{MEMBER}:log-group:none:*", "arn:aws:s3:::none-of-that-name"):
        with refused("ResourceNotFoundException", status=404):
            world.lattice().create_access_log_subscription(resourceIdentifier=service["id"], destinationArn=missing)


def test_a_rule_sends_to_no_bus_that_is_not_there(world: World) -> None:
    events = world.aws("events", MEMBER)
    events.put_rule(Name="r", EventPattern='{"source":["x"]}')
    missing = f"arn:aws:events:ap-northeast-1:{MEMBER}:event-bus/none"
    with refused("ResourceNotFoundException"):
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": missing}])


def test_a_user_has_an_id_of_its_own(world: World) -> None:
    iam = world.aws("iam", MEMBER)
    user = iam.create_user(UserName="u")["User"]
    assert user["UserId"].startswith("AIDA")
    key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    endpoint = iam.meta.endpoint_url if "127.0.0.1" in iam.meta.endpoint_url else None
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key="local", region_name=REGION)  # noqa: S106
    who = session.client("sts", endpoint_url=endpoint).get_caller_identity()
    assert (who["UserId"], who["Arn"]) == (user["UserId"], user["Arn"])


def test_health_checks_of_http2_are_off_unless_a_version_is_asked_for(world: World) -> None:
    config = {"port": 80, "protocol": "HTTP", "protocolVersion": "HTTP2", "vpcIdentifier": world.vpc()}
    made = world.lattice().create_target_group(name="plain", type="IP", config=config)
    assert made["config"]["healthCheck"]["enabled"] is False
    asked = {**config, "healthCheck": {"protocolVersion": "HTTP1"}}
    made = world.lattice().create_target_group(name="asked", type="IP", config=asked)
    assert made["config"]["healthCheck"]["enabled"] is True
