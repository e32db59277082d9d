"""What a world is said to be: accounts with their VPCs, servers and load balancers, as data."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from localcloud.ground.serves import PortNumber, Serves

type AccountId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}$")]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a world's description: what it does not know is an error, never ignored."""


class Organization(Part, frozen=True):
    """`sharing`: RAM sharing with the organisation is on. `units`: unit id -> the accounts right under it.

    `accounts` are its members, all accounts of the world when not given; the first one manages it. `policies`: service
    control policies, by the account, unit or root that they are attached to; `resource_policies`: resource control
    policies likewise. The world itself stands before they do.
    """

    id: str
    root: str = "r-ab12"
    sharing: bool = True
    accounts: tuple[AccountId, ...] | None = None
    units: dict[str, tuple[AccountId, ...]] = {}
    policies: dict[str, tuple[dict[str, Any], ...]] = {}
    resource_policies: dict[str, tuple[dict[str, Any], ...]] = {}


class Ingress(Part, frozen=True):
    """TCP `port` (one, or `80-90`) open to `sources`: CIDRs, or managed prefix lists by name.

    A prefix list may be called by what follows `com.amazonaws.REGION.`, as in `vpc-lattice`.
    """

    port: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(-[0-9]+)?$")] | PortNumber
    sources: tuple[str, ...]


class Egress(Part, frozen=True):
    """TCP `port` open to `destinations`, spelt as an Ingress's sources."""

    port: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(-[0-9]+)?$")] | PortNumber
    destinations: tuple[str, ...]


class SecurityGroup(Part, frozen=True):
    """`egress` not given: everything may go out, as of any group that is made."""

    name: str
    ingress: tuple[Ingress, ...] = ()
    egress: tuple[Egress, ...] | None = None


class Subnet(Part, frozen=True):
    """`zone` is the zone's last letter; without one the zones are taken in turn. `id` fixes the subnet's id."""

    cidr: str
    zone: str = ""
    id: Annotated[str, msgspec.Meta(pattern=r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$")] = ""


class AclEntry(Part, frozen=True):
    """A numbered rule of a network ACL. `protocol` is IANA's number, -1 for all; `ports` as `80-90`, of TCP and UDP."""

    number: Annotated[int, msgspec.Meta(ge=1, le=32766)]
    allow: bool
    cidr: str
    egress: bool = False
    protocol: str = "-1"
    ports: Annotated[str, msgspec.Meta(pattern=r"^([0-9]+-[0-9]+)?$")] = ""


class NetworkAcl(Part, frozen=True):
    """The network ACL of the subnets with these CIDRs; what no entry allows is denied."""

    subnets: tuple[str, ...]
    entries: tuple[AclEntry, ...] = ()


class Vpc(Part, frozen=True):
    """`id` fixes the VPC's id, so that recorded events can name it. `dns`: support and hostnames are on.

    `more_cidrs` are associated with it besides. Subnets that no `acls` name have the one that lets everything pass.
    """

    name: str
    cidr: str
    id: Annotated[str, msgspec.Meta(pattern=r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$")] = ""
    more_cidrs: tuple[str, ...] = ()
    subnets: tuple[Subnet | str, ...] = ()
    acls: tuple[NetworkAcl, ...] = ()
    dns: bool = True
    tags: dict[str, str] = {}
    security_groups: tuple[SecurityGroup, ...] = ()


class Instance(Part, frozen=True):
    """`vpc` is the VPC's name; `ip` must lie in one of its subnets. No `security_groups`: the VPC's default one."""

    name: str
    vpc: str
    ip: str
    serves: tuple[Serves, ...] = ()
    tags: dict[str, str] = {}
    security_groups: tuple[str, ...] = ()


class Forward(Part, frozen=True):
    """A target group's share of what a listener or rule sends on: instances by name, its port, its weight."""

    port: PortNumber
    targets: tuple[str, ...] = ()
    weight: Annotated[int, msgspec.Meta(ge=0, le=999)] = 1


type Redirect = str | dict[str, str]
"""Where clients are sent, as in `HTTPS:443`; or all of ELB's RedirectConfig.

Its text has no pattern here: with one, in a union with a dict, msgspec 0.22.0 frees at exit what it must not, and the
process dies of it.
"""

type Status = Annotated[int, msgspec.Meta(ge=200, le=599)]


class BalancerRule(Part, frozen=True):
    """A rule of an ALB's listener: `conditions` as ELB has them; one of `forward`, `redirect` and `answers`."""

    priority: Annotated[int, msgspec.Meta(ge=1, le=50000)]
    conditions: tuple[dict[str, Any], ...]
    forward: tuple[Forward, ...] = ()
    redirect: Redirect = ""
    answers: Status | None = None


class BalancerListener(Part, frozen=True):
    """`targets` are instances by name; `target_port` is the instances' own when they serve just one port.

    `certificate` of an HTTPS listener is an ARN, or a host name that ACM then issues one for; the team's own when not
    given. `redirect`, as in `HTTPS:443`, sends clients there; `answers` is a status that it answers by itself.
    `forward`, in place of `targets`, sends to several groups by their weights.
    """

    protocol: str
    port: PortNumber
    targets: tuple[str, ...] = ()
    target_port: PortNumber | None = None
    certificate: str = ""
    redirect: Redirect = ""
    answers: Status | None = None
    forward: tuple[Forward, ...] = ()
    rules: tuple[BalancerRule, ...] = ()


class LoadBalancer(Part, frozen=True):
    """`id` fixes the last part of the ARN. `security_groups` are names; none: one that Lattice may call."""

    name: str
    vpc: str
    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")] = ""
    scheme: str = "internal"
    type: str = "application"
    listeners: tuple[BalancerListener, ...] = ()
    security_groups: tuple[str, ...] | None = None
    tags: dict[str, str] = {}


class HostedZone(Part, frozen=True):
    """Of Route 53: public, or private to the `vpcs`, which are names. `id` as Z0123456789ABC."""

    name: str
    id: Annotated[str, msgspec.Meta(pattern=r"^Z[A-Z0-9]{1,31}$")] | None = None
    vpcs: tuple[str, ...] = ()


class Account(Part, frozen=True):
    """`trail`: it has a CloudTrail trail, so that calls are announced (facts 3)."""

    id: AccountId
    name: str = ""
    trail: bool = False
    vpcs: tuple[Vpc, ...] = ()
    instances: tuple[Instance, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    hosted_zones: tuple[HostedZone, ...] = ()


class World(Part, frozen=True):
    """`registration_seconds`: how long Lattice takes until it lists a target and sends to it; not given, no time."""

    accounts: tuple[Account, ...]
    organization: Organization | None = None
    registration_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] | None = None


class Unbuildable(ValueError):
    """The description contradicts itself: something it names is not in it."""
