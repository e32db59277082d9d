"""Machines that Step Functions refuses when they are made, or that cannot run here, and moto takes."""

from __future__ import annotations

import json
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.json_text import read_json
from localcloud.services.states import asl
from localcloud.services.states.integrations import check_resource


def faults_of(text: str) -> list[str]:
    """What is wrong with a definition, or cannot be run here, one line each."""
    try:
        definition = read_json(text)
    except ValueError as error:
        return [f"the definition is not JSON: {error}"]
    return asl.check(definition) or [
        f"{name}: {fault}" for name, state in asl.tasks(definition) for fault in check_resource(state)
    ]


def refuse(service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse machines that Step Functions refuses, or that cannot run here, and moto takes."""
    if service != "stepfunctions" or operation not in {"CreateStateMachine", "UpdateStateMachine"}:
        return
    if params.get("type", "STANDARD") != "STANDARD":
        raise NotEmulated("stepfunctions", f"{operation} of an express workflow")
    if "definition" not in params:
        return
    if faults := faults_of(params["definition"]):
        raise AwsError("InvalidDefinition", "Invalid State Machine Definition: " + "; ".join(faults))
    if operation == "UpdateStateMachine":
        return
    for machine in get_backend("stepfunctions")[caller.account][caller.region].state_machines:
        if machine.name == params["name"] and json.loads(machine.definition) != json.loads(params["definition"]):
            raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'")
