"""What stands in the way of a service as a whole: it is in others' hands, or cannot be had as it is asked for."""

from msgspec.structs import replace

from onramp.core import tags
from onramp.core.desired import WantedService
from onramp.core.inventory import Refusal
from onramp.core.model import Service
from onramp.core.plan import domains, records, rules, settings
from onramp.core.plan.ground import GOING, Ground, Part, held_by_sibling, id_of, named, refuse, taken, wait


def barred(ground: Ground, wanted: WantedService) -> Part | None:
    """Why nothing can be done for the service as a whole."""
    there = named(ground.observed.services, wanted.name)
    return _in_other_hands(ground, wanted, there) or next(
        (found for found in _not_to_be_had(ground, wanted) if not (found.refusals and wanted.unmet)), None
    )


def without_the_siblings(ground: Ground, wanted: WantedService) -> Ground | None:
    """The ground as it is when a sibling has let the service go, and all that it sends by; None where none has it."""
    there = named(ground.observed.services, wanted.name)
    if there is None or there.owned or there.mark not in ground.network.siblings or there.status == GOING:
        return None
    return ground._replace(
        observed=replace(
            ground.observed,
            services=tuple(one for one in ground.observed.services if one is not there),
            target_groups=tuple(one for one in ground.observed.target_groups if one.owned or one.mark != there.mark),
        )
    )


def _not_to_be_had(ground: Ground, wanted: WantedService) -> list[Part]:
    """All of it: what the one lacks says nothing of the other."""
    asked = (domains.refused, records.refused, settings.no_policy, settings.no_log, settings.no_way_through)
    return [part for refused in asked if (part := refused(ground, wanted)) is not None]


_BESIDE = domains.BESIDE | records.BESIDE | settings.BESIDE


def unmet(ground: Ground, wanted: WantedService) -> tuple[Refusal, ...]:
    """Why what the service's load balancers say of it cannot be had; none where that is not known now. The last one is
    told: what decides requests.
    """
    ground = without_the_siblings(ground, wanted) or ground
    if _in_other_hands(ground, wanted, named(ground.observed.services, wanted.name)):
        return ()
    found = (refusal for part in _not_to_be_had(ground, wanted) for refusal in part.refusals)
    return tuple(sorted(found, key=lambda refusal: refusal.code not in _BESIDE))


def goes_on(ground: Ground, wanted: WantedService, lacking: tuple[Refusal, ...]) -> bool:
    """Does what the load balancer lacks decide no request? Then it takes its share of a service that is there, which
    may be all that is left of it: that turns away as before who may not call, and shows what certificate it has.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None or there.status != "ACTIVE" or without_the_siblings(ground, wanted) is not None:
        return False
    codes = {refusal.code for refusal in lacking} - _BESIDE
    return not codes or (codes <= settings.OF_AUTH and settings.guards(ground, there))


def _in_other_hands(ground: Ground, wanted: WantedService, there: Service | None) -> Part | None:
    """The service is somebody else's; or is on its way out of a sibling's hands."""
    if there is None or there.owned:
        return None
    if there.status == GOING:
        return wait(f"a service {wanted.name} of somebody else is {GOING}")
    if wanted.name in ground.want.theirs.get(there.mark, ()):
        message = f"choose another name, or take it off what asks for it in network {there.mark}: {wanted.name} is"
        return refuse("name-taken", f"{message} in use there", *wanted.load_balancers)
    if there.mark in ground.network.siblings:
        others = sorted(network for network, asked in ground.want.theirs.items() if wanted.name in asked)
        if others:
            # One of them alone can have it: who answers by it in the sibling's network is not to lose it to the other.
            message = f"choose another name, or take it off what asks for it in network {others[0]}: {wanted.name} is"
            return refuse("name-taken", f"{message} asked for there, too", *wanted.load_balancers)
        return held_by_sibling(
            ground,
            f"network {there.mark} lets service {wanted.name} go first",
            person=f"network {there.mark} still holds service {wanted.name}: it joins here when that has let it go."
            " If it stays ask infra: Vanish or DeletionLimit or a refused tag or an association by hand may keep it",
        )
    message = (
        f"put tag {tags.ADOPT} = {tags.YES} on service {wanted.name} to hand it over as it is, or choose another"
        f" name: it is there and not ours"
    )
    return refuse("name-taken", message, *wanted.load_balancers)


def ports_taken(ground: Ground, wanted: WantedService, there: Service | None) -> dict[str, Part]:
    """What is told of listeners that somebody else made on wanted ports, to whoever gets no requests by one as he asks.
    Nothing of them is changed; nobody loses what he has by the others for it, or is kept from them.
    """
    protocols = {port: protocol for protocol, port in wanted.listens}
    strange = [found for found in (there.listeners if there else ()) if found.port in protocols and not found.owned]
    told: dict[str, Part] = {}
    for backend in wanted.backends:
        group = named(ground.observed.target_groups, backend.target_group)
        for found in strange:
            speaks = found.protocol == protocols[found.port]
            if not (speaks and group and rules.serves(found, backend, id_of(group.arn))):
                what = f"{found.name} of service {wanted.name}"
                told[backend.load_balancer] = taken(
                    "listener", what, backend.load_balancer, instead="listen on another port"
                )
    return told
