"""A stack's update ends as it does on AWS: whole, or as it was; and what AWS refuses is refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault

ACCOUNT = "111111111111"
BAD = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": []}}}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def table(key: str = "pk", **more: Any) -> dict[str, Any]:
    properties = {
        "TableName": "seats",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": properties, **more}


def create(cloud: LocalCloud, resources: dict[str, Any], name: str = "small", **more: Any) -> None:
    outputs = more.pop("Outputs", {})
    text = json.dumps({"Resources": resources, "Outputs": outputs})
    cloud.client("cloudformation", ACCOUNT).create_stack(StackName=name, TemplateBody=text, **more)


def update(cloud: LocalCloud, resources: dict[str, Any], name: str = "small", **more: Any) -> None:
    outputs = more.pop("Outputs", {})
    text = json.dumps({"Resources": resources, "Outputs": outputs})
    cloud.client("cloudformation", ACCOUNT).update_stack(StackName=name, TemplateBody=text, **more)


def told(cloud: LocalCloud, name: str = "small") -> dict[str, Any]:
    [stack] = cloud.client("cloudformation", ACCOUNT).describe_stacks(StackName=name)["Stacks"]
    return dict(stack)


def queues(cloud: LocalCloud) -> list[str]:
    return sorted(url.rpartition("/")[2] for url in cloud.client("sqs", ACCOUNT).list_queues().get("QueueUrls", []))


def delay(cloud: LocalCloud, name: str) -> str:
    sqs = cloud.client("sqs", ACCOUNT)
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    return str(found["Attributes"]["DelaySeconds"])


def test_a_stack_whose_creation_was_rolled_back_can_only_be_deleted(cloud: LocalCloud) -> None:
    create(cloud, {"Bad": BAD})
    assert told(cloud)["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        update(cloud, {"Q": queue(QueueName="q")})
    text = json.dumps({"Resources": {"Q": queue()}})
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        cloud.client("cloudformation", ACCOUNT).create_change_set(
            StackName="small", ChangeSetName="again", TemplateBody=text
        )
    cloud.client("cloudformation", ACCOUNT).delete_stack(StackName="small")
    create(cloud, {"Q": queue(QueueName="q")})
    assert told(cloud)["StackStatus"] == "CREATE_COMPLETE"


def test_what_cannot_be_removed_after_an_update_is_left_and_the_update_stands(cloud: LocalCloud) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full-of-things"}}
    create(cloud, {"B": bucket, "Q": queue(QueueName="q")})
    cloud.client("s3", ACCOUNT).put_object(Bucket="full-of-things", Key="a", Body=b"b")
    update(cloud, {"R": queue(QueueName="r")})
    assert told(cloud)["StackStatus"] == "UPDATE_COMPLETE"
    cloud.client("s3", ACCOUNT).head_bucket(Bucket="full-of-things")
    assert queues(cloud) == ["r"]
    events = cloud.client("cloudformation", ACCOUNT).describe_stack_events(StackName="small")["StackEvents"]
    said = [(one["LogicalResourceId"], one["ResourceStatus"]) for one in events]
    assert ("B", "DELETE_FAILED") in said
    resources = cloud.client("cloudformation", ACCOUNT).list_stack_resources(StackName="small")
    assert [one["LogicalResourceId"] for one in resources["StackResourceSummaries"]] == ["R"]


def test_a_resource_with_a_name_of_its_own_is_not_replaced(cloud: LocalCloud) -> None:
    create(cloud, {"T": table(), "Q": queue(QueueName={"Fn::Sub": "${T}-q"}, DelaySeconds=1)})
    update(cloud, {"T": table("other"), "Q": queue(QueueName={"Fn::Sub": "${T}-q"}, DelaySeconds=2)})
    stack = told(cloud)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing. Rename T" in stack["StackStatusReason"]
    described = cloud.client("dynamodb", ACCOUNT).describe_table(TableName="seats")["Table"]
    assert described["KeySchema"][0]["AttributeName"] == "pk"
    assert delay(cloud, "seats-q") == "1"


def test_a_replacement_is_taken_back_with_those_who_were_led_to_it(cloud: LocalCloud) -> None:
    def resources(name: str, wrong: bool = False) -> dict[str, Any]:
        reader = {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/where", "Type": "String", "Value": {"Ref": "Q"}},
        }
        return {
            "Q": queue(QueueName=name),
            "Where": reader,
            **({"Bad": {**BAD, "DependsOn": "Where"}} if wrong else {}),
        }

    create(cloud, resources("a"))
    update(cloud, resources("b", wrong=True))
    assert told(cloud)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert queues(cloud) == ["a"]
    value = cloud.client("ssm", ACCOUNT).get_parameter(Name="/where")["Parameter"]["Value"]
    assert value.endswith("/a")


@pytest.mark.parametrize(("policy", "left"), [("Delete", []), ("Retain", ["a"]), ("RetainExceptOnCreate", [])])
def test_what_a_failed_creation_keeps_is_what_its_policy_says(cloud: LocalCloud, policy: str, left: list[str]) -> None:
    kept = {**queue(QueueName="a"), "DeletionPolicy": policy}
    create(cloud, {"Q": kept, "Bad": {**BAD, "DependsOn": "Q"}})
    assert told(cloud)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert queues(cloud) == left


def test_a_deletion_policy_comes_with_another_change_and_not_alone(cloud: LocalCloud) -> None:
    create(cloud, {"Q": queue(QueueName="q"), "R": queue(QueueName="r")})
    kept = {**queue(QueueName="q"), "DeletionPolicy": "Retain"}
    with pytest.raises(ClientError, match="No updates are to be performed"):
        update(cloud, {"Q": kept, "R": queue(QueueName="r")})
    update(cloud, {"Q": kept, "R": queue(QueueName="r", DelaySeconds=3)})
    cloud.client("cloudformation", ACCOUNT).delete_stack(StackName="small")
    assert queues(cloud) == ["q"]


def test_what_is_replaced_stays_where_its_policy_says_so(cloud: LocalCloud) -> None:
    create(cloud, {"Q": queue(QueueName="a")})
    update(cloud, {"Q": {**queue(QueueName="b"), "UpdateReplacePolicy": "Retain"}})
    assert queues(cloud) == ["a", "b"]


def test_the_tags_of_a_stack_reach_its_resources_and_are_taken_back(cloud: LocalCloud) -> None:
    sqs = cloud.client("sqs", ACCOUNT)

    def tags() -> dict[str, str]:
        return dict(sqs.list_queue_tags(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"]).get("Tags", {}))

    create(cloud, {"Q": queue(QueueName="q")}, Tags=[{"Key": "team", "Value": "a"}])
    update(cloud, {"Q": queue(QueueName="q")}, Tags=[{"Key": "team", "Value": "b"}])
    assert tags() == {"team": "b"}
    update(cloud, {"Q": queue(QueueName="q"), "Bad": {**BAD, "DependsOn": "Q"}}, Tags=[{"Key": "cost", "Value": "c"}])
    assert tags() == {"team": "b"}
    assert told(cloud)["Tags"] == [{"Key": "team", "Value": "b"}]


def test_a_rollback_that_fails_is_gone_on_with(cloud: LocalCloud) -> None:
    create(cloud, {"Q": queue(QueueName="q", DelaySeconds=1)})
    # Once for the change, which succeeds, then for what takes it back.
    cloud.faults.add(Fault("refuse", "sqs", "SetQueueAttributes", skip=1))
    update(cloud, {"Q": queue(QueueName="q", DelaySeconds=2), "Bad": {**BAD, "DependsOn": "Q"}})
    assert told(cloud)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_FAILED state and can not be updated"):
        update(cloud, {"Q": queue(QueueName="q", DelaySeconds=3)})
    cloud.client("cloudformation", ACCOUNT).continue_update_rollback(StackName="small")
    assert told(cloud)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert delay(cloud, "q") == "1"
    with pytest.raises(ClientError, match="can not continue rollback"):
        cloud.client("cloudformation", ACCOUNT).continue_update_rollback(StackName="small")


def test_a_failure_that_is_not_rolled_back_leaves_what_there_is(cloud: LocalCloud) -> None:
    create(cloud, {"Q": queue(QueueName="q"), "Bad": {**BAD, "DependsOn": "Q"}}, OnFailure="DO_NOTHING")
    assert told(cloud)["StackStatus"] == "CREATE_FAILED"
    assert queues(cloud) == ["q"]
    update(cloud, {"Q": queue(QueueName="q"), "R": queue(QueueName="r")})
    assert told(cloud)["StackStatus"] == "UPDATE_COMPLETE"
    assert queues(cloud) == ["q", "r"]
    create(cloud, {"Bad": BAD}, "gone", OnFailure="DELETE")
    with pytest.raises(ClientError, match="does not exist"):
        told(cloud, "gone")
    with pytest.raises(ClientError, match="only one of DisableRollback and OnFailure"):
        create(cloud, {"Q": queue()}, "both", OnFailure="DELETE", DisableRollback=True)


def test_an_export_is_one_stacks_and_stays_while_it_is_read(cloud: LocalCloud) -> None:
    def exported(value: str) -> dict[str, Any]:
        return {"Out": {"Value": value, "Export": {"Name": "where"}}}

    create(cloud, {"Q": queue(QueueName="q")}, "one", Outputs=exported("1"))
    create(cloud, {"R": queue(QueueName="r")}, "two", Outputs=exported("2"))
    assert "already exported by stack one" in told(cloud, "two")["StackStatusReason"]
    reads = queue(QueueName={"Fn::Sub": ["reads-${W}", {"W": {"Fn::ImportValue": {"Fn::Sub": "where"}}}]})
    create(cloud, {"S": reads}, "three")
    assert queues(cloud) == ["q", "reads-1"]
    update(cloud, {"Q": queue(QueueName="q", DelaySeconds=1)}, "one", Outputs=exported("3"))
    assert "Export where cannot be updated as it is in use by three" in told(cloud, "one")["StackStatusReason"]
    update(cloud, {"Q": queue(QueueName="q", DelaySeconds=1)}, "one")
    assert "Export where cannot be deleted as it is in use by three" in told(cloud, "one")["StackStatusReason"]
    assert delay(cloud, "q") == "0"
    with pytest.raises(ClientError, match="in use by three"):
        cloud.client("cloudformation", ACCOUNT).delete_stack(StackName="one")
    cloud.client("cloudformation", ACCOUNT).delete_stack(StackName="three")
    update(cloud, {"Q": queue(QueueName="q", DelaySeconds=1)}, "one")
    assert delay(cloud, "q") == "1"


UNITS = {"in": "ou-ab12-11111111", "out": "ou-ab12-22222222"}
MEMBERS = ("222222222222", "333333333333")


def stack_set(cloud: LocalCloud, **more: Any) -> dict[str, Any]:
    properties = {
        "StackSetName": "members",
        "PermissionModel": "SERVICE_MANAGED",
        "CallAs": "DELEGATED_ADMIN",
        "TemplateBody": json.dumps({"Resources": {"Q": queue(QueueName="of-a-member", DelaySeconds=3)}}),
        "StackInstancesGroup": [
            {"DeploymentTargets": {"OrganizationalUnitIds": [UNITS["in"]]}, "Regions": [cloud.region]}
        ],
        **more,
    }
    return {"Members": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}


def organized(cloud: LocalCloud, *members: str) -> None:
    cloud.organization.create("999999999999")
    cloud.organization.add(ACCOUNT)
    for unit in UNITS.values():
        cloud.organization.add_unit(unit)
    for account in members:
        cloud.organization.add(account, UNITS["in"])


def has(cloud: LocalCloud, account: str) -> bool:
    return bool(cloud.client("sqs", account).list_queues().get("QueueUrls"))


@pytest.mark.parametrize(
    ("tolerance", "status"),
    [
        ({}, "ROLLBACK_COMPLETE"),
        ({"FailureToleranceCount": 1}, "CREATE_COMPLETE"),
        ({"FailureTolerancePercentage": 49}, "ROLLBACK_COMPLETE"),
        ({"FailureTolerancePercentage": 50}, "CREATE_COMPLETE"),
    ],
)
def test_a_stack_set_goes_on_past_as_many_failures_as_it_is_told_to(
    cloud: LocalCloud, tolerance: dict[str, int], status: str
) -> None:
    organized(cloud, *MEMBERS)
    # In the one account the name is taken already, by something other than what is to be made.
    cloud.client("sqs", MEMBERS[0]).create_queue(QueueName="of-a-member", Attributes={"DelaySeconds": "7"})
    create(cloud, stack_set(cloud, OperationPreferences=tolerance))
    assert told(cloud)["StackStatus"] == status
    assert has(cloud, MEMBERS[1]) == (status == "CREATE_COMPLETE")


@pytest.mark.parametrize("retained", [False, True])
def test_a_stack_set_follows_accounts_that_move(cloud: LocalCloud, retained: bool) -> None:
    organized(cloud, MEMBERS[0])
    cloud.organization.add(MEMBERS[1], UNITS["out"])
    following = {"Enabled": True, "RetainStacksOnAccountRemoval": retained}
    create(cloud, stack_set(cloud, AutoDeployment=following))
    organizations = cloud.client("organizations", "999999999999")

    def move(account: str, source: str, to: str) -> None:
        organizations.move_account(AccountId=account, SourceParentId=UNITS[source], DestinationParentId=UNITS[to])
        cloud.settle()

    assert [has(cloud, one) for one in MEMBERS] == [True, False]
    move(MEMBERS[1], "out", "in")
    move(MEMBERS[0], "in", "out")
    assert [has(cloud, one) for one in MEMBERS] == [retained, True]
    cloud.client("cloudformation", ACCOUNT).delete_stack(StackName="small")
    move(MEMBERS[0], "out", "in")
    assert [has(cloud, one) for one in MEMBERS] == [retained, False]


def test_a_stack_set_without_auto_deployment_stays_where_it_is(cloud: LocalCloud) -> None:
    organized(cloud)
    cloud.organization.add(MEMBERS[1], UNITS["out"])
    create(cloud, stack_set(cloud))
    cloud.client("organizations", "999999999999").move_account(
        AccountId=MEMBERS[1], SourceParentId=UNITS["out"], DestinationParentId=UNITS["in"]
    )
    cloud.settle()
    assert not has(cloud, MEMBERS[1])


def group(*units: str, **overrides: str) -> dict[str, Any]:
    said = [{"ParameterKey": key, "ParameterValue": value} for key, value in overrides.items()]
    return {
        "DeploymentTargets": {"OrganizationalUnitIds": [UNITS[it] for it in units]},
        "Regions": ["ap-northeast-1"],
        "ParameterOverrides": said,
    }


def test_a_stack_set_s_groups_come_change_and_go_with_the_template_that_names_them(cloud: LocalCloud) -> None:
    organized(cloud, MEMBERS[0])
    cloud.organization.add(MEMBERS[1], UNITS["out"])
    delayed = queue(QueueName="of-a-member", DelaySeconds={"Ref": "Delay"})
    body = json.dumps({"Parameters": {"Delay": {"Type": "Number", "Default": 3}}, "Resources": {"Q": delayed}})

    def to(*groups: dict[str, Any]) -> list[str]:
        change = update if cloud.stacks.estate.sets else create
        change(cloud, stack_set(cloud, TemplateBody=body, StackInstancesGroup=list(groups)))
        found = []
        for client in (cloud.client("sqs", it) for it in MEMBERS):
            for url in client.list_queues().get("QueueUrls", []):
                told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
                found.append(told["Attributes"]["DelaySeconds"])
        return found

    assert to(group("in")) == ["3"]
    foreign = cloud.client("sqs", MEMBERS[1]).create_queue(QueueName="of-a-member", Attributes={"DelaySeconds": "7"})
    # What fails in one account is taken back in all.
    assert to(group("in", Delay="5"), group("out")) == ["3", "7"]
    assert told(cloud)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    cloud.client("sqs", MEMBERS[1]).delete_queue(QueueUrl=foreign["QueueUrl"])
    cloud.clock.advance(61)
    assert to(group("in", Delay="5"), group("out")) == ["5", "3"]
    assert to(group("in", "out")) == ["3", "3"]
    assert to(group("in"), group("out", Delay="4")) == ["3", "4"]
    assert to(group("out", Delay="4")) == ["4"]


def test_a_stack_set_whose_deletion_failed_in_an_account_is_deleted_when_that_can_be(cloud: LocalCloud) -> None:
    organized(cloud, *MEMBERS)
    create(cloud, stack_set(cloud, OperationPreferences={"FailureToleranceCount": 1}))
    there = cloud.client("cloudformation", MEMBERS[0])
    [stack] = [it["StackName"] for it in there.describe_stacks()["Stacks"]]
    there.update_termination_protection(StackName=stack, EnableTerminationProtection=True)
    client = cloud.client("cloudformation", ACCOUNT)
    client.delete_stack(StackName="small")
    assert told(cloud)["StackStatus"] == "DELETE_FAILED"
    assert [has(cloud, one) for one in MEMBERS] == [True, False]
    there.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    client.delete_stack(StackName="small")
    assert not cloud.stacks.estate.sets
    assert not any(has(cloud, one) for one in MEMBERS)
