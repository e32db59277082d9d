"""Alarms and dashboards, as CloudFormation makes them."""

from __future__ import annotations

import json

from localcloud.ground.kinds import Gone, Made, Properties, ResourceFailed, Work, kind, picked, there

_ALARM = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


def _remove_alarm(work: Work) -> None:
    work.client("cloudwatch").delete_alarms(AlarmNames=[there(work).id])


def _read_alarm(work: Work) -> Properties:
    found = work.client("cloudwatch").describe_alarms(AlarmNames=[there(work).id])["MetricAlarms"]
    if not found:
        raise Gone(f"no alarm {there(work).id}")
    return picked(found[0], *_ALARM)


@kind("AWS::CloudWatch::Alarm", _remove_alarm, attributes=("Arn",), replaces=("AlarmName",), read=_read_alarm)
def _alarm(work: Work) -> Made:
    name = work.name(work.take("AlarmName"), 255)
    given = work.take_some(*_ALARM)
    work.client("cloudwatch").put_metric_alarm(AlarmName=name, Tags=work.tag_list(), **given)
    return Made(name, {"Arn": f"arn:aws:cloudwatch:{work.region}:{work.account}:alarm:{name}"})


@kind(
    "AWS::CloudWatch::CompositeAlarm",
    _remove_alarm,
    attributes=("Arn",),
    replaces=("AlarmName",),
    requires=("AlarmRule",),
)
def _composite_alarm(work: Work) -> Made:
    name = work.name(work.take("AlarmName"), 255)
    given = work.take_some(
        "ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmRule", "InsufficientDataActions", "OKActions"
    )
    work.client("cloudwatch").put_composite_alarm(AlarmName=name, Tags=work.tag_list(), **given)
    return Made(name, {"Arn": f"arn:aws:cloudwatch:{work.region}:{work.account}:alarm:{name}"})


@kind(
    "AWS::CloudWatch::Dashboard",
    lambda work: work.client("cloudwatch").delete_dashboards(DashboardNames=[there(work).id]),
    replaces=("DashboardName",),
    requires=("DashboardBody",),
)
def _dashboard(work: Work) -> Made:
    name = work.name(work.take("DashboardName"), 255)
    body = work.require("DashboardBody")
    try:
        json.loads(body)
    except ValueError as error:
        raise ResourceFailed(f"{work.logical}: DashboardBody is not JSON: {error}") from error
    work.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body, Tags=work.tag_list())
    return Made(name, {})
