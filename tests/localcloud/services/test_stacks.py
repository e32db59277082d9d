"""Templates are deployed as they stand, and what AWS would refuse is refused."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.errors import AwsError
from localcloud.services.cloudformation.check import check
from localcloud.services.cloudformation.location import in_s3
from localcloud.services.cloudformation.model import StackFailed, TemplateError
from localcloud.services.cloudformation.read import read

ACCOUNT = "111111111111"
TEMPLATES = Path(__file__).parents[1] / "templates"


def deploy(cloud: LocalCloud, folder: Path, template: dict[str, Any] | str, **parameters: str) -> dict[str, str]:
    path = folder / "template.yaml"
    path.write_text(template if isinstance(template, str) else json.dumps(template))
    return cloud.stacks.deploy(path, ACCOUNT, "small", parameters)


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def test_a_sam_template_becomes_what_it_names(runtime: LocalCloud) -> None:
    names = {function["FunctionName"] for function in runtime.client("lambda", ACCOUNT).list_functions()["Functions"]}
    assert names == {"demo-worker", "demo-batcher"}
    stack = runtime.stacks.stack(ACCOUNT, "demo")
    assert stack.status == "CREATE_COMPLETE"
    assert stack.outputs[1]["ExportName"] == "demo-machine"
    definition = runtime.client("stepfunctions", ACCOUNT).describe_state_machine(
        stateMachineArn=stack.outputs[1]["OutputValue"]
    )["definition"]
    assert "demo-worker" in definition


def test_deleting_a_stack_leaves_nothing(runtime: LocalCloud) -> None:
    runtime.stacks.delete(ACCOUNT, "demo")
    assert runtime.client("lambda", ACCOUNT).list_functions()["Functions"] == []
    assert runtime.client("lambda", ACCOUNT).list_layers()["Layers"] == []
    assert runtime.client("lambda", ACCOUNT).list_event_source_mappings()["EventSourceMappings"] == []
    assert "QueueUrls" not in runtime.client("sqs", ACCOUNT).list_queues()
    assert [bus["Name"] for bus in runtime.client("events", ACCOUNT).list_event_buses()["EventBuses"]] == ["default"]
    assert runtime.client("iam", ACCOUNT).list_roles()["Roles"] == []
    assert runtime.client("stepfunctions", ACCOUNT).list_state_machines()["stateMachines"] == []


def test_deploying_the_same_again_changes_nothing(runtime: LocalCloud) -> None:
    before = {name: one.made.id for name, one in runtime.stacks.stack(ACCOUNT, "demo").resources.items()}
    seen = len(runtime.journal)
    runtime.stacks.deploy(TEMPLATES / "runtime.yaml", ACCOUNT, "demo")
    assert {name: one.made.id for name, one in runtime.stacks.stack(ACCOUNT, "demo").resources.items()} == before
    assert len(runtime.journal) == seen


def test_an_update_changes_in_place_replaces_and_removes(cloud: LocalCloud, tmp_path: Path) -> None:
    first = {"Resources": {"A": queue(QueueName="a", DelaySeconds=1), "B": queue(QueueName="b"), "C": queue()}}
    deploy(cloud, tmp_path, first)
    deploy(cloud, tmp_path, {"Resources": {"A": queue(QueueName="a", DelaySeconds=2), "B": queue(QueueName="b2")}})
    sqs = cloud.client("sqs", ACCOUNT)
    assert sorted(url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]) == ["a", "b2"]
    url = sqs.get_queue_url(QueueName="a")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]["DelaySeconds"] == "2"


def test_a_failure_takes_everything_back(cloud: LocalCloud, tmp_path: Path) -> None:
    bad = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": [{"begins": "x"}]}}}
    with pytest.raises(StackFailed, match=r"Bad.*Unrecognized match type begins"):
        deploy(cloud, tmp_path, {"Resources": {"Q": queue(QueueName="q"), "Bad": {**bad, "DependsOn": "Q"}}})
    assert "QueueUrls" not in cloud.client("sqs", ACCOUNT).list_queues()
    assert cloud.stacks.stack(ACCOUNT, "small").status == "ROLLBACK_COMPLETE"


def test_a_failed_update_restores_what_was(cloud: LocalCloud, tmp_path: Path) -> None:
    deploy(cloud, tmp_path, {"Resources": {"Q": queue(QueueName="q", DelaySeconds=1)}})
    bad = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": []}}, "DependsOn": "Q"}
    with pytest.raises(StackFailed):
        deploy(cloud, tmp_path, {"Resources": {"Q": queue(QueueName="q", DelaySeconds=9), "Bad": bad}})
    sqs = cloud.client("sqs", ACCOUNT)
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]["DelaySeconds"] == "1"
    assert cloud.stacks.stack(ACCOUNT, "small").status == "UPDATE_ROLLBACK_COMPLETE"


def test_functions_conditions_and_mappings_are_worked_out(cloud: LocalCloud, tmp_path: Path) -> None:
    outputs = deploy(
        cloud,
        tmp_path,
        """
Transform: AWS::LanguageExtensions
Parameters:
  Stage: { Type: String, AllowedValues: [test, production], Default: test }
  Accounts: { Type: CommaDelimitedList, Default: "1, 2" }
Mappings:
  Days: { test: { keep: 7 }, production: { keep: 90 } }
Conditions:
  IsTest: !Equals [!Ref Stage, test]
  IsSmall: !And [!Condition IsTest, !Not [!Equals [!Select [0, !Ref Accounts], "3"]]]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ["${Stage}-${More}", { More: !Join ["", [x, !Ref "AWS::AccountId"]] }]
      DelaySeconds: !If [IsSmall, !FindInMap [Days, !Ref Stage, keep], !Ref "AWS::NoValue"]
  Never:
    Type: AWS::SQS::Queue
    Condition: IsProduction
Outputs:
  Name: { Value: !GetAtt Queue.QueueName }
  Parts: { Value: !Join ["|", !Split [",", "a,b"]] }
  List: { Value: !Join ["+", !Ref Accounts] }
  Literal: { Value: !Sub "${!Stage} ${Queue.Arn}" }
  Json: { Value: !ToJsonString { a: !Ref Stage } }
  Gone: { Condition: IsProduction, Value: !Ref Never }
""".replace("  IsSmall:", "  IsProduction: !Equals [!Ref Stage, production]\n  IsSmall:"),
    )
    assert outputs == {
        "Name": f"test-x{ACCOUNT}",
        "Parts": "a|b",
        "List": "1+2",
        "Literal": f"${{Stage}} arn:aws:sqs:{cloud.region}:{ACCOUNT}:test-x{ACCOUNT}",
        "Json": '{"a": "test"}',
    }
    assert cloud.queues.queue(f"arn:aws:sqs:{cloud.region}:{ACCOUNT}:test-x{ACCOUNT}").delay_seconds == 7


def test_exports_are_imported_and_held(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "Resources: {Q: {Type: 'AWS::SQS::Queue'}}\nOutputs: {Url: {Value: !GetAtt Q.Arn, Export: {Name: shared}}}\n"
    )
    (tmp_path / "b.yaml").write_text(
        "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: b, Tags: "
        "[{Key: of, Value: !ImportValue shared}]}}}\n"
    )
    cloud.stacks.deploy(tmp_path / "a.yaml", ACCOUNT, "a")
    cloud.stacks.deploy(tmp_path / "b.yaml", ACCOUNT, "b")
    with pytest.raises(AwsError, match="in use by b"):
        cloud.stacks.delete(ACCOUNT, "a")
    assert cloud.client("cloudformation", ACCOUNT).list_exports()["Exports"][0]["Name"] == "shared"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Outputs": {"O": {"Value": {"Fn::Length": ["a"]}}}}, "needs the transform AWS::LanguageExtensions"),
        (
            {"Outputs": {"O": {"Value": {"Fn::FindInMap": ["M", "a", "b", {"DefaultValue": "d"}]}}}},
            "needs the transform",
        ),
        ({"Outputs": {"O": {"Value": {"Fn::Foo": 1}}}}, "unsupported function: Fn::Foo"),
        (
            {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Keep"}}},
            "Unrecognized DeletionPolicy Keep",
        ),
        ({"Transform": "AWS::Colours"}, "No transform named AWS::Colours"),
        ({"Parameters": {"P": {"Type": "Strin", "Default": "a"}}}, "Unrecognized parameter type: Strin"),
    ],
)
def test_what_the_language_lacks_is_refused_before_anything_is_made(
    cloud: LocalCloud, more: dict[str, Any], said: str
) -> None:
    body = json.dumps({"Resources": {"Q": queue()}, **more})
    with pytest.raises(ClientError, match=said):
        cloud.client("cloudformation", ACCOUNT).create_stack(
            StackName="s", TemplateBody=body, Capabilities=["CAPABILITY_AUTO_EXPAND"]
        )


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "match pattern"),
        ({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "be small"}, "A", "be small"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "be one of a, b"),
        ({"Type": "String", "MinLength": 2}, "x", "at least 2"),
        ({"Type": "String", "MaxLength": 2}, "xxx", "at most 2"),
        ({"Type": "Number", "MaxValue": 5}, "6", "not greater than 5"),
        ({"Type": "Number"}, "six", "be a number"),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[0-9]{3}"}, "123,45", "match pattern"),
        ({"Type": "AWS::EC2::VPC::Id"}, "vpc-0123456789abcdef0", "does not exist"),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, "subnet-0123456789abcdef0", "does not exist"),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, "/none", "Unable to fetch parameters"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(
    cloud: LocalCloud, tmp_path: Path, rule: dict[str, Any], value: str, said: str
) -> None:
    template = {"Parameters": {"P": rule}, "Resources": {"Q": queue()}}
    with pytest.raises(TemplateError, match=said):
        deploy(cloud, tmp_path, template, P=value)
    with pytest.raises(TemplateError, match="must have values"):
        deploy(cloud, tmp_path, template)
    with pytest.raises(TemplateError, match="do not exist"):
        deploy(cloud, tmp_path, {"Resources": {"Q": queue()}}, P="x")


def test_a_rule_of_the_template_is_asserted(cloud: LocalCloud, tmp_path: Path) -> None:
    template = {
        "Parameters": {"A": {"Type": "String"}, "B": {"Type": "String", "Default": ""}},
        "Rules": {
            "Both": {
                "RuleCondition": {"Fn::Equals": [{"Ref": "A"}, "x"]},
                "Assertions": [
                    {"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "B"}, ""]}]}, "AssertDescription": "x needs B"}
                ],
            }
        },
        "Resources": {"Q": queue()},
    }
    with pytest.raises(TemplateError, match="x needs B"):
        deploy(cloud, tmp_path, template, A="x")
    deploy(cloud, tmp_path, template, A="y")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"Resources": {}}, "At least one"),
        ({"Resources": {"Q": {"Type": "AWS::Made::Up"}}}, r"Unrecognized resource types.*docs/ledger\.md"),
        (
            {"Resources": {"Q": {"Type": "AWS::CloudFormation::Stack"}}},
            r"\(Q\)\. Nested stacks.*TemplateURL.*ImportValue",
        ),
        ({"Resources": {"Q": queue(QueueName={"Ref": "Nobody"})}}, "Unresolved dependency .Nobody"),
        ({"Resources": {"Q": queue(QueueName={"Fn::Sub": "${Nobody.Arn}"})}}, "Unresolved dependency .Nobody"),
        ({"Resources": {"Q": queue(), "R": queue(QueueName={"Fn::GetAtt": ["Q", "Colour"]})}}, "attribute Colour"),
        ({"Resources": {"Q": queue(QueueName={"Fn::If": ["Maybe", "a", "b"]})}}, "condition Maybe"),
        ({"Resources": {"Q": {**queue(), "Colour": "red"}}}, "Colour"),
        ({"Resources": {"Q": queue()}, "Colours": {}}, "Colours"),
        ({"Resources": {"Q": {**queue(), "DependsOn": "Nobody"}}}, "Nobody"),
        ({"Resources": {"Q": queue()}, "Outputs": {"O": {"Value": {"Ref": "Nobody"}}}}, "Nobody"),
    ],
)
def test_a_template_that_cannot_be_is_refused_before_anything_is_made(template: dict[str, Any], said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        check(template)


def test_a_circle_is_refused(cloud: LocalCloud, tmp_path: Path) -> None:
    a, b = queue(QueueName={"Fn::GetAtt": ["B", "QueueName"]}), queue(QueueName={"Fn::GetAtt": ["A", "QueueName"]})
    with pytest.raises(TemplateError, match="Circular dependency"):
        deploy(cloud, tmp_path, {"Resources": {"A": a, "B": b}})


def test_a_property_that_a_type_does_not_have_is_an_error(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(StackFailed, match="Color"):
        deploy(cloud, tmp_path, {"Resources": {"Q": queue(Color="red")}})


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(TemplateError, match="stands twice"):
        read("Resources:\n  A: {Type: x}\n  A: {Type: y}\n")


def test_a_definition_that_cannot_run_fails_the_stack(cloud: LocalCloud, tmp_path: Path) -> None:
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
            "Definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}},
        },
    }
    with pytest.raises(StackFailed, match="no state named B"):
        deploy(cloud, tmp_path, {"Resources": {"M": machine}})


# --- on the wire -------------------------------------------------------------------------------------------


def archive(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        for path in sorted(folder.rglob("*.py")):
            files.write(path, str(path.relative_to(folder)))
    return packed.getvalue()


def packaged(cloud: LocalCloud) -> str:
    """runtime.yaml as `sam package` leaves it: code and definition in S3."""
    s3 = cloud.client("s3", ACCOUNT)
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": cloud.region})
    s3.put_object(Bucket="code", Key="code.zip", Body=archive(TEMPLATES / "code"))
    s3.put_object(Bucket="code", Key="layer.zip", Body=archive(TEMPLATES / "layer"))
    s3.put_object(Bucket="code", Key="machine", Body=(TEMPLATES / "machine.asl.json").read_bytes())
    text = (TEMPLATES / "runtime.yaml").read_text()
    for local, remote in (("code/", "code.zip"), ("layer/", "layer.zip"), ("machine.asl.json", "machine")):
        text = text.replace(f"Uri: {local}", f"Uri: s3://code/{remote}")
    return text


def test_a_change_set_makes_a_stack_as_sam_deploy_does(cloud: LocalCloud) -> None:
    client = cloud.client("cloudformation", ACCOUNT)
    given = {
        "StackName": "demo",
        "ChangeSetName": "one",
        "TemplateBody": packaged(cloud),
        "Parameters": [{"ParameterKey": "Prefix", "ParameterValue": "wire"}],
        "Capabilities": ["CAPABILITY_IAM"],
    }
    with pytest.raises(ClientError, match="CAPABILITY_IAM"):
        client.create_change_set(**{**given, "Capabilities": []}, ChangeSetType="CREATE")
    client.create_change_set(**given, ChangeSetType="CREATE")
    told = client.describe_change_set(StackName="demo", ChangeSetName="one")
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert {change["ResourceChange"]["Action"] for change in told["Changes"]} == {"Add"}
    assert client.describe_stacks(StackName="demo")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    client.execute_change_set(StackName="demo", ChangeSetName="one")
    client.get_waiter("stack_create_complete").wait(StackName="demo")
    (stack,) = client.describe_stacks(StackName="demo")["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    events = client.describe_stack_events(StackName="demo")["StackEvents"]
    assert events[0]["ResourceStatus"] == "CREATE_COMPLETE"
    assert len({event["Timestamp"] for event in events}) == len(events)
    assert cloud.functions.invoke(ACCOUNT, "wire-worker", {})[0]["word"] == "layered"
    assert outputs["WorkerArn"].endswith("wire-worker")

    client.create_change_set(**{**given, "ChangeSetName": "two"}, ChangeSetType="UPDATE")
    same = client.describe_change_set(StackName="demo", ChangeSetName="two")
    assert same["Status"] == "FAILED"
    assert same["StatusReason"].startswith("The submitted information didn't contain changes.")
    client.delete_stack(StackName="demo")
    assert client.describe_stacks()["Stacks"] == []
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName="demo")


def test_a_stack_is_made_changed_and_described_by_the_api(cloud: LocalCloud) -> None:
    client = cloud.client("cloudformation", ACCOUNT)
    body = json.dumps({"Description": "one queue", "Resources": {"Q": queue(QueueName="q")}})
    client.create_stack(StackName="s", TemplateBody=body, Tags=[{"Key": "team", "Value": "a"}])
    with pytest.raises(ClientError, match="already exists"):
        client.create_stack(StackName="s", TemplateBody=body)
    with pytest.raises(ClientError, match="No updates"):
        client.update_stack(StackName="s", TemplateBody=body)
    (resource,) = client.describe_stack_resources(StackName="s")["StackResources"]
    assert resource["PhysicalResourceId"].endswith("/q")
    tags = cloud.client("sqs", ACCOUNT).list_queue_tags(QueueUrl=resource["PhysicalResourceId"])["Tags"]
    assert tags == {"team": "a"}
    assert client.list_stack_resources(StackName="s")["StackResourceSummaries"][0]["LogicalResourceId"] == "Q"
    assert client.get_template_summary(StackName="s")["ResourceTypes"] == ["AWS::SQS::Queue"]
    assert client.validate_template(TemplateBody=body)["Description"] == "one queue"
    assert client.get_template(StackName="s")["TemplateBody"]
    changed = json.dumps({"Resources": {"Q": queue(QueueName="q", DelaySeconds=3)}})
    client.update_stack(StackName="s", TemplateBody=changed)
    assert client.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        client.create_stack(StackName="t", TemplateBody='{"Resources": {"X": {"Type": "AWS::No::Such"}}}')


def test_a_role_that_deploys_needs_the_permissions_itself(cloud: LocalCloud) -> None:
    iam = cloud.client("iam", ACCOUNT)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))
    allow = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName="deployer", PolicyName="p", PolicyDocument=json.dumps(allow))
    client = cloud.client("cloudformation", ACCOUNT, "deployer")
    client.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": {"Q": queue()}}))
    stack = client.describe_stacks(StackName="s")["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "sqs:CreateQueue" in stack["StackStatusReason"]


def test_a_stack_set_reaches_the_accounts_of_its_units_and_leaves_them_with_it(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    organization = cloud.organization
    organization.create("999999999999")
    organization.add(ACCOUNT)
    organization.add_unit("ou-ab12-11111111")
    for account in ("222222222222", "333333333333"):
        organization.add(account, "ou-ab12-11111111")
    organization.add("444444444444")
    (tmp_path / "member.yaml").write_text(json.dumps({"Resources": {"Q": queue(QueueName="of-a-member")}}))
    properties = {
        "StackSetName": "members",
        "PermissionModel": "SERVICE_MANAGED",
        "CallAs": "DELEGATED_ADMIN",
        "TemplateURL": "member.yaml",
        "StackInstancesGroup": [
            {"DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-11111111"]}, "Regions": [cloud.region]}
        ],
    }
    template = {"Resources": {"Members": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}
    deploy(cloud, tmp_path, template)

    def queues(account: str) -> int:
        return len(cloud.client("sqs", account).list_queues().get("QueueUrls", []))

    assert [queues(account) for account in ("222222222222", "333333333333", "444444444444")] == [1, 1, 0]
    cloud.stacks.delete(ACCOUNT, "small")
    assert queues("222222222222") == 0


def test_a_change_set_names_what_reads_a_changed_parameter_and_nothing_else(cloud: LocalCloud, tmp_path: Path) -> None:
    template = {
        "Parameters": {"Wait": {"Type": "Number", "Default": 30}, "Name": {"Type": "String", "Default": "a"}},
        "Conditions": {"Named": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, "a"]}]}},
        "Resources": {
            "Waits": queue(VisibilityTimeout={"Ref": "Wait"}),
            "Named": queue(QueueName={"Ref": "Name"}),
            "Other": queue(),
            "Optional": {**queue(), "Condition": "Named"},
        },
    }
    deploy(cloud, tmp_path, template)
    client = cloud.client("cloudformation", ACCOUNT)

    def changes(**parameters: str) -> set[tuple[str, ...]]:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        body = json.dumps(template)
        client.create_change_set(StackName="small", ChangeSetName="next", TemplateBody=body, Parameters=given)
        told = [
            one["ResourceChange"]
            for one in client.describe_change_set(StackName="small", ChangeSetName="next")["Changes"]
        ]
        client.delete_change_set(StackName="small", ChangeSetName="next")
        return {(one["Action"], one["LogicalResourceId"], one.get("Replacement", "")) for one in told}

    assert changes(Wait="60") == {("Modify", "Waits", "False")}
    assert changes(Name="b") == {("Modify", "Named", "True"), ("Add", "Optional", "")}
    assert changes(Wait="30", Name="a") == set()


def test_the_template_of_a_stack_set_is_found_wherever_sam_put_it() -> None:
    there = ("sam-bucket", "0a1b.template")
    assert in_s3("https://sam-bucket.s3.ap-northeast-1.amazonaws.com/0a1b.template") == there
    assert in_s3("https://s3.ap-northeast-1.amazonaws.com/sam-bucket/0a1b.template") == there
    assert in_s3("http://127.0.0.1:4566/sam-bucket/0a1b.template") == there


def test_the_rules_block_knows_few_functions() -> None:
    rule = {"Assertions": [{"Assert": {"Fn::Equals": [{"Fn::Join": ["", {"Ref": "L"}]}, ""]}}]}
    with pytest.raises(TemplateError, match="not supported in the Rules block: Fn::Join"):
        check({"Resources": {"Q": queue()}, "Rules": {"R": rule}, "Parameters": {"L": {"Type": "CommaDelimitedList"}}})


@pytest.mark.parametrize("call", ["describe_stack_resources", "get_template"])
def test_a_stack_that_is_not_named_is_asked_for(cloud: LocalCloud, call: str) -> None:
    with pytest.raises(ClientError, match="StackName must be specified"):
        getattr(cloud.client("cloudformation", ACCOUNT), call)()


def test_the_resources_of_a_stack_are_found_by_one_of_them(cloud: LocalCloud, tmp_path: Path) -> None:
    deploy(cloud, tmp_path, {"Resources": {"A": queue(QueueName="a"), "B": queue(QueueName="b")}})
    stacks = cloud.client("cloudformation", ACCOUNT)
    physical = cloud.stacks.physical(ACCOUNT, "small", "A")
    found = stacks.describe_stack_resources(PhysicalResourceId=physical)["StackResources"]
    assert {one["LogicalResourceId"] for one in found} == {"A", "B"}
    with pytest.raises(ClientError, match="Stack for nobody does not exist"):
        stacks.describe_stack_resources(PhysicalResourceId="nobody")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://bucket.s3.amazonaws.com/none.yaml", "S3 error: The specified key does not exist"),
        ("https://no-such-bucket.s3.amazonaws.com/t.yaml", "S3 error: The specified bucket does not exist"),
        ("nonsense", "must be a supported URL"),
        ("https://bucket.s3.amazonaws.com/picture", "must be a supported URL"),
    ],
)
def test_a_template_that_cannot_be_fetched_is_refused_in_a_sentence(cloud: LocalCloud, url: str, said: str) -> None:
    s3 = cloud.client("s3", ACCOUNT)
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="bucket", Key="picture", Body=b"\xff\xfe")
    with pytest.raises(ClientError, match=said) as refused:
        cloud.client("cloudformation", ACCOUNT).create_stack(StackName="far", TemplateURL=url)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


TAGGED = """
Resources:
  Rows:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}, {{AttributeName: at, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
      BillingMode: PAY_PER_REQUEST
      GlobalSecondaryIndexes:
        - IndexName: {tag}
          KeySchema: [{{AttributeName: at, KeyType: HASH}}]
          Projection: {{ProjectionType: ALL}}
      Tags: [{{Key: {tag}, Value: x}}]
  Box: {{Type: AWS::SQS::Queue, Properties: {{QueueName: box-{tag}}}}}
  News:
    Type: AWS::SNS::Topic
    Properties:
      Subscription: [{{Protocol: sqs, Endpoint: !GetAtt Box.Arn}}]
      Tags: [{{Key: {tag}, Value: x}}]
  Log: {{Type: AWS::Logs::LogGroup, Properties: {{Tags: [{{Key: {tag}, Value: x}}]}}}}
  Store: {{Type: AWS::S3::Bucket, Properties: {{Tags: [{{Key: {tag}, Value: x}}]}}}}
"""


def test_an_update_takes_off_what_the_template_no_longer_says(cloud: LocalCloud, tmp_path: Path) -> None:
    template, account = tmp_path / "template.yaml", "111111111111"
    for tag in ("one", "two"):
        template.write_text(TAGGED.format(tag=tag))
        cloud.stacks.deploy(template, account, "app")
    listed = cloud.client("cloudformation", account).list_stack_resources(StackName="app")["StackResourceSummaries"]
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}
    dynamodb, sns, logs = (cloud.client(name, account) for name in ("dynamodb", "sns", "logs"))
    table = dynamodb.describe_table(TableName=ids["Rows"])["Table"]
    assert [one["IndexName"] for one in table["GlobalSecondaryIndexes"]] == ["two"]
    [group] = logs.describe_log_groups(logGroupNamePrefix=ids["Log"])["logGroups"]
    tags = [
        [one["Key"] for one in dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]],
        [one["Key"] for one in sns.list_tags_for_resource(ResourceArn=ids["News"])["Tags"]],
        list(logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]),
        [one["Key"] for one in cloud.client("s3", account).get_bucket_tagging(Bucket=ids["Store"])["TagSet"]],
    ]
    assert tags == [["two"]] * 4
    [heard] = sns.list_subscriptions_by_topic(TopicArn=ids["News"])["Subscriptions"]
    assert heard["Endpoint"].endswith(":box-two")


@pytest.mark.parametrize(
    ("operation", "params", "said"),
    [
        ("detect_stack_drift", {"StackName": "s"}, "DetectStackDrift is not emulated.*DeploymentMode REVERT_DRIFT"),
        ("describe_stack_resource_drifts", {"StackName": "s"}, "NOT_CHECKED"),
        ("import_stacks_to_stack_set", {"StackSetName": "s"}, "make the stack set anew"),
        (
            "create_change_set",
            {"StackName": "s", "ChangeSetName": "c", "ChangeSetType": "IMPORT", "TemplateBody": "{}"},
            "IMPORT is not emulated.*name it by a parameter",
        ),
        (
            "create_change_set",
            {"StackName": "s", "ChangeSetName": "c", "ImportExistingResources": True, "TemplateBody": "{}"},
            "leave it out of the stack",
        ),
    ],
)
def test_what_is_left_out_says_what_to_do_instead(
    cloud: LocalCloud, operation: str, params: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        getattr(cloud.client("cloudformation", ACCOUNT), operation)(**params)
