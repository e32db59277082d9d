"""How many listeners, rules and targets a load balancer and its groups take, and which rule goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.services.elbv2 import limits

ACCOUNT = "222222222222"
ANSWER = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]


def balancer(cloud: LocalCloud, name: str) -> str:
    zones = [f"{cloud.region}a", f"{cloud.region}c"]
    found = cloud.client("ec2", ACCOUNT).describe_subnets()["Subnets"]
    subnets = [one["SubnetId"] for one in found if one["AvailabilityZone"] in zones]
    made = cloud.client("elbv2", ACCOUNT).create_load_balancer(Name=name, Scheme="internal", Subnets=subnets)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def listener(elb: Any, arn: str, port: int) -> str:
    made = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=port, DefaultActions=ANSWER)
    return str(made["Listeners"][0]["ListenerArn"])


def rule(elb: Any, arn: str, priority: int) -> str:
    path = [{"Field": "path-pattern", "Values": [f"/{priority}"]}]
    made = elb.create_rule(ListenerArn=arn, Priority=priority, Conditions=path, Actions=ANSWER)
    return str(made["Rules"][0]["RuleArn"])


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


def test_a_rule_goes_and_the_default_one_stays(cloud: LocalCloud) -> None:
    elb = cloud.client("elbv2", ACCOUNT)
    front = listener(elb, balancer(cloud, "orders"), 80)
    made = rule(elb, front, 1)
    elb.delete_rule(RuleArn=made)
    [default] = elb.describe_rules(ListenerArn=front)["Rules"]
    assert default["IsDefault"]
    assert refused(lambda: elb.delete_rule(RuleArn=made)) == "RuleNotFound"
    assert refused(lambda: elb.delete_rule(RuleArn=default["RuleArn"])) == "OperationNotPermitted"


def test_a_load_balancer_has_so_many_listeners_and_rules(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LISTENERS", 2)
    monkeypatch.setattr(limits, "RULES", 3)
    elb, arn = cloud.client("elbv2", ACCOUNT), balancer(cloud, "orders")
    first, second = listener(elb, arn, 80), listener(elb, arn, 81)
    assert refused(lambda: listener(elb, arn, 82)) == "TooManyListeners"
    for priority, front in ((1, first), (2, first), (3, second)):
        rule(elb, front, priority)
    assert refused(lambda: rule(elb, second, 4)) == "TooManyRules"
    other = listener(elb, balancer(cloud, "shop"), 80)
    assert rule(elb, other, 1), "each load balancer has its own"


@pytest.mark.parametrize(("kind", "most"), [("ip", 3), ("lambda", 1)])
def test_a_target_group_has_so_many_targets(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, kind: str, most: int
) -> None:
    monkeypatch.setitem(limits.TARGETS, "", 3)
    elb = cloud.client("elbv2", ACCOUNT)
    vpc = cloud.client("ec2", ACCOUNT).describe_vpcs()["Vpcs"][0]["VpcId"]
    told = {"Protocol": "HTTP", "Port": 80, "VpcId": vpc} if kind == "ip" else {}
    [group] = elb.create_target_group(Name="group", TargetType=kind, **told)["TargetGroups"]
    function = f"arn:aws:lambda:{cloud.region}:{ACCOUNT}:function:f"
    ids = [f"172.31.0.{n}" if kind == "ip" else f"{function}{n}" for n in range(10, 11 + most)]
    elb.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": one} for one in ids[:most]])
    again = {"TargetGroupArn": group["TargetGroupArn"], "Targets": [{"Id": ids[0]}]}
    assert elb.register_targets(**again), "it is there already"
    again["Targets"] = [{"Id": ids[-1]}]
    assert refused(lambda: elb.register_targets(**again)) == "TooManyTargets"
