"""What IAM must allow for IAM itself: the role, the policy, the linked service."""

from __future__ import annotations

from moto.backends import get_backend
from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, need


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
        path = next((role.path for role in roles if role.name == name), call.get("Path") or "/")
        return need(call, f"arn:aws:iam::{call.caller.account}:role{path}{name}", more)
    return need(call, call.get("PolicyArn") or "*", more)
