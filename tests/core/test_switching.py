"""Make before break: nothing that serves is let go before what takes its place was seen to serve."""

from itertools import product
from typing import Any

import pytest
from histories import Act, History, Player, played
from model_world import NETWORK_ARN, TEAM, World, balancer, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core.errors import Refused
from onramp.core.model import AlbListener, Forward, Match, Rule, SecurityGroup, Target, TargetGroup
from onramp.core.plan import plan
from onramp.core.reach import Finding
from onramp.core.steps import (
    AnyStep,
    AssociateService,
    CreateSecurityGroup,
    CreateTargetGroup,
    RegisterTarget,
    UpdateSecurityGroup,
)

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
            if target.status not in {"DRAINING", "INITIAL"}
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


@pytest.mark.parametrize("kind", ["CreateService", "AssociateService", "CreateTargetGroup", "CreateListener"])
def test_who_waits_for_the_listener_of_one_whose_next_service_aws_refuses_is_told_what_to_do(kind: str) -> None:
    world = World(NET).tag(*(tagged(name, service="shop", listen="HTTP:80") for name in ("a", "b")))
    run(world)
    world.refusing = lambda step: "AccessDenied no" if step.kind == kind and "shop" not in step.name else ""
    run(world.tag(tagged("a", service="bank", listen="HTTP:80")))
    world.tag(tagged("b", service="shop", listen="HTTPS:80", target="HTTP:80"))
    for _ in range(2):
        run(world)
        said = world.answers(balancer("b").arn)
        assert (said["status"], said["domain"]) == ("refused", world.services[next(iter(world.services))].domain)
        assert said["message"].startswith("listen-conflict: write HTTP:80")
    world.refusing = lambda _: ""
    run(world)
    run(world)
    assert {one: world.answers(balancer(one).arn)["status"] for one in "ab"} == dict.fromkeys("ab", "connected")


def test_of_those_who_serve_whoever_asks_for_what_the_service_listens_for_stays_and_the_other_is_refused() -> None:
    world = World(NET).tag(*(tagged(name, service="shop", listen="HTTP:80") for name in ("a", "b")))
    run(world)
    world.tag(tagged("a", service="shop", listen="HTTP:81"))
    run(world)
    told = {name: world.answers(balancer(name).arn) for name in ("a", "b")}
    assert {name: said["status"] for name, said in told.items()} == {"a": "refused", "b": "connected"}
    assert told["a"]["message"].startswith("listen-conflict: write HTTP:80 in the listen tag")
    [service] = world.services.values()
    assert [found.name for found in service.listeners] == ["http-80"]


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


def occupied(world: World, *numbers: int) -> None:
    """Somebody puts load balancer `a` into target groups of their own."""
    for number in numbers:
        arn = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:targetgroup/tg-theirs-{number}"
        target = Target(id=balancer("a").arn, port=80, status="UNAVAILABLE")
        world.groups[arn] = TargetGroup(
            arn=arn, name=f"theirs-{number}", status="ACTIVE", owned=False, targets=(target,)
        )


def test_what_was_begun_for_a_load_balancer_that_turns_out_to_be_in_two_groups_is_unwound() -> None:
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:80"))

    def meanwhile(there: World) -> None:
        if there.services and len(there.groups) == 1:
            occupied(there, 1, 2)

    run(world, every_look=meanwhile)
    assert not world.services
    assert {group.name for group in world.groups.values()} == {"theirs-1", "theirs-2"}
    said = world.answers(balancer("a").arn)
    assert said["status"] == "refused"
    assert said["message"].startswith("load-balancer-in-two-groups: take the load balancer out of one of")
    kinds: list[str] = []
    world.every_step = lambda step: kinds.append(step.kind)
    run(world)
    assert kinds == []
    world.groups.clear()
    run(world)
    assert serving(world) == {"shop": {80}}


def test_for_a_load_balancer_that_is_in_two_groups_the_network_is_not_even_shared() -> None:
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:80"))
    occupied(world, 1, 2)
    run(world)
    assert {step.kind for step in world.done} == {"WriteStatus"}
    assert world.answers(balancer("a").arn)["message"].startswith("load-balancer-in-two-groups: ")


FIRST = {"network": "net", "service": "shop", "listen": "HTTP:80"}


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("other", [{"service": "bank"}, {"domain": "api.shop.example.jp"}], ids=["name", "domain"])
def test_who_changes_his_target_while_his_old_service_goes_on_has_a_place_for_it(
    other: dict[str, str], beside: bool
) -> None:
    """It answers by its new service already: the place in the old one is what the new target needs."""
    moved = {**FIRST, **other, "target": "HTTP:8080"}
    acts: list[Act] = [
        ("create", "alb-a", TWO, {**FIRST, "target": "HTTP:8080"}, "active"),
        ("vpc", "vpc-1", {"network": "net"}),
    ]
    acts += [("create", "alb-b", TWO, {**FIRST, "target": "HTTP:8080"}, "active")] if beside else []
    acts += [("ring",), ("retag", "alb-a", moved), ("ring", (3, ("retag", "alb-a", {**moved, "target": "HTTP:8081"})))]
    player = Player(History(seed=0, acts=tuple(acts)))
    assert player.play() == []
    assert {state.status for state in player.world.memory.services} == {"connected" if beside else "kept", "connected"}
    assert 8081 in set().union(*serving(player.world).values())


@pytest.mark.parametrize("old", ["HTTP:8080", "HTTP:9090"], ids=["he answers by the old service", "by none"])
def test_who_changes_his_target_before_the_old_service_has_left_gives_up_the_place_that_answers_nothing(
    old: str,
) -> None:
    world = World(NET).tag(tagged("a", *TWO, service="shop", target="HTTP:8080"))
    run(world)
    world.network = replace(NET, quiet_seconds=60)
    world.tag(tagged("a", *TWO, service="bank", target="HTTP:8081"))
    answered: list[set[int]] = []

    def after(step: AnyStep) -> None:
        if isinstance(step, AssociateService):
            world.tag(tagged("a", old, "HTTP:8082", service="bank", target="HTTP:8082"))
        answered.append(set().union(*serving(world).values()))

    world.every_step = after
    run(world)
    run(world)
    assert serving(world) == {"bank": {8082}}
    assert world.answers(balancer("a").arn)["status"] == "connected"
    if old == "HTTP:8080":
        assert all(answered[answered.index({8080}) :]), "what answered goes on until the next one does"


@pytest.mark.parametrize("rounds", [3, 5, 6])
@pytest.mark.parametrize(
    "others", [(), ("shop",), ("bank",), ("shop", "bank")], ids=["alone", "in the first", "in the second", "in both"]
)
def test_who_stands_behind_two_services_and_asks_for_a_third_leaves_the_one_that_it_is_not_told_to_answer_by(
    rounds: int, others: tuple[str, ...]
) -> None:
    """A typing error in the middle of a change left it in both, and then nothing let it go on."""
    acts: list[Act] = [("create", "alb-a", ("HTTP:80",), FIRST, "active"), ("vpc", "vpc-1", {"network": "net"})]
    acts += [("create", f"alb-{one}", ("HTTP:80",), {**FIRST, "service": one}, "active") for one in others]
    acts += [("ring",), ("set", "alb-a", "service", "bank")]
    acts += [("ring", (rounds, ("set", "alb-a", "listen", "GOPHER:70"))), ("set", "alb-a", "service", "third")]
    acts += [("set", "alb-a", "listen", "HTTP:80"), ("ring",)]
    player = Player(History(seed=0, acts=tuple(acts)))
    assert player.play() == []
    assert serving(player.world).keys() == {"third", *others}


def test_where_an_owner_took_back_by_what_it_stays_it_leaves_the_other() -> None:
    acts: list[Act] = [("create", "alb-a", ("HTTP:80",), FIRST, "active"), ("vpc", "vpc-1", {"network": "net"})]
    acts += [("ring",), ("take_back", "associations"), ("ring",)]
    for service in ("bank", "third"):
        acts += [("set", "alb-a", "service", service), ("ring",)]
    player = Player(History(seed=0, acts=tuple(acts)))
    assert player.play() == []
    assert serving(player.world).keys() == {"shop", "third"}


def test_who_asks_for_a_service_that_people_made_and_put_it_behind_stays_in_its_own_and_is_told_why() -> None:
    """Their target group is none that it asks for, and takes the place of the one that it does."""
    asked = {"network": "net", "domain": "api.shop.example.jp"}
    handed = {"network": "net", "listen": "TLS_PASSTHROUGH", "domain": "api.shop.example.jp"}
    acts: list[Act] = [
        ("create", "alb-a", ("HTTP:80", "HTTP:8080", "HTTPS:443"), {"network": "net", "target": "HTTP:80"}, "active"),
        ("ring",),
        ("by_hand", "alb-a", "bank", handed),
        ("retag", "alb-a", asked),
        ("ring",),
    ]
    player = Player(History(seed=0, acts=tuple(acts), quiet=0, keep=0))
    assert player.play() == []
    [said] = (player.world.answers(arn) for arn in player.world.load_balancers)
    assert (said["status"], said["message"].partition(":")[0]) == ("refused", "load-balancer-in-two-groups")


def test_who_moves_to_a_siblings_network_and_is_in_a_strangers_group_too_is_told_that_there_is_no_place() -> None:
    """The old network waits for an answer in the new one, and that has none as long as the stranger's is there."""
    acts: list[Act] = [("create", "alb-a", ("HTTP:80",), FIRST, "active"), ("ring",), ("occupy", "alb-a", 1)]
    acts += [("retag", "alb-a", {"network": "sibling"}), ("ring",)]
    player = Player(History(seed=0, acts=tuple(acts)))
    assert player.play() == []
    [said] = (player.world.answers(arn) for arn in player.world.load_balancers)
    assert (said["status"], said["message"].partition(":")[0]) == ("refused", "load-balancer-in-two-groups")
    assert said["domain"] in {one.domain for one in player.world.services.values()}


def test_who_comes_to_a_rule_of_one_that_leaves_with_a_tools_word_on_it_has_a_share_at_once() -> None:
    api = {"network": "net", "service": "shop", "listen": "HTTP:80", "path-prefix": "/api"}
    acts: list[Act] = [
        ("create", "alb-a", ("HTTP:80",), FIRST, "active"),
        ("create", "alb-c", ("HTTP:80",), api, "active"),
        ("ring",),
        ("set", "alb-a", "path-prefix", "/api"),
        ("retag", "alb-c", {"weight": "theirs"}),
        ("ring",),
    ]
    assert Player(History(seed=0, acts=tuple(acts), quiet=60, keep=0)).play() == []


@pytest.mark.parametrize("vanish", ["associations", "nothing"])
def test_where_infra_has_things_stay_who_has_no_place_is_told_so_and_not_to_wait(vanish: Any) -> None:
    world = World(network(vanish=vanish)).tag(vpc())
    for name in ("shop", "bank", "third"):
        world.tag(tagged("a", service=name, listen="HTTP:80"))
        run(world)
    said = world.answers(balancer("a").arn)
    assert (said["status"], bool(said["domain"])) == ("refused", True)
    assert said["message"].startswith("load-balancer-in-two-groups: take the load balancer out of one of")
    world.network = replace(world.network, vanish="everything")
    for _ in range(2):
        run(world)
    assert serving(world).keys() == {"third"}


def test_whoever_was_put_into_our_target_group_instead_of_the_load_balancer_is_told_and_left_there() -> None:
    world = connected()
    [(key, group)] = world.groups.items()
    stranger = Target(id=balancer("theirs").arn, port=80, status="UNAVAILABLE")
    leaving = replace(group.targets[0], status="DRAINING")
    world.groups[key] = replace(group, targets=(leaving, stranger))
    world.done.clear()
    run(world)
    said = world.answers(balancer("a").arn)
    assert (said["status"], "domain" in said) == ("refused", False)
    assert said["message"].startswith(
        "target-replaced: take app/theirs/id-theirs port 80 out of target group tg-1: somebody put it there"
    )
    assert [step.kind for step in world.done] == ["WriteStatus"]
    world.groups[key] = replace(group, targets=())
    run(world)
    assert world.answers(balancer("a").arn)["status"] == "connected"
    assert world.groups[key].targets == group.targets


def test_a_service_that_was_there_before_stays_though_its_load_balancer_is_in_two_groups_by_now() -> None:
    world = connected()
    [before] = world.services
    for key, group in world.groups.items():
        world.groups[key] = replace(group, targets=())
    occupied(world, 1, 2)
    run(world)
    assert list(world.services) == [before]
    assert world.answers(balancer("a").arn)["status"] == "refused"


@pytest.mark.parametrize("tags", [{"target": "HTTP:8081"}, {"service": "bank"}, {"listen": "HTTP:81"}])
@pytest.mark.parametrize("looks", [1, 4])
def test_while_a_target_is_listed_and_sent_nothing_yet_the_old_way_stays_open(looks: int, tags: dict[str, str]) -> None:
    world = connected()
    world.slow_registration = -looks
    said = {"service": "shop", "listen": "HTTP:80", "target": "HTTP:8080", **tags}
    world.tag(tagged("a", *TWO, **said))
    run(world, every_look=somebody_serves)
    assert serving(world) == {said["service"]: {8081 if "target" in tags else 8080}}
    assert world.answers(balancer("a").arn)["status"] == "connected"


def test_a_load_balancer_that_is_sent_nothing_yet_is_not_told_that_it_is_connected() -> None:
    world = World(NET).tag(tagged("a", "HTTP:80", service="shop"))
    world.slow_registration = -6
    told = set()

    def look(there: World) -> None:
        targets = [target.status for group in there.groups.values() for target in group.targets]
        told.add((*targets, there.answers(balancer("a").arn).get("status", "")))

    run(world, every_look=look)
    assert {one for one in told if one[0] == "INITIAL"} == {("INITIAL", "connecting")}
    assert world.answers(balancer("a").arn)["status"] == "connected"


def test_who_joins_a_service_as_the_last_one_leaves_it_takes_its_requests_only_when_it_can_answer() -> None:
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:80"))
    run(world)
    world.slow_registration = -3
    world.tag(tagged("a", service="bank", listen="HTTP:80"), tagged("b", service="shop", listen="HTTP:80"))

    def shop_answers(there: World) -> None:
        assert serving(there)["shop"]

    run(world, every_look=shop_answers)
    assert serving(world).keys() == {"shop", "bank"}
    assert len(world.groups) == 2


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


def share(world: World, name: str = "shop") -> dict[str, int]:
    """Load balancer -> its weight behind the service's first listener."""
    [service] = [one for one in world.services.values() if one.name == name]
    filled = [group for group in world.groups.values() if group.targets]
    of = {group.arn.rpartition("/")[2]: group.targets[0].id.split("/")[-2] for group in filled}
    return {of[to.target_group]: to.weight for to in service.listeners[0].forwards}


def test_a_load_balancer_that_takes_all_requests_over_has_them_only_when_it_can_serve() -> None:
    """Blue and green in one step: the tags of both change at once, and green has no target group yet."""
    world = World(NET).tag(tagged("blue", service="shop"))
    run(world)
    looks: list[dict[str, int]] = []
    world.every_step = lambda _: looks.append(share(world))
    world.tag(tagged("blue", service="shop", weight="0"), tagged("green", service="shop"))
    run(world)
    assert all(any(weights.values()) for weights in looks)
    assert share(world) == {"blue": 0, "green": 100}


def test_while_the_one_that_takes_over_is_provisioned_requests_go_where_they_went() -> None:
    world = World(NET).tag(tagged("blue", service="shop"), tagged("other", service="shop", weight="0"))
    run(world)
    green = tagged("green", service="shop")
    world.tag(tagged("blue", service="shop", weight="0"), replace(green, state="provisioning", listeners=()))
    run(world)
    assert share(world) == {"blue": 100, "other": 0}
    run(world.tag(green))
    assert share(world) == {"blue": 0, "green": 100, "other": 0}


def test_a_service_whose_weights_are_all_0_and_that_nobody_else_joins_gets_no_requests() -> None:
    world = World(NET).tag(tagged("a", service="shop"))
    run(world)
    run(world.tag(tagged("a", service="shop", weight="0")))
    assert share(world) == {"a": 0}
    assert world.answers(balancer("a").arn)["message"].startswith("weights-zero")


def finding(world: World, name: str, code: str = "security-group", *, settling: bool = False, port: int = 0) -> World:
    found = Finding(code=code, message="admit the prefix list", settling=settling, port=port)
    world.findings = lambda _: {balancer(name).arn: found}  # type: ignore[method-assign]  # what reading would find
    return world


def test_a_newcomer_that_no_request_could_get_through_to_takes_none_from_those_who_serve() -> None:
    world = World(NET).tag(tagged("a", service="shop"))
    run(world)
    finding(world.tag(tagged("b", service="shop")), "b")
    run(world)
    assert share(world) == {"a": 100}
    assert world.answers(balancer("b").arn) == {
        "status": "unreachable",
        "message": "security-group: admit the prefix list",
    }
    assert world.answers(balancer("a").arn)["status"] == "connected"
    world.findings = lambda _: {}  # type: ignore[method-assign]
    run(world)
    assert share(world) == {"a": 100, "b": 100}


def test_a_newcomer_whose_targets_wait_for_their_first_health_check_is_waited_for_in_the_same_run() -> None:
    world = World(NET).tag(tagged("a", service="shop"))
    run(world)
    finding(world.tag(tagged("b", service="shop")), "b", "no-healthy-target", settling=True)
    looks: list[dict[str, int]] = []

    def healthy(now: World) -> None:
        looks.append(share(now))
        if len(looks) == 6:
            now.findings = lambda _: {}  # type: ignore[method-assign]

    run(world, every_look=healthy)
    assert looks[:5] == [{"a": 100}] * 5
    assert share(world) == {"a": 100, "b": 100}


def test_where_nobody_else_answers_one_that_nothing_gets_through_to_yet_is_sent_to_at_once() -> None:
    world = World(NET).tag(tagged("a", service="shop"))
    run(world)
    del world.load_balancers[balancer("a").arn]
    finding(world.tag(tagged("b", service="shop")), "b", "no-healthy-target")
    run(world)
    assert share(world) == {"b": 100}


def test_a_target_that_could_not_answer_is_refused_and_the_one_before_goes_on() -> None:
    world = connected()
    finding(world, "a", "certificate-mismatch", port=8081)
    world.tag(tagged("a", *TWO, service="shop", listen="HTTP:80", target="HTTP:8081"))
    run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8080}}
    said = world.answers(balancer("a").arn)
    [service] = world.services.values()
    assert (said["status"], said["domain"]) == ("refused", service.domain)
    assert said["message"].startswith("certificate-mismatch: ")
    assert [state.answers for state in world.memory.services] == [True]
    assert "Service Disconnected" not in [one.detail_type for one in world.reports[-1].announcements]


def test_a_service_with_as_many_load_balancers_as_it_may_have_changes_them_one_by_one() -> None:
    ten = [f"b-{number}" for number in range(10)]
    world = World(NET).tag(*(tagged(name, *TWO, service="shop", target="HTTP:8080") for name in ten))
    run(world)
    world.tag(*(tagged(name, *TWO, service="shop", target="HTTP:8081") for name in ten))
    fewest: list[int] = []
    world.every_step = lambda _: fewest.append(len(share(world)))
    run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8081}}
    assert (len(world.groups), min(fewest)) == (10, 10)


def test_a_load_balancer_whose_target_group_lost_our_mark_goes_on() -> None:
    world = World(NET).tag(tagged("a", service="shop"), tagged("b", service="shop", weight="0"))
    run(world)
    [theirs] = [group for group in world.groups.values() if group.targets[0].id == balancer("a").arn]
    # As it is read: of what is not ours nothing but the name.
    seen = world.observe()
    groups = tuple(
        replace(one, owned=False, targets=()) if one.arn == theirs.arn else one for one in seen.target_groups
    )
    planned = plan(NET, replace(seen, target_groups=groups))
    assert [step.kind for step in steps(planned) if step.kind != "WriteStatus"] == []
    assert [refusal.code for refusal in planned.refusals] == ["name-taken"]


def test_where_the_quota_is_full_a_listener_makes_no_room_before_all_who_ask_for_the_new_ones_are_there() -> None:
    given = {"network": "net", "service": "shop", "domain": "api.shop.example.jp", "listen": "TLS_PASSTHROUGH:443"}
    given |= {"target": "HTTPS:443"}
    acts: tuple[Act, ...] = (
        *(("create", name, ("HTTP:80", "HTTPS:443"), given, "active") for name in ("alb-a", "alb-b")),
        *(("ring",), ("set", "alb-a", "listen", "HTTP:80 HTTP:81"), ("retag", "alb-b", {})),
        ("ring", (3, ("retag", "alb-b", {**given, "listen": "HTTP:80 HTTP:81"}))),
    )
    for quiet in (0, 60):
        player = played(History(seed=0, acts=acts, quiet=quiet))
        assert player.problems == []
        assert {found.name for one in player.world.services.values() for found in one.listeners} == {
            "http-80",
            "http-81",
        }


def test_a_listener_that_one_with_a_wrong_tag_holds_is_refused_to_the_next_and_not_waited_for() -> None:
    """Seed 914 of the histories."""
    world = World(NET).tag(tagged("a", service="shop"), tagged("b", service="bank"))
    run(world)
    world.tag(tagged("a", colour="red"), tagged("b", service="shop", listen="HTTP:82 HTTP:83"))
    looks: list[int] = []
    run(world, every_look=lambda _: looks.append(1))
    assert len(looks) < 8
    assert world.answers(balancer("b").arn)["message"].startswith("listen-conflict: write HTTPS:443")
    assert (serving(world)["bank"], world.answers(balancer("b").arn)["domain"][:4]) == ({80}, "bank")


def test_a_listener_that_one_holds_who_cannot_move_is_refused_to_the_next_and_not_waited_for() -> None:
    """Seed 102699 of the histories: its tags are right, and it is in as many target groups as it may be."""
    world = World(NET).tag(tagged("a", service="shop"))
    run(world)
    theirs = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:targetgroup/theirs"
    target = Target(id=balancer("a").arn, port=80, status="UNAVAILABLE")
    world.groups[theirs] = TargetGroup(arn=theirs, name="theirs", status="ACTIVE", owned=False, targets=(target,))
    world.tag(tagged("a", service="bank"), tagged("b", service="shop", listen="HTTP:82 HTTP:83"))
    looks: list[int] = []
    run(world, every_look=lambda _: looks.append(1))
    assert len(looks) < 8
    assert world.answers(balancer("a").arn)["message"].startswith("load-balancer-in-two-groups: ")
    assert world.answers(balancer("b").arn)["message"].startswith("listen-conflict: write HTTPS:443")
    assert serving(world)["shop"] >= {80}


def test_a_port_that_is_to_speak_another_protocol_waits_for_whoever_is_still_reached_by_it() -> None:
    """Seed 50466 of the histories: the one that serves is renamed, and the one that joined asks for HTTPS there."""
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:80"))
    run(world)
    run(world.tag(tagged("b", service="shop", listen="HTTPS:80")))
    assert world.answers(balancer("b").arn)["message"].startswith("listen-conflict")
    world.tag(tagged("a", service="bank", listen="HTTP:80"))
    run(world, every_look=somebody_serves)
    listening = {one.name: {found.name for found in one.listeners} for one in world.services.values()}
    assert listening == {"shop": {"https-80"}, "bank": {"http-80"}}


def test_who_takes_by_rules_alone_has_the_port_in_another_protocol_when_whoever_answered_by_default_has_left() -> None:
    """Seed 62440 of the histories: the one who left went on for good, and the one who came was `connecting`."""
    world = World(network(quiet_seconds=60)).tag(tagged("a", service="shop", listen="HTTP:80"))
    run(world)
    world.untag().tag(tagged("b", service="shop", listen="HTTPS:80", path="/api"))
    run(world)
    [service] = world.services.values()
    assert [found.name for found in service.listeners] == ["https-80"]
    assert {world.answers(balancer(name).arn).get("status") for name in "ab"} == {"connected", None}


def test_a_share_for_a_listener_that_its_load_balancer_gave_up_is_let_go_once_another_answers() -> None:
    """Seed 50961 of the histories: its weight of 100 stood beside the new one's of 1."""
    world = World(network(quiet_seconds=0, keep_seconds=86400)).tag(
        tagged("a", service="shop"), tagged("b", service="shop")
    )
    run(world)
    world.tag(tagged("b", *TWO, service="shop", target="HTTP:8081", weight="1"))
    world.load_balancers[balancer("a").arn] = replace(world.load_balancers[balancer("a").arn], tags={})
    parts: list[set[str]] = []
    world.every_step = lambda step: parts.append(set(share(world))) if step.kind == "UpdateListener" else None
    run(world, every_look=somebody_serves)
    assert share(world) == {"b": 1}
    assert parts == [{"b"}]


def test_a_vpc_is_not_joined_before_its_group_says_who_may_call() -> None:
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:80"), vpc(allow_from="10.1.0.0/24"))

    def refused(step: AnyStep) -> str:
        if isinstance(step, CreateSecurityGroup):
            # It was made, and then its rules were denied.
            made = SecurityGroup(id="sg-00000001", name=step.name, vpc=step.vpc, owned=True)
            world.security_groups[made.id] = made
            return "access-denied: AuthorizeSecurityGroupIngress"
        return "access-denied: AuthorizeSecurityGroupIngress" if isinstance(step, UpdateSecurityGroup) else ""

    world.refusing = refused
    run(world)
    assert not world.vpc_associations
    assert world.answers("vpc-1")["status"] == "failed"
    [state] = world.memory.clients
    assert not state.answers
    world.refusing = lambda _: ""
    run(world)
    [inside] = world.vpc_associations.values()
    assert inside.security_groups == {"sg-00000001"}
    assert world.security_groups["sg-00000001"].admits
    assert world.answers("vpc-1")["status"] == "connected"


@pytest.mark.parametrize("listen", ["HTTP:81 HTTP:82", "HTTP:81", "HTTPS:80"])
@pytest.mark.parametrize("cause", ["arriving", "closed"])
def test_who_serves_makes_no_room_for_a_target_that_takes_no_requests_yet(listen: str, cause: str) -> None:
    world = connected()
    wish = tagged("a", *TWO, service="shop", listen=listen, target="HTTP:8081")
    if cause == "arriving":
        world.slow_registration = -3
    else:
        world.found = {wish.arn: Finding(code="security-group", message="admit it")}
    world.tag(wish)
    run(world, every_look=somebody_serves)
    if cause == "closed":
        assert world.answers(wish.arn)["message"].startswith("security-group: ")
        # Beside what serves, where there is room, it may stand.
        assert 8080 in serving(world)["shop"]
        world.found = {}
        run(world, every_look=somebody_serves)
    assert serving(world) == {"shop": {8081}}
    [service] = world.services.values()
    assert {f"{found.protocol}:{found.port}" for found in service.listeners} == set(listen.split())


def test_of_what_stands_behind_a_rule_that_takes_everything_nothing_answers() -> None:
    world = World(NET).tag(
        tagged("a", service="shop", listen="HTTP:80"), tagged("b", service="shop", listen="HTTP:80", path_prefix="/")
    )
    run(world)
    [state] = world.memory.services
    assert state.answers
    wrong = tagged("a", service="shop", listen="none")
    world.tag(wrong, tagged("b", "HTTP:81", "HTTP:82", service="shop", listen="HTTP:80", path_prefix="/"))
    run(world)
    [state] = world.memory.services
    assert not state.answers
    assert "domain" not in world.answers(wrong.arn)


def test_who_serves_on_while_his_tags_are_wrong_is_told_when_that_answers_no_more() -> None:
    world = connected()
    wrong = tagged("a", *TWO, service="shop", listen="none")
    world.tag(wrong)
    run(world)
    assert "domain" in world.answers(wrong.arn)
    world.found = {wrong.arn: Finding(code="security-group", message="admit it")}
    run(world)
    [state] = world.memory.services
    assert (state.answers, "domain" in world.answers(wrong.arn)) == (False, False)
    assert world.answers(wrong.arn)["message"].startswith("listen-invalid: ")


def test_who_stands_behind_another_s_rule_that_takes_everything_is_told_when_nothing_answers_there() -> None:
    default = tagged("a", service="shop", listen="HTTP:80")
    world = World(NET).tag(default, tagged("b", service="shop", listen="HTTP:80", path_prefix="/"))
    run(world)
    moved = replace(balancer("b", *TWO), tags=world.load_balancers[balancer("b").arn].tags)
    world.tag(moved)
    run(world)
    assert world.answers(moved.arn)["message"].startswith("target-ambiguous")
    answer = world.answers(default.arn)
    assert (answer["status"], "domain" in answer) == ("unreachable", False)
    assert answer["message"].startswith(
        "rule-takes-all: mend the load balancer whose rule takes all that would come here"
    )


EVERYTHING = Match(path="/", begins=True)


def with_rule_of_a_hand(world: World, match: Match | None, *forwards: Forward) -> None:
    """Somebody makes a rule on the listeners, which is asked before all of ours."""
    for service in world.services.values():
        rule = Rule(arn="arn:r", name="theirs", priority=1, owned=False, match=match, forwards=forwards)
        listeners = tuple(
            replace(one, found_rules=(rule, *one.own_rules), rules=("theirs",)) for one in service.listeners
        )
        world.services[service.arn] = replace(service, listeners=listeners)


@pytest.mark.parametrize(
    ("tags", "match", "takes"),
    [
        ({}, EVERYTHING, True),
        ({}, Match(path="/api", begins=True), False),
        ({}, Match(path="/", begins=True, method="GET"), False),
        ({}, None, False),
        ({"path": "/api"}, EVERYTHING, True),
        ({"path": "/api"}, Match(path="/", begins=True, method="GET"), False),
        ({"path": "/api"}, Match(path="/api", begins=True), True),
    ],
)
def test_who_gets_nothing_since_somebody_s_rule_takes_all_of_it_is_told_which_it_is(
    tags: dict[str, str], match: Match | None, *, takes: bool
) -> None:
    asks = tagged("a", service="shop", listen="HTTP:80", **tags)
    world = World(NET).tag(asks)
    run(world)
    with_rule_of_a_hand(world, match)
    run(world)
    answer = world.answers(asks.arn)
    assert answer["status"] == ("unreachable" if takes else "connected")
    remedy = "rule-takes-all: remove rule theirs of listener http-80 of service shop: somebody made it"
    assert answer.get("message", "").startswith(remedy) is takes
    assert world.memory.services[0].answers is not takes
    with_rule_of_a_hand(world, None)
    run(world)
    assert world.answers(asks.arn)["status"] == "connected"


def test_who_gets_his_requests_by_somebody_s_rule_is_connected_and_who_does_not_is_not() -> None:
    asks = {"service": "shop", "listen": "HTTP:80"}
    default, ruled = tagged("a", **asks), tagged("b", **asks, path="/b")
    world = World(NET).tag(default, ruled)
    run(world)
    [mine] = [group for group in world.groups.values() if group.targets[0].id == default.arn]
    with_rule_of_a_hand(world, EVERYTHING, Forward(target_group=mine.arn.rpartition("/")[2]))
    run(world)
    assert [world.answers(one.arn)["status"] for one in (default, ruled)] == ["connected", "unreachable"]
    assert world.answers(ruled.arn)["message"].startswith("rule-takes-all: remove rule theirs ")


def test_who_is_refused_and_answers_by_a_rule_of_somebody_s_has_the_domain_and_the_service_answers() -> None:
    """It made the service, and another one after it; both were handed over, and the second one's rule is its own."""
    asks = {"service": "shop", "listen": "HTTP:80", "path": "/a"}
    first, second = tagged("a", **asks), tagged("b", **{**asks, "path": "/b", "priority": "1"})
    world = World(NET).tag(first)
    run(world)
    group = TargetGroup(
        arn=world.new("targetgroup", "tg"),
        name="second-hand",
        status="ACTIVE",
        owned=False,
        targets=(Target(id=second.arn, port=80, status="UNAVAILABLE"),),
    )
    world.groups[group.arn] = group
    with_rule_of_a_hand(world, Match(path="/b"), Forward(target_group=group.arn.rpartition("/")[2]))
    world.tag(second)
    run(world)
    answer = world.answers(second.arn)
    assert (answer["status"], "domain" in answer) == ("refused", True)
    assert world.memory.services[0].serving == tuple(sorted((first.arn, second.arn)))
    # Nothing listens any more where our own rule sends to: what somebody's rule answers answers still.
    world.tag(replace(first, listeners=()))
    run(world)
    assert (world.memory.services[0].answers, "domain" in world.answers(second.arn)) == (True, True)
    world.groups[group.arn] = replace(group, targets=())
    run(world)
    assert (world.memory.services[0].answers, "domain" in world.answers(second.arn)) == (False, False)


def test_a_group_that_a_rule_of_somebody_s_may_send_to_is_not_emptied_when_nobody_asks_for_it() -> None:
    """Which rules somebody made is read every few hours only, or where tags ask for some; who uses a group is told."""
    world = World(NET).tag(tagged("a", service="shop", listen="HTTP:80"), tagged("b", service="shop", listen="HTTP:80"))
    run(world)
    world.tag(balancer("b"))
    seen = world.observe()
    [service], [mine] = seen.services, [one for one in seen.target_groups if one.targets[0].id == balancer("b").arn]
    alone = tuple(to for to in service.listeners[0].forwards if not mine.arn.endswith(to.target_group))
    left = replace(service, listeners=(replace(service.listeners[0], forwards=alone),))
    for users, kinds_ in (((service.arn.rpartition("/")[2],), []), ((), ["DeleteTargetGroup"])):
        groups = tuple(replace(one, used_by=users) if one is mine else one for one in seen.target_groups)
        observed = replace(seen, services=(left,), target_groups=groups)
        done = plan(NET, observed, now=world.now + 3600, since={balancer("b").arn: 0.0})
        assert [step.kind for batch in done.batches for step in batch.steps if step.name == mine.name] == kinds_


@pytest.mark.parametrize("used", [True, False])
def test_nor_does_whoever_needs_its_place_wait_for_it_to_go(*, used: bool) -> None:
    ports = (*TWO, "HTTP:8082")
    world = World(NET).tag(tagged("a", *ports, service="shop", listen="HTTP:80", target="HTTP:8080"))
    run(world)
    [first] = world.groups.values()
    beside = replace(first, arn=world.new("targetgroup", "tg"), name="beside")
    world.tag(tagged("a", *ports, service="shop", listen="HTTP:80", target="HTTP:8081"))
    seen = world.observe()
    users = (seen.services[0].arn.rpartition("/")[2],) if used else ()
    done = plan(NET, replace(seen, target_groups=(first, replace(beside, used_by=users))))
    codes = [one.code for one in done.refusals]
    assert codes == (["load-balancer-in-two-groups"] if used else [])


def test_who_can_answer_at_neither_port_is_unreachable_and_not_refused_one_of_them() -> None:
    world = connected()
    wish = tagged("a", *TWO, service="shop", listen="HTTP:80", target="HTTP:8081")
    closed = Finding(code="security-group", message="admit it", everywhere=True)
    world.findings = lambda _: {wish.arn: closed}  # type: ignore[method-assign]  # what reading would find
    world.tag(wish)
    run(world)
    assert world.answers(wish.arn) == {"status": "unreachable", "message": "security-group: admit it"}
    assert [state.answers for state in world.memory.services] == [False]


def test_what_a_name_that_cannot_be_left_is_kept_by_is_told_when_it_answers_no_more() -> None:
    world = connected()
    wish = tagged("a", *TWO, service="bank", listen="HTTP:80", target="HTTP:99")
    world.tag(wish)
    run(world)
    assert (world.answers(wish.arn)["status"], "domain" in world.answers(wish.arn)) == ("refused", True)
    world.found = {wish.arn: Finding(code="security-group", message="admit it")}
    run(world)
    assert (world.answers(wish.arn)["status"], "domain" in world.answers(wish.arn)) == ("refused", False)


def test_a_default_stays_with_its_service_where_the_load_balancer_is_in_two() -> None:
    world = connected()
    world.network = replace(world.network, vanish="nothing")
    world.tag(tagged("a", *TWO, service="bank", listen="HTTP:80", target="HTTP:8081"))
    run(world)
    assert serving(world) == {"shop": {8080}, "bank": {8081}}
    world.tag(tagged("a", *TWO, service="bank", listen="HTTP:80"))
    run(world)
    assert serving(world) == {"shop": {8080}, "bank": {8081}}, "the port of another service is none of its own"
    assert world.answers(balancer("a").arn)["status"] == "connected"
    world.tag(tagged("a", *TWO, service="shop", listen="HTTP:80"))
    run(world)
    assert serving(world) == {"shop": {8080}, "bank": {8081}}


OVER_443 = {"HTTP:443": "HTTP:80", "HTTPS:443": "HTTP:80", "TLS_PASSTHROUGH:443": "HTTPS:443"}


@pytest.mark.parametrize("rule", [{}, {"path": "/api"}, {"method": "GET"}], ids=["all", "a path", "a method"])
@pytest.mark.parametrize(("before", "after"), [pair for pair in product(OVER_443, repeat=2) if pair[0] != pair[1]])
def test_a_listener_takes_the_place_of_another_one_on_its_port_also_for_rules_alone(
    before: str, after: str, rule: dict[str, str]
) -> None:
    asks = {"network": "net", "domain": "api.shop.example.jp"}
    rule = {} if after.startswith("TLS") else rule
    acts: tuple[Act, ...] = (
        ("vpc", "vpc-1", {"network": "net"}),
        *(
            (
                "create",
                "alb-a",
                ("HTTP:80", "HTTPS:443"),
                {**asks, "listen": before, "target": OVER_443[before]},
                "active",
            ),
        ),
        *(("ring",), ("retag", "alb-a", {**asks, "listen": after, "target": OVER_443[after], **rule}), ("ring",)),
    )
    player = played(History(seed=1, acts=acts, keep=0))
    assert player.problems == []
    [service] = player.world.services.values()
    assert [f"{one.protocol}:{one.port}" for one in service.listeners] == [after]
