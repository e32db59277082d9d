"""SQS as AWS services use it: sending to a queue by its policy, and taking from it by its fairness.

moto holds the queues and their messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.service import answer
from localcloud.services.sqs.estate import Around, Estate
from localcloud.services.sqs.queues import (
    OPERATIONS,
    Depth,
    attributes_of,
    bodies_of,
    depth_of,
    received,
    send,
    system_attributes,
)


class Queues:
    """SQS of all accounts, as far as AWS itself uses it."""

    name: ClassVar[str] = "sqs"
    operations: ClassVar[frozenset[str]] = frozenset(OPERATIONS)

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)

    def send(
        self,
        arn: str,
        body: str,
        caller: Caller,
        *,
        context: Mapping[str, str],
        attributes: Mapping[str, str],
        group: str | None = None,
    ) -> None:
        """A service or a role sends to a queue.

        Raises AwsError: AccessDenied, AWS.SimpleQueueService.NonExistentQueue.
        """
        send(self.estate, arn, body, caller, context=context, attributes=attributes, group=group)

    def queue(self, arn: str) -> Any:
        """moto's queue of that ARN; AWS.SimpleQueueService.NonExistentQueue."""
        return self.estate.queue(arn)

    def take(self, arn: str, count: int) -> list[Any]:
        """Up to `count` messages that are to be had, moto's, in flight from now on."""
        queue = self.estate.queue(arn)
        return received(self.estate, queue, count, queue.visibility_timeout, ["All"])

    def told_of(self, message: Any) -> dict[str, str]:
        """What SQS itself says of a message."""
        return system_attributes(message)

    def depth(self, account: str, name: str) -> Depth:
        """How many messages wait in a queue, are in flight and are delayed."""
        return depth_of(self.estate, account, name)

    def bodies(self, account: str, name: str) -> list[str]:
        """The bodies of all messages that a queue holds, oldest first."""
        return bodies_of(self.estate, account, name)

    def attributes(self, account: str, name: str) -> list[dict[str, str]]:
        """The message attributes of all messages that a queue holds, oldest first."""
        return attributes_of(self.estate, account, name)
