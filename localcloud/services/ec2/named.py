"""What a call names by its id has the form of such an id, and is there: moto takes much that nobody has (facts 19.4).

Told in EC2's own words (API reference, "Error codes"), whose spelling differs from kind to kind. Images are left to
moto, and snapshots where one is only made use of: AWS has more public ones than anybody could hold here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError


class Kind(NamedTuple):
    """How EC2 speaks of a kind of thing; `store` is moto's, by the name of the member or a question."""

    prefix: str
    store: str | Callable[[Any, str], bool]
    missing: str
    text: str
    malformed: str
    members: tuple[str, ...]


def _in_a_zone(ec2: Any, subnet: str) -> bool:
    return any(subnet in found for found in ec2.subnets.values())


def _group(ec2: Any, group: str) -> bool:
    return ec2.get_security_group_from_id(group) is not None


def _instance(ec2: Any, instance: str) -> bool:
    return any(one.id == instance for one in ec2.all_instances())


def _allocation(ec2: Any, allocation: str) -> bool:
    return any(one.allocation_id == allocation for one in ec2.addresses)


def _kind(
    prefix: str, store: str | Callable[[Any, str], bool], code: str, word: str, malformed: str, *members: str
) -> Kind:
    text = word if "{}" in word else f"The {word} '{{}}' does not exist"
    return Kind(prefix, store, code if "NotFound" in code else f"{code}.NotFound", text, malformed, members)


KINDS = (
    _kind("vpc", "vpcs", "InvalidVpcID", "vpc ID", "InvalidVpcID.Malformed", "VpcId"),
    _kind("subnet", _in_a_zone, "InvalidSubnetID", "subnet ID", "InvalidSubnetID.Malformed", "SubnetId"),
    _kind("sg", _group, "InvalidGroup", "security group", "InvalidGroupId.Malformed", "SecurityGroupId"),
    _kind("i", _instance, "InvalidInstanceID", "instance ID", "InvalidInstanceID.Malformed", "InstanceId"),
    _kind(
        "eni",
        "enis",
        "InvalidNetworkInterfaceID",
        "networkInterface ID",
        "InvalidNetworkInterfaceId.Malformed",
        "NetworkInterfaceId",
    ),
    _kind(
        "rtb", "route_tables", "InvalidRouteTableID", "routeTable ID", "InvalidRouteTableId.Malformed", "RouteTableId"
    ),
    _kind(
        "acl", "network_acls", "InvalidNetworkAclID", "networkAcl ID", "InvalidNetworkAclId.Malformed", "NetworkAclId"
    ),
    _kind(
        "igw",
        "internet_gateways",
        "InvalidInternetGatewayID",
        "internetGateway ID",
        "InvalidInternetGatewayId.Malformed",
        "InternetGatewayId",
    ),
    _kind(
        "nat",
        "nat_gateways",
        "NatGatewayNotFound",
        "NatGateway {} was not found",
        "NatGatewayMalformed",
        "NatGatewayId",
    ),
    _kind(
        "pl",
        "managed_prefix_lists",
        "InvalidPrefixListID",
        "prefix list ID",
        "InvalidPrefixListId.Malformed",
        "PrefixListId",
    ),
    _kind(
        "vpce",
        "vpc_end_points",
        "InvalidVpcEndpointId",
        "Vpc Endpoint Id",
        "InvalidVpcEndpointId.Malformed",
        "VpcEndpointId",
    ),
    _kind(
        "pcx",
        "vpc_pcxs",
        "InvalidVpcPeeringConnectionID",
        "vpcPeeringConnection ID",
        "InvalidVpcPeeringConnectionId.Malformed",
        "VpcPeeringConnectionId",
    ),
    _kind(
        "dopt",
        "dhcp_options_sets",
        "InvalidDhcpOptionID",
        "dhcpOption ID",
        "InvalidDhcpOptionsId.Malformed",
        "DhcpOptionsId",
    ),
    _kind("vol", "volumes", "InvalidVolume", "volume", "InvalidVolumeID.Malformed", "VolumeId"),
    _kind("snap", "snapshots", "InvalidSnapshot", "snapshot", "InvalidSnapshotID.Malformed", "SnapshotId"),
    _kind("eipalloc", _allocation, "InvalidAllocationID", "allocation ID", ""),
    _kind("vgw", "vpn_gateways", "InvalidVpnGatewayID", "vpnGateway ID", ""),
    _kind("cgw", "customer_gateways", "InvalidCustomerGatewayID", "customerGateway ID", ""),
    _kind("vpn", "vpn_connections", "InvalidVpnConnectionID", "vpnConnection ID", ""),
    _kind(
        "lt",
        "launch_templates",
        "InvalidLaunchTemplateId",
        "The specified launch template, with template ID {}, does not exist.",
        "InvalidLaunchTemplateId.Malformed",
        "LaunchTemplateId",
    ),
    _kind(
        "sfr",
        "spot_fleet_requests",
        "InvalidSpotFleetRequestId",
        "spot fleet request ID",
        "InvalidSpotFleetRequestId.Malformed",
        "SpotFleetRequestId",
    ),
    _kind(
        "sir",
        "spot_instance_requests",
        "InvalidSpotInstanceRequestID",
        "spot instance request ID",
        "InvalidSpotInstanceRequestID.Malformed",
        "SpotInstanceRequestId",
    ),
    _kind("fleet", "fleets", "InvalidFleetId", "fleet ID", "InvalidFleetId.Malformed", "FleetId"),
    _kind("h", "hosts", "InvalidHostID", "host ID", "InvalidHostID.Malformed", "HostId"),
    _kind(
        "tms",
        "traffic_mirror_sessions",
        "InvalidTrafficMirrorSessionId",
        "traffic mirror session ID",
        "InvalidTrafficMirrorSessionId.Malformed",
        "TrafficMirrorSessionId",
    ),
    _kind(
        "tgw",
        "transit_gateways",
        "InvalidTransitGatewayID",
        "Transit Gateway {} was deleted or does not exist.",
        "InvalidTransitGatewayID.Malformed",
        "TransitGatewayId",
    ),
    _kind(
        "tgw-attach",
        "transit_gateway_attachments",
        "InvalidTransitGatewayAttachmentID",
        "Transit Gateway Attachment {} was deleted or does not exist.",
        "InvalidTransitGatewayAttachmentID.Malformed",
        "TransitGatewayAttachmentId",
    ),
    _kind(
        "tgw-rtb",
        "transit_gateways_route_tables",
        "InvalidRouteTableID",
        "Transit Gateway Route Table {} was deleted or does not exist.",
        "InvalidRouteTableId.Malformed",
        "TransitGatewayRouteTableId",
    ),
)

_BY_PREFIX = {kind.prefix: kind for kind in KINDS}
_BY_MEMBER = {
    f"{verb}{member}{many}": kind
    for kind in KINDS
    for member in kind.members
    for verb in ("", "Add", "Remove", "Peer")
    for many in ("", "s")
}
_PREFIXES = "|".join(sorted(_BY_PREFIX, key=len, reverse=True))
# Fleets and requests for them have a UUID behind their prefix.
_ID = re.compile(rf"({_PREFIXES})-([0-9a-f]{{8}}|[0-9a-f]{{17}}|[0-9a-f]{{8}}-[0-9a-f-]{{27}})")

# Each may name what is not there: a filter finds nothing then, words are free, a template is not looked into, and
# what is tagged has errors of its own.
_FREE = frozenset(
    {
        "Filters",
        "Tags",
        "TagSpecifications",
        "Resources",
        "ClientToken",
        "UserData",
        "Description",
        "LaunchTemplateData",
    }
)
# They tell what they did not find in their answer, or hold for anybody's.
_TOLERANT = frozenset(
    {"DeleteVpcEndpoints", "AcceptVpcEndpointConnections", "RejectVpcEndpointConnections", "DescribeIdFormat"}
)


def refuse(operation: str, params: Mapping[str, Any], caller: Caller) -> None:
    """The code of what is malformed, or else not there; nothing of the call is done then."""
    if operation in _TOLERANT:
        return
    named = list(_named(operation, params, caller.account))
    for member, value in named:
        kind = _kind_of(operation, member)
        if kind is not None and kind.malformed and not _is_id_of(kind, value):
            text = f'Invalid id: "{value}" (expecting "{kind.prefix}-...")'
            raise AwsError(kind.malformed, text, 400)
    ec2 = get_backend("ec2")[caller.account][caller.region]
    for _, value in named:
        found = _ID.fullmatch(value)
        if found is not None and not _there(ec2, _BY_PREFIX[found[1]], value):
            kind = _BY_PREFIX[found[1]]
            raise AwsError(kind.missing, kind.text.format(value), 400)


def _kind_of(operation: str, member: str) -> Kind | None:
    if member in ("GroupId", "GroupIds") and "SecurityGroup" in operation:
        return _BY_PREFIX["sg"]
    return _BY_MEMBER.get(member)


def _is_id_of(kind: Kind, value: str) -> bool:
    found = _ID.fullmatch(value)
    return found is not None and found[1] == kind.prefix


def _there(ec2: Any, kind: Kind, value: str) -> bool:
    return value in getattr(ec2, kind.store) if isinstance(kind.store, str) else kind.store(ec2, value)


def _named(operation: str, given: Any, account: str, member: str = "") -> Iterator[tuple[str, str]]:
    """(member, value) of all words in the parameters of a call that may be ids of what the caller has."""
    if isinstance(given, Mapping):
        # Across a peering things of another account are named; who asks may not see whether they are there.
        owner = given.get("UserId") or given.get("PeerOwnerId") or account
        for name, value in given.items():
            elsewhere = owner != account or given.get("PeerRegion")
            if name not in _FREE and not (elsewhere and name in ("GroupId", "PeerVpcId", "VpcPeeringConnectionId")):
                yield from _named(operation, value, account, name)
    elif isinstance(given, list):
        for value in given:
            yield from _named(operation, value, account, member)
    elif isinstance(given, str):
        yield member, given
