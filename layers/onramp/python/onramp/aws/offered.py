"""Read what a client can call, by the rights of the VPC's own account."""

from onramp.aws.account import Account
from onramp.aws.errors import translated
from onramp.aws.reading import listed
from onramp.core.model import Value


class Callable(Value, frozen=True, omit_defaults=False):
    """A service of a network that a VPC is joined to."""

    network: str
    account: str
    name: str
    domain: str
    status: str


class Offered(Value, frozen=True, omit_defaults=False):
    """What `onramp status --from VPC --json` prints."""

    vpc: str
    networks: tuple[str, ...]
    services: tuple[Callable, ...]


def services_for(account: Account, vpc: str) -> tuple[list[str], list[Callable]]:
    """The networks that the VPC is joined to, and their services, by the rights of the VPC's own account."""
    with translated():
        joined = listed("list_service_network_vpc_associations", account, vpcIdentifier=vpc)
        found = [
            Callable(
                network=one["serviceNetworkName"],
                account=it["serviceArn"].split(":")[4],
                name=it["serviceName"],
                domain=it.get("customDomainName") or it.get("dnsEntry", {}).get("domainName", ""),
                status=it["status"],
            )
            for one in joined
            for it in listed(
                "list_service_network_service_associations", account, serviceNetworkIdentifier=one["serviceNetworkArn"]
            )
        ]
    return [one["serviceNetworkName"] for one in joined], sorted(found, key=lambda it: (it.network, it.name))
