"""The nine steps of the walk-through, made by hand, are taken over by their owners' word: only tags change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from onramp.core import tags

from localcloud import network
from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord
from replay.stage import deploy
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


@contextmanager
def by_hand(**parameters: str) -> Iterator[ByHand]:
    with deployed(**parameters) as cloud:
        it = ByHand(cloud)
        it.make()
        assert it.asks() == 200
        yield it


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
        yield it


THINGS = ("targets", "association", "service", "client", "group")


def test_nine_steps_by_hand_are_taken_over_with_tags_alone_and_no_request_fails() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS)
        assert it.changes() == [], "nobody asks for anything yet"
        it.wish()
        for thing, arn in it.arns.items():
            assert it.tags(thing).get("lattice-onramp:network") == NETWORK, (thing, arn)
        assert it.status() == ("connected", "")
        assert {(one.service, one.operation) for one in it.changes()} == {
            ("vpc-lattice", "TagResource"),
            ("ec2", "CreateTags"),
        }
        assert set(it.answers) == {200}


def test_what_stands_in_the_way_is_told_with_the_word_that_hands_it_over() -> None:
    with by_hand() as it:
        it.wish()
        status, message = it.status()
        assert (status, message.partition(":")[0]) == ("refused", "name-taken")
        assert "lattice-onramp:adopt = yes" in message
        status, message = it.status_of_vpc()
        assert (status, message.partition(":")[0]) == ("refused", "association-taken")
        assert "lattice-onramp:adopt = yes" in message
        it.hand_over("service")
        status, message = it.status()
        assert (status, message.partition(":")[0]) == ("refused", "adopt-differs")
        assert it.tags("service") == ADOPT
        it.hand_over("targets", "client")
        assert it.status() == ("connected", "")
        status, message = it.status_of_vpc()
        assert (status, message.partition(":")[0]) == ("refused", "adopt-differs")
        it.hand_over("group")
        assert it.status_of_vpc()[0] == "connected"
        assert set(it.answers) == {200}
        assert {one.operation for one in it.changes()} <= {"TagResource", "CreateTags", "DeleteTags"}


def test_what_was_taken_over_stays_so_and_leaves_as_ours() -> None:
    with by_hand(KeepSeconds="0") as it:
        it.hand_over(*THINGS)
        it.wish()
        for _ in range(3):
            it.cloud.clock.advance(3700)
            it.settle()
        assert {one.operation for one in it.changes()} == {"TagResource", "CreateTags"}
        assert set(it.answers) == {200}
        it.cloud.client("elbv2", TEAM).remove_tags(ResourceArns=[BALANCER], TagKeys=list(WISHES))
        keys = [{"Key": tag["Key"]} for tag in DEEDS[0].with_["Tags"]]
        it.cloud.client("ec2", INFRA).delete_tags(Resources=[VPC], Tags=keys)
        it.cloud.settle()
        it.cloud.clock.advance(3700)
        it.cloud.settle()
        lattice = it.lattice(TEAM)
        assert lattice.list_services()["items"] == []
        assert lattice.list_target_groups()["items"] == []
        assert it.lattice(INFRA).list_service_network_vpc_associations(vpcIdentifier=VPC)["items"] == []
        names = [one["GroupName"] for one in it.cloud.client("ec2", INFRA).describe_security_groups()["SecurityGroups"]]
        assert "lattice-clients" not in names


def test_another_word_hands_nothing_over() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS, word="no")
        it.wish()
        assert it.status()[0] == "refused"
        assert it.changes() == [] or {one.operation for one in it.changes()} == {"CreateTags"}
        assert it.tags("service") == {"lattice-onramp:adopt": "no"}


def test_what_its_owner_takes_back_goes_on_and_is_touched_no_more_wish_or_no_wish() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS)
        it.wish()
        it.take_back("service", "client")
        for thing in it.arns:
            assert tags.OWNER not in it.tags(thing), thing
        assert it.status()[1].startswith("name-taken: ")
        assert it.status_of_vpc()[1].startswith("association-taken: ")
        it.leave()
        for _ in range(30):
            it.cloud.clock.advance(3700)
            it.settle()
        assert set(it.answers) == {200}
        assert {one.operation for one in it.changes()} <= {"TagResource", "UntagResource", "CreateTags", "DeleteTags"}


def test_what_a_run_made_can_be_taken_back_too() -> None:
    with deployed() as cloud:
        it = ByHand(cloud)
        it.wish_only()
        service = it.find()
        it.arns = {"service": service["arn"]}
        it.domain = service["dnsEntry"]["domainName"]
        assert it.asks() == 200
        it.begun = len(list(cloud.journal))
        it.take_back("service")
        it.leave_team()
        for _ in range(30):
            cloud.clock.advance(3700)
            it.settle()
        assert set(it.answers) == {200}
        assert {one.operation for one in it.changes()} <= {"TagResource", "UntagResource", "CreateTags", "DeleteTags"}
        assert tags.OWNER not in it.tags("service")


def test_what_was_taken_back_can_be_handed_over_anew() -> None:
    with by_hand() as it:
        it.hand_over(*THINGS)
        it.wish()
        it.take_back("service", "client")
        it.hand_over(*THINGS)
        assert it.status()[1].startswith("name-taken: "), "as long as it is taken back"
        for thing in ("service", "client"):
            it.untag(thing, tags.RELEASE)
        assert it.status()[0] == "connected"
        assert it.status_of_vpc()[0] == "connected"
        assert set(it.answers) == {200}


def test_a_word_on_what_another_account_owns_is_none() -> None:
    """A service of the same name that is only shared with the account: here it is nobody's to hand over."""
    with deployed() as cloud:
        owner = cloud.client("vpc-lattice", INFRA)
        theirs = owner.create_service(name=SERVICE, tags=ADOPT)["arn"]
        cloud.settle()
        share = cloud.client("ram", INFRA)
        share.create_resource_share(name="shared", resourceArns=[theirs], principals=[TEAM])
        cloud.settle()
        guest = cloud.client("ram", TEAM)
        for one in guest.get_resource_share_invitations()["resourceShareInvitations"]:
            guest.accept_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
        cloud.settle()
        it = ByHand(cloud)
        it.wish_only()
        assert owner.list_tags_for_resource(resourceArn=theirs)["tags"] == ADOPT
        assert it.find()["arn"] != theirs
        assert it.status()[0] == "connected"


def test_what_bears_another_networks_mark_is_let_go_there_first() -> None:
    with unwatched() as it:
        lattice = it.lattice(TEAM)
        lattice.tag_resource(resourceArn=it.arns["service"], tags={tags.OWNER: "another"})
        it.hand_over(*THINGS)
        it.wish()
        assert it.status()[1].startswith("name-taken: ")
        assert it.tags("service")[tags.OWNER] == "another"
        assert tags.OWNER not in it.tags("targets")
        it.untag("service", tags.OWNER)
        it.hand_over("service", word="no")
        it.hand_over("service")
        assert it.status()[0] == "connected"
        assert set(it.answers) == {200}


def test_a_mark_and_a_word_that_somebody_forged_have_nothing_deleted() -> None:
    """Without a wish that they stand in the way of, they are no proof: not at once, and not after the index told."""
    with unwatched() as it:
        for thing in THINGS:
            it.hand_over(thing, word=NETWORK, key=tags.OWNER)
        it.hand_over(*THINGS)
        for _ in range(3):
            it.cloud.clock.advance(3700)
            it.settle()
        assert it.changes() == []
        assert set(it.answers) == {200}
