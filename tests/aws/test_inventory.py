"""The network's table as infra asks for it: one table, no member; and what an account's runs did."""

import json

import pytest
from onramp.aws.accounts import Accounts
from onramp.aws.inventory import inventory, told
from onramp.aws.lease import Leases
from onramp.aws.runs import console, runs
from onramp.core.digest import Joined
from onramp.core.errors import NotYet
from onramp.core.fleet import fleet
from onramp.core.infra import Word
from onramp.core.inventory import ServiceState
from onramp.core.run import Memory

from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import MACHINE, NETWORK, NOW, TABLE, Place

TEAM, OTHER = "222222222222", "333333333333"


def rest(place: Place, account: str, memory: Memory, *said: Word) -> None:
    """The account has rung, and its run has let go."""
    leases = Leases(place.own, TABLE)
    holder = leases.take(account, [f"of {account}"], NOW, said=said).holder
    leases.release(account, holder, memory, NOW + 5, blind=False)


def service(account: str, name: str) -> ServiceState:
    return ServiceState(account=account, name=name, network="net", status="connected", answers=True)


def test_an_item_is_its_times_its_report_and_what_infra_said(place: Place) -> None:
    word = Word(at=NOW, saying="Hold", about="orders", by="ayumi")
    rest(place, TEAM, Memory(services=(service(TEAM, "orders"),)), word)
    [kept] = inventory(place.own, "net")
    assert (kept.entry.account, kept.entry.looked_at) == (TEAM, NOW + 5)
    assert [it.name for it in kept.memory.services] == ["orders"]
    assert kept.words == (word,)


def test_two_hundred_accounts_are_some_scans_and_nothing_else(place: Place) -> None:
    for number in range(200):
        account = f"{number:012}"
        rest(place, account, Memory(services=tuple(service(account, f"service-{n}") for n in range(20))))
    before = len(place.cloud.journal)
    whole = fleet("net", inventory(place.own, "net"), NOW + 60)
    calls = [it.operation for it in list(place.cloud.journal)[before:] if isinstance(it, CallRecord)]
    assert set(calls) == {"Scan"}
    assert len(calls) <= 3
    assert (len(whole.accounts), len(whole.services)) == (200, 4000)


def test_a_summary_of_another_release_is_passed_over(place: Place) -> None:
    table = place.cloud.client("dynamodb", NETWORK)
    item = {"account": {"S": TEAM}, "rung_at": {"N": "1"}, "summary": {"S": '{"services": 7}'}}
    table.put_item(TableName=TABLE, Item=item)
    [kept] = inventory(place.own, "net")
    assert kept.memory == Memory()


def test_a_table_that_does_not_answer_is_not_yet(place: Place) -> None:
    place.cloud.faults.add(Fault("throttle", "dynamodb", "Scan", times=9))
    with pytest.raises(NotYet):
        inventory(place.own, "net")


def test_what_the_week_told_is_remembered_with_none_for_nothing(place: Place) -> None:
    for account in (TEAM, OTHER):
        rest(place, account, Memory())
    assert told(place.own, "net") == [Joined(TEAM, None), Joined(OTHER, None)]
    accounts = Accounts(place.own, TABLE)
    accounts.digested(TEAM, frozenset({"service orders"}), NOW)
    accounts.digested(OTHER, frozenset(), NOW)
    assert set(told(place.own, "net")) == {Joined(TEAM, frozenset({"service orders"})), Joined(OTHER, frozenset())}


# --- runs


def begin(place: Place, account: str, number: int) -> None:
    states = place.cloud.client("stepfunctions", NETWORK)
    given = json.dumps({"trigger": {"about": f"tag {number}"}})
    states.start_execution(stateMachineArn=MACHINE, name=f"{account}-0-{number}", input=given)
    place.cloud.clock.advance(1)


def test_the_runs_of_an_account_are_told_newest_first_and_five_at_most(place: Place) -> None:
    for number in range(7):
        begin(place, TEAM, number)
        begin(place, OTHER, number)
    found = runs(place.own, MACHINE, TEAM)
    assert [(it.account, it.trigger, it.status) for it in found] == [
        (TEAM, f"tag {number}", "RUNNING") for number in (6, 5, 4, 3, 2)
    ]
    assert found[0].console.endswith(f":{TEAM}-0-6")
    assert runs(place.own, MACHINE, "444444444444") == []


def test_the_console_page_is_of_the_region() -> None:
    arn = f"arn:aws:states:eu-west-1:{NETWORK}:execution:onramp-net:x"
    assert console(arn) == (
        f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/{arn}"
    )
