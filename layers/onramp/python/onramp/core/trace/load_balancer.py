"""Behind the target group: the load balancer, what its listener does, and the target that answers."""

from onramp.core.matching import acl_passes, asked_from, holds, meet, opens
from onramp.core.trace.walked import Stopped, Walk, refused
from onramp.core.view import (
    PREFIX_LIST,
    Balancer,
    BalancerAction,
    BalancerListener,
    NetworkAcl,
    Serves,
    Service,
    Target,
    TargetGroup,
    acls_of,
    targets_of,
)


def balancer(
    walk: Walk, service: Service, group: TargetGroup, target: Target
) -> tuple[str, int, str | None, int] | int:
    """What the load balancer picks, as `target` takes it, or the status it answers with by itself."""
    walk.at = "load balancer"
    walk.known(target.id)
    balancer = next((found for found in walk.view.balancers if found.arn == target.id), None)
    if balancer is None:
        raise Stopped(
            "load-balancer-missing",
            f"the load balancer {target.id} is not there",
            "tag the load balancer that took its place",
            status=walk.answers(503),
        )
    if balancer.state not in ("active", "active_impaired"):
        raise Stopped(
            "load-balancer-not-active",
            f"load balancer {balancer.name} is {balancer.state}",
            "wait while it is provisioning; repair or replace one that failed",
            status=walk.answers(503),
        )
    listener = _balancer_listener(walk, balancer, service, group, target)
    doubt = _lattice_admitted(walk, balancer, target.port) or _passed_by_acls(walk, balancer, target.port)
    action = _balancer_action(walk, listener)
    if action.fixed_status:
        sends = f" and sends the client to {action.leads}" if action.leads else ""
        because = f"load balancer {balancer.name} answers {action.fixed_status} itself{sends}"
        walk.note(because=doubt or because, unknown=bool(doubt))
        return action.fixed_status
    if action.weightless:
        raise Stopped(
            "weights-zero",
            f"every target group that load balancer {balancer.name} forwards to on port {target.port} has weight 0",
            "give one of the load balancer's own target groups a weight above 0",
            status=503,
        )
    if not action.targets:
        walk.known(targets_of(balancer.arn))
        raise Stopped(
            "no-healthy-target",
            f"load balancer {balancer.name} has no target on port {target.port}",
            "register targets with the load balancer's own target group",
            status=503,
        )
    because = f"load balancer {balancer.name} takes {listener.protocol}:{listener.port}"
    walk.note(because=f"{because}; {doubt}" if doubt else because, unknown=bool(doubt))
    health = dict(action.health)
    # It sends to who is healthy; where nobody is, to everybody (ELB's fail-open).
    healthy = tuple(one for one in action.targets if not health.get(one[0])) or action.targets
    # An ALB spreads its requests; which of its targets answers is left to `roll` like a weight.
    chosen, port = healthy[int(walk.request.roll * len(healthy))]
    return chosen, port, health.get(chosen), dict(action.aside).get(chosen, 0)


def _balancer_action(walk: Walk, listener: BalancerListener) -> BalancerAction:
    for rule in sorted(listener.rules, key=lambda rule: rule.priority):
        if all(holds(condition, walk.request, walk.view.lattice_cidrs) for condition in rule.conditions):
            return rule
    return listener


def _balancer_listener(
    walk: Walk, balancer: Balancer, service: Service, group: TargetGroup, target: Target
) -> BalancerListener:
    listener = next((found for found in balancer.listeners if found.port == target.port), None)
    if listener is None:
        named = "name one of its listeners in lattice:target"
        raise Stopped(
            "listener-missing",
            f"load balancer {balancer.name} has no listener on port {target.port}",
            named if balancer.listeners else "add a listener to the load balancer: it has none yet",
            status=walk.answers(504),
        )
    if group.protocol not in (listener.protocol, "TCP"):
        raise Stopped(
            "listener-protocol",
            f"load balancer {balancer.name} speaks {listener.protocol} on port {target.port}, "
            f"the target group {group.protocol}",
            f"write lattice:target = {listener.protocol}:{target.port}",
            status=walk.answers(502),
        )
    if walk.passthrough:
        _shown(walk, balancer, listener)
    given = listener.certificates
    if group.protocol == "HTTPS" and given is not None and service.certificate not in given:
        raise Stopped(
            "certificate-mismatch",
            f"Lattice calls HTTPS:{target.port} of {balancer.name} only with the service's certificate, "
            f"and {service.name} has {service.certificate or 'none of its own'}",
            "name a listener that speaks HTTP in lattice:target, or give the service the same certificate",
            status=walk.answers(502),
        )
    return listener


def _shown(walk: Walk, balancer: Balancer, listener: BalancerListener) -> None:
    """What passes through Lattice as it is, is answered by the load balancer, with a certificate of its own."""
    host = walk.request.host.lower().rstrip(".")
    if listener.protocol != "HTTPS":
        raise Stopped(
            "listener-protocol",
            f"load balancer {balancer.name} speaks {listener.protocol} on port {listener.port}, and clients TLS, which"
            " passes through Lattice as it is",
            "name a listener that speaks HTTPS in lattice:target",
        )
    found = [walk.certificate(arn) for arn in listener.certificates or ()]
    # It shows one that a client takes, where it has one (ELB's choice by SNI).
    whys = [refused(one, host) for one in found if one is not None]
    if whys and all(whys) and None not in found:
        raise Stopped(
            "certificate-refused",
            f"clients refuse the certificate of HTTPS:{listener.port} of load balancer {balancer.name} for {host}:"
            f" {whys[0]}",
            f"give that listener an ACM certificate for {host}",
        )


def _lattice_admitted(walk: Walk, balancer: Balancer, port: int) -> str:
    """Why it is not known whether the load balancer admits Lattice; '' when it does."""
    if not balancer.security_groups:
        return ""
    if why := walk.unread(PREFIX_LIST):
        return why
    cidrs = [cidr for cidr in walk.view.lattice_cidrs if balancer.dualstack or ":" not in cidr]
    if not cidrs or any(
        opens(rule, port) and meet(cidr, one)
        for group in walk.view.security_groups
        if group.id in balancer.security_groups
        for rule in group.ingress
        for cidr in cidrs
        for one in rule.cidrs
    ):
        return ""
    if why := walk.unread(*balancer.security_groups):
        return why
    raise Stopped(
        "security-group",
        f"no security group of load balancer {balancer.name} admits the Lattice prefix list to port {port}",
        f"admit the prefix list {walk.prefix_list} to TCP {port} in {balancer.security_groups[0]}",
        status=walk.answers(504),
    )


def _passed_by_acls(walk: Walk, balancer: Balancer, port: int) -> str:
    """Why it is not known whether its subnets' network ACLs let Lattice in, and the answer out; '' when all do."""
    if why := walk.unread(acls_of(balancer.arn)):
        return why
    if balancer.acls and (why := walk.unread(PREFIX_LIST)):
        return why
    cidrs = [cidr for cidr in walk.view.lattice_cidrs if balancer.dualstack or ":" not in cidr]
    if not cidrs:
        return ""
    entered = {acl.id: any(acl_passes(acl, cidr, port, egress=False) for cidr in cidrs) for acl in balancer.acls}
    shut = [acl.id for acl in balancer.acls if not (entered[acl.id] and _lets_back(acl, cidrs))]
    if not shut:
        return ""
    first = shut[0]
    way = "back to Lattice's ports" if entered[first] else f"in from Lattice on port {port}"
    if len(shut) < len(balancer.acls):
        return f"network ACL {first} of some of its subnets lets nothing {way}: what goes there is lost"
    raise Stopped(
        "load-balancer-network-acl",
        f"network ACL {first} of load balancer {balancer.name}'s subnets lets nothing {way}",
        f"allow in {first} what the prefix list {walk.prefix_list} holds: from it on TCP {port}, to it on TCP"
        " 1024-65535",
        status=walk.answers(504),
    )


def _lets_back(acl: NetworkAcl, lattice: list[str]) -> bool:
    return any(acl_passes(acl, cidr, one, egress=True) for cidr in lattice for one in asked_from(acl))


def target(walk: Walk, target: str, port: int, health: str | None, aside: int, vpc: str) -> Serves:
    """What `target` answers; `health`: what its checks say, '' when it is well, None when nobody checks.

    `aside`: the port of those checks, where it is another one, of which they say nothing of `port`; else 0.
    """
    walk.at = "target"
    balanced = any(hop.name == "load balancer" for hop in walk.hops)
    instance = next(
        (
            found
            for found in walk.view.instances
            if found.id == target or (found.ip == target and vpc in ("", found.vpc))
        ),
        None,
    )
    where = f"{instance.name} ({instance.ip})" if instance is not None else target
    if instance is not None and not instance.running:
        raise Stopped(
            "target-stopped",
            f"{where} is not running",
            "start it, or take it out of its target group",
            # A load balancer takes it out of use by itself; Lattice goes on trying (facts 11.10).
            status=503 if balanced else walk.answers(504),
        )
    if health:
        raise Stopped(
            "no-healthy-target",
            f"{where} on port {port} is {health}",
            "let its security group admit the load balancer, and the health check's path answer as it expects",
            status=_ailing(health) if balanced else walk.answers(503),
        )
    if instance is None and not walk.unread(target) and health is None:
        status = 504 if balanced else walk.answers(504)
        raise Stopped("target-missing", f"nothing is at {target}", "register a target that is there", status)
    unseen = instance is None or instance.serves is None
    if unseen and health == "" and aside:
        because = f"{where} is healthy on port {aside}, and nobody checks what it answers on port {port}"
        walk.note(unknown=True, because=because, remedy="have it checked on the port that it is asked on")
        return Serves(port=port, status=0)
    if instance is None or instance.serves is None:
        because = f"{where} is healthy on port {port}" if health == "" else walk.unread(target)
        walk.note(because=because or f"nobody checks what {where} answers on port {port}", unknown=health is None)
        return Serves(port=port, status=0)
    serves = next((found for found in instance.serves if found.port == port), None)
    if serves is None:
        raise Stopped(
            "target-silent",
            f"nothing listens on port {port} of {where}",
            f"start the service on port {port}, or register the port it listens on",
            status=502 if balanced else walk.answers(502),
        )
    by = f" from {serves.server}" if serves.server else ""
    walk.note(because=f"{where} answers {serves.status}{by}")
    return serves


def checked(status: str) -> str | None:
    """What Lattice's own health check says of a target, as `BalancerListener.health` says it of a balancer's."""
    return {"HEALTHY": "", "UNHEALTHY": "unhealthy"}.get(status)


def _ailing(health: str) -> int:
    """What a load balancer answers for a target in such a state: nobody to ask, no answer in time, or a broken one."""
    state, _, reason = health.partition(" ")
    if state == "unhealthy":
        return 504 if "Timeout" in reason else 502
    return 503
