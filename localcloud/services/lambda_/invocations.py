"""Invoke, in each of its ways."""

from __future__ import annotations

import base64
import json
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.journal import InvocationRecord
from localcloud.ground.json_text import read_json
from localcloud.ground.service import Operations
from localcloud.services.lambda_.asynchronous import invoke_async
from localcloud.services.lambda_.estate import Estate
from localcloud.services.lambda_.running import run_function


def _read_payload(payload: Any) -> Any:
    if payload is None or payload == b"":
        return {}
    if hasattr(payload, "read"):
        payload = payload.read()
    try:
        return read_json(payload, twice=True)
    except ValueError as error:
        text = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", text, Type="User") from error


def invoke(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Run a function and answer what it answered, or have it run by and by."""
    name = params["FunctionName"]
    payload = _read_payload(params.get("Payload"))
    if params.get("InvocationType") == "Event":
        invoke_async(estate, caller.account, name, payload)
        return {"StatusCode": 202}
    if params.get("InvocationType") == "DryRun":
        estate.function(caller.account, name)
        return {"StatusCode": 204}
    done = run_function(estate, caller.account, name, payload, run=estate.cloud.gate.run)
    answer = {
        "StatusCode": 200,
        "ExecutedVersion": "$LATEST",
        "Payload": json.dumps(done.result).encode(),
    }
    if done.error:
        answer["FunctionError"] = "Unhandled"
    if params.get("LogType") == "Tail":
        record = estate.cloud.journal.of(InvocationRecord)[-1]
        answer["LogResult"] = base64.b64encode(record.output.encode()[-4096:]).decode()
    return answer


def invoke_old(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The older way to have a function run by and by."""
    invoke_async(estate, caller.account, params["FunctionName"], _read_payload(params.get("InvokeArgs")))
    return {"Status": 202}


OPERATIONS: Operations[Estate] = {"Invoke": invoke, "InvokeAsync": invoke_old}
