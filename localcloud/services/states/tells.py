"""The event that an execution raises when it begins and when it ends."""

from __future__ import annotations

import copy
import json
from typing import Any

from localcloud.ground.journal import ExecutionRecord
from localcloud.ground.paths import Json
from localcloud.services.states.estate import Estate
from localcloud.services.states.model import MAX_EVENT_PAYLOAD, Execution


def _payload(name: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {name: None, f"{name}Details": None}
    included = len(text.encode()) <= MAX_EVENT_PAYLOAD
    return {name: text if included else None, f"{name}Details": {"included": included}}


def announce(estate: Estate, execution: Execution, value: Json) -> None:
    """Tell the journal and the account's default bus that the execution began or ended (facts 2.7)."""
    ended = execution.stopped is not None
    data = json.loads(execution.input)
    estate.cloud.journal.add(
        ExecutionRecord(
            at=estate.cloud.clock.now,
            run=execution.arn,
            execution=execution.arn,
            status=execution.status,
            input=data,
            output=copy.deepcopy(value) if ended else None,
            error=execution.error,
            cause=execution.cause,
        )
    )
    redrivable = execution.status in {"FAILED", "TIMED_OUT", "ABORTED"}
    detail = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine,
        "name": execution.name,
        "status": execution.status,
        "startDate": int(execution.started * 1000),
        "stopDate": int(execution.stopped * 1000) if execution.stopped is not None else None,
        **_payload("input", execution.input),
        **_payload("output", execution.output),
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
        "redriveStatusReason": "" if redrivable else f"Execution is {execution.status} and cannot be redriven",
        "error": execution.error or None,
        "cause": execution.cause if execution.error else None,
    }
    estate.cloud.events.emit(
        account=execution.account,
        source="aws.states",
        detail_type="Step Functions Execution Status Change",
        resources=[execution.arn],
        detail=detail,
    )
