"""Every sentence that people are told is in the catalogue, and says in Japanese what it says in English."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args, get_type_hints

import pytest
import vocabulary
from onramp.core import japanese, tags
from onramp.core.doctor.tag import Asker
from onramp.core.japanese import LABELS, REMEDIES, SENTENCES, WORDS
from onramp.core.language import told
from onramp.core.model import LISTS
from onramp.core.steps import Outcome
from sentences import assigned, templates
from vocabulary import ROOT

CODE = ROOT / "layers/onramp/python/onramp"
SAID = ROOT / "tests/core/said"
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACE = re.compile(r"\{(\w*)\}")
HOW = "add it to SENTENCES in core/japanese, in the file of its room, with names for its places: English, then Japanese"

# --- the catalogue itself


def places(text: str) -> list[str]:
    return sorted(PLACE.findall(text))


# A thousand sentences, looked at by one test each time: to count them as tests took longer than to look at them.


def test_each_sentence_has_both_languages_and_the_same_places() -> None:
    assert SENTENCES
    for english, other in SENTENCES.items():
        assert set(places(english)) == set(places(other)), english
        assert not JAPANESE.search(english), english
        assert JAPANESE.search(other), english


def test_each_sentence_is_found_by_what_it_says() -> None:
    """Each by its own key, and not by another one that is all places."""
    for english, other in SENTENCES.items():
        given = {name: _example(name) for name in places(english)}
        assert told(english.format_map(given), "ja") == other.format_map(given), english


def _example(name: str) -> str:
    if name in {"number", "most"}:
        return "7"
    return "CREATE_FAILED" if name == "status" else f"<{name}>"


WORDS_OF_OURS = [
    ("write HTTP or HTTPS and a port in tag lattice:listen, as HTTP:80: it has an empty value", "HTTP か HTTPS "),
    ("who may call from it: 10.1.0.0/20 to 443, sg-1 to any port", "10.1.0.0/20 からポート 443、sg-1 から全ポート"),
    ("the account's target groups cannot be read: Denied", "アカウントのターゲットグループを"),
    ("say the same of a, b and c as the others of shop, or nothing", "a、b、c を"),
    ("It was approved before, by jane and bob.", "jane and bob "),
]


@pytest.mark.parametrize(("english", "shows"), WORDS_OF_OURS)
def test_words_of_ours_at_a_place_are_told_and_words_of_others_stay(english: str, shows: str) -> None:
    assert shows in told(english, "ja")


def test_no_sentence_leaves_a_list_or_a_kind_in_english() -> None:
    """Where a place of words is, what the code puts there is known."""
    kinds = set(get_args(get_type_hints(Asker)["kind"]))
    assert (LISTS | kinds) - WORDS.keys() == {"VPC"}
    assert all(JAPANESE.search(other) or not re.search("[a-z]{2}", PLACE.sub("", other)) for other in WORDS.values())


def test_what_a_tag_says_in_japanese_is_letters_that_aws_documents() -> None:
    """Whatever the reading: composed letters, spaces, numbers and _.:/=+-@ of the basic plane, and still Japanese."""
    for text in (*SENTENCES.values(), *REMEDIES.values()):
        written = tags.answer_in_any_script(PLACE.sub("x", text))
        assert unicodedata.is_normalized("NFC", written), text
        assert all(it in "_.:/=+-@ " or unicodedata.category(it)[0] in "LN" for it in written), written
        assert all(ord(it) < 0x10000 for it in written), written
        assert JAPANESE.search(written), text


def test_the_japanese_page_of_codes_has_the_remedies_of_the_catalogue() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|(?:.+)\| (.+) \|$", (ROOT / "docs/ja/codes.md").read_text(), re.MULTILINE)
    shown = {code: re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", remedy).replace("`", "") for code, remedy in rows}
    assert shown == REMEDIES


def test_every_code_has_a_remedy() -> None:
    assert set(vocabulary.codes()) - set(REMEDIES) == set(), "add it to REMEDIES in core/japanese"


# --- the code: what it says is in the catalogue


COMMANDS = [
    ROOT / f"cli/{name}.py"
    for name in ("aws", "deployment", "doctor", "given", "hands", "plan", "status", "topology", "trace")
]
"""Those that speak other languages."""


def _said_by_the_code() -> Iterator[tuple[str, str]]:
    """(file:line, template with {} for places) of each sentence that a call hands over to be told."""
    for path in sorted((*CODE.glob("core/**/*.py"), *CODE.glob("aws/*.py"), *CODE.glob("aws/apply/*.py"), *COMMANDS)):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call):
                        for sentence in _sentences_of(call):
                            for text in templates(sentence, assigned(function, call.lineno)):
                                yield f"{path.relative_to(ROOT)}:{call.lineno}", text


_AT = {
    "Refused": (1,),
    "refuse": (1,),
    "Verdict": (1,),
    "wait": (0,),
    "NotYet": (0,),
    "do": (2,),
    "do_sharing": (1,),
    "_error": (2, 3),
    "_warning": (2, 3),
    "_note": (2, 3),
    "_ok": (1,),
    "_stop": (1, 3),
    "Stopped": (1, 2),
    "say": (1,),
    "tell": (0,),
    "confirm": (0,),
    "end": (0,),
    "Wrong": (0,),
    "NoSuchThing": (0,),
    "NotLetIn": (0,),
    "Nowhere": (0,),
    "NoRole": (0,),
}
"""Callable -> at which positions it takes sentences."""
_CALLED = {"Unread", "Refusal", "Finding", "Part", "_replace", "Ruling", "note", "Check"}
_BY_NAME = {"message", "person", "because", "remedy", "why"}


def _sentences_of(call: ast.Call) -> list[ast.expr]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in _CALLED:
        return [it.value for it in call.keywords if it.arg in _BY_NAME]
    return [call.args[at] for at in _AT.get(name, ()) if at < len(call.args)]


MADE_OF_SEVERAL = {
    "{}, or put tag {} back if a run of this network made it: {} {} is there without it": (
        "choose another name, or put tag x back if a run of this network made it: target group x is there without it"
    ),
    "{}: {} met it, and nothing is begun here before there is room for that": (
        "raise the quota or free something: x met it, and nothing is begun here before there is room for that"
    ),
    "{}: too many leave at once: infra has to let them go": "too many leave at once: infra has to let them go",
    "{}: SSM parameter {}": "write JSON: it is none: SSM parameter x",
    "put an auth policy on {} {}, or set its auth type to NONE": (
        "put an auth policy on service network x, or set its auth type to NONE"
    ),
    "{} of {} {} that the network may have are there": "4 of 5 services that the network may have are there",
    "{} {} refuses: {}": "service x refuses: no statement allows this request",
    "{} answers {} itself": "the default action answers 404 itself",
    "{} forwards": "rule x (priority 1) forwards",
}
"""Templates with a text of elsewhere in them -> one of what they come to."""

OF_MACHINES = frozenset({"PutEvents: {} not taken: {}"})
"""Nobody is told this: it is a function's own failure, which its machine tries again."""


def _known(text: str) -> bool:
    """Is it in the catalogue, with its code or without? A place may hold words that the catalogue spells out."""
    whole = MADE_OF_SEVERAL.get(text, text)
    shown = re.sub(r"^[a-z]+(-[a-z]+)*: ", "", whole)
    spelled = [one.replace("{}", value) for one in (whole, shown) for value in ("<x>", "7", "ACTIVE")]
    return any(told(one, "ja") != one for one in spelled) or not re.search(r"[a-z]{2}", shown)


def test_every_sentence_of_the_code_is_in_the_catalogue() -> None:
    said = set(_said_by_the_code())
    assert len(said) > 400
    assert {text for _, text in said} >= MADE_OF_SEVERAL.keys() | OF_MACHINES
    assert {(where, text) for where, text in said if text not in OF_MACHINES and not _known(text)} == set(), HOW


_HEADED = {"label": 1, "many": 1, "labelled": 0, "_head": 1, "_row": 2, "add_column": 0}
"""Callable of a command -> at which position it takes what heads a line or a column."""


def _heads() -> Iterator[str]:
    """Each such word, also as the first of what `_lines` and the rows of a table are given."""
    for path in COMMANDS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                at = _HEADED.get(name, len(node.args))
                firsts = node.args[at : at + 1]
                if name == "_lines":
                    inside = [it for given in node.args for it in ast.walk(given)]
                    firsts += [it.elts[0] for it in inside if isinstance(it, ast.Tuple) and it.elts]
            elif isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == "rows":
                inside = list(ast.walk(node.value))
                firsts = [it.elts[0] for it in inside if isinstance(it, ast.Tuple) and len(it.elts) == 5]
            elif isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple):
                items = [it.elts[0] if isinstance(it, ast.Tuple) else it for it in node.iter.elts]
                firsts = items if path.name == "topology.py" else []
            else:
                continue
            yield from (it.value for it in firsts if isinstance(it, ast.Constant) and isinstance(it.value, str))


def test_what_heads_a_line_or_a_column_is_in_both_languages() -> None:
    said = set(_heads()) - {""} | set(get_args(Outcome.__annotations__["status"]))
    assert said == LABELS.keys(), "LABELS in core/japanese"
    assert [other for other in LABELS.values() if not (JAPANESE.search(other) or other.isupper())] == []


def _texts_of_the_code() -> str:
    """Every text of the code, a line each, with nothing at the places of what is put in."""
    files = [*CODE.rglob("*.py"), *(ROOT / "cli").glob("*.py")]
    found = []
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())) if "japanese" not in path.parts else ():
            if isinstance(node, ast.Constant | ast.JoinedStr):
                found += templates(node, {})
    return "\n".join(found)


def test_no_sentence_stands_in_two_rooms() -> None:
    rooms = [one.SENTENCES for one in vars(japanese).values() if hasattr(one, "SENTENCES")]
    assert len(rooms) > 1
    assert sum(map(len, rooms)) == len(SENTENCES)


def test_no_sentence_is_kept_that_nothing_says() -> None:
    """By its pairs of words, for several texts of the code may make one sentence."""
    code = " ".join(_texts_of_the_code().split())
    lost = set()
    for english in SENTENCES:
        words = [piece.split() for piece in re.split(r"\{\w+\}", english)]
        pairs = [" ".join(pair) for piece in words for pair in pairwise(piece)]
        lost |= {english} if len(pairs) > 3 and sum(pair in code for pair in pairs) < 0.6 * len(pairs) else set()
    assert lost == set(), "take it out of core/japanese"


# --- what runs said, word for word


def _sentences(name: str) -> list[str]:
    lines = (SAID / f"{name}.txt").read_text().splitlines()
    if name == "refusals":
        return [line.strip() for line in lines if line.startswith("  ")]
    if name == "reach":
        found = [line.strip().removeprefix("warning: ") for line in lines if line.startswith("  ")]
        return [line for line in found if line != "gets through"]
    return [line.partition(": ")[2] for line in lines if re.match(r"(account-|well)", line)]


def _of_plans(name: str) -> list[str]:
    lines = (SAID / f"{name}.txt").read_text().splitlines()
    found = [re.match(r"  (?:waits: |refuses .+?: (?=[a-z-]+: ))(.+)", line) for line in lines]
    return sorted({it[1] for it in found if it})


PLANS = ("plan", "plan-doubted", "plan-that-fails", "runs")


@pytest.mark.parametrize("name", ["refusals", "reach", "accounts", *PLANS])
def test_what_is_said_is_said_in_japanese_after_the_same_code(name: str) -> None:
    found = _of_plans(name) if name in PLANS else _sentences(name)
    assert found
    for text in found:
        other = told(text, "ja")
        assert JAPANESE.search(other), text
        code, _, english = text.partition(": ")
        assert other.startswith(f"{code}: ") or not re.fullmatch("[a-z-]+", code)
        assert not english or english in OF_AWS or not other.endswith(f": {english}"), f"its code's remedy only: {text}"


OF_AWS = frozenset({"refused by a test's will", "as AWS says it"})
"""What AWS says in these stories."""


def test_every_hop_and_every_check_is_told_in_japanese() -> None:
    lines = [
        line.split(" · ")
        for name in ("trace", "doctor-of-a-tag")
        for line in (SAID / f"{name}.txt").read_text().splitlines()
    ]
    said = {text for line in lines for text in line[3 if line[1] == "stopped" else 2 :]}
    assert len(said) > 100
    others = {text for text in said if not JAPANESE.search(told(text, "ja"))}
    # What a team wrote on a tag, what an answer says in these examples, and what AWS does.
    assert {
        text
        for text in others
        if not re.match(r"lattice:network = |(admit|ask|by|no code|approval)|(?:Describe|ListTags)[A-Za-z]+: |m$", text)
    } == {"it was denied"}


def test_why_each_step_is_done_is_told_in_japanese() -> None:
    lines = [line for name in PLANS for line in (SAID / f"{name}.txt").read_text().splitlines()]
    why = {found[1] for line in lines if (found := re.match(r"  do \w+ \S+: (.*?)(?: \| .*)?$", line))}
    assert len(why) > 30
    assert {text for text in why if not JAPANESE.search(told(text, "ja"))} == set()
