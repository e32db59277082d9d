"""What the data points of a period come to: CloudWatch's statistics, the extended ones too (its guide, "Statistics
definitions").
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

type Reduce = Callable[[list[float]], float]

_PLAIN: dict[str, Reduce] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "Average": lambda values: sum(values) / len(values),
    "SampleCount": lambda values: float(len(values)),
}
_NUMBER = r"(\d+(?:\.\d+)?)"
_SHORT = re.compile(rf"(p|tm|wm|tc|ts){_NUMBER}", re.IGNORECASE)
_LONG = re.compile(rf"(TM|WM|TC|TS|PR)\((?:{_NUMBER}(%?))?:(?:{_NUMBER}(%?))?\)", re.IGNORECASE)


class _Bounds(NamedTuple):
    """What is kept: by its share of the data points in their order, or by its value, above `low` and up to `high`."""

    low: float
    high: float
    share: bool

    def within(self, values: list[float]) -> list[float]:
        if not self.share:
            return [it for it in values if self.low < it <= self.high]
        ordered, count = sorted(values), len(values)
        # One of few is more than its share of them: it stays, whichever it is.
        begin = min(math.floor(self.low * count), count - 1)
        return ordered[begin : max(math.ceil(self.high * count), begin + 1)]

    def limited(self, values: list[float]) -> list[float]:
        """Those outside take the value of the bound next to them."""
        kept = self.within(values) if self.share else [self.low, self.high]
        low, high = min(kept), max(kept)
        return [min(max(it, low), high) for it in values]


def reduced(statistic: str) -> Reduce | None:
    """By what a period's data points, of which there is one at least, become a number; None for what is no statistic.

    >>> reduced("tm80")([1.0, 2.0, 3.0, 4.0, 100.0])
    2.5
    """
    if statistic in _PLAIN:
        return _PLAIN[statistic]
    if statistic.upper() == "IQM":
        return _by("TM", _Bounds(0.25, 0.75, share=True))
    if (short := _SHORT.fullmatch(statistic)) and float(short[2]) <= 100:
        kind, share = short[1].upper(), float(short[2]) / 100
        return _percentile(share) if kind == "P" else _by(kind, _Bounds(0.0, share, share=True))
    if long := _LONG.fullmatch(statistic):
        return _ranged(long[1].upper(), long[2], long[4], {long[3], long[5]} - {None})
    return None


def refuse(service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """InvalidParameterValue for an alarm of a statistic that there is none of: it would never ring."""
    if service != "cloudwatch" or operation != "PutMetricAlarm":
        return
    queries = [it.get("MetricStat") or {} for it in params.get("Metrics") or ()]
    for given in (params.get("ExtendedStatistic"), *(it.get("Stat") for it in queries)):
        if given and reduced(str(given)) is None:
            raise AwsError(
                "InvalidParameterValue", f"The value {given} for parameter ExtendedStatistic is not supported.", 400
            )


def _ranged(kind: str, low: str | None, high: str | None, units: set[str]) -> Reduce | None:
    """None where the bounds are neither both shares nor both values, or none, or of values for a share's statistic."""
    share = units == {"%"}
    if (low is None and high is None) or len(units) > 1 or (share and kind == "PR"):
        return None
    by = 100.0 if share else 1.0
    bounds = _Bounds(
        float(low) / by if low is not None else (0.0 if share else -math.inf),
        float(high) / by if high is not None else (1.0 if share else math.inf),
        share=share,
    )
    if not bounds.low < bounds.high or (share and bounds.high > 1):
        return None
    return _by(kind, bounds)


def _percentile(share: float) -> Reduce:
    return lambda values: sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def _by(kind: str, bounds: _Bounds) -> Reduce:
    def of(values: list[float]) -> float:
        if kind == "WM":
            limited = bounds.limited(values)
            return sum(limited) / len(limited)
        kept = bounds.within(values)
        match kind:
            case "TC":
                return float(len(kept))
            case "TS":
                return sum(kept)
            case "PR":
                return 100.0 * len(kept) / len(values)
        return sum(kept) / len(kept) if kept else 0.0

    return of
