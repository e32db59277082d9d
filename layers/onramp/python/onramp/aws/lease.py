"""One run an account at a time: a lease in a table, and beside it what its last run left for the next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.account import Account
from onramp.aws.errors import code, translated
from onramp.aws.shelf import Shelf
from onramp.aws.table import Table, number
from onramp.core import infra, names, offers
from onramp.core import tagged_by as told
from onramp.core.backoff import followed, follows, rest
from onramp.core.infra import Word, read, spelled
from onramp.core.model import Value
from onramp.core.run import Memory
from onramp.core.state import kept, outside, remembered
from onramp.core.tagged_by import AT_ONCE, MISSING, WAITING_AT_MOST, Asks
from onramp.core.triggers import Ring, Said

LEASE_SECONDS = 4200
"""Longer than the state machine's own hour, so that no living run loses its account."""

ASK_AFTER = 180
"""Seconds for which a lease is believed without asking whether its run lives: six times as long as the intake takes to
start what it took."""

FAILED_IN_A_ROW = 3
"""Runs of an account that may end badly one after another and are each followed by the next at once; then the next ring
or sweep begins it. Each has tried everything for minutes by then."""

MEMORY_SECONDS = 90 * 86_400.0
"""For how long a large memory lies outside of its item after the last run, of which there is one an hour. What was put
there by a run that had lost its account by then goes by itself.
"""


class Taken(Value, frozen=True):
    """`mine`: the caller holds the account now, by the name `holder`; else `holder` does already. `pause`: seconds to
    leave it alone before the first look. `words`: infra's. `looks`, `rang`, `member`, `offered`, `asks`: as in the run.
    `remembered_at`: the key under which a large memory lies; `memory` is an empty one then. `aside_at`: the key of more
    words. `unsaid`: there was no room for what was said just now.
    """

    mine: bool
    holder: str
    memory: Memory
    pause: int = 0
    looks: float = 0.0
    rang: int = 1
    words: tuple[Word, ...] = ()
    member: str = ""
    offered: str = ""
    asks: tuple[Asks, ...] = ()
    remembered_at: str = ""
    aside_at: str = ""
    unsaid: bool = False


type LetGo = Literal["ended", "owed"]
"""How a run ends. ended: nobody waits. owed: the account is free, and somebody who rang has not been looked at."""


class Leases:
    """The table: key `account`; times are epoch seconds, all but `rung_at` may be missing.

    The lease: `holder`, `taken_at`, `expires`. `looks`: how many runs followed each other, as of `looked_at`. Rings:
    `rung_at` the last, `heard_at` the last by the account itself, `looked_at` the begin of the last look that let go.
    `failed`: runs that ended badly since one ended well. `blind_since`: when a run first could not look. `summary`:
    JSON of a Memory; `remembered_at`: in its place the key on the shelf of a large one. `words`: what infra has said of
    the account, as core/infra spells it; `words_at`: the key on the shelf of more. `offers`: what its services are to
    clients, `offered`: what all of the network are, as core/offers spells it. `given_at`: when a word came, or other
    zones in `offered`, that no run has taken with it. `member_version`: of its member stack, `member_prefix`: its
    TagPrefix, where that is not the network's. `asked`: changes of its tags that the next report remembers, as
    core/tagged_by spells them. `ends`: when DynamoDB may take the item away; a ring keeps it.
    """

    def __init__(self, own: Account, table: str, machine: str = "") -> None:
        self._own = own
        self._table = Table(own, table)
        self._shelf = Shelf(own, table)
        self._machine = machine

    def take(
        self,
        account: str,
        events: Sequence[str],
        now: float,
        *,
        heard: bool = True,
        said: Sequence[Word] = (),
        version: str = "",
        prefix: str | None = None,
        asks: Sequence[Asks] = (),
    ) -> Taken:
        """Ring the account, and take it if nobody holds it: one write, whoever comes first.

        `events` are the ids of what rings, which name the run: an intake that died between taking and starting
        gets the same events again, and finds its own lease. `heard`: the account rang itself. `said`: what infra
        says of it, `version` and `prefix` what it says of its member stack, `asks` whose tags were changed, all
        remembered by the same write. `prefix`: its TagPrefix, '' the network's, None unknown. Another write where too
        much waits already.
        """
        me = names.run(account, events[0], now)

        def ring(words: Sequence[Word], changes: Sequence[Asks], condition: str = "") -> dict[str, Any] | None:
            put = (
                f"SET rung_at = :now, {'heard_at = :now, ' if heard else ''}holder = if_not_exists(holder, :me),"
                " taken_at = if_not_exists(taken_at, :now), expires = if_not_exists(expires, :until)"
                f"{', member_version = :version' if version else ''}{', member_prefix = :prefix' if prefix else ''}"
                f"{', given_at = :now' if words else ''} REMOVE ends{', member_prefix' if prefix == '' else ''}"
            )
            sets = {
                **({"words": _lines(words)} if words else {}),
                **({"asked": _told(changes)} if changes else {}),
            }
            put += f" ADD {', '.join(f'{name} :{name}' for name in sets)}" if sets else ""
            values = {
                **_lease(me, now),
                **({":version": {"S": version}} if version else {}),
                **({":prefix": {"S": prefix}} if prefix else {}),
                **{f":{name}": lines for name, lines in sets.items()},
                **{f":{name}": most for name, most in _ROOM.items() if f":{name})" in condition},
            }
            return self._table.update(account, put, values, condition)

        changes = asks if len(asks) <= AT_ONCE else (*asks[:AT_ONCE], MISSING)
        missing = (MISSING,) if asks else ()
        few_words, few_changes = _few("words") if said else "", _few("asked") if asks else ""
        item = ring(said, changes, " AND ".join(filter(None, (few_words, few_changes))))
        if item is None and few_changes:
            item = ring(said, missing, few_words)
        unsaid = item is None
        item = ring((), missing) if item is None else item
        if item is None:
            raise AssertionError("a write without a condition cannot miss it")
        return replace(self._holding(account, item, events, me, now), unsaid=unsaid)

    def _holding(self, account: str, item: dict[str, Any], events: Sequence[str], me: str, now: float) -> Taken:
        """Who holds the account, which has been rung, and from now on."""
        holder = item["holder"]["S"]
        if holder == me or any(names.rang(holder, event) for event in events):
            return _taken(item, holder, now, rests=True, rang=len(events))
        # The event of its end may be lost; a run that outlived its lease is dead in any case.
        if float(item["expires"]["N"]) > now and (
            now - float(item["taken_at"]["N"]) < ASK_AFTER or is_alive(self._own, self._machine, holder)
        ):
            return _taken(item, holder, now, mine=False)
        # Another intake may be quicker to take over.
        over = self._take_over(account, holder, me, now)
        return _taken(item, me, now, mine=over is not None)

    def rung_at(self, account: str) -> float:
        """When somebody last rang it, in epoch seconds; 0 for one that nobody ever did."""
        item = self._table.get(account, "rung_at") or {}
        return float(item.get("rung_at", {"N": "0"})["N"])

    def follow(self, account: str, dead: str, now: float) -> Taken | None:
        """Take the account over from a run that ended badly; None when no other follows it at once.

        That is when another holds the account, or too many have ended so in a row; the account is free then.
        """
        me = names.run(account, dead, now)
        few = {":most": {"N": str(FAILED_IN_A_ROW)}}
        over = self._take_over(account, dead, me, now, " AND (attribute_not_exists(failed) OR failed < :most)", few)
        if over is not None:
            return _taken(over, me, now)
        if self.free(account, dead):
            return None
        # Told twice: the first time took it over, and may have died before it started.
        held = self._table.update(
            account, "SET failed = failed", {}, "attribute_exists(holder) AND attribute_exists(failed)"
        )
        if held is None or not names.rang(held["holder"]["S"], dead):
            return None
        return _taken(held, held["holder"]["S"], now)

    def release(
        self,
        account: str,
        holder: str,
        memory: Memory,
        observed_at: float,
        *,
        blind: bool,
        spent: Sequence[Word] = (),
        asks: Sequence[Asks] = (),
        remembered_at: str = "",
        looks: float = 0.0,
        rang: int = 1,
        aside_at: str = "",
        words_at: str = "",
    ) -> LetGo:
        """Write the summary and let go; `blind`: the last look saw nothing. Who rang since it began is owed a look, and
        so is whatever was given to the account since the run began: it knew nothing of that.
        `spent`: words that decide nothing any more or were put aside, and `asks`: changes that are in the summary; both
        are forgotten. `remembered_at`: the key of the memory that this one replaces, `aside_at`: of the words that
        those at `words_at` replace. `looks`, `rang`: of its Taken.
        """
        content = outside(memory)
        key = "" if content is None else self._shelf.put(account, content, observed_at + MEMORY_SECONDS)
        ends, owes = (number(followed(looks, rang, owed=owed)) for owed in (False, True))
        let_go = self._release(
            account,
            holder,
            memory,
            observed_at,
            blind=blind,
            spent=spent,
            asks=asks,
            key=key,
            words_at=words_at,
            ends=ends,
            owes=owes,
        )
        if let_go is None:
            return "ended"  # held by another run by now, that one looks for itself
        for before, now in ((remembered_at, key), (aside_at, words_at)):
            if before and before != now:
                self._shelf.drop(before)
        return let_go

    def _release(
        self,
        account: str,
        holder: str,
        memory: Memory,
        observed_at: float,
        *,
        blind: bool,
        spent: Sequence[Word],
        asks: Sequence[Asks],
        key: str,
        words_at: str,
        ends: dict[str, str],
        owes: dict[str, str],
    ) -> LetGo | None:
        """None when another holds the account. `ends`, `owes`: what `looks` is when it is let go so."""
        where, not_where = ("remembered_at", "summary") if key else ("summary", "remembered_at")
        written: dict[str, Any] = {
            ":memory": {"S": key or kept(memory)},
            ":offers": {"S": offers.of(account, memory.services, memory.private).spelled()},
            ":me": {"S": holder},
            ":seen": number(observed_at),
        }
        sight = ("blind_since = if_not_exists(blind_since, :seen)", "") if blind else ("", ", blind_since")
        put = f"{where} = :memory, offers = :offers, looked_at = :seen, looks = :looks"
        put = ", ".join(filter(None, (put, sight[0], "words_at = :words_at" if words_at else "")))
        written |= {":words_at": {"S": words_at}} if words_at else {}
        gone = f"REMOVE {not_where}, holder, taken_at, expires, failed{sight[1]}{'' if words_at else ', words_at'}"
        gone_sets = {"words :spent": _lines(spent) if spent else None, "asked :told": _told(asks) if asks else None}
        forget = ", ".join(name for name, lines in gone_sets.items() if lines)
        forget = f" DELETE {forget}" if forget else ""
        written |= {name.split()[1]: lines for name, lines in gone_sets.items() if lines}
        mine = "holder = :me"
        seen = f"{mine} AND (rung_at = taken_at OR rung_at <= :seen)"
        taken = "(attribute_not_exists(given_at) OR given_at <= taken_at)"
        if self._table.update(
            account, f"SET {put} {gone}, given_at{forget}", {**written, ":looks": ends}, f"{seen} AND {taken}"
        ):
            return "ended"
        owed = self._table.update(account, f"SET {put} {gone}{forget}", {**written, ":looks": owes}, mine)
        return "owed" if owed else None

    def free(self, account: str, holder: str) -> bool:
        """Let go what a run holds that ended badly, or never began; False when it holds nothing."""
        gone = "REMOVE holder, taken_at, expires ADD failed :one"
        return self._table.update(account, gone, {":me": {"S": holder}, ":one": _ONE}, "holder = :me") is not None

    def _take_over(
        self, account: str, dead: str, me: str, now: float, condition: str = "", values: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        # `holder = :me`: the SDK asks again when an answer was lost.
        return self._table.update(
            account,
            "SET holder = :me, taken_at = :now, expires = :until ADD failed :one",
            {**_lease(me, now), ":dead": {"S": dead}, ":one": _ONE, **(values or {})},
            f"(holder = :dead OR holder = :me){condition}",
        )


def word(said: Said, now: float) -> Word:
    """What was said, as it is remembered: at the event's own time, or its list's, so that a second one says no more."""
    at = _time(said.time, now)
    return Word(at=min(at, said.until or at), saying=said.saying, about=said.about, by=said.by)


def asked(ring: Ring, now: float) -> tuple[Asks, ...]:
    """What changed, as it is remembered: at the event's own time, too."""
    at = _time(ring.time, now)
    return tuple(one if one == MISSING else replace(one, at=at) for one in ring.asks)


def _time(text: str, now: float) -> float:
    """Whoever puts an event may set its time; what lies ahead would decide about what nobody has seen yet."""
    try:
        return min(datetime.fromisoformat(text).timestamp(), now)
    except ValueError:
        return now


def start(own: Account, machine: str, name: str, state: dict[str, Any]) -> None:
    """Start the run. The same name twice is the same run."""
    with translated():
        try:
            own.client("stepfunctions").start_execution(
                stateMachineArn=machine, name=name, input=msgspec.json.encode(state).decode()
            )
        except ClientError as error:
            if code(error) != "ExecutionAlreadyExists":
                raise


def is_alive(own: Account, machine: str, name: str) -> bool:
    """Does the run go on? One that never began does not."""
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    with translated():
        try:
            answer = own.client("stepfunctions").describe_execution(executionArn=execution)
        except ClientError as error:
            if code(error) != "ExecutionDoesNotExist":
                raise
            return False
    # A run that somebody redrives is about to go on.
    return answer["status"] in ("RUNNING", "PENDING_REDRIVE")


_ONE = {"N": "1"}

_ROOM = {"words_room": {"N": str(infra.WORDS_AT_MOST)}, "asked_room": {"N": str(WAITING_AT_MOST)}}


def _few(name: str) -> str:
    return f"(attribute_not_exists({name}) OR size({name}) <= :{name}_room)"


def _lease(me: str, now: float) -> dict[str, Any]:
    return {":now": number(now), ":me": {"S": me}, ":until": number(now + LEASE_SECONDS)}


def _taken(
    item: dict[str, Any], holder: str, now: float, *, mine: bool = True, rests: bool = False, rang: int = 1
) -> Taken:
    kept, last = (float(item.get(name, {"N": "0"})["N"]) for name in ("looks", "looked_at"))
    looks = follows(kept, now - last)
    return Taken(
        mine=mine,
        holder=holder,
        memory=_memory(item),
        pause=rest(looks) if rests else 0,
        looks=looks,
        rang=rang,
        words=words(item),
        member=item.get("member_version", {}).get("S", ""),
        offered=item.get("offered", {}).get("S", ""),
        asks=tuple(told.read(line) for line in sorted(item.get("asked", {}).get("SS", ()))),
        remembered_at=outside_at(item),
        aside_at=item.get("words_at", {}).get("S", ""),
    )


def outside_at(item: dict[str, Any]) -> str:
    """The key on the shelf of an account's memory, '' where its item holds it.

    Release 0.1.0 writes a summary and leaves the key, whose memory is the older one then.
    """
    key: str = item.get("remembered_at", {}).get("S", "")
    return "" if "summary" in item else key


def _memory(item: dict[str, Any]) -> Memory:
    return remembered(item.get("summary", {}).get("S", ""))


def words(item: dict[str, Any]) -> tuple[Word, ...]:
    """What infra has said of the account, as its item keeps it."""
    found = (read(line) for line in sorted(item.get("words", {}).get("SS", ())))
    return tuple(word for word in found if word is not None)


def _lines(words: Sequence[Word]) -> dict[str, list[str]]:
    return {"SS": sorted({spelled(word) for word in words})}


def _told(asks: Sequence[Asks]) -> dict[str, list[str]]:
    return {"SS": sorted({told.spelled(one) for one in asks})}
