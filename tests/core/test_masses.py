"""A mass that leaves at once is held and told; who leaves alone gets out."""

import pytest
from model_world import TEAM, World, balancer, network, run, tagged
from msgspec.structs import replace
from onramp.core.infra import Word
from onramp.core.rounds import learn, look
from onramp.core.run import Run

NET = network(quiet_seconds=60, keep_seconds=86400, deletion_limit=10)


def many(number: int) -> World:
    world = World(NET).tag(*(tagged(f"alb-{n:02}") for n in range(number)))
    run(world, rounds=120)
    assert len(world.memory.services) == number
    return world


def leave(world: World, *numbers: int) -> None:
    for number in numbers:
        arn = balancer(f"alb-{number:02}").arn
        there = world.load_balancers[arn]
        kept = {key: value for key, value in there.tags.items() if key.startswith("lattice-onramp:")}
        world.load_balancers[arn] = replace(there, tags=kept)


def joined(world: World) -> int:
    return sum(bool(service.associations) for service in world.services.values())


def test_a_mass_is_held_told_on_each_resource_and_to_infra() -> None:
    world = many(12)
    leave(world, *range(12))
    run(world)
    assert joined(world) == 12
    assert {state.status for state in world.memory.services} == {"held"}
    [refusal] = world.memory.refusals
    assert (refusal.code, refusal.resource) == ("deletion-limit", TEAM)
    assert "onramp release" in refusal.message
    assert world.reports[-1].counts["DeletionsHeld"] == 1
    for one in world.load_balancers:
        said = world.answers(one)
        assert said["status"] == "held"
        assert said["message"].startswith("deletion-limit: ")
        assert said["domain"], "it answers still"


@pytest.mark.parametrize(("number", "left"), [(10, 0), (11, 11)])
def test_as_many_as_the_limit_may_leave_at_once(number: int, left: int) -> None:
    world = many(number)
    leave(world, *range(number))
    run(world, rounds=120)
    assert joined(world) == left


def test_who_leaves_alone_gets_out_though_a_mass_is_held() -> None:
    world = many(12)
    leave(world, *range(11))
    run(world)
    assert joined(world) == 12
    world.now += 3600
    leave(world, 11)
    run(world)
    assert joined(world) == 11
    assert not next(service for service in world.services.values() if service.name == "alb-11").associations


def test_who_left_alone_before_the_mass_is_out() -> None:
    world = many(12)
    leave(world, 11)
    run(world)
    world.now += 3600
    leave(world, *range(11))
    run(world)
    assert joined(world) == 11


def test_a_mass_does_not_get_out_a_part_at_a_time() -> None:
    """Looks see it go in two halves, a minute apart."""
    world = many(12)
    leave(world, *range(6))
    carried = Run(account=TEAM, trigger={}, memory=world.memory)
    carried = look(world.network, world.observe(), learn(carried), world.now)
    world.memory = replace(world.memory, since=carried.plan.since if carried.plan else {})
    world.now += 50
    leave(world, *range(12))
    run(world)
    assert joined(world) == 12


def test_infra_can_let_a_mass_go() -> None:
    world = many(12)
    leave(world, *range(12))
    run(world)
    world.now += 60  # its quiet time is nobody's to shorten
    carried = Run(account=TEAM, trigger={}, memory=world.memory, words=(Word(at=world.now, saying="Release"),))
    carried = look(world.network, world.observe(), learn(carried), world.now)
    assert carried.plan is not None
    assert [step.kind for batch in carried.plan.batches for step in batch.steps].count("DisassociateService") == 12


def test_a_mass_that_infra_was_not_shown_is_held_though_another_was_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(replace(NET, deletion_limit=1)).tag(*(tagged(f"alb-{n:02}") for n in range(4)))
    run(world)
    leave(world, 0, 1)
    run(world)
    assert joined(world) == 4
    shown = Word(at=world.now, saying="Release")
    monkeypatch.setattr("model_world.learn", lambda carried: learn(replace(carried, words=(shown,))))
    world.now += 3600
    leave(world, 2, 3)
    run(world)
    assert {state.name: state.status for state in world.memory.services} == {
        **dict.fromkeys(("alb-00", "alb-01"), "kept"),
        **dict.fromkeys(("alb-02", "alb-03"), "held"),
    }


def test_a_higher_limit_lets_a_mass_go() -> None:
    world = many(12)
    leave(world, *range(12))
    run(world)
    world.network = replace(world.network, deletion_limit=20)
    run(world, rounds=120)
    assert joined(world) == 0


def test_what_comes_back_is_no_part_of_a_mass_any_more() -> None:
    world = many(12)
    leave(world, *range(12))
    run(world)
    world.tag(*(tagged(f"alb-{n:02}") for n in range(3)))
    run(world, rounds=120)
    assert joined(world) == 3
