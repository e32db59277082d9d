"""From a queue's records to runs: one an account, whoever rings; what cannot be read comes again."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from onramp.aws.accounts import Accounts
from onramp.aws.lease import FAILED_IN_A_ROW, Leases
from onramp.aws.shelf import Shelf
from onramp.core.backoff import PAUSES
from onramp.core.infra import WORDS_AT_MOST, Word
from onramp.core.inventory import Refusal
from onramp.core.run import Memory, Run
from onramp.core.state import from_state
from onramp.core.tagged_by import Asks

from localcloud.door.faults import Fault
from tests.place import MACHINE, NETWORK, NOW, TABLE, Place

TEAM, OTHER = "222222222222", "333333333333"
ALB = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/50dc6c495c0c9188"

type Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def intake(function: Callable[[str], Handler]) -> Handler:
    return function("intake")


def event(source: str, detail_type: str, detail: Any, account: str = TEAM, id: str = "event-1") -> dict[str, Any]:
    return {
        "version": "0",
        "id": id,
        "source": source,
        "detail-type": detail_type,
        "account": account,
        "time": "2026-11-01T12:00:00Z",
        "region": "ap-northeast-1",
        "resources": [ALB],
        "detail": detail,
    }


def tagged(account: str = TEAM, id: str = "event-1", key: str = "lattice:network") -> dict[str, Any]:
    return event("aws.tag", "Tag Change on Resource", {"changed-tag-keys": [key]}, account, id)


def ended(run: str, status: str = "FAILED", machine: str = MACHINE) -> dict[str, Any]:
    detail = {"name": run, "status": status, "stateMachineArn": machine}
    return event("aws.states", "Step Functions Execution Status Change", detail, NETWORK)


def look(detail: Any, account: str = NETWORK) -> dict[str, Any]:
    return event("lattice.onramp", "Look", detail, account)


def said(what: str, detail: Any, account: str = NETWORK, id: str = "event-1") -> dict[str, Any]:
    return event("lattice.onramp", what, detail, account, id)


def records(*bodies: Any) -> dict[str, Any]:
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {"Records": [{"messageId": f"message-{n}", "body": text} for n, text in enumerate(texts)]}


def failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


@pytest.mark.parametrize(("network", "rings"), [("net", True), ("another", False)])
def test_an_answer_rings_where_it_waits_for_what_this_network_has(
    intake: Handler, place: Place, network: str, rings: bool
) -> None:
    waits = {
        "lattice-onramp:status": "waiting",
        "lattice-onramp:message": f"network {network} still holds service orders",
    }
    changed = {"changed-tag-keys": list(waits), "tags": waits}
    assert failed(intake(records(event("aws.tag", "Tag Change on Resource", changed)))) == []
    assert len(place.runs()) == int(rings)


def test_a_ring_starts_a_run_of_its_account(intake: Handler, place: Place) -> None:
    assert failed(intake(records(tagged()))) == []
    [(name, state)] = place.runs().items()
    run = from_state(state)
    assert name == place.item(TEAM)["holder"]
    assert run.account == TEAM
    assert run.trigger["about"] == "lattice:network changed on loadbalancer/app/orders/50dc6c495c0c9188"
    assert run.memory == Memory()
    assert float(place.item(TEAM)["heard_at"]) == NOW


def test_a_hundred_events_of_an_account_are_one_run(intake: Handler, place: Place) -> None:
    assert failed(intake(records(*(tagged(id=f"event-{n}") for n in range(100))))) == []
    assert len(place.runs()) == 1
    assert place.count("UpdateItem") == 1


def test_of_what_rings_together_the_run_is_told_what_asks_for_the_closest_look(intake: Handler, place: Place) -> None:
    sweep = event("lattice.onramp", "Sweep", {}, id="event-2")
    deleted = event("aws.vpc-lattice", "AWS API Call via CloudTrail", {"eventName": "DeleteListener"}, id="event-3")
    for account, others, told in ((TEAM, [sweep], "Sweep"), (OTHER, [sweep, deleted], deleted["detail-type"])):
        intake(records(tagged(account), *({**one, "account": account} for one in others)))
        [state] = [one for name, one in place.runs().items() if name.startswith(account)]
        assert state["trigger"]["detail_type"] == told


def test_each_account_gets_its_own(intake: Handler, place: Place) -> None:
    intake(records(tagged(), tagged(OTHER), tagged()))
    assert sorted(state["account"] for state in place.runs().values()) == [TEAM, OTHER]


def test_while_a_run_goes_on_no_other_starts(intake: Handler, place: Place) -> None:
    intake(records(tagged()))
    place.cloud.clock.advance(10)
    assert failed(intake(records(tagged(id="event-2")))) == []
    assert len(place.runs()) == 1
    assert float(place.item(TEAM)["rung_at"]) == NOW + 10


def test_what_the_last_run_told_is_handed_over(intake: Handler, place: Place) -> None:
    told = Memory(refusals=(Refusal(code="not-internal", resource="orders", message="make it internal"),))
    leases = Leases(place.own, TABLE)
    leases.release(TEAM, leases.take(TEAM, ["before"], NOW - 60).holder, told, NOW - 50, blind=False)
    intake(records(tagged()))
    [state] = place.runs().values()
    assert from_state(state).memory == told


def test_who_changed_the_tags_is_handed_to_the_run(intake: Handler, place: Place) -> None:
    who = f"arn:aws:sts::{TEAM}:assumed-role/Developer/ana"
    detail = {
        "eventName": "AddTags",
        "userIdentity": {"arn": who},
        "requestParameters": {"resourceArns": [ALB], "tags": [{"key": "lattice:network", "value": "net"}]},
    }
    told = event("aws.elasticloadbalancing", "AWS API Call via CloudTrail", detail, id="event-2")
    assert failed(intake(records(tagged(), {**told, "time": "2026-11-01T11:59:58Z"}))) == []
    [state] = place.runs().values()
    assert from_state(state).asks == (Asks(resource=ALB, at=NOW), Asks(resource=ALB, by=who, at=NOW - 2))
    assert "asks" not in state["trigger"]


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "{}",
        "[]",
        json.dumps({**tagged(), "account": 222222222222}),
        json.dumps({**tagged(), "account": "22222222222"}),
        json.dumps({**tagged(), "account": "2222222222222"}),
        json.dumps({**tagged(), "account": "222222222222\n"}),
        json.dumps({**tagged(), "account": "22222222222x"}),
        json.dumps({**tagged(), "account": "２２２２２２２２２２２２"}),  # noqa: RUF001 - digits, and none of an account
        json.dumps(look({})),
        json.dumps(look({"account": "everybody"})),
        json.dumps(look("no object")),
        json.dumps(said("Release", {"account": "everybody"})),
        json.dumps(said("Release", {"account": TEAM, "until": "the end"})),
        json.dumps(said("Hold", {"account": TEAM, "name": "not a name"})),
        json.dumps(said("Approve", {"id": TEAM})),
        json.dumps(said("Reject", {"id": f"{TEAM}-0123456789AB"})),
        json.dumps({**tagged(), "detail": "DEEP"}).replace('"DEEP"', "[" * 100_000 + "]" * 100_000),
        json.dumps({**tagged(), "detail": {"x": "LONG"}}).replace('"LONG"', "9" * 200_000),
    ],
    ids=lambda body: body[:60],
)
def test_what_cannot_be_read_goes_to_the_dead_letters_and_holds_up_no_other(
    intake: Handler, place: Place, body: str
) -> None:
    answer = intake(records(tagged(OTHER), body))
    assert failed(answer) == ["message-1"]
    assert [state["account"] for state in place.runs().values()] == [OTHER]


def test_noise_starts_nothing_and_does_not_come_again(intake: Handler, place: Place) -> None:
    noise = [tagged(key="Name"), event("aws.s3", "Object Created", {}), look({"account": TEAM}, account=OTHER)]
    assert failed(intake(records(*noise))) == []
    assert place.runs() == {}
    assert place.item(TEAM) == {}


def test_the_log_tells_what_was_passed_over_not_read_and_not_started(
    intake: Handler, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.cloud.faults.add(Fault("throttle", operation="UpdateItem", times=None))
    with caplog.at_level("INFO"):
        intake(records(tagged(key="Name"), '{"a": "\n"}', tagged()))
    said = {record.message: vars(record) for record in caplog.records}
    assert said["ignored"]["why"]
    assert said["malformed event"]["message_id"] == "message-1"
    assert said["malformed event"]["reason"].startswith("JSON is malformed")
    assert said["not started"]["account"] == TEAM
    assert said["not started"]["exc_info"] is not None
    levels = {message: said[message]["levelname"] for message in ("ignored", "malformed event", "not started")}
    assert levels == {"ignored": "INFO", "malformed event": "ERROR", "not started": "ERROR"}


def test_the_network_account_may_ask_for_a_look(intake: Handler, place: Place) -> None:
    assert failed(intake(records(look({"account": TEAM, "because": "infra asks"})))) == []
    [state] = place.runs().values()
    assert state["account"] == TEAM
    assert state["trigger"]["about"] == "infra asks"
    assert "heard_at" not in place.item(TEAM)


def test_what_infra_says_is_remembered_and_handed_to_the_run(intake: Handler, place: Place) -> None:
    words = [said("Hold", {"account": TEAM, "name": "orders", "by": "ayumi"}), said("Release", {"account": TEAM})]
    assert failed(intake(records(*words))) == []
    [state] = place.runs().values()
    at = datetime.fromisoformat("2026-11-01T12:00:00Z").timestamp()
    assert set(from_state(state).words) == {
        Word(at=at, saying="Hold", about="orders", by="ayumi"),
        Word(at=at, saying="Release"),
    }
    assert "heard_at" not in place.item(TEAM)


def test_what_infra_says_where_too_much_waits_comes_again_and_begins_a_run(intake: Handler, place: Place) -> None:
    many = [Word(at=NOW, saying="Hold", about=f"orders-{one}") for one in range(WORDS_AT_MOST + 1)]
    leases = Leases(place.own, TABLE)
    leases.release(TEAM, leases.take(TEAM, ["before"], NOW - 60, said=many).holder, Memory(), NOW - 50, blind=False)
    assert failed(intake(records(said("Hold", {"account": TEAM, "name": "bills"})))) == ["message-0"]
    [state] = place.runs().values()
    assert len(from_state(state).words) == len(many)


def test_what_infra_says_twice_is_said_once(intake: Handler, place: Place) -> None:
    for _ in range(2):
        intake(records(said("Hold", {"account": TEAM})))
    assert len(place.item(TEAM)["words"]) == 1


def test_what_is_said_with_a_time_to_come_counts_from_now(intake: Handler, place: Place) -> None:
    intake(records({**said("Release", {"account": TEAM}), "time": "2999-01-01T00:00:00Z"}))
    [state] = place.runs().values()
    assert [word.at for word in from_state(state).words] == [NOW]


def test_what_is_let_go_is_what_infra_was_shown(intake: Handler, place: Place) -> None:
    intake(records(said("Release", {"account": TEAM, "until": f"{NOW - 30:.3f}"})))
    [state] = place.runs().values()
    assert [word.at for word in from_state(state).words] == [NOW - 30]


@pytest.mark.parametrize("what", ["Release", "Hold", "Unhold", "Approve", "Reject", "Look"])
def test_nobody_but_the_network_account_says_anything(intake: Handler, place: Place, what: str) -> None:
    detail = {"account": TEAM, "id": f"{TEAM}-0123456789abcdef0123456789abcdef01234567"}
    assert failed(intake(records(said(what, detail, account=TEAM)))) == []
    assert place.runs() == {}
    assert place.item(TEAM) == {}


def test_one_real_ring_among_those_for_it_is_heard(intake: Handler, place: Place) -> None:
    intake(records(look({"account": TEAM}), tagged()))
    assert float(place.item(TEAM)["heard_at"]) == NOW


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_run_that_ended_badly_is_followed_at_once(intake: Handler, place: Place, status: str) -> None:
    intake(records(tagged()))
    [first] = place.runs()
    place.end(first)
    place.cloud.clock.advance(5)
    assert failed(intake(records(ended(first, status)))) == []
    [second] = place.runs().keys() - {first}
    assert place.item(TEAM)["holder"] == second
    why = {"about": f"an execution {status} owes a look", "account": TEAM}
    rung = (Asks(resource=ALB, at=NOW),)  # what the first was to remember
    assert from_state(place.runs()[second]) == Run(account=TEAM, trigger=why, asks=rung)
    assert float(place.item(TEAM)["heard_at"]) == NOW  # nobody rang


def test_its_end_told_twice_starts_no_third(intake: Handler, place: Place) -> None:
    intake(records(tagged()))
    [first] = place.runs()
    place.end(first)
    intake(records(ended(first), ended(first)))
    intake(records(ended(first)))
    assert len(place.runs()) == 2


def test_a_run_that_always_fails_does_not_go_round(intake: Handler, place: Place) -> None:
    intake(records(tagged()))
    for _ in range(2 * FAILED_IN_A_ROW):
        holder = place.item(TEAM).get("holder")
        if holder is None:
            break
        place.end(holder)
        place.cloud.clock.advance(1)
        intake(records(ended(holder)))
    assert len(place.runs()) == 1 + FAILED_IN_A_ROW
    assert "holder" not in place.item(TEAM)
    intake(records(tagged(id="event-2")))  # who rings is looked at all the same
    assert len(place.runs()) == 2 + FAILED_IN_A_ROW


@pytest.mark.parametrize(
    "other",
    [
        {"machine": MACHINE + "-other"},
        {"status": "SUCCEEDED"},
        {"status": "RUNNING"},
    ],
)
def test_other_ends_free_nobody(intake: Handler, place: Place, other: dict[str, str]) -> None:
    intake(records(tagged()))
    [first] = place.runs()
    assert failed(intake(records(ended(first, **other)))) == []
    assert list(place.runs()) == [first]
    assert place.item(TEAM)["holder"] == first


@pytest.mark.parametrize("name", ["a-run-by-hand", "222222222222", f"{TEAM}1-x-1"])
def test_a_run_that_was_started_by_hand_holds_no_account(intake: Handler, place: Place, name: str) -> None:
    assert failed(intake(records(ended(name)))) == []
    assert place.count("UpdateItem") == 0


def test_a_ring_beside_the_end_is_looked_at_by_the_follower(intake: Handler, place: Place) -> None:
    intake(records(tagged()))
    [first] = place.runs()
    place.end(first)
    place.cloud.clock.advance(5)
    intake(records(tagged(id="event-2"), ended(first)))
    assert len(place.runs()) == 2
    assert float(place.item(TEAM)["rung_at"]) == NOW + 5


def test_whose_end_nobody_told_is_found_dead_by_the_next_ring(intake: Handler, place: Place) -> None:
    intake(records(tagged()))
    [first] = place.runs()
    place.end(first)
    place.cloud.clock.advance(300)
    intake(records(tagged(id="event-2")))
    assert len(place.runs()) == 2


def test_a_start_that_is_not_answered_comes_again_and_is_the_same_run(intake: Handler, place: Place) -> None:
    place.cloud.faults.add(Fault("throttle", "stepfunctions", "StartExecution", times=5))
    answer = intake(records(tagged(), tagged(id="event-2")))
    assert failed(answer) == ["message-0", "message-1"]
    holder = place.item(TEAM)["holder"]
    place.cloud.clock.advance(180)
    assert failed(intake(records(tagged(), tagged(id="event-2")))) == []
    assert list(place.runs()) == [holder]


def test_a_start_that_is_refused_frees_the_account(intake: Handler, place: Place) -> None:
    place.cloud.faults.add(Fault("refuse", "stepfunctions", "StartExecution"))
    assert failed(intake(records(tagged()))) == ["message-0"]
    assert "holder" not in place.item(TEAM)
    assert place.runs() == {}
    assert failed(intake(records(tagged()))) == []
    assert len(place.runs()) == 1


def test_one_account_s_trouble_is_not_another_s(intake: Handler, place: Place) -> None:
    place.cloud.faults.add(Fault("refuse", "stepfunctions", "StartExecution"))
    assert failed(intake(records(tagged(), tagged(OTHER)))) == ["message-0"]
    assert [state["account"] for state in place.runs().values()] == [OTHER]


def test_a_follower_that_could_not_start_starts_when_the_end_is_told_again(intake: Handler, place: Place) -> None:
    intake(records(tagged()))
    [first] = place.runs()
    place.end(first)
    place.cloud.faults.add(Fault("throttle", "stepfunctions", "StartExecution", times=5))
    assert failed(intake(records(ended(first)))) == ["message-0"]
    holder = place.item(TEAM)["holder"]
    place.cloud.clock.advance(180)
    assert failed(intake(records(ended(first)))) == []
    assert sorted(place.runs()) == sorted([first, holder])


def test_a_run_is_told_what_is_known_of_its_account(intake: Handler, place: Place) -> None:
    """How long to leave it alone, which member stack it has, and what its clients can call."""
    leases = Leases(place.own, TABLE)
    for turn in range(3):  # it keeps ringing while its runs end
        taken = leases.take(TEAM, [f"turn {turn}"], NOW - 6 + turn)
        leases.take(TEAM, [f"meanwhile {turn}"], NOW - 2)
        leases.release(TEAM, taken.holder, Memory(), NOW - 6 + turn, blind=False, looks=taken.looks)
    Accounts(place.own, TABLE).offer(TEAM, "3 1")
    sweep = event("lattice.onramp", "Sweep", {"network": "net", "version": "0.2.1"})
    assert failed(intake(records(sweep, tagged(id="event-2")))) == []
    [state] = place.runs().values()
    run = from_state(state)
    assert (run.pause, run.member, run.offered) == (PAUSES[3], "0.2.1", "3 1")
    assert run.pause > 0
    place.end(place.item(TEAM)["holder"])
    leases.release(TEAM, place.item(TEAM)["holder"], Memory(), NOW + 1, blind=False)
    intake(records(tagged(id="event-3")))
    [later] = [from_state(one) for name, one in place.runs().items() if name == place.item(TEAM)["holder"]]
    assert (later.pause, later.member, later.offered) == (0, "0.2.1", "3 1")


@pytest.mark.parametrize(
    ("prefix", "kept"), [("mesh:", "mesh:"), ("lattice:", None), ("no prefix", "old:"), (None, "old:")]
)
def test_another_tag_prefix_of_a_member_stack_is_remembered_until_it_is_the_network_s(
    intake: Handler, place: Place, prefix: str | None, kept: str | None
) -> None:
    Leases(place.own, TABLE).take(TEAM, ["before"], NOW - 60, prefix="old:")
    detail = {"network": "net", "version": "0.2.0"} | ({} if prefix is None else {"prefix": prefix})
    assert failed(intake(records(event("lattice.onramp", "Sweep", detail)))) == []
    assert place.item(TEAM).get("member_prefix") == kept


def test_a_large_account_s_memory_is_handed_over_by_its_key(intake: Handler, place: Place) -> None:
    leases = Leases(place.own, TABLE)
    refusals = [Refusal(code="not-internal", resource=f"orders-{n}", message="make it internal") for n in range(100)]
    memory = Memory(refusals=tuple(refusals))
    leases.release(TEAM, leases.take(TEAM, ["before"], NOW - 60).holder, memory, NOW - 50, blind=False)
    intake(records(tagged()))
    [state] = place.runs().values()
    assert state["remembered_at"] == place.item(TEAM)["remembered_at"]
    assert from_state(state, Shelf(place.own, TABLE).get).memory == memory
