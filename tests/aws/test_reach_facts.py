"""What decides whether requests get through, as AWS's answers spell it: each answer, and how few are asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.reach import Reach
from onramp.core.errors import NotYet
from onramp.core.model import Ingress
from onramp.core.reach import Asked, BalancerFacts, LatticeRange, PrefixList, TargetHealth

from tests.aws.canned import Answer, Canned, Given, error

TEAM, REGION = "222222222222", "ap-northeast-1"
ELB = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:"
DENIED = error("AccessDenied", 403)
NAMES = [f"com.amazonaws.{REGION}{family}.vpc-lattice" for family in ("", ".ipv6")]


def balancer(number: int = 1) -> str:
    return f"{ELB}loadbalancer/app/orders/{number}"


def items(*those: Given, key: str) -> Given:
    return {key: list(those)}


def group(name: str, *rules: Given) -> Given:
    return {"GroupId": name, "IpPermissions": list(rules)}


def rule(first: int | None = None, last: int | None = None, **sources: list[Given]) -> Given:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": "tcp" if ports else "-1", **ports, **sources}


LISTENER: Given = {
    "ListenerArn": "the listener",
    "Protocol": "HTTP",
    "Port": 80,
    "DefaultActions": [{"Type": "forward", "TargetGroupArn": "web"}],
}
HEALTHY, SICK = {"State": "healthy"}, {"State": "unhealthy", "Reason": "Target.Timeout"}
TO_LATTICE = rule(80, 80, PrefixListIds=[{"PrefixListId": "pl-4"}])


class Member(Canned):
    """Of one region."""

    region = REGION

    def client(self, service: str) -> Any:
        client = super().client(service)
        client.meta = type("Meta", (), {"region_name": self.region})
        return client


def member(*permissions: Given, health: dict[str, list[Given]] | None = None, **answers: Answer) -> Member:
    healths = {"web": [HEALTHY], **(health or {})}
    whole: dict[str, Answer] = {
        "describe_managed_prefix_lists": items(
            {"PrefixListId": "pl-6", "PrefixListName": NAMES[1]},
            {"PrefixListId": "pl-4", "PrefixListName": NAMES[0]},
            key="PrefixLists",
        ),
        "get_managed_prefix_list_entries": lambda given: items(
            {"Cidr": {"pl-4": "169.254.171.0/24", "pl-6": "fd00::/56"}.get(given["PrefixListId"], "10.7.0.0/16")},
            key="Entries",
        ),
        "describe_load_balancers": lambda given: items(
            *(
                {"LoadBalancerArn": one, "SecurityGroups": ["sg-1", "sg-2"], "IpAddressType": "ipv4"}
                for one in given["LoadBalancerArns"]
            ),
            key="LoadBalancers",
        ),
        "describe_listeners": items(LISTENER, key="Listeners"),
        "describe_security_groups": items(
            group("sg-1", *permissions), group("sg-2", *([] if permissions else [TO_LATTICE])), key="SecurityGroups"
        ),
        "describe_target_health": lambda given: {
            "TargetHealthDescriptions": [{"TargetHealth": one} for one in healths[given["TargetGroupArn"]]]
        },
    }
    return Member(TEAM, **{**whole, **answers})


ASKED = Asked(load_balancer=balancer(), protocol="HTTP", port=80)
FACTS = BalancerFacts(
    arn=balancer(),
    protocol="HTTP",
    port=80,
    listens="HTTP",
    action="forward",
    weightless=False,
    targets=(TargetHealth(state="healthy"),),
    certificates=frozenset(),
    refused=(),
    security_groups=("sg-1", "sg-2"),
    admits=frozenset({Ingress(source="pl-4", from_port=80, to_port=80)}),
    dualstack=False,
)


def look(account: Canned, asked: Asked = ASKED) -> BalancerFacts:
    return Reach().balancers(account, [asked, asked])[asked]


def methods(account: Canned) -> list[str]:
    return [method for method, _ in account.calls]


def test_a_load_balancer_is_known_by_five_calls() -> None:
    account = member()
    assert look(account) == FACTS
    assert account.calls == [
        ("describe_managed_prefix_lists", {"Filters": [{"Name": "prefix-list-name", "Values": NAMES}]}),
        ("describe_load_balancers", {"LoadBalancerArns": [balancer()]}),
        ("describe_security_groups", {"Filters": [{"Name": "group-id", "Values": ["sg-1", "sg-2"]}]}),
        ("describe_listeners", {"LoadBalancerArn": balancer()}),
        ("describe_target_health", {"TargetGroupArn": "web"}),
    ]


def test_many_are_asked_about_by_twenty_and_their_groups_by_two_hundred() -> None:
    def described(given: Given) -> Given:
        return items(
            *(
                {"LoadBalancerArn": one, "SecurityGroups": [f"sg-{one.rpartition('/')[2]}{n}" for n in range(9)]}
                for one in given["LoadBalancerArns"]
            ),
            key="LoadBalancers",
        )

    account = member(describe_load_balancers=described, describe_security_groups=items(key="SecurityGroups"))
    asked = [Asked(load_balancer=balancer(number), protocol="HTTP", port=80) for number in range(10, 35)]
    found = Reach().balancers(account, asked)
    assert [facts.admits for facts in found.values()] == [None] * 25
    arns = [given["LoadBalancerArns"] for method, given in account.calls if method == "describe_load_balancers"]
    assert [len(some) for some in arns] == [20, 5]
    assert [arn for some in arns for arn in some] == [one.load_balancer for one in asked]
    groups = [given["Filters"] for method, given in account.calls if method == "describe_security_groups"]
    assert [len(one["Values"]) for [one] in groups] == [200, 25]


# --- who is let in


@pytest.mark.parametrize(
    ("permission", "admits"),
    [
        (
            rule(80, 90, IpRanges=[{"CidrIp": "10.0.0.0/8"}], Ipv6Ranges=[{"CidrIpv6": "fd00::/8"}]),
            {
                Ingress(source="10.0.0.0/8", from_port=80, to_port=90),
                Ingress(source="fd00::/8", from_port=80, to_port=90),
            },
        ),
        (
            rule(UserIdGroupPairs=[{"GroupId": "sg-9"}]),
            {Ingress(source="sg-9", from_port=-1, to_port=-1, protocol="-1")},
        ),
        (
            rule(80, 80, PrefixListIds=[{"PrefixListId": "pl-6"}, {"PrefixListId": "pl-7"}]),
            {Ingress(source="pl-6", from_port=80, to_port=80), Ingress(source="10.7.0.0/16", from_port=80, to_port=80)},
        ),
    ],
)
def test_each_kind_of_rule_is_read(permission: Given, admits: set[Ingress]) -> None:
    assert look(member(permission)).admits == frozenset(admits)


def test_a_group_that_is_not_told_may_let_anybody_in() -> None:
    other = items(group("sg-1", TO_LATTICE), key="SecurityGroups")
    assert look(member(describe_security_groups=other)).admits is None
    bare = items({"LoadBalancerArn": balancer()}, key="LoadBalancers")
    facts = look(member(describe_load_balancers=bare))
    assert (facts.security_groups, facts.admits, facts.dualstack) == ((), None, None)


@pytest.mark.parametrize(
    ("kind", "dualstack"), [("ipv4", False), ("dualstack", True), ("dualstack-without-public-ipv4", True)]
)
def test_who_has_addresses_of_both_families(kind: str, dualstack: bool) -> None:
    item = {"LoadBalancerArn": balancer(), "SecurityGroups": [], "IpAddressType": kind}
    assert look(member(describe_load_balancers=items(item, key="LoadBalancers"))).dualstack is dualstack


def test_lattices_addresses_are_asked_for_only_where_a_rule_speaks_of_addresses() -> None:
    whole = LatticeRange(
        lists=(
            PrefixList(id="pl-4", name=NAMES[0], cidrs=("169.254.171.0/24",)),
            PrefixList(id="pl-6", name=NAMES[1], cidrs=("fd00::/56",)),
        )
    )
    named = LatticeRange(lists=tuple(replace(one, cidrs=None) for one in whole.lists))

    def admitting(*rules: Ingress, dualstack: bool | None = False) -> BalancerFacts:
        return replace(FACTS, admits=frozenset(rules), dualstack=dualstack)

    by_id = Ingress(source="pl-4", from_port=80, to_port=80)
    by_address = Ingress(source="169.254.171.0/24", from_port=80, to_port=80)
    for facts, found in (
        ([], named),
        ([replace(FACTS, admits=None)], named),
        ([admitting(by_id)], named),
        ([admitting(replace(by_id, from_port=1, to_port=80))], named),
        ([admitting(replace(by_id, from_port=-1, to_port=-1))], named),
        ([admitting(replace(by_id, source="0.0.0.0/0"))], named),
        ([admitting(replace(by_id, source="pl-6"), dualstack=True)], named),
        ([admitting(replace(by_id, source="pl-6"), dualstack=None)], named),
        ([admitting(replace(by_id, source="pl-6"))], whole),
        ([admitting(replace(by_id, from_port=81, to_port=99))], whole),
        ([admitting(by_address)], whole),
        ([admitting(by_id), admitting(by_address)], whole),
        (None, whole),
    ):
        assert Reach().lattice(member(), facts) == found, facts


def test_what_never_changes_is_asked_for_once_a_region() -> None:
    reach, account = Reach(), member()
    for facts in ([], [replace(FACTS, admits=frozenset())], None, []):
        assert reach.lattice(account, facts) is not None
    assert methods(account) == ["describe_managed_prefix_lists", *["get_managed_prefix_list_entries"] * 2]
    elsewhere = member()
    elsewhere.region = "eu-west-1"
    elsewhere.answers["describe_managed_prefix_lists"] = items(key="PrefixLists")
    assert reach.lattice(elsewhere, None) == LatticeRange(lists=())
    denied = member(get_managed_prefix_list_entries=DENIED)
    other = Reach()
    assert other.lattice(denied, None) == LatticeRange(
        lists=(PrefixList(id="pl-4", name=NAMES[0]), PrefixList(id="pl-6", name=NAMES[1]))
    )
    assert other.lattice(account, None) == reach.lattice(account, None)  # asked for again, where it was not told


# --- what the listener does


def acting(*actions: Given, rules: list[Given] | None = None, health: dict[str, list[Given]] | None = None) -> Member:
    listens = {**LISTENER, "DefaultActions": list(actions)}
    return member(
        health=health,
        describe_listeners=items({**LISTENER, "Port": 81}, listens, key="Listeners"),
        describe_rules=items(
            {"IsDefault": True, "Actions": [{"Type": "forward", "TargetGroupArn": "default"}]},
            *({"IsDefault": False, "Actions": [one]} for one in rules or []),
            key="Rules",
        ),
    )


def to(*groups: str, weights: tuple[int, ...] = ()) -> Given:
    if len(groups) == 1 and not weights:
        return {"Type": "forward", "TargetGroupArn": groups[0]}
    shares = [
        {"TargetGroupArn": one, **({"Weight": weights[number]} if weights else {})} for number, one in enumerate(groups)
    ]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}


UP, DOWN = TargetHealth(state="healthy"), TargetHealth(state="unhealthy", reason="Target.Timeout")


@pytest.mark.parametrize(
    ("account", "facts"),
    [
        (acting(to("web")), {}),
        (acting({"Type": "authenticate-oidc", "Order": 1}, {**to("web"), "Order": 2}), {}),
        (acting({**to("web"), "Order": 2}, {"Type": "authenticate-oidc", "Order": 1}), {}),
        (acting(to("web", "idle"), health={"idle": [SICK, SICK]}), {"targets": (UP, replace(DOWN, count=2))}),
        (acting(to("web", "idle", weights=(1, 0))), {}),
        (
            acting(to("web", "idle", weights=(0, 0))),
            {"weightless": True, "targets": (), "rules_forward": False},
        ),
        (
            acting({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}),
            {"action": "fixed-response", "status": 404, "targets": (), "rules_forward": False},
        ),
        (
            acting({"Type": "redirect", "RedirectConfig": {"Host": "b.example", "Port": "#{port}"}}),
            {"action": "redirect", "leads": "b.example", "targets": (), "rules_forward": False},
        ),
        (
            acting({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Host": "#{host}", "Port": "443"}}),
            {"action": "redirect", "leads": "HTTPS:443", "targets": (), "rules_forward": False},
        ),
        (acting({"Type": "of tomorrow"}), {"action": None, "targets": (), "rules_forward": False}),
        (acting(), {"action": None, "targets": (), "rules_forward": False}),
        (
            acting(to("idle"), rules=[to("web"), to("web", "more")], health={"idle": [SICK], "more": [SICK, HEALTHY]}),
            {"rules_forward": True, "targets": (DOWN, UP, DOWN, UP)},
        ),
        (acting(to("idle"), health={"idle": []}), {"rules_forward": False, "targets": ()}),
    ],
)
def test_what_becomes_of_a_request_at_the_load_balancer(account: Member, facts: dict[str, Any]) -> None:
    assert look(account) == replace(FACTS, **facts)


def test_a_listener_of_another_port_is_none() -> None:
    assert look(member(), replace(ASKED, port=81)) == replace(
        FACTS,
        port=81,
        listens="",
        action=None,
        weightless=None,
        targets=None,
        certificates=None,
        refused=None,
    )


API = "api.shop.example.jp"
PASSED = replace(ASKED, protocol="TCP", port=443, host=API)
ACM = f"arn:aws:acm:{REGION}:{TEAM}:certificate/"
TODAY = "Mon, 30 Nov 2026 00:00:00 GMT"
NAMES_IN: dict[str, tuple[list[str], int]] = {
    "api": ([API], 2027),
    "wild": (["shop.example.jp", "*.shop.example.jp"], 2027),
    "web": (["web.shop.example.jp"], 2027),
    "ended": ([API], 2026),
    "plain": ([], 2027),
}


def certificate_of(given: Given) -> Given:
    name = given["CertificateArn"].removeprefix(ACM)
    if name not in NAMES_IN:
        raise DENIED
    those, year = NAMES_IN[name]
    ends = datetime(year, 11, 29, tzinfo=UTC)
    item = {"CertificateArn": given["CertificateArn"], "DomainName": "shop.example.jp", "NotAfter": ends}
    more = {"SubjectAlternativeNames": those} if those else {}
    return {"Certificate": {**item, **more}, "ResponseMetadata": {"HTTPHeaders": {"date": TODAY}}}


def passing(default: str, *more: str) -> Member:
    arns = [one if one.startswith("arn:") else ACM + one for one in (default, *more)]
    secure = {**LISTENER, "Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": arns[0]}]}
    return member(
        describe_listeners=items(secure, key="Listeners"),
        describe_listener_certificates=items(*({"CertificateArn": one} for one in arns), key="Certificates"),
        describe_certificate=certificate_of,
    )


IAMS = f"arn:aws:iam::{TEAM}:server-certificate/api"
ALL, ONE, NONE = ["describe_certificate"], ["describe_listener_certificates"], list[str]()


@pytest.mark.parametrize(
    ("shown", "refused", "asked"),
    [
        (("api",), (), ALL),
        (("wild", "web"), (), ALL),
        (("web",), ("web",), [*ALL, *ONE]),
        (("plain",), ("plain",), [*ALL, *ONE]),
        (("ended",), ("ended",), [*ALL, *ONE]),
        (("web", "api", "wild"), (), [*ALL, *ONE, *ALL]),
        (("web", "ended"), ("web", "ended"), [*ALL, *ONE, *ALL]),
        (("hidden",), None, [*ALL, *ONE]),
        (("hidden", "api"), (), [*ALL, *ONE, *ALL]),
        (("web", "hidden"), None, [*ALL, *ONE, *ALL]),
        ((IAMS,), (), NONE),
        (("web", IAMS), (), [*ALL, *ONE]),
    ],
)
def test_what_passes_through_is_shown_what_its_clients_take_or_not(
    shown: tuple[str, ...], refused: tuple[str, ...] | None, asked: list[str]
) -> None:
    account = passing(*shown)
    found = look(account, PASSED).refused
    assert (None if found is None else tuple(one.arn.removeprefix(ACM) for one in found)) == refused
    assert [one for one in methods(account) if "certificate" in one] == asked


def test_certificates_are_read_of_what_passes_through_to_https_alone() -> None:
    account = passing("web")
    assert look(account, replace(PASSED, protocol="HTTPS", host="")).refused == ()
    account.answers["describe_listeners"] = items({**LISTENER, "Port": 443}, key="Listeners")
    assert look(account, PASSED).refused == ()
    assert [one for one in methods(account) if "certificate" in one] == []


def test_where_the_other_certificates_may_not_be_listed_nothing_is_known_of_them() -> None:
    account = passing("web")
    account.answers["describe_listener_certificates"] = DENIED
    assert look(account, PASSED).refused is None
    account = passing("web")
    account.answers["describe_certificate"] = error("ThrottlingException")
    with pytest.raises(NotYet):
        look(account, PASSED)


def test_targets_that_are_not_told_count_only_where_none_takes_requests() -> None:
    def health(given: Given) -> Given:
        if given["TargetGroupArn"] == "hidden":
            raise DENIED
        return {"TargetHealthDescriptions": [{"TargetHealth": HEALTHY if given["TargetGroupArn"] == "web" else SICK}]}

    for groups, targets in ((("web", "hidden"), (UP,)), (("idle", "hidden"), None), (("hidden",), None)):
        account = acting(to(*groups, weights=(1,) * len(groups)))
        account.answers["describe_target_health"] = health
        assert look(account).targets == targets
        assert "describe_rules" not in methods(account)


def test_the_same_target_group_is_asked_about_once() -> None:
    account = member()
    Reach().balancers(account, [Asked(load_balancer=balancer(n), protocol="HTTP", port=80) for n in (1, 2)])
    assert methods(account).count("describe_target_health") == 1


# --- clients


def test_a_client_is_read_with_what_its_groups_let_in_together() -> None:
    account = Canned(
        TEAM,
        describe_vpc_attribute=lambda given: {
            "EnableDnsSupport": {"Value": True},
            "EnableDnsHostnames": {"Value": given["VpcId"] == "vpc-1"},
        },
        describe_security_groups=items(
            group("sg-2", rule(80, 80, PrefixListIds=[{"PrefixListId": "pl-9"}])), key="SecurityGroups"
        ),
    )
    ours = Ingress(source="10.0.0.0/16", from_port=80, to_port=80)
    theirs = Ingress(source="pl-9", from_port=80, to_port=80)  # whose addresses do not matter here
    asked = {"vpc-1": ["sg-2", "sg-1"], "vpc-2": ["sg-3"], "vpc-3": []}
    found = Reach().vpcs(account, asked, admits={"sg-1": frozenset({ours})})
    assert [
        (one.id, one.dns_support, one.dns_hostnames, one.security_groups, one.admits) for one in found.values()
    ] == [
        ("vpc-1", True, True, ("sg-1", "sg-2"), {ours, theirs}),
        ("vpc-2", True, False, ("sg-3",), None),
        ("vpc-3", True, False, (), None),
    ]
    assert account.calls[0] == (
        "describe_security_groups",
        {"Filters": [{"Name": "group-id", "Values": ["sg-2", "sg-3"]}]},
    )
    assert [given["Attribute"] for _, given in account.calls[1:3]] == ["enableDnsSupport", "enableDnsHostnames"]
