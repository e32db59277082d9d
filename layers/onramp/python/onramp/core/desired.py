"""What people want, out of their tags: services and clients, or refusals that say what to do.

What was decided once stays: who serves already is not moved by a default, and not turned away by a newcomer.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, NamedTuple, Self

from msgspec.structs import replace

from onramp.core import names, settings, sources, tags
from onramp.core.errors import Refused
from onramp.core.model import (
    LOAD_BALANCERS,
    AlbListener,
    Existing,
    Ingress,
    LoadBalancer,
    Match,
    Network,
    Observation,
    Resource,
    Rule,
    Service,
    Value,
    Vpc,
)
from onramp.core.rules import RULES_PER_LISTENER, Asked, asked
from onramp.core.settings import Said
from onramp.core.steps import Refusal

PASSTHROUGH = "TLS_PASSTHROUGH"
PROTOCOLS = {"HTTP": 80, "HTTPS": 443, PASSTHROUGH: 443}
"""What a service may listen for, and the port when the tag names none (facts 14)."""

TARGETS = {"HTTP": 80, "HTTPS": 443}
"""What a load balancer's listener speaks."""

TARGET_PROTOCOLS = (*TARGETS, "TCP")
"""What a target group may speak; TCP is for what passes through (facts R20)."""

WEIGHT = 100
"""The share of who asks for none (facts R19)."""

THEIRS = "theirs"
"""In place of a weight: a tool of the team's sets the shares, as ECS does when it deploys (facts R25)."""

LISTENERS_PER_SERVICE = 2  # quota L-D64E952E
TARGET_GROUPS_PER_SERVICE = 10  # quota L-3DEC3B9F, and what one forward action holds (facts 6, 16)
SECURITY_GROUPS_PER_ASSOCIATION = 5  # hard (facts 16)


class Backend(Value, frozen=True):
    """A load balancer behind a service: its listener's `protocol` and `port`, and its share of the requests: of those
    that its `rules` ask for; without any, of those that no rule takes.

    `said`: what its own tags say of the service. `by_tool`: a tool of the team's sets its share, and `weight` is what
    it begins with where nobody else has one.
    """

    load_balancer: str
    target_group: str
    protocol: str
    port: int
    vpc: str
    weight: int
    by_tool: bool = False
    said: Said = Said()
    rules: tuple[Asked, ...] = ()

    def takes(self, match: Match | None) -> bool:
        """Does it ask for what this rule takes; None: for what none takes?"""
        return any(one.match == match for one in self.rules) or (match is None and not self.rules)


class WantedService(Value, frozen=True):
    """`said`: what all of its load balancers say of it together. `unmet`: what of that cannot be had, though their
    requests may come.
    """

    name: str
    listens: tuple[tuple[str, int], ...]
    backends: tuple[Backend, ...]
    said: Said = Said()
    unmet: tuple[Refusal, ...] = ()

    @property
    def load_balancers(self) -> tuple[str, ...]:
        return tuple(backend.load_balancer for backend in self.backends)

    def of(self, backends: Iterable[Backend]) -> Self:
        """The same service as these alone ask for it."""
        found = tuple(backends)
        asking = {one.load_balancer for one in found}
        unmet = tuple(refusal for refusal in self.unmet if refusal.resource in asking)
        return replace(self, backends=found, said=settings.together(one.said for one in found), unmet=unmet)

    @property
    def rules(self) -> dict[Match, int]:
        """Every rule that it is to have, and its priority; 0 where that is left to what the rule asks for."""
        found: dict[Match, int] = {}
        for one in (one for backend in self.backends for one in backend.rules):
            found[one.match] = found.get(one.match) or one.priority
        return found

    @property
    def has_default(self) -> bool:
        """Does a load balancer of it take what no rule takes?"""
        return any(not backend.rules for backend in self.backends)


class WantedClient(Value, frozen=True):
    """`security_groups`: the team's own, used as they are; else one is made that admits `admits`."""

    vpc: str
    admits: frozenset[Ingress]
    security_groups: tuple[str, ...] = ()

    @property
    def callers(self) -> frozenset[str]:
        """The sources that are ids, of prefix lists and security groups: whether they are there has to be asked."""
        return frozenset(rule.source for rule in self.admits if rule.source.startswith(("pl-", "sg-")))


class Desired(NamedTuple):
    """`settling`: resource -> why its wish cannot be read yet. A wish that is refused is in no other list.

    `named`: load balancer -> the service that it asks for, in whatever state it is; that service stays. `kept_out`:
    resource -> what infra has taken off the network. `moving`: resource -> the sibling's network that it asks for now.
    `strays`: what is told to resources that carry tags of ours and not the one that asks for a network: a typing error,
    or what was forgotten when it was taken off. `theirs`: sibling's network -> the services that are asked for there.
    `awaiting`: resource -> why infra has to be waited for; such a wish is in no other list either. `existing`: services
    that people made themselves and want on the network.
    """

    services: tuple[WantedService, ...]
    clients: tuple[WantedClient, ...]
    refusals: tuple[Refusal, ...]
    settling: dict[str, str]
    named: dict[str, str]
    kept_out: dict[str, str]
    moving: dict[str, str]
    strays: tuple[Refusal, ...]
    theirs: dict[str, frozenset[str]]
    awaiting: dict[str, str] = {}
    existing: tuple[Existing, ...] = ()


class Wish(NamedTuple):
    """What stands behind a service, and how that is to listen."""

    service: str
    listens: tuple[tuple[str, int], ...]
    backend: Backend


class Kind[T](NamedTuple):
    """What one kind of thing that people tag has to say of its wishes.

    `name`: of the service that it asks for or is, '' for none. `check`: raises Refused for what is not understood.
    `not_yet`: why the wish cannot be read, or met, yet. `wish`: what it asks for; raises Refused. `behind`: it stands
    behind a service that is made for it, and that stays as long as it asks for it.
    """

    name: Callable[[Network, T], str]
    check: Callable[[Network, Observation, T], None]
    not_yet: Callable[[Observation, T], str | None]
    wish: Callable[[Network, Observation, T], Wish | WantedClient | Existing]
    behind: bool = False


def key_of(resource: Resource) -> str:
    """How everything here calls a resource: a VPC by its id, any other by its ARN."""
    return resource.id if isinstance(resource, Vpc) else resource.arn


def moves_to(network: Network, resource: Resource) -> str:
    """The sibling's network that this resource asks for, or ''."""
    wanted = resource.tags.get(network.prefix + tags.NETWORK, "").strip()
    return wanted if wanted in network.siblings else ""


def wishes(network: Network, resource: Resource) -> bool:
    """Does this resource ask this stack for anything? What asks for a sibling's network is the sibling's."""
    asks = network.prefix + tags.NETWORK in resource.tags
    return asks and not moves_to(network, resource) and not network.offboarding


def speaks(network: Network, resource: Resource) -> bool:
    """Does anybody wait for an answer on it? A typing error in the first tag is a wish that nobody understood."""
    if wishes(network, resource):
        return True
    prefixed = any(key.startswith(network.prefix) for key in resource.tags)
    return prefixed and not moves_to(network, resource) and not network.offboarding


def made_for(network: Network, balancers: Iterable[LoadBalancer]) -> frozenset[str]:
    """Names of the services and target groups that we may have made for the load balancers that ask for something.

    What bears our mark and one of these is ours: a mark alone can be forged, and so can a name, but who gives a thing
    this name and this mark has handed it over.
    """
    found: set[str] = set()
    for balancer in balancers:
        service = _service_name_or_none(network, balancer) if wishes(network, balancer) else None
        if service is None:
            continue
        found.add(service)
        found |= {
            names.target_group(network.name, service, balancer.arn, protocol, one.port, balancer.vpc)
            for one in balancer.listeners or ()
            for protocol in {one.protocol, "TCP" if one.protocol == "HTTPS" else one.protocol}
        }
    return frozenset(found)


_KEPT_OUT = "infra has taken it off the network for now: ask there"
_KEPT_OUT_VPC = "infra has taken this account off the network for now: ask there"


def desired(network: Network, observed: Observation) -> Desired:
    """Services and clients that the account's tags ask for. One bad tag never holds up another wish."""
    refusals: list[Refusal] = []
    strays: list[Refusal] = []
    settling: dict[str, str] = {}
    named: dict[str, str] = {}
    kept_out: dict[str, str] = {}
    moving: dict[str, str] = {}
    theirs: dict[str, frozenset[str]] = {}
    wanted: list[Wish] = []
    clients: list[WantedClient] = []
    existing: list[Existing] = []
    for resource in observed.resources:
        key, kind = key_of(resource), KINDS[type(resource)]
        if sibling := moves_to(network, resource):
            moving[key] = sibling
            if kind.behind and (service := kind.name(network, resource)):
                theirs[sibling] = theirs.get(sibling, frozenset()) | {service}
        if not speaks(network, resource):
            continue
        try:
            name = kind.name(network, resource) if wishes(network, resource) or not kind.behind else ""
            if name and kind.behind:
                named[key] = name
            if network.keeps_out(observed.account, name):
                kept_out[key] = _KEPT_OUT_VPC if isinstance(resource, Vpc) else _KEPT_OUT
                continue
            kind.check(network, observed, resource)
            if (why := kind.not_yet(observed, resource)) is not None:
                settling[key] = why
                continue
            match kind.wish(network, observed, resource):
                case WantedClient() as client:
                    clients.append(client)
                case Existing() as service_of_theirs:
                    existing.append(service_of_theirs)
                case wish:
                    wanted.append(wish)
        except Refused as refused:
            told = refusals if wishes(network, resource) else strays
            told.append(Refusal(code=refused.code, resource=key, message=refused.message))
    services = _merge(network, observed, wanted, named, refusals)
    return Desired(
        tuple(services),
        tuple(clients),
        tuple(refusals),
        settling,
        named,
        kept_out,
        moving,
        tuple(strays),
        theirs,
        existing=tuple(existing),
    )


def _check_tags(network: Network, given: dict[str, str], known: frozenset[str]) -> None:
    # In one order and in the same words: stacks that serve the same members answer on the same tag, and must not
    # correct each other.
    offered = " or ".join(sorted({network.name, *network.siblings}))
    unknown = sorted(
        key.removeprefix(network.prefix)
        for key in given
        if key.startswith(network.prefix) and key.removeprefix(network.prefix) not in known
    )
    if unknown:
        raise Refused("tag-unknown", _did_you_mean(network.prefix, unknown[0], known))
    if network.prefix + tags.NETWORK not in given:
        raise Refused("network-missing", f"add tag {network.prefix}{tags.NETWORK} = {offered}, or remove the others")
    asked = given[network.prefix + tags.NETWORK].strip()
    if asked != network.name:
        raise Refused("network-unknown", f"this account may join {offered}: the tag says {tags.spelled(asked)}")


def _check_balancer(network: Network, _: Observation, balancer: LoadBalancer) -> None:
    _check_tags(network, balancer.tags, tags.LOAD_BALANCER_KEYS)


def _check_vpc(network: Network, _: Observation, vpc: Vpc) -> None:
    _check_tags(network, vpc.tags, tags.VPC_KEYS)


def _check_existing(network: Network, observed: Observation, service: Existing) -> None:
    if service.account != observed.account:
        raise Refused(
            "service-not-yours", f"tag the service in account {service.account}, whose it is: here it is only shared"
        )
    if tags.OWNER in service.tags:
        raise Refused(
            "mark-unproven",
            f"remove tag {tags.OWNER} from it, if it is not meant to be ours: nothing shows that a run made it",
        )
    _check_tags(network, service.tags, tags.EXISTING_KEYS)
    if service.status.endswith("_FAILED"):
        what = f"service {service.name} is {service.status}: {service.failure or 'AWS gives no reason'}"
        raise Refused("service-failed", f"repair or replace the service: {what}")


def _not_yet(observed: Observation, resource: LoadBalancer | Existing) -> str | None:
    why = observed.unread.get(resource.arn)
    return None if why is None else f"it cannot be read: {why}"


def _balancer_not_yet(observed: Observation, balancer: LoadBalancer) -> str | None:
    if balancer.state == "provisioning":
        return "the load balancer is being provisioned"
    return _not_yet(observed, balancer)


def _existing_not_yet(observed: Observation, service: Existing) -> str | None:
    if (why := _not_yet(observed, service)) is not None or service.status == "ACTIVE":
        return why
    return f"service {service.name} is {service.status}"


def _did_you_mean(prefix: str, key: str, known: frozenset[str]) -> str:
    close = difflib.get_close_matches(key.lower(), sorted(known), n=1, cutoff=0.7)
    if close:
        return f"write {prefix}{close[0]} instead of {prefix}{tags.spelled(key)}"
    choices = " ".join(sorted(prefix + name for name in known))
    return f"remove tag {prefix}{tags.spelled(key)}: nothing here reads it. What is read: {choices}"


def _service_name(network: Network, balancer: LoadBalancer) -> str:
    domain = balancer.tags.get(network.prefix + tags.OWN_DOMAIN)
    if domain is not None:
        # It cannot be changed and is in a network once, so that it says which service this is, and the other tag does
        # not: a service of the same domain and another name could not come beside this one.
        return names.service_at(names.domain(domain.strip()))
    given = balancer.tags.get(network.prefix + tags.SERVICE)
    return names.service_for(balancer.name) if given is None else names.service(given.strip())


def _service_name_or_none(network: Network, balancer: LoadBalancer) -> str | None:
    try:
        return _service_name(network, balancer)
    except Refused:
        return None


def _service_wish(network: Network, observed: Observation, balancer: LoadBalancer) -> Wish:
    given = {
        key.removeprefix(network.prefix): value.strip()
        for key, value in balancer.tags.items()
        if key.startswith(network.prefix)
    }
    if balancer.type != "application":
        raise Refused("not-application", f"use an internal ALB: a {balancer.type} load balancer cannot be a target")
    if balancer.scheme != "internal":
        raise Refused("not-internal", f"use an internal load balancer: this one is {balancer.scheme}")
    if balancer.state == "failed":
        raise Refused("load-balancer-failed", "repair or replace the load balancer: it is in state failed")
    service = _service_name(network, balancer)
    listens = _listens(given.get(tags.LISTEN, "HTTPS:443"), network.prefix + tags.LISTEN)
    passes = any(protocol == PASSTHROUGH for protocol, _ in listens)
    if passes:
        _check_passthrough(given, network.prefix, listens)
    sent_before = _decided(network, observed, balancer, service, passes=passes)
    target = _through if passes else _target
    protocol, port = target(given.get(tags.TARGET), network.prefix + tags.TARGET, balancer, sent_before)
    return Wish(
        service,
        listens,
        Backend(
            load_balancer=balancer.arn,
            target_group=names.target_group(network.name, service, balancer.arn, protocol, port, balancer.vpc),
            protocol=protocol,
            port=port,
            vpc=balancer.vpc,
            weight=_weight(given.get(tags.WEIGHT, str(WEIGHT)), network.prefix + tags.WEIGHT),
            by_tool=given.get(tags.WEIGHT, "").lower() == THEIRS,
            said=settings.said(network, given, passes=passes),
            rules=asked(given, network.prefix),
        ),
    )


def _listens(value: str, key: str) -> tuple[tuple[str, int], ...]:
    found: dict[int, str] = {}
    for word in value.split():
        protocol, port = _protocol_and_port(word, key, "listen-invalid", PROTOCOLS)
        if found.setdefault(port, protocol) != protocol:
            raise Refused("listen-invalid", f"choose one protocol for port {port}: tag {key} asks for two")
    if not found:
        raise Refused("listen-invalid", f"write for instance HTTPS:443 in tag {key}: it is empty")
    if len(found) > LISTENERS_PER_SERVICE:
        raise Refused(
            "listener-quota",
            f"ask for {LISTENERS_PER_SERVICE} listeners at most in tag {key}: it has {len(found)}",
        )
    return tuple((protocol, port) for port, protocol in sorted(found.items()))


def _protocol_and_port(word: str, key: str, code: str, known: Mapping[str, int]) -> tuple[str, int]:
    protocol, colon, port = word.upper().partition(":")
    if protocol not in known:
        choices = " or ".join(known)
        raise Refused(code, f"write {choices} and a port in tag {key}, as HTTP:80: it has {tags.spelled(word)}")
    if not colon:
        return protocol, known[protocol]
    return protocol, sources.port(port, key)


def _weight(text: str, key: str) -> int:
    if text.lower() == THEIRS:
        return WEIGHT
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise Refused(
            "tag-invalid", f"write a number from 0 to 999 or {THEIRS} in tag {key}: it has {tags.spelled(text)}"
        )
    return int(text)


_OF_REQUESTS = (tags.PATH_PREFIX, tags.PATH, tags.METHOD, tags.HEADER, tags.PRIORITY)


def _check_passthrough(given: Mapping[str, str], prefix: str, listens: tuple[tuple[str, int], ...]) -> None:
    """Raises Refused for what cannot go with it: Lattice reads nothing of what it passes on (facts R20)."""
    key = prefix + tags.LISTEN
    message = ""
    if any(protocol != PASSTHROUGH for protocol, _ in listens):
        message = f"choose {PASSTHROUGH} or the others in tag {key}: they need target groups of other kinds"
    elif tags.OWN_DOMAIN not in given:
        message = f"add tag {prefix}{tags.OWN_DOMAIN} or listen otherwise: {PASSTHROUGH} goes by a domain of your own"
    elif tags.CERTIFICATE in given:
        message = f"remove tag {prefix}{tags.CERTIFICATE}: with {PASSTHROUGH} the load balancer shows its own"
    elif of_requests := next((name for name in _OF_REQUESTS if name in given), ""):
        message = f"remove tag {prefix}{of_requests}: with {PASSTHROUGH} Lattice reads no request"
    elif given.get(tags.AUTH, "none").partition(" ")[0].lower() not in {"none", "vpcs"}:
        message = f"write none or vpcs in tag {prefix}{tags.AUTH}: with {PASSTHROUGH} no caller can sign"
    if message:
        raise Refused("passthrough-invalid", message)


type _Decided = tuple[str, int] | None
"""Protocol and port of the load balancer's listener that we send to already; None: to none."""


def _named(value: str, key: str, balancer: LoadBalancer) -> tuple[str, int]:
    chosen = _protocol_and_port(value, key, "target-invalid", TARGETS)
    if chosen not in _there(balancer):
        raise Refused(
            "target-missing",
            f"name one of the load balancer's listeners in tag {key}: it has {tags.spelled(value)}"
            f" and the load balancer listens on {_shown(balancer)}",
        )
    return chosen


def _there(balancer: LoadBalancer) -> set[tuple[str, int]]:
    return {(listener.protocol, listener.port) for listener in balancer.listeners or ()}


def _shown(balancer: LoadBalancer) -> str:
    return " ".join(f"{protocol}:{port}" for protocol, port in sorted(_there(balancer))) or "nothing"


def _through(value: str | None, key: str, balancer: LoadBalancer, sent_before: _Decided) -> tuple[str, int]:
    """Where TLS that passes through ends: an HTTPS listener of the load balancer, by a target group that speaks TCP."""
    secure = sorted(port for protocol, port in _there(balancer) if protocol == "HTTPS")
    if value is not None:
        protocol, port = _named(value, key, balancer)
        if protocol != "HTTPS":
            raise Refused(
                "passthrough-invalid",
                f"name an HTTPS listener in tag {key}: with {PASSTHROUGH} the load balancer ends TLS and"
                f" {protocol}:{port} does not",
            )
        return "TCP", port
    if sent_before is not None:
        return "TCP", sent_before[1]
    if len(secure) == 1:
        return "TCP", secure[0]
    if secure:
        raise Refused(
            "target-ambiguous", f"name one listener in tag {key}: the load balancer listens on {_shown(balancer)}"
        )
    raise Refused(
        "target-missing",
        f"add an HTTPS listener to the load balancer: with {PASSTHROUGH} it ends TLS. It listens on {_shown(balancer)}",
    )


def _target(value: str | None, key: str, balancer: LoadBalancer, sent_before: _Decided) -> tuple[str, int]:
    """The load balancer's listener to send to: the one named; the one that was sent to before; its only one over HTTP.

    An HTTPS listener is no default: Lattice reaches it only with the certificate that the service itself has, and a
    service under Lattice's own name has none that anybody could give a load balancer (facts 11).
    """
    if value is not None:
        return _named(value, key, balancer)
    if not _there(balancer):
        raise Refused("target-missing", "add a listener to the load balancer: it has none yet")
    if sent_before is not None:
        return sent_before
    shown = _shown(balancer)
    plain = sorted({(found.protocol, found.port) for found in balancer.listeners or () if _serves_plainly(found)})
    if len(plain) == 1:
        return plain[0]
    if plain:
        raise Refused("target-ambiguous", f"name one listener in tag {key}: the load balancer listens on {shown}")
    raise Refused(
        "target-certificate",
        f"give the load balancer an HTTP listener that forwards, and name it in tag {key} as HTTP:8080: Lattice reaches"
        f" HTTPS only under the service's own certificate. It listens on {shown}",
    )


def _serves_plainly(listener: AlbListener) -> bool:
    """A listener that only redirects (port 80 of many load balancers) sends clients away from Lattice's name."""
    return listener.protocol == "HTTP" and listener.does != "redirect"


def _decided(
    network: Network, observed: Observation, balancer: LoadBalancer, service: str, *, passes: bool
) -> _Decided:
    """The listener that we send to already: what a default chose stays until a tag asks otherwise, or it is gone.

    `passes`: by a target group for what passes through, or by one of the others.
    """
    by_tcp = {
        names.target_group(network.name, name, balancer.arn, "TCP", found.port, balancer.vpc)
        for name in {service, *(one.name for one in observed.services)}
        for found in balancer.listeners or ()
        if found.protocol == "HTTPS"
    }
    forwarded = {to.target_group for service in observed.services for found in service.listeners for to in found.sends}
    protocols = {listener.port: listener.protocol for listener in balancer.listeners or ()}
    ranked = sorted(
        (group.arn.rpartition("/")[2] not in forwarded, target.port)
        for group in observed.target_groups
        if group.owned and (group.name in by_tcp) is passes
        for target in group.targets
        if target.id == balancer.arn and target.port in protocols
    )
    return (protocols[ranked[0][1]], ranked[0][1]) if ranked else None


# --- several load balancers of one service


def _merge(
    network: Network,
    observed: Observation,
    wanted: Iterable[Wish],
    named: dict[str, str],
    refusals: list[Refusal],
) -> list[WantedService]:
    """Several load balancers may stand behind one service, if they agree on what it listens for.

    First come, first served: those who serve decide; a newcomer that disagrees, or finds no room, is refused alone.
    """
    groups: dict[str, list[Wish]] = {}
    for wish in wanted:
        groups.setdefault(wish.service, []).append(wish)
    merged = []
    for name, group in sorted(groups.items()):
        service = next((found for found in observed.services if found.name == name and found.owned), None)
        first = _behind(observed, service, group) if service else frozenset()
        listens = _agreed(group, first, service)
        agreed = [wish for wish in group if wish.listens == listens]
        shown = " ".join(f"{protocol}:{port}" for protocol, port in listens or ())
        message = (
            f"write {shown} in the listen tag as the load balancers that serve {name} do, or choose another service"
            if listens
            else f"give all load balancers of service {name} the same listen tag"
        )
        refusals.extend(_each([wish for wish in group if wish not in agreed], "listen-conflict", message))
        asking = {wish.backend.load_balancer for wish in agreed}
        held = sum(found in first and found not in asking for found, of in named.items() if of == name)
        room = TARGET_GROUPS_PER_SERVICE - held - _brought(observed, service, agreed)
        queue = sorted(agreed, key=lambda wish: (wish.backend.load_balancer not in first, wish.backend.load_balancer))
        message = f"choose another service: {name} has the {TARGET_GROUPS_PER_SERVICE} load balancers that it may have"
        refusals.extend(_each(queue[room:], "backend-quota", message))
        joined = service is not None and any(network.is_named(found.network) for found in service.associations)
        of_one_mind = _of_one_mind(queue[:room], first if joined else frozenset())
        message = f"say the same of {_SETTINGS_AS_TAGS.format(network.prefix)} as the others of {name}, or nothing"
        refusals.extend(_each([wish for wish in queue[:room] if wish not in of_one_mind], "setting-conflict", message))
        ruled = _rules_have_room(network, observed, service, of_one_mind, named.keys(), refusals)
        backends = tuple(sorted((wish.backend for wish in ruled), key=lambda backend: backend.target_group))
        if backends:
            merged.append(WantedService(name=name, listens=queue[0].listens, backends=()).of(backends))
    return merged


def _brought(observed: Observation, service: Service | None, asking: list[Wish]) -> int:
    """How many target groups the service sends to that a tool of those who ask brought, and that stay."""
    if service is None or not any(wish.backend.by_tool for wish in asking):
        return 0
    ours = {group.arn.rpartition("/")[2] for group in observed.target_groups if group.owned}
    return len({to.target_group for found in service.listeners for to in found.sends} - ours)


def _rules_have_room(
    network: Network,
    observed: Observation,
    service: Service | None,
    queue: list[Wish],
    named: Set[str],
    refusals: list[Refusal],
) -> list[Wish]:
    """Those whose rules find a place beside those of the ones before them in the queue, and of others. `named`: load
    balancers that ask for a service; who does not leaves, and gives his numbers up.
    """
    if not any(wish.backend.rules for wish in queue):
        return queue
    asking = {wish.backend.load_balancer for wish in queue}
    targets = {group.arn.rpartition("/")[2]: {to.id for to in group.targets} for group in observed.target_groups}
    listeners = service.listeners if service else ()
    there = [rule for found in listeners for rule in found.own_rules]
    taken = {rule.priority for found in listeners for rule in found.others_rules}
    others = max((len(found.others_rules) for found in listeners), default=0)
    moves: dict[Match, int] = {}
    for one in (one for wish in queue for one in wish.backend.rules):
        moves[one.match] = moves.get(one.match) or one.priority
    leaving = _known(observed) - named
    behind = {rule.arn: {one for to in rule.forwards for one in targets.get(to.target_group, ())} for rule in there}

    def held() -> list[Rule]:
        """What stays for a load balancer that asks for nothing that can be met now: it has its place."""
        return [rule for rule in there if not behind[rule.arn] <= asking]

    def holds(match: Match, number: int, given: dict[Match, int]) -> bool:
        """Has another rule this number, or is about to?"""
        if number in taken or any(one == number and other != match for other, one in given.items()):
            return True
        stays = [rule for rule in held() if not behind[rule.arn] <= (asking | leaving)]
        return any(
            rule in stays or (rule.match is not None and moves.get(rule.match) in {0, number})
            for rule in there
            if rule.priority == number and rule.match != match
        )

    accepted: dict[Match, int] = {}
    kept = []
    key = network.prefix + tags.PRIORITY
    for wish in sorted(queue, key=lambda one: _wants_more(one, there, behind)):
        message = ""
        for one in wish.backend.rules:
            before = accepted.get(one.match)
            as_it_is = any(rule.match == one.match and rule.priority == one.priority for rule in there)
            if before is not None and one.priority not in {0, before} and not (as_it_is and not before):
                same = f"write {before} in tag {key} or remove it" if before else f"remove tag {key}"
                message = f"{same}: other load balancers of {wish.service} ask for the same requests so"
            elif before is None and one.priority and holds(one.match, one.priority, accepted):
                message = f"choose another number in tag {key}: {one.priority} is taken on service {wish.service}"
        if message:
            refusals.extend(_each([wish], "rule-taken", message))
            asking.discard(wish.backend.load_balancer)
            continue
        both = accepted | {one.match: accepted.get(one.match) or one.priority for one in wish.backend.rules}
        staying = {rule.match for rule in held()} - both.keys()
        if wish.backend.rules and len(both) + len(staying) + others > RULES_PER_LISTENER:
            message = (
                f"ask for less in the rule tags, or choose another service: a listener has {RULES_PER_LISTENER}"
                f" rules at most and {wish.service} would have {len(both) + len(staying) + others}"
            )
            refusals.extend(_each([wish], "too-many-rules", message))
            asking.discard(wish.backend.load_balancer)
            continue
        accepted = both
        kept.append(wish)
    return kept


def _known(observed: Observation) -> frozenset[str]:
    """Load balancers whose wishes were read."""
    if LOAD_BALANCERS in observed.unread:
        return frozenset()
    there = {one.arn for one in observed.load_balancers}
    gone = {target.id for group in observed.target_groups for target in group.targets} - there
    return frozenset((there | gone) - observed.unread.keys())


def _wants_more(wish: Wish, there: list[Rule], behind: dict[str, set[str]]) -> bool:
    """Does it ask for more rules than it has? Who has his keeps them; who wants more is refused, where one has to."""
    mine = {rule.match for rule in there if wish.backend.load_balancer in behind[rule.arn]}
    return not {one.match for one in wish.backend.rules} <= mine


_SETTINGS_AS_TAGS = (
    f"{{0}}{tags.IDLE_TIMEOUT}, {{0}}{tags.LOG}, {{0}}{tags.CERTIFICATE}, {{0}}{tags.ZONE}, {{0}}{tags.AUTH} and"
    f" {{0}}{tags.AUTH_POLICY}"
)


def _of_one_mind(queue: list[Wish], first: frozenset[str]) -> list[Wish]:
    """Those of the queue who say the same of the service; whoever comes earlier in it decides.

    `first`: those whom clients reach already. Who joins them may say what they say, or nothing: a word of his own would
    change what clients of theirs meet, before anybody knows whether he can join at all.
    """
    serving = [wish for wish in queue if wish.backend.load_balancer in first]
    said, agreed = Said(), []
    for wish in queue:
        both = settings.join(said, wish.backend.said)
        newcomer = bool(serving) and wish not in serving
        if both is not None and not (newcomer and not settings.alike(both, said)):
            said = both
            agreed.append(wish)
    return agreed


def _behind(observed: Observation, service: Service, asking: list[Wish]) -> frozenset[str]:
    """Load balancers that the service sends to; where its listeners were not read yet, all that we registered. Of those
    who are `asking` also whoever was taken out of his target group by a hand: he has his place until it is let go.
    """
    own = {wish.backend.target_group: wish.backend.load_balancer for wish in asking}
    ids = {to.target_group for found in service.listeners for to in found.sends}
    return frozenset(
        found
        for group in observed.target_groups
        if group.owned and (not service.listeners or group.arn.rpartition("/")[2] in ids)
        for found in (*(target.id for target in group.targets), *filter(None, [own.get(group.name)]))
    )


def _agreed(group: list[Wish], first: frozenset[str], service: Service | None) -> tuple[tuple[str, int], ...] | None:
    """What the service listens for; None when the wishes disagree and nobody was first."""
    asked = {wish.listens for wish in group}
    if len(asked) == 1:
        return asked.pop()
    ours = {wish.listens for wish in group if wish.backend.load_balancer in first}
    if len(ours) == 1:
        return ours.pop()
    there = tuple(
        sorted(((found.protocol, found.port) for found in (service.listeners if service else ())), key=lambda it: it[1])
    )
    return there if there in ours else None


def _each(group: list[Wish], code: str, message: str) -> list[Refusal]:
    return [Refusal(code=code, resource=wish.backend.load_balancer, message=message) for wish in group]


# --- clients


def _client_wish(network: Network, vpc: Vpc) -> WantedClient:
    for name in (tags.ALLOW_FROM, tags.PORTS, tags.SECURITY_GROUPS):
        # Empty is not absent: who clears the list of those who may call does not mean everybody.
        if not sources.words(vpc.tags.get(network.prefix + name, "unsaid")):
            raise Refused("tag-invalid", f"write a value in tag {network.prefix}{name}, or remove it: it is empty")
    own = sources.words(vpc.tags.get(network.prefix + tags.SECURITY_GROUPS, ""))
    if own:
        key = network.prefix + tags.SECURITY_GROUPS
        bad = [group for group in own if not sources.is_security_group(group)]
        if bad:
            raise Refused(
                "tag-invalid",
                f"write ids of security groups of this VPC in tag {key}, as sg-0123abcd: it has {tags.spelled(bad[0])}",
            )
        if len(set(own)) > SECURITY_GROUPS_PER_ASSOCIATION:
            raise Refused(
                "tag-invalid",
                f"name {SECURITY_GROUPS_PER_ASSOCIATION} security groups at most in tag {key}: it has {len(set(own))}",
            )
        return WantedClient(vpc=vpc.id, admits=frozenset(), security_groups=tuple(sorted(set(own))))
    admits = sources.rules(
        sources.words(vpc.tags.get(network.prefix + tags.ALLOW_FROM, "")) or vpc.cidrs,
        sources.words(vpc.tags.get(network.prefix + tags.PORTS, "")) or ("80", "443"),
        from_key=network.prefix + tags.ALLOW_FROM,
        ports_key=network.prefix + tags.PORTS,
    )
    return WantedClient(vpc=vpc.id, admits=admits)


KINDS: dict[type[Any], Kind[Any]] = {
    LoadBalancer: Kind(
        name=lambda network, balancer: _service_name_or_none(network, balancer) or "",
        check=_check_balancer,
        not_yet=_balancer_not_yet,
        wish=_service_wish,
        behind=True,
    ),
    Vpc: Kind(
        name=lambda _, __: "",
        check=_check_vpc,
        not_yet=lambda _, __: None,
        wish=lambda network, _, vpc: _client_wish(network, vpc),
    ),
    Existing: Kind(
        name=lambda _, service: service.name,
        check=_check_existing,
        not_yet=_existing_not_yet,
        wish=lambda _, __, service: service,
    ),
}
"""By the value that each is observed as."""
