"""What a trigger costs in calls, beside what must be called whoever does it, and what a peer needs."""

import msgspec

from localcloud.door.call import is_mutating
from replay.story import ROOT
from tests.bench.replays import Measured, Waited, kept

PAGE = ROOT / "docs" / "performance.md"


class Count(msgspec.Struct, frozen=True):
    calls: int
    transitions: int
    invocations: int


LEAVES = ("one service leaves", "one client VPC leaves")
SAME = "nothing changes: the same tag event again"

ALONE = {
    "dynamodb:UpdateItem": "that one run at a time has the account; and at the end what stands, which lets it go",
    "stepfunctions:StartExecution": "begins the run",
    "sts:AssumeRole": "an hour has passed, and a role that another one assumed holds no longer",
    "resourcegroupstaggingapi:GetResources": "all that bears our mark, whoever remembers it: one call for all things;"
    " and what its owner takes back",
    "elbv2:DescribeLoadBalancers": "which there are, with state, scheme and VPC",
    "elbv2:DescribeTags": "what they ask for: an event that was lost is made up for here",
    "elbv2:DescribeListeners": "whether they listen where requests are sent",
    "ec2:DescribeVpcs": "which VPCs ask, or bear an answer of ours",
    "vpc-lattice:ListServiceNetworkServiceAssociations": "whether the service is on the network, and under which name",
    "vpc-lattice:ListTargets": "whether the load balancer is in the group, and nobody else",
    "vpc-lattice:GetListener": "where the service sends requests: no list says so",
    "ec2:DescribeSecurityGroups": "whether the load balancer admits Lattice: no event says that it changed",
    "elbv2:DescribeTargetHealth": "whether anybody answers behind it: no event says so either",
    "vpc-lattice:GetService": "whether a hand changed who may call; once in `HandsHours`",
    "vpc-lattice:ListRules": "whether a hand put a rule before what we forward; once in `HandsHours`",
}
"""Operation of the costliest sweep -> for what nothing else would do."""

PEER = {"joins": Count(69, 43, 20), "nothing changes": Count(42, 26, 14)}
"""A comparable orchestrator, counted independently: one service joins, and a look that finds nothing to do."""

LOOKS_ONCE = (3, 3)
"""Look, choice, report; intake, plan, report: no run that looks and says what it saw has less."""

LOOKS_TWICE = (8, 6)
"""Look, choice, act, wait, look, choice, answer, report; intake, two looks, acting, answering, report. What Lattice
does takes time, so that whoever tells that it is done looks twice.
"""

ANSWERS = frozenset({"elbv2:AddTags", "elbv2:RemoveTags", "ec2:CreateTags", "ec2:DeleteTags"})
"""Calls that put an answer; where none differs from the last, that state and its invocation are not needed."""


def least(it: Measured) -> Count:
    """What nobody does without: each change, the books of the run, and each question asked once."""
    asked = sum(not is_mutating(name.partition(":")[2]) for name in it.by_operation)
    transitions, invocations = LOOKS_TWICE if it.changing else LOOKS_ONCE
    if it.changing and ANSWERS.isdisjoint(it.by_operation):
        transitions, invocations = transitions - 1, invocations - 1
    return Count(it.changing + it.bookkeeping + asked, transitions, invocations)


def page(measured: list[Measured], waited: list[Waited]) -> str:
    """The whole page."""
    ran, noise = [it for it in measured if it.runs], [it for it in measured if not it.runs]
    ran += kept()
    told = [it for it in measured if "joins" in it.what or it.what in LEAVES]
    names = {name for it in told for name in it.by_operation}
    [swept] = [it for it in measured if "a sweep" in it.what]
    parts = [HEAD]
    for name in Count.__struct_fields__:
        parts += [f"## {name.capitalize()}\n", _table((*COLUMNS,), [_row(it, name) for it in ran]), ""]
    parts += [
        NOISE.format(calls=sum(it.calls for it in noise), invocations=sum(it.invocations for it in noise)),
        _table(
            ("trigger", "reads", "changes", "books", "looks", "answered with an error"),
            [(it.what, it.reading, it.changing, it.bookkeeping, it.rounds, it.failed_calls) for it in ran],
        ),
        WAVES,
        _table(
            ("trigger", "calls", "in a row", "held to"),
            [(it.what, it.calls, f"{it.in_a_row:.3f}", it.limits.in_a_row or "") for it in ran if it.in_a_row],
        ),
        CALLS,
        _table(
            ("operation", *(it.what for it in told)),
            [(f"`{name}`", *(it.by_operation.get(name, "") for it in told)) for name in sorted(names)],
        ),
        SWEEP.format(calls=swept.calls, more=swept.calls - next(it for it in measured if it.what == SAME).calls),
        _table(
            ("operation", "calls", "what it alone tells or does"),
            [(f"`{name}`", swept.by_operation[name], why) for name, why in ALONE.items()],
        ),
        WAITS,
        _table(
            (
                "Lattice's own time",
                "services before",
                "told after",
                "ratio",
                "held to",
                "transitions",
                "at least",
                "held to",
                "calls",
                "at least",
            ),
            [
                (
                    f"{it.service:g} s + {it.association:g} s",
                    it.earlier,
                    f"{it.told:.0f} s",
                    f"{it.ratio:.2f}",
                    it.ratio_at_most or "",
                    it.transitions,
                    least(it.run).transitions,
                    it.transitions_at_most or "",
                    it.run.calls,
                    least(it.run).calls,
                )
                for it in waited
            ],
        ),
        FOOT,
    ]
    return "\n".join(parts)


COLUMNS = ("trigger", "measured", "at least", "held to", "peer")


def _row(it: Measured, name: str) -> tuple[object, ...]:
    peer = next(
        (
            count
            for what, count in PEER.items()
            if what in it.what and "client" not in it.what and "services" not in it.what
        ),
        None,
    )
    limit = getattr(it.limits, name)
    return (
        it.what,
        getattr(it, name),
        getattr(least(it), name),
        "" if limit is None else limit,
        getattr(peer, name) if peer else "",
    )


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join((lines[0], "|---" * len(head) + "|", *lines[1:]))


HEAD = """# Performance

<!-- Written by `make pages` from the counts of `make bench`; a test holds it to that. -->

What one trigger costs, counted on the local cloud by playing the stories: calls to AWS, state transitions, invocations.
Associations take the time there that they were seen to take on AWS, so the looks while they are waited for are in it.

*At least* is what nobody does without who observes, acts and tells: each change and the books of one run (lease, start,
report, announcements) as they are, each question to AWS asked once, and one wait. *Held to* is the limit that a test
keeps. *Peer* is a comparable orchestrator, as an independent count found it: one service joins, and a look that finds
nothing to do. An account of 1,000 services is counted by `make bench HUGE=1` alone, last for this page.
"""

NOISE = """
An event that concerns nobody costs {calls} calls and {invocations} invocations: the rules leave it where
it is.

## What the calls are

Reads; changes of what customers or the network own; and the automation's own books.
"""

WAVES = """
## What is read at the same time

A look reads what there is many of sixteen at a time. Which part of its calls lies in a row then, each taken to be as
long as any other: it takes that part of the time that it would take call by call. A call that AWS throttles is made
again by itself.
"""

CALLS = """
## Joining and leaving, call by call
"""

SWEEP = """
## A sweep in which nothing changed, call by call

The costliest sweep of an account with one service makes {calls} calls, {more} more than the same tag's event again.
Each tells or does what no other does.
"""

WAITS = """
## How long one waits

In an organisation, from the first look of a run to `Service Connected`, beside what Lattice takes to make the service
and then its association. The first look after a step comes when most are done, 31 s and 21 s after it. Where something
is not there then, the function that looked waits by itself, in looks 5 s apart that cost a call or two each and no
transition, as a wait of the machine would: for a service until 61 s after it was begun, for an association until 41 s.
After that the machine waits: 91 s after a service was begun, 61 s after an association, and then 30 s apart.

A function does so for a run that begins three services at most, and one sandbox of the function once in ten minutes: of
a crowd on ten of Lambda's places ten runs are waited for so. The others look 61 s and 91 s after a service was begun
and then 30 s apart, and where it was not there after 31 s, at its association after 61 s: what takes between 31 and
60 s is told up to half a minute late there, and its association, if that is quick all the same, 40 s.

Where a function waits by itself and the account does not know how quick Lattice is, it finds that out: its first look
comes after 11 s, and where the service is not there then, it waits for the other 20 s. Each account remembers what was
enough: where a first look found it done twice in a row the next one comes earlier, 11 s and 7 s after the step, and if
that is too early it costs one look, once in twenty times.
"""

FOOT = """
`make bench` prints these with cold starts and how the local cloud behaves with 1,000 services; `make bench CALLS=1`
prints each call in order; `make bench HUGE=1` counts an account of 1,000 services, and takes minutes. Times of machines
are told there and stand nowhere. [cost.md](cost.md) has what the counts cost,
[memory.md](memory.md) what each memory of the functions would.
"""
