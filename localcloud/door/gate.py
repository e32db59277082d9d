"""The one door: every AWS call, in process or over HTTP, is let in, refused, recorded and announced here.

A call goes: who calls, which operation -> injected faults -> the model's rules -> IAM -> our service or moto ->
journal -> observers. In process the door is a botocore `before-send` handler, so no socket is ever opened and
no credential of this machine is used; over HTTP it is `localcloud.door.http`.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from moto.core.botocore_stubber import MockRawResponse
from moto.iam.models import iam_backends
from werkzeug.exceptions import HTTPException

from localcloud.door import check, faults, moto_urls, permissions, validate, wire
from localcloud.door.wire.message import Answer, Message, Operation
from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.journal import CallRecord
from localcloud.ground.service import Service

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

__all__ = ["Answer", "AnswerLost", "Done", "Gate", "Message", "Service", "is_mutating"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# What a caller may do without leaving a trace in the service: operations that begin with one of these words.
# ReceiveMessage changes a message's visibility only, AssumeRole makes no resource, and the Start*Query of the
# log and metric stores reads.
_READS = re.compile(
    r"(AssumeRole|BatchGet|Check|Decode|Describe|Detect|Download|Estimate|Filter|Get|Head|List|Lookup|Poll"
    r"|Preview|Query|Receive|Scan|Search|Select|Simulate|StartQuery|Test|TransactGet|Validate|Verify)"
)
_ACCOUNT = re.compile(r"\d{12}")


def is_mutating(operation: str) -> bool:
    """Whether an operation may change something, judged by its name."""
    return not _READS.match(operation)


class AnswerLost(ConnectionError):
    """The call took effect and nobody will hear of it (an injected fault)."""


class Done:
    """A call that was answered: what observers see.

    `params` and `result` carry the model's member names; `result` is {} after an error. `quiet` is true for
    what the local cloud did on its own account, which is not announced.
    """

    def __init__(
        self,
        service: str,
        operation: str,
        params: dict[str, Any],
        caller: Caller,
        error: AwsError | None,
        read: Callable[[], dict[str, Any]],
        *,
        quiet: bool = False,
    ) -> None:
        self.service = service
        self.operation = operation
        self.params = params
        self.caller = caller
        self.error = error
        self.quiet = quiet
        self._read = read

    @functools.cached_property
    def result(self) -> dict[str, Any]:
        # Read when somebody asks: most answers of moto are never looked at, and parsing them costs.
        return {} if self.error else self._read()


@dataclass(frozen=True)
class Observer:
    """`before` sees a call that is about to change something and answers a note that `after` gets back."""

    after: Callable[[Done, Any], None]
    before: Callable[[str, str, dict[str, Any], Caller], Any] | None = None
    also_quiet: bool = False


@dataclass
class Running:
    """The function that runs, of which execution, and how many AWS calls it has made in this invocation."""

    function: str = ""
    run: str = ""
    calls: int = 0


@dataclass
class _Call:
    """A call on its way through the gate."""

    operation: Operation
    protocol: str
    message: Message
    region: str
    caller: Caller
    own: Service | None
    params: dict[str, Any] = field(default_factory=dict)
    fault: str = ""


class Gate:
    """The door of one local cloud."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.sessions: dict[str, Caller] = {}
        self._observers: list[Observer] = []
        self._quiet = 0
        self._running: list[Running] = []
        self._callers: list[Caller] = []

    # --- what happens meanwhile ---

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Calls in this block are the local cloud's own: not recorded, not announced, never faulty or refused."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    @contextlib.contextmanager
    def running(self, function: str = "", run: str = "") -> Iterator[Running]:
        """Calls in this block are made by this function, in this execution (the journal says so).

        They are the function's, so they count even if something quiet set it going. Raises FunctionEnded when
        an injected fault ends the function before its first line.
        """
        quiet, self._quiet = self._quiet, 0
        frame = Running(function, run)
        self._running.append(frame)
        try:
            if function:
                self.cloud.faults.strike_function(function, 0)
            yield frame
        finally:
            self._running.pop()
            self._quiet = quiet

    @property
    def run(self) -> str:
        """ARN of the execution in whose course things happen now, or ''."""
        return self._running[-1].run if self._running else ""

    @property
    def caller_now(self) -> Caller | None:
        return self._callers[-1] if self._callers else None

    def observe(
        self,
        after: Callable[[Done], None] | Callable[[Done, Any], None],
        before: Callable[[str, str, dict[str, Any], Caller], Any] | None = None,
        *,
        also_quiet: bool = False,
    ) -> None:
        """Call `after(done)` for every answered call, or `after(done, note)` with what `before` answered.

        `before(service, operation, params, caller)` is asked only when the call may change something.
        """
        told: Callable[[Done, Any], None] = after if before else lambda done, _: after(done)  # type: ignore[call-arg, assignment]  # one of two shapes, told apart by `before`
        self._observers.append(Observer(told, before, also_quiet))

    # --- who calls ---

    def caller_of(self, access_key: str, region: str) -> Caller:
        """The caller that an access key stands for; the error that AWS gives for a key it does not know."""
        if _ACCOUNT.fullmatch(access_key):
            return Caller(access_key, region, f"arn:aws:iam::{access_key}:root")
        if access_key in self.sessions:
            return self.sessions[access_key]
        sessions = self.cloud.sts.sessions
        if access_key in sessions:
            caller, expiry = sessions[access_key]
            if self.cloud.clock.now >= expiry:
                raise AwsError("ExpiredTokenException", "The security token included in the request is expired", 403)
            return caller
        for account, backends in iam_backends.items():
            for backend in backends.values():
                if access_key in backend.access_keys:
                    user = backend.access_keys[access_key].user_name
                    return Caller(account, region, f"arn:aws:iam::{account}:user/{user}")
        raise AwsError("", "The security token included in the request is invalid.", 403)

    # --- the way through ---

    def answer(self, message: Message, operation: Operation | None = None) -> Answer:
        """Answer one HTTP request. Raises AnswerLost when a fault swallows the answer.

        `operation` is given where the client has told which one it is (botocore does).
        """
        operation = operation or wire.identify(message)
        if operation is None or not models.is_known(operation.service, operation.name):
            return self._unknown(message, operation)
        protocol = wire.protocol_of(message, operation.service)
        signed = wire.credential(message)
        region = signed.region or self.cloud.region
        request_id = self._request_id()
        try:
            caller = self._authenticate(signed, region, operation)
        except AwsError as error:
            return wire.serialise_error(operation.service, error, protocol, request_id)
        call = _Call(
            operation, protocol, message, region, caller, self.cloud.service(operation.service, operation.name)
        )
        return self._through(call, request_id)

    def _authenticate(self, signed: wire.Credential, region: str, operation: Operation) -> Caller:
        if not signed.access_key:
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        try:
            return self.caller_of(signed.access_key, region)
        except AwsError as error:
            code, status = _refused_key(operation.service, is_expired=bool(error.code))
            raise AwsError(code, error.message, status) from None

    def _unknown(self, message: Message, operation: Operation | None) -> Answer:
        name = f"{operation.service}:{operation.name}" if operation else f"{message.method} {message.url}"
        error = AwsError("UnknownOperationException", f"{name} is no operation of an AWS service", 404)
        return wire.serialise_error("vpc-lattice", error, "rest-json", self._request_id())

    def _request_id(self) -> str:
        bits = f"{self.cloud.random_ids.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-8{bits[17:20]}-{bits[20:]}"

    def _through(self, call: _Call, request_id: str) -> Answer:
        service, name = call.operation.service, call.operation.name
        quiet = self._quiet > 0
        incoming = wire.request(call.message, call.region, service)
        if not call.operation.path:
            routed = wire.route(incoming, service) if call.protocol.startswith("rest") else None
            call.operation = Operation(service, name, routed.path if routed else {})
        struck = None
        if not quiet:
            struck = self.cloud.faults.check(service, name, call.caller.account, call.caller.role)
            call.fault = struck.kind if struck else ""
        if struck and struck.kind == "delay":
            self.cloud.clock.advance(struck.seconds)
        notes: list[Any] = []
        error: AwsError | None = None
        answer: Answer | None = None
        read: Callable[[], dict[str, Any]] = dict
        self._callers.append(call.caller)
        try:
            call.params = self._parse(call, incoming)
            if not quiet:
                self._fail(call)
            self._validate(call)
            if not quiet:
                self._authorise(call)
            observers = [one for one in self._observers if one.also_quiet or not quiet]
            notes = self._notes(call, observers)
            answer, error, read = self._serve(call, incoming, request_id)
        except AwsError as refused:
            error = refused
            answer = wire.serialise_error(service, refused, call.protocol, request_id)
        finally:
            self._callers.pop()
        if not quiet:
            self._record(call, error)
        self._tell(call, error, read, notes, quiet=quiet)
        if not quiet:
            self._count()
        if call.fault == "lost":
            raise AnswerLost(f"{service}:{name} took effect; its answer is lost")
        return answer

    def _parse(self, call: _Call, incoming: Any) -> dict[str, Any]:
        try:
            return wire.parse(call.message, incoming, call.operation, call.protocol)
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as problem:
            if call.protocol.startswith("rest") or call.own is not None:
                raise validate.invalid(
                    call.operation.service, f"the request cannot be read: {problem}", [], "cannotParse"
                ) from problem
            raise AwsError("SerializationException", f"the request cannot be read: {problem}") from problem

    def _validate(self, call: _Call) -> None:
        # S3's model describes what its clients send, not what it takes: keys and bodies are free.
        if call.operation.service != "s3":
            validate.refuse_invalid(call.operation.service, call.operation.name, call.params)

    def _fail(self, call: _Call) -> None:
        service, name = call.operation.service, call.operation.name
        if call.fault == "throttle":
            raise faults.throttled(service, name)
        if call.fault == "500":
            raise faults.broken(service, name)
        if call.fault == "refuse":
            raise faults.denied(
                service, f"User: {call.caller.arn} is not authorized to perform: {service}:{name} on resource: *"
            )

    def _authorise(self, call: _Call) -> None:
        if not (self.cloud.enforce_iam and call.caller.role):
            return
        service, name = call.operation.service, call.operation.name
        needed = permissions.requirements(service, name, call.params, call.caller, self.cloud)
        for action, resource, context in needed:
            decision = self.cloud.iam.allows(call.caller, action, resource, context)
            if not decision.allowed:
                raise permissions.denial(service, call.caller, action, resource, decision)

    def _notes(self, call: _Call, observers: list[Observer]) -> list[Any]:
        if not is_mutating(call.operation.name):
            return [None] * len(observers)
        return [
            one.before(call.operation.service, call.operation.name, call.params, call.caller) if one.before else None
            for one in observers
        ]

    def _serve(
        self, call: _Call, incoming: Any, request_id: str
    ) -> tuple[Answer, AwsError | None, Callable[[], dict[str, Any]]]:
        if call.own is None:
            return self._moto(call, incoming)
        service, name = call.operation.service, call.operation.name
        try:
            handled = call.own.handle(name, call.params, call.caller)
        except AwsError as refused:
            if self.cloud.check_answers:
                with self._noting():
                    check.check_refusal(service, name, refused)
            raise
        result = {key: value for key, value in handled.items() if value is not None}
        with self._noting():
            check.check_answer(service, name, result)
        return wire.serialise(service, name, result, call.protocol, request_id), None, lambda: result

    def _moto(self, call: _Call, incoming: Any) -> tuple[Answer, AwsError | None, Callable[[], dict[str, Any]]]:
        service, name = call.operation.service, call.operation.name
        protocol = call.protocol
        if protocol == wire.CBOR:
            message = wire.as_json_message(call.message, call.operation, call.params)
            incoming, protocol = wire.request(message, call.region, service), "json"
        handler = moto_urls.moto_handler(service, incoming.raw_url.split("?", 1)[0])
        if handler is None:
            raise NotEmulated(service, name)
        incoming.environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.caller.account
        try:
            status, headers, body = handler(incoming, incoming.raw_url, incoming.headers)
        except HTTPException as refused:
            status, headers, body = refused.code or 400, dict(refused.get_headers()), refused.get_body()
        except NotImplementedError as lacking:
            raise NotEmulated(service, name) from lacking
        except (ValueError, LookupError, TypeError) as problem:
            # moto takes every token for one of its own, and falls over those that are not.
            token = next((word for word in models.page_tokens(service, name) if call.params.get(word)), "")
            if not token:
                raise
            raise validate.invalid(service, f"The value of {token} is not valid", [(token, "not valid")]) from problem
        content = body if isinstance(body, bytes) else str(body or "").encode()
        answer = Answer(int(status), {str(key): str(value) for key, value in dict(headers).items()}, content)
        error = None
        if answer.status >= 300:
            told = wire.read_answer(service, name, answer, protocol).get("Error", {})
            error = AwsError(str(told.get("Code", "")), str(told.get("Message", "")), answer.status)
        if call.protocol == wire.CBOR:
            if error:
                raise error
            result = _plain(wire.read_answer(service, name, answer, protocol))
            if self.cloud.check_answers:
                with self._noting():
                    check.check_moto_answer(service, name, result)
            return wire.serialise(service, name, result, wire.CBOR, self._request_id()), None, lambda: result
        if self.cloud.check_answers and not error:
            with self._noting():
                check.check_moto_answer(service, name, wire.read_answer(service, name, answer, protocol))
        return answer, error, lambda: _plain(wire.read_answer(service, name, answer, protocol))

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        # Whoever called may take it for an error of AWS and go on: it is kept for the end.
        try:
            yield
        except check.WrongAnswer as wrong:
            self.cloud.wrong_answers.append(wrong)
            raise

    # --- afterwards ---

    def _record(self, call: _Call, error: AwsError | None) -> None:
        outcome = error.code if error else "ok"
        if call.fault == "lost":
            outcome = "ConnectionClosedError"
        frame = self._running[-1] if self._running else Running()
        self.cloud.journal.add(
            CallRecord(
                at=self.cloud.clock.now,
                run=frame.run,
                service=call.operation.service,
                operation=call.operation.name,
                account=call.caller.account,
                role=call.caller.role,
                region=call.region,
                outcome=outcome,
                mutating=is_mutating(call.operation.name),
                resource=_resource(call.params),
                fault=call.fault,
                function=frame.function,
                params=_lean(call.params),
            )
        )

    def _tell(
        self,
        call: _Call,
        error: AwsError | None,
        read: Callable[[], dict[str, Any]],
        notes: list[Any],
        *,
        quiet: bool,
    ) -> None:
        done = Done(call.operation.service, call.operation.name, call.params, call.caller, error, read, quiet=quiet)
        observers = [one for one in self._observers if one.also_quiet or not quiet]
        for index, observer in enumerate(observers):
            observer.after(done, notes[index] if index < len(notes) else None)

    def _count(self) -> None:
        if self._running and self._running[-1].function:
            frame = self._running[-1]
            frame.calls += 1
            self.cloud.faults.strike_function(frame.function, frame.calls)


def _refused_key(service: str, *, is_expired: bool) -> tuple[str, int]:
    """Code and status of an access key that has ended, or that nobody knows: each protocol has its own words."""
    protocol = str(models.model(service).protocol)
    if service == "s3":
        return ("ExpiredToken", 400) if is_expired else ("InvalidAccessKeyId", 403)
    if protocol == "ec2":
        return ("RequestExpired", 400) if is_expired else ("AuthFailure", 401)
    if protocol in ("query", "rest-xml"):
        return ("ExpiredToken" if is_expired else "InvalidClientTokenId"), 403
    code = "ExpiredTokenException" if is_expired else "UnrecognizedClientException"
    return code, 403 if protocol == "rest-json" else 400


def _plain(parsed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}


def _lean(value: Any) -> Any:
    """Parameters without the packages and objects that they carry: the journal keeps only their size."""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, dict):
        return {name: _lean(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_lean(item) for item in value]
    return value


def _resource(params: Any) -> str:
    """The ARN that a call names first, else the first identifier or name; ''."""
    return _first(params, lambda _, value: value.startswith("arn:")) or _first(
        params, lambda name, _: name.endswith(("Arn", "Identifier", "Id", "Name", "Url")) or name == "name"
    )


def _first(value: Any, fits: Callable[[str, str], bool], name: str = "") -> str:
    if isinstance(value, str):
        return value if fits(name, value) else ""
    if isinstance(value, Mapping):
        return next(filter(None, (_first(item, fits, key) for key, item in value.items())), "")
    if isinstance(value, list):
        return next(filter(None, (_first(item, fits, name) for item in value)), "")
    return ""


# --- in process ---

_open: list[Gate] = []


def open_gate(gate: Gate) -> None:
    """Let botocore's calls in this process go through `gate`, until it is closed."""
    if _open:
        raise RuntimeError("a local cloud is open already; one process holds one at a time")
    _open.append(gate)


def close_gate(gate: Gate) -> None:
    _open.remove(gate)


def _before_send(event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    """botocore is about to open a socket: answer instead.

    Calls to a local endpoint (the server's, over HTTP) go out as they are; their client means the wire.
    """
    if not _open or urlsplit(request.url).hostname in LOOPBACK:
        return None
    service_id, operation = event_name.split(".", 2)[1:]
    message = _message(request)
    try:
        answer = _open[-1].answer(message, Operation(models.service_of_id(service_id), operation, {}))
    except AnswerLost as lost:
        # One that botocore retries: the caller cannot know that its call took effect.
        raise ConnectionClosedError(endpoint_url=request.url) from lost
    raw: Any = MockRawResponse(answer.body)
    headers: Any = answer.headers
    return AWSResponse(request.url, answer.status, headers, raw)


def _message(request: AWSPreparedRequest) -> Message:
    sent: Any = request.body
    body: Any = sent.read() if hasattr(sent, "read") else sent
    content: bytes = body.encode() if isinstance(body, str) else body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    return Message(request.method, request.url, headers, content)


# As moto does: every client made from now on asks here first, and nothing answers while no gate is open.
botocore.handlers.BUILTIN_HANDLERS.append(("before-send", _before_send))
