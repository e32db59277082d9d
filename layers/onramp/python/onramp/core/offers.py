"""What a client can call: services counted over all accounts, and the private hosted zones that hold their records.
Kept in each account's item; the number is told on its VPC.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from onramp.core import tags
from onramp.core.inventory import ServiceState
from onramp.core.model import NETWORKS_ZONE
from onramp.core.text import counted
from onramp.core.watch import BLIND_AFTER, Entry


class PrivateZone(NamedTuple):
    """A private hosted zone that holds records of services. `account`: whose it is, '' for the network account."""

    id: str
    account: str
    name: str


class Offer(NamedTuple):
    """Services of the network that answer, and those of them that ask who calls, by an auth policy of their own.

    `zones`: the private hosted zones that clients' VPCs have to be in, so that services' own domains are found there.
    """

    services: int = 0
    guarded: int = 0
    zones: frozenset[PrivateZone] = frozenset()

    def spelled(self) -> str:
        """As the table keeps it."""
        zones = (f"{one.account or _NETWORKS}/{one.id}={one.name}" for one in sorted(self.zones))
        return " ".join((str(self.services), str(self.guarded), *zones))


_NETWORKS = NETWORKS_ZONE.removesuffix("/")
_SPELLED = re.compile(r"[0-9]+ [0-9]+( ([0-9]{12}|network)/Z[A-Z0-9]{1,31}=[!-~]+)*")


def read(text: str) -> Offer:
    """What `spelled` wrote; none for whatever else."""
    if not _SPELLED.fullmatch(text):
        return Offer()
    services, guarded, *zones = text.split()
    return Offer(int(services), int(guarded), frozenset(map(_zone, zones)))


def _zone(text: str) -> PrivateZone:
    key, _, name = text.partition("=")
    account, _, identifier = key.partition("/")
    return PrivateZone(identifier, "" if account == _NETWORKS else account, name)


def of(account: str, services: Iterable[ServiceState], private: Mapping[str, str]) -> Offer:
    """What one account offers. `private`: as in its memory."""
    answering = [one for one in services if one.answers]
    zones = (
        PrivateZone(zone.removeprefix(NETWORKS_ZONE), "" if zone.startswith(NETWORKS_ZONE) else account, name)
        for zone, name in private.items()
        if name
    )
    return Offer(len(answering), sum(tags.AUTH in one.settings for one in answering), frozenset(zones))


def news(entries: tuple[Entry, ...], now: float) -> dict[str, str]:
    """Account -> what it is to be told with its next look, of those to whom something else was said last.

    Nothing while an account that is looked at has not said yet what it offers, as after an upgrade: what is not known
    is not less. Nobody is rung for a number: the account's own next look writes it, once an hour at most where nothing
    rings.
    """
    if any(one.looked_at and not one.offers and now - one.looked_at < BLIND_AFTER for one in entries):
        return {}
    offers = [read(one.offers) for one in entries]
    whole = Offer(
        sum(it.services for it in offers),
        sum(it.guarded for it in offers),
        frozenset(zone for it in offers for zone in it.zones),
    )
    return {
        one.account: whole.spelled()
        for one in entries
        if one.heard_at and (read(one.offered) != whole or not one.offered) and (one.offered or whole != Offer())
    }


def rings(entry: Entry, offered: str) -> bool:
    """Has the account to look soon, since other hosted zones than it was told last hold records?"""
    return read(entry.offered).zones != read(offered).zones


def told(text: str, vpc: str) -> str:
    """The answer on a VPC that is joined. `text`: as the table keeps it."""
    offer = read(text)
    services = counted(offer.services, "service")
    asks = "asks" if offer.guarded == 1 else "ask"
    guarded = f" - {offer.guarded} of them {asks} who calls" if offer.guarded else ""
    return f"{services}{guarded} - their names: onramp status --from {vpc}"
