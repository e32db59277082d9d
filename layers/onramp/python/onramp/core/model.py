"""What was observed: one account as it is, in values."""

from typing import Literal

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value: frozen, made by keywords, compared by content."""


# --- what people want (tags), and what the wish is about


class AlbListener(Value, frozen=True):
    """A listener of a load balancer: where a target group may send to."""

    protocol: str
    port: int


class LoadBalancer(Value, frozen=True):
    """`listeners` is None when nobody asked for them: the load balancer carries no wish."""

    arn: str
    name: str
    type: str
    scheme: str
    state: str
    vpc: str
    tags: dict[str, str] = {}
    listeners: tuple[AlbListener, ...] | None = None


class Vpc(Value, frozen=True):
    id: str
    cidrs: tuple[str, ...]
    tags: dict[str, str] = {}


# --- what is there


class Target(Value, frozen=True):
    """`id` is an ALB's ARN. An ALB target is never HEALTHY: Lattice does not check it (facts 7)."""

    id: str
    port: int
    status: str


class TargetGroup(Value, frozen=True):
    """`status` ACTIVE, CREATE_IN_PROGRESS, ...; `failure` what Lattice says of a *_FAILED one."""

    arn: str
    name: str
    status: str
    owned: bool
    targets: tuple[Target, ...] = ()
    failure: str = ""


class Forward(Value, frozen=True):
    """A share of a listener's traffic: the target group's id (Lattice answers ids even where ARNs were sent)."""

    target_group: str
    weight: int = 100


class Listener(Value, frozen=True):
    arn: str
    name: str
    protocol: str
    port: int
    owned: bool
    forwards: tuple[Forward, ...] = ()


class Association(Value, frozen=True):
    """A service's association with a network."""

    arn: str
    network: str
    status: str
    owned: bool
    failure: str = ""


class Service(Value, frozen=True):
    """`associations` are those with any network, whoever made them."""

    arn: str
    name: str
    status: str
    owned: bool
    domain: str = ""
    failure: str = ""
    listeners: tuple[Listener, ...] = ()
    associations: tuple[Association, ...] = ()


class Ingress(Value, frozen=True, order=True):
    """What may come in: `source` is a CIDR, or the id of a security group or prefix list. Ports -1: any."""

    source: str
    from_port: int
    to_port: int
    protocol: str = "tcp"


class SecurityGroup(Value, frozen=True):
    id: str
    name: str
    vpc: str
    owned: bool
    admits: frozenset[Ingress] = frozenset()


class VpcAssociation(Value, frozen=True):
    arn: str
    vpc: str
    network: str
    status: str
    owned: bool
    security_groups: frozenset[str] = frozenset()
    failure: str = ""


class Access(Value, frozen=True):
    """How far the network is within the account's reach.

    `visible`: its own, or shared and usable. `principal`: status of the share's principal association in the
    network account ('' none), `associated_at` when that was made. `invitation`: ARN of the one that waits for an
    answer, or ''. `answered`: what became of the last one if none waits (ACCEPTED, REJECTED, EXPIRED; '' there is
    none), `invited_at` when it was sent. Times are epoch seconds. None of them is looked at unless something
    depends on it: `known` is false then, and nothing may be concluded.
    """

    known: bool = False
    visible: bool = False
    principal: str = ""
    associated_at: float = 0.0
    invitation: str = ""
    answered: str = ""
    invited_at: float = 0.0


class Observation(Value, frozen=True):
    """One account: what is there, then what people want (in that order, so that nothing looks orphaned).

    `unknown_groups`: VPC and id of security groups that a tag of that VPC names and that are not in it.
    """

    account: str
    target_groups: tuple[TargetGroup, ...] = ()
    services: tuple[Service, ...] = ()
    vpc_associations: tuple[VpcAssociation, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    unknown_groups: frozenset[tuple[str, str]] = frozenset()
    access: Access = Access()
    load_balancers: tuple[LoadBalancer, ...] = ()
    vpcs: tuple[Vpc, ...] = ()


class Network(Value, frozen=True):
    """What one stack serves. `arn`, `share` and `account` are the network account's.

    `offboarding`: the network is being given up; no tag asks for anything any more.
    """

    name: str
    arn: str
    account: str
    share: str
    acceptance: Literal["automatic", "manual"] = "automatic"
    prefix: str = "lattice:"
    siblings: frozenset[str] = frozenset()
    status_tags: bool = True
    deletion_limit: int = 10
    offboarding: bool = False

    def is_named(self, network: str) -> bool:
        """Is this the network that Lattice names so, by ARN or by id? Shared objects come back either way (facts 5)."""
        return network.rpartition("/")[2] == self.arn.rpartition("/")[2]
