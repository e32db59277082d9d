"""AWS's errors, translated once: wait, stop, or missing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from onramp.core import denials, quotas
from onramp.core.errors import NotYet, Refused

# Codes are the wire's; the classes of Lattice's 409 are told by its text alone (facts 8).
_MISSING = frozenset(
    {
        "ResourceNotFoundException",
        "NotFoundException",
        "ParameterNotFound",
        "UnknownResourceException",
        "InvalidGroup.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "LoadBalancerNotFound",
        "ResourceArnNotFoundException",
        "ResourceShareInvitationArnNotFoundException",
        "NoSuchHostedZone",
        "NoSuchEntity",
        "VPCAssociationNotFound",
        "VPCAssociationAuthorizationNotFound",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_OUTDATED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnrecognizedClientException"})
_NOT_SHARED = "OperationNotPermittedException"
"""RAM's word for sharing within an organisation that is switched off (facts 17.7): no permission would help."""
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
    }
)
_LATER = _THROTTLED | frozenset(
    {
        "InvalidStateTransitionException",
        "IdempotentParameterMismatchException",
        "ResourceShareInvitationExpiredException",
        "ResourceShareInvitationAlreadyRejectedException",
        "DependencyViolation",
        # Of records that were read before somebody changed them, and while an earlier change of the zone is being made.
        "InvalidChangeBatch",
        "PriorRequestNotComplete",
        # Of a VPC that a hosted zone's account has authorised a moment ago, and of two who do so at once.
        "NotAuthorizedException",
        "ConcurrentModification",
        # Of rules that were read before somebody, or an answer that was lost, changed them: the next look tells.
        "InvalidPermission.Duplicate",
        "InvalidPermission.NotFound",
    }
)
_FULL = frozenset({"RulesPerSecurityGroupLimitExceeded"})
_CROWDED = frozenset({"TooManyTags", "TagLimitExceeded", "ServiceQuotaExceededException", "ValidationException"})
"""Load balancers' and EC2's word for one tag too many, and what Lattice may say: its TagResource names no error for it
but that for whatever is invalid (botocore model).
"""
_EXISTS = frozenset({"InvalidGroup.Duplicate"})
_SESSION = re.compile(r"(:assumed-role/[^\s/]+)/[^\s/]+")
_SETTLING = ("in_progress", "in progress", "already exist", "associat", "in use", "draining", "used by")


def code(error: ClientError) -> str:
    """The wire code, or ''."""
    return str(error.response.get("Error", {}).get("Code", ""))


def missing(error: ClientError) -> bool:
    """It is not there: for a delete that means done, for a read absent."""
    return code(error) in _MISSING


def denied(error: ClientError) -> bool:
    return code(error) in _DENIED


def full(error: ClientError) -> bool:
    """There is no room for what was to be added."""
    return code(error) in _FULL


def crowded(error: ClientError) -> bool:
    """Of tags: there are as many as there may be, or may be so."""
    return code(error) in _CROWDED


def outdated(error: ClientError) -> bool:
    """The session is over, which says nothing of what was asked for: another one is answered."""
    return code(error) in _OUTDATED


def throttled(error: ClientError) -> bool:
    """Asked too often: the same question has an answer later."""
    return code(error) in _THROTTLED


def unacceptable(error: ClientError) -> bool:
    """Is it what was sent that AWS does not take, or may it be?"""
    found = translate(error)
    return isinstance(found, Unclear) or (isinstance(found, Refused) and found.code == "invalid")


def _lasting(text: str) -> str:
    """AWS's words without what differs each time: what is told must stay the same while nothing changes. EC2 appends a
    text of its own, and each run's session has a name of its own.
    """
    return _SESSION.sub(r"\1", text.partition(" Encoded authorization failure")[0])


class Denied(Refused):
    """A role may not make the call. `said`: the call, and AWS's words."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(denials.ACCESS_DENIED, f"{remedy}: {said}")
        self.said = said


class Unclear(NotYet):
    """An error nobody has classified: worth a few more tries, then told as it is."""


def translate(error: ClientError) -> NotYet | Refused:
    """NotYet where time may help, Refused where a person must, Unclear where nobody knows."""
    name = code(error)
    text = _lasting(str(error.response.get("Error", {}).get("Message", "")))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"{error.operation_name}: {name}: {text}"
    # What to do comes first: of a long text the end is what an answer on a tag loses.
    if name in _DENIED:
        return Denied(said, denials.remedy(text, error.operation_name))
    if name == _NOT_SHARED:
        return Refused("sharing-off", f"switch on sharing with the organization in RAM's management account: {said}")
    if name in _EXISTS:
        return Refused("name-taken", f"remove or rename it, since it is not ours: {said}")
    if name == "ServiceQuotaExceededException":
        quota = str(error.response.get("quotaCode", "")).strip()
        return Refused("quota", f"{quotas.met(quota)}: {said}")
    if (quota := quotas.BY_ERROR.get(name, "")) != "":
        return Refused("quota", f"{quotas.met(quota)}: {said}")
    if name == "ConflictingDomainExists":
        return Refused("zone-conflict", f"take the VPC out of its hosted zone of that name: {said}")
    if name == "ConflictException":
        return NotYet(said) if any(word in text.lower() for word in _SETTLING) else Unclear(said)
    if name in _LATER or name in _MISSING or status >= 500:
        return NotYet(said)
    if name.startswith(("Validation", "Invalid", "Malformed")):
        return Refused("invalid", said)
    return Unclear(said)


@contextmanager
def translated() -> Iterator[None]:
    """Within it, an AWS error flies as NotYet or Refused, with what AWS said and `from` kept."""
    try:
        yield
    except ClientError as error:
        raise translate(error) from error
    except BotoCoreError as error:  # no answer: the connection broke, or timed out
        raise NotYet(f"no answer: {error}") from error
