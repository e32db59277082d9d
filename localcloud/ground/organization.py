"""The AWS organisation of the local cloud: which accounts belong together, and whether RAM trusts that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SERVICE, RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
"""Kinds of policies: what an account's own may do, and what anybody may do to what is an account's."""

FULL_ACCESS = {SERVICE: "p-FullAWSAccess", RESOURCE: "p-RCPFullAWSAccess"}
"""The policy that AWS attaches to everything once a kind is on: it allows all."""


@dataclass
class ControlPolicy:
    """A control policy of the organisation: `document` is its text, or what the text says."""

    id: str
    name: str
    document: dict[str, Any] | str
    description: str = ""
    kind: str = SERVICE


def _allowing_all() -> dict[str, ControlPolicy]:
    told = "Allows access to every operation"
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    found = {}
    for kind, id in FULL_ACCESS.items():
        statement = {**everything, "Principal": "*"} if kind == RESOURCE else everything
        document = {"Version": "2012-10-17", "Statement": [statement]}
        found[id] = ControlPolicy(id, id.removeprefix("p-"), document, told, kind)
    return found


@dataclass
class Organization:
    """At most one organisation; none until `create`.

    `parents` says under what each account and unit stands (a unit's id, or the root's). `ram_sharing` is what
    EnableSharingWithAwsOrganization switches on (facts 17). The form of the paths: facts 13. `attached` says which
    control policies hold for an account, a unit or the root, by kind, once that kind is on (`limiting`); where nothing
    is said, the one that allows all.
    """

    id: str = ""
    management: str = ""
    root: str = ""
    ram_sharing: bool = False
    accounts: set[str] = field(default_factory=set)
    parents: dict[str, str] = field(default_factory=dict)
    limiting: set[str] = field(default_factory=set)
    policies: dict[str, ControlPolicy] = field(default_factory=_allowing_all)
    attached: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:organizations::{self.management}:organization/{self.id}"

    def create(
        self, management: str, id: str = "o-a1b2c3d4e5", root: str = "r-ab12", *, ram_sharing: bool = False
    ) -> str:
        """Found the organisation with its management account; answers its ARN."""
        self.id, self.management, self.root, self.ram_sharing = id, management, root, ram_sharing
        self.add(management)
        return self.arn

    def disband(self) -> None:
        """End the organisation."""
        self.id = self.management = self.root = ""
        self.ram_sharing = False
        self.accounts.clear()
        self.parents.clear()
        self.limiting.clear()
        self.policies = _allowing_all()
        self.attached.clear()

    def add_unit(self, unit: str, parent: str = "") -> str:
        """Add an organisational unit (`ou-ab12-11111111`) under `parent` or the root; answers its ARN."""
        self.parents[unit] = parent or self.root
        return self.unit_arn(unit)

    def unit_arn(self, unit: str) -> str:
        return f"arn:aws:organizations::{self.management}:ou/{self.id}/{unit}"

    def add(self, account: str, parent: str = "") -> None:
        """Let `account` join, or move it, under `parent` or the root."""
        self.accounts.add(account)
        self.parents[account] = parent or self.root

    def remove(self, account: str) -> None:
        """Let `account` leave."""
        self.accounts.discard(account)
        self.parents.pop(account, None)

    def id_of(self, account: str) -> str:
        """The id of the organisation that `account` is in, or ''."""
        return self.id if account in self.accounts else ""

    def paths_of(self, account: str) -> list[str]:
        """`aws:PrincipalOrgPaths` of `account`: one path, `o-…/r-…/ou-…/`, or none outside."""
        if account not in self.accounts:
            return []
        steps: list[str] = []
        at = self.parents[account]
        while at != self.root:
            steps.insert(0, at)
            at = self.parents[at]
        return ["/".join([self.id, self.root, *steps]) + "/"]

    def restrict(self, target: str, document: dict[str, Any] | str, kind: str = SERVICE) -> None:
        """Attach a control policy to an account, a unit or the root, beside what holds there already."""
        self.limiting.add(kind)
        policy = f"p-{len(self.policies):010}"
        self.policies[policy] = ControlPolicy(policy, policy, document, kind=kind)
        self.attached.setdefault((kind, target), [FULL_ACCESS[kind]]).append(policy)

    def over(self, target: str, kind: str) -> list[str]:
        """The ids of the policies of that kind that are attached to `target` itself; none while the kind is off."""
        return self.attached.get((kind, target), [FULL_ACCESS[kind]]) if kind in self.limiting else []

    def limits_of(self, account: str, kind: str = SERVICE) -> list[Sequence[ControlPolicy]]:
        """The control policies over `account`, level by level from the root down to itself.

        None where none but the one that allows all is attached, none outside, and none over the management account.
        """
        if kind not in self.limiting or account not in self.accounts or account == self.management:
            return []
        above = [step for path in self.paths_of(account) for step in path.rstrip("/").split("/")[1:]]
        levels = [self.over(target, kind) for target in [*above, account]]
        return [[self.policies[one] for one in level] for level in levels if level != [FULL_ACCESS[kind]]]

    def arns_of(self, account: str) -> list[str]:
        """The ARNs that stand for `account` among others: the organisation's and those of the units above it."""
        units = [unit for path in self.paths_of(account) for unit in path.split("/") if unit.startswith("ou-")]
        return [self.arn, *map(self.unit_arn, units)] if account in self.accounts else []

    def knows(self, arn: str) -> bool:
        """Whether `arn` is this organisation's or that of one of its units."""
        return bool(self.id) and (arn == self.arn or any(arn == self.unit_arn(u) for u in self.units()))

    def members_of(self, arn: str) -> set[str]:
        """The accounts that an organisation's or unit's ARN stands for, those of units below included."""
        if not self.knows(arn):
            return set()
        if arn == self.arn:
            return set(self.accounts)
        unit = arn.rsplit("/", 1)[1]
        return {account for account in self.accounts if f"/{unit}/" in self.paths_of(account)[0]}

    def units(self) -> list[str]:
        """The ids of all units, whatever they stand under."""
        return [key for key in self.parents if key.startswith("ou-")]
