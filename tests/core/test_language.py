"""Every sentence that people are told is in the catalogue, and says in Japanese what it says in English."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from model_world import TEAM, World, balancer, network
from onramp.core import language, tags, watch
from onramp.core.digest import Joined, digest
from onramp.core.fleet import Kept
from onramp.core.japanese import REMEDIES, SENTENCES
from onramp.core.language import of_code, told
from onramp.core.plan import plan
from onramp.core.report import report
from onramp.core.steps import Memory, Plan, Refusal, Request, Run, ServiceState, WriteStatus, encode

ROOT = Path(__file__).parents[2]
CODE = ROOT / "layers/onramp/python/onramp"
SAID = Path(__file__).with_name("said")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACE = re.compile(r"\{(\w*)\}")

# --- the catalogue itself


def places(text: str) -> list[str]:
    return sorted(PLACE.findall(text))


@pytest.mark.parametrize("english", SENTENCES)
def test_a_sentence_has_both_languages_and_the_same_places(english: str) -> None:
    other = SENTENCES[english]
    assert set(places(english)) == set(places(other))
    assert not JAPANESE.search(english)
    assert JAPANESE.search(other)


@pytest.mark.parametrize("english", SENTENCES)
def test_a_sentence_is_found_by_what_it_says(english: str) -> None:
    """Each by its own key, and not by another one that is all places."""
    given = {name: _example(name) for name in places(english)}
    wanted = SENTENCES[english].format_map(given)
    assert told(english.format_map(given), "ja") == wanted


def _example(name: str) -> str:
    if name in {"number", "most"}:
        return "7"
    return "CREATE_FAILED" if name == "status" else f"<{name}>"


@pytest.mark.parametrize("text", [*SENTENCES.values(), *REMEDIES.values()])
def test_what_a_tag_says_in_japanese_is_letters_that_aws_documents(text: str) -> None:
    """Whatever the reading: composed letters, spaces, numbers and _.:/=+-@ of the basic plane, and still Japanese."""
    written = tags.answer_in_any_script(PLACE.sub("x", text))
    assert unicodedata.is_normalized("NFC", written)
    assert all(it in "_.:/=+-@ " or unicodedata.category(it)[0] in "LN" for it in written), written
    assert all(ord(it) < 0x10000 for it in written)
    assert JAPANESE.search(written)


def test_the_japanese_page_of_codes_has_the_remedies_of_the_catalogue() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|(?:.+)\| (.+) \|$", (ROOT / "docs/ja/codes.md").read_text(), re.MULTILINE)
    shown = {code: re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", remedy).replace("`", "") for code, remedy in rows}
    assert shown == REMEDIES


# --- the code: what it says is in the catalogue


COMMANDS = [ROOT / f"cli/{name}.py" for name in ("doctor", "plan", "status", "trace")]
"""Those that speak other languages."""


def _said_by_the_code() -> Iterator[tuple[str, str]]:
    """(file:line, template with {} for places) of each sentence that a call hands over to be told."""
    for path in sorted((*CODE.glob("core/**/*.py"), *CODE.glob("aws/*.py"), *COMMANDS)):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call):
                        for sentence in _sentences_of(call):
                            for text in _templates(sentence, _assigned(function, call.lineno)):
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
    "_Stopped": (1, 2),
    "say": (1,),
}
"""Callable -> at which positions it takes sentences."""
_CALLED = {"Refusal", "Finding", "Part", "_replace", "Ruling", "note", "Check"}
_BY_NAME = {"message", "person", "because", "remedy"}


def _sentences_of(call: ast.Call) -> list[ast.expr]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in _CALLED:
        return [it.value for it in call.keywords if it.arg in _BY_NAME]
    return [call.args[at] for at in _AT.get(name, ()) if at < len(call.args)]


def _assigned(function: ast.FunctionDef, before: int) -> dict[str, ast.expr]:
    """Local name -> what it was given last before that line."""
    found: dict[str, ast.expr] = {}
    given = [it for it in ast.walk(function) if isinstance(it, ast.Assign) and it.lineno <= before]
    for node in sorted(given, key=lambda it: it.lineno):
        if isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def _templates(value: ast.expr, known: dict[str, ast.expr]) -> list[str]:
    """What an expression can say; names of texts of the same function are looked up, the rest is a place."""
    match value:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            found = [""]
            for part in parts:
                more = _templates(part.value if isinstance(part, ast.FormattedValue) else part, known)
                found = [before + after for before in found for after in more]
            return found
        case ast.IfExp(body=one, orelse=other):
            return [*_templates(one, known), *_templates(other, known)]
        case ast.Name(id=name) if name in known and _is_text(known[name]):
            rest = {key: given for key, given in known.items() if key != name}
            return _templates(known[name], rest)
    return ["{}"]


def _is_text(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.IfExp(body=one, orelse=other):
            return _is_text(one) and _is_text(other)
    return False


MADE_OF_SEVERAL = {
    "{}, or put tag {} back if a run of this network made it: {} {} is there without it": (
        "choose another name, or put tag x back if a run of this network made it: service x is there without it"
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
    shown = MADE_OF_SEVERAL.get(text, re.sub(r"^[a-z]+(-[a-z]+)*: ", "", text))
    spelled = [shown.replace("{}", value) for value in ("<x>", "7", "ACTIVE")]
    return any(told(one, "ja") != one for one in spelled) or not re.search(r"[a-z]{2}", shown)


def test_every_sentence_of_the_code_is_in_the_catalogue() -> None:
    said = set(_said_by_the_code())
    assert len(said) > 400
    assert {text for _, text in said} >= MADE_OF_SEVERAL.keys() | OF_MACHINES
    assert {(where, text) for where, text in said if text not in OF_MACHINES and not _known(text)} == set()


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
        text for text in others if not re.match(r"lattice:network = |(admit|ask|by|no code|approval)|m$", text)
    } == {"it was denied"}


def test_why_each_step_is_done_is_told_in_japanese() -> None:
    lines = [line for name in PLANS for line in (SAID / f"{name}.txt").read_text().splitlines()]
    why = {found[1] for line in lines if (found := re.match(r"  do \w+ \S+: (.*?)(?: \| .*)?$", line))}
    assert len(why) > 30
    assert {text for text in why if not JAPANESE.search(told(text, "ja"))} == set()


# --- how it is told


def test_in_english_nothing_is_loaded_and_nothing_changes() -> None:
    for text in ("not-internal: use an internal load balancer: this one is internet-facing", "whatever", ""):
        assert told(text, "en") is text
    assert of_code("invalid", "CreateService: no", "en") == "CreateService: no"


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("connected", "connected"),
        ("no-such-code: nothing known", "no-such-code: nothing known"),
        (
            "quota: raise quota L-1 (x y) or free something: A: B: c",
            "quota: クォータ L-1 (x y) を引き上げるか、何かを空けてください: A: B: c",
        ),
        (
            "not-settling: service orders is CREATE_IN_PROGRESS; the share is being ended",
            "not-settling: サービス orders は CREATE_IN_PROGRESS です; 共有を終了しています",
        ),
    ],
)
def test_codes_names_and_words_of_others_stay(english: str, japanese: str) -> None:
    assert told(english, "ja") == japanese


def test_what_a_team_wrote_stays_where_it_was() -> None:
    wrote = tags.spelled("重い: it has {x}")
    text = f"tag-invalid: write a number from 0 to 999 in tag lattice:weight: it has {wrote}"
    assert "U+91CD CJK UNIFIED IDEOGRAPH-91CD" in told(text, "ja")
    assert told(text, "ja").startswith("tag-invalid: タグ lattice:weight に")


def test_the_languages_are_those_of_the_template() -> None:
    template = (ROOT / "template.yaml").read_text()
    [allowed] = re.findall(r"^  Language:\n(?:    .*\n)*?    AllowedValues: \[(.+)\]$", template, re.MULTILINE)
    assert tuple(allowed.split(", ")) == language.LANGUAGES


# --- on tags


BAD = {"lattice:network": "net", "lattice:weight": "much"}
IN_ENGLISH = "tag-invalid: write a number from 0 to 999 in tag lattice:weight: it has much"
IN_JAPANESE = "tag-invalid: タグ lattice:weight に 0 から 999 の数を書いてください: 今の値は much です"
ELSEWHERE = {"lattice:network": "elsewhere"}


def answered(given: dict[str, str], there: str = "", **more: Any) -> WriteStatus | None:
    """The step that answers a load balancer with these tags, on which that message is already."""
    on = given | ({tags.STATUS: "refused", tags.MESSAGE: there} if there else {})
    world = World(network(**more), TEAM, "organisation").tag(balancer("orders", tags=on))
    planned = plan(world.network, world.observe(), now=world.now)
    found = [step for batch in planned.batches for step in batch.steps if isinstance(step, WriteStatus)]
    return found[0] if found else None


def test_in_japanese_the_english_answer_goes_with_it_should_aws_not_take_it() -> None:
    step = answered(BAD, language="ja")
    assert step is not None
    assert step.put == {tags.STATUS: "refused", tags.MESSAGE: IN_JAPANESE}
    assert step.instead == {tags.MESSAGE: f"{IN_ENGLISH} /en"}


def test_in_english_nothing_is_added_to_the_step() -> None:
    step = answered(BAD)
    assert step is not None
    assert (step.put[tags.MESSAGE], step.instead) == (IN_ENGLISH, {})
    assert "instead" not in encode(step)


@pytest.mark.parametrize(
    ("speaks", "there", "written"),
    [
        ("ja", IN_JAPANESE, None),
        ("ja", f"{IN_ENGLISH} /en", None),
        ("ja", IN_ENGLISH, IN_JAPANESE),
        ("ja", "tag-invalid: another /en", IN_JAPANESE),
        ("en", IN_ENGLISH, None),
        ("en", IN_JAPANESE, IN_ENGLISH),
        ("en", f"{IN_ENGLISH} /en", IN_ENGLISH),
    ],
)
def test_what_says_the_same_already_is_not_written_again(speaks: str, there: str, written: str | None) -> None:
    step = answered(BAD, there, language=speaks)
    assert (step.put if step else None) == (written and {tags.MESSAGE: written})


def test_stacks_that_answer_on_one_tag_answer_alike_whatever_they_speak() -> None:
    siblings = frozenset({"sibling"})
    alike = {str(answered(ELSEWHERE, language=speaks, siblings=siblings)) for speaks in language.LANGUAGES}
    assert len(alike) == 1
    alone, beside = (answered(ELSEWHERE, language="ja", siblings=found) for found in (frozenset(), siblings))
    assert alone is not None
    assert alone.instead
    assert beside is not None
    assert not beside.instead
    own = answered(BAD, language="ja", siblings=siblings)
    assert own is not None
    assert own.put[tags.MESSAGE] == IN_JAPANESE, "what one stack alone tells is in its language"


def test_an_english_answer_is_cut_so_that_its_mark_fits() -> None:
    written = tags.answer_in_english("word " * 99)
    assert len(written) <= tags.VALUE_LENGTH
    assert written.endswith("... /en")


# --- in mails


def test_the_mails_are_in_japanese() -> None:
    refusal = Refusal(code="not-internal", resource="arn:alb", message="use an internal load balancer: this one is x")
    odd = Refusal(code="step-failed", resource="arn:alb", message="CreateService: Odd: no")
    ask = Request(id="1-2", kind="client", name="vpc-1", resource="vpc-1", what=("who may call from it: 10.0.0.0/8",))
    planned = Plan(account=TEAM, round=1, next="done", refusals=(refusal, odd), approvals=(ask,))
    said = report(network(language="ja"), Run(account=TEAM, trigger={}, round=1, plan=planned)).message
    assert said.splitlines() == [
        f"ネットワーク net、アカウント {TEAM}:",
        "",
        "- arn:alb: not-internal: 内部のロードバランサーを使ってください: これは x です",
        "- arn:alb: step-failed: メッセージにある AWS の言葉に従う。次の実行でもう一度試される: CreateService: Odd: no",
        "- 承認待ち: 1-2 (onramp approve 1-2)",
        "  呼び出せるのは: 10.0.0.0/8",
    ]


def test_the_watchs_mails_are_in_japanese_but_for_their_subjects() -> None:
    well = watch.Finding(account="1", message="1 is well again (account-silent is over)", before="account-silent")
    mail = watch.summary("net", (well,), "ja")
    assert mail.text == "ネットワーク net:\n\n- account-well: 1 は正常に戻りました (account-silent は解消)"
    assert mail.subject.isascii()
    more = watch.Entry(account="1", notices=((0.0, "一"),), unsaid=2)
    assert watch.collected("net", more, "ja").text.endswith(
        "このメールに入らなかったものが 2 件あります: onramp-net-report のログを見てください"
    )
    long = watch.collected("net", watch.Entry(account="1", notices=((0.0, "x\n" * 300),)), "ja")
    assert long.text.endswith("... ほか 100 行")


def test_the_weeks_mail_is_in_japanese() -> None:
    refusal = Refusal(code="not-internal", resource="arn:alb", message="use an internal load balancer: this one is x")
    state = ServiceState(
        account=TEAM,
        name="orders",
        network="net",
        status="unreachable",
        message="weights-zero: give a weight above 0 to a target group of listener HTTP:80: all are 0",
    )
    memory = Memory(services=(state,), refusals=(refusal,))
    kept = Kept(watch.Entry(account=TEAM, rung_at=1.0, heard_at=1.0, looked_at=1.0), memory, ())
    lines = digest("net", [kept], [Joined(TEAM, frozenset())], 1.0, "ja").text.splitlines()
    assert lines[0] == "ネットワーク net: サービス 1 件、クライアント 0 件、アカウント 1 件。"
    assert "参加 (1):" in lines
    assert f"- arn:alb of {TEAM}: not-internal: 内部のロードバランサーを使ってください: これは x です" in lines
    assert any("weights-zero: リスナー HTTP:80 の" in line for line in lines)
    nothing = digest("net", [], [], 1.0, "ja").text
    assert nothing.endswith("参加も離脱もなく、拒否も到達不能もありません。")
