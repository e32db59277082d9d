"""SQS as AWS services use it: sending to a queue by its policy, and Lambda's polling of a queue.

moto holds the queues and their messages; here lives what moves them on simulated time: event source
mappings with their batches, partial failures, visibility and concurrency.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud import patterns
from localcloud.caller import Caller
from localcloud.errors import AwsError
from localcloud.gate import Done
from localcloud.lambdas import Invocation

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

POLL = 0.2  # seconds until a waiting poller sees a message
NEEDED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
ALL_AT_ONCE = 1_000  # pollers without MaximumConcurrency end at the account's concurrency


class Depth(NamedTuple):
    """Messages of a queue: to be had now, being worked on, and not yet due."""

    visible: int
    in_flight: int
    delayed: int


@dataclass
class _Poller:
    """One event source mapping at work: `due` calls off the next look, `busy` counts its invocations."""

    mapping: Any  # moto's EventSourceMapping
    due: Callable[[], None] | None = None
    due_at: float = 0.0
    busy: int = 0
    problem: str = ""


class _Bell(dict[str, Any]):
    """In place of a queue's own record of mappings: moto walks it for each new message, and we hear of it.

    moto would receive the message there and then and run the function itself, so it gets nothing to walk.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring

    def items(self) -> Any:
        self._ring()
        return ()


class Queues:
    """The queues of all accounts, as far as AWS itself uses them."""

    name: ClassVar[str] = "sqs"
    operations: ClassVar[frozenset[str]] = frozenset({"ReceiveMessage"})

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._pollers: dict[str, _Poller] = {}
        cloud.gate.observe(self._after, before=self._check, also_quiet=True)

    # --- the service ---------------------------------------------------------------------------------------

    def handle(self, _: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ReceiveMessage. A long poll answers at once: nothing can arrive while the clock stands."""
        account, name = ["", *params["QueueUrl"].rstrip("/").split("/")][-2:]
        account = account if account.isdigit() else caller.account
        queue = self._queue(f"arn:aws:sqs:{caller.region}:{account}:{name}")
        for member, least, most in (("MaxNumberOfMessages", 1, 10), ("WaitTimeSeconds", 0, 20)):
            if not least <= params.get(member, least) <= most:
                reason = f"Must be between {least} and {most}, if provided."
                text = f"Value {params[member]} for parameter {member} is invalid. Reason: {reason}"
                raise AwsError("InvalidParameterValue", text)
        backend = get_backend("sqs")[account][caller.region]
        seconds = params.get("VisibilityTimeout")
        wanted = params.get("MessageAttributeNames") or []
        shown = {*(params.get("AttributeNames") or []), *(params.get("MessageSystemAttributeNames") or [])}
        found = backend.receive_message(
            name,
            params.get("MaxNumberOfMessages", 1),
            0,
            queue.visibility_timeout if seconds is None else seconds,
            wanted,
        )
        return {"Messages": [_as_received(message, shown) for message in found]} if found else {}

    def send(
        self,
        arn: str,
        body: str,
        caller: Caller,
        *,
        context: Mapping[str, str],
        attributes: Mapping[str, str],
        group: str | None = None,
    ) -> None:
        """A service or a role sends to a queue.

        Raises AwsError: AccessDenied, AWS.SimpleQueueService.NonExistentQueue.
        """
        queue = self._queue(arn)
        policies = [queue.policy] if queue.policy else []
        allowed = self.cloud.iam.allows(caller, "sqs:SendMessage", arn, dict(context), policies).allowed
        if self.cloud.enforce_iam and not allowed:
            raise AwsError("AccessDenied", f"Access to the resource {arn} is denied.", 403)
        given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
        account, region, name = arn.split(":")[4], arn.split(":")[3], arn.split(":")[5]
        try:
            get_backend("sqs")[account][region].send_message(name, body, message_attributes=given, group_id=group)
        except (HTTPException, ServiceException) as error:
            raise AwsError("InvalidParameterValue", str(error)) from error

    def depth(self, account: str, name: str) -> Depth:
        """How many messages wait in a queue, are in flight and are delayed."""
        messages = self._queue(f"arn:aws:sqs:{self.cloud.region}:{account}:{name}")._messages
        now = self.cloud.clock.now * 1000
        delayed = sum(message.delayed_until > now for message in messages)
        in_flight = sum(message.visible_at > now for message in messages)
        return Depth(len(messages) - delayed - in_flight, in_flight, delayed)

    def bodies(self, account: str, name: str) -> list[str]:
        """The bodies of all messages that a queue holds, oldest first."""
        return [message.body for message in self._queue(f"arn:aws:sqs:{self.cloud.region}:{account}:{name}")._messages]

    def attributes(self, account: str, name: str) -> list[dict[str, str]]:
        """The message attributes of all messages that a queue holds, oldest first."""
        queue = self._queue(f"arn:aws:sqs:{self.cloud.region}:{account}:{name}")
        return [
            {key: value.get("StringValue", "") for key, value in message.message_attributes.items()}
            for message in queue._messages
        ]

    def problems(self) -> dict[str, str]:
        """Mappings (by function ARN) that cannot poll, and why."""
        return {poller.mapping.function_arn: poller.problem for poller in self._pollers.values() if poller.problem}

    def _queue(self, arn: str) -> Any:
        parts = arn.split(":")
        queue = get_backend("sqs")[parts[4]][parts[3]].queues.get(parts[5])
        if queue is None:
            raise AwsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
        return queue

    # --- event source mappings -----------------------------------------------------------------------------

    def _check(self, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
        """Refuse the mappings that Lambda refuses."""
        if service != "lambda" or operation != "CreateEventSourceMapping":
            return
        arn = params.get("EventSourceArn", "")
        if arn.split(":")[2:3] != ["sqs"]:
            return
        function = self.cloud.functions.function(caller.account, params["FunctionName"])
        try:
            queue = self._queue(arn)
        except AwsError as error:
            text = (
                f"Error occurred while ReceiveMessage. SQS Error Code: {error.code}. SQS Error Message: {error.message}"
            )
            raise AwsError("InvalidParameterValueException", text, Type="User") from error
        for uuid, mapping in lambda_backend(caller.account, caller.region)._event_source_mappings.items():
            if (mapping.event_source_arn, mapping.function_arn) == (arn, function.function_arn):
                text = (
                    f"An event source mapping with SQS arn ({arn}) and function ({function.function_name}) already"
                    f" exists. Please update or delete the existing mapping with UUID {uuid}"
                )
                raise AwsError("ResourceConflictException", text, 409, Type="User")
        if float(queue.visibility_timeout) < float(function.timeout):
            text = (
                f"Queue visibility timeout: {queue.visibility_timeout} seconds"
                f" is less than Function timeout: {function.timeout} seconds"
            )
            raise AwsError("InvalidParameterValueException", text, Type="User")
        if params.get("BatchSize", 10) > 10 and not params.get("MaximumBatchingWindowInSeconds"):
            text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            raise AwsError("InvalidParameterValueException", text, Type="User")
        denied = self._denied(function, arn)
        if denied:
            action = denied.removeprefix("sqs:")
            text = f"The provided execution role does not have permissions to call {action} on SQS"
            raise AwsError("InvalidParameterValueException", text, Type="User")

    def _denied(self, function: Any, queue_arn: str) -> str:
        if not self.cloud.enforce_iam:
            return ""
        role = function.role
        caller = Caller(
            role.split(":")[4],
            self.cloud.region,
            f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{role.rpartition('/')[2]}/{function.function_name}",
            role=role.rpartition("/")[2],
            session=function.function_name,
        )
        queue = self._queue(queue_arn)
        policies = [queue.policy] if queue.policy else []
        return next(
            (action for action in NEEDED if not self.cloud.iam.allows(caller, action, queue_arn, {}, policies).allowed),
            "",
        )

    def _after(self, done: Done, _: Any) -> None:
        if done.error is not None:
            return
        if done.service == "lambda" and done.operation.endswith("EventSourceMapping"):
            self._follow(done.caller.account)
        elif done.service == "sqs" and done.operation in {"ChangeMessageVisibility", "StartMessageMoveTask"}:
            self._look_again()

    def _follow(self, account: str) -> None:
        """Bring the pollers in line with the account's mappings."""
        known = lambda_backend(account, self.cloud.region)._event_source_mappings
        for uuid, poller in list(self._pollers.items()):
            if poller.mapping.account_id == account and uuid not in known:
                self._stop(poller)
                del self._pollers[uuid]
        for uuid, mapping in known.items():
            if ":sqs:" not in mapping.event_source_arn:
                continue
            poller = self._pollers.setdefault(uuid, _Poller(mapping))
            poller.mapping = mapping
            queue = self._queue(mapping.event_source_arn)
            queue.lambda_event_source_mappings = _Bell(functools.partial(self._arrived, mapping.event_source_arn))
            self._look(poller)

    def _arrived(self, queue_arn: str) -> None:
        for poller in self._pollers.values():
            if poller.mapping.event_source_arn == queue_arn:
                self._look(poller)

    def _look_again(self) -> None:
        for poller in self._pollers.values():
            self._look(poller)

    def _stop(self, poller: _Poller) -> None:
        if poller.due is not None:
            poller.due()
            poller.due = None

    def _look(self, poller: _Poller) -> None:
        """Plan the next poll: when the first message is to be had and the batching window is over."""
        mapping = poller.mapping
        if not mapping.enabled or poller.busy >= self._at_once(mapping):
            self._stop(poller)
            return
        try:
            messages = self._queue(mapping.event_source_arn)._messages
        except AwsError:
            self._stop(poller)
            return
        if not messages:
            self._stop(poller)
            return
        now = self.cloud.clock.now
        # moto counts in whole milliseconds and asks for strictly later, hence a little more.
        had = sorted(max(now, *(at / 1000 + 0.002 for at in _times(message))) for message in messages)
        size = mapping.batch_size
        full = had[size - 1] if len(had) >= size else had[0] + float(mapping.max_batch_window or 0)
        at = max(had[0], min(full, had[0] + float(mapping.max_batch_window or 0))) + POLL
        if poller.due is not None and poller.due_at <= at:
            return
        self._stop(poller)
        poller.due_at = at
        what = f"poll of {mapping.event_source_arn.rpartition(':')[2]}"
        poller.due = self.cloud.clock.after(at - now, lambda: self._poll(poller), what)

    @staticmethod
    def _at_once(mapping: Any) -> int:
        return int((mapping.scaling_config or {}).get("MaximumConcurrency", ALL_AT_ONCE))

    def _poll(self, poller: _Poller) -> None:
        poller.due = None
        mapping = poller.mapping
        arn = mapping.event_source_arn
        try:
            queue = self._queue(arn)
            function = self.cloud.functions.function(mapping.account_id, mapping.function_arn)
        except AwsError as error:
            poller.problem = str(error)
            return
        denied = self._denied(function, arn)
        if denied:
            poller.problem = f"the role of {function.function_name} lacks {denied} on {arn}"
            return
        poller.problem = ""
        backend = get_backend("sqs")[queue.account_id][queue.region]
        messages = backend.receive_message(queue.name, mapping.batch_size, 0, queue.visibility_timeout, ["All"])
        messages = [message for message in messages if self._is_wanted(mapping, queue, backend, message)]
        if messages:
            self._invoke(poller, queue, backend, messages)
        self._look(poller)

    def _is_wanted(self, mapping: Any, queue: Any, backend: Any, message: Any) -> bool:
        """By the mapping's FilterCriteria; what it does not want is deleted unseen."""
        filters = (mapping.filter_criteria or {}).get("Filters", [])
        if not filters:
            return True
        record = _record(message, mapping)
        try:
            record["body"] = json.loads(record["body"])
        except ValueError:
            record["body"] = message.body
        if any(patterns.parse(one["Pattern"]).matches(record) for one in filters):
            return True
        backend.delete_message(queue.name, message.receipt_handle)
        return False

    def _invoke(self, poller: _Poller, queue: Any, backend: Any, messages: list[Any]) -> None:
        mapping = poller.mapping
        payload = {"Records": [_record(message, mapping) for message in messages]}
        try:
            done = self.cloud.functions.run(mapping.account_id, mapping.function_arn, payload)
        except AwsError:
            return  # throttled: the messages come back when their visibility timeout is over
        poller.busy += 1

        def over() -> None:
            poller.busy -= 1
            for message in _done_with(mapping, messages, done):
                backend.delete_message(queue.name, message.receipt_handle)
            self._look(poller)

        if done.seconds:
            self.cloud.clock.after(done.seconds, over, f"batch of {queue.name}")
        else:
            over()


def _times(message: Any) -> tuple[float, float]:
    return float(message.visible_at), float(message.delayed_until)


def _done_with(mapping: Any, messages: list[Any], done: Invocation) -> list[Any]:
    """The messages of a batch that are done: all, none, or all but those that the function named."""
    if done.error:
        return []
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []) or not done.result:
        return messages
    failures = done.result.get("batchItemFailures") if isinstance(done.result, dict) else None
    if failures is None:
        return messages if isinstance(done.result, dict) else []
    known = {message.id for message in messages}
    failed = {one.get("itemIdentifier") for one in failures if isinstance(one, dict)}
    if len(failed) != len(failures) or not failed <= known:
        return []  # an answer that makes no sense fails the whole batch
    return [message for message in messages if message.id not in failed]


def _record(message: Any, mapping: Any) -> dict[str, Any]:
    """One element of `Records`, as Lambda's guide shows it."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": _system_attributes(message),
        "messageAttributes": {
            name: {"dataType": value["DataType"], "stringValue": value.get("StringValue", "")}
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.event_source_arn,
        "awsRegion": mapping.region,
    }


def _system_attributes(message: Any) -> dict[str, str]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": str(message.sender_id),
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id:
        attributes["MessageGroupId"] = message.group_id
    if message.deduplication_id:
        attributes["MessageDeduplicationId"] = message.deduplication_id
    return attributes


def _as_received(message: Any, shown: set[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt_handle,
        "Body": message.body,
        "MD5OfBody": message.body_md5,
    }
    attributes = {name: value for name, value in _system_attributes(message).items() if name in shown or "All" in shown}
    if attributes:
        answer["Attributes"] = attributes
    if message.message_attributes:
        answer["MessageAttributes"] = message.message_attributes
        answer["MD5OfMessageAttributes"] = message.attribute_md5
    return answer
