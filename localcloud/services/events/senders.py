"""To a queue, topic, function, machine or log group: one sender for each kind of target."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.ids import uuid4
from localcloud.ground.plain import Plain
from localcloud.services.events.estate import Around


@dataclass(frozen=True)
class Handed:
    """What is handed to a target: `context` holds condition keys, `parameters` a rule's target."""

    arn: str
    payload: Any
    caller: Caller
    context: Mapping[str, str]
    attributes: Mapping[str, str]
    parameters: Mapping[str, Any]


def require(
    cloud: Around, caller: Caller, action: str, arn: str, context: Mapping[str, str], policies: Sequence[Any] = ()
) -> None:
    """AccessDenied unless the caller may."""
    if not cloud.enforce_iam:
        return
    if not cloud.iam.allows(caller, action, arn, dict(context), list(policies)).allowed:
        who = caller.service or caller.arn
        raise AwsError("AccessDenied", f"{who} is not authorized to perform: {action} on resource: {arn}", 403)


def _to_queue(cloud: Around, it: Handed) -> None:
    group = (it.parameters.get("SqsParameters") or {}).get("MessageGroupId")
    cloud.queues.send(it.arn, as_text(it.payload), it.caller, context=it.context, attributes=it.attributes, group=group)


def _to_topic(cloud: Around, it: Handed) -> None:
    account, region = it.arn.split(":")[4], it.arn.split(":")[3]
    backend = get_backend("sns")[account][region]
    topic = backend.topics.get(it.arn)
    if topic is None:
        raise AwsError("NotFound", f"Topic does not exist: {it.arn}", 404)
    require(cloud, it.caller, "sns:Publish", it.arn, it.context, [topic.policy])
    backend.publish(message=as_text(it.payload), arn=it.arn)


def _to_function(cloud: Around, it: Handed) -> None:
    account = it.arn.split(":")[4]
    function_arn, policies = cloud.functions.authorised_by(account, it.arn)
    require(cloud, it.caller, "lambda:InvokeFunction", function_arn, it.context, policies)
    cloud.functions.invoke_async(account, it.arn, it.payload)


def _to_machine(cloud: Around, it: Handed) -> None:
    require(cloud, it.caller, "states:StartExecution", it.arn, {})
    cloud.machines.start(it.arn, "", as_text(it.payload))


def _to_log_group(cloud: Around, it: Handed) -> None:
    account, region = it.arn.split(":")[4], it.arn.split(":")[3]
    group = it.arn.split(":")[6]
    backend = get_backend("logs")[account][region]
    if group not in backend.groups:
        raise AwsError("ResourceNotFoundException", f"there is no log group {group}")
    policies = [policy.policy_document for policy in backend.resource_policies.values()]
    require(cloud, it.caller, "logs:PutLogEvents", f"{it.arn.removesuffix(':*')}:*", it.context, policies)
    stream = uuid4(cloud.random_ids)
    backend.create_log_stream(group, stream)
    message = {"timestamp": int(cloud.clock.now * 1000), "message": as_text(it.payload)}
    backend.put_log_events(group, stream, [message])


SENDERS: dict[str, Callable[[Around, Handed], None]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "states": _to_machine,
    "logs": _to_log_group,
}

# The call that a delivery amounts to, by which an injected fault finds it.
ACTIONS = {
    "sqs": "SendMessage",
    "sns": "Publish",
    "lambda": "Invoke",
    "states": "StartExecution",
    "events": "PutEvents",
    "logs": "PutLogEvents",
}


def as_text(value: Any) -> str:
    return value if isinstance(value, Plain) else json.dumps(value)
