"""What calls to moto's services ask of IAM, and who may do what by the roles that are there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.authorise import requirements
from localcloud.ground.barred import Barred
from localcloud.ground.caller import Caller
from localcloud.ground.needs import prefix, request_tags

ACCOUNT, REGION = "222222222222", "ap-northeast-1"
QUEUE = "arn:aws:sqs:ap-northeast-1:111111111111:orders"
ROLE = "arn:aws:iam::222222222222:role/team/deployer"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | one for one in statements],
    }


@pytest.mark.parametrize(
    ("service", "word"),
    [
        ("elbv2", "elasticloadbalancing"),
        ("stepfunctions", "states"),
        ("resourcegroupstaggingapi", "tag"),
        ("vpc-lattice", "vpc-lattice"),
        ("cloudwatch", "cloudwatch"),
        ("kms", "kms"),
    ],
)
def test_a_service_is_called_by_its_iam_prefix(service: str, word: str) -> None:
    assert prefix(service) == word


@pytest.mark.parametrize(
    "tags",
    [
        {"team": "orders"},
        [{"Key": "team", "Value": "orders"}],
        [{"key": "team", "value": "orders"}],
        [{"TagKey": "team", "TagValue": "orders"}],
    ],
)
def test_request_tags_are_read_in_every_spelling(tags: Any) -> None:
    assert request_tags(tags) == {"aws:RequestTag/team": "orders", "aws:TagKeys": ["team"]}


# --- what calls to moto's services ask for ------------------------------------------------------------------

CALLER = Caller(ACCOUNT, REGION, f"arn:aws:sts::{ACCOUNT}:assumed-role/writer/run", "writer", "run")


def arn(service: str, tail: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{tail}"


BALANCER = arn("elasticloadbalancing", "loadbalancer/app/orders/50dc6c495c0c9188")


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


@pytest.mark.parametrize(
    ("service", "operation", "params", "needed"),
    [
        ("dynamodb", "GetItem", {"TableName": "runs"}, [("dynamodb:GetItem", arn("dynamodb", "table/runs"))]),
        (
            "dynamodb",
            "Query",
            {"TableName": "runs", "IndexName": "by-state"},
            [("dynamodb:Query", arn("dynamodb", "table/runs/index/by-state"))],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}]},
            [
                ("dynamodb:PutItem", arn("dynamodb", "table/a")),
                ("dynamodb:ConditionCheckItem", arn("dynamodb", "table/b")),
            ],
        ),
        (
            "stepfunctions",
            "StartExecution",
            {"stateMachineArn": arn("states", "stateMachine:Reconcile")},
            [("states:StartExecution", arn("states", "stateMachine:Reconcile"))],
        ),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/111111111111/orders"},
            [("sqs:SendMessage", QUEUE)],
        ),
        ("sns", "PublishBatch", {"TopicArn": arn("sns", "alarms")}, [("sns:Publish", arn("sns", "alarms"))]),
        (
            "events",
            "PutEvents",
            {"Entries": [{"Source": "x"}, {"EventBusName": "onramp", "Source": "y"}]},
            [
                ("events:PutEvents", arn("events", "event-bus/default")),
                ("events:PutEvents", arn("events", "event-bus/onramp")),
            ],
        ),
        (
            "events",
            "PutRule",
            {"Name": "tags", "EventBusName": "onramp", "RoleArn": ROLE},
            [("events:PutRule", arn("events", "rule/onramp/tags")), ("iam:PassRole", ROLE)],
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "plan", "Qualifier": "live"},
            [("lambda:InvokeFunction", arn("lambda", "function:plan:live"))],
        ),
        (
            "scheduler",
            "CreateSchedule",
            {"Name": "sweep", "Target": {"RoleArn": ROLE}},
            [("scheduler:CreateSchedule", arn("scheduler", "schedule/default/sweep")), ("iam:PassRole", ROLE)],
        ),
        ("elbv2", "DescribeTags", {"ResourceArns": [BALANCER]}, [("elasticloadbalancing:DescribeTags", "*")]),
        (
            "elbv2",
            "RemoveTags",
            {"ResourceArns": [BALANCER], "TagKeys": ["a"]},
            [("elasticloadbalancing:RemoveTags", BALANCER)],
        ),
        (
            "elbv2",
            "CreateLoadBalancer",
            {"Name": "orders", "Tags": [{"Key": "a", "Value": "b"}]},
            [
                (
                    "elasticloadbalancing:CreateLoadBalancer",
                    arn("elasticloadbalancing", "loadbalancer/app/orders/*"),
                ),
                ("elasticloadbalancing:AddTags", arn("elasticloadbalancing", "loadbalancer/app/orders/*")),
            ],
        ),
        ("ec2", "DescribeVpcs", {}, [("ec2:DescribeVpcs", "*")]),
        (
            "ec2",
            "CreateSecurityGroup",
            {
                "VpcId": "vpc-0a1b2c3d4e5f60718",
                "TagSpecifications": [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}],
            },
            [
                ("ec2:CreateSecurityGroup", arn("ec2", "security-group/*")),
                ("ec2:CreateSecurityGroup", arn("ec2", "vpc/vpc-0a1b2c3d4e5f60718")),
                ("ec2:CreateTags", arn("ec2", "security-group/*")),
            ],
        ),
        (
            "ec2",
            "CreateTags",
            {"Resources": ["vpc-0a1b2c3d4e5f60718", "sgr-0a1b2c3d"], "Tags": [{"Key": "a", "Value": "b"}]},
            [
                ("ec2:CreateTags", arn("ec2", "vpc/vpc-0a1b2c3d4e5f60718")),
                ("ec2:CreateTags", arn("ec2", "security-group-rule/sgr-0a1b2c3d")),
            ],
        ),
        ("resourcegroupstaggingapi", "GetResources", {}, [("tag:GetResources", "*")]),
        (
            "resourcegroupstaggingapi",
            "UntagResources",
            {"ResourceARNList": [BALANCER], "TagKeys": ["a"]},
            [("tag:UntagResources", "*"), ("elasticloadbalancing:RemoveTags", BALANCER)],
        ),
        (
            "iam",
            "CreateServiceLinkedRole",
            {"AWSServiceName": "vpc-lattice.amazonaws.com"},
            [
                (
                    "iam:CreateServiceLinkedRole",
                    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/vpc-lattice.amazonaws.com/*",
                )
            ],
        ),
        (
            "cloudwatch",
            "PutMetricData",
            {"Namespace": "Onramp"},
            [("cloudwatch:PutMetricData", "*")],
        ),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/aws/x", "logStreamName": "s"},
            [("logs:PutLogEvents", arn("logs", "log-group:/aws/x:log-stream:s"))],
        ),
        ("logs", "CreateLogDelivery", {"logGroupName": "/aws/x"}, [("logs:CreateLogDelivery", "*")]),
        ("kms", "Decrypt", {"KeyId": "1234abcd"}, [("kms:Decrypt", arn("kms", "key/1234abcd"))]),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "from/o"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::from/o")],
        ),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("sts", "GetCallerIdentity", {}, []),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": "arn:aws:iam::333333333333:role/r", "RoleSessionName": "x"},
            [("sts:AssumeRole", "arn:aws:iam::333333333333:role/r")],
        ),
        ("acm", "ListCertificates", {}, [("acm:ListCertificates", "*")]),
        ("route53", "ListHostedZones", {}, [("route53:ListHostedZones", "*")]),
        (
            "route53",
            "ListHostedZonesByVPC",
            {"VPCId": "vpc-1", "VPCRegion": "r"},
            [("route53:ListHostedZonesByVPC", "*"), ("ec2:DescribeVpcs", "*")],
        ),
        ("route53", "GetHostedZone", {"Id": "Z1"}, [("route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z1")]),
    ],
)
def test_a_call_needs_its_action_on_its_resource(
    cloud: LocalCloud, service: str, operation: str, params: dict[str, Any], needed: list[tuple[str, str]]
) -> None:
    asked = requirements(service, operation, params, CALLER, cloud)
    assert [(action, resource) for action, resource, _ in asked] == needed


def test_of_a_change_of_records_iam_is_told_names_types_and_actions(cloud: LocalCloud) -> None:
    sets = [("DELETE", "API.example.jp.", "A"), ("CREATE", "api.example.jp", "A"), ("CREATE", "b.example.jp", "TXT")]
    changes = [{"Action": what, "ResourceRecordSet": {"Name": name, "Type": kind}} for what, name, kind in sets]
    given = {"HostedZoneId": "/hostedzone/Z1", "ChangeBatch": {"Changes": changes}}
    [(action, resource, keys)] = requirements("route53", "ChangeResourceRecordSets", given, CALLER, cloud)
    assert (action, resource) == ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1")
    assert keys == {
        f"{action}NormalizedRecordNames": ["api.example.jp", "b.example.jp"],
        f"{action}RecordTypes": ["A", "TXT"],
        f"{action}Actions": ["CREATE", "DELETE"],
    }


def may(cloud: LocalCloud, *statements: dict[str, Any]) -> None:
    """Let the role `writer` do just this."""
    iam = cloud.client("iam", ACCOUNT)
    admits = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [admits]}
    iam.create_role(RoleName="writer", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=json.dumps(policy(*statements)))


def code(call: Callable[..., Any], **params: Any) -> str:
    """The error code with which a call is refused, or 'ok'."""
    try:
        call(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def test_a_security_group_is_changed_only_with_the_tag_that_the_policy_asks_for(cloud: LocalCloud) -> None:
    tagged = {"StringEquals": {"aws:ResourceTag/ours": "yes"}}
    may(cloud, {"Action": "ec2:*SecurityGroup*", "Condition": tagged})
    owner, writer = cloud.client("ec2", ACCOUNT), cloud.client("ec2", ACCOUNT, "writer")
    vpc = owner.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "ours", "Value": "yes"}]}]
    ours, theirs = (
        owner.create_security_group(GroupName=name, Description="d", VpcId=vpc, TagSpecifications=specified)["GroupId"]
        for name, specified in (("ours", tags), ("theirs", []))
    )
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.1.33.54/32"}]}]
    for group, outcome in ((ours, "ok"), (theirs, "UnauthorizedOperation")):
        assert code(writer.authorize_security_group_ingress, GroupId=group, IpPermissions=rule) == outcome
        assert code(writer.revoke_security_group_ingress, GroupId=group, IpPermissions=rule) == outcome
        assert code(writer.delete_security_group, GroupId=group) == outcome


def test_a_security_group_is_made_only_with_the_tag_that_the_policy_asks_for(cloud: LocalCloud) -> None:
    asked = {"StringEquals": {"aws:RequestTag/ours": "yes"}}
    may(
        cloud,
        {"Action": "ec2:CreateSecurityGroup", "Resource": "arn:aws:ec2:*:*:security-group/*", "Condition": asked},
        {"Action": "ec2:CreateSecurityGroup", "Resource": "arn:aws:ec2:*:*:vpc/*"},
        {"Action": "ec2:CreateTags", "Condition": {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}},
    )
    owner, writer = cloud.client("ec2", ACCOUNT), cloud.client("ec2", ACCOUNT, "writer")
    vpc = owner.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "ours", "Value": "yes"}]}]
    group = {"GroupName": "g", "Description": "d", "VpcId": vpc}
    assert code(writer.create_security_group, **group) == "UnauthorizedOperation"
    assert code(writer.create_security_group, **group, TagSpecifications=tags) == "ok"
    one = [{"Key": "ours", "Value": "yes"}]
    assert code(writer.create_tags, Resources=[vpc], Tags=one) == "UnauthorizedOperation"


def test_only_the_tag_keys_that_the_policy_lists_are_written(cloud: LocalCloud) -> None:
    keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["status", "domain"]}}
    may(cloud, {"Action": ["ec2:CreateTags", "ec2:DeleteTags"], "Condition": keys})
    writer = cloud.client("ec2", ACCOUNT, "writer")
    vpc = cloud.client("ec2", ACCOUNT).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    for call in (writer.create_tags, writer.delete_tags):
        assert code(call, Resources=[vpc], Tags=[{"Key": "status", "Value": "x"}]) == "ok"
        both = [{"Key": "status", "Value": "x"}, {"Key": "network", "Value": "y"}]
        assert code(call, Resources=[vpc], Tags=both) == "UnauthorizedOperation"


def test_a_lock_is_taken_only_under_the_leading_key_that_the_policy_lists(cloud: LocalCloud) -> None:
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["lease#*"]}}
    may(cloud, {"Action": "dynamodb:PutItem", "Condition": keys})
    cloud.client("dynamodb", ACCOUNT).create_table(
        TableName="runs",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    writer = cloud.client("dynamodb", ACCOUNT, "writer")
    assert code(writer.put_item, TableName="runs", Item={"pk": {"S": "lease#1"}}) == "ok"
    assert code(writer.put_item, TableName="runs", Item={"pk": {"S": "row#1"}}) == "AccessDeniedException"


def test_of_an_item_only_the_attributes_are_read_that_the_policy_lists(cloud: LocalCloud) -> None:
    keys = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "seen"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    may(cloud, {"Action": "dynamodb:GetItem", "Condition": keys})
    cloud.client("dynamodb", ACCOUNT).create_table(
        TableName="runs",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    writer = cloud.client("dynamodb", ACCOUNT, "writer")
    table: dict[str, Any] = {"TableName": "runs", "Key": {"pk": {"S": "one"}}}
    aliased = {"ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "seen"}}
    for asked in ({"ProjectionExpression": "seen"}, {"ProjectionExpression": "pk, seen"}, aliased):
        assert code(writer.get_item, **table, **asked) == "ok"
    for asked in ({}, {"ProjectionExpression": "seen, told.first"}, {"AttributesToGet": ["told"]}):
        assert code(writer.get_item, **table, **asked) == "AccessDeniedException"


def test_a_role_that_is_gone_may_do_nothing(cloud: LocalCloud) -> None:
    assert not cloud.iam.allows(CALLER, "ec2:DescribeVpcs", "*").allowed


def test_within_an_account_either_side_may_allow(cloud: LocalCloud) -> None:
    may(cloud, {"Action": "sns:Publish"})
    queue, iam = arn("sqs", "orders"), cloud.iam
    named = policy({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/writer"}})
    account = policy({"Principal": {"AWS": ACCOUNT}})
    assert iam.allows(CALLER, "sqs:SendMessage", queue, resource_policies=[named]).allowed
    assert not iam.allows(CALLER, "sqs:SendMessage", queue, resource_policies=[account]).allowed
    assert iam.allows(CALLER, "sns:Publish", arn("sns", "alarms"), resource_policies=[]).allowed


def test_between_accounts_both_sides_must_allow(cloud: LocalCloud) -> None:
    may(cloud, {"Action": "sqs:SendMessage"})
    open_to_all, iam = policy({"Principal": "*"}), cloud.iam
    assert iam.allows(CALLER, "sqs:SendMessage", QUEUE, resource_policies=[open_to_all]).allowed
    assert not iam.allows(CALLER, "sqs:SendMessage", QUEUE, resource_policies=[]).allowed
    assert not iam.allows(CALLER, "sqs:DeleteMessage", QUEUE, resource_policies=[open_to_all]).allowed


def test_an_aws_service_needs_the_resources_policy(cloud: LocalCloud) -> None:
    events = Caller(ACCOUNT, REGION, "events.amazonaws.com", service="events.amazonaws.com")
    from_us = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    trusting = policy({"Principal": {"Service": "events.amazonaws.com"}, "Condition": from_us})
    assert cloud.iam.allows(events, "sqs:SendMessage", QUEUE, resource_policies=[trusting]).allowed
    assert not cloud.iam.allows(events, "sqs:SendMessage", QUEUE, resource_policies=[]).allowed


# --- what an organisation leaves its accounts


def test_a_service_control_policy_binds_an_accounts_owner_and_its_roles_and_no_management_account() -> None:
    with LocalCloud() as cloud:
        trust = policy({"Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
        del trust["Statement"][0]["Resource"]
        for account in (ACCOUNT, "999999999999"):
            iam = cloud.client("iam", account)
            iam.create_role(RoleName="all", AssumeRolePolicyDocument=json.dumps(trust))
            iam.put_role_policy(RoleName="all", PolicyName="all", PolicyDocument=json.dumps(policy({})))
        organizations = cloud.client("organizations", "999999999999")
        organizations.create_organization()
        [root] = organizations.list_roots()["Roots"]
        asked = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": ACCOUNT})
        cloud.client("organizations", ACCOUNT).accept_handshake(HandshakeId=asked["Handshake"]["Id"])
        deny = policy({"Effect": "Deny", "Action": "sqs:CreateQueue"})
        made = organizations.create_policy(
            Name="no-queues", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(deny)
        )["Policy"]["PolicySummary"]

        def attach() -> Any:
            return organizations.attach_policy(PolicyId=made["Id"], TargetId=root["Id"])

        with pytest.raises(ClientError, match="PolicyTypeNotEnabledException"):
            attach()
        organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
        attach()
        for role in ("", "all"):
            with pytest.raises(ClientError, match="with an explicit deny in a service control policy"):
                cloud.client("sqs", ACCOUNT, role).create_queue(QueueName="orders")
        cloud.client("sqs", "999999999999", "all").create_queue(QueueName="orders")
        kind = "SERVICE_CONTROL_POLICY"
        there = organizations.list_policies_for_target(TargetId=root["Id"], Filter=kind)["Policies"]
        assert [one["Name"] for one in there] == ["FullAWSAccess", "no-queues"]
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=root["Id"])
        with pytest.raises(ClientError, match="because no service control policy allows the sns:CreateTopic action"):
            cloud.client("sns", ACCOUNT).create_topic(Name="orders")
        with pytest.raises(ClientError, match="ConstraintViolationException"):
            organizations.detach_policy(PolicyId=made["Id"], TargetId=root["Id"])
        with pytest.raises(ClientError, match="PolicyInUseException"):
            organizations.delete_policy(PolicyId=made["Id"])
        organizations.disable_policy_type(RootId=root["Id"], PolicyType=kind)
        cloud.client("sqs", ACCOUNT).create_queue(QueueName="orders")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("no policy", "MalformedPolicyDocumentException"),
        (json.dumps(policy({"Principal": "*"})), "MalformedPolicyDocumentException"),
        (json.dumps({"Statement": policy({})["Statement"]}), "MalformedPolicyDocumentException"),
        (json.dumps(policy({"Sid": "x" * 5_120})), "ConstraintViolationException"),
    ],
    ids=["no policy", "with a principal", "without a version", "too long"],
)
def test_a_service_control_policy_has_its_own_grammar(content: str, code: str) -> None:
    with LocalCloud() as cloud:
        organizations = cloud.client("organizations", ACCOUNT)
        organizations.create_organization()
        with pytest.raises(ClientError, match=code):
            organizations.create_policy(Name="p", Description="", Type="SERVICE_CONTROL_POLICY", Content=content)


MANAGEMENT, STRANGER = "999999999999", "888888888888"
KEPT = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
OURS_ALONE = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}


@contextmanager
def kept(statement: dict[str, Any]) -> Iterator[LocalCloud]:
    """ACCOUNT in an organisation that keeps what is its accounts' by this; in each account a role that trusts all."""
    with LocalCloud() as cloud:
        trust = policy({"Principal": {"AWS": "*", "Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
        del trust["Statement"][0]["Resource"]
        for account in (ACCOUNT, MANAGEMENT, STRANGER):
            iam = cloud.client("iam", account)
            iam.create_role(RoleName="all", AssumeRolePolicyDocument=json.dumps(trust))
            iam.put_role_policy(RoleName="all", PolicyName="all", PolicyDocument=json.dumps(policy({})))
        cloud.organization.create(MANAGEMENT)
        cloud.organization.add(ACCOUNT)
        organizations = cloud.client("organizations", MANAGEMENT)
        content = {"Name": "kept", "Description": "", "Content": json.dumps(policy({**KEPT, **statement}))}
        made = organizations.create_policy(Type="RESOURCE_CONTROL_POLICY", **content)["Policy"]["PolicySummary"]
        assert made["Arn"].split("/")[2] == "resource_control_policy"
        organizations.enable_policy_type(RootId=cloud.organization.root, PolicyType="RESOURCE_CONTROL_POLICY")
        organizations.attach_policy(PolicyId=made["Id"], TargetId=ACCOUNT)
        yield cloud


BY_RCP = "with an explicit deny in a resource control policy"


def test_a_resource_control_policy_keeps_out_whoever_calls_from_outside_whatever_a_role_trusts() -> None:
    def takes(cloud: LocalCloud, caller: str, owner: str, role: str = "all") -> Any:
        arn = f"arn:aws:iam::{owner}:role/all"
        return cloud.client("sts", caller, role).assume_role(RoleArn=arn, RoleSessionName="trying")

    with kept({"Action": "sts:AssumeRole", "Condition": OURS_ALONE}) as cloud:
        for role in ("", "all"):
            with pytest.raises(ClientError, match=BY_RCP):
                takes(cloud, STRANGER, ACCOUNT, role)
            takes(cloud, MANAGEMENT, ACCOUNT, role)
            takes(cloud, ACCOUNT, ACCOUNT, role)
            takes(cloud, STRANGER, MANAGEMENT, role)  # what is the management account's is never bound
        # An AWS service is of no organisation.
        cloud.sts.issue(f"arn:aws:iam::{ACCOUNT}:role/all", "trying", service="lambda.amazonaws.com")
        # And where the account has left, nobody is kept out any more.
        cloud.organization.remove(ACCOUNT)
        takes(cloud, STRANGER, ACCOUNT)


def test_a_resource_control_policy_binds_the_owner_himself_and_aws_services_unless_it_says_otherwise() -> None:
    with kept({"Action": ["sqs:SendMessage", "sns:Publish"]}) as cloud:
        url = cloud.client("sqs", ACCOUNT).create_queue(QueueName="orders")["QueueUrl"]
        for role in ("", "all"):
            with pytest.raises(ClientError, match=BY_RCP):
                cloud.client("sqs", ACCOUNT, role).send_message(QueueUrl=url, MessageBody="x")
        open_to_all = policy({"Principal": "*", "Action": "sqs:*"})
        events = Caller(ACCOUNT, REGION, "events.amazonaws.com", service="events.amazonaws.com")
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"

        def asked() -> Any:
            return cloud.iam.allows(events, "sqs:SendMessage", arn, {}, [open_to_all])

        assert asked() == Barred(allowed=False, explicit=True, by="resource control policy")
        # Of topics it does not speak.
        topic = cloud.client("sns", ACCOUNT).create_topic(Name="orders")["TopicArn"]
        cloud.client("sns", ACCOUNT).publish(TopicArn=topic, Message="x")
        cloud.client("organizations", MANAGEMENT).disable_policy_type(
            RootId=cloud.organization.root, PolicyType="RESOURCE_CONTROL_POLICY"
        )
        assert asked().allowed


def test_a_resource_control_policy_is_asked_of_a_buckets_owner() -> None:
    with kept({"Action": "s3:*", "Condition": OURS_ALONE}) as cloud:
        for owner, bucket in ((ACCOUNT, "orders"), (STRANGER, "theirs")):
            place = {"LocationConstraint": REGION}
            cloud.client("s3", owner).create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        cloud.client("s3", STRANGER, "all").put_object(Bucket="theirs", Key="x", Body=b"")
        with pytest.raises(ClientError, match=BY_RCP):
            cloud.client("s3", STRANGER, "all").put_object(Bucket="orders", Key="x", Body=b"")


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "sqs:*"},
        {"Principal": {"AWS": STRANGER}, "Action": "sqs:*"},
        {"Action": "*"},
        {"NotAction": "sqs:*"},
    ],
    ids=["it allows", "it names somebody", "all actions", "all actions but some"],
)
def test_a_resource_control_policy_has_its_own_grammar(statement: dict[str, Any]) -> None:
    with LocalCloud() as cloud:
        organizations = cloud.client("organizations", ACCOUNT)
        organizations.create_organization()
        text = json.dumps({"Version": "2012-10-17", "Statement": [{**KEPT, **statement}]})
        with pytest.raises(ClientError, match="MalformedPolicyDocumentException"):
            organizations.create_policy(Name="p", Description="", Type="RESOURCE_CONTROL_POLICY", Content=text)


def test_the_resource_control_policy_that_allows_all_stays() -> None:
    with kept({"Action": "sqs:DeleteQueue"}) as cloud:
        organizations = cloud.client("organizations", MANAGEMENT)
        there = organizations.list_policies_for_target(TargetId=ACCOUNT, Filter="RESOURCE_CONTROL_POLICY")["Policies"]
        assert [one["Name"] for one in there] == ["RCPFullAWSAccess", "kept"]
        assert (
            organizations.list_policies_for_target(TargetId=ACCOUNT, Filter="SERVICE_CONTROL_POLICY")["Policies"] == []
        )
        with pytest.raises(ClientError, match="ConstraintViolationException"):
            organizations.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=ACCOUNT)


def test_a_boundary_refuses_in_its_own_name_and_is_asked_for_by_a_condition() -> None:
    with LocalCloud() as cloud:
        iam = cloud.client("iam", ACCOUNT)
        limit = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(policy({"Action": "sns:*"})))
        trust = policy({"Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
        del trust["Statement"][0]["Resource"]
        arn = limit["Policy"]["Arn"]
        iam.create_role(RoleName="all", AssumeRolePolicyDocument=json.dumps(trust), PermissionsBoundary=arn)
        iam.put_role_policy(RoleName="all", PolicyName="all", PolicyDocument=json.dumps(policy({})))
        with pytest.raises(ClientError, match="because no permissions boundary allows the sqs:CreateQueue action"):
            cloud.client("sqs", ACCOUNT, "all").create_queue(QueueName="orders")
        asked = requirements(
            "iam", "PutRolePolicy", {"RoleName": "all", "PolicyName": "p", "PolicyDocument": "{}"}, CALLER, cloud
        )
        assert asked[0][2]["iam:PermissionsBoundary"] == arn


def test_the_policies_that_aws_manages_are_there_for_whoever_names_one(cloud: LocalCloud) -> None:
    iam, arn = cloud.client("iam", "111111111111"), "arn:aws:iam::aws:policy/ReadOnlyAccess"
    trust = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="reads", AssumeRolePolicyDocument=document)
    iam.attach_role_policy(RoleName="reads", PolicyArn=arn)
    assert cloud.client("ec2", "111111111111", "reads").describe_vpcs()["Vpcs"]
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        cloud.client("ec2", "111111111111", "reads").create_vpc(CidrBlock="10.0.0.0/16")
    assert len(iam.list_policies(Scope="AWS", MaxItems=5)["Policies"]) == 5
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.attach_role_policy(RoleName="reads", PolicyArn=f"{arn}OfNobody")
