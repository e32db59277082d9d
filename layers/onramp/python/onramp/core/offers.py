"""How many services a client can call: counted over all accounts, kept in each account's item, told on its VPC."""

from collections.abc import Iterable
from typing import NamedTuple

from onramp.core import tags
from onramp.core.steps import ServiceState
from onramp.core.text import counted
from onramp.core.watch import BLIND_AFTER, Entry


class Offer(NamedTuple):
    """Services of the network that answer, and those of them that ask who calls, by an auth policy of their own."""

    services: int = 0
    guarded: int = 0

    def spelled(self) -> str:
        """As the table keeps it."""
        return f"{self.services} {self.guarded}"


def read(text: str) -> Offer:
    """What `spelled` wrote; none for whatever else."""
    numbers = text.split()
    if len(numbers) != 2 or not all(it.isascii() and it.isdecimal() for it in numbers):
        return Offer()
    return Offer(*map(int, numbers))


def of(services: Iterable[ServiceState]) -> Offer:
    """What one account offers."""
    answering = [one for one in services if one.answers]
    return Offer(len(answering), sum(tags.AUTH in one.settings for one in answering))


def news(entries: tuple[Entry, ...], now: float) -> dict[str, str]:
    """Account -> what it is to be told with its next look, of those to whom something else was said last.

    Nothing while an account that is looked at has not said yet what it offers, as after an upgrade: what is not known
    is not less. Nobody is rung for it: the account's own next look writes it, once an hour at most where nothing rings.
    """
    if any(one.looked_at and not one.offers and now - one.looked_at < BLIND_AFTER for one in entries):
        return {}
    offers = [read(one.offers) for one in entries]
    whole = Offer(sum(it.services for it in offers), sum(it.guarded for it in offers))
    return {
        one.account: whole.spelled()
        for one in entries
        if one.heard_at and (read(one.offered) != whole or not one.offered) and (one.offered or whole != Offer())
    }


def told(text: str, vpc: str) -> str:
    """The answer on a VPC that is joined. `text`: as the table keeps it."""
    offer = read(text)
    services = counted(offer.services, "service")
    asks = "asks" if offer.guarded == 1 else "ask"
    guarded = f" - {offer.guarded} of them {asks} who calls" if offer.guarded else ""
    return f"{services}{guarded} - their names: onramp status --from {vpc}"
