"""The walk-through where an organisation demands tags on all that is made, and a boundary and a path of every role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from onramp.core.tags import copied

from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import CallRecord
from localcloud.services.cloudformation.model import StackFailed
from localcloud.services.cloudformation.read import read
from replay.play import play_story
from replay.stage import MEMBER, TEMPLATE, deploy
from replay.story import STORIES, Network, Story, load_story
from replay.telling import Options
from tests.stories.staged import DEEDS, deployed

MANAGEMENT, UNIT = "999999999999", "ou-ab12-11111111"
TAGS = {"CostCentre": "4711", "Owner": "platform"}
BOUNDARY, PATH = "limits/boundary", "/platform/"
EXTRA = {"ExtraTagKeys": "CostCentre,Owner", "ExtraTagValues": "4711,platform"}
GIVEN = {"BoundaryPolicy": BOUNDARY, "RolePath": PATH, **EXTRA}

MADE = [
    "cloudformation:CreateStackSet",
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "dynamodb:CreateTable",
    "events:CreateEventBus",
    "events:PutRule",
    "iam:CreateRole",
    "kms:CreateKey",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "logs:CreateLogGroup",
    "ram:CreateResourceShare",
    "sns:CreateTopic",
    "sqs:CreateQueue",
    "states:CreateStateMachine",
    "vpc-lattice:CreateAccessLogSubscription",
    "vpc-lattice:CreateListener",
    "vpc-lattice:CreateRule",
    "vpc-lattice:CreateService",
    "vpc-lattice:CreateServiceNetwork",
    "vpc-lattice:CreateTargetGroup",
]
"""Whatever the templates and runs make, and AWS lets tag while it is made; associations and groups are below."""


def untagged(key: str) -> list[dict[str, Any]]:
    without = {"Null": {f"aws:RequestTag/{key}": "true"}}
    joins = ["vpc-lattice:CreateServiceNetworkServiceAssociation", "vpc-lattice:CreateServiceNetworkVpcAssociation"]
    kinds = ("servicenetworkserviceassociation", "servicenetworkvpcassociation")
    return [
        {"Effect": "Deny", "Action": MADE, "Resource": "*", "Condition": without},
        {
            "Effect": "Deny",
            "Action": joins,
            "Resource": [f"arn:aws:vpc-lattice:*:*:{kind}/*" for kind in kinds],
            "Condition": without,
        },
        {
            "Effect": "Deny",
            "Action": "ec2:CreateSecurityGroup",
            "Resource": "arn:aws:ec2:*:*:security-group/*",
            "Condition": without,
        },
    ]


BOUND = {
    "Effect": "Deny",
    "Action": ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"],
    "Resource": "*",
    "Condition": {"StringNotLike": {"iam:PermissionsBoundary": f"arn:aws:iam::*:policy/{BOUNDARY}"}},
}
UNBOUND = {
    "Effect": "Deny",
    "Action": ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
    "Resource": "*",
}
ELSEWHERE = {"Effect": "Deny", "Action": "iam:CreateRole", "NotResource": f"arn:aws:iam::*:role{PATH}*"}
DEMANDS: tuple[dict[str, Any], ...] = tuple(
    {"Version": "2012-10-17", "Statement": statements}
    for statements in (untagged("CostCentre"), untagged("Owner"), [BOUND, UNBOUND, ELSEWHERE])
)

LIMIT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:*User*", "iam:CreateAccessKey", "organizations:*"], "Resource": "*"},
    ],
}


def demanding(**network: Any) -> Story:
    """The walk-through, its accounts in a unit of an organisation that demands all this."""
    story = load_story(STORIES / "walkthrough" / "story.yaml")
    world = story.script.world
    accounts = tuple(account.id for account in world.accounts)
    organization = worlds.Organization(
        id="o-a1b2c3d4e5",
        sharing=False,  # so that invitations are sent, as the story tells
        accounts=(MANAGEMENT, *accounts),
        units={UNIT: accounts},
        policies={UNIT: DEMANDS},
    )
    assert world.network is not None
    parameters = {**world.network.parameters, **network.pop("parameters", {})}
    changed = msgspec.structs.replace(world.network, parameters=parameters, **network)
    world = msgspec.structs.replace(world, organization=organization, network=changed)
    return msgspec.structs.replace(story, script=msgspec.structs.replace(story.script, world=world))


@contextmanager
def built(story: Story) -> Iterator[tuple[LocalCloud, Network, tuple[str, ...]]]:
    """The world of the story with nothing deployed in it, and the boundary in each account."""
    world = story.script.world
    assert world.network is not None
    with LocalCloud() as cloud:
        worlds.build(cloud, world)
        for account in world.accounts:
            bound(cloud, account.id)
        yield cloud, world.network, tuple(world.members)


def bound(cloud: LocalCloud, account: str) -> None:
    path, _, name = BOUNDARY.rpartition("/")
    cloud.client("iam", account).create_policy(PolicyName=name, Path=f"/{path}/", PolicyDocument=json.dumps(LIMIT))


def test_the_walk_through_comes_out_as_it_says_where_tags_and_a_boundary_are_demanded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = demanding(parameters=GIVEN, tags=TAGS)
    build = worlds.build

    def built_with_its_boundary(cloud: Any, world: worlds.World) -> None:
        build(cloud, world)
        for account in world.accounts:
            bound(cloud, account.id)

    monkeypatch.setattr(worlds, "build", built_with_its_boundary)
    calls: list[CallRecord] = []
    result = play_story(
        story,
        Options(),
        lambda _: None,
        lambda record, _: calls.append(record) if isinstance(record, CallRecord) else None,
    )
    assert [f"{it.where}: {it.reason}" for it in result.unmet] == []
    made = {f"{call.service}:{call.operation}" for call in calls if call.role.endswith("-writer")}
    # Else nothing would have been demanded of the runs.
    assert {"vpc-lattice:CreateService", "vpc-lattice:CreateListener", "ec2:CreateSecurityGroup"} <= made


@pytest.mark.parametrize(
    ("given", "tags", "missing"),
    [
        ({"RolePath": PATH}, TAGS, "iam:CreateRole"),
        ({"BoundaryPolicy": BOUNDARY}, TAGS, "iam:CreateRole"),
        ({"BoundaryPolicy": "limits/another", "RolePath": PATH}, TAGS, "iam:CreateRole"),
        (GIVEN, {}, "Create"),
        (GIVEN, {"CostCentre": "4711"}, "Create"),
    ],
    ids=["no boundary", "no path", "another boundary", "no tags", "one tag of two"],
)
def test_a_deployment_that_lacks_what_is_demanded_is_refused_with_what_refused_it(
    given: dict[str, str], tags: dict[str, str], missing: str
) -> None:
    with built(demanding(parameters=given, tags=tags)) as (cloud, network, members):
        with pytest.raises(StackFailed, match="with an explicit deny in a service control policy") as refused:
            deploy(cloud, network, members)
        assert f"not authorized to perform: {missing}" in str(refused.value) or missing == "Create"
        # And nothing of it is left.
        assert cloud.client("lambda", network.account).list_functions()["Functions"] == []
        assert cloud.client("iam", network.account).list_roles()["Roles"] == []


def test_runs_that_were_not_told_of_the_tags_say_what_refused_them() -> None:
    given = {"BoundaryPolicy": BOUNDARY, "RolePath": PATH}
    with built(demanding(parameters=given, tags=TAGS)) as (cloud, network, members):
        deploy(cloud, network, members)
        cloud.settle()
        team = members[1]
        elb = cloud.client("elbv2", team)
        [balancer] = elb.describe_load_balancers()["LoadBalancers"]
        arn = balancer["LoadBalancerArn"]
        elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "lattice:network", "Value": network.name}])
        cloud.settle()
        [answer] = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        told = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
        assert told["lattice-onramp:status"] == "failed"
        assert "service control policy above demands tags by ExtraTagKeys" in told["lattice-onramp:message"]
        assert cloud.client("vpc-lattice", team).list_services()["items"] == []


def test_every_kind_that_the_templates_make_and_aws_tags_is_demanded_to_be_tagged() -> None:
    """By CloudFormation's own schemas: what is tagged as it is made, the stack's tags come with."""
    # Seconds, which every process would take that only collects the tests.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as schemas  # noqa: N811

    parts = [part for path in (TEMPLATE, MEMBER) for part in read(path.read_text())["Resources"].values()]
    kinds = {kind for part in parts for kind in SERVERLESS.get(part["Type"], (part["Type"],))}
    tagged = {
        kind
        for kind in kinds
        if schemas.get_resource_schema("us-east-1", kind).schema.get("tagging", {}).get("tagOnCreate")
    }
    assert tagged == set(BY_KIND)
    assert set(BY_KIND.values()) <= set(MADE)


SERVERLESS = {
    "AWS::Serverless::Function": ("AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"),
    "AWS::Serverless::LayerVersion": ("AWS::Lambda::LayerVersion",),
    "AWS::Serverless::StateMachine": ("AWS::StepFunctions::StateMachine",),
}

BY_KIND = {
    "AWS::CloudFormation::StackSet": "cloudformation:CreateStackSet",
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm",
    "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard",
    "AWS::DynamoDB::Table": "dynamodb:CreateTable",
    "AWS::Events::EventBus": "events:CreateEventBus",
    "AWS::Events::Rule": "events:PutRule",
    "AWS::IAM::Role": "iam:CreateRole",
    "AWS::KMS::Key": "kms:CreateKey",
    "AWS::Lambda::EventSourceMapping": "lambda:CreateEventSourceMapping",
    "AWS::Lambda::Function": "lambda:CreateFunction",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup",
    "AWS::RAM::ResourceShare": "ram:CreateResourceShare",
    "AWS::SNS::Topic": "sns:CreateTopic",
    "AWS::SQS::Queue": "sqs:CreateQueue",
    "AWS::StepFunctions::StateMachine": "states:CreateStateMachine",
    "AWS::VpcLattice::AccessLogSubscription": "vpc-lattice:CreateAccessLogSubscription",
    "AWS::VpcLattice::ServiceNetwork": "vpc-lattice:CreateServiceNetwork",
}


def test_what_was_deployed_so_can_be_removed() -> None:
    with built(demanding(parameters=GIVEN, tags=TAGS)) as (cloud, network, members):
        deploy(cloud, network, members)
        for member in members:
            cloud.stacks.delete(member, f"onramp-{network.name}-member")
        cloud.stacks.delete(network.account, f"onramp-{network.name}")
        assert cloud.client("iam", network.account).list_roles()["Roles"] == []


@pytest.mark.parametrize("value", ["4711, platform (team) *", " 4711 ", "e\u0301quipe", "a\tb", "x" * 255])
def test_a_tag_that_is_copied_may_hold_whatever_ec2_takes(value: str) -> None:
    with deployed(ExtraTagKeys="Owner", ExtraTagValues="") as cloud:
        ec2 = cloud.client("ec2", DEEDS[0].account)
        [vpc] = DEEDS[0].with_["Resources"]
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Owner", "Value": value}])
        ec2.create_tags(**DEEDS[0].with_)
        cloud.settle()
        [found] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert {tag["Value"] for tag in found["Tags"] if tag["Key"] == "lattice-onramp:status"} == {"connected"}
        [joined] = cloud.lattice.estate.vpc_associations
        assert joined.tags["Owner"] == copied(value)
