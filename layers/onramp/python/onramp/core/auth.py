"""Whether an auth policy lets a request through: what it is asked, by whom, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from onramp.core.policy import (
    CONNECT,
    INVOKE,
    Context,
    Decision,
    Document,
    MalformedPolicy,
    Principal,
    Values,
    evaluate,
    parse,
)
from onramp.core.trace import Asked, Ruling

_KEY = "vpc-lattice-svcs:"
_CONNECT = f"allow {CONNECT}: that is what is asked where TLS passes through, and nobody can sign there"
_SIGN = "sign the request (SigV4, service vpc-lattice-svcs) as one whom the policy admits, or admit it unsigned"


@dataclass(frozen=True)
class Signer:
    """Who signs a request. `keys`: the global condition keys of their calls.

    `own` answers by their own policies whether they may do INVOKE on a resource, None when these could not be read.
    `unread`: condition keys that could not be read; one that ends in `/` stands for all below it.
    """

    principal: Principal
    keys: Context
    own: Callable[[str, Context], Decision | None]
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sent:
    """What of a request only its sender knows.

    `vpc_owner` is '' when it is not known, `tags` (the service's) None when they could not be read; `signer` None:
    nobody signs.
    """

    vpc_owner: str
    query: tuple[tuple[str, str], ...] = ()
    tags: Mapping[str, str] | None = None
    signer: Signer | None = None


def ruling(asked: Asked, policy: Document | None, sent: Sent) -> Ruling:
    """What `policy` of the level that is asked says; without one everything is denied (facts 13)."""
    if policy is None:
        return Ruling(
            allowed=False,
            because="AWS_IAM is on and there is no policy, which denies everything",
            remedy=f"put an auth policy on {asked.level} {asked.name}, or set its auth type to NONE",
        )
    sealed = any(
        listener.protocol == "TLS_PASSTHROUGH" and listener.port == asked.request.port
        for listener in asked.service.listeners
    )
    # What passes through encrypted shows neither who signed it nor what is asked (facts 13, R20). Whether a policy that
    # allows INVOKE alone lets it in is written nowhere: it counts as one that does not.
    action = CONNECT if sealed else INVOKE
    signer = None if sealed else sent.signer
    resource = f"{asked.service.arn}/{'' if sealed else asked.request.path.lstrip('/')}"
    keys = _keys(asked, sent, signer, sealed=sealed)
    try:
        decision = evaluate([policy], action, resource, keys, signer.principal if signer else Principal(frozenset()))
    except MalformedPolicy as strange:  # AWS stored it: what is not known here is not nothing
        return Ruling(allowed=False, because=f"its policy cannot be judged here: {strange}", unknown=True)
    if not decision.explicit and (missing := _missing(policy, _unread(asked, sent, signer))):
        return Ruling(allowed=False, because=f"its policy asks for {missing}, which could not be read", unknown=True)
    if decision.explicit:
        because = f"statement {decision.statement} denies this request"
        return Ruling(allowed=False, because=because, remedy=_denied(asked, policy, decision.statement, signer))
    if not decision.allowed:
        remedy = _CONNECT if sealed else "" if signer else _SIGN
        return Ruling(allowed=False, because="no statement allows this request", remedy=remedy)
    if signer is not None:
        own = signer.own(resource, keys)
        if own is None:
            return Ruling(allowed=False, because="the caller's own policies could not be read", unknown=True)
        if not own.allowed:
            return Ruling(
                allowed=False,
                because=f"the caller's own policies do not allow {INVOKE}",
                remedy=f"allow the caller {INVOKE} on {asked.service.arn}/*",
            )
    return Ruling(allowed=True, because=f"statement {decision.statement}")


def _denied(asked: Asked, policy: Document, name: str, signer: Signer | None) -> str:
    """What to do about a Deny, which no other statement outweighs; signing helps where it asks who has signed."""
    mend = f"narrow statement {name} of the auth policy of {asked.level} {asked.name}, or take it out: a Deny decides"
    asks_who = any(
        test.key.startswith("aws:principal") for one in parse(policy) if one.name == name for test in one.tests
    )
    return f"sign the request, or {mend}" if asks_who and signer is None else mend


def _keys(asked: Asked, sent: Sent, signer: Signer | None, *, sealed: bool) -> dict[str, Values]:
    request = asked.request
    keys: dict[str, Values] = {
        f"{_KEY}ServiceArn": asked.service.arn,
        f"{_KEY}ServiceNetworkArn": asked.network.arn,
        f"{_KEY}SourceVpc": request.vpc,
        f"{_KEY}SourceVpcOwnerAccount": sent.vpc_owner,
    }
    if request.port:
        keys[f"{_KEY}Port"] = str(request.port)
    if not sealed:
        keys |= {f"{_KEY}RequestMethod": request.method, f"{_KEY}RequestPath": request.path}
        keys |= {f"{_KEY}RequestHeader/{name.lower()}": value for name, value in request.headers}
        keys |= {f"{_KEY}RequestQueryString/{name}": value for name, value in sent.query}
    keys |= {f"aws:ResourceTag/{name}": value for name, value in (sent.tags or {}).items()}
    if signer is None:
        return {**keys, "aws:PrincipalType": "Anonymous"}
    return {**signer.keys, **keys}


def _unread(asked: Asked, sent: Sent, signer: Signer | None) -> set[str]:
    unread = set(signer.unread) if signer is not None else set()
    if not asked.request.port:
        unread.add(f"{_KEY}Port")
    if sent.tags is None:
        unread.add("aws:ResourceTag/")
    if not sent.vpc_owner:
        unread.add(f"{_KEY}SourceVpcOwnerAccount")
    return unread


def _missing(policy: Document, unread: set[str]) -> str:
    """The first condition key of the policy that is among `unread`, or ''."""
    asked = {test.key for statement in parse(policy) for test in statement.tests}
    found = (
        key.rstrip("/")
        for key in sorted(unread)
        if any(one == key.lower() or (key.endswith("/") and one.startswith(key.lower())) for one in asked)
    )
    return next(found, "")
