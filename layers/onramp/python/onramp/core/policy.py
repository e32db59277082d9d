"""What IAM's policies say: whether statements allow an action, by AWS's rules of evaluation."""

from __future__ import annotations

import base64
import calendar
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

INVOKE = "vpc-lattice-svcs:Invoke"
CONNECT = "vpc-lattice-svcs:Connect"
"""What auth policies are asked about a request, and about TLS that passes through (facts R20)."""

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
    if not isinstance(raw.get("Sid", ""), str):
        raise MalformedPolicy(f"statement {place}: Sid is a text")
    resources = raw.get("Resource", raw.get("NotResource"))
    principals = raw.get("Principal", raw.get("NotPrincipal"))
    return Statement(
        name=raw.get("Sid") or place,
        allows=raw["Effect"] == "Allow",
        actions=_texts(raw.get("Action", raw.get("NotAction")), f"statement {place}: Action"),
        not_actions="NotAction" in raw,
        resources=None if resources is None else _texts(resources, f"statement {place}: Resource"),
        not_resources="NotResource" in raw,
        principals=None if principals is None else _principals(principals, place),
        not_principals="NotPrincipal" in raw,
        tests=_tests(raw.get("Condition", {}), place),
        variables=variables,
    )


def _texts(value: Any, what: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | float) for one in values):  # a bool is an int
        raise MalformedPolicy(f"{what} is a text or a list of texts")
    return tuple(("true" if v else "false") if isinstance(v, bool) else str(v) for v in values)


def _principals(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    if value == "*":
        return (("*", "*"),)
    if not isinstance(value, dict):
        raise MalformedPolicy(f"statement {place}: Principal is '*' or an object")
    kinds = ("AWS", "Service", "Federated", "CanonicalUser")
    if unknown := sorted(set(value) - set(kinds)):
        raise MalformedPolicy(f"statement {place}: unknown kind of principal {unknown[0]}")
    what = f"statement {place}: Principal"
    return tuple((kind, name) for kind, names in value.items() for name in _texts(names, what))


def _tests(condition: Any, place: str) -> tuple[Test, ...]:
    tests = []
    if not isinstance(condition, dict) or not all(isinstance(keys, dict) for keys in condition.values()):
        raise MalformedPolicy(f"statement {place}: Condition is an object of objects")
    for spelled, keys in condition.items():
        quantifier, _, rest = spelled.rpartition(":")
        if_exists = rest.endswith("IfExists")
        operator = rest.removesuffix("IfExists")
        known = operator in _OPERATORS or (operator == "Null" and not if_exists)
        if not known or quantifier not in ("", "ForAllValues", "ForAnyValue"):
            raise MalformedPolicy(f"statement {place}: unknown condition operator {spelled}")
        tests += [
            Test(key.lower(), operator, _texts(values, f"statement {place}: {key}"), quantifier, if_exists)
            for key, values in keys.items()
        ]
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
    if not is_about(statement, action):
        return False
    if statement.resources is not None:
        patterns = (_filled(p, keys, statement) for p in statement.resources)
        if any(p is not None and _matches(p, resource) for p in patterns) == statement.not_resources:
            return False
    if not _is_meant(statement, principal, delegated=delegated):
        return False
    return all(_holds(test, keys, statement) for test in statement.tests)


def is_about(statement: Statement, action: str) -> bool:
    """Does it speak of this action?"""
    return any(glob(p.lower(), action.lower()) for p in statement.actions) != statement.not_actions


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
    root = _ROOT.fullmatch(name)
    return by_account and (root[1] if root else name) == principal.account


_ROOT = re.compile(r"arn:aws(?:-[a-z]+)*:iam::([0-9]{12}):root")


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
    between = [""]
    for p in pattern:
        if p == "*":
            between.append("")
        else:
            between[-1] += "." if p == "?" else re.escape(p[1:])
    first, *rest = between
    if not rest:
        return re.compile(first, re.DOTALL)
    *inner, last = rest
    # What stands between two stars is taken where it comes first and not looked for again: any other place leaves less
    # of the text. So a policy of many stars, which anybody may write, takes no longer than its text is long.
    middle = "".join(f"(?>.*?{one})" for one in inner if one)
    return re.compile(f"{first}{middle}.*{last}", re.DOTALL)


def glob(pattern: str, text: str) -> bool:
    """Is it what a pattern with `*` and `?` stands for?"""
    return _matches(_pieces(pattern), text)


# --- conditions ------------------------------------------------------------------------------------------


def _literal(pattern: Pattern) -> str:
    return "".join(p.removeprefix("=") for p in pattern)  # a wildcard does not begin with that sign


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


_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|([+-])(\d\d):?(\d\d))?)?")


def _epoch(text: str) -> float:
    """Seconds since 1970 of a moment as policies write it: ISO 8601, UTC unless it says otherwise, or epoch seconds."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and len(text.split(".")[0]) > 4:
        return float(text)
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no moment")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    away = int(found[9] or 0) * 3600 + int(found[10] or 0) * 60
    seconds = calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0)) + float(found[7] or 0)
    return seconds + away if found[8] == "-" else seconds - away


def _in_network(pattern: Pattern, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(_literal(pattern), strict=False)
    except ValueError:
        return False


def _same_bytes(pattern: Pattern, value: str) -> bool:
    try:
        return base64.b64decode(_literal(pattern)) == base64.b64decode(value)
    except ValueError:
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
