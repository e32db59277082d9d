"""Random histories of an account, played on the model world, and a small data plane that is asked after every step.

A history is a value: the same seed makes the same one, and one with fewer acts is one, too, so that what fails can be
shrunk. `python tests/core/histories.py --count 20000` plays many and prints what went wrong, with its seed.
"""

from __future__ import annotations

import argparse
import functools
import ipaddress
import random
import re
import sys
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal, get_args

import hands
import hidden
import shown
import theirs
from model_world import (
    FOREIGN,
    OTHER_NETWORK_ARN,
    TEAM,
    Fate,
    World,
    balancer,
    begun,
    done,
    network,
    vpc,
)
from msgspec.structs import replace
from onramp.core import names, tags
from onramp.core.desired import PASSTHROUGH, Desired, WantedService, desired, moves_to
from onramp.core.errors import Refused
from onramp.core.inventory import ClientState, ServiceState
from onramp.core.model import (
    Forward,
    Listener,
    LoadBalancer,
    Match,
    Observation,
    Service,
    Settings,
    Target,
    TargetGroup,
)
from onramp.core.offers import Offer, PrivateZone
from onramp.core.plan.clients import SERVES
from onramp.core.report import report
from onramp.core.rounds import blind, learn, look
from onramp.core.run import Run
from onramp.core.settings import Said
from onramp.core.steps import ANSWERS, AnyStep, Outcome, WriteStatus, needs

CALLER = ipaddress.ip_address("10.1.3.4")
"""Where in its VPC every request comes from."""

EXCEPTIONS = (
    "a port that changes its protocol",
    "a VPC that moves to a sibling's network",
    "a name that moves to a sibling's network",
    "what infra keeps off the network",
    "a load balancer that asks for no requests",
)
"""What no history is held to; docs/exceptions.md tells why Lattice forces each, and for how long."""

ALL = frozenset(kind.__name__ for kind in get_args(AnyStep.__value__))
"""Every kind of step."""

PROGRESS = 500
"""After so many histories, a minute or two, it is told how far they came."""

ROUNDS = 150
EPSILON = 1e-9

type Act = tuple[Any, ...]
"""What somebody does, or time that passes: its name, and what it is done to."""

type Mishap = Literal["refused", "not_yet", "failed", "lost", "breaks"]
"""What becomes of one step of the history: `breaks` is taken by AWS and fails on the way."""


@dataclass(frozen=True)
class History:
    """`mishap`: to which step of all, counted from the start, something happens, and what."""

    seed: int
    acts: tuple[Act, ...]
    sharing: Literal["organisation", "invitation"] = "organisation"
    slow: int = 0
    quiet: int = 60
    keep: int = 86400
    mishap: tuple[int, Mishap] | None = None

    def __str__(self) -> str:
        shown = "\n".join(f"    {act!r}," for act in self.acts)
        return (
            f"History(seed={self.seed}, sharing={self.sharing!r}, slow={self.slow}, quiet={self.quiet},"
            f" keep={self.keep}, mishap={self.mishap!r}, acts=(\n{shown}\n))"
        )


# --- the data plane


type Probe = tuple[str, str, str]
"""Method, path and a header."""

type Request = tuple[str, str, str, int, Probe]
"""VPC, domain name, protocol, port, and what is asked there."""

PRIVATE = (
    PrivateZone(id="ZSHOP", account=TEAM, name="shop.example.jp"),
    PrivateZone(id="ZTWIN", account=TEAM, name="twin.example.jp"),
    PrivateZone(id="ZHOME", account="", name="home.shop.example.jp"),
)
"""Private hosted zones that come to hold records of services, wherever those are."""

PROBES: tuple[Probe, ...] = (
    *product(("GET", "POST"), ("/", "/api", "/api/x", "/v2"), ("", "x-version=beta")),
    ("PUT", "/elsewhere", ""),  # what no rule that tags here ask for takes, but one for everything
)


def alive(world: World, target: Target) -> bool:
    """Does the load balancer stand, and listen where the target group sends to?"""
    there = world.load_balancers.get(target.id)
    return (
        target.status not in {"DRAINING", "INITIAL"}
        and there is not None
        and there.state == "active"
        and any(found.port == target.port for found in there.listeners or ())
    )


def share_of(world: World, group: str, host: str = "") -> float:
    """The share of a target group's requests that get an answer. `host`: as clients ask for who is behind it, where TLS
    passes through.
    """
    found = next((one for one in world.groups.values() if one.arn.endswith(f"/{group}")), None)
    targets = [to for to in found.targets if to.status != "DRAINING"] if found else []
    if not targets:
        return 0.0
    return sum(alive(world, target) and takes(world, target, host) for target in targets) / len(targets)


def takes(world: World, target: Target, host: str) -> bool:
    """Does it show a certificate that these clients take?"""
    return not host or not world.shown or shown.takes(world, target.id, target.port, host)


def passed(service: Service, listener: Listener) -> str:
    """The name that clients ask the load balancer itself for."""
    return service.custom_domain if listener.protocol == PASSTHROUGH else ""


def matches(match: Match, probe: Probe) -> bool:
    method, path, header = probe
    begins = path.startswith(match.path) if match.begins else path == match.path
    sent = not match.header or header == f"{match.header}={match.value}"
    return match.method in {"", method} and (begins or not match.path) and sent


def met(listener: Listener, probe: Probe) -> tuple[Forward, ...]:
    """What the first of its rules that takes the request sends to, else its default action."""
    for rule in sorted(listener.found_rules, key=lambda rule: rule.priority):
        if rule.match is not None and matches(rule.match, probe):
            return rule.forwards
    return listener.forwards


def served(world: World, service: Service) -> dict[tuple[str, int, Probe], float]:
    """What listens, and is asked there -> the share of these requests that get an answer."""
    if service.status != "ACTIVE" or is_shut(world, service):
        return {}
    found = {}
    share = functools.cache(functools.partial(share_of, world))
    for listener in service.listeners:
        for probe in PROBES:
            forwards = met(listener, probe)
            weight = sum(to.weight for to in forwards)
            answered = sum(to.weight * share(to.target_group, passed(service, listener)) for to in forwards)
            if weight and answered:
                found[listener.protocol, listener.port, probe] = answered / weight
    return found


def of_theirs(world: World) -> dict[Request, float]:
    """The same of services that people made themselves, which are on a network by whatever hand."""
    return {
        (association.vpc, service.domain, "HTTP", 80, PROBES[0]): 1.0
        for service in world.existing.values()
        for association in world.vpc_associations.values()
        if service.listens
        and association.network in theirs.joined(service)
        and association.status in SERVES
        and admits(world, association.security_groups, 80)
    }


def on_network(service: Service) -> set[str]:
    return {found.network for found in service.associations if found.status == "ACTIVE"}


@functools.cache
def holds(source: str) -> bool:
    """Is the caller among the sources of a rule? He is in every prefix list, and in no security group."""
    if source.startswith("sg-"):
        return False
    return source.startswith("pl-") or CALLER in ipaddress.ip_network(source)


def admits(world: World, groups: frozenset[str], port: int) -> bool:
    """Do the security groups of a VPC's association let the caller in? A team's own always do."""
    return any(
        group not in world.security_groups
        or any(
            rule.from_port <= port <= rule.to_port and holds(rule.source)
            for rule in world.security_groups[group].admits
        )
        for group in groups
    )


def is_open(there: Settings) -> bool:
    """Does a service let in who does not sign? Every policy but the open one turns him away."""
    return there.auth == "NONE" or lets_in(there.policy)


def lets_in(policy: str) -> bool:
    return '"Allow","Principal":"*"' in policy and "Condition" not in policy


def is_shut(world: World, service: Service) -> bool:
    """Does a service let nobody in, whoever asks?"""
    there = world.settings.get(service.arn, Settings())
    passes = any(listener.protocol == PASSTHROUGH for listener in service.listeners)
    connects = '"Action":"*"' in there.policy or "Connect" in there.policy
    return there.auth == "AWS_IAM" and ('"Deny"' in there.policy or (passes and not connects))


def hosts(world: World, service: Service, protocol: str) -> list[str]:
    """The names by which a service answers: over HTTPS its own domain only with a certificate, as there is no other;
    what passes through goes by its own alone.
    """
    if protocol == PASSTHROUGH:
        return [service.custom_domain]
    seen = world.settings.get(service.arn, Settings())
    own = service.custom_domain and (protocol == "HTTP" or seen.certificate)
    return [service.domain, service.custom_domain] if own else [service.domain]


def found_by(world: World, service: Service, protocol: str) -> list[str]:
    """Its own domain once more, where records of a hosted zone lead there."""
    led = any(one.type == "A" and one.to == service.domain for there in world.zones.values() for one in there)
    return [by_record(service)] if led and service.custom_domain in hosts(world, service, protocol) else []


def by_record(service: Service) -> str:
    return f"{service.custom_domain} in DNS"


def requests(world: World) -> dict[Request, float]:
    """Every request that gets an answer, and how often it does."""
    return {
        (association.vpc, host, protocol, port, probe): share
        for service in world.services.values()
        for (protocol, port, probe), share in served(world, service).items()
        for host in (*hosts(world, service, protocol), *found_by(world, service, protocol))
        for association in world.vpc_associations.values()
        if is_open(world.settings.get(service.arn, Settings()))
        and association.network in on_network(service)
        and association.status in SERVES
        and admits(world, association.security_groups, port)
    }


def reached(world: World) -> dict[str, set[str]]:
    """Load balancer -> the domain names under which a request comes to it."""
    shut = {service.domain for service in world.services.values() if is_shut(world, service)}
    return {one: left for one, domains in led_to(world).items() if (left := domains - shut)}


def led_to(world: World) -> dict[str, set[str]]:
    """The same of whoever is let in: a policy that shuts a service is what its team asks for."""
    found: dict[str, set[str]] = {}
    for service in world.services.values():
        if not on_network(service) or service.status != "ACTIVE":
            continue
        ids = {
            to.target_group: passed(service, listener)
            for listener in service.listeners
            for to in listener.sends
            if to.weight
        }
        for group in world.groups.values():
            if (key := group.arn.rpartition("/")[2]) in ids:
                for target in group.targets:
                    if alive(world, target) and takes(world, target, ids[key]):
                        found.setdefault(target.id, set()).add(service.domain)
    return found


# --- playing


@dataclass
class Moment:
    requests: dict[Request, float]
    reached: dict[str, set[str]]
    why: str


@dataclass
class Segment:
    """From one act to the next. `wants`: what each network's tags ask for; `flips`: load balancers that ask that a port
    speak another protocol than it does, which Lattice cannot change. `kept_out`: services that infra keeps off.
    """

    wants: list[Desired]
    flips: set[str]
    kept_out: set[str] = field(default_factory=set)
    moments: list[Moment] = field(default_factory=list)


@dataclass
class Name:
    """The domain of a service's name, as clients wrote it down, and the longest time that nobody asked for it."""

    domain: str
    asked: float
    gap: float = 0.0
    free: bool = False


class Player:
    """Plays a history; `problems` is what must not be."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.chance = random.Random(history.seed)  # noqa: S311  the same again is what is wanted
        given: dict[str, Any] = {"quiet_seconds": history.quiet, "keep_seconds": history.keep}
        net = network(siblings=frozenset({"sibling"}), invites=history.sharing == "invitation", **given)
        other = replace(net, name="sibling", arn=OTHER_NETWORK_ARN, siblings=frozenset({"net"}))
        self.world = World(net, TEAM, history.sharing)
        self.worlds = [self.world, self.world.sibling(other)]
        for world in self.worlds:
            world.slow_registration = history.slow
            world.every_step = lambda step: self.moment(step.key)
            world.fate = self.fate
        self.problems: list[str] = []
        self.segments: list[Segment] = []
        self.names: dict[str, Name] = {}
        self.networks: dict[str, str] = {}
        self.called: dict[str, str] = {}
        self.unwanted: dict[str, float] = {}
        self.hurried: set[str] = set()
        self.joined: set[str] = set()
        self.steps = 0
        self.verdicts: set[str] = set()
        self.kinds: set[str] = set()
        self.made: dict[str, int] = {}
        self.faulted = False
        self.denied: frozenset[str] = frozenset()
        self.shut = False
        self.hidden: frozenset[str] = frozenset()
        self.resting: set[int] = set()
        self.killed: int | None = None

    # --- time and mishaps

    @property
    def now(self) -> float:
        return self.world.now

    def pass_time(self, seconds: float) -> None:
        for world in self.worlds:
            world.now += seconds
        self.names_asked(self.wants())

    def fate(self, step: AnyStep) -> Fate:
        self.steps += 1
        self.kinds.add(step.kind)
        for world in self.worlds:
            world.breaking = set()
        takes_off = isinstance(step, WriteStatus) and not step.put
        if ("ClearStatus" if takes_off else step.kind) in self.denied:
            self.faulted = self.faulted or step.kind not in ANSWERS or self.denied >= ANSWERS
            return "refused"
        if self.history.mishap is None or self.history.mishap[0] != self.steps:
            return "done"
        what = self.history.mishap[1]
        self.faulted = True
        if what == "breaks":
            for world in self.worlds:
                world.breaking = {step.key}
            return "done"
        return what

    # --- what is claimed

    def begin(self, why: str) -> None:
        """Somebody did something: from here on other things are wanted."""
        wants = self.wants()
        speaks = {
            (service.name, found.port): found.protocol
            for service in self.world.services.values()
            for found in service.listeners
        }
        flips = {
            balancer
            for want in wants
            for wanted in want.services
            for protocol, port in wanted.listens
            if speaks.get((wanted.name, port), protocol) != protocol
            for balancer in wanted.load_balancers
        }
        keeps_out = self.world.network.keeps_out
        kept_out = {one.name for one in self.world.services.values() if keeps_out(TEAM, one.name)}
        self.segments.append(Segment(wants, flips, kept_out))
        self.moment(why)
        self.names_asked(wants)

    def wants(self) -> list[Desired]:
        """What is asked for now, by world."""
        return [world.wanted() for world in self.worlds]

    def moment(self, why: str) -> None:
        self.called |= {service.domain: service.name for service in self.world.services.values()}
        self.networks |= {service.domain: service.mark for service in self.world.services.values()}
        self.quiet(why)
        if self.segments:
            self.segments[-1].moments.append(Moment(self.requests(), led_to(self.world), why))

    def names_asked(self, wants: list[Desired]) -> None:
        asked = {name for want in wants for name in want.named.values()}
        answering = {
            service.name: service
            for service in self.world.services.values()
            if served(self.world, service) and on_network(service)
        }
        for name, known in self.names.items():
            if any(name in names for names in self._asked_elsewhere(known, wants)):
                known.free = True
            if name in asked:
                known.gap = max(known.gap, self.now - known.asked)
                known.asked = self.now
        for name, service in answering.items():
            known = self.names.get(name)
            if known is None:
                self.names[name] = Name(service.domain, self.now)
            elif known.domain != service.domain:
                known.free = known.free or self.networks[known.domain] != service.mark
                away = max(known.gap, self.now - known.asked)
                if away < self.history.quiet + self.history.keep and not known.free:
                    self.problems.append(f"service {name} was {known.domain} and is {service.domain}")
                self.names[name] = Name(service.domain, self.now)
        for name in set(answering) & asked:
            self.names[name].gap = 0.0

    def _asked_elsewhere(self, known: Name, wants: list[Desired]) -> list[frozenset[str]]:
        """What is asked for in the other network than that of the service: there, its name has to be free."""
        return [
            names
            for world, want in zip(self.worlds, wants, strict=True)
            if world.network.name == self.networks[known.domain]
            for names in want.theirs.values()
        ]

    def requests(self) -> dict[Request, float]:
        return requests(self.world) | of_theirs(self.world)

    def judge(self) -> None:
        """At rest: what worked at the beginning of a segment, is wanted in it, and works now, worked all the while."""
        after, reach = self.requests(), led_to(self.world)
        services = self.world.services.values()
        domains = {host: one.name for one in services for host in (one.domain, one.custom_domain) if host}
        domains |= {by_record(one): one.name for one in services if one.custom_domain}
        for segment in self.segments:
            first = segment.moments[0]
            for request, share in first.requests.items():
                if request not in after or not self._wanted(segment, request, domains):
                    continue
                least = min(share, after[request])
                for moment in segment.moments:
                    if moment.requests.get(request, 0.0) < least - EPSILON:
                        self.problems.append(f"request {request} fails after {moment.why}")
                        break
            # Who is there and cannot be read goes on, whatever is asked for meanwhile.
            for found in first.reached.keys() & (first.reached.keys() if self.hidden else reach.keys()):
                if (
                    not self._asks(segment, found)
                    or {self.called[it] for it in first.reached[found]} <= segment.kept_out
                ):
                    continue
                lost = next((moment for moment in segment.moments if found not in moment.reached), None)
                if lost is not None:
                    self.problems.append(f"{found.split('/')[-2]} is not reached after {lost.why}")
        self.segments = []

    def _held(self, key: str) -> bool:
        return any(key in want.kept_out for segment in self.segments for want in segment.wants)

    def _wanted(self, segment: Segment, request: Request, domains: dict[str, str]) -> bool:
        client, domain, protocol, port, probe = request
        name = domains.get(domain, "")
        own = next((one.arn for one in self.world.existing.values() if one.domain == domain), "")
        if any(own in want.moving for want in segment.wants) or name in segment.kept_out:
            return False
        moving = {key for want in segment.wants for key in want.moving}
        moving |= {found for want in segment.wants for names in want.theirs.values() for found in names}
        if not moving.isdisjoint({client, name}):
            return False
        for want in segment.wants:
            inside = any(
                one.vpc == client
                and (
                    one.security_groups
                    or any(rule.from_port <= port <= rule.to_port and holds(rule.source) for rule in one.admits)
                )
                for one in want.clients
            ) or any(refusal.resource == client for refusal in want.refusals)
            if client in want.kept_out or any(want.named.get(key) == name for key in want.kept_out):
                return False
            if any(one.name == name and (_turns_away(one.said) or _takes_nothing(one)) for one in want.services):
                return False
            listens = [one.listens for one in want.services if one.name == name]
            asked = (protocol, port) in listens[0] if listens else name in want.named.values()
            asked |= bool(own) and own in {one.arn for one in want.existing} | {one.resource for one in want.refusals}
            if any(one.name == name and not _is_taken(one, probe) for one in want.services):
                return False
            silent = {one.name for one in want.services if not one.said.asks_records}
            if domain.endswith(" in DNS") and name in silent:
                return False
            reached = segment.moments[0].reached
            asked |= not listens and any(domain in reached.get(one.resource, ()) for one in want.refusals)
            if inside and asked:
                return True
        return False

    def note(self, world: World, seen: Observation) -> None:
        """A look is taken: what is there and is asked for no more is seen so from now on."""
        want = desired(world.network, seen)
        asked = {one.name for one in want.services} | set(want.named.values())
        asked |= {one.vpc for one in want.clients} | {refusal.resource for refusal in want.refusals}
        # Infra takes it off at once; where a sibling waits for the name or the VPC, nobody else does.
        hurried = set(want.kept_out) | {want.named[one] for one in want.kept_out if one in want.named}
        hurried |= set(want.moving) | {name for names in want.theirs.values() for name in names}
        mark = world.network.name
        there = {one.name for one in self.world.services.values() if one.mark == mark}
        there |= {one.vpc for one in self.world.vpc_associations.values() if one.mark == mark}
        there |= theirs.ours(world)
        keeps_out = world.network.keeps_out
        hurried |= {key for key in there if keeps_out(TEAM, key)}
        hurried |= {one.arn for one in self.world.existing.values() if keeps_out(TEAM, one.name)}
        asked |= {one.arn for one in want.existing}
        for key in there:
            if key in asked:
                self.unwanted.pop(key, None)
            else:
                self.unwanted.setdefault(key, self.now)
            (self.hurried.add if key in hurried else self.hurried.discard)(key)

    def _serving(self, world: World) -> set[str]:
        """Names of this network's services, and VPCs, that are on it."""
        mark = world.network.name
        services = {
            one.name
            for one in self.world.services.values()
            if (one.mark == mark or one.arn in self.world.let_go) and on_network(one)
        }
        of = self.world
        clients = [one for one in of.vpc_associations.values() if one.mark == mark or one.arn in of.let_go]
        return services | {one.vpc for one in clients if one.status in SERVES} | theirs.on_by_us(world)

    def quiet(self, why: str) -> None:
        """What nobody asks for any more goes on for the quiet time."""
        serving = {key for world in self.worlds for key in self._serving(world)}
        for key in sorted(self.unwanted.keys() & self.joined - serving):
            since = self.unwanted.pop(key)
            if key not in self.hurried and self.now - since < self.history.quiet:
                self.problems.append(f"{key} leaves {self.now - since} s after its tag, after {why}")
        self.joined = serving

    def _moved(self, world: World, segment: Segment, found: str) -> bool:
        """Was it behind a service of the sibling's, which has to let the name go first?"""
        before = segment.moments[0].reached.get(found, set()) - self.domains_of(world)
        wanted = {name for want in segment.wants for names in want.theirs.values() for name in names}
        return any(self.called[domain] in wanted for domain in before)

    def domains_of(self, world: World) -> set[str]:
        """Every domain that a service of this network has had."""
        return {domain for domain, network in self.networks.items() if network == world.network.name}

    def _asks(self, segment: Segment, found: str) -> bool:
        """Does it ask for requests to a service here, and is nothing in the way that docs/exceptions.md lists?"""
        for world, want in zip(self.worlds, segment.wants, strict=True):
            idle = {one.load_balancer for service in want.services for one in service.backends if one.weight == 0}
            if found in want.named and found not in segment.flips | idle:
                return not self._held(found) and not self._moved(world, segment, found)
        return False

    # --- acts

    def act(self, act: Act) -> None:
        name, *given = act
        getattr(self, f"do_{name}")(*given)

    def _balancer(self, name: str) -> LoadBalancer | None:
        return next((one for one in self.world.load_balancers.values() if one.name == name), None)

    def _put(self, thing: LoadBalancer) -> None:
        self.world.load_balancers[thing.arn] = thing

    def do_create(self, name: str, ports: tuple[str, ...], given: dict[str, str], state: str) -> None:
        """In the create call with its tags; its listeners come with it, or later."""
        if self._balancer(name) is not None:
            return
        number = self.made[name] = self.made.get(name, 0) + 1
        plain = balancer(name, *(ports or ("HTTP:80",)), tags=prefixed(given), state=state)
        listeners = plain.listeners if ports else ()
        self._put(replace(plain, arn=f"{plain.arn}-{number}", listeners=listeners))

    def do_ready(self, name: str, ports: tuple[str, ...]) -> None:
        there = self._balancer(name)
        if there is not None:
            listeners = balancer(name, *ports).listeners
            self._put(replace(there, state="active", listeners=listeners))

    def do_show(self, name: str, port: int, *names: str) -> None:
        """The listener shows certificates for these names alone."""
        self.world.shown[name, port] = names

    def do_destroy(self, name: str) -> None:
        there = self._balancer(name)
        if there is not None:
            del self.world.load_balancers[there.arn]

    def do_retag(self, name: str, given: dict[str, str]) -> None:
        there = self._balancer(name)
        if there is not None:
            answers = {key: value for key, value in there.tags.items() if key in tags.STATUS_KEYS}
            self._put(replace(there, tags={**answers, **prefixed(given)}))

    def do_set(self, name: str, key: str, value: str | None) -> None:
        """One tag of the load balancer is changed or taken off, and the others stay."""
        there = self._balancer(name)
        if there is not None:
            others = {tag: text for tag, text in there.tags.items() if tag not in prefixed({key: ""})}
            self._put(replace(there, tags={**others, **prefixed({} if value is None else {key: value})}))

    def do_deregister(self, name: str, into: str) -> None:
        """Somebody takes the load balancer out of our target groups."""
        there = self._balancer(name)
        for key, group in self.world.groups.items() if there else ():
            if group.owned and group.status == "ACTIVE":
                left = tuple(replace(to, status=into) if there and to.id == there.arn else to for to in group.targets)
                self.world.groups[key] = replace(group, targets=left)

    def do_shift(self, *shares: int) -> None:
        """Somebody, or a tool, sets the shares of every action of ours that sends to several."""
        for key, service in self.world.services.items():
            shifted = tuple(
                replace(
                    found,
                    forwards=_shared(found.forwards, shares),
                    found_rules=tuple(
                        replace(rule, forwards=_shared(rule.forwards, shares)) for rule in found.own_rules
                    ),
                )
                for found in service.listeners
            )
            self.world.services[key] = replace(service, listeners=shifted)

    def do_occupy(self, name: str, number: int) -> None:
        """Somebody puts the load balancer into target groups of their own."""
        there = self._balancer(name)
        groups = [one for one in self.world.groups.values() if there and any(to.id == there.arn for to in one.targets)]
        if there is not None and len(groups) < 2:
            key = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:targetgroup/theirs-{name}-{number}"
            target = Target(id=there.arn, port=80, status="UNAVAILABLE")
            self.world.groups[key] = TargetGroup(
                arn=key, name=f"theirs-{name}-{number}", status="ACTIVE", owned=False, targets=(target,)
            )

    def do_vacate(self, name: str) -> None:
        for key in [key for key in self.world.groups if f"/theirs-{name}-" in key]:
            del self.world.groups[key]

    def do_by_hand(self, name: str, service: str, given: dict[str, str] | None = None) -> None:
        """Somebody makes by hand what the load balancer would ask for with these tags, and hands all of it over."""
        hands.make(self.world, {name: given or {"network": "net", "service": service, "listen": "HTTP:80"}})

    def do_join_by_hand(self, name: str, given: dict[str, str]) -> None:
        hands.join(self.world, name, given)

    def do_take_back(self, what: str) -> None:
        hands.take_back(self.world, what)

    def do_hand_over(self) -> None:
        hands.hand_over(self.world)

    def do_theirs(self, name: str, given: dict[str, str], listens: bool, domain: str) -> None:
        theirs.put(self.world, name, given, listens=listens, domain=domain)

    def do_theirs_join(self, name: str, handed: bool) -> None:
        theirs.join(self.world, name, handed=handed)

    def do_theirs_part(self, name: str) -> None:
        there = theirs.found(self.world, name)
        theirs.part(self.world, name)
        self.joined.discard(there.arn if there else "")

    def do_theirs_take_back(self, name: str) -> None:
        theirs.take_back(self.world, name)

    def do_theirs_delete(self, name: str) -> None:
        theirs.delete(self.world, name)

    def do_vpc(self, name: str, given: dict[str, str]) -> None:
        there = self.world.vpcs.get(name)
        answers = {key: value for key, value in there.tags.items() if key in tags.STATUS_KEYS} if there else {}
        self.world.vpcs[name] = replace(vpc(name), tags={**answers, **prefixed(given)}, cidrs=("10.1.0.0/20",))

    def do_hold(self, *what: str) -> None:
        """Infra keeps these off the network; none: nobody any more."""
        self.world.network = replace(self.world.network, kept_out=frozenset(what))

    def do_records(self, whose: Literal["tags", "domains"]) -> None:
        """Infra has records made for these domains."""
        self.world.network = replace(self.world.network, records=whose)

    def do_lose(self, *what: str) -> None:
        """What tags name is taken away by somebody; what was missing before is there again."""
        for world in self.worlds:
            world.lost = frozenset(what)

    def do_offer(self, *zones: str) -> None:
        """Other private hosted zones hold records of services now."""
        offered = frozenset(one for one in PRIVATE if one.id in zones)
        self.world.offered = Offer(1, 0, offered).spelled()

    def do_deny(self, *kinds: str) -> None:
        """Somebody denies what these steps ask for; none: nothing any more."""
        self.denied = frozenset(kinds)

    def do_shut(self, shut: bool) -> None:
        """The account leaves the organisation, or its member stack goes: nobody can enter it; or it is back."""
        self.shut = shut
        self.denied = ALL if shut else frozenset()

    def do_hide(self, *kinds: str) -> None:
        """Somebody denies that these be read; none: nothing any more."""
        self.hidden = frozenset(kinds)

    def do_kill(self, after: int) -> None:
        """The runs end after so many more steps, without a report, and others take their place."""
        self.killed = after

    def do_renew(self, name: str) -> None:
        """The VPC is deleted, and another one of its name made with the same tags."""
        there = self.world.vpcs.pop(name, None)
        for world in self.worlds if there else ():
            world.within.pop(name, None)
        if there is not None:
            self.made[name] = self.made.get(name, 0) + 1
            given = {key: value for key, value in there.tags.items() if key not in tags.STATUS_KEYS}
            anew = f"{name.rstrip('+')}{'+' * self.made[name]}"
            self.world.vpcs[anew] = replace(there, id=anew, tags=given)

    def do_wait(self, seconds: int) -> None:
        self.pass_time(seconds)

    def do_ring(self, *meanwhile: tuple[int, Act]) -> None:
        """Both stacks run until nothing is left to do; `meanwhile`: after so many rounds, somebody does this."""
        runs = {id(world): begun(world) for world in self.worlds}
        waiting = list(meanwhile)
        resting = self.resting = set[int]()
        owed: set[int] = set()
        for number in range(ROUNDS):
            for due in [one for one in waiting if one[0] <= number]:
                waiting.remove(due)
                self.act(due[1])
                self.begin(f"{due[1]}")
                for world in self.worlds:
                    if id(world) in resting:
                        runs[id(world)] = begun(world)
                        resting.discard(id(world))
                    else:
                        owed.add(id(world))
            seconds = 0
            for world in self.worlds:
                if id(world) not in resting:
                    runs[id(world)], wait = self._round(world, runs[id(world)], resting, owed)
                    seconds = max(seconds, wait)
            if len(resting) == len(self.worlds):
                self.domains_told()
                if not waiting:
                    break
                waiting = [(0, act) for _, act in waiting]
                continue
            self.pass_time(seconds + 1)
            if self.chance.random() < 0.8:
                self.world.settle()
                for world in self.worlds[1:]:
                    world.settle_share()
            self.moment("time passed")
        else:
            self.problems.append(f"no end after {ROUNDS} rounds")
        self.judge()

    def _round(self, world: World, carried: Run, resting: set[int], owed: set[int]) -> tuple[Run, int]:
        """One round of a run; `owed`: those that somebody rang since it began, whom the next run looks at."""
        if self.shut:
            self.denied, self.faulted = ALL, True
            carried = blind(learn(carried), Refused("access-denied", "no role lets us in"), world.now)
            world.memory = report(world.network, carried).memory
            owed.discard(id(world))
            resting.add(id(world))
            return carried, 0
        seen = world.observe()
        self.note(world, seen)
        if self.hidden:
            seen, self.faulted = hidden.hiding(world.network, seen, self.hidden), True
        carried = learn(carried)
        found = shown.findings(world, seen, carried) if world.shown else world.findings(seen)
        carried = look(world.network, seen, carried, observed_at=world.now, findings=found)
        planned = carried.plan
        assert planned is not None
        self.verdicts |= {one.status for one in planned.services} | {one.status for one in planned.clients}
        outcomes = []
        for batch in planned.batches:
            ended: list[Outcome] = []
            for step in batch.steps:
                if self._dies():
                    return begun(world), 0
                ready = {one.key for one in ended if one.stands}
                if needs(step) and needs(step) not in ready:
                    ended.append(
                        Outcome(kind=step.kind, account=step.account, name=step.name, because="", status="not_yet")
                    )
                else:
                    ended.append(done(world, step))
            outcomes.append(tuple(ended))
        if planned.next in {"finish", "done"}:
            carried = replace(carried, finished=tuple(outcomes))
            world.reports = [report(world.network, carried)]
            world.memory = world.reports[-1].memory
            if id(world) in owed or world.reports[-1].unfinished:
                owed.discard(id(world))
                return begun(world), 0
            resting.add(id(world))
            self.at_rest(world)
            return carried, 0
        return replace(carried, outcomes=tuple(outcomes)), planned.wait_seconds

    def _dies(self) -> bool:
        """Does the run end here, whatever it was about to do?"""
        if self.killed:
            self.killed -= 1
        elif self.killed == 0:
            self.killed, self.faulted = None, True
            return True
        return False

    # --- at rest

    def at_rest(self, world: World) -> None:
        """What the answers and the inventory say is what the data plane does."""
        reach = reached(world)
        ours = {
            service.domain: service
            for service in world.services.values()
            if service.mark == world.network.name and world.network.arn in on_network(service)
        }
        answering = {domain for domain, service in ours.items() if served(world, service)}
        seen = world.observe()
        self._answers(world, seen, reach, answering)
        inside = {
            one.vpc
            for one in world.vpc_associations.values()
            if one.network == world.network.arn and one.status in SERVES
        }
        for key, client in world.vpcs.items():
            if moves_to(world.network, client) or key in seen.elsewhere:  # the sibling answers there
                continue
            if world.answers(key).get("status") == "connected" and key not in inside:
                self.tells(f"{key} is told connected")
        told = {state.domain for state in world.memory.services if state.answers}
        asking = theirs.asking(world, seen)
        answering |= theirs.answering(world, asking)
        for what in theirs.untold(world, seen, asking):
            self.tells(what)
        if told != answering:
            self.tells(f"the inventory has {sorted(told)}, and {sorted(answering)} answer")
        told = {state.vpc for state in world.memory.clients if state.answers}
        own = {
            one.vpc for one in world.vpc_associations.values() if one.mark == world.network.name and one.vpc in inside
        }
        if told != own:
            self.tells(f"the inventory has clients {sorted(told)}, and {sorted(own)} are joined")

    def _by_tool(self, world: World, domain: str) -> bool:
        """Does a tool say what share each behind this domain has?"""
        behind = [one for arn, one in world.load_balancers.items() if world.answers(arn).get("domain") == domain]
        return any(one.tags.get("lattice:weight") == "theirs" for one in behind)

    def _answers(self, world: World, seen: Observation, reach: dict[str, set[str]], answering: set[str]) -> None:
        for arn, there in world.load_balancers.items():
            if moves_to(world.network, there) or arn in seen.elsewhere:  # the sibling answers there
                continue
            said = world.answers(arn)
            domain = said.get("domain", "")
            # By a sibling's service who moved answers until that is off its network, and whoever asks for neither.
            stays = "ClearStatus" in self.denied  # nobody may take it off
            # A sibling's run that goes on takes off what is its own and answers no more: that is asked of all at rest.
            true = answering | reach.get(arn, set()) | self._answering() | self._still_at_work()
            if said and domain and not stays and domain not in true:
                self.tells(f"{there.name} is told {said}, and {domain} does not answer")
            if said.get("status") == "connecting" and there.state == "active":
                self.tells(f"{there.name} is told {said}, and nothing is on its way")
            mute = "WriteStatus" in self.denied
            if said.get("status") == "connected" and not domain and not mute:
                self.tells(f"{there.name} is told {said}, without a domain")
            if said and not domain and not mute and reach.get(arn, set()) & answering:
                self.tells(f"{there.name} is told {said}, and answers under {reach[arn]}")
            if (
                said.get("status") == "connected"
                and (domain or not mute)
                and there.tags.get("lattice:weight") != "0"
                and not self._by_tool(world, domain)
                and domain not in reach.get(arn, set())
            ):
                self.tells(f"{there.name} is told {said}, and is not reached")

    def _still_at_work(self) -> set[str]:
        """The domains of services of the stacks whose runs go on."""
        marks = {world.network.name for world in self.worlds if id(world) not in self.resting}
        return {one.domain for one in self.world.services.values() if one.mark in marks}

    def _answering(self) -> set[str]:
        """The domains by which services of either stack answer."""
        services = [one for one in self.world.services.values() if one.owned]
        return {one.domain for one in services if on_network(one) and served(self.world, one)}

    def domains_told(self) -> None:
        """Where all stacks rest: whatever a load balancer is told, it has the domain by which one's service answers."""
        reach = reached(self.world)
        answering = self._answering()
        for arn, there in self.world.load_balancers.items():
            said = self.world.answers(arn)
            if "domain" in said and "ClearStatus" not in self.denied and said["domain"] not in answering:
                self.tells(f"{there.name} is told {said} by all, and {said['domain']} does not answer")
            if "associated-by-others" in said.get("message", ""):
                continue  # it is told to be off this network: where somebody else has it, it may answer
            if said and "domain" not in said and "WriteStatus" not in self.denied and reach.get(arn, set()) & answering:
                self.tells(f"{there.name} is told {said} by all, and answers under {reach[arn]}")

    def tells(self, what: str) -> None:
        # What a mishap or a slow answer has left is told at the next look; a status that was refused to be written is
        # told to infra instead.
        if not self.faulted:
            self.problems.append(f"at rest, {what}")

    def play(self) -> list[str]:
        """All of it, then two sweeps without mishaps: what must not have been."""
        for act in self.history.acts:
            if act[0] not in {"ring", "wait"}:
                self.act(act)
                if not self.segments:
                    self.begin(f"{act}")
                else:
                    self.segments = []
                    self.begin(f"{act}")
            else:
                if not self.segments:
                    self.begin(f"{act}")
                self.act(act)
            if self.problems:
                return self.problems
        self.history = replace_mishap(self.history)
        self.denied, self.hidden, self.shut, self.killed = frozenset(), frozenset(), False, None
        for _ in range(2):
            self.begin("sweep")
            self.act(("ring",))
            self.faulted = False
        self.settled()
        return self.problems

    def settled(self) -> None:
        """In the end every wish is met, refused, or told as unreachable."""
        for world in self.worlds:
            for state in (*world.memory.services, *world.memory.clients):
                if any(one.state == "provisioning" for one in world.load_balancers.values()):
                    continue
                held = state.status == "held" and world.network.kept_out
                # The service that goes on tells what its load balancer waits for, by another one's name.
                awaited = {state.name} if isinstance(state, ServiceState) else set[str]()
                awaited |= set(re.findall(r"service ([a-z0-9-]+)", state.message))
                still = any(self._still_asked_of_a_sibling(world, name) for name in awaited)
                held = held or (state.status == "waiting" and still)
                held = held or state.message.startswith("associated-by-others")
                held = held or self._refused_there(world, state)
                if not held and state.status not in {"connected", "refused", "unreachable", "kept"}:
                    self.problems.append(f"in the end, {state} of {world.network.name}")
            want = world.wanted()
            wanted = {one.name for one in want.services}
            there = {state.name for state in world.memory.services if state.status != "kept"}
            refused = {refusal.resource for refusal in world.memory.refusals}
            there |= {state.arn for state in world.memory.services}
            for own in want.existing:
                if own.arn not in there | refused:
                    self.problems.append(f"in the end, nothing is said of {own.name}")
            for one in want.services:
                if one.name not in there and not refused & set(one.load_balancers):
                    self.problems.append(f"in the end, nothing is said of {one.name} of {wanted}")

            left = world.memory.zones.keys() - {state.vpc for state in world.memory.clients}
            self.problems += [f"in the end, {vpc} is in zones and no client" for vpc in sorted(left)]

        gone = {one.vpc for one in self.world.vpc_associations.values() if one.owned} - self.world.vpcs.keys()
        self.problems += [f"in the end, {vpc} is joined and deleted" for vpc in sorted(gone)]
        leads = {service.domain for service in self.world.services.values() if on_network(service)}
        marks = [one for there in self.world.zones.values() for one in there if one != FOREIGN]
        lost = sorted({one.to for one in marks if one.to} - leads)
        asked = {one.custom_domain for one in self.world.services.values() if on_network(one)}
        stray = sorted(
            {one.name for one in marks if one.type == "TXT"} - {names.ownership(one) for one in asked if one}
        )
        # Who asks for the domain, and is not there yet, may have them.
        coming = any(one.state == "provisioning" for one in self.world.load_balancers.values())
        if (lost or stray) and not coming:
            self.problems.append(f"in the end, records {stray} lead to {lost}, which is on no network")

    def _refused_there(self, world: World, state: ServiceState | ClientState) -> bool:
        """Does it stay since what it sends to moves, and the sibling's network refuses that, or infra keeps it out
        there, or it waits there for a name that a refused wish keeps here? Also when nothing answers there for now: its
        load balancer may listen there again.
        """
        if "answers in network" not in state.message and "waits for it" not in state.message:
            return False
        other = [sibling for sibling in self.worlds if sibling is not world]
        refused = {one.resource for sibling in other for one in sibling.memory.refusals}
        refused |= {one for sibling in other for one in sibling.wanted().kept_out}
        refused |= {one for one in self.world.load_balancers if world.answers(one).get("status") == "unreachable"}
        refused |= {
            one
            for sibling in other
            for there in sibling.memory.services
            if there.status == "waiting" and self._still_asked_of_a_sibling(sibling, there.name)
            for one in there.load_balancers
        }
        return not refused.isdisjoint(state.load_balancers if isinstance(state, ServiceState) else {state.vpc})

    def _still_asked_of_a_sibling(self, world: World, name: str) -> bool:
        """A refused wish keeps what it has: the sibling's service stays while a load balancer with such a wish does; so
        it does for one that moves and is refused where it goes, which is asked of that.
        """
        return any(
            state.name == name
            and state.status != "kept"
            and (sibling.memory.refusals or "answers in network" in state.message)
            for sibling in self.worlds
            if sibling is not world
            for state in sibling.memory.services
        )


def _shared(has: tuple[Forward, ...], shares: tuple[int, ...]) -> tuple[Forward, ...]:
    return tuple(replace(to, weight=share) for to, share in zip(has, shares, strict=False)) + has[len(shares) :]


def _takes_nothing(wanted: WantedService) -> bool:
    """Does it ask for no requests, or for none of those that one of its rules takes?"""
    takes = [[backend.weight for backend in wanted.backends if backend.takes(match)] for match in (*wanted.rules, None)]
    return any(weights and not any(weights) for weights in takes)


def _is_taken(wanted: WantedService, probe: Probe) -> bool:
    return wanted.has_default or any(matches(match, probe) for match in wanted.rules)


def _turns_away(said: Said) -> bool:
    return bool(said.policy) or bool(said.parameter and said.parameter != "/lattice-onramp/open")


def prefixed(given: dict[str, str]) -> dict[str, str]:
    return {f"lattice:{key}": value for key, value in given.items()}


def replace_mishap(history: History) -> History:
    return History(
        seed=history.seed,
        acts=history.acts,
        sharing=history.sharing,
        slow=history.slow,
        quiet=history.quiet,
        keep=history.keep,
    )


# --- making histories

NAMES = ("alb-a", "alb-b", "alb-c")
PORTS: tuple[tuple[str, ...], ...] = (
    ("HTTP:80",),
    ("HTTP:80",),
    ("HTTP:8080", "HTTP:8081"),
    ("HTTP:80", "HTTPS:443"),
    ("HTTP:80", "HTTPS:443", "HTTPS:8443"),
    ("HTTP:80", "HTTP:8080"),
    (),
)


LISTENS = ("HTTP:80", "HTTP:80 HTTP:81", "HTTPS:443 HTTP:80", "HTTPS:443", PASSTHROUGH)
OTHERS = (
    "HTTP:81",
    "HTTP:80 HTTP:82",
    "HTTP:82 HTTP:83",
    "HTTPS:80",
    "HTTP:80",
    "SMTP:25",
    *(PASSTHROUGH, f"{PASSTHROUGH}:81") * 2,
)


def wishes(chance: random.Random, listen: str) -> dict[str, str]:
    """The tags of a load balancer, which mostly listens as the others do; some have an error, some are none."""
    if chance.random() < 0.12:
        return {}
    given = {"network": "sibling" if chance.random() < 0.06 else "net"}
    if chance.random() < 0.03:
        given = {"network": "nett"}
    if chance.random() < 0.85:
        given["service"] = chance.choice(("shop", "shop", "shop", "bank", "shop", "bank", "No Good"))
    given["listen"] = listen if chance.random() < 0.75 else chance.choice(OTHERS)
    if chance.random() < 0.5:
        given["target"] = chance.choice(("HTTP:80", "HTTP:8080", "HTTP:8081"))
    if chance.random() < 0.25:
        given["weight"] = chance.choice(("0", "1", "50", "200", "theirs", "theirs", "much"))
    if chance.random() < 0.25:
        given |= some_rules(chance)
    if chance.random() < 0.15:
        given["idle-timeout"] = chance.choice(("60", "120", "120", "600", "5"))
    if chance.random() < 0.15:
        given["log"] = chance.choice(("/orders", "/orders", "/orders/2", "/orders/3", "a b"))
    if chance.random() < 0.2:
        given["auth-policy"] = chance.choice(
            ("/lattice-onramp/open",) * 5 + ("/lattice-onramp/shut", "/lattice-onramp/wrong", "/orders")
        )
    elif chance.random() < 0.1:
        given["auth"] = chance.choice(("none", "iam", "vpcs vpc-0123abcd", "accounts 222222222222", "everybody"))
    if chance.random() < 0.03:
        given["colour"] = "red"
    return passing(chance, given | own_domain(chance))


def passing(chance: random.Random, given: dict[str, str]) -> dict[str, str]:
    """What goes together, mostly, where TLS is to pass through."""
    if not given["listen"].startswith(PASSTHROUGH) or chance.random() < 0.2:
        return given
    left = {key: given[key] for key in ("network", "service", "listen", "weight", "log") if key in given}
    target = {"target": chance.choice(("HTTPS:443", "HTTPS:8443"))} if chance.random() < 0.3 else {}
    return {**left, "domain": chance.choice(DOMAINS[:2]), **target}


RULES = {
    "path-prefix": ("/api", "/api", "/api /v2", "/", "api"),
    "path": ("/v2", "/api/x", "/v2 /api", ""),
    "method": ("GET", "POST", "GET PUT"),
    "header": ("x-version=beta", "x-version"),
    "priority": ("7", "7", "8", "9", "300"),
}
"""Tags of rules, some of which are none."""


def some_rules(chance: random.Random) -> dict[str, str]:
    keys = chance.choice(
        (("path-prefix",), ("path",), ("method",), *[("path-prefix", "priority")] * 2, ("path", "method"))
    )
    return {key: chance.choice(RULES[key]) for key in keys}


def own_domain(chance: random.Random) -> dict[str, str]:
    if chance.random() < 0.85:
        return {}
    given = {"domain": chance.choice(DOMAINS)}
    if chance.random() < 0.3:
        given["certificate"] = chance.choice(("11111111", "22222222", "33333333", "mine"))
    if chance.random() < 0.4:
        given["zone"] = chance.choice(("ZSHOP", "ZSHOP", "ZROOT", "auto", "ZELSE", "ZNONE", "shop"))
    return given


DOMAINS = (
    *("api.shop.example.jp", "web.shop.example.jp") * 3,
    "taken.shop.example.jp",
    "api.example.jp",
    "*.example.jp",
)
"""Two with a certificate, one that another account has, one without a certificate, and one that is none."""

VALUES = {
    "domain": (*DOMAINS, None, None),
    "certificate": ("11111111", "22222222", "22222222", "33333333", None),
    "zone": ("ZSHOP", "ZSHOP", "ZROOT", "auto", "ZTWIN", "none", None),
    "network": ("net", "net", "sibling", None),
    "service": ("shop", "bank", None),
    "target": ("HTTP:80", "HTTP:8080", "HTTP:8081", "HTTPS:443", None),
    "weight": ("0", "1", "200", "theirs", "theirs", None),
    "idle-timeout": ("60", "120", "600", None),
    "log": ("/orders", "/orders/2", "/orders/2", "/orders/3", None),
    "auth": ("none", "iam", "accounts 222222222222", None),
    "auth-policy": ("/lattice-onramp/open", "/lattice-onramp/shut", "/lattice-onramp/wrong", None),
    **{key: (*values, None, None) for key, values in RULES.items()},
}


def another_value(chance: random.Random, listen: str) -> tuple[str, str | None]:
    """One tag and what it is changed to, None to take it off."""
    key = chance.choice(("listen", "log", "log", "domain", "certificate", "certificate", "zone", *VALUES))
    return key, chance.choice(VALUES.get(key, (listen, *OTHERS)))


ALLOWED = (
    "10.1.3.4/32",
    "10.1.0.0/16",
    "10.9.0.0/16",
    "everywhere",
    "fd00::/8,10.1.3.4/32",
    "pl-0123abcd",
    "pl-0123abcd 10.1.3.4/32 sg-0123abcd",
    "pl-9999abcd",
)
"""Who may call: a prefix list that is not there is among them, and a group in which the caller is not."""


def client_wishes(chance: random.Random) -> dict[str, str]:
    if chance.random() < 0.15:
        return {}
    given = {"network": "sibling" if chance.random() < 0.1 else "net"}
    if chance.random() < 0.4:
        given["allow-from"] = chance.choice(ALLOWED)
    if chance.random() < 0.4:
        given["ports"] = chance.choice(("80 81 443", "80", "81 82 83", "80-443"))
    if chance.random() < 0.2:
        given["security-groups"] = chance.choice(("sg-0123abcd", "sg-0123abcd sg-4567abcd", "web"))
    return given


KINDS = (
    ("create", "ready", "retag", "vpc") * 2
    + ("retag", "set", "set", "destroy", "strip", "deregister", "occupy")
    + ("vacate", "listeners", "hold", "lose", "shift")
)


def some_act(chance: random.Random, listen: str) -> Act:
    """Something that somebody does."""
    name = chance.choice(NAMES)
    kind = chance.choice(KINDS)
    match kind:
        case "create":
            state = chance.choice(("active", "active", "provisioning"))
            return ("create", name, chance.choice(PORTS), wishes(chance, listen), state)
        case "ready" | "listeners":
            return ("ready", name, chance.choice(PORTS[:-1]))
        case "destroy" | "vacate":
            return (kind, name)
        case "retag":
            return ("retag", name, wishes(chance, listen))
        case "set":
            return ("set", name, *another_value(chance, listen))
        case "strip":
            return ("retag", name, {})
        case "deregister":
            return ("deregister", name, "DRAINING")
        case "occupy":
            return ("occupy", name, chance.choice((1, 2)))
        case "lose":
            return ("lose", *chance.choice(((), ("/orders",), ("/lattice-onramp/open",), ("/orders", "/orders/2"))))
        case "shift":
            return ("shift", *chance.choice(((90, 10), (10, 90), (100, 1), (1, 0, 99))))
        case "hold":
            return ("hold", *chance.choice(((), (), ("shop",), (f"{TEAM}/bank",), (TEAM,))))
        case _:
            return ("vpc", chance.choice(("vpc-1", "vpc-2")), client_wishes(chance))


def of_this_eighth(seed: int, acts: list[Act]) -> list[Act]:
    """The same, with what only some histories have."""
    match seed % 8:
        case 3:
            chance = random.Random(f"{seed} by hand")  # noqa: S311  the same again is what is wanted
            return hands.beside(chance, acts, NAMES, some_rules)
        case 1:
            return with_private_zones(random.Random(f"{seed} private"), acts)  # noqa: S311  as above
        case 5:
            return theirs.beside(random.Random(f"{seed} theirs"), acts)  # noqa: S311  as above
        case 2 | 6:
            return on_a_bad_day(random.Random(f"{seed} denied"), acts)  # noqa: S311  as above
        case 7:
            return with_records(acts, until_the_end=seed % 16 == 15)
        case 0 | 4 if PASSTHROUGH in f"{acts}":
            return with_certificates(random.Random(f"{seed} certificates"), acts)  # noqa: S311  as above
    return acts


def with_certificates(chance: random.Random, acts: list[Act]) -> list[Act]:
    """The same, where TLS passes through to more, and listeners show certificates that are not for every domain."""
    found = list(acts)
    for _ in range(chance.randint(2, 6)):
        at, name = chance.randint(0, len(found)), chance.choice(NAMES)
        tags = {"network": "net", "domain": chance.choice((API, WEB)), "listen": PASSTHROUGH}
        tags |= {"target": chance.choice(("HTTPS:443", "HTTPS:443", "HTTPS:443", "HTTPS:8443"))}
        match chance.choice(("show", "show", "create", "retag")):
            case "show":
                act: Act = ("show", name, chance.choice((443, 443, 443, 8443)), *chance.choice(SHOWN))
            case "create":
                act = ("create", name, ("HTTP:80", "HTTPS:443", "HTTPS:8443"), tags, "active")
            case _:
                act = ("retag", name, tags)
        # Nothing rings where another certificate is shown: a sweep sees it.
        found[at:at] = [("ring",), act, ("ring",)] if act[0] == "show" else [act, ("ring",)]
    return found


API, WEB = "api.shop.example.jp", "web.shop.example.jp"
SHOWN: tuple[tuple[str, ...], ...] = ((API,), (API,), (WEB,), (WEB,), (API, WEB), ("*.shop.example.jp",), (), ())
"""The names in the certificates of a listener; none of them: somebody else's."""


def with_private_zones(chance: random.Random, acts: list[Act]) -> list[Act]:
    """The same, where clients are put into private hosted zones, and other ones with time."""
    found: list[Act] = [("offer", "ZSHOP"), *acts]
    for _ in range(chance.randint(1, 2)):
        zones = chance.choice(((), ("ZHOME",), ("ZSHOP", "ZHOME"), ("ZSHOP", "ZTWIN")))
        found[(at := chance.randint(4, len(found))) : at] = [("offer", *zones), ("ring",)]
    return found


def on_a_bad_day(chance: random.Random, acts: list[Act]) -> list[Act]:
    """The same, where some steps are denied for a time, runs are killed, and accounts shut."""
    found = list(acts)
    for _ in range(chance.randint(1, 3)):
        at, ends = sorted(chance.choices(range(3, len(found) + 1), k=2))
        match chance.choice(("answers", "answers", "steps", "steps", "shut", "kill", "kill", "renew", "hide", "hide")):
            case "answers":
                what = chance.choice((("WriteStatus",), ("WriteStatus", "ClearStatus")))
                leaves: list[Act] = [("vpc", "vpc-1", {}), ("ring",)] if what == ("WriteStatus",) else []
                found[ends:ends], found[at:at] = [("deny",), ("ring",)], [("deny", *what), *leaves]
            case "steps":
                what = tuple(chance.sample(sorted(ALL), chance.choice((1, 2, len(ALL)))))
                found[ends:ends], found[at:at] = [("deny",), ("ring",)], [("deny", *what)]
            case "shut":
                meanwhile = ((chance.randint(0, 6), ("shut", True)), (chance.randint(7, 9), ("shut", False)))
                found[at:at] = [("ring", *meanwhile)]
            case "hide":
                what = tuple(chance.sample(hidden.KINDS, chance.choice((1, 1, 2))))
                for place in range(ends, at, -1):
                    found[place:place] = [("wait", 90), ("ring",)] if chance.random() < 0.5 else []
                found[at:at] = [("hide", *what), ("ring",)]
                found.insert(min(ends + 2, len(found)), ("hide",))
            case "kill":
                found[at:at] = [("kill", chance.randint(0, 12)), ("ring",)]
            case _:
                renewed = ("renew", "vpc-1")
                while_it_runs = ("ring", (chance.randint(1, 5), renewed))
                found[at:at] = chance.choice(([renewed, ("ring",)], [while_it_runs]))
    return found


def with_records(acts: list[Act], *, until_the_end: bool) -> list[Act]:
    """The same, where infra has records made for every domain, until it changes its mind."""
    at = len(acts) * 2 // 3
    back: list[Act] = [] if until_the_end else [("records", "tags"), ("ring",)]
    return [("records", "domains"), *acts[:at], *back, *acts[at:]]


def some_history(seed: int) -> History:
    """The history of this seed: an account that serves, and what befalls it."""
    chance = random.Random(seed)  # noqa: S311  the same again is what is wanted
    listen = chance.choice(LISTENS)
    given = {"network": "net", "service": "shop", "listen": listen}
    logged = {"log": "/orders"} if chance.random() < 0.4 else {}
    passes = listen == PASSTHROUGH
    if passes or chance.random() < 0.4:
        given["domain"] = "api.shop.example.jp"
        given |= {"zone": chance.choice(("ZSHOP", "auto"))} if chance.random() < 0.5 else {}
    first = {**given, **logged, "target": "HTTPS:443" if passes else "HTTP:80"}
    acts: list[Act] = [
        ("create", "alb-a", ("HTTP:80", "HTTP:8080", "HTTPS:443"), first, "active"),
        ("vpc", "vpc-1", {"network": "net", "ports": "80 81 443"}),
        ("ring",),
    ]
    if chance.random() < 0.4:
        acts += [("create", "alb-b", ("HTTP:80", "HTTPS:443"), given, "active"), ("ring",)]
    if chance.random() < 0.2:
        acts += [("create", "alb-c", ("HTTP:80",), {**given, **some_rules(chance)}, "active"), ("ring",)]
    if "domain" in given and chance.random() < 0.2:
        acts += [("set", "alb-a", "certificate", "22222222"), ("ring",)]
    elif chance.random() < 0.05:
        acts += [("set", "alb-a", "auth", "iam"), ("ring",), ("set", "alb-a", "auth", None), ("ring",)]
    for _ in range(chance.randint(1, 6)):
        acts += [some_act(chance, listen) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        if chance.random() < 0.4:
            acts.append(("wait", chance.choice((5, 30, 50, 90, 400, 3600, 90000))))
        if chance.random() < 0.8:
            meanwhile = [
                (chance.randint(1, 8), some_act(chance, listen)) for _ in range(chance.choice((0, 0, 0, 1, 2)))
            ]
            acts.append(("ring", *sorted(meanwhile, key=lambda one: one[0])))
    acts = of_this_eighth(seed, acts)
    mishap: tuple[int, Mishap] | None = None
    if chance.random() < 0.7:
        mishap = (chance.randint(1, 60), chance.choice(("refused", "not_yet", "failed", "lost", "breaks")))
    return History(
        seed=seed,
        acts=tuple(acts),
        sharing=chance.choice(("organisation", "invitation")),
        slow=chance.choice((0, 0, 1, 3, -2)),
        quiet=chance.choice((0, 60, 60)),
        keep=chance.choice((0, 86400, 86400)),
        mishap=mishap,
    )


# --- failures


def played(history: History) -> Player:
    """The player after it; an assertion of the model world is a step that AWS would refuse."""
    player = Player(history)
    try:
        player.play()
    except AssertionError as error:
        player.problems.append(f"asserted: {error}")
    return player


def problems(history: History) -> list[str]:
    """What went wrong."""
    return played(history).problems


def told(seed: int) -> str:
    """What went wrong in this seed's history, with the least of it that still goes wrong; '' when nothing did."""
    if not problems(some_history(seed)):
        return ""
    small = shrunk(some_history(seed))
    return f"seed {seed}: {problems(small)}\n{small}"


def shrunk(history: History) -> History:
    """The same failure with as few acts as possible."""
    kind = _kind(problems(history))
    changed = True
    while changed:
        changed = False
        for candidate in _smaller(history):
            found = problems(candidate)
            if found and _kind(found) == kind:
                history, changed = candidate, True
                break
    return history


def _kind(found: list[str]) -> str:
    return " ".join(word for word in found[0].split() if word.isalpha())[:40] if found else ""


def _smaller(history: History) -> list[History]:
    def but(**given: Any) -> History:
        fields = {key: getattr(history, key) for key in ("seed", "acts", "sharing", "slow", "quiet", "keep", "mishap")}
        return History(**{**fields, **given})

    found = [but(acts=history.acts[:place] + history.acts[place + 1 :]) for place in range(len(history.acts))]
    for place, act in enumerate(history.acts):
        if act[0] == "ring":
            for number in range(1, len(act)):
                less = (*act[:number], *act[number + 1 :])
                found.append(but(acts=(*history.acts[:place], less, *history.acts[place + 1 :])))
        for number, given in enumerate(act):
            if isinstance(given, dict):
                for key in given:
                    less_tags = {name: value for name, value in given.items() if name != key}
                    less = (*act[:number], less_tags, *act[number + 1 :])
                    found.append(but(acts=(*history.acts[:place], less, *history.acts[place + 1 :])))
    if history.mishap:
        found.append(but(mishap=None))
    if history.slow:
        found.append(but(slow=0))
    return found


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first history")
    parser.add_argument("--show", type=int, default=5, help="failures to shrink and show")
    chosen = parser.parse_args(given)
    failed = []
    for played, seed in enumerate(range(chosen.first, chosen.first + chosen.count)):
        if played and played % PROGRESS == 0:
            sys.stderr.write(f"{played} of {chosen.count} histories played, {len(failed)} went wrong\n")
        if found := problems(some_history(seed)):
            failed.append(seed)
            sys.stderr.write(f"seed {seed}: {found[0]}\n")
    sys.stdout.write(f"{chosen.count} histories from seed {chosen.first}: {len(failed)} went wrong {failed[:20]}\n")
    for seed in failed[: chosen.show]:
        sys.stdout.write(f"\n{told(seed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
