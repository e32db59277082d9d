"""Deterministic names: a name is the identity of what we make, and holds all that cannot be changed in place."""

import functools
import hashlib
import re

from onramp.core import tags
from onramp.core.errors import Refused
from onramp.core.model import Match

DOMAIN_LENGTH = 253  # of a name in DNS; Lattice itself takes 255 (botocore vpc-lattice model, ServiceCustomDomainName)
SERVICE_LENGTH = (3, 40)  # botocore vpc-lattice model, ServiceName
TARGET_GROUP_LENGTH = 32  # the console's limit; the model allows 128

OWNERSHIP = "_lattice-onramp"

RULE_SHOWN = 40  # characters of what it asks for

_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")
_VALID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RULE = re.compile(r"([a-z0-9-]+-)?[0-9a-f]{8}(-[0-9]+)?")
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_AMAZON = (".on.aws", ".amazonaws.com", ".amazonaws.com.cn")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def service(wanted: str) -> str:
    """The service name a team wrote; Refused("name-invalid") when Lattice would not take it.

    Lattice: 3-40 of [a-z0-9-], no hyphen at an end or doubled, no prefix `svc-` (botocore model).
    """
    low, high = SERVICE_LENGTH
    if not _VALID.fullmatch(wanted) or not low <= len(wanted) <= high or wanted.startswith("svc-"):
        raise Refused(
            "name-invalid",
            f"name the service with {low} to {high} of a-z 0-9 and single inner hyphens, not starting with svc-:"
            f" the tag has {tags.spelled(wanted)}",
        )
    return wanted


def service_for(load_balancer: str) -> str:
    """A valid service name made of a load balancer's name; a hash is added where letters had to go."""
    made = _NOT_ALLOWED.sub("-", load_balancer.lower()).strip("-")
    low, high = SERVICE_LENGTH
    if low <= len(made) <= high and made == load_balancer.lower() and not made.startswith("svc-"):
        return made
    made = re.sub(r"^(svc(-|$))+", "", made)[: high - 9].strip("-")
    return f"{made}-{_digest(load_balancer)}".strip("-")


def domain(wanted: str) -> str:
    """The host name a team wrote, as DNS compares it; Refused("domain-invalid") when it can be no name of theirs.

    >>> domain("API.Shop.Example.JP.")
    'api.shop.example.jp'
    """
    found = wanted.lower().removesuffix(".")
    # Of letters that no host name has, some become one in small letters, as the sign of Kelvin does.
    if not wanted.isascii() or not _HOST.fullmatch(found) or len(found) > DOMAIN_LENGTH:
        raise Refused(
            "domain-invalid",
            "write one whole host name of your own as api.shop.example.jp, in punycode where it has other letters:"
            f" the tag has {tags.spelled(wanted)}",
        )
    if found.endswith(_AMAZON):
        raise Refused("domain-invalid", f"write a host name of your own: {tags.spelled(found)} is Amazon's")
    return found


def ownership(domain: str) -> str:
    """The name of the TXT record that says whose the records of this domain are. Below the domain, as beside it a CNAME
    has no room, and others have TXT records of their own there.
    """
    return f"{OWNERSHIP}.{domain}"


def service_at(domain: str) -> str:
    """The name of the service with this domain of its own, which cannot be changed: it is all of the name."""
    return service_for(domain)


@functools.lru_cache(4096)
def target_group(network: str, service_name: str, load_balancer: str, protocol: str, port: int, vpc: str) -> str:
    """All of a target group is fixed at creation but its health check, so all of it is in the name.

    A target group serves one service, so the service is in it too; `load_balancer` is the ARN. The prefix `tg-`
    is Lattice's own (botocore model, TargetGroupName).
    """
    digest = _digest(network, service_name, load_balancer, protocol, str(port), vpc)
    shown = re.sub(r"^(tg(-|$))+", "", service_name)[: TARGET_GROUP_LENGTH - 9].strip("-")
    return f"{shown}-{digest}".strip("-")


def listener(protocol: str, port: int) -> str:
    """A listener's protocol and port cannot be changed: `HTTP`, 80 -> `http-80`."""
    return f"{protocol.lower().replace('_', '-')}-{port}"


def rule(match: Match, number: int = 0) -> str:
    """A rule's name cannot be changed, what it asks for can: the name is of what it was made for. `number`: of several
    that were made for the same, since another one bears the name that asks for something else today.

    Lattice: 3-63 of [a-z0-9-], no prefix `rule-` (botocore model).
    """
    digest = _digest(match.path, str(match.begins), match.method, match.header, match.value)
    asks = _NOT_ALLOWED.sub("-", f"{match.method}-{match.path}-{match.header}-{match.value}".lower())
    shown = re.sub(r"^(rule(-|$))+", "", asks.strip("-"))[:RULE_SHOWN].strip("-")
    return "-".join(part for part in (shown, digest, str(number) if number else "") if part)


def is_rule(name: str) -> bool:
    """May it be one that we gave?"""
    return _RULE.fullmatch(name) is not None


def security_group(network: str, vpc: str) -> str:
    """The group that says who may enter the network from this VPC."""
    return f"onramp-{network}-{vpc}"


def role(network: str, what: str) -> str:
    """A member's role for the network: `what` is `reader` or `writer`."""
    return f"onramp-{network}-{what}"


def run(account: str, event: str, at: float) -> str:
    """An execution's name: its account, what rang, and when it was taken (80 characters at most; facts 20)."""
    return f"{account}-{_digest(event)}-{int(at * 1000)}"


def whose(name: str) -> str:
    """The account of the run of this name."""
    return name.partition("-")[0]


def begun(name: str) -> float:
    """When a run of this name was taken, in epoch seconds; 0.0 for a name that is none of ours."""
    last = name.rpartition("-")[2]
    return int(last) / 1000 if last.isdecimal() else 0.0


def rang(name: str, event: str) -> bool:
    """Was this run taken for this event? Then a second delivery of the event may start what the first could not."""
    return name.split("-")[1:2] == [_digest(event)]


def token(*parts: str) -> str:
    """A client token that the same step of the same round always has, and no other (1-64 characters)."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:48]
