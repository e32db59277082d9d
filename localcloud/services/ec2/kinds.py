"""VPCs, subnets and security groups, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Work, kind, there
from localcloud.services.ec2 import network_kinds as network_kinds  # its types are this service's, too
from localcloud.services.ec2.parts import ip_permission, retagged, specification


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
        vpc = ec2.create_vpc(**given, **specification(work, "vpc"))["Vpc"]
        made = Made(vpc["VpcId"], {"VpcId": vpc["VpcId"], "CidrBlock": vpc["CidrBlock"]})
        filters = [{"Name": "vpc-id", "Values": [made.id]}, {"Name": "group-name", "Values": ["default"]}]
        groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        made.attributes["DefaultSecurityGroup"] = groups[0]["GroupId"] if groups else ""
    else:
        made = retagged(work)
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
        return retagged(work)
    subnet = work.client("ec2").create_subnet(**given, **specification(work, "subnet"))["Subnet"]
    keys = ("AvailabilityZone", "SubnetId", "VpcId")
    return Made(subnet["SubnetId"], {key: subnet[key] for key in keys})


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
            GroupName=name, Description=description, **where, **specification(work, "security-group")
        )["GroupId"]
        work.begun = made = Made(made_id, {"GroupId": made_id, "Id": made_id, "VpcId": vpc or "", "Name_": name})
        if sides[1][1]:
            everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            ec2.revoke_security_group_egress(GroupId=made_id, IpPermissions=everything)
    else:
        made = retagged(work)
    for side, rules, direction in sides:
        old = work.old_properties.get(f"SecurityGroup{direction.capitalize()}") or []
        gone = [ip_permission(rule, side) for rule in old if rule not in (rules or [])]
        new = [ip_permission(rule, side) for rule in rules or [] if rule not in old]
        if gone:
            getattr(ec2, f"revoke_security_group_{direction}")(GroupId=made.id, IpPermissions=gone)
        if new:
            getattr(ec2, f"authorize_security_group_{direction}")(GroupId=made.id, IpPermissions=new)
    return made
