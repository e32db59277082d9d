"""The end of a run: what changed is told, the account is let go, and whoever rang meanwhile is looked at."""

import json
from collections.abc import Callable
from typing import Any, Literal, cast

import pytest
from msgspec.structs import replace
from onramp.aws.lease import Leases
from onramp.aws.shelf import Shelf
from onramp.core.infra import Saying, Word
from onramp.core.inventory import Refusal, Request, ServiceState
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import from_state, remembered, to_state
from onramp.core.steps import Outcome
from onramp.core.tagged_by import Asks

from localcloud.door.faults import Fault
from tests.place import NOW, TABLE, Place

TEAM = "222222222222"
ALB = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/1"
REFUSED = Refusal(code="not-internal", resource="loadbalancer/app/orders", message="make it internal")
ORDERS = ServiceState(
    account=TEAM, name="orders", network="net", status="connected", domain="orders.example", arn="a", answers=True
)

type Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def report(function: Callable[[str], Handler]) -> Handler:
    return function("report")


def held(place: Place) -> str:
    return Leases(place.own, TABLE).take(TEAM, ["one"], NOW).holder


def run(*refusals: Refusal, observed_at: float = NOW + 5, plan: Plan | None = None, **more: Any) -> Run:
    planned = plan or Plan(account=TEAM, round=3, next="done", refusals=refusals, wait_seconds=10, **more)
    return Run(account=TEAM, trigger={"about": "a tag"}, round=3, observed_at=observed_at, plan=planned)


def ended(handler: Handler, holder: str, what: Run) -> Run:
    return from_state(handler({"run": to_state(what), "execution": holder}))


def test_a_run_whose_account_is_quiet_ends_and_lets_go(report: Handler, place: Place) -> None:
    ended(report, held(place), run())
    assert place.put() == []
    assert "holder" not in place.item(TEAM)
    assert float(place.item(TEAM)["looked_at"]) == NOW + 5


def test_what_changed_is_announced_and_remembered(report: Handler, place: Place) -> None:
    ended(report, held(place), run(services=(ORDERS,)))
    assert [what for what, _ in place.put()] == ["Service Connected"]
    assert Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 9).memory.services == (ORDERS,)


def test_nothing_new_is_told_twice(report: Handler, place: Place) -> None:
    holder = held(place)
    before = run(REFUSED, services=(ORDERS,))
    ended(report, holder, before)
    told = place.put()
    again = Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 9)
    assert (again.memory.services, again.memory.refusals) == ((ORDERS,), (REFUSED,))
    ended(report, again.holder, Run(**{**_fields(before), "memory": again.memory, "observed_at": NOW + 10}))
    assert place.put() == told


def _fields(value: Run) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def test_news_for_people_wait_in_the_table_for_the_watch(report: Handler, place: Place) -> None:
    ended(report, held(place), run(REFUSED))
    [notice] = place.item(TEAM)["notices"]
    assert notice.startswith(f"{NOW + 5:.3f} ")
    assert "not-internal" in notice
    assert place.mails() == []


@pytest.mark.parametrize(("status", "asks"), [("not_yet", 1), ("done", 0)])
def test_what_was_not_done_at_the_end_owes_another_look(
    report: Handler, place: Place, status: Literal["not_yet", "done"], asks: int
) -> None:
    last = Outcome(kind="DeleteSecurityGroup", account=TEAM, name="onramp-net-vpc-1", because="", status=status)
    ended(report, held(place), replace(run(), finished=((last,),)))
    looks = [detail for what, detail in place.put() if what == "Look"]
    assert looks == [{"account": TEAM, "because": "the last run ended with a step that was not done"}] * asks
    assert Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 9).memory.ended == (last.key,)


def test_without_news_nothing_waits(report: Handler, place: Place) -> None:
    ended(report, held(place), run())
    assert "notices" not in place.item(TEAM)


def test_a_report_that_is_tried_again_tells_people_once(report: Handler, place: Place) -> None:
    holder = held(place)
    place.cloud.faults.add(Fault("throttle", "dynamodb", "UpdateItem", times=9, skip=1))
    with pytest.raises(Exception, match="UpdateItem"):
        ended(report, holder, run(REFUSED))
    place.cloud.faults.clear()
    ended(report, holder, run(REFUSED))
    assert len(place.item(TEAM)["notices"]) == 1


def test_who_rang_meanwhile_has_the_next_run(report: Handler, place: Place) -> None:
    holder = held(place)
    Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 6)
    after = ended(report, holder, run())
    assert after.outcomes == ()
    assert "holder" not in place.item(TEAM)
    asked = [detail for what, detail in place.put() if what == "Look"]
    assert asked == [{"account": TEAM, "because": "somebody rang while the last run ended"}]


@pytest.mark.parametrize("fault", [None, "throttle", "refuse"])
def test_what_a_large_run_carried_is_taken_away_when_it_has_ended(
    report: Handler, place: Place, fault: Literal["throttle", "refuse"] | None
) -> None:
    shelf = Shelf(place.own, TABLE)
    large = run(services=tuple(replace(ORDERS, name=f"orders-{number}") for number in range(400)))
    state = to_state(large, lambda content: shelf.put(TEAM, content, NOW + 60))
    if fault:
        place.cloud.faults.add(Fault(fault, "dynamodb", "DeleteItem", times=9))
    report({"run": state, "execution": held(place)})
    assert (shelf.get(state["shelved"]) is None) is (fault is None)
    assert "holder" not in place.item(TEAM)
    assert len(Leases(place.own, TABLE).take(TEAM, ["two"], NOW + 9).remembered_at) > 0


def test_what_the_run_was_handed_goes_when_its_report_has_it(report: Handler, place: Place) -> None:
    """Changes of tags that it was told of, and the large memory that it began with."""
    leases, shelf = Leases(place.own, TABLE), Shelf(place.own, TABLE)
    many = Memory(services=tuple(replace(ORDERS, name=f"orders-{number}") for number in range(400)))
    leases.release(TEAM, leases.take(TEAM, ["before"], NOW - 9).holder, many, NOW - 8, blind=False)
    taken = leases.take(TEAM, ["one"], NOW, asks=[Asks(resource=ALB, by="ana", at=NOW)])
    assert shelf.get(taken.remembered_at)
    ended(report, taken.holder, replace(run(services=(ORDERS,)), asks=taken.asks, remembered_at=taken.remembered_at))
    assert shelf.get(taken.remembered_at) is None
    assert "asked" not in place.item(TEAM)
    assert leases.take(TEAM, ["two"], NOW + 9).memory.services == (ORDERS,)


def test_a_look_that_saw_nothing_is_remembered_as_blind(report: Handler, place: Place) -> None:
    blind = Plan(account=TEAM, round=1, next="done", refusals=(REFUSED,), blind=True)
    ended(report, held(place), run(plan=blind))
    assert float(place.item(TEAM)["blind_since"]) == NOW + 5
    ended(report, held(place), run())
    assert "blind_since" not in place.item(TEAM)


@pytest.mark.parametrize(
    ("resource", "blind"),
    [(TEAM, True), (f"arn:aws:elasticloadbalancing:r:{TEAM}:loadbalancer/app/a/1", True), ("pl-0123", False)],
)
def test_an_account_of_which_not_all_wishes_are_seen_counts_as_blind(
    report: Handler, place: Place, resource: str, blind: bool
) -> None:
    ended(report, held(place), run(Refusal(code="unread", resource=resource, message="denied")))
    assert ("blind_since" in place.item(TEAM)) is blind


def test_a_bus_that_does_not_take_the_news_keeps_the_account_and_the_news(report: Handler, place: Place) -> None:
    holder = held(place)
    place.cloud.faults.add(Fault("throttle", "events", "PutEvents", times=9))
    with pytest.raises(Exception, match="PutEvents"):
        ended(report, holder, run(services=(ORDERS,)))
    assert place.item(TEAM)["holder"] == holder
    assert "summary" not in place.item(TEAM)


def test_what_is_counted_is_a_metric_of_the_network(
    report: Handler, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(report, held(place), run(REFUSED, services=(ORDERS,)))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [by_code, metrics] = [line for line in lines if "_aws" in line]
    assert by_code["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "LatticeOnramp",
            "Dimensions": [["service", "code"]],
            "Metrics": [{"Name": "RefusalsByCode", "Unit": "Count"}],
        }
    ]
    assert (by_code["service"], by_code["code"], by_code["RefusalsByCode"]) == ("onramp-net", "not-internal", [1.0])
    assert metrics["service"] == "onramp-net"
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "LatticeOnramp"
    assert (metrics["Refusals"], metrics["ServicesConnected"], metrics["Rounds"]) == ([1.0], [1.0], [3.0])
    units = {one["Name"]: one["Unit"] for one in metrics["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert units.pop("TagToConnectedSeconds") == "Seconds"
    assert metrics["TagToConnectedSeconds"] == [5.0]
    assert set(units.values()) == {"Count"}


def test_the_log_tells_what_was_refused_on_one_line(
    report: Handler, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    ended(report, held(place), run(Refusal(code="not-internal", resource="orders\n{}", message="m")))
    [told] = [vars(record) for record in caplog.records if record.message == "refused"]
    assert (told["account"], told["code"], told["resource"]) == (TEAM, "not-internal", "orders {}")
    assert told["levelname"] == "WARNING"


def said(place: Place, *sayings: tuple[str, float]) -> list[str]:
    """What is left in the table of what infra has said, after a run that heeded it."""
    words = [Word(at=at, saying=cast("Saying", saying), about="orders", by="ayumi") for saying, at in sayings]
    Leases(place.own, TABLE).take(TEAM, ["one"], NOW, said=words)
    return [line.split()[1] for line in sorted(place.item(TEAM).get("words", []))]


@pytest.mark.parametrize(("blind", "left"), [(False, ["Hold"]), (True, ["Hold", "Unhold", "Hold"])])
def test_words_that_decide_nothing_any_more_are_forgotten_unless_nothing_was_seen(
    report: Handler, place: Place, blind: bool, left: list[str]
) -> None:
    sayings = ("Hold", NOW - 30), ("Unhold", NOW - 20), ("Hold", NOW - 10)
    assert said(place, *sayings) == ["Hold", "Unhold", "Hold"]
    words = tuple(Word(at=at, saying=cast("Saying", saying), about="orders", by="ayumi") for saying, at in sayings)
    plan = Plan(account=TEAM, round=1, next="done", blind=blind)
    ended(report, place.item(TEAM)["holder"], Run(**{**_fields(run(plan=plan)), "words": words}))
    assert [line.split()[1] for line in sorted(place.item(TEAM)["words"])] == left


def test_an_answer_is_kept_until_nobody_has_asked_for_it_for_long(report: Handler, place: Place) -> None:
    asked, left, gone = (f"{TEAM}-{digit * 12}" for digit in "012")
    words = tuple(Word(at=NOW - 90 * 86400, saying="Approve", about=about, by="a") for about in (asked, left, gone))
    holder = Leases(place.own, TABLE).take(TEAM, ["one"], NOW, said=words).holder
    request = Request(id=asked, kind="service", name="orders", resource="alb", what=("orders joins",), state="approved")
    memory = Memory(unasked={asked: NOW - 31 * 86400, gone: NOW - 31 * 86400})
    carried = {**_fields(run(approvals=(request,))), "words": words, "memory": memory}
    ended(report, holder, Run(**carried))
    assert [line.split()[2] for line in sorted(place.item(TEAM)["words"])] == [asked, left]
    assert remembered(place.item(TEAM)["summary"]).unasked == {left: carried["observed_at"], gone: NOW - 31 * 86400}


def test_the_state_machine_ends_with_the_run_as_it_was(report: Handler, place: Place) -> None:
    outcome = Outcome(kind="CreateService", account=TEAM, name="orders", because="b", status="done")
    what = to_state(Run(**{**_fields(run(services=(ORDERS,))), "outcomes": ((outcome,),)}))
    # `again` is asked by the state machine of release 0.1.0.
    assert report({"run": what, "execution": held(place)}) == {**what, "again": False}
