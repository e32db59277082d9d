"""From round to round: what is learned, when polls slow down, and when a run gives up."""

from typing import Any, Literal

import pytest
from model_world import TEAM, World, arn, kinds, network, steps, tagged, vpc
from model_world import run as play
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.backoff import PATIENCE
from onramp.core.errors import Refused
from onramp.core.looks import (
    BY_LISTS,
    SCOUTS,
    WHOLE_AFTER,
    goes_on,
    in_doubt,
    in_vain,
    keeping,
    leaves_others,
    leaves_vpcs,
    may_scout,
    napping,
    narrow_stands,
    narrows,
    scouting,
    telling_later,
)
from onramp.core.model import (
    Access,
    Association,
    Forward,
    Listener,
    Observation,
    Rule,
    Service,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.pace import Pace, first_looks
from onramp.core.plan import MORE
from onramp.core.reach import Finding
from onramp.core.report import report
from onramp.core.rounds import (
    FAILED_AT_MOST,
    ROUNDS_AT_MOST,
    STALLED_AT_MOST,
    blind,
    learn,
    look,
    may_rest_on,
    rest,
    rests_on,
)
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import AcceptShare, Batch, Outcome, RegisterTarget, WriteStatus
from onramp.core.tagged_by import MISSING, Asks
from onramp.core.triggers import TAG_CHANGE

QUIET = network(status_tags=False)
START = Run(account=TEAM, trigger={})
STUCK = Observation(
    account=TEAM,
    vpc_associations=(
        VpcAssociation(
            arn=arn("servicenetworkvpcassociation", "snva-1"),
            vpc="vpc-1",
            network=QUIET.arn,
            status="DELETE_IN_PROGRESS",
            owned=True,
        ),
    ),
)

type Ending = Literal["done", "not_yet", "refused", "failed"]


def planned(run: Run) -> Plan:
    assert run.plan is not None
    return run.plan


def ended(run: Run, status: Ending, detail: str = "why", **arns: str) -> Run:
    """The run when every step of its plan ended so."""
    return replace(
        run,
        outcomes=tuple(
            tuple(
                Outcome(
                    kind=step.kind,
                    account=step.account,
                    name=step.name,
                    because=step.because,
                    status=status,
                    detail="" if status == "done" else detail,
                    arn=arns.get(step.kind, ""),
                )
                for step in batch.steps
            )
            for batch in planned(run).batches
        ),
    )


def again(run: Run, seen: Observation, **given: Any) -> Run:
    return look(network(status_tags=False, **given), seen, learn(run), observed_at=5.0)


def following(run: Run) -> Run:
    """The run that begins when somebody rings after this one."""
    return Run(account=TEAM, trigger={}, memory=report(QUIET, run).memory)


def test_the_first_look_is_round_one() -> None:
    run = again(START, STUCK)
    assert (run.round, run.stalled, run.observed_at, planned(run).round) == (1, 0, 5.0, 1)
    assert planned(run).next == "wait"


def test_looks_that_find_nothing_new_are_counted() -> None:
    run = START
    for count in range(5):
        run = again(run, STUCK)
        assert (run.stalled, run.round) == (count, count + 1)


def test_a_change_in_what_is_seen_starts_the_count_anew() -> None:
    run = again(again(again(START, STUCK), STUCK), STUCK)
    assert run.stalled == 2
    assert again(run, Observation(account=TEAM)).stalled == 0


def test_a_step_that_was_done_starts_the_count_anew() -> None:
    world = World(QUIET).tag(tagged("orders"))
    run = again(START, world.observe())
    assert again(ended(run, "not_yet"), world.observe()).stalled == 1
    seen = replace(world.observe(), access=Access(known=True, principal="ASSOCIATING"))
    assert again(ended(run, "done"), seen).stalled == 0


def test_a_step_that_was_done_and_is_asked_for_again_is_no_progress() -> None:
    world = World(QUIET).tag(tagged("orders"))
    run = again(START, world.observe())
    assert again(ended(run, "done"), world.observe()).stalled == 1


def test_an_account_that_keeps_ringing_is_left_alone_before_the_first_look() -> None:
    resting = rest(replace(START, pause=30), 7.0)
    assert (planned(resting).next, planned(resting).wait_seconds, resting.pause) == ("wait", 30, 0)
    assert replace(again(resting, STUCK), rests_until=0.0) == again(START, STUCK)


@pytest.mark.parametrize(
    ("ends", "looked"),
    [
        (0.0, 60.0),  # the last rang when the run began
        (40.0, 120.0),
        (300.0, 360.0),  # half a minute without one, found at the end of a minute
        (900.0, 960.0),
        (9e9, PATIENCE),  # who never stops is looked at all the same
    ],
)
def test_the_run_that_waits_for_the_end_of_a_storm_looks_soon_after_it(ends: float, looked: float) -> None:
    run, at = rest(replace(START, looks=2.0, pause=60), 0.0), 60.0
    while may_rest_on(run, at):
        run = rests_on(run, min(at, ends), at)
        if not run.pause:
            break
        run = rest(run, at)
        at += planned(run).wait_seconds
    assert (at, run.pause) == (looked, 0)
    assert not may_rest_on(again(run, STUCK), at)


def test_a_later_run_of_a_storm_waits_no_longer_than_it_said() -> None:
    assert not may_rest_on(rest(replace(START, looks=3.0, pause=120), 0.0), 120.0)
    assert not may_rest_on(START, 0.0)


def test_a_run_that_does_not_go_forward_gives_up_and_says_so() -> None:
    run = START
    for _ in range(STALLED_AT_MOST + 1):
        run = again(run, STUCK)
        assert planned(run).next == "wait"
    run = again(run, STUCK)
    assert (planned(run).next, planned(run).pending) == ("done", ())
    assert [refusal.code for refusal in planned(run).refusals] == ["not-settling"]


def test_polls_grow_slower_and_outlast_the_slowest_deletion() -> None:
    waits = []
    run = START
    for _ in range(STALLED_AT_MOST):
        run = again(run, STUCK)
        waits.append(planned(run).wait_seconds)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (10, 30)
    assert sum(waits) > 7 * 60


def test_a_run_that_goes_round_for_ever_is_stopped() -> None:
    world = World(QUIET).tag(tagged("orders"))
    run = ended(again(START, world.observe()), "done")
    assert kinds(planned(again(replace(run, round=ROUNDS_AT_MOST - 1), world.observe()))) != []
    last = planned(again(replace(run, round=ROUNDS_AT_MOST), world.observe()))
    assert (last.next, last.batches, last.services[0].status) == ("done", (), "failed")


# --- what is learned


def test_what_was_made_is_remembered_by_arn_and_own_name() -> None:
    world = World(QUIET).tag(tagged("orders"))
    run = again(START, world.observe())
    made = learn(ended(run, "done", CreateService="arn:svc", CreateTargetGroup="arn:tg")).made
    assert made == {"arn:svc": "orders", "arn:tg": steps(planned(run))[1].name}
    listener = Outcome(kind="", account="", name="orders/http-80", because="", status="done", arn="arn:listener")
    assert learn(replace(run, outcomes=((listener,),), made=made)).made == {**made, "arn:listener": "http-80"}


def test_a_refused_step_is_not_tried_again_in_this_run() -> None:
    world = World(QUIET).tag(tagged("orders"))
    run = again(START, world.observe())
    assert kinds(planned(run)) == ["ShareNetwork", "CreateTargetGroup", "CreateService"]
    run = again(ended(run, "refused", "a person must act"), world.observe())
    assert set(run.failures.values()) == {"a person must act"}
    assert (planned(run).next, planned(run).services[0].status) == ("done", "failed")
    assert planned(again(run, world.observe())).batches == ()


def test_the_next_run_tries_a_refused_step_once_more() -> None:
    world = World(QUIET).tag(tagged("orders"))
    run = again(ended(again(START, world.observe()), "refused"), world.observe())
    run = again(following(run), world.observe())
    assert (run.failures, len(steps(planned(run)))) == ({}, 1)


def test_an_unclear_failure_is_tried_three_more_times() -> None:
    world = World(QUIET).tag(vpc(security_groups="sg-0123abcd"))
    world.principal = "ASSOCIATED"
    run, tries = again(START, world.observe()), 0
    while steps(planned(run)):
        tries += 1
        run = again(ended(run, "failed", "odd"), world.observe())
    assert tries == 1 + FAILED_AT_MOST
    assert list(run.failures.values()) == ["odd"]
    assert (planned(run).next, planned(run).clients[0].status) == ("done", "failed")


def test_what_may_come_later_is_tried_until_the_run_gives_up() -> None:
    world = World(QUIET).tag(vpc(security_groups="sg-0123abcd"))
    world.principal = "ASSOCIATED"
    run, waits = again(START, world.observe()), []
    while steps(planned(run)):
        waits.append(planned(run).wait_seconds)
        run = again(ended(run, "not_yet"), world.observe())
    assert len(waits) == 1 + STALLED_AT_MOST
    assert min(waits) >= 10
    assert run.failures == {}
    [refusal] = planned(run).refusals
    assert (refusal.code, refusal.message) == ("not-settling", "given up until the next look: why")


def test_what_failed_before_is_told_as_that_when_the_run_gives_up_on_something_else() -> None:
    world = World(QUIET).tag(tagged("orders"), vpc(security_groups="sg-0123abcd"))
    world.principal = "ASSOCIATED"
    failures = {f"CreateService {TEAM} orders": "it is CREATE_FAILED: no capacity"}
    run = again(replace(START, failures=failures), world.observe())
    while steps(planned(run)):
        run = again(ended(run, "not_yet"), world.observe())
    [orders] = planned(run).services
    assert (orders.status, orders.message) == ("failed", "step-failed: it is CREATE_FAILED: no capacity")
    assert planned(run).clients[0].message.startswith("not-settling")


def test_when_it_gives_up_it_tells_the_team_what_aws_answered_last() -> None:
    world = World(network()).tag(vpc(security_groups="sg-0123abcd"))
    world.principal = "ASSOCIATED"
    run = look(network(), world.observe(), START, 5.0)
    run = look(network(), world.observe(), replace(ended(run, "not_yet", "throttled"), stalled=STALLED_AT_MOST), 6.0)
    [told] = [step for step in steps(planned(run)) if isinstance(step, WriteStatus)]
    assert (told.put[tags.STATUS], told.put[tags.MESSAGE]) == ("failed", "not-settling: throttled")


def broken(run: Run, world: World, why: str = "no capacity") -> Run:
    """The run after looks that found the service failed, and gone."""
    world.services.clear()
    failed = Service(arn=arn("service", "svc-1"), name="orders", status="CREATE_FAILED", owned=True, failure=why)
    run = again(ended(run, "done"), replace(world.observe(), services=(failed,)))
    assert "DeleteService" in kinds(planned(run))
    return again(ended(run, "done"), replace(world.observe(), services=()))


def test_what_fails_each_time_it_is_made_is_given_up_with_what_aws_says() -> None:
    world = World(QUIET).tag(tagged("orders"))
    world.principal = "ASSOCIATED"
    run = again(START, world.observe())
    for _ in range(FAILED_AT_MOST):
        assert "CreateService" in kinds(planned(run))
        run = broken(run, world)
    assert "CreateService" not in kinds(planned(run))
    assert run.failures == {f"CreateService {TEAM} orders": "it is CREATE_FAILED: no capacity"}
    assert planned(run).services[0].status == "failed"
    # The next run: perhaps it can be made now.
    assert "CreateService" in kinds(planned(again(following(run), world.observe())))


def test_where_aws_says_no_reason_that_is_said() -> None:
    world = World(QUIET).tag(tagged("orders"))
    world.principal = "ASSOCIATED"
    run = again(START, world.observe())
    for _ in range(FAILED_AT_MOST):
        run = broken(run, world, why="")
    assert run.failures == {f"CreateService {TEAM} orders": "it is CREATE_FAILED: AWS gives no reason"}


def test_every_kind_that_can_fail_while_it_is_made_is_counted() -> None:
    failed: dict[str, Any] = {"status": "CREATE_FAILED", "owned": True, "failure": "why"}
    joined = Association(arn="arn:snsa", network=QUIET.arn, **failed)
    seen = Observation(
        account=TEAM,
        services=(Service(arn="arn:svc", name="orders", associations=(joined,), **failed),),
        target_groups=(TargetGroup(arn="arn:tg", name="orders-1", **failed),),
        vpc_associations=(VpcAssociation(arn="arn:snva", vpc="vpc-1", network=QUIET.arn, **failed),),
    )
    assert set(planned(again(START, seen)).broken) == {
        f"CreateService {TEAM} orders",
        f"AssociateService {TEAM} orders",
        f"CreateTargetGroup {TEAM} orders-1",
        f"AssociateVpc {TEAM} vpc-1",
    }
    # The same failure seen in two looks is one.
    assert set(again(again(START, seen), seen).broken.values()) == {1}


# --- an account that cannot be looked at


@pytest.mark.parametrize("before", [START, replace(START, round=3)])
def test_a_blind_run_plans_nothing_and_says_why(before: Run) -> None:
    run = blind(before, Refused("role-missing", "deploy member.yaml"), 7.0)
    assert (run.round, run.observed_at, run.outcomes, run.finished) == (before.round + 1, 7.0, (), ())
    assert (planned(run).next, planned(run).blind, planned(run).batches) == ("done", True, ())
    [refusal] = planned(run).refusals
    assert (refusal.code, refusal.resource, refusal.message) == ("role-missing", TEAM, "deploy member.yaml")


def test_a_wait_that_was_asked_for_has_passed_whatever_the_clock_says() -> None:
    """An engine may run its waits faster than the clock: a quiet time ends by them, too, and the run with it."""
    world = World(network(status_tags=False, quiet_seconds=60, keep_seconds=600)).tag(tagged("orders"))
    play(world)
    world.untag()
    first = look(world.network, world.observe(), Run(account=TEAM, trigger={}, memory=world.memory), world.now)
    assert planned(first).next == "wait"
    second = look(world.network, world.observe(), learn(first), world.now + 1)
    assert kinds(planned(second)) == ["DisassociateService", "DeleteListener", "DeleteTargetGroup"]
    assert second.observed_at == world.now + 1


@pytest.mark.parametrize("fate", ["done", "not_yet", "failed", "refused"])
def test_what_a_run_ends_with_is_looked_after_where_it_is_asked_for_again(fate: Ending) -> None:
    """A security group that nobody uses is the last to go; it may come to nothing, said or not."""
    world = World(QUIET).tag(vpc())
    play(world)
    world.untag()
    world.vpc_associations.clear()
    there = replace(world.observe(), access=Access())
    last = again(replace(START, memory=world.memory), there)
    assert (kinds(planned(last)), planned(last).next) == (["DeleteSecurityGroup"], "finish")
    after = following(replace(last, finished=ended(last, fate).outcomes))
    second = again(after, there)
    assert (kinds(planned(second)), planned(second).next) == (["DeleteSecurityGroup"], "apply")
    # Where it went, the next time is as the first.
    gone = following(replace(again(after, replace(there, security_groups=())), finished=()))
    assert planned(again(gone, there)).next == "finish"


@pytest.mark.parametrize(
    ("detail_type", "told", "found", "asks"),
    [
        (TAG_CHANGE, True, False, False),
        ("Sweep", True, False, True),
        (TAG_CHANGE, False, False, True),
        (TAG_CHANGE, True, True, True),
    ],
)
def test_whether_requests_get_through_is_not_asked_again_for_a_tag_that_changes_nothing(
    detail_type: str, told: bool, found: bool, asks: bool
) -> None:
    world = World(QUIET).tag(tagged("orders"))
    play(world)
    [balancer] = world.load_balancers
    finding = {balancer: Finding(code="no-healthy-target", message="start one")} if found else {}
    memory = replace(world.memory, findings=finding)
    memory = memory if told else replace(memory, services=())
    run = again(Run(account=TEAM, trigger={"detail_type": detail_type}, memory=memory), world.observe())
    run = replace(run, plan=replace(planned(run), findings=finding))
    assert planned(run).next == "done"
    assert in_doubt(run, frozenset({balancer})) == (frozenset({balancer}) if asks else frozenset())
    for touched in (balancer, "orders"):
        assert in_doubt(replace(run, touched=(touched,)), frozenset({balancer})) == {balancer}


def test_who_joins_has_nobody_else_asked_whether_requests_get_through() -> None:
    world = World(QUIET).tag(tagged("orders"), tagged("bills"), vpc())
    play(world)
    before = world.memory
    world.tag(tagged("late"))
    play(world)
    balancers = frozenset(world.load_balancers)
    late = next(key for key, one in world.load_balancers.items() if one.name == "late")
    run = Run(account=TEAM, trigger={"detail_type": TAG_CHANGE}, memory=before)
    run = again(run, world.observe())
    assert in_doubt(run, balancers | {"vpc-1"}) == {late}
    assert in_doubt(replace(run, touched=("onramp-net-vpc-1",)), balancers | {"vpc-1"}) == {late, "vpc-1"}
    # Who stands behind one service answers in each other's place.
    beside = replace(planned(run).services[0], load_balancers=tuple(sorted(balancers - {late})))
    shared = replace(run, plan=replace(planned(run), services=(beside, *planned(run).services[1:])))
    assert in_doubt(shared, balancers) == balancers


# --- whole looks and narrow ones


def begun(status: Ending = "done") -> tuple[World, Run]:
    """A service is being made: the first look was a whole one, and its steps ended so."""
    world = World(QUIET).tag(tagged("orders"))
    run = keeping(again(START, world.observe()), world.observe(), whole_at=5.0)
    return world, learn(ended(run, status))


def test_between_the_first_look_and_the_last_ones_are_narrow() -> None:
    _, run = begun()
    assert narrows(QUIET, run, 40.0)
    assert not narrows(QUIET, replace(run, seen=None), 40.0)
    assert not narrows(QUIET, replace(run, plan=None), 40.0)
    assert not narrows(QUIET, run, 5.0 + WHOLE_AFTER + 1)


def test_what_went_wrong_or_waits_for_somebody_has_a_whole_look() -> None:
    for status in ("not_yet", "refused", "failed"):
        assert not narrows(QUIET, begun(status)[1], 40.0)  # type: ignore[arg-type]  # of the literals
    _, run = begun()
    assert not narrows(QUIET, replace(run, failures={"a": "b"}), 40.0)
    assert not narrows(QUIET, replace(run, plan=replace(planned(run), since={"orders": 1.0})), 40.0)
    found = {"arn": Finding(code="security-group", message="admit it")}
    assert not narrows(QUIET, replace(run, plan=replace(planned(run), findings=found)), 40.0)


def test_the_look_after_the_last_step_is_a_whole_one_and_polls_are_narrow() -> None:
    _, run = begun()
    last = Outcome(kind="AssociateService", account=TEAM, name="orders", because="b", status="done")
    assert not narrows(QUIET, replace(run, outcomes=((last,),)), 40.0)
    assert narrows(QUIET, replace(run, outcomes=()), 40.0)
    # One that comes early, to learn whether that is enough, may come to nothing.
    early = replace(run, outcomes=((last,),), plan=replace(planned(run), wait_seconds=7))
    assert narrows(QUIET, early, 40.0)
    # A round that had no room for all is not the last one.
    cut = replace(planned(run), pending=(f"7 {MORE}",))
    assert narrows(QUIET, replace(run, outcomes=((last,),), plan=cut), 40.0)


def test_a_narrow_look_tells_nobody_ends_nothing_and_changes_nothing_that_serves() -> None:
    world, run = begun()
    assert narrow_stands(run, again(run, world.observe()))
    done = replace(run, plan=replace(planned(run), next="done", batches=()))
    assert not narrow_stands(run, done)
    assert not narrow_stands(run, replace(run, plan=None))
    told = WriteStatus(account=TEAM, name="orders", because="b", resource="arn:alb")
    batch = Batch(account=TEAM, sharing=False, steps=(told,))
    writes = replace(run, plan=replace(planned(run), next="apply", batches=(batch,)))
    assert not narrow_stands(run, writes)
    # More answers than one round has room for are those of one whole look.
    cut = replace(writes, plan=replace(planned(writes), pending=(f"7 {MORE}",)))
    assert (narrow_stands(cut, cut), narrow_stands(run, cut), narrow_stands(cut, writes)) == (True, False, False)
    # They are left to that one, where something can be begun first.
    without = replace(run, plan=None)
    assert all(telling_later(one) is one for one in (cut, writes, without))
    steps = planned(again(run, world.observe())).batches[-1].steps
    both = replace(planned(cut), batches=(replace(batch, steps=(*steps, told)), batch))
    mixed = telling_later(replace(cut, plan=both))
    assert planned(mixed).batches == (replace(batch, steps=steps),)
    assert narrow_stands(run, mixed)
    # Whether requests get through is asked of who is joined, when he is told, or the run ends.
    alb = frozenset({"arn:alb"})
    assert not in_doubt(writes, frozenset({"arn:other"}))
    assert in_doubt(writes, alb) == in_doubt(done, alb) == in_doubt(replace(run, plan=None), alb) == alb
    assert not in_doubt(done, frozenset())


def test_what_was_seen_is_kept_only_for_another_look() -> None:
    world, run = begun()
    assert run.seen == world.observe()
    assert keeping(replace(run, plan=replace(planned(run), next="done")), world.observe()).seen is None


@pytest.mark.parametrize(
    ("of_run", "remembered", "trigger", "round", "looked"),
    [
        (0.0, 0.0, {}, 0, 100_000.0),  # never yet
        (0.0, 99_000.0, {}, 0, 99_000.0),
        (0.0, 78_400.0, {}, 0, 100_000.0),
        (0.0, 78_401.0, {}, 0, 78_401.0),
        (0.0, 99_000.0, {"source": "aws.vpc-lattice"}, 0, 100_000.0),
        (99_500.0, 0.0, {"source": "aws.vpc-lattice"}, 1, 99_500.0),
        (99_500.0, 90_000.0, {}, 1, 99_500.0),
        (0.0, 90_000.0, {}, 1, 90_000.0),
    ],
)
def test_when_it_was_last_looked_for_hands_is_remembered(
    of_run: float, remembered: float, trigger: dict[str, Any], round: int, looked: float
) -> None:
    """What the run knows of itself counts more than what was remembered before it."""
    run = Run(account=TEAM, trigger=trigger, memory=Memory(hands_at=remembered), hands_at=of_run, round=round)
    assert look(QUIET, STUCK, run, observed_at=100_000.0).hands_at == looked


def test_a_run_learns_once_how_long_lattice_takes_and_looks_again_while_it_does() -> None:
    world = World(QUIET).tag(tagged("orders"))
    first = again(START, world.observe())
    made = Service(arn=arn("service", "svc-1"), name="orders", status="CREATE_IN_PROGRESS", owned=True)
    seen = replace(world.observe(), services=(made,))
    second = look(QUIET, seen, learn(ended(first, "done", CreateService=made.arn)), observed_at=36.0)
    assert (second.pace, second.slow) == ({"CreateService": Pace()}, True)
    assert (planned(second).wait_seconds, second.begun) == (30, {"CreateService": 5.0})
    there = replace(seen, services=(replace(made, status="ACTIVE"),))
    third = look(QUIET, there, learn(ended(second, "done")), observed_at=66.0)
    assert third.pace == second.pace
    again_made = replace(third, plan=replace(planned(third), wait_seconds=31))
    outcome = Outcome(kind="CreateService", account=TEAM, name="bills", because="b", status="done")
    fourth = look(QUIET, there, replace(again_made, outcomes=((outcome,),)), observed_at=97.0)
    assert fourth.pace == second.pace
    assert report(QUIET, fourth).memory.pace == fourth.pace


# --- what was given up


def met_again() -> tuple[World, Run]:
    """Beside one that is connected, a service that was given up is begun once more, by a look at the whole account."""
    world = World(QUIET).tag(tagged("orders"))
    play(world)
    world.tag(tagged("bills"))
    first = again(Run(account=TEAM, trigger={}, memory=world.memory), world.observe())
    memory = replace(world.memory, failed={step.key: "why" for step in steps(planned(first))[:1]})
    run = again(Run(account=TEAM, trigger={}, memory=memory), world.observe())
    return world, keeping(run, world.observe(), whole_at=5.0)


def test_what_is_given_up_again_needs_no_second_look_at_all() -> None:
    world, run = met_again()
    joined = frozenset(world.load_balancers)
    assert in_doubt(run, joined) == joined  # this look may be the last one
    assert not in_doubt(replace(run, memory=replace(run.memory, failed={})), joined)
    vain = learn(ended(run, "refused"))
    assert in_vain(QUIET, vain, 40.0)
    assert not narrows(QUIET, vain, 40.0)
    after = look(QUIET, world.observe(), vain, vain.observed_at)
    assert planned(after).next == "done"
    assert (narrow_stands(vain, after), narrow_stands(vain, after, vain=True)) == (False, True)
    assert after.observed_at == run.observed_at  # who rang since has the next run
    writes = replace(after, plan=replace(planned(after), next="finish"))
    assert not narrow_stands(vain, writes, vain=True)


def test_what_came_about_or_is_not_known_or_was_not_given_up_before_is_looked_at_whole() -> None:
    world, run = met_again()
    for status in ("done", "failed"):
        assert not in_vain(QUIET, learn(ended(run, status)), 40.0)  # type: ignore[arg-type]  # of the literals
    vain = learn(ended(run, "refused"))
    assert not in_vain(QUIET, vain, 5.0 + WHOLE_AFTER + 1)
    for other in (
        replace(vain, memory=replace(vain.memory, failed={})),
        replace(vain, round=2),
        replace(vain, outcomes=()),
        replace(vain, plan=None),
        replace(vain, seen=None),
        replace(vain, seen=replace(world.observe(), unread={"arn:orders": "denied"})),
        replace(vain, plan=replace(planned(vain), since={"orders": 1.0})),
    ):
        assert not in_vain(QUIET, other, 40.0)


# --- large accounts


def test_listeners_are_kept_of_many_services_where_they_only_forward() -> None:
    def one(number: int, **given: Any) -> Service:
        forwards = (Forward(target_group="tg"),)
        listener = Listener(
            arn=f"listener-{number}", name="http-80", protocol="HTTP", port=80, owned=True, forwards=forwards
        )
        made = replace(listener, **given)
        return Service(arn=f"svc-{number}", name=f"n{number}", status="ACTIVE", owned=True, listeners=(made,))

    rule = Rule(arn="rule", name="theirs", priority=1, owned=False)
    odd = [
        one(20, owned=False),
        one(21, forwards=(), answers=404),
        one(22, found_rules=(rule,)),
        replace(one(23), listeners=()),
        replace(one(24), owned=False),
    ]
    few = [one(number) for number in range(BY_LISTS)]
    many = [*few, one(19, rules=("theirs",))]
    assert again(START, Observation(account=TEAM, services=tuple(few))).listeners == {}
    kept = again(START, Observation(account=TEAM, services=(*many, *odd))).listeners
    assert set(kept) == {found.arn for found in many}
    assert kept["svc-19"][0].rules == ()


# --- finding out whether Lattice is quick


def scout() -> tuple[World, Run]:
    """A run that finds it out: its first look begins a service, and comes again after eleven seconds."""
    world = World(QUIET).tag(tagged("orders"))
    run = scouting(again(replace(START, scouts=True), world.observe()))
    assert run.scouts
    assert planned(run).wait_seconds == 11
    return world, learn(
        ended(keeping(run, world.observe(), whole_at=5.0), "done", CreateService=arn("service", "svc-1"))
    )


def moving(world: World) -> Observation:
    made = Service(arn=arn("service", "svc-1"), name="orders", status="CREATE_IN_PROGRESS", owned=True)
    return replace(world.observe(), services=(made,))


def test_a_run_whose_account_knows_nothing_may_find_out_and_one_that_begins_no_service_does_not() -> None:
    one = World(QUIET).tag(tagged("orders")).observe()
    assert may_scout(QUIET, START, one)
    assert not may_scout(QUIET, replace(START, round=1), one)
    assert may_scout(QUIET, replace(START, memory=Memory(pace={"CreateService": Pace()})), one)
    assert not may_scout(QUIET, START, moving(World(QUIET).tag(tagged("orders"))))
    assert not may_scout(QUIET, START, World(QUIET).observe())
    many = World(QUIET)
    for number in range(SCOUTS + 1):
        many.tag(tagged(f"orders-{number}"))
    assert not may_scout(QUIET, START, many.observe())
    client = World(QUIET).tag(vpc())
    assert not scouting(again(replace(START, scouts=True), client.observe())).scouts


def registering(run: Run) -> Run:
    """The run where nothing is possible but what waits for the service, too."""
    step = RegisterTarget(account=TEAM, name="o", because="b", target_group="o", load_balancer="alb", port=80)
    return replace(run, plan=replace(planned(run), batches=(Batch(account=TEAM, sharing=False, steps=(step,)),)))


def test_who_looked_too_early_waits_in_the_function_and_then_in_short_looks_for_a_while() -> None:
    world, run = scout()
    seen = moving(world)
    early = keeping(again(run, seen), seen)
    assert early.pace["CreateService"] == Pace()
    assert planned(early).next == "apply"
    waits = []
    while (nap := napping(QUIET, early, early.now)) is not None:
        after, seconds = nap
        assert (planned(after).next, planned(after).wait_seconds, planned(after).batches) == ("wait", seconds, ())
        assert narrows(QUIET, after, after.now)
        early = registering(keeping(again(learn(after), seen), seen))
        waits.append(seconds)
    assert waits == [20, 5, 5, 5, 5, 5, 5]
    assert early.slow
    # Who was looked at so closely is late with nothing, and his association is looked for as any other's.
    assert first_looks(early.pace, slow=early.slow and not early.scouts, scouts=early.scouts)["AssociateService"] == 21


def test_it_is_no_nap_where_nothing_is_on_its_way_or_something_else_can_be_done() -> None:
    world, run = scout()
    seen = moving(world)
    early = keeping(again(run, seen), seen)

    def naps(run: Run) -> bool:
        return napping(QUIET, run, run.now) is not None

    assert naps(early)
    there = replace(seen, services=tuple(replace(one, status="ACTIVE") for one in seen.services))
    assert not naps(keeping(again(run, there), there))
    assert not naps(replace(early, begun={"CreateService": early.now - 61}))
    late = registering(replace(early, begun={"CreateService": early.now - 31}))
    assert naps(late)
    accepts = AcceptShare(account=TEAM, name="net", because="b", invitation="i")
    more = Batch(account=TEAM, sharing=False, steps=(accepts,))
    assert not naps(replace(late, plan=replace(planned(late), batches=(more,))))
    assert not naps(replace(early, seen=None))
    assert not naps(replace(early, plan=None))
    assert not naps(replace(early, scouts=False))
    assert not naps(replace(early, failures={"CreateListener 2 orders/http-80": "no"}))


BALANCER = Asks(resource=f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/0123456789abcdef")


@pytest.mark.parametrize(
    ("run", "leaves"),
    [
        (replace(START, asks=(BALANCER,)), True),
        (START, False),
        (replace(START, asks=(BALANCER, Asks(resource="vpc-0123456789abcdef0"))), False),
        (replace(START, asks=(BALANCER, MISSING)), False),
        (replace(START, asks=(BALANCER,), round=1), False),
        (replace(START, asks=(BALANCER,), memory=Memory(arns={"sg-1": "net"})), False),
    ],
)
def test_where_no_run_has_ended_and_load_balancers_alone_ask_vpcs_have_time(run: Run, leaves: bool) -> None:
    assert leaves_vpcs(run) is leaves


LEAVER = VpcAssociation(
    arn=arn("servicenetworkvpcassociation", "1"), vpc="vpc-1", network=QUIET.arn, status="ACTIVE", owned=True
)
TOLD = Outcome(kind="WriteStatus", account=TEAM, name="vpc-1", because="b", status="done")
PARTING = replace(
    START,
    round=1,
    whole_at=5.0,
    seen=Observation(account=TEAM, vpc_associations=(LEAVER,)),
    plan=Plan(account=TEAM, round=1, next="apply", since={"vpc-1": 1.0}),
    outcomes=((TOLD,),),
)
SEEN = Observation(account=TEAM, vpc_associations=(LEAVER,))


@pytest.mark.parametrize(
    ("run", "leaves"),
    [
        (PARTING, True),
        (replace(PARTING, whole_at=5.0 - WHOLE_AFTER), False),
        (replace(PARTING, seen=None), False),
        (replace(PARTING, plan=None), False),
        (replace(PARTING, plan=replace(PARTING.plan, since={}) if PARTING.plan else None), False),
        (replace(PARTING, seen=replace(SEEN, load_balancers=(tagged("orders"),))), False),
        (
            replace(PARTING, seen=replace(SEEN, services=(Service(arn="a", name="b", status="ACTIVE", owned=True),))),
            False,
        ),
        (replace(PARTING, seen=replace(SEEN, unread={"vpc-2": "denied"})), False),
        (replace(PARTING, seen=replace(SEEN, unmarked={"sg-1": "clients"})), False),
        (replace(PARTING, seen=replace(SEEN, let_go=frozenset({"sg-1"}))), False),
        (replace(PARTING, seen=replace(SEEN, released=("sg-1",))), False),
        (replace(PARTING, failures={"a": "b"}), False),
        (replace(PARTING, memory=Memory(failed={"a": "b"})), False),
        (replace(PARTING, outcomes=()), False),
        (replace(PARTING, outcomes=((replace(TOLD, status="failed"),),)), False),
        (replace(PARTING, outcomes=((replace(TOLD, kind="DisassociateVpc"),),)), False),
    ],
)
def test_where_vpcs_alone_leave_a_look_after_their_quiet_time_asks_nothing_of_others(run: Run, leaves: bool) -> None:
    assert leaves_others(run, 60.0) is leaves


def test_a_look_goes_on_that_acts_or_waits() -> None:
    world, run = begun()
    looked = again(run, world.observe())
    assert goes_on(looked)
    for following, so in (("wait", True), ("finish", False), ("done", False)):
        assert goes_on(replace(looked, plan=replace(planned(looked), next=following))) is so  # type: ignore[arg-type]  # of the literals
    assert not goes_on(replace(looked, plan=None))
