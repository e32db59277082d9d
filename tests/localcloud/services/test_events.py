"""Events are carried by the deployed rules, as EventBridge carries them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.ground.journal import DeliveryRecord, EventRecord, InvocationRecord

ACCOUNT = "111111111111"
OTHER = "222222222222"
THIRD = "333333333333"


def put(cloud: LocalCloud, account: str = ACCOUNT, bus: str = "demo", **entry: Any) -> dict[str, Any]:
    entry = {"Source": "test", "DetailType": "Kind", "Detail": "{}", "EventBusName": bus, **entry}
    answer: dict[str, Any] = cloud.client("events", account).put_events(Entries=[entry])
    return answer


def queue(cloud: LocalCloud, name: str, account: str = ACCOUNT) -> str:
    """A queue that takes everything from EventBridge; answers its ARN."""
    arn = f"arn:aws:sqs:{cloud.region}:{account}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    cloud.client("sqs", account).create_queue(
        QueueName=name, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    )
    return arn


def rule(cloud: LocalCloud, target: dict[str, Any], account: str = ACCOUNT, bus: str = "default") -> None:
    events = cloud.client("events", account)
    name = f"rule-{target['Id']}"
    events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": [{"prefix": ""}]}')
    answer = events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
    assert not answer["FailedEntryCount"]


def outcomes(cloud: LocalCloud) -> list[str]:
    return [record.outcome for record in cloud.journal.of(DeliveryRecord)]


def test_an_event_reaches_the_queue_of_its_rule(runtime: LocalCloud) -> None:
    put(runtime, Detail='{"a": 1}', Resources=["arn:x"])
    runtime.clock.advance(2)
    event = json.loads(runtime.queues.bodies(ACCOUNT, "demo-jobs")[0])
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Kind",
        "source": "test",
        "account": ACCOUNT,
        "time": "2026-11-01T12:00:00Z",
        "region": runtime.region,
        "resources": ["arn:x"],
        "detail": {"a": 1},
    }
    (record,) = runtime.journal.of(EventRecord)
    assert record.rules == (f"arn:aws:events:{runtime.region}:{ACCOUNT}:rule/demo/demo-to-jobs",)


@pytest.mark.parametrize(("group", "found"), [("$.account", ACCOUNT), ("fixed", "fixed"), ("$.detail.missing", None)])
def test_the_group_of_a_fair_queue_s_message_is_a_text_or_a_path(
    cloud: LocalCloud, group: str, found: str | None
) -> None:
    arn = queue(cloud, "fair")
    rule(cloud, {"Id": "fair", "Arn": arn, "SqsParameters": {"MessageGroupId": group}})
    put(cloud, bus="default")
    cloud.settle()
    url = cloud.client("sqs", ACCOUNT).get_queue_url(QueueName="fair")["QueueUrl"]
    received = cloud.client("sqs", ACCOUNT).receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", [])
    assert [one["Attributes"]["MessageGroupId"] for one in received] == ([found] if found else [])


def test_an_event_that_no_rule_wants_goes_nowhere(runtime: LocalCloud) -> None:
    put(runtime, Source="other")
    runtime.settle()
    assert outcomes(runtime) == []


def test_a_disabled_rule_carries_nothing(runtime: LocalCloud) -> None:
    runtime.client("events", ACCOUNT).disable_rule(Name="demo-to-jobs", EventBusName="demo")
    put(runtime)
    runtime.settle()
    assert outcomes(runtime) == []


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail.inner"}, {"x": 'it\'s "q"'}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"x": "$.detail.inner.x", "d": "$.detail", "none": "$.detail.none"},
                    "InputTemplate": '{"text": "<x>!", "value": <x>, "all": <d>, "none": <none>,'
                    ' "rule": <aws.events.rule-name>, "event": <aws.events.event.json>}',
                }
            },
            None,
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"s": "$.source"}, "InputTemplate": '"from <s>"'}},
            "from test",
        ),
    ],
)
def test_a_target_gets_what_its_input_says(cloud: LocalCloud, transform: dict[str, Any], expected: Any) -> None:
    rule(cloud, {"Id": "q", "Arn": queue(cloud, "q"), **transform})
    put(cloud, bus="default", Detail=json.dumps({"inner": {"x": 'it\'s "q"'}}))
    cloud.settle()
    got = json.loads(cloud.queues.bodies(ACCOUNT, "q")[0])
    if expected is None:
        assert got["event"]["source"] == "test"
        assert {key: got[key] for key in ("text", "value", "none", "rule")} == {
            "text": 'it\'s "q"!',
            "value": 'it\'s "q"',
            "none": "",
            "rule": "rule-q",
        }
        assert got["all"] == {"inner": {"x": 'it\'s "q"'}}
    else:
        assert got == expected


def test_a_lambda_target_needs_a_permission(runtime: LocalCloud) -> None:
    arn = f"arn:aws:lambda:{runtime.region}:{ACCOUNT}:function:demo-worker"
    rule(runtime, {"Id": "f", "Arn": arn, "DeadLetterConfig": {"Arn": queue(runtime, "dead")}})
    put(runtime, bus="default")
    runtime.settle()
    (letter,) = runtime.queues.attributes(ACCOUNT, "dead")
    assert letter["ERROR_CODE"] == "NO_PERMISSIONS"
    runtime.client("lambda", ACCOUNT).add_permission(
        FunctionName="demo-worker",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{runtime.region}:{ACCOUNT}:rule/rule-f",
    )
    put(runtime, bus="default")
    runtime.settle()
    assert [record.function for record in runtime.journal.of(InvocationRecord)] == ["demo-worker"]


def test_what_is_throttled_is_tried_again(runtime: LocalCloud) -> None:
    runtime.faults.add(Fault("throttle", service="sqs", operation="SendMessage", times=2))
    put(runtime)
    runtime.clock.advance(20)
    assert outcomes(runtime) == ["THROTTLING", "THROTTLING", "ok"]


def test_retries_end_with_the_policy_of_the_target(cloud: LocalCloud) -> None:
    target = {
        "Id": "q",
        "Arn": queue(cloud, "q"),
        "RetryPolicy": {"MaximumRetryAttempts": 2},
        "DeadLetterConfig": {"Arn": queue(cloud, "dead")},
    }
    rule(cloud, target)
    cloud.faults.add(Fault("500", service="sqs", operation="SendMessage", times=None))
    put(cloud, bus="default")
    cloud.settle()
    (letter,) = cloud.queues.attributes(ACCOUNT, "dead")
    assert letter["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert letter["RETRY_ATTEMPTS"] == "2"


def test_deliveries_can_be_doubled_delayed_and_dropped(runtime: LocalCloud) -> None:
    runtime.events.delivery.duplicate = 1.0
    runtime.events.delivery.delay = 30.0
    start = runtime.clock.now
    put(runtime)
    runtime.settle()
    deliveries = runtime.journal.of(DeliveryRecord)
    assert len(deliveries) == 2
    assert deliveries[0].at - start == 31
    runtime.events.delivery.drop = 1.0
    seen = len(runtime.journal.of(EventRecord))
    runtime.events.emit(ACCOUNT, "aws.tag", "Tag Change on Resource", {})
    assert len(runtime.journal.of(EventRecord)) == seen


def test_an_archive_keeps_events_and_replays_them_marked(cloud: LocalCloud) -> None:
    events = cloud.client("events", ACCOUNT)
    bus = f"arn:aws:events:{cloud.region}:{ACCOUNT}:event-bus/default"
    events.create_archive(ArchiveName="all", EventSourceArn=bus)
    rule(cloud, {"Id": "q", "Arn": queue(cloud, "q")})
    put(cloud, bus="default", Detail='{"n": 1}')
    cloud.settle()
    assert events.describe_archive(ArchiveName="all")["EventCount"] == 1
    given = {
        "EventSourceArn": f"arn:aws:events:{cloud.region}:{ACCOUNT}:archive/all",
        "EventStartTime": cloud.clock.now - 60,
        "EventEndTime": cloud.clock.now,
        "Destination": {"Arn": bus},
    }

    def state(name: str) -> str:
        return str(events.describe_replay(ReplayName=name)["State"])

    events.start_replay(ReplayName="again", **given)
    events.start_replay(ReplayName="not-after-all", **given)
    assert state("again") == "STARTING"
    assert events.cancel_replay(ReplayName="not-after-all")["State"] == "CANCELLING"
    cloud.settle()
    assert (state("again"), state("not-after-all")) == ("COMPLETED", "CANCELLED")
    for name, code in (("again", "IllegalStatus"), ("not-after-all", "IllegalStatus"), ("none", "ResourceNotFound")):
        with pytest.raises(ClientError, match=f"{code}Exception"):
            events.cancel_replay(ReplayName=name)
    first, second = [json.loads(body) for body in cloud.queues.bodies(ACCOUNT, "q")]
    assert "replay-name" not in first
    assert second["replay-name"] == "again"
    assert events.describe_archive(ArchiveName="all")["EventCount"] == 1


def test_a_pattern_can_be_tried_on_an_event(cloud: LocalCloud) -> None:
    events = cloud.client("events", ACCOUNT)
    event = {
        "id": "1",
        "account": ACCOUNT,
        "source": "test",
        "time": "2026-11-01T12:00:00Z",
        "region": "x",
        "resources": [],
        "detail-type": "t",
    }
    assert events.test_event_pattern(EventPattern='{"source": ["test"]}', Event=json.dumps(event))["Result"]
    assert not events.test_event_pattern(EventPattern='{"source": ["no"]}', Event=json.dumps(event))["Result"]
    with pytest.raises(ClientError, match="InvalidEventPattern"):
        events.test_event_pattern(EventPattern='{"source": "test"}', Event=json.dumps(event))


def test_a_delay_holds_a_delivery_up_by_its_seconds(cloud: LocalCloud) -> None:
    rule(cloud, {"Id": "q", "Arn": queue(cloud, "q")})
    cloud.faults.add(Fault("delay", service="sqs", operation="SendMessage", seconds=300))
    put(cloud, bus="default")
    cloud.clock.advance(299)
    assert cloud.queues.bodies(ACCOUNT, "q") == []
    cloud.clock.advance(10)
    assert len(cloud.queues.bodies(ACCOUNT, "q")) == 1
    assert cloud.faults.unused == []
