"""Tags that a company demands: on all that is made, as given or as the resource that asks carries them."""

import pytest
from model_world import World, network, run, tagged, vpc
from msgspec.structs import replace
from onramp.core.steps import AnyStep, extra
from onramp.wiring import settings_of

GIVEN = {"CostCentre": "4711", "Owner": ""}


def made(world: World) -> dict[str, dict[str, str]]:
    """Kind of what was made -> the tags it was made with, besides ours."""
    done: list[AnyStep] = world.done
    return {step.kind: extra(step) for step in done if step.kind.startswith(("Create", "Associate"))}


def test_what_is_made_carries_them_and_a_missing_value_is_the_askers() -> None:
    balancer, client = tagged("orders"), vpc()
    world = World(network(extra_tags=GIVEN)).tag(
        replace(balancer, tags={**balancer.tags, "Owner": "shop"}),
        replace(client, tags={**client.tags, "Owner": "till"}),
    )
    run(world)
    shop, till = {"CostCentre": "4711", "Owner": "shop"}, {"CostCentre": "4711", "Owner": "till"}
    assert made(world) == {
        "CreateTargetGroup": shop,
        "CreateService": shop,
        "CreateListener": shop,
        "AssociateService": shop,
        "CreateSecurityGroup": till,
        "AssociateVpc": till,
    }


@pytest.mark.parametrize(
    ("said", "copied"),
    [
        ("4711, platform (team) *", "4711 platform team"),
        (" 4711 ", "4711"),
        ("a\tb\nc", "a b c"),
        ("e\u0301quipe", "\u00e9quipe"),
        ("a=b+c@d  e\u3000f", "a=b+c@d  e\u3000f"),
        ("x" * 256, "x" * 256),
    ],
)
def test_a_value_that_lattice_does_not_take_is_copied_as_far_as_it_does(said: str, copied: str) -> None:
    client = vpc()
    world = World(network(extra_tags={"Owner": ""})).tag(replace(client, tags={**client.tags, "Owner": said}))
    run(world)
    assert made(world) == {"CreateSecurityGroup": {"Owner": copied}, "AssociateVpc": {"Owner": copied}}


def test_a_value_of_which_lattice_takes_nothing_is_left_out() -> None:
    client = vpc()
    world = World(network(extra_tags={"Owner": ""})).tag(replace(client, tags={**client.tags, "Owner": "(*)"}))
    run(world)
    assert made(world) == {"CreateSecurityGroup": {}, "AssociateVpc": {}}


def test_what_makes_nothing_carries_none() -> None:
    world = World(network(extra_tags=GIVEN)).tag(tagged("orders"), vpc())
    run(world)
    others = [step for step in world.done if not step.kind.startswith(("Create", "Associate"))]
    assert {"RegisterTarget", "WriteStatus"} <= {step.kind for step in others}
    assert [extra(step) for step in others] == [{}] * len(others)


def test_what_nobody_says_is_left_out() -> None:
    world = World(network(extra_tags=GIVEN)).tag(tagged("orders"))
    run(world)
    assert set(map(str, made(world).values())) == {"{'CostCentre': '4711'}"}


def test_without_the_parameter_nothing_is_added() -> None:
    world = World(network()).tag(tagged("orders"), vpc())
    run(world)
    assert not any(made(world).values())


@pytest.mark.parametrize("prefix", ["lattice:", "team:"])
def test_keys_by_which_teams_ask_or_we_answer_are_left_out(prefix: str) -> None:
    keys = f"CostCentre,{prefix}network,lattice-onramp:network,lattice-onramp:status,Owner"
    found = settings_of(
        {
            "ONRAMP_NETWORK_NAME": "net",
            "ONRAMP_TAG_PREFIX": prefix,
            "ONRAMP_EXTRA_TAG_KEYS": keys,
            "ONRAMP_EXTRA_TAG_VALUES": "4711,a,b,c,shop",
        }
    )
    assert found.network.extra_tags == {"CostCentre": "4711", "Owner": "shop"}
