"""Changes that follow one another at once: a load balancer is in two target groups at most, and each has its place."""

from typing import Any

import pytest
from histories import Act, History, Player
from model_world import World, balancer, network, run, tagged
from msgspec.structs import replace
from onramp.core.model import EVERYTHING, Forward, Rule

PORTS = ("HTTP:80", "HTTP:8080", "HTTP:8081", "HTTPS:443", "HTTPS:8443")
PLAIN = {"network": "net", "service": "shop", "listen": "HTTP:80", "target": "HTTP:80"}
RULED = {**PLAIN, "path-prefix": "/api"}
OWN = {"network": "net", "domain": "api.shop.example.jp", "listen": "HTTP:80", "target": "HTTP:80"}
SEALED = {**OWN, "listen": "TLS_PASSTHROUGH:443", "target": "HTTPS:443"}

CHANGES: dict[str, tuple[dict[str, str], ...]] = {
    "two targets": (PLAIN, {**PLAIN, "target": "HTTP:8080"}, {**PLAIN, "target": "HTTP:8081"}),
    "two targets of rules": (RULED, {**RULED, "target": "HTTP:8080"}, {**RULED, "target": "HTTP:8081"}),
    "a target, then a name": (PLAIN, {**PLAIN, "target": "HTTP:8080"}, {**PLAIN, "service": "bank"}),
    "rules and their target, then a name": (RULED, {**RULED, "target": "HTTP:8080"}, {**RULED, "service": "bank"}),
    "a target by a tool's shares": (
        {**PLAIN, "weight": "theirs"},
        {**PLAIN, "weight": "theirs", "target": "HTTP:8080"},
        {**PLAIN, "weight": "theirs", "target": "HTTP:8081"},
    ),
    "what passes through, then its target": (OWN, SEALED, {**SEALED, "target": "HTTPS:8443"}),
    "what passes through, then a domain": (OWN, SEALED, {**SEALED, "domain": "web.shop.example.jp"}),
    "what passed through, then a domain": (
        SEALED,
        OWN,
        {**OWN, "domain": "web.shop.example.jp", "target": "HTTP:8080"},
    ),
}


def played(*tags: dict[str, str], at: int, beside: dict[str, str] | None) -> Player:
    """A load balancer serves with the first, gets the second, and so many rounds later the third."""
    first, second, third = tags
    acts: list[Act] = [("create", "alb-a", PORTS, first, "active"), ("vpc", "vpc-1", {"network": "net"})]
    acts += [("create", "alb-b", PORTS, beside, "active")] if beside else []
    acts += [("ring",), ("retag", "alb-a", second), ("ring", (at, ("retag", "alb-a", third)))]
    player = Player(History(seed=0, acts=tuple(acts)))
    assert player.play() == []
    return player


BESIDE = {"alone": None, "shared": PLAIN, "beside rules": {**PLAIN, "path": "/v2"}}
CASES = [
    (change, who) for change, tags in CHANGES.items() for who in BESIDE if who == "alone" or "domain" not in tags[0]
]
"""Another load balancer keeps what the service listens for."""


@pytest.mark.parametrize("at", [2, 3, 4, 5])
@pytest.mark.parametrize(("change", "who"), CASES)
def test_of_two_places_behind_one_service_one_goes_where_the_next_change_needs_it(
    change: str, who: str, at: int
) -> None:
    tags = CHANGES[change]
    player = played(*tags, at=at, beside=BESIDE[who])
    [asks] = [one for one in player.world.load_balancers.values() if one.name == "alb-a"]
    assert player.world.answers(asks.arn)["status"] == "connected"
    targets = [(to.id, to.port) for group in player.world.groups.values() for to in group.targets]
    assert [port for found, port in targets if found == asks.arn] == [int(tags[2]["target"].partition(":")[2])]


def in_between(world: World, **given: Any) -> None:
    """The load balancer serves by the target groups of both its ports, as in the middle of a change."""
    run(world.tag(tagged("a", *PORTS, service="shop", listen="HTTP:80", target="HTTP:80")))
    world.tag(tagged("a", *PORTS, service="shop", listen="HTTP:80", target="HTTP:8080"))

    def stop(there: World) -> None:
        [service] = there.services.values()
        if len(service.listeners[0].forwards) == 2:
            there.network = replace(there.network, **given)
            there.tag(tagged("a", *PORTS, service="shop", listen="HTTP:80", target="HTTP:8081"))

    run(world, every_look=stop)


@pytest.mark.parametrize("vanish", ["associations", "nothing"])
def test_where_infra_lets_no_target_group_go_the_third_place_is_refused(vanish: str) -> None:
    world = World(network())
    in_between(world, vanish=vanish)
    assert world.answers(balancer("a").arn)["message"].startswith("load-balancer-in-two-groups: ")


def test_what_a_hand_s_rule_sends_to_as_well_gives_no_place_and_the_other_does() -> None:
    world = World(network())
    run(world.tag(tagged("a", *PORTS, service="shop", listen="HTTP:80", target="HTTP:80")))
    [(arn, service)] = world.services.items()
    [listener] = service.listeners
    there = listener.forwards[0].target_group
    rule = Rule(
        arn="arn:r", name="theirs", priority=1, owned=False, match=EVERYTHING, forwards=(Forward(target_group=there),)
    )
    world.services[arn] = replace(service, listeners=(replace(listener, found_rules=(rule,)),))
    in_between(world)
    run(world)
    ports = {to.port for group in world.groups.values() for to in group.targets}
    assert ports == {80, 8081}


class Watched(Player):
    """`ports`: of the load balancer, to which `shop` sends when its next target group is filled."""

    ports: frozenset[int] = frozenset()

    def moment(self, why: str) -> None:
        super().moment(why)
        sent = {
            to.target_group for one in self.world.services.values() for found in one.listeners for to in found.sends
        }
        if why.startswith("RegisterTarget"):
            there = [group for key, group in self.world.groups.items() if key.rpartition("/")[2] in sent]
            self.ports = frozenset(target.port for group in there for target in group.targets)


@pytest.mark.parametrize(("first", "second"), [("HTTP:80", "HTTP:8080"), ("HTTP:8080", "HTTP:80")])
def test_of_two_places_the_one_is_kept_that_the_tags_name_by_then(first: str, second: str) -> None:
    """Whoever moves from one port to another may be about to close the first, and no look asks about it."""
    change: tuple[Act, ...] = (
        ("create", "alb-a", PORTS, {**PLAIN, "target": first}, "active"),
        *(("ring",), ("set", "alb-a", "target", second), ("ring", (3, ("set", "alb-a", "service", "bank")))),
    )
    player = Watched(History(seed=0, acts=change))
    assert player.play() == []
    assert {f"HTTP:{port}" for port in player.ports} == {second}
