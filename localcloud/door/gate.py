"""The one door: every AWS call, in process or over HTTP, is let in, refused, recorded and announced here.

What befalls a call, in which order, stands in `chain`; the door is `in_process` for botocore, `http` for the rest.
"""

from __future__ import annotations

import contextlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from localcloud.door.call import Answered, Call, Done
from localcloud.door.faults import Faults
from localcloud.door.wire import Answer, Message, Operation
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, WrongAnswer
from localcloud.ground.questions import Allows, AsksOrganization, Ground, Principals, Sessions
from localcloud.ground.service import Service


class _Iam(Allows, Principals, Protocol):
    """May they, and whom does a policy see in them?"""


class House(Ground, AsksOrganization, Protocol):
    """What the door asks of the cloud that it stands before."""

    @property
    def faults(self) -> Faults: ...

    @property
    def check_answers(self) -> bool: ...

    @property
    def wrong_answers(self) -> list[WrongAnswer]: ...

    @property
    def iam(self) -> _Iam: ...

    @property
    def sts(self) -> Sessions: ...

    def service(self, name: str, operation: str) -> Service | None: ...

    def tags_of(self, arn: str) -> dict[str, str]: ...


@dataclass(frozen=True, eq=False)
class Observer:
    """`before` sees a call that is about to change something and answers a note that `after` gets back."""

    after: Callable[[Done, Any], None]
    before: Callable[[str, str, dict[str, Any], Caller], Any] | None = None
    also_quiet: bool = False
    also_repeated: bool = False


@dataclass
class Running:
    """The function that runs, of which execution, and how many AWS calls it has made in this invocation."""

    function: str = ""
    run: str = ""
    calls: int = 0


type Step = Callable[[Gate, Call], None]


@dataclass(frozen=True)
class Chain:
    """What befalls a call.

    An AwsError that a step raises is the answer, and so is what a step sets as such: no step but those `afterwards`
    comes after it. An error after `arriving` is recorded as well.
    """

    arriving: Sequence[Step]
    through: Sequence[Step]
    afterwards: Sequence[Step]


class Gate:
    """The door of one local cloud."""

    def __init__(self, cloud: House, chain: Chain, quiet: Chain) -> None:
        self.cloud = cloud
        self.chain = chain
        self.quiet_chain = quiet
        self.sessions: dict[str, Caller] = {}
        self.answered: OrderedDict[tuple[str, ...], Answered] = OrderedDict()
        """By account, operation and client token, oldest first: see `repeat`."""
        self.tokens: set[tuple[str, ...]] = set()
        """Of pages, each with the account and the operation that it was given: see `pages`."""
        self.changes: Counter[str] = Counter()
        """By service, how many calls were served that may have changed something, the quiet ones as well."""
        self._observers: list[Observer] = []
        self._quiet = 0
        self._running: list[Running] = []
        self._callers: list[Caller] = []
        self._wired: list[bool] = []

    # --- what happens meanwhile ---

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Calls in this block are the local cloud's own: not recorded, not announced, never faulty or refused."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    @contextlib.contextmanager
    def running(self, function: str = "", run: str = "") -> Iterator[Running]:
        """Calls in this block are made by this function, in this execution (the journal says so).

        They are the function's, so they count even if something quiet set it going. Raises FunctionEnded when
        an injected fault ends the function before its first line.
        """
        quiet, self._quiet = self._quiet, 0
        frame = Running(function, run)
        self._running.append(frame)
        try:
            if function:
                self.cloud.faults.strike_function(function, 0)
            yield frame
        finally:
            self._running.pop()
            self._quiet = quiet

    @property
    def frame(self) -> Running:
        """What runs now."""
        return self._running[-1] if self._running else Running()

    @property
    def run(self) -> str:
        """ARN of the execution in whose course things happen now, or ''."""
        return self.frame.run

    @property
    def caller_now(self) -> Caller | None:
        return self._callers[-1] if self._callers else None

    @property
    def wired_now(self) -> bool:
        """Whether the call that is being answered came over HTTP."""
        return bool(self._wired) and self._wired[-1]

    # --- who listens ---

    def observe(
        self,
        after: Callable[[Done], None] | Callable[[Done, Any], None],
        before: Callable[[str, str, dict[str, Any], Caller], Any] | None = None,
        *,
        also_quiet: bool = False,
        also_repeated: bool = False,
    ) -> None:
        """Call `after(done)` for every answered call, or `after(done, note)` with what `before` answered.

        `before(service, operation, params, caller)` is asked only when the call may change something. What is answered
        again by its client token changes nothing: only those hear of it who say `also_repeated`.
        """
        told: Callable[[Done, Any], None] = after if before else lambda done, _: after(done)  # type: ignore[call-arg, assignment]  # one of two shapes, told apart by `before`
        self._observers.append(Observer(told, before, also_quiet, also_repeated))

    def guard(self, check: Callable[[str, str, dict[str, Any], Caller], None]) -> None:
        """Ask `check(service, operation, params, caller)`, which may refuse, before any call that may change something.

        It is asked of the local cloud's own calls as well.
        """
        self._observers.append(Observer(lambda *_: None, check, also_quiet=True))

    def listening(self, *, quiet: bool, repeated: bool = False) -> list[Observer]:
        """Those who hear of a call, in the order in which they came."""
        return [one for one in self._observers if (one.also_quiet or not quiet) and (one.also_repeated or not repeated)]

    # --- the way through ---

    def answer(self, message: Message, operation: Operation | None = None) -> Answer:
        """Answer one HTTP request. Raises AnswerLost when a fault swallows the answer.

        `operation` is given where the client has told which one it is (botocore does).
        """
        call = Call(message, operation, quiet=self._quiet > 0)
        chain = self.quiet_chain if call.quiet else self.chain
        if self._refused(call, chain.arriving):
            return _answer_of(call)
        self._callers.append(call.caller)
        self._wired.append(message.wired)
        try:
            self._refused(call, chain.through)
        finally:
            self._callers.pop()
            self._wired.pop()
        for step in chain.afterwards:
            step(self, call)
        return _answer_of(call)

    def _refused(self, call: Call, steps: Sequence[Step]) -> bool:
        try:
            for step in steps:
                if call.answer is not None:
                    break
                step(self, call)
        except AwsError as error:
            call.refuse(error)
            return True
        return False

    def request_id(self) -> str:
        """A new one."""
        bits = f"{self.cloud.random_ids.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-8{bits[17:20]}-{bits[20:]}"


def _answer_of(call: Call) -> Answer:
    if call.answer is None:
        raise RuntimeError(f"no step answered {call.service}:{call.name}")
    return call.answer


class Gated(Protocol):
    """Where to listen, and to stand guard."""

    @property
    def gate(self) -> Gate: ...
