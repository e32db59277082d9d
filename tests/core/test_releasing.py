"""What is ours and its owner takes back: our mark goes, nothing else does, and nothing of ours touches it any more."""

from typing import Any

import pytest
from model_world import NETWORK_ARN, TEAM, World, arn, balancer, existing, kinds, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core.inventory import ServiceState
from onramp.core.looks import narrows
from onramp.core.model import (
    UNREAD,
    Association,
    Forward,
    Listener,
    LoadBalancer,
    Match,
    Observation,
    Rule,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.plan import plan, releasing
from onramp.core.plan.ground import Before
from onramp.core.report import report
from onramp.core.rounds import learn
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import Outcome, Release

NET = network()
A = tagged("a", service="shop", listen="HTTP:80", path_prefix="/", priority="10")
ALLOWED = {"Release", "WriteStatus"}


def connected(*wishes: Any, quiet: int = 0) -> World:
    world = World(network(quiet_seconds=quiet)).tag(*(wishes or (A, vpc())))
    run(world)
    world.done.clear()
    return world


def told(world: World, key: str = A.arn) -> str:
    said = world.answers(key)
    return f"{said.get('status')}: {said.get('message', '')}"


@pytest.mark.parametrize("wish", [True, False])
def test_what_cannot_be_read_goes_when_it_can_and_is_told_as_it_was_until_then(*, wish: bool) -> None:
    world = connected()
    if not wish:
        world.untag()
    seen = world.observe()
    service, client = seen.services[0], seen.vpc_associations[0]
    hidden = replace(
        seen,
        services=(replace(service, status=UNREAD, listeners=()),),
        vpc_associations=(replace(client, status=UNREAD),),
        unread=dict.fromkeys((service.arn, client.arn), "GetListener AccessDeniedException"),
        let_go=frozenset({service.arn, client.arn}),
    )
    states = {one.name: one for one in world.memory.services}
    clients = {one.vpc: one for one in world.memory.clients}
    done = plan(NET, hidden, before=Before(services=states, clients=clients, arns=world.memory.arns))
    assert {one.kind for one in steps(done)} <= {"WriteStatus"}
    assert [(one.name, one.answers, one.domain) for one in done.services] == [(service.name, True, service.domain)]
    assert [(one.vpc, one.answers) for one in done.clients] == [("vpc-1", True)]
    assert done.released == ()


def test_a_service_goes_with_all_that_belongs_to_it_and_serves_on_whether_its_wish_stays_or_not() -> None:
    world = connected()
    [service] = world.services.values()
    world.let_go.add(service.arn)
    run(world)
    assert {step.kind for step in world.done} == ALLOWED
    assert not any(one.owned for one in (*world.services.values(), *world.groups.values()))
    [listener] = world.services[service.arn].listeners
    assert (listener.owned, [rule.owned for rule in listener.found_rules]) == (False, [False])
    assert told(world).startswith("refused: name-taken: put tag lattice-onramp:adopt = yes on service shop")
    assert service.arn not in world.memory.arns
    assert [one.detail_type for one in world.reports[-1].announcements] == ["Request Refused"]
    world.done.clear()
    run(world.untag())
    assert {step.kind for step in world.done} <= {"WriteStatus", "DisassociateVpc", "DeleteSecurityGroup"}
    assert len(world.services[service.arn].listeners) == len(world.groups) == 1
    assert world.principal == "ASSOCIATED", "it is on the network by our share"


def test_the_service_is_the_last_so_that_its_word_stands_until_all_of_it_is_gone() -> None:
    world = connected()
    [service] = world.services.values()
    [listener] = service.listeners
    world.let_go.add(service.arn)
    world.refusing = lambda step: "no" if isinstance(step, Release) and step.resource == listener.arn else ""
    run(world)
    assert world.services[service.arn].owned
    assert world.memory.arns[service.arn] == "shop"
    run(world.untag())
    assert [one.arn for one in world.services[service.arn].listeners] == [listener.arn]
    assert len(world.groups) == 1
    world.refusing = lambda _: ""
    run(world)
    assert not world.services[service.arn].owned


def test_what_lost_our_mark_already_holds_up_nothing_of_what_is_let_go() -> None:
    world = connected()
    seen = world.observe()
    [service], [client], [group] = seen.services, seen.vpc_associations, seen.security_groups
    [listener] = service.listeners
    lost = {listener.arn: listener.name, group.id: group.name}
    asked = frozenset({service.arn, client.arn})
    done = plan(
        NET, replace(seen, unmarked=lost, let_go=asked), before=Before(services={}, clients={}, arns=world.memory.arns)
    )
    released = [step for step in steps(done) if isinstance(step, Release)]
    assert asked <= {step.resource for step in released}
    assert lost.keys().isdisjoint(step.resource for step in released)
    assert {step.needs for step in released} <= {"", *(step.key for step in released)}


def test_a_client_goes_with_its_security_group() -> None:
    world = connected()
    [joined] = world.vpc_associations.values()
    world.let_go.add(joined.arn)
    run(world)
    assert {step.kind for step in world.done} == ALLOWED
    assert told(world, "vpc-1").startswith("refused: association-taken")
    run(world.untag())
    assert [one.vpc for one in world.vpc_associations.values()] == ["vpc-1"]
    assert len(world.security_groups) == 1


def test_a_security_group_alone_is_replaced_by_another_one() -> None:
    world = connected()
    [group] = world.security_groups
    world.let_go.add(group)
    run(world)
    [joined] = world.vpc_associations.values()
    assert group in world.security_groups
    assert group not in joined.security_groups
    assert told(world, "vpc-1") == "connected: "


def test_an_association_alone_stays_when_its_service_goes() -> None:
    own = Association(
        arn=arn("servicenetworkserviceassociation", "snsa-1"), network=NETWORK_ARN, status="ACTIVE", owned=True
    )
    world = connected(A, existing(associations=(own,)))
    [service] = world.services.values()
    world.let_go |= {own.arn, service.associations[0].arn}
    run(world)
    assert {step.kind for step in world.done} == ALLOWED
    assert told(world, existing().arn).startswith("connected: joined-by-others")
    run(world.untag())
    assert world.existing[existing().arn].associations == (replace(own, owned=False),)
    [service] = world.services.values()
    assert [one.owned for one in service.associations] == [False]
    assert told(world).startswith("held: associated-by-others: remove association ")
    assert told(world).endswith(" that somebody else made: service shop is on this network by it")


def test_a_target_group_alone_is_told_and_goes_on() -> None:
    world = connected()
    [group] = world.groups
    world.let_go.add(group)
    run(world)
    assert told(world).startswith("refused: name-taken: choose another name or put tag lattice-onramp:network back")
    assert {step.kind for step in world.done} == ALLOWED


@pytest.mark.parametrize("cannot", [{"listen": "GOPHER:70"}, {"target": "HTTP:99"}, {"service": "no_name"}])
@pytest.mark.parametrize(
    "beside", [(), (tagged("b", service="shop", listen="HTTP:80"),)], ids=["alone", "with another"]
)
def test_by_a_target_group_that_was_taken_back_its_load_balancer_answers_whatever_its_tags_ask(
    cannot: dict[str, str], beside: tuple[LoadBalancer, ...]
) -> None:
    world = connected(A, vpc(), *beside)
    [service] = world.services.values()
    world.let_go |= {arn for arn, one in world.groups.items() if any(to.id == A.arn for to in one.targets)}
    run(world)
    world.tag(tagged("a", **{"service": "shop", **cannot}))
    for _ in range(3):
        run(world)
    assert {step.kind for step in world.done} == ALLOWED
    said = world.answers(A.arn)
    assert (said["status"], said["domain"]) == ("refused", service.domain)
    [state] = world.memory.services
    assert (state.answers, A.arn in state.serving) == (True, True)
    assert "Service Disconnected" not in {told.detail_type for one in world.reports for told in one.announcements}


@pytest.mark.parametrize("asks", [{}, {"service": "bank"}], ids=["for nothing", "for another service"])
def test_who_leaves_by_a_target_group_that_was_taken_back_leaves_as_everybody_does(asks: dict[str, str]) -> None:
    world = connected(*(tagged(name, service="shop", listen="HTTP:80") for name in "ab"), quiet=60)
    [taken] = [arn for arn, one in world.groups.items() if any(to.id == A.arn for to in one.targets)]
    world.let_go.add(taken)
    run(world)
    world.tag(tagged("a", listen="HTTP:80", **asks) if asks else balancer("a"))
    begins, gone = world.now, []

    def step(done: Any) -> None:
        serving = {one.name for one in world.services.values() if one.listeners and one.associations}
        gone.extend([(world.now - begins, serving, told(world))] if done.kind == "UpdateListener" else [])

    world.every_step = step
    run(world)
    [(after, serving, said)] = gone
    assert (after >= 60 and said.startswith("disconnecting: ")) if not asks else "bank" in serving
    assert taken in world.groups


def test_who_never_asked_and_to_whom_a_hand_led_requests_is_told_nothing_and_does_not_stay() -> None:
    world = connected(tagged("b", service="shop", listen="HTTP:80"), balancer("a"))
    theirs = TargetGroup(
        arn=arn("targetgroup", "tg-theirs"), name="theirs", status="ACTIVE", owned=False,
        targets=(Target(id=A.arn, port=80, status="UNAVAILABLE"),),
    )  # fmt: skip
    [(key, shop)] = world.services.items()
    [listener] = shop.listeners
    led = replace(listener, forwards=(*listener.forwards, Forward(target_group="tg-theirs", weight=50)))
    world.groups[theirs.arn], world.services[key] = theirs, replace(shop, listeners=(led,))
    run(world)
    assert [step.kind for step in world.done] == ["UpdateListener"]
    assert (world.services[key].listeners, world.answers(A.arn)) == ((listener,), {})


def joined_by(name: str, *, owned: bool = True) -> Association:
    return Association(
        arn=arn("servicenetworkserviceassociation", name), network=NETWORK_ARN, status="ACTIVE", owned=owned
    )


def service(name: str, group: str) -> Service:
    forwards = (Forward(target_group=group),)
    rule = Rule(arn=f"rule-{name}", name="r", priority=1, owned=True, match=Match(path="/x"), forwards=forwards)
    listener = Listener(
        arn=f"listener-{name}",
        name="http-80",
        protocol="HTTP",
        port=80,
        owned=True,
        forwards=forwards,
        found_rules=(rule,),
    )
    there = Service(arn=arn("service", name), name=name, status="ACTIVE", owned=True, mark="net")
    return replace(there, listeners=(listener,), associations=(joined_by(name), joined_by(f"{name}-2", owned=False)))


def client(name: str, group: str) -> VpcAssociation:
    whole = arn("servicenetworkvpcassociation", name)
    groups = frozenset({group, "sg-theirs"})
    return VpcAssociation(whole, name, NETWORK_ARN, "ACTIVE", owned=True, mark="net", security_groups=groups)


def group(name: str) -> TargetGroup:
    return TargetGroup(arn=arn("targetgroup", name), name=name, status="ACTIVE", owned=True, mark="net")


WHOLE = Observation(
    account=TEAM,
    services=(service("a", "tg-a"), service("b", "tg-b")),
    existing=(existing(associations=(joined_by("theirs"), joined_by("theirs-2", owned=False))),),
    target_groups=(group("tg-a"), group("tg-b")),
    vpc_associations=(client("vpc-a", "sg-a"), client("vpc-b", "sg-b")),
    security_groups=tuple(
        SecurityGroup(id=name, name="n", vpc="vpc-a", owned=name != "sg-theirs")
        for name in ("sg-a", "sg-b", "sg-theirs")
    ),
    released=("arn:before",),
)


def ours(seen: Observation) -> set[str]:
    """ARNs and ids of all that is owned, and `mark ARN` of what bears our mark."""
    services = [*seen.services, *seen.existing]
    listeners = [one for service in seen.services for one in service.listeners]
    things: list[Any] = [*seen.services, *listeners, *(rule for one in listeners for rule in one.found_rules)]
    things += [joined for service in services for joined in service.associations]
    things += [*seen.target_groups, *seen.vpc_associations]
    marked: list[Any] = [*seen.services, *seen.target_groups, *seen.vpc_associations]
    return (
        {one.arn for one in things if one.owned}
        | {one.id for one in seen.security_groups if one.owned}
        | {f"mark {one.arn}" for one in marked if one.mark}
    )


def both(*arns: str) -> set[str]:
    return {*arns, *(f"mark {one}" for one in arns)}


OF_A = {*both(arn("service", "a"), arn("targetgroup", "tg-a")), "listener-a", "rule-a", joined_by("a").arn}


@pytest.mark.parametrize(
    ("let_go", "goes"),
    [
        (arn("service", "a"), OF_A),
        (joined_by("b").arn, {joined_by("b").arn}),
        (joined_by("theirs").arn, {joined_by("theirs").arn}),
        (arn("targetgroup", "tg-b"), both(arn("targetgroup", "tg-b"))),
        (
            arn("servicenetworkvpcassociation", "vpc-a"),
            {*both(arn("servicenetworkvpcassociation", "vpc-a")), "sg-a"},
        ),
        ("sg-b", {"sg-b"}),
    ],
    ids=["service", "association", "association of theirs", "target group", "client", "security group"],
)
def test_the_plan_goes_by_what_is_left_without_it(let_go: str, goes: set[str]) -> None:
    left = releasing.without(replace(WHOLE, let_go=frozenset({let_go})))
    assert ours(WHOLE) - ours(left) == goes
    assert ours(left) <= ours(WHOLE)
    assert left.released == ("arn:before", *sorted(one for one in goes if not one.startswith("mark ")))
    # All of it is there still, and serves.
    assert [one.arn for one in left.services] == [one.arn for one in WHOLE.services]
    assert [len(one.associations) for one in left.services] == [2, 2]
    assert [one.listeners for one in left.services] == [
        () if one.arn == let_go else one.listeners for one in WHOLE.services
    ]


@pytest.mark.parametrize("let_go", [joined_by("b-2").arn, joined_by("theirs-2").arn, "sg-theirs", "arn:of nothing"])
def test_what_is_not_ours_cannot_be_taken_back(let_go: str) -> None:
    seen = replace(WHOLE, let_go=frozenset({let_go}))
    assert releasing.without(seen) is seen


def test_nothing_taken_back_is_the_observation_itself() -> None:
    seen = connected().observe()
    assert releasing.without(seen) is seen


def test_a_narrow_look_does_not_follow_what_was_taken_back() -> None:
    seen = Observation(account=TEAM)
    going_on = Run(
        account=TEAM,
        trigger={},
        seen=seen,
        plan=Plan(account=TEAM, round=1, next="wait"),
    )
    assert narrows(NET, going_on, 0.0)
    assert not narrows(NET, replace(going_on, seen=replace(seen, let_go=frozenset({"arn:x"}))), 0.0)


def test_what_a_run_let_go_it_does_not_know_as_made_and_what_it_took_over_again_it_did_not_let_go() -> None:
    def outcome(kind: str) -> tuple[tuple[Outcome, ...], ...]:
        return ((Outcome(kind=kind, account=TEAM, name="svc-1/shop", because="", status="done", arn="arn:x"),),)

    planned = Plan(account=TEAM, round=1, next="apply")
    before = Run(account=TEAM, trigger={}, plan=planned, made={"arn:x": "shop"}, adopted={"arn:x": "shop"})
    after = learn(replace(before, outcomes=outcome("Release")))
    assert (after.made, after.adopted, after.released) == ({}, {}, ("arn:x",))
    again = learn(replace(after, outcomes=outcome("Adopt")))
    assert (again.adopted, again.released) == ({"arn:x": "shop"}, ())


def test_nobody_is_told_that_it_was_disconnected() -> None:
    was = ServiceState(account=TEAM, name="shop", network="net", status="connected", arn="arn:x", answers=True)
    ended = Run(account=TEAM, trigger={}, memory=Memory(services=(was,)), plan=Plan(account=TEAM, round=1, next="done"))
    assert [one.detail_type for one in report(NET, ended).announcements] == ["Service Disconnected"]
    assert report(NET, replace(ended, released=("arn:x",))).announcements == ()


@pytest.mark.parametrize("what", ["service", "group", "client", "security group"])
def test_what_is_not_ours_is_not_let_go(what: str) -> None:
    world = connected()
    [service], [group] = world.services.values(), world.groups.values()
    [joined], [allowed] = world.vpc_associations.values(), world.security_groups.values()
    seen = world.observe()
    theirs: dict[str, dict[str, Any]] = {
        "service": {"services": (replace(service, owned=False),)},
        "group": {"target_groups": (replace(group, owned=False),)},
        "client": {"vpc_associations": (replace(joined, owned=False),)},
        "security group": {"security_groups": (replace(allowed, owned=False),)},
    }
    key = {"service": service.arn, "group": group.arn, "client": joined.arn, "security group": allowed.id}[what]
    planned = plan(NET, replace(seen, **theirs[what], let_go=frozenset({key})))
    assert "Release" not in kinds(planned)
    assert steps(plan(NET, replace(seen, let_go=frozenset({key}))))
