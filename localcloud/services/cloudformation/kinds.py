"""What CloudFormation makes of its own: wait handles and stack sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.kinds import Made, ResourceFailed, Work, kind, nothing, there
from localcloud.services.cloudformation import aims


@kind("AWS::CloudFormation::WaitConditionHandle", nothing)
def _wait_handle(work: Work) -> Made:
    return Made(f"https://cloudformation-waitcondition.invalid/{work.stack}/{work.logical}", {})


def _remove_stack_set(work: Work) -> None:
    attributes = there(work).attributes
    name, caller = {"StackSetName": attributes["Name_"]}, attributes["CallAs_"]
    client = work.client("cloudformation")
    units = client.describe_stack_set(**name, **caller)["StackSet"]["OrganizationalUnitIds"]
    preferences = work.take_some("OperationPreferences")
    _leave(work, name | caller, [{"OrganizationalUnitIds": units}] if units else [], preferences)
    _leave_beside(work, name | caller, set(), preferences)
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
        if set(aims.units_of(group)) - set(before) or aims.is_new(group, old_groups):
            _demand_done(work, name | caller, client.create_stack_instances(**name, **caller, **group, **preferences))
        elif group not in old_groups:
            asked = {"ParameterOverrides": [], **group}
            _demand_done(work, name | caller, client.update_stack_instances(**name, **caller, **asked, **preferences))
    left = sorted(set(before) - aims.aims(groups).keys())
    whole = [{"OrganizationalUnitIds": left}] if left else []
    _leave(work, name | caller, [*whole, *aims.gone(groups, old_groups)], preferences)
    _leave_beside(work, name | caller, aims.beside(groups), preferences)
    return made


def _of_itself(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What makes an update of the set, apart from where it is and how that is gone about."""
    return {key: it for key, it in properties.items() if key not in ("OperationPreferences", "StackInstancesGroup")}


def _leave(work: Work, one: dict[str, Any], places: list[dict[str, Any]], preferences: dict[str, Any]) -> None:
    for targets in places:
        asked = work.client("cloudformation").delete_stack_instances(
            **one, **preferences, DeploymentTargets=targets, Regions=[work.region], RetainStacks=False
        )
        _demand_done(work, one, asked)


def _leave_beside(work: Work, one: dict[str, Any], wanted: set[str], preferences: dict[str, Any]) -> None:
    """Of the accounts that were named beside the units, those that are no more."""
    pages = work.client("cloudformation").get_paginator("list_stack_instances").paginate(**one)
    told = [it for page in pages for it in page["Summaries"]]
    named = sorted({it["Account"] for it in told if "OrganizationalUnitId" not in it} - wanted)
    _leave(work, one, [{"Accounts": named, "AccountFilterType": "UNION"}] if named else [], preferences)


def _demand_done(work: Work, one: dict[str, Any], asked: Mapping[str, Any]) -> None:
    """ResourceFailed for an operation in which more accounts failed than may."""
    client, operation = work.client("cloudformation"), {"OperationId": asked["OperationId"]}
    if client.describe_stack_set_operation(**one, **operation)["StackSetOperation"]["Status"] == "FAILED":
        results = client.list_stack_set_operation_results(**one, **operation)["Summaries"]
        failures = [f"{it['Account']}: {it['StatusReason']}" for it in results if it["Status"] == "FAILED"]
        raise ResourceFailed(f"{work.logical}: Stack set operation failed: {'; '.join(failures)}")


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
