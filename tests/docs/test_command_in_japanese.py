"""Help, usage errors and what a rehearsal says are in Japanese for who reads it: all of it, and nothing more."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from onramp.core.language import Catalogue
from sentences import assigned, templates
from typer.testing import CliRunner
from vocabulary import ROOT

from cli import examples
from cli.app import app
from cli.japanese import HELP, PANELS, PARSER, REHEARSAL
from cli.language import rehearsal
from replay import story

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACE = re.compile(r"\{(\w+)\}")
ENGLISH = re.compile(r"\b[A-Za-z]?[a-z]+ [a-z]+ [a-z]+\b")
"""Three words in a row: no name of an option, a state or AWS has that many."""
COMMAND = re.compile(r"onramp [a-z]+(?: [a-z]+)*")
OF_TYPER = {"float range x", "int range x", "It failed on"}
JA = {"LC_ALL": "ja_JP.UTF-8", "COLUMNS": "240"}


def typed(*words: str, **environment: str) -> Any:
    return CliRunner().invoke(app, words, env={**JA, **environment})


def _paths() -> list[str]:
    groups = ["", "local", "local fault"]
    return [*groups, *sorted(path for path, _ in examples.commands(app))]


@pytest.mark.parametrize("path", _paths())
def test_no_help_has_an_english_sentence(path: str) -> None:
    ran = typed(*path.split(), "--help")
    assert ran.exit_code == 0
    lines = [COMMAND.sub("", line) for line in ran.stdout.splitlines() if not line.startswith(" onramp ")]
    assert JAPANESE.search(lines[3])
    assert [found for line in lines if (found := ENGLISH.search(line)) and found[0] not in OF_TYPER] == []
    assert ran.stdout.startswith(" 使い方: ", ran.stdout.index(" 使い方"))


def _helps(command: Any) -> Iterator[str]:
    """Each paragraph of help below the command, with single spaces."""
    options = [getattr(one, "help", None) or "" for one in command.params]
    for text in (command.help or "", command.epilog or "", *options):
        yield from (" ".join(part.split()) for part in text.split("\n\n") if part.strip())
    for one in getattr(command, "commands", {}).values():
        yield from _helps(one)


def test_every_paragraph_of_help_is_in_the_catalogue_and_no_other_is() -> None:
    said = {text for text in _helps(typer.main.get_command(app)) if not text.startswith("onramp ")}
    said |= {"Show this message and exit."}
    assert said - HELP.keys() == set(), "add it to HELP in cli/japanese"
    assert HELP.keys() - said == set(), "take it out of cli/japanese"


@pytest.mark.parametrize("texts", [HELP, PARSER, REHEARSAL], ids=["help", "parser", "rehearsal"])
def test_both_languages_have_the_same_places(texts: dict[str, str]) -> None:
    assert [text for text, other in texts.items() if set(PLACE.findall(text)) != set(PLACE.findall(other))] == []
    assert [text for text in texts if JAPANESE.search(text)] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tracee"], "'tracee' というコマンドはありません。'trace' のことですか?"),
        (["xyzzy"], "'xyzzy' というコマンドはありません。"),
        (["replay"], "引数 'STORY|FILE|DIR' がありません。"),
        (["trace"], "オプション '--from' がありません。"),
        (["replay", "--sed", "3"], "--sed というオプションはありません(--seed のことですか?)。"),
        (["plan", "-z"], "-z というオプションはありません。"),
        (["replay", "a", "b"], "余分な引数があります: b"),
        (["replay", "x", "--seed"], "オプション '--seed' には値が必要です。"),
        (["replay", "x", "--twice=3"], "オプション '--twice' は値を取りません。"),
        (["replay", "x", "--seed", "a"], "'--seed' の値が正しくありません: 整数ではありません"),
        (["local", "up", "--speed", "a"], "'--speed' の値が正しくありません: 数ではありません"),
        (["local", "up", "--speed", "-1"], "'--speed' の値が正しくありません: 0 以上にしてください"),
        (["local", "up", "--port", "99999"], "(環境変数: 'ONRAMP_LOCAL_PORT') の値が正しくありません: 65535 以下に"),
        (["status", "--language", "fr"], "--language の値が正しくありません: 'fr' は en, ja のどれでもありません"),
        (["--language", "fr", "status"], "--language の値が正しくありません: 'fr' は en, ja のどれでもありません"),
        (["replay", "walktrough"], "walkthrough のことですか?"),
        (["replay", "walkthrough", "--region", "x"], "--region は --deployed と併用してください"),
        (["local", "advance", "soon", "--port", "1"], "'soon' は時間ではありません。"),
        (["local", "down", "--port", "1"], "ポート 1 で"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, list) else "",
)
def test_what_is_mistyped_is_told_in_japanese(words: list[str], told: str) -> None:
    ran = typed(*words)
    assert ran.exit_code in (1, 2)
    assert told in ran.output
    assert ENGLISH.search(COMMAND.sub("", ran.output.replace(", ".join(story.story_names()), ""))) is None


def test_what_typer_says_of_an_error_is_all_in_the_catalogue() -> None:
    """Each of PARSER is matched by an example of the above, or by one that no command here can be brought to say."""
    unsaid = {"Missing command.", "No such command {name}. Did you mean one of: {other}?"}
    assert unsaid <= PARSER.keys()
    assert all(JAPANESE.search(Catalogue(PARSER).told(PLACE.sub("7", text))) for text in PARSER)


def test_what_is_typed_goes_before_the_locale_wherever_it_stands() -> None:
    for words in (
        ["--language", "en", "plan", "-h"],
        ["plan", "--language=en", "-h"],
        ["plan", "-h", "--language", "en"],
    ):
        assert "Usage: onramp plan" in typed(*words).stdout
    for words in (["--language", "ja", "plan", "-h"], ["plan", "-h", "--language=ja"]):
        assert "使い方: onramp plan" in typed(*words, LC_ALL="C").stdout


def test_english_is_as_it_was_after_japanese() -> None:
    before = typed("plan", "-h", LC_ALL="C").stdout
    assert "オプション" in typed("plan", "-h").stdout
    assert typed("plan", "-h", LC_ALL="C").stdout == before
    assert "Options" in before
    assert not JAPANESE.search(before)


def test_what_typer_puts_round_a_help_text_is_still_called_so() -> None:
    from typer import rich_utils

    assert [name for name in PANELS if not isinstance(getattr(rich_utils, name), str)] == []


# --- a replay, and a local cloud

FILES = (*(ROOT / f"cli/{name}.py" for name in ("app", "breaking", "local")), *(ROOT / "cli/render").glob("*.py"))
AT = {"say": 1, "_say": 0, "said": 0, "tell": 0, "fail": 0, "line": 0, "Wrong": 0, "NoneThere": 0}
"""Callable -> at which position it takes a sentence."""
COUNTED = {"{} of {}", "{} of {} for stack {}", "{} simulated, {}"}
"""With a number and its noun at the first or last place."""
NAMES = {
    "  export AWS_ENDPOINT_URL={} AWS_DEFAULT_REGION={}",
    "  export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY=local",
}
HERE = {"{}: {} {}, {}", "failed: the next {} to {}"}


def _said() -> Iterator[tuple[str, str]]:
    for path in FILES:
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    name = (
                        getattr(call.func, "id", getattr(call.func, "attr", "")) if isinstance(call, ast.Call) else ""
                    )
                    if isinstance(call, ast.Call) and name in AT and AT[name] < len(call.args):
                        for text in templates(call.args[AT[name]], assigned(function, call.lineno)):
                            yield f"{path.relative_to(ROOT)}:{call.lineno}", text


def _known(text: str) -> bool:
    counted = ["2 recorded events", "1 recorded event", "2 calls", "1 call"] if text in COUNTED else []
    spelled = [text.replace("{}", value) for value in ("7", "<x>", "<x>: <y>")]
    spelled += [text.replace("{}", value, 1).replace("{}", "<x>") for value in counted]
    spelled += [f"<x> simulated, {value}" for value in counted if "simulated" in text]
    return any(rehearsal().told(one) != one for one in spelled) or not re.search(
        r"[a-z]{2}", PLACE.sub("", text.replace("{}", ""))
    )


def test_every_sentence_of_a_rehearsal_is_in_the_catalogue() -> None:
    said = set(_said())
    assert len(said) > 110
    assert sorted((where, text) for where, text in said if text not in NAMES and not _known(text)) == []


def test_no_sentence_of_a_rehearsal_is_kept_that_nothing_says() -> None:
    code = " ".join(
        text
        for path in (*FILES, *(ROOT / "replay").glob("*.py"), ROOT / "layers/onramp/python/onramp/core/triggers.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for text in templates(node, {})
    )
    code = " ".join(code.split())
    lost = set()
    for english in REHEARSAL:
        words = [piece.split() for piece in re.split(r"\{\w+\}", english)]
        pairs = [" ".join(pair) for piece in words for pair in pairwise(piece)]
        lost |= {english} if len(pairs) > 2 and sum(pair in code for pair in pairs) < 0.6 * len(pairs) else set()
    assert lost == set(), "take it out of cli/japanese"


def test_why_a_run_began_and_why_nothing_came_of_an_event_is_in_the_catalogue() -> None:
    found = set()
    for node in ast.walk(ast.parse((ROOT / "layers/onramp/python/onramp/core/triggers.py").read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Ignored":
            found |= {text for one in node.keywords for text in templates(one.value, {})}
    assert len(found) > 10
    assert [text for text in found if rehearsal().told(text.replace("{}", "x")) == text.replace("{}", "x")] == []


@pytest.mark.long
def test_a_replay_is_told_in_japanese() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "onramp", "--language", "ja", "replay", "noise", "--verbose"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    lines = done.stdout.splitlines()
    whole = "\n".join(lines)
    for told in (
        "を呼び出す",
        "無視: ",
        "きっかけ: ",
        "製品が使ったもの",
        "何も残っていません",
    ):
        assert told in whole
    assert "began by" not in whole
