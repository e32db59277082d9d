"""What a function prints stands in CloudWatch Logs: in its log group, as far as its role may write there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moto.logs.models import logs_backends

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

    from localcloud.ground.caller import Caller
    from localcloud.services.lambda_.estate import Around


def group_name(function: LambdaFunction) -> str:
    """That of its LoggingConfig, or its own."""
    return str(getattr(function, "log_group", "") or f"/aws/lambda/{function.function_name}")


def stream_name(now: float, request: str) -> str:
    """The stream of the environment that begins with this request, as Lambda names them. `now`: epoch seconds."""
    return f"{datetime.fromtimestamp(now, UTC):%Y/%m/%d}/[$LATEST]{request.replace('-', '')}"


def open_stream(cloud: Around, function: LambdaFunction, writer: Caller, stream: str) -> None:
    """Make the stream, and the group where there is none, if `writer`, the function's role, may do so and write.

    As on Lambda: no invocation fails for want of logs:CreateLogGroup, logs:CreateLogStream or logs:PutLogEvents; what
    is printed is then nowhere.
    """
    name = group_name(function)
    logs = logs_backends[function.account_id][function.region]
    group = f"arn:aws:logs:{function.region}:{function.account_id}:log-group:{name}"
    needed = {"CreateLogStream": f"{group}:*", "PutLogEvents": f"{group}:log-stream:{stream}"}
    if name not in logs.groups:
        needed["CreateLogGroup"] = f"{group}:*"
    if not all(cloud.iam.allows(writer, f"logs:{action}", arn).allowed for action, arn in needed.items()):
        return
    if name not in logs.groups:
        logs.create_log_group(name, {})
    # A request that is tried again after its sandbox ended is the same one, and may start another sandbox.
    if stream not in logs.groups[name].streams:
        logs.groups[name].create_log_stream(stream)


def write(
    cloud: Around, function: LambdaFunction, stream: str, request: str, printed: Iterable[str], seconds: float
) -> None:
    """One invocation's lines, between Lambda's own. `seconds`: how long it took, simulated."""
    group = logs_backends[function.account_id][function.region].groups.get(group_name(function))
    if group is None or stream not in group.streams:
        return  # never opened, or deleted since
    lines = [
        f"START RequestId: {request} Version: $LATEST",
        *filter(None, printed),
        f"END RequestId: {request}",
        f"REPORT RequestId: {request}\tDuration: {seconds * 1000:.2f} ms\tMemory Size: {function.memory_size} MB",
    ]
    at = int(cloud.clock.now * 1000)
    group.put_log_events(stream, [{"timestamp": at, "message": line} for line in lines])
