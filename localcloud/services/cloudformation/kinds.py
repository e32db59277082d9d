"""What CloudFormation makes of its own: wait handles and stack sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.kinds import Made, ResourceFailed, Work, kind, nothing, there


@kind("AWS::CloudFormation::WaitConditionHandle", nothing)
def _wait_handle(work: Work) -> Made:
    return Made(f"https://cloudformation-waitcondition.invalid/{work.stack}/{work.logical}", {})


def _remove_stack_set(work: Work) -> None:
    attributes = there(work).attributes
    name, caller = {"StackSetName": attributes["Name_"]}, attributes["CallAs_"]
    client = work.client("cloudformation")
    units = client.describe_stack_set(**name, **caller)["StackSet"]["OrganizationalUnitIds"]
    _leave(work, name | caller, units, work.take_some("OperationPreferences"))
    client.delete_stack_set(**name, **caller)


@kind(
    "AWS::CloudFormation::StackSet",
    _remove_stack_set,
    attributes=("StackSetId",),
    replaces=("StackSetName", "PermissionModel"),
    requires=(
        "StackSetName",
        "PermissionModel",
    ),
)
def _stack_set(work: Work) -> Made:
    """By the calls of whoever deploys, as one would make and change it by hand (facts 23)."""
    said = (_of_itself(work.properties), work.stack_tags)
    is_changed = said != (_of_itself(work.old_properties), work.old_stack_tags)
    name = {"StackSetName": work.require("StackSetName")}
    caller = work.take_some("CallAs")
    preferences = work.take_some("OperationPreferences")
    groups = work.take("StackInstancesGroup") or ()
    given: dict[str, Any] = work.take_some("TemplateBody", "TemplateURL", "Capabilities", "Description")
    given["PermissionModel"] = work.require("PermissionModel")
    given["Tags"] = work.tag_list()
    given["Parameters"] = [
        {**item, "ParameterValue": str(item["ParameterValue"])} for item in work.take("Parameters") or ()
    ]
    for setting in ("AutoDeployment", "ManagedExecution"):
        if setting in work.properties:
            given[setting] = {key: _is_true(value) for key, value in work.take(setting).items()}
    client = work.client("cloudformation")
    if work.old is None:
        id = client.create_stack_set(**name, **caller, **given)["StackSetId"]
        made = work.begun = Made(id, {"StackSetId": id, "Name_": name["StackSetName"], "CallAs_": caller})
    else:
        made = work.old
        if is_changed:
            asked = client.update_stack_set(**name, **caller, **given, **preferences)
            _demand_done(work, name | caller, asked)
    before = client.describe_stack_set(**name, **caller)["StackSet"].get("OrganizationalUnitIds", [])
    old_groups = work.old_properties.get("StackInstancesGroup") or ()
    for group in groups:
        if set(group["DeploymentTargets"]["OrganizationalUnitIds"]) - set(before):
            _demand_done(work, name | caller, client.create_stack_instances(**name, **caller, **group, **preferences))
        elif group not in old_groups:
            asked = {"ParameterOverrides": [], **group}
            _demand_done(work, name | caller, client.update_stack_instances(**name, **caller, **asked, **preferences))
    wanted = {unit for group in groups for unit in group["DeploymentTargets"]["OrganizationalUnitIds"]}
    _leave(work, name | caller, sorted(set(before) - wanted), preferences)
    return made


def _of_itself(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What makes an update of the set, apart from where it is and how that is gone about."""
    return {key: it for key, it in properties.items() if key not in ("OperationPreferences", "StackInstancesGroup")}


def _leave(work: Work, one: dict[str, Any], units: list[str], preferences: dict[str, Any]) -> None:
    if units:
        asked = work.client("cloudformation").delete_stack_instances(
            **one,
            **preferences,
            DeploymentTargets={"OrganizationalUnitIds": units},
            Regions=[work.region],
            RetainStacks=False,
        )
        _demand_done(work, one, asked)


def _demand_done(work: Work, one: dict[str, Any], asked: Mapping[str, Any]) -> None:
    """ResourceFailed for an operation in which more accounts failed than may."""
    client, operation = work.client("cloudformation"), {"OperationId": asked["OperationId"]}
    if client.describe_stack_set_operation(**one, **operation)["StackSetOperation"]["Status"] == "FAILED":
        results = client.list_stack_set_operation_results(**one, **operation)["Summaries"]
        failures = [f"{it['Account']}: {it['StatusReason']}" for it in results if it["Status"] == "FAILED"]
        raise ResourceFailed(f"{work.logical}: Stack set operation failed: {'; '.join(failures)}")


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
