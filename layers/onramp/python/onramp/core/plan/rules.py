"""Rules of a service's listeners: those that tags ask for, beside those that others made.

A rule is known by what it asks for. A new one comes beside the old, which goes when what is to take its requests was
seen; where a listener has no room for it, or the old one has its number, it takes the old one's place in one call. In
every order of things a request meets the rule that took it before, or the one that is to take it.
"""

from typing import NamedTuple

from onramp.core import names
from onramp.core.desired import Backend, WantedService
from onramp.core.model import Listener, Match, Rule, Service
from onramp.core.plan import default_action, old_rules
from onramp.core.plan.forwards import Sending, elsewhere, forwards, seen
from onramp.core.plan.ground import Ground, Part, join, sent_to, wait
from onramp.core.plan.place import Place
from onramp.core.rules import PRIORITIES, RULES_PER_LISTENER, meet, numbers, shown
from onramp.core.steps import CreateRule, RuleChange, UpdateRules


class Ruled(NamedTuple):
    """What a listener's default action and its rules add to the plan. `failed`: load balancer -> why what it asks for
    here was given up; of a rule that nobody asks for, it is those that still get its requests.
    """

    part: Part
    failed: dict[str, tuple[str, ...]]


def of_listener(
    ground: Ground,
    wanted: WantedService,
    service: Service,
    listener: Listener,
    sending: Sending,
    staying: frozenset[str],
) -> Ruled:
    """What is missing or wrong of the default action and the rules of one listener of ours."""
    place, failed = _place(ground, wanted, service, listener, sending, staying)
    default, whole = default_action.default(place)
    failed += [(place.asking(None) ^ place.behind(listener) or place.asking(None), why) for why in default.failed]
    rests = default == Part() and not sending.coming
    swaps = _swaps(place) if rests and whole else {}
    creates = _creates(place, swaps)
    moves = _moves(place, made=bool(creates))
    changes = _changes(place, swaps, moves)
    if rests and place.missing and not (creates or changes or old_rules.is_left(place)):
        # Nothing makes room: whoever is to come to the default, or to go from anywhere, waits for what is missing.
        cramped = place._replace(cramped=True)
        default, _ = default_action.default(cramped)
        swaps = _swaps(cramped) if default == Part() else {}
        changes = _changes(place, swaps, moves)
    update = _update(place, changes)
    failed += [(whom, why) for why in update.failed for whom in [_concerned(place, changes)]]
    made = _made(place, creates, after=update)
    deletes = old_rules.deletes(place, swaps, changes, settled=rests and whole)
    failed += [(place.behind(rule), why) for rule, part in deletes for why in part.failed]
    parts = [default, update, *made, *(part for _, part in deletes)]
    steps = any(part.steps for part in parts)
    goes_on = sending.coming or steps
    hopeless = (*(why for _, why in failed), *sending.failing)
    for match in _waiting(place, creates, [] if update.failed else changes, moves):
        if hopeless and not goes_on:
            failed.append((place.asking(match), hopeless[0]))  # no time makes room: what is in its way stays there
        elif not steps:
            # Where there are steps here, the look that follows them at once finds room, or tells again.
            parts.append(wait(f"{shown(match)} of {place.name} waits until another rule makes room"))
    told: dict[str, tuple[str, ...]] = {}
    for whom, why in failed:
        told |= {one: (*told.get(one, ()), why) for one in whom}
    why_not = dict.fromkeys(why for whys in told.values() for why in whys)
    return Ruled(join(parts)._replace(failed=tuple(why_not)), told)


type _Failed = list[tuple[frozenset[str], str]]
"""Whom it concerns, and why it was given up."""


class _Moves(NamedTuple):
    """Do rules get other numbers in this call (`now`)? Not while others are `made`, nor as long as one would send after
    it to somebody who asks for others now, or is in his quiet time (`parting`): so that he gets no more by it.
    """

    now: bool = True
    parting: frozenset[str] = frozenset()
    made: bool = False


def _place(
    ground: Ground,
    wanted: WantedService,
    service: Service,
    listener: Listener,
    sending: Sending,
    staying: frozenset[str],
) -> tuple[Place, _Failed]:
    """The listener with its rules told apart. What was given up is not missing any more: nothing waits for it."""
    asked = wanted.rules
    kept: dict[Match, Rule] = {}
    for rule in listener.own_rules:
        if rule.match in asked:
            kept.setdefault(rule.match, rule)
    spare = sorted((rule for rule in listener.own_rules if rule not in kept.values()), key=lambda rule: rule.priority)
    place = Place(ground, wanted, service, listener, sending, staying, kept, tuple(spare))
    missing = {match: _create(place, match, 0) for match in asked if match not in kept and _may_begin(place, match)}
    failed = [(place.asking(match), why) for match, part in missing.items() for why in part.failed]
    begins = [match for match, part in missing.items() if not part.failed]
    number = _numbers(place, begins)
    begins.sort(key=lambda match: number[match])
    denied = tuple(missing.keys() - set(begins))
    return place._replace(missing=tuple(begins), denied=denied, number=number), failed


def _numbers(place: Place, begins: list[Match]) -> dict[Match, int]:
    """The number that each rule is to have, of those that are there and those that begin. Nobody who could not answer
    comes before those who do: both stay where they are, and so does whoever would have one of their numbers.
    """
    asked, kept = place.wanted.rules, place.kept
    others = {rule.priority for rule in (*place.listener.others_rules, *place.spare)}
    there = {match: rule.priority for match, rule in kept.items()}
    stays = {match for match, rule in kept.items() if place.fixed(rule)}
    while True:
        fixed = {match: there[match] for match in stays}
        number = numbers(there, {match: fixed.get(match, asked[match]) for match in (*kept, *begins)}, others)
        held = {number[match] for match in stays}
        more = _cut_off(place, number) | {match for match in kept if number[match] in held}
        if more <= stays:
            return number
        stays |= more


def _cut_off(place: Place, number: dict[Match, int]) -> set[Match]:
    """Rules whose requests would go first to one who cannot answer them, with these numbers, and that one's."""
    rules = place.kept.items()
    able = {match for match, rule in rules if _answers(place, rule) and _asks_for_some(place, match)}
    found = {
        one
        for match, rule in rules
        for other, late in rules
        if rule.priority < late.priority and number[other] < number[match] and meet(match, other)
        if _answers(place, rule) and other not in able
        for one in (match, other)
    }
    # What somebody else made stays where it is.
    found |= {
        other
        for rule in place.listener.others_rules
        for other, late in rules
        if number[other] < rule.priority < late.priority and other not in able
        if (rule.match is None or meet(rule.match, other)) and _answers_by_others(place, rule)
    }
    return found


def _answers(place: Place, rule: Rule) -> bool:
    return any(place.ground.takes(target) for target in sent_to(place.ground.observed, rule.forwards))


def _asks_for_some(place: Place, match: Match) -> bool:
    return any(backend.weight for backend in place.sending.of(match).backends)


def _may_begin(place: Place, match: Match) -> bool:
    """Is there somebody to take what it asks for? Nobody takes it from those who answer now who could not, or who asks
    for no requests: they would go nowhere.
    """
    ready = place.sending.of(match).ready
    able = any(backend.weight and group not in place.sending.unable for group, backend in ready.items())
    answers = any(place.ground.takes(target) for target in sent_to(place.ground.observed, place.listener.sends))
    answers = answers or any(_answers_by_others(place, rule) for rule in place.listener.others_rules)
    return able or (bool(ready) and not answers)


def _answers_by_others(place: Place, rule: Rule) -> bool:
    """Does a rule that somebody else made answer, by itself, too, as far as it is known?"""
    targets = sent_to(place.ground.observed, rule.forwards)
    return not rule.forwards or any(place.ground.serves(target) for target in targets)


def _waiting(place: Place, creates: list[Match], changes: list[tuple[RuleChange, Match]], moves: _Moves) -> list[Match]:
    """What is not as it is to be, and is not brought about by this plan."""
    begun = {match for _, match in changes}
    late = [match for match, rule in place.kept.items() if place.number[match] != rule.priority]
    if not moves.now or any(old_rules.lets_go(place, match) for match in place.kept):
        late = []  # they move after that, which another look follows in any case
    return [match for match in (*place.missing, *late) if match not in begun and match not in creates]


# --- what comes


def _creates(place: Place, swaps: dict[Match, Rule]) -> list[Match]:
    """What is made beside all that is there, in the order in which it is to be asked: what would be asked before
    another one that is not in its place yet, and is to be asked first, waits for that.
    """
    taken = {rule.priority for rule in place.listener.found_rules}
    found: list[Match] = []
    for match in place.missing:
        number = place.number[match]
        before = [one for one in place.missing if place.number[one] < number and one not in (*found, *swaps)]
        before += [one for one, rule in place.kept.items() if place.number[one] < number < rule.priority]
        passes = any(meet(match, one) and place.asking(match) != place.asking(one) for one in before)
        room = len(place.listener.found_rules) + len(found) < RULES_PER_LISTENER
        if match not in swaps and room and number not in taken and not passes:
            found.append(match)
    return found


def _made(place: Place, creates: list[Match], after: Part) -> list[Part]:
    """One by one: none without the one before it."""
    parts: list[Part] = []
    needs = after.steps[0].key if after.steps else ""
    for match in creates:
        parts.append(_create(place, match, place.number[match], needs))
        needs = parts[-1].steps[0].key
    return parts


def _create(place: Place, match: Match, number: int, needs: str = "") -> Part:
    name = _name(place, match)
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
        needs=needs,
        extra=place.ground.tags_for(*sorted(place.asking(match))),
    )


def _name(place: Place, match: Match) -> str:
    """One that no rule of the listener bears."""
    bears = {rule.name for rule in place.listener.found_rules}
    return next(name for turn in range(len(bears) + 1) if (name := names.rule(match, turn)) not in bears)


# --- what changes


def _swaps(place: Place) -> dict[Match, Rule]:
    """The rules whose place a new one takes: one that was made for it and asks for something else by somebody's hand,
    one that has its number, or where the listener is full, the last.

    What such a rule takes has to be taken in the very same call: not by a rule that is yet to come, or denied, nor by
    another that is on its way out, too.
    """
    able = list(place.missing)
    while True:
        placed = _placed(place, {*place.kept, *able})
        free = [one for one in place.spare if not place.fixed(one) and not old_rules.needed(place, one, placed)]
        free = [
            one
            for one in free
            if place.full or old_rules.dead(place, one) or not old_rules.falls_to_a_leaver(place, one)
        ]
        found: dict[Match, Rule] = {}
        for match in able:
            by_hand = next((rule for rule in free if rule.name == names.rule(match)), None)
            of_number = next((rule for rule in free if rule.priority == place.number[match]), None)
            instead = by_hand or of_number or (free[-1] if free and place.full else None)
            if instead is not None:
                found[match] = instead
                free.remove(instead)
        lasting = [one for one in place.spare if one not in found.values()]
        unsafe = [
            match
            for match, rule in found.items()
            if any(meet(rule.match, one) for one in (*place.missing, *place.denied) if one not in found)
            or (not place.cramped and any(old_rules.takes_over(place, rule, one) for one in lasting))
        ]
        if not unsafe:
            return found
        able = [match for match in able if match not in unsafe]


def _placed(place: Place, there: set[Match]) -> frozenset[str]:
    """Load balancers that get all that they ask for from this listener when it has these rules."""
    gets = {to.target_group for to in place.listener.forwards}
    return frozenset(
        backend.load_balancer
        for group, backend in place.sending.ready.items()
        if group not in place.sending.unable
        and ({one.match for one in backend.rules} <= there if backend.rules else group in gets)
    )


def _changes(place: Place, swaps: dict[Match, Rule], moves: _Moves) -> list[tuple[RuleChange, Match]]:
    """What a rule is to be, and the match of the rule that it is for."""
    wants = {rule.arn: (match, rule.priority) for match, rule in place.kept.items() if not place.fixed(rule)}
    wants |= {rule.arn: (match, place.number[match]) for match, rule in swaps.items()}
    wants |= {rule.arn: (rule.match, rule.priority) for rule in _lasting(place, swaps) if rule.match}
    if not moves.made:
        aside = _aside(place, swaps, moves)
        if not moves.now and place.missing and not aside:
            # No other room is made for what is missing.
            moves = moves._replace(now=True)
            aside = _aside(place, swaps, moves)
        wants |= {rule.arn: (match, number) for rule, match, number in aside}
    if moves.now:
        wants |= {rule.arn: (match, place.number[match]) for match, rule in place.kept.items() if rule.arn in wants}
    there = {rule.arn: rule for rule in place.listener.own_rules}
    found = [
        (_change(place, there[arn], match, number, moves), match)
        for arn, (match, number) in _apart(place, wants).items()
    ]
    return [(change, match) for change, match in found if _differs(there[change.rule], change)]


def _lasting(place: Place, swaps: dict[Match, Rule]) -> list[Rule]:
    """Rules that nobody asks for and that stay all the same, for somebody whose wish is not to be had now: who shares
    one and has left it gets nothing more by it.
    """
    spare = (rule for rule in place.spare if rule not in swaps.values() and not place.fixed(rule))
    return [rule for rule in spare if not place.unheard.isdisjoint(place.behind(rule))]


def _moves(place: Place, *, made: bool) -> _Moves:
    if made:
        return _Moves(now=False, made=True)
    parting = frozenset[str]()
    for match, rule in place.kept.items():
        change = _change(place, rule, match, rule.priority, _Moves())
        sends = change.forwards or rule.forwards
        parting |= old_rules.asking_others(place, match, sends) | place.leaving(place.sent_to(sends))
    return _Moves(now=not parting, parting=parting)


def _differs(rule: Rule, change: RuleChange) -> bool:
    return (change.priority, change.match) != (rule.priority, rule.match) or bool(change.forwards)


def _aside(place: Place, swaps: dict[Match, Rule], moves: _Moves) -> list[tuple[Rule, Match, int]]:
    """Rules that are on their way out and have the number of another one, or would come to be asked before one that is
    asked first now; and where they go.
    """
    spare = [rule for rule in place.spare if rule not in swaps.values()]
    taken = set(place.number.values())
    used = taken | {rule.priority for rule in (*place.listener.others_rules, *spare)}
    used |= set() if moves.now else {rule.priority for rule in place.kept.values()}
    number = {match: place.number[match] if moves.now else rule.priority for match, rule in place.kept.items()}
    stands = {rule.arn: rule.priority for rule in spare}
    found: list[tuple[Rule, Match, int]] = []
    for rule in spare:
        numbers_of = [(one, number[match]) for match, one in place.kept.items()]
        numbers_of += [(one, stands[one.arn]) for one in spare]
        first = [at for one, at in numbers_of if one.priority < rule.priority and meet(one.match, rule.match)]
        least = max(first, default=0)
        room = [number for number in range(least + 1, PRIORITIES + 1) if number not in used]
        stays = rule.priority > least and rule.priority not in taken
        if stays or not room or rule.match is None or place.fixed(rule):
            continue
        found.append((rule, rule.match, room[0]))
        stands[rule.arn] = room[0]
        used.add(room[0])
    return found


def _apart(place: Place, of: dict[str, tuple[Match, int]]) -> dict[str, tuple[Match, int]]:
    """Without those whose number another one has that stays."""
    while True:
        held = {rule.priority for rule in place.listener.found_rules if rule.arn not in of}
        stuck = {arn for arn, (_, number) in of.items() if number in held}
        if not stuck:
            return of
        of = {arn: one for arn, one in of.items() if arn not in stuck}


def _change(place: Place, rule: Rule, match: Match, number: int, moves: _Moves) -> RuleChange:
    """What a rule is to be. Where nobody is ready who asks for it, it sends where it sent; where nobody asks for it, to
    those of them who are not let go of yet. Who comes to one that is there waits for those that are to be asked before
    it, and may take his requests.
    """
    sending = place.sending.of(match)
    has = rule.forwards if rule.match == match else ()
    there = {to.target_group for to in has}
    joins = {backend.load_balancer for group, backend in sending.ready.items() if group not in there}
    if rule.match == match and joins and _comes_too_early(place, rule, match, joins, moves):
        sending = sending._replace(ready={key: one for key, one in sending.ready.items() if key in there})
    sends = (
        forwards(place.ground, has, sending, elsewhere(place.service, rule.forwards, sending))
        if sending.ready or (not sending.backends and not place.unheard.isdisjoint(place.behind(rule)))
        else ()
    )
    differs = set(sends) != set(rule.forwards)
    if not differs:
        return RuleChange(rule=rule.arn, match=match, priority=number)
    was = seen(place.ground, rule.forwards, sending)
    return RuleChange(rule=rule.arn, match=match, priority=number, forwards=sends, seen=was)


def _comes_too_early(place: Place, rule: Rule, match: Match, joins: set[str], moves: _Moves) -> bool:
    """Is another one to be asked before this rule that is not there yet, or not before it, after this call? Whoever
    comes waits for that, unless that waits for him, or for what was given up.
    """
    first = list(place.missing)
    hopeless = place.denied or place.sending.failing
    if not (moves.now or hopeless) and moves.parting.isdisjoint(joins):
        first += [one for one, other in place.kept.items() if other.priority > rule.priority]
    number = place.number.get(match, 0)
    return any(meet(match, one) and place.number[one] < number for one in first)


def _update(place: Place, changes: list[tuple[RuleChange, Match]]) -> Part:
    if not changes:
        return Part()
    return place.ground.do(
        UpdateRules,
        place.name,
        "they do not take what the tags ask for, or not in that order",
        service=place.service.arn,
        listener=place.listener.arn,
        changes=tuple(change for change, _ in changes),
    )


def _concerned(place: Place, changes: list[tuple[RuleChange, Match]]) -> frozenset[str]:
    """Load balancers that do not have what they ask for without these changes."""
    found: frozenset[str] = frozenset()
    there = {rule.arn: rule for rule in place.listener.own_rules}
    for change, match in changes:
        named_ = place.wanted.rules.get(match)
        if change.forwards or match in place.missing or named_ == change.priority:
            found |= place.asking(match) or place.behind(there[change.rule])
    return found


# --- what is seen


def serves(listener: Listener, backend: Backend, group: str) -> bool:
    """Does its target group get from this listener what the load balancer asks for?"""
    if not backend.rules:
        return any(to.target_group == group for to in listener.forwards)
    taken = {rule.match for rule in listener.own_rules if any(to.target_group == group for to in rule.forwards)}
    return {one.match for one in backend.rules} <= taken
