"""`python -m tests.mutants`: change the code in small ways, run the tests that meet the change, and tell who survives.

mutmut says what changes there are (changes.py); they are tried in processes that have read all tests (trying.py).
What was found of the code as it stands is kept in `.mutants/`, so that a run that was stopped goes on where it was.
What survives and may is in survivors.toml, with its reason.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import tomllib
from pathlib import Path
from time import monotonic
from types import FrameType

import pytest

from tests.mutants import trying
from tests.mutants.changes import KEPT, ROOMS, ROOT, Change, alike, all_of, of_kind
from tests.mutants.trying import Met

KNOWN = Path(__file__).with_name("survivors.toml")
READ = (
    "layers/onramp/python/onramp",
    *("functions", "localcloud", "replay", "cli", "events", "docs", "template.yaml", "member.yaml", "uv.lock"),
    *("pyproject.toml", "tests/conftest.py", "tests/place.py", "tests/core", "tests/aws", "tests/functions"),
    *("tests/stories", "tests/mutants/trying.py"),
)
"""What decides what comes of a change."""

GOOD = (trying.NOTICED, trying.OUT_OF_TIME)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N changes a room, drawn by --seed; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", action="append", choices=list(ROOMS), help="only this room (may be given again)")
    parser.add_argument("--least", type=float, default=92.0, help="score of each room below which it fails")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="how many are tried at a time")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    rooms = asked.room or list(ROOMS)
    tell("which changes there are (kept for files that did not change) ...")
    drawn = draw(all_of(rooms, asked.children), rooms, asked.sample, asked.seed)
    verdicts = Verdicts()
    try:
        trying.collected(lambda items: play(items, drawn, verdicts, asked.children))
    except KeyboardInterrupt:
        tell(f"stopped: {len(verdicts.of(drawn))} of {len(drawn)} are tried; the same command goes on from here")
        return 130
    print(f"SAMPLE={asked.sample} SEED={asked.seed}: {len(drawn)} changes of {', '.join(rooms)}")  # noqa: T201
    return report(drawn, verdicts, rooms, asked.least, whole=not asked.sample and len(rooms) == len(ROOMS))


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - whoever waits is told how far it is


def _stop(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def draw(changes: list[Change], rooms: list[str], sample: int, seed: int) -> list[Change]:
    drawn: list[Change] = []
    for room in rooms:
        those = list({one.name: one for one in changes if one.room == room}.values())
        chance = random.Random(f"{seed} {room}")  # noqa: S311 - a draw that can be repeated
        drawn += chance.sample(those, min(sample, len(those))) if sample else those
    return drawn


def as_it_stands() -> str:
    """A digest of all that decides."""
    digest = hashlib.sha256()
    for name in READ:
        top = ROOT / name
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


class Verdicts:
    """What came of each change, on disk as soon as it is known."""

    def __init__(self) -> None:
        self.home = KEPT / as_it_stands()
        self.home.mkdir(parents=True, exist_ok=True)
        self._file = self.home / "verdicts"
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        self._of = dict(line.split("\t", 1) for line in lines if line.count("\t") == 1)

    def add(self, change: Change, verdict: str) -> None:
        self._of[change.name] = verdict
        with self._file.open("a") as file:
            file.write(f"{change.name}\t{verdict}\n")

    def of(self, changes: list[Change]) -> dict[Change, str]:
        return {one: self._of[one.name] for one in changes if one.name in self._of}


def play(items: list[pytest.Item], drawn: list[Change], verdicts: Verdicts, children: int) -> None:
    before = verdicts.of(drawn)
    left = [one for one in drawn if one not in before]
    if not left:
        return
    met = what_is_met(items, verdicts.home, children)
    tests: dict[str, list[pytest.Item]] = {}
    for item in trying.in_order(items, met):
        for function in met[item.nodeid].functions:
            tests.setdefault(function, []).append(item)
    running: dict[int, Change] = {}
    unnoticed = sum(verdict not in GOOD for verdict in before.values())
    began = monotonic()

    def ended() -> None:
        nonlocal unnoticed
        child, status = os.wait()
        change, verdict = running.pop(child), trying.EXITS.get(os.waitstatus_to_exitcode(status), trying.NOTICED)
        settle(change, verdict)

    def settle(change: Change, verdict: str) -> None:
        nonlocal unnoticed
        verdicts.add(change, verdict)
        unnoticed += verdict not in GOOD
        count = len(verdicts.of(drawn))
        tell(f"{count} of {len(drawn)}, {unnoticed} unnoticed, {monotonic() - began:.0f} s: {change.name} {verdict}")

    try:
        for change in left:
            those = tests.get(f"{change.file}:{change.function}", [])
            if not those:
                settle(change, trying.UNMET)
                continue
            while len(running) >= children:
                ended()
            running[trying.forked(lambda change=change, those=those: trying.tried(change, those, met))] = change  # type: ignore[misc]
        while running:
            ended()
    finally:
        end(running)


def end(processes: dict[int, Change] | dict[int, Path]) -> None:
    for child in processes:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def what_is_met(items: list[pytest.Item], home: Path, children: int) -> dict[str, Met]:
    """nodeid -> what it meets; kept until something changes."""
    kept = home / "met.json"
    if not kept.exists():
        tell(f"{len(items)} tests as the code stands: what they meet, and how long they take ...")
        began, running = monotonic(), {}
        by_file: dict[Path, list[pytest.Item]] = {}
        for item in items:
            by_file.setdefault(item.path, []).append(item)
        files = sorted(by_file.values(), key=len, reverse=True)
        for number in range(min(children, len(files))):
            part = home / f"met.{number}"
            part.unlink(missing_ok=True)
            mine = [item for file in files[number::children] for item in file]
            running[trying.forked(lambda mine=mine, part=part: trying.measured(mine, part))] = part  # type: ignore[misc]
        found: dict[str, object] = {}
        try:
            while running:
                child, status = os.wait()
                part = running.pop(child)
                said = json.loads(part.read_text()) if part.exists() else {}
                if status:
                    sys.exit(f"the tests fail as the code stands: {said.get('failed', f'ended with {status}')}"[:6000])
                found |= said
        finally:
            end(running)
        fresh = home / "met.fresh"
        fresh.write_text(json.dumps(found))
        fresh.replace(kept)
        tell(f"{len(found)} tests passed in {monotonic() - began:.0f} s")
    return {name: Met(*one) for name, one in json.loads(kept.read_text()).items()}


def report(drawn: list[Change], verdicts: Verdicts, rooms: list[str], least: float, *, whole: bool) -> int:
    listed = tomllib.loads(KNOWN.read_text())
    known = {alike(one["change"]): one["change"] for one in listed["survivor"]}
    kinds = [(one["old"], new) for one in listed.get("kind", ()) for new in one["new"]]
    found = verdicts.of(drawn)
    met: set[tuple[str, ...]] = set()
    bad = len(found) < len(drawn)
    for room in rooms:
        of_room = {one: verdict for one, verdict in found.items() if one.room == room and verdict != trying.UNFIT}
        left = {one: one.shown() for one, verdict in of_room.items() if verdict not in GOOD}
        may = {one for one, (_, lines) in left.items() if alike(lines) in known or of_kind(lines, kinds)}
        met |= {alike(left[one][1]) for one in may}
        for one in sorted(left.keys() - may):
            print(f"--- {left[one][0]} {one.function}: {of_room[one]}\n{left[one][1]}\n")  # noqa: T201
        counted = len(of_room) - len(may)
        score = 100 * (len(of_room) - len(left)) / counted if counted else 100.0
        bad = bad or score < least
        late = sum(verdict == trying.OUT_OF_TIME for verdict in of_room.values())
        print(  # noqa: T201
            f"{room}: {score:.1f} of 100 ({len(of_room)} tried, {late} of them out of time, "
            f"{len(left) - len(may)} unnoticed, {len(may)} known)"
        )
    if whole:
        for gone in known.keys() - met:
            print(f"survivors.toml knows one that is no more:\n{known[gone]}\n")  # noqa: T201
            bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
