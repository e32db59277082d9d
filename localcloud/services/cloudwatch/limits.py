"""What CloudWatch refuses of alarms, dashboards and data (API reference and quotas)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localcloud.ground.backends import backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

DAY, WEEK = 86_400, 604_800
"""Seconds that all periods of an alarm span at most: a week where each is an hour or longer."""
WIDGETS = 500
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
WIDGET_KINDS = ("metric", "text", "log", "alarm", "explorer", "custom")
OLDEST, NEWEST = 14 * DAY, 2 * 3_600
"""Seconds before and after now from which data are taken."""
QUERIES = 500
_DASHBOARD = re.compile(r"[A-Za-z0-9_-]{1,255}")
_QUERY = re.compile(r"[a-z][a-zA-Z0-9_]*")


def _invalid(text: str) -> AwsError:
    return AwsError("ValidationError", text, 400)


def _alarm(params: Mapping[str, Any], _: Caller) -> None:
    treatment = params.get("TreatMissingData", "missing")
    if treatment not in TREATMENTS:
        raise _invalid(f"The value {treatment} for parameter TreatMissingData is not supported.")
    count = params.get("EvaluationPeriods", 1)
    if params.get("DatapointsToAlarm", 1) > count:
        raise _invalid("The parameter DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    if params.get("Metrics"):
        periods = [one.get("Period") or (one.get("MetricStat") or {}).get("Period") for one in params["Metrics"]]
    else:
        if ("Statistic" in params) == ("ExtendedStatistic" in params):
            raise _invalid("Exactly one of Statistic and ExtendedStatistic must be specified.")
        for needed in ("MetricName", "Namespace", "Period"):
            if needed not in params:
                raise _invalid(f"The parameter {needed} must be specified.")
        if "Threshold" not in params and "ThresholdMetricId" not in params:
            raise _invalid("Exactly one of Threshold and ThresholdMetricId must be specified.")
        periods = [params["Period"]]
    for period in filter(None, periods):
        if period not in (10, 20, 30) and period % 60:
            raise _invalid("Period must be 10, 20, 30 or a multiple of 60")
        if period * count > (WEEK if period >= 3_600 else DAY):
            raise _invalid(
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400),"
                " or seven days where the period is an hour or longer."
            )


def _dashboard(params: Mapping[str, Any], _: Caller) -> None:
    name = params["DashboardName"]
    if not _DASHBOARD.fullmatch(name):
        text = f"The value {name} for parameter DashboardName is not valid"
        raise AwsError("InvalidParameterValue", f"{text}: letters, digits, - and _ may stand in it.", 400)
    try:
        body = json.loads(params["DashboardBody"])
    except ValueError as error:
        raise _body("The dashboard body is not valid JSON") from error
    widgets = body.get("widgets") if isinstance(body, dict) else None
    if not isinstance(widgets, list):
        raise _body("The dashboard body must have widgets, a list")
    if len(widgets) > WIDGETS:
        raise _body(f"A dashboard can have {WIDGETS} widgets")
    for number, widget in enumerate(widgets):
        where = f"/widgets/{number}"
        if not isinstance(widget, dict) or widget.get("type") not in WIDGET_KINDS:
            raise _body(f"{where}/type must be one of {', '.join(WIDGET_KINDS)}")
        if not isinstance(widget.get("properties"), dict):
            raise _body(f"{where}/properties is missing")
        for key, least, most in (("width", 1, 24), ("height", 1, 1_000), ("x", 0, 23), ("y", 0, 10_000_000)):
            value = widget.get(key, least)
            if not isinstance(value, int) or not least <= value <= most:
                raise _body(f"{where}/{key} must be between {least} and {most}")


def _body(text: str) -> AwsError:
    return AwsError("InvalidParameterInput", f"The field DashboardBody is not valid: {text}", 400)


def _data(params: Mapping[str, Any], _: Caller) -> None:
    if params["Namespace"].startswith("AWS/"):
        raise AwsError("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.", 400)
    now = datetime.now().timestamp()
    for one in params.get("MetricData") or ():
        at = one["Timestamp"].timestamp() if "Timestamp" in one else now
        if not now - OLDEST <= at <= now + NEWEST:
            text = "The parameter MetricData.member.Timestamp must specify a time within the past two weeks or the next"
            raise AwsError("InvalidParameterValue", f"{text} two hours.", 400)


def _queries(params: Mapping[str, Any], _: Caller) -> None:
    queries = params["MetricDataQueries"]
    if len(queries) > QUERIES:
        raise _invalid(f"The collection MetricDataQueries must not have a size greater than {QUERIES}.")
    for query in queries:
        if not _QUERY.fullmatch(query["Id"]):
            text = f"The value {query['Id']} for parameter MetricDataQueries.member.Id is invalid"
            raise _invalid(f"{text}: it begins with a lowercase letter; letters, digits and _ follow.")


def _tagged(params: Mapping[str, Any], _: Caller) -> None:
    arn = params["ResourceARN"]
    if ":alarm:" not in arn:
        return
    backend = backend_of("cloudwatch", arn)
    if backend is None or arn.partition(":alarm:")[2] not in backend.alarms:
        raise AwsError("ResourceNotFoundException", f"Unknown: {arn}", 404)


def _described(params: Mapping[str, Any], _: Caller) -> None:
    if params.get("AlarmNames") and params.get("AlarmNamePrefix"):
        raise _invalid("AlarmNamePrefix and AlarmNames cannot be given together.")


LIMITS = {
    "DescribeAlarms": _described,
    "ListTagsForResource": _tagged,
    "PutMetricAlarm": _alarm,
    "PutDashboard": _dashboard,
    "PutMetricData": _data,
    "GetMetricData": _queries,
}
