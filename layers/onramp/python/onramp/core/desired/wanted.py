"""What wishes come to, as values: services with the load balancers behind them, and clients; and the limits of both."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from msgspec.structs import replace

from onramp.core import settings
from onramp.core.inventory import Refusal
from onramp.core.model import Existing, Ingress, Match, Value
from onramp.core.rules import Asked
from onramp.core.settings import Said

PASSTHROUGH = "TLS_PASSTHROUGH"

PROTOCOLS = {"HTTP": 80, "HTTPS": 443, PASSTHROUGH: 443}
"""What a service may listen for, and the port when the tag names none (facts 14)."""

TARGETS = {"HTTP": 80, "HTTPS": 443}
"""What a load balancer's listener speaks."""

TARGET_PROTOCOLS = (*TARGETS, "TCP")
"""What a target group may speak; TCP is for what passes through (facts R20)."""

WEIGHT = 100
"""The share of who asks for none (facts R19)."""

THEIRS = "theirs"
"""In place of a weight: a tool of the team's sets the shares, as ECS does when it deploys (facts R25)."""

LISTENERS_PER_SERVICE = 2  # quota L-D64E952E

TARGET_GROUPS_PER_SERVICE = 10  # quota L-3DEC3B9F, and what one forward action holds (facts 6, 16)

SECURITY_GROUPS_PER_ASSOCIATION = 5  # hard (facts 16)


class Backend(Value, frozen=True):
    """A load balancer behind a service: its listener's `protocol` and `port`, and its share of the requests: of those
    that its `rules` ask for; without any, of those that no rule takes.

    `said`: what its own tags say of the service. `by_tool`: a tool of the team's sets its share, and `weight` is what
    it begins with where nobody else has one.
    """

    load_balancer: str
    target_group: str
    protocol: str
    port: int
    vpc: str
    weight: int
    by_tool: bool = False
    said: Said = Said()
    rules: tuple[Asked, ...] = ()

    def takes(self, match: Match | None) -> bool:
        """Does it ask for what this rule takes; None: for what none takes?"""
        return any(one.match == match for one in self.rules) or (match is None and not self.rules)


class WantedService(Value, frozen=True):
    """`said`: what all of its load balancers say of it together. `unmet`: what of that cannot be had, though their
    requests may come.
    """

    name: str
    listens: tuple[tuple[str, int], ...]
    backends: tuple[Backend, ...]
    said: Said = Said()
    unmet: tuple[Refusal, ...] = ()

    @property
    def load_balancers(self) -> tuple[str, ...]:
        return tuple(backend.load_balancer for backend in self.backends)

    def of(self, backends: Iterable[Backend]) -> Self:
        """The same service as these alone ask for it."""
        found = tuple(backends)
        asking = {one.load_balancer for one in found}
        unmet = tuple(refusal for refusal in self.unmet if refusal.resource in asking)
        return replace(self, backends=found, said=settings.together(one.said for one in found), unmet=unmet)

    @property
    def rules(self) -> dict[Match, int]:
        """Every rule that it is to have, and its priority; 0 where that is left to what the rule asks for."""
        found: dict[Match, int] = {}
        for one in (one for backend in self.backends for one in backend.rules):
            found[one.match] = found.get(one.match) or one.priority
        return found

    @property
    def has_default(self) -> bool:
        """Does a load balancer of it take what no rule takes?"""
        return any(not backend.rules for backend in self.backends)


class WantedClient(Value, frozen=True):
    """`security_groups`: the team's own, used as they are; else one is made that admits `admits`. `unheeded`: tags that
    say nothing beside them.
    """

    vpc: str
    admits: frozenset[Ingress]
    security_groups: tuple[str, ...] = ()
    unheeded: tuple[str, ...] = ()

    @property
    def callers(self) -> frozenset[str]:
        """The sources that are ids, of prefix lists and security groups: whether they are there has to be asked."""
        return frozenset(rule.source for rule in self.admits if rule.source.startswith(("pl-", "sg-")))


class Desired(NamedTuple):
    """`settling`: resource -> why its wish cannot be read yet. A wish that is refused is in no other list.

    `named`: load balancer -> the service that it asks for, in whatever state it is; that service stays. `kept_out`:
    resource -> what infra has taken off the network. `moving`: resource -> the sibling's network that it asks for now.
    `strays`: what is told to resources that carry tags of ours and not the one that asks for a network: a typing error,
    or what was forgotten when it was taken off. `theirs`: sibling's network -> the services that are asked for there,
    and by whom. `awaiting`: resource -> why infra has to be waited for; such a wish is in no other list either.
    `existing`: services that people made themselves and want on the network.
    """

    services: tuple[WantedService, ...]
    clients: tuple[WantedClient, ...]
    refusals: tuple[Refusal, ...]
    settling: dict[str, str]
    named: dict[str, str]
    kept_out: dict[str, str]
    moving: dict[str, str]
    strays: tuple[Refusal, ...]
    theirs: dict[str, dict[str, frozenset[str]]]
    awaiting: dict[str, str] = {}
    existing: tuple[Existing, ...] = ()


class Wish(NamedTuple):
    """What stands behind a service, and how that is to listen."""

    service: str
    listens: tuple[tuple[str, int], ...]
    backend: Backend


def refused_each(group: list[Wish], code: str, message: str) -> list[Refusal]:
    """The same refusal for the load balancer of every wish."""
    return [Refusal(code=code, resource=wish.backend.load_balancer, message=message) for wish in group]
