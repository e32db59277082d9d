"""`python -m tests.bench`: measure everything in one run; tables for people, or one JSON document."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import msgspec
from rich.console import Console

from tests.bench import cold, package, replays, scale, tables
from tests.bench.recording import recorder


class Bench(msgspec.Struct, frozen=True):
    """All that was measured. `over` are the limits that are broken, in words."""

    replays: list[replays.Measured]
    cold_starts: list[cold.ColdStart]
    scales: list[scale.Scale]
    status: scale.Status
    package: package.Package
    over: list[str]


def measure(repetitions: int, say: Callable[[str], None]) -> Bench:
    say("playing the stories")
    with recorder() as heard:
        counted = replays.replays(heard.hear)
    say("starting each handler cold, and beside it its bare clients")
    started = cold.cold_starts(heard.recordings, repetitions)
    say("filling the local cloud with 10, 100 and 1,000 services")
    scaled = scale.scales()
    say("reading the table of a fleet")
    told = scale.status()
    say("building the package twice")
    built = package.package(heard.recordings)
    over = [*(text for it in counted for text in it.over), *built.over]
    return Bench(replays=counted, cold_starts=started, scales=scaled, status=told, package=built, over=over)


def main() -> int:
    """1 when a limit is broken."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one document instead of tables")
    parser.add_argument("--repetitions", type=int, default=cold.REPETITIONS, help="cold starts of each kind")
    parser.add_argument("--calls", action="store_true", help="nothing but each state and call, in order")
    parser.add_argument(
        "--huge",
        action="store_true",
        help="nothing but an account of 1,000 services, whose counts are kept for the page; takes minutes",
    )
    given = parser.parse_args()
    if given.huge:
        found = []
        for it in replays.grown(replays.HUGE):
            sys.stderr.write(f"{it.what}: {it.calls} calls\n")  # minutes lie between them
            found.append(it)
        tables.counts(_console(), found)
        replays.keep(found)
        return 1 if any(it.over for it in found) else 0
    if given.calls:
        for it in replays.replays():
            heading = f"{it.what}: {it.calls} calls, {it.transitions} transitions, {it.invocations} invocations"
            sys.stdout.write("\n".join((heading, *it.log, "")) + "\n")
        return 0
    working = Console(stderr=True)
    with working.status("measuring") as status:
        found = measure(given.repetitions, lambda what: status.update(what))
    if given.json:
        document: Any = msgspec.to_builtins(found)
        document["measured"] = {"cold_starts": cold.MEASURED, "scales": scale.MEASURED, "status": scale.STATUS_MEASURED}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    else:
        tables.show(_console(), found.replays, found.cold_starts, found.scales, found.status, found.package, found.over)
    return 1 if found.over else 0


def _console() -> Console:
    """As wide as the terminal; wide enough for the names of operations where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=150)


if __name__ == "__main__":
    sys.exit(main())
