"""Facts 9: what a deletion takes along, what it refuses, and partial failures."""

from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, World, refused

fact = pytest.mark.fact

POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    '"Action":"vpc-lattice-svcs:Invoke","Resource":"*"}]}'
)


def batch(world: World, listener: dict[str, Any], *rules: tuple[str, int]) -> Any:
    return world.lattice().batch_update_rule(
        serviceIdentifier=listener["serviceId"],
        listenerIdentifier=listener["id"],
        rules=[{"ruleIdentifier": identifier, "priority": priority} for identifier, priority in rules],
    )


@fact("9 create order, unwind order")
def test_a_service_is_built_and_unwound_in_the_known_order(world: World) -> None:
    lattice, vpc, network = world.lattice(), world.vpc(), world.network(MEMBER)
    alb, group = world.alb(vpc), world.group(vpc=vpc)
    target = [{"id": alb, "port": 80}]
    assert lattice.register_targets(targetGroupIdentifier=group["id"], targets=target)["unsuccessful"] == []
    service = world.service()
    listener = world.listener(service, group)
    association = world.join(service, network)

    lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=association["id"])
    world.settle()
    lattice.delete_listener(serviceIdentifier=service["id"], listenerIdentifier=listener["id"])
    lattice.delete_service(serviceIdentifier=service["id"])
    lattice.deregister_targets(targetGroupIdentifier=group["id"], targets=target)
    lattice.delete_target_group(targetGroupIdentifier=group["id"])
    world.settle()
    lattice.delete_service_network(serviceNetworkIdentifier=network["id"])
    assert world.cloud.lattice.estate.things == {}


@fact("9 DeleteService removes listeners, rules, both policies and ALS, but no TG")
def test_a_service_takes_all_along_but_its_target_groups(world: World) -> None:
    lattice, service, group = world.lattice(), world.service(), world.group()
    world.rule(service, world.listener(service, group), 1)
    lattice.put_auth_policy(resourceIdentifier=service["id"], policy=POLICY)
    logs = lattice.create_access_log_subscription(
        resourceIdentifier=service["id"], destinationArn=world.destination("arn:aws:s3:::bucket-of-logs")
    )
    lattice.delete_service(serviceIdentifier=service["id"])
    world.settle()
    assert set(world.cloud.lattice.estate.things) == {group["id"]}
    with refused("ResourceNotFoundException"):
        lattice.get_access_log_subscription(accessLogSubscriptionIdentifier=logs["id"])
    lattice.delete_target_group(targetGroupIdentifier=group["id"])


@fact("9 DeleteListener removes its rules")
def test_a_listener_takes_its_rules_along(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    listener = world.listener(service)
    rule = world.rule(service, listener, 1)
    at = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
    lattice.delete_listener(**at)
    with refused("ResourceNotFoundException"):
        lattice.get_rule(**at, ruleIdentifier=rule["id"])
    assert not world.cloud.lattice.exists(rule["arn"])


@fact("9 DeleteServiceNetwork removes policies and ALS")
def test_a_network_takes_its_log_subscriptions_along(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    lattice.create_access_log_subscription(
        resourceIdentifier=network["id"], destinationArn=world.destination("arn:aws:s3:::bucket-of-logs")
    )
    lattice.delete_service_network(serviceNetworkIdentifier=network["id"])
    assert world.cloud.lattice.estate.things == {}


@fact("9 deleting a TG leaves the ALB alone")
def test_an_alb_survives_its_target_group(world: World) -> None:
    lattice, vpc = world.lattice(), world.vpc()
    alb, group = world.alb(vpc), world.group(vpc=vpc)
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": alb, "port": 80}])
    lattice.delete_target_group(targetGroupIdentifier=group["id"])
    world.settle()
    balancers = world.aws("elbv2", MEMBER).describe_load_balancers()["LoadBalancers"]
    assert [balancer["LoadBalancerArn"] for balancer in balancers] == [alb]


@fact("9 with the SVC or rule gone, targets no longer drain")
def test_draining_ends_when_the_listener_goes(world: World) -> None:
    lattice, service, group = world.lattice(), world.service(), world.group(kind="IP")
    listener = world.listener(service, group)
    named = {"targetGroupIdentifier": group["id"], "targets": [{"id": "10.1.0.4"}]}
    lattice.register_targets(**named)
    lattice.deregister_targets(**named)
    lattice.delete_listener(serviceIdentifier=service["id"], listenerIdentifier=listener["id"])
    assert lattice.list_targets(targetGroupIdentifier=group["id"])["items"] == []


@fact("9 moving the action to another TG frees the old one")
def test_a_target_group_is_free_when_the_action_has_moved(world: World) -> None:
    lattice, service, vpc = world.lattice(), world.service(), world.vpc()
    old, new = world.group(vpc=vpc), world.group(vpc=vpc)
    listener = world.listener(service, old)
    action = {"forward": {"targetGroups": [{"targetGroupIdentifier": new["id"]}]}}
    lattice.update_listener(serviceIdentifier=service["id"], listenerIdentifier=listener["id"], defaultAction=action)
    lattice.delete_target_group(targetGroupIdentifier=old["id"])
    with refused("ConflictException", "in use"):
        lattice.delete_target_group(targetGroupIdentifier=new["id"])


@fact("9 RegisterTargets answers 200 with unsuccessful")
def test_a_missing_instance_is_an_unsuccessful_target(world: World) -> None:
    group = world.group(kind="INSTANCE")
    answer = world.lattice().register_targets(
        targetGroupIdentifier=group["id"], targets=[{"id": "i-0123456789abcdef0"}]
    )
    [failed] = answer["unsuccessful"]
    assert (answer["successful"], failed["id"], failed["failureCode"]) == (
        [],
        "i-0123456789abcdef0",
        "TargetNotFound",
    )


@fact("9 TargetNotFound on deregistering is harmless")
def test_deregistering_what_is_not_there_is_a_partial_failure(world: World) -> None:
    group = world.group(kind="IP")
    answer = world.lattice().deregister_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.9"}])
    assert [failed["failureCode"] for failed in answer["unsuccessful"]] == ["TargetNotFound"]


@fact("9 RegisterTargets is idempotent per id and port")
def test_registering_twice_registers_once(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="IP")
    for targets in ([{"id": "10.1.0.4"}], [{"id": "10.1.0.4", "port": 80}], [{"id": "10.1.0.4", "port": 81}]):
        answer = lattice.register_targets(targetGroupIdentifier=group["id"], targets=targets)
        assert len(answer["successful"]) == 1
    listed = lattice.list_targets(targetGroupIdentifier=group["id"])["items"]
    assert [target["port"] for target in listed] == [80, 81]


@fact("9 one BatchUpdateRule avoids 'priority taken' in between")
def test_priorities_are_swapped_in_one_batch(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    one, two = (world.rule(service, listener, priority) for priority in (1, 2))
    answer = batch(world, listener, (one["id"], 2), (two["id"], 1))
    assert {rule["id"]: rule["priority"] for rule in answer["successful"]} == {one["id"]: 2, two["id"]: 1}
    assert answer["unsuccessful"] == []


@fact("9 BatchUpdateRule answers 200 with unsuccessful")
def test_what_a_batch_cannot_change_is_unsuccessful(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    one, two = (world.rule(service, listener, priority) for priority in (1, 2))
    missing = "rule-0123456789abcdef0"
    answer = batch(world, listener, (one["id"], 2), (missing, 5))
    failures = {failed["ruleIdentifier"]: failed["failureCode"] for failed in answer["unsuccessful"]}
    assert failures == {missing: "ResourceNotFoundException", one["id"]: "ConflictException"}
    assert answer["successful"] == []
    read = world.lattice().get_rule(
        serviceIdentifier=service["id"], listenerIdentifier=listener["id"], ruleIdentifier=two["id"]
    )
    assert read["priority"] == 2


@fact("9 a share's end or a failed step rolls nothing back")
def test_a_failed_association_leaves_service_and_network(world: World) -> None:
    service, network = world.service(), world.network(MEMBER)
    world.cloud.lattice.fail_next("service-association", "Broken", "no")
    world.join(service, network)
    assert world.lattice().get_service(serviceIdentifier=service["id"])["status"] == "ACTIVE"
    counted = world.lattice().get_service_network(serviceNetworkIdentifier=network["id"])
    assert counted["numberOfAssociatedServices"] == 1
