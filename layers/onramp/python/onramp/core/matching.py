"""Whether one thing meets another: rules and addresses, conditions and requests, as AWS compares them."""

import ipaddress
import re
from collections.abc import Iterable

from onramp.core.view import BalancerCondition, Egress, Ingress, Match, NetworkAcl, Request, SecurityGroup


def admits(rule: Ingress, port: int, address: str, groups: tuple[str, ...] = ()) -> bool:
    """Whether a security-group rule lets `address` (all of it, if a CIDR; or a member of `groups`) in on TCP `port`."""
    if not opens(rule, port):
        return False
    return bool(set(groups) & set(rule.groups)) or any(inside(address, cidr) for cidr in rule.cidrs)


def lets_out(group: SecurityGroup, port: int, lattice: Iterable[str], version: int) -> bool:
    """Whether a group of the caller's lets it out to an address of `lattice`, or to all where that is not known."""
    everyone = "0.0.0.0/0" if version == 4 else "::/0"
    wanted = tuple(lattice)
    return any(
        any(meet(cidr, one) for one in wanted) if wanted else inside(everyone, cidr)
        for rule in group.egress
        if opens(rule, port)
        for cidr in rule.cidrs
    )


def asked_from(acl: NetworkAcl) -> list[int]:
    """Ports that a client may ask from, one of each stretch that an ACL can tell apart."""
    ends = {1024, *(port for entry in acl.entries for port in (entry.from_port, entry.to_port + 1))}
    return sorted(port for port in ends if 1024 <= port <= 65535)


def acl_passes(acl: NetworkAcl, cidr: str, port: int, *, egress: bool) -> bool:
    """Whether packets of TCP to or from an address of `cidr` pass: the first entry that fits decides of each."""
    for entry in sorted(acl.entries, key=lambda entry: entry.number):
        fits = entry.egress == egress and entry.protocol in ("6", "-1") and meet(entry.cidr, cidr)
        if fits and (entry.protocol == "-1" or entry.from_port <= port <= entry.to_port):
            if entry.allow:
                return True
            if inside(cidr, entry.cidr):
                return False
    return False


def opens(rule: Ingress | Egress, port: int) -> bool:
    """Whether a rule is about TCP `port`."""
    if rule.protocol not in ("tcp", "6", "-1"):
        return False
    return rule.protocol == "-1" or rule.from_port <= port <= rule.to_port


def inside(small: str, large: str) -> bool:
    """Whether all of an address or CIDR is in another."""
    ours, theirs = ipaddress.ip_network(small, strict=False), ipaddress.ip_network(large, strict=False)
    if isinstance(ours, ipaddress.IPv4Network) and isinstance(theirs, ipaddress.IPv4Network):
        return ours.subnet_of(theirs)
    if isinstance(ours, ipaddress.IPv6Network) and isinstance(theirs, ipaddress.IPv6Network):
        return ours.subnet_of(theirs)
    return False


def meet(one: str, other: str) -> bool:
    """Whether two CIDRs have an address in common."""
    return inside(one, other) or inside(other, one)


def holds(condition: BalancerCondition, request: Request, lattice: tuple[str, ...]) -> bool:
    """Whether a load balancer's condition holds of a request that comes from Lattice; one on the query never does,
    since a request here has none.
    """
    match condition.field:
        case "path-pattern":
            return any(_like(request.path, value) for value in condition.values)
        case "host-header":
            host = request.host.lower().rstrip(".")
            return any(_like(host, value.lower()) for value in condition.values)
        case "http-request-method":
            return request.method in condition.values
        case "http-header":
            sent = {name.lower(): value.lower() for name, value in request.headers}
            got = sent.get(condition.name.lower())
            return got is not None and any(_like(got, value.lower()) for value in condition.values)
        case "source-ip":
            return any(meet(cidr, value) for cidr in lattice for value in condition.values)
        case _:
            return False


def _like(text: str, pattern: str) -> bool:
    """As ELB compares: `*` stands for any characters, `?` for exactly one."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def matches(match: Match, request: Request) -> bool:
    """Whether a rule's conditions hold; all that are given must."""
    if match.method and match.method != request.method:
        return False
    if match.path and not _compare(match.path_how, request.path, match.path, case_sensitive=match.case_sensitive):
        return False
    sent = {name.lower(): value for name, value in request.headers}
    return all(
        wanted.name.lower() in sent
        and _compare(wanted.how, sent[wanted.name.lower()], wanted.value, case_sensitive=wanted.case_sensitive)
        for wanted in match.headers
    )


def choose(weighted: tuple[tuple[str, int], ...], roll: float) -> str | None:
    """The one that `roll` in [0, 1) falls on, or None when no weight is above 0."""
    total = sum(weight for _, weight in weighted)
    reached = 0.0
    for name, weight in weighted:
        reached += weight
        if roll * total < reached:
            return name
    return None


def _compare(how: str, got: str, wanted: str, *, case_sensitive: bool) -> bool:
    if not case_sensitive:
        got, wanted = got.lower(), wanted.lower()
    if how == "exact":
        return got == wanted
    return got.startswith(wanted) if how == "prefix" else wanted in got
