"""Facts 11: target groups of type ALB, and the other types beside them."""

from typing import Any

import pytest
from lattice_world import MEMBER, OTHER, World, forward, refused
from made_functions import make_function

fact = pytest.mark.fact


def register(world: World, group: dict[str, Any], *ids: str) -> Any:
    return world.lattice().register_targets(
        targetGroupIdentifier=group["id"], targets=[{"id": identifier, "port": 80} for identifier in ids]
    )


def reason(answer: Any) -> str:
    [failed] = answer["unsuccessful"]
    assert answer["successful"] == []
    return str(failed["failureMessage"])


@fact("11 the ALB is internal")
def test_an_internet_facing_alb_is_not_registered(world: World) -> None:
    vpc = world.vpc()
    answer = register(world, world.group(vpc=vpc), world.alb(vpc, scheme="internet-facing"))
    assert "not an internal Application Load Balancer" in reason(answer)


@fact("11 the ALB is of type application")
def test_a_network_load_balancer_is_no_alb(world: World) -> None:
    vpc = world.vpc()
    with refused("ValidationException"):
        register(world, world.group(vpc=vpc), world.alb(vpc, kind="network"))


@fact("11 the ALB is in state active")
def test_an_alb_that_is_being_made_is_not_registered(world: World) -> None:
    vpc = world.vpc()
    group = world.group(vpc=vpc)
    alb = world.alb(vpc, ready=False)
    assert "not active" in reason(register(world, group, alb))
    world.pass_time(world.cloud.balancer_seconds)
    assert register(world, group, alb)["unsuccessful"] == []


@fact("11 the ALB is in the VPC of the TG")
def test_an_alb_of_another_vpc_is_not_registered(world: World) -> None:
    answer = register(world, world.group(), world.alb(world.vpc()))
    assert "is not in vpc-" in reason(answer)


@fact("11 the ALB is in the account of the TG")
def test_an_alb_of_another_account_is_not_registered(world: World) -> None:
    answer = register(world, world.group(), world.alb(world.vpc(OTHER), OTHER))
    assert "does not exist in this account" in reason(answer)


@fact("11 exactly one ALB per TG")
def test_a_target_group_holds_one_alb(world: World) -> None:
    vpc = world.vpc()
    group, first, second = world.group(vpc=vpc), world.alb(vpc), world.alb(vpc)
    with refused("ValidationException", "one target only"):
        register(world, group, first, second)
    register(world, group, first)
    with refused("ValidationException", "one target only"):
        register(world, group, second)


@fact("11 one ALB in at most two TGs")
def test_an_alb_is_in_two_target_groups_at_most(world: World) -> None:
    vpc = world.vpc()
    alb, groups = world.alb(vpc), [world.group(vpc=vpc) for _ in range(3)]
    for group in groups[:2]:
        assert register(world, group, alb)["unsuccessful"] == []
    assert "already in 2 target groups" in reason(register(world, groups[2], alb))
    world.lattice().deregister_targets(targetGroupIdentifier=groups[0]["id"], targets=[{"id": alb, "port": 80}])
    assert register(world, groups[2], alb)["unsuccessful"] == []


@fact("11 an ALB is free when its target group is deleted")
def test_a_deleted_target_group_holds_no_alb(world: World) -> None:
    vpc = world.vpc()
    alb, groups = world.alb(vpc), [world.group(vpc=vpc) for _ in range(3)]
    for group in groups[:2]:
        register(world, group, alb)
    world.lattice().delete_target_group(targetGroupIdentifier=groups[0]["id"])
    world.settle()
    assert register(world, groups[2], alb)["unsuccessful"] == []


@fact("11 with no matching ALB listener the traffic does not arrive: registering is not refused")
def test_an_alb_without_that_listener_is_registered_all_the_same(world: World) -> None:
    vpc = world.vpc()
    assert register(world, world.group(vpc=vpc), world.alb(vpc))["unsuccessful"] == []


@fact("11 the target of an ALB group is an ALB's ARN")
def test_an_address_is_no_target_of_an_alb_group(world: World) -> None:
    with refused("ValidationException"):
        register(world, world.group(), "10.1.0.4")


@fact("28 when its ALB is deleted, the target stays and is dead")
def test_a_deleted_alb_stays_registered(world: World) -> None:
    vpc, lattice = world.vpc(), world.lattice()
    group, alb = world.group(vpc=vpc), world.alb(vpc)
    register(world, group, alb)
    world.aws("elbv2", MEMBER).delete_load_balancer(LoadBalancerArn=alb)
    assert [target["id"] for target in lattice.list_targets(targetGroupIdentifier=group["id"])["items"]] == [alb]
    assert "does not exist" in reason(register(world, world.group(vpc=vpc), alb))


@fact("11 health check settings are refused for type ALB")
def test_an_alb_group_has_no_health_check(world: World) -> None:
    with refused("ValidationException", "Health checks"):
        world.group(healthCheck={"enabled": True})
    group = world.group()
    assert "healthCheck" not in group["config"]
    with refused("ValidationException", "Health checks"):
        world.lattice().update_target_group(targetGroupIdentifier=group["id"], healthCheck={"enabled": False})


@fact("11 the version of an ALB group must be HTTP1")
@pytest.mark.parametrize("version", ["HTTP2", "GRPC"])
def test_an_alb_group_speaks_http1_only(world: World, version: str) -> None:
    with refused("ValidationException", "HTTP1"):
        world.group(protocolVersion=version)
    assert world.group()["config"]["protocolVersion"] == "HTTP1"
    assert world.group(kind="IP", protocolVersion=version)["config"]["protocolVersion"] == version


@fact("11 TCP TGs go only with TLS_PASSTHROUGH listeners")
def test_a_tcp_group_is_not_for_http_listeners(world: World) -> None:
    group = world.group(protocol="TCP", port=443)
    with refused("ValidationException", "TCP"):
        world.listener(world.service(), group)


@fact("11 a TG serves one SVC; several listeners of that SVC may use it")
def test_several_listeners_of_a_service_share_a_group(world: World) -> None:
    service, group = world.service(), world.group()
    world.listener(service, group)
    world.listener(service, group, port=8080)
    read = world.lattice().get_target_group(targetGroupIdentifier=group["id"])
    assert read["serviceArns"] == [service["arn"]]


@fact("11 the TG's VPC is the account's own")
def test_a_target_group_needs_a_vpc_that_is_there(world: World) -> None:
    with refused("ResourceNotFoundException", status=404):
        world.group(vpc="vpc-0a1b2c3d4e5f60718")


@fact("7 (model) port and protocol: defaults by protocol, both unsupported for LAMBDA")
def test_each_type_takes_its_own_settings(world: World) -> None:
    assert world.group()["config"]["port"] == 80
    assert world.group(protocol="HTTPS")["config"]["port"] == 443
    assert world.group(kind="LAMBDA")["config"] == {"lambdaEventStructureVersion": "V2"}
    with refused("ValidationException"):
        world.group(kind="LAMBDA", port=80)
    with refused("ValidationException"):
        world.lattice().create_target_group(name="no-vpc", type="ALB", config={"protocol": "HTTP"})
    with refused("ValidationException"):
        world.group(kind="INSTANCE", ipAddressType="IPV4")


@fact("7 (model) RegisterTargets: a Lambda group has one target")
def test_a_function_group_holds_one_function(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="LAMBDA")
    arn = f"arn:aws:lambda:ap-northeast-1:{MEMBER}:function:f"
    absent = lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": arn}])
    assert "does not exist" in reason(absent)
    make_function(world.aws)
    for other in (arn.replace(MEMBER, OTHER), arn.replace("northeast", "southeast"), f"{arn}:none"):
        answer = lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": other}])
        assert "does not exist" in reason(answer)
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": arn}])
    with refused("ValidationException"):
        lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": f"{arn}-2"}])
    world.listener(world.service(), group)
    [target] = lattice.list_targets(targetGroupIdentifier=group["id"])["items"]
    assert (target["id"], target["status"], "port" in target) == (arn, "UNAVAILABLE", False)


@fact("7 (model) health check: defaults and ranges")
def test_a_health_check_has_defaults_and_ranges(world: World) -> None:
    group = world.group(kind="IP")
    check = group["config"]["healthCheck"]
    assert (check["enabled"], check["path"], check["healthCheckIntervalSeconds"]) == (True, "/", 30)
    assert (check["healthyThresholdCount"], check["unhealthyThresholdCount"]) == (5, 2)
    updated = world.lattice().update_target_group(
        targetGroupIdentifier=group["id"], healthCheck={"path": "/health", "healthCheckIntervalSeconds": 10}
    )
    assert updated["config"]["healthCheck"]["path"] == "/health"
    assert updated["config"]["healthCheck"]["healthCheckTimeoutSeconds"] == 5
    with refused("ValidationException"):
        world.lattice().update_target_group(
            targetGroupIdentifier=group["id"], healthCheck={"healthCheckIntervalSeconds": 3}
        )


@fact("7 (model) IP targets are addresses of the group's type")
@pytest.mark.parametrize("address", ["10.1.0", "name.example.com", "fd00::1", "8.8.8.8", "169.254.1.1", "127.0.0.1"])
def test_what_is_no_ipv4_address_that_may_be_one_is_refused(world: World, address: str) -> None:
    with refused("ValidationException"):
        register(world, world.group(kind="IP"), address)


@fact("9 (model) a forward action names a group once")
def test_a_group_is_named_once_in_an_action(world: World) -> None:
    group = world.group()
    with refused("ValidationException", "once"):
        world.listener(world.service(), defaultAction=forward(group, group))
