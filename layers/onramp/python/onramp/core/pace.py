"""When to look at what Lattice makes: first when it is probably there, and then as seldom as who waits can bear.

Lattice announces nothing, each look costs transitions, and how long it takes is known from looking alone (facts 1, 9).
"""

import math
from collections.abc import Collection, Mapping
from itertools import chain

from onramp.core.model import Observation, Value

RUNGS: dict[str, tuple[int, ...]] = {
    "CreateService": (11, 31, 61, 91),
    "AssociateService": (7, 21, 41, 61),
    "AssociateVpc": (7, 21, 41, 61),
}
"""Seconds after a step at which a look may find what it made: a quick Lattice, the usual one, a slow one."""

USUAL = 1
"""Where one begins of whom nothing is known: most services are there after 31 s, most associations after 21 s."""

SLOW = 3
"""The same for an association whose service took longer than usual: Lattice is slow then in one thing as in another."""

HIGHEST = {"CreateService": USUAL, "AssociateService": SLOW, "AssociateVpc": SLOW}
"""Where a first look comes at the latest. Nobody waits longer for a service because another one took long."""

ENOUGH = 2
"""Times in a row that a first look found the thing there: the next one comes a rung earlier, to learn whether that is
enough, too. Who joins once or twice pays for no such look.
"""

NOT_AGAIN = 20
"""Times for which that is not tried any more where it did not do."""

POLL_SECONDS_AT_MOST = 30

QUICK = 0
"""Where a look comes that finds out whether Lattice is quick."""

NAP_AT_MOST = 20
"""Seconds for which a function that looked early may wait: from a quick Lattice's service to a usual one's."""

NAP_SECONDS = 5
"""Seconds between the looks of a function that waits by itself for what is not there when most are: a call or two each,
and no transition. From the next rung on the machine waits.
"""

SCOUT_AGAIN = 600
"""Seconds for which one sandbox of the function lets no other run find out whether Lattice is quick. Of a crowd on ten
of Lambda's places that is ten runs, and not two hundred.
"""

_SOON = 5
"""A rung that is so few seconds away is not looked at by itself."""


class Pace(Value, frozen=True):
    """Of one kind of step in one account: `level`, the rung of the first look; `times` that it was enough in a row,
    below 0 where an earlier one is not to be tried for so many times more.
    """

    level: int = USUAL
    times: int = 0


type Paces = Mapping[str, Pace]
"""Kind of step -> its pace; what is not in it was never looked for."""


def first_looks(known: Paces, *, slow: bool, scouts: bool = False) -> dict[str, int]:
    """Kind of step -> seconds to leave it alone. `slow`: a service of this run took longer than usual. `scouts`: this
    run finds out whether Lattice is quick, where nothing is known of it; who was quick with a service is taken to be so
    with its association.
    """
    service = known.get("CreateService")
    quick = {"CreateService"} if scouts else set()
    quick |= {"AssociateService"} if service is not None and service.level == QUICK else set()
    return {kind: RUNGS[kind][_level(kind, known.get(kind), slow=slow, quick=kind in quick)] for kind in RUNGS}


def _level(kind: str, pace: Pace | None, *, slow: bool, quick: bool) -> int:
    if pace is None:
        return HIGHEST[kind] if slow else QUICK if quick else USUAL
    level = pace.level
    if pace.times >= ENOUGH:
        level = USUAL if level > USUAL else max(level - 1, 0)
    return level if slow else min(level, USUAL)


def learned(known: Paces, waited: int, kinds: Collection[str], on_the_way: Collection[str]) -> dict[str, Pace]:
    """The paces after the first look, `waited` seconds after steps of these `kinds`. Of a kind that was waited for
    longer than it asks for, beside another, nothing is learned.
    """
    found = dict(known)
    for kind in kinds:
        if waited in RUNGS.get(kind, ()):
            level = RUNGS[kind].index(waited)
            found[kind] = _after(known.get(kind, Pace(level=level)), level, HIGHEST[kind], done=kind not in on_the_way)
    return found


def _after(pace: Pace, level: int, highest: int, *, done: bool) -> Pace:
    if done:
        return Pace(level=level, times=pace.times + 1 if level == pace.level else 1)
    if level < pace.level:
        return Pace(level=pace.level, times=-NOT_AGAIN)
    return Pace(level=min(level + 1, highest))


def on_the_way(observed: Observation) -> frozenset[str]:
    """Kinds of steps of which something is still being made."""
    services = [one for one in observed.services if one.owned]
    there = chain(
        (("CreateService", one.status) for one in services),
        (("AssociateService", joined.status) for one in services for joined in one.associations if joined.owned),
        (("AssociateVpc", joined.status) for joined in observed.vpc_associations if joined.owned),
    )
    return frozenset(kind for kind, status in there if status == "CREATE_IN_PROGRESS")


def is_slow(begun: Mapping[str, float], kinds: Collection[str], now: float) -> bool:
    """Is a service, begun by this run, not there when most are? `begun`: kind -> epoch seconds; `kinds`: on the way."""
    kind = "CreateService"
    return kind in kinds and now - begun.get(kind, now) >= RUNGS[kind][USUAL]


def next_look(begun: Mapping[str, float], kinds: Collection[str], now: float) -> int:
    """Seconds to the next look at what these `kinds` of steps began; 0 where none was begun by this run.

    `begun`: kind -> epoch seconds.
    """
    return min((_next(kind, now - begun[kind]) for kind in kinds if kind in begun), default=0)


def nap(begun: Mapping[str, float], kinds: Collection[str], now: float) -> int:
    """Seconds after which a function that waits by itself looks again at what these `kinds` of steps began; 0 where the
    machine waits.
    """
    return min((_nap(kind, now - begun[kind]) for kind in kinds if kind in begun), default=0)


def is_late(begun: Mapping[str, float], kinds: Collection[str], now: float) -> bool:
    """Is something of these `kinds` not there when most are?"""
    return any(now - begun[kind] >= RUNGS[kind][USUAL] for kind in kinds if kind in begun)


def _nap(kind: str, passed: float) -> int:
    usual, slower = RUNGS[kind][USUAL : USUAL + 2]
    seconds = NAP_SECONDS if passed >= usual else math.ceil(usual - passed)
    return seconds if passed + seconds <= slower and seconds <= NAP_AT_MOST else 0


def _next(kind: str, passed: float) -> int:
    rung = next((one for one in RUNGS[kind] if one >= passed + _SOON), 0)
    return int(rung - passed) if rung else POLL_SECONDS_AT_MOST
