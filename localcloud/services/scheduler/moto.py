"""Where moto's Scheduler is wrong for what this project needs: what an update leaves out has its default again."""

from __future__ import annotations

from typing import Any

from moto.scheduler.models import Schedule

from localcloud.ground.moto import Patches

_update = Schedule.update


def _with_default(schedule: Schedule, **given: Any) -> None:
    # moto keeps no state where none is given, and such a schedule never rings again.
    _update(schedule, **{**given, "state": given["state"] or "ENABLED"})


PATCHES: Patches = ((Schedule, "update", _with_default),)
