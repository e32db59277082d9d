"""Count how many calls lie one after another where a look reads many at once: the same pool, played by hand, in which
each call takes as long as any other. No machine's clock is in it.
"""

import heapq
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from unittest import mock

from onramp.aws.at_once import AT_ONCE

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, Record


class Waves:
    """Of what looks read, the run's own books not counted. `made`: calls; `passed`: those of them that lie one after
    another.
    """

    def __init__(self) -> None:
        self.made = self.passed = 0
        self._free: dict[int, list[int]] = {}

    def hear(self, record: Record) -> None:
        if isinstance(record, CallRecord) and record.function.endswith("-plan") and record.service != "dynamodb":
            self.made += 1
            self.passed += 1

    def submit[B](self, pool: ThreadPoolExecutor, do: Callable[..., B], *given: object) -> Future[B]:
        """At once, as if by whoever of the pool is free first."""
        free = self._free.setdefault(id(pool), [self.passed] * AT_ONCE)
        self.passed = heapq.heappop(free)
        done: Future[B] = Future()
        try:
            done.set_result(do(*given))
        except Exception as error:
            done.set_exception(error)
        heapq.heappush(free, self.passed)
        return done

    def shutdown(self, pool: ThreadPoolExecutor, *_: object, **__: object) -> None:
        """All are waited for."""
        self.passed = max(self._free.pop(id(pool), [self.passed]))


@contextmanager
def counting(cloud: LocalCloud) -> Iterator[Waves]:
    """What functions read at once meanwhile is read one by one, and counted as if it were not."""
    waves = Waves()
    cloud.journal.hear(waves.hear)
    with (
        mock.patch.object(ThreadPoolExecutor, "submit", lambda pool, *given: waves.submit(pool, *given)),
        mock.patch.object(ThreadPoolExecutor, "shutdown", lambda pool, **how: waves.shutdown(pool, **how)),
    ):
        yield waves
