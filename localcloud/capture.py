"""A world captured from what a team has: Terraform's state, or accounts that are only read; and what was not read.

Both come to one form, the answers of AWS's Describe calls, and from there to a world's description. Ids of VPCs and the
ends of load balancers' ARNs stay, so that events and tags of the real ones name the copies. What a server answers is
nobody's to read: every instance serves on its load balancer's ports.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.ground.serves import Serves
from localcloud.world import (
    Account,
    BalancerListener,
    Egress,
    Ingress,
    Instance,
    LoadBalancer,
    SecurityGroup,
    Subnet,
    Vpc,
    World,
)

type Answer = Mapping[str, Any]


class Unreadable(ValueError):
    """What was given cannot be captured; says why, and what to give instead."""


@dataclass
class Captured:
    """`unread`: a line for each thing, or kind of thing, that is not in the world, and why."""

    world: World
    unread: tuple[str, ...]


@dataclass
class Read:
    """What was read of one account, as Describe calls answer it. `targets`: instance ids by load balancer and port."""

    account: str
    vpcs: list[Answer] = field(default_factory=list)
    subnets: list[Answer] = field(default_factory=list)
    groups: list[Answer] = field(default_factory=list)
    instances: list[Answer] = field(default_factory=list)
    balancers: list[Answer] = field(default_factory=list)
    listeners: list[Answer] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """By ARN of a load balancer."""
    targets: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


# --- from accounts ----------------------------------------------------------------------------------------------


def of_account(session: Any) -> Read:
    """Read one account with a boto3 session: Describe and Get calls alone.

    What the session may not read is told in `unread`; botocore's NoCredentialsError and the like fly.
    """
    from botocore.exceptions import ClientError

    read = Read(str(session.client("sts").get_caller_identity()["Account"]))
    ec2, elb = session.client("ec2"), session.client("elbv2")

    def pages(client: Any, operation: str, key: str, **given: Any) -> list[Answer]:
        try:
            return [one for page in client.get_paginator(operation).paginate(**given) for one in page[key]]
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "TargetGroupNotFound":
                return []  # of a load balancer that has none
            read.unread.append(f"{operation} of {read.account}: {refused.response['Error']['Message']}")
            return []

    read.vpcs = pages(ec2, "describe_vpcs", "Vpcs")
    read.subnets = pages(ec2, "describe_subnets", "Subnets")
    read.groups = pages(ec2, "describe_security_groups", "SecurityGroups")
    reservations = pages(ec2, "describe_instances", "Reservations")
    read.instances = [one for reservation in reservations for one in reservation["Instances"]]
    read.balancers = pages(elb, "describe_load_balancers", "LoadBalancers")
    for balancer in read.balancers:
        arn = balancer["LoadBalancerArn"]
        read.listeners += pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn)
        for group in pages(elb, "describe_target_groups", "TargetGroups", LoadBalancerArn=arn):
            try:
                health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
            except ClientError as refused:
                read.unread.append(f"targets of {group['TargetGroupName']}: {refused.response['Error']['Message']}")
                continue
            ids = [one["Target"]["Id"] for one in health]
            read.targets.setdefault((arn, int(group.get("Port", 0))), []).extend(ids)
        try:
            found = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
            read.tags[arn] = {tag["Key"]: tag.get("Value", "") for one in found for tag in one["Tags"]}
        except ClientError as refused:
            read.unread.append(f"tags of {arn}: {refused.response['Error']['Message']}")
    return read


# --- from Terraform's state -------------------------------------------------------------------------------------

_READ = {
    "aws_vpc",
    "aws_subnet",
    "aws_security_group",
    "aws_instance",
    "aws_lb",
    "aws_alb",
    "aws_lb_listener",
    "aws_alb_listener",
}
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")


def of_state(text: str) -> list[Read]:
    """Read a Terraform state (version 4), an account a reading; Unreadable for what is none."""
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(f"it is no Terraform state: {wrong}") from wrong
    if not isinstance(state, dict) or state.get("version") != 4 or not isinstance(state.get("resources"), list):
        raise Unreadable("it is no Terraform state of version 4; `terraform state pull` prints one")
    reads: dict[str, Read] = {}
    passed: Counter[str] = Counter()
    account = ""
    for resource in state["resources"]:
        kind = str(resource.get("type", ""))
        if resource.get("mode") != "managed":
            continue
        for instance in resource.get("instances", []):
            attributes = instance.get("attributes") or {}
            if kind not in _READ:
                passed[kind] += 1
                continue
            found = _ACCOUNT.match(str(attributes.get("arn", ""))) or _ACCOUNT.match(str(attributes.get("id", "")))
            account = found[1] if found else str(attributes.get("owner_id") or account)
            if not account:
                raise Unreadable(f"{kind} {resource.get('name')} does not say whose it is: it has no ARN")
            _take(reads.setdefault(account, Read(account)), kind, attributes)
    if not reads:
        raise Unreadable("it holds none of " + ", ".join(sorted(_READ)))
    told = [f"{kind}: {count}, which is nothing that a captured world has" for kind, count in sorted(passed.items())]
    next(iter(reads.values())).unread += told
    return list(reads.values())


def _take(read: Read, kind: str, of: Answer) -> None:
    tags = [{"Key": key, "Value": value} for key, value in (of.get("tags") or {}).items()]
    match kind:
        case "aws_vpc":
            read.vpcs.append({"VpcId": of["id"], "CidrBlock": of["cidr_block"], "Tags": tags})
        case "aws_subnet":
            read.subnets.append(
                {"SubnetId": of["id"], "VpcId": of["vpc_id"], "CidrBlock": of["cidr_block"]}
                | {"AvailabilityZone": of.get("availability_zone", "")}
            )
        case "aws_security_group":
            read.groups.append(
                {"GroupId": of["id"], "GroupName": of["name"], "VpcId": of["vpc_id"]}
                | {"IpPermissions": [_rule(one) for one in of.get("ingress") or []]}
                # A state without a word about it is of rules that are resources of their own.
                | ({"IpPermissionsEgress": [_rule(one) for one in of["egress"]]} if of.get("egress") else {})
            )
        case "aws_instance":
            read.instances.append(
                {"InstanceId": of["id"], "SubnetId": of.get("subnet_id"), "PrivateIpAddress": of.get("private_ip")}
                | {"State": {"Name": of.get("instance_state", "running")}, "Tags": tags}
                | {"SecurityGroups": [{"GroupId": one} for one in of.get("vpc_security_group_ids") or []]}
            )
        case "aws_lb" | "aws_alb":
            read.balancers.append(
                {
                    "LoadBalancerArn": of["arn"],
                    "LoadBalancerName": of["name"],
                    "Scheme": "internal" if of.get("internal") else "internet-facing",
                    "Type": of.get("load_balancer_type") or "application",
                    "VpcId": of.get("vpc_id", ""),
                    "SecurityGroups": of.get("security_groups") or [],
                }
            )
            read.tags[of["arn"]] = dict(of.get("tags") or {})
        case _:
            action = (of.get("default_action") or [{}])[0]
            read.listeners.append(
                {
                    "LoadBalancerArn": of["load_balancer_arn"],
                    "Protocol": of.get("protocol", "HTTP"),
                    "Port": of["port"],
                    "DefaultActions": [_action(action)],
                }
            )


def _rule(of: Answer) -> Answer:
    return {
        "IpProtocol": of.get("protocol", "tcp"),
        "FromPort": of.get("from_port", 0),
        "ToPort": of.get("to_port", 65535),
        "IpRanges": [{"CidrIp": cidr} for cidr in of.get("cidr_blocks") or []],
        "PrefixListIds": [{"PrefixListId": one} for one in of.get("prefix_list_ids") or []],
        "UserIdGroupPairs": [{"GroupId": one} for one in of.get("security_groups") or []],
    }


def _action(of: Answer) -> Answer:
    redirect, fixed = ((of.get(name) or [{}])[0] for name in ("redirect", "fixed_response"))
    return {
        "Type": of.get("type", "forward"),
        "RedirectConfig": {"Protocol": redirect.get("protocol"), "Port": redirect.get("port")},
        "FixedResponseConfig": {"StatusCode": str(fixed.get("status_code") or "")},
    }


# --- to a world -------------------------------------------------------------------------------------------------


def world_of(reads: Iterable[Read]) -> Captured:
    """The world, an account a reading (several of one account are put together)."""
    unread: list[str] = []
    accounts: dict[str, Account] = {}
    for read in reads:
        made = _Account(read).made()
        unread += read.unread
        there = accounts.get(read.account)
        accounts[read.account] = made if there is None else _together(there, made)
    if not accounts:
        raise Unreadable("there is nothing to capture")
    return Captured(World(accounts=tuple(accounts.values())), tuple(unread))


def _together(one: Account, other: Account) -> Account:
    return Account(
        id=one.id,
        vpcs=(*one.vpcs, *other.vpcs),
        instances=(*one.instances, *other.instances),
        load_balancers=(*one.load_balancers, *other.load_balancers),
    )


class _Account:
    """One account's part of the world. VPCs and groups are called by their ids, which are sure to differ."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.vpcs = {one["VpcId"]: one for one in read.vpcs if not one.get("IsDefault")}
        self.subnets = {one["SubnetId"]: one for one in read.subnets if one["VpcId"] in self.vpcs}
        self.ports: dict[str, set[int]] = {}
        for (_, port), ids in read.targets.items():
            for one in ids:
                self.ports.setdefault(one, set()).add(port)

    def made(self) -> Account:
        return Account(
            id=self.read.account,
            vpcs=tuple(self._vpc(one) for one in self.vpcs.values()),
            instances=tuple(filter(None, map(self._instance, self.read.instances))),
            load_balancers=tuple(filter(None, map(self._balancer, self.read.balancers))),
        )

    def _vpc(self, vpc: Answer) -> Vpc:
        tags = _tags(vpc)
        subnets = [one for one in self.subnets.values() if one["VpcId"] == vpc["VpcId"]]
        groups = [one for one in self.read.groups if one["VpcId"] == vpc["VpcId"] and one["GroupName"] != "default"]
        return Vpc(
            name=vpc["VpcId"],
            id=vpc["VpcId"],
            cidr=vpc["CidrBlock"],
            tags=tags,
            subnets=tuple(
                Subnet(cidr=one["CidrBlock"], zone=str(one.get("AvailabilityZone", ""))[-1:]) for one in subnets
            ),
            security_groups=tuple(map(self._group, groups)),
        )

    def _group(self, group: Answer) -> SecurityGroup:
        out = group.get("IpPermissionsEgress")
        return SecurityGroup(
            name=group["GroupId"],
            ingress=tuple(Ingress(port=port, sources=ends) for port, ends in self._rules(group, "IpPermissions")),
            egress=None
            if out is None
            else tuple(
                Egress(port=port, destinations=ends) for port, ends in self._rules(group, "IpPermissionsEgress")
            ),
        )

    def _rules(self, group: Answer, key: str) -> list[tuple[str, tuple[str, ...]]]:
        """(ports, CIDRs or prefix lists) of what a group lets in or out by TCP."""
        rules = []
        for rule in group.get(key, ()):
            ends = tuple(one["CidrIp"] for one in rule.get("IpRanges", ()))
            if rule.get("PrefixListIds"):
                # The list that matters here; whichever it is, the copy's has another id.
                ends += ("vpc-lattice",)
            if rule.get("UserIdGroupPairs"):
                self.read.unread.append(f"{group['GroupId']}: a rule that names another security group")
            if rule.get("IpProtocol") not in ("tcp", "-1", -1):
                self.read.unread.append(f"{group['GroupId']}: a rule of protocol {rule.get('IpProtocol')}")
                continue
            whole = rule.get("IpProtocol") in ("-1", -1)
            first, last = (0, 65535) if whole else (rule.get("FromPort", 0), rule.get("ToPort", 65535))
            if ends:
                rules.append((f"{first}-{last}", ends))
        return rules

    def _instance(self, instance: Answer) -> Instance | None:
        subnet = self.subnets.get(instance.get("SubnetId") or "")
        running = instance.get("State", {}).get("Name") == "running"
        address = instance.get("PrivateIpAddress")
        if subnet is None or not running or not address:
            self.read.unread.append(f"{instance['InstanceId']}: it does not run, or its subnet was not read")
            return None
        ports = sorted(self.ports.get(instance["InstanceId"], ()))
        names = {one["GroupId"]: one["GroupName"] for one in self.read.groups}
        mine = [one["GroupId"] for one in instance.get("SecurityGroups", ()) if one["GroupId"] in names]
        return Instance(
            name=instance["InstanceId"],
            vpc=subnet["VpcId"],
            ip=address,
            tags={key: value for key, value in _tags(instance).items() if not key.startswith("aws:")},
            serves=tuple(Serves(port=port) for port in ports),
            security_groups=tuple("default" if names[one] == "default" else one for one in mine),
        )

    def _balancer(self, balancer: Answer) -> LoadBalancer | None:
        arn, name = balancer["LoadBalancerArn"], balancer["LoadBalancerName"]
        if balancer.get("VpcId") not in self.vpcs or balancer["Type"] not in ("application", "network"):
            self.read.unread.append(f"load balancer {name}: its VPC was not read, or its type is {balancer['Type']}")
            return None
        if not any(one["VpcId"] == balancer["VpcId"] for one in self.subnets.values()):
            self.read.unread.append(f"load balancer {name}: no subnet of its VPC was read")
            return None
        listeners = [one for one in self.read.listeners if one["LoadBalancerArn"] == arn]
        known = {one["GroupId"] for one in self.read.groups if one["GroupName"] != "default"}
        groups = tuple(one for one in balancer.get("SecurityGroups", ()) if one in known)
        return LoadBalancer(
            name=name,
            vpc=balancer["VpcId"],
            id=arn.rpartition("/")[2],
            scheme=balancer["Scheme"],
            type=balancer["Type"],
            listeners=tuple(self._listener(arn, one) for one in listeners),
            # None gets one that Lattice may call, which would hide that nobody may.
            security_groups=groups,
            tags={key: value for key, value in self.read.tags.get(arn, {}).items() if not key.startswith("aws:")},
        )

    def _listener(self, arn: str, listener: Answer) -> BalancerListener:
        action = (listener.get("DefaultActions") or [{}])[-1]
        redirect = action.get("RedirectConfig") or {}
        status = (action.get("FixedResponseConfig") or {}).get("StatusCode")
        to = f"{redirect.get('Protocol')}:{redirect.get('Port')}"
        there = {one["InstanceId"] for one in self.read.instances if self.subnets.get(one.get("SubnetId") or "")}
        mine = [(port, one) for (of, port), ids in self.read.targets.items() if of == arn for one in ids]
        behind = [(port, one) for port, one in mine if one in there]
        return BalancerListener(
            protocol=listener["Protocol"],
            port=listener["Port"],
            redirect=to if action.get("Type") == "redirect" and re.fullmatch(r"HTTPS?:\d+", to) else "",
            answers=int(status) if action.get("Type") == "fixed-response" and status else None,
            targets=tuple(dict.fromkeys(one for _, one in behind)) if action.get("Type") == "forward" else (),
            target_port=behind[0][0] if behind else None,
        )


def _tags(thing: Answer) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in thing.get("Tags", ())}
