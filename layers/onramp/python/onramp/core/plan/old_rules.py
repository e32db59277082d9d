"""Old rules of a listener: those that nobody asks for, until what is to take their requests is there."""

from onramp.core.model import UNREAD, Forward, Listener, Match, Rule
from onramp.core.plan.ground import Part, id_of, sent_to
from onramp.core.plan.place import Place
from onramp.core.rules import meet
from onramp.core.steps import DeleteRule, RuleChange


def deletes(
    place: Place, swaps: dict[Match, Rule], changes: list[tuple[RuleChange, Match]], *, settled: bool
) -> list[tuple[Rule, Part]]:
    """Rules that nobody asks for, when all is in its place that is to take their requests (`settled`: of the default
    action and the target groups); the last of them first, so that none of them gets requests of another. One behind
    which there is nothing any more only stands in the way.
    """
    found: list[tuple[Rule, Part]] = []
    needs = ""
    stay: list[Rule] = []
    awaited = [
        *place.missing,
        *place.denied,
        *(match for _, match in changes),
        *(one for one in place.kept if lets_go(place, one)),
    ]
    for rule in reversed([one for one in place.spare if one not in swaps.values()]):
        waits = any(meet(rule.match, match) for match in awaited) or any(takes_over(place, rule, one) for one in stay)
        begins = settled and not falls_to_a_leaver(place, rule)
        if waits or not (begins or dead(place, rule)) or needed(place, rule):
            stay.append(rule)
            continue
        part = _delete(place, rule, needs)
        found.append((rule, part))
        needs = part.steps[0].key if part.steps else needs
    return found


def is_left(place: Place) -> bool:
    """Is somebody behind it in his quiet time, with which it may go on by itself?"""
    return bool(place.leaving(place.sent_to(place.listener.sends)))


def falls_to_a_leaver(place: Place, rule: Rule) -> bool:
    """Would somebody in his quiet time get requests by what takes the rule's when it is gone?"""
    takers: list[Rule | Listener] = [one for match, one in place.kept.items() if meet(rule.match, match)]
    if rule.match is None or not any(match.covers(rule.match) for match in place.kept):
        takers.append(place.listener)
    gets = frozenset[str]().union(*(place.behind(one) for one in takers))
    return bool(place.leaving(gets - place.behind(rule)))


def needed(place: Place, rule: Rule, but: frozenset[str] = frozenset()) -> bool:
    """Does a load balancer get requests by it that is not let go of yet? `but`: those that get them otherwise."""
    ids = {to.target_group for to in rule.forwards}
    unread = any(group.status == UNREAD and id_of(group.arn) in ids for group in place.ground.observed.target_groups)
    return unread or not (place.staying - but).isdisjoint(place.behind(rule)) or _last_to_answer(place, rule)


def _last_to_answer(place: Place, rule: Rule) -> bool:
    """Does it send to who asks for nothing any more and answers, where nobody of those could who would have its
    requests then?
    """
    ground = place.ground
    after = [one for match, one in place.kept.items() if meet(rule.match, match)]
    comes = [*(one.match for one in after), *(match for match in place.late if meet(rule.match, match))]
    asked = [backend for backend in place.wanted.backends if any(backend.takes(match) for match in comes)]
    asked += [backend for backend in place.wanted.backends if not backend.rules]
    if not any(backend.weight for backend in asked):
        return False
    then = [*(to for one in after for to in one.forwards), *place.listener.forwards]
    left = [to for to in rule.forwards if to.target_group in place.sending.left]
    answers, instead = (
        any(ground.takes(target) for target in sent_to(ground.observed, sends)) for sends in (left, then)
    )
    return answers and not instead


def dead(place: Place, rule: Rule) -> bool:
    """Does it send to load balancers alone that are not there any more?"""
    there = {one.arn for one in place.ground.observed.load_balancers}
    behind = place.behind(rule)
    return not place.ground.hides_wishes and bool(behind) and behind.isdisjoint(there)


def _delete(place: Place, rule: Rule, needs: str) -> Part:
    return place.ground.do(
        DeleteRule,
        f"{place.name}/{rule.name}",
        "no tag asks for it",
        service=place.service.arn,
        listener=place.listener.arn,
        rule=rule.arn,
        needs=needs,
    )


def takes_over(place: Place, rule: Rule, behind: Rule) -> bool:
    """Would a rule that is on its way out, too, get requests of others when this one goes before it? Whose wish is not
    to be had now goes on with his: no time takes that away, and what it takes of what others leave is his.
    """
    later = behind.priority > rule.priority and meet(rule.match, behind.match)
    return later and not place.behind(behind) <= place.behind(rule) | place.unheard


def lets_go(place: Place, match: Match) -> bool:
    """Does the rule for it send to somebody who asks for others now?"""
    return bool(asking_others(place, match, place.kept[match].forwards))


def asking_others(place: Place, match: Match, forwards: tuple[Forward, ...]) -> frozenset[str]:
    """Of those who get requests by these forwards, those who ask for other ones now."""
    return (frozenset(place.wanted.load_balancers) - place.asking(match)) & place.sent_to(forwards)
