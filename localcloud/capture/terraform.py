"""A Terraform state, read as if AWS had answered it: what it manages, and the VPCs and subnets that it looked up."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from localcloud.capture.forms import demand
from localcloud.capture.read import Answer, Read, Targets, Unreadable

_PARTS = (
    *("aws_vpc", "aws_subnet", "aws_security_group", "aws_instance", "aws_lb", "aws_alb"),
    *("aws_lb_target_group", "aws_alb_target_group", "aws_lb_listener", "aws_alb_listener", "aws_network_acl"),
    *("aws_default_network_acl", "aws_acm_certificate"),
)
"""Each has an ARN, which says whose it is; in this order what refers comes after what it refers to."""
_JOINTS = (
    *("aws_vpc_ipv4_cidr_block_association", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
    *("aws_vpc_security_group_egress_rule", "aws_network_acl_rule", "aws_network_acl_association"),
    *("aws_lb_target_group_attachment", "aws_alb_target_group_attachment", "aws_lb_listener_rule"),
    "aws_alb_listener_rule",
)
"""Each belongs to what one of these attributes names."""
_BELONGS_TO = ("target_group_arn", "listener_arn", "vpc_id", "security_group_id", "network_acl_id")
_LOOKED_UP = {"aws_vpc", "aws_subnet", "aws_lb", "aws_alb", "aws_instance"}
_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]*):(\d{12}):")
_ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What attributes lead to that are not as the provider writes them."""


def of_state(text: str, region: str = "") -> list[Read]:
    """Read a Terraform state (version 4), an account a reading; Unreadable for what is none.

    A world is of one Region: of `region`, or of that in which most of it is. The rest is told.
    """
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(f"it is no Terraform state: {wrong}") from wrong
    if not isinstance(state, dict) or state.get("version") != 4 or not isinstance(state.get("resources"), list):
        raise Unreadable("it is no Terraform state of version 4; `terraform state pull` prints one")
    passed: Counter[str] = Counter()
    found: dict[str, list[Answer]] = {kind: [] for kind in (*_PARTS, *_JOINTS)}
    told: list[str] = []
    for mode, kind, attributes in _instances(state, told):
        if kind in found and (mode == "managed" or kind in _LOOKED_UP):
            found[kind].append(attributes)
        elif mode == "managed":
            passed[kind] += 1
    _keep_one_region(found, region, told)
    reads = _reads(found, told)
    if not reads and told:
        raise Unreadable(f"nothing of it can be read: {'; '.join(told[:3])}")
    if not reads:
        raise Unreadable("it holds none of " + ", ".join(sorted(_PARTS)))
    told += [f"{kind}: {count}, which is nothing that a captured world has" for kind, count in sorted(passed.items())]
    next(iter(reads.values())).unread += told
    return list(reads.values())


def _instances(state: Any, told: list[str]) -> Iterator[tuple[str, str, Answer]]:
    """(mode, type, attributes) of everything in it, what is managed first; modules and `for_each` are no matter."""
    resources = [one for one in state["resources"] if isinstance(one, dict)]
    for resource in sorted(resources, key=lambda one: one.get("mode") != "managed"):
        kind, given = str(resource.get("type", "")), resource.get("instances")
        for instance in given if isinstance(given, list) else ():
            attributes = instance.get("attributes") if isinstance(instance, dict) else None
            if not isinstance(attributes, dict):
                told.append(f"{kind} {resource.get('name')}: the state has its attributes in no form that is read here")
            elif "deposed" in instance:
                told.append(f"{kind} {attributes.get('id')}: it is deposed, about to be destroyed")
            else:
                yield str(resource.get("mode")), kind, attributes


def _keep_one_region(found: dict[str, list[Answer]], region: str, told: list[str]) -> None:
    """What a joint belongs to is found or not; it has no Region of its own to look at."""
    regions = Counter(it for kind in _PARTS for of in found[kind] if (it := _region(of)))
    kept = region or next((name for name, _ in regions.most_common(1)), "")
    for kind in _PARTS:
        elsewhere = [of for of in found[kind] if _region(of) not in ("", kept)]
        told += [f"{kind} {of.get('id')}: it is in {_region(of)}; the copy is of {kept}" for of in elsewhere]
        found[kind] = [of for of in found[kind] if of not in elsewhere] if elsewhere else found[kind]


def _region(of: Answer) -> str:
    match = _ACCOUNT.match(str(of.get("arn", ""))) or _ACCOUNT.match(str(of.get("id", "")))
    return match[1] if match else ""


def _reads(found: dict[str, list[Answer]], passed: list[str]) -> dict[str, Read]:
    reads: dict[str, Read] = {}
    owner: dict[str, str] = {}
    account = ""
    for kind in _PARTS:
        for of in found[kind]:
            told = _ACCOUNT.match(str(of.get("arn", ""))) or _ACCOUNT.match(str(of.get("id", "")))
            account = told[2] if told else str(of.get("owner_id") or account)
            if not account:
                raise Unreadable(f"{kind} {of.get('id')} does not say whose it is: it has no ARN")
            names = [str(of[name]) for name in ("id", "arn") if of.get(name)]
            if any(name in owner for name in names):
                continue  # looked up what is managed here
            read = reads.get(account) or Read(account)
            try:
                demand(kind, of)
                _take(read, kind, of)
            except _ODD as odd:
                passed.append(_odd(kind, of, odd))
                continue
            reads[account] = read
            owner.update(dict.fromkeys(names, account))
    for kind in _JOINTS:
        for of in found[kind]:
            of_what = [str(of[name]) for name in _BELONGS_TO if of.get(name)]
            mine = next((owner[name] for name in of_what if name in owner), "")
            if mine:
                try:
                    demand(kind, of)
                    _join(reads[mine], kind, of)
                except _ODD as odd:
                    passed.append(_odd(kind, of, odd))
            else:
                told_by = next(iter(reads.values()), None)
                if told_by is not None:
                    told_by.unread.append(f"{kind} {of.get('id')}: {''.join(of_what[:1])} is not in this state")
    return reads


def _odd(kind: str, of: Answer, odd: Exception) -> str:
    what = f"it has no {odd.args[0]}" if isinstance(odd, KeyError) else f"its attributes are odd: {odd}"
    return f"{kind} {of.get('id')}: {what}"


def _take(read: Read, kind: str, of: Answer) -> None:
    tags = [{"Key": key, "Value": value} for key, value in (of.get("tags") or {}).items()]
    match kind:
        case "aws_vpc":
            more = [one.get("cidr_block") for one in of.get("cidr_block_associations") or ()]
            cidrs = [{"CidrBlock": one} for one in dict.fromkeys((of["cidr_block"], *more)) if one]
            told = {"CidrBlock": of["cidr_block"], "CidrBlockAssociationSet": cidrs}
            if of.get("ipv6_cidr_block"):
                told["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": of["ipv6_cidr_block"]}]
            read.vpcs.append({"VpcId": of["id"], "Tags": tags, **told})
            read.dns[of["id"]] = (
                of.get("enable_dns_support") is not False and of.get("enable_dns_hostnames") is not False
            )
        case "aws_subnet":
            read.subnets.append(
                {"SubnetId": of["id"], "VpcId": of["vpc_id"], "CidrBlock": of.get("cidr_block") or ""}
                | {"AvailabilityZone": of.get("availability_zone") or ""}
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
                | {"State": {"Name": of.get("instance_state") or "running"}, "Tags": tags}
                | {"SecurityGroups": [{"GroupId": one} for one in of.get("vpc_security_group_ids") or []]}
            )
        case "aws_lb" | "aws_alb":
            read.balancers.append(
                {
                    "LoadBalancerArn": of["arn"],
                    "LoadBalancerName": of["name"],
                    "Scheme": "internal" if of.get("internal") else "internet-facing",
                    "Type": of.get("load_balancer_type") or "application",
                    "VpcId": of.get("vpc_id") or "",
                    "SecurityGroups": of.get("security_groups") or [],
                }
            )
            read.tags[of["arn"]] = dict(of.get("tags") or {})
        case "aws_lb_target_group" | "aws_alb_target_group":
            read.targets[of["arn"]] = Targets(
                str(of.get("name")), int(of.get("port") or 0), of.get("target_type") or "instance"
            )
        case "aws_network_acl" | "aws_default_network_acl":
            read.acls.append(
                {
                    "NetworkAclId": of["id"],
                    "VpcId": of.get("vpc_id") or "",
                    "Associations": [{"SubnetId": one} for one in of.get("subnet_ids") or ()],
                    "Entries": [_entry(one, egress=False) for one in of.get("ingress") or ()]
                    + [_entry(one, egress=True) for one in of.get("egress") or ()],
                }
            )
        case "aws_acm_certificate":
            read.certificates[of["arn"]] = str(of.get("domain_name") or "")
        case _:
            certificate = of.get("certificate_arn")
            read.listeners.append(
                {
                    "ListenerArn": of.get("arn") or of.get("id") or "",
                    "LoadBalancerArn": of["load_balancer_arn"],
                    "Protocol": of.get("protocol") or "HTTP",
                    "Port": int(of["port"]),
                    "Certificates": [{"CertificateArn": certificate}] if certificate else [],
                    "DefaultActions": [_action(one) for one in of.get("default_action") or [{}]],
                }
            )


def _join(read: Read, kind: str, of: Answer) -> None:
    """What Terraform keeps as a resource of its own, put where AWS tells it."""
    match kind.removeprefix("aws_"):
        case "vpc_ipv4_cidr_block_association":
            [vpc] = [one for one in read.vpcs if one["VpcId"] == of["vpc_id"]]
            if of.get("cidr_block") and {"CidrBlock": of["cidr_block"]} not in vpc["CidrBlockAssociationSet"]:
                vpc["CidrBlockAssociationSet"].append({"CidrBlock": of["cidr_block"]})
        case "security_group_rule":
            _add_rule(read, of, egress=of.get("type") == "egress", rule=_rule(of))
        case "vpc_security_group_ingress_rule" | "vpc_security_group_egress_rule":
            _add_rule(read, of, egress="egress" in kind, rule=_rule_of_its_own(of))
        case "network_acl_rule":
            acls = [one for one in read.acls if one["NetworkAclId"] == of["network_acl_id"]]
            for acl in acls:
                acl["Entries"].append(_entry({**of, "action": of.get("rule_action")}, egress=bool(of.get("egress"))))
        case "network_acl_association":
            for acl in read.acls:
                if acl["NetworkAclId"] == of["network_acl_id"]:
                    acl["Associations"].append({"SubnetId": of.get("subnet_id")})
        case "lb_target_group_attachment" | "alb_target_group_attachment":
            targets = read.targets[of["target_group_arn"]]
            targets.members.append((str(of.get("target_id")), int(of.get("port") or targets.port)))
        case _:
            read.rules.setdefault(of["listener_arn"], []).append(
                {
                    "Priority": str(of.get("priority")),
                    "Conditions": [told for one in of.get("condition") or () for told in _conditions(one)],
                    "Actions": [_action(one) for one in of.get("action") or [{}]],
                }
            )


def _add_rule(read: Read, of: Answer, *, egress: bool, rule: Answer) -> None:
    for number, group in enumerate(read.groups):
        if group["GroupId"] == of["security_group_id"]:
            key = "IpPermissionsEgress" if egress else "IpPermissions"
            if rule not in group.get(key, ()):
                read.groups[number] = {**group, key: [*group.get(key, ()), rule]}


def _rule(of: Answer) -> Answer:
    others = [one for one in (*(of.get("security_groups") or ()), of.get("source_security_group_id")) if one]
    return {
        "IpProtocol": of.get("protocol") or "tcp",
        "FromPort": of.get("from_port") or 0,
        "ToPort": 65535 if of.get("to_port") is None else of["to_port"],
        "IpRanges": [{"CidrIp": cidr} for cidr in of.get("cidr_blocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in of.get("ipv6_cidr_blocks") or []],
        "PrefixListIds": [{"PrefixListId": one} for one in of.get("prefix_list_ids") or []],
        "UserIdGroupPairs": [{"GroupId": one} for one in others + (["itself"] if of.get("self") else [])],
    }


def _rule_of_its_own(of: Answer) -> Answer:
    names = {"cidr_blocks": "cidr_ipv4", "ipv6_cidr_blocks": "cidr_ipv6", "prefix_list_ids": "prefix_list_id"}
    lists = {many: [of[one]] for many, one in names.items() if of.get(one)}
    other = of.get("referenced_security_group_id")
    return _rule({**of, "protocol": of.get("ip_protocol"), "source_security_group_id": other, **lists})


_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "all": "-1"}


def _entry(of: Answer, *, egress: bool) -> Answer:
    protocol = str(of.get("protocol"))
    entry: dict[str, Any] = {
        "RuleNumber": int(of.get("rule_no") or of.get("rule_number") or 0),
        "Protocol": _PROTOCOLS.get(protocol, protocol),
        "RuleAction": of.get("action"),
        "Egress": egress,
    }
    entry |= {"CidrBlock": of["cidr_block"]} if of.get("cidr_block") else {"Ipv6CidrBlock": of.get("ipv6_cidr_block")}
    if entry["Protocol"] in ("6", "17"):
        entry["PortRange"] = {"From": int(of.get("from_port") or 0), "To": int(of.get("to_port") or 0)}
    return entry


def _action(of: Answer) -> Answer:
    redirect, fixed, forward = ((of.get(name) or [{}])[0] for name in ("redirect", "fixed_response", "forward"))
    groups = [
        {"TargetGroupArn": one.get("arn"), "Weight": 1 if one.get("weight") is None else one["weight"]}
        for one in forward.get("target_group") or ()
    ]
    if not groups and of.get("target_group_arn"):
        groups = [{"TargetGroupArn": of["target_group_arn"], "Weight": 1}]
    return {
        "Type": of.get("type") or "forward",
        "RedirectConfig": {_CAMEL[name]: value for name, value in redirect.items() if name in _CAMEL and value},
        "FixedResponseConfig": {"StatusCode": str(fixed.get("status_code") or "")},
        "ForwardConfig": {"TargetGroups": groups},
    }


_CAMEL = {
    "protocol": "Protocol",
    "port": "Port",
    "host": "Host",
    "path": "Path",
    "query": "Query",
    "status_code": "StatusCode",
}
_CONDITIONS = {
    "host_header": ("host-header", "HostHeaderConfig"),
    "path_pattern": ("path-pattern", "PathPatternConfig"),
    "http_request_method": ("http-request-method", "HttpRequestMethodConfig"),
    "source_ip": ("source-ip", "SourceIpConfig"),
    "http_header": ("http-header", "HttpHeaderConfig"),
}


def _conditions(of: Answer) -> Iterator[dict[str, Any]]:
    for name, (field, config) in _CONDITIONS.items():
        for one in of.get(name) or ():
            header = {"HttpHeaderName": one["http_header_name"]} if one.get("http_header_name") else {}
            yield {"Field": field, config: {**header, "Values": list(one.get("values") or ())}}
    pairs = [{"Key": one.get("key") or "", "Value": one.get("value")} for one in of.get("query_string") or ()]
    if pairs:
        values = [{key: value for key, value in pair.items() if value} for pair in pairs]
        yield {"Field": "query-string", "QueryStringConfig": {"Values": values}}
