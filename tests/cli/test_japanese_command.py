"""The command speaks Japanese by --language or the locale; codes, names, states and its JSON stay as they are."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import typer
from msgspec.structs import replace
from onramp.core import fleet as fleets
from onramp.core.doctor import Check, Document, Finding, Walk
from onramp.core.fleet import Fleet, HeldSeen, Kept, RunSeen, StepSeen
from onramp.core.inventory import ClientState, Refusal, ServiceState
from onramp.core.run import Memory, Plan
from onramp.core.topology import Topology
from onramp.core.watch import Entry
from rich.cells import cell_len
from typer.testing import CliRunner

from cli import doctor, hands, plan, status, topology, trace
from cli.app import app
from cli.deployment import Wrong
from cli.language import spoken
from cli.render.terminal import Screen

TEAM = "222222222222"
NOW = 1_000_000.0
REFUSAL = Refusal(code="not-internal", resource="alb", message="use an internal load balancer: this one is x")


@pytest.mark.parametrize(
    ("asked", "environment", "language"),
    [
        ("ja", {}, "ja"),
        ("en", {"LC_ALL": "ja_JP.UTF-8"}, "en"),
        ("", {}, "en"),
        ("", {"LANG": "ja_JP.UTF-8"}, "ja"),
        ("", {"LANG": "ja"}, "ja"),
        ("", {"LC_MESSAGES": "ja_JP.UTF-8", "LANG": "de_DE.UTF-8"}, "ja"),
        ("", {"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "en"),
        ("", {"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "ja"),
        ("", {"LANG": "de_DE.UTF-8"}, "en"),
        ("", {"LANG": "jam_JM.UTF-8"}, "en"),
    ],
)
def test_what_was_typed_decides_then_the_locale(asked: str, environment: dict[str, str], language: str) -> None:
    assert spoken(asked, environment) == language


def test_a_language_that_nobody_speaks_here_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="'fr' is none of en, ja"):
        spoken("fr", {})


HANDS = ["look", "release --account 222222222222", "hold x", "unhold x", "approve x", "reject x"]


@pytest.mark.parametrize(
    "words",
    [it.split() for it in ("status", "doctor", "plan", "topology", "trace --from vpc-1 --to x", *HANDS)],
    ids=" ".join,
)
def test_each_of_the_commands_takes_it_and_asks_nobody_before(words: list[str]) -> None:
    ran = CliRunner().invoke(app, [*words, "--language", "fr"])
    assert ran.exit_code == 2
    assert "--language" in ran.stderr


def test_what_was_typed_wrongly_is_told_in_japanese() -> None:
    ran = CliRunner().invoke(app, ["trace", "--from", "10.1.33.54", "--to", "two words", "--language", "ja"])
    assert ran.exit_code == 2
    assert "--to 'two words' は名前でも URL でもありません" in " ".join(ran.stderr.split())


def shown(show: Callable[[Screen], object], language: str = "ja") -> list[str]:
    file = io.StringIO()
    show(Screen(language=spoken(language), file=file, width=200, soft_wrap=True))
    return file.getvalue().splitlines()


def test_status_is_in_japanese() -> None:
    state = ServiceState(
        account=TEAM,
        name="orders",
        network="net",
        status="unreachable",
        message="weights-zero: give a weight above 0 to a target group of listener HTTP:80: all are 0",
    )
    entry = Entry(account=TEAM, rung_at=NOW - 600, heard_at=NOW - 600, looked_at=NOW - 600)
    whole = fleets.fleet("net", [Kept(entry, Memory(services=(state,), refusals=(REFUSAL,)), ())], NOW)
    lines = shown(lambda out: status.show(out, whole))
    assert [" ".join(line.split()) for line in lines] == [
        "ネットワーク net サービス 1 件、クライアント 0 件、拒否 1 件、アカウント 1 件、いちばん古い確認は 10 分前",
        f"サービス orders {TEAM} unreachable weights-zero: リスナー HTTP:80 のターゲットグループのどれかの重みを"
        " 1 以上にしてください: すべて 0 です",
        f"拒否 alb {TEAM} refused not-internal: 内部のロードバランサーを使ってください: これは x です",
        f"アカウント {TEAM} well 確認 10 分前",
    ]
    full = shown(lambda out: status._in_full(out, whole))
    assert "  not-internal   内部のロードバランサーを使ってください: これは x です" in full
    assert f"サービス orders アカウント {TEAM}  unreachable" in full
    assert f"  最後の確認     {status.when(NOW - 600)}, 10 分前" in full
    held = fleets.only(whole, state="held")
    assert shown(lambda out: status.show(out, held, whole=False))[-1] == "該当するものはありません。"
    nobody = fleets.fleet("net", [], 0.0)
    assert shown(lambda out: status.show(out, nobody))[-1].startswith("まだどのアカウントからもイベントが届いて")


def test_doctor_is_in_japanese() -> None:
    finding = Finding(
        code="bus-closed",
        severity="error",
        resource="onramp-net",
        message="the bus has no policy: no member may send it events",
        remedy="revert the drift of the network's stack, by a change set with --deployment-mode REVERT_DRIFT"
        " (docs/troubleshooting.md): the same template deployed again brings nothing back",
    )
    open_ones = (replace(finding, code="network-open", severity="warning"),) * 2
    whole = Document(network="net", findings=(finding, *open_ones), unread={"list": "no"})
    lines = shown(lambda out: doctor.show(out, whole))
    assert [*lines[:3], *lines[-2:]] == [
        "ネットワーク net",
        "✗ bus-closed  onramp-net: バスにポリシーがありません: どのメンバーのイベントも届きません",
        "    → --deployment-mode REVERT_DRIFT の変更セットで、ネットワークのスタックのドリフトを元に戻してください"
        " (docs/troubleshooting.md): 同じテンプレートを再デプロイしても何も戻りません",
        "? list を読み取れませんでした: no",
        "エラー 1 件、警告 2 件",
    ]
    well = shown(lambda out: doctor.show(out, Document(network="net", findings=(), unread={})))
    assert well[-1] == "読み取れた範囲に、おかしなところはありません。"


@pytest.mark.parametrize(
    ("verdict", "last"),
    [
        ("ok", "経路に問題はありません。"),
        ("unknown", "止まる場所は見つかりませんでしたが、分からないところがあります。"),
        ("stopped", "tag で止まります: network-missing"),
    ],
)
def test_a_tags_way_is_in_japanese(verdict: Any, last: str) -> None:
    check = Check(
        place="tag",
        verdict=verdict,
        because="it carries no lattice:network",
        code="network-missing" if verdict == "stopped" else "",
        remedy="add tag lattice:network = net, if it is to join" if verdict == "stopped" else "",
    )
    walk = Walk(resource="vpc-1", account=TEAM, network="net", verdict=check.verdict, checks=(check,))
    lines = shown(lambda out: doctor.show_walk(out, walk))
    assert lines[0] == f"アカウント {TEAM} の vpc-1 (ネットワーク net)"
    assert lines[1].endswith("lattice:network が付いていません")
    assert (verdict == "stopped") == (
        lines[2].strip() == "→ 参加させるなら、タグ lattice:network = net を付けてください"
    )
    assert lines[-1] == last
    assert shown(lambda out: doctor.show_walk(out, walk), "en")[0] == f"vpc-1 of {TEAM}, for network net"


def test_plan_is_in_japanese() -> None:
    client = ClientState(account=TEAM, vpc="vpc-1", network="net", status="connecting")
    found = Plan(
        account=TEAM,
        round=1,
        next="done",
        refusals=(REFUSAL,),
        clients=(client,),
        pending=("the share is being ended",),
    )
    assert shown(lambda out: plan._tell(out, found)) == [
        f"アカウント {TEAM}",
        "  vpc-1  connecting",
        "  … 共有を終了しています",
        "  ! alb",
        "      not-internal: 内部のロードバランサーを使ってください: これは x です",
        "作成 0 件、変更 0 件、削除 0 件、通知 0 件、拒否 1 件。",
    ]
    nothing = Plan(account=TEAM, round=1, next="done")
    assert shown(lambda out: plan._tell(out, nothing))[-1] == "することはありません。"


@pytest.mark.parametrize(
    ("verdict", "code", "answered", "last"),
    [
        ("reaches", None, None, "届きます。"),
        ("reaches", None, 200, "届きます。応答は 200 です。"),
        ("stopped", "no-target", 503, "target で止まります: no-target (応答は 503)"),
        ("stopped", "no-target", None, "target で止まります: no-target"),
        ("unknown", None, None, "もっと調べるには、そのアカウントのプロファイルも指定してください: --profile NAME"),
    ],
)
def test_trace_is_in_japanese(verdict: Any, code: str | None, answered: int | None, last: str) -> None:
    hop = trace.HopSeen(
        hop="target",
        verdict="ok" if verdict == "reaches" else verdict,
        because="nothing is at i-1",
        code=code or "",
        remedy="register a target that is there" if code else "",
    )
    told = trace.Document(
        caller=trace.Caller(account=TEAM, vpc="vpc-1", address="10.0.0.1"),
        url="http://x/",
        method="GET",
        service=None,
        verdict=verdict,
        stopped_at="target" if code else None,
        code=code,
        status=answered,
        hops=[hop],
    )
    lines = shown(lambda out: trace.show(out, told))
    assert lines[:2] == ["GET http://x/", f"呼び出し元: アカウント {TEAM} の vpc-1 の 10.0.0.1"]
    assert lines[2].endswith("i-1 には何もありません")
    assert bool(code) == ("→ あるターゲットを登録してください" in lines[3])
    assert lines[-1] == last


def test_what_was_done_and_who_asked_is_in_japanese() -> None:
    arn = "arn:aws:elasticloadbalancing:x:222222222222:loadbalancer/app/alb/1"
    state = ServiceState(
        account=TEAM, name="orders", network="net", status="connected", load_balancers=(arn,), serving=(arn,)
    )
    step = StepSeen(kind="CreateService", name="orders", because="no tag asks for it", outcome="done", detail="")
    run = RunSeen(
        account=TEAM,
        execution="x",
        status="SUCCEEDED",
        trigger="t",
        started=NOW,
        ended=NOW,
        console="https://x",
        steps=(step,),
    )
    hold = HeldSeen(account=TEAM, name="", at=NOW - 600, by="infra")
    whole = Fleet(network="net", at=NOW, services=(state,), held=(hold,), runs=(run,))
    assert [" ".join(line.split()) for line in shown(lambda out: status._in_full(out, whole))] == [
        f"サービス orders アカウント {TEAM} connected",
        f"求めるもの {arn} 応答あり",
        "依頼者 不明: 参加してから、それを示すものがありません",
        f"保留 アカウント {TEAM} infra による、{status.when(NOW - 600)}",
        f"実行 {status.when(NOW)} SUCCEEDED t",
        "完了 CreateService orders: どのタグも求めていません",
        "コンソール https://x",
    ]
    assert [" ".join(line.split()) for line in shown(lambda out: status.show(out, whole))][-1] == (
        f"保留 アカウント全体 {TEAM} held infra による、10 分前"
    )


def test_columns_stand_below_each_other_in_both_languages() -> None:
    states = [ClientState(account=TEAM, vpc="vpc-1", network="net", status="connected")]
    entry = Entry(account=TEAM, rung_at=NOW, heard_at=NOW, looked_at=NOW)
    whole = fleets.fleet("net", [Kept(entry, Memory(clients=tuple(states)), ())], NOW)
    for language in ("en", "ja"):
        lines = shown(lambda out: status.show(out, whole), language)[1:]
        assert len({cell_len(line[: line.index(it)]) for line, it in zip(lines, ("vpc-1", TEAM), strict=True)}) == 1


def test_topology_is_in_japanese() -> None:
    nothing = Topology()
    assert shown(lambda out: topology.show(out, nothing)) == [
        "ここから見えるネットワークはありません。",
        "0 ネットワーク, 0 クライアント, 0 サービス, 0 ロードバランサー",
    ]
    assert topology.counts(nothing) == "0 networks, 0 clients, 0 services, 0 load balancers"


def test_infra_s_hands_speak_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    spoken_to = hands._Hands("hold", "ja")
    stop = f"Requests to service orders of {TEAM} stop"
    spoken_to.tell(f"{stop}; its tags and its names stay, and its team reads held: kept-out.")
    with pytest.raises(typer.Exit):
        spoken_to.__exit__(Wrong, Wrong("'22' is no account: write its 12 digits"), None)
    told = capsys.readouterr()
    assert told.out.startswith(f"アカウント {TEAM} のサービス orders へのリクエストは届かなくなります。")
    assert "'22' はアカウントではありません: 12 桁の数字を書いてください" in told.err
