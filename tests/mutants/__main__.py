"""`python -m tests.mutants`: change the code in small ways, run the tests that meet the change, and tell who survives.

mutmut finds a package by its folder's name, so that the checkout is laid out for it in `.mutants/`: `src/onramp` and
`functions`, with the tests that are theirs. It forks for each change out of a process that has loaded them all, and
runs those tests alone that met the changed function. What survives and may is in survivors.toml, with its reason.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
STAGE = ROOT / ".mutants"
KNOWN = Path(__file__).with_name("survivors.toml")
ROOMS = {"core": "onramp.core.", "aws": "onramp.aws.", "functions": "functions."}
FILES = {"core": "src/onramp/core/*", "aws": "src/onramp/aws/*", "functions": "functions/*"}
SPARED = ["src/onramp/wiring.py", "src/onramp/log.py"]
BESIDE = ("localcloud", "replay", "cli", "events", "docs", "template.yaml", "member.yaml")
"""What the tests import or read besides what is mutated."""

LAID_OUT = {
    "layers/onramp/python/onramp": "src/onramp",
    "functions": "functions",
    **{name: name for name in BESIDE},
    **{f"tests/{name}": f"tests/{name}" for name in ("conftest.py", "place.py", "aws", "functions", "core", "stories")},
}
SETTINGS = """
[tool.mutmut]
source_paths = ["src", "functions"]
do_not_mutate = [SPARED]
also_copy = [BESIDE]
pytest_add_cli_args_test_selection = [SELECTION]
# What only a thousand random histories would notice is not noticed: they take minutes, and tell no place.
pytest_add_cli_args = ["-m", "not long"]
track_dependencies = false
use_git_change_detection = false

[tool.pytest.ini_options]
addopts = "-q -p no:cacheprovider"
pythonpath = ["."]
"""
HUNK = re.compile(r"^@@ -(\d+)")
DECORATED = re.compile(r"^((?:@[\w.]+\n)+)(?=def handler\()", re.MULTILINE)
"""A handler and what it is wrapped in: mutmut leaves decorated functions alone, so that it is wrapped after it."""

NOTICED = (1, 3, 36, 24, -24, 152, -11)
"""mutmut's exit codes: failed, internal error of pytest (the code could not be used), out of time, or of CPU."""


class Mutant(NamedTuple):
    name: str
    room: str
    code: int | None

    @property
    def noticed(self) -> bool:
        return self.code in NOTICED


def lay_out(rooms: list[str]) -> None:
    shutil.rmtree(STAGE, ignore_errors=True)
    for source, target in LAID_OUT.items():
        here, there = ROOT / source, STAGE / target
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__", "iam_simulate"))
        else:
            shutil.copy2(here, there)
    for handler in (STAGE / "functions").glob("*/app.py"):
        text = handler.read_text()
        if wrapped := DECORATED.search(text):
            around = [line.removeprefix("@") for line in wrapped[1].split()]
            last = f"handler = {'('.join(around)}(handler{')' * len(around)}\n"
            handler.write_text(f"{DECORATED.sub('', text)}\n\n{last}")
    tests = {"core": ["tests/core"], "aws": ["tests/aws", "tests/functions"], "functions": ["tests/functions"]}
    chosen = sorted({test for room in rooms for test in tests[room]})
    selection = ", ".join(f'"{test}"' for test in chosen)
    # Mutants take minutes to make: none are made of rooms that nobody asks for.
    spared = ", ".join(f'"{one}"' for one in [*SPARED, *(FILES[room] for room in ROOMS if room not in rooms)])
    beside = ", ".join(f'"{one}"' for one in BESIDE)
    settings = SETTINGS.replace("SELECTION", selection).replace("SPARED", spared).replace("BESIDE", beside)
    (STAGE / "pyproject.toml").write_text(settings)
    # Making the mutants takes minutes too: a test that misses a file is told before.
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not long", *chosen]
    found = subprocess.run(
        collect, cwd=STAGE, check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "src"}
    )
    if found.returncode:
        sys.exit(f"the tests are not to be collected from {STAGE}:\n{found.stdout[-2000:]}{found.stderr[-2000:]}")


def run(children: int, *names: str) -> int:
    """Have mutmut make all mutants, and try those of these names, so many at a time."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *names]
    return subprocess.run(command, cwd=STAGE, check=False, stdout=sys.stderr).returncode


def mutants() -> Iterator[Mutant]:
    for meta in sorted((STAGE / "mutants").rglob("*.meta")):
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            room = next((room for room, begin in ROOMS.items() if name.startswith(begin)), "")
            if room:
                yield Mutant(name, room, code)


class Change(NamedTuple):
    """`at` is FILE:LINE of the checkout; `lines` those that it takes and gives."""

    at: str
    lines: str


def shown(name: str) -> Change:
    command = [sys.executable, "-m", "mutmut", "show", name]
    lines = subprocess.run(command, cwd=STAGE, check=False, capture_output=True, text=True).stdout.splitlines()
    file = next((line.removeprefix("--- ") for line in lines if line.startswith("--- ")), "")
    begin = next((int(found[1]) for line in lines if (found := HUNK.match(line))), 1)
    body = lines[next((number + 1 for number, line in enumerate(lines) if HUNK.match(line)), 0) :]
    before = next((number for number, line in enumerate(body) if line[:1] in ("+", "-")), 0)
    line = _line_of(STAGE / file, name) + begin - 1 + before
    source = file.replace("src/onramp/", "layers/onramp/python/onramp/")
    return Change(f"{source}:{line}", "\n".join(one for one in body if one[:1] in ("+", "-")))


def _line_of(file: Path, mutant: str) -> int:
    """Where the function begins that the mutant is one of, by mutmut's spelling of its name."""
    spelled = mutant.rpartition("__mutmut_")[0].rpartition(".")[2]
    _, inside, of_class = spelled.rpartition("ǁ")
    wanted = of_class if inside else spelled.removeprefix("x_")
    found = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == wanted
    ]
    return found[0] if found else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N mutants a room, drawn by --seed; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", action="append", choices=list(ROOMS), help="only this room (may be given again)")
    parser.add_argument("--least", type=float, default=92.0, help="score of each room below which it fails")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="how many are tried at a time")
    asked = parser.parse_args()
    rooms = asked.room or list(ROOMS)
    lay_out(rooms)
    run(asked.children, "none.at.all")  # makes the mutants, and notes which tests meet which function
    drawn: list[str] = []
    for room in rooms:
        names = sorted(one.name for one in mutants() if one.room == room)
        if not names:
            sys.exit(f"mutmut made no mutants of {room}: see what it says above, and run this by `make mutants`")
        chance = random.Random(f"{asked.seed} {room}")  # noqa: S311 - a draw that can be repeated
        drawn += chance.sample(names, min(asked.sample, len(names))) if asked.sample else names
    run(asked.children, *drawn)
    asked_for = [one for one in mutants() if one.name in set(drawn)]
    tried = [one for one in asked_for if one.code is not None]
    print(f"SAMPLE={asked.sample} SEED={asked.seed}: {len(drawn)} mutants of {', '.join(rooms)}")  # noqa: T201 - asked for
    if len(tried) < len(drawn):
        print(f"mutmut tried {len(tried)} of {len(drawn)} and ended: what follows is of those alone")  # noqa: T201
    known = {one["change"].strip(): one["reason"] for one in tomllib.loads(KNOWN.read_text())["survivor"]}
    met: set[str] = set()
    bad = len(tried) < len(drawn)
    for room in rooms:
        of_room = [one for one in tried if one.room == room]
        left = {one.name: shown(one.name) for one in of_room if not one.noticed}
        may = {name for name, change in left.items() if change.lines.strip() in known}
        met |= {left[name].lines.strip() for name in may}
        for name in sorted(left.keys() - may, key=lambda name: left[name].at):
            print(f"--- {left[name].at} {name}\n{left[name].lines}\n")  # noqa: T201
        counted = len(of_room) - len(may)
        score = 100 * (len(of_room) - len(left)) / counted if counted else 100.0
        bad = bad or score < asked.least
        print(f"{room}: {score:.1f} of 100 ({len(of_room)} tried, {len(left) - len(may)} unnoticed, {len(may)} known)")  # noqa: T201
    if not asked.sample and len(rooms) == len(ROOMS):
        for change in known.keys() - met:
            print(f"survivors.toml knows one that is no more:\n{change}\n")  # noqa: T201
            bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
