"""Facts 16: quotas, which can be adjusted."""

from collections.abc import Callable

import pytest
from lattice_world import MEMBER, World, refused

from localcloud.services.lattice import Quotas

fact = pytest.mark.fact

CODES: dict[str, tuple[str, Callable[[World], object]]] = {
    "networks": ("L-9CAD07FB", lambda world: world.network(MEMBER)),
    "services": ("L-620C821E", lambda world: world.service()),
    "target_groups": ("L-BB11C6B9", lambda world: world.group()),
}


@fact("16 quotas per region, with their codes")
@pytest.mark.parametrize("quota", CODES)
def test_an_account_holds_no_more_than_its_quota(world: World, quota: str) -> None:
    code, make = CODES[quota]
    setattr(world.cloud.lattice.quotas, quota, 1)
    make(world)
    with refused("ServiceQuotaExceededException", status=402) as caught:
        make(world)
    assert caught.value.response["quotaCode"] == code


@fact("16 SNSA per SN")
def test_a_network_holds_no_more_services_than_its_quota(world: World) -> None:
    world.cloud.lattice.quotas.service_associations_per_network = 1
    network = world.network(MEMBER)
    world.join(world.service(), network)
    with refused("ServiceQuotaExceededException", status=402):
        world.join(world.service(), network)


@fact("16 SNVA per SN")
def test_a_network_holds_no_more_vpcs_than_its_quota(world: World) -> None:
    world.cloud.lattice.quotas.vpc_associations_per_network = 1
    network = world.network(MEMBER)
    world.admit(world.vpc(), network)
    with refused("ServiceQuotaExceededException", status=402):
        world.admit(world.vpc(), network)


@fact("16 listeners per SVC: 2")
def test_a_third_listener_is_over_the_quota(world: World) -> None:
    service = world.service()
    world.listener(service)
    world.listener(service, port=81)
    with refused("ServiceQuotaExceededException", status=402):
        world.listener(service, port=82)
    world.cloud.lattice.quotas.listeners_per_service = 3
    world.listener(service, port=82)


@fact("16 rules per listener: 10")
def test_an_eleventh_rule_is_over_the_quota(world: World) -> None:
    service = world.service()
    listener = world.listener(service)
    for priority in range(1, 11):
        world.rule(service, listener, priority)
    with refused("ServiceQuotaExceededException", status=402):
        world.rule(service, listener, 11)


@fact("16 TGs per SVC: 10")
def test_a_service_uses_no_more_groups_than_its_quota(world: World) -> None:
    world.cloud.lattice.quotas.target_groups_per_service = 2
    vpc, service = world.vpc(), world.service()
    groups = [world.group(vpc=vpc) for _ in range(3)]
    listener = world.listener(service, groups[0])
    world.rule(service, listener, 1, groups[1])
    with refused("ServiceQuotaExceededException", status=402):
        world.rule(service, listener, 2, groups[2])
    world.rule(service, listener, 2, groups[0])


@fact("16 targets per TG: 1,000")
def test_a_group_holds_no_more_targets_than_its_quota(world: World) -> None:
    world.cloud.lattice.quotas.targets_per_group = 2
    group, lattice = world.group(kind="IP"), world.lattice()
    targets = [{"id": f"10.1.0.{number}"} for number in (4, 5, 6)]
    with refused("ServiceQuotaExceededException", status=402):
        lattice.register_targets(targetGroupIdentifier=group["id"], targets=targets)
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=targets[:2])
    lattice.register_targets(targetGroupIdentifier=group["id"], targets=targets[:2])


@fact("16 defaults")
def test_the_quotas_are_those_of_the_facts() -> None:
    quotas = Quotas()
    assert (quotas.networks, quotas.services, quotas.target_groups) == (50, 2000, 500)
    assert quotas.service_associations_per_network == quotas.vpc_associations_per_network == 500
    assert (quotas.listeners_per_service, quotas.rules_per_listener) == (2, 10)
    assert (quotas.target_groups_per_service, quotas.targets_per_group) == (10, 1000)
