"""One run an account at a time: who gets it, who waits, and that whoever rang is looked at."""

import pytest
from msgspec.structs import replace
from onramp.aws.accounts import Accounts
from onramp.aws.lease import (
    ASK_AFTER,
    FAILED_IN_A_ROW,
    LEASE_SECONDS,
    Leases,
    is_alive,
    start,
)
from onramp.core import names, offers
from onramp.core.backoff import FORGOTTEN_AFTER, PAUSES, STORMY
from onramp.core.errors import NotYet
from onramp.core.infra import WORDS_AT_MOST, Word
from onramp.core.inventory import Refusal, ServiceState
from onramp.core.model import NETWORKS_ZONE
from onramp.core.run import Memory
from onramp.core.tagged_by import AT_ONCE, MISSING, WAITING_AT_MOST, Asks

from localcloud.door.faults import Fault
from tests.place import MACHINE, NOW, TABLE, Place

TEAM = "222222222222"
TOLD = Memory(refusals=(Refusal(code="not-internal", resource="orders", message="make it internal"),))
LEASE = {"holder", "taken_at", "expires"}


def leases(place: Place) -> Leases:
    return Leases(place.own, TABLE, MACHINE)


def held(place: Place, at: float = NOW, event: str = "one") -> str:
    """The name of a run that goes on and holds the account since `at`."""
    taken = leases(place).take(TEAM, [event], at)
    assert taken.mine
    place.begin(taken.holder)
    return taken.holder


# --- take


def test_who_rings_first_gets_the_account(place: Place) -> None:
    taken = leases(place).take(TEAM, ["one"], NOW)
    assert taken.mine
    assert taken.holder == names.run(TEAM, "one", NOW)
    assert taken.memory == Memory()
    item = place.item(TEAM)
    assert item["holder"] == taken.holder
    assert float(item["taken_at"]) == float(item["rung_at"]) == float(item["heard_at"]) == NOW
    assert float(item["expires"]) == NOW + LEASE_SECONDS


def test_who_rings_later_is_heard_and_does_not_get_it(place: Place) -> None:
    holder = held(place)
    taken = leases(place).take(TEAM, ["two"], NOW + 1)
    assert (taken.mine, taken.holder) == (False, holder)
    item = place.item(TEAM)
    assert (float(item["taken_at"]), float(item["rung_at"])) == (NOW, NOW + 1)
    assert float(item["expires"]) == NOW + LEASE_SECONDS


@pytest.mark.parametrize("events", [["one"], ["two", "one"]])
def test_the_same_event_again_finds_the_lease_its_own(place: Place, events: list[str]) -> None:
    first = leases(place).take(TEAM, ["one"], NOW)
    again = leases(place).take(TEAM, events, NOW + 200)
    assert (again.mine, again.holder) == (True, first.holder)


def test_accounts_do_not_know_of_each_other(place: Place) -> None:
    held(place)
    assert leases(place).take("333333333333", ["two"], NOW).mine


def test_what_an_account_says_of_its_member_stack_and_what_it_is_told_go_with_the_run(place: Place) -> None:
    first = leases(place).take(TEAM, ["one"], NOW, version="1.2.3")
    assert (first.member, first.offered) == ("1.2.3", "")
    place.cloud.client("dynamodb", "111111111111").update_item(
        TableName=TABLE,
        Key={"account": {"S": TEAM}},
        UpdateExpression="SET offered = :it",
        ExpressionAttributeValues={":it": {"S": "3 1"}},
    )
    later = leases(place).take(TEAM, ["two"], NOW + 1)
    assert (later.member, later.offered) == ("1.2.3", "3 1")
    assert leases(place).take(TEAM, ["three"], NOW + 2, version="1.3.0").member == "1.3.0"


def test_a_ring_for_an_account_is_not_heard_of_it(place: Place) -> None:
    leases(place).take(TEAM, ["one"], NOW, heard=False)
    assert "heard_at" not in place.item(TEAM)
    leases(place).take(TEAM, ["two"], NOW + 1)
    leases(place).take(TEAM, ["three"], NOW + 2, heard=False)
    assert float(place.item(TEAM)["heard_at"]) == NOW + 1


@pytest.mark.parametrize(
    ("lives", "age", "mine"),
    [
        (True, ASK_AFTER - 1, False),
        (False, ASK_AFTER - 1, False),  # its end may be on its way
        (True, ASK_AFTER, False),
        (False, ASK_AFTER, True),
        (True, LEASE_SECONDS - 1, False),
        (True, LEASE_SECONDS, True),
        (True, LEASE_SECONDS + 1, True),
    ],
)
def test_a_dead_run_s_account_is_taken_over(place: Place, *, lives: bool, age: float, mine: bool) -> None:
    holder = held(place)
    if not lives:
        place.end(holder)
    taken = leases(place).take(TEAM, ["two"], NOW + age)
    assert taken.mine is mine
    assert place.item(TEAM)["holder"] == taken.holder == (names.run(TEAM, "two", NOW + age) if mine else holder)
    if mine:
        assert float(place.item(TEAM)["taken_at"]) == NOW + age
        assert float(place.item(TEAM)["expires"]) == NOW + age + LEASE_SECONDS
        assert place.item(TEAM)["failed"] == "1"


def test_a_run_that_never_began_is_dead(place: Place) -> None:
    leases(place).take(TEAM, ["one"], NOW)
    assert leases(place).take(TEAM, ["two"], NOW + ASK_AFTER).mine


def test_a_young_run_is_not_asked_about(place: Place) -> None:
    held(place)
    leases(place).take(TEAM, ["two"], NOW + ASK_AFTER - 1)
    assert place.count("DescribeExecution") == 0
    leases(place).take(TEAM, ["three"], NOW + ASK_AFTER)
    assert place.count("DescribeExecution") == 1


def test_what_cannot_be_asked_is_neither_dead_nor_alive(place: Place) -> None:
    holder = held(place)
    place.cloud.faults.add(Fault("throttle", "stepfunctions", "DescribeExecution", times=5))
    with pytest.raises(NotYet):
        leases(place).take(TEAM, ["two"], NOW + ASK_AFTER)
    assert place.item(TEAM)["holder"] == holder
    assert float(place.item(TEAM)["rung_at"]) == NOW + ASK_AFTER


def test_of_two_that_take_over_one_does(place: Place) -> None:
    holder = held(place)
    place.end(holder)
    ours = leases(place)
    quicker: list[bool] = []

    def meanwhile(**_: object) -> None:
        if not quicker:
            quicker.append(True)
            quicker[0] = Leases(place.own, TABLE, MACHINE).take(TEAM, ["quicker"], NOW + ASK_AFTER).mine

    place.own.client("stepfunctions").meta.events.register("after-call.sfn.DescribeExecution", meanwhile)
    taken = ours.take(TEAM, ["slower"], NOW + ASK_AFTER)
    assert quicker == [True]
    assert not taken.mine
    assert place.item(TEAM)["holder"] == names.run(TEAM, "quicker", NOW + ASK_AFTER)


def test_a_lost_answer_to_a_take_over_leaves_it_taken_over(place: Place) -> None:
    place.end(held(place))
    place.cloud.faults.add(Fault("lost", "dynamodb", "UpdateItem", skip=1))
    taken = leases(place).take(TEAM, ["two"], NOW + ASK_AFTER)
    assert taken.mine
    assert place.cloud.faults.unused == []


def test_what_was_told_is_handed_to_the_next(place: Place) -> None:
    holder = held(place)
    leases(place).release(TEAM, holder, TOLD, NOW + 5, blind=False)
    assert leases(place).take(TEAM, ["two"], NOW + 6).memory == TOLD
    assert leases(place).take(TEAM, ["three"], NOW + 7).memory == TOLD


def test_a_summary_of_another_release_is_forgotten(place: Place) -> None:
    place.cloud.client("dynamodb", "111111111111").put_item(
        TableName=TABLE, Item={"account": {"S": TEAM}, "summary": {"S": '{"services": 3}'}}
    )
    assert leases(place).take(TEAM, ["one"], NOW).memory == Memory()


# --- release


def test_what_the_account_offers_is_written_for_all_others(place: Place) -> None:
    orders = ServiceState(account=TEAM, name="orders", network="net", status="connected", answers=True)
    held_back = replace(orders, name="bills", answers=False)
    private = {"ZSHOP": "shop.example.jp", f"{NETWORKS_ZONE}ZHOME": "home.example.jp", "ZPUBLIC": ""}
    memory = Memory(services=(orders, held_back), private=private)
    leases(place).release(TEAM, held(place), memory, NOW + 5, blind=False)
    offered = place.item(TEAM)["offers"]
    assert offered == f"1 0 network/ZHOME=home.example.jp {TEAM}/ZSHOP=shop.example.jp"
    assert offers.read(offered).services == 1


def test_a_run_that_nobody_rang_meanwhile_lets_go(place: Place) -> None:
    holder = held(place)
    assert leases(place).release(TEAM, holder, TOLD, NOW + 5, blind=False) == "ended"
    item = place.item(TEAM)
    assert not LEASE & item.keys()
    assert float(item["looked_at"]) == NOW + 5
    assert not {"failed", "blind_since"} & item.keys()


@pytest.mark.parametrize(("rung", "how"), [(NOW + 4, "ended"), (NOW + 5, "ended"), (NOW + 5.001, "owed")])
def test_who_rang_after_the_last_look_began_is_looked_at(place: Place, rung: float, how: str) -> None:
    holder = held(place)
    leases(place).take(TEAM, ["two"], rung)
    assert leases(place).release(TEAM, holder, TOLD, NOW + 5, blind=False) == how
    assert "holder" not in place.item(TEAM)
    # What was told is kept in any case.
    assert leases(place).take(TEAM, ["one"], NOW + 9).memory == TOLD


HOLD = Word(at=NOW, saying="Hold", about="orders")


@pytest.mark.parametrize(("given", "how"), [("a word", "owed"), ("other zones", "owed"), ("a count", "ended")])
def test_what_came_while_a_run_went_on_is_taken_by_the_next(place: Place, given: str, how: str) -> None:
    holder = held(place)
    at = NOW + 4  # the run looked later, and still knew nothing of it
    if given == "a word":
        assert not leases(place).take(TEAM, ["two"], at, heard=False, said=[HOLD]).mine
    else:
        Accounts(place.own, TABLE).offer(TEAM, "3 1", at if given == "other zones" else None)
    assert leases(place).release(TEAM, holder, TOLD, NOW + 5, blind=False) == how
    following = leases(place).take(TEAM, ["three"], NOW + 6, heard=False)
    assert (following.words, following.offered) == (((HOLD,), "") if given == "a word" else ((), "3 1"))
    assert leases(place).release(TEAM, following.holder, TOLD, NOW + 7, blind=False) == "ended"
    assert "given_at" not in place.item(TEAM)


@pytest.mark.parametrize("changes", [[], [Asks(resource="vpc-1", by="ana", at=NOW)]])
def test_words_without_room_come_again_and_the_account_is_rung_all_the_same(place: Place, changes: list[Asks]) -> None:
    many = [Word(at=NOW + one, saying="Hold", about=f"orders-{one}") for one in range(WORDS_AT_MOST + 1)]
    assert not leases(place).take(TEAM, ["one"], NOW, said=many).unsaid
    taken = leases(place).take(TEAM, ["two"], NOW + 1, said=[replace(HOLD, about="bills")], asks=changes)
    assert (taken.unsaid, taken.mine, len(place.item(TEAM)["words"])) == (True, False, len(many))
    assert leases(place).rung_at(TEAM) == NOW + 1
    assert len(place.item(TEAM).get("asked", ())) == len(changes)


def test_the_ring_that_began_the_run_is_looked_at_by_it(place: Place) -> None:
    holder = held(place)
    # A clock that runs behind the intake's.
    assert leases(place).release(TEAM, holder, TOLD, NOW - 1, blind=False) == "ended"


@pytest.mark.parametrize("owed", [True, False], ids=["somebody waits at each end", "each ends quietly"])
def test_runs_that_follow_each_other_wait_longer_and_longer(place: Place, *, owed: bool) -> None:
    at, pauses = NOW, []
    for _ in range(len(PAUSES) + 1):
        taken = leases(place).take(TEAM, [f"{at} {n}" for n in range(1 if owed else STORMY)], at)
        pauses.append(taken.pause)
        if owed:
            leases(place).take(TEAM, ["again"], at + 6)
        let_go = leases(place).release(
            TEAM, taken.holder, TOLD, at + 5, blind=False, looks=taken.looks, rang=taken.rang
        )
        assert let_go == ("owed" if owed else "ended")
        item = place.item(TEAM)
        assert not LEASE & item.keys()
        assert (float(item["rung_at"]) > float(item["looked_at"])) is owed  # so the table tells what is owed
        at += 10
    assert pauses == [*PAUSES, PAUSES[-1]]


def test_what_an_earlier_release_counted_is_forgotten_with_time(place: Place) -> None:
    holder = held(place)
    leases(place).release(TEAM, holder, TOLD, NOW, blind=False, looks=7)
    assert leases(place).take(TEAM, ["soon"], NOW + 1).pause == PAUSES[-1]
    leases(place).release(TEAM, names.run(TEAM, "soon", NOW + 1), TOLD, NOW + 1, blind=False, looks=2.0)
    assert leases(place).take(TEAM, ["later"], NOW + 1 + 3 * FORGOTTEN_AFTER).pause == 0


def test_when_an_account_rang_last_is_read_alone(place: Place) -> None:
    assert leases(place).rung_at(TEAM) == 0
    held(place)
    leases(place).take(TEAM, ["two"], NOW + 7.5)
    assert leases(place).rung_at(TEAM) == NOW + 7.5


def test_who_follows_a_dead_run_or_finds_the_account_held_rests_for_nothing(place: Place) -> None:
    leases(place).release(TEAM, held(place), TOLD, NOW, blind=False, looks=4.0)
    taken = leases(place).take(TEAM, ["two"], NOW + 1)
    assert (taken.pause, leases(place).take(TEAM, ["three"], NOW + 2).pause) == (PAUSES[-1], 0)
    after = leases(place).follow(TEAM, taken.holder, NOW + 3)
    assert after is not None
    assert (after.pause, after.rang) == (0, 1)
    assert after.looks == pytest.approx(4.0 - 3 / FORGOTTEN_AFTER)


def test_a_run_whose_account_was_taken_over_changes_nothing(place: Place) -> None:
    holder = held(place)
    place.end(holder)
    taken = leases(place).take(TEAM, ["two"], NOW + ASK_AFTER)
    before = place.item(TEAM)
    assert leases(place).release(TEAM, holder, TOLD, NOW + ASK_AFTER + 1, blind=True) == "ended"
    assert place.item(TEAM) == before
    assert before["holder"] == taken.holder


def test_since_when_an_account_cannot_be_looked_at_is_remembered_until_it_can(place: Place) -> None:
    for at, blind, since in ((0, True, 5.0), (100, True, 5.0), (200, False, None), (300, True, 305.0)):
        holder = held(place, NOW + at, f"at {at}")
        leases(place).release(TEAM, holder, TOLD, NOW + at + 5, blind=blind)
        found = place.item(TEAM).get("blind_since")
        assert (found and float(found) - NOW) == since


def test_a_run_that_ends_well_wipes_out_those_that_failed(place: Place) -> None:
    leases(place).follow(TEAM, held(place), NOW + 1)
    holder = place.item(TEAM)["holder"]
    assert place.item(TEAM)["failed"] == "1"
    leases(place).release(TEAM, holder, TOLD, NOW + 5, blind=False)
    assert "failed" not in place.item(TEAM)


# --- a run that ended badly


def test_a_run_that_ended_badly_is_followed_by_the_next(place: Place) -> None:
    holder = held(place)
    follower = leases(place).follow(TEAM, holder, NOW + 60)
    assert follower is not None
    assert follower.mine
    assert follower.holder == names.run(TEAM, holder, NOW + 60)
    item = place.item(TEAM)
    assert item["holder"] == follower.holder
    assert float(item["taken_at"]) == NOW + 60
    assert float(item["expires"]) == NOW + 60 + LEASE_SECONDS


def test_its_end_told_twice_is_one_follower(place: Place) -> None:
    holder = held(place)
    first = leases(place).follow(TEAM, holder, NOW + 60)
    assert leases(place).follow(TEAM, holder, NOW + 90) == first
    assert place.item(TEAM)["failed"] == "1"


def test_runs_that_fail_always_are_not_followed_for_ever_and_leave_the_account_free(place: Place) -> None:
    holder = held(place)
    for number in range(FAILED_IN_A_ROW):
        follower = leases(place).follow(TEAM, holder, NOW + number)
        assert follower is not None
        holder = follower.holder
    assert leases(place).follow(TEAM, holder, NOW + 99) is None
    assert not LEASE & place.item(TEAM).keys()
    assert leases(place).follow(TEAM, holder, NOW + 100) is None
    assert leases(place).take(TEAM, ["next"], NOW + 101).mine


def test_the_end_of_a_run_that_holds_nothing_changes_nothing(place: Place) -> None:
    assert leases(place).follow(TEAM, f"{TEAM}-other-1", NOW) is None
    assert place.item(TEAM) == {}
    holder = held(place)
    before = place.item(TEAM)
    assert leases(place).follow(TEAM, f"{TEAM}-other-1", NOW) is None
    assert place.item(TEAM) == before
    assert before["holder"] == holder


def test_the_follower_knows_what_was_told(place: Place) -> None:
    leases(place).release(TEAM, held(place), TOLD, NOW + 5, blind=False)
    holder = held(place, NOW + 6, "two")
    for _ in range(2):
        follower = leases(place).follow(TEAM, holder, NOW + 60)
        assert follower is not None
        assert follower.memory == TOLD


def test_who_rang_during_the_failed_run_is_looked_at_by_its_follower(place: Place) -> None:
    holder = held(place)
    leases(place).take(TEAM, ["two"], NOW + 30)
    follower = leases(place).follow(TEAM, holder, NOW + 60)
    assert follower is not None
    assert leases(place).release(TEAM, follower.holder, TOLD, NOW + 61, blind=False) == "ended"


def test_only_the_holder_frees(place: Place) -> None:
    holder = held(place)
    assert not leases(place).free(TEAM, "somebody else")
    assert place.item(TEAM)["holder"] == holder
    assert leases(place).free(TEAM, holder)
    assert not LEASE & place.item(TEAM).keys()
    assert place.item(TEAM)["failed"] == "1"


# --- runs


def test_a_run_is_started_once_by_its_name(place: Place) -> None:
    for _ in range(2):
        start(place.own, MACHINE, f"{TEAM}-a-1", {"account": TEAM})
    start(place.own, MACHINE, f"{TEAM}-a-1", {"account": "another input"})
    states = place.cloud.client("stepfunctions", "111111111111")
    [run] = states.list_executions(stateMachineArn=MACHINE)["executions"]
    assert states.describe_execution(executionArn=run["executionArn"])["input"] == f'{{"account":"{TEAM}"}}'


def test_a_start_that_is_throttled_comes_later(place: Place) -> None:
    place.cloud.faults.add(Fault("throttle", "stepfunctions", "StartExecution", times=5))
    with pytest.raises(NotYet):
        start(place.own, MACHINE, f"{TEAM}-a-1", {})


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "PENDING_REDRIVE"])
def test_a_run_lives_while_it_runs_or_is_about_to(place: Place, status: str) -> None:
    place.begin("run")

    def say(parsed: dict[str, object], **_: object) -> None:
        parsed["status"] = status

    place.own.client("stepfunctions").meta.events.register("after-call.sfn.DescribeExecution", say)
    assert is_alive(place.own, MACHINE, "run") is (status in ("RUNNING", "PENDING_REDRIVE"))


# --- who asked


def changes(number: int, first: int = 0) -> list[Asks]:
    return [Asks(resource=f"vpc-{first + it:03}", by="ana", at=NOW) for it in range(number)]


def test_changes_of_tags_wait_in_the_lease_until_a_report_has_them(place: Place) -> None:
    mine, late = changes(1), changes(1, first=1)
    taken = leases(place).take(TEAM, ["one"], NOW, asks=mine)
    assert taken.asks == tuple(mine)
    assert not leases(place).take(TEAM, ["two"], NOW + 1, asks=late).mine
    leases(place).release(TEAM, taken.holder, TOLD, NOW, blind=False, asks=taken.asks)
    assert leases(place).take(TEAM, ["three"], NOW + 2).asks == tuple(late)


def test_a_second_delivery_is_the_same_change(place: Place) -> None:
    for event in ("one", "two"):
        taken = leases(place).take(TEAM, [event], NOW, asks=changes(2))
    assert taken.asks == tuple(changes(2))


def test_what_is_too_much_to_keep_is_told_to_be_missing_and_rings_all_the_same(place: Place) -> None:
    leases(place).take(TEAM, ["one"], NOW, asks=changes(AT_ONCE + 1))
    for number in range(2, WAITING_AT_MOST):
        leases(place).take(TEAM, [f"event-{number}"], NOW + number, asks=changes(AT_ONCE, first=number * AT_ONCE))
    last = leases(place).take(TEAM, ["last"], NOW + 99, asks=changes(1, first=990))
    assert MISSING in last.asks
    assert len(last.asks) <= WAITING_AT_MOST + AT_ONCE + 1
    assert float(place.item(TEAM)["rung_at"]) == NOW + 99
