"""Where moto's EC2 is wrong for what this project needs: each correction with its reason."""

from __future__ import annotations

import fnmatch
import hashlib
import ipaddress
import re
from collections.abc import Callable
from typing import Any

import moto
import moto.ec2.models.security_groups
import moto.ec2.models.vpcs
import moto.ec2.utils
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import AMIS, Ami, AmiBackend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.tags import TagBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.vpcs import VPCs
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE

from localcloud.ground import machine
from localcloud.ground.clock import Clock
from localcloud.ground.moto import Patches, check_tags, next_ids

# One per architecture is enough to run an instance from; moto loads some 1,300, with a volume and a snapshot
# each, whenever an account first touches EC2 (0.2 s).
_FEW_AMIS = tuple(AMIS[:4])


def _load_few_amis(backend: AmiBackend) -> None:
    for ami in _FEW_AMIS:
        known = {**ami, "owner_alias": "amazon"}
        backend.amis[ami["ami_id"]] = Ami(backend, **known)


def _ids() -> Patches:
    random_id = moto.ec2.utils.random_id
    begin = EC2Backend.__init__
    beginning: list[EC2Backend] = []

    def next_or_random(prefix: str = "", size: int = 17) -> str:
        asked = next_ids[prefix]
        return asked.popleft() if asked and not beginning else random_id(prefix, size)

    def first_touch(backend: EC2Backend, *args: Any, **more: Any) -> None:
        # An account's default VPC is made when EC2 is first touched: it must not take the id of another.
        beginning.append(backend)
        try:
            begin(backend, *args, **more)
        finally:
            beginning.pop()

    return (
        (AmiBackend, "_load_amis", _load_few_amis),
        (moto.ec2.utils, "random_id", next_or_random),
        (EC2Backend, "__init__", first_touch),
    )


def _own_tags(resource: Any) -> list[dict[str, str]]:
    """The tags of one resource; moto looks through those of all, with an expression made of the id."""
    tags = resource.ec2_backend.tags.get(resource.id, {}) if resource.id else {}
    kind = EC2_PREFIX_TO_RESOURCE.get(str(resource.id).rsplit("-", 1)[0], "")
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in tags.items()
    ]


VPC_SECONDS = 2.0
"""Simulated seconds for which a new VPC is pending (facts 2.4 and 19)."""


_ASCII = re.compile(r"[ -~]*")


def patches(clock: Clock, ascii_tags: Callable[[], bool]) -> Patches:
    """What is put right in moto's EC2, which takes tags of any text, or of ASCII alone (facts 18.9)."""
    return (*_ids(), *_calls(clock, ascii_tags))


def _calls(clock: Clock, ascii_tags: Callable[[], bool]) -> Patches:
    create, create_vpc, create_subnet = TagBackend.create_tags, EC2Backend.create_vpc, EC2Backend.create_subnet
    create_prefix_list = ManagedPrefixListBackend.create_managed_prefix_list
    collect: Callable[..., list[dict[str, str]]] = VPCBackend._collect_default_endpoint_services
    delete: Callable[[Any, list[str], Any], bool] = TagBackend.delete_tags  # a value of None: whatever it is

    def new_vpc(backend: Any, cidr_block: str, *args: Any, **more: Any) -> Any:
        # moto's are available at once; an account's default VPC was there before.
        made = create_vpc(backend, _canonical(cidr_block), *args, **more)
        if not more.get("is_default"):
            made.state = "pending"

            def available() -> None:
                made.state = "available"

            clock.after(VPC_SECONDS, available, "a VPC")
        return made

    def new_subnet(backend: Any, vpc_id: str, cidr_block: str, *args: Any, **more: Any) -> Any:
        return create_subnet(backend, vpc_id, _canonical(cidr_block), *args, **more)

    def new_prefix_list(backend: Any, *args: Any, **more: Any) -> Any:
        # AWS's own have one id for everybody in a region; moto gives each account others.
        made = create_prefix_list(backend, *args, **more)
        if made.owner_id == "AWS":
            del backend.managed_prefix_lists[made.id]
            made.id = f"pl-{hashlib.sha256(str(made.prefix_list_name).encode()).hexdigest()[:17]}"
            made.prefix_list_arn = made.arn(backend.region_name, "aws")
            backend.managed_prefix_lists[made.id] = made
        return made

    def endpoint_services(*given: Any) -> list[dict[str, str]]:
        # moto reads all its services for it, and one of them a grammar of addresses by which it checks none: seconds.
        with machine.lacking("rfc3987_syntax"):
            return collect(*given)

    def delete_tags(backend: Any, resource_ids: list[str], tags: dict[str, str]) -> bool:
        # No tag named means all of them; moto takes it for none.
        if tags:
            return delete(backend, resource_ids, tags)
        return all(delete(backend, [id], dict.fromkeys(backend.tags[id])) for id in resource_ids)

    def create_tags(backend: Any, resource_ids: list[str], tags: dict[str, str]) -> bool:
        check_tags("InvalidParameterValue", tags, _ASCII if ascii_tags() else None, 127, 255)
        return create(backend, resource_ids, tags)

    return (
        (TaggedEC2Resource, "get_tags", _own_tags),
        # moto counts tags but takes any length, and keys that AWS keeps for itself.
        (TagBackend, "create_tags", create_tags),
        (TagBackend, "delete_tags", delete_tags),
        (EC2Backend, "create_vpc", new_vpc),
        (EC2Backend, "create_subnet", new_subnet),
        (VPCBackend, "_collect_default_endpoint_services", staticmethod(endpoint_services)),
        (ManagedPrefixListBackend, "create_managed_prefix_list", new_prefix_list),
        (ManagedPrefixListBackend, "delete_managed_prefix_list", _delete_prefix_list),
        (moto.ec2.utils, "is_filter_matching", _filter_matches),
        (SecurityGroupRule, "__init__", _rule),
        # moto says which ones it did not find as Python spells a set.
        (moto.ec2.models.vpcs, "InvalidVPCIdError", _no_vpc),
        (moto.ec2.models.security_groups, "InvalidSecurityGroupNotFoundError", _no_security_group),
        (VPCs, "delete_vpc_endpoints", _delete_endpoints),
    )


_new_rule = SecurityGroupRule.__init__
_WITH_PORTS = {"tcp": "TCP/UDP", "6": "TCP/UDP", "udp": "TCP/UDP", "17": "TCP/UDP", "icmp": "ICMP", "1": "ICMP"}


def _canonical(cidr: str) -> str:
    """As EC2 keeps a CIDR: without the bits of a host."""
    try:
        return str(ipaddress.ip_network(cidr, strict=False)) if "/" in cidr else cidr
    except ValueError:
        return cidr  # moto says so


def _rule(rule: Any, *args: Any, **more: Any) -> None:
    _begin_rule(rule, *args, **more)
    for member in {"CidrIp", "CidrIpv6"} & rule.ip_range.keys():
        rule.ip_range = {**rule.ip_range, member: _canonical(rule.ip_range[member])}


def _begin_rule(
    rule: Any, backend: Any, protocol: Any, group: str, low: Any, high: Any, *args: Any, **more: Any
) -> None:
    """moto makes numbers of ports that are not there: of ESP, which has none, and of TCP, where AWS demands them."""
    word = str(protocol or "").lower()
    if word not in ("", "all", "-1", "icmpv6", *_WITH_PORTS) and not (word.isdecimal() and int(word) < 256):
        raise EC2ClientError("InvalidParameterValue", f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if low is not None and high is not None:
        _new_rule(rule, backend, protocol, group, low, high, *args, **more)
        return
    if word in _WITH_PORTS:
        told = f"Must specify both from and to ports with {_WITH_PORTS[word]}."
        raise EC2ClientError("InvalidParameterValue", f"Invalid value '{told}' for portRange.")
    _new_rule(rule, backend, "-1", group, None, None, *args, **more)
    rule.ip_protocol = {"all": "-1", "58": "icmpv6"}.get(word, word) or rule.ip_protocol


def _no_vpc(unknown: set[str] | str) -> EC2ClientError:
    return EC2ClientError("InvalidVpcID.NotFound", f"The vpc ID '{_one(unknown)}' does not exist")


def _no_security_group(unknown: set[str] | str) -> EC2ClientError:
    return EC2ClientError("InvalidGroup.NotFound", f"The security group '{_one(unknown)}' does not exist")


def _one(unknown: set[str] | str) -> str:
    return unknown if isinstance(unknown, str) else min(unknown)


_moto_filter_matches = moto.ec2.utils.is_filter_matching


def _filter_matches(resource: Any, name: str, wanted: Any) -> bool:
    """Several values of one filter mean any of them; moto wants a resource to have all the tags named."""
    if name != "tag-key" or not isinstance(wanted, list):
        return bool(_moto_filter_matches(resource, name, wanted))
    keys = [tag["key"] for tag in resource.get_tags()]
    return any(fnmatch.fnmatchcase(key, pattern) for key in keys for pattern in wanted)


def _delete_endpoints(response: Any) -> ActionResult:
    """What is not there is told one by one; moto is silent about it."""
    backend, wanted = response.ec2_backend, response._get_param("VpcEndpointIds", [])
    there = [one for one in wanted if one in backend.vpc_end_points and backend.vpc_end_points[one].state != "deleted"]
    backend.delete_vpc_endpoints(vpce_ids=there)
    told = "The VpcEndpoint Id '{}' does not exist"
    missing = [
        {"ResourceId": one, "Error": {"Code": "InvalidVpcEndpoint.NotFound", "Message": told.format(one)}}
        for one in wanted
        if one not in there
    ]
    return ActionResult({"Unsuccessful": missing})


_moto_delete_prefix_list = ManagedPrefixListBackend.delete_managed_prefix_list


def _delete_prefix_list(backend: Any, prefix_list_id: str) -> Any:
    """The call is taken for one that rules or routes name, and it stays (the VPC guide, "Delete a prefix list")."""
    is_named = prefix_list_id in _prefix_lists_in_use(backend)
    found: Any = _moto_delete_prefix_list(backend, prefix_list_id)
    if is_named:
        found.state, found.state_message = "delete-failed", "The prefix list has references."
    return found


def _prefix_lists_in_use(backend: Any) -> set[str]:
    """Those that rules of security groups and routes name."""
    groups = [group for found in backend.groups.values() for group in found.values()]
    rules = {rule.prefix_list_id for group in groups for rule in (*group.ingress_rules, *group.egress_rules)}
    tables = backend.route_tables.values()
    return rules | {route.destination_prefix_list_id for table in tables for route in table.routes}
