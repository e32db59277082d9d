"""Types are those of CloudFormation's registry, whose schemas come with cfn-lint; what no service takes is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import cloud as cloud_module
from localcloud.cloud import LocalCloud
from localcloud.ground.kinds import KINDS
from localcloud.services.cloudformation.model import StackFailed
from tests.localcloud.services.registered import FILE, registered, schema, text

ACCOUNT = "111111111111"
WHOLE = ("AWS::VpcLattice::", "AWS::RAM::")

REPLACED_ALTHOUGH = {
    # The API cannot change these, and the registry does not say so: changed in place they would stay as they were.
    "AWS::VpcLattice::AccessLogSubscription": {"ServiceNetworkLogType"},
    "AWS::VpcLattice::ResourceConfiguration": {"Name", "ResourceConfigurationGroupId"},
    "AWS::VpcLattice::ResourceGateway": {"Ipv4AddressesPerEni"},
}
NOT_KEPT = {
    # Written and never read again: no call has it.
    "AWS::VpcLattice::ResourceConfiguration": {"ResourceConfigurationAuthType"},
}


def paths(type_name: str, key: str) -> set[str]:
    """Properties that a schema lists, `Config.Port` for one in another."""
    listed: list[str] = schema(type_name).get(key) or []
    return {path.removeprefix("/properties/").replace("/", ".") for path in listed}


REGISTERED: list[str] = list(json.loads(FILE.read_text(encoding="utf-8")))
"""Those that the local cloud has, as a test below holds."""

OURS = [name for name in REGISTERED if name.startswith(WHOLE)]


def test_the_registry_has_what_is_compared() -> None:
    assert len(OURS) >= 20
    assert cloud_module.KINDS is KINDS


def test_no_type_of_lattice_and_ram_is_lacking() -> None:
    assert [name for name in sorted(registered()) if name.startswith(WHOLE) and name not in KINDS] == []


@pytest.mark.parametrize("type_name", OURS)
def test_what_replaces_a_resource_is_what_the_registry_says(type_name: str) -> None:
    known = paths(type_name, "createOnlyProperties") - NOT_KEPT.get(type_name, set())
    assert KINDS[type_name].replaces == known | REPLACED_ALTHOUGH.get(type_name, set())


@pytest.mark.parametrize("type_name", OURS)
def test_what_getatt_answers_is_what_the_registry_says(type_name: str) -> None:
    told = {path.partition(".")[0] for path in KINDS[type_name].attributes}
    assert told == {path.partition(".")[0] for path in paths(type_name, "readOnlyProperties")}


@pytest.mark.parametrize("type_name", REGISTERED)
def test_what_must_be_given_is_what_the_registry_says(type_name: str) -> None:
    assert set(KINDS[type_name].requires) == set(schema(type_name).get("required") or [])


def test_a_resource_without_what_its_type_requires_is_told_as_cloudformation_does(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    file = tmp_path / "template.json"
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String"}}
    file.write_text(json.dumps({"Resources": {"Bare": parameter}}))
    said = "Properties validation failed for resource Bare with message: #: required key [Value] not found"
    with pytest.raises(StackFailed) as refused:
        cloud.stacks.deploy(file, ACCOUNT, "bare")
    assert str(refused.value).endswith(said)


def test_the_registry_is_as_cfn_lint_has_it() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "write it anew: python -m tests.localcloud.services.registered"


# --- values that no service takes


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def tagged(*pairs: tuple[str, str]) -> dict[str, Any]:
    return queue(Tags=[{"Key": key, "Value": value} for key, value in pairs])


def log_group(days: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}}


TRUST = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}}


def role(trust: dict[str, Any] | None = None, **statement: Any) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **statement}
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust or {"Version": "2012-10-17", **TRUST}, "Policies": [policy]},
    }


def schedule(**target: Any) -> dict[str, Any]:
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": "rate(1 hour)",
            "Target": {"Arn": arn, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", **target},
        },
    }


FIFTY = [(f"key-{number}", "x") for number in range(50)]
NAMED_TRUST = {"Statement": {**TRUST["Statement"], "Sid": "by-lambda"}}


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        (tagged(*FIFTY, ("one", "more")), "51 tags with the stack's, of at most 50"),
        (tagged(("aws:owner", "me")), "aws: prefixed tag key names are not allowed"),
        (tagged(("AWS:owner", "me")), "aws: prefixed tag key names are not allowed"),
        (tagged(("owner", "me"), ("owner", "you")), "Duplicate tag keys found: owner"),
        (tagged(("owner", "x" * 257)), "values at most 256"),
        (tagged(("k" * 129, "me")), "keys have 1 to 128 characters"),
        (tagged(("owner", "me, you")), "may stand in a tag"),
        (log_group(31), "#/RetentionInDays: failed validation constraint for keyword [enum]"),
        (log_group("31"), "#/RetentionInDays: failed validation constraint for keyword [enum]"),
        (queue(DelaySeconds=901), "#/DelaySeconds: failed validation constraint for keyword [maximum]"),
        (queue(Colour="red"), "extraneous key [Colour] is not permitted"),
        (queue(RedrivePolicy=["q"]), "#/RedrivePolicy: expected type: object/string, found: JSONArray"),
        (schedule(RetryPolicy={"MaximumRetryAttempts": 186}), "#/Target/RetryPolicy/MaximumRetryAttempts: failed"),
        (role(Principal="*"), "Policy document should not specify a principal"),
        (role(NotPrincipal={"AWS": "*"}), "Policy document should not specify a principal"),
        (role(Resource=["*", ""]), "must be in ARN format"),
        (role(Sid="to-read"), "Statement IDs (SID) must be alpha-numeric"),
        (role({"Version": "2012-10-17", **NAMED_TRUST}), "Statement IDs (SID) must be alpha-numeric"),
    ],
)
def test_what_no_service_takes_ends_the_stack(
    cloud: LocalCloud, tmp_path: Path, resource: dict[str, Any], told: str
) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"It": resource}}))
    with pytest.raises(StackFailed) as refused:
        cloud.stacks.deploy(file, ACCOUNT, "wrong")
    assert told in str(refused.value)


def test_what_they_just_take_is_made(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    made = [tagged(*FIFTY), log_group("30"), queue(DelaySeconds="900"), role(Sid="ToRead1")]
    file.write_text(json.dumps({"Resources": {f"It{number}": one for number, one in enumerate(made)}}))
    cloud.stacks.deploy(file, ACCOUNT, "right")


@pytest.mark.parametrize(
    ("call", "name", "longest"), [("put_user_policy", "UserName", 2048), ("put_group_policy", "GroupName", 5120)]
)
def test_users_and_groups_have_quotas_of_their_own(cloud: LocalCloud, call: str, name: str, longest: int) -> None:
    iam = cloud.client("iam", ACCOUNT)
    getattr(iam, f"create_{name.removesuffix('Name').lower()}")(**{name: "one"})
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ""}
    empty = len(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))
    for more, fits in ((0, True), (1, False)):
        statement["Resource"] = "arn:aws:s3:::".ljust(longest - empty + more, "x")
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
        asked = {name: "one", "PolicyName": "own", "PolicyDocument": document}
        if fits:
            getattr(iam, call)(**asked)
        else:
            with pytest.raises(iam.exceptions.LimitExceededException):
                getattr(iam, call)(**asked)
