"""The table of accounts, one item each, and parts of what is large: written item by item, read whole by who watches."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import code, translated

type Item = dict[str, Any]
"""An item as DynamoDB spells it: name -> {"S" | "N" | "SS" | "B": value}."""


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

    def put(self, item: Item) -> None:
        """Write an item whole. NotYet or Refused when the write failed."""
        with translated():
            self._own.client("dynamodb").put_item(TableName=self._name, Item=item)

    def get(self, account: str, *names: str) -> Item | None:
        """The item as it is now, or these attributes of it; None when there is none. NotYet or Refused when unread."""
        some: Item = {"ProjectionExpression": ", ".join(names)} if names else {}
        with translated():
            answer = self._own.client("dynamodb").get_item(
                TableName=self._name, Key={"account": {"S": account}}, ConsistentRead=True, **some
            )
        found: Item | None = answer.get("Item")
        return found

    def drop(self, account: str) -> None:
        """Delete an item, if it is there."""
        with translated():
            self._own.client("dynamodb").delete_item(TableName=self._name, Key={"account": {"S": account}})

    def all(self, *names: str) -> Iterator[Item]:
        """Every item, with these attributes of it. NotYet or Refused when the table could not be read."""
        with translated():
            pages = self._own.client("dynamodb").get_paginator("scan")
            for page in pages.paginate(TableName=self._name, ProjectionExpression=", ".join(names)):
                yield from page["Items"]


def number(value: float) -> dict[str, str]:
    """Epoch seconds as the table keeps them."""
    return {"N": f"{value:.3f}"}
