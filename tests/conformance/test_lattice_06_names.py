"""Facts 6: names, ids, ARNs, and the limits of fields."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, World, forward, refused, under

from localcloud.cloud import LocalCloud

fact = pytest.mark.fact
type Reach = Callable[[LocalCloud], str | None]

BAD_NAMES = ["ab", "-orders", "orders-", "or--ders", "Orders", "or_ders", "or.ders"]


@fact("6 names use [a-z0-9-], with no leading, trailing or doubled hyphen")
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_service_name_that_breaks_the_pattern_is_refused(world: World, name: str) -> None:
    with refused("ValidationException", status=400):
        world.lattice().create_service(name=name)


@fact("6 SVC 3-40, SN 3-63, TG 3-128, listener and rule 3-63")
def test_a_name_may_be_as_long_as_its_kind_allows(world: World) -> None:
    lattice = world.lattice()
    lattice.create_service(name="s" * 40)
    lattice.create_service_network(name="n" * 63)
    with refused("ValidationException"):
        lattice.create_service(name="s" * 41)
    with refused("ValidationException"):
        lattice.create_service_network(name="n" * 64)
    config = {"protocol": "HTTP", "vpcIdentifier": world.vpc()}
    lattice.create_target_group(name="t" * 128, type="IP", config=config)
    with refused("ValidationException"):
        lattice.create_target_group(name="t" * 129, type="IP", config=config)


@fact("6 forbidden prefixes: svc-, tg-, listener-, rule-")
def test_a_name_must_not_look_like_an_id(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    listener = world.listener(service)
    with refused("ValidationException"):
        lattice.create_service(name="svc-orders")
    with refused("ValidationException"):
        lattice.create_target_group(name="tg-orders", type="LAMBDA")
    with refused("ValidationException"):
        world.listener(service, name="listener-web", port=81)
    with refused("ValidationException"):
        world.rule(service, listener, 1, name="rule-one")


@fact("6 SN: no forbidden prefix in the API")
def test_a_network_may_have_any_prefix(world: World) -> None:
    assert world.network(name="sn-prod")["name"] == "sn-prod"
    assert world.network(name="servicenetwork-prod")["name"] == "servicenetwork-prod"


@fact("6 names are unique in account and region, so two accounts can share one name")
def test_two_accounts_may_use_one_name(world: World) -> None:
    for account in (NETWORK, MEMBER):
        world.network(account, name="prod")
        world.service(account, name="orders")


@fact("6 id = prefix plus 17 of [0-9a-z]")
def test_ids_have_their_prefix_and_seventeen_characters(world: World) -> None:
    network, service, group = world.network(MEMBER), world.service(), world.group()
    listener = world.listener(service, group)
    made = {
        "sn": network,
        "svc": service,
        "tg": group,
        "listener": listener,
        "rule": world.rule(service, listener, 1),
        "snsa": world.join(service, network),
        "snva": world.admit(world.vpc(), network),
    }
    for prefix, answer in made.items():
        assert re.fullmatch(rf"{prefix}-[0-9a-z]{{17}}", answer["id"])


@fact("6 ARN tails")
def test_arns_have_the_tails_of_their_kind(world: World) -> None:
    network, service, group = world.network(MEMBER), world.service(), world.group()
    listener = world.listener(service)
    rule = world.rule(service, listener, 1)
    joined, admitted = world.join(service, network), world.admit(world.vpc(), network)
    start = f"arn:aws:vpc-lattice:ap-northeast-1:{MEMBER}:"
    assert network["arn"] == f"{start}servicenetwork/{network['id']}"
    assert service["arn"] == f"{start}service/{service['id']}"
    assert group["arn"] == f"{start}targetgroup/{group['id']}"
    assert listener["arn"] == f"{service['arn']}/listener/{listener['id']}"
    assert rule["arn"] == f"{listener['arn']}/rule/{rule['id']}"
    assert joined["arn"] == f"{start}servicenetworkserviceassociation/{joined['id']}"
    assert admitted["arn"] == f"{start}servicenetworkvpcassociation/{admitted['id']}"


@fact("6 the same seed makes the same ids, another seed others")
def test_ids_come_from_the_clouds_chance(reach: Reach) -> None:
    made = []
    for seed in (1, 1, 2):
        with LocalCloud(seed=seed) as cloud:
            lattice: Any = cloud.session(MEMBER).client("vpc-lattice", endpoint_url=reach(cloud))
            made.append(lattice.create_service(name="orders")["id"])
    assert made[0] == made[1] != made[2]


@fact("6 an identifier takes id or ARN, never a bare name")
def test_there_is_no_get_by_name(world: World) -> None:
    world.network(MEMBER, name="prod")
    with refused("ValidationException", status=400):
        world.lattice().get_service_network(serviceNetworkIdentifier="prod")
    assert (
        world.lattice().get_service_network(
            serviceNetworkIdentifier=world.lattice().list_service_networks()["items"][0]["arn"]
        )["name"]
        == "prod"
    )


@fact("28 CreateSNVA with a bare SN name: taken as refused")
def test_a_vpc_is_not_associated_by_the_networks_name(world: World) -> None:
    world.network(MEMBER, name="prod")
    with refused("ValidationException", status=400):
        world.lattice().create_service_network_vpc_association(
            serviceNetworkIdentifier="prod", vpcIdentifier=world.vpc()
        )


@fact("6 weighted target groups 1-10 with weight 0-999")
@pytest.mark.parametrize("weight", [-1, 1000])
def test_a_weight_out_of_range_is_refused(world: World, weight: int) -> None:
    service, group = world.service(), world.group()
    action = forward(group)
    action["forward"]["targetGroups"][0]["weight"] = weight
    with refused("ValidationException"):
        world.listener(service, defaultAction=action)


@fact("6 RegisterTargets and DeregisterTargets take 1-100 targets")
@pytest.mark.parametrize("operation", ["register_targets", "deregister_targets"])
def test_a_hundred_and_one_targets_are_too_many_for_one_call(world: World, operation: str) -> None:
    group, call = world.group(kind="IP"), getattr(world.lattice(), operation)
    targets = [{"id": f"10.1.1.{number}"} for number in range(101)]
    with refused("ValidationException"):
        call(targetGroupIdentifier=group["id"], targets=targets)
    call(targetGroupIdentifier=group["id"], targets=targets[:100])
    with refused("ValidationException"):
        call(targetGroupIdentifier=group["id"], targets=[])


@fact("6 ListTargets filter 20")
def test_a_filter_of_twenty_one_targets_is_too_long(world: World) -> None:
    group = world.group(kind="IP")
    with refused("ValidationException"):
        world.lattice().list_targets(
            targetGroupIdentifier=group["id"], targets=[{"id": f"10.1.1.{number}"} for number in range(21)]
        )


@fact("6 BatchUpdateRule 10 rules")
def test_eleven_rules_are_too_many_for_one_batch(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    with refused("ValidationException"):
        world.lattice().batch_update_rule(
            serviceIdentifier=service["id"],
            listenerIdentifier=listener["id"],
            rules=[{"ruleIdentifier": f"rule-{number:017}", "priority": number + 1} for number in range(11)],
        )


@fact("6 match: path exact or prefix up to 200 characters, 1-5 headers")
@pytest.mark.parametrize(
    "match",
    [
        under("/" + "p" * 200),
        under("no-slash"),
        {"httpMatch": {"headerMatches": []}},
        {"httpMatch": {"headerMatches": [{"name": f"h{n}", "match": {"exact": "v"}} for n in range(6)]}},
        {"httpMatch": {"pathMatch": {"match": {"prefix": "/a", "exact": "/b"}}}},
        {"httpMatch": {}},
    ],
)
def test_a_match_beyond_its_limits_is_refused(world: World, match: dict[str, Any]) -> None:
    service = world.service()
    listener = world.listener(service)
    with refused("ValidationException"):
        world.rule(service, listener, 1, match=match)


@fact("6 match: one method, exact or prefix path, headers exact, prefix or contains")
def test_a_full_match_is_echoed(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    headers = [{"name": kind, "match": {kind: "v"}} for kind in ("exact", "prefix", "contains")]
    match = {"httpMatch": {"method": "POST", "pathMatch": {"match": {"exact": "/a"}}, "headerMatches": headers}}
    http = world.rule(service, listener, 1, match=match)["match"]["httpMatch"]
    assert http["method"] == "POST"
    assert http["pathMatch"] == {"match": {"exact": "/a"}, "caseSensitive": True}
    assert [header["name"] for header in http["headerMatches"]] == ["exact", "prefix", "contains"]


@fact("6 fixed response: 404 or 500 only")
@pytest.mark.parametrize("status", [200, 301, 403, 503])
def test_a_fixed_response_other_than_404_and_500_is_refused(world: World, status: int) -> None:
    service = world.service()
    with refused("ValidationException", "404"):
        world.listener(service, defaultAction={"fixedResponse": {"statusCode": status}})


@fact("6 rule priority 1-2,000 in the model")
@pytest.mark.parametrize("priority", [0, 2001])
def test_a_priority_out_of_range_is_refused(world: World, priority: int) -> None:
    service = world.service()
    listener = world.listener(service)
    with refused("ValidationException"):
        world.rule(service, listener, priority)


@fact("6 security groups 0-5 at CreateSNVA")
def test_six_security_groups_are_too_many(world: World) -> None:
    vpc = world.vpc()
    groups = [world.security_group(vpc) for _ in range(6)]
    with refused("ValidationException"):
        world.admit(vpc, world.network(MEMBER), securityGroupIds=groups)


@fact("6 security groups 1-5 at UpdateSNVA")
@pytest.mark.parametrize("number", [0, 6])
def test_an_update_has_one_to_five_security_groups(world: World, number: int) -> None:
    vpc = world.vpc()
    association = world.admit(vpc, world.network(MEMBER))
    with refused("ValidationException", "securityGroupIds"):
        world.lattice().update_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=association["id"],
            securityGroupIds=[world.security_group(vpc) for _ in range(number)],
        )


@fact("6 vpc- and sg- ids have 8 or 17 characters")
@pytest.mark.parametrize("length", [7, 8, 9, 16, 17, 18])
def test_ids_of_vpcs_and_security_groups_have_two_lengths(world: World, length: int) -> None:
    network, groups = world.network(MEMBER), [f"sg-{'0' * length}"]
    with refused("ResourceNotFoundException" if length in (8, 17) else "ValidationException"):
        world.admit(f"vpc-{'0' * length}", network)
    with refused("ResourceNotFoundException" if length in (8, 17) else "ValidationException"):
        world.admit(world.vpc(), network, securityGroupIds=groups)


@fact("6 idleTimeoutSeconds 60-600, default 60")
def test_the_idle_timeout_has_a_range_and_a_default(world: World) -> None:
    assert world.service()["idleTimeoutSeconds"] == 60
    assert world.service(idleTimeoutSeconds=600)["idleTimeoutSeconds"] == 600
    for seconds in (59, 601):
        with refused("ValidationException"):
            world.service(idleTimeoutSeconds=seconds)


@fact("6 tags: key 1-128, value 0-256")
def test_a_tag_beyond_its_length_is_refused(world: World) -> None:
    world.service(tags={"k" * 128: "v" * 256, "empty": ""})
    with refused("ValidationException"):
        world.service(tags={"k" * 129: "v"})
    with refused("ValidationException"):
        world.service(tags={"k": "v" * 257})
