"""Where moto's SQS is wrong for what this project needs: what a call does not name stays as it is, and
moments are whole seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


PATCHES: Patches = (
    (SQSBackend, "set_queue_attributes", _set_attributes),
    (SQSBackend, "get_queue_attributes", _get_attributes),
)
