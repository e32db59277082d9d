"""`python -m tests.bench.memory`: measure the functions' CPU, and write what each memory would make of it.

CPU seconds are measured, on the machine that runs this; the share of a CPU that a memory has is Lambda's, and the rest
is computed from it.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import msgspec

from replay.story import ROOT
from tests.bench import cold, cost, replays
from tests.bench.recording import recorder

PAGE: Path = ROOT / "docs" / "memory.md"

A_CPU = 1769
"""MB at which Lambda gives a function one whole CPU, and in proportion below; Python has no use for a second one."""

SIZES = (128, 256, 384, 512, 768, 1024, 1769)

ONBOARDING = {"intake": 1, "plan": 3, "apply": 3, "report": 1}
SWEEP = {"intake": 1, "plan": 1, "report": 1}
"""Function -> invocations, of which the first is cold."""

ROOM = 1.25
"""Of what a process held at most, so that a larger account has its place."""


class Used(msgspec.Struct, frozen=True):
    """CPU milliseconds of one function: `start`, until it is imported; `first`, its first event after that; `again`,
    the same once more. `calls`: to AWS, of that event. `peak`: MB that its process held at most.
    """

    function: str
    calls: int
    start: int
    first: int
    again: int
    peak: int


def measured(repetitions: int = cold.REPETITIONS) -> list[Used]:
    with recorder() as heard:
        for _ in replays.there_and_back(heard.hear):
            pass
    return [
        Used(
            function=it.function,
            calls=it.calls,
            start=round(it.start * 1000),
            first=round((it.handler - it.start) * 1000),
            again=round(it.again * 1000),
            peak=round(it.memory),
        )
        for it in cold.cold_starts(heard.recordings, repetitions)
    ]


def seconds(used: list[Used], invocations: dict[str, int], megabytes: int, a_call: float) -> float:
    """Of all these invocations one after another: the start on a whole CPU, the rest on the memory's share of one."""
    share = min(megabytes / A_CPU, 1)
    total = 0.0
    for it in used:
        count = invocations.get(it.function, 0)
        if count:
            warm = it.again * (count - 1)
            total += it.start / 1000 + (it.first + warm) / 1000 / share + count * it.calls * a_call
    return total


def page(used: list[Used]) -> str:
    """The whole page."""
    known, chosen = cost.prices(), round(cost.stack().memory * 1024)
    a_call, least = known.assume("seconds_a_call"), max(it.peak for it in used) * ROOM
    rows = []
    for size in SIZES:
        told = [
            (duration, 1000 * known.usd(Counter({"gigabyte_second": duration * size / 1024})))
            for duration in (seconds(used, some, size, a_call) for some in (ONBOARDING, SWEEP))
        ]
        cells = [f"{duration:.1f} s | {usd:.3f}" for duration, usd in told] if size >= least else ["too little | "] * 2
        name = f"**{size:,} MB**" if size == chosen else f"{size:,} MB"
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return TEXT.format(
        measured="\n".join(
            f"| {it.function} | {it.calls} | {it.start} | {it.first} | {it.again} | {it.peak} |" for it in used
        ),
        curve="\n".join(rows),
        chosen=chosen,
        cpu=f"{A_CPU:,}",
        call=f"{a_call:g}",
        least=f"{least:.0f}",
    )


def read(text: str) -> list[Used]:
    """What a page says was measured."""
    found = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    return [msgspec.convert(dict(zip(Used.__struct_fields__, row, strict=True)), Used, strict=False) for row in found]


TEXT = """# Memory

<!-- Written by `make memory`; a test computes the second table from the first. -->

Why the functions have {chosen} MB (`MemorySize` in template.yaml). Lambda gives a function CPU by its memory, a whole
one at {cpu} MB, and asks for memory times time: more memory makes the part of an invocation shorter that computes, and
the part that waits for AWS dearer. While a function starts it has a whole CPU, whatever its memory.

## What was measured

CPU milliseconds of each function in a process of its own, from the layer as it is built, its AWS answers canned;
medians. On another processor than Lambda's, so take the proportions, and not the figures, for granted.

| function | calls | start | first event | the same again | MB at most |
|---|---|---|---|---|---|
{measured}

## What follows for each memory

Computed: seconds of all invocations of an onboarding (eight, four of them cold) and of a sweep (three, all cold), one
after another, with {call} s for each call to AWS, and what a thousand of them cost in USD for Lambda's time alone.
Below {least} MB there is no room: a quarter more than a process held.

| memory | an onboarding takes | a thousand cost | a sweep takes | a thousand cost |
|---|---|---|---|---|
{curve}

An onboarding waits for Lattice for most of a minute besides, and pays ten times as much for its transitions
([cost.md](cost.md)), so that neither column decides much. What is not in it does: TLS with each service's endpoint,
which is the processor's work, too, and a large account's look, which reads sixteen things at a time. So the choice is
above what the table alone would take, and where twice as much would save a fifth of a second.
"""


def main() -> None:
    used = measured()
    PAGE.write_text(page(used), encoding="utf-8")
    sys.stdout.write(page(used))


if __name__ == "__main__":
    main()
