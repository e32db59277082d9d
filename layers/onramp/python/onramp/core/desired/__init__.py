"""What people want, out of their tags: services and clients, or refusals that say what to do.

A file a kind of thing that people tag: `load_balancers`, `vpcs`, `existing`; its row of KINDS is all that the rest
knows of it. `asking` says who asks at all, `together` what becomes of those who ask for one service, and `wanted` holds
the values.

What was decided once stays: who serves already is not moved by a default, and not turned away by a newcomer.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from onramp.core.desired import existing, load_balancers, vpcs
from onramp.core.desired.asking import key_of, moves_to, speaks, wishes
from onramp.core.desired.load_balancers import made_for
from onramp.core.desired.together import merge
from onramp.core.desired.wanted import (
    LISTENERS_PER_SERVICE,
    PASSTHROUGH,
    TARGET_GROUPS_PER_SERVICE,
    TARGET_PROTOCOLS,
    THEIRS,
    WEIGHT,
    Backend,
    Desired,
    WantedClient,
    WantedService,
    Wish,
)
from onramp.core.errors import Refused
from onramp.core.inventory import Refusal
from onramp.core.model import Existing, LoadBalancer, Observation, Vpc
from onramp.core.network import Network

__all__ = [
    "KINDS",
    "LISTENERS_PER_SERVICE",
    "PASSTHROUGH",
    "TARGET_GROUPS_PER_SERVICE",
    "TARGET_PROTOCOLS",
    "THEIRS",
    "WEIGHT",
    "Backend",
    "Desired",
    "Kind",
    "WantedClient",
    "WantedService",
    "Wish",
    "desired",
    "key_of",
    "made_for",
    "moves_to",
    "speaks",
    "wishes",
]


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


KINDS: dict[type[Any], Kind[Any]] = {
    LoadBalancer: Kind(
        name=lambda network, balancer: load_balancers.service_name_or_none(network, balancer) or "",
        check=load_balancers.check,
        not_yet=load_balancers.not_yet,
        wish=load_balancers.wish,
        behind=True,
    ),
    Vpc: Kind(
        name=lambda _, __: "",
        check=vpcs.check,
        not_yet=lambda _, __: None,
        wish=lambda network, _, vpc: vpcs.wish(network, vpc),
    ),
    Existing: Kind(
        name=lambda _, service: service.name,
        check=existing.check,
        not_yet=existing.not_yet,
        wish=lambda _, __, service: service,
    ),
}
"""By the value that each is observed as."""

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
    theirs: dict[str, dict[str, frozenset[str]]] = {}
    wanted: list[Wish] = []
    clients: list[WantedClient] = []
    entering: list[Existing] = []
    for resource in observed.resources:
        key, kind = key_of(resource), KINDS[type(resource)]
        if sibling := moves_to(network, resource):
            moving[key] = sibling
            if kind.behind and (service := kind.name(network, resource)):
                asking = theirs.setdefault(sibling, {})
                asking[service] = asking.get(service, frozenset()) | {key}
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
                    entering.append(service_of_theirs)
                case wish:
                    wanted.append(wish)
        except Refused as refused:
            told = refusals if wishes(network, resource) else strays
            told.append(Refusal(code=refused.code, resource=key, message=refused.message))
    services = merge(network, observed, wanted, named, refusals)
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
        existing=tuple(entering),
    )
