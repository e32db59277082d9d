"""To which listener of a load balancer a service sends: the one that a tag names, or the one that was chosen before."""

from collections.abc import Mapping
from functools import lru_cache

from onramp.core import names, sources, tags
from onramp.core.desired.wanted import PASSTHROUGH, TARGETS
from onramp.core.errors import Refused
from onramp.core.model import AlbListener, LoadBalancer, Observation, Service, Target, TargetGroup
from onramp.core.network import Network
from onramp.core.same import Same


def protocol_and_port(word: str, key: str, code: str, known: Mapping[str, int]) -> tuple[str, int]:
    """What a word as HTTP:80 or HTTP of tag `key` names; `known`: protocol -> its port. Raises Refused with `code`."""
    protocol, colon, port = word.upper().partition(":")
    if protocol not in known:
        choices = " or ".join(known)
        raise Refused(code, f"write {choices} and a port in tag {key}, as HTTP:80: it has {tags.spelled(word)}")
    if not colon:
        return protocol, known[protocol]
    return protocol, sources.port(port, key, word)


type _Decided = tuple[str, int] | None
"""Protocol and port of the load balancer's listener that we send to already; None: to none."""


def _named(value: str, key: str, balancer: LoadBalancer) -> tuple[str, int]:
    chosen = protocol_and_port(value, key, "target-invalid", TARGETS)
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


def through(value: str | None, key: str, balancer: LoadBalancer, sent_before: _Decided) -> tuple[str, int]:
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


def to_send_to(value: str | None, key: str, balancer: LoadBalancer, sent_before: _Decided) -> tuple[str, int]:
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


def decided(network: Network, observed: Observation, balancer: LoadBalancer, service: str, *, passes: bool) -> _Decided:
    """The listener that we send to already: what a default chose stays until a tag asks otherwise, or it is gone.

    What this service sends to comes first, then what was made for it, and only then what others send to: by that a
    service that is renamed goes on with the port it had. `passes`: by a target group for what passes through, or by
    one of the others.
    """
    sends, any_of_them = _sent_to(Same(observed.services))
    own = sends.get(service, frozenset())
    listeners = balancer.listeners or ()

    def named(service: str, port: int, *protocols: str) -> set[str]:
        given = (network.name, service, balancer.arn)
        return {names.target_group(*given, protocol, port, balancer.vpc) for protocol in protocols}

    plain = {name for found in listeners for name in named(service, found.port, found.protocol)}
    made = plain | {name for found in listeners for name in named(service, found.port, "TCP")}

    def by_tcp(group: TargetGroup) -> bool:
        """It may bear the name that it would have for any service: this one may have had another."""
        services = () if group.name in plain else (service, *sends)
        secure = [found.port for found in listeners if found.protocol == "HTTPS"]
        return any(group.name in named(one, port, "TCP") for one in services for port in secure)

    protocols = {listener.port: listener.protocol for listener in listeners}
    ranked = sorted(
        (group_id not in own, group.name not in made, group_id not in any_of_them, target.port)
        for group, target in _sending_to(Same(observed.target_groups)).get(balancer.arn, ())
        if group.owned and target.port in protocols and by_tcp(group) is passes
        for group_id in (group.arn.rpartition("/")[2],)
    )
    return (protocols[ranked[0][-1]], ranked[0][-1]) if ranked else None


@lru_cache(maxsize=2)
def _sent_to(services: Same[tuple[Service, ...]]) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Service -> ids of the target groups that it sends to; and all of these."""
    sends = {
        one.name: frozenset(to.target_group for found in one.listeners for to in found.sends) for one in services.value
    }
    return sends, frozenset[str]().union(*sends.values())


@lru_cache(maxsize=2)
def _sending_to(groups: Same[tuple[TargetGroup, ...]]) -> dict[str, list[tuple[TargetGroup, Target]]]:
    """Load balancer -> the target groups in which it is, with the target that it is there."""
    found: dict[str, list[tuple[TargetGroup, Target]]] = {}
    for group in groups.value:
        for target in group.targets:
            found.setdefault(target.id, []).append((group, target))
    return found
