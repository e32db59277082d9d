"""Messages sent by AWS itself, received by clients, and looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.sqs.estate import Estate
from localcloud.services.sqs.fairness import in_order, noisy_among


class Depth(NamedTuple):
    """Messages of a queue: to be had now, being worked on, and not yet due."""

    visible: int
    in_flight: int
    delayed: int


def system_attributes(message: Any) -> dict[str, str]:
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
    attributes = {name: value for name, value in system_attributes(message).items() if name in shown or "All" in shown}
    if attributes:
        answer["Attributes"] = attributes
    if message.message_attributes:
        answer["MessageAttributes"] = message.message_attributes
        answer["MD5OfMessageAttributes"] = message.attribute_md5
    return answer


def receive_message(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """ReceiveMessage. A long poll answers at once: nothing can arrive while the clock stands."""
    account, name = ["", *params["QueueUrl"].rstrip("/").split("/")][-2:]
    account = account if account.isdigit() else caller.account
    queue = estate.queue(f"arn:aws:sqs:{caller.region}:{account}:{name}")
    bounds = (("MaxNumberOfMessages", 1, 10), ("WaitTimeSeconds", 0, 20), ("VisibilityTimeout", 0, 43_200))
    for member, least, most in bounds:
        if not least <= params.get(member, least) <= most:
            reason = f"Must be between {least} and {most}, if provided."
            text = f"Value {params[member]} for parameter {member} is invalid. Reason: {reason}"
            raise AwsError("InvalidParameterValue", text)
    seconds = params.get("VisibilityTimeout")
    wanted = params.get("MessageAttributeNames") or []
    shown = {*(params.get("AttributeNames") or []), *(params.get("MessageSystemAttributeNames") or [])}
    visibility = int(queue.visibility_timeout if seconds is None else seconds)
    found = received(estate, queue, params.get("MaxNumberOfMessages", 1), visibility, wanted)
    return {"Messages": [_as_received(message, shown) for message in found]} if found else {}


def received(estate: Estate, queue: Any, count: int, visibility: int, wanted: list[str]) -> list[Any]:
    """Up to `count` messages that are to be had, in flight from now on: a standard queue's by its fairness."""
    backend = get_backend("sqs")[queue.account_id][queue.region]
    if queue.fifo_queue or not any(message.group_id for message in queue._messages):
        return list(backend.receive_message(queue.name, count, 0, visibility, wanted))
    now, as_they_came = estate.cloud.clock.now, queue._messages
    noisy = noisy_among(as_they_came, estate.noisy.get(queue.queue_arn, frozenset()), now)
    queue._messages = in_order(as_they_came, noisy, now)
    try:
        return list(backend.receive_message(queue.name, count, 0, visibility, wanted))
    finally:
        left = set(map(id, queue._messages))  # what was received too often has gone to the dead letters
        queue._messages = [message for message in as_they_came if id(message) in left]
        estate.noisy[queue.queue_arn] = noisy_among(queue._messages, noisy, now)


def send(
    estate: Estate,
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
    queue = estate.queue(arn)
    policies = [queue.policy] if queue.policy else []
    allowed = estate.cloud.iam.allows(caller, "sqs:SendMessage", arn, dict(context), policies).allowed
    if estate.cloud.enforce_iam and not allowed:
        raise AwsError("AccessDenied", f"Access to the resource {arn} is denied.", 403)
    given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
    account, region, name = arn.split(":")[4], arn.split(":")[3], arn.split(":")[5]
    try:
        get_backend("sqs")[account][region].send_message(name, body, message_attributes=given, group_id=group)
    except (HTTPException, ServiceException) as error:
        raise AwsError("InvalidParameterValue", str(error)) from error


def depth_of(estate: Estate, account: str, name: str) -> Depth:
    """How many messages wait in a queue, are in flight and are delayed."""
    messages = estate.queue(f"arn:aws:sqs:{estate.cloud.region}:{account}:{name}")._messages
    now = estate.cloud.clock.now * 1000
    delayed = sum(message.delayed_until > now for message in messages)
    in_flight = sum(message.visible_at > now for message in messages)
    return Depth(len(messages) - delayed - in_flight, in_flight, delayed)


def bodies_of(estate: Estate, account: str, name: str) -> list[str]:
    """The bodies of all messages that a queue holds, oldest first."""
    return [message.body for message in estate.queue(f"arn:aws:sqs:{estate.cloud.region}:{account}:{name}")._messages]


def attributes_of(estate: Estate, account: str, name: str) -> list[dict[str, str]]:
    """The message attributes of all messages that a queue holds, oldest first."""
    queue = estate.queue(f"arn:aws:sqs:{estate.cloud.region}:{account}:{name}")
    return [
        {key: value.get("StringValue", "") for key, value in message.message_attributes.items()}
        for message in queue._messages
    ]


OPERATIONS: Operations[Estate] = {"ReceiveMessage": receive_message}
