"""The table of accounts: one item each, written by conditional updates, read whole only by whoever watches over all."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import code, translated

type Item = dict[str, Any]
"""An item as DynamoDB spells it: name -> {"S" | "N" | "SS": value}."""


class Table:
    """Items by `account`."""

    def __init__(self, own: Account, name: str) -> None:
        self._own = own
        self._name = name

    def update(self, account: str, expression: str, values: Item, condition: str = "") -> Item | None:
        """The item after the write; None when the condition does not hold. NotYet or Refused when the write failed."""
        more: Item = {"ConditionExpression": condition} if condition else {}
        if values:
            more["ExpressionAttributeValues"] = values
        with translated():
            try:
                answer = self._own.client("dynamodb").update_item(
                    TableName=self._name,
                    Key={"account": {"S": account}},
                    UpdateExpression=expression,
                    ReturnValues="ALL_NEW",
                    **more,
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise
                return None
        found: Item = answer["Attributes"]
        return found

    def all(self, *names: str) -> Iterator[Item]:
        """Every item, with these attributes of it. NotYet or Refused when the table could not be read."""
        with translated():
            pages = self._own.client("dynamodb").get_paginator("scan")
            for page in pages.paginate(TableName=self._name, ProjectionExpression=", ".join(names)):
                yield from page["Items"]


def number(value: float) -> dict[str, str]:
    """Epoch seconds as the table keeps them."""
    return {"N": f"{value:.3f}"}
