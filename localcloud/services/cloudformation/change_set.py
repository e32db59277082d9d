"""Change sets: what a template would change, shown before it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.ids import uuid4
from localcloud.ground.kinds import KINDS
from localcloud.ground.service import Operations
from localcloud.services.cloudformation.check import require_capabilities
from localcloud.services.cloudformation.deploy import apply, is_replaced, prepare, wanted_by
from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import Change, ChangeSet, Stack, Template, TemplateError
from localcloud.services.cloudformation.parameters import given_parameters
from localcloud.services.cloudformation.scope import Scope, scope_of
from localcloud.services.cloudformation.stacks import tags_given

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def _changes(stack: Stack, template: Template, scope: Scope, tags: Mapping[str, str]) -> list[Change]:
    """What a template would do to a stack: what differs once it is worked out, or waits for something that does."""
    wanted = wanted_by(template, scope)
    found: list[Change] = []
    for name, part in wanted.items():
        kind, old = part["Type"], stack.resources.get(name)
        if old is None:
            found.append(Change("Add", name, kind))
            continue
        try:
            properties = scope.resolve(part.get("Properties") or {})
        except TemplateError:  # it reads what is yet to be made
            found.append(Change("Modify", name, kind, "Conditional"))
            continue
        if (old.properties, old.type) != (properties, kind) or dict(tags) != stack.tags:
            replaces = is_replaced(KINDS[kind], old, properties)
            found.append(Change("Modify", name, kind, "True" if replaces else "False"))
    found += [Change("Remove", name, one.type) for name, one in stack.resources.items() if name not in wanted]
    if not found and stack.template and stack.template.get("Outputs") != template.get("Outputs"):
        found = [Change("Modify", name, part["Type"], "False") for name, part in wanted.items()][:1]
    return found


INSTEAD_OF_DRIFT = "put back by a call what was changed, or delete the stack and deploy it again"
INSTEAD_OF_IMPORT = "let the template make the resource anew, or name it by a parameter and leave it out of the stack"


def create_change_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    name, kind = params["StackName"], params.get("ChangeSetType", "UPDATE")
    stack = estate.find(name, caller.account, caller.region)
    if kind == "IMPORT" or params.get("ResourcesToImport") or params.get("ImportExistingResources"):
        raise NotEmulated("cloudformation", "CreateChangeSet of type IMPORT", INSTEAD_OF_IMPORT)
    if params.get("DeploymentMode"):
        raise NotEmulated("cloudformation", "CreateChangeSet with a DeploymentMode", INSTEAD_OF_DRIFT)
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
    scope.values |= {one.logical: one.made.id for one in stack.resources.values()}
    changes = _changes(stack, template, scope, tags)
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
    return answer


def execute_change_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    stack, one = find_change_set(estate, params, caller)
    if one.execution != "AVAILABLE":
        text = f"ChangeSet [{one.id}] cannot be executed in its current execution status of [{one.execution}]"
        raise AwsError("InvalidChangeSetStatus", text)
    stack.capabilities = one.capabilities
    stack.role = one.role
    on_failure = "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"
    apply(estate, stack, one.template, one.parameters, one.tags, caller, on_failure)
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
