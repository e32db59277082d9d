"""What a client can call is read with its own rights: the networks it is in, and the services that are in them."""

import pytest
from onramp.aws.offered import Callable, services_for
from onramp.core.errors import NotYet, Refused

from tests.aws.canned import Answer, Canned, Given, error

INFRA, TEAM = "111111111111", "222222222222"


def service(name: str, **given: str | Given) -> Given:
    return {
        "serviceArn": f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-{name}",
        "serviceName": name,
        "status": "ACTIVE",
        **given,
    }


def offer(network: str, name: str, domain: str = "", status: str = "ACTIVE") -> Callable:
    return Callable(network=network, account=TEAM, name=name, domain=domain, status=status)


def test_services_are_told_by_network_and_name_with_what_to_call_them() -> None:
    of_network = {
        "arn of two": [service("orders", dnsEntry={"domainName": "orders.on.aws"}), service("bills")],
        "arn of one": [
            service("cards", customDomainName="cards.example.com", dnsEntry={"domainName": "cards.on.aws"}),
            service("away", status="DELETE_IN_PROGRESS", customDomainName="", dnsEntry={}),
        ],
    }
    joined = [{"serviceNetworkName": name, "serviceNetworkArn": f"arn of {name}"} for name in ("two", "one")]
    client = Canned(
        INFRA,
        list_service_network_vpc_associations={"items": joined},
        list_service_network_service_associations=lambda given: {
            "items": of_network[given["serviceNetworkIdentifier"]]
        },
    )
    assert services_for(client, "vpc-1") == (
        ["two", "one"],
        [
            offer("one", "away", status="DELETE_IN_PROGRESS"),
            offer("one", "cards", "cards.example.com"),
            offer("two", "bills"),
            offer("two", "orders", "orders.on.aws"),
        ],
    )
    assert client.calls[0] == ("list_service_network_vpc_associations", {"vpcIdentifier": "vpc-1"})


def test_a_vpc_in_no_network_can_call_nothing() -> None:
    client = Canned(INFRA, list_service_network_vpc_associations={"items": []})
    assert services_for(client, "vpc-1") == ([], [])


@pytest.mark.parametrize(
    ("answer", "raised"),
    [(error("AccessDeniedException", 403), Refused), (error("ThrottlingException", 429), NotYet)],
)
def test_what_may_not_be_read_is_not_told_as_nothing(answer: Answer, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        services_for(Canned(INFRA, list_service_network_vpc_associations=answer), "vpc-1")
