"""A function run by and by: tried again, given up, its destination told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import LambdaFunction

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.ids import uuid4
from localcloud.services.lambda_.estate import Estate
from localcloud.services.lambda_.model import MAX_ASYNC_PAYLOAD, Invocation, encode
from localcloud.services.lambda_.running import run_function

ASYNC_RETRIES = 2
ASYNC_WAITS = (60.0, 120.0)  # seconds before the first and the second retry (facts 3)
ASYNC_AGE = 6 * 3600.0  # seconds for which Lambda goes on trying, throttled or not


@dataclass
class _Waiting:
    """An asynchronous invocation on its way."""

    account: str
    function: str
    payload: Any
    request_id: str
    since: float
    run: str
    tries: int = 0
    throttled: int = 0


def _async_config(function: LambdaFunction) -> dict[str, Any]:
    """EventInvokeConfig, its destinations as ARNs under OnSuccess and OnFailure. The last one put holds."""
    configs = function.event_invoke_config
    if not configs:
        return {}
    config = dict(configs[-1].config)
    destinations = config.pop("DestinationConfig", None) or {}
    for when in ("OnSuccess", "OnFailure"):
        config[when] = (destinations.get(when) or {}).get("Destination", "")
    return config


def _stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def invoke_async(estate: Estate, account: str, name: str, payload: Any, *, run: str = "") -> str:
    """Have a function run by and by: retried, then given to its destination. Answers the request id.

    Raises AwsError when there is no such function or the payload is too large.
    """
    function = estate.function(account, name)
    if len(encode(payload)) > MAX_ASYNC_PAYLOAD:
        text = f"Request must be smaller than {MAX_ASYNC_PAYLOAD} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", text, 413)
    request_id = uuid4(estate.cloud.random_ids)
    now = estate.cloud.clock.now
    waiting = _Waiting(account, function.function_arn, payload, request_id, now, run)
    try_later(estate, waiting, 0.0)
    return request_id


def try_later(estate: Estate, waiting: _Waiting, seconds: float) -> None:
    what = f"asynchronous invocation of {waiting.function.rpartition(':')[2]}"
    estate.cloud.clock.after(seconds, lambda: try_now(estate, waiting), what)


def try_now(estate: Estate, waiting: _Waiting) -> None:
    try:
        function = estate.function(waiting.account, waiting.function)
    except AwsError:
        return  # deleted meanwhile
    config = _async_config(function)
    age = float(config.get("MaximumEventAgeInSeconds", ASYNC_AGE))
    try:
        done = run_function(
            estate, waiting.account, waiting.function, waiting.payload, run=waiting.run, request=waiting.request_id
        )
    except AwsError as refused:
        if refused.code != "TooManyRequestsException":
            raise
        wait = min(300.0, 2.0**waiting.throttled)
        waiting.throttled += 1
        if estate.cloud.clock.now + wait - waiting.since <= age:
            try_later(estate, waiting, wait)
        else:
            give_up(estate, waiting, function, config, None, "EventAgeExceeded")
        return
    waiting.tries += 1
    if not done.error:
        report(estate, waiting, function, config.get("OnSuccess", ""), done, "Success")
    elif waiting.tries > int(config.get("MaximumRetryAttempts", ASYNC_RETRIES)):
        give_up(estate, waiting, function, config, done, "RetriesExhausted")
    else:
        wait = ASYNC_WAITS[waiting.tries - 1]
        if estate.cloud.clock.now + wait - waiting.since <= age:
            try_later(estate, waiting, wait)
        else:
            give_up(estate, waiting, function, config, done, "EventAgeExceeded")


def give_up(
    estate: Estate,
    waiting: _Waiting,
    function: LambdaFunction,
    config: Mapping[str, Any],
    done: Invocation | None,
    condition: str,
) -> None:
    report(estate, waiting, function, config.get("OnFailure", ""), done, condition)
    queue = estate.letters.get(function.function_arn)
    if queue:
        attributes = {
            "RequestID": waiting.request_id,
            "ErrorCode": "200",
            "ErrorMessage": str(done.result.get("errorMessage", ""))[:1024] if done else "",
        }
        estate.cloud.events.hand_over(queue, waiting.payload, as_role(function), attributes=attributes)


def report(
    estate: Estate,
    waiting: _Waiting,
    function: LambdaFunction,
    destination: str,
    done: Invocation | None,
    condition: str,
) -> None:
    """Tell the destination of an asynchronous invocation how it went."""
    if not destination:
        return
    document: dict[str, Any] = {
        "version": "1.0",
        "timestamp": _stamp(estate.cloud.clock.now),
        "requestContext": {
            "requestId": waiting.request_id,
            "functionArn": f"{function.function_arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": waiting.tries,
        },
        "requestPayload": waiting.payload,
    }
    if done is not None:
        response: dict[str, Any] = {"statusCode": 200, "executedVersion": "$LATEST"}
        if done.error:
            response["functionError"] = "Unhandled"
        document |= {"responseContext": response, "responsePayload": done.result}
    estate.cloud.events.hand_over(
        destination,
        document,
        as_role(function),
        source="lambda",
        detail_type=f"Lambda Function Invocation Result - {'Failure' if done is None or done.error else 'Success'}",
    )


def as_role(function: LambdaFunction) -> Caller:
    role = function.role.rpartition("/")[2]
    account = function.role.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{function.function_name}"
    return Caller(account, function.region, arn, role=role, session=function.function_name)
