"""Whom a service sends to that goes on for who moves on, until he answers there."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from onramp.core import tags
from onramp.core.desired import PASSTHROUGH
from onramp.core.model import UNREAD, Forward, Listener, LoadBalancer, Service, TargetGroup
from onramp.core.plan.ground import (
    Ground,
    Part,
    answers,
    behind,
    groups_of,
    id_of,
    join,
    known_balancers,
    named,
    registered,
    spoken_for,
)
from onramp.core.steps import DeleteListener, DeleteRule, RuleChange, UpdateListener, UpdateRules

_BECAUSE = "until who moves on answers there, one of its target groups is enough, and no one's who is gone"

PLACES = 2
"""Target groups that a load balancer may be in (facts 11)."""


def for_who_move(ground: Ground, going: Iterable[str], settled: frozenset[str]) -> list[Part]:
    """Who moves on in the middle of a change of its tags, to a sibling's network, another service or another target,
    may stand behind one service with both the old target group and the new one. It is in two at most, and needs one
    of them where it goes. Until it answers there, one is enough here: the other is sent to no more, and goes. So does
    what leads to nobody any more, and would take a share of the requests.

    `going`: the services that it leaves now. `settled`: services that are asked for, and of which nothing else is
    changed in this round. Those that others ask for let who moves to a sibling's network go by themselves.
    """
    away, needing = ground.want.moving.keys() - ground.observed.arrived, crowded(ground)
    if not away | needing or ground.network.vanish != "everything":
        return []  # what nobody sends to would stay, too
    asked = spoken_for(ground)
    let_go = (asked - settled).union(going)
    parts = list[Part]()
    for service in ground.observed.services:
        here = behind(ground.observed, service) & (needing if service.name in asked else away | needing)
        if here and service.owned and service.name not in let_go and answers(ground.network, service):
            instead = dict[str, str]()
            for balancer in sorted(here):
                there = known_balancers(ground.observed)[balancer]
                instead |= _instead(ground.of(service.name), service, there, sure=balancer in needing)
                instead |= _given_up(ground.of(service.name), service, balancer) if balancer in needing else {}
            if instead or service.name not in asked:
                instead |= dict.fromkeys(_led_to_nobody(ground, service), "")
            parts += [_changed(ground, service, found, instead) for found in service.listeners]
    return parts


def crowded(ground: Ground) -> frozenset[str]:
    """Load balancers that are in as many target groups as may be, and have yet to be in the one that they ask for."""
    places = Counter(target.id for group in ground.observed.target_groups for target in group.targets)
    found = set[str]()
    for backend in (one for wanted in ground.want.services for one in wanted.backends):
        if places[backend.load_balancer] >= PLACES:
            group = named(ground.observed.target_groups, backend.target_group)
            inside = group is not None and any(target.id == backend.load_balancer for target in group.targets)
            found |= set[str]() if inside else {backend.load_balancer}
    return frozenset(found)


def _led_to_nobody(ground: Ground, service: Service) -> list[str]:
    """Ids of the target groups that nobody is registered in, or nobody who is there still."""
    known = known_balancers(ground.observed).keys()
    return [
        id_of(one.arn)
        for one in groups_of(ground.observed, service)
        if one.owned and one.status != UNREAD
        if not (there := registered(one)) or (not ground.hides_wishes and known.isdisjoint(there))
    ]


def _instead(ground: Ground, service: Service, balancer: LoadBalancer, *, sure: bool) -> dict[str, str]:
    """Target group that is given up -> the one of this load balancer that takes its requests; by their ids. '' where
    that does not speak what its listener does. `sure`: what it moves to takes it as soon as there is a place.
    """
    places = [group for group in groups_of(ground.observed, service) if balancer.arn in registered(group)]
    if len(places) < PLACES:
        return {}
    sends = [to for found in service.listeners for to in found.sends]
    through = {to.target_group for found in service.listeners if found.protocol == PASSTHROUGH for to in found.sends}
    asks_through = PASSTHROUGH in balancer.tags.get(ground.network.prefix + tags.LISTEN, "").upper()
    bound = [group for group in places if is_bound(service, group)]
    target = balancer.tags.get(ground.network.prefix + tags.TARGET, "").strip()

    def rank(group: TargetGroup) -> tuple[bool, bool, bool, bool, int, str]:
        asked = (id_of(group.arn) in through) is asks_through
        # Whoever moves away from a port may be about to close it.
        named = any(target.endswith(f":{one.port}") for one in group.targets if one.id == balancer.arn)
        return group in bound, _takes(ground, group), asked, named, sum(_shares(group, sends)), group.name

    *goes, kept = sorted(places, key=rank)
    if len(bound) > 1 or (not _takes(ground, kept) and any(_takes(ground, one) for one in goes)):
        return {}
    alike = len({id_of(one.arn) in through for one in places}) == 1
    if not alike and not sure and not _is_awaited(balancer, places):
        return {}  # a listener would go with it, for a network that may not take who moves
    return {id_of(one.arn): id_of(kept.arn) if alike else "" for one in goes}


def _given_up(ground: Ground, service: Service, balancer: str) -> dict[str, str]:
    """The one place of a load balancer behind the service that it asks for, where that answers nothing any more: it is
    to have another one there, and nobody misses this one. As `_instead`.
    """
    places = [group for group in groups_of(ground.observed, service) if balancer in registered(group)]
    if ground.want.named.get(balancer) != service.name or len(places) != 1:
        return {}
    [place] = places
    return {} if _takes(ground, place) or is_bound(service, place) else {id_of(place.arn): ""}


def is_bound(service: Service, group: TargetGroup) -> bool:
    """Does it stay where it is, whatever we change?"""
    others = [to for found in service.listeners for to in found.by_others]
    others += [to for found in service.listeners if not found.owned for to in found.sends]
    return not group.owned or len(group.targets) > 1 or bool(_shares(group, others))


def _is_awaited(balancer: LoadBalancer, places: Iterable[TargetGroup]) -> bool:
    """Does the sibling say on it that it waits for one of these?"""
    said = balancer.tags.get(tags.MESSAGE, "")
    return balancer.tags.get(tags.STATUS) == "waiting" and any(id_of(group.arn) in said for group in places)


def _changed(ground: Ground, service: Service, found: Listener, instead: Mapping[str, str]) -> Part:
    name, where = f"{service.name}/{found.name}", {"service": service.arn, "listener": found.arn}
    if found.sends and not _sends(found.sends, instead):
        return ground.do(DeleteListener, name, _BECAUSE, **where)
    by_default = _sends(found.forwards, instead)
    parts = list[Part]()
    if by_default != found.forwards:
        parts.append(ground.do(UpdateListener, name, _BECAUSE, forwards=by_default, seen=found.forwards, **where))
    changes = list[RuleChange]()
    for rule in found.own_rules:
        sends = _sends(rule.forwards, instead)
        if not sends:
            parts.append(ground.do(DeleteRule, f"{name}/{rule.name}", _BECAUSE, rule=rule.arn, **where))
        elif rule.match and sends != rule.forwards:
            change = RuleChange(rule=rule.arn, match=rule.match, priority=rule.priority, forwards=sends)
            changes.append(replace(change, seen=rule.forwards))
    if changes:
        parts.append(ground.do(UpdateRules, name, _BECAUSE, changes=tuple(changes), **where))
    return join(parts)


def _sends(has: tuple[Forward, ...], instead: Mapping[str, str]) -> tuple[Forward, ...]:
    shares = dict[str, int]()
    for to in has:
        group = instead.get(to.target_group, to.target_group)
        shares[group] = max(shares.get(group, 0), to.weight)
    return tuple(Forward(target_group=group, weight=weight) for group, weight in shares.items() if group)


def _shares(group: TargetGroup, sends: Iterable[Forward]) -> list[int]:
    """Those that it has of these."""
    return [to.weight for to in sends if to.target_group == id_of(group.arn)]


def _takes(ground: Ground, group: TargetGroup) -> bool:
    return any(ground.takes(target) for target in group.targets)
