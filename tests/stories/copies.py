"""One play for a whole table of faults: where one would first strike, a copy of this process goes on with it.

What comes before is the same for all of them, and is played once. Only one copy plays at a time.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple

from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault, Faults, FunctionEnded, FunctionFault
from tests.forks import Copy, unmoved

type Faulty = Fault | FunctionFault


class Verdict(NamedTuple):
    """What a play with a fault came to: `found` as the play answers it, or how it `failed`; if the fault `struck`."""

    found: list[list[str]]
    struck: bool
    failed: str = ""


class _Copying(Faults):
    """No fault at all, but for the copies, each of which has one."""

    def __init__(self, faults: Iterable[Faulty]) -> None:
        super().__init__(Random(0))  # noqa: S311 - no chance decides here
        self.verdicts: dict[Faulty, Verdict] = {}
        self._waiting = [(fault, _alone(fault)) for fault in faults]
        self._this: Copy | None = None

    @property
    def is_copy(self) -> bool:
        return self._this is not None

    def check(self, service: str, operation: str, account: str, role: str) -> Fault | None:
        for fault, alone in list(self._waiting):
            if alone.check(service, operation, account, role) is not None and self._goes_on_with(fault):
                break
        return super().check(service, operation, account, role)

    def strike_function(self, function: str, call: int) -> None:
        for fault, alone in list(self._waiting):
            try:
                alone.strike_function(function, call)
            except FunctionEnded:
                if self._goes_on_with(fault):
                    break
        super().strike_function(function, call)

    def _goes_on_with(self, fault: Faulty) -> bool:
        """Whether this process is the copy; the one that is not goes on when it knows the copy's verdict."""
        self._waiting = [one for one in self._waiting if one[0] != fault]
        copy = Copy()
        if copy.is_this:
            self._this = copy
            self._waiting = []
            self.add(fault)
            return True
        text = copy.heard()
        self.verdicts[fault] = (
            Verdict(*json.loads(text)) if text else Verdict([], struck=True, failed="it ended mutely")
        )
        return False

    def tell(self, verdict: Verdict) -> None:
        """The end of a copy."""
        assert self._this is not None
        self._this.tell(json.dumps(verdict))


def verdicts(
    faults: Iterable[Faulty], play: Callable[[Callable[[LocalCloud], None]], list[list[str]]]
) -> dict[Faulty, Verdict]:
    """What `play(arm)` comes to with each of the faults, which wait from the moment when it calls `arm(cloud)`.

    One that never strikes has no verdict.
    """
    copying = _Copying(faults)

    def arm(cloud: LocalCloud) -> None:
        cloud.faults = copying

    with unmoved():
        try:
            verdict = Verdict(play(arm), struck=copying.unused == [])
        except BaseException:
            if not copying.is_copy:
                raise
            verdict = Verdict([], struck=True, failed=traceback.format_exc())
        if copying.is_copy:
            copying.tell(verdict)
    return copying.verdicts


def _alone(fault: Faulty) -> Faults:
    faults = Faults(Random(0))  # noqa: S311 - no chance decides here
    faults.add(fault)
    return faults
