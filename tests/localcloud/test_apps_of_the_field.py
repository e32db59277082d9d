"""Small apps as the field writes them: each deploys and works, or is refused naming what is not there.

Written anew after what aws-samples/serverless-patterns (MIT-0) joins under these names; no text of theirs is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import InvocationRecord
from localcloud.services.cloudformation.model import StackFailed, TemplateError

ACCOUNT = "444444444444"
HEAD = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
WORKER = """
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {runtime}
      Handler: index.work
      InlineCode: |
        def work(event, context):
            return "worked"
      Events:
        Call: {{Type: {kind}, Properties: {properties}}}
"""
QUEUE, TOPIC = "  Box: {Type: AWS::SQS::Queue}\n", "  News: {Type: AWS::SNS::Topic}\n"
LET = """
  Let:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Box]
      PolicyDocument:
        Statement:
          {{Effect: Allow, Action: SQS:SendMessage, Resource: !GetAtt Box.Arn, {who}}}
"""
BY_TOPIC = 'Principal: "*", Condition: {ArnEquals: {aws:SourceArn: !Ref News}}'
TABLE = """
  Rows:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
"""

BUCKET = "  Store: {Type: AWS::S3::Bucket}\n"
BRIDGED = """
  Store:
    Type: AWS::S3::Bucket
    Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}
"""


def worker(kind: str, properties: str, more: str = "", runtime: str = "python3.13") -> str:
    return HEAD + WORKER.format(kind=kind, properties=properties, runtime=runtime) + more


class App:
    """A deployed app of one stack, and how it is used."""

    def __init__(self, cloud: LocalCloud, folder: Path, text: str) -> None:
        (folder / "template.yaml").write_text(text, encoding="utf-8")
        self.cloud = cloud
        cloud.stacks.deploy(folder / "template.yaml", ACCOUNT, "app")
        found = self.client("cloudformation").list_stack_resources(StackName="app")["StackResourceSummaries"]
        self.ids: dict[str, str] = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def client(self, service: str) -> Any:
        return self.cloud.client(service, ACCOUNT)

    def received(self) -> int:
        self.cloud.settle()
        return len(self.client("sqs").receive_message(QueueUrl=self.ids["Box"]).get("Messages", []))

    def worked(self) -> list[Any]:
        self.cloud.clock.advance(61)
        return [one.error or one.result for one in self.cloud.journal.of(InvocationRecord)]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def publish(app: App) -> None:
    app.client("sns").publish(TopicArn=app.ids["News"], Message="rain")


def say(app: App) -> None:
    entry = {"Source": "shop", "DetailType": "Sold", "Detail": '{"where": "EUR-1"}'}
    app.client("events").put_events(Entries=[entry])


def store(app: App) -> None:
    app.client("s3").put_object(Bucket=app.ids["Store"], Key="one", Body=b"1")


def put(app: App) -> None:
    app.client("dynamodb").put_item(TableName=app.ids["Rows"], Item={"id": {"S": "one"}})


def send(app: App) -> None:
    app.client("sqs").send_message(QueueUrl=app.ids["Box"], MessageBody="one")


SUBSCRIBED = (
    "  News: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Box.Arn}]}}\n"
)
RULE = """
  Sold:
    Type: AWS::Events::Rule
    Properties: {EventPattern: {source: [shop]}, Targets: [{Id: box, Arn: !GetAtt Box.Arn}]}
"""
BY_EVENTS = "Principal: {Service: events.amazonaws.com}"


@pytest.mark.parametrize(
    ("text", "use"),
    [
        (HEAD + QUEUE + SUBSCRIBED + LET.format(who=BY_TOPIC), publish),
        (HEAD + QUEUE + RULE + LET.format(who=BY_EVENTS), say),
    ],
    ids=["sns-sqs", "eventbridge-sqs"],
)
def test_a_message_comes_to_the_queue(cloud: LocalCloud, tmp_path: Path, text: str, use: Callable[[App], None]) -> None:
    app = App(cloud, tmp_path, text)
    use(app)
    assert app.received() == 1


@pytest.mark.parametrize(
    ("text", "use"),
    [
        (worker("SNS", "{Topic: !Ref News}", TOPIC), publish),
        (worker("SQS", "{Queue: !GetAtt Box.Arn}", QUEUE), send),
        (worker("EventBridgeRule", "{Pattern: {source: [shop], detail: {where: [{prefix: EUR-}]}}}"), say),
        (worker("Schedule", "{Schedule: rate(1 minute)}"), lambda _: None),
        (worker("DynamoDB", "{Stream: !GetAtt Rows.StreamArn, StartingPosition: LATEST}", TABLE), put),
        (worker("S3", "{Bucket: !Ref Store, Events: 's3:ObjectCreated:*'}", BUCKET), store),
        (worker("EventBridgeRule", "{Pattern: {source: [aws.s3], detail-type: [Object Created]}}", BRIDGED), store),
    ],
    ids=[
        "sns-lambda",
        "sqs-lambda",
        "eventbridge-lambda",
        "schedule-lambda",
        "dynamodb-streams-lambda",
        "s3-lambda",
        "s3-eventbridge-lambda",
    ],
)
def test_a_function_written_into_its_template_is_called(
    cloud: LocalCloud, tmp_path: Path, text: str, use: Callable[[App], None]
) -> None:
    app = App(cloud, tmp_path, text)
    use(app)
    assert app.worked() == ["worked"]
    app.client("cloudformation").delete_stack(StackName="app")
    assert app.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (worker("Api", "{Path: /, Method: get}"), "AWS::ApiGateway::"),
        (worker("HttpApi", "{Path: /, Method: get}"), "AWS::ApiGatewayV2::Api"),
    ],
    ids=["apigw-lambda", "apigw-http-api-lambda"],
)
def test_what_is_not_there_is_named(cloud: LocalCloud, tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises((StackFailed, TemplateError), match=named):
        App(cloud, tmp_path, text)


def test_a_runtime_that_cannot_be_run_is_named_when_it_is_called(cloud: LocalCloud, tmp_path: Path) -> None:
    app = App(cloud, tmp_path, worker("SQS", "{Queue: !GetAtt Box.Arn}", QUEUE, runtime="nodejs24.x"))
    told = app.client("lambda").invoke(FunctionName=app.ids["Worker"])
    assert told["FunctionError"] == "Unhandled"
    assert b"the runtime nodejs24.x is not emulated" in told["Payload"].read()


PIPELINE = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Timeout: 10}}
Resources:
  Inbox: {Type: AWS::S3::Bucket, Properties: {BucketName: inbox-of-orders}}
  Index:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.work
      Environment: {Variables: {TABLE: !Ref Orders}}
      Policies: [{S3ReadPolicy: {BucketName: inbox-of-orders}}, {DynamoDBCrudPolicy: {TableName: !Ref Orders}}]
      InlineCode: |
        import json, os, boto3
        def work(event, context):
            for one in event["Records"]:
                where = {"Bucket": one["s3"]["bucket"]["name"], "Key": one["s3"]["object"]["key"]}
                order = json.loads(boto3.client("s3").get_object(**where)["Body"].read())
                boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item=order)
      Events:
        Put: {Type: S3, Properties: {Bucket: !Ref Inbox, Events: s3:ObjectCreated:*, Filter: {S3Key: {Rules: [
          {Name: suffix, Value: .json}]}}}}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Told: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Box.Arn}]}}
  Box: {Type: AWS::SQS::Queue}
  Let:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Box]
      PolicyDocument:
        Statement:
          {Effect: Allow, Action: SQS:SendMessage, Resource: !GetAtt Box.Arn, Principal: {Service: sns.amazonaws.com}}
  Tell:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.work
      Environment: {Variables: {TOPIC: !Ref Told}}
      Policies: [{SNSPublishMessagePolicy: {TopicName: !GetAtt Told.TopicName}}]
      InlineCode: |
        import os, boto3
        def work(event, context):
            for one in event["Records"]:
                text = one["dynamodb"]["NewImage"]["id"]["S"]
                boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=text)
      Events:
        Row:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Orders.StreamArn
            StartingPosition: TRIM_HORIZON
            FilterCriteria: {Filters: [{Pattern: '{"dynamodb": {"NewImage": {"paid": {"BOOL": [true]}}}}'}]}
"""


def test_what_is_put_into_a_bucket_is_told_at_the_end_of_the_pipeline(cloud: LocalCloud, tmp_path: Path) -> None:
    app = App(cloud, tmp_path, PIPELINE)
    for key, order in (
        ("a.json", '{"id": "A", "paid": true}'),
        ("b.json", '{"id": "B", "paid": false}'),
        ("c.txt", "{}"),
    ):
        app.client("s3").put_object(Bucket=app.ids["Inbox"], Key=key, Body=order.encode())
    cloud.settle()
    assert app.worked().count(None) == 3, "both orders are indexed, and one is told"
    [told] = app.client("sqs").receive_message(QueueUrl=app.ids["Box"], MaxNumberOfMessages=10)["Messages"]
    assert '"A"' in told["Body"]
