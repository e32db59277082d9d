"""One batch: each step is done as the account's writer, or as the network account on its share, and has its outcome."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from onramp import wiring
from onramp.core.bounds import within
from onramp.core.state import decode, encode
from onramp.core.steps import (
    AssociateZone,
    Batch,
    CreateRecords,
    CreateService,
    DeleteService,
    Outcome,
    ShareNetwork,
    UnshareNetwork,
)

from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from tests.place import NETWORK, TEAM, Place, member_role

type Handler = Callable[[dict[str, Any]], Any]

ORDERS = CreateService(account=TEAM, name="orders", because="nobody serves it")
BILLS = CreateService(account=TEAM, name="bills", because="nobody serves it")
RUN, OTHER = f"{TEAM}-1", "333333333333"


@pytest.fixture
def apply(function: Callable[[str], Handler]) -> Callable[..., list[Outcome]]:
    handler = function("apply")

    def do(*steps: Any, sharing: bool = False, execution: str = RUN, round: int = 1) -> list[Outcome]:
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


def tokens(place: Place) -> list[str]:
    calls = place.cloud.journal.of(CallRecord)
    return [call.params["clientToken"] for call in calls if call.operation == "CreateService"]


def test_the_same_step_of_the_same_round_is_the_same_call(apply: Callable[..., list[Outcome]], place: Place) -> None:
    member_role(place, "writer")
    [first] = apply(ORDERS)
    [again] = apply(ORDERS)
    assert (again.status, again.arn) == ("done", first.arn)
    assert len(tokens(place)) == 2
    assert len(set(tokens(place))) == 1
    for execution, number in ((f"{TEAM}-2", 1), (RUN, 2)):
        apply(ORDERS, execution=execution, round=number)
    assert len(set(tokens(place))) == 3


def test_what_is_gone_already_is_done(apply: Callable[..., list[Outcome]], place: Place) -> None:
    member_role(place, "writer")
    gone = DeleteService(account=TEAM, name="orders", because="nobody asks", service="svc-0123456789abcdef0")
    assert [one.status for one in apply(gone)] == ["done"]


RECORDS = CreateRecords(account=TEAM, name="shop.example.jp", because="b", zone="Z0", make=())


@pytest.mark.parametrize(
    "batch",
    [
        Batch(account=OTHER, sharing=False, steps=(CreateService(account=TEAM, name="orders", because="b"),)),
        Batch(account=NETWORK, sharing=False, steps=(RECORDS, CreateService(account=TEAM, name="a", because="b"))),
        Batch(account=NETWORK, sharing=True, steps=(ShareNetwork(account=NETWORK, name=OTHER, because="b"),)),
        Batch(account=NETWORK, sharing=True, steps=(UnshareNetwork(account=NETWORK, name=OTHER, because="b"),)),
    ],
)
def test_a_look_that_is_not_ours_has_nothing_done_in_another_account(
    function: Callable[[str], Handler], place: Place, batch: Batch
) -> None:
    """The run's name says whose it is, and is not the look's to choose. The run fails, which alarms."""
    member_role(place, "writer")
    ours = Batch(account=TEAM, sharing=False, steps=(ORDERS,))
    before = len(place.cloud.journal)
    with pytest.raises(ValueError, match="was not ours"):
        function("apply")({"batches": [encode(batch), encode(ours)], "execution": RUN, "round": 1})
    assert len(place.cloud.journal) == before
    assert within(replace(batch, account=NETWORK, sharing=False, steps=(RECORDS,)), RUN, NETWORK)


def test_who_gives_his_zone_is_entered_by_the_run_s_own_name(apply: Callable[..., list[Outcome]], place: Place) -> None:
    for account in (TEAM, NETWORK):
        member_role(place, "writer", account)
    apply(AssociateZone(account=TEAM, name="vpc-1/Z1", because="b", vpc="vpc-1", zone="Z1", owner=NETWORK))
    entered = [call.params for call in place.cloud.journal.of(CallRecord) if call.operation == "AssumeRole"]
    assert [(one["RoleArn"].split(":", 4)[4], one["RoleSessionName"]) for one in entered] == [
        (f"{account}:role/onramp-net-writer", RUN) for account in (TEAM, NETWORK)
    ]


SHARING = Batch(
    account=NETWORK, sharing=True, steps=(ShareNetwork(account=NETWORK, name=TEAM, because="it asks for the network"),)
)
"""What the network account does for the team in one round, before the team's own steps."""


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (None, [["done"], ["done", "done"], ["done"]]),
        ("AssociateResourceShare", [["refused"], ["not_yet", "not_yet"], ["done"]]),
        ("CreateService", [["done"], ["refused", "not_yet"], ["done"]]),
    ],
)
def test_what_needs_a_step_of_a_batch_before_its_own_is_done_if_that_stands(
    function: Callable[[str], Handler], place: Place, fault: str | None, said: list[list[str]]
) -> None:
    member_role(place, "writer")
    if fault:
        place.cloud.faults.add(Fault("refuse", operation=fault))
    orders = CreateService(account=TEAM, name="orders", because="b", needs=SHARING.steps[0].key)
    bills = CreateService(account=TEAM, name="bills", because="b", needs=orders.key)
    batches = [
        SHARING,
        Batch(account=TEAM, sharing=False, steps=(orders, bills)),
        Batch(account=TEAM, sharing=False, steps=(CreateService(account=TEAM, name="cards", because="b"),)),
    ]
    answer = function("apply")({"batches": [encode(one) for one in batches], "execution": RUN, "round": 1})
    assert [[decode(one, Outcome).status for one in batch] for batch in answer] == said


def test_one_batch_of_a_run_that_release_0_1_0_began_is_done_as_its_state_machine_asks(
    function: Callable[[str], Handler], apply: Callable[..., list[Outcome]], place: Place
) -> None:
    member_role(place, "writer")
    batch = encode(Batch(account=TEAM, sharing=False, steps=(ORDERS, BILLS)))
    answer = function("apply")({"batch": batch, "execution": RUN, "round": 1})
    assert [(it.name, it.status) for it in (decode(one, Outcome) for one in answer)] == [
        ("orders", "done"),
        ("bills", "done"),
    ]
    # Were the functions taken back in the middle of it, the same step of that round would make no second service.
    assert [one.arn for one in apply(ORDERS, BILLS)] == [one["arn"] for one in answer]
    assert len(set(tokens(place))) == 2
