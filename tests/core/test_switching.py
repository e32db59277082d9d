"""Make before break: nothing that serves is let go before what takes its place was seen to serve."""

from typing import Any

import pytest
from model_world import NETWORK_ARN, World, balancer, network, run, tagged
from msgspec.structs import replace
from onramp.core.errors import Refused
from onramp.core.model import AlbListener
from onramp.core.steps import AnyStep, AssociateService, CreateTargetGroup, RegisterTarget

NET = network()
TWO = ("HTTP:8080", "HTTP:8081")


def serving(world: World) -> dict[str, set[int]]:
    """Service -> the ports of load balancers that its requests come to."""
    targets = {group.arn.rpartition("/")[2]: group.targets for group in world.groups.values()}
    return {
        service.name: {
            target.port
            for listener in service.listeners
            for to in listener.forwards
            for target in targets.get(to.target_group, ())
            if target.status != "DRAINING"
        }
        for service in world.services.values()
        if any(found.network == NETWORK_ARN and found.status == "ACTIVE" for found in service.associations)
    }


def somebody_serves(world: World) -> None:
    assert any(ports for ports in serving(world).values()), "nothing answers"
    for service in world.services.values():
        for listener in service.listeners:
            for to in listener.forwards:
                there = [group for group in world.groups.values() if group.arn.endswith(f"/{to.target_group}")]
                assert there[0].targets, f"{service.name} sends to a group without a target"


def refuse_once(kind: type) -> Any:
    """The first step of this kind is refused, and none after it."""
    refused: list[AnyStep] = []

    def refusing(step: AnyStep) -> str:
        if isinstance(step, kind) and not refused:
            refused.append(step)
            return "target-refused: LimitExceeded: no room"
        return ""

    return refusing


def connected(**tags: str) -> World:
    world = World(NET).tag(tagged("a", *TWO, service="shop", listen="HTTP:80", **{"target": "HTTP:8080", **tags}))
    run(world)
    assert serving(world) == {"shop": {8080}}
    return world


def test_a_target_that_could_not_be_registered_is_not_sent_to() -> None:
    world = connected()
    world.refusing = refuse_once(RegisterTarget)
    world.tag(tagged("a", *TWO, service="shop", listen="HTTP:80", target="HTTP:8081"))
    run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8080}}
    said = world.answers(balancer("a").arn)
    [service] = world.services.values()
    assert (said["status"], said["domain"]) == ("failed", service.domain)
    assert said["message"].startswith("step-failed: ")
    run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8081}}
    assert len(world.groups) == 1


@pytest.mark.parametrize("tags", [{"service": "bank"}, {"service": "shop", "listen": "HTTP:81"}])
@pytest.mark.parametrize("kind", [RegisterTarget, CreateTargetGroup, AssociateService])
def test_whatever_is_refused_while_a_service_changes_the_old_way_stays_open(kind: type, tags: dict[str, str]) -> None:
    world = connected()
    world.refusing = refuse_once(kind)
    world.tag(tagged("a", *TWO, **{"listen": "HTTP:80", "target": "HTTP:8080", **tags}))
    run(world, every_look=somebody_serves)
    run(world, every_look=somebody_serves)
    assert serving(world) == {tags["service"]: {8080}}


def test_a_load_balancer_that_somebody_else_put_into_two_groups_keeps_what_it_has() -> None:
    world = connected()

    def unsuccessful(step: AnyStep) -> str:
        return "target-refused: LimitExceeded: in two groups" if isinstance(step, RegisterTarget) else ""

    world.refusing = unsuccessful
    world.tag(tagged("a", *TWO, service="shop", listen="HTTP:80", target="HTTP:8081"))
    for _ in range(3):
        run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8080}}


def test_the_first_registration_that_is_refused_associates_nothing() -> None:
    world = World(NET).tag(tagged("a", service="shop"))
    world.refusing = refuse_once(RegisterTarget)
    run(world)
    assert not [step for step in world.done if isinstance(step, AssociateService)]
    assert world.answers(balancer("a").arn)["status"] == "failed"
    assert "domain" not in world.answers(balancer("a").arn)
    run(world)
    assert world.answers(balancer("a").arn)["status"] == "connected"


@pytest.mark.parametrize("looks", [1, 3, 6])
def test_a_target_that_takes_its_time_is_waited_for_and_asked_for_once(looks: int) -> None:
    world = connected()
    world.slow_registration = looks
    world.done.clear()
    world.tag(tagged("a", *TWO, service="shop", listen="HTTP:80", target="HTTP:8081"))
    run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8081}}
    assert [step.kind for step in world.done if isinstance(step, RegisterTarget)] == ["RegisterTarget"]


def test_a_listener_that_is_added_to_a_load_balancer_moves_nothing() -> None:
    world = World(NET).tag(tagged("a", "HTTP:8080", service="shop"))
    run(world)
    there = world.load_balancers[balancer("a").arn]
    more = (*(there.listeners or ()), AlbListener(protocol="HTTPS", port=443), AlbListener(protocol="HTTP", port=81))
    world.load_balancers[there.arn] = replace(there, listeners=more)
    before = world.observe()
    run(world)
    assert world.observe() == before


def test_a_service_that_is_renamed_twice_in_a_minute_serves_all_the_while() -> None:
    world = connected()
    world.tag(tagged("a", *TWO, service="bank", listen="HTTP:80", target="HTTP:8080"))
    looks: list[int] = []

    def meanwhile(now: World) -> None:
        somebody_serves(now)
        looks.append(1)
        if len(looks) == 2:
            now.tag(tagged("a", *TWO, service="club", listen="HTTP:80", target="HTTP:8080"))

    run(world, every_look=meanwhile)
    run(world, every_look=somebody_serves)
    assert serving(world) == {"club": {8080}}


def test_a_rename_that_is_taken_back_leaves_the_name_as_it_was() -> None:
    world = connected()
    [service] = world.services.values()
    world.tag(tagged("a", *TWO, service="bank", listen="HTTP:80", target="HTTP:8080"))
    looks: list[int] = []

    def meanwhile(now: World) -> None:
        somebody_serves(now)
        looks.append(1)
        if len(looks) == 2:
            now.tag(tagged("a", *TWO, service="shop", listen="HTTP:80", target="HTTP:8080"))

    run(world, every_look=meanwhile)
    assert [one.domain for one in world.services.values()] == [service.domain]


@pytest.mark.parametrize(
    ("before", "after", "at_most"),
    [
        ("HTTP:80 HTTP:81", "HTTP:82 HTTP:83", 1),
        ("HTTP:80 HTTP:81", "HTTP:81 HTTP:82", 1),
        ("HTTP:80", "HTTP:81 HTTP:82", 1),
        ("HTTP:80", "HTTP:81", 1),
    ],
)
def test_only_as_many_listeners_go_before_the_new_ones_stand_as_need_their_place(
    before: str, after: str, at_most: int
) -> None:
    world = World(NET).tag(tagged("a", service="shop", listen=before))
    run(world)
    fewest: list[int] = []
    world.every_step = lambda _: fewest.append(min(len(one.listeners) for one in world.services.values()))
    world.tag(tagged("a", service="shop", listen=after))
    run(world, every_look=somebody_serves)
    assert min(fewest) >= at_most
    [service] = world.services.values()
    assert {f"{found.protocol}:{found.port}" for found in service.listeners} == set(after.split())


def test_a_listener_by_which_a_renamed_load_balancer_is_reached_waits_for_its_new_service() -> None:
    """Seed 944 of the histories: the other load balancer of the service listens elsewhere, and its wish was refused."""
    world = World(NET).tag(tagged("a", service="shop"))
    run(world)
    run(world.tag(tagged("b", service="shop", listen="HTTP:80")))
    assert world.answers(balancer("b").arn)["message"].startswith("listen-conflict")
    world.tag(tagged("a", service="bank"))
    run(world, every_look=somebody_serves)
    assert set(serving(world)) == {"shop", "bank"}


def test_where_the_quota_is_full_of_listeners_in_use_the_new_one_waits_for_them() -> None:
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:81 HTTPS:443"))
    run(world)
    run(world.tag(tagged("b", service="shop", listen="HTTP:80")))
    world.tag(tagged("a", service="bank", listen="HTTP:81"))
    run(world, every_look=somebody_serves)
    listening = {one.name: {found.name for found in one.listeners} for one in world.services.values()}
    assert listening == {"shop": {"http-80"}, "bank": {"http-81"}}


def test_a_group_goes_only_after_every_listener_that_sends_to_it() -> None:
    """Seed 1366 of the histories: of two listeners, one could not be deleted."""
    world = World(network(keep_seconds=86400)).tag(tagged("a", service="shop", listen="HTTP:80 HTTP:81"))
    run(world)
    world.refusing = lambda step: "denied" if step.key.endswith("DeleteListener 222222222222 shop/http-80") else ""
    run(world.untag())
    assert len(world.groups) == 1
    assert {found.name for one in world.services.values() for found in one.listeners} == {"http-80"}


def test_who_cannot_be_registered_finds_the_world_saying_so() -> None:
    world = connected()
    group = next(iter(world.groups.values()))
    for number in range(2):
        key = f"{group.arn}-{number}"
        world.groups[key] = replace(group, arn=key, name=f"theirs-{number}", owned=False)
    step = RegisterTarget(
        account=world.account, name="x", because="", target_group=group.arn, load_balancer=balancer("a").arn, port=1
    )
    with pytest.raises(Refused, match="LimitExceeded"):
        world.apply(step)
