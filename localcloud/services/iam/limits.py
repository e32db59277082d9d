"""How much IAM lets be attached (IAM's quotas)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated

MANAGED = 10
"""Managed policies of one role, user or group, unless a quota was raised."""


def _attached(kind: str) -> Callable[[Mapping[str, Any], Caller], None]:
    named = f"{kind.capitalize()}Name"

    def refuse(params: Mapping[str, Any], caller: Caller) -> None:
        everybody = getattr(get_backend("iam")[caller.account]["aws"], f"{kind}s").values()
        found = next((one for one in everybody if one.name == params[named]), None)
        there = found.managed_policies if found is not None else {}
        if params["PolicyArn"] not in there and len(there) >= MANAGED:
            text = f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {MANAGED}"
            raise AwsError("LimitExceeded", text, 409)

    return refuse


def _role(params: Mapping[str, Any], caller: Caller) -> None:
    roles = get_backend("iam")[caller.account]["aws"].roles.values()
    if all(one.name != params["RoleName"] for one in roles):
        text = f"The role with name {params['RoleName']} cannot be found."
        raise AwsError("NoSuchEntity", text, 404)


def _every(operation: str, params: Mapping[str, Any], caller: Caller) -> None:
    """Without a name a user's calls mean himself: moto knows that of few, and takes an account's owner for a user."""
    shape = models.operation_model("iam", operation).input_shape
    implied = shape is not None and "UserName" in shape.members and "UserName" not in shape.required_members
    if not implied or params.get("UserName") or operation in _BY_KEY or operation in _OF_ALL:
        return
    if ":user/" not in caller.arn and not caller.arn.endswith(":root"):
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials", 400)
    raise NotEmulated("iam", f"{operation} without a UserName")


def _conflict(text: str) -> AwsError:
    return AwsError("DeleteConflict", text, 409)


def _gone_policy(params: Mapping[str, Any], caller: Caller) -> None:
    """A policy goes after all that uses it, and after its other versions; moto asks for nothing."""
    iam, arn = get_backend("iam")[caller.account]["aws"], params["PolicyArn"]
    policy = iam.managed_policies.get(arn)
    if policy is None:
        return  # moto says so
    everybody: list[Any] = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    if any(arn in one.managed_policies for one in everybody):
        raise _conflict("Cannot delete a policy attached to entities.")
    if any(getattr(one, "permissions_boundary_arn", None) == arn for one in everybody):
        raise _conflict("Cannot delete a policy that is a permissions boundary of entities.")
    if len(policy.versions) > 1:
        before = "Before you delete a policy, you must delete the policy's versions."
        raise _conflict(f"This policy has more than one version. {before} The default version goes with the policy.")


def _gone_user(params: Mapping[str, Any], caller: Caller) -> None:
    iam, name = get_backend("iam")[caller.account]["aws"], params["UserName"]
    user = iam.users.get(name)
    if user is None:
        return  # moto says so
    if user.access_keys:
        raise _conflict("Cannot delete entity, must delete access keys first.")
    if any(name in {one.name for one in group.users} for group in iam.groups.values()):
        raise _conflict("Cannot delete entity, must remove users from group first.")
    if user.password:
        raise _conflict("Cannot delete entity, must delete login profile first.")


def _gone_group(params: Mapping[str, Any], caller: Caller) -> None:
    group = get_backend("iam")[caller.account]["aws"].groups.get(params["GroupName"])
    if group is None:
        return  # moto says so
    for there, what in (
        (group.users, "remove users from group"),
        (group.managed_policies, "detach all policies"),
        (group.policies, "delete policies"),
    ):
        if there:
            raise _conflict(f"Cannot delete entity, must {what} first.")


def _made_role(params: Mapping[str, Any], _: Caller) -> None:
    for reserved, whose in _RESERVED.items():
        if str(params.get("Path") or "/").startswith(reserved):
            raise AwsError("InvalidInput", f"Path prefix '{reserved}' can only be used for {whose}", 400)


def _linked(params: Mapping[str, Any], _: Caller) -> None:
    name = params["AWSServiceName"]
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", name):
        raise AwsError("InvalidInput", f"{name} is not the name of a service, such as vpc-lattice.amazonaws.com", 400)


_RESERVED = {"/aws-service-role/": "AWS Service linked Roles", "/aws-reserved/": "roles that AWS makes"}
"""The first in AWS's words (seen); of the second it is documented that nobody else has roles there."""

_BY_KEY = frozenset({"GetUser", "CreateAccessKey", "ListAccessKeys", "GetAccessKeyLastUsed"})
"""moto finds the user by the key that signs."""
_OF_ALL = frozenset({"ListVirtualMFADevices", "ListServiceSpecificCredentials"})

EVERY = _every
LIMITS = {
    "DeleteGroup": _gone_group,
    "DeletePolicy": _gone_policy,
    "DeleteUser": _gone_user,
    "CreateRole": _made_role,
    "CreateServiceLinkedRole": _linked,
    "ListInstanceProfilesForRole": _role,
    "AttachRolePolicy": _attached("role"),
    "AttachUserPolicy": _attached("user"),
    "AttachGroupPolicy": _attached("group"),
}
