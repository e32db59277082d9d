"""What SQS refuses of queues and messages (developer guide, quotas; API reference)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _attributes(params: Mapping[str, Any], _: Caller) -> None:
    attributes = params.get("Attributes") or {}
    for name, (least, most) in BETWEEN.items():
        value = str(attributes.get(name, least))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.", 400)
    redrive = attributes.get("RedrivePolicy")
    if redrive and not _is_map(redrive):
        text = f"Value {redrive} for parameter RedrivePolicy is invalid."
        raise AwsError("InvalidParameterValue", f"{text} Reason: Redrive policy is not a valid JSON map.", 400)


def _is_map(text: str) -> bool:
    try:
        return isinstance(read_json(text, twice=True), dict)
    except ValueError:
        return False


def _queue(params: Mapping[str, Any], caller: Caller) -> None:
    _attributes(params, caller)
    is_fifo = str((params.get("Attributes") or {}).get("FifoQueue", "")).lower() == "true"
    if params["QueueName"].endswith(".fifo") and not is_fifo:
        text = "The name of a queue that is no FIFO queue can only have letters, digits, - and _"
        raise AwsError("InvalidParameterValue", text, 400)


def _message(given: Mapping[str, Any], _: Caller) -> None:
    body = given["MessageBody"]
    if not body:
        raise AwsError("MissingParameter", "The request must contain the parameter MessageBody.", 400)
    if _UNSPEAKABLE.search(body):
        raise AwsError("InvalidMessageContents", "Invalid characters found. Valid are those that XML 1.0 has.", 400)
    if (many := len(given.get("MessageAttributes") or {})) > ATTRIBUTES:
        text = f"Number of message attributes [{many}] exceeds the allowed maximum [{ATTRIBUTES}]."
        raise AwsError("InvalidParameterValue", text, 400)


def _messages(params: Mapping[str, Any], caller: Caller) -> None:
    # Those of a batch fail one by one; what no message may be is refused as a whole here, as it is by most clients.
    for one in params["Entries"]:
        _message(one, caller)


LIMITS = {
    "CreateQueue": _queue,
    "SetQueueAttributes": _attributes,
    "SendMessage": _message,
    "SendMessageBatch": _messages,
}
