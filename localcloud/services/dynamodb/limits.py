"""What DynamoDB refuses of items and filters (developer guide, quotas and "Filter expressions for queries")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.backends import backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.services.dynamodb.expressions import demand_functions, demand_names, demand_ranges
from localcloud.services.dynamodb.values import demand_values

_WORDS = re.compile(r"[#:]?[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_]|\s*\()")


def _query(params: Mapping[str, Any], caller: Caller) -> None:
    _expressions(params, caller)
    text = params.get("FilterExpression", "")
    if not text or params.get("IndexName"):
        return
    name = params["TableName"].rpartition("/")[2]
    table = get_backend("dynamodb")[caller.account][caller.region].tables.get(name)
    names = params.get("ExpressionAttributeNames") or {}
    for key in (one["AttributeName"] for one in (table.schema if table is not None else ())):
        if key in {names.get(word, word) for word in _WORDS.findall(_tops(text))}:
            told = f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {key}"
            raise AwsError("ValidationException", told)


def _tops(text: str) -> str:
    """An expression without what follows a dot: what is within an attribute is no key."""
    return re.sub(r"\.[#A-Za-z0-9_\[\]]+", "", text)


def _expressions(params: Mapping[str, Any], _: Caller) -> None:
    for part in (params, *(one for item in params.get("TransactItems") or () for one in item.values())):
        demand_names(part)
        demand_ranges(part)
        demand_functions(part)


def _tagged(params: Mapping[str, Any], _: Caller) -> None:
    arn = params["ResourceArn"]
    backend = backend_of("dynamodb", arn)
    if backend is None or arn.partition(":table/")[2] not in backend.tables:
        text = f"Requested resource not found: ResourcArn: {arn} not found"
        raise AwsError("ResourceNotFoundException", text, 400)


def _table(params: Mapping[str, Any], _: Caller) -> None:
    absent = [one for one in ("KeySchema", "AttributeDefinitions") if not params.get(one)]
    if params.get("GlobalTableSourceArn"):
        raise NotEmulated("dynamodb", "CreateTable as a replica of another account's (GlobalTableSourceArn)")
    if absent:
        told = f"Value null at '{absent[0][0].lower()}{absent[0][1:]}' failed to satisfy constraint"
        text = f"1 validation error detected: {told}: Member must not be null"
        raise AwsError("ValidationException", text)


_STATEMENT = re.compile(
    r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE|DELETE\s+FROM|EXISTS)\b.*", re.IGNORECASE | re.DOTALL
)


def _statements(params: Mapping[str, Any], _: Caller) -> None:
    """That it is PartiQL at all; the rest is moto's to read."""
    for one in (params, *(params.get("Statements") or params.get("TransactStatements") or ())):
        if "Statement" in one and not _STATEMENT.fullmatch(one["Statement"]):
            text = f"Statement wasn't well formed, can't be processed: {one['Statement'][:50]}"
            raise AwsError("ValidationException", text)


def _transaction(params: Mapping[str, Any], caller: Caller) -> None:
    if any(len([one for one in item.values() if one is not None]) != 1 for item in params["TransactItems"]):
        text = "TransactItems can only contain one of Check, Put, Update or Delete"
        raise AwsError("ValidationException", text)
    _expressions(params, caller)


def _batch(params: Mapping[str, Any], caller: Caller) -> None:
    for name, requests in params["RequestItems"].items():
        table = get_backend("dynamodb")[caller.account][caller.region].tables.get(name.rpartition("/")[2])
        keys = [one["AttributeName"] for one in (table.schema if table is not None else ())]
        puts = [one["PutRequest"]["Item"] for one in requests if one.get("PutRequest")]
        items = puts + [one["DeleteRequest"]["Key"] for one in requests if one.get("DeleteRequest")]
        told = [repr([item.get(key) for key in keys]) for item in items if keys]
        if len(set(told)) < len(told):
            raise AwsError("ValidationException", "Provided list of item keys contains duplicates")


def _restoration(params: Mapping[str, Any], _: Caller) -> None:
    if not params.get("SourceTableName"):
        if params.get("SourceTableArn"):
            raise NotEmulated("dynamodb", "RestoreTableToPointInTime by SourceTableArn")
        raise AwsError("ValidationException", "One of SourceTableName and SourceTableArn must be given")


LIMITS = {
    "CreateTable": _table,
    "RestoreTableToPointInTime": _restoration,
    **dict.fromkeys(("TagResource", "UntagResource", "ListTagsOfResource"), _tagged),
    "Query": _query,
    "Scan": _expressions,
    "GetItem": _expressions,
    "TransactGetItems": _expressions,
    "DeleteItem": _expressions,
    "PutItem": _expressions,
    "UpdateItem": _expressions,
    "BatchWriteItem": _batch,
    "TransactWriteItems": _transaction,
    **dict.fromkeys(("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"), _statements),
}
EVERY = demand_values
