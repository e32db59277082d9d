"""Facts 8: each 409 and the words by which it is told."""

from typing import Any

import pytest
from lattice_world import MEMBER, World, refused, under

fact = pytest.mark.fact

SETTLING = "Invalid resource status for this operation"


def leave(world: World, association: dict[str, Any]) -> Any:
    return world.lattice().delete_service_network_service_association(
        serviceNetworkServiceAssociationIdentifier=association["id"]
    )


def leave_vpc(world: World, association: dict[str, Any]) -> Any:
    return world.lattice().delete_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=association["id"]
    )


@fact("8 CreateSNSA: SVC not yet active")
def test_a_service_that_is_being_made_cannot_join(world: World) -> None:
    service = world.service(ready=False)
    with refused("ConflictException", SETTLING, 409) as caught:
        world.join(service, world.network(MEMBER))
    assert "status: CREATE_IN_PROGRESS" in str(caught.value)


@fact("8 RegisterTargets: TG not yet active")
def test_a_target_group_that_is_being_made_takes_no_targets(world: World) -> None:
    group = world.group(kind="IP", ready=False)
    with refused("ConflictException", "status: CREATE_IN_PROGRESS", 409):
        world.lattice().register_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.4"}])


@fact("8 CreateSNSA: already associated")
def test_a_service_joins_a_network_once(world: World) -> None:
    service, network = world.service(), world.network(MEMBER)
    world.join(service, network)
    with refused("ConflictException", "Association already exists", 409):
        world.join(service, network)


@fact("8 CreateSNSA: the old association is still going")
def test_a_service_cannot_join_while_it_leaves(world: World) -> None:
    service, network = world.service(), world.network(MEMBER)
    leave(world, world.join(service, network))
    with refused("ConflictException", "Association already exists", 409):
        world.join(service, network)
    world.settle()
    world.join(service, network)


@fact("8 CreateSNVA: associated to another SN")
def test_a_vpc_in_another_network_cannot_join(world: World) -> None:
    vpc = world.vpc()
    world.admit(vpc, world.network(MEMBER))
    with refused("ConflictException", "VPC has already been associated to a service network", 409):
        world.admit(vpc, world.network(MEMBER))


@fact("8 CreateSNVA: associated to the same SN")
def test_a_vpc_joins_the_same_network_once(world: World) -> None:
    vpc, network = world.vpc(), world.network(MEMBER)
    world.admit(vpc, network, ready=False)
    with refused("ConflictException", "VPC has already been associated to a service network", 409):
        world.admit(vpc, network)


@fact("8 CreateSNVA: the old one is being deleted")
def test_a_vpc_cannot_join_while_it_leaves(world: World) -> None:
    vpc, network = world.vpc(), world.network(MEMBER)
    leave_vpc(world, world.admit(vpc, network))
    with refused("ConflictException", "VPC has already been associated to a service network", 409):
        world.admit(vpc, network)
    world.settle()
    world.admit(vpc, network)


@fact("8 DeleteSNSA: create still running")
def test_a_service_association_in_the_making_cannot_be_deleted(world: World) -> None:
    association = world.join(world.service(), world.network(MEMBER), ready=False)
    with refused("ConflictException", "Creation is in progress", 409):
        leave(world, association)


@fact("8 DeleteSNVA: create still running")
def test_a_vpc_association_in_the_making_cannot_be_deleted(world: World) -> None:
    association = world.admit(world.vpc(), world.network(MEMBER), ready=False)
    with refused("ConflictException", "Creation is in progress", 409):
        leave_vpc(world, association)


@fact("8 DeleteSNVA: update still running")
def test_a_vpc_association_in_change_cannot_be_deleted(world: World) -> None:
    vpc = world.vpc()
    association = world.admit(vpc, world.network(MEMBER))
    world.lattice().update_service_network_vpc_association(
        serviceNetworkVpcAssociationIdentifier=association["id"], securityGroupIds=[world.security_group(vpc)]
    )
    with refused("ConflictException", "in progress", 409):
        leave_vpc(world, association)


@fact("8 DeleteService: an SNSA is left, even one being deleted")
def test_a_service_with_an_association_cannot_be_deleted(world: World) -> None:
    service = world.service()
    association = world.join(service, world.network(MEMBER))
    for _ in range(2):
        with refused("ConflictException", "has one or more associated service networks", 409):
            world.lattice().delete_service(serviceIdentifier=service["id"])
        leave(world, association)
    world.settle()
    world.lattice().delete_service(serviceIdentifier=service["id"])


@fact("8 DeleteServiceNetwork: a VPC association is left")
def test_a_network_with_a_vpc_cannot_be_deleted(world: World) -> None:
    network = world.network(MEMBER)
    association = world.admit(world.vpc(), network)
    leave_vpc(world, association)
    with refused("ConflictException", "has VPC(s) associated", 409):
        world.lattice().delete_service_network(serviceNetworkIdentifier=network["id"])
    world.settle()
    world.lattice().delete_service_network(serviceNetworkIdentifier=network["id"])


@fact("8 DeleteServiceNetwork: a service association is left")
def test_a_network_with_a_service_cannot_be_deleted(world: World) -> None:
    network = world.network(MEMBER)
    world.join(world.service(), network)
    with refused("ConflictException", "associated", 409):
        world.lattice().delete_service_network(serviceNetworkIdentifier=network["id"])


@fact("8 DeleteTargetGroup: used in a default action or rule")
def test_a_target_group_in_use_cannot_be_deleted(world: World) -> None:
    service, vpc = world.service(), world.vpc()
    by_default, by_rule = world.group(vpc=vpc), world.group(vpc=vpc)
    listener = world.listener(service, by_default)
    world.rule(service, listener, 1, by_rule)
    for group in (by_default, by_rule):
        with refused("ConflictException", "in use", 409):
            world.lattice().delete_target_group(targetGroupIdentifier=group["id"])


@fact("8 DeleteTargetGroup: being created")
def test_a_target_group_in_the_making_cannot_be_deleted(world: World) -> None:
    group = world.group(ready=False)
    with refused("ConflictException", "status: CREATE_IN_PROGRESS", 409):
        world.lattice().delete_target_group(targetGroupIdentifier=group["id"])


@fact("8 create of SVC, SN, TG: name taken")
def test_a_taken_name_is_a_conflict(world: World) -> None:
    lattice = world.lattice()
    config = {"protocol": "HTTP", "vpcIdentifier": world.vpc()}
    for _ in range(2):
        lattice.create_service(name="orders", clientToken="1")
        lattice.create_service_network(name="prod", clientToken="1")
        lattice.create_target_group(name="orders", type="ALB", config=config, clientToken="1")
    with refused("ConflictException", "already exist", 409):
        lattice.create_service(name="orders")
    with refused("ConflictException", "already exist", 409):
        lattice.create_service_network(name="prod")
    with refused("ConflictException", "already exist", 409):
        lattice.create_target_group(name="orders", type="ALB", config=config)


@fact("8 create: the name of what is being deleted is still taken")
def test_a_name_is_free_when_its_holder_is_gone(world: World) -> None:
    service = world.service(name="orders")
    world.lattice().delete_service(serviceIdentifier=service["id"])
    with refused("ConflictException", "already exist"):
        world.lattice().create_service(name="orders")
    world.settle()
    assert world.lattice().create_service(name="orders")["id"] != service["id"]


@fact("8 create of listener: name or port taken")
def test_a_listeners_name_and_port_are_its_own(world: World) -> None:
    service = world.service()
    world.listener(service, name="web", port=8080)
    with refused("ConflictException", "already exist", 409):
        world.listener(service, name="web", port=8081)
    with refused("ConflictException", "already exist", 409):
        world.listener(service, name="other", port=8080)
    world.listener(world.service(), name="web", port=8080)


@fact("8 create of rule: name or priority taken")
def test_a_rules_name_and_priority_are_its_own(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    world.rule(service, listener, 1, name="one")
    with refused("ConflictException", "already exist", 409):
        world.rule(service, listener, 2, name="one")
    with refused("ConflictException", "already exist", 409):
        world.rule(service, listener, 1, name="two")


@fact("8 UpdateRule: priority taken")
def test_a_rule_cannot_move_to_a_taken_priority(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    world.rule(service, listener, 1)
    second = world.rule(service, listener, 2)
    with refused("ConflictException", "already exist", 409):
        world.lattice().update_rule(
            serviceIdentifier=service["id"],
            listenerIdentifier=listener["id"],
            ruleIdentifier=second["id"],
            priority=1,
        )


@fact("8 UpdateRule, DeleteRule on the default rule: refused, 409 or 400 (unverified)")
def test_the_default_rule_cannot_be_changed_or_deleted(world: World) -> None:
    service, lattice = world.service(), world.lattice()
    listener = world.listener(service)
    at = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
    [default] = lattice.list_rules(**at)["items"]
    assert default["isDefault"]
    with refused("ValidationException"):
        lattice.update_rule(**at, ruleIdentifier=default["id"], match=under("/x"))
    with refused("ValidationException"):
        lattice.delete_rule(**at, ruleIdentifier=default["id"])


@fact("8 actions on a TG of another SVC: refused")
def test_a_target_group_serves_one_service(world: World) -> None:
    group = world.group()
    world.listener(world.service(), group)
    with refused("ConflictException", "in use", 409):
        world.listener(world.service(), group)


@fact("8 actions on a TG of another account: refused")
def test_a_target_group_of_another_account_cannot_be_used(world: World) -> None:
    foreign = world.group("333333333333")
    by_arn = {"forward": {"targetGroups": [{"targetGroupIdentifier": foreign["arn"]}]}}
    service = world.service()
    with refused("AccessDeniedException"):
        world.listener(service, defaultAction=by_arn)
    with refused("ResourceNotFoundException"):
        world.listener(service, foreign)


@fact("8 actions on TGs of two VPCs of one account: taken; AWS asks for one account only")
def test_the_target_groups_of_a_service_may_be_in_two_vpcs(world: World) -> None:
    service, first, second = world.service(), world.group(), world.group()
    listener = world.listener(service, first)
    assert world.rule(service, listener, 1, second)["priority"] == 1
    vpcs = {group["config"]["vpcIdentifier"] for group in (first, second)}
    assert len(vpcs) == 2


@fact("8 CreateALS: that destination type is taken; UpdateALS: other destination type")
def test_a_destination_type_is_taken_once_and_kept(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    logs = f"arn:aws:logs:ap-northeast-1:{MEMBER}:log-group:one:*"
    made = lattice.create_access_log_subscription(
        resourceIdentifier=service["id"], destinationArn=world.destination(logs)
    )
    with refused("ConflictException", status=409):
        lattice.create_access_log_subscription(
            resourceIdentifier=service["id"], destinationArn=world.destination(logs.replace("one", "two"))
        )
    with refused("ConflictException", status=409):
        lattice.update_access_log_subscription(
            accessLogSubscriptionIdentifier=made["id"], destinationArn=world.destination("arn:aws:s3:::bucket-of-logs")
        )


@fact("28 UpdateSNVA while it is being created is taken as refused")
def test_an_association_in_the_making_cannot_be_updated(world: World) -> None:
    vpc = world.vpc()
    association = world.admit(vpc, world.network(MEMBER), ready=False)
    with refused("ConflictException", SETTLING, 409):
        world.lattice().update_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=association["id"],
            securityGroupIds=[world.security_group(vpc)],
        )
