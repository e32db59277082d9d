"""What Lattice looks up in other services: VPCs, subnets, groups, load balancers, logs, read in moto's stores.

AWS looks them up itself, so these reads are nobody's calls: they are not journalled and need no permission here.
"""

import ipaddress
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from werkzeug.exceptions import HTTPException


@dataclass(frozen=True)
class Balancer:
    arn: str
    type: str
    scheme: str
    state: str
    vpc_id: str


PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))
"""Where targets and resources may be besides a VPC's own ranges."""


def vpc_exists(account: str, region: str, vpc_id: str) -> bool:
    """Whether the account owns that VPC."""
    return vpc_id in _ec2(account, region).vpcs


def cidrs_of_vpc(account: str, region: str, vpc_id: str) -> list[str]:
    """All of a VPC's ranges, IPv6 ones too; none of a VPC that is not there."""
    vpc = _ec2(account, region).vpcs.get(vpc_id)
    if vpc is None:
        return []
    return [
        str(one["cidr_block"]) for is_ipv6 in (False, True) for one in vpc.get_cidr_block_association_set(ipv6=is_ipv6)
    ]


def vpc_of_security_group(account: str, region: str, group_id: str) -> str | None:
    """None when there is no such group."""
    group = _ec2(account, region).get_security_group_from_id(group_id)
    return None if group is None else str(group.vpc_id)


def vpc_of_subnet(account: str, region: str, subnet_id: str) -> str | None:
    """None when there is no such subnet."""
    for zones in _ec2(account, region).subnets.values():
        if subnet_id in zones:
            return str(zones[subnet_id].vpc_id)
    return None


def families_of_subnet(account: str, region: str, subnet_id: str) -> frozenset[int]:
    """4 and 6, as far as the subnet has addresses of either."""
    for zones in _ec2(account, region).subnets.values():
        if subnet_id in zones:
            found = zones[subnet_id]
            six = found.ipv6_native or found.ipv6_cidr_block_association_set
            return frozenset(({6} if six else set()) | (set() if found.ipv6_native else {4}))
    return frozenset()


def function_exists(account: str, region: str, arn: str) -> bool:
    """Whether the account has that function, version or alias in the Region."""
    if arn.split(":")[3:5] != [region, account]:
        return False
    try:
        lambda_backend(account, region).get_function(arn.split(":", 6)[6])
    except (HTTPException, ServiceException):
        return False
    return True


@dataclass(frozen=True)
class Database:
    """`names` are the endpoint names of a cluster's writer and reader; none of an instance."""

    public: bool
    vpc_id: str
    port: int
    names: tuple[str, ...]


def database(account: str, region: str, arn: str) -> Database | None:
    """None when there is no such instance or cluster of RDS."""
    rds = get_backend("rds")[account][region]
    kind, name = arn.split(":")[5:7]
    if kind == "db":
        found = rds.databases.get(name)
        return (
            None
            if found is None
            else Database(bool(found.publicly_accessible), _vpc_of(found), int(found.port or 0), ())
        )
    cluster = rds.clusters.get(name)
    if cluster is None:
        return None
    members = [one for one in rds.databases.values() if one.db_cluster_identifier == name]
    public = any(one.publicly_accessible for one in members)
    names = tuple(filter(None, (cluster.endpoint, cluster.reader_endpoint)))
    return Database(public, next(map(_vpc_of, members), ""), int(cluster.port or 0), names)


def _vpc_of(instance: Any) -> str:
    group = getattr(instance, "db_subnet_group", None)
    return str(getattr(group, "vpc_id", "") or "")


def public_texts(name: str) -> set[str]:
    """What TXT records of that name say in public hosted zones."""
    found: set[str] = set()
    for partitions in get_backend("route53").values():
        for backend in partitions.values():
            for zone in backend.zones.values():
                if not (zone.private_zone or zone.vpcs):
                    for record in zone.rrsets:
                        if record.type == "TXT" and record.name.rstrip(".").lower() == name:
                            found |= {text.strip('"') for text in record.records}
    return found


def name_endpoint(account: str, region: str, endpoint_id: str, member: str, arn: str, *, private_dns: bool) -> None:
    """Let EC2 tell what an endpoint leads to, which moto keeps no member of, and its VPC's default group where none was
    named (facts R6); private DNS is on where it was asked for.
    """
    word = {"ServiceNetworkArn": "service_network_arn", "ResourceConfigurationArn": "resource_configuration_arn"}
    endpoint = _ec2(account, region).vpc_end_points[endpoint_id]
    setattr(endpoint, word[member], arn)
    endpoint.private_dns_enabled = private_dns
    if not endpoint.security_group_ids:
        default = _ec2(account, region).get_security_group_from_name("default", endpoint.vpc_id)
        endpoint.security_group_ids = [str(default.id)]


def reject_endpoint(account: str, region: str, endpoint_id: str) -> None:
    """What leads nowhere any more."""
    endpoint = _ec2(account, region).vpc_end_points.get(endpoint_id)
    if endpoint is not None:
        endpoint.state = "rejected"


def instance_vpc(account: str, region: str, instance_id: str) -> str | None:
    """None when there is no such instance."""
    for instance in _ec2(account, region).all_instances():
        if instance.id == instance_id:
            return str(instance.vpc_id)
    return None


def log_destination_exists(account: str, region: str, arn: str) -> bool:
    """Whether there is that log group, bucket or stream; a log group's ARN may end in `:*`. Buckets are anybody's."""
    service, there, owner, tail = (*arn.split(":", 5)[2:5], arn.split(":", 5)[-1])
    if service == "s3":
        name = tail.partition("/")[0]
        return any(name in regions["aws"].buckets for regions in get_backend("s3").values())
    if (there, owner) != (region, account):
        return False
    if service == "logs":
        return tail.removesuffix(":*").removeprefix("log-group:") in get_backend("logs")[account][region].groups
    return tail.removeprefix("deliverystream/") in get_backend("firehose")[account][region].delivery_streams


@dataclass(frozen=True)
class Certificate:
    issued: bool
    key: str
    """`RSA 2048`, `EC 256`."""


def certificate(account: str, region: str, arn: str) -> Certificate | None:
    """None when the account's ACM has no such certificate in the Region; a requested one is issued after a while."""
    found = get_backend("acm")[account][region]._certificates.get(arn)
    if found is None:
        return None
    found.check()
    kind = "RSA" if isinstance(found._key, RSAPrivateKey) else "EC"
    return Certificate(found.status == "ISSUED", f"{kind} {found._key.key_size}")


def balancer(account: str, region: str, arn: str) -> Balancer | None:
    """None when there is no such balancer."""
    found = _elbv2(account, region).load_balancers.get(arn)
    if found is None:
        return None
    # Whether its provisioning is over is worked out when somebody looks.
    found.activate()
    return Balancer(found.arn, found.type, found.scheme, found.state, found.vpc_id)


def _ec2(account: str, region: str) -> Any:
    return ec2_backends[account][region]


def _elbv2(account: str, region: str) -> Any:
    return elbv2_backends[account][region]
