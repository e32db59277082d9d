"""The week in one mail: who came and went since the last one, and what is not well."""

from typing import Any

from msgspec.structs import replace
from onramp.core.digest import Joined, digest, joined
from onramp.core.fleet import Kept
from onramp.core.infra import Word
from onramp.core.inventory import ClientState, Refusal, Request, ServiceState
from onramp.core.run import Memory
from onramp.core.watch import LINES_AT_MOST, Entry

A, B, C = "222222222222", "333333333333", "444444444444"
NOW = 1_000_000.0


def service(name: str, status: Any = "connected", message: str = "", **more: Any) -> ServiceState:
    return ServiceState(account=A, name=name, network="net", status=status, message=message, **more)


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


def test_what_only_asks_has_not_joined_and_what_was_joined_stays_joined_while_it_asks_for_more() -> None:
    asks = ("connecting", "waiting", "refused", "failed", "kept")
    wishes = tuple(service(name, name, arn="arn:x") for name in asks)
    assert joined(Memory(services=wishes)) == frozenset()
    were = frozenset(f"service {name}" for name in asks)
    assert joined(Memory(services=wishes), were) == were - {"service kept"}
    assert joined(Memory(services=(service("failed", "failed"),)), were) == frozenset(), "it is not there"
    assert joined(Memory(services=(service("a", "refused", answers=True),))) == {"service a"}
    assert joined(Memory(services=(service("a", "unreachable"), service("b", "held")))) == {"service a", "service b"}
    assert joined(Memory(services=(service("a", "held", "kept-out: ask infra"),)), {"service a"}) == frozenset()


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


def test_a_week_in_which_all_happened_is_told_part_by_part_and_each_thing_once() -> None:
    client = ClientState(account=A, vpc="vpc-1", network="net", status="failed", message="step-failed: quota")
    request = Request(id=f"{A}-0123456789ab", kind="service", name="p", resource="r", what=("p joins", "by r"))
    held = Word(at=1, saying="Hold", about="", by="a"), Word(at=1, saying="Hold", about="pay", by="a")
    blind = Refusal(code="member-role-missing", resource=B, message="deploy it")
    silent = Kept(
        Entry(account=B, rung_at=NOW, heard_at=NOW, blind_since=NOW - 3 * 3600), Memory(refusals=(blind,)), held
    )
    absent = Kept(Entry(account=C, listed_at=1.0), Memory(refusals=(replace(blind, resource=C),)), ())
    whole = kept(
        A,
        services=(
            service("orders"),
            service("x", "unreachable", "security-group: admit"),
            service("y", "failed", "step-failed: grant it"),
            service("z", "waiting", "accept the invitation"),
            service("p", "waiting", f"approval {A}-0123456789ab: infra has to approve it first"),
            service("b", "held", "deletion-limit: infra has to let them go"),
        ),
        clients=(client,),
        refusals=(
            Refusal(code="not-internal", resource="alb", message="use an internal one"),
            Refusal(code="step-failed", resource=f"CreateService {A} y", message="grant it"),
            Refusal(code="step-failed", resource=f"DeleteService {A} old", message="take it out"),
            Refusal(code="deletion-limit", resource=A, message=f"onramp release --account {A}"),
        ),
        approvals=(request,),
    )
    mail = digest("net", [whole, silent, absent], [Joined(A, frozenset({"service b", "service old"}))], NOW)
    assert mail.subject == "Lattice Onramp net: the week"
    assert mail.text.splitlines() == [
        "Network net: 3 services, 0 clients, 3 accounts.",
        "",
        "Joined (2):",
        f"- service orders ({A})",
        f"- service x ({A})",
        "",
        "Left (1):",
        f"- service old ({A})",
        "",
        "Refused (1):",
        f"- alb ({A}): not-internal: use an internal one",
        "",
        "Unreachable or failed (4):",
        f"- x ({A}): unreachable: security-group: admit",
        f"- y ({A}): failed: step-failed: grant it",
        f"- vpc-1 ({A}): failed: step-failed: quota",
        f"- DeleteService {A} old ({A}): step-failed: take it out",
        "",
        "Waiting for approval, by onramp approve ID or onramp reject ID (1):",
        f"- {A}-0123456789ab: p joins; by r",
        "",
        "Waiting for somebody else (1):",
        f"- z ({A}): accept the invitation",
        "",
        "Held (3):",
        f"- {B}: infra holds it, onramp unhold {B} takes that back",
        f"- {B}/pay: infra holds it, onramp unhold {B}/pay takes that back",
        f"- {A}: deletion-limit: onramp release --account {A}",
        "",
        "Accounts that are not well (2):",
        f"- {B}: no run could look at it for 3 hours, or not at all that it asks for: see its refusal, or what keeps"
        " its role onramp-net-reader from reading. What is connected stays; what is not read is not changed",
        f"- {B}: member-role-missing: deploy it",
        f"- {C}: it is in MemberAccounts and has never sent an event: deploy member.yaml of net to it, or take it off"
        " the list",
    ]


def test_the_subject_is_as_long_as_sns_takes_and_the_end_is_counted() -> None:
    many = tuple(service(f"s{n:04}", "unreachable") for n in range(LINES_AT_MOST))
    mail = digest("n" * 120, [kept(A, services=many)], [Joined(A, joined(Memory(services=many)))], NOW)
    assert mail.subject == f"Lattice Onramp {'n' * 84}"
    assert mail.text.splitlines()[-1] == "... and 3 more lines: onramp status has all"
