"""Branches beside each other: the items of a Map, the parts of a Parallel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.ground.paths import Json, Scope
from localcloud.services.states import asl
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.estate import Estate
from localcloud.services.states.model import Branch, Execution, Pause, Steps
from localcloud.services.states.payloads import select, whole

MAX_CONCURRENT_MAP = 40  # an inline Map runs about 40 iterations at once
type Run = Callable[[Mapping[str, Any], Json, Mapping[str, Any]], Steps]
"""Runs the states of a part of a definition, on an input and a context object."""


def run_parallel(
    estate: Estate, execution: Execution, state: Mapping[str, Any], given: Json, scope: Scope, run: Run
) -> Steps:
    """Run the branches of a Parallel beside each other."""
    branches = state["Branches"]
    estate.write(execution, "ParallelStateStarted")
    starts = [functools.partial(run, part, given, scope.context) for part in branches]
    try:
        results = yield from side_by_side(estate, execution, starts, len(branches))
    except StatesError:
        estate.write(execution, "ParallelStateFailed")
        raise
    estate.write(execution, "ParallelStateSucceeded")
    return results


def run_map(estate: Estate, execution: Execution, name: str, state: Mapping[str, Any], scope: Scope, run: Run) -> Steps:
    """Run a Map: its part for each item, so many at once as it says."""
    items = select(state.get("ItemsPath", "$"), scope)
    if not isinstance(items, list):
        text = f'Reference path "{state.get("ItemsPath", "$")}" must point to array.'
        raise StatesError("States.Runtime", text)
    most = state.get("MaxConcurrency", 0)
    if "MaxConcurrencyPath" in state:
        most = whole(state["MaxConcurrencyPath"], scope, "MaxConcurrencyPath", 0)
    estate.write(execution, "MapStateStarted", mapStateStartedEventDetails={"length": len(items)})
    selector = state.get("ItemSelector", state.get("Parameters"))
    part = state.get("ItemProcessor") or state["Iterator"]

    def iteration(index: int, item: Json) -> Steps:
        context = {**scope.context, "Map": {"Item": {"Index": index, "Value": item}}}
        where = {"name": name, "index": index}
        estate.write(execution, "MapIterationStarted", mapIterationStartedEventDetails=where)
        given = item
        if selector is not None:
            given = asl.fill(selector, Scope(scope.data, context, estate.cloud.random))
        try:
            result = yield from run(part, given, context)
        except StatesError:
            estate.write(execution, "MapIterationFailed", mapIterationFailedEventDetails=where)
            raise
        estate.write(execution, "MapIterationSucceeded", mapIterationSucceededEventDetails=where)
        return result

    starts = [functools.partial(iteration, index, item) for index, item in enumerate(items)]
    try:
        results = yield from side_by_side(estate, execution, starts, most or MAX_CONCURRENT_MAP)
    except StatesError:
        estate.write(execution, "MapStateFailed")
        raise
    estate.write(execution, "MapStateSucceeded")
    return results


def side_by_side(estate: Estate, execution: Execution, starts: Sequence[Callable[[], Steps]], at_once: int) -> Steps:
    """Run branches beside each other; the first error stops the others."""
    if not starts:
        return []
    pause, waiting = Pause(), list(starts)
    branches: list[Branch] = []
    ended: list[Branch] = []

    def over(branch: Branch) -> None:
        ended.append(branch)
        if branch.error is not None:
            for other in branches:
                other.stop()
        if branch.error is not None or len(ended) == len(starts):
            pause.done()
        elif waiting:
            begin()

    def begin() -> None:
        branch = estate.branch(execution, waiting.pop(0)(), over)
        branches.append(branch)
        estate.later(execution, 0, branch.go_on)

    for _ in range(min(at_once, len(starts))):
        begin()
    yield pause
    for branch in ended:
        if branch.error is not None:
            raise branch.error
    return [branch.result for branch in branches]
