"""A name that is asked for stays, and what nobody asks for leaves in steps."""

from collections import Counter
from typing import Any

import pytest
from histories import EPSILON, requests
from model_world import TEAM, World, balancer, network, run, tagged, vpc
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.desired import key_of
from onramp.core.model import LoadBalancer, Vpc
from onramp.core.plan.ground import groups_of
from onramp.core.reach import Finding
from onramp.core.steps import AnyStep, DeleteService, DisassociateService, WriteStatus

DAY = 86400
SLOW = network(quiet_seconds=60, keep_seconds=DAY)
A = tagged("a", service="shop", listen="HTTP:80")


def connected(*things: Any, **given: Any) -> World:
    """A world in which these are connected."""
    world = World(replace(SLOW, **given)).tag(*(things or (A,)))
    run(world)
    assert {state.status for state in world.memory.services} <= {"connected"}
    return world


def domain(world: World, name: str = "shop") -> str:
    """The name that clients of the service have written down, '' when it is gone."""
    return next((one.domain for one in world.services.values() if one.name == name), "")


def on_network(world: World, name: str = "shop") -> bool:
    return any(one.name == name and one.associations for one in world.services.values())


def status(world: World, name: str = "shop") -> str:
    return next((state.status for state in world.memory.services if state.name == name), "")


def said(world: World, key: str) -> dict[str, str]:
    """The answer's tags, as they stand on the resource."""
    return {f"lattice-onramp:{name}": value for name, value in world.answers(key).items()}


def gone(world: World, thing: LoadBalancer) -> World:
    del world.load_balancers[thing.arn]
    return world


@pytest.mark.parametrize(
    "again",
    [
        replace(A, arn=f"{A.arn}-2", state="provisioning", listeners=()),
        replace(A, arn=f"{A.arn}-2", listeners=()),
        replace(A, arn=f"{A.arn}-2", scheme="internet-facing"),
        replace(A, arn=f"{A.arn}-2", state="failed"),
        tagged("a", "HTTP:80", "HTTP:81", service="shop", listen="HTTP:80"),
        tagged("b", service="shop", listen="SMTP:25"),
    ],
    ids=["provisioning", "without a listener", "not internal", "failed", "ambiguous", "a wrong tag"],
)
def test_a_service_stays_as_long_as_a_tag_names_it_whatever_the_state_of_its_load_balancer(again: LoadBalancer) -> None:
    world = connected()
    before = domain(world)
    gone(world, A).tag(again)
    run(world)
    world.now += 3 * DAY
    run(world)
    assert (domain(world), on_network(world)) == (before, True)


@pytest.mark.parametrize("first", ["old goes", "new comes"])
def test_a_load_balancer_that_is_replaced_serves_under_the_same_name(first: str) -> None:
    world = connected()
    before = domain(world)
    new = replace(A, arn=f"{A.arn}-2")
    if first == "old goes":
        run(gone(world, A).tag(replace(new, state="provisioning", listeners=())))
        run(world.tag(new))
    else:
        run(world.tag(new))
        run(gone(world, A))
    assert (domain(world), status(world)) == (before, "connected")
    assert world.answers(new.arn)["domain"] == before
    assert {target.id for group in world.groups.values() for target in group.targets} == {new.arn}


def test_tags_that_are_put_back_within_the_quiet_time_cut_nobody_off() -> None:
    world = connected()
    before = domain(world)
    again: list[float] = []

    def put_back(now: World) -> None:
        if not again:
            again.append(now.now)
            now.tag(A)

    run(world.untag(), every_look=put_back)
    assert (domain(world), status(world)) == (before, "connected")
    assert not [step for step in world.done if isinstance(step, DisassociateService | DeleteService)]


def test_what_nobody_asks_for_leaves_after_the_quiet_time_and_its_name_a_day_later() -> None:
    world = connected(A, vpc())
    before, since = domain(world), world.now
    left: list[float] = []
    world.every_step = lambda step: left.append(world.now) if isinstance(step, DisassociateService) else None
    run(world.untag())
    assert 60 <= left[0] - since <= 60 + 2
    assert (domain(world), on_network(world), status(world)) == (before, False, "kept")
    [kept] = world.memory.services
    assert since + 60 + DAY <= kept.until <= since + 60 + DAY + 30
    assert not kept.answers
    assert not world.groups, "its load balancers are free"
    assert not world.vpc_associations
    world.now = kept.until - 1
    run(world)
    assert domain(world) == before
    world.now = kept.until + 1
    run(world)
    assert (domain(world), world.memory.services, world.owned()) == ("", (), set())


def test_a_kept_service_is_taken_up_again_with_its_name() -> None:
    world = connected()
    before = domain(world)
    run(world.untag())
    world.now += DAY - 600
    run(world.tag(A))
    assert (domain(world), status(world)) == (before, "connected")
    assert world.answers(A.arn) == {"status": "connected", "domain": before}
    # And when it goes once more, its time begins anew.
    run(world.untag())
    world.now += DAY - 600
    run(world)
    assert domain(world) == before


def test_who_wants_nothing_kept_gets_it() -> None:
    world = connected(keep_seconds=0)
    run(world.untag())
    assert world.owned() == set()


def test_a_memory_that_is_lost_begins_the_time_anew() -> None:
    world = connected()
    run(world.untag())
    world.now += DAY - 600
    world.memory = replace(world.memory, since={})
    run(world)
    world.now += 3600
    run(world)
    assert status(world) == "kept"


def test_giving_a_network_up_waits_for_nothing_and_keeps_nothing() -> None:
    world = connected(A, vpc())
    world.network = replace(world.network, offboarding=True)
    began = world.now
    run(world)
    assert world.owned() == set()
    assert world.now - began < 200


@pytest.mark.parametrize(
    ("vanish", "on", "there", "told"),
    [("associations", False, True, "kept"), ("nothing", True, True, "held"), ("everything", False, False, "")],
)
def test_infra_says_what_may_vanish_at_all(vanish: Any, on: bool, there: bool, told: str) -> None:
    world = connected(vanish=vanish)
    run(world.untag())
    world.now += 2 * DAY
    run(world)
    assert (on_network(world), domain(world) != "", status(world)) == (on, there, told)


def test_what_may_not_vanish_is_told_on_its_resource() -> None:
    world = connected(vanish="nothing")
    run(world.untag())
    assert world.answers(A.arn)["status"] == "held"
    assert world.answers(A.arn)["message"].startswith("kept-by-policy: ")


def test_a_load_balancer_that_leaves_a_service_of_several_leaves_quietly_too() -> None:
    world = connected(A, tagged("b", service="shop", listen="HTTP:80"))
    since = world.now
    left: list[float] = []
    world.every_step = lambda step: left.append(world.now) if step.kind == "UpdateListener" else None
    world.load_balancers[A.arn] = replace(world.load_balancers[A.arn], tags={})
    run(world)
    assert left[0] - since >= 60
    assert {target.id for group in world.groups.values() for target in group.targets} == {balancer("b").arn}


def test_what_is_told_of_who_leaves_stays_in_the_same_words_until_it_is_gone() -> None:
    world = connected(A, vpc())
    written: list[tuple[str, frozenset[str]]] = []

    def write(step: AnyStep) -> None:
        if isinstance(step, WriteStatus):
            written.append((step.resource, frozenset(step.put) | frozenset(step.remove)))

    world.every_step = write
    run(world.untag())
    assert Counter(key for key, _ in written) == {A.arn: 2, vpc().id: 2}
    assert all(tags.STATUS in keys for _, keys in written)


def test_opting_out_takes_the_answer_away_only_when_it_is_gone() -> None:
    world = connected()
    told: list[str] = []

    def look(now: World) -> None:
        said = now.answers(A.arn)
        told.append(said.get("status", ""))
        if on_network(now):
            assert said["status"] == "disconnecting"
            assert said["message"].startswith("put the tag back to stay")

    run(world.untag(), every_look=look)
    assert "disconnecting" in told
    assert world.answers(A.arn) == {}


@pytest.mark.parametrize("kept_out", ["shop", TEAM, f"{TEAM}/shop"])
def test_what_infra_keeps_out_goes_at_once_keeps_its_name_and_comes_back(kept_out: str) -> None:
    world = connected(A, vpc())
    before, began = domain(world), world.now
    out: list[float] = []

    def when(step: AnyStep) -> None:
        if isinstance(step, DisassociateService):
            out.append(world.now)

    world.every_step = when
    world.network = replace(world.network, kept_out=frozenset({kept_out}))
    run(world)
    assert out == [began]
    world.now += 3 * DAY
    run(world)
    assert (domain(world), on_network(world), status(world)) == (before, False, "held")
    assert world.answers(A.arn)["message"].startswith("kept-out: ")
    assert bool(world.vpc_associations) == (kept_out != TEAM)
    world.network = replace(world.network, kept_out=frozenset())
    run(world)
    assert (domain(world), status(world)) == (before, "connected")


@pytest.mark.parametrize("kept", [True, False])
def test_a_name_survives_a_network_that_cannot_be_brought_within_reach_any_more(kept: bool) -> None:
    world = connected()
    before = domain(world)
    if kept:
        run(world.untag())
    else:
        [service] = world.services.values()
        world.services[service.arn] = replace(service, associations=())  # somebody's hand
    world.principal = ""
    world.refusing = lambda step: "the share is full" if step.kind == "ShareNetwork" else ""
    run(world.tag(A))
    assert domain(world) == before
    assert world.answers(A.arn) == {"status": "failed", "message": "step-failed: the share is full"}
    world.refusing = lambda _: ""
    run(world)
    assert (domain(world), status(world)) == (before, "connected")


def test_what_this_run_half_made_is_unwound_when_the_network_is_refused() -> None:
    world = World(replace(SLOW, acceptance="automatic")).tag(A, vpc())
    world.refusing = lambda step: "the invitation is gone" if step.kind == "AcceptShare" else ""
    run(world)
    assert "CreateSecurityGroup" in {step.kind for step in world.done}
    assert world.owned() == set()
    for resource in (A.arn, "vpc-1"):
        assert world.answers(resource) == {"status": "failed", "message": "step-failed: the invitation is gone"}


@pytest.mark.parametrize("thing", [A, vpc(allow_from="10.0.0.0/24")], ids=["load balancer", "VPC"])
def test_who_takes_the_networks_tag_off_has_left_whatever_other_tags_stay(thing: LoadBalancer | Vpc) -> None:
    world = connected(thing)
    others = {key: value for key, value in thing.tags.items() if key != "lattice:network"}
    assert others
    world.load_balancers.clear()
    world.vpcs.clear()
    world.tag(replace(thing, tags={**said(world, key_of(thing)), **others}))
    run(world)
    assert world.answers(key_of(thing)) == {}
    # As long as they stay so, however much later, and whether or not somebody looks in between.
    world.now += 10 * DAY
    run(world)
    assert world.answers(key_of(thing)) == {}
    # A wish that comes back is one like any other, and so is the next leaving.
    world.tag(thing)
    run(world)
    assert world.answers(key_of(thing))["status"] == "connected"


@pytest.mark.parametrize(("tag", "code"), [("lattice:listen", "network-missing"), ("lattice:networks", "tag-unknown")])
def test_a_tag_of_the_prefix_without_the_networks_is_a_typing_error_where_nobody_was_in(tag: str, code: str) -> None:
    world = World(SLOW).tag(replace(A, tags={tag: "HTTP:80"}))
    run(world)
    assert world.answers(A.arn)["message"].startswith(code)
    run(world)
    assert world.answers(A.arn)["message"].startswith(code)


def test_stacks_side_by_side_do_not_correct_each_other_about_who_left() -> None:
    world = connected()
    others = {key: value for key, value in A.tags.items() if key != "lattice:network"}
    world.load_balancers[A.arn] = replace(A, tags={**said(world, A.arn), **others})
    run(world)
    # The other stack has no memory of it, and tells it.
    theirs = {
        "lattice-onramp:status": "refused",
        "lattice-onramp:message": "network-missing: add tag lattice:network = net",
    }
    world.load_balancers[A.arn] = replace(A, tags={**others, **theirs})
    run(world)
    assert world.answers(A.arn)["status"] == "refused"


@pytest.mark.parametrize("held", [{"vanish": "nothing"}, {"deletion_limit": 0}])
def test_what_was_held_for_longer_than_a_day_keeps_its_name_for_a_day_from_when_it_goes(held: dict[str, Any]) -> None:
    world = connected(**held)
    before = domain(world)
    run(world.untag())
    assert (on_network(world), status(world)) == (True, "held")
    world.now += 3 * DAY
    world.network = SLOW
    went = world.now
    run(world)
    assert (domain(world), on_network(world), status(world)) == (before, False, "kept")
    world.now = went + DAY - 60
    run(world)
    assert domain(world) == before
    world.now = went + DAY + 60
    run(world)
    assert domain(world) == ""


GREEN = balancer("green")


def moving(world: World) -> World:
    """From now on each step is held to it: requests to shop are answered."""

    def answered(_: object = None) -> None:
        assert sum(share for request, share in requests(world).items() if request[1] == domain(world)) >= 1 - EPSILON

    answered()
    world.every_step = answered
    return world


@pytest.mark.parametrize("looks", [0, 1])
def test_a_tag_that_moves_from_one_load_balancer_to_another_in_two_calls_fails_no_request(looks: int) -> None:
    world = connected(A, GREEN, vpc())
    before = domain(world)
    world.tag(replace(A, tags={}))
    seen: list[float] = []

    def tag_the_other(now: World) -> None:
        seen.append(now.now)
        if len(seen) == looks:
            now.tag(replace(GREEN, tags=A.tags))

    if not looks:
        tag_the_other(world)
        world.tag(replace(GREEN, tags=A.tags))
    run(moving(world), every_look=tag_the_other)
    assert (domain(world), status(world)) == (before, "connected")
    assert world.answers(GREEN.arn) == {"status": "connected", "domain": before}
    assert world.answers(A.arn) == {}
    assert {target.id for group in world.groups.values() for target in group.targets} == {GREEN.arn}


@pytest.mark.parametrize(
    "refused",
    [
        replace(GREEN, tags=A.tags, scheme="internet-facing"),
        replace(GREEN, tags={**A.tags, "lattice:listen": "SMTP:25"}),
        replace(GREEN, tags=A.tags, listeners=()),
    ],
    ids=["internet-facing", "a wrong tag", "without a listener"],
)
def test_who_opted_out_serves_on_until_the_one_that_follows_it_is_mended(refused: LoadBalancer) -> None:
    world = connected(A, vpc())
    before = domain(world)
    world.tag(replace(A, tags={}), refused)
    moving(world)
    for _ in range(3):
        run(world)
        world.now += 2 * DAY
    said = world.answers(A.arn)
    assert (said["status"], said["domain"]) == ("disconnecting", before)
    assert said["message"].endswith("it leaves when another one of its service can serve")
    assert world.answers(GREEN.arn)["status"] == "refused"
    world.tag(replace(GREEN, tags=A.tags))
    run(world)
    assert world.answers(GREEN.arn) == {"status": "connected", "domain": before}
    assert world.answers(A.arn) == {}


def test_who_opted_out_leaves_when_nobody_follows_any_more() -> None:
    world = connected()
    run(world.tag(replace(A, tags={}), replace(GREEN, tags=A.tags, scheme="internet-facing")))
    assert on_network(world)
    run(world.tag(replace(GREEN, tags={})))
    assert (on_network(world), status(world), world.answers(A.arn)) == (False, "kept", {})


def test_who_leaves_a_service_that_another_one_is_still_leaving_is_told_so_until_it_is_off_the_network() -> None:
    world = connected(A, replace(GREEN, tags=A.tags), vpc())
    untold: list[str] = []

    def look_at_it(step: AnyStep) -> None:
        if on_network(world) and "status" not in world.answers(A.arn):
            untold.append(step.key)

    world.every_step = look_at_it
    world.tag(replace(A, tags={}), replace(GREEN, tags={**A.tags, "lattice:service": "bank"}))
    began = world.now
    off: list[float] = []
    run(world, every_look=lambda seen: None if on_network(seen) else off.append(seen.now))
    assert untold == []
    assert 60 <= off[0] - began <= 150
    assert (world.answers(A.arn), status(world, "bank"), status(world)) == ({}, "connected", "kept")


CLOSED = Finding(code="security-group", message="admit it")
BOTH = replace(GREEN, tags=A.tags)


def serving(world: World) -> set[str]:
    """Load balancers that the service sends to, with whatever weight."""
    ids = {to.target_group for one in world.services.values() for found in one.listeners for to in found.sends}
    groups = [group for group in world.groups.values() if group.arn.rpartition("/")[2] in ids]
    return {target.id for group in groups for target in group.targets}


@pytest.mark.parametrize("quiet", [0, 60])
def test_who_opted_out_serves_on_until_another_one_can_answer(quiet: int) -> None:
    world = connected(A, BOTH, vpc(), quiet_seconds=quiet)
    world.found = {GREEN.arn: CLOSED}
    run(world)
    world.tag(replace(A, tags={}))
    for _ in range(3):
        run(world)
        world.now += 2 * DAY
    assert serving(world) == {A.arn, GREEN.arn}
    said = world.answers(A.arn)
    assert (said["status"], said["domain"]) == ("disconnecting", domain(world))
    assert said["message"].endswith("it leaves when another one of its service can serve")
    assert world.answers(GREEN.arn)["message"] == "security-group: admit it"
    world.found = {}
    run(world)
    assert (serving(world), world.answers(A.arn)) == ({GREEN.arn}, {})
    assert world.answers(GREEN.arn)["status"] == "connected"


def test_who_opted_out_waits_for_nobody_who_asks_for_no_requests() -> None:
    world = connected(A, replace(GREEN, tags={**A.tags, "lattice:weight": "0"}), vpc())
    run(world.tag(replace(A, tags={})))
    assert serving(world) == {GREEN.arn}
    assert world.answers(A.arn) == {}
    assert world.answers(GREEN.arn)["message"].startswith("weights-zero: ")


def test_who_opted_out_and_can_answer_nobody_leaves_all_the_same() -> None:
    world = connected(A, BOTH, vpc())
    world.found = {GREEN.arn: CLOSED, A.arn: CLOSED}
    run(world)
    run(world.tag(replace(A, tags={})))
    assert (serving(world), world.answers(A.arn)) == ({GREEN.arn}, {})


def test_who_is_asked_for_in_another_network_and_does_not_answer_there_serves_on() -> None:
    world = connected(A, BOTH, vpc(), siblings=frozenset({"sibling"}))
    world.found = {GREEN.arn: CLOSED}
    run(world)
    run(world.tag(replace(A, tags={"lattice:network": "sibling"})))
    assert serving(world) == {A.arn, GREEN.arn}


def test_who_asks_for_another_name_serves_under_the_old_one_until_another_can() -> None:
    world = connected(A, BOTH, vpc())
    world.found = {GREEN.arn: CLOSED}
    run(world)
    run(world.tag(replace(A, tags={**A.tags, "lattice:service": "bank"})))
    assert world.answers(A.arn) == {"status": "connected", "domain": domain(world, "bank")}
    [shop] = [one for one in world.services.values() if one.name == "shop"]
    behind = groups_of(world.observe(), shop)
    assert {target.id for group in behind for target in group.targets} == {A.arn, GREEN.arn}
    world.found = {}
    run(world)
    assert {target.id for group in groups_of(world.observe(), shop) for target in group.targets} == {GREEN.arn}


def test_who_opted_out_leaves_when_one_whose_tags_went_wrong_answers() -> None:
    world = connected(A, BOTH, vpc())
    run(world.tag(replace(A, tags={}), replace(GREEN, tags={**A.tags, "lattice:wieght": "1"})))
    assert (serving(world), world.answers(A.arn)) == ({GREEN.arn}, {})
    assert world.answers(GREEN.arn)["domain"] == domain(world)


@pytest.mark.parametrize("state", ["ACTIVE", "CREATE_IN_PROGRESS"])
def test_who_serves_and_is_refused_keeps_a_group_in_whatever_state_but_a_failed_one(state: str) -> None:
    world = connected(A, BOTH, vpc())
    for arn, group in world.groups.items():
        if any(target.id == GREEN.arn for target in group.targets):
            world.groups[arn] = replace(group, status=state)
    run(world.tag(replace(A, tags={}), replace(GREEN, tags={**A.tags, "lattice:wieght": "1"})))
    assert serving(world) == {GREEN.arn}
