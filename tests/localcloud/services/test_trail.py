"""CloudTrail's events: which calls are announced, to whom, and in which shape (facts 2.3 to 2.5)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.ground.moto import next_id
from localcloud.services.cloudtrail import DETAIL_TYPE, ec2, identity
from tests.localcloud.door.test_every_service import value

TEAM = "222222222222"
OTHER = "333333333333"


class Bus:
    """Stands in for EventBridge: keeps what services emit."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.asked: set[str] = set()
        """Accounts in which a rule wants the calls that only read."""

    def asks_for_readings(self, account: str, _: str) -> bool:
        return account in self.asked

    def emit(self, **event: Any) -> None:
        self.heard.append(event)

    def records(self) -> list[dict[str, Any]]:
        return [event["detail"] for event in self.heard if event["detail_type"] == DETAIL_TYPE]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.events = Bus()  # type: ignore[assignment]  # stands in for EventBridge
        cloud.trails.add(TEAM)
        yield cloud


@pytest.fixture
def bus(cloud: LocalCloud) -> Bus:
    return cloud.events  # type: ignore[return-value]  # see above


def balancer(cloud: LocalCloud, **more: Any) -> str:
    ec2 = cloud.client("ec2", TEAM)
    with cloud.gate.quiet():
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"ap-northeast-1{zone}")
            for n, zone in enumerate("ac")
        ]
    next_id("load-balancer", "50dc6c495c0c9188")
    made = cloud.client("elbv2", TEAM).create_load_balancer(
        Name="orders", Scheme="internal", Subnets=[one["Subnet"]["SubnetId"] for one in subnets], **more
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


ORDERS = "arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:loadbalancer/app/orders/50dc6c495c0c9188"


def test_a_balancers_life_is_told_in_elbs_shape(cloud: LocalCloud, bus: Bus) -> None:
    arn = balancer(cloud, Tags=[{"Key": "expose", "Value": "true"}])
    elb = cloud.client("elbv2", TEAM)
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "a", "Value": "b"}])
    elb.remove_tags(ResourceArns=[arn], TagKeys=["a"])
    elb.delete_load_balancer(LoadBalancerArn=arn)
    created, added, removed, deleted = bus.records()
    assert {record["eventSource"] for record in bus.records()} == {"elasticloadbalancing.amazonaws.com"}
    assert {record["apiVersion"] for record in bus.records()} == {"2015-12-01"}
    assert created["requestParameters"]["scheme"] == "internal"
    assert created["requestParameters"]["tags"] == [{"key": "expose", "value": "true"}]
    [made] = created["responseElements"]["loadBalancers"]
    assert made["loadBalancerArn"] == ORDERS
    assert made["state"] == {"code": "provisioning"}
    assert (made["type"], made["loadBalancerName"]) == ("application", "orders")
    assert added["requestParameters"] == {"resourceArns": [ORDERS], "tags": [{"key": "a", "value": "b"}]}
    assert removed["requestParameters"] == {"resourceArns": [ORDERS], "tagKeys": ["a"]}
    assert deleted["requestParameters"] == {"loadBalancerArn": ORDERS}
    assert added["responseElements"] is removed["responseElements"] is deleted["responseElements"] is None


def test_vpcs_and_their_tags_are_told_in_ec2s_shape(cloud: LocalCloud, bus: Bus) -> None:
    ec2 = cloud.client("ec2", TEAM)
    spec = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "app"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec)["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "k", "Value": "v"}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "k"}])
    ec2.delete_vpc(VpcId=vpc)
    created, tagged, untagged, deleted = bus.records()
    assert created["requestParameters"] == {
        "cidrBlock": "10.0.0.0/16",
        "tagSpecificationSet": {"items": [{"resourceType": "vpc", "tags": [{"key": "Name", "value": "app"}]}]},
    }
    assert created["responseElements"]["vpc"]["vpcId"] == vpc
    assert created["responseElements"]["vpc"]["tagSet"] == {"items": [{"key": "Name", "value": "app"}]}
    assert tagged["requestParameters"] == {
        "resourcesSet": {"items": [{"resourceId": vpc}]},
        "tagSet": {"items": [{"key": "k", "value": "v"}]},
    }
    assert untagged["requestParameters"]["tagSet"] == {"items": [{"key": "k"}]}
    assert untagged["responseElements"]["_return"] is True
    assert deleted["requestParameters"] == {"vpcId": vpc}
    assert deleted["responseElements"] == {"requestId": deleted["requestID"], "_return": True}


def test_an_empty_list_of_ec2_is_an_empty_object(cloud: LocalCloud, bus: Bus) -> None:
    cloud.client("ec2", TEAM).create_vpc(CidrBlock="10.0.0.0/16")
    [created] = bus.records()
    assert created["responseElements"]["vpc"]["tagSet"] == {}


def test_lattice_calls_are_told_in_the_models_names(cloud: LocalCloud, bus: Bus) -> None:
    lattice = cloud.client("vpc-lattice", TEAM)
    made = lattice.create_service(name="orders")
    cloud.clock.advance(60)
    lattice.delete_service(serviceIdentifier=made["id"])
    created, deleted = bus.records()
    assert created["eventSource"] == "vpc-lattice.amazonaws.com"
    assert created["requestParameters"]["name"] == "orders"
    assert created["responseElements"]["arn"] == made["arn"]
    assert created["responseElements"]["status"] == "CREATE_IN_PROGRESS"
    assert deleted["requestParameters"] == {"serviceIdentifier": made["id"]}
    assert deleted["responseElements"]["status"] == "DELETE_IN_PROGRESS"


def test_a_failed_call_is_told_with_its_error(cloud: LocalCloud, bus: Bus) -> None:
    with pytest.raises(ClientError):
        cloud.client("ec2", TEAM).delete_vpc(VpcId="vpc-0123456789abcdef0")
    [record] = bus.records()
    assert record["errorCode"] == "InvalidVpcID.NotFound"
    assert "vpc-0123456789abcdef0" in record["errorMessage"]
    assert record["responseElements"] is None


def test_a_call_that_is_answered_again_is_told_again(cloud: LocalCloud, bus: Bus) -> None:
    ec2, lattice = cloud.client("ec2", TEAM), cloud.client("vpc-lattice", TEAM)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    for _ in range(2):
        ec2.create_route_table(VpcId=vpc, ClientToken="once")
        lattice.create_service(name="once", clientToken="once")
    records = [one for one in bus.records() if one["eventName"] != "CreateVpc"]
    assert [one["eventName"] for one in records] == ["CreateRouteTable", "CreateService"] * 2
    assert all(one["responseElements"] for one in records)
    tables = [one["responseElements"]["routeTable"]["routeTableId"] for one in records[::2]]
    assert tables[0] == tables[1]


def test_reads_are_not_told(cloud: LocalCloud, bus: Bus) -> None:
    cloud.client("ec2", TEAM).describe_vpcs()
    cloud.client("elbv2", TEAM).describe_load_balancers()
    assert bus.records() == []


def test_a_read_that_is_asked_for_is_told_without_what_was_read(cloud: LocalCloud, bus: Bus) -> None:
    bus.asked.add(TEAM)
    cloud.client("vpc-lattice", TEAM).list_target_groups(targetGroupType="ALB")
    [record] = bus.records()
    assert (record["readOnly"], record["requestParameters"], record["responseElements"]) == (
        True,
        {"targetGroupType": "ALB"},
        None,
    )


def test_what_is_left_out_is_not_told(cloud: LocalCloud, bus: Bus) -> None:
    with pytest.raises(ClientError, match="not emulated"):
        cloud.client("ec2", TEAM).create_ipam()
    assert bus.records() == []


def test_only_accounts_with_a_trail_are_told(cloud: LocalCloud, bus: Bus) -> None:
    cloud.client("ec2", OTHER).create_vpc(CidrBlock="10.0.0.0/16")
    assert bus.records() == []


def test_other_services_are_not_told(cloud: LocalCloud, bus: Bus) -> None:
    cloud.client("sqs", TEAM).create_queue(QueueName="q")
    assert bus.records() == []


def test_the_callers_account_is_told_under_the_services_name(cloud: LocalCloud, bus: Bus) -> None:
    cloud.client("ec2", TEAM).create_vpc(CidrBlock="10.0.0.0/16")
    [event] = [one for one in bus.heard if one["detail_type"] == DETAIL_TYPE]
    assert (event["account"], event["source"]) == (TEAM, "aws.ec2")
    record = event["detail"]
    assert record["recipientAccountId"] == TEAM
    assert record["eventTime"] == "2026-11-01T12:00:00Z"
    assert (record["readOnly"], record["eventType"]) == (False, "AwsApiCall")


def test_every_record_is_json_and_has_an_id_of_its_own(cloud: LocalCloud, bus: Bus) -> None:
    balancer(cloud)
    cloud.client("ec2", TEAM).create_vpc(CidrBlock="10.0.0.0/16")
    json.dumps(bus.records())
    assert len({record["eventID"] for record in bus.records()}) == 2


@pytest.mark.parametrize(
    ("caller", "kind", "name"),
    [
        (Caller(TEAM, "r", f"arn:aws:iam::{TEAM}:root"), "Root", None),
        (Caller(TEAM, "r", f"arn:aws:iam::{TEAM}:user/ann"), "IAMUser", "ann"),
        (Caller(TEAM, "r", "events.amazonaws.com", service="events.amazonaws.com"), "AWSService", None),
    ],
)
def test_a_caller_is_told_by_what_it_is(caller: Caller, kind: str, name: str | None) -> None:
    told = identity(caller)
    assert (told["type"], told.get("userName")) == (kind, name)


def test_a_role_is_told_with_the_issuer_of_its_session() -> None:
    told = identity(Caller(TEAM, "r", f"arn:aws:sts::{TEAM}:assumed-role/writer/run-1", role="writer", session="run-1"))
    assert told["type"] == "AssumedRole"
    assert told["arn"].endswith("assumed-role/writer/run-1")
    issuer = told["sessionContext"]["sessionIssuer"]
    assert (issuer["arn"], issuer["userName"]) == (f"arn:aws:iam::{TEAM}:role/writer", "writer")


def test_the_keys_of_a_map_stay_as_they_were_written(cloud: LocalCloud, bus: Bus) -> None:
    tags = {"Name": "a", "name": "b"}
    made = cloud.client("vpc-lattice", TEAM).create_service_network(name="net", tags=tags)
    [detail] = [record for record in bus.records() if record["eventName"] == "CreateServiceNetwork"]
    assert detail["requestParameters"]["tags"] == tags
    assert detail["responseElements"]["id"] == made["id"]


def test_a_trail_tells_of_its_own_region_unless_it_is_one_of_all(cloud: LocalCloud) -> None:
    cloud.client("s3", TEAM).create_bucket(
        Bucket="trail-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    trails = cloud.client("cloudtrail", TEAM)
    trails.create_trail(Name="one", S3BucketName="trail-bucket", IsMultiRegionTrail=False)
    trails.start_logging(Name="one")
    assert cloud.trail.tells(TEAM, "ap-northeast-1")
    assert not cloud.trail.tells(TEAM, "eu-west-1")
    trails.create_trail(Name="all", S3BucketName="trail-bucket", IsMultiRegionTrail=True)
    trails.start_logging(Name="all")
    assert cloud.trail.tells(TEAM, "eu-west-1")


GROUP, VPC_ID, TAGS = "sg-0123456789abcdef0", "vpc-0123456789abcdef0", [{"Key": "Name", "Value": "one"}]
# What SOAP's description of EC2 calls it, or what is seen in people's trails: (operation, parameters, what is told).
TOLD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("DescribeVpcs", {}, {"vpcSet": {}, "filterSet": {}}),
    ("DescribeVpcs", {"VpcIds": [VPC_ID]}, {"vpcSet": {"items": [{"vpcId": VPC_ID}]}, "filterSet": {}}),
    ("DescribeSubnets", {"SubnetIds": ["s"]}, {"subnetSet": {"items": [{"subnetId": "s"}]}, "filterSet": {}}),
    (
        "DescribeRouteTables",
        {"RouteTableIds": ["r"]},
        {"routeTableIdSet": {"items": [{"routeTableId": "r"}]}, "filterSet": {}},
    ),
    ("DescribeInternetGateways", {}, {"internetGatewayIdSet": {}, "filterSet": {}}),
    ("DescribeNetworkInterfaces", {}, {"networkInterfaceIdSet": {}, "filterSet": {}}),
    (
        "DescribeSecurityGroups",
        {"GroupIds": [GROUP], "Filters": [{"Name": "vpc-id", "Values": [VPC_ID]}]},
        {
            "securityGroupIdSet": {"items": [{"groupId": GROUP}]},
            "securityGroupSet": {},
            "filterSet": {"items": [{"name": "vpc-id", "valueSet": {"items": [{"value": VPC_ID}]}}]},
        },
    ),
    ("TerminateInstances", {"InstanceIds": ["i-1"]}, {"instancesSet": {"items": [{"instanceId": "i-1"}]}}),
    (
        "RunInstances",
        {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro", "SecurityGroupIds": [GROUP]},
        {
            "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": 1}]},
            "instanceType": "t3.micro",
            "groupSet": {"items": [{"groupId": GROUP}]},
        },
    ),
    (
        "AuthorizeSecurityGroupIngress",
        {
            "GroupId": GROUP,
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
        },
        {
            "groupId": GROUP,
            "ipPermissions": {
                "items": [{"ipProtocol": "tcp", "fromPort": 80, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}}]
            },
        },
    ),
    ("ModifyVpcAttribute", {"VpcId": VPC_ID}, {"ModifyVpcAttributeRequest": {"VpcId": VPC_ID}}),
    (
        "CreateVpcEndpoint",
        {
            "VpcId": VPC_ID,
            "SubnetIds": ["a", "b"],
            "SecurityGroupIds": [GROUP],
            "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": TAGS}],
        },
        {
            "CreateVpcEndpointRequest": {
                "VpcId": VPC_ID,
                "SubnetId": [{"tag": 1, "content": "a"}, {"tag": 2, "content": "b"}],
                "SecurityGroupId": {"tag": 1, "content": GROUP},
                "TagSpecification": {
                    "tag": 1,
                    "ResourceType": "vpc-endpoint",
                    "Tag": {"tag": 1, "Key": "Name", "Value": "one"},
                },
            }
        },
    ),
]


@pytest.mark.parametrize(("operation", "params", "told"), TOLD)
def test_ec2s_parameters_have_the_names_of_its_age(
    operation: str, params: dict[str, Any], told: dict[str, Any]
) -> None:
    assert ec2.request(operation, params) == told


def test_the_id_of_a_request_stands_where_the_protocol_has_it(cloud: LocalCloud, bus: Bus) -> None:
    """EC2's answers hold it themselves, older ones beside the rest and newer ones within; others' do not."""
    client = cloud.client("ec2", TEAM)
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.ap-northeast-1.s3")
    cloud.client("vpc-lattice", TEAM).create_service_network(name="net")
    older, newer, other = bus.records()
    assert older["responseElements"]["requestId"] == older["requestID"]
    within = newer["responseElements"]["CreateVpcEndpointResponse"]
    assert within["requestId"] == newer["requestID"]
    assert within["vpcEndpoint"]["vpcId"] == vpc
    assert "requestId" not in other["responseElements"]


def test_every_operation_of_ec2_can_be_told() -> None:
    """By its shape alone, whichever it is: what it is given is JSON, and nothing of it is lost."""
    model = models.model("ec2")
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        least = value(shape) if shape is not None else {}
        said = json.dumps(ec2.request(name, least))
        given = [one for key, one in least.items() if isinstance(one, str) and key != "ClientToken"]
        assert all(f'"{one}"' in said for one in given), name
