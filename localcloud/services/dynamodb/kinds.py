"""Tables, as CloudFormation makes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localcloud.ground.kinds import Made, Properties, Work, kind, picked, retag, there


def _remove_table(work: Work) -> None:
    client, name = work.client("dynamodb"), there(work).id
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.delete_table(TableName=name)


def _by_name(indexes: Any) -> dict[str, Any]:
    return {one["IndexName"]: one for one in indexes or ()}


def _index_changes(before: dict[str, Any], wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One at a time, as UpdateTable takes them; one that reads otherwise is deleted and made anew."""
    changed = [name for name in before if before[name] != wanted.get(name)]
    yield from ({"Delete": {"IndexName": name}} for name in changed)
    yield from ({"Create": one} for name, one in wanted.items() if name not in before or name in changed)


def _read_table(work: Work) -> Properties:
    client, name = work.client("dynamodb"), there(work).id
    found = client.describe_table(TableName=name)["Table"]
    lives = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    enabled = lives["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}
    return {
        **picked(found, "AttributeDefinitions", "DeletionProtectionEnabled", "KeySchema", "TableName"),
        "TimeToLiveSpecification": {"Enabled": enabled, **picked(lives, "AttributeName")},
    }


@kind(
    "AWS::DynamoDB::Table",
    _remove_table,
    read=_read_table,
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
    before = _by_name(work.old_properties.get("GlobalSecondaryIndexes"))
    wanted = _by_name(given.get("GlobalSecondaryIndexes"))
    if stream := work.take("StreamSpecification"):
        given["StreamSpecification"] = {"StreamEnabled": True, **stream}
    if encryption := work.take("SSESpecification"):
        given["SSESpecification"] = {("Enabled" if k == "SSEEnabled" else k): v for k, v in encryption.items()}
    recovery = work.take("PointInTimeRecoverySpecification")
    lifetime = work.take("TimeToLiveSpecification")
    if work.old is None:
        client.create_table(TableName=name, Tags=work.tag_list(), **given)
    else:
        for fixed in ("KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            given.pop(fixed, None)
        client.update_table(TableName=name, **given)
        for change in _index_changes(before, wanted):
            client.update_table(
                TableName=name,
                AttributeDefinitions=given["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[change],
            )
        arn = work.old.attributes["Arn"]
        retag(
            work,
            lambda tags: client.tag_resource(
                ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            ),
            lambda keys: client.untag_resource(ResourceArn=arn, TagKeys=keys),
        )
    if recovery is not None:
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if lifetime is not None and lifetime != work.old_properties.get("TimeToLiveSpecification"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=lifetime)
    table = client.describe_table(TableName=name)["Table"]
    return Made(name, {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn", "")})
