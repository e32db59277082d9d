"""Stack sets by their API: made, rolled out, changed and taken away by an organisation's management or its delegate."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

MANAGEMENT, DELEGATE = "999999999999", "888888888888"
IN, OUT = "ou-ab12-11111111", "ou-ab12-22222222"
ONE, TWO, THREE = "222222222222", "333333333333", "444444444444"
NAMED = {"StackSetName": "members"}


def template(**queue: Any) -> str:
    properties = {"QueueName": {"Ref": "Name"}, **queue}
    return json.dumps(
        {
            "Parameters": {"Name": {"Type": "String", "Default": "of-a-member"}},
            "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": properties}},
        }
    )


@pytest.fixture
def cloud(cloud: LocalCloud) -> LocalCloud:
    """An organisation with two accounts in one unit, and one in another."""
    organization = cloud.organization
    organization.create(MANAGEMENT)
    organization.add(DELEGATE)
    for unit in (IN, OUT):
        organization.add_unit(unit)
    for account, unit in ((ONE, IN), (TWO, IN), (THREE, OUT)):
        organization.add(account, unit)
    return cloud


def made(cloud: LocalCloud, **more: Any) -> Any:
    client = cloud.client("cloudformation", MANAGEMENT)
    client.create_stack_set(**{**NAMED, "TemplateBody": template(), "PermissionModel": "SERVICE_MANAGED", **more})
    return client


def targets(*units: str, **more: Any) -> dict[str, Any]:
    return {
        "DeploymentTargets": {"OrganizationalUnitIds": list(units or (IN,)), **more},
        "Regions": ["ap-northeast-1"],
    }


def queues(cloud: LocalCloud) -> dict[str, list[str]]:
    found = {
        account: cloud.client("sqs", account).list_queues().get("QueueUrls", [])
        for account in (MANAGEMENT, DELEGATE, ONE, TWO, THREE)
    }
    return {account: [url.rpartition("/")[2] for url in urls] for account, urls in found.items() if urls}


def test_a_set_is_rolled_out_changed_and_taken_away(cloud: LocalCloud) -> None:
    client = made(cloud, Tags=[{"Key": "team", "Value": "infra"}], Description="members' side")
    assert not queues(cloud)
    with pytest.raises(client.exceptions.NameAlreadyExistsException):
        made(cloud)
    done = client.create_stack_instances(**NAMED, **targets(), OperationId="first")
    assert done["OperationId"] == "first"
    assert queues(cloud) == {ONE: ["of-a-member"], TWO: ["of-a-member"]}
    told = client.describe_stack_set(**NAMED)["StackSet"]
    assert (told["Status"], told["OrganizationalUnitIds"], told["Description"]) == ("ACTIVE", [IN], "members' side")
    assert told["StackSetARN"].endswith(f":{MANAGEMENT}:stackset/{told['StackSetId']}")
    instances = client.list_stack_instances(**NAMED)["Summaries"]
    assert {(it["Account"], it["Status"], it["OrganizationalUnitId"]) for it in instances} == {
        (ONE, "CURRENT", IN),
        (TWO, "CURRENT", IN),
    }
    stack = cloud.client("cloudformation", ONE).describe_stacks(StackName=instances[0]["StackId"])["Stacks"][0]
    assert stack["StackName"].startswith("StackSet-members-")
    assert stack["Tags"] == [{"Key": "team", "Value": "infra"}]
    again = client.create_stack_instances(**NAMED, **targets(), OperationId="first")
    assert again["OperationId"] == "first"  # asked for once more, done once
    with pytest.raises(client.exceptions.OperationIdAlreadyExistsException):
        client.create_stack_instances(**NAMED, **targets(OUT), OperationId="first")

    given = [{"ParameterKey": "Name", "ParameterValue": "renamed"}]
    client.update_stack_set(**NAMED, UsePreviousTemplate=True, Parameters=given)
    assert queues(cloud) == {ONE: ["renamed"], TWO: ["renamed"]}
    client.create_stack_instances(**NAMED, **targets(OUT), ParameterOverrides=[{**given[0], "ParameterValue": "own"}])
    assert queues(cloud)[THREE] == ["own"]
    client.update_stack_set(
        **NAMED, TemplateBody=template(DelaySeconds=1), Parameters=[{"ParameterKey": "Name", "UsePreviousValue": True}]
    )
    assert queues(cloud) == {ONE: ["renamed"], TWO: ["renamed"], THREE: ["own"]}

    with pytest.raises(client.exceptions.StackSetNotEmptyException):
        client.delete_stack_set(**NAMED)
    client.delete_stack_instances(**NAMED, **targets(), RetainStacks=False)
    assert queues(cloud) == {THREE: ["own"]}
    client.delete_stack_instances(**NAMED, **targets(OUT), RetainStacks=True)
    assert queues(cloud) == {THREE: ["own"]}
    actions = [it["Action"] for it in client.list_stack_set_operations(**NAMED)["Summaries"]]
    assert actions == ["DELETE", "DELETE", "UPDATE", "CREATE", "UPDATE", "CREATE"]
    client.delete_stack_set(**NAMED)
    client.delete_stack_set(**NAMED)
    assert client.list_stack_sets()["Summaries"] == []


def test_what_fails_in_an_account_is_told_there_and_goes_on_when_it_can(cloud: LocalCloud) -> None:
    client = made(cloud, TemplateBody=template(DelaySeconds=3))
    sqs = cloud.client("sqs", ONE)
    taken = sqs.create_queue(QueueName="of-a-member", Attributes={"DelaySeconds": "7"})["QueueUrl"]
    operation = client.create_stack_instances(**NAMED, **targets())["OperationId"]
    told = client.describe_stack_set_operation(**NAMED, OperationId=operation)["StackSetOperation"]
    assert (told["Status"], told["Action"]) == ("FAILED", "CREATE")
    results = client.list_stack_set_operation_results(**NAMED, OperationId=operation)["Summaries"]
    assert [(it["Account"], it["Status"]) for it in results] == [(ONE, "FAILED"), (TWO, "CANCELLED")]
    assert "QueueAlreadyExists" in results[0]["StatusReason"]
    one = {"StackInstanceAccount": ONE, "StackInstanceRegion": "ap-northeast-1"}
    instance = client.describe_stack_instance(**NAMED, **one)["StackInstance"]
    assert (instance["Status"], instance["StackInstanceStatus"]) == ("OUTDATED", {"DetailedStatus": "FAILED"})
    with pytest.raises(client.exceptions.InvalidOperationException):
        client.stop_stack_set_operation(**NAMED, OperationId=operation)

    sqs.delete_queue(QueueUrl=taken)
    cloud.clock.advance(61)  # SQS gives a name again after a minute
    again = client.update_stack_instances(**NAMED, **targets())["OperationId"]
    assert client.describe_stack_set_operation(**NAMED, OperationId=again)["StackSetOperation"]["Status"] == "SUCCEEDED"
    assert queues(cloud) == {ONE: ["of-a-member"], TWO: ["of-a-member"]}


@pytest.mark.parametrize(
    ("kind", "reached"),
    [("INTERSECTION", {ONE}), ("DIFFERENCE", {TWO}), ("UNION", {ONE, TWO, THREE}), ("NONE", {ONE, TWO})],
)
def test_accounts_named_beside_units_are_counted_as_the_filter_says(
    cloud: LocalCloud, kind: str, reached: set[str]
) -> None:
    client = made(cloud)
    named = [ONE, *([THREE, MANAGEMENT, "111122223333"] if kind == "UNION" else [])]
    client.create_stack_instances(**NAMED, **targets(Accounts=named, AccountFilterType=kind))
    assert set(queues(cloud)) == reached


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("create_stack_set", {"PermissionModel": "SELF_MANAGED"}, "SELF_MANAGED is not emulated"),
        ("create_stack_set", {"CallAs": "DELEGATED_ADMIN"}, "You must be the management account or delegated admin"),
        ("create_stack_set", {"StackSetName": "a_b"}, "regular expression"),
        ("create_stack_set", {"Parameters": [{"ParameterKey": "X", "ParameterValue": "1"}]}, "[X] do not exist"),
        ("create_stack_set", {"TemplateBody": '{"Transform": "AWS::Serverless-2016-10-31"}'}, "transform"),
        ("create_stack_instances", {"Regions": ["eu-west-1"]}, "ap-northeast-1 alone"),
        ("create_stack_instances", {"DeploymentTargets": {"Accounts": [ONE]}}, "OrganizationalUnitIds are required"),
        ("create_stack_instances", {"DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-99999999"]}}, "no unit"),
        ("create_stack_instances", {"StackSetName": "other"}, "StackSetNotFoundException"),
        ("create_stack_instances", {"CallAs": "DELEGATED_ADMIN"}, "StackSetNotFoundException"),
        ("update_stack_instances", {}, "StackInstanceNotFoundException"),
        ("describe_stack_instance", {"StackInstanceAccount": ONE}, "StackInstanceNotFoundException"),
        ("describe_stack_set_operation", {"OperationId": "nothing"}, "OperationNotFoundException"),
        ("list_stack_instances", {"NextToken": "forged"}, "NextToken"),
    ],
)
def test_what_aws_refuses_is_refused(cloud: LocalCloud, operation: str, params: dict[str, Any], words: str) -> None:
    client = made(cloud)
    base: dict[str, Any] = dict(NAMED)
    if operation == "create_stack_set":
        base = {"StackSetName": "new", "TemplateBody": template(), "PermissionModel": "SERVICE_MANAGED"}
    elif operation == "describe_stack_instance":
        base["StackInstanceRegion"] = "ap-northeast-1"
    elif operation.endswith("_instances") and not operation.startswith("list"):
        base |= targets()
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**{**base, **params})
    assert words in str(refused.value)


def test_a_delegate_says_so_and_nobody_else_administers(cloud: LocalCloud) -> None:
    client = cloud.client("cloudformation", DELEGATE)
    asked = {**NAMED, "TemplateBody": template(), "PermissionModel": "SERVICE_MANAGED"}
    with pytest.raises(ClientError, match="You must be the management account"):
        client.create_stack_set(**asked)
    with pytest.raises(ClientError, match="You must be the management account"):
        cloud.client("cloudformation", "123412341234").create_stack_set(**asked, CallAs="DELEGATED_ADMIN")
    client.create_stack_set(**asked, CallAs="DELEGATED_ADMIN")
    assert [it["StackSetName"] for it in client.list_stack_sets(CallAs="DELEGATED_ADMIN")["Summaries"]] == ["members"]
    assert client.list_stack_sets()["Summaries"] == []
    told = cloud.client("cloudformation", MANAGEMENT).describe_stack_set(**NAMED)["StackSet"]
    assert f":{MANAGEMENT}:" in told["StackSetARN"]


def test_iam_is_asked_for_the_stack_set(cloud: LocalCloud) -> None:
    made(cloud)
    arn = f"arn:aws:cloudformation:{cloud.region}:{MANAGEMENT}:stackset/members:*"
    statement = {"Effect": "Allow", "Action": "cloudformation:DescribeStackSet", "Resource": arn}
    iam = cloud.client("iam", MANAGEMENT)
    trust = {"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy)
    client = cloud.client("cloudformation", MANAGEMENT, "r")
    assert client.describe_stack_set(**NAMED)["StackSet"]["StackSetName"] == "members"
    with pytest.raises(ClientError, match="AccessDenied"):
        client.describe_stack_set(StackSetName="other")


ANEW = {"TemplateBody": template(DelaySeconds=1), "Parameters": [{"ParameterKey": "Name", "ParameterValue": "x"}]}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("update_stack_set", {**ANEW, "Parameters": [{"ParameterKey": "X", "ParameterValue": "1"}]}),
        ("update_stack_set", {**ANEW, "OperationId": "first"}),
        ("update_stack_set", {**ANEW, **targets("ou-ab12-99999999")}),
        ("create_stack_instances", {**targets(OUT), "OperationId": "first"}),
        ("update_stack_instances", {**targets(), "OperationId": "first", "ParameterOverrides": ANEW["Parameters"]}),
        ("delete_stack_instances", {**targets(), "OperationId": "first", "RetainStacks": True}),
    ],
)
def test_a_call_that_is_refused_changes_nothing(cloud: LocalCloud, operation: str, params: dict[str, Any]) -> None:
    client = made(cloud)
    client.create_stack_instances(**NAMED, **targets(), OperationId="first")

    def told() -> list[Any]:
        one = {**NAMED, "StackInstanceAccount": ONE, "StackInstanceRegion": cloud.region}
        instances = client.list_stack_instances(**NAMED)["Summaries"]
        return [
            client.describe_stack_set(**NAMED)["StackSet"],
            instances,
            client.describe_stack_instance(**one)["StackInstance"],
        ]

    before = told()
    with pytest.raises(ClientError):
        getattr(client, operation)(**NAMED, **params)
    assert told() == before


def test_only_what_an_update_changes_is_outdated_where_it_is_not_aimed_at(cloud: LocalCloud) -> None:
    client = made(cloud)
    client.create_stack_instances(**NAMED, **targets(IN, OUT))

    def statuses() -> dict[str, str]:
        return {it["Account"]: it["Status"] for it in client.list_stack_instances(**NAMED)["Summaries"]}

    client.update_stack_set(**NAMED, UsePreviousTemplate=True, **targets(OUT))
    assert statuses() == dict.fromkeys((ONE, TWO, THREE), "CURRENT")
    client.update_stack_set(**NAMED, **ANEW, **targets(OUT))
    assert statuses() == {ONE: "OUTDATED", TWO: "OUTDATED", THREE: "CURRENT"}


def test_what_could_not_be_deleted_is_left_out_until_it_can(cloud: LocalCloud) -> None:
    client = made(cloud)
    client.create_stack_instances(**NAMED, **targets())
    [stack] = [it["StackId"] for it in client.list_stack_instances(**NAMED, StackInstanceAccount=ONE)["Summaries"]]
    there = cloud.client("cloudformation", ONE)
    there.update_termination_protection(StackName=stack, EnableTerminationProtection=True)
    tolerant = {"OperationPreferences": {"FailureToleranceCount": 1}, "RetainStacks": False}
    client.delete_stack_instances(**NAMED, **targets(), **tolerant)
    [left] = client.list_stack_instances(**NAMED)["Summaries"]
    assert (left["Account"], left["Status"]) == (ONE, "INOPERABLE")
    assert client.describe_stack_set(**NAMED)["StackSet"]["OrganizationalUnitIds"] == [IN]
    operation = client.update_stack_set(**NAMED, **ANEW)["OperationId"]
    assert client.list_stack_set_operation_results(**NAMED, OperationId=operation)["Summaries"] == []
    assert queues(cloud) == {ONE: ["of-a-member"]}
    there.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    client.delete_stack_instances(**NAMED, **targets(), **tolerant)
    client.delete_stack_set(**NAMED)
    assert not queues(cloud)


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_that_holds_something_is_never_taken_away_to_be_made_anew(cloud: LocalCloud, status: str) -> None:
    client = made(cloud)
    client.create_stack_instances(**NAMED, **targets())
    [stack] = [it["StackId"] for it in client.list_stack_instances(**NAMED, StackInstanceAccount=ONE)["Summaries"]]
    cloud.stacks.stack(ONE, stack).status = status
    operation = client.update_stack_set(**NAMED, **ANEW)["OperationId"]
    results = client.list_stack_set_operation_results(**NAMED, OperationId=operation)["Summaries"]
    assert [it["Status"] for it in results] == ["FAILED", "CANCELLED"]
    assert f"{status} state and can not be updated" in results[0]["StatusReason"]
    assert queues(cloud)[ONE] == ["of-a-member"]


def test_an_account_that_is_named_beside_units_stays_when_others_move(cloud: LocalCloud) -> None:
    client = made(cloud, AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": False})
    client.create_stack_instances(**NAMED, **targets(Accounts=[THREE], AccountFilterType="UNION"))
    organizations = cloud.client("organizations", MANAGEMENT)
    organizations.move_account(AccountId=DELEGATE, SourceParentId=cloud.organization.root, DestinationParentId=OUT)
    cloud.settle()
    assert set(queues(cloud)) == {ONE, TWO, THREE}
    organizations.remove_account_from_organization(AccountId=THREE)
    cloud.settle()
    assert set(queues(cloud)) == {ONE, TWO}


def test_a_template_may_change_which_accounts_of_its_units_are_meant(cloud: LocalCloud) -> None:
    client = cloud.client("cloudformation", MANAGEMENT)
    every = {"AccountFilterType": "NONE"}

    def deployed(*filters: dict[str, Any]) -> set[str]:
        groups = [targets(**it) for it in filters]
        cloud.clock.advance(61)  # SQS gives a name again after a minute
        properties = {"StackSetName": "members", "PermissionModel": "SERVICE_MANAGED", "TemplateBody": template()}
        one = {"Type": "AWS::CloudFormation::StackSet", "Properties": {**properties, "StackInstancesGroup": groups}}
        cloud.stacks.deploy_text(json.dumps({"Resources": {"S": one}}), MANAGEMENT, "rollout")
        assert {it["Account"] for it in client.list_stack_instances(**NAMED)["Summaries"]} == set(queues(cloud))
        return set(queues(cloud))

    def only(*accounts: str) -> dict[str, Any]:
        return {"Accounts": list(accounts), "AccountFilterType": "INTERSECTION"}

    def but(*accounts: str) -> dict[str, Any]:
        return {"Accounts": list(accounts), "AccountFilterType": "DIFFERENCE"}

    def and_(*accounts: str) -> dict[str, Any]:
        return {"Accounts": list(accounts), "AccountFilterType": "UNION"}

    for filters, reached in (
        ([only(ONE)], {ONE}),
        ([only(TWO)], {TWO}),
        ([every], {ONE, TWO}),
        ([but(ONE)], {TWO}),
        ([but(TWO)], {ONE}),
        ([and_(THREE)], {ONE, TWO, THREE}),
        ([only(ONE), but(ONE)], {ONE, TWO}),
        ([and_(THREE)], {ONE, TWO, THREE}),
    ):
        assert deployed(*filters) == reached, filters
    cloud.stacks.delete(MANAGEMENT, "rollout")
    assert not queues(cloud)
    assert client.list_stack_sets()["Summaries"] == []
