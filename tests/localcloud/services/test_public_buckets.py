"""A bucket lets nobody in but its account, unless its owner first takes back what keeps the public out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.services.cloudformation.model import StackFailed
from localcloud.services.s3.public import is_public

OWNER, OTHER, REGION = "111111111111", "222222222222", "ap-northeast-1"
PLACE = {"LocationConstraint": REGION}
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("s3", OWNER).create_bucket(Bucket="papers", CreateBucketConfiguration=PLACE)
        yield cloud


def statement(**given: Any) -> dict[str, Any]:
    reads = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::papers/*"}
    return {**reads, **given}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def block(s3: Any, **flags: bool) -> None:
    s3.put_public_access_block(Bucket="papers", PublicAccessBlockConfiguration={**dict.fromkeys(FLAGS, False), **flags})


def code(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**given)
    return str(refused.value.response["Error"]["Code"])


def test_a_new_bucket_blocks_all_that_is_public(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3", OWNER)
    told = s3.get_public_access_block(Bucket="papers")["PublicAccessBlockConfiguration"]
    assert told == dict.fromkeys(FLAGS, True)
    assert code(s3.put_bucket_policy, Bucket="papers", Policy=policy(statement())) == "AccessDenied"
    block(s3)
    s3.put_bucket_policy(Bucket="papers", Policy=policy(statement()))


@pytest.mark.parametrize(
    ("given", "public"),
    [
        ({}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": OTHER}}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, False),
        ({"Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2000::/3"]}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "nowhere"}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-0aaaaaaaaaaaaaaa1"}}}, False),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}}, True),
        ({"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWNER}:*"}}}, False),
    ],
)
def test_what_is_public_is_said_by_its_principal_and_conditions(given: dict[str, Any], public: bool) -> None:
    assert is_public(policy(statement(Principal={"AWS": OTHER}), statement(**given))) is public


def test_a_public_policy_lets_nobody_in_where_it_is_restricted(cloud: LocalCloud) -> None:
    s3, theirs = cloud.client("s3", OWNER), cloud.client("s3", OTHER)
    s3.put_object(Bucket="papers", Key="one", Body=b"1")
    block(s3)
    s3.put_bucket_policy(Bucket="papers", Policy=policy(statement()))
    assert theirs.get_object(Bucket="papers", Key="one")["Body"].read() == b"1"
    block(s3, RestrictPublicBuckets=True)
    assert code(theirs.get_object, Bucket="papers", Key="one") == "AccessDenied"
    s3.get_object(Bucket="papers", Key="one")
    # What names an account is no public policy, and is heeded as before.
    s3.put_bucket_policy(Bucket="papers", Policy=policy(statement(Principal={"AWS": OTHER})))
    theirs.get_object(Bucket="papers", Key="one")


def test_a_bucket_has_acls_only_where_its_owner_asks_for_them(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3", OWNER)
    put = {"Bucket": "papers", "Key": "one", "Body": b"1"}
    for acl in ("public-read", "private"):
        assert code(s3.put_object, **put, ACL=acl) == "AccessControlListNotSupported"
    assert code(s3.put_bucket_acl, Bucket="papers", GrantRead=f'id="{OTHER}"') == "AccessControlListNotSupported"
    s3.put_object(**put, ACL="bucket-owner-full-control")
    s3.put_bucket_ownership_controls(
        Bucket="papers", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.put_object(**put, ACL="private")
    assert code(s3.put_object, **put, ACL="public-read") == "AccessDenied"
    block(s3)
    s3.put_object(**put, ACL="public-read")


def test_the_acl_that_a_bucket_has_by_itself_may_be_given(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3", OWNER)
    own = s3.get_bucket_acl(Bucket="papers")
    s3.put_bucket_acl(Bucket="papers", AccessControlPolicy={"Owner": own["Owner"], "Grants": own["Grants"]})
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    opened = {"Owner": own["Owner"], "Grants": [{"Grantee": everybody, "Permission": "READ"}]}
    assert code(s3.put_bucket_acl, Bucket="papers", AccessControlPolicy=opened) == "AccessControlListNotSupported"
    s3.delete_bucket_ownership_controls(Bucket="papers")
    assert code(s3.put_bucket_acl, Bucket="papers", AccessControlPolicy=opened) == "AccessDenied"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ACL": "public-read"}, "InvalidBucketAclWithObjectOwnership"),
        ({"ACL": "public-read", "ObjectOwnership": "ObjectWriter"}, "AccessDenied"),
        ({"ACL": "private"}, ""),
        ({"ACL": "log-delivery-write", "ObjectOwnership": "BucketOwnerPreferred"}, ""),
    ],
)
def test_a_bucket_is_not_made_public(cloud: LocalCloud, given: dict[str, str], said: str) -> None:
    s3 = cloud.client("s3", OWNER)
    asked = {"Bucket": "another", "CreateBucketConfiguration": PLACE, **given}
    if said:
        assert code(s3.create_bucket, **asked) == said
    else:
        s3.create_bucket(**asked)


TEMPLATE = """
Resources:
  Store:
    Type: AWS::S3::Bucket
    Properties: {%s}
"""
OPEN = "PublicAccessBlockConfiguration: {BlockPublicAcls: false}"
WRITERS = "OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}"


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ("AccessControl: Private", ""),
        ("AccessControl: PublicRead", "AccessControlListNotSupported"),
        (f"AccessControl: PublicRead, {WRITERS}", "BlockPublicAcls"),
        (f"AccessControl: PublicRead, {WRITERS}, {OPEN}", ""),
        (f"AccessControl: LogDeliveryWrite, {WRITERS}", ""),
        (
            "NotificationConfiguration: {QueueConfigurations: [{Event: 's3:Replication:*', Queue: 'arn:aws:sqs:a:1'}]}",
            "s3:Replication",
        ),
    ],
)
def test_templates_are_held_to_the_same(cloud: LocalCloud, tmp_path: Path, properties: str, said: str) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE % properties)
    if said:
        with pytest.raises(StackFailed, match=said):
            cloud.stacks.deploy(template, OWNER, "store")
    else:
        cloud.stacks.deploy(template, OWNER, "store")
