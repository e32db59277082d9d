"""Why a request arrives, or which hop stops it: the data path, walked over a value that somebody has read."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec

type HopName = Literal[
    "dns",
    "vpc association",
    "security group",
    "service association",
    "auth policy",
    "listener",
    "rule",
    "target group",
    "load balancer",
    "target",
]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """All that the walk reads is a frozen value."""


class Request(Value, frozen=True, kw_only=True):
    """What is asked, and from where.

    `protocol` is HTTP or HTTPS; `path` has no query; `security_groups` are the caller's own (a rule may admit
    a group instead of addresses); `roll` in [0, 1) says where a weighted choice falls, so that the same
    request always takes the same way.
    """

    source_ip: str
    vpc: str
    host: str
    protocol: str = "HTTP"
    port: int = 80
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    security_groups: tuple[str, ...] = ()
    roll: float = 0.0


class Vpc(Value, frozen=True, kw_only=True):
    """`dns`: DNS support and hostnames are on (facts §12: without them the names do not lead to Lattice)."""

    id: str
    account: str
    dns: bool = True


class Ingress(Value, frozen=True, kw_only=True):
    """One inbound permission; `protocol` as EC2 spells it ("tcp", "-1" for all), ports both inclusive."""

    protocol: str = "tcp"
    from_port: int = 0
    to_port: int = 65535
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class SecurityGroup(Value, frozen=True, kw_only=True):
    id: str
    ingress: tuple[Ingress, ...] = ()


class Network(Value, frozen=True, kw_only=True):
    id: str
    arn: str
    name: str
    auth_type: str = "NONE"


class VpcAssociation(Value, frozen=True, kw_only=True):
    """A VPC joined to `network` (its id). No groups: every address of the VPC is let in."""

    vpc: str
    network: str
    status: str
    security_groups: tuple[str, ...] = ()


class ServiceAssociation(Value, frozen=True, kw_only=True):
    network: str
    status: str


class HeaderMatch(Value, frozen=True, kw_only=True):
    """`how` is exact, prefix or contains."""

    name: str
    how: str
    value: str
    case_sensitive: bool = False


class Match(Value, frozen=True, kw_only=True):
    """Everything given must hold; '' and () stand for "any". `path_how` is exact or prefix."""

    method: str = ""
    path: str = ""
    path_how: str = "prefix"
    case_sensitive: bool = False
    headers: tuple[HeaderMatch, ...] = ()


class Action(Value, frozen=True, kw_only=True):
    """Forward to target groups (id, weight), or answer with `fixed_status` when it is not 0."""

    forward: tuple[tuple[str, int], ...] = ()
    fixed_status: int = 0


class Rule(Value, frozen=True, kw_only=True):
    name: str
    priority: int
    match: Match
    action: Action


class Listener(Value, frozen=True, kw_only=True):
    name: str
    protocol: str
    port: int
    default: Action
    rules: tuple[Rule, ...] = ()


class Service(Value, frozen=True, kw_only=True):
    id: str
    arn: str
    account: str
    name: str
    domain: str
    custom_domain: str = ""
    certificate: str = ""
    status: str = "ACTIVE"
    auth_type: str = "NONE"
    listeners: tuple[Listener, ...] = ()
    associations: tuple[ServiceAssociation, ...] = ()


class Target(Value, frozen=True, kw_only=True):
    """`id` as registered: an ALB's ARN, an instance id or an address."""

    id: str
    port: int
    status: str = ""


class TargetGroup(Value, frozen=True, kw_only=True):
    """`type` is ALB, INSTANCE, IP or LAMBDA."""

    id: str
    name: str
    type: str
    status: str
    protocol: str = "HTTP"
    vpc: str = ""
    targets: tuple[Target, ...] = ()


class BalancerListener(Value, frozen=True, kw_only=True):
    """`targets` are (instance id or address, port); `fixed_status` as in `Action`."""

    protocol: str
    port: int
    targets: tuple[tuple[str, int], ...] = ()
    fixed_status: int = 0


class Balancer(Value, frozen=True, kw_only=True):
    arn: str
    name: str
    scheme: str
    state: str
    security_groups: tuple[str, ...] = ()
    listeners: tuple[BalancerListener, ...] = ()


class Serves(Value, frozen=True, kw_only=True):
    """What an instance answers on one port."""

    port: int
    status: int = 200
    server: str = ""
    body: str = ""


class Instance(Value, frozen=True, kw_only=True):
    id: str
    name: str
    vpc: str
    ip: str
    running: bool = True
    serves: tuple[Serves, ...] = ()


class View(Value, frozen=True, kw_only=True):
    """Everything that decides about a request, as read at one moment.

    `aliases` are DNS records (name, target) for custom domains; `lattice_cidrs` the addresses that Lattice's
    managed prefix list holds: what load balancers must admit (facts §11).
    """

    vpcs: tuple[Vpc, ...] = ()
    networks: tuple[Network, ...] = ()
    vpc_associations: tuple[VpcAssociation, ...] = ()
    services: tuple[Service, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    balancers: tuple[Balancer, ...] = ()
    instances: tuple[Instance, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    lattice_cidrs: tuple[str, ...] = ()


class Asked(Value, frozen=True, kw_only=True):
    """What an auth policy is asked: `level` is "service network" or "service", `arn` that entity's."""

    level: str
    arn: str
    name: str
    service: Service
    network: Network
    request: Request


class Ruling(NamedTuple):
    allowed: bool
    because: str


class Hop(Value, frozen=True, kw_only=True):
    name: str
    passed: bool
    because: str


class Trace(Value, frozen=True, kw_only=True):
    """`status` is 0 when nothing answered; `stopped_at` the name of the hop that stopped it, or ''."""

    hops: tuple[Hop, ...]
    status: int = 0
    body: str = ""
    server: str = ""
    stopped_at: str = ""


class _Stopped(Exception):
    def __init__(self, because: str, status: int = 0) -> None:
        super().__init__(because)
        self.because = because
        self.status = status


def walk(view: View, request: Request, authorise: Callable[[Asked], Ruling]) -> Trace:
    """Walk `request` hop by hop; the trace holds each hop's sentence, up to the one that stops it.

    `authorise` evaluates the policy of one level; it is asked only where the authType is AWS_IAM. A level
    with NONE is skipped (facts §13).
    """
    walked = _Walk(view, request, authorise)
    try:
        answer = walked.go()
    except _Stopped as stopped:
        walked.note(passed=False, because=stopped.because)
        return Trace(hops=tuple(walked.hops), status=stopped.status, stopped_at=walked.at)
    return Trace(hops=tuple(walked.hops), status=answer.status, body=answer.body, server=answer.server)


class _Walk:
    """The walk's own memory: where it is, and what it has said so far."""

    def __init__(self, view: View, request: Request, authorise: Callable[[Asked], Ruling]) -> None:
        self.view = view
        self.request = request
        self.authorise = authorise
        self.hops: list[Hop] = []
        self.at: HopName = "dns"

    def note(self, *, passed: bool, because: str) -> None:
        self.hops.append(Hop(name=self.at, passed=passed, because=because))

    def go(self) -> Serves:
        service = self.resolve()
        association = self.vpc_association()
        network = self.network(association)
        self.security_group(association)
        self.service_association(service, network)
        self.auth(service, network)
        action = self.rule(self.listener(service))
        if action.fixed_status:
            return Serves(port=self.request.port, status=action.fixed_status)
        group = self.target_group(action)
        target = group.targets[0]
        if group.type == "ALB":
            found = self.balancer(group, target)
            if isinstance(found, int):
                return Serves(port=target.port, status=found)
            return self.target(found, vpc=group.vpc)
        return self.target((target.id, target.port), vpc=group.vpc)

    def resolve(self) -> Service:
        self.at = "dns"
        vpc = next((vpc for vpc in self.view.vpcs if vpc.id == self.request.vpc), None)
        if vpc is not None and not vpc.dns:
            raise _Stopped(f"DNS support or DNS hostnames are off in {vpc.id}, so no Lattice name resolves there")
        aliases = dict(self.view.aliases)
        host = self.request.host.lower().rstrip(".")
        name = aliases.get(host, host)
        service = next((service for service in self.view.services if service.domain == name), None)
        if service is None:
            if any(service.custom_domain == host for service in self.view.services):
                raise _Stopped(f"{host} has no DNS record that points at the service's Lattice name")
            raise _Stopped(f"no service has the name {host}")
        if host not in (service.domain, service.custom_domain):
            raise _Stopped(f"{host} points at {service.name}, which does not have it as custom domain")
        self.note(passed=True, because=f"the name belongs to service {service.name} of {service.account}")
        return service

    def vpc_association(self) -> VpcAssociation:
        self.at = "vpc association"
        mine = [found for found in self.view.vpc_associations if found.vpc == self.request.vpc]
        if not mine:
            raise _Stopped(f"{self.request.vpc} is not joined to any service network")
        # An association whose update failed or runs still carries traffic; one being made or unmade does not.
        live = [found for found in mine if found.status in ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED")]
        if not live:
            raise _Stopped(f"the association of {self.request.vpc} is {mine[0].status}")
        return live[0]

    def network(self, association: VpcAssociation) -> Network:
        network = next((found for found in self.view.networks if found.id == association.network), None)
        if network is None:
            raise _Stopped(f"network {association.network} of the association is not there")
        self.note(passed=True, because=f"{association.vpc} is joined to network {network.name}")
        return network

    def security_group(self, association: VpcAssociation) -> None:
        self.at = "security group"
        if not association.security_groups:
            self.note(passed=True, because="the association has no security group: the whole VPC may call")
            return
        admitting = self._admitting(
            association.security_groups,
            self.request.port,
            (self.request.source_ip,),
            self.request.security_groups,
        )
        if admitting is None:
            raise _Stopped(
                f"no rule of {', '.join(association.security_groups)} admits {self.request.source_ip} "
                f"to port {self.request.port}"
            )
        self.note(
            passed=True,
            because=f"{admitting} admits {self.request.source_ip} to port {self.request.port}",
        )

    def service_association(self, service: Service, network: Network) -> None:
        self.at = "service association"
        mine = [found for found in service.associations if found.network == network.id]
        if not mine:
            raise _Stopped(f"service {service.name} is not associated with network {network.name}")
        if all(found.status != "ACTIVE" for found in mine):
            raise _Stopped(f"the association of service {service.name} with network {network.name} is {mine[0].status}")
        if service.status != "ACTIVE":
            raise _Stopped(f"service {service.name} is {service.status}")
        self.note(passed=True, because=f"service {service.name} is associated with network {network.name}")

    def auth(self, service: Service, network: Network) -> None:
        self.at = "auth policy"
        said = []
        levels = (
            ("service network", network.auth_type, network.arn, network.name),
            ("service", service.auth_type, service.arn, service.name),
        )
        for level, auth_type, arn, name in levels:
            if auth_type == "NONE":
                said.append(f"{level} {name} asks for no authorisation")
                continue
            ruling = self.authorise(
                Asked(level=level, arn=arn, name=name, service=service, network=network, request=self.request)
            )
            if not ruling.allowed:
                raise _Stopped(f"{level} {name} refuses: {ruling.because}", status=403)
            said.append(f"{level} {name} allows: {ruling.because}")
        self.note(passed=True, because="; ".join(said))

    def listener(self, service: Service) -> Listener:
        self.at = "listener"
        on_port = [found for found in service.listeners if found.port == self.request.port]
        if not on_port:
            ports = ", ".join(f"{found.protocol}:{found.port}" for found in service.listeners) or "nothing"
            raise _Stopped(f"service {service.name} listens on {ports}, not on port {self.request.port}")
        listener = on_port[0]
        spoken = "HTTPS" if listener.protocol == "TLS_PASSTHROUGH" else listener.protocol
        if spoken != self.request.protocol:
            raise _Stopped(
                f"listener {listener.name} speaks {listener.protocol} on port {listener.port}, "
                f"not {self.request.protocol}"
            )
        host = self.request.host.lower().rstrip(".")
        if listener.protocol == "HTTPS" and host != service.domain and not service.certificate:
            # Lattice has a certificate of its own names only, and none to fall back on (facts §14).
            raise _Stopped(f"service {service.name} has no certificate for {host}")
        self.note(passed=True, because=f"listener {listener.name} takes {listener.protocol}:{listener.port}")
        return listener

    def rule(self, listener: Listener) -> Action:
        self.at = "rule"
        for rule in sorted(listener.rules, key=lambda rule: rule.priority):
            if matches(rule.match, self.request):
                self._note_action(f"rule {rule.name} (priority {rule.priority})", rule.action)
                return rule.action
        self._note_action("the default action", listener.default)
        return listener.default

    def _note_action(self, which: str, action: Action) -> None:
        does = f"answers {action.fixed_status} itself" if action.fixed_status else "forwards"
        self.note(passed=True, because=f"{which} {does}")

    def target_group(self, action: Action) -> TargetGroup:
        self.at = "target group"
        chosen = choose(action.forward, self.request.roll)
        if chosen is None:
            raise _Stopped("every target group of the action has weight 0")
        group = next((found for found in self.view.target_groups if found.id == chosen), None)
        if group is None:
            raise _Stopped(f"target group {chosen} is not there")
        if group.status != "ACTIVE":
            raise _Stopped(f"target group {group.name} is {group.status}")
        usable = tuple(target for target in group.targets if target.status not in ("DRAINING", "INITIAL"))
        if not usable:
            raise _Stopped(f"target group {group.name} has no target in service")
        if group.type == "LAMBDA":
            raise _Stopped(f"target group {group.name} is a function's; the walk does not follow it")
        self.note(passed=True, because=f"target group {group.name} ({group.type}) has {usable[0].id}")
        return msgspec.structs.replace(group, targets=usable)

    def balancer(self, group: TargetGroup, target: Target) -> tuple[str, int] | int:
        """The (instance, port) that the load balancer picks, or the status it answers with by itself."""
        self.at = "load balancer"
        balancer = next((found for found in self.view.balancers if found.arn == target.id), None)
        if balancer is None:
            raise _Stopped(f"the load balancer {target.id} is not there")
        if balancer.state not in ("active", "active_impaired"):
            raise _Stopped(f"load balancer {balancer.name} is {balancer.state}")
        listener = next((found for found in balancer.listeners if found.port == target.port), None)
        if listener is None:
            raise _Stopped(f"load balancer {balancer.name} has no listener on port {target.port}")
        if group.protocol not in (listener.protocol, "TCP"):
            raise _Stopped(
                f"load balancer {balancer.name} speaks {listener.protocol} on port {target.port}, "
                f"the target group {group.protocol}"
            )
        if balancer.security_groups and self.view.lattice_cidrs:
            addresses = tuple(cidr.split("/")[0] for cidr in self.view.lattice_cidrs)
            if self._admitting(balancer.security_groups, target.port, addresses, ()) is None:
                raise _Stopped(
                    f"no security group of load balancer {balancer.name} admits the Lattice prefix list "
                    f"to port {target.port}"
                )
        if listener.fixed_status:
            self.note(passed=True, because=f"load balancer {balancer.name} answers {listener.fixed_status} itself")
            return listener.fixed_status
        if not listener.targets:
            raise _Stopped(f"load balancer {balancer.name} has no target on port {target.port}")
        self.note(passed=True, because=f"load balancer {balancer.name} takes {listener.protocol}:{listener.port}")
        # An ALB spreads its requests; which of its targets answers is left to `roll` like a weight.
        return listener.targets[int(self.request.roll * len(listener.targets))]

    def target(self, chosen: tuple[str, int], vpc: str) -> Serves:
        self.at = "target"
        target, port = chosen
        instance = next(
            (
                found
                for found in self.view.instances
                if found.id == target or (found.ip == target and vpc in ("", found.vpc))
            ),
            None,
        )
        if instance is None:
            raise _Stopped(f"nothing is at {target}")
        if not instance.running:
            raise _Stopped(f"{instance.name} ({instance.ip}) is not running")
        serves = next((found for found in instance.serves if found.port == port), None)
        if serves is None:
            raise _Stopped(f"nothing listens on port {port} of {instance.name} ({instance.ip})")
        by = f" from {serves.server}" if serves.server else ""
        self.note(passed=True, because=f"{instance.name} ({instance.ip}) answers {serves.status}{by}")
        return serves

    def _admitting(
        self, groups: Iterable[str], port: int, addresses: tuple[str, ...], callers: tuple[str, ...]
    ) -> str | None:
        """The first of `groups` that lets one of `addresses`, or a member of `callers`, in on TCP `port`."""
        known = {group.id: group for group in self.view.security_groups}
        for name in groups:
            group = known.get(name)
            if group is not None and any(
                admits(rule, port, address, callers) for rule in group.ingress for address in addresses
            ):
                return name
        return None


def admits(rule: Ingress, port: int, address: str, groups: tuple[str, ...] = ()) -> bool:
    """Whether a security-group rule lets `address` (or a member of `groups`) in on TCP `port`."""
    if rule.protocol not in ("tcp", "6", "-1"):
        return False
    if rule.protocol != "-1" and not rule.from_port <= port <= rule.to_port:
        return False
    if set(groups) & set(rule.groups):
        return True
    ip = ipaddress.ip_address(address)
    return any(ip in ipaddress.ip_network(cidr, strict=False) for cidr in rule.cidrs)


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
