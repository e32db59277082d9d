"""Lambda polls a queue, batch by batch, as time passes."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from localcloud.door.call import Done
from localcloud.ground.bell import Bell
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import Invoked
from localcloud.services.lambda_.estate import Estate
from localcloud.services.lambda_.running import run_function
from localcloud.services.lambda_.sources.mappings import (
    Senseless,
    changed,
    conflict,
    invalid,
    is_wanted,
    lacking,
    mappings_of,
    named_failures,
    reads_from,
    twin,
)

POLL = 0.2  # seconds until a waiting poller sees a message
NEEDED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
ALL_AT_ONCE = 1_000  # pollers without MaximumConcurrency end at the account's concurrency


@dataclass
class Poller:
    """One mapping at work: `due` calls off the next look, `busy` counts its invocations."""

    mapping: Any  # moto's EventSourceMapping
    due: Callable[[], None] | None = None
    due_at: float = 0.0
    busy: int = 0


class Pollers:
    """All mappings that read queues."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._pollers: dict[str, Poller] = {}

    def refuse(self, params: Mapping[str, Any], caller: Caller) -> None:
        """Refuse the mappings that Lambda refuses."""
        arn = str(params.get("EventSourceArn", ""))
        if not reads_from(arn, "sqs"):
            return
        function = self.estate.function(caller.account, params["FunctionName"])
        try:
            queue = self.estate.cloud.queues.queue(arn)
        except AwsError as error:
            text = "Error occurred while ReceiveMessage. SQS Error Code:"
            raise invalid(f"{text} {error.code}. SQS Error Message: {error.message}") from error
        if uuid := twin(arn, function, caller):
            text = f"An event source mapping with SQS arn ({arn}) and function ({function.function_name})"
            raise conflict(text, uuid)
        if float(queue.visibility_timeout) < float(function.timeout):
            raise invalid(
                f"Queue visibility timeout: {queue.visibility_timeout} seconds"
                f" is less than Function timeout: {function.timeout} seconds"
            )
        if params.get("BatchSize", 10) > 10 and not params.get("MaximumBatchingWindowInSeconds"):
            text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            raise invalid(text)
        if denied := self._denied(function, arn):
            action = denied.removeprefix("sqs:")
            raise invalid(f"The provided execution role does not have permissions to call {action} on SQS")

    def hear(self, done: Done) -> None:
        if changed(done):
            self._follow(done.caller.account)
        elif done.service == "sqs" and done.operation in {"ChangeMessageVisibility", "StartMessageMoveTask"}:
            for poller in self._pollers.values():
                self._look(poller)

    def _denied(self, function: Any, arn: str) -> str:
        queue = self.estate.cloud.queues.queue(arn)
        return lacking(self.estate, function, NEEDED, arn, [queue.policy] if queue.policy else [])

    def _follow(self, account: str) -> None:
        """Bring the pollers in line with the account's mappings."""
        known = mappings_of(account, self.estate.cloud.region)
        for uuid, poller in list(self._pollers.items()):
            if poller.mapping.account_id == account and uuid not in known:
                _stop(poller)
                del self._pollers[uuid]
        for uuid, mapping in known.items():
            arn = mapping.event_source_arn
            if not reads_from(arn, "sqs"):
                continue
            poller = self._pollers.setdefault(uuid, Poller(mapping))
            poller.mapping = mapping
            try:
                queue = self.estate.cloud.queues.queue(arn)
            except AwsError:
                continue  # deleted under its mapping, which stays
            queue.lambda_event_source_mappings = Bell(functools.partial(self._arrived, arn))
            self._look(poller)

    def _arrived(self, queue_arn: str) -> None:
        for poller in self._pollers.values():
            if poller.mapping.event_source_arn == queue_arn:
                self._look(poller)

    def _look(self, poller: Poller) -> None:
        """Plan the next poll: when the first message is to be had and the batching window is over."""
        mapping = poller.mapping
        messages = [] if not mapping.enabled or poller.busy >= _at_once(mapping) else self._waiting(mapping)
        if not messages:
            _stop(poller)
            return
        now = self.estate.cloud.clock.now
        if poller.due is not None and poller.due_at <= now + POLL:
            return  # a storm asks for each of its messages: sooner than this is never
        # moto counts in whole milliseconds and asks for strictly later, hence a little more.
        had = sorted(max(now, *(at / 1000 + 0.002 for at in _times(message))) for message in messages)
        size = mapping.batch_size
        window = float(mapping.max_batch_window or 0)
        full = had[size - 1] if len(had) >= size else had[0] + window
        at = max(had[0], min(full, had[0] + window)) + POLL
        if poller.due is not None and poller.due_at <= at:
            return
        _stop(poller)
        poller.due_at = at
        what = f"poll of {mapping.event_source_arn.rpartition(':')[2]}"
        poller.due = self.estate.cloud.clock.after(at - now, lambda: self._poll(poller), what)

    def _waiting(self, mapping: Any) -> list[Any]:
        try:
            return list(self.estate.cloud.queues.queue(mapping.event_source_arn)._messages)
        except AwsError:
            return []

    def _poll(self, poller: Poller) -> None:
        poller.due = None
        mapping = poller.mapping
        arn = mapping.event_source_arn
        try:
            queue = self.estate.cloud.queues.queue(arn)
            function = self.estate.function(mapping.account_id, mapping.function_arn)
        except AwsError:
            return  # deleted
        if self._denied(function, arn):
            return  # until something else is heard of
        backend = get_backend("sqs")[queue.account_id][queue.region]
        messages = self.estate.cloud.queues.take(arn, mapping.batch_size)
        messages = [message for message in messages if self._keeps(mapping, queue, backend, message)]
        if messages:
            self._invoke(poller, queue, backend, messages)
        self._look(poller)

    def _keeps(self, mapping: Any, queue: Any, backend: Any, message: Any) -> bool:
        """By the mapping's filters; what it does not want is deleted unseen."""
        record = self._record(message, mapping)
        try:
            record["body"] = json.loads(record["body"])
        except ValueError:
            record["body"] = message.body
        if is_wanted(mapping, record):
            return True
        backend.delete_message(queue.name, message.receipt_handle)
        return False

    def _invoke(self, poller: Poller, queue: Any, backend: Any, messages: list[Any]) -> None:
        mapping = poller.mapping
        payload = {"Records": [self._record(message, mapping) for message in messages]}
        try:
            done = run_function(self.estate, mapping.account_id, mapping.function_arn, payload)
        except AwsError:
            return  # throttled: the messages come back when their visibility timeout is over
        poller.busy += 1

        def over() -> None:
            poller.busy -= 1
            for message in _done_with(mapping, messages, done):
                backend.delete_message(queue.name, message.receipt_handle)
            self._look(poller)

        if done.seconds:
            self.estate.cloud.clock.after(done.seconds, over, f"batch of {queue.name}")
        else:
            over()

    def _record(self, message: Any, mapping: Any) -> dict[str, Any]:
        """One element of `Records`, as Lambda's guide shows it."""
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": self.estate.cloud.queues.told_of(message),
            "messageAttributes": {
                name: {"dataType": value["DataType"], "stringValue": value.get("StringValue", "")}
                for name, value in message.message_attributes.items()
            },
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": mapping.event_source_arn,
            "awsRegion": mapping.region,
        }


def _times(message: Any) -> tuple[float, float]:
    return float(message.visible_at), float(message.delayed_until)


def _at_once(mapping: Any) -> int:
    return int((mapping.scaling_config or {}).get("MaximumConcurrency", ALL_AT_ONCE))


def _stop(poller: Poller) -> None:
    if poller.due is not None:
        poller.due()
        poller.due = None


def _done_with(mapping: Any, messages: list[Any], done: Invoked) -> list[Any]:
    """The messages of a batch that are done: all, none, or all but those that the function named."""
    if done.error:
        return []
    try:
        failed = named_failures(mapping, done) or []
    except Senseless:
        return []
    if not set(failed) <= {message.id for message in messages} or len(set(failed)) < len(failed):
        return []  # an answer that makes no sense fails the whole batch
    return [message for message in messages if message.id not in failed]
