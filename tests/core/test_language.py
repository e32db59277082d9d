"""A sentence is told in the language of its reader: on a tag, in a mail; codes, names and others' words stay."""

import re
from pathlib import Path
from typing import Any

import pytest
from model_world import TEAM, World, balancer, network
from onramp.core import language, tags, watch
from onramp.core.digest import Joined, digest
from onramp.core.fleet import Kept
from onramp.core.inventory import Refusal, Request, ServiceState
from onramp.core.language import labelled, of_code, told
from onramp.core.plan import plan
from onramp.core.report import report
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import encode
from onramp.core.steps import WriteStatus

ROOT = Path(__file__).parents[2]

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


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        (
            "sg-1 lets the caller out to port 80; acl-1 lets it pass both ways",
            "sg-1 は呼び出し元からポート 80 への送信を許可しています; acl-1 は両方向とも通します",
        ),
        (
            "service network net allows: statement #1; service orders asks for no authorisation",
            "サービスネットワーク net は許可しています: ステートメント #1; サービス orders は認証を求めていません",
        ),
        ("the tag names a; b, and this is net", "タグは a; b を指していて、このネットワークは net です"),
        ("nobody says this; nor that", "nobody says this; nor that"),
    ],
)
def test_several_sentences_are_not_taken_for_one(english: str, japanese: str) -> None:
    """A name would else reach from the end of one into the begin of the next; a team's own word may."""
    assert told(english, "ja") == japanese


def test_what_a_team_wrote_stays_where_it_was() -> None:
    wrote = tags.spelled("重い: it has {x}")
    text = f"tag-invalid: write a number from 0 to 999 or theirs in tag lattice:weight: it has {wrote}"
    assert "U+91CD CJK UNIFIED IDEOGRAPH-91CD" in told(text, "ja")
    assert told(text, "ja").startswith("tag-invalid: タグ lattice:weight に")


def test_the_languages_are_those_of_the_template() -> None:
    template = (ROOT / "template.yaml").read_text()
    [allowed] = re.findall(r"^  Language:\n(?:    .*\n)*?    AllowedValues: \[(.+)\]$", template, re.MULTILINE)
    assert tuple(allowed.split(", ")) == language.LANGUAGES


# --- on tags


BAD = {"lattice:network": "net", "lattice:weight": "much"}
IN_ENGLISH = "tag-invalid: write a number from 0 to 999 or theirs in tag lattice:weight: it has much"
IN_JAPANESE = "tag-invalid: タグ lattice:weight に 0 から 999 の数か theirs を書いてください: 今の値は much です"
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
    assert f"- サービス orders ({TEAM})" in lines
    assert f"- arn:alb ({TEAM}): not-internal: 内部のロードバランサーを使ってください: これは x です" in lines
    assert any("weights-zero: リスナー HTTP:80 の" in line for line in lines)
    nothing = digest("net", [], [], 1.0, "ja").text
    assert nothing.endswith("参加も離脱もなく、拒否も到達不能もありません。")


def test_what_heads_a_column_is_in_the_readers_language_and_what_nobody_translated_as_it_is() -> None:
    assert [labelled("asked by", "en"), labelled("asked by", "ja"), labelled("CIDR", "ja")] == [
        "asked by",
        "依頼者",
        "CIDR",
    ]
