"""What a look could not read: nothing is learned of it, nothing forgotten, and nothing done to it."""

import hidden
import pytest
from model_world import NETWORK_ARN, TEAM, World, done, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core.inventory import Request
from onramp.core.model import (
    LOAD_BALANCERS,
    SECURITY_GROUPS,
    SERVICES,
    SHARE,
    UNREAD,
    VPCS,
    Association,
    Observation,
    Service,
)
from onramp.core.plan import plan
from onramp.core.plan.ground import Before
from onramp.core.reach import Finding
from onramp.core.rounds import look
from onramp.core.run import Plan, Run
from onramp.core.steps import Release, WriteStatus

DAY = 86400
SLOW = network(quiet_seconds=60, keep_seconds=DAY)
A, B = (tagged(name, service=service, listen="HTTP:80") for name, service in (("a", "shop"), ("b", "bank")))
DENIED = hidden.DENIED


def connected(*things: object) -> World:
    world = World(SLOW).tag(A, vpc())
    run(world)
    return world


def seen_again(world: World, seen: Observation) -> Plan:
    """The first plan of a run that remembers what the world's last run reported."""
    after = look(SLOW, seen, Run(account=TEAM, trigger={}, memory=world.memory), world.now)
    assert after.plan is not None
    return after.plan


def hiding_load_balancers(world: World) -> Observation:
    return replace(world.observe(), load_balancers=(), unread={LOAD_BALANCERS: DENIED})


def test_the_time_since_when_something_leaves_goes_on_while_nobody_can_read_who_asks() -> None:
    world = connected()
    world.untag()
    run(world)
    kept = world.memory.since
    assert {"shop", "shop off the network"} <= kept.keys()
    [state] = world.memory.services
    assert (state.status, state.until > world.now) == ("kept", True)
    planned = seen_again(world, hiding_load_balancers(world))
    assert [step for step in steps(planned) if step.kind != "WriteStatus"] == []
    assert {key: at for key, at in planned.since.items() if key.startswith("shop")} == {
        key: at for key, at in kept.items() if key.startswith("shop")
    }
    [told] = planned.services
    assert (told.status, told.until) == ("kept", state.until)


def test_whoever_asks_again_is_not_leaving_any_more_although_others_cannot_be_read() -> None:
    world = connected()
    world.untag()
    run(world)
    world.tag(A)
    seen = replace(world.observe(), unread={B.arn: f"{DENIED}: what it asks for is not known"})
    assert "shop" not in seen_again(world, seen).since


def test_who_leaves_by_what_cannot_be_read_is_held_and_answers_as_before() -> None:
    world = connected()
    world.untag()
    seen = world.observe()
    [joined], [service] = seen.vpc_associations, seen.services
    hidden = Association(arn="", network=NETWORK_ARN, status=UNREAD, owned=True)
    seen = replace(
        seen,
        services=(replace(service, status=UNREAD, domain="", listeners=(), associations=(hidden,)),),
        vpc_associations=(replace(joined, status=UNREAD),),
        unread={joined.arn: DENIED, service.arn: DENIED},
    )
    planned = seen_again(world, seen)
    told = {step.resource: step.put for step in steps(planned) if isinstance(step, WriteStatus)}
    for key in (A.arn, "vpc-1"):
        assert told[key]["lattice-onramp:status"] == "held"
        assert told[key]["lattice-onramp:message"].startswith("unread: ")
    assert [(state.name, state.answers, state.domain) for state in planned.services] == [("shop", True, service.domain)]
    assert [(state.vpc, state.answers) for state in planned.clients] == [("vpc-1", True)]
    assert planned.arns == world.memory.arns


WISHES = {
    "another service": tagged("a", service="bank", listen="HTTP:80"),
    "another service, and a typing error": tagged("a", service="bank", listen="HTTP:80", target="HTTP:99"),
    "nothing": replace(A, tags={}),
}
"""What the load balancer asks for after it served."""


@pytest.mark.parametrize("wish", WISHES)
def test_a_service_stays_while_it_is_not_known_whom_its_requests_come_to(wish: str) -> None:
    world = connected()
    [service] = world.observe().services
    world.load_balancers[A.arn] = replace(A, tags=world.load_balancers[A.arn].tags)
    said = {key: text for key, text in world.load_balancers[A.arn].tags.items() if key.startswith("lattice-onramp:")}
    world.load_balancers[A.arn] = replace(A, tags={**said, **WISHES[wish].tags})
    before = world.memory
    for _ in range(3):
        world.now += DAY
        seen = hidden.hiding(SLOW, world.observe(), frozenset({hidden.EACH_GROUP}))
        planned = seen_again(world, seen)
        assert not {step.kind for step in steps(planned)} & {"DisassociateService", "DeleteListener", "DeleteService"}
        told = {step.resource: step for step in steps(planned) if isinstance(step, WriteStatus)}
        put = told[A.arn].put if A.arn in told else {}
        assert told == {} or "lattice-onramp:domain" not in told[A.arn].remove
        assert put.get("lattice-onramp:status", "held") in {"held", "refused", "failed"}
        [state] = [one for one in planned.services if one.name == "shop"]
        assert (state.answers, A.arn in state.load_balancers) == (True, True)
        world.memory = replace(before, services=planned.services, since=planned.since)
    assert world.observe().services == (service,)


@pytest.mark.parametrize(
    ("kind", "what", "goes"),
    [
        (hidden.EACH_GROUP, "shop", {"DisassociateService"}),
        (LOAD_BALANCERS, "shop", {"DisassociateService"}),
        (LOAD_BALANCERS, TEAM, {"DisassociateService", "DisassociateVpc"}),
        (VPCS, TEAM, {"DisassociateService", "DisassociateVpc"}),
        (LOAD_BALANCERS, "bank", set()),
        (VPCS, "bank", set()),
    ],
)
def test_what_infra_keeps_out_goes_whatever_cannot_be_read_of_who_asks(kind: str, what: str, goes: set[str]) -> None:
    world = connected()
    seen = hidden.hiding(SLOW, world.observe(), frozenset({kind}))
    out = replace(SLOW, kept_out=frozenset({what}))
    after = look(out, seen, Run(account=TEAM, trigger={}, memory=world.memory), world.now)
    assert after.plan is not None
    assert {step.kind for step in steps(after.plan) if step.kind.startswith("Disassociate")} == goes


@pytest.mark.parametrize("kind", [hidden.EACH_SERVICE, hidden.EACH_CLIENT])
def test_what_its_owner_takes_back_waits_until_it_is_known_what_belongs_to_it(kind: str) -> None:
    world = connected()
    world.let_go |= {*world.services, *world.vpc_associations}
    seen = hidden.hiding(SLOW, world.observe(), frozenset({kind}))
    taken_back = {step.resource for step in steps(seen_again(world, seen)) if isinstance(step, Release)}
    assert taken_back.isdisjoint(world.services if kind == hidden.EACH_SERVICE else world.vpc_associations)
    assert taken_back


@pytest.mark.parametrize(
    ("thing", "begins"),
    [(SERVICES, {"CreateService", "AssociateService"}), ("vpc-1", {"CreateSecurityGroup", "AssociateVpc"})],
)
def test_nothing_is_begun_of_which_it_is_not_known_whether_it_is_there(thing: str, begins: set[str]) -> None:
    seen = World(SLOW).tag(A, vpc()).observe()
    assert begins & {step.kind for step in steps(plan(SLOW, seen))}
    assert not begins & {step.kind for step in steps(plan(SLOW, replace(seen, unread={thing: DENIED})))}


def test_a_service_that_is_seen_off_the_network_does_not_answer_whatever_else_is_unread() -> None:
    world = connected()
    seen = world.observe()
    off = tuple(replace(one, status=UNREAD, associations=(), listeners=()) for one in seen.services)
    planned = seen_again(world, replace(seen, services=off, unread={off[0].arn: DENIED}))
    assert [state.answers for state in planned.services] == [False]


def test_what_bears_our_mark_and_cannot_be_read_is_not_remembered_as_ours() -> None:
    forged = Service(arn="arn:forged", name="", status=UNREAD, owned=True, mark="net")
    planned = plan(SLOW, Observation(account=TEAM, services=(forged,), unread={forged.arn: DENIED}))
    assert planned.arns == {}


@pytest.mark.parametrize(("count", "resources"), [(3, 3), (4, 1)])
def test_many_things_that_one_cause_hides_are_told_in_one_sentence(count: int, resources: int) -> None:
    unread = {f"arn:aws:elasticloadbalancing:r:{TEAM}:loadbalancer/app/lb/{n}": DENIED for n in range(count)}
    planned = plan(SLOW, Observation(account=TEAM, unread=unread))
    assert len(planned.refusals) == resources
    assert {refusal.code for refusal in planned.refusals} == {"unread"}
    if resources == 1:
        [one] = planned.refusals
        assert one.resource == TEAM
        assert "0, 1, 2 and 1 more cannot be read" in one.message


def test_a_role_that_reads_nothing_is_told_once_however_aws_calls_each_denial() -> None:
    """As when it is deleted while a session of it lives: each call is denied by its own name."""
    lists = (LOAD_BALANCERS, SECURITY_GROUPS, SERVICES, VPCS)
    unread = {key: f"Describe{place} AccessDenied" for place, key in enumerate(lists)}
    planned = plan(SLOW, Observation(account=TEAM, unread={**unread, "svc-1": DENIED, SHARE: DENIED}))
    share, role = sorted(planned.refusals, key=lambda it: "the newest member.yaml" in it.message)
    assert (role.resource, role.code) == (TEAM, "unread")
    assert "onramp-net-reader: VPCs, load balancers, security groups and 2 more cannot be read" in role.message
    assert "denies role onramp-net-plan" in share.message


def test_whoever_reads_by_his_own_session_is_told_that_it_was_his_that_was_denied() -> None:
    infra, own = SLOW.account, f"arn:aws:iam::{TEAM}:user/me"
    for unread in ({LOAD_BALANCERS: DENIED, VPCS: DENIED}, {A.arn: DENIED}):
        [told] = plan(SLOW, Observation(account=TEAM, unread=unread), readers={TEAM: own}).refusals
        assert told.message.startswith(f"name a profile that may read it, which {own} may not: ")
        [told] = plan(SLOW, Observation(account=TEAM, unread=unread), readers={infra: own}).refusals
        assert "role onramp-net-reader" in told.message
    [told] = plan(SLOW, Observation(account=TEAM, unread={SHARE: DENIED}), readers={infra: own}).refusals
    assert own in told.message


def test_a_client_that_has_its_own_groups_needs_no_list_of_groups() -> None:
    world = World(SLOW).tag(vpc(security_groups="sg-0123abcd"))
    run(world)
    seen = replace(world.observe(), unread={SECURITY_GROUPS: DENIED})
    assert [state.status for state in seen_again(world, seen).clients] == ["connected"]


@pytest.mark.parametrize(
    ("finding", "status", "says"),
    [
        (Finding("no-healthy-target", "start a server behind it"), "unreachable", "no-healthy-target: start a server"),
        (None, "failed", "unread: it cannot be read: DescribeListeners AccessDenied"),
    ],
)
def test_who_does_not_answer_and_cannot_be_read_is_told_what_keeps_requests_out_where_that_was_seen(
    finding: Finding | None, status: str, says: str
) -> None:
    world = connected()
    seen = world.observe()
    blind = tuple(replace(one, listeners=None) for one in seen.load_balancers)
    off = tuple(replace(one, associations=()) for one in seen.services)
    seen = replace(seen, load_balancers=blind, services=off, unread={A.arn: "DescribeListeners AccessDenied"})
    planned = plan(SLOW, seen, now=world.now, findings={A.arn: finding} if finding else {})
    [told] = [step.put for step in steps(planned) if isinstance(step, WriteStatus) and step.resource == A.arn]
    assert told["lattice-onramp:status"] == status
    assert told["lattice-onramp:message"].startswith(says)


def test_a_client_whose_vpc_cannot_be_listed_is_told_as_it_was() -> None:
    world = connected()
    seen = replace(world.observe(), vpcs=(), unread={VPCS: DENIED})
    planned = seen_again(world, seen)
    assert planned.clients == world.memory.clients
    assert [step for step in steps(planned) if step.kind != "WriteStatus"] == []


@pytest.mark.parametrize("hidden", [{LOAD_BALANCERS: DENIED}, {VPCS: DENIED}, {A.arn: DENIED}])
def test_a_network_that_is_given_up_asks_nobody(hidden: dict[str, str]) -> None:
    world = connected()
    given_up = replace(SLOW, offboarding=True)
    for _ in range(8):
        seen = replace(world.observe(), unread=hidden)
        after = look(given_up, seen, Run(account=TEAM, trigger={}, memory=world.memory), world.now)
        assert after.plan is not None
        for step in steps(after.plan):
            done(world, step)
        world.settle()
    assert world.owned() == set()
    assert world.principal in {"", "DISASSOCIATED"}


def test_what_infra_has_answered_is_kept_for_those_who_cannot_be_read() -> None:
    asked = replace(SLOW, approval="services")
    request = Request(id=f"{TEAM}-1", kind="service", name="shop", resource=A.arn, what=(), state="approved")
    seen = Observation(account=TEAM, unread={LOAD_BALANCERS: DENIED})
    planned = plan(asked, seen, approvals=(request,), before=Before())
    assert planned.approvals == (request,)
    assert plan(asked, replace(seen, unread={}), approvals=(request,)).approvals == ()
