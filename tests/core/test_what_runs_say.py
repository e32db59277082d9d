"""Stories of an account, run by run and round by round, as somebody would read them in the console and on the tags."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import pytest
from model_world import INFRA, TEAM, World, balancer, network, run, tagged, vpc
from msgspec.structs import replace
from onramp.core.model import Service
from onramp.core.network import Network
from onramp.core.run import Plan
from onramp.core.steps import Step

from tests.core.saying import says, told

type Chapter = tuple[str, Callable[[World], object]]


def without(*names: str) -> Callable[[World], object]:
    """Somebody takes these load balancers' and VPCs' tags away."""

    def untag(world: World) -> None:
        for name in names:
            thing: Any = world.vpcs.get(name) or world.load_balancers[balancer(name).arn]
            kept = {key: text for key, text in thing.tags.items() if key.startswith("lattice-onramp:")}
            things: dict[str, Any] = world.vpcs if name in world.vpcs else world.load_balancers  # type: ignore[assignment]  # either
            things[name if name in world.vpcs else thing.arn] = replace(thing, tags=kept)

    return untag


def later(seconds: float) -> Callable[[World], object]:
    def wait(world: World) -> None:
        world.now += seconds

    return wait


def refusing(kind: str, fate: Any = "refused") -> Callable[[World], object]:
    """From now on AWS does so to this kind of step."""

    def refuse(world: World) -> None:
        world.fate = lambda step: fate if step.kind == kind else "done"

    return refuse


def theirs(world: World) -> None:
    world.services["arn:theirs"] = Service(arn="arn:theirs", name="bills", status="ACTIVE", owned=False)


KEEPING = network(quiet_seconds=60, keep_seconds=3600)
STORIES: list[tuple[str, Network, list[Chapter]]] = [
    (
        "a service and a client join, and leave",
        network(),
        [
            ("both are tagged", lambda world: world.tag(tagged("orders", listen="HTTP:80"), vpc())),
            ("nothing happens", lambda world: world),
            ("both tags are taken off", without("orders", "vpc-1")),
        ],
    ),
    (
        "a service changes",
        network(),
        [
            ("it is tagged", lambda world: world.tag(tagged("orders", "HTTP:80", "HTTP:81", target="HTTP:80"))),
            ("it sends elsewhere", lambda world: world.tag(tagged("orders", "HTTP:80", "HTTP:81", target="HTTP:81"))),
            (
                "it listens on two ports",
                lambda world: world.tag(tagged("orders", "HTTP:81", listen="HTTP:80 HTTPS:443")),
            ),
            ("it has another name", lambda world: world.tag(tagged("orders", "HTTP:81", service="shop"))),
            ("another joins it", lambda world: world.tag(tagged("more", service="shop", weight="300"))),
            ("its first leaves", without("orders")),
        ],
    ),
    (
        "a name is kept",
        KEEPING,
        [
            ("it is tagged", lambda world: world.tag(tagged("orders", listen="HTTP:80"))),
            ("its tag goes", without("orders")),
            ("it comes back", lambda world: world.tag(tagged("orders", listen="HTTP:80"))),
            ("it goes for good", without("orders")),
            ("an hour later", later(3700)),
        ],
    ),
    (
        "a service is dressed",
        network(),
        [
            ("it is tagged", lambda world: world.tag(tagged("orders", listen="HTTP:80"))),
            (
                "it asks for settings",
                lambda world: world.tag(
                    tagged("orders", listen="HTTP:80", idle_timeout="120", auth="iam", log="/orders")
                ),
            ),
            (
                "it has a policy of its own",
                lambda world: world.tag(tagged("orders", listen="HTTP:80", auth_policy="/lattice-onramp/open")),
            ),
            (
                "its policy is none",
                lambda world: world.tag(tagged("orders", listen="HTTP:80", auth_policy="/lattice-onramp/wrong")),
            ),
            (
                "its policy is not there",
                lambda world: world.tag(tagged("orders", listen="HTTP:80", auth_policy="/lattice-onramp/gone")),
            ),
            ("it asks for none of it", lambda world: world.tag(tagged("orders", listen="HTTP:80"))),
        ],
    ),
    (
        "a client changes",
        network(),
        [
            ("it is tagged", lambda world: world.tag(vpc(allow_from="10.0.0.0/8 pl-0123abcd", ports="80"))),
            ("others may call", lambda world: world.tag(vpc(allow_from="10.2.0.0/16", ports="80-90 443"))),
            ("it has groups of its own", lambda world: world.tag(vpc(security_groups="sg-0123abcd"))),
            ("a list is not there", lambda world: world.tag(vpc(allow_from="pl-0123abce"))),
        ],
    ),
    (
        "what is wished cannot be",
        network(),
        [
            ("a name is taken", lambda world: theirs(world) or world.tag(tagged("bills"))),
            ("there is no listener", lambda world: world.tag(replace(tagged("orders"), listeners=()))),
            ("it is being provisioned", lambda world: world.tag(replace(tagged("orders"), state="provisioning"))),
        ],
    ),
    (
        "AWS refuses",
        network(),
        [
            (
                "a listener",
                lambda world: refusing("CreateListener")(world) or world.tag(tagged("orders", listen="HTTP:80")),
            ),
            ("not any more", refusing("")),
            ("to let go", lambda world: refusing("DisassociateService")(world) or without("orders")(world)),
            ("for now", refusing("DisassociateService", "not_yet")),
        ],
    ),
    (
        "infra keeps one out",
        network(kept_out=frozenset({"orders"})),
        [("two are tagged", lambda world: world.tag(tagged("orders"), tagged("bills")))],
    ),
    (
        "what goes has to be let go",
        network(deletion_limit=1),
        [
            ("two join", lambda world: world.tag(tagged("orders"), tagged("bills"), vpc())),
            ("all leave", without("orders", "bills", "vpc-1")),
        ],
    ),
    (
        "infra has to approve",
        network(approval="both"),
        [("both are tagged", lambda world: world.tag(tagged("orders"), vpc(ports="80-90")))],
    ),
]


def test_what_runs_say_from_round_to_round() -> None:
    lines: list[str] = []
    for title, of, chapters in STORIES:
        world = World(of)
        lines += [title, ""]
        for chapter, happens in chapters:
            happens(world)
            lines += [f"- {chapter}"]
            plans: list[Plan] = []
            run(world, rounds=120, every_plan=plans.append)
            lines += [line for planned in plans for line in told(planned)]
            report = world.reports[-1]
            lines += [f"  announced {one.detail_type}: {one.detail}" for one in report.announcements]
            lines += [f"  counted {name}: {number}" for name, number in sorted(report.counts.items()) if number]
            lines += [f"  mailed: {line}" for line in report.message.splitlines()]
            for key in (*world.load_balancers, *world.vpcs):
                answer = " · ".join(f"{name} {text}" for name, text in sorted(world.answers(key).items()))
                lines += [f"  on {key.rpartition('/')[2]}: {answer}"]
        lines += [""]
    says("runs", (line.replace(TEAM, "TEAM").replace(INFRA, "INFRA") for line in lines))


# --- every change into every other, and every step that comes to nothing

WISHES: dict[str, dict[str, str] | None] = {
    "no tag": None,
    "defaults": {},
    "HTTP:80": {"listen": "HTTP:80"},
    "HTTP:80 HTTPS:443": {"listen": "HTTP:80 HTTPS:443"},
    "another target": {"listen": "HTTP:80", "target": "HTTP:81"},
    "another name": {"listen": "HTTP:80", "service": "shop"},
    "no weight": {"listen": "HTTP:80", "weight": "0"},
    "idle 90 s": {"listen": "HTTP:80", "idle_timeout": "90"},
    "auth": {"listen": "HTTP:80", "auth": "iam"},
    "a typing error": {"listen": "SMTP"},
    "elsewhere": {"network": "sibling"},
}
CALLS: dict[str, dict[str, str] | None] = {
    "no tag": None,
    "defaults": {},
    "port 80": {"ports": "80"},
    "other addresses": {"allow_from": "10.2.0.0/16 fd00::/64"},
    "groups of its own": {"security_groups": "sg-0123abcd"},
    "a typing error": {"ports": "http"},
    "elsewhere": {"network": "sibling"},
}
TOGETHER = network(siblings=frozenset({"sibling"}))


def wished(world: World, of: str, given: dict[str, str] | None) -> None:
    """Somebody gives the load balancer or VPC these tags, and no others."""
    if given is None:
        return without(of)(world)
    world.tag(vpc(**given) if of == "vpc-1" else tagged(of, "HTTP:80", "HTTP:81", **{"target": "HTTP:80", **given}))
    return None


def rounds(world: World) -> str:
    """A run on one line: round by round what it does, and what is told in the end."""
    plans: list[Plan] = []
    run(world, rounds=150, every_plan=plans.append)
    did = [
        " ".join(step.kind for batch in planned.batches for step in batch.steps if step.kind != "WriteStatus") or "-"
        for planned in plans
    ]
    did = [f"{some} x{len(list(same))}".removesuffix(" x1") for some, same in groupby(did)]
    waits = sum(planned.wait_seconds for planned in plans)
    keys = (*world.load_balancers, *world.vpcs)
    told_ = [f"{name} {text}" for key in keys for name, text in world.answers(key).items()]
    states = [f"{one.name} {one.status}" for one in plans[-1].services]
    refused = [one.code for one in plans[-1].refusals]
    return f"{' | '.join(did)} ({waits} s) => {', '.join([*told_, *states, *refused])}"


def test_what_each_change_of_tags_comes_to() -> None:
    lines: list[str] = []
    for of, table in (("orders", WISHES), ("vpc-1", CALLS)):
        for before, first in table.items():
            for after, second in table.items():
                world = World(TOGETHER, sharing="organisation")
                wished(world, of, first or {})
                run(world, rounds=150)
                wished(world, of, first)
                run(world, rounds=150)
                wished(world, of, second)
                lines += [f"{of}: {before} -> {after}: {rounds(world)}"]
    says("changes", lines)


@pytest.mark.parametrize(("fate", "times"), [("refused", 999), ("failed", 999), ("not_yet", 1), ("lost", 1)])
def test_what_comes_of_each_step_that_comes_to_nothing(fate: Any, times: int) -> None:
    """Each time, or once; and what the next run makes of it."""
    lines: list[str] = []
    for kind in sorted(kind.__name__ for kind in Step.__subclasses__()):
        left = [times]

        def come(step: Any, kind: str = kind, left: list[int] = left) -> Any:
            if step.kind != kind or not left[0]:
                return "done"
            left[0] -= 1
            return fate

        world = World(network(quiet_seconds=30))
        world.fate = come
        world.tag(tagged("orders", listen="HTTP:80", idle_timeout="90", auth="iam"), vpc())
        joins = rounds(world)
        world.tag(tagged("orders", listen="HTTP:81", auth="none"), vpc(ports="80"))
        changes = rounds(world)
        without("orders", "vpc-1")(world)
        leaves = rounds(world)
        if left[0] < times:
            lines += [kind, f"  joins {joins}", f"  changes {changes}", f"  leaves {leaves}"]
    says(f"steps-{fate}", lines)
