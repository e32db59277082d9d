"""What decides about a request, as somebody read it at one moment."""

from typing import Literal

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """All that the walk reads is a frozen value."""


class Request(Value, frozen=True, kw_only=True):
    """What is asked, and from where.

    `protocol` is HTTP or HTTPS; `path` has no query; `security_groups` are the caller's own (a rule may admit a group
    instead of addresses), and `subnet` is theirs, where it is known; `roll` in [0, 1) says where a weighted choice
    falls, so that the same request always takes the same way. `source_ip` may be a CIDR: whoever it holds asks. `port`
    is 0 where nobody knows on which one is asked: the service's listeners could not be read.
    """

    source_ip: str
    vpc: str
    host: str
    protocol: str = "HTTP"
    port: int = 80
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    security_groups: tuple[str, ...] = ()
    subnet: str = ""
    roll: float = 0.0


class Vpc(Value, frozen=True, kw_only=True):
    """`dns`: DNS support and hostnames are on (facts 12: without them the names do not lead to Lattice)."""

    id: str
    account: str
    dns: bool = True


class Ingress(Value, frozen=True, kw_only=True):
    """One inbound permission; `protocol` as EC2 spells it ("tcp", "-1" for all), ports both inclusive."""

    protocol: str = "tcp"
    from_port: int = 0
    to_port: int = 65535
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Egress(Value, frozen=True, kw_only=True):
    """One outbound permission, spelt as an Ingress; prefix lists are told by their addresses."""

    protocol: str = "-1"
    from_port: int = 0
    to_port: int = 65535
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


EVERYWHERE = (Egress(cidrs=("0.0.0.0/0",)), Egress(cidrs=("::/0",)))
"""What a group lets out that nobody restricted."""


class SecurityGroup(Value, frozen=True, kw_only=True):
    id: str
    ingress: tuple[Ingress, ...] = ()
    egress: tuple[Egress, ...] = EVERYWHERE


class AclEntry(Value, frozen=True, kw_only=True):
    """One entry of a network ACL, for packets from a subnet (`egress`) or to it; `protocol` by number, "-1" for all."""

    egress: bool
    number: int
    allow: bool
    cidr: str
    protocol: str = "-1"
    from_port: int = 0
    to_port: int = 65535


class NetworkAcl(Value, frozen=True, kw_only=True):
    id: str
    entries: tuple[AclEntry, ...]


class Network(Value, frozen=True, kw_only=True):
    id: str
    arn: str
    name: str
    auth_type: str = "NONE"


class VpcAssociation(Value, frozen=True, kw_only=True):
    """A VPC joined to `network` (its id). No groups: every address of the VPC is let in."""

    vpc: str
    network: str
    status: str
    security_groups: tuple[str, ...] = ()


class EndpointSubnet(Value, frozen=True, kw_only=True):
    id: str
    cidr: str
    acl: NetworkAcl | None = None


class Endpoint(Value, frozen=True, kw_only=True):
    """A VPC endpoint of type ServiceNetwork, with addresses in `subnets`, which leads into `network` (its id).

    `names`: (name, service id), of the services that have a name of their own through it.
    """

    id: str
    vpc: str
    state: str
    network: str
    names: tuple[tuple[str, str], ...] = ()
    security_groups: tuple[str, ...] = ()
    subnets: tuple[EndpointSubnet, ...] = ()


class ServiceAssociation(Value, frozen=True, kw_only=True):
    network: str
    status: str


class HeaderMatch(Value, frozen=True, kw_only=True):
    """`how` is exact, prefix or contains."""

    name: str
    how: str
    value: str
    case_sensitive: bool = False


class Match(Value, frozen=True, kw_only=True):
    """Everything given must hold; '' and () stand for "any". `path_how` is exact or prefix."""

    method: str = ""
    path: str = ""
    path_how: str = "prefix"
    case_sensitive: bool = False
    headers: tuple[HeaderMatch, ...] = ()


class Action(Value, frozen=True, kw_only=True):
    """Forward to target groups (id, weight), or answer with `fixed_status` when it is not 0."""

    forward: tuple[tuple[str, int], ...] = ()
    fixed_status: int = 0


class Rule(Value, frozen=True, kw_only=True):
    name: str
    priority: int
    match: Match
    action: Action


class Listener(Value, frozen=True, kw_only=True):
    name: str
    protocol: str
    port: int
    default: Action
    rules: tuple[Rule, ...] = ()


class Certificate(Value, frozen=True, kw_only=True):
    """One of ACM's. `names`: host names as they stand in it; `ended`: the day on which it did, as 2026-11-27."""

    arn: str
    names: tuple[str, ...]
    status: str = "ISSUED"
    ended: str = ""


class Service(Value, frozen=True, kw_only=True):
    id: str
    arn: str
    account: str
    name: str
    domain: str
    custom_domain: str = ""
    certificate: str = ""
    status: str = "ACTIVE"
    auth_type: str = "NONE"
    listeners: tuple[Listener, ...] = ()
    associations: tuple[ServiceAssociation, ...] = ()


class Target(Value, frozen=True, kw_only=True):
    """`id` as registered: an ALB's ARN, an instance id or an address."""

    id: str
    port: int
    status: str = ""


class TargetGroup(Value, frozen=True, kw_only=True):
    """`type` is ALB, INSTANCE, IP or LAMBDA. `checked_on`: the port of Lattice's own checks; 0: that of each target."""

    id: str
    name: str
    type: str
    status: str
    protocol: str = "HTTP"
    vpc: str = ""
    targets: tuple[Target, ...] = ()
    checked_on: int = 0


class BalancerAction(Value, frozen=True, kw_only=True):
    """What a load balancer does with a request.

    It sends to `targets`, (instance id or address, port), of all groups that have a weight; `weightless`: none has.
    Or it answers `fixed_status` when that is not 0; `leads` is where the answer sends the client, if it is a redirect.
    `health`: what the checks say of a target, '' when it is healthy, else why not; who is not in it is not checked.
    `aside`: the port of its checks, where that is another one than requests are sent to.
    """

    targets: tuple[tuple[str, int], ...] = ()
    weightless: bool = False
    fixed_status: int = 0
    leads: str = ""
    health: tuple[tuple[str, str], ...] = ()
    aside: tuple[tuple[str, int], ...] = ()


class BalancerCondition(Value, frozen=True, kw_only=True):
    """One of `values` must match; `field` as ELB spells it, `name` is the header's of an http-header."""

    field: str
    values: tuple[str, ...]
    name: str = ""


class BalancerRule(BalancerAction, frozen=True, kw_only=True):
    """Taken before the default action where all conditions hold, by priority."""

    priority: int
    conditions: tuple[BalancerCondition, ...]


class BalancerListener(BalancerAction, frozen=True, kw_only=True):
    """With its default action. `certificates`: their ARNs, None when nobody looked."""

    protocol: str
    port: int
    certificates: tuple[str, ...] | None = None
    rules: tuple[BalancerRule, ...] = ()


class Balancer(Value, frozen=True, kw_only=True):
    """`dualstack`: it has IPv6 addresses too. `acls`: those of its subnets, each once."""

    arn: str
    name: str
    scheme: str
    state: str
    security_groups: tuple[str, ...] = ()
    listeners: tuple[BalancerListener, ...] = ()
    dualstack: bool = False
    subnets: tuple[str, ...] = ()
    acls: tuple[NetworkAcl, ...] = ()


class Serves(Value, frozen=True, kw_only=True):
    """What an instance answers on one port."""

    port: int
    status: int = 200
    server: str = ""
    body: str = ""


class Instance(Value, frozen=True, kw_only=True):
    """`serves` is None where nobody can say what it answers: the health checks of who sends to it decide."""

    id: str
    name: str
    vpc: str
    ip: str
    running: bool = True
    serves: tuple[Serves, ...] | None = ()


class Unread(Value, frozen=True, kw_only=True):
    """Something that decides and could not be read, so that its hop is unknown.

    `thing` is the id (of a network, VPC, security group, service, target group, target), the ARN (of a load balancer)
    or of a certificate, or the host name; `associations_of`, NAMES, ENDPOINTS, NETWORK_ACL and PREFIX_LIST name what
    has neither. `why` says who did not answer.
    """

    thing: str
    why: str


NAMES = "names"
"""That there are no more services than those in the view."""

ENDPOINTS = "VPC endpoints"
"""That no VPC endpoint has a name besides those in the view."""

NETWORK_ACL = "network ACL"
"""That of the subnet from which the caller asks."""

PREFIX_LIST = "prefix list"
"""Lattice's managed prefix list."""


def associations_of(identifier: str) -> str:
    """The `Unread.thing` of a VPC's or a service's associations."""
    return f"associations of {identifier}"


def groups_of(vpc: str) -> str:
    """The `Unread.thing` of which security groups a VPC's association has."""
    return f"security groups of {vpc}"


def targets_of(balancer: str) -> str:
    """The `Unread.thing` of a load balancer's targets, with their health."""
    return f"targets of {balancer}"


class Hidden(Value, frozen=True):
    """Records in hosted zone `zone`, which are not found: that is private and the VPC `apart` from it; another one,
    `by`, answers in its place; or it hands the name `by`, which is above theirs, on to other servers. `zone` is '' of
    what AWS itself answers for a name of Lattice's.
    """

    zone: str
    why: Literal["apart", "shadowed", "handed on"]
    by: str = ""


def acls_of(identifier: str) -> str:
    """The `Unread.thing` of the network ACLs of a load balancer's subnets, or of a VPC endpoint's."""
    return f"network ACLs of {identifier}"


class View(Value, frozen=True, kw_only=True):
    """Everything that decides about a request, as read at one moment.

    `aliases` are DNS records (name, target) for custom domains; `hidden` those of the name that is asked for which the
    caller's VPC does not find. `endpoints`: the VPC endpoint that the name leads through, if it does. `certificates`:
    those that were looked at; of others nothing is said. `others`: names of services that can be seen, where
    none has the name that is asked for. `lattice_cidrs`: the addresses that Lattice's
    managed prefix list holds: what load balancers must admit (facts 11), and what callers must be let out to (facts
    12). `network_acl` is that of the caller's subnet, None where nobody knows which that is. `region` is the
    caller's, '' when it does not matter. What is neither here nor `unread` is not there.
    """

    vpcs: tuple[Vpc, ...] = ()
    networks: tuple[Network, ...] = ()
    vpc_associations: tuple[VpcAssociation, ...] = ()
    services: tuple[Service, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    balancers: tuple[Balancer, ...] = ()
    instances: tuple[Instance, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    hidden: tuple[Hidden, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    others: tuple[str, ...] = ()
    lattice_cidrs: tuple[str, ...] = ()
    network_acl: NetworkAcl | None = None
    region: str = ""
    unread: tuple[Unread, ...] = ()
