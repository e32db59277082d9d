"""The queues of all accounts, which moto keeps, and who polls them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from moto.backends import get_backend

from localcloud.door.gate import Gated
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import AsksFunctions, AsksIam, Ground


@dataclass
class Poller:
    """One event source mapping at work: `due` calls off the next look, `busy` counts its invocations."""

    mapping: Any  # moto's EventSourceMapping
    due: Callable[[], None] | None = None
    due_at: float = 0.0
    busy: int = 0
    problem: str = ""


class Around(Ground, AsksIam, AsksFunctions, Gated, Protocol):
    """What SQS asks of its surroundings."""


class Estate:
    """The queues of all accounts, which moto keeps, and who polls them."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.pollers: dict[str, Poller] = {}
        self.noisy: dict[str, frozenset[str]] = {}
        """The noisy groups of each queue, by its ARN, as of the last look into it."""

    # --- the service ---------------------------------------------------------------------------------------

    def queue(self, arn: str) -> Any:
        parts = arn.split(":")
        queue = get_backend("sqs")[parts[4]][parts[3]].queues.get(parts[5])
        if queue is None:
            raise AwsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
        return queue
