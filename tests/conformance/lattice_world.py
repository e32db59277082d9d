"""Short words for what the Lattice tests need to be there first."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

NETWORK, MEMBER, OTHER = "111111111111", "222222222222", "333333333333"
REGION = "ap-northeast-1"
NOT_FOUND = {"statusCode": 404}


@contextmanager
def refused(code: str, says: str = "", status: int | None = None) -> Iterator[pytest.ExceptionInfo[ClientError]]:
    """What is in the block is refused with this code, a message that holds `says`, this HTTP status."""
    with pytest.raises(ClientError) as caught:
        yield caught
    answer = caught.value.response
    assert answer["Error"]["Code"] == code, answer["Error"]
    assert says in answer["Error"]["Message"]
    if status is not None:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


@dataclass
class World:
    """Builders: each makes what it names in `account` and answers Lattice's or the other service's answer."""

    cloud: LocalCloud
    aws: Callable[[str, str], Any]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def lattice(self, account: str = MEMBER) -> Any:
        return self.aws("vpc-lattice", account)

    def settle(self) -> None:
        self.cloud.settle()

    def pass_time(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)

    def _name(self, what: str) -> str:
        return f"{what}-{next(self._numbers)}"

    def destination(self, arn: str) -> str:
        """The log group, bucket or stream of that ARN, made if it is not there; the ARN as it came."""
        service, _, account, name = arn.split(":", 5)[2:]
        name = name.removeprefix("log-group:").removesuffix(":*").rpartition("/")[2] if service != "logs" else name
        try:
            match service:
                case "logs":
                    group = name.removeprefix("log-group:").removesuffix(":*")
                    self.aws("logs", account).create_log_group(logGroupName=group)
                case "s3":
                    where = {"LocationConstraint": REGION}
                    self.aws("s3", MEMBER).create_bucket(Bucket=name, CreateBucketConfiguration=where)
                case "firehose":
                    role = f"arn:aws:iam::{account}:role/r"
                    to = {"RoleARN": role, "BucketARN": "arn:aws:s3:::bucket-of-logs"}
                    self.aws("firehose", account).create_delivery_stream(
                        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=to
                    )
        except ClientError as there:
            if "Exist" not in there.response["Error"]["Code"] and "Already" not in there.response["Error"]["Code"]:
                raise
        return arn

    # -- EC2 and ELB

    def vpc(self, account: str = MEMBER) -> str:
        return str(self.aws("ec2", account).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"])

    def security_group(self, vpc: str, account: str = MEMBER) -> str:
        made = self.aws("ec2", account).create_security_group(
            GroupName=self._name("group"), Description="for clients", VpcId=vpc
        )
        return str(made["GroupId"])

    def alb(
        self,
        vpc: str,
        account: str = MEMBER,
        *,
        scheme: str = "internal",
        kind: str = "application",
        ready: bool = True,
    ) -> str:
        number = next(self._numbers)
        ec2 = self.aws("ec2", account)
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{2 * number + at}.0/24", AvailabilityZone=f"{REGION}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for at, zone in enumerate("ac")
        ]
        made = self.aws("elbv2", account).create_load_balancer(
            Name=f"alb-{number}", Subnets=subnets, Scheme=scheme, Type=kind
        )
        if ready:
            self.pass_time(self.cloud.balancer_seconds)
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    # -- Lattice

    def network(self, account: str = NETWORK, **more: Any) -> dict[str, Any]:
        return self._made(account, "create_service_network", name=more.pop("name", self._name("net")), **more)

    def service(self, account: str = MEMBER, *, ready: bool = True, **more: Any) -> dict[str, Any]:
        made = self._made(account, "create_service", name=more.pop("name", self._name("orders")), **more)
        if ready:
            self.settle()
        return made

    def group(
        self, account: str = MEMBER, *, vpc: str = "", kind: str = "ALB", ready: bool = True, **config: Any
    ) -> dict[str, Any]:
        settings: dict[str, Any] = (
            {"lambdaEventStructureVersion": "V2"}
            if kind == "LAMBDA"
            else {"protocol": "HTTP", "vpcIdentifier": vpc or self.vpc(account)}
        )
        made = self._made(account, "create_target_group", name=self._name("group"), type=kind, config=settings | config)
        if ready:
            self.settle()
        return made

    def listener(
        self, service: dict[str, Any], *groups: dict[str, Any], account: str = MEMBER, **more: Any
    ) -> dict[str, Any]:
        more = {"protocol": "HTTP", "name": self._name("web")} | more
        action = more.pop("defaultAction", forward(*groups))
        return self._made(account, "create_listener", serviceIdentifier=service["id"], defaultAction=action, **more)

    def rule(
        self, service: dict[str, Any], listener: dict[str, Any], priority: int, *groups: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        return self._made(
            MEMBER,
            "create_rule",
            serviceIdentifier=service["id"],
            listenerIdentifier=listener["id"],
            name=more.pop("name", self._name("way")),
            priority=priority,
            match=more.pop("match", under(f"/{priority}")),
            action=more.pop("action", forward(*groups)),
            **more,
        )

    def join(
        self,
        service: dict[str, Any],
        network: dict[str, Any],
        account: str = MEMBER,
        *,
        ready: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        made = self._made(
            account,
            "create_service_network_service_association",
            serviceIdentifier=service["arn"],
            serviceNetworkIdentifier=network["arn"],
            **more,
        )
        if ready:
            self.settle()
        return made

    def admit(
        self, vpc: str, network: dict[str, Any], account: str = MEMBER, *, ready: bool = True, **more: Any
    ) -> dict[str, Any]:
        made = self._made(
            account,
            "create_service_network_vpc_association",
            vpcIdentifier=vpc,
            serviceNetworkIdentifier=network["arn"],
            **more,
        )
        if ready:
            self.settle()
        return made

    def shared_network(self, *consumers: str, **more: Any) -> dict[str, Any]:
        network = self.network(**more)
        self.share(network["arn"], NETWORK, *consumers)
        return network

    def share(self, arn: str, owner: str, *consumers: str) -> str:
        """Share inside an organisation, where nobody is invited; answers the share's ARN."""
        organization = self.cloud.organization
        if not organization.id:
            organization.create(NETWORK, ram_sharing=True)
        for account in (owner, *consumers):
            if account not in organization.accounts:
                organization.add(account)
        made = self.aws("ram", owner).create_resource_share(
            name=self._name("share"), resourceArns=[arn], principals=list(consumers), allowExternalPrincipals=False
        )
        self.settle()
        return str(made["resourceShare"]["resourceShareArn"])

    def _made(self, account: str, operation: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.lattice(account), operation)(**params)
        return answer


def forward(*groups: dict[str, Any]) -> dict[str, Any]:
    """An action that forwards to the groups, evenly if there are several, or answers 404 where there is none."""
    if not groups:
        return {"fixedResponse": NOT_FOUND}
    weight = {"weight": 1} if len(groups) > 1 else {}
    return {"forward": {"targetGroups": [{"targetGroupIdentifier": group["id"], **weight} for group in groups]}}


def under(prefix: str) -> dict[str, Any]:
    return {"httpMatch": {"pathMatch": {"match": {"prefix": prefix}}}}


def code_of(answer: dict[str, Any]) -> int:
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def at(path: dict[str, Any]) -> dict[str, Any]:
    """The answer without what every answer has."""
    return {name: value for name, value in path.items() if name != "ResponseMetadata"}
