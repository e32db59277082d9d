"""Steps: a call whose client token was seen before is answered as the first time, and nothing is done again.

VPC Lattice and RAM keep their own tokens, with what they made; ACM's are moto's.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from localcloud.door import wire
from localcloud.door.call import Answered, Call
from localcloud.door.gate import Gate
from localcloud.door.validate import invalid
from localcloud.ground import limits
from localcloud.ground.errors import AwsError
from localcloud.ground.models import error_shapes, operation_model

LIFE = 24 * 3600.0
LIVES = {"dynamodb": 600.0}
"""Seconds for which a token counts: of EC2 a day at least, of DynamoDB ten minutes; others do not say."""

OF_THEIR_OWN = frozenset({"vpc-lattice", "ram", "acm"})
TOKEN = re.compile(r"ClientToken|ClientRequestToken|IdempotencyToken", re.IGNORECASE)
_REFERENCES = {("route53", "CreateHealthCheck"): "CallerReference"}
_MISMATCH = re.compile(
    r"IdempotentParameterMismatch|TokenAlreadyExists|OperationIdAlreadyExists|HealthCheckAlreadyExists"
)
_TAKEN = re.compile(r"Conflict|ResourceExists|AlreadyExists|NameAlreadyExists")


@functools.cache
def token_of(service: str, operation: str) -> str:
    """The member of an operation's input that is its client token; ''."""
    if service in OF_THEIR_OWN:
        return ""
    shape: Any = operation_model(service, operation).input_shape
    members = shape.members if shape is not None else {}
    marked = [name for name, one in members.items() if one.metadata.get("idempotencyToken")]
    named = [name for name in members if TOKEN.fullmatch(name)]
    return next(iter([*marked, *named]), _REFERENCES.get((service, operation), ""))


def repeat(gate: Gate, call: Call) -> None:
    """The first answer, where all is as it was; the service's own refusal, where the token comes with another wish."""
    token = token_of(call.service, call.name)
    key = _key(call, token)
    if not key:
        return
    before = gate.answered.get(key)
    if before is None or before.until <= gate.cloud.clock.now:
        return
    if before.params != call.params:
        raise _mismatch(call, token)
    if before.protocol == call.protocol:
        limits.refuse_again(call.service, call.name, call.params, call.caller)
        answer = wire.sealed(call.service, before.answer, call.protocol, call.request_id)
        call.answer, call.repeated = answer, True
        call.read = lambda: wire.read_answer(call.service, call.name, answer, call.protocol)


def keep(gate: Gate, call: Call) -> None:
    """What was answered counts for the token, unless it was a refusal."""
    key = _key(call, token_of(call.service, call.name)) if call.error is None and not call.repeated else ()
    if not key or call.answer is None:
        return
    now = gate.cloud.clock.now
    until = now + LIVES.get(call.service, LIFE)
    gate.answered[key] = Answered(call.params, call.protocol, call.answer, until)
    gate.answered.move_to_end(key)
    while next(iter(gate.answered.values())).until <= now:
        gate.answered.popitem(last=False)


def _key(call: Call, token: str) -> tuple[str, ...]:
    given = call.params.get(token) if token else None
    if not isinstance(given, str) or not given:
        return ()
    # A secret's token is the id of its version: other secrets may have it, too.
    secret = call.params.get("Name") or call.params.get("SecretId") or "" if call.service == "secretsmanager" else ""
    return (call.home or call.caller.account, call.region, call.service, call.name, given, secret)


def _mismatch(call: Call, token: str) -> AwsError:
    text = f"The {token} {call.params[token]} was used before, with other parameters"
    shapes = error_shapes(call.service, call.name)
    for told in (_MISMATCH, _TAKEN):
        own = next((one for one in shapes if told.search(one.name)), None)
        if own is not None:
            status = int(own.metadata.get("error", {}).get("httpStatusCode", 400))
            return AwsError(str(own.error_code), text, status)
    if call.service == "ec2":
        return AwsError("IdempotentParameterMismatch", text, 400)
    return invalid(call.service, text, [(token, "was used before")], operation=call.name)
