"""Commands as they stand in the documentation, typed into a shell that has `sam` and `aws` from PyPI in its PATH."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployed import ROOT, SAM, environment, run

from tests.patience import PATIENCE

AWS = ("uv", "tool", "run", "--quiet", "--from", "awscli==1.46.3", "aws")

DEPLOYABLE = ("Makefile", "docs", "events", "functions", "layers", "member.yaml", "samconfig.toml", "template.yaml")
"""What the commands of the documentation need of the repository."""


@dataclass(frozen=True)
class Block:
    """A block of commands: under which title of which page, and its line there."""

    page: str
    title: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}, line {self.line}, {self.title!r}"


def blocks(page: str, language: str = "sh") -> list[Block]:
    """The page's fenced blocks of that language, in order."""
    found: list[Block] = []
    title, lines, begun = "", list[str](), 0
    inside: str | None = None
    for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
        fence = re.fullmatch(r"```(\w*)", line)
        if fence and inside is None:
            inside, begun, lines = fence[1], number + 1, []
        elif fence:
            if inside == language:
                found.append(Block(page, title, begun, "\n".join(lines)))
            inside = None
        elif inside is not None:
            lines.append(line)
        elif heading := re.fullmatch(r"#+ (.+)", line):
            title = heading[1]
    assert inside is None, f"{page}: a block that begins in line {begun} has no end"
    return found


@functools.cache
def _programs(*tool: str) -> Path:
    """Where uv keeps a tool's programs: starting them by uv each time costs a second."""
    return Path(run(*tool[:-1], "python", "-c", "import sys; print(sys.executable)").strip()).parent


def install(folder: Path) -> Path:
    """A folder with `onramp`, `sam` and `aws`, as one has them: no Python of theirs is in the PATH of all else."""
    folder.mkdir()
    for tool in (SAM, AWS):
        programs = _programs(*tool)
        shim = folder / tool[-1]
        shim.write_text(f'#!/bin/sh\nPATH="{programs}:$PATH" exec "{programs / tool[-1]}" "$@"\n')
        shim.chmod(0o755)
    (folder / "onramp").symlink_to(Path(sys.executable).parent / "onramp")
    return folder


@dataclass(frozen=True)
class Clone:
    """What a newcomer has cloned, and where from."""

    folder: Path
    upstream: Path

    def publish(self, file: str, more: str) -> None:
        """A new commit upstream, in which `more` is at the end of a file."""
        with (self.upstream / file).open("a") as text:
            text.write(more)
        _git(self.upstream, "commit", "--quiet", "--all", "--message", "Next version")


def clone(folder: Path) -> Clone:
    """The deployable part of the working copy as it is, in a repository of its own, and a clone of that."""
    upstream = folder / "upstream"
    upstream.mkdir(parents=True)
    leave = shutil.ignore_patterns("__pycache__")
    for name in DEPLOYABLE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, upstream / name, ignore=leave)
        else:
            shutil.copy(source, upstream / name)
    (upstream / ".gitignore").write_text(".aws-sam/\n.venv\n")
    _git(upstream, "init", "--quiet", "--initial-branch", "main")
    _git(upstream, "add", "--all")
    _git(upstream, "commit", "--quiet", "--message", "A version")
    _git(folder, "clone", "--quiet", str(upstream), "lattice-onramp")
    made = folder / "lattice-onramp"
    # `make .venv/ready` finds it made: it is the tests' own.
    (made / ".venv").symlink_to(ROOT / ".venv")
    return Clone(made, upstream)


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Newcomer", "-c", "user.email=newcomer@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, timeout=PATIENCE, env=environment()
    )


@dataclass
class Terminal:
    """One bash in which blocks are typed one after the other; what they set stays set."""

    process: subprocess.Popen[str]
    folder: Path
    """Where it keeps what is printed."""

    def type(self, what: Block | str, *, answer: str = "", fails: bool = False) -> str:
        """What the block prints. AssertionError unless each of its commands succeeds; with `fails`, unless one fails.

        `answer` is what it asks for.
        """
        text = what.text if isinstance(what, Block) else what
        out, given = self.folder / "typed.out", self.folder / "typed.in"
        out.write_text("")
        given.write_text(answer)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        watchdog = threading.Timer(PATIENCE, self.end)
        watchdog.start()
        try:
            quoted = f">{shlex.quote(str(out))} 2>&1 <{shlex.quote(str(given))}"
            self.process.stdin.write(f"failed=0\n{{\n{text}\n}} {quoted}\necho $failed\n")
            self.process.stdin.flush()
            status = self.process.stdout.readline().strip()
        finally:
            watchdog.cancel()
        printed = out.read_text()
        assert status, f"{what}: not within {PATIENCE:.0f} s\n{text}\n{printed}"
        assert (status != "0") is fails, f"{what}: exit status {status}\n{text}\n{printed}"
        return printed

    def end(self) -> None:
        """End the shell, and what it has left running."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)


@contextlib.contextmanager
def terminal(folder: Path, at: Path, variables: Mapping[str, str]) -> Iterator[Terminal]:
    """A bash in the folder `at`; `folder` gets the tools and what is printed."""
    tools = install(folder / "tools")
    kept = environment(**variables)
    for name in ("AWS_DEFAULT_REGION", "PYTHONDONTWRITEBYTECODE", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"):
        kept.pop(name, None)
    # `python3.13` is the one that runs the tests, as a newcomer has one.
    kept["PATH"] = os.pathsep.join([str(tools), kept["PATH"], str(Path(sys.base_prefix) / "bin")])
    process = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=kept,
        cwd=at,
        start_new_session=True,
    )
    shell = Terminal(process, folder)
    assert process.stdin is not None
    # Whatever fails in a block makes the block fail, not only its last command.
    process.stdin.write("set -o errtrace -o pipefail; trap 'failed=$?' ERR\n")
    try:
        yield shell
    finally:
        shell.end()
        process.communicate(timeout=PATIENCE)
