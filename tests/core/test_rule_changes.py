"""While rules change, a request comes to those who had it before, or to those who have it after.

Changes are drawn: load balancers of one service, what their tags ask for before and after, and a mishap in most. What
is left out stands in docs/exceptions.md, below Rules.
"""

import random
from collections import Counter
from functools import cache
from itertools import combinations, pairwise
from typing import NamedTuple

import pytest
from model_world import Fate, World, network, run, tagged, vpc
from msgspec.structs import replace
from onramp.core.desired import desired
from onramp.core.model import Forward, Listener, LoadBalancer, Match, Rule
from onramp.core.rules import PRIORITIES, shown
from onramp.core.steps import AnyStep

PATHS = ("/", "/api", "/api/x", "/api/v2", "/api/v2/x", "/health", "/f/1", "/f/9")

type Probe = tuple[str, str, str]
"""Method, path, and whether the header is sent."""

type Tags = dict[str, str]

PROBES: tuple[Probe, ...] = tuple(
    (method, path, header) for method in ("GET", "POST") for path in PATHS for header in ("", "1")
)

ASKS: tuple[Tags, ...] = (
    {"path_prefix": "/"},
    {"path_prefix": "/api"},
    {"path_prefix": "/api /health"},
    {"path_prefix": "/api/v2"},
    {"path": "/api"},
    {"path": "/health /api"},
    {"path": "/api/v2 /api/x /health"},
    {"method": "GET"},
    {"method": "GET POST"},
    {"header": "x=1"},
    {"method": "GET", "path_prefix": "/api"},
    {"header": "x=1", "path_prefix": "/api/v2"},
)
NUMBERS = ("10", "11", "57", "60", "84", "92", "97", "98", "99")
RULES = ("CreateRule", "UpdateRules", "DeleteRule", "UpdateListener")
MISHAPS: tuple[Fate, ...] = ("done", "done", "not_yet", "not_yet", "refused", "failed", "lost")


class Change(NamedTuple):
    """What the tags ask for before and after; `crowd`: how many rules somebody has besides. `mishap`: what becomes of
    the first so many steps of that kind. `spoiled`: whose tags are refused by then, so that what serves them is kept.
    `others`: the numbers of rules that somebody else made. `quiet`: seconds that who leaves goes on.
    """

    before: dict[str, Tags]
    after: dict[str, Tags | None]
    crowd: int
    mishap: tuple[str, Fate, int]
    spoiled: tuple[str, ...] = ()
    others: tuple[int, ...] = ()
    quiet: int = 0

    def gives_up(self, kind: str) -> bool:
        return self.mishap[0] == kind and self.mishap[1] in {"refused", "failed"}


def drawn(seed: int) -> Change:
    chance = random.Random(seed)  # noqa: S311  the same again is what is wanted

    def wish() -> Tags:
        if chance.random() < 0.25:
            return {}
        numbered = {"priority": chance.choice(NUMBERS)} if chance.random() < 0.4 else {}
        return {**chance.choice(ASKS), **numbered}

    there = chance.sample(("a", "b", "c", "d"), chance.randint(1, 3))
    moving = chance.sample(("a", "b", "c", "d"), chance.randint(1, 3))
    plain = Change(
        {name: wish() for name in there},
        {name: None if chance.random() < 0.2 else wish() for name in moving},
        chance.choice((0, 0, 0, 4, 6, 7, 8)),
        (chance.choice(RULES), chance.choice(MISHAPS), chance.choice((1, 1, 2, 99))),
    )
    if seed % 2:
        return plain
    return plain._replace(
        spoiled=tuple(chance.sample(there, chance.randint(0, len(there)))),
        others=tuple(chance.sample((1, 56, 57, 61, 84, 90, 98), chance.choice((0, 0, 0, 1, 2)))),
        quiet=chance.choice((0, 0, 60)),
    )


def takes(match: Match, probe: Probe) -> bool:
    method, path, header = probe
    fits = not match.path or (path.startswith(match.path) if match.begins else path == match.path)
    return fits and match.method in {"", method} and (not match.header or match.value == header)


type Routes = dict[Probe, frozenset[str]]
"""Request -> the load balancers that get it; none where the service answers 404."""


def routed(world: World, but: frozenset[str] = frozenset()) -> Routes:
    """As it is; or as it would be if nobody of `but` were behind the service."""
    listeners = [found for service in world.services.values() for found in service.listeners]
    behind = {
        group.arn.rpartition("/")[2]: frozenset(to.id.split("/")[-2] for to in group.targets) - but
        for group in world.groups.values()
    }
    found = {}
    for probe in PROBES:
        actions = [action for listener in listeners for action in met(listener, probe)]
        groups = [[behind.get(to.target_group, frozenset()) for to in action if to.weight] for action in actions]
        found[probe] = next((got for one in groups if (got := frozenset[str]().union(*one))), frozenset())
    return found


def asked(world: World) -> dict[Match, frozenset[str]]:
    """What is asked for, and by whom."""
    backends = [one for service in desired(world.network, world.observe()).services for one in service.backends]
    matches = {rule.match for one in backends for rule in one.rules}
    return {
        match: frozenset(one.load_balancer.split("/")[-2] for one in backends if one.takes(match)) for match in matches
    }


def met(listener: Listener, probe: Probe) -> list[tuple[Forward, ...]]:
    """What takes it, in the order in which it is asked."""
    rules = sorted(listener.found_rules, key=lambda rule: rule.priority)
    return [*(rule.forwards for rule in rules if rule.match and takes(rule.match, probe)), listener.forwards]


def asking(name: str, tags: Tags) -> LoadBalancer:
    return tagged(name, service="shop", listen="HTTP:80", **tags)


class Moment(NamedTuple):
    """`late`: who cannot have his requests yet, since his target group is not filled, or his wish is refused. `full`:
    ten rules, or their numbers, leave no room for another beside them.
    """

    key: str
    routes: Routes
    late: frozenset[str]
    full: bool = False


class Played(NamedTuple):
    """`after`: as it comes to be in the end; and as it would be without these load balancers. `handed`: who asked for
    what somebody else asks for now: a rule that changes hands, and perhaps its number, is one rule all the while.
    """

    before: Routes
    moments: list[Moment]
    after: dict[frozenset[str], Routes]
    handed: frozenset[str]


def played(change: Change, kinds: Counter[str]) -> Played:
    world = World(network(quiet_seconds=change.quiet)).tag(vpc())
    crowd = {"z": {"path": " ".join(f"/f/{number}" for number in range(change.crowd))}} if change.crowd else {}
    for name, tags in {**crowd, **change.before}.items():
        world.tag(asking(name, tags))
        run(world)
    made_by_others(world, change.others)
    for name in change.spoiled:
        world.tag(asking(name, {**change.before[name], "method": "GETT"}))
    run(world)
    before, asked_before = routed(world), asked(world)
    moments: list[Moment] = []
    absent: list[frozenset[str]] = []
    world.every_step = lambda step: moments.append(Moment(step.key, routed(world), absent[-1], full(world)))
    kind, fate, times = change.mishap

    def fates(step: AnyStep) -> Fate:
        kinds[step.kind] += 1
        return fate if step.kind == kind and kinds[kind] <= times else "done"

    world.fate = fates
    for name, wanted in change.after.items():
        if wanted is not None:
            world.tag(asking(name, wanted))
        elif (there := tagged(name).arn) in world.load_balancers:
            world.load_balancers[there] = replace(world.load_balancers[there], tags={})
    for _ in range(3):
        run(world, rounds=200, every_plan=lambda _: absent.append(late(world, given_up=change.gives_up("CreateRule"))))
        world.fate = lambda _: "done"
    asked_after = asked(world)
    changed = [asked_before[one] - asked_after[one] for one in asked_before.keys() & asked_after]
    absences = {but for moment in moments for but in subsets(moment.late)} | {frozenset()}
    return Played(before, moments, {but: routed(world, but) for but in absences}, frozenset[str]().union(*changed))


def made_by_others(world: World, numbers: tuple[int, ...]) -> None:
    """Rules of a hand on the listeners, which take none of these requests."""
    for service in world.services.values():
        listeners = tuple(
            replace(
                one,
                found_rules=(
                    *one.found_rules,
                    *(
                        Rule(
                            arn=f"{one.arn}/rule/theirs-{number}", name=f"theirs-{number}", priority=number, owned=False
                        )
                        for number in numbers[: 10 - len(one.found_rules)]
                        if all(rule.priority != number for rule in one.found_rules)
                    ),
                ),
            )
            for one in service.listeners
        )
        world.services[service.arn] = replace(service, listeners=listeners)


def wrong(change: Change, kinds: Counter[str]) -> str:
    """Which request came to a third, or to nobody, after which step; '' for none."""
    story = played(change, kinds)
    for last, moment in pairwise([Moment("", story.before, frozenset()), *story.moments]):
        if change.gives_up("DeleteRule") and moment.key.startswith("DeleteRule"):
            continue  # what may not be deleted takes what the others leave
        for probe in PROBES:
            may = [story.before[probe], *(story.after[but][probe] for but in subsets(moment.late))]
            now, then = moment.routes[probe], last.routes[probe]
            third = now - moment.late - story.handed - then.union(*may)
            if (third and not moment.full) or (not now and then and all(may)):
                return f"{probe} of {may[0]}, then of {may[1]}, is {set(now) or 'nobody'}'s after {moment.key}"
    return ""


@cache
def judged(seed: int) -> tuple[str, Counter[str]]:
    """What was wrong with the change that is drawn, and how many steps of each kind it came to."""
    kinds: Counter[str] = Counter()
    return wrong(drawn(seed), kinds), kinds


def subsets(names: frozenset[str]) -> list[frozenset[str]]:
    return [frozenset(some) for count in range(len(names) + 1) for some in combinations(sorted(names), count)]


def full(world: World) -> bool:
    there = [one.found_rules for service in world.services.values() for one in service.listeners]
    return any(len(rules) == 10 or any(rule.priority == PRIORITIES for rule in rules) for rules in there)


def late(world: World, *, given_up: bool) -> frozenset[str]:
    """`given_up`: what is denied to somebody is not waited for, either."""
    filled = {to.id for group in world.groups.values() for to in group.targets}
    want = desired(world.network, world.observe())
    refused = {one.resource for one in want.refusals}
    rules = {rule.match for service in world.services.values() for one in service.listeners for rule in one.own_rules}
    lacking = {
        one.load_balancer
        for service in want.services
        for one in service.backends
        if given_up and not {asked.match for asked in one.rules} <= rules
    }
    asks = [one.arn for one in world.load_balancers.values() if "lattice:network" in one.tags]
    return frozenset(key.split("/")[-2] for key in asks if key not in filled or key in refused | lacking)


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 240, 40))
def test_no_request_comes_to_a_third_nor_to_nobody_while_rules_change(first: int) -> None:
    found = {seed: why for seed in range(first, first + 40) if (why := judged(seed)[0])}
    assert found == {}


@pytest.mark.long
def test_the_changes_that_are_drawn_come_to_every_step_of_rules() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(40):
        kinds += judged(seed)[1]
    assert all(kinds[kind] > 5 for kind in RULES), kinds


PLAIN: tuple[str, Fate, int] = ("UpdateRules", "done", 1)

WELL_KNOWN = {
    "a rule that changes hands moves behind one that its old one has now": Change(
        {"a": {"path_prefix": "/api"}},
        {"b": {"path": "/api", "priority": "99"}, "a": {"method": "GET"}},
        0,
        PLAIN,
    ),
    "who leaves a rule joins another that is kept for one whose tags are refused, before a third's is": Change(
        {
            "b": {"path": "/api/v2 /api/x /health", "priority": "84"},
            "a": {"path_prefix": "/", "priority": "99"},
            "d": {"path": "/health /api"},
        },
        {"d": {"method": "GET", "path_prefix": "/api"}, "a": {"path_prefix": "/api /health"}},
        0,
        PLAIN,
        spoiled=("a", "b", "d"),
    ),
    "a rule that changes hands waits with its number while another one makes room": Change(
        {
            "d": {"method": "GET POST"},
            "c": {"path": "/api/v2 /api/x /health"},
            "a": {"path_prefix": "/api /health", "priority": "11"},
        },
        {
            "c": {"method": "GET", "path_prefix": "/api"},
            "d": {},
            "a": {"path_prefix": "/api/v2", "priority": "10"},
        },
        0,
        PLAIN,
        spoiled=("c",),
    ),
    "an old rule goes while who left goes on for one who comes": Change(
        {"a": {"path": "/health"}, "b": {"method": "GET", "path_prefix": "/api"}, "d": {}},
        {"d": None, "b": None, "c": {"path": "/api"}},
        0,
        PLAIN,
    ),
    "an old rule goes while somebody leaves the default": Change(
        {"d": {}, "c": {"path_prefix": "/api"}}, {"c": {}, "d": None}, 0, PLAIN, quiet=60
    ),
    "an old rule goes while somebody leaves another": Change(
        {"a": {}, "b": {"path_prefix": "/api/v2"}, "c": {"path_prefix": "/"}},
        {"b": {"path_prefix": "/"}, "c": None},
        0,
        PLAIN,
        spoiled=("c",),
        quiet=60,
    ),
    "a new rule has the number of an old one while somebody leaves the default": Change(
        {"d": {}, "a": {}, "c": {"path": "/api", "priority": "10"}},
        {"d": None, "c": {"path": "/health", "priority": "10"}},
        0,
        PLAIN,
        quiet=60,
    ),
}


@pytest.mark.parametrize(
    ("before", "after", "crowd", "rules"),
    [
        (
            {"a": {"header": "x=1", "priority": "11"}, "c": {}},
            {"a": {}, "c": {"path_prefix": "/api /health"}},
            6,
            {"/api": {"c"}, "/api/*": {"c"}, "/health": {"c"}, "/health/*": {"c"}, "": {"a"}},
        ),
        (
            {"a": {}, "d": {"path_prefix": "/api /health", "priority": "97"}, "c": {"header": "x=1"}},
            {"a": {"path_prefix": "/api/v2", "priority": "97"}, "d": {}},
            0,
            {"/api/v2": {"a"}, "/api/v2/*": {"a"}, "x=1": {"c"}, "": {"d"}},
        ),
        (
            {"c": {"header": "x=1", "path_prefix": "/api/v2"}, "d": {"method": "GET", "path_prefix": "/api"}},
            {"c": {"path_prefix": "/"}, "d": None},
            6,
            {"/*": {"c"}, "": set()},
        ),
    ],
)
def test_no_two_wait_for_each_other_where_nothing_else_makes_room(
    before: dict[str, Tags], after: dict[str, Tags | None], crowd: int, rules: dict[str, set[str]]
) -> None:
    world = World(network()).tag(vpc())
    there = {"z": {"path": " ".join(f"/f/{number}" for number in range(crowd))}} if crowd else {}
    for name, tags in {**there, **before}.items():
        world.tag(asking(name, tags))
        run(world)
    world.tag(*(tagged(name) if tags is None else asking(name, tags) for name, tags in after.items()))
    for name in (name for name, tags in after.items() if tags is None):
        world.load_balancers[tagged(name).arn] = replace(tagged(name), tags={})
    run(world)
    assert {match: who for match, who in behind(world).items() if who != {"z"}} == rules
    assert {one.tags.get("lattice-onramp:status", "connected") for one in world.load_balancers.values()} == {
        "connected"
    }


def test_whose_rules_find_no_room_beside_those_of_one_who_is_refused_after_him_is_refused_too() -> None:
    world = World(network()).tag(vpc())
    before: dict[str, Tags] = {
        "z": {"path": "/f/0 /f/1 /f/2 /f/3 /f/4 /f/5 /f/6"},
        "d": {"path_prefix": "/"},
        "a": {"path": "/api", "priority": "11"},
        "b": {},
    }
    for name, tags in before.items():
        world.tag(asking(name, tags))
        run(world)
    world.tag(asking("a", {"path": "/x /y /z"}), asking("d", {"method": "GET", "path_prefix": "/api"}))
    run(world)
    told = {one.name: one.tags["lattice-onramp:message"] for one in world.load_balancers.values() if one.name in "ad"}
    assert {name: message.partition(":")[0] for name, message in told.items()} == dict.fromkeys("ad", "too-many-rules")


@pytest.mark.parametrize("change", WELL_KNOWN.values(), ids=WELL_KNOWN)
def test_no_request_comes_to_a_third_while(change: Change) -> None:
    assert wrong(change, Counter()) == ""


def test_a_rule_that_makes_room_for_another_is_followed_by_a_look_at_once() -> None:
    asked = {"a": {}, "b": {"path": "/b", "priority": "10"}, "c": {"path": "/c", "priority": "20"}}
    world = World(network()).tag(*(tagged(name, service="shop", **tags) for name, tags in asked.items()))
    run(world)
    began = world.now
    world.tag(tagged("b", service="shop", path="/x /y", priority="20"))
    world.tag(tagged("c", service="shop", path="/c /x", priority="10"))
    run(world)
    assert world.now - began < 10, "nothing is on its way at AWS: no poll is needed"


def behind(world: World) -> dict[str, set[str]]:
    """What rules take, as people read it, and `` for the rest -> the load balancers that get it."""
    names = {group.arn.rpartition("/")[2]: group.targets[0].id.split("/")[-2] for group in world.groups.values()}
    [service] = world.services.values()
    actions = [(shown(match) if match else "", sends) for one in service.listeners for match, sends in one.actions]
    return {match: {names[to.target_group] for to in sends} for match, sends in actions}


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("asks", [None, {"path": "/x"}, {}])
def test_who_leaves_a_rule_that_is_kept_for_one_whose_tags_are_refused_gets_nothing_more_by_it(
    asks: Tags | None, *, default: bool
) -> None:
    world = World(network()).tag(vpc(), asking("b", {"method": "GET"}), asking("c", {"method": "GET"}))
    world.tag(*([asking("a", {})] if default else []))
    run(world)
    assert behind(world)["GET"] == {"b", "c"}
    world.tag(asking("b", {"method": "GETT"}))
    world.tag(asking("c", asks) if asks is not None else tagged("c"))
    if asks is None:
        world.load_balancers[tagged("c").arn] = replace(tagged("c"), tags={})
    run(world)
    assert behind(world)["GET"] == {"b"}
    told = world.load_balancers[tagged("c").arn].tags.get("lattice-onramp:status")
    assert told == (None if asks is None else "connected")


def test_an_old_rule_goes_where_one_whose_tags_are_refused_has_its_requests_then() -> None:
    world = World(network()).tag(vpc(), asking("a", {}), asking("b", {"method": "GET"}), asking("c", {"path": "/c"}))
    run(world)
    world.tag(asking("b", {"method": "GETT"}))
    run(world)
    world.tag(asking("c", {"path": "/d"}))
    run(world)
    assert behind(world) == {"/d": {"c"}, "GET": {"b"}, "": {"a"}}
