"""Wishes that are not gone for: what cannot be had, what is not approved, and what a run began and has to take back."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from onramp.core import approval
from onramp.core.desired import Backend, WantedService
from onramp.core.infra import Word
from onramp.core.inventory import Refusal, Request
from onramp.core.model import INVITATIONS, SHARE
from onramp.core.plan import clients, domains, existing, obstacles, services
from onramp.core.plan.ground import Ground, Part, Stage, join, named, registered, to_network
from onramp.core.steps import CreateService


def without_the_unmet(ground: Ground) -> Ground:
    """The ground without the wishes of load balancers that name for their service what cannot be had: that is theirs
    alone, and keeps nothing from those who share the service with them. Where what they lack decides no request of a
    service that is there, requests come to them all the same.
    """
    kept: list[WantedService] = []
    refusals: list[Refusal] = []
    for wanted in ground.want.services:
        able: list[Backend] = []
        lacking: list[Refusal] = []
        for backend in wanted.backends:
            alone = wanted.of((backend,))
            found = obstacles.unmet(ground, alone)
            if not found or obstacles.goes_on(ground, alone, found):
                able.append(backend)
                lacking += found
            else:
                refusals += found[-1:]
        if able:
            kept.append(replace(wanted.of(able), unmet=tuple(lacking)))
    want = ground.want._replace(services=tuple(kept), refusals=(*ground.want.refusals, *refusals))
    return ground._replace(want=want)


def approved(
    ground: Ground, answers_given: Mapping[str, Word], before: tuple[Request, ...] | None
) -> tuple[Ground, tuple[Request, ...] | None]:
    """The ground without what infra has not approved, and every request; what is there already is not taken back."""
    if not any(approval.asked(ground.network)):
        return ground, None
    met: set[str] = set()
    if before is None:
        for wanted in ground.want.services:
            offered = services.service(ground, wanted, may_make=True, staying=frozenset())
            met |= frozenset() if offered.part.steps else services.placed(ground, wanted)
        for client in ground.want.clients:
            part = clients.client(ground, client, may_make=True)
            met |= {client.vpc} if part.stage is Stage.SERVING and not part.steps else set()
        met |= {one.arn for one in ground.want.existing if existing.existing(ground, one).stage is Stage.SERVING}
    held = approval.withhold(
        ground.network, ground.observed.account, ground.want, answers_given, before, frozenset(met)
    )
    return ground._replace(want=held.want), held.requests


def abandoned(ground: Ground, wanted: WantedService, access: Part, made: frozenset[str]) -> bool:
    """Was it begun for a network that cannot be brought within reach, or can it not be made itself? What is half made
    is unwound. What was there before this run may have a name that clients have written down: it stays.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None:
        return ground.do(CreateService, wanted.name, "").failed != ()
    return bool(access.failed) and there.arn in made and to_network(ground.network, there) is None


class Lost(NamedTuple):
    """What a run made for a domain that another account brought to the network first: `services` by name,
    `target_groups` by ARN.
    """

    services: frozenset[str]
    target_groups: frozenset[str]


def lost(ground: Ground, made: frozenset[str]) -> Lost:
    """Nobody came to it by way of the network, so that nobody knows its name; what was made before stays as long as a
    tag asks for it.
    """
    losers = {one.resource for one in ground.want.refusals if one.code == domains.TAKEN}
    asked = {ground.want.named[key] for key in losers & ground.want.named.keys()}
    return Lost(
        frozenset(
            one.name
            for one in ground.observed.services
            if one.owned and one.arn in made and one.name in asked and not one.associations
        ),
        frozenset(
            one.arn
            for one in ground.observed.target_groups
            if one.owned and one.arn in made and one.targets and registered(one) <= losers
        ),
    )


def unneeded_groups(ground: Ground, access: Part) -> frozenset[str]:
    """Security groups of VPCs that are not joined, and whose network cannot be brought within reach. Where how far it
    is could not be read they stay.
    """
    if not access.failed or not {SHARE, INVITATIONS}.isdisjoint(ground.observed.unread):
        return frozenset()
    joined = {found.vpc for found in ground.observed.vpc_associations}
    return frozenset(group.id for group in ground.observed.security_groups if group.vpc not in joined)


def refused_late(
    ground: Ground, wanted: WantedService, offered: dict[str, services.ServicePlan], made: frozenset[str]
) -> services.ServicePlan | None:
    """Did the reason why none of its load balancers can be behind it come up only after this run had made it? It was on
    no network, so that nobody knows its name: it is unwound, and the reason told.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None or there.arn not in made or to_network(ground.network, there) or wanted.name not in offered:
        return None
    own = offered[wanted.name].own
    if not own or not all(one.refusals for one in own.values()):
        return None
    return services.ServicePlan(Part(refusals=join(own.values()).refusals), own)
