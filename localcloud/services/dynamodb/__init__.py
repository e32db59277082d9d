"""DynamoDB: limits that moto does not hold, and items whose time to live is over (facts 21)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from moto.backends import get_backend

from localcloud.door.gate import Gated
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import Ground

if TYPE_CHECKING:
    from localcloud.door.call import Done
    from localcloud.ground.caller import Caller

MAX_EXPRESSION = 4 * 1024  # bytes
MAX_TRANSACTION = 4 * 1024 * 1024  # bytes of all items of one
SWEEP = 86_400.0
"""Simulated seconds between two looks for expired items: they go "usually within two days" and show until then."""
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
TOO_OLD = 5 * 365 * 86_400.0
"""What expired longer ago than this stays, as the guide says: it is more likely a mistake."""


class Around(Ground, Gated, Protocol):
    """What DynamoDB asks of its surroundings."""


class Tables:
    """The tables of all accounts. moto keeps them."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self._swept: set[str] = set()
        cloud.gate.guard(self._check)
        cloud.gate.observe(self._after, also_quiet=True)

    def _check(self, service: str, operation: str, params: dict[str, Any], _: Caller) -> None:
        if service != "dynamodb":
            return
        if operation == "CreateTable" and not _TABLE_NAME.fullmatch(params["TableName"]):
            text = "TableName must be at least 3 characters long and at most 255 characters long"
            raise AwsError("ValidationException", text)
        stream = params.get("StreamSpecification")
        if stream is not None and bool(stream.get("StreamEnabled")) != ("StreamViewType" in stream):
            wrong = "StreamViewType must be given when, and only when, StreamEnabled is true"
            raise AwsError("ValidationException", f"One or more parameter values were invalid: {wrong}")
        items = params.get("TransactItems", [])
        works = [params, *(work for item in items for work in item.values())]
        for work in works:
            for name, text in work.items():
                size = len(text.encode()) if name.endswith("Expression") and isinstance(text, str) else 0
                if size > MAX_EXPRESSION:
                    told = f"Expression size has exceeded the maximum allowed size; expression size: {size}"
                    raise AwsError("ValidationException", f"Invalid {name}: {told}")
        if operation == "TransactWriteItems":
            size = sum(_size({"M": work.get("Item") or work.get("Key") or {}}) for work in works[1:])
            if size > MAX_TRANSACTION:
                raise AwsError("ValidationException", "Total size of the items in the transaction is over 4 MB")

    def _after(self, done: Done) -> None:
        if (done.service, done.operation) != ("dynamodb", "UpdateTimeToLive") or done.error:
            return
        account, region = done.caller.account, done.caller.region
        name = done.params["TableName"].rpartition("/")[2]
        where = f"{account} {region} {name}"
        if where not in self._swept:
            self._swept.add(where)
            self._sweep_later(account, region, name)

    def _sweep_later(self, account: str, region: str, name: str) -> None:
        def sweep() -> None:
            table = get_backend("dynamodb")[account][region].tables.get(name)
            if table is None or table.ttl.get("TimeToLiveStatus") != "ENABLED":
                self._swept.discard(f"{account} {region} {name}")
                return
            for hash_key, range_key in list(self._expired(table)):
                table.delete_item(hash_key, range_key)
                if table.stream_shard is not None:
                    # By this a reader of the stream tells it from a deletion of somebody's.
                    by = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
                    table.stream_shard.items[-1].record["userIdentity"] = by
            self._sweep_later(account, region, name)

        self.cloud.clock.after(SWEEP, sweep, f"expired items of {name}", background=True)

    def _expired(self, table: Any) -> Iterator[tuple[Any, Any]]:
        now = self.cloud.clock.now
        for item in table.all_items():
            end = item.attrs.get(table.ttl["AttributeName"])
            # Only a Number counts: a time written as text never comes.
            if end is not None and end.type == "N" and now - TOO_OLD < float(end.value) <= now:
                yield item.hash_key, item.range_key


def _size(value: Mapping[str, Any]) -> int:
    """About the bytes that an attribute's value takes, as DynamoDB counts them."""
    (kind, held) = next(iter(value.items()))
    if kind == "M":
        return 3 + sum(len(name.encode()) + _size(one) + 1 for name, one in held.items())
    if kind == "L":
        return 3 + sum(_size(one) + 1 for one in held)
    if kind in {"SS", "NS", "BS"}:
        return sum(_size({kind[0]: one}) for one in held)
    if kind == "S":
        return len(held.encode())
    if kind == "N":
        return len(held) // 2 + 1
    return len(held) if kind == "B" else 1
