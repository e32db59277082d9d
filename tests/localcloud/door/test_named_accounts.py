"""Whoever names an account or a person that there cannot be is refused, as the service that is told does."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

OWNER, OTHER, REGION = "111111111111", "222222222222", "ap-northeast-1"
NOBODY = f"arn:aws:iam::{OWNER}:role/nobody"
ROOT = f"arn:aws:iam::{OTHER}:root"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}

type Give = Callable[[str], Any]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        role = cloud.client("iam", OWNER).create_role(
            RoleName="works", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        )["Role"]["Arn"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("code.py", "def handler(event, _): return 'done'")
        cloud.client("lambda", OWNER).create_function(
            FunctionName="work",
            Runtime="python3.13",
            Role=role,
            Handler="code.handler",
            Code={"ZipFile": code.getvalue()},
        )
        yield cloud


@pytest.fixture(scope="module")
def giving(cloud: LocalCloud) -> dict[str, Give]:
    """Each call that gives somebody a right by a name alone."""
    sqs, sns, ec2, kms = (cloud.client(name, OWNER) for name in ("sqs", "sns", "ec2", "kms"))
    queue = sqs.create_queue(QueueName="wishes")["QueueUrl"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    numbers = iter(range(100))
    image = {"SnapshotId": snapshot, "Attribute": "createVolumePermission"}
    functions = cloud.client("lambda", OWNER)

    def label() -> str:
        return f"given-{next(numbers)}"

    return {
        "sqs": lambda to: sqs.add_permission(
            QueueUrl=queue, Label=label(), AWSAccountIds=[OTHER, to], Actions=["SendMessage"]
        ),
        "sns": lambda to: sns.add_permission(TopicArn=topic, Label=label(), AWSAccountId=[to], ActionName=["Publish"]),
        "lambda": lambda to: functions.add_permission(
            FunctionName="work", StatementId=label(), Action="lambda:InvokeFunction", Principal=to
        ),
        "ec2": lambda to: ec2.modify_snapshot_attribute(**image, OperationType="add", UserIds=[to]),
        "ec2, in a structure": lambda to: ec2.modify_snapshot_attribute(
            **image, CreateVolumePermission={"Add": [{"UserId": to}]}
        ),
        "kms": lambda to: kms.create_grant(KeyId=key, GranteePrincipal=to, Operations=["Decrypt"]),
        "kms, to retire": lambda to: kms.create_grant(
            KeyId=key, GranteePrincipal=ROOT, RetiringPrincipal=to, Operations=["Decrypt"]
        ),
    }


@pytest.mark.parametrize(
    ("call", "name", "code"),
    [
        *(("sqs", one, "InvalidParameterValue") for one in ("somebody", "12345", "*", NOBODY)),
        *(("sns", one, "InvalidParameter") for one in ("somebody", "12345", NOBODY)),
        *(("lambda", one, "InvalidParameterValueException") for one in ("somebody", "12345", NOBODY, "x.example.com")),
        *((one, "somebody", "InvalidParameterValue") for one in ("ec2", "ec2, in a structure")),
        *(
            (kms, one, "InvalidArnException")
            for kms in ("kms", "kms, to retire")
            for one in (OTHER, "somebody", NOBODY)
        ),
    ],
)
def test_nobody_is_given_a_right(giving: dict[str, Give], call: str, name: str, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        giving[call](name)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("call", "name"),
    [
        *((one, OTHER) for one in ("sqs", "sns", "lambda", "ec2", "ec2, in a structure")),
        *(("lambda", one) for one in ("*", ROOT, "s3.amazonaws.com")),
        *((one, who) for one in ("kms", "kms, to retire") for who in (ROOT, f"arn:aws:iam::{OWNER}:role/works")),
    ],
)
def test_somebody_is(giving: dict[str, Give], call: str, name: str) -> None:
    giving[call](name)


def test_a_refused_right_leaves_what_was_given_before(cloud: LocalCloud, giving: dict[str, Give]) -> None:
    """moto took a name that is none, and the function's policy could not be read from then on."""
    giving["lambda"](OTHER)
    with pytest.raises(ClientError):
        giving["lambda"]("somebody")
    assert cloud.client("lambda", OTHER).invoke(FunctionName=f"arn:aws:lambda:{REGION}:{OWNER}:function:work")


@pytest.mark.parametrize("label", ["two words", "", "x" * 81])
def test_a_permission_of_a_queue_is_called_by_a_label(cloud: LocalCloud, label: str) -> None:
    queue = cloud.client("sqs", OWNER).create_queue(QueueName="wishes")["QueueUrl"]
    with pytest.raises(ClientError, match="parameter Label is invalid"):
        cloud.client("sqs", OWNER).add_permission(
            QueueUrl=queue, Label=label, AWSAccountIds=[OTHER], Actions=["SendMessage"]
        )


@pytest.mark.parametrize("kind", ["role", "user"])
def test_a_trust_policy_names_who_is_there(cloud: LocalCloud, kind: str) -> None:
    iam = cloud.client("iam", OWNER)
    trusted = {**TRUST, "Principal": {"AWS": f"arn:aws:iam::{OWNER}:{kind}/ko"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    with pytest.raises(ClientError, match="Invalid principal in policy"):
        iam.create_role(RoleName=f"of-{kind}", AssumeRolePolicyDocument=document)
    if kind == "role":
        iam.create_role(
            RoleName="ko", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        )
    else:
        iam.create_user(UserName="ko")
    iam.create_role(RoleName=f"of-{kind}", AssumeRolePolicyDocument=document)


def test_whose_a_bucket_is_said_to_be_is_looked_at(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3", OWNER)
    s3.create_bucket(Bucket="whose", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="whose", Key="one", Body=b"1", ExpectedBucketOwner=OWNER)
    for call in (
        lambda: s3.get_object(Bucket="whose", Key="one", ExpectedBucketOwner=OTHER),
        lambda: s3.put_object(Bucket="whose", Key="two", Body=b"2", ExpectedBucketOwner=OTHER),
        lambda: s3.copy_object(
            Bucket="whose", Key="two", CopySource={"Bucket": "whose", "Key": "one"}, ExpectedSourceBucketOwner=OTHER
        ),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="whose")["Contents"]] == ["one"]
