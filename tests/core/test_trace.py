"""The walk of a request: one good way, and for each hop whatever stops it there."""

import re
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.core.matching import admits, choose, matches
from onramp.core.trace import Asked, Ruling, Trace, walk
from onramp.core.view import (
    NETWORK_ACL,
    PREFIX_LIST,
    AclEntry,
    Action,
    Balancer,
    BalancerCondition,
    BalancerListener,
    BalancerRule,
    Certificate,
    Egress,
    Endpoint,
    EndpointSubnet,
    HeaderMatch,
    Hidden,
    Ingress,
    Instance,
    Listener,
    Match,
    Network,
    NetworkAcl,
    Request,
    Rule,
    SecurityGroup,
    Serves,
    Service,
    ServiceAssociation,
    Target,
    TargetGroup,
    Unread,
    View,
    Vpc,
    VpcAssociation,
)

from tests.core.saying import says

DOMAIN = "orders-0123.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws"
LATTICE = "169.254.171.0/24"
ALL = "0.0.0.0/0"

NETWORK = Network(id="sn-1", arn="arn:sn-1", name="shared")
ASSOCIATION = VpcAssociation(vpc="vpc-1", network="sn-1", status="ACTIVE", security_groups=("sg-1",))
LISTENER = Listener(name="http-80", protocol="HTTP", port=80, default=Action(forward=(("tg-1", 100),)))
SERVICE = Service(
    id="svc-1",
    arn="arn:svc-1",
    account="222222222222",
    name="orders",
    domain=DOMAIN,
    listeners=(LISTENER,),
    associations=(ServiceAssociation(network="sn-1", status="ACTIVE"),),
)
GROUP = TargetGroup(
    id="tg-1",
    name="orders-tg",
    type="ALB",
    status="ACTIVE",
    vpc="vpc-2",
    targets=(Target(id="arn:alb", port=8080, status="UNAVAILABLE"),),
)
BALANCER = Balancer(
    arn="arn:alb",
    name="orders-alb",
    scheme="internal",
    state="active",
    security_groups=("sg-2",),
    listeners=(BalancerListener(protocol="HTTP", port=8080, targets=(("i-1", 80),)),),
)
INSTANCE = Instance(
    id="i-1", name="web", vpc="vpc-2", ip="10.2.0.5", serves=(Serves(port=80, server="nginx", body="hello"),)
)
VIEW = View(
    vpcs=(Vpc(id="vpc-1", account="111111111111"),),
    networks=(NETWORK,),
    vpc_associations=(ASSOCIATION,),
    services=(SERVICE,),
    target_groups=(GROUP,),
    balancers=(BALANCER,),
    instances=(INSTANCE,),
    security_groups=(
        SecurityGroup(id="sg-1", ingress=(Ingress(from_port=80, to_port=80, cidrs=("10.1.0.4/32",)),)),
        SecurityGroup(id="sg-2", ingress=(Ingress(from_port=8080, to_port=8080, cidrs=(LATTICE,)),)),
    ),
    lattice_cidrs=(LATTICE,),
)
REQUEST = Request(source_ip="10.1.0.4", vpc="vpc-1", host=DOMAIN)


def allow(_: Asked) -> Ruling:
    return Ruling(allowed=True, because="the policy says so")


def deny(_: Asked) -> Ruling:
    return Ruling(allowed=False, because="the policy says not")


def go(view: View = VIEW, request: Request = REQUEST) -> Trace:
    return walk(view, request, allow)


def test_a_request_on_a_whole_way_is_answered_and_every_hop_says_why() -> None:
    walked = go()
    assert (walked.status, walked.server, walked.body, walked.stopped_at) == (200, "nginx", "hello", "")
    assert [hop.name for hop in walked.hops] == [
        "dns",
        "vpc association",
        "security group",
        "service association",
        "auth policy",
        "listener",
        "rule",
        "target group",
        "load balancer",
        "target",
    ]
    assert all(hop.passed and hop.because for hop in walked.hops)


def service(**changed: Any) -> View:
    return replace(VIEW, services=(replace(SERVICE, **changed),))


def group(**changed: Any) -> View:
    return replace(VIEW, target_groups=(replace(GROUP, **changed),))


def balancer(**changed: Any) -> View:
    return replace(VIEW, balancers=(replace(BALANCER, **changed),))


def joined(**changed: Any) -> View:
    return replace(VIEW, vpc_associations=(replace(ASSOCIATION, **changed),))


def asks(**changed: Any) -> Request:
    return replace(REQUEST, **changed)


STOPS: list[tuple[str, View, Request, str, int]] = [
    ("dns", VIEW, asks(host="nobody.example"), "no service has the name nobody.example", 0),
    ("dns", replace(VIEW, vpcs=(Vpc(id="vpc-1", account="1", dns=False),)), REQUEST, "DNS hostnames are off", 0),
    ("dns", service(custom_domain="orders.example"), asks(host="orders.example"), "no DNS record", 0),
    (
        "dns",
        replace(service(custom_domain="orders.example"), hidden=(Hidden(zone="Z1", why="apart"),)),
        asks(host="orders.example"),
        "is not associated with it",
        0,
    ),
    (
        "dns",
        replace(service(custom_domain="orders.example"), hidden=(Hidden(zone="Z1", why="shadowed", by="Z2"),)),
        asks(host="orders.example"),
        "and private hosted zone Z2 answers in its place in vpc-1",
        0,
    ),
    (
        "dns",
        replace(service(custom_domain="orders.example"), hidden=(Hidden(zone="Z1", why="handed on", by="example"),)),
        asks(host="orders.example"),
        "whose NS records hand example on to other servers",
        0,
    ),
    ("dns", replace(VIEW, aliases=(("orders.example", DOMAIN),)), asks(host="orders.example"), "custom domain", 0),
    (
        "egress",
        replace(VIEW, security_groups=(*VIEW.security_groups, SecurityGroup(id="sg-9", egress=()))),
        asks(security_groups=("sg-9",)),
        "no outbound rule of sg-9 lets the caller out to Lattice on port 80",
        0,
    ),
    ("egress", replace(VIEW, network_acl=NetworkAcl(id="acl-1", entries=())), REQUEST, "lets nothing to Lattice", 0),
    (
        "egress",
        replace(
            VIEW, network_acl=NetworkAcl(id="acl-1", entries=(AclEntry(egress=True, number=1, allow=True, cidr=ALL),))
        ),
        REQUEST,
        "lets nothing back from Lattice",
        0,
    ),
    ("vpc association", replace(VIEW, vpc_associations=()), REQUEST, "is not joined to any", 0),
    ("vpc association", VIEW, asks(vpc="vpc-9"), "vpc-9 is not joined", 0),
    ("vpc association", joined(status="CREATE_IN_PROGRESS"), REQUEST, "CREATE_IN_PROGRESS", 0),
    ("vpc association", replace(VIEW, networks=()), REQUEST, "is not there", 0),
    ("security group", VIEW, asks(source_ip="10.1.0.5"), "admits 10.1.0.5 to port 80", 0),
    ("security group", joined(security_groups=("sg-gone",)), REQUEST, "no rule of sg-gone", 0),
    ("service association", service(associations=()), REQUEST, "is not associated with network shared", 0),
    (
        "service association",
        service(associations=(ServiceAssociation(network="sn-1", status="DELETE_IN_PROGRESS"),)),
        REQUEST,
        "is DELETE_IN_PROGRESS",
        0,
    ),
    ("service association", service(status="CREATE_FAILED"), REQUEST, "orders is CREATE_FAILED", 0),
    ("listener", service(listeners=()), REQUEST, "listens on nothing, not on port 80", 0),
    ("listener", VIEW, asks(protocol="HTTPS"), "speaks HTTP on port 80, not HTTPS", 0),
    ("listener", service(listeners=(replace(LISTENER, port=81),)), REQUEST, "listens on HTTP:81", 0),
    (
        "target group",
        service(listeners=(replace(LISTENER, default=Action(forward=(("tg-1", 0),))),)),
        REQUEST,
        "weight 0",
        503,
    ),
    ("target group", replace(VIEW, target_groups=()), REQUEST, "tg-1 is not there", 503),
    ("target group", group(status="CREATE_IN_PROGRESS"), REQUEST, "CREATE_IN_PROGRESS", 503),
    ("target group", group(targets=()), REQUEST, "no target in service", 503),
    ("target group", group(targets=(Target(id="arn:alb", port=80, status="DRAINING"),)), REQUEST, "no target", 503),
    ("load balancer", replace(VIEW, balancers=()), REQUEST, "arn:alb is not there", 503),
    ("load balancer", balancer(state="provisioning"), REQUEST, "is provisioning", 503),
    ("load balancer", balancer(listeners=()), REQUEST, "no listener on port 8080", 504),
    ("load balancer", group(protocol="HTTPS"), REQUEST, "speaks HTTP on port 8080, the target group HTTPS", 502),
    ("load balancer", balancer(security_groups=("sg-1",)), REQUEST, "admits the Lattice prefix list to port 8080", 504),
    ("load balancer", balancer(listeners=(BalancerListener(protocol="HTTP", port=8080),)), REQUEST, "no target", 503),
    ("target", replace(VIEW, instances=()), REQUEST, "nothing is at i-1", 504),
    ("target", replace(VIEW, instances=(replace(INSTANCE, running=False),)), REQUEST, "is not running", 503),
    ("target", replace(VIEW, instances=(replace(INSTANCE, serves=()),)), REQUEST, "nothing listens on port 80", 502),
]


@pytest.mark.parametrize(("hop", "view", "request_", "because", "status"), STOPS)
def test_a_request_is_stopped_at_the_hop_that_is_wrong(
    hop: str, view: View, request_: Request, because: str, status: int
) -> None:
    """And answered as AWS would answer it, or not at all where no connection comes about."""
    walked = go(view, request_)
    assert (walked.stopped_at, walked.status) == (hop, status)
    assert because in walked.hops[-1].because
    assert not walked.hops[-1].passed


def test_a_remedy_names_no_listener_where_there_is_none() -> None:
    other = BalancerListener(protocol="HTTP", port=81)
    remedies = [go(balancer(listeners=found), REQUEST).hops[-1].remedy for found in ((), (other,))]
    assert remedies == [
        "add a listener to the load balancer: it has none yet",
        "name one of its listeners in lattice:target",
    ]


def leaves(*egress: Egress, **changed: Any) -> Trace:
    """A member of sg-9, which lets out what is given, asks."""
    view = replace(VIEW, security_groups=(*VIEW.security_groups, SecurityGroup(id="sg-9", egress=egress)), **changed)
    return go(view, asks(security_groups=("sg-9",)))


@pytest.mark.parametrize(
    ("egress", "out"),
    [
        (Egress(cidrs=(ALL,)), True),
        (Egress(protocol="tcp", from_port=80, to_port=80, cidrs=(LATTICE,)), True),
        (Egress(protocol="tcp", from_port=80, to_port=80, cidrs=("169.254.171.0/28",)), True),
        (Egress(protocol="tcp", from_port=443, to_port=443, cidrs=(LATTICE,)), False),
        (Egress(protocol="udp", from_port=80, to_port=80, cidrs=(ALL,)), False),
        (Egress(cidrs=("10.0.0.0/8",)), False),
        (Egress(cidrs=("::/0",)), False),
        (Egress(), False),
    ],
)
def test_a_caller_must_be_let_out_to_lattice(egress: Egress, out: bool) -> None:
    walked = leaves(egress)
    assert walked.stopped_at == ("" if out else "egress")
    assert walked.hops[1].name == "egress"
    assert walked.hops[1].code == ("" if out else "egress-security-group")


def test_where_nobody_says_who_calls_nothing_is_said_of_leaving() -> None:
    assert "egress" not in [hop.name for hop in go().hops]


def test_what_could_not_be_read_of_leaving_is_unknown_and_the_walk_goes_on() -> None:
    why = (Unread(thing=PREFIX_LIST, why="denied"),)
    somewhere = Egress(cidrs=("169.254.171.0/24",))
    assert leaves(somewhere, unread=why, lattice_cidrs=()).hops[1].verdict == "unknown"
    assert leaves(Egress(cidrs=(ALL,)), unread=why, lattice_cidrs=()).hops[1].verdict == "ok", "all is all"
    unread_group = go(replace(VIEW, unread=(Unread(thing="sg-9", why="denied"),)), asks(security_groups=("sg-9",)))
    assert (unread_group.hops[1].because, unread_group.status) == ("denied", 200)
    unseen = go(VIEW, asks(security_groups=("sg-9",)))
    assert unseen.hops[1].because == "not all of the caller's security groups sg-9 can be seen"
    acl = go(replace(VIEW, unread=(Unread(thing=NETWORK_ACL, why="denied"),)))
    assert (acl.hops[1].name, acl.hops[1].verdict, acl.verdict) == ("egress", "unknown", "unknown")


@pytest.mark.parametrize(
    ("entries", "stopped"),
    [
        ([(True, 1, True, ALL, "-1", 0, 65535), (False, 1, True, ALL, "-1", 0, 65535)], ""),
        ([(True, 2, True, ALL, "-1", 0, 65535), (True, 1, False, LATTICE, "6", 80, 80)], "egress"),
        (
            [
                (True, 1, True, ALL, "-1", 0, 65535),
                (True, 2, False, LATTICE, "6", 80, 80),
                (False, 1, True, ALL, "6", 1024, 65535),
            ],
            "",
        ),
        (
            [
                (True, 2, True, ALL, "6", 0, 65535),
                (True, 1, False, "169.254.171.0/25", "6", 80, 80),
                (False, 1, True, ALL, "6", 1024, 65535),
            ],
            "",
        ),
        ([(True, 1, True, ALL, "17", 0, 65535), (False, 1, True, ALL, "-1", 0, 65535)], "egress"),
        ([(True, 1, True, ALL, "6", 80, 80), (False, 1, True, ALL, "6", 0, 1023)], "egress"),
        ([(True, 1, True, ALL, "6", 80, 80), (False, 1, True, ALL, "6", 32768, 60999)], ""),
        ([(True, 1, True, "10.0.0.0/8", "-1", 0, 65535), (False, 1, True, ALL, "-1", 0, 65535)], "egress"),
    ],
)
def test_a_network_acl_must_let_the_request_out_and_the_answer_in(entries: list[Any], stopped: str) -> None:
    names = ("egress", "number", "allow", "cidr", "protocol", "from_port", "to_port")
    acl = NetworkAcl(id="acl-1", entries=tuple(AclEntry(**dict(zip(names, one, strict=True))) for one in entries))
    walked = go(replace(VIEW, network_acl=acl))
    assert walked.stopped_at == stopped
    assert walked.hops[1].code == ("egress-network-acl" if stopped else "")


def acl(name: str, *, inwards: str = "0.0.0.0/0", back: bool = True) -> NetworkAcl:
    entries = [AclEntry(egress=False, number=1, allow=True, cidr=inwards)]
    entries += [AclEntry(egress=True, number=1, allow=True, cidr="0.0.0.0/0")] if back else []
    return NetworkAcl(id=name, entries=tuple(entries))


@pytest.mark.parametrize(
    ("acls", "verdict", "says"),
    [
        ([acl("acl-1")], "reaches", ""),
        ([acl("acl-1", inwards="10.0.0.0/8")], "stopped", "lets nothing in from Lattice on port 8080"),
        ([acl("acl-1", back=False)], "stopped", "lets nothing back to Lattice's ports"),
        ([acl("acl-1", back=False), acl("acl-2")], "unknown", "acl-1 of some of its subnets lets nothing back"),
    ],
)
def test_the_load_balancers_subnets_must_let_lattice_in_and_the_answer_out(
    acls: list[NetworkAcl], verdict: str, says: str
) -> None:
    walked = go(balancer(acls=tuple(acls)))
    at = next(hop for hop in walked.hops if hop.name == "load balancer")
    assert (walked.verdict, says in at.because) == (verdict, True)
    assert at.code == ("load-balancer-network-acl" if verdict == "stopped" else "")
    assert go(replace(balancer(acls=tuple(acls)), lattice_cidrs=())).verdict == "reaches"


def test_a_name_that_is_nearly_one_is_said_to_be_that_one() -> None:
    walked = go(replace(VIEW, others=("orders", "pay")), replace(REQUEST, host="oders"))
    assert (walked.hops[-1].code, walked.hops[-1].remedy) == ("name-unknown", "ask for orders, if that is meant")
    called = go(VIEW, replace(REQUEST, host=VIEW.services[0].name)).hops[-1]
    assert (called.code, called.remedy) == ("name-unknown", f"ask by {VIEW.services[0].domain}")


def test_a_vpc_in_no_network_is_told_by_which_name_an_endpoint_is_asked() -> None:
    walked = go(replace(VIEW, vpc_associations=()))
    assert walked.hops[-1].remedy.endswith("ask by the name that the service has there")


@pytest.mark.parametrize("thing", ["network ACLs of arn:alb", PREFIX_LIST])
def test_acls_that_were_not_read_leave_it_open(thing: str) -> None:
    seen = replace(balancer(acls=(acl("acl-1"),), security_groups=()), unread=(Unread(thing=thing, why="denied"),))
    assert go(seen).verdict == "unknown"


def test_what_a_function_answers_is_unknown_and_no_stop() -> None:
    walked = go(group(type="LAMBDA"))
    assert (walked.verdict, walked.stopped_at, walked.status) == ("unknown", "", 0)
    assert walked.hops[-1].remedy == "look at the function's own logs"


@pytest.mark.parametrize(
    ("ails", "status"),
    [
        ("unhealthy (Target.Timeout)", 504),
        ("unhealthy (Target.FailedHealthChecks)", 502),
        ("unused (Target.InvalidState)", 503),
        ("initial (Elb.InitialHealthChecking)", 503),
    ],
)
def test_a_load_balancer_answers_by_what_ails_its_targets(ails: str, status: int) -> None:
    sick = BalancerListener(protocol="HTTP", port=8080, targets=(("i-1", 80),), health=(("i-1", ails),))
    walked = go(balancer(listeners=(sick,)))
    assert (walked.stopped_at, walked.hops[-1].code, walked.status) == ("target", "no-healthy-target", status)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"instances": ()}, 504),
        ({"instances": (replace(INSTANCE, running=False),)}, 504),
        ({"instances": (replace(INSTANCE, serves=()),)}, 502),
        (
            {
                "target_groups": (
                    replace(GROUP, type="INSTANCE", targets=(Target(id="i-1", port=80, status="UNHEALTHY"),)),
                )
            },
            503,
        ),
    ],
)
def test_lattice_itself_answers_for_an_instance_that_does_not(change: dict[str, Any], status: int) -> None:
    view = replace(group(type="INSTANCE", targets=(Target(id="i-1", port=80),)), **change)
    walked = go(view)
    assert (walked.stopped_at, walked.status) == ("target", status)


@pytest.mark.parametrize(
    "change",
    [
        {"target_groups": ()},
        {"balancers": ()},
        {"balancers": (replace(BALANCER, listeners=()),)},
        {"security_groups": ()},
        {"services": "denied"},
    ],
)
def test_under_passthrough_lattice_answers_nothing_itself(change: dict[str, Any]) -> None:
    tls = replace(SERVICE, listeners=(replace(LISTENER, protocol="TLS_PASSTHROUGH", port=443),))
    if change.get("services"):
        change = {"services": (replace(tls, auth_type="AWS_IAM"),)}
    view = replace(
        replace(VIEW, services=(tls,), target_groups=(replace(GROUP, protocol="TCP"),)),
        **{"vpc_associations": (replace(ASSOCIATION, security_groups=()),), **change},
    )
    walked = walk(view, asks(protocol="HTTPS", port=443), deny)
    assert walked.stopped_at
    assert walked.status == 0


def test_under_passthrough_the_load_balancer_answers_for_its_targets() -> None:
    tls = replace(SERVICE, listeners=(replace(LISTENER, protocol="TLS_PASSTHROUGH", port=443),))
    view = replace(
        VIEW,
        services=(tls,),
        target_groups=(replace(GROUP, protocol="TCP"),),
        balancers=(SEALED,),
        vpc_associations=(replace(ASSOCIATION, security_groups=()),),
        instances=(replace(INSTANCE, serves=()),),
    )
    walked = go(view, asks(protocol="HTTPS", port=443))
    assert (walked.stopped_at, walked.status) == ("target", 502)


def test_an_association_without_security_groups_lets_the_whole_vpc_in() -> None:
    assert go(joined(security_groups=()), asks(source_ip="10.1.9.9")).status == 200


def test_an_association_that_is_being_updated_still_carries_requests() -> None:
    assert go(joined(status="UPDATE_IN_PROGRESS")).status == 200


def test_a_custom_domain_with_its_record_leads_to_the_service() -> None:
    view = replace(service(custom_domain="orders.example"), aliases=(("orders.example", DOMAIN),))
    assert go(view, asks(host="Orders.Example.")).status == 200


def test_a_custom_domain_is_served_over_https_with_its_certificate_only() -> None:
    tls = replace(LISTENER, name="https", protocol="HTTPS", port=443)
    named = replace(
        service(custom_domain="orders.example", listeners=(tls,)),
        aliases=(("orders.example", DOMAIN),),
        vpc_associations=(replace(ASSOCIATION, security_groups=()),),
    )
    certified = replace(named, services=(replace(named.services[0], certificate="arn:acm"),))
    request = asks(host="orders.example", protocol="HTTPS", port=443)
    assert go(named, request).stopped_at == "listener"
    assert "no certificate for orders.example" in go(named, request).hops[-1].because
    assert go(certified, request).status == 200
    assert go(named, asks(protocol="HTTPS", port=443)).status == 200, "of its own names Lattice has one"


def test_auth_is_asked_at_both_levels_that_have_it_on() -> None:
    asked: list[tuple[str, str]] = []

    def note(question: Asked) -> Ruling:
        asked.append((question.level, question.name))
        return allow(question)

    view = replace(service(auth_type="AWS_IAM"), networks=(replace(NETWORK, auth_type="AWS_IAM"),))
    assert walk(view, REQUEST, note).status == 200
    assert asked == [("service network", "shared"), ("service", "orders")]


def test_on_a_port_that_nobody_knows_no_group_is_said_to_stop_it() -> None:
    unread = (Unread(thing="svc-1", why="account 222222222222 cannot be read"),)
    nobody_knows = asks(port=0, protocol="HTTPS", security_groups=("sg-9",))
    walked = go(replace(service(listeners=()), unread=unread), nobody_knows)
    verdicts = {hop.name: hop.verdict for hop in walked.hops}
    assert verdicts == {
        "dns": "ok",
        "egress": "unknown",
        "vpc association": "ok",
        "security group": "unknown",
        "service association": "ok",
        "auth policy": "unknown",
        "listener": "unknown",
    }
    assert {hop.remedy for hop in walked.hops if hop.name in ("egress", "security group")} == {
        "name a profile of the service's account as well, or write the port, as NAME:80"
    }
    open_to_all = replace(
        service(listeners=()), unread=unread, vpc_associations=(replace(ASSOCIATION, security_groups=()),)
    )
    assert {hop.name: hop.verdict for hop in go(open_to_all, nobody_knows).hops}["security group"] == "ok"


def test_a_policy_that_denies_answers_403_and_says_which() -> None:
    walked = walk(service(auth_type="AWS_IAM"), REQUEST, deny)
    assert (walked.status, walked.stopped_at) == (403, "auth policy")
    assert walked.hops[-1].because == "service orders refuses: the policy says not"


def test_rules_are_tried_by_priority_before_the_default_action() -> None:
    def rule(priority: int, path: str, status: int) -> Rule:
        return Rule(name=path, priority=priority, match=Match(path=path), action=Action(fixed_status=status))

    view = service(listeners=(replace(LISTENER, rules=(rule(20, "/a", 500), rule(10, "/a/b", 404))),))
    assert go(view, asks(path="/a/b/c")).status == 404
    assert go(view, asks(path="/a/c")).status == 500
    assert go(view, asks(path="/x")).status == 200


@pytest.mark.parametrize(
    ("match", "request_", "holds"),
    [
        (Match(), REQUEST, True),
        (Match(method="POST"), REQUEST, False),
        (Match(method="POST"), asks(method="POST"), True),
        (Match(path="/a", path_how="exact"), asks(path="/a"), True),
        (Match(path="/a", path_how="exact"), asks(path="/a/b"), False),
        (Match(path="/A"), asks(path="/a/b"), True),
        (Match(path="/A", case_sensitive=True), asks(path="/a/b"), False),
        (Match(headers=(HeaderMatch(name="X-Team", how="contains", value="ed"),)), REQUEST, False),
        (
            Match(headers=(HeaderMatch(name="X-Team", how="contains", value="ed"),)),
            asks(headers=(("x-team", "red"),)),
            True,
        ),
        (
            Match(headers=(HeaderMatch(name="X-Team", how="exact", value="blue"),)),
            asks(headers=(("x-team", "red"),)),
            False,
        ),
    ],
)
def test_a_rule_matches_when_everything_given_holds(match: Match, request_: Request, holds: bool) -> None:
    assert matches(match, request_) is holds


def test_weights_divide_the_rolls_and_a_weight_of_nothing_gets_none() -> None:
    weighted = (("a", 1), ("b", 0), ("c", 3))
    assert [choose(weighted, roll) for roll in (0.0, 0.24, 0.25, 0.99)] == ["a", "a", "c", "c"]
    assert choose((("a", 0),), 0.0) is None
    assert choose((), 0.0) is None


@pytest.mark.parametrize(
    ("rule", "groups", "let_in"),
    [
        (Ingress(cidrs=("10.1.0.0/16",)), (), True),
        (Ingress(protocol="udp", cidrs=("10.1.0.0/16",)), (), False),
        (Ingress(protocol="-1", from_port=1, to_port=1, cidrs=("10.1.0.0/16",)), (), True),
        (Ingress(from_port=81, cidrs=("10.1.0.0/16",)), (), False),
        (Ingress(groups=("sg-9",)), ("sg-9",), True),
        (Ingress(groups=("sg-9",)), (), False),
        (Ingress(cidrs=("fd00::/8",)), (), False),
    ],
)
def test_a_security_group_rule_admits_by_address_or_by_group(
    rule: Ingress, groups: tuple[str, ...], let_in: bool
) -> None:
    assert admits(rule, 80, "10.1.0.4", groups) is let_in


def test_a_load_balancer_can_answer_by_itself() -> None:
    fixed = BalancerListener(protocol="HTTP", port=8080, fixed_status=503)
    walked = go(balancer(listeners=(fixed,)))
    assert (walked.status, walked.stopped_at, walked.hops[-1].name) == (503, "", "load balancer")


def test_a_load_balancer_without_security_groups_admits_everything() -> None:
    assert go(balancer(security_groups=())).status == 200


def test_a_target_group_of_addresses_leads_to_the_instance_in_its_own_vpc() -> None:
    elsewhere = replace(INSTANCE, id="i-2", vpc="vpc-3", serves=())
    view = replace(
        group(type="IP", targets=(Target(id="10.2.0.5", port=80, status="HEALTHY"),)), instances=(elsewhere, INSTANCE)
    )
    walked = go(view)
    assert walked.status == 200
    assert "load balancer" not in [hop.name for hop in walked.hops]


SEALED = replace(BALANCER, listeners=(replace(BALANCER.listeners[0], protocol="HTTPS"),))


def test_tls_passthrough_takes_https_and_a_tcp_group_a_listener_of_tls() -> None:
    view = replace(
        service(listeners=(replace(LISTENER, protocol="TLS_PASSTHROUGH", port=443),)),
        target_groups=(replace(GROUP, protocol="TCP"),),
        security_groups=(*VIEW.security_groups, SecurityGroup(id="sg-3", ingress=(Ingress(cidrs=("10.1.0.0/16",)),))),
        vpc_associations=(replace(ASSOCIATION, security_groups=("sg-3",)),),
    )
    request = asks(protocol="HTTPS", port=443)
    assert go(replace(view, balancers=(SEALED,)), request).status == 200
    assert (go(view, request).stopped_at, go(view, request).hops[-1].code) == ("load balancer", "listener-protocol")


def shown(status: str = "ISSUED", *, names: tuple[str, ...] = ("*.example",), ended: str = "", **more: Any) -> Trace:
    """By HTTPS and its own name, of a service that has this certificate."""
    tls = replace(LISTENER, name="https", protocol="HTTPS", port=443)
    view = replace(
        service(custom_domain="orders.example", certificate="arn:acm", listeners=(tls,)),
        aliases=(("orders.example", DOMAIN),),
        vpc_associations=(replace(ASSOCIATION, security_groups=()),),
        certificates=(Certificate(arn="arn:acm", names=names, status=status, ended=ended),),
    )
    return go(replace(view, **more), asks(host="orders.example", protocol="HTTPS", port=443))


@pytest.mark.parametrize(
    ("status", "names", "ended", "verdict", "because"),
    [
        ("ISSUED", ("bills.example", "orders.example"), "", "reaches", "answers 200"),
        ("ISSUED", ("orders.example",), "2026-11-27", "stopped", "it ended on 2026-11-27"),
        ("EXPIRED", ("orders.example",), "", "stopped", "it has ended"),
        ("ISSUED", ("bills.example", "*.orders.example"), "", "stopped", "it is for bills.example, *.orders.example"),
        ("FAILED", ("orders.example",), "", "stopped", "it is FAILED"),
        ("REVOKED", ("orders.example",), "", "unknown", "arn:acm is REVOKED: some clients refuse it"),
        ("REVOKED", ("orders.example",), "2026-11-27", "stopped", "it ended on 2026-11-27"),
    ],
)
def test_a_client_takes_a_certificate_that_is_good_and_for_the_name(
    status: str, names: tuple[str, ...], ended: str, verdict: str, because: str
) -> None:
    walked = shown(status, names=names, ended=ended)
    assert walked.verdict == verdict
    assert because in next(hop for hop in walked.hops if hop.verdict != "ok" or hop.name == "target").because
    assert walked.stopped_at == ("listener" if verdict == "stopped" else "")
    assert not walked.stopped_at or walked.hops[-1].code == "certificate-refused"


def test_a_certificate_that_could_not_be_read_leaves_the_listener_open() -> None:
    walked = shown(certificates=(), unread=(Unread(thing="arn:acm", why="denied"),))
    assert [hop.name for hop in walked.hops if hop.verdict == "unknown"] == ["listener"]


def passes(balancer_: Balancer, *certificates: Certificate) -> Trace:
    """TLS to a service's own name, which goes through Lattice as it is to this load balancer."""
    view = replace(
        service(custom_domain="orders.example", listeners=(replace(LISTENER, protocol="TLS_PASSTHROUGH", port=443),)),
        aliases=(("orders.example", DOMAIN),),
        target_groups=(replace(GROUP, protocol="TCP"),),
        balancers=(balancer_,),
        vpc_associations=(replace(ASSOCIATION, security_groups=()),),
        certificates=certificates,
    )
    return go(view, asks(host="orders.example", protocol="HTTPS", port=443))


GOOD, OVER = Certificate(arn="arn:1", names=("*.example",)), Certificate(arn="arn:2", names=("*.example",), ended="d")


@pytest.mark.parametrize(
    ("held", "looked_at", "stops"),
    [
        (("arn:1", "arn:2"), (GOOD, OVER), False),
        (("arn:2",), (GOOD, OVER), True),
        (("arn:2", "arn:3"), (OVER,), False),
        ((), (), False),
        (None, (OVER,), False),
    ],
)
def test_what_passes_through_is_shown_a_certificate_of_the_load_balancers(
    held: tuple[str, ...] | None, looked_at: tuple[Certificate, ...], stops: bool
) -> None:
    """One that is good and for the name is chosen among several; of what nobody looked at nothing is said."""
    walked = passes(replace(SEALED, listeners=(replace(SEALED.listeners[0], certificates=held),)), *looked_at)
    assert (walked.hops[-1].code == "certificate-refused", walked.stopped_at) == (
        stops,
        "load balancer" if stops else "",
    )


# --- what could not be read, and what to do about a stop ----------------------------------------------------


def blind(*things: str, view: View = VIEW) -> View:
    return replace(view, unread=tuple(Unread(thing=thing, why=f"{thing} was not read") for thing in things))


@pytest.mark.parametrize(("view", "request_"), [(view, request_) for _, view, request_, *_ in STOPS])
def test_every_stop_has_a_code_and_says_what_to_do(view: View, request_: Request) -> None:
    last = go(view, request_).hops[-1]
    assert (last.verdict, go(view, request_).verdict) == ("stopped", "stopped")
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", last.code)
    assert last.remedy


GOES_ON: list[tuple[str, View, Request]] = [
    ("dns", blind("vpc-1"), REQUEST),
    (
        "dns",
        blind("orders.example", view=service(custom_domain="orders.example")),
        asks(host="orders.example"),
    ),
    ("security group", blind("security groups of vpc-1"), REQUEST),
    ("security group", blind("sg-1", view=replace(VIEW, security_groups=VIEW.security_groups[1:])), REQUEST),
    ("security group", VIEW, asks(source_ip="10.1.0.0/16")),
    ("service association", blind("associations of svc-1", view=service(associations=())), REQUEST),
    ("auth policy", blind("sn-1"), REQUEST),
    ("load balancer", blind("sg-2", view=replace(VIEW, security_groups=VIEW.security_groups[:1])), REQUEST),
    ("load balancer", blind("prefix list", view=replace(VIEW, lattice_cidrs=())), REQUEST),
]


@pytest.mark.parametrize(("hop", "view", "request_"), GOES_ON)
def test_what_could_not_be_read_is_unknown_and_the_walk_goes_on(hop: str, view: View, request_: Request) -> None:
    walked = go(view, request_)
    assert [it.name for it in walked.hops if it.verdict == "unknown"] == [hop]
    assert walked.hops[-1].name == "target"
    assert (walked.verdict, walked.stopped_at) == ("unknown", "")


ENDS: list[tuple[str, View]] = [
    ("dns", blind("names", view=replace(VIEW, services=()))),
    ("vpc association", blind("associations of vpc-1", view=replace(VIEW, vpc_associations=()))),
    ("vpc association", blind("sn-1", view=replace(VIEW, networks=()))),
    ("target group", blind("tg-1", view=replace(VIEW, target_groups=()))),
    ("load balancer", blind("arn:alb", view=replace(VIEW, balancers=()))),
    ("target", blind("i-1", view=replace(VIEW, instances=()))),
]


@pytest.mark.parametrize(("hop", "view"), ENDS)
def test_where_the_rest_hangs_on_what_could_not_be_read_the_walk_ends_unknown(hop: str, view: View) -> None:
    walked = go(view)
    assert [it.verdict for it in walked.hops] == ["ok"] * (len(walked.hops) - 1) + ["unknown"]
    assert (walked.hops[-1].name, walked.verdict, walked.status) == (hop, "unknown", 0)
    assert "was not read" in walked.hops[-1].because


def test_a_service_of_an_account_that_cannot_be_read_is_unknown_from_its_auth_on() -> None:
    walked = go(blind("svc-1"))
    assert [(it.name, it.verdict) for it in walked.hops[-2:]] == [("auth policy", "unknown"), ("listener", "unknown")]


def test_a_stop_decides_whatever_is_unknown_besides() -> None:
    walked = go(blind("vpc-1"), asks(protocol="HTTPS"))
    assert walked.hops[0].verdict == "unknown"
    assert (walked.verdict, walked.stopped_at) == ("stopped", "listener")


def test_a_policy_that_hangs_on_what_could_not_be_read_is_unknown() -> None:
    def doubt(_: Asked) -> Ruling:
        return Ruling(allowed=False, because="it asks for a key", unknown=True, remedy="read it")

    walked = walk(service(auth_type="AWS_IAM"), REQUEST, doubt)
    assert walked.verdict == "unknown"
    told = next(hop for hop in walked.hops if hop.name == "auth policy")
    assert (told.remedy, told.because.split(";")[0]) == ("read it", "service orders: it asks for a key")


def test_a_whole_network_may_call_when_one_rule_holds_all_of_it() -> None:
    assert go(VIEW, asks(source_ip="10.1.0.4/32")).status == 200
    outside = go(VIEW, asks(source_ip="10.9.0.0/16"))
    assert (outside.stopped_at, outside.hops[-1].code) == ("security group", "security-group")
    members = SecurityGroup(id="sg-1", ingress=(Ingress(from_port=81), Ingress(groups=("sg-7",))))
    some = go(replace(VIEW, security_groups=(members, VIEW.security_groups[1])), asks(source_ip="10.1.0.0/16"))
    assert "admits only sg-7 of 10.1.0.0/16" in some.hops[2].because


THROUGH = "vpce-0a1-snsa-0b2.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws"
ENDPOINT = Endpoint(
    id="vpce-0a1",
    vpc="vpc-1",
    state="available",
    network="sn-1",
    names=((THROUGH, "svc-1"),),
    security_groups=("sg-1",),
    subnets=(EndpointSubnet(id="subnet-9", cidr="10.1.9.0/24"),),
)


def open_acl(identifier: str) -> NetworkAcl:
    entries = tuple(AclEntry(egress=egress, number=1, allow=True, cidr=ALL) for egress in (True, False))
    return NetworkAcl(id=identifier, entries=entries)


def enters(host: str = THROUGH, request: Request = REQUEST, view: View = VIEW, **changed: Any) -> Trace:
    """By a name through the endpoint, from a VPC that is in no network."""
    there = replace(view, vpc_associations=(), endpoints=(replace(ENDPOINT, **changed),))
    return go(there, replace(request, host=host))


def test_a_name_through_an_endpoint_is_left_open_where_nobody_could_look() -> None:
    asked = asks(host=THROUGH)
    assert go(blind("VPC endpoints"), asked).verdict == "unknown"
    assert go(VIEW, asked).hops[-1].code == "name-unknown"
    assert go(replace(VIEW, endpoints=(ENDPOINT,)), asks(host="bills.example.com")).hops[-1].code == "name-unknown"


def test_through_an_endpoint_no_association_is_asked_for() -> None:
    walked = enters()
    assert (walked.status, [hop.name for hop in walked.hops][:3]) == (
        200,
        ["dns", "vpc endpoint", "service association"],
    )
    assert walked.hops[1].because == "sg-1 admits 10.1.0.4 to port 80; vpce-0a1 leads into network shared"


def test_the_remedy_of_an_endpoint_names_each_of_its_groups() -> None:
    walked = enters(request=asks(source_ip="10.1.0.5"), security_groups=("sg-1", "sg-2"))
    assert walked.hops[-1].remedy == "admit it to TCP 80 in sg-1, sg-2"


SHUT = NetworkAcl(id="acl-9", entries=(AclEntry(egress=True, number=1, allow=True, cidr=ALL),))
MUTE = NetworkAcl(id="acl-9", entries=(AclEntry(egress=False, number=1, allow=True, cidr=ALL),))


def in_subnets(*acls: NetworkAcl) -> tuple[EndpointSubnet, ...]:
    return tuple(EndpointSubnet(id=f"subnet-{n}", cidr=f"10.1.{n}.0/24", acl=acl) for n, acl in enumerate(acls))


OUT = SecurityGroup(id="sg-9", egress=(Egress(groups=("sg-1",)),))
NOT_OUT = SecurityGroup(id="sg-9", egress=(Egress(cidrs=(LATTICE,)),))
MEMBER = asks(security_groups=("sg-9",))

ENTERS: list[tuple[Trace, str, str, str]] = [
    (enters(state="Pending"), "stopped", "endpoint-not-available", "VPC endpoint vpce-0a1 is Pending"),
    (enters(request=asks(source_ip="10.1.0.5")), "stopped", "endpoint-security-group", "no rule of sg-1 admits"),
    (enters(request=asks(source_ip="10.1.0.0/24")), "unknown", "", "admits only 10.1.0.4/32 of 10.1.0.0/24"),
    (enters(view=blind("svc-1"), request=asks(port=0)), "unknown", "", "on which port it is called is not known"),
    (enters(subnets=in_subnets(SHUT)), "stopped", "endpoint-network-acl", "lets nothing in from 10.1.0.4 on port 80"),
    (enters(subnets=in_subnets(MUTE)), "stopped", "endpoint-network-acl", "lets nothing back to 10.1.0.4's ports"),
    (enters(subnets=in_subnets(SHUT, open_acl("acl-1"))), "unknown", "", "acl-9 of some subnets of vpce-0a1 lets"),
    (enters(subnets=in_subnets(MUTE, open_acl("acl-1"))), "unknown", "", "nothing back to 10.1.0.4's ports: what goes"),
    (enters(subnets=in_subnets(open_acl("acl-1"))), "reaches", "", ""),
    (enters(request=asks(subnet="subnet-0"), subnets=in_subnets(SHUT)), "reaches", "", ""),
    (enters(view=blind("network ACLs of vpce-0a1")), "unknown", "", "network ACLs of vpce-0a1 was not read"),
    (enters(view=blind("sg-8"), security_groups=("sg-8",)), "unknown", "", "sg-8 was not read"),
    (enters(view=blind("sn-9"), network="sn-9"), "unknown", "", "sn-9 was not read"),
    (enters(vpc="vpc-7"), "unknown", "", "vpce-0a1 is in vpc-7, and whether a way leads there from vpc-1"),
    (enters(view=replace(VIEW, security_groups=(*VIEW.security_groups, OUT)), request=MEMBER), "reaches", "", ""),
    (
        enters(view=replace(VIEW, security_groups=(*VIEW.security_groups, NOT_OUT)), request=MEMBER),
        "stopped",
        "egress-security-group",
        "no outbound rule of sg-9 lets the caller out to vpce-0a1 on port 80",
    ),
    (
        enters(view=replace(VIEW, network_acl=SHUT)),
        "stopped",
        "egress-network-acl",
        "acl-9 of the caller's subnet lets nothing back from vpce-0a1",
    ),
    (enters(view=replace(VIEW, network_acl=SHUT), request=asks(subnet="subnet-9")), "reaches", "", ""),
    (enters(view=replace(VIEW, network_acl=MUTE)), "stopped", "egress-network-acl", "lets nothing to vpce-0a1 on port"),
    (enters(view=blind("vpc-1")), "unknown", "", "through vpce-0a1; vpc-1 was not read"),
]


@pytest.mark.parametrize(("walked", "verdict", "code", "because"), ENTERS)
def test_an_endpoint_lets_in_whom_its_groups_and_acls_let_in(
    walked: Trace, verdict: str, code: str, because: str
) -> None:
    assert walked.verdict == verdict, walked.hops
    assert walked.hops[-1].code == code
    assert not because or because in next(hop for hop in walked.hops if hop.verdict != "ok").because


def test_a_record_may_lead_through_an_endpoint() -> None:
    named = service(custom_domain="orders.example")
    there = replace(named, aliases=(("orders.example", THROUGH), ("bills.example", THROUGH)))
    assert enters("orders.example", view=there).status == 200
    assert enters("bills.example", view=there).hops[-1].code == "domain-not-its-own"


def test_a_private_zone_in_the_place_of_awss_own_hides_lattices_name() -> None:
    hidden = (Hidden(zone="", why="shadowed", by="Z1"),)
    last = go(replace(VIEW, hidden=hidden)).hops[-1]
    assert (last.name, last.code) == ("dns", "zone-shadowed")
    assert last.remedy == "take vpc-1 out of Z1, or name that zone more narrowly"
    assert go(blind(DOMAIN)).hops[0].verdict == "unknown"


def test_a_name_of_another_region_is_told_as_such() -> None:
    walked = go(replace(VIEW, region="eu-west-1"), asks(host="bills-0.7d67968.vpc-lattice-svcs.us-east-1.on.aws"))
    assert walked.hops[-1].code == "wrong-region"
    assert go(replace(VIEW, region="eu-west-1"), asks(host="bills.example")).hops[-1].code == "name-unknown"


@pytest.mark.parametrize(
    ("instances", "health", "verdict", "because"),
    [
        ((replace(INSTANCE, serves=None),), (("i-1", ""),), "reaches", "web (10.2.0.5) is healthy on port 80"),
        ((replace(INSTANCE, serves=None),), (), "unknown", "nobody checks what web (10.2.0.5) answers on port 80"),
        ((), (("i-1", ""),), "reaches", "i-1 is healthy on port 80"),
        ((INSTANCE,), (("i-1", "unhealthy (Target.Timeout)"),), "stopped", "is unhealthy (Target.Timeout)"),
    ],
)
def test_of_a_target_that_nobody_can_look_into_its_health_checks_tell(
    instances: tuple[Instance, ...], health: tuple[tuple[str, str], ...], verdict: str, because: str
) -> None:
    checked = replace(BALANCER, listeners=(replace(BALANCER.listeners[0], health=health),))
    walked = go(replace(VIEW, instances=instances, balancers=(checked,)))
    assert walked.verdict == verdict
    assert because in walked.hops[-1].because


def test_a_load_balancer_sends_to_a_healthy_target_before_any_other() -> None:
    targets = (("i-2", 80), ("i-1", 80))
    listener = replace(BALANCER.listeners[0], targets=targets, health=(("i-2", "unhealthy"), ("i-1", "")))
    assert go(balancer(listeners=(listener,))).status == 200


@pytest.mark.parametrize(("port", "verdict"), [(80, "reaches"), (81, "unknown")])
@pytest.mark.parametrize("kind", ["ALB", "IP"])
def test_who_is_checked_on_another_port_may_answer_on_none(kind: str, port: int, verdict: str) -> None:
    """The checks are well, and the port to which requests go may have nobody behind it."""
    aside = () if port == 80 else (("i-1", port),)
    checked = replace(BALANCER, listeners=(replace(BALANCER.listeners[0], health=(("i-1", ""),), aside=aside),))
    view = replace(VIEW, instances=(replace(INSTANCE, serves=None),), balancers=(checked,))
    if kind == "IP":
        there = TargetGroup(id="tg-1", name="t", type="IP", status="ACTIVE", vpc="vpc-2", checked_on=port)
        view = replace(
            view, target_groups=(replace(there, targets=(Target(id="10.2.0.5", port=80, status="HEALTHY"),)),)
        )
    walked = go(view)
    assert walked.verdict == verdict
    if port != 80:
        assert walked.hops[-1].because == (
            "web (10.2.0.5) is healthy on port 81, and nobody checks what it answers on port 80"
        )


def test_what_lattice_found_healthy_is_reached_where_nobody_can_look_into_it() -> None:
    there = group(type="IP", targets=(Target(id="10.2.0.9", port=80, status="HEALTHY"),))
    walked = go(replace(there, instances=()))
    assert (walked.verdict, walked.hops[-1].because) == ("reaches", "10.2.0.9 is healthy on port 80")


def test_a_load_balancer_that_answers_by_itself_is_unknown_where_its_security_groups_are() -> None:
    fixed = BalancerListener(protocol="HTTP", port=8080, fixed_status=503)
    doubted = go(blind(PREFIX_LIST, view=balancer(listeners=(fixed,))))
    assert (doubted.hops[-1].name, doubted.hops[-1].verdict) == ("load balancer", "unknown")
    assert go(balancer(listeners=(fixed,))).hops[-1].verdict == "ok"


def test_lattice_sends_to_a_healthy_target_before_any_other() -> None:
    ids = ("10.2.0.9", "UNHEALTHY"), ("10.2.0.5", "HEALTHY")
    targets = tuple(Target(id=it, port=80, status=status) for it, status in ids)
    assert go(group(type="IP", targets=targets)).status == 200
    last = go(group(type="IP", targets=targets[:1])).hops[-1]
    assert (last.name, last.code) == ("target", "no-healthy-target")


def test_what_failed_is_made_again_and_what_is_on_its_way_is_waited_for() -> None:
    assert "make it again" in go(joined(status="CREATE_FAILED")).hops[-1].remedy
    assert "wait" in go(joined(status="CREATE_IN_PROGRESS")).hops[-1].remedy


def test_an_address_of_one_family_is_in_no_network_of_the_other() -> None:
    assert not admits(Ingress(cidrs=("10.0.0.0/8",)), 80, "fd00::1")
    assert admits(Ingress(cidrs=("10.0.0.0/8", "fd00::/8")), 80, "fd00::1")
    assert admits(Ingress(cidrs=("10.0.0.7/8",)), 80, "10.1.0.4")


def test_a_load_balancer_over_https_is_called_only_with_the_services_own_certificate() -> None:
    tls = replace(BALANCER.listeners[0], protocol="HTTPS", certificates=("arn:acm:1",))
    view = replace(group(protocol="HTTPS"), balancers=(replace(BALANCER, listeners=(tls,)),))
    last = go(view).hops[-1]
    assert (last.name, last.code) == ("load balancer", "certificate-mismatch")
    assert go(replace(view, services=(replace(SERVICE, certificate="arn:acm:1"),))).status == 200
    assert go(replace(view, balancers=(replace(BALANCER, listeners=(replace(tls, certificates=None),)),))).status == 200


def test_targets_that_could_not_be_read_leave_the_load_balancer_open() -> None:
    empty = replace(BALANCER, listeners=(BalancerListener(protocol="HTTP", port=8080),))
    walked = go(blind("targets of arn:alb", view=replace(VIEW, balancers=(empty,))))
    assert (walked.verdict, walked.hops[-1].name) == ("unknown", "load balancer")


def test_a_redirect_of_the_load_balancer_comes_back_to_the_client_with_where_it_leads() -> None:
    away = BalancerListener(protocol="HTTP", port=8080, fixed_status=301, leads="HTTPS:443")
    walked = go(balancer(listeners=(away,)))
    assert (walked.status, walked.stopped_at, walked.hops[-1].name) == (301, "", "load balancer")
    assert walked.hops[-1].because == "load balancer orders-alb answers 301 itself and sends the client to HTTPS:443"


def test_a_load_balancer_whose_weights_are_all_0_sends_to_nobody() -> None:
    walked = go(balancer(listeners=(BalancerListener(protocol="HTTP", port=8080, weightless=True),)))
    assert (walked.stopped_at, walked.hops[-1].code) == ("load balancer", "weights-zero")


def condition(field: str, *values: str, name: str = "") -> BalancerCondition:
    return BalancerCondition(field=field, values=values, name=name)


@pytest.mark.parametrize(
    ("conditions", "request_", "holds"),
    [
        ((condition("path-pattern", "/api/*"),), asks(path="/api/orders"), True),
        ((condition("path-pattern", "/api/*"),), asks(path="/apis"), False),
        ((condition("path-pattern", "/Api/*"),), asks(path="/api/orders"), False),
        ((condition("path-pattern", "/a?i", "/b"),), asks(path="/api"), True),
        ((condition("path-pattern", "/a.i"),), asks(path="/api"), False),
        ((condition("host-header", "ORDERS-*.on.aws"),), REQUEST, True),
        ((condition("host-header", "orders.example"),), REQUEST, False),
        ((condition("host-header", DOMAIN),), asks(host=f"{DOMAIN}."), True),
        ((condition("http-request-method", "GET", "HEAD"),), REQUEST, True),
        ((condition("http-request-method", "POST"),), REQUEST, False),
        ((condition("http-header", "r*", name="x-team"),), asks(headers=(("X-Team", "Red"),)), True),
        ((condition("http-header", "r*", name="x-team"),), REQUEST, False),
        ((condition("source-ip", "169.254.0.0/16"),), REQUEST, True),
        ((condition("source-ip", "10.0.0.0/8"),), REQUEST, False),
        ((condition("query-string", "*"),), REQUEST, False),
        ((condition("path-pattern", "/*"), condition("http-request-method", "POST")), REQUEST, False),
    ],
)
def test_a_load_balancers_rule_is_taken_where_all_its_conditions_hold(
    conditions: tuple[BalancerCondition, ...], request_: Request, holds: bool
) -> None:
    late = BalancerRule(priority=20, conditions=(condition("path-pattern", "*"),), fixed_status=404)
    rule = BalancerRule(priority=10, conditions=conditions, fixed_status=202)
    assert go(balancer(listeners=(replace(BALANCER.listeners[0], rules=(late, rule)),)), request_).status == (
        202 if holds else 404
    )
    assert go(balancer(listeners=(replace(BALANCER.listeners[0], rules=(rule,)),)), request_).status == (
        202 if holds else 200
    )


@pytest.mark.parametrize(
    ("admitted", "dualstack", "through"),
    [
        ("169.254.171.0/24", False, True),
        ("169.254.171.128/25", False, True),
        ("169.254.0.0/16", False, True),
        ("10.0.0.0/8", False, False),
        ("fd00:ec2:80::/64", False, False),
        ("fd00:ec2:80::/64", True, True),
    ],
)
def test_a_load_balancer_admits_lattice_by_an_address_that_it_can_be_called_from(
    admitted: str, dualstack: bool, through: bool
) -> None:
    group = SecurityGroup(id="sg-2", ingress=(Ingress(from_port=8080, to_port=8080, cidrs=(admitted,)),))
    view = replace(
        balancer(dualstack=dualstack),
        security_groups=(VIEW.security_groups[0], group),
        lattice_cidrs=(LATTICE, "fd00:ec2:80::/64"),
    )
    assert (go(view).status == 200) is through


# --- in words


def test_what_each_hop_says() -> None:
    tls = replace(LISTENER, name="https", protocol="HTTPS", port=443)
    certified = replace(BALANCER.listeners[0], protocol="HTTPS", certificates=("arn:acm:1",))
    ways: list[tuple[View, Request]] = [
        (VIEW, REQUEST),
        *((view, request_) for _, view, request_, *_ in [*STOPS, *GOES_ON]),
        *((view, REQUEST) for _, view in ENDS),
        (blind("svc-1"), REQUEST),
        (group(type="LAMBDA"), REQUEST),
        (joined(security_groups=()), REQUEST),
        (joined(status="CREATE_FAILED"), REQUEST),
        (replace(VIEW, region="eu-west-1"), asks(host="bills-0.7d67968.vpc-lattice-svcs.us-east-1.on.aws")),
        (
            replace(
                service(custom_domain="orders.example", listeners=(tls,)),
                aliases=(("orders.example", DOMAIN),),
                vpc_associations=(replace(ASSOCIATION, security_groups=()),),
            ),
            asks(host="orders.example", protocol="HTTPS", port=443),
        ),
        (service(listeners=(replace(LISTENER, default=Action(fixed_status=404)),)), REQUEST),
        (balancer(listeners=(BalancerListener(protocol="HTTP", port=8080, fixed_status=503),)), REQUEST),
        (balancer(listeners=(BalancerListener(protocol="HTTP", port=8080, weightless=True),)), REQUEST),
        (balancer(state="active_impaired"), REQUEST),
        (balancer(security_groups=()), REQUEST),
        (replace(group(protocol="HTTPS"), balancers=(replace(BALANCER, listeners=(certified,)),)), REQUEST),
        (
            balancer(listeners=(replace(BALANCER.listeners[0], health=(("i-1", "unhealthy (Target.Timeout)"),)),)),
            REQUEST,
        ),
        (replace(VIEW, instances=(replace(INSTANCE, serves=None),)), REQUEST),
        (group(type="IP", targets=(Target(id="10.2.0.5", port=80, status="UNHEALTHY"),)), REQUEST),
        (replace(service(auth_type="AWS_IAM"), networks=(replace(NETWORK, auth_type="AWS_IAM"),)), REQUEST),
        (replace(VIEW, hidden=(Hidden(zone="", why="shadowed", by="Z1"),)), REQUEST),
    ]
    traces = [go(view, request_) for view, request_ in ways]
    traces += [walked for walked, *_ in ENTERS]
    for status, ended in (("ISSUED", "2026-11-27"), ("EXPIRED", ""), ("FAILED", ""), ("REVOKED", "")):
        traces.append(shown(status, ended=ended))
        sealed = replace(SEALED, listeners=(replace(SEALED.listeners[0], certificates=("arn:acm",)),))
        traces.append(passes(sealed, Certificate(arn="arn:acm", names=("*.example",), status=status, ended=ended)))
    traces += [shown(names=("bills.example",)), passes(sealed, Certificate(arn="arn:acm", names=("bills.example",)))]
    traces.append(passes(BALANCER))
    traces += [walk(service(auth_type="AWS_IAM"), REQUEST, deny)]
    seen: dict[str, None] = {}
    for one in traces:
        for hop in one.hops:
            seen[" · ".join(filter(None, (hop.name, hop.verdict, hop.code, hop.because, hop.remedy)))] = None
    says("trace", seen)
