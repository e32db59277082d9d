"""What moto would keep, and nothing would ever come of: it is refused by name, and never answered with success.

A row names what nothing here does. Of the services that have no room of their own here, moto keeps what it is told;
whoever bids one of them do something, or hands it a role to act with or somebody to call, waits for what never comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated


class With(NamedTuple):
    """Only with one of these members, by path (`DestinationConfig.OnFailure`): a value that is empty asks nothing."""

    members: tuple[str, ...]


ALWAYS = With(())

_BEYOND_S3 = tuple(
    f"{name}Destination"
    for name in (
        "AmazonOpenSearchServerless",
        "Amazonopensearchservice",
        "Elasticsearch",
        "HttpEndpoint",
        "Iceberg",
        "Redshift",
        "Snowflake",
        "Splunk",
    )
)
_STREAM = ("KinesisStreamSourceConfiguration", "MSKSourceConfiguration")
_PROCESSED = "ProcessingConfiguration"

ROWS: dict[tuple[str, str], With] = {
    # Nothing here calls by a URL.
    ("lambda", "CreateFunctionUrlConfig"): ALWAYS,
    ("lambda", "UpdateFunctionUrlConfig"): ALWAYS,
    # One version answers for an alias; a disk, an image and a snapshot would each have to be there.
    ("lambda", "CreateAlias"): With(("RoutingConfig.AdditionalVersionWeights",)),
    ("lambda", "UpdateAlias"): With(("RoutingConfig.AdditionalVersionWeights",)),
    ("lambda", "CreateFunction"): With(("FileSystemConfigs", "Code.ImageUri")),
    ("lambda", "UpdateFunctionConfiguration"): With(("FileSystemConfigs",)),
    ("lambda", "UpdateFunctionCode"): With(("ImageUri",)),
    ("lambda", "CreateEventSourceMapping"): With(("TumblingWindowInSeconds", "ProvisionedPollerConfig")),
    ("lambda", "UpdateEventSourceMapping"): With(("TumblingWindowInSeconds", "ProvisionedPollerConfig")),
    ("dynamodb", "UpdateTable"): With(("ReplicaUpdates",)),
    ("dynamodb", "ExportTableToPointInTime"): ALWAYS,
    ("s3", "PutBucketInventoryConfiguration"): ALWAYS,
    ("s3", "PutBucketReplication"): ALWAYS,
    # Whoever visits a web site has no access key.
    ("s3", "PutBucketWebsite"): ALWAYS,
    ("events", "CreateApiDestination"): ALWAYS,
    ("events", "CreateConnection"): ALWAYS,
    ("events", "CreateEventBus"): With(("EventSourceName", "DeadLetterConfig.Arn", "LogConfig.Level")),
    ("events", "CreatePartnerEventSource"): ALWAYS,
    ("events", "PutPartnerEvents"): ALWAYS,
    ("events", "PutEvents"): With(("EndpointId",)),
    ("stepfunctions", "CreateActivity"): ALWAYS,
    ("stepfunctions", "CreateStateMachineAlias"): ALWAYS,
    ("stepfunctions", "UpdateMapRun"): ALWAYS,
    ("cloudwatch", "PutInsightRule"): ALWAYS,
    ("logs", "CreateDelivery"): ALWAYS,
    ("logs", "CreateExportTask"): ALWAYS,
    ("logs", "PutDeliveryDestination"): ALWAYS,
    ("logs", "PutDestination"): ALWAYS,
    ("logs", "PutMetricFilter"): ALWAYS,
    ("logs", "PutSubscriptionFilter"): ALWAYS,
    ("ssm", "RegisterTaskWithMaintenanceWindow"): ALWAYS,
    ("ssm", "SendCommand"): ALWAYS,
    ("ssm", "PutParameter"): With(("Policies",)),
    ("secretsmanager", "RotateSecret"): ALWAYS,
    ("cloudtrail", "CreateTrail"): With(("CloudWatchLogsLogGroupArn", "SnsTopicName")),
    ("cloudtrail", "UpdateTrail"): With(("CloudWatchLogsLogGroupArn", "SnsTopicName")),
    ("cloudtrail", "PutInsightSelectors"): ALWAYS,
    ("route53", "CreateHealthCheck"): ALWAYS,
    ("route53", "CreateQueryLoggingConfig"): ALWAYS,
    ("ec2", "CreateFlowLogs"): ALWAYS,
    # By its name a zone is found; by its id it would stand in none.
    ("ec2", "CreateVolume"): With(("AvailabilityZoneId",)),
    # An instance runs when RunInstances says so: no fleet starts one, and no host carries it.
    ("ec2", "AllocateHosts"): ALWAYS,
    ("ec2", "ModifySpotFleetRequest"): ALWAYS,
    ("ec2", "RequestSpotFleet"): ALWAYS,
    # moto brings to S3 what is put, and to nobody else.
    ("firehose", "CreateDeliveryStream"): With(
        (
            *(f"{name}Configuration" for name in _BEYOND_S3),
            *_STREAM,
            f"ExtendedS3DestinationConfiguration.{_PROCESSED}",
        )
    ),
    ("firehose", "UpdateDestination"): With(
        (*(f"{name}Update" for name in _BEYOND_S3), f"ExtendedS3DestinationUpdate.{_PROCESSED}")
    ),
    ("sns", "CreatePlatformApplication"): ALWAYS,
    ("sns", "DeletePlatformApplication"): ALWAYS,
    ("sns", "CreatePlatformEndpoint"): ALWAYS,
    ("sns", "Publish"): With(("PhoneNumber",)),
}
"""(service, operation) -> what of it nothing comes of."""

HEARD = frozenset({"sqs", "lambda", "email", "email-json"})
"""Protocols of a topic's subscribers: to a mailbox it waits for a confirmation that nobody gives, as on AWS."""

NOWHERE = frozenset(
    {"apigateway", "apigatewayv2", "application-autoscaling", "appsync", "batch", "cloudfront", "pipes"}
)
"""Services that are there to be called, or to call, and here do neither: they are read, and nothing is made in them."""

_READS = ("Get", "List", "Describe", "Head", "Search", "Untag", "Tag", "Delete")
_BIDS = ("Run", "Start", "Submit", "Invoke", "Execute", "Send", "Publish", "Detect", "Synthesize", "Converse")
_KEPT = frozenset(
    {
        ("firehose", "CreateDeliveryStream"),
        ("firehose", "StartDeliveryStreamEncryption"),
        ("firehose", "UpdateDestination"),
        ("kinesis", "StartStreamEncryption"),
    }
)
_ACTS = re.compile(
    r"arn:aws[\w-]*:(iam::\d{12}:role/|lambda:|states:|apigateway:|sqs:|sns:|firehose:|events:[\w-]*:\d{12}:event-bus)"
)
"""ARNs of roles, which are given to be acted with, and of what is given to be called."""


def refuse(housed: frozenset[str], service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """NotEmulated for what nothing would come of. `housed`: the services that have a room here."""
    row = ROWS.get((service, operation))
    if row is ALWAYS:
        raise NotEmulated(service, operation)
    if row is not None and (asked := [path for path in row.members if _at(params, path)]):
        raise NotEmulated(service, f"{operation} with {', '.join(asked)}")
    if (service, operation) == ("sns", "Subscribe") and params["Protocol"] not in HEARD:
        raise NotEmulated(service, f"{operation} by {params['Protocol']}")
    if (service, operation) == ("elbv2", "ModifyLoadBalancerAttributes"):
        for one in params["Attributes"]:
            if one.get("Key", "").endswith("_logs.s3.enabled") and one.get("Value") == "true":
                raise NotEmulated(service, f"{operation} with {one['Key']}")
    if service in housed or operation.startswith(_READS) or (service, operation) in _KEPT:
        return
    if service in NOWHERE or operation.startswith(_BIDS):
        raise NotEmulated(service, operation)
    if handed := next(_handed(params), ""):
        raise NotEmulated(service, f"{operation} with {handed}")


def _at(given: Any, path: str) -> Any:
    for name in path.split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return given


def _handed(given: Any, path: str = "") -> Iterator[str]:
    """Paths of values that are ARNs of roles, and of what is called."""
    if isinstance(given, Mapping):
        for name, one in given.items():
            yield from _handed(one, f"{path}.{name}".lstrip("."))
    elif isinstance(given, list):
        for one in given:
            yield from _handed(one, path)
    elif isinstance(given, str) and _ACTS.match(given):
        yield path
