"""Clients' VPCs in private hosted zones: each that is joined is put into those that hold records of services.

An association bears no mark: ours is what a run was answered to have made, and is remembered for that. Any other stays.
"""

from collections.abc import Iterable
from typing import NamedTuple

from onramp.core import denials, offers
from onramp.core.inventory import UNREAD_CODE, Refusal
from onramp.core.model import MARKED, UNREAD, VPCS, Zone
from onramp.core.offers import PrivateZone
from onramp.core.plan.ground import FAILED, GOING, Ground, Part, Stage, coded, join, of_vpc, wait
from onramp.core.steps import AssociateZone, DisassociateZone


class Zones(NamedTuple):
    """`kept`: as the plan's `zones`. `told`: VPC -> what is said beside that it is connected."""

    part: Part = Part()
    kept: dict[str, tuple[str, ...]] = {}
    told: dict[str, str] = {}


def unread_as(vpc: str) -> str:
    """Under which key it is told that the hosted zones of a VPC could not be read."""
    return f"the hosted zones of {vpc}"


def zones(ground: Ground, joining: dict[str, Part], made: frozenset[str], holding: str) -> Zones:
    """`joining`: VPC -> what it lacks of being joined; `made`, `holding`: as of the plan."""
    parts: list[Part] = []
    kept: dict[str, tuple[str, ...]] = {}
    told: dict[str, str] = {}
    offered = sorted(offers.read(holding).zones)
    for vpc in sorted(joining.keys() | ground.before.zones.keys()):
        ours = ground.before.zones.get(vpc, ())
        wants = offered if vpc in joining and joining[vpc].stage is Stage.SERVING else []
        there = ground.observed.zones.get(vpc)
        if there is None:
            kept[vpc] = ours
            why = ground.observed.unread.get(unread_as(vpc))
            if wants and why:
                told[vpc] = f"{UNREAD_CODE}: {unread_as(vpc)} cannot be read: {why}"
            continue
        if _is_its_owners(ground, vpc):
            continue
        entering = [_enter(ground, vpc, zone, there, made) for zone in wants]
        mine = [zone for zone in there if zone.id in ours]
        leaving = [
            ground.do(DisassociateZone, f"{vpc}/{zone.id}", because, vpc=vpc, zone=zone.id, owner=zone.owner)
            for zone in mine
            if (because := _why_not(ground, vpc, zone, offered if holding else None, wanted=vpc in joining))
        ]
        kept[vpc] = tuple(zone.id for zone in mine)
        parts += [one._replace(failed=(), refusals=()) for one in (*entering, *leaving)]
        parts.append(_failed(vpc, leaving))
        if says := _told(ground, entering):
            told[vpc] = says
    return Zones(join(parts), {vpc: ids for vpc, ids in kept.items() if ids}, told)


def _enter(ground: Ground, vpc: str, zone: PrivateZone, there: Iterable[Zone], made: frozenset[str]) -> Part:
    owner = zone.account or ground.network.account
    name = f"{vpc}/{zone.id}"
    if any(one.id == zone.id for one in there):
        return Part()
    if name in made:
        return wait(f"hosted zone {zone.id} is on its way to {vpc}")  # what was made by this run is not listed yet
    if twin := next((one for one in there if one.name == zone.name), None):
        message = (
            f"take this VPC out of hosted zone {twin.id} so that it finds services below {zone.name}: their records are"
            f" in {zone.id} of account {owner}"
        )
        return Part(refusals=(Refusal(code="zone-conflict", resource=vpc, message=message),))
    because = f"it holds records of services below {zone.name}"
    return ground.do(AssociateZone, name, because, vpc=vpc, zone=zone.id, owner=owner)


def _told(ground: Ground, entering: list[Part]) -> str:
    """What keeps the client from finding services by their own domains: it is joined all the same."""
    for part in entering:
        if part.refusals:
            return f"{part.refusals[0].code}: {part.refusals[0].message}"
        if whys := ground.failing(part):
            return coded(whys[0])
    return ""


def _failed(vpc: str, leaving: list[Part]) -> Part:
    whys = [why for part in leaving for why in part.failed]
    return Part(refusals=tuple(denials.refusal(vpc, why) for why in whys[:1]))


def _is_its_owners(ground: Ground, vpc: str) -> bool:
    """Is the VPC on the network by somebody else's association, as one that was taken back? Then so are its zones."""
    association = of_vpc(ground.observed, vpc)
    if association is None or association.status == UNREAD:
        return False
    return not association.owned and ground.network.is_named(association.network)


def _why_not(ground: Ground, vpc: str, zone: Zone, offered: list[PrivateZone] | None, *, wanted: bool) -> str:
    """Why a VPC leaves a hosted zone into which we put it; '' where it stays, as where anything is not known."""
    if ground.network.vanish == "nothing" or not {VPCS, MARKED, vpc}.isdisjoint(ground.observed.unread):
        return ""
    if any("vpcassociation/" in arn for arn in ground.observed.released):
        return ""  # it may be this one's, which goes on calling
    association = of_vpc(ground.observed, vpc)
    if not wanted and (association is None or association.status in {GOING, *FAILED}):
        return "its VPC is no client any more"
    if offered is None or zone.id in {one.id for one in offered}:
        return ""
    return "it holds no records of services any more"
