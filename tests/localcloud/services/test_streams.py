"""Lambda reads a table's stream: in order, again where it fails, and past what is given up."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import InvocationRecord

ACCOUNT = "111111111111"
CODE = """
def work(event, context):
    seen = [one["dynamodb"]["Keys"]["id"]["S"] for one in event["Records"]]
    if "poison" in seen:
        if {answers}:
            return {{"batchItemFailures": [{{"itemIdentifier": one["dynamodb"]["SequenceNumber"]}}
                    for one in event["Records"] if one["dynamodb"]["Keys"]["id"]["S"] == "poison"]}}
        raise ValueError("cannot read it")
    return seen
"""
READ = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "sqs:SendMessage"]


class Shop:
    """A table with a stream, and a function that cannot read the item `poison`."""

    def __init__(self, cloud: LocalCloud, actions: list[str] = READ, *, answers: bool = False) -> None:
        self.cloud = cloud
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        self.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(allow))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", CODE.format(answers=answers))
        self.client("lambda").create_function(
            FunctionName="f",
            Runtime="python3.13",
            Role=role,
            Handler="app.work",
            Code={"ZipFile": packed.getvalue()},
        )
        made = self.client("dynamodb").create_table(
            TableName="rows",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.stream = made["TableDescription"]["LatestStreamArn"]

    def client(self, service: str) -> Any:
        return self.cloud.client(service, ACCOUNT)

    def read(self, **more: Any) -> Any:
        given = {"StartingPosition": "TRIM_HORIZON", **more}
        return self.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=self.stream, **given)

    def put(self, *ids: str) -> None:
        for one in ids:
            self.client("dynamodb").put_item(TableName="rows", Item={"id": {"S": one}})

    def seen(self, seconds: float = 5) -> list[list[str]]:
        """The keys of each batch that the function got, as time passes."""
        self.cloud.clock.advance(seconds)
        batches = [one.payload["Records"] for one in self.cloud.journal.of(InvocationRecord)]
        return [[one["dynamodb"]["Keys"]["id"]["S"] for one in batch] for batch in batches]


def test_what_changed_comes_in_order_with_what_it_was(cloud: LocalCloud) -> None:
    shop = Shop(cloud)
    shop.put("before")
    shop.read(StartingPosition="LATEST", BatchSize=2)
    shop.put("a", "b", "b", "c")  # the second b changes nothing, and nothing is told of it
    shop.client("dynamodb").delete_item(TableName="rows", Key={"id": {"S": "a"}})
    assert shop.seen() == [["a", "b"], ["c", "a"]]
    gone = cloud.journal.of(InvocationRecord)[-1].payload["Records"][-1]
    assert (gone["eventName"], gone["eventSourceARN"], gone["awsRegion"]) == ("REMOVE", shop.stream, cloud.region)
    assert gone["dynamodb"]["OldImage"] == {"id": {"S": "a"}}


def test_a_filter_lets_through_what_it_names_and_a_window_waits_for_more(cloud: LocalCloud) -> None:
    shop = Shop(cloud)
    wanted = {"Filters": [{"Pattern": json.dumps({"dynamodb": {"Keys": {"id": {"S": [{"prefix": "x"}]}}}})}]}
    shop.read(FilterCriteria=wanted, MaximumBatchingWindowInSeconds=30)
    shop.put("a", "x1")
    assert shop.seen(20) == []
    shop.put("x2")
    assert shop.seen(20) == [["x1", "x2"]]


@pytest.mark.parametrize("answers", [False, True], ids=["raises", "names what failed"])
def test_what_is_given_up_is_told_and_the_rest_goes_on(cloud: LocalCloud, *, answers: bool) -> None:
    shop = Shop(cloud, answers=answers)
    url = shop.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    dead = f"arn:aws:sqs:{cloud.region}:{ACCOUNT}:dead"
    more = {"FunctionResponseTypes": ["ReportBatchItemFailures"]} if answers else {"BisectBatchOnFunctionError": True}
    shop.read(MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": dead}}, BatchSize=4, **more)
    shop.put("a", "poison", "b", "c")
    seen = shop.seen(300)
    assert seen[0] == ["a", "poison", "b", "c"]
    assert ["b", "c"] in seen or seen[-1][-1] == "c"
    told = json.loads(shop.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["streamArn"] == shop.stream
    shop.put("d")
    assert shop.seen()[-1] == ["d"]


def test_nothing_else_comes_before_what_fails(cloud: LocalCloud) -> None:
    shop = Shop(cloud)
    shop.read(BatchSize=1, MaximumRecordAgeInSeconds=600)
    shop.put("a", "poison", "b")
    seen = shop.seen(500)
    assert (seen[-1], ["b"] in seen) == (["poison"], False)
    assert shop.seen(200)[-1] == ["b"]


@pytest.mark.parametrize(
    ("actions", "more", "told"),
    [
        (["logs:*"], {}, "Cannot access stream"),
        (READ, {"StartingPosition": "AT_TIMESTAMP"}, "StartingPosition"),
        (READ, {"TumblingWindowInSeconds": 30}, "TumblingWindowInSeconds is not emulated"),
    ],
)
def test_a_mapping_that_could_not_read_is_refused(
    cloud: LocalCloud, actions: list[str], more: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        Shop(cloud, actions).read(**more)


@pytest.mark.parametrize("stream", [{"StreamEnabled": True}, {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}])
def test_a_stream_says_what_it_tells_of_and_no_stream_tells_nothing(cloud: LocalCloud, stream: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="StreamViewType"):
        cloud.client("dynamodb", ACCOUNT).create_table(
            TableName="rows",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=stream,
        )
