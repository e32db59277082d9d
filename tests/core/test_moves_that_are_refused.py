"""What a sibling's network refuses, or cannot have yet, goes on in the old one: no service is gone for a wrong tag."""

from typing import Any

import pytest
import shown
from histories import Act, History, played, served
from model_world import NETWORK_ARN, OTHER_NETWORK_ARN, TEAM, World, balancer, existing, run, tagged, vpc, wish
from msgspec.structs import replace
from onramp.core.desired import key_of
from onramp.core.model import Association, Holder, LoadBalancer, Vpc
from two_stacks import NET, OTHER, together, two

SHOP = tagged("a", service="shop")


def networks(world: World) -> set[tuple[str, str]]:
    """Of all that is on one: which, and as what."""
    things = [*world.vpc_associations.values()]
    things += [it for one in (*world.services.values(), *world.existing.values()) for it in one.associations]
    return {(one.network, one.status) for one in things}


HERE, THERE = {(NETWORK_ARN, "ACTIVE")}, {(OTHER_NETWORK_ARN, "ACTIVE")}


@pytest.mark.parametrize("sibling_first", [False, True])
@pytest.mark.parametrize(
    ("thing", "wrong", "right"),
    [
        (vpc(), {"allow-from": "10.0.0.0/33"}, {}),
        (vpc(), {"allow-from": "pl-0123456789abcdef0"}, {}),
        (SHOP, {"service": "shop", "listen": "HTTP:99999"}, {"service": "shop"}),
        (SHOP, {"service": "shop", "target": "HTTP:81"}, {"service": "shop"}),
        (SHOP, {"service": "shop", "listen": "HTTPS:443", "domain": "a.example.jp"}, {"service": "shop"}),
        (SHOP, {"service": "shop", "listen": "HTTP:80", "domain": "taken.example.jp"}, {"service": "shop"}),
    ],
    ids=["callers", "a prefix list", "a port", "a target", "a certificate", "a domain"],
)
def test_what_the_other_network_refuses_goes_on_in_the_old_one(
    thing: Any, wrong: dict[str, str], right: dict[str, str], *, sibling_first: bool
) -> None:
    world, other = two(thing)
    world.holders = other.holders = {
        "taken.example.jp": Holder(account="333333333333", service="theirs", status="ACTIVE")
    }
    given = {"network": "sibling", **wrong}
    world.tag(vpc(**given) if isinstance(thing, Vpc) else tagged("a", **given))
    for _ in range(3):
        together(*((other, world) if sibling_first else (world, other)))
        world.now = other.now = max(world.now, other.now) + 3600
    key = thing.arn if isinstance(thing, LoadBalancer) else thing.id
    said = other.answers(key)
    assert (said["status"], networks(world)) == ("refused", HERE)
    [service] = world.services.values() or [None]
    assert said.get("domain") == (service.domain if service else None)
    assert service is None or served(world, service)
    given = {"network": "sibling", **right}
    world.tag(vpc(**given) if isinstance(thing, Vpc) else tagged("a", **given))
    together(world, other)
    assert (other.answers(key)["status"], networks(world)) == ("connected", THERE)


@pytest.mark.parametrize("thing", [vpc(), SHOP, existing()], ids=["a VPC", "a name", "a service"])
def test_what_is_invited_first_goes_on_in_the_old_network_until_somebody_accepts(thing: Any) -> None:
    world = World(NET, TEAM, "organisation").tag(thing)
    other = world.sibling(replace(OTHER, invites=True, acceptance="manual"))
    other.sharing = "invitation"
    together(world, other)
    moved = {"network": "sibling", "service": "shop"} if thing is SHOP else {"network": "sibling"}
    world.tag(replace(thing, tags=wish(**moved)))
    for _ in range(3):
        together(world, other)
        world.now = other.now = max(world.now, other.now) + 3600
    assert networks(world) == HERE
    assert other.answers(key_of(thing))["message"].startswith("accept the resource share invitation")
    other.principal, other.invitation = "ASSOCIATED", ""
    together(world, other)
    run(world)  # a service that people made may be in both: the old one's next sweep takes it off there
    assert networks(world) == THERE


def test_a_name_that_is_kept_stays_as_long_as_the_other_network_refuses_who_asks_for_it() -> None:
    world, other = two(SHOP)
    run(world.untag())
    other.now = world.now
    assert [state.status for state in world.memory.services] == ["kept"]
    domain = [one.domain for one in world.services.values()]
    world.tag(tagged("b", service="shop", network="sibling", listen="HTTP:99999"))
    for _ in range(3):
        together(world, other)
        world.now = other.now = max(world.now, other.now) + 3600
    assert [(one.mark, one.domain) for one in world.services.values()] == [("net", *domain)]
    world.tag(tagged("b", service="shop", network="sibling"))
    together(world, other)
    assert networks(world) == THERE


@pytest.mark.parametrize("quiet", [0, 60])
def test_where_no_answers_are_written_it_is_let_go_after_a_minute(quiet: int) -> None:
    world, other = two(SHOP, vpc())
    for one in (world, other):
        one.network = replace(one.network, status_tags=False, quiet_seconds=quiet)
    together(world, other)
    world.tag(tagged("a", service="shop", network="sibling"), vpc(network="sibling"))
    left: list[float] = []
    began = world.now
    world.every_step = lambda step: left.append(world.now) if step.kind.startswith("Disassociate") else None
    together(world, other)
    assert networks(world) == THERE
    assert 60 <= left[0] - began <= 90


def test_who_is_off_leaves_though_the_other_network_refuses_another_one_who_asks_for_the_name() -> None:
    world, other = two(SHOP)
    world.untag().tag(tagged("b", service="shop", network="sibling", listen="HTTP:99999"))
    together(world, other)
    assert networks(world) == set()
    assert [(state.name, state.status) for state in world.memory.services] == [("shop", "kept")]


def test_of_two_who_move_and_share_a_name_both_stay_until_the_other_network_can_have_both() -> None:
    """Of two teams, say: who is refused there goes on here, whatever is said of the other one."""
    world, other = two(SHOP, tagged("b", service="shop"))
    [domain] = [one.domain for one in world.services.values()]
    moved = {"service": "shop", "network": "sibling"}
    world.tag(tagged("a", **moved), tagged("b", target="HTTP:81", **moved))
    together(world, other)
    assert networks(world) == HERE
    told = {key: other.answers(balancer(key).arn) for key in "ab"}
    assert {key: (said["status"], said["domain"]) for key, said in told.items()} == {
        "a": ("waiting", domain),
        "b": ("refused", domain),
    }
    assert "or a refused tag" in told["a"]["message"]
    world.tag(tagged("b", **moved))
    together(world, other)
    assert networks(world) == THERE
    assert {other.answers(balancer(key).arn)["status"] for key in "ab"} == {"connected"}


def test_who_answers_nothing_holds_up_nobody_who_shares_his_name() -> None:
    world, other = two(SHOP, tagged("b", service="shop"))
    moved = {"service": "shop", "network": "sibling"}
    world.tag(tagged("a", **moved), tagged("b", "HTTP:82", target="HTTP:81", **moved))
    together(world, other)
    assert networks(world) == THERE
    assert {key: other.answers(balancer(key).arn)["status"] for key in "ab"} == {"a": "connected", "b": "refused"}


def test_nobody_takes_a_name_away_from_whom_the_other_network_refuses_it() -> None:
    """A stranger in the account asks for it as it should be, and says on his own load balancer whatever he likes."""
    world, other = two(tagged("b", service="shop"))
    world.tag(tagged("b", service="shop", network="sibling", target="HTTP:81"))
    together(world, other)
    world.tag(tagged("a", service="shop", network="sibling"))
    for _ in range(3):
        together(world, other)
        world.now = other.now = max(world.now, other.now) + 3600
    assert networks(world) == HERE
    assert {key: other.answers(balancer(key).arn)["status"] for key in "ab"} == {"a": "waiting", "b": "refused"}
    world.tag(balancer("b"))
    together(world, other)
    assert networks(world) == THERE


WORD = {"lattice-onramp:status": "waiting", "lattice-onramp:message": "network net still holds service shop"}


def test_a_word_that_somebody_forged_takes_nothing_from_another_one() -> None:
    world = World(NET, TEAM, "organisation").tag(SHOP, tagged("b", service="shop"))
    other = world.sibling(replace(OTHER, invites=True, acceptance="manual"))
    other.sharing = "invitation"
    together(world, other)
    moved = {"service": "shop", "network": "sibling"}
    world.tag(tagged("a", **moved), tagged("b", **moved))
    together(world, other)
    world.tag(replace(SHOP, tags={**wish(**moved), **WORD}))
    run(world)
    assert networks(world) == HERE


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("infra", "approval 222222222222-0: infra has to approve it first"),
        ("resource", "accept the resource share invitation of this network in RAM: it expires after 12 hours"),
        ("net", "network net-a still holds this VPC: it joins here when that has let it go."),
        ("a", "network net-a still holds this VPC: it joins here when that has let it go."),
        ("net", ""),
    ],
)
def test_it_is_no_word_for_this_network_that_its_name_is_in_another_one(name: str, said: str) -> None:
    net = replace(NET, name=name)
    world = World(net, TEAM, "organisation").tag(vpc(network=name))
    run(world)
    word = {"lattice-onramp:status": "waiting", "lattice-onramp:message": said}
    world.tag(vpc(network="sibling"))
    world.vpcs["vpc-1"] = replace(world.vpcs["vpc-1"], tags={**world.vpcs["vpc-1"].tags, **word})
    for _ in range(3):
        run(world)
        world.now += 3600
    assert networks(world) == HERE


@pytest.mark.parametrize("thing", [vpc(), SHOP], ids=["a VPC", "a name"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_word_is_understood_in_each_language(language: Any, thing: Any) -> None:
    world, other = two(thing)
    other.network = replace(other.network, language=language)
    world.tag(replace(thing, tags={**thing.tags, "lattice:network": "sibling"}))
    left: list[float] = []
    began = world.now
    world.every_step = lambda step: left.append(world.now) if step.kind.startswith("Disassociate") else None
    together(world, other)
    assert networks(world) == THERE
    assert left[0] - began <= 30


@pytest.mark.parametrize("thing", [vpc(), SHOP], ids=["a VPC", "a name"])
def test_what_moves_goes_on_until_the_other_network_looks_however_late_that_is(thing: Any) -> None:
    """An event was lost, there is a storm, or its stack stands still or is not there any more."""
    world, other = two(thing)
    world.tag(replace(thing, tags={**thing.tags, "lattice:network": "sibling"}))
    for _ in range(3):
        run(world)
        assert networks(world) == HERE
        assert world.answers(key_of(thing))["status"] == "connected"
        world.now += 3600
    other.now = world.now
    together(other, world)
    assert networks(world) == THERE


def test_of_two_who_ask_for_a_name_in_two_other_networks_nobody_takes_it_from_who_has_it() -> None:
    names = frozenset({"net", "sibling", "third"})
    world, *others = (
        replace(one, siblings=names - {one.name})
        for one in (NET, OTHER, replace(OTHER, name="third", arn=OTHER_NETWORK_ARN[:-1] + "2"))
    )
    first = World(world, TEAM, "organisation").tag(SHOP)
    stacks = (first, *(first.sibling(one) for one in others))
    together(*stacks)
    [domain] = [one.domain for one in first.services.values()]
    first.tag(tagged("b", service="shop", network="sibling"), tagged("a", service="shop", network="third"))
    together(*stacks)
    assert networks(first) == HERE
    told = {key: first.answers(balancer(key).arn) for key in "ab"}
    assert {key: (said["status"], said.get("domain")) for key, said in told.items()} == {
        "a": ("refused", domain),
        "b": ("refused", None),
    }
    remedy = "name-taken: choose another name or take it off what asks for it in network"
    assert told["a"]["message"] == f"{remedy} sibling: shop is asked for there too"
    assert told["b"]["message"] == f"{remedy} third: shop is asked for there too"
    first.tag(balancer("b"))
    together(*stacks)
    assert first.answers(balancer("a").arn)["status"] == "connected"
    assert first.answers(balancer("b").arn) == {}


BAD = {"listen": "HTTP:99999"}
IN_VAIN: list[tuple[Any, dict[str, str]]] = [
    (SHOP, {"service": "bank", **BAD}),
    (SHOP, {"service": "bank", "target": "HTTP:81"}),
    (SHOP, {"service": "bank", "network": "sibling", **BAD}),
    (SHOP, {"service": "shop", "network": "sibling", **BAD}),
    (SHOP, {"service": "shop", "network": "nett"}),
    (vpc(), {"network": "sibling", "allow-from": "10.0.0.0/33"}),
    (existing(), {"network": "sibling"}),
]


@pytest.mark.parametrize(("thing", "asks"), IN_VAIN)
@pytest.mark.parametrize("by", ["its name", "its account"])
def test_what_infra_keeps_out_goes_at_once_also_for_whom_what_he_asks_for_now_is_refused(
    thing: Any, asks: dict[str, str], by: str
) -> None:
    world, other = two(thing)
    other.network = replace(other.network, kept_out=frozenset({"theirs"}))
    world.tag(replace(thing, tags=wish(**asks)))
    together(world, other)
    assert networks(world) == HERE
    name = {LoadBalancer: "shop"}.get(type(thing), "theirs") if by == "its name" else TEAM
    world.network = replace(world.network, kept_out=frozenset({name}))
    left: list[float] = []
    world.now = began = max(world.now, other.now)
    world.every_step = lambda step: left.append(world.now) if step.kind.startswith("Disassociate") else None
    run(world)
    if isinstance(thing, Vpc) and by == "its name":
        assert networks(world) == HERE
    else:
        assert (networks(world), left) == (set(), [began])
        assert [one.name for one in world.services.values()] == (["shop"] if thing is SHOP else [])


def test_a_name_that_infra_keeps_out_here_may_move() -> None:
    world, other = two(SHOP)
    world.tag(tagged("a", service="shop", network="sibling", listen="HTTP:99999"))
    world.network = replace(world.network, kept_out=frozenset({"shop"}))
    together(world, other)
    assert (networks(world), [one.mark for one in world.services.values()]) == (set(), ["net"])
    world.tag(tagged("a", service="shop", network="sibling", listen="HTTP:80"))
    together(world, other)
    assert networks(world) == THERE


A_AND_MORE = ("HTTP:80", "HTTP:8080", "HTTPS:443")
API, WEB = "api.shop.example.jp", "web.shop.example.jp"
PASSES = {"network": "net", "listen": "TLS_PASSTHROUGH", "target": "HTTPS:443"}
TAKEN = "taken.shop.example.jp"
LATER: tuple[Act, ...] = (("ring",), ("wait", 3600), ("ring",))
PLAYED: list[tuple[str, tuple[Act, ...], dict[str, tuple[str, str]]]] = [
    (
        "who stops to answer where he stayed",
        (
            *(("create", "alb-a", A_AND_MORE, {**PASSES, "domain": API}, "active"), ("ring",)),
            *(("retag", "alb-a", {**PASSES, "network": "sibling", "domain": TAKEN}), ("ring",)),
            *(("show", "alb-a", 443), *LATER),
        ),
        {"alb-a": ("refused", "")},
    ),
    (
        "who answers again where he stayed",
        (
            *(("create", "alb-a", A_AND_MORE, {**PASSES, "domain": API}, "active"), ("ring",)),
            *(("retag", "alb-a", {**PASSES, "network": "sibling", "domain": TAKEN}), ("ring",)),
            *(("show", "alb-a", 443), *LATER, ("show", "alb-a", 443, API), *LATER),
        ),
        {"alb-a": ("refused", API)},
    ),
    (
        "who asks for a listener in place of his",
        (
            ("create", "alb-a", A_AND_MORE, {"network": "net", "domain": API, "target": "HTTP:80"}, "active"),
            *(("ring",), ("create", "alb-c", A_AND_MORE, {**PASSES, "domain": API}, "active")),
            ("retag", "alb-a", {"network": "sibling", "service": "shop", "listen": "HTTP:99999"}),
            *LATER,
        ),
        {"alb-a": ("refused", API), "alb-c": ("refused", "")},
    ),
    (
        "who could not answer there",
        (
            ("create", "alb-a", A_AND_MORE, {"network": "sibling", "target": "HTTP:8080"}, "active"),
            *(("show", "alb-a", 443), ("create", "alb-c", A_AND_MORE, {**PASSES, "domain": WEB}, "active")),
            *(("ring",), ("retag", "alb-a", {**PASSES, "domain": WEB}), *LATER),
        ),
        {"alb-a": ("unreachable", "alb-a"), "alb-c": ("connected", WEB)},
    ),
]


@pytest.mark.parametrize(("acts", "told"), [case[1:] for case in PLAYED], ids=[case[0] for case in PLAYED])
def test_what_is_told_of_who_stays_is_so(acts: tuple[Act, ...], told: dict[str, tuple[str, str]]) -> None:
    player = played(History(seed=1, acts=acts))
    assert player.problems == []
    assert shown.answers(player.world) == told


def test_a_service_that_somebody_else_brought_to_the_other_network_leaves_the_old_one() -> None:
    moved = existing(tags=wish(network="sibling"))
    world, other = two(existing())
    there = Association(arn="arn:theirs", network=OTHER_NETWORK_ARN, status="ACTIVE", owned=False)
    seen = world.existing[moved.arn]
    world.existing[moved.arn] = replace(seen, associations=(*seen.associations, there))
    world.tag(moved)
    together(world, other)
    assert networks(world) == THERE


def test_who_moves_under_another_name_is_not_held_by_who_asks_for_the_old_one_in_vain() -> None:
    world, other = two(SHOP)
    world.tag(tagged("a", service="bank", network="sibling"))
    world.tag(tagged("b", service="shop", network="sibling", listen="HTTP:99999"))
    together(world, other)
    assert networks(world) == THERE
    assert other.answers(balancer("a").arn)["status"] == "connected"
    assert [(state.name, state.status) for state in world.memory.services] == [("shop", "kept")]


def test_what_a_hand_has_put_on_the_other_network_has_its_domain_while_it_waits_for_it() -> None:
    asks = {"network": "net", "service": "bank", "listen": "HTTP:80"}
    acts: tuple[Act, ...] = (
        *(("create", "alb-b", ("HTTP:80",), {}, "active"), ("by_hand", "alb-b", "bank", asks)),
        *(("retag", "alb-b", {**asks, "network": "sibling"}), ("ring",), ("set", "alb-b", "network", "net"), *LATER),
    )
    player = played(History(seed=1, acts=acts))
    assert player.problems == []
    said = next(player.world.answers(one) for one in player.world.load_balancers)
    assert (said["status"], said["domain"]) == ("waiting", "bank-1.on.aws")


@pytest.mark.parametrize("thing", [vpc(), SHOP, existing()], ids=["a VPC", "a name", "a service"])
def test_a_network_that_is_given_up_waits_for_no_word(thing: Any) -> None:
    world, other = two(thing)
    wrong = {"allow-from": "10.0.0.0/33"} if isinstance(thing, Vpc) else {"listen": "HTTP:99999"}
    name = {"service": "shop"} if thing is SHOP else {}
    world.tag(replace(thing, tags=wish(network="sibling", **name, **wrong)))
    together(world, other)
    assert networks(world) == HERE
    world.network = replace(world.network, offboarding=True)
    run(world)
    assert networks(world) == set()
    assert [one for one in world.services.values() if one.mark == "net"] == []


def test_a_word_is_not_remembered_of_what_infra_keeps_from_going() -> None:
    world, other = two(SHOP)
    world.network = replace(world.network, vanish="nothing")
    moved = tagged("a", service="shop", network="sibling")
    world.tag(moved)
    together(world, other)
    assert other.answers(moved.arn)["status"] == "waiting"
    world.tag(replace(moved, tags={**moved.tags, "lattice:listen": "HTTP:99999"}))
    run(other)
    world.network, world.now = replace(world.network, vanish="everything"), other.now
    together(world, other)
    assert (networks(world), other.answers(moved.arn)["status"]) == (HERE, "refused")


def test_two_who_swap_names_on_the_way_go_on_here_and_get_there_when_one_has_another_name_first() -> None:
    world, other = two(SHOP, tagged("b", service="bank"))

    def moves(name: str, service: str) -> None:
        world.tag(tagged(name, network="sibling", service=service))
        together(world, other)
        world.now = other.now = max(world.now, other.now) + 3600
        together(world, other)

    world.tag(tagged("b", network="sibling", service="shop"))
    moves("a", "bank")
    said = [other.answers(balancer(name).arn) for name in ("a", "b")]
    assert [one["status"] for one in said] == ["waiting", "waiting"]
    assert all(served(world, one) for one in world.services.values())
    assert networks(world) == HERE
    moves("a", "own")
    moves("a", "bank")
    said = [other.answers(balancer(name).arn) for name in ("a", "b")]
    assert [one["status"] for one in said] == ["connected", "connected"]
    assert networks(world) >= THERE
