"""An invocation, what a handler sees of it, and the limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_PAYLOAD = 6 * 1024 * 1024  # bytes, synchronous (facts 21)
MAX_ASYNC_PAYLOAD = 1024 * 1024


class Invocation(NamedTuple):
    """`error` is '' or the error's type; then `result` is Lambda's error document. `seconds` it took."""

    result: Any
    error: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Context:
    """The context object that a handler gets."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    deadline: float
    now: Callable[[], float]
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - self.now()) * 1000))


def encode(payload: Any) -> bytes:
    return json.dumps(payload).encode()
