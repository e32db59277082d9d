"""A thousand random histories: what works goes on working, a name stays, and what is told is so."""

import functools
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
from histories import EXCEPTIONS, History, played, problems, some_history, told
from model_world import World
from onramp.core.desired import Desired, desired
from onramp.core.inventory import Status
from onramp.core.model import Observation
from onramp.core.steps import AnyStep

STEPS = {kind.__name__ for kind in get_args(AnyStep.__value__)}
PAGE = Path(__file__).parents[2] / "docs/exceptions.md"
ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| [^|]+ \| ([^|]+?) \| [^|]+ \|$", re.MULTILINE)
STATUSES = set(get_args(Status.__value__))


class Outcome(NamedTuple):
    problems: list[str]
    kinds: frozenset[str]
    verdicts: frozenset[str]


@functools.cache
def outcome(seed: int) -> Outcome:
    """Of this seed's history, which is played once for all that is asked of it."""
    player = played(some_history(seed))
    return Outcome(player.problems, frozenset(player.kinds), frozenset(player.verdicts))


@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_no_request_that_worked_and_works_fails_in_between_and_no_name_changes(first: int) -> None:
    """`make histories N=20000` plays more. A failure prints its seed and the least history that fails alike."""
    failed = [seed for seed in range(first, first + 100) if outcome(seed).problems]
    assert not failed, "\n".join([f"{len(failed)} of 100: {failed}", *(told(seed) for seed in failed[:3])])


def test_histories_come_to_every_step_and_every_status() -> None:
    steps: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for seed in range(1000):
        steps.update(outcome(seed).kinds)
        statuses.update(outcome(seed).verdicts)
    assert {kind: steps[kind] for kind in STEPS if steps[kind] < 3} == {}
    assert {status: statuses[status] for status in STATUSES if statuses[status] < 3} == {}


def test_what_a_look_is_taken_to_ask_for_is_what_its_observation_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, looks = World._looked, 0

    def looked_twice(world: World) -> tuple[Observation, Desired]:
        nonlocal looks
        looks += 1
        seen, want = looked(world)
        assert want == desired(world.network, seen)
        return seen, want

    monkeypatch.setattr(World, "_looked", looked_twice)
    assert [seed for seed in range(1000, 1003) if problems(some_history(seed))] == []
    assert looks > 100


def test_a_history_is_a_value() -> None:
    assert some_history(7) == some_history(7)
    assert problems(some_history(7)) == problems(some_history(7))
    assert isinstance(some_history(7), History)


def test_who_waits_in_a_siblings_network_for_what_a_refused_tag_keeps_stays_behind_the_old_service() -> None:
    """Seed 67,073: no time ends that, so a history that ends so has met all it can."""
    history = History(
        seed=67073,
        acts=(
            ("create", "alb-a", ("HTTP:80",), {"network": "net", "service": "shop"}, "active"),
            ("create", "alb-b", ("HTTP:80",), {"network": "net"}, "active"),
            ("ring",),
            ("retag", "alb-b", {"network": "sibling", "service": "shop", "target": "HTTP:8081"}),
            ("ready", "alb-b", ("HTTP:8080", "HTTP:8081")),
            ("retag", "alb-a", {"network": "nett"}),
        ),
    )
    player = played(history)
    assert player.problems == []
    assert {state.name: state.status for state in player.world.memory.services} == {
        "shop": "refused",
        "alb-b": "disconnecting",
    }


def test_what_no_history_is_held_to_stands_on_one_page_with_its_time() -> None:
    rows = {name: time for name, time in ROW.findall(PAGE.read_text()) if name not in {"exception", "---"}}
    assert set(rows) == set(EXCEPTIONS)
    assert all(re.search(r"\d+ s|until", time) for time in rows.values())
