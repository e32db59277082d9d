"""Can a request get through to what is joined? What decides it outside Lattice, and what stops it first.

A fact that could not be read is None. Unknown is not wrong: it never makes anything unreachable.
"""

import ipaddress
from collections.abc import Iterable
from typing import Literal

from onramp.core import tags
from onramp.core.hosts import covers
from onramp.core.model import Certificate, Ingress, Value

# --- what was read


class PrefixList(Value, frozen=True):
    """A managed prefix list of AWS, by id and name; `cidrs` are its entries."""

    id: str
    name: str
    cidrs: tuple[str, ...] | None = None

    @property
    def ipv6(self) -> bool:
        return ".ipv6." in self.name


class LatticeRange(Value, frozen=True):
    """Where Lattice calls from in one region: its prefix list, then the one for IPv6 (facts 14)."""

    lists: tuple[PrefixList, ...] = ()


class TargetHealth(Value, frozen=True):
    """`count` targets in one state, as DescribeTargetHealth tells it: `state` healthy, `reason` Target.Timeout, ..."""

    state: str
    reason: str = ""
    count: int = 1


class Asked(Value, frozen=True):
    """Where a service sends to: `protocol` and `port` of its target group, the ALB, and the service's certificate.

    `certificate` is its ARN, '' for a service that has none of its own, None when that is not known. `host`: the name
    that clients ask for where TLS passes through to the ALB, else ''.
    """

    load_balancer: str
    protocol: str
    port: int
    certificate: str | None = ""
    host: str = ""


class BalancerFacts(Value, frozen=True):
    """An ALB as a service meets it at `port`, where its target group speaks `protocol`.

    `listens`: what the listener on that port speaks, '' where there is none. `action`: what its default action comes
    to, with the `status` of a fixed response and where a redirect `leads`. `weightless`: the action forwards, with
    all weights 0. `rules_forward`: rules besides send on to some target. `targets`: those behind all that forwards
    with a weight. `certificates`: of an HTTPS listener. `host`: as in Asked; `refused`: what that listener shows, where
    clients who ask for it take none. `admits`: what all `security_groups` let in together, with
    prefix lists of the account told by their addresses. `dualstack`: it can be called by IPv6 too.
    """

    arn: str
    protocol: str
    port: int
    listens: str | None = None
    action: Literal["forward", "redirect", "fixed-response"] | None = None
    status: int = 0
    leads: str = ""
    weightless: bool | None = None
    rules_forward: bool | None = None
    targets: tuple[TargetHealth, ...] | None = None
    certificates: frozenset[str] | None = None
    host: str = ""
    refused: tuple[Certificate, ...] | None = None
    security_groups: tuple[str, ...] = ()
    admits: frozenset[Ingress] | None = None
    dualstack: bool | None = None


class VpcFacts(Value, frozen=True):
    """A client's VPC: its two DNS attributes, and what the association's `security_groups` let in, if it has any."""

    id: str
    dns_support: bool | None = None
    dns_hostnames: bool | None = None
    security_groups: tuple[str, ...] = ()
    admits: frozenset[Ingress] | None = None


# --- what it means


class Finding(Value, frozen=True):
    """`code` for machines; `message` begins with what to do, in the letters of an ELB tag value.

    `settling`: it may pass by itself within minutes, as with targets whose first health check is not done.
    `everywhere`: it was looked at, and cannot answer, at the other places, too, at which it is still sent to.
    `port`: at which that is so, 0 at any. `service`: of which alone, by what it is called and shows, or since its tags
    ask for another one; '' of all that send there.
    """

    code: str
    message: str
    settling: bool = False
    everywhere: bool = False
    port: int = 0
    service: str = ""

    def is_of(self, service: str) -> bool:
        """Does it say something of what this service sends?"""
        return self.everywhere or self.service in {"", service}

    def is_at(self, port: int) -> bool:
        """Does it say something of what is sent to this port?"""
        return self.everywhere or self.port in {0, port}


OF_A_SERVICE = frozenset({"certificate-mismatch", "certificate-refused"})
"""Codes of what keeps the requests of one service out: another one may be called and show what fits."""


def unreachable_service(
    balancer: BalancerFacts,
    lattice: LatticeRange | None,
    *,
    certificate: str | None,
    weights: Iterable[int] | None = None,
    prefix: str = tags.DEFAULT_PREFIX,
) -> Finding | None:
    """Why no request comes to a target of this load balancer, though its service is joined; None: nothing is known
    that stops all of them.

    `certificate`: ARN of the service's own, '' when it has none, None unknown. `weights`: of all target groups that
    the service's listener forwards to. The first thing that stops a request is told, from Lattice on; a missing
    listener comes before the security groups, since nobody should open a port on which nothing listens.
    """
    if weights is not None and (given := tuple(weights)) and not any(given):
        return Finding(
            code="weights-zero",
            message=f"give {prefix}weight above 0 to a load balancer for these requests: all of theirs are 0",
        )
    return (
        _listener(balancer, prefix)
        or _security_groups(balancer, lattice)
        or _certificate(balancer, certificate, prefix)
        or _shown(balancer)
        or _action(balancer, prefix)
        or _targets(balancer)
    )


def unsure_of_service(balancer: BalancerFacts, lattice: LatticeRange | None, certificate: str | None) -> frozenset[str]:
    """Codes of `unreachable_service` that this look can neither tell nor rule out: a fact that decides it was not read.

    Whoever was told one of them before is told it on: that nothing was seen is no repair.
    """
    unread = balancer.listens is None
    sends = balancer.action == "forward" and not balancer.weightless
    ends_unread = unread or (balancer.rules_forward is None and not sends)
    idle = not any(takes(health) for health in balancer.targets or ())
    unsure = {
        "listener-missing": unread,
        "listener-protocol": unread,
        "security-group": lattice is None or balancer.admits is None or _admitted(balancer, lattice) is None,
        "certificate-mismatch": balancer.protocol == "HTTPS" and None in (certificate, balancer.certificates),
        "certificate-refused": bool(balancer.host) and balancer.refused is None,
        "listener-redirects": ends_unread,
        "listener-answers-itself": ends_unread,
        "weights-zero": ends_unread,
        "no-healthy-target": unread or (idle and None in (balancer.targets, balancer.rules_forward)),
    }
    return frozenset(code for code, so in unsure.items() if so)


def unsure_of_client(vpc: VpcFacts) -> frozenset[str]:
    """Codes of `unreachable_client` that this look can neither tell nor rule out."""
    unsure = {
        "vpc-dns-off": None in (vpc.dns_support, vpc.dns_hostnames),
        "security-group": bool(vpc.security_groups) and vpc.admits is None,
    }
    return frozenset(code for code, so in unsure.items() if so)


def unreachable_client(vpc: VpcFacts, cidrs: tuple[str, ...] = (), key: str = "") -> Finding | None:
    """Why nothing in this VPC can call, though it is joined; None: nothing is known that stops all of it.

    `cidrs`: the VPC's, empty where they are not known. `key`: the tag that says who may call, '' where groups of its
    owner's do: what is admitted by hand in one that a run made is taken back by the next look.
    """
    switches = {"enableDnsSupport": vpc.dns_support, "enableDnsHostnames": vpc.dns_hostnames}
    off = [name for name, on in switches.items() if on is False]
    if off:
        return Finding(
            code="vpc-dns-off",
            message=f"turn on {' and '.join(off)} in {vpc.id}: without it names of Lattice do not resolve there",
        )
    if vpc.security_groups and vpc.admits is not None and not any(_is_tcp(rule) for rule in vpc.admits):
        return Finding(
            code="security-group",
            message=f"admit the callers in {vpc.security_groups[0]}: no rule of the security groups of this VPC in"
            " the network lets anybody in",
        )
    if vpc.security_groups and cidrs and vpc.admits is not None and not _admits_some(vpc.admits, cidrs):
        ranges = " ".join(cidrs[:3])
        message = (
            f"admit callers of this VPC in {vpc.security_groups[0]}: no address that is admitted now is in {ranges}"
        )
        if key:
            message = f"admit callers of this VPC by {key}: no address that is admitted now is in {ranges}"
        return Finding(code="security-group", message=message)
    return None


def _admits_some(rules: frozenset[Ingress], cidrs: tuple[str, ...]) -> bool:
    """Is there a rule for some address in these ranges? Who is in a list or a group is not known here."""
    sources = {rule.source for rule in rules if _is_tcp(rule)}
    named = [ipaddress.ip_network(one, strict=False) for one in sources if "/" in one]
    return len(named) < len(sources) or any(_overlap(network, cidr) for network in named for cidr in cidrs)


def warnings(balancer: BalancerFacts, lattice: LatticeRange | None) -> tuple[Finding, ...]:
    """What lets some requests through and not all, or will bite later, of a load balancer that can be reached."""
    found = []
    if lattice is not None and balancer.admits is not None and _admitted(balancer, lattice):
        left_out = _left_out(balancer, lattice)
        if left_out:
            found.append(
                Finding(
                    code="security-group",
                    message=f"admit prefix list {left_out.id} {left_out.name} on TCP port {balancer.port}: what is"
                    " admitted now is a part of it and Lattice may call from the rest",
                )
            )
    if balancer.action == "fixed-response" and balancer.status >= 400 and balancer.rules_forward:
        found.append(
            Finding(
                code="listener-answers-itself",
                message=f"mind the default action of listener {_listener_name(balancer)}: what matches no rule is"
                f" answered {balancer.status}",
            )
        )
    targets = balancer.targets or ()
    if any(takes(health) for health in targets) and not any(health.state in _SERVING for health in targets):
        found.append(
            Finding(
                code="no-healthy-target",
                message="mend the health check or the targets: none is healthy and the load balancer sends to all as"
                f" long as that is so: {_told(targets)}",
            )
        )
    return tuple(found)


def _listener_name(balancer: BalancerFacts) -> str:
    return f"{balancer.listens or balancer.protocol}:{balancer.port}"


def _listener(balancer: BalancerFacts, prefix: str) -> Finding | None:
    if balancer.listens == "":
        spoken = "HTTPS" if balancer.protocol == "TCP" else balancer.protocol  # what passes through is TLS
        return Finding(
            code="listener-missing",
            message=f"add a listener {spoken}:{balancer.port} or name one that is there in {prefix}target:"
            f" nothing listens on port {balancer.port}",
        )
    if balancer.host and balancer.listens not in (None, "HTTPS"):
        return Finding(
            code="listener-protocol",
            message=f"name an HTTPS listener in {prefix}target: {_listener_name(balancer)} speaks no TLS which is what"
            " passes through",
        )
    if balancer.listens is not None and balancer.protocol not in (balancer.listens, "TCP"):
        return Finding(
            code="listener-protocol",
            message=f"set {prefix}target to {_listener_name(balancer)}: the listener there does not speak"
            f" {balancer.protocol}",
        )
    return None


# --- security groups


def _is_tcp(rule: Ingress) -> bool:
    return rule.protocol in ("tcp", "6", "-1")


def _opens(rule: Ingress, port: int) -> bool:
    whole = rule.protocol == "-1" or rule.from_port == -1
    return _is_tcp(rule) and (whole or rule.from_port <= port <= rule.to_port)


def _lists(balancer: BalancerFacts, lattice: LatticeRange) -> tuple[PrefixList, ...]:
    """Those that Lattice can call this load balancer from: none by IPv6 where it has no such address."""
    return tuple(found for found in lattice.lists if balancer.dualstack is not False or not found.ipv6)


def _security_groups(balancer: BalancerFacts, lattice: LatticeRange | None) -> Finding | None:
    if lattice is None or balancer.admits is None or _admitted(balancer, lattice) is not False:
        return None
    asked = _lists(balancer, lattice)[0]
    where = f" in {balancer.security_groups[0]}" if balancer.security_groups else ""
    return Finding(
        code="security-group",
        message=f"admit prefix list {asked.id} {asked.name} on TCP port {balancer.port}{where}:"
        " no security group of this load balancer lets Lattice in",
    )


def _admitted(balancer: BalancerFacts, lattice: LatticeRange) -> bool | None:
    """Whether some address of Lattice's is let in; None: that depends on what could not be read."""
    lists = _lists(balancer, lattice)
    rules = [rule for rule in balancer.admits or () if _opens(rule, balancer.port)]
    answers = [_meets(rule.source, lists, lattice) for rule in rules]
    if any(answers):
        return True
    return None if not lists or None in answers else False


def _meets(source: str, lists: tuple[PrefixList, ...], lattice: LatticeRange) -> bool | None:
    if source.startswith("sg-"):
        return False  # Lattice is in nobody's security group (facts 11)
    if source.startswith("pl-"):
        if source in {found.id for found in lattice.lists}:
            return source in {found.id for found in lists}
        return None
    network = ipaddress.ip_network(source, strict=False)
    if network.prefixlen == 0:
        return any(found.ipv6 == (network.version == 6) for found in lists)
    if any(_overlap(network, cidr) for found in lists for cidr in found.cidrs or ()):
        return True
    return None if any(found.cidrs is None for found in lists) else False


def _overlap(network: ipaddress.IPv4Network | ipaddress.IPv6Network, cidr: str) -> bool:
    # What shares an address shares one end: of two networks that overlap, one holds the other.
    other = ipaddress.ip_network(cidr, strict=False)
    return network.version == other.version and (other[0] in network or network[0] in other)


def _left_out(balancer: BalancerFacts, lattice: LatticeRange) -> PrefixList | None:
    """The IPv4 list of which no rule holds the whole; IPv6 beside it is nobody's loss."""
    rules = [rule.source for rule in balancer.admits or () if _opens(rule, balancer.port)]
    networks = [ipaddress.ip_network(source, strict=False) for source in rules if "/" in source]
    for found in _lists(balancer, lattice):
        if found.ipv6 or any(source.startswith("pl-") for source in rules):
            continue
        for cidr in found.cidrs or ():
            asked = ipaddress.ip_network(cidr, strict=False)
            ends = (asked[0], asked[-1])
            if not any(ends[0] in network and ends[1] in network for network in networks):
                return found
    return None


# --- the listener

_HOST = 60  # characters of it that the message has room for


def _certificate(balancer: BalancerFacts, certificate: str | None, prefix: str) -> Finding | None:
    """Lattice reaches an HTTPS listener only where it has the service's own certificate (facts 11)."""
    if balancer.protocol != "HTTPS" or balancer.certificates is None or certificate is None:
        return None
    if certificate in balancer.certificates:
        return None
    own = f"certificate {certificate.rpartition('/')[2]}" if certificate else "none of its own"
    return Finding(
        code="certificate-mismatch",
        message=f"add an HTTP listener that forwards and set {prefix}target to it: Lattice calls"
        f" {_listener_name(balancer)} only with the certificate of the service which has {own}",
    )


def _shown(balancer: BalancerFacts) -> Finding | None:
    """What passes through is answered with the listener's own certificate, which is to be for the name asked for."""
    if not balancer.refused:
        return None
    ended = next((one.ends for one in balancer.refused if any(covers(name, balancer.host) for name in one.names)), "")
    why = f"the one that it shows has ended on {ended}" if ended else "none that it shows is for that name"
    return Finding(
        code="certificate-refused",
        message=f"give listener {_listener_name(balancer)} a certificate for {balancer.host}: {why}",
    )


def _action(balancer: BalancerFacts, prefix: str) -> Finding | None:
    """A listener that lets nothing through to a target by its default action, nor by any rule besides."""
    if balancer.rules_forward is not False:
        return None
    remedy = f"set {prefix}target to an HTTP listener that forwards"
    if balancer.action == "redirect":
        leads = f" to {tags.answer(balancer.leads)[:_HOST].strip()}" if balancer.leads else ""
        return Finding(
            code="listener-redirects",
            message=f"{remedy}: {_listener_name(balancer)} sends every client away{leads}",
        )
    if balancer.action == "fixed-response" and balancer.status >= 400:
        return Finding(
            code="listener-answers-itself",
            message=f"{remedy} or let this one forward: {_listener_name(balancer)} answers every request"
            f" {balancer.status} by itself",
        )
    if balancer.weightless:
        return Finding(
            code="weights-zero",
            message=f"give a weight above 0 to a target group of listener {_listener_name(balancer)}: all are 0",
        )
    return None


# --- targets

_SERVING = frozenset({"healthy", "unavailable"})  # unavailable: its health checks are turned off
_IDLE = frozenset({"unhealthy", "unhealthy.draining", "draining", "unused", "initial"})


def takes(health: TargetHealth) -> bool:
    """Whether a load balancer sends requests to such a target, as far as its state tells."""
    # While no target is healthy an ALB sends to all of them, and one that answers its health check, though with
    # another code than it should, answers requests too. A state that nobody knows is not held against it.
    if health.state == "unhealthy":
        return health.reason == "Target.ResponseCodeMismatch"
    return health.state not in _IDLE


def _targets(balancer: BalancerFacts) -> Finding | None:
    targets = balancer.targets
    if targets is None or balancer.rules_forward is None or any(takes(health) for health in targets):
        return None
    if balancer.action != "forward" and not balancer.rules_forward:
        return None  # it answers by itself
    if not targets:
        return Finding(
            code="no-healthy-target",
            message=f"register a target behind listener {_listener_name(balancer)}: its target groups are empty",
        )
    settling = any(health.state == "initial" for health in targets)
    remedy = "wait for the first health check" if settling else "start or repair a target"
    return Finding(
        code="no-healthy-target",
        message=f"{remedy} behind listener {_listener_name(balancer)}: none is healthy: {_told(targets)}",
        settling=settling,
    )


def _told(targets: tuple[TargetHealth, ...]) -> str:
    """The most frequent states, as ELB names them."""
    most = sorted(targets, key=lambda one: -one.count)[:2]
    return " + ".join(f"{one.count} {one.state} {one.reason.rpartition('.')[2]}".strip() for one in most)
