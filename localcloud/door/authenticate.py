"""Step: who calls, by the access key that signed; each protocol has its own words for one that is not known."""

from __future__ import annotations

import re
from dataclasses import replace

from moto.iam.models import iam_backends

from localcloud.door import wire
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

_ACCOUNT = re.compile(r"\d{12}")


def authenticate(gate: Gate, call: Call) -> None:
    """The service's own error for a key that has ended, or that nobody knows."""
    key = wire.credential(call.message).access_key
    if not key:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    if call.region != gate.cloud.region and call.region not in models.regions():
        # On AWS no such endpoint is to be found; whoever signs so for one that is there reads this.
        is_json = "json" in str(models.model(call.service).protocol)
        code = "InvalidSignatureException" if is_json else "SignatureDoesNotMatch"
        raise AwsError(code, "Credential should be scoped to a valid region.", 403)
    try:
        call.caller = caller_of(gate, key, call.region)
    except AwsError as error:
        code, status = _refused_key(call.service, is_expired=bool(error.code))
        raise AwsError(code, error.message, status) from None


def caller_of(gate: Gate, access_key: str, region: str) -> Caller:
    """The caller that an access key stands for; the error that AWS gives for a key it does not know."""
    if _ACCOUNT.fullmatch(access_key):
        return Caller(access_key, region, f"arn:aws:iam::{access_key}:root")
    if access_key in gate.sessions:
        return gate.sessions[access_key]
    sessions = gate.cloud.sts.sessions
    if access_key in sessions:
        caller, _ = sessions[access_key]
        if gate.cloud.sts.ended(access_key):
            raise AwsError("ExpiredTokenException", "The security token included in the request is expired", 403)
        return replace(caller, region=region)  # a role's session holds in every region
    for account, backends in iam_backends.items():
        for backend in backends.values():
            if access_key in backend.access_keys:
                user = backend.access_keys[access_key].user_name
                return Caller(account, region, f"arn:aws:iam::{account}:user/{user}")
    raise AwsError("", "The security token included in the request is invalid.", 403)


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
