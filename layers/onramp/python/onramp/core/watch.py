"""Over all accounts: who is owed a look that no event will bring, who went silent, and what people have to be told."""

from typing import NamedTuple

from msgspec.structs import replace

from onramp.core import versions
from onramp.core.denials import STACK_DIFFERS
from onramp.core.language import Language, told
from onramp.core.model import Value
from onramp.core.text import counted, mailed

SILENT_AFTER = 3 * 3600
"""Seconds: a member's schedule rings every hour, within a window of minutes. Three in a row are no accident."""

BLIND_AFTER = 2 * 3600
"""Seconds for which runs cannot look at an account before that is no passing thing; its refusal was told at once."""

OWED_AFTER = 120
"""Seconds that a ring is given to become a run by itself."""

HELD_LONG = 300
"""Seconds after which it is asked whether the run that holds an account still lives."""

FORGOTTEN_AFTER = 30 * 86_400
"""Seconds without an event after which an account that has nothing on the network is forgotten, as a closed one."""

LINES_AT_MOST, LINE_LENGTH = 200, 400
"""Of a mail: SNS takes 256 KiB, in UTF-8 (its quotas)."""

SILENT = "account-silent"
ABSENT = "account-absent"
NOT_LISTED = "account-not-listed"
BLIND = "account-blind"
VERSION = "account-version"
METRICS = {
    SILENT: "SilentAccounts",
    ABSENT: "AbsentAccounts",
    NOT_LISTED: "UnlistedAccounts",
    BLIND: "BlindAccounts",
    VERSION: "UnfitAccounts",
    STACK_DIFFERS: "UnfitAccounts",
}
"""How many accounts there are of each kind, whenever one looks."""


class Entry(Value, frozen=True):
    """What the table holds of an account; times are epoch seconds, 0.0 never.

    `given_at`: when something came that no run has taken with it. `listed_at`: since when it is on the list without
    having rung, or again. `told`: the code that people were told of it.
    `offers`: what its services are to clients, `offered`: what it was told that all are, as core/offers spells it.
    `member_version`: of its member stack, '' unknown. `member_prefix`: its TagPrefix, '' unknown or the network's.
    `notices`: texts for people that wait to be sent, each with the time from which it waits. `unsaid`: how many more
    there were. `ends`: since when it is forgotten.
    """

    account: str
    rung_at: float = 0.0
    heard_at: float = 0.0
    looked_at: float = 0.0
    given_at: float = 0.0
    listed_at: float = 0.0
    blind_since: float = 0.0
    holder: str = ""
    taken_at: float = 0.0
    failed: int = 0
    told: str = ""
    offers: str = ""
    offered: str = ""
    member_version: str = ""
    member_prefix: str = ""
    notices: tuple[tuple[float, str], ...] = ()
    unsaid: int = 0
    ends: float = 0.0


def forgotten(entry: Entry, listed: frozenset[str], now: float, *, holds: bool) -> bool:
    """Nothing is left to say of it: it is not expected, sends nothing, and `holds` nothing here. Its next event makes
    it known anew; what infra rings for it does not keep it.
    """
    if entry.holder or entry.ends or entry.account in listed:
        return False
    heard = _heard(entry)
    return not holds and (not heard or now - heard >= FORGOTTEN_AFTER)


def unnoted(entry: Entry) -> bool:
    """Is it as release 0.1.0 left it? That notes when it was rung, which only the account itself did then."""
    noted = (entry.heard_at, entry.looked_at, entry.given_at, entry.listed_at)
    return bool(entry.rung_at) and not (any(noted) or entry.holder or entry.ends)


def unexpected(entries: tuple[Entry, ...], listed: frozenset[str]) -> frozenset[str]:
    """Who is on the list, and is not known to be: never rang, or was off it until now."""
    known = (one for one in entries if (one.heard_at or one.listed_at or unnoted(one)) and not one.ends)
    return listed - {one.account for one in known if not _is_back(one)}


def _heard(entry: Entry) -> float:
    return entry.heard_at or (0.0 if entry.listed_at else entry.rung_at)


def _is_back(entry: Entry) -> bool:
    """Of one that is on the list: it was told that it is not."""
    return entry.told == NOT_LISTED


class Finding(Value, frozen=True):
    """`code` is what is wrong with the account now, '' when it is well again; `before` what was told last."""

    account: str
    message: str
    code: str = ""
    before: str = ""


def held_long(entries: tuple[Entry, ...], now: float) -> tuple[Entry, ...]:
    """Those whose run may have died without a word."""
    return tuple(entry for entry in entries if entry.holder and now - entry.taken_at >= HELD_LONG)


def owed(entries: tuple[Entry, ...], dead: frozenset[str], now: float, failed_at_most: int) -> dict[str, str]:
    """Account -> why it is owed a look that no event will bring. `dead`: runs that hold accounts and do not live.

    Where runs end badly one after another nothing is owed: the next ring or sweep begins anew.
    """
    found: dict[str, str] = {}
    for entry in entries:
        if entry.failed > failed_at_most:
            continue
        since = entry.rung_at if entry.rung_at > entry.looked_at else entry.given_at
        if entry.holder:
            if entry.holder in dead:
                found[entry.account] = f"execution {entry.holder} ended, and nobody told"
        elif since and now - since >= OWED_AFTER:
            found[entry.account] = "somebody rang, and no run has looked since"
    return found


def findings(
    network: str,
    entries: tuple[Entry, ...],
    listed: frozenset[str],
    now: float,
    version: str = "",
    *,
    named: bool = True,
) -> tuple[Finding, ...]:
    """What is wrong with each account, and what is well again; `listed` is empty where an organisation decides.
    `version`: of the network account's stack. `named`: by its id, as in a mail; else it is told beside that.
    """
    found: list[Finding] = []
    for entry in (one for one in entries if not one.ends):
        wrong = _wrong(network, entry, listed, now, version, entry.account if named else "it")
        if wrong is not None:
            found.append(replace(wrong, before=entry.told))
        elif entry.told:
            over = f"{entry.account} is well again ({entry.told} is over)"
            found.append(Finding(account=entry.account, message=over, before=entry.told))
    return tuple(sorted(found, key=lambda it: (it.code, it.account)))


def _wrong(network: str, entry: Entry, listed: frozenset[str], now: float, version: str, who: str) -> Finding | None:
    """The first of these that holds: what it needs is what brings the account back. `who`: as it is told of."""
    account = entry.account
    heard = _heard(entry)
    stays = "What is connected stays"
    if listed and account not in listed and heard:
        todo = "add it there and deploy, or delete its member stack"
        why = f"{who} has sent events and is not in MemberAccounts: {todo}. {stays}"
        return Finding(account=account, code=NOT_LISTED, message=f"{why} either way")
    if account in listed and not heard and entry.listed_at and now - entry.listed_at >= SILENT_AFTER:
        why = f"{who} is in MemberAccounts and has never sent an event: deploy member.yaml of {network} to it"
        return Finding(account=account, code=ABSENT, message=f"{why}, or take it off the list")
    # While it was off the list nothing of it was let in.
    if heard and not (listed and _is_back(entry)) and now - max(heard, entry.listed_at) >= SILENT_AFTER:
        hours = int((now - heard) // 3600)
        why = (
            f"{who} has sent no event for {hours} hours, and its schedule sends one every hour: put its member stack"
            f" back, switch its schedule onramp-{network}-sweep on, or have the bus admit it. {stays}"
        )
        return Finding(account=account, code=SILENT, message=f"{why}; what changes there is not seen")
    if heard and entry.blind_since and now - entry.blind_since >= BLIND_AFTER:
        hours = int((now - entry.blind_since) // 3600)
        why = (
            f"no run could look at {who} for {hours} hours, or not at all that it asks for: see its refusal, or what"
            f" keeps its role onramp-{network}-reader from reading. {stays}"
        )
        return Finding(account=account, code=BLIND, message=f"{why}; what is not read is not changed")
    if heard and entry.failed and entry.looked_at and now - entry.looked_at >= BLIND_AFTER:
        hours = int((now - entry.looked_at) // 3600)
        why = (
            f"no run of {who} has ended well for {hours} hours: see onramp status {account}, and onramp doctor. {stays}"
        )
        return Finding(account=account, code=BLIND, message=f"{why}; what changes there is not done")
    if heard and entry.member_prefix:
        why = (
            f"{who} has TagPrefix {entry.member_prefix} in its member stack, and the network's stack has another:"
            " update it with that one. Until then what teams tag there is seen by its sweeps alone"
        )
        return Finding(account=account, code=STACK_DIFFERS, message=f"{why}. {stays}")
    if heard and not versions.fit(version, entry.member_version):
        why = (
            f"{who} has member stack {entry.member_version}, and the network's is {version}: one minor version apart"
            f" fits, no more. Deploy member.yaml of {version} to it"
        )
        return Finding(account=account, code=VERSION, message=f"{why}. {stays}; what is new may fail there")
    return None


def counts(found: tuple[Finding, ...]) -> dict[str, int]:
    """Metric -> how many accounts, zeros included."""
    return {metric: sum(METRICS.get(it.code) == metric for it in found) for metric in METRICS.values()}


def news(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What has not been told before."""
    return tuple(it for it in found if it.code != it.before)


def announcement(network: str, found: Finding) -> tuple[str, dict[str, str]]:
    """(detail-type, detail) of the event that tells it."""
    detail = {
        "network": network,
        "account": found.account,
        "code": found.code,
        "before": found.before,
        "message": found.message,
    }
    return ("Account Needs Attention" if found.code else "Account Recovered"), detail


# --- mails


class Mail(NamedTuple):
    subject: str
    text: str


def due(entry: Entry, now: float, minutes: int) -> bool:
    """Is it time to send what was collected for the account? One mail in so many minutes."""
    return bool(entry.notices) and now - min(at for at, _ in entry.notices) >= 60 * minutes


def collected(network: str, entry: Entry, language: Language = "en") -> Mail:
    """One mail of all notices that wait for the account, the oldest first."""
    lines = [line for _, text in sorted(entry.notices) for line in (*text.splitlines(), "")]
    if entry.unsaid:
        lines.append(
            told(f"{entry.unsaid} more are not in this mail: see the log of onramp-{network}-report", language)
        )
    return Mail(f"Lattice Onramp {network}: account {entry.account} needs a look"[:99], _text(lines, language))


def summary(network: str, news: tuple[Finding, ...], language: Language = "en") -> Mail:
    """One mail of what is wrong with accounts, and well again. Subjects are ASCII by SNS's rule, and so in English."""
    accounts = counted(len(news), "account")
    lines = [f"- {it.code or 'account-well'}: {told(it.message, language)}" for it in news]
    text = _text([told(f"Network {network}:", language), "", *lines], language)
    return Mail(f"Lattice Onramp {network}: {accounts} to look after"[:99], text)


def _text(lines: list[str], language: Language) -> str:
    while lines and not lines[-1]:
        lines = lines[:-1]
    shown = [mailed(line, LINE_LENGTH) for line in lines[:LINES_AT_MOST]]
    left = len(lines) - len(shown)
    return "\n".join([*shown, told(f"... and {left} more lines", language)] if left else shown)
