"""How many listeners, rules and targets ELB takes, which rule goes, and what can be neither action nor target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.services.elbv2 import limits, targets

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
    named = {"RuleArn": default["RuleArn"]}
    for change in (
        lambda: elb.delete_rule(**named),
        lambda: elb.modify_rule(**named, Actions=ANSWER),
        lambda: elb.set_rule_priorities(RulePriorities=[{**named, "Priority": 9}]),
    ):
        assert refused(change) == "OperationNotPermitted"


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
    monkeypatch.setitem(targets.MOST, "", 3)
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


REDIRECT = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}
LOOP = {**REDIRECT, "RedirectConfig": {"StatusCode": "HTTP_301", "Protocol": "#{protocol}", "Path": "/#{path}"}}
FAR = {**REDIRECT, "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "65536"}}
AWAY = {**REDIRECT, "RedirectConfig": {"StatusCode": "HTTP_301", "Protocol": "HTTPS"}}


def paths(count: int) -> list[dict[str, Any]]:
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{n}" for n in range(count)]}}]


def test_a_listener_answers_once_and_a_rule_has_conditions(cloud: LocalCloud) -> None:
    elb = cloud.client("elbv2", ACCOUNT)
    arn = balancer(cloud, "orders")
    front = listener(elb, arn, 80)
    for actions, code in (
        ([], "ValidationError"),
        ([REDIRECT], "InvalidLoadBalancerAction"),
        ([LOOP], "InvalidLoadBalancerAction"),
        ([FAR], "InvalidLoadBalancerAction"),
        ([AWAY, *ANSWER], "InvalidLoadBalancerAction"),
    ):
        given = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 81, "DefaultActions": actions}
        assert refused(lambda given=given: elb.create_listener(**given)) == code
        assert refused(lambda acts=actions: elb.modify_listener(ListenerArn=front, DefaultActions=acts)) == code
    elb.modify_listener(ListenerArn=front, DefaultActions=[AWAY])
    host = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "Host", "Values": ["a.b"]}}
    for conditions in (
        [],
        paths(6),
        [*paths(1), *paths(1)],
        [host],
        [{"Field": "host-header", "Values": ["a b.c"]}],
        [{"Field": "host-header", "HostHeaderConfig": {"Values": ["localhost"]}}],
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.1"]}}],
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/33"]}}],
    ):
        told = {"ListenerArn": front, "Priority": 1, "Conditions": conditions, "Actions": ANSWER}
        assert refused(lambda told=told: elb.create_rule(**told)) == "ValidationError"
    [made] = elb.create_rule(ListenerArn=front, Priority=1, Conditions=paths(5), Actions=ANSWER)["Rules"]
    assert refused(lambda: elb.modify_rule(RuleArn=made["RuleArn"], Conditions=paths(6))) == "ValidationError"


def test_a_group_fits_its_load_balancer_and_is_of_no_other(cloud: LocalCloud) -> None:
    elb, ec2 = cloud.client("elbv2", ACCOUNT), cloud.client("ec2", ACCOUNT)
    first, second = balancer(cloud, "orders"), balancer(cloud, "carts")
    vpc, other = ec2.describe_vpcs()["Vpcs"][0]["VpcId"], ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]

    def to(name: str, **more: Any) -> list[dict[str, Any]]:
        given = {"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc, **more}
        return [
            {"Type": "forward", "TargetGroupArn": elb.create_target_group(**given)["TargetGroups"][0]["TargetGroupArn"]}
        ]

    front = listener(elb, first, 80)
    [told] = elb.describe_listeners(ListenerArns=[front])["Listeners"]
    assert "SslPolicy" not in told
    mine = to("mine")
    elb.modify_listener(ListenerArn=front, DefaultActions=mine)
    path = {"Priority": 1, "Conditions": paths(1)}
    for actions, code in (
        (to("tcp", Protocol="TCP"), "IncompatibleProtocols"),
        (to("other", VpcId=other), "InvalidConfigurationRequest"),
    ):
        assert refused(lambda acts=actions: elb.create_rule(ListenerArn=front, **path, Actions=acts)) == code
        assert refused(lambda acts=actions: elb.modify_listener(ListenerArn=front, DefaultActions=acts)) == code
    given = {"LoadBalancerArn": second, "Protocol": "HTTP", "Port": 80}
    assert refused(lambda: elb.create_listener(**given, DefaultActions=mine)) == "TargetGroupAssociationLimit"
    assert refused(lambda: elb.set_security_groups(LoadBalancerArn=first, SecurityGroups=[])) == "ValidationError"
    for key, value in (("idle_timeout.timeout_seconds", "0"), ("deletion_protection.enabled", "yes")):
        wrong = {"LoadBalancerArn": first, "Attributes": [{"Key": key, "Value": value}]}
        assert refused(lambda wrong=wrong: elb.modify_load_balancer_attributes(**wrong)) == "ValidationError"


def test_a_target_is_there_and_runs_and_a_group_is_made_once(cloud: LocalCloud) -> None:
    elb, ec2 = cloud.client("elbv2", ACCOUNT), cloud.client("ec2", ACCOUNT)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    told = {"Name": "group", "Protocol": "HTTP", "Port": 80, "VpcId": vpc}
    [group] = elb.create_target_group(**told)["TargetGroups"]
    arn = group["TargetGroupArn"]
    assert elb.create_target_group(**told)["TargetGroups"][0]["TargetGroupArn"] == arn
    assert refused(lambda: elb.create_target_group(**{**told, "Port": 81})) == "DuplicateTargetGroupName"
    for wrong in (
        {"HealthCheckPath": "health"},
        {"Matcher": {"HttpCode": "100"}},
        {"Matcher": {"HttpCode": "200-500"}},
    ):
        assert (
            refused(lambda wrong=wrong: elb.create_target_group(**{**told, "Name": "o", **wrong})) == "ValidationError"
        )
        assert refused(lambda wrong=wrong: elb.modify_target_group(TargetGroupArn=arn, **wrong)) == "ValidationError"
    image = ec2.describe_images()["Images"][0]["ImageId"]
    machine = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": machine}])
    ec2.stop_instances(InstanceIds=[machine])
    for identifier in ("i-0123456789abcdef0", "x", machine):
        named = {"TargetGroupArn": arn, "Targets": [{"Id": identifier}]}
        assert refused(lambda named=named: elb.register_targets(**named)) == "InvalidTarget"
    [by_address] = elb.create_target_group(**{**told, "Name": "address", "TargetType": "ip"})["TargetGroups"]
    for address in ("ten", "127.0.0.1", "8.8.8.8", "10.9.0.1"):
        named = {"TargetGroupArn": by_address["TargetGroupArn"], "Targets": [{"Id": address}]}
        assert refused(lambda named=named: elb.register_targets(**named)) == "ValidationError"
    outside = [{"Id": "10.9.0.1", "AvailabilityZone": "all"}]
    elb.register_targets(TargetGroupArn=by_address["TargetGroupArn"], Targets=outside)
