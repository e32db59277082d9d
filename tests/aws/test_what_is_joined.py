"""What is joined is read from the networks' own lists, and what asks from tags; else the last report tells."""

import msgspec
import pytest
from onramp.aws.topology import read
from onramp.core.errors import NotYet, Refused
from onramp.core.topology import Balancer, Client, Network, Service, Topology, Unread

from tests.aws.canned import Answer, Canned, CannedEyes, Given, error

INFRA, TEAM, FAR = "111111111111", "222222222222", "333333333333"
LATTICE = "arn:aws:vpc-lattice:ap-northeast-1:"
NET = f"{LATTICE}{INFRA}:servicenetwork/sn-1"
ORDERS = f"{LATTICE}{TEAM}:service/svc-1"
BALANCER = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/1"
DENIED, THROTTLED = error("AccessDeniedException", 403), error("ThrottlingException", 429)


def tagged(arn: str, **given: str) -> Given:
    return {"ResourceARN": arn, "Tags": [{"Key": key.replace("__", ":"), "Value": text} for key, text in given.items()]}


INFRAS: dict[str, Answer] = {
    "list_service_networks": {"items": [{"id": "sn-1", "arn": NET, "name": "net"}]},
    "get_service_network": {"authType": "AWS_IAM"},
    "list_service_network_service_associations": {
        "items": [
            {
                "serviceArn": ORDERS,
                "serviceName": "orders",
                "status": "ACTIVE",
                "dnsEntry": {"domainName": "orders.on.aws"},
            }
        ]
    },
    "list_service_network_vpc_associations": {
        "items": [{"vpcId": "vpc-1", "status": "ACTIVE", "createdBy": TEAM}, {"vpcId": "vpc-2", "status": "ACTIVE"}]
    },
    "scan": {"Items": []},
    "get_resources": {"ResourceTagMappingList": []},
}
TEAMS: dict[str, Answer] = {
    "list_service_networks": {"items": [{"id": "sn-1", "arn": NET, "name": "net"}]},
    "get_resources": {"ResourceTagMappingList": [tagged(BALANCER, lattice__network="net", lattice__service="orders")]},
}


def both(team: dict[str, Answer] | None = None, **infra: Answer) -> tuple[CannedEyes, Canned, Canned]:
    first, second = Canned(INFRA, **{**INFRAS, **infra}), Canned(TEAM, **{**TEAMS, **(team or {})})
    return CannedEyes(first, second), first, second


def test_networks_services_clients_and_load_balancers_are_read() -> None:
    eyes, infra, team = both()
    assert read(eyes) == Topology(
        networks=(Network(id="sn-1", arn=NET, account=INFRA, name="net", auth="AWS_IAM"),),
        clients=(
            Client(id="vpc-2", account=INFRA, vpc="vpc-2", network="sn-1", state="connected"),
            Client(id="vpc-1", account=TEAM, vpc="vpc-1", network="sn-1", state="connected"),
        ),
        services=(
            Service(
                id=ORDERS,
                account=TEAM,
                name="orders",
                domain="orders.on.aws",
                networks=("sn-1",),
                state="connected",
            ),
        ),
        balancers=(Balancer(id=BALANCER, account=TEAM, name="orders", service=ORDERS, state="connecting"),),
    )
    asked = {
        "TagFilters": [{"Key": "lattice:network", "Values": ["net"]}],
        "ResourceTypeFilters": ["elasticloadbalancing:loadbalancer", "ec2:vpc", "vpc-lattice:service"],
    }
    assert infra.calls == [
        ("list_service_networks", {}),
        ("get_service_network", {"serviceNetworkIdentifier": NET}),
        ("list_service_network_service_associations", {"serviceNetworkIdentifier": NET}),
        ("list_service_network_vpc_associations", {"serviceNetworkIdentifier": NET}),
        ("scan", {"TableName": "onramp-net"}),
        ("get_resources", asked),
    ]
    assert team.calls == [("list_service_networks", {}), ("get_resources", asked)]


def test_each_step_is_said() -> None:
    said: list[str] = []
    read(both()[0], progress=said.append)
    assert said == ["network net", f"tags of account {INFRA}", f"tags of account {TEAM}"]


def test_one_network_alone_is_asked_for_by_its_name() -> None:
    networks = {"items": [{"id": f"sn-{name}", "arn": f"{NET}-{name}", "name": name} for name in ("net", "test")]}
    assert [it.name for it in read(both(list_service_networks=networks)[0], only="test").networks] == ["test"]
    seen = read(both({"list_service_networks": networks}, list_service_networks=networks)[0])
    assert [it.name for it in seen.networks] == ["net", "test"]
    eyes, infra, _ = both({"list_service_networks": {"items": []}})
    assert read(eyes, only="another") == Topology()
    assert "get_resources" not in [method for method, _ in infra.calls]


def test_of_several_networks_each_is_told_with_what_is_in_it() -> None:
    """By whoever sees it: one is its owner's, the other one is shared with the member alone."""
    mine, theirs = f"{NET}-net", f"{LATTICE}{FAR}:servicenetwork/sn-test"
    of_net, of_test = (
        {"id": arn.rpartition("/")[2], "arn": arn, "name": arn[-4:].strip("-")} for arn in (mine, theirs)
    )

    def services(given: Given) -> Given:
        name = "orders" if given["serviceNetworkIdentifier"] == mine else "bills"
        return {"items": [{"serviceArn": f"{LATTICE}{TEAM}:service/{name}", "serviceName": name, "status": "ACTIVE"}]}

    def vpcs(given: Given) -> Given:
        name = "vpc-1" if given["serviceNetworkIdentifier"] == mine else "vpc-2"
        return {"items": [{"vpcId": name, "status": "ACTIVE", "createdBy": TEAM}]}

    lists = {"list_service_network_service_associations": services, "list_service_network_vpc_associations": vpcs}
    eyes, infra, team = both(
        {**INFRAS, **lists, "list_service_networks": {"items": [of_net, of_test]}},
        **lists,
        list_service_networks={"items": [of_net]},
    )
    seen = read(eyes)
    assert [(it.name, it.networks) for it in seen.services] == [("bills", ("sn-test",)), ("orders", ("sn-1-net",))]
    assert [(it.vpc, it.network) for it in seen.clients] == [("vpc-1", "sn-1-net"), ("vpc-2", "sn-test")]
    assert [given for method, given in infra.calls if method == "get_service_network"] == [
        {"serviceNetworkIdentifier": mine}
    ]
    assert [given for method, given in team.calls if method == "get_service_network"] == [
        {"serviceNetworkIdentifier": theirs}
    ]
    filters = [given["TagFilters"][0]["Values"] for method, given in team.calls if method == "get_resources"]
    assert filters == [["net", "test"]]


def test_each_account_is_told_with_its_own_tags_and_each_that_is_unread_with_its_reason() -> None:
    bills = BALANCER.replace("orders", "bills").replace(TEAM, INFRA)
    given = {"ResourceTagMappingList": [tagged(bills, lattice__network="net", lattice__service="bills")]}
    eyes, _, _ = both(get_resources=given)
    assert [(it.id, it.account) for it in read(eyes).balancers] == [(bills, INFRA), (BALANCER, TEAM)]
    eyes, _, _ = both({"get_resources": DENIED}, get_resources=THROTTLED)
    assert [(it.account, it.why.rpartition("Operation: ")[2]) for it in read(eyes).unread] == [
        (INFRA, "ThrottlingException: no"),
        (TEAM, "AccessDeniedException: no"),
    ]


def test_a_network_that_only_a_member_sees_is_read_by_it() -> None:
    eyes, infra, team = both(
        {**INFRAS, "list_service_network_vpc_associations": {"items": [{"vpcId": "vpc-1", "status": "ACTIVE"}]}},
        list_service_networks={"items": []},
    )
    seen = read(eyes)
    assert [(it.vpc, it.account) for it in seen.clients] == [("vpc-1", TEAM)]
    assert [method for method, _ in infra.calls] == ["list_service_networks", "scan", "get_resources"]
    assert ("get_service_network", {"serviceNetworkIdentifier": NET}) in team.calls


def test_of_a_network_that_is_gone_by_then_only_the_auth_type_is_not_known() -> None:
    eyes, _, _ = both(get_service_network=error("ResourceNotFoundException", 404))
    assert [it.auth for it in read(eyes).networks] == [""]


def test_a_custom_domain_is_what_clients_call() -> None:
    service = {"serviceArn": ORDERS, "serviceName": "orders", "status": "ACTIVE", "customDomainName": "a.example.com"}
    eyes, _, _ = both(list_service_network_service_associations={"items": [service]})
    assert [it.domain for it in read(eyes).services] == ["a.example.com"]
    del service["customDomainName"]
    assert [it.domain for it in read(eyes).services] == [""]


def test_tags_of_another_prefix_are_asked_for_by_it() -> None:
    eyes, _, team = both({"get_resources": {"ResourceTagMappingList": [tagged(BALANCER, x__service="orders")]}})
    assert [it.service for it in read(eyes, prefix="x:").balancers] == [ORDERS]
    asked = team.calls[-1][1]
    assert asked["TagFilters"] == [{"Key": "x:network", "Values": ["net"]}]


@pytest.mark.parametrize("answer", [DENIED, THROTTLED], ids=["denied", "throttled"])
@pytest.mark.parametrize(
    "method",
    [
        "list_service_networks",
        "get_service_network",
        "list_service_network_service_associations",
        "list_service_network_vpc_associations",
    ],
)
def test_a_network_whose_lists_cannot_be_read_is_not_told_as_empty(method: str, answer: Answer) -> None:
    with pytest.raises(NotYet if answer is THROTTLED else Refused):
        read(both({**INFRAS, method: answer}, **{method: answer})[0])
    # Who may read it reads it, whoever else may not.
    assert {it.vpc for it in read(both(INFRAS, **{method: answer})[0]).clients} == {"vpc-1", "vpc-2"}


# --- of whom the tags cannot be read


SUMMARY = {
    "services": [
        {
            "status": "connected",
            "name": "orders",
            "domain": "orders.on.aws",
            "load_balancers": [BALANCER],
            "answers": True,
        }
    ],
    "clients": [{"vpc": "vpc-1", "status": "held", "message": "by infra"}],
    "refusals": [{"resource": "vpc-9", "code": "vpc-taken", "message": "take it out"}],
}


def kept(account: str, summary: object) -> Given:
    text = summary if isinstance(summary, str) else msgspec.json.encode(summary).decode()
    return {"account": {"S": account}, "summary": {"S": text}}


def test_of_whom_the_tags_cannot_be_read_the_last_report_tells() -> None:
    eyes, _, _ = both({"get_resources": DENIED}, scan={"Items": [kept(TEAM, SUMMARY)]})
    seen = read(eyes)
    assert seen.balancers == (Balancer(id=BALANCER, account=TEAM, name="orders", service=ORDERS, state="connected"),)
    assert [(it.vpc, it.state, it.code, it.message) for it in seen.clients if it.account == TEAM] == [
        ("vpc-1", "held", "", "by infra"),
        ("vpc-9", "refused", "vpc-taken", "take it out"),
    ]
    assert [it.network for it in seen.clients if it.vpc == "vpc-9"] == ["sn-1"]
    [unread] = seen.unread
    assert unread.account == TEAM
    assert unread.why.endswith("Operation: AccessDeniedException: no; told from its last report")


def test_an_account_that_only_the_table_knows_is_asked_and_told_from_its_report() -> None:
    eyes, _, _ = both(scan={"Items": [kept(FAR, SUMMARY), {"account": {"S": "444444444444"}}]})
    seen = read(eyes)
    assert [(it.account, it.why) for it in seen.unread] == [
        (
            FAR,
            f"account {FAR} cannot be read: no network is known whose reader role could be used;"
            " told from its last report",
        ),
        ("444444444444", "account 444444444444 cannot be read: no network is known whose reader role could be used"),
    ]
    assert [it.vpc for it in seen.clients if it.account == FAR] == ["vpc-9"]


def test_a_throttled_account_is_told_in_awss_words_and_by_no_report_but_its_own() -> None:
    eyes, _, _ = both({"get_resources": THROTTLED}, scan={"Items": [kept(INFRA, SUMMARY)]})
    assert read(eyes).unread == (Unread(account=TEAM, why="Operation: ThrottlingException: no"),)
    assert read(eyes).balancers == ()


@pytest.mark.parametrize("summary", ["", "no json", '{"services": 7}'])
def test_a_report_that_cannot_be_understood_tells_nothing(summary: str) -> None:
    eyes, _, _ = both({"get_resources": DENIED}, scan={"Items": [kept(TEAM, summary)]})
    seen = read(eyes)
    assert (seen.balancers, [it.vpc for it in seen.clients]) == ((), ["vpc-2", "vpc-1"])
    assert "last report" not in seen.unread[0].why


@pytest.mark.parametrize("answer", [DENIED, error("ResourceNotFoundException", 404)], ids=["denied", "no table"])
def test_without_the_networks_table_there_is_no_report(answer: Answer) -> None:
    eyes, _, _ = both({"get_resources": DENIED}, scan=answer)
    assert [it.account for it in read(eyes).unread] == [TEAM]


def test_the_table_is_asked_of_its_own_account_alone() -> None:
    eyes = CannedEyes(Canned(TEAM, **{**INFRAS, **TEAMS}))
    assert [it.account for it in read(eyes).networks] == [INFRA]
    assert "scan" not in [method for method, _ in eyes.home.calls]  # type: ignore[attr-defined]  # a canned account's
