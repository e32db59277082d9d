"""What guards one thing is refused where its service's own grammar refuses it (facts 28.10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT, REGION = "111111111111", "ap-northeast-1"
QUEUE, OTHER = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("mine", "other"))
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:mine"
LISTED = [f"sqs:{name}" for name in ("SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue")]
MORE = [f"sqs:{name}" for name in ("GetQueueUrl", "GetQueueAttributes", "ListQueueTags", "ChangeMessageVisibility")]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("sqs", ACCOUNT).create_queue(QueueName="mine")
        cloud.client("sns", ACCOUNT).create_topic(Name="mine")
        cloud.client("events", ACCOUNT).create_event_bus(Name="mine")
        yield cloud


def statement(**given: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, **given}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def guard_queue(cloud: LocalCloud, text: str) -> None:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/mine"
    cloud.client("sqs", ACCOUNT).set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})


def refused(deed: Any, *given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        deed(*given)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_queue_takes_a_policy_that_speaks_of_it_alone(cloud: LocalCloud) -> None:
    tls = statement(Effect="Deny", Action="sqs:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    guard_queue(cloud, policy(statement(), tls))
    guard_queue(cloud, policy(statement(Action=[*LISTED, *MORE[:3]])))
    guard_queue(cloud, policy(*(statement(Sid=f"s{number}") for number in range(20))))


@pytest.mark.parametrize(
    "text",
    [
        policy(statement(Resource=OTHER)),
        policy(statement(Resource=[QUEUE, OTHER])),
        policy(statement(Action="sns:Publish")),
        policy(statement(Action=[*LISTED, *MORE])),
        policy(*(statement(Sid=f"s{number}") for number in range(21))),
        policy(statement(Principal={"AWS": [f"{number:012}" for number in range(51)]})),
        policy(statement(Condition={"StringEquals": {f"aws:PrincipalTag/{number}": "x" for number in range(11)}})),
        policy({key: value for key, value in statement().items() if key != "Principal"}),
        policy(statement(Sid="x" * 8_200)),
        policy(statement(Actions="sqs:SendMessage")),
        "no JSON",
    ],
    ids=[
        *("another queue", "two queues", "another service", "eight actions", "twenty-one statements"),
        *("fifty-one principals", "eleven conditions", "nobody", "too long", "an unknown element", "no policy"),
    ],
)
def test_a_queue_takes_no_other(cloud: LocalCloud, text: str) -> None:
    assert refused(guard_queue, cloud, text) == ("InvalidAttributeValue", "Invalid value for the parameter Policy.")


def guard_topic(cloud: LocalCloud, text: str) -> None:
    sns = cloud.client("sns", ACCOUNT)
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=text)


def test_a_topics_statement_applies_to_a_single_resource_and_its_own_service(cloud: LocalCloud) -> None:
    publish = statement(Action="sns:Publish", Resource=TOPIC)
    guard_topic(cloud, policy(publish))
    two = refused(guard_topic, cloud, policy({**publish, "Resource": [TOPIC, f"{TOPIC}-2"]}))
    assert two == ("InvalidParameter", "Invalid parameter: Policy statement must apply to a single resource!")
    code, text = refused(guard_topic, cloud, policy({**publish, "Action": "sqs:SendMessage"}))
    assert code == "InvalidParameter"
    assert "out of service scope" in text


def test_a_role_is_trusted_without_a_resource(cloud: LocalCloud) -> None:
    iam = cloud.client("iam", ACCOUNT)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}

    def make(**more: Any) -> None:
        iam.create_role(RoleName="mine", AssumeRolePolicyDocument=policy({**trust, **more}))

    assert refused(lambda: make(Resource="*")) == ("MalformedPolicyDocument", "Has prohibited field Resource")
    assert refused(lambda: make(Action="s3:GetObject"))[0] == "MalformedPolicyDocument"
    make()


def test_a_bus_lets_in_by_its_own_service(cloud: LocalCloud) -> None:
    events = cloud.client("events", ACCOUNT)
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/mine"
    good = statement(Sid="members", Principal={"AWS": "222222222222"}, Action="events:PutEvents", Resource=arn)
    put = lambda text: events.put_permission(EventBusName="mine", Policy=text)  # noqa: E731
    put(policy(good))
    assert refused(put, policy({**good, "Action": "sqs:SendMessage"}))[0] == "ValidationException"
