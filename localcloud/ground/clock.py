"""Simulated time: what is due, in order. Nothing here sleeps."""

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple


def utc(epoch: float) -> datetime:
    """A moment of the clock as a date."""
    return datetime.fromtimestamp(epoch, UTC)


class Due(NamedTuple):
    """A thing that will happen: `at` epoch seconds, `order` among those at one instant, `what` for people."""

    at: float
    order: int
    what: str
    act: Callable[[], None]
    background: bool


class Clock:
    """A clock that moves only when it is told to.

    `now` is epoch seconds. Background things (an hourly schedule, an invitation's expiry) happen when time
    passes them, but nobody waits for them: `idle` is true when nothing else is due.
    """

    def __init__(self, start: float) -> None:
        self.now = start
        self._due: list[Due] = []
        self._order = itertools.count()
        self._on_move: list[Callable[[float], None]] = []

    def on_move(self, hear: Callable[[float], None]) -> None:
        """Call `hear(now)` whenever the clock moves (the gate keeps Python's own clock in step with it)."""
        self._on_move.append(hear)

    def after(
        self, seconds: float, act: Callable[[], None], what: str, *, background: bool = False
    ) -> Callable[[], None]:
        """Let `act` happen in `seconds`; answers a function that calls it off."""
        due = Due(self.now + max(seconds, 0.0), next(self._order), what, act, background)
        heapq.heappush(self._due, due)

        def call_off() -> None:
            if due in self._due:
                self._due.remove(due)
                heapq.heapify(self._due)

        return call_off

    @property
    def idle(self) -> bool:
        """Nothing is due but background things."""
        return all(due.background for due in self._due)

    def next_due(self) -> Due | None:
        """The next thing that will happen, or None."""
        return self._due[0] if self._due else None

    def step(self) -> Due | None:
        """Move to the next due thing and let it happen; answers it, or None when nothing is due."""
        if not self._due:
            return None
        due = heapq.heappop(self._due)
        self._move(due.at)
        due.act()
        return due

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, and all that falls due in them happen in order."""
        end = self.now + seconds
        while self._due and self._due[0].at <= end:
            self.step()
        self._move(end)

    def settle(self, limit: float = 6 * 3600.0) -> None:
        """Step until only background things are due; RuntimeError if `limit` simulated seconds do not do."""
        end = self.now + limit
        while not self.idle:
            if self._due[0].at > end:
                waiting = ", ".join(sorted({due.what for due in self._due if not due.background}))
                raise RuntimeError(f"not settled after {limit:.0f} simulated seconds; still due: {waiting}")
            self.step()

    def _move(self, to: float) -> None:
        if to > self.now:
            self.now = to
            for hear in self._on_move:
                hear(to)
