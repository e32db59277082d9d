"""Why a request arrives, or which hop stops it: the data path, walked over a value that somebody has read."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec

from onramp.core.matching import acl_passes, admits, asked_from, choose, holds, inside, lets_out, matches, meet, opens
from onramp.core.view import (
    NAMES,
    NETWORK_ACL,
    PREFIX_LIST,
    Action,
    Balancer,
    BalancerAction,
    BalancerListener,
    Listener,
    Network,
    Request,
    Serves,
    Service,
    Target,
    TargetGroup,
    Value,
    View,
    VpcAssociation,
    associations_of,
    groups_of,
    targets_of,
)

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


_ON_WHICH_PORT = "on which port it is called is not known: the service's listeners could not be read"
_SAY_THE_PORT = "name a profile of the service's account as well, or write the port, as http://NAME:80/"


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

    @property
    def prefix_list(self) -> str:
        """As EC2 names it in the region that is walked, which each ARN there has."""
        arns = [*(it.arn for it in self.view.networks), *(it.arn for it in self.view.services)]
        region = next((arn.split(":")[3] for arn in arns if arn.count(":") > 3), "REGION")
        return f"com.amazonaws.{region}.vpc-lattice"

    def egress(self) -> None:
        """Do the caller's own groups and its subnet's ACL let it out to Lattice? No hop where nobody says who calls."""
        unread_acl = self.unread(NETWORK_ACL)
        if not self.request.security_groups and self.view.network_acl is None and not unread_acl:
            return
        self.at = "egress"
        port = self.request.port
        if not port:
            self.note(unknown=True, because=_ON_WHICH_PORT, remedy=_SAY_THE_PORT)
            return
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
                    f"let {mine[0].id} out to the prefix list {self.prefix_list} on TCP {port}",
                )
        if (acl := self.view.network_acl) is not None and lattice:
            for outwards, ports in ((True, [port]), (False, asked_from(acl))):
                if not any(acl_passes(acl, cidr, one, egress=outwards) for cidr in lattice for one in ports):
                    way = f"to Lattice on port {port}" if outwards else "back from Lattice to the caller's ports"
                    wanted = f"to it on TCP {port}" if outwards else "from it to TCP 1024-65535"
                    raise _Stopped(
                        "egress-network-acl",
                        f"network ACL {acl.id} of the caller's subnet lets nothing {way}",
                        f"allow in {acl.id} what the prefix list {self.prefix_list} holds: {wanted}",
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
        if not port:
            self.note(unknown=True, because=_ON_WHICH_PORT, remedy=_SAY_THE_PORT)
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
            if all(holds(condition, self.request, self.view.lattice_cidrs) for condition in rule.conditions):
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
            f"admit the prefix list {self.prefix_list} to TCP {port} in {balancer.security_groups[0]}",
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
        parts = [cidr for rule in on_port for cidr in rule.cidrs if inside(cidr, source)]
        return sorted({*parts, *(group for rule in on_port for group in rule.groups)})


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
