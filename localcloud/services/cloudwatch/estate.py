"""What alarms go by: data points as they came, and the depths of queues as they were seen."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from localcloud.door.gate import Gated
from localcloud.ground.questions import AsksEvents, AsksIam, Ground


class Around(Ground, AsksIam, AsksEvents, Gated, Protocol):
    """What CloudWatch asks of its surroundings."""


class Datum(NamedTuple):
    """One value of a metric: `dimensions` as (name, value), sorted; `at` in epoch seconds."""

    account: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    at: float
    value: float


class Estate:
    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.data: list[Datum] = []
        self.waking = False
        """Whether a look is due."""
