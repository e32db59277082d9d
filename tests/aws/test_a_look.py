"""A look at a whole account, call by call: what it says of each kind of thing, and what it does not ask for."""

from typing import Any

import pytest
from msgspec.structs import replace
from onramp.aws.observe import observe, touched
from onramp.aws.observe.findings import Seen
from onramp.aws.reach import Reach
from onramp.core import names, tags
from onramp.core.errors import NotYet
from onramp.core.inventory import Refusal, ServiceState
from onramp.core.model import (
    EVERYTHING,
    UNREAD,
    Access,
    AlbListener,
    Association,
    Certificate,
    Dns,
    Forward,
    Holder,
    Ingress,
    Listener,
    LoadBalancer,
    Match,
    Observation,
    SecurityGroup,
    Service,
    Settings,
    Target,
    TargetGroup,
    Vpc,
    VpcAssociation,
    Zone,
)
from onramp.core.network import Network
from onramp.core.reach import Finding
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import Batch, Outcome, WriteStatus

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

SG = f"arn:aws:ec2:ap-northeast-1:{TEAM}:security-group/sg-1"
VPC = "vpc-1"
NET = Network(
    name="net",
    arn=f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1",
    account=INFRA,
    share=f"arn:aws:ram:ap-northeast-1:{INFRA}:resource-share/1",
)
OF_GROUP = names.target_group("net", "orders", BALANCER, "HTTP", 80, VPC)
OF_CLIENTS = names.security_group("net", VPC)
MISSING, DENIED = error("ResourceNotFoundException", 404), error("AccessDeniedException", 403)
THROTTLED = error("ThrottlingException", 429)
BEGUN = Run(account=TEAM, trigger={})
MARK = {"tags": {tags.OWNER: "net"}}


def items(*those: Given, key: str = "items") -> Given:
    return {key: list(those)}


def marked(*arns: str) -> Given:
    return items(*({"ResourceARN": arn} for arn in arns), key="ResourceTagMappingList")


def tagging(**given: str) -> Given:
    pairs = [{"Key": f"lattice:{key.replace('_', '-')}", "Value": text} for key, text in given.items()]
    return items({"ResourceArn": BALANCER, "Tags": pairs}, key="TagDescriptions")


def vpc(**given: str) -> Given:
    pairs = [{"Key": f"lattice:{key.replace('_', '-')}", "Value": text} for key, text in given.items()]
    return items({"VpcId": VPC, "CidrBlock": "10.0.0.0/16", "Tags": pairs}, key="Vpcs")


ALB: Given = {
    "LoadBalancerArn": BALANCER,
    "LoadBalancerName": "orders",
    "Type": "application",
    "Scheme": "internal",
    "State": {"Code": "active"},
    "VpcId": VPC,
    "SecurityGroups": ["sg-7"],
}
FORWARD = {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": 100}]}}
PERMISSION: Given = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
NOTHING: dict[str, Answer] = {
    "get_resources": marked(),
    "describe_load_balancers": items(key="LoadBalancers"),
    "describe_vpcs": items(key="Vpcs"),
    "list_services": items(),
    "list_target_groups": items(),
    "list_service_network_vpc_associations": items(),
    "list_tags_for_resource": {"tags": {}},
    "describe_security_groups": items(key="SecurityGroups"),
    "get_resource_share_invitations": items(key="resourceShareInvitations"),
    "get_service_network": DENIED,
}
WISHES: dict[str, Answer] = {
    "describe_load_balancers": items(ALB, key="LoadBalancers"),
    "describe_tags": tagging(network="net", listen="HTTP:80"),
    "describe_listeners": items(
        {
            "Protocol": "HTTP",
            "Port": 80,
            "ListenerArn": "arn of listener",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "web"}],
        },
        key="Listeners",
    ),
    "describe_vpcs": vpc(network="net"),
}
THERE: dict[str, Answer] = {
    **WISHES,
    "get_resources": marked(SERVICE, GROUP, LISTENER, JOINED, INSIDE, SG),
    "list_service_network_service_associations": items(
        {
            "arn": JOINED,
            "status": "ACTIVE",
            "serviceNetworkArn": NET.arn,
            "serviceName": "orders",
            "dnsEntry": {"domainName": "orders.on.aws"},
        }
    ),
    "get_listener": {"name": "http-80", "protocol": "HTTP", "port": 80, "defaultAction": FORWARD},
    "list_targets": items({"id": BALANCER, "port": 80, "status": "UNAVAILABLE"}),
    "get_target_group": {
        "name": OF_GROUP,
        "status": "ACTIVE",
        "config": {"protocol": "HTTP", "port": 80, "vpcIdentifier": VPC},
    },
    "get_service_network_vpc_association": {
        "vpcId": VPC,
        "serviceNetworkArn": NET.arn,
        "status": "ACTIVE",
        "securityGroupIds": ["sg-1"],
    },
    "describe_security_groups": items(
        {"GroupId": "sg-1", "GroupName": OF_CLIENTS, "VpcId": VPC, "IpPermissions": [PERMISSION]},
        key="SecurityGroups",
    ),
}
UNASKED = {name: NOTHING[name] for name in ("describe_load_balancers", "describe_vpcs", "describe_security_groups")}
"""Nobody asks for anything, and no security group is there."""

ADMITS = frozenset({Ingress(source="10.0.0.0/16", from_port=80, to_port=80)})
WHOLE = Observation(
    account=TEAM,
    load_balancers=(
        LoadBalancer(
            arn=BALANCER,
            name="orders",
            type="application",
            scheme="internal",
            state="active",
            vpc=VPC,
            tags={"lattice:network": "net", "lattice:listen": "HTTP:80"},
            listeners=(AlbListener(protocol="HTTP", port=80),),
        ),
    ),
    vpcs=(Vpc(id=VPC, cidrs=("10.0.0.0/16",), tags={"lattice:network": "net"}),),
    services=(
        Service(
            arn=SERVICE,
            name="orders",
            status="ACTIVE",
            owned=True,
            mark="net",
            domain="orders.on.aws",
            listeners=(
                Listener(
                    arn=LISTENER,
                    name="http-80",
                    protocol="HTTP",
                    port=80,
                    owned=True,
                    forwards=(Forward(target_group="tg-1"),),
                ),
            ),
            associations=(Association(arn=JOINED, network=NET.arn, status="ACTIVE", owned=True),),
        ),
    ),
    target_groups=(
        TargetGroup(
            arn=GROUP,
            name=OF_GROUP,
            status="ACTIVE",
            owned=True,
            mark="net",
            targets=(Target(id=BALANCER, port=80, status="UNAVAILABLE"),),
        ),
    ),
    vpc_associations=(
        VpcAssociation(
            arn=INSIDE,
            vpc=VPC,
            network=NET.arn,
            status="ACTIVE",
            owned=True,
            mark="net",
            security_groups=frozenset({"sg-1"}),
        ),
    ),
    security_groups=(SecurityGroup(id="sg-1", name=OF_CLIENTS, vpc=VPC, owned=True, admits=ADMITS),),
)


class Region(Canned):
    """It says in which region it is, too."""

    def client(self, service: str) -> Any:
        client = super().client(service)
        client.meta = type("Meta", (), {"region_name": "ap-northeast-1"})
        return client


def member(**answers: Answer) -> Canned:
    return Region(TEAM, **{**NOTHING, **answers})


def infra(status: str = "") -> Canned:
    principals = [{"status": status}] if status else []
    return Canned(INFRA, get_resource_share_associations=items(*principals, key="resourceShareAssociations"))


def look(account: Canned, run: Run = BEGUN, network: Network = NET, *, for_hands: bool = False) -> Seen:
    return observe(network, infra(), account, run, Reach(), for_hands=for_hands)


def methods(account: Canned) -> list[str]:
    return [method for method, _ in account.calls]


# --- what is there


def test_an_account_in_which_all_stands_is_told_whole_by_eleven_calls() -> None:
    account = member(**THERE)
    assert look(account).observation == WHOLE
    assert methods(account) == [
        "get_resources",
        "list_service_network_service_associations",
        "list_targets",
        "get_target_group",
        "get_service_network_vpc_association",
        "describe_load_balancers",
        "describe_tags",
        "describe_listeners",
        "describe_vpcs",
        "describe_security_groups",
        "get_listener",
    ]


def test_an_account_in_which_nobody_asks_and_nothing_stands_costs_three_calls_and_one_of_ours() -> None:
    account, own = member(), infra("ASSOCIATED")
    seen = observe(NET, own, account, BEGUN, Reach())
    assert seen.observation == Observation(account=TEAM, access=Access(known=True, principal="ASSOCIATED"))
    assert (seen.joined, seen.findings()) == (frozenset(), {})
    assert methods(account) == ["get_resources", "describe_load_balancers", "describe_vpcs"]
    assert methods(own) == ["get_resource_share_associations"]


def test_where_something_is_asked_and_nothing_stands_it_is_looked_for_in_others_hands() -> None:
    account = member(**WISHES)
    seen = look(account).observation
    assert seen == replace(
        WHOLE,
        services=(),
        target_groups=(),
        vpc_associations=(),
        security_groups=(),
        access=Access(known=True),
    )
    assert account.calls[5:] == [
        ("list_services", {}),
        ("list_target_groups", {}),
        ("list_service_network_vpc_associations", {"vpcIdentifier": VPC}),
        ("get_service_network", {"serviceNetworkIdentifier": NET.arn}),
    ]


def test_whoever_bears_a_name_that_a_wish_asks_for_is_looked_for_also_while_the_wish_is_refused() -> None:
    account = member(
        **{**WISHES, "describe_tags": tagging(network="net", listen="HTTP:none")},
        list_services=items({"arn": SERVICE, "name": "orders", "status": "ACTIVE"}),
    )
    seen = look(account).observation
    assert [(one.name, one.owned) for one in seen.services] == [("orders", False)]


def test_what_stands_in_the_way_is_told_with_what_is_ours() -> None:
    theirs = {"arn": f"{LATTICE}service/svc-9", "name": "orders", "status": "ACTIVE"}
    group = {"arn": f"{LATTICE}targetgroup/tg-9", "name": OF_GROUP, "status": "ACTIVE"}
    account = member(
        **WISHES,
        list_services=items(theirs),
        list_target_groups=items(group),
        list_service_network_vpc_associations=items({"arn": INSIDE}),
        get_service_network_vpc_association={"vpcId": VPC, "serviceNetworkArn": "another", "status": "ACTIVE"},
    )
    seen = look(account).observation
    assert seen.services == (Service(arn=theirs["arn"], name="orders", status="ACTIVE", owned=False),)
    assert seen.target_groups == (TargetGroup(arn=group["arn"], name=OF_GROUP, status="ACTIVE", owned=False),)
    assert seen.vpc_associations == (
        VpcAssociation(arn=INSIDE, vpc=VPC, network="another", status="ACTIVE", owned=False),
    )
    assert seen.unproven == {}


@pytest.mark.parametrize("listed", [False, True], ids=["not in the index", "in the index"])
def test_an_association_with_another_network_is_never_ours_though_it_bears_our_mark(*, listed: bool) -> None:
    """Whoever may tag it, and the VPC, would have it deleted with the VPC's next change of tags."""
    account = member(
        **{
            **WISHES,
            **({"get_resources": marked(INSIDE)} if listed else {}),
            "list_service_network_vpc_associations": items({"arn": INSIDE}),
            "get_service_network_vpc_association": {
                **THERE["get_service_network_vpc_association"],
                "serviceNetworkArn": "another",
            },
            "list_tags_for_resource": {"tags": {tags.OWNER: NET.name}},
        }
    )
    seen = look(account).observation
    assert [(one.network, one.owned) for one in seen.vpc_associations] == [("another", False)]


# --- whose is it


def owned(seen: Observation) -> list[bool]:
    things: list[Any] = [*seen.services, *seen.target_groups, *seen.vpc_associations]
    return [one.owned for one in things]


def test_what_bears_our_mark_alone_is_told_and_left_alone() -> None:
    """Nobody asks for it, nobody remembers it, and its name is not one that we would give."""
    account = member(
        **{
            **THERE,
            **{
                name: NOTHING[name] for name in ("describe_load_balancers", "describe_vpcs", "describe_security_groups")
            },
            "get_target_group": {"name": "theirs", "status": "ACTIVE", "config": {}},
        }
    )
    seen = look(account).observation
    assert (seen.services, seen.target_groups, seen.vpc_associations) == ((), (), ())
    assert seen.unproven == {SERVICE: "orders", GROUP: "theirs", INSIDE: VPC}


@pytest.mark.parametrize(
    "run",
    [
        replace(BEGUN, memory=Memory(arns={SERVICE: "orders", GROUP: "theirs", INSIDE: VPC})),
        replace(BEGUN, made={SERVICE: "orders", GROUP: "theirs", INSIDE: VPC}),
    ],
)
def test_what_we_remember_is_ours_whatever_asks_for_it(run: Run) -> None:
    account = member(
        **{
            **THERE,
            **{
                name: NOTHING[name] for name in ("describe_load_balancers", "describe_vpcs", "describe_security_groups")
            },
            "get_service": {"name": "orders", "status": "ACTIVE"},
        }
    )
    seen = look(account, run).observation
    assert owned(seen) == [True] * 3
    assert (seen.unproven, seen.unmarked) == ({}, {})


def test_a_service_that_sends_to_a_group_of_our_name_is_ours_when_nobody_asks_for_it_any_more() -> None:
    seen = look(member(**{**THERE, "describe_load_balancers": items(key="LoadBalancers")})).observation
    assert seen.target_groups == WHOLE.target_groups
    assert seen.services == WHOLE.services
    assert seen.unproven == {}


def test_a_vpc_association_with_a_group_of_ours_is_ours_when_nobody_asks_for_it_any_more() -> None:
    account = member(**{**THERE, "describe_vpcs": items(key="Vpcs")})
    assert look(account).observation == replace(WHOLE, vpcs=())
    other = items({"GroupId": "sg-1", "GroupName": "theirs", "VpcId": VPC, "IpPermissions": []}, key="SecurityGroups")
    assert look(member(**{**account.answers, "describe_security_groups": other})).observation.unproven == {INSIDE: VPC}


def test_whose_mark_was_taken_off_is_told_of_what_is_still_there() -> None:
    """Of what is gone AWS may answer no tags, too."""
    gone = f"{LATTICE}service/svc-9"
    remembered = {SERVICE: "orders", GROUP: OF_GROUP, INSIDE: VPC, LISTENER: "http-80", JOINED: "orders", gone: "bills"}

    def associations(given: Given) -> Given:
        if given["serviceIdentifier"] == gone:
            raise MISSING
        there = THERE["list_service_network_service_associations"]
        assert isinstance(there, dict)
        return there

    account = member(**{**THERE, "get_resources": marked(), "list_service_network_service_associations": associations})
    del remembered[gone]
    seen = look(account, replace(BEGUN, memory=Memory(arns={**remembered, gone: "bills"}))).observation
    assert seen.unmarked == remembered
    # An association whose mark is off is read by its service's list, which asks for the mark as well.
    assert owned(seen) == [True] * 3


def test_a_security_group_whose_mark_was_taken_off_is_ours_by_its_name() -> None:
    def groups(given: Given) -> Given:
        [asked] = given["Filters"]
        there = THERE["describe_security_groups"]
        assert isinstance(there, dict)
        return there if asked["Name"] == "group-id" else items(key="SecurityGroups")

    account = member(**{**THERE, "describe_security_groups": groups})
    seen = look(account).observation
    assert (seen.security_groups, seen.unmarked) == (WHOLE.security_groups, {"sg-1": OF_CLIENTS})


# --- what is read only where it tells something


def reads_groups(account: Canned) -> bool:
    return "describe_security_groups" in methods(account)


@pytest.mark.parametrize(
    ("answers", "run", "reads"),
    [
        ({}, BEGUN, False),
        ({}, replace(BEGUN, round=1), False),
        ({"get_resources": marked(SG)}, BEGUN, True),
        ({"describe_vpcs": vpc(network="net")}, BEGUN, False),
        ({"describe_vpcs": vpc(network="net")}, replace(BEGUN, round=1), True),
        ({"describe_vpcs": vpc(networks="net")}, replace(BEGUN, round=1), True),
        ({}, replace(BEGUN, memory=Memory(failed={"CreateSecurityGroup x": "no"})), True),
    ],
)
def test_security_groups_are_read_where_there_can_be_any(answers: dict[str, Answer], run: Run, reads: bool) -> None:
    """A client's first one is made by its name: if it is there already, its making tells."""
    account = member(**answers)
    look(account, run)
    assert reads_groups(account) is reads


LEFT = replace(WHOLE, load_balancers=(), services=(), target_groups=(), vpcs=(Vpc(id=VPC, cidrs=("10.0.0.0/16",)),))
PARTING: dict[str, Answer] = {
    "get_resources": marked(INSIDE, SG),
    "get_service_network_vpc_association": THERE["get_service_network_vpc_association"],
    "describe_vpcs": vpc(),
}


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, {"get_resources", "get_service_network_vpc_association", "describe_vpcs"}),
        ({"describe_vpcs": vpc(network="net")}, {"describe_security_groups"}),
        ({"get_service_network_vpc_association": MISSING}, {"describe_security_groups"}),
        ({"get_resources": marked(INSIDE, SG, GROUP), "list_targets": items()}, {"describe_load_balancers"}),
    ],
    ids=["it leaves", "it is asked for again", "it is gone", "something else of ours is there"],
)
def test_a_look_that_leaves_others_asks_of_them_where_they_can_matter(
    answers: dict[str, Answer], asked: set[str]
) -> None:
    account = member(**{**THERE, **PARTING, **answers, "describe_tags": tagging()})
    run = replace(BEGUN, round=1, seen=LEFT, memory=Memory(arns={INSIDE: VPC}))
    seen = observe(NET, infra(), account, run, Reach(), leave_others=True).observation
    assert set(methods(account)) >= asked
    if not answers:
        assert (set(methods(account)), seen.security_groups) == (asked, LEFT.security_groups)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ({"match": {"httpMatch": {"pathMatch": {"match": {"prefix": "/"}, "caseSensitive": False}}}}, EVERYTHING),
        ({"match": {"httpMatch": {"pathMatch": {"match": {"prefix": "/a"}, "caseSensitive": False}}}}, None),
        (MISSING, None),
        (DENIED, None),
    ],
)
def test_a_rule_of_a_hand_is_read_by_a_look_for_hands_and_by_those_that_follow_it(
    answer: Answer, match: Match | None
) -> None:
    rules = items({"arn": THEIRS, "name": "theirs", "priority": 1, "isDefault": False})
    given = {"action": {"fixedResponse": {"statusCode": 404}}, **answer} if isinstance(answer, dict) else answer
    there: dict[str, Answer] = {**THERE, "get_service": {"authType": "NONE"}, "list_rules": rules, "get_rule": given}
    seen = look(member(**there), for_hands=True).observation
    [listener] = [one for service in seen.services for one in service.listeners]
    assert ([rule.match for rule in listener.others_rules], seen.unread) == ([match], {})
    told = Refusal(code="rule-by-others", resource=listener.arn, message="remove it")
    [again] = look(member(**there), run=replace(BEGUN, memory=Memory(refusals=(told,)))).observation.services
    assert [rule.match for one in again.listeners for rule in one.others_rules] == [match]
    account = member(**there)
    look(account)
    assert not {"list_rules", "get_rule"} & set(methods(account))


BY_HAND = Refusal(code="auth-by-others", resource=SERVICE, message="remove it")


THEIRS = "arn:aws:vpc-lattice:ap-northeast-1:222222222222:service/svc-1/listener/listener-1/rule/rule-1"


def test_a_look_for_hands_reads_auth_types_and_rules_too() -> None:
    account = member(
        **THERE,
        get_service={"authType": "AWS_IAM"},
        get_auth_policy={"policy": "{}"},
        get_rule={"match": {}, "action": {}},
        list_rules=items({"arn": THEIRS, "name": "theirs", "priority": 1, "isDefault": False}),
    )
    [service] = look(account, for_hands=True).observation.services
    assert (service.auth, service.policy) == ("AWS_IAM", "{}")
    assert [one.rules for one in service.listeners] == [("theirs",)]
    [plain] = look(member(**THERE)).observation.services
    assert (plain.auth, plain.policy, [one.rules for one in plain.listeners]) == ("", None, [()])


@pytest.mark.parametrize(
    ("auth", "answer", "policy", "calls"),
    [
        ("AWS_IAM", {"policy": "{}"}, "{}", 1),
        ("AWS_IAM", {}, "", 1),
        ("AWS_IAM", MISSING, "", 1),
        ("AWS_IAM", DENIED, None, 1),
        ("NONE", {"policy": "{}"}, None, 0),
    ],
)
def test_an_auth_type_that_a_hand_set_is_read_with_its_policy_until_it_is_gone(
    auth: str, answer: Answer, policy: str | None, calls: int
) -> None:
    account = member(**THERE, get_service={"authType": auth}, get_auth_policy=answer)
    [service] = look(account, run=replace(BEGUN, memory=Memory(refusals=(BY_HAND,)))).observation.services
    assert (service.auth, service.policy, methods(account).count("get_auth_policy")) == (auth, policy, calls)
    state = ServiceState(account=TEAM, name="orders", network="net", status="connected", settings=("auth",))
    run = replace(BEGUN, memory=Memory(refusals=(BY_HAND,), services=(state,)))
    [by_tag] = look(account, run=run).observation.services
    assert by_tag.policy is None


HOST = "api.shop.example.jp"
RECORDS: dict[str, Answer] = {
    "list_resource_record_sets": {"ResourceRecordSets": [], "IsTruncated": False},
    "get_role_policy": DENIED,
    "get_hosted_zone": {
        "HostedZone": {"Id": "/hostedzone/ZSHOP", "Name": "shop.example.jp.", "Config": {"PrivateZone": True}}
    },
}
SHOP = Zone(id="ZSHOP", name="shop.example.jp", private=True)


def but_these(given: Given) -> Given:
    """No group is there of which its id is asked."""
    by_id = given["Filters"][0]["Name"] == "group-id"
    return items(key="SecurityGroups") if by_id else dict(THERE)["describe_security_groups"]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("asks", "answers", "field", "seen"),
    [
        (
            {"describe_tags": tagging(network="net", listen="HTTP:80", idle_timeout="90")},
            {"get_service": {"idleTimeoutSeconds": 90, "authType": "AWS_IAM"}},
            "settings",
            {"orders": Settings(idle_timeout=90, auth="AWS_IAM")},
        ),
        (
            {"describe_tags": tagging(network="net", listen="HTTP:80", auth_policy="/lattice-onramp/p")},
            {
                "get_parameter": {"Parameter": {"Type": "String", "Value": "{}"}},
                "get_service": {},
                "get_auth_policy": {},
            },
            "parameters",
            {"/lattice-onramp/p": "{}"},
        ),
        (
            {"describe_tags": tagging(network="net", listen="HTTP:80", log="/lattice-onramp/web")},
            {
                "describe_log_groups": items({"logGroupName": "/lattice-onramp/web"}, key="logGroups"),
                "get_service": {},
                "list_access_log_subscriptions": items(),
            },
            "log_groups",
            frozenset({"/lattice-onramp/web"}),
        ),
        (
            {"describe_tags": tagging(network="net", listen="HTTPS:443", domain=HOST)},
            {
                "list_certificates": items(
                    {"CertificateArn": "arn:c", "DomainName": HOST, "Type": "IMPORTED"}, key="CertificateSummaryList"
                ),
            },
            "certificates",
            (Certificate(arn="arn:c", names=(HOST,), imported=True),),
        ),
        (
            {"describe_tags": tagging(network="net", listen="HTTP:80", domain=HOST, zone="ZSHOP")},
            RECORDS,
            "dns",
            {HOST: Dns(zones=(SHOP,), records={"ZSHOP": ()})},
        ),
        (
            {"describe_tags": tagging(network="net", listen="HTTP:80", domain=HOST, zone="ZSHOP")},
            RECORDS,
            "private",
            {"ZSHOP": "shop.example.jp"},
        ),
        (
            {"describe_vpcs": vpc(network="net", security_groups="sg-0123abcd"), "describe_security_groups": but_these},
            {},
            "unknown_groups",
            {(VPC, "sg-0123abcd")},
        ),
        (
            {"describe_vpcs": vpc(network="net", allow_from="sg-0123abcd"), "describe_security_groups": but_these},
            {},
            "unknown_groups",
            {(VPC, "sg-0123abcd")},
        ),
        (
            {"describe_vpcs": vpc(network="net", allow_from="pl-0123abcd")},
            {
                "describe_managed_prefix_lists": items(
                    {"PrefixListId": "pl-0123abcd", "MaxEntries": 5}, key="PrefixLists"
                )
            },
            "prefix_lists",
            {"pl-0123abcd": 5},
        ),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_a_tag_says_is_read_with_what_it_needs_and_else_not(
    asks: dict[str, Answer], answers: dict[str, Answer], field: str, seen: object
) -> None:
    network = replace(NET, associates_zones=True)
    account = member(**{**THERE, "list_listeners": items(), **asks, **answers})
    own = infra("ASSOCIATED")
    own.answers["list_service_network_service_associations"] = items()
    observed = observe(network, own, account, BEGUN, Reach()).observation
    assert getattr(observed, field) == seen
    assert observed.unread == {}
    plain = member(**THERE)
    assert not getattr(look(plain, network=network).observation, field)
    assert set(methods(plain)).isdisjoint(answers.keys() - {"get_service"})


def test_a_domain_that_is_asked_for_is_looked_for_among_those_of_all_accounts() -> None:
    theirs = {"serviceArn": SERVICE.replace(TEAM, "333333333333"), "serviceName": "theirs", "status": "ACTIVE"}
    own = infra("ASSOCIATED")
    own.answers["list_service_network_service_associations"] = items({**theirs, "customDomainName": HOST.upper()})
    own.answers["get_service_network"] = DENIED
    account = member(**{**WISHES, "describe_tags": tagging(network="net", listen="HTTP:80", domain=HOST)})
    seen = observe(NET, own, account, BEGUN, Reach()).observation
    assert seen.holders == {HOST: Holder(account="333333333333", service="theirs", status="ACTIVE")}
    assert ("list_service_network_service_associations", {"serviceNetworkIdentifier": NET.arn}) in own.calls


def test_zones_of_a_joined_vpc_are_read_where_a_zone_has_to_be_found() -> None:
    page = {"HostedZoneId": "ZSHOP", "Name": "shop.example.jp.", "Owner": {"OwningAccount": TEAM}}
    account = member(**THERE, list_hosted_zones_by_vpc=items(page, key="HostedZoneSummaries"))
    run = replace(BEGUN, offered="1 0 333333333333/ZSHOP=shop.example.jp")
    assert look(account, run).observation.zones == {VPC: (replace(SHOP, owner=TEAM),)}


def test_what_a_sibling_has_still_of_what_asks_nothing_is_told() -> None:
    answered = {"Key": tags.STATUS, "Value": "connected"}
    left = items({"VpcId": VPC, "CidrBlock": "10.0.0.0/16", "Tags": [answered]}, key="Vpcs")
    account = member(
        describe_vpcs=left,
        list_service_network_vpc_associations=items({"arn": INSIDE, "serviceNetworkArn": "arn:sn-2"}),
        get_service_network_vpc_association={"vpcId": VPC, "serviceNetworkArn": "arn:sn-2", "status": "ACTIVE"},
        list_tags_for_resource={"tags": {tags.OWNER: "two"}},
    )
    network = replace(NET, siblings=frozenset({"two"}))
    assert look(account, network=network).observation.elsewhere == {VPC}


@pytest.mark.parametrize("listen", ["HTTP:80", "GOPHER:70"], ids=["its name is asked for", "the wish is refused"])
def test_what_our_service_sends_to_is_read_though_its_owner_took_it_back(listen: str) -> None:
    taken = {"arn": GROUP, "name": OF_GROUP, "status": "ACTIVE", "type": "ALB", "vpcIdentifier": VPC}
    account = member(
        **{
            **THERE,
            "get_resources": marked(SERVICE, LISTENER, JOINED, INSIDE, SG),
            "describe_tags": tagging(network="net", listen=listen),
            "list_target_groups": items(taken),
        }
    )
    [group] = look(account).observation.target_groups
    assert (group.name, group.owned, [target.id for target in group.targets]) == (OF_GROUP, False, [BALANCER])


@pytest.mark.parametrize(("weight", "reads"), [("100", True), ("theirs", False)])
def test_what_our_service_sends_to_beside_what_all_ask_for_is_read_unless_a_tool_brought_it(
    weight: str, reads: bool
) -> None:
    other = {"targetGroupIdentifier": "tg-9", "weight": 50}
    forward = {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": 50}, other]}}
    listener = {"name": "http-80", "protocol": "HTTP", "port": 80, "defaultAction": forward}
    wish = tagging(network="net", listen="HTTP:80", weight=weight)
    account = member(**{**THERE, "get_listener": listener, "describe_tags": wish})
    seen = look(account).observation.target_groups
    assert [one.arn.rpartition("/")[2] for one in seen if not one.owned] == (["tg-9"] if reads else [])


def test_what_is_handed_over_is_read_as_it_would_be_if_it_were_ours_and_its_settings_too() -> None:
    answers = {
        **THERE,
        "get_resources": marked(),
        "list_services": items({"arn": SERVICE, "name": "orders", "status": "ACTIVE"}),
        "list_tags_for_resource": {"tags": {tags.ADOPT: tags.YES}},
        "list_listeners": items({"arn": LISTENER}),
        "describe_tags": tagging(network="net", listen="HTTP:80", idle_timeout="90"),
        "get_service": {"idleTimeoutSeconds": 90},
        "get_target_group": {
            "name": "theirs", "type": "ALB", "status": "ACTIVE", "config": {"protocol": "HTTP", "vpcIdentifier": VPC}
        },
        "list_service_network_vpc_associations": items({"arn": INSIDE, "serviceNetworkArn": NET.arn}),
    }  # fmt: skip
    seen = look(member(**answers)).observation
    assert [one.owned for one in (*seen.services, *seen.vpc_associations)] == [False, False]
    assert [(one.name, one.owned) for one in seen.handed.services] == [("orders", True)]
    assert [one.name for one in seen.handed.target_groups] == [OF_GROUP]
    assert [(one.vpc, one.owned) for one in seen.handed.vpc_associations] == [(VPC, True)]
    assert seen.settings == {"orders": Settings(idle_timeout=90)}


def test_a_port_that_a_tag_asks_for_and_no_listener_of_ours_has_is_looked_for_among_all() -> None:
    account = member(
        **{**THERE, "describe_tags": tagging(network="net", listen="HTTP:81")}, list_listeners=items({"arn": LISTENER})
    )
    assert look(account).observation.services == WHOLE.services
    assert ("list_listeners", {"serviceIdentifier": SERVICE}) in account.calls


@pytest.mark.parametrize(
    "method",
    [
        "get_resources",
        "list_service_network_service_associations",
        "list_targets",
        "get_service_network_vpc_association",
        "describe_load_balancers",
        "describe_tags",
        "describe_listeners",
        "describe_vpcs",
        "describe_security_groups",
        "get_listener",
    ],
)
@pytest.mark.parametrize("answer", [THROTTLED, error("InternalServerException", 500)], ids=["throttled", "broken"])
def test_what_aws_cannot_answer_now_stops_the_look(method: str, answer: Answer) -> None:
    with pytest.raises(NotYet, match="Operation"):
        look(member(**{**THERE, method: answer}))


@pytest.mark.parametrize(
    ("method", "thing"),
    [
        ("list_service_network_service_associations", SERVICE),
        ("get_listener", SERVICE),
        ("list_targets", GROUP),
        ("get_service_network_vpc_association", INSIDE),
        ("describe_listeners", BALANCER),
    ],
)
def test_a_thing_that_cannot_be_read_costs_itself(method: str, thing: str) -> None:
    account = member(**{**THERE, "list_listeners": items(), method: DENIED})
    seen = look(
        account, replace(BEGUN, memory=Memory(arns={SERVICE: "orders", GROUP: OF_GROUP, INSIDE: VPC}))
    ).observation
    assert seen.unread == {thing: "Operation AccessDeniedException"}
    things: list[Any] = [*seen.services, *seen.target_groups, *seen.vpc_associations]
    assert [one.arn for one in things] == [SERVICE, GROUP, INSIDE]
    assert [one.arn for one in things if one.status == UNREAD] == ([] if thing == BALANCER else [thing])


# --- whether requests get through

RANGES: dict[str, Answer] = {
    "describe_managed_prefix_lists": items(
        {"PrefixListId": "pl-1", "PrefixListName": "com.amazonaws.ap-northeast-1.vpc-lattice"}, key="PrefixLists"
    ),
    "get_managed_prefix_list_entries": items({"Cidr": "169.254.171.0/24"}, key="Entries"),
    "describe_target_health": {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}]},
    "describe_vpc_attribute": lambda given: {
        f"{given['Attribute'][0].upper()}{given['Attribute'][1:]}": {"Value": True}
    },
    "describe_security_groups": items(
        {
            "GroupId": "sg-7",
            "GroupName": "alb",
            "VpcId": VPC,
            "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        },
        {"GroupId": "sg-1", "GroupName": OF_CLIENTS, "VpcId": VPC, "IpPermissions": [PERMISSION]},
        key="SecurityGroups",
    ),
}


def test_who_is_joined_and_reached_has_no_finding_and_nothing_is_asked_twice() -> None:
    account = member(**{**THERE, **RANGES})
    seen = look(account)
    assert seen.joined == {BALANCER, VPC}
    before = len(account.calls)
    assert seen.findings() == {}
    # Load balancers, listeners and our own group are known by then.
    assert methods(account)[before:] == [
        "describe_managed_prefix_lists",
        "describe_security_groups",
        "describe_target_health",
        "describe_vpc_attribute",
        "describe_vpc_attribute",
    ]
    assert account.calls[before + 1][1] == {"Filters": [{"Name": "group-id", "Values": ["sg-7"]}]}


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (
            {"describe_target_health": {"TargetHealthDescriptions": []}, "describe_rules": items(key="Rules")},
            {BALANCER: "no-healthy-target"},
        ),
        (
            {
                "get_listener": {
                    "name": "http-80",
                    "protocol": "HTTP",
                    "port": 80,
                    "defaultAction": {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": 0}]}},
                }
            },
            {BALANCER: "weights-zero"},
        ),
        (
            {"describe_vpc_attribute": {"EnableDnsSupport": {"Value": False}, "EnableDnsHostnames": {"Value": True}}},
            {VPC: "vpc-dns-off"},
        ),
    ],
)
def test_what_keeps_requests_out_is_told_by_whom_it_is_of(answers: dict[str, Answer], found: dict[str, str]) -> None:
    seen = look(member(**{**THERE, **RANGES, **answers}))
    assert {key: one.code for key, one in seen.findings().items()} == found


@pytest.mark.parametrize(
    ("answers", "joined"),
    [
        ({"list_targets": items()}, {VPC}),
        (
            {
                "list_service_network_service_associations": items(),
                "get_service": {"name": "orders", "status": "ACTIVE"},
            },
            {VPC},
        ),
        (
            {
                "get_service_network_vpc_association": {
                    "vpcId": VPC,
                    "serviceNetworkArn": NET.arn,
                    "status": "CREATE_IN_PROGRESS",
                }
            },
            {BALANCER},
        ),
    ],
)
def test_who_is_not_joined_is_not_asked_about(answers: dict[str, Answer], joined: set[str]) -> None:
    assert look(member(**{**THERE, **answers})).joined == joined


@pytest.mark.parametrize("listen", ["HTTP:80", "none"])
def test_who_serves_is_looked_at_also_while_its_tags_are_wrong(listen: str) -> None:
    closed: Answer = items(
        {"GroupId": "sg-7", "GroupName": "alb", "VpcId": VPC, "IpPermissions": []}, key="SecurityGroups"
    )
    wishes = {"describe_tags": tagging(network="net", listen=listen), "describe_security_groups": closed}
    seen = look(member(**{**THERE, **RANGES, **wishes}))
    assert seen.findings()[BALANCER].code == "security-group"


OTHER, OF_OTHER = BALANCER.replace("orders", "bills"), GROUP.replace("tg-1", "tg-2")
BESIDE: dict[str, Answer] = {
    **THERE,
    **RANGES,
    "get_resources": marked(SERVICE, GROUP, OF_OTHER, LISTENER, JOINED, INSIDE, SG),
    "describe_load_balancers": items(ALB, {**ALB, "LoadBalancerArn": OTHER}, key="LoadBalancers"),
    "get_listener": {
        "name": "http-80",
        "protocol": "HTTP",
        "port": 80,
        "defaultAction": {"forward": {"targetGroups": [{"targetGroupIdentifier": one} for one in (GROUP, OF_OTHER)]}},
    },
    "list_targets": lambda given: items(
        {"id": BALANCER if given["targetGroupIdentifier"] == GROUP else OTHER, "port": 80, "status": "UNAVAILABLE"}
    ),
    "get_target_group": lambda given: {
        "name": names.target_group(
            "net", "orders", BALANCER if given["targetGroupIdentifier"] == GROUP else OTHER, "HTTP", 80, VPC
        ),
        "status": "ACTIVE",
        "config": {"protocol": "HTTP", "vpcIdentifier": VPC},
    },
}
"""A second load balancer, which asks for nothing any more, is behind the service."""


def test_whether_who_left_answers_is_asked_only_where_nobody_else_does() -> None:
    account = member(**BESIDE)
    seen = look(account)
    assert seen.findings() == {}
    assert methods(account).count("describe_target_health") == 1
    idle = {"describe_target_health": {"TargetHealthDescriptions": []}, "describe_rules": items(key="Rules")}
    seen = look(member(**{**BESIDE, **idle}))
    assert {key: one.code for key, one in seen.findings().items()} == dict.fromkeys(
        (BALANCER, OTHER), "no-healthy-target"
    )


def test_who_left_is_asked_about_also_where_the_other_one_asks_for_another_service_by_now() -> None:
    idle = {"describe_target_health": {"TargetHealthDescriptions": []}, "describe_rules": items(key="Rules")}
    renamed = {"describe_tags": tagging(network="net", service="bank", listen="HTTP:80")}
    known = Memory(arns={SERVICE: "orders"}, findings={BALANCER: Finding(code="no-healthy-target", message="mend it")})
    seen = look(member(**{**BESIDE, **idle, **renamed}), replace(BEGUN, memory=known))
    assert seen.findings().keys() == {BALANCER, OTHER}
    # Of one that nobody asks for any more it is nobody's question.
    seen = look(
        member(**{**BESIDE, **idle, "describe_tags": tagging()}), replace(BEGUN, memory=Memory(arns=known.arns))
    )
    assert seen.findings().keys().isdisjoint({BALANCER, OTHER})


@pytest.mark.parametrize(
    ("admitted", "found"),
    [(80, {}), (9, {BALANCER: ("orders", 80), OTHER: ("", 80)})],
)
def test_who_asks_for_another_service_by_now_is_asked_about_where_nobody_who_asks_for_this_one_could_answer(
    admitted: int, found: dict[str, tuple[str, int]]
) -> None:
    asks = {"lattice:network": "net", "lattice:service": "orders", "lattice:listen": "HTTP:80"}
    moves = {**asks, "lattice:service": "bank"}
    given = items(
        *(
            {"ResourceArn": arn, "Tags": [{"Key": key, "Value": text} for key, text in tagged.items()]}
            for arn, tagged in ((OTHER, asks), (BALANCER, moves))
        ),
        key="TagDescriptions",
    )
    lets_in = {**PERMISSION, "FromPort": admitted, "ToPort": admitted, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    groups = items(
        {"GroupId": "sg-7", "GroupName": "alb", "VpcId": VPC, "IpPermissions": [lets_in]}, key="SecurityGroups"
    )
    account = member(**{**BESIDE, "describe_tags": given, "describe_security_groups": groups})
    seen = look(account, replace(BEGUN, memory=Memory(arns={SERVICE: "orders"})))
    assert {key: (one.service, one.port) for key, one in seen.findings().items()} == found


def test_whoever_somebody_put_in_place_of_the_one_who_asks_is_asked_about_though_that_one_could_answer() -> None:
    """No request comes to who could answer."""
    put: dict[str, Answer] = {
        "describe_load_balancers": items(
            ALB, {**ALB, "LoadBalancerArn": OTHER, "SecurityGroups": ["sg-8"]}, key="LoadBalancers"
        ),
        "list_targets": items({"id": OTHER, "port": 80, "status": "UNAVAILABLE"}),
        "describe_security_groups": items(
            {"GroupId": "sg-1", "GroupName": OF_CLIENTS, "VpcId": VPC, "IpPermissions": [PERMISSION]},
            {"GroupId": "sg-8", "GroupName": "closed", "VpcId": VPC, "IpPermissions": []},
            key="SecurityGroups",
        ),
    }
    seen = look(member(**{**THERE, **RANGES, **put}))
    assert {key: one.code for key, one in seen.findings().items()} == {OTHER: "security-group"}


OLD_PORT: dict[str, Answer] = {
    "describe_tags": tagging(network="net", listen="HTTP:80", target="HTTP:80"),
    "describe_listeners": items(
        *(
            {
                "Protocol": "HTTP",
                "Port": port,
                "ListenerArn": f"arn of {port}",
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": "web"}],
            }
            for port in (80, 81)
        ),
        key="Listeners",
    ),
    "get_resources": marked(SERVICE, GROUP, OF_OTHER, LISTENER, JOINED, INSIDE, SG),
    "get_listener": BESIDE["get_listener"],
    "list_targets": lambda given: items(
        {"id": BALANCER, "port": 80 if given["targetGroupIdentifier"] == GROUP else 81, "status": "UNAVAILABLE"}
    ),
    "get_target_group": lambda given: {
        "name": names.target_group(
            "net", "orders", BALANCER, "HTTP", 80 if given["targetGroupIdentifier"] == GROUP else 81, VPC
        ),
        "status": "ACTIVE",
        "config": {"protocol": "HTTP", "vpcIdentifier": VPC},
    },
}
"""The load balancer is sent to at two ports, of which its tags ask for one."""


@pytest.mark.parametrize(
    ("admitted", "found"), [((1, 99), {}), ((81, 81), {BALANCER: False}), ((1, 9), {BALANCER: True})]
)
def test_who_cannot_answer_where_his_tags_ask_is_looked_at_where_he_is_sent_to_still(
    admitted: tuple[int, int], found: dict[str, bool]
) -> None:
    lets_in = {
        "IpProtocol": "tcp",
        "FromPort": admitted[0],
        "ToPort": admitted[1],
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
    groups = items(
        {"GroupId": "sg-7", "GroupName": "alb", "VpcId": VPC, "IpPermissions": [lets_in]}, key="SecurityGroups"
    )
    seen = look(member(**{**THERE, **RANGES, **OLD_PORT, "describe_security_groups": groups}))
    assert {key: one.everywhere for key, one in seen.findings().items()} == found


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        ({"describe_load_balancers": DENIED}, {BALANCER}),
        ({"describe_listeners": DENIED}, {BALANCER}),
        ({}, set()),
    ],
    ids=["none may be listed", "this one may not be read", "all are read, and it asks for nothing"],
)
def test_what_was_found_of_a_load_balancer_stands_as_long_as_it_cannot_be_read(
    answers: dict[str, Answer], kept: set[str]
) -> None:
    plain = {"describe_tags": tagging(network="net", listen="HTTP:80") if answers else tagging()}
    before = {key: Finding(code="no-healthy-target", message="start one") for key in (BALANCER, "vpc-gone")}
    seen = look(member(**{**WISHES, **plain, **answers}), replace(BEGUN, memory=Memory(findings=before)))
    assert set(seen.findings()) == kept


def test_being_asked_to_slow_down_stops_the_findings_too() -> None:
    seen = look(member(**{**THERE, **RANGES, "describe_target_health": THROTTLED}))
    with pytest.raises(NotYet):
        assert seen.findings()


# --- a narrow look

LAST = Plan(
    account=TEAM,
    round=1,
    next="apply",
    arns={SERVICE: "orders", GROUP: OF_GROUP, LISTENER: "http-80", JOINED: "orders", INSIDE: VPC},
)
EMPTY = replace(WHOLE, services=(), target_groups=(), vpc_associations=(), security_groups=())
VISIBLE = Access(known=True, visible=True)


def outcome(kind: str, name: str, arn: str = "") -> Outcome:
    return Outcome(kind=kind, account=TEAM, name=name, because="b", status="done", arn=arn)


def went_on(seen: Observation, *outcomes: Outcome, plan: Plan = LAST, access: Access = VISIBLE) -> Run:
    made = {one.arn: one.name.rpartition("/")[2] for one in outcomes if one.arn}
    return replace(BEGUN, seen=replace(seen, access=access), plan=plan, outcomes=(outcomes,), made=made, round=1)


def narrow(account: Canned, run: Run) -> Observation:
    return touched(NET, infra(), account, run, Reach())


@pytest.mark.parametrize(
    ("status", "watched"),
    [("refused", True), ("waiting", True), ("unreachable", True), ("connected", False), ("connecting", False)],
)
def test_who_moves_is_looked_at_where_he_is_when_a_siblings_network_has_told_him_more_than_that_he_comes(
    status: str, *, watched: bool
) -> None:
    said = [{"Key": tags.STATUS, "Value": status}, {"Key": "lattice:network", "Value": "two"}]
    moved = items({"ResourceArn": BALANCER, "Tags": said}, key="TagDescriptions")
    network = replace(NET, siblings=frozenset({"two"}))
    account = member(**{**THERE, **RANGES, "describe_tags": moved, "list_target_groups": items()})
    seen = look(account, replace(BEGUN, memory=Memory(arns=LAST.arns)), network=network)
    assert (BALANCER in seen.joined) is watched


@pytest.mark.parametrize(
    ("memory", "watched"),
    [
        (Memory(), False),
        (Memory(findings={BALANCER: Finding(code="security-group", message="admit")}), True),
        (Memory(failed={"CreateService 222222222222 bank": "denied"}), True),
        (Memory(services=(ServiceState(account=TEAM, name="orders", network="net", status="held"),)), True),
        (Memory(services=(ServiceState(account=TEAM, name="orders", network="net", status="connected"),)), False),
    ],
)
def test_who_is_to_be_behind_another_service_is_looked_at_where_he_rests(memory: Memory, watched: bool) -> None:
    renamed = {"describe_tags": tagging(network="net", service="bank", listen="HTTP:80")}
    remembers = replace(memory, arns=LAST.arns)
    seen = look(member(**{**THERE, **RANGES, **renamed}), replace(BEGUN, memory=remembers))
    assert (BALANCER in seen.joined) is watched


@pytest.mark.parametrize("carries", ["old", "ours"])
@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("still", [True, False])
def test_the_domain_by_which_a_siblings_service_answers_is_asked_for_by_a_narrow_look_too(
    still: bool, asks: bool, carries: str
) -> None:
    """Of who asks for no network it is told whichever it carries: what was ours may just have gone."""
    said = {"serviceNetworkArn": "arn:sn-2", "dnsEntry": {"domainName": "old"}, "status": "ACTIVE"}
    tagged = tagging(**({"network": "net", "listen": "HTTP:80"} if asks else {}))
    answered = {tags.STATUS: "disconnecting", tags.DOMAIN: carries}
    tagged["TagDescriptions"][0]["Tags"] += [{"Key": key, "Value": text} for key, text in answered.items()]
    account = member(
        **{**WISHES, "describe_tags": tagged},
        list_target_groups=items(
            {
                "arn": GROUP,
                "name": "theirs",
                "type": "ALB",
                "status": "ACTIVE",
                "vpcIdentifier": VPC,
                "serviceArns": [SERVICE],
            }
        ),
        list_service_network_service_associations=items({"arn": JOINED, **said}),
        list_tags_for_resource={"tags": {tags.OWNER: "two"}},
        list_targets=items({"id": BALANCER, "port": 80, "status": "HEALTHY"}),
        get_target_group={"name": "theirs", "status": "ACTIVE"},
    )
    network = replace(NET, siblings=frozenset({"two"}))
    before = look(account, network=network).observation
    told = {BALANCER: "old"} if not asks or carries == "old" else {}
    assert before.domains_elsewhere == told
    account.answers["list_service_network_service_associations"] = items(*[{"arn": JOINED, **said}] * still)
    after = touched(network, infra(), account, went_on(before), Reach())
    assert after.domains_elsewhere == (told if still else {})


THEIR_SERVICE = Service(arn=SERVICE, name="shop", status="ACTIVE", owned=False, mark="two")
THEIR_GROUP = TargetGroup(
    arn=GROUP,
    name="theirs",
    status="ACTIVE",
    owned=False,
    mark="two",
    targets=(Target(id=BALANCER, port=80, status="HEALTHY"),),
)
THEIR_VPC = VpcAssociation(arn=INSIDE, vpc=VPC, network="arn:sn-2", status="ACTIVE", owned=False, mark="two")


@pytest.mark.parametrize("answer", ["gone", "going", "denied"])
def test_what_another_network_has_to_let_go_first_is_looked_at_by_a_narrow_look_too(answer: str) -> None:
    if answer == "going":
        of_service: Any = {"name": "shop", "status": "DELETE_IN_PROGRESS"}
        targets: Any = items()
        of_vpc: Any = {"vpcId": VPC, "serviceNetworkArn": "arn:sn-2", "status": "DELETE_IN_PROGRESS"}
    else:
        code = "ResourceNotFoundException" if answer == "gone" else "AccessDeniedException"
        of_service = targets = of_vpc = error(code)
    account = member(
        get_service=of_service,
        list_targets=targets,
        get_target_group={"name": "theirs", "status": "ACTIVE"},
        get_service_network_vpc_association=of_vpc,
    )
    strangers = replace(THEIR_GROUP, arn=f"{GROUP}-2", mark="")
    before = replace(
        EMPTY, services=(THEIR_SERVICE,), target_groups=(THEIR_GROUP, strangers), vpc_associations=(THEIR_VPC,)
    )
    seen = touched(replace(NET, siblings=frozenset({"two"})), infra(), account, went_on(before), Reach())
    found = (*seen.services, *seen.target_groups, *seen.vpc_associations)
    if answer == "gone":
        assert found == (strangers,)
    elif answer == "denied":
        assert set(found) == {THEIR_SERVICE, THEIR_GROUP, THEIR_VPC, strangers}
        assert seen.unread.keys() == {SERVICE, GROUP, INSIDE}
    else:
        going = {"status": "DELETE_IN_PROGRESS"}
        left = replace(THEIR_GROUP, targets=())
        assert set(found) == {replace(THEIR_SERVICE, **going), left, strangers, replace(THEIR_VPC, **going)}


def test_where_nothing_was_touched_and_all_rests_nothing_is_asked() -> None:
    nobody = Canned(TEAM)
    assert narrow(nobody, went_on(WHOLE)) == replace(WHOLE, access=VISIBLE)
    assert nobody.calls == []


def test_what_was_just_made_is_read_anew_and_put_in() -> None:
    account = member(**THERE, get_service={"name": "orders", "status": "ACTIVE"})
    run = went_on(
        EMPTY,
        outcome("CreateService", "orders", SERVICE),
        outcome("CreateTargetGroup", OF_GROUP, GROUP),
        outcome("AssociateVpc", VPC, INSIDE),
        outcome("CreateSecurityGroup", OF_CLIENTS),
    )
    seen = narrow(account, replace(run, plan=replace(LAST, arns={LISTENER: "http-80"})))
    [service], [group] = WHOLE.services, WHOLE.target_groups
    assert seen == replace(
        WHOLE,
        services=(replace(service, associations=(), domain=""),),
        target_groups=(replace(group, targets=()),),
        access=VISIBLE,
    )
    # A group that was made is left its time, and not asked for.
    assert methods(account) == [
        "get_service",
        "get_listener",
        "get_service_network_vpc_association",
        "describe_security_groups",
    ]


@pytest.mark.parametrize(
    ("outcomes", "asked"),
    [
        ([outcome("RegisterTarget", OF_GROUP)], ["list_targets"]),
        (
            [outcome("CreateListener", "orders/http-80", LISTENER)],
            ["list_service_network_service_associations", "get_listener"],
        ),
        (
            [outcome("AssociateService", "orders", JOINED)],
            ["list_service_network_service_associations", "get_listener"],
        ),
        ([outcome("UpdateVpcAssociation", VPC)], ["get_service_network_vpc_association"]),
        ([outcome("UpdateSecurityGroup", OF_CLIENTS)], ["describe_security_groups"]),
        ([outcome("WriteStatus", "bills")], []),
    ],
)
def test_only_what_the_last_steps_touched_is_read(outcomes: list[Outcome], asked: list[str]) -> None:
    account = member(**THERE)
    run = went_on(WHOLE, *outcomes)
    assert narrow(account, replace(run, memory=Memory(arns=LAST.arns))) == replace(WHOLE, access=VISIBLE)
    assert methods(account) == asked


def moving(**given: str) -> Observation:
    [service], [group], [inside] = WHOLE.services, WHOLE.target_groups, WHOLE.vpc_associations
    [joined] = service.associations
    joined = replace(joined, status=given.get("joined", joined.status))
    return replace(
        WHOLE,
        services=(replace(service, status=given.get("service", "ACTIVE"), associations=(joined,)),),
        target_groups=(
            replace(
                group,
                status=given.get("group", "ACTIVE"),
                targets=tuple(replace(to, status=given.get("target", to.status)) for to in group.targets),
            ),
        ),
        vpc_associations=(replace(inside, status=given.get("inside", "ACTIVE")),),
    )


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (moving(service="CREATE_IN_PROGRESS"), "list_service_network_service_associations"),
        (moving(joined="CREATE_IN_PROGRESS"), "list_service_network_service_associations"),
        (moving(joined="DELETE_IN_PROGRESS"), "list_service_network_service_associations"),
        (moving(group="CREATE_IN_PROGRESS"), "list_targets"),
        (moving(group="CREATE_FAILED"), "list_targets"),
        (moving(target="INITIAL"), "list_targets"),
        (moving(inside="UPDATE_IN_PROGRESS"), "get_service_network_vpc_association"),
        (moving(inside="CREATE_FAILED"), ""),
        (moving(joined="CREATE_FAILED"), ""),
    ],
)
def test_what_was_on_its_way_is_read_anew(before: Observation, first: str) -> None:
    account = member(**THERE)
    run = replace(went_on(before), memory=Memory(arns=LAST.arns))
    assert narrow(account, run) == replace(WHOLE if first else before, access=VISIBLE)
    assert methods(account)[:1] == ([first] if first else [])
    assert "get_listener" not in methods(account), "nothing was done to it"


@pytest.mark.parametrize(
    ("method", "outcomes", "left"),
    [
        ("list_service_network_service_associations", ["orders"], replace(WHOLE, services=())),
        ("list_targets", [OF_GROUP], replace(WHOLE, target_groups=())),
        ("get_service_network_vpc_association", [VPC], replace(WHOLE, vpc_associations=())),
    ],
)
def test_what_is_gone_is_no_more_in_it(method: str, outcomes: list[str], left: Observation) -> None:
    account = member(**{**THERE, method: MISSING})
    run = went_on(WHOLE, *(outcome("Update", name) for name in outcomes))
    assert narrow(account, run) == replace(left, access=VISIBLE)


def test_what_cannot_be_read_is_told_as_unread() -> None:
    account = member(**{**THERE, "list_targets": DENIED})
    seen = narrow(account, went_on(WHOLE, outcome("RegisterTarget", OF_GROUP)))
    assert [one.status for one in seen.target_groups] == [UNREAD]
    assert seen.unread == {GROUP: "Operation AccessDeniedException"}
    with pytest.raises(NotYet):
        narrow(member(**{**THERE, "list_targets": THROTTLED}), went_on(WHOLE, outcome("RegisterTarget", OF_GROUP)))


def test_strangers_things_are_not_read_again() -> None:
    [service], [group], [inside] = WHOLE.services, WHOLE.target_groups, WHOLE.vpc_associations
    theirs = replace(
        WHOLE,
        services=(replace(service, owned=False, status="CREATE_IN_PROGRESS"),),
        target_groups=(replace(group, owned=False, status="CREATE_IN_PROGRESS"),),
        vpc_associations=(replace(inside, owned=False, status="CREATE_IN_PROGRESS"),),
    )
    nobody = Canned(TEAM)
    touching = [outcome("Update", name) for name in ("orders", OF_GROUP, VPC)]
    assert narrow(nobody, went_on(theirs, *touching)) == replace(theirs, access=VISIBLE)


@pytest.mark.parametrize(
    ("access", "asks"),
    [
        (Access(), False),
        (Access(known=True, visible=True), False),
        (Access(known=True), True),
    ],
)
def test_whether_the_network_has_come_within_reach_is_asked_while_it_has_not(access: Access, asks: bool) -> None:
    account = member(get_service_network={})
    seen = narrow(account, went_on(EMPTY, access=access))
    assert seen.access == (VISIBLE if asks else access)
    assert methods(account) == (["get_service_network"] if asks else [])


def test_answers_that_were_written_are_on_their_resources_and_those_that_were_refused_are_not() -> None:
    put = {tags.STATUS: "connecting"}
    written = (
        WriteStatus(account=TEAM, name="orders", because="b", resource=BALANCER, put=put, remove=("lattice:listen",)),
        WriteStatus(account=TEAM, name=VPC, because="b", resource=VPC, put=put),
    )
    plan = replace(LAST, batches=(Batch(account=TEAM, sharing=False, steps=written),))
    done, refused = outcome("WriteStatus", "orders"), replace(outcome("WriteStatus", VPC), status="refused")
    seen = narrow(Canned(TEAM), went_on(WHOLE, done, refused, plan=plan))
    assert [dict(one.tags) for one in seen.load_balancers] == [{"lattice:network": "net", **put}]
    assert [dict(one.tags) for one in seen.vpcs] == [{"lattice:network": "net"}]


def test_zones_of_a_joined_vpc_are_read_by_a_narrow_look_too() -> None:
    page = {"HostedZoneId": "ZSHOP", "Name": "shop.example.jp.", "Owner": {"OwningAccount": TEAM}}
    account = member(list_hosted_zones_by_vpc=items(page, key="HostedZoneSummaries"))
    run = replace(went_on(WHOLE), offered="1 0 333333333333/ZSHOP=shop.example.jp")
    assert narrow(account, run).zones == {VPC: (replace(SHOP, owner=TEAM),)}


def test_without_a_look_before_it_there_is_no_narrow_one() -> None:
    for run in (BEGUN, replace(BEGUN, plan=LAST), replace(BEGUN, seen=WHOLE)):
        with pytest.raises(AssertionError, match="no look before"):
            narrow(Canned(TEAM), run)
