"""What people want, out of their tags: services and clients, or refusals that say what to do."""

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple

from onramp.core import names, tags
from onramp.core.errors import Refused
from onramp.core.model import Ingress, LoadBalancer, Network, Observation, Value, Vpc
from onramp.core.steps import Refusal

PROTOCOLS = {"HTTP": 80, "HTTPS": 443}
"""What a service may listen for, and the port when the tag names none (facts 14)."""

LISTENERS_PER_SERVICE = 2  # quota L-D64E952E
TARGET_GROUPS_PER_SERVICE = 10  # quota L-3DEC3B9F, and what one forward action holds (facts 6, 16)
SECURITY_GROUPS_PER_ASSOCIATION = 5  # hard (facts 16)
INGRESS_RULES_PER_GROUP = 60  # EC2's default quota of inbound rules per security group


class Backend(Value, frozen=True):
    """A load balancer behind a service: its listener's `protocol` and `port`, and its share of the requests."""

    load_balancer: str
    target_group: str
    protocol: str
    port: int
    vpc: str
    weight: int


class WantedService(Value, frozen=True):
    name: str
    listens: tuple[tuple[str, int], ...]
    backends: tuple[Backend, ...]

    @property
    def load_balancers(self) -> tuple[str, ...]:
        return tuple(backend.load_balancer for backend in self.backends)


class WantedClient(Value, frozen=True):
    """`security_groups`: the team's own, used as they are; else one is made that admits `admits`."""

    vpc: str
    admits: frozenset[Ingress]
    security_groups: tuple[str, ...] = ()


class Desired(NamedTuple):
    """`settling`: resource -> why its wish cannot be read yet. A wish that is refused is in no other list."""

    services: tuple[WantedService, ...]
    clients: tuple[WantedClient, ...]
    refusals: tuple[Refusal, ...]
    settling: dict[str, str]


class _Wish(NamedTuple):
    service: str
    listens: tuple[tuple[str, int], ...]
    backend: Backend


def wishes(network: Network, resource: LoadBalancer | Vpc) -> bool:
    """Does this resource ask this stack for anything? What asks for a sibling's network is the sibling's."""
    wanted = resource.tags.get(network.prefix + tags.NETWORK)
    return wanted is not None and wanted.strip() not in network.siblings and not network.offboarding


def desired(network: Network, observed: Observation) -> Desired:
    """Services and clients that the account's tags ask for. One bad tag never holds up another wish."""
    refusals: list[Refusal] = []
    settling: dict[str, str] = {}
    wanted: list[_Wish] = []
    clients: list[WantedClient] = []
    for balancer in observed.load_balancers:
        if not wishes(network, balancer):
            continue
        try:
            if balancer.state == "provisioning":
                _check_tags(network, balancer.tags, tags.LOAD_BALANCER_KEYS)
                settling[balancer.arn] = "the load balancer is being provisioned"
            else:
                wanted.append(_service_wish(network, balancer))
        except Refused as refused:
            refusals.append(Refusal(code=refused.code, resource=balancer.arn, message=refused.message))
    for vpc in observed.vpcs:
        if not wishes(network, vpc):
            continue
        try:
            clients.append(_client_wish(network, vpc))
        except Refused as refused:
            refusals.append(Refusal(code=refused.code, resource=vpc.id, message=refused.message))
    services = _merge(wanted, refusals)
    return Desired(tuple(services), tuple(clients), tuple(refusals), settling)


def _check_tags(network: Network, given: dict[str, str], known: frozenset[str]) -> None:
    asked = given[network.prefix + tags.NETWORK].strip()
    if asked != network.name:
        # In one order: stacks that serve the same members answer on the same tag, and must not correct each other.
        offered = " or ".join(sorted({network.name, *network.siblings}))
        raise Refused("network-unknown", f"no network {asked!r} is offered to this account: it may join {offered}")
    for key in sorted(given):
        if key.startswith(network.prefix) and key.removeprefix(network.prefix) not in known:
            choices = ", ".join(sorted(network.prefix + name for name in known))
            raise Refused("tag-unknown", f"tag {key} is not understood here: remove it or use one of {choices}")


def _service_wish(network: Network, balancer: LoadBalancer) -> _Wish:
    given = {
        key.removeprefix(network.prefix): value.strip()
        for key, value in balancer.tags.items()
        if key.startswith(network.prefix)
    }
    _check_tags(network, balancer.tags, tags.LOAD_BALANCER_KEYS)
    if balancer.type != "application":
        raise Refused("not-application", f"a {balancer.type} load balancer cannot be a target: use an internal ALB")
    if balancer.scheme != "internal":
        raise Refused("not-internal", f"this load balancer is {balancer.scheme}: only an internal one can be a target")
    if balancer.state == "failed":
        raise Refused("load-balancer-failed", "the load balancer is in state failed: repair or replace it")
    service = names.service(given[tags.SERVICE]) if tags.SERVICE in given else names.service_for(balancer.name)
    listens = _listens(given.get(tags.LISTEN, "HTTPS:443"), network.prefix + tags.LISTEN)
    protocol, port = _target(given.get(tags.TARGET), network.prefix + tags.TARGET, balancer)
    return _Wish(
        service,
        listens,
        Backend(
            load_balancer=balancer.arn,
            target_group=names.target_group(network.name, service, balancer.arn, protocol, port, balancer.vpc),
            protocol=protocol,
            port=port,
            vpc=balancer.vpc,
            weight=_weight(given.get(tags.WEIGHT, "100"), network.prefix + tags.WEIGHT),
        ),
    )


def _listens(value: str, key: str) -> tuple[tuple[str, int], ...]:
    found: dict[int, str] = {}
    for word in value.split():
        protocol, port = _protocol_and_port(word, key, "listen-invalid")
        if found.setdefault(port, protocol) != protocol:
            raise Refused("listen-invalid", f"tag {key} asks for two protocols on port {port}: choose one")
    if not found:
        raise Refused("listen-invalid", f"tag {key} is empty: write for instance HTTPS:443")
    if len(found) > LISTENERS_PER_SERVICE:
        raise Refused(
            "listener-quota",
            f"tag {key} asks for {len(found)} listeners: a service may have {LISTENERS_PER_SERVICE}",
        )
    return tuple((protocol, port) for port, protocol in sorted(found.items()))


def _protocol_and_port(word: str, key: str, code: str) -> tuple[str, int]:
    protocol, colon, port = word.upper().partition(":")
    if protocol not in PROTOCOLS:
        raise Refused(code, f"tag {key} has {word!r}: write {' or '.join(PROTOCOLS)} and a port, as HTTP:80")
    if not colon:
        return protocol, PROTOCOLS[protocol]
    return protocol, _port(port, key)


def _port(text: str, key: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise Refused("tag-invalid", f"tag {key} has port {text!r}: write a number from 1 to 65535")
    return int(text)


def _weight(text: str, key: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise Refused("tag-invalid", f"tag {key} has weight {text!r}: write a number from 0 to 999")
    return int(text)


def _target(value: str | None, key: str, balancer: LoadBalancer) -> tuple[str, int]:
    """The load balancer's listener to send to: the one named, the only one, or HTTPS:443."""
    there = {(listener.protocol, listener.port) for listener in balancer.listeners or ()}
    shown = " ".join(f"{protocol}:{port}" for protocol, port in sorted(there)) or "none"
    if value is not None:
        chosen = _protocol_and_port(value, key, "target-invalid")
        if chosen not in there:
            raise Refused("target-missing", f"tag {key} names {value} but the load balancer listens on: {shown}")
        return chosen
    if not there:
        raise Refused("target-missing", "the load balancer has no listener yet: add one")
    if len(there) == 1:
        return there.pop()
    if ("HTTPS", 443) in there:
        return "HTTPS", 443
    raise Refused("target-ambiguous", f"the load balancer listens on {shown}: name one in tag {key}")


def _merge(wanted: Iterable[_Wish], refusals: list[Refusal]) -> list[WantedService]:
    """Several load balancers may stand behind one service, if they agree on what it listens for."""
    groups: dict[str, list[_Wish]] = {}
    for wish in wanted:
        groups.setdefault(wish.service, []).append(wish)
    merged = []
    for name, group in sorted(groups.items()):
        if len({wish.listens for wish in group}) > 1:
            message = f"the load balancers of service {name} ask for different listeners: give them the same listen tag"
            refusals.extend(_each(group, "listen-conflict", message))
            continue
        if len(group) > TARGET_GROUPS_PER_SERVICE:
            message = f"{len(group)} load balancers ask for service {name}: it may have {TARGET_GROUPS_PER_SERVICE}"
            refusals.extend(_each(group, "backend-quota", message))
            continue
        backends = tuple(sorted((wish.backend for wish in group), key=lambda backend: backend.target_group))
        merged.append(WantedService(name=name, listens=group[0].listens, backends=backends))
    return merged


def _each(group: list[_Wish], code: str, message: str) -> list[Refusal]:
    return [Refusal(code=code, resource=wish.backend.load_balancer, message=message) for wish in group]


def _client_wish(network: Network, vpc: Vpc) -> WantedClient:
    _check_tags(network, vpc.tags, tags.VPC_KEYS)
    for name in (tags.ALLOW_FROM, tags.PORTS, tags.SECURITY_GROUPS):
        # Empty is not absent: who clears the list of those who may call does not mean everybody.
        if not vpc.tags.get(network.prefix + name, "unsaid").strip():
            raise Refused("tag-invalid", f"tag {network.prefix}{name} is empty: write a value, or remove the tag")
    own = vpc.tags.get(network.prefix + tags.SECURITY_GROUPS, "").split()
    if own:
        bad = [group for group in own if not re.fullmatch(r"sg-[0-9a-f]{8}([0-9a-f]{9})?", group)]
        if bad or len(own) > SECURITY_GROUPS_PER_ASSOCIATION:
            raise Refused(
                "tag-invalid",
                f"tag {network.prefix}{tags.SECURITY_GROUPS}: write 1 to {SECURITY_GROUPS_PER_ASSOCIATION}"
                " ids of security groups of this VPC, separated by spaces",
            )
        return WantedClient(vpc=vpc.id, admits=frozenset(), security_groups=tuple(sorted(set(own))))
    cidrs = vpc.tags.get(network.prefix + tags.ALLOW_FROM, "").split() or list(vpc.cidrs)
    ports = vpc.tags.get(network.prefix + tags.PORTS, "").split() or ["80", "443"]
    admits = frozenset(
        Ingress(source=_cidr(cidr, network.prefix + tags.ALLOW_FROM), from_port=number, to_port=number)
        for cidr in cidrs
        for number in (_port(port, network.prefix + tags.PORTS) for port in ports)
    )
    if len(admits) > INGRESS_RULES_PER_GROUP:
        raise Refused(
            "tag-invalid",
            f"{len(admits)} rules would be needed and a security group holds {INGRESS_RULES_PER_GROUP}:"
            " name fewer or larger CIDRs",
        )
    return WantedClient(vpc=vpc.id, admits=admits)


def _cidr(text: str, key: str) -> str:
    try:
        found = ipaddress.ip_network(text)
    except ValueError:
        raise Refused(
            "tag-invalid", f"tag {key} has {text!r}: write CIDRs as 10.1.33.54/32, separated by spaces"
        ) from None
    if found.version != 4:
        raise Refused("tag-invalid", f"tag {key} has {text!r}: IPv6 is not offered yet, write IPv4 CIDRs")
    return str(found)
