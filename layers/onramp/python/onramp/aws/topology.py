"""Read what is joined to what: the networks' own lists, and of each account its tags with their answers.

Of an account whose tags cannot be read, its last report is, where the network's own table can.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from onramp.aws.account import Account
from onramp.aws.errors import translated
from onramp.aws.eyes import Eyes
from onramp.aws.reading import got, listed, pages
from onramp.core import tags
from onramp.core.errors import NotYet, Refused
from onramp.core.state import unpacked
from onramp.core.topology import (
    JoinedService,
    JoinedVpc,
    Network,
    Reported,
    Tagged,
    Topology,
    Unread,
    reported,
    topology,
)


def read(
    eyes: Eyes, *, only: str = "", prefix: str = tags.DEFAULT_PREFIX, progress: Callable[[str], object] = lambda _: None
) -> Topology:
    """All networks that the sessions see (`only` the one of that name), what is in them, and what tags ask of them.

    Costs three calls a network and one an account, by its pages. Raises NotYet or Refused when a network's own lists
    cannot be read; of an account that cannot be read is told that it could not.
    """
    seen: dict[str, tuple[dict[str, Any], list[Account]]] = {}
    for seer, item in eyes.everywhere(partial(listed, "list_service_networks")):
        if only in ("", item["name"]):
            seen.setdefault(item["id"], (item, []))[1].append(seer)
    networks: dict[str, Network] = {}
    services: list[JoinedService] = []
    vpcs: list[JoinedVpc] = []
    for identifier, (item, seers) in seen.items():
        progress(f"network {item['name']}")
        networks[identifier], more_services, more_vpcs = _by_any(seers, partial(_whole, item))
        services += more_services
        vpcs += more_vpcs
    reports = {
        (account, network.name): told
        for network in networks.values()
        if network.account in eyes.own
        for account, told in _reports(eyes.of(network.account), network.name).items()
    }
    joined = {*(it.account for it in services), *(it.account for it in vpcs)}
    accounts = {*eyes.own, *joined, *(account for account, _ in reports)}
    tagged: list[Tagged] = []
    unread: list[Unread] = []
    for account in sorted(accounts):
        progress(f"tags of account {account}")
        try:
            with translated():
                tagged += _tagged(eyes.of(account), [it.name for it in networks.values()], prefix)
        except (NotYet, Refused) as no:
            why = no.message if isinstance(no, Refused) else no.detail
            told = [(name, it) for (whose, name), it in reports.items() if whose == account and it]
            tagged += [one for name, it in told for one in reported(account, name, it, prefix)]
            unread.append(Unread(account=account, why=f"{why}; told from its last report" if told else why))
    return topology(networks.values(), services, vpcs, tagged, unread, prefix=prefix)


def _by_any[T](seers: list[Account], read: Callable[[Account], T]) -> T:
    """What the first of them reads who may; why the first may not, where none may."""
    unread: NotYet | Refused | None = None
    for seer in seers:
        try:
            with translated():
                return read(seer)
        except (NotYet, Refused) as no:
            unread = unread or no
    raise unread or AssertionError("a network was seen by nobody")


def _whole(item: dict[str, Any], seer: Account) -> tuple[Network, list[JoinedService], list[JoinedVpc]]:
    """The network, and what is in it."""
    network = _network(item, seer)
    services = [_service(it, network.id) for it in _in(seer, network.arn, "service")]
    return network, services, [_vpc(it, network.id, seer) for it in _in(seer, network.arn, "vpc")]


def _network(item: dict[str, Any], seer: Account) -> Network:
    whole = got("get_service_network", seer, serviceNetworkIdentifier=item["arn"])
    return Network(
        id=item["id"],
        arn=item["arn"],
        account=item["arn"].split(":")[4],
        name=item["name"],
        auth=whole.get("authType", ""),
    )


def _in(seer: Account, network: str, what: str) -> list[dict[str, Any]]:
    return listed(f"list_service_network_{what}_associations", seer, serviceNetworkIdentifier=network)


def _service(item: dict[str, Any], network: str) -> JoinedService:
    return JoinedService(
        account=item["serviceArn"].split(":")[4],
        arn=item["serviceArn"],
        name=item["serviceName"],
        domain=item.get("customDomainName") or item.get("dnsEntry", {}).get("domainName", ""),
        network=network,
        status=item["status"],
    )


def _vpc(item: dict[str, Any], network: str, seer: Account) -> JoinedVpc:
    return JoinedVpc(
        account=item.get("createdBy") or seer.account, vpc=item["vpcId"], network=network, status=item["status"]
    )


def _tagged(account: Account, networks: list[str], prefix: str) -> list[Tagged]:
    """What asks to join one of the networks. The index lags, so that a tag of just now may be missing (facts 18)."""
    if not networks:
        return []
    items = pages(
        account.client("resourcegroupstaggingapi"),
        "get_resources",
        "ResourceTagMappingList",
        TagFilters=[{"Key": prefix + tags.NETWORK, "Values": networks}],
        ResourceTypeFilters=["elasticloadbalancing:loadbalancer", "ec2:vpc", "vpc-lattice:service"],
    )
    return [
        Tagged(
            account=account.account,
            arn=it["ResourceARN"],
            tags={tag["Key"]: tag["Value"] for tag in it["Tags"]},
        )
        for it in items
    ]


class _Told(msgspec.Struct):
    """A service, client or refusal as a summary has it; what other releases add is passed over."""

    status: str = "refused"
    name: str = ""
    domain: str = ""
    load_balancers: tuple[str, ...] = ()
    vpc: str = ""
    code: str = ""
    resource: str = ""
    message: str = ""


class _Summary(msgspec.Struct):
    services: tuple[_Told, ...] = ()
    clients: tuple[_Told, ...] = ()
    refusals: tuple[_Told, ...] = ()


def _reports(owner: Account, network: str) -> dict[str, list[Reported]]:
    """account -> what its last report told; {} where the table is not there or may not be read."""
    try:
        with translated():
            items = pages(owner.client("dynamodb"), "scan", "Items", TableName=f"onramp-{network}")
    except (NotYet, Refused):
        return {}
    return {item["account"]["S"]: _summary(item.get("summary", {}).get("S", "")) for item in items}


def _summary(text: str) -> list[Reported]:
    try:
        told = msgspec.json.decode(unpacked(text), type=_Summary) if text else _Summary()
    except (msgspec.DecodeError, ValueError):  # written by another release: it is a hint, and no more
        return []
    return [
        Reported(
            resources=(*it.load_balancers, *filter(None, (it.vpc, it.resource))),
            status=it.status,
            name=it.name,
            domain=it.domain,
            message=f"{it.code}: {it.message}" if it.code else it.message,
        )
        for it in (*told.services, *told.clients, *told.refusals)
    ]
