"""Stack sets of an organisation: a stack in each account of its units, and operations that bring it there.

Service-managed ones only. They are the management account's, whoever administers them, so a name is one in the
organisation; that a delegate is registered is not asked, since Organizations' delegates are not emulated. An operation
has ended when its call answers. API reference: CreateStackSet to StopStackSetOperation; facts 23.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from localcloud.ground import pages
from localcloud.ground.caller import Caller
from localcloud.ground.clock import utc
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.ids import uuid4
from localcloud.ground.organization import Organization
from localcloud.ground.service import Operations
from localcloud.services.cloudformation.check import require_capabilities
from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import (
    Instance,
    Operation,
    StackFailed,
    StackSet,
    TemplateError,
)
from localcloud.services.cloudformation.parameters import declared_in, demand_key
from localcloud.services.cloudformation.read import read

AUTO_DEPLOYMENT = 60.0
"""Seconds after which a stack set follows an account that moved."""

_PAGE = 100  # what MaxResults may ask at most, and gets if it asks nothing
_NEVER_MADE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
"""What is left of a stack whose making failed: it is removed and made again. No other has nothing in it."""
_FAILED = (AwsError, StackFailed, TemplateError)
"""What a stack in an account fails with."""


# --- the set itself ----------------------------------------------------------------------------------------


def create_stack_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    organization = estate.cloud.organization
    if params.get("PermissionModel", "SELF_MANAGED") != "SERVICE_MANAGED":
        raise NotEmulated("cloudformation", "CreateStackSet of SELF_MANAGED", "say PermissionModel=SERVICE_MANAGED")
    if not organization.id_of(caller.account) or _administers(organization, params, caller) is False:
        told = "You must be the management account or delegated admin account of an organization"
        raise _invalid(f"{told} before operating a SERVICE_MANAGED stack set")
    name = params["StackSetName"]
    if name in estate.sets:
        raise AwsError("NameAlreadyExistsException", f"The name {name} is already in use by another stack set")
    text = _text(estate, params, caller)
    id = f"{name}:{uuid4(estate.cloud.random_ids)}"
    made = StackSet(name, id, organization.management, text, {}, {}, [], {})
    _say(made, text, params)
    estate.sets[name] = made
    return {"StackSetId": made.id}


def update_stack_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    text = one.text if params.get("UsePreviousTemplate") else _text(estate, params, caller)
    aimed = _aimed(estate, params) if params.get("DeploymentTargets") else None
    _demand_new(one, params)
    before = one.text, one.parameters
    _say(one, text, params)
    for instance in _operable(one, one.instances):
        if (one.text, one.parameters) != before:
            instance.status = "OUTDATED"
    accounts = [it.account for it in _operable(one, one.instances) if aimed is None or it.account in aimed]
    return _operate(estate, one, "UPDATE", params, accounts, lambda account: _deploy(estate, one, account))


def delete_stack_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    with contextlib.suppress(KeyError):
        one = _found(estate, params, caller)
        if one.instances:
            raise AwsError("StackSetNotEmptyException", "StackSet is not empty")
        del estate.sets[one.name]
    return {}


def _say(one: StackSet, text: str, params: Mapping[str, Any]) -> None:
    """What a request says of the set, or nothing of it; a parameter left out has its default again."""
    require_capabilities(read(text), params.get("Capabilities") or [])
    declared = {it["ParameterKey"] for it in declared_in(read(text))}
    given = _given(params.get("Parameters"), one.parameters)
    if unknown := sorted(set(given) - declared):
        raise _invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    one.text, one.parameters, one.capabilities = text, given, list(params.get("Capabilities") or [])
    if "Tags" in params:
        one.tags = {it["Key"]: it["Value"] for it in params["Tags"]}
    one.said |= {it: params[it] for it in ("Description", "AutoDeployment", "ManagedExecution") if it in params}


def _given(parameters: Iterable[Mapping[str, Any]] | None, before: Mapping[str, str]) -> dict[str, str]:
    given = {}
    for it in parameters or ():
        demand_key(it)
        key = it["ParameterKey"]
        if not it.get("UsePreviousValue"):
            given[key] = str(it.get("ParameterValue", ""))
        elif key in before:
            given[key] = before[key]
    return given


def _text(estate: Estate, params: dict[str, Any], caller: Caller) -> str:
    text = estate.text(params, caller)
    if read(text).get("Transform"):
        raise _invalid("Stack sets with service-managed permissions take no template with a transform")
    return text


# --- its instances -----------------------------------------------------------------------------------------


def create_instances(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    aimed = _aimed(estate, params)
    _demand_new(one, params)
    overrides = _given(params.get("ParameterOverrides"), {})
    one.units |= set(params["DeploymentTargets"]["OrganizationalUnitIds"])
    for account, unit in aimed.items():
        _instance(estate, one, account, unit).overrides = dict(overrides)
    accounts = [it.account for it in _operable(one, aimed)]
    return _operate(estate, one, "CREATE", params, accounts, lambda account: _deploy(estate, one, account))


def update_instances(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    aimed = _aimed(estate, params)
    if missing := sorted(set(aimed) - set(one.instances)):
        raise AwsError("StackInstanceNotFoundException", f"StackSet {one.name} has no instance in {missing[0]}")
    _demand_new(one, params)
    operable = _operable(one, aimed)
    if "ParameterOverrides" in params:
        for instance in operable:
            instance.overrides = _given(params["ParameterOverrides"], instance.overrides)
    accounts = [it.account for it in operable]
    return _operate(estate, one, "UPDATE", params, accounts, lambda account: _deploy(estate, one, account))


def delete_instances(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    _demand_here(estate, params)
    targets = params.get("DeploymentTargets") or {}
    units, named = set(targets.get("OrganizationalUnitIds") or ()), set(targets.get("Accounts") or ())
    aimed = _filtered(
        {it.account for it in one.instances.values() if it.unit in units},
        {it for it in named if it in one.instances},
        targets,
    )
    _demand_new(one, params)
    retained = bool(params["RetainStacks"])
    asked = _operate(
        estate, one, "DELETE", params, sorted(aimed), lambda account: _leave(estate, one, account, retained=retained)
    )
    if not named:
        one.units -= units - {it.unit for it in one.instances.values()}
    return asked


def _operable(one: StackSet, accounts: Iterable[str]) -> list[Instance]:
    """The instances there without those whose deletion failed: only their deletion is left (facts 23.3)."""
    return [one.instances[it] for it in accounts if one.instances[it].status != "INOPERABLE"]


def _instance(estate: Estate, one: StackSet, account: str, unit: str) -> Instance:
    if account not in one.instances:
        stack = f"StackSet-{one.name}-{uuid4(estate.cloud.random_ids)}"
        one.instances[account] = Instance(account, unit, stack)
    return one.instances[account]


def _deploy(estate: Estate, one: StackSet, account: str) -> None:
    instance = one.instances[account]
    _, status = estate.status_of(instance.stack, account)
    try:
        if status in _NEVER_MADE:
            estate.cloud.stacks.delete(account, instance.stack)
        parameters = {**one.parameters, **instance.overrides}
        estate.cloud.stacks.deploy_text(one.text, account, instance.stack, parameters, tags=one.tags)
    except _FAILED as failed:
        instance.status, instance.detailed, instance.reason = "OUTDATED", "FAILED", str(failed)
        raise
    finally:
        instance.stack_id, _ = estate.status_of(instance.stack, account)
    instance.status, instance.detailed, instance.reason = "CURRENT", "SUCCEEDED", ""


def _leave(estate: Estate, one: StackSet, account: str, *, retained: bool) -> None:
    if not retained:
        instance = one.instances[account]
        try:
            estate.cloud.stacks.delete(account, instance.stack)
        except _FAILED as failed:
            instance.status, instance.detailed, instance.reason = "INOPERABLE", "INOPERABLE", str(failed)
            raise
    del one.instances[account]


def _aimed(estate: Estate, params: Mapping[str, Any]) -> dict[str, str]:
    """The accounts that a request is about, each with the unit that was named."""
    _demand_here(estate, params)
    organization = estate.cloud.organization
    targets = params.get("DeploymentTargets") or {}
    units = targets.get("OrganizationalUnitIds") or []
    if params.get("Accounts") or not units:
        raise _invalid("OrganizationalUnitIds are required in DeploymentTargets of a SERVICE_MANAGED stack set")
    if unknown := sorted(set(units) - {organization.root, *organization.units()}):
        raise _invalid(f"there is no unit {', '.join(unknown)} in the organization")
    within = {account: unit for unit in units for account in _accounts_of(organization, [unit])}
    wanted = _filtered(set(within), set(targets.get("Accounts") or ()), targets)
    return {
        account: within.get(account, "")
        for account in _accounts_of(organization, [organization.root])
        if account in wanted
    }


def _filtered(within: set[str], named: set[str], targets: Mapping[str, Any]) -> set[str]:
    """API reference, DeploymentTargets: AccountFilterType."""
    match targets.get("AccountFilterType", "NONE"):
        case "INTERSECTION":
            return within & named
        case "DIFFERENCE":
            return within - named
        case "UNION":
            return within | named
        case _:
            return within


def _demand_here(estate: Estate, params: Mapping[str, Any]) -> None:
    if elsewhere := sorted(set(params.get("Regions") or ()) - {estate.cloud.region}):
        raise NotEmulated("cloudformation", f"in {elsewhere[0]}", f"the local cloud is {estate.cloud.region} alone")


def _accounts_of(organization: Organization, units: Collection[str]) -> list[str]:
    """Those in the units or below, but the management account."""
    return sorted(
        account
        for account in organization.accounts - {organization.management}
        if any(f"/{unit}/" in organization.paths_of(account)[0] for unit in units)
    )


def moved(estate: Estate, one: StackSet) -> None:
    """Accounts came or went: what fails in one is that one's, and shows in no stack but its own."""
    if not one.follows.get("Enabled"):
        return
    organization = estate.cloud.organization
    now = {account: unit for unit in sorted(one.units) for account in _accounts_of(organization, [unit])}
    for account in sorted(set(now) - set(one.instances)):
        _instance(estate, one, account, now[account])
        with contextlib.suppress(*_FAILED):
            _deploy(estate, one, account)
    for account, instance in one.instances.items():
        if account in now and account not in _accounts_of(organization, [instance.unit]):
            instance.unit = now[account]
    # An account that was named beside the units is of none of them.
    members = set(_accounts_of(organization, [organization.root]))
    gone = {account for account, it in one.instances.items() if it.unit or account not in members} - set(now)
    for account in sorted(gone):
        with contextlib.suppress(*_FAILED):
            _leave(estate, one, account, retained=bool(one.follows.get("RetainStacksOnAccountRemoval")))


# --- operations --------------------------------------------------------------------------------------------


def _operate(
    estate: Estate,
    one: StackSet,
    action: str,
    params: Mapping[str, Any],
    accounts: list[str],
    do: Callable[[str], None],
) -> dict[str, Any]:
    """Do that in each account, until more have failed than may; what was not begun is cancelled."""
    id = params.get("OperationId") or uuid4(estate.cloud.random_ids)
    asked = {it: params[it] for it in ("OperationPreferences", "RetainStacks", "DeploymentTargets") if it in params}
    operation = one.operations[id] = Operation(id, action, estate.cloud.clock.now, asked)
    tolerated = _tolerated(params.get("OperationPreferences") or {}, len(accounts))
    failures = 0
    for account in accounts:
        instance = one.instances[account]
        status, reason = "CANCELLED", "Cancelled since failure tolerance has exceeded"
        if failures <= tolerated:
            instance.operation = id
            status, reason = "SUCCEEDED", ""
            try:
                do(account)
            except _FAILED as failed:
                failures += 1
                status, reason = "FAILED", str(failed)
        operation.results[account] = (status, reason, instance.unit)
    operation.status = "FAILED" if failures > tolerated else "SUCCEEDED"
    return {"OperationId": id}


def _demand_new(one: StackSet, params: Mapping[str, Any]) -> None:
    if (id := params.get("OperationId")) in one.operations:
        raise AwsError("OperationIdAlreadyExistsException", f"The specified operation ID {id} already exists")


def _tolerated(preferences: Mapping[str, Any], accounts: int) -> int:
    """So many may fail; of a percentage what is whole (API reference, StackSetOperationPreferences)."""
    if "FailureTolerancePercentage" in preferences:
        return accounts * int(preferences["FailureTolerancePercentage"]) // 100
    return int(preferences.get("FailureToleranceCount", 0))


def stop(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    operation = _operation(_named(estate, params, caller), params)
    raise AwsError("InvalidOperationException", f"Operation {operation.id} is in {operation.status} state")


# --- what is told ------------------------------------------------------------------------------------------


def describe_stack_set(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    told = {
        **_summary(one),
        "StackSetARN": f"arn:aws:cloudformation:{estate.cloud.region}:{one.home}:stackset/{one.id}",
        "TemplateBody": one.text,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in one.parameters.items()],
        "Capabilities": one.capabilities,
        "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()],
        "OrganizationalUnitIds": sorted(one.units),
        "Regions": [estate.cloud.region] if one.instances else [],
    }
    return {"StackSet": told}


def list_stack_sets(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """None of a deleted one: it is forgotten at once."""
    mine = _administers(estate.cloud.organization, params, caller) and params.get("Status", "ACTIVE") == "ACTIVE"
    return _page([_summary(one) for one in estate.sets.values() if mine], params)


def _summary(one: StackSet) -> dict[str, Any]:
    return {
        "StackSetName": one.name,
        "StackSetId": one.id,
        "Status": "ACTIVE",
        "PermissionModel": "SERVICE_MANAGED",
        "ManagedExecution": {"Active": False},
        **one.said,
    }


def list_instances(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    wanted = {it["Name"]: it["Values"].split(",") for it in params.get("Filters") or ()}
    found = [
        _told(estate, one, it)
        for it in one.instances.values()
        if params.get("StackInstanceAccount", it.account) == it.account
        and params.get("StackInstanceRegion", estate.cloud.region) == estate.cloud.region
        and it.detailed in wanted.get("DETAILED_STATUS", [it.detailed])
        and it.operation in wanted.get("LAST_OPERATION_ID", [it.operation])
    ]
    return _page(found, params)


def describe_instance(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    instance = one.instances.get(params["StackInstanceAccount"])
    if instance is None or params["StackInstanceRegion"] != estate.cloud.region:
        where = f"{params['StackInstanceAccount']}/{params['StackInstanceRegion']}"
        raise AwsError("StackInstanceNotFoundException", f"StackSet {one.name} has no instance in {where}")
    overrides = [{"ParameterKey": key, "ParameterValue": value} for key, value in instance.overrides.items()]
    return {"StackInstance": {**_told(estate, one, instance), "ParameterOverrides": overrides}}


def _told(estate: Estate, one: StackSet, instance: Instance) -> dict[str, Any]:
    told = {
        "StackSetId": one.id,
        "Region": estate.cloud.region,
        "Account": instance.account,
        "Status": instance.status,
        "StackInstanceStatus": {"DetailedStatus": instance.detailed},
        "DriftStatus": "NOT_CHECKED",
    }
    more = {
        "StackId": instance.stack_id,
        "StatusReason": instance.reason,
        "LastOperationId": instance.operation,
        "OrganizationalUnitId": instance.unit,
    }
    return {**told, **{key: value for key, value in more.items() if value}}


def describe_operation(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    one = _named(estate, params, caller)
    operation = _operation(one, params)
    return {"StackSetOperation": {"StackSetId": one.id, **operation.asked, **_done(operation)}}


def list_operations(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    done = reversed(_named(estate, params, caller).operations.values())
    return _page([_done(it) for it in done], params)


def _done(operation: Operation) -> dict[str, Any]:
    failed = sum(status == "FAILED" for status, _, _ in operation.results.values())
    return {
        "OperationId": operation.id,
        "Action": operation.action,
        "Status": operation.status,
        "CreationTimestamp": utc(operation.at),
        "EndTimestamp": utc(operation.at),
        "StatusDetails": {"FailedStackInstancesCount": failed},
    }


def list_results(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    operation = _operation(_named(estate, params, caller), params)
    found = [
        {
            "Account": account,
            "Region": estate.cloud.region,
            "Status": status,
            "OrganizationalUnitId": unit,
            **({"StatusReason": reason} if reason else {}),
        }
        for account, (status, reason, unit) in operation.results.items()
    ]
    return _page(found, params)


def _page(rows: list[dict[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    found, more = pages.page(rows, params.get("NextToken"), params.get("MaxResults", _PAGE), _invalid("bad NextToken"))
    return {"Summaries": found, **({"NextToken": more} if more else {})}


# --- which one is meant ------------------------------------------------------------------------------------


def _administers(organization: Organization, params: Mapping[str, Any], caller: Caller) -> bool:
    """The management account says SELF, and a delegate, which it never is itself, DELEGATED_ADMIN (facts 23)."""
    is_management = caller.account == organization.management
    return is_management == (params.get("CallAs", "SELF") == "SELF") and bool(organization.id_of(caller.account))


def _found(estate: Estate, params: Mapping[str, Any], caller: Caller) -> StackSet:
    name = params["StackSetName"]
    one = estate.sets[name.partition(":")[0]]
    if name not in (one.name, one.id) or not _administers(estate.cloud.organization, params, caller):
        raise KeyError(name)
    return one


def _named(estate: Estate, params: Mapping[str, Any], caller: Caller) -> StackSet:
    try:
        return _found(estate, params, caller)
    except KeyError:
        raise AwsError("StackSetNotFoundException", f"StackSet {params['StackSetName']} not found") from None


def _operation(one: StackSet, params: Mapping[str, Any]) -> Operation:
    found = one.operations.get(params["OperationId"])
    if found is None:
        raise AwsError("OperationNotFoundException", f"Operation {params['OperationId']} not found in {one.name}")
    return found


def _invalid(text: str) -> AwsError:
    return AwsError("ValidationError", text)


OPERATIONS: Operations[Estate] = {
    "CreateStackSet": create_stack_set,
    "UpdateStackSet": update_stack_set,
    "DeleteStackSet": delete_stack_set,
    "DescribeStackSet": describe_stack_set,
    "ListStackSets": list_stack_sets,
    "CreateStackInstances": create_instances,
    "UpdateStackInstances": update_instances,
    "DeleteStackInstances": delete_instances,
    "ListStackInstances": list_instances,
    "DescribeStackInstance": describe_instance,
    "DescribeStackSetOperation": describe_operation,
    "ListStackSetOperations": list_operations,
    "ListStackSetOperationResults": list_results,
    "StopStackSetOperation": stop,
}
