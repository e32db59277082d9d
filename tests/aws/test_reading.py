"""What decides about a request is put into the walk's values, word for word; what is not there is told as not there."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from onramp.aws import reading
from onramp.core import view as seen
from onramp.core.zones import Holding

from tests.aws.canned import LATTICE, LISTENER, SERVICE, Answer, Canned, Given, error

TEAM = "222222222222"
GROUP = "tg-0123456789abcdef0"
ELB = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:"
BALANCER = f"{ELB}loadbalancer/app/orders/1"
MISSING, DENIED = error("ResourceNotFoundException", 404), error("AccessDeniedException", 403)


def items(*those: Given, key: str = "items") -> Given:
    return {key: list(those)}


# --- Lattice

FORWARD = {
    "forward": {
        "targetGroups": [{"targetGroupIdentifier": f"{LATTICE}targetgroup/{GROUP}", "weight": 7}],
    }
}
ELSEWHERE = {"forward": {"targetGroups": [{"targetGroupIdentifier": "tg-2"}]}}
TEAPOT = {"fixedResponse": {"statusCode": 418}}


def test_a_listener_is_read_with_its_rules_in_the_order_of_the_list() -> None:
    rules = {
        f"{LISTENER}/rule/rule-{name}": {"name": name, "priority": priority, "action": action}
        for name, priority, action in (("b", 20, TEAPOT), ("a", 10, ELSEWHERE))
    }
    owner = Canned(
        TEAM,
        list_listeners=items({"arn": LISTENER}),
        get_listener={"name": "http-80", "protocol": "HTTP", "port": 80, "defaultAction": FORWARD},
        list_rules=items(*({"arn": arn} for arn in rules), {"arn": f"{LISTENER}/rule/rule-0", "isDefault": True}),
        get_rule=lambda given: rules[given["ruleIdentifier"]],
    )
    assert reading.listeners(SERVICE, owner) == (
        seen.Listener(
            name="http-80",
            protocol="HTTP",
            port=80,
            default=seen.Action(forward=((GROUP, 7),)),
            rules=(
                seen.Rule(
                    name="b", priority=20, match=seen.Match(case_sensitive=True), action=seen.Action(fixed_status=418)
                ),
                seen.Rule(
                    name="a",
                    priority=10,
                    match=seen.Match(case_sensitive=True),
                    action=seen.Action(forward=(("tg-2", 100),)),
                ),
            ),
        ),
    )
    within = {"serviceIdentifier": SERVICE, "listenerIdentifier": LISTENER}
    assert owner.calls == [
        ("list_listeners", {"serviceIdentifier": SERVICE}),
        ("get_listener", within),
        ("list_rules", within),
        *(("get_rule", {**within, "ruleIdentifier": arn}) for arn in rules),
    ]


@pytest.mark.parametrize(
    ("http", "match"),
    [
        ({"method": "GET"}, seen.Match(method="GET", case_sensitive=True)),
        ({"pathMatch": {"match": {"exact": "/a"}}}, seen.Match(path="/a", path_how="exact", case_sensitive=True)),
        (
            {"pathMatch": {"match": {"prefix": "/b"}, "caseSensitive": False}},
            seen.Match(path="/b", path_how="prefix", case_sensitive=False),
        ),
        (
            {
                "headerMatches": [
                    {"name": "X-A", "match": {"contains": "1"}},
                    {"name": "X-B", "match": {"prefix": "2"}, "caseSensitive": True},
                ]
            },
            seen.Match(
                case_sensitive=True,
                headers=(
                    seen.HeaderMatch(name="X-A", how="contains", value="1"),
                    seen.HeaderMatch(name="X-B", how="prefix", value="2", case_sensitive=True),
                ),
            ),
        ),
    ],
)
def test_what_a_rule_matches_is_read_with_how_it_compares(http: Given, match: seen.Match) -> None:
    owner = Canned(
        TEAM,
        list_listeners=items({"arn": LISTENER}),
        get_listener={"name": "n", "protocol": "HTTP", "port": 80, "defaultAction": {}},
        list_rules=items({"arn": f"{LISTENER}/rule/rule-1"}),
        get_rule={"name": "r", "priority": 1, "action": TEAPOT, "match": {"httpMatch": http}},
    )
    [listener] = reading.listeners(SERVICE, owner)
    assert [one.match for one in listener.rules] == [match]
    assert listener.default == seen.Action()


def test_a_target_group_is_read_with_its_targets() -> None:
    config = {"protocol": "HTTPS", "vpcIdentifier": "vpc-1", "healthCheck": {"port": 8443}}
    whole = {"id": GROUP, "name": "orders", "type": "ALB", "status": "ACTIVE", "config": config}
    owner = Canned(
        TEAM,
        get_target_group=whole,
        list_targets=items({"id": BALANCER, "port": 443, "status": "HEALTHY"}, {"id": "fn"}),
    )
    assert reading.target_group(GROUP, owner) == seen.TargetGroup(
        id=GROUP,
        name="orders",
        type="ALB",
        status="ACTIVE",
        protocol="HTTPS",
        vpc="vpc-1",
        targets=(seen.Target(id=BALANCER, port=443, status="HEALTHY"), seen.Target(id="fn", port=0)),
        checked_on=8443,
    )
    assert [given for _, given in owner.calls] == [{"targetGroupIdentifier": GROUP}] * 2
    del whole["config"]
    function = reading.target_group(GROUP, owner)
    assert function is not None
    assert (function.protocol, function.vpc, function.checked_on) == ("HTTP", "", 0)


def test_what_is_gone_is_told_as_gone_and_what_is_denied_is_not() -> None:
    assert reading.target_group(GROUP, Canned(TEAM, get_target_group=MISSING)) is None
    assert reading.got("get_service", Canned(TEAM, get_service=MISSING), serviceIdentifier=SERVICE) == {}
    gone = Canned(TEAM, describe_load_balancers=error("LoadBalancerNotFound"))
    assert reading.balancer(BALANCER, gone) is None
    for read, answers in (
        (lambda account: reading.target_group(GROUP, account), {"get_target_group": DENIED}),
        (lambda account: reading.balancer(BALANCER, account), {"describe_load_balancers": DENIED}),
    ):
        with pytest.raises(ClientError):
            read(Canned(TEAM, **answers))


# --- names


@pytest.mark.parametrize(
    ("zones", "records", "found"),
    [
        (["example.com."], [{"Type": "CNAME", "ResourceRecords": [{"Value": "Svc.On.Aws."}]}], (1, ["svc.on.aws"])),
        (["Example.com."], [{"Type": "A", "AliasTarget": {"DNSName": "svc.on.aws."}}], (1, ["svc.on.aws"])),
        (["orders.example.com."], [{"Type": "AAAA", "ResourceRecords": [{"Value": "::1"}]}], (1, ["::1"])),
        (["example.com."], [{"Type": "TXT", "ResourceRecords": [{"Value": "v=1"}]}], (1, [])),
        (["example.com."], [{"Type": "CNAME", "ResourceRecords": [{"Value": "A.MX."}]}], (1, ["a.mx"])),
        (["example.com."], [{"Type": "A"}], (1, [""])),
        (["example.com."], [{"Type": "A", "Name": "other.example.com."}], (1, [])),
        (["ple.com."], [], (0, [])),
        (["example.org."], [], (0, [])),
        ([], [], (0, [])),
    ],
)
def test_where_a_names_records_point(zones: list[str], records: list[Given], found: tuple[int, list[str]]) -> None:
    owner = Canned(
        TEAM,
        list_hosted_zones=items(*({"Id": f"Z-{name}", "Name": name} for name in zones), key="HostedZones"),
        list_resource_record_sets={"ResourceRecordSets": [{"Name": "Orders.Example.com.", **one} for one in records]},
    )
    there = reading.records("orders.example.com", "vpc-1", owner)
    assert (len(there), [to for zone in there for to in zone.leads]) == found
    assert {(zone.inside, zone.handed_on) for zone in there} <= {(None, "")}
    asked = {"StartRecordName": "orders.example.com", "MaxItems": "20"}
    assert owner.calls[1:] == [
        ("list_resource_record_sets", {"HostedZoneId": f"Z-{zone}", **asked}) for zone in zones[: found[0]]
    ]


# --- load balancers


def test_a_load_balancer_is_read_with_what_it_listens_to() -> None:
    whole: Given = {
        "LoadBalancerName": "orders",
        "Scheme": "internal",
        "State": {"Code": "active"},
        "SecurityGroups": ["sg-1", "sg-2"],
        "IpAddressType": "dualstack-without-public-ipv4",
    }
    actions: list[list[Given]] = [
        [],
        [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}, {}],
        [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}],
        [{"Type": "forward"}],
    ]
    owner = Canned(
        TEAM,
        describe_load_balancers=items(whole, key="LoadBalancers"),
        describe_listeners=items(
            *({"Protocol": "HTTP", "Port": port, "DefaultActions": does} for port, does in enumerate(actions, 80)),
            key="Listeners",
        ),
    )
    assert reading.balancer(BALANCER, owner) == seen.Balancer(
        arn=BALANCER,
        name="orders",
        scheme="internal",
        state="active",
        security_groups=("sg-1", "sg-2"),
        dualstack=True,
        listeners=tuple(
            seen.BalancerListener(protocol="HTTP", port=port, fixed_status=status)
            for port, status in enumerate((0, 503, 301, 0), 80)
        ),
    )
    assert owner.calls == [
        ("describe_load_balancers", {"LoadBalancerArns": [BALANCER]}),
        ("describe_listeners", {"LoadBalancerArn": BALANCER}),
    ]
    owner.answers["describe_load_balancers"] = items(
        {"LoadBalancerName": "n", "State": {"Code": "provisioning"}}, key="LoadBalancers"
    )
    plain = reading.balancer(BALANCER, owner)
    assert plain is not None
    assert (plain.scheme, plain.state, plain.security_groups, plain.dualstack) == ("", "provisioning", (), False)


WEB, IDLE = f"{ELB}targetgroup/web/1", f"{ELB}targetgroup/idle/2"
HEALTH: dict[str, list[Given]] = {
    WEB: [
        {"Target": {"Id": "i-1", "Port": 8080}, "TargetHealth": {"State": "healthy"}},
        {"Target": {"Id": "fn"}, "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout"}},
        {"Target": {"Id": "i-3", "Port": 80}, "TargetHealth": {"State": "unused"}},
    ],
    IDLE: [{"Target": {"Id": "i-9", "Port": 1}, "TargetHealth": {"State": "draining", "Reason": "Target.Leaving"}}],
}
TO_WEB: Given = {
    "targets": (("i-1", 8080), ("fn", 0), ("i-3", 80)),
    "health": (("i-1", ""), ("fn", "unhealthy (Target.Timeout)"), ("i-3", "unused")),
}
TO_IDLE: Given = {"targets": (("i-9", 1),), "health": (("i-9", "draining (Target.Leaving)"),)}


def weighing(**weights: int | None) -> Given:
    groups = [
        {"TargetGroupArn": {"web": WEB, "idle": IDLE}[name], **({} if weight is None else {"Weight": weight})}
        for name, weight in weights.items()
    ]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def leading(**given: str) -> list[Given]:
    return [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", **given}}]


def listening(actions: list[Given], rules: list[Given] | None = None, **given: Any) -> Canned:
    listener = {"ListenerArn": f"{ELB}listener/1", "Protocol": "HTTP", "Port": 80, "DefaultActions": actions, **given}
    answers: dict[str, Answer] = {
        "describe_listeners": items(listener, key="Listeners"),
        "describe_rules": items({"IsDefault": True}, *(rules or []), key="Rules"),
        "describe_target_health": lambda asked: {"TargetHealthDescriptions": HEALTH[asked["TargetGroupArn"]]},
    }
    return Canned(TEAM, **answers)


@pytest.mark.parametrize(
    ("actions", "does"),
    [
        ([], {}),
        ([{"Type": "forward", "TargetGroupArn": WEB}], TO_WEB),
        ([weighing(web=1, idle=0)], TO_WEB),
        ([weighing(web=None)], TO_WEB),
        ([weighing(idle=5)], TO_IDLE),
        ([weighing(web=0, idle=0)], {"weightless": True}),
        ([{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": WEB}], TO_WEB),
        ([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}], {"fixed_status": 404}),
        (leading(Host="#{host}", Port="#{port}", Protocol="#{protocol}"), {"fixed_status": 302}),
        (leading(Protocol="HTTPS", Port="443"), {"fixed_status": 302, "leads": "HTTPS:443"}),
        (leading(Host="b.example"), {"fixed_status": 302, "leads": "b.example"}),
        (
            leading(Protocol="HTTPS", Host="b.example", Port="8443"),
            {"fixed_status": 302, "leads": "HTTPS:b.example:8443"},
        ),
    ],
)
def test_what_a_load_balancer_does_in_the_end_with_a_request(actions: list[Given], does: Given) -> None:
    owner = listening(actions)
    assert reading.balancer_listeners(BALANCER, owner) == (seen.BalancerListener(protocol="HTTP", port=80, **does),)
    # A rule does what a listener does by default.
    rule = {"IsDefault": False, "Priority": "5", "Conditions": [], "Actions": actions}
    [listener] = reading.balancer_listeners(BALANCER, listening([], [rule]))
    assert listener.rules == (seen.BalancerRule(priority=5, conditions=(), **does),)


def test_of_a_load_balancer_only_what_tells_is_asked() -> None:
    owner = listening([weighing(web=1, idle=1)])
    [listener] = reading.balancer_listeners(BALANCER, owner)
    assert (listener.certificates, listener.rules, len(listener.targets)) == (None, (), 4)
    assert owner.calls == [
        ("describe_listeners", {"LoadBalancerArn": BALANCER}),
        ("describe_rules", {"ListenerArn": f"{ELB}listener/1"}),
        ("describe_target_health", {"TargetGroupArn": WEB}),
        ("describe_target_health", {"TargetGroupArn": IDLE}),
    ]


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        (
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b*"]}, "Values": ["/a"]},
            seen.BalancerCondition(field="path-pattern", values=("/a", "/b*")),
        ),
        ({"Field": "host-header", "Values": ["a.b"]}, seen.BalancerCondition(field="host-header", values=("a.b",))),
        (
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["1"]}},
            seen.BalancerCondition(field="http-header", values=("1",), name="X-A"),
        ),
        (
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "1"}, {"Key": "b"}]}},
            seen.BalancerCondition(field="query-string", values=("1", "")),
        ),
        ({"Field": "source-ip"}, seen.BalancerCondition(field="source-ip", values=())),
    ],
)
def test_what_a_load_balancers_rule_asks_for(given: Given, condition: seen.BalancerCondition) -> None:
    rule = {"IsDefault": False, "Priority": "1", "Conditions": [given], "Actions": []}
    [listener] = reading.balancer_listeners(BALANCER, listening([], [rule]))
    assert listener.rules[0].conditions == (condition,)


def test_the_certificates_of_an_https_listener_are_its_own_and_the_added_ones_once() -> None:
    owner = listening([], Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": "first"}])
    owner.answers["describe_listener_certificates"] = items(
        {"CertificateArn": "second"}, {"CertificateArn": "first"}, key="Certificates"
    )
    [listener] = reading.balancer_listeners(BALANCER, owner)
    assert (listener.protocol, listener.port, listener.certificates) == ("HTTPS", 443, ("first", "second"))
    assert ("describe_listener_certificates", {"ListenerArn": f"{ELB}listener/1"}) in owner.calls
    bare = listening([], Protocol="HTTPS")
    bare.answers["describe_listener_certificates"] = items(key="Certificates")
    assert [one.certificates for one in reading.balancer_listeners(BALANCER, bare)] == [()]


# --- instances


def test_an_instance_is_read_by_its_name_or_else_its_id() -> None:
    named = {
        "InstanceId": "i-1",
        "Tags": [{"Key": "team", "Value": "x"}, {"Key": "Name", "Value": "web"}],
        "VpcId": "vpc-1",
        "PrivateIpAddress": "10.0.0.5",
        "State": {"Name": "running"},
    }
    ended = {"InstanceId": "i-2", "State": {"Name": "terminated"}}
    owner = Canned(TEAM, describe_instances=items({"Instances": [named]}, {"Instances": [ended]}, key="Reservations"))
    filters = [{"Name": "instance-id", "Values": ["i-1", "i-2"]}]
    assert reading.instances(filters, owner) == [
        seen.Instance(id="i-1", name="web", vpc="vpc-1", ip="10.0.0.5", running=True, serves=None),
        seen.Instance(id="i-2", name="i-2", vpc="", ip="", running=False, serves=None),
    ]
    assert owner.calls == [("describe_instances", {"Filters": filters})]


@pytest.mark.parametrize("vpc", ["vpc-1", "vpc-2"])
def test_a_private_zone_answers_in_its_vpcs_alone(vpc: str) -> None:
    private = {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": True}}
    record = {"Name": "orders.example.com.", "Type": "CNAME", "ResourceRecords": [{"Value": "svc.on.aws"}]}
    owner = Canned(
        TEAM,
        list_hosted_zones=items(private, key="HostedZones"),
        list_resource_record_sets={"ResourceRecordSets": [record]},
        get_hosted_zone={"VPCs": [{"VPCId": "vpc-1", "VPCRegion": "ap-northeast-1"}]},
    )
    [there] = reading.records("orders.example.com", vpc, owner)
    led = ("svc.on.aws",)
    assert there == Holding(id="Z1", name="example.com", inside=vpc == "vpc-1", leads=led, asked_on=led)


def test_the_private_zones_of_a_vpc_that_hold_a_name_are_told_from_all_pages() -> None:
    mine, theirs = {"OwningAccount": TEAM}, {"OwningAccount": "333333333333"}
    pages = {
        "": (("Z1", "Example.COM.", mine), ("Z2", "ple.com.", mine)),
        "more": (("Z3", "Shop.example.com", theirs), ("Z4", "api.shop.example.com.", {"OwningService": "efs"})),
        "last": (("Z5", "x.api.shop.example.com.", mine),),
    }
    after = {"": {"NextToken": "more"}, "more": {"NextToken": "last"}, "last": {}}

    def answer(given: Given) -> Given:
        token = given.get("NextToken", "")
        found = [{"HostedZoneId": key, "Name": name, "Owner": owner} for key, name, owner in pages[token]]
        return {"HostedZoneSummaries": found, **after[token]}

    record = {"Name": "api.shop.example.com.", "Type": "A", "AliasTarget": {"DNSName": "x.on.aws."}}
    sets: dict[str, Answer] = {"list_resource_record_sets": {"ResourceRecordSets": [record]}}
    owner = Canned(TEAM, list_hosted_zones_by_vpc=answer, **sets)
    assert reading.zones_inside("api.shop.example.com", "vpc-1", "eu-west-1", owner) == [
        Holding(id="Z1", name="example.com", inside=True, leads=("x.on.aws",)),
        Holding(id="Z3", name="shop.example.com", inside=True),
        Holding(id="Z4", name="api.shop.example.com", inside=True),
    ]
    asked = [given for method, given in owner.calls if method == "list_hosted_zones_by_vpc"]
    assert asked == [{"VPCId": "vpc-1", "VPCRegion": "eu-west-1", **more} for more in ({}, after[""], after["more"])]


@pytest.mark.parametrize(
    ("given", "names"),
    [({}, ("a.example.com",)), ({"SubjectAlternativeNames": ["b.example.com"]}, ("b.example.com",))],
)
def test_a_certificate_without_other_names_is_for_its_domain(given: Given, names: tuple[str, ...]) -> None:
    arn = f"arn:aws:acm:ap-northeast-1:{TEAM}:certificate/1"
    item = {"DomainName": "a.example.com", "Status": "ISSUED", **given}
    owner = Canned(TEAM, describe_certificate={"Certificate": item})
    assert reading.certificate(arn, owner) == seen.Certificate(arn=arn, names=names, status="ISSUED", ended="")


@pytest.mark.parametrize("away", ["", "shop.example.com", "b.shop.example.com"])
def test_a_name_above_that_the_zone_hands_on_is_told(away: str) -> None:
    def answer(given: Given) -> Given:
        asked = given["StartRecordName"]
        if "StartRecordType" not in given:
            return {"ResourceRecordSets": [{"Name": f"{asked}.", "Type": "A", "AliasTarget": {"DNSName": "x.on.aws."}}]}
        return {"ResourceRecordSets": [{"Name": f"{asked}.", "Type": "NS" if asked == away else "SOA"}]}

    zones = items({"Id": "/hostedzone/Z1", "Name": "example.com."}, key="HostedZones")
    owner = Canned(TEAM, list_hosted_zones=zones, list_resource_record_sets=answer)
    [there] = reading.records("api.b.shop.example.com", "vpc-1", owner)
    assert (there.leads, there.handed_on) == (("x.on.aws",), away)


# --- network ACLs


def test_a_subnets_network_acl_is_read_with_its_entries_as_ec2_numbers_them() -> None:
    entries = [
        {"Egress": True, "RuleNumber": 100, "RuleAction": "deny", "CidrBlock": "10.0.0.0/16", "Protocol": "6",
         "PortRange": {"From": 80, "To": 81}},
        {"Egress": False, "RuleNumber": 32767, "RuleAction": "allow", "Ipv6CidrBlock": "::/0", "Protocol": "-1"},
    ]  # fmt: skip
    owner = Canned(TEAM, describe_network_acls=items({"NetworkAclId": "acl-1", "Entries": entries}, key="NetworkAcls"))
    first = seen.AclEntry(
        egress=True, number=100, allow=False, cidr="10.0.0.0/16", protocol="6", from_port=80, to_port=81
    )
    last = seen.AclEntry(egress=False, number=32767, allow=True, cidr="::/0", protocol="-1", from_port=0, to_port=65535)
    assert reading.network_acls(["subnet-1", "subnet-2"], owner) == [seen.NetworkAcl(id="acl-1", entries=(first, last))]
    filters = [{"Name": "association.subnet-id", "Values": ["subnet-1", "subnet-2"]}]
    assert owner.calls == [("describe_network_acls", {"Filters": filters})]


def test_without_a_subnet_no_network_acl_is_asked_for() -> None:
    owner = Canned(TEAM)
    assert reading.network_acls([], owner) == []
    assert owner.calls == []


@pytest.mark.parametrize(("checked", "aside"), [("8443", (("i-1", 8443),)), ("80", ()), ("traffic-port", ()), ("", ())])
def test_a_target_that_is_checked_on_another_port_than_requests_come_to_is_told(checked: str, aside: Any) -> None:
    health = {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}}
    listens = {"ListenerArn": "l", "Protocol": "HTTP", "Port": 80, "DefaultActions": [{"TargetGroupArn": WEB}]}
    owner = Canned(
        TEAM,
        describe_listeners=items(listens, key="Listeners"),
        describe_rules=items(key="Rules"),
        describe_target_health={
            "TargetHealthDescriptions": [{**health, **({"HealthCheckPort": checked} if checked else {})}]
        },
    )
    [listener] = reading.balancer_listeners(BALANCER, owner)
    assert (listener.targets, listener.aside) == ((("i-1", 80),), aside)
