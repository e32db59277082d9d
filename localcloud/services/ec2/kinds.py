"""VPCs, subnets and security groups, as CloudFormation makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.kinds import Made, Work, kind, retag, there


def _specification(work: Work, resource_type: str) -> dict[str, Any]:
    tags = work.tag_list()
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": tags}]} if tags else {}


def _retag_ec2(work: Work) -> Made:
    ec2, made = work.client("ec2"), there(work)
    retag(
        work,
        lambda tags: ec2.create_tags(Resources=[made.id], Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
        lambda keys: ec2.delete_tags(Resources=[made.id], Tags=[{"Key": key} for key in keys]),
    )
    return made


@kind(
    "AWS::EC2::VPC",
    lambda work: work.client("ec2").delete_vpc(VpcId=there(work).id),
    attributes=("CidrBlock", "DefaultSecurityGroup", "VpcId"),
    replaces=("CidrBlock", "InstanceTenancy"),
)
def _vpc(work: Work) -> Made:
    ec2 = work.client("ec2")
    given = work.take_some("CidrBlock", "InstanceTenancy")
    dns = work.take_some("EnableDnsHostnames", "EnableDnsSupport")
    if work.old is None:
        vpc = ec2.create_vpc(**given, **_specification(work, "vpc"))["Vpc"]
        made = Made(vpc["VpcId"], {"VpcId": vpc["VpcId"], "CidrBlock": vpc["CidrBlock"]})
        filters = [{"Name": "vpc-id", "Values": [made.id]}, {"Name": "group-name", "Values": ["default"]}]
        groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        made.attributes["DefaultSecurityGroup"] = groups[0]["GroupId"] if groups else ""
    else:
        made = _retag_ec2(work)
    for key, value in dns.items():
        ec2.modify_vpc_attribute(VpcId=made.id, **{key: {"Value": str(value).lower() == "true"}})
    return made


@kind(
    "AWS::EC2::Subnet",
    lambda work: work.client("ec2").delete_subnet(SubnetId=there(work).id),
    attributes=("AvailabilityZone", "SubnetId", "VpcId"),
    replaces=("AvailabilityZone", "CidrBlock", "VpcId"),
    requires=("VpcId",),
)
def _subnet(work: Work) -> Made:
    given = work.take_some("AvailabilityZone", "CidrBlock", "VpcId")
    work.take("MapPublicIpOnLaunch")
    if work.old is not None:
        return _retag_ec2(work)
    subnet = work.client("ec2").create_subnet(**given, **_specification(work, "subnet"))["Subnet"]
    keys = ("AvailabilityZone", "SubnetId", "VpcId")
    return Made(subnet["SubnetId"], {key: subnet[key] for key in keys})


def _ip_permission(rule: Mapping[str, Any], side: str) -> dict[str, Any]:
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


@kind(
    "AWS::EC2::SecurityGroup",
    lambda work: work.client("ec2").delete_security_group(GroupId=there(work).id),
    attributes=("GroupId", "Id", "VpcId"),
    replaces=("GroupDescription", "GroupName", "VpcId"),
    requires=("GroupDescription",),
)
def _security_group(work: Work) -> Made:
    ec2 = work.client("ec2")
    name = work.name(work.take("GroupName"), 255)
    description, vpc = work.require("GroupDescription"), work.take("VpcId")
    sides = [
        ("Source", work.take("SecurityGroupIngress"), "ingress"),
        ("Destination", work.take("SecurityGroupEgress"), "egress"),
    ]
    if work.old is None:
        where = {"VpcId": vpc} if vpc else {}
        made_id = ec2.create_security_group(
            GroupName=name, Description=description, **where, **_specification(work, "security-group")
        )["GroupId"]
        made = Made(made_id, {"GroupId": made_id, "Id": made_id, "VpcId": vpc or "", "Name_": name})
        if sides[1][1]:
            everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            ec2.revoke_security_group_egress(GroupId=made_id, IpPermissions=everything)
    else:
        made = _retag_ec2(work)
    for side, rules, direction in sides:
        old = work.old_properties.get(f"SecurityGroup{direction.capitalize()}") or []
        gone = [_ip_permission(rule, side) for rule in old if rule not in (rules or [])]
        new = [_ip_permission(rule, side) for rule in rules or [] if rule not in old]
        if gone:
            getattr(ec2, f"revoke_security_group_{direction}")(GroupId=made.id, IpPermissions=gone)
        if new:
            getattr(ec2, f"authorize_security_group_{direction}")(GroupId=made.id, IpPermissions=new)
    return made
