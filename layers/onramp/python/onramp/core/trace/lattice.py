"""The service's side in Lattice: its association, who may call it, its listener, rule and target group."""

import msgspec

from onramp.core.matching import choose, matches
from onramp.core.trace.told import Asked
from onramp.core.trace.walked import Stopped, Unknown, Walk, refused, wait_or_repair
from onramp.core.view import Action, Listener, Network, Service, TargetGroup, associations_of


def service_association(walk: Walk, service: Service, network: Network) -> None:
    walk.at = "service association"
    mine = [found for found in service.associations if found.network == network.id]
    if not mine:
        if why := walk.unread(associations_of(service.id)):
            walk.note(unknown=True, because=why)
            return
        raise Stopped(
            "service-not-joined",
            f"service {service.name} is not associated with network {network.name}",
            f"tag its load balancer with the network's name: lattice:network = {network.name}"
            " (if it has it, ask onramp doctor and its ARN)",
        )
    if all(found.status != "ACTIVE" for found in mine):
        status = mine[0].status
        raise Stopped(
            "service-association-not-active",
            f"the association of service {service.name} with network {network.name} is {status}",
            wait_or_repair(status, "the service's association"),
        )
    if service.status != "ACTIVE":
        raise Stopped(
            "service-not-active",
            f"service {service.name} is {service.status}",
            wait_or_repair(service.status, "the service"),
        )
    walk.note(because=f"service {service.name} is associated with network {network.name}")


def auth(walk: Walk, service: Service, network: Network) -> None:
    walk.at = "auth policy"
    said, doubts, remedies = [], [], []
    levels = (
        ("service network", network.auth_type, network.arn, network.name, network.id),
        ("service", service.auth_type, service.arn, service.name, service.id),
    )
    for level, auth_type, arn, name, identifier in levels:
        if why := walk.unread(identifier):
            doubts.append(f"{level} {name}: {why}")
            continue
        if auth_type == "NONE":
            said.append(f"{level} {name} asks for no authorisation")
            continue
        ruling = walk.authorise(
            Asked(level=level, arn=arn, name=name, service=service, network=network, request=walk.request)
        )
        if ruling.unknown:
            doubts.append(f"{level} {name}: {ruling.because}")
            remedies.append(ruling.remedy)
        elif not ruling.allowed:
            raise Stopped(
                "auth-denied",
                f"{level} {name} refuses: {ruling.because}",
                ruling.remedy or f"admit this request in the auth policy of {level} {name}",
                status=walk.answers(403),
            )
        else:
            said.append(f"{level} {name} allows: {ruling.because}")
    walk.note(
        because="; ".join(doubts + said),
        unknown=bool(doubts),
        remedy="; ".join(filter(None, dict.fromkeys(remedies))),
    )


def listener(walk: Walk, service: Service) -> Listener:
    walk.at = "listener"
    walk.known(service.id)
    on_port = [found for found in service.listeners if found.port == walk.request.port]
    if not on_port:
        ports = ", ".join(f"{found.protocol}:{found.port}" for found in service.listeners) or "nothing"
        raise Stopped(
            "port-not-listened",
            f"service {service.name} listens on {ports}, not on port {walk.request.port}",
            f"ask on a port it listens on, or add {walk.request.protocol}:{walk.request.port} to lattice:listen",
        )
    listener = on_port[0]
    spoken = "HTTPS" if listener.protocol == "TLS_PASSTHROUGH" else listener.protocol
    if spoken != walk.request.protocol:
        raise Stopped(
            "protocol-mismatch",
            f"listener {listener.name} speaks {listener.protocol} on port {listener.port}, not {walk.request.protocol}",
            f"ask by {spoken.lower()}://",
        )
    host = walk.request.host.lower().rstrip(".")
    doubt = "" if walk.by_lattices_name or listener.protocol != "HTTPS" else _shown(walk, service, host)
    because = f"listener {listener.name} takes {listener.protocol}:{listener.port}"
    walk.note(because=f"{because}; {doubt}" if doubt else because, unknown=bool(doubt))
    return listener


def _shown(walk: Walk, service: Service, host: str) -> str:
    """What is not known of the certificate that is shown for a name of the service's own; '' where it is taken."""
    if not service.certificate:
        # Lattice has a certificate of its own names only, and none to fall back on (facts 14).
        raise Stopped(
            "certificate-missing",
            f"service {service.name} has no certificate for {host}",
            f"ask by {service.domain}, or give the service an ACM certificate for {host}",
        )
    found = walk.certificate(service.certificate)
    if found is None:
        return walk.unread(service.certificate)
    if why := refused(found, host):
        raise Stopped(
            "certificate-refused",
            f"clients refuse certificate {found.arn} of service {service.name} for {host}: {why}",
            f"renew or import it anew, or give the service an ACM certificate for {host}",
        )
    return "" if found.status == "ISSUED" else f"certificate {found.arn} is {found.status}: some clients refuse it"


def rule(walk: Walk, listener: Listener) -> Action:
    walk.at = "rule"
    for rule in sorted(listener.rules, key=lambda rule: rule.priority):
        if matches(rule.match, walk.request):
            _note_action(walk, f"rule {rule.name} (priority {rule.priority})", rule.action)
            return rule.action
    _note_action(walk, "the default action", listener.default)
    return listener.default


def _note_action(walk: Walk, which: str, action: Action) -> None:
    does = f"answers {action.fixed_status} itself" if action.fixed_status else "forwards"
    walk.note(because=f"{which} {does}")


def target_group(walk: Walk, action: Action) -> TargetGroup:
    walk.at = "target group"
    chosen = choose(action.forward, walk.request.roll)
    if chosen is None:
        raise Stopped(
            "weights-zero",
            "every target group of the action has weight 0",
            "give one of the load balancers a lattice:weight above 0",
            status=walk.answers(503),
        )
    walk.known(chosen)
    group = next((found for found in walk.view.target_groups if found.id == chosen), None)
    if group is None:
        raise Stopped(
            "target-group-missing",
            f"target group {chosen} is not there",
            "forward to one that is there",
            status=walk.answers(503),
        )
    if group.status != "ACTIVE":
        raise Stopped(
            "target-group-not-active",
            f"target group {group.name} is {group.status}",
            wait_or_repair(group.status, "the target group"),
            status=walk.answers(503),
        )
    usable = tuple(target for target in group.targets if target.status not in ("DRAINING", "INITIAL"))
    if not usable:
        raise Stopped(
            "no-target",
            f"target group {group.name} has no target in service",
            "register the load balancer with it; what was registered just now needs some minutes",
            status=walk.answers(503),
        )
    if group.type == "LAMBDA":
        walk.note(
            unknown=True,
            because=f"target group {group.name} is a function's: what it answers, nobody can tell from here",
            remedy="look at the function's own logs",
        )
        raise Unknown
    walk.note(because=f"target group {group.name} ({group.type}) has {usable[0].id}")
    return msgspec.structs.replace(group, targets=tuple(sorted(usable, key=lambda it: it.status == "UNHEALTHY")))
