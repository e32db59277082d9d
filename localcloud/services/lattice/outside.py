"""What Lattice looks up in other services: VPCs, subnets, groups, load balancers, logs, read in moto's stores.

AWS looks them up itself, so these reads are nobody's calls: they are not journalled and need no permission here.
"""

from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends


@dataclass(frozen=True)
class Balancer:
    arn: str
    type: str
    scheme: str
    state: str
    vpc_id: str


def vpc_exists(account: str, region: str, vpc_id: str) -> bool:
    """Whether the account owns that VPC."""
    return vpc_id in _ec2(account, region).vpcs


def vpc_of_security_group(account: str, region: str, group_id: str) -> str | None:
    """None when there is no such group."""
    group = _ec2(account, region).get_security_group_from_id(group_id)
    return None if group is None else str(group.vpc_id)


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
