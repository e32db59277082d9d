"""What a rule or a route names has to be there: moto takes prefix lists and groups that nobody has (facts 19.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

_RULES = frozenset(
    {
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "ModifySecurityGroupRules",
    }
)
_ROUTES = frozenset({"CreateRoute", "ReplaceRoute"})


def refuse(service: str, operation: str, params: Mapping[str, Any], caller: Caller) -> None:
    """InvalidPrefixListID.NotFound or InvalidGroup.NotFound; nothing of the call is done then."""
    if service != "ec2" or operation not in _RULES | _ROUTES:
        return
    ec2 = get_backend("ec2")[caller.account][caller.region]
    for prefix_list in _prefix_lists(params):
        if prefix_list not in ec2.managed_prefix_lists:
            text = f"The prefix list ID '{prefix_list}' does not exist"
            raise AwsError("InvalidPrefixListID.NotFound", text, 400)
    for group, owner in _groups(params, caller):
        # A group of another account is named by rules across a peering; who asks may not see whether it is there.
        if owner == caller.account and ec2.get_security_group_from_id(group) is None:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{group}' does not exist", 400)


def _prefix_lists(params: Mapping[str, Any]) -> Iterator[str]:
    for permission in params.get("IpPermissions") or ():
        yield from (str(it.get("PrefixListId", "")) for it in permission.get("PrefixListIds") or ())
    for changed in params.get("SecurityGroupRules") or ():
        if named := (changed.get("SecurityGroupRule") or {}).get("PrefixListId"):
            yield str(named)
    if named := params.get("DestinationPrefixListId"):
        yield str(named)


def _groups(params: Mapping[str, Any], caller: Caller) -> Iterator[tuple[str, str]]:
    """(id, owner) of each group that a rule names; names of groups are of no use in a VPC."""
    for permission in params.get("IpPermissions") or ():
        for pair in permission.get("UserIdGroupPairs") or ():
            if pair.get("GroupId"):
                yield str(pair["GroupId"]), str(pair.get("UserId") or caller.account)
    for changed in params.get("SecurityGroupRules") or ():
        if named := (changed.get("SecurityGroupRule") or {}).get("ReferencedGroupId"):
            yield str(named), caller.account
