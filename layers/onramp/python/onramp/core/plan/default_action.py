"""The default action of a listener: what goes where no rule takes it, and what is told of that."""

from onramp.core.desired import WantedService
from onramp.core.model import EVERYTHING, Forward
from onramp.core.plan.forwards import elsewhere, forwards, seen
from onramp.core.plan.ground import Ground, Part, named, sent_to
from onramp.core.plan.place import Place
from onramp.core.steps import UpdateListener

NOTHING_TAKES = 404
"""What a service answers to what no rule takes, where nobody takes it; Lattice knows 500 besides (facts R19)."""


def default(place: Place) -> tuple[Part, bool]:
    """What puts the default action right; and whether, when that was done, nothing of it is yet to come."""
    wants, whole = by_default(place)
    if wants is None:
        return Part(), whole
    because = "it does not forward to the target groups that the tags ask for" if wants else "nobody asks for the rest"
    step = place.ground.do(
        UpdateListener,
        place.name,
        because,
        service=place.service.arn,
        listener=place.listener.arn,
        forwards=wants,
        seen=seen(place.ground, place.listener.forwards, place.sending.of(None)),
    )
    return step, whole


def by_default(place: Place) -> tuple[tuple[Forward, ...] | None, bool]:
    """What the default action is to send to, where it does not; () where it is to answer by itself."""
    found, wanted = place.listener, place.wanted
    plain = place.sending.of(None)
    # Who is to go from here when he is served by his rules must not get what others give up.
    whole = not any(backend.rules for backend in place.wanted.backends if backend.load_balancer in place.behind(found))
    if place.missing and not (place.full or place.cramped):
        # Who comes takes what the rules leave him: they come first, if they have room beside the old ones.
        there = {to.target_group for to in found.forwards}
        old = {group: backend for group, backend in plain.ready.items() if group in there}
        whole = whole and old == plain.ready
        plain = plain._replace(ready=old)
    if wanted.has_default and not plain.ready:
        return None, whole  # whoever is to take what no rule takes is not there yet: it goes where it went
    wants = forwards(place.ground, found.forwards, plain, elsewhere(place.service, found.forwards, plain))
    if wants or wanted.has_default:
        return wants if wants and set(found.forwards) != set(wants) else None, whole
    if place.sending.coming or place.missing or place.denied or _awaits_rules(place):
        # Who left goes on until the rules of those who stay were seen, and gets nothing that others give up.
        return None, whole and not (place.missing and found.forwards)
    return () if found.forwards or found.answers != NOTHING_TAKES else None, whole


def _awaits_rules(place: Place) -> bool:
    """Is a rule not there yet by which somebody asks for requests that one answers who asks for nothing any more?"""
    left = (to for to in place.listener.forwards if to.target_group in place.sending.left)
    answers = any(place.ground.takes(target) for target in sent_to(place.ground.observed, left))
    return answers and any(backend.weight for match in place.late for backend in place.sending.of(match).backends)


def told(ground: Ground, wanted: WantedService) -> str:
    """What those whose service takes by rules alone are told beside being connected."""
    there = named(ground.observed.services, wanted.name)
    if there is None or wanted.has_default or EVERYTHING in wanted.rules:
        return ""
    if not any(found.answers == NOTHING_TAKES for found in there.listeners):
        return ""
    # By a domain nobody comes to a service who names it otherwise.
    asked = f"domain {wanted.said.domain}" if wanted.said.domain else f"service {wanted.name}"
    return (
        f"no-default: tag a load balancer with {asked} and no rule to take the rest: what matches no rule"
        f" is answered {NOTHING_TAKES}"
    )
