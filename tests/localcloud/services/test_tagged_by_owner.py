"""Tags put through the tagging API are taken, or refused, by the rules of the service that owns the resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.cloud import LocalCloud

ACCOUNT, REGION = "111111111111", "ap-northeast-1"
ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "Namespace": "n",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}
TABLE: dict[str, Any] = {
    "TableName": "tab",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}


def arn(service: str, tail: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{tail}"


def _vpc(client: Any) -> str:
    return arn("ec2", f"vpc/{client.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']}")


def _named(service: str, tail: str, call: Callable[[Any], Any]) -> Callable[[Any], str]:
    """A thing whose ARN its creation does not tell."""
    return lambda client: (call(client), arn(service, tail))[1]


def _bucket(client: Any) -> str:
    client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    return "arn:aws:s3:::bucket"


OWNERS: dict[str, Callable[[Any], str]] = {
    "acm": lambda client: client.request_certificate(DomainName="a.example.jp")["CertificateArn"],
    "cloudwatch": _named("cloudwatch", "alarm:a", lambda client: client.put_metric_alarm(**ALARM)),
    "dynamodb": lambda client: client.create_table(**TABLE)["TableDescription"]["TableArn"],
    "ec2": _vpc,
    "events": lambda client: client.create_event_bus(Name="b")["EventBusArn"],
    "kms": lambda client: client.create_key()["KeyMetadata"]["Arn"],
    "logs": _named("logs", "log-group:g", lambda client: client.create_log_group(logGroupName="g")),
    "ram": lambda client: client.create_resource_share(name="s")["resourceShare"]["resourceShareArn"],
    "s3": _bucket,
    "scheduler": lambda client: client.create_schedule_group(Name="g")["ScheduleGroupArn"],
    "secretsmanager": lambda client: client.create_secret(Name="s", SecretString="x")["ARN"],
    "sns": lambda client: client.create_topic(Name="t")["TopicArn"],
    "sqs": _named("sqs", "q", lambda client: client.create_queue(QueueName="q")),
    "ssm": _named("ssm", "parameter/a/p", lambda client: client.put_parameter(Name="/a/p", Value="x", Type="String")),
    "vpc-lattice": lambda client: client.create_service(name="orders")["arn"],
}


def made(cloud: LocalCloud, service: str) -> str:
    """The ARN of a thing of the service, made now."""
    return OWNERS[service](cloud.client(service, ACCOUNT))


def failed(answer: dict[str, Any], resource: str) -> str:
    """What was said against it; '' for nothing."""
    one = answer["FailedResourcesMap"].get(resource)
    return f"{one['StatusCode']} {one['ErrorCode']}: {one['ErrorMessage']}" if one else ""


@pytest.mark.parametrize("service", OWNERS)
def test_each_service_takes_tags_and_gives_them_up(cloud: LocalCloud, service: str) -> None:
    resource, tagging = made(cloud, service), cloud.client("resourcegroupstaggingapi", ACCOUNT)
    assert failed(tagging.tag_resources(ResourceARNList=[resource], Tags={"team": "orders", "b": "1"}), resource) == ""
    assert failed(tagging.untag_resources(ResourceARNList=[resource], TagKeys=["b"]), resource) == ""
    cloud.clock.advance(60)
    if service not in ("scheduler", "s3", "ssm", "sqs"):  # which the listing leaves out, or has by its own call alone
        told = tagging.get_resources(TagFilters=[{"Key": "team"}])["ResourceTagMappingList"]
        assert [one["Tags"] for one in told if one["ResourceARN"] == resource] == [[{"Key": "team", "Value": "orders"}]]


@pytest.mark.parametrize("service", OWNERS)
def test_no_service_takes_awss_own_keys_or_the_fifty_first(cloud: LocalCloud, service: str) -> None:
    resource = made(cloud, service)
    tagging = cloud.client("resourcegroupstaggingapi", ACCOUNT)
    told = failed(tagging.tag_resources(ResourceARNList=[resource], Tags={"aws:team": "x"}), resource)
    assert told.startswith("400 InvalidParameterException: Tag keys that begin with aws:")
    fifty = {f"k{number}": "x" for number in range(50)}
    assert failed(tagging.tag_resources(ResourceARNList=[resource], Tags=fifty), resource) == ""
    assert failed(tagging.tag_resources(ResourceARNList=[resource], Tags={"k1": "y"}), resource) == ""
    told = failed(tagging.tag_resources(ResourceARNList=[resource], Tags={"one-more": "x"}), resource)
    assert told.startswith("400 InvalidParameterException")


@pytest.mark.parametrize("service", ["acm", "logs", "ssm", "vpc-lattice"])
@pytest.mark.parametrize("tags", [{"a*": "b"}, {"a": "b,c"}, {"a": "💥"}])
def test_letters_that_a_service_does_not_take_are_its_refusal(
    cloud: LocalCloud, service: str, tags: dict[str, str]
) -> None:
    resource = made(cloud, service)
    tagging = cloud.client("resourcegroupstaggingapi", ACCOUNT)
    assert failed(tagging.tag_resources(ResourceARNList=[resource], Tags=tags), resource).startswith(
        "400 InvalidParameterException"
    )
    assert failed(tagging.tag_resources(ResourceARNList=[resource], Tags={"担当": "注文"}), resource) == ""


def test_one_refusal_leaves_the_others_tagged(cloud: LocalCloud) -> None:
    service, topic = made(cloud, "vpc-lattice"), made(cloud, "sns")
    tagging = cloud.client("resourcegroupstaggingapi", ACCOUNT)
    answer = tagging.tag_resources(ResourceARNList=[service, topic], Tags={"a": "b,c"})
    assert list(answer["FailedResourcesMap"]) == [service]
    assert cloud.client("sns", ACCOUNT).list_tags_for_resource(ResourceArn=topic)["Tags"] == [
        {"Key": "a", "Value": "b,c"}
    ]


@pytest.mark.parametrize(
    "resource",
    [
        arn("dynamodb", "table/none"),
        arn("logs", "log-group:none"),
        arn("states", "stateMachine:none"),
        arn("sqs", "none"),
        arn("sns", "none"),
        arn("ssm", "parameter/none"),
        "arn:aws:s3:::nobodys",
        arn("sns", "t").replace(REGION, "us-east-1"),
        arn("sns", "t").replace("arn:aws:", "arn:aws-cn:"),
    ],
)
def test_what_is_not_there_takes_no_tags(cloud: LocalCloud, resource: str) -> None:
    tagging = cloud.client("resourcegroupstaggingapi", ACCOUNT)
    made(cloud, "sns")
    assert failed(tagging.tag_resources(ResourceARNList=[resource], Tags={"a": "b"}), resource)


def test_lattice_refuses_them_of_its_own_call_too(cloud: LocalCloud) -> None:
    lattice = cloud.client("vpc-lattice", ACCOUNT)
    resource = made(cloud, "vpc-lattice")
    with pytest.raises(lattice.exceptions.ValidationException):
        lattice.tag_resource(resourceArn=resource, tags={"a": "b,c"})
    with pytest.raises(lattice.exceptions.ValidationException):
        lattice.create_service_network(name="network", tags={"a ": "b"})
