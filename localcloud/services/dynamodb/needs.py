"""What IAM must allow for DynamoDB: the table, the partition keys that are touched, the attributes that are read."""

from __future__ import annotations

import re
from typing import Any

from moto.backends import get_backend
from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, need, plain

_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def needs(call: Call) -> list[Requirement]:
    params = call.params
    if call.operation in ("TransactWriteItems", "TransactGetItems"):
        return [
            (
                f"dynamodb:{_WRITES.get(kind, 'GetItem')}",
                _table(call, part["TableName"]),
                _leading(call, part),
            )
            for item in params.get("TransactItems", [])
            for kind, part in item.items()
        ]
    if call.operation in ("BatchGetItem", "BatchWriteItem"):
        return [(call.action, _table(call, name), {}) for name in params.get("RequestItems", {})]
    if not call.get("TableName"):
        return plain(call)
    arn = _table(call, params["TableName"])
    if call.operation in ("Query", "Scan") and params.get("IndexName"):
        arn = f"{arn}/index/{params['IndexName']}"
    asked = _asked(params) if call.operation == "GetItem" else {}
    return need(call, arn, _leading(call, params) | asked)


def _table(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"table/{name}")


def _leading(call: Call, part: dict[str, Any]) -> dict[str, Values]:
    """`dynamodb:LeadingKeys`: the partition keys that a single-item call touches."""
    item = part.get("Key") or part.get("Item")
    name = str(part.get("TableName", "")).rsplit("/", 1)[-1]
    table = get_backend("dynamodb")[call.caller.account][call.caller.region].tables.get(name)
    if not item or table is None or table.hash_key_attr not in item:
        return {}
    return {"dynamodb:LeadingKeys": [str(value) for value in item[table.hash_key_attr].values()]}


def _asked(params: dict[str, Any]) -> dict[str, Values]:
    """`dynamodb:Attributes` and `dynamodb:Select` of a read: its key's attributes are among those it names."""
    aliases: dict[str, str] = params.get("ExpressionAttributeNames") or {}
    paths = str(params.get("ProjectionExpression") or "").split(",")
    named = [re.split(r"[.\[]", path.strip())[0] for path in paths if path.strip()]
    named += params.get("AttributesToGet") or []
    if not named:
        return {"dynamodb:Select": "ALL_ATTRIBUTES"}
    names = {*params.get("Key", {}), *(aliases.get(name, name) for name in named)}
    return {"dynamodb:Attributes": sorted(names), "dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
