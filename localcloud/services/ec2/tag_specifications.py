"""Which things a call may tag as it makes them: tags for another kind EC2 refuses, and moto drops in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground.errors import AwsError

_OTHERWISE = {
    "AllocateAddress": {"elastic-ip"},
    "AuthorizeSecurityGroupEgress": {"security-group-rule"},
    "AuthorizeSecurityGroupIngress": {"security-group-rule"},
    "CopyImage": {"image", "snapshot"},
    "CopySnapshot": {"snapshot"},
    "CreateFlowLogs": {"vpc-flow-log"},
    "CreateImage": {"image", "snapshot"},
    "CreateManagedPrefixList": {"prefix-list"},
    "CreateNatGateway": {"natgateway"},
    "CreateSnapshots": {"snapshot"},
    "CreateTransitGatewayPeeringAttachment": {"transit-gateway-attachment"},
    "CreateTransitGatewayVpcAttachment": {"transit-gateway-attachment"},
    "CreateVpcEndpointServiceConfiguration": {"vpc-endpoint-service"},
    "ImportKeyPair": {"key-pair"},
    "RunInstances": {"instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"},
    "RegisterImage": {"image", "snapshot"},
}
_PLAIN = frozenset(
    f"Create{thing}"
    for thing in (
        *("CustomerGateway", "DhcpOptions", "EgressOnlyInternetGateway", "InternetGateway", "KeyPair"),
        *("LaunchTemplate", "NetworkAcl", "NetworkInterface", "RouteTable", "SecurityGroup", "Snapshot", "Subnet"),
        *("TransitGateway", "TransitGatewayRouteTable", "Volume", "Vpc", "VpcEndpoint", "VpcPeeringConnection"),
        *("VpnConnection", "VpnGateway"),
    )
)
"""They tag what their name says."""


def refuse(operation: str, params: Mapping[str, Any]) -> None:
    """InvalidParameterValue for tags of something else than the call makes."""
    known = _OTHERWISE.get(operation)
    if operation in _PLAIN:
        known = {re.sub(r"(?<!^)(?=[A-Z])", "-", operation.removeprefix("Create")).lower()}
    for one in params.get("TagSpecifications") or ():
        kind = one.get("ResourceType")
        if known and kind and kind not in known:
            text = f"'{kind}' is not a valid taggable resource type for this operation."
            raise AwsError("InvalidParameterValue", text, 400)
