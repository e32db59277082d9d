"""What stands on moto says what is wrong as AWS does: by a code that the service has, and never as Python spells.

Each operation is asked for what is not there, by names as they should be, once with each name that may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.validate import Violation
from localcloud.ground import limits, models
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.ec2.named import KINDS
from tests.localcloud.door.test_every_service import message, told_to_a_client, value

ACCOUNT, REGION, NAME = "111111111111", "ap-northeast-1", "missing"
TAIL = "0123456789abcdef0"
BALANCING = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
ARNS = {
    "dynamodb": {"": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAME}"},
    "elbv2": {
        "TargetGroup": f"{BALANCING}:targetgroup/{NAME}/{TAIL[:16]}",
        "Listener": f"{BALANCING}:listener/app/{NAME}/{TAIL[:16]}/{TAIL[:16]}",
        "Rule": f"{BALANCING}:listener-rule/app/{NAME}/{TAIL[:16]}/{TAIL[:16]}/{TAIL[:16]}",
        "": f"{BALANCING}:loadbalancer/app/{NAME}/{TAIL[:16]}",
    },
    "iam": {"Policy": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}", "": f"arn:aws:iam::{ACCOUNT}:role/{NAME}"},
    "sns": {"": f"arn:aws:sns:{REGION}:{ACCOUNT}:{NAME}"},
    "sqs": {"": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}"},
    "events": {"": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{NAME}"},
    "scheduler": {"": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{NAME}"},
    "logs": {"": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{NAME}"},
    "cloudwatch": {"": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{NAME}"},
    "stepfunctions": {"": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{NAME}"},
}
SERVICES = ("ec2", *ARNS)
IDS = {
    member: f"{kind.prefix}-{TAIL}" for kind in KINDS for member in (*kind.members, *(f"{m}s" for m in kind.members))
}
COMMON = {"ValidationError", "ValidationException", "AccessDenied", "AccessDeniedException", "InvalidParameterValue"}
"""Codes that every operation has and that no model lists."""
PYTHON = re.compile(r"\bNone\b|[{\[]'|'[}\]]|<[a-z_.]+ object|KeyError|TypeError")


def named(service: str, given: Any, shape: Any, member: str = "") -> Any:
    """The same parameters, with names, ids and ARNs of what nobody has."""
    if shape.type_name == "structure":
        return {name: named(service, one, shape.members[name], name) for name, one in given.items()}
    if shape.type_name == "list":
        return [named(service, one, shape.member, member) for one in given]
    if shape.type_name != "string" or getattr(shape, "enum", ()):
        return given
    if "Arn" in member or "ARN" in member or (member == "resourceArn"):
        return next(arn for word, arn in ARNS.get(service, {"": given}).items() if word in member)
    if member == "QueueUrl":
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{NAME}"
    return IDS.get(member, NAME) if service == "ec2" else NAME


def asked(service: str, operation: Any) -> Iterator[dict[str, Any]]:
    shape = operation.input_shape
    if shape is None:
        yield {}
        return
    least = named(service, value(shape), shape)
    yield least
    for name, member in shape.members.items():
        if name not in least and re.search(r"(Ids?|Arns?|Names?)$", name) and member.type_name in ("string", "list"):
            yield {**least, name: named(service, value(member), member, name)}


@pytest.fixture(scope="module")
def one_cloud() -> Iterator[LocalCloud]:
    with LocalCloud(check_answers=False) as cloud:
        yield cloud


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_not_there_is_told_by_a_code_that_the_service_has_and_not_in_python(
    one_cloud: LocalCloud, service: str
) -> None:
    model, wrong, fell = models.model(service), [], set()
    # EC2's model has no errors: its codes are held by the table below.
    everywhere = {str(shape.error_code) for shape in models.error_shapes(service)}
    for name in sorted(model.operation_names):
        operation = model.operation_model(name)
        for params in asked(service, operation):
            try:
                sent = message(operation, params)
            except Exception:  # noqa: S112 - botocore itself cannot write some of them
                continue
            answer = one_cloud.gate.answer(sent)
            told = told_to_a_client(operation, answer) if answer.status >= 400 else {}
            code, text = str(told.get("Code", "")), str(told.get("Message"))
            if answer.status == 501:
                break
            if "cannot take" in text:
                fell.add(name)
            elif told and PYTHON.search(text):
                wrong.append(f"{name} {params}: {text}")
            elif told and service != "ec2" and code not in everywhere | COMMON:
                wrong.append(f"{name} {params}: {code}: {text}")
    assert wrong == []
    assert fell == set()


# A reading and a writing call of each kind of thing; the member that names it, and what else must be given.
CALLS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("vpc", "describe_vpcs", "VpcIds", {}),
    ("vpc", "modify_vpc_attribute", "VpcId", {"EnableDnsSupport": {"Value": True}}),
    ("vpc", "create_security_group", "VpcId", {"GroupName": "g", "Description": "g"}),
    ("subnet", "describe_subnets", "SubnetIds", {}),
    ("subnet", "modify_subnet_attribute", "SubnetId", {"MapPublicIpOnLaunch": {"Value": True}}),
    ("sg", "describe_security_groups", "GroupIds", {}),
    ("sg", "delete_security_group", "GroupId", {}),
    ("sg", "authorize_security_group_ingress", "GroupId", {"IpPermissions": []}),
    ("i", "describe_instances", "InstanceIds", {}),
    ("i", "terminate_instances", "InstanceIds", {}),
    ("eni", "describe_network_interfaces", "NetworkInterfaceIds", {}),
    ("rtb", "describe_route_tables", "RouteTableIds", {}),
    ("rtb", "create_route", "RouteTableId", {"DestinationCidrBlock": "10.9.0.0/16"}),
    ("acl", "describe_network_acls", "NetworkAclIds", {}),
    ("igw", "describe_internet_gateways", "InternetGatewayIds", {}),
    ("nat", "describe_nat_gateways", "NatGatewayIds", {}),
    ("nat", "delete_nat_gateway", "NatGatewayId", {}),
    ("pl", "describe_managed_prefix_lists", "PrefixListIds", {}),
    ("pl", "delete_managed_prefix_list", "PrefixListId", {}),
    ("vpce", "describe_vpc_endpoints", "VpcEndpointIds", {}),
    ("vpce", "modify_vpc_endpoint", "VpcEndpointId", {}),
    ("pcx", "describe_vpc_peering_connections", "VpcPeeringConnectionIds", {}),
    ("dopt", "describe_dhcp_options", "DhcpOptionsIds", {}),
    ("vol", "describe_volumes", "VolumeIds", {}),
    ("snap", "describe_snapshots", "SnapshotIds", {}),
    ("lt", "delete_launch_template", "LaunchTemplateId", {}),
    ("tgw", "modify_transit_gateway", "TransitGatewayId", {}),
    ("sir", "cancel_spot_instance_requests", "SpotInstanceRequestIds", {}),
    ("fleet", "delete_fleets", "FleetIds", {"TerminateInstances": True}),
    ("h", "release_hosts", "HostIds", {}),
    ("tms", "modify_traffic_mirror_session", "TrafficMirrorSessionId", {}),
]


@pytest.mark.parametrize(("prefix", "operation", "member", "more"), CALLS)
def test_an_id_that_is_none_is_malformed_and_one_that_nobody_has_is_not_found(
    one_cloud: LocalCloud, prefix: str, operation: str, member: str, more: dict[str, Any]
) -> None:
    [kind] = [one for one in KINDS if one.prefix == prefix]
    for one, code in ((f"{prefix}-{TAIL}", kind.missing), (f"{prefix}-not-hex", kind.malformed)):
        given = {**more, member: [one] if member.endswith("s") else one}
        with pytest.raises(ClientError) as refused:
            getattr(one_cloud.client("ec2", ACCOUNT), operation)(**given)
        error = refused.value.response["Error"]
        assert (error["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400)
        assert one in error["Message"]


def test_what_another_account_has_is_not_found(one_cloud: LocalCloud) -> None:
    theirs = one_cloud.client("ec2", "222222222222").describe_vpcs()["Vpcs"][0]["VpcId"]
    with pytest.raises(ClientError, match=r"InvalidVpcID\.NotFound"):
        one_cloud.client("ec2", ACCOUNT).describe_vpcs(VpcIds=[theirs])
    mine = one_cloud.client("ec2", ACCOUNT).describe_vpcs()["Vpcs"][0]["VpcId"]
    across = {"VpcId": mine, "PeerVpcId": theirs, "PeerOwnerId": "222222222222"}
    assert one_cloud.client("ec2", ACCOUNT).create_vpc_peering_connection(**across)


# What moto took, or refused in another's words; (service, operation, parameters, code).
MENDED: list[tuple[str, str, dict[str, Any], str]] = [
    ("ec2", "authorize_security_group_ingress", {"IpPermissions": []}, "MissingParameter"),
    ("ec2", "create_vpc", {}, "MissingParameter"),
    ("ec2", "create_vpc_peering_connection", {"VpcId": f"vpc-{TAIL}"}, "MissingParameter"),
    (
        "cloudformation",
        "create_stack",
        {"StackName": "s", "TemplateBody": '{"Resources": {}}', "Parameters": [{"ParameterValue": "x"}]},
        "ValidationError",
    ),
    ("ec2", "run_instances", {"MinCount": 2, "MaxCount": 1}, "InvalidParameterCombination"),
    ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1, "KeyName": NAME}, "InvalidKeyPair.NotFound"),
    (
        "ec2",
        "describe_image_attribute",
        {"ImageId": f"ami-{TAIL}", "Attribute": "description"},
        "InvalidAMIID.NotFound",
    ),
    (
        "ec2",
        "copy_image",
        {"Name": "name", "SourceImageId": "ami-0", "SourceRegion": "nowhere-1"},
        "InvalidParameterValue",
    ),
    ("ec2", "copy_image", {"Name": "name", "SourceImageId": "ami-0", "SourceRegion": REGION}, "InvalidAMIID.NotFound"),
    ("ec2", "copy_snapshot", {"SourceSnapshotId": "snap-0", "SourceRegion": REGION}, "InvalidSnapshot.NotFound"),
    ("ec2", "modify_ebs_default_kms_key_id", {"KmsKeyId": NAME}, "InvalidKmsKeyId.NotFound"),
    *(
        ("ec2", operation, {"Filters": [{"Name": "colour", "Values": ["x"]}]}, "InvalidParameterValue")
        for operation in ("describe_vpcs", "describe_security_groups", "describe_instances", "describe_vpc_endpoints")
    ),
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16", "DryRun": True}, "DryRunOperation"),
    (
        "ec2",
        "create_vpc",
        {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "subnet", "Tags": []}]},
        "InvalidParameterValue",
    ),
    ("elbv2", "delete_rule", {"RuleArn": ARNS["elbv2"]["Rule"]}, "RuleNotFound"),
    ("iam", "list_instance_profiles_for_role", {"RoleName": NAME}, "NoSuchEntity"),
    ("iam", "create_service_linked_role", {"AWSServiceName": NAME}, "InvalidInput"),
    ("dynamodb", "create_table", {"TableName": "tab"}, "ValidationException"),
    ("dynamodb", "execute_statement", {"Statement": "GIVE ME"}, "ValidationException"),
    ("dynamodb", "transact_write_items", {"TransactItems": [{}]}, "ValidationException"),
    ("dynamodb", "describe_time_to_live", {"TableName": NAME}, "ResourceNotFoundException"),
    ("sns", "publish", {"Message": "x"}, "InvalidParameter"),
    ("logs", "describe_metric_filters", {"logGroupName": NAME}, "ResourceNotFoundException"),
    ("logs", "delete_resource_policy", {}, "InvalidParameterException"),
    ("logs", "start_query", {"startTime": 1, "endTime": 2, "queryString": "x"}, "InvalidParameterException"),
    ("cloudwatch", "list_tags_for_resource", {"ResourceARN": ARNS["cloudwatch"][""]}, "ResourceNotFoundException"),
    ("stepfunctions", "describe_map_run", {"mapRunArn": ARNS["stepfunctions"][""]}, "ResourceNotFound"),
    ("scheduler", "list_schedules", {"GroupName": NAME}, "ResourceNotFoundException"),
    ("scheduler", "get_schedule", {"Name": "s", "GroupName": NAME}, "ResourceNotFoundException"),
    ("scheduler", "list_tags_for_resource", {"ResourceArn": ARNS["scheduler"][""]}, "ResourceNotFoundException"),
    (
        "scheduler",
        "tag_resource",
        {"ResourceArn": ARNS["scheduler"][""], "Tags": [{"Key": "a", "Value": "b"}]},
        "ResourceNotFoundException",
    ),
]


@pytest.mark.parametrize(("service", "operation", "params", "code"), MENDED)
def test_what_moto_took_is_refused(
    one_cloud: LocalCloud, service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(one_cloud.client(service, ACCOUNT), operation)(**params)
    assert refused.value.response["Error"]["Code"] == code


def test_a_role_that_names_no_user_is_told_so(one_cloud: LocalCloud) -> None:
    caller = Caller(ACCOUNT, REGION, f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", role="r", session="s")
    with pytest.raises(AwsError, match="Must specify userName"):
        limits.refuse("iam", "ListMFADevices", {}, caller)


def test_lists_and_maps_are_repeated_as_java_writes_them() -> None:
    worn = Violation("tags", [{"Key": "a", "Value": True}], "Member must be a map")
    assert str(worn).startswith("Value '[{Key=a, Value=true}]' at 'tags'")


def test_a_machine_has_an_address_and_groups_of_its_subnet_and_starts_from_where_it_can(one_cloud: LocalCloud) -> None:
    ec2 = one_cloud.client("ec2", "333333333333")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.9/16")["Vpc"]
    assert vpc["CidrBlock"] == "10.0.0.0/16"  # as it is kept
    subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.1.7/24")["Subnet"]
    assert subnet["CidrBlock"] == "10.0.1.0/24"
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.2.0/24", AvailabilityZone="us-east-1a")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    run = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": subnet["SubnetId"]}
    [machine] = ec2.run_instances(**run, PrivateIpAddress="10.0.1.9")["Instances"]
    filters = [{"Name": "vpc-id", "Values": [ec2.describe_vpcs(Filters=[IS_DEFAULT])["Vpcs"][0]["VpcId"]]}]
    elsewhere = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    for given, code in (
        ({"PrivateIpAddress": "10.0.1.9"}, r"InvalidIPAddress\.InUse"),
        ({"PrivateIpAddress": "10.9.9.9"}, "does not fall within"),
        ({"PrivateIpAddress": "10.0.1.3"}, "reserved"),
        ({"SecurityGroupIds": [elsewhere]}, "belong to different networks"),
    ):
        with pytest.raises(ClientError, match=code):
            ec2.run_instances(**run, **given)
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc["VpcId"])["GroupId"]

    def rule(**sources: Any) -> dict[str, Any]:
        permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **sources}
        return {"GroupId": group, "IpPermissions": [permission]}

    made = ec2.authorize_security_group_ingress(**rule(IpRanges=[{"CidrIp": "10.0.0.9/16"}]))
    assert made["SecurityGroupRules"][0]["CidrIpv4"] == "10.0.0.0/16"
    for wrong, code in (
        (rule(IpRanges=[{"CidrIp": "10.0.0.0/16"}]), "Duplicate"),
        (rule(IpRanges=[{"CidrIp": "ten"}]), "CIDR block ten is malformed"),
        (rule(), "MissingParameter"),
    ):
        with pytest.raises(ClientError, match=code):
            ec2.authorize_security_group_ingress(**wrong)
    ec2.terminate_instances(InstanceIds=[machine["InstanceId"]])
    with pytest.raises(ClientError, match="IncorrectInstanceState"):
        ec2.start_instances(InstanceIds=[machine["InstanceId"]])


IS_DEFAULT = {"Name": "is-default", "Values": ["true"]}
