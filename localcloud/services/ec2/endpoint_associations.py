"""What the VPC endpoints of Lattice's two types lead to, thing by thing: moto knows nothing of it."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.pages import page
from localcloud.ground.questions import AsksEndpoints

_PAGE = 100


class Around(AsksEndpoints, Protocol):
    """What EC2 asks of its surroundings."""


class EndpointAssociations:
    """DescribeVpcEndpointAssociations (facts-2 R6); the rest of EC2 is moto's."""

    operations: ClassVar[frozenset[str]] = frozenset({"DescribeVpcEndpointAssociations"})

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud

    def handle(self, _: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A page of them. InvalidVpcEndpointId.NotFound for an endpoint that the caller has not."""
        wanted = params.get("VpcEndpointIds") or []
        there = get_backend("ec2")[caller.account][caller.region].vpc_end_points
        for endpoint in wanted:
            if endpoint not in there:
                text = f"The Vpc Endpoint Id '{endpoint}' does not exist"
                raise AwsError("InvalidVpcEndpointId.NotFound", text)
        filters = {one.get("Name", ""): one.get("Values", []) for one in params.get("Filters") or []}
        if unknown := sorted(filters.keys() - _FILTERS.keys()):
            raise AwsError("InvalidParameterValue", f"The filter '{unknown[0]}' is invalid")
        found = [
            row
            for row in self.cloud.lattice.behind_endpoints(caller.account, caller.region)
            if (not wanted or row["VpcEndpointId"] in wanted)
            and all(_told(row, _FILTERS[name]) in values for name, values in filters.items())
        ]
        refusal = AwsError("InvalidParameterValue", "The value of NextToken is not valid")
        listed, more = page(found, params.get("NextToken"), params.get("MaxResults", _PAGE), refusal)
        answer: dict[str, Any] = {"VpcEndpointAssociations": listed}
        return {**answer, "NextToken": more} if more else answer


_FILTERS = {
    "associated-resource-accessibility": "AssociatedResourceAccessibility",
    "associated-resource-id": "AssociatedResourceArn",
    "association-id": "Id",
    "resource-configuration-group-arn": "ResourceConfigurationGroupArn",
    "service-network-arn": "ServiceNetworkArn",
    "vpc-endpoint-id": "VpcEndpointId",
}


def _told(row: dict[str, Any], member: str) -> str:
    text = str(row.get(member, ""))
    return text.rpartition("/")[2] if member == "AssociatedResourceArn" else text
