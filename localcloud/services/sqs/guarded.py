"""The policy of a queue, and what it can open to other accounts."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.ground.guarded import Guard, Guarded, document_of

# SQS developer guide, "Amazon SQS API permissions": cross-account permissions do not apply to these.
_OWNERS = frozenset(
    {
        *("AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks"),
        *("ListQueueTags", "ListQueues", "RemovePermission", "SetQueueAttributes", "StartMessageMoveTask"),
        *("TagQueue", "UntagQueue"),
    }
)


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, name = arn.split(":", 5)
    queue = get_backend("sqs")[owner][region].queues.get(name)
    return Guarded(owner, document_of(queue.policy)) if queue is not None else None


GUARD = Guard(_find, lambda operation: operation not in _OWNERS)
