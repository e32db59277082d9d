"""What SQS refuses of queues and messages (developer guide, quotas; API reference)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.json_text import read_json

BETWEEN = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
ATTRIBUTES = 10
RECEIVES = (1, 1_000)
"""Between these is the maxReceiveCount of a redrive policy."""
LISTED = 1_000
_OF_FIFO = ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
_TOLD = (
    "All",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
)
"""Attributes that are only read."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _unknown(name: str) -> AwsError:
    return AwsError("InvalidAttributeName", f"Unknown Attribute {name}.", 400)


def _attributes(params: Mapping[str, Any], _: Caller) -> None:
    attributes = params.get("Attributes") or {}
    if told := next((one for one in _TOLD if one in attributes), ""):
        raise _unknown(told)
    for name, (least, most) in BETWEEN.items():
        value = str(attributes.get(name, least))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.", 400)
    redrive = attributes.get("RedrivePolicy")
    if redrive and (why := _wrong_redrive(redrive)):
        raise AwsError("InvalidParameterValue", f"Value {redrive} for parameter RedrivePolicy is invalid. {why}", 400)


def _wrong_redrive(text: str) -> str:
    try:
        given = read_json(text, twice=True)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return "Reason: Redrive policy is not a valid JSON map."
    count, (least, most) = str(given.get("maxReceiveCount", RECEIVES[0])), RECEIVES
    if not re.fullmatch("[0-9]{1,9}", count) or not least <= int(count) <= most:
        within = f"valid values are from {least} to {most} both inclusive."
        return f"Reason: Invalid value for maxReceiveCount: {count}, {within}"
    return ""


def _queue(params: Mapping[str, Any], caller: Caller) -> None:
    _attributes(params, caller)
    is_fifo = str((params.get("Attributes") or {}).get("FifoQueue", "")).lower() == "true"
    if params["QueueName"].endswith(".fifo") and not is_fifo:
        text = "The name of a queue that is no FIFO queue can only have letters, digits, - and _"
        raise AwsError("InvalidParameterValue", text, 400)
    if not is_fifo and (wrong := next((one for one in _OF_FIFO if one in (params.get("Attributes") or {})), "")):
        raise _unknown(wrong)


def _message(given: Mapping[str, Any], _: Caller) -> None:
    body = given["MessageBody"]
    if not body:
        raise AwsError("MissingParameter", "The request must contain the parameter MessageBody.", 400)
    if _UNSPEAKABLE.search(body):
        raise AwsError("InvalidMessageContents", "Invalid characters found. Valid are those that XML 1.0 has.", 400)
    attributes = given.get("MessageAttributes") or {}
    if (many := len(attributes)) > ATTRIBUTES:
        text = f"Number of message attributes [{many}] exceeds the allowed maximum [{ATTRIBUTES}]."
        raise AwsError("InvalidParameterValue", text, 400)
    for name, one in attributes.items():
        _attribute(name, one)


def _attribute(name: str, given: Mapping[str, Any]) -> None:
    kind = str(given.get("DataType") or "").partition(".")[0]
    if name.lower().startswith(("aws.", "amazon.")):
        text = f"Message (user) attribute name '{name}' begins with a reserved prefix."
        raise AwsError("InvalidParameterValue", text, 400)
    if kind in ("String", "Number") and not given.get("StringValue"):
        text = f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
        raise AwsError("InvalidParameterValue", text, 400)
    if kind == "Number" and not _NUMBER.fullmatch(given["StringValue"]):
        text = f"Can't cast the value of message (user) attribute '{name}' to a number."
        raise AwsError("InvalidParameterValue", text, 400)


def _size(given: Mapping[str, Any]) -> int:
    """Bytes of a message: its body, and names, types and values of its attributes."""
    size = len(given["MessageBody"].encode())
    for name, one in (given.get("MessageAttributes") or {}).items():
        texts = (name, one.get("DataType") or "", one.get("StringValue") or "")
        size += sum(len(text.encode()) for text in texts) + len(one.get("BinaryValue") or b"")
    return size


def _sent(params: Mapping[str, Any], caller: Caller) -> None:
    for one in params.get("Entries", [params]):
        # Those of a batch fail one by one; what no message may be is refused as a whole here, as it is by most clients.
        _message(one, caller)
    _for_queue(params, caller)


def _for_queue(params: Mapping[str, Any], caller: Caller) -> None:
    queue = _queue_of(params, caller)
    if queue is None:
        return  # moto says so
    for one in params.get("Entries", [params]):
        if _size(one) > int(queue.maximum_message_size):
            why = f"Message must be shorter than {queue.maximum_message_size} bytes."
            raise AwsError("InvalidParameterValue", f"One or more parameters are invalid. Reason: {why}", 400)
        if not queue.fifo_queue and one.get("MessageDeduplicationId"):
            text = f"Value {one['MessageDeduplicationId']} for parameter MessageDeduplicationId is invalid."
            why = "The request include parameter that is not valid for this queue type"
            raise AwsError("InvalidParameterValue", f"{text} Reason: {why}", 400)


def _queue_of(params: Mapping[str, Any], caller: Caller) -> Any | None:
    account, name = ["", *params["QueueUrl"].rstrip("/").split("/")][-2:]
    account = account if account.isdigit() else caller.account
    return get_backend("sqs")[account][caller.region].queues.get(name)


def _listing(params: Mapping[str, Any], _: Caller) -> None:
    most = params.get("MaxResults")
    if most is not None and not 1 <= most <= LISTED:
        why = f"Reason: MaxResults must be an integer between 1 and {LISTED}."
        raise AwsError("InvalidParameterValue", f"Value {most} for parameter MaxResults is invalid. {why}", 400)
    if params.get("NextToken") and most is None:
        raise AwsError("InvalidParameterValue", "Invalid or expired next token.", 400)


LIMITS = {
    "CreateQueue": _queue,
    "SetQueueAttributes": _attributes,
    "SendMessage": _sent,
    "SendMessageBatch": _sent,
    "ListQueues": _listing,
    "ListDeadLetterSourceQueues": _listing,
}
