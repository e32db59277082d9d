"""What each role must not do, tried by its own session: IAM refuses it, and the same deed on what is ours succeeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.stage import deploy
from cli.story import Network
from localcloud.caller import Caller
from localcloud.cloud import LocalCloud
from localcloud.journal import DeliveryRecord, EventRecord

OWN, TEAM, STRANGER = "111111111111", "222222222222", "999999999999"
OURS, THEIRS = "production-mesh", "test-mesh"
TAG = "lattice-onramp:network"
SOON = 60.0  # seconds: invitations have come, and have not expired
REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}

type Deed = Callable[["Scene"], Any]


class Scene:
    """Two environments side by side in the same accounts, a stranger, and in the team's account one thing of each:
    `ours`, `theirs` (the other environment's) and `nobodys`, which carries no ownership tag. `spare` is ours as well,
    for the one test that uses it up.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        members = f"{OWN},{TEAM}"
        for name in (OURS, THEIRS):
            parameters = {"NetworkName": name, "MemberAccounts": members}
            deploy(cloud, Network(account=OWN, name=name, parameters=parameters), (OWN, TEAM))
            self._hush(name)
        self.networks = {
            name: cloud.stacks.physical(OWN, f"onramp-{name}", "ServiceNetwork") for name in (OURS, THEIRS)
        }
        self.shares = {name: cloud.stacks.physical(OWN, f"onramp-{name}", "Share") for name in (OURS, THEIRS)}
        ec2 = cloud.client("ec2", TEAM)
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
        subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for n, zone in enumerate(zones)
        ]
        elb = cloud.client("elbv2", TEAM)
        made = elb.create_load_balancer(Name="orders", Scheme="internal", Subnets=subnets)["LoadBalancers"][0]
        self.balancer = made["LoadBalancerArn"]
        self.subnet = subnets[0]
        self.services: dict[str, str] = {}
        self.listeners: dict[str, str] = {}
        self.target_groups: dict[str, str] = {}
        self.security_groups: dict[str, str] = {}
        for whose, tags in {
            "ours": {TAG: OURS},
            "spare": {TAG: OURS},
            "theirs": {TAG: THEIRS},
            "nobodys": {},
        }.items():
            self._make(whose, tags)
        # The networks are shared with the team, so that nothing but IAM is in the way.
        ram = cloud.client("ram", OWN)
        for share in self.shares.values():
            ram.associate_resource_share(resourceShareArn=share, principals=[TEAM])
        cloud.clock.advance(SOON)
        team = cloud.client("ram", TEAM)
        for invitation in team.get_resource_share_invitations()["resourceShareInvitations"]:
            team.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
        self.strangers_invitation = self._invited_by(STRANGER)

    def _hush(self, network: str) -> None:
        """Nothing rings the product: it would put the scene in order."""
        events = self.cloud.client("events", OWN)
        for rule in events.list_rules(EventBusName=f"onramp-{network}")["Rules"]:
            events.disable_rule(Name=rule["Name"], EventBusName=f"onramp-{network}")

    def _make(self, whose: str, tags: dict[str, str]) -> None:
        lattice, ec2 = self.cloud.client("vpc-lattice", TEAM), self.cloud.client("ec2", TEAM)
        service = lattice.create_service(name=f"{whose}-service", tags=tags)["arn"]
        group = lattice.create_target_group(
            name=f"{whose}-group",
            type="ALB",
            config={"protocol": "HTTP", "port": 80, "vpcIdentifier": self.vpc},
            tags=tags,
        )["arn"]
        self.cloud.settle()
        listener = lattice.create_listener(
            serviceIdentifier=service, name="http-80", protocol="HTTP", port=80, defaultAction=self.answer, tags=tags
        )["arn"]
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        specified = [{"ResourceType": "security-group", "Tags": given}] if given else []
        made = ec2.create_security_group(
            GroupName=whose, Description=whose, VpcId=self.vpc, TagSpecifications=specified
        )["GroupId"]
        self.services[whose], self.listeners[whose] = service, listener
        self.target_groups[whose], self.security_groups[whose] = group, made

    def _invited_by(self, account: str) -> str:
        network = self.cloud.client("vpc-lattice", account).create_service_network(name="a-trap")["arn"]
        ram = self.cloud.client("ram", account)
        ram.create_resource_share(name="a-trap", resourceArns=[network], principals=[TEAM])
        self.cloud.clock.advance(SOON)
        invitations = self.cloud.client("ram", TEAM).get_resource_share_invitations()["resourceShareInvitations"]
        return next(str(one["resourceShareInvitationArn"]) for one in invitations if one["senderAccountId"] == account)

    answer = {"fixedResponse": {"statusCode": 404}}

    def by(self, role: str, service: str, network: str = OURS) -> Any:
        """A client with the session of a role of `network`; the team's where the role is a member's."""
        account = TEAM if role in ("reader", "writer", "forwarder", "sweep") else OWN
        return self.cloud.client(service, account, f"onramp-{network}-{role}")


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with LocalCloud() as cloud:
        yield Scene(cloud)


def refused(deed: Callable[[], Any]) -> str:
    """The action that IAM would not allow, in its words; fails when the deed was done, or failed of something else."""
    with pytest.raises(ClientError) as caught:
        deed()
    error = caught.value.response["Error"]
    assert error["Code"] in REFUSALS, error
    assert "is not authorized to perform: " in error["Message"], error
    return str(error["Message"].partition("is not authorized to perform: ")[2].split()[0])


def lattice(scene: Scene) -> Any:
    return scene.by("writer", "vpc-lattice")


# --- the writer and Lattice

OTHERS = ["theirs", "nobodys"]

CHANGES: dict[str, Callable[[Scene, str], Any]] = {
    "vpc-lattice:UpdateListener": lambda scene, whose: lattice(scene).update_listener(
        serviceIdentifier=scene.services[whose],
        listenerIdentifier=scene.listeners[whose],
        defaultAction=scene.answer,
    ),
    "vpc-lattice:RegisterTargets": lambda scene, whose: lattice(scene).register_targets(
        targetGroupIdentifier=scene.target_groups[whose], targets=[{"id": scene.balancer, "port": 80}]
    ),
    "vpc-lattice:DeregisterTargets": lambda scene, whose: lattice(scene).deregister_targets(
        targetGroupIdentifier=scene.target_groups[whose], targets=[{"id": scene.balancer, "port": 80}]
    ),
    "vpc-lattice:CreateServiceNetworkServiceAssociation": lambda scene, whose: lattice(
        scene
    ).create_service_network_service_association(
        serviceIdentifier=scene.services[whose], serviceNetworkIdentifier=scene.networks[OURS], tags={TAG: OURS}
    ),
    "ec2:AuthorizeSecurityGroupIngress": lambda scene, whose: scene.by(
        "writer", "ec2"
    ).authorize_security_group_ingress(
        GroupId=scene.security_groups[whose], IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="10.0.0.0/16"
    ),
    "ec2:RevokeSecurityGroupIngress": lambda scene, whose: scene.by("writer", "ec2").revoke_security_group_ingress(
        GroupId=scene.security_groups[whose], IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="10.0.0.0/16"
    ),
    "ec2:DeleteSecurityGroup": lambda scene, whose: scene.by("writer", "ec2").delete_security_group(
        GroupId=scene.security_groups[whose]
    ),
    "vpc-lattice:DeleteListener": lambda scene, whose: lattice(scene).delete_listener(
        serviceIdentifier=scene.services[whose], listenerIdentifier=scene.listeners[whose]
    ),
    "vpc-lattice:DeleteTargetGroup": lambda scene, whose: lattice(scene).delete_target_group(
        targetGroupIdentifier=scene.target_groups[whose]
    ),
    "vpc-lattice:DeleteService": lambda scene, whose: lattice(scene).delete_service(
        serviceIdentifier=scene.services[whose]
    ),
}
"""What the writer does to what exists, by the action that it needs; in an order in which all of it is possible."""


@pytest.mark.parametrize("whose", OTHERS)
@pytest.mark.parametrize("action", CHANGES)
def test_the_writer_changes_nothing_that_lacks_our_tag(scene: Scene, action: str, whose: str) -> None:
    assert refused(lambda: CHANGES[action](scene, whose)) == action


def test_the_writer_changes_what_is_ours(scene: Scene) -> None:
    """Else the refusals above would prove nothing."""
    owner = scene.cloud.client("vpc-lattice", TEAM)
    for action, change in CHANGES.items():
        change(scene, "spare")
        scene.cloud.settle()
        if action.endswith("ServiceAssociation"):
            joined = owner.list_service_network_service_associations(serviceIdentifier=scene.services["spare"])
            lattice(scene).delete_service_network_service_association(
                serviceNetworkServiceAssociationIdentifier=joined["items"][0]["arn"]
            )
            scene.cloud.settle()
    assert "spare-service" not in [service["name"] for service in owner.list_services()["items"]]


def test_the_writer_lets_others_associations_be(scene: Scene) -> None:
    owner = scene.cloud.client("vpc-lattice", TEAM)
    made = [
        owner.create_service_network_service_association(
            serviceIdentifier=scene.services[whose], serviceNetworkIdentifier=scene.networks[THEIRS], tags=tags
        )["arn"]
        for whose, tags in (("theirs", {TAG: THEIRS}), ("nobodys", {}))
    ]
    vpc = owner.create_service_network_vpc_association(
        serviceNetworkIdentifier=scene.networks[THEIRS],
        vpcIdentifier=scene.vpc,
        securityGroupIds=[scene.security_groups["nobodys"]],
        tags={TAG: THEIRS},
    )["arn"]
    scene.cloud.settle()
    writer = lattice(scene)
    for arn in made:
        assert (
            refused(
                lambda arn=arn: writer.delete_service_network_service_association(
                    serviceNetworkServiceAssociationIdentifier=arn
                )
            )
            == "vpc-lattice:DeleteServiceNetworkServiceAssociation"
        )
    assert (
        refused(
            lambda: writer.update_service_network_vpc_association(
                serviceNetworkVpcAssociationIdentifier=vpc, securityGroupIds=[scene.security_groups["ours"]]
            )
        )
        == "vpc-lattice:UpdateServiceNetworkVpcAssociation"
    )
    assert (
        refused(lambda: writer.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=vpc))
        == "vpc-lattice:DeleteServiceNetworkVpcAssociation"
    )


# --- what the writer never does, whoever's it is

NEVER: dict[str, tuple[str, Deed]] = {
    "makes a service without our tag": (
        "vpc-lattice:CreateService",
        lambda scene: lattice(scene).create_service(name="untagged"),
    ),
    "makes a service for another network": (
        "vpc-lattice:CreateService",
        lambda scene: lattice(scene).create_service(name="for-others", tags={TAG: THEIRS}),
    ),
    "makes a target group without our tag": (
        "vpc-lattice:CreateTargetGroup",
        lambda scene: lattice(scene).create_target_group(
            name="untagged", type="ALB", config={"protocol": "HTTP", "port": 80, "vpcIdentifier": scene.vpc}
        ),
    ),
    "makes a listener without our tag": (
        "vpc-lattice:CreateListener",
        lambda scene: lattice(scene).create_listener(
            serviceIdentifier=scene.services["ours"],
            name="untagged",
            protocol="HTTP",
            port=81,
            defaultAction=scene.answer,
        ),
    ),
    "puts other tags on what it makes": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).create_service(name="tagged", tags={TAG: OURS, "CostCentre": "4711"}),
    ),
    "joins our service to a foreign network": (
        "vpc-lattice:CreateServiceNetworkServiceAssociation",
        lambda scene: lattice(scene).create_service_network_service_association(
            serviceIdentifier=scene.services["ours"],
            serviceNetworkIdentifier=scene.networks[THEIRS],
            tags={TAG: OURS},
        ),
    ),
    "joins a VPC to a foreign network": (
        "vpc-lattice:CreateServiceNetworkVpcAssociation",
        lambda scene: lattice(scene).create_service_network_vpc_association(
            serviceNetworkIdentifier=scene.networks[THEIRS], vpcIdentifier=scene.vpc, tags={TAG: OURS}
        ),
    ),
    "joins a VPC to our network without our tag": (
        "vpc-lattice:CreateServiceNetworkVpcAssociation",
        lambda scene: lattice(scene).create_service_network_vpc_association(
            serviceNetworkIdentifier=scene.networks[OURS], vpcIdentifier=scene.vpc
        ),
    ),
    "makes its own what was nobody's": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(resourceArn=scene.services["nobodys"], tags={TAG: OURS}),
    ),
    "makes its own what was another network's": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(resourceArn=scene.services["theirs"], tags={TAG: OURS}),
    ),
    "takes a tag off": (
        "vpc-lattice:UntagResource",
        lambda scene: lattice(scene).untag_resource(resourceArn=scene.services["ours"], tagKeys=[TAG]),
    ),
    "opens a service by an auth policy": (
        "vpc-lattice:PutAuthPolicy",
        lambda scene: lattice(scene).put_auth_policy(resourceIdentifier=scene.services["ours"], policy="{}"),
    ),
    "makes a network": (
        "vpc-lattice:CreateServiceNetwork",
        lambda scene: lattice(scene).create_service_network(name="another", tags={TAG: OURS}),
    ),
    "accepts a stranger's invitation": (
        "ram:AcceptResourceShareInvitation",
        lambda scene: scene.by("writer", "ram").accept_resource_share_invitation(
            resourceShareInvitationArn=scene.strangers_invitation
        ),
    ),
    "makes a security group without our tag": (
        "ec2:CreateSecurityGroup",
        lambda scene: scene.by("writer", "ec2").create_security_group(
            GroupName="untagged", Description="untagged", VpcId=scene.vpc
        ),
    ),
    "makes a security group for another network": (
        "ec2:CreateSecurityGroup",
        lambda scene: scene.by("writer", "ec2").create_security_group(
            GroupName="theirs-too",
            Description="theirs",
            VpcId=scene.vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": [{"Key": TAG, "Value": THEIRS}]}],
        ),
    ),
    "makes its own a security group that was nobody's": (
        "ec2:CreateTags",
        lambda scene: scene.by("writer", "ec2").create_tags(
            Resources=[scene.security_groups["nobodys"]], Tags=[{"Key": TAG, "Value": OURS}]
        ),
    ),
    "opts a VPC in": (
        "ec2:CreateTags",
        lambda scene: scene.by("writer", "ec2").create_tags(
            Resources=[scene.vpc], Tags=[{"Key": "lattice:network", "Value": OURS}]
        ),
    ),
    "hides another key behind an answer": (
        "ec2:CreateTags",
        lambda scene: scene.by("writer", "ec2").create_tags(
            Resources=[scene.vpc],
            Tags=[{"Key": "lattice-onramp:status", "Value": "connected"}, {"Key": "Name", "Value": "mine"}],
        ),
    ),
    "answers on a subnet": (
        "ec2:CreateTags",
        lambda scene: scene.by("writer", "ec2").create_tags(
            Resources=[scene.subnet], Tags=[{"Key": "lattice-onramp:status", "Value": "connected"}]
        ),
    ),
    "opts a VPC out": (
        "ec2:DeleteTags",
        lambda scene: scene.by("writer", "ec2").delete_tags(Resources=[scene.vpc], Tags=[{"Key": "lattice:network"}]),
    ),
    "removes all tags of a VPC": (
        "ec2:DeleteTags",
        lambda scene: scene.by("writer", "ec2").delete_tags(Resources=[scene.vpc]),
    ),
    "deletes a VPC": ("ec2:DeleteVpc", lambda scene: scene.by("writer", "ec2").delete_vpc(VpcId=scene.vpc)),
    "opts a load balancer in": (
        "elasticloadbalancing:AddTags",
        lambda scene: scene.by("writer", "elbv2").add_tags(
            ResourceArns=[scene.balancer], Tags=[{"Key": "lattice:network", "Value": OURS}]
        ),
    ),
    "opts a load balancer out": (
        "elasticloadbalancing:RemoveTags",
        lambda scene: scene.by("writer", "elbv2").remove_tags(
            ResourceArns=[scene.balancer], TagKeys=["lattice:network"]
        ),
    ),
    "deletes a load balancer": (
        "elasticloadbalancing:DeleteLoadBalancer",
        lambda scene: scene.by("writer", "elbv2").delete_load_balancer(LoadBalancerArn=scene.balancer),
    ),
    "changes the network's share": (
        "ram:DisassociateResourceShare",
        lambda scene: scene.by("writer", "ram").disassociate_resource_share(
            resourceShareArn=scene.shares[OURS], principals=[TEAM]
        ),
    ),
}


@pytest.mark.parametrize("what", NEVER)
def test_the_writer_never(scene: Scene, what: str) -> None:
    action, deed = NEVER[what]
    assert refused(lambda: deed(scene)) == action


def test_the_writer_answers_on_what_it_may(scene: Scene) -> None:
    """The control to the refusals of tags above."""
    status = {"Key": "lattice-onramp:status", "Value": "connected"}
    scene.by("writer", "ec2").create_tags(Resources=[scene.vpc], Tags=[status])
    scene.by("writer", "ec2").delete_tags(Resources=[scene.vpc], Tags=[{"Key": status["Key"]}])
    scene.by("writer", "elbv2").add_tags(ResourceArns=[scene.balancer], Tags=[status])
    scene.by("writer", "elbv2").remove_tags(ResourceArns=[scene.balancer], TagKeys=[status["Key"]])


# --- the reader

WRITES: dict[str, Deed] = {
    "vpc-lattice:DeleteService": lambda s: s.by("reader", "vpc-lattice").delete_service(
        serviceIdentifier=s.services["ours"]
    ),
    "vpc-lattice:CreateService": lambda s: s.by("reader", "vpc-lattice").create_service(name="read", tags={TAG: OURS}),
    "vpc-lattice:TagResource": lambda s: s.by("reader", "vpc-lattice").tag_resource(
        resourceArn=s.services["ours"], tags={TAG: OURS}
    ),
    "vpc-lattice:RegisterTargets": lambda s: s.by("reader", "vpc-lattice").register_targets(
        targetGroupIdentifier=s.target_groups["ours"], targets=[{"id": s.balancer}]
    ),
    "ec2:CreateTags": lambda s: s.by("reader", "ec2").create_tags(
        Resources=[s.vpc], Tags=[{"Key": "lattice-onramp:status", "Value": "connected"}]
    ),
    "ec2:DeleteSecurityGroup": lambda s: s.by("reader", "ec2").delete_security_group(GroupId=s.security_groups["ours"]),
    "elasticloadbalancing:AddTags": lambda s: s.by("reader", "elbv2").add_tags(
        ResourceArns=[s.balancer], Tags=[{"Key": "lattice-onramp:status", "Value": "connected"}]
    ),
    "ram:AcceptResourceShareInvitation": lambda s: s.by("reader", "ram").accept_resource_share_invitation(
        resourceShareInvitationArn=s.strangers_invitation
    ),
    "tag:TagResources": lambda s: s.by("reader", "resourcegroupstaggingapi").tag_resources(
        ResourceARNList=[s.services["ours"]], Tags={TAG: OURS}
    ),
    "sts:AssumeRole": lambda s: s.by("reader", "sts").assume_role(
        RoleArn=f"arn:aws:iam::{TEAM}:role/onramp-{OURS}-writer", RoleSessionName="climbing"
    ),
}


@pytest.mark.parametrize("action", WRITES)
def test_the_reader_writes_nothing(scene: Scene, action: str) -> None:
    assert refused(lambda: WRITES[action](scene)) == action


def test_the_reader_reads(scene: Scene) -> None:
    reader = scene.by("reader", "vpc-lattice")
    assert reader.get_service(serviceIdentifier=scene.services["ours"])["name"] == "ours-service"
    assert reader.get_service_network(serviceNetworkIdentifier=scene.networks[OURS])["name"] == OURS


def test_the_reader_looks_at_no_other_network(scene: Scene) -> None:
    reader = scene.by("reader", "vpc-lattice")
    deed = lambda: reader.get_service_network(serviceNetworkIdentifier=scene.networks[THEIRS])  # noqa: E731
    assert refused(deed) == "vpc-lattice:GetServiceNetwork"


# --- who may become whom


def assume(scene: Scene, caller: Caller, role: str) -> Any:
    return scene.cloud.session_as(caller).client("sts").assume_role(RoleArn=role, RoleSessionName="trying")


def session(account: str, role: str) -> Caller:
    return Caller(
        account, "ap-northeast-1", f"arn:aws:sts::{account}:assumed-role/{role}/local", role=role, session="local"
    )


def owner(account: str) -> Caller:
    return Caller(account, "ap-northeast-1", f"arn:aws:iam::{account}:root")


def member_role(what: str, network: str = OURS, account: str = TEAM) -> str:
    return f"arn:aws:iam::{account}:role/onramp-{network}-{what}"


def test_plan_becomes_the_reader_and_apply_the_writer(scene: Scene) -> None:
    for role, what in (("plan", "reader"), ("apply", "writer")):
        for account in (OWN, TEAM):
            answer = assume(scene, session(OWN, f"onramp-{OURS}-{role}"), member_role(what, account=account))
            assert f"assumed-role/onramp-{OURS}-{what}/" in answer["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize("role", ["intake", "report", "reconcile", "apply", "plan"])
@pytest.mark.parametrize("what", ["reader", "writer"])
def test_no_other_function_becomes_them(scene: Scene, role: str, what: str) -> None:
    if (role, what) in (("plan", "reader"), ("apply", "writer")):
        role = f"{role}-of-somebody"  # a role of that account that is only called alike
        _grant(scene, OWN, f"onramp-{OURS}-{role}")
    who = session(OWN, f"onramp-{OURS}-{role}")
    assert refused(lambda: assume(scene, who, member_role(what))) == "sts:AssumeRole"
    assert not scene.cloud.iam.trusts(member_role(what), who).allowed


def _grant(scene: Scene, account: str, role: str) -> None:
    """A role that may assume anything: what stops it can only be the other side's trust."""
    iam = scene.cloud.client("iam", account)
    if role in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
        return
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_role_policy(RoleName=role, PolicyName="everything", PolicyDocument=everything)


@pytest.mark.parametrize("what", ["reader", "writer", "forwarder", "sweep"])
@pytest.mark.parametrize(
    "who",
    [
        owner(OWN),
        owner(STRANGER),
        session(OWN, "AdministratorAccess"),
        session(TEAM, "AdministratorAccess"),
        session(STRANGER, f"onramp-{OURS}-plan"),
        session(STRANGER, f"onramp-{OURS}-apply"),
    ],
    ids=lambda who: f"{who.role or 'root'} of {who.account}",
)
def test_nobody_else_becomes_them_however_much_they_may(scene: Scene, who: Caller, what: str) -> None:
    if who.role:
        _grant(scene, who.account, who.role)
    assert refused(lambda: assume(scene, who, member_role(what))) == "sts:AssumeRole"


@pytest.mark.parametrize("role", ["intake", "plan", "apply", "report", "reconcile"])
def test_nobody_becomes_a_function(scene: Scene, role: str) -> None:
    _grant(scene, OWN, "AdministratorAccess")
    target = member_role(role, account=OWN)
    for who in (session(OWN, "AdministratorAccess"), owner(OWN), owner(TEAM)):
        assert refused(lambda who=who: assume(scene, who, target)) == "sts:AssumeRole"


# --- test and production

CROSSING: dict[str, tuple[str, Deed]] = {
    "test's plan becomes production's reader": (
        "sts:AssumeRole",
        lambda s: assume(s, session(OWN, f"onramp-{THEIRS}-plan"), member_role("reader")),
    ),
    "test's apply becomes production's writer": (
        "sts:AssumeRole",
        lambda s: assume(s, session(OWN, f"onramp-{THEIRS}-apply"), member_role("writer")),
    ),
    "production's plan becomes test's reader": (
        "sts:AssumeRole",
        lambda s: assume(s, session(OWN, f"onramp-{OURS}-plan"), member_role("reader", THEIRS)),
    ),
    "test's writer deletes production's service": (
        "vpc-lattice:DeleteService",
        lambda s: s.by("writer", "vpc-lattice", THEIRS).delete_service(serviceIdentifier=s.services["ours"]),
    ),
    "test's writer joins production's network": (
        "vpc-lattice:CreateServiceNetworkVpcAssociation",
        lambda s: s.by("writer", "vpc-lattice", THEIRS).create_service_network_vpc_association(
            serviceNetworkIdentifier=s.networks[OURS], vpcIdentifier=s.vpc, tags={TAG: THEIRS}
        ),
    ),
    "test's apply shares production's network": (
        "ram:AssociateResourceShare",
        lambda s: s.by("apply", "ram", THEIRS).associate_resource_share(
            resourceShareArn=s.shares[OURS], principals=[STRANGER]
        ),
    ),
    "test's apply unshares production's network": (
        "ram:DisassociateResourceShare",
        lambda s: s.by("apply", "ram", THEIRS).disassociate_resource_share(
            resourceShareArn=s.shares[OURS], principals=[TEAM]
        ),
    ),
    "test's intake takes production's lease": (
        "dynamodb:UpdateItem",
        lambda s: s.by("intake", "dynamodb", THEIRS).update_item(
            TableName=f"onramp-{OURS}", Key={"account": {"S": TEAM}}
        ),
    ),
    "test's intake starts production's run": (
        "states:StartExecution",
        lambda s: s.by("intake", "stepfunctions", THEIRS).start_execution(
            stateMachineArn=f"arn:aws:states:ap-northeast-1:{OWN}:stateMachine:onramp-{OURS}", input="{}"
        ),
    ),
    "test's report announces on production's bus": (
        "events:PutEvents",
        lambda s: s.by("report", "events", THEIRS).put_events(Entries=[sweep_entry(OURS)]),
    ),
    "test's report writes to production's people": (
        "sns:Publish",
        lambda s: s.by("report", "sns", THEIRS).publish(
            TopicArn=f"arn:aws:sns:ap-northeast-1:{OWN}:onramp-{OURS}", Message="false alarm"
        ),
    ),
    "test's forwarder rings production": (
        "events:PutEvents",
        lambda s: s.by("forwarder", "events", THEIRS).put_events(Entries=[sweep_entry(OURS)]),
    ),
    "production's forwarder rings its own account's default bus": (
        "events:PutEvents",
        lambda s: s.by("forwarder", "events").put_events(Entries=[sweep_entry("")]),
    ),
    "production's sweep rings production's bus past the rules": (
        "events:PutEvents",
        lambda s: s.by("sweep", "events").put_events(Entries=[sweep_entry(OURS)]),
    ),
}


def bus(network: str) -> str:
    return f"arn:aws:events:ap-northeast-1:{OWN}:event-bus/onramp-{network}"


def sweep_entry(network: str) -> dict[str, str]:
    """An entry of PutEvents; on the account's own default bus without a network."""
    where = {"EventBusName": bus(network)} if network else {}
    return {**where, "Source": "lattice.onramp", "DetailType": "Sweep", "Detail": '{"network":"x"}'}


@pytest.mark.parametrize("what", CROSSING)
def test_nothing_crosses(scene: Scene, what: str) -> None:
    action, deed = CROSSING[what]
    assert refused(lambda: deed(scene)) == action


# --- who may ring


def test_an_account_that_is_no_member_cannot_put_events(scene: Scene) -> None:
    events = scene.cloud.client("events", STRANGER)
    assert refused(lambda: events.put_events(Entries=[sweep_entry(OURS)])) == "events:PutEvents"
    member = scene.cloud.client("events", TEAM)
    assert member.put_events(Entries=[sweep_entry(OURS)])["FailedEntryCount"] == 0


def test_nobody_can_put_what_only_aws_says(scene: Scene) -> None:
    entry = {**sweep_entry(OURS), "Source": "aws.tag", "DetailType": "Tag Change on Resource"}
    answer = scene.cloud.client("events", TEAM).put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_strangers_rule_does_not_reach_the_bus(scene: Scene) -> None:
    cloud = scene.cloud
    _grant(scene, STRANGER, "rings-everywhere")
    events = cloud.client("events", STRANGER)
    events.put_rule(Name="ring", EventPattern='{"source":["lattice.onramp"]}')
    role = f"arn:aws:iam::{STRANGER}:role/rings-everywhere"
    events.put_targets(Rule="ring", Targets=[{"Id": "bus", "Arn": bus(OURS), "RoleArn": role}])
    since = len(cloud.journal)
    events.put_events(Entries=[sweep_entry("")])
    cloud.settle()
    assert {record.outcome for record in cloud.journal.of(DeliveryRecord, since)} == {"CROSS_ACCOUNT_INGESTION_FAILED"}
    assert not [record for record in cloud.journal.of(EventRecord, since) if record.bus == bus(OURS)]


def test_a_stranger_cannot_send_to_the_queue_or_the_topic(scene: Scene) -> None:
    queue = f"https://sqs.ap-northeast-1.amazonaws.com/{OWN}/onramp-{OURS}"
    for account in (STRANGER, TEAM):
        caller = owner(account)
        arn = f"arn:aws:sqs:ap-northeast-1:{OWN}:onramp-{OURS}"
        policies = [_queue_policy(scene, queue)]
        assert not scene.cloud.iam.allows(caller, "sqs:SendMessage", arn, {}, policies).allowed
        topic = f"arn:aws:sns:ap-northeast-1:{OWN}:onramp-{OURS}"
        assert not scene.cloud.iam.allows(caller, "sns:Publish", topic, {}, [_topic_policy(scene, topic)]).allowed


def _queue_policy(scene: Scene, url: str) -> str:
    client = scene.cloud.client("sqs", OWN)
    return str(client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])


def _topic_policy(scene: Scene, arn: str) -> str:
    return str(scene.cloud.client("sns", OWN).get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])


@pytest.mark.parametrize(
    ("account", "alarm", "heard"),
    [
        (OWN, f"onramp-{OURS}-runs-failed", True),
        (TEAM, f"onramp-{OURS}-member-dead-letters", True),
        (STRANGER, f"onramp-{OURS}-member-dead-letters", False),
        (TEAM, f"onramp-{THEIRS}-member-dead-letters", False),
    ],
)
def test_alarms_of_members_are_heard_and_no_others(scene: Scene, account: str, alarm: str, heard: bool) -> None:
    topic = f"arn:aws:sns:ap-northeast-1:{OWN}:onramp-{OURS}"
    service = Caller(account, "ap-northeast-1", "", service="cloudwatch.amazonaws.com")
    context = {"aws:SourceArn": f"arn:aws:cloudwatch:ap-northeast-1:{account}:alarm:{alarm}"}
    policies = [_topic_policy(scene, topic)]
    assert scene.cloud.iam.allows(service, "sns:Publish", topic, context, policies).allowed is heard
