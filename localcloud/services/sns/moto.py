"""Where moto's SNS is wrong for what this project needs: how a message comes to whoever has subscribed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.backends import get_backend
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.guarded import document_of
from localcloud.ground.moto import Patches
from localcloud.ground.questions import AsksEvents, AsksIam

SNS = "sns.amazonaws.com"


class Around(AsksIam, AsksEvents, Protocol):
    """What a delivery asks of its surroundings."""

    @property
    def enforce_iam(self) -> bool: ...

    @property
    def caller_now(self) -> Caller | None: ...


_publish: Callable[..., None] = vars(Subscription)["publish"]
_answer_subscribe: Callable[[Any], Any] = vars(SNSResponse)["subscribe"]
_subscribe: Callable[..., Subscription] = vars(SNSBackend)["subscribe"]


_topic_attributes: Callable[[Any], Any] = vars(SNSResponse)["get_topic_attributes"]


def _is_pending(it: Any) -> bool:
    return str(it.attributes.get("PendingConfirmation")).lower() == "true"


def _of_topic(backend: Any, arn: str) -> list[Any]:
    return [it for it in backend.subscriptions.values() if it.topic.arn == arn]


def _telling_pending(name: str) -> Callable[[Any], Any]:
    """Lists have no ARN for who has not confirmed yet."""
    of_moto: Callable[[Any], Any] = vars(SNSResponse)[name]

    def told(response: Any) -> Any:
        answer = of_moto(response)
        answer.result["Subscriptions"] = [
            {
                "SubscriptionArn": "PendingConfirmation" if _is_pending(it) else it.arn,
                "Owner": getattr(it, "owner", "") or it.account_id,
                "Protocol": it.protocol,
                "Endpoint": it.endpoint,
                "TopicArn": it.topic.arn,
            }
            for it in answer.result["Subscriptions"]
        ]
        return answer

    return told


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def patches(cloud: Around) -> Patches:
    """A queue and a function get a message only where their own policies let SNS; nothing leaves this machine."""

    def publish(subscription: Any, message: str, message_id: str, **given: Any) -> None:
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(given.get("message_attributes"), message):
            return
        try:
            _hand_over(cloud, subscription, message, message_id, given)
        except AwsError:
            _lay_aside(cloud, subscription, message, message_id, given)

    def subscribe(backend: Any, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        made = _subscribe(backend, topic_arn, endpoint, protocol)
        caller = cloud.caller_now
        if caller is not None and backend.subscriptions.get(made.arn) is made:
            made.owner = caller.account
        if protocol.startswith("email"):
            # Until somebody follows the link in a mail, which nobody gets here.
            made.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
        return made

    def answer_subscribe(response: Any) -> Any:
        answer = _answer_subscribe(response)
        returned = str(response._get_param("ReturnSubscriptionArn")).lower() == "true"
        if str(response._get_param("Protocol")).startswith("email") and not returned:
            answer.result["SubscriptionArn"] = "pending confirmation"
        return answer

    def topic_attributes(response: Any) -> Any:
        answer = _topic_attributes(response)
        there = _of_topic(response.backend, answer.result["Attributes"]["TopicArn"])
        pending = sum(map(_is_pending, there))
        counts = {"SubscriptionsPending": pending, "SubscriptionsConfirmed": len(there) - pending}
        answer.result["Attributes"] |= counts
        return answer

    return (
        (SNSResponse, "get_topic_attributes", topic_attributes),
        (SNSResponse, "list_subscriptions", _telling_pending("list_subscriptions")),
        (SNSResponse, "list_subscriptions_by_topic", _telling_pending("list_subscriptions_by_topic")),
        (Subscription, "publish", publish),
        (SNSBackend, "subscribe", subscribe),
        (SNSResponse, "subscribe", answer_subscribe),
        # moto draws a key for each subscription, and signs every message with it.
        (Subscription, "private_key", lambda _: _key()),
    )


def _hand_over(cloud: Around, it: Any, message: str, message_id: str, given: Mapping[str, Any]) -> None:
    """AwsError where whoever is to get it cannot, or does not let SNS."""
    if it.protocol == "sqs":
        _to_queue(cloud, it, it.endpoint, lambda: _publish(it, message, message_id, **given))
    elif it.protocol == "lambda":
        if given.get("message_structure") == "json":
            message = it._parse_message_structure(message, it.protocol)
        cloud.events.hand_over(it.endpoint, _as_event(it, message, message_id, given), _sns(it), context=_source(it))


def _sns(it: Any) -> Caller:
    _, _, _, region, account, _ = it.topic.arn.split(":", 5)
    return Caller(account, region, SNS, service=SNS)


def _source(it: Any) -> dict[str, str]:
    return {"aws:SourceArn": it.topic.arn, "aws:SourceAccount": it.topic.arn.split(":")[4]}


def _to_queue(cloud: Around, it: Any, arn: str, send: Callable[[], Any]) -> None:
    _, _, _, region, owner, name = arn.split(":", 5)
    queue = get_backend("sqs")[owner][region].queues.get(name)
    if queue is None:
        raise AwsError("AWS.SimpleQueueService.NonExistentQueue", f"there is no {arn}")
    policies = document_of(queue.policy)
    allowed = cloud.iam.allows(_sns(it), "sqs:SendMessage", arn, _source(it), policies).allowed
    if cloud.enforce_iam and not allowed:
        raise AwsError("AccessDenied", f"Access to the resource {arn} is denied.", 403)
    # moto takes the queue for one of the subscription's account.
    account, it.account_id = it.account_id, owner
    try:
        send()
    finally:
        it.account_id = account


def _as_event(it: Any, message: str, message_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a function gets (SNS developer guide, "Fanout to Lambda functions"); nothing is signed here."""
    region = it.topic.arn.split(":")[3]
    attributes = {
        name: {"Type": one["Type"], "Value": one["Value"]}
        for name, one in (given.get("message_attributes") or {}).items()
    }
    told = {
        "SignatureVersion": "1",
        "Timestamp": iso_8601_datetime_with_milliseconds(),
        "Signature": "local",
        "SigningCertUrl": f"https://sns.{region}.amazonaws.com/local.pem",
        "MessageId": message_id,
        "Message": message,
        "MessageAttributes": attributes,
        "Type": "Notification",
        "UnsubscribeUrl": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={it.arn}",
        "TopicArn": it.topic.arn,
        "Subject": given.get("subject"),
    }
    record = {"EventVersion": "1.0", "EventSubscriptionArn": it.arn, "EventSource": "aws:sns", "Sns": told}
    return {"Records": [record]}


def _lay_aside(cloud: Around, it: Any, message: str, message_id: str, given: Mapping[str, Any]) -> None:
    """Into the subscription's own dead letters, if it has any and their policy lets SNS."""
    queue = json.loads(it.attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", "")
    if not queue:
        return
    _, _, _, region, owner, name = queue.split(":", 5)
    if it.attributes.get("RawMessageDelivery") == "true":
        body = message
    else:
        attributes = given.get("message_attributes")
        body = json.dumps(it.get_post_data(message, message_id, given.get("subject"), message_attributes=attributes))
    try:
        _to_queue(cloud, it, queue, lambda: get_backend("sqs")[owner][region].send_message(name, body))
    except AwsError:
        return
