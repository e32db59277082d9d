"""Permissions that an account makes for itself, and their versions."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.json_text import read_json
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import BY_TYPE, Permission, Permissions, Wire, moment
from localcloud.services.ram.tags import checked_tags


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    resource_type = params["resourceType"]
    if resource_type.lower() not in BY_TYPE:
        raise refusals.invalid(f"The resource type {resource_type} is not valid")
    own = [one for one in estate.permissions.values() if one.current.owner == caller.account]
    if any(one.current.name == params["name"] for one in own):
        raise refusals.permission_exists(params["name"])
    if len(own) >= estate.quotas.permissions:
        raise refusals.permission_limit(estate.quotas.permissions)
    _demand_no_parameters(params)
    made = Permission(
        name=params["name"],
        resource_type=BY_TYPE[resource_type.lower()].resource_type,
        actions=_actions(params["policyTemplate"]),
        owner=caller.account,
        arn_of_own=f"arn:aws:ram:{caller.region}:{caller.account}:permission/{params['name']}",
        template=params["policyTemplate"],
        created=moment(estate.cloud.clock.now),
    )
    tags = checked_tags(estate, {}, params.get("tags", []))
    kept = Permissions(serial=1_000 + estate.shares.serial(), versions={1: made}, default=1, tags=tags)
    estate.permissions[made.arn] = kept
    told = kept.summary()
    if tags:
        told["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
    return {"permission": told}


def create_version(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """It becomes the default; shares keep what they have until somebody replaces it."""
    kept = estate.own_permission(params["permissionArn"], caller)
    if len(kept.versions) >= estate.quotas.permission_versions:
        raise refusals.permission_versions_limit(estate.quotas.permission_versions)
    _demand_no_parameters(params)
    number = max(kept.versions) + 1
    before = kept.current
    kept.versions[number] = Permission(
        name=before.name,
        resource_type=before.resource_type,
        actions=_actions(params["policyTemplate"]),
        version=number,
        owner=before.owner,
        arn_of_own=before.arn_of_own,
        template=params["policyTemplate"],
        created=moment(estate.cloud.clock.now),
    )
    kept.default = number
    return {"permission": kept.detail()}


def set_default(estate: Estate, params: Wire, caller: Caller) -> Wire:
    kept = _changeable(estate, params, caller)
    number = params["permissionVersion"]
    if number not in kept.versions:
        raise refusals.unknown(f"The permission {kept.current.arn} has no version {number}")
    kept.default = number
    return {"returnValue": True}


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """ATTACHABLE, or DEPRECATED: shares that have it keep it, no other gets it."""
    kept = estate.own_permission(params["permissionArn"], caller)
    kept.status = params["status"]
    return {"permissionStatus": kept.status}


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    kept = estate.own_permission(params["permissionArn"], caller)
    if _in_use(estate, kept.current.arn, caller):
        raise refusals.not_permitted(f"The permission {kept.current.arn} is associated with a resource share")
    del estate.permissions[kept.current.arn]
    return {"returnValue": True, "permissionStatus": "DELETED"}


def delete_version(estate: Estate, params: Wire, caller: Caller) -> Wire:
    kept = estate.own_permission(params["permissionArn"], caller)
    number = params["permissionVersion"]
    if number not in kept.versions:
        raise refusals.unknown(f"The permission {kept.current.arn} has no version {number}")
    if number == kept.default:
        raise refusals.invalid("The default version of a permission cannot be deleted")
    if _in_use(estate, kept.current.arn, caller, number):
        raise refusals.not_permitted(f"Version {number} is associated with a resource share")
    del kept.versions[number]
    return {"returnValue": True, "permissionStatus": "DELETED"}


def promote(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Only for what RAM made out of a resource policy, which here makes no permission of its own."""
    found = estate.permission(params["permissionArn"], caller)
    raise refusals.invalid(f"The permission {found.current.arn} was not created from a policy")


def _changeable(estate: Estate, params: Wire, caller: Caller) -> Permissions:
    # Of this operation the model knows no OperationNotPermitted.
    found = estate.permission(params["permissionArn"], caller)
    if not found.current.owner:
        raise refusals.invalid(f"The permission {found.current.arn} is managed by AWS")
    return found


def _in_use(estate: Estate, arn: str, caller: Caller, version: int | None = None) -> bool:
    return any(
        permission.arn == arn and version in (None, permission.version)
        for share in estate.shares.owned(caller.account)
        if share.status == "ACTIVE"
        for permission in share.permissions.values()
    )


def _demand_no_parameters(params: Wire) -> None:
    if params.get("permissionTemplateParameters"):
        raise refusals.invalid("Permissions of VPC Lattice's types take no parameters")


def _actions(template: str) -> tuple[str, ...]:
    """What a policy template allows: one statement without a principal and a resource, which the share fills in."""
    try:
        statement = read_json(template)
    except ValueError as error:
        raise refusals.malformed_template("it is not JSON") from error
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
        raise refusals.malformed_template("it is one statement with the Effect Allow")
    if extra := sorted(statement.keys() - {"Effect", "Action", "Condition"}):
        raise refusals.malformed_template(f"it cannot have {', '.join(extra)}")
    actions = statement.get("Action")
    actions = [actions] if isinstance(actions, str) else actions
    if not isinstance(actions, list) or not actions or not all(isinstance(one, str) for one in actions):
        raise refusals.malformed_template("its Action is missing")
    for action in actions:
        if not action.startswith("vpc-lattice:") or "*" in action:
            raise refusals.invalid_policy(f"The action {action} cannot be shared")
    return tuple(actions)


OPERATIONS: Operations[Estate] = {
    "CreatePermission": create,
    "CreatePermissionVersion": create_version,
    "DeletePermission": delete,
    "DeletePermissionVersion": delete_version,
    "PromotePermissionCreatedFromPolicy": promote,
    "SetDefaultPermissionVersion": set_default,
    "UpdatePermission": update,
}
