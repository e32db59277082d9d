"""Too many that leave at once: a mass of them is held, told, and let go by infra."""

from onramp.core.inventory import DELETION_LIMIT
from onramp.core.plan.ground import Ground, Part, refuse
from onramp.core.plan.leavers import Leaver
from onramp.core.text import counted

SHOWN = 3
"""Names of what leaves that a refusal spells out."""

MASS_SECONDS = 60
"""Leaving this much later than the quiet time is leaving apart: the looks that see a mass go are a quiet time apart."""


def too_many(ground: Ground, leavers: dict[str, Leaver]) -> frozenset[str]:
    """Those that leave together with more than the limit: a wrong deletion is an outage. Who leaves alone gets out.

    What has left the network already and is kept counts with those it left with, so that a mass does not get out a
    part at a time.
    """
    queue = sorted((leaver for leaver in leavers.values() if leaver.counts), key=lambda leaver: leaver.since)
    groups: list[list[Leaver]] = []
    for leaver in queue:
        apart = not groups or leaver.since - groups[-1][-1].since > ground.quiet_seconds + MASS_SECONDS
        groups = [*groups, [leaver]] if apart else [*groups[:-1], [*groups[-1], leaver]]
    return frozenset(
        leaver.key
        for group in groups
        if len(group) > ground.network.deletion_limit
        for leaver in group
        if leaver.on_network and leaver.since > ground.released
    )


def over_the_limit(ground: Ground, mass: frozenset[str]) -> Part:
    if not mass:
        return Part()
    shown = ", ".join(sorted(mass)[:SHOWN]) + (", ..." if len(mass) > SHOWN else "")
    left = counted(len(mass), "service or client", "services and clients")
    account, most = ground.observed.account, ground.network.deletion_limit
    message = (
        f"let them go with onramp release --account {account}, or raise DeletionLimit, if this is meant:"
        f" {left} ({shown}) left at once and the limit is {most}: nothing of them is deleted"
    )
    return refuse(DELETION_LIMIT, message, account)
