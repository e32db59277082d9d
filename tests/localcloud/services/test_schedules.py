"""Schedules fire when they say, in the background."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord
from localcloud.services.scheduler.expressions import following

ACCOUNT = "111111111111"
BUS = "arn:aws:events:ap-northeast-1:111111111111:event-bus/default"


def role(cloud: LocalCloud, action: str = "events:PutEvents") -> str:
    iam = cloud.client("iam", ACCOUNT)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    arn = iam.create_role(RoleName="ringer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ringer", PolicyName="p", PolicyDocument=json.dumps(allow))
    return str(arn)


def schedule(cloud: LocalCloud, **more: Any) -> None:
    entry = {"Source": "test", "DetailType": "Sweep", "Detail": '{"at": "<aws.scheduler.scheduled-time>"}'}
    if "Target" not in more:
        more["Target"] = {
            "Arn": "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents",
            "RoleArn": more.pop("role", None) or role(cloud),
            "Input": json.dumps({"Entries": [entry]}),
        }
    given = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, **more}
    cloud.client("scheduler", ACCOUNT).create_schedule(Name="sweep", **given)


def times(cloud: LocalCloud) -> list[float]:
    return [record.at for record in cloud.journal.of(EventRecord)]


def test_a_rate_fires_at_once_and_then_at_its_pace(cloud: LocalCloud) -> None:
    start = cloud.clock.now
    schedule(cloud)
    cloud.clock.advance(2.5 * 3600)
    assert [at - start for at in times(cloud)] == [0, 3600, 7200]
    assert cloud.journal.of(EventRecord)[1].event["detail"] == {"at": "2026-11-01T13:00:00Z"}


def test_nobody_waits_for_a_schedule(cloud: LocalCloud) -> None:
    schedule(cloud, ScheduleExpression="cron(0 15 * * ? *)")
    cloud.settle()
    assert times(cloud) == []


def test_a_flexible_window_spreads_the_firing(cloud: LocalCloud) -> None:
    start = cloud.clock.now
    schedule(cloud, FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30})
    cloud.clock.advance(3500)
    assert len(times(cloud)) == 1
    assert 0 < times(cloud)[0] - start < 1800


def test_a_changed_or_deleted_schedule_fires_no_more_as_before(cloud: LocalCloud) -> None:
    schedule(cloud, ScheduleExpression="at(2026-11-01T13:00:00)")
    cloud.client("scheduler", ACCOUNT).delete_schedule(Name="sweep")
    cloud.clock.advance(7200)
    assert times(cloud) == []


def test_a_schedule_can_be_fired_by_hand(cloud: LocalCloud) -> None:
    schedule(cloud, ScheduleExpression="cron(0 15 * * ? *)")
    cloud.schedules.fire(ACCOUNT, "sweep")
    assert len(times(cloud)) == 1


def test_a_role_that_may_not_do_it_is_told(cloud: LocalCloud) -> None:
    schedule(cloud, role=role(cloud, "events:Nothing"))
    cloud.clock.advance(10)
    assert times(cloud) == []
    assert "AccessDenied" in cloud.schedules.failures[0]


def test_an_event_bus_target_takes_source_and_detail_type(cloud: LocalCloud) -> None:
    schedule(
        cloud,
        Target={
            "Arn": BUS,
            "RoleArn": role(cloud),
            "Input": '{"a": 1}',
            "EventBridgeParameters": {"DetailType": "Sweep", "Source": "test"},
        },
    )
    cloud.clock.advance(1)
    event = cloud.journal.of(EventRecord)[0].event
    assert (event["source"], event["detail-type"], event["detail"]) == ("test", "Sweep", {"a": 1})


@pytest.mark.parametrize("expression", ["rate(1 hours)", "rate(0 minutes)", "cron(* * * * * *)", "cron(0 25 ? * 1 *)"])
def test_an_expression_that_makes_no_sense_is_refused(cloud: LocalCloud, expression: str) -> None:
    with pytest.raises(ClientError, match="Invalid Schedule Expression"):
        schedule(cloud, ScheduleExpression=expression)


def test_a_rule_with_a_schedule_sends_the_scheduled_event(cloud: LocalCloud) -> None:
    arn = f"arn:aws:sqs:{cloud.region}:{ACCOUNT}:q"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    cloud.client("sqs", ACCOUNT).create_queue(
        QueueName="q", Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    )
    events = cloud.client("events", ACCOUNT)
    events.put_rule(Name="tick", ScheduleExpression="rate(5 minutes)")
    events.put_targets(Rule="tick", Targets=[{"Id": "q", "Arn": arn}])
    cloud.clock.advance(11 * 60)
    first, _ = [json.loads(body) for body in cloud.queues.bodies(ACCOUNT, "q")]
    assert (first["source"], first["detail-type"], first["detail"]) == ("aws.events", "Scheduled Event", {})
    assert first["resources"] == [f"arn:aws:events:{cloud.region}:{ACCOUNT}:rule/tick"]
    events.disable_rule(Name="tick")
    cloud.clock.advance(3600)
    assert len(cloud.queues.bodies(ACCOUNT, "q")) == 2


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(15 10 ? * 6L 2026)", ["2026-11-27T10:15", "2026-12-25T10:15"]),
        ("cron(0 9 1 * ? *)", ["2026-12-01T09:00", "2027-01-01T09:00"]),
        ("cron(0/30 8-9 ? * MON-FRI *)", ["2026-11-02T08:00", "2026-11-02T08:30"]),
        ("cron(0 12 L * ? *)", ["2026-11-30T12:00", "2026-12-31T12:00"]),
        ("cron(0 12 ? * TUE#2 *)", ["2026-11-10T12:00", "2026-12-08T12:00"]),
        ("cron(0 12 1W * ? *)", ["2026-11-02T12:00", "2026-12-01T12:00"]),
        ("cron(5 0 1,15 JAN,FEB ? *)", ["2027-01-01T00:05", "2027-01-15T00:05"]),
    ],
)
def test_cron_names_the_times_that_aws_says(expression: str, expected: list[str]) -> None:
    since = datetime(2026, 11, 1, 13, tzinfo=UTC).timestamp()
    found = itertools.islice(following(expression, since, since, UTC), 2)
    assert [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M") for at in found] == expected


def test_a_schedule_keeps_to_its_time_zone() -> None:
    since = datetime(2026, 11, 1, 13, tzinfo=UTC).timestamp()
    (at,) = itertools.islice(following("cron(0 9 * * ? *)", since, since, ZoneInfo("Asia/Tokyo")), 1)
    assert datetime.fromtimestamp(at, UTC) == datetime(2026, 11, 2, 0, tzinfo=UTC)
