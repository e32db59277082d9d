"""What a run has to say: only a change is news, and what could not be seen is not told as gone."""

from typing import Any, Literal

import pytest
from model_world import INFRA, TEAM, World, network, run, tagged, vpc
from msgspec.structs import replace
from onramp.core.errors import Refused
from onramp.core.inventory import ClientState, Refusal, ServiceState
from onramp.core.reach import Finding
from onramp.core.report import Report, report
from onramp.core.rounds import blind
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import Outcome
from onramp.core.tagged_by import Asks

NET = network()
NOTHING = Memory()
REFUSAL = Refusal(code="not-internal", resource="arn:alb", message="use an internal one")


def service(name: str = "orders", status: Any = "connected", answers: bool = True) -> ServiceState:
    return ServiceState(
        account=TEAM,
        name=name,
        network="net",
        status=status,
        domain=f"{name}.on.aws",
        answers=answers,
        serving=("arn:alb",) if answers else (),
    )


def client(vpc: str = "vpc-1", status: Any = "connected", answers: bool = True) -> ClientState:
    return ClientState(account=TEAM, vpc=vpc, network="net", status=status, answers=answers)


def said(before: Memory = NOTHING, **given: Any) -> Report:
    found = Plan(account=TEAM, round=4, next="done", **given)
    return report(NET, Run(account=TEAM, trigger={}, round=4, plan=found, memory=before))


def news(found: Report) -> list[str]:
    return [one.detail_type for one in found.announcements]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ([], [service()], ["Service Connected"]),
        ([service()], [service()], []),
        ([service()], [], ["Service Disconnected"]),
        ([service()], [service(status="failed", answers=False)], ["Service Disconnected"]),
        ([service()], [service(status="disconnecting", answers=False)], ["Service Disconnected"]),
        ([service()], [service(status="unreachable", answers=False)], ["Service Unreachable"]),
        ([service(status="unreachable", answers=False)], [service()], ["Service Connected"]),
        ([service(status="unreachable", answers=False)], [], []),
        # What answers has not left, whatever else is said of it.
        ([service()], [service(status="refused")], []),
        ([service()], [service(status="failed")], []),
        ([service()], [service(status="disconnecting")], []),
        ([service()], [service(status="held")], []),
        ([service(status="connecting", answers=False)], [service()], ["Service Connected"]),
        ([service(status="held")], [service()], []),
        ([], [service(status="connecting", answers=False)], []),
        ([service("kept", "kept", answers=False)], [], []),
        ([], [service(), service("bills")], ["Service Connected", "Service Connected"]),
        ([], [client()], ["Client Connected"]),
        ([client()], [client()], []),
        ([client()], [client(status="waiting", answers=False)], ["Client Disconnected"]),
        ([client()], [client(status="refused")], []),
        ([client()], [client(status="unreachable", answers=False)], ["Client Unreachable"]),
        ([client()], [client("vpc-2"), service()], ["Service Connected", "Client Connected", "Client Disconnected"]),
    ],
)
def test_only_a_change_is_news(
    before: list[ServiceState | ClientState], now: list[ServiceState | ClientState], told: list[str]
) -> None:
    def split(states: list[ServiceState | ClientState]) -> dict[str, Any]:
        return {
            "services": tuple(state for state in states if isinstance(state, ServiceState)),
            "clients": tuple(state for state in states if isinstance(state, ClientState)),
        }

    found = said(Memory(**split(before)), **split(now))
    assert news(found) == told
    assert (found.subject, found.message) == ("", "")
    assert found.memory == Memory(**split(now))


def test_an_announcement_tells_what_it_is_about() -> None:
    [joined] = said(services=(service(),)).announcements
    assert joined.detail == {
        "account": TEAM,
        "name": "orders",
        "network": "net",
        "status": "connected",
        "domain": "orders.on.aws",
        "answers": True,
        "serving": ("arn:alb",),
    }
    [left] = said(Memory(services=(service(),))).announcements
    assert left.detail["domain"] == "orders.on.aws"


def test_what_is_refused_is_kept_by_the_name_that_it_asks_for() -> None:
    world = World(NET).tag(tagged("alb", service="newcomer", listen="HTTP:nix"))
    run(world)
    assert [(it.code, it.name) for it in world.memory.refusals] == [("tag-invalid", "newcomer")]
    assert not world.memory.services


def test_a_refusal_is_told_once_to_machines_and_to_people() -> None:
    found = said(refusals=(REFUSAL,))
    [told] = found.announcements
    assert told.detail_type == "Request Refused"
    assert told.detail == {
        "account": TEAM,
        "network": "net",
        "code": "not-internal",
        "resource": "arn:alb",
        "message": "use an internal one",
    }
    assert found.subject == f"Lattice Onramp net: account {TEAM} needs a look"
    assert found.message == f"Network net, account {TEAM}:\n\n- arn:alb: not-internal: use an internal one"
    repeated = said(found.memory, refusals=(REFUSAL,))
    assert (news(repeated), repeated.subject, repeated.memory) == ([], "", found.memory)
    assert said(found.memory).memory.refusals == ()
    assert not said(found.memory, refusals=(replace(REFUSAL, name="orders"),)).news, "an earlier release told no name"


def test_the_subject_fits_a_mail() -> None:
    found = report(
        network(name="n" * 90),
        Run(account=TEAM, trigger={}, plan=Plan(account=TEAM, round=1, next="done", refusals=(REFUSAL,))),
    )
    assert len(found.subject) == 99  # SNS takes fewer than 100


def outcome(status: Any, name: str = "id") -> Outcome:
    return Outcome(kind="WriteStatus", account=TEAM, name=name, because="", status=status, detail="denied")


def test_failed_steps_are_told_those_of_the_last_status_tags_too() -> None:
    carried = Run(
        account=TEAM,
        trigger={},
        plan=Plan(account=TEAM, round=1, next="finish"),
        failures={"CreateService 2 orders": "quota"},
        finished=((outcome("refused"), outcome("done", "other")),),
    )
    found = report(NET, carried)
    assert news(found) == ["Step Failed", "Step Failed"]
    assert [(refusal.resource, refusal.message) for refusal in found.memory.refusals] == [
        ("CreateService 2 orders", "quota"),
        (f"WriteStatus {TEAM} id", "denied"),
    ]
    assert found.counts["Failures"] == 2


def of_end(status: Literal["done", "not_yet", "refused", "failed"]) -> Outcome:
    return Outcome(
        kind="DeleteSecurityGroup", account=TEAM, name="onramp-net-vpc-1", because="", status=status, detail="its words"
    )


@pytest.mark.parametrize(
    ("status", "owed", "told"),
    [("done", False, False), ("not_yet", True, False), ("failed", True, False), ("refused", False, True)],
)
def test_what_a_run_ended_with_is_remembered_and_owes_a_look_where_it_may_come_right(
    status: Literal["done", "not_yet", "refused", "failed"], owed: bool, told: bool
) -> None:
    key = f"DeleteSecurityGroup {TEAM} onramp-net-vpc-1"
    carried = Run(
        account=TEAM,
        trigger={},
        plan=Plan(account=TEAM, round=1, next="finish"),
        finished=((of_end(status), outcome("refused")),),
    )
    ends = report(NET, carried)
    assert (ends.unfinished, ends.memory.ended) == (owed, (key,))
    assert ends.memory.failed == ({key: "its words"} if told else {})
    assert [one.resource for one in ends.news if one.resource == key] == ([key] if told else [])


@pytest.mark.parametrize("status", ["not_yet", "failed"])
def test_an_answer_that_a_run_ended_without_owes_one_look_and_is_told_after_that(status: Any) -> None:
    ended = Run(
        account=TEAM,
        trigger={},
        plan=Plan(account=TEAM, round=1, next="finish"),
        finished=((outcome(status), outcome("done", "other")),),
    )
    first = report(NET, ended)
    assert (first.unfinished, first.news, first.memory.ended) == (True, (), (f"WriteStatus {TEAM} id",))
    again = report(NET, replace(ended, memory=first.memory))
    assert [one.resource for one in again.news] == [f"WriteStatus {TEAM} id"]
    assert not again.unfinished
    swept = report(NET, replace(ended, memory=again.memory))
    assert (swept.unfinished, swept.news) == (False, ())


def test_the_counts_are_of_this_account_now() -> None:
    found = said(
        services=(
            service(),
            service("b", "failed", answers=False),
            service("c", "held"),
            service("d", "waiting", False),
        ),
        clients=(client(), client("vpc-2", "unreachable", answers=False), client("vpc-3", "held")),
        refusals=(REFUSAL,),
    )
    assert found.counts == {
        "Rounds": 4,
        "Refusals": 1,
        "Failures": 0,
        "LooksWithoutChange": 0,
        "ForeignLeftAlone": 0,
        "DeletionsHeld": 0,
        "Waiting": 1,
        "Unreachable": 1,
        "Held": 2,
        "ApprovalsWaiting": 0,
        "ServicesConnected": 2,
        "ClientsConnected": 2,
    }


def test_deletions_that_were_held_back_are_counted_for_their_alarm() -> None:
    held = Refusal(code="deletion-limit", resource=TEAM, message="11 services and clients would be disconnected")
    assert said(refusals=(REFUSAL, held)).counts["DeletionsHeld"] == 1


IDLE = {"arn:alb": Finding(code="no-healthy-target", message="start one")}
BEFORE = Memory(arns={"arn:a": "a"}, services=(service(),), clients=(client(),), refusals=(REFUSAL,), findings=IDLE)


def test_what_keeps_requests_out_is_remembered_as_the_last_look_has_it() -> None:
    assert said(BEFORE).memory.findings == {}
    assert said(NOTHING, findings=IDLE).memory.findings == IDLE
    assert report(NET, Run(account=TEAM, trigger={}, memory=BEFORE)).memory.findings == IDLE


def test_a_blind_run_keeps_the_memory_and_adds_why() -> None:
    carried = blind(Run(account=TEAM, trigger={}, memory=BEFORE), Refused("role-missing", "deploy member.yaml"), 0.0)
    found = report(NET, carried)
    why = Refusal(code="role-missing", resource=TEAM, message="deploy member.yaml")
    assert news(found) == ["Request Refused"]
    assert found.memory == Memory(
        arns=BEFORE.arns, services=BEFORE.services, clients=BEFORE.clients, refusals=(REFUSAL, why), findings=IDLE
    )
    # Still blind: no news. Sighted again, with what was refused before: no news either.
    still = report(NET, blind(Run(account=TEAM, trigger={}, memory=found.memory), Refused(why.code, why.message), 0.0))
    assert (news(still), still.memory) == ([], found.memory)
    assert news(said(found.memory, services=(service(),), clients=(client(),), refusals=(REFUSAL,))) == []


def test_of_what_a_blind_run_tells_only_the_last_word_is_kept() -> None:
    memory = BEFORE
    for number in range(3):
        carried = blind(Run(account=TEAM, trigger={}, memory=memory), Refused("access-denied", f"id {number}"), 0.0)
        memory = report(NET, carried).memory
    assert [(one.code, one.message) for one in memory.refusals] == [
        (REFUSAL.code, REFUSAL.message),
        ("access-denied", "id 2"),
    ]


def test_who_asked_is_remembered_of_what_is_known_and_of_nothing_else() -> None:
    told = (Asks(resource="arn:alb", by="ana", at=2), Asks(resource="vpc-1", at=3), Asks(resource="vpc-9", by="ben"))
    found = Plan(
        account=TEAM,
        round=1,
        next="done",
        services=(replace(service(), load_balancers=("arn:alb",)),),
        clients=(client(),),
    )
    first = report(NET, Run(account=TEAM, trigger={}, plan=found, asks=told)).memory
    assert first.asks == told[:2]
    assert report(NET, Run(account=TEAM, trigger={}, plan=found, memory=first)).memory.asks == told[:2]
    gone = replace(found, services=(), clients=())
    assert report(NET, Run(account=TEAM, trigger={}, plan=gone, memory=first)).memory.asks == ()


def test_a_run_that_never_planned_says_nothing() -> None:
    found = report(NET, Run(account=TEAM, trigger={}, memory=BEFORE))
    assert (news(found), found.memory) == ([], BEFORE)


def test_a_whole_story_is_told_by_its_changes() -> None:
    world = World(NET, INFRA).tag(tagged("orders"), vpc())
    first = report(NET, run(world))
    assert news(first) == ["Service Connected", "Client Connected"]
    assert first.memory.arns
    world.untag()
    last = run(world)
    after = report(NET, Run(account=INFRA, trigger={}, memory=first.memory, plan=last.plan))
    assert news(after) == ["Service Disconnected", "Client Disconnected"]
    assert replace(after.memory, hands_at=0.0, pace={}) == Memory()


@pytest.mark.parametrize("broken", [{"color": "red"}, {"network": "elsewhere"}])
def test_what_still_serves_while_its_tag_is_refused_has_not_left(broken: dict[str, str]) -> None:
    world = World(NET, INFRA).tag(tagged("orders"), vpc())
    first = report(NET, run(world))
    world.tag(tagged("orders", **broken), vpc(**broken))
    mistagged = report(NET, Run(account=INFRA, trigger={}, memory=first.memory, plan=run(world).plan))
    assert news(mistagged) == ["Request Refused", "Request Refused"]
    for before, now in (
        (first.memory.services, mistagged.memory.services),
        (first.memory.clients, mistagged.memory.clients),
    ):
        assert [(state.status, state.answers) for state in before] == [("connected", True)]
        assert [(state.status, state.answers) for state in now] == [("refused", True)]
    gone = report(NET, Run(account=INFRA, trigger={}, memory=mistagged.memory, plan=run(world.untag()).plan))
    assert news(gone) == ["Service Disconnected", "Client Disconnected"]


def test_what_a_team_or_aws_wrote_acts_on_nobody() -> None:
    """Neither in a mail nor in an event: no line of its own, no link, nothing that a terminal obeys."""
    wrote = Refusal(
        code="step-failed", resource="CreateService x", message="go to https://evil.example\n- all is well\x1b[2J"
    )
    told = report(NET, Run(account=TEAM, trigger={}, plan=Plan(account=TEAM, round=1, next="done", refusals=(wrote,))))
    [event] = told.announcements
    for text in (told.message.splitlines()[-1], event.detail["message"]):
        assert "go to https[:]//evil.example - all is well" in text
        assert "\x1b" not in text
