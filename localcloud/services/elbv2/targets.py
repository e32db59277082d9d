"""What ELB refuses of target groups and of targets: health checks that are none, and what cannot be a target."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

MOST = {"": 1_000, "alb": 1, "lambda": 1}
"""Of one target group, by its type. How many load balancers and groups an account may have is not counted."""
_CODES = (200, 499)
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))
_NEVER = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::1/128", "fe80::/10")))


def demand_group(params: Mapping[str, Any], _: Caller) -> None:
    path = params.get("HealthCheckPath")
    if path is not None and not path.startswith("/"):
        raise AwsError("ValidationError", f"Health check path '{path}' must begin with a '/' character", 400)
    protocol = params.get("HealthCheckProtocol") or params.get("Protocol") or "HTTP"
    if protocol not in ("HTTP", "HTTPS"):
        return
    for code in re.findall(r"\d+", str((params.get("Matcher") or {}).get("HttpCode") or "")):
        if not _CODES[0] <= int(code) <= _CODES[1]:
            within = f"must be within '{_CODES[0]}-{_CODES[1]}' inclusive"
            raise AwsError("ValidationError", f"Health check matcher HTTP code '{code}' {within}", 400)


def demand_fit(balancer_arn: str, actions: Sequence[Mapping[str, Any]], caller: Caller) -> None:
    """A group is of the load balancer's protocol and VPC, and of no other load balancer."""
    elb = get_backend("elbv2")[caller.account][caller.region]
    balancer = elb.load_balancers.get(balancer_arn)
    groups = [elb.target_groups[arn] for arn in _named(actions) if arn in elb.target_groups]
    if balancer is None or balancer.type != "application":
        return
    for group in groups:
        if group.target_type != "lambda" and group.protocol not in ("HTTP", "HTTPS"):
            text = (
                f"The protocol {group.protocol} of target group '{group.arn}' does not fit an application load balancer"
            )
            raise AwsError("IncompatibleProtocols", text, 400)
        if group.target_type != "lambda" and group.vpc_id != balancer.vpc_id:
            text = f"The target group '{group.arn}' is not in the VPC '{balancer.vpc_id}' of the load balancer"
            raise AwsError("InvalidConfigurationRequest", text, 400)
        using = (
            other
            for other, one in elb.load_balancers.items()
            for listener in one.listeners.values()
            for rule in listener.rules.values()
            if group.arn in _named([action.data for action in rule.actions])
        )
        if any(other != balancer_arn for other in using):
            text = "The following target groups cannot be associated with more than one load balancer"
            raise AwsError("TargetGroupAssociationLimit", f"{text}: {group.arn}", 400)


def _named(actions: Sequence[Mapping[str, Any]]) -> list[str]:
    """The groups that actions forward to."""
    forwards = [one for one in actions if one.get("Type") == "forward"]
    plain = [one["TargetGroupArn"] for one in forwards if one.get("TargetGroupArn")]
    several = [group for one in forwards for group in (one.get("ForwardConfig") or {}).get("TargetGroups") or ()]
    return [*plain, *(group["TargetGroupArn"] for group in several if group.get("TargetGroupArn"))]


def demand_targets(params: Mapping[str, Any], caller: Caller) -> None:
    group = get_backend("elbv2")[caller.account][caller.region].target_groups.get(params["TargetGroupArn"])
    if group is None:
        return  # moto says so
    if len({*group.targets, *(one["Id"] for one in params["Targets"])}) > MOST.get(group.target_type, MOST[""]):
        raise AwsError("TooManyTargets", "You've reached the limit on the number of targets.", 400)
    for one in params["Targets"]:
        if group.target_type == "ip":
            _demand_address(one, str(group.vpc_id), caller)
        elif group.target_type in ("instance", None):
            _demand_instance(one["Id"], str(group.vpc_id), caller)


def _demand_address(target: Mapping[str, Any], vpc: str, caller: Caller) -> None:
    """One of the VPC's, or a private one in all Availability Zones, since it is in none of these."""
    text = target["Id"]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise AwsError("ValidationError", f"The IP address '{text}' is not a valid IPv4 address", 400) from None
    if any(address in network for network in _NEVER):
        raise AwsError("ValidationError", f"The IP address '{text}' is not allowed as a target", 400)
    found = get_backend("ec2")[caller.account][caller.region].vpcs.get(vpc)
    ranges = [one for six in (False, True) for one in found.get_cidr_block_association_set(ipv6=six)] if found else []
    if any(address in ipaddress.ip_network(str(one["cidr_block"])) for one in ranges):
        return
    if not any(address in network for network in _PRIVATE):
        raise AwsError("ValidationError", f"The IP address '{text}' is neither private nor of the VPC '{vpc}'", 400)
    if target.get("AvailabilityZone") != "all":
        told = f"The IP address '{text}' is outside the VPC '{vpc}': the Availability Zone 'all' must be specified"
        raise AwsError("ValidationError", told, 400)


def _demand_instance(identifier: str, vpc: str, caller: Caller) -> None:
    every = get_backend("ec2")[caller.account][caller.region].all_instances()
    found = next((one for one in every if one.id == identifier), None)
    if found is None:
        text = f"The following targets are not valid instances: '{identifier}'"
        raise AwsError("InvalidTarget", text, 400)
    if found.state not in ("pending", "running"):
        text = f"The following targets are not in a running state and cannot be registered: '{identifier}'"
        raise AwsError("InvalidTarget", text, 400)
    if found.vpc_id != vpc:
        text = f"The following targets are not in the target group VPC '{vpc}': '{identifier}'"
        raise AwsError("InvalidTarget", text, 400)
