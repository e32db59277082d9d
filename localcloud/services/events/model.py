"""An event, how deliveries go, and one on its way to one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Event = dict[str, Any]


@dataclass
class Delivery:
    """How deliveries go.

    `latency`: seconds from the bus to a target. `duplicate`: chance that a target is called twice. `delay`:
    seconds more for every delivery. `reorder`: each delivery takes up to 30 s more, by chance. `drop`: chance
    that an event of an AWS service is lost (they are best effort; what PutEvents took is not).
    """

    latency: float = 1.0
    duplicate: float = 0.0
    delay: float = 0.0
    reorder: bool = False
    drop: float = 0.0


class Undelivered(Exception):
    """A target was not reached: `code` is EventBridge's ERROR_CODE; `again` whether it will be retried."""

    def __init__(self, code: str, text: str, *, again: bool = False) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.again = again


class Delayed(Exception):
    """An injected fault keeps it on the way for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Hand:
    """One event on its way to one target of one rule; `delayed` when a fault has kept it already."""

    rule: Any  # moto's Rule
    target: Mapping[str, Any]
    event: Event
    since: float
    attempt: int = 0
    delayed: bool = False
