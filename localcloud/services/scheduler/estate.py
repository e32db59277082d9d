"""The schedules of all accounts, which moto keeps, and the timers that ring them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from moto.backends import get_backend

from localcloud.door.gate import Gated
from localcloud.ground.caller import Caller
from localcloud.ground.questions import AsksEvents, AsksIam, Clients, Ground


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


class Around(Ground, AsksIam, AsksEvents, Clients, Gated, Protocol):
    """What Scheduler asks of its surroundings."""


class Estate:
    """The schedules of all accounts, which moto keeps, and the timers that ring them."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.failures: list[str] = []
        """What schedules could not do, one line each."""
        self.timers: dict[str, Timer] = {}

    def groups(self, account: str) -> dict[str, Any]:
        groups: dict[str, Any] = get_backend("scheduler")[account][self.cloud.region].schedule_groups
        return groups


def as_scheduler(account: str, region: str) -> Caller:
    return Caller(account, region, "scheduler.amazonaws.com", service="scheduler.amazonaws.com")
