"""Facts 4: which operations there are, and which HTTP code each answers with."""

from typing import Any

import pytest
from botocore import xform_name
from lattice_world import MEMBER, NETWORK, REGION, World, code_of, refused, under

from localcloud.ground import models
from localcloud.services.lattice import OPERATIONS

fact = pytest.mark.fact


@fact("4 creates of networks, services, listeners, rules, target groups and log subscriptions answer 201")
def test_a_synchronous_or_asynchronous_create_answers_201(world: World) -> None:
    lattice = world.lattice()
    assert code_of(lattice.create_service_network(name="net")) == 201
    service = lattice.create_service(name="orders")
    assert code_of(service) == 201
    assert code_of(world.group(ready=False)) == 201
    world.settle()
    listener = world.listener(service)
    assert code_of(listener) == 201
    assert code_of(world.rule(service, listener, 1)) == 201
    subscribed = lattice.create_access_log_subscription(
        resourceIdentifier=service["id"],
        destinationArn=world.destination(f"arn:aws:logs:ap-northeast-1:{MEMBER}:log-group:l:*"),
    )
    assert code_of(subscribed) == 201


@fact("5 CreateSNSA and CreateSNVA answer 200")
def test_creating_an_association_answers_200(world: World) -> None:
    network = world.network(MEMBER)
    assert code_of(world.join(world.service(), network)) == 200
    assert code_of(world.admit(world.vpc(), network)) == 200


@fact("4 deletes of synchronous objects answer 204 without a body")
def test_deleting_what_goes_at_once_answers_204(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    listener = world.listener(service)
    rule = world.rule(service, listener, 1)
    at = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
    assert code_of(lattice.delete_rule(**at, ruleIdentifier=rule["id"])) == 204
    assert code_of(lattice.delete_listener(**at)) == 204
    network = world.network(MEMBER)
    assert code_of(lattice.delete_auth_policy(resourceIdentifier=network["id"])) == 204
    assert code_of(lattice.delete_resource_policy(resourceArn=network["arn"])) == 204
    assert code_of(lattice.delete_service_network(serviceNetworkIdentifier=network["id"])) == 204


@fact("5 deletes of asynchronous objects answer 200 with the status in the body")
def test_deleting_what_takes_time_answers_its_status(world: World) -> None:
    lattice, network = world.lattice(), world.network(MEMBER)
    service, group, vpc = world.service(), world.group(), world.vpc()
    joined, admitted = world.join(service, network), world.admit(vpc, network)
    gone = [
        lattice.delete_service_network_service_association(serviceNetworkServiceAssociationIdentifier=joined["id"]),
        lattice.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=admitted["id"]),
        lattice.delete_target_group(targetGroupIdentifier=group["id"]),
    ]
    world.settle()
    gone.append(lattice.delete_service(serviceIdentifier=service["id"]))
    assert {(code_of(answer), answer["status"]) for answer in gone} == {(200, "DELETE_IN_PROGRESS")}


@fact("4 GetServiceNetwork, UpdateServiceNetwork answer 200 with authType")
def test_a_network_is_updated_in_place(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    updated = lattice.update_service_network(serviceNetworkIdentifier=network["id"], authType="AWS_IAM")
    assert (code_of(updated), updated["authType"]) == (200, "AWS_IAM")
    assert lattice.get_service_network(serviceNetworkIdentifier=network["arn"])["authType"] == "AWS_IAM"


@fact("4 ListTargets is a POST with an optional filter of targets")
def test_targets_are_listed_by_filter(world: World) -> None:
    lattice, group = world.lattice(), world.group(kind="IP")
    targets = [{"id": f"10.1.0.{number}"} for number in (4, 5, 6)]
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=targets)
    found = lattice.list_targets(targetGroupIdentifier=group["id"], targets=[{"id": "10.1.0.5"}])
    assert [(target["id"], target["port"]) for target in found["items"]] == [("10.1.0.5", 80)]


@fact("4 ListTargetGroups filters by vpcIdentifier and targetGroupType")
def test_target_groups_are_listed_by_vpc_and_type(world: World) -> None:
    here, there = world.vpc(), world.vpc()
    one, two = world.group(vpc=here), world.group(vpc=there, kind="IP")
    lattice = world.lattice()

    def listed(**filters: str) -> list[str]:
        return [group["id"] for group in lattice.list_target_groups(**filters)["items"]]

    assert listed() == [one["id"], two["id"]]
    assert listed(vpcIdentifier=here) == [one["id"]]
    assert listed(targetGroupType="IP") == [two["id"]]
    assert listed(vpcIdentifier=here, targetGroupType="IP") == []


@fact("4 ListSNSA and ListSNVA: at least one of the two filters")
def test_associations_are_not_listed_without_a_filter(world: World) -> None:
    with refused("ValidationException", status=400):
        world.lattice().list_service_network_service_associations()
    with refused("ValidationException", status=400):
        world.lattice().list_service_network_vpc_associations()


@fact("4 rules can be read, changed and listed under their listener")
def test_a_rule_is_read_and_changed(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    listener = world.listener(service)
    rule = world.rule(service, listener, 5)
    at = {"serviceIdentifier": service["arn"], "listenerIdentifier": listener["arn"]}
    changed = lattice.update_rule(
        **at,
        ruleIdentifier=rule["arn"],
        priority=7,
        match=under("/new"),
        action={"fixedResponse": {"statusCode": 500}},
    )
    assert (changed["priority"], changed["isDefault"]) == (7, False)
    read = lattice.get_rule(**at, ruleIdentifier=rule["id"])
    assert read["match"]["httpMatch"]["pathMatch"]["match"] == {"prefix": "/new"}
    assert read["action"] == {"fixedResponse": {"statusCode": 500}}
    assert [item["priority"] for item in lattice.list_rules(**at)["items"] if not item["isDefault"]] == [7]


@fact("4 UpdateListener takes a default action, UpdateService authType, certificate and idle timeout")
def test_a_service_and_its_listener_are_updated(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    listener = world.listener(service)
    changed = lattice.update_listener(
        serviceIdentifier=service["id"],
        listenerIdentifier=listener["id"],
        defaultAction={"fixedResponse": {"statusCode": 500}},
    )
    assert changed["defaultAction"] == {"fixedResponse": {"statusCode": 500}}
    updated = lattice.update_service(serviceIdentifier=service["id"], idleTimeoutSeconds=120, authType="AWS_IAM")
    assert (updated["idleTimeoutSeconds"], updated["authType"]) == (120, "AWS_IAM")
    assert "status" not in updated


IDS = {
    "accessLogSubscriptionIdentifier": "als-0123456789abcdef0",
    "domainName": "example.com",
    "domainVerificationIdentifier": "dv-0123456789abcdef0",
    "listenerIdentifier": "listener-0123456789abcdef0",
    "name": "gateway",
    "resourceArn": f"arn:aws:vpc-lattice:{REGION}:{MEMBER}:service/svc-0123456789abcdef0",
    "resourceConfigurationIdentifier": "rcfg-0123456789abcdef0",
    "resourceEndpointAssociationIdentifier": "rea-0123456789abcdef0",
    "resourceGatewayIdentifier": "rgw-0123456789abcdef0",
    "resourceIdentifier": "svc-0123456789abcdef0",
    "ruleIdentifier": "rule-0123456789abcdef0",
    "serviceIdentifier": "svc-0123456789abcdef0",
    "serviceNetworkIdentifier": "sn-0123456789abcdef0",
    "serviceNetworkResourceAssociationIdentifier": "snra-0123456789abcdef0",
    "serviceNetworkVpcAssociationIdentifier": "snva-0123456789abcdef0",
    "targetGroupIdentifier": "tg-0123456789abcdef0",
    "type": "SINGLE",
}


def members_of(operation: str) -> dict[str, Any]:
    shape: Any = models.operation_model("vpc-lattice", operation).input_shape
    return dict(shape.members)


def in_path(operation: str) -> list[str]:
    return [name for name, member in members_of(operation).items() if member.serialization.get("location") == "uri"]


def required(operation: str) -> list[str]:
    shape: Any = models.operation_model("vpc-lattice", operation).input_shape
    return [name for name in shape.required_members if name not in in_path(operation)]


@fact("4 each required parameter outside the path is asked for by its name")
@pytest.mark.parametrize(("operation", "name"), [(op, name) for op in sorted(OPERATIONS) for name in required(op)])
def test_what_is_required_is_asked_for(world: World, operation: str, name: str) -> None:
    call = getattr(world.lattice(), xform_name(operation))
    with refused("ValidationException", f"Value null at '{name}'", 400) as caught:
        call(**{parameter: IDS[parameter] for parameter in in_path(operation)})
    assert name in [field["name"] for field in caught.value.response["fieldList"]]


@fact("4 each operation's answer has the shape of the model")
def test_every_listing_of_a_full_account_fits_its_shape(world: World) -> None:
    # The gate checks each answer against the output shape; this walks through all that are not met elsewhere.
    lattice, network = world.lattice(), world.network(MEMBER)
    service, vpc = world.service(), world.vpc()
    group = world.group(vpc=vpc)
    listener = world.listener(service, group)
    joined, admitted = world.join(service, network), world.admit(vpc, network)
    at = {"serviceIdentifier": service["id"]}
    assert len(lattice.list_services()["items"]) == len(lattice.list_service_networks()["items"]) == 1
    assert lattice.get_listener(**at, listenerIdentifier=listener["id"])["serviceArn"] == service["arn"]
    assert [item["id"] for item in lattice.list_listeners(**at)["items"]] == [listener["id"]]
    by_service = lattice.list_service_network_service_associations(**at)["items"]
    by_network = lattice.list_service_network_vpc_associations(serviceNetworkIdentifier=network["id"])["items"]
    assert [item["id"] for item in by_service + by_network] == [joined["id"], admitted["id"]]
    assert lattice.get_service(**at)["status"] == "ACTIVE"
