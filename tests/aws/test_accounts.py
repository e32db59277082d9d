"""What the table keeps of each account beside its lease: who is expected, what was told, what waits to be told."""

import pytest
from onramp.aws.accounts import NOTICE_BYTES, NOTICES_AT_MOST, Accounts
from onramp.aws.lease import Leases
from onramp.core.errors import NotYet
from onramp.core.run import Memory
from onramp.core.watch import Entry

from localcloud.door.faults import Fault
from tests.place import MACHINE, NOW, TABLE, Place

TEAM, OTHER = "222222222222", "333333333333"


def accounts(place: Place) -> Accounts:
    return Accounts(place.own, TABLE)


def only(place: Place) -> Entry:
    [entry] = accounts(place).all()
    return entry


def test_an_account_is_read_as_its_lease_left_it(place: Place) -> None:
    leases = Leases(place.own, TABLE)
    taken = leases.take(TEAM, ["one"], NOW)
    assert only(place) == Entry(account=TEAM, rung_at=NOW, heard_at=NOW, holder=taken.holder, taken_at=NOW)
    leases.release(TEAM, taken.holder, Memory(), NOW + 1.5, blind=True)
    seen = {"looked_at": NOW + 1.5, "blind_since": NOW + 1.5, "offers": "0 0"}
    assert only(place) == Entry(account=TEAM, rung_at=NOW, heard_at=NOW, **seen)  # type: ignore[arg-type]  # its fields
    leases.free(TEAM, leases.take(TEAM, ["two"], NOW + 9, heard=False).holder)
    assert only(place).failed == 1


def test_all_accounts_are_read_whatever_their_number_in_order(place: Place) -> None:
    numbers = [f"{number:012}" for number in range(120, 0, -1)]
    for number in numbers:
        accounts(place).list_(number, NOW)
    place.own.client("dynamodb").meta.events.register(
        "provide-client-params.dynamodb.Scan", lambda params, **_: {**params, "Limit": 50}
    )
    assert [entry.account for entry in accounts(place).all()] == sorted(numbers)
    assert place.count("Scan") == 3


def test_a_table_that_does_not_answer_is_not_yet(place: Place) -> None:
    place.cloud.faults.add(Fault("throttle", "dynamodb", "Scan", times=9))
    with pytest.raises(NotYet):
        accounts(place).all()


def test_an_account_is_expected_since_it_was_listed_last(place: Place) -> None:
    accounts(place).list_(TEAM, NOW)
    accounts(place).list_(TEAM, NOW + 100)
    assert only(place) == Entry(account=TEAM, listed_at=NOW + 100)


def test_what_release_0_1_0_left_of_an_account_is_noted_and_no_later_event_is_undone(place: Place) -> None:
    left = Entry(account=TEAM, rung_at=NOW)
    accounts(place).note(left)
    assert accounts(place).all() == ()
    Leases(place.own, TABLE, MACHINE).take(TEAM, ["later"], NOW + 9, heard=False)
    accounts(place).note(left)
    assert only(place).heard_at == NOW
    Leases(place.own, TABLE, MACHINE).take(TEAM, ["later"], NOW + 10)
    accounts(place).note(left)
    assert only(place).heard_at == NOW + 10


def test_what_was_told_is_remembered_until_it_is_well(place: Place) -> None:
    accounts(place).list_(TEAM, NOW)
    accounts(place).tell(TEAM, "account-absent")
    assert only(place).told == "account-absent"
    accounts(place).tell(TEAM, "account-silent")
    assert only(place).told == "account-silent"
    accounts(place).tell(TEAM, "")
    assert only(place).told == ""


@pytest.mark.parametrize("code", ["account-silent", ""])
def test_nothing_is_told_of_an_account_that_is_not_there(place: Place, code: str) -> None:
    accounts(place).tell(TEAM, code)
    assert accounts(place).all() == ()


def test_what_is_for_its_clients_and_what_was_joined_is_kept_of_an_account_that_is_there(place: Place) -> None:
    for account in (TEAM, OTHER):
        accounts(place).offer(account, "net 3")
        accounts(place).digested(account, frozenset(), NOW)
        accounts(place).digested(account, frozenset({"orders"}), NOW)
        assert place.item(account) == {}
    accounts(place).list_(TEAM, NOW)
    accounts(place).offer(TEAM, "net 3")
    accounts(place).digested(TEAM, frozenset({"orders", "bills"}), NOW)
    item = place.item(TEAM)
    assert (item["offered"], sorted(item["digested"])) == ("net 3", ["bills", "orders"])
    accounts(place).digested(TEAM, frozenset(), NOW)
    assert place.item(TEAM)["digested"] == ["-"]
    assert place.item(OTHER) == {}


def test_texts_wait_with_their_times_and_the_same_one_once(place: Place) -> None:
    for text, at in (("second", NOW + 2), ("first\nof two lines", NOW), ("second", NOW + 2)):
        accounts(place).keep(TEAM, text, at)
    assert only(place).notices == ((NOW, "first\nof two lines"), (NOW + 2, "second"))
    assert only(place).unsaid == 0


def test_texts_are_bounded_and_what_finds_no_room_is_counted(place: Place) -> None:
    for number in range(NOTICES_AT_MOST + 3):
        accounts(place).keep(TEAM, f"text {number}", NOW + number)
    assert len(only(place).notices) == NOTICES_AT_MOST
    assert only(place).unsaid == 3
    accounts(place).keep(TEAM, "text 0", NOW)  # a report that is tried again
    assert only(place).unsaid == 3
    accounts(place).keep(OTHER, "x" * 5000, NOW)
    [_, other] = accounts(place).all()
    assert len(other.notices[0][1]) == NOTICE_BYTES


def test_what_was_sent_is_forgotten_and_what_came_meanwhile_is_not(place: Place) -> None:
    for number in range(NOTICES_AT_MOST + 1):
        accounts(place).keep(TEAM, f"text {number}", NOW + number)
    before = only(place)
    accounts(place).sent(before)
    assert only(place).notices == ()
    assert only(place).unsaid == 0
    accounts(place).keep(TEAM, "first", NOW)
    before = only(place)
    accounts(place).keep(TEAM, "meanwhile", NOW + 1)
    accounts(place).sent(before)
    assert only(place).notices == ((NOW + 1, "meanwhile"),)
