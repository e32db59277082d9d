"""Event source mappings: Lambda polls a queue, batch by batch, as time passes."""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend

from localcloud.door.call import Done
from localcloud.ground import patterns
from localcloud.ground.bell import Bell
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import Invoked
from localcloud.services.sqs.estate import Estate, Poller
from localcloud.services.sqs.queues import received, system_attributes

POLL = 0.2  # seconds until a waiting poller sees a message
NEEDED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
ALL_AT_ONCE = 1_000  # pollers without MaximumConcurrency end at the account's concurrency


def _times(message: Any) -> tuple[float, float]:
    return float(message.visible_at), float(message.delayed_until)


def _done_with(mapping: Any, messages: list[Any], done: Invoked) -> list[Any]:
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
        "attributes": system_attributes(message),
        "messageAttributes": {
            name: {"dataType": value["DataType"], "stringValue": value.get("StringValue", "")}
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.event_source_arn,
        "awsRegion": mapping.region,
    }


def problems_of(estate: Estate) -> dict[str, str]:
    """Mappings (by function ARN) that cannot poll, and why."""
    return {poller.mapping.function_arn: poller.problem for poller in estate.pollers.values() if poller.problem}


def refuse(estate: Estate, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse the mappings that Lambda refuses."""
    if service != "lambda" or operation != "CreateEventSourceMapping":
        return
    arn = params.get("EventSourceArn", "")
    if arn.split(":")[2:3] != ["sqs"]:
        return
    function = estate.cloud.functions.function(caller.account, params["FunctionName"])
    try:
        queue = estate.queue(arn)
    except AwsError as error:
        text = f"Error occurred while ReceiveMessage. SQS Error Code: {error.code}. SQS Error Message: {error.message}"
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
    denied = denied_action(estate, function, arn)
    if denied:
        action = denied.removeprefix("sqs:")
        text = f"The provided execution role does not have permissions to call {action} on SQS"
        raise AwsError("InvalidParameterValueException", text, Type="User")


def denied_action(estate: Estate, function: Any, queue_arn: str) -> str:
    if not estate.cloud.enforce_iam:
        return ""
    role = function.role
    caller = Caller(
        role.split(":")[4],
        estate.cloud.region,
        f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{role.rpartition('/')[2]}/{function.function_name}",
        role=role.rpartition("/")[2],
        session=function.function_name,
    )
    queue = estate.queue(queue_arn)
    policies = [queue.policy] if queue.policy else []
    return next(
        (action for action in NEEDED if not estate.cloud.iam.allows(caller, action, queue_arn, {}, policies).allowed),
        "",
    )


def hear(estate: Estate, done: Done) -> None:
    if done.error is not None:
        return
    if done.service == "lambda" and done.operation.endswith("EventSourceMapping"):
        follow(estate, done.caller.account)
    elif done.service == "sqs" and done.operation in {"ChangeMessageVisibility", "StartMessageMoveTask"}:
        look_again(estate)


def follow(estate: Estate, account: str) -> None:
    """Bring the pollers in line with the account's mappings."""
    known = lambda_backend(account, estate.cloud.region)._event_source_mappings
    for uuid, poller in list(estate.pollers.items()):
        if poller.mapping.account_id == account and uuid not in known:
            stop(poller)
            del estate.pollers[uuid]
    for uuid, mapping in known.items():
        if ":sqs:" not in mapping.event_source_arn:
            continue
        poller = estate.pollers.setdefault(uuid, Poller(mapping))
        poller.mapping = mapping
        queue = estate.queue(mapping.event_source_arn)
        queue.lambda_event_source_mappings = Bell(functools.partial(arrived, estate, mapping.event_source_arn))
        look(estate, poller)


def arrived(estate: Estate, queue_arn: str) -> None:
    for poller in estate.pollers.values():
        if poller.mapping.event_source_arn == queue_arn:
            look(estate, poller)


def look_again(estate: Estate) -> None:
    for poller in estate.pollers.values():
        look(estate, poller)


def stop(poller: Poller) -> None:
    if poller.due is not None:
        poller.due()
        poller.due = None


def look(estate: Estate, poller: Poller) -> None:
    """Plan the next poll: when the first message is to be had and the batching window is over."""
    mapping = poller.mapping
    if not mapping.enabled or poller.busy >= at_once(mapping):
        stop(poller)
        return
    try:
        messages = estate.queue(mapping.event_source_arn)._messages
    except AwsError:
        stop(poller)
        return
    if not messages:
        stop(poller)
        return
    now = estate.cloud.clock.now
    if poller.due is not None and poller.due_at <= now + POLL:
        return  # a storm asks for each of its messages: sooner than this is never
    # moto counts in whole milliseconds and asks for strictly later, hence a little more.
    had = sorted(max(now, *(at / 1000 + 0.002 for at in _times(message))) for message in messages)
    size = mapping.batch_size
    full = had[size - 1] if len(had) >= size else had[0] + float(mapping.max_batch_window or 0)
    at = max(had[0], min(full, had[0] + float(mapping.max_batch_window or 0))) + POLL
    if poller.due is not None and poller.due_at <= at:
        return
    stop(poller)
    poller.due_at = at
    what = f"poll of {mapping.event_source_arn.rpartition(':')[2]}"
    poller.due = estate.cloud.clock.after(at - now, lambda: poll(estate, poller), what)


def at_once(mapping: Any) -> int:
    return int((mapping.scaling_config or {}).get("MaximumConcurrency", ALL_AT_ONCE))


def poll(estate: Estate, poller: Poller) -> None:
    poller.due = None
    mapping = poller.mapping
    arn = mapping.event_source_arn
    try:
        queue = estate.queue(arn)
        function = estate.cloud.functions.function(mapping.account_id, mapping.function_arn)
    except AwsError as error:
        poller.problem = str(error)
        return
    denied = denied_action(estate, function, arn)
    if denied:
        poller.problem = f"the role of {function.function_name} lacks {denied} on {arn}"
        return
    poller.problem = ""
    backend = get_backend("sqs")[queue.account_id][queue.region]
    messages = received(estate, queue, mapping.batch_size, queue.visibility_timeout, ["All"])
    messages = [message for message in messages if is_wanted(mapping, queue, backend, message)]
    if messages:
        invoke(estate, poller, queue, backend, messages)
    look(estate, poller)


def is_wanted(mapping: Any, queue: Any, backend: Any, message: Any) -> bool:
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


def invoke(estate: Estate, poller: Poller, queue: Any, backend: Any, messages: list[Any]) -> None:
    mapping = poller.mapping
    payload = {"Records": [_record(message, mapping) for message in messages]}
    try:
        done = estate.cloud.functions.run(mapping.account_id, mapping.function_arn, payload)
    except AwsError:
        return  # throttled: the messages come back when their visibility timeout is over
    poller.busy += 1

    def over() -> None:
        poller.busy -= 1
        for message in _done_with(mapping, messages, done):
            backend.delete_message(queue.name, message.receipt_handle)
        look(estate, poller)

    if done.seconds:
        estate.cloud.clock.after(done.seconds, over, f"batch of {queue.name}")
    else:
        over()
