"""Who leaves: what is ours and nobody asks for any more, since when, and how fast it may go."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from onramp.core import tags
from onramp.core.desired import key_of
from onramp.core.language import waits_for
from onramp.core.model import UNREAD, VPCS, Existing, Resource, Service, VpcAssociation
from onramp.core.network import Network
from onramp.core.plan import room
from onramp.core.plan.ground import (
    Ground,
    answers,
    behind,
    groups_of,
    hidden,
    keeps_its_targets,
    kept_out_of,
    known_balancers,
    may_be_behind,
    named,
    ours,
    registered,
    sent_to,
    spoken_for,
)

COMING_SECONDS = 300
"""How long after the quiet time a run waits for a sibling's network to have what moves to it: what takes longer than
that is seen by a sweep, or by whoever rings.
"""


class Leaver(NamedTuple):
    """`key`: a service's name, a VPC, or the id of a service that people made themselves. `now`: a hand wants it off
    the network at once. `out`: that hand is infra's, for now, so that the name stays. `keep`: seconds for which it is
    kept after it went `off` the network, which it is since then. `awaited`: the sibling's network that can have it, or
    its name, only when it is gone here. `heard`: that waits for it; until then it is `asked` for there since,
    and goes on for who `moves`. `coming`: the name of what moves, and the sibling's network that has to have it first.
    """

    key: str
    since: float
    on_network: bool
    counts: bool
    now: bool
    out: bool = False
    keep: float = 0.0
    off: float | None = None
    awaited: str = ""
    heard: bool = True
    asked: float = 0.0
    moves: bool = False
    coming: tuple[str, ...] = ()


def lingering(ground: Ground, switching: frozenset[str], needed: Mapping[str, str]) -> dict[str, float]:
    """Load balancers that stand behind a service that others still ask for, or that stays for another one whose wish
    cannot be met now or who goes on there until he serves elsewhere, and ask for nothing any more: since when.

    They leave in the same quiet way. One that is not there any more serves nobody, and does not linger; nor does one
    that a hand led requests to.
    """
    want = ground.want
    leaves = ground.asking_nothing - _led_there(ground)
    staying = {found.name for found in want.services} | set(want.named.values())
    return {
        found: ground.since.get(found, ground.now)
        for service in ground.observed.services
        if service.owned
        and (
            service.name in staying
            or not ground.frozen.isdisjoint(may_be_behind(ground, service))
            or _stays_for(ground, service, switching, needed)
        )
        for found in may_be_behind(ground, service)
        if found in leaves
    }


def _led_there(ground: Ground) -> set[str]:
    """Who is in target groups of others alone and was answered nothing: it never asked. Of an owner who took such a
    group back the load balancer has its answer.
    """
    answered = {key_of(one) for one in ground.observed.resources if tags.STATUS in one.tags}
    ours, others = (
        {found for group in ground.observed.target_groups if group.owned is owned for found in registered(group)}
        for owned in (True, False)
    )
    return others - ours - answered


def moving_on(ground: Ground) -> dict[str, float]:
    """Load balancers that move to a sibling's network from a service that others ask for, and were not seen to answer
    there: since when. Until then they are behind both, as whoever is alone behind one.

    One that is in two places here leaves one at once, since the sibling's needs it: a service that others ask for, or
    whichever of two target groups.
    """
    if ground.network.offboarding:
        return {}
    ours = [one for one in ground.observed.services if one.owned and answers(ground.network, one)]
    asked = spoken_for(ground)
    alone = {found for one in ours if one.name not in asked for found in behind(ground.observed, one)}
    sent = {group.arn: group for one in ours for group in groups_of(ground.observed, one)}
    places = Counter(found for group in sent.values() for found in registered(group))
    moving = ground.want.moving.keys() - ground.observed.arrived - alone
    return {found: ground.since.get(found, ground.now) for found in sorted(moving) if places[found] == 1}


def not_coming(ground: Ground) -> frozenset[str]:
    """Those of them for whom no run waits any more: the sibling refuses them, or waits for somebody, too."""
    waited = ground.quiet_seconds + COMING_SECONDS
    return frozenset(found for found, since in moving_on(ground).items() if ground.now >= since + waited)


def opted_out(ground: Ground) -> dict[str, float]:
    """Who took the network's tag off and left others on: since when. Leaving needs no more, and is no typing error.

    It shows by our answer that is still there, and later by what is remembered. A stack beside this one that knows
    nothing of it tells it all the same; then it stays told, or the two would correct each other for ever.
    """
    resources = ground.observed.resources
    answers = {key_of(one): one.tags.get(tags.MESSAGE, "") for one in resources if tags.STATUS in one.tags}
    found: dict[str, float] = {}
    for stray in ground.want.strays:
        if stray.code != "network-missing":
            continue
        code = answers.get(stray.resource, "").partition(":")[0]
        was_in = stray.resource in answers and code not in {"network-missing", "tag-unknown"}
        if was_in or (stray.resource in ground.since and stray.resource not in answers):
            found[stray.resource] = ground.since.get(stray.resource, ground.now)
    return found


def needed_in(ground: Ground, switching: frozenset[str]) -> dict[str, str]:
    """Load balancer that moves on -> the service in which it stays until the next one serves, where it stands behind
    several: it is in two target groups at most, and the next one needs a place.

    Where it answers by the service that it asks for, and only its place there is another one now, that is the one; of
    several that it asks for no more one that cannot go; else the one that it left last; else the one by which it is
    told to answer.
    """
    found, since = dict[str, str](), ground.since
    told = {key_of(one): one.tags.get(tags.DOMAIN, "") for one in ground.observed.resources}
    crowded = _crowded(ground)
    for balancer in sorted(switching):
        asked = ground.want.named.get(balancer, "")
        there = [
            (
                service.name == asked,
                _is_stuck(ground, service, balancer),
                since.get(service.name, ground.now),
                service.domain == told.get(balancer),
                service.name,
            )
            for service in ground.observed.services
            if service.owned
            and (service.name != asked or balancer in crowded)
            and answers(ground.network, service)
            and balancer in behind(ground.observed, service)
        ]
        found |= {balancer: max(there)[-1]} if len(there) > 1 else {}
    return found


def _crowded(ground: Ground) -> frozenset[str]:
    """Load balancers that answer by the service that they ask for, and have no place for what they ask of it now."""
    crowded = room.crowded(ground)
    able = set[str]()
    for wanted in ground.want.services if crowded else ():
        service = named(ground.observed.services, wanted.name)
        groups = groups_of(ground.observed, service) if service else ()
        here = ground.of(wanted.name)
        able |= {target.id for group in groups for target in group.targets if here.takes(target)} & {
            *wanted.load_balancers
        }
    return crowded & able


def _is_stuck(ground: Ground, service: Service, balancer: str) -> bool:
    """Does it stay behind the service whatever runs do?"""
    mine = [group for group in groups_of(ground.observed, service) if balancer in registered(group)]
    return keeps_its_targets(ground, service) or not all(group.owned for group in mine)


def unwanted_services(
    ground: Ground,
    frozen: frozenset[str],
    switching: frozenset[str],
    abandoned: frozenset[str],
    needed: Mapping[str, str],
) -> list[Service]:
    want = ground.want
    kept_out = kept_out_of(ground)
    if ground.hides_wishes:
        # What is asked for is not known, and it may be any of them; what infra keeps out goes whatever that is.
        services = ground.observed.services
        return [one for one in services if one.owned and one.name in kept_out and one.status != UNREAD]
    wanted = {found.name for found in want.services} | (set(want.named.values()) - kept_out)
    unwanted = [
        service
        for service in ground.observed.services
        if service.owned
        and not _stays_as_it_is(ground, service, kept_out)
        and (service.name not in wanted or service.name in abandoned)
        and (service.name in abandoned | kept_out or frozen.isdisjoint(behind(ground.observed, service)))
    ]
    # A renamed service goes on serving until the one that replaces it does; not what infra wants off at once.
    return [
        service
        for service in unwanted
        if service.name in kept_out or not _stays_for(ground, service, switching, needed)
    ]


def _stays_for(ground: Ground, service: Service, switching: frozenset[str], needed: Mapping[str, str]) -> bool:
    """Does it go on for somebody behind it who asks for another one by now, until he serves there?"""
    return answers(ground.network, service) and any(
        needed.get(one, service.name) == service.name for one in switching & behind(ground.observed, service)
    )


def _stays_as_it_is(ground: Ground, service: Service, kept_out: frozenset[str]) -> bool:
    """Is too little of it known? Whose requests come there does not matter where infra wants it off the network."""
    off = ground.network.offboarding or service.name in kept_out
    return service.status == UNREAD or (not off and hidden(ground.observed, service) != "")


def unwanted_clients(ground: Ground, frozen: frozenset[str]) -> list[VpcAssociation]:
    if VPCS in ground.unread and not ground.network.keeps_out(ground.observed.account):
        return []
    wanted = {client.vpc for client in ground.want.clients} | frozen
    ours = [found for found in ground.observed.vpc_associations if found.owned and found.status != UNREAD]
    return [found for found in ours if found.vpc not in wanted]


def unwanted_existing(ground: Ground, frozen: frozenset[str]) -> list[Existing]:
    """Those that are on the network by our hand: another's is theirs to end."""
    wanted = {found.arn for found in ground.want.existing} | frozen
    return [
        found
        for found in ground.observed.existing
        if found.arn not in wanted and any(ours(ground, one) for one in found.associations)
    ]


def of_existing(ground: Ground, found: Existing) -> Leaver:
    kept_out = ground.network.keeps_out(ground.observed.account, found.name)
    return Leaver(
        key=found.id,
        since=ground.since.get(found.id, ground.now),
        on_network=answers(ground.network, found),
        counts=not kept_out,
        now=kept_out or found.arn in ground.want.moving,
        out=kept_out,
        coming=(found.name, ground.want.moving[found.arn]) if not kept_out and _comes(ground, found) else (),
    )


def _comes(ground: Ground, found: Existing) -> bool:
    """Does it move to a sibling's network that does not have it yet? Lattice lets it be in both. What somebody else
    brought there bears no mark: then that network's answer tells.
    """
    moving = {} if ground.network.offboarding else ground.want.moving
    others = (one for one in found.associations if not one.owned and not ground.network.is_named(one.network))
    said = found.tags.get(tags.STATUS) in {"connected", "unreachable"}
    by_others = said and any(one.status == "ACTIVE" for one in others)
    return not by_others and found.arn in moving.keys() - ground.observed.arrived


def of_service(ground: Ground, service: Service, abandoned: frozenset[str]) -> Leaver:
    want = ground.want
    kept_out = service.name in kept_out_of(ground)
    there = behind(ground.observed, service)
    # Where it is asked for by the same name in a sibling's network, that is free only when it is gone here. In which,
    # says who is behind it, before anybody else.
    askers = {sibling: asked[service.name] for sibling, asked in want.theirs.items() if service.name in asked}
    awaited = min(askers, key=lambda sibling: (there.isdisjoint(askers[sibling]), sibling), default="")
    heard = not awaited or _heard(ground, service.name, askers[awaited], _answering(ground, service))
    off = None if any(ours(ground, found) for found in service.associations) else ground.now
    return Leaver(
        key=service.name,
        since=ground.since.get(service.name, ground.now),
        on_network=answers(ground.network, service),
        counts=not kept_out and service.name not in abandoned,
        now=kept_out or (awaited != "" and there <= want.moving.keys()) or service.name in abandoned,
        out=kept_out and not awaited,
        keep=0 if (awaited and heard) or service.name in abandoned else ground.keep_seconds,
        off=off and ground.since.get(off_the_network(service.name), off),
        awaited=awaited,
        heard=heard,
        asked=_asked(ground, service.name),
        moves=awaited != "" and not there.isdisjoint(askers[awaited]) and not kept_out,
    )


def coming(ground: Ground, services: list[Service], of_services: dict[str, Leaver]) -> dict[str, Leaver]:
    """With what has to be there first: a load balancer that moves to a sibling's network under another name is in both
    for a time, as Lattice lets it, and not in none.

    Of several services that it leaves the one that began last is enough: it is in two target groups at most, and the
    sibling's needs a place.
    """
    found = dict(of_services)
    moving = {} if ground.network.offboarding else ground.want.moving
    for balancer, sibling in sorted(moving.items()):
        mine = [
            found[service.name]
            for service in services
            if found[service.name].on_network
            and found[service.name].counts
            and balancer not in ground.want.theirs.get(sibling, {}).get(service.name, ())
            and balancer in behind(ground.observed, service)
        ]
        if mine and balancer not in ground.observed.arrived:
            last = max(mine, key=lambda leaver: (leaver.since, leaver.key))
            name = known_balancers(ground.observed)[balancer].name
            found[last.key] = last._replace(coming=(name, sibling))
    return found


HEARD_SECONDS = 60
"""How long a sibling's network has to say on what moves there that it waits for it. Where nothing stands there after
that, as with StatusTags off or denied, it is taken to wait.
"""


def _heard(ground: Ground, key: str, askers: frozenset[str], serving: frozenset[str]) -> bool:
    """Does the sibling's network wait for what is here, and for nothing else? What it refuses, or cannot have yet,
    stays here; not where the network is given up. `askers`: who asks it for that, and has its answer. `serving`: who
    answers by it here. It has to wait for each of these that asks, since no word on another one is his.
    """
    if ground.network.offboarding or heard_of(key) in ground.since:
        return True
    late = ground.now >= _asked(ground, key) + HEARD_SECONDS
    here = askers & serving
    said = [_says(ground.network, one) for one in ground.observed.resources if key_of(one) in (here or askers)]
    waits = [late if one is None else one for one in said]
    return all(waits) if here else any(waits)


def _says(network: Network, resource: Resource) -> bool | None:
    """None: it says nothing. Another answer says that it cannot have it; or it is from before, and the sibling has not
    looked yet, for a lost event or a storm, or is there no more.
    """
    status, message = resource.tags.get(tags.STATUS, ""), resource.tags.get(tags.MESSAGE, "")
    if not status:
        return None
    # Without its words, for which there may be no room, it may as well wait for a person.
    return status == "waiting" and waits_for(network.name, message)


def _answering(ground: Ground, service: Service) -> frozenset[str]:
    """Load balancers by which it answers, as far as that was read."""
    if not answers(ground.network, service):
        return frozenset()
    here = ground.of(service.name)
    sends = (to for listener in service.listeners for to in listener.sends)
    return frozenset(target.id for target in sent_to(ground.observed, sends) if here.takes(target))


def _asked(ground: Ground, name: str) -> float:
    return ground.since.get(asked_for(name), ground.now)


ASKED_FOR = " asked for"


def asked_for(name: str) -> str:
    """Under which key it is remembered since when a sibling's network is asked for what is here."""
    return name + ASKED_FOR


def heard_of(name: str) -> str:
    """And since when that is known to wait for it: what is on its way out is not taken back by another answer."""
    return f"{name} waited for"


def off_the_network(name: str) -> str:
    """Under which key it is remembered since when a service is off the network: no service's name has a space."""
    return f"{name} off the network"


def of_client(ground: Ground, found: VpcAssociation) -> Leaver:
    kept_out = ground.network.keeps_out(ground.observed.account)
    awaited = ground.want.moving.get(found.vpc, "")
    return Leaver(
        key=found.vpc,
        since=ground.since.get(found.vpc, ground.now),
        on_network=found.status in {"ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"},
        counts=not kept_out,
        now=kept_out or found.vpc in ground.want.moving,
        out=kept_out and not awaited,
        awaited=awaited,
        heard=not awaited or _heard(ground, found.vpc, frozenset({found.vpc}), frozenset({found.vpc})),
        asked=_asked(ground, found.vpc),
        moves=not kept_out,
    )


def quiet_until(ground: Ground, leaver: Leaver) -> float:
    """When its quiet time ends."""
    return leaver.since + (0 if leaver.now else ground.quiet_seconds)
