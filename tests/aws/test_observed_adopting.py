"""What people made and hand over, as it is read: of each kind what is handed over, what is not, gone, or unread."""

from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.observe.adopting import handed
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.core import names, tags
from onramp.core.desired import Desired, WantedService
from onramp.core.desired.wanted import Backend, WantedClient
from onramp.core.model import (
    Association,
    Forward,
    Handed,
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
from onramp.core.network import Network
from onramp.core.rules import Asked
from onramp.core.run import Run

from tests.aws.canned import (
    BALANCER,
    GROUP,
    INFRA,
    INSIDE,
    JOINED,
    LATTICE,
    LISTENER,
    SERVICE,
    TEAM,
    Answer,
    Canned,
    Given,
    error,
)

NET = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1",
    account=INFRA,
    share="arn:share",
    siblings=frozenset({"two"}),
)
GONE, DENIED = error("ResourceNotFoundException", 404), error("AccessDeniedException", 403)
HANDED, THEIRS, SIBLINGS = {tags.ADOPT: tags.YES}, {"team": "shop"}, {tags.ADOPT: tags.YES, tags.OWNER: "two"}

API, ADMIN = Match(path="/api"), Match(path="/admin")
BACKEND = Backend(
    load_balancer=BALANCER, target_group="the-name-of-ours", protocol="HTTP", port=8080, vpc="vpc-1", weight=100
)
ORDERS = WantedService(name="orders", listens=(("HTTP", 80),), backends=(BACKEND,))
RULED = replace(ORDERS, backends=(replace(BACKEND, rules=(Asked(match=API),)),))


def rule(number: int, **given: Any) -> Given:
    return {"arn": f"{LISTENER}/rule/rule-{number}", "name": f"rule-{number}", "priority": number, "isDefault": False}


def sends(path: str = "/api", weight: int = 7) -> Given:
    return {
        **rule(1 if path == "/api" else 2),
        "match": {"httpMatch": {"pathMatch": {"match": {"exact": path}, "caseSensitive": True}}},
        "action": {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": weight}]}},
    }


ON: Given = {
    "arn": JOINED,
    "status": "ACTIVE",
    "serviceNetworkArn": NET.arn,
    "serviceName": "orders",
    "dnsEntry": {"domainName": "orders.on.aws"},
}
OF_GROUP: Given = {
    "name": "theirs",
    "type": "ALB",
    "status": "ACTIVE",
    "config": {"protocol": "HTTP", "vpcIdentifier": "vpc-1"},
}
OF_VPC: Given = {
    "arn": INSIDE,
    "vpcId": "vpc-1",
    "serviceNetworkArn": NET.arn,
    "status": "ACTIVE",
    "securityGroupIds": ["sg-1", "sg-2"],
}
WORLD: dict[str, Answer] = {
    "list_services": {"items": [{"arn": SERVICE, "name": "orders", "status": "ACTIVE"}]},
    "list_service_network_service_associations": {"items": [ON]},
    "list_listeners": {"items": [{"arn": LISTENER}]},
    "get_listener": {
        "name": "theirs",
        "protocol": "HTTP",
        "port": 80,
        "defaultAction": {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP}]}},
    },
    "list_rules": {"items": [rule(1), rule(2), {"arn": f"{LISTENER}/rule/rule-0", "isDefault": True}]},
    "get_rule": lambda given: sends("/api" if given["ruleIdentifier"].endswith("1") else "/admin"),
    "get_target_group": OF_GROUP,
    "list_targets": {
        "items": [{"id": BALANCER, "port": 8080, "status": "HEALTHY"}, {"id": "fn", "status": "UNAVAILABLE"}]
    },
    "list_service_network_vpc_associations": {"items": [{"arn": INSIDE, "serviceNetworkArn": NET.arn}]},
    "get_service_network_vpc_association": OF_VPC,
    "describe_security_groups": {"SecurityGroups": []},
}


def found(
    *services: WantedService,
    clients: tuple[str, ...] = (),
    given: dict[str, Given] | None = None,
    marked: tuple[str, ...] = (),
    **answers: Answer,
) -> tuple[Handed, Canned, Reader]:
    """What is handed over, where all that is not in `given` (ARN -> tags) is."""
    marks = given or {}

    def tags_of(asked: Given) -> Given:
        return {"tags": marks.get(asked["resourceArn"], HANDED)}

    account = Canned(TEAM, **{"list_tags_for_resource": tags_of, **WORLD, **answers})
    reader = Reader(NET, account, Run(account=TEAM, trigger={}))
    lattice = Lattice(reader, frozenset(marked), for_hands=False)
    want = Desired(services, tuple(WantedClient(vpc=one, admits=frozenset()) for one in clients), (), *[{}] * 4, (), {})
    there = lattice.others_services({one.name for one in services})
    joined = lattice.others_vpc_associations(set(clients) or {"vpc-1"})
    account.calls.clear()
    return handed(reader, lattice, want, there, joined), account, reader


def methods(account: Canned) -> list[str]:
    return [method for method, _ in account.calls]


TO = (Forward(target_group="tg-1", weight=100),)
AS_OURS = Service(
    arn=SERVICE,
    name="orders",
    status="ACTIVE",
    owned=True,
    mark="net",
    domain="orders.on.aws",
    listeners=(Listener(arn=LISTENER, name="http-80", protocol="HTTP", port=80, owned=True, forwards=TO),),
    associations=(Association(arn=JOINED, network=NET.arn, status="ACTIVE", owned=True, handed=True),),
)
GROUP_AS_OURS = TargetGroup(
    arn=GROUP,
    name="the-name-of-ours",
    status="ACTIVE",
    owned=True,
    targets=(Target(id=BALANCER, port=8080, status="HEALTHY"), Target(id="fn", port=0, status="UNAVAILABLE")),
)


def test_a_service_comes_with_its_listener_and_its_group_by_the_names_that_we_give() -> None:
    seen, account, reader = found(ORDERS)
    assert seen == Handed(services=(AS_OURS,), target_groups=(GROUP_AS_OURS,))
    assert "list_rules" not in methods(account)  # no tag asks for one: they stay their maker's, whatever they say
    assert reader.unread == {}


def test_what_no_tag_asks_for_is_not_read() -> None:
    seen, account, _ = found()
    assert (seen, account.calls) == (Handed(), [])


@pytest.mark.parametrize(
    "said",
    [THEIRS, {tags.ADOPT: "no"}, SIBLINGS, {tags.ADOPT: tags.YES, tags.RELEASE: tags.YES}],
    ids=["says nothing", "says no", "a sibling's still", "taken back"],
)
def test_a_service_that_its_owner_does_not_hand_over_is_not_read(said: Given) -> None:
    seen, account, _ = found(ORDERS, given={SERVICE: said})
    assert (seen, account.calls) == (Handed(), [])


@pytest.mark.parametrize("call", ["list_service_network_service_associations", "list_listeners", "get_listener"])
def test_a_service_of_which_something_is_unread_is_not_taken_over(call: str) -> None:
    seen, account, reader = found(ORDERS, **{call: DENIED})
    assert (seen, reader.unread) == (Handed(), {SERVICE: "Operation AccessDeniedException"})
    assert "get_target_group" not in methods(account)


def test_a_service_that_went_since_it_was_listed_is_none() -> None:
    seen, _, reader = found(ORDERS, list_service_network_service_associations={"items": []}, get_service=GONE)
    assert (seen, reader.unread) == (Handed(), {})


@pytest.mark.parametrize(
    ("said", "network", "owned"),
    [
        (HANDED, NET.arn, True),
        (HANDED, "sn-1", True),
        (HANDED, NET.arn.replace("sn-1", "sn-2"), False),
        (THEIRS, NET.arn, False),
        (SIBLINGS, NET.arn, False),
        ({tags.OWNER: "net"}, NET.arn, True),
    ],
    ids=["handed", "by its id", "another network's", "not handed", "a sibling's", "ours"],
)
def test_an_association_comes_with_its_service_by_its_own_word_and_with_our_network_alone(
    said: Given, network: str, owned: bool
) -> None:
    joined = {"items": [{**ON, "serviceNetworkArn": network}]}
    seen, _, _ = found(ORDERS, given={JOINED: said}, list_service_network_service_associations=joined)
    assert [one.owned for service in seen.services for one in service.associations] == [owned]


@pytest.mark.parametrize(
    ("said", "owned"), [({}, True), ({tags.OWNER: "net"}, True), ({tags.OWNER: "two"}, False)], ids=str
)
def test_a_listener_comes_with_its_service_unless_a_sibling_made_it(said: Given, owned: bool) -> None:
    seen, account, _ = found(RULED, given={LISTENER: said})
    [listener] = seen.services[0].listeners
    assert (listener.owned, listener.name) == (owned, "http-80" if owned else "theirs")
    assert ("list_rules" in methods(account), bool(listener.found_rules)) == (owned, owned)


def test_rules_that_tags_ask_for_come_with_their_listener_and_others_are_read_as_their_makers() -> None:
    seen, account, _ = found(RULED)
    where = {"serviceIdentifier": SERVICE, "listenerIdentifier": LISTENER}
    to = (Forward(target_group="tg-1", weight=7),)
    assert seen.services[0].listeners[0].found_rules == (
        Rule(arn=f"{LISTENER}/rule/rule-1", name="rule-1", priority=1, owned=True, match=API, forwards=to),
        Rule(arn=f"{LISTENER}/rule/rule-2", name="rule-2", priority=2, owned=False, match=ADMIN, forwards=to),
    )
    assert [given for method, given in account.calls if method == "list_rules"] == [where]
    asked = [given["ruleIdentifier"] for method, given in account.calls if method == "get_rule"]
    assert asked == [f"{LISTENER}/rule/rule-1", f"{LISTENER}/rule/rule-2"]  # the default one is the listener's action


@pytest.mark.parametrize(
    ("answers", "unread"),
    [
        ({"list_rules": DENIED}, True),
        ({"list_rules": GONE}, False),
        ({"get_rule": DENIED}, True),
        ({"get_rule": GONE}, False),
    ],
    ids=["list denied", "listener gone", "rule denied", "rule gone"],
)
def test_a_rule_that_cannot_be_read_is_told_of_its_service_and_one_that_is_gone_is_none(
    answers: Given, unread: bool
) -> None:
    seen, _, reader = found(RULED, **answers)
    assert seen.services[0].listeners[0].found_rules == ()
    assert reader.unread == ({SERVICE: "Operation AccessDeniedException"} if unread else {})


def test_where_a_listener_is_ours_already_those_of_other_wanted_ports_are_looked_for() -> None:
    other = f"{SERVICE}/listener/listener-2"
    theirs = {"name": "x", "protocol": "HTTP", "defaultAction": {}}
    both = replace(ORDERS, listens=(("HTTP", 80), ("HTTP", 81)))
    there = {
        "list_listeners": {"items": [{"arn": LISTENER}, {"arn": other}]},
        "get_listener": lambda given: {**theirs, "port": 80 if given["listenerIdentifier"] == LISTENER else 81},
    }
    for wanted, seen in ((both, {LISTENER, other}), (ORDERS, {LISTENER})):
        made, _, _ = found(wanted, marked=(LISTENER,), **there)
        assert {one.arn for one in made.services[0].listeners} == seen


def test_of_two_services_each_has_its_groups() -> None:
    bills, joined = f"{LATTICE}service/svc-2", {**ON, "serviceName": "bills"}

    def listener(given: Given) -> Given:
        mine = "tg-2" if given["serviceIdentifier"] == bills else "tg-1"
        sent = {"forward": {"targetGroups": [{"targetGroupIdentifier": mine}]}}
        return {"name": "x", "protocol": "HTTP", "port": 80, "defaultAction": sent}

    seen, _, _ = found(
        ORDERS,
        replace(ORDERS, name="bills"),
        list_services={"items": [{"arn": arn, "name": name, "status": "ACTIVE"} for arn, name in (
            (SERVICE, "orders"), (bills, "bills"))]},
        list_service_network_service_associations=lambda given: {
            "items": [joined if given["serviceIdentifier"] == bills else ON]
        },
        get_listener=listener,
    )  # fmt: skip
    assert [one.name for one in seen.services] == ["orders", "bills"]
    assert [one.arn for one in seen.target_groups] == [GROUP, f"{LATTICE}targetgroup/tg-2"]


def test_groups_that_rules_send_to_come_as_those_of_the_listener() -> None:
    other = f"{LATTICE}targetgroup/tg-2"

    def answer(given: Given) -> Given:
        return sends() | {"action": {"forward": {"targetGroups": [{"targetGroupIdentifier": other, "weight": 1}]}}}

    seen, account, _ = found(RULED, get_rule=answer)
    assert [one.arn for one in seen.target_groups] == [GROUP, other]
    asked = [given["targetGroupIdentifier"] for method, given in account.calls if method == "get_target_group"]
    assert asked == [GROUP, other]


@pytest.mark.parametrize(
    ("item", "targets"),
    [
        ({"type": "IP"}, {}),
        ({"config": {"protocol": "HTTPS", "vpcIdentifier": "vpc-1"}}, {}),
        ({"config": {"protocol": "HTTP", "vpcIdentifier": "vpc-2"}}, {}),
        ({}, {"port": 8081}),
        ({}, {"id": BALANCER.replace("orders", "bills")}),
    ],
    ids=["no load balancer's", "another protocol", "another VPC", "another port", "another load balancer"],
)
def test_a_group_is_in_place_of_ours_only_where_it_is_the_same_but_for_its_name(item: Given, targets: Given) -> None:
    target = {"id": BALANCER, "port": 8080, "status": "HEALTHY", **targets}
    seen, _, _ = found(ORDERS, get_target_group={**OF_GROUP, **item}, list_targets={"items": [target]})
    assert (seen.services, seen.target_groups) == ((AS_OURS,), ())


def test_of_several_load_balancers_a_group_is_that_of_the_one_that_is_in_it() -> None:
    other = replace(BACKEND, load_balancer="arn:another", target_group="another-name")
    seen, _, _ = found(replace(ORDERS, backends=(other, BACKEND)))
    assert seen.target_groups == (GROUP_AS_OURS,)


@pytest.mark.parametrize(
    ("answers", "said", "unread"),
    [
        ({}, THEIRS, False),
        ({}, SIBLINGS, False),
        ({"get_target_group": GONE}, HANDED, False),
        ({"list_targets": GONE}, HANDED, False),
        ({"get_target_group": DENIED}, HANDED, True),
        ({"list_targets": DENIED}, HANDED, True),
    ],
    ids=["not handed", "a sibling's", "gone", "gone by now", "denied", "targets denied"],
)
def test_a_group_that_is_not_handed_over_gone_or_unread_does_not_come(
    answers: Given, said: Given, unread: bool
) -> None:
    seen, _, reader = found(ORDERS, given={GROUP: said}, **answers)
    assert (seen.services, seen.target_groups) == ((AS_OURS,), ())
    assert reader.unread == ({GROUP: "Operation AccessDeniedException"} if unread else {})


# --- clients

HANDED_PAIR = [{"Key": tags.ADOPT, "Value": tags.YES}]
OWN = VpcAssociation(
    arn=INSIDE,
    vpc="vpc-1",
    network=NET.arn,
    status="ACTIVE",
    owned=True,
    mark="",
    security_groups=frozenset({"sg-1", "sg-2"}),
)


def test_a_client_comes_with_those_of_its_security_groups_that_are_handed_over() -> None:
    rules = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
    there = {"VpcId": "vpc-1", "IpPermissions": rules}
    groups = [
        {"GroupId": "sg-1", "GroupName": "shop", "Tags": HANDED_PAIR, **there},
        {"GroupId": "sg-2", "GroupName": "all", **there},
    ]
    seen, account, _ = found(clients=("vpc-1",), describe_security_groups={"SecurityGroups": groups})
    admits = frozenset({Ingress(source="10.0.0.0/16", from_port=80, to_port=80)})
    ours = SecurityGroup(id="sg-1", name=names.security_group("net", "vpc-1"), vpc="vpc-1", owned=True, admits=admits)
    assert seen == Handed(vpc_associations=(OWN,), security_groups=(ours,))
    filters = [{"Name": "group-id", "Values": ["sg-1", "sg-2"]}]
    assert account.calls == [("describe_security_groups", {"Filters": filters})]


def test_where_an_association_has_no_group_none_is_asked_for() -> None:
    bare = {**OF_VPC, "securityGroupIds": []}
    seen, account, _ = found(clients=("vpc-1",), get_service_network_vpc_association=bare)
    assert seen.vpc_associations == (replace(OWN, security_groups=frozenset()),)
    assert account.calls == []


@pytest.mark.parametrize(
    ("clients", "said"), [((), HANDED), (("vpc-1",), THEIRS), (("vpc-1",), SIBLINGS)], ids=["not asked", "not", "two"]
)
def test_a_client_that_nobody_asks_for_or_hands_over_stays_its_makers(clients: tuple[str, ...], said: Given) -> None:
    seen, account, _ = found(clients=clients, given={INSIDE: said})
    assert (seen, account.calls) == (Handed(), [])


def test_what_is_ours_already_is_not_taken_over() -> None:
    seen, _, _ = found(clients=("vpc-1",), given={INSIDE: {tags.OWNER: "net", **HANDED}})
    assert seen == Handed()
