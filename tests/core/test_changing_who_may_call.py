"""Who may call changes from every value of its tags to every other, and at no moment is it another set of callers."""

from __future__ import annotations

import json
from itertools import permutations, product

import pytest
from histories import Act, History, problems
from model_world import COUNTS_AFTER, World, network, run, tagged, vpc
from onramp.core.model import Settings
from onramp.core.policy import INVOKE, Principal, evaluate

NETWORK = network(organization="o-a1b2c3d4e5", status_tags=False)

VALUES: dict[str, dict[str, str]] = {
    "no tag": {},
    "none": {"auth": "none"},
    "iam": {"auth": "iam"},
    "one account": {"auth": "accounts 111111111111"},
    "other accounts": {"auth": "accounts 222222222222 333333333333"},
    "org": {"auth": "org"},
    "vpcs": {"auth": "vpcs vpc-0123abcd"},
    "policy that is open": {"auth_policy": "/lattice-onramp/open"},
    "policy that asks for signatures": {"auth_policy": "/lattice-onramp/signed"},
}


def caller(account: str, org: str, source: str) -> tuple[dict[str, str], Principal]:
    """`account`: of who signs; '' for nobody."""
    keys = {"vpc-lattice-svcs:SourceVpc": source, "aws:PrincipalType": "AssumedRole" if account else "Anonymous"}
    if not account:
        return keys, Principal(frozenset())
    own = {"aws:PrincipalAccount": account} | ({"aws:PrincipalOrgID": org} if org else {})
    return keys | own, Principal(frozenset({f"arn:aws:iam::{account}:role/app"}), account=account)


CALLERS = {
    f"{account or 'nobody'} of {org or 'no org'} in {source}": caller(account, org, source)
    for (account, org), source in product(
        (("", ""), ("111111111111", "o-a1b2c3d4e5"), ("222222222222", ""), ("444444444444", "o-a1b2c3d4e5")),
        ("vpc-0123abcd", "vpc-4567abcd"),
    )
}


def let_in(auth: str, policy: str) -> frozenset[str]:
    if auth == "NONE":
        return frozenset(CALLERS)
    if not policy:
        return frozenset()
    there = json.loads(policy)
    return frozenset(
        name for name, (keys, who) in CALLERS.items() if evaluate([there], INVOKE, "arn:service/x", keys, who).allowed
    )


class Watched:
    """A service, and who may have got in since the last `changed`: what is put counts now or up to a minute later."""

    def __init__(self, value: str) -> None:
        self.world = World(NETWORK).tag(vpc())
        self.was: list[tuple[float, str, str]] = []
        self.let: list[frozenset[str]] = []
        self.world.every_step = lambda _: self.look()
        self.put(value)
        run(self.world)
        self.now = self.let_now()

    @property
    def seen(self) -> Settings:
        return next(iter(self.world.settings.values()), Settings())

    def put(self, value: str) -> None:
        self.world.tag(tagged("orders", **VALUES[value]))

    def let_now(self) -> frozenset[str]:
        return let_in(self.seen.auth, self.seen.policy)

    def look(self) -> None:
        now = self.world.now
        self.was.append((now, self.seen.auth, self.seen.policy))
        old = sum(at < now - COUNTS_AFTER for at, *_ in self.was)
        recent = self.was[max(old - 1, 0) :]  # and the one before them, which counted then
        self.let += [let_in(auth, policy) for (_, auth, _), (*_, policy) in product(recent, recent)]

    def never_other(self, *values: frozenset[str]) -> None:
        """Who got in under all of these got in all the while, and who did under none never did."""
        always, ever = frozenset.intersection(*values), frozenset.union(*values)
        assert [sorted(always - one) for one in self.let if always - one] == []
        assert [sorted(one - ever) for one in self.let if one - ever] == []


SETS = {value: Watched(value).now for value in VALUES}


def test_each_value_lets_in_whom_it_says() -> None:
    assert {value: len(found) for value, found in SETS.items()} == {
        "no tag": 8,
        "none": 8,
        "iam": 6,
        "one account": 2,
        "other accounts": 2,
        "org": 4,
        "vpcs": 4,
        "policy that is open": 8,
        "policy that asks for signatures": 6,
    }


@pytest.mark.parametrize("before", VALUES)
def test_every_value_becomes_every_other_and_nobody_is_turned_away_or_let_in_meanwhile(before: str) -> None:
    for after in (one for one in VALUES if one != before):
        watched = Watched(before)
        watched.let.clear()
        watched.put(after)
        run(watched.world)
        watched.never_other(SETS[before], SETS[after])
        assert watched.let_now() == SETS[after]


KINDS = ("no tag", "iam", "vpcs", "policy that asks for signatures")
"""One of each kind: no policy, one whose callers are among others', one whose are not, and a team's own."""


@pytest.mark.parametrize("before", KINDS)
def test_who_changes_it_once_more_in_the_middle_is_as_safe(before: str) -> None:
    for (after, last), rounds in product(permutations(KINDS, 2), (1, 2)):
        watched = Watched(before)
        watched.let.clear()
        watched.put(after)
        looks: list[World] = []

        def again(world: World) -> None:
            looks.append(world)  # noqa: B023  it is called in this very turn
            if len(looks) == rounds:  # noqa: B023
                watched.put(last)  # noqa: B023

        run(watched.world, every_look=again)
        watched.put(last)
        run(watched.world)
        watched.never_other(SETS[before], SETS[after], SETS[last])
        assert watched.let_now() == SETS[last]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("iam", None, "SetAuthType"), (None, "iam", "PutAuthPolicy"), (None, "iam", "SetAuthType")],
)
@pytest.mark.parametrize("steps", range(1, 8))
def test_a_run_that_dies_in_the_middle_is_not_hurried_after_for_what_an_earlier_one_was_denied(
    before: str | None, after: str | None, kind: str, steps: int
) -> None:
    """Seed 630,066 of the histories: the last report was of what was denied, and what the dead run did is in none."""
    acts: list[Act] = [("create", "alb-a", ("HTTP:80",), {"network": "net"}, "active")]
    acts += [("set", "alb-a", "auth", before), ("ring",)]
    acts += [("deny", kind), ("set", "alb-a", "auth", after), ("ring",), ("deny",)]
    acts += [("kill", steps), ("vpc", "vpc-1", {"network": "net"}), ("ring",), ("ring",)]
    assert not problems(History(seed=0, acts=tuple(acts), quiet=60, keep=0))
