"""One thing of one account, read and put into the values of the walk."""

import re
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.dated import dated
from onramp.aws.errors import missing
from onramp.core import view as seen
from onramp.core.reach import TargetHealth, takes
from onramp.core.zones import Holding, above


def pages(client: Any, operation: str, key: str, **given: Any) -> list[dict[str, Any]]:
    """Every item of every page."""
    return [item for page in client.get_paginator(operation).paginate(**given) for item in page[key]]


def listed(operation: str, account: Account, **given: Any) -> list[dict[str, Any]]:
    """Every item of one of Lattice's lists."""
    return pages(account.client("vpc-lattice"), operation, "items", **given)


def got(operation: str, account: Account, **given: Any) -> dict[str, Any]:
    """What one of Lattice's Get calls answers; {} when it is not there."""
    try:
        found: dict[str, Any] = getattr(account.client("vpc-lattice"), operation)(**given)
    except ClientError as error:
        if missing(error):
            return {}
        raise
    return found


def listeners(service: str, owner: Account) -> tuple[seen.Listener, ...]:
    """What Lattice's lists leave out (actions, matches) is got one by one (facts 5)."""
    lattice = owner.client("vpc-lattice")
    found = []
    for item in listed("list_listeners", owner, serviceIdentifier=service):
        whole = lattice.get_listener(serviceIdentifier=service, listenerIdentifier=item["arn"])
        rules = [
            lattice.get_rule(serviceIdentifier=service, listenerIdentifier=item["arn"], ruleIdentifier=rule["arn"])
            for rule in listed("list_rules", owner, serviceIdentifier=service, listenerIdentifier=item["arn"])
            if not rule.get("isDefault")
        ]
        found.append(
            seen.Listener(
                name=whole["name"],
                protocol=whole["protocol"],
                port=whole["port"],
                default=_action(whole["defaultAction"]),
                rules=tuple(
                    seen.Rule(
                        name=rule["name"],
                        priority=rule["priority"],
                        match=_match(rule.get("match", {})),
                        action=_action(rule["action"]),
                    )
                    for rule in rules
                ),
            )
        )
    return tuple(found)


def _action(action: dict[str, Any]) -> seen.Action:
    groups = action.get("forward", {}).get("targetGroups", ())
    return seen.Action(
        forward=tuple((it["targetGroupIdentifier"].rpartition("/")[2], it.get("weight", 100)) for it in groups),
        fixed_status=action.get("fixedResponse", {}).get("statusCode", 0),
    )


def _match(match: dict[str, Any]) -> seen.Match:
    http = match.get("httpMatch", {})
    path = http.get("pathMatch", {})
    how, wanted = next(iter(path.get("match", {}).items()), ("prefix", ""))
    return seen.Match(
        method=http.get("method", ""),
        path=wanted,
        path_how=how,
        case_sensitive=path.get("caseSensitive", True),
        headers=tuple(
            seen.HeaderMatch(name=it["name"], how=how, value=value, case_sensitive=it.get("caseSensitive", False))
            for it in http.get("headerMatches", ())
            for how, value in it["match"].items()
        ),
    )


def records(name: str, vpc: str, owner: Account) -> list[Holding]:
    """The account's hosted zones that hold `name`, and what they say of it to somebody in this VPC."""
    route53 = owner.client("route53")
    holding = (
        zone
        for zone in pages(route53, "list_hosted_zones", "HostedZones")
        if f".{name}.".endswith(f".{zone['Name'].lower()}")
    )
    return [_holding(route53, zone, name, vpc) for zone in holding]


def _holding(route53: Any, zone: dict[str, Any], name: str, vpc: str, *, inside: bool | None = None) -> Holding:
    # Names are in order, so the first page has all records of this one: there are three types at most.
    page = route53.list_resource_record_sets(HostedZoneId=zone["Id"], StartRecordName=name, MaxItems="20")
    leads, asked_on = list[str](), list[str]()
    for record in page["ResourceRecordSets"]:
        if record["Name"].rstrip(".").lower() == name and record["Type"] in ("A", "AAAA", "CNAME"):
            values = [it["Value"] for it in record.get("ResourceRecords", ())]
            target = record.get("AliasTarget", {}).get("DNSName") or next(iter(values), "")
            leads.append(target.rstrip(".").lower())
            asked_on += leads[-1:] if record["Type"] == "CNAME" and values else []
    own = zone["Name"].lower().rstrip(".")
    handed_on = (one for one in above(name, own) if leads and _hands_on(route53, zone["Id"], one))
    if inside is None and zone.get("Config", {}).get("PrivateZone"):
        inside = _answers(route53, zone["Id"], vpc)
    return Holding(
        id=zone["Id"].rpartition("/")[2],
        name=own,
        inside=inside,
        leads=tuple(leads),
        asked_on=tuple(asked_on),
        handed_on=next(handed_on, ""),
    )


def zones_inside(name: str, vpc: str, region: str, owner: Account) -> list[Holding]:
    """The private hosted zones, whosever, that hold `name` and that the VPC is in, by its owner.

    What another account's zone says of the name is not told; it is taken to say nothing.
    """
    route53, found = owner.client("route53"), list[dict[str, Any]]()
    more: dict[str, str] = {}
    while True:  # there is no paginator for it
        page = route53.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=region, **more)
        found += page["HostedZoneSummaries"]
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
    holding = [one for one in found if f".{name}.".endswith(f".{one['Name'].lower().removesuffix('.')}.")]
    return [
        _holding(route53, {"Id": one["HostedZoneId"], "Name": one["Name"]}, name, "", inside=True)
        if one["Owner"].get("OwningAccount") == owner.account
        else Holding(id=one["HostedZoneId"], name=one["Name"].lower().removesuffix("."), inside=True)
        for one in holding
    ]


def _hands_on(route53: Any, zone: str, name: str) -> bool:
    """Do NS records of the zone lead from this name, which is below its own, to other servers?"""
    page = route53.list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=name, StartRecordType="NS", MaxItems="1"
    )
    return any((one["Name"].rstrip(".").lower(), one["Type"]) == (name, "NS") for one in page["ResourceRecordSets"])


def _answers(route53: Any, zone: str, vpc: str) -> bool:
    """Does the private hosted zone answer in the VPC?"""
    return any(one["VPCId"] == vpc for one in route53.get_hosted_zone(Id=zone)["VPCs"])


def target_group(identifier: str, owner: Account) -> seen.TargetGroup | None:
    item = got("get_target_group", owner, targetGroupIdentifier=identifier)
    if not item:
        return None
    return seen.TargetGroup(
        id=item["id"],
        name=item["name"],
        type=item["type"],
        status=item["status"],
        protocol=item.get("config", {}).get("protocol", "HTTP"),
        vpc=item.get("config", {}).get("vpcIdentifier", ""),
        targets=tuple(
            seen.Target(id=it["id"], port=it.get("port", 0), status=it.get("status", ""))
            for it in listed("list_targets", owner, targetGroupIdentifier=identifier)
        ),
        checked_on=item.get("config", {}).get("healthCheck", {}).get("port", 0),
    )


def balancer(arn: str, owner: Account) -> seen.Balancer | None:
    elb = owner.client("elbv2")
    try:
        item = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
        listeners = pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn)
    except ClientError as error:
        if missing(error):
            return None
        raise
    return seen.Balancer(
        arn=arn,
        name=item["LoadBalancerName"],
        scheme=item.get("Scheme", ""),
        state=item["State"]["Code"],
        security_groups=tuple(item.get("SecurityGroups", ())),
        dualstack=item.get("IpAddressType", "").startswith("dualstack"),
        subnets=tuple(zone["SubnetId"] for zone in item.get("AvailabilityZones", ())),
        listeners=tuple(
            seen.BalancerListener(
                protocol=it["Protocol"], port=it["Port"], fixed_status=_fixed(next(iter(it["DefaultActions"]), {}))
            )
            for it in listeners
        ),
    )


def _fixed(action: dict[str, Any]) -> int:
    """The status that a load balancer's action answers by itself, or 0."""
    given = action.get("FixedResponseConfig", {}).get("StatusCode") or action.get("RedirectConfig", {}).get(
        "StatusCode"
    )
    return int(str(given or 0).removeprefix("HTTP_"))


def balancer_listeners(arn: str, owner: Account) -> tuple[seen.BalancerListener, ...]:
    """A load balancer's listeners and their rules, with who is behind them and what its health checks say."""
    elb = owner.client("elbv2")
    return tuple(
        seen.BalancerListener(
            protocol=it["Protocol"],
            port=it["Port"],
            certificates=_certificates(elb, it) if it["Protocol"] == "HTTPS" else None,
            rules=tuple(
                seen.BalancerRule(
                    priority=int(rule["Priority"]),
                    conditions=tuple(_condition(one) for one in rule["Conditions"]),
                    **_does(elb, rule["Actions"]),
                )
                for rule in pages(elb, "describe_rules", "Rules", ListenerArn=it["ListenerArn"])
                if not rule["IsDefault"]
            ),
            **_does(elb, it["DefaultActions"]),
        )
        for it in pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn)
    )


def _condition(given: dict[str, Any]) -> seen.BalancerCondition:
    """Values stand in a part of the condition's own (HostHeaderConfig, ...), or, in older ones, beside its field."""
    config: dict[str, Any] = next((value for key, value in given.items() if key.endswith("Config")), {})
    values = config.get("Values") or given.get("Values") or []
    told = tuple(value if isinstance(value, str) else str(value.get("Value", "")) for value in values)
    return seen.BalancerCondition(field=given["Field"], values=told, name=config.get("HttpHeaderName", ""))


def _does(elb: Any, actions: list[dict[str, Any]]) -> dict[str, Any]:
    """The fields of a BalancerAction: what the last of the actions does; others only authenticate."""
    action = actions[-1] if actions else {}
    forwards = action.get("ForwardConfig", {}).get("TargetGroups") or [action]
    groups = [it["TargetGroupArn"] for it in forwards if "TargetGroupArn" in it and it.get("Weight") != 0]
    health = [
        one for group in groups for one in elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    ]
    redirect = action.get("RedirectConfig", {})
    leads = [redirect[part] for part in ("Protocol", "Host", "Port") if not redirect.get(part, "#{").startswith("#{")]
    return {
        "targets": tuple((one["Target"]["Id"], int(one["Target"].get("Port", 0))) for one in health),
        "weightless": action.get("Type") == "forward" and not groups,
        "fixed_status": _fixed(action),
        "leads": ":".join(leads),
        "health": tuple((one["Target"]["Id"], _ails(one["TargetHealth"])) for one in health),
        "aside": tuple((one["Target"]["Id"], port) for one in health if (port := _aside(one))),
    }


def _aside(one: dict[str, Any]) -> int:
    """The port on which a target is checked, 0 where that is the one to which requests go."""
    checked = str(one.get("HealthCheckPort", ""))
    return int(checked) if checked.isdecimal() and int(checked) != one["Target"].get("Port") else 0


def _certificates(elb: Any, listener: dict[str, Any]) -> tuple[str, ...]:
    found = pages(elb, "describe_listener_certificates", "Certificates", ListenerArn=listener["ListenerArn"])
    return tuple(dict.fromkeys(it["CertificateArn"] for it in [*listener.get("Certificates", ()), *found]))


def _ails(health: dict[str, str]) -> str:
    """'' for a target that gets requests, else its state with ELB's reason."""
    if takes(TargetHealth(state=health["State"], reason=health.get("Reason", ""))):
        return ""
    return f"{health['State']} ({health['Reason']})" if health.get("Reason") else health["State"]


def certificate(arn: str, owner: Account) -> seen.Certificate:
    answer = owner.client("acm").describe_certificate(CertificateArn=arn)
    item = answer["Certificate"]
    over = "NotAfter" in item and item["NotAfter"].timestamp() <= dated(answer)
    return seen.Certificate(
        arn=arn,
        # Names beside the first one count, that one only where there are none (facts R21).
        names=tuple(item.get("SubjectAlternativeNames") or [item["DomainName"]]),
        status=item["Status"],
        ended=item["NotAfter"].astimezone(UTC).date().isoformat() if over else "",
    )


_THROUGH = re.compile(r"(vpce-[0-9a-f]+)-(snsa-[0-9a-z]+)\.")


def through_endpoint(name: str) -> tuple[str, str] | None:
    """The ids of the VPC endpoint and of the service's association that a name leads through (facts R6).

    >>> through_endpoint("vpce-0a1-snsa-0b2.7d67968.vpc-lattice-svcs.eu-west-1.on.aws")
    ('vpce-0a1', 'snsa-0b2')
    """
    found = _THROUGH.match(name)
    return (found[1], found[2]) if found else None


def endpoint(identifier: str, owner: Account) -> dict[str, Any] | None:
    """EC2's own item of a VPC endpoint; None where the account has none of that id."""
    try:
        [item] = owner.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"]
    except ClientError as error:
        if missing(error):
            return None
        raise
    found: dict[str, Any] = item
    return found


def private_names(vpc: str, owner: Account) -> dict[str, str]:
    """Name -> where it leads, of those for which endpoints to networks have zones of Lattice's in the VPC."""
    ec2 = owner.client("ec2")
    found = [
        item["VpcEndpointId"]
        for item in pages(ec2, "describe_vpc_endpoints", "VpcEndpoints", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        if item.get("VpcEndpointType") == "ServiceNetwork" and item.get("PrivateDnsEnabled")
    ]
    names: dict[str, str] = {}
    asked: dict[str, Any] = {"VpcEndpointIds": found}
    while found:
        answer = ec2.describe_vpc_endpoint_associations(**asked)
        names |= {
            it["PrivateDnsEntry"]["DnsName"].lower().rstrip("."): it["DnsEntry"]["DnsName"]
            for it in answer["VpcEndpointAssociations"]
            if it.get("PrivateDnsEntry", {}).get("DnsName") and it.get("DnsEntry", {}).get("DnsName")
        }
        if not answer.get("NextToken"):
            break
        asked["NextToken"] = answer["NextToken"]
    return names


def endpoint_subnets(subnets: Iterable[str], owner: Account) -> tuple[seen.EndpointSubnet, ...]:
    wanted, ec2 = list(subnets), owner.client("ec2")
    if not wanted:
        return ()  # without a value the filter would be none
    filters = [{"Name": "association.subnet-id", "Values": wanted}]
    acls = {
        one["SubnetId"]: seen.NetworkAcl(id=item["NetworkAclId"], entries=tuple(map(_acl_entry, item["Entries"])))
        for item in pages(ec2, "describe_network_acls", "NetworkAcls", Filters=filters)
        for one in item["Associations"]
    }
    return tuple(
        seen.EndpointSubnet(id=item["SubnetId"], cidr=item["CidrBlock"], acl=acls.get(item["SubnetId"]))
        for item in pages(ec2, "describe_subnets", "Subnets", SubnetIds=wanted)
    )


def network_acls(subnets: Iterable[str], owner: Account) -> list[seen.NetworkAcl]:
    """What decides about packets from and to these subnets, each once; none of a subnet that is gone."""
    filters = [{"Name": "association.subnet-id", "Values": list(subnets)}]
    if not filters[0]["Values"]:
        return []  # without a value the filter would be none
    return [
        seen.NetworkAcl(id=item["NetworkAclId"], entries=tuple(map(_acl_entry, item["Entries"])))
        for item in pages(owner.client("ec2"), "describe_network_acls", "NetworkAcls", Filters=filters)
    ]


def _acl_entry(entry: dict[str, Any]) -> seen.AclEntry:
    """As EC2 tells it: with ports only where its protocol has such."""
    ports = entry.get("PortRange", {})
    return seen.AclEntry(
        egress=entry["Egress"],
        number=entry["RuleNumber"],
        allow=entry["RuleAction"] == "allow",
        cidr=entry.get("CidrBlock") or entry["Ipv6CidrBlock"],
        protocol=str(entry["Protocol"]),
        from_port=ports.get("From", 0),
        to_port=ports.get("To", 65535),
    )


def machines(account: Account, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """EC2's own items of the instances that the filters choose."""
    found = pages(account.client("ec2"), "describe_instances", "Reservations", Filters=filters)
    return [item for reservation in found for item in reservation["Instances"]]


def instances(filters: list[dict[str, Any]], owner: Account) -> list[seen.Instance]:
    return [
        seen.Instance(
            id=item["InstanceId"],
            name={tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}.get("Name", item["InstanceId"]),
            vpc=item.get("VpcId", ""),
            ip=item.get("PrivateIpAddress", ""),
            running=item["State"]["Name"] == "running",
            serves=None,
        )
        for item in machines(owner, filters)
    ]
