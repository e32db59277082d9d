"""Where moto's SQS is wrong for what this project needs: what a call does not name stays as it is, moments are whole
seconds, and a name is not free as soon as its queue is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Queue, SQSBackend

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


PATCHES: Patches = (
    (SQSBackend, "create_queue", _create_queue),
    (SQSBackend, "delete_queue", _delete_queue),
    (SQSBackend, "set_queue_attributes", _set_attributes),
    (SQSBackend, "get_queue_attributes", _get_attributes),
)
