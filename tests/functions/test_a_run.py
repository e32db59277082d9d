"""A whole run by the handlers alone, round by round: what each look saw, what it read for that, and how it ends."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from onramp import wiring
from onramp.aws.lease import Leases
from onramp.aws.observe import observe
from onramp.core.infra import Word
from onramp.core.model import NETWORKS_ZONE, Dns, Observation
from onramp.core.reach import Finding
from onramp.core.report import report
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import decode, encode, from_state, to_state
from onramp.core.steps import Outcome
from onramp.core.tagged_by import Asks

from localcloud import world as worlds
from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from localcloud.services.lattice import Timing
from tests.place import NETWORK, TEAM, Place, member_role

type Handler = Callable[[dict[str, Any]], Any]

VPC = worlds.Vpc(
    name="main", cidr="10.0.0.0/16", subnets=("10.0.1.0/24", "10.0.2.0/24"), tags={"lattice:network": "net"}
)
WEB = worlds.Instance(name="web", vpc="main", ip="10.0.1.5", serves=(worlds.Serves(port=80),))
ORDERS = worlds.LoadBalancer(
    name="orders",
    vpc="main",
    tags={"lattice:network": "net", "lattice:listen": "HTTP:80"},
    listeners=(worlds.BalancerListener(protocol="HTTP", port=80, targets=("web",)),),
)
LISTS = {"GetResources", "DescribeLoadBalancers", "DescribeVpcs", "DescribeTags"}
"""What only a look at the whole account asks for."""


class Round(NamedTuple):
    """One look, with the calls that it took; `whole` is what a look at the whole account sees at that moment."""

    run: Run
    calls: Counter[str]
    whole: Observation

    @property
    def plan(self) -> Plan:
        assert self.run.plan is not None
        return self.run.plan

    @property
    def narrow(self) -> bool:
        return LISTS.isdisjoint(self.calls)

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(step.kind for batch in self.plan.batches for step in batch.steps)


class Runner:
    """Goes round as the state machine does."""

    def __init__(self, place: Place, function: Callable[[str], Handler]) -> None:
        self.place = place
        self.plan, self.apply = function("plan"), function("apply")

    def applied(self, run: Run) -> tuple[tuple[Outcome, ...], ...]:
        batches = [encode(batch) for batch in run.plan.batches] if run.plan else []
        answer = self.apply({"batches": batches, "execution": f"{run.account}-1", "round": run.round})
        return tuple(tuple(decode(one, Outcome) for one in batch) for batch in answer)

    def rounds(self, run: Run, pace: float | None = None) -> Iterator[Round]:
        while True:
            before = len(self.place.cloud.journal)
            after = from_state(self.plan(to_state(run)))
            assert after.plan is not None
            calls = [one for one in list(self.place.cloud.journal)[before:] if isinstance(one, CallRecord)]
            yield Round(after, Counter(one.operation for one in calls), self.whole(run))
            if after.plan.next in ("apply", "finish"):
                after = replace(after, outcomes=self.applied(after))
            if after.plan is None or after.plan.next in ("finish", "done"):
                return
            self.place.cloud.clock.advance(after.plan.wait_seconds if pace is None else pace)
            run = after

    def whole(self, run: Run) -> Observation:
        member = wiring.members("reader").member(run.account)
        learned = replace(run, made={**run.made, **{one.arn: one.name for b in run.outcomes for one in b if one.arn}})
        return observe(wiring.settings().network, wiring.own(), member, learned, wiring.reach()).observation


@pytest.fixture
def runner(place: Place, function: Callable[[str], Handler]) -> Runner:
    worlds.build(
        place.cloud,
        worlds.World(accounts=(worlds.Account(id=TEAM, vpcs=(VPC,), instances=(WEB,), load_balancers=(ORDERS,)),)),
    )
    for what in ("reader", "writer"):
        member_role(place, what)
    return Runner(place, function)


BEGUN = Run(account=TEAM, trigger={"about": "a tag"})


def fields(observed: Observation) -> dict[str, Any]:
    return {name: getattr(observed, name) for name in observed.__struct_fields__}


def plans(rounds: Iterator[Round]) -> list[tuple[bool, str, int, tuple[str, ...]]]:
    return [(one.narrow, one.plan.next, one.plan.wait_seconds, one.steps) for one in rounds]


def test_a_service_and_a_client_are_joined_in_four_rounds(runner: Runner) -> None:
    first = ("ShareNetwork", "CreateTargetGroup", "CreateService", "CreateSecurityGroup", "WriteStatus", "WriteStatus")
    assert plans(runner.rounds(BEGUN)) == [
        (False, "apply", 31, first),
        (True, "apply", 6, ("AcceptShare", "RegisterTarget")),
        (False, "apply", 21, ("CreateListener", "AssociateService", "AssociateVpc")),
        (False, "finish", 0, ("WriteStatus", "WriteStatus")),
    ]


@pytest.mark.parametrize(
    ("takes", "waited", "asked", "joins"), [(10.0, 11, 1, 17), (30.0, 31, 2, 37), (45.0, 31, 2, 60)]
)
def test_the_first_service_finds_out_whether_lattice_is_quick_and_waits_in_the_function_where_it_is_not(
    runner: Runner, takes: float, waited: int, asked: int, joins: int
) -> None:
    wiring.scouts.cache_clear()
    runner.place.cloud.lattice.timing = Timing(service_create=takes)
    began = runner.place.cloud.clock.now
    rounds = runner.rounds(BEGUN)
    first = next(rounds)
    assert (first.plan.wait_seconds, first.run.scouts) == (11, True)
    second, *others = rounds
    assert second.run.observed_at - began == waited
    assert second.calls["GetService"] == asked
    assert not wiring.scouts().free(began + waited)
    # What else can be done meanwhile is done: an invitation is accepted, a client joins.
    [associates] = [one for one in others if "AssociateService" in one.steps]
    assert associates.run.observed_at - began <= joins
    assert [one.status for one in others[-1].plan.services] == ["connected"]


def test_it_ends_with_what_stands_and_keeps_no_look_for_another_round(runner: Runner) -> None:
    *_, third, last = runner.rounds(BEGUN)
    assert (third.run.round, last.run.round, third.run.stalled, last.run.failures) == (3, 4, 0, {})
    assert [(one.name, one.status, one.answers) for one in last.plan.services] == [("orders", "connected", True)]
    assert [(one.status, one.answers) for one in last.plan.clients] == [("connected", True)]
    assert (last.plan.findings, last.plan.refusals, last.plan.pending) == ({}, (), ())
    assert third.run.seen == third.whole
    assert last.run.seen is None
    assert [one.run.whole_at for one in (third, last)] == [one.run.observed_at for one in (third, last)]


@pytest.mark.parametrize("pace", [None, 1])
def test_a_narrow_look_sees_what_a_whole_one_would(runner: Runner, pace: float | None) -> None:
    """At the pace that is asked for, and when the state machine comes back sooner than things stand."""
    rounds = list(runner.rounds(BEGUN, pace))
    narrow = [one for one in rounds if one.narrow]
    assert narrow
    for one in narrow:
        assert one.run.seen is not None
        whole = fields(one.whole)
        if one.run.round == 2:  # what was just made is taken to be ready, and not asked for: a refusal at most
            whole["target_groups"] = tuple(replace(group, status="ACTIVE") for group in one.whole.target_groups)
        assert {name: seen for name, seen in fields(one.run.seen).items() if seen != whole[name]} == {}
        assert one.run.whole_at < one.run.observed_at
        assert one.plan.since == {}
    assert rounds[-1].plan.services[0].status == "connected"
    assert not rounds[-1].narrow


def test_a_narrow_look_reads_only_what_was_touched_and_what_is_on_its_way(runner: Runner) -> None:
    rounds = runner.rounds(BEGUN)
    next(rounds)
    assert next(rounds).calls == {
        "GetService": 1,
        "DescribeSecurityGroups": 1,
        "GetServiceNetwork": 1,
        "GetResourceShareAssociations": 1,
        "GetResourceShareInvitations": 1,
    }


def test_what_is_refused_again_is_looked_at_by_itself_and_the_run_ends(runner: Runner) -> None:
    refused = Fault("refuse", operation="CreateListener", account=TEAM, times=None)
    runner.place.cloud.faults.add(refused)
    *_, last = runner.rounds(BEGUN)
    memory = report(wiring.settings().network, last.run).memory
    assert list(memory.failed) == [f"CreateListener {TEAM} orders/http-80"]
    again = replace(BEGUN, memory=memory)
    assert plans(runner.rounds(again)) == [
        (False, "apply", 21, ("CreateListener", "AssociateService")),
        (True, "done", 0, ()),
    ]


def test_a_first_look_for_whom_load_balancers_alone_ring_leaves_vpcs_to_the_next(runner: Runner) -> None:
    [balancer] = runner.place.cloud.client("elbv2", TEAM).describe_load_balancers()["LoadBalancers"]
    rounds = runner.rounds(replace(BEGUN, asks=(Asks(resource=balancer["LoadBalancerArn"]),)))
    first = next(rounds)
    assert (first.calls["DescribeVpcs"], first.plan.next) == (0, "apply")
    assert "CreateService" in first.steps
    *_, last = rounds
    assert [(one.status, one.answers) for one in last.plan.clients] == [("connected", True)]


def test_a_narrow_look_reads_the_networks_own_zones_by_its_reader(runner: Runner) -> None:
    member_role(runner.place, "reader", NETWORK)
    route53 = runner.place.cloud.client("route53", NETWORK)
    made = route53.create_hosted_zone(Name="shop.example.jp", CallerReference="x")["HostedZone"]["Id"]
    zone = NETWORKS_ZONE + made.rpartition("/")[2]
    first = next(runner.rounds(BEGUN))
    kept = replace(first.plan, records={"api.shop.example.jp": (zone,)})
    outcome = Outcome(kind="CreateRecords", account=TEAM, name="api.shop.example.jp", because="b", status="done")
    again = replace(first.run, plan=kept, outcomes=(*runner.applied(first.run), (outcome,)))
    before = len(runner.place.cloud.journal)
    after = from_state(runner.plan(to_state(again)))
    calls = [one for one in list(runner.place.cloud.journal)[before:] if isinstance(one, CallRecord)]
    assert LISTS.isdisjoint(one.operation for one in calls)
    assert {(one.account, one.role) for one in calls if one.service == "route53"} == {(NETWORK, "onramp-net-reader")}
    assert after.seen is not None
    assert after.seen.dns == {"api.shop.example.jp": Dns(records={zone: ()})}


def rules_asked(round: Round) -> bool:
    return round.calls["ListRules"] > 0


def joined(runner: Runner) -> Run:
    """The next run of the account, in which all stands."""
    *_, last = runner.rounds(BEGUN)
    return replace(BEGUN, memory=Memory(arns=last.plan.arns, services=last.plan.services, clients=last.plan.clients))


def test_what_a_hand_may_have_changed_is_looked_for_after_its_time_and_when_lattice_rings(runner: Runner) -> None:
    again = joined(runner)
    now = runner.place.cloud.clock.now
    lately = replace(again, memory=replace(again.memory, hands_at=now - 60))
    assert not rules_asked(next(runner.rounds(lately)))
    assert rules_asked(next(runner.rounds(replace(again, memory=replace(again.memory, hands_at=now - 6 * 3600)))))
    [rung] = runner.rounds(replace(lately, trigger={"source": "aws.vpc-lattice"}))
    assert rules_asked(rung)
    assert rung.plan.next == "done"


def test_what_keeps_requests_out_is_found_by_a_look_that_tells_and_told(runner: Runner) -> None:
    again = joined(runner)
    ec2, elb = (runner.place.cloud.client(name, TEAM) for name in ("ec2", "elbv2"))
    [group] = elb.describe_load_balancers()["LoadBalancers"][0]["SecurityGroups"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    [look] = runner.rounds(again)
    assert [one.code for one in look.plan.findings.values()] == ["security-group"]
    assert (look.plan.next, look.steps) == ("finish", ("WriteStatus",))
    assert [one.status for one in look.plan.services] == ["unreachable"]


def test_what_was_found_before_stands_where_it_cannot_be_read(runner: Runner) -> None:
    again = joined(runner)
    [key] = again.memory.services[0].load_balancers
    idle = {key: Finding(code="no-healthy-target", message="start one", port=80)}
    runner.place.cloud.faults.add(Fault("refuse", operation="DescribeTargetHealth", times=None))
    look = next(runner.rounds(replace(again, memory=replace(again.memory, findings=idle))))
    assert look.plan.findings == idle


def test_whom_infra_holds_leaves_whatever_tags_say(runner: Runner) -> None:
    again = joined(runner)
    held = Word(at=1.0, saying="Hold", about="orders", by="ayumi")
    looks = list(runner.rounds(replace(again, words=(held,))))
    assert "DisassociateService" in {step for one in looks for step in one.steps}
    assert [one.status for one in looks[-1].plan.services] == ["held"]


def test_who_keeps_ringing_is_left_alone_first_and_then_looked_at(runner: Runner) -> None:
    calls = len(runner.place.cloud.journal)
    rest = from_state(runner.plan(to_state(replace(BEGUN, pause=30))))
    assert [one for one in list(runner.place.cloud.journal)[calls:] if isinstance(one, CallRecord)] == []
    assert rest.plan is not None
    assert (rest.plan.next, rest.plan.wait_seconds, rest.pause, rest.round) == ("wait", 30, 0, 0)
    assert rest.now == runner.place.cloud.clock.now + 30
    assert next(runner.rounds(rest)).run.round == 1


@pytest.mark.parametrize("told", [True, False], ids=["the table says when", "it may not be read"])
def test_a_run_of_a_storm_waits_on_as_long_as_its_account_rings(runner: Runner, *, told: bool) -> None:
    clock, leases = runner.place.cloud.clock, Leases(wiring.own(), wiring.settings().table)
    run = from_state(runner.plan(to_state(replace(BEGUN, looks=2.0, pause=60))))
    clock.advance(50)
    leases.take(TEAM, ["one"], clock.now)
    clock.advance(10)
    if not told:
        runner.place.cloud.faults.add(Fault("refuse", operation="GetItem", times=None))
    run = from_state(runner.plan(to_state(run)))
    assert run.plan is not None
    assert run.round == (0 if told else 1)
    if told:
        assert (run.plan.next, run.plan.wait_seconds) == ("wait", 60)
        clock.advance(60)
        assert from_state(runner.plan(to_state(run))).round == 1
