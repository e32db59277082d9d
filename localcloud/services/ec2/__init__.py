"""EC2, moto's, with what is wrong in it put right."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.services.ec2.endpoint_associations import EndpointAssociations as EndpointAssociations


def tags_of(arn: str) -> dict[str, str]:
    """The tags of a resource by its ARN; empty for what is not there."""
    region, account, tail = arn.split(":", 5)[3:]
    return dict(get_backend("ec2")[account][region].tags.get(tail.split("/")[-1], {}))
