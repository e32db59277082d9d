"""Archives: what they keep, and what is replayed of them."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.events.models import ReplayState
from werkzeug.exceptions import HTTPException

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.events.delivery import put
from localcloud.services.events.estate import Estate

TAKES = 60.0
"""Simulated seconds from a replay's start to its end, and from its cancellation to that it is cancelled."""


def _epoch(moment: Any) -> float:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return float(moment.timestamp()) if isinstance(moment, datetime) else float(moment)


def _refusal(error: Exception) -> AwsError:
    code = getattr(error, "error_type", "") or getattr(error, "code", "") or "ValidationException"
    return AwsError(str(code), str(getattr(error, "message", error)))


def start_replay(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    backend: Any = get_backend("events")[caller.account][caller.region]
    archive = backend.archives.get(params["EventSourceArn"].rpartition("/")[2])
    kept = list(archive.events) if archive else []
    if archive:
        archive.events.clear()  # moto would replay them itself, and call targets that it cannot call
    start, end = _epoch(params["EventStartTime"]), _epoch(params["EventEndTime"])
    name = params["ReplayName"]
    try:
        answer = backend.start_replay(
            name, params.get("Description", ""), params["EventSourceArn"], start, end, params["Destination"]
        )
    except (HTTPException, ServiceException) as error:
        raise _refusal(error) from error
    finally:
        if archive:
            archive.events.extend(kept)
    only = params["Destination"].get("FilterArns")
    replay = backend.replays[name]
    _becomes(estate, replay, ReplayState.STARTING, 0, ReplayState.RUNNING)
    for event in kept:
        if start <= _epoch(event["time"]) <= end:
            again = {**event, "replay-name": name}
            again_put = functools.partial(_put_again, estate, replay, params["Destination"]["Arn"], again, only)
            estate.cloud.clock.after(0, again_put, f"replay {name}")
    _becomes(estate, replay, None, TAKES, ReplayState.COMPLETED)
    return {
        "ReplayArn": answer["ReplayArn"],
        "State": "STARTING",
        "ReplayStartTime": datetime.fromtimestamp(estate.cloud.clock.now, UTC),
    }


def _put_again(estate: Estate, replay: Any, bus: str, event: dict[str, Any], only: list[str] | None) -> None:
    if replay.state is ReplayState.RUNNING:
        put(estate, bus, event, only)


def _becomes(estate: Estate, replay: Any, now: ReplayState | None, seconds: float, later: ReplayState) -> None:
    """In one state now (None: it stays in its own), and in another later, unless it is cancelled meanwhile."""
    if now is not None:
        replay.state, replay.end_time = now, None

    def arrive() -> None:
        if (replay.state is ReplayState.CANCELLING) == (later is ReplayState.CANCELLED):
            replay.state = later
            replay.end_time = estate.cloud.clock.now if later is not ReplayState.RUNNING else None

    estate.cloud.clock.after(seconds, arrive, f"replay {replay.name}")


def cancel_replay(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """What has been put again by then stays so."""
    replay: Any = get_backend("events")[caller.account][caller.region].replays.get(params["ReplayName"])
    if replay is None:
        raise AwsError("ResourceNotFoundException", f"Replay {params['ReplayName']} does not exist.")
    if replay.state not in (ReplayState.STARTING, ReplayState.RUNNING):
        text = f"Replay {replay.name} is not in a valid state for this operation."
        raise AwsError("IllegalStatusException", text)
    _becomes(estate, replay, ReplayState.CANCELLING, TAKES, ReplayState.CANCELLED)
    return {"ReplayArn": replay.arn, "State": replay.state.value}


OPERATIONS: Operations[Estate] = {
    "CancelReplay": cancel_replay,
    "StartReplay": start_replay,
}
