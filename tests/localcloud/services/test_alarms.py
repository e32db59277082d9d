"""Alarms go by what they watch, in simulated time, and ring where they were told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from moto.backends import get_backend

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord, ExecutionRecord, InvocationRecord
from localcloud.services.cloudwatch.metrics import data_of
from localcloud.services.cloudwatch.statistics import reduced
from tests.stories.staged import STORY, deployed

ACCOUNT = "111111111111"
ANY = {
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


class Scene(NamedTuple):
    """An account with a topic that a queue has subscribed to, and a queue for dead letters."""

    cloud: LocalCloud
    topic: str
    heard: str
    dead: str

    def client(self, service: str) -> Any:
        return self.cloud.client(service, ACCOUNT)

    def alarm(self, **given: Any) -> None:
        self.client("cloudwatch").put_metric_alarm(AlarmName="rings", AlarmActions=[self.topic], **{**ANY, **given})

    def watch_the_dead(self, **given: Any) -> None:
        self.alarm(
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[{"Name": "QueueName", "Value": "dead"}],
            Statistic="Maximum",
            **given,
        )

    def state(self) -> str:
        [found] = self.client("cloudwatch").describe_alarms(AlarmNames=["rings"])["MetricAlarms"]
        return str(found["StateValue"])

    def rung(self) -> list[dict[str, Any]]:
        got = self.client("sqs").receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10).get("Messages", [])
        for one in got:
            self.client("sqs").delete_message(QueueUrl=self.heard, ReceiptHandle=one["ReceiptHandle"])
        return [json.loads(json.loads(one["Body"])["Message"]) for one in got]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with LocalCloud() as cloud:
        sqs, sns = cloud.client("sqs", ACCOUNT), cloud.client("sns", ACCOUNT)
        topic = sns.create_topic(Name="notices")["TopicArn"]
        heard, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("heard", "dead"))
        arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        notices = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        told = json.dumps({"Version": "2012-10-17", "Statement": [{**notices, "Resource": arn}]})
        sqs.set_queue_attributes(QueueUrl=heard, Attributes={"Policy": told})
        scene = Scene(cloud, topic, heard, dead)
        let_in(scene, "cloudwatch.amazonaws.com")
        yield scene


def let_in(scene: Scene, service: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": scene.topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    scene.client("sns").set_topic_attributes(TopicArn=scene.topic, AttributeName="Policy", AttributeValue=policy)


def test_a_dead_letter_rings_until_it_is_taken_away(scene: Scene) -> None:
    scene.watch_the_dead(OKActions=[scene.topic])
    scene.cloud.clock.advance(120)
    # A new one has no data, and the first look is a change like any other.
    [told] = scene.rung()
    assert (scene.state(), told["OldStateValue"], told["NewStateValue"]) == ("OK", "INSUFFICIENT_DATA", "OK")
    scene.client("sqs").send_message(QueueUrl=scene.dead, MessageBody="{}")
    scene.cloud.clock.advance(120)
    assert scene.state() == "ALARM"
    [told] = scene.rung()
    assert (told["AlarmName"], told["NewStateValue"], told["OldStateValue"]) == ("rings", "ALARM", "OK")
    assert told["AWSAccountId"] == ACCOUNT
    scene.cloud.clock.advance(600)
    assert scene.rung() == [], "it rings when its state changes, and not again and again"
    scene.client("sqs").purge_queue(QueueUrl=scene.dead)
    scene.cloud.clock.advance(120)
    assert (scene.state(), [one["NewStateValue"] for one in scene.rung()]) == ("OK", ["OK"])
    changes = [
        it.event["detail"]["state"]["value"]
        for it in scene.cloud.journal.of(EventRecord)
        if it.event["detail-type"] == "CloudWatch Alarm State Change"
    ]
    assert changes == ["OK", "ALARM", "OK"]


def test_a_topic_that_does_not_let_alarms_in_hears_nothing(scene: Scene) -> None:
    let_in(scene, "events.amazonaws.com")
    scene.watch_the_dead()
    scene.client("sqs").send_message(QueueUrl=scene.dead, MessageBody="{}")
    scene.cloud.clock.advance(120)
    assert (scene.state(), scene.rung()) == ("ALARM", [])


def test_actions_that_are_off_are_not_done(scene: Scene) -> None:
    scene.watch_the_dead(ActionsEnabled=False)
    scene.client("sqs").send_message(QueueUrl=scene.dead, MessageBody="{}")
    scene.cloud.clock.advance(120)
    assert (scene.state(), scene.rung()) == ("ALARM", [])


def test_the_alarm_of_nothing_happening_is_no_reason_for_time_to_stand_still(scene: Scene) -> None:
    scene.watch_the_dead()
    scene.client("sqs").send_message(QueueUrl=scene.dead, MessageBody="{}")
    scene.cloud.settle()
    assert scene.cloud.clock.idle


def invoked(scene: Scene, error: str = "", output: str = "") -> None:
    scene.cloud.journal.add(
        InvocationRecord(
            at=scene.cloud.clock.now,
            function="orders",
            account=ACCOUNT,
            request_id="1",
            cold=False,
            error=error,
            payload=None,
            result=None,
            output=output,
        )
    )


def test_a_functions_errors_are_counted_in_their_period(scene: Scene) -> None:
    of = [{"Name": "FunctionName", "Value": "orders"}]
    scene.alarm(Namespace="AWS/Lambda", MetricName="Errors", Dimensions=of, Statistic="Sum", Period=300, Threshold=1)
    invoked(scene, error="KeyError")
    invoked(scene)
    scene.cloud.clock.advance(60)
    assert scene.state() == "OK", "one error is not above 1"
    invoked(scene, error="KeyError")
    scene.cloud.clock.advance(60)
    assert scene.state() == "ALARM"
    scene.cloud.clock.advance(600)
    assert scene.state() == "OK", "they are long past"


def test_an_execution_that_fails_rings(scene: Scene) -> None:
    machine = f"arn:aws:states:{scene.cloud.region}:{ACCOUNT}:stateMachine:orders"
    of = [{"Name": "StateMachineArn", "Value": machine}]
    scene.alarm(Namespace="AWS/States", MetricName="ExecutionsFailed", Dimensions=of, Statistic="Sum", Period=300)
    for status in ("RUNNING", "FAILED"):
        scene.cloud.journal.add(
            ExecutionRecord(
                at=scene.cloud.clock.now,
                execution=f"{machine.replace(':stateMachine:', ':execution:')}:one",
                status=status,
                input=None,
            )
        )
    scene.cloud.clock.advance(60)
    assert scene.state() == "ALARM"


@pytest.mark.parametrize(("statistic", "state"), [("p95", "OK"), ("p100", "ALARM")])
def test_what_a_function_prints_as_a_metric_is_one(scene: Scene, statistic: str, state: str) -> None:
    scene.alarm(
        Namespace="Orders",
        MetricName="Seconds",
        Dimensions=[{"Name": "service", "Value": "orders"}],
        ExtendedStatistic=statistic,
        Period=300,
        Threshold=300,
    )
    directive = {"Namespace": "Orders", "Dimensions": [["service"]], "Metrics": [{"Name": "Seconds"}]}
    printed = {"_aws": {"CloudWatchMetrics": [directive]}, "service": "orders", "Seconds": [*[10] * 30, 400]}
    invoked(scene, output=f'{{"_aws": broken\n{json.dumps(printed)}\n')
    scene.cloud.clock.advance(60)
    assert scene.state() == state


@pytest.mark.parametrize(
    "told",
    [
        [],
        "text",
        {},
        {"CloudWatchMetrics": None},
        {"CloudWatchMetrics": ["Seconds"]},
        {"CloudWatchMetrics": [{"Dimensions": [[]], "Metrics": [{"Name": "Seconds"}]}]},
        {"CloudWatchMetrics": [{"Namespace": "Orders", "Dimensions": [[]], "Metrics": [{"Unit": "Count"}]}]},
        {"CloudWatchMetrics": [{"Namespace": "Orders", "Dimensions": [[]], "Metrics": [{"Name": "Words"}]}]},
    ],
)
def test_a_line_that_only_looks_like_a_metric_is_none(told: object) -> None:
    printed = json.dumps({"_aws": told, "Seconds": 400, "Words": ["many", None, True, {}]})
    record = InvocationRecord(
        at=0.0,
        account=ACCOUNT,
        function="orders",
        request_id="",
        cold=False,
        error="",
        payload=None,
        result=None,
        output=f"{printed}\n",
    )
    assert [datum.metric for datum in data_of(record)] == ["Errors"]


@pytest.mark.long
def test_a_dead_letter_of_the_product_reaches_its_notices() -> None:
    assert STORY.world.network is not None
    account, name = STORY.world.network.account, STORY.world.network.name
    with deployed() as cloud:
        sqs = cloud.client("sqs", account)
        alarms = cloud.client("cloudwatch", account).describe_alarms(AlarmNamePrefix=f"onramp-{name}--dead")
        [alarm] = alarms["MetricAlarms"]
        queue = alarm["Dimensions"][0]["Value"]
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody="{}")
        cloud.clock.advance(180)
        ringing = cloud.client("cloudwatch", account).describe_alarms(StateValue="ALARM")["MetricAlarms"]
        assert [one["AlarmName"] for one in ringing] == [alarm["AlarmName"]]
        topic = get_backend("sns")[account][cloud.region].topics[alarm["AlarmActions"][0]]
        subjects = [sent[2] for sent in topic.sent_notifications]
        assert f'ALARM: "{alarm["AlarmName"]}" in {cloud.region}' in subjects


HUNDRED = [float(it) for it in range(1, 101)]


@pytest.mark.parametrize(
    ("statistic", "comes_to"),
    [
        ("Sum", 5050.0),
        ("SampleCount", 100.0),
        ("p50", 50.0),
        ("p99.9", 100.0),
        ("p0", 1.0),
        ("tm90", 45.5),
        ("TM(10%:90%)", 50.5),
        ("TM(:50)", 25.5),
        ("TM(95:)", 98.0),
        ("TM(1000:)", 0.0),
        ("tc90", 90.0),
        ("TC(10:20)", 10.0),
        ("TC(25%:75%)", 50.0),
        ("ts50", 1275.0),
        ("TS(:3)", 6.0),
        ("IQM", 50.5),
        ("wm98", 50.47),
        ("WM(10:20)", (10 * 10 + sum(range(11, 21)) + 80 * 20) / 100),
        ("PR(:30)", 30.0),
        ("PR(30:40)", 10.0),
    ],
)
def test_a_statistic_is_what_its_definition_says(statistic: str, comes_to: float) -> None:
    reduce = reduced(statistic)
    assert reduce is not None
    assert reduce(HUNDRED) == pytest.approx(comes_to)
    assert reduce([7.0]) is not None


NO_STATISTICS = ["p101", "tm", "TM(:)", "TM(90%:10%)", "TM(10%:90)", "TM(10%:110%)", "PR(10%:90%)", "PQ(1:2)", "median"]


@pytest.mark.parametrize("statistic", NO_STATISTICS)
def test_an_alarm_of_a_statistic_that_there_is_none_of_is_refused(scene: Scene, statistic: str) -> None:
    with pytest.raises(scene.client("cloudwatch").exceptions.ClientError, match="is not supported"):
        scene.alarm(Namespace="x", MetricName="y", ExtendedStatistic=statistic)


@pytest.mark.parametrize("statistic", ["tm90", "PR(0:10)", "IQM"])
def test_an_alarm_of_an_extended_statistic_rings(scene: Scene, statistic: str) -> None:
    scene.alarm(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "dead"}],
        ExtendedStatistic=statistic,
    )
    scene.client("sqs").send_message(QueueUrl=scene.dead, MessageBody="{}")
    scene.cloud.clock.advance(120)
    assert scene.state() == "ALARM"


def test_a_sum_of_all_counts_series_of_extended_statistics(scene: Scene) -> None:
    dimensions = [{"Name": "QueueName", "Value": "dead"}]
    metric = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": dimensions}
    whole = {key: value for key, value in ANY.items() if key != "Period"}
    series = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p99"}, "ReturnData": False}
    of_no_kind = {**series, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p999"}}
    put, total = scene.client("cloudwatch").put_metric_alarm, {"Id": "b", "Expression": "SUM(METRICS())"}
    with pytest.raises(scene.client("cloudwatch").exceptions.ClientError, match="is not supported"):
        put(AlarmName="rings", Metrics=[of_no_kind, total], **whole)
    put(AlarmName="rings", Metrics=[series, total], **whole)


@pytest.mark.parametrize(
    ("given", "statistic", "reaches"),
    [
        ({"Value": 7.0}, "Sum", 7),
        ({"Values": [3.0, 2.0], "Counts": [1.0, 2.0]}, "Sum", 7),
        ({"Values": [3.0, 2.0]}, "SampleCount", 2),
        ({"StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 5}}, "Sum", 10),
        ({"StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 5}}, "Maximum", 5),
        ({"StatisticValues": {"SampleCount": 1, "Sum": 4, "Minimum": 4, "Maximum": 4}}, "Average", 4),
    ],
)
def test_what_anybody_puts_is_watched_by_its_dimensions(
    scene: Scene, given: dict[str, Any], statistic: str, reaches: float
) -> None:
    cloudwatch = scene.client("cloudwatch")
    room = [{"Name": "room", "Value": "a"}]
    watched = {"Namespace": "Mine", "MetricName": "guests", "Dimensions": room, "Statistic": statistic, "Period": 60}
    for name, threshold in (("reached", reaches), ("missed", reaches + 0.5)):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            **watched,
        )
    cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{"MetricName": "guests", "Dimensions": room, **given}])
    cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{"MetricName": "guests", "Value": 1000.0}])
    scene.cloud.clock.advance(60)
    found = {one["AlarmName"]: one["StateValue"] for one in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert (found["reached"], found["missed"]) == ("ALARM", "OK")
