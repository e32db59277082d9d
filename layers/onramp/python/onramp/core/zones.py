"""Which hosted zones answer for a name in a VPC, where several hold it, and why another one's records do not.

Of the private zones that a VPC is in, the one with the longest name answers alone, if only that there is no such record
(facts R23.6). A name that a zone hands on to other servers, and all below it, is not asked of that zone.
"""

from collections.abc import Iterable, Iterator

from onramp.core.view import Hidden, Value


class Holding(Value, frozen=True):
    """A hosted zone that holds the name. `inside`: it is private, and the VPC is in it; None of a public one. `leads`:
    where its records of the name point; `asked_on`: those of them that are looked up in turn, as CNAMEs are.
    `handed_on`: the name, of those above, that its NS records hand on, or ''.
    """

    id: str
    name: str
    inside: bool | None = None
    leads: tuple[str, ...] = ()
    asked_on: tuple[str, ...] = ()
    handed_on: str = ""


def above(name: str, zone: str) -> Iterator[str]:
    """The names above `name` and below the zone's own.

    >>> list(above("api.shop.example.jp", "jp"))
    ['shop.example.jp', 'example.jp']
    """
    name = name.partition(".")[2]
    while name.endswith(f".{zone}"):
        yield name
        name = name.partition(".")[2]


def in_its_place(zones: Iterable[Holding]) -> tuple[Hidden, ...]:
    """Which private zone answers in the VPC that there is no name that AWS answers for; none where it has records."""
    within = max((zone for zone in zones if zone.inside), key=lambda zone: len(zone.name), default=None)
    return () if within is None or within.leads else (Hidden(zone="", why="shadowed", by=within.id),)


def answers(zones: Iterable[Holding]) -> tuple[tuple[str, ...], tuple[Hidden, ...]]:
    """Where records lead that are found, and why others are not."""
    there = tuple(zones)
    within = [zone for zone in there if zone.inside]
    asked = max(within, key=lambda zone: len(zone.name), default=None)
    leads, hidden = list[str](), list[Hidden]()
    for zone in (one for one in there if one.leads):
        if asked is not None and zone != asked and (zone.inside is None or len(zone.name) <= len(asked.name)):
            hidden.append(Hidden(zone=zone.id, why="shadowed", by=asked.id))
        elif zone.inside is False:
            hidden.append(Hidden(zone=zone.id, why="apart"))
        elif zone.handed_on:
            hidden.append(Hidden(zone=zone.id, why="handed on", by=zone.handed_on))
        else:
            leads += zone.leads
    return tuple(dict.fromkeys(leads)), tuple(dict.fromkeys(hidden))
