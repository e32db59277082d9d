"""The queues of all accounts, which moto keeps."""

from __future__ import annotations

from typing import Any, Protocol

from moto.backends import get_backend

from localcloud.ground.errors import AwsError
from localcloud.ground.questions import AsksIam, Ground


class Around(Ground, AsksIam, Protocol):
    """What SQS asks of its surroundings."""


class Estate:
    """The queues of all accounts, which moto keeps."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.noisy: dict[str, frozenset[str]] = {}
        """The noisy groups of each queue, by its ARN, as of the last look into it."""

    # --- the service ---------------------------------------------------------------------------------------

    def queue(self, arn: str) -> Any:
        parts = arn.split(":")
        queue = get_backend("sqs")[parts[4]][parts[3]].queues.get(parts[5])
        if queue is None:
            raise AwsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
        return queue
