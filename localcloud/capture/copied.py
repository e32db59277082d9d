"""What was read, as a world: what of it is copied, and what is not, thing by thing."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from localcloud.capture.read import Answer, Read, Targets, Unreadable
from localcloud.ground.serves import Serves
from localcloud.world import (
    Account,
    AclEntry,
    BalancerListener,
    BalancerRule,
    Egress,
    Forward,
    Ingress,
    Instance,
    LoadBalancer,
    NetworkAcl,
    SecurityGroup,
    Subnet,
    Vpc,
    World,
)


@dataclass
class Captured:
    """`unread`: a line for each thing, or kind of thing, that is not in the world, and why."""

    world: World
    unread: tuple[str, ...]


def world_of(reads: Iterable[Read]) -> Captured:
    """The world, an account a reading (several of one account are put together)."""
    unread: list[str] = []
    whole: dict[str, Read] = {}
    for read in reads:
        _put_together(whole.setdefault(read.account, Read(read.account)), read)
    if not whole:
        raise Unreadable("there is nothing to capture")
    accounts = []
    for read in whole.values():
        accounts.append(_sound(read.account, _Account(read)))
        unread += read.unread
    return Captured(World(accounts=tuple(accounts)), tuple(unread))


def _sound(account: str, read: _Account) -> Account:
    """Its account as the world has one; Unreadable, rather than a world that falls while it is built."""
    try:
        return msgspec.convert(_said(msgspec.to_builtins(read.made())), Account)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as odd:
        raise Unreadable(f"what was read of {account} is of an odd form: {odd}") from odd


_AS_IT_IS = ("tags", "conditions", "redirect")


def _said(value: Any) -> Any:
    """Without what is not said: an id that is not given is of no form."""
    if isinstance(value, dict):
        return {key: one if key in _AS_IT_IS else _said(one) for key, one in value.items() if one not in ("", None)}
    return [_said(one) for one in value] if isinstance(value, list | tuple) else value


_KEYS = {
    "vpcs": "VpcId",
    "subnets": "SubnetId",
    "groups": "GroupId",
    "acls": "NetworkAclId",
    "instances": "InstanceId",
    "balancers": "LoadBalancerArn",
    "listeners": "ListenerArn",
}
"""By which what two states know, one of which looked it up in the other, is one thing."""


def _put_together(whole: Read, more: Read) -> None:
    """What is known of one account from several readings: a VPC's own state, and that of what stands in it."""
    for name, key in _KEYS.items():
        there: list[Answer] = getattr(whole, name)
        known = {one.get(key) for one in there}
        there += [one for one in getattr(more, name) if one.get(key) not in known]
    for arn, targets in more.targets.items():
        known_targets = whole.targets.setdefault(arn, targets)
        known_targets.members += [one for one in targets.members if one not in known_targets.members]
    for name in ("rules", "tags", "dns", "certificates"):
        setattr(whole, name, {**getattr(more, name), **getattr(whole, name)})
    whole.unread += [line for line in more.unread if line not in whole.unread]


class _Account:
    """One account's part of the world. VPCs and groups are called by their ids, which are sure to differ."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.vpcs = {one["VpcId"]: one for one in read.vpcs if not one.get("IsDefault")}
        self.subnets = {}
        for one in (one for one in read.subnets if one["VpcId"] in self.vpcs):
            if not one.get("CidrBlock"):
                self._leave(f"{one['SubnetId']}: it has no IPv4 addresses")
            elif not _is_within(one["CidrBlock"], _cidrs(self.vpcs[one["VpcId"]])):
                self._leave(f"{one['SubnetId']}: {one['CidrBlock']} is in no CIDR of {one['VpcId']} that was read")
            else:
                self.subnets[one["SubnetId"]] = one
        self.ids = {one.get("PrivateIpAddress"): one["InstanceId"] for one in read.instances}
        self.ports: dict[str, set[int]] = {}
        for targets in read.targets.values():
            for name, port in self._members(targets):
                self.ports.setdefault(name, set()).add(port)

    def _leave(self, what: str) -> None:
        if what not in self.read.unread:
            self.read.unread.append(what)

    def made(self) -> Account:
        return Account(
            id=self.read.account,
            vpcs=tuple(self._vpc(one) for one in self.vpcs.values()),
            instances=tuple(filter(None, map(self._instance, self.read.instances))),
            load_balancers=tuple(filter(None, map(self._balancer, self.read.balancers))),
        )

    def _vpc(self, vpc: Answer) -> Vpc:
        name = vpc["VpcId"]
        subnets = [one for one in self.subnets.values() if one["VpcId"] == name]
        groups = [one for one in self.read.groups if one["VpcId"] == name and one["GroupName"] != "default"]
        if any(map(_is_there, vpc.get("Ipv6CidrBlockAssociationSet", ()))):
            self._leave(f"{name}: its IPv6 addresses")
        for group in self.read.groups:
            if group["VpcId"] == name and group["GroupName"] == "default" and not _is_as_made(group):
                self._leave(f"{group['GroupId']}: rules of the default group of {name}")
        return Vpc(
            name=name,
            id=name,
            cidr=vpc["CidrBlock"],
            more_cidrs=tuple(_cidrs(vpc)[1:]),
            dns=self.read.dns.get(name, True),
            tags=_tags(vpc),
            subnets=tuple(
                Subnet(
                    cidr=one["CidrBlock"],
                    zone=str(one.get("AvailabilityZone", ""))[-1:],
                    id=one["SubnetId"] if re.fullmatch(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})", one["SubnetId"]) else "",
                )
                for one in subnets
            ),
            acls=tuple(filter(None, (self._acl(one) for one in self.read.acls if one["VpcId"] == name))),
            security_groups=tuple(map(self._group, groups)),
        )

    def _acl(self, acl: Answer) -> NetworkAcl | None:
        """None where it lets everything pass, or guards no subnet."""
        guarded = [self.subnets.get(str(one.get("SubnetId"))) for one in acl.get("Associations", ())]
        cidrs = tuple(one["CidrBlock"] for one in guarded if one is not None)
        entries = []
        for one in acl.get("Entries", ()):
            if not 1 <= int(one["RuleNumber"]) <= 32766:
                continue  # the last one of all, which denies
            if not one.get("CidrBlock"):
                self._leave(f"{acl['NetworkAclId']}: rule {one['RuleNumber']}, which is of IPv6")
                continue
            ports = one.get("PortRange") or {}
            entries.append(
                AclEntry(
                    number=int(one["RuleNumber"]),
                    allow=one["RuleAction"] == "allow",
                    cidr=one["CidrBlock"],
                    egress=bool(one["Egress"]),
                    protocol=str(one["Protocol"]),
                    ports=f"{ports['From']}-{ports['To']}" if ports else "",
                )
            )
        entries.sort(key=lambda one: (one.egress, one.number))
        plain = [(one.egress, one.allow, one.cidr, one.protocol) for one in entries]
        if not cidrs or plain == [(out, True, "0.0.0.0/0", "-1") for out in (False, True)]:
            return None
        return NetworkAcl(subnets=tuple(sorted(cidrs)), entries=tuple(entries))

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
            if rule.get("Ipv6Ranges"):
                self._leave(f"{group['GroupId']}: a rule's IPv6 addresses")
            if rule.get("UserIdGroupPairs"):
                self._leave(f"{group['GroupId']}: a rule that names another security group")
            if rule.get("IpProtocol") not in ("tcp", "-1", -1):
                self._leave(f"{group['GroupId']}: a rule of protocol {rule.get('IpProtocol')}")
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
            self._leave(f"{instance['InstanceId']}: it does not run, or its subnet was not read")
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
            self._leave(f"load balancer {name}: its VPC was not read, or its type is {balancer['Type']}")
            return None
        zones = {one.get("AvailabilityZone") for one in self.subnets.values() if one["VpcId"] == balancer["VpcId"]}
        if len(zones) < (needed := 2 if balancer["Type"] == "application" else 1):
            self._leave(f"load balancer {name}: it needs subnets in {needed} zones, and they were read in {len(zones)}")
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
        name = f"listener {listener['Protocol']}:{listener['Port']} of {arn.split('/')[2]}"
        does = self._does(name, listener.get("DefaultActions", ()))
        forward: tuple[Forward, ...] = does.pop("forward", ())
        if len(forward) == 1:
            does |= {"targets": forward[0].targets, "target_port": forward[0].port}
        elif forward:
            does["forward"] = forward
        rules = [self._rule(name, one) for one in self.read.rules.get(listener.get("ListenerArn", ""), ())]
        certificates = [one["CertificateArn"] for one in listener.get("Certificates", ())]
        known = [self.read.certificates[one] for one in certificates if self.read.certificates.get(one)]
        return BalancerListener(
            protocol=listener["Protocol"],
            port=listener["Port"],
            certificate=known[0] if known else "",
            rules=tuple(sorted((one for one in rules if one is not None), key=lambda one: one.priority)),
            **does,
        )

    def _rule(self, listener: str, rule: Answer) -> BalancerRule | None:
        name = f"{listener}, rule {rule['Priority']}"
        does = self._does(name, rule.get("Actions", ()))
        if not does or not str(rule["Priority"]).isdigit():
            self._leave(f"{name}: it sends to nothing that was read")
            return None
        conditions = tuple(_condition(one) for one in rule.get("Conditions", ()))
        return BalancerRule(priority=int(rule["Priority"]), conditions=conditions, **does)

    def _does(self, name: str, actions: Iterable[Answer]) -> dict[str, Any]:
        """What becomes of a request, in the world's words; nothing where it is sent to what was not read."""
        *before, last = actions or ({},)
        for one in before:
            self._leave(f"{name}: {one.get('Type')}, which comes before the rest")
        if last.get("Type") == "redirect":
            return {"redirect": _redirect(last.get("RedirectConfig") or {})}
        if last.get("Type") == "fixed-response":
            return {"answers": int((last.get("FixedResponseConfig") or {}).get("StatusCode") or 503)}
        groups = (last.get("ForwardConfig") or {}).get("TargetGroups") or [
            {"TargetGroupArn": last.get("TargetGroupArn")}
        ]
        forward = [self._forward(name, one.get("TargetGroupArn"), one.get("Weight")) for one in groups]
        found = tuple(one for one in forward if one is not None)
        return {"forward": found} if found else {}

    def _forward(self, name: str, arn: str | None, weight: int | None) -> Forward | None:
        targets = self.read.targets.get(arn or "")
        if targets is None or not targets.port:
            what = "" if targets is None else f", whose targets are of type {targets.kind}"
            self._leave(f"{name}: target group {targets.name if targets else arn}{what}")
            return None
        members = self._members(targets)
        if lost := len(targets.members) - len(members):
            told = "" if targets.kind == "instance" else f" of type {targets.kind}"
            self._leave(f"{name}: {lost} targets{told} of {targets.name}, which are no instance that was read")
        if any(port != targets.port for _, port in members):
            self._leave(f"{name}: other ports than {targets.port} of targets of {targets.name}")
        names = tuple(dict.fromkeys(one for one, _ in members))
        return Forward(port=targets.port, targets=names, weight=1 if weight is None else weight)

    def _members(self, targets: Targets) -> list[tuple[str, int]]:
        """The instances of a target group, by id or by address, with their ports."""
        there = {
            one["InstanceId"]
            for one in self.read.instances
            if self.subnets.get(one.get("SubnetId") or "") and one.get("State", {}).get("Name") == "running"
        }
        named = [(str(self.ids.get(name) or name), port) for name, port in targets.members]
        return [(name, port) for name, port in named if name in there]


def _cidrs(vpc: Answer) -> list[str]:
    more = [one["CidrBlock"] for one in vpc.get("CidrBlockAssociationSet", ()) if _is_there(one)]
    return list(dict.fromkeys([vpc["CidrBlock"], *more]))


def _is_within(cidr: str, of: Iterable[str]) -> bool:
    inner = ipaddress.ip_network(cidr, strict=False)
    return any(inner.subnet_of(ipaddress.ip_network(one, strict=False)) for one in of)  # type: ignore[arg-type]


def _is_there(association: Answer) -> bool:
    state = association.get("CidrBlockState") or association.get("Ipv6CidrBlockState") or {}
    return bool(state.get("State", "associated") == "associated")


def _is_as_made(group: Answer) -> bool:
    """Whether a default group lets in its own members alone, and everything out."""
    own = [pair.get("GroupId") for rule in group.get("IpPermissions", ()) for pair in rule.get("UserIdGroupPairs", ())]
    more = [rule for rule in group.get("IpPermissions", ()) if rule.get("IpRanges") or rule.get("PrefixListIds")]
    out = [one["CidrIp"] for rule in group.get("IpPermissionsEgress", ()) for one in rule.get("IpRanges", ())]
    return not more and set(own) <= {group["GroupId"], "itself"} and set(out) <= {"0.0.0.0/0"}


def _redirect(config: Answer) -> str | dict[str, str]:
    plain = {"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}
    told = {key: str(value) for key, value in config.items() if value and plain.get(key) != str(value)}
    to = f"{told.get('Protocol')}:{told.get('Port')}"
    if set(told) == {"Protocol", "Port"} and re.fullmatch(r"HTTPS?:[0-9]+", to):
        return to
    return {"StatusCode": "HTTP_301", **told}


def _condition(condition: Answer) -> dict[str, Any]:
    """As CreateRule takes it: AWS tells some values twice."""
    config = {key: value for key, value in condition.items() if key.endswith("Config") and value}
    values = {} if config or not condition.get("Values") else {"Values": condition["Values"]}
    return {"Field": condition["Field"], **config, **values}


def _tags(thing: Answer) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in thing.get("Tags", ())}
