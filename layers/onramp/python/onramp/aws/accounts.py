"""What the table holds of all accounts, and what is written there beside the leases: who was told what, and is told."""

from typing import Any

import msgspec

from onramp.aws.account import Account
from onramp.aws.shelf import Shelf, is_part
from onramp.aws.table import Item, Table, number
from onramp.core.state import KEPT_AT_MOST
from onramp.core.text import within
from onramp.core.watch import Entry

NOTICES_AT_MOST = 20
"""Texts that wait for one account; an item has 400 KB (facts 21), and a mail is read by a person."""

NOTICE_BYTES = 4000  # of one; the log has the rest

DIGESTED_SECONDS = 90 * 86_400.0
"""For how long a large account's digest lies outside of its item: the next one, a week later, replaces it."""

THERE = "attribute_exists(account)"
NONE = "-"


class Accounts:
    """The items, beside what `Leases` says of them: `listed_at`, `told` (a code), `offered` (as core/offers spells it),
    `notices` (texts, each after the time from which it waits), `unsaid` (how many there was no room for).
    """

    def __init__(self, own: Account, table: str) -> None:
        self._table = Table(own, table)
        self._shelf = Shelf(own, table)

    def all(self) -> tuple[Entry, ...]:
        """Every account, in order."""
        names = Entry.__struct_fields__
        return tuple(
            sorted(
                (entry(item) for item in self._table.all(*names) if not is_part(item["account"]["S"])),
                key=lambda one: one.account,
            )
        )

    def list_(self, account: str, now: float) -> None:
        """Remember since when an account is expected to ring that never did, or could not."""
        self._table.update(account, "SET listed_at = :now REMOVE ends", {":now": number(now)})

    def note(self, entry: Entry) -> None:
        """Remember when it rang itself, as long as nobody rang for it: then nobody could tell any more."""
        rung = {":rung": number(entry.rung_at)}
        self._table.update(entry.account, "SET heard_at = if_not_exists(heard_at, :rung)", rung, THERE)

    def forget(self, entry: Entry, now: float) -> None:
        """Let DynamoDB take the item away, in its own time. Whoever rings before that keeps it: then it rang since, or
        the ring takes the word back.
        """
        rang = "rung_at = :rung" if entry.rung_at else "attribute_not_exists(rung_at)"
        values = {":now": number(now)} | ({":rung": number(entry.rung_at)} if entry.rung_at else {})
        self._table.update(entry.account, "SET ends = :now", values, f"attribute_exists(account) AND {rang}")

    def tell(self, account: str, code: str) -> None:
        """Remember what people were told of the account; '' when it is well again."""
        if code:
            self._table.update(account, "SET told = :code", {":code": {"S": code}}, "attribute_exists(account)")
        else:
            self._table.update(account, "REMOVE told", {}, "attribute_exists(account)")

    def offer(self, account: str, offered: str, rings_at: float | None = None) -> None:
        """Keep what the account's clients are told with its next look, as core/offers spells it. `rings_at`: now, where
        that look is not left to the next ring.
        """
        given: Item = {":offered": {"S": offered}} | ({} if rings_at is None else {":now": number(rings_at)})
        put = "SET offered = :offered" + ("" if rings_at is None else ", given_at = :now")
        self._table.update(account, put, given, THERE)

    def keep(self, account: str, text: str, at: float) -> None:
        """Keep a text for the account's next mail. The same text of the same time twice is kept once."""
        kept = _notice(at, text)
        few = "attribute_not_exists(notices) OR size(notices) < :most OR contains(notices, :text)"
        values: Item = {":texts": {"SS": [kept]}, ":text": {"S": kept}, ":most": {"N": str(NOTICES_AT_MOST)}}
        if self._table.update(account, "ADD notices :texts", values, few) is None:
            self._table.update(account, "ADD unsaid :one", {":one": {"N": "1"}})

    def digested(self, account: str, names: frozenset[str], now: float) -> None:
        """Remember what was joined in the account when the week was told."""
        content = msgspec.json.encode(sorted(names))
        if len(content) > KEPT_AT_MOST:
            key = self._shelf.put(account, content, now + DIGESTED_SECONDS)
            self._table.update(account, "SET digested = :key", {":key": {"SS": [key]}}, THERE)
        elif names:
            self._table.update(account, "SET digested = :names", {":names": {"SS": sorted(names)}}, THERE)
        else:  # a set has a member at least: that none was joined is told by a word that names nothing
            self._table.update(account, "SET digested = :none", {":none": {"SS": [NONE]}}, THERE)

    def sent(self, entry: Entry) -> None:
        """Forget the notices that this entry has: they were sent. What came meanwhile stays."""
        texts = [_notice(at, text) for at, text in entry.notices]
        self._table.update(entry.account, "DELETE notices :texts REMOVE unsaid", {":texts": {"SS": texts}})


def _notice(at: float, text: str) -> str:
    return f"{at:.3f} {within(text, NOTICE_BYTES)}"


def entry(item: Item) -> Entry:
    """What an item says of its account."""
    found: dict[str, Any] = {name: next(iter(value.values())) for name, value in item.items()}
    # Numbers come as text, so that none loses its digits.
    return msgspec.convert({**found, "notices": sorted(map(_read, found.get("notices", ())))}, Entry, strict=False)


def _read(notice: str) -> tuple[float, str]:
    at, _, text = notice.partition(" ")
    return float(at), text
