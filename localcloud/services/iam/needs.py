"""What IAM must allow for IAM itself: the role, the policy, the linked service."""

from __future__ import annotations

from moto.backends import get_backend
from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, need

_WITHIN = frozenset(
    {
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
    }
)
"""The calls that carry `iam:PermissionsBoundary` (Service Authorization Reference)."""


def needs(call: Call) -> list[Requirement]:
    name = call.get("RoleName")
    more: dict[str, Values] = {}
    if call.get("PolicyArn"):
        more["iam:PolicyARN"] = call.get("PolicyArn")
    if call.operation == "CreateServiceLinkedRole":
        service = call.get("AWSServiceName")
        arn = f"arn:aws:iam::{call.caller.account}:role/aws-service-role/{service}/*"
        return need(call, arn, {"iam:AWSServiceName": service})
    if name:
        roles = get_backend("iam")[call.caller.account]["aws"].roles.values()
        role = next((one for one in roles if one.name == name), None)
        path = role.path if role is not None else call.get("Path") or "/"
        # The one that is asked for; with what changes what a role may do, the one that the role has.
        boundary = call.get("PermissionsBoundary") or (role.permissions_boundary_arn if role is not None else "")
        if boundary and call.operation in _WITHIN:
            more["iam:PermissionsBoundary"] = boundary
        return need(call, f"arn:aws:iam::{call.caller.account}:role{path}{name}", more)
    return need(call, call.get("PolicyArn") or "*", more)
