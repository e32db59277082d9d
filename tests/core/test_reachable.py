"""Whether a request gets through: what stops it is told with the remedy, what is unknown never is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.model import Certificate, Ingress
from onramp.core.reach import (
    BalancerFacts,
    Finding,
    LatticeRange,
    PrefixList,
    TargetHealth,
    VpcFacts,
    unreachable_client,
    unreachable_service,
    unsure_of_client,
    unsure_of_service,
    warnings,
)

from tests.core.saying import says

V4 = PrefixList(
    id="pl-4", name="com.amazonaws.ap-northeast-1.vpc-lattice", cidrs=("169.254.171.0/24", "129.224.0.0/17")
)
V6 = PrefixList(id="pl-6", name="com.amazonaws.ap-northeast-1.ipv6.vpc-lattice", cidrs=("fd00:ec2:80::/64",))
LATTICE = LatticeRange(lists=(V4, V6))
OWN = "arn:aws:acm:ap-northeast-1:222222222222:certificate/12345678-1234-1234-1234-123456789012"
HEALTHY = TargetHealth(state="healthy", count=2)


def rule(source: str, first: int = 80, last: int = 80, protocol: str = "tcp") -> Ingress:
    return Ingress(source=source, from_port=first, to_port=last, protocol=protocol)


def admitting(*rules: Ingress) -> dict[str, Any]:
    return {"admits": frozenset(rules)}


GOOD = BalancerFacts(
    arn="arn:alb",
    protocol="HTTP",
    port=80,
    listens="HTTP",
    action="forward",
    weightless=False,
    rules_forward=False,
    targets=(HEALTHY,),
    certificates=frozenset(),
    security_groups=("sg-1",),
    admits=frozenset({rule("pl-4")}),
    dualstack=False,
)
TLS = replace(GOOD, protocol="HTTPS", port=443, listens="HTTPS", admits=frozenset({rule("pl-4", 443, 443)}))
API = "api.shop.example.jp"
PASSED = replace(TLS, protocol="TCP", host=API, refused=())
WEB = Certificate(arn="arn:web", names=("web.shop.example.jp",))
ENDED = Certificate(arn="arn:api", names=("*.shop.example.jp",), not_after=1.0, ends="2026-11-27")
UNHEALTHY = TargetHealth(state="unhealthy", reason="Target.Timeout")
MISMATCHED = TargetHealth(state="unhealthy", reason="Target.ResponseCodeMismatch")
INITIAL = TargetHealth(state="initial", reason="Elb.InitialHealthChecking")
STOPPED = TargetHealth(state="unused", reason="Target.InvalidState")


def look(balancer: BalancerFacts, lattice: LatticeRange | None = LATTICE, **given_: Any) -> Finding | None:
    return unreachable_service(balancer, lattice, **{"certificate": "", **given_})


def but(**changed: Any) -> BalancerFacts:
    return replace(GOOD, **changed)


ANSWERS: list[tuple[str, BalancerFacts, str]] = [
    ("nothing listens on the port", but(listens=""), "listener-missing"),
    ("the listener speaks another protocol", but(listens="HTTPS"), "listener-protocol"),
    ("only the VPC is admitted", but(**admitting(rule("10.0.0.0/8"))), "security-group"),
    ("Lattice is admitted to another port", but(**admitting(rule("pl-4", 443, 443))), "security-group"),
    ("Lattice is admitted by UDP", but(**admitting(rule("pl-4", 80, 80, "udp"))), "security-group"),
    ("only a security group is admitted", but(**admitting(rule("sg-9"))), "security-group"),
    ("nobody is admitted", but(**admitting()), "security-group"),
    ("only IPv6 is admitted, by which nobody can call", but(**admitting(rule("pl-6"))), "security-group"),
    ("all of IPv6 is admitted, by which nobody can call", but(**admitting(rule("::/0"))), "security-group"),
    ("the default action redirects", but(action="redirect", leads="HTTPS:443", targets=()), "listener-redirects"),
    ("the default action answers 404", but(action="fixed-response", status=404, targets=()), "listener-answers-itself"),
    ("the default action answers 503", but(action="fixed-response", status=503, targets=()), "listener-answers-itself"),
    ("every weight is 0", but(weightless=True, targets=()), "weights-zero"),
    ("no target is registered", but(targets=()), "no-healthy-target"),
    ("every target times out", but(targets=(UNHEALTHY,)), "no-healthy-target"),
    ("every target is stopped, or leaves", but(targets=(STOPPED, TargetHealth(state="draining"))), "no-healthy-target"),
    ("the first health check is not done", but(targets=(INITIAL,)), "no-healthy-target"),
    ("what rules send on to is down too", but(rules_forward=True, targets=(UNHEALTHY,)), "no-healthy-target"),
    ("the certificate is the team's own", replace(TLS, certificates=frozenset({OWN})), "certificate-mismatch"),
    ("what passes through is shown another name", replace(PASSED, refused=(WEB,)), "certificate-refused"),
    ("what passes through is shown what has ended", replace(PASSED, refused=(WEB, ENDED)), "certificate-refused"),
    ("what passes through meets no TLS", replace(PASSED, listens="HTTP"), "listener-protocol"),
]


@pytest.mark.parametrize(("facts", "code"), [answer[1:] for answer in ANSWERS], ids=[answer[0] for answer in ANSWERS])
def test_what_stops_every_request_is_told(facts: BalancerFacts, code: str) -> None:
    found = look(facts)
    assert found is not None
    assert found.code == code


FINE: list[tuple[str, BalancerFacts]] = [
    ("all is well", GOOD),
    ("every address is admitted", but(**admitting(rule("0.0.0.0/0", 0, 65535)))),
    ("every protocol is admitted", but(**admitting(rule("pl-4", -1, -1, "-1")))),
    ("a range of ports holds the port", but(**admitting(rule("pl-4", 1, 1024, "6")))),
    ("Lattice's addresses are admitted as such", but(**admitting(rule("169.254.171.0/24")))),
    ("a part of Lattice's addresses is admitted", but(**admitting(rule("169.254.171.128/25")))),
    ("more than Lattice's addresses is admitted", but(**admitting(rule("169.254.0.0/16")))),
    ("Lattice is admitted by IPv6, by which it can call", but(dualstack=True, **admitting(rule("pl-6")))),
    ("one target of several is healthy", but(targets=(UNHEALTHY, HEALTHY))),
    ("a target is not checked", but(targets=(TargetHealth(state="unavailable"),))),
    ("a target answers its check with another code", but(targets=(MISMATCHED,))),
    ("a target is in a state that nobody knows", but(targets=(TargetHealth(state="resting"),))),
    ("the default action answers 200", but(action="fixed-response", status=200, targets=())),
    ("rules forward beside a 404", but(action="fixed-response", status=404, rules_forward=True)),
    ("rules forward beside a redirect", but(action="redirect", rules_forward=True)),
    ("rules forward beside an empty target group", but(rules_forward=True, targets=(HEALTHY,))),
    ("a TCP target group does not mind the certificate", replace(TLS, protocol="TCP", certificates=frozenset({OWN}))),
    ("what passes through is shown what a client takes", PASSED),
]


@pytest.mark.parametrize("facts", [fine[1] for fine in FINE], ids=[fine[0] for fine in FINE])
def test_nothing_is_told_where_a_request_gets_through(facts: BalancerFacts) -> None:
    assert look(facts) is None


@pytest.mark.parametrize(
    ("of_service", "of_listener", "told"),
    [
        (OWN, {OWN}, False),
        (OWN, {"arn:other", OWN}, False),
        (OWN, {"arn:other"}, True),
        ("", {OWN}, True),
        (None, {OWN}, False),
        (OWN, None, False),
    ],
)
def test_an_https_listener_works_with_the_certificate_of_the_service_alone(
    of_service: str | None, of_listener: set[str] | None, told: bool
) -> None:
    facts = replace(TLS, certificates=None if of_listener is None else frozenset(of_listener))
    found = look(facts, certificate=of_service)
    assert (found.code if found else "") == ("certificate-mismatch" if told else "")


@pytest.mark.parametrize(
    ("weights", "told"), [((0, 0), True), ((0,), True), ((0, 1), False), ((), False), (None, False)]
)
def test_weights_of_the_service_that_add_up_to_nothing_stop_all(weights: tuple[int, ...] | None, told: bool) -> None:
    found = look(GOOD, weights=weights)
    assert (found.code if found else "") == ("weights-zero" if told else "")


UNREAD: dict[str, Any] = {
    "listens": None,
    "action": None,
    "weightless": None,
    "rules_forward": None,
    "targets": None,
    "certificates": None,
    "refused": None,
    "admits": None,
    "dualstack": None,
}


@pytest.mark.parametrize("facts", [answer[1] for answer in ANSWERS], ids=[answer[0] for answer in ANSWERS])
def test_nothing_is_told_when_nothing_could_be_read(facts: BalancerFacts) -> None:
    assert look(replace(facts, **UNREAD)) is None


@pytest.mark.parametrize(
    ("facts", "lattice"),
    [
        (but(**admitting(rule("10.0.0.0/8"))), None),
        (but(**admitting(rule("10.0.0.0/8"))), LatticeRange()),
        (but(**admitting(rule("10.0.0.0/8"))), LatticeRange(lists=(replace(V4, cidrs=None),))),
        (but(**admitting(rule("pl-team"))), LATTICE),
        (but(dualstack=None, **admitting(rule("pl-6"))), LATTICE),
        (but(action="redirect", rules_forward=None), LATTICE),
        (but(targets=(UNHEALTHY,), rules_forward=None), LATTICE),
    ],
)
def test_what_depends_on_something_unread_is_not_told(facts: BalancerFacts, lattice: LatticeRange | None) -> None:
    assert look(facts, lattice) is None


@pytest.mark.parametrize(("facts", "code"), [answer[1:] for answer in ANSWERS], ids=[answer[0] for answer in ANSWERS])
def test_a_look_that_could_not_read_what_was_found_cannot_rule_it_out(facts: BalancerFacts, code: str) -> None:
    assert code in unsure_of_service(replace(facts, **UNREAD), LATTICE, "")
    assert code not in unsure_of_service(facts, LATTICE, "")


@pytest.mark.parametrize(
    ("facts", "lattice", "certificate", "codes"),
    [
        (GOOD, LATTICE, "", set()),
        (TLS, LATTICE, OWN, set()),
        (but(rules_forward=None), LATTICE, "", set()),
        (but(listens=None), LATTICE, "", {"listener-missing", "listener-protocol", "no-healthy-target"}),
        (but(admits=None), LATTICE, "", {"security-group"}),
        (GOOD, None, "", {"security-group"}),
        (but(**admitting(rule("pl-team"))), LATTICE, "", {"security-group"}),
        (TLS, LATTICE, None, {"certificate-mismatch"}),
        (replace(TLS, certificates=None), LATTICE, OWN, {"certificate-mismatch"}),
        (but(certificates=None), LATTICE, None, set()),
        (replace(PASSED, refused=None), LATTICE, "", {"certificate-refused"}),
        (but(refused=None), LATTICE, "", set()),
        (but(targets=None), LATTICE, "", {"no-healthy-target"}),
        (but(targets=(UNHEALTHY,), rules_forward=None), LATTICE, "", {"no-healthy-target"}),
        (but(action="redirect", rules_forward=True), LATTICE, "", set()),
        (but(weightless=True, rules_forward=True), LATTICE, "", set()),
    ],
)
def test_a_look_is_unsure_of_what_it_could_not_read_alone(
    facts: BalancerFacts, lattice: LatticeRange | None, certificate: str | None, codes: set[str]
) -> None:
    ends = {"listener-redirects", "listener-answers-itself", "weights-zero"}
    found = unsure_of_service(facts, lattice, certificate)
    assert found - ends == codes
    assert found & ends == (ends if facts.listens is None else set())


@pytest.mark.parametrize(
    "facts", [but(action="redirect", rules_forward=None), but(weightless=True, rules_forward=None)]
)
def test_what_a_listener_does_is_unsure_where_its_rules_were_not_read(facts: BalancerFacts) -> None:
    assert unsure_of_service(facts, LATTICE, "") == {"listener-redirects", "listener-answers-itself", "weights-zero"}


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (VpcFacts(id="vpc-1", dns_support=True, dns_hostnames=True), set()),
        (VpcFacts(id="vpc-1", dns_support=None, dns_hostnames=True), {"vpc-dns-off"}),
        (VpcFacts(id="vpc-1", dns_support=True, dns_hostnames=None), {"vpc-dns-off"}),
        (VpcFacts(id="vpc-1", dns_support=True, dns_hostnames=True, security_groups=("sg-1",)), {"security-group"}),
        (
            VpcFacts(
                id="vpc-1", dns_support=True, dns_hostnames=True, security_groups=("sg-1",), admits=frozenset[Ingress]()
            ),
            set(),
        ),
    ],
)
def test_a_look_at_a_client_is_unsure_of_what_it_could_not_read(facts: VpcFacts, codes: set[str]) -> None:
    assert unsure_of_client(facts) == codes


def test_what_is_left_out_of_lattices_range_is_looked_for_in_each_list() -> None:
    partly = but(dualstack=True, **admitting(rule("169.254.171.0/24")))
    assert [one.code for one in warnings(partly, LatticeRange(lists=(V6, V4)))] == ["security-group"]


def test_every_address_is_every_address_even_when_lattices_own_could_not_be_read() -> None:
    unread = LatticeRange(lists=(replace(V4, cidrs=None),))
    assert look(but(**admitting(rule("0.0.0.0/0"))), unread) is None
    assert look(but(**admitting(rule("sg-9"))), unread) == look(but(**admitting(rule("sg-9"))))


def test_the_first_thing_that_stops_a_request_is_told() -> None:
    """Each is put right in turn, and the next one comes up."""
    worst = replace(
        TLS, listens="", admits=frozenset(), certificates=frozenset({OWN}), action="redirect", targets=(UNHEALTHY,)
    )
    cures: list[tuple[str, dict[str, Any]]] = [
        ("weights-zero", {}),
        ("listener-missing", {}),
        ("security-group", {"listens": "HTTPS"}),
        ("certificate-mismatch", {"admits": TLS.admits}),
        ("listener-redirects", {"certificates": frozenset({OWN})}),
        ("no-healthy-target", {"action": "forward"}),
        ("", {"targets": (HEALTHY,)}),
    ]
    facts = worst
    for number, (code, cure) in enumerate(cures):
        facts = replace(facts, **cure)
        found = look(facts, weights=(100,) if number else (0,), certificate=OWN if number > 3 else "")
        assert (found.code if found else "") == code


def test_a_first_health_check_passes_by_itself_and_a_dead_target_does_not() -> None:
    found = [look(but(targets=targets)) for targets in ((INITIAL,), (INITIAL, UNHEALTHY), (UNHEALTHY,))]
    assert [one is not None and one.settling for one in found] == [True, True, False]


def test_a_listener_is_called_by_what_it_speaks() -> None:
    found = look(but(listens="HTTPS"))
    assert found is not None
    assert found.message.startswith("set lattice:target to HTTPS:80: ")


@pytest.mark.parametrize(
    ("refused", "why"),
    [((WEB,), "none that it shows is for that name"), ((WEB, ENDED), "the one that it shows has ended on 2026-11-27")],
)
def test_who_passes_tls_through_is_told_what_the_listener_lacks(refused: tuple[Certificate, ...], why: str) -> None:
    found = look(replace(PASSED, refused=refused))
    assert found is not None
    assert found.message == f"give listener HTTPS:443 a certificate for {API}: {why}"
    plain = look(replace(PASSED, listens="HTTP"), prefix="team:")
    assert plain is not None
    assert plain.message.startswith("name an HTTPS listener in team:target: HTTP:443 speaks no TLS")


def test_the_message_says_what_to_do_before_what_is_wrong() -> None:
    found = look(but(**admitting(rule("10.0.0.0/8"))))
    assert found is not None
    assert found.message == (
        "admit prefix list pl-4 com.amazonaws.ap-northeast-1.vpc-lattice on TCP port 80 in sg-1:"
        " no security group of this load balancer lets Lattice in"
    )
    elsewhere = look(but(listens=""), prefix="team:")
    assert elsewhere is not None
    assert elsewhere.message == (
        "add a listener HTTP:80 or name one that is there in team:target: nothing listens on port 80"
    )


@pytest.mark.parametrize(
    ("support", "hostnames", "named"),
    [
        (False, True, "enableDnsSupport in vpc-1"),
        (True, False, "enableDnsHostnames in vpc-1"),
        (False, False, "enableDnsSupport and enableDnsHostnames in vpc-1"),
        (None, False, "enableDnsHostnames in vpc-1"),
        (True, True, ""),
        (None, None, ""),
        (True, None, ""),
    ],
)
def test_a_client_needs_both_dns_attributes(support: bool | None, hostnames: bool | None, named: str) -> None:
    found = unreachable_client(VpcFacts(id="vpc-1", dns_support=support, dns_hostnames=hostnames))
    assert (found.code if found else "") == ("vpc-dns-off" if named else "")
    assert named in (found.message if found else "")


@pytest.mark.parametrize(
    ("admits", "told"),
    [
        ([rule("172.16.0.0/12"), rule("2001:db8::/32")], True),
        ([rule("172.16.0.0/12"), rule("10.1.0.0/16", protocol="icmp")], True),
        ([rule("172.16.0.0/12"), rule("10.1.33.54/32")], False),
        ([rule("10.0.0.0/8")], False),
        ([rule("fd00::/8")], False),
        ([rule("172.16.0.0/12"), rule("pl-0123abcd")], False),
        ([rule("sg-0123abcd")], False),
    ],
)
def test_a_client_whose_security_group_admits_addresses_elsewhere_alone_cannot_call(
    admits: list[Ingress], told: bool
) -> None:
    facts = VpcFacts(
        id="vpc-1", dns_support=True, dns_hostnames=True, security_groups=("sg-1",), admits=frozenset(admits)
    )
    for key, where in (("team:allow-from", "by team:allow-from"), ("", "in sg-1")):
        found = unreachable_client(facts, ("10.1.32.0/20", "fd00:1::/56"), key)
        assert (found.message if found else "") == (
            f"admit callers of this VPC {where}: no address that is admitted now is in 10.1.32.0/20 fd00:1::/56"
            if told
            else ""
        )
    assert unreachable_client(facts) is None, "whose ranges are not known"


@pytest.mark.parametrize(
    ("groups", "admits", "told"),
    [
        (("sg-1",), frozenset[Ingress](), True),
        (("sg-1",), frozenset({rule("10.0.0.0/8", protocol="icmp")}), True),
        (("sg-1",), frozenset({rule("sg-1", -1, -1, "-1")}), False),
        (("sg-1",), None, False),
        ((), frozenset[Ingress](), False),
    ],
)
def test_a_client_whose_security_groups_let_nobody_in_cannot_call(
    groups: tuple[str, ...], admits: frozenset[Ingress] | None, told: bool
) -> None:
    found = unreachable_client(
        VpcFacts(id="vpc-1", dns_support=True, dns_hostnames=True, security_groups=groups, admits=admits)
    )
    assert (found.code if found else "") == ("security-group" if told else "")
    assert found is None or found.message.startswith("admit the callers in sg-1: ")


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (GOOD, []),
        (but(**admitting(rule("169.254.171.0/24"))), ["security-group"]),
        (but(**admitting(rule("169.254.171.0/24"), rule("129.224.0.0/16"))), []),
        (but(**admitting(rule("169.254.171.0/24"), rule("pl-team"))), []),
        (but(action="fixed-response", status=404, rules_forward=True), ["listener-answers-itself"]),
        (but(targets=(MISMATCHED,)), ["no-healthy-target"]),
        (but(targets=(UNHEALTHY,)), []),
    ],
)
def test_what_lets_only_some_requests_through_is_a_warning(facts: BalancerFacts, codes: list[str]) -> None:
    assert [found.code for found in warnings(facts, LATTICE)] == codes


# --- for all facts whatever

LONG = LatticeRange(
    lists=tuple(
        replace(one, id="pl-0123456789abcdef0", name=one.name.replace("north", "southnorth")) for one in LATTICE.lists
    )
)
SOURCES = ("10.0.0.0/8", "0.0.0.0/0", "169.254.171.0/25", "sg-9", "pl-0123456789abcdef0", "pl-team", "::/0")
RULES = st.builds(
    Ingress,
    source=st.sampled_from(SOURCES),
    from_port=st.sampled_from((-1, 80, 65535)),
    to_port=st.sampled_from((-1, 443, 65535)),
    protocol=st.sampled_from(("tcp", "-1", "udp")),
)
HEALTH = st.builds(
    TargetHealth,
    state=st.sampled_from(
        ("healthy", "unhealthy", "unused", "draining", "initial", "unavailable", "unhealthy.draining")
    ),
    reason=st.sampled_from(("", "Target.ResponseCodeMismatch", "Target.DeregistrationInProgress")),
    count=st.integers(1, 1000),
)
FACTS = st.builds(
    BalancerFacts,
    arn=st.just("arn:alb"),
    protocol=st.sampled_from(("HTTP", "HTTPS", "TCP")),
    port=st.sampled_from((80, 443, 65535)),
    listens=st.sampled_from((None, "", "HTTP", "HTTPS")),
    action=st.sampled_from((None, "forward", "redirect", "fixed-response")),
    status=st.sampled_from((0, 200, 404, 503)),
    leads=st.sampled_from(("", "HTTPS:443", "HTTPS:" + "long-host.example," * 20)),
    weightless=st.sampled_from((None, False, True)),
    rules_forward=st.sampled_from((None, False, True)),
    targets=st.none() | st.lists(HEALTH, max_size=5).map(tuple),
    certificates=st.none() | st.frozensets(st.sampled_from((OWN, "arn:other"))),
    security_groups=st.just(tuple(f"sg-0123456789abcdef{number}" for number in range(5))),
    admits=st.none() | st.frozensets(RULES, max_size=4),
    dualstack=st.sampled_from((None, False, True)),
)
CERTIFICATES = st.sampled_from((None, "", OWN))
PREFIXES = st.sampled_from(("lattice:", "abcdefghijklmnopqrstuvwxyz1234:"))


@given(FACTS, CERTIFICATES, PREFIXES, st.sampled_from((None, (0, 0), (100,))))
def test_what_is_told_fits_a_tag_as_it_is(
    facts: BalancerFacts, certificate: str | None, prefix: str, weights: tuple[int, ...] | None
) -> None:
    found = unreachable_service(facts, LONG, certificate=certificate, weights=weights, prefix=prefix)
    for one in (found, *warnings(facts, LONG)):
        if one is not None:
            said = f"{one.code}: {one.message}"
            assert tags.answer(said) == said


@given(FACTS, CERTIFICATES, st.sampled_from(sorted(UNREAD)))
def test_a_fact_that_could_not_be_read_never_makes_anything_unreachable(
    facts: BalancerFacts, certificate: str | None, unread: str
) -> None:
    if look(facts, LONG, certificate=certificate) is None:
        assert look(replace(facts, **{unread: None}), LONG, certificate=certificate) is None
        assert look(facts, None, certificate=certificate) is None
        assert look(facts, LONG, certificate=None) is None


def test_what_is_said_of_what_keeps_requests_out_and_of_what_may() -> None:
    lines: list[str] = []
    for title, facts in [*((title, facts) for title, facts, _ in ANSWERS), *FINE]:
        found = look(facts)
        lines += [title, f"  {found.code}: {found.message}" if found else "  gets through"]
        lines += [f"  warning: {one.code}: {one.message}" for one in warnings(facts, LATTICE)]
    many = (UNHEALTHY, STOPPED, replace(STOPPED, state="draining", count=3), replace(UNHEALTHY, reason="", count=2))
    for targets in (many, many[:3], many[3:]):
        none_healthy = look(but(targets=targets))
        lines += [f"{len(targets)} kinds of targets", f"  {none_healthy.message if none_healthy else 'gets through'}"]
    for of_service, of_listener in ((OWN, {"arn:other"}), ("", {OWN}), (OWN, set[str]())):
        told = look(replace(TLS, certificates=frozenset(of_listener)), certificate=of_service)
        lines += [f"the service has {of_service or 'none'}, the listener {' '.join(of_listener) or 'none'}"]
        lines += [f"  {told.code}: {told.message}" if told else "  gets through"]
    for weights in ([0], [0, 1]):
        weightless = look(GOOD, weights=weights)
        lines += [
            f"weights {weights}",
            f"  {weightless.code}: {weightless.message}" if weightless else "  gets through",
        ]
    for support, hostnames, admits in (
        (True, True, frozenset({rule("10.0.0.0/8")})),
        (False, True, None),
        (True, False, None),
        (True, True, frozenset()),
        (None, None, None),
    ):
        vpc = VpcFacts(
            id="vpc-1", dns_support=support, dns_hostnames=hostnames, security_groups=("sg-1",), admits=admits
        )
        met = unreachable_client(vpc)
        lines += [f"DNS {support} {hostnames}, admits {sorted(admits) if admits is not None else admits}"]
        lines += [f"  {met.code}: {met.message}" if met else "  gets through"]
    says("reach", lines)


def test_where_tls_passes_through_an_https_listener_is_missing() -> None:
    found = look(but(protocol="TCP", listens=""))
    assert found is not None
    assert found.message.startswith("add a listener HTTPS:80")
