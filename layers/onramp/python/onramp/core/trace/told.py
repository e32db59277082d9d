"""What a walk tells: each hop with its sentence, what the caller is answered, and what an auth policy is asked."""

from typing import Literal, NamedTuple

from onramp.core.view import Network, Request, Service, Value

type HopName = Literal[
    "dns",
    "egress",
    "vpc endpoint",
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
