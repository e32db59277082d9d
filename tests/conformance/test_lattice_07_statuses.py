"""Facts 7: statuses with time, what can change in place, and the states of targets."""

from typing import Any

import pytest
from lattice_world import MEMBER, World, refused

fact = pytest.mark.fact


def status(world: World, service: dict[str, Any]) -> str:
    return str(world.lattice().get_service(serviceIdentifier=service["id"])["status"])


@fact("7 create: CREATE_IN_PROGRESS -> ACTIVE; 9 a service is active after 30-60 s")
def test_a_service_becomes_active_with_time(world: World) -> None:
    service = world.service(ready=False)
    assert service["status"] == "CREATE_IN_PROGRESS"
    world.pass_time(world.cloud.lattice.timing.service_create - 1)
    assert status(world, service) == "CREATE_IN_PROGRESS"
    world.pass_time(1)
    assert status(world, service) == "ACTIVE"


@fact("7 create: CREATE_IN_PROGRESS -> CREATE_FAILED")
@pytest.mark.parametrize("kind", ["service", "target-group", "service-association", "vpc-association"])
def test_a_creation_fails_on_demand(world: World, kind: Any) -> None:
    network, service = world.network(MEMBER), world.service()
    world.cloud.lattice.fail_next(kind, "Broken", "it did not work")
    lattice = world.lattice()
    if kind == "service":
        read = lattice.get_service(serviceIdentifier=world.service()["id"])
    elif kind == "target-group":
        read = lattice.get_target_group(targetGroupIdentifier=world.group()["id"])
    elif kind == "service-association":
        read = lattice.get_service_network_service_association(
            serviceNetworkServiceAssociationIdentifier=world.join(service, network)["id"]
        )
    else:
        read = lattice.get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=world.admit(world.vpc(), network)["id"]
        )
    assert (read["status"], read["failureCode"]) == ("CREATE_FAILED", "Broken")
    assert read["failureMessage"] == "it did not work"


@fact("7 delete: DELETE_IN_PROGRESS -> gone; no DELETED status, Get answers 404")
def test_a_deleted_service_leaves_the_lists_and_is_not_found(world: World) -> None:
    service, lattice = world.service(), world.lattice()
    assert lattice.delete_service(serviceIdentifier=service["id"])["status"] == "DELETE_IN_PROGRESS"
    assert [item["status"] for item in lattice.list_services()["items"]] == ["DELETE_IN_PROGRESS"]
    world.settle()
    assert lattice.list_services()["items"] == []
    with refused("ResourceNotFoundException", status=404):
        lattice.get_service(serviceIdentifier=service["id"])


@fact("7 a delete during DELETE_IN_PROGRESS changes nothing and is no error")
def test_deleting_twice_is_no_error_and_no_delay(world: World) -> None:
    service, lattice = world.service(), world.lattice()
    lattice.delete_service(serviceIdentifier=service["id"])
    world.pass_time(10)
    assert lattice.delete_service(serviceIdentifier=service["id"])["status"] == "DELETE_IN_PROGRESS"
    world.pass_time(world.cloud.lattice.timing.service_delete - 10)
    with refused("ResourceNotFoundException"):
        lattice.get_service(serviceIdentifier=service["id"])


@fact("7 DELETE_FAILED may be deleted again")
def test_a_failed_deletion_can_be_repeated(world: World) -> None:
    service, lattice = world.service(), world.lattice()
    world.cloud.lattice.fail_next("service", "Broken", "try again", phase="delete")
    lattice.delete_service(serviceIdentifier=service["id"])
    world.settle()
    assert status(world, service) == "DELETE_FAILED"
    lattice.delete_service(serviceIdentifier=service["id"])
    world.settle()
    assert lattice.list_services()["items"] == []


@fact("7 a failed association is deleted and created again")
def test_a_failed_association_is_in_the_way_until_it_is_deleted(world: World) -> None:
    service, network, lattice = world.service(), world.network(MEMBER), world.lattice()
    world.cloud.lattice.fail_next("service-association", "Broken", "no luck")
    failed = world.join(service, network)
    with refused("ConflictException", "Association already exists"):
        world.join(service, network)
    lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=failed["id"])
    world.settle()
    again = world.join(service, network)
    read = lattice.get_service_network_service_association(serviceNetworkServiceAssociationIdentifier=again["id"])
    assert read["status"] == "ACTIVE"


@fact("7 SNVA: UPDATE_IN_PROGRESS -> ACTIVE")
def test_an_update_of_a_vpc_association_takes_time(world: World) -> None:
    vpc, lattice = world.vpc(), world.lattice()
    old, new = world.security_group(vpc), world.security_group(vpc)
    made = world.admit(vpc, world.network(MEMBER), securityGroupIds=[old])
    named = {"serviceNetworkVpcAssociationIdentifier": made["id"]}
    updated = lattice.update_service_network_vpc_association(**named, securityGroupIds=[new])
    assert (updated["status"], updated["securityGroupIds"]) == ("UPDATE_IN_PROGRESS", [new])
    world.settle()
    read = lattice.get_service_network_vpc_association(**named)
    assert (read["status"], read["securityGroupIds"]) == ("ACTIVE", [new])


@fact("7 SNVA: UPDATE_IN_PROGRESS -> UPDATE_FAILED")
def test_a_failed_update_leaves_the_old_security_groups(world: World) -> None:
    vpc, lattice = world.vpc(), world.lattice()
    old, new = world.security_group(vpc), world.security_group(vpc)
    made = world.admit(vpc, world.network(MEMBER), securityGroupIds=[old])
    named = {"serviceNetworkVpcAssociationIdentifier": made["id"]}
    world.cloud.lattice.fail_next("vpc-association", "Broken", "no", phase="update")
    lattice.update_service_network_vpc_association(**named, securityGroupIds=[new])
    world.settle()
    read = lattice.get_service_network_vpc_association(**named)
    assert (read["status"], read["failureCode"], read["securityGroupIds"]) == ("UPDATE_FAILED", "Broken", [old])


@fact("7 SN, listener and rule have no status: synchronous")
def test_a_network_and_a_listener_are_there_at_once(world: World) -> None:
    network, service = world.network(MEMBER), world.service()
    listener = world.listener(service)
    assert "status" not in network
    assert "status" not in listener
    assert world.cloud.clock.idle


@fact("7 a target group is created and deleted with time")
def test_a_target_group_comes_and_goes_with_time(world: World) -> None:
    lattice, group = world.lattice(), world.group(ready=False)
    assert group["status"] == "CREATE_IN_PROGRESS"
    world.settle()
    assert lattice.get_target_group(targetGroupIdentifier=group["id"])["status"] == "ACTIVE"
    lattice.delete_target_group(targetGroupIdentifier=group["id"])
    assert [item["status"] for item in lattice.list_target_groups()["items"]] == ["DELETE_IN_PROGRESS"]
    world.settle()
    assert lattice.list_target_groups()["items"] == []


@fact("7 name, domain, protocol, port and VPC are fixed for life")
def test_an_update_leaves_what_is_fixed(world: World) -> None:
    lattice, service, group = world.lattice(), world.service(), world.group(kind="IP")
    listener = world.listener(service, group)
    lattice.update_service(serviceIdentifier=service["id"], authType="AWS_IAM", idleTimeoutSeconds=90)
    lattice.update_listener(
        serviceIdentifier=service["id"],
        listenerIdentifier=listener["id"],
        defaultAction={"fixedResponse": {"statusCode": 404}},
    )
    lattice.update_target_group(targetGroupIdentifier=group["id"], healthCheck={"enabled": False})
    read = lattice.get_service(serviceIdentifier=service["id"])
    assert (read["name"], read["dnsEntry"]) == (service["name"], service["dnsEntry"])
    [listed] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
    assert (listed["name"], listed["protocol"], listed["port"]) == (listener["name"], "HTTP", 80)
    config = lattice.get_target_group(targetGroupIdentifier=group["id"])["config"]
    fixed = ("port", "protocol", "protocolVersion", "vpcIdentifier", "ipAddressType")
    assert {name: config[name] for name in fixed} == {name: group["config"][name] for name in fixed}


@fact("7 targets of a TG without SVC: UNUSED, TargetGroupNotInUse, deregistered at once")
def test_targets_of_an_idle_group_are_unused(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="IP")
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.4"}])
    [target] = lattice.list_targets(targetGroupIdentifier=group["id"])["items"]
    assert (target["status"], target["reasonCode"]) == ("UNUSED", "TargetGroupNotInUse")
    lattice.deregister_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.4"}])
    assert lattice.list_targets(targetGroupIdentifier=group["id"])["items"] == []


@fact("7 in use: DRAINING and still listed, then gone after one minute")
def test_targets_in_use_drain(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="IP")
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.4"}])
    world.listener(world.service(), group)
    lattice.deregister_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.4"}])
    [target] = lattice.list_targets(targetGroupIdentifier=group["id"])["items"]
    assert target["status"] == "DRAINING"
    world.pass_time(60)
    assert lattice.list_targets(targetGroupIdentifier=group["id"])["items"] == []


@fact("7 target status INITIAL, then HEALTHY or UNHEALTHY by its checks")
def test_an_address_in_use_is_checked(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="IP")
    world.listener(world.service(), group)
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.4"}, {"id": "10.1.0.5"}])
    world.cloud.lattice.thing(group["id"]).targets["10.1.0.5", 80].healthy = False

    def statuses() -> list[str]:
        return [item["status"] for item in lattice.list_targets(targetGroupIdentifier=group["id"])["items"]]

    assert statuses() == ["INITIAL", "INITIAL"]
    world.settle()
    assert statuses() == ["HEALTHY", "UNHEALTHY"]


@fact("7 an ALB target in use stays UNAVAILABLE, HealthCheckNotSupported, for ever")
def test_an_alb_target_is_never_healthy(world: World) -> None:
    lattice, vpc = world.lattice(), world.vpc()
    group, alb = world.group(vpc=vpc), world.alb(vpc)
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=[{"id": alb, "port": 80}])
    world.listener(world.service(), group)
    for _ in range(2):
        [target] = lattice.list_targets(targetGroupIdentifier=group["id"])["items"]
        assert (target["status"], target["reasonCode"]) == ("UNAVAILABLE", "HealthCheckNotSupported")
        world.pass_time(3600)


@fact("7 a target registered again while it drains stays")
def test_registering_again_ends_the_draining(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="IP")
    named = {"targetGroupIdentifier": group["id"], "targets": [{"id": "10.1.0.4"}]}
    world.listener(world.service(), group)
    lattice.register_targets(**named)
    lattice.deregister_targets(**named)
    world.pass_time(30)
    lattice.register_targets(**named)
    world.settle()
    assert [item["status"] for item in lattice.list_targets(**named)["items"]] == ["HEALTHY"]
