"""A call on its way through the door, and what those who listen see of it when it is over."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from moto.core.request import Request

from localcloud.door.wire import Answer, Message, Operation, serialise_error
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Service

# What a caller may do without leaving a trace in the service: operations that begin with one of these words.
# ReceiveMessage changes a message's visibility only, AssumeRole makes no resource, and the Start*Query of the
# log and metric stores reads.
_READS = re.compile(
    r"(AssumeRole|BatchGet|Check|Decode|Describe|Detect|Download|Estimate|Filter|Get|Head|List|Lookup|Poll"
    r"|Preview|Query|Receive|Scan|Search|Select|Simulate|StartQuery|Test|TransactGet|Validate|Verify)"
)


def is_mutating(operation: str) -> bool:
    """Whether an operation may change something, judged by its name."""
    return not _READS.match(operation)


class AnswerLost(ConnectionError):
    """The call took effect and nobody will hear of it (an injected fault)."""


class Done:
    """A call that was answered: what observers see.

    `params` and `result` carry the model's member names; `result` is {} after an error. `quiet` is true for
    what the local cloud did on its own account, which is not announced.
    """

    def __init__(
        self,
        service: str,
        operation: str,
        params: dict[str, Any],
        caller: Caller,
        error: AwsError | None,
        read: Callable[[], dict[str, Any]],
        *,
        quiet: bool = False,
    ) -> None:
        self.service = service
        self.operation = operation
        self.params = params
        self.caller = caller
        self.error = error
        self.quiet = quiet
        self._read = read

    @functools.cached_property
    def result(self) -> dict[str, Any]:
        # Read when somebody asks: most answers of moto are never looked at, and parsing them costs.
        return {} if self.error else self._read()


class Answered(NamedTuple):
    """What a client token was answered, to which parameters, in which protocol, and until when that counts."""

    params: dict[str, Any]
    protocol: str
    answer: Answer
    until: float


NOBODY = Caller("", "", "")
UNKNOWN = Operation("vpc-lattice", "", {})


@dataclass
class Call:
    """What is known of a call; each step adds what it finds out.

    `told` is the operation where the client has said which one it is (botocore does). Until it is identified it
    counts as one of Lattice, in whose protocol an unknown operation is refused.
    """

    message: Message
    told: Operation | None = None
    quiet: bool = False
    operation: Operation = UNKNOWN
    protocol: str = "rest-json"
    region: str = ""
    request_id: str = ""
    caller: Caller = NOBODY
    own: Service | None = None
    """The service of ours that answers; None leaves it to moto."""
    incoming: Request | None = None
    """The message as moto takes it."""
    params: dict[str, Any] = field(default_factory=dict)
    home: str = ""
    """The account in which it is answered; '' is the caller's own."""
    fault: str = ""
    notes: dict[int, Any] = field(default_factory=dict)
    """What each observer noted before the call took effect, by its id."""
    answer: Answer | None = None
    repeated: bool = False
    """It was answered before, by its client token: nothing happened now."""
    error: AwsError | None = None
    read: Callable[[], dict[str, Any]] = dict
    """Reads the result out of the answer."""

    @property
    def service(self) -> str:
        """botocore's name of the service."""
        return self.operation.service

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.operation.name

    def refuse(self, error: AwsError) -> None:
        """The answer is this error."""
        self.error = error
        self.answer = serialise_error(self.service, error, self.protocol, self.request_id)
