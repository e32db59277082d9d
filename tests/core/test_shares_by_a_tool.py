"""Shares that a tool of the team's sets (`lattice:weight = theirs`) are not put back; who serves is ours to say."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from histories import Act, History, played, requests
from model_world import TEAM, World, balancer, kinds, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core.desired import THEIRS, WEIGHT, desired
from onramp.core.model import Forward, LoadBalancer, Target, TargetGroup
from onramp.core.plan import Plan
from onramp.core.reach import Finding
from onramp.core.steps import UpdateListener


def of_shop(name: str, *ports: str, **tags: str) -> LoadBalancer:
    return tagged(name, *ports, **{"service": "shop", "listen": "HTTP:80", "weight": THEIRS, **tags})


def serving(*balancers: LoadBalancer) -> World:
    world = World(network(), sharing="organisation").tag(*balancers, vpc("vpc-1", ports="80"))
    run(world)
    return world


def shares(world: World, *, rule: bool = False) -> dict[str, int]:
    """Load balancer, or what else is sent to -> its share, by default or by the one rule."""
    [service] = [one for one in world.services.values() if one.name == "shop"]
    [listener] = service.listeners
    has = listener.own_rules[0].forwards if rule else listener.forwards
    behind = {one.arn.rpartition("/")[2]: one for one in world.groups.values() if one.owned}
    return {
        behind[to.target_group].targets[0].id.split("/")[-2]
        if to.target_group in behind
        else to.target_group: to.weight
        for to in has
    }


def shifted(world: World, *weights: int, bring: tuple[Forward, ...] = (), rule: bool = False) -> None:
    """What the tool does, by UpdateListener or UpdateRule."""
    [(key, service)] = [(key, one) for key, one in world.services.items() if one.name == "shop"]
    [listener] = service.listeners
    has = listener.own_rules[0].forwards if rule else listener.forwards
    now = (*(replace(to, weight=weight) for to, weight in zip(has, weights, strict=True)), *bring)
    if rule:
        listener = replace(listener, found_rules=(replace(listener.own_rules[0], forwards=now),))
    else:
        listener = replace(listener, forwards=now)
    world.services[key] = replace(service, listeners=(listener,))


def looked(world: World) -> list[str]:
    """What a run does now, but for answers."""
    found: list[str] = []

    def noted(planned: Plan) -> None:
        assert requests(world), "somebody is turned away"
        found.extend(kind for kind in kinds(planned) if kind != "WriteStatus")

    run(world, every_plan=noted)
    return found


def brought(world: World, name: str = "green", weight: int = 100) -> tuple[Forward, ...]:
    """What ECS brings: a target group of its own, with a target that answers."""
    task = balancer(name)
    world.load_balancers[task.arn] = task
    target = Target(id=task.arn, port=80, status="UNAVAILABLE")
    arn = f"arn:aws:vpc-lattice:ap-northeast-1:222222222222:targetgroup/tg-{name}"
    world.groups[arn] = TargetGroup(arn=arn, name=name, status="ACTIVE", owned=False, targets=(target,))
    return (Forward(target_group=f"tg-{name}", weight=weight),)


def test_the_word_stands_for_the_share_that_one_begins_with() -> None:
    world = serving(of_shop("blue"))
    [wanted] = desired(world.network, world.observe()).services
    assert [(one.weight, one.by_tool) for one in wanted.backends] == [(WEIGHT, True)]
    assert shares(world) == {"blue": WEIGHT}
    world.tag(tagged("blue", service="shop", listen="HTTP:80", weight=" Theirs "))
    assert desired(world.network, world.observe()).services[0].backends[0].by_tool


@pytest.mark.parametrize(("weight", "steps", "after"), [(THEIRS, [], (90, 10)), ("50", ["UpdateListener"], (50, 50))])
def test_what_a_tool_has_shifted_stays_where_the_tag_says_so(weight: str, steps: list[str], after: Any) -> None:
    world = serving(of_shop("blue", weight=weight), of_shop("other", weight=weight))
    shifted(world, 90, 10)
    assert looked(world) == steps
    assert tuple(shares(world).values()) == after


def test_of_a_rule_as_well() -> None:
    tags = {"path_prefix": "/", "method": "GET"}
    world = serving(of_shop("blue", **tags), of_shop("other", **tags))
    [service] = [one for one in world.services.values() if one.name == "shop"]
    assert len(service.listeners[0].own_rules) == 1
    shifted(world, 0, 7, rule=True)
    assert looked(world) == []
    assert set(shares(world, rule=True).values()) == {0, 7}


def test_target_groups_that_a_tool_brought_stay_and_go_as_it_likes() -> None:
    world = serving(of_shop("blue"))
    shifted(world, 0, bring=brought(world))
    assert looked(world) == []
    assert shares(world) == {"blue": 0, "tg-green": 100}
    # Somebody else joins while it is at work: he is sent to when the tool says so.
    world.tag(of_shop("other", weight="50"))
    looked(world)
    assert shares(world) == {"blue": 0, "other": 0, "tg-green": 100}
    shifted(world, 100, 0, 0)
    assert looked(world) == []
    # Without the word, the tags say all of it again.
    world.tag(of_shop("blue", weight="10"))
    assert "UpdateListener" in looked(world)
    assert shares(world) == {"blue": 10, "other": 50}


@pytest.mark.parametrize(
    ("target", "status", "well"),
    [
        (balancer("green").arn, "UNAVAILABLE", True),
        ("10.1.0.5", "HEALTHY", True),
        ("10.1.0.5", "UNHEALTHY", False),
        ("10.1.0.5", "INITIAL", False),
        (f"arn:aws:lambda:ap-northeast-1:{TEAM}:function:green", "UNAVAILABLE", True),
    ],
)
def test_a_service_answers_as_before_when_a_tool_has_shifted_all_to_what_it_brought(
    target: str, status: str, well: bool
) -> None:
    world = serving(of_shop("a", weight="theirs"))
    [arn] = world.load_balancers
    before = world.answers(arn)
    [to] = brought(world)
    [group] = (one for one in world.groups.values() if one.name == "green")
    there = (Target(id=target, port=80, status=status),)
    world.groups[group.arn] = replace(group, targets=there)
    shifted(world, 0, bring=(to,))
    run(world)
    [state] = world.memory.services
    assert (world.answers(arn) == before, state.answers, arn in state.serving) == (well, well, well)
    if not well:
        assert world.answers(arn)["status"] == state.status == "unreachable"
        assert world.answers(arn)["message"].startswith("weights-zero: have the tool shift requests here or mend")


@pytest.mark.parametrize(("path", "without"), [("", True), ("/c", False)])
def test_who_has_no_share_by_the_tag_of_another_who_does_not_answer_is_told_so(path: str, *, without: bool) -> None:
    """It comes without one, and the tool may not know of it."""
    world = serving(of_shop("a", weight="theirs"))
    world.found = {balancer("a").arn: Finding(code="no-healthy-target", message="mend it")}
    world.tag(of_shop("b", weight="100", **({"path": path} if path else {})))
    run(world)
    said = world.answers(balancer("b").arn)
    assert said["status"] == ("unreachable" if without else "connected")
    assert said.get("message", "").startswith("weights-zero: have the tool shift requests here") is without


def test_who_takes_anothers_place_has_its_share() -> None:
    world = serving(of_shop("blue", "HTTP:80", "HTTP:8080", target="HTTP:80"), of_shop("other"))
    shifted(world, *(90 if name == "blue" else 10 for name in shares(world)))
    world.tag(of_shop("blue", "HTTP:80", "HTTP:8080", target="HTTP:8080"))
    assert looked(world) == [
        "CreateTargetGroup",
        "RegisterTarget",
        "UpdateListener",
        "UpdateListener",
        "DeleteTargetGroup",
    ]
    assert shares(world) == {"blue": 90, "other": 10}


@pytest.mark.parametrize("weight", [THEIRS, "90"])
def test_what_takes_what_the_rules_leave_is_changed_from_what_was_seen_where_a_tool_has_a_word(weight: str) -> None:
    """Else what the tool did since the look would be undone."""
    rest = {"service": "shop", "listen": "HTTP:80"}
    world = serving(
        of_shop("blue", "HTTP:80", "HTTP:81", target="HTTP:80", weight=weight), tagged("api", path="/api", **rest)
    )
    [before] = [one.listeners[0].forwards for one in world.services.values() if one.name == "shop"]
    world.tag(of_shop("blue", "HTTP:80", "HTTP:81", target="HTTP:81", weight=weight))
    first: list[UpdateListener] = []
    run(
        world, every_plan=lambda planned: first.extend(one for one in steps(planned) if isinstance(one, UpdateListener))
    )
    assert first[0].seen == (before if weight == THEIRS else None)
    assert shares(world) == {"blue": 100 if weight == THEIRS else 90}


def test_where_all_who_have_a_share_leave_the_others_get_theirs() -> None:
    world = serving(of_shop("blue"), of_shop("other"))
    shifted(world, *(100 if name == "blue" else 0 for name in shares(world)))
    [blue] = [one for one in world.load_balancers.values() if one.name == "blue"]
    world.load_balancers[blue.arn] = replace(blue, tags={})
    looked(world)
    assert shares(world) == {"other": WEIGHT}


def test_a_tool_may_stop_everything() -> None:
    world = serving(of_shop("blue"))
    shifted(world, 0)
    run(world)
    assert shares(world) == {"blue": 0}
    assert world.answers(next(iter(world.load_balancers)))["status"] == "unreachable"


def test_ten_target_groups_are_the_most_with_those_that_a_tool_brought() -> None:
    world = serving(*(of_shop(f"alb-{number}") for number in range(8)))
    many = (*brought(world, "green"), *brought(world, "red"))
    shifted(world, *[10] * 8, bring=many)
    world.tag(of_shop("late"))
    looked(world)
    assert len(shares(world)) == 10
    assert "late" not in shares(world)
    [late] = [arn for arn, one in world.load_balancers.items() if one.name == "late"]
    assert world.answers(late)["message"].startswith("backend-quota: ")


SHARES = ((100, 0), (90, 10), (50, 50), (0, 100))
"""What a tool gives blue and green on its way, and on its way back."""


def moved(world: World, to: tuple[int, int]) -> None:
    """The tool gives blue and green these, and leaves all others as they are."""
    told = dict(zip(("blue", "green"), to, strict=True))
    [service] = [one for one in world.services.values() if one.name == "shop"]
    groups = [one for one in world.groups.values() if one.targets]
    behind = {one.arn.rpartition("/")[2]: one.targets[0].id.split("/")[-2] for one in groups}
    has = service.listeners[0].forwards
    shifted(world, *(told.get(behind[one.target_group], one.weight) for one in has))


def changes(world: World, what: str) -> World:
    """Something that a run has to do beside the tool."""
    match what:
        case "a setting":
            return world.tag(of_shop("blue", "HTTP:80", "HTTP:8080", target="HTTP:80", idle_timeout="120"))
        case "another port":
            return world.tag(of_shop("blue", "HTTP:80", "HTTP:8080", target="HTTP:8080"))
        case "who comes":
            return world.tag(of_shop("late"))
        case "who leaves":
            [late] = [one for one in world.load_balancers.values() if one.name == "other"]
            world.load_balancers[late.arn] = replace(late, tags={})
            return world
        case _:
            return world


@pytest.mark.long
@pytest.mark.parametrize("what", ["nothing", "a setting", "another port", "who comes", "who leaves"])
def test_in_whatever_order_a_tool_shifts_no_run_puts_it_back_and_everybody_is_answered(what: str) -> None:
    """Before a run, after each of its looks, and after it."""
    for first, meanwhile in product(SHARES, SHARES):
        for at in range(3):
            world = serving(
                of_shop("blue", "HTTP:80", "HTTP:8080", target="HTTP:80"), of_shop("green"), of_shop("other")
            )
            moved(world, first)
            shifted(world, *(0 if name == "other" else weight for name, weight in shares(world).items()))
            looks: list[int] = []

            def looked_at(there: World, at: int = at, to: tuple[int, int] = meanwhile) -> None:
                looks.append(1)  # noqa: B023  of this run
                if len(looks) == at + 1:  # noqa: B023
                    moved(there, to)
                assert requests(there), "somebody is turned away"

            run(changes(world, what), every_look=looked_at)
            ended = meanwhile if len(looks) > at else first
            has = shares(world)
            assert (has["blue"], has["green"], has.get("other", 0), has.get("late", 0)) == (*ended, 0, 0), (what, at)
            for last in (SHARES[0], SHARES[-1]):
                moved(world, last)
                assert looked(world) == []
                assert (shares(world)["blue"], shares(world)["green"]) == last


@pytest.mark.parametrize("company", [(), ({"path": "/api", "weight": "5"},), ({"weight": "50"},)], ids=["0", "1", "2"])
@pytest.mark.parametrize("rule", [False, True])
def test_what_a_tool_brought_goes_on_while_the_tags_are_refused(
    company: tuple[dict[str, str], ...], *, rule: bool
) -> None:
    takes = {"path_prefix": "/", "method": "GET"} if rule else {}
    world = serving(of_shop("blue", **takes))
    shifted(world, 0, bring=brought(world), rule=rule)
    world.tag(of_shop("blue", **takes, colour="red"))
    for number, tags in enumerate(company):
        world.tag(of_shop(f"other-{number}", **{**takes, **tags}))
    for _ in range(3):
        looked(world)
        world.now += 3600
    got = shares(world, rule=rule)
    assert {name: got[name] for name in ("blue", "tg-green")} == {"blue": 0, "tg-green": 100}
    # Who joins meanwhile is sent to when the tool says so.
    assert sum(got.values()) == 100


def test_of_who_asks_for_another_service_a_tool_has_no_word_in_the_one_that_he_leaves() -> None:
    asks = {"network": "net", "service": "shop", "listen": "HTTP:80", "target": "HTTP:80"}
    moves = {**asks, "service": "bank", "weight": "theirs", "listen": "HTTP:99999"}
    acts: tuple[Act, ...] = (
        *(("create", "alb-a", ("HTTP:80",), asks, "active"), ("vpc", "vpc-1", {"network": "net"}), ("ring",)),
        *(("retag", "alb-a", moves), ("create", "alb-b", ("HTTP:80",), asks, "active"), ("ring",)),
    )
    player = played(History(seed=1, acts=acts))
    assert player.problems == []
    assert {player.world.answers(one)["domain"] for one in player.world.load_balancers} == {"shop-2.on.aws"}
    assert shares(player.world) == {"alb-a": 100, "alb-b": 100}
