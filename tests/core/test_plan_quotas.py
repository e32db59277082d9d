"""What meets a quota that all share is tried by one, and begun by nobody else before that one has come through."""

from typing import Any

import pytest
from model_world import World, network, run, tagged, vpc
from onramp.core import quotas
from onramp.core.steps import AnyStep

NET = network()
CODES = {
    "CreateTargetGroup": "L-BB11C6B9",
    "CreateService": "L-620C821E",
    "AssociateService": "L-75D4A19E",
    "AssociateVpc": "L-EF6E2D62",
}


def alb(name: str) -> Any:
    return tagged(name, service=name, listen="HTTP:80")


def full(kind: str) -> Any:
    """AWS's refusal of every step of this kind."""
    words = f"{quotas.met(CODES[kind])}: {kind}: ServiceQuotaExceededException: too many"
    return lambda step: words if step.kind == kind else ""


def changes(world: World) -> list[AnyStep]:
    return [step for step in world.done if step.kind != "WriteStatus"]


@pytest.mark.parametrize("kind", ["CreateTargetGroup", "CreateService", "AssociateService"])
def test_a_second_service_is_refused_before_anything_is_made_for_it(kind: str) -> None:
    world = World(NET).tag(alb("first"))
    world.refusing = full(kind)
    run(world)
    said = world.answers(alb("first").arn)
    assert (said["status"], said["message"].partition(": ")[0]) == ("failed", "quota")
    assert f"raise quota {CODES[kind]} {quotas.NAMES[CODES[kind]]}" in said["message"]
    before = len(changes(world))
    world.tag(alb("second"))
    for _ in range(2):
        run(world)
        assert [step for step in changes(world)[before:] if "second" in step.name] == []
    said = world.answers(alb("second").arn)
    assert said["status"] == "refused"
    assert said["message"].startswith(f"quota: raise quota {CODES[kind]} {quotas.NAMES[CODES[kind]]} or free something")
    assert "first met it" in said["message"]
    # As soon as there is room for the first, there is one for the second in the same run.
    world.refusing = lambda _: ""
    run(world)
    assert [world.answers(alb(name).arn)["status"] for name in ("first", "second")] == ["connected", "connected"]


@pytest.mark.parametrize("kind", ["CreateTargetGroup", "CreateService", "AssociateService"])
def test_where_the_one_that_met_it_asks_for_nothing_any_more_the_next_is_tried(kind: str) -> None:
    world = World(NET).tag(alb("first"))
    world.refusing = full(kind)
    run(world)
    world.untag()
    world.tag(alb("second"))
    run(world)
    assert world.answers(alb("second").arn)["message"].startswith("quota: ")
    assert world.answers(alb("second").arn)["status"] == "failed"


def test_a_second_client_is_refused_before_its_security_group_is_made() -> None:
    world = World(NET).tag(vpc("vpc-1"))
    world.refusing = full("AssociateVpc")
    run(world)
    assert world.answers("vpc-1")["message"].startswith("quota: raise quota L-EF6E2D62 VPCs in a network")
    before = len(changes(world))
    run(world.tag(vpc("vpc-2"), alb("shop")))
    assert [step for step in changes(world)[before:] if "vpc-2" in step.name] == []
    assert (world.answers("vpc-2")["status"], world.answers(alb("shop").arn)["status"]) == ("refused", "connected")
    world.refusing = lambda _: ""
    run(world)
    assert [world.answers(one)["status"] for one in ("vpc-1", "vpc-2")] == ["connected", "connected"]


def test_who_serves_already_is_not_told_of_a_quota_that_a_newcomer_met() -> None:
    world = World(NET).tag(alb("old"))
    run(world)
    world.refusing = full("CreateService")
    run(world.tag(alb("new")))
    assert world.answers(alb("old").arn)["status"] == "connected"
    assert "message" not in world.answers(alb("old").arn)


def test_a_quota_without_a_code_is_told_and_stops_nobody_else() -> None:
    assert quotas.met("") == "raise the quota or free something"
    assert quotas.met("L-1") == "raise quota L-1 or free something"
    assert not quotas.tells(quotas.met(""))
