"""An account, read with a session of its owner's: by Describe and List calls alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.capture.read import Answer, Read, Targets


def of_account(session: Any) -> Read:
    """Read one account with a boto3 session.

    What the session may not read is told in `unread`; botocore's NoCredentialsError and the like fly.
    """
    read = Read(str(session.client("sts").get_caller_identity()["Account"]))
    ec2, elb = session.client("ec2"), session.client("elbv2")
    read.vpcs = _pages(read, ec2, "describe_vpcs", "Vpcs")
    read.subnets = _pages(read, ec2, "describe_subnets", "Subnets")
    read.groups = _pages(read, ec2, "describe_security_groups", "SecurityGroups")
    read.acls = _pages(read, ec2, "describe_network_acls", "NetworkAcls")
    reservations = _pages(read, ec2, "describe_instances", "Reservations")
    read.instances = [one for reservation in reservations for one in reservation["Instances"]]
    for vpc in read.vpcs:
        answers = [_attribute(read, ec2, vpc["VpcId"], word) for word in ("DnsSupport", "DnsHostnames")]
        read.dns[vpc["VpcId"]] = all(answers)
    read.balancers = _pages(read, elb, "describe_load_balancers", "LoadBalancers")
    for balancer in read.balancers:
        _balancer(read, elb, balancer["LoadBalancerArn"])
    _certificates(read, session)
    _what_is_not_copied(read, session)
    return read


def _pages(read: Read, client: Any, operation: str, key: str, **given: Any) -> list[Answer]:
    from botocore.exceptions import ClientError, HTTPClientError

    try:
        return [one for page in client.get_paginator(operation).paginate(**given) for one in page[key]]
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "TargetGroupNotFound":
            return []  # of a load balancer that has none
        read.unread.append(f"{operation} of {read.account}: {refused.response['Error']['Message']}")
        return []
    except HTTPClientError as absent:
        read.unread.append(f"{operation} of {read.account}: {absent}")  # a service that the Region has not, say
        return []


def _asked(read: Read, what: str, ask: Callable[..., Answer], **given: Any) -> Answer:
    """What the call answers; nothing, and a line in `unread`, where it may not be asked."""
    from botocore.exceptions import ClientError, HTTPClientError

    try:
        return ask(**given)
    except ClientError as refused:
        read.unread.append(f"{what}: {refused.response['Error']['Message']}")
    except HTTPClientError as absent:
        read.unread.append(f"{what}: {absent}")
    return {}


def _attribute(read: Read, ec2: Any, vpc: str, word: str) -> bool:
    """Whether it is on; on, as it was made, where it may not be read."""
    name = f"enable{word}"
    answer = _asked(read, f"{name} of {vpc}", ec2.describe_vpc_attribute, VpcId=vpc, Attribute=name)
    return bool(answer.get(f"Enable{word}", {}).get("Value", True))


def _balancer(read: Read, elb: Any, arn: str) -> None:
    listeners = _pages(read, elb, "describe_listeners", "Listeners", LoadBalancerArn=arn)
    read.listeners += listeners
    if ":loadbalancer/app/" in arn:
        for listener in listeners:
            rules = _pages(read, elb, "describe_rules", "Rules", ListenerArn=listener["ListenerArn"])
            read.rules[listener["ListenerArn"]] = [one for one in rules if not one.get("IsDefault")]
    for group in _pages(read, elb, "describe_target_groups", "TargetGroups", LoadBalancerArn=arn):
        group_arn = group["TargetGroupArn"]
        it = Targets(group["TargetGroupName"], int(group.get("Port", 0)), group.get("TargetType", "instance"))
        read.targets[group_arn] = it
        health = _asked(read, f"targets of {it.name}", elb.describe_target_health, TargetGroupArn=group_arn)
        told = [one["Target"] for one in health.get("TargetHealthDescriptions", ())]
        it.members += [(one["Id"], int(one.get("Port", it.port))) for one in told]
    found = _asked(read, f"tags of {arn}", elb.describe_tags, ResourceArns=[arn])
    read.tags[arn] = {
        tag["Key"]: tag.get("Value", "") for one in found.get("TagDescriptions", ()) for tag in one["Tags"]
    }


def _certificates(read: Read, session: Any) -> None:
    given = [one["CertificateArn"] for it in read.listeners for one in it.get("Certificates", ())]
    in_acm = dict.fromkeys(one for one in given if ":acm:" in one)
    if not in_acm:
        return
    acm = session.client("acm")
    for arn in in_acm:
        found = _asked(read, f"certificate {arn}", acm.describe_certificate, CertificateArn=arn)
        if found:
            read.certificates[arn] = found["Certificate"]["DomainName"]


_NOT_COPIED = (
    ("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections", "peering of VPCs"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VPC endpoints"),
    (
        "ec2",
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        "attachments to transit gateways",
    ),
    ("vpc-lattice", "list_service_networks", "items", "service networks of VPC Lattice"),
    ("vpc-lattice", "list_services", "items", "services of VPC Lattice"),
    ("vpc-lattice", "list_resource_configurations", "items", "resource configurations of VPC Lattice"),
)


def _what_is_not_copied(read: Read, session: Any) -> None:
    """A line for each kind of thing that decides about requests, too, and that a captured world has none of."""
    for service, operation, key, word in _NOT_COPIED:
        if count := len(_pages(read, session.client(service), operation, key)):
            read.unread.append(f"{word}: {count}, which a captured world has none of")
    zones = _pages(read, session.client("route53"), "list_hosted_zones", "HostedZones")
    if count := sum(bool(one.get("Config", {}).get("PrivateZone")) for one in zones):
        read.unread.append(f"private zones: {count}, which a captured world has none of")
