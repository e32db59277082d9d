"""What tags say of a service beside where its requests go: how long a connection may idle, and who may call."""

import json
import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from onramp.core import names, tags
from onramp.core.errors import Refused
from onramp.core.model import Settings, Value
from onramp.core.network import Network
from onramp.core.policy import CONNECT, INVOKE, MalformedPolicy, parse

IDLE_TIMEOUT = 60
"""Lattice's own (facts 6); from 60 to 600 may be asked for."""

POLICY_BYTES = 10 * 1024  # hard (facts 16)
DEEPEST = 6
"""Levels of a policy: itself, its statements, one of them, its conditions, an operator, a key, and its values."""

PARAMETERS = "/lattice-onramp/"
"""Where a parameter of a team's own policy has to be: the reader may read no other."""

ANY = "auto"
"""In place of a hosted zone's id: whichever of the account's has the longest name that the domain ends with."""

NO_ZONE = "none"
"""In place of a hosted zone's id: no records, whatever the stack's parameter says."""

BY_STACK = "stack"
"""Where no tag says anything: records where one zone fits, as the stack's parameter has it."""

PRESETS = "none, iam, accounts 111111111111 ..., org, or vpcs vpc-0123abcd ..."

_OF_VPCS = "vpc-lattice-svcs:SourceVpc"
_ACCOUNT = re.compile(r"[0-9]{12}")
_VPC = re.compile(r"vpc-[0-9a-f]{8}([0-9a-f]{9})?")
_LOG_GROUP = re.compile(r"[A-Za-z0-9_/.-]{1,255}")
_CERTIFICATE = re.compile(r"(arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/)?[0-9a-f-]{8,64}")
_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")
_PARAMETER = re.compile(r"/lattice-onramp(/[A-Za-z0-9_.-]+){1,14}")


class Said(Value, frozen=True):
    """What one load balancer's tags say, or all of a service's together.

    `idle_timeout`: seconds, 0 where nothing is said. `policy`: the auth policy as JSON, `parameter`: the SSM parameter
    that has it; neither: anybody may call whom the network lets. `auth`: something is said of it, if only `none`.
    `log`: the log group for its access log. `domain`: the domain of its own; `certificate`: id of the one that is named
    for it. `zone`: id of the hosted zone that is to have its records, ANY for whichever of the account's fits, BY_STACK
    or NO_ZONE; '' where nothing is said, and none are made.
    """

    idle_timeout: int = 0
    auth: bool = False
    policy: str = ""
    parameter: str = ""
    log: str = ""
    domain: str = ""
    certificate: str = ""
    zone: str = ""

    @property
    def asks_records(self) -> bool:
        """Is its domain to have records, if only by the stack's parameter?"""
        return self.zone not in {"", NO_ZONE}

    @property
    def signed(self) -> bool:
        """Do callers have to sign, by a preset? What a policy of the team's own asks is the team's to know."""
        return bool(self.policy) and _OF_VPCS not in self.policy

    @property
    def names(self) -> frozenset[str]:
        """Those that are to be other than Lattice makes them."""
        guarded = bool(self.policy or self.parameter)
        asked = {
            tags.IDLE_TIMEOUT: self.idle_timeout not in {0, IDLE_TIMEOUT},
            tags.AUTH: guarded,
            tags.LOG: bool(self.log),
            tags.CERTIFICATE: bool(self.domain),
        }
        return frozenset(name for name, is_asked in asked.items() if is_asked)


def said(network: Network, given: dict[str, str], *, passes: bool = False) -> Said:
    """`given`: the tags after the prefix. `passes`: TLS passes through the service. Raises Refused."""
    prefix = network.prefix
    known = Said(
        idle_timeout=(
            _idle_timeout(given[tags.IDLE_TIMEOUT], prefix + tags.IDLE_TIMEOUT) if tags.IDLE_TIMEOUT in given else 0
        ),
        log=_log_group(given[tags.LOG], prefix + tags.LOG) if tags.LOG in given else "",
        domain=names.domain(given[tags.OWN_DOMAIN]) if tags.OWN_DOMAIN in given else "",
        certificate=_certificate(given, prefix) if tags.CERTIFICATE in given else "",
        zone=_zone_said(network, given),
    )
    if tags.AUTH in given and tags.AUTH_POLICY in given:
        raise Refused("auth-invalid", f"remove one of tags {prefix}{tags.AUTH} and {prefix}{tags.AUTH_POLICY}")
    if tags.AUTH_POLICY in given:
        parameter = _parameter(given[tags.AUTH_POLICY], prefix + tags.AUTH_POLICY)
        return replace(known, auth=True, parameter=parameter)
    if tags.AUTH in given:
        return replace(known, auth=True, policy=preset(network, given[tags.AUTH], prefix + tags.AUTH, passes=passes))
    return known


def join(first: Said, other: Said) -> Said | None:
    """What both say together; None where they contradict each other."""
    if first.idle_timeout and other.idle_timeout and first.idle_timeout != other.idle_timeout:
        return None
    if first.log and other.log and first.log != other.log:
        return None
    if first.certificate and other.certificate and first.certificate != other.certificate:
        return None
    zones = {first.zone, other.zone} - {""}
    if len(zones - {BY_STACK}) > 1:
        return None
    access = [(one.policy, one.parameter) for one in (first, other) if one.auth]
    if len(set(access)) > 1:
        return None
    policy, parameter = access[0] if access else ("", "")
    return Said(
        idle_timeout=first.idle_timeout or other.idle_timeout,
        auth=bool(access),
        policy=policy,
        parameter=parameter,
        log=first.log or other.log,
        domain=first.domain or other.domain,
        certificate=first.certificate or other.certificate,
        zone=next(iter(zones - {BY_STACK} or zones), ""),
    )


def together(sayings: Iterable[Said]) -> Said:
    """What several say who do not contradict each other."""
    found = Said()
    for one in sayings:
        found = join(found, one) or found
    return found


def alike(one: Said, other: Said) -> bool:
    """Do both ask the same of a service that is there? Lattice's own values need not be said; its domain is fixed."""
    return _plain(one) == _plain(other)


def contradicting(first: Said, other: Said) -> tuple[str, ...]:
    """The tags by which `other` says of a service what `first`, which has the word, does not."""
    one, two = _plain(first), _plain(other)
    auth = tags.AUTH_POLICY if other.parameter else tags.AUTH
    differs = {
        tags.IDLE_TIMEOUT: other.idle_timeout and one.idle_timeout != two.idle_timeout,
        tags.LOG: other.log and one.log != two.log,
        tags.CERTIFICATE: other.certificate and one.certificate != two.certificate,
        tags.ZONE: two.zone and one.zone != two.zone,
        auth: other.auth and (one.policy, one.parameter) != (two.policy, two.parameter),
    }
    return tuple(key for key, is_so in differs.items() if is_so)


def _plain(one: Said) -> Said:
    idle = 0 if one.idle_timeout == IDLE_TIMEOUT else one.idle_timeout
    zone = "" if one.zone == BY_STACK else one.zone
    return replace(one, idle_timeout=idle, auth=bool(one.policy or one.parameter), domain="", zone=zone)


def _idle_timeout(text: str, key: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not IDLE_TIMEOUT <= int(text) <= 600:
        raise Refused("tag-invalid", f"write seconds from 60 to 600 in tag {key}: it has {tags.spelled(text)}")
    return int(text)


def _log_group(text: str, key: str) -> str:
    if not _LOG_GROUP.fullmatch(text):
        raise Refused(
            "tag-invalid",
            f"write the name of a log group of this account in tag {key}, as /lattice/orders: it has"
            f" {tags.spelled(text)}",
        )
    return text


def _certificate(given: dict[str, str], prefix: str) -> str:
    key, text = prefix + tags.CERTIFICATE, given[tags.CERTIFICATE]
    if tags.OWN_DOMAIN not in given:
        raise Refused("tag-invalid", f"add {prefix}{tags.OWN_DOMAIN} or remove {key}: a certificate is for a domain")
    if not _CERTIFICATE.fullmatch(text):
        raise Refused(
            "tag-invalid",
            f"write the ARN or the id of a certificate of this account in tag {key}: it has {tags.spelled(text)}",
        )
    return text.rpartition("/")[2]


def _zone_said(network: Network, given: dict[str, str]) -> str:
    by_stack = network.records == "domains"
    if tags.ZONE in given:
        asked = _zone(given, network.prefix)
        return asked if by_stack or asked != NO_ZONE else ""  # to say no where nobody asks is to say nothing
    fits = tags.OWN_DOMAIN in given and len(names.domain(given[tags.OWN_DOMAIN])) <= _LONGEST_WITH_MARK
    return BY_STACK if by_stack and fits else ""


_LONGEST_WITH_MARK = names.DOMAIN_LENGTH - len(names.ownership(""))


def _zone(given: dict[str, str], prefix: str) -> str:
    key, text = prefix + tags.ZONE, given[tags.ZONE].removeprefix("/hostedzone/")
    if tags.OWN_DOMAIN not in given:
        raise Refused("tag-invalid", f"add {prefix}{tags.OWN_DOMAIN} or remove {key}: the records are a domain's")
    if text.lower() not in {ANY, NO_ZONE} and not _ZONE.fullmatch(text):
        raise Refused(
            "tag-invalid",
            f"write the id of a hosted zone in tag {key}, as Z0123456789ABC, or {ANY} for the one of this account that"
            f" fits: it has {tags.spelled(text)}",
        )
    longest = _LONGEST_WITH_MARK
    if text.lower() != NO_ZONE and len(names.domain(given[tags.OWN_DOMAIN])) > longest:
        raise Refused("tag-invalid", f"choose a domain of {longest} letters at most or remove {key}: it is too long")
    return text.lower() if text.lower() in {ANY, NO_ZONE} else text


def _parameter(text: str, key: str) -> str:
    if not _PARAMETER.fullmatch(text):
        raise Refused(
            "auth-invalid",
            f"write the name of an SSM parameter below {PARAMETERS} in tag {key}, as {PARAMETERS}orders: it has"
            f" {tags.spelled(text)}",
        )
    return text


# --- presets


def preset(network: Network, text: str, key: str, *, passes: bool = False) -> str:
    """The auth policy of a preset, as JSON on one line; '' for `none`. Raises Refused."""
    kind, *who = text.split() or [""]
    match kind.lower(), who:
        case "none", []:
            return ""
        case "iam", []:
            return _policy("*", {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}})
        case "org", []:
            if not network.organization:
                raise Refused("auth-invalid", f"write accounts and their ids in tag {key}: this network has no org")
            return _policy(
                "*",
                {
                    "StringEquals": {"aws:PrincipalOrgID": network.organization},
                    "StringNotEquals": {"aws:PrincipalType": "Anonymous"},
                },
            )
        case "accounts", [_, *_]:
            _each(who, _ACCOUNT, key, "111111111111")
            return _policy({"AWS": sorted(set(who))}, {})
        case "vpcs", [_, *_]:
            _each(who, _VPC, key, "vpc-0123abcd")
            condition = {"StringEquals": {_OF_VPCS: sorted(set(who))}}
            return _policy("*", condition, [INVOKE, CONNECT] if passes else INVOKE)
        case _:
            raise Refused("auth-invalid", f"write {PRESETS} in tag {key}: it has {tags.spelled(text)}")


def _each(who: Iterable[str], known: re.Pattern[str], key: str, example: str) -> None:
    """Raises Refused with the first that is no such id: of many that one is looked for."""
    if bad := next((one for one in who if not known.fullmatch(one)), ""):
        raise Refused("auth-invalid", f"write ids as {example} in tag {key}: it has {tags.spelled(bad)}")


def _policy(
    principal: str | dict[str, list[str]],
    condition: Mapping[str, Mapping[str, str | list[str]]],
    action: str | list[str] = INVOKE,
) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    whole = {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}
    return json.dumps(whole, separators=(",", ":"))


# --- a team's own


def own_policy(text: str) -> str:
    """A team's own policy as Lattice takes it: on one line. Raises Refused with what is wrong in it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("auth-policy-invalid", "write JSON: it is none") from None
    if not isinstance(document, dict) or _is_deep(document, DEEPEST):
        raise Refused("auth-policy-invalid", "write an object with Version and Statement: it is none")
    try:
        statements = parse(document)
    except MalformedPolicy as wrong:
        raise Refused("auth-policy-invalid", f"mend it: {wrong}") from None
    if not statements:
        raise Refused("auth-policy-invalid", "mend it: a policy has one statement at least")
    for raw, statement in zip(_statements(document), statements, strict=True):
        if not any(name in raw for name in ("Principal", "NotPrincipal")):
            raise Refused("auth-policy-invalid", f"write a Principal in statement {statement.name}: it has none")
    try:
        written = json.dumps(document, separators=(",", ":"), allow_nan=False)  # Python reads NaN, which is no JSON
    except ValueError:
        raise Refused("auth-policy-invalid", "write JSON: it is none") from None
    if len(written.encode()) > POLICY_BYTES:
        raise Refused("auth-policy-invalid", f"write {POLICY_BYTES} bytes at most: it has {len(written.encode())}")
    return written


def _is_deep(part: object, most: int) -> bool:
    """Is it nested more than so many levels deep? What goes through it level by level would not come to an end."""
    within = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return any(most == 0 or _is_deep(one, most - 1) for one in within)


def _statements(document: dict[str, object]) -> list[dict[str, object]]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found) if isinstance(found, list) else []


def same(one: str, other: str) -> bool:
    """Are these two the same policy? Lattice may answer it in another order and with other spaces, and in the form in
    which other services of AWS keep one: an account as its root's ARN, a list of one as that one.
    """
    if not one or not other:
        return one == other
    try:
        return _plain_of(json.loads(one)) == _plain_of(json.loads(other))
    except ValueError:
        return one == other


_ROOT = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):root")


def _plain_of(part: object, *, principals: bool = False) -> object:
    """A policy or a part of one, so that what means the same is the same."""
    if isinstance(part, dict):
        plain = {
            key: _plain_of(value, principals=principals or key in {"Principal", "NotPrincipal"})
            for key, value in part.items()
        }
        return "*" if principals and plain == {"AWS": "*"} else plain
    if isinstance(part, list):
        found = sorted((_plain_of(value, principals=principals) for value in part), key=_in_json)
        return found[0] if len(found) == 1 else found
    root = _ROOT.fullmatch(part) if principals and isinstance(part, str) else None
    return root[1] if root else part


def _in_json(part: object) -> str:
    return json.dumps(part, sort_keys=True)


# --- what is read, and remembered


def asked(wanted: dict[str, Said], remembered: dict[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Service -> the settings of it that have to be read: those that are asked for, or were.

    `remembered`: service -> those that it had by our hand.
    """
    found = {name: said.names | frozenset(remembered.get(name, ())) for name, said in wanted.items()}
    found |= {name: frozenset(names) for name, names in remembered.items() if name not in found}
    return {name: names for name, names in found.items() if names}


def lasting(wanted: Said, seen: Settings | None) -> tuple[str, ...]:
    """The settings to be remembered of a service: those that are asked for, and those that are not taken back yet."""
    if seen is None:
        return tuple(sorted(wanted.names))
    there = {tags.IDLE_TIMEOUT: seen.idle_timeout != IDLE_TIMEOUT, tags.AUTH: seen.auth != "NONE" or bool(seen.policy)}
    there[tags.LOG] = bool(seen.subscription)
    had = {name for name in seen.had if not seen.known or there.get(name)}
    return tuple(sorted(wanted.names | had))
