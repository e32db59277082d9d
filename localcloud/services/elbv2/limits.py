"""What ELB refuses of a load balancer's subnets, and of more listeners, rules and targets than it takes (its guide)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.elbv2 import actions, targets

ZONES = 2
"""Availability Zones that an application load balancer needs at least."""
LISTENERS, RULES = 50, 100
"""Of one load balancer, rules without the default ones, unless a quota was raised (ELB user guide, "Quotas")."""


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


def _listeners(caller: Caller, balancer_arn: str = "") -> Iterator[Any]:
    """moto's of one load balancer, or of all."""
    for arn, balancer in get_backend("elbv2")[caller.account][caller.region].load_balancers.items():
        if balancer_arn in ("", arn):
            yield from balancer.listeners.values()


def _demand_own_rule(arn: str, caller: Caller, done: str) -> Any:
    """A rule that is there and not a listener's default one, which goes and changes with it."""
    rules = {rule.arn: rule for one in _listeners(caller) for rule in one.rules.values()}
    rule = rules.get(arn)
    if rule is None:
        raise AwsError("RuleNotFound", "One or more rules not found", 400)
    if rule.is_default:
        raise AwsError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be {done}", 400)
    return rule


def _gone_rule(params: Mapping[str, Any], caller: Caller) -> None:
    _demand_own_rule(params["RuleArn"], caller, "deleted")


def _moved_rules(params: Mapping[str, Any], caller: Caller) -> None:
    for one in params["RulePriorities"]:
        if one.get("RuleArn"):
            _demand_own_rule(one["RuleArn"], caller, "given a priority")


def _changed_listener(params: Mapping[str, Any], caller: Caller) -> None:
    if "DefaultActions" in params:
        actions.demand_actions(params["DefaultActions"])
        _demand_groups(params["ListenerArn"], params["DefaultActions"], caller)


def _changed_rule(params: Mapping[str, Any], caller: Caller) -> None:
    rule = _demand_own_rule(params["RuleArn"], caller, "modified")
    if "Actions" in params:
        actions.demand_actions(params["Actions"])
        _demand_groups(rule.listener_arn, params["Actions"], caller)
    if "Conditions" in params:
        actions.demand_conditions(params["Conditions"])


def _demand_groups(listener_arn: str, wanted: Sequence[Mapping[str, Any]], caller: Caller) -> None:
    listener = next((one for one in _listeners(caller) if one.arn == listener_arn), None)
    if listener is not None:
        targets.demand_fit(listener.load_balancer_arn, wanted, caller)


def _new_listener(params: Mapping[str, Any], caller: Caller) -> None:
    actions.demand_actions(params["DefaultActions"])
    targets.demand_fit(params["LoadBalancerArn"], params["DefaultActions"], caller)
    if len(list(_listeners(caller, params["LoadBalancerArn"]))) >= LISTENERS:
        text = "You've reached the limit on the number of listeners per load balancer."
        raise AwsError("TooManyListeners", text, 400)


def _new_rule(params: Mapping[str, Any], caller: Caller) -> None:
    actions.demand_actions(params["Actions"])
    actions.demand_conditions(params["Conditions"])
    listener = next((one for one in _listeners(caller) if one.arn == params["ListenerArn"]), None)
    if listener is None:
        return  # moto says so
    targets.demand_fit(listener.load_balancer_arn, params["Actions"], caller)
    beside = [rule for one in _listeners(caller, listener.load_balancer_arn) for rule in one.rules.values()]
    if sum(not rule.is_default for rule in beside) >= RULES:
        raise AwsError("TooManyRules", "You've reached the limit on the number of rules per load balancer.", 400)


def _groups(params: Mapping[str, Any], _: Caller) -> None:
    if not params["SecurityGroups"]:
        raise AwsError("ValidationError", "At least one security group must be specified", 400)


def _attributes(params: Mapping[str, Any], _: Caller) -> None:
    for one in params["Attributes"]:
        key, value = str(one.get("Key")), str(one.get("Value"))
        seconds = key in ("idle_timeout.timeout_seconds", "client_keep_alive.seconds")
        most = {"idle_timeout.timeout_seconds": 4_000}.get(key, 604_800)
        least = 1 if key.startswith("idle") else 60
        if (seconds and not (value.isdecimal() and least <= int(value) <= most)) or (
            key.endswith(".enabled") and value not in ("true", "false")
        ):
            raise AwsError("ValidationError", f"The value '{value}' of the attribute '{key}' is not valid", 400)


LIMITS = {
    "CreateListener": _new_listener,
    "CreateLoadBalancer": _new,
    "CreateRule": _new_rule,
    "DeleteRule": _gone_rule,
    "CreateTargetGroup": targets.demand_group,
    "ModifyListener": _changed_listener,
    "ModifyRule": _changed_rule,
    "ModifyTargetGroup": targets.demand_group,
    "RegisterTargets": targets.demand_targets,
    "ModifyLoadBalancerAttributes": _attributes,
    "SetRulePriorities": _moved_rules,
    "SetSecurityGroups": _groups,
    "SetSubnets": _changed,
}
