"""A Lattice service that people made themselves: on the network by its own tag, changed in nothing else, off it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord
from tests.stories.staged import DEEDS, deployed

TEAM, CALLERS = DEEDS[1].account, DEEDS[0].account
[VPC] = DEEDS[0].with_["Resources"]
[BALANCER] = DEEDS[1].with_["ResourceArns"]
CALLER = "10.1.33.54"
NETWORK = next(tag["Value"] for tag in DEEDS[1].with_["Tags"] if tag["Key"] == "lattice:network")
TOUCHED = {
    "CreateServiceNetworkServiceAssociation",
    "DeleteServiceNetworkServiceAssociation",
    "TagResource",
    "UntagResource",
}
"""All that is ever asked of Lattice, changing anything, for a service that people made."""


@dataclass
class Theirs:
    """A deployed world in which a client is joined and the department has a service of its own making."""

    cloud: LocalCloud
    arn: str = ""

    @property
    def lattice(self) -> Any:
        return self.cloud.client("vpc-lattice", TEAM)

    def make(self, name: str = "theirs", *, listens: bool = True) -> None:
        """As the Kubernetes controller, Terraform or a hand does: a service, its listener, its target group."""
        [balancer] = self.cloud.client("elbv2", TEAM).describe_load_balancers(LoadBalancerArns=[BALANCER])[
            "LoadBalancers"
        ]
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": balancer["VpcId"]}
        group = self.lattice.create_target_group(name=f"{name}-targets", type="ALB", config=config)["id"]
        self.arn = self.lattice.create_service(name=name)["arn"]
        self.cloud.settle()
        self.lattice.register_targets(targetGroupIdentifier=group, targets=[{"id": BALANCER, "port": 80}])
        self.cloud.settle()
        if listens:
            self.listen(group)

    def listen(self, group: str) -> None:
        forward = {"forward": {"targetGroups": [{"targetGroupIdentifier": group}]}}
        self.lattice.create_listener(
            serviceIdentifier=self.arn, name="http", protocol="HTTP", port=80, defaultAction=forward
        )
        self.cloud.settle()

    def tag(self, **tags: str) -> None:
        given = {f"lattice:{key.replace('_', '-')}": value for key, value in tags.items()}
        self.lattice.tag_resource(resourceArn=self.arn, tags=given)
        self.cloud.settle()

    def untag(self, *keys: str) -> None:
        self.lattice.untag_resource(resourceArn=self.arn, tagKeys=[f"lattice:{key}" for key in keys])
        self.cloud.settle()

    def told(self) -> dict[str, str]:
        tags = self.lattice.list_tags_for_resource(resourceArn=self.arn)["tags"]
        return {key.partition(":")[2]: value for key, value in tags.items() if key.startswith("lattice-onramp:")}

    @property
    def domain(self) -> str:
        return str(self.lattice.get_service(serviceIdentifier=self.arn)["dnsEntry"]["domainName"])

    def asks(self) -> int | str:
        answer = network.request(self.cloud, CALLER, f"http://{self.domain}/")
        return answer.stopped_at or answer.status

    def associations(self) -> list[dict[str, Any]]:
        return list(
            self.lattice.list_service_network_service_associations(serviceIdentifier=self.arn)["items"]
        )

    def mark(self) -> int:
        return len(list(self.cloud.journal))

    def changes(self, since: int) -> set[str]:
        """What the product has asked of Lattice in the department, that changes anything."""
        calls = [one for one in list(self.cloud.journal)[since:] if isinstance(one, CallRecord) and one.function]
        return {
            one.operation
            for one in calls
            if one.service == "vpc-lattice" and not one.operation.startswith(("Get", "List"))
        }

    def as_it_is(self) -> dict[str, Any]:
        """All of the service that is its maker's."""
        where = {"serviceIdentifier": self.arn}
        service = {k: v for k, v in self.lattice.get_service(**where).items() if k not in {"ResponseMetadata"}}
        listeners = self.lattice.list_listeners(**where)["items"]
        read = [self.lattice.get_listener(**where, listenerIdentifier=one["id"]) for one in listeners]
        groups = self.lattice.list_target_groups()["items"]
        targets = {one["id"]: self.lattice.list_targets(targetGroupIdentifier=one["id"])["items"] for one in groups}
        own = {
            key: value
            for key, value in self.lattice.list_tags_for_resource(resourceArn=self.arn)["tags"].items()
            if not key.startswith(("lattice-onramp:", "lattice:"))
        }
        read = [{key: value for key, value in one.items() if key != "ResponseMetadata"} for one in read]
        return {"service": service, "listeners": read, "groups": groups, "targets": targets, "tags": own}


@contextmanager
def theirs(*, client: bool = True, **parameters: str) -> Iterator[Theirs]:
    with deployed(**parameters) as cloud:
        if client:
            cloud.client("ec2", CALLERS).create_tags(**DEEDS[0].with_)
            cloud.settle()
        yield Theirs(cloud)


def test_a_tag_on_a_service_joins_it_and_taking_it_off_leaves_all_as_it_was() -> None:
    with theirs() as it:
        it.make()
        before, begun = it.as_it_is(), it.mark()
        assert it.asks() != 200
        it.tag(network=NETWORK)
        assert it.told() == {"status": "connected", "domain": it.domain}
        assert it.asks() == 200
        assert it.as_it_is() == before
        it.untag("network")
        assert it.told() == {}
        assert it.asks() != 200
        assert it.associations() == []
        assert it.as_it_is() == before
        assert it.changes(begun) <= TOUCHED
