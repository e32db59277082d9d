"""Where moto's CloudWatch is wrong for what this project needs: of extended statistics it takes percentiles alone,
and a new alarm has no data yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from localcloud.ground.moto import Patches

_put: Callable[..., Any] = CloudWatchBackend.put_metric_alarm


def _put_metric_alarm(backend: Any, *args: Any, extended_statistic: str | None = None, **more: Any) -> Any:
    # What is no statistic was refused before (statistics.refuse).
    taken = "p50" if extended_statistic else None
    before = {name: alarm.state_value for name, alarm in backend.alarms.items()}
    made: Any = _put(backend, *args, extended_statistic=taken, **more)
    made.extended_statistic = extended_statistic
    made.state_value = before.get(made.name, "INSUFFICIENT_DATA")
    return made


PATCHES: Patches = ((CloudWatchBackend, "put_metric_alarm", _put_metric_alarm),)
