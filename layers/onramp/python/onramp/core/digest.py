"""The week in one mail: who joined, who left, what is refused, unreachable or waits, which accounts are not well."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from onramp.core import denials
from onramp.core.approval import waiting
from onramp.core.fleet import Fleet, Kept, RefusalSeen, fleet
from onramp.core.inventory import DELETION_LIMIT, ClientState, ServiceState
from onramp.core.language import Language, labelled, of_code, told
from onramp.core.run import Memory
from onramp.core.text import counted, mailed
from onramp.core.watch import ABSENT, LINE_LENGTH, LINES_AT_MOST, Entry, Mail


class Joined(NamedTuple):
    """`names`: what was joined in the account at its last digest; None before its first."""

    account: str
    names: frozenset[str] | None


_WHERE_IT_WAS = frozenset({"connecting", "waiting", "refused", "failed"})
"""States in which a thing is on the network if it was before: what is joined stays joined in them."""


def joined(memory: Memory, before: frozenset[str] = frozenset()) -> frozenset[str]:
    """What of an account is on the network, whether or not it answers. `before`: the same a week ago."""
    found = [(f"service {it.name}", it) for it in memory.services] + [(f"client {it.vpc}", it) for it in memory.clients]
    return frozenset(name for name, it in found if _is_on(it, was_on=name in before))


def _is_on(it: ServiceState | ClientState, *, was_on: bool) -> bool:
    """What infra keeps out is held, and was let go; what a limit or a policy holds is not."""
    if it.answers:
        return True
    if it.status in _WHERE_IT_WAS:
        return was_on and bool(it.arn)
    return it.status != "kept" and not it.message.startswith("kept-out: ")


def digest(
    network: str,
    kept: Sequence[Kept],
    before: Iterable[Joined],
    now: float,
    language: Language = "en",
    gone: Sequence[Entry] = (),
) -> Mail:
    """Where no account was told of yet, all is there, and nobody has joined; a new account's all has joined. `gone`:
    who is forgotten from now on. Whatever is wrong is told once, where its remedy is.
    """
    then = {it.account: it.names for it in before}
    first = all(names is None for names in then.values())
    whole = fleet(network, kept, now)
    out = {entry.account for entry in gone}
    came: list[str] = []
    went: list[str] = []
    there: list[str] = []
    for item in kept:
        account = item.entry.account
        was = then.get(account) or frozenset()
        is_ = joined(item.memory, was)
        there += is_
        came += [] if first else [_named(name, account, language) for name in sorted(is_ - was)]
        went += [_named(name, account, language) for name in sorted(was - is_)]
    waits = [
        f"{id_}: {'; '.join(told(one, language) for one in it.what)}"
        for item in kept
        for id_, it in waiting(item.memory.approvals).items()
    ]
    states: list[ServiceState | ClientState] = [*whole.services, *whole.clients]
    others = [it for it in states if it.status == "waiting" and not it.message.startswith("approval ")]
    accounts = _of_accounts(whole, out, language)
    parts = (
        ("Joined", came),
        ("Left", went),
        ("Refused", [_refused(it, language) for it in whole.refusals if _place(it) == "refused"]),
        ("Unreachable or failed", _ailing(whole, states, language)),
        ("Waiting for approval, by onramp approve ID or onramp reject ID", waits),
        ("Waiting for somebody else", [f"{_name(it)}: {told(it.message, language)}" for it in others]),
        ("Held", _held(whole, language)),
        ("Accounts that are not well", accounts),
        ("Forgotten: they send nothing and have nothing here", sorted(out)),
    )
    services, clients = (sum(name.startswith(f"{kind} ") for name in there) for kind in ("service", "client"))
    head = f"{counted(services, 'service')}, {counted(clients, 'client')}, {counted(len(kept), 'account')}"
    lines = [told(f"Network {network}: {head}.", language)]
    for title, listed in parts:
        if listed:
            # Of an account there may be two lines.
            number = len({it.partition(":")[0] for it in listed} if listed is accounts else listed)
            lines += ["", told(f"{title} ({number}):", language), *(f"- {it}" for it in listed)]
    if len(lines) == 1:
        lines += ["", told("Nobody joined or left, and nothing is refused or unreachable.", language)]
    shown = [mailed(line, LINE_LENGTH) for line in lines[:LINES_AT_MOST]]
    left = len(lines) - len(shown)
    text = "\n".join([*shown, told(f"... and {left} more lines: onramp status has all", language)] if left else shown)
    return Mail(f"Lattice Onramp {network}: the week"[:99], text)


def _place(it: RefusalSeen) -> Literal["held", "account", "step", "refused"]:
    """Where the week tells it: what keeps something from leaving, or is a whole account's, refuses no wish."""
    if it.code in (DELETION_LIMIT, "kept-by-policy"):
        return "held"
    if it.resource == it.account:
        return "account"
    return "step" if it.code in denials.OF_STEPS else "refused"


def _refused(it: RefusalSeen, language: Language) -> str:
    whose = it.resource if it.resource == it.account else f"{it.resource} ({it.account})"
    return f"{whose}: {it.code}: {of_code(it.code, it.message, language)}"


def _ailing(whole: Fleet, states: Sequence[ServiceState | ClientState], language: Language) -> list[str]:
    """What is joined and answers nothing, what failed, and failed steps of which no service or client says so."""
    ails = [it for it in states if it.status in ("unreachable", "failed")]
    steps = [
        it
        for it in whole.refusals
        if _place(it) == "step" and not any(it.account == one.account and it.message in one.message for one in ails)
    ]
    said = [f"{_name(it)}: {it.status}: {told(it.message, language)}" for it in ails]
    return said + [_refused(it, language) for it in steps]


def _held(whole: Fleet, language: Language) -> list[str]:
    holds = [f"{it.account}/{it.name}" if it.name else it.account for it in whole.held]
    said = [f"{it}: {told(f'infra holds it, onramp unhold {it} takes that back', language)}" for it in holds]
    return said + [_refused(it, language) for it in whole.refusals if _place(it) == "held"]


def _of_accounts(whole: Fleet, out: Collection[str], language: Language) -> list[str]:
    """What is wrong with whole accounts: what the watch finds, and with who is blind what its runs met. `out`: who is
    forgotten. Who was never heard has no role either, and one remedy for both.
    """
    said = []
    for one in whole.accounts:
        if one.account in out:
            continue
        said += [f"{one.account}: {told(one.message, language)}"] if one.message else []
        if one.state != ABSENT:
            mine = [it for it in whole.refusals if it.account == one.account and _place(it) == "account"]
            said += [_refused(it, language) for it in mine]
    return said


def _name(it: ServiceState | ClientState) -> str:
    return f"{it.name if isinstance(it, ServiceState) else it.vpc} ({it.account})"


def _named(what: str, account: str, language: Language) -> str:
    """`what` as the table keeps it: its kind, and its name."""
    kind, name = what.split(" ", 1)
    return f"{labelled(kind, language)} {name} ({account})"
