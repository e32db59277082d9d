"""Tables, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Work, kind, there


def _remove_table(work: Work) -> None:
    client, name = work.client("dynamodb"), there(work).id
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.delete_table(TableName=name)


@kind(
    "AWS::DynamoDB::Table",
    _remove_table,
    attributes=("Arn", "StreamArn"),
    replaces=("TableName", "KeySchema", "LocalSecondaryIndexes"),
    requires=("KeySchema",),
)
def _table(work: Work) -> Made:
    client = work.client("dynamodb")
    name = work.name(work.take("TableName"), 255)
    given = work.take_some(
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "OnDemandThroughput",
        "ProvisionedThroughput",
        "TableClass",
    )
    if stream := work.take("StreamSpecification"):
        given["StreamSpecification"] = {"StreamEnabled": True, **stream}
    if encryption := work.take("SSESpecification"):
        given["SSESpecification"] = {("Enabled" if k == "SSEEnabled" else k): v for k, v in encryption.items()}
    recovery = work.take("PointInTimeRecoverySpecification")
    lifetime = work.take("TimeToLiveSpecification")
    if work.old is None:
        client.create_table(TableName=name, Tags=work.tag_list(), **given)
    else:
        given.pop("KeySchema", None)
        given.pop("LocalSecondaryIndexes", None)
        given.pop("GlobalSecondaryIndexes", None)
        client.update_table(TableName=name, **given)
        work.take("Tags")
    if recovery is not None:
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if lifetime is not None and lifetime != work.old_properties.get("TimeToLiveSpecification"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=lifetime)
    table = client.describe_table(TableName=name)["Table"]
    return Made(name, {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn", "")})
