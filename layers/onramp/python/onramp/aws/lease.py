"""One run an account at a time: a lease in a table, and beside it the account's summary."""

from typing import Any

import msgspec
from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import code, translated
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

    def take(self, account: str, now: float) -> Taken:
        """Ring the account, and take it if nobody holds it: one write, whoever comes first."""
        me = f"{account}-{int(now * 1000)}"
        answer = self._update(
            account,
            "SET rung_at = :now, holder = if_not_exists(holder, :me),"
            " taken_at = if_not_exists(taken_at, :now), expires = if_not_exists(expires, :until)",
            {":now": _number(now), ":me": {"S": me}, ":until": _number(now + LEASE_SECONDS)},
            ReturnValues="ALL_NEW",
        )
        item = answer["Attributes"]
        holder = item["holder"]["S"]
        memory = _memory(item)
        if holder == me or float(item["expires"]["N"]) > now:
            return Taken(mine=holder == me, holder=holder, memory=memory)
        return self._take_over(account, holder, me, now, memory)

    def _take_over(self, account: str, dead: str, me: str, now: float, memory: Memory) -> Taken:
        """From a run that outlived its lease; another one may be quicker."""
        try:
            self._update(
                account,
                "SET holder = :me, taken_at = :now, expires = :until",
                {":now": _number(now), ":me": {"S": me}, ":until": _number(now + LEASE_SECONDS), ":dead": {"S": dead}},
                ConditionExpression="holder = :dead",
            )
        except ClientError as error:
            if code(error) != "ConditionalCheckFailedException":
                raise
            return Taken(mine=False, holder="", memory=memory)
        return Taken(mine=True, holder=me, memory=memory)

    def release(self, account: str, holder: str, memory: Memory, observed_at: float) -> bool:
        """Write the summary and let go; False when somebody rang since the last look: look again first."""
        summary = {"S": msgspec.json.encode(memory).decode()}
        try:
            self._update(
                account,
                "SET summary = :summary REMOVE holder, taken_at, expires",
                {":summary": summary, ":me": {"S": holder}, ":seen": _number(observed_at)},
                ConditionExpression="holder = :me AND (rung_at = taken_at OR rung_at < :seen)",
            )
        except ClientError as error:
            if code(error) != "ConditionalCheckFailedException":
                raise
        else:
            return True
        try:
            self._update(
                account,
                "SET summary = :summary",
                {":summary": summary, ":me": {"S": holder}},
                ConditionExpression="holder = :me",
            )
        except ClientError as error:
            if code(error) != "ConditionalCheckFailedException":
                raise
            return True  # the account is another run's by now: it looks for itself
        return False

    def free(self, account: str, holder: str) -> bool:
        """Free what a dead run still holds; True when somebody rang during that run, so that a look is owed."""
        try:
            answer = self._update(
                account,
                "REMOVE holder, taken_at, expires",
                {":me": {"S": holder}},
                ConditionExpression="holder = :me",
                ReturnValues="ALL_OLD",
            )
        except ClientError as error:
            if code(error) != "ConditionalCheckFailedException":
                raise
            return False
        item = answer["Attributes"]
        return float(item["rung_at"]["N"]) > float(item["taken_at"]["N"])

    def _update(self, account: str, expression: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._own.client("dynamodb").update_item(
            TableName=self._table,
            Key={"account": {"S": account}},
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
            **more,
        )
        return found


def start(own: Account, machine: str, name: str, state: dict[str, Any]) -> None:
    """Start the run. The same name twice is the same run."""
    try:
        own.client("stepfunctions").start_execution(
            stateMachineArn=machine, name=name, input=msgspec.json.encode(state).decode()
        )
    except ClientError as error:
        if code(error) != "ExecutionAlreadyExists":
            with translated():
                raise


def _number(value: float) -> dict[str, str]:
    return {"N": f"{value:.3f}"}


def _memory(item: dict[str, Any]) -> Memory:
    summary = item.get("summary", {}).get("S")
    return msgspec.json.decode(summary, type=Memory) if summary else Memory()
