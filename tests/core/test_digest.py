"""The week in one mail: who came and went since the last one, and what is not well."""

from typing import Any

from onramp.core.digest import Joined, digest, joined
from onramp.core.fleet import Kept
from onramp.core.infra import Word
from onramp.core.steps import ClientState, Memory, Refusal, Request, ServiceState
from onramp.core.watch import LINES_AT_MOST, SILENT_AFTER, Entry

A, B = "222222222222", "333333333333"
NOW = 1_000_000.0


def service(name: str, status: Any = "connected", message: str = "") -> ServiceState:
    return ServiceState(account=A, name=name, network="net", status=status, message=message)


def kept(account: str, **memory: Any) -> Kept:
    return Kept(Entry(account=account, rung_at=NOW, heard_at=NOW, looked_at=NOW), Memory(**memory), ())


def lines(items: list[Kept], *before: Joined) -> list[str]:
    return digest("net", items, before, NOW).text.splitlines()


def test_who_came_and_who_went_is_told_by_account() -> None:
    client = ClientState(account=B, vpc="vpc-1", network="net", status="connected")
    items = [kept(A, services=(service("orders"), service("fresh"))), kept(B, clients=(client,))]
    told = lines(items, Joined(A, frozenset({"service orders", "service gone"})), Joined(B, frozenset()))
    assert told == [
        "Network net: 2 services, 1 client, 2 accounts.",
        "",
        "Joined (2):",
        f"- service fresh ({A})",
        f"- client vpc-1 ({B})",
        "",
        "Left (1):",
        f"- service gone ({A})",
    ]


def test_before_the_first_digest_nobody_has_joined() -> None:
    assert "Joined" not in digest("net", [kept(A, services=(service("orders"),))], [Joined(A, None)], NOW).text


def test_all_of_a_new_account_has_joined() -> None:
    items = [kept(A), kept(B, services=(service("orders"),))]
    assert f"- service orders ({B})" in lines(items, Joined(A, frozenset()), Joined(B, None))


def test_what_only_asks_has_not_joined() -> None:
    wishes = tuple(service(name, name) for name in ("connecting", "waiting", "refused", "kept"))
    assert joined(Memory(services=wishes)) == frozenset()
    assert joined(Memory(services=(service("a", "unreachable"), service("b", "held")))) == {"service a", "service b"}
    assert joined(Memory(services=(service("a", "held", "kept-out: ask infra"),))) == frozenset()


def test_what_is_not_well_is_in_it_and_cannot_act() -> None:
    refusal = Refusal(code="not-internal", resource="orders\x1b[2J", message="see https://example.com")
    request = Request(id=f"{A}-0123456789ab", kind="service", name="p", resource="r", what=("service p joins",))
    text = digest(
        "net",
        [
            kept(
                A,
                services=(service("x", "unreachable", "security-group: admit"),),
                refusals=(refusal,),
                approvals=(request,),
            )
        ],
        [],
        NOW,
    ).text
    assert "- orders[2J (222222222222): not-internal: see https[:]//example[.]com" in text
    assert f"- x ({A}): unreachable: security-group: admit" in text
    assert f"- {A}-0123456789ab: service p joins" in text


def test_a_quiet_week_says_so() -> None:
    assert (
        lines([kept(A)], Joined(A, frozenset()))[-1] == "Nobody joined or left, and nothing is refused or unreachable."
    )


def test_a_mail_has_an_end() -> None:
    many = tuple(service(f"s{n:04}", "unreachable") for n in range(1000))
    told = lines([kept(A, services=many)], Joined(A, joined(Memory(services=many))))
    assert len(told) == LINES_AT_MOST + 1
    assert told[-1].startswith("... and ")


def test_a_week_in_which_all_happened_is_told_part_by_part() -> None:
    client = ClientState(account=A, vpc="vpc-1", network="net", status="failed", message="step-failed: quota")
    request = Request(id=f"{A}-0123456789ab", kind="service", name="p", resource="r", what=("p joins", "by r"))
    silent = Kept(
        Entry(account=B, heard_at=NOW - SILENT_AFTER), Memory(), (Word(at=1, saying="Hold", about="", by="a"),)
    )
    whole = kept(
        A,
        services=(
            service("orders"),
            service("x", "unreachable", "security-group: admit"),
            service("y", "failed", "f: g"),
            service("z", "waiting", "accept the invitation"),
            service("p", "waiting", f"approval {A}-0123456789ab: infra has to approve it first"),
        ),
        clients=(client,),
        refusals=(Refusal(code="not-internal", resource="alb", message="use an internal one"),),
        approvals=(request,),
    )
    mail = digest("net", [whole, silent], [Joined(A, frozenset({"service orders", "service old"}))], NOW)
    assert mail.subject == "Lattice Onramp net: the week"
    assert mail.text.splitlines() == [
        "Network net: 5 services, 1 client, 2 accounts.",
        "",
        "Joined (3):",
        f"- client vpc-1 ({A})",
        f"- service x ({A})",
        f"- service y ({A})",
        "",
        "Left (1):",
        f"- service old ({A})",
        "",
        "Refused (1):",
        f"- alb ({A}): not-internal: use an internal one",
        "",
        "Unreachable or failed (3):",
        f"- x ({A}): unreachable: security-group: admit",
        f"- y ({A}): failed: f: g",
        f"- vpc-1 ({A}): failed: step-failed: quota",
        "",
        "Waiting for approval (1):",
        f"- {A}-0123456789ab: p joins; by r",
        "",
        "Waiting for somebody else (1):",
        f"- z ({A}): accept the invitation",
        "",
        "Held (1):",
        f"- {B}",
        "",
        "Accounts that are not well (1):",
        f"- {B}: it has sent no event for 3 hours, and its schedule sends one every hour: put its member stack"
        " back, switch its schedule onramp-net-sweep on, or have the bus admit it. What is connected stays; what"
        " changes there is not seen",
    ]


def test_the_subject_is_as_long_as_sns_takes_and_the_end_is_counted() -> None:
    many = tuple(service(f"s{n:04}", "unreachable") for n in range(LINES_AT_MOST))
    mail = digest("n" * 120, [kept(A, services=many)], [Joined(A, joined(Memory(services=many)))], NOW)
    assert mail.subject == f"Lattice Onramp {'n' * 84}"
    assert mail.text.splitlines()[-1] == "... and 3 more lines: onramp status has all"
