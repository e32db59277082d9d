"""What SNS refuses of a message and of who subscribes (API reference, Publish and Subscribe)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

SUBJECT = 100
"""A subject is shorter than that."""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {what}", 400)


def _publication(params: Mapping[str, Any], caller: Caller) -> None:
    if not any(params.get(one) for one in ("TopicArn", "TargetArn", "PhoneNumber")):
        raise _invalid("TopicArn or TargetArn Reason: no value for required parameter")
    _message(params, caller)


def _message(given: Mapping[str, Any], _: Caller) -> None:
    subject = given.get("Subject")
    if subject is not None and (not 1 <= len(subject) < SUBJECT or not subject.isprintable()):
        raise _invalid("Subject")
    if not given["Message"]:
        raise _invalid("Empty message")
    if given.get("MessageStructure") == "json":
        try:
            parts = json.loads(given["Message"])
        except ValueError as error:
            raise _invalid("Message Structure - JSON message body failed to parse") from error
        if not isinstance(parts, dict) or "default" not in parts:
            raise _invalid("Message Structure - No default entry in JSON message body")


def _messages(params: Mapping[str, Any], caller: Caller) -> None:
    for one in params["PublishBatchRequestEntries"]:
        _message(one, caller)


def _subscription(params: Mapping[str, Any], _: Caller) -> None:
    if params["Protocol"] in ("email", "email-json") and not _ADDRESS.fullmatch(params.get("Endpoint") or ""):
        raise _invalid("Email address")


def _unsubscription(params: Mapping[str, Any], _: Caller) -> None:
    # What ListSubscriptions says of one that nobody has confirmed is no ARN.
    parts = params["SubscriptionArn"].count(":") + 1
    if parts < 7:
        raise _invalid(f"SubscriptionArn Reason: An ARN must have at least 7 elements, not {parts}")


LIMITS = {
    "Publish": _publication,
    "PublishBatch": _messages,
    "Subscribe": _subscription,
    "Unsubscribe": _unsubscription,
}
