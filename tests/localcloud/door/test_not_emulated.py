"""What nothing would come of is refused by name; a success is never all that one gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import _BY_SERVICE, LocalCloud
from localcloud.door import not_emulated
from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated

ACCOUNT, REGION = "111111111111", "ap-northeast-1"
CALLER = Caller(ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:root")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
HOUSED = frozenset(_BY_SERVICE)


def refused(service: str, operation: str, params: dict[str, Any]) -> str:
    """What the refusal names; '' where there is none."""
    try:
        not_emulated.refuse(HOUSED, service, operation, params, CALLER)
    except NotEmulated as told:
        return told.message
    return ""


def given(path: str) -> dict[str, Any]:
    name, _, rest = path.partition(".")
    return {name: given(rest) if rest else "x"}


def test_each_row_is_of_a_members_path_that_the_model_knows_and_names_it() -> None:
    for (service, operation), row in not_emulated.ROWS.items():
        shape = models.operation_model(service, operation).input_shape
        if row is not_emulated.ALWAYS:
            assert operation in refused(service, operation, {})
            continue
        assert not refused(service, operation, {}), (service, operation)
        for path in row.members:
            inner: Any = shape
            for name in path.split("."):
                assert name in inner.members, (service, operation, path)
                inner = inner.members[name]
            assert path in refused(service, operation, given(path))


def with_a_role(shape: Any, within: tuple[str, ...] = ()) -> Any:
    """The parameters that hand a role to the operation, wherever it takes one; None where it takes none."""
    if shape is None or shape.name in within:
        return None
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if member.type_name == "string" and name.lower().endswith("rolearn"):
                return {name: ROLE}
            inner = with_a_role(member, (*within, shape.name))
            if inner is not None:
                return {name: inner}
    if shape.type_name == "list":
        inner = with_a_role(shape.member, (*within, shape.name))
        return None if inner is None else [inner]
    return None


def test_whoever_hands_a_role_to_a_service_that_never_acts_is_told_so() -> None:
    tried = 0
    for service in ("ecs", "glue", "codebuild", "iot", "eks", "cognito-idp", "sagemaker", "backup"):
        model = models.model(service)
        for operation in model.operation_names:
            params = with_a_role(model.operation_model(operation).input_shape)
            if params is not None and not operation.startswith(("Get", "List", "Describe", "Delete", "Search")):
                assert refused(service, operation, params), (service, operation)
                tried += 1
    assert tried > 60


CALLS: list[tuple[Callable[[Callable[[str], Any]], Any], str]] = [
    (lambda aws: aws("lambda").create_function_url_config(FunctionName="f", AuthType="NONE"), "CreateFunctionUrl"),
    (lambda aws: aws("apigateway").create_rest_api(name="a"), "CreateRestApi"),
    (lambda aws: aws("apigatewayv2").create_api(Name="a", ProtocolType="HTTP"), "CreateApi"),
    (lambda aws: aws("pipes").create_pipe(Name="p", RoleArn=ROLE, Source=ROLE, Target=ROLE), "CreatePipe"),
    (lambda aws: aws("ecs").run_task(taskDefinition="t"), "RunTask"),
    (lambda aws: aws("ssm").send_command(DocumentName="doc", InstanceIds=["i-0123456789abcdef0"]), "SendCommand"),
    (lambda aws: aws("sns").publish(PhoneNumber="+815055550123", Message="m"), "PhoneNumber"),
    (
        lambda aws: aws("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=ROLE, Attributes=[{"Key": "access_logs.s3.enabled", "Value": "true"}]
        ),
        "access_logs.s3.enabled",
    ),
    (
        lambda aws: aws("cloudwatch").put_metric_alarm(
            AlarmName="a",
            Namespace="n",
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"],
        ),
        "the action arn:aws:lambda",
    ),
    (
        lambda aws: aws("scheduler").create_schedule(
            Name="s",
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s", "RoleArn": ROLE},
        ),
        "the target arn:aws:kinesis",
    ),
]


def test_it_is_told_by_each_services_own_door(cloud: LocalCloud) -> None:
    def aws(service: str) -> Any:
        return cloud.client(service, ACCOUNT)

    for call, named in CALLS:
        with pytest.raises(ClientError, match=f"{named}.* is not emulated by the local cloud"):
            call(aws)


def test_what_only_keeps_is_kept() -> None:
    for service, operation, params in (
        ("kinesis", "CreateStream", {"StreamName": "s"}),
        ("ecr", "CreateRepository", {"repositoryName": "images"}),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": "orders"}),
        ("apigateway", "GetRestApis", {}),
        ("cloudfront", "TagResource", {"Resource": ROLE}),
        ("firehose", "CreateDeliveryStream", {"S3DestinationConfiguration": {"RoleARN": ROLE}}),
    ):
        assert not refused(service, operation, params), (service, operation)
