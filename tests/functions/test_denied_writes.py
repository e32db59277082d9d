"""Each write denied by itself, as by a service control policy: it costs who needs it, and nobody else.

What is told is so, nothing that served stops, nothing is asked again and again, and when the denial goes all comes to
what it would have been, with nothing left over.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.ground.journal import CallRecord
from replay.story import ROOT
from tests.functions.playing import Member
from tests.logs import open_log_group
from tests.place import NETWORK, TEAM, Place
from tests.stories.copies import verdicts

type Handler = Callable[[dict[str, Any]], Any]

WRITER = "onramp-net-writer"
SHARING = frozenset({"AssociateResourceShare", "DisassociateResourceShare"})
"""The network account's own."""

ONLY_ELSEWHERE = {
    "CreateServiceLinkedRole",  # by Lattice, in the course of what is asked of it
    "CreateLogDelivery",  # as that
    "DeleteLogDelivery",
    "UpdateLogDelivery",
    "ChangeResourceRecordSets",  # of a stack that makes records: tests/stories/test_a_domain_of_ones_own.py
    "AssociateVPCWithHostedZone",  # of one that associates zones: tests/stories/test_private_zones.py
    "CreateVPCAssociationAuthorization",
    "DeleteVPCAssociationAuthorization",
    "DisassociateVPCFromHostedZone",
    "UpdateRule",  # of a rule that sends to several, or to another one
    "TagResource",  # of what people made themselves and hand over
    "UntagResource",
}
"""Not asked in this world."""

PARAMETERS = {"/lattice-onramp/orders": "*", "/lattice-onramp/bills": "*"}

ANSWERS = {"AddTags": "load balancer", "RemoveTags": "load balancer", "CreateTags": "VPC", "DeleteTags": "VPC"}
"""What a resource is told by, and which."""


def writes() -> frozenset[str]:
    """All that the writer's role may change, and the network account's own writes about its share."""
    writer = (ROOT / "member.yaml").read_text().partition("-writer\n")[2]
    services = "elasticloadbalancing|ec2|ram|vpc-lattice|route53|iam|logs"
    asked = re.findall(rf"(?:- |Action: |\[|, )(?:{services}):(\w+)(?![\w:])", re.sub(r'".*?"', "", writer))
    asked = [one for one in asked if not one.startswith(("Get", "List", "Describe"))]
    return frozenset(asked) | SHARING


class Phase(NamedTuple):
    """What a member does, after what it did before; `writes`: what is asked of AWS for that; `keeps`: its requests are
    answered before and after.
    """

    before: tuple[Callable[[Member], None], ...]
    does: Callable[[Member], None]
    writes: str
    keeps: bool = True


def asks(member: Member) -> None:
    member.tag(member.balancer, network="net", service="orders", listen="HTTP:80")
    member.tag(member.vpc, network="net", allow_from="10.0.0.0/16")


def asks_for_more(member: Member) -> None:
    asks(member)
    member.tag(member.balancer, auth_policy="/lattice-onramp/orders", log="/lattice/orders")


def changes(member: Member) -> None:
    member.tag(member.balancer, listen="HTTP:80 HTTP:8080", log="/lattice/bills", idle_timeout="120", path_prefix="/")
    member.tag(member.vpc, allow_from="10.0.0.0/16 10.9.0.0/16")


def changes_back(member: Member) -> None:
    member.tag(member.balancer, listen="HTTP:80")
    member.untag(member.balancer, "log", "auth-policy", "idle-timeout", "path-prefix")
    ec2 = member.place.cloud.client("ec2", TEAM)
    anybody: Any = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
    group = ec2.create_security_group(GroupName="its-own", Description="d", VpcId=member.vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=anybody)
    member.untag(member.vpc, "allow-from")
    member.tag(member.vpc, security_groups=group)


def admits_fewer(member: Member) -> None:
    member.tag(member.vpc, allow_from="10.0.0.0/20")


def renames(member: Member) -> None:
    member.tag(member.balancer, service="bills")


def leaves(member: Member) -> None:
    member.untag(member.balancer, "network", "service", "listen", "auth-policy", "log")
    member.untag(member.vpc, "network", "allow-from")


def goes(member: Member) -> None:
    member.untag(member.vpc, "network")


def comes(member: Member) -> None:
    member.tag(member.vpc, network="net")


BEGINS = "CreateTargetGroup CreateService RegisterTargets CreateListener CreateServiceNetworkServiceAssociation AddTags"
JOINS = "CreateSecurityGroup AuthorizeSecurityGroupIngress CreateServiceNetworkVpcAssociation CreateTags"
ENDS = "DeleteServiceNetworkServiceAssociation DeleteListener DeregisterTargets DeleteTargetGroup DeleteService"
PHASES = {
    "begins": Phase(
        (),
        asks_for_more,
        f"AssociateResourceShare AcceptResourceShareInvitation {BEGINS} {JOINS}"
        " CreateAccessLogSubscription PutAuthPolicy UpdateService",
        keeps=False,
    ),
    "changes": Phase(
        (asks_for_more,),
        changes,
        "CreateListener CreateRule UpdateListener UpdateAccessLogSubscription UpdateService"
        " AuthorizeSecurityGroupIngress",
    ),
    "changes back": Phase(
        (asks_for_more, changes),
        changes_back,
        "DeleteListener DeleteRule UpdateListener DeleteAccessLogSubscription UpdateService DeleteAuthPolicy"
        " UpdateServiceNetworkVpcAssociation DeleteSecurityGroup",
    ),
    "admits fewer": Phase((asks,), admits_fewer, "AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress"),
    "is renamed": Phase((asks,), renames, f"{BEGINS} {ENDS}", keeps=False),
    "leaves": Phase(
        (asks_for_more,),
        leaves,
        f"AddTags CreateTags {ENDS} RemoveTags DeleteServiceNetworkVpcAssociation DeleteSecurityGroup DeleteTags"
        " DisassociateResourceShare",
        keeps=False,
    ),
    "comes again": Phase((asks, goes), comes, JOINS, keeps=False),
}


def denial(operation: str) -> Fault:
    account, role = (NETWORK, "*") if operation in SHARING else (TEAM, WRITER)
    return Fault("refuse", operation=operation, account=account, role=role, times=None)


def standing(member: Member) -> list[str]:
    """What the member has, by name, and what stands on its resources."""
    estate = member.place.cloud.lattice.estate
    groups = member.place.cloud.client("ec2", TEAM).describe_security_groups()["SecurityGroups"]
    said = [
        f"{'VPC' if resource == member.vpc else 'load balancer'} says {key}={'*' if key == 'domain' and text else text}"
        for resource, answer in member.answers().items()
        for key, text in answer.items()
    ]
    there = [
        *(f"service {one.name} {one.status} {one.auth_type}" for one in estate.services),
        *(
            f"listener {found.protocol}:{found.port} {len(found.rules)}"
            for one in estate.services
            for found in one.listeners.values()
        ),
        *(f"target group {one.name} {len(one.targets)}" for one in estate.target_groups),
        *(f"association {one.status}" for one in [*estate.service_associations, *estate.vpc_associations]),
        *(f"security group {one['GroupName']} {len(one['IpPermissions'])}" for one in groups),
    ]
    return sorted(said) + sorted(there)


TOUCHES = re.compile("UpdateListener|DeleteListener|Rule|UpdateServiceNetwork|DeleteServiceNetwork|Deregister|Revoke")
"""Changes by which a request could stop."""


class Asking:
    """Asks the services that answer now again after each such change; `failed` is what did not."""

    def __init__(self, member: Member) -> None:
        self.failed: list[str] = []
        self._member = member
        self._cloud = member.place.cloud
        self._domains = [one.domain for one in self._cloud.lattice.estate.services if self._answers(one.domain)]
        self._cloud.journal.hear(self._hear)

    def _answers(self, domain: str) -> bool:
        with self._cloud.gate.quiet():
            return network.request(self._cloud, "10.0.1.10", f"http://{domain}/").status == 200

    def _hear(self, record: Any) -> None:
        if isinstance(record, CallRecord) and record.mutating and TOUCHES.search(record.operation):
            silent = [domain for domain in self._domains if not self._answers(domain)]
            self.failed += [f"{domain} does not answer after {record.operation}" for domain in silent]


def denied_calls(member: Member, since: int) -> list[str]:
    calls = member.place.cloud.journal.of(CallRecord, since)
    return [json.dumps(one.params, sort_keys=True, default=str) for one in calls if one.fault]


class Came(NamedTuple):
    """What is wrong, as the data plane tells; what is told of the first run and of the second; how often the same call
    was denied at most, in each; what stands then; and what stands one run after the denial.
    """

    wrong: list[str]
    told: list[str]
    again: list[str]
    asked: list[str]
    denied: list[str]
    healed: list[str]


def played(phase: Phase, make: Callable[[], Member], arm: Callable[[LocalCloud], None]) -> Came:
    member = make()
    cloud = member.place.cloud
    for deed in phase.before:
        deed(member)
        member.run(judged=False)
    asking = Asking(member) if phase.keeps else None
    arm(cloud)
    phase.does(member)
    news, most = [], []
    for judged in (True, False):
        since = len(cloud.journal)
        news.append([f"{one.code}: {one.resource}: {one.message}" for one in member.run(judged=judged).news])
        calls = denied_calls(member, since)
        most.append(str(max((calls.count(one) for one in calls), default=0)))
    denied = standing(member)
    cloud.faults.clear()
    member.run()
    return Came([*member.wrong, *(asking.failed if asking else ())], *news, most, denied, standing(member))


@pytest.fixture
def make(place: Place, function: Callable[[str], Handler], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Member]:
    for name, value in {"INVITES": "on", "HANDS_HOURS": "0", "QUIET_SECONDS": "0", "KEEP_SECONDS": "0"}.items():
        monkeypatch.setenv(f"ONRAMP_{name}", value)

    def made() -> Member:
        for name, caller in PARAMETERS.items():
            policy = {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": caller, "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}
                ],
            }
            place.cloud.client("ssm", TEAM).put_parameter(Name=name, Value=json.dumps(policy), Type="String")
            open_log_group(place.cloud.client("logs", TEAM), f"/lattice/{name.rpartition('/')[2]}")
        return Member(place, function)

    return made


@pytest.mark.parametrize("name", PHASES)
def test_a_write_that_is_denied_costs_who_needs_it(
    name: str, make: Callable[[], Member], subtests: pytest.Subtests
) -> None:
    undenied: list[Came] = []

    def play(arm: Callable[[LocalCloud], None]) -> list[list[str]]:
        undenied.append(played(PHASES[name], make, arm))
        return list(undenied[0])

    found = verdicts([denial(one) for one in sorted(writes())], play)
    assert undenied[0].told == undenied[0].wrong == []
    assert {one.operation for one in found if isinstance(one, Fault)} == set(PHASES[name].writes.split())
    for fault, verdict in found.items():
        assert isinstance(fault, Fault)
        with subtests.test(fault.operation):
            assert verdict.failed == ""
            assert verdict.struck
            check(fault.operation, Came(*verdict.found), undenied[0])


def check(operation: str, came: Came, undenied: Came) -> None:
    # What is told is so; who may not be told says nothing of it.
    assert [one for one in came.wrong if operation not in ANSWERS or not UNSAID.search(one)] == []
    # Infra is told once, with AWS's words and what to do.
    assert came.told
    assert all(one.startswith("access-denied: ") and f": {operation}: " in one for one in came.told)
    remedy = "let delivery.logs.amazonaws.com write" if operation in TO_LOGS else "grant it to the role, or lift"
    assert all(remedy in one for one in came.told)
    assert came.again == []
    # What is refused is not asked for again in its run, but for rules, which another step puts, too.
    assert int(came.asked[0]) <= (2 if operation == "AuthorizeSecurityGroupIngress" else 1)
    assert int(came.asked[1]) <= 1
    # Who does not need it is where he would be; who does has the reason on his resource.
    for whose in ("load balancer", "VPC"):
        says, would = (
            {one for one in those if one.startswith(f"{whose} says ")} for those in (came.denied, undenied.denied)
        )
        reason = any("access-denied" in one for one in says)
        assert says == would or reason or ANSWERS.get(operation) == whose, whose
    # And nothing is left of it.
    assert came.healed == undenied.healed


TO_LOGS = {"CreateAccessLogSubscription", "UpdateAccessLogSubscription"}
"""What the policy of the log group may refuse as well."""

UNSAID = re.compile(r"says connected and no domain|says \w+ without a domain|says nothing and")


def test_each_write_of_the_writers_role_is_denied_here() -> None:
    denied = {one for phase in PHASES.values() for one in phase.writes.split()}
    assert writes() - denied == ONLY_ELSEWHERE
