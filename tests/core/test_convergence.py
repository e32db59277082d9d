"""Plans, driven round after round in a world of values, end where the tags point, and nowhere else."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_world import (
    INFRA,
    TEAM,
    Sharing,
    World,
    balancer,
    kinds,
    network,
    run,
    tagged,
    vpc,
)
from msgspec.structs import replace
from onramp.core.model import LoadBalancer, Service, TargetGroup, Vpc
from onramp.core.plan import plan
from onramp.core.steps import ShareNetwork, UnshareNetwork

WORLDS = {
    "a service with one load balancer": (tagged("orders"),),
    "a service with three load balancers": tuple(
        tagged(f"orders-{number}", service="orders", weight=str(number)) for number in range(3)
    ),
    "a service that listens twice": (tagged("orders", listen="HTTP:80 HTTPS:443"),),
    "two services": (tagged("orders"), tagged("bills", "HTTP:80", "HTTPS:443")),
    "a client": (vpc(),),
    "two clients, one with security groups of its own": (vpc(), vpc("vpc-2", security_groups="sg-0123abcd")),
    "a service and a client": (tagged("orders"), vpc(allow_from="10.1.33.54/32", ports="80")),
}


def statuses(world: World) -> set[str]:
    planned = plan(world.network, world.observe())
    return {one.status for one in planned.services} | {one.status for one in planned.clients}


@pytest.mark.parametrize("things", WORLDS.values(), ids=WORLDS.keys())
@pytest.mark.parametrize(
    ("account", "sharing"), [(TEAM, "invitation"), (TEAM, "organisation"), (INFRA, "organisation")]
)
def test_from_nothing_to_connected_and_back_to_nothing(
    things: tuple[LoadBalancer | Vpc, ...], account: str, sharing: Sharing
) -> None:
    world = World(network(), account, sharing).tag(*things)
    before = world.observe()
    run(world)
    assert statuses(world) == {"connected"}
    assert all(world.answers(key)["status"] == "connected" for key in (*world.load_balancers, *world.vpcs))

    run(world.untag())
    assert world.owned() == set()
    assert world.principal == ""
    assert world.observe() == replace(
        before,
        load_balancers=tuple(replace(one, tags={}) for one in before.load_balancers),
        vpcs=tuple(replace(one, tags={}) for one in before.vpcs),
    )


@pytest.mark.parametrize("things", WORLDS.values(), ids=WORLDS.keys())
def test_what_is_connected_needs_nothing_more(things: tuple[LoadBalancer | Vpc, ...]) -> None:
    world = World(network()).tag(*things)
    run(world)
    planned = plan(world.network, world.observe())
    assert (planned.next, planned.batches, planned.pending, planned.wait_seconds) == ("done", (), (), 0)


@pytest.mark.parametrize("things", WORLDS.values(), ids=WORLDS.keys())
def test_with_manual_acceptance_the_run_stops_and_waits_for_a_person(things: tuple[LoadBalancer | Vpc, ...]) -> None:
    world = World(network(acceptance="manual")).tag(*things)
    run(world)
    assert statuses(world) == {"waiting"}
    assert all("accept the resource share" in world.answers(key)["message"] for key in world.vpcs)
    assert plan(world.network, world.observe()).next == "done"
    assert world.invitation

    world.principal, world.invitation = "ASSOCIATED", ""  # the person accepts
    run(world)
    assert statuses(world) == {"connected"}
    assert all("message" not in world.answers(key) for key in (*world.load_balancers, *world.vpcs))


def test_a_person_who_never_accepts_may_take_the_tag_away() -> None:
    world = World(network(acceptance="manual")).tag(tagged("orders"))
    run(world)
    run(world.untag())
    assert (world.owned(), world.principal, world.invitation) == (set(), "", "")


def test_the_network_is_shared_once_and_its_own_account_never() -> None:
    world = World(network()).tag(tagged("orders"), vpc())
    run(world)
    run(world.untag())
    assert [type(step) for step in world.done if isinstance(step, ShareNetwork | UnshareNetwork)] == [
        ShareNetwork,
        UnshareNetwork,
    ]
    at_home = World(network(), INFRA).tag(tagged("orders"), vpc())
    run(at_home)
    run(at_home.untag())
    assert not any(isinstance(step, ShareNetwork | UnshareNetwork) for step in at_home.done)


def test_the_first_round_does_everything_that_waits_for_nothing() -> None:
    world = World(network()).tag(tagged("orders"), vpc())
    assert set(kinds(plan(world.network, world.observe()))) == {
        "ShareNetwork",
        "CreateTargetGroup",
        "CreateService",
        "CreateSecurityGroup",
        "WriteStatus",
    }


def targets(world: World, service: str) -> set[str]:
    """Names of the load balancers that a request to the service may reach."""
    found = {group.arn.rpartition("/")[2]: group for group in world.groups.values()}
    return {
        target.id.split("/")[-2]
        for one in world.services.values()
        if one.name == service
        for listener in one.listeners
        for to in listener.forwards
        for target in found[to.target_group].targets
    }


def test_a_load_balancer_that_changes_its_listener_serves_all_the_while() -> None:
    world = World(network()).tag(tagged("a", service="shop"), tagged("b", service="shop"))
    run(world)

    def served(now: World) -> None:
        assert targets(now, "shop") == {"a", "b"}

    world.tag(tagged("a", "HTTP:80", "HTTP:8080", service="shop", target="HTTP:8080"))
    run(world, every_look=served)
    assert statuses(world) == {"connected"}
    assert {target.port for group in world.groups.values() for target in group.targets} == {80, 8080}
    assert len(world.groups) == 2


def test_a_renamed_service_serves_until_the_new_one_does() -> None:
    world = World(network()).tag(tagged("a", service="shop"))
    run(world)

    def served(now: World) -> None:
        joined = [one for one in now.services.values() if [found.status for found in one.associations] == ["ACTIVE"]]
        assert any(targets(now, one.name) == {"a"} for one in joined)

    world.tag(tagged("a", service="bank"))
    run(world, every_look=served)
    assert {one.name for one in world.services.values()} == {"bank"}
    assert len(world.groups) == 1


def test_the_only_load_balancer_may_change_target_and_listeners_without_an_outage() -> None:
    world = World(network()).tag(tagged("a", service="shop", listen="HTTP:80"))
    run(world)
    world.tag(tagged("a", "HTTP:80", "HTTP:8080", service="shop", target="HTTP:8080", listen="HTTP:81"))
    run(world, every_look=lambda now: None if targets(now, "shop") == {"a"} else pytest.fail("nobody serves"))
    [service] = world.services.values()
    assert [found.name for found in service.listeners] == ["http-81"]


def test_a_load_balancer_whose_tag_has_an_error_goes_on_serving_beside_the_others() -> None:
    world = World(network()).tag(tagged("a", service="shop"), tagged("b", service="shop"))
    run(world)
    world.tag(tagged("b", service="shop", weight="much"))
    run(world)
    assert targets(world, "shop") == {"a", "b"}
    assert world.answers(balancer("a").arn)["status"] == "connected"
    assert world.answers(balancer("b").arn)["status"] == "refused"


def test_a_load_balancer_that_leaves_takes_only_itself_away() -> None:
    world = World(network()).tag(tagged("a", service="shop"), tagged("b", service="shop"))
    run(world)
    world.tag(balancer("b"))
    run(world)
    assert targets(world, "shop") == {"a"}
    assert len(world.groups) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [("HTTP:80", "HTTPS:80"), ("HTTP:80 HTTPS:443", "HTTP:8080 HTTPS:443"), ("HTTP:80 HTTP:81", "HTTP:82 HTTP:83")],
)
def test_listeners_change_within_the_quota(before: str, after: str) -> None:
    world = World(network()).tag(tagged("a", listen=before))
    run(world)
    run(world.tag(tagged("a", listen=after)))
    [service] = world.services.values()
    assert {f"{found.protocol}:{found.port}" for found in service.listeners} == set(after.split())


def test_a_client_may_change_what_it_lets_in_and_whose_security_groups_do() -> None:
    world = World(network()).tag(vpc())
    run(world)
    run(world.tag(vpc(allow_from="10.9.0.0/16", ports="8080")))
    [group] = world.security_groups.values()
    assert [(rule.source, rule.from_port) for rule in group.admits] == [("10.9.0.0/16", 8080)]
    run(world.tag(vpc(security_groups="sg-0123abcd")))
    [association] = world.vpc_associations.values()
    assert association.security_groups == {"sg-0123abcd"}
    assert not world.security_groups
    run(world.tag(vpc()))
    assert statuses(world) == {"connected"}
    assert len(world.security_groups) == 1


# --- any world, any change of mind

NAMES = st.sampled_from(["a", "b", "c"])
SOMETIMES_WRONG: dict[str, st.SearchStrategy[str]] = {
    "network": st.sampled_from(["net", "net", "net", "sibling", "unheard-of"]),
    "service": st.sampled_from(["shop", "shop", "bank", "theirs", "No Good"]),
    "listen": st.sampled_from(["HTTP:80", "HTTP:80", "HTTPS:443 HTTP:80", "HTTP:81 HTTP:82", "HTTPS:80", "SMTP:25"]),
    "target": st.sampled_from(["HTTP:80", "HTTPS:443", "HTTP:9"]),
    "weight": st.sampled_from(["1", "100", "much"]),
    "path-prefix": st.sampled_from(["/a", "/a /b", "a"]),
    "path": st.sampled_from(["/a", "/b", "/a /b"]),
    "priority": st.sampled_from(["7", "8"]),
    "color": st.just("red"),
}


@st.composite
def load_balancers(draw: st.DrawFn) -> LoadBalancer:
    ports = draw(st.sampled_from([("HTTP:80",), ("HTTP:80", "HTTPS:443")]))
    plain = balancer(draw(NAMES), *ports)
    given = draw(st.fixed_dictionaries({}, optional=SOMETIMES_WRONG))
    state = draw(st.sampled_from(["active"] * 5 + ["failed"]))
    scheme = draw(st.sampled_from(["internal"] * 5 + ["internet-facing"]))
    return replace(plain, tags={f"lattice:{key}": value for key, value in given.items()}, state=state, scheme=scheme)


@st.composite
def vpcs(draw: st.DrawFn) -> Vpc:
    given = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "network": st.sampled_from(["net", "net", "sibling", "unheard-of"]),
                "allow-from": st.sampled_from(["10.1.33.54/32", "10.0.0.0/8 10.0.0.0/9", "everywhere"]),
                "ports": st.sampled_from(["80", "80 81", "0"]),
                "security-groups": st.sampled_from(["sg-0123abcd", "sg-0123abcd sg-01234567", "mine"]),
            },
        )
    )
    name = draw(st.sampled_from(["vpc-1", "vpc-2"]))
    return Vpc(id=name, cidrs=("10.1.0.0/20",), tags={f"lattice:{key}": value for key, value in given.items()})


CHANGES = st.lists(st.lists(st.one_of(load_balancers(), vpcs()), max_size=4), min_size=1, max_size=4)


def foreign(world: World) -> None:
    """A service of somebody else, with a name that a team may come to want, and a target group beside it."""
    theirs = Service(arn="arn:svc/theirs", name="theirs", status="ACTIVE", owned=False)
    world.services[theirs.arn] = theirs
    world.groups["arn:tg/theirs"] = TargetGroup(arn="arn:tg/theirs", name="theirs", status="ACTIVE", owned=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=CHANGES,
    sharing=st.sampled_from(["invitation", "organisation"]),
    account=st.sampled_from([TEAM, TEAM, INFRA]),
    given_network=st.sampled_from([{}, {"status_tags": False}, {"acceptance": "manual"}]),
)
def test_every_change_of_mind_converges_and_touches_nothing_of_others(
    changes: list[list[LoadBalancer | Vpc]], sharing: Sharing, account: str, given_network: dict[str, Any]
) -> None:
    world = World(network(siblings=frozenset({"sibling"}), **given_network), account, sharing)
    foreign(world)
    theirs = world.foreign()
    for things in changes:
        world.tag(*things)
        run(world)
        again = plan(world.network, world.observe(), since=world.memory.since, now=world.now)
        assert (again.next, again.batches) == ("done", ())
        # No stack of the sibling's runs here, so that whoever moves there is waited for.
        waits = (" answers in network sibling", " when network sibling waits for it")
        here = [one for one in (*again.services, *again.clients) if not one.message.endswith(waits)]
        assert {one.status for one in here} <= {"connected", "refused", "waiting"}
        assert world.foreign() == theirs
    run(world.untag())
    assert world.owned() == set()
    assert world.principal == ""
    assert world.foreign() == theirs


def test_a_network_that_is_given_up_unwinds_everything_while_the_tags_stay() -> None:
    world = World(network()).tag(*WORLDS["a service and a client"])
    run(world)
    assert world.owned()
    world.network = replace(world.network, offboarding=True)
    run(world)
    assert world.owned() == set()
    assert world.principal == ""
