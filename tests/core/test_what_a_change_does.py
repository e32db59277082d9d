"""What docs/tags.md says of each change of a tag is what is done: in place, beside what is there, and how long."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from every_tag import BALANCER, DOMAIN, ON_A_BALANCER, ON_A_VPC, VPC, Value
from histories import Act, History, Player, requests
from model_world import World, existing, network, run
from onramp.core import tags

PAGE = (Path(__file__).parents[2] / "docs/tags.md").read_text()

IN_PLACE = frozenset(
    {
        *("UpdateListener", "UpdateRules", "SetIdleTimeout", "SetCertificate", "SetAuthType", "PutAuthPolicy"),
        *("DeleteAuthPolicy", "CreateAccessLog", "UpdateAccessLog", "DeleteAccessLog", "UpdateSecurityGroup"),
        "UpdateVpcAssociation",
    }
)
BESIDE = frozenset(
    {
        *("CreateService", "CreateTargetGroup", "CreateListener", "CreateRule", "CreateSecurityGroup", "AssociateVpc"),
        "CreateRecords",
    }
)
TAKES = {
    "seconds": (0, 5),
    "half a minute": (6, 35),
    "a minute": (36, 75),
    "two minutes": (76, 130),
    "two to three minutes": (76, 180),
}
"""How many seconds such words stand for, at least and at most: of the longest change of a row."""


class Change(NamedTuple):
    """One tag from one value to another; `others`: what stands beside it on the same resource."""

    on: str
    key: str
    before: Value
    after: Value
    others: dict[str, str]


def among(key: str, *values: Value, on: str = BALANCER, **others: str) -> list[Change]:
    """From each of these to each other."""
    return [Change(on, key, one, other, dashed(others)) for one, other in permutations(values, 2)]


def from_nothing(key: str, *values: str, on: str = BALANCER, **others: str) -> list[Change]:
    return [Change(on, key, None, value, dashed(others)) for value in values]


def to_nothing(key: str, *values: str, on: str = BALANCER, **others: str) -> list[Change]:
    return [Change(on, key, value, None, dashed(others)) for value in values]


def dashed(given: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in given.items()}


def rules(changes: Any, *, other: bool = False) -> list[Change]:
    """These of each tag that makes rules. `other`: also where the same number is asked for."""
    found: list[Change] = []
    for key in ("path-prefix", "path", "method", "header"):
        values = (ON_A_BALANCER[key].first, ON_A_BALANCER[key].second)
        found += changes(key, *values)
        found += changes(key, *values, priority="7") if other else []
    return found


LISTENS = ("HTTP:80", "HTTP:80 HTTPS:443", "HTTP:81", "TLS_PASSTHROUGH:443")

ROWS: dict[str, list[Change]] = {
    "`lattice:network` from nothing": from_nothing("network", "net"),
    "`lattice:network` to nothing": to_nothing("network", "net"),
    "`lattice:network` to a sibling's": [Change(BALANCER, "network", "net", "sibling", {})],
    "`lattice:network` on a VPC, from nothing": from_nothing("network", "net", on=VPC),
    "`lattice:network` on a VPC, to nothing": to_nothing("network", "net", on=VPC),
    "`lattice:network` on a VPC, to a sibling's": [Change(VPC, "network", "net", "sibling", {})],
    "`lattice:service`": among("service", "shop", "bank", None),
    "`lattice:domain`": among("domain", "api.shop.example.jp", "web.shop.example.jp", None),
    "`lattice:certificate`, or a better one": among("certificate", "11111111", "22222222", None, **DOMAIN),
    "`lattice:zone` to another": among("zone", "ZSHOP", "ZROOT", **DOMAIN),
    "`lattice:zone` from or to nothing": [
        *from_nothing("zone", "ZSHOP", "auto", **DOMAIN),
        *to_nothing("zone", "ZSHOP", "auto", **DOMAIN),
    ],
    "`lattice:listen`": among("listen", *LISTENS[:3], None, **DOMAIN),
    "`lattice:listen` from or to `TLS_PASSTHROUGH`": [
        change
        for change in among("listen", *LISTENS, **DOMAIN)
        if "TLS_PASSTHROUGH:443" in (change.before, change.after)
    ],
    "`lattice:target`": among("target", "HTTP:80", "HTTP:8080"),
    "`lattice:weight`": among("weight", "200", "0", "theirs", None),
    "`lattice:path-prefix`, `lattice:path`, `lattice:method`, `lattice:header` to others": rules(among, other=True),
    "one of these from nothing": rules(from_nothing),
    "one of these to nothing": rules(to_nothing),
    "`lattice:priority`": among("priority", "7", "9", None, path_prefix="/api"),
    "`lattice:idle-timeout`": among("idle-timeout", "120", "600", None),
    "`lattice:log`": among("log", "/orders", "/orders/2", None),
    "`lattice:auth`, `lattice:auth-policy` from or to nothing, or `none`": [
        *among("auth", "none", "iam"),
        *from_nothing("auth", "iam", "vpcs vpc-0123abcd"),
        *to_nothing("auth", "iam", "vpcs vpc-0123abcd"),
        *from_nothing("auth-policy", "/lattice-onramp/open", "/lattice-onramp/signed"),
        *to_nothing("auth-policy", "/lattice-onramp/open", "/lattice-onramp/signed"),
    ],
    "`lattice:auth`, `lattice:auth-policy` to another": [
        *among("auth", "iam", "vpcs vpc-0123abcd", "accounts 222222222222"),
        *among("auth-policy", "/lattice-onramp/open", "/lattice-onramp/signed"),
    ],
    "`lattice:allow-from`, `lattice:ports`": [
        *among("allow-from", "10.1.0.0/16", "10.1.3.4/32 pl-0123abcd", None, on=VPC),
        *among("ports", "80 443", "80-443", None, on=VPC),
    ],
    "`lattice:security-groups`": among("security-groups", "sg-0123abcd", "sg-4567abcd", None, on=VPC),
}
"""What each row of the table speaks of, but for the one on a service that people made themselves."""

EXISTING = "`lattice:network` on a service"
WORDS = {"`lattice-onramp:adopt`": "Adopt", "`lattice-onramp:release`": "Release"}
"""Of what people made, and the step that answers."""


def table() -> dict[str, tuple[str, str, str]]:
    """Change -> what is done in place, what is made beside, how long it takes."""
    [section] = [part for part in PAGE.split("\n## ") if part.startswith("What a change does")]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", section, flags=re.MULTILINE)
    return {change: (in_place, beside, takes) for change, in_place, beside, takes in rows[1:]}


class Timed(Player):
    """Keeps when what requests meet, or what is under way, was last another."""

    def __init__(self) -> None:
        super().__init__(History(seed=0, acts=()))
        self.was: Any = None
        self.last = 0.0

    def moment(self, why: str) -> None:
        super().moment(why)
        things = (self.world.services, self.world.groups, self.world.vpc_associations)
        records = {zone: tuple(there) for zone, there in self.world.zones.items()}
        now = (requests(self.world), records, *(dict(one) for one in things))
        if now != self.was:
            self.was, self.last = now, self.now


class Done(NamedTuple):
    kinds: set[str]
    seconds: float
    problems: list[str]
    told: str


def made(change: Change) -> Done:
    """What is done when it is made at rest."""
    carry = {
        BALANCER: {"network": "net", "service": "shop", "listen": "HTTP:80", "target": "HTTP:80"},
        VPC: {"network": "net", "ports": "80 81 443"},
    }
    carry[change.on] |= change.others
    if change.key == "listen":
        del carry[BALANCER]["target"]
    ports = ("HTTP:80", "HTTPS:443") if change.key == "listen" else ("HTTP:80", "HTTP:8080", "HTTPS:443")

    def put(value: Value) -> Act:
        carry[change.on].pop(change.key, None)
        carry[change.on] |= {} if value is None else {change.key: value}
        return ("retag" if change.on == BALANCER else "vpc", change.on, dict(carry[change.on]))

    player = Timed()
    put(change.before)
    acts: list[Act] = [("create", BALANCER, ports, dict(carry[BALANCER]), "active"), ("vpc", VPC, dict(carry[VPC]))]
    for act in acts:
        player.act(act)
    player.begin("tagged")
    player.act(("ring",))
    before = [len(world.done) for world in player.worlds]
    start = player.last = player.now
    player.act(put(change.after))
    player.begin("changed")
    player.act(("ring",))
    steps = [step for world, count in zip(player.worlds, before, strict=True) for step in world.done[count:]]
    [key] = list(player.world.load_balancers) if change.on == BALANCER else [VPC]
    told = player.world.answers(key).get("status", "")  # by whichever network it asks for
    return Done({step.kind for step in steps}, player.last - start, player.problems, told)


def held(change: str, in_place: bool, beside: bool, seconds: float) -> list[str]:
    """What of the row is not so."""
    cells = table()[change]
    wrong = []
    if cells[0].startswith("nothing") is in_place:
        wrong.append(f"in place: {cells[0]}")
    if cells[1].startswith("nothing") is beside:
        wrong.append(f"made beside: {cells[1]}")
    least, most = next(span for words, span in TAKES.items() if re.match(rf"{words}(?: at most)?(?:;|$)", cells[2]))
    if not least <= seconds <= most:
        wrong.append(f"takes {cells[2]}: {seconds} s")
    return wrong


def test_every_change_has_its_row_and_each_row_is_tried() -> None:
    assert set(table()) == {*ROWS, EXISTING, *WORDS}
    tried: dict[tuple[str, str], set[tuple[bool, bool]]] = {}
    for changes in ROWS.values():
        for one in changes:
            tried.setdefault((one.on, one.key), set()).add((one.before is None, one.after is None))
    assert {key for on, key in tried if on == BALANCER} == tags.LOAD_BALANCER_KEYS == set(ON_A_BALANCER)
    assert {key for on, key in tried if on == VPC} == tags.VPC_KEYS == set(ON_A_VPC)
    # From nothing, to nothing, and to another; where a load balancer has two listeners, one has to be named at first.
    every = {(True, False), (False, True), (False, False)}
    assert {tag: every - found for tag, found in tried.items() if found != every} == {
        (BALANCER, "target"): {(True, False), (False, True)}
    }


@pytest.mark.parametrize("change", ROWS)
def test_a_change_does_what_the_page_says_and_nothing_that_serves_is_let_go(change: str) -> None:
    done = [(one, made(one)) for one in ROWS[change]]
    assert [(one, found.problems) for one, found in done if found.problems] == []
    serving = {"connected", "unreachable"} if "weight" in change else {"connected"}
    gone = {""} if "to nothing" in change else set()
    assert {found.told for _, found in done} <= serving | gone
    in_place = any(found.kinds & IN_PLACE for _, found in done)
    beside = any(found.kinds & BESIDE for _, found in done)
    assert held(change, in_place, beside, max(found.seconds for _, found in done)) == []


def test_a_service_that_is_there_already_gets_its_association_and_loses_it() -> None:
    world = World(network(quiet_seconds=60)).tag(existing())
    world.principal = "ASSOCIATED"
    start = world.now
    run(world)
    assert {step.kind for step in world.done} == {"AssociateService", "WriteStatus"}
    assert held(EXISTING, True, False, world.now - start) == []
    world.untag()
    run(world)
    assert "DisassociateService" in {step.kind for step in world.done}


def test_a_word_that_hands_over_or_takes_back_changes_a_mark_and_nothing_else() -> None:
    player = Timed()
    wish = {"network": "net", "service": "shop", "listen": "HTTP:80"}
    for act in (
        ("vpc", VPC, {"network": "net"}),
        ("ring",),
        ("create", BALANCER, ("HTTP:80",), {}, "active"),
        ("by_hand", BALANCER, "shop"),
        ("retag", BALANCER, wish),
    ):
        player.act(act)
    before = requests(player.world)
    assert before
    for word, step in WORDS.items():
        done, start = len(player.world.done), player.now
        player.begin(word)
        player.act(("ring",))
        assert {one.kind for one in player.world.done[done:]} == {step, "WriteStatus"}
        assert held(word, True, False, player.last - start) == []
        assert requests(player.world) == before
        player.act(("take_back", "shop"))
    assert player.problems == []
