"""docs/scale.md, written from what simulations found and from the quotas."""

from collections.abc import Iterable, Sequence

from replay.story import ROOT
from tests.simulation.fleet import ASSOCIATION, CALL, INVOCATION, STEP, Came
from tests.simulation.limits import Count, Limits, Quotas, exceeded

PAGE = ROOT / "docs" / "scale.md"


def page(found: Sequence[Came], known: Quotas, own: Limits) -> str:
    """The whole page, for the largest fleet that was played."""
    largest = max(found, key=lambda it: it.scene.accounts).scene
    return "\n".join(
        (
            HEAD.format(
                accounts=f"{largest.accounts:,}",
                services=f"{largest.accounts * largest.services:,}",
                first=_first(found, known, own, largest.services),
            ),
            quotas_table(known, largest.services),
            RATES,
            rates_table(known, found),
            STORM.format(services=largest.services),
            scenes_table([it for it in found if it.scene.kind == "storm"], own),
            REST,
            scenes_table([it for it in found if it.scene.kind == "rest"], own),
            FOOT.format(
                invocation=f"{INVOCATION:g}",
                step=f"{STEP:g}",
                call=f"{CALL:g}",
                association=f"{ASSOCIATION:g}",
                batch=own.batch,
                window=own.window,
                pollers=own.pollers,
                date=known.date,
            ),
        )
    )


def _first(found: Sequence[Came], known: Quotas, own: Limits, services: int) -> str:
    """Of what breaks: the count that binds at the smallest fleet, and the smallest scene that people hear of."""
    least = min(known.count.values(), key=lambda one: _accounts(one, services) or float("inf"))
    lines = [f"* At {_accounts(least, services)} accounts: {least.of}, {least.most:,} by default. To do: {least.do}."]
    for concurrency in sorted({it.scene.concurrency for it in found}):
        scenes = [it for it in found if it.scene.concurrency == concurrency and it.broken(own)]
        worst = min(scenes, key=lambda it: it.scene.accounts, default=None)
        where = f"With {concurrency:,} of Lambda's concurrent executions"
        if worst is None:
            lines.append(f"* {where} nothing that was played sets off an alarm, loses an event or fails a run.")
        else:
            what = ", ".join(worst.broken(own))
            lines.append(f"* {where}, from {worst.scene.accounts:,} accounts in a {worst.scene.kind}: {what}.")
    return "\n".join(lines)


def _accounts(one: Count, services: int) -> int | None:
    """From how many accounts on it binds; None where the number of accounts does not matter."""
    if one.counts == "services_an_account":
        return None
    return one.most // (services if one.counts == "services" else 1) + 1


def quotas_table(known: Quotas, services: int) -> str:
    rows = []
    for one in sorted(known.count.values(), key=lambda one: (_accounts(one, services) or 10**9, one.of)):
        at = _accounts(one, services)
        where = f"{at:,} accounts" if at else f"{one.most + 1:,} services of one account"
        rows.append((one.of, f"{one.most:,}", one.code or "none", where, one.then, one.do))
    return _table(("quota", "default", "code", "binds from", "then", "what to do"), rows)


def rates_table(known: Quotas, found: Sequence[Came]) -> str:
    rows = []
    for name, rate in known.rate.items():
        if name == "concurrency":  # a number of places: the tables below have it
            continue
        most = max(found, key=lambda it: it.waited.get(name, 0))
        waited, scene = most.waited.get(name, 0), most.scene
        where = f"{waited:,} times, in the {scene.kind} of {scene.accounts:,} accounts" if waited else "never"
        rows.append((rate.of, f"{rate.rate:,.0f} a second, {rate.burst:,.0f} at once", where))
    return _table(("quota", "default", "somebody waited for it"), rows)


def scenes_table(found: Iterable[Came], own: Limits) -> str:
    head = ("accounts", "concurrency", "connected", "half within", "95 in 100 within", "all within", "runs", "failed")
    rows = [
        (
            f"{it.scene.accounts:,}",
            f"{it.scene.concurrency:,}",
            f"{it.connected:,} of {it.asked:,}" if it.asked else "",
            *(f"{seconds:.0f} s" if it.asked else "" for seconds in it.took),
            f"{it.runs:,}",
            it.failed,
            f"{it.busiest:,}",
            f"{it.oldest:.0f} s",
            f"{it.waited.get('concurrency', 0):,}",
            ", ".join(it.broken(own)) or "nothing",
        )
        for it in found
    ]
    if not any(row[2] for row in rows):
        return _table((*head[:2], *head[6:], *_TAIL), [(*row[:2], *row[6:]) for row in rows])
    return _table((*head, *_TAIL), rows)


_TAIL = ("functions at once", "oldest message", "throttles", "people hear of")


def shortfalls(known: Quotas, accounts: int, services: int) -> list[str]:
    """What AWS has to raise for a fleet of that size, in words."""
    return [f"{one.of}: {one.most:,}, {one.do}" for one in exceeded(known, accounts, services)]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join((lines[0], "|---" * len(head) + "|", *lines[1:]))


HEAD = """# Scale

<!-- Written by `make simulate`; a test plays a smaller fleet, and holds the quotas to tests/simulation/quotas.toml. -->

How far it goes, and what breaks first. A simulation plays up to {accounts} accounts and {services} services: every
plan is the product's own core's, the limits are those of the templates, and AWS is a model on paper (below). It says
where it tightens, not how many milliseconds AWS takes; nobody has run a fleet of this size yet.

## What breaks first

{first}

One thing that meets a quota is told on its tag and never holds up another ([limits.md](limits.md)).

## Quotas that count
"""

RATES = """
## Quotas that are rates

Who finds a rate used up waits and comes again; nothing is lost by that.
"""

STORM = """
## A storm: everybody tags within one minute

{services} load balancers in each account. Seconds are from a service's tag to the report that tells its domain. What
came to the dead letters is alarmed, and looked at by its account's next sweep, which these two hours do without.
"""

REST = """
## At rest: sweeps that all begin in the same hour

Two hours of sweeps, all accounts' schedules begun at once, spread only by their flexible window.
"""

FOOT = """
## What was assumed

A function takes {invocation} s, and {step} s more for each step that it does; Lattice takes {association} s for what it
begins. The intake takes up to {batch} messages that came within {window} s, {pollers} batches at a time, and needs
{call} s for each call. A state that finds no place in Lambda comes again as its `Retry` says; a batch is tried
until its visibility ends, and received again then. Quotas are AWS's defaults as of {date}, for a region outside the
three largest: **check them before you rely on them**. Lattice's own rates are not published, so none is in it.
`make simulate` plays it anew.
"""
