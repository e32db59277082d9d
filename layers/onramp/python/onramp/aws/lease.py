"""One run an account at a time: a lease in a table, and beside it the account's summary."""

from collections.abc import Sequence
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import code, translated
from onramp.core import names
from onramp.core.model import Value
from onramp.core.steps import Memory

LEASE_SECONDS = 4200
"""Longer than the state machine's own hour, so that no living run loses its account."""


class Taken(Value, frozen=True):
    """`mine`: the caller holds the account now, by the name `holder`; else `holder` does already."""

    mine: bool
    holder: str
    memory: Memory


class Leases:
    """The table: key `account`; `holder`, `taken_at`, `rung_at`, `expires` (epoch seconds), `summary` (JSON)."""

    def __init__(self, own: Account, table: str) -> None:
        self._own = own
        self._table = table

    def take(self, account: str, events: Sequence[str], now: float) -> Taken:
        """Ring the account, and take it if nobody holds it: one write, whoever comes first.

        `events` are the ids of what rings, which name the run: an intake that died between taking and starting
        gets the same events again, and finds its own lease.
        """
        me = names.run(account, events[0], now)
        lease = {":now": _number(now), ":me": {"S": me}, ":until": _number(now + LEASE_SECONDS)}
        item = self._update(
            account,
            "SET rung_at = :now, holder = if_not_exists(holder, :me),"
            " taken_at = if_not_exists(taken_at, :now), expires = if_not_exists(expires, :until)",
            lease,
        )
        if item is None:
            raise AssertionError("a write without a condition cannot miss it")
        holder, memory = item["holder"]["S"], _memory(item)
        if holder == me or any(names.rang(holder, event) for event in events):
            return Taken(mine=True, holder=holder, memory=memory)
        if float(item["expires"]["N"]) > now:
            return Taken(mine=False, holder=holder, memory=memory)
        # A run that outlived its lease is dead; another intake may be quicker to take over.
        over = self._update(
            account,
            "SET holder = :me, taken_at = :now, expires = :until",
            {**lease, ":dead": {"S": holder}},
            "holder = :dead",
        )
        return Taken(mine=over is not None, holder=me, memory=memory)

    def release(self, account: str, holder: str, memory: Memory, observed_at: float) -> bool:
        """Write the summary and let go; False when somebody rang since the last look: look again first."""
        summary = {":summary": {"S": msgspec.json.encode(memory).decode()}, ":me": {"S": holder}}
        released = self._update(
            account,
            "SET summary = :summary REMOVE holder, taken_at, expires",
            {**summary, ":seen": _number(observed_at)},
            "holder = :me AND (rung_at = taken_at OR rung_at <= :seen)",
        )
        if released is not None:
            return True
        kept = self._update(account, "SET summary = :summary", summary, "holder = :me")
        return kept is None  # held by another run by now: that one looks for itself

    def free(self, account: str, holder: str) -> bool:
        """Free what a dead run still holds; True when somebody rang during that run, so that a look is owed."""
        item = self._update(
            account,
            "REMOVE holder, taken_at, expires",
            {":me": {"S": holder}},
            "holder = :me",
            returns="ALL_OLD",
        )
        if item is None:
            return False
        return float(item["rung_at"]["N"]) > float(item["taken_at"]["N"])

    def _update(
        self, account: str, expression: str, values: dict[str, Any], condition: str = "", *, returns: str = "ALL_NEW"
    ) -> dict[str, Any] | None:
        """The item after the write, or before it; None when the condition does not hold.

        NotYet or Refused when the write failed.
        """
        more = {"ConditionExpression": condition} if condition else {}
        with translated():
            try:
                answer = self._own.client("dynamodb").update_item(
                    TableName=self._table,
                    Key={"account": {"S": account}},
                    UpdateExpression=expression,
                    ExpressionAttributeValues=values,
                    ReturnValues=returns,
                    **more,
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise
                return None
        found: dict[str, Any] = answer["Attributes"]
        return found


def start(own: Account, machine: str, name: str, state: dict[str, Any]) -> None:
    """Start the run. The same name twice is the same run."""
    with translated():
        try:
            own.client("stepfunctions").start_execution(
                stateMachineArn=machine, name=name, input=msgspec.json.encode(state).decode()
            )
        except ClientError as error:
            if code(error) != "ExecutionAlreadyExists":
                raise


def _number(value: float) -> dict[str, str]:
    return {"N": f"{value:.3f}"}


def _memory(item: dict[str, Any]) -> Memory:
    summary = item.get("summary", {}).get("S")
    try:
        return msgspec.json.decode(summary, type=Memory) if summary else Memory()
    except msgspec.ValidationError:  # written by another release: it is a hint where to look, and no more
        return Memory()
