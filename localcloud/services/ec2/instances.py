"""What EC2 refuses of instances: addresses and groups that are not the subnet's, and states that lead nowhere else."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

RESERVED = 4
"""Addresses at the beginning of a subnet that are AWS's, and the last one."""


def demand_place(params: Mapping[str, Any], caller: Caller) -> None:
    """Of new instances and network interfaces, wherever the call names subnet, address and groups."""
    if params.get("MinCount", 1) > params.get("MaxCount", 1):
        text = f"The minimum number of instances, {params['MinCount']}, is above the maximum, {params['MaxCount']}"
        raise AwsError("InvalidParameterCombination", text, 400)
    ec2 = get_backend("ec2")[caller.account][caller.region]
    for one in (params, *(params.get("NetworkInterfaces") or ())):
        subnet = next((found[one["SubnetId"]] for found in ec2.subnets.values() if one.get("SubnetId") in found), None)
        if subnet is None:
            continue
        if one.get("PrivateIpAddress"):
            _demand_address(ec2, subnet, one["PrivateIpAddress"])
        for group in (*(one.get("SecurityGroupIds") or ()), *(one.get("Groups") or ())):
            there = ec2.get_security_group_from_id(group)
            if there is not None and there.vpc_id != subnet.vpc_id:
                text = f"Security group {group} and subnet {subnet.id} belong to different networks."
                raise AwsError("InvalidParameter", text, 400)


def demand_alive(params: Mapping[str, Any], caller: Caller) -> None:
    """Whoever asks again for an instance that is terminated gets neither it nor another."""
    mine = [one for one in _of(caller) if one.client_token == params["ClientToken"]]
    if any(one.state == "terminated" for one in mine):
        text = "The instance that was launched with this client token is terminated."
        raise AwsError("IdempotentInstanceTerminated", text, 400)


def _demand_address(ec2: Any, subnet: Any, text: str) -> None:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        told = f"Value ({text}) for parameter address is invalid. It is not a valid IPv4 address."
        raise AwsError("InvalidParameterValue", told, 400) from None
    network = ipaddress.IPv4Network(subnet.cidr_block, strict=False)
    if address not in network:
        raise AwsError("InvalidParameterValue", f"Address {text} does not fall within the subnet's address range", 400)
    if int(address) - int(network[0]) < RESERVED or address == network[-1]:
        raise AwsError("InvalidParameterValue", f"Address {text} is in subnet's reserved address range", 400)
    if any(one.private_ip_address == text and one.subnet.id == subnet.id for one in ec2.enis.values()):
        raise AwsError("InvalidIPAddress.InUse", f"Address {text} is in use.", 400)


def _from(states: tuple[str, ...], done: str) -> Callable[[Mapping[str, Any], Caller], None]:
    def refuse(params: Mapping[str, Any], caller: Caller) -> None:
        wanted = set(params.get("InstanceIds") or ())
        for one in _of(caller):
            if one.id in wanted and one.state not in states:
                text = f"The instance '{one.id}' is not in a state from which it can be {done}."
                raise AwsError("IncorrectInstanceState", text, 400)

    return refuse


def _of(caller: Caller) -> Iterator[Any]:
    return iter(get_backend("ec2")[caller.account][caller.region].all_instances())


LIMITS = {
    "CreateNetworkInterface": demand_place,
    "StartInstances": _from(("pending", "running", "stopped"), "started"),
    "StopInstances": _from(("pending", "running", "stopping", "stopped"), "stopped"),
    "RebootInstances": _from(("running",), "rebooted"),
}
