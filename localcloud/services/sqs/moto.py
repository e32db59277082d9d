"""Where moto's SQS is wrong for what this project needs: what a call does not name stays as it is."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue, SQSBackend

from localcloud.ground.moto import Patches


def _set_attributes(backend: Any, queue_name: str, attributes: dict[str, Any]) -> Queue:
    # moto takes a call that names no policy for one that takes the policy away.
    queue: Queue = backend.get_queue(queue_name)
    queue._set_attributes({"Policy": queue.policy, **attributes})
    return queue


PATCHES: Patches = ((SQSBackend, "set_queue_attributes", _set_attributes),)
