"""The wish of a load balancer: to stand behind a service, which is made for it and listens as it says."""

import re
from collections.abc import Iterable, Mapping

from onramp.core import names, settings, tags
from onramp.core.desired import targets
from onramp.core.desired.asking import cannot_be_read, wishes
from onramp.core.desired.rules import asked
from onramp.core.desired.wanted import LISTENERS_PER_SERVICE, PASSTHROUGH, PROTOCOLS, THEIRS, WEIGHT, Backend, Wish
from onramp.core.errors import Refused
from onramp.core.model import LoadBalancer, Observation
from onramp.core.network import Network


def made_for(network: Network, balancers: Iterable[LoadBalancer]) -> frozenset[str]:
    """Names of the services and target groups that we may have made for the load balancers that ask for something.

    What bears our mark and one of these is ours: a mark alone can be forged, and so can a name, but who gives a thing
    this name and this mark has handed it over.
    """
    found: set[str] = set()
    for balancer in balancers:
        service = service_name_or_none(network, balancer) if wishes(network, balancer) else None
        if service is None:
            continue
        found.add(service)
        found |= {
            names.target_group(network.name, service, balancer.arn, protocol, one.port, balancer.vpc)
            for one in balancer.listeners or ()
            for protocol in {one.protocol, "TCP" if one.protocol == "HTTPS" else one.protocol}
        }
    return frozenset(found)


def check(network: Network, _: Observation, balancer: LoadBalancer) -> None:
    """Raises Refused for a tag of ours that is not understood."""
    tags.check(network, balancer.tags, tags.LOAD_BALANCER_KEYS)


def not_yet(observed: Observation, balancer: LoadBalancer) -> str | None:
    """Why its wish cannot be read yet; None: it can."""
    if balancer.state == "provisioning":
        return "the load balancer is being provisioned"
    return cannot_be_read(observed, balancer)


def _service_name(network: Network, balancer: LoadBalancer) -> str:
    domain = balancer.tags.get(network.prefix + tags.OWN_DOMAIN)
    if domain is not None:
        # It cannot be changed and is in a network once, so that it says which service this is, and the other tag does
        # not: a service of the same domain and another name could not come beside this one.
        return names.service_at(names.domain(domain.strip()))
    given = balancer.tags.get(network.prefix + tags.SERVICE)
    return names.service_for(balancer.name) if given is None else names.service(given.strip())


def service_name_or_none(network: Network, balancer: LoadBalancer) -> str | None:
    """Name of the service that it asks for; None where its tags name none that could be."""
    try:
        return _service_name(network, balancer)
    except Refused:
        return None


def wish(network: Network, observed: Observation, balancer: LoadBalancer) -> Wish:
    """The service that it is to stand behind, and how. Raises Refused for what cannot be."""
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
        _check_passthrough(given, network, listens)
    sent_before = targets.decided(network, observed, balancer, service, passes=passes)
    target = targets.through if passes else targets.to_send_to
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
        protocol, port = targets.protocol_and_port(word, key, "listen-invalid", PROTOCOLS)
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


def _weight(text: str, key: str) -> int:
    if text.lower() == THEIRS:
        return WEIGHT
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise Refused(
            "tag-invalid", f"write a number from 0 to 999 or {THEIRS} in tag {key}: it has {tags.spelled(text)}"
        )
    return int(text)


_OF_REQUESTS = (tags.PATH_PREFIX, tags.PATH, tags.METHOD, tags.HEADER, tags.PRIORITY)


def _check_passthrough(given: Mapping[str, str], network: Network, listens: tuple[tuple[str, int], ...]) -> None:
    """Raises Refused for what cannot go with it: Lattice reads nothing of what it passes on (facts R20)."""
    prefix, key = network.prefix, network.prefix + tags.LISTEN
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
    elif network.signed:
        message = (
            f"listen for HTTPS in tag {key}, or ask infra: the network asks who calls, and with {PASSTHROUGH} no caller"
            " can sign"
        )
    if message:
        raise Refused("passthrough-invalid", message)
