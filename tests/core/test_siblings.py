"""Two stacks of one account: what moves from one's network to the other's is waited for, and nobody is told no."""

from typing import Any

import pytest
from histories import Act, History, Player, requests, served
from model_world import NETWORK_ARN, OTHER_NETWORK_ARN, World, balancer, run, tagged, vpc, wish
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.desired import key_of
from onramp.core.model import Forward, Listener, LoadBalancer, Service, Target, Vpc
from onramp.core.plan.ground import id_of
from onramp.core.run import Plan
from onramp.core.steps import AnyStep
from two_stacks import refusals, together, two

SAID = {tags.STATUS: "waiting", tags.MESSAGE: "network net still holds service shop: it joins here when"}
AWAITED = balancer("a", tags=wish(service="shop", network="sibling") | SAID)
MOVED, MOVED_ON = (tagged("a", service=name, network="sibling") for name in ("bank", "cafe"))


def on(service: Service) -> list[str]:
    """The networks that it is on."""
    return [found.network for found in service.associations if found.status == "ACTIVE"]


@pytest.mark.parametrize("sibling_first", [False, True])
def test_a_vpc_that_moves_is_waited_for_in_the_same_run_and_refused_nothing(sibling_first: bool) -> None:
    world, other = two(vpc())
    world.tag(vpc(network="sibling"))
    together(*((other, world) if sibling_first else (world, other)))
    [association] = world.vpc_associations.values()
    assert (association.network, association.status) == (OTHER_NETWORK_ARN, "ACTIVE")
    assert other.answers("vpc-1")["status"] == "connected"
    assert refusals(world, other) == []


def test_a_vpc_that_moves_is_away_for_seconds() -> None:
    world, other = two(vpc())
    away: list[float] = []
    began = world.now
    world.every_step = lambda step: away.append(world.now) if step.kind == "DisassociateVpc" else None
    other.every_step = lambda step: away.append(world.now) if step.kind == "AssociateVpc" else None
    world.tag(vpc(network="sibling"))
    together(world, other)
    gone, back = away
    assert gone - began <= 30, "nobody waits for a quiet time who knows where to go; the other network says so first"
    assert back - gone <= 30, "20 s for Lattice, and a look"


def test_what_a_sibling_still_holds_is_told_as_waiting_with_whose_hand_it_is() -> None:
    world, other = two(vpc())
    world.tag(vpc(network="sibling"))
    run(other)
    assert other.answers("vpc-1")["status"] == "waiting"
    assert "network net still holds this VPC" in other.answers("vpc-1")["message"]
    together(world, other)
    assert other.answers("vpc-1")["status"] == "connected"


@pytest.mark.parametrize("sibling_first", [False, True])
def test_a_load_balancer_that_moves_under_its_name_gets_it_there_in_the_same_run(sibling_first: bool) -> None:
    world, other = two(tagged("a", service="shop"))
    world.tag(tagged("a", service="shop", network="sibling"))
    together(*((other, world) if sibling_first else (world, other)))
    [service] = world.services.values()
    assert (service.mark, [found.network for found in service.associations]) == ("sibling", [OTHER_NETWORK_ARN])
    assert other.answers(balancer("a").arn)["status"] == "connected"
    assert refusals(world, other) == []


def test_a_load_balancer_that_moves_under_another_name_serves_in_the_old_network_for_the_quiet_time() -> None:
    world, other = two(tagged("a", service="shop"))
    began = world.now
    left: list[float] = []
    world.every_step = lambda step: left.append(world.now) if step.kind == "DisassociateService" else None
    world.tag(MOVED)
    together(world, other)
    assert left[0] - began >= 60
    assert {state.name: state.status for state in world.memory.services} == {"shop": "kept"}
    assert other.answers(balancer("a").arn)["status"] == "connected"


def test_it_serves_in_the_old_network_until_the_other_has_it_and_no_run_waits_for_that_for_ever() -> None:
    world, other = two(tagged("a", service="shop"))
    began, looks = world.now, list[Plan]()
    world.tag(MOVED)
    run(world, every_plan=looks.append)
    assert (world.now - began, len(looks)) <= (60 + 300 + 33, 12)
    assert {"shop leaves when a answers in network sibling"} < {why for one in looks for why in one.pending}
    run(world, every_plan=lambda planned: looks.insert(0, planned))
    assert looks[0].next == "done"
    [state] = world.memory.services
    assert (state.status, state.answers) == ("disconnecting", True)
    assert state.message == "put the tag back to stay: it leaves when a answers in network sibling"
    other.now = world.now
    run(other)
    assert other.answers(MOVED.arn)["status"] == "connected"
    assert {network for one in world.services.values() for network in on(one)} == {world.network.arn, OTHER_NETWORK_ARN}
    run(world)
    assert {state.name: state.status for state in world.memory.services} == {"shop": "kept"}


@pytest.mark.parametrize(
    ("after", "given"),
    [
        (lambda world: world.untag(), {}),
        (lambda world: world.load_balancers.clear(), {}),
        (lambda world: world.tag(AWAITED), {}),
        (lambda _: None, {"offboarding": True}),
    ],
    ids=["its tags are off", "it is deleted", "it asks for its name there", "the network is given up"],
)
def test_nobody_waits_for_what_does_not_move_any_more_or_can_only_after_it(after: Any, given: dict[str, Any]) -> None:
    world, _ = two(tagged("a", service="shop"))
    world.tag(MOVED)
    run(world)
    after(world)
    world.network = replace(world.network, **given)
    run(world)
    assert [found for one in world.services.values() for found in on(one)] == []


def test_of_two_services_that_it_leaves_one_makes_room_for_the_siblings() -> None:
    world, other = two(tagged("a", service="shop"))
    world.tag(tagged("a", service="bank"))
    world.every_step = lambda step: world.tag(MOVED_ON) if step.kind == "AssociateService" else None
    for _ in range(2):
        together(world, other)
        world.now = other.now = max(world.now, other.now)
        assert len([one for one in world.services.values() if on(one)]) >= 1
    run(world)
    assert {state.name: state.status for state in world.memory.services} == {"shop": "kept", "bank": "kept"}
    assert other.answers(MOVED_ON.arn)["status"] == "connected"


def test_a_place_that_the_other_network_has_still_is_waited_for_and_had_in_the_same_run() -> None:
    world, other = two(tagged("a", service="shop"))
    world.network = replace(world.network, vanish="nothing")
    run(world.tag(tagged("a", service="bank")))
    assert len([one for one in world.services.values() if on(one)]) == 2
    run(world.tag(MOVED_ON))
    other.now = world.now
    run(other)
    said = other.answers(MOVED_ON.arn)
    assert said["status"] == "waiting"
    assert said["message"].startswith("network net still has it in target group tg-")
    world.network, world.now = replace(world.network, vanish="everything"), other.now
    together(world, other)
    assert other.answers(MOVED_ON.arn)["status"] == "connected"
    assert [one.code for one in refusals(world, other)] == ["not-settling"]


@pytest.mark.parametrize("parts", [({}, {}), ({"path": "/"}, {"path-prefix": "/api"})], ids=["its share", "its part"])
def test_of_several_who_share_a_service_one_who_moves_stays_behind_it_until_the_other_network_has_it(
    parts: tuple[dict[str, str], ...],
) -> None:
    first, second = (tagged(name, service="shop", **part) for name, part in zip("ab", parts, strict=True))
    world, other = two(first, second, vpc())
    before, seen = requests(world), list[dict[Any, float]]()
    assert before
    world.every_step = other.every_step = lambda _: seen.append(requests(world))
    world.tag(tagged("b", service="bank", network="sibling"))
    run(world)
    assert {to.id for one in world.groups.values() for to in one.targets} == {first.arn, second.arn}
    other.now = world.now
    run(other)
    assert other.answers(second.arn)["status"] == "connected"
    assert all(before.items() <= one.items() for one in seen)
    run(world)
    assert {to.id for one in world.groups.values() for to in one.targets if one.mark == "net"} == {first.arn}
    assert [(state.status, state.load_balancers) for state in world.memory.services] == [("connected", (first.arn,))]


def test_who_is_behind_two_services_that_others_ask_for_makes_room_for_the_siblings() -> None:
    world, other = two(tagged("a", service="shop"), tagged("b", service="shop"), tagged("c", service="fair"))
    world.tag(tagged("b", service="fair"))
    moved = tagged("b", service="bank", network="sibling")
    world.every_step = lambda step: world.tag(moved) if step.kind == "UpdateListener" else None
    together(world, other)
    assert other.answers(moved.arn)["status"] == "connected"
    run(world)
    assert [state.load_balancers for state in world.memory.services] == [(balancer(name).arn,) for name in "ca"]


def test_one_of_several_who_cannot_have_the_name_there_goes_on_here_and_no_run_waits_for_that_for_ever() -> None:
    world, other = two(tagged("a", service="shop"), tagged("b", service="shop"))
    began, looks = world.now, list[Plan]()
    world.tag(tagged("b", service="shop", network="sibling"))
    together(world, other)
    assert [refusal.code for refusal in refusals(other)] == ["name-taken"]
    run(world, every_plan=looks.append)
    assert (world.now - began, len(looks)) <= (60 + 300 + 33, 12)
    assert looks[-1].next == "done"
    assert {to.id for one in world.groups.values() for to in one.targets} == {balancer("a").arn, balancer("b").arn}
    world.tag(tagged("a", service="shop", network="sibling"))
    world.now = other.now = max(world.now, other.now)
    together(world, other)
    assert {other.answers(balancer(name).arn)["status"] for name in "ab"} == {"connected"}
    assert {one.mark for one in world.services.values()} == {"sibling"}


def test_a_listener_by_which_one_goes_on_whom_the_sibling_refuses_is_refused_to_the_next_and_not_waited_for() -> None:
    world, other = two(tagged("a", service="shop", listen="HTTP:80"), tagged("b", service="shop", listen="HTTP:80"))
    world.tag(tagged("a", service="shop", listen="HTTP:80", network="sibling"))
    together(world, other)
    world.tag(tagged("b", service="shop", listen="HTTPS:80"))
    looks = list[Plan]()
    run(world, every_plan=looks.append)
    assert [one.next for one in looks if one.next == "wait"] == []
    said = world.answers(balancer("b").arn)
    assert said["status"] == "refused"
    assert said["message"].startswith("listen-conflict: write HTTP:80 in the listen tag or mend the tags of those that")
    world.tag(tagged("a", service="bank", listen="HTTP:80", network="sibling"))
    for one in (world, other, world):
        one.now = max(world.now, other.now)
        run(one)
    assert {world.answers(balancer(name).arn)["status"] for name in "ab"} == {"connected"}
    assert {one.name for service in world.services.values() for one in service.listeners} == {"http-80", "https-80"}


def test_a_listener_by_which_one_goes_on_who_waits_for_the_sibling_is_waited_for_with_a_way_out() -> None:
    world, other = two(tagged("a", service="shop", listen="HTTP:80"), tagged("b", service="shop", listen="HTTP:80"))
    world.tag(tagged("c", service="bank", network="sibling"))
    together(world, other)
    world.tag(tagged("c", service="bank", network="nett"), tagged("a", service="bank", listen="HTTP:80"))
    world.tag(tagged("b", service="shop", listen="HTTPS:80"))
    world.now = other.now = max(world.now, other.now)
    run(world)
    told = {name: world.answers(balancer(name).arn) for name in "ab"}
    assert {said["status"] for said in told.values()} == {"waiting"}
    assert told["b"]["message"].startswith("write HTTP:80 in the listen tag or mend the tags of those that it sends to")
    world.tag(balancer("c"))
    for one in (other, world):
        one.now = max(world.now, other.now) + 100_000
        run(one)
    assert {world.answers(balancer(name).arn)["status"] for name in "ab"} == {"connected"}


@pytest.mark.parametrize("port", ["HTTP:80", "HTTP:81"], ids=["it answers here", "nothing answers here"])
@pytest.mark.parametrize(
    "mended",
    [balancer("a"), tagged("a", service="fair"), tagged("a", service="shop", network="sibling")],
    ids=["its tag is off", "another name", "it moves, too"],
)
def test_who_waits_there_for_a_name_that_a_refused_tag_keeps_here_stays_here_and_has_it_when_that_is_mended(
    port: str, mended: LoadBalancer
) -> None:
    """Seed 67,073 of the histories: a typing error keeps what its load balancer has, so no time brings the name to the
    sibling's network. Both say what they wait for, and none of it is for good.
    """
    world, other = two(tagged("a", service="shop"), tagged("b", service="bank"))
    [domain] = [one.domain for one in world.services.values() if one.name == "bank"]
    moved = tagged("b", port, service="shop", network="sibling", target=port)
    world.tag(moved, tagged("a", service="shop", network="nett"))
    together(world, other)
    world.now = other.now = max(world.now, other.now)
    run(world)
    looks = list[Plan]()
    run(world, every_plan=looks.append)
    assert [one.next for one in looks] == ["done"]
    answers = port == "HTTP:80"
    stays = {state.name: state for state in world.memory.services}
    assert (stays["shop"].status, stays["shop"].answers) == ("refused", True)
    assert (stays["bank"].status, stays["bank"].answers) == ("disconnecting", answers)
    assert stays["bank"].message == "put the tag back to stay: it leaves when b answers in network sibling"
    other.now = world.now
    run(other)
    said = other.answers(moved.arn)
    assert (said["status"], said.get("domain")) == ("waiting", domain if answers else None)
    assert said["message"].startswith("network net still holds service shop: it joins here when that has let it go")
    assert "or a refused tag" in said["message"], "what keeps it is among what is told"
    world.tag(mended)
    for one in (world, other, world, other, world):
        world.now = other.now = max(world.now, other.now)
        run(one)
    assert other.answers(moved.arn)["status"] == "connected"
    assert [state.status for state in world.memory.services if state.name == "bank"] == ["kept"]


def test_a_name_that_is_asked_for_in_the_siblings_network_too_is_refused_and_not_waited_for() -> None:
    world, other = two(tagged("a", service="shop"))
    world.tag(tagged("b", service="shop", network="sibling"))
    together(world, other)
    assert [refusal.code for refusal in refusals(other)] == ["name-taken"]
    assert other.answers(balancer("b").arn)["status"] == "refused"
    assert other.answers(balancer("b").arn)["message"].startswith(
        "name-taken: choose another name or take it off what asks for it in network net: shop is in use there"
    )
    assert world.answers(balancer("a").arn)["status"] == "connected"


def test_a_name_that_is_kept_is_let_go_when_it_is_asked_for_in_the_siblings_network() -> None:
    world, other = two(tagged("a", service="shop"))
    run(world.untag())
    other.now = world.now
    assert [state.status for state in world.memory.services] == ["kept"]
    world.tag(tagged("b", service="shop", network="sibling"))
    together(world, other)
    assert {service.mark for service in world.services.values()} == {"sibling"}
    assert other.answers(balancer("b").arn)["status"] == "connected"


def test_two_stacks_touch_nothing_of_each_other() -> None:
    world, other = two(tagged("a", service="shop"), tagged("b", service="bank", network="sibling"), vpc())
    before = other.owned()
    world.untag()
    world.tag(tagged("b", service="bank", network="sibling"))
    together(world, other)
    assert {service.name for service in world.services.values() if service.mark == "sibling"} == {"bank"}
    assert other.answers(balancer("b").arn)["status"] == "connected"
    assert before


@pytest.mark.parametrize(
    ("thing", "moved", "seconds"),
    [
        (vpc(), vpc(network="sibling"), 60),
        (tagged("a", service="shop"), tagged("a", service="shop", network="sibling"), 135),
    ],
    ids=["a VPC", "a name"],
)
def test_a_move_takes_as_long_as_the_page_of_exceptions_says(thing: Any, moved: Any, seconds: int) -> None:
    world, other = two(thing)
    began, arrived = 0.0, 0.0
    world.tag(moved)

    def goes(step: AnyStep) -> None:
        nonlocal began
        began = world.now if step.kind in {"DisassociateVpc", "DisassociateService"} else began

    def when(_: AnyStep) -> None:
        nonlocal arrived
        inside = {(found.network, found.status) for found in world.vpc_associations.values()}
        inside |= {(found.network, found.status) for one in world.services.values() for found in one.associations}
        if not arrived and (OTHER_NETWORK_ARN, "ACTIVE") in inside:
            arrived = other.now

    world.every_step, other.every_step = goes, when
    together(world, other)
    assert 0 < arrived - began <= seconds


@pytest.mark.parametrize(
    ("vanish", "thing", "moved", "remedy", "kept"),
    [
        (
            "associations",
            tagged("a", service="shop"),
            tagged("a", service="shop", network="sibling"),
            "set Vanish to everything: shop is asked for in network sibling, which waits until it is gone here, and"
            " Vanish is associations",
            ":service/",
        ),
        (
            "nothing",
            tagged("a", service="shop"),
            tagged("a", service="shop", network="sibling"),
            "set Vanish to everything: shop is asked for in network sibling, which waits until it is gone here, and"
            " Vanish is nothing",
            ":service/",
        ),
        (
            "nothing",
            vpc(),
            vpc(network="sibling"),
            "set Vanish to associations or everything: vpc-1 is asked for in network sibling, which waits until it is"
            " gone here, and Vanish is nothing",
            ":servicenetworkvpcassociation/",
        ),
    ],
    ids=["associations alone", "a name", "a VPC"],
)
def test_what_vanish_keeps_from_a_sibling_is_told_with_its_remedy_on_both_sides(
    vanish: Any, thing: Any, moved: Any, remedy: str, kept: str
) -> None:
    world, other = two(thing)
    world.network = replace(world.network, vanish=vanish)
    run(other.tag(moved))
    run(world)
    [told] = refusals(world)
    assert (told.code, told.message, kept in told.resource) == ("kept-by-policy", remedy, True)
    run(other)
    asker = "vpc-1" if isinstance(thing, Vpc) else thing.arn
    assert other.answers(asker)["status"] == "waiting"
    keeps = "Vanish or DeletionLimit"
    keeps = keeps if isinstance(thing, Vpc) else f"{keeps} or a refused tag or an association by hand"
    assert f"If it stays ask infra: {keeps} may keep it" in other.answers(asker)["message"]
    assert [state.answers for state in (*world.memory.services, *world.memory.clients)] == [True]
    world.network = replace(world.network, vanish="everything")
    together(world, other)
    assert other.answers(asker)["status"] == "connected"


def test_a_kept_name_that_vanish_keeps_from_a_sibling_can_be_freed_by_hand() -> None:
    world, other = two(tagged("a", service="shop"))
    world.network = replace(world.network, vanish="associations")
    run(world.untag())
    other.now = world.now
    world.tag(tagged("b", service="shop", network="sibling"))
    together(world, other)
    remedy = "delete the service to free its name, or set Vanish to everything: shop is asked for in network sibling"
    assert [(one.code, one.message.startswith(remedy)) for one in world.memory.refusals] == [("kept-by-policy", True)]


def test_an_association_that_a_hand_made_keeps_a_name_from_a_sibling_and_both_sides_are_told() -> None:
    world, other = two(tagged("a", service="shop"))
    [service] = world.services.values()
    theirs = replace(
        service.associations[0],
        arn=f"{service.associations[0].arn}by-hand",
        network=NETWORK_ARN[:-1] + "9",
        owned=False,
    )
    world.services[service.arn] = replace(service, associations=(*service.associations, theirs))
    world.tag(tagged("a", service="shop", network="sibling"))
    together(world, other)
    [told] = refusals(world)
    assert (told.code, theirs.arn in told.message) == ("associated-by-others", True)
    assert [state.status for state in world.memory.services] == ["held"]
    told_here = other.answers(tagged("a").arn)
    assert (told_here["status"], told_here["domain"]) == ("waiting", service.domain)
    assert NETWORK_ARN in {network for one in world.services.values() for network in on(one)}
    assert told_here["message"].endswith("DeletionLimit or a refused tag or an association by hand may keep it")


def test_who_leaves_both_networks_has_the_domain_by_which_the_slower_one_answers() -> None:
    """Seed 43,453 of the histories: the first one keeps him for another of its service, who cannot serve yet."""
    world, other = two(tagged("a", service="shop"))
    world.tag(tagged("b", service="shop", target="HTTP:81"))
    world.tag(tagged("a", service="bank", network="sibling"))
    together(world, other)
    [kept] = [one.domain for one in world.services.values() if one.name == "shop"]
    other.network = replace(other.network, quiet_seconds=0, keep_seconds=0)
    world.tag(balancer("a"))
    together(world, other)
    assert other.answers(tagged("a").arn) == {"status": "disconnecting", "domain": kept}


@pytest.mark.parametrize(
    "change",
    [
        {"target": "HTTPS:443"},
        {"path-prefix": "/a", "target": "HTTPS:443"},
        {"path-prefix": "/b", "target": "HTTPS:443"},
        {"listen": "HTTP:80 HTTPS:443", "target": "HTTPS:443"},
        {"service": "mall", "target": "HTTPS:443"},
        {"listen": "TLS_PASSTHROUGH:443", "domain": "api.shop.example.jp"},
    ],
    ids=[
        "target",
        "target and rule",
        "target of a rule",
        "target and listeners",
        "target and name",
        "to what passes through",
    ],
)
@pytest.mark.parametrize("mates", [(), ("alb-b",)], ids=["alone", "two"])
@pytest.mark.parametrize("at", [2, 3, 4])
def test_who_moves_in_the_middle_of_a_change_leaves_one_of_its_two_places(
    change: dict[str, str], mates: tuple[str, ...], at: int
) -> None:
    """In both of them it leaves the sibling no place. By either of them it answers: the player asks for that."""
    asks = {"network": "net", "service": "shop", "target": "HTTP:80"}
    moved: dict[str, str] = asks | {"network": "sibling"}
    asks |= {"path-prefix": "/b"} if change.get("path-prefix") == "/b" else {}
    ports = ("HTTP:80", "HTTPS:443")
    movers = ("alb-a", *mates)
    acts: list[Act] = [("create", one, ports, asks, "active") for one in movers]
    acts += [("ring",), *(("retag", one, asks | change) for one in movers)]
    acts += [("ring", *((at, ("retag", one, moved | {"service": f"of-{one}"})) for one in movers))]
    player = Player(History(seed=0, acts=tuple(acts), quiet=60, keep=0))
    for act in acts:
        player.act(act)
    assert {player.world.answers(arn)["status"] for arn in player.world.load_balancers} == {"connected"}
    assert {found.name for found in player.world.services.values() if served(player.world, found)} == {
        f"of-{one}" for one in movers
    }


def in_two_places(second: dict[str, Any], ours: dict[str, Any], **network_: Any) -> tuple[World, World]:
    """A load balancer that one service sends to by two target groups, and that moves to the sibling's network.

    `second`: of the second group; `ours`: of the listener that sends to that.
    """
    world, other = two(tagged("a", service="shop"))
    [service], [group] = world.services.values(), world.groups.values()
    [listener] = service.listeners
    beside = replace(group, **{"arn": f"{group.arn}0", "name": f"{group.name}-0", **second})
    world.groups[beside.arn] = beside
    to = (Forward(target_group=id_of(beside.arn)),)
    another = replace(
        listener, **{"arn": f"{listener.arn}0", "name": "http-8080", "port": 8080, "forwards": to, **ours}
    )
    world.services[service.arn] = replace(service, listeners=(listener, another))
    world.network = replace(world.network, **network_)
    world.tag(tagged("a", service="bank", network="sibling"))
    together(world, other)
    return world, other


@pytest.mark.parametrize(
    ("second", "ours", "network_", "status"),
    [
        ({}, {}, {}, "connected"),
        ({}, {}, {"vanish": "associations"}, "waiting"),
        ({}, {"protocol": "TLS_PASSTHROUGH"}, {}, "connected"),
        ({"owned": False}, {}, {}, "connected"),
        ({"owned": False, "targets": (Target(id=tagged("a").arn, port=81, status="HEALTHY"),)}, {}, {}, "waiting"),
    ],
    ids=[
        "of ours",
        "where nothing goes",
        "of other protocols",
        "beside a hand's",
        "beside a hand's that is not served",
    ],
)
def test_by_two_listeners_one_target_group_serves_where_it_can(
    second: dict[str, Any], ours: dict[str, Any], network_: dict[str, Any], status: str
) -> None:
    world, other = in_two_places(second, ours, **network_)
    told = other.answers(tagged("a").arn)
    assert told["status"] == status
    if status == "waiting":
        [shop] = world.services.values()
        assert {to.target_group for one in shop.listeners for to in one.sends} == {id_of(one) for one in world.groups}
        assert (told["domain"], "put its old tags back" in told["message"]) == (shop.domain, True)


@pytest.mark.parametrize(
    ("asks", "mates", "left"),
    [
        ({"listen": "TLS_PASSTHROUGH:443", "domain": "api.shop.example.jp"}, (), {"TLS_PASSTHROUGH"}),
        ({"listen": "TLS_PASSTHROUGH:443", "domain": "api.shop.example.jp"}, ("b",), {"HTTP", "TLS_PASSTHROUGH"}),
        ({"listen": "HTTP:80"}, (), {"HTTP"}),
    ],
    ids=["what passes through", "and leaves the rest to others", "what does not"],
)
def test_of_two_protocols_the_one_that_is_asked_for_next_goes_on_and_not_before_the_sibling_waits(
    asks: dict[str, str], mates: tuple[str, ...], left: set[str]
) -> None:
    """Neither target group can take what the listener of the other gets."""
    ports = ("HTTP:80", "HTTPS:443")
    there = {"service": "shop", "listen": "HTTP:80"}
    world, other = two(tagged("a", *ports, path_prefix="/b", **there), *(tagged(one, *ports, **there) for one in mates))
    [service], [group, *_] = world.services.values(), world.groups.values()
    beside = replace(group, arn=f"{group.arn}0", name=f"{group.name}-0", targets=(replace(group.targets[0], port=443),))
    world.groups[beside.arn] = beside
    [listener] = service.listeners
    another = Listener(
        arn=f"{listener.arn}0",
        name="tls-passthrough-443",
        protocol="TLS_PASSTHROUGH",
        port=443,
        owned=True,
        forwards=(Forward(target_group=id_of(beside.arn)),),
    )
    world.services[service.arn] = replace(service, listeners=(listener, another))
    world.tag(tagged("a", *ports, service="bank", network="sibling", **asks))
    world.tag(vpc(network="sibling"), *(tagged(one, *ports, service="cafe", network="sibling") for one in mates))
    world.now += 400  # no run waits any more for what the sibling does
    run(world)
    assert len(world.services[service.arn].listeners) == 2
    run(other)
    run(world)
    assert {one.protocol for one in world.services[service.arn].listeners} == left
    assert all(rule.forwards for one in world.services[service.arn].listeners for rule in one.found_rules)
    together(world, other)
    assert {other.answers(arn)["status"] for arn in other.load_balancers} == {"connected"}


def test_nobody_is_told_of_vanish_for_a_name_that_nobody_waits_for() -> None:
    world, other = two(tagged("a", service="shop"))
    world.network = replace(world.network, vanish="associations")
    world.tag(tagged("a", service="bank", network="sibling"))
    together(world, other)
    assert refusals(world, other) == []


@pytest.mark.parametrize("sibling_first", [False, True])
@pytest.mark.parametrize(
    ("thing", "left"),
    [
        (vpc(), {}),
        (vpc(), {"lattice:ports": "80"}),
        (tagged("a", service="shop"), {}),
        (tagged("a", service="shop"), {"lattice:service": "shop"}),
        (tagged("a", service="shop"), {"lattice:listne": "HTTP:80"}),
    ],
    ids=["a VPC", "a VPC, but for one tag", "a load balancer", "but for one tag", "but for a typing error"],
)
def test_who_leaves_has_its_answer_from_the_network_that_has_it_still(
    thing: Any, left: dict[str, str], sibling_first: bool
) -> None:
    """Also where other tags of the prefix stay: they ask for no network, whichever stack reads them."""
    world, other = two(thing)
    key = key_of(thing)
    seen = set[str]()

    def hear(step: AnyStep) -> None:
        there = {one.vpc for one in world.vpc_associations.values()}
        there |= {to.id for one in world.groups.values() for to in one.targets}
        if key in there:
            seen.add(world.answers(key).get("status", "gone"))

    world.every_step = other.every_step = hear
    world.untag().tag(replace(thing, tags=left))
    for _ in range(3):
        together(*((other, world) if sibling_first else (world, other)))
    assert seen <= {"connected", "disconnecting"}
    assert "disconnecting" in seen
    assert world.answers(key).get("message", "").partition(":")[0] == (
        "tag-unknown" if "lattice:listne" in left else ""
    )


@pytest.mark.parametrize(
    ("moved", "status"),
    [
        (tagged("a", service="shop", network="sibling"), "waiting"),
        (tagged("a", service="bank", network="sibling"), "connected"),
        (tagged("a", service="bank", network="sibling", listen="GOPHER:70"), "refused"),
    ],
    ids=["under its name", "under another name", "as cannot be had"],
)
def test_who_moves_has_the_domain_by_which_the_old_network_answers_as_long_as_it_does(
    moved: LoadBalancer, status: str
) -> None:
    world, other = two(tagged("a", service="shop"))
    [service] = world.services.values()
    world.network = replace(world.network, deletion_limit=0)
    world.tag(moved)
    told: list[dict[str, str]] = []
    other.every_step = lambda _: told.append(other.answers(moved.arn))
    run(world)
    run(other)
    assert {one["domain"] for one in told if one["status"] != "connected"} == {service.domain}
    said = other.answers(moved.arn)
    assert (said["status"], said["domain"] == service.domain) == (status, status != "connected")
    # The mass is let go: whoever takes the service off the network takes its name off, too; it stays for the refused.
    world.network = replace(world.network, deletion_limit=10)
    world.now = other.now = max(world.now, other.now)
    run(world)
    assert other.answers(moved.arn).get("domain") == (None if status == "waiting" else said["domain"])
    assert other.answers(moved.arn)["status"] == status


@pytest.mark.parametrize("mute", [False, True], ids=["as it is", "denied"])
def test_who_moves_is_not_told_to_answer_when_the_old_network_has_let_go_and_the_other_does_not_look(
    *, mute: bool
) -> None:
    world, other = two(tagged("a", service="shop"))
    was = world.load_balancers[AWAITED.arn]
    moved = replace(was, tags=was.tags | wish(service="shop", network="sibling"))

    def answers_from_before(step: AnyStep) -> None:
        if step.kind == "DisassociateService":
            world.tag(moved)

    world.tag(AWAITED)
    world.every_step = answers_from_before
    world.fate = lambda step: "refused" if mute and step.kind == "WriteStatus" else "done"
    run(world)
    assert "shop" not in {one.name for one in world.services.values()}
    said = world.answers(moved.arn)
    assert said == ({"status": "connected"} if mute else {"status": "connecting"})
    other.now = world.now
    run(other)
    assert other.answers(moved.arn)["status"] == "connected"


@pytest.mark.parametrize("others", [0, 46], ids=["with room", "without"])
def test_who_moves_without_the_domain_has_it_told_by_the_old_network_which_answers(others: int) -> None:
    world, other = two(tagged("a", service="shop"))
    [service] = world.services.values()
    moved = tagged("a", service="bank", network="sibling", listen="GOPHER:70")
    run(world.tag(moved))
    run(other)
    there = world.load_balancers[moved.arn]
    kept = {key: text for key, text in there.tags.items() if key != tags.DOMAIN}
    world.load_balancers[moved.arn] = replace(there, tags=kept | {f"more{one}": "" for one in range(others)})
    world.done.clear()
    run(world)
    told = [step.kind for step in world.done if step.kind == "WriteStatus"]
    assert (world.answers(moved.arn).get("domain"), len(told)) == ((None, 0) if others else (service.domain, 1))
    run(other)
    assert world.answers(moved.arn).get("domain") == (None if others else service.domain)
    assert world.answers(moved.arn)["status"] == "refused"
