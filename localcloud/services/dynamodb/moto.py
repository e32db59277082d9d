"""Where moto's DynamoDB is wrong for what this project needs: what becomes of a table's policy, and what its
stream tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb import comparisons
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamRecord, StreamShard
from moto.dynamodb.responses import DynamoHandler

from localcloud.ground.moto import Patches

_delete_table: Callable[[Any, str], Any] = vars(DynamoDBBackend)["delete_table"]
_delete_policy: Callable[[Any, str, str | None], None] = vars(DynamoDBBackend)["delete_resource_policy"]

_record: Callable[..., None] = vars(StreamRecord)["__init__"]
_add: Callable[[Any, Any, Any], None] = vars(StreamShard)["add"]


def _without_its_policy(backend: Any, name: str) -> Any:
    # Else the next table of that name would have it.
    table = _delete_table(backend, name)
    for arn in [one for one in backend.resource_policies if f"{one}/".startswith(f"{table.table_arn}/")]:
        del backend.resource_policies[arn]
    return table


def _delete_resource_policy(backend: Any, resource_arn: str, expected_revision_id: str | None) -> None:
    # "An idempotent operation; running it multiple times on the same resource doesn't result in an error response."
    table = resource_arn.split("/")[1] if "/" in resource_arn else ""
    if table not in backend.tables or resource_arn in backend.resource_policies or expected_revision_id:
        _delete_policy(backend, resource_arn, expected_revision_id)


def _recorded(record: Any, table: Any, *given: Any, **named: Any) -> None:
    _record(record, table, *given, **named)
    record.record["awsRegion"] = table.table_arn.split(":")[3]


def _added(shard: Any, old: Any, new: Any) -> None:
    # "If you perform a PutItem or UpdateItem that doesn't change any data in an item, no stream record is written."
    if old is None or new is None or old.to_json() != new.to_json():
        _add(shard, old, new)


def _compared(kind: Any) -> tuple[Any, str, Any]:
    """What is not there or of another type is neither less nor more, and begins with nothing; moto falls over it."""
    compare = vars(kind)["expr"]

    def expr(condition: Any, item: Any) -> bool:
        try:
            return bool(compare(condition, item))
        except (AttributeError, TypeError, ValueError):
            return False

    return kind, "expr", expr


PATCHES: Patches = (
    *map(
        _compared,
        (
            comparisons.FuncBeginsWith,
            comparisons.FuncBetween,
            comparisons.FuncContains,
            comparisons.OpGreaterThan,
            comparisons.OpGreaterThanOrEqual,
            comparisons.OpLessThan,
            comparisons.OpLessThanOrEqual,
        ),
    ),
    # Nothing is exported here; moto falls over who asks for all tables' exports.
    (DynamoHandler, "list_exports", lambda _: ActionResult({"ExportSummaries": []})),
    (StreamRecord, "__init__", _recorded),
    (StreamShard, "add", _added),
    (DynamoDBBackend, "delete_table", _without_its_policy),
    (DynamoDBBackend, "delete_resource_policy", _delete_resource_policy),
)
