"""Whom a stack set's groups mean in each unit, and what of that is new or gone when they change.

By the groups alone, as CloudFormation does it, which asks no organisation who is in a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

type Group = Mapping[str, Any]


class Aim(NamedTuple):
    """Of a unit's accounts these alone, or all `but` these."""

    accounts: frozenset[str]
    but: bool = False

    def __or__(self, other: Aim) -> Aim:
        if self.but and other.but:
            return Aim(self.accounts & other.accounts, but=True)
        if self.but or other.but:
            all_but, these = (self, other) if self.but else (other, self)
            return Aim(all_but.accounts - these.accounts, but=True)
        return Aim(self.accounts | other.accounts)

    def without(self, other: Aim) -> Aim:
        if self.but and other.but:
            return Aim(other.accounts - self.accounts)
        if self.but:
            return Aim(self.accounts | other.accounts, but=True)
        return Aim(self.accounts & other.accounts if other.but else self.accounts - other.accounts)

    @property
    def means_somebody(self) -> bool:
        return self.but or bool(self.accounts)


NOBODY = Aim(frozenset())


def units_of(group: Group) -> list[str]:
    return list(group["DeploymentTargets"].get("OrganizationalUnitIds") or ())


def aims(groups: Iterable[Group]) -> dict[str, Aim]:
    """By unit, all groups together."""
    found: dict[str, Aim] = {}
    for group in groups:
        for unit in units_of(group):
            found[unit] = found.get(unit, NOBODY) | _aim(group)
    return found


def beside(groups: Iterable[Group]) -> set[str]:
    """Accounts that are named beside the units."""
    kinds = (group["DeploymentTargets"] for group in groups)
    return {it for one in kinds if one.get("AccountFilterType") == "UNION" for it in one.get("Accounts") or ()}


def is_new(group: Group, before: Iterable[Group]) -> bool:
    """Whether it means somebody whom those before did not."""
    meant, here = aims(before), _aim(group)
    added = beside([group]) - beside(before)
    return bool(added) or any(here.without(meant.get(unit, NOBODY)).means_somebody for unit in units_of(group))


def gone(groups: Iterable[Group], before: Iterable[Group]) -> list[dict[str, Any]]:
    """The targets in units that stay whom nobody means any more."""
    now = aims(groups)
    left = {unit: aim.without(now[unit]) for unit, aim in aims(before).items() if unit in now}
    return [_targets(unit, aim) for unit, aim in sorted(left.items()) if aim.means_somebody]


def _aim(group: Group) -> Aim:
    targets = group["DeploymentTargets"]
    named = frozenset(targets.get("Accounts") or ())
    match targets.get("AccountFilterType", "NONE"):
        case "INTERSECTION":
            return Aim(named)
        case "DIFFERENCE":
            return Aim(named, but=True)
        case _:
            return Aim(frozenset(), but=True)


def _targets(unit: str, aim: Aim) -> dict[str, Any]:
    kind = "DIFFERENCE" if aim.but else "INTERSECTION"
    named = {"Accounts": sorted(aim.accounts), "AccountFilterType": kind} if aim.accounts else {}
    return {"OrganizationalUnitIds": [unit], **named}
