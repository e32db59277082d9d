"""Who may do what: IAM's evaluation of identity, trust and resource policies."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from moto.backends import get_backend

from localcloud.caller import Caller

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

type Values = str | list[str]
type Context = Mapping[str, Values]
type Document = dict[str, Any] | str


class MalformedPolicy(ValueError):
    """A policy that AWS would not have accepted; the message says which part and why."""


@dataclass(frozen=True)
class Decision:
    """`explicit` is true when a Deny statement decided; `statement` is its Sid, else its place (`#2`)."""

    allowed: bool
    explicit: bool = False
    statement: str = ""


@dataclass(frozen=True)
class Principal:
    """Whom a policy sees: `names` are the identifiers its Principal element may list (ARNs, a service)."""

    names: frozenset[str]
    account: str = ""
    service: str = ""


@dataclass(frozen=True)
class Test:
    """One condition on one key: `quantifier` is '', ForAllValues or ForAnyValue."""

    key: str
    operator: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement, its elements as tuples of patterns; None is an element that is not there."""

    name: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...] | None
    not_resources: bool
    principals: tuple[tuple[str, str], ...] | None
    not_principals: bool
    tests: tuple[Test, ...]
    variables: bool


def evaluate(
    policies: Iterable[Document],
    action: str,
    resource: str,
    context: Context,
    principal: Principal | None = None,
    *,
    delegated: bool = True,
) -> Decision:
    """Decide by `policies` alone whether `action` on `resource` is allowed; an explicit Deny always wins.

    `principal` is needed for policies that name one (trust and resource policies). With `delegated` false an
    Allow that names only the principal's account does not count: it hands the decision to that account's
    own policies. Raises MalformedPolicy for what AWS would not have stored.
    """
    keys = {key.lower(): value for key, value in context.items()}
    allowed = Decision(allowed=False)
    for policy in policies:
        for statement in parse(policy):
            if not _applies(statement, action, resource, keys, principal, delegated=delegated):
                continue
            if not statement.allows:
                return Decision(allowed=False, explicit=True, statement=statement.name)
            if not allowed.allowed:
                allowed = Decision(allowed=True, statement=statement.name)
    return allowed


def parse(policy: Document) -> tuple[Statement, ...]:
    """The statements of a policy document (a dict or its JSON text); raises MalformedPolicy."""
    return _parse_text(policy if isinstance(policy, str) else json.dumps(policy))


class Iam:
    """Decisions for the callers of one local cloud, by the roles and policies in moto's IAM."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def allows(
        self,
        caller: Caller,
        action: str,
        resource: str,
        context: Context | None = None,
        resource_policies: Sequence[Document] | None = None,
        owner: str = "",
    ) -> Decision:
        """Whether `caller` may do `action` on `resource`.

        An account's own owner may do all that the account may. Without `resource_policies` only the caller's
        side is asked. With them (even none of them) the resource's side is asked too, which belongs to the
        account `owner` (by default the one in its ARN): within one account either side's Allow is enough,
        between two both must allow, and for an AWS service only the resource's counts.
        """
        full = self.context(caller, context)
        mine = Decision(allowed=True) if caller.service else self._by_identity(caller, action, resource, full)
        if mine.explicit or resource_policies is None:
            return mine
        who = self.principal(caller)
        theirs = evaluate(resource_policies, action, resource, full, who)
        if theirs.explicit or caller.service:
            return theirs
        if (owner or _account_of(resource) or caller.account) != caller.account:
            return theirs if mine.allowed else mine
        if mine.allowed:
            return mine
        return evaluate(resource_policies, action, resource, full, who, delegated=False)

    def _by_identity(self, caller: Caller, action: str, resource: str, context: Context) -> Decision:
        if not caller.role:
            return Decision(allowed=True)
        decision = evaluate(self.policies(caller), action, resource, context)
        limit = self._boundary(caller)
        if limit is None or decision.explicit:
            return decision
        within = evaluate([limit], action, resource, context)
        return decision if within.allowed else within

    def trusts(self, role_arn: str, caller: Caller, context: Context | None = None) -> Decision:
        """Whether the role's trust policy lets `caller` assume it; a role that is not there trusts nobody."""
        role = self.role(role_arn)
        if role is None:
            return Decision(allowed=False)
        full = self.context(caller, context)
        return evaluate([role.assume_role_policy_document], "sts:AssumeRole", role_arn, full, self.principal(caller))

    def trusts_by_name(self, role_arn: str, caller: Caller, context: Context | None = None) -> bool:
        """Whether the trust policy names `caller` itself, and not only its account."""
        role = self.role(role_arn)
        if role is None:
            return False
        full = self.context(caller, context)
        document = role.assume_role_policy_document
        who = self.principal(caller)
        return evaluate([document], "sts:AssumeRole", role_arn, full, who, delegated=False).allowed

    def role(self, role_arn: str) -> Any | None:
        """moto's role of that ARN, or None."""
        roles = get_backend("iam")[_account_of(role_arn)]["aws"].roles.values() if _account_of(role_arn) else ()
        return next((role for role in roles if role.arn == role_arn), None)

    def role_arn(self, caller: Caller) -> str:
        """The ARN of the caller's role with its path; '' for one who has none."""
        if not caller.role:
            return ""
        role = self._role_of(caller)
        return str(role.arn) if role is not None else f"arn:aws:iam::{caller.account}:role/{caller.role}"

    def policies(self, caller: Caller) -> list[Document]:
        """The identity policies of the caller's role: inline and attached; none when the role is gone."""
        role = self._role_of(caller)
        if role is None:
            return []
        return [*role.policies.values(), *(_default_version(p) for p in role.managed_policies.values())]

    def principal(self, caller: Caller) -> Principal:
        """What a Principal element may call this caller."""
        if caller.service:
            return Principal(frozenset({caller.service}), service=caller.service)
        names = {caller.arn, self.role_arn(caller)} - {""}
        return Principal(frozenset(names), account=caller.account)

    def context(self, caller: Caller, more: Context | None = None) -> dict[str, Values]:
        """The global condition keys of a call by `caller`, with `more` (which wins) added."""
        now = datetime.fromtimestamp(self.cloud.clock.now, UTC)
        keys: dict[str, Values] = {
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(self.cloud.clock.now)),
            "aws:RequestedRegion": caller.region,
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "true" if caller.service else "false",
            "aws:ViaAWSService": "false",
        }
        keys |= self._on_behalf_of(caller) if caller.service else self._identity(caller)
        return keys | dict(more or {})

    def _on_behalf_of(self, caller: Caller) -> dict[str, Values]:
        """Of a call by an AWS service: for which account, and of which organisation, it is made."""
        keys: dict[str, Values] = {"aws:PrincipalServiceName": caller.service, "aws:SourceAccount": caller.account}
        organization = self.cloud.organization
        if organization.id_of(caller.account):
            keys["aws:SourceOrgID"] = organization.id_of(caller.account)
            keys["aws:SourceOrgPaths"] = organization.paths_of(caller.account)
        return keys

    def _identity(self, caller: Caller) -> dict[str, Values]:
        account = caller.account
        keys: dict[str, Values] = {
            "aws:PrincipalAccount": account,
            "aws:PrincipalArn": self.role_arn(caller) or caller.arn,
            "aws:PrincipalType": "AssumedRole" if caller.role else "Account",
            "aws:userid": account,
        }
        organization = self.cloud.organization
        if organization.id_of(account):
            keys["aws:PrincipalOrgID"] = organization.id_of(account)
            keys["aws:PrincipalOrgPaths"] = organization.paths_of(account)
        role = self._role_of(caller)
        if role is not None:
            keys["aws:userid"] = f"{role.id}:{caller.session}"
            keys |= {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in _role_tags(role)}
        return keys

    def _role_of(self, caller: Caller) -> Any | None:
        if not caller.role:
            return None
        roles = get_backend("iam")[caller.account]["aws"].roles.values()
        return next((role for role in roles if role.name == caller.role), None)

    def _boundary(self, caller: Caller) -> Document | None:
        role = self._role_of(caller)
        arn = role.permissions_boundary_arn if role is not None else None
        if not arn:
            return None
        managed = get_backend("iam")[caller.account]["aws"].managed_policies
        # A boundary that no longer exists allows nothing: IAM fails closed.
        return _default_version(managed[arn]) if arn in managed else {"Statement": []}


def refusal(caller: Caller, action: str, resource: str, decision: Decision) -> str:
    """The sentence that AWS says when it refuses."""
    who = caller.service or caller.arn
    why = (
        "with an explicit deny in an identity-based policy"
        if decision.explicit
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}"


# --- parsing ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> tuple[Statement, ...]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise MalformedPolicy(f"not JSON: {error}") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise MalformedPolicy("a policy is an object with Statement")
    statements = document["Statement"]
    # Policy variables exist only in the newer language; without Version the older one is meant.
    variables = document.get("Version") == "2012-10-17"
    return tuple(
        _statement(raw, f"#{number}", variables=variables)
        for number, raw in enumerate(statements if isinstance(statements, list) else [statements], start=1)
    )


_ELEMENTS = frozenset(
    (
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    )
)


def _statement(raw: Any, place: str, *, variables: bool) -> Statement:
    if not isinstance(raw, dict):
        raise MalformedPolicy(f"statement {place} is not an object")
    if unknown := sorted(set(raw) - _ELEMENTS):
        raise MalformedPolicy(f"statement {place} has the unknown element {unknown[0]}")
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(f"statement {place}: Effect is Allow or Deny")
    for element in ("Action", "Resource", "Principal"):
        if element in raw and f"Not{element}" in raw:
            raise MalformedPolicy(f"statement {place} has both {element} and Not{element}")
    if "Action" not in raw and "NotAction" not in raw:
        raise MalformedPolicy(f"statement {place} has neither Action nor NotAction")
    resources = raw.get("Resource", raw.get("NotResource"))
    principals = raw.get("Principal", raw.get("NotPrincipal"))
    return Statement(
        name=raw.get("Sid") or place,
        allows=raw["Effect"] == "Allow",
        actions=_texts(raw.get("Action", raw.get("NotAction"))),
        not_actions="NotAction" in raw,
        resources=None if resources is None else _texts(resources),
        not_resources="NotResource" in raw,
        principals=None if principals is None else _principals(principals, place),
        not_principals="NotPrincipal" in raw,
        tests=_tests(raw.get("Condition", {}), place),
        variables=variables,
    )


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(("true" if v else "false") if isinstance(v, bool) else str(v) for v in values)


def _principals(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    if value == "*":
        return (("*", "*"),)
    if not isinstance(value, dict):
        raise MalformedPolicy(f"statement {place}: Principal is '*' or an object")
    kinds = ("AWS", "Service", "Federated", "CanonicalUser")
    if unknown := sorted(set(value) - set(kinds)):
        raise MalformedPolicy(f"statement {place}: unknown kind of principal {unknown[0]}")
    return tuple((kind, name) for kind, names in value.items() for name in _texts(names))


def _tests(condition: Any, place: str) -> tuple[Test, ...]:
    tests = []
    for spelled, keys in condition.items():
        quantifier, _, rest = spelled.rpartition(":")
        if_exists = rest.endswith("IfExists")
        operator = rest.removesuffix("IfExists")
        known = operator in _OPERATORS or (operator == "Null" and not if_exists)
        if not known or quantifier not in ("", "ForAllValues", "ForAnyValue"):
            raise MalformedPolicy(f"statement {place}: unknown condition operator {spelled}")
        tests += [Test(key.lower(), operator, _texts(values), quantifier, if_exists) for key, values in keys.items()]
    return tuple(tests)


# --- matching --------------------------------------------------------------------------------------------


def _applies(
    statement: Statement,
    action: str,
    resource: str,
    keys: dict[str, Values],
    principal: Principal | None,
    *,
    delegated: bool,
) -> bool:
    if any(_glob(p.lower(), action.lower()) for p in statement.actions) == statement.not_actions:
        return False
    if statement.resources is not None:
        patterns = (_filled(p, keys, statement) for p in statement.resources)
        if any(p is not None and _matches(p, resource) for p in patterns) == statement.not_resources:
            return False
    if not _is_meant(statement, principal, delegated=delegated):
        return False
    return all(_holds(test, keys, statement) for test in statement.tests)


def _is_meant(statement: Statement, principal: Principal | None, *, delegated: bool) -> bool:
    if statement.principals is None:
        return principal is None
    if principal is None:
        return False
    # A Deny that names an account means everyone in it, delegation or not.
    by_account = delegated or not statement.allows
    named = any(_names(kind, name, principal, by_account=by_account) for kind, name in statement.principals)
    return named != statement.not_principals


def _names(kind: str, name: str, principal: Principal, *, by_account: bool) -> bool:
    if kind == "*":
        return True
    if kind == "Service":
        return name == principal.service
    if kind != "AWS" or principal.service:
        return False
    if name == "*" or name in principal.names:
        return True
    return by_account and name in (principal.account, f"arn:aws:iam::{principal.account}:root")


type Pattern = tuple[str, ...]  # pieces: a literal is prefixed '=', a wildcard is '*' or '?'

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def _filled(text: str, keys: dict[str, Values], statement: Statement) -> Pattern | None:
    """`text` cut into literals and wildcards with its variables put in; None when one has no value.

    What a variable brings is literal: a `*` in a tag's value opens nothing.
    """
    if not statement.variables or "${" not in text:
        return _pieces(text)
    pieces: list[str] = []
    at = 0
    for found in _VARIABLE.finditer(text):
        pieces += _pieces(text[at : found.start()])
        at = found.end()
        value = _variable(found[1], keys)
        if value is None:
            return None
        pieces.append("=" + value)
    return (*pieces, *_pieces(text[at:]))


def _variable(name: str, keys: dict[str, Values]) -> str | None:
    if name in ("*", "?", "$"):
        return name
    key, _, default = (part.strip() for part in name.partition(","))
    value = keys.get(key.lower())
    if isinstance(value, str):
        return value
    return default.strip("'") if default else None


@lru_cache(maxsize=4096)
def _pieces(text: str) -> Pattern:
    return tuple(p if p in ("*", "?") else "=" + p for p in re.split(r"([*?])", text) if p)


def _matches(pattern: Pattern, text: str) -> bool:
    return _regex(pattern).fullmatch(text) is not None


@lru_cache(maxsize=8192)
def _regex(pattern: Pattern) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(p) or re.escape(p[1:]) for p in pattern), re.DOTALL)


def _glob(pattern: str, text: str) -> bool:
    return _matches(_pieces(pattern), text)


# --- conditions ------------------------------------------------------------------------------------------


def _literal(pattern: Pattern) -> str:
    return "".join(p.removeprefix("=") if p not in ("*", "?") else p for p in pattern)


def _same(pattern: Pattern, value: str) -> bool:
    return _literal(pattern) == value


def _same_ignoring_case(pattern: Pattern, value: str) -> bool:
    return _literal(pattern).lower() == value.lower()


def _arn_like(pattern: Pattern, value: str) -> bool:
    """Each of an ARN's six parts is compared by itself, so a `*` does not reach over a colon."""
    ours = _arn_parts(pattern)
    theirs = value.split(":", 5)
    return len(ours) == len(theirs) == 6 and all(map(_matches, ours, theirs))


def _arn_parts(pattern: Pattern) -> list[Pattern]:
    parts: list[list[str]] = [[]]
    for piece in pattern:
        if piece in ("*", "?"):
            parts[-1].append(piece)
            continue
        first, *rest = piece[1:].split(":", 6 - len(parts))
        parts[-1].append("=" + first)
        parts += [["=" + text] for text in rest]
    return [tuple(part) for part in parts]


def _number(compare: Callable[[float, float], bool]) -> Callable[[Pattern, str], bool]:
    def test(pattern: Pattern, value: str) -> bool:
        try:
            return compare(float(value), float(_literal(pattern)))
        except ValueError:
            return False

    return test


def _date(compare: Callable[[float, float], bool]) -> Callable[[Pattern, str], bool]:
    def test(pattern: Pattern, value: str) -> bool:
        try:
            return compare(_epoch(value), _epoch(_literal(pattern)))
        except ValueError:
            return False

    return test


def _epoch(text: str) -> float:
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and len(text.split(".")[0]) > 4:
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(pattern: Pattern, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(_literal(pattern), strict=False)
    except ValueError:
        return False


def _same_bytes(pattern: Pattern, value: str) -> bool:
    try:
        return base64.b64decode(_literal(pattern)) == base64.b64decode(value)
    except binascii.Error:
        return False


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}

_POSITIVE: dict[str, Callable[[Pattern, str], bool]] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_ignoring_case,
    "StringLike": _matches,
    "Bool": _same_ignoring_case,
    "BinaryEquals": _same_bytes,
    "IpAddress": _in_network,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    **{f"Numeric{name}": _number(compare) for name, compare in _COMPARE.items()},
    **{f"Date{name}": _date(compare) for name, compare in _COMPARE.items()},
}

_NEGATIVE: dict[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}

_OPERATORS = frozenset(_POSITIVE) | frozenset(_NEGATIVE)


def _holds(test: Test, keys: dict[str, Values], statement: Statement) -> bool:
    """Whether a condition holds: AND over keys, OR over values, and for Not… operators none of the values."""
    value = keys.get(test.key)
    there = [value] if isinstance(value, str) else list(value or [])
    if test.operator == "Null":
        return any((wanted.lower() == "true") == (not there) for wanted in test.values)
    negated = test.operator in _NEGATIVE
    if not there:
        # Without the key: ForAllValues has nothing to object to, ForAnyValue nothing to find.
        return test.if_exists or test.quantifier == "ForAllValues" or (negated and not test.quantifier)
    compare = _POSITIVE[_NEGATIVE.get(test.operator, test.operator)]
    patterns = [p for p in (_filled(text, keys, statement) for text in test.values) if p is not None]
    hits = [any(compare(pattern, one) for pattern in patterns) != negated for one in there]
    every = test.quantifier == "ForAllValues" or (negated and not test.quantifier)
    return all(hits) if every else any(hits)


# --- moto's roles ----------------------------------------------------------------------------------------


def _default_version(policy: Any) -> Document:
    for version in policy.versions:
        if version.version_id == policy.default_version_id:
            return cast(Document, version.document)
    return {"Statement": []}


def _role_tags(role: Any) -> list[dict[str, str]]:
    tags = role.tags or []
    return list(tags.values()) if isinstance(tags, dict) else list(tags)


def _account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
