"""What goes wrong on request: calls throttled, refused, broken, late or unanswered; functions that die."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Literal

from localcloud.ground.errors import AwsError
from localcloud.ground.models import error_shapes, model

Kind = Literal["throttle", "refuse", "500", "lost", "delay"]


@dataclass(frozen=True)
class Fault:
    """A call that will go wrong.

    `service` is botocore's name, `role` a role's name; all four names may hold `*`. The first `skip` matching
    calls pass, then `times` calls fail (None: for ever), each with probability `chance`. Kinds:

    - throttle: the service's own throttling error, nothing takes effect;
    - refuse: its access-denied error;
    - 500: its internal error, nothing takes effect;
    - lost: the call takes effect and the connection breaks before the answer comes;
    - delay: `seconds` pass, and what falls due in them happens, before the call takes effect.
    """

    kind: Kind
    service: str = "*"
    operation: str = "*"
    account: str = "*"
    role: str = "*"
    skip: int = 0
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 5.0


@dataclass(frozen=True)
class FunctionFault:
    """A function that ends in the middle of its work: right after its `at_call`-th AWS call took effect.

    `at_call=0` ends it before its first line. It ends `times` invocations so (None: all of them); 'die' is the
    process going away, 'timeout' Lambda cutting it off.
    """

    function: str
    kind: Literal["die", "timeout"] = "die"
    at_call: int = 0
    times: int | None = 1


class FunctionEnded(BaseException):
    """An injected end of a function. Not an Exception, so that the function's own code cannot catch it."""

    def __init__(self, fault: FunctionFault) -> None:
        super().__init__(f"{fault.function}: {fault.kind} at call {fault.at_call}")
        self.kind = fault.kind


@dataclass
class _Armed[F]:
    fault: F
    seen: int = 0
    struck: int = 0


@dataclass
class Faults:
    """The faults that wait for their call. `random` decides those that have a chance."""

    random: Random
    _calls: list[_Armed[Fault]] = field(default_factory=list)
    _functions: list[_Armed[FunctionFault]] = field(default_factory=list)

    def add(self, *faults: Fault | FunctionFault) -> None:
        for fault in faults:
            if isinstance(fault, Fault):
                self._calls.append(_Armed(fault))
            else:
                self._functions.append(_Armed(fault))

    def clear(self) -> None:
        self._calls.clear()
        self._functions.clear()

    @property
    def set(self) -> list[tuple[Fault | FunctionFault, int]]:
        """All faults since the last `clear`, each with how often it has struck; spent ones are among them."""
        return [*((it.fault, it.struck) for it in self._calls), *((it.fault, it.struck) for it in self._functions)]

    @property
    def unused(self) -> list[Fault | FunctionFault]:
        """Faults that never struck: a test that injects one and does not meet it tests nothing."""
        waiting: list[_Armed[Fault] | _Armed[FunctionFault]] = [*self._calls, *self._functions]
        return [armed.fault for armed in waiting if not armed.struck]

    def check(self, service: str, operation: str, account: str, role: str) -> Fault | None:
        """The fault that strikes this call, counted as struck; None when it passes."""
        for armed in self._calls:
            fault = armed.fault
            if not _matches(fault, service, operation, account, role) or _spent(armed.struck, fault.times):
                continue
            armed.seen += 1
            if armed.seen <= fault.skip:
                continue
            if fault.chance < 1.0 and self.random.random() >= fault.chance:
                continue
            armed.struck += 1
            return fault
        return None

    def strike_function(self, function: str, call: int) -> None:
        """Raise FunctionEnded when `function` is to end at its `call`-th AWS call (0: before any)."""
        for armed in self._functions:
            fault = armed.fault
            if (
                fnmatchcase(function, fault.function)
                and fault.at_call == call
                and not _spent(armed.struck, fault.times)
            ):
                armed.struck += 1
                raise FunctionEnded(fault)


def _spent(struck: int, times: int | None) -> bool:
    return times is not None and struck >= times


def _matches(fault: Fault, service: str, operation: str, account: str, role: str) -> bool:
    return (
        fnmatchcase(service, fault.service)
        and fnmatchcase(operation, fault.operation)
        and fnmatchcase(account, fault.account)
        and fnmatchcase(role, fault.role)
    )


# Where a service's model does not tell, or the word on the wire is another: code and HTTP status.
_THROTTLED = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 403),
    "sns": ("Throttled", 429),
    "lambda": ("TooManyRequestsException", 429),
    "ram": ("ThrottlingException", 429),
    "dynamodb": ("ThrottlingException", 400),
}
_DENIED = {
    "ec2": ("UnauthorizedOperation", 403),
    "sns": ("AuthorizationError", 403),
    "sqs": ("AccessDenied", 403),
    "cloudwatch": ("AccessDenied", 403),
}


def throttled(service: str, operation: str) -> AwsError:
    """The answer of a service that is asked too often."""
    code, status = _THROTTLED.get(service) or _modelled(service, operation, "Thrott") or _throttled_by_protocol(service)
    return AwsError(code, "Rate exceeded", status, **_retry_after(service, code))


def denied(service: str, message: str) -> AwsError:
    """The answer of a service to a caller whom IAM does not allow the call."""
    protocol = str(model(service).protocol)
    if service in _DENIED:
        code, status = _DENIED[service]
    elif protocol in ("query", "ec2", "rest-xml"):
        code, status = "AccessDenied", 403
    else:
        code, status = "AccessDeniedException", 403 if protocol == "rest-json" else 400
    return AwsError(code, message, status)


def broken(service: str, operation: str) -> AwsError:
    """The answer of a service that failed by itself."""
    code, status = _modelled(service, operation, "Internal") or (
        ("InternalError", 500) if service in ("ec2", "s3") else ("InternalFailure", 500)
    )
    return AwsError(code, "We encountered an internal error. Please try again.", status, **_retry_after(service, code))


def _retry_after(service: str, code: str) -> dict[str, int]:
    """When to come back, where the service's error says so."""
    shape = next((one for one in error_shapes(service) if one.name == code), None)
    return {"retryAfterSeconds": 1} if shape is not None and "retryAfterSeconds" in shape.members else {}


def _modelled(service: str, operation: str, word: str) -> tuple[str, int] | None:
    for shape in error_shapes(service, operation):
        if shape.name.startswith(word):
            error = shape.metadata.get("error", {})
            status = 500 if word == "Internal" else 400
            return str(shape.error_code), int(error.get("httpStatusCode", status))
    return None


def _throttled_by_protocol(service: str) -> tuple[str, int]:
    protocol = str(model(service).protocol)
    if protocol == "query":
        return "Throttling", 400
    return "ThrottlingException", 429 if protocol == "rest-json" else 400
