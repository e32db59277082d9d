"""Retry and Catch: what is tried again, when, and what takes an error."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from localcloud.ground.paths import Json, Scope
from localcloud.services.states import asl
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.estate import Estate
from localcloud.services.states.model import Execution, Pause, Steps
from localcloud.services.states.payloads import put, within_limit


def _is_meant(names: list[str], error: str) -> bool:
    """Which errors a retrier or catcher takes: States.ALL not the terminal ones, TaskFailed not a timeout."""
    if error in names:
        return True
    if error in {"States.Runtime", "States.DataLimitExceeded"}:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def work(
    estate: Estate,
    execution: Execution,
    state: Mapping[str, Any],
    data: Json,
    scope: Scope,
    attempt: Callable[[], Steps],
) -> Generator[Pause, None, tuple[Json, str | None]]:
    """Run a Task, Parallel or Map with its Retry and Catch; answers output and the catcher's Next."""
    tried: dict[int, int] = {}
    while True:
        scope.context["State"]["RetryCount"] = sum(tried.values())
        try:
            result = yield from attempt()
            result_scope = Scope(result, scope.context, estate.cloud.random)
            if "ResultSelector" in state:
                result = asl.fill(state["ResultSelector"], result_scope)
            within_limit(result)
            return put(state, data, result), None
        except StatesError as error:
            seconds = seconds_to_retry(estate, state, error, tried)
            if seconds is not None:
                yield estate.sleep(execution, seconds)
                continue
            for catch in state.get("Catch", []):
                if _is_meant(catch["ErrorEquals"], error.error):
                    told = {"Error": error.error, "Cause": error.cause}
                    return put(catch, data, told), catch["Next"]
            raise


def seconds_to_retry(
    estate: Estate, state: Mapping[str, Any], error: StatesError, tried: dict[int, int]
) -> float | None:
    """Seconds until the next attempt, or None when there is none. `tried` counts by retrier."""
    for number, retry in enumerate(state.get("Retry", [])):
        if not _is_meant(retry["ErrorEquals"], error.error):
            continue
        if tried.get(number, 0) >= retry.get("MaxAttempts", 3):
            return None
        try:
            seconds = retry.get("IntervalSeconds", 1) * retry.get("BackoffRate", 2.0) ** tried.get(number, 0)
        except OverflowError:
            seconds = asl.LONGEST
        tried[number] = tried.get(number, 0) + 1
        seconds = min(seconds, retry.get("MaxDelaySeconds", asl.LONGEST))
        if retry.get("JitterStrategy", "NONE") == "FULL":
            seconds = estate.cloud.random.uniform(0, seconds)
        return float(seconds)
    return None
