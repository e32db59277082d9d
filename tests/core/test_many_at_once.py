"""Many services of one account that join at once: how often a run looks, and how often at the whole account."""

import pytest
from model_world import World, carry_out, network, tagged
from msgspec.structs import replace
from onramp.core.looks import goes_on, keeping, narrow_stands, narrows, telling_later
from onramp.core.plan import STEPS_AT_MOST
from onramp.core.rounds import learn, look
from onramp.core.run import Run

STEPS_A_SERVICE = 6
"""Group, service, target, listener, association, answer."""


def looks(services: int) -> tuple[list[str], World]:
    """Which look was narrow, and which a whole one, as the function that looks chooses; and the world after it."""
    given = network()
    world = World(given, sharing="organisation").tag(*(tagged(f"orders-{one:04}") for one in range(services)))
    run, kinds = Run(account=world.account, trigger={}), []
    while True:
        run, seen, narrow = learn(run), world.observe(), False
        if narrows(given, run, world.now):
            after = telling_later(look(given, seen, run, world.now, {}))
            narrow = narrow_stands(run, after)
        if not narrow:
            after = look(given, seen, run, world.now, {})
        run = keeping(after, seen, whole_at=0.0 if narrow else world.now)
        kinds.append("narrow" if narrow else "whole")
        assert run.plan is not None
        outcomes = carry_out(world, run.plan)
        if not goes_on(run):
            return kinds, world
        run = replace(run, outcomes=outcomes)
        world.now += run.plan.wait_seconds
        world.settle()


@pytest.mark.parametrize("services", [41, 99, 200])
def test_a_run_looks_no_oftener_than_its_steps_need_and_at_all_of_it_first_when_it_tells_and_last(
    services: int,
) -> None:
    kinds, world = looks(services)
    assert {one.get("status") for one in map(world.answers, world.load_balancers)} == {"connected"}
    rounds = -(-(1 + STEPS_A_SERVICE * services) // STEPS_AT_MOST)
    # Of a service nothing is left half done by a round, which may leave room for two steps.
    assert len(kinds) <= rounds + 2
    assert (kinds[0], kinds[-1]) == ("whole", "whole")
    assert kinds.count("whole") <= 4
