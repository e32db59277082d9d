"""Whose rules find a place in a service that several load balancers share: a number goes once, and room is small."""

from collections.abc import Callable, Set

from onramp.core import tags
from onramp.core.desired.wanted import Wish, refused_each
from onramp.core.inventory import Refusal
from onramp.core.model import LOAD_BALANCERS, Match, Observation, Rule, Service
from onramp.core.network import Network
from onramp.core.rules import PRIORITIES, RULES_PER_LISTENER


def rules_have_room(
    network: Network,
    observed: Observation,
    service: Service | None,
    queue: list[Wish],
    named: Set[str],
    refusals: list[Refusal],
) -> list[Wish]:
    """Those whose rules find a place beside those of the ones before them in the queue, and of others. `named`: load
    balancers that ask for a service; who does not leaves, and gives his numbers up. Who is refused keeps what he has,
    so that those before him are asked once more.
    """
    while True:
        kept, refused = _have_room(network, observed, service, queue, named)
        refusals.extend(refused)
        if not refused:
            return kept
        queue = kept


def _have_room(
    network: Network, observed: Observation, service: Service | None, queue: list[Wish], named: Set[str]
) -> tuple[list[Wish], list[Refusal]]:
    """The same, as long as nobody is refused; and the refusals."""
    refusals: list[Refusal] = []
    if not any(wish.backend.rules for wish in queue):
        return queue, refusals
    asking = {wish.backend.load_balancer for wish in queue}
    targets = {group.arn.rpartition("/")[2]: {to.id for to in group.targets} for group in observed.target_groups}
    listeners = service.listeners if service else ()
    there = [rule for found in listeners for rule in found.own_rules]
    taken = {rule.priority for found in listeners for rule in found.others_rules}
    others = max((len(found.others_rules) for found in listeners), default=0)
    moves: dict[Match, int] = {}
    for one in (one for wish in queue for one in wish.backend.rules):
        moves[one.match] = moves.get(one.match) or one.priority
    leaving = _known(observed) - named
    behind = {rule.arn: {one for to in rule.forwards for one in targets.get(to.target_group, ())} for rule in there}

    def held() -> list[Rule]:
        """What stays for a load balancer that asks for nothing that can be met now: it has its place."""
        return [rule for rule in there if not behind[rule.arn] <= asking]

    def holds(match: Match, number: int, given: dict[Match, int]) -> bool:
        """Has another rule this number, or is about to?"""
        if number in taken or any(one == number and other != match for other, one in given.items()):
            return True
        stays = [rule for rule in held() if not behind[rule.arn] <= (asking | leaving)]
        return any(
            rule in stays or (rule.match is not None and moves.get(rule.match) in {0, number})
            for rule in there
            if rule.priority == number and rule.match != match
        )

    accepted: dict[Match, int] = {}
    kept = []
    key = network.prefix + tags.PRIORITY
    for wish in sorted(queue, key=lambda one: _wants_more(one, there, behind)):
        message = ""
        for place, one in enumerate(wish.backend.rules):
            before = accepted.get(one.match)
            as_it_is = any(rule.match == one.match and rule.priority == one.priority for rule in there)
            if before is not None and one.priority not in {0, before} and not (as_it_is and not before):
                first = before - place
                same = (
                    f"write {first} in tag {key} or remove it"
                    if _fits(wish, first, accepted, holds)
                    else f"remove tag {key}"
                )
                message = f"{same}: other load balancers of {wish.service} ask for the same requests so"
            elif before is None and one.priority and holds(one.match, one.priority, accepted):
                message = f"choose another number in tag {key}: {one.priority} is taken on service {wish.service}"
        if message:
            refusals.extend(refused_each([wish], "rule-taken", message))
            asking.discard(wish.backend.load_balancer)
            continue
        both = accepted | {one.match: accepted.get(one.match) or one.priority for one in wish.backend.rules}
        staying = {rule.match for rule in held()} - both.keys()
        if wish.backend.rules and len(both) + len(staying) + others > RULES_PER_LISTENER:
            message = (
                f"ask for less in the rule tags, or choose another service: a listener has {RULES_PER_LISTENER}"
                f" rules at most and {wish.service} would have {len(both) + len(staying) + others}"
            )
            refusals.extend(refused_each([wish], "too-many-rules", message))
            asking.discard(wish.backend.load_balancer)
            continue
        accepted = both
        kept.append(wish)
    return kept, refusals


def _fits(
    wish: Wish, first: int, accepted: dict[Match, int], holds: Callable[[Match, int, dict[Match, int]], bool]
) -> bool:
    """May its rules have the numbers from `first` on, beside the `accepted` ones? `holds`: has another rule one?"""
    numbers = {one.match: first + place for place, one in enumerate(wish.backend.rules)}
    return 1 <= first <= PRIORITIES - len(numbers) + 1 and all(
        accepted[match] == number if match in accepted else not holds(match, number, accepted)
        for match, number in numbers.items()
    )


def _known(observed: Observation) -> frozenset[str]:
    """Load balancers whose wishes were read."""
    if LOAD_BALANCERS in observed.unread:
        return frozenset()
    there = {one.arn for one in observed.load_balancers}
    gone = {target.id for group in observed.target_groups for target in group.targets} - there
    return frozenset((there | gone) - observed.unread.keys())


def _wants_more(wish: Wish, there: list[Rule], behind: dict[str, set[str]]) -> bool:
    """Does it ask for more rules than it has? Who has his keeps them; who wants more is refused, where one has to."""
    mine = {rule.match for rule in there if wish.backend.load_balancer in behind[rule.arn]}
    return not {one.match for one in wish.backend.rules} <= mine
