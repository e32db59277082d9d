"""Who may do what, and what for: plays every story, holds each decision of IAM against the roles' policies, and
writes what came out to docs/permissions.md (`python -m tests.templates.permissions`).
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from msgspec.structs import replace
from onramp.aws import doctor
from onramp.aws.account import Account
from onramp.aws.eyes import Eyes
from onramp.core.backoff import STORMY
from onramp.core.policy import Context, Document, evaluate

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.caller import Caller
from localcloud.ground.journal import CallRecord, EventRecord, Record
from localcloud.ground.moto import next_id
from replay.play import play_story, sweep
from replay.stage import deploy
from replay.story import ROOT, STORIES, World, load_story, story_names
from replay.telling import Options
from tests.logs import open_log_group
from tests.stories.certified import certified
from tests.templates.conditions import told
from tests.templates.questions import Question
from tests.templates.readings import judged

REPORT = ROOT / "docs" / "permissions.md"

ROLES = {
    "intake": "turns events into runs",
    "plan": "reads one account and says what must change",
    "apply": "does the steps of one batch",
    "report": "says what came out, and lets the account go",
    "watch": "sends the event for who is owed a look, and writes to people",
    "reconcile": "the state machine's own",
    "operator": "people read the inventory and examine the deployment by it, ask for a look, hold and release",
    "approver": "people approve and reject by it",
    "forwarder": "a member's rules forward events to the network account by it",
    "sweep": "a member's schedule sends an event by it every hour",
    "reader": "the plan function looks at a member by it",
    "writer": "the apply function changes a member by it",
}
"""What a role's name ends with, and whose it is."""

MEMBERS = ("forwarder", "sweep", "reader", "writer")
"""Those of member.yaml; the others are template.yaml's."""

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})

FUNCTIONS = ("intake", "plan", "apply", "report", "watch")

_XRAY = "X-Ray segments go out beside the function (`Tracing: Active`); no call of ours"
_POLICY = "RAM may ask it of whoever shares a network; whether it does is not established (facts 24)"
_DELIVERY = "Step Functions asks it when the machine's logging is set up; no call of ours"
_NOTICE = "SNS encrypts a notice with the publisher's rights"
_TABLE = "with KeyArn only: DynamoDB asks it of whoever uses the table"
_DIGESTED = "of an account that has joined some hundreds of things; fewer are in its item"
_QUEUE = "with KeyArn only: Lambda's poller decrypts the queue's messages by this role"
_UNDELIVERED = "Scheduler puts what it could not deliver in the dead-letter queue by this role"
_REACHES = "read to tell whether a request gets through, as far as it is known"
_NAMES = "read of a certificate with more names than a list tells, and of one that is shown where TLS passes through"
_SHARES = "with `lattice:weight = theirs`, once more before an action is changed; no story has a tool that sets shares"
_DELIVERIES = "Lattice's guide names it with the others; AWS's reference does not, nor does a call of ours need it"
_SUBNETS = "AWS's own handler asks it for targets, and does not say for which; no call of ours is known to need it"
_SAMPLING = "Step Functions asks X-Ray itself which runs to trace"

LOG_DELIVERY = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)


type Granted = tuple[str, str, str]
"""Role, Sid and action."""


def _for(roles: tuple[str, ...], sid: str, service: str, actions: tuple[str, ...], reason: str) -> dict[Granted, str]:
    return {(role, sid, f"{service}:{action}"): reason for role in roles for action in actions}


_TABLE_KEY = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
_SHARING = ("PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy")

EXPLAINED: dict[Granted, str] = {
    **_for((*FUNCTIONS, "reconcile"), "Trace", "xray", ("PutTraceSegments", "PutTelemetryRecords"), _XRAY),
    **_for(("reconcile",), "Sample", "xray", ("GetSamplingRules", "GetSamplingTargets"), _SAMPLING),
    **_for(("reconcile",), "Log", "logs", LOG_DELIVERY, _DELIVERY),
    **_for(("apply",), "ShareByPolicy", "vpc-lattice", _SHARING, _POLICY),
    **_for(("watch",), "NoticeKey", "kms", ("GenerateDataKey", "Decrypt"), _NOTICE),
    **_for(("intake", "plan", "report", "watch", "operator", "approver"), "TableKey", "kms", _TABLE_KEY, _TABLE),
    **_for(("watch",), "Digested", "dynamodb", ("PutItem",), _DIGESTED),
    **_for(("intake",), "QueueKey", "kms", ("Decrypt",), _QUEUE),
    **_for(("reader",), "Lists", "elasticloadbalancing", ("DescribeListenerCertificates",), _REACHES),
    **_for(("reader",), "Certificates", "acm", ("DescribeCertificate",), _NAMES),
    **_for(("writer",), "LogDelivery", "logs", ("ListLogDeliveries",), _DELIVERIES),
    **_for(("writer",), "Look", "ec2", ("DescribeSubnets",), _SUBNETS),
    **_for(("writer",), "ChangeOurs", "vpc-lattice", ("GetListener", "GetRule"), _SHARES),
    **_for(("sweep",), "DeadLetters", "sqs", ("SendMessage",), _UNDELIVERED),
}
"""Why something is granted though no story asks for it."""


class Grant(NamedTuple):
    """A statement of a role's policy, as deployed; `patterns` are its resources as a Use spells them.

    `where` says in which deployments it stands so: '' for all of them.
    """

    role: str
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any]
    patterns: tuple[str, ...]
    where: str = ""


class Use(NamedTuple):
    """A statement's action, or its resource, that was needed."""

    role: str
    sid: str
    what: str


class Asked(NamedTuple):
    """One decision of IAM on a role of the product."""

    story: str
    role: str
    action: str
    resource: str
    allowed: bool


@dataclass
class Evidence:
    """What all stories together show.

    `uses`: what of a statement was needed -> the stories, in the order in which they were played. `questions`: every
    question to IAM, once, and whether it was allowed. `asked`: every decision on a role of the product.
    `calls`: every call by a role of the product, with its story. `events`: every event on a default bus.
    """

    uses: dict[Use, list[str]] = field(default_factory=dict)
    questions: dict[Question, bool] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    calls: list[tuple[str, CallRecord]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    trusts: dict[str, str] = field(default_factory=dict)
    unmet: list[str] = field(default_factory=list)
    unenforced: set[str] = field(default_factory=set)
    story: str = ""

    def hear(self, record: Record, cloud: LocalCloud) -> None:
        """Keep what a journal is told."""
        if not cloud.enforce_iam:
            self.unenforced.add(self.story)
        if isinstance(record, CallRecord) and kind_of(record.role):
            self.calls.append((self.story, record))
        if isinstance(record, EventRecord) and record.bus.endswith("/default"):
            self.events.append(record.event)

    def decide(self, question: Question, allowed: bool) -> None:
        """Keep a question to IAM and its answer, and which parts of the role's policies it needed."""
        self.questions.setdefault(question, allowed)
        role = kind_of(question.role)
        if not role or question.trust:
            return
        self.asked.append(Asked(self.story, role, question.action, question.resource, allowed))
        for sid, what in _needed(question):
            stories = self.uses.setdefault(Use(role, sid, what), [])
            if self.story not in stories:
                stories.append(self.story)


def kind_of(role: str) -> str:
    """`reader` of `onramp-NETWORK-reader`; '' for a role that is not the product's."""
    kind = role.rpartition("-")[2]
    return kind if role.startswith("onramp-") and kind in ROLES else ""


def needed(policies: Iterable[Document], action: str, resource: str, keys: Context) -> Iterator[tuple[str, str]]:
    """(Sid, action) and (Sid, resource pattern) of every statement that allows this, each by itself."""
    for statement in statements(policies):
        for pattern in _list(statement["Resource"]):
            alone = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": pattern}]}
            if evaluate([alone], action, resource, keys).allowed:
                yield statement["Sid"], action
                yield statement["Sid"], _id_of(pattern)


@cache
def _needed(question: Question) -> tuple[tuple[str, str], ...]:
    return tuple(needed(question.identity, question.action, question.resource, question.keys))


def statements(policies: Iterable[Document]) -> Iterator[dict[str, Any]]:
    for policy in policies:
        document = json.loads(policy) if isinstance(policy, str) else policy
        yield from _list(document["Statement"])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _id_of(pattern: str) -> str:
    """A resource pattern without account, region and drawn ids, so that it is the same in every cloud."""
    return re.sub(r"\d{12}", "ACCOUNT", re.sub(r"sn-[0-9a-z]{17}|[0-9a-f-]{36}", "ID", pattern))


# --- deeds: what the product does that no story of events/ shows


class Deeds:
    """The walk-through's world with the product in it, and what people and misfortune do there."""

    def __init__(self, cloud: LocalCloud, world: World) -> None:
        if world.network is None:
            raise ValueError("the world has no network")
        self.cloud = cloud
        self.network = world.network
        self.client = next(account for account in world.accounts if account.id == self.network.account)
        self.team = next(account for account in world.accounts if account.load_balancers)
        self.vpc = self.client.vpcs[0].id
        self.service = self.team.load_balancers[0].name
        self.elb = cloud.client("elbv2", self.team.id)
        self.ec2 = cloud.client("ec2", self.client.id)
        self.lattice = cloud.client("vpc-lattice", self.team.id)
        found = self.elb.describe_load_balancers()["LoadBalancers"]
        self.balancer = found[0]

    def _tag(self, balancer: str, **values: str) -> None:
        tags = [{"Key": f"lattice:{key}", "Value": value} for key, value in values.items()]
        self.elb.add_tags(ResourceArns=[balancer], Tags=tags)

    def _tag_vpc(self, key: str, value: str) -> None:
        self.ec2.create_tags(Resources=[self.vpc], Tags=[{"Key": f"lattice:{key}", "Value": value}])

    def opt_in(self) -> None:
        self._tag_vpc("network", self.network.name)
        balancer = self.balancer["LoadBalancerArn"]
        self._tag(balancer, network=self.network.name, service=self.service, listen="HTTP:80")

    def another_port(self) -> None:
        self._tag(self.balancer["LoadBalancerArn"], listen="HTTP:8080")

    def second_balancer(self) -> None:
        made = self.elb.create_load_balancer(
            Name="second",
            Scheme="internal",
            Subnets=[zone["SubnetId"] for zone in self.balancer["AvailabilityZones"]],
            SecurityGroups=self.balancer["SecurityGroups"],
        )["LoadBalancers"][0]["LoadBalancerArn"]
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        self.elb.create_listener(LoadBalancerArn=made, Protocol="HTTP", Port=80, DefaultActions=[answer])
        self.cloud.clock.advance(self.cloud.balancer_seconds)
        self._tag(made, network=self.network.name, service=self.service, listen="HTTP:8080")

    def _second(self) -> str:
        found = self.elb.describe_load_balancers(Names=["second"])["LoadBalancers"]
        return str(found[0]["LoadBalancerArn"])

    def ruled(self) -> None:
        self._tag(self._second(), **{"path-prefix": "/api", "priority": "7"})

    def another_rule(self) -> None:
        self._tag(self._second(), **{"path-prefix": "/v2", "priority": "7"})

    def no_rule(self) -> None:
        self.elb.remove_tags(
            ResourceArns=[self._second()], TagKeys=[f"lattice:{key}" for key in ("path-prefix", "priority")]
        )

    def by_addresses(self) -> None:
        """The load balancer's security group admits Lattice by its addresses, and not by its prefix list."""
        ec2 = self.cloud.client("ec2", self.team.id)
        for group in self.balancer["SecurityGroups"]:
            [there] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
            ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=there["IpPermissions"])
            rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "IpRanges": [{"CidrIp": "169.254.171.0/24"}]}
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
        self.hourly()

    def other_clients(self) -> None:
        self._tag_vpc("allow-from", "10.1.34.0/24")

    def taken_back(self) -> None:
        """The owners take back what a run made, and hand it over anew."""
        release, adopt = {"lattice-onramp:release": "yes"}, {"lattice-onramp:adopt": "yes"}
        lattice = self.cloud.client("vpc-lattice", self.client.id)
        [client] = lattice.list_service_network_vpc_associations(vpcIdentifier=self.vpc)["items"]
        asked = {"serviceNetworkVpcAssociationIdentifier": client["arn"]}
        [group] = lattice.get_service_network_vpc_association(**asked)["securityGroupIds"]
        service = self._ours()
        there = self.lattice.get_service(serviceIdentifier=service)["arn"]
        joined = self.lattice.list_service_network_service_associations(serviceIdentifier=service)["items"]
        groups = self.lattice.list_target_groups()["items"]
        arns = [there, *(one["arn"] for one in joined), *(one["arn"] for one in groups)]
        self.lattice.tag_resource(resourceArn=there, tags=release)
        lattice.tag_resource(resourceArn=client["arn"], tags=release)
        self.cloud.settle()
        for client_of, arn in [*((self.lattice, arn) for arn in arns), (lattice, client["arn"])]:
            client_of.untag_resource(resourceArn=arn, tagKeys=list(release))
            client_of.tag_resource(resourceArn=arn, tags=adopt)
        self.ec2.delete_tags(Resources=[group], Tags=[{"Key": key} for key in release])
        self.ec2.create_tags(Resources=[group], Tags=[{"Key": key, "Value": text} for key, text in adopt.items()])

    def own_groups(self) -> None:
        groups = self.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])
        default = next(one["GroupId"] for one in groups["SecurityGroups"] if one["GroupName"] == "default")
        self._tag_vpc("security-groups", default)

    def own_policy(self) -> None:
        everybody = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
        self.cloud.client("ssm", self.team.id).put_parameter(
            Name="/lattice-onramp/orders", Value=json.dumps({"Statement": everybody}), Type="String"
        )
        self._tag(self.balancer["LoadBalancerArn"], **{"auth-policy": "/lattice-onramp/orders", "idle-timeout": "300"})

    def log(self) -> None:
        for name in ("/lattice/orders", "/lattice/shop"):
            open_log_group(self.cloud.client("logs", self.team.id), name)
        self._tag(self.balancer["LoadBalancerArn"], log="/lattice/orders")

    def another_log(self) -> None:
        self._tag(self.balancer["LoadBalancerArn"], log="/lattice/shop")

    def no_policy(self) -> None:
        keys = [f"lattice:{key}" for key in ("auth-policy", "idle-timeout", "log", "domain", "certificate", "zone")]
        self.elb.remove_tags(ResourceArns=[self.balancer["LoadBalancerArn"]], TagKeys=keys)
        self._tag(self.balancer["LoadBalancerArn"], listen="HTTP:8080")

    def domain(self) -> None:
        certified(self.cloud, self.team.id, "api.shop.example.jp")
        self._tag(self.balancer["LoadBalancerArn"], domain="api.shop.example.jp", listen="HTTPS:443", zone="auto")

    def another_zone(self) -> None:
        self._tag(self.balancer["LoadBalancerArn"], zone=ZONES["example.jp"])

    def in_its_zone(self) -> None:
        self.cloud.settle()
        self.cloud.clock.advance(1200)  # the watch looks over all accounts meanwhile

    def another_certificate(self) -> None:
        other = certified(self.cloud, self.team.id, "*.shop.example.jp")
        self._tag(self.balancer["LoadBalancerArn"], certificate=other)

    def by_hand(self) -> None:
        """A service that the team made itself asks for the network, and later for nothing."""
        made = self.lattice.create_service(name="by-hand")["arn"]
        self.cloud.settle()
        answer = {"fixedResponse": {"statusCode": 404}}
        self.lattice.create_listener(
            serviceIdentifier=made, name="http", protocol="HTTP", port=80, defaultAction=answer
        )
        for change in (
            lambda: self.lattice.tag_resource(resourceArn=made, tags={"lattice:network": self.network.name}),
            lambda: self.lattice.untag_resource(resourceArn=made, tagKeys=["lattice:network"]),
            lambda: self.lattice.delete_service(serviceIdentifier=made),
        ):
            change()
            self.cloud.settle()

    def drift(self) -> None:
        service = self._ours()
        for listener in self.lattice.list_listeners(serviceIdentifier=service)["items"]:
            self.lattice.delete_listener(serviceIdentifier=service, listenerIdentifier=listener["id"])

    def unheard_drift(self) -> None:
        # Its event is lost, as events may be; by the next sweep the index of tags has forgotten the listener, too.
        with self.cloud.gate.quiet():
            self.drift()
        self.cloud.clock.advance(self.cloud.tagging_lag)
        self.hourly()

    def failure(self) -> None:
        self.cloud.lattice.fail_next("service-association", "SomethingBroke", "it could not be made")
        joined = self.lattice.list_service_network_service_associations(serviceIdentifier=self._ours())["items"]
        self.lattice.delete_service_network_service_association(
            serviceNetworkServiceAssociationIdentifier=joined[0]["id"]
        )

    def _ours(self) -> str:
        services = self.lattice.list_services()["items"]
        return next(str(one["id"]) for one in services if one["name"] == self.service)

    def hourly(self) -> None:
        sweep(self.cloud, self.team.id)

    def storm(self) -> None:
        """It rings and rings: the third run waits until it has ended."""
        for _ in range(3):
            for _ in range(STORMY):
                sweep(self.cloud, self.team.id)
            self.cloud.clock.advance(15)
        self.cloud.settle()

    def _ended_unheard(self) -> None:
        """A run is stopped, and the event of its end is lost."""
        self.cloud.functions.duration = 30.0
        self.hourly()
        self.cloud.clock.advance(20)  # past the queue and the intake, into the first look
        self.cloud.functions.duration = 0.0
        states = self.cloud.client("stepfunctions", self.network.account)
        machine = self.cloud.stacks.physical(self.network.account, f"onramp-{self.network.name}", "Reconcile")
        running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        self.cloud.events.delivery.drop = 1.0
        for execution in running:
            states.stop_execution(executionArn=execution["executionArn"])
        self.cloud.events.delivery.drop = 0.0
        if not running:
            raise LookupError("no run goes on")

    def unheard_end(self) -> None:
        self._ended_unheard()
        self.cloud.clock.advance(200)
        self.hourly()

    def unheard_end_and_no_ring(self) -> None:
        self._ended_unheard()
        self.cloud.clock.advance(900)

    def _as(self, role: str) -> Callable[[str], Any]:
        """Clients of somebody who has taken one of the roles that are made for people."""
        return self._session(role).client  # type: ignore[no-any-return]  # whatever service it is asked for

    def _session(self, role: str) -> Any:
        arn = f"arn:aws:iam::{self.network.account}:role/onramp-{self.network.name}-{role}"
        sts = self.cloud.client("sts", self.network.account)
        given = sts.assume_role(RoleArn=arn, RoleSessionName="somebody")["Credentials"]
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=self.cloud.region,
        )

    def _say(self, role: str, detail_type: str, detail: dict[str, Any]) -> None:
        client = self._as(role)
        client("vpc-lattice").list_service_networks()
        name = f"onramp-{self.network.name}"
        client("dynamodb").scan(TableName=name)
        entry = {"EventBusName": name, "Source": "lattice.onramp", "DetailType": detail_type}
        client("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])

    def operate(self) -> None:
        self._say("operator", "Look", {"account": self.team.id})
        self.cloud.settle()
        states = self._as("operator")("stepfunctions")
        machine = self.cloud.stacks.physical(self.network.account, f"onramp-{self.network.name}", "Reconcile")
        last = states.list_executions(stateMachineArn=machine)["executions"][0]["executionArn"]
        states.describe_execution(executionArn=last)
        states.get_execution_history(executionArn=last)
        nothing = {"account": self.team.id, "name": "nothing-of-the-kind"}
        for detail_type, detail in (("Hold", nothing), ("Unhold", nothing), ("Release", {"account": self.team.id})):
            self._say("operator", detail_type, detail)
            self.cloud.settle()

    def examine(self) -> None:
        """As `onramp doctor` does, which tells what it could not read."""
        session = self._session("operator")
        own, name = Account(session, self.network.account), self.network.name
        [arn] = [it["arn"] for it in own.client("vpc-lattice").list_service_networks()["items"] if it["name"] == name]
        settings = doctor.environment(own, name, "watch")
        found = doctor.deployed(own, name, arn, Eyes({own.account: session}), settings)
        if found.unread or settings is None:
            raise PermissionError(f"an operator may not read {found.unread}")
        # Of one resource it tells what waits in the queue as well.
        sqs = own.client("sqs")
        queue = sqs.get_queue_url(QueueName=f"onramp-{name}")["QueueUrl"]
        sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])

    def answer(self) -> None:
        for detail_type in ("Approve", "Reject"):
            self._say("approver", detail_type, {"id": f"{self.team.id}-0123456789abcdef0123456789abcdef01234567"})

    def forge(self) -> None:
        """Somebody writes an answer on the VPC that none of ours has; it goes, and what can be called comes."""
        self.ec2.create_tags(Resources=[self.vpc], Tags=[{"Key": "lattice-onramp:domain", "Value": "forged"}])
        for _ in range(3):
            sweep(self.cloud, self.client.id)
            self.cloud.clock.advance(1200)

    def mistake(self) -> None:
        self._tag(self.balancer["LoadBalancerArn"], listen="FTP:21")
        self.cloud.clock.advance(1200)

    def opt_out(self) -> None:
        tags = [{"Key": f"lattice:{key}"} for key in ("network", "allow-from", "security-groups")]
        self.ec2.delete_tags(Resources=[self.vpc], Tags=tags)
        for balancer in self.elb.describe_load_balancers()["LoadBalancers"]:
            keys = [f"lattice:{key}" for key in ("network", "service", "listen")]
            self.elb.remove_tags(ResourceArns=[balancer["LoadBalancerArn"]], TagKeys=keys)

    def many(self) -> None:
        """So many services that no state and no item holds them; then they leave, by and by: many at once are held."""
        arns = []
        for number in range(MANY):
            made = self.elb.create_load_balancer(
                Name=f"many-{number}",
                Scheme="internal",
                Subnets=[zone["SubnetId"] for zone in self.balancer["AvailabilityZones"]],
                SecurityGroups=self.balancer["SecurityGroups"],
            )["LoadBalancers"][0]["LoadBalancerArn"]
            answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
            self.elb.create_listener(LoadBalancerArn=made, Protocol="HTTP", Port=80, DefaultActions=[answer])
            self._tag(made, network=self.network.name, listen="HTTP:80")
            arns.append(made)
        for at in range(0, MANY, AT_ONCE):
            self.cloud.settle()
            self.elb.remove_tags(ResourceArns=arns[at : at + AT_ONCE], TagKeys=["lattice:network", "lattice:listen"])


ZONES = {"shop.example.jp": "Z0123456789SHOP", "example.jp": "Z0123456789ROOT"}
"""The team's hosted zones, by name. Both are private."""

MANY, AT_ONCE = 27, 9
"""Services: more than a state of a run has room for, and fewer than the limit of deletions."""

DEEDS: dict[str, Callable[[Deeds], None]] = {
    "both sides opt in": Deeds.opt_in,
    "an answer that somebody forged": Deeds.forge,
    "another port": Deeds.another_port,
    "a second load balancer": Deeds.second_balancer,
    "rules of a service": Deeds.ruled,
    "other rules with the same priorities": Deeds.another_rule,
    "no rules any more": Deeds.no_rule,
    "Lattice admitted by its addresses": Deeds.by_addresses,
    "other clients may call": Deeds.other_clients,
    "owners take back what is theirs, and hand it over": Deeds.taken_back,
    "security groups of the team's own": Deeds.own_groups,
    "a service that is there already, with its tag and without": Deeds.by_hand,
    "a listener deleted by hand": Deeds.drift,
    "a listener deleted by hand, and nobody heard": Deeds.unheard_drift,
    "an association that fails": Deeds.failure,
    "the hourly sweep": Deeds.hourly,
    "more events than are looked at one by one": Deeds.storm,
    "a run ends, nobody hears, and an event comes": Deeds.unheard_end,
    "a run ends, nobody hears, and no event comes": Deeds.unheard_end_and_no_ring,
    "a policy of the team's own, and a longer idle timeout": Deeds.own_policy,
    "an access log": Deeds.log,
    "an access log to elsewhere": Deeds.another_log,
    "a domain of its own": Deeds.domain,
    "clients are put into that zone, which is private": Deeds.in_its_zone,
    "its records in another hosted zone": Deeds.another_zone,
    "clients follow them into that one": Deeds.in_its_zone,
    "another certificate for it": Deeds.another_certificate,
    "none of these any more": Deeds.no_policy,
    "clients are taken out of the zone": Deeds.in_its_zone,
    "infra reads the inventory, and has an account looked at": Deeds.operate,
    "infra examines the deployment": Deeds.examine,
    "infra answers a request": Deeds.answer,
    "a mistake, of which people are mailed": Deeds.mistake,
    "both sides opt out": Deeds.opt_out,
    "many services of one account": Deeds.many,
}
"""A name as the report tells it -> what is done; one after the other in one world, each left to settle."""

WALKTHROUGH = "walkthrough"


# --- gathering


class Gathered(NamedTuple):
    """What all stories show by each reading: the same, but for what IAM is asked.

    `apart`: what it answers otherwise by one of them than by the other. While that is nothing, one play shows both.
    """

    united: Evidence
    by_row: Evidence
    apart: list[str]


def gather() -> Gathered:
    """Play every story and every deed once, and judge them by both readings; takes some seconds each."""
    evidence = Evidence()
    by_row = dataclasses.replace(evidence, uses={}, questions={}, asked=[])
    apart: list[str] = []

    def decide_by_row(question: Question, allowed: bool) -> None:
        by_row.story = evidence.story
        by_row.decide(question, allowed)

    names = [WALKTHROUGH, *(name for name in story_names() if name != WALKTHROUGH)]
    with judged(evidence.decide, decide_by_row, apart.append):
        for name in names:
            evidence.story = name
            result = play_story(load_story(STORIES / name / "story.yaml"), Options(), lambda _: None, evidence.hear)
            evidence.unmet += [f"{name}: {unmet.reason}" for unmet in result.unmet]
        for where in ("", ORGANISED):
            with LocalCloud() as cloud:
                _do(cloud, evidence, where)
    return Gathered(evidence, by_row, apart)


ORGANISED = "in an organisation"
ORGANIZATION, UNIT = "o-a1b2c3d4e5", "ou-ab12-11111111"
PATH = f"{ORGANIZATION}/r-ab12/{UNIT}/*"


def _organise(cloud: LocalCloud, deeds: Deeds) -> dict[str, str]:
    """The team in a unit that may join, the network account outside it; answers the parameters that say so."""
    organization = cloud.organization
    organization.create(deeds.network.account, ORGANIZATION, ram_sharing=True)
    organization.add_unit(UNIT)
    organization.add(deeds.team.id, UNIT)
    return {"OrganizationId": ORGANIZATION, "OrganizationPaths": PATH}


def _do(cloud: LocalCloud, evidence: Evidence, where: str) -> None:
    cloud.journal.hear(lambda record: evidence.hear(record, cloud))
    world = load_story(STORIES / WALKTHROUGH / "story.yaml").script.world
    evidence.story = "deployment"
    worlds.build(cloud, world)
    deeds = Deeds(cloud, world)
    for name, zone in ZONES.items():
        next_id("hosted-zone", zone)
        within = {"VPCRegion": cloud.region, "VPCId": deeds.team.vpcs[0].id}
        private: dict[str, Any] = {"VPC": within, "HostedZoneConfig": {"PrivateZone": True, "Comment": ""}}
        cloud.client("route53", deeds.team.id).create_hosted_zone(Name=name, CallerReference=zone, **private)
    # The stories deploy what is left out by default; here the stack has all that brings permissions of its own.
    key = cloud.client("kms", deeds.network.account).create_key()["KeyMetadata"]["Arn"]
    shares = "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceNetworkReadWrite"
    zones = ",".join(f"arn:aws:route53:::hostedzone/{zone}" for zone in ZONES.values())
    more = {"KeyArn": key, "SharePermissionArn": shares, "HostedZoneArns": zones, "RecordDomains": "shop.example.jp"}
    more |= {"AssociateZones": "on"}
    more |= _organise(cloud, deeds) if where else {}
    # Nothing is kept, so that deletions are among the deeds.
    network = replace(deeds.network, parameters={**deeds.network.parameters, **more, "KeepSeconds": "0"})
    deploy(cloud, network, world.members)
    cloud.trails |= set(world.members)
    cloud.settle()
    before = set(map(_plain, evidence.grants))
    for grant in grants(cloud, deeds):
        if _plain(grant) not in before:
            evidence.grants.append(grant._replace(where=where))
    evidence.trusts |= {role: trust(cloud, deeds, role) for role in ROLES}
    for name, do in DEEDS.items():
        evidence.story = name
        do(deeds)
        cloud.settle()
    for service in cloud.lattice.estate.services:
        evidence.unmet.append(f"deeds: service {service.name} is left")


def _plain(grant: Grant) -> str:
    return json.dumps(grant._replace(where=""))


def grants(cloud: LocalCloud, deeds: Deeds) -> Iterator[Grant]:
    """Every statement of every role, from IAM as it was deployed, with words in place of the story's own names."""
    for role in ROLES:
        for statement in statements(cloud.iam.policies(_of(cloud, deeds, role))):
            yield Grant(
                role=role,
                sid=statement.get("Sid", ""),
                actions=tuple(_list(statement["Action"])),
                resources=tuple(_spelled(_list(statement["Resource"]), _words(cloud, deeds))),
                condition=_spelled(statement.get("Condition", {}), _words(cloud, deeds)),
                patterns=tuple(map(_id_of, _list(statement["Resource"]))),
            )


def trust(cloud: LocalCloud, deeds: Deeds, role: str) -> str:
    """Whom the role's trust policy lets in, and on what condition."""
    found = cloud.iam.role(cloud.iam.role_arn(_of(cloud, deeds, role)))
    if found is None:
        raise LookupError(f"role {role} is not deployed")
    said = []
    for statement in _spelled(list(statements([found.assume_role_policy_document])), _words(cloud, deeds)):
        principals = [f"`{one}`" for names in statement["Principal"].values() for one in _list(names)]
        said.append(" where ".join([", ".join(principals), *_conditions(statement.get("Condition", {}))]))
    return "; ".join(said)


def _of(cloud: LocalCloud, deeds: Deeds, role: str) -> Caller:
    account = deeds.team.id if role in MEMBERS else deeds.network.account
    return Caller(account, cloud.region, "", role=f"onramp-{deeds.network.name}-{role}")


def _words(cloud: LocalCloud, deeds: Deeds) -> dict[str, str]:
    return {
        deeds.team.id: "MEMBER",
        deeds.network.account: "NETWORK_ACCOUNT",
        deeds.network.name: "NAME",
        cloud.region: "REGION",
        PATH: "PATH",
        ORGANIZATION: "ORGANIZATION",
    }


def _spelled(value: Any, words: Mapping[str, str]) -> Any:
    text = json.dumps(value)
    for name, word in words.items():
        text = text.replace(name, word)
    return json.loads(re.sub(r"sn-[0-9a-z]{17}|[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text))


# --- the report


def why(evidence: Evidence, role: str, sid: str, action: str) -> str:
    """What needs this action: a story, a deed, or the reason that stands in its place; '' for nothing."""
    for use, stories in evidence.uses.items():
        if (use.role, use.sid) == (role, sid) and use.what == action:
            return f"story `{stories[0]}`" if stories[0] in story_names() else f"scenario: {stories[0]}"
    return EXPLAINED.get((role, sid, action), "")


def render(evidence: Evidence) -> str:
    """docs/permissions.md."""
    lines = [
        "# Permissions",
        "",
        "What each role of the two templates may do, and what needs it. Written by",
        "`python -m tests.templates.permissions`, which plays every story of `events/` and a few scenarios more on the",
        "local cloud and keeps each decision of its IAM; tests hold this page, the policies and the stories together.",
        "",
        "`NAME` is the network's name, `NETWORK_ACCOUNT` its account, `MEMBER` a member account. A scenario is one of",
        "`tests/templates/permissions.py`. What no story and no scenario needs says why it is granted.",
    ]
    for role, whose in ROLES.items():
        where = "member.yaml" if role in MEMBERS else "template.yaml"
        lines += ["", f"## onramp-NAME-{role}", "", f"`{where}`: {whose}. Assumed by {evidence.trusts[role]}.", ""]
        lines += ["| action | resource | condition | needed by |", "|---|---|---|---|"]
        for grant in (one for one in evidence.grants if one.role == role):
            resources = "<br>".join(f"`{one}`" for one in grant.resources)
            where = [grant.where] if grant.where else []
            condition = "<br>".join([*where, *_conditions(grant.condition)])
            lines += [
                f"| {action} | {resources} | {condition} | {why(evidence, role, grant.sid, action)} |"
                for action in grant.actions
            ]
    return "\n".join([*lines, *told(), ""])


def _conditions(condition: Mapping[str, Any]) -> Iterator[str]:
    for operator, keys in condition.items():
        for key, values in keys.items():
            yield f"{operator} `{key}` = {', '.join(f'`{one}`' for one in _list(values))}"


def main() -> None:
    """Write docs/permissions.md anew."""
    Path(REPORT).write_text(render(gather().united), encoding="utf-8")


if __name__ == "__main__":
    main()
