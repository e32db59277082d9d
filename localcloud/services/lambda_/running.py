"""A function run: within its concurrency, in its sandbox, to its result or its error."""

from __future__ import annotations

import importlib
import json
import math
import os
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

from moto.awslambda.models import LambdaFunction

from localcloud.door.faults import FunctionEnded
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.ids import uuid4
from localcloud.ground.journal import InvocationRecord
from localcloud.services.lambda_.environment import sandbox_of
from localcloud.services.lambda_.estate import Estate, authorised_by
from localcloud.services.lambda_.log import group_name, write
from localcloud.services.lambda_.model import MAX_PAYLOAD, Context, Invocation, encode
from localcloud.services.lambda_.sandbox import Sandbox


class _BadHandler(Exception):
    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def _import_handler(handler: str, runtime: str) -> Callable[[Any, Any], Any]:
    if not runtime.startswith("python"):
        text = f"the runtime {runtime} is not emulated by the local cloud, which runs Python"
        raise _BadHandler("Runtime.NotEmulated", text)
    module_name, _, name = handler.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{module_name}': {error}"
        raise _BadHandler("Runtime.ImportModuleError", text) from error
    except SyntaxError as error:
        raise _BadHandler("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}") from error
    found = getattr(module, name, None)
    if not callable(found):
        raise _BadHandler("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'")
    return found  # type: ignore[no-any-return]  # any callable is a handler


def _ended(
    ended: FunctionEnded, function: LambdaFunction, request: str, duration: float
) -> tuple[dict[str, str], str, float]:
    if ended.kind == "timeout":
        seconds = float(function.timeout)
        text = f"RequestId: {request} Error: Task timed out after {seconds:.2f} seconds"
        return {"errorType": "Sandbox.Timedout", "errorMessage": text}, "Sandbox.Timedout", seconds
    text = f"RequestId: {request} Error: Runtime exited with error: signal: killed"
    return {"errorType": "Runtime.ExitError", "errorMessage": text}, "Runtime.ExitError", duration


def _told(error: Exception, context: Context) -> dict[str, Any]:
    frames: Sequence[str] = traceback.format_tb(error.__traceback__)[1:]
    return _document(type(error).__name__, str(error), context, list(frames))


def _document(kind: str, text: str, context: Context, trace: list[str]) -> dict[str, Any]:
    return {"errorMessage": text, "errorType": kind, "requestId": context.aws_request_id, "stackTrace": trace}


def _encoded_result(result: Any, context: Context) -> tuple[Any, str]:
    try:
        text = json.dumps(result)
    except (TypeError, ValueError) as error:
        return _document("Runtime.MarshalError", f"Unable to marshal response: {error}", context, []), (
            "Runtime.MarshalError"
        )
    if len(text.encode()) > MAX_PAYLOAD:
        told = f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."
        kind = "Function.ResponseSizeTooLarge"
        return {"errorType": kind, "errorMessage": told}, kind
    return json.loads(text), ""


def invoke_as(
    estate: Estate, account: str, name: str, payload: Any, *, caller: Caller | None = None, run: str = ""
) -> tuple[Any, str]:
    """Run a function: its result and '', or Lambda's error document and the error's type.

    With `caller`, that caller must be allowed to. Raises AwsError when it is not, when there is no such
    function, and when it is throttled.
    """
    if caller is not None:
        arn, policies = authorised_by(estate, account, name)
        if not estate.cloud.iam.allows(caller, "lambda:InvokeFunction", arn, {}, policies).allowed:
            text = f"User: {caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
            raise AwsError("AccessDeniedException", text, 403)
    done = run_function(estate, account, name, payload, run=run)
    return done.result, done.error


def run_function(
    estate: Estate, account: str, name: str, payload: Any, *, run: str = "", request: str = ""
) -> Invocation:
    """Run a function for one who is allowed to. `request` is the request id of an asynchronous invocation."""
    function = estate.function(account, name)
    count_concurrency(estate, function)
    sent = encode(payload)
    if len(sent) > MAX_PAYLOAD:
        text = f"Request must be smaller than {MAX_PAYLOAD} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", text, 413)
    request = request or uuid4(estate.cloud.random_ids)
    sandbox, cold = sandbox_of(estate, function, request)
    context = context_of(estate, function, request, sandbox.stream)
    # One that sleeps has its place all the while.
    began = estate.cloud.clock.now
    estate.busy[function.function_arn].append(math.inf)
    try:
        result, error = run_in(estate, function, sandbox, json.loads(sent), context, run)
        seconds = estate.duration
    except FunctionEnded as ended:
        estate.sandboxes.pop(function.function_arn, None)
        result, error, seconds = _ended(ended, function, request, estate.duration)
    finally:
        estate.busy[function.function_arn].remove(math.inf)
    slept = estate.cloud.clock.now - began
    if error.startswith("Runtime.") and error != "Runtime.MarshalError":
        estate.sandboxes.pop(function.function_arn, None)
    estate.busy[function.function_arn].append(estate.cloud.clock.now + seconds)
    output = sandbox.output.taken()
    printed = [*output.splitlines(), *([f"[ERROR] {error}: {result['errorMessage']}"] if error else [])]
    write(estate.cloud, function, sandbox.stream, request, printed, slept + seconds)
    estate.cloud.journal.add(
        InvocationRecord(
            at=estate.cloud.clock.now,
            run=run,
            function=function.function_name,
            account=function.account_id,
            request_id=request,
            cold=cold,
            error=error,
            payload=json.loads(sent),
            result=result,
            output=output,
            slept=slept,
        )
    )
    return Invocation(result, error, seconds)


def count_concurrency(estate: Estate, function: LambdaFunction) -> None:
    now = estate.cloud.clock.now
    busy = [end for end in estate.busy.get(function.function_arn, []) if end > now]
    estate.busy[function.function_arn] = busy
    reserved = function.reserved_concurrency
    reason = ""
    if reserved is not None and len(busy) >= int(reserved):
        reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    elif all_busy(estate, function, now) >= estate.places:
        reason = "ConcurrentInvocationLimitExceeded"
    if reason:
        raise AwsError("TooManyRequestsException", "Rate Exceeded.", 429, Type="User", Reason=reason)


def all_busy(estate: Estate, function: LambdaFunction, now: float) -> int:
    """How many functions of the account run at this moment."""
    beginning = function.function_arn.rpartition(":")[0]
    running = (ends for arn, ends in estate.busy.items() if arn.startswith(beginning))
    return sum(end > now for ends in running for end in ends)


def context_of(estate: Estate, function: LambdaFunction, request: str, stream: str) -> Context:
    return Context(
        function_name=function.function_name,
        invoked_function_arn=function.function_arn,
        memory_limit_in_mb=str(function.memory_size),
        aws_request_id=request,
        deadline=estate.cloud.clock.now + float(function.timeout),
        now=lambda: estate.cloud.clock.now,
        log_group_name=group_name(function),
        log_stream_name=stream,
    )


def run_in(
    estate: Estate, function: LambdaFunction, sandbox: Sandbox, payload: Any, context: Context, run: str
) -> tuple[Any, str]:
    with sandbox.entered():
        try:
            # A function that sleeps lets time pass for all.
            passing = mock.patch.object(time, "sleep", estate.cloud.clock.advance)
            with estate.cloud.running(function.function_name, run), passing:
                if sandbox.handler is None:
                    sandbox.handler = _import_handler(str(function.handler), str(function.run_time or "python"))
                os.environ["_X_AMZN_TRACE_ID"] = f"Root=1-{context.aws_request_id[:8]}"
                result = sandbox.handler(payload, context)
        except _BadHandler as bad:
            return _document(bad.kind, str(bad), context, []), bad.kind
        except Exception as error:  # as Lambda does: whatever the handler raises is its answer
            return _told(error, context), type(error).__name__
        except SystemExit as left:
            text = f"RequestId: {context.aws_request_id} Error: Runtime exited with error: exit status {left.code}"
            return {"errorType": "Runtime.ExitError", "errorMessage": text}, "Runtime.ExitError"
    return _encoded_result(result, context)
