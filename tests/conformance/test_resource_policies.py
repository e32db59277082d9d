"""What the policy of a key, queue, topic or bucket denies is denied, to the account's owner as well (facts 24)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lattice_world import MEMBER, REGION, World, refused

from localcloud.cloud import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def denying(action: str, resource: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _queue(world: World) -> tuple[str, Callable[[], Any]]:
    sqs = world.aws("sqs", MEMBER)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="before")
    policy = denying("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{MEMBER}:q")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return "AccessDenied", lambda: sqs.send_message(QueueUrl=url, MessageBody="after")


def _topic(world: World) -> tuple[str, Callable[[], Any]]:
    sns = world.aws("sns", MEMBER)
    arn = sns.create_topic(Name="t")["TopicArn"]
    sns.publish(TopicArn=arn, Message="before")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=denying("sns:Publish", arn))
    return "AuthorizationError", lambda: sns.publish(TopicArn=arn, Message="after")


def _bucket(world: World) -> tuple[str, Callable[[], Any]]:
    s3 = world.aws("s3", MEMBER)
    s3.create_bucket(Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="a-bucket", Key="k", Body=b"before")
    s3.put_bucket_policy(Bucket="a-bucket", Policy=denying("s3:PutObject", "arn:aws:s3:::a-bucket/*"))
    return "AccessDenied", lambda: s3.put_object(Bucket="a-bucket", Key="k", Body=b"after")


def _key(world: World) -> tuple[str, Callable[[], Any]]:
    kms = world.aws("kms", MEMBER)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=key, Plaintext=b"before")
    nobody = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MEMBER}:root"}, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**nobody, "Action": ["kms:PutKeyPolicy", "kms:DescribeKey"]}]}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    return "AccessDeniedException", lambda: kms.encrypt(KeyId=key, Plaintext=b"after")


@pytest.mark.parametrize("guarded", [_queue, _topic, _bucket, _key])
def test_what_a_things_own_policy_shuts_is_shut(
    world: World, guarded: Callable[[World], tuple[str, Callable[[], Any]]]
) -> None:
    code, act = guarded(world)
    with refused(code, "resource-based policy"):
        act()


def test_an_owner_mends_what_he_has_shut(world: World) -> None:
    sqs = world.aws("sqs", MEMBER)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    policy = denying("sqs:*", f"arn:aws:sqs:{REGION}:{MEMBER}:q")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    with refused("AccessDenied"):
        sqs.receive_message(QueueUrl=url)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    sqs.receive_message(QueueUrl=url)
