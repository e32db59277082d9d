"""What decides about a request is read whole where its accounts can be looked into, and told as unread where not."""

from typing import Any

import pytest
from onramp.aws.callers import Source
from onramp.aws.reading import private_names
from onramp.aws.view import Sight, authority, look, policy_of
from onramp.core import trace
from onramp.core import view as seen
from onramp.core.auth import Sent
from onramp.core.view import NAMES, PREFIX_LIST, Unread, View, associations_of, groups_of, targets_of

from tests.aws.canned import Answer, Canned, CannedEyes, Given, error

HOME, OWNER, FAR = "111111111111", "222222222222", "333333333333"
REGION = "ap-northeast-1"
LATTICE = f"arn:aws:vpc-lattice:{REGION}:"
NET, OTHER = f"{LATTICE}{HOME}:servicenetwork/sn-1", f"{LATTICE}{HOME}:servicenetwork/sn-2"
SERVICE, BILLS = f"{LATTICE}{OWNER}:service/svc-1", f"{LATTICE}{OWNER}:service/svc-2"
LISTENER, INSIDE = f"{SERVICE}/listener/listener-1", f"{LATTICE}{HOME}:servicenetworkvpcassociation/snva-1"
GROUP, IPS = "tg-0123456789abcdef0", "tg-1123456789abcdef0"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{OWNER}:loadbalancer/app/orders/1"
VPC, BEHIND = "vpc-1", "vpc-2"
CALLER = Source(HOME, VPC, "10.1.0.4")
DENIED, MISSING = error("AccessDeniedException", 403), error("ResourceNotFoundException", 404)
REFUSES = "grant it to the role, or lift the policy above it that denies it: Operation: AccessDeniedException: no"
NO_EYES = "account {} cannot be read: no network is known whose reader role could be used"


def items(*those: Given, key: str = "items") -> Given:
    return {key: list(those)}


def on(arn: str, name: str, network: str = NET, **given: Any) -> Given:
    """An association of a service, as lists tell it."""
    whole = {"serviceId": arn.rpartition("/")[2], "serviceArn": arn, "serviceName": name, "status": "ACTIVE"}
    return {**whole, "serviceNetworkArn": network, **given}


def attribute(given: Given) -> Given:
    return {f"{given['Attribute'][0].upper()}{given['Attribute'][1:]}": {"Value": True}}


def cidr(text: str, **given: Any) -> Given:
    return {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "IpRanges": [{"CidrIp": text}], **given}


def groups(**rules: list[Given]) -> Given:
    return items(
        *({"GroupId": name.replace("_", "-"), "IpPermissions": given} for name, given in rules.items()),
        key="SecurityGroups",
    )


HOMES: dict[str, Answer] = {
    "describe_vpc_attribute": attribute,
    "list_service_network_vpc_associations": items(
        {"arn": INSIDE, "vpcId": VPC, "serviceNetworkArn": NET, "status": "ACTIVE"}
    ),
    "get_service_network_vpc_association": {"securityGroupIds": ["sg-1"]},
    "list_service_networks": items(
        {"id": "sn-2", "arn": OTHER, "name": "test"}, {"id": "sn-1", "arn": NET, "name": "net"}
    ),
    "get_service_network": {"id": "sn-1", "arn": NET, "name": "net", "authType": "NONE"},
    "list_service_network_service_associations": items(on(SERVICE, "orders"), on(BILLS, "bills")),
    "list_services": items(),
    "list_hosted_zones": items(key="HostedZones"),
    "list_hosted_zones_by_vpc": {"HostedZoneSummaries": []},
    "describe_vpc_endpoints": {"VpcEndpoints": []},
    "describe_security_groups": groups(sg_1=[cidr("10.1.0.0/16")]),
    "describe_managed_prefix_lists": items({"PrefixListId": "pl-4"}, {"PrefixListId": "pl-6"}, key="PrefixLists"),
    "get_managed_prefix_list_entries": lambda given: items(
        {"Cidr": {"pl-4": "169.254.171.0/24", "pl-6": "fd00::/56"}[given["PrefixListId"]]}, key="Entries"
    ),
}
OWNERS: dict[str, Answer] = {
    "list_service_networks": items({"id": "sn-1", "arn": NET, "name": "net"}),
    "get_service": {
        "id": "svc-1",
        "name": "orders",
        "status": "ACTIVE",
        "authType": "NONE",
        "dnsEntry": {"domainName": "orders.on.aws"},
        "customDomainName": "Orders.example.com",
        "certificateArn": "the certificate",
    },
    "list_listeners": items({"arn": LISTENER}),
    "get_listener": {
        "name": "http-80",
        "protocol": "HTTP",
        "port": 80,
        "defaultAction": {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP, "weight": 1}]}},
    },
    "list_rules": items(),
    "list_service_network_service_associations": items(on(SERVICE, "orders")),
    "get_target_group": {
        "id": GROUP,
        "name": "orders",
        "type": "ALB",
        "status": "ACTIVE",
        "config": {"protocol": "HTTP", "vpcIdentifier": BEHIND},
    },
    "list_targets": items({"id": BALANCER, "port": 80, "status": "UNAVAILABLE"}),
    "describe_load_balancers": items(
        {
            "LoadBalancerName": "orders",
            "Scheme": "internal",
            "State": {"Code": "active"},
            "SecurityGroups": ["sg-7"],
            "IpAddressType": "ipv4",
        },
        key="LoadBalancers",
    ),
    "describe_listeners": items(
        {
            "ListenerArn": "the listener",
            "Protocol": "HTTP",
            "Port": 80,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "web"}],
        },
        key="Listeners",
    ),
    "describe_rules": items(key="Rules"),
    "describe_target_health": {
        "TargetHealthDescriptions": [
            {"Target": {"Id": "i-1", "Port": 8080}, "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "10.2.0.9", "Port": 80}, "TargetHealth": {"State": "healthy"}},
        ]
    },
    "describe_instances": lambda given: items(
        {
            "Instances": [
                {
                    "InstanceId": "i-1" if given["Filters"][-1]["Name"] == "instance-id" else "i-9",
                    "State": {"Name": "running"},
                    "VpcId": BEHIND,
                    "PrivateIpAddress": "10.2.0.5",
                }
            ]
        },
        key="Reservations",
    ),
    "describe_security_groups": groups(sg_7=[cidr("169.254.171.0/24")]),
    "list_tags_for_resource": {"tags": {"team": "shop"}},
    "list_services": items(),
    "list_hosted_zones": items(key="HostedZones"),
}
LISTENS = seen.BalancerListener(
    protocol="HTTP",
    port=80,
    targets=(("i-1", 8080), ("10.2.0.9", 80)),
    health=(("i-1", ""), ("10.2.0.9", "")),
)
WHOLE = View(
    vpcs=(seen.Vpc(id=VPC, account=HOME, dns=True),),
    networks=(seen.Network(id="sn-1", arn=NET, name="net"), seen.Network(id="sn-2", arn=OTHER, name="test")),
    vpc_associations=(seen.VpcAssociation(vpc=VPC, network="sn-1", status="ACTIVE", security_groups=("sg-1",)),),
    services=(
        seen.Service(
            id="svc-1",
            arn=SERVICE,
            account=OWNER,
            name="orders",
            domain="orders.on.aws",
            custom_domain="orders.example.com",
            certificate="the certificate",
            listeners=(
                seen.Listener(name="http-80", protocol="HTTP", port=80, default=seen.Action(forward=((GROUP, 1),))),
            ),
            associations=(seen.ServiceAssociation(network="sn-1", status="ACTIVE"),),
        ),
    ),
    target_groups=(
        seen.TargetGroup(
            id=GROUP,
            name="orders",
            type="ALB",
            status="ACTIVE",
            vpc=BEHIND,
            targets=(seen.Target(id=BALANCER, port=80, status="UNAVAILABLE"),),
        ),
    ),
    balancers=(
        seen.Balancer(
            arn=BALANCER,
            name="orders",
            scheme="internal",
            state="active",
            security_groups=("sg-7",),
            listeners=(LISTENS,),
        ),
    ),
    instances=(
        seen.Instance(id="i-1", name="i-1", vpc=BEHIND, ip="10.2.0.5", serves=None),
        seen.Instance(id="i-9", name="i-9", vpc=BEHIND, ip="10.2.0.5", serves=None),
    ),
    security_groups=(
        seen.SecurityGroup(id="sg-7", ingress=(seen.Ingress(from_port=80, to_port=81, cidrs=("169.254.171.0/24",)),)),
        seen.SecurityGroup(id="sg-1", ingress=(seen.Ingress(from_port=80, to_port=81, cidrs=("10.1.0.0/16",)),)),
    ),
    lattice_cidrs=("169.254.171.0/24", "fd00::/56"),
    region=REGION,
)


def both(home: dict[str, Answer] | None = None, **owner: Answer) -> CannedEyes:
    return CannedEyes(Canned(HOME, **{**HOMES, **(home or {})}), Canned(OWNER, **{**OWNERS, **owner}))


def alone(**home: Answer) -> CannedEyes:
    return CannedEyes(Canned(HOME, **{**HOMES, **home}))


def see(eyes: CannedEyes, name: str = "orders", caller: Source = CALLER) -> Sight:
    return look(eyes, REGION, caller, name)


def calls(eyes: CannedEyes, account: str) -> list[tuple[str, Given]]:
    found = eyes.of(account)
    assert isinstance(found, Canned)
    return found.calls


def unread(sight: Sight) -> dict[str, str]:
    return {it.thing: it.why for it in sight.view.unread}


# --- all that decides


@pytest.mark.parametrize("name", ["orders", "ORDERS", "orders."])
def test_all_that_decides_is_in_it(name: str) -> None:
    assert see(both(), name) == Sight(WHOLE, {}, {"team": "shop"})


def test_each_question_is_asked_of_whose_thing_it_is() -> None:
    eyes = both()
    see(eyes)
    of_network = {"serviceNetworkIdentifier": NET}
    names = [f"com.amazonaws.{REGION}.vpc-lattice", f"com.amazonaws.{REGION}.ipv6.vpc-lattice"]
    assert calls(eyes, HOME) == [
        ("describe_vpc_attribute", {"VpcId": VPC, "Attribute": "enableDnsSupport"}),
        ("describe_vpc_attribute", {"VpcId": VPC, "Attribute": "enableDnsHostnames"}),
        ("list_service_network_vpc_associations", {"vpcIdentifier": VPC}),
        ("get_service_network_vpc_association", {"serviceNetworkVpcAssociationIdentifier": INSIDE}),
        ("list_service_networks", {}),
        ("get_service_network", of_network),
        ("list_service_network_service_associations", of_network),
        ("list_service_network_service_associations", {"serviceNetworkIdentifier": OTHER}),
        ("list_hosted_zones_by_vpc", {"VPCId": VPC, "VPCRegion": REGION}),
        ("describe_security_groups", {"Filters": [{"Name": "group-id", "Values": ["sg-1"]}]}),
        ("describe_managed_prefix_lists", {"Filters": [{"Name": "prefix-list-name", "Values": names}]}),
        ("get_managed_prefix_list_entries", {"PrefixListId": "pl-4"}),
        ("get_managed_prefix_list_entries", {"PrefixListId": "pl-6"}),
    ]
    asked = calls(eyes, OWNER)
    assert ("get_service", {"serviceIdentifier": SERVICE}) in asked
    assert ("list_service_network_service_associations", {"serviceIdentifier": SERVICE}) in asked
    assert ("describe_security_groups", {"Filters": [{"Name": "group-id", "Values": ["sg-7"]}]}) in asked
    assert asked[-3:] == [
        ("describe_instances", {"Filters": [{"Name": "instance-id", "Values": ["i-1"]}]}),
        (
            "describe_instances",
            {
                "Filters": [
                    {"Name": "vpc-id", "Values": [BEHIND]},
                    {"Name": "private-ip-address", "Values": ["10.2.0.9"]},
                ]
            },
        ),
        ("list_tags_for_resource", {"resourceArn": SERVICE}),
    ]


def test_targets_of_another_type_are_looked_for_by_themselves() -> None:
    eyes = both(
        get_target_group={"id": IPS, "name": "ips", "type": "IP", "status": "ACTIVE"},
        list_targets=items({"id": "10.2.0.7", "port": 80}, {"id": "i-3", "port": 80}),
    )
    view = see(eyes).view
    assert (view.balancers, view.lattice_cidrs, [it.id for it in view.instances]) == ((), (), ["i-1", "i-9"])
    filters = [given["Filters"] for method, given in calls(eyes, OWNER) if method == "describe_instances"]
    assert filters == [
        [{"Name": "instance-id", "Values": ["i-3"]}],
        [{"Name": "private-ip-address", "Values": ["10.2.0.7"]}],
    ]


def test_groups_of_rules_are_read_as_well_as_the_defaults_and_each_once() -> None:
    forward = {"forward": {"targetGroups": [{"targetGroupIdentifier": GROUP}, {"targetGroupIdentifier": IPS}]}}
    eyes = both(
        list_rules=items({"arn": f"{LISTENER}/rule/rule-1"}),
        get_rule={"name": "r", "priority": 1, "action": forward},
        get_target_group=lambda given: {
            "id": given["targetGroupIdentifier"],
            "name": "n",
            "type": "IP",
            "status": "ACTIVE",
        },
        list_targets=items(),
    )
    assert [it.id for it in see(eyes).view.target_groups] == [GROUP, IPS]
    gone = both(get_target_group=MISSING)
    assert see(gone).view.target_groups == ()
    assert unread(see(gone)) == {}


@pytest.mark.parametrize(
    ("rule", "ingress"),
    [
        ({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, seen.Ingress(protocol="-1", cidrs=("::/0",))),
        (
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "UserIdGroupPairs": [{"GroupId": "sg-9"}]},
            seen.Ingress(protocol="udp", from_port=53, to_port=53, groups=("sg-9",)),
        ),
        (
            cidr("10.1.0.0/16", PrefixListIds=[{"PrefixListId": "pl-4"}, {"PrefixListId": "pl-6"}]),
            seen.Ingress(from_port=80, to_port=81, cidrs=("10.1.0.0/16", "169.254.171.0/24", "fd00::/56")),
        ),
    ],
)
def test_what_a_clients_security_group_admits(rule: Given, ingress: seen.Ingress) -> None:
    eyes = both({"describe_security_groups": groups(sg_1=[rule])})
    assert seen.SecurityGroup(id="sg-1", ingress=(ingress,)) in see(eyes).view.security_groups
    entries = [given for method, given in calls(eyes, HOME) if method == "get_managed_prefix_list_entries"]
    assert entries == [{"PrefixListId": "pl-4"}, {"PrefixListId": "pl-6"}]  # each once, whoever asks


def test_a_list_that_may_not_be_read_is_told_of_every_group_that_names_it() -> None:
    """The caller's own group in what it lets out: an answer that was kept from the first would be none at all."""
    named: Given = {"IpProtocol": "tcp", "PrefixListIds": [{"PrefixListId": "pl-9"}]}
    lets_out: Given = {"GroupId": "sg-2", "IpPermissions": [], "IpPermissionsEgress": [named]}
    admits: Given = {"GroupId": "sg-1", "IpPermissions": [named]}

    def entries(given: Given) -> Given:
        if given["PrefixListId"] == "pl-9":
            raise DENIED
        return items(key="Entries")

    caller = CALLER._replace(security_groups=("sg-2",))
    for those in ((admits, lets_out), (lets_out,)):
        found = {"describe_security_groups": items(*those, key="SecurityGroups")}
        sight = see(both({**found, "get_managed_prefix_list_entries": entries}), caller=caller)
        assert unread(sight) == {one["GroupId"]: REFUSES for one in those}


@pytest.mark.parametrize(("support", "hostnames"), [(True, True), (True, False), (False, True)])
def test_a_vpc_resolves_names_with_both_of_its_dns_attributes(support: bool, hostnames: bool) -> None:
    answer = {"EnableDnsSupport": {"Value": support}, "EnableDnsHostnames": {"Value": hostnames}}
    assert see(both({"describe_vpc_attribute": answer})).view.vpcs == (
        seen.Vpc(id=VPC, account=HOME, dns=support and hostnames),
    )


# --- auth


def test_policies_are_read_where_auth_is_on_and_their_absence_is_known() -> None:
    guarded = {"authType": "AWS_IAM"}
    network: Given = {"id": "sn-1", "arn": NET, "name": "net", **guarded}
    service = OWNERS["get_service"]
    assert isinstance(service, dict)
    eyes = both(
        {"get_service_network": network, "get_auth_policy": {"policy": "of the network"}},
        get_service={**service, **guarded},
        get_auth_policy=MISSING,
    )
    sight = see(eyes)
    assert sight.policies == {NET: "of the network", SERVICE: None}
    assert (sight.view.networks[0].auth_type, sight.view.services[0].auth_type) == ("AWS_IAM", "AWS_IAM")
    assert ("get_auth_policy", {"resourceIdentifier": NET}) in calls(eyes, HOME)
    assert ("get_auth_policy", {"resourceIdentifier": SERVICE}) in calls(eyes, OWNER)
    eyes = both(get_service={**service, **guarded}, get_auth_policy={"policy": ""})
    assert see(eyes).policies == {SERVICE: None}


def test_a_policy_that_may_not_be_read_leaves_its_level_open() -> None:
    service = OWNERS["get_service"]
    assert isinstance(service, dict)
    sight = see(both(get_service={**service, "authType": "AWS_IAM"}, get_auth_policy=DENIED))
    assert (sight.policies, unread(sight)) == ({}, {policy_of(SERVICE): REFUSES})
    [network, _], [service] = sight.view.networks, sight.view.services
    asked = trace.Asked(
        level="service",
        arn=SERVICE,
        name="orders",
        service=service,
        network=network,
        request=seen.Request(source_ip="10.1.0.4", vpc=VPC, host="orders"),
    )
    ruling = authority(sight, Sent(vpc_owner=HOME, signer=None))(asked)
    assert ruling == trace.Ruling(allowed=False, because=f"its auth policy could not be read: {REFUSES}", unknown=True)
    unasked = authority(sight._replace(view=View()), Sent(vpc_owner=HOME, signer=None))(asked)
    assert unasked.because == "its auth policy could not be read: it was not asked for"


# --- names


def test_a_service_in_no_network_is_looked_for_in_all_accounts_that_joined_something() -> None:
    unjoined = {"id": "svc-1", "arn": SERVICE, "name": "orders", "dnsEntry": {"domainName": "orders.on.aws"}}
    joined = [{"vpcId": VPC, "serviceNetworkArn": NET, "status": "ACTIVE", "arn": INSIDE}]
    eyes = both(
        {
            "list_service_network_service_associations": items(on(BILLS, "bills", createdBy=FAR), on(BILLS, "b")),
            "list_service_network_vpc_associations": items(*joined),
        },
        list_services=items(unjoined, {**unjoined, "id": "svc-3", "name": "cards", "dnsEntry": {}}),
        list_service_network_service_associations=items(),
    )
    for name in ("orders", "orders.on.aws"):
        [service] = see(eyes, name).view.services
        assert (service.id, service.associations) == ("svc-1", ())
    assert unread(see(eyes)) == {}
    missed = see(eyes, "nobody")
    assert (missed.view.services, missed.tags) == ((), None)
    assert unread(missed) == {NAMES: NO_EYES.format(FAR)}


def test_all_services_of_a_name_are_in_it_and_their_tags_in_none() -> None:
    twin = f"{LATTICE}{OWNER}:service/svc-9"
    eyes = both(
        {
            "list_service_network_service_associations": items(
                on(SERVICE, "orders"), on(twin, "orders"), on(SERVICE, "orders")
            )
        }
    )
    sight = see(eyes)
    assert [it.id for it in sight.view.services] == ["svc-1", "svc-9"]
    assert sight.tags is None


@pytest.mark.parametrize(
    ("zones", "records", "aliases", "why"),
    [
        (["example.com."], ["Orders.on.aws."], (("orders.example.com", "orders.on.aws"),), ""),
        (["example.com."], [], (), ""),
        (
            [],
            [],
            (),
            f"no hosted zone of {HOME}, {OWNER} holds orders.example.com: ask its DNS whether it leads to the service",
        ),
    ],
)
def test_where_a_custom_domain_leads(
    zones: list[str], records: list[str], aliases: tuple[tuple[str, str], ...], why: str
) -> None:
    custom = on(SERVICE, "orders", customDomainName="Orders.example.com")
    record = [{"Name": "orders.example.com.", "Type": "CNAME", "ResourceRecords": [{"Value": one}]} for one in records]
    eyes = both(
        {
            "list_service_network_service_associations": items(custom),
            "list_hosted_zones": items(*({"Id": "Z", "Name": one} for one in zones), key="HostedZones"),
            "list_resource_record_sets": {"ResourceRecordSets": record},
        }
    )
    sight = see(eyes, "Orders.example.com")
    assert [it.id for it in sight.view.services] == ["svc-1"]
    assert (sight.view.aliases, unread(sight)) == (aliases, {"orders.example.com": why} if why else {})


def test_private_names_of_endpoints_are_read_to_the_last_page_and_where_there_are_any() -> None:
    whole = {"VpcEndpointId": "vpce-1", "VpcEndpointType": "ServiceNetwork", "PrivateDnsEnabled": True}
    others = [{**whole, "VpcEndpointType": "Interface"}, {**whole, "PrivateDnsEnabled": False}]

    def answer(given: Given) -> Given:
        assert given["VpcEndpointIds"] == ["vpce-1"]
        if "NextToken" not in given:
            return {"VpcEndpointAssociations": [{"DnsEntry": {"DnsName": "bare"}}, {"Id": "a"}], "NextToken": "more"}
        named = {"PrivateDnsEntry": {"DnsName": "Orders.example.com."}, "DnsEntry": {"DnsName": "vpce-1-snsa-1.on.aws"}}
        return {"VpcEndpointAssociations": [named]}

    told = Canned(
        HOME, describe_vpc_endpoints={"VpcEndpoints": [whole, *others]}, describe_vpc_endpoint_associations=answer
    )
    assert private_names(VPC, told) == {"orders.example.com": "vpce-1-snsa-1.on.aws"}
    assert private_names(VPC, Canned(HOME, describe_vpc_endpoints={"VpcEndpoints": others})) == {}


@pytest.mark.parametrize("name", ["orders", "orders-0123.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws"])
def test_lattices_own_names_have_no_record_to_be_looked_for(name: str) -> None:
    eyes = both()
    assert see(eyes, name).view.aliases == ()
    assert "list_hosted_zones" not in [method for method, _ in calls(eyes, HOME)]


LATTICES = "orders-0123.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws"


def inside(identifier: str, name: str, owner: str) -> dict[str, Any]:
    return {"HostedZoneId": identifier, "Name": name, "Owner": {"OwningAccount": owner}}


@pytest.mark.parametrize(
    ("zones", "records", "aliases", "by"),
    [
        ([], [], (), []),
        ([inside("Z1", "on.aws.", HOME)], [], (), ["Z1"]),
        ([inside("Z1", "on.aws.", HOME), inside("Z2", "Vpc-Lattice-Svcs.ap-northeast-1.on.aws.", FAR)], [], (), ["Z2"]),
        ([inside("Z3", "example.com.", HOME), inside("Z4", "7d67969.on.aws.", HOME)], [], (), []),
        ([inside("Z1", "on.aws.", HOME)], ["other.example.com"], ((LATTICES, "other.example.com"),), []),
    ],
)
def test_a_private_zone_with_a_part_of_lattices_name_answers_in_its_place(
    zones: list[dict[str, Any]], records: list[str], aliases: tuple[tuple[str, str], ...], by: list[str]
) -> None:
    """Whosever it is, by its name alone where it is another account's."""

    def pages(given: dict[str, Any]) -> dict[str, Any]:
        first = {"HostedZoneSummaries": zones[:1], **({"NextToken": "more"} if zones[1:] else {})}
        return {"HostedZoneSummaries": zones[1:]} if given.get("NextToken") else first

    named = [{"Name": f"{LATTICES}.", "Type": "CNAME", "ResourceRecords": [{"Value": one}]} for one in records]
    answers: dict[str, Answer] = {
        "list_hosted_zones_by_vpc": pages,
        "list_resource_record_sets": lambda given: {
            "ResourceRecordSets": [] if given.get("StartRecordType") == "NS" else named
        },
    }
    sight = see(both(answers), LATTICES)
    assert (sight.view.aliases, [it.by for it in sight.view.hidden]) == (aliases, by)
    assert all((it.zone, it.why) == ("", "shadowed") for it in sight.view.hidden)


# --- of whom one may not read


def test_of_an_owner_who_cannot_be_looked_into_the_networks_lists_tell() -> None:
    sight = see(alone(), "orders")
    assert sight.view.services == (
        seen.Service(
            id="svc-1",
            arn=SERVICE,
            account=OWNER,
            name="orders",
            domain="",
            associations=(seen.ServiceAssociation(network="sn-1", status="ACTIVE"),) * 2,
        ),
    )
    no = NO_EYES.format(OWNER)
    assert unread(sight) == {"svc-1": no, associations_of("svc-1"): no}
    assert (sight.tags, sight.policies, sight.view.lattice_cidrs) == (None, {}, ())


def test_of_a_caller_who_cannot_be_looked_into_home_sees_what_is_joined() -> None:
    caller = Source(FAR, VPC, "0.0.0.0/0")
    sight = see(both(), caller=caller)
    assert sight.view.vpcs == (seen.Vpc(id=VPC, account=FAR, dns=True),)
    assert sight.view.vpc_associations == WHOLE.vpc_associations
    no = NO_EYES.format(FAR)
    assert unread(sight) == {VPC: no, associations_of(VPC): no, "sg-1": no, "orders.on.aws": no}


@pytest.mark.parametrize(
    ("whose", "method", "things"),
    [
        (HOME, "describe_vpc_attribute", [VPC]),
        (HOME, "get_service_network_vpc_association", [groups_of(VPC)]),
        (HOME, "describe_security_groups", ["sg-1"]),
        (HOME, "describe_managed_prefix_lists", [PREFIX_LIST]),
        (HOME, "get_managed_prefix_list_entries", [PREFIX_LIST]),
        (OWNER, "list_listeners", ["svc-1"]),
        (OWNER, "list_service_network_service_associations", [associations_of("svc-1")]),
        (OWNER, "get_target_group", [GROUP]),
        (OWNER, "describe_load_balancers", [BALANCER]),
        (OWNER, "describe_target_health", [targets_of(BALANCER)]),
        (OWNER, "describe_security_groups", ["sg-7"]),
        (OWNER, "describe_instances", ["i-1", "10.2.0.9"]),
        (OWNER, "list_tags_for_resource", []),
    ],
)
def test_what_may_not_be_read_is_told_by_its_name(whose: str, method: str, things: list[str]) -> None:
    denied: dict[str, Answer] = {method: DENIED}
    sight = see(both(denied) if whose == HOME else both(**denied))
    assert unread(sight) == dict.fromkeys(things, REFUSES)
    assert (sight.tags is None) is (method == "list_tags_for_resource")
    if method == "describe_target_health":  # what it listens to was read before
        assert sight.view.balancers[0].listeners == (seen.BalancerListener(protocol="HTTP", port=80),)
    if method == "list_service_network_service_associations":
        assert sight.view.services[0].associations == (seen.ServiceAssociation(network="sn-1", status="ACTIVE"),) * 2


def test_a_network_that_its_owner_does_not_tell_is_told_by_whom_it_is_shared_with() -> None:
    far = f"{LATTICE}{FAR}:servicenetwork/sn-1"
    shared = items({"id": "sn-1", "arn": far, "name": "net"})
    whole = {"id": "sn-1", "arn": far, "name": "net", "authType": "NONE"}
    eyes = both({"list_service_networks": shared, "get_service_network": whole})
    sight = see(eyes)
    assert (sight.view.networks, unread(sight)) == ((seen.Network(id="sn-1", arn=far, name="net"),), {})
    eyes = both({"list_service_networks": shared, "get_service_network": DENIED})
    sight = see(eyes)
    assert sight.view.networks == (seen.Network(id="sn-1", arn=far, name="net"),)
    assert unread(sight) == {"sn-1": REFUSES}


def test_a_network_that_no_list_has_is_asked_for_by_its_id() -> None:
    eyes = both({"list_service_networks": items()}, list_service_networks=items())
    sight = see(eyes)
    assert sight.view.networks == (seen.Network(id="sn-1", arn=NET, name="net"),)
    assert ("get_service_network", {"serviceNetworkIdentifier": "sn-1"}) in calls(eyes, HOME)
    assert [it.id for it in sight.view.services] == ["svc-1"]
    gone = both({"list_service_networks": items(), "get_service_network": MISSING}, list_service_networks=items())
    assert see(gone).view.networks == ()


def test_what_is_unread_is_told_in_the_view() -> None:
    assert see(both({"describe_vpc_attribute": DENIED})).view.unread == (Unread(thing=VPC, why=REFUSES),)
