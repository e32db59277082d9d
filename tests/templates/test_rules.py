"""The deployed rules carry what rings and none of the noise; the core's parser hears just what they carry."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from onramp.core.japanese.plan import SENTENCES
from onramp.core.language import LANGUAGES, told
from onramp.core.tags import MESSAGE, STATUS, answer_in_any_script
from onramp.core.triggers import (
    CLOUDTRAIL,
    CLOUDTRAIL_SERVICE_EVENT,
    EXECUTION_STATUS,
    PARSERS,
    SWEEP,
    TAG_CHANGE,
    Event,
    Free,
    Ignored,
    Ring,
    parse,
)

from localcloud.ground.patterns import Pattern
from tests.templates.rules import Deployed, forwarding, patterns

NETWORK = "adways-vpc-lattice-network"
OWN, TEAM, STRANGER = "111111111111", "222222222222", "999999999999"
REGION = "ap-northeast-1"
RAM = "Resource Sharing State Change"


def elb(tail: str) -> str:
    return f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:{tail}"


def ec2(tail: str) -> str:
    return f"arn:aws:ec2:{REGION}:{TEAM}:{tail}"


ALB = elb("loadbalancer/app/orders/50dc6c495c0c9188")
VPC = ec2("vpc/vpc-0a1b2c3d4e5f60718")
ECS_SERVICE = f"arn:aws:ecs:{REGION}:{TEAM}:service/svc-cluster/orders"
HANDED_OVER = (
    *(
        f"arn:aws:vpc-lattice:{REGION}:{TEAM}:{tail}0123456789abcdef0"
        for tail in (
            "service/svc-",
            "targetgroup/tg-",
            "servicenetworkserviceassociation/snsa-",
            "servicenetworkvpcassociation/snva-",
        )
    ),
    ec2("security-group/sg-0123456789abcdef0"),
)
LATTICE_SERVICE = f"arn:aws:vpc-lattice:{REGION}:{TEAM}:service/svc-0123456789abcdef0"


def event(
    source: str, detail_type: str, detail: Any, *resources: str, account: str = TEAM, **more: Any
) -> dict[str, Any]:
    """The envelope that each event has (facts 2)."""
    return {
        "version": "0",
        "id": "7d0f2c1e-0000-4000-8000-000000000001",
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": "2026-11-01T12:00:00Z",
        "region": REGION,
        "resources": list(resources),
        "detail": detail,
        **more,
    }


def tagged(resource: str, *keys: str, left: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A tag event: `keys` changed, and `left` is the whole set after it (facts 2.1)."""
    service, kind = resource.split(":")[2], resource.split(":")[5].split("/")[0]
    detail = {
        "changed-tag-keys": list(keys),
        "tags": left if left is not None else dict.fromkeys(keys, NETWORK),
        "service": service,
        "resource-type": kind,
        "version": 3,
    }
    return event("aws.tag", TAG_CHANGE, detail, resource, **more)


def session_of(role: str, account: str = TEAM) -> dict[str, Any]:
    """CloudTrail's userIdentity of a role's session."""
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/somebody",
        "accountId": account,
        "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": account, "userName": role}},
    }


ROOT = {"type": "Root", "principalId": TEAM, "arn": f"arn:aws:iam::{TEAM}:root", "accountId": TEAM}
USER = {"type": "IAMUser", "arn": f"arn:aws:iam::{TEAM}:user/ayumi", "accountId": TEAM, "userName": "ayumi"}
WEB = {**USER, "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}  # the console: a session, no issuer
ADMIN = session_of("AdministratorAccess")
WRITER = session_of(f"onramp-{NETWORK}-writer")
OTHERS_WRITER = session_of("onramp-staging-network-writer")
SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}


def called(
    source: str, name: str, asked: Any = None, *, by: dict[str, Any] = USER, error: str = "", **more: Any
) -> dict[str, Any]:
    """A write call by CloudTrail (facts 2.3 to 2.5)."""
    detail: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": by,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "requestParameters": asked,
        "responseElements": None,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": TEAM,
        "eventCategory": "Management",
        **more,
    }
    if error:
        detail |= {"errorCode": error, "errorMessage": "it was refused"}
    return event(f"aws.{source}", CLOUDTRAIL, detail)


def elb_called(name: str, asked: Any, api: str = "2015-12-01", **more: Any) -> dict[str, Any]:
    return called("elasticloadbalancing", name, asked, apiVersion=api, **more)


def elb_tags(*keys: str) -> dict[str, Any]:
    return {"resourceArns": [ALB], "tags": [{"key": key, "value": NETWORK} for key in keys]}


def ec2_tags(resources: list[str], *keys: str, values: bool = True) -> dict[str, Any]:
    items = [{"key": key, "value": NETWORK} if values else {"key": key} for key in keys]
    return {
        "resourcesSet": {"items": [{"resourceId": one} for one in resources]},
        "tagSet": {"items": items} if items else {},
    }


def lattice_called(name: str, **more: Any) -> dict[str, Any]:
    return called("vpc-lattice", name, {"serviceIdentifier": "svc-0123456789abcdef0"}, **more)


def by_service(name: str) -> dict[str, Any]:
    """What the other party of a shared Lattice object is told (facts 2.5)."""
    detail = {
        "eventSource": "vpc-lattice.amazonaws.com",
        "eventName": name,
        "eventType": "AwsServiceEvent",
        "userIdentity": {"type": "Unknown"},
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"callerAccountId": OWN},
        "recipientAccountId": TEAM,
        "readOnly": False,
    }
    return event("aws.vpc-lattice", CLOUDTRAIL_SERVICE_EVENT, detail)


def shared(what: str, status: str, **more: Any) -> dict[str, Any]:
    share = f"arn:aws:ram:{REGION}:{OWN}:resource-share/7ab63972-0000-4000-8000-000000000001"
    return event("aws.ram", RAM, {"event": what, "status": status}, share, **more)


def swept(network: str, source: str = "lattice.onramp", **more: Any) -> dict[str, Any]:
    return event(source, SWEEP, {"network": network}, **more)


WAITS = {
    language: {
        STATUS: "waiting",
        MESSAGE: answer_in_any_script(told(sentence.format(network=NETWORK, name="orders"), language)),
    }
    for language in LANGUAGES
    for sentence in SENTENCES
    if sentence.startswith("network {network} still holds service ")
}
"""What a sibling's network says on what moves to it."""

RINGS: list[tuple[str, str, dict[str, Any]]] = [
    ("TagRule", "a tag added to a load balancer", tagged(ALB, "lattice:network")),
    ("TagRule", "a tag removed from it", tagged(ALB, "lattice:network", left={"Name": "orders"})),
    ("TagRule", "the last tag removed", tagged(ALB, "lattice:network", left={})),
    ("TagRule", "one of ours among foreign ones", tagged(ALB, "CostCentre", "lattice:listen", "Name")),
    ("TagRule", "ours beside our answer", tagged(ALB, "lattice-onramp:status", "lattice:listen")),
    (
        "TagRule",
        "a network load balancer, to be refused",
        tagged(elb("loadbalancer/net/a/50dc6c495c0c9188"), "lattice:network"),
    ),
    ("TagRule", "a tag added to a VPC", tagged(VPC, "lattice:network")),
    ("TagRule", "a tag removed from a VPC", tagged(VPC, "lattice:network", left={"Name": "app"})),
    ("TagRule", "a tag added to a Lattice service", tagged(LATTICE_SERVICE, "lattice:network")),
    ("TagRule", "a tag removed from a Lattice service", tagged(LATTICE_SERVICE, "lattice:network", left={})),
    *(
        ("TagRule", f"its owner's word on {arn.split(':')[5].partition('/')[0]}", tagged(arn, word))
        for arn in HANDED_OVER
        for word in ("lattice-onramp:adopt", "lattice-onramp:release")
    ),
    *(
        (
            "TagRule",
            f"a sibling that waits for what is here, {language} on {what}",
            tagged(arn, STATUS, MESSAGE, left=said),
        )
        for language, said in WAITS.items()
        for what, arn in {"a load balancer": ALB, "a VPC": VPC}.items()
    ),
    ("TagRule", "a key of tomorrow", tagged(VPC, "lattice:something-new")),
    ("TagRule", "a replayed event", tagged(VPC, "lattice:network", **{"replay-name": "yesterday"})),
    ("LoadBalancerTagCallRule", "AddTags", elb_called("AddTags", elb_tags("lattice:network"))),
    ("LoadBalancerTagCallRule", "AddTags among others", elb_called("AddTags", elb_tags("Name", "lattice:listen"))),
    ("LoadBalancerTagCallRule", "AddTags by a pipeline", elb_called("AddTags", elb_tags("lattice:network"), by=ADMIN)),
    (
        "LoadBalancerTagCallRule",
        "RemoveTags",
        elb_called("RemoveTags", {"resourceArns": [ALB], "tagKeys": ["lattice:network"]}),
    ),
    (
        "LoadBalancerCallRule",
        "CreateLoadBalancer",
        elb_called("CreateLoadBalancer", {"name": "orders", "scheme": "internal"}),
    ),
    ("LoadBalancerCallRule", "DeleteLoadBalancer", elb_called("DeleteLoadBalancer", {"loadBalancerArn": ALB})),
    ("LoadBalancerCallRule", "CreateListener", elb_called("CreateListener", {"loadBalancerArn": ALB, "port": 80})),
    ("LoadBalancerCallRule", "ModifyListener", elb_called("ModifyListener", {"listenerArn": f"{ALB}/1", "port": 81})),
    ("LoadBalancerCallRule", "DeleteListener", elb_called("DeleteListener", {"listenerArn": f"{ALB}/1"})),
    ("LoadBalancerCallRule", "a record without apiVersion", called("elasticloadbalancing", "DeleteLoadBalancer", {})),
    ("LoadBalancerCallRule", "a call that AWS makes itself", elb_called("DeleteListener", {}, by=SERVICE)),
    (
        "VpcTagCallRule",
        "CreateTags",
        called("ec2", "CreateTags", ec2_tags(["vpc-0a1b2c3d4e5f60718"], "lattice:network")),
    ),
    (
        "VpcTagCallRule",
        "CreateTags on more than a VPC",
        called("ec2", "CreateTags", ec2_tags(["subnet-1", "vpc-2"], "lattice:network")),
    ),
    (
        "VpcTagCallRule",
        "DeleteTags without a value",
        called("ec2", "DeleteTags", ec2_tags(["vpc-2"], "lattice:network", values=False)),
    ),
    ("VpcTagCallRule", "DeleteTags that removes all", called("ec2", "DeleteTags", ec2_tags(["vpc-2"]))),
    ("VpcCallRule", "CreateVpc", called("ec2", "CreateVpc", {"cidrBlock": "10.0.0.0/16"})),
    ("VpcCallRule", "DeleteVpc", called("ec2", "DeleteVpc", {"vpcId": "vpc-2"}, by=ADMIN)),
    ("DriftRule", "a user deletes a service", lattice_called("DeleteService")),
    ("DriftRule", "a user of the console does", lattice_called("DeleteService", by=WEB)),
    ("DriftRule", "the root does", lattice_called("DeleteService", by=ROOT)),
    ("DriftRule", "a role does", lattice_called("DeleteListener", by=ADMIN)),
    ("DriftRule", "another network's writer does", lattice_called("DeleteListener", by=OTHERS_WRITER)),
    ("DriftRule", "an update", lattice_called("UpdateListener")),
    ("DriftRule", "an update of the association", lattice_called("UpdateServiceNetworkVpcAssociation")),
    ("DriftRule", "rules updated at once", lattice_called("BatchUpdateRule")),
    ("DriftRule", "targets taken out", lattice_called("DeregisterTargets")),
    ("DriftRule", "our tag taken off", lattice_called("UntagResource")),
    (
        "DriftRule",
        "the network's owner ends a service's association",
        by_service("DeleteServiceNetworkServiceAssociationByOwner"),
    ),
    (
        "DriftRule",
        "the network's owner ends a client's association",
        by_service("DeleteServiceNetworkVpcAssociationByOwner"),
    ),
    ("SharingRule", "a share is associated", shared("Resource Share Association", "associated")),
    ("SharingRule", "a share is ended", shared("Resource Share Association", "disassociated")),
    ("SharingRule", "an invitation", shared("Resource Share Invitation", "pending")),
    ("SharingRule", "a value of tomorrow", shared("Something Else", "changed")),
    (
        "SharingRule",
        "a person accepts",
        called("ram", "AcceptResourceShareInvitation", {"resourceShareInvitationArn": "arn"}),
    ),
    ("SharingRule", "a role accepts", called("ram", "AcceptResourceShareInvitation", {}, by=ADMIN)),
    (
        "SharingRule",
        "another network's writer accepts",
        called("ram", "AcceptResourceShareInvitation", {}, by=OTHERS_WRITER),
    ),
    ("SweepRule", "the hourly sweep", swept(NETWORK)),
    ("SweepRule", "a person's sweep of every network", event("lattice.onramp", SWEEP, {})),
]
"""The rule that must carry it, what it is, and the event: one line each."""

NOISE: list[tuple[str, dict[str, Any]]] = [
    ("our answer", tagged(ALB, "lattice-onramp:status", "lattice-onramp:domain")),
    ("our answer taken back", tagged(VPC, "lattice-onramp:message", left={"lattice:network": NETWORK})),
    ("a foreign tag on an opted-in load balancer", tagged(ALB, "CostCentre", left={"lattice:network": NETWORK})),
    ("a key that only looks like ours", tagged(ALB, "latticework:network", "lattice")),
    ("an ECS service whose cluster is called so", tagged(ECS_SERVICE, "lattice:network")),
    ("a subnet", tagged(ec2("subnet/subnet-0a1b2c3d4e5f60718"), "lattice:network")),
    ("an instance", tagged(ec2("instance/i-0a1b2c3d4e5f60718"), "lattice:network")),
    ("a VPC endpoint", tagged(ec2("vpc-endpoint/vpce-0a1b2c3d4e5f60718"), "lattice:network")),
    ("a VPC peering", tagged(ec2("vpc-peering-connection/pcx-0a1b2c3d4e5f60718"), "lattice:network")),
    ("a listener of a load balancer", tagged(elb("listener/app/orders/50dc6c495c0c9188/1"), "lattice:network")),
    ("a target group", tagged(elb("targetgroup/orders/50dc6c495c0c9188"), "lattice:network")),
    (
        "a Lattice target group",
        tagged(f"arn:aws:vpc-lattice:{REGION}:{TEAM}:targetgroup/tg-0123456789abcdef0", "lattice:network"),
    ),
    *(
        (f"the network's tag on {arn.split(':')[5].partition('/')[0]}", tagged(arn, "lattice:network"))
        for arn in HANDED_OVER[2:]
    ),
    ("a word on a load balancer", tagged(ALB, "lattice-onramp:adopt")),
    ("a word on an ECS service", tagged(f"arn:aws:ecs:{REGION}:{TEAM}:service/shop/orders", "lattice-onramp:adopt")),
    ("our mark on what is handed over", tagged(HANDED_OVER[1], "lattice-onramp:network", "lattice-onramp:name")),
    ("an ECS service", tagged(f"arn:aws:ecs:{REGION}:{TEAM}:service/shop/orders", "lattice:network")),
    ("our own answer on a Lattice service", tagged(LATTICE_SERVICE, "lattice-onramp:status")),
    ("a tag policy", event("aws.tag", "Invalid Effective Tag Policy", {"issue": "INHERITED_TAG_POLICY_INVALID"})),
    ("another account's tag, forwarded here", tagged(ALB, "lattice:network", account=STRANGER)),
    ("AddTags of foreign keys", elb_called("AddTags", elb_tags("Name"))),
    ("our own answer by CloudTrail", elb_called("AddTags", elb_tags("lattice-onramp:status"), by=WRITER)),
    ("AddTags that failed", elb_called("AddTags", elb_tags("lattice:network"), error="AccessDenied")),
    ("RemoveTags of foreign keys", elb_called("RemoveTags", {"resourceArns": [ALB], "tagKeys": ["Name"]})),
    (
        "a classic load balancer tagged",
        elb_called("AddTags", {"loadBalancerNames": ["a"], "tags": [{"key": "lattice:network"}]}, "2012-06-01"),
    ),
    ("a classic load balancer made", elb_called("CreateLoadBalancer", {"loadBalancerName": "a"}, "2012-06-01")),
    ("a classic load balancer deleted", elb_called("DeleteLoadBalancer", {"loadBalancerName": "a"}, "2012-06-01")),
    ("CreateLoadBalancer that failed", elb_called("CreateLoadBalancer", {"name": "a"}, error="TooManyLoadBalancers")),
    ("targets of a load balancer", elb_called("RegisterTargets", {"targetGroupArn": "arn"})),
    ("a rule of a load balancer", elb_called("CreateRule", {"listenerArn": "arn"})),
    ("CreateTags of foreign keys", called("ec2", "CreateTags", ec2_tags(["vpc-2"], "Name"))),
    ("CreateTags on a subnet", called("ec2", "CreateTags", ec2_tags(["subnet-1"], "lattice:network"))),
    ("CreateTags on an endpoint", called("ec2", "CreateTags", ec2_tags(["vpce-1"], "lattice:network"))),
    (
        "CreateTags that failed",
        called("ec2", "CreateTags", ec2_tags(["vpc-2"], "lattice:network"), error="Client.UnauthorizedOperation"),
    ),
    ("DeleteTags of a subnet that removes all", called("ec2", "DeleteTags", ec2_tags(["subnet-1"]))),
    ("our own answer on a VPC", called("ec2", "CreateTags", ec2_tags(["vpc-2"], "lattice-onramp:status"), by=WRITER)),
    ("our own answer taken back", called("ec2", "DeleteTags", ec2_tags(["vpc-2"], "lattice-onramp:status"), by=WRITER)),
    ("CreateVpc that failed", called("ec2", "CreateVpc", {}, error="Client.VpcLimitExceeded")),
    ("a subnet made", called("ec2", "CreateSubnet", {"vpcId": "vpc-2"})),
    ("an instance started", called("ec2", "RunInstances", {})),
    ("our writer deletes", lattice_called("DeleteService", by=WRITER)),
    ("our writer updates", lattice_called("UpdateListener", by=WRITER)),
    ("somebody creates a Lattice service", lattice_called("CreateService")),
    ("somebody tags a Lattice service", lattice_called("TagResource")),
    ("a deletion that failed", lattice_called("DeleteService", error="ConflictException")),
    ("a sharee's deed, told to the owner", by_service("DeleteServiceNetworkVpcAssociationBySharee")),
    ("a sharee's look", by_service("GetServiceNetworkBySharee")),
    ("an unknown kind of Lattice event", event("aws.vpc-lattice", "Something New Happened", {})),
    ("our writer accepts", called("ram", "AcceptResourceShareInvitation", {}, by=WRITER)),
    ("another account's share", shared("Resource Share Association", "associated", account=STRANGER)),
    ("the sweep of another network", swept("staging-network")),
    ("the sweep of a network whose name begins alike", swept(f"{NETWORK}-2")),
    ("another account's sweep", swept(NETWORK, account=STRANGER)),
    ("somebody's own sweep", swept(NETWORK, source="sweeper")),
    ("our own announcement", event("lattice.onramp", "Service Connected", {"name": "orders"})),
    ("a bucket", called("s3", "CreateBucket", {"bucketName": "release-notes"})),
    ("a schedule", event("aws.scheduler", "Scheduled Event", "{}")),
    ("a scheduled rule", event("aws.events", "Scheduled Event", {})),
    ("a run of a state machine", event("aws.states", EXECUTION_STATUS, {"status": "FAILED", "stateMachineArn": "arn"})),
]


@pytest.mark.parametrize(
    ("rule", "heard"), [(rule, heard) for rule, _, heard in RINGS], ids=[f"{r}: {w}" for r, w, _ in RINGS]
)
def test_this_rings_by_one_rule_and_through_the_bus(deployed: Deployed, rule: str, heard: dict[str, Any]) -> None:
    assert forwarding(deployed.member, heard) == {rule}
    assert forwarding(deployed.stack, heard) == {"Triggers"}
    assert isinstance(understood(heard), Ring)


@pytest.mark.parametrize("heard", [heard for _, heard in NOISE], ids=[what for what, _ in NOISE])
def test_this_is_noise(deployed: Deployed, heard: dict[str, Any]) -> None:
    assert forwarding(deployed.member, heard) == set()


def test_every_rule_has_its_events(deployed: Deployed) -> None:
    assert {rule for rule, _, _ in RINGS} == set(patterns(deployed.member))
    assert set(patterns(deployed.stack)) == {"Triggers", "EndedRuns"}


def test_the_network_account_hears_nothing_of_its_own_sharing(deployed: Deployed) -> None:
    assert set(patterns(deployed.own)) == set(patterns(deployed.member)) - {"SharingRule"}
    for rule, _, heard in RINGS:
        own = {**heard, "account": OWN, "resources": [arn.replace(TEAM, OWN) for arn in heard["resources"]]}
        assert forwarding(deployed.own, own) == {rule} - {"SharingRule"}


@pytest.mark.parametrize(
    "heard",
    [
        event("lattice.onramp", "Service Connected", {}, account=OWN),
        event("lattice.onramp", "Request Refused", {}, account=OWN),
        event("aws.s3", "Object Created", {}),
        event("someone.else", SWEEP, {"network": NETWORK}),
    ],
)
def test_what_else_is_on_the_bus_does_not_come_to_the_queue(deployed: Deployed, heard: dict[str, Any]) -> None:
    assert forwarding(deployed.stack, heard) == set()


# --- executions, in the network account


def ended(machine: str, status: str, account: str = OWN) -> dict[str, Any]:
    """A status change of an execution (facts 2.7)."""
    name = f"{TEAM}-1793534400000"
    execution = machine.replace(":stateMachine:", ":execution:") + f":{name}"
    detail = {
        "executionArn": execution,
        "stateMachineArn": machine,
        "name": name,
        "status": status,
        "startDate": 1793534400000,
        "stopDate": 1793534410000,
        "input": "{}",
        "output": None,
    }
    return event("aws.states", EXECUTION_STATUS, detail, execution, account=account)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_run_that_ended_badly_is_heard_of(deployed: Deployed, status: str) -> None:
    heard = ended(deployed.stack.resources["Reconcile"].made.id, status)
    assert forwarding(deployed.stack, heard) == {"EndedRuns"}
    assert isinstance(understood(heard), Free)


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"])
def test_a_run_that_goes_on_or_ended_well_is_not(deployed: Deployed, status: str) -> None:
    heard = ended(deployed.stack.resources["Reconcile"].made.id, status)
    assert forwarding(deployed.stack, heard) == set()
    assert isinstance(understood(heard), Ignored)


def test_nobody_elses_runs_are_heard_of(deployed: Deployed) -> None:
    machine = deployed.stack.resources["Reconcile"].made.id
    assert forwarding(deployed.stack, ended(f"{machine}-of-staging", "FAILED")) == set()
    assert forwarding(deployed.stack, ended(machine, "FAILED", account=TEAM)) == set()
    for stack in (deployed.member, deployed.own):
        assert forwarding(stack, ended(machine, "FAILED")) == set()


# --- rules and parser agree


def understood(heard: dict[str, Any]) -> Ring | Free | Ignored:
    return parse(msgspec.convert(heard, Event), NETWORK)


def test_every_kind_that_rings_has_a_rule() -> None:
    carried = {(heard["source"], heard["detail-type"]) for _, _, heard in RINGS}
    assert set(PARSERS) | {("aws.ram", RAM), ("aws.ram", CLOUDTRAIL)} == carried


def test_no_rule_carries_what_the_parser_ignores(deployed: Deployed) -> None:
    carried = 0
    rules = [Pattern(pattern) for pattern in patterns(deployed.member).values()]
    for heard in every_combination():
        if any(rule.matches(heard) for rule in rules):
            carried += 1
            assert isinstance(understood(heard), Ring), heard
    assert carried > 100


CALLS = (
    "AddTags RemoveTags CreateLoadBalancer DeleteLoadBalancer ModifyListener CreateTags DeleteTags CreateVpc"
    " DeleteVpc RunInstances CreateService DeleteService UpdateListener UntagResource AcceptResourceShareInvitation"
)
REQUESTS: tuple[Any, ...] = (
    None,
    {},
    elb_tags("lattice:network"),
    {"tagKeys": ["lattice:listen"]},
    ec2_tags(["vpc-2"], "lattice:network"),
    ec2_tags(["vpc-2"]),
)


def every_combination() -> Iterator[dict[str, Any]]:
    """Calls of every service by everybody, well and ill, with every kind of request; tags on everything.

    Only our own writer's calls on load balancers and VPCs are left out: its role lets it write answers there, and
    nothing else (a table of `test_refused.py`).
    """
    for source, name, asked, by, api, error in itertools.product(
        ("elasticloadbalancing", "ec2", "vpc-lattice", "ram", "s3"),
        CALLS.split(),
        REQUESTS,
        (USER, ADMIN, WRITER, SERVICE),
        ("", "2012-06-01", "2015-12-01"),
        ("", "AccessDenied"),
    ):
        if by is not WRITER or source in ("vpc-lattice", "ram"):
            yield called(source, name, asked, by=by, error=error, **({"apiVersion": api} if api else {}))
    arns = (ALB, VPC, ec2("subnet/subnet-1"), elb("loadbalancer/classic"), elb("targetgroup/a/1"))
    keys = ("lattice:network", "lattice-onramp:status", "Name", "lattice")
    for arn, first, second in itertools.product(arns, keys, keys):
        yield tagged(arn, first, second)
    for name in ("Delete", "Create", "Get"):
        for party in ("ByOwner", "BySharee", ""):
            yield by_service(f"{name}ServiceNetworkVpcAssociation{party}")
