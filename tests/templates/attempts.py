"""What each role must not do, as calls of its own session, and the two environments in which it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from onramp.core.policy import Context, Decision

from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller
from replay.stage import deploy
from replay.story import Network
from tests.logs import open_log_group
from tests.templates.permissions import MEMBERS
from tests.templates.readings import Reading

OWN, TEAM, STRANGER = "111111111111", "222222222222", "999999999999"
OUTSIDE = "333333333333"
"""Of the organisation, but of none of the units whose accounts may join WIDE."""
OURS, THEIRS = "production-mesh", "test-mesh"
WIDE = "wide-mesh"
"""A network for an organisation, with a key of its own: the parts of the templates that the other two do without."""
ORGANIZATION, ANOTHER = "o-a1b2c3d4e5", "o-zzzzzzzzzz"
UNIT, TESTS = "ou-ab12-11111111", "ou-ab12-33333333"
PATH, ASIDE = f"{ORGANIZATION}/r-ab12/{UNIT}/", f"{ORGANIZATION}/r-ab12/{TESTS}/"


ZONES = {
    "HostedZoneArns": "arn:aws:route53:::hostedzone/Z0123456789ABC",
    "RecordDomains": "shop.example.jp",
    "AssociateZones": "on",
}
TAG = "lattice-onramp:network"
SOON = 60.0  # seconds: invitations have come, and have not expired
REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}

type Deed = Callable[["Scene"], Any]


class Scene:
    """Three environments side by side in the same accounts, a stranger, and in the team's account one thing of each:
    `ours`, `theirs` (the other environment's) and `nobodys`, which carries no ownership tag. `spare` is ours as well,
    for the one test that uses it up.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        members = f"{OWN},{TEAM}"
        for name in (OURS, THEIRS):
            parameters = {"NetworkName": name, "MemberAccounts": members, **ZONES}
            deploy(cloud, Network(account=OWN, name=name, parameters=parameters), (OWN, TEAM))
            self._hush(name)
        cloud.organization.create(OWN, ORGANIZATION)
        for account, unit in {TEAM: UNIT, OUTSIDE: TESTS}.items():
            cloud.organization.add_unit(unit)
            cloud.organization.add(account, unit)
        self.key = cloud.client("kms", OWN).create_key()["KeyMetadata"]["Arn"]
        wide = {
            "NetworkName": WIDE,
            "OrganizationId": ORGANIZATION,
            "OrganizationPaths": f"{PATH}*",
            "KeyArn": self.key,
            "SharePermissionArn": "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceNetworkReadWrite",
        }
        deploy(cloud, Network(account=OWN, name=WIDE, parameters=wide), (OWN, TEAM))
        self._hush(WIDE)
        self.networks = {
            name: cloud.stacks.physical(OWN, f"onramp-{name}", "ServiceNetwork") for name in (OURS, THEIRS, WIDE)
        }
        self.shares = {name: cloud.stacks.physical(OWN, f"onramp-{name}", "Share") for name in (OURS, THEIRS, WIDE)}
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
        self.rules: dict[str, str] = {}
        self.logs: dict[str, str] = {}
        self.log_groups: set[str] = set()
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
        for name in (OURS, THEIRS):
            ram.associate_resource_share(resourceShareArn=self.shares[name], principals=[TEAM])
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
        self.rules[whose] = lattice.create_rule(
            serviceIdentifier=service,
            listenerIdentifier=listener,
            name="api",
            priority=1,
            match={"httpMatch": {"method": "GET"}},
            action=self.answer,
            tags=tags,
        )["arn"]
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        specified = [{"ResourceType": "security-group", "Tags": given}] if given else []
        made = ec2.create_security_group(
            GroupName=whose, Description=whose, VpcId=self.vpc, TagSpecifications=specified
        )["GroupId"]
        for name in {whose, "other"} - self.log_groups:
            open_log_group(self.cloud.client("logs", TEAM), name, resource="*")
            self.log_groups.add(name)
        self.logs[whose] = lattice.create_access_log_subscription(
            resourceIdentifier=service, destinationArn=self.arn("logs", f"log-group:{whose}:*"), tags=tags
        )["arn"]
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
        account = TEAM if role in MEMBERS else OWN
        return self.cloud.client(service, account, f"onramp-{network}-{role}")

    def arn(self, service: str, tail: str, account: str = TEAM) -> str:
        region = "" if service == "iam" else self.cloud.region
        return f"arn:aws:{service}:{region}:{account}:{tail}"

    def judged(self, role: str, action: str, resource: str, context: Context, network: str = OURS) -> Decision:
        """What the role's policies say to one question alone: in a whole call another barrier may speak first."""
        account = TEAM if role in MEMBERS else OWN
        return self.cloud.iam.allows(session(account, f"onramp-{network}-{role}"), action, resource, context)

    def policy(self, logical: str, network: str = OURS, account: str = OWN) -> dict[str, Any]:
        """The policy which that resource of the network's stack, or of the account's member stack, was given."""
        stack = f"onramp-{network}" if account == OWN else f"onramp-{network}-member"
        properties = self.cloud.stacks.stack(account, stack).resources[logical].properties
        found: dict[str, Any] = next(
            properties[key] for key in ("PolicyDocument", "KeyPolicy", "Policy") if key in properties
        )
        return found

    def served(
        self, service: str, account: str, action: str, resource: str, policy: dict[str, Any], context: Context
    ) -> Decision:
        """What a resource's policy says to an AWS service that acts for `account`."""
        caller = Caller(account, self.cloud.region, "", service=service)
        return self.cloud.iam.allows(caller, action, resource, context, [policy])


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

UNLISTED = (
    "UntagResource",
    "RegisterTargets",
    "DeregisterTargets",
    "PutAuthPolicy",
    "DeleteAuthPolicy",
    "CreateServiceNetworkServiceAssociation",
    "CreateAccessLogSubscription",
)
"""What AWS's reference does not list the tags of what is there with: they count where they are sent."""

ANYBODY = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'
"""An auth policy that lets everybody in."""

CHANGES: dict[str, Callable[[Scene, str], Any]] = {
    "vpc-lattice:GetListener": lambda scene, whose: lattice(scene).get_listener(
        serviceIdentifier=scene.services[whose], listenerIdentifier=scene.listeners[whose]
    ),
    "vpc-lattice:GetRule": lambda scene, whose: lattice(scene).get_rule(
        serviceIdentifier=scene.services[whose],
        listenerIdentifier=scene.listeners[whose],
        ruleIdentifier=scene.rules[whose],
    ),
    "vpc-lattice:UpdateListener": lambda scene, whose: lattice(scene).update_listener(
        serviceIdentifier=scene.services[whose],
        listenerIdentifier=scene.listeners[whose],
        defaultAction=scene.answer,
    ),
    "vpc-lattice:UpdateRule": lambda scene, whose: lattice(scene).batch_update_rule(
        serviceIdentifier=scene.services[whose],
        listenerIdentifier=scene.listeners[whose],
        rules=[{"ruleIdentifier": scene.rules[whose], "priority": 2}],
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
    "vpc-lattice:UntagResource": lambda scene, whose: lattice(scene).untag_resource(
        resourceArn=scene.services[whose], tagKeys=["lattice-onramp:name"]
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
    "vpc-lattice:DeleteRule": lambda scene, whose: lattice(scene).delete_rule(
        serviceIdentifier=scene.services[whose],
        listenerIdentifier=scene.listeners[whose],
        ruleIdentifier=scene.rules[whose],
    ),
    "vpc-lattice:DeleteListener": lambda scene, whose: lattice(scene).delete_listener(
        serviceIdentifier=scene.services[whose], listenerIdentifier=scene.listeners[whose]
    ),
    "vpc-lattice:DeleteTargetGroup": lambda scene, whose: lattice(scene).delete_target_group(
        targetGroupIdentifier=scene.target_groups[whose]
    ),
    "vpc-lattice:UpdateAccessLogSubscription": lambda scene, whose: lattice(scene).update_access_log_subscription(
        accessLogSubscriptionIdentifier=scene.logs[whose], destinationArn=scene.arn("logs", "log-group:other:*")
    ),
    "vpc-lattice:DeleteAccessLogSubscription": lambda scene, whose: lattice(scene).delete_access_log_subscription(
        accessLogSubscriptionIdentifier=scene.logs[whose]
    ),
    "vpc-lattice:CreateAccessLogSubscription": lambda scene, whose: lattice(scene).create_access_log_subscription(
        resourceIdentifier=scene.services[whose],
        destinationArn=scene.arn("logs", "log-group:other:*"),
        tags={TAG: OURS},
    ),
    "vpc-lattice:UpdateService": lambda scene, whose: lattice(scene).update_service(
        serviceIdentifier=scene.services[whose], idleTimeoutSeconds=120
    ),
    "vpc-lattice:PutAuthPolicy": lambda scene, whose: lattice(scene).put_auth_policy(
        resourceIdentifier=scene.services[whose], policy=ANYBODY
    ),
    "vpc-lattice:DeleteAuthPolicy": lambda scene, whose: lattice(scene).delete_auth_policy(
        resourceIdentifier=scene.services[whose]
    ),
    "vpc-lattice:DeleteService": lambda scene, whose: lattice(scene).delete_service(
        serviceIdentifier=scene.services[whose]
    ),
}
"""What the writer does to what exists, by the action that it needs; in an order in which all of it is possible."""

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
    "makes a rule without our tag": (
        "vpc-lattice:CreateRule",
        lambda scene: lattice(scene).create_rule(
            serviceIdentifier=scene.services["ours"],
            listenerIdentifier=scene.listeners["ours"],
            name="untagged",
            priority=9,
            match={"httpMatch": {"method": "PUT"}},
            action=scene.answer,
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
    "makes its own what was another network's": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(resourceArn=scene.services["theirs"], tags={TAG: OURS}),
    ),
    "becomes another role, of its own account": (
        "sts:AssumeRole",
        lambda scene: scene.by("writer", "sts").assume_role(RoleArn=member_role("reader"), RoleSessionName="chained"),
    ),
    "becomes a writer of another account": (
        "sts:AssumeRole",
        lambda scene: scene.by("writer", "sts").assume_role(
            RoleArn=member_role("writer", account=OWN), RoleSessionName="chained"
        ),
    ),
    "takes a team's tag off": (
        "vpc-lattice:UntagResource",
        lambda scene: lattice(scene).untag_resource(resourceArn=scene.services["ours"], tagKeys=[TAG, "CostCentre"]),
    ),
    "opts a service in": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(
            resourceArn=scene.services["nobodys"], tags={"lattice:network": OURS}
        ),
    ),
    "opts a service out": (
        "vpc-lattice:UntagResource",
        lambda scene: lattice(scene).untag_resource(resourceArn=scene.services["nobodys"], tagKeys=["lattice:network"]),
    ),
    "hides another key behind an answer on a service": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(
            resourceArn=scene.services["nobodys"], tags={"lattice-onramp:status": "connected", "Name": "mine"}
        ),
    ),
    "answers on a target group": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(
            resourceArn=scene.target_groups["nobodys"], tags={"lattice-onramp:status": "connected"}
        ),
    ),
    "opens the network by an auth policy": (
        "vpc-lattice:PutAuthPolicy",
        lambda scene: lattice(scene).put_auth_policy(resourceIdentifier=scene.networks[OURS], policy=ANYBODY),
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
    "takes the owner's word off a security group that was nobody's": (
        "ec2:DeleteTags",
        lambda scene: scene.by("writer", "ec2").delete_tags(
            Resources=[scene.security_groups["nobodys"]], Tags=[{"Key": TAG}]
        ),
    ),
    "hands a service over to itself": (
        "vpc-lattice:TagResource",
        lambda scene: lattice(scene).tag_resource(
            resourceArn=scene.services["nobodys"], tags={"lattice-onramp:adopt": "yes"}
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


def grant(scene: Scene, account: str, role: str) -> None:
    """A role that may assume anything: what stops it can only be the other side's trust."""
    iam = scene.cloud.client("iam", account)
    if role in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
        return
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_role_policy(RoleName=role, PolicyName="everything", PolicyDocument=everything)


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
            resourceShareArn=s.shares[OURS], principals=[TEAM]
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
    "test's intake asks after production's run": (
        "states:DescribeExecution",
        lambda s: s.by("intake", "stepfunctions", THEIRS).describe_execution(
            executionArn=f"arn:aws:states:ap-northeast-1:{OWN}:execution:onramp-{OURS}:one"
        ),
    ),
    "test's watch reads production's table": (
        "dynamodb:Scan",
        lambda s: s.by("watch", "dynamodb", THEIRS).scan(TableName=f"onramp-{OURS}"),
    ),
    "test's watch rings production": (
        "events:PutEvents",
        lambda s: s.by("watch", "events", THEIRS).put_events(Entries=[sweep_entry(OURS)]),
    ),
    "test's watch writes to production's people": (
        "sns:Publish",
        lambda s: s.by("watch", "sns", THEIRS).publish(
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


# --- one barrier alone

REQUESTED, TAGGED = f"aws:RequestTag/{TAG}", f"aws:ResourceTag/{TAG}"
LINKED = "role/aws-service-role/vpc-lattice.amazonaws.com/AWSServiceRoleForVpcLattice"
STATUS = ["lattice-onramp:status"]

type Judged = Callable[[Scene], Decision]


def writes(action: str, tail: str, context: Context, service: str = "", account: str = TEAM) -> Judged:
    """The writer of OURS asks for `action` on a thing of `account`."""
    return lambda s: s.judged("writer", action, s.arn(service or action.partition(":")[0], tail, account), context)


def certificate(role: str, account: str) -> Judged:
    """A role of OURS looks at a certificate of `account`."""
    return lambda s: s.judged(role, "acm:DescribeCertificate", s.arn("acm", f"certificate/{ZEROS}", account), {})


def zone(role: str, action: str, zone: str, context: Context) -> Judged:
    """A role of OURS asks for something of a hosted zone."""
    return lambda s: s.judged(role, f"route53:{action}", f"arn:aws:route53:::hostedzone/{zone}", context)


_RECORDS = "route53:ChangeResourceRecordSets"
RECORDS: Context = {
    f"{_RECORDS}NormalizedRecordNames": ["api.shop.example.jp", "_lattice-onramp.api.shop.example.jp"],
    f"{_RECORDS}RecordTypes": ["A", "AAAA", "TXT"],
    f"{_RECORDS}Actions": ["CREATE"],
}
"""Of the change by which a service's records are made."""


def names(where: str = "Z0123456789ABC", **instead: list[str]) -> Judged:
    """The writer of OURS changes records; of the change's keys those are other ones that are given."""
    other: Context = {f"{_RECORDS}{key}": value for key, value in instead.items()}
    return zone("writer", "ChangeResourceRecordSets", where, {**RECORDS, **other})


def untold(key: str) -> Judged:
    """It changes records, and of the change nobody tells this key."""
    told = {name: value for name, value in RECORDS.items() if name != f"{_RECORDS}{key}"}
    return zone("writer", "ChangeResourceRecordSets", "Z0123456789ABC", told)


JOINS_ZONE = (
    "CreateVPCAssociationAuthorization",
    "DeleteVPCAssociationAuthorization",
    "AssociateVPCWithHostedZone",
    "DisassociateVPCFromHostedZone",
)


def joins_zone(action: str, where: str = "Z0123456789ABC", region: str = "ap-northeast-1") -> Judged:
    """The writer of OURS puts a VPC into a hosted zone, or takes it out."""
    return zone("writer", action, where, {"route53:VPCs": [f"VPCId=vpc-{ZEROS},VPCRegion={region}"]})


def joins(kind: str, tail: str, context: Context, account: str = TEAM) -> Judged:
    action = f"vpc-lattice:CreateServiceNetwork{kind}Association"
    return lambda s: s.judged(
        "writer",
        action,
        s.arn("vpc-lattice", tail, account),
        {"vpc-lattice:ServiceNetworkArn": s.networks[OURS]} | context,
    )


def joins_network(whose: str, context: Context, kind: str = "Vpc") -> Judged:
    action = f"vpc-lattice:CreateServiceNetwork{kind}Association"
    return lambda s: s.judged("writer", action, s.networks[whose], context)


def accepts(sender: str, owner: str) -> Judged:
    invitation = "resource-share-invitation/2b1b4a6e-0000-4000-8000-000000000000"
    action = "ram:AcceptResourceShareInvitation"
    return lambda s: s.judged("writer", action, s.arn("ram", invitation, sender), {"ram:ShareOwnerAccountId": owner})


def function(role: str, action: str, service: str, tail: str, network: str = OURS) -> Judged:
    """A role of the network account asks for a thing of the same account."""
    return lambda s: s.judged(role, action, s.arn(service, tail, OWN), {}, network)


WHOLE: Context = {"dynamodb:Select": "ALL_ATTRIBUTES"}


def some(*names: str) -> Context:
    """Of a read that names attributes."""
    return {"dynamodb:Select": "SPECIFIC_ATTRIBUTES", "dynamodb:Attributes": ["account", *names]}


def shelves(role: str, action: str, key: str, table: str = f"onramp-{OURS}", asked: Context | None = None) -> Judged:
    """A role of the network account asks for one item of a table; `asked`: for what of it, if it reads."""
    keys: Context = {"dynamodb:LeadingKeys": [key], **((asked or WHOLE) if action == "GetItem" else {})}
    return lambda s: s.judged(role, f"dynamodb:{action}", s.arn("dynamodb", f"table/{table}", OWN), keys)


def says(role: str, word: str, source: str, where: str) -> Judged:
    """A role of OURS puts an entry of this detail-type and source on a bus of the network account."""
    keys: Context = {"events:source": [source], "events:detail-type": [word]}
    return lambda s: s.judged(role, "events:PutEvents", s.arn("events", f"event-bus/{where}", OWN), keys)


def by_way_of(via: str, role: str, action: str, key: str = "") -> Judged:
    """A role of WIDE uses a key, its stack's own where none is named, by way of a service."""
    return lambda s: s.judged(
        role,
        f"kms:{action}",
        s.arn("kms", key, OWN) if key else s.key,
        {"kms:ViaService": f"{via}.{s.cloud.region}.amazonaws.com"},
        WIDE,
    )


def shares(change: str, principal: str = "", network: str = "", by: str = OURS) -> Judged:
    """The apply function of `by` changes its own share: whom it names, and the network of which name."""

    def judged(s: Scene) -> Decision:
        named = {"ram:Principal": principal} if principal else {}
        held = {"ram:ResourceArn": s.networks[network]} if network else {}
        return s.judged("apply", f"ram:{change}ResourceShare", s.shares[by], named | held, by)

    return judged


def opens(network: str, *, by_ram: bool, action: str) -> Judged:
    """The apply function has to do with a network's resource policy: as RAM would in its name, or by itself."""
    via = {"aws:ViaAWSService": "true" if by_ram else "false"}
    return lambda s: s.judged("apply", f"vpc-lattice:{action}", s.networks[network], via)


def becomes(role: str, what: str, account: str, organization: str, path: str) -> Judged:
    """A function of WIDE takes a role of that name in an account of an organisation, under a path."""
    keys: dict[str, str | list[str]] = {"aws:ResourceOrgID": organization, "aws:ResourceOrgPaths": [path]}
    return lambda s: s.judged(role, "sts:AssumeRole", member_role(what, WIDE, account), keys, WIDE)


ZEROS = "0" * 17
HANDED = "aws:ResourceTag/lattice-onramp:adopt"
LATTICES = {
    "a service": f"service/svc-{ZEROS}",
    "a listener": f"service/svc-{ZEROS}/listener/listener-{ZEROS}",
    "a target group": f"targetgroup/tg-{ZEROS}",
    "a service's association": f"servicenetworkserviceassociation/snsa-{ZEROS}",
    "a VPC's association": f"servicenetworkvpcassociation/snva-{ZEROS}",
}
"""What may be handed over in Lattice, and taken back."""
BALANCER = "loadbalancer/app/orders/0123456789abcdef"
CHANGED = {
    "GetListener": LATTICES["a listener"],
    "GetRule": f"{LATTICES['a listener']}/rule/rule-{ZEROS}",
    "UpdateService": LATTICES["a service"],
    "UpdateListener": LATTICES["a listener"],
    "UpdateRule": f"{LATTICES['a listener']}/rule/rule-{ZEROS}",
    "UpdateAccessLogSubscription": f"accesslogsubscription/als-{ZEROS}",
    "UpdateServiceNetworkVpcAssociation": LATTICES["a VPC's association"],
    "DeleteListener": LATTICES["a listener"],
    "DeleteRule": f"{LATTICES['a listener']}/rule/rule-{ZEROS}",
    "DeleteTargetGroup": LATTICES["a target group"],
    "DeleteAccessLogSubscription": f"accesslogsubscription/als-{ZEROS}",
    "DeleteServiceNetworkServiceAssociation": LATTICES["a service's association"],
    "DeleteServiceNetworkVpcAssociation": LATTICES["a VPC's association"],
    "DeleteAuthPolicy": LATTICES["a service"],
}
"""What each action that changes what is ours, or reads it before that, is asked on."""
MADE = {
    "CreateTargetGroup": LATTICES["a target group"],
    "CreateListener": LATTICES["a listener"],
    "CreateRule": f"{LATTICES['a listener']}/rule/rule-{ZEROS}",
}
ORGANIZATION_ARN = f"arn:aws:organizations::{OWN}:organization/{ORGANIZATION}"
UNIT_ARN = f"arn:aws:organizations::{OWN}:ou/{ORGANIZATION}/{UNIT}"
OTHER_KEY = "key/00000000-0000-4000-8000-000000000000"

ALONE: dict[str, Judged] = {
    # the writer: what it makes
    "a service in another account": writes(
        "vpc-lattice:CreateService", f"service/svc-{ZEROS}", {REQUESTED: OURS}, account=STRANGER
    ),
    **{
        f"what {action} makes, in another account": writes(
            f"vpc-lattice:{action}", tail, {REQUESTED: OURS}, account=STRANGER
        )
        for action, tail in MADE.items()
    },
    "our service to a foreign network": joins_network(THEIRS, {REQUESTED: OURS}),
    "a service to our network, as another's": joins_network(OURS, {REQUESTED: THEIRS}, "Service"),
    "a service's association that is another's": joins(
        "Service", f"servicenetworkserviceassociation/snsa-{ZEROS}", {REQUESTED: THEIRS}
    ),
    "a VPC to our network, as another's": joins_network(OURS, {REQUESTED: THEIRS}),
    "another account's service to our network": joins("Service", f"service/svc-{ZEROS}", {TAGGED: OURS}, STRANGER),
    "an association in another account": joins(
        "Vpc", f"servicenetworkvpcassociation/snva-{ZEROS}", {REQUESTED: OURS}, STRANGER
    ),
    "a service's association in another account": joins(
        "Service", f"servicenetworkserviceassociation/snsa-{ZEROS}", {REQUESTED: OURS}, STRANGER
    ),
    "an association that is another's": joins("Vpc", f"servicenetworkvpcassociation/snva-{ZEROS}", {REQUESTED: THEIRS}),
    "an association to a foreign network": joins(
        "Vpc",
        f"servicenetworkvpcassociation/snva-{ZEROS}",
        {
            REQUESTED: OURS,
            "vpc-lattice:ServiceNetworkArn": f"arn:aws:vpc-lattice:ap-northeast-1:{OWN}:servicenetwork/sn-{ZEROS}",
        },
    ),
    "a tag of another's on what it makes": writes(
        "vpc-lattice:TagResource",
        f"service/svc-{ZEROS}",
        {REQUESTED: THEIRS, "aws:TagKeys": [TAG], "vpc-lattice:CreateAction": "CreateService"},
    ),
    "a tag on a network that it makes": writes(
        "vpc-lattice:TagResource",
        f"servicenetwork/sn-{ZEROS}",
        {REQUESTED: OURS, "aws:TagKeys": [TAG], "vpc-lattice:CreateAction": "CreateServiceNetwork"},
    ),
    # the writer: what is there
    "another account's service that carries our tag": writes(
        "vpc-lattice:DeleteService", f"service/svc-{ZEROS}", {TAGGED: OURS}, account=STRANGER
    ),
    **{
        f"another account's target group that carries our tag, for {action}": writes(
            f"vpc-lattice:{action}", f"targetgroup/tg-{ZEROS}", {TAGGED: OURS}, account=STRANGER
        )
        for action in ("RegisterTargets", "DeregisterTargets")
    },
    **{
        f"another account's thing that carries our tag, for {action}": writes(
            f"vpc-lattice:{action}", tail, {TAGGED: OURS}, account=STRANGER
        )
        for action, tail in CHANGED.items()
    },
    **{
        f"{whose} thing, for {action}": writes(f"vpc-lattice:{action}", tail, tags)
        for action, tail in CHANGED.items()
        if action != "DeleteAuthPolicy"  # told under TAKEN
        for whose, tags in {"nobody's": {}, "another network's": {TAGGED: THEIRS}}.items()
    },
    **{
        f"a rule of another account's group that carries our tag, by {action}": writes(
            f"ec2:{action}", f"security-group/sg-{ZEROS}", {TAGGED: OURS}, account=STRANGER
        )
        for action in ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress")
    },
    "another account's security group that carries our tag": writes(
        "ec2:DeleteSecurityGroup", f"security-group/sg-{ZEROS}", {TAGGED: OURS}, account=STRANGER
    ),
    "another service's linked role": writes(
        "iam:CreateServiceLinkedRole", LINKED, {"iam:AWSServiceName": "ecs.amazonaws.com"}
    ),
    "a linked role elsewhere": writes(
        "iam:CreateServiceLinkedRole",
        "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        {"iam:AWSServiceName": "vpc-lattice.amazonaws.com"},
    ),
    "an invitation of the network account's to a stranger's share": accepts(OWN, STRANGER),
    "an invitation of a stranger's to the network account's share": accepts(STRANGER, OWN),
    **{
        f"the {role} looks at another account's certificate": certificate(role, STRANGER)
        for role in ("reader", "writer")
    },
    "records in another hosted zone": names("Z0000000000000"),
    **{f"another hosted zone: {action}": joins_zone(action, "Z0000000000000") for action in JOINS_ZONE},
    **{f"a VPC of another region: {action}": joins_zone(action, region="eu-west-1") for action in JOINS_ZONE},
    "records of another type": names(RecordTypes=["A", "MX"]),
    "records in place of what is there": names(Actions=["CREATE", "UPSERT"]),
    "records of another domain": names(NormalizedRecordNames=["api.shop.example.jp", "api.example.jp"]),
    **{
        f"records of a change whose {what} nobody tells": untold(what)
        for what in ("NormalizedRecordNames", "RecordTypes", "Actions")
    },
    "a security group in another account": writes(
        "ec2:CreateSecurityGroup", "security-group/*", {REQUESTED: OURS}, account=STRANGER
    ),
    "a security group in another account's VPC": writes(
        "ec2:CreateSecurityGroup", f"vpc/vpc-{ZEROS}", {}, account=STRANGER
    ),
    "our tag on a security group that is there": writes(
        "ec2:CreateTags", f"security-group/sg-{ZEROS}", {REQUESTED: OURS, "aws:TagKeys": [TAG]}
    ),
    "another's tag on a security group that it makes": writes(
        "ec2:CreateTags",
        f"security-group/sg-{ZEROS}",
        {REQUESTED: THEIRS, "aws:TagKeys": [TAG], "ec2:CreateAction": "CreateSecurityGroup"},
    ),
    "our tag on a group that its owner hands over, and another network has": writes(
        "ec2:CreateTags",
        f"security-group/sg-{ZEROS}",
        {REQUESTED: OURS, "aws:TagKeys": [TAG], HANDED: "yes", TAGGED: THEIRS},
    ),
    "our tag on a group that its owner does not hand over": writes(
        "ec2:CreateTags",
        f"security-group/sg-{ZEROS}",
        {REQUESTED: OURS, "aws:TagKeys": [TAG], HANDED: "no"},
    ),
    "another's tag on a group that its owner hands over": writes(
        "ec2:CreateTags",
        f"security-group/sg-{ZEROS}",
        {REQUESTED: THEIRS, "aws:TagKeys": [TAG], HANDED: "yes"},
    ),
    "our tag on another account's group that its owner hands over": writes(
        "ec2:CreateTags",
        f"security-group/sg-{ZEROS}",
        {REQUESTED: OURS, "aws:TagKeys": [TAG], HANDED: "yes"},
        account=STRANGER,
    ),
    "a group of another network is let go": writes(
        "ec2:DeleteTags", f"security-group/sg-{ZEROS}", {"aws:TagKeys": [TAG], TAGGED: THEIRS}
    ),
    "a group of another account is let go": writes(
        "ec2:DeleteTags", f"security-group/sg-{ZEROS}", {"aws:TagKeys": [TAG], TAGGED: OURS}, account=STRANGER
    ),
    "a word is put on a group of ours": writes(
        "ec2:CreateTags", f"security-group/sg-{ZEROS}", {"aws:TagKeys": ["lattice-onramp:release"], TAGGED: OURS}
    ),
    **{
        f"{what} of another account is let go": writes(
            "vpc-lattice:UntagResource", where, {"aws:TagKeys": [TAG], TAGGED: OURS}, account=STRANGER
        )
        for what, where in LATTICES.items()
    },
    **{
        f"another key goes off {what}": writes(
            "vpc-lattice:UntagResource", where, {"aws:TagKeys": ["Name"], TAGGED: OURS}
        )
        for what, where in LATTICES.items()
    },
    **{
        f"no key is named of {what}": writes("vpc-lattice:UntagResource", where, {TAGGED: OURS})
        for what, where in LATTICES.items()
    },
    **{
        f"{what} is taken back by the writer itself": writes(
            "vpc-lattice:TagResource", where, {"aws:TagKeys": ["lattice-onramp:release"], TAGGED: OURS}
        )
        for what, where in LATTICES.items()
    },
    **{
        f"{what} is handed over by the writer itself": writes(
            "vpc-lattice:TagResource", where, {"aws:TagKeys": ["lattice-onramp:adopt"], TAGGED: OURS}
        )
        for what, where in LATTICES.items()
    },
    **{
        f"no key is named on {what}": writes("vpc-lattice:TagResource", where, {TAGGED: OURS})
        for what, where in LATTICES.items()
    },
    "our tag on a group of another account": writes(
        "ec2:CreateTags",
        f"security-group/sg-{ZEROS}",
        {REQUESTED: OURS, "aws:TagKeys": [TAG], "ec2:CreateAction": "CreateSecurityGroup"},
        account=STRANGER,
    ),
    "an answer on another account's load balancer": writes(
        "elasticloadbalancing:AddTags",
        BALANCER,
        {"aws:TagKeys": STATUS},
        account=STRANGER,
    ),
    **{
        f"an answer in another account, by {action}": writes(action, tail, {"aws:TagKeys": STATUS}, account=STRANGER)
        for action, tail in {
            "vpc-lattice:UntagResource": f"service/svc-{ZEROS}",
            "elasticloadbalancing:RemoveTags": BALANCER,
            "ec2:DeleteTags": f"vpc/vpc-{ZEROS}",
        }.items()
    },
    "no key named for a VPC": writes("ec2:CreateTags", f"vpc/vpc-{ZEROS}", {}),
    "no key named for a load balancer": writes("elasticloadbalancing:AddTags", BALANCER, {}),
    "an answer on another account's service": writes(
        "vpc-lattice:TagResource", f"service/svc-{ZEROS}", {"aws:TagKeys": STATUS}, account=STRANGER
    ),
    "an answer on an association": writes(
        "vpc-lattice:TagResource", f"servicenetworkserviceassociation/snsa-{ZEROS}", {"aws:TagKeys": STATUS}
    ),
    "no key named on a service": writes("vpc-lattice:UntagResource", f"service/svc-{ZEROS}", {}),
    "no key named on a load balancer": writes("elasticloadbalancing:RemoveTags", BALANCER, {}),
}
"""What the writer of OURS must not do, each with all right but one thing."""

ELSEWHERE: dict[str, Judged] = {
    "the reader looks at another account's service": lambda s: s.judged(
        "reader", "vpc-lattice:GetService", s.arn("vpc-lattice", f"service/svc-{ZEROS}", STRANGER), {}
    ),
    **{
        f"the reader looks by {action} at what is another account's": lambda s, action=action, tail=tail: s.judged(
            "reader", f"vpc-lattice:{action}", s.arn("vpc-lattice", tail, STRANGER), {}
        )
        for action, tail in {
            "GetAuthPolicy": LATTICES["a service"],
            "GetListener": LATTICES["a listener"],
            "GetRule": f"{LATTICES['a listener']}/rule/rule-{ZEROS}",
            "GetTargetGroup": LATTICES["a target group"],
            "ListTargets": LATTICES["a target group"],
            "GetServiceNetworkServiceAssociation": LATTICES["a service's association"],
            "GetServiceNetworkVpcAssociation": LATTICES["a VPC's association"],
        }.items()
    },
    "the reader looks at another network": lambda s: s.judged(
        "reader", "vpc-lattice:GetServiceNetwork", s.networks[THEIRS], {}
    ),
    "the reader looks at what else an account keeps": lambda s: s.judged(
        "reader", "ssm:GetParameter", s.arn("ssm", "parameter/production/password"), {}
    ),
    **{
        f"the reader looks into another hosted zone by {action}": zone("reader", action, "Z0000000000000", {})
        for action in ("GetHostedZone", "ListResourceRecordSets")
    },
    "the reader asks what another role may do": lambda s: s.judged(
        "reader", "iam:GetRolePolicy", f"arn:aws:iam::{TEAM}:role/platform", {}
    ),
    "the forwarder rings another bus": lambda s: s.judged("forwarder", "events:PutEvents", bus(THEIRS), {}),
    "the sweep rings another bus": lambda s: s.judged("sweep", "events:PutEvents", bus(OURS), {}),
    "the sweep fills another queue": lambda s: s.judged(
        "sweep", "sqs:SendMessage", s.arn("sqs", f"onramp-{THEIRS}--member-dead-letters"), {}
    ),
    "the intake takes another table's lease": function("intake", "dynamodb:UpdateItem", "dynamodb", "table/other"),
    "the intake starts another machine": function("intake", "states:StartExecution", "states", "stateMachine:other"),
    **{
        f"the intake asks {action} of another queue": function(
            "intake", f"sqs:{action}", "sqs", f"onramp-{OURS}--dead-letters"
        )
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    },
    "the intake reads a queue under another key": by_way_of("sqs", "intake", "Decrypt", OTHER_KEY),
    "the intake uses the queue's key by itself": by_way_of("lambda", "intake", "Decrypt"),
    "the plan becomes another role": function("plan", "sts:AssumeRole", "iam", "role/AdministratorAccess"),
    "the apply becomes another role": function("apply", "sts:AssumeRole", "iam", "role/AdministratorAccess"),
    "the apply shares another share": lambda s: s.judged(
        "apply", "ram:AssociateResourceShare", s.shares[THEIRS], {"ram:Principal": TEAM}
    ),
    "the apply shares with a stranger": shares("Associate", STRANGER),
    "the apply shares with the whole organisation": shares("Associate", ORGANIZATION_ARN, by=WIDE),
    "the apply shares with a unit": shares("Associate", UNIT_ARN, by=WIDE),
    "the apply puts another network into its share": shares("Associate", "", THEIRS),
    "the apply puts another network into its share beside a member": shares("Associate", TEAM, THEIRS),
    "the apply puts its own network into its share": shares("Associate", "", OURS),
    "the apply takes its own network out of its share": shares("Disassociate", "", OURS),
    "the apply takes another network out of its share beside a member": shares("Disassociate", TEAM, THEIRS),
    "the apply unshares another share": lambda s: s.judged(
        "apply", "ram:DisassociateResourceShare", s.shares[THEIRS], {"ram:Principal": TEAM}
    ),
    **{
        f"the apply asks {action} of {what}": opens(network, by_ram=by_ram, action=action)
        for action in ("PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy")
        for what, network, by_ram in (("another network", THEIRS, True), ("its own network past RAM", OURS, False))
    },
    **{
        f"the {role} becomes {what} of {whose}": becomes(role, what, account, organization, path)
        for role, what in (("plan", "reader"), ("apply", "writer"))
        for whose, account, organization, path in (
            ("an account of another organisation", STRANGER, ANOTHER, f"{ANOTHER}/r-ab12/{UNIT}/"),
            ("an account of another organisation that calls its units alike", STRANGER, ANOTHER, PATH),
            ("an account of another unit", OUTSIDE, ORGANIZATION, ASIDE),
        )
    },
    "the report writes another table": function("report", "dynamodb:UpdateItem", "dynamodb", "table/other"),
    "the report rings another bus": function("report", "events:PutEvents", "events", "event-bus/default"),
    **{
        f"the {role} asks {action} of {what}": shelves(role, action, *where)
        for role, action in (
            ("plan", "GetItem"),
            ("plan", "PutItem"),
            ("report", "GetItem"),
            ("report", "PutItem"),
            ("report", "DeleteItem"),
            ("watch", "PutItem"),
        )
        for what, where in {
            "another table": (f"{TEAM}/0123456789abcdef", "other"),
            "an account's own item": (TEAM,),
        }.items()
    },
    "the plan reads what an account's run left": shelves("plan", "GetItem", TEAM, asked=some("summary")),
    "the plan reads when an item of another table rang": shelves("plan", "GetItem", TEAM, "other", some("rung_at")),
    "the writer logs a service of another account": writes(
        "vpc-lattice:CreateAccessLogSubscription", f"service/svc-{ZEROS}", {REQUESTED: OURS}, account=STRANGER
    ),
    "the writer logs a service, by what bears no mark": writes(
        "vpc-lattice:CreateAccessLogSubscription", f"service/svc-{ZEROS}", {}
    ),
    "the watch writes another table": function("watch", "dynamodb:UpdateItem", "dynamodb", "table/other"),
    **{
        f"an operator asks {action} of another machine": function("operator", f"states:{action}", "states", tail)
        for action, tail in {
            "ListExecutions": "stateMachine:other",
            "GetExecutionHistory": "execution:other:one",
        }.items()
    },
    "the watch reads another table": function("watch", "dynamodb:Scan", "dynamodb", "table/other"),
    "the watch rings another bus": function("watch", "events:PutEvents", "events", "event-bus/default"),
    "the plan reads another permission": function("plan", "ram:GetPermission", "ram", "permission/other", WIDE),
    **{
        f"{who} reads another table": function(role, "dynamodb:Scan", "dynamodb", "table/other")
        for who, role in (("an operator", "operator"), ("an approver", "approver"))
    },
    **{
        f"an operator examines {what} by {action}": function("operator", f"{service}:{action}", service, tail)
        for what, service, actions, tail in (
            ("another network", "vpc-lattice", ("GetServiceNetwork", "GetAuthPolicy"), f"servicenetwork/sn-{ZEROS}"),
            ("another function", "lambda", ("GetFunctionConfiguration", "ListTags"), f"function:onramp-{THEIRS}-plan"),
            ("another bus", "events", ("DescribeEventBus",), "event-bus/default"),
            ("another queue", "sqs", ("GetQueueUrl", "GetQueueAttributes"), f"onramp-{THEIRS}"),
        )
        for action in actions
    },
    **{
        f"{who} says {what}": says(role, word, source, where)
        for who, role, own in (("an operator", "operator", "Look"), ("an approver", "approver", "Approve"))
        for what, word, source, where in (
            ("it on another bus", own, "lattice.onramp", "default"),
            ("it in AWS's name", own, "aws.tag", f"onramp-{OURS}"),
            ("what is the other's", {"Look": "Approve", "Approve": "Look"}[own], "lattice.onramp", f"onramp-{OURS}"),
        )
    },
    "the watch writes to other people": function("watch", "sns:Publish", "sns", f"onramp-{THEIRS}"),
    **{
        f"the watch asks {action} {what}": by_way_of(via, "watch", action, key)
        for action in ("Decrypt", "GenerateDataKey")
        for what, via, key in (
            ("for a topic under another key", "sns", OTHER_KEY),
            ("of the topic's key by itself", "lambda", ""),
        )
    },
    **{
        f"the {role} asks after another machine's run": function(
            role, "states:DescribeExecution", "states", "execution:other:one"
        )
        for role in ("intake", "watch", "operator")
    },
    **{
        f"the {role} uses the {what}, by {action}": by_way_of(via, role, action, key)
        for role in ("intake", "plan", "report", "watch", "operator", "approver")
        for action in ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
        for what, key, via in (("table's key by itself", "", "s3"), ("table with another key", OTHER_KEY, "dynamodb"))
    },
    "the machine calls another function": function(
        "reconcile", "lambda:InvokeFunction", "lambda", f"function:onramp-{THEIRS}-plan"
    ),
    **{
        f"the {role} writes another's log, by {action}": function(
            role, f"logs:{action}", "logs", f"log-group:/aws/lambda/onramp-{THEIRS}-{role}:log-stream:one"
        )
        for action in ("CreateLogStream", "PutLogEvents")
        for role in ("intake", "plan", "apply", "report", "watch")
    },
}
"""Things of the kind that a role has to do with, but not its own."""


def account_of(role: str) -> str:
    return TEAM if role in MEMBERS else OWN


def assumed_for(service: str, role: str, account: str) -> Judged:
    """An AWS service takes a role of OURS for something of `account`."""
    return lambda s: s.cloud.iam.trusts(
        member_role(role, account=account_of(role)), Caller(account, s.cloud.region, "", service=service)
    )


QUEUE, LETTERS = f"onramp-{OURS}", f"onramp-{OURS}--dead-letters"
MEMBERS_LETTERS = f"onramp-{OURS}--member-dead-letters"
TLS = "aws:SecureTransport"
EVENTS, CLOUDWATCH = "events.amazonaws.com", "cloudwatch.amazonaws.com"


def queued(policy: str, queue: str, account: str, rule: str, owner: str, service: str = EVENTS) -> Judged:
    """A service brings to a queue of `account` what a rule of `owner` matched: one of that name, or of our stack's."""

    def judged(s: Scene) -> Decision:
        stack = f"onramp-{OURS}" if account == OWN else f"onramp-{OURS}-member"
        ours = s.cloud.stacks.stack(account, stack).resources.get(rule)
        source = ours.made.attributes["Arn"] if ours else s.arn("events", f"rule/{rule}", owner)
        given = s.policy(policy, account=account)
        arn = s.arn("sqs", queue, account)
        return s.served(service, owner, "sqs:SendMessage", arn, given, {"aws:SourceArn": source})

    return judged


def alarmed(alarm: str, account: str, network: str = OURS, service: str = CLOUDWATCH) -> Judged:
    """A service publishes an alarm of `account` to the topic."""
    return lambda s: s.served(
        service,
        account,
        "sns:Publish",
        s.arn("sns", f"onramp-{network}", OWN),
        s.policy("NoticesPolicy", network),
        {"aws:SourceArn": s.arn("cloudwatch", f"alarm:{alarm}", account)},
    )


def decrypted(alarm: str, service: str) -> Judged:
    """A service uses the topic's key for an alarm of the network account; '' is one that KMS is not told of."""
    return lambda s: s.served(
        service,
        OWN,
        "kms:Decrypt",
        s.cloud.stacks.stack(OWN, f"onramp-{OURS}").resources["NoticesKey"].made.attributes["Arn"],
        s.policy("NoticesKey"),
        {"aws:SourceArn": s.arn("cloudwatch", f"alarm:{alarm}", OWN)} if alarm else {},
    )


def in_plain(policy: str, service: str, action: str, tail: str, account: str, network: str = OURS) -> Judged:
    """The account's owner speaks to its own resource, without TLS."""
    return lambda s: s.cloud.iam.allows(
        owner(account),
        action,
        s.arn(service, tail, account),
        {TLS: "false"},
        [s.policy(policy, network, account)],
    )


def bus_policy(scene: Scene, network: str) -> str:
    return str(scene.cloud.client("events", OWN).describe_event_bus(Name=f"onramp-{network}")["Policy"])


def calls(network: str, keys: Context) -> Judged:
    """Somebody of a stranger's account calls through a network, by its auth policy."""
    return lambda s: s.cloud.iam.allows(
        owner(STRANGER),
        "vpc-lattice-svcs:Invoke",
        s.arn("vpc-lattice", f"service/svc-{ZEROS}/orders", TEAM),
        keys,
        [s.policy("NetworkAuthPolicy", network)],
    )


UNINVITED: dict[str, Judged] = {
    "a stranger's VPC calls": calls(OURS, {"vpc-lattice-svcs:SourceVpcOwnerAccount": STRANGER}),
    "who signs as of another organisation calls": calls(WIDE, {"aws:PrincipalOrgID": ANOTHER}),
    "who signs as of another unit calls": calls(
        WIDE, {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalOrgPaths": [ASIDE]}
    ),
    "an alarm of another unit that is called like a member's": alarmed(
        f"onramp-{WIDE}--member-dead-letters", OUTSIDE, WIDE
    ),
    "an account of another organisation that calls its units alike rings": lambda s: s.cloud.iam.allows(
        owner(STRANGER),
        "events:PutEvents",
        bus(WIDE),
        {"aws:PrincipalOrgID": ANOTHER, "aws:PrincipalOrgPaths": [PATH]},
        [bus_policy(s, WIDE)],
    ),
    "an account of another unit rings": lambda s: s.cloud.iam.allows(
        owner(OUTSIDE), "events:PutEvents", bus(WIDE), {}, [bus_policy(s, WIDE)]
    ),
    "a stranger's rule fills the queue": queued("QueuePolicy", QUEUE, OWN, "ring", STRANGER),
    "a stranger's rule fills the dead letters": queued("DeadLettersPolicy", LETTERS, OWN, "ring", STRANGER),
    "another rule of the account fills the queue": queued("QueuePolicy", QUEUE, OWN, "ring", OWN),
    "another rule of the account fills the dead letters": queued("DeadLettersPolicy", LETTERS, OWN, "ring", OWN),
    "another service fills the dead letters": queued(
        "DeadLettersPolicy", LETTERS, OWN, "Triggers", OWN, "sns.amazonaws.com"
    ),
    "the dead letters are read without TLS": in_plain("DeadLettersPolicy", "sqs", "sqs:ReceiveMessage", LETTERS, OWN),
    "another service fills the queue": queued("QueuePolicy", QUEUE, OWN, "Triggers", OWN, "sns.amazonaws.com"),
    "a stranger's rule fills a member's dead letters": queued(
        "DeadLettersPolicy", MEMBERS_LETTERS, TEAM, "ring", STRANGER
    ),
    "another rule of the member fills its dead letters": queued(
        "DeadLettersPolicy", MEMBERS_LETTERS, TEAM, "ring", TEAM
    ),
    "another service fills a member's dead letters": queued(
        "DeadLettersPolicy", MEMBERS_LETTERS, TEAM, "TagRule", TEAM, "sns.amazonaws.com"
    ),
    "the queue is read without TLS": in_plain("QueuePolicy", "sqs", "sqs:ReceiveMessage", QUEUE, OWN),
    "a member's dead letters are read without TLS": in_plain(
        "DeadLettersPolicy", "sqs", "sqs:ReceiveMessage", MEMBERS_LETTERS, TEAM
    ),
    **{
        f"the topic of {network} is published to without TLS": in_plain(
            "NoticesPolicy", "sns", "sns:Publish", f"onramp-{network}", OWN, network
        )
        for network in (OURS, WIDE)
    },
    **{
        f"{whose} alarm that is called like a member's, at {network}": alarmed(
            f"onramp-{network}--member-dead-letters", account, network, service
        )
        for network in (OURS, WIDE)
        for whose, account, service in (
            ("a stranger's", STRANGER, CLOUDWATCH),
            ("another service's", OWN, "s3.amazonaws.com"),
            ("a member's, by another service, an", TEAM, "s3.amazonaws.com"),
        )
    },
    **{
        f"an alarm of another name of {account}, at {network}": alarmed("payroll", account, network)
        for network in (OURS, WIDE)
        for account in (OWN, TEAM)
    },
    "an alarm of another name takes the topic's key": decrypted("payroll", CLOUDWATCH),
    "another service takes the topic's key": decrypted(f"onramp-{OURS}--runs-failed", "s3.amazonaws.com"),
    "a rule of a stranger's is carried by the forwarder": assumed_for(EVENTS, "forwarder", STRANGER),
    "a schedule of a stranger's rings by the sweep's role": assumed_for("scheduler.amazonaws.com", "sweep", STRANGER),
    "a machine of a stranger's runs by our machine's role": assumed_for("states.amazonaws.com", "reconcile", STRANGER),
    "another service takes the forwarder": assumed_for("lambda.amazonaws.com", "forwarder", TEAM),
    "another service takes the sweep's role": assumed_for(EVENTS, "sweep", TEAM),
    "another service takes the machine's role": assumed_for("lambda.amazonaws.com", "reconcile", OWN),
    **{
        f"a machine takes the role of {role}": assumed_for("states.amazonaws.com", role, OWN)
        for role in ("intake", "plan", "apply", "report", "watch")
    },
    **{
        f"{name} of the network account becomes the {role}": lambda s, role=role, name=name: s.cloud.iam.trusts(
            member_role(role), session(OWN, name)
        )
        for role in ("reader", "writer")
        for name in ("AdministratorAccess", f"onramp-{OURS}-report")
    },
    **{
        f"{account} becomes the {role} of people": lambda s, role=role, account=account: s.cloud.iam.trusts(
            member_role(role, account=OWN), session(account, "AdministratorAccess")
        )
        for role in ("operator", "approver")
        for account in (TEAM, STRANGER)
    },
    "a stranger rings an organisation's bus": lambda s: s.cloud.iam.allows(
        owner(STRANGER), "events:PutEvents", bus(WIDE), {}, [bus_policy(s, WIDE)]
    ),
    # Were it in one of the units, which lets members' roles in whatever they may.
    "a role of the network account that may nothing speaks on an organisation's bus": lambda s: s.cloud.iam.allows(
        session(OWN, "idle"), "events:PutEvents", bus(WIDE), {"aws:PrincipalOrgPaths": [PATH]}, [bus_policy(s, WIDE)]
    ),
    "a stranger rings our bus": lambda s: s.cloud.iam.allows(
        owner(STRANGER), "events:PutEvents", bus(OURS), {}, [bus_policy(s, OURS)]
    ),
}
"""Whom what has a policy of its own must not let in: queues, topic, key, roles, bus."""


ANYWAY, BY_ROW = frozenset(Reading), frozenset({Reading.ROW})

TAKEN: dict[str, tuple[Judged, frozenset[Reading]]] = {
    **{
        f"{action} on nobody's target group": (writes(f"vpc-lattice:{action}", f"targetgroup/tg-{ZEROS}", {}), ANYWAY)
        for action in ("RegisterTargets", "DeregisterTargets")
    },
    **{
        f"{action} on another network's target group": (
            writes(f"vpc-lattice:{action}", f"targetgroup/tg-{ZEROS}", {TAGGED: THEIRS}),
            BY_ROW,
        )
        for action in ("RegisterTargets", "DeregisterTargets")
    },
    **{
        f"{action} on nobody's service": (writes(f"vpc-lattice:{action}", f"service/svc-{ZEROS}", {}), ANYWAY)
        for action in ("PutAuthPolicy", "DeleteAuthPolicy")
    },
    **{
        f"{action} on another network's service": (
            writes(f"vpc-lattice:{action}", f"service/svc-{ZEROS}", {TAGGED: THEIRS}),
            BY_ROW,
        )
        for action in ("PutAuthPolicy", "DeleteAuthPolicy")
    },
    "joining nobody's service to our network": (joins("Service", f"service/svc-{ZEROS}", {REQUESTED: OURS}), ANYWAY),
    "joining another network's service to our network": (
        joins("Service", f"service/svc-{ZEROS}", {REQUESTED: OURS, TAGGED: THEIRS}),
        BY_ROW,
    ),
    "logging nobody's service": (
        writes("vpc-lattice:CreateAccessLogSubscription", f"service/svc-{ZEROS}", {REQUESTED: OURS}),
        ANYWAY,
    ),
    "logging another network's service": (
        writes("vpc-lattice:CreateAccessLogSubscription", f"service/svc-{ZEROS}", {REQUESTED: OURS, TAGGED: THEIRS}),
        BY_ROW,
    ),
    **{
        f"taking our marks off {what} of nobody's": (
            writes("vpc-lattice:UntagResource", where, {"aws:TagKeys": [TAG]}),
            ANYWAY,
        )
        for what, where in LATTICES.items()
    },
    **{
        f"letting go {what} of another network's": (
            writes("vpc-lattice:UntagResource", where, {"aws:TagKeys": [TAG], TAGGED: THEIRS}),
            BY_ROW,
        )
        for what, where in LATTICES.items()
    },
    # Asked of the new thing's own ARN alone, and no key tells whose the service is.
    "a listener on another network's service": (
        writes("vpc-lattice:CreateListener", f"service/svc-{ZEROS}/listener/listener-{ZEROS}", {REQUESTED: OURS}),
        ANYWAY,
    ),
    "a rule on another network's listener": (
        writes(
            "vpc-lattice:CreateRule",
            f"service/svc-{ZEROS}/listener/listener-{ZEROS}/rule/rule-{ZEROS}",
            {REQUESTED: OURS},
        ),
        ANYWAY,
    ),
    "marking nobody's service as ours": (
        writes("vpc-lattice:TagResource", f"service/svc-{ZEROS}", {REQUESTED: OURS, "aws:TagKeys": [TAG]}),
        ANYWAY,
    ),
}
"""What IAM cannot keep the writer from without stopping it where AWS sends less, and by which reading that is so."""


def try_everything(scene: Scene, reading: Reading = Reading.UNITED) -> Iterator[str]:
    """Try one thing after the other that must be refused; says what it was that has just been tried."""
    calls: dict[str, Deed] = {name: deed for table in (NEVER, CROSSING) for name, (_, deed) in table.items()}
    calls |= {f"the reader: {action}": deed for action, deed in WRITES.items()}
    for action, change in CHANGES.items():
        for whose in guarded(action, reading):
            calls[f"the writer: {action} on {whose}"] = lambda s, change=change, whose=whose: change(s, whose)
    for name, deed in calls.items():
        refused(lambda deed=deed: deed(scene))
        yield name
    for name, judged in {**ALONE, **ELSEWHERE, **UNINVITED}.items():
        judged(scene)
        yield name


def guarded(action: str, reading: Reading = Reading.UNITED) -> list[str]:
    """Whose things IAM keeps the writer from changing so."""
    if not action.endswith(UNLISTED):
        return OTHERS
    return ["theirs"] if reading is Reading.UNITED else []
