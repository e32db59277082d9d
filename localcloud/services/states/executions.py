"""Executions: started, stopped, described, listed."""

from __future__ import annotations

import json
import re
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.ids import uuid4
from localcloud.ground.json_text import read_json
from localcloud.ground.pages import page
from localcloud.ground.paths import Json
from localcloud.ground.service import Operations
from localcloud.services.states.estate import Estate
from localcloud.services.states.machine import begin_execution, end_execution
from localcloud.services.states.model import MAX_PAYLOAD, Execution

_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


def _parse_input(text: str) -> Json:
    if len(text.encode()) > MAX_PAYLOAD:
        raise AwsError("InvalidExecutionInput", "Input is too long")
    try:
        return read_json(text, twice=True)
    except ValueError as error:
        raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: {error}") from error


def _summary(execution: Execution) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine,
        "name": execution.name,
        "status": execution.status,
        "startDate": utc(execution.started),
    }
    if execution.stopped is not None:
        summary["stopDate"] = utc(execution.stopped)
    return summary


def _page(items: list[Any], name: str, params: dict[str, Any], default: int) -> dict[str, Any]:
    token = params.get("nextToken")
    refusal = AwsError("InvalidToken", f"Invalid Token: '{token}'")
    answer: dict[str, Any] = {}
    answer[name], more = page(items, token, params.get("maxResults") or default, refusal)
    return {**answer, "nextToken": more} if more else answer


def require_own(operation: str, arn: str, caller: Caller) -> None:
    """Machines have no policies of their own, so nobody reaches those of another account."""
    if arn and len(arn.split(":")) not in {7, 8}:
        raise AwsError("InvalidArn", f"Invalid Arn: '{arn}'")
    if arn and arn.split(":")[4] != caller.account:
        text = f"User: {caller.arn} is not authorized to perform: states:{operation} on resource: {arn}"
        raise AwsError("AccessDeniedException", text)


def start(estate: Estate, machine_arn: str, name: str, text: str) -> Execution:
    """Start an execution as StartExecution does: `text` is its input as JSON, `name` may be ''.

    Raises AwsError: StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists. The
    same name and input while it runs answers the same execution.
    """
    machine = estate.machine(machine_arn)
    name = name or uuid4(estate.cloud.random_ids)
    if not _NAME.fullmatch(name):
        raise AwsError("InvalidName", f"Invalid Name: '{name}'")
    arn = machine.arn.replace(":stateMachine:", ":execution:") + f":{name}"
    known = estate.executions.get(arn)
    if known is not None and estate.is_taken(known):
        if known.status == "RUNNING" and known.input == text:
            return known
        raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
    data = _parse_input(text)
    definition = json.loads(machine.definition)
    execution = Execution(
        arn=arn,
        name=name,
        machine=machine.arn,
        account=machine.arn.split(":")[4],
        role=machine.roleArn,
        definition=definition,
        input=text,
        started=estate.cloud.clock.now,
    )
    estate.executions[arn] = execution
    begin_execution(estate, execution, data)
    return execution


def start_execution(estate: Estate, params: dict[str, Any], _: Caller) -> dict[str, Any]:
    arn = params["stateMachineArn"]
    execution = start(estate, arn, params.get("name", ""), params.get("input", "{}"))
    return {"executionArn": execution.arn, "startDate": utc(execution.started)}


def stop_execution(estate: Estate, params: dict[str, Any], _: Caller) -> dict[str, Any]:
    execution = estate.execution(params["executionArn"])
    if execution.status == "RUNNING":
        end_execution(estate, execution, "ABORTED", error=params.get("error", ""), cause=params.get("cause", ""))
    return {"stopDate": utc(execution.stopped or estate.cloud.clock.now)}


def describe_execution(estate: Estate, params: dict[str, Any], _: Caller) -> dict[str, Any]:
    execution = estate.execution(params["executionArn"])
    answer = {
        **_summary(execution),
        "input": execution.input,
        "inputDetails": {"included": True},
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
    }
    if execution.output is not None:
        answer |= {"output": execution.output, "outputDetails": {"included": True}}
    if execution.error:
        answer["error"] = execution.error
    if execution.cause:
        answer["cause"] = execution.cause
    return answer


def list_executions(estate: Estate, params: dict[str, Any], _: Caller) -> dict[str, Any]:
    if "stateMachineArn" not in params:
        raise NotEmulated("stepfunctions", "ListExecutions of a distributed Map")
    machine = estate.machine(params["stateMachineArn"])
    found = [
        _summary(one)
        for one in reversed(estate.executions.values())
        if one.machine == machine.arn and estate.is_taken(one) and params.get("statusFilter", one.status) == one.status
    ]
    return _page(found, "executions", params, default=100)


def get_history(estate: Estate, params: dict[str, Any], _: Caller) -> dict[str, Any]:
    history = estate.execution(params["executionArn"]).history
    if params.get("reverseOrder"):
        history = history[::-1]
    return _page(history, "events", params, default=100)


OPERATIONS: Operations[Estate] = {
    "StartExecution": start_execution,
    "StopExecution": stop_execution,
    "DescribeExecution": describe_execution,
    "ListExecutions": list_executions,
    "GetExecutionHistory": get_history,
}
