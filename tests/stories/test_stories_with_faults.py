"""Whatever goes wrong once, the walk-through comes to the same worlds: connected, and as at the start.

Every call that reads is, in turn, throttled for longer than the SDK retries; every call that changes something loses
its answer after it took effect; and every function ends, in turn, after each number of calls.
"""

import os
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault, FunctionFault
from localcloud.ground.journal import CallRecord, ExecutionRecord, InvocationRecord
from localcloud.services.lattice import Timing
from replay.standing import left_over, stand
from replay.story import Do
from tests.kept import kept
from tests.stories.copies import Faulty, Verdict, verdicts
from tests.stories.staged import DEEDS, STORY, deployed

CONNECTED = 2  # after so many deeds both sides have joined

TIMES = os.environ.get("LATTICE_SECONDS", "")
"""How long Lattice takes for a service and for an association, as 60/60; its usual times where nothing is said."""

type Came = dict[Faulty, Verdict]


def played(arm: Callable[[LocalCloud], None] = lambda _: None) -> tuple[list[str], list[str], LocalCloud]:
    """What is there beyond the start once both sides joined, and at the end; ids are left out."""
    with deployed(KeepSeconds="0") as cloud:  # nothing is kept, so that the end is near
        slowed(cloud)
        accounts = [account.id for account in STORY.world.accounts]
        start = stand(cloud, accounts)
        arm(cloud)
        for deed in DEEDS[:CONNECTED]:
            call(cloud, deed)
        connected = left_over(start, stand(cloud, accounts))
        for deed in DEEDS[CONNECTED:]:
            call(cloud, deed)
        end = left_over(start, stand(cloud, accounts))
    return [re.sub(r"-[a-z0-9]{17}\.", "-ID.", line) for line in connected], end, cloud


def slowed(cloud: LocalCloud) -> None:
    if TIMES:
        service, association = (float(seconds) for seconds in TIMES.split("/"))
        cloud.lattice.timing = Timing(
            service_create=service, service_association_create=association, vpc_association_create=association
        )


def call(cloud: LocalCloud, deed: Do) -> None:
    begin(cloud, deed)
    cloud.settle()


def begin(cloud: LocalCloud, deed: Do) -> None:
    service, _, method = deed.call.partition(".")
    getattr(cloud.client(service, deed.account), method)(**deed.with_)


class Undisturbed(NamedTuple):
    """What is there once both sides joined, and at the end; what the product calls; and how much a function calls.

    `calls`: changing or not, service, operation, role. `busiest`: how many calls a function makes at the most.
    """

    connected: list[str]
    end: list[str]
    calls: set[tuple[bool, str, str, str]]
    busiest: dict[str, int]


@cache
def undisturbed() -> Undisturbed:
    return kept(Undisturbed, f"undisturbed {TIMES}", watched)


def watched() -> Undisturbed:
    """The play, in which nothing goes wrong."""
    connected, end, cloud = played()
    calls: set[tuple[bool, str, str, str]] = set()
    most: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for record in cloud.journal:
        if isinstance(record, CallRecord) and record.function:
            calls.add((record.mutating, record.service, record.operation, record.role))
            made[record.function] += 1
        elif isinstance(record, InvocationRecord):
            most[record.function] = max(most[record.function], made.pop(record.function, 0))
    return Undisturbed(connected, end, calls, most)


def operations(*, changing: bool) -> list[tuple[str, str, str]]:
    """Every call of the product that changes something, or that reads: service, operation, role."""
    calls = undisturbed().calls
    return sorted((service, operation, role) for changes, service, operation, role in calls if changes is changing)


def ends() -> list[FunctionFault]:
    """Every function, and each number of calls after which it can end in its busiest invocation."""
    return [
        FunctionFault(function, "die", calls)
        for function, busiest in sorted(undisturbed().busiest.items())
        for calls in range(busiest + 1)
    ]


LOST = [Fault("lost", service, operation, role=role) for service, operation, role in operations(changing=True)]
THROTTLED = [
    Fault("throttle", service, operation, role=role, times=8) for service, operation, role in operations(changing=False)
]
UNSTARTED: list[Fault] = [Fault(kind, "stepfunctions", "StartExecution", times=8) for kind in ("throttle", "500")]


def label(fault: Faulty) -> str:
    if isinstance(fault, FunctionFault):
        words = [fault.function, fault.at_call]
    else:
        words = [fault.service, fault.operation, fault.role]
    return "-".join(str(word).removeprefix("onramp-adways-vpc-lattice-network-") for word in words)


@pytest.fixture(scope="module")
def came(request: pytest.FixtureRequest) -> Came:
    """What came of each fault that a test asks for which was chosen."""
    asked: list[Any] = [item for item in request.session.items if item.path == request.path]
    faults = [item.callspec.params["fault"] for item in asked if "came" in item.fixturenames]
    return verdicts(faults, lambda arm: list(played(arm)[:2]))


def check(came: Came, fault: Faulty) -> None:
    assert fault in came, "it never struck"
    assert came[fault].failed == ""
    connected, end = came[fault].found
    assert connected == undisturbed().connected
    assert end == []
    assert came[fault].struck


def test_undisturbed_both_sides_are_connected_and_nothing_is_left_over() -> None:
    found = watched()
    assert found.connected
    assert found.end == []
    assert found == undisturbed(), "what is tried is what a play does"


@pytest.mark.parametrize("fault", LOST, ids=label)
def test_a_lost_answer_makes_no_second_object_and_loses_none(came: Came, fault: Fault) -> None:
    check(came, fault)


@pytest.mark.parametrize("fault", THROTTLED, ids=label)
def test_throttled_for_longer_than_the_sdk_retries_it_is_done_later(came: Came, fault: Fault) -> None:
    check(came, fault)


@pytest.mark.parametrize("fault", ends(), ids=label)
def test_a_function_may_end_at_any_call(came: Came, fault: FunctionFault) -> None:
    check(came, fault)


def test_a_start_that_is_never_answered_keeps_its_account_so_that_no_second_run_joins_it() -> None:
    with deployed() as cloud:
        cloud.faults.add(Fault("lost", "stepfunctions", "StartExecution", times=5))  # as often as the SDK tries
        begin(cloud, DEEDS[1])
        cloud.clock.advance(20)
        [balancer] = DEEDS[1].with_["ResourceArns"]
        weight = [{"Key": "lattice:weight", "Value": "100"}]
        cloud.client("elbv2", DEEDS[1].account).add_tags(ResourceArns=[balancer], Tags=weight)
        cloud.clock.advance(20)
        states = [record.status for record in cloud.journal.of(ExecutionRecord)]
        cloud.settle()
    assert cloud.faults.unused == []
    assert states == ["RUNNING"]


@pytest.mark.parametrize("fault", UNSTARTED, ids=lambda fault: fault.kind)
def test_a_run_that_cannot_start_for_a_while_starts_when_its_event_comes_again(came: Came, fault: Fault) -> None:
    check(came, fault)
