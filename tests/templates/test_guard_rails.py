"""docs/guard-rails: what each policy must stop is stopped, and nothing that runs, teams and StackSets do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from onramp.core import names, tags
from onramp.core.policy import Context, Principal, evaluate

from replay.story import ROOT
from tests.templates.attempts import ORGANIZATION, OURS, OWN, STRANGER, TAG, TEAM, THEIRS, ZEROS
from tests.templates.permissions import Evidence, kind_of
from tests.templates.questions import ALL, Question
from tests.templates.second_opinion import opinions

KIT = ROOT / "docs" / "guard-rails"
SCP, RCP = (json.loads((KIT / f"{name}.json").read_text()) for name in ("scp-members", "rcp"))
TAG_POLICY, PERMISSION = (json.loads((KIT / f"{name}.json").read_text()) for name in ("tag-policy", "ram-permission"))

ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
REGION = "ap-northeast-1"
WRITER, DEVELOPER, DEPLOYER = f"onramp-{OURS}-writer", "developer", "infra-deploy"
SERVICE = f"arn:aws:vpc-lattice:{REGION}:{TEAM}:service/svc-{ZEROS}"
GROUP = f"arn:aws:vpc-lattice:{REGION}:{TEAM}:targetgroup/tg-{ZEROS}"
ASSOCIATION = f"arn:aws:vpc-lattice:{REGION}:{TEAM}:servicenetworkvpcassociation/snva-{ZEROS}"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{TEAM}:loadbalancer/app/orders/0123456789abcdef"
SECURITY_GROUP = f"arn:aws:ec2:{REGION}:{TEAM}:security-group/sg-{ZEROS}"
VPC = f"arn:aws:ec2:{REGION}:{TEAM}:vpc/vpc-{ZEROS}"
ROLE = f"arn:aws:iam::{TEAM}:role/{WRITER}"
TAGGED = {f"aws:ResourceTag/{TAG}": OURS}
NETWORK, FOREIGN = (f"arn:aws:vpc-lattice:{REGION}:{one}:servicenetwork/sn-{ZEROS}" for one in (OWN, STRANGER))
JOINS_VPC, JOINS_SERVICE = (f"vpc-lattice:CreateServiceNetwork{one}Association" for one in ("Vpc", "Service"))
JOINS_DATA = "vpc-lattice:CreateServiceNetworkResourceAssociation"
DATABASE = f"arn:aws:vpc-lattice:{REGION}:{TEAM}:resourceconfiguration/rcfg-{ZEROS}"
TO_FOREIGN = {"vpc-lattice:ServiceNetworkArn": FOREIGN}
RECORDS = "route53:ChangeResourceRecordSets"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABC"
DOMAIN = "api.shop.example.jp"
UUID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
STACK = f"arn:aws:cloudformation:{REGION}:{TEAM}:stack/StackSet-onramp-{OURS}-{UUID}/{UUID}"


def asks(role: str, action: str, resource: str, keys: Context, account: str = TEAM) -> Question:
    """A role that may do anything, as far as its own policies go."""
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/local"
    known = {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{role}", "aws:PrincipalAccount": account}
    return Question(
        principal=arn,
        account=account,
        role=role,
        action=action,
        resource=resource,
        owner=(resource.split(":") + [""] * 5)[4] or account,
        context=json.dumps(known | {"aws:PrincipalIsAWSService": "false"} | dict(keys)),
        identity=(ALL,),
        guard=None,
        names=frozenset({arn}),
    )


def of(action: str, keys: Context, resource: str, role: str = DEVELOPER) -> Question:
    return asks(role, action, resource, keys)


def records(*changed: str) -> Context:
    return {f"{RECORDS}NormalizedRecordNames": list(changed)}


STOPPED: dict[str, Question] = {
    "marks a service as ours": of(
        "vpc-lattice:TagResource", {"aws:TagKeys": [TAG], f"aws:RequestTag/{TAG}": OURS}, SERVICE
    ),
    "takes our mark off": of("vpc-lattice:UntagResource", {"aws:TagKeys": [TAG]}, SERVICE),
    "takes all tags off our security group": of("ec2:DeleteTags", {**TAGGED}, SECURITY_GROUP),
    "writes an answer on a load balancer": of(
        "elasticloadbalancing:AddTags", {"aws:TagKeys": ["lattice-onramp:status"]}, BALANCER
    ),
    "makes a service that bears our mark": of(
        "vpc-lattice:CreateService", {"aws:TagKeys": [TAG], f"aws:RequestTag/{TAG}": OURS}, SERVICE
    ),
    **{
        f"{what} on a Lattice service of the team's own: {key.partition(':')[2]}": of(
            f"vpc-lattice:{action}", {"aws:TagKeys": [key]}, SERVICE
        )
        for what, action in (("writes an answer", "TagResource"), ("takes an answer", "UntagResource"))
        for key in (tags.STATUS, tags.DOMAIN, tags.MESSAGE)
    },
    "writes an answer on a VPC": of("ec2:CreateTags", {"aws:TagKeys": ["Name", "lattice-onramp:domain"]}, VPC),
    "deletes our service": of("vpc-lattice:DeleteService", TAGGED, SERVICE),
    "ends our association": of("vpc-lattice:DeleteServiceNetworkVpcAssociation", TAGGED, ASSOCIATION),
    "says who calls our service": of("vpc-lattice:PutAuthPolicy", TAGGED, SERVICE),
    "lets everybody call our service": of("vpc-lattice:DeleteAuthPolicy", TAGGED, SERVICE),
    "shares our service by a policy": of("vpc-lattice:PutResourcePolicy", TAGGED, SERVICE),
    "takes targets out of our group": of("vpc-lattice:DeregisterTargets", TAGGED, GROUP),
    "opens our security group": of("ec2:AuthorizeSecurityGroupIngress", TAGGED, SECURITY_GROUP),
    "widens a rule of our security group": of("ec2:ModifySecurityGroupRules", TAGGED, SECURITY_GROUP),
    "lets our security group call": of("ec2:AuthorizeSecurityGroupEgress", TAGGED, SECURITY_GROUP),
    "says that our role is of another version": of("iam:TagRole", {"aws:TagKeys": ["lattice-onramp:version"]}, ROLE),
    "makes a role that is called as StackSets' are": of(
        "iam:CreateRole", {}, f"arn:aws:iam::{TEAM}:role/stacksets-exec-0123456789abcdef"
    ),
    "makes a role that is called as the deployer's is": of(
        "iam:CreateRole", {}, f"arn:aws:iam::{TEAM}:role/{DEPLOYER}"
    ),
    "has the stack's own role delete our stack": of("cloudformation:DeleteStack", {}, STACK),
    "has the stack's own role do anything": of("cloudformation:UpdateStack", {}, STACK),
    "takes back the stack that was deployed by hand": of(
        "cloudformation:DeleteStack", {}, f"arn:aws:cloudformation:{REGION}:{TEAM}:stack/onramp-{OURS}-member/{UUID}"
    ),
    "forges the mark beside a record": of(RECORDS, records(names.ownership(DOMAIN)), ZONE),
    "takes the mark off with what else he changes": of(RECORDS, records(DOMAIN, names.ownership(DOMAIN)), ZONE),
    "widens our role": of("iam:PutRolePolicy", {}, ROLE),
    "lets somebody else into our role": of("iam:UpdateAssumeRolePolicy", {}, ROLE),
    "makes a role that is called like ours": of("iam:CreateRole", {}, f"arn:aws:iam::{TEAM}:role/onramp-any-writer"),
    "joins a VPC to a foreign network, which its ARN tells": of(JOINS_VPC, {}, FOREIGN),
    "joins a VPC to a foreign network, which the key tells": of(JOINS_VPC, TO_FOREIGN, ASSOCIATION),
    "joins a service to a foreign network, which its ARN tells": of(JOINS_SERVICE, {}, FOREIGN),
    "joins a service to a foreign network, which the key tells": of(JOINS_SERVICE, TO_FOREIGN, SERVICE),
    "joins by an endpoint of its own": of("vpc-lattice:CreateServiceNetworkVpcEndpointAssociation", {}, "*"),
    "shares a service with another's network": of(
        "ram:CreateResourceShare", {"ram:ResourceArn": [SERVICE], "ram:Principal": [STRANGER]}, "*"
    ),
    "puts a service into a share that is there": of(
        "ram:AssociateResourceShare",
        {"ram:ResourceArn": [SERVICE]},
        f"arn:aws:ram:{REGION}:{TEAM}:resource-share/{UUID}",
    ),
    "shares a service with another's network, by a policy": of("vpc-lattice:PutResourcePolicy", {}, SERVICE),
    "makes a network": of(
        "vpc-lattice:CreateServiceNetwork", {}, f"arn:aws:vpc-lattice:{REGION}:{TEAM}:servicenetwork/sn-{ZEROS}"
    ),
    "names a service as ours are": of("vpc-lattice:TagResource", {"aws:TagKeys": [tags.NAME]}, SERVICE),
    "takes an answer off a load balancer": of(
        "elasticloadbalancing:RemoveTags", {"aws:TagKeys": [tags.MESSAGE]}, BALANCER
    ),
    "takes an answer off a VPC": of("ec2:DeleteTags", {"aws:TagKeys": [tags.SERVICES]}, VPC),
    "changes our service": of("vpc-lattice:UpdateService", TAGGED, SERVICE),
    "puts targets into our group": of("vpc-lattice:RegisterTargets", TAGGED, GROUP),
    "closes our security group": of("ec2:RevokeSecurityGroupIngress", TAGGED, SECURITY_GROUP),
    "deletes our security group": of("ec2:DeleteSecurityGroup", TAGGED, SECURITY_GROUP),
    "takes our role's version off": of("iam:UntagRole", {"aws:TagKeys": ["lattice-onramp:version"]}, ROLE),
    **{
        f"{what} our role": of(f"iam:{action}", {}, ROLE)
        for what, action in (
            ("gives a policy to", "AttachRolePolicy"),
            ("takes a policy from", "DetachRolePolicy"),
            ("deletes a policy of", "DeleteRolePolicy"),
            ("deletes", "DeleteRole"),
            ("lengthens the sessions of", "UpdateRole"),
        )
    },
    **{
        f"{what} our stack": of(f"cloudformation:{action}", {}, STACK)
        for what, action in (
            ("prepares a change of", "CreateChangeSet"),
            ("carries out a change of", "ExecuteChangeSet"),
            ("stops an update of", "CancelUpdateStack"),
            ("rolls back", "RollbackStack"),
            ("goes on rolling back", "ContinueUpdateRollback"),
            ("keeps infra from changing", "SetStackPolicy"),
        )
    },
}
"""What a developer of a member may not do, whatever his own rights."""

LEFT: dict[str, Question] = {
    "opts a load balancer in": of("elasticloadbalancing:AddTags", {"aws:TagKeys": ["lattice:network"]}, BALANCER),
    "opts a VPC out": of("ec2:DeleteTags", {"aws:TagKeys": ["lattice:network"]}, VPC),
    "opts a Lattice service in": of("vpc-lattice:TagResource", {"aws:TagKeys": ["lattice:network"]}, SERVICE),
    "opts a Lattice service out": of("vpc-lattice:UntagResource", {"aws:TagKeys": ["lattice:network"]}, SERVICE),
    "makes a service with tags of the team's own": of(
        "vpc-lattice:CreateService", {"aws:TagKeys": ["lattice:network", "Name"]}, SERVICE
    ),
    "the writer makes a service": of("vpc-lattice:CreateService", {"aws:TagKeys": [TAG]}, SERVICE, WRITER),
    "the writer answers on a Lattice service": of(
        "vpc-lattice:TagResource", {"aws:TagKeys": [tags.STATUS, tags.MESSAGE]}, SERVICE, WRITER
    ),
    "hands a service over": of("vpc-lattice:TagResource", {"aws:TagKeys": ["lattice-onramp:adopt"]}, SERVICE),
    "deletes a service of the team's own": of("vpc-lattice:DeleteService", {}, SERVICE),
    "opens a security group of the team's own": of("ec2:AuthorizeSecurityGroupIngress", {}, SECURITY_GROUP),
    "makes another role": of("iam:CreateRole", {}, f"arn:aws:iam::{TEAM}:role/orders"),
    **{
        f"joins to the network by hand, {asked} {thing.split(':')[5].split('/')[0]}, {told}": of(action, keys, thing)
        for action, asked, things in (
            (JOINS_VPC, "a VPC:", (NETWORK, ASSOCIATION)),
            (JOINS_SERVICE, "a service:", (NETWORK, SERVICE, ASSOCIATION.replace("kvpc", "kservice"))),
            (JOINS_DATA, "a database:", (NETWORK, DATABASE, ASSOCIATION.replace("kvpc", "kresource"))),
        )
        for thing in things
        for told, keys in (("with the key", {"vpc-lattice:ServiceNetworkArn": NETWORK}), ("without", {}))
    },
    "changes a stack of the team's own": of(
        "cloudformation:UpdateStack", {}, f"arn:aws:cloudformation:{REGION}:{TEAM}:stack/orders/{UUID}"
    ),
    "StackSets update the stack": of("cloudformation:UpdateStack", {}, STACK, "stacksets-exec-0123456789abcdef"),
    "shares what is not a service": of(
        "ram:CreateResourceShare", {"ram:ResourceArn": [f"arn:aws:ec2:{REGION}:{TEAM}:subnet/subnet-{ZEROS}"]}, "*"
    ),
    "says who calls a service of the team's own": of("vpc-lattice:PutAuthPolicy", {}, SERVICE),
    "infra updates the stack": of("cloudformation:UpdateStack", {}, STACK, DEPLOYER),
    "StackSets make our role": of("iam:CreateRole", {}, ROLE, "stacksets-exec-0123456789abcdef"),
    "infra changes our role": of("iam:PutRolePolicy", {}, ROLE, DEPLOYER),
    "the writer answers": of(
        "elasticloadbalancing:AddTags", {"aws:TagKeys": ["lattice-onramp:status"]}, BALANCER, WRITER
    ),
    "changes a record of the team's own": of(RECORDS, records(DOMAIN, f"_acme-challenge.{DOMAIN}"), ZONE),
    "the writer makes records": of(RECORDS, records(DOMAIN, names.ownership(DOMAIN)), ZONE, WRITER),
    "infra makes a network in the network account": asks(
        DEPLOYER, "vpc-lattice:CreateServiceNetwork", NETWORK, {}, OWN
    ),
    "RAM shares it in a run's name": asks(f"onramp-{OURS}-apply", "vpc-lattice:PutResourcePolicy", NETWORK, {}, OWN),
    "the writer unwinds": of("vpc-lattice:DeleteService", TAGGED, SERVICE, WRITER),
}
"""What stays possible."""

PLAN, APPLY = (f"onramp-{OURS}-{one}" for one in ("plan", "apply"))
READER = f"arn:aws:iam::{TEAM}:role/onramp-{OURS}-reader"
QUEUE = f"arn:aws:sqs:{REGION}:{OWN}:onramp-{OURS}"
IN_IT = {"aws:PrincipalOrgID": ORGANIZATION}

KEPT_OUT: dict[str, Question] = {
    "an administrator of the member takes the reader": asks("Administrator", "sts:AssumeRole", READER, IN_IT),
    "an administrator of the network account takes the writer": asks(
        "Administrator", "sts:AssumeRole", ROLE, IN_IT, OWN
    ),
    "a stranger's role that is called like ours takes the reader": asks(PLAN, "sts:AssumeRole", READER, {}, STRANGER),
    "a stranger reads the queue": asks(
        "Administrator", "sqs:ReceiveMessage", QUEUE, {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}, STRANGER
    ),
    "a stranger of no organisation reads the queue": asks("Administrator", "sqs:ReceiveMessage", QUEUE, {}, STRANGER),
}

LET_IN: dict[str, Question] = {
    "the plan takes the reader": asks(PLAN, "sts:AssumeRole", READER, IN_IT, OWN),
    "the apply takes the writer": asks(APPLY, "sts:AssumeRole", ROLE, IN_IT, OWN),
    "the intake reads the queue": asks(f"onramp-{OURS}-intake", "sqs:ReceiveMessage", QUEUE, IN_IT, OWN),
    "infra redrives the dead letters": asks(DEPLOYER, "sqs:ReceiveMessage", f"{QUEUE}--dead-letters", IN_IT, OWN),
}


NOT_OURS: dict[str, Question] = {
    "a role of the team's own is taken": asks("ci", "sts:AssumeRole", f"arn:aws:iam::{TEAM}:role/orders", IN_IT),
    "a queue of the account's own is filled from outside": asks(
        "Administrator", "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{OWN}:orders", {}, STRANGER
    ),
}
"""What is no business of the RCP's."""


def denied(policy: dict[str, Any], question: Question) -> bool:
    """By our own evaluator; a policy with principals is the resource's."""
    who = Principal(question.names, account=question.account) if "Principal" in policy["Statement"][0] else None
    return evaluate([policy], question.action, question.resource, question.keys, who).explicit


@pytest.mark.parametrize("what", STOPPED)
def test_a_developer_never(what: str) -> None:
    assert denied(SCP, STOPPED[what])


@pytest.mark.parametrize("what", LEFT)
def test_it_stays_possible_that(what: str) -> None:
    assert not denied(SCP, LEFT[what])


@pytest.mark.parametrize("what", KEPT_OUT)
def test_nobody_comes_in_where(what: str) -> None:
    assert denied(RCP, KEPT_OUT[what])


@pytest.mark.parametrize("what", {**LET_IN, **NOT_OURS})
def test_whoever_has_to_come_in_does(what: str) -> None:
    assert not denied(RCP, {**LET_IN, **NOT_OURS}[what])


@pytest.mark.long
def test_another_engine_says_the_same() -> None:
    """Members' rights are bounded by the SCP; the RCP, by what guards the resource."""
    scp = [*STOPPED.values(), *LEFT.values()]
    told = opinions([replace(one, identity=(*one.identity, json.dumps(SCP)), owner=one.account) for one in scp])
    assert [one.allowed for one in told] == [False] * len(STOPPED) + [True] * len(LEFT)
    rcp = [*KEPT_OUT.values(), *LET_IN.values()]
    open_to_all = json.dumps({"Version": "2012-10-17", "Statement": [_anybody("sts:AssumeRole"), _anybody("sqs:*")]})
    told = opinions([replace(one, guard=(_of(one, open_to_all), _of(one, json.dumps(RCP)))) for one in rcp])
    assert [one.allowed for one in told] == [False] * len(KEPT_OUT) + [True] * len(LET_IN)


def _anybody(action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}


def _of(question: Question, policy: str) -> str:
    """The statements that speak of the question's service; a trust policy names no resource."""
    service = question.action.partition(":")[0]
    statements = [one for one in json.loads(policy)["Statement"] if one["Action"].startswith(f"{service}:")]
    if service == "sts":
        statements = [{key: value for key, value in one.items() if key != "Resource"} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize("reading", ["evidence", "evidence_by_row"])
def test_nothing_that_a_run_does_is_stopped(reading: str, request: pytest.FixtureRequest) -> None:
    evidence: Evidence = request.getfixturevalue(reading)
    members = [one for one in evidence.questions if kind_of(one.role) in ("reader", "writer", "forwarder", "sweep")]
    scp = json.loads(json.dumps(SCP).replace("111111111111", _network_of(evidence)))
    assert len(members) > 50
    assert [(one.action, one.resource) for one in members if denied(scp, one)] == []
    entering = [one for one in evidence.questions if one.action == "sts:AssumeRole" and kind_of(one.role)]
    rcp = json.loads(json.dumps(RCP).replace("111111111111", _network_of(evidence)))
    assert entering
    assert [one.resource for one in entering if denied(rcp, one)] == []


def _network_of(evidence: Evidence) -> str:
    (account,) = {one.account for one in evidence.questions if kind_of(one.role) == "plan"}
    return account


type Changed = tuple[str, dict[str, Any] | None]


def changes(statement: dict[str, Any]) -> Iterator[Changed]:
    """Every way to leave something out of a statement, and the statement itself: what is left out, and what is left."""
    yield "all of it", None
    lists = ("Action", "Resource", "NotResource")
    for element in lists:
        items = statement.get(element)
        if isinstance(items, list):
            for item in items:
                yield f"{element} {item}", {**statement, element: [one for one in items if one != item]}
    anywhere = {key: value for key, value in statement.items() if key not in lists[1:]} | {"Resource": "*"}
    if statement.get("Resource") != "*":
        yield "where it holds", anywhere
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            others = {name: value for name, value in keys.items() if name != key}
            rest = {name: value for name, value in statement["Condition"].items() if name != operator}
            yield f"{operator} {key}", {**statement, "Condition": rest | ({operator: others} if others else {})}
            for value in values if isinstance(values, list) else ():
                fewer = {**keys, key: [one for one in values if one != value]}
                yield (
                    f"{operator} {key}: {value}",
                    {**statement, "Condition": {**statement["Condition"], operator: fewer}},
                )


NOT_SEEN: dict[str, set[tuple[str, str]]] = {
    "SCP": set(),
    # A service of AWS is no principal of these questions: the next test asks for one.
    "RCP": {("OurQueues", "BoolIfExists aws:PrincipalIsAWSService")},
}


@pytest.mark.parametrize("name", ["SCP", "RCP"])
def test_nothing_can_be_left_out_without_an_answer_that_shows_it(name: str) -> None:
    policy, asked = (SCP, {**STOPPED, **LEFT}) if name == "SCP" else (RCP, {**KEPT_OUT, **LET_IN, **NOT_OURS})
    answers = [denied(policy, one) for one in asked.values()]
    survivors = set()
    for statement in policy["Statement"]:
        for what, changed in changes(statement):
            rest = [one if one is not statement else changed for one in policy["Statement"]]
            mutant = {**policy, "Statement": [one for one in rest if one is not None]}
            if [denied(mutant, one) for one in asked.values()] == answers:
                survivors.add((statement["Sid"], what))
    assert survivors == NOT_SEEN[name]


def test_the_queues_still_speak_to_aws_services() -> None:
    """Bus and rules deliver as a service, which is of no organisation."""
    context = {"aws:PrincipalIsAWSService": "true"}
    service = Principal(frozenset({"events.amazonaws.com"}), service="events.amazonaws.com")
    assert not evaluate([RCP], "sqs:SendMessage", QUEUE, context, service).explicit
    without = json.loads(json.dumps(RCP))
    del without["Statement"][1]["Condition"]["BoolIfExists"]
    assert evaluate([without], "sqs:SendMessage", QUEUE, context, service).explicit


def test_every_key_that_the_writer_sets_is_kept_for_it() -> None:
    kept = SCP["Statement"][0]["Condition"]["ForAnyValue:StringEquals"]["aws:TagKeys"]
    assert set(kept) == {tags.OWNER, tags.NAME, *tags.STATUS_KEYS}


def test_policies_fit_what_organizations_takes() -> None:
    """5,120 characters each; an RCP names every principal and denies."""
    for policy in (SCP, RCP):
        assert len(json.dumps(policy, separators=(",", ":"))) < 5_120
    assert {(one["Effect"], one["Principal"]) for one in RCP["Statement"]} == {("Deny", "*")}
    assert {one["Effect"] for one in SCP["Statement"]} == {"Deny"}
    assert not [one for one in SCP["Statement"] if "Principal" in one]


def test_the_tag_policy_names_networks_on_what_teams_tag() -> None:
    (key,) = TAG_POLICY["tags"]
    rule = TAG_POLICY["tags"][key]
    assert rule["tag_key"]["@@assign"] == key == "lattice:network"
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in rule["tag_value"]["@@assign"])
    assert rule["enforced_for"]["@@assign"] == [
        "ec2:vpc",
        "elasticloadbalancing:loadbalancer",
        "vpc-lattice:service",
    ]


def test_by_the_narrower_permission_only_the_products_roles_join() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{**PERMISSION, "Resource": NETWORK, "Principal": "*"}]}
    for role, joins in ((WRITER, True), (DEVELOPER, False), (f"onramp-{THEIRS}-writer", True)):
        asked = asks(role, "vpc-lattice:CreateServiceNetworkVpcAssociation", NETWORK, {})
        who = Principal(asked.names, account=asked.account)
        assert evaluate([policy], asked.action, asked.resource, asked.keys, who).allowed is joins, role


def test_a_run_needs_all_that_the_narrower_permission_holds(evidence: Evidence) -> None:
    network = _network_of(evidence)
    asked = {
        one.action
        for one in evidence.questions
        if kind_of(one.role) in ("reader", "writer") and f":{network}:servicenetwork/" in one.resource
    }
    assert asked == set(PERMISSION["Action"])
