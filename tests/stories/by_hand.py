"""What the two owners of the walk-through make by hand, and say of it later; a request goes along with all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from onramp.core import tags

from localcloud import network
from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord, Record
from replay.stage import deploy
from tests.forks import begun_once
from tests.stories.staged import DEEDS, STORY, deployed

INFRA, TEAM = DEEDS[0].account, DEEDS[1].account
[VPC] = DEEDS[0].with_["Resources"]
[BALANCER] = DEEDS[1].with_["ResourceArns"]
WISHES = {tag["Key"]: tag["Value"] for tag in DEEDS[1].with_["Tags"]}
NETWORK, SERVICE = WISHES["lattice:network"], WISHES["lattice:service"]
CALLER = "10.1.33.54"
ADOPT = {"lattice-onramp:adopt": "yes"}


@dataclass
class ByHand:
    """What the two owners have made, in the order of the walk-through; names as the console would have them typed."""

    cloud: LocalCloud
    arns: dict[str, str] = field(default_factory=dict)
    domain: str = ""
    answers: list[int | str] = field(default_factory=list)
    begun: int = 0

    def listen(self) -> None:
        """From here on a request is made after every call of the product that changes something, too."""
        self.cloud.journal.hear(self._hear)

    def _hear(self, record: Record) -> None:
        if isinstance(record, CallRecord) and record.function and record.mutating:
            with self.cloud.gate.quiet():
                self.answers.append(self.asks())

    def lattice(self, account: str) -> Any:
        return self.cloud.client("vpc-lattice", account)

    def make(self) -> None:
        infra, team = self.lattice(INFRA), self.lattice(TEAM)
        [there] = [one for one in infra.list_service_networks()["items"] if one["name"] == NETWORK]
        ec2 = self.cloud.client("ec2", INFRA)
        group = ec2.create_security_group(GroupName="lattice-clients", Description="who may enter", VpcId=VPC)[
            "GroupId"
        ]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": f"{CALLER}/32"}]}
                for port in (80, 443)
            ],
        )
        joined = infra.create_service_network_vpc_association(
            serviceNetworkIdentifier=there["arn"], vpcIdentifier=VPC, securityGroupIds=[group]
        )
        elb = self.cloud.client("elbv2", TEAM)
        [balancer] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"]
        config = {"protocol": "HTTP", "port": 80, "vpcIdentifier": balancer["VpcId"]}
        targets = team.create_target_group(name="yabuki-lattice-internal-alb", type="ALB", config=config)
        self.cloud.settle()
        team.register_targets(targetGroupIdentifier=targets["id"], targets=[{"id": BALANCER, "port": 80}])
        service = team.create_service(name=SERVICE)
        self.cloud.settle()
        forward = {"forward": {"targetGroups": [{"targetGroupIdentifier": targets["id"], "weight": 100}]}}
        listener = team.create_listener(
            serviceIdentifier=service["id"], name="by-hand", protocol="HTTP", port=80, defaultAction=forward
        )
        self.share(there["arn"])
        associated = team.create_service_network_service_association(
            serviceIdentifier=service["id"], serviceNetworkIdentifier=there["arn"]
        )
        self.cloud.settle()
        self.domain = service["dnsEntry"]["domainName"]
        self.arns = {
            "client": joined["arn"],
            "group": group,
            "targets": targets["arn"],
            "service": service["arn"],
            "listener": listener["arn"],
            "association": associated["arn"],
        }
        self.begun = len(list(self.cloud.journal))

    def share(self, arn: str) -> None:
        ram, guest = self.cloud.client("ram", INFRA), self.cloud.client("ram", TEAM)
        ram.create_resource_share(name="by-hand", resourceArns=[arn], principals=[TEAM])
        self.cloud.settle()
        [invitation] = guest.get_resource_share_invitations()["resourceShareInvitations"]
        guest.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
        self.cloud.settle()

    def take_back(self, *things: str) -> None:
        self.hand_over(*things, key=tags.RELEASE)

    def untag(self, thing: str, key: str) -> None:
        arn = self.arns[thing]
        if arn.startswith("sg-"):
            self.cloud.client("ec2", INFRA).delete_tags(Resources=[arn], Tags=[{"Key": key}])
        else:
            self.lattice(arn.split(":")[4]).untag_resource(resourceArn=arn, tagKeys=[key])
        self.settle()

    def hand_over(self, *things: str, word: str = "yes", key: str = tags.ADOPT) -> None:
        for thing in things:
            account = INFRA if thing in {"client", "group"} else TEAM
            if thing == "group":
                given = [{"Key": key, "Value": word}]
                self.cloud.client("ec2", account).create_tags(Resources=[self.arns[thing]], Tags=given)
            else:
                self.lattice(account).tag_resource(resourceArn=self.arns[thing], tags={key: word})
        self.settle()

    def wish(self) -> None:
        self.cloud.client("ec2", INFRA).create_tags(**DEEDS[0].with_)
        self.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        self.settle()

    def wish_only(self) -> None:
        self.cloud.client("ec2", INFRA).create_tags(**DEEDS[0].with_)
        self.cloud.client("elbv2", TEAM).add_tags(**DEEDS[1].with_)
        self.cloud.settle()

    def find(self) -> Any:
        lattice = self.lattice(TEAM)
        items = lattice.list_services()["items"]
        [there] = [one for one in items if one["name"] == SERVICE and f":{TEAM}:" in one["arn"]]
        return lattice.get_service(serviceIdentifier=there["id"])

    def leave(self) -> None:
        keys = [{"Key": tag["Key"]} for tag in DEEDS[0].with_["Tags"]]
        self.cloud.client("ec2", INFRA).delete_tags(Resources=[VPC], Tags=keys)
        self.leave_team()

    def leave_team(self) -> None:
        self.cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[BALANCER], TagKeys=list(WISHES))
        self.settle()

    def settle(self) -> None:
        self.cloud.settle()
        self.answers.append(self.asks())

    def asks(self, caller: str = CALLER) -> int | str:
        answer = network.request(self.cloud, caller, f"http://{self.domain}/")
        return answer.stopped_at or answer.status

    def changes(self, since: int | None = None) -> list[CallRecord]:
        """What the product has asked of AWS that changes anything, but answers on load balancers and VPCs."""
        begun = self.begun if since is None else since
        calls = [one for one in list(self.cloud.journal)[begun:] if isinstance(one, CallRecord) and one.function]
        return [
            one
            for one in calls
            if one.service in {"vpc-lattice", "ec2", "ram"}
            and not one.operation.startswith(("Get", "List", "Describe"))
        ]

    def tags(self, thing: str) -> dict[str, str]:
        arn = self.arns[thing]
        if arn.startswith("sg-"):
            [group] = self.cloud.client("ec2", INFRA).describe_security_groups(GroupIds=[arn])["SecurityGroups"]
            return {tag["Key"]: tag["Value"] for tag in group.get("Tags", ())}
        account = arn.split(":")[4]
        return dict(self.lattice(account).list_tags_for_resource(resourceArn=arn)["tags"])

    def status(self) -> tuple[str, str]:
        [tags] = self.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
        there = {tag["Key"]: tag["Value"] for tag in tags["Tags"]}
        return there.get("lattice-onramp:status", ""), there.get("lattice-onramp:message", "")

    def status_of_vpc(self) -> tuple[str, str]:
        [there] = self.cloud.client("ec2", INFRA).describe_vpcs(VpcIds=[VPC])["Vpcs"]
        tags = {tag["Key"]: tag["Value"] for tag in there["Tags"]}
        return tags.get("lattice-onramp:status", ""), tags.get("lattice-onramp:message", "")


@begun_once
@contextmanager
def by_hand(**parameters: str) -> Iterator[ByHand]:
    with deployed(**parameters) as cloud:
        it = ByHand(cloud)
        it.make()
        assert it.asks() == 200
        it.listen()
        yield it


@begun_once
@contextmanager
def unwatched() -> Iterator[ByHand]:
    """The same, where marks are forged: to who watches what is told, such a thing would be ours."""
    with LocalCloud() as cloud:
        worlds.build(cloud, STORY.world)
        assert STORY.world.network is not None
        deploy(cloud, STORY.world.network, STORY.world.members)
        cloud.settle()
        it = ByHand(cloud)
        it.make()
        assert it.asks() == 200
        it.listen()
        yield it


THINGS = ("targets", "association", "service", "client", "group")
"""What its owners hand over, each by a word of its own."""
