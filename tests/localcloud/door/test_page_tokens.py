"""A page's token is of one operation and one account, and a page holds as many as it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from localcloud.cloud import _ROOMS, LocalCloud
from localcloud.door import pages
from localcloud.door.call import Call
from localcloud.door.wire import Message, Operation
from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

ACCOUNT, OTHER, REGION = "111111111111", "222222222222", "ap-northeast-1"


@pytest.fixture(scope="module")
def one_cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


# What a service says where no error of the operation speaks of tokens.
PLAIN = {
    "cloudformation": {"ValidationError"},
    "ec2": {"InvalidParameterValue"},
    "elbv2": {"ValidationError"},
    "events": {"ValidationException"},
    "iam": {"ValidationError"},
    "sqs": {"InvalidParameterValue"},
}


def test_no_listing_takes_a_token_that_it_did_not_give(one_cloud: LocalCloud) -> None:
    wrong, asked = [], 0
    caller = Caller(ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:root")
    for service in (room.service for room in _ROOMS):
        for name in sorted(models.model(service).operation_names):
            how = pages.paged(service, name)
            if how is None:
                continue
            asked += 1
            given = {how.token: "bm90IG9uZQ=="}
            call = Call(Message("POST", "", {}), operation=Operation(service, name, {}), caller=caller, params=given)
            with pytest.raises(AwsError) as refused:
                pages.refuse(one_cloud.gate, call)
            own = {str(one.error_code) for one in models.error_shapes(service, name) if pages.REFUSALS.search(one.name)}
            every = {str(one.error_code) for one in models.error_shapes(service)}
            if refused.value.code not in (own or PLAIN.get(service) or every | {"ValidationException"}):
                wrong.append((service, name, refused.value.code, own))
    assert wrong == []
    assert asked > 400


def test_a_token_is_of_one_operation_and_one_account_and_good_as_often_as_it_is_sent(one_cloud: LocalCloud) -> None:
    ec2, theirs = one_cloud.client("ec2", ACCOUNT), one_cloud.client("ec2", OTHER)
    for number in range(7):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    first = ec2.describe_vpcs(MaxResults=5)
    assert len(first["Vpcs"]) == 5
    rest = [ec2.describe_vpcs(MaxResults=5, NextToken=first["NextToken"]) for _ in range(2)]
    assert [len(one["Vpcs"]) for one in rest] == [3, 3]
    assert "NextToken" not in rest[0]
    assert first["Vpcs"] + rest[1]["Vpcs"] == ec2.describe_vpcs()["Vpcs"]
    for call in (ec2.describe_subnets, theirs.describe_vpcs):
        with pytest.raises(ClientError, match=r"InvalidParameterValue.*The token is invalid"):
            call(NextToken=first["NextToken"])


# More than one of each, page by page; (service, operation, list, how many a page).
LISTED = [
    ("ec2", "describe_route_tables", "RouteTables", "MaxResults", 5),
    ("ec2", "describe_security_groups", "SecurityGroups", "MaxResults", 5),
    ("iam", "list_users", "Users", "MaxItems", 1),
    ("events", "list_rules", "Rules", "Limit", 1),
    ("events", "list_event_buses", "EventBuses", "Limit", 1),
    ("logs", "describe_log_groups", "logGroups", "limit", 1),
    ("kms", "list_keys", "Keys", "Limit", 1),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "MaxItems", 1),
    ("scheduler", "list_schedule_groups", "ScheduleGroups", "MaxResults", 1),
    ("sqs", "list_queues", "QueueUrls", "MaxResults", 1),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "MaxRecords", 1),
    ("secretsmanager", "list_secrets", "SecretList", "MaxResults", 1),
    ("acm", "list_certificates", "CertificateSummaryList", "MaxItems", 1),
]


def test_a_listing_is_whole_page_by_page(one_cloud: LocalCloud) -> None:
    of = {service: one_cloud.client(service, ACCOUNT) for service, *_ in LISTED}
    for name in ("a", "b"):
        of["iam"].create_user(UserName=name)
        of["events"].put_rule(Name=name, ScheduleExpression="rate(1 day)")
        of["events"].create_event_bus(Name=name)
        of["logs"].create_log_group(logGroupName=name)
        of["kms"].create_key()
        of["scheduler"].create_schedule_group(Name=name)
        of["sqs"].create_queue(QueueName=name)
        of["secretsmanager"].create_secret(Name=name, SecretString="x")
        of["acm"].request_certificate(DomainName=f"{name}.example.jp")
        alarm = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
        of["cloudwatch"].put_metric_alarm(
            AlarmName=name, **alarm, Threshold=1, ComparisonOperator="GreaterThanThreshold"
        )
    few = []
    for service, operation, key, limit, size in LISTED:
        call = getattr(of[service], operation)
        token_in, token_out = next(
            (how.token, how.given)
            for name in models.model(service).operation_names
            if xform_name(name) == operation and (how := pages.paged(service, name))
        )
        whole, paged, given = call()[key], [], {}
        while True:
            answer: dict[str, Any] = call(**{limit: size}, **given)
            assert len(answer[key]) <= size, (service, operation)
            paged += answer[key]
            if not answer.get(token_out):
                break
            given = {token_in: answer[token_out]}
        assert paged == whole, (service, operation)
        few += [(service, operation)] * (len(whole) < 2)
    assert few == [("lambda", "list_event_source_mappings")]


def test_a_token_that_nobody_gave_is_refused_at_the_door(one_cloud: LocalCloud) -> None:
    for service, operation, given, code in (
        ("elbv2", "describe_load_balancers", "Marker", "ValidationError"),
        ("iam", "list_roles", "Marker", "ValidationError"),
        ("sqs", "list_queues", "NextToken", "InvalidParameterValue"),
        ("organizations", "list_accounts", "NextToken", "InvalidInputException"),
    ):
        with pytest.raises(ClientError, match=code):
            getattr(one_cloud.client(service, ACCOUNT), operation)(**{given: "rubbish"})


def test_parameters_come_as_many_as_are_asked_for_and_else_ten(one_cloud: LocalCloud) -> None:
    ssm = one_cloud.client("ssm", OTHER)
    for number in range(13):
        ssm.put_parameter(Name=f"/many/{number:02}", Value="x", Type="String")
    for given, sizes in (({}, [10, 3]), ({"MaxResults": 6}, [6, 6, 1]), ({"MaxResults": 50}, [13])):
        pages_of = list(ssm.get_paginator("describe_parameters").paginate(**given))
        assert [len(one["Parameters"]) for one in pages_of] == sizes
    first = ssm.describe_parameters(MaxResults=6)["NextToken"]
    assert (
        ssm.describe_parameters(NextToken=first)["Parameters"] == ssm.describe_parameters(NextToken=first)["Parameters"]
    )


SIZES: list[tuple[str, dict[str, Any], str]] = [
    ("describe_subnets", {"MaxResults": 1001}, "InvalidParameterValue"),
    ("describe_instances", {"MaxResults": 4}, "Expecting a value greater than 5"),
    ("describe_instances", {"MaxResults": 1001}, "InvalidParameterValue"),
    ("describe_volumes", {"MaxResults": 0}, "InvalidParameterValue"),
    ("describe_images", {"MaxResults": 0}, "InvalidParameterValue"),
    (
        "describe_instances",
        {"MaxResults": 5, "InstanceIds": ["i-0123456789abcdef0"]},
        "InvalidParameterCombination.*instancesSet cannot be used with the parameter maxResults",
    ),
    (
        "describe_network_interfaces",
        {"MaxResults": 5, "NetworkInterfaceIds": ["eni-0123456789abcdef0"]},
        "InvalidParameterCombination",
    ),
]


@pytest.mark.parametrize(("operation", "params", "said"), SIZES)
def test_a_page_of_ec2_has_bounds_and_stands_by_no_ids(
    one_cloud: LocalCloud, operation: str, params: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        getattr(one_cloud.client("ec2", ACCOUNT), operation)(**params)


def test_the_most_that_may_be_asked_of_endpoints_is_no_error(one_cloud: LocalCloud) -> None:
    assert one_cloud.client("ec2", ACCOUNT).describe_vpc_endpoints(MaxResults=2000)["VpcEndpoints"] == []
