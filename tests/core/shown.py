"""What load balancers show where TLS passes through to them, and what the reader finds of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from onramp.aws.observe.findings import Seen
from onramp.aws.observe.reader import Reader
from onramp.aws.reach import Reach
from onramp.core.hosts import covers
from onramp.core.model import Certificate
from onramp.core.reach import Asked, BalancerFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model_world import World
    from onramp.aws.account import Account
    from onramp.core.model import Observation
    from onramp.core.reach import Finding, LatticeRange
    from onramp.core.run import Run


def takes(world: World, balancer: str, port: int, host: str) -> bool:
    """Do clients who ask this listener for `host` take what it shows? `balancer`: its ARN."""
    there = world.load_balancers.get(balancer)
    names = world.shown.get((there.name, port), (host,)) if there else ()
    return any(covers(name, host) for name in names)


def answers(world: World) -> dict[str, tuple[str, str]]:
    """Load balancer -> its status, and the domain or name of the service by which it is told to answer, '' by none."""
    known = {one.domain: one.custom_domain or one.name for one in world.services.values()} | {"": ""}
    told = {one.name: world.answers(one.arn) for one in world.load_balancers.values()}
    return {key: (said["status"], known[said.get("domain", "")]) for key, said in told.items()}


def findings(world: World, seen: Observation, run: Run) -> dict[str, Finding]:
    """What the look of this run finds to keep requests out."""
    reader = Reader(world.network, cast("Account", None), run)
    reader.unread = seen.unread
    return Seen(reader, _Facts(world), seen).findings()


class _Facts(Reach):
    """Of each listener what it speaks and shows, and nothing else that could keep anybody out."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def balancers(self, member: Account, asked: Iterable[Asked], **_: Any) -> dict[Asked, BalancerFacts]:
        return {one: self._facts(one) for one in asked}

    def lattice(self, member: Account, facts: Iterable[BalancerFacts] | None = None) -> LatticeRange | None:
        return None

    def vpcs(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {}

    def _facts(self, one: Asked) -> BalancerFacts:
        there = self._world.load_balancers[one.load_balancer]
        refused = one.host and not takes(self._world, one.load_balancer, one.port, one.host)
        return BalancerFacts(
            arn=one.load_balancer,
            protocol=one.protocol,
            port=one.port,
            listens=next((found.protocol for found in there.listeners or () if found.port == one.port), ""),
            action="forward",
            host=one.host,
            refused=(Certificate(arn="arn:aws:acm:theirs", names=()),) if refused else (),
        )
