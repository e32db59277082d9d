"""What SNS refuses of a message and of who subscribes (API reference, Publish and Subscribe)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.core.utils import camelcase_to_underscores

from localcloud.ground.backends import backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

SUBJECT = 100
"""A subject is shorter than that."""

LONGEST = 262_144
"""Bytes of a message."""
PROTOCOLS = frozenset({"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"})
_OF_SUBSCRIPTION = frozenset(
    {"DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"}
    | {"SubscriptionRoleArn", "ReplayPolicy"}
)
_OF_TOPIC = frozenset(
    {"ArchivePolicy", "ContentBasedDeduplication", "DeliveryPolicy", "DisplayName", "FifoThroughputScope"}
    | {"KmsMasterKeyId", "Policy", "SignatureVersion", "TracingConfig"}
)
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {what}", 400)


def _publication(params: Mapping[str, Any], caller: Caller) -> None:
    if not any(params.get(one) for one in ("TopicArn", "TargetArn", "PhoneNumber")):
        raise _invalid("TopicArn or TargetArn Reason: no value for required parameter")
    for name in ("TopicArn", "TargetArn"):
        if params.get(name) and (parts := params[name].count(":") + 1) < 6:
            raise _invalid(f"{name} Reason: An ARN must have at least 6 elements, not {parts}")
    arn = params.get("TopicArn") or params.get("TargetArn") or ""
    if arn and arn.count(":") == 5 and "/" not in arn and _topic_of(arn) is None:
        raise AwsError("NotFound", "Topic does not exist", 404)
    _message(params, caller)


def _topic_of(arn: str) -> Any | None:
    backend = backend_of("sns", arn)
    return backend.topics.get(arn) if backend is not None else None


def _message(given: Mapping[str, Any], _: Caller) -> None:
    subject = given.get("Subject")
    if subject is not None and (not 1 <= len(subject) < SUBJECT or not subject.isprintable()):
        raise _invalid("Subject")
    if not given["Message"]:
        raise _invalid("Empty message")
    if len(given["Message"].encode()) > LONGEST:
        raise _invalid("Message too long")
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
    if params["Protocol"] not in PROTOCOLS:
        raise _invalid(f"Does not support this protocol string: {params['Protocol']}")
    attributes = params.get("Attributes") or {}
    for name, value in attributes.items():
        _subscription_attribute(name, value)
    there = next(
        (
            one
            for one in getattr(backend_of("sns", params["TopicArn"]), "subscriptions", {}).values()
            if (one.topic.arn, one.protocol, one.endpoint)
            == (params["TopicArn"], params["Protocol"], params.get("Endpoint"))
        ),
        None,
    )
    if there is not None and any(_text(there.attributes.get(name)) != _text(one) for name, one in attributes.items()):
        raise _invalid("Attributes Reason: Subscription already exists with different attributes")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) or value in ("True", "False") else str(value)


def _subscription_attribute(name: str, value: str) -> None:
    if name in ("FilterPolicy", "RedrivePolicy", "DeliveryPolicy") and value:
        try:
            is_object = isinstance(json.loads(value), dict)
        except ValueError:
            is_object = False
        if not is_object:
            raise _invalid(f"{name}: failed to parse JSON")
    elif name not in _OF_SUBSCRIPTION:
        raise _invalid("AttributeName")


def _set_subscription(params: Mapping[str, Any], _: Caller) -> None:
    _subscription_attribute(params["AttributeName"], params.get("AttributeValue") or "")


def _topic(params: Mapping[str, Any], caller: Caller) -> None:
    arn = f"arn:aws:sns:{caller.region}:{caller.account}:{params['Name']}"
    for name in params.get("Attributes") or {}:
        if name != "FifoTopic" and name not in _OF_TOPIC and not name.endswith(_FEEDBACK):
            raise _invalid(f"Attributes Reason: Unknown attribute {name}")
    there = _topic_of(arn)
    if there is None:
        return
    for name, value in (params.get("Attributes") or {}).items():
        if _text(_of_topic(there, name)) != _text(value):
            raise _invalid("Attributes Reason: Topic already exists with different attributes")
    tags = {one["Key"]: one["Value"] for one in params.get("Tags") or ()}
    if tags and tags != _tags_of(there):
        raise _invalid("Tags Reason: Topic already exists with different tags")


def _of_topic(topic: Any, name: str) -> Any:
    # What is given with a topic is kept by moto under a name that is spelled as Python does, what is set later is not.
    return getattr(topic, name, None) or getattr(topic, camelcase_to_underscores(name), None)


def _tags_of(topic: Any) -> dict[str, str]:
    kept = topic._tags or {}
    return dict(kept) if isinstance(kept, dict) else {one["Key"]: one["Value"] for one in kept}


def _set_topic(params: Mapping[str, Any], _: Caller) -> None:
    if params["AttributeName"] not in _OF_TOPIC and not params["AttributeName"].endswith(_FEEDBACK):
        raise _invalid("AttributeName")


def _confirmation(params: Mapping[str, Any], _: Caller) -> None:
    # The word that would confirm it stands in a mail or a request, of which nobody gets any here.
    if _topic_of(params["TopicArn"]) is not None:
        raise _invalid("Token")


def _unsubscription(params: Mapping[str, Any], _: Caller) -> None:
    # What ListSubscriptions says of one that nobody has confirmed is no ARN.
    parts = params["SubscriptionArn"].count(":") + 1
    if parts < 7:
        raise _invalid(f"SubscriptionArn Reason: An ARN must have at least 7 elements, not {parts}")


LIMITS = {
    "CreateTopic": _topic,
    "SetTopicAttributes": _set_topic,
    "SetSubscriptionAttributes": _set_subscription,
    "ConfirmSubscription": _confirmation,
    "Publish": _publication,
    "PublishBatch": _messages,
    "Subscribe": _subscription,
    "Unsubscribe": _unsubscription,
}
