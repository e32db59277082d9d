"""The door in this process: a botocore `before-send` handler, so that no socket is opened and no credential used."""

from __future__ import annotations

from collections import defaultdict
from contextvars import ContextVar
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from moto.core.botocore_stubber import MockRawResponse

from localcloud.door.call import AnswerLost
from localcloud.door.gate import Gate
from localcloud.door.wire import Answer, Message, Operation
from localcloud.ground.again import LOOPBACK
from localcloud.ground.models import service_of_id

_open: list[Gate] = []

_within: ContextVar[int] = ContextVar("within", default=0)
_turns: defaultdict[int, Lock] = defaultdict(Lock)
"""One call at a time: the cloud behind the gate is no server. A call that is made while another is answered, by a
function that was invoked or by its threads, has a turn of its own; `_within` says how deep.
"""


def open_gate(gate: Gate) -> None:
    """Let botocore's calls in this process go through `gate`, until it is closed."""
    if _open:
        raise RuntimeError("a local cloud is open already; one process holds one at a time")
    _open.append(gate)


def close_gate(gate: Gate) -> None:
    _open.remove(gate)


def _before_send(event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    """botocore is about to open a socket: answer instead.

    Calls to a local endpoint (the server's, over HTTP) go out as they are; their client means the wire.
    """
    if not _open or urlsplit(request.url).hostname in LOOPBACK:
        return None
    service_id, operation = event_name.split(".", 2)[1:]
    message = _message(request)
    try:
        answer = _answer(message, Operation(service_of_id(service_id), operation, {}))
    except AnswerLost as lost:
        # One that botocore retries: the caller cannot know that its call took effect.
        raise ConnectionClosedError(endpoint_url=request.url) from lost
    raw: Any = MockRawResponse(answer.body)
    headers: Any = answer.headers
    return AWSResponse(request.url, answer.status, headers, raw)


def _answer(message: Message, operation: Operation) -> Answer:
    depth = _within.get()
    with _turns[depth]:
        within = _within.set(depth + 1)
        try:
            return _open[-1].answer(message, operation)
        finally:
            _within.reset(within)


def _message(request: AWSPreparedRequest) -> Message:
    sent: Any = request.body
    body: Any = sent.read() if hasattr(sent, "read") else sent
    content: bytes = body.encode() if isinstance(body, str) else body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    return Message(request.method, request.url, headers, content)


# As moto does: every client made from now on asks here first, and nothing answers while no gate is open.
botocore.handlers.BUILTIN_HANDLERS.append(("before-send", _before_send))
