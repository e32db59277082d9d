"""What EC2 refuses to delete because something stands in it or names it; moto looks at subnets alone (facts 19.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError


def refuse(service: str, operation: str, params: Mapping[str, Any], caller: Caller) -> None:
    """DependencyViolation for a VPC, subnet or security group that is in use; CannotDelete for a default group."""
    if service != "ec2":
        return
    ec2 = get_backend("ec2")[caller.account][caller.region]
    if operation == "DeleteSecurityGroup":
        _group(ec2, str(params.get("GroupId", "")), caller)
    elif operation == "DeleteSubnet":
        subnet = str(params.get("SubnetId", ""))
        if subnet in ec2.subnets.get(_zone_of(ec2, subnet), {}) and any(_in_subnet(ec2, subnet, caller)):
            raise dependency(f"The subnet '{subnet}' has dependencies and cannot be deleted.")
    elif operation == "DeleteVpc":
        vpc = str(params.get("VpcId", ""))
        if vpc in ec2.vpcs and any(_in_vpc(ec2, vpc)):
            raise dependency(f"The vpc '{vpc}' has dependencies and cannot be deleted.")


def dependency(text: str) -> AwsError:
    return AwsError("DependencyViolation", text, 400)


def _group(ec2: Any, identifier: str, caller: Caller) -> None:
    group = ec2.get_security_group_from_id(identifier)
    if group is None:
        return
    if group.name == "default":
        text = f'the specified group: "{identifier}" name: "default" cannot be deleted by a user'
        raise AwsError("CannotDelete", text, 400)
    if any(_naming_group(ec2, group, caller)):
        raise dependency(f"resource {identifier} has a dependent object")


def _naming_group(ec2: Any, group: Any, caller: Caller) -> Iterator[bool]:
    """What is in the group, and other groups' rules that speak of it."""
    for others in ec2.groups.values():
        for other in others.values():
            rules = [*other.ingress_rules, *other.egress_rules]
            named = {rule.source_group.get("GroupId") for rule in rules}
            yield other.id != group.id and group.id in named
    for interface in ec2.enis.values():
        yield group.id in {one.id for one in interface.group_set}
    for instance in _instances(ec2):
        yield group.id in {one.id for one in instance.security_groups}
    for balancer in _balancers(caller):
        yield group.id in (balancer.security_groups or ())
    for endpoint in _endpoints(ec2):
        yield group.id in endpoint.security_group_ids


def _in_subnet(ec2: Any, subnet: str, caller: Caller) -> Iterator[bool]:
    for instance in _instances(ec2):
        yield instance.subnet_id == subnet
    for interface in ec2.enis.values():
        yield interface.subnet.id == subnet
    for balancer in _balancers(caller):
        yield subnet in {one.id for one in balancer.subnets}
    for endpoint in _endpoints(ec2):
        yield subnet in (endpoint.subnet_ids or ())


def _in_vpc(ec2: Any, vpc: str) -> Iterator[bool]:
    """Subnets are moto's own to see; what stands in a VPC stands in one of those."""
    for group in ec2.groups.get(vpc, {}).values():
        yield group.name != "default"
    for gateway in ec2.internet_gateways.values():
        yield gateway.vpc is not None and gateway.vpc.id == vpc
    for endpoint in _endpoints(ec2):
        yield endpoint.vpc_id == vpc


def _instances(ec2: Any) -> Iterator[Any]:
    return (one for one in ec2.all_instances() if one.state != "terminated")


def _endpoints(ec2: Any) -> Iterator[Any]:
    return (one for one in ec2.vpc_end_points.values() if one.state != "deleted")


def _balancers(caller: Caller) -> Iterator[Any]:
    return iter(get_backend("elbv2")[caller.account][caller.region].load_balancers.values())


def _zone_of(ec2: Any, subnet: str) -> str:
    return next((zone for zone, found in ec2.subnets.items() if subnet in found), "")
