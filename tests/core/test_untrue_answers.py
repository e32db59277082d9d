"""What stands on a resource and is not so any more goes, whatever keeps the new answer from being written."""

from typing import Any

import pytest
from model_world import TEAM, World, balancer, network, run, vpc, wish
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.steps import AnyStep, ClearStatus, WriteStatus


def served(**given: Any) -> World:
    """An account whose load balancer answers as `orders`, and whose VPC calls it."""
    world = World(network(**given), TEAM, "organisation")
    found = balancer("orders", "HTTP:80", tags=wish(listen="HTTP:80"))
    world.load_balancers[found.arn] = found
    world.vpcs["vpc-1"] = vpc("vpc-1")
    run(world)
    assert said(world)["status"] == "connected"
    return world


def said(world: World) -> dict[str, str]:
    [arn] = world.load_balancers
    return world.answers(arn)


def retag(world: World, given: dict[str, str]) -> None:
    [(arn, found)] = world.load_balancers.items()
    answers = {key: text for key, text in found.tags.items() if key in tags.STATUS_KEYS}
    world.load_balancers[arn] = replace(found, tags={**answers, **given})


def refuse(world: World, *kinds: type[AnyStep]) -> None:
    world.fate = lambda step: "refused" if isinstance(step, kinds) else "done"


def domains(world: World) -> set[str]:
    return {one.domain for one in world.services.values()}


def untold(world: World) -> None:
    domain = said(world).get("domain")
    assert domain is None or domain in domains(world)


def test_a_renamed_service_leaves_no_old_domain_where_answers_are_denied() -> None:
    world = served(keep_seconds=0)
    old = said(world)["domain"]
    refuse(world, WriteStatus)
    retag(world, wish(listen="HTTP:80", service="bills"))
    run(world, every_look=untold)
    assert "domain" not in said(world)
    assert old not in domains(world)
    told = [one.resource for one in world.reports[-1].news]
    assert told == [f"WriteStatus {TEAM} orders"]
    run(world)
    assert world.reports[-1].news == ()
    refuse(world)
    run(world)
    assert said(world) == {"status": "connected", "domain": next(iter(domains(world)))}


def test_what_becomes_untrue_after_the_answer_was_refused_goes_in_the_same_run() -> None:
    world = served()
    refuse(world, WriteStatus)
    [(arn, found)] = world.load_balancers.items()
    world.load_balancers[arn] = replace(found, scheme="internet-facing")
    run(world)
    # It serves on, under its name; that it is connected as it asks is not so.
    assert said(world) == {"domain": next(iter(domains(world)))}


def test_who_leaves_keeps_a_status_until_all_is_gone_and_none_stands_then() -> None:
    world = served(keep_seconds=0)
    refuse(world, WriteStatus)
    retag(world, {})
    statuses: list[str] = []
    run(world, every_look=lambda seen: statuses.append(said(seen).get("status", "") if domains(seen) else "gone"))
    assert set(statuses) <= {"connected", "gone"}
    assert statuses[0] == "connected"
    assert said(world) == {}
    assert domains(world) == set()
    assert [step.kind for step in world.done if isinstance(step, ClearStatus)] == ["ClearStatus"] * 2


def test_taking_away_is_tried_once_a_run_where_it_is_refused_too() -> None:
    world = served(keep_seconds=0)
    refuse(world, WriteStatus, ClearStatus)
    retag(world, {})
    run(world)
    asked = [kind for _, kind in world.entered]
    assert asked.count("ClearStatus") == 1
    refuse(world)
    run(world)
    assert said(world) == {}


@pytest.mark.parametrize("given", [wish(listen="HTTP:80"), {}], ids=["asks", "asks no more"])
def test_where_answers_are_switched_off_those_that_stand_go(given: dict[str, str]) -> None:
    world = served()
    world.network = replace(world.network, status_tags=False)
    retag(world, given)
    before = len(world.done)
    run(world)
    assert (said(world), world.answers("vpc-1")) == ({}, {})
    assert {one.because for one in world.done[before:] if isinstance(one, WriteStatus)} == {
        "infra has switched answers off"
    }
    before = len(world.done)
    run(world)
    assert not [one for one in world.done[before:] if isinstance(one, WriteStatus)]


@pytest.mark.parametrize(
    ("given", "stays"),
    [
        ({"lattice:network": "sibling"}, True),
        ({"lattice:network": "nett"}, True),
        ({"lattice:networks": "net"}, True),
        ({"lattice:network": " net "}, False),
        ({}, False),
    ],
    ids=["asks there", "asks nobody that is known", "a typing error in the first tag", "asks here", "asks nobody"],
)
def test_who_answers_nobody_leaves_the_answers_that_another_stack_gives(given: dict[str, str], stays: bool) -> None:
    world = World(network(status_tags=False, siblings=frozenset({"sibling"})), TEAM, "organisation")
    told = {tags.STATUS: "refused", tags.MESSAGE: "tag-unknown: mend it"}
    found = balancer("orders", "HTTP:80", tags={**given, **told})
    world.load_balancers[found.arn] = found
    run(world)
    assert bool(said(world)) is stays
