"""What stands in a VPC besides subnets and groups, as CloudFormation makes it: gateways, routes, rules, endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.ground.kinds import Made, Work, as_json, fitted, kind, there
from localcloud.services.ec2.parts import ip_permission, retagged, specification

_GATEWAYS = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
)
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


@kind(
    "AWS::EC2::InternetGateway",
    lambda work: work.client("ec2").delete_internet_gateway(InternetGatewayId=there(work).id),
    attributes=("InternetGatewayId",),
)
def _internet_gateway(work: Work) -> Made:
    if work.old is not None:
        return retagged(work)
    made = work.client("ec2").create_internet_gateway(**specification(work, "internet-gateway"))["InternetGateway"]
    return Made(made["InternetGatewayId"], {"InternetGatewayId": made["InternetGatewayId"]})


def _detach(work: Work) -> None:
    gateway = there(work).attributes["Gateway_"]
    work.client("ec2").detach_internet_gateway(InternetGatewayId=gateway, VpcId=there(work).attributes["Vpc_"])


@kind(
    "AWS::EC2::VPCGatewayAttachment",
    _detach,
    attributes=("AttachmentType",),
    replaces=("VpcId", "InternetGatewayId"),
    requires=("VpcId",),
)
def _attachment(work: Work) -> Made:
    """Of an internet gateway; its other kind, a VPN gateway, is not known here."""
    vpc, gateway = work.require("VpcId"), work.require("InternetGatewayId")
    work.client("ec2").attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return Made(f"IGW|{vpc}", {"AttachmentType": "IGW", "Gateway_": gateway, "Vpc_": vpc})


@kind(
    "AWS::EC2::RouteTable",
    lambda work: work.client("ec2").delete_route_table(RouteTableId=there(work).id),
    attributes=("RouteTableId",),
    replaces=("VpcId",),
    requires=("VpcId",),
)
def _route_table(work: Work) -> Made:
    vpc = work.require("VpcId")
    if work.old is not None:
        return retagged(work)
    table = work.client("ec2").create_route_table(VpcId=vpc, **specification(work, "route-table"))["RouteTable"]
    return Made(table["RouteTableId"], {"RouteTableId": table["RouteTableId"]})


def _remove_route(work: Work) -> None:
    table, _, to = there(work).id.partition("|")
    where = next(name for name in _DESTINATIONS if name in work.properties)
    work.client("ec2").delete_route(RouteTableId=table, **{where: to})


@kind(
    "AWS::EC2::Route",
    _remove_route,
    attributes=("CidrBlock",),
    replaces=("RouteTableId", *_DESTINATIONS),
    requires=("RouteTableId",),
)
def _route(work: Work) -> Made:
    ec2, table = work.client("ec2"), work.require("RouteTableId")
    to, by = work.take_some(*_DESTINATIONS), work.take_some(*_GATEWAYS)
    (ec2.create_route if work.old is None else ec2.replace_route)(RouteTableId=table, **to, **by)
    block = next(iter(to.values()), "")
    return Made(f"{table}|{block}", {"CidrBlock": block})


@kind(
    "AWS::EC2::SubnetRouteTableAssociation",
    lambda work: work.client("ec2").disassociate_route_table(AssociationId=there(work).id),
    attributes=("Id",),
    replaces=("SubnetId", "RouteTableId"),
    requires=("RouteTableId", "SubnetId"),
)
def _route_table_of_subnet(work: Work) -> Made:
    given = work.take_some("RouteTableId", "SubnetId")
    made = work.client("ec2").associate_route_table(**given)["AssociationId"]
    return Made(made, {"Id": made})


def _rule(direction: str, side: str) -> Callable[[Work], Made]:
    def make(work: Work) -> Made:
        group = work.require("GroupId")
        whole = work.take_some(*list(work.properties))
        permission = ip_permission(whole, side)
        if work.old is not None and ("CidrIp" in whole or "CidrIpv6" in whole):
            describe = getattr(work.client("ec2"), f"update_security_group_rule_descriptions_{direction}")
            describe(GroupId=group, IpPermissions=[permission])
            return work.old
        if work.old is not None:
            # moto describes no rule anew that names a group or a prefix list.
            revoke = getattr(work.client("ec2"), f"revoke_security_group_{direction}")
            revoke(GroupId=group, IpPermissions=[ip_permission(work.old_properties, side)])
        authorize = getattr(work.client("ec2"), f"authorize_security_group_{direction}")
        [made] = authorize(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"]
        return Made(made["SecurityGroupRuleId"], {"Id": made["SecurityGroupRuleId"], "Group_": group})

    return make


def _remove_rule(direction: str, side: str) -> Callable[[Work], Any]:
    def remove(work: Work) -> None:
        revoke = getattr(work.client("ec2"), f"revoke_security_group_{direction}")
        revoke(GroupId=there(work).attributes["Group_"], IpPermissions=[ip_permission(work.properties, side)])

    return remove


_OF_RULE = ("CidrIp", "CidrIpv6", "FromPort", "GroupId", "IpProtocol", "ToPort")
kind(
    "AWS::EC2::SecurityGroupIngress",
    _remove_rule("ingress", "Source"),
    attributes=("Id",),
    replaces=(
        *_OF_RULE,
        *("GroupName", "SourcePrefixListId", "SourceSecurityGroupId"),
        *("SourceSecurityGroupName", "SourceSecurityGroupOwnerId"),
    ),
    requires=("IpProtocol",),
)(_rule("ingress", "Source"))
kind(
    "AWS::EC2::SecurityGroupEgress",
    _remove_rule("egress", "Destination"),
    attributes=("Id",),
    replaces=(*_OF_RULE, "DestinationPrefixListId", "DestinationSecurityGroupId"),
    requires=("IpProtocol", "GroupId"),
)(_rule("egress", "Destination"))


def _remove_endpoint(work: Work) -> None:
    work.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[there(work).id])


@kind(
    "AWS::EC2::VPCEndpoint",
    _remove_endpoint,
    attributes=("CreationTimestamp", "DnsEntries", "Id", "NetworkInterfaceIds"),
    replaces=(
        *("ServiceName", "VpcEndpointType", "VpcId", "ServiceNetworkArn", "ResourceConfigurationArn", "ServiceRegion"),
        # Of these Lattice's two kinds change none (facts-2 R6).
        *("SubnetIds", "PrivateDnsEnabled"),
    ),
    requires=("VpcId",),
)
def _endpoint(work: Work) -> Made:
    """Of every kind; a change in place is one of groups, routes, policy and tags."""
    ec2 = work.client("ec2")
    fixed = work.take_some(
        *("VpcId", "VpcEndpointType", "ServiceName", "ServiceNetworkArn", "ResourceConfigurationArn"),
        *("SubnetIds", "PrivateDnsEnabled", "IpAddressType", "DnsOptions", "ServiceRegion"),
    )
    groups, tables = work.take("SecurityGroupIds"), work.take("RouteTableIds")
    policy = work.take("PolicyDocument")
    document = {"PolicyDocument": as_json(policy)} if policy else {}
    if work.old is not None:
        before = work.old_properties
        changes: dict[str, Any] = dict(document)
        for name, now, word in (
            ("SecurityGroupIds", groups, "SecurityGroupIds"),
            ("RouteTableIds", tables, "RouteTableIds"),
        ):
            old = before.get(name) or []
            if more := [one for one in now or [] if one not in old]:
                changes[f"Add{word}"] = more
            if less := [one for one in old if one not in (now or [])]:
                changes[f"Remove{word}"] = less
        if changes:
            ec2.modify_vpc_endpoint(VpcEndpointId=work.old.id, **changes)
        return retagged(work)
    listed = {"SecurityGroupIds": groups, "RouteTableIds": tables}
    asked = {**fixed, **document, **{name: value for name, value in listed.items() if value}}
    shape = ec2.meta.service_model.operation_model("CreateVpcEndpoint").input_shape
    made = ec2.create_vpc_endpoint(**fitted(asked, shape), **specification(work, "vpc-endpoint"))["VpcEndpoint"]
    return Made(
        made["VpcEndpointId"],
        {
            "Id": made["VpcEndpointId"],
            "CreationTimestamp": str(made.get("CreationTimestamp", "")),
            "NetworkInterfaceIds": made.get("NetworkInterfaceIds", []),
            "DnsEntries": [
                f"{one.get('HostedZoneId', '')}:{one.get('DnsName', '')}" for one in made.get("DnsEntries", [])
            ],
        },
    )
