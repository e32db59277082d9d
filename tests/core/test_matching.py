"""Rules by tags: what they ask for, in which order they are tried, and how one takes another's place."""

import random
import re
from typing import Any

import pytest
from model_world import TEAM, Fate, World, balancer, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core import names
from onramp.core.approval import of_backend
from onramp.core.desired import desired
from onramp.core.desired.rules import asked
from onramp.core.errors import Refused
from onramp.core.model import LOAD_BALANCERS, Forward, Listener, Match, Rule, Service, Target
from onramp.core.plan import plan
from onramp.core.reach import Finding
from onramp.core.rules import Asked, numbers, shown, specificity
from onramp.core.steps import AnyStep, UpdateRules

API = (Match(path="/api"), Match(path="/api/", begins=True))


def said(**tags: str) -> tuple[Asked, ...]:
    return asked({key.replace("_", "-"): text for key, text in tags.items()}, "lattice:")


def matches(**tags: str) -> list[str]:
    return [shown(one.match) for one in said(**tags)]


def connected(**balancers: dict[str, str]) -> World:
    """An account in which these load balancers serve `shop`, tagged one after the other."""
    world = World(network()).tag(vpc())
    for name, tags in balancers.items():
        world.tag(tagged(name, **{"service": "shop", "listen": "HTTP:80", **tags}))
        run(world)
    return world


def retagged(world: World, name: str, **tags: str) -> list[str]:
    """The steps that it takes when a load balancer has these tags."""
    before = len(world.done)
    world.tag(tagged(name, **{"service": "shop", "listen": "HTTP:80", **tags}))
    run(world)
    return [step.kind for step in world.done[before:] if step.kind != "WriteStatus"]


def shop(world: World) -> Service:
    [found] = world.services.values()
    return found


def listener(world: World) -> Listener:
    [found] = shop(world).listeners
    return found


def behind(world: World, forwards: tuple[Forward, ...]) -> list[str]:
    """Names of the load balancers that an action sends to."""
    ids = [to.target_group for to in forwards]
    return sorted(
        target.id.split("/")[-2]
        for group in world.groups.values()
        if group.arn.rpartition("/")[2] in ids
        for target in group.targets
    )


def table(world: World) -> dict[str, list[str]]:
    """What the service's rules ask for, in the order in which they are tried, and who gets it."""
    found = sorted(listener(world).found_rules, key=lambda rule: rule.priority)
    there = {shown(rule.match) if rule.match else rule.name: behind(world, rule.forwards) for rule in found}
    return there | {"": behind(world, listener(world).forwards)}


def answer(world: World, name: str) -> dict[str, str]:
    return world.answers(tagged(name).arn)


# --- what tags say


@pytest.mark.parametrize(
    ("tags", "means"),
    [
        ({}, []),
        ({"path_prefix": "/api"}, ["/api", "/api/*"]),
        ({"path_prefix": "/api/"}, ["/api", "/api/*"]),
        ({"path_prefix": "/"}, ["/*"]),
        ({"path": "/api/"}, ["/api/"]),
        ({"path": "/b /a /b"}, ["/a", "/b"]),
        ({"path": "/health", "path_prefix": "/api"}, ["/health", "/api", "/api/*"]),
        ({"method": "get POST"}, ["GET", "POST"]),
        ({"method": "GET", "path_prefix": "/a"}, ["GET /a", "GET /a/*"]),
        ({"header": "X-Version=beta"}, ["x-version=beta"]),
        ({"header": "x=a=b y=2", "path": "/p"}, ["/p x=a=b", "/p y=2"]),
    ],
)
def test_several_values_are_several_rules_and_several_tags_hold_together(
    tags: dict[str, str], means: list[str]
) -> None:
    assert matches(**tags) == means


@pytest.mark.parametrize(
    ("tags", "code", "says"),
    [
        ({"path": ""}, "rule-invalid", "write a value in tag lattice:path, or remove it: it is empty"),
        *(
            (
                {key.replace("-", "_"): ""},
                "rule-invalid",
                f"write a value in tag lattice:{key}, or remove it: it is empty",
            )
            for key in ("path-prefix", "method", "header")
        ),
        ({"path_prefix": "api"}, "rule-invalid", "that begin with / in tag lattice:path-prefix, as /api: it has api"),
        ({"path": "/a/../b"}, "rule-invalid", "write paths without . and .. in tag lattice:path, as clients send them"),
        ({"path_prefix": "/."}, "rule-invalid", "write paths without . and .."),
        ({"path": "/a/*"}, "rule-invalid", "U.002A ASTERISK"),
        ({"path": f"/{'a' * 200}"}, "rule-invalid", "of at most 200 characters"),
        ({"path_prefix": f"/{'a' * 199}"}, "rule-invalid", "of at most 200 characters"),
        *(
            (
                {"method": word},
                "rule-invalid",
                f"write HTTP's methods in tag lattice:method, as GET POST: it has {shown}",
            )
            for word, shown in (
                ("GET FOO", "FOO"),
                ("G3T", "G3T"),
                ("UPDATEREDIRECTREF", "UPDATE"),
                ("GET/PUT", "GET/PUT"),
            )
        ),
        ({"header": "x-version"}, "rule-invalid", "as x-version=beta: it has x-version"),
        ({"header": "=beta"}, "rule-invalid", "write a header's name"),
        ({"header": "x="}, "rule-invalid", "write a header's name"),
        ({"header": "x=é"}, "rule-invalid", "write a header's name"),
        ({"header": f"{'x' * 101}=1"}, "rule-invalid", "a name has 100 characters at most, a value 200"),
        ({"header": f"x={'1' * 201}"}, "rule-invalid", "a name has 100 characters at most, a value 200"),
        ({"priority": "1"}, "rule-invalid", "add lattice:path-prefix or lattice:path or .* remove lattice:priority"),
        ({"path": "/a", "priority": "0"}, "rule-invalid", "write a number from 1 to 100 in tag lattice:priority: it"),
        ({"path": "/a", "priority": "101"}, "rule-invalid", "it has 101"),
        ({"path": "/a", "priority": "high"}, "rule-invalid", "it has high"),
        ({"path_prefix": "/a", "priority": "100"}, "rule-invalid", "from 1 to 99 .* for its 2 rules have numbers one"),
        ({"path_prefix": "/a /b /c /d /e /f"}, "too-many-rules", "10 rules at most and these are 12"),
        ({"method": "GET PUT POST", "path": "/a /b /c /d"}, "too-many-rules", "several methods or headers multiply"),
    ],
)
def test_what_can_be_no_rule_is_refused_with_what_to_write(tags: dict[str, str], code: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        said(**tags)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "tags",
    [
        {"path": f"/{'a' * 199}"},
        {"path_prefix": f"/{'a' * 198}"},
        *({"method": word} for word in ("BASELINE-CONTROL", "patch", "PROPFIND")),
        {"header": f"{'x' * 100}=1"},
        {"header": f"x={'1' * 200}"},
        {"path_prefix": "/a /b /c /d /e"},
        *({"path": "/a", "priority": str(number)} for number in (1, 2, 99, 100)),
        *({"path_prefix": "/a", "priority": str(number)} for number in (1, 99)),
    ],
)
def test_what_is_just_within_a_limit_is_a_rule(tags: dict[str, str]) -> None:
    rules = said(**tags)
    assert rules
    assert [one.priority for one in rules][:1] == [int(tags.get("priority", "0"))]


def test_a_named_priority_is_the_first_of_the_numbers_of_all_its_rules() -> None:
    assert [one.priority for one in said(path_prefix="/api", priority="10")] == [10, 11]
    assert [one.priority for one in said(path_prefix="/api")] == [0, 0]


def test_infra_reads_the_rules_that_it_approves() -> None:
    asks = World(network()).tag(tagged("orders", path_prefix="/api", method="GET"))
    [wanted] = desired(network(), asks.observe()).services
    [backend] = wanted.backends
    assert of_backend(network(), TEAM, wanted, backend).what[-1] == "only these: GET /api, GET /api/*"


@pytest.mark.parametrize(
    "match",
    [
        *API,
        Match(path="/", begins=True),
        Match(path=f"/{'long/' * 39}", method="GET", header="x-version", value="beta"),
        Match(path="/Rule", begins=True),
        Match(header="x", value="A.b"),
        Match(method="GET"),
    ],
)
def test_a_rule_s_name_is_one_that_lattice_takes_and_known_as_ours(match: Match) -> None:
    for number in (0, 1, 12):
        name = names.rule(match, number)
        assert 3 <= len(name) <= 63
        assert not name.startswith("rule-")
        assert all((part.isalnum() and part.islower()) or part.isdecimal() for part in name.split("-"))
        assert names.is_rule(name)
        assert name.startswith(names.rule(match))
    assert not names.is_rule("checkout-rule")


def test_no_two_matches_have_one_name() -> None:
    asks = [*API, Match(path="/api", begins=True), Match(path="/api", method="GET"), Match(header="a", value="pi")]
    assert len({names.rule(one) for one in asks}) == len(asks)


# --- in which order


def some_matches(chance: random.Random, count: int) -> list[Match]:
    found: dict[Match, None] = {}
    while len(found) < count:
        path = "/" + "/".join(chance.choice("abc") for _ in range(chance.randint(1, 6)))
        found[
            Match(
                path=chance.choice((path, path, "")),
                begins=False,
                method=chance.choice(("", "", "GET")),
                header=chance.choice(("", "", "x")),
            )
        ] = None
    return [replace(one, begins=bool(one.path) and chance.random() < 0.6) for one in found if one != Match()]


def ordered(given: dict[Match, int], among: Any) -> list[Match]:
    return sorted((one for one in given if one in among), key=lambda one: given[one])


@pytest.mark.parametrize("seed", range(300))
def test_whatever_comes_and_goes_numbers_are_apart_by_specificity_and_never_reorder_who_stays(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  the same again is what is wanted
    there: dict[Match, int] = {}
    others = set(chance.sample(range(1, 101), chance.choice((0, 0, 3, 60))))
    for _ in range(12):
        stay = [one for one in there if chance.random() < 0.8]
        new = [one for one in some_matches(chance, chance.choice((1, 1, 2, 4))) if one not in there]
        wanted = dict.fromkeys((*stay, *new[: 10 - len(stay)]), 0)
        before = {one: number for one, number in there.items() if one in stay}
        after = numbers(before, wanted, others)
        assert after.keys() == wanted.keys()
        assert len(set(after.values())) == len(after)
        assert all(1 <= number <= 100 for number in after.values())
        assert others.isdisjoint(after.values())
        assert ordered(after, stay) == ordered(before, stay), "who was there stays in order"
        kinds = [specificity(one) for one in ordered(after, after)]
        assert kinds == sorted(kinds), "the more specific is asked first"
        there = after


def test_one_more_rule_moves_none_of_the_others() -> None:
    there = numbers({}, dict.fromkeys(API, 0), ())
    more = numbers(there, dict.fromkeys((*API, Match(path="/api/v2/", begins=True), Match(method="GET")), 0), ())
    assert there.items() <= more.items()


def test_a_number_that_is_said_is_given_and_the_others_go_round_it() -> None:
    plain, said_ = Match(path="/a"), Match(path="/b")
    [number] = numbers({}, {plain: 0}, ()).values()
    after = numbers({plain: number}, {plain: 0, said_: number}, {number + 1})
    assert after[said_] == number
    assert after[plain] not in {number, number + 1}


def test_where_there_is_no_room_between_two_all_of_ours_move_and_stay_in_order() -> None:
    long, short, between = (Match(path="/" + "a" * count, begins=True) for count in (9, 3, 6))
    after = numbers({long: 60, short: 61}, {long: 0, short: 0, between: 0}, ())
    assert ordered(after, after) == [long, between, short]
    # Where others have all the numbers above, theirs below are taken.
    crowded = numbers({long: 1, short: 2}, {long: 0, short: 0, between: 0}, range(4, 101))
    assert crowded == {long: 1, between: 2, short: 3}


def test_what_stands_out_of_order_is_moved_and_no_more_than_that() -> None:
    whole, below, more = Match(path="/a"), Match(path="/a/", begins=True), Match(path="/a/b/", begins=True)
    after = numbers({whole: 90, more: 60, below: 70}, dict.fromkeys((whole, more, below), 0), ())
    assert (after[more], after[below]) == (60, 70)
    assert after[whole] < 60


# --- what is done


def test_a_rule_takes_its_requests_beside_the_default_and_costs_who_has_none_nothing() -> None:
    world = connected(web={}, api={"path_prefix": "/api"})
    assert table(world) == {"/api": ["api"], "/api/*": ["api"], "": ["web"]}
    assert answer(world, "api") == {"status": "connected", "domain": shop(world).domain}
    assert answer(world, "web") == {"status": "connected", "domain": shop(world).domain}
    assert retagged(world, "web") == []


def test_rules_of_one_load_balancer_share_a_target_group_and_both_listeners_have_them() -> None:
    both = {"listen": "HTTP:80 HTTPS:443"}
    world = connected(web=both, api={"path_prefix": "/api", "method": "GET PUT", **both})
    assert len(world.groups) == 2
    assert [len(one.own_rules) for one in shop(world).listeners] == [4, 4]
    one, other = ({(rule.match, rule.priority) for rule in found.own_rules} for found in shop(world).listeners)
    assert one == other


def test_a_service_without_a_default_answers_404_and_says_so() -> None:
    world = connected(api={"path_prefix": "/api"})
    assert table(world) == {"/api": ["api"], "/api/*": ["api"], "": []}
    assert listener(world).answers == 404
    said_ = answer(world, "api")
    assert said_["status"] == "connected"
    assert said_["message"].startswith("no-default: tag a load balancer with service shop and no rule to take the rest")
    own = answer(connected(api={"path_prefix": "/api", "domain": "api.example.jp", "listen": "HTTP:80"}), "api")
    assert own["message"].startswith("no-default: tag a load balancer with domain api.example.jp and no rule to take")
    assert "message" not in answer(connected(api={"path_prefix": "/"}), "api"), "nothing is left for a default"
    assert retagged(world, "web") == ["CreateTargetGroup", "RegisterTarget", "UpdateListener"]
    assert table(world)[""] == ["web"]
    assert "message" not in answer(world, "api")


def test_a_new_service_is_on_the_network_only_when_its_rules_are_there() -> None:
    world = World(network()).tag(vpc(), tagged("web", service="shop"), tagged("api", service="shop", path="/api"))
    run(world)
    made = [step.kind for step in world.done]
    assert made.index("CreateListener") < made.index("CreateRule") < made.index("AssociateService")


def test_two_that_ask_for_the_same_share_it_by_weight_and_what_else_each_asks_for_is_its_own() -> None:
    world = connected(web={}, a={"path": "/x /a"}, b={"path": "/x /b", "weight": "300"})
    assert table(world) == {"/a": ["a"], "/x": ["a", "b"], "/b": ["b"], "": ["web"]}
    [shared] = [rule for rule in listener(world).own_rules if rule.match == Match(path="/x")]
    assert sorted(to.weight for to in shared.forwards) == [100, 300]
    assert retagged(world, "b", path="/x /b", weight="50") == ["UpdateRules"]


def test_from_default_to_a_rule_and_back_it_is_never_out_of_the_way_of_its_requests() -> None:
    world = connected(web={}, api={})
    assert table(world) == {"": ["api", "web"]}
    steps = retagged(world, "api", path_prefix="/api")
    assert steps == ["CreateRule", "CreateRule", "UpdateListener"]
    assert table(world)[""] == ["web"]
    assert retagged(world, "api") == ["UpdateListener", "DeleteRule", "DeleteRule"]
    assert table(world) == {"": ["api", "web"]}


def first_steps(world: World) -> list[AnyStep]:
    """What is possible at once, but for answers."""
    plans: list[list[AnyStep]] = []
    run(world, every_plan=lambda planned: plans.append([one for one in steps(planned) if one.kind != "WriteStatus"]))
    return next(filter(None, plans))


def test_who_comes_takes_what_no_rule_takes_when_the_rule_of_who_was_there_stands() -> None:
    """Else the requests that the rule is to take would go to the newcomer meanwhile."""
    world = connected(a={}, b={"path": "/y"})
    rest = {"service": "shop", "listen": "HTTP:80"}
    world.tag(tagged("a", path="/x", **rest), tagged("b", **rest))
    assert [one.kind for one in first_steps(world)] == ["CreateRule"]
    assert table(world) == {"/x": ["a"], "": ["b"]}


def test_who_joins_a_rule_waits_for_those_of_its_own_that_are_asked_before_it() -> None:
    world = connected(web={}, a={"path_prefix": "/api"}, b={"path": "/other"})
    world.tag(tagged("b", service="shop", listen="HTTP:80", path_prefix="/api", path="/other /api/v2"))
    first = first_steps(world)
    assert "CreateRule" in {one.kind for one in first}
    changed = [change for one in first if isinstance(one, UpdateRules) for change in one.changes]
    joins = {change.match: behind(world, change.forwards) for change in changed if change.forwards}
    assert joins == {Match(path="/api"): ["a", "b"]}  # by that alone: it asks for nothing of what /api/v2 does
    assert table(world)["/api/*"] == ["a", "b"]


def test_the_last_default_that_asks_for_less_leaves_a_404_behind_when_its_rules_were_seen() -> None:
    world = connected(api={})
    assert retagged(world, "api", path_prefix="/api") == ["CreateRule", "CreateRule", "UpdateListener"]
    assert listener(world).answers == 404
    assert [one.because for one in world.done if one.kind == "UpdateListener"] == ["nobody asks for the rest"]


def test_the_last_default_that_leaves_goes_on_until_the_rules_of_those_who_stay_were_seen() -> None:
    world = connected(web={})
    world.refusing = lambda step: "no" if step.kind == "CreateRule" else ""
    retagged(world, "api", path="/api")
    web = tagged("web").arn
    world.load_balancers[web] = replace(world.load_balancers[web], tags={})
    run(world)
    assert table(world) == {"": ["web"]}
    world.refusing = lambda _: ""
    run(world)
    assert table(world) == {"/api": ["api"], "": []}


def test_a_default_that_is_yet_to_come_leaves_what_no_rule_takes_where_it_went() -> None:
    world = connected(api={})
    world.refusing = lambda step: "no" if step.kind == "RegisterTarget" else ""
    world.tag(tagged("web", service="shop", listen="HTTP:80"))
    retagged(world, "api", path_prefix="/api")
    assert table(world) == {"/api": ["api"], "/api/*": ["api"], "": ["api"]}


def test_another_match_comes_beside_the_old_one_which_goes_when_it_was_seen() -> None:
    world = connected(web={}, api={"path": "/v1"})
    assert retagged(world, "api", path="/v2") == ["CreateRule", "DeleteRule"]
    assert table(world) == {"/v2": ["api"], "": ["web"]}


def test_who_leaves_takes_its_rules_along_and_its_group_goes_after_them() -> None:
    world = connected(web={}, api={"path": "/v1"})
    before = len(world.done)
    api = tagged("api").arn
    world.load_balancers[api] = replace(world.load_balancers[api], tags={})
    run(world)
    assert [step.kind for step in world.done[before:] if step.kind != "WriteStatus"] == [
        "DeleteRule",
        "DeleteTargetGroup",
    ]
    assert table(world) == {"": ["web"]}


def test_rules_go_with_their_listener_and_their_groups_after_it() -> None:
    world = connected(web={}, api={"path": "/v1"})
    world.untag()
    run(world)
    assert world.owned() == set()
    assert "DeleteRule" not in [step.kind for step in world.done]


def test_a_typing_error_leaves_the_rules_of_who_makes_it_as_they_are() -> None:
    world = connected(web={}, api={"path": "/v1"})
    assert retagged(world, "api", path="v1") == []
    assert table(world) == {"/v1": ["api"], "": ["web"]}
    said_ = answer(world, "api")
    assert (said_["status"], said_["message"].partition(":")[0]) == ("refused", "rule-invalid")
    assert said_["domain"] == shop(world).domain


# --- order among rules


def priorities(world: World) -> dict[str, int]:
    return {shown(rule.match): rule.priority for rule in listener(world).own_rules if rule.match}


def test_the_more_specific_is_asked_first_and_a_named_number_where_it_says() -> None:
    world = connected(
        web={},
        a={"path_prefix": "/api"},
        b={"path_prefix": "/api/v2"},
        c={"path": "/api/v2/me"},
        d={"method": "PUT", "priority": "3"},
    )
    assert list(table(world)) == ["PUT", "/api/v2/me", "/api/v2", "/api", "/api/v2/*", "/api/*", ""]
    assert priorities(world)["PUT"] == 3


def test_two_swap_their_numbers_in_one_call() -> None:
    world = connected(web={}, a={"path": "/a", "priority": "10"}, b={"path": "/b", "priority": "20"})
    world.tag(tagged("a", service="shop", listen="HTTP:80", path="/a", priority="20"))
    assert retagged(world, "b", path="/b", priority="10") == ["UpdateRules"]
    assert priorities(world) == {"/a": 20, "/b": 10}


def test_another_match_with_the_same_number_takes_the_old_one_s_place_in_one_call() -> None:
    world = connected(web={}, a={"path": "/v1", "priority": "10"})
    assert retagged(world, "a", path="/v2", priority="10") == ["UpdateRules"]
    assert priorities(world) == {"/v2": 10}
    # The rule bears its first name; the match that it was made for has another one when it is asked for again.
    assert retagged(world, "a", path="/v2 /v1", priority="10") == ["UpdateRules", "CreateRule"]
    assert priorities(world) == {"/v1": 10, "/v2": 11}


def test_a_rule_whose_requests_another_is_to_have_first_is_moved_aside_and_not_taken_for_its_number() -> None:
    world = connected(web={}, a={"path": "/v1", "priority": "10"}, b={"method": "PUT"})
    world.tag(tagged("b", service="shop", listen="HTTP:80", method="PUT GET"))
    seen: list[set[str]] = []
    world.every_step = lambda _: seen.append(set(table(world)))
    steps = retagged(world, "a", path="/v2", priority="10")
    assert steps == ["UpdateRules", "CreateRule", "CreateRule", "DeleteRule"]
    # Of GET /v1: a had it, b is to have it, and web never.
    assert [rules & {"/v1", "GET"} for rules in seen] == [{"/v1"}, {"/v1"}, {"/v1", "GET"}, {"GET"}]
    assert priorities(world)["/v2"] == 10


def test_a_full_listener_changes_a_rule_in_its_place() -> None:
    paths = " ".join(f"/{number}" for number in range(10))
    world = connected(web={}, a={"path": paths})
    assert retagged(world, "a", path=paths.replace("/9", "/x")) == ["UpdateRules"]
    assert "/x" in priorities(world)
    assert len(priorities(world)) == 10


@pytest.mark.parametrize(
    ("first", "second", "code", "says"),
    [
        (
            {"path": "/a", "priority": "9"},
            {"path": "/b", "priority": "9"},
            "rule-taken",
            "another number .* 9 is taken",
        ),
        ({"path": "/a"}, {"path": "/a", "priority": "9"}, "rule-taken", "remove tag lattice:priority: other load"),
        ({"path": "/a", "priority": "9"}, {"path": "/a", "priority": "8"}, "rule-taken", "write 9 in tag .* or remove"),
        (
            {"path": "/1 /2 /3 /4 /5 /6"},
            {"path": "/7 /8 /9 /a /b"},
            "too-many-rules",
            "10 rules at most and shop would",
        ),
    ],
)
def test_a_newcomer_is_refused_what_those_before_it_have(
    first: dict[str, str], second: dict[str, str], code: str, says: str
) -> None:
    world = connected(web={}, z=first)
    before = table(world)
    assert retagged(world, "a", **second) == []
    told = answer(world, "a")
    assert told["status"] == "refused"
    assert told["message"].startswith(f"{code}: ")
    [refusal] = world.memory.refusals
    assert re.search(says, refusal.message)
    assert table(world) == before
    assert answer(world, "z")["status"] == "connected"


@pytest.mark.parametrize(
    ("priority", "others", "says"),
    [
        ("20", {}, "write 19 in tag"),
        ("1", {}, "remove tag"),
        ("30", {"x": {"path": "/a", "priority": "100"}}, "remove tag"),
        ("20", {"x": {"path": "/c", "priority": "19"}}, "remove tag"),
        ("99", {"x": {"path": "/a", "priority": "30"}}, "remove tag"),
        ("99", {"x": {"path": "/a", "priority": "98"}}, "write 98 in tag"),
    ],
)
def test_the_number_that_a_newcomer_is_told_to_write_is_one_that_helps(
    priority: str, others: dict[str, dict[str, str]], says: str
) -> None:
    world = connected(web={}, z={"path": "/b", "priority": priority}, **others)
    wish = {"path": "/a /b"}
    assert retagged(world, "a", **wish, priority="50") == []
    [refusal] = world.memory.refusals
    assert refusal.message.startswith(f"{says} lattice:priority"), refusal.message
    number = re.match(r"write ([0-9]+) ", refusal.message)
    retagged(world, "a", **wish, **({"priority": number[1]} if number else {}))
    assert answer(world, "a")["status"] == "connected"
    assert priorities(world)["/b"] == int(priority)


def test_a_number_that_a_rule_has_by_specificity_is_not_taken_from_it() -> None:
    world = connected(web={}, z={"path": "/a"})
    [number] = priorities(world).values()
    assert retagged(world, "a", path="/b", priority=str(number)) == []
    assert answer(world, "a")["message"].startswith("rule-taken: choose another number")


def test_who_shares_a_rule_need_not_name_its_number() -> None:
    world = connected(web={}, z={"path": "/a", "priority": "9"}, a={"path": "/a"})
    assert table(world) == {"/a": ["a", "z"], "": ["web"]}
    assert priorities(world) == {"/a": 9}


# --- other hands


def by_hand(world: World, *rules_: Rule) -> None:
    found = listener(world)
    service = shop(world)
    world.services[service.arn] = replace(service, listeners=(replace(found, found_rules=rules_),))


THEIRS = Rule(arn="arn:theirs", name="theirs", priority=57, owned=False)


def test_rules_of_others_stay_and_their_numbers_are_gone_round() -> None:
    world = connected(web={})
    by_hand(world, THEIRS)
    retagged(world, "api", path="/a")
    assert THEIRS in listener(world).found_rules
    assert priorities(world)["/a"] != 57
    assert retagged(world, "b", path="/b", priority="57") == []
    assert answer(world, "b")["message"].startswith("rule-taken: choose another number")


def planned(world: World, found: Listener, api: str) -> list[str]:
    """Kinds of the steps where the listener is like this, and the target of `api` in this status."""
    seen = world.observe()
    there = [replace(one, targets=tuple(_of_api(to, api) for to in one.targets)) for one in seen.target_groups]
    services = (replace(shop(world), listeners=(found,)),)
    done = plan(world.network, replace(seen, services=services, target_groups=tuple(there)))
    return [step.kind for batch in done.batches for step in batch.steps]


def _of_api(target: Target, status: str) -> Target:
    return replace(target, status=status) if target.id == tagged("api").arn else target


@pytest.mark.parametrize("by_itself", [True, False])
def test_no_rule_comes_before_one_of_others_that_answers_until_its_load_balancer_can(by_itself: bool) -> None:
    world = connected(web={}, api={"path": "/a", "priority": "7"})
    sends = () if by_itself else listener(world).forwards
    theirs = replace(THEIRS, match=Match(path="/a"), forwards=sends)
    found = replace(listener(world), found_rules=(theirs,), forwards=(), answers=404)
    assert "CreateRule" not in planned(world, found, "INITIAL")
    assert "CreateRule" in planned(world, found, "UNAVAILABLE")
    # Where theirs answers nothing, nobody loses anything.
    nowhere = replace(theirs, forwards=(Forward(target_group="tg-gone"),))
    assert "CreateRule" in planned(world, replace(found, found_rules=(nowhere,)), "INITIAL")


def test_no_number_brings_a_rule_before_one_of_others_that_answers_until_its_load_balancer_can() -> None:
    world = connected(web={}, api={"path": "/a", "priority": "70"})
    [rule] = listener(world).own_rules
    world.tag(tagged("api", service="shop", listen="HTTP:80", path="/a", priority="7"))
    for match in (Match(path="/a"), None):
        theirs = replace(THEIRS, match=match, forwards=listener(world).forwards)
        found = replace(listener(world), found_rules=(theirs, rule))
        assert "UpdateRules" not in planned(world, found, "INITIAL")
        assert "UpdateRules" in planned(world, found, "UNAVAILABLE")
    elsewhere = replace(THEIRS, match=Match(path="/b"), forwards=listener(world).forwards)
    assert "UpdateRules" in planned(world, replace(found, found_rules=(elsewhere, rule)), "INITIAL")


def test_rules_of_others_have_their_place_among_the_ten() -> None:
    world = connected(web={})
    by_hand(world, THEIRS)
    assert retagged(world, "api", path=" ".join(f"/{number}" for number in range(10))) == []
    assert answer(world, "api")["message"].startswith("too-many-rules: ")


def test_what_a_hand_changed_on_a_rule_of_ours_is_put_right_in_one_call() -> None:
    world = connected(web={}, api={"path": "/a"})
    [rule] = listener(world).own_rules
    for other in (
        {"match": None},
        {"match": Match(path="/b")},
        {"forwards": listener(world).forwards},
    ):
        by_hand(world, replace(rule, **other))
        before = len(world.done)
        run(world)
        assert [step.kind for step in world.done[before:] if step.kind != "WriteStatus"] == ["UpdateRules"]
        [again] = listener(world).own_rules
        assert (again.arn, again.match, again.forwards) == (rule.arn, rule.match, rule.forwards)


def test_a_rule_that_lost_our_mark_is_left_as_it_is() -> None:
    world = connected(web={}, api={"path": "/a"})
    [rule] = listener(world).own_rules
    by_hand(world, replace(rule, match=None))
    observed = replace(world.observe(), unmarked={rule.arn: rule.name})
    planned = plan(world.network, observed)
    assert "UpdateRules" not in [step.kind for batch in planned.batches for step in batch.steps]
    assert "mark-missing" in {one.code for one in planned.refusals}


def test_a_number_that_a_rule_without_our_mark_has_is_not_asked_for() -> None:
    world = connected(web={}, a={"path": "/a", "priority": "10"}, b={"path": "/b", "priority": "20"})
    stays = next(rule for rule in listener(world).own_rules if rule.priority == 20)
    for name, path, number in (("a", "/a", "20"), ("b", "/b", "30")):
        world.tag(tagged(name, service="shop", listen="HTTP:80", path=path, priority=number))
    asked = plan(world.network, replace(world.observe(), unmarked={stays.arn: stays.name}))
    numbers = [change.priority for step in steps(asked) if isinstance(step, UpdateRules) for change in step.changes]
    assert 20 not in numbers
    assert UpdateRules in {type(step) for step in steps(plan(world.network, world.observe()))}


def test_where_load_balancers_cannot_be_listed_nobody_s_number_counts_as_given_up() -> None:
    world = connected(web={}, a={"path": "/a", "priority": "10"}, b={"path": "/b"})
    seen = world.observe()
    b = tagged("b", service="shop", listen="HTTP:80", path="/b", priority="10")
    others = tuple(one for one in seen.load_balancers if one.name == "web")
    left = replace(seen, load_balancers=(*others, b))
    blind = replace(left, unread={LOAD_BALANCERS: "DescribeLoadBalancers AccessDenied"})
    assert [one.code for one in desired(world.network, blind).refusals] == ["rule-taken"]
    assert desired(world.network, left).refusals == ()


# --- several that change at once


PROBES = [
    (path, method, header)
    for path in ("/", "/api", "/api/x", "/health")
    for method in ("GET", "POST")
    for header in ("", "1")
]


def takes(match: Match, probe: tuple[str, str, str]) -> bool:
    path, method, header = probe
    fits = not match.path or (path.startswith(match.path) if match.begins else path == match.path)
    return fits and match.method in {"", method} and (not match.header or match.value == header)


def routed(world: World) -> dict[tuple[str, str, str], frozenset[str]]:
    """Request -> the load balancers that get it; none where the service answers 404."""
    found = {}
    for probe in PROBES:
        rules = sorted(listener(world).found_rules, key=lambda rule: rule.priority)
        taken = next((rule.forwards for rule in rules if rule.match and takes(rule.match, probe)), None)
        found[probe] = frozenset(behind(world, listener(world).forwards if taken is None else taken))
    return found


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"a": {"method": "GET"}}, {"a": {"header": "x=1"}, "b": {}}),
        ({"a": {"path": "/api"}}, {"a": {"path": "/health"}, "b": {"path_prefix": "/api"}}),
        ({"a": {}}, {"a": {"path": "/api"}, "b": {"path": "/health"}}),
        ({"a": {}}, {"a": {"path_prefix": "/api"}, "b": {}}),
        ({"a": {"path_prefix": "/", "method": "GET POST"}}, {"b": {}, "a": {"path_prefix": "/api", "priority": "92"}}),
        ({"a": {"method": "POST", "priority": "60"}}, {"b": {}, "a": {"path": "/api", "priority": "60"}}),
    ],
)
def test_what_serves_goes_on_until_all_who_ask_have_their_place(
    first: dict[str, dict[str, str]], then: dict[str, dict[str, str]]
) -> None:
    world = connected(**first)
    before = routed(world)
    world.tag(*(tagged(name, **{"service": "shop", "listen": "HTTP:80", **tags}) for name, tags in then.items()))
    seen: list[tuple[str, dict[tuple[str, str, str], frozenset[str]]]] = []
    world.every_step = lambda step: seen.append((step.key, routed(world)))
    run(world, rounds=100)
    after = routed(world)
    for probe in PROBES:
        if before[probe] and after[probe]:
            lost = [key for key, now in seen if not now[probe]]
            assert lost == [], f"{probe} after {lost[0]}"


def test_a_newcomer_s_broader_rules_come_when_the_narrower_ones_have_moved_before_them() -> None:
    narrow = {"path_prefix": "/api /v2", "method": "POST", "header": "x=1"}
    world = connected(b=narrow)
    before = {probe: to for probe, to in routed(world).items() if to}
    wrong: list[str] = []
    world.every_step = lambda step: wrong.extend(
        step.key for probe, to in routed(world).items() if probe in before and to != before[probe]
    )
    assert "UpdateRules" in retagged(world, "a", path_prefix="/api /v2")
    assert wrong == []
    world = connected(b=narrow)
    world.refusing = lambda step: "denied" if step.kind == "UpdateRules" else ""
    retagged(world, "a", path_prefix="/api /v2")
    assert {probe: to for probe, to in routed(world).items() if probe in before} == before


@pytest.mark.parametrize("names_", [("a", "b"), ("b", "a")])
def test_who_asks_for_more_rules_than_there_is_room_for_is_refused_and_nobody_else(names_: tuple[str, str]) -> None:
    more, other = names_
    world = connected(**{more: {"path_prefix": "/api"}, other: {"path_prefix": "/x /y /z /w"}})
    retagged(world, more, path_prefix="/api /v2")
    assert answer(world, more)["message"].startswith("too-many-rules: ")
    assert answer(world, other)["status"] == "connected"
    assert len(listener(world).found_rules) == 10


# --- what is denied


def denying(world: World, *kinds: str, fate: Fate = "refused") -> None:
    world.fate = lambda step: fate if step.kind in kinds else "done"


def leaves(world: World, name: str) -> None:
    """People take all of their tags off."""
    there = tagged(name).arn
    answers = {key: text for key, text in world.load_balancers[there].tags.items() if key.startswith("lattice-onramp:")}
    world.load_balancers[there] = replace(world.load_balancers[there], tags=answers)


def told(world: World) -> dict[str, str]:
    return {one.name: world.answers(one.arn).get("status", "") for one in world.load_balancers.values()}


@pytest.mark.parametrize("fate", ["refused", "failed"])
@pytest.mark.parametrize(
    ("denied", "tags"),
    [
        ("CreateRule", {"path": "/old /new"}),
        ("UpdateRules", {"path": "/old", "priority": "20"}),
        ("UpdateRules", {"path": "/new", "priority": "10"}),
        ("DeleteRule", {"path": "/new"}),
    ],
)
def test_what_is_denied_is_told_to_who_asks_for_it_alone_and_not_waited_for(
    denied: str, tags: dict[str, str], fate: Fate
) -> None:
    world = connected(web={}, a={"path": "/old", "priority": "10"}, c={"path": "/c"})
    denying(world, denied, fate=fate)
    begun = world.now
    retagged(world, "a", **tags)
    assert world.now - begun < 60
    assert told(world) == {"web": "connected", "a": "failed", "c": "connected"}
    assert answer(world, "a")["message"].startswith(f"step-failed: {fate} by a test")
    world.fate = lambda _: "done"
    run(world)
    assert told(world) == {"web": "connected", "a": "connected", "c": "connected"}


def test_a_number_that_cannot_be_freed_is_told_to_who_asks_for_it_and_not_waited_for() -> None:
    world = connected(web={}, a={"path": "/old", "priority": "10"}, c={"path": "/c"})
    denying(world, "UpdateRules", "DeleteRule")
    begun = world.now
    leaves(world, "a")
    retagged(world, "c", path="/c /d", priority="10")
    assert world.now - begun < 60
    assert told(world) == {"web": "connected", "a": "disconnecting", "c": "failed"}
    assert (table(world)["/c"], table(world)["/old"]) == (["c"], ["a"])


def test_a_rule_that_may_not_be_deleted_is_told_to_who_leaves_by_it() -> None:
    world = connected(web={}, a={"path": "/old"})
    denying(world, "DeleteRule")
    leaves(world, "a")
    run(world)
    assert told(world) == {"web": "connected", "a": "held"}
    assert answer(world, "a")["message"] == "step-failed: refused by a test s will"


def test_a_default_that_may_not_be_changed_is_told_to_who_is_not_behind_it() -> None:
    world = connected(web={}, a={"path": "/a"})
    denying(world, "UpdateListener")
    retagged(world, "more")
    assert told(world) == {"web": "connected", "a": "connected", "more": "failed"}


def test_a_place_that_cannot_be_had_since_somebody_s_target_group_was_given_up_is_not_waited_for() -> None:
    paths = " ".join(f"/{number}" for number in range(9))
    world = connected(web={}, a={"path": paths}, b={"path": "/b"})
    denying(world, "RegisterTarget")
    begun = world.now
    world.tag(tagged("b", "HTTP:80", "HTTP:8080", service="shop", listen="HTTP:80", target="HTTP:8080"))
    retagged(world, "a", path=f"{paths} /9")
    assert world.now - begun < 60
    assert told(world) == {"web": "connected", "a": "failed", "b": "failed"}
    assert table(world)["/b"] == ["b"]


# --- who leaves while others are refused


def test_a_default_that_left_goes_while_who_has_rules_is_refused_and_keeps_his_requests() -> None:
    world = connected(web={}, api={"path": "/api"})
    leaves(world, "web")
    assert retagged(world, "api", path="api") == ["UpdateListener", "DeleteTargetGroup"]
    assert table(world) == {"/api": ["api"], "": []}
    assert told(world) == {"web": "", "api": "refused"}
    assert answer(world, "api")["domain"] == shop(world).domain


def test_a_default_that_left_stays_while_another_one_is_being_made() -> None:
    world = connected(web={}, api={"path": "/api"})
    leaves(world, "web")
    world.tag(replace(tagged("rest", service="shop", listen="HTTP:80"), state="provisioning"))
    world.tag(tagged("api", service="shop", listen="HTTP:80", path="api"))
    planned = plan(world.network, world.observe())
    assert "UpdateListener" not in [step.kind for batch in planned.batches for step in batch.steps]


def test_a_default_that_left_stays_where_nobody_else_serves() -> None:
    world = connected(web={})
    leaves(world, "web")
    assert retagged(world, "api", path="api") == []
    assert table(world) == {"": ["web"]}
    assert told(world) == {"web": "disconnecting", "api": "refused"}


# --- numbers


def test_who_was_there_first_keeps_its_number_when_another_one_joins_its_rule_without_one() -> None:
    world = connected(web={}, z={"path": "/a", "priority": "9"}, a={"path": "/a /b"})
    run(world)
    assert told(world) == {"web": "connected", "z": "connected", "a": "connected"}
    assert priorities(world)["/a"] == 9


def test_who_leaves_gives_up_his_number_and_stands_aside_until_he_is_gone() -> None:
    world = connected(web={}, a={"path": "/a", "priority": "9"}, b={"path": "/b"})
    seen: list[dict[str, int]] = []
    world.every_step = lambda step: seen.append(priorities(world)) if "Rule" in step.kind else None
    leaves(world, "a")
    denying(world, "DeleteRule")
    retagged(world, "b", path="/b", priority="9")
    assert told(world) == {"web": "connected", "a": "held", "b": "connected"}
    assert priorities(world)["/b"] == 9
    assert priorities(world)["/a"] != 9


def test_who_leaves_by_a_rule_that_lost_our_mark_keeps_his_number() -> None:
    world = connected(web={}, a={"path": "/a", "priority": "9"}, b={"path": "/b"})
    [left] = [rule for rule in listener(world).own_rules if rule.priority == 9]
    leaves(world, "a")
    world.tag(tagged("b", service="shop", listen="HTTP:80", path="/b", priority="9"))

    def moved(**unmarked: str) -> bool:
        asked = plan(world.network, replace(world.observe(), unmarked=unmarked), since={balancer("a").arn: 1.0})
        changes = (change for step in steps(asked) if isinstance(step, UpdateRules) for change in step.changes)
        return any(change.rule == left.arn for change in changes)

    assert (moved(), moved(**{left.arn: left.name})) == (True, False)


# --- what asks for no requests, what is gone, and who is the last to answer


def test_who_asks_for_no_requests_takes_none_from_those_who_answer_by_a_rule_of_its_own() -> None:
    world = connected(a={}, b={"path_prefix": "/", "weight": "0"})
    assert table(world) == {"": ["a"]}
    assert answer(world, "a")["status"] == "connected"
    assert answer(world, "b")["status"] == "unreachable"
    assert answer(world, "b")["message"].startswith("weights-zero: give lattice:weight above 0 here")
    retagged(world, "b", path_prefix="/", weight="1")
    assert table(world) == {"/*": ["b"], "": ["a"]}
    assert answer(world, "b")["status"] == "connected"


def test_who_asks_for_no_requests_shares_a_rule_in_which_another_does() -> None:
    world = connected(a={}, b={"method": "GET", "weight": "0"}, c={"method": "GET"})
    assert table(world) == {"GET": ["b", "c"], "": ["a"]}
    assert {answer(world, name)["status"] for name in "abc"} == {"connected"}


@pytest.mark.parametrize("wrong", [{"wieght": "1"}, {"target": "HTTP:99"}])
def test_a_rule_behind_which_is_nothing_any_more_stands_in_nobody_s_way(wrong: dict[str, str]) -> None:
    world = connected(a={"path_prefix": "/"}, b={})
    del world.load_balancers[tagged("a").arn]
    retagged(world, "b", **wrong)
    assert table(world) == {"": ["b"]}
    assert (answer(world, "b")["status"], "domain" in answer(world, "b")) == ("refused", True)


def test_a_share_of_what_is_not_there_any_more_is_taken_back_while_who_serves_is_refused() -> None:
    world = connected(a={}, b={})
    del world.load_balancers[tagged("a").arn]
    retagged(world, "b", wieght="1")
    assert table(world) == {"": ["b"]}
    # Also while it comes again.
    world = connected(a={}, b={})
    gone = world.load_balancers.pop(tagged("a").arn)
    world.tag(replace(gone, arn=f"{gone.arn}-2", state="provisioning"))
    retagged(world, "b", wieght="1")
    assert table(world) == {"": ["b"]}


def test_a_dead_rule_goes_while_the_default_cannot_be_put_right() -> None:
    world = connected(a={"path_prefix": "/"}, b={})
    del world.load_balancers[tagged("a").arn]
    world.refusing = lambda step: "AccessDenied" if step.kind == "UpdateListener" else ""
    retagged(world, "c")
    assert table(world) == {"": ["b"]}
    assert answer(world, "c")["status"] == "failed"


def closed(world: World, *names_: str) -> None:
    world.found = {tagged(name).arn: Finding(code="security-group", message="admit it") for name in names_}
    run(world)


@pytest.mark.parametrize("weight", ["100", "0"])
def test_who_leaves_keeps_a_rule_as_long_as_nobody_could_take_its_requests(weight: str) -> None:
    world = connected(a={"method": "GET"}, b={"weight": weight}, c={"method": "POST"})
    closed(world, "b", "c")
    world.tag(replace(tagged("a"), tags={}))
    run(world)
    # Who asks for no requests is nobody's successor; nor is who takes others.
    assert ("GET" in table(world)) is (weight == "100")
    closed(world, "c")
    assert table(world) == {"POST": ["c"], "": ["b"]}
    assert answer(world, "a") == {}


def test_who_leaves_keeps_a_rule_whose_requests_another_s_wider_rule_would_take() -> None:
    world = connected(a={"path": "/api/x"}, b={"path_prefix": "/api"})
    closed(world, "b")
    world.tag(replace(tagged("a"), tags={}))
    run(world)
    assert "/api/x" in table(world)
    closed(world)
    assert list(table(world)) == ["/api", "/api/*", ""]


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        (Match(path="/", begins=True), Match(path="/api"), True),
        (Match(path="/", begins=True), Match(method="GET"), False),
        (Match(path="/api/", begins=True), Match(path="/api/x"), True),
        (Match(path="/api/", begins=True), Match(path="/api/x/", begins=True, method="GET"), True),
        (Match(path="/api/", begins=True), Match(path="/api"), False),
        (Match(path="/api"), Match(path="/api", method="GET", header="x", value="1"), True),
        (Match(path="/api"), Match(path="/api", begins=True), False),
        (Match(method="GET"), Match(path="/api", method="GET"), True),
        (Match(method="GET"), Match(path="/api"), False),
        (Match(header="x", value="1"), Match(path="/api", header="x", value="1"), True),
        (Match(header="x", value="1"), Match(path="/api", header="x", value="2"), False),
        (Match(header="x", value="1"), Match(path="/api"), False),
    ],
)
def test_one_match_takes_all_that_another_asks_for(wide: Match, narrow: Match, covers: bool) -> None:
    assert wide.covers(narrow) is covers


def test_whose_requests_all_go_to_one_who_cannot_answer_is_told_so() -> None:
    world = connected(a={"path_prefix": "/api", "priority": "8"}, c={"path": "/api", "method": "POST"})
    assert answer(world, "c")["status"] == "connected"
    closed(world, "a")
    assert (answer(world, "c")["status"], "domain" in answer(world, "c")) == ("unreachable", False)
    assert answer(world, "c")["message"].startswith("rule-takes-all: ")
    [state] = world.memory.services
    assert not state.answers


LATER = {"path_prefix": "/api"}


@pytest.mark.parametrize("shut", [{}, {"weight": "0"}])
def test_who_cannot_answer_comes_before_nobody_who_does_by_saying_a_number(shut: dict[str, str]) -> None:
    world = connected(a={"path_prefix": "/api", "method": "GET"}, b=LATER)
    if not shut:
        closed(world, "b")
    order = ["GET /api", "/api", "GET /api/*", "/api/*", ""]
    retagged(world, "b", **LATER, **shut, priority="8")
    assert (list(table(world)), answer(world, "a")["status"]) == (order, "connected")
    world.found = {}
    retagged(world, "b", **LATER, priority="8")
    assert list(table(world)) == ["/api", "/api/*", "GET /api", "GET /api/*", ""]


def test_nor_does_one_who_answers_go_behind_him_or_to_the_number_that_he_has() -> None:
    world = connected(a={"method": "GET", "priority": "7"}, b={"path": "/api", "priority": "8"})
    closed(world, "b")
    world.tag(tagged("b", service="shop", listen="HTTP:80", path="/api", priority="7"))
    assert retagged(world, "a", method="GET", priority="8") == []
    assert list(table(world)) == ["GET", "/api", ""]
    world.found = {}
    run(world)
    assert list(table(world)) == ["/api", "GET", ""]


def test_where_nobody_answers_the_numbers_are_as_the_tags_say() -> None:
    world = connected(a={"path_prefix": "/api", "method": "GET"}, b=LATER)
    closed(world, "a", "b")
    retagged(world, "b", **LATER, priority="8")
    assert list(table(world)) == ["/api", "/api/*", "GET /api", "GET /api/*", ""]


def test_a_rule_that_asks_for_what_we_never_ask_for_hides_nothing() -> None:
    rules = [
        Rule(arn=f"arn:{n}", name=str(n), priority=n, owned=True, forwards=(Forward(target_group=f"tg-{n}"),))
        for n in (1, 2)
    ]
    listener = Listener(arn="arn:l", name="http-80", protocol="HTTP", port=80, owned=True, found_rules=tuple(rules))
    assert [to.target_group for to in listener.reached] == ["tg-1", "tg-2"]
