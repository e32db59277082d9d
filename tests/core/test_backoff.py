"""How long an account that keeps ringing is left alone, and how soon that is forgotten."""

import pytest
from onramp.core.backoff import FORGOTTEN_AFTER, PATIENCE, PAUSES, STORMY, followed, follows, patience, rest


def rests(rang: int, every: float, *, runs: int, owed: bool = False) -> list[int]:
    """Seconds for which each of so many runs rests, of which one begins whenever the last one has looked and `every`
    seconds have passed since.
    """
    looks, found = 0.0, []
    for _ in range(runs):
        found.append(rest(looks))
        looks = follows(followed(looks, rang, owed=owed), every)
    return found


@pytest.mark.parametrize(
    ("rang", "owed"),
    [(STORMY, False), (100, False), (1, True), (100, True)],
)
def test_a_storm_is_looked_at_less_and_less(rang: int, *, owed: bool) -> None:
    assert rests(rang, 5, runs=7, owed=owed) == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert list(PAUSES) == sorted(PAUSES)
    assert PAUSES[:2] == (0, 0)  # who rings once while a run goes on waits for nothing
    assert PAUSES[2] >= 60  # a storm that lasts a minute is over when the third run looks


@pytest.mark.parametrize(("rang", "every"), [(1, 30), (2, 60), (STORMY, FORGOTTEN_AFTER)])
def test_single_changes_are_answered_at_once_however_many(rang: int, every: float) -> None:
    assert set(rests(rang, every, runs=100)) == {0}


def test_many_single_changes_without_a_pause_are_a_storm_too() -> None:
    assert rests(1, 6, runs=30)[-1] > 0


@pytest.mark.parametrize(("quiet", "waits"), [(-9, 240), (0, 240), (59, 240), (61, 120), (181, 60), (301, 0), (9e9, 0)])
def test_a_storm_is_forgotten_within_five_minutes_however_long_it_was(quiet: float, waits: int) -> None:
    looks = 0.0
    for _ in range(1000):
        looks = followed(looks, STORMY, owed=True)
    assert rest(follows(looks, quiet)) == waits


def test_what_an_earlier_release_counted_holds() -> None:
    assert rest(7) == PAUSES[-1]


@pytest.mark.parametrize(("looks", "seconds"), [(0.0, 0), (1.0, 0), (2.0, PATIENCE), (3.0, 120), (4.0, 240)])
def test_one_run_of_a_storm_waits_for_its_end_and_those_after_it_do_not(looks: float, seconds: float) -> None:
    assert patience(looks) == seconds >= rest(looks)
