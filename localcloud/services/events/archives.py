"""Archives: what they keep, and what is replayed of them."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.events.delivery import put
from localcloud.services.events.estate import Estate


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
    for event in kept:
        if start <= _epoch(event["time"]) <= end:
            again = {**event, "replay-name": name}
            again_put = functools.partial(put, estate, params["Destination"]["Arn"], again, only)
            estate.cloud.clock.after(0, again_put, f"replay {name}")
    return {
        "ReplayArn": answer["ReplayArn"],
        "State": "STARTING",
        "ReplayStartTime": datetime.fromtimestamp(estate.cloud.clock.now, UTC),
    }


OPERATIONS: Operations[Estate] = {
    "StartReplay": start_replay,
}
