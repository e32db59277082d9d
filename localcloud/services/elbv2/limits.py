"""What ELB refuses of a load balancer's subnets (API reference, CreateLoadBalancer and SetSubnets)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

ZONES = 2
"""Availability Zones that an application load balancer needs at least."""


def _subnets(params: Mapping[str, Any], caller: Caller, kind: str) -> None:
    named = [*(params.get("Subnets") or ()), *(one.get("SubnetId") for one in params.get("SubnetMappings") or ())]
    ec2 = get_backend("ec2")[caller.account][caller.region]
    there = [found[name] for name in named for found in ec2.subnets.values() if name in found]
    if not named:
        return  # moto says so
    if len(there) < len(named):
        raise AwsError("SubnetNotFound", "The specified subnet does not exist.", 400)
    if params.get("Subnets") and params.get("SubnetMappings"):
        raise AwsError("ValidationError", "You can specify either subnets or subnet mappings, not both", 400)
    if len({one.vpc_id for one in there}) > 1:
        text = f"All subnets must belong to the same VPC: '{there[0].vpc_id}'"
        raise AwsError("InvalidConfigurationRequest", text, 400)
    zones = {one.availability_zone for one in there}
    if len(zones) < len(there):
        text = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        raise AwsError("InvalidConfigurationRequest", text, 400)
    if kind == "application" and len(zones) < ZONES:
        text = "At least two subnets in two different Availability Zones must be specified"
        raise AwsError("ValidationError", text, 400)


def _new(params: Mapping[str, Any], caller: Caller) -> None:
    _subnets(params, caller, params.get("Type") or "application")


def _changed(params: Mapping[str, Any], caller: Caller) -> None:
    balancer = get_backend("elbv2")[caller.account][caller.region].load_balancers.get(params["LoadBalancerArn"])
    if balancer is not None:
        _subnets(params, caller, balancer.type)


def _rule(params: Mapping[str, Any], caller: Caller) -> None:
    listeners = (
        listener
        for balancer in get_backend("elbv2")[caller.account][caller.region].load_balancers.values()
        for listener in balancer.listeners.values()
    )
    if not any(rule.arn == params["RuleArn"] for one in listeners for rule in one.rules):
        raise AwsError("RuleNotFound", "One or more rules not found", 400)


LIMITS = {"CreateLoadBalancer": _new, "SetSubnets": _changed, "DeleteRule": _rule}
