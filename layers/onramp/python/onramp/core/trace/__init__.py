"""Why a request arrives, or which hop stops it: the data path, walked over a value that somebody has read."""

from collections.abc import Callable

from onramp.core.trace import client, endpoint, lattice, load_balancer
from onramp.core.trace.client import region_of
from onramp.core.trace.told import Asked, Hop, HopName, Ruling, Trace
from onramp.core.trace.walked import Stopped, Unknown, Walk
from onramp.core.view import Request, Serves, View

__all__ = ["Asked", "Hop", "HopName", "Ruling", "Trace", "region_of", "walk"]


def walk(view: View, request: Request, authorise: Callable[[Asked], Ruling]) -> Trace:
    """Walk `request` hop by hop; the trace holds each hop's sentence, up to the one that ends the walk.

    `authorise` evaluates the policy of one level; it is asked only where the authType is AWS_IAM. A level
    with NONE is skipped (facts 13). A hop that is unknown does not end it as long as the next ones can be told.
    """
    walked = Walk(view, request, authorise)
    try:
        answer = _go(walked)
    except Stopped as stopped:
        walked.note(passed=False, because=stopped.because, code=stopped.code, remedy=stopped.remedy)
        return Trace(hops=tuple(walked.hops), status=stopped.status, stopped_at=walked.at)
    except Unknown:
        return Trace(hops=tuple(walked.hops))
    return Trace(hops=tuple(walked.hops), status=answer.status, body=answer.body, server=answer.server)


def _go(walk: Walk) -> Serves:
    service, through = client.resolve(walk)
    walk.passthrough = any(
        found.port == walk.request.port and found.protocol == "TLS_PASSTHROUGH" for found in service.listeners
    )
    if through is not None:
        network = endpoint.enter(walk, through)
    else:
        client.egress(walk, client.lattice(walk))
        association = client.vpc_association(walk)
        network = client.network(walk, association.network)
        walk.note(because=f"{association.vpc} is joined to network {network.name}")
        client.security_group(walk, association)
    lattice.service_association(walk, service, network)
    lattice.auth(walk, service, network)
    action = lattice.rule(walk, lattice.listener(walk, service))
    if action.fixed_status:
        return Serves(port=walk.request.port, status=action.fixed_status)
    group = lattice.target_group(walk, action)
    target = group.targets[0]
    if group.type == "ALB":
        found = load_balancer.balancer(walk, service, group, target)
        if isinstance(found, int):
            return Serves(port=target.port, status=found)
        return load_balancer.target(walk, *found, vpc=group.vpc)
    health = load_balancer.checked(target.status)
    aside = group.checked_on if group.checked_on != target.port else 0
    return load_balancer.target(walk, target.id, target.port, health, aside, vpc=group.vpc)
