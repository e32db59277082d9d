"""Why a request arrives, or which hop stops it: the data path, walked over a value that somebody has read."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec

type HopName = Literal[
    "dns",
    "egress",
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
    request always takes the same way. `source_ip` may be a CIDR: whoever it holds asks.
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
    """`dns`: DNS support and hostnames are on (facts 12: without them the names do not lead to Lattice)."""

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


class Egress(Value, frozen=True, kw_only=True):
    """One outbound permission, spelt as an Ingress; prefix lists are told by their addresses."""

    protocol: str = "-1"
    from_port: int = 0
    to_port: int = 65535
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


EVERYWHERE = (Egress(cidrs=("0.0.0.0/0",)), Egress(cidrs=("::/0",)))
"""What a group lets out that nobody restricted."""


class SecurityGroup(Value, frozen=True, kw_only=True):
    id: str
    ingress: tuple[Ingress, ...] = ()
    egress: tuple[Egress, ...] = EVERYWHERE


class AclEntry(Value, frozen=True, kw_only=True):
    """One entry of a network ACL, for packets from a subnet (`egress`) or to it; `protocol` by number, "-1" for all."""

    egress: bool
    number: int
    allow: bool
    cidr: str
    protocol: str = "-1"
    from_port: int = 0
    to_port: int = 65535


class NetworkAcl(Value, frozen=True, kw_only=True):
    id: str
    entries: tuple[AclEntry, ...]


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


class BalancerAction(Value, frozen=True, kw_only=True):
    """What a load balancer does with a request.

    It sends to `targets`, (instance id or address, port), of all groups that have a weight; `weightless`: none has.
    Or it answers `fixed_status` when that is not 0; `leads` is where the answer sends the client, if it is a redirect.
    `health`: what the checks say of a target, '' when it is healthy, else why not; who is not in it is not checked.
    """

    targets: tuple[tuple[str, int], ...] = ()
    weightless: bool = False
    fixed_status: int = 0
    leads: str = ""
    health: tuple[tuple[str, str], ...] = ()


class BalancerCondition(Value, frozen=True, kw_only=True):
    """One of `values` must match; `field` as ELB spells it, `name` is the header's of an http-header."""

    field: str
    values: tuple[str, ...]
    name: str = ""


class BalancerRule(BalancerAction, frozen=True, kw_only=True):
    """Taken before the default action where all conditions hold, by priority."""

    priority: int
    conditions: tuple[BalancerCondition, ...]


class BalancerListener(BalancerAction, frozen=True, kw_only=True):
    """With its default action. `certificates`: their ARNs, None when nobody looked."""

    protocol: str
    port: int
    certificates: tuple[str, ...] | None = None
    rules: tuple[BalancerRule, ...] = ()


class Balancer(Value, frozen=True, kw_only=True):
    """`dualstack`: it has IPv6 addresses too."""

    arn: str
    name: str
    scheme: str
    state: str
    security_groups: tuple[str, ...] = ()
    listeners: tuple[BalancerListener, ...] = ()
    dualstack: bool = False


class Serves(Value, frozen=True, kw_only=True):
    """What an instance answers on one port."""

    port: int
    status: int = 200
    server: str = ""
    body: str = ""


class Instance(Value, frozen=True, kw_only=True):
    """`serves` is None where nobody can say what it answers: the health checks of who sends to it decide."""

    id: str
    name: str
    vpc: str
    ip: str
    running: bool = True
    serves: tuple[Serves, ...] | None = ()


class Unread(Value, frozen=True, kw_only=True):
    """Something that decides and could not be read, so that its hop is unknown.

    `thing` is the id (of a network, VPC, security group, service, target group, target), the ARN (of a load balancer)
    or the host name; `associations_of`, NAMES, NETWORK_ACL and PREFIX_LIST name what has neither. `why` says who did
    not answer.
    """

    thing: str
    why: str


NAMES = "names"
"""That there are no more services than those in the view."""

NETWORK_ACL = "network ACL"
"""That of the subnet from which the caller asks."""

PREFIX_LIST = "prefix list"
"""Lattice's managed prefix list."""


def associations_of(identifier: str) -> str:
    """The `Unread.thing` of a VPC's or a service's associations."""
    return f"associations of {identifier}"


def groups_of(vpc: str) -> str:
    """The `Unread.thing` of which security groups a VPC's association has."""
    return f"security groups of {vpc}"


def targets_of(balancer: str) -> str:
    """The `Unread.thing` of a load balancer's targets, with their health."""
    return f"targets of {balancer}"


class View(Value, frozen=True, kw_only=True):
    """Everything that decides about a request, as read at one moment.

    `aliases` are DNS records (name, target) for custom domains; `lattice_cidrs` the addresses that Lattice's
    managed prefix list holds: what load balancers must admit (facts 11), and what callers must be let out to (facts
    12). `network_acl` is that of the caller's subnet, None where nobody knows which that is. `region` is the caller's,
    '' when it does not matter. What is neither here nor `unread` is not there.
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
    network_acl: NetworkAcl | None = None
    region: str = ""
    unread: tuple[Unread, ...] = ()


class Asked(Value, frozen=True, kw_only=True):
    """What an auth policy is asked: `level` is "service network" or "service", `arn` that entity's."""

    level: str
    arn: str
    name: str
    service: Service
    network: Network
    request: Request


class Ruling(NamedTuple):
    """`unknown`: what decides could not be read, whatever `allowed` says."""

    allowed: bool
    because: str
    unknown: bool = False
    remedy: str = ""


class Hop(Value, frozen=True, kw_only=True):
    """`code` names the stop for machines and `remedy` says what to do; both are '' where it goes on.

    A hop that is neither `passed` nor `unknown` stopped the request.
    """

    name: str
    passed: bool
    because: str
    unknown: bool = False
    code: str = ""
    remedy: str = ""

    @property
    def verdict(self) -> Literal["ok", "stopped", "unknown"]:
        if self.unknown:
            return "unknown"
        return "ok" if self.passed else "stopped"


class Trace(Value, frozen=True, kw_only=True):
    """`status` is what the caller is answered, also where a hop stops it (403, 502, 503, 504: facts 11.10).

    It is 0 where the connection itself fails, so that nobody answers, and where nobody knows the answer. `stopped_at`
    names the hop that stopped it, or ''.
    """

    hops: tuple[Hop, ...]
    status: int = 0
    body: str = ""
    server: str = ""
    stopped_at: str = ""

    @property
    def verdict(self) -> Literal["reaches", "stopped", "unknown"]:
        """One stop decides, whatever is unknown besides."""
        if self.stopped_at:
            return "stopped"
        return "unknown" if any(hop.unknown for hop in self.hops) else "reaches"


class _Stopped(Exception):
    """The walk ends here: `code`, `because`, and what to do; `status` is what the caller is answered, if anything."""

    def __init__(self, code: str, because: str, remedy: str, status: int = 0) -> None:
        super().__init__(because)
        self.code = code
        self.because = because
        self.remedy = remedy
        self.status = status


class _Unknown(Exception):
    """The walk ends here, since what comes next hangs on what could not be read."""


def walk(view: View, request: Request, authorise: Callable[[Asked], Ruling]) -> Trace:
    """Walk `request` hop by hop; the trace holds each hop's sentence, up to the one that ends the walk.

    `authorise` evaluates the policy of one level; it is asked only where the authType is AWS_IAM. A level
    with NONE is skipped (facts 13). A hop that is unknown does not end it as long as the next ones can be told.
    """
    walked = _Walk(view, request, authorise)
    try:
        answer = walked.go()
    except _Stopped as stopped:
        walked.note(passed=False, because=stopped.because, code=stopped.code, remedy=stopped.remedy)
        return Trace(hops=tuple(walked.hops), status=stopped.status, stopped_at=walked.at)
    except _Unknown:
        return Trace(hops=tuple(walked.hops))
    return Trace(hops=tuple(walked.hops), status=answer.status, body=answer.body, server=answer.server)


# An association whose update failed or runs still carries traffic; one being made or unmade does not.
_CARRYING = ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED")


class _Walk:
    """The walk's own memory: where it is, and what it has said so far."""

    def __init__(self, view: View, request: Request, authorise: Callable[[Asked], Ruling]) -> None:
        self.view = view
        self.request = request
        self.authorise = authorise
        self.hops: list[Hop] = []
        self.at: HopName = "dns"
        self.passthrough = False

    def note(
        self, *, because: str, passed: bool = True, unknown: bool = False, code: str = "", remedy: str = ""
    ) -> None:
        self.hops.append(
            Hop(
                name=self.at,
                passed=passed and not unknown,
                because=because,
                unknown=unknown,
                code=code,
                remedy=remedy,
            )
        )

    def unread(self, *things: str) -> str:
        """Why one of these could not be read; '' when all were."""
        return next((it.why for it in self.view.unread if it.thing in things), "")

    def known(self, *things: str) -> None:
        """Ends the walk as unknown when one of these could not be read."""
        if why := self.unread(*things):
            self.note(unknown=True, because=why)
            raise _Unknown

    def answers(self, status: int) -> int:
        """What Lattice answers by itself: nothing where it hands the connection on without reading it."""
        return 0 if self.passthrough else status

    def go(self) -> Serves:
        service = self.resolve()
        self.passthrough = any(
            found.port == self.request.port and found.protocol == "TLS_PASSTHROUGH" for found in service.listeners
        )
        self.egress()
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
            found = self.balancer(service, group, target)
            if isinstance(found, int):
                return Serves(port=target.port, status=found)
            return self.target(*found, vpc=group.vpc)
        return self.target(target.id, target.port, _checked(target.status), vpc=group.vpc)

    def resolve(self) -> Service:
        self.at = "dns"
        vpc = next((vpc for vpc in self.view.vpcs if vpc.id == self.request.vpc), None)
        if vpc is not None and not vpc.dns:
            raise _Stopped(
                "vpc-dns-off",
                f"DNS support or DNS hostnames are off in {vpc.id}, so no Lattice name resolves there",
                f"turn on both attributes of {vpc.id}: enableDnsSupport and enableDnsHostnames",
            )
        host = self.request.host.lower().rstrip(".")
        service = self._named(host)
        if host not in (service.domain, service.custom_domain):
            raise _Stopped(
                "domain-not-its-own",
                f"{host} points at {service.name}, which does not have it as custom domain",
                "point the record at the service that has the name, or ask by a name of this one",
            )
        because = f"the name belongs to service {service.name} of {service.account}"
        doubt = self.unread(self.request.vpc) or (self.unread(host) if host != service.domain else "")
        self.note(because=f"{because}; {doubt}" if doubt else because, unknown=bool(doubt))
        return service

    def _named(self, host: str) -> Service:
        """The service that `host` leads to."""
        name = dict(self.view.aliases).get(host, host)
        service = next((service for service in self.view.services if service.domain == name), None)
        if service is not None:
            return service
        region = region_of(name)
        if region and self.view.region and region != self.view.region:
            raise _Stopped(
                "wrong-region",
                f"{host} is a name of {region}, and the caller's VPC is in {self.view.region}",
                f"a network reaches within its region: offer the service in {self.view.region}",
            )
        by_custom = next((service for service in self.view.services if service.custom_domain == host), None)
        if by_custom is not None and self.unread(host):
            return by_custom
        if by_custom is not None:
            raise _Stopped(
                "no-record",
                f"{host} has no DNS record that points at the service's Lattice name",
                f"make an alias or CNAME record of {host} for {by_custom.domain}",
            )
        self.known(NAMES)
        raise _Stopped(
            "name-unknown",
            f"no service has the name {host}",
            "ask by a service's name, its Lattice name or its custom domain, as the tag lattice-onramp:domain tells it",
        )

    def egress(self) -> None:
        """Do the caller's own groups and its subnet's ACL let it out to Lattice? No hop where nobody says who calls."""
        unread_acl = self.unread(NETWORK_ACL)
        if not self.request.security_groups and self.view.network_acl is None and not unread_acl:
            return
        self.at = "egress"
        port = self.request.port
        version = ipaddress.ip_network(self.request.source_ip, strict=False).version
        lattice = [cidr for cidr in self.view.lattice_cidrs if ipaddress.ip_network(cidr).version == version]
        said, doubts = [], [unread_acl]
        if self.request.security_groups:
            groups = {group.id: group for group in self.view.security_groups}
            mine = [groups[name] for name in self.request.security_groups if name in groups]
            letting = next((group.id for group in mine if lets_out(group, port, lattice, version)), None)
            names = ", ".join(self.request.security_groups)
            if letting is not None:
                said.append(f"{letting} lets the caller out to port {port}")
            elif why := self.unread(*self.request.security_groups) or (not lattice and self.unread(PREFIX_LIST)):
                doubts.append(why)
            elif len(mine) < len(self.request.security_groups):
                doubts.append(f"not all of the caller's security groups {names} can be seen")
            else:
                raise _Stopped(
                    "egress-security-group",
                    f"no outbound rule of {names} lets the caller out to Lattice on port {port}",
                    f"let {mine[0].id} out to the prefix list com.amazonaws.REGION.vpc-lattice on TCP {port}",
                )
        if (acl := self.view.network_acl) is not None and lattice:
            for outwards, ports in ((True, [port]), (False, asked_from(acl))):
                if not any(acl_passes(acl, cidr, one, egress=outwards) for cidr in lattice for one in ports):
                    way = f"to Lattice on port {port}" if outwards else "back from Lattice to the caller's ports"
                    wanted = f"to it on TCP {port}" if outwards else "from it to TCP 1024-65535"
                    raise _Stopped(
                        "egress-network-acl",
                        f"network ACL {acl.id} of the caller's subnet lets nothing {way}",
                        f"allow in {acl.id} what the prefix list com.amazonaws.REGION.vpc-lattice holds: {wanted}",
                    )
            said.append(f"{acl.id} lets it pass both ways")
        doubts = [doubt for doubt in doubts if doubt]
        self.note(because="; ".join(doubts + said), unknown=bool(doubts))

    def vpc_association(self) -> VpcAssociation:
        self.at = "vpc association"
        mine = [found for found in self.view.vpc_associations if found.vpc == self.request.vpc]
        if not mine:
            self.known(associations_of(self.request.vpc))
            raise _Stopped(
                "vpc-not-joined",
                f"{self.request.vpc} is not joined to any service network",
                f"tag {self.request.vpc} with the network's name: lattice:network = NAME",
            )
        live = [found for found in mine if found.status in _CARRYING]
        if not live:
            raise _Stopped(
                "vpc-not-active",
                f"the association of {self.request.vpc} is {mine[0].status}",
                _wait_or_repair(mine[0].status, "the VPC's association"),
            )
        return live[0]

    def network(self, association: VpcAssociation) -> Network:
        network = next((found for found in self.view.networks if found.id == association.network), None)
        if network is None:
            self.known(association.network)
            raise _Stopped(
                "network-missing",
                f"network {association.network} of the association is not there",
                "join the VPC to a network that exists",
            )
        self.note(because=f"{association.vpc} is joined to network {network.name}")
        return network

    def security_group(self, association: VpcAssociation) -> None:
        self.at = "security group"
        source, port = self.request.source_ip, self.request.port
        if why := self.unread(groups_of(association.vpc)):
            self.note(unknown=True, because=why)
            return
        if not association.security_groups:
            self.note(because="the association has no security group: the whole VPC may call")
            return
        groups = association.security_groups
        admitting = self._admitting(groups, port, (source,), self.request.security_groups)
        if admitting is not None:
            self.note(because=f"{admitting} admits {source} to port {port}")
        elif why := self.unread(*groups):
            self.note(unknown=True, because=why)
        elif some := self._some_of(groups, port, source):
            self.note(
                unknown=True,
                because=f"{', '.join(groups)} admits only {', '.join(some)} of {source} to port {port}",
                remedy="ask from one address",
            )
        else:
            raise _Stopped(
                "security-group",
                f"no rule of {', '.join(groups)} admits {source} to port {port}",
                f"add the address to lattice:allow-from and the port to lattice:ports of {association.vpc}, "
                "or a rule to the group",
            )

    def service_association(self, service: Service, network: Network) -> None:
        self.at = "service association"
        mine = [found for found in service.associations if found.network == network.id]
        if not mine:
            if why := self.unread(associations_of(service.id)):
                self.note(unknown=True, because=why)
                return
            raise _Stopped(
                "service-not-joined",
                f"service {service.name} is not associated with network {network.name}",
                f"tag its load balancer with the network's name: lattice:network = {network.name}",
            )
        if all(found.status != "ACTIVE" for found in mine):
            status = mine[0].status
            raise _Stopped(
                "service-association-not-active",
                f"the association of service {service.name} with network {network.name} is {status}",
                _wait_or_repair(status, "the service's association"),
            )
        if service.status != "ACTIVE":
            raise _Stopped(
                "service-not-active",
                f"service {service.name} is {service.status}",
                _wait_or_repair(service.status, "the service"),
            )
        self.note(because=f"service {service.name} is associated with network {network.name}")

    def auth(self, service: Service, network: Network) -> None:
        self.at = "auth policy"
        said, doubts, remedies = [], [], []
        levels = (
            ("service network", network.auth_type, network.arn, network.name, network.id),
            ("service", service.auth_type, service.arn, service.name, service.id),
        )
        for level, auth_type, arn, name, identifier in levels:
            if why := self.unread(identifier):
                doubts.append(f"{level} {name}: {why}")
                continue
            if auth_type == "NONE":
                said.append(f"{level} {name} asks for no authorisation")
                continue
            ruling = self.authorise(
                Asked(level=level, arn=arn, name=name, service=service, network=network, request=self.request)
            )
            if ruling.unknown:
                doubts.append(f"{level} {name}: {ruling.because}")
                remedies.append(ruling.remedy)
            elif not ruling.allowed:
                raise _Stopped(
                    "auth-denied",
                    f"{level} {name} refuses: {ruling.because}",
                    ruling.remedy or f"admit this request in the auth policy of {level} {name}",
                    status=self.answers(403),
                )
            else:
                said.append(f"{level} {name} allows: {ruling.because}")
        self.note(
            because="; ".join(doubts + said),
            unknown=bool(doubts),
            remedy="; ".join(filter(None, dict.fromkeys(remedies))),
        )

    def listener(self, service: Service) -> Listener:
        self.at = "listener"
        self.known(service.id)
        on_port = [found for found in service.listeners if found.port == self.request.port]
        if not on_port:
            ports = ", ".join(f"{found.protocol}:{found.port}" for found in service.listeners) or "nothing"
            raise _Stopped(
                "port-not-listened",
                f"service {service.name} listens on {ports}, not on port {self.request.port}",
                f"ask on a port it listens on, or add {self.request.protocol}:{self.request.port} to lattice:listen",
            )
        listener = on_port[0]
        spoken = "HTTPS" if listener.protocol == "TLS_PASSTHROUGH" else listener.protocol
        if spoken != self.request.protocol:
            raise _Stopped(
                "protocol-mismatch",
                f"listener {listener.name} speaks {listener.protocol} on port {listener.port}, "
                f"not {self.request.protocol}",
                f"ask by {spoken.lower()}://",
            )
        host = self.request.host.lower().rstrip(".")
        if listener.protocol == "HTTPS" and host != service.domain and not service.certificate:
            # Lattice has a certificate of its own names only, and none to fall back on (facts 14).
            raise _Stopped(
                "certificate-missing",
                f"service {service.name} has no certificate for {host}",
                f"ask by {service.domain}, or give the service an ACM certificate for {host}",
            )
        self.note(because=f"listener {listener.name} takes {listener.protocol}:{listener.port}")
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
        self.note(because=f"{which} {does}")

    def target_group(self, action: Action) -> TargetGroup:
        self.at = "target group"
        chosen = choose(action.forward, self.request.roll)
        if chosen is None:
            raise _Stopped(
                "weights-zero",
                "every target group of the action has weight 0",
                "give one of the load balancers a lattice:weight above 0",
                status=self.answers(503),
            )
        self.known(chosen)
        group = next((found for found in self.view.target_groups if found.id == chosen), None)
        if group is None:
            raise _Stopped(
                "target-group-missing",
                f"target group {chosen} is not there",
                "forward to one that is there",
                status=self.answers(503),
            )
        if group.status != "ACTIVE":
            raise _Stopped(
                "target-group-not-active",
                f"target group {group.name} is {group.status}",
                _wait_or_repair(group.status, "the target group"),
                status=self.answers(503),
            )
        usable = tuple(target for target in group.targets if target.status not in ("DRAINING", "INITIAL"))
        if not usable:
            raise _Stopped(
                "no-target",
                f"target group {group.name} has no target in service",
                "register the load balancer with it; what was registered just now needs some minutes",
                status=self.answers(503),
            )
        if group.type == "LAMBDA":
            self.note(
                unknown=True,
                because=f"target group {group.name} is a function's: what it answers, nobody can tell from here",
                remedy="look at the function's own logs",
            )
            raise _Unknown
        self.note(because=f"target group {group.name} ({group.type}) has {usable[0].id}")
        return msgspec.structs.replace(group, targets=tuple(sorted(usable, key=lambda it: it.status == "UNHEALTHY")))

    def balancer(self, service: Service, group: TargetGroup, target: Target) -> tuple[str, int, str | None] | int:
        """The (instance, port, health) that the load balancer picks, or the status it answers with by itself."""
        self.at = "load balancer"
        self.known(target.id)
        balancer = next((found for found in self.view.balancers if found.arn == target.id), None)
        if balancer is None:
            raise _Stopped(
                "load-balancer-missing",
                f"the load balancer {target.id} is not there",
                "tag the load balancer that took its place",
                status=self.answers(503),
            )
        if balancer.state not in ("active", "active_impaired"):
            raise _Stopped(
                "load-balancer-not-active",
                f"load balancer {balancer.name} is {balancer.state}",
                "wait while it is provisioning; repair or replace one that failed",
                status=self.answers(503),
            )
        listener = self._balancer_listener(balancer, service, group, target)
        doubt = self._lattice_admitted(balancer, target.port)
        action = self._balancer_action(listener)
        if action.fixed_status:
            sends = f" and sends the client to {action.leads}" if action.leads else ""
            because = f"load balancer {balancer.name} answers {action.fixed_status} itself{sends}"
            self.note(because=doubt or because, unknown=bool(doubt))
            return action.fixed_status
        if action.weightless:
            raise _Stopped(
                "weights-zero",
                f"every target group that load balancer {balancer.name} forwards to on port {target.port} has weight 0",
                "give one of the load balancer's own target groups a weight above 0",
                status=503,
            )
        if not action.targets:
            self.known(targets_of(balancer.arn))
            raise _Stopped(
                "no-healthy-target",
                f"load balancer {balancer.name} has no target on port {target.port}",
                "register targets with the load balancer's own target group",
                status=503,
            )
        because = f"load balancer {balancer.name} takes {listener.protocol}:{listener.port}"
        self.note(because=f"{because}; {doubt}" if doubt else because, unknown=bool(doubt))
        health = dict(action.health)
        # It sends to who is healthy; where nobody is, to everybody (ELB's fail-open).
        healthy = tuple(one for one in action.targets if not health.get(one[0])) or action.targets
        # An ALB spreads its requests; which of its targets answers is left to `roll` like a weight.
        chosen, port = healthy[int(self.request.roll * len(healthy))]
        return chosen, port, health.get(chosen)

    def _balancer_action(self, listener: BalancerListener) -> BalancerAction:
        for rule in sorted(listener.rules, key=lambda rule: rule.priority):
            if all(_holds(condition, self.request, self.view.lattice_cidrs) for condition in rule.conditions):
                return rule
        return listener

    def _balancer_listener(
        self, balancer: Balancer, service: Service, group: TargetGroup, target: Target
    ) -> BalancerListener:
        listener = next((found for found in balancer.listeners if found.port == target.port), None)
        if listener is None:
            raise _Stopped(
                "listener-missing",
                f"load balancer {balancer.name} has no listener on port {target.port}",
                "name one of its listeners in lattice:target",
                status=self.answers(504),
            )
        if group.protocol not in (listener.protocol, "TCP"):
            raise _Stopped(
                "listener-protocol",
                f"load balancer {balancer.name} speaks {listener.protocol} on port {target.port}, "
                f"the target group {group.protocol}",
                f"write lattice:target = {listener.protocol}:{target.port}",
                status=self.answers(502),
            )
        given = listener.certificates
        if group.protocol == "HTTPS" and given is not None and service.certificate not in given:
            raise _Stopped(
                "certificate-mismatch",
                f"Lattice calls HTTPS:{target.port} of {balancer.name} only with the service's certificate, "
                f"and {service.name} has {service.certificate or 'none of its own'}",
                "name a listener that speaks HTTP in lattice:target, or give the service the same certificate",
                status=self.answers(502),
            )
        return listener

    def _lattice_admitted(self, balancer: Balancer, port: int) -> str:
        """Why it is not known whether the load balancer admits Lattice; '' when it does."""
        if not balancer.security_groups:
            return ""
        if why := self.unread(PREFIX_LIST):
            return why
        cidrs = [cidr for cidr in self.view.lattice_cidrs if balancer.dualstack or ":" not in cidr]
        if not cidrs or any(
            opens(rule, port) and meet(cidr, one)
            for group in self.view.security_groups
            if group.id in balancer.security_groups
            for rule in group.ingress
            for cidr in cidrs
            for one in rule.cidrs
        ):
            return ""
        if why := self.unread(*balancer.security_groups):
            return why
        raise _Stopped(
            "security-group",
            f"no security group of load balancer {balancer.name} admits the Lattice prefix list to port {port}",
            f"admit the prefix list com.amazonaws.REGION.vpc-lattice to TCP {port} in {balancer.security_groups[0]}",
            status=self.answers(504),
        )

    def target(self, target: str, port: int, health: str | None, vpc: str) -> Serves:
        """What `target` answers; `health`: what its checks say, '' when it is well, None when nobody checks."""
        self.at = "target"
        balanced = any(hop.name == "load balancer" for hop in self.hops)
        instance = next(
            (
                found
                for found in self.view.instances
                if found.id == target or (found.ip == target and vpc in ("", found.vpc))
            ),
            None,
        )
        where = f"{instance.name} ({instance.ip})" if instance is not None else target
        if instance is not None and not instance.running:
            raise _Stopped(
                "target-stopped",
                f"{where} is not running",
                "start it, or take it out of its target group",
                # A load balancer takes it out of use by itself; Lattice goes on trying (facts 11.10).
                status=503 if balanced else self.answers(504),
            )
        if health:
            raise _Stopped(
                "no-healthy-target",
                f"{where} on port {port} is {health}",
                "let its security group admit the load balancer, and the health check's path answer as it expects",
                status=_ailing(health) if balanced else self.answers(503),
            )
        if instance is None and not self.unread(target) and health is None:
            status = 504 if balanced else self.answers(504)
            raise _Stopped("target-missing", f"nothing is at {target}", "register a target that is there", status)
        if instance is None or instance.serves is None:
            because = f"{where} is healthy on port {port}" if health == "" else self.unread(target)
            self.note(because=because or f"nobody checks what {where} answers on port {port}", unknown=health is None)
            return Serves(port=port, status=0)
        serves = next((found for found in instance.serves if found.port == port), None)
        if serves is None:
            raise _Stopped(
                "target-silent",
                f"nothing listens on port {port} of {where}",
                f"start the service on port {port}, or register the port it listens on",
                status=502 if balanced else self.answers(502),
            )
        by = f" from {serves.server}" if serves.server else ""
        self.note(because=f"{where} answers {serves.status}{by}")
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

    def _some_of(self, groups: Iterable[str], port: int, source: str) -> list[str]:
        """Which parts of the network `source` the groups let in, where it is one; groups of callers count as parts."""
        ours = ipaddress.ip_network(source, strict=False)
        if ours.num_addresses == 1:
            return []
        rules = [rule for group in self.view.security_groups if group.id in set(groups) for rule in group.ingress]
        on_port = [rule for rule in rules if opens(rule, port)]
        parts = [cidr for rule in on_port for cidr in rule.cidrs if _inside(cidr, source)]
        return sorted({*parts, *(group for rule in on_port for group in rule.groups)})


def admits(rule: Ingress, port: int, address: str, groups: tuple[str, ...] = ()) -> bool:
    """Whether a security-group rule lets `address` (all of it, if a CIDR; or a member of `groups`) in on TCP `port`."""
    if not opens(rule, port):
        return False
    return bool(set(groups) & set(rule.groups)) or any(_inside(address, cidr) for cidr in rule.cidrs)


def lets_out(group: SecurityGroup, port: int, lattice: Iterable[str], version: int) -> bool:
    """Whether a group of the caller's lets it out to an address of `lattice`, or to all where that is not known."""
    everyone = "0.0.0.0/0" if version == 4 else "::/0"
    wanted = tuple(lattice)
    return any(
        any(meet(cidr, one) for one in wanted) if wanted else _inside(everyone, cidr)
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
            if _inside(cidr, entry.cidr):
                return False
    return False


def opens(rule: Ingress | Egress, port: int) -> bool:
    """Whether a rule is about TCP `port`."""
    if rule.protocol not in ("tcp", "6", "-1"):
        return False
    return rule.protocol == "-1" or rule.from_port <= port <= rule.to_port


def _inside(small: str, large: str) -> bool:
    """Whether all of an address or CIDR is in another."""
    ours, theirs = ipaddress.ip_network(small, strict=False), ipaddress.ip_network(large, strict=False)
    if isinstance(ours, ipaddress.IPv4Network) and isinstance(theirs, ipaddress.IPv4Network):
        return ours.subnet_of(theirs)
    if isinstance(ours, ipaddress.IPv6Network) and isinstance(theirs, ipaddress.IPv6Network):
        return ours.subnet_of(theirs)
    return False


def region_of(domain: str) -> str:
    """The region in a Lattice name, or ''.

    >>> region_of("orders-0a1.7d67968.vpc-lattice-svcs.eu-west-1.on.aws")
    'eu-west-1'
    """
    parts = domain.split(".")
    return parts[-3] if parts[-2:] == ["on", "aws"] and parts[-4:-3] == ["vpc-lattice-svcs"] else ""


def _checked(status: str) -> str | None:
    """What Lattice's own health check says of a target, as `BalancerListener.health` says it of a balancer's."""
    return {"HEALTHY": "", "UNHEALTHY": "unhealthy"}.get(status)


def _ailing(health: str) -> int:
    """What a load balancer answers for a target in such a state: nobody to ask, no answer in time, or a broken one."""
    state, _, reason = health.partition(" ")
    if state == "unhealthy":
        return 504 if "Timeout" in reason else 502
    return 503


def _wait_or_repair(status: str, what: str) -> str:
    return f"remove {what} and make it again" if status.endswith("_FAILED") else "wait: it is on its way"


def meet(one: str, other: str) -> bool:
    """Whether two CIDRs have an address in common."""
    return _inside(one, other) or _inside(other, one)


def _holds(condition: BalancerCondition, request: Request, lattice: tuple[str, ...]) -> bool:
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
