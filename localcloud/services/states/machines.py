"""Machines: what is asked of them besides what moto answers."""

from __future__ import annotations

import json
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.service import Operations
from localcloud.services.states.estate import Estate
from localcloud.services.states.refusals import faults_of


def describe_machine_for_execution(estate: Estate, params: dict[str, Any], _: Caller) -> dict[str, Any]:
    execution = estate.execution(params["executionArn"])
    machine = estate.machine(execution.machine)
    return {
        "stateMachineArn": execution.machine,
        "name": machine.name,
        "definition": json.dumps(execution.definition),
        "roleArn": execution.role,
        "updateDate": utc(execution.started),
    }


def validate_definition(_: Estate, params: dict[str, Any], __: Caller) -> dict[str, Any]:
    faults = faults_of(params["definition"])
    return {
        "result": "FAIL" if faults else "OK",
        "diagnostics": [
            {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": fault} for fault in faults
        ],
    }


OPERATIONS: Operations[Estate] = {
    "DescribeStateMachineForExecution": describe_machine_for_execution,
    "ValidateStateMachineDefinition": validate_definition,
}
