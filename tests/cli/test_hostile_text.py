"""Whatever a team, a member account or an event can write, through every outlet: it is shown, and never acts.

A source is a place where others write; an outlet is what shows it to somebody. Each pair is tried with the same texts.
"""

from __future__ import annotations

import ast
import html.parser
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from onramp.core import fleet as fleets
from onramp.core import tags, watch
from onramp.core.digest import digest
from onramp.core.doctor import Check, Document, Finding, Walk
from onramp.core.fleet import Kept
from onramp.core.infra import Word, read, spelled
from onramp.core.inventory import ClientState, Refusal, Request, ServiceState
from onramp.core.network import Network
from onramp.core.report import Report, report
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import Outcome, WriteStatus
from onramp.core.text import plainly
from onramp.core.topology import JoinedService, JoinedVpc, Tagged, Topology, Unread, topology
from onramp.core.topology import Network as NetworkSeen
from onramp.core.triggers import Event, Ignored, Ring, parse
from onramp.core.watch import Entry
from onramp.log import logger

from cli import doctor, plan, status, trace
from cli import topology as shown_topology
from cli.render.terminal import Screen, json_text
from replay.story import ROOT
from tests.core.model_world import World, existing, network, run, tagged, vpc

ACCOUNT, OWNER, NOW = "222222222222", "111111111111", 1_793_534_400.0
ARN = f"arn:aws:elasticloadbalancing:ap-northeast-1:{ACCOUNT}:loadbalancer/app/orders/50dc6c495c0c9188"
NETWORK = Network(
    name="net", account=OWNER, arn=f"arn:aws:vpc-lattice:eu-west-1:{OWNER}:servicenetwork/sn-1", share="x"
)

LINE_AT_MOST = 1_300
"""Characters of a line that tells of one thing: what `plain` leaves of one text or two, and our own words around."""

BAITS = (
    "\x1b[2J\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x9b31mred",
    "abc\u202ecba\u2066x\u2069",
    "zero\u200bwidth\ufeff\u3164\u2800",
    "a\u0301" + "\u0301" * 40,
    "line\r\nSubject: infra says yes\u2028\u2029\x85next",
    "https://evil.example/login?a=b",
    "www.evil.example and pay.evil.example/now, mailto:infra@evil.example",
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onclick='alert(1)",
    "[link=https://evil.example]here[/link] [/] [bold]",
    "[here](https://evil.example) ![x](https://evil.example) {0} \\",
    "%%{init: {'themeCSS': 'x'}}%% `**bold**` #quot; \"] --> n9",
    "click n0 href javascript:alert(1)",
    "\x00\x07\x7f",
    "=cmd|' /C calc'!A0",
    "\U000e0041\U000e0042",  # tags that nobody sees, and a language model reads
    "x" * 5_000,
)

hostile = st.one_of(
    st.sampled_from(BAITS),
    st.lists(st.one_of(st.sampled_from(BAITS[:-1]), st.text(max_size=8)), min_size=1, max_size=4).map("".join),
)


# --- what it is shown by ------------------------------------------------------------------------------------


def acting(text: str) -> list[str]:
    """Characters that a terminal, a mail reader or an eye would act on; a line end of ours is none."""
    return [
        repr(it) for it in text if it != "\n" and unicodedata.category(it) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    ]


def links(text: str) -> list[str]:
    """What a mail reader makes a link of."""
    return re.findall(r"\w+://|\bwww\.\S|\bmailto:\S|\bjavascript:\S|\w\.example\b", text)


def on_screen(tell: Callable[[Screen], object]) -> str:
    """What a terminal of a hundred columns is sent, with colours."""
    sent = io.StringIO()
    tell(Screen(file=sent, force_terminal=True, color_system="truecolor", width=100, soft_wrap=True))
    # Our own colours are all that may act.
    return re.sub(r"\x1b\[[0-9;]*m", "", sent.getvalue())


def logged(**extra: Any) -> str:
    """A line of a function's log."""
    return logger.registered_formatter.serialize({"level": "WARNING", "message": "refused", **extra})


# --- where it is written ------------------------------------------------------------------------------------


def kept(text: str) -> Kept:
    """An account of which everything that others can write says this."""
    refusal = Refusal(code="tag-unknown", resource=text, message=text)
    request = Request(id=f"{ACCOUNT}-0123456789ab", kind="service", name="orders", resource=text, what=(text,), by=text)
    word = read(spelled(Word(at=NOW, saying="Hold", about="orders", by=text)))
    assert word is not None
    return Kept(
        Entry(account=ACCOUNT, rung_at=NOW, heard_at=NOW, looked_at=NOW, notices=((NOW, text),)),
        Memory(
            services=(
                ServiceState(account=ACCOUNT, name="orders", network="net", status="unreachable", message=text),
                ServiceState(account=ACCOUNT, name="pay", network="net", status="failed", message=text),
            ),
            clients=(ClientState(account=ACCOUNT, vpc="vpc-1", network="net", status="unreachable", message=text),),
            refusals=(refusal,),
            approvals=(request,),
        ),
        (word,),
    )


def ran(text: str) -> Run:
    """A run whose tags, requests and steps all say this: AWS's words echo names."""
    whole = kept(text).memory
    planned = Plan(
        account=ACCOUNT,
        round=2,
        next="done",
        services=whole.services,
        clients=whole.clients,
        refusals=whole.refusals,
        approvals=whole.approvals,
        pending=(text,),
    )
    failed = Outcome(kind="CreateService", account=ACCOUNT, name="x", because=text, status="failed", detail=text)
    return Run(account=ACCOUNT, trigger={"about": text}, plan=planned, round=2, outcomes=((failed,),))


def seen(text: str) -> Topology:
    """A topology in which each tag that a team, or whoever may tag, can write says this."""
    tags = {
        "Name": text,
        "lattice:network": "net",
        "lattice:service": text,
        "lattice-onramp:status": text,
        "lattice-onramp:domain": text,
        "lattice-onramp:message": text,
    }
    joined = JoinedService(
        account=ACCOUNT, arn="arn:svc", name="joined", domain="o.aws", network="sn-1", status="ACTIVE"
    )
    return topology(
        [NetworkSeen(id="sn-1", arn="arn:sn-1", account=OWNER, name="net")],
        [joined],
        [JoinedVpc(account=ACCOUNT, vpc="vpc-1", network="sn-1", status="ACTIVE")],
        [
            Tagged(account=ACCOUNT, arn=ARN, tags=tags),
            Tagged(account=ACCOUNT, arn="arn:aws:ec2:::vpc/vpc-1", tags=tags),
            Tagged(account=ACCOUNT, arn="arn:aws:ec2:::vpc/vpc-2", tags=tags),
        ],
        [Unread(account=ACCOUNT, why=text)],
    )


def rung(text: str) -> Iterator[str]:
    """What is kept and logged of events, whatever stands in them."""
    keys = [f"lattice:{text}", "lattice:network"]
    details: list[tuple[str, str, Any]] = [
        ("aws.tag", "Tag Change on Resource", {"changed-tag-keys": keys, "tags": {text: text}}),
        ("aws.ram", text, {"event": text, "status": text}),
        ("aws.ec2", "AWS API Call via CloudTrail", {"eventName": text, "errorCode": text}),
        ("aws.vpc-lattice", "AWS API Call via CloudTrail", {"eventName": f"Delete{text}"}),
        ("lattice.onramp", "Look", {"account": ACCOUNT, "because": text}),
        ("lattice.onramp", "Hold", {"account": ACCOUNT, "by": text}),
        ("lattice.onramp", "Sweep", {"network": text, "version": text, "prefix": text}),
        (text, text, {}),
    ]
    for source, kind, detail in details:
        event = Event(
            id="1", source=source, account=OWNER, time="", detail_type=kind, detail=detail, resources=(f"{ARN}{text}",)
        )
        told = parse(event, "net", owner=OWNER)
        if isinstance(told, Ring):
            yield from (told.about, told.version, told.prefix, told.said.by if told.said else "")
        else:
            assert isinstance(told, Ignored)
            yield logged(why=told.why)


# --- mails, events, logs ------------------------------------------------------------------------------------


@given(hostile)
def test_a_mail_has_nothing_of_it_but_words(text: str) -> None:
    said = report(NETWORK, ran(text))
    collected = watch.collected("net", Entry(account=ACCOUNT, notices=((NOW, said.message), (NOW, text))))
    summary = watch.summary("net", (watch.Finding(account=ACCOUNT, code="x", message=text),))
    week = digest("net", [kept(text)], [], NOW)
    for mail in (collected, summary, week):
        assert acting(mail.subject + mail.text) == []
        assert links(mail.text) == []
        assert max(map(len, mail.text.splitlines())) <= LINE_AT_MOST
        assert len(mail.text) < 262_144 / 4  # SNS's limit, however many bytes a character has


@given(hostile)
def test_an_event_has_nothing_of_it_but_words(text: str) -> None:
    for made in report(NETWORK, ran(text)).announcements:
        for one in _texts(plainly(made.detail)):  # as aws/announce puts it
            assert acting(one) == []
            assert "://" not in one
            assert "\n" not in one
            assert len(one) <= LINE_AT_MOST


@given(hostile)
def test_what_an_event_brings_is_kept_and_logged_as_words(text: str) -> None:
    for told in rung(text):
        assert acting(told) == []
        assert "\n" not in told


@given(hostile)
def test_a_line_of_the_log_is_one_line_whatever_aws_said(text: str) -> None:
    line = logged(reason=text, exception=text)
    assert acting(line) == []
    assert "\n" not in line
    assert json.loads(line)["reason"] == text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (*_texts(key), *_texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


# --- by the product's whole way: what tags, names and domains say comes out of a run --------------------------

ON_A_BALANCER = sorted(f"lattice:{key}" for key in tags.LOAD_BALANCER_KEYS - {tags.NETWORK})
ON_A_VPC = sorted(f"lattice:{key}" for key in tags.VPC_KEYS - {tags.NETWORK})
ON_WHAT_IS_THEIRS = sorted(tags.OWNERS_WORDS)


def whole(text: str, key: str) -> tuple[list[Run], list[Report]]:
    """The rounds and reports of an account in which a load balancer and a VPC say this by `key`, and so do a key that
    is none, a key of theirs, and the name, domain and failure of a service that was there before.
    """
    asks = tagged("orders", service="orders", header="a=b")
    client = vpc()
    theirs = existing(
        domain=text, custom_domain=text, failure=text, name=text, tags={"lattice:network": "net", text: text, key: text}
    )
    world = World(network(extra_tags={"Owner": "", "Name": ""}), sharing="organisation").tag(
        replace(asks, tags={**asks.tags, key: text, f"lattice:{text}": text, "Owner": text, "Name": text}),
        replace(client, tags={**client.tags, key: text, f"lattice:{text}": text, "Owner": text}),
        theirs,
    )
    world.refusing = lambda step: text if step.kind == "AssociateService" else ""
    rounds: list[Plan] = []
    carried = run(world, every_plan=rounds.append)
    return [replace(carried, plan=one) for one in rounds], world.reports


@given(hostile, st.sampled_from([*ON_A_BALANCER, *ON_A_VPC, *ON_WHAT_IS_THEIRS]))
@settings(max_examples=60)
def test_nothing_of_what_tags_and_names_say_acts_in_what_a_run_says(text: str, key: str) -> None:
    rounds, reports = whole(text, key)
    for one in rounds:
        planned = one.plan
        assert planned is not None
        assert acting(on_screen(lambda out, planned=planned: plan._tell(out, planned))) == []
        for step in (step for batch in planned.batches for step in batch.steps):
            if isinstance(step, WriteStatus):
                for value in step.put.values():
                    assert re.fullmatch(r"[A-Za-z0-9 +=._:/@-]{0,255}", value)
    for said in reports:
        mail = watch.collected("net", Entry(account=ACCOUNT, notices=((NOW, said.message),)))
        assert acting(mail.subject + mail.text) == []
        assert links(mail.text) == []
        for made in said.announcements:
            for one in _texts(plainly(made.detail)):
                assert acting(one) == []
                assert "://" not in one


# --- the terminal -------------------------------------------------------------------------------------------


def _examined(text: str) -> Document:
    found = Finding(code="x", severity="error", resource=text, message=text, remedy=text)
    return Document(network="net", findings=(found,), unread={"rules": text})


def _walked(text: str) -> Walk:
    check = Check(place="tag", verdict="stopped", because=text, code="x", remedy=text)
    return Walk(resource=text, account=ACCOUNT, network=text, verdict="stopped", checks=(check,))


def _traced(text: str) -> trace.Document:
    """A request of which URL, path, address, service and each hop's words are somebody's."""
    hop = trace.HopSeen(hop="listener", verdict="stopped", because=text, code="x", remedy=text)
    return trace.Document(
        caller=trace.Caller(account=ACCOUNT, vpc="vpc-1", address=text),
        url=f"https://orders{text}",
        method="GET",
        service=text,
        verdict="stopped",
        stopped_at="listener",
        code="x",
        status=None,
        hops=[hop],
    )


SCREENS: dict[str, Callable[[Screen, str], object]] = {
    "status": lambda out, text: status.show(out, fleets.fleet("net", [kept(text)], NOW)),
    "status in full": lambda out, text: status._in_full(out, fleets.fleet("net", [kept(text)], NOW)),
    "topology": lambda out, text: shown_topology.show(out, seen(text)),
    "doctor": lambda out, text: doctor.show(out, _examined(text)),
    "doctor of a resource": lambda out, text: doctor.show_walk(out, _walked(text)),
    "trace": lambda out, text: trace.show(out, _traced(text)),
    "plan": lambda out, text: plan._tell(out, ran(text).plan or Plan(account=ACCOUNT, round=1, next="done")),
    "a refusal to start": lambda out, text: out.print(f"no network {text} can be seen", style="red"),
}


@pytest.mark.parametrize("screen", SCREENS)
@given(text=hostile)
@settings(max_examples=40)
def test_a_terminal_does_nothing_of_it(screen: str, text: str) -> None:
    sent = on_screen(lambda out: SCREENS[screen](out, text))
    assert sent
    assert acting(sent) == []


@given(hostile)
def test_a_document_says_the_same_and_a_terminal_does_nothing_of_it(text: str) -> None:
    documents = (fleets.fleet("net", [kept(text)], NOW), seen(text), _examined(text), _walked(text), _traced(text))
    for value in documents:
        document = json_text(msgspec.to_builtins(value))
        assert acting(document) == []
        assert json.loads(document) == json.loads(json.dumps(msgspec.to_builtins(value)))


def test_every_command_writes_to_the_one_screen_and_its_documents_by_the_one_way() -> None:
    for file in sorted((ROOT / "cli").rglob("*.py")):
        if file.name == "terminal.py":
            continue
        for one in ast.walk(ast.parse(file.read_text())):
            if isinstance(one, ast.Call):
                called = one.func.id if isinstance(one.func, ast.Name) else getattr(one.func, "attr", "")
                assert called not in ("Console", "print_json"), f"{file}:{one.lineno}: use cli.render.terminal.Screen"
                raw = [key for key in one.keywords if key.arg == "ensure_ascii"]
                assert not raw, f"{file}:{one.lineno}: use cli.render.terminal.json_text"


# --- pages, pictures, reports -------------------------------------------------------------------------------


class Tags(html.parser.HTMLParser):
    """The page's elements with the names of their attributes, and its scripts' texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


@given(hostile)
@settings(max_examples=25)
def test_a_page_has_the_same_elements_whatever_names_say(text: str) -> None:
    made = shown_topology.page(seen(text))
    assert Tags(made).found == Tags(shown_topology.page(seen("another"))).found
    data = made.partition('<script type="application/json" id="topology">')[2].partition("</script>")[0]
    assert acting(data) == []


@pytest.mark.parametrize("text", BAITS)
def test_a_picture_has_the_same_elements_whatever_names_say(text: str) -> None:
    def parts(drawn: str) -> list[tuple[str, tuple[str, ...]]]:
        return sorted((it.tag, tuple(it.attrib)) for it in ET.fromstring(drawn).iter())  # noqa: S314 - we have drawn it

    drawn = shown_topology.picture(seen(text))
    assert parts(drawn) == parts(shown_topology.picture(seen("another")))
    assert acting(drawn) == []


def test_the_pages_policy_lets_no_script_run_but_its_own() -> None:
    policy = shown_topology.page(seen("another")).partition("Content-Security-Policy")[2].partition(">")[0]
    scripts = policy.partition("script-src ")[2].partition(";")[0].split()
    assert len(scripts) == 3
    assert all(re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", one) for one in scripts)


@given(hostile)
def test_a_diagram_has_the_same_lines_whatever_names_say(text: str) -> None:
    lines, plain_ones = (shown_topology.diagram(seen(one)).splitlines() for one in (text, "another"))
    shape = re.compile(r'"[^"]*"')
    shapes = [sorted(re.sub(r"n[0-9]+", "n", shape.sub('""', line)) for line in of) for of in (lines, plain_ones)]
    assert shapes[0] == shapes[1]
    for label in (found for line in lines for found in shape.findall(line)):
        assert not re.search(r"[`%{}\[\]\\'&]|<(?!br>)|#(?![0-9]+;)", label)


@given(hostile)
def test_a_report_for_machines_has_no_link_in_its_messages(text: str) -> None:
    [result] = doctor.as_sarif(_examined(text))["runs"][0]["results"]
    said = result["message"]["text"]
    assert acting(said) == []
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", said)
    assert not re.search(r"(?<!\{)\{(?:\{\{)*(?!\{)|(?<!\})\}(?:\}\})*(?!\})", said)
    assert "://" not in said


# --- what is written back onto resources --------------------------------------------------------------------


@given(hostile)
def test_an_answer_on_a_tag_holds_what_a_tag_may(text: str) -> None:
    for said in (tags.answer(text), tags.answer(f"write one: it has {tags.spelled(text)}")):
        assert re.fullmatch(r"[A-Za-z0-9 +=._:/@-]{0,255}", said)
    assert len(tags.spelled(text)) <= 70
