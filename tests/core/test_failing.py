"""What AWS refuses, fails or never does is told in its words, looked at once a sweep, and costs nobody else."""

from typing import Any

import pytest
from model_world import TEAM, VERBS, World, balancer, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core.errors import role_missing
from onramp.core.model import UNREAD, Access, Association
from onramp.core.plan import plan
from onramp.core.rounds import FAILED_AT_MOST, STALLED_AT_MOST
from onramp.core.run import Plan
from onramp.core.steps import (
    AnyStep,
    DisassociateService,
    PutAuthPolicy,
    ShareNetwork,
    UpdateVpcAssociation,
    WriteStatus,
)

NET = network()
A = tagged("a", service="shop")


def connected() -> World:
    world = World(NET).tag(A, vpc())
    run(world)
    world.done.clear()
    return world


def asked(world: World, kind: str) -> int:
    return sum(step.kind == kind for step in world.done)


def test_a_role_that_lets_no_run_in_is_the_accounts_matter_and_told_once() -> None:
    """Who reads gets in, who writes does not: no step is done, and each would be told like any that AWS refused."""
    why = role_missing("arn:aws:iam::222222222222:role/onramp-net-writer", TEAM).message
    world = World(NET).tag(A, tagged("b", service="bills"), vpc())
    world.refusing = lambda step: why if step.account == TEAM else ""
    run(world)
    assert [(one.code, one.resource, one.message) for one in world.memory.refusals] == [
        ("member-role-missing", TEAM, why)
    ]
    assert {state.message for state in world.memory.services} == {f"member-role-missing: {why}"}
    assert [one.detail_type for one in world.reports[-1].announcements] == ["Request Refused"]
    world.refusing = lambda _: ""
    run(world)
    assert world.memory.refusals == ()


class Broken(set[str]):
    """Every step of these kinds is taken by AWS, and fails on the way."""

    def __contains__(self, key: object) -> bool:
        return str(key).partition(" ")[0] in set(self)


DELETIONS = ["DisassociateService", "DeleteService", "DeleteTargetGroup", "DisassociateVpc"]
CREATIONS = ["ShareNetwork", "CreateService", "CreateTargetGroup", "AssociateService", "AssociateVpc"]


@pytest.mark.parametrize("kind", DELETIONS)
def test_a_deletion_that_fails_each_time_is_asked_for_three_times_and_once_a_sweep(kind: str) -> None:
    world = connected()
    world.breaking = Broken({kind})
    run(world.untag())
    assert asked(world, kind) == FAILED_AT_MOST
    told = [refusal.message for refusal in world.memory.refusals]
    assert any("DELETE_FAILED: InternalError no capacity" in message for message in told), told
    news = len(world.reports[-1].news)
    assert news
    for _ in range(3):
        world.done.clear()
        world.now += 3600
        run(world)
        assert asked(world, kind) == 1
        assert world.reports[-1].news == ()
    world.breaking = set()
    run(world)
    run(world)
    assert world.owned() == set()


@pytest.mark.parametrize("kind", CREATIONS)
def test_a_creation_that_fails_each_time_is_tried_three_times_and_once_a_sweep(kind: str) -> None:
    world = World(NET).tag(A, vpc())
    world.breaking = Broken({kind})
    run(world)
    assert asked(world, kind) == FAILED_AT_MOST
    assert any(": InternalError no capacity" in refusal.message for refusal in world.memory.refusals)
    key = "vpc-1" if kind == "AssociateVpc" else A.arn
    assert world.answers(key)["status"] == "failed"
    assert world.answers(key)["message"].startswith("step-failed: ")
    world.done.clear()
    world.now += 3600
    run(world)
    assert asked(world, kind) == 1
    world.breaking = set()
    run(world)
    assert world.answers(key)["status"] == "connected"


def test_a_deletion_that_is_accepted_and_never_done_is_no_progress() -> None:
    world = connected()
    [association] = world.vpc_associations.values()

    def stays(now: World) -> None:
        now.vpc_associations[association.arn] = association

    run(world.untag(), every_look=stays)
    assert asked(world, "DisassociateVpc") == FAILED_AT_MOST
    assert any("still there" in refusal.message for refusal in world.memory.refusals)


@pytest.mark.parametrize(
    ("ends", "words"),
    [("UPDATE_FAILED", "it is UPDATE_FAILED: InternalError"), ("ACTIVE", "asked 3 times, and it is as it was")],
)
def test_a_change_that_comes_to_nothing_each_time_is_asked_for_three_times_and_once_a_sweep(
    monkeypatch: pytest.MonkeyPatch, ends: str, words: str
) -> None:
    world = World(NET).tag(vpc(security_groups="sg-0123abcd"))
    run(world)
    world.done.clear()

    def fails(now: World, step: UpdateVpcAssociation) -> str:
        there = now.vpc_associations[step.association]
        failure = "InternalError" if ends == "UPDATE_FAILED" else ""
        now.vpc_associations[there.arn] = replace(there, status=ends, failure=failure)
        return ""

    monkeypatch.setitem(VERBS, UpdateVpcAssociation, fails)
    run(world.tag(vpc(security_groups="sg-0123abce")))
    assert asked(world, "UpdateVpcAssociation") == FAILED_AT_MOST
    assert world.answers("vpc-1") == {"status": "failed", "message": f"step-failed: {words}".replace(",", "")}
    assert [state.answers for state in world.memory.clients] == [True]
    world.done.clear()
    run(world)
    assert asked(world, "UpdateVpcAssociation") == 1
    monkeypatch.undo()
    run(world)
    assert world.answers("vpc-1") == {"status": "connected"}


def test_a_policy_that_never_reads_as_it_was_put_is_put_three_times_and_once_a_sweep() -> None:
    world = World(NET).tag(tagged("a", service="shop", auth="iam"))

    def another(step: AnyStep) -> None:
        if isinstance(step, PutAuthPolicy):
            there = world.settings[step.service]
            world.settings[step.service] = replace(there, policy=there.policy.replace("Anonymous", "Account"))

    world.every_step = another
    run(world)
    assert asked(world, "PutAuthPolicy") == FAILED_AT_MOST
    assert world.answers(A.arn)["message"] == "step-failed: asked 3 times and it is as it was"
    assert asked(world, "AssociateService") == 0
    world.done.clear()
    run(world)
    assert asked(world, "PutAuthPolicy") == 1
    world.every_step = lambda _: None
    run(world)
    assert world.answers(A.arn)["status"] == "connected"


def test_what_could_not_be_taken_away_until_a_run_gave_up_costs_the_next_one_try() -> None:
    world = connected()
    world.fate = lambda step: "not_yet" if isinstance(step, DisassociateService) else "done"
    tries: list[int] = []

    def count(planned: Plan) -> None:
        tries[-1] += sum(step.kind == "DisassociateService" for step in steps(planned))

    world.untag()
    for _ in range(3):
        tries.append(0)
        run(world, every_plan=count)
        world.now += 3600
    assert tries[0] > STALLED_AT_MOST
    assert tries[1:] == [1, 1]


def test_what_is_unwound_as_the_network_is_out_of_reach_is_told_so_from_the_first_look_that_knows() -> None:
    world = World(NET).tag(A)
    world.fate = lambda step: "refused" if isinstance(step, ShareNetwork) else "done"
    said: list[str] = []
    run(world, every_look=lambda there: said.append(there.answers(A.arn).get("status", "")))
    assert {"CreateService", "DeleteService"} <= {step.kind for step in world.done}
    assert said[0] == "connecting"
    assert set(said[1:]) == {"failed"}


def test_a_listener_that_is_changed_again_and_again_for_good_reason_is_not_given_up() -> None:
    ports = ("HTTP:8080", "HTTP:8081")
    nine = [tagged(f"b-{n}", *ports, service="shop", target="HTTP:8080") for n in range(9)]
    world = World(NET).tag(*nine)
    run(world)
    # One at a time finds room beside nine in a forward of ten.
    world.tag(*(tagged(f"b-{n}", *ports, service="shop", target="HTTP:8081") for n in range(9)))
    run(world)
    assert {target.port for group in world.groups.values() for target in group.targets} == {8081}
    assert asked(world, "UpdateListener") > FAILED_AT_MOST


def test_what_was_waited_for_in_vain_is_looked_at_by_the_next_run_and_not_waited_for_again() -> None:
    world = World(network(deletion_limit=0)).tag(A)
    run(world)
    run(world.tag(tagged("a", service="bank")))
    # A load balancer is in two groups at most, and infra has to let the services before go.
    world.tag(tagged("a", service="club"))
    looks = [run(world).round for _ in range(4)]
    assert looks[0] > STALLED_AT_MOST
    assert looks[1:] == [FAILED_AT_MOST + 3] * 3  # one that sees it, as many in vain, and one that says so
    world.network = NET
    run(world)
    assert {one.name for one in world.services.values()} == {"club"}


def test_a_target_that_is_taken_out_within_the_run_that_registered_it_is_registered_again() -> None:
    world = World(NET).tag(A)
    looks: list[int] = []

    def meanwhile(now: World) -> None:
        looks.append(1)
        if len(looks) == 3:
            now.groups.update({key: replace(group, targets=()) for key, group in now.groups.items()})
            now.tag(tagged("b", service="bank"))

    run(world, every_look=meanwhile)
    assert len(looks) < STALLED_AT_MOST
    assert world.answers(A.arn)["status"] == "connected"
    assert all(group.targets for group in world.groups.values())


def test_what_was_given_up_leaves_its_dependants_without_polling() -> None:
    world = World(NET).tag(A)
    world.refusing = lambda step: "quota" if step.kind in {"CreateService", "CreateTargetGroup"} else ""
    looks: list[int] = []
    run(world, every_look=lambda _: looks.append(1))
    assert len(looks) <= 8
    assert world.answers(A.arn)["status"] == "failed"


@pytest.mark.parametrize(
    "kind", ["CreateService", "RegisterTarget", "CreateListener", "AssociateService", "ShareNetwork"]
)
def test_a_refusal_of_one_service_costs_no_other(kind: str) -> None:
    world = World(NET, sharing="organisation").tag(A)
    run(world)
    world.refusing = lambda step: "denied" if step.kind == kind and "bank" in step.key else ""
    world.tag(tagged("b", service="bank"), tagged("c", service="club"))
    run(world)
    assert world.answers(balancer("a").arn)["status"] == "connected"
    assert world.answers(balancer("c").arn)["status"] == "connected"


def test_one_leftover_that_a_foreign_association_holds_keeps_no_other() -> None:
    world = World(NET).tag(A, tagged("b", service="bank"))
    run(world)
    [shop] = [one for one in world.services.values() if one.name == "shop"]
    theirs = Association(arn="arn:theirs", network="arn:network/sn-9", status="ACTIVE", owned=False)
    world.services[shop.arn] = replace(shop, associations=(*shop.associations, theirs))
    run(world.untag())
    assert [(one.name, [to.arn for to in one.associations]) for one in world.services.values()] == [
        ("shop", ["arn:theirs"])
    ]
    assert [(state.name, state.status) for state in world.memory.services] == [("shop", "held")]
    assert [refusal.code for refusal in world.memory.refusals] == ["associated-by-others"]


def test_a_group_that_cannot_go_names_the_service_that_sends_to_it() -> None:
    world = connected()
    [arn] = world.groups
    world.breaking = Broken({"DeleteTargetGroup"})
    world.groups[arn] = replace(world.groups[arn], used_by=("svc-0123456789abcdef0",))
    run(world.untag())
    assert asked(world, "DeleteTargetGroup") == FAILED_AT_MOST
    told = " ".join(refusal.message for refusal in world.memory.refusals)
    assert "service svc-0123456789abcdef0 sends to target group" in told
    world.done.clear()
    run(world)
    assert asked(world, "DeleteTargetGroup") == 1


@pytest.mark.parametrize("ending", ["not_yet", "failed", "lost"])
@pytest.mark.parametrize("number", range(12))
def test_any_one_step_that_is_throttled_fails_or_is_not_answered_changes_nothing_in_the_end(
    ending: str, number: int
) -> None:
    world = World(NET).tag(A, vpc())
    steps: list[AnyStep] = []

    def fate(step: AnyStep) -> str:
        steps.append(step)
        return ending if len(steps) == number + 1 else "done"

    world.fate = fate  # type: ignore[assignment]  # the table's words
    run(world)
    run(world)
    assert world.answers(A.arn)["status"] == "connected"
    assert world.answers("vpc-1")["status"] == "connected"
    assert len(world.services) == len(world.groups) == len(world.vpc_associations) == 1


def test_a_refused_change_leaves_the_domain_on_a_service_that_serves() -> None:
    world = connected()
    before = world.answers(A.arn)["domain"]
    world.tag(tagged("a", service="shop", listen="SMTP:25"))
    run(world)
    said = world.answers(A.arn)
    assert (said["status"], said["domain"]) == ("refused", before)
    assert [one.detail_type for one in world.reports[-1].announcements] == ["Request Refused"]


def test_a_newcomer_beyond_the_quota_takes_no_answer_from_those_who_serve() -> None:
    first = [tagged(f"b-{n}", service="shop") for n in range(10)]
    world = World(NET).tag(*first)
    run(world)
    world.tag(tagged("a-0", service="shop"), tagged("a-1", service="shop", listen="HTTP:80"))
    run(world)
    assert {world.answers(one.arn)["status"] for one in first} == {"connected"}
    assert world.answers(balancer("a-0").arn)["message"].startswith("backend-quota: ")
    assert world.answers(balancer("a-1").arn)["message"].startswith("listen-conflict: ")
    assert "Service Disconnected" not in [one.detail_type for one in world.reports[-1].announcements]


def test_a_network_that_could_not_be_shared_is_tried_once_a_sweep_and_nothing_is_made_for_it_meanwhile() -> None:
    world = World(NET).tag(A, vpc())
    world.refusing = lambda step: "the share is full" if step.kind == "ShareNetwork" else ""
    run(world)
    for _ in range(3):
        world.done.clear()
        run(world)
        assert [step.kind for step in world.done if step.kind.endswith(("Service", "TargetGroup"))] == []
        assert not world.services
    assert world.answers(A.arn)["status"] == "failed"
    world.refusing = lambda _: ""
    run(world)
    assert world.answers(A.arn)["status"] == "connected"


COMES = ("ShareNetwork", "CreateService", "RegisterTarget", "CreateListener", "AssociateService", "AssociateVpc")
LEAVES = ("DisassociateService", "DeleteService", "DisassociateVpc")


@pytest.mark.parametrize("kind", [*COMES, *LEAVES])
def test_what_comes_to_nothing_in_each_sweep_is_told_all_the_while(kind: str) -> None:
    """Not `connecting` or `disconnecting` for the seconds in which it is tried once more."""
    world = connected() if kind in LEAVES else World(NET).tag(A, vpc())
    world.refusing = lambda step: "an order from above" if step.kind == kind else ""
    run(world.untag() if kind in LEAVES else world)
    told = [world.answers(one).get("message", "") for one in (A.arn, "vpc-1")]
    assert any(one.endswith("an order from above") for one in told)
    world.done.clear()
    run(world)
    assert asked(world, "WriteStatus") == 0
    assert [world.answers(one).get("message", "") for one in (A.arn, "vpc-1")] == told


def test_a_client_that_aws_does_not_let_go_is_told_as_held_in_its_words() -> None:
    world = connected()
    world.refusing = lambda step: "an order from above" if step.kind == "DisassociateVpc" else ""
    run(world.untag())
    assert world.answers("vpc-1") == {"status": "held", "message": "step-failed: an order from above"}
    assert [state.status for state in world.memory.clients] == ["held"]


def test_a_service_that_is_refused_when_its_group_stands_leaves_no_group() -> None:
    world = World(NET, sharing="organisation").tag(A)
    world.refusing = lambda step: "quota" if step.kind == "CreateService" else ""
    run(world)
    assert world.owned() == set()
    # Each look after that asks once whether there is room now, and makes nothing that it would only take away again.
    for _ in range(2):
        world.done.clear()
        world.now += 3600
        run(world)
        assert [step.kind for step in world.done if step.kind != "WriteStatus"] == []
        assert world.answers(A.arn) == {"status": "failed", "message": "step-failed: quota"}
    world.refusing = lambda _: ""
    run(world)
    assert world.answers(A.arn)["status"] == "connected"


@pytest.mark.parametrize("kind", ["services", "target_groups", "vpc_associations"])
def test_what_stands_and_cannot_be_read_is_told_and_left(kind: str) -> None:
    world = connected()
    seen = world.observe()
    [thing] = getattr(seen, kind)
    blurred = replace(thing, status=UNREAD)
    unread = {thing.arn: "Get AccessDenied"}
    planned = plan(NET, replace(seen, **{kind: (blurred,)}, unread=unread))
    assert [step for step in steps(planned) if step.kind != "WriteStatus"] == []
    told = {step.put.get("lattice-onramp:status", "") for step in steps(planned) if isinstance(step, WriteStatus)}
    assert "failed" in told
    assert any("cannot be read: Get AccessDenied" in one.message for one in (*planned.services, *planned.clients))


def test_a_share_by_which_nobody_could_join_is_told_before_anything_is_made() -> None:
    lacking = ("vpc-lattice:CreateServiceNetworkServiceAssociation", "vpc-lattice:GetServiceNetwork")
    shared = replace(NET, share_permission="arn:aws:ram:ap-northeast-1:111111111111:permission/onramp")
    seen = World(NET).tag(A, vpc()).observe()
    for access in (Access(known=True, lacking=lacking), Access(known=True, lacking=lacking, invitation="arn:invite")):
        planned = plan(shared, replace(seen, access=access))
        assert {step.kind for step in steps(planned)} == {"WriteStatus"}
        assert {step.put["lattice-onramp:status"] for step in steps(planned) if isinstance(step, WriteStatus)} == {
            "waiting"
        }
        assert all(
            lacking[0] in step.put["lattice-onramp:message"] for step in steps(planned) if isinstance(step, WriteStatus)
        )
        [refusal] = planned.refusals
        assert (refusal.code, refusal.resource) == ("share-permission", shared.share)
        remedy = f"allow {lacking[0]} {lacking[1]} in {shared.share_permission}, or leave SharePermissionArn empty"
        assert refusal.message == f"{remedy}: nobody can join"
    # Whom it does not concern is told nothing of it.
    assert plan(shared, replace(World(NET).observe(), access=Access(known=True, lacking=lacking))).refusals == ()


def test_a_member_s_stack_of_another_network_is_told_before_anything_is_made_and_what_was_made_goes() -> None:
    why = f"update the member stack of account {TEAM} with the ServiceNetworkArn of the network stack"
    denied = "GetServiceNetwork AccessDeniedException"
    access = Access(known=True, denied=denied, differs=why, principal="ASSOCIATED", associated_at=100, updated_at=700)
    seen = World(NET).tag(A, vpc()).observe()
    planned = plan(NET, replace(seen, access=access), now=1000.0)
    answers = [step.put for step in steps(planned) if isinstance(step, WriteStatus)]
    assert {step.kind for step in steps(planned)} == {"WriteStatus"}
    assert {one["lattice-onramp:status"] for one in answers} == {"failed"}
    assert all(one["lattice-onramp:message"].startswith(f"stack-differs: {why}: ") for one in answers)
    [refusal] = planned.refusals
    assert (refusal.code, refusal.resource) == ("stack-differs", TEAM)
    assert refusal.message == f"{why}: {access.denied}"
    # Whom it does not concern is told nothing of it.
    assert plan(NET, replace(World(NET).observe(), access=access), now=1000.0).refusals == ()


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({"principal": ""}, {"ShareNetwork", "WriteStatus"}),
        ({"principal": "ASSOCIATING", "invitation": "arn:invitation"}, {"AcceptShare", "WriteStatus"}),
        ({"principal": "ASSOCIATED", "associated_at": 700.1}, {"WriteStatus"}),
        ({"principal": "ASSOCIATED", "associated_at": 1.0, "updated_at": 700.1}, {"WriteStatus"}),
    ],
)
def test_a_network_that_has_not_come_yet_may_be_denied_in_the_same_words(more: dict[str, Any], kinds: set[str]) -> None:
    """It is shared and waited for as ever; only that nothing is made before it is seen."""
    access = Access(known=True, denied="GetServiceNetwork AccessDeniedException", differs="update it", **more)
    planned = plan(NET, replace(World(NET).tag(A, vpc()).observe(), access=access), now=1000.0)
    assert {step.kind for step in steps(planned) if step.kind != "WriteStatus"} == kinds - {"WriteStatus"}
    assert {step.put["lattice-onramp:status"] for step in steps(planned) if isinstance(step, WriteStatus)} == {
        "connecting"
    }
    assert (planned.refusals, planned.next in {"apply", "wait"}) == ((), True)
