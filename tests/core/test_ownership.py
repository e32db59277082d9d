"""A mark is a hint, a name is identity: what is not shown to be ours is told, and left alone."""

import re
from typing import Any

import pytest
from model_world import NETWORK_ARN, TEAM, World, arn, balancer, network, run, steps, tagged, vpc
from msgspec.structs import asdict, replace
from onramp.core import names
from onramp.core.desired import made_for
from onramp.core.inventory import ServiceState
from onramp.core.model import (
    Association,
    Forward,
    Ingress,
    LoadBalancer,
    Observation,
    Service,
    Target,
    TargetGroup,
)
from onramp.core.plan import plan
from onramp.core.steps import (
    DeleteListener,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    UpdateListener,
)

NET = network()
A = tagged("a", service="shop", listen="HTTP:80")


def connected() -> World:
    world = World(NET).tag(A, vpc())
    run(world)
    world.done.clear()
    return world


def test_what_bears_our_mark_and_is_not_shown_to_be_ours_is_told_and_left_alone() -> None:
    world = connected()
    seen = replace(world.observe(), unproven={arn("service", "svc-theirs"): "payments"})
    planned = plan(NET, seen)
    assert steps(planned) == []
    [refusal] = planned.refusals
    assert (refusal.code, refusal.resource) == ("mark-unproven", arn("service", "svc-theirs"))
    assert refusal.message.startswith("remove our tag from it")
    assert planned.services[0].status == "connected"


def test_a_forged_target_group_takes_no_traffic() -> None:
    """Somebody makes a target group and tags it with the name of ours; Lattice gives it another, and that counts."""
    world = connected()
    [ours] = world.groups.values()
    key = arn("targetgroup", "tg-forged")
    world.groups[key] = TargetGroup(
        arn=key, name="forged", status="ACTIVE", owned=False, targets=(Target(id=A.arn, port=80, status="UNAVAILABLE"),)
    )
    run(world)
    [service] = world.services.values()
    assert [to.target_group for found in service.listeners for to in found.forwards] == [ours.arn.rpartition("/")[2]]


@pytest.mark.parametrize("what", ["forwards", "empty", "weight"])
def test_what_a_hand_changed_on_our_listener_is_put_right(what: str) -> None:
    world = connected()
    [service], [group] = world.services.values(), world.groups.values()
    [listener] = service.listeners
    id_ = group.arn.rpartition("/")[2]
    changed = {
        "forwards": (Forward(target_group=id_), Forward(target_group="tg-theirs")),
        "empty": (),
        "weight": (Forward(target_group=id_, weight=7),),
    }[what]
    world.services[service.arn] = replace(service, listeners=(replace(listener, forwards=changed),))
    run(world)
    assert [step.kind for step in world.done if isinstance(step, UpdateListener)] == ["UpdateListener"]
    [service] = world.services.values()
    assert service.listeners == (listener,)


def test_a_target_that_a_hand_took_out_is_put_back_and_the_answer_says_so_meanwhile() -> None:
    world = connected()
    [group] = world.groups.values()
    world.groups[group.arn] = replace(group, targets=(replace(group.targets[0], status="DRAINING"),))
    assert [state.status for state in plan(NET, world.observe()).services] == ["connecting"]
    run(world)
    assert world.answers(A.arn)["status"] == "connected"


def test_a_rule_that_a_hand_added_to_our_security_group_goes() -> None:
    world = connected()
    [group] = world.security_groups.values()
    more = group.admits | {Ingress(source="0.0.0.0/0", from_port=0, to_port=65535)}
    world.security_groups[group.id] = replace(group, admits=more)
    run(world)
    assert world.security_groups[group.id] == group


def test_rules_that_fill_a_security_group_make_room_for_those_who_come() -> None:
    callers = [f"10.1.3.{n}/32" for n in range(54)]
    others = [f"10.1.4.{n}/32" for n in range(54)]
    world = World(NET).tag(vpc(allow_from=" ".join(callers), ports="80"))
    run(world)
    run(world.tag(vpc(allow_from=" ".join(others), ports="80")))
    [group] = world.security_groups.values()
    assert {rule.source for rule in group.admits} == set(others)


def test_a_failed_association_with_our_network_that_somebody_else_made_is_left_to_them() -> None:
    world = connected()
    [service] = world.services.values()
    theirs = Association(arn="arn:theirs", network=NETWORK_ARN, status="CREATE_FAILED", owned=False)
    world.services[service.arn] = replace(service, associations=(theirs,))
    run(world)
    assert [refusal.code for refusal in world.memory.refusals] == ["association-taken"]
    assert world.services[service.arn].associations == (theirs,)


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        ({"auth": "AWS_IAM"}, "auth-by-others", "remove this auth type .* AWS_IAM on service shop"),
        ({"rules": ("theirs",)}, "rule-by-others", "remove the rule .* theirs on listener http-80 of service shop"),
    ],
)
def test_what_a_hand_set_and_may_be_meant_is_told_and_left(changed: dict[str, Any], code: str, says: str) -> None:
    world = connected()
    [service] = world.services.values()
    listeners = tuple(replace(found, rules=changed.get("rules", ())) for found in service.listeners)
    seen = world.observe()
    found = replace(service, auth=changed.get("auth", ""), listeners=listeners)
    planned = plan(NET, replace(seen, services=(found,)))
    [refusal] = planned.refusals
    assert refusal.code == code
    assert re.search(says, refusal.message)
    assert [step for step in steps(planned) if step.kind != "WriteStatus"] == []


def test_only_names_that_we_would_give_are_taken_for_ours() -> None:
    group = names.target_group("net", "shop", A.arn, "HTTP", 80, "vpc-1")
    assert made_for(NET, [A]) == {"shop", group}
    nobody = [balancer("a"), tagged("b", service="No Good"), tagged("c", network="sibling")]
    assert made_for(replace(NET, siblings=frozenset({"sibling"})), nobody) == frozenset()


def test_a_backend_that_joins_a_service_is_announced_and_changes_no_listener() -> None:
    world = connected()
    before = [found.name for one in world.services.values() for found in one.listeners]
    b = tagged("b", service="shop", listen="HTTP:80")
    run(world.tag(b))
    told = [one for one in world.reports[-1].announcements if one.detail_type == "Load Balancer Joined"]
    assert [one.detail["joined"] for one in told] == [[b.arn]]
    assert [found.name for one in world.services.values() for found in one.listeners] == before


def test_a_load_balancer_with_no_room_for_an_answer_says_its_status_first_and_infra_is_told() -> None:
    full = {f"tag-{n}": "x" for n in range(50 - 4)}
    world = World(NET).tag(replace(A, tags={**A.tags, **full}))
    run(world)
    assert world.answers(A.arn) == {"status": "connected"}
    assert [refusal.code for refusal in world.memory.refusals] == ["no-room-for-answer"]


def test_what_could_not_be_read_freezes_what_depends_on_it_and_that_alone() -> None:
    world = connected()
    run(world.tag(tagged("b", service="bank", listen="HTTP:80")))
    [shop] = [one for one in world.services.values() if one.name == "shop"]
    seen = world.untag().observe()
    blurred = tuple(replace(one, status="UNREAD", listeners=()) if one is shop else one for one in seen.services)
    planned = plan(NET, replace(seen, services=blurred, unread={shop.arn: "GetService AccessDenied"}))
    touched = {step.name for step in steps(planned) if step.kind != "WriteStatus"}
    assert "bank" in touched
    assert "shop" not in touched


def test_a_service_state_is_a_value() -> None:
    world = connected()
    [state] = world.memory.services
    assert state == ServiceState(
        account=TEAM,
        name="shop",
        network="net",
        status="connected",
        domain=state.domain,
        arn=state.arn,
        load_balancers=(A.arn,),
        answers=True,
        serving=(A.arn,),
    )
    assert isinstance(world.observe(), Observation)
    assert isinstance(next(iter(world.services.values())), Service)


LACKS = "put tag lattice-onramp:network = net back on "


def ours(world: World) -> dict[str, str]:
    """Kind -> ARN or id of each thing that a run made for the one load balancer and the VPC."""
    [service], [group], [inside] = world.services.values(), world.groups.values(), world.vpc_associations.values()
    return {
        "service": service.arn,
        "listener": service.listeners[0].arn,
        "association": service.associations[0].arn,
        "target group": group.arn,
        "client": inside.arn,
        "security group": next(iter(world.security_groups)),
    }


KINDS = ("service", "listener", "association", "target group", "client", "security group")


@pytest.mark.parametrize("kind", KINDS)
def test_what_bears_our_mark_no_more_serves_on_and_nothing_is_made_beside_it(kind: str) -> None:
    world = connected()
    key = ours(world)[kind]
    planned = plan(NET, replace(world.observe(), unmarked={key: "shop"}))
    assert (steps(planned), planned.next) == ([], "done")
    assert [(one.code, one.resource) for one in planned.refusals] == [("mark-missing", key)]
    assert planned.refusals[0].message.startswith(LACKS + key.rpartition("/")[2])
    assert [(state.status, state.answers) for state in planned.services] == [("connected", True)]
    assert [(state.status, state.answers) for state in planned.clients] == [("connected", True)]
    # It stays remembered as ours, but for a security group, of which its association tells.
    assert kind == "security group" or key in planned.arns


@pytest.mark.parametrize("kind", KINDS)
def test_what_bears_our_mark_no_more_is_not_deleted_when_all_leave(kind: str) -> None:
    world = connected()
    key = ours(world)[kind]
    world.untag()
    observe = world.observe
    world.observe = lambda: replace(observe(), unmarked={key: "shop"})  # type: ignore[method-assign]
    run(world)
    deletes = (
        DeleteListener,
        DeleteService,
        DeleteTargetGroup,
        DeleteSecurityGroup,
        DisassociateService,
        DisassociateVpc,
    )
    taken = {
        value
        for step in world.done
        if isinstance(step, deletes)
        for name, value in asdict(step).items()
        if not (isinstance(step, DeleteListener) and name == "service")  # where it is: that is not what is taken
    }
    assert key not in taken
    assert taken
    # Marked again, it goes as everything does; a listener went with its service.
    world.observe = observe  # type: ignore[method-assign]
    run(world)
    assert world.owned() == set()


def test_what_bears_our_mark_no_more_is_held_off_the_network_and_goes_once_it_is_marked_again() -> None:
    world = connected()
    key = ours(world)["service"]
    world.untag()
    observe = world.observe
    world.observe = lambda: replace(observe(), unmarked={key: "shop"})  # type: ignore[method-assign]
    run(world)
    [service] = world.services.values()
    [state] = world.memory.services
    assert (service.associations, state.status, state.answers) == ((), "held", False)
    assert state.message.startswith(f"step-failed: {LACKS}")
    assert {refusal.code for refusal in world.memory.refusals} == {"mark-missing", "step-failed"}
    world.observe = observe  # type: ignore[method-assign]
    run(world)
    assert world.services == {}


# --- a listener that somebody else made on a port that is asked for

BOTH = tagged("a", service="shop", listen="HTTP:80 HTTP:81")


def one_theirs(**given: Any) -> World:
    """`shop` serves on two ports, and the listener of the second is taken away and made again by somebody else."""
    world = World(network()).tag(BOTH, vpc())
    run(world)
    [service] = world.services.values()
    changed = {"owned": False, "name": "web", **given}
    listeners = tuple(replace(one, **changed) if one.port == 81 else one for one in service.listeners)
    world.services[service.arn] = replace(service, listeners=listeners)
    return world


def sends(world: World) -> dict[int, set[str]]:
    """Port -> the load balancers that its listener sends to."""
    [service] = world.services.values()
    return {
        one.port: {
            target.id
            for group in world.groups.values()
            for target in group.targets
            if any(to.target_group == group.arn.rpartition("/")[2] for to in one.forwards)
        }
        for one in service.listeners
    }


def test_who_is_served_by_a_listener_that_somebody_else_made_is_connected() -> None:
    world = one_theirs()
    foreign = world.foreign()
    run(world)
    assert world.answers(BOTH.arn)["status"] == "connected"
    assert world.foreign() == foreign


def test_a_listener_that_somebody_else_made_takes_from_nobody_what_he_has_by_another() -> None:
    world = one_theirs(forwards=())
    foreign = world.foreign()
    run(world)
    said = world.answers(BOTH.arn)
    assert (said["status"], said["domain"]) == ("refused", world.memory.services[0].domain)
    assert said["message"].startswith("name-taken: listen on another port or put tag lattice-onramp:network back")
    # Who takes his place has what he had, and one more joins.
    del world.load_balancers[BOTH.arn]
    again, more = replace(BOTH, arn=f"{BOTH.arn}-2"), replace(BOTH, arn=f"{BOTH.arn}-3", name="b")
    world.tag(again, more)
    run(world)
    assert sends(world) == {80: {again.arn, more.arn}, 81: set()}
    assert {world.answers(one.arn)["status"] for one in (again, more)} == {"refused"}
    assert world.foreign() == foreign
    run(world.tag(replace(again, tags={**again.tags, "lattice:listen": "HTTP:80"}), gone(world, more)))
    assert world.answers(again.arn)["status"] == "connected"


def gone(world: World, balancer: LoadBalancer) -> LoadBalancer:
    return replace(world.load_balancers[balancer.arn], tags={})


@pytest.mark.parametrize("given", [{}, {"forwards": ()}])
def test_nothing_is_made_for_who_can_have_no_listener(given: dict[str, Any]) -> None:
    world = one_theirs(**given)
    run(world.tag(tagged("a", service="shop", listen="HTTP:81")))
    kept = {80, 81} if given else {81}
    assert (world.answers(BOTH.arn)["status"] == "connected", sends(world).keys()) == (not given, kept)
    newcomer = tagged("b", service="shop", listen="HTTP:81")
    before = len(world.groups)
    run(world.tag(newcomer))
    assert (world.answers(newcomer.arn)["status"], len(world.groups)) == ("refused", before)


def test_a_service_by_whose_strange_listener_its_load_balancer_is_reached_comes_back_on_the_network() -> None:
    world = one_theirs()
    run(world.tag(tagged("a", service="shop", listen="HTTP:81")))
    [service] = world.services.values()
    world.services[service.arn] = replace(service, associations=())
    run(world)
    assert world.answers(BOTH.arn)["status"] == "connected"
    assert [one.associations[0].status for one in world.services.values()] == ["ACTIVE"]
