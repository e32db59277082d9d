"""The fleet as infra asks for it: what is not well is found, one thing is found by any of its names."""

from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core import names
from onramp.core.fleet import (
    AccountSeen,
    ApprovalSeen,
    AskSeen,
    Fleet,
    HeldSeen,
    Kept,
    RefusalSeen,
    called,
    close_to,
    fleet,
    holds,
    one,
    only,
    owners,
)
from onramp.core.infra import Word
from onramp.core.inventory import ClientState, Refusal, Request, ServiceState
from onramp.core.run import Memory
from onramp.core.tagged_by import Asks
from onramp.core.watch import BLIND_AFTER, SILENT_AFTER, Entry

A, B, C = "222222222222", "333333333333", "444444444444"
NOW = 1_000_000.0
ALB = f"arn:aws:elasticloadbalancing:ap-northeast-1:{A}:loadbalancer/app/orders-alb/50dc6c495c0c9188"
OTHER = f"arn:aws:elasticloadbalancing:ap-northeast-1:{B}:loadbalancer/app/wrong-alb/60dc6c495c0c9188"


def kept(account: str, heard: float = NOW, words: tuple[Word, ...] = (), **memory: object) -> Kept:
    entry = Entry(account=account, rung_at=heard, heard_at=heard, looked_at=heard)
    return Kept(entry, Memory(**memory), words)  # type: ignore[arg-type]


ORDERS = ServiceState(
    account=A, name="orders", network="net", status="connected", domain="orders.example", load_balancers=(ALB,)
)
SAME = ServiceState(account=B, name="orders", network="net", status="unreachable", message="security-group: mend it")
CLIENT = ClientState(account=B, vpc="vpc-1", network="net", status="connected")
REFUSED = Refusal(code="not-internal", resource=OTHER, message="use an internal one", name="newcomer")
WHOLE = fleet(
    "net",
    [
        kept(B, services=(SAME,), clients=(CLIENT,), refusals=(REFUSED,)),
        kept(A, services=(ORDERS,), words=(Word(at=5, saying="Hold", about="payments", by="ayumi"),)),
    ],
    NOW,
)


def test_everything_is_there_in_order() -> None:
    assert [(it.account, it.state, it.services, it.clients, it.refusals) for it in WHOLE.accounts] == [
        (A, "well", 1, 0, 0),
        (B, "well", 1, 1, 1),
    ]
    assert [(it.account, it.name) for it in WHOLE.services] == [(A, "orders"), (B, "orders")]
    assert [(it.account, it.name, it.by) for it in WHOLE.held] == [(A, "payments", "ayumi")]


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (Entry(account=A, heard_at=NOW, rung_at=NOW), "well"),
        (Entry(account=A, heard_at=NOW - SILENT_AFTER, rung_at=NOW), "account-silent"),
        (Entry(account=A, heard_at=NOW, blind_since=NOW - BLIND_AFTER), "account-blind"),
        (Entry(account=A, heard_at=NOW, member_prefix="mesh:"), "stack-differs"),
        (Entry(account=A, listed_at=NOW - SILENT_AFTER), "account-absent"),
        (Entry(account=A, listed_at=NOW), "well"),
        (Entry(account=A, heard_at=NOW, told="account-not-listed"), "account-not-listed"),
        (Entry(account=A, heard_at=NOW - SILENT_AFTER, told="account-not-listed"), "account-not-listed"),
    ],
)
def test_what_is_wrong_with_an_account_is_its_state(entry: Entry, state: str) -> None:
    heard = Kept(Entry(account=B, heard_at=NOW, rung_at=NOW), Memory(), ())
    found = fleet("net", [Kept(entry, Memory(), ()), heard], NOW)
    assert [it.state for it in found.accounts] == [state, "well"]
    assert bool(found.accounts[0].message) == (state != "well")


@pytest.mark.parametrize(
    ("name", "services", "clients", "refusals"),
    [
        ("orders", [A, B], [], []),
        (f"{A}/orders", [A], [], []),
        ("orders.example", [A], [], []),
        ("orders-alb", [A], [], []),
        (ALB, [A], [], []),
        ("vpc-1", [], ["vpc-1"], []),
        ("wrong-alb", [], [], [OTHER]),
        (OTHER, [], [], [OTHER]),
        ("newcomer", [], [], [OTHER]),
        (f"{B}/newcomer", [], [], [OTHER]),
        (f"{A}/newcomer", [], [], []),
        (B, [B], ["vpc-1"], [OTHER]),
        ("nothing", [], [], []),
    ],
)
def test_one_thing_is_found_by_each_of_its_names(
    name: str, services: list[str], clients: list[str], refusals: list[str]
) -> None:
    found = one(WHOLE, name)
    assert [it.account for it in found.services] == services
    assert [it.vpc for it in found.clients] == clients
    assert [it.resource for it in found.refusals] == refusals
    assert bool(found.accounts) == bool(services or clients or refusals)


@pytest.mark.parametrize(
    ("state", "number"), [("connected", 2), ("unreachable", 1), ("refused", 1), ("held", 1), ("well", 2), ("kept", 0)]
)
def test_a_state_is_asked_for(state: str, number: int) -> None:
    found = only(WHOLE, state=state)
    parts = (found.accounts, found.services, found.clients, found.refusals, found.held)
    assert sum(map(len, parts)) == number


def test_a_service_is_called_by_the_domain_that_its_team_wrote_too() -> None:
    name = called("API.shop.example.jp")
    assert name == names.service_at("api.shop.example.jp")
    assert [called(one) for one in ("orders", "vpc-1", ALB, "222222222222")] == ["orders", "vpc-1", ALB, "222222222222"]
    state = replace(ORDERS, name=name, custom_domain="api.shop.example.jp")
    held = Word(at=NOW, saying="Hold", about=name, by="ana")
    whole = fleet("net", [kept(A, words=(held,), services=(state,))], NOW)
    for asked in ("api.shop.example.jp", f"{A}/api.shop.example.jp", name):
        found = one(whole, asked)
        assert ([it.name for it in found.services], [it.name for it in found.held]) == ([name], [name])


def test_a_typing_error_is_met_with_what_was_meant() -> None:
    assert close_to(WHOLE, "oders") == ["orders", "orders-alb"]
    assert close_to(WHOLE, "ORDERS") == ["orders", "orders-alb"]
    assert close_to(WHOLE, "zzz") == []


def test_whose_a_service_is_may_be_several() -> None:
    assert owners(WHOLE, "orders") == (A, B)
    assert owners(WHOLE, "payments") == (A,)
    assert owners(WHOLE, "nobody") == ()


def test_who_asked_is_told_of_the_thing_that_is_asked_about() -> None:
    asks = (Asks(resource=ALB, by="ana", at=1), Asks(resource="vpc-1", by="ben", at=2), Asks(resource=OTHER, at=3))
    found = fleet("net", [kept(A, services=(ORDERS,), clients=(CLIENT,), refusals=(REFUSED,), asks=asks)], NOW)
    assert [(it.resource, it.by, it.at) for it in found.asks] == [(it.resource, it.by, it.at) for it in asks]
    assert [it.by for it in one(found, "orders").asks] == ["ana"]
    assert [it.by for it in one(found, "vpc-1").asks] == ["ben"]
    assert [it.by for it in one(found, "wrong-alb").asks] == [""]
    assert only(found, account=B).asks == ()


REQUEST = Request(
    id=f"{A}-0123456789ab",
    kind="service",
    name="cards",
    resource=ALB,
    what=("service cards joins", "requests go to it"),
    state="approved",
    by="ayumi",
    at=7.0,
)


def test_all_that_an_item_holds_is_told() -> None:
    entry = Entry(account=A, rung_at=NOW - 3, heard_at=NOW - 2, looked_at=NOW - 1, holder="run-1")
    words = (
        Word(at=5, saying="Hold", about="payments", by="ayumi"),
        Word(at=6, saying="Hold", about="*", by="ben"),
        Word(at=7, saying="Hold", about="gone", by="ayumi"),
        Word(at=8, saying="Unhold", about="gone", by="ayumi"),
    )
    asks = (Asks(resource=ALB, by="ana", at=1),)
    memory = Memory(services=(ORDERS,), clients=(CLIENT,), refusals=(REFUSED,), approvals=(REQUEST,), asks=asks)
    assert fleet("net", [Kept(entry, memory, words)], NOW) == Fleet(
        network="net",
        at=NOW,
        accounts=(
            AccountSeen(
                account=A,
                state="well",
                message="",
                rung_at=NOW - 3,
                looked_at=NOW - 1,
                running="run-1",
                services=1,
                clients=1,
                refusals=1,
            ),
        ),
        services=(ORDERS,),
        clients=(CLIENT,),
        refusals=(
            RefusalSeen(account=A, code="not-internal", resource=OTHER, message="use an internal one", name="newcomer"),
        ),
        held=(
            HeldSeen(account=A, name="", at=6, by="ben"),
            HeldSeen(account=A, name="payments", at=5, by="ayumi"),
        ),
        approvals=(
            ApprovalSeen(
                account=A,
                id=REQUEST.id,
                state="approved",
                kind="service",
                name="cards",
                resource=ALB,
                what=("service cards joins", "requests go to it"),
                by="ayumi",
                at=7.0,
            ),
        ),
        asks=(AskSeen(account=A, resource=ALB, by="ana", at=1),),
    )


def test_who_is_forgotten_is_not_in_it() -> None:
    assert fleet("net", [Kept(Entry(account=A, ends=NOW), Memory(), ())], NOW).accounts == ()


@pytest.mark.parametrize(
    "some",
    [
        {"services": (ORDERS,)},
        {"arns": {"arn:o": "orders"}},
        {"records": {"arn:o": ("Z1",)}},
        {"released": ("arn:o",)},
        {"approvals": (replace(REQUEST, state="waiting"),)},
        {"words": (Word(at=5, saying="Hold", about="*", by="ayumi"),)},
    ],
)
def test_who_has_something_here_is_not_forgotten(some: dict[str, Any]) -> None:
    assert holds(kept(A, **some))
    assert not holds(kept(A, refusals=(Refusal(code="member-role-missing", resource=A, message="deploy it"),)))
    over = tuple(Word(at=5, saying=one, about=about) for one, about in (("Approve", REQUEST.id), ("Release", "")))
    assert not holds(kept(A, words=over))


@pytest.mark.parametrize("name", [REQUEST.id, "cards", ALB, "orders-alb", A])
def test_a_request_is_found_by_its_id_its_name_and_its_load_balancer(name: str) -> None:
    found = one(fleet("net", [kept(A, approvals=(REQUEST,)), kept(B)], NOW), name)
    assert [it.id for it in found.approvals] == [REQUEST.id]
    assert [it.account for it in found.accounts] == [A]


def test_what_holds_all_of_an_account_is_told_of_each_thing_in_it() -> None:
    blind = Refusal(code="member-role-missing", resource=A, message="deploy it")
    whole_account = (Word(at=5, saying="Hold", about="*", by="ayumi"),)
    whole = fleet("net", [kept(A, words=whole_account, services=(ORDERS,), refusals=(blind,)), kept(B)], NOW)
    found = one(whole, "orders")
    assert [it.code for it in found.refusals] == ["member-role-missing"]
    assert [it.name for it in found.held] == [""]
    assert one(whole, "elsewhere").held == ()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("account-not-listed", "it has sent events and is not in MemberAccounts"),
        ("account-version", "it has member stack 0.9.0, more than one minor version from the network's"),
    ],
)
def test_what_only_the_watch_knows_is_told_as_it_told_it(told: str, message: str) -> None:
    entry = Entry(account=A, rung_at=NOW, heard_at=NOW, told=told, member_version="0.9.0")
    [found] = fleet("net", [Kept(entry, Memory(), ())], NOW).accounts
    assert (found.state, found.message) == (told, message)


def test_an_empty_table_is_an_empty_fleet() -> None:
    assert fleet("net", [], NOW) == Fleet(network="net", at=NOW)
