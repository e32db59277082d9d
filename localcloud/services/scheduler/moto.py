"""Where moto's Scheduler is wrong for what this project needs: what an update leaves out has its default again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.scheduler.models import Schedule

from localcloud.ground.moto import Patches

_update = Schedule.update


_begin: Callable[..., None] = vars(Schedule)["__init__"]


def _with_default(schedule: Schedule, **given: Any) -> None:
    # moto keeps no state where none is given, and such a schedule never rings again.
    _update(schedule, **{**given, "state": given["state"] or "ENABLED"})
    schedule.action_after_completion = given.get("action_after_completion") or "NONE"


def _new(schedule: Any, *given: Any, **more: Any) -> None:
    _begin(schedule, *given, **more)
    schedule.action_after_completion = schedule.action_after_completion or "NONE"


PATCHES: Patches = ((Schedule, "update", _with_default), (Schedule, "__init__", _new))
