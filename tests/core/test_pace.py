"""When what Lattice makes is looked at: first, again, and after what an account has learned."""

import pytest
from model_world import TEAM, arn
from msgspec.structs import replace
from onramp.core.model import Association, Observation, Service, VpcAssociation
from onramp.core.pace import (
    ENOUGH,
    NOT_AGAIN,
    SLOW,
    USUAL,
    Pace,
    first_looks,
    is_late,
    is_slow,
    learned,
    nap,
    next_look,
    on_the_way,
)

SERVICE, JOINED, CLIENT = "CreateService", "AssociateService", "AssociateVpc"
LEARNED = Pace(times=ENOUGH)


@pytest.mark.parametrize(
    ("pace", "slow", "service", "association"),
    [
        (None, False, 31, 21),
        (None, True, 31, 61),
        (Pace(times=ENOUGH - 1), False, 31, 21),
        (LEARNED, False, 11, 7),
        (LEARNED, True, 11, 7),
        (Pace(level=0, times=9), False, 11, 7),
        (Pace(times=-NOT_AGAIN), False, 31, 21),
    ],
)
def test_the_first_look_comes_when_it_was_enough_before(
    pace: Pace | None, slow: bool, service: int, association: int
) -> None:
    looks = first_looks({} if pace is None else {SERVICE: pace, JOINED: pace, CLIENT: pace}, slow=slow)
    assert looks == {SERVICE: service, JOINED: association, CLIENT: association}


@pytest.mark.parametrize(
    ("pace", "slow", "seconds"),
    [
        (Pace(level=2), True, 41),
        (Pace(level=SLOW), True, 61),
        (Pace(level=SLOW), False, 21),
        (Pace(level=SLOW, times=ENOUGH), True, 21),
    ],
)
def test_an_association_is_left_alone_for_long_only_where_its_service_was_slow(
    pace: Pace, slow: bool, seconds: int
) -> None:
    assert first_looks({JOINED: pace}, slow=slow)[JOINED] == seconds


@pytest.mark.parametrize(
    ("known", "slow", "scouts", "service", "association"),
    [
        ({}, False, True, 11, 21),
        ({}, True, True, 31, 61),
        ({SERVICE: Pace()}, False, True, 31, 21),
        ({SERVICE: Pace(level=0, times=1)}, False, True, 11, 7),
        ({SERVICE: Pace(level=0, times=1)}, False, False, 11, 7),
        ({SERVICE: Pace(level=0, times=1), JOINED: Pace()}, False, True, 11, 21),
        ({SERVICE: Pace(level=0, times=1)}, True, False, 11, 61),
    ],
)
def test_who_finds_out_whether_lattice_is_quick_looks_early_and_takes_the_service_for_the_association(
    known: dict[str, Pace], slow: bool, scouts: bool, service: int, association: int
) -> None:
    looks = first_looks(known, slow=slow, scouts=scouts)
    assert looks == {SERVICE: service, JOINED: association, CLIENT: 61 if slow else 21}


@pytest.mark.parametrize(
    ("kind", "before", "waited", "there", "after"),
    [
        (SERVICE, None, 31, True, Pace(times=1)),
        (SERVICE, Pace(times=1), 31, True, LEARNED),
        (SERVICE, LEARNED, 11, True, Pace(level=0, times=1)),
        (SERVICE, LEARNED, 11, False, Pace(times=-NOT_AGAIN)),
        (SERVICE, Pace(times=-NOT_AGAIN), 31, True, Pace(times=1 - NOT_AGAIN)),
        (SERVICE, None, 31, False, Pace(level=USUAL)),
        (SERVICE, Pace(level=0, times=5), 11, False, Pace(level=USUAL)),
        (JOINED, None, 21, False, Pace(level=2)),
        (JOINED, None, 61, True, Pace(level=SLOW, times=1)),
        (JOINED, None, 61, False, Pace(level=SLOW)),
        (JOINED, Pace(level=SLOW), 21, True, Pace(times=1)),
        (JOINED, LEARNED, 31, True, LEARNED),
        ("CreateListener", None, 31, True, None),
    ],
)
def test_a_first_look_teaches_the_next_one(
    kind: str, before: Pace | None, waited: int, there: bool, after: Pace | None
) -> None:
    known = {} if before is None else {kind: before}
    assert learned(known, waited, {kind}, set() if there else {kind}).get(kind) == after


def test_a_quick_lattice_is_found_out_after_two_services_and_a_usual_one_asked_once_in_twenty_times() -> None:
    for takes, few in ((10, 11), (30, 31)):
        known: dict[str, Pace] = {}
        waits = []
        for _ in range(ENOUGH + NOT_AGAIN):
            waits.append(first_looks(known, slow=False)[SERVICE])
            known = learned(known, waits[-1], {SERVICE}, {SERVICE} if takes > waits[-1] else set())
        assert waits[:2] == [31, 31]
        assert waits[2] == 11
        assert set(waits[3:]) == {few}


@pytest.mark.parametrize(
    ("passed", "kinds", "seconds"),
    [
        (31, {SERVICE}, 30),
        (33.5, {SERVICE}, 27),
        (57, {SERVICE}, 34),
        (61, {SERVICE}, 30),
        (91, {SERVICE}, 30),
        (500, {SERVICE}, 30),
        (21, {JOINED}, 20),
        (7, {CLIENT}, 14),
        (31, {SERVICE, JOINED}, 10),
        (31, {"CreateListener"}, 0),
        (31, set(), 0),
    ],
)
def test_it_looks_again_when_the_slower_are_done(passed: float, kinds: set[str], seconds: int) -> None:
    assert next_look({SERVICE: 100.0, JOINED: 100.0, CLIENT: 100.0}, kinds, 100.0 + passed) == seconds


@pytest.mark.parametrize(
    ("passed", "kinds", "seconds", "late"),
    [
        (11, {SERVICE}, 20, False),
        (10, {SERVICE}, 0, False),
        (30.5, {SERVICE}, 1, False),
        (31, {SERVICE}, 5, True),
        (56, {SERVICE}, 5, True),
        (57, {SERVICE}, 0, True),
        (7, {JOINED}, 14, False),
        (21, {JOINED}, 5, True),
        (36.5, {JOINED}, 0, True),
        (31, {SERVICE, JOINED}, 5, True),
        (41, {SERVICE, JOINED}, 0, True),
        (31, {"CreateListener"}, 0, False),
        (31, set(), 0, False),
    ],
)
def test_a_function_waits_by_itself_until_most_are_there_and_a_while_after(
    passed: float, kinds: set[str], seconds: int, late: bool
) -> None:
    begun = {SERVICE: 100.0, JOINED: 100.0, CLIENT: 100.0}
    assert nap(begun, kinds, 100.0 + passed) == seconds
    assert is_late(begun, kinds, 100.0 + passed) is late


def test_what_others_began_has_no_time_to_be_looked_at() -> None:
    assert next_look({}, {SERVICE}, 100.0) == 0
    assert not is_slow({}, {SERVICE}, 100.0)


@pytest.mark.parametrize(
    ("passed", "kinds", "slow"), [(11, {SERVICE}, False), (31, {SERVICE}, True), (31, {JOINED}, False)]
)
def test_a_run_is_slow_whose_service_is_not_there_when_most_are(passed: float, kinds: set[str], slow: bool) -> None:
    assert is_slow({SERVICE: 100.0}, kinds, 100.0 + passed) is slow


def test_what_is_on_its_way_is_what_of_ours_is_being_made() -> None:
    made = Service(arn=arn("service", "svc-1"), name="orders", status="CREATE_IN_PROGRESS", owned=True)
    joined = Association(arn="a", network="n", status="CREATE_IN_PROGRESS", owned=True)
    vpc = VpcAssociation(arn="v", vpc="vpc-1", network="n", status="CREATE_IN_PROGRESS", owned=True)
    assert on_the_way(Observation(account=TEAM)) == frozenset()
    assert on_the_way(Observation(account=TEAM, services=(made,), vpc_associations=(vpc,))) == {SERVICE, CLIENT}
    active = replace(made, status="ACTIVE", associations=(joined,))
    assert on_the_way(Observation(account=TEAM, services=(active,))) == {JOINED}
    gone = replace(active, associations=(replace(joined, status="DELETE_IN_PROGRESS"),))
    others = replace(made, owned=False)
    theirs = replace(vpc, owned=False)
    assert on_the_way(Observation(account=TEAM, services=(gone, others), vpc_associations=(theirs,))) == frozenset()
