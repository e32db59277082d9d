"""Change sets: what a template would change, shown before it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.ids import uuid4
from localcloud.ground.kinds import KINDS, as_json
from localcloud.ground.service import Operations
from localcloud.services.cloudformation.check import require_capabilities
from localcloud.services.cloudformation.deploy import apply, is_replaced, prepare, wanted_by
from localcloud.services.cloudformation.drift import differing, drifts_of
from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import Change, ChangeSet, Drift, Stack, Template, TemplateError
from localcloud.services.cloudformation.parameters import given_parameters
from localcloud.services.cloudformation.scope import Scope, scope_of
from localcloud.services.cloudformation.stacks import tags_given

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def _changes(
    stack: Stack, template: Template, scope: Scope, tags: Mapping[str, str], drifts: Mapping[str, Drift]
) -> list[Change]:
    """What a template would do to a stack: what differs once it is worked out, or waits for something that does.
    `drifts`: what is there is not what was deployed.
    """
    wanted = wanted_by(template, scope)
    found: list[Change] = []
    for name, part in wanted.items():
        kind, old = part["Type"], stack.resources.get(name)
        drift = drifts.get(name, IN_SYNC)
        if old is None or drift.status == "DELETED":
            found.append(Change("Add", name, kind))
            continue
        try:
            properties = scope.resolve(part.get("Properties") or {})
        except TemplateError:  # it reads what is yet to be made
            found.append(Change("Modify", name, kind, "Conditional"))
            continue
        if drift.status == "MODIFIED":
            old = dataclasses.replace(old, properties={**old.properties, **drift.actual})
            if old.type == kind and dict(tags) == stack.tags and not differing(properties, old.properties):
                found.append(Change("SyncWithActual", name, kind))
                continue
        if (old.properties, old.type) != (properties, kind) or dict(tags) != stack.tags:
            replaces = is_replaced(KINDS[kind], old, properties)
            found.append(Change("Modify", name, kind, "True" if replaces else "False", properties))
    found += [Change("Remove", name, one.type) for name, one in stack.resources.items() if name not in wanted]
    if not found and stack.template and stack.template.get("Outputs") != template.get("Outputs"):
        found = [Change("Modify", name, part["Type"], "False") for name, part in wanted.items()][:1]
    return found


IN_SYNC = Drift("IN_SYNC", {})
INSTEAD_OF_IMPORT = "let the template make the resource anew, or name it by a parameter and leave it out of the stack"


def create_change_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    name, kind = params["StackName"], params.get("ChangeSetType", "UPDATE")
    stack = estate.find(name, caller.account, caller.region)
    if kind == "IMPORT" or params.get("ResourcesToImport") or params.get("ImportExistingResources"):
        raise NotEmulated("cloudformation", "CreateChangeSet of type IMPORT", INSTEAD_OF_IMPORT)
    if kind == "UPDATE" and stack is None:
        raise AwsError("ValidationError", f"Stack [{name}] does not exist")
    if kind == "CREATE" and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
        again = f"cannot be created again with the changeSet [{params['ChangeSetName']}]."
        raise AwsError("ValidationError", f"Stack [{name}] already exists and {again}")
    if kind == "UPDATE" and stack is not None:
        stack.refuse_update()
    text = estate.text(params, caller, stack)
    capabilities = list(params.get("Capabilities") or [])
    fresh = stack is None
    if stack is None:
        stack = estate.new(name, caller.account, caller.region)
    given = given_parameters(params, stack)
    try:
        template, values = prepare(estate, stack, text, given)
        # By what the transform made: a change set shows it, so that needs no CAPABILITY_AUTO_EXPAND.
        require_capabilities(template, capabilities)
    except (TemplateError, AwsError):
        if fresh:
            estate.all.remove(stack)
        raise
    if fresh:
        # On AWS this event says REVIEW_IN_PROGRESS, which the model does not know. There must be one: SAM
        # reads the time of the last event to know what is new, and takes its own clock when there is none.
        estate.note(stack, "CREATE_IN_PROGRESS", "Review in progress")
        stack.status = "REVIEW_IN_PROGRESS"
    tags = tags_given(params) if "Tags" in params else stack.tags
    scope = scope_of(estate, stack, template, values)
    drifts = drifts_of(estate, stack, caller) if params.get("DeploymentMode") == "REVERT_DRIFT" else None
    lost = {name for name, it in (drifts or {}).items() if it.status == "DELETED"}
    scope.values |= {one.logical: one.made.id for one in stack.resources.values() if one.logical not in lost}
    changes = _changes(stack, template, scope, tags, drifts or {})
    change_set_id = (
        f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{params['ChangeSetName']}"
        f"/{uuid4(estate.cloud.random_ids)}"
    )
    stack.change_sets[params["ChangeSetName"]] = ChangeSet(
        id=change_set_id,
        name=params["ChangeSetName"],
        template=text,
        parameters=given,
        tags=tags,
        capabilities=capabilities,
        changes=changes,
        status="CREATE_COMPLETE" if changes else "FAILED",
        reason="" if changes else NO_CHANGES,
        at=estate.cloud.clock.now,
        creates=kind == "CREATE",
        description=params.get("Description", ""),
        role=params.get("RoleARN", ""),
        execution="AVAILABLE" if changes else "UNAVAILABLE",
        drifts=drifts,
    )
    return {"Id": change_set_id, "StackId": stack.id}


def find_change_set(estate: Estate, params: Mapping[str, Any], caller: Caller) -> tuple[Stack, ChangeSet]:
    name = params["ChangeSetName"]
    for stack in estate.of(caller):
        if params.get("StackName") and params["StackName"] not in (stack.name, stack.id):
            continue
        for one in stack.change_sets.values():
            if name in (one.name, one.id):
                return stack, one
    raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)


def describe_change_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack, one = find_change_set(estate, params, caller)
    changes = []
    for it in one.changes:
        change: dict[str, Any] = {
            "Action": it.action,
            "LogicalResourceId": it.logical,
            "ResourceType": it.type,
        }
        if it.logical in stack.resources:
            change["PhysicalResourceId"] = stack.resources[it.logical].made.id
        if it.replaces:
            change["Replacement"] = it.replaces
        drift = (one.drifts or {}).get(it.logical)
        if drift is not None:
            change["ResourceDriftStatus"] = drift.status
            change["Details"] = _details(it, stack.resources[it.logical].properties, drift, one.at)
        changes.append({"Type": "Resource", "ResourceChange": change})
    answer: dict[str, Any] = {
        "ChangeSetName": one.name,
        "ChangeSetId": one.id,
        "StackId": stack.id,
        "StackName": stack.name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in one.parameters.items()],
        "CreationTime": utc(one.at),
        "ExecutionStatus": one.execution,
        "Status": one.status,
        "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()],
        "Capabilities": one.capabilities,
        "Changes": changes,
    }
    if one.reason:
        answer["StatusReason"] = one.reason
    if one.drifts is not None:
        drifted = any(it.status in {"DELETED", "MODIFIED"} for it in one.drifts.values())
        answer |= {"DeploymentMode": "REVERT_DRIFT", "StackDriftStatus": "DRIFTED" if drifted else "IN_SYNC"}
    return answer


def _details(change: Change, deployed: Mapping[str, Any], drift: Drift, at: float) -> list[dict[str, Any]]:
    """Property by property what is there, what was deployed and what will be."""
    found = differing(dict(change.properties), drift.actual) if change.properties else []
    return [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": it.name,
                "Path": f"/Properties/{it.name}",
                "RequiresRecreation": "Never",
                "BeforeValue": as_json(it.actual),
                "AfterValue": as_json(it.wanted),
                "BeforeValueFrom": "ACTUAL_STATE",
                "AfterValueFrom": "TEMPLATE",
                "AttributeChangeType": "Modify",
                "Drift": {
                    "PreviousValue": as_json(deployed.get(it.name)),
                    "ActualValue": as_json(it.actual),
                    "DriftDetectionTimestamp": utc(at),
                },
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for it in found
    ]


def execute_change_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack, one = find_change_set(estate, params, caller)
    if one.execution != "AVAILABLE":
        text = f"ChangeSet [{one.id}] cannot be executed in its current execution status of [{one.execution}]"
        raise AwsError("InvalidChangeSetStatus", text)
    stack.capabilities = one.capabilities
    stack.role = one.role
    on_failure = "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"
    apply(estate, stack, one.template, one.parameters, one.tags, caller, on_failure, one.drifts)
    stack.change_sets.clear()
    return {}


def delete_change_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack, one = find_change_set(estate, params, caller)
    del stack.change_sets[one.name]
    return {}


def list_change_sets(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack = estate.named(params, caller)
    found = [
        {
            "StackId": stack.id,
            "StackName": stack.name,
            "ChangeSetId": one.id,
            "ChangeSetName": one.name,
            "ExecutionStatus": one.execution,
            "Status": one.status,
            "CreationTime": utc(one.at),
        }
        for one in stack.change_sets.values()
    ]
    return {"Summaries": found}


OPERATIONS: Operations[Estate] = {
    "CreateChangeSet": create_change_set,
    "DescribeChangeSet": describe_change_set,
    "ExecuteChangeSet": execute_change_set,
    "DeleteChangeSet": delete_change_set,
    "ListChangeSets": list_change_sets,
}
