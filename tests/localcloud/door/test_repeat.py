"""A client token makes one thing: the same call again is answered the same, another wish with it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import _ROOMS, LocalCloud
from localcloud.door import repeat
from localcloud.door.faults import Fault
from localcloud.ground import models

ACCOUNT, OTHER = "111111111111", "222222222222"
ONCE = "a-wish-of-mine-that-is-long-enough"


@pytest.fixture(scope="module")
def one_cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def test_every_operation_that_takes_a_token_is_held_to_it() -> None:
    """By the door, or by its service's own tests; a message's deduplication is a queue's or a topic's."""
    unheld, held = [], 0
    for service in (room.service for room in _ROOMS):
        for name in models.model(service).operation_names:
            shape: Any = models.operation_model(service, name).input_shape
            members = shape.members if shape is not None else {}
            if not any(
                repeat.TOKEN.fullmatch(one) or at.metadata.get("idempotencyToken") for one, at in members.items()
            ):
                continue
            held += 1
            if not repeat.token_of(service, name) and service not in repeat.OF_THEIR_OWN:
                unheld.append((service, name))
    assert unheld == []
    assert held > 150


RUN = {"MinCount": 1, "MaxCount": 1, "ImageId": "ami-12c6146b"}
SCHEDULE = {"Expression": "rate(1 day)"}
ITEM = {"Put": {"TableName": "seats", "Item": {"k": {"S": "1"}}}}
MACHINE = {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "rate(1 day)"}
TARGET = {"Arn": f"arn:aws:sqs:ap-northeast-1:{ACCOUNT}:q", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}
BODY = '{"Resources": {"A": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}}}'

# (service, operation, token, parameters, other parameters, code of the refusal)
CALLS: list[tuple[str, str, str, dict[str, Any], dict[str, Any], str]] = [
    ("ec2", "run_instances", "ClientToken", RUN, {"MaxCount": 2}, "IdempotentParameterMismatch"),
    (
        "ec2",
        "create_volume",
        "ClientToken",
        {"AvailabilityZone": "ap-northeast-1a", "Size": 8},
        {"Size": 9},
        "Idempotent",
    ),
    (
        "ec2",
        "create_launch_template",
        "ClientToken",
        {"LaunchTemplateName": "once", "LaunchTemplateData": {"InstanceType": "t3.micro"}},
        {"LaunchTemplateName": "twice"},
        "IdempotentParameterMismatch",
    ),
    ("scheduler", "create_schedule_group", "ClientToken", {"Name": "once"}, {"Name": "twice"}, "ConflictException"),
    (
        "dynamodb",
        "transact_write_items",
        "ClientRequestToken",
        {"TransactItems": [{"Put": {**ITEM["Put"], "ConditionExpression": "attribute_not_exists(k)"}}]},
        {"TransactItems": [ITEM]},
        "IdempotentParameterMismatchException",
    ),
    (
        "cloudformation",
        "create_stack",
        "ClientRequestToken",
        {"StackName": "once", "TemplateBody": BODY},
        {"StackName": "twice"},
        "TokenAlreadyExistsException",
    ),
    ("ssm", "create_patch_baseline", "ClientToken", {"Name": "once"}, {"Name": "twice"}, "IdempotentParameterMismatch"),
    (
        "secretsmanager",
        "create_secret",
        "ClientRequestToken",
        {"Name": "once", "SecretString": "x"},
        {"SecretString": "y"},
        "ResourceExistsException",
    ),
]


@pytest.mark.parametrize(("service", "operation", "token", "params", "other", "code"), CALLS)
def test_a_token_makes_one_thing(
    one_cloud: LocalCloud,
    service: str,
    operation: str,
    token: str,
    params: dict[str, Any],
    other: dict[str, Any],
    code: str,
) -> None:
    if service == "dynamodb":
        table = {"TableName": "seats", "BillingMode": "PAY_PER_REQUEST"}
        names = {"AttributeName": "k", "AttributeType": "S"}, {"AttributeName": "k", "KeyType": "HASH"}
        one_cloud.client(service, ACCOUNT).create_table(**table, AttributeDefinitions=[names[0]], KeySchema=[names[1]])
        one_cloud.settle()
    call = getattr(one_cloud.client(service, ACCOUNT), operation)
    given = {**params, token: ONCE}
    first, again = call(**given), call(**given)
    ids = {one.pop("ResponseMetadata")["RequestId"] for one in (first, again)}
    assert first == again
    assert len(ids) == 2
    with pytest.raises(ClientError, match=code):
        call(**{**given, **other})


def test_a_token_is_of_an_account_and_an_operation_and_outlives_a_lost_answer(one_cloud: LocalCloud) -> None:
    mine, theirs = one_cloud.client("ec2", ACCOUNT), one_cloud.client("ec2", OTHER)
    given = {"AvailabilityZone": "ap-northeast-1a", "ClientToken": "another", "Size": 7}
    one_cloud.faults.add(Fault("lost", service="ec2", operation="CreateVolume"))
    assert mine.create_volume(**given)  # botocore asks again
    assert len(mine.describe_volumes(Filters=[{"Name": "size", "Values": ["7"]}])["Volumes"]) == 1
    assert theirs.create_volume(**given)["VolumeId"] != mine.create_volume(**given)["VolumeId"]
    assert mine.create_network_acl(VpcId=mine.describe_vpcs()["Vpcs"][0]["VpcId"], ClientToken="another")
    with pytest.raises(ClientError, match=r"InvalidSnapshot\.NotFound"):
        mine.create_volume(**{**given, "ClientToken": "third", "SnapshotId": "snap-0123456789abcdef0"})
    assert mine.create_volume(**{**given, "ClientToken": "third"}), "a refusal uses up no token"
    again = {**RUN, "ClientToken": "runs"}
    [launched] = mine.run_instances(**again)["Instances"]
    mine.terminate_instances(InstanceIds=[launched["InstanceId"]])
    with pytest.raises(ClientError, match="IdempotentInstanceTerminated"):
        mine.run_instances(**again)
    one_cloud.clock.advance(repeat.LIFE + 1)
    assert mine.create_volume(**{**given, "Size": 9}), "a day later it is as good as new"
    assert len(one_cloud.gate.answered) == 1
