"""An execution, its branches, and what a branch waits for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.ground.paths import Json
from localcloud.services.states.asl.errors import StatesError

MAX_HISTORY = 25_000  # events in one execution (facts 20)
MAX_PAYLOAD = 256 * 1024  # bytes between states
MAX_EVENT_PAYLOAD = 248 * 1024  # bytes of input or output in a status-change event (facts 2.7)
NAME_KEPT = 90 * 86_400.0  # seconds after which a closed execution is forgotten and its name free again
type Steps = Generator[Pause, None, Json]


class Pause:
    """What a running branch waits for; `done` lets it go on."""

    def __init__(self) -> None:
        self.is_over = False
        self._go_on: list[Callable[[], None]] = []

    def then(self, go_on: Callable[[], None]) -> None:
        if self.is_over:
            go_on()
        else:
            self._go_on.append(go_on)

    def done(self) -> None:
        self.is_over = True
        waiting, self._go_on = self._go_on, []
        for go_on in waiting:
            go_on()


class Branch:
    """One line of states that runs by itself: the whole machine, a branch of a Parallel, an item of a Map."""

    def __init__(self, steps: Steps, over: Callable[[Branch], None]) -> None:
        self.result: Json = None
        self.error: StatesError | None = None
        self._steps = steps
        self._over = over
        self._stopped = False

    def go_on(self) -> None:
        if self._stopped:
            return
        try:
            pause = next(self._steps)
        except StopIteration as end:
            self.result = end.value
        except StatesError as error:
            self.error = error
        else:
            pause.then(self.go_on)
            return
        self._over(self)

    def stop(self) -> None:
        self._stopped = True


@dataclass
class Execution:
    """One execution. `started` and `stopped` are epoch seconds; `stopped` is None while it runs."""

    arn: str
    name: str
    machine: str
    account: str
    role: str
    definition: Mapping[str, Any]
    input: str
    started: float
    status: str = "RUNNING"
    stopped: float | None = None
    output: str | None = None
    error: str = ""
    cause: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    timers: list[Callable[[], None]] = field(default_factory=list)
