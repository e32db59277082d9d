"""Lambda: runs the handlers that the deployed functions name, each in a sandbox of its own.

moto keeps the functions, layers, permissions and mappings; here they run. A sandbox is what a Lambda
environment is: its own copies of the modules in the code and layer folders, its own environment variables,
role credentials, output, loggers and default boto3 session. Third-party packages are the ones installed here
and are shared, except those that keep their state in modules (`PRIVATE`).
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import importlib
import io
import json
import logging
import os
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from unittest import mock

import boto3
import botocore.loaders
import botocore.session
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend as lambda_backend
from moto.awslambda_simple.models import lambda_simple_backends
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud.caller import Caller
from localcloud.errors import AwsError, NotEmulated
from localcloud.faults import FunctionEnded
from localcloud.ids import uuid4
from localcloud.journal import InvocationRecord

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud
    from localcloud.gate import Done

MAX_PAYLOAD = 6 * 1024 * 1024  # bytes, synchronous (facts §21)
MAX_ASYNC_PAYLOAD = 1024 * 1024
MAX_TIMEOUT = 900  # seconds
MAX_MEMORY = 10_240  # MB
MAX_ENVIRONMENT = 4 * 1024  # bytes
MAX_CONCURRENT = 1_000  # invocations of an account's functions at once
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
ASYNC_RETRIES = 2
ASYNC_WAITS = (60.0, 120.0)  # seconds before the first and the second retry (facts §3)
ASYNC_AGE = 6 * 3600.0  # seconds for which Lambda goes on trying, throttled or not
SESSION_SECONDS = 12 * 3600.0  # life of a sandbox's credentials; after it a new sandbox starts cold

PRIVATE = frozenset({"aws_lambda_powertools"})
"""Installed packages that every sandbox gets a copy of: Powertools holds loggers, metrics and "cold start"."""


SHARED = frozenset({"boto3", "botocore", "dateutil", "jmespath", "msgspec", "s3transfer", "six", "urllib3"})
"""Packages that a function gets from here even where its layer brings its own: calls come to the local cloud through
this botocore and leave the machine through any other, and a layer's binaries may be another processor's."""


class Invocation(NamedTuple):
    """`error` is '' or the error's type; then `result` is Lambda's error document. `seconds` it took."""

    result: Any
    error: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Context:
    """The context object that a handler gets."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    deadline: float
    now: Callable[[], float]
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - self.now()) * 1000))


class Output(io.TextIOBase):
    """A sandbox's standard output: loggers keep it, so it lives as long as the sandbox."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        self._parts.append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def taken(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        return text


@dataclass
class Sandbox:
    """What belongs to one Lambda environment and is in place only while its function runs."""

    folders: list[str]
    environment: dict[str, str]
    credentials_end: float
    output: Output = field(default_factory=Output)
    modules: dict[str, ModuleType] = field(default_factory=dict)
    loggers: dict[str, Any] = field(default_factory=dict)
    session: Any = None
    handler: Callable[[Any, Any], Any] | None = None

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        """Top-level names of modules that are this sandbox's own."""
        found = {entry.name.partition(".")[0] for folder in self.folders for entry in Path(folder).iterdir()}
        for name in SHARED:
            importlib.import_module(name)  # what is imported already is not looked for in the folders
        return frozenset((found | PRIVATE) - SHARED)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        own = self._names
        outer = _take_modules(own)
        sys.modules.update(self.modules)
        manager = logging.Logger.manager
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        with (
            mock.patch.object(sys, "path", [*self.folders, *sys.path]),
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(boto3, "DEFAULT_SESSION", self.session),
            mock.patch.object(manager, "loggerDict", self.loggers),
            # Every sandbox makes its own clients; parsing ec2's model anew for each would be most of the time.
            mock.patch.object(botocore.session, "create_loader", _shared_loader),
            contextlib.redirect_stdout(self.output),
            contextlib.redirect_stderr(self.output),
        ):
            try:
                yield
            finally:
                self.session = boto3.DEFAULT_SESSION
                self.modules = _take_modules(own)
                sys.modules.update(outer)
                root.handlers[:] = handlers
                root.setLevel(level)


@functools.cache
def _shared_loader(search_path: str | None = None) -> Any:
    return botocore.loaders.create_loader(search_path)


def _take_modules(names: frozenset[str]) -> dict[str, ModuleType]:
    taken = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in taken}


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


class Functions:
    """The functions of all accounts.

    `duration`: simulated seconds that an invocation takes. `cold` counts cold starts by function ARN.
    """

    name: ClassVar[str] = "lambda"
    operations: ClassVar[frozenset[str]] = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"})

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.duration = 0.0
        self.cold: dict[str, int] = {}
        self._sandboxes: dict[str, tuple[tuple[Any, ...], Sandbox]] = {}
        self._busy: dict[str, list[float]] = {}
        self._folders: dict[str, Path] = {}
        self._letters: dict[str, str] = {}
        self._unpacked = tempfile.TemporaryDirectory(prefix="localcloud-")
        cloud.gate.observe(lambda done, _: self._hear(done), before=self._check, also_quiet=True)

    # --- the service ---------------------------------------------------------------------------------------

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer Invoke and InvokeAsync; raises AwsError."""
        if operation == "InvokeWithResponseStream":
            raise NotEmulated(self.name, operation)
        name = params["FunctionName"]
        payload = _read_payload(params.get("Payload") or params.get("InvokeArgs"))
        if operation == "InvokeAsync" or params.get("InvocationType") == "Event":
            self.invoke_async(caller.account, name, payload)
            return {"Status": 202} if operation == "InvokeAsync" else {"StatusCode": 202}
        if params.get("InvocationType") == "DryRun":
            self.function(caller.account, name)
            return {"StatusCode": 204}
        done = self.run(caller.account, name, payload, run=self.cloud.gate.run)
        answer = {
            "StatusCode": 200,
            "ExecutedVersion": "$LATEST",
            "Payload": json.dumps(done.result).encode(),
        }
        if done.error:
            answer["FunctionError"] = "Unhandled"
        if params.get("LogType") == "Tail":
            record = self.cloud.journal.of(InvocationRecord)[-1]
            answer["LogResult"] = base64.b64encode(record.output.encode()[-4096:]).decode()
        return answer

    def stand_in(self, folder: Path) -> bytes:
        """A small archive to give to Lambda in place of `folder`: what has it as its code runs from the folder."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo("code-is-at"), str(folder.resolve()))
        self._folders[hashlib.sha256(packed.getvalue()).hexdigest()] = folder.resolve()
        return packed.getvalue()

    def function(self, account: str, name: str) -> LambdaFunction:
        """moto's function of that name or ARN; ResourceNotFoundException."""
        if name.startswith("arn:"):
            account, name = name.split(":")[4], ":".join(name.split(":")[6:])
        elif ":function:" in name:
            account, _, name = name.partition(":function:")
        plain, _, qualifier = name.partition(":")
        try:
            found = lambda_backend(account, self.cloud.region).get_function(plain, qualifier or None)
        except (HTTPException, ServiceException) as error:
            arn = f"arn:aws:lambda:{self.cloud.region}:{account}:function:{name}"
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404, Type="User") from error
        return found

    @property
    def names(self) -> list[str]:
        """The names of all functions, in whatever account, in order."""
        backends = [backend for regions in lambda_simple_backends.values() for backend in regions.values()]
        return sorted({function.function_name for backend in backends for function in backend.list_functions()})

    def authorised_by(self, account: str, name: str) -> tuple[str, list[dict[str, Any]]]:
        """A function's ARN and its resource policies."""
        function = self.function(account, name)
        statements = function.policy.statements
        policies = [{"Version": "2012-10-17", "Statement": list(statements)}] if statements else []
        return function.function_arn, policies

    # --- synchronous ---------------------------------------------------------------------------------------

    def invoke(
        self, account: str, name: str, payload: Any, *, caller: Caller | None = None, run: str = ""
    ) -> tuple[Any, str]:
        """Run a function: its result and '', or Lambda's error document and the error's type.

        With `caller`, that caller must be allowed to. Raises AwsError when it is not, when there is no such
        function, and when it is throttled.
        """
        if caller is not None:
            arn, policies = self.authorised_by(account, name)
            if not self.cloud.iam.allows(caller, "lambda:InvokeFunction", arn, {}, policies).allowed:
                text = f"User: {caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
                raise AwsError("AccessDeniedException", text, 403)
        done = self.run(account, name, payload, run=run)
        return done.result, done.error

    def run(self, account: str, name: str, payload: Any, *, run: str = "", request: str = "") -> Invocation:
        """Run a function for one who is allowed to. `request` is the request id of an asynchronous invocation."""
        function = self.function(account, name)
        self._count_concurrency(function)
        sent = _encode(payload)
        if len(sent) > MAX_PAYLOAD:
            text = f"Request must be smaller than {MAX_PAYLOAD} bytes for the InvokeFunction operation"
            raise AwsError("RequestTooLargeException", text, 413)
        request = request or uuid4(self.cloud.random_ids)
        sandbox, cold = self._sandbox(function)
        context = self._context(function, request)
        try:
            result, error = self._run_in(function, sandbox, json.loads(sent), context, run)
            seconds = self.duration
        except FunctionEnded as ended:
            self._sandboxes.pop(function.function_arn, None)
            result, error, seconds = _ended(ended, function, request, self.duration)
        if error.startswith("Runtime.") and error != "Runtime.MarshalError":
            self._sandboxes.pop(function.function_arn, None)
        self._busy[function.function_arn].append(self.cloud.clock.now + seconds)
        self.cloud.journal.add(
            InvocationRecord(
                at=self.cloud.clock.now,
                run=run,
                function=function.function_name,
                account=function.account_id,
                request_id=request,
                cold=cold,
                error=error,
                payload=json.loads(sent),
                result=result,
                output=sandbox.output.taken() if sandbox else "",
            )
        )
        return Invocation(result, error, seconds)

    def _check(self, service: str, operation: str, params: dict[str, Any], _: Caller) -> None:
        """Refuse functions that Lambda refuses and moto takes (facts 21)."""
        if service != "lambda" or operation not in {"CreateFunction", "UpdateFunctionConfiguration"}:
            return
        for name, most in (("Timeout", MAX_TIMEOUT), ("MemorySize", MAX_MEMORY)):
            if params.get(name, 0) > most:
                told = f"Member must have value less than or equal to {most}"
                where = name[0].lower() + name[1:]
                text = f"1 validation error detected: Value '{params[name]}' at '{where}' failed to satisfy constraint:"
                raise AwsError("ValidationException", f"{text} {told}")
        variables = params.get("Environment", {}).get("Variables", {})
        because = "Lambda was unable to configure your environment variables because the environment variables"
        if reserved := sorted(RESERVED_VARIABLES & variables.keys()):
            text = f"{because} you have provided contains reserved keys: {', '.join(reserved)}"
            raise AwsError("InvalidParameterValueException", text, Type="User")
        if len(json.dumps(variables, separators=(",", ":")).encode()) > MAX_ENVIRONMENT:
            text = f"{because} you have provided exceeded the 4KB limit."
            raise AwsError("InvalidParameterValueException", text, Type="User")

    def _count_concurrency(self, function: LambdaFunction) -> None:
        now = self.cloud.clock.now
        busy = [end for end in self._busy.get(function.function_arn, []) if end > now]
        self._busy[function.function_arn] = busy
        reserved = function.reserved_concurrency
        reason = ""
        if reserved is not None and len(busy) >= int(reserved):
            reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
        elif len(busy) >= MAX_CONCURRENT or (busy and self._all_busy(function, now) >= MAX_CONCURRENT):
            reason = "ConcurrentInvocationLimitExceeded"
        if reason:
            raise AwsError("TooManyRequestsException", "Rate Exceeded.", 429, Type="User", Reason=reason)

    def _all_busy(self, function: LambdaFunction, now: float) -> int:
        """How many functions of the account run at this moment."""
        beginning = function.function_arn.rpartition(":")[0]
        running = (ends for arn, ends in self._busy.items() if arn.startswith(beginning))
        return sum(end > now for ends in running for end in ends)

    def _context(self, function: LambdaFunction, request: str) -> Context:
        return Context(
            function_name=function.function_name,
            invoked_function_arn=function.function_arn,
            memory_limit_in_mb=str(function.memory_size),
            aws_request_id=request,
            deadline=self.cloud.clock.now + float(function.timeout),
            now=lambda: self.cloud.clock.now,
            log_group_name=f"/aws/lambda/{function.function_name}",
            log_stream_name="local",
        )

    def _run_in(
        self, function: LambdaFunction, sandbox: Sandbox, payload: Any, context: Context, run: str
    ) -> tuple[Any, str]:
        with sandbox.entered():
            try:
                with self.cloud.running(function.function_name, run):
                    if sandbox.handler is None:
                        sandbox.handler = _import_handler(str(function.handler))
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

    # --- sandboxes -----------------------------------------------------------------------------------------

    def forget(self, account: str = "", name: str = "") -> None:
        """Drop the sandbox of a function, or all of them: the next invocation starts cold."""
        if name:
            self._sandboxes.pop(self.function(account, name).function_arn, None)
        else:
            self._sandboxes.clear()

    def _sandbox(self, function: LambdaFunction) -> tuple[Sandbox, bool]:
        layers = [layer["Arn"] for layer in function.layers]
        key = (
            function.code_sha_256,
            function.handler,
            tuple(layers),
            json.dumps(function.environment_vars, sort_keys=True),
            function.role,
        )
        known = self._sandboxes.get(function.function_arn)
        if known is not None and known[0] == key and known[1].credentials_end > self.cloud.clock.now:
            return known[1], False
        code = self._folder(function.code_bytes)
        folders = [str(code), *(str(folder) for arn in layers for folder in self._layer_folders(function, arn))]
        credentials = self.cloud.sts.issue(
            function.role, function.function_name, SESSION_SECONDS, service="lambda.amazonaws.com"
        )
        sandbox = Sandbox(
            folders,
            _environment(function, str(code), credentials),
            self.cloud.clock.now + SESSION_SECONDS - float(function.timeout),
        )
        self._sandboxes[function.function_arn] = (key, sandbox)
        self.cold[function.function_arn] = self.cold.get(function.function_arn, 0) + 1
        importlib.invalidate_caches()
        return sandbox, True

    def _layer_folders(self, function: LambdaFunction, arn: str) -> Iterator[Path]:
        version = lambda_backend(function.account_id, function.region).layers_versions_by_arn(arn)
        if version is None:
            return  # deleted since; a function keeps the copy that it has on AWS, and here has none
        top = self._folder(version.code_bytes)
        # A folder without `python/` is the source of a layer that `sam build` would move into one.
        inner = [top / "python", top / "python" / "lib" / "python3.13" / "site-packages"]
        yield from [folder for folder in inner if folder.is_dir()] or [top]

    def _folder(self, code: bytes) -> Path:
        digest = hashlib.sha256(code).hexdigest()
        if digest not in self._folders:
            folder = Path(self._unpacked.name) / digest
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(folder)
            self._folders[digest] = folder
        return self._folders[digest]

    # --- asynchronous --------------------------------------------------------------------------------------

    def invoke_async(self, account: str, name: str, payload: Any, *, run: str = "") -> str:
        """Have a function run by and by: retried, then given to its destination. Answers the request id.

        Raises AwsError when there is no such function or the payload is too large.
        """
        function = self.function(account, name)
        if len(_encode(payload)) > MAX_ASYNC_PAYLOAD:
            text = f"Request must be smaller than {MAX_ASYNC_PAYLOAD} bytes for the InvokeFunction operation"
            raise AwsError("RequestTooLargeException", text, 413)
        request_id = uuid4(self.cloud.random_ids)
        now = self.cloud.clock.now
        waiting = _Waiting(account, function.function_arn, payload, request_id, now, run)
        self._try_later(waiting, 0.0)
        return request_id

    def _try_later(self, waiting: _Waiting, seconds: float) -> None:
        what = f"asynchronous invocation of {waiting.function.rpartition(':')[2]}"
        self.cloud.clock.after(seconds, lambda: self._try(waiting), what)

    def _try(self, waiting: _Waiting) -> None:
        try:
            function = self.function(waiting.account, waiting.function)
        except AwsError:
            return  # deleted meanwhile
        config = _async_config(function)
        age = float(config.get("MaximumEventAgeInSeconds", ASYNC_AGE))
        try:
            done = self.run(
                waiting.account, waiting.function, waiting.payload, run=waiting.run, request=waiting.request_id
            )
        except AwsError as refused:
            if refused.code != "TooManyRequestsException":
                raise
            wait = min(300.0, 2.0**waiting.throttled)
            waiting.throttled += 1
            if self.cloud.clock.now + wait - waiting.since <= age:
                self._try_later(waiting, wait)
            else:
                self._give_up(waiting, function, config, None, "EventAgeExceeded")
            return
        waiting.tries += 1
        if not done.error:
            self._report(waiting, function, config.get("OnSuccess", ""), done, "Success")
        elif waiting.tries > int(config.get("MaximumRetryAttempts", ASYNC_RETRIES)):
            self._give_up(waiting, function, config, done, "RetriesExhausted")
        else:
            wait = ASYNC_WAITS[waiting.tries - 1]
            if self.cloud.clock.now + wait - waiting.since <= age:
                self._try_later(waiting, wait)
            else:
                self._give_up(waiting, function, config, done, "EventAgeExceeded")

    def _give_up(
        self,
        waiting: _Waiting,
        function: LambdaFunction,
        config: Mapping[str, Any],
        done: Invocation | None,
        condition: str,
    ) -> None:
        self._report(waiting, function, config.get("OnFailure", ""), done, condition)
        queue = self._letters.get(function.function_arn)
        if queue:
            attributes = {
                "RequestID": waiting.request_id,
                "ErrorCode": "200",
                "ErrorMessage": str(done.result.get("errorMessage", ""))[:1024] if done else "",
            }
            self.cloud.events.hand_over(queue, waiting.payload, self._as_role(function), attributes=attributes)

    def _report(
        self, waiting: _Waiting, function: LambdaFunction, destination: str, done: Invocation | None, condition: str
    ) -> None:
        """Tell the destination of an asynchronous invocation how it went."""
        if not destination:
            return
        document: dict[str, Any] = {
            "version": "1.0",
            "timestamp": _stamp(self.cloud.clock.now),
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
        self.cloud.events.hand_over(
            destination,
            document,
            self._as_role(function),
            source="lambda",
            detail_type=f"Lambda Function Invocation Result - {'Failure' if done is None or done.error else 'Success'}",
        )

    def _as_role(self, function: LambdaFunction) -> Caller:
        role = function.role.rpartition("/")[2]
        account = function.role.split(":")[4]
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{function.function_name}"
        return Caller(account, function.region, arn, role=role, session=function.function_name)

    def _hear(self, done: Done) -> None:
        """moto keeps no DeadLetterConfig, so it is kept here."""
        if done.service != "lambda" or done.error is not None:
            return
        if done.operation in {"CreateFunction", "UpdateFunctionConfiguration"} and "DeadLetterConfig" in done.params:
            arn = self.function(done.caller.account, done.params["FunctionName"]).function_arn
            self._letters[arn] = done.params["DeadLetterConfig"].get("TargetArn", "")
        elif done.operation == "DeleteFunction":
            name = done.params["FunctionName"].rpartition(":")[2]
            arn = f"arn:aws:lambda:{done.caller.region}:{done.caller.account}:function:{name}"
            self._letters.pop(arn, None)
            self._sandboxes.pop(arn, None)


class _BadHandler(Exception):
    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def _import_handler(handler: str) -> Callable[[Any, Any], Any]:
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


def _environment(function: LambdaFunction, code: str, credentials: Mapping[str, Any]) -> dict[str, str]:
    """The variables that a function sees on Lambda, and nothing of this process.

    X-Ray is not emulated, so its SDK and Powertools' Tracer are told that there is no daemon; the null files
    keep boto3 from a configuration of this machine.
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "LAMBDA_TASK_ROOT": code,
        "_HANDLER": str(function.handler),
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_XRAY_SDK_ENABLED": "false",
        "POWERTOOLS_TRACE_DISABLED": "true",
        **{name: str(value) for name, value in function.environment_vars.items()},
    }


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


def _encode(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def _read_payload(payload: Any) -> Any:
    if payload is None or payload == b"":
        return {}
    if hasattr(payload, "read"):
        payload = payload.read()
    try:
        return json.loads(payload)
    except ValueError as error:
        text = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", text, Type="User") from error


def _stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
