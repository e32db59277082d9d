"""The command as people expect it: help with examples that can be typed, completion, and a word for typing errors."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import examples
from cli.app import app
from cli.examples import EXAMPLES
from tests.patience import PATIENCE
from tests.wire.served import HERE, clean_environment

COMMANDS = dict(examples.commands(app))


def test_every_command_has_examples_and_every_example_a_command() -> None:
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("path", sorted(COMMANDS))
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_is_there_by_either_word_and_shows_the_examples(path: str, word: str) -> None:
    ran = CliRunner().invoke(app, [*path.split(), word], env={"COLUMNS": "140"})
    assert ran.exit_code == 0
    for example in EXAMPLES[path]:
        assert example in ran.stdout


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_in_eighty_columns_no_word_of_the_help_is_cut_off(path: str) -> None:
    """A Japanese sentence has no spaces: as one word too long for its column it would end in three dots."""
    for language in ("en", "ja"):
        ran = CliRunner().invoke(app, ["--language", language, *path.split(), "-h"], env={"COLUMNS": "80"})
        assert ran.exit_code == 0
        assert not re.search(r"…\s*│", ran.stdout), ran.stdout


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_a_flag_is_not_told_as_if_it_took_a_value(path: str) -> None:
    assert "bool" not in CliRunner().invoke(app, [*path.split(), "-h"], env={"COLUMNS": "140"}).stdout


@pytest.mark.parametrize(("path", "example"), [(path, one) for path, shown in EXAMPLES.items() for one in shown])
def test_an_example_is_understood_as_it_stands(path: str, example: str) -> None:
    named = ["onramp", *path.split()]
    words = shlex.split(example)
    assert words[: len(named)] == named
    command: Any = typer.main.get_command(app)
    for name in named[1:]:
        command = command.commands[name]
    # What is not understood, or missing, raises.
    assert command.make_context(path, words[len(named) :]).args == []


def test_a_typing_error_is_met_with_what_was_meant() -> None:
    for words, meant, status in (
        (["tracee"], "trace", 2),
        (["replay", "--sed", "3"], "--seed", 2),
        (["replay", "walktrough"], "walkthrough", 2),
        (["plan", "--acount", "1"], "--account", 1),  # whose 2 says that there is something to do
        (["--language", "ja", "plan", "--acount", "1"], "--account", 1),
    ):
        ran = CliRunner().invoke(app, words)
        assert ran.exit_code == status
        assert meant in ran.output.replace("tracee", "").replace("walktrough", "").partition("The stories")[0]


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("onramp rep", "replay"),
        ("onramp replay walk", "walkthrough"),
        ("onramp local wo", "world"),
        ("onramp local up --story walk", "walkthrough"),
        ("onramp status --state unr", "unreachable"),
    ],
)
def test_words_are_completed(typed: str, offers: str) -> None:
    environment = clean_environment(
        _ONRAMP_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split()) - 1)
    )
    ran = subprocess.run(
        [HERE / "onramp"], capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False
    )
    assert offers in ran.stdout.split()


def test_hints_name_a_command_that_the_reader_can_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own, other = tmp_path / "own" / "onramp", tmp_path / "other" / "onramp"
    for program in (own, other):
        program.parent.mkdir()
        program.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(own)])
    monkeypatch.setenv("PATH", str(own.parent))
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)  # make's own, where make runs this
    assert examples.me() == "onramp"
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    monkeypatch.chdir(tmp_path)
    assert examples.me() == str(Path("own", "onramp")), "that PATH is make's, and not the reader's"
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH")
    monkeypatch.setenv("PATH", str(other.parent))
    assert examples.me() == str(Path("own", "onramp"))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "own" / "pytest")])
    assert examples.me() == "onramp"
