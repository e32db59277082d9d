"""The schedules of all accounts, which moto keeps, and the timers that ring them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud


@dataclass(frozen=True)
class Firing:
    """One time at which a schedule fires: `planned` by its expression, `attempt` from 1."""

    schedule: Any  # moto's Schedule
    account: str
    planned: float
    attempt: int = 1


@dataclass
class Timer:
    signature: str
    call_off: Callable[[], None]


class Estate:
    """The schedules of all accounts, which moto keeps, and the timers that ring them."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.failures: list[str] = []
        """What schedules could not do, one line each."""
        self.timers: dict[str, Timer] = {}

    def groups(self, account: str) -> dict[str, Any]:
        groups: dict[str, Any] = get_backend("scheduler")[account][self.cloud.region].schedule_groups
        return groups


def as_scheduler(account: str, region: str) -> Caller:
    return Caller(account, region, "scheduler.amazonaws.com", service="scheduler.amazonaws.com")
