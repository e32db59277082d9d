"""Rules of a service's listeners: those that tags ask for, beside those that others made.

A rule is known by what it asks for. A new one comes beside the old, which goes when its load balancers were seen to be
served as they ask; where a listener has no room for it, or the old one has its number, it takes the old one's place in
one call. So a request always meets the one or the other.
"""

from typing import NamedTuple

from onramp.core import names
from onramp.core.desired import Backend, WantedService
from onramp.core.model import UNREAD, Listener, Match, Rule, Service
from onramp.core.plan.forwards import NOTHING_TAKES, Sending, by_default, elsewhere, forwards
from onramp.core.plan.ground import Ground, Part, id_of, join, named, registered, sent_to, wait
from onramp.core.rules import RULES_PER_LISTENER, numbers, shown, specificity
from onramp.core.steps import CreateRule, DeleteRule, RuleChange, UpdateRules


class _Place(NamedTuple):
    """Where rules are wanted. `staying`: load balancers that are not let go of yet."""

    ground: Ground
    wanted: WantedService
    service: Service
    listener: Listener
    sending: Sending
    staying: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.service.name}/{self.listener.name}"


def of_listener(
    ground: Ground,
    wanted: WantedService,
    service: Service,
    listener: Listener,
    sending: Sending,
    staying: frozenset[str],
) -> Part:
    """What is missing or wrong of the rules of one listener of ours."""
    place = _Place(ground, wanted, service, listener, sending, staying)
    asked = wanted.rules
    kept: dict[Match, Rule] = {}
    for rule in listener.own_rules:
        if rule.match in asked:
            kept.setdefault(rule.match, rule)
    spare = [rule for rule in listener.own_rules if rule not in kept.values()]
    missing = [match for match in sorted(asked, key=specificity) if match not in kept and _may_begin(place, match)]
    taken = {rule.priority for rule in listener.others_rules}
    number = numbers(
        {match: rule.priority for match, rule in kept.items()},
        {match: asked[match] for match in (*kept, *missing)},
        taken | {rule.priority for rule in spare},
    )
    parts: list[Part] = []
    creates: list[Part] = []
    made: list[str] = []
    moves: list[tuple[Rule, Match]] = [(rule, match) for match, rule in kept.items()]
    for match in missing:
        room = len(listener.found_rules) + len(made) < RULES_PER_LISTENER
        instead = _instead(place, match, number[match], spare, room=room)
        if instead is not None:
            spare.remove(instead)
            moves.append((instead, match))
        elif room and number[match] not in {rule.priority for rule in listener.found_rules}:
            made.append(_name(place, match, made))
            creates.append(_create(place, match, number[match], made[-1]))
        else:
            # Whoever is in its way goes, or gives the number up, by a step of this plan or when it is not needed.
            parts.append(wait(f"{shown(match)} of {place.name} waits until another rule makes room"))
    stuck = _stuck(moves, number, taken | {rule.priority for rule in spare})
    if stuck:
        parts.append(wait(f"rules of {place.name} wait until another rule gives up their priority"))
    changes: list[RuleChange] = []
    for rule, match in moves:
        if (rule in stuck and rule.match != match) or rule.arn in ground.observed.unmarked:
            continue
        change = _change(place, rule, match, rule.priority if rule in stuck else number[match])
        if (change.priority, match) != (rule.priority, rule.match) or change.forwards:
            changes.append(change)
    if changes:
        because = "they do not take what the tags ask for, or not in that order"
        parts.append(
            ground.do(
                UpdateRules,
                place.name,
                because,
                service=service.arn,
                listener=listener.arn,
                changes=tuple(changes[:RULES_PER_LISTENER]),
            )
        )
    # A new rule has its number among those that the others are to have: it comes when they were seen there.
    stands = {rule.arn: rule.priority for rule in listener.own_rules}
    moved = any(change.priority != stands[change.rule] for change in changes)
    parts += [] if moved else creates
    # Whose place somebody takes goes when all who ask were seen to have theirs.
    whole = not (missing or sending.coming) and by_default(ground, wanted, service, listener, sending) is None
    return join([*parts, *(_delete(place, rule) for rule in spare if whole and not _needed(place, rule))])


def _may_begin(place: _Place, match: Match) -> bool:
    """Is there somebody to take what it asks for? Nobody takes it from those who answer now who could not."""
    ready = place.sending.of(match).ready
    answers = any(place.ground.takes(target) for target in sent_to(place.ground.observed, place.listener.sends))
    return bool(ready.keys() - place.sending.unable) or (bool(ready) and not answers)


def _stuck(moves: list[tuple[Rule, Match]], number: dict[Match, int], held: set[int]) -> list[Rule]:
    """Rules that cannot have their numbers now, since one that stays has it; so they stay in others' way, too."""
    stuck: list[Rule] = []
    while True:
        found = [rule for rule, match in moves if rule not in stuck and number[match] in held]
        if not found:
            return stuck
        stuck += found
        held = held | {rule.priority for rule in found}


def _instead(place: _Place, match: Match, number: int, spare: list[Rule], *, room: bool) -> Rule | None:
    """The rule whose place a new one takes: one that was made for it and asks for something else by somebody's hand,
    one that has its number, or any where the listener has no room. None while others are on their way, who may be those
    that its requests are for.
    """
    if place.sending.coming:
        return None
    asking = {backend.load_balancer for backend in place.wanted.backends if backend.takes(match)}
    free = [rule for rule in spare if not _needed(place, rule, but=asking)]
    by_hand = next((rule for rule in free if rule.name == names.rule(match)), None)
    of_number = next((rule for rule in free if rule.priority == number), None)
    return by_hand or of_number or (None if room or not free else free[0])


def _needed(place: _Place, rule: Rule, but: set[str] | None = None) -> bool:
    """Does a load balancer get requests by it that is not let go of yet? `but`: those that get them otherwise."""
    ids = {to.target_group for to in rule.forwards}
    groups = [group for group in place.ground.observed.target_groups if id_of(group.arn) in ids]
    staying = place.staying - (but or set())
    return any(group.status == UNREAD or not staying.isdisjoint(registered(group)) for group in groups)


def _change(place: _Place, rule: Rule, match: Match, number: int) -> RuleChange:
    """What a rule is to be. Where nobody is ready who asks for it, it sends where it sent."""
    sending = place.sending.of(match)
    has = rule.forwards if rule.match == match else ()
    sends = (
        forwards(place.ground, has, sending, elsewhere(place.service, rule.forwards, sending)) if sending.ready else ()
    )
    differs = set(sends) != set(rule.forwards)
    return RuleChange(rule=rule.arn, match=match, priority=number, forwards=sends if differs else ())


def _name(place: _Place, match: Match, made: list[str]) -> str:
    """One that no rule of the listener bears, nor one that is `made` in this plan."""
    bears = {rule.name for rule in place.listener.found_rules} | set(made)
    return next(name for turn in range(len(bears) + 1) if (name := names.rule(match, turn)) not in bears)


def _create(place: _Place, match: Match, number: int, name: str) -> Part:
    return place.ground.do(
        CreateRule,
        f"{place.name}/{name}",
        f"tags ask for {shown(match)}",
        service=place.service.arn,
        listener=place.listener.arn,
        rule=name,
        match=match,
        priority=number,
        forwards=place.sending.of(match).new,
        extra=place.ground.tags_for(
            *(backend.load_balancer for backend in place.wanted.backends if backend.takes(match))
        ),
    )


def _delete(place: _Place, rule: Rule) -> Part:
    return place.ground.do(
        DeleteRule,
        f"{place.name}/{rule.name}",
        "no tag asks for it",
        service=place.service.arn,
        listener=place.listener.arn,
        rule=rule.arn,
    )


# --- what is seen, and told


def serves(listener: Listener, backend: Backend, group: str) -> bool:
    """Does its target group get from this listener what the load balancer asks for?"""
    if not backend.rules:
        return any(to.target_group == group for to in listener.forwards)
    taken = {rule.match for rule in listener.own_rules if any(to.target_group == group for to in rule.forwards)}
    return {one.match for one in backend.rules} <= taken


def told(ground: Ground, wanted: WantedService) -> str:
    """What those whose service takes by rules alone are told beside being connected."""
    there = named(ground.observed.services, wanted.name)
    if there is None or wanted.has_default or not any(found.answers == NOTHING_TAKES for found in there.listeners):
        return ""
    return (
        f"no-default: tag a load balancer with service {wanted.name} and no rule to take the rest: what matches no rule"
        f" is answered {NOTHING_TAKES}"
    )
