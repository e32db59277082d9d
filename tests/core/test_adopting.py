"""What people made and hand over is taken over where it is what the tags ask for, and nothing of it is changed."""

from typing import Any

import pytest
from model_world import (
    NETWORK_ARN,
    OTHER_NETWORK_ARN,
    TEAM,
    World,
    arn,
    existing,
    kinds,
    network,
    run,
    tagged,
    vpc,
)
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.model import (
    EVERYTHING,
    Association,
    Forward,
    Ingress,
    Listener,
    Match,
    Rule,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.plan import plan
from onramp.core.plan.ground import Before
from onramp.core.rounds import learn
from onramp.core.run import Plan, Run
from onramp.core.steps import Adopt, Outcome

NET = network()
A = tagged("a", service="shop", listen="HTTP:80")
SERVICE, GROUP = arn("service", "svc-hand"), arn("targetgroup", "tg-hand")
LISTENER, JOINED = f"{SERVICE}/listener/listener-1", arn("servicenetworkserviceassociation", "snsa-hand")
CLIENT, SG = arn("servicenetworkvpcassociation", "snva-hand"), "sg-0000abcd"
ADMITS = frozenset(Ingress(source="10.1.0.0/20", from_port=port, to_port=port) for port in (80, 443))


def by_hand(net: Any = NET, *, handed: tuple[str, ...] = (SERVICE, GROUP, JOINED, CLIENT, SG)) -> World:
    """A service with its target group and listener, joined, and a client; made by people and wanted by nobody."""
    world = World(net)
    world.principal = "ASSOCIATED"
    world.groups[GROUP] = TargetGroup(
        arn=GROUP,
        name="targets",
        status="ACTIVE",
        owned=False,
        targets=(Target(id=A.arn, port=80, status="UNAVAILABLE"),),
    )
    listener = Listener(
        arn=LISTENER,
        name="by-hand",
        protocol="HTTP",
        port=80,
        owned=False,
        forwards=(Forward(target_group="tg-hand"),),
    )
    world.services[SERVICE] = Service(
        arn=SERVICE,
        name="shop",
        status="ACTIVE",
        owned=False,
        domain="shop.at.lattice",
        listeners=(listener,),
        associations=(Association(arn=JOINED, network=NETWORK_ARN, status="ACTIVE", owned=False),),
    )
    world.vpc_associations[CLIENT] = VpcAssociation(
        arn=CLIENT, vpc="vpc-1", network=NETWORK_ARN, status="ACTIVE", owned=False, security_groups=frozenset({SG})
    )
    world.security_groups[SG] = SecurityGroup(id=SG, name="clients", vpc="vpc-1", owned=False, admits=ADMITS)
    world.handed |= set(handed)
    return world


def change(world: World, **given: Any) -> World:
    """The listener, as somebody else made it."""
    [listener] = world.services[SERVICE].listeners
    world.services[SERVICE] = replace(world.services[SERVICE], listeners=(replace(listener, **given),))
    return world


def told(world: World, key: str = A.arn) -> str:
    said = world.answers(key)
    return f"{said.get('status')}: {said.get('message', '')}".removesuffix(": ")


def test_all_of_it_is_taken_over_by_tags_alone_and_leaves_as_ours_when_nobody_asks() -> None:
    world = by_hand().tag(A, vpc())
    run(world)
    assert {step.kind for step in world.done} == {"Adopt", "WriteStatus"}
    assert (told(world), told(world, "vpc-1")) == ("connected", "connected")
    assert world.memory.arns.keys() == {SERVICE, GROUP, LISTENER, JOINED, CLIENT, SG}
    world.done.clear()
    run(world)
    assert world.done == []
    run(world.untag())
    assert (world.services, world.groups, world.vpc_associations, world.security_groups) == ({}, {}, {}, {})
    assert world.memory.arns == {}


def test_a_service_that_was_on_the_network_by_its_own_tag_is_told_nothing_there_from_then_on() -> None:
    world = by_hand().tag(A)
    answered = {tags.STATUS: "connected", tags.DOMAIN: "shop.at.lattice"}
    itself = existing("shop", arn=SERVICE, tags={"lattice:network": NET.name, **answered})
    planned = plan(NET, replace(world.observe(), existing=(itself,)))
    adopted = [step for batch in planned.batches for step in batch.steps if isinstance(step, Adopt)]
    assert {step.resource: step.remove for step in adopted if step.remove} == {SERVICE: (tags.DOMAIN, tags.STATUS)}
    assert len(adopted) > 1


def test_the_service_comes_last_so_that_half_of_it_is_as_before() -> None:
    world = by_hand().tag(A, vpc())
    world.refusing = lambda step: "no" if isinstance(step, Adopt) and step.resource == LISTENER else ""
    run(world)
    assert not world.services[SERVICE].owned
    assert told(world).startswith("failed: step-failed: no")
    assert world.services[SERVICE].listeners[0].forwards == (Forward(target_group="tg-hand"),)
    world.refusing = lambda _: ""
    run(world)
    assert told(world) == "connected"
    assert {step.kind for step in world.done} == {"Adopt", "WriteStatus"}


@pytest.mark.parametrize(
    ("handed", "says"),
    [
        ((GROUP, JOINED), "refused: name-taken: put tag lattice-onramp:adopt = yes on service shop to hand it over"),
        (
            (SERVICE, JOINED),
            "refused: adopt-differs: put tag lattice-onramp:adopt = yes on the target group too by which service shop"
            " sends to port 80 of the load balancer by HTTP: none that is handed over does",
        ),
        ((SERVICE, GROUP), "connected"),
    ],
)
def test_each_thing_is_handed_over_by_its_own_word(handed: tuple[str, ...], says: str) -> None:
    world = by_hand(handed=handed).tag(A)
    before = world.foreign()
    run(world)
    assert told(world).startswith(says)
    if says == "connected":
        [joined] = world.services[SERVICE].associations
        assert not joined.owned
    else:
        assert world.foreign() == before


@pytest.mark.parametrize(
    ("wish", "given", "says"),
    [
        (
            {"listen": "HTTP:81"},
            {},
            "write in the listen tag what service shop listens for: it has no listener HTTP:81",
        ),
        ({"listen": "HTTP:80 HTTP:81"}, {}, "write in the listen tag what service shop listens for"),
        ({}, {"port": 80, "protocol": "HTTPS"}, "write in the listen tag all that service shop listens for"),
        ({}, {"forwards": (), "answers": 404}, "write in the rule tags what the rules of service shop ask for"),
        (
            {},
            {"forwards": (Forward(target_group="tg-hand"), Forward(target_group="tg-lambda"))},
            "write in the tags what listener http-80 of service shop does",
        ),
        ({"path": "/x"}, {}, "write in the tags what service shop has or change it by hand"),
        ({"path": "/x"}, {"port": 81}, "write in the listen tag what service shop listens for"),
    ],
)
def test_what_differs_is_told_and_all_stays_as_it_is(wish: dict[str, str], given: dict[str, Any], says: str) -> None:
    world = change(by_hand(), **given).tag(tagged("a", **{"service": "shop", "listen": "HTTP:80", **wish}))
    before = world.foreign()
    run(world)
    assert told(world).startswith(f"refused: adopt-differs: {says}")
    assert world.foreign() == before
    assert "Adopt" not in {step.kind for step in world.done}


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"log": "/orders/3"}, "refused: log-group-missing"),
        ({"domain": "api.shop.example.jp"}, "connected"),
    ],
)
def test_what_the_tags_ask_for_beside_it_has_to_be_had(wish: dict[str, str], says: str) -> None:
    """A domain of its own is another service, beside this one."""
    world = by_hand().tag(tagged("a", **{"service": "shop", "listen": "HTTP:80", **wish}))
    run(world)
    assert told(world).startswith(says)
    assert "Adopt" not in {step.kind for step in world.done}


def test_rules_that_the_tags_ask_for_come_with_their_listener_and_others_stay_their_makers() -> None:
    rules = (
        Rule(
            arn=f"{LISTENER}/rule/rule-1",
            name="all",
            priority=10,
            owned=False,
            match=EVERYTHING,
            forwards=(Forward(target_group="tg-hand"),),
        ),
        Rule(arn=f"{LISTENER}/rule/rule-2", name="v2", priority=20, owned=False, match=Match(path="/v2")),
    )
    world = change(by_hand(), forwards=(), answers=404, found_rules=rules)
    world.tag(tagged("a", service="shop", listen="HTTP:80", path_prefix="/", priority="10"))
    run(world)
    assert {step.kind for step in world.done} == {"Adopt", "WriteStatus"}
    assert told(world).startswith("connected")
    [listener] = world.services[SERVICE].listeners
    assert [rule.owned for rule in listener.found_rules] == [True, False]


@pytest.mark.parametrize(
    ("wish", "handed", "says"),
    [
        ({}, (SG,), "refused: association-taken: put tag lattice-onramp:adopt = yes on the association of this VPC"),
        (
            {},
            (CLIENT,),
            "refused: adopt-differs: put tag lattice-onramp:adopt = yes on the security group of this VPC s association"
            " too or name it in the security-groups tag: sg-0000abcd",
        ),
        ({"ports": "80"}, (CLIENT, SG), "refused: adopt-differs: write in the tags who may call as sg-0000abcd has it"),
        ({"allow_from": "all"}, (CLIENT, SG), "refused: tag-invalid: "),
        ({"security_groups": SG}, (CLIENT,), "connected"),
        (
            {"security_groups": "sg-0123abcd"},
            (CLIENT, SG),
            "refused: adopt-differs: write in the security-groups tag what the association has",
        ),
        ({"allow_from": "pl-99999999"}, (CLIENT, SG), "refused: tag-invalid: name prefix lists"),
    ],
)
def test_a_client_is_taken_over_where_it_admits_whom_the_tags_say(
    wish: dict[str, str], handed: tuple[str, ...], says: str
) -> None:
    world = by_hand(handed=handed).tag(vpc(**wish))
    before = world.foreign()
    run(world)
    assert told(world, "vpc-1").startswith(says)
    assert (world.foreign() == before) == (says != "connected")
    assert world.security_groups[SG].owned is False


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"security_groups": frozenset()},
            "adopt-differs: give this VPC s association a security group by hand and put",
        ),
        ({"status": "CREATE_FAILED"}, "association-taken: remove the association of vpc-1 with the network"),
        ({"status": "CREATE_FAILED", "security_groups": frozenset()}, "association-taken: remove the association of"),
    ],
)
def test_an_association_that_cannot_be_taken_over_is_told_with_what_its_owner_can_do(
    given: dict[str, Any], says: str
) -> None:
    world = by_hand(handed=(CLIENT, SG)).tag(vpc())
    world.vpc_associations[CLIENT] = replace(world.vpc_associations[CLIENT], **given)
    before = world.foreign()
    run(world)
    assert told(world, "vpc-1").startswith(f"refused: {says}")
    assert world.foreign() == before


def test_what_was_handed_over_and_goes_is_waited_for_and_made_anew() -> None:
    """Its owner thought again: nothing of what goes stands in the way, and nobody is told to hand it over."""
    world = by_hand().tag(A, vpc())
    world.services[SERVICE] = replace(
        world.services[SERVICE], status="DELETE_IN_PROGRESS", listeners=(), associations=()
    )
    world.vpc_associations[CLIENT] = replace(
        world.vpc_associations[CLIENT], status="DELETE_IN_PROGRESS", security_groups=frozenset()
    )
    planned = plan(NET, world.observe())
    assert (planned.refusals, {*kinds(planned)}) == ((), {"WriteStatus"})


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_what_is_on_its_way_is_waited_for(status: str) -> None:
    world = by_hand().tag(A, vpc())
    world.services[SERVICE] = replace(world.services[SERVICE], status=status)
    world.vpc_associations[CLIENT] = replace(world.vpc_associations[CLIENT], status=status)
    planned = plan(NET, world.observe())
    assert "Adopt" not in kinds(planned)
    assert planned.next == "wait" or planned.batches


def test_who_is_not_behind_it_yet_joins_it_when_it_is_ours() -> None:
    world = by_hand().tag(A, tagged("b", service="shop", listen="HTTP:80"))
    run(world)
    assert (told(world), told(world, tagged("b").arn)) == ("connected", "connected")
    assert len(world.services[SERVICE].listeners[0].forwards) == 2


def test_where_one_of_several_keeps_it_from_being_taken_over_the_others_are_told_who() -> None:
    b = tagged("b", service="shop", listen="HTTP:80")
    world = by_hand().tag(A, b)
    for number in (1, 2):
        there = arn("targetgroup", f"tg-{number}")
        target = Target(id=A.arn, port=8080, status="UNAVAILABLE")
        world.groups[there] = TargetGroup(
            arn=there, name=f"more-{number}", status="ACTIVE", owned=False, targets=(target,)
        )
    del world.groups[GROUP]
    before = world.foreign()
    run(world)
    assert told(world).startswith("refused: load-balancer-in-two-groups: ")
    assert told(world, b.arn) == (
        "refused: adopt-differs: mend load balancer a first it is told load-balancer-in-two-groups:"
        " service shop is handed over as a whole"
    )
    assert world.foreign() == before


def test_an_association_alone_is_taken_over_of_a_service_that_is_ours_or_asks_by_its_own_tag() -> None:
    world = World(NET).tag(A)
    run(world)
    [service] = world.services.values()
    [joined] = service.associations
    world.services[service.arn] = replace(service, associations=(replace(joined, owned=False),))
    own = Association(arn=JOINED, network=NETWORK_ARN, status="ACTIVE", owned=False)
    world.tag(existing(associations=(own,)))
    run(world)
    assert told(world, existing().arn).startswith("connected: joined-by-others")
    world.handed |= {joined.arn, JOINED}
    world.done.clear()
    run(world)
    assert [step.kind for step in world.done] == ["Adopt", "Adopt", "WriteStatus"]
    assert told(world, existing().arn) == "connected"
    run(world.untag())
    assert world.existing[existing().arn].associations == ()
    assert world.services == {}


def test_anothers_association_is_no_matter_of_ours() -> None:
    world = by_hand(handed=(SERVICE, GROUP, JOINED)).tag(A)
    other = Association(arn=f"{JOINED}2", network=OTHER_NETWORK_ARN, status="ACTIVE", owned=False)
    there = world.services[SERVICE]
    world.services[SERVICE] = replace(there, associations=(*there.associations, other))
    world.handed.add(other.arn)
    run(world)
    assert told(world) == "connected"
    assert [one.owned for one in world.services[SERVICE].associations] == [True, False]


def test_a_setting_that_a_tag_asks_for_is_set_when_it_is_ours() -> None:
    world = by_hand().tag(tagged("a", service="shop", listen="HTTP:80", idle_timeout="120"))
    run(world)
    assert told(world) == "connected"
    assert world.settings[SERVICE].idle_timeout == 120


def test_what_was_taken_over_is_remembered_apart_from_what_was_made() -> None:
    """What was made by a run may be unwound by it; what people made never is for that."""
    outcome = Outcome(kind="Adopt", account=TEAM, name="svc-hand/shop", because="", status="done", arn=SERVICE)
    planned = Plan(account=TEAM, round=1, next="apply")
    after = learn(Run(account=TEAM, trigger={}, plan=planned, outcomes=((outcome,),)))
    assert (after.made, after.adopted) == ({}, {SERVICE: "shop"})


def test_a_security_group_that_was_taken_over_is_not_forgotten_where_groups_cannot_be_read() -> None:
    world = by_hand().tag(vpc())
    run(world)
    seen = replace(world.observe(), security_groups=(), unread={"security groups": "denied"})
    assert SG in plan(NET, seen, before=Before(arns=world.memory.arns)).arns
    assert SG not in plan(NET, replace(seen, unread={}), before=Before(arns=world.memory.arns)).arns
