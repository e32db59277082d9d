"""Facts 15: access log subscriptions."""

import json

import pytest
from lattice_world import MEMBER, NETWORK, World, refused

fact = pytest.mark.fact

LOGS = f"arn:aws:logs:ap-northeast-1:{NETWORK}:log-group:lattice:*"
BUCKET = "arn:aws:s3:::bucket-of-logs"
STREAM = f"arn:aws:firehose:ap-northeast-1:{NETWORK}:deliverystream/lattice"


@fact("15 one destination of each type per resource")
def test_a_network_may_log_to_one_destination_of_each_type(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    for destination in (LOGS, BUCKET, STREAM):
        lattice.create_access_log_subscription(
            resourceIdentifier=network["id"], destinationArn=world.destination(destination)
        )
    listed = lattice.list_access_log_subscriptions(resourceIdentifier=network["arn"])["items"]
    assert [item["destinationArn"] for item in listed] == [LOGS, BUCKET, STREAM]


@fact("15 SN logs have two types, SERVICE and RESOURCE, each with its own subscription")
def test_a_networks_two_kinds_of_log_are_apart(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    kinds = [
        lattice.create_access_log_subscription(
            resourceIdentifier=network["id"], destinationArn=world.destination(LOGS), serviceNetworkLogType=kind
        )["serviceNetworkLogType"]
        for kind in ("SERVICE", "RESOURCE")
    ]
    assert kinds == ["SERVICE", "RESOURCE"]


@fact("15 the owner of an SVC may subscribe too")
def test_a_services_owner_may_subscribe(world: World) -> None:
    service = world.service()
    made = world.lattice().create_access_log_subscription(
        resourceIdentifier=service["arn"], destinationArn=world.destination(BUCKET)
    )
    assert (made["resourceId"], made["resourceArn"]) == (service["id"], service["arn"])
    assert "serviceNetworkLogType" not in made


@fact("15 destinations: CloudWatch Logs, S3, Firehose")
def test_another_destination_is_refused(world: World) -> None:
    with refused("ValidationException", status=400):
        world.lattice(NETWORK).create_access_log_subscription(
            resourceIdentifier=world.network()["id"],
            destinationArn=f"arn:aws:sqs:ap-northeast-1:{NETWORK}:queue",
        )


@fact("7 ALS: destination of the same type can change")
def test_a_destination_may_be_replaced_by_one_of_its_type(world: World) -> None:
    lattice, network = world.lattice(NETWORK), world.network()
    made = lattice.create_access_log_subscription(
        resourceIdentifier=network["id"], destinationArn=world.destination(LOGS)
    )
    named = {"accessLogSubscriptionIdentifier": made["id"]}
    other = LOGS.replace(":lattice:", ":other:")
    assert (
        lattice.update_access_log_subscription(**named, destinationArn=world.destination(other))["destinationArn"]
        == other
    )
    assert lattice.get_access_log_subscription(**named)["destinationArn"] == other
    lattice.delete_access_log_subscription(**named)
    with refused("ResourceNotFoundException", status=404):
        lattice.get_access_log_subscription(**named)


@fact("10 a consumer cannot log a shared SN")
def test_a_consumer_cannot_subscribe_to_the_network(world: World) -> None:
    network = world.shared_network(MEMBER)
    with refused("AccessDeniedException", status=403):
        world.lattice().create_access_log_subscription(
            resourceIdentifier=network["arn"], destinationArn=world.destination(BUCKET)
        )
    assert world.lattice().list_access_log_subscriptions(resourceIdentifier=network["arn"])["items"] == []


@fact("15 missing log group policies are added by the service")
def test_a_log_group_that_lets_nothing_be_delivered_is_told_to_by_whoever_may(world: World) -> None:
    logs, lattice, network = world.aws("logs", NETWORK), world.lattice(NETWORK), world.network()
    for kind in ("SERVICE", "RESOURCE"):
        lattice.create_access_log_subscription(
            resourceIdentifier=network["id"], destinationArn=world.destination(LOGS), serviceNetworkLogType=kind
        )
    [policy] = logs.describe_resource_policies()["resourcePolicies"]
    assert policy["policyName"] == "AWSLogDeliveryWrite20150319"
    [statement] = json.loads(policy["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Resource"] == f"{LOGS.removesuffix(':*')}:log-stream:*"
