"""A template, its parameters and its names are as large as CloudFormation takes them, and no larger."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT = "111111111111"
HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def template(**more: Any) -> str:
    return json.dumps({"Resources": {"Handle": HANDLE}, **more})


def of_size(count: int) -> str:
    short = template(Metadata={"x": ""})
    return template(Metadata={"x": "y" * (count - len(short))})


def told(cloud: LocalCloud, operation: str, **given: Any) -> str:
    """What CloudFormation says against it; '' for nothing."""
    try:
        getattr(cloud.client("cloudformation", ACCOUNT), operation)(**given)
    except ClientError as error:
        refused = error.response
    else:
        return ""
    assert refused["Error"]["Code"] == "ValidationError"
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(refused["Error"]["Message"])


NEW = {
    "create_stack": {"StackName": "a"},
    "create_change_set": {"StackName": "a", "ChangeSetName": "c", "ChangeSetType": "CREATE"},
    "validate_template": {},
    "get_template_summary": {},
}


@pytest.mark.parametrize("operation", NEW)
def test_a_request_carries_51_200_bytes_of_a_template(cloud: LocalCloud, operation: str) -> None:
    assert "less than or equal to 51200" in told(cloud, operation, TemplateBody=of_size(51_201), **NEW[operation])
    assert told(cloud, operation, TemplateBody=of_size(51_200), **NEW[operation]) == ""


def test_so_does_an_update(cloud: LocalCloud) -> None:
    assert told(cloud, "create_stack", StackName="a", TemplateBody=template()) == ""
    assert "51200" in told(cloud, "update_stack", StackName="a", TemplateBody=of_size(51_201))


def test_s3_holds_a_longer_one(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3", ACCOUNT)
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": cloud.region})
    for name, size in (("within", 1_000_000), ("beyond", 1_000_001)):
        s3.put_object(Bucket="templates", Key=name, Body=of_size(size))
    url = "https://templates.s3.amazonaws.com/"
    assert told(cloud, "create_stack", StackName="a", TemplateURL=f"{url}within") == ""
    assert "may not exceed" in told(cloud, "create_stack", StackName="b", TemplateURL=f"{url}beyond")
    both = told(cloud, "create_stack", StackName="b", TemplateURL=f"{url}within", TemplateBody=template())
    assert "only one of" in both


def text(default: str = "x") -> dict[str, str]:
    return {"Type": "String", "Default": default}


def many(count: int, one: Any) -> dict[str, Any]:
    return {f"N{number}": one for number in range(count)}


@pytest.mark.parametrize(
    ("within", "beyond", "words"),
    [
        ({"Resources": many(500, HANDLE)}, {"Resources": many(501, HANDLE)}, "Number of resources, 501"),
        ({"Parameters": many(200, text())}, {"Parameters": many(201, text())}, "Number of parameters, 201"),
        ({"Outputs": many(200, {"Value": "x"})}, {"Outputs": many(201, {"Value": "x"})}, "Number of outputs, 201"),
        ({"Mappings": many(200, {"a": {"b": "c"}})}, {"Mappings": many(201, {"a": {"b": "c"}})}, "mappings, 201"),
        ({"Mappings": {"M": many(200, {"b": "c"})}}, {"Mappings": {"M": many(201, {"b": "c"})}}, "mapping M, 201"),
        ({"Mappings": {"M": {"a.b-c": {"d": "e"}}}}, {"Mappings": {"M": {"a_b": {"d": "e"}}}}, "alphanumeric"),
        ({"Parameters": {"P" * 255: text()}}, {"Parameters": {"P" * 256: text()}}, "Parameter name"),
        ({"Outputs": {"O" * 255: {"Value": "x"}}}, {"Outputs": {"a-b": {"Value": "x"}}}, "Output name a-b"),
        ({"Resources": {"R" * 255: HANDLE}}, {"Resources": {"R" * 256: HANDLE}}, "Resource name"),
        ({"Description": "é" * 512}, {"Description": "é" * 513}, "longer than 1024 bytes"),
        (
            {"AWSTemplateFormatVersion": "2010-09-09"},
            {"AWSTemplateFormatVersion": "2012-10-17"},
            "not a supported value",
        ),
        ({"Parameters": {"P": text("é" * 2_048)}}, {"Parameters": {"P": text("é" * 2_049)}}, "at most 4096 bytes"),
    ],
)
def test_what_a_template_holds_is_counted(
    cloud: LocalCloud, within: dict[str, Any], beyond: dict[str, Any], words: str
) -> None:
    assert words in told(cloud, "create_stack", StackName="a", TemplateBody=template(**beyond))
    assert told(cloud, "create_stack", StackName="a", TemplateBody=template(**within)) == ""


def test_a_parameter_given_is_measured_as_well(cloud: LocalCloud) -> None:
    given = [{"ParameterKey": "P", "ParameterValue": "é" * 2_049}]
    body = template(Parameters={"P": text()})
    assert "4096 bytes" in told(cloud, "create_stack", StackName="a", TemplateBody=body, Parameters=given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"StackName": "a" * 128}, ""),
        ({"StackName": "a" * 129}, "less than or equal to 128"),
        ({"StackName": "a_b"}, "regular expression"),
        ({"StackName": "1a"}, "regular expression"),
        ({"StackName": "a", "Tags": [{"Key": "aws:x", "Value": "y"}]}, "aws: prefixed"),
        ({"StackName": "a", "Tags": [{"Key": "x", "Value": "y"}] * 2}, "Duplicate tag keys"),
    ],
)
def test_a_stack_is_named_and_tagged_as_aws_takes_it(cloud: LocalCloud, given: dict[str, Any], words: str) -> None:
    said = told(cloud, "create_stack", TemplateBody=template(), **given)
    assert words in said
    assert bool(said) == bool(words)


def test_what_a_transform_makes_is_counted_too(cloud: LocalCloud) -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Runtime": "python3.13", "Handler": "a.b", "InlineCode": "def b(event, context): pass"},
    }
    body = json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": many(251, function)})
    able = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    said = told(cloud, "create_stack", StackName="a", TemplateBody=body, Capabilities=able)
    assert "Number of resources, 502" in said


def test_a_stack_sets_template_is_measured(cloud: LocalCloud) -> None:
    cloud.client("organizations", ACCOUNT).create_organization(FeatureSet="ALL")
    inner = {"StackSetName": "s", "PermissionModel": "SERVICE_MANAGED", "TemplateBody": of_size(51_201)}
    outer = json.dumps({"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": inner}}})
    cloud.client("s3", ACCOUNT).create_bucket(
        Bucket="templates", CreateBucketConfiguration={"LocationConstraint": cloud.region}
    )
    cloud.client("s3", ACCOUNT).put_object(Bucket="templates", Key="outer", Body=outer)
    cloudformation = cloud.client("cloudformation", ACCOUNT)
    cloudformation.create_stack(StackName="a", TemplateURL="https://templates.s3.amazonaws.com/outer")
    [stack] = cloudformation.describe_stacks(StackName="a")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "#/TemplateBody: failed validation constraint for keyword [maxLength]" in stack["StackStatusReason"]
