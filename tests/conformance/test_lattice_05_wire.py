"""Facts 5: errors and their members, pages, tokens, what answers hold and leave out."""

from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, REGION, World, at, code_of, forward, refused

fact = pytest.mark.fact


def details(caught: Any) -> dict[str, Any]:
    """The error's own members."""
    answer: dict[str, Any] = caught.value.response
    return answer


@fact("5 ValidationException 400 with reason and fieldList")
def test_a_value_against_the_model_names_the_field(world: World) -> None:
    with refused("ValidationException", status=400) as caught:
        world.lattice().create_service(name="Orders")
    assert details(caught)["reason"] == "fieldValidationFailed"
    assert [field["name"] for field in details(caught)["fieldList"]] == ["name"]


@fact("5 ResourceNotFoundException 404 with resourceId and resourceType")
def test_what_is_not_there_is_named_in_the_error(world: World) -> None:
    missing = "svc-0123456789abcdef0"
    with refused("ResourceNotFoundException", status=404) as caught:
        world.lattice().get_service(serviceIdentifier=missing)
    assert (details(caught)["resourceId"], details(caught)["resourceType"]) == (missing, "SERVICE")


@fact("5 ConflictException 409 with resourceId and resourceType")
def test_a_conflict_names_the_object(world: World) -> None:
    service = world.service(ready=False)
    with refused("ConflictException", status=409) as caught:
        world.listener(service)
    assert (details(caught)["resourceId"], details(caught)["resourceType"]) == (service["id"], "SERVICE")


@fact("5 ConflictException 409: a taken name is told with the id of its holder")
@pytest.mark.parametrize("kind", ["service", "service_network", "target_group"])
def test_a_taken_name_is_told_with_its_holder(world: World, kind: str) -> None:
    create = getattr(world.lattice(), f"create_{kind}")
    more = {"type": "LAMBDA"} if kind == "target_group" else {}
    holder = create(name="taken", **more)
    with refused("ConflictException", "already exist", 409) as caught:
        create(name="taken", **more)
    assert (details(caught)["resourceId"], details(caught)["resourceType"]) == (holder["id"], kind.upper())


@fact("5 ServiceQuotaExceededException 402 with service and quota code")
def test_a_full_account_is_told_with_402(world: World) -> None:
    world.cloud.lattice.quotas.services = 1
    world.service()
    with refused("ServiceQuotaExceededException", status=402) as caught:
        world.service()
    assert (details(caught)["serviceCode"], details(caught)["quotaCode"]) == ("vpc-lattice", "L-620C821E")


@fact("5 AccessDeniedException 403")
def test_another_accounts_object_is_denied_by_its_arn(world: World) -> None:
    network = world.network()
    with refused("AccessDeniedException", "vpc-lattice:GetServiceNetwork", 403):
        world.lattice().get_service_network(serviceNetworkIdentifier=network["arn"])


@fact("5 no AccessDenied on DeleteTargetGroup")
def test_a_foreign_target_group_is_not_there_to_delete(world: World) -> None:
    group = world.group(OTHER)
    with refused("AccessDeniedException", status=403):
        world.lattice().get_target_group(targetGroupIdentifier=group["arn"])
    with refused("ResourceNotFoundException", status=404):
        world.lattice().delete_target_group(targetGroupIdentifier=group["arn"])


@fact("5 the filter of a list is an id or an ARN: that of another account names nothing")
def test_a_filter_by_an_arn_that_is_nobodys_finds_nothing(world: World) -> None:
    lattice, network, service = world.lattice(), world.network(MEMBER), world.service()
    world.join(service, network)
    world.admit(world.vpc(), network)
    destination = f"arn:aws:logs:{REGION}:{MEMBER}:log-group:/lattice"
    lattice.create_access_log_subscription(
        resourceIdentifier=service["id"], destinationArn=world.destination(destination)
    )
    wrong = [end["arn"].replace(MEMBER, OTHER) for end in (network, service)]
    lists = [
        lattice.list_service_network_service_associations(serviceNetworkIdentifier=wrong[0]),
        lattice.list_service_network_service_associations(serviceIdentifier=wrong[1]),
        lattice.list_service_network_vpc_associations(serviceNetworkIdentifier=wrong[0]),
        lattice.list_access_log_subscriptions(resourceIdentifier=wrong[1]),
    ]
    assert [answer["items"] for answer in lists] == [[], [], [], []]


@fact("5 pages: maxResults 1-100, nextToken, items")
def test_a_list_comes_in_pages(world: World) -> None:
    names = [world.network(MEMBER)["name"] for _ in range(5)]
    lattice = world.lattice()
    first = lattice.list_service_networks(maxResults=2)
    assert [item["name"] for item in first["items"]] == names[:2]
    pages = list(lattice.get_paginator("list_service_networks").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert [item["name"] for page in pages for item in page["items"]] == names
    assert "nextToken" not in pages[-1]


@fact("5 pages: what goes between two pages shifts nothing")
def test_a_page_follows_the_last_one_even_when_its_items_are_gone(world: World) -> None:
    networks = [world.network(MEMBER) for _ in range(4)]
    lattice = world.lattice()
    first = lattice.list_service_networks(maxResults=2)
    for network in networks[:2]:
        lattice.delete_service_network(serviceNetworkIdentifier=network["id"])
    rest = lattice.list_service_networks(maxResults=2, nextToken=first["nextToken"])
    assert [item["id"] for item in rest["items"]] == [network["id"] for network in networks[2:]]


@fact("5 pages: maxResults is 1 to 100")
@pytest.mark.parametrize("size", [0, 101])
def test_a_page_size_out_of_range_is_refused(world: World, size: int) -> None:
    with refused("ValidationException", status=400):
        world.lattice().list_services(maxResults=size)


@fact("5 pages: the token is opaque and belongs to one request")
def test_a_foreign_or_broken_token_is_refused(world: World) -> None:
    for _ in range(3):
        world.network(MEMBER)
        world.group(vpc=world.vpc())
    token = world.lattice().list_service_networks(maxResults=1)["nextToken"]
    with refused("ValidationException", "nextToken"):
        world.lattice().list_target_groups(maxResults=1, targetGroupType="ALB", nextToken=token)
    with refused("ValidationException", "nextToken"):
        world.lattice().list_service_networks(nextToken="not a token")
    there = world.cloud.session(MEMBER).client("vpc-lattice", region_name="us-east-1")
    with refused("ValidationException", "nextToken"):
        there.list_service_networks(nextToken=token)


@fact("5 an unknown filter gives an empty list")
def test_an_unknown_filter_finds_nothing_and_is_no_error(world: World) -> None:
    lattice = world.lattice()
    absent = {"serviceNetworkIdentifier": "sn-0123456789abcdef0"}
    assert lattice.list_service_network_service_associations(**absent)["items"] == []
    assert lattice.list_service_network_vpc_associations(**absent)["items"] == []
    assert lattice.list_service_network_vpc_associations(vpcIdentifier="vpc-0a1b2c3d")["items"] == []
    assert lattice.list_target_groups(vpcIdentifier="vpc-0a1b2c3d")["items"] == []
    logs = lattice.list_access_log_subscriptions(resourceIdentifier="svc-0123456789abcdef0")
    assert logs["items"] == []


@fact("4 ListListeners, ListRules and ListTargets declare ResourceNotFound")
def test_listing_under_an_unknown_parent_is_an_error(world: World) -> None:
    lattice, missing = world.lattice(), "svc-0123456789abcdef0"
    with refused("ResourceNotFoundException"):
        lattice.list_listeners(serviceIdentifier=missing)
    with refused("ResourceNotFoundException"):
        lattice.list_targets(targetGroupIdentifier="tg-0123456789abcdef0")


@fact("5 CreateSNVA takes vpcIdentifier, Get and List answer vpcId; summaries lack securityGroupIds")
def test_a_vpc_association_is_described_as_the_model_says(world: World) -> None:
    lattice, network, vpc = world.lattice(), world.network(MEMBER), world.vpc()
    group = world.security_group(vpc)
    made = world.admit(vpc, network, securityGroupIds=[group])
    assert "vpcId" not in made
    assert made["securityGroupIds"] == [group]
    read = lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=made["id"])
    assert (read["vpcId"], read["securityGroupIds"]) == (vpc, [group])
    [listed] = lattice.list_service_network_vpc_associations(vpcIdentifier=vpc)["items"]
    assert listed["vpcId"] == vpc
    assert "securityGroupIds" not in listed


@fact("5 CreateService and CreateSNSA answer dnsEntry")
def test_the_domain_name_is_known_from_the_first_answer(world: World) -> None:
    service = world.service()
    joined = world.join(service, world.network(MEMBER))
    assert joined["dnsEntry"] == service["dnsEntry"]
    assert joined["dnsEntry"]["hostedZoneId"].startswith("Z")


@fact("5 CreateSNSA answers customDomainName")
def test_a_custom_domain_is_answered_with_the_association(world: World) -> None:
    service = world.service(customDomainName="orders.example.com")
    assert world.join(service, world.network(MEMBER))["customDomainName"] == "orders.example.com"
    plain = world.join(world.service(), world.network(MEMBER))
    assert "customDomainName" not in plain


@fact("5 GetServiceNetwork answers numberOfAssociatedVPCs and numberOfAssociatedServices")
def test_a_network_counts_what_is_joined(world: World) -> None:
    network = world.network(MEMBER)
    world.join(world.service(), network)
    world.join(world.service(), network)
    world.admit(world.vpc(), network)
    read = world.lattice().get_service_network(serviceNetworkIdentifier=network["id"])
    assert (read["numberOfAssociatedServices"], read["numberOfAssociatedVPCs"]) == (2, 1)


@fact("5 GetTargetGroup answers serviceArns")
def test_a_target_group_names_the_service_that_uses_it(world: World) -> None:
    service, group = world.service(), world.group()
    lattice = world.lattice()
    assert lattice.get_target_group(targetGroupIdentifier=group["id"])["serviceArns"] == []
    world.listener(service, group)
    assert lattice.get_target_group(targetGroupIdentifier=group["id"])["serviceArns"] == [service["arn"]]


@fact("5 failureCode and failureMessage come from Get only")
def test_a_failure_is_told_by_get_and_not_by_list(world: World) -> None:
    world.cloud.lattice.fail_next("service", "InternalError", "it broke")
    service = world.service()
    read = world.lattice().get_service(serviceIdentifier=service["id"])
    assert (read["status"], read["failureCode"], read["failureMessage"]) == (
        "CREATE_FAILED",
        "InternalError",
        "it broke",
    )
    [listed] = world.lattice().list_services()["items"]
    assert listed["status"] == "CREATE_FAILED"
    assert "failureCode" not in listed


@fact("5 clientToken: same token and parameters succeed again and do nothing")
def test_a_repeated_request_makes_nothing_new(world: World) -> None:
    lattice = world.lattice()
    first = lattice.create_service(name="orders", clientToken="t-1")
    world.settle()
    assert at(lattice.create_service(name="orders", clientToken="t-1")) == at(first)
    assert len(lattice.list_services()["items"]) == 1


@fact("5 clientToken: same token, other parameters: fails")
def test_a_token_with_other_parameters_fails(world: World) -> None:
    lattice = world.lattice()
    lattice.create_service(name="orders", clientToken="t-1")
    with refused("ConflictException"):
        lattice.create_service(name="payments", clientToken="t-1")


@fact("5 ConflictException names an object and its type, of a token as well")
def test_a_used_token_is_told_with_what_it_made(world: World) -> None:
    made = world.lattice().create_service(name="orders", clientToken="once")
    with refused("ConflictException", "clientToken", 409) as caught:
        world.lattice().create_service(name="other", clientToken="once")
    assert (details(caught)["resourceId"], details(caught)["resourceType"]) == (made["id"], "SERVICE")


@fact("5 ValidationException: a number is a number, a truth value one")
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("create_service", {"name": "orders", "idleTimeoutSeconds": "60"}),
        ("create_service", {"name": "orders", "idleTimeoutSeconds": 60.5}),
        ("create_service_network", {"name": "net", "sharingConfig": {"enabled": "yes"}}),
    ],
)
def test_a_value_of_another_kind_is_refused(world: World, operation: str, params: dict[str, Any]) -> None:
    with refused("ValidationException", "must be", 400) as caught:
        getattr(world.lattice(), operation)(**params)
    assert details(caught)["reason"] == "cannotParse"


@fact("4 rest-json: a call is known by its method and path, whatever its body is called (`curl -d`: a form)")
@pytest.mark.parametrize("said", ["application/x-www-form-urlencoded", "application/x-amz-json-1.1", "text/plain"])
def test_what_a_client_calls_the_body_changes_nothing(world: World, said: str) -> None:
    def call_it(request: Any, **_: Any) -> None:
        request.headers["Content-Type"] = said

    lattice = world.lattice()
    lattice.meta.events.register("before-sign.vpc-lattice", call_it, unique_id="said")
    try:
        assert code_of(lattice.create_service(name="orders")) == 201
        with refused("ConflictException", "already exist"):
            lattice.create_service(name="orders")
    finally:
        lattice.meta.events.unregister("before-sign.vpc-lattice", unique_id="said")


@fact("28 the life of a clientToken is not established: taken as that of what it made")
def test_a_token_is_free_when_its_object_is_gone(world: World) -> None:
    lattice = world.lattice()
    first = lattice.create_service_network(name="net", clientToken="t-1")
    lattice.delete_service_network(serviceNetworkIdentifier=first["id"])
    assert lattice.create_service_network(name="net", clientToken="t-1")["id"] != first["id"]


@fact("5 clientToken: each account has its own")
def test_two_accounts_may_use_one_token(world: World) -> None:
    for account in (MEMBER, NETWORK):
        world.lattice(account).create_service(name="orders", clientToken="t-1")
        assert len(world.lattice(account).list_services()["items"]) == 1


@fact("5 clientToken holds for associations and target groups, too")
def test_a_repeated_association_is_the_same_one(world: World) -> None:
    service, network = world.service(), world.network(MEMBER)
    first = world.join(service, network, clientToken="t-1")
    assert world.join(service, network, clientToken="t-1")["id"] == first["id"]
    with refused("ConflictException", "Association already exists"):
        world.join(service, network, clientToken="t-2")


@fact("5 rule actions come back with target group ids even if ARNs were sent")
def test_an_action_is_echoed_by_id(world: World) -> None:
    service, group = world.service(), world.group()
    by_arn = {"forward": {"targetGroups": [{"targetGroupIdentifier": group["arn"], "weight": 10}]}}
    made = world.listener(service, defaultAction=by_arn)
    assert made["defaultAction"]["forward"]["targetGroups"] == [{"targetGroupIdentifier": group["id"], "weight": 10}]


@fact("5 (model) the weight of the only target group defaults to 100")
def test_a_weight_that_is_not_given_is_a_hundred(world: World) -> None:
    service, group = world.service(), world.group()
    [weighted] = world.listener(service, group)["defaultAction"]["forward"]["targetGroups"]
    assert weighted == {"targetGroupIdentifier": group["id"], "weight": 100}


@fact("5 (model) a weight is required where several target groups are given")
def test_several_target_groups_without_weights_are_refused(world: World) -> None:
    service, vpc = world.service(), world.vpc()
    action = forward(world.group(vpc=vpc), world.group(vpc=vpc))
    world.listener(service, defaultAction=action)
    for group in action["forward"]["targetGroups"]:
        del group["weight"]
    with refused("ValidationException", "weight"):
        world.listener(service, defaultAction=action, port=81)
