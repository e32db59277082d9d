"""What tags ask for: understood, or refused with a sentence that says what to do."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_world import World, balancer, network, run, tagged, vpc, wish
from msgspec.structs import replace
from onramp.core.desired import Desired, WantedClient, WantedService, desired, made_for, speaks, wishes
from onramp.core.model import AlbListener, Ingress, LoadBalancer, Observation, Target, TargetGroup, Vpc
from onramp.core.names import target_group

from tests.core.saying import says as kept_as

TEAM = "222222222222"


def want(*things: LoadBalancer | Vpc) -> Desired:
    return desired(
        network(siblings=frozenset({"sibling"})),
        Observation(
            account=TEAM,
            load_balancers=tuple(thing for thing in things if isinstance(thing, LoadBalancer)),
            vpcs=tuple(thing for thing in things if isinstance(thing, Vpc)),
        ),
    )


def service(*things: LoadBalancer) -> WantedService:
    found = want(*things)
    assert found.refusals == ()
    [one] = found.services
    return one


def client(thing: Vpc) -> WantedClient:
    found = want(thing)
    assert found.refusals == ()
    [one] = found.clients
    return one


# --- services


def test_one_tag_is_enough() -> None:
    found = service(tagged("orders"))
    [backend] = found.backends
    assert (found.name, found.listens, found.load_balancers) == (
        "orders",
        (("HTTPS", 443),),
        (balancer("orders").arn,),
    )
    assert (backend.protocol, backend.port, backend.vpc, backend.weight) == ("HTTP", 80, "vpc-1", 100)
    assert backend.target_group == target_group("net", "orders", balancer("orders").arn, "HTTP", 80, "vpc-1")


@pytest.mark.parametrize(
    ("tag", "listens"),
    [
        ("HTTPS", (("HTTPS", 443),)),
        ("http", (("HTTP", 80),)),
        ("HTTP:8080", (("HTTP", 8080),)),
        (" HTTPS:443  HTTP:80 ", (("HTTP", 80), ("HTTPS", 443))),
        ("HTTP:80 HTTP:80 HTTP", (("HTTP", 80),)),
        ("HTTP:65535 HTTP:1", (("HTTP", 1), ("HTTP", 65535))),
    ],
)
def test_the_listen_tag_says_what_clients_use(tag: str, listens: tuple[tuple[str, int], ...]) -> None:
    assert service(tagged("orders", listen=tag)).listens == listens


@pytest.mark.parametrize(
    ("listeners", "tag", "target"),
    [
        (["HTTP:80"], None, ("HTTP", 80)),
        (["HTTP:80", "HTTPS:443"], None, ("HTTP", 80)),
        (["HTTP:80", "HTTPS:443"], "HTTP:80", ("HTTP", 80)),
        (["HTTP:80", "HTTPS:443"], " http ", ("HTTP", 80)),
        (["HTTP:80", "HTTPS:443"], "https", ("HTTPS", 443)),
        (["HTTP:8080", "HTTP:80"], "HTTP:8080", ("HTTP", 8080)),
    ],
)
def test_the_target_is_the_one_named_or_the_only_one_over_http(
    listeners: list[str], tag: str | None, target: tuple[str, int]
) -> None:
    [backend] = service(tagged("orders", *listeners, **({"target": tag} if tag else {}))).backends
    assert (backend.protocol, backend.port) == target


@pytest.mark.parametrize(("tag", "weight"), [("0", 0), ("999", 999), (" 7 ", 7)])
def test_the_weight_tag_is_a_share(tag: str, weight: int) -> None:
    assert service(tagged("orders", weight=tag)).backends[0].weight == weight


def passing(*ports: str, **tags: str) -> LoadBalancer:
    """One that asks for TLS to pass through to it."""
    given = {"domain": "api.shop.example.jp", "listen": "TLS_PASSTHROUGH:443", **tags}
    return tagged("orders", *(ports or ("HTTP:80", "HTTPS:443")), **given)


REFUSED: list[tuple[LoadBalancer | Vpc, str, str]] = [
    (tagged("orders", network="elsewhere"), "network-unknown", "may join net or sibling: the tag says elsewhere"),
    (tagged("orders", network=""), "network-unknown", "the tag says an empty value"),
    (tagged("orders", color="red"), "tag-unknown", "remove tag lattice:color: .* lattice:service"),
    (tagged("orders", allow_from="10.0.0.0/8"), "tag-unknown", "remove tag lattice:allow-from"),
    (replace(tagged("orders"), state="provisioning", tags=wish(color="red")), "tag-unknown", "lattice:color"),
    (replace(tagged("orders"), type="network"), "not-application", "a network load balancer cannot be a target"),
    (
        replace(tagged("orders"), scheme="internet-facing"),
        "not-internal",
        "use an internal load balancer: this one is internet-facing",
    ),
    (replace(tagged("orders"), state="failed"), "load-balancer-failed", "repair or replace the load balancer"),
    (tagged("orders", service="No Good"), "name-invalid", "3 to 40 of a-z .*: the tag has No Good"),
    (tagged("orders", service=""), "name-invalid", "the tag has an empty value"),
    (
        tagged("orders", listen="SMTP:25"),
        "listen-invalid",
        "write HTTP or HTTPS or TLS_PASSTHROUGH and a port in tag lattice:listen, .* SMTP:25",
    ),
    (tagged("orders", listen=" "), "listen-invalid", "in tag lattice:listen: it is empty"),
    (tagged("orders", listen="HTTP:80 HTTPS:80"), "listen-invalid", "choose one protocol for port 80"),
    (tagged("orders", listen="HTTP:1 HTTP:2 HTTP:3"), "listener-quota", "ask for 2 listeners at most .* it has 3"),
    (tagged("orders", listen="HTTP:0"), "tag-invalid", "port from 1 to 65535 in tag lattice:listen: it has HTTP:0"),
    (tagged("orders", listen="HTTP:65536"), "tag-invalid", "it has HTTP:65536"),
    (tagged("orders", listen="HTTP:"), "tag-invalid", "it has HTTP:$"),
    (tagged("orders", listen="HTTP:\u0661"), "tag-invalid", "U.0661 ARABIC-INDIC DIGIT ONE"),
    (tagged("orders", target="SMTP:25"), "target-invalid", "in tag lattice:target, .* SMTP:25"),
    (tagged("orders", target="HTTP:81"), "target-missing", "it has HTTP:81 .* listens on HTTP:80"),
    (replace(tagged("orders"), listeners=()), "target-missing", "add a listener .* none yet"),
    (replace(tagged("orders", target="HTTP:80"), listeners=()), "target-missing", "listens on nothing"),
    (tagged("orders", "HTTPS:443"), "target-certificate", "an HTTP listener .* lattice:target .* listens on HTTPS:443"),
    (tagged("orders", "HTTPS:443", "HTTPS:444"), "target-certificate", "listens on HTTPS:443 HTTPS:444"),
    (passing(domain=""), "domain-invalid", "write one whole host name"),
    (passing(listen="TLS_PASSTHROUGH:443 HTTP:80"), "passthrough-invalid", "choose TLS_PASSTHROUGH or the others"),
    (tagged("orders", "HTTPS:443", listen="TLS_PASSTHROUGH"), "passthrough-invalid", "add tag lattice:domain or"),
    (passing(certificate="11111111"), "passthrough-invalid", "remove tag lattice:certificate: .* shows its own"),
    (passing(path="/api"), "passthrough-invalid", "remove tag lattice:path: .* reads no request"),
    (passing(priority="7"), "passthrough-invalid", "remove tag lattice:priority"),
    (passing(auth="iam"), "passthrough-invalid", "write none or vpcs in tag lattice:auth: .* no caller can sign"),
    (passing(target="HTTP:80"), "passthrough-invalid", "name an HTTPS listener in tag lattice:target"),
    (passing(target="TCP:443"), "target-invalid", "write HTTP or HTTPS and a port in tag lattice:target"),
    (passing(target="HTTPS:444"), "target-missing", "it has HTTPS:444 .* listens on HTTP:80 HTTPS:443"),
    (passing("HTTPS:443", "HTTPS:444"), "target-ambiguous", "name one listener in tag lattice:target"),
    (passing("HTTP:80"), "target-missing", "add an HTTPS listener to the load balancer: .* It listens on HTTP:80"),
    (replace(tagged("orders"), tags={"lattice:listen": "HTTP:80"}), "network-missing", "lattice:network = net or sib"),
    (replace(tagged("orders"), tags={"lattice:Network": "net"}), "tag-unknown", "lattice:network instead of .*Network"),
    (tagged("orders", networks="net"), "tag-unknown", "write lattice:network instead of lattice:networks"),
    (
        replace(tagged("orders"), tags={"lattice: network": "net"}),
        "tag-unknown",
        "write lattice:network instead of lattice:U.0020 SPACE network",
    ),
    (replace(tagged("orders"), tags={"lattice:": "net"}), "tag-unknown", "remove tag lattice:: nothing here reads it"),
    (replace(vpc(), tags={"lattice:ports": "80"}), "network-missing", "add tag lattice:network"),
    (tagged("orders", "HTTP:80", "HTTP:81"), "target-ambiguous", "in tag lattice:target: .* HTTP:80 HTTP:81"),
    (tagged("orders", weight="much"), "tag-invalid", "in tag lattice:weight: it has much"),
    (tagged("orders", weight="1000"), "tag-invalid", "number from 0 to 999 or theirs .* 1000"),
    (vpc(network="elsewhere"), "network-unknown", "the tag says elsewhere"),
    (vpc(service="orders"), "tag-unknown", "remove tag lattice:service: .* lattice:ports"),
    (vpc(security_groups="mine"), "tag-invalid", "in tag lattice:security-groups, .* it has mine"),
    (
        vpc(security_groups=" ".join(f"sg-{n:08x}" for n in range(6))),
        "tag-invalid",
        "5 security groups at most .* it has 6",
    ),
    (vpc(allow_from="everywhere"), "tag-invalid", "in tag lattice:allow-from: it has everywhere"),
    (vpc(allow_from="10.0.0.1/8"), "tag-invalid", "10.0.0.0/8 for the whole range or 10.0.0.1/32"),
    (vpc(allow_from="fd00::1/8"), "tag-invalid", "write fd00::/8 for the whole range or fd00::1/128 for one"),
    (vpc(allow_from="fe80::1%eth0"), "tag-invalid", "write CIDRs .* in tag lattice:allow-from: it has fe80::1"),
    (vpc(allow_from="::ffff:10.2.1.0/120"), "tag-invalid", "write 10.2.1.0/24 in tag lattice:allow-from: it has"),
    (vpc(allow_from="::ffff:a02:101"), "tag-invalid", "write 10.2.1.1/32 in tag lattice:allow-from"),
    (vpc(allow_from="fd00::/129"), "tag-invalid", "2001:db8::/64, pl-0123abcd or sg-0123abcd .* it has fd00::/129"),
    (vpc(allow_from="pl-offices"), "tag-invalid", "write ids as pl-0123abcd .* it has pl-offices"),
    (vpc(allow_from="sg-"), "tag-invalid", "write ids as sg-0123abcd in tag lattice:allow-from"),
    (vpc(ports="http"), "tag-invalid", "in tag lattice:ports: it has http"),
    (vpc(ports="90-80"), "tag-invalid", "write 80-90 in tag lattice:ports: it has 90-80"),
    (vpc(ports="80-"), "tag-invalid", "port from 1 to 65535 in tag lattice:ports: it has 80-$"),
    (vpc(ports="-80"), "tag-invalid", "port from 1 to 65535"),
    (vpc(ports="80-90-99"), "tag-invalid", "it has 80-90-99"),
    (vpc(ports="80-65536"), "tag-invalid", "it has 80-65536"),
    (vpc(allow_from=""), "tag-invalid", "write a value in tag lattice:allow-from, or remove it"),
    (vpc(ports=" "), "tag-invalid", "lattice:ports, or remove it: it is empty"),
    (vpc(security_groups=""), "tag-invalid", "lattice:security-groups, or remove it: it is empty"),
    (vpc(ports=" ".join(str(port) for port in range(1, 62))), "tag-invalid", "61 rules .* holds 60"),
]


@pytest.mark.parametrize(
    ("thing", "code", "says"), REFUSED, ids=[f"{code}-{n}" for n, (_, code, _) in enumerate(REFUSED)]
)
def test_what_cannot_be_met_is_refused_with_what_to_do(thing: LoadBalancer | Vpc, code: str, says: str) -> None:
    found = want(thing, tagged("fine"), vpc("vpc-fine"))
    # What asks for no network has made nothing that could stand or fall with it: it is told, and nobody else is.
    [refusal] = (*found.refusals, *found.strays)
    assert bool(found.strays) is ("lattice:network" not in thing.tags)
    assert refusal.code == code
    assert refusal.resource == (thing.arn if isinstance(thing, LoadBalancer) else thing.id)
    assert re.search(says, refusal.message)
    # One bad tag never holds up another wish.
    assert [one.name for one in found.services] == ["fine"]
    assert [one.vpc for one in found.clients] == ["vpc-fine"]


def test_what_each_refusal_says() -> None:
    """Under the tags that are refused."""
    together = [
        [tagged("a", service="shop", listen="HTTP:80"), tagged("b", service="shop")],
        [tagged(f"alb-{n}", service="shop") for n in range(11)],
        [tagged("a", service="shop", idle_timeout="90"), tagged("b", service="shop", idle_timeout="91")],
        [tagged("a", service="shop", auth="iam"), tagged("b", service="shop", auth="none")],
        [replace(tagged("a"), tags={"lattice:network": "net", "lattice:networks": "net"})],
    ]
    alone = [[thing] for thing, _, _ in REFUSED]
    lines: list[str] = []
    for things in [*alone, *together]:
        found = want(*things)
        tags = [" ".join(f"{key}={value}" for key, value in thing.tags.items()) for thing in things[:2]]
        lines += [" and ".join(tags)]
        lines += [f"  {one.code}: {one.message}" for one in (*found.refusals, *found.strays)]
    kept_as("refusals", (line.encode("unicode_escape").decode() for line in lines))


def test_a_listener_that_sends_clients_away_is_no_default_target() -> None:
    listeners = (AlbListener(protocol="HTTP", port=80, does="redirect"), AlbListener(protocol="HTTP", port=8080))
    [backend] = service(replace(tagged("a"), listeners=listeners)).backends
    assert (backend.protocol, backend.port) == ("HTTP", 8080)


def test_load_balancers_of_one_service_stand_behind_it_together() -> None:
    found = service(tagged("a", service="shop", weight="1"), tagged("b", service="shop", weight="3"))
    assert found.name == "shop"
    assert {backend.load_balancer: backend.weight for backend in found.backends} == {
        balancer("a").arn: 1,
        balancer("b").arn: 3,
    }


@pytest.mark.parametrize("first", ["HTTPS:443", "HTTP:80"])
def test_where_those_who_serve_come_to_disagree_what_the_service_listens_for_decides(first: str) -> None:
    """Its listeners are told in any order, and a tag's are in that of their ports."""
    world = World(network()).tag(*(tagged(name, service="shop", listen="HTTPS:80 HTTP:443") for name in "ab"))
    run(world)
    world.tag(tagged("b", service="shop", listen=first))
    [service] = world.services.values()
    for listeners in (service.listeners, service.listeners[::-1]):
        world.services[service.arn] = replace(service, listeners=listeners)
        found = desired(world.network, world.observe())
        assert [(one.code, one.resource) for one in found.refusals] == [("listen-conflict", balancer("b").arn)]
        assert [one.load_balancers for one in found.services] == [(balancer("a").arn,)]


def test_load_balancers_that_disagree_on_the_listeners_are_refused_together() -> None:
    found = want(tagged("a", service="shop", listen="HTTP:80"), tagged("b", service="shop"), tagged("fine"))
    assert {refusal.code for refusal in found.refusals} == {"listen-conflict"}
    assert {refusal.resource for refusal in found.refusals} == {balancer("a").arn, balancer("b").arn}
    assert [one.name for one in found.services] == ["fine"]


def test_who_serves_keeps_its_place_while_its_tags_are_wrong_and_a_newcomer_finds_none() -> None:
    world = World(network()).tag(*(tagged(f"a-{n}", service="shop", listen="HTTP:80") for n in range(10)))
    run(world)
    world.tag(tagged("a-0", service="shop", listen="HTTP:none"), tagged("late", service="shop", listen="HTTP:80"))
    found = desired(world.network, world.observe())
    assert {one.resource: one.code for one in found.refusals} == {
        balancer("a-0").arn: "tag-invalid",
        balancer("late").arn: "backend-quota",
    }
    assert [len(one.backends) for one in found.services] == [9]


@pytest.mark.parametrize(("number", "refused"), [(10, 0), (11, 1), (13, 3)])
def test_a_service_has_as_many_load_balancers_as_one_forward_holds(number: int, refused: int) -> None:
    found = want(*(tagged(f"alb-{n}", service="shop") for n in range(number)))
    assert [refusal.code for refusal in found.refusals] == ["backend-quota"] * refused
    [one] = found.services
    assert len(one.backends) == 10


def test_a_load_balancer_that_is_being_made_is_waited_for() -> None:
    found = want(replace(tagged("orders"), state="provisioning"))
    assert found.settling == {balancer("orders").arn: "the load balancer is being provisioned"}
    assert (found.services, found.refusals) == ((), ())


@pytest.mark.parametrize("thing", [balancer("orders"), replace(vpc(), tags={}), tagged("orders", network="sibling")])
def test_this_asks_for_nothing_here(thing: LoadBalancer | Vpc) -> None:
    assert not wishes(network(siblings=frozenset({"sibling"})), thing)
    moves = isinstance(thing, LoadBalancer) and thing.tags
    moving = {thing.arn: "sibling"} if moves else {}
    theirs = {"sibling": {"orders": frozenset({thing.arn})}} if moves else {}
    assert want(thing) == Desired((), (), (), {}, {}, {}, moving, (), theirs)


def test_tags_of_others_are_no_wish() -> None:
    assert (
        service(replace(tagged("orders"), tags={**wish(), "Name": "x", "lattice-onramp:status": "y"})).name == "orders"
    )


# --- clients


def rules(*given: tuple[str, int]) -> frozenset[Ingress]:
    return frozenset(Ingress(source=source, from_port=port, to_port=port) for source, port in given)


@pytest.mark.parametrize(
    ("tags", "admits"),
    [
        ({}, rules(("10.1.0.0/20", 80), ("10.1.0.0/20", 443))),
        ({"allow_from": "10.1.33.54/32"}, rules(("10.1.33.54/32", 80), ("10.1.33.54/32", 443))),
        ({"allow_from": "10.1.33.54", "ports": "8080"}, rules(("10.1.33.54/32", 8080))),
        ({"allow_from": " 10.0.0.0/8  0.0.0.0/0 ", "ports": "80"}, rules(("10.0.0.0/8", 80), ("0.0.0.0/0", 80))),
        ({"network": " net "}, rules(("10.1.0.0/20", 80), ("10.1.0.0/20", 443))),
        ({"allow_from": "2001:DB8:0::/64,fd00::1", "ports": "80"}, rules(("2001:db8::/64", 80), ("fd00::1/128", 80))),
        (
            {"allow_from": "pl-0123abcd, sg-0123456789abcdef0", "ports": "80"},
            rules(("pl-0123abcd", 80), ("sg-0123456789abcdef0", 80)),
        ),
        (
            {"allow_from": "10.0.0.0/8", "ports": "8000-8010 443-443"},
            rules(("10.0.0.0/8", 443)) | {Ingress(source="10.0.0.0/8", from_port=8000, to_port=8010)},
        ),
    ],
)
def test_a_client_lets_in_what_its_tags_say(tags: dict[str, str], admits: frozenset[Ingress]) -> None:
    assert client(vpc(**tags)) == WantedClient(vpc="vpc-1", admits=admits)


def test_a_client_lets_in_all_of_its_vpc_in_both_families() -> None:
    both = replace(vpc(ports="80"), cidrs=("10.1.0.0/20", "100.64.0.0/16", "2001:db8:1::/56"))
    assert client(both).admits == rules(("10.1.0.0/20", 80), ("100.64.0.0/16", 80), ("2001:db8:1::/56", 80))


def test_the_sources_that_have_to_be_asked_for_are_those_that_are_ids() -> None:
    found = client(vpc(allow_from="10.0.0.0/8 fd00::/8 pl-0123abcd sg-0123abcd"))
    assert found.callers == {"pl-0123abcd", "sg-0123abcd"}


def test_a_client_with_security_groups_of_its_own_gets_none_made() -> None:
    found = client(vpc(security_groups="sg-0123456789abcdef0 sg-0123abcd sg-0123abcd"))
    assert found == WantedClient(
        vpc="vpc-1", admits=frozenset(), security_groups=("sg-0123456789abcdef0", "sg-0123abcd")
    )


def test_stacks_that_serve_the_same_members_answer_a_wrong_name_in_the_same_words() -> None:
    seen = Observation(account=TEAM, vpcs=(vpc(network="nett"),))
    blue, green = network(siblings=frozenset({"green"})), network(name="green", siblings=frozenset({"net"}))
    [told] = desired(blue, seen).refusals
    assert [told] == list(desired(green, seen).refusals)
    assert told.message == "this account may join green or net: the tag says nett"


KEYS = ["network", "service", "listen", "target", "weight", "allow-from", "ports", "security-groups", "else"]
TAGS = st.dictionaries(
    st.sampled_from(KEYS).map("lattice:".__add__),
    st.sampled_from(["net", "HTTP:80", "80", "10.0.0.0/8", "sg-0123abcd"]) | st.text(),
)


@given(TAGS, TAGS)
def test_any_tags_are_either_met_refused_or_none_of_our_business(one: dict[str, str], other: dict[str, str]) -> None:
    asking = balancer("orders", "HTTP:80", "HTTPS:443", tags=one), replace(vpc(), tags=other)
    found = want(*asking)
    told = {name for service in found.services for name in service.load_balancers}
    refused = (*found.refusals, *found.strays)
    told |= {client.vpc for client in found.clients} | {refusal.resource for refusal in refused}
    asked = [thing for thing in asking if speaks(network(siblings=frozenset({"sibling"})), thing)]
    assert told == {thing.arn if isinstance(thing, LoadBalancer) else thing.id for thing in asked}
    assert len(found.services) + len(found.clients) + len(refused) == len(told)


@pytest.mark.parametrize(
    ("thing", "port"),
    [(passing(), 443), (passing("HTTPS:443", "HTTPS:444", target="HTTPS:444"), 444), (passing("HTTPS:444"), 444)],
)
def test_what_passes_through_goes_to_an_https_listener_by_tcp(thing: LoadBalancer, port: int) -> None:
    [service] = want(thing).services
    assert service.listens == (("TLS_PASSTHROUGH", 443),)
    [backend] = service.backends
    assert (backend.protocol, backend.port) == ("TCP", port)
    assert backend.target_group in made_for(network(), [thing])


def test_a_listener_that_was_sent_to_by_one_kind_of_group_decides_nothing_for_the_other() -> None:
    thing = passing("HTTP:80", "HTTPS:443", "HTTPS:444", target="HTTPS:444")
    [service] = want(thing).services
    group = TargetGroup(
        arn="arn:aws:vpc-lattice:ap-northeast-1:222222222222:targetgroup/tg-1",
        name=service.backends[0].target_group,
        status="ACTIVE",
        owned=True,
        targets=(Target(id=thing.arn, port=444, status="HEALTHY"),),
    )

    def decided(listen: str) -> tuple[str, int]:
        tags = {**thing.tags, "lattice:listen": listen}
        del tags["lattice:target"]
        seen = Observation(account=TEAM, load_balancers=(replace(thing, tags=tags),), target_groups=(group,))
        [found] = desired(network(), seen).services
        return found.backends[0].protocol, found.backends[0].port

    assert decided("TLS_PASSTHROUGH:443") == ("TCP", 444)
    assert decided("HTTPS:443") == ("HTTP", 80)


def test_a_policy_for_what_passes_through_lets_it_connect() -> None:
    [service] = want(passing(auth="vpcs vpc-0123abcd")).services
    [statement] = json.loads(service.said.policy)["Statement"]
    assert statement["Action"] == ["vpc-lattice-svcs:Invoke", "vpc-lattice-svcs:Connect"]
