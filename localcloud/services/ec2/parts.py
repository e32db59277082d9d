"""What the kinds of EC2 have in common: tags as EC2 takes them, and rules of security groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.kinds import Made, Work, retag, there


def specification(work: Work, resource_type: str) -> dict[str, Any]:
    """The tags of what is made, as a parameter of the call that makes it."""
    tags = work.tag_list()
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": tags}]} if tags else {}


def retagged(work: Work) -> Made:
    """What it was, with its tags in line."""
    ec2, made = work.client("ec2"), there(work)
    retag(
        work,
        lambda tags: ec2.create_tags(Resources=[made.id], Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
        lambda keys: ec2.delete_tags(Resources=[made.id], Tags=[{"Key": key} for key in keys]),
    )
    return made


def ip_permission(rule: Mapping[str, Any], side: str) -> dict[str, Any]:
    """A rule as EC2's calls have it; `side` is Source or Destination, as a template calls what is on the other end."""
    permission: dict[str, Any] = {"IpProtocol": str(rule["IpProtocol"])}
    permission |= {key: int(rule[key]) for key in ("FromPort", "ToPort") if key in rule}
    text = {"Description": rule["Description"]} if rule.get("Description") else {}
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **text}]
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **text}]
    if prefix := rule.get(f"{side}PrefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": prefix, **text}]
    if group := rule.get(f"{side}SecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": group, **text}]
    return permission
