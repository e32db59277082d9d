"""What was read of an account's network: it stays true until somebody changes something there."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Concatenate, Protocol

from localcloud.door.gate import Gated
from localcloud.ground.questions import Ground

CHANGED_BY = ("ec2", "elbv2", "ram")
"""Whose calls change what EC2 and Elastic Load Balancing answer; a share shows others a prefix list, or a subnet."""


class Known:
    """Answers, each until the next call that may change one; whoever changes moto by hand counts it as a call."""

    def __init__(self) -> None:
        self._as_of: tuple[int, ...] = ()
        self._answers: dict[Hashable, Any] = {}

    def told[T](self, as_of: tuple[int, ...], question: Hashable, read: Callable[[], T]) -> T:
        """The answer to a question, read anew where anything changed. Whoever gets it leaves it as it is."""
        if as_of != self._as_of:
            self._as_of, self._answers = as_of, {}
        answers = self._answers  # another thread may put new ones in their place meanwhile
        if question not in answers:
            answers[question] = read()
        answer: T = answers[question]
        return answer


class Knowing(Ground, Gated, Protocol):
    """A cloud that keeps what was read of it."""

    @property
    def known(self) -> Known: ...


class _Reads(Protocol):
    @property
    def cloud(self) -> Knowing: ...


def kept[R: _Reads, **P, T](read: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
    """For what asks EC2 and Elastic Load Balancing alone, of things that time does not change."""

    def asked(reader: R, /, *given: P.args, **named: P.kwargs) -> T:
        cloud = reader.cloud
        as_of = tuple(cloud.gate.changes[service] for service in CHANGED_BY)
        question = (read.__name__, cloud.region, given, tuple(named.items()))
        return cloud.known.told(as_of, question, lambda: read(reader, *given, **named))

    return asked
