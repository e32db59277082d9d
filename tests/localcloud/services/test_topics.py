"""A message of a topic comes to those who have subscribed, and whom their own policies let it reach."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import InvocationRecord

OWNER, OTHER, REGION = "111111111111", "222222222222", "ap-northeast-1"
TOPIC = f"arn:aws:sns:{REGION}:{OWNER}:news"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("sns", OWNER).create_topic(Name="news")
        yield cloud


def queue(cloud: LocalCloud, account: str, name: str, source: str = "") -> str:
    """A queue's URL; with `source` its policy lets that topic send."""
    sqs = cloud.client("sqs", account)
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    if source:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn_of(account, name),
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url


def arn_of(account: str, name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{account}:{name}"


def messages(cloud: LocalCloud, account: str, url: str) -> list[str]:
    got = cloud.client("sqs", account).receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(one["Body"])["Message"] for one in got]


def subscribe(cloud: LocalCloud, account: str, name: str, **more: str) -> str:
    arn: str = cloud.client("sns", OWNER).subscribe(
        TopicArn=TOPIC, Protocol="sqs", Endpoint=arn_of(account, name), Attributes=more
    )["SubscriptionArn"]
    return arn


@pytest.mark.parametrize("account", [OWNER, OTHER], ids=["same account", "another account"])
def test_a_queue_hears_of_the_topic_that_its_policy_names_and_of_no_other(cloud: LocalCloud, account: str) -> None:
    let, shut = queue(cloud, account, "let", TOPIC), queue(cloud, account, "shut")
    wrong = queue(cloud, account, "wrong", f"{TOPIC}-of-yesterday")
    for name in ("let", "shut", "wrong"):
        subscribe(cloud, account, name)
    cloud.client("sns", OWNER).publish(TopicArn=TOPIC, Message="rain")
    assert [messages(cloud, account, url) for url in (let, shut, wrong)] == [["rain"], [], []]


def test_what_a_queue_does_not_take_goes_to_the_subscriptions_dead_letters(cloud: LocalCloud) -> None:
    queue(cloud, OWNER, "shut")
    dead = queue(cloud, OWNER, "dead", TOPIC)
    subscribe(cloud, OWNER, "shut", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn_of(OWNER, "dead")}))
    subscribe(cloud, OWNER, "gone")
    cloud.client("sns", OWNER).publish(TopicArn=TOPIC, Message="rain")
    assert messages(cloud, OWNER, dead) == ["rain"]


def test_a_filter_is_asked_before_the_policy(cloud: LocalCloud) -> None:
    dead = queue(cloud, OWNER, "dead", TOPIC)
    queue(cloud, OWNER, "shut")
    redrive = json.dumps({"deadLetterTargetArn": arn_of(OWNER, "dead")})
    subscribe(cloud, OWNER, "shut", RedrivePolicy=redrive, FilterPolicy=json.dumps({"kind": ["snow"]}))
    for kind in ("rain", "snow"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        cloud.client("sns", OWNER).publish(TopicArn=TOPIC, Message=kind, MessageAttributes=attributes)
    assert messages(cloud, OWNER, dead) == ["snow"]


@pytest.mark.parametrize("let", [True, False])
def test_a_function_hears_where_its_policy_lets_the_topic(cloud: LocalCloud, *, let: bool) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = cloud.client("iam", OWNER).create_role(RoleName="runs", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handler(event, _): return event['Records'][0]")
    functions = cloud.client("lambda", OWNER)
    arn = functions.create_function(
        FunctionName="work",
        Runtime="python3.13",
        Role=role,
        Handler="code.handler",
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    if let:
        functions.add_permission(
            FunctionName="work",
            StatementId="s",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=TOPIC,
        )
    sns = cloud.client("sns", OWNER)
    sns.subscribe(TopicArn=TOPIC, Protocol="lambda", Endpoint=arn)
    attributes: Any = {"kind": {"DataType": "String", "StringValue": "wet"}}
    sent = sns.publish(TopicArn=TOPIC, Message="rain", Subject="today", MessageAttributes=attributes)["MessageId"]
    cloud.settle()
    heard = [one.result["Sns"] for one in cloud.journal.of(InvocationRecord)]
    if not let:
        assert heard == []
        return
    [told] = heard
    assert (told["Message"], told["Subject"], told["MessageId"], told["TopicArn"]) == ("rain", "today", sent, TOPIC)
    assert told["MessageAttributes"] == {"kind": {"Type": "String", "Value": "wet"}}


@pytest.mark.parametrize("protocol", ["https", "sms", "firehose"])
def test_whom_nothing_would_reach_cannot_subscribe(cloud: LocalCloud, protocol: str) -> None:
    with pytest.raises(ClientError, match=f"Subscribe by {protocol} is not emulated"):
        cloud.client("sns", OWNER).subscribe(TopicArn=TOPIC, Protocol=protocol, Endpoint="https://example.com/hook")


def test_a_mailbox_waits_for_a_confirmation(cloud: LocalCloud) -> None:
    sns = cloud.client("sns", OWNER)
    given = {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "ops@example.com"}
    assert sns.subscribe(**given)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**given, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"


def test_who_subscribes_to_anothers_topic_owns_the_subscription(cloud: LocalCloud) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sns:Subscribe", "Resource": TOPIC}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    mine, theirs = cloud.client("sns", OWNER), cloud.client("sns", OTHER)
    mine.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy)
    heard = queue(cloud, OTHER, "heard", TOPIC)
    theirs.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn_of(OTHER, "heard"))
    [listed] = mine.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert listed["Owner"] == OTHER
    mine.publish(TopicArn=TOPIC, Message="rain")
    assert messages(cloud, OTHER, heard) == ["rain"]
