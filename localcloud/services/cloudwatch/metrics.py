"""Data points that services, and functions by what they print, give to CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import msgspec
from moto.backends import get_backend

from localcloud.ground.journal import ExecutionRecord, InvocationRecord, Record
from localcloud.services.cloudwatch.estate import Datum

_ENDS = {"FAILED": "ExecutionsFailed", "TIMED_OUT": "ExecutionsTimedOut", "ABORTED": "ExecutionsAborted"}


def data_of(record: Record) -> list[Datum]:
    """What a happening tells of metrics that somebody may watch."""
    match record:
        case ExecutionRecord() if record.status in _ENDS:
            *machine, _ = record.execution.replace(":execution:", ":stateMachine:").split(":")
            account, arn = machine[4], ":".join(machine)
            return [Datum(account, "AWS/States", _ENDS[record.status], (("StateMachineArn", arn),), record.at, 1)]
        case InvocationRecord():
            of = (("FunctionName", record.function),)
            failed = Datum(record.account, "AWS/Lambda", "Errors", of, record.at, float(bool(record.error)))
            return [failed, *_embedded(record)]
    return []


def data_put(account: str, params: Mapping[str, Any], now: float) -> list[Datum]:
    """What PutMetricData brings; of a statistic set its ends, and the mean for each of the rest."""
    found = []
    for one in params.get("MetricData", ()):
        dimensions = tuple(sorted((it["Name"], str(it["Value"])) for it in one.get("Dimensions", ())))
        at = one["Timestamp"].timestamp() if one.get("Timestamp") else now
        name, space = one["MetricName"], params["Namespace"]
        found += [Datum(account, space, name, dimensions, at, value) for value in _values(one)]
    return found


def _values(datum: Mapping[str, Any]) -> list[float]:
    if "Value" in datum:
        return [float(datum["Value"])]
    if stats := datum.get("StatisticValues"):
        count, least, most = int(stats["SampleCount"]), float(stats["Minimum"]), float(stats["Maximum"])
        if count < 2:
            return [float(stats["Sum"])] * count
        rest = min(count, _MANY) - 2
        return [least, most, *[(float(stats["Sum"]) - least - most) / rest] * rest]
    counts = datum.get("Counts") or [1.0] * len(datum.get("Values", ()))
    return [
        float(value)
        for value, count in zip(datum.get("Values", ()), counts, strict=False)
        for _ in range(min(int(count), _MANY))
    ]


_MANY = 10_000
"""Samples of one datum that are kept one by one."""


class _Metric(msgspec.Struct, rename="pascal"):
    name: str


class _Directive(msgspec.Struct, rename="pascal"):
    namespace: str
    metrics: list[_Metric]
    dimensions: list[list[str]] = msgspec.field(default_factory=lambda: [[]])


class _Metadata(msgspec.Struct, rename={"directives": "CloudWatchMetrics"}):
    directives: list[_Directive]


def _embedded(record: InvocationRecord) -> Iterator[Datum]:
    """The embedded metric format: a line of JSON that says which of its members are metrics.

    Anybody's function prints here: a line that is none of that format is a line of a log, and no metric.
    """
    for line in record.output.splitlines() if '"_aws"' in record.output else ():
        try:
            told = msgspec.json.decode(line, type=dict[str, Any])
            metadata = msgspec.convert(told.get("_aws"), _Metadata)
        except (msgspec.MsgspecError, RecursionError):
            continue
        for directive in metadata.directives:
            for names, metric in product(directive.dimensions, directive.metrics):
                dimensions = tuple(sorted((name, str(told.get(name, ""))) for name in names))
                given = told.get(metric.name, [])
                for value in given if isinstance(given, list) else [given]:
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        yield Datum(
                            record.account, directive.namespace, metric.name, dimensions, record.at, float(value)
                        )


def of_queue(account: str, region: str, name: str, metric: str, now: float) -> float | None:
    """A queue's depth, or the age of its oldest message, now; None for no queue, or another metric."""
    queue = get_backend("sqs")[account][region].queues.get(name)
    if queue is None:
        return None
    messages: list[Any] = queue._messages  # with those in flight, which moto's own count leaves out
    match metric:
        case "ApproximateNumberOfMessagesVisible":
            return float(sum(max(one.visible_at, one.delayed_until) <= now * 1000 for one in messages))
        case "ApproximateNumberOfMessagesNotVisible":
            return float(sum(one.visible_at > now * 1000 for one in messages))
        case "ApproximateAgeOfOldestMessage":
            return max((now - one.sent_timestamp / 1000 for one in messages), default=0.0)
        case _:
            return None
