"""What IAM must allow for Step Functions: the machine or the execution."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need


def needs(call: Call) -> list[Requirement]:
    arn = call.get("stateMachineArn", "executionArn", "activityArn", "mapRunArn", "resourceArn")
    if call.operation == "CreateStateMachine":
        arn = call.arn(f"stateMachine:{call.get('name')}")
    return need(call, arn or "*")
