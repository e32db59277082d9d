"""Rules of a service: what one is, and in which order they are tried."""

from collections.abc import Iterable, Mapping

from onramp.core.model import Match, Value

RULES_PER_LISTENER = 10  # quota L-CF78395E, the default rule not counted (facts 16)
PRIORITIES = 100  # the smaller of the guide (100) and the model (2,000)

FIRST_OF_OURS = 51
"""From here on, where there is room, rules have their numbers by specificity; 1 to 50 are for those who name theirs."""


class Asked(Value, frozen=True):
    """A rule that a load balancer's tags ask for. `priority`: 0 where they leave it to what the rule asks for."""

    match: Match
    priority: int = 0


type Specificity = tuple[bool, bool, int, bool, bool]


def specificity(match: Match) -> Specificity:
    """What sorts first is asked first: a whole path, then the longer of two that begin alike, a method, a header."""
    return (not match.path, match.begins, -len(match.path), not match.method, not match.header)


def meet(one: Match | None, other: Match | None) -> bool:
    """May one request be what both ask for? None: what we never ask for, and may be anything."""
    if one is None or other is None:
        return True
    methods = not (one.method and other.method) or one.method == other.method
    headers = one.header != other.header or one.value == other.value
    return methods and headers and _paths_meet(one, other)


def _paths_meet(one: Match, other: Match) -> bool:
    if not (one.path and other.path):
        return True
    if one.begins and other.path.startswith(one.path):
        return True
    return one.path == other.path or (other.begins and one.path.startswith(other.path))


def spelled(match: Match) -> tuple[str, ...]:
    """By which those that are alike specific have an order, the same in every look."""
    return (match.path, match.method, match.header, match.value)


def shown(match: Match) -> str:
    """For people: `GET /api/* x-version=beta`."""
    path = f"{match.path}*" if match.begins else match.path
    header = f"{match.header}={match.value}" if match.header else ""
    return " ".join(part for part in (match.method, path, header) if part)


def numbers(there: Mapping[Match, int], asked: Mapping[Match, int], taken: Iterable[int]) -> dict[Match, int]:
    """The priority of each rule that is `asked` for, where 0 leaves it to us. `there`: the numbers that they have now.
    `taken`: those of others.

    Who has a number keeps it, and in any case their order: only where there is no room between two for a third do they
    move, all in step. Whoever says his number has it, whoever may have it now.
    """
    said = {match: number for match, number in asked.items() if number}
    used = {*said.values(), *taken}
    free = [number for number in range(1, PRIORITIES + 1) if number not in used]
    ours = sorted(
        (match for match, number in asked.items() if not number),
        key=lambda match: (specificity(match), there.get(match, PRIORITIES + 1), spelled(match)),
    )
    stay = _in_order([(match, there[match]) for match in ours if there.get(match) in free])
    placed: dict[Match, int] = {}
    for place, match in enumerate(ours):
        low = max(placed.values(), default=0)
        high = min((stay[one] for one in ours[place:] if one in stay), default=PRIORITIES + 1)
        between = [number for number in free if low < number < high]
        if match in stay:
            placed[match] = stay[match]
        elif between:
            placed[match] = min(between, key=lambda number: (abs(number - _ideal(match)), number))
        else:
            return said | _spread(ours, free)
    return said | placed


def _in_order(rules: list[tuple[Match, int]]) -> dict[Match, int]:
    """As many of them as stand in order already: they stay as they are, and the others move."""
    chains: list[list[tuple[Match, int]]] = [[]]
    for rule in rules:
        fitting = [chain for chain in chains if not chain or chain[-1][1] < rule[1]]
        before = max(fitting, key=len)
        chains.append([*before, rule])
    longest = max(chains, key=len)
    return dict(longest)


def _ideal(match: Match) -> int:
    """Where a rule would like to be, so that those of another kind find room before and after it."""
    if not match.path:
        return PRIORITIES - 3
    return PRIORITIES - 8 - min(len(match.path) // 2, 28) if match.begins else FIRST_OF_OURS + 6


def _spread(ours: list[Match], free: list[int]) -> dict[Match, int]:
    room = [number for number in free if number >= FIRST_OF_OURS]
    room = room if len(room) >= len(ours) else free
    step = len(room) / (len(ours) + 1)
    return {match: room[int(step * (place + 1))] for place, match in enumerate(ours)}
