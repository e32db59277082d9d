"""One look, one plan: every step that is possible now, none that is not ours to take."""

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_world import (
    INFRA,
    NETWORK_ARN,
    OTHER_NETWORK_ARN,
    TEAM,
    World,
    arn,
    balancer,
    kinds,
    network,
    run,
    steps,
    tagged,
    vpc,
    wish,
)
from msgspec.structs import replace
from onramp.core import names, tags
from onramp.core.desired import desired
from onramp.core.model import (
    SHARE,
    UNREAD,
    Access,
    Association,
    Forward,
    Ingress,
    Listener,
    LoadBalancer,
    Observation,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.network import Network
from onramp.core.plan import STEPS_AT_MOST, plan
from onramp.core.plan.ground import registered
from onramp.core.plan.pacing import fit
from onramp.core.reach import Finding
from onramp.core.run import Plan
from onramp.core.state import decode, encode
from onramp.core.steps import (
    AnyStep,
    AssociateService,
    CreateListener,
    CreateRule,
    DeleteListener,
    DeleteRule,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    RegisterTarget,
    UpdateListener,
    UpdateRules,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
    WriteStatus,
)

from tests.core.saying import says, told

QUIET = network(status_tags=False)
SEEN = Access(known=True, visible=True)
ORDERS = tagged("orders", listen="HTTP:80")
GROUP_NAME = names.target_group("net", "orders", ORDERS.arn, "HTTP", 80, "vpc-1")
GROUP = TargetGroup(
    arn=arn("targetgroup", "tg-1"),
    name=GROUP_NAME,
    status="ACTIVE",
    owned=True,
    targets=(Target(id=ORDERS.arn, port=80, status="UNAVAILABLE"),),
)
LISTENER = Listener(
    arn=arn("service", "svc-1/listener/listener-1"),
    name="http-80",
    protocol="HTTP",
    port=80,
    owned=True,
    forwards=(Forward(target_group="tg-1"),),
)
JOINED = Association(
    arn=arn("servicenetworkserviceassociation", "snsa-1"), network=NETWORK_ARN, status="ACTIVE", owned=True
)
SERVICE = Service(
    arn=arn("service", "svc-1"),
    name="orders",
    status="ACTIVE",
    owned=True,
    domain="orders.on.aws",
    listeners=(LISTENER,),
    associations=(JOINED,),
)
RULES = frozenset(Ingress(source="10.1.0.0/20", from_port=port, to_port=port) for port in (80, 443))
SECURITY_GROUP = SecurityGroup(id="sg-1", name="onramp-net-vpc-1", vpc="vpc-1", owned=True, admits=RULES)
INSIDE = VpcAssociation(
    arn=arn("servicenetworkvpcassociation", "snva-1"),
    vpc="vpc-1",
    network=NETWORK_ARN,
    status="ACTIVE",
    owned=True,
    security_groups=frozenset({"sg-1"}),
)


def served(
    group: TargetGroup | None = GROUP, service: Service | None = SERVICE, *balancers: LoadBalancer, **more: Any
) -> Observation:
    """The account of a service that is connected, but for what the test gives."""
    return Observation(
        account=TEAM,
        access=SEEN,
        target_groups=(group,) if group else (),
        services=(service,) if service else (),
        load_balancers=balancers or (ORDERS,),
        **more,
    )


def client(
    association: VpcAssociation | None = INSIDE, group: SecurityGroup | None = SECURITY_GROUP, **more: str
) -> Observation:
    """The account of a client that is connected, but for what the test gives."""
    return Observation(
        account=TEAM,
        access=SEEN,
        vpc_associations=(association,) if association else (),
        security_groups=(group,) if group else (),
        vpcs=(vpc(**more),),
    )


def status(planned: Plan) -> str:
    [found] = [state.status for state in planned.services] + [state.status for state in planned.clients]
    return found


# --- services


OF_SERVICES: list[tuple[Observation, list[str], str]] = [
    (served(), [], "connected"),
    (served(None, None), ["CreateTargetGroup", "CreateService"], "connecting"),
    (served(replace(GROUP, status="CREATE_IN_PROGRESS", targets=()), None), ["CreateService"], "connecting"),
    (
        served(replace(GROUP, status="CREATE_FAILED", targets=()), None),
        ["DeleteTargetGroup"],
        "connecting",
    ),
    (served(replace(GROUP, targets=())), ["RegisterTarget"], "connecting"),
    (
        served(replace(GROUP, targets=(Target(id=ORDERS.arn, port=80, status="DRAINING"),))),
        ["RegisterTarget"],
        "connecting",
    ),
    (
        served(replace(GROUP, targets=(Target(id=ORDERS.arn, port=81, status="INITIAL"),))),
        [],
        "refused",
    ),
    (
        served(service=replace(SERVICE, status="CREATE_IN_PROGRESS", listeners=(), associations=())),
        [],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, status="DELETE_IN_PROGRESS", listeners=(), associations=())),
        [],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, status="CREATE_FAILED", listeners=(), associations=())),
        ["DeleteService"],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, status="DELETE_FAILED", listeners=(), associations=())),
        ["DeleteService"],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, listeners=(), associations=())),
        ["CreateListener", "AssociateService"],
        "connecting",
    ),
    (served(replace(GROUP, targets=()), replace(SERVICE, associations=())), ["RegisterTarget"], "connecting"),
    (served(service=replace(SERVICE, associations=())), ["AssociateService"], "connecting"),
    (
        served(service=replace(SERVICE, associations=(replace(JOINED, network=OTHER_NETWORK_ARN),))),
        ["AssociateService"],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, associations=(replace(JOINED, status="CREATE_IN_PROGRESS"),))),
        [],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, associations=(replace(JOINED, status="CREATE_FAILED"),))),
        ["DisassociateService"],
        "connecting",
    ),
    (
        served(service=replace(SERVICE, associations=(replace(JOINED, status="CREATE_FAILED", owned=False),))),
        [],
        "refused",
    ),
    (served(service=replace(SERVICE, associations=(replace(JOINED, owned=False),))), [], "connected"),
    (
        served(service=replace(SERVICE, listeners=(replace(LISTENER, forwards=()),))),
        ["UpdateListener"],
        "connecting",
    ),
    (
        served(
            service=replace(SERVICE, listeners=(replace(LISTENER, forwards=(Forward(target_group="tg-1", weight=1),)),))
        ),
        ["UpdateListener"],
        "connected",
    ),
    (
        served(service=replace(SERVICE, listeners=(replace(LISTENER, name="https-80", protocol="HTTPS"),))),
        ["DeleteListener", "CreateListener"],
        "connected",
    ),
    (
        served(service=replace(SERVICE, listeners=(LISTENER, replace(LISTENER, name="http-81", port=81)))),
        ["DeleteListener"],
        "connected",
    ),
    (
        served(service=replace(SERVICE, listeners=(LISTENER, replace(LISTENER, name="http-81", port=81, owned=False)))),
        [],
        "connected",
    ),
    (served(replace(GROUP, status="CREATE_IN_PROGRESS", targets=())), [], "connecting"),
]


@pytest.mark.parametrize(("seen", "does", "says"), OF_SERVICES)
def test_a_service_is_brought_to_what_its_tags_ask_for(seen: Observation, does: list[str], says: str) -> None:
    planned = plan(QUIET, seen)
    assert kinds(planned) == does
    assert status(planned) == says


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        (served(replace(GROUP, owned=False)), f"target group {GROUP_NAME}"),
        (
            served(service=replace(SERVICE, listeners=(replace(LISTENER, owned=False, forwards=()),))),
            "listener http-80 of service orders",
        ),
        (
            served(service=replace(SERVICE, listeners=(replace(LISTENER, owned=False, protocol="HTTPS"),))),
            "listener http-80 of service orders",
        ),
        (client(group=replace(SECURITY_GROUP, owned=False)), "security group onramp-net-vpc-1"),
    ],
)
def test_a_name_that_is_somebody_elses_is_refused(seen: Observation, what: str) -> None:
    planned = plan(QUIET, seen)
    [refusal] = planned.refusals
    assert (refusal.code, steps(planned), planned.next) == ("name-taken", [], "done")
    assert refusal.message.endswith(f": {what} is there without it")
    assert "remove" not in refusal.message  # it may serve somebody
    # What a refused wish has not made is in no inventory.
    assert {state.status for state in (*planned.services, *planned.clients)} <= {"refused"}


def test_a_service_whose_listeners_are_all_somebody_elses_has_no_room_for_one_of_ours() -> None:
    theirs = tuple(replace(LISTENER, arn=f"arn:{n}", name=f"http-{n}", port=n, owned=False) for n in (81, 82))
    planned = plan(QUIET, served(service=replace(SERVICE, listeners=theirs)))
    [refusal] = planned.refusals
    assert (refusal.code, refusal.resource, steps(planned)) == ("listener-quota", ORDERS.arn, [])
    assert refusal.message == "remove a listener of service orders that is not ours: it has the 2 it may"


def test_a_refused_wish_is_told_on_its_resource_with_its_code() -> None:
    planned = plan(network(), served(service=replace(SERVICE, owned=False)))
    [answer] = steps(planned)
    assert isinstance(answer, WriteStatus)
    assert answer.name == ORDERS.name
    assert answer.put[tags.STATUS] == "refused"
    assert answer.put[tags.MESSAGE] == (
        "name-taken: put tag lattice-onramp:adopt = yes on service orders to hand it over as it is or choose another"
        " name: it is there and not ours"
    )
    assert planned.next == "finish"
    # What a refused wish has not made is in no inventory.
    assert {state.status for state in planned.services} <= {"refused"}


def test_a_load_balancer_that_came_to_want_a_taken_name_keeps_serving_where_it_did() -> None:
    world = World(network()).tag(tagged("a", service="shop"), tagged("b", service="shop"))
    run(world)
    world.services["arn:theirs"] = Service(arn="arn:theirs", name="theirs", status="ACTIVE", owned=False)
    world.tag(tagged("b", service="theirs"))
    run(world)
    assert len([to for one in world.services.values() for found in one.listeners for to in found.forwards]) == 2


# --- clients


OF_CLIENTS: list[tuple[Observation, list[str], str]] = [
    (client(), [], "connected"),
    (client(None, None), ["CreateSecurityGroup", "AssociateVpc"], "connecting"),
    (client(None), ["AssociateVpc"], "connecting"),
    (client(None, security_groups="sg-0123abcd"), ["AssociateVpc", "DeleteSecurityGroup"], "connecting"),
    (client(replace(INSIDE, status="CREATE_IN_PROGRESS")), [], "connecting"),
    (client(replace(INSIDE, status="UPDATE_IN_PROGRESS")), [], "connected"),
    (client(replace(INSIDE, status="DELETE_IN_PROGRESS")), [], "connecting"),
    (
        client(replace(INSIDE, status="DELETE_IN_PROGRESS", network=OTHER_NETWORK_ARN, owned=False)),
        [],
        "connecting",
    ),
    (client(replace(INSIDE, status="CREATE_FAILED")), ["DisassociateVpc"], "connecting"),
    (client(replace(INSIDE, status="DELETE_FAILED")), ["DisassociateVpc"], "connecting"),
    (client(replace(INSIDE, status="UPDATE_FAILED")), ["UpdateVpcAssociation"], "connected"),
    (client(replace(INSIDE, security_groups=frozenset({"sg-2"}))), ["UpdateVpcAssociation"], "connected"),
    (client(group=None), ["CreateSecurityGroup"], "connected"),
    (client(group=replace(SECURITY_GROUP, admits=frozenset())), ["UpdateSecurityGroup"], "connected"),
    (client(ports="80"), ["UpdateSecurityGroup"], "connected"),
    (client(security_groups="sg-0123abcd"), ["UpdateVpcAssociation"], "connected"),
    (client(replace(INSIDE, network=NETWORK_ARN.rpartition("/")[2])), [], "connected"),
]


@pytest.mark.parametrize(("seen", "does", "says"), OF_CLIENTS)
def test_a_client_is_brought_to_what_its_tags_ask_for(seen: Observation, does: list[str], says: str) -> None:
    planned = plan(QUIET, seen)
    assert kinds(planned) == does
    assert status(planned) == says


@pytest.mark.parametrize(
    ("association", "code", "listed"),
    [
        (replace(INSIDE, network=OTHER_NETWORK_ARN, owned=False), "vpc-in-another-network", []),
        (replace(INSIDE, network=OTHER_NETWORK_ARN), "vpc-in-another-network", ["refused"]),
        (replace(INSIDE, owned=False), "association-taken", []),
        (replace(INSIDE, owned=False, status="CREATE_FAILED"), "association-taken", []),
    ],
)
def test_a_vpc_that_is_somebody_elses_client_is_refused(
    association: VpcAssociation, code: str, listed: list[str]
) -> None:
    planned = plan(QUIET, client(association))
    assert [refusal.code for refusal in planned.refusals] == [code]
    assert (steps(planned), [state.status for state in planned.clients]) == ([], listed)


@pytest.mark.parametrize("network", [NETWORK_ARN, OTHER_NETWORK_ARN])
@pytest.mark.parametrize("owned", [True, False])
def test_an_association_that_goes_is_waited_for_whose_ever_it_is(network: str, *, owned: bool) -> None:
    planned = plan(QUIET, client(replace(INSIDE, network=network, owned=owned, status="DELETE_IN_PROGRESS")))
    assert (planned.refusals, planned.next, status(planned)) == ((), "wait", "connecting")
    assert "AssociateVpc" not in kinds(planned)


def test_a_security_group_that_is_not_in_the_vpc_is_refused_before_aws_is_asked() -> None:
    seen = Observation(
        account=TEAM,
        access=SEEN,
        vpcs=(vpc(security_groups="sg-0123abcd sg-0123abce"),),
        unknown_groups=frozenset({("vpc-1", "sg-0123abce"), ("vpc-2", "sg-0123abcd")}),
    )
    planned = plan(QUIET, seen)
    assert (steps(planned), planned.clients) == ([], ())
    assert planned.refusals[0].code == "tag-invalid"
    assert planned.refusals[0].message == "name security groups of this VPC: sg-0123abce is not in it"


# --- access

NOW = 1_800_000_000.0


def invited(how: str, principal: str, *, days: int = 0, since: float = 0.0) -> Access:
    """The last invitation was answered so; it was sent two hours ago, or two hours and so many days."""
    sent = NOW - 7200 - days * 86400
    return Access(
        known=True, principal=principal, associated_at=since or sent, answered=how, invited_at=sent if how else 0.0
    )


def test_a_rejection_is_told_with_what_to_do_about_it() -> None:
    seen = replace(served(service=None), access=invited("REJECTED", "DISASSOCIATED"))
    [step] = [step for step in steps(plan(network(), seen, now=NOW)) if isinstance(step, WriteStatus)]
    assert step.put[tags.STATUS] == "waiting"
    assert step.put[tags.MESSAGE].startswith("accept the next invitation in RAM a day after the last or remove the tag")
    assert step.put[tags.MESSAGE].endswith("was rejected in this account")


REACH: list[tuple[Access, Any, list[str], str, str]] = [
    (Access(known=True), "automatic", ["ShareNetwork"], "", "connecting"),
    (Access(known=True, principal="DISASSOCIATED"), "automatic", ["ShareNetwork"], "", "connecting"),
    (Access(known=True, principal="FAILED"), "manual", ["ShareNetwork"], "", "connecting"),
    (Access(known=True, principal="DISASSOCIATING"), "automatic", [], "an earlier share", "connecting"),
    (Access(known=True, principal="ASSOCIATING"), "automatic", [], "the share has not reached", "connecting"),
    (Access(known=True, principal="ASSOCIATED"), "manual", [], "the share has not reached", "connecting"),
    (
        Access(known=True, principal="ASSOCIATING", invitation="arn:i"),
        "automatic",
        ["AcceptShare"],
        "",
        "connecting",
    ),
    (Access(known=True, principal="ASSOCIATING", invitation="arn:i"), "manual", [], "", "waiting"),
    (Access(), "automatic", [], "", "connecting"),
    # What was answered no, or not at all, cannot be accepted any more: the account is invited anew, after a no
    # not before a day has gone.
    (invited("EXPIRED", "ASSOCIATING"), "manual", ["UnshareNetwork"], "", "connecting"),
    (invited("EXPIRED", "DISASSOCIATED"), "manual", ["ShareNetwork"], "", "connecting"),
    (invited("ACCEPTED", "ASSOCIATED"), "automatic", [], "the share has not reached", "connecting"),
    (invited("REJECTED", "ASSOCIATING"), "automatic", [], "", "waiting"),
    (invited("REJECTED", "DISASSOCIATED"), "manual", [], "", "waiting"),
    (invited("REJECTED", ""), "manual", [], "", "waiting"),
    (invited("REJECTED", "ASSOCIATING", days=1), "automatic", ["UnshareNetwork"], "", "connecting"),
    (invited("REJECTED", "DISASSOCIATED", days=1), "manual", ["ShareNetwork"], "", "connecting"),
    # An association that was made since has an invitation of its own, which is on its way.
    (
        invited("EXPIRED", "ASSOCIATING", days=1, since=NOW),
        "manual",
        [],
        "the share has not reached",
        "connecting",
    ),
    (invited("REJECTED", "ASSOCIATED", since=NOW), "manual", [], "the share has not reached", "connecting"),
]


@pytest.mark.parametrize(("access", "acceptance", "does", "pending", "says"), REACH)
@pytest.mark.parametrize(
    "seen", [served(service=replace(SERVICE, associations=())), client(None)], ids=["service", "client"]
)
def test_the_network_is_brought_within_reach(
    seen: Observation, access: Access, acceptance: Any, does: list[str], pending: str, says: str
) -> None:
    planned = plan(replace(QUIET, acceptance=acceptance), replace(seen, access=access), now=NOW)
    assert kinds(planned) == does
    assert [what.startswith(pending) for what in planned.pending] == ([True] if pending else [])
    assert status(planned) == says


def test_sharing_is_done_in_the_network_account_and_the_rest_in_the_member() -> None:
    planned = plan(QUIET, replace(served(None, None), access=Access(known=True)))
    assert [(batch.account, batch.sharing) for batch in planned.batches] == [(INFRA, True), (TEAM, False)]


# --- back


def bare(**given: Any) -> Observation:
    return Observation(account=TEAM, **given)


LEFT: list[tuple[Observation, list[str], int]] = [
    (bare(), [], 0),
    (
        bare(services=(SERVICE,), target_groups=(GROUP,)),
        ["DisassociateService", "DeleteListener", "DeleteTargetGroup"],
        0,
    ),
    (bare(services=(replace(SERVICE, associations=(replace(JOINED, status="DELETE_IN_PROGRESS"),)),)), [], 1),
    (
        bare(services=(replace(SERVICE, associations=(replace(JOINED, status="DELETE_FAILED"),)),)),
        ["DisassociateService", "DeleteListener"],
        0,
    ),
    (bare(services=(replace(SERVICE, associations=()),), target_groups=(GROUP,)), ["DeleteService"], 0),
    (
        bare(services=(replace(SERVICE, associations=(), status="DELETE_IN_PROGRESS"),), target_groups=(GROUP,)),
        [],
        1,
    ),
    (bare(services=(replace(SERVICE, associations=(), status="DELETE_FAILED"),)), ["DeleteService"], 0),
    (bare(target_groups=(GROUP,)), ["DeleteTargetGroup"], 0),
    (bare(target_groups=(replace(GROUP, status="DELETE_IN_PROGRESS"),)), [], 1),
    (bare(target_groups=(GROUP,), services=(replace(SERVICE, owned=False),)), [], 0),
    (bare(vpc_associations=(INSIDE,), security_groups=(SECURITY_GROUP,)), ["DisassociateVpc"], 0),
    (
        bare(vpc_associations=(replace(INSIDE, status="DELETE_IN_PROGRESS"),), security_groups=(SECURITY_GROUP,)),
        [],
        1,
    ),
    (bare(security_groups=(SECURITY_GROUP,)), ["DeleteSecurityGroup"], 0),
    (bare(access=Access(known=True, principal="ASSOCIATED")), ["UnshareNetwork"], 0),
    (bare(access=Access(known=True, principal="ASSOCIATING")), ["UnshareNetwork"], 0),
    (bare(access=Access(known=True, principal="DISASSOCIATING")), [], 1),
    (bare(access=Access(known=True, principal="DISASSOCIATED")), [], 0),
    (bare(access=Access(principal="ASSOCIATED")), [], 0),
    (
        bare(
            services=(replace(SERVICE, owned=False, listeners=(), associations=()),),
            access=Access(known=True, principal="ASSOCIATED"),
        ),
        ["UnshareNetwork"],
        0,
    ),
    (bare(services=(replace(SERVICE, owned=False),), target_groups=(replace(GROUP, owned=False),)), [], 0),
    (
        bare(
            vpc_associations=(replace(INSIDE, owned=False),),
            security_groups=(replace(SECURITY_GROUP, owned=False),),
        ),
        [],
        0,
    ),
]


@pytest.mark.parametrize(("seen", "does", "pending"), LEFT)
def test_what_nobody_asks_for_goes_in_the_order_that_lattice_demands(
    seen: Observation, does: list[str], pending: int
) -> None:
    planned = plan(QUIET, seen)
    assert kinds(planned) == does
    assert len(planned.pending) == pending


def test_a_service_that_somebody_else_associated_leaves_our_network_and_is_kept_and_said_so() -> None:
    theirs = replace(JOINED, network=OTHER_NETWORK_ARN, owned=False)
    planned = plan(QUIET, bare(services=(replace(SERVICE, associations=(JOINED, theirs)),), target_groups=(GROUP,)))
    assert (kinds(planned), planned.refusals, status(planned)) == (["DisassociateService"], (), "disconnecting")
    planned = plan(QUIET, bare(services=(replace(SERVICE, associations=(theirs,)),), target_groups=(GROUP,)))
    assert (kinds(planned), status(planned)) == ([], "held")
    assert [refusal.code for refusal in planned.refusals] == ["associated-by-others"]


def test_nothing_is_unshared_while_something_is_wished_for() -> None:
    settling = replace(ORDERS, state="provisioning")
    access = Access(known=True, principal="ASSOCIATED")
    planned = plan(QUIET, bare(load_balancers=(settling,), access=access))
    assert (steps(planned), planned.next) == ([], "wait")


@pytest.mark.parametrize("broken", [{"color": "red"}, {"network": "elsewhere"}, {"listen": "SMTP"}])
def test_a_typing_error_in_a_tag_is_no_outage(broken: dict[str, str]) -> None:
    mistagged = replace(client(), vpcs=(vpc(**broken),))
    assert steps(plan(QUIET, mistagged)) == []
    assert steps(plan(QUIET, served(GROUP, SERVICE, tagged("orders", **broken)))) == []


@pytest.mark.parametrize(("number", "goes"), [(3, True), (4, False)])
def test_more_deletions_than_the_limit_are_none(number: int, goes: bool) -> None:
    inside = tuple(replace(INSIDE, arn=f"arn:a/{n}", vpc=f"vpc-{n}") for n in range(number))
    planned = plan(replace(QUIET, deletion_limit=3), bare(vpc_associations=inside), now=NOW)
    assert len(steps(planned)) == (number if goes else 0)
    assert [refusal.code for refusal in planned.refusals] == ([] if goes else ["deletion-limit"])
    assert planned.next == ("apply" if goes else "done")


# --- answers


def answered(*given: str) -> dict[str, str]:
    return dict(zip(tags.STATUS_KEYS, given, strict=False))


@pytest.mark.parametrize(
    ("said", "put", "remove", "following"),
    [
        ({}, answered("connected", "orders.on.aws"), (), "finish"),
        (answered("connecting"), answered("connected", "orders.on.aws"), (), "finish"),
        (answered("connected", "old.on.aws", "why"), {tags.DOMAIN: "orders.on.aws"}, (tags.MESSAGE,), "finish"),
        (answered("connected", "orders.on.aws"), None, None, "done"),
    ],
)
def test_the_answer_is_written_where_it_differs(
    said: dict[str, str], put: dict[str, str] | None, remove: tuple[str, ...] | None, following: str
) -> None:
    planned = plan(network(), served(GROUP, SERVICE, replace(ORDERS, tags={**ORDERS.tags, **said})))
    found = [(step.put, step.remove) for step in steps(planned) if isinstance(step, WriteStatus)]
    assert found == ([] if put is None else [(put, remove)])
    assert planned.next == following


@pytest.mark.parametrize(
    ("given", "removed"),
    [
        (answered("connected", "x"), [(tags.DOMAIN, tags.STATUS)]),
        ({"Name": "x"}, []),
        ({**answered("connected"), **wish(network="sibling")}, []),
    ],
)
def test_the_answer_goes_when_nobody_asks_any_more(given: dict[str, str], removed: list[tuple[str, ...]]) -> None:
    seen = bare(load_balancers=(balancer("orders", tags=given),))
    planned = plan(network(siblings=frozenset({"sibling"})), seen)
    assert [step.remove for step in steps(planned) if isinstance(step, WriteStatus)] == removed


def test_answers_are_written_on_the_way_too() -> None:
    seen = served(service=replace(SERVICE, associations=(replace(JOINED, status="CREATE_IN_PROGRESS"),)))
    planned = plan(network(), seen)
    assert (kinds(planned), planned.next, planned.pending != ()) == (["WriteStatus"], "apply", True)


# --- failures, waiting, giving up


def test_a_step_that_aws_refused_is_left_out_and_told() -> None:
    seen = served(None, None)
    [group, _] = steps(plan(QUIET, seen))
    planned = plan(network(), seen, failures={group.key: "quota: free something"})
    assert [step.kind for step in steps(planned)] == ["WriteStatus"]
    assert status(planned) == "failed"
    [answer] = [step for step in steps(planned) if isinstance(step, WriteStatus)]
    assert answer.put[tags.MESSAGE] == "step-failed: quota: free something"
    silent = plan(network(), seen, failures={group.key: "quota", answer.key: "denied"})
    assert steps(silent) == []


def test_nothing_is_made_for_a_service_that_was_refused() -> None:
    seen = served(None, None)
    [service, _] = steps(plan(QUIET, seen))
    planned = plan(QUIET, seen, failures={service.key: "quota: free something"})
    assert (steps(planned), status(planned), planned.next) == ([], "failed", "done")


def test_a_network_that_cannot_be_shared_is_told_to_all_who_need_it() -> None:
    seen = replace(client(None), access=Access(known=True))
    [share] = steps(plan(QUIET, seen))
    planned = plan(QUIET, seen, failures={share.key: "the share is full"})
    # The security group that was made for it is of no use.
    assert ([step.kind for step in steps(planned)], status(planned)) == (["DeleteSecurityGroup"], "failed")
    unknown = plan(QUIET, replace(seen, unread={SHARE: "GetResourceShareAssociations AccessDenied"}))
    assert (steps(unknown), status(unknown)) == ([], "failed")


@pytest.mark.parametrize(
    ("seen", "stalled", "seconds", "following"),
    [
        (served(), 0, 0, "done"),
        (served(None, None), 0, 31, "apply"),
        (served(replace(GROUP, targets=())), 0, 0, "apply"),
        (served(replace(GROUP, targets=())), 1, 10, "apply"),
        (served(service=replace(SERVICE, listeners=(), associations=())), 0, 21, "apply"),
        (served(service=replace(SERVICE, associations=())), 0, 21, "apply"),
        (client(replace(INSIDE, status="CREATE_IN_PROGRESS")), 0, 10, "wait"),
        (client(replace(INSIDE, status="CREATE_IN_PROGRESS")), 3, 20, "wait"),
        (client(replace(INSIDE, status="CREATE_IN_PROGRESS")), 36, 30, "wait"),
    ],
)
def test_how_long_to_wait_before_looking_again(seen: Observation, stalled: int, seconds: int, following: str) -> None:
    planned = plan(QUIET, seen, stalled=stalled)
    assert (planned.wait_seconds, planned.next) == (seconds, following)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (client(replace(INSIDE, status="CREATE_IN_PROGRESS")), "association of vpc-1 is CREATE_IN_PROGRESS"),
        (client(None), "the VPC asks to join as a client"),
        (
            replace(client(None), access=Access(known=True, principal="ASSOCIATING")),
            "the share has not reached the account yet",
        ),
    ],
)
def test_giving_up_stops_and_says_what_did_not_settle(seen: Observation, why: str) -> None:
    planned = plan(network(), seen, gave_up=True)
    [answer] = steps(planned)
    assert isinstance(answer, WriteStatus)
    assert answer.put == answered("failed") | {tags.MESSAGE: f"not-settling: {why}"}
    assert (planned.next, planned.wait_seconds, planned.pending) == ("finish", 0, ())
    assert [(refusal.code, refusal.resource) for refusal in planned.refusals] == [("not-settling", TEAM)]


@pytest.mark.parametrize(
    ("beside", "keys"),
    [
        ({"allow_from": "10.0.0.0/16"}, "lattice:allow-from"),
        ({"ports": "80"}, "lattice:ports"),
        ({"allow_from": "10.0.0.0/16", "ports": "80"}, "lattice:allow-from and lattice:ports"),
    ],
)
def test_whom_to_admit_says_nothing_beside_groups_of_ones_own_and_that_is_told(
    beside: dict[str, str], keys: str
) -> None:
    joined = replace(INSIDE, security_groups=frozenset({"sg-0123abcd"}))
    [answer] = steps(plan(network(), client(joined, None, security_groups="sg-0123abcd", **beside)))
    assert isinstance(answer, WriteStatus)
    assert answer.put[tags.STATUS] == "connected"
    assert answer.put[tags.MESSAGE] == (
        f"remove {keys} or lattice:security-groups: the security groups alone say who may call"
    )


@pytest.mark.parametrize(
    ("principal", "denied", "more"),
    [
        ("ASSOCIATED", "", ""),
        ("ASSOCIATING", "GetServiceNetwork AccessDeniedException", ""),
        (
            "ASSOCIATED",
            "GetServiceNetwork AccessDeniedException",
            ". If that lasts, let role onramp-net-reader see the network, or lift what denies it: GetServiceNetwork"
            " AccessDeniedException",
        ),
    ],
)
def test_a_network_that_stays_out_of_sight_is_told_with_the_call_that_is_denied(
    principal: str, denied: str, more: str
) -> None:
    seen = replace(client(None), access=Access(known=True, principal=principal, denied=denied))
    planned = plan(network(), seen, gave_up=True)
    [answer] = steps(planned)
    assert isinstance(answer, WriteStatus)
    assert answer.put[tags.MESSAGE] == tags.answer(f"not-settling: the share has not reached the account yet{more}")
    [refusal] = planned.refusals
    assert refusal.message == f"given up until the next look: the share has not reached the account yet{more}"


def test_giving_up_on_a_leftover_is_told_to_the_operators() -> None:
    planned = plan(QUIET, bare(target_groups=(replace(GROUP, status="DELETE_IN_PROGRESS"),)), gave_up=True)
    [refusal] = planned.refusals
    assert refusal.message == f"given up until the next look: target group {GROUP_NAME} is DELETE_IN_PROGRESS"
    assert planned.next == "done"


def test_giving_up_where_all_is_well_says_nothing() -> None:
    planned = plan(QUIET, served(), gave_up=True)
    assert (planned.refusals, status(planned), planned.next) == ((), "connected", "done")


def test_the_plan_remembers_all_that_is_ours_and_nothing_else() -> None:
    theirs = replace(SERVICE, arn="arn:theirs", name="theirs", owned=False, listeners=(), associations=())
    seen = replace(served(), services=(SERVICE, theirs), vpc_associations=(INSIDE,), vpcs=(vpc(),))
    assert plan(QUIET, seen).arns == {
        GROUP.arn: GROUP_NAME,
        SERVICE.arn: "orders",
        LISTENER.arn: "http-80",
        JOINED.arn: "orders",
        INSIDE.arn: "vpc-1",
    }


# --- any observation whatever

STATUSES = st.sampled_from(
    ["ACTIVE"] * 4 + ["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_IN_PROGRESS"]
    + ["CREATE_FAILED", "DELETE_FAILED", "UPDATE_FAILED"]
)  # fmt: skip
A, B = balancer("a"), balancer("b")
GROUP_NAMES = [names.target_group("net", "shop", one.arn, "HTTP", 80, "vpc-1") for one in (A, B)]
NETWORKS = st.sampled_from([NETWORK_ARN, NETWORK_ARN, OTHER_NETWORK_ARN])


def up_to(number: int, kind: str, made: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """At most `number` of these, each with an ARN of its own."""
    return st.lists(made, max_size=number).map(
        lambda found: tuple(replace(one, arn=arn(kind, f"{kind}-{place}")) for place, one in enumerate(found))
    )


TARGET_GROUPS = up_to(
    4,
    "targetgroup",
    st.builds(
        TargetGroup,
        arn=st.just(""),
        name=st.sampled_from([*GROUP_NAMES, "old-1", "old-2"]),
        status=STATUSES,
        owned=st.booleans(),
        targets=st.lists(
            st.builds(
                Target,
                id=st.sampled_from([A.arn, B.arn]),
                port=st.sampled_from([80, 81]),
                status=st.sampled_from(["UNAVAILABLE", "DRAINING"]),
            ),
            max_size=1,
        ).map(tuple),
    ),
)
FORWARDS = st.lists(
    st.builds(Forward, target_group=st.sampled_from([f"targetgroup-{n}" for n in range(4)])), max_size=3, unique=True
).map(tuple)
LISTENERS = up_to(
    2,
    "listener",
    st.builds(
        Listener,
        arn=st.just(""),
        name=st.sampled_from(["http-80", "https-443"]),
        protocol=st.just("HTTP"),
        port=st.sampled_from([80, 443]),
        owned=st.booleans(),
        forwards=FORWARDS,
    ),
)
ASSOCIATIONS = up_to(
    2, "snsa", st.builds(Association, arn=st.just(""), network=NETWORKS, status=STATUSES, owned=st.booleans())
)


def own_parts(services: tuple[Service, ...]) -> tuple[Service, ...]:
    """With ARNs below the service's own, as in life."""
    return tuple(
        replace(
            service,
            listeners=tuple(replace(found, arn=f"{service.arn}/{found.arn[-10:]}") for found in service.listeners),
            associations=tuple(replace(found, arn=f"{service.arn}+{found.arn[-6:]}") for found in service.associations),
        )
        for service in services
    )


SERVICES = up_to(
    3,
    "service",
    st.builds(
        Service,
        arn=st.just(""),
        name=st.sampled_from(["shop", "bank", "gone"]),
        status=STATUSES,
        owned=st.booleans(),
        listeners=LISTENERS,
        associations=ASSOCIATIONS,
    ),
).map(own_parts)
VPC_ASSOCIATIONS = up_to(
    3,
    "snva",
    st.builds(
        VpcAssociation,
        arn=st.just(""),
        vpc=st.sampled_from(["vpc-1", "vpc-2", "vpc-3"]),
        network=NETWORKS,
        status=STATUSES,
        owned=st.booleans(),
        security_groups=st.frozensets(st.sampled_from(["sg-1", "sg-2"])),
    ),
)
SECURITY_GROUPS = st.lists(
    st.builds(
        SecurityGroup,
        id=st.sampled_from(["sg-1", "sg-2"]),
        name=st.sampled_from(["onramp-net-vpc-1", "onramp-net-vpc-2"]),
        vpc=st.sampled_from(["vpc-1", "vpc-2"]),
        owned=st.booleans(),
    ),
    max_size=2,
    unique_by=lambda group: group.id,
).map(tuple)
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "lattice:network": st.sampled_from(["net", "net", "net", "unheard-of"]),
        "lattice:service": st.sampled_from(["shop", "shop", "bank", "No Good"]),
        "lattice:listen": st.sampled_from(["HTTP:80", "HTTPS:443 HTTP:80"]),
        "lattice:color": st.just("red"),
        tags.STATUS: st.just("connected"),
    },
)
VPC_WISHES = st.fixed_dictionaries(
    {}, optional={"lattice:network": st.sampled_from(["net", "net", "unheard-of"]), "lattice:ports": st.just("x")}
)
OBSERVATIONS = st.builds(
    Observation,
    account=st.sampled_from([TEAM, TEAM, INFRA]),
    target_groups=TARGET_GROUPS,
    services=SERVICES,
    vpc_associations=VPC_ASSOCIATIONS,
    security_groups=SECURITY_GROUPS,
    access=st.builds(
        Access,
        known=st.booleans(),
        visible=st.booleans(),
        principal=st.sampled_from(["", "ASSOCIATING", "ASSOCIATED", "DISASSOCIATING", "DISASSOCIATED"]),
        invitation=st.sampled_from(["", "arn:invitation"]),
        answered=st.sampled_from(["", "ACCEPTED", "REJECTED", "EXPIRED"]),
    ),
    load_balancers=st.lists(
        st.builds(
            lambda one, given, state: replace(one, tags=given, state=state),
            st.sampled_from([A, B]),
            WISHES,
            st.sampled_from(["active", "active", "active", "provisioning", "failed"]),
        ),
        max_size=2,
        unique_by=lambda one: one.arn,
    ).map(tuple),
    vpcs=st.lists(
        st.builds(lambda name, given: replace(vpc(name), tags=given), st.sampled_from(["vpc-1", "vpc-2"]), VPC_WISHES),
        max_size=2,
        unique_by=lambda one: one.id,
    ).map(tuple),
)
SETTINGS = st.builds(
    lambda limit, acceptance, told: network(deletion_limit=limit, acceptance=acceptance, status_tags=told),
    st.sampled_from([0, 1, 10]),
    st.sampled_from(["automatic", "manual"]),
    st.booleans(),
)
DELETIONS = (
    DeleteListener, DeleteSecurityGroup, DeleteService, DeleteTargetGroup, DisassociateService, DisassociateVpc
)  # fmt: skip


def touched(step: AnyStep) -> set[str]:
    """What exists and would be changed or deleted by the step."""
    match step:
        case DisassociateService() | DisassociateVpc() | UpdateVpcAssociation():
            return {step.association}
        case CreateListener() | DeleteService() | AssociateService():
            return {step.service}
        case UpdateListener() | DeleteListener() | CreateRule():
            return {step.service, step.listener}
        case UpdateRules():
            return {step.service, step.listener, *(change.rule for change in step.changes)}
        case DeleteRule():
            return {step.service, step.listener, step.rule}
        case DeleteTargetGroup() | RegisterTarget():
            return {step.target_group}
        case UpdateSecurityGroup() | DeleteSecurityGroup():
            return {step.security_group}
        case _:
            return set()


def ours(seen: Observation) -> set[str]:
    return {*plan(QUIET, seen).arns, *(group.id for group in seen.security_groups if group.owned)}


@settings(max_examples=300, deadline=None)
@given(SETTINGS, OBSERVATIONS)
def test_a_plan_changes_only_what_is_ours(given_network: Network, seen: Observation) -> None:
    for step in steps(plan(given_network, seen)):
        assert touched(step) <= ours(seen)


@settings(max_examples=200, deadline=None)
@given(SETTINGS, OBSERVATIONS, st.integers(0, 40), st.booleans())
def test_a_plan_is_a_value(given_network: Network, seen: Observation, stalled: int, gave_up: bool) -> None:
    copies = decode(encode(given_network), Network), decode(encode(seen), Observation)
    planned = plan(given_network, seen, stalled=stalled, gave_up=gave_up)
    assert plan(*copies, stalled=stalled, gave_up=gave_up) == planned
    assert copies == (given_network, seen)
    assert decode(encode(planned), Plan) == planned
    assert (planned.next in {"apply", "finish"}) == bool(planned.batches)
    if planned.next == "finish":  # nobody looks after it
        assert [(batch.account, batch.sharing) for batch in planned.batches] == [(seen.account, False)]
        assert set(kinds(planned)) <= {"WriteStatus", "DeleteSecurityGroup"}
    assert all(step.because for step in steps(planned))


@settings(max_examples=300, deadline=None)
@given(SETTINGS, OBSERVATIONS)
def test_what_is_disconnected_for_good_is_within_the_limit(given_network: Network, seen: Observation) -> None:
    planned = plan(given_network, seen)
    asked = {one.name for one in planned.services} | {one.vpc for one in planned.clients}
    going = [
        step
        for step in steps(planned)
        if isinstance(step, DisassociateService | DisassociateVpc) and step.name not in asked
    ]
    assert len(going) <= given_network.deletion_limit
    if any(refusal.code == "deletion-limit" for refusal in planned.refusals):
        assert not [step for step in steps(planned) if isinstance(step, DisassociateService) and step in going]


@settings(max_examples=400, deadline=None)
@given(SETTINGS, OBSERVATIONS)
def test_what_serves_a_wish_that_cannot_be_met_or_read_is_kept(given_network: Network, seen: Observation) -> None:
    planned = plan(given_network, seen)
    frozen = {refusal.resource for refusal in planned.refusals} | set(desired(given_network, seen).settling)
    groups = {
        group.arn
        for group in seen.target_groups
        if not group.status.endswith("_FAILED") and not registered(group).isdisjoint(frozen)
    }
    ids = {group.rpartition("/")[2] for group in groups}
    kept = set(groups)
    for service in seen.services:
        if any(to.target_group in ids for listener in service.listeners for to in listener.forwards):
            kept |= {service.arn, *(found.arn for found in service.associations if found.status == "ACTIVE")}
    kept |= {found.arn for found in seen.vpc_associations if found.vpc in frozen}
    kept |= {group.id for group in seen.security_groups if group.vpc in frozen}
    forwards = {found.arn: found.forwards for service in seen.services for found in service.listeners}
    for step in steps(planned):
        if isinstance(step, UpdateListener):
            before = {to for to in forwards[step.listener] if to.target_group in ids}
            assert before <= set(step.forwards)
        if isinstance(step, DELETIONS) and not isinstance(step, DeleteListener):
            failed = any(one.arn in touched(step) and one.status.endswith("_FAILED") for one in seen.services)
            assert failed or not touched(step) & kept


def test_a_round_has_so_many_steps_and_the_rest_follows() -> None:
    many = tuple(tagged(f"orders-{number:03}") for number in range(100))
    planned = plan(network(), Observation(account=TEAM, load_balancers=many))
    assert sum(len(batch.steps) for batch in planned.batches) == STEPS_AT_MOST
    assert planned.next == "apply"
    assert any("more steps" in what for what in planned.pending)


def test_a_round_takes_no_service_by_halves() -> None:
    many = tuple(tagged(f"orders-{number:03}") for number in range(100))
    seen = Observation(account=TEAM, load_balancers=many, access=Access(known=True))
    planned = plan(network(), seen)
    made = Counter(step.kind for step in steps(planned))
    # Beside the share there is room for one half more.
    assert made == {"ShareNetwork": 1, "CreateTargetGroup": 59, "CreateService": 59}
    assert "182 more steps for the next rounds" in planned.pending


def test_of_one_that_no_round_has_room_for_as_a_whole_as_many_are_done_as_there_is_room_for() -> None:
    todo = [WriteStatus(account=TEAM, name=f"n{number}", because="b", resource="r") for number in range(200)]
    assert fit(todo, {}) == STEPS_AT_MOST
    assert fit(todo, dict.fromkeys((step.key for step in todo), "orders")) == STEPS_AT_MOST
    assert fit(todo, {step.key: "orders" for step in todo[100:]}) == 100
    assert fit(todo[:50], {step.key: "orders" for step in todo}) == 50
    assert fit([], {}) == 0


# --- who may call


def asked(group: SecurityGroup | None = SECURITY_GROUP, *, lists: dict[str, int], **tags: str) -> Observation:
    return replace(client(INSIDE if group else None, group, **tags), prefix_lists=lists)


@pytest.mark.parametrize("group", [SECURITY_GROUP, None], ids=["joined", "joins"])
@pytest.mark.parametrize(
    ("lists", "unread", "status_", "says"),
    [
        ({}, {}, "refused", "name prefix lists of your own or shared with you: pl-0123abcd is none of them"),
        ({"pl-0123abcd": 31}, {}, "refused", "62 rules would be needed .* pl-0123abcd may hold 31 entries"),
        ({}, {"pl-0123abcd": "DescribeManagedPrefixLists AccessDenied"}, "failed", "pl-0123abcd cannot be read"),
        ({"pl-0123abcd": 30}, {}, "", ""),
    ],
)
def test_a_prefix_list_is_admitted_if_it_is_there_and_fits(
    group: SecurityGroup | None, lists: dict[str, int], unread: dict[str, str], status_: str, says: str
) -> None:
    planned = plan(network(), replace(asked(group, lists=lists, allow_from="pl-0123abcd"), unread=unread))
    made = {"CreateSecurityGroup", "UpdateSecurityGroup"} & set(kinds(planned))
    if not status_:
        assert (made, planned.refusals) == ({"UpdateSecurityGroup" if group else "CreateSecurityGroup"}, ())
        return
    [told] = [step.put for step in steps(planned) if isinstance(step, WriteStatus)]
    assert (told[tags.STATUS], made) == (status_, set())
    assert re.search(says, told[tags.MESSAGE])


def test_rules_make_room_for_a_prefix_list_by_the_entries_that_it_may_hold() -> None:
    sources_ = [f"10.{number}.0.0/16" for number in range(50)]
    full = replace(SECURITY_GROUP, admits=frozenset(Ingress(source=one, from_port=80, to_port=80) for one in sources_))
    seen = asked(full, lists={"pl-0123abcd": 25}, allow_from=f"pl-0123abcd {sources_[0]}", ports="80")
    [update] = [step for step in steps(plan(QUIET, seen)) if isinstance(step, UpdateSecurityGroup)]
    # 50 of 60 are taken and 25 more are needed: 15 go before, and the rest after.
    assert (len(update.allow), len(update.revoke)) == (1, 49)
    assert len(update.allow) - update.room == 15


# --- in words


def test_what_a_plan_says_of_each_state() -> None:
    """The states of the tables above, one after the other."""
    loud = network()
    tables: list[tuple[str, list[tuple[Network, Observation]]]] = [
        ("a service", [(loud, seen) for seen, _, _ in OF_SERVICES]),
        ("a client", [(loud, seen) for seen, _, _ in OF_CLIENTS]),
        (
            "a network that is not within reach",
            [
                (replace(loud, acceptance=acceptance), replace(served(None, None), access=access))
                for access, acceptance, *_ in REACH
            ],
        ),
        ("what nobody asks for", [(loud, seen) for seen, _, _ in LEFT]),
        (
            "what may not vanish",
            [(network(vanish="nothing"), seen) for seen, _, _ in LEFT],
        ),
        ("what is not read", [(loud, seen) for seen in UNREAD_THINGS]),
        ("what is not ours", [(loud, seen) for seen in NOT_OURS]),
        ("what infra keeps out", [(network(kept_out=frozenset({one})), served()) for one in (TEAM, "orders")]),
        ("whose client infra keeps out", [(network(kept_out=frozenset({TEAM}), deletion_limit=0), client())]),
        ("a load balancer in other groups", [(loud, seen) for seen in CROWDED]),
        (
            "prefix lists",
            [
                (loud, replace(asked(group, lists=lists, allow_from="pl-0123abcd"), unread=unread))
                for group in (SECURITY_GROUP, None)
                for lists, unread in (
                    ({}, {}),
                    ({"pl-0123abcd": 31}, {}),
                    ({}, {"pl-0123abcd": "DescribeManagedPrefixLists AccessDenied"}),
                    ({"pl-0123abcd": 30}, {}),
                )
            ],
        ),
        ("what is quiet", [(network(quiet_seconds=60, keep_seconds=3600), seen) for seen, _, _ in LEFT[1:6]]),
    ]
    lines: list[str] = []
    for title, rows in tables:
        for number, (of, seen) in enumerate(rows, 1):
            lines += [f"{title}, {number}", *told(plan(of, seen, now=NOW))]
    says("plan", lines)


def group(number: int, *, owned: bool = False, name: str = "theirs") -> TargetGroup:
    """One that our load balancer is in."""
    return replace(GROUP, arn=arn("targetgroup", f"tg-{number}"), name=f"{name}-{number}", owned=owned)


EMPTY = replace(GROUP, targets=())
CROWDED = [
    replace(served(EMPTY), target_groups=(EMPTY, group(7))),
    replace(served(EMPTY), target_groups=(EMPTY, group(7), group(8))),
    replace(served(EMPTY), target_groups=(EMPTY, group(7), group(8), group(9))),
    replace(served(EMPTY), target_groups=(EMPTY, group(7), group(8, owned=True, name="ours"))),
    replace(
        served(EMPTY),
        target_groups=(EMPTY, group(7), group(8, owned=True, name="ours")),
        unmarked={group(8).arn: "ours-8"},
    ),
    replace(
        served(EMPTY),
        target_groups=(EMPTY, group(7), group(8, owned=True, name="ours")),
        services=(
            SERVICE,
            replace(
                SERVICE,
                arn=arn("service", "svc-9"),
                name="old",
                listeners=(replace(LISTENER, forwards=(Forward(target_group="tg-8"),)),),
            ),
        ),
    ),
]

UNREAD_THINGS = [
    replace(served(service=replace(SERVICE, status=UNREAD)), unread={SERVICE.arn: "GetService AccessDenied"}),
    replace(served(replace(GROUP, status=UNREAD)), unread={GROUP.arn: "GetTargetGroup AccessDenied"}),
    replace(client(replace(INSIDE, status=UNREAD)), unread={INSIDE.arn: "Get AccessDenied"}),
    replace(served(), load_balancers=(replace(ORDERS, listeners=None),), unread={ORDERS.arn: "DescribeListeners"}),
    replace(bare(services=(SERVICE,), target_groups=(GROUP,)), unread={ORDERS.arn: "DescribeTags"}),
    replace(bare(target_groups=(GROUP,)), unread={SERVICE.arn: "GetService AccessDenied"}),
    replace(bare(target_groups=(GROUP,)), unread={INSIDE.arn: "Get AccessDenied"}),
    replace(bare(vpc_associations=(INSIDE,)), unread={"vpc-1": "DescribeVpcs AccessDenied"}),
    replace(bare(services=(replace(SERVICE, status=UNREAD),)), unread={SERVICE.arn: "GetService AccessDenied"}),
    replace(bare(vpc_associations=(replace(INSIDE, status=UNREAD),)), unread={INSIDE.arn: "Get AccessDenied"}),
]
NOT_OURS = [
    served(service=replace(SERVICE, owned=False)),
    served(replace(GROUP, owned=False)),
    served(service=replace(SERVICE, listeners=(replace(LISTENER, owned=False, forwards=()),))),
    served(service=replace(SERVICE, listeners=(replace(LISTENER, owned=False),))),
    served(service=replace(SERVICE, associations=(replace(JOINED, status="CREATE_FAILED", owned=False),))),
    client(group=replace(SECURITY_GROUP, owned=False)),
    client(replace(INSIDE, network=OTHER_NETWORK_ARN, owned=False)),
    client(replace(INSIDE, owned=False)),
    replace(served(), unproven={"arn:x": "orders"}),
    replace(served(), unmarked={SERVICE.arn: "orders"}),
    served(service=replace(SERVICE, auth="AWS_IAM", listeners=(replace(LISTENER, rules=("theirs",)),))),
    bare(services=(replace(SERVICE, associations=(replace(JOINED, network=OTHER_NETWORK_ARN, owned=False),)),)),
]


def test_what_a_plan_says_when_steps_fail_or_nothing_settles() -> None:
    fresh, moving = served(None, None), client(replace(INSIDE, status="CREATE_IN_PROGRESS"))
    lines: list[str] = []
    for step in steps(plan(network(), fresh)):
        lines += [
            f"refused: {step.kind}",
            *told(plan(network(), fresh, failures={step.key: "quota: raise it"}, now=NOW)),
        ]
    for title, seen in (
        ("moving", moving),
        ("new", fresh),
        ("whole", served()),
        ("leaving", bare(services=(SERVICE,))),
    ):
        lines += [f"given up: {title}", *told(plan(network(), seen, gave_up=True, now=NOW))]
    many = tuple(replace(INSIDE, arn=f"arn:a/{n}", vpc=f"vpc-{n}") for n in range(4))
    lines += ["too many", *told(plan(network(deletion_limit=3), bare(vpc_associations=many), now=NOW))]
    says("plan-that-fails", lines)


def test_what_a_plan_says_where_something_keeps_requests_out() -> None:
    """Of who is joined; whoever is not has another answer."""
    out = Finding(code="security-group", message="admit the prefix list")
    lines: list[str] = []
    for title, table in (("a service", OF_SERVICES), ("a client", OF_CLIENTS), ("one that leaves", LEFT)):
        for number, row in enumerate(table, 1):
            found = {ORDERS.arn: out, "vpc-1": out}
            planned = plan(network(), row[0], findings=found, now=NOW)
            lines += [f"{title}, {number}", *(line for line in told(planned) if " is " in line.partition(":")[0])]
    says("plan-unreachable", lines)


@pytest.mark.parametrize(
    ("finding", "status_", "message"),
    [
        (Finding(code="security-group", message="admit it", port=81), "refused", "security-group: admit it"),
        (Finding(code="no-healthy-target", message="wait", settling=True, port=81), "connected", ""),
        (Finding(code="weights-zero", message="give one"), "unreachable", "weights-zero: give one"),
        (None, "connected", ""),
    ],
)
def test_what_keeps_requests_out_of_where_they_are_to_go_is_no_outage_of_where_they_went(
    finding: Finding | None, status_: str, message: str
) -> None:
    """The load balancer was connected by its listener on 80, and is filled in the group of that on 81."""
    moved = tagged("orders", "HTTP:80", "HTTP:81", listen="HTTP:80", target="HTTP:81")
    name = names.target_group("net", "orders", moved.arn, "HTTP", 81, "vpc-1")
    next_ = replace(
        GROUP,
        arn=arn("targetgroup", "tg-2"),
        name=name,
        targets=(Target(id=moved.arn, port=81, status="UNAVAILABLE"),),
    )
    seen = replace(served(GROUP, SERVICE, moved), target_groups=(GROUP, next_))
    planned = plan(QUIET, seen, findings={moved.arn: finding} if finding else {})
    [state] = planned.services
    assert (state.status, state.message) == (status_, message)


def test_what_a_plan_says_of_what_was_given_up_before() -> None:
    """A step that the last run gave up is doubted: nothing that serves hangs on it before it was seen to work."""
    fresh = served(None, None)
    keys = [step.key for step in steps(plan(network(), fresh))]
    lines: list[str] = []
    for key in keys:
        lines += [
            f"doubted: {key.partition(' ')[0]}",
            *told(plan(network(), fresh, doubts={key: "AWS refused it"}, now=NOW)),
        ]
    empty = served(replace(GROUP, targets=()))
    [key] = [step.key for step in steps(plan(QUIET, empty))]
    lines += ["registering", *told(plan(network(), empty, taken=frozenset({key}), now=NOW))]
    for stalled in (0, 4, 40):
        lines += [f"stalled {stalled}", *told(plan(network(), client(None), stalled=stalled, now=NOW))]
    last = {step.key: "RateExceeded: slow down" for step in steps(plan(network(), fresh))}
    lines += ["given up with AWS's words", *told(plan(network(), fresh, gave_up=True, last=last, now=NOW))]
    says("plan-doubted", lines)


def test_what_a_plan_says_of_what_clients_can_call() -> None:
    lines: list[str] = []
    for offer in (None, "", "0 0", "3 0", "3 2", "1 1"):
        lines += [f"offered {offer!r}", *told(plan(network(), client(), offer=offer, now=NOW))]
    says("plan-offers", lines)
