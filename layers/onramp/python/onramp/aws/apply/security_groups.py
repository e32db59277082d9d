"""Security groups that say who of a VPC may call."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from onramp.aws.apply.scene import Scene, removed
from onramp.aws.errors import code, full
from onramp.core import tags
from onramp.core.errors import NotYet, Refused
from onramp.core.model import Ingress
from onramp.core.steps import CreateSecurityGroup, DeleteSecurityGroup, UpdateSecurityGroup


def _permissions(rules: tuple[Ingress, ...]) -> list[dict[str, Any]]:
    return [_permission(rule) for rule in rules]


def _permission(rule: Ingress) -> dict[str, Any]:
    ports = {} if rule.protocol == "-1" else {"FromPort": rule.from_port, "ToPort": rule.to_port}
    if rule.source.startswith("sg-"):
        source: dict[str, Any] = {"UserIdGroupPairs": [{"GroupId": rule.source}]}
    elif rule.source.startswith("pl-"):
        source = {"PrefixListIds": [{"PrefixListId": rule.source}]}
    elif ":" in rule.source:
        source = {"Ipv6Ranges": [{"CidrIpv6": rule.source}]}
    else:
        source = {"IpRanges": [{"CidrIp": rule.source}]}
    return {"IpProtocol": rule.protocol, **ports, **source}


def create_security_group(scene: Scene, step: CreateSecurityGroup) -> str:
    ec2 = scene.client("ec2")
    given = [{"Key": key, "Value": value} for key, value in scene.tags(step).items()]
    try:
        group = ec2.create_security_group(
            GroupName=step.name,
            Description=f"Clients of this VPC that may call services on {scene.network.name}"[:255],
            VpcId=step.vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": given}],
        )["GroupId"]
    except ClientError as error:
        if code(error) != "InvalidGroup.Duplicate" or not _is_made(scene, step):
            raise
        raise NotYet("it is there, with our mark: the next look has it") from error
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=_permissions(step.admits))
    scene.made[step.key] = group
    return ""


def _is_made(scene: Scene, step: CreateSecurityGroup) -> bool:
    """Is the group of this name ours, so that an earlier run made it, or this one whose answer was lost?"""
    filters = {"group-name": step.name, "vpc-id": step.vpc, f"tag:{tags.OWNER}": scene.network.name}
    asked = [{"Name": name, "Values": [value]} for name, value in filters.items()]
    return bool(scene.client("ec2").describe_security_groups(Filters=asked)["SecurityGroups"])


def update_security_group(scene: Scene, step: UpdateSecurityGroup) -> str:
    ec2 = scene.client("ec2")
    # Who may call is admitted first, so that nobody is shut out in between; but where the group is full, the rules that
    # nobody asks for make room before that: else neither would ever be done.
    first = step.revoke[: max(len(step.allow) - step.room, 0)]
    rest = step.revoke[len(first) :]

    def change(call: Callable[..., Any], rules: tuple[Ingress, ...]) -> None:
        if rules:
            call(GroupId=step.security_group, IpPermissions=_permissions(rules))

    change(ec2.revoke_security_group_ingress, first)
    try:
        change(ec2.authorize_security_group_ingress, step.allow)
    except ClientError as error:
        if not (full(error) and rest):
            raise
        # It holds fewer than EC2's default, or a prefix list takes the place of many rules: all the room there is.
        change(ec2.revoke_security_group_ingress, rest)
        change(ec2.authorize_security_group_ingress, step.allow)
        return ""
    change(ec2.revoke_security_group_ingress, rest)
    return ""


def delete_security_group(scene: Scene, step: DeleteSecurityGroup) -> str:
    ec2 = scene.client("ec2")
    try:
        return removed(lambda: ec2.delete_security_group(GroupId=step.security_group))
    except ClientError as error:
        # EC2 says that something depends on it, and not what. A rule is a person's matter; else time may help.
        naming = _groups_naming(ec2, step.security_group) if code(error) == "DependencyViolation" else []
        if not naming:
            raise
        message = f"{' '.join(naming)} refers to security group {step.security_group}, take it out of its rules"
        raise Refused("step-failed", message) from error


def _groups_naming(ec2: Any, group: str) -> list[str]:
    """Ids of the security groups whose rules speak of `group`; none where EC2 does not answer that, too."""
    found: set[str] = set()
    with suppress(ClientError, BotoCoreError):  # what it said first is what is told then
        for direction in ("", "egress."):
            asked = [{"Name": f"{direction}ip-permission.group-id", "Values": [group]}]
            pages = ec2.get_paginator("describe_security_groups").paginate(Filters=asked)
            found |= {one["GroupId"] for page in pages for one in page["SecurityGroups"]}
    return sorted(found - {group})
