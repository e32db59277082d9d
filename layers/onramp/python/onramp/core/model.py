"""What was observed: one account as it is, in values."""

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value: frozen, made by keywords, compared by content."""


# --- what people want (tags), and what the wish is about


class AlbListener(Value, frozen=True):
    """A listener of a load balancer: where a target group may send to.

    `does`: its default action's type as ELB spells it: forward, redirect, fixed-response, authenticate-oidc, ...
    `certificate`: ARN of its default one, '' where it has none.
    """

    protocol: str
    port: int
    does: str = "forward"
    certificate: str = ""


class LoadBalancer(Value, frozen=True):
    """`listeners` is None when they are not known: the load balancer carries no wish, or they could not be read."""

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

LOAD_BALANCERS, VPCS, SECURITY_GROUPS = "load balancers", "VPCs", "security groups"
SERVICES, TARGET_GROUPS, INVITATIONS, MARKED = "services", "target groups", "invitations", "what bears our mark"
SHARE, DOMAINS = "share", "domains of the network"
OF_THE_NETWORK = frozenset({SHARE, DOMAINS})
"""Those that the network account's own function reads."""

LISTS = (
    frozenset({LOAD_BALANCERS, VPCS, SECURITY_GROUPS, SERVICES, TARGET_GROUPS, INVITATIONS, MARKED}) | OF_THE_NETWORK
)
"""Keys of `Observation.unread` where a list as such could not be read: nothing is known of any of them."""

UNREAD = "UNREAD"
"""The status of what is there and could not be read: unknown is not absent. `Observation.unread` says why."""


class Target(Value, frozen=True):
    """`id` is an ALB's ARN. An ALB target is never HEALTHY: Lattice does not check it (facts 7)."""

    id: str
    port: int
    status: str

    @property
    def arriving(self) -> bool:
        """Is it listed, and sent nothing yet?"""
        return self.status == "INITIAL"


class TargetGroup(Value, frozen=True):
    """`status` ACTIVE, CREATE_IN_PROGRESS, ...; `failure` what Lattice says of a *_FAILED one.

    `name` is Lattice's answer, never a tag's; of what we took over the name that we would have given. `owned`: it
    carries our mark, and its name or our own memory says that we made it. `mark`: whose mark it carries, a network's
    name or ''. `used_by`: ids of the services that Lattice names as its users; read only of one without targets, and
    of one that nothing that was read sends to and nobody asks for.
    """

    arn: str
    name: str
    status: str
    owned: bool
    targets: tuple[Target, ...] = ()
    failure: str = ""
    mark: str = ""
    used_by: tuple[str, ...] = ()


class Forward(Value, frozen=True):
    """A share of a listener's traffic: the target group's id (Lattice answers ids even where ARNs were sent)."""

    target_group: str
    weight: int = 100


class Match(Value, frozen=True):
    """What a rule asks of a request; all that is given must hold, and letters count as they are written.

    `path`: exactly this one, or where `begins`, what begins with it. `header`: its name in small letters, and `value`
    all that it has to say.
    """

    path: str = ""
    begins: bool = False
    method: str = ""
    header: str = ""
    value: str = ""

    def covers(self, other: "Match") -> bool:
        """Does it ask for all that the other one asks for?"""
        path = not self.path or (other.path.startswith(self.path) if self.begins else self._same_path(other))
        header = not self.header or (self.header, self.value) == (other.header, other.value)
        return path and self.method in {"", other.method} and header

    def _same_path(self, other: "Match") -> bool:
        return (self.path, False) == (other.path, other.begins)


EVERYTHING = Match(path="/", begins=True)
"""What every request meets: no rule after it is asked, nor the default action."""


class Rule(Value, frozen=True):
    """A rule of a listener. `match` is None where it asks for what we never ask for; of others' rules it and `forwards`
    are read by a look for hands, and by those that follow it.
    """

    arn: str
    name: str
    priority: int
    owned: bool
    match: Match | None = None
    forwards: tuple[Forward, ...] = ()


class Listener(Value, frozen=True):
    """`forwards` is its default action, `answers` the status of one that answers by itself, else 0.

    `rules`: names of the rules that somebody else made on it, as far as they were looked for. `found_rules`: all of
    them, where it has rules of ours or is to have some.
    """

    arn: str
    name: str
    protocol: str
    port: int
    owned: bool
    forwards: tuple[Forward, ...] = ()
    rules: tuple[str, ...] = ()
    answers: int = 0
    found_rules: tuple[Rule, ...] = ()

    @property
    def own_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.found_rules if rule.owned)

    @property
    def others_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.found_rules if not rule.owned)

    @property
    def by_others(self) -> tuple[Forward, ...]:
        """What rules that somebody else made on it send to, as far as they were read."""
        return tuple(to for rule in self.others_rules for to in rule.forwards)

    @property
    def sends(self) -> tuple[Forward, ...]:
        """All that it sends to, by default and by rules of ours."""
        return tuple(to for _, forwards in self.actions for to in forwards)

    @property
    def actions(self) -> tuple[tuple[Match | None, tuple[Forward, ...]], ...]:
        """What is asked for, and what that is sent to, by default, which is None, and by rules of ours."""
        return ((None, self.forwards), *((rule.match, rule.forwards) for rule in self.own_rules))

    @property
    def reached(self) -> tuple[Forward, ...]:
        """What requests can come to of all that it `sends` to: nothing behind a rule that takes them all, whoever made
        that, as far as it is known what it asks for.
        """
        found: list[Forward] = []
        before: list[Match] = []
        for rule in sorted(self.found_rules, key=lambda one: one.priority):
            if rule.match is None or not any(one.covers(rule.match) for one in before):
                found += rule.forwards
            before += [rule.match] if rule.match else []
        return tuple(found) if any(one.covers(EVERYTHING) for one in before) else (*found, *self.forwards)


class Association(Value, frozen=True):
    """A service's association with a network; an UNREAD one, without an ARN, stands for those that were not read.
    `handed`: its owner, who is not we, hands it over.
    """

    arn: str
    network: str
    status: str
    owned: bool
    failure: str = ""
    handed: bool = False


class Service(Value, frozen=True):
    """`associations` are those with any network, whoever made them; `owned` and `mark` as for a target group.

    `auth` is its auth type, '' when nobody asked; `policy` the auth policy beside a type that a hand set, '' for none,
    None when nobody asked. `custom_domain` is the domain of its own, '' for none. `zone`: the hosted zone of `domain`,
    which is Lattice's.
    """

    arn: str
    name: str
    status: str
    owned: bool
    domain: str = ""
    zone: str = ""
    failure: str = ""
    listeners: tuple[Listener, ...] = ()
    associations: tuple[Association, ...] = ()
    mark: str = ""
    auth: str = ""
    policy: str | None = None
    custom_domain: str = ""


class Existing(Value, frozen=True):
    """A Lattice service that people made themselves, and that its own tags speak of: nothing of it is ever changed.

    `associations` are those with any network; ours are those that we made for it. `listens`: has it a listener; None
    where that is not known. `passes`: TLS passes through all of them, so that nobody can sign.
    """

    arn: str
    name: str
    status: str
    tags: dict[str, str] = {}
    domain: str = ""
    custom_domain: str = ""
    failure: str = ""
    associations: tuple[Association, ...] = ()
    listens: bool | None = None
    passes: bool = False

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


type Resource = LoadBalancer | Vpc | Existing
"""What people tag, and read our answer on."""


class Certificate(Value, frozen=True):
    """A certificate of the account's own, ISSUED and of a kind that Lattice takes: what it is for, and until when.

    `names`: host names as they stand in it, `*.example.jp` among them. `not_after` and `since`, when it was issued or
    imported, are epoch seconds, 0 where they are not told; `ends` is the day of `not_after`, as 2026-11-27. `imported`:
    nobody renews it by himself.
    """

    arn: str
    names: tuple[str, ...]
    not_after: float = 0.0
    ends: str = ""
    since: float = 0.0
    imported: bool = False


NETWORKS_ZONE = "network/"
"""Before the id of a hosted zone that is the network account's and not the load balancer's account's."""


class Zone(Value, frozen=True):
    """A hosted zone of Route 53: `id` as Z0123456789ABC, after NETWORKS_ZONE where it is the network account's; `name`
    without the dot at its end; `private`: it answers in the VPCs that it is associated with alone. `owner`:
    the account that has it, '' where that was not asked, or a service of AWS has it.
    """

    id: str
    name: str
    private: bool = False
    owner: str = ""


class Record(Value, frozen=True):
    """A record set of a hosted zone, names without the dot at their end.

    One that is an alias has `to` and `zone`, the hosted zone of that name, and `healthy` where it asks for that; any
    other has `values` and `ttl`. `routed`: it is one of several, by weight, region or the like, which none of ours is.
    """

    name: str
    type: str
    to: str = ""
    zone: str = ""
    healthy: bool = False
    values: tuple[str, ...] = ()
    ttl: int = 0
    routed: bool = False


class Dns(Value, frozen=True):
    """What Route 53 has of one domain. `zones`: those that its tag may mean; None where that need not be asked, as our
    records stand in one of `records`, or could not be.

    `records`: hosted zone's id, as in `Zone` -> what stands there under the domain and under the name that says whose
    that is; no key where the zone is not there, or could not be read. `denied`: the call that was, and AWS's
    code, or ''. `below`: the domains below which the zone's account lets its writer make records, read where none of
    ours stand there; none where it says none, or that is not known.
    """

    zones: tuple[Zone, ...] | None = None
    records: dict[str, tuple[Record, ...]] = {}
    denied: str = ""
    below: tuple[str, ...] = ()


class Holder(Value, frozen=True):
    """Who has a domain on the network: a service of this account, joined by an association in this status."""

    account: str
    service: str
    status: str


class Settings(Value, frozen=True):
    """What of a service can be changed in place. `policy`: its auth policy's JSON, '' for none.

    `log`: the log group that its access log goes to by our `subscription` (an ARN); `foreign_log`: one that somebody
    else made goes to a log group, which may be one only (facts 15). `certificate`: the ARN of the one it shows.

    `had`: which of them tags have asked for and were not taken back yet, as it is remembered; `known` is false where
    they could not be read.
    """

    known: bool = True
    idle_timeout: int = 60
    auth: str = "NONE"
    policy: str = ""
    log: str = ""
    subscription: str = ""
    foreign_log: bool = False
    certificate: str = ""
    had: tuple[str, ...] = ()


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
    """`owned` and `mark` as for a target group."""

    arn: str
    vpc: str
    network: str
    status: str
    owned: bool
    security_groups: frozenset[str] = frozenset()
    failure: str = ""
    mark: str = ""


class Handed(Value, frozen=True):
    """What people made, what a tag asks for, and what its owner hands over: as it would be if it were ours, by the
    names that we would have given. A service has its listeners, the rules that tags ask for, and its association with
    the network where that is handed over, too.
    """

    services: tuple[Service, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    vpc_associations: tuple[VpcAssociation, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()


class Access(Value, frozen=True):
    """How far the network is within the account's reach.

    `visible`: its own, or shared and usable. `principal`: status of the share's principal association in the
    network account ('' none), `associated_at` when that was made and `updated_at` when it changed last, `failure` RAM's
    words where it is FAILED.
    `invitation`: ARN of the one that waits for an answer, or ''. `answered`: what became of the last one if none
    waits (ACCEPTED, REJECTED, EXPIRED; '' there is none), `invited_at` when it was sent. Times are epoch seconds.
    None of them is looked at unless something depends on it: `known` is false then, and nothing may be concluded.
    `lacking`: actions that runs need on the network and that the permission by which it is shared does not give; it
    is not visible then, whatever was accepted. `denied`: the call that would show the network, and AWS's code,
    where it was denied: before a share has come it is. `differs`: by AWS's words it was by the role's own policy, which
    lets the account look at another network: what to do about that.
    """

    known: bool = False
    visible: bool = False
    principal: str = ""
    associated_at: float = 0.0
    updated_at: float = 0.0
    invitation: str = ""
    answered: str = ""
    invited_at: float = 0.0
    lacking: tuple[str, ...] = ()
    denied: str = ""
    differs: str = ""
    failure: str = ""


class Observation(Value, frozen=True):
    """One account: what is there, then what people want (in that order, so that nothing looks orphaned).

    `unknown_groups`: VPC and id of security groups that a tag of that VPC names and that are not in it. `prefix_lists`:
    id -> how many entries it may come to hold, of those that tags name or rules of ours have, as far as they are there.
    `unread`: what could not be read, by ARN, id or list, and why: unknown is not absent, so that what depends on it
    stays. `settings`: service's name -> its settings, of those of which a tag asks for some, or has. `parameters`: SSM
    parameter -> what it holds, and `log_groups`, of those that tags name and that are there; `parameter_types`: of one
    that is no String, and is not read, what it is. `unproven`: ARN -> name of what carries
    our mark, although nothing says that we made it: it is left alone. `unmarked`: ARN or id -> name of
    what we know that we made, and somebody took our mark off: it goes on as it is, since without the mark we may not
    change it. `certificates`: those that cover a domain that a tag asks for, where one is needed. `holders`: domain ->
    who has it on the network, of those that a tag asks for and that are not on it by it yet; None where that was
    throttled, and is read by a later look. `dns`: domain -> what Route 53 has of it, where a tag asks for records, or
    asked. `private`: as in the plan, of the hosted zones of `dns`. `zones`: VPC -> the private hosted zones that it is
    in, where it may have to be in one, or is by us. `existing`: services that people made themselves, and that a tag
    asks for or did. `handed`: what of others' may be taken over. `let_go`: ARNs and ids of what is ours and its owner
    takes back.
    `released`: ARNs of what was let go and is still to be known, since the index may list it as ours, or since it is on
    the network by our share. `elsewhere`: ARNs and ids of what carries an answer, asks for no network here, and is in a
    sibling's network still. `domains_elsewhere`: load balancers that ask here -> the domain on them, where a sibling's
    service answers by it still; of those of `elsewhere`, by which a sibling's answers. `arrived`: load balancers that
    ask for a sibling's network now, and are behind a service on it.
    """

    account: str
    target_groups: tuple[TargetGroup, ...] = ()
    services: tuple[Service, ...] = ()
    vpc_associations: tuple[VpcAssociation, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    unknown_groups: frozenset[tuple[str, str]] = frozenset()
    prefix_lists: dict[str, int] = {}
    settings: dict[str, Settings] = {}
    parameters: dict[str, str] = {}
    parameter_types: dict[str, str] = {}
    log_groups: frozenset[str] = frozenset()
    certificates: tuple[Certificate, ...] = ()
    holders: dict[str, Holder] | None = {}
    dns: dict[str, Dns] = {}
    private: dict[str, str] = {}
    zones: dict[str, tuple[Zone, ...]] = {}
    unread: dict[str, str] = {}
    unproven: dict[str, str] = {}
    unmarked: dict[str, str] = {}
    access: Access = Access()
    load_balancers: tuple[LoadBalancer, ...] = ()
    vpcs: tuple[Vpc, ...] = ()
    existing: tuple[Existing, ...] = ()
    handed: Handed = Handed()
    let_go: frozenset[str] = frozenset()
    released: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    domains_elsewhere: dict[str, str] = {}
    arrived: frozenset[str] = frozenset()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All that people may have tagged."""
        return (*self.load_balancers, *self.vpcs, *self.existing)
