"""Read what the last runs of an account did, from the state machine that keeps it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from onramp.aws.account import Account
from onramp.aws.errors import translated
from onramp.aws.reading import pages
from onramp.core.fleet import RunSeen, StepSeen
from onramp.core.steps import Outcome

RUNS_AT_MOST = 5
"""Of one account that are told of: each costs two calls, and its history by pages."""


def runs(own: Account, machine: str, account: str, about: Iterable[str] = ()) -> list[RunSeen]:
    """The account's last runs, the newest first. `about`: names of what alone its steps are told; all if there is none.

    Names of executions begin with the account; Step Functions lists the newest first, and cannot search (its model).
    """
    states = own.client("stepfunctions")
    names = frozenset(about)
    found: list[RunSeen] = []
    with translated():
        for item in _executions(states, machine, account):
            whole = states.describe_execution(executionArn=item["executionArn"])
            found.append(
                RunSeen(
                    account=account,
                    execution=item["name"],
                    status=item["status"],
                    trigger=_trigger(whole.get("input", "{}")),
                    started=item["startDate"].timestamp(),
                    ended=item["stopDate"].timestamp() if item.get("stopDate") else 0.0,
                    console=console(item["executionArn"]),
                    steps=tuple(
                        step for step in _steps(states, item["executionArn"]) if not names or _names(step, names)
                    ),
                )
            )
    return found


def _executions(states: Any, machine: str, account: str) -> Iterator[dict[str, Any]]:
    """A thousand back at most: in a large network an account at rest has a run an hour among them."""
    mine = 0
    for page, items in enumerate(states.get_paginator("list_executions").paginate(stateMachineArn=machine)):
        for item in items["executions"]:
            if item["name"].startswith(f"{account}-"):
                mine += 1
                yield item
                if mine == RUNS_AT_MOST:
                    return
        if page == 9:  # pages of a hundred
            return


def _names(step: StepSeen, names: frozenset[str]) -> bool:
    return any(name in (step.name, step.name.partition("/")[0]) or name in step.name for name in names)


def _trigger(text: str) -> str:
    try:
        return str(json.loads(text)["trigger"]["about"])
    except (ValueError, KeyError, TypeError):
        return ""


def _steps(states: Any, arn: str) -> Iterator[StepSeen]:
    events = pages(states, "get_execution_history", "events", executionArn=arn)
    for event in events:
        output = event.get("taskSucceededEventDetails", event.get("lambdaFunctionSucceededEventDetails", {})).get(
            "output"
        )
        if not output or not output.startswith("["):
            continue  # a look answers an object, a round its outcomes
        for it in _outcomes(output):
            yield StepSeen(kind=it.kind, name=it.name, because=it.because, outcome=it.status, detail=it.detail)


def _outcomes(output: str) -> Iterator[Outcome]:
    """Batch by batch; of runs that the state machine of release 0.1.0 began, of one batch."""
    try:
        for batch in msgspec.json.decode(output, type=tuple[tuple[Outcome, ...] | Outcome, ...]):
            yield from [batch] if isinstance(batch, Outcome) else batch
    except msgspec.MsgspecError:
        return


def console(execution: str) -> str:
    """The console's page of an execution."""
    region = execution.split(":")[3]
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{execution}"
