"""Runs a machine: state after state, from StartAt to an end."""

from __future__ import annotations

import copy
import functools
from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any

from localcloud.ground.journal import StateRecord
from localcloud.ground.paths import Json, Scope
from localcloud.services.states import asl
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.estate import Estate
from localcloud.services.states.map import run_map, run_parallel
from localcloud.services.states.model import Branch, Execution, Pause, Steps
from localcloud.services.states.payloads import dump, put, select, stamp, whole, within_limit
from localcloud.services.states.retry import work
from localcloud.services.states.task import run_task
from localcloud.services.states.tells import announce

ABSENT = object()


def _by_path(state: Mapping[str, Any], key: str, scope: Scope) -> str:
    if f"{key}Path" in state:
        value = asl.calculate(state[f"{key}Path"], scope)
        if not isinstance(value, str):
            raise StatesError("States.Runtime", f"{key}Path leads to {dump(value)}, which is no string")
        return value
    return str(state.get(key, ""))


def _choose(state: Mapping[str, Any], scope: Scope) -> str:
    for rule in state["Choices"]:
        if asl.holds(rule, scope):
            return str(rule["Next"])
    if "Default" in state:
        return str(state["Default"])
    raise StatesError("States.NoChoiceMatched", "No choice rule matched and there is no Default.")


def begin_execution(estate: Estate, execution: Execution, data: Json) -> None:
    estate.write(
        execution,
        "ExecutionStarted",
        executionStartedEventDetails={"input": execution.input, "roleArn": execution.role},
    )
    announce(estate, execution, data)
    limit = execution.definition.get("TimeoutSeconds")
    if limit is not None:
        estate.later(execution, limit, lambda: end_execution(estate, execution, "TIMED_OUT"), background=True)
    branch = estate.branch(
        execution,
        run_states(estate, execution, execution.definition, data, estate.context(execution, data)),
        lambda over: end_of(estate, execution, over),
    )
    estate.later(execution, 0, branch.go_on)


def end_of(estate: Estate, execution: Execution, branch: Branch) -> None:
    if execution.status != "RUNNING":
        return
    if branch.error is not None:
        end_execution(estate, execution, "FAILED", error=branch.error.error, cause=branch.error.cause)
    else:
        end_execution(estate, execution, "SUCCEEDED", output=branch.result)


def end_execution(
    estate: Estate, execution: Execution, status: str, *, output: Json = ABSENT, error: str = "", cause: str = ""
) -> None:
    execution.status = status
    execution.stopped = estate.cloud.clock.now
    execution.error, execution.cause = error, cause
    details: dict[str, Any] = {"error": error, "cause": cause}
    if output is not ABSENT:
        execution.output = dump(output)
        details = {"output": execution.output}
    for branch in execution.branches:
        branch.stop()
    for call_off in execution.timers:
        call_off()
    kind = "Execution" + {"TIMED_OUT": "TimedOut"}.get(status, status.capitalize())
    estate.write(execution, kind, **{kind[0].lower() + kind[1:] + "EventDetails": details})
    announce(estate, execution, None if output is ABSENT else output)


def run_states(
    estate: Estate, execution: Execution, part: Mapping[str, Any], data: Json, context: Mapping[str, Any]
) -> Steps:
    """Run states from StartAt until one ends; answers its output, raises StatesError."""
    name = part["StartAt"]
    while True:
        state = part["States"][name]
        entered = {
            **context,
            "State": {"Name": name, "EnteredTime": stamp(estate.cloud.clock.now), "RetryCount": 0},
        }
        enter(estate, execution, name, state["Type"], data)
        data, following = yield from run_state(estate, execution, name, state, data, entered)
        within_limit(data)
        if state["Type"] != "Fail":
            details = {"name": name, "output": dump(data)}
            estate.write(execution, f"{state['Type']}StateExited", stateExitedEventDetails=details)
        if following is None:
            return data
        name = following


def enter(estate: Estate, execution: Execution, name: str, kind: str, data: Json) -> None:
    details = {"name": name, "input": dump(data)}
    estate.write(execution, f"{kind}StateEntered", stateEnteredEventDetails=details)
    record = StateRecord(
        at=estate.cloud.clock.now,
        run=execution.arn,
        execution=execution.arn,
        state=name,
        kind=kind,
        input=copy.deepcopy(data),
    )
    estate.cloud.journal.add(record)


def run_state(
    estate: Estate, execution: Execution, name: str, state: Mapping[str, Any], data: Json, context: dict[str, Any]
) -> Generator[Pause, None, tuple[Json, str | None]]:
    """Run one state; answers its output and the state that follows."""
    scope = Scope(data, context, estate.cloud.random)
    if state["Type"] == "Fail":
        raise StatesError(_by_path(state, "Error", scope), _by_path(state, "Cause", scope))
    chosen = select(state.get("InputPath", "$"), scope)
    inner = Scope(chosen, context, estate.cloud.random)
    following: str | None = state.get("Next")
    if state["Type"] in {"Task", "Parallel", "Map"}:
        output, caught = yield from work(
            estate, execution, state, data, inner, lambda: attempt(estate, execution, name, state, inner)
        )
        if caught is not None:
            return output, caught
    elif state["Type"] == "Choice":
        output, following = chosen, _choose(state, inner)
    elif state["Type"] == "Pass":
        filled = asl.fill(state["Parameters"], inner) if "Parameters" in state else chosen
        output = put(state, data, state.get("Result", filled))
    else:
        if state["Type"] == "Wait":
            yield estate.sleep(execution, seconds_to_wait(estate, state, inner))
        output = chosen
    return select(state.get("OutputPath", "$"), Scope(output, context, estate.cloud.random)), following


def seconds_to_wait(estate: Estate, state: Mapping[str, Any], scope: Scope) -> float:
    if "Timestamp" in state or "TimestampPath" in state:
        return max(0.0, _moment_of(state, scope).timestamp() - estate.cloud.clock.now)
    if "Seconds" in state:
        return float(state["Seconds"])
    return whole(state["SecondsPath"], scope, "SecondsPath", 0)


def _moment_of(state: Mapping[str, Any], scope: Scope) -> datetime:
    value = state["Timestamp"] if "Timestamp" in state else select(state["TimestampPath"], scope)
    try:
        return asl.moment(value)
    except TypeError as error:
        text = (
            f"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time: {dump(value)}"
        )
        raise StatesError("States.Runtime", text) from error


def attempt(estate: Estate, execution: Execution, name: str, state: Mapping[str, Any], scope: Scope) -> Steps:
    """Run a Task, Parallel or Map once."""
    run = functools.partial(run_states, estate, execution)
    if state["Type"] == "Map":
        return (yield from run_map(estate, execution, name, state, scope, run))
    given = asl.fill(state["Parameters"], scope) if "Parameters" in state else scope.data
    within_limit(given)
    if state["Type"] == "Parallel":
        return (yield from run_parallel(estate, execution, state, given, scope, run))
    return (yield from run_task(estate, execution, state, given, scope))
