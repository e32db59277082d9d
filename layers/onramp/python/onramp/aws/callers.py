"""Who calls: a VPC, an instance or an address, found in the accounts that can be searched."""

import ipaddress
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from onramp.aws.account import Account
from onramp.aws.errors import translated
from onramp.aws.eyes import Eyes
from onramp.aws.reading import listed, machines, pages
from onramp.core.errors import NotYet, Refused


def networks(eyes: Eyes) -> dict[str, str]:
    """id -> name of the networks that the sessions can see, their own and shared ones."""
    return {item["id"]: item["name"] for _, item in eyes.everywhere(partial(listed, "list_service_networks"))}


class Nowhere(ValueError):
    """The caller is not found, or found more than once; the message says what to write instead."""


class Source(NamedTuple):
    """`ip` may be a CIDR: any address of it. `subnet` is '' where nothing says which."""

    account: str
    vpc: str
    ip: str
    security_groups: tuple[str, ...] = ()
    subnet: str = ""


def source(eyes: Eyes, what: str, vpc: str = "") -> Source:
    """Who `what` is: a VPC's id, an instance's id, or an address (in `vpc`, where several have it).

    Only accounts that there are sessions for are searched. Raises Nowhere.
    """
    if what.startswith("vpc-"):
        return _of_vpc(eyes, what)
    if what.startswith("i-"):
        found = [
            Source(
                account.account,
                item["VpcId"],
                item["PrivateIpAddress"],
                _group_ids(item["SecurityGroups"]),
                item.get("SubnetId", ""),
            )
            for account, item in eyes.everywhere(lambda account: _machines(account, what))
            if item.get("PrivateIpAddress")
        ]
        if not found:
            raise Nowhere(
                f"no instance {what} with an address is in {_words(eyes.own)}: check the id, region and profile"
            )
        return found[0]
    return _of_address(eyes, what, vpc)


def _of_vpc(eyes: Eyes, vpc: str) -> Source:
    unread: NotYet | Refused | None = None
    try:
        for account, item in eyes.everywhere(lambda account: [it for it in _vpcs(account) if it["VpcId"] == vpc]):
            return Source(account.account, vpc, item["CidrBlock"])
    except (NotYet, Refused) as no:
        unread = no
    # Somebody else's: whoever joined it to a network that can be seen is its owner (facts 10).
    with translated():
        found = pages(
            eyes.home.client("vpc-lattice"), "list_service_network_vpc_associations", "items", vpcIdentifier=vpc
        )
    owner = next((item["createdBy"] for item in found if item.get("createdBy")), "")
    if not owner:
        if unread is not None:
            raise unread
        raise Nowhere(f"{vpc} is no VPC of {_words(eyes.own)}, nor joined to a network that can be seen from there")
    cidr = "0.0.0.0/0"  # whoever it holds, if its owner cannot be asked
    try:
        cidr = next((item["CidrBlock"] for item in _vpcs(eyes.of(owner)) if item["VpcId"] == vpc), cidr)
    except (NotYet, Refused):
        return Source(owner, vpc, cidr)
    return Source(owner, vpc, cidr)


def _of_address(eyes: Eyes, what: str, vpc: str) -> Source:
    try:
        address = ipaddress.ip_address(what)
    except ValueError as wrong:
        raise Nowhere(f"{what!r} is no VPC (vpc-…), no instance (i-…) and no address") from wrong

    def holding(account: Account) -> list[str]:
        return [
            item["VpcId"]
            for item in _vpcs(account)
            if vpc in ("", item["VpcId"]) and any(address in ipaddress.ip_network(cidr) for cidr in _cidrs(item))
        ]

    try:
        found = [(account.account, held) for account, held in eyes.everywhere(holding)]
    except (NotYet, Refused):
        if not vpc:
            raise
        found = []
    lives = {one: _at(eyes.of(one[0]), one[1], what) for one in found}
    found = [one for one in found if lives[one] is not None] or found
    if len(found) > 1:
        raise Nowhere(
            f"{what} is an address of {_words(f'{vpc} of {account}' for account, vpc in found)}: say which by --vpc"
        )
    if not found and vpc:
        return _of_vpc(eyes, vpc)._replace(ip=what)
    if not found:
        raise Nowhere(
            f"no VPC of {_words(eyes.own)} has the address {what}: "
            "name a profile of its account as well, its region by --region, or its VPC by --vpc"
        )
    return Source(*found[0], what, *(lives[found[0]] or ()))


def _machines(account: Account, identifier: str) -> list[dict[str, Any]]:
    with translated():
        return machines(account, [{"Name": "instance-id", "Values": [identifier]}])


def _vpcs(account: Account) -> list[dict[str, Any]]:
    with translated():
        return pages(account.client("ec2"), "describe_vpcs", "Vpcs")


def _cidrs(item: dict[str, Any]) -> list[str]:
    more = item.get("CidrBlockAssociationSet", []) + item.get("Ipv6CidrBlockAssociationSet", [])
    return [item["CidrBlock"], *(it.get("CidrBlock") or it["Ipv6CidrBlock"] for it in more)]


def _at(account: Account, vpc: str, ip: str) -> tuple[tuple[str, ...], str] | None:
    """Security groups and subnet of whatever has the address, by its network interface; None when nothing has it."""
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "addresses.private-ip-address", "Values": [ip]}]
    if ":" in ip:
        filters[1] = {"Name": "ipv6-addresses.ipv6-address", "Values": [ip]}
    with translated():
        for item in pages(account.client("ec2"), "describe_network_interfaces", "NetworkInterfaces", Filters=filters):
            return _group_ids(item["Groups"]), item.get("SubnetId", "")
    return None


def _group_ids(items: Iterable[dict[str, str]]) -> tuple[str, ...]:
    return tuple(item["GroupId"] for item in items)


def _words(words: Iterable[str]) -> str:
    return ", ".join(words)
