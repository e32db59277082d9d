"""Rules of a service: which requests a load balancer's tags ask for, and in which order rules are tried."""

import re
from collections.abc import Iterable, Mapping
from itertools import product

from onramp.core import tags
from onramp.core.errors import Refused
from onramp.core.model import Match, Value

RULES_PER_LISTENER = 10  # quota L-CF78395E, the default rule not counted (facts 16)
PRIORITIES = 100  # the smaller of the guide (100) and the model (2,000)

FIRST_OF_OURS = 51
"""From here on, where there is room, rules have their numbers by specificity; 1 to 50 are for those who name theirs."""

PATH_LENGTH, HEADER_LENGTH, VALUE_LENGTH, METHOD_LENGTH = 200, 100, 200, 16  # botocore model

# As far as the tag of a load balancer can hold it, of what Lattice takes in a path.
_PATH = re.compile(r"/[A-Za-z0-9@:_+.=/-]*")
_METHOD = re.compile(r"[A-Za-z][A-Za-z_-]*")
_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")


class Asked(Value, frozen=True):
    """A rule that a load balancer's tags ask for. `priority`: 0 where they leave it to what the rule asks for."""

    match: Match
    priority: int = 0


def asked(given: Mapping[str, str], prefix: str) -> tuple[Asked, ...]:
    """`given`: the tags after the prefix. None of them: the load balancer takes what no rule takes. Raises Refused."""
    paths = [
        *(one for word in _words(given, tags.PATH_PREFIX, prefix) for one in _below(word, prefix + tags.PATH_PREFIX)),
        *(Match(path=_path(word, prefix + tags.PATH)) for word in _words(given, tags.PATH, prefix)),
    ]
    methods = [_method(word, prefix + tags.METHOD) for word in _words(given, tags.METHOD, prefix)]
    headers = [_header(word, prefix + tags.HEADER) for word in _words(given, tags.HEADER, prefix)]
    if not (paths or methods or headers):
        if tags.PRIORITY in given:
            choices = " or ".join(prefix + key for key in (tags.PATH_PREFIX, tags.PATH, tags.METHOD, tags.HEADER))
            raise Refused("rule-invalid", f"add {choices} or remove {prefix}{tags.PRIORITY}: there is no rule to order")
        return ()
    matches = {
        Match(path=path.path, begins=path.begins, method=method, header=header, value=value)
        for path, method, (header, value) in product(paths or [Match()], methods or [""], headers or [("", "")])
    }
    if len(matches) > RULES_PER_LISTENER:
        raise Refused(
            "too-many-rules",
            f"ask for less in the rule tags: a listener has {RULES_PER_LISTENER} rules at most and these are"
            f" {len(matches)}. A path prefix is two and several methods or headers multiply",
        )
    ordered = sorted(matches, key=lambda match: (specificity(match), _spelled(match)))
    first = _priority(given[tags.PRIORITY], prefix + tags.PRIORITY, len(ordered)) if tags.PRIORITY in given else 0
    return tuple(Asked(match=match, priority=first and first + place) for place, match in enumerate(ordered))


def _words(given: Mapping[str, str], key: str, prefix: str) -> list[str]:
    """Values of one tag, separated by spaces: a load balancer's tags hold no comma (facts 18)."""
    words = given.get(key, "unsaid").split()
    if not words:
        # Empty is not absent: who clears the list of what is taken does not mean everything.
        raise Refused("rule-invalid", f"write a value in tag {prefix}{key}, or remove it: it is empty")
    return words if key in given else []


def _path(word: str, key: str) -> str:
    if not _PATH.fullmatch(word) or len(word) > PATH_LENGTH:
        raise Refused(
            "rule-invalid",
            f"write paths of at most {PATH_LENGTH} characters that begin with / in tag {key}, as /api: it has"
            f" {tags.spelled(word)}",
        )
    return word


def _below(word: str, key: str) -> tuple[Match, ...]:
    """The path itself and all below it. Whether AWS's own prefix ends at a segment is written nowhere (facts R19): one
    with a slash at its end does in any reading.
    """
    path = _path(word, key).rstrip("/")
    if not path:
        return (Match(path="/", begins=True),)
    return Match(path=path), Match(path=_path(f"{path}/", key), begins=True)


def _method(word: str, key: str) -> str:
    if not _METHOD.fullmatch(word) or len(word) > METHOD_LENGTH:
        raise Refused("rule-invalid", f"write methods in tag {key}, as GET POST: it has {tags.spelled(word)}")
    return word.upper()


def _header(word: str, key: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not _HEADER.fullmatch(name) or not value or not value.isascii():
        raise Refused(
            "rule-invalid",
            f"write a header's name and its whole value in tag {key}, as x-version=beta: it has {tags.spelled(word)}",
        )
    if len(name) > HEADER_LENGTH or len(value) > VALUE_LENGTH:
        raise Refused(
            "rule-invalid",
            f"shorten the header in tag {key}: a name has {HEADER_LENGTH} characters at most, a value {VALUE_LENGTH}",
        )
    return name.lower(), value


def _priority(text: str, key: str, rules: int) -> int:
    last = PRIORITIES - rules + 1
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= last:
        many = f", for its {rules} rules have numbers one after the other from there" if rules > 1 else ""
        raise Refused(
            "rule-invalid", f"write a number from 1 to {last} in tag {key}{many}: it has {tags.spelled(text)}"
        )
    return int(text)


# --- in which order


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


def _spelled(match: Match) -> tuple[str, ...]:
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
        key=lambda match: (specificity(match), there.get(match, PRIORITIES + 1), _spelled(match)),
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
