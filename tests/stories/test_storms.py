"""Many at once, and one that never stops: late is not lost, and one account's noise is not another's."""

import pytest
from storm import (
    AS_A_PATH,
    AS_WRITTEN,
    NAME,
    NOISY,
    OWN,
    QUIET,
    crowd,
    deployed,
    joined,
    noise,
    runs,
    tag,
    weather,
)

from localcloud.ground.journal import ExecutionRecord

SCALED = 500
"""`make storm` plays twenty times as many."""


@pytest.mark.parametrize("group", [AS_A_PATH, AS_WRITTEN], ids=["a queue that is fair", "a queue that is not"])
def test_a_storm_of_one_account_delays_no_other_s_tag_loses_nothing_and_costs_few_runs(group: str) -> None:
    found = weather(SCALED, group)
    assert found.shortcomings(SCALED) == []
    # Five full batches, and what else rang.
    assert found.batches < 2 * SCALED / 100


@pytest.mark.parametrize("seconds", [60, 300, 900])
def test_a_storm_that_goes_on_and_on_costs_no_more(seconds: int) -> None:
    events = 3 * seconds
    assert weather(events, seconds=seconds).shortcomings(events) == []


def test_a_single_tag_is_answered_at_once_some_minutes_after_a_storm_of_the_same_account() -> None:
    with deployed(NOISY) as cloud:
        cloud.functions.duration = 1.0
        for _ in range(120):
            noise(cloud, NOISY, 10)
            cloud.clock.advance(1)
        cloud.settle()
        waited = []
        for after in (60, 300):
            cloud.clock.advance(after)
            noise(cloud, NOISY, 1)
            rang = cloud.clock.now
            cloud.settle()
            item = cloud.client("dynamodb", OWN).get_item(TableName=f"onramp-{NAME}", Key={"account": {"S": NOISY}})
            waited.append(float(item["Item"]["looked_at"]["N"]) - rang)
        hops = 15  # seconds from a change to a run that rests for nothing
        assert 60 < waited[0] <= 120 + hops
        assert 0 < waited[1] <= hops


def test_who_corrects_a_tag_again_and_again_is_answered_at_once() -> None:
    with deployed(QUIET) as cloud:
        cloud.functions.duration = 1.0
        for change in range(6):
            noise(cloud, QUIET, 1)
            cloud.clock.advance(30)
            assert [statuses[-1] for statuses in runs(cloud, QUIET).values()] == ["SUCCEEDED"] * (change + 1)


def test_an_account_that_never_stops_ringing_keeps_no_run_until_it_times_out() -> None:
    with deployed(NOISY) as cloud:
        cloud.functions.duration = 1.0
        for _ in range(2 * 60):  # two hours, a tag change each minute
            noise(cloud, NOISY, 1)
            cloud.clock.advance(60)
        cloud.settle()
        found = runs(cloud, NOISY)
        assert {statuses[-1] for statuses in found.values()} == {"SUCCEEDED"}
        # Each run ends in some 25 minutes at most, and what rang last was looked at.
        item = cloud.client("dynamodb", OWN).get_item(TableName=f"onramp-{NAME}", Key={"account": {"S": NOISY}})["Item"]
        assert "holder" not in item
        assert float(item["looked_at"]["N"]) >= float(item["rung_at"]["N"])


def test_a_crowd_on_few_places_is_late_and_none_fails() -> None:
    # Few places are used worse than many, so these have twice as many each as 200 on ten, which `make crowd` plays.
    assert crowd(20, 2).shortcomings() == []


@pytest.mark.parametrize("lost", [False, True], ids=["its end is told", "its end is lost"])
def test_a_run_that_ended_badly_is_followed_by_one_that_does_what_it_owed(*, lost: bool) -> None:
    with deployed(QUIET) as cloud:
        cloud.functions.duration = 10.0
        tag(cloud, QUIET)
        cloud.clock.advance(45)
        states = cloud.client("stepfunctions", OWN)
        [run] = [name for name, statuses in runs(cloud, QUIET).items() if statuses == ["RUNNING"]]
        cloud.events.delivery.drop = 1.0 if lost else 0.0
        states.stop_execution(executionArn=run)
        cloud.events.delivery.drop = 0.0
        cloud.functions.duration = 0.0
        stopped = cloud.clock.now
        cloud.clock.advance(700 if lost else 30)
        began = [record.at for record in cloud.journal.of(ExecutionRecord) if f":{QUIET}" in record.execution]
        assert [at for at in began if at > stopped]
        cloud.settle()
        assert joined(cloud, QUIET)
