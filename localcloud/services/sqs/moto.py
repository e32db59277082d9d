"""Where moto's SQS is wrong for what this project needs: what a call does not name stays as it is, moments are whole
seconds, and a name is not free as soon as its queue is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from moto.core.utils import unix_time
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Message, Queue, SQSBackend

from localcloud.ground.moto import Patches


def _set_attributes(backend: Any, queue_name: str, attributes: dict[str, Any]) -> Queue:
    # moto takes a call that names no policy for one that takes the policy away.
    queue: Queue = backend.get_queue(queue_name)
    queue._set_attributes({"Policy": queue.policy, **attributes})
    return queue


_get: Callable[..., dict[str, Any]] = vars(SQSBackend)["get_queue_attributes"]


def _get_attributes(backend: Any, queue_name: str, attribute_names: list[str]) -> dict[str, Any]:
    told = _get(backend, queue_name, attribute_names)
    return {name: int(one) if name.endswith("Timestamp") else one for name, one in told.items()}


TAKEN = 60.0
"""Seconds after its queue's deletion in which a name cannot be given again (API reference, DeleteQueue)."""

_create: Callable[..., Queue] = vars(SQSBackend)["create_queue"]
_delete: Callable[..., None] = vars(SQSBackend)["delete_queue"]


def _create_queue(backend: Any, name: str, *given: Any, **more: Any) -> Queue:
    gone_at = getattr(backend, "gone_at", {}).get(name)
    if gone_at is not None and unix_time() < gone_at + TAKEN:
        told = f"You must wait {TAKEN:.0f} seconds after deleting a queue before you can create another"
        raise SQSException("AWS.SimpleQueueService.QueueDeletedRecently", f"{told} with the same name.")
    return _create(backend, name, *given, **more)


def _delete_queue(backend: Any, queue_name: str) -> None:
    _delete(backend, queue_name)
    backend.gone_at = {**getattr(backend, "gone_at", {}), queue_name: unix_time()}


DEDUPLICATED = 300.0
"""Seconds in which a FIFO queue takes a second message of one deduplication id for the first (developer guide)."""

_send: Callable[..., Message] = vars(SQSBackend)["send_message"]


class _Sent(NamedTuple):
    at: float
    message: Message


def _send_message(backend: Any, queue_name: str, message_body: str, *given: Any, **more: Any) -> Message:
    """moto forgets an id as soon as its message is deleted, and counts in no order."""
    message = _send(backend, queue_name, message_body, *given, **more)
    queue: Any = backend.get_queue(queue_name)
    if not queue.fifo_queue:
        return message
    now = unix_time()
    kept: dict[tuple[str, str], _Sent] = vars(queue).setdefault("sent_before", {})
    for id in [id for id, one in kept.items() if one.at + DEDUPLICATED <= now]:
        del kept[id]
    scope = message.group_id if getattr(queue, "deduplication_scope", "queue") == "messageGroup" else ""
    id = (str(scope), str(message.deduplication_id))
    if id in kept:
        queue._messages = [one for one in queue._messages if one is not message]
        return kept[id].message
    queue.sent_so_far = getattr(queue, "sent_so_far", 0) + 1
    # Twenty digits that grow within a group, as AWS's do.
    message.sequence_number = f"188{queue.sent_so_far * 256:017d}"
    kept[id] = _Sent(now, message)
    return message


PATCHES: Patches = (
    (SQSBackend, "send_message", _send_message),
    (SQSBackend, "create_queue", _create_queue),
    (SQSBackend, "delete_queue", _delete_queue),
    (SQSBackend, "set_queue_attributes", _set_attributes),
    (SQSBackend, "get_queue_attributes", _get_attributes),
)
