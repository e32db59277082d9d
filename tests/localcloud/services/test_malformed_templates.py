"""A template of another form than CloudFormation's is refused in a sentence, wherever it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT = "111111111111"
STRANGE: tuple[Any, ...] = (None, 5, "x", [], {}, [1], {"a": 1}, True)
FUNCTIONS = (
    *("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::If", "Fn::Cidr"),
    *("Fn::ImportValue", "Fn::Base64", "Fn::GetAZs", "Fn::ToJsonString", "Fn::Length", "Fn::And", "Fn::Equals"),
    *("Fn::Not", "Fn::Transform", "Fn::NoSuchThing"),
)
PROPERTIES = {
    "AWS::SQS::Queue": ({}, ("QueueName", "Tags", "RedrivePolicy")),
    "AWS::VpcLattice::TargetGroup": ({"Type": "LAMBDA"}, ("Name", "Type", "Config", "Targets", "Tags")),
    "AWS::VpcLattice::Service": ({}, ("Name", "AuthType", "Tags", "IdleTimeoutSeconds")),
    "AWS::EC2::SecurityGroup": ({"GroupDescription": "x"}, ("GroupDescription", "SecurityGroupIngress", "Tags")),
    "AWS::RAM::ResourceShare": ({"Name": "x"}, ("Name", "Principals", "ResourceShareConfiguration")),
}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def templates(strange: Any) -> Iterator[Any]:
    whole = {"Resources": {"A": queue()}}
    yield strange
    for section in ("Parameters", "Mappings", "Conditions", "Rules", "Outputs", "Transform", "Description", "Metadata"):
        yield {**whole, section: strange}
        yield {**whole, section: {"One": strange}}
    yield {"Resources": strange}
    yield {"Resources": {"A": strange}}
    for word in ("Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy"):
        yield {"Resources": {"A": {**queue(), word: strange}}}
    for word in ("Type", "Default", "AllowedValues", "AllowedPattern", "MinLength", "NoSuchWord"):
        yield {**whole, "Parameters": {"P": {"Type": "String", "Default": "x", word: strange}}}
    yield {**whole, "Outputs": {"O": {"Value": strange}}}
    yield {**whole, "Outputs": {"O": {"Value": "x", "Export": strange}}}
    for function in FUNCTIONS:
        yield {"Resources": {"A": queue(QueueName={function: strange})}}
        yield {**whole, "Conditions": {"C": {function: strange}}}
    for kind, (given, names) in PROPERTIES.items():
        for name in names:
            yield {"Resources": {"A": {"Type": kind, "Properties": {**given, name: strange}}}}


@pytest.mark.long
@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_nothing_strange_in_a_template_makes_anything_fly(cloud: LocalCloud, strange: Any) -> None:
    stacks, flew, refused = cloud.client("cloudformation", ACCOUNT), [], 0
    for number, template in enumerate(templates(strange)):
        body = json.dumps(template)
        for call, more in (
            (stacks.validate_template, {}),
            (stacks.get_template_summary, {}),
            (stacks.create_stack, {"StackName": f"s{number}"}),
        ):
            try:
                call(TemplateBody=body, **more)
            except ClientError as told:
                refused += 1
                if told.response["Error"]["Code"] not in ("ValidationError", "InsufficientCapabilitiesException"):
                    flew.append((body, told.response["Error"]))
            except Exception as other:
                flew.append((body, other))
    assert flew == []
    assert refused > 20


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 100_000, "a: &a [*a]", "? [1, 2]\n: 3", "a: .nan", "\x00", "- - -"]
)
def test_what_is_no_template_is_told_so(cloud: LocalCloud, body: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*Template"):
        cloud.client("cloudformation", ACCOUNT).validate_template(TemplateBody=body)


SURE = {"Fn::Equals": ["a", "a"]}


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ({"A": {"Condition": "B"}, "B": {"Fn::Or": [SURE, {"Condition": "A"}]}}, "Circular dependency .*: .A, B."),
        ({"A": {"Fn::Not": [{"Condition": "A"}]}, "B": SURE}, "Circular dependency .*: .A."),
        ({"A": {"Condition": "Z"}}, "Unresolved condition dependency Z"),
        ({"A": "true"}, "Conditions can only be boolean operations"),
        ({"A": {"Fn::And": [SURE, {"Condition": "B"}]}, "B": SURE}, ""),
    ],
)
def test_conditions_stand_on_others_and_never_on_themselves(
    cloud: LocalCloud, conditions: dict[str, Any], says: str
) -> None:
    resources = {"Q": {"Type": "AWS::SQS::Queue", "Condition": "A"}}
    given = {"StackName": "s", "TemplateBody": json.dumps({"Conditions": conditions, "Resources": resources})}
    if not says:
        assert cloud.client("cloudformation", ACCOUNT).create_stack(**given)
        return
    with pytest.raises(ClientError, match=f"ValidationError.*{says}"):
        cloud.client("cloudformation", ACCOUNT).create_stack(**given)


ALIASED = "Resources:\n  A: &a {Type: AWS::SQS::Queue}\n  B: *a\n"


def test_aliases_are_refused_as_the_clis_never_send_them(cloud: LocalCloud, tmp_path: Path) -> None:
    """Who sends a template as it is, as Terraform does, meets CloudFormation's own reading; SAM's is of files."""
    stacks = cloud.client("cloudformation", ACCOUNT)
    for call, more in (
        (stacks.validate_template, {}),
        (stacks.get_template_summary, {}),
        (stacks.create_stack, {"StackName": "s"}),
        (stacks.create_change_set, {"StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE"}),
    ):
        with pytest.raises(ClientError, match="Template error: YAML aliases are not allowed"):
            call(TemplateBody=ALIASED, **more)
    (tmp_path / "template.yaml").write_text(ALIASED)
    cloud.stacks.deploy(tmp_path / "template.yaml", ACCOUNT, "local")
    assert set(cloud.stacks.stack(ACCOUNT, "local").resources) == {"A", "B"}
