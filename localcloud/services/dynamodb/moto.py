"""Where moto's DynamoDB is wrong for what this project needs: what becomes of a table's policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

from localcloud.ground.moto import Patches

_delete_table: Callable[[Any, str], Any] = vars(DynamoDBBackend)["delete_table"]
_delete_policy: Callable[[Any, str, str | None], None] = vars(DynamoDBBackend)["delete_resource_policy"]


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


PATCHES: Patches = (
    (DynamoDBBackend, "delete_table", _without_its_policy),
    (DynamoDBBackend, "delete_resource_policy", _delete_resource_policy),
)
