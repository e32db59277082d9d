"""Book the seat that a message wishes for, unless somebody has it."""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    seats = boto3.client("dynamodb")
    failures = []
    for record in event["Records"]:
        try:
            wish = json.loads(record["body"])
            seats.put_item(
                TableName=os.environ["SEATS"],
                Item={"seat": {"S": wish["seat"]}, "name": {"S": wish["name"]}},
                ConditionExpression="attribute_not_exists(seat)",
            )
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
        except (ValueError, KeyError):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
