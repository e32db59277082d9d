"""Two stacks of one account, each with a network of its own."""

from typing import Any

from model_world import OTHER_NETWORK_ARN, TEAM, World, carry_out, network
from msgspec.structs import replace
from onramp.core.inventory import Refusal
from onramp.core.report import report
from onramp.core.rounds import learn, look
from onramp.core.run import Run

NET = network(siblings=frozenset({"sibling"}), quiet_seconds=60, keep_seconds=86400)
OTHER = replace(NET, name="sibling", arn=OTHER_NETWORK_ARN, siblings=frozenset({"net"}))


def together(*worlds: World, rounds: int = 60) -> None:
    """All stacks run at the same time, a round of each after a round of the other, until all have reported."""
    runs = {world.network.name: Run(account=world.account, trigger={}, memory=world.memory) for world in worlds}
    running = list(worlds)
    for _ in range(rounds):
        seconds = [0]
        for world in list(running):
            name = world.network.name
            seen = world.observe()
            carried = look(world.network, seen, learn(runs[name]), world.now, world.findings(seen))
            assert carried.plan is not None
            outcomes = carry_out(world, carried.plan)
            seconds.append(carried.plan.wait_seconds)
            runs[name] = replace(carried, outcomes=outcomes)
            if carried.plan.next in {"finish", "done"}:
                world.reports.append(report(world.network, replace(carried, outcomes=())))
                world.memory = world.reports[-1].memory
                running.remove(world)
        if not running:
            return
        for world in worlds:
            world.now += max(seconds) + 1
        worlds[0].settle()
        for world in worlds[1:]:
            world.settle_share()
    raise AssertionError(f"no end after {rounds} rounds: {[world.network.name for world in running]}")


def refusals(*worlds: World) -> list[Refusal]:
    return [refusal for world in worlds for one in world.reports for refusal in one.memory.refusals]


def two(*things: Any) -> tuple[World, World]:
    """Both stacks, with these connected to the first one's network."""
    world = World(NET, TEAM, "organisation").tag(*things)
    other = world.sibling(OTHER)
    together(world, other)
    other.now = world.now
    return world, other
