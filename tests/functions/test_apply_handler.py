"""One batch: each step is done as the account's writer, or as the network account on its share, and has its outcome."""

from collections.abc import Callable
from typing import Any

import pytest
from onramp import wiring
from onramp.core.steps import Batch, CreateService, DeleteService, Outcome, ShareNetwork, decode, encode

from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import NETWORK, TEAM, Place, member_role

type Handler = Callable[[dict[str, Any]], Any]

ORDERS = CreateService(account=TEAM, name="orders", because="nobody serves it")
BILLS = CreateService(account=TEAM, name="bills", because="nobody serves it")


@pytest.fixture
def apply(function: Callable[[str], Handler]) -> Callable[..., list[Outcome]]:
    handler = function("apply")

    def do(*steps: Any, sharing: bool = False, execution: str = "run-1", round: int = 1) -> list[Outcome]:
        batch = Batch(account=NETWORK if sharing else TEAM, sharing=sharing, steps=steps)
        [answer] = handler({"batches": [encode(batch)], "execution": execution, "round": round})
        return [decode(one, Outcome) for one in answer]

    return do


def services(place: Place) -> list[str]:
    return [one["name"] for one in place.cloud.client("vpc-lattice", TEAM).list_services()["items"]]


def test_steps_are_done_as_the_writer_in_their_order(apply: Callable[..., list[Outcome]], place: Place) -> None:
    member_role(place, "writer")
    outcomes = apply(ORDERS, BILLS)
    assert [(one.name, one.status, one.because) for one in outcomes] == [
        ("orders", "done", "nobody serves it"),
        ("bills", "done", "nobody serves it"),
    ]
    assert sorted(services(place)) == ["bills", "orders"]
    made = [call for call in place.cloud.journal.of(CallRecord) if call.operation == "CreateService"]
    assert [(call.account, call.role) for call in made] == [(TEAM, "onramp-net-writer")] * 2


def test_a_step_that_fails_stops_no_other(apply: Callable[..., list[Outcome]], place: Place) -> None:
    member_role(place, "writer")
    place.cloud.faults.add(Fault("refuse", "vpc-lattice", "CreateService"))
    first, second = apply(ORDERS, BILLS)
    assert (first.status, second.status) == ("refused", "done")
    assert "CreateService" in first.detail
    assert services(place) == ["bills"]


def test_an_account_that_cannot_be_entered_refuses_each_step(
    apply: Callable[..., list[Outcome]], place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = apply(ORDERS, BILLS)
    assert [(one.name, one.status) for one in outcomes] == [("orders", "refused"), ("bills", "refused")]
    assert all("onramp-net-writer cannot be assumed: deploy member.yaml" in one.detail for one in outcomes)
    [told] = [vars(record) for record in caplog.records if record.message == "cannot enter"]
    assert (told["account"], told["code"]) == (TEAM, "member-role-missing")


def test_the_network_is_shared_by_the_function_s_own_role(apply: Callable[..., list[Outcome]], place: Place) -> None:
    [outcome] = apply(ShareNetwork(account=NETWORK, name=TEAM, because="it asks for the network"), sharing=True)
    assert outcome.status == "done"
    [call] = [call for call in place.cloud.journal.of(CallRecord) if call.operation == "AssociateResourceShare"]
    assert (call.account, call.params["principals"]) == (NETWORK, [TEAM])
    assert call.params["resourceShareArn"] == wiring.settings().share_arn
    assert place.count("AssumeRole") == 0


def tokens(place: Place) -> set[str]:
    calls = place.cloud.journal.of(CallRecord)
    return {call.params["clientToken"] for call in calls if call.operation == "CreateService"}


def test_the_same_step_of_the_same_round_is_the_same_call(apply: Callable[..., list[Outcome]], place: Place) -> None:
    member_role(place, "writer")
    [first] = apply(ORDERS)
    [again] = apply(ORDERS)
    assert (again.status, again.arn) == ("done", first.arn)
    tokens = [
        call.params["clientToken"] for call in place.cloud.journal.of(CallRecord) if call.operation == "CreateService"
    ]
    assert len(set(tokens)) == 1
    for execution, number in (("run-2", 1), ("run-1", 2)):
        apply(ORDERS, execution=execution, round=number)
    tokens = [
        call.params["clientToken"] for call in place.cloud.journal.of(CallRecord) if call.operation == "CreateService"
    ]
    assert len(set(tokens)) == 3


def test_what_is_gone_already_is_done(apply: Callable[..., list[Outcome]], place: Place) -> None:
    member_role(place, "writer")
    gone = DeleteService(account=TEAM, name="orders", because="nobody asks", service="svc-0123456789abcdef0")
    assert [one.status for one in apply(gone)] == ["done"]
