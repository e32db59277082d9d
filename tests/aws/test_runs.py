"""What the last runs of one account did, as the state machine kept it: the newest first, and of one thing if asked."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from onramp.aws.runs import RUNS_AT_MOST, runs
from onramp.core.errors import NotYet, Refused
from onramp.core.fleet import RunSeen, StepSeen
from onramp.core.state import encode
from onramp.core.steps import Outcome

from tests.aws.canned import Answer, Canned, Given, error

INFRA, TEAM, OTHER = "111111111111", "222222222222", "333333333333"
STATES = f"arn:aws:states:eu-west-1:{INFRA}:"
MACHINE = f"{STATES}stateMachine:onramp-net"
BEGAN = datetime(2026, 11, 27, 12, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=95)
NO_MORE: Given = {"events": []}


def execution(name: str, **given: Any) -> Given:
    return {
        "name": name,
        "executionArn": f"{STATES}execution:onramp-net:{name}",
        "status": "SUCCEEDED",
        "startDate": BEGAN,
        "stopDate": ENDED,
        **given,
    }


def outcome(name: str, kind: str = "CreateService", **given: Any) -> Outcome:
    return Outcome(**{"account": TEAM, "because": "b", "status": "done", **given, "kind": kind, "name": name})


def answered(*output: Any, by: str = "taskSucceededEventDetails") -> Given:
    """What a state machine keeps of a function's answers."""
    return {"events": [{by: {"output": one if isinstance(one, str) else json.dumps(one)}} for one in output]}


def machine(*executions: Given, **answers: Answer) -> Canned:
    return Canned(
        INFRA,
        **{
            "list_executions": {"executions": list(executions)},
            "describe_execution": {"input": json.dumps({"trigger": {"about": "tags of orders"}})},
            "get_execution_history": NO_MORE,
            **answers,
        },
    )


def told(own: Canned, *about: str) -> list[RunSeen]:
    return runs(own, MACHINE, TEAM, about)


def test_a_run_is_told_with_what_rang_its_times_its_page_and_its_steps() -> None:
    made = outcome("orders", because="nobody serves it", status="refused", detail="no room")
    own = machine(
        execution(f"{TEAM}-1"),
        get_execution_history=answered({"plan": {}}, [encode([made, outcome("bills")]), []], [[], encode([made])]),
    )
    arn = f"{STATES}execution:onramp-net:{TEAM}-1"
    refused = StepSeen(
        kind="CreateService", name="orders", because="nobody serves it", outcome="refused", detail="no room"
    )
    assert told(own) == [
        RunSeen(
            account=TEAM,
            execution=f"{TEAM}-1",
            status="SUCCEEDED",
            trigger="tags of orders",
            started=BEGAN.timestamp(),
            ended=ENDED.timestamp(),
            console="https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
            f"#/v2/executions/details/{arn}",
            steps=(
                refused,
                StepSeen(kind="CreateService", name="bills", because="b", outcome="done", detail=""),
                refused,
            ),
        )
    ]
    assert own.calls == [
        ("list_executions", {"stateMachineArn": MACHINE}),
        ("describe_execution", {"executionArn": arn}),
        ("get_execution_history", {"executionArn": arn}),
    ]


def test_a_run_that_goes_on_has_no_end() -> None:
    going = execution(f"{TEAM}-1", status="RUNNING")
    del going["stopDate"]
    assert [(one.status, one.ended) for one in told(machine(going))] == [("RUNNING", 0.0)]


def test_only_the_accounts_own_runs_are_told_and_no_more_than_a_handful() -> None:
    names = [f"{TEAM}-{number}" for number in range(RUNS_AT_MOST + 3)]
    own = machine(execution(f"{OTHER}-1"), execution(f"{TEAM}0-1"), *map(execution, names))
    assert [one.execution for one in told(own)] == names[:RUNS_AT_MOST]
    assert sum(method == "describe_execution" for method, _ in own.calls) == RUNS_AT_MOST
    assert told(machine(execution(f"{OTHER}-1"))) == []


def test_it_is_looked_back_ten_pages_and_no_further() -> None:
    """In a network in which others' runs fill page after page."""
    mine = {0: "first", 9: "tenth", 10: "eleventh"}
    pages = [[execution(f"{TEAM}-{mine[page]}" if page in mine else f"{OTHER}-{page}")] for page in range(12)]
    own = machine(list_executions=[{"executions": page} for page in pages])
    assert [one.execution for one in told(own)] == [f"{TEAM}-first", f"{TEAM}-tenth"]


@pytest.mark.parametrize(
    ("given", "trigger"),
    [
        ({"input": json.dumps({"trigger": {"about": "a sweep"}})}, "a sweep"),
        ({"input": json.dumps({"trigger": {}})}, ""),
        ({"input": json.dumps({"trigger": None})}, ""),
        ({"input": "[]"}, ""),
        ({"input": "no json"}, ""),
        ({}, ""),
    ],
)
def test_what_rang_is_told_as_far_as_it_is_known(given: Given, trigger: str) -> None:
    assert [one.trigger for one in told(machine(execution(f"{TEAM}-1"), describe_execution=given))] == [trigger]


@pytest.mark.parametrize(
    ("history", "steps"),
    [
        (answered([encode([outcome("orders")])], by="lambdaFunctionSucceededEventDetails"), ["orders"]),
        (answered(encode([outcome("orders"), outcome("bills")])), ["orders", "bills"]),  # of release 0.1.0: one batch
        (answered('[{"kind": "of tomorrow"}]', [encode([outcome("orders")])]), ["orders"]),
        (answered("[[]]", "[]", "{}", ""), []),
        ({"events": [{"id": 1}, {"taskSucceededEventDetails": {}}]}, []),
    ],
)
def test_steps_are_read_of_every_release_and_what_is_none_is_passed_over(history: Given, steps: list[str]) -> None:
    [run] = told(machine(execution(f"{TEAM}-1"), get_execution_history=history))
    assert [one.name for one in run.steps] == steps


@pytest.mark.parametrize(
    ("about", "steps"),
    [
        ([], ["orders", "orders/http-80", "net-orders-1", "bills"]),
        (["orders"], ["orders", "orders/http-80", "net-orders-1"]),
        (["bills"], ["bills"]),
        (["bills", "http-80"], ["orders/http-80", "bills"]),
        (["cards"], []),
    ],
)
def test_of_one_thing_only_its_steps_are_told(about: list[str], steps: list[str]) -> None:
    names = ["orders", "orders/http-80", "net-orders-1", "bills"]
    history = answered([encode([outcome(name) for name in names])])
    own = machine(execution(f"{TEAM}-1"), get_execution_history=history)
    [run] = told(own, *about)
    assert [one.name for one in run.steps] == steps


@pytest.mark.parametrize(
    ("answer", "raised"),
    [(error("AccessDeniedException", 403), Refused), (error("ThrottlingException", 429), NotYet)],
)
@pytest.mark.parametrize("method", ["list_executions", "describe_execution", "get_execution_history"])
def test_runs_that_cannot_be_read_are_not_told_as_none(method: str, answer: Answer, raised: type[Exception]) -> None:
    with pytest.raises(raised, match="Operation"):
        told(machine(execution(f"{TEAM}-1"), **{method: answer}))
