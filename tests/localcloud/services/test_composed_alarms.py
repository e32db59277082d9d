"""Alarms that go by other alarms, by expressions, and by a hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord
from localcloud.services.cloudwatch.composite import Malformed, read
from localcloud.services.cloudwatch.expressions import Unknown, worked_out

ACCOUNT = "111111111111"


class Scene(NamedTuple):
    """An account with alarms `a` and `b`, each of a metric of its name, and a topic that alarms may publish to."""

    cloud: LocalCloud
    topic: str
    heard: str

    @property
    def cloudwatch(self) -> Any:
        return self.cloud.client("cloudwatch", ACCOUNT)

    def put(self, **values: float) -> None:
        data = [{"MetricName": name, "Value": value} for name, value in values.items()]
        self.cloudwatch.put_metric_data(Namespace="shop", MetricData=data)

    def states(self) -> dict[str, str]:
        told = self.cloudwatch.describe_alarms()
        return {one["AlarmName"]: one["StateValue"] for one in (*told["MetricAlarms"], *told["CompositeAlarms"])}

    def told(self) -> list[tuple[str, str]]:
        sqs = self.cloud.client("sqs", ACCOUNT)
        got = sqs.receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10).get("Messages", [])
        for one in got:
            sqs.delete_message(QueueUrl=self.heard, ReceiptHandle=one["ReceiptHandle"])
        said = [json.loads(json.loads(one["Body"])["Message"]) for one in got]
        return [(one["AlarmName"], one["NewStateValue"]) for one in said]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with LocalCloud() as cloud:
        sqs, sns, cloudwatch = (cloud.client(name, ACCOUNT) for name in ("sqs", "sns", "cloudwatch"))
        topic = sns.create_topic(Name="notices")["TopicArn"]
        heard = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        lets = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        sqs.set_queue_attributes(QueueUrl=heard, Attributes={"Policy": policy({**lets, "Resource": arn})})
        rings = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"}
        sns.set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy({**rings, "Resource": topic})
        )
        for name in ("a", "b"):
            cloudwatch.put_metric_alarm(AlarmName=name, Namespace="shop", MetricName=name, Statistic="Sum", **ANY)
        yield Scene(cloud, topic, heard)


ANY: dict[str, Any] = {
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# --- composite alarms


def test_a_composite_alarm_goes_by_the_others_and_notifies(scene: Scene) -> None:
    scene.cloudwatch.put_composite_alarm(
        AlarmName="both", AlarmRule='ALARM("a") AND ALARM(b)', AlarmActions=[scene.topic]
    )
    assert scene.states()["both"] == "OK"
    scene.put(a=1)
    scene.cloud.clock.advance(60)
    assert (scene.states(), scene.told()) == ({"a": "ALARM", "b": "OK", "both": "OK"}, [])
    scene.put(a=1, b=1)
    scene.cloud.clock.advance(60)
    assert (scene.states()["both"], scene.told()) == ("ALARM", [("both", "ALARM")])
    scene.cloud.clock.advance(300)
    assert scene.states() == dict.fromkeys(("a", "b", "both"), "OK")


def test_a_composite_alarm_goes_by_composite_ones_whichever_was_put_first(scene: Scene) -> None:
    put = scene.cloudwatch.put_composite_alarm
    put(AlarmName="z", AlarmRule="ALARM(a)")
    put(AlarmName="m", AlarmRule="ALARM(z) OR ALARM(b)")
    put(AlarmName="z", AlarmRule="NOT OK(a)")
    put(AlarmName="0", AlarmRule="ALARM(m)")
    scene.put(a=1)
    scene.cloud.clock.advance(60)
    assert {name: state for name, state in scene.states().items() if state == "ALARM"}.keys() == {"a", "z", "m", "0"}


def test_the_state_that_a_hand_sets_is_told_and_lasts_until_the_next_look(scene: Scene) -> None:
    scene.cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(a)", AlarmActions=[scene.topic])
    scene.cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="tried")
    assert (scene.states()["a"], scene.states()["any"], scene.told()) == ("ALARM", "ALARM", [("any", "ALARM")])
    changes = [
        one
        for one in scene.cloud.journal.of(EventRecord)
        if one.event["detail-type"] == "CloudWatch Alarm State Change"
    ]
    assert len(changes) >= 2
    scene.cloud.clock.advance(120)
    assert (scene.states()["a"], scene.states()["any"]) == ("OK", "OK")


@pytest.mark.parametrize(
    ("rule", "so"),
    [
        ("ALARM(a)", True),
        ("ALARM(b)", False),
        ("NOT ALARM(b)", True),
        ("ALARM(b) OR ALARM(a)", True),
        ("ALARM(a) AND NOT (OK(b) OR ALARM(c))", False),
        ("TRUE AND NOT FALSE", True),
        ("ALARM(b) AND ALARM(b) OR ALARM(a)", True),
        ('ALARM("arn:aws:cloudwatch:ap-northeast-1:111111111111:alarm:a")', True),
        ("INSUFFICIENT_DATA(c)", True),
    ],
)
def test_a_rule_is_read_as_cloudwatch_does(rule: str, so: bool) -> None:
    assert read(rule)[0]({"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA"}) is so


@pytest.mark.parametrize(
    "rule",
    [
        " ",
        "ALARM",
        "ALARM()",
        "ALARM(a) ALARM(b)",
        "(ALARM(a)",
        "a AND b",
        "ALARM(a) AND",
        "NOT",
        "(" * 5000,
        "ALARM(a))",
    ],
)
def test_what_is_no_rule_is_refused(scene: Scene, rule: str) -> None:
    with pytest.raises(Malformed):
        read(rule)
    with pytest.raises(ClientError, match="ValidationE"):
        scene.cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule=rule)


def test_a_rule_goes_by_alarms_that_are_there(scene: Scene) -> None:
    with pytest.raises(ClientError, match=r"alarms \[c\] in the alarm rule do not exist"):
        scene.cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(a) OR ALARM(c)")


def test_a_template_makes_one(scene: Scene, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Resources:\n"
        "  Any: {Type: AWS::CloudWatch::CompositeAlarm, Properties: {AlarmName: any, AlarmRule: ALARM(a)}}\n"
    )
    scene.cloud.stacks.deploy(template, ACCOUNT, "alarms")
    scene.put(a=1)
    scene.cloud.clock.advance(60)
    assert scene.states()["any"] == "ALARM"


# --- expressions


def share(expression: str) -> list[dict[str, Any]]:
    metrics = [
        {
            "Id": f"m{number}",
            "ReturnData": False,
            "MetricStat": {"Metric": {"Namespace": "shop", "MetricName": name}, "Period": 60, "Stat": "Sum"},
        }
        for number, name in enumerate("ab", 1)
    ]
    return [{"Id": "e1", "Expression": expression}, *metrics]


def test_an_alarm_goes_by_an_expression(scene: Scene) -> None:
    given = {key: value for key, value in ANY.items() if key not in ("Period", "Threshold")}
    scene.cloudwatch.put_metric_alarm(AlarmName="share", Threshold=50, Metrics=share("100 * m1 / (m1 + m2)"), **given)
    scene.put(a=1, b=3)
    scene.cloud.clock.advance(60)
    assert scene.states()["share"] == "OK"
    scene.cloud.clock.advance(60)
    scene.put(a=3, b=1)
    scene.cloud.clock.advance(60)
    assert scene.states()["share"] == "ALARM"


def test_an_alarm_goes_by_one_metric_that_is_written_as_a_query(scene: Scene) -> None:
    given = {key: value for key, value in ANY.items() if key != "Period"}
    [_, only, _] = share("")
    scene.cloudwatch.put_metric_alarm(AlarmName="one", Metrics=[{**only, "ReturnData": True}], **given)
    scene.put(a=1)
    scene.cloud.clock.advance(60)
    assert scene.states()["one"] == "ALARM"


@pytest.mark.parametrize(
    ("expression", "comes_to"),
    [
        ("m1 / m2", [2.0, None]),
        ("SUM(METRICS())", [6.0, 5.0]),
        ("AVG([m1, m2])", [3.0, 5.0]),
        ("MAX(METRICS()) - MIN(METRICS('m'))", [2.0, 0.0]),
        ("FILL(m2, 0) + m1", [6.0, 5.0]),
        ("SUM(FILL(METRICS(), 1))", [6.0, 6.0]),
        ("IF(m1 > 4, m1, 0)", [0.0, 5.0]),
        ("IF(m1 > 4 || m1 == 4, 1, 0)", [1.0, 1.0]),
        ("m1 ^ 2 - CEIL(m1 / 3)", [14.0, 23.0]),
        ("-m1 < 0 && TRUE", [1.0, 1.0]),
        ("m1 / (m1 - m1)", [None, None]),
        ("e2 * 10", [50.0, 60.0]),
        ("ABS(METRICS()[0])", Unknown),
        ("SUM(m1)", Unknown),
        ("METRICS()", Unknown),
        ("ANOMALY_DETECTION_BAND(m1, 2)", Unknown),
        ("SEARCH('{shop} a', 'Sum')", Unknown),
        ("m3", Unknown),
        ("e1 + 1", Unknown),
        ("m1 +", Unknown),
        ("5", Unknown),
        ("m1 + 'x'", Unknown),
        ("(" * 900 + "m1" + ")" * 900, Unknown),
        ("__import__('os')", Unknown),
    ],
)
def test_an_expression_comes_to_a_value_for_each_period_or_is_not_known(expression: str, comes_to: Any) -> None:
    queries: dict[str, Any] = {"m1": [4.0, 5.0], "m2": [2.0, None], "e1": expression, "e2": "m1 + 1"}
    if comes_to is Unknown:
        with pytest.raises(Unknown):
            worked_out(queries, "e1")
    else:
        assert worked_out(queries, "e1") == comes_to


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Metrics": share("RATE(m1)")}, r"of the expression RATE\(m1\) \(RATE\(\)\) is not emulated"),
        ({"Metrics": share("ANOMALY_DETECTION_BAND(m1)"), "ThresholdMetricId": "e1"}, "by anomaly detection"),
    ],
)
def test_what_is_not_worked_out_is_refused_when_it_is_put(scene: Scene, given: dict[str, Any], said: str) -> None:
    asked = {key: value for key, value in ANY.items() if key != "Period"} | given
    if "ThresholdMetricId" in given:
        del asked["Threshold"]
        asked["ComparisonOperator"] = "GreaterThanUpperThreshold"
    with pytest.raises(ClientError, match=said):
        scene.cloudwatch.put_metric_alarm(AlarmName="c", **asked)
    assert "c" not in scene.states()
