"""What the product's runs cost stays within what was asked for; the layer has what its calls need."""

import ast
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from layers.onramp import cut, lock, operations
from tests.bench import cost, memory, performance
from tests.bench.recording import Recorder, recorder
from tests.bench.replays import (
    HUGE,
    IN_ZONES,
    NO_LIMIT,
    OWNED,
    SAID,
    Measured,
    Waited,
    grew,
    grown_still,
    kept,
    one_more,
    replays,
    waits,
)

ROOT = Path(__file__).parents[1]

type Bench = tuple[list[Measured], Recorder]


@pytest.fixture(scope="module")
def bench() -> Bench:
    with recorder() as heard:
        return replays(heard.hear), heard


@pytest.fixture(scope="module")
def measured(bench: Bench) -> list[Measured]:
    return bench[0]


@pytest.fixture(scope="module")
def waited() -> list[Waited]:
    return waits()


def test_no_trigger_costs_more_than_was_asked_for(measured: list[Measured]) -> None:
    assert [text for it in measured for text in it.over] == []


def test_everything_with_a_limit_was_measured(measured: list[Measured]) -> None:
    limited = {it.what.partition(" (")[0]: it for it in measured if it.limits != NO_LIMIT}
    assert set(limited) == {
        "one client VPC joins",
        "one service joins, with an invitation",
        "one service joins, in an organisation",
        "a second service of one account joins",
        "nothing changes: the same tag event again",
        "nothing changes: a sweep",
        "one service leaves",
        "one client VPC leaves",
        "20 services of one account join at once",
        "200 services of one account join at once",
        "nothing changes for 20 services of one account: the same tag event again",
        "one more service beside 20 services of one account",
        "one service too many beside 20 services of one account, each hour",
        "nothing changes for 200 services of one account: the same tag event again",
        "one more service beside 200 services of one account",
        "an event that is noise",
        *(f"{what} is asked for" for what in SAID),
        *(f"{what} is there: an event" for what in SAID),
        *IN_ZONES,
        *OWNED,
    }
    # What was measured did happen: a run each, but none for noise, and one more for what rings by itself.
    others = {"an event that is noise": 0, "who may call is asked for": 2}
    # Accounts are told of each other's zones, and look.
    others |= dict(zip(IN_ZONES, (5, 1, 3), strict=True))
    assert {what: it.runs for what, it in limited.items()} == {what: others.get(what, 1) for what in limited}


def test_what_else_tags_can_say_changes_what_it_has_to_and_costs_each_look_that_alone(measured: list[Measured]) -> None:
    plain = next(it.calls for it in measured if it.what == "nothing changes: the same tag event again")
    for what, said in SAID.items():
        [asked] = [it for it in measured if it.what == f"{what} is asked for"]
        [there] = [it for it in measured if it.what == f"{what} is there: an event"]
        assert (asked.changing > 0) is said.changes, what
        assert plain < there.calls == said.looks, what


def test_what_was_counted_of_a_huge_account_is_what_the_bench_counts_and_keeps_its_limits() -> None:
    found = kept()
    assert [it.what for it in found] == [
        "1000 services of one account join at once",
        "nothing changes for 1000 services of one account: the same tag event again",
        "one more service beside 1000 services of one account",
    ]
    assert [text for it in found for text in it.over] == []
    assert [it.limits for it in found] == [grew(HUGE), grown_still(HUGE), one_more(HUGE)]


def test_what_joins_or_leaves_changes_something(measured: list[Measured]) -> None:
    assert all(it.changing > 0 for it in measured if {"join", "joins", "leaves"} & set(it.what.split()))


def test_a_sweep_after_an_hour_assumes_its_role_anew(measured: list[Measured]) -> None:
    (swept,) = (it for it in measured if "a sweep" in it.what)
    assert swept.by_operation["sts:AssumeRole"] == 1


def test_each_call_of_a_sweep_is_named_with_what_it_alone_tells(measured: list[Measured]) -> None:
    (swept,) = (it for it in measured if "a sweep" in it.what)
    assert set(swept.by_operation) == set(performance.ALONE)


def test_who_leaves_costs_no_more_than_who_joins(measured: list[Measured]) -> None:
    found = {it.what: it for it in measured}
    service, client = found["one service leaves"], found["one client VPC leaves"]
    assert service.calls <= found["one service joins, in an organisation"].calls
    assert client.calls <= found["one client VPC joins"].calls


def test_calls_are_reads_changes_and_books(measured: list[Measured]) -> None:
    assert all(
        it.calls == it.reading + it.changing + it.bookkeeping == sum(it.by_operation.values()) for it in measured
    )


def test_who_waits_is_told_soon_after_lattice_is_done_and_costs_few_transitions(waited: list[Waited]) -> None:
    asked = [(30, 20, 0), (60, 60, 0), (90, 60, 0), (10, 5, 0), (10, 5, 2), (45, 15, 0), (32, 22, 0), (120, 90, 0)]
    assert [(it.service, it.association, it.earlier) for it in waited] == asked
    for it in waited:
        assert it.ratio <= (it.ratio_at_most or it.ratio), it
        assert it.transitions <= (it.transitions_at_most or it.transitions), it
    assert all(it.ratio_at_most or it.transitions_at_most for it in waited)


def test_the_pages_have_what_was_counted(measured: list[Measured], waited: list[Waited]) -> None:
    hint = "`make pages` writes them anew"
    assert cost.PAGE.read_text() == cost.page(measured), hint
    assert performance.PAGE.read_text() == performance.page(measured, waited), hint


def test_nothing_is_done_with_less_than_is_needed_and_joining_with_little_more(measured: list[Measured]) -> None:
    for it in measured:
        least = performance.least(it)
        assert least.calls <= it.calls, it.what
        # Who leaves, leaves in steps, and what changes is looked at before and after; of many things each is asked by
        # itself. Where one account's runs and the other's follow each other, each of them looks.
        several = it.runs > 3
        steps = {"leaves", "second", "services", "asked", "over", "sources"} & set(it.what.split())
        assert it.calls <= 1.5 * least.calls or steps or several, it.what
        # What is told of a service that is let go does not depend on what AWS makes of it: it is said in the same step.
        told_at_once = it.what == "a service is let go"
        assert it.runs == 0 or least.transitions - told_at_once <= it.transitions, it.what
        assert it.runs == 0 or least.invocations - told_at_once <= it.invocations, it.what


def test_no_member_pays_for_an_alarm_what_its_sweeps_cost(measured: list[Measured]) -> None:
    known, made = cost.prices(), cost.stack()
    (swept,) = (it for it in measured if "a sweep" in it.what)
    month = cost.of_account_month(cost.of_sweep(swept, made, known), made, known)
    assert known.usd(month) < 0.15, "an account-month"
    assert month["alarm_metric"] == 0


def test_every_price_says_where_it_stands_and_what_has_none_is_not_free() -> None:
    known = cost.prices()
    assert all(it.source.startswith("https://aws.amazon.com/") for it in known.price.values())
    assert all(it.usd > 0 < it.per for it in known.price.values())
    assert known.usd(cost.of_stack_month(cost.stack(), known)) > 0
    with pytest.raises(KeyError):
        known.usd(Counter({"what has no price": 1}))


def test_the_layer_keeps_of_the_models_just_what_the_product_calls(measured: list[Measured]) -> None:
    hint = "run `python layers/onramp/operations.py`"
    assert operations.LIST.read_text() == operations.operations(), hint
    # However the code spells its calls, the ones that it made must be among them.
    kept = {f"{service}:{name}" for service, names in _kept().items() for name in names}
    assert {name for it in measured for name in it.by_operation} <= kept


def test_a_function_starts_with_the_clients_that_it_always_needs(bench: Bench) -> None:
    for function, recording in bench[1].recordings.items():
        begun = _begun(ROOT / "functions" / function / "app.py")
        called = {service for service, _ in recording.clients}
        assert begun, function
        # What the first event did not call is not always needed; EC2 alone is called by some steps and not by others.
        assert called - begun <= {"ec2"}, function
        assert begun <= called, function


def test_the_layer_brings_what_its_packages_need_in_the_versions_of_the_lock() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text())
    hint = "run `python layers/onramp/lock.py`"
    assert (ROOT / "layers/onramp/requirements.txt").read_text() == lock.requirements(locked), hint
    assert len(lock.requirements(locked).splitlines()) > 20


def _kept() -> dict[str, set[str]]:
    return cut.listed(operations.LIST.read_text())


def _begun(file: Path) -> set[str]:
    """What a function's `wiring.begin(…)` is given."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    [begin] = [it for it in calls if isinstance(it.func, ast.Attribute) and it.func.attr == "begin"]
    return {str(it.value) for it in begin.args if isinstance(it, ast.Constant)}


def test_the_memory_page_computes_from_what_it_says_was_measured() -> None:
    written = memory.PAGE.read_text()
    used = memory.read(written)
    assert {it.function for it in used} == {"intake", "plan", "apply", "report", "watch"}
    assert written == memory.page(used), "`make memory` measures and writes it anew"


def test_the_memory_that_is_chosen_has_room_and_twice_as_much_would_save_little() -> None:
    used, chosen = memory.read(memory.PAGE.read_text()), round(cost.stack().memory * 1024)
    a_call = cost.prices().assume("seconds_a_call")
    assert chosen >= memory.ROOM * max(it.peak for it in used)
    took, twice = (memory.seconds(used, memory.ONBOARDING, size, a_call) for size in (chosen, 2 * chosen))
    assert took - twice < 2.0, "of the minute that Lattice takes"
