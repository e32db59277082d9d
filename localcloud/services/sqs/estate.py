"""The queues of all accounts, which moto keeps, and who polls them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from localcloud.ground.errors import AwsError

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud


@dataclass
class Poller:
    """One event source mapping at work: `due` calls off the next look, `busy` counts its invocations."""

    mapping: Any  # moto's EventSourceMapping
    due: Callable[[], None] | None = None
    due_at: float = 0.0
    busy: int = 0
    problem: str = ""


class Estate:
    """The queues of all accounts, which moto keeps, and who polls them."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.pollers: dict[str, Poller] = {}

    # --- the service ---------------------------------------------------------------------------------------

    def queue(self, arn: str) -> Any:
        parts = arn.split(":")
        queue = get_backend("sqs")[parts[4]][parts[3]].queues.get(parts[5])
        if queue is None:
            raise AwsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
        return queue
