"""The week in one mail: who joined, who left, what is refused, unreachable or waits, which accounts are not well."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from onramp.core.approval import waiting
from onramp.core.fleet import Kept, fleet
from onramp.core.language import Language, labelled, of_code, told
from onramp.core.steps import ClientState, Memory, ServiceState
from onramp.core.text import counted, mailed
from onramp.core.watch import LINE_LENGTH, LINES_AT_MOST, Entry, Mail


class Joined(NamedTuple):
    """`names`: what was joined in the account at its last digest; None before its first."""

    account: str
    names: frozenset[str] | None


_OFF = frozenset({"connecting", "waiting", "refused", "kept"})
"""States in which a thing is not on the network."""


def joined(memory: Memory) -> frozenset[str]:
    """What of an account is on the network, whether or not it answers."""
    services = {f"service {it.name}" for it in memory.services if _is_on(it)}
    return frozenset(services | {f"client {it.vpc}" for it in memory.clients if _is_on(it)})


def _is_on(it: ServiceState | ClientState) -> bool:
    """What infra keeps out is held, and was let go; what a limit or a policy holds is not."""
    return it.status not in _OFF and not it.message.startswith("kept-out: ")


def digest(
    network: str,
    kept: Sequence[Kept],
    before: Iterable[Joined],
    now: float,
    language: Language = "en",
    gone: Sequence[Entry] = (),
) -> Mail:
    """Where no account was told of yet, all is there, and nobody has joined; a new account's all has joined. `gone`:
    who is forgotten from now on.
    """
    then = {it.account: it.names for it in before}
    first = all(names is None for names in then.values())
    whole = fleet(network, kept, now)
    out = {entry.account for entry in gone}
    came, went = [], []
    for item in kept:
        account = item.entry.account
        is_, was = joined(item.memory), then.get(account) or frozenset()
        came += [] if first else [_named(name, account, language) for name in sorted(is_ - was)]
        went += [_named(name, account, language) for name in sorted(was - is_)]
    things = [(it.name, it.account, it.status, it.message) for it in whole.services]
    things += [(it.vpc, it.account, it.status, it.message) for it in whole.clients]
    ails = [
        f"{name} ({account}): {status}: {told(message, language)}"
        for name, account, status, message in things
        if status in ("unreachable", "failed")
    ]
    others = [
        f"{name} ({account}): {told(message, language)}"
        for name, account, status, message in things
        if status == "waiting" and not message.startswith("approval ")
    ]
    waits = [
        f"{id_}: {'; '.join(told(one, language) for one in it.what)}"
        for item in kept
        for id_, it in waiting(item.memory.approvals).items()
    ]
    parts = (
        ("Joined", came),
        ("Left", went),
        (
            "Refused",
            [
                f"{it.resource} ({it.account}): {it.code}: {of_code(it.code, it.message, language)}"
                for it in whole.refusals
            ],
        ),
        ("Unreachable or failed", ails),
        ("Waiting for approval", waits),
        ("Waiting for somebody else", others),
        ("Held", [f"{it.account}/{it.name}" if it.name else it.account for it in whole.held]),
        (
            "Accounts that are not well",
            [
                f"{it.account}: {told(it.message, language)}"
                for it in whole.accounts
                if it.message and it.account not in out
            ],
        ),
        ("Forgotten: they send nothing and have nothing here", sorted(out)),
    )
    services, clients = counted(len(whole.services), "service"), counted(len(whole.clients), "client")
    head = f"Network {network}: {services}, {clients}, {counted(len(kept), 'account')}."
    lines = [told(head, language)]
    for title, listed in parts:
        if listed:
            lines += ["", told(f"{title} ({len(listed)}):", language), *(f"- {it}" for it in listed)]
    if len(lines) == 1:
        lines += ["", told("Nobody joined or left, and nothing is refused or unreachable.", language)]
    shown = [mailed(line, LINE_LENGTH) for line in lines[:LINES_AT_MOST]]
    left = len(lines) - len(shown)
    text = "\n".join([*shown, told(f"... and {left} more lines: onramp status has all", language)] if left else shown)
    return Mail(f"Lattice Onramp {network}: the week"[:99], text)


def _named(what: str, account: str, language: Language) -> str:
    """`what` as the table keeps it: its kind, and its name."""
    kind, name = what.split(" ", 1)
    return f"{labelled(kind, language)} {name} ({account})"
