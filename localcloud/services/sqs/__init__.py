"""SQS as AWS services use it: sending to a queue by its policy, and Lambda's polling of a queue.

moto holds the queues and their messages; here lives what moves them on simulated time: event source
mappings with their batches, partial failures, visibility and concurrency.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.service import answer
from localcloud.services.sqs.estate import Around, Estate
from localcloud.services.sqs.mappings import hear, problems_of, refuse
from localcloud.services.sqs.queues import OPERATIONS, Depth, attributes_of, bodies_of, depth_of, send


class Queues:
    """SQS of all accounts, as far as AWS itself uses it."""

    name: ClassVar[str] = "sqs"
    operations: ClassVar[frozenset[str]] = frozenset(OPERATIONS)

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        cloud.gate.guard(functools.partial(refuse, self.estate))
        cloud.gate.observe(functools.partial(hear, self.estate), also_quiet=True)

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

    def depth(self, account: str, name: str) -> Depth:
        """How many messages wait in a queue, are in flight and are delayed."""
        return depth_of(self.estate, account, name)

    def bodies(self, account: str, name: str) -> list[str]:
        """The bodies of all messages that a queue holds, oldest first."""
        return bodies_of(self.estate, account, name)

    def attributes(self, account: str, name: str) -> list[dict[str, str]]:
        """The message attributes of all messages that a queue holds, oldest first."""
        return attributes_of(self.estate, account, name)

    def problems(self) -> dict[str, str]:
        """Mappings (by function ARN) that cannot poll, and why."""
        return problems_of(self.estate)
