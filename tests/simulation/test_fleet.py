"""A small fleet played as the large one is: all are connected, nothing is lost, and what binds is AWS's own data."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from replay.story import ROOT
from tests.simulation.fleet import Came, Fleet, Scene
from tests.simulation.limits import Rate, exceeded, limits, quotas
from tests.simulation.page import PAGE, page, quotas_table, shortfalls

KNOWN, OWN = quotas(), limits()
A_QUARTER = 900.0


def played(kind: Any, accounts: int, **given: Any) -> Came:
    return Fleet(Scene(kind, accounts, **given), KNOWN, OWN).run()


@pytest.fixture(scope="module")
def crowded() -> Came:
    """200 accounts that are tagged in one minute, on the concurrency of a new account."""
    return played("storm", 200, services=1, concurrency=10)


def test_two_hundred_accounts_are_connected_within_a_quarter_of_an_hour_on_ten_places(crowded: Came) -> None:
    assert crowded.connected == crowded.asked == 200
    assert crowded.took[2] <= A_QUARTER
    assert (crowded.failed, crowded.lost) == (0, 0)
    assert crowded.busiest == 10
    assert crowded.waited["concurrency"] > 0


def test_room_makes_it_quicker(crowded: Came) -> None:
    roomy = played("storm", 200, services=1)
    assert roomy.connected == 200
    assert roomy.waited == {}
    assert max(roomy.took) < crowded.took[1]


def test_the_same_scene_comes_out_the_same_and_another_seed_otherwise() -> None:
    first, again, other = (played("storm", 10, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.took != other.took


def test_a_load_balancer_that_is_tagged_during_a_run_has_the_next_one() -> None:
    came = played("storm", 3, services=40)
    assert came.connected == 120
    assert came.runs >= 3


def test_at_rest_a_sweep_is_one_look_and_a_report() -> None:
    came = played("rest", 40)
    assert (came.asked, came.failed, came.lost) == (0, 0, 0)
    assert came.runs == 40 * came.scene.hours
    assert came.transitions == 3 * came.runs
    assert came.broken(OWN) == []


def test_a_rate_that_is_used_up_is_waited_for_and_loses_nothing() -> None:
    slow = replace(KNOWN, rate={**KNOWN.rate, "starts": Rate(rate=0.1, burst=1, of="one start in ten seconds")})
    scene = Scene("storm", 12, services=1)
    came = Fleet(scene, slow, OWN).run()
    assert came.connected == 12
    assert came.waited["starts"] >= 10
    assert came.took[2] > played("storm", 12, services=1).took[2]


def test_messages_that_find_no_place_too_often_are_lost_and_said_to_be() -> None:
    """Once is too often here: the template's own limit is not met by any fleet that can be played."""
    came = Fleet(Scene("storm", 60, services=1, concurrency=1), KNOWN, replace(OWN, receives=1, visibility=3.0)).run()
    assert came.lost > 0
    assert came.connected < came.asked
    assert came.broken(OWN)[0] == "events in the dead letters"


def test_what_a_fleet_is_too_large_for_is_told_the_tightest_first() -> None:
    assert exceeded(KNOWN, accounts=50, services_an_account=10) == []
    codes = [one.code for one in exceeded(KNOWN, accounts=1000, services_an_account=10)]
    assert codes[0] == "L-75D4A19E"
    assert "L-EF6E2D62" in codes
    assert len(shortfalls(KNOWN, 1000, 10)) == len(codes)


def test_quotas_are_those_of_the_limits_page() -> None:
    stated = (ROOT / "docs/limits.md").read_text()
    for one in KNOWN.count.values():
        if one.code:
            assert re.search(rf"\| {one.most:,} \| {one.code} \|", stated), one.of
    assert "StartExecution 800 burst and 150/s" in stated or "800 at once, 150 a second" in stated


def test_the_page_has_the_quotas_as_they_are(crowded: Came) -> None:
    text = PAGE.read_text()
    assert quotas_table(KNOWN, 10) in text, "`make simulate` writes it anew"
    small = page([crowded], KNOWN, OWN)
    headings = re.compile(r"^#.*$", re.MULTILINE)
    assert headings.findall(small) == headings.findall(text)
    assert "With 10 of Lambda's concurrent executions, from 200 accounts in a storm" in small
