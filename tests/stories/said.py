"""The walk-through's world with a department that serves and a client that calls, for what else tags can say."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller
from localcloud.ground.journal import CallRecord
from tests.forks import begun_once
from tests.stories.staged import DEEDS, deployed

TEAM = DEEDS[1].account
CALLERS = DEEDS[0].account
[VPC] = DEEDS[0].with_["Resources"]
[BALANCER] = DEEDS[1].with_["ResourceArns"]
SERVICE = "development-aws-ec2-vpc-lattice-yabuki"
CALLER = "10.1.33.54"


@dataclass(frozen=True)
class Said:
    """A deployed world in which both sides have tagged; `tag` and the others wait until the product is at rest."""

    cloud: LocalCloud

    def tag(self, resource: str = BALANCER, **tags: str) -> None:
        given = [{"Key": f"lattice:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
        if resource.startswith("arn:"):
            self.cloud.client("elbv2", TEAM).add_tags(ResourceArns=[resource], Tags=given)
        else:
            self.cloud.client("ec2", CALLERS).create_tags(Resources=[resource], Tags=given)
        self.cloud.settle()

    def untag(self, resource: str, *keys: str) -> None:
        names = [f"lattice:{key}" for key in keys]
        if resource.startswith("arn:"):
            self.cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[resource], TagKeys=names)
        else:
            self.cloud.client("ec2", CALLERS).delete_tags(Resources=[resource], Tags=[{"Key": key} for key in names])
        self.cloud.settle()

    def told(self, resource: str = BALANCER) -> dict[str, str]:
        if resource.startswith("arn:"):
            [found] = self.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[resource])["TagDescriptions"]
            tags = {it["Key"]: it["Value"] for it in found["Tags"]}
        else:
            [vpc] = self.cloud.client("ec2", CALLERS).describe_vpcs(VpcIds=[resource])["Vpcs"]
            tags = {it["Key"]: it["Value"] for it in vpc["Tags"]}
        return {key.partition(":")[2]: value for key, value in tags.items() if key.startswith("lattice-onramp:")}

    def asks(
        self,
        path: str = "/",
        *,
        caller: str = CALLER,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        signer: Caller | None = None,
        domain: str = "",
        scheme: str = "http",
    ) -> int | str:
        """The status that the caller gets, or the hop that stops the request."""
        host = domain or self.told()["domain"]
        answer = network.request(
            self.cloud, caller, f"{scheme}://{host}{path}", method=method, headers=headers, signer=signer
        )
        return answer.stopped_at or answer.status

    def called(self, operation: str) -> int:
        """How often the product has asked for it."""
        return sum(bool(call.function) and call.operation == operation for call in self.cloud.journal.of(CallRecord))


@begun_once
@contextmanager
def connected(**parameters: str) -> Iterator[Said]:
    with deployed(**parameters) as cloud:
        cloud.client("ec2", CALLERS).create_tags(**DEEDS[0].with_)
        cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        cloud.settle()
        yield Said(cloud)
