"""Stacks: made, changed, deleted and described."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.cloudformation.check import check, require_capabilities
from localcloud.services.cloudformation.deploy import apply, prepare, take_down
from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import Resource, Stack, Template
from localcloud.services.cloudformation.parameters import declared_in, given_parameters
from localcloud.services.cloudformation.read import read


def tags_given(params: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}


def _described(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "StackId": stack.id,
        "StackName": stack.name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        "CreationTime": utc(stack.created),
        "StackStatus": stack.status,
        "DisableRollback": stack.status == "CREATE_FAILED",
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": stack.outputs,
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }
    if stack.template.get("Description"):
        answer["Description"] = stack.template["Description"]
    if stack.reason:
        answer["StackStatusReason"] = stack.reason
    if stack.role:
        answer["RoleARN"] = stack.role
    for key, at in (("LastUpdatedTime", stack.updated), ("DeletionTime", stack.deleted)):
        if at is not None:
            answer[key] = utc(at)
    return answer


def _summary(resource: Resource) -> dict[str, Any]:
    return {
        "LogicalResourceId": resource.logical,
        "PhysicalResourceId": resource.made.id,
        "ResourceType": resource.type,
        "ResourceStatus": resource.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def create_stack(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    name = params["StackName"]
    if estate.find(name, caller.account, caller.region) is not None:
        raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
    text = estate.text(params, caller)
    require_capabilities(read(text), params.get("Capabilities") or [])
    stack = estate.new(name, caller.account, caller.region)
    stack.capabilities = list(params.get("Capabilities") or [])
    stack.role = params.get("RoleARN", "")
    stack.protected = bool(params.get("EnableTerminationProtection"))
    given = given_parameters(params, None)
    apply(estate, stack, text, given, tags_given(params), caller, _on_failure(params))
    return {"StackId": stack.id}


def _on_failure(params: Mapping[str, Any]) -> str:
    if "OnFailure" in params and "DisableRollback" in params:
        raise AwsError("ValidationError", "You can specify only one of DisableRollback and OnFailure.")
    return "DO_NOTHING" if params.get("DisableRollback") else str(params.get("OnFailure", "ROLLBACK"))


def update_stack(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller)
    stack.refuse_update()
    text = estate.text(params, caller, stack)
    require_capabilities(read(text), params.get("Capabilities") or [])
    given = given_parameters(params, stack)
    template, values = prepare(estate, stack, text, given)
    tags = tags_given(params) if "Tags" in params else stack.tags
    unchanged = (_by_itself(template), values, tags) == (_by_itself(stack.template), stack.parameters, stack.tags)
    if unchanged and not stack.status.endswith("_FAILED"):
        raise AwsError("ValidationError", "No updates are to be performed.")
    apply(estate, stack, text, given, tags, caller, _on_failure(params))
    return {"StackId": stack.id}


_NOT_BY_THEMSELVES = ("CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")


def _by_itself(template: Template) -> Template:
    """A template without what an update cannot consist of alone (the guide, "Update stack templates")."""
    parts = {
        name: {key: value for key, value in part.items() if key not in _NOT_BY_THEMSELVES}
        for name, part in (template.get("Resources") or {}).items()
    }
    return {**template, "Resources": parts}


def continue_rollback(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller)
    if stack.status != "UPDATE_ROLLBACK_FAILED" or stack.unfinished is None:
        text = f"Stack:{stack.id} is in {stack.status} state and can not continue rollback."
        raise AwsError("ValidationError", text)
    stack.unfinished(params.get("ResourcesToSkip") or [])
    return {}


def delete_stack(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.find(params["StackName"], caller.account, caller.region)
    if stack is not None and stack.status != "DELETE_COMPLETE":
        take_down(estate, stack, caller)
    return {}


def describe_stacks(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    if params.get("StackName"):
        return {"Stacks": [_described(estate.named(params, caller))]}
    return {"Stacks": [_described(stack) for stack in estate.of(caller) if stack.status != "DELETE_COMPLETE"]}


def list_stacks(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    wanted = params.get("StackStatusFilter") or []
    keys = (
        "StackId",
        "StackName",
        "CreationTime",
        "LastUpdatedTime",
        "DeletionTime",
        "StackStatus",
        "StackStatusReason",
    )
    found = [
        {key: value for key, value in _described(stack).items() if key in keys}
        for stack in estate.of(caller)
        if not wanted or stack.status in wanted
    ]
    return {"StackSummaries": found}


def describe_events(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    return {"StackEvents": estate.named(params, caller).events[::-1]}


def describe_resources(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    physical = params.get("PhysicalResourceId")
    if physical and not params.get("StackName"):
        holders = (stack for stack in estate.of(caller) if physical in [it.made.id for it in stack.resources.values()])
        holder = next(holders, None)
        if holder is None:
            raise AwsError("ValidationError", f"Stack for {physical} does not exist")
        params = {**params, "StackName": holder.id}
    stack = estate.named(params, caller)
    only = params.get("LogicalResourceId")
    found = [
        {"StackId": stack.id, "StackName": stack.name, "Timestamp": utc(one.at), **_summary(one)}
        for one in stack.resources.values()
        if only in (None, one.logical)
    ]
    return {"StackResources": found}


def describe_resource(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller)
    resource = stack.resources.get(params["LogicalResourceId"])
    if resource is None:
        text = f"Resource {params['LogicalResourceId']} does not exist for stack {stack.name}"
        raise AwsError("ValidationError", text)
    detail = {
        "StackId": stack.id,
        "StackName": stack.name,
        "LastUpdatedTimestamp": utc(resource.at),
        **_summary(resource),
    }
    return {"StackResourceDetail": detail}


def list_resources(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    found = [
        {**_summary(one), "LastUpdatedTimestamp": utc(one.at)}
        for one in estate.named(params, caller).resources.values()
    ]
    return {"StackResourceSummaries": found}


def get_template(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller)
    processed = params.get("TemplateStage") == "Processed"
    body = json.dumps(stack.template, indent=2) if processed else stack.text
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def get_summary(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller) if params.get("StackName") else None
    template = read(stack.text if stack else estate.text(params, caller))
    return {
        "Parameters": declared_in(template),
        "Description": template.get("Description") or None,
        "ResourceTypes": sorted({one["Type"] for one in (template.get("Resources") or {}).values() if "Type" in one}),
    }


def validate(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    template = read(estate.text(params, caller))
    if not template.get("Transform"):
        check(template)
    shown = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
    declared = [{key: one[key] for key in shown if key in one} for one in declared_in(template)]
    return {"Parameters": declared, "Description": template.get("Description") or None}


def list_exports(estate: Estate, _: dict[str, Any], caller: Caller) -> dict[str, Any]:
    found = [
        {"ExportingStackId": stack.id, "Name": output["ExportName"], "Value": output["OutputValue"]}
        for stack in estate.of(caller)
        for output in stack.outputs
        if "ExportName" in output
    ]
    return {"Exports": found}


def protect(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller)
    stack.protected = bool(params["EnableTerminationProtection"])
    return {"StackId": stack.id}


OPERATIONS: Operations[Estate] = {
    "CreateStack": create_stack,
    "UpdateStack": update_stack,
    "ContinueUpdateRollback": continue_rollback,
    "DeleteStack": delete_stack,
    "DescribeStacks": describe_stacks,
    "ListStacks": list_stacks,
    "DescribeStackEvents": describe_events,
    "DescribeStackResources": describe_resources,
    "DescribeStackResource": describe_resource,
    "ListStackResources": list_resources,
    "GetTemplate": get_template,
    "GetTemplateSummary": get_summary,
    "ValidateTemplate": validate,
    "ListExports": list_exports,
    "UpdateTerminationProtection": protect,
}
