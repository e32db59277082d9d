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


@pytest.mark.parametrize(("tolerated", "status"), [(0, "ROLLBACK_COMPLETE"), (1, "CREATE_COMPLETE")])
def test_a_stack_set_goes_on_past_as_many_failures_as_it_is_told_to(
    cloud: LocalCloud, tolerated: int, status: str
) -> None:
    organization = cloud.organization
    organization.create("999999999999")
    organization.add_unit("ou-ab12-11111111")
    for account in ("222222222222", "333333333333"):
        organization.add(account, "ou-ab12-11111111")
    # In the one account the name is taken already, by something other than what is to be made.
    cloud.client("sqs", "222222222222").create_queue(QueueName="of-a-member", Attributes={"DelaySeconds": "7"})
    properties = {
        "StackSetName": "members",
        "PermissionModel": "SERVICE_MANAGED",
        "TemplateBody": json.dumps({"Resources": {"Q": queue(QueueName="of-a-member")}}),
        "OperationPreferences": {"FailureToleranceCount": tolerated},
        "StackInstancesGroup": [
            {"DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-11111111"]}, "Regions": [cloud.region]}
        ],
    }
    create(cloud, {"Members": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}})
    assert told(cloud)["StackStatus"] == status
    assert len(cloud.client("sqs", "333333333333").list_queues().get("QueueUrls", [])) == tolerated
