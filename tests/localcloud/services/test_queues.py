"""Lambda's polling of a queue: batches, partial failures, visibility, dead letters."""

import json

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import InvocationRecord

ACCOUNT = "111111111111"


def send(cloud: LocalCloud, *bodies: str) -> None:
    sqs = cloud.client("sqs", ACCOUNT)
    for body in bodies:
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="demo-jobs")["QueueUrl"], MessageBody=body)


def batches(cloud: LocalCloud) -> list[list[str]]:
    return [[message["body"] for message in record.payload["Records"]] for record in cloud.journal.of(InvocationRecord)]


def test_messages_of_one_batching_window_come_together(runtime: LocalCloud) -> None:
    send(runtime, "a", "b")
    runtime.clock.advance(2)
    send(runtime, "c")
    runtime.settle()
    assert batches(runtime) == [["a", "b", "c"]]
    assert runtime.queues.depth(ACCOUNT, "demo-jobs") == (0, 0, 0)


def test_a_full_batch_does_not_wait_for_the_window(runtime: LocalCloud) -> None:
    start = runtime.clock.now
    send(runtime, *map(str, range(12)))
    runtime.settle()
    assert [len(batch) for batch in batches(runtime)] == [10, 2]
    assert runtime.journal.of(InvocationRecord)[0].at - start < 1


def test_only_the_named_messages_come_again_and_end_in_the_dead_letter_queue(runtime: LocalCloud) -> None:
    send(runtime, "good", "bad")
    runtime.settle()
    assert batches(runtime) == [["good", "bad"], ["bad"], ["bad"]]
    assert runtime.queues.bodies(ACCOUNT, "demo-dead") == ["bad"]


def test_a_message_comes_again_when_its_visibility_timeout_is_over(runtime: LocalCloud) -> None:
    send(runtime, "bad")
    runtime.clock.advance(50)
    assert len(batches(runtime)) == 1
    assert runtime.queues.depth(ACCOUNT, "demo-jobs").in_flight == 1
    runtime.clock.advance(30)
    assert len(batches(runtime)) == 2


def test_a_record_has_the_shape_that_lambda_gives_it(runtime: LocalCloud) -> None:
    send(runtime, "x")
    runtime.settle()
    (record,) = runtime.journal.of(InvocationRecord)[0].payload["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == f"arn:aws:sqs:{runtime.region}:{ACCOUNT}:demo-jobs"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert set(record) == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }


def test_delayed_messages_wait(runtime: LocalCloud) -> None:
    sqs = runtime.client("sqs", ACCOUNT)
    url = sqs.get_queue_url(QueueName="demo-jobs")["QueueUrl"]
    start = runtime.clock.now
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=100)
    runtime.settle()
    assert runtime.journal.of(InvocationRecord)[0].at - start >= 100


def test_maximum_concurrency_holds_batches_back(runtime: LocalCloud) -> None:
    client = runtime.client("lambda", ACCOUNT)
    (mapping,) = client.list_event_source_mappings()["EventSourceMappings"]
    client.update_event_source_mapping(
        UUID=mapping["UUID"], BatchSize=1, ScalingConfig={"MaximumConcurrency": 2}, MaximumBatchingWindowInSeconds=0
    )
    runtime.functions.duration = 10.0
    send(runtime, "a", "b", "c")
    runtime.clock.advance(5)
    assert len(batches(runtime)) == 2
    runtime.settle()
    assert len(batches(runtime)) == 3


def test_a_mapping_whose_queue_is_visible_too_soon_is_refused(runtime: LocalCloud) -> None:
    sqs, client = runtime.client("sqs", ACCOUNT), runtime.client("lambda", ACCOUNT)
    sqs.create_queue(QueueName="short", Attributes={"VisibilityTimeout": "5"})
    with pytest.raises(ClientError, match="less than Function timeout"):
        client.create_event_source_mapping(
            FunctionName="demo-batcher", EventSourceArn=f"arn:aws:sqs:{runtime.region}:{ACCOUNT}:short"
        )


def test_a_mapping_needs_a_role_that_may_read_the_queue(runtime: LocalCloud) -> None:
    client = runtime.client("lambda", ACCOUNT)
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage"):
        client.create_event_source_mapping(
            FunctionName="demo-worker", EventSourceArn=f"arn:aws:sqs:{runtime.region}:{ACCOUNT}:demo-jobs"
        )


def test_a_long_poll_answers_at_once(runtime: LocalCloud) -> None:
    sqs = runtime.client("sqs", ACCOUNT)
    url = sqs.create_queue(QueueName="plain")["QueueUrl"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    sqs.send_message(
        QueueUrl=url,
        MessageBody=json.dumps({"a": 1}),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}},
    )
    (message,) = sqs.receive_message(
        QueueUrl=url, WaitTimeSeconds=20, AttributeNames=["All"], MessageAttributeNames=["All"]
    )["Messages"]
    assert json.loads(message["Body"]) == {"a": 1}
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["MessageAttributes"]["kind"]["StringValue"] == "x"


# --- fairness of a standard queue


def say(cloud: LocalCloud, url: str, group: str, count: int) -> None:
    for number in range(count):
        given = {"MessageGroupId": group} if group else {}
        cloud.client("sqs", ACCOUNT).send_message(QueueUrl=url, MessageBody=f"{group or 'nobody'}-{number}", **given)


def hear(cloud: LocalCloud, url: str, count: int) -> list[dict[str, str]]:
    """Receive `count` messages, ten at a time."""
    sqs = cloud.client("sqs", ACCOUNT)
    found: list[dict[str, str]] = []
    while len(found) < count:
        found += sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=min(10, count - len(found)))["Messages"]
    return found


def test_who_is_noisy_waits_for_the_quiet_and_nothing_is_lost() -> None:
    with LocalCloud() as cloud:
        sqs = cloud.client("sqs", ACCOUNT)
        url = sqs.create_queue(QueueName="fair")["QueueUrl"]
        say(cloud, url, "loud", 60)
        say(cloud, url, "quiet", 2)
        say(cloud, url, "", 1)
        # Thirty in flight are what it takes: until then all come as they were sent.
        assert {one["Body"][:4] for one in hear(cloud, url, 30)} == {"loud"}
        cloud.clock.advance(1)
        first = [one["Body"] for one in hear(cloud, url, 4)]
        assert first == ["quiet-0", "quiet-1", "nobody-0", "loud-30"]
        assert sorted(one["Body"] for one in hear(cloud, url, 29)) == sorted(f"loud-{n}" for n in range(31, 60))


def test_who_has_worked_off_what_made_him_noisy_is_quiet_again() -> None:
    with LocalCloud() as cloud:
        sqs = cloud.client("sqs", ACCOUNT)
        url = sqs.create_queue(QueueName="fair")["QueueUrl"]
        say(cloud, url, "loud", 40)
        for message in hear(cloud, url, 40):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        say(cloud, url, "loud", 1)
        say(cloud, url, "quiet", 1)
        assert [one["Body"] for one in hear(cloud, url, 2)] == ["loud-0", "quiet-0"]
