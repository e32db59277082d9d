"""An alarm's state, worked out from its metric's periods; where it changes, its actions are done."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import NotEmulated
from localcloud.services.cloudwatch import composite, expressions
from localcloud.services.cloudwatch.estate import Datum, Estate
from localcloud.services.cloudwatch.metrics import of_queue
from localcloud.services.cloudwatch.statistics import reduced

LOOKS = 60.0
"""Seconds between two looks at the alarms (metrics of AWS's services come by the minute)."""

SERVICE = "cloudwatch.amazonaws.com"

_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def wake(estate: Estate) -> None:
    """Have the alarms looked at by and by, if that is not due already."""
    if estate.waking:
        return
    estate.waking = True

    def look() -> None:
        estate.waking = False
        if _look(estate):
            wake(estate)

    estate.cloud.clock.after(LOOKS, look, "alarms are looked at", background=True)


def _look(estate: Estate) -> bool:
    """Look at all alarms; is there anything left that time alone can change?"""
    now = estate.cloud.clock.now
    region = estate.cloud.region
    backends = [
        (str(account), regions[region]) for account, regions in get_backend("cloudwatch").items() if region in regions
    ]
    alarms = [(account, alarm) for account, backend in backends for alarm in backend.alarms.values() if not alarm.rule]
    watched = {(account, *one) for account, alarm in alarms for one in _watched(alarm)}
    for account, namespace, metric, dimensions in sorted(watched):
        _sample(estate, account, (namespace, metric, dimensions), now)
    oldest = now - max((_span(alarm) for _, alarm in alarms), default=0.0)
    estate.data = [datum for datum in estate.data if datum.at >= oldest]
    for account, alarm in alarms:
        state = _state(estate, account, alarm, now)
        if state is not None and state != alarm.state_value:
            _change(estate, account, alarm, state)
    for account, _ in backends:
        compose(estate, account)
    waiting = {account for account, namespace, _, _ in watched if namespace == "AWS/SQS"}
    return any(alarm.state_value == "ALARM" for _, alarm in alarms) or any(
        _has_messages(one, region) for one in waiting
    )


def _has_messages(account: str, region: str) -> bool:
    """Messages grow old, and some go to the dead letters, with nobody telling of it."""
    return any(queue._messages for queue in get_backend("sqs")[account][region].queues.values())


def _span(alarm: Any) -> float:
    """Seconds that an alarm looks back."""
    periods = [alarm.period or 0, *(int(query.metric_stat.period) for query in _queries(alarm))]
    return float(max(periods) * alarm.evaluation_periods)


def _queries(alarm: Any) -> list[Any]:
    return [query for query in alarm.metric_data_queries if query.metric_stat is not None]


def compose(estate: Estate, account: str) -> None:
    """Bring an account's composite alarms in line with those that they go by."""
    there = get_backend("cloudwatch")[account][estate.cloud.region].alarms
    for name, state in composite.states_of(there).items():
        if state != there[name].state_value:
            _change(estate, account, there[name], state)


type _Metric = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, dimensions."""


def _watched(alarm: Any) -> Iterator[_Metric]:
    """The metrics that an alarm goes by."""
    if alarm.metric_name:
        yield alarm.namespace, alarm.metric_name, _dimensions(alarm.dimensions)
    for query in _queries(alarm):
        metric = query.metric_stat.metric
        yield metric.namespace, metric.metric_name, _dimensions(metric.dimensions)


def _sample(estate: Estate, account: str, metric: _Metric, now: float) -> None:
    """Queues tell how they are now; nobody tells of each change."""
    namespace, name, dimensions = metric
    if namespace != "AWS/SQS":
        return
    queue = dict(dimensions).get("QueueName", "")
    value = of_queue(account, estate.cloud.region, queue, name, now)
    if value is not None:
        estate.data.append(Datum(account, namespace, name, dimensions, now, value))


def _dimensions(given: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((one.name, str(one.value)) for one in given or ()))


def _state(estate: Estate, account: str, alarm: Any, now: float) -> str | None:
    """What the alarm's periods come to; None where nobody can tell, and it stays as it is."""
    periods = alarm.evaluation_periods
    if alarm.metric_data_queries:
        values = _by_queries(estate, account, alarm, now)
    else:
        reduce = reduced(alarm.extended_statistic or alarm.statistic or "")
        if reduce is None:
            return None
        key = (account, alarm.namespace, alarm.metric_name, _dimensions(alarm.dimensions))
        values = list(_periods(estate, key, float(alarm.period), periods, now, reduce))
    compare = _COMPARED.get(alarm.comparison_operator)
    if compare is None:
        return None
    missing = alarm.treat_missing_data or "missing"
    if all(value is None for value in values) and missing in ("missing", "ignore"):
        return "INSUFFICIENT_DATA" if missing == "missing" else None
    breaching = sum(missing == "breaching" if one is None else compare(one, float(alarm.threshold)) for one in values)
    return "ALARM" if breaching >= (alarm.datapoints_to_alarm or periods) else "OK"


def _periods(
    estate: Estate,
    key: tuple[str, str, str, tuple[tuple[str, str], ...]],
    seconds: float,
    count: int,
    now: float,
    reduce: Callable[[list[float]], float],
) -> Iterator[float | None]:
    """The metric's value in each of the last `count` periods; None where there is none."""
    mine = [datum for datum in estate.data if datum[:4] == key]
    for number in range(count):
        end = now - number * seconds
        # With its first moment, as CloudWatch's periods: a look comes a minute after what it is for, and would miss it.
        values = [one.value for one in mine if end - seconds <= one.at < end or (number == 0 and one.at == now)]
        yield reduce(values) if values else None


def _by_queries(estate: Estate, account: str, alarm: Any, now: float) -> expressions.Series:
    """The series of the query whose data the alarm goes by."""
    given: dict[str, str | expressions.Series] = {}
    for query in alarm.metric_data_queries:
        stat = query.metric_stat
        if stat is None:
            given[query.id] = query.expression
            continue
        reduce = reduced(stat.stat)
        key = (account, stat.metric.namespace, stat.metric.metric_name, _dimensions(stat.metric.dimensions))
        count = alarm.evaluation_periods
        none: expressions.Series = [None] * count
        periods = _periods(estate, key, float(stat.period), count, now, reduce) if reduce is not None else none
        given[query.id] = list(periods)
    asked = [query.id for query in alarm.metric_data_queries if str(query.return_data).lower() != "false"]
    return expressions.worked_out(given, asked[0])


_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def refuse(service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """NotEmulated for an alarm that would do something else than notify a topic."""
    if service != "cloudwatch" or operation not in {"PutMetricAlarm", "PutCompositeAlarm"}:
        return
    for arn in (arn for name in _ACTIONS for arn in params.get(name) or ()):
        if arn.split(":")[2:3] != ["sns"]:
            raise NotEmulated(service, f"{operation} with the action {arn}")


# --- what a change does ----------------------------------------------------------------------------------------


def _change(estate: Estate, account: str, alarm: Any, state: str) -> None:
    before, at = alarm.state_value, utc(estate.cloud.clock.now)
    reason = _reason(alarm, state)
    alarm.update_state(reason, json.dumps({"version": "1.0", "startDate": at.isoformat()}), state)
    tell(estate, account, alarm, before)


def _reason(alarm: Any, state: str) -> str:
    if alarm.rule:
        return f"{alarm.rule} is {'so' if state == 'ALARM' else 'not so'}"
    many = f"{alarm.datapoints_to_alarm or alarm.evaluation_periods} out of the last {alarm.evaluation_periods} periods"
    return {
        "ALARM": f"Threshold Crossed: {many} were {alarm.comparison_operator} {alarm.threshold:g}",
        "OK": f"Threshold Crossed: fewer than {many} were {alarm.comparison_operator} {alarm.threshold:g}",
    }.get(state, "Insufficient Data: there are no data points")


def tell(estate: Estate, account: str, alarm: Any, before: str) -> None:
    """An event of an alarm's new state, and what was to be done then."""
    at, state, reason = utc(estate.cloud.clock.now), alarm.state_value, alarm.state_reason
    estate.cloud.events.emit(
        account=account,
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        resources=[alarm.alarm_arn],
        detail={
            "alarmName": alarm.name,
            "state": {"value": state, "reason": reason, "timestamp": at.isoformat()},
            "previousState": {"value": before},
        },
    )
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(state, alarm.insufficient_data_actions)
    for arn in (actions or ()) if alarm.actions_enabled else ():
        _publish(estate, account, alarm, arn, _message(estate, account, alarm, before))


def _message(estate: Estate, account: str, alarm: Any, before: str) -> dict[str, Any]:
    """As CloudWatch tells a topic of it."""
    changed = utc(estate.cloud.clock.now)
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": changed.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Region": estate.cloud.region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "Trigger": {"AlarmRule": alarm.rule}
        if alarm.rule
        else {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "",
        },
    }


def _publish(estate: Estate, account: str, alarm: Any, topic_arn: str, message: dict[str, Any]) -> None:
    """By the topic's policy; where it does not let alarms in, or is gone, nobody hears, as on AWS."""
    region, owner = topic_arn.split(":")[3:5]
    backend = get_backend("sns")[owner][region]
    topic = backend.topics.get(topic_arn)
    if topic is None:
        return
    caller = Caller(account, estate.cloud.region, SERVICE, service=SERVICE)
    keys = {"aws:SourceArn": alarm.alarm_arn, "aws:SourceAccount": account}
    asked = estate.cloud.iam.allows(caller, "sns:Publish", topic_arn, keys, [topic.policy])
    if asked.allowed or not estate.cloud.enforce_iam:
        subject = f'{message["NewStateValue"]}: "{alarm.name}" in {region}'[:100]
        backend.publish(message=json.dumps(message), arn=topic_arn, subject=subject)
