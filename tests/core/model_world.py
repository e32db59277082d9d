"""One account as a value that changes: every step of a plan has its effect here, and what Lattice would refuse fails.

Nothing settles before the next look, so that a plan which relies on more than it was shown meets an assertion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from msgspec.structs import replace
from onramp.core import names, offers, tags, versions
from onramp.core.certificates import is_for
from onramp.core.desired import PASSTHROUGH, Desired, desired, key_of, moves_to, speaks, wishes
from onramp.core.errors import Refused
from onramp.core.model import (
    NETWORKS_ZONE,
    Access,
    AlbListener,
    Association,
    Certificate,
    Dns,
    Existing,
    Handed,
    Holder,
    Listener,
    LoadBalancer,
    Observation,
    Record,
    Resource,
    Rule,
    SecurityGroup,
    Service,
    Settings,
    Target,
    TargetGroup,
    Vpc,
    VpcAssociation,
    Zone,
)
from onramp.core.network import Network
from onramp.core.plan.ground import answers, behind, groups_of, registered
from onramp.core.plan.records import IN_THE_WAY, holding, marked
from onramp.core.reach import Finding
from onramp.core.report import Report, report
from onramp.core.rounds import learn, look
from onramp.core.run import Memory, Plan, Run
from onramp.core.settings import ANY, BY_STACK
from onramp.core.settings import asked as asks_settings
from onramp.core.steps import (
    AcceptShare,
    Adopt,
    AnyStep,
    AssociateService,
    AssociateVpc,
    AssociateZone,
    ClearStatus,
    CreateAccessLog,
    CreateListener,
    CreateRecords,
    CreateRule,
    CreateSecurityGroup,
    CreateService,
    CreateTargetGroup,
    DeleteAccessLog,
    DeleteAuthPolicy,
    DeleteListener,
    DeleteRecords,
    DeleteRule,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    DisassociateZone,
    Outcome,
    PutAuthPolicy,
    RegisterTarget,
    Release,
    RuleChange,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    ShareNetwork,
    UnshareNetwork,
    UpdateAccessLog,
    UpdateListener,
    UpdateRules,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
    WriteStatus,
    needs,
)

INFRA, TEAM = "111111111111", "222222222222"
NETWORK_ARN = f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-0"
OTHER_NETWORK_ARN = f"arn:aws:vpc-lattice:ap-northeast-1:{INFRA}:servicenetwork/sn-1"

type Sharing = Literal["organisation", "invitation"]
type Fate = Literal["done", "refused", "not_yet", "failed", "lost"]
"""What becomes of a step; `lost`: it took effect, and its answer never came."""


def network(**given: Any) -> Network:
    """The network `net`; nothing is waited for and nothing is kept when a wish goes, unless a test says so."""
    plain = Network(name="net", arn=NETWORK_ARN, account=INFRA, share="arn:share", quiet_seconds=0, keep_seconds=0)
    return replace(plain, **given)


def arn(kind: str, name: str, account: str = TEAM) -> str:
    return f"arn:aws:vpc-lattice:ap-northeast-1:{account}:{kind}/{name}"


def balancer(name: str, *ports: str, **given: Any) -> LoadBalancer:
    """An internal ALB that listens on `ports` ("HTTP:80"; none given: that one)."""
    listeners = tuple(
        AlbListener(protocol=protocol, port=int(port))
        for protocol, _, port in (word.partition(":") for word in ports or ("HTTP:80",))
    )
    plain = LoadBalancer(
        arn=f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/{name}/id-{name}",
        name=name,
        type="application",
        scheme="internal",
        state="active",
        vpc="vpc-1",
        listeners=listeners,
    )
    return replace(plain, **given)


def tagged(name: str, *ports: str, **tags: str) -> LoadBalancer:
    """The same, asking for the network `net`; underscores in tag names stand for hyphens."""
    return balancer(name, *ports, tags=wish(**tags))


def wish(**tags: str) -> dict[str, str]:
    return {f"lattice:{key.replace('_', '-')}": value for key, value in {"network": "net", **tags}.items()}


PARAMETERS = {
    "/lattice-onramp/open": '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
    "/lattice-onramp/signed": (
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",'
        ' "Condition": {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}}}'
    ),
    "/lattice-onramp/shut": '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}',
    "/lattice-onramp/wrong": "nobody",
}
"""The account's parameters with policies of its own: one that lets everybody in, one that lets in who signs, one that
lets nobody in, and one that is none."""

_ACM = f"arn:aws:acm:ap-northeast-1:{TEAM}:certificate/"
CERTIFICATES = (
    Certificate(arn=f"{_ACM}11111111", names=("api.shop.example.jp",)),
    Certificate(arn=f"{_ACM}22222222", names=("shop.example.jp", "*.shop.example.jp")),
)
"""The account's: one for a single host, and one for all beside it."""

HOLDERS = {"taken.shop.example.jp": Holder(account="333333333333", service="theirs", status="ACTIVE")}
"""A domain that another account has on the network."""

ZONES = (
    Zone(id="ZSHOP", name="shop.example.jp"),
    Zone(id="ZROOT", name="example.jp"),
    Zone(id="ZTWIN", name="twin.example.jp"),
    Zone(id="ZTWIN2", name="twin.example.jp"),
    Zone(id="ZELSE", name="else.example.com"),
    Zone(id=f"{NETWORKS_ZONE}ZHOME", name="home.shop.example.jp"),
)
"""The account's hosted zones, two of them of one name; the last one is the network account's."""

FOREIGN = Record(name="old.shop.example.jp", type="A", values=("10.9.9.9",), ttl=300)
"""A record that people have in the first of them."""

LATTICES = "ZLATTICE"
"""The hosted zone in which Lattice's own names are."""

PREFIX_LISTS = {"pl-0123abcd": 5}
"""The account's, and how many entries each may come to hold."""


def vpc(name: str = "vpc-1", **tags: str) -> Vpc:
    return Vpc(id=name, cidrs=("10.1.0.0/20",), tags=wish(**tags))


def existing(name: str = "theirs", **given: Any) -> Existing:
    """A service that people made themselves, which asks for the network `net` and listens."""
    plain = Existing(
        arn=arn("service", f"svc-{name}"),
        name=name,
        status="ACTIVE",
        tags=wish(),
        domain=f"{name}.at.lattice",
        listens=True,
    )
    return replace(plain, **given)


@dataclass
class Arriving:
    """A target that AWS has taken and does not list, or lists as INITIAL, before so many more looks."""

    group: str
    target: Target
    looks: int


class World:
    """The state of one account and of the share, behind the verbs that the plan's steps name.

    Knobs: `refusing` says why a step is refused, or ''; `fate` what else becomes of it. `breaking`: keys of steps that
    AWS takes and that end CREATE_FAILED or DELETE_FAILED. `slow_registration`: looks before a target
    is listed; below zero, looks that it is listed as INITIAL and takes no request. `lost`: parameters, log groups and
    certificates that are not there any more. `denied`: hosted zones that may not be read. `found`: what keeps requests
    out of a load balancer, once it is joined. `shown`: name of a load balancer and port -> the names in the
    certificates of its listener, where they are not whatever clients ask for. `offered`: as of a run; `within`: VPC ->
    the private hosted zones that it is in, by whomever.
    `handed`: ARNs and ids of what bears its owner's word to be taken over, `let_go` of what bears the other one.
    """

    def __init__(self, network: Network, account: str = TEAM, sharing: Sharing = "invitation") -> None:
        self.network = network
        self.account = account
        self.sharing = sharing
        self.load_balancers: dict[str, LoadBalancer] = {}
        self.vpcs: dict[str, Vpc] = {}
        self.groups: dict[str, TargetGroup] = {}
        self.of_tcp: set[str] = set()
        self.services: dict[str, Service] = {}
        self.existing: dict[str, Existing] = {}
        self.vpc_associations: dict[str, VpcAssociation] = {}
        self.security_groups: dict[str, SecurityGroup] = {}
        self.settings: dict[str, Settings] = {}
        self.changed: dict[str, float] = {}
        self.zones: dict[str, list[Record]] = {one.id: [] for one in ZONES} | {"ZSHOP": [FOREIGN]}
        self.denied: frozenset[str] = frozenset()
        self.below: tuple[str, ...] = ()
        self.offered = ""
        self.within: dict[str, list[Zone]] = {}
        self.domains: set[str] = set()
        self.holders = HOLDERS
        self.handed: set[str] = set()
        self.let_go: set[str] = set()
        self.released: set[str] = set()
        self.principal = ""
        self.invitation = ""
        self.done: list[AnyStep] = []
        self.entered: list[tuple[str, str]] = []
        """Account whose role did a step, and the step's kind."""
        self.memory = Memory()
        self.now = 1_000_000.0
        self.refusing: Callable[[AnyStep], str] = lambda _: ""
        self.fate: Callable[[AnyStep], Fate] = lambda _: "done"
        self.breaking: set[str] = set()
        self.slow_registration = 0
        self.lost: frozenset[str] = frozenset()
        self.found: dict[str, Finding] = {}
        self.shown: dict[tuple[str, int], tuple[str, ...]] = {}
        self.arriving: list[Arriving] = []
        self.every_step: Callable[[AnyStep], None] = lambda _: None
        self.reports: list[Report] = []
        self._made = [0]

    def sibling(self, other: Network) -> World:
        """Another stack's view of the same account: what one makes is the other's neighbour."""
        twin = World(other, self.account, self.sharing)
        twin.load_balancers, twin.vpcs = self.load_balancers, self.vpcs
        twin.groups, twin.services, twin.of_tcp = self.groups, self.services, self.of_tcp
        twin.existing = self.existing
        twin.vpc_associations, twin.security_groups = self.vpc_associations, self.security_groups
        twin.settings, twin.changed = self.settings, self.changed
        twin.zones = self.zones
        twin.handed, twin.let_go, twin.released = self.handed, self.let_go, self.released
        twin.shown = self.shown
        twin.arriving, twin._made = self.arriving, self._made
        return twin

    # --- people

    def tag(self, *things: Resource) -> World:
        """People create or tag these; the answers that they carry stay."""
        for thing in things:
            if isinstance(thing, Existing):
                joined = self.existing[thing.arn].associations if thing.arn in self.existing else thing.associations
                said = {**self._said(thing.arn), **thing.tags}
                self.existing[thing.arn] = replace(thing, tags=said, associations=joined)
            elif isinstance(thing, LoadBalancer):
                self.load_balancers[thing.arn] = replace(thing, tags={**self._said(thing.arn), **thing.tags})
            else:
                self.vpcs[thing.id] = replace(thing, tags={**self._said(thing.id), **thing.tags})
        return self

    def untag(self) -> World:
        """People take all of their own tags away."""
        for key, one in self.load_balancers.items():
            self.load_balancers[key] = replace(one, tags=self._said(key))
        for key, other in self.vpcs.items():
            self.vpcs[key] = replace(other, tags=self._said(key))
        for key, service in self.existing.items():
            self.existing[key] = replace(service, tags=self._said(key))
        return self

    def answers(self, key: str) -> dict[str, str]:
        """What the product says on this resource: status, domain, message."""
        return {name.removeprefix("lattice-onramp:"): value for name, value in self._said(key).items()}

    def _said(self, key: str) -> dict[str, str]:
        thing = self.load_balancers.get(key) or self.vpcs.get(key) or self.existing.get(key)
        return {} if thing is None else {k: v for k, v in thing.tags.items() if k.startswith("lattice-onramp:")}

    # --- time

    def settle(self) -> None:
        """Everything under way arrives."""
        for one in self.arriving:
            one.looks -= 1
        for one in [one for one in self.arriving if one.looks < 0]:
            self.arriving.remove(one)
            if one.group in self.groups and self.slow_registration >= 0:
                there = self.groups[one.group]
                self.groups[one.group] = replace(there, targets=(*there.targets, one.target))
        begun = {(one.group, one.target) for one in self.arriving}
        _fill(
            self.groups,
            {
                key: replace(
                    group,
                    status=_settled(group.status),
                    targets=tuple(
                        to if (key, to) in begun else replace(to, status="UNAVAILABLE")
                        for to in group.targets
                        if to.status != "DRAINING"
                    ),
                )
                for key, group in self.groups.items()
                if group.status != "DELETE_IN_PROGRESS"
            },
        )
        _fill(
            self.services,
            {
                key: replace(
                    service,
                    status=_settled(service.status),
                    associations=tuple(
                        replace(found, status=_settled(found.status))
                        for found in service.associations
                        if found.status != "DELETE_IN_PROGRESS"
                    ),
                )
                for key, service in self.services.items()
                if service.status != "DELETE_IN_PROGRESS"
            },
        )
        for key, theirs in self.existing.items():
            left = [found for found in theirs.associations if found.status != "DELETE_IN_PROGRESS"]
            settled = tuple(replace(found, status=_settled(found.status)) for found in left)
            self.existing[key] = replace(theirs, associations=settled)
        _fill(
            self.vpc_associations,
            {
                key: replace(found, status=_settled(found.status))
                for key, found in self.vpc_associations.items()
                if found.status != "DELETE_IN_PROGRESS"
            },
        )
        self.settle_share()

    def settle_share(self) -> None:
        """What this network's share is on its way to."""
        if self.principal == "DISASSOCIATING":
            self.principal = ""
        elif self.principal == "ASSOCIATING":
            if self.sharing == "organisation":
                self.principal = "ASSOCIATED"
            elif not self.invitation:
                self.invitation = "arn:invitation"

    @property
    def visible(self) -> bool:
        return self.account == self.network.account or self.principal == "ASSOCIATED"

    # --- looking

    def observe(self) -> Observation:
        """As the observer reads it: all that bears our mark, and of others what stands in the way of a wish."""
        return self._looked()[0]

    def wanted(self) -> Desired:
        """What is asked for, as the observer reads it."""
        return self._looked()[1]

    def _looked(self) -> tuple[Observation, Desired]:
        ours = Observation(
            account=self.account,
            target_groups=tuple(one for one in self.groups.values() if self._is_ours(one)),
            services=tuple(
                replace(self._with_words(one), listeners=())
                if one.status.endswith("_IN_PROGRESS")
                else self._with_words(one)
                for one in self.services.values()
                if self._is_ours(one)
            ),
            vpc_associations=tuple(one for one in self.vpc_associations.values() if self._is_ours(one)),
            security_groups=tuple(
                one
                for one in self.security_groups.values()
                if one.name == names.security_group(self.network.name, one.vpc)
            ),
            load_balancers=tuple(self.load_balancers.values()),
            vpcs=tuple(self.vpcs.values()),
            existing=tuple(self._seen(one) for one in self.existing.values()),
            prefix_lists=PREFIX_LISTS,
            parameters={name: text for name, text in PARAMETERS.items() if name not in self.lost},
            log_groups=frozenset({"/orders", "/orders/2"}) - self.lost,
            certificates=tuple(one for one in CERTIFICATES if one.arn not in self.lost),
            holders=self.holders,
        )
        want = desired(self.network, ours)
        had = {one.name: self.settings[one.arn].had for one in ours.services if one.arn in self.settings}
        asked_of = asks_settings({one.name: one.said for one in want.services}, had)
        ours = replace(
            ours,
            settings={
                one.name: self.settings.get(one.arn, Settings())
                for one in ours.services
                if one.name in asked_of and one.status == "ACTIVE"
            },
        )
        ours = replace(ours, dns=self._dns(_records_asked(self.network, want)), zones=self._zones())
        asked = {one.name for one in want.services} | set(want.named.values())
        backends = [backend for one in want.services for backend in one.backends]
        filled = {one.name for one in ours.target_groups if one.status != "ACTIVE" or registered(one)}
        missing = {one.target_group for one in backends} - {group.name for group in ours.target_groups}
        lacking = {one.target_group for one in backends} - filled
        asking = {one.load_balancer for one in backends}
        clients = {client.vpc for client in want.clients}
        seen = replace(
            ours,
            target_groups=ours.target_groups
            + tuple(
                replace(one, owned=False)
                for one in self.groups.values()
                if not self._is_ours(one)
                and lacking
                and (one.name in missing or any(to.id in asking for to in one.targets))
            ),
            services=ours.services
            + tuple(
                Service(arn=one.arn, name=one.name, status=one.status, owned=False, mark=one.mark)
                for one in self.services.values()
                if not self._is_ours(one) and one.name in asked
            ),
            vpc_associations=ours.vpc_associations
            + tuple(
                replace(one, owned=False)
                for one in self.vpc_associations.values()
                if not self._is_ours(one) and one.vpc in clients
            ),
        )
        theirs = self._others_sent_to(seen, want)
        seen = replace(seen, target_groups=seen.target_groups + theirs)
        handed = self._handed(seen) if self.handed else Handed()
        seen = replace(
            seen,
            handed=handed,
            let_go=frozenset(self.let_go),
            released=tuple(sorted(self.released & self._joined())),
            settings=seen.settings
            | {one.name: self.settings.get(one.arn, Settings()) for one in handed.services if one.name in asked_of},
        )
        access = Access(
            known=True,
            visible=self.visible,
            principal=self.principal,
            failure="InternalError no capacity" if self.principal == "FAILED" else "",
            invitation="" if self.visible else self.invitation,
        )
        if (seen.services, seen.target_groups) != (ours.services, ours.target_groups):
            # Nothing else of what was read since decides a wish (test_histories.py sees to that).
            want = desired(self.network, seen)
        access = access if self._depends_on_access(seen, want) else Access()
        seen = replace(
            seen,
            access=access,
            elsewhere=(left := self._elsewhere(seen)),
            domains_elsewhere=self._domains_elsewhere(seen, left),
            arrived=self._arrived(seen),
        )
        return seen, want

    def _arrived(self, seen: Observation) -> frozenset[str]:
        """What moves to a sibling's network and takes requests there."""
        there = {
            (target.id, one.mark)
            for one in self.services.values()
            if any(to.status == "ACTIVE" and to.network != self.network.arn for to in one.associations)
            for group in groups_of(replace(seen, target_groups=tuple(self.groups.values())), one)
            for target in group.targets
            if target.status != "DRAINING" and not target.arriving
        }
        came = {
            one.arn
            for one in self.existing.values()
            if moves_to(self.network, one) and any(it.status == "ACTIVE" for it in one.associations if it.owned)
            if {it.network for it in one.associations if it.status == "ACTIVE" and it.owned} - {self.network.arn}
        }
        return frozenset(
            one.arn for one in seen.load_balancers if (to := moves_to(self.network, one)) and (one.arn, to) in there
        ).union(came)

    def _others_sent_to(self, seen: Observation, want: Desired) -> tuple[TargetGroup, ...]:
        """As the observer reads it: groups that are not ours and that requests go to by a service of ours."""
        known = {one.arn for one in seen.target_groups}
        ours = {one.name for one in seen.target_groups if one.owned}
        with_a_share = {one.arn.rpartition("/")[2] for one in seen.target_groups if one.owned}
        held_up = want.refusals or want.settling or want.awaiting
        by_tool = {
            one.name: [it for it in one.backends if it.by_tool]
            for one in want.services
            if not held_up and {it.target_group for it in one.backends} <= ours
        }
        sent = {
            to.target_group
            for service in seen.services
            if service.owned and answers(self.network, service)
            for listener in service.listeners
            for match, forwards in listener.actions
            if not any(one.takes(match) for one in by_tool.get(service.name, ()))
            or not any(to.weight and to.target_group in with_a_share for to in forwards)
            for to in forwards
        }
        sent |= {
            to.target_group
            for service in seen.services
            if service.owned and answers(self.network, service)
            for listener in service.listeners
            for to in listener.by_others
        }
        there = (one for one in self.groups.values() if one.arn not in known and one.arn.rpartition("/")[2] in sent)
        return tuple(replace(one, owned=False) for one in there)

    def _domains_elsewhere(self, seen: Observation, left: frozenset[str]) -> dict[str, str]:
        """What asks here and carries the domain of a sibling's service that sends to it; of what a sibling alone has a
        word on, the domain of any.
        """
        there = {
            (balancer, one.domain)
            for one in self.services.values()
            if one.mark in self.network.siblings and any(to.status == "ACTIVE" for to in one.associations)
            for balancer in behind(replace(seen, target_groups=tuple(self.groups.values())), one)
        }
        carried = {one.arn: one.tags.get(tags.DOMAIN, "") for one in seen.load_balancers if speaks(self.network, one)}
        still = {arn: domain for arn, domain in carried.items() if (arn, domain) in there}
        return {arn: domain for arn, domain in sorted(there, reverse=True) if arn in left} | still

    def _elsewhere(self, seen: Observation) -> frozenset[str]:
        """What carries an answer and does not ask for a network here, and a sibling has still."""
        siblings = self.network.siblings
        there = {one.vpc for one in self.vpc_associations.values() if one.mark in siblings}
        there |= {to.id for one in self.groups.values() if one.mark in siblings for to in one.targets}
        if siblings:
            there |= {
                one.arn
                for one in self.existing.values()
                if any(it.owned and it.network != self.network.arn for it in one.associations)
            }
        return frozenset(
            key_of(one)
            for one in seen.resources
            if key_of(one) in there
            and tags.STATUS in one.tags
            and not wishes(self.network, one)
            and (self.network.offboarding or not moves_to(self.network, one))
        )

    def _zones(self) -> dict[str, tuple[Zone, ...]]:
        """As the observer reads it, but of every VPC."""
        return {vpc: tuple(self.within.get(vpc, ())) for vpc in self.vpcs}

    def _dns(self, asked: dict[str, str]) -> dict[str, Dns]:
        """As the observer reads it, but of every domain for which records were ever asked."""
        self.domains |= asked.keys()
        return {domain: self._dns_of(domain, asked.get(domain, "")) for domain in sorted(self.domains)}

    def _dns_of(self, domain: str, asked: str) -> Dns:
        names_of = {(domain, kind) for kind in IN_THE_WAY} | {(names.ownership(domain), "TXT")}
        standing = {
            zone: tuple(
                one
                for one in there
                if (one.name, one.type) in names_of or (one.type == "NS" and domain.endswith(f".{one.name}"))
            )
            for zone, there in self.zones.items()
            if zone not in self.denied
        }
        ours = {zone for zone, there in standing.items() if marked(self.network.name, self.account, there)}
        zones: tuple[Zone, ...] | None = None
        if asked in {ANY, BY_STACK} and not ours:
            zones = holding(ZONES, domain)
        elif asked not in {ANY, BY_STACK, "", *ours}:
            zones = tuple(one for one in ZONES if one.id in {asked, NETWORKS_ZONE + asked} - ours)
            zones = zones or (None if NETWORKS_ZONE + asked in ours else ())
        tried = {asked, *(one.id for one in zones or ()), *self.memory.records.get(domain, ())}
        denied = "ListResourceRecordSets AccessDenied" if self.denied & tried else ""
        below = self.below if zones and len(holding(zones, domain)) == 1 and not ours else ()
        return Dns(zones=None if denied else zones, records=standing, denied=denied, below=below)

    def _joined(self) -> set[str]:
        """ARNs of the associations that are there."""
        services = (*self.services.values(), *self.existing.values())
        return {one.arn for service in services for one in service.associations} | self.vpc_associations.keys()

    def _is_handed(self, found: str) -> bool:
        return found in self.handed and found not in self.let_go

    def _with_words[T: (Service, Existing)](self, service: T) -> T:
        """With what its owner hands over of its associations."""
        if self.handed.isdisjoint(one.arn for one in service.associations):
            return service
        associations = tuple(
            replace(one, handed=not one.owned and self._is_handed(one.arn)) for one in service.associations
        )
        return replace(service, associations=associations)

    def _handed(self, seen: Observation) -> Handed:
        """What of others' stands in the way of a wish and is handed over, as it would be if it were ours."""
        want = desired(self.network, seen)
        wanted = {one.name: one for one in want.services}
        ours = self.network.name
        services = [
            replace(
                self._with_words(one),
                owned=True,
                mark=ours,
                listeners=tuple(
                    replace(
                        found,
                        owned=True,
                        name=names.listener(found.protocol, found.port),
                        found_rules=tuple(
                            replace(rule, owned=rule.match in wanted[one.name].rules) for rule in found.found_rules
                        ),
                    )
                    for found in one.listeners
                ),
            )
            for one in self.services.values()
            if not one.owned and self._is_handed(one.arn) and one.name in wanted and one.mark in {"", ours}
        ]
        services = [
            replace(
                one,
                associations=tuple(
                    replace(found, owned=found.owned or (found.handed and found.network == self.network.arn))
                    for found in one.associations
                ),
            )
            for one in services
        ]
        sent = {one.name: {to.target_group for found in one.listeners for to in found.sends} for one in services}
        groups = [
            replace(group, name=backend.target_group, owned=True, mark=ours)
            for name, ids in sent.items()
            for group in self.groups.values()
            if group.arn.rpartition("/")[2] in ids and self._is_handed(group.arn) and not group.owned
            for backend in wanted[name].backends
            if any((to.id, to.port) == (backend.load_balancer, backend.port) for to in group.targets)
        ]
        clients = {client.vpc for client in want.clients}
        joined = [
            replace(one, owned=True, mark=ours)
            for one in self.vpc_associations.values()
            if not one.owned and self._is_handed(one.arn) and one.vpc in clients
        ]
        used = {group for one in joined for group in one.security_groups}
        return Handed(
            services=tuple(services),
            target_groups=tuple(groups),
            vpc_associations=tuple(joined),
            security_groups=tuple(
                replace(one, name=names.security_group(ours, one.vpc), owned=True)
                for one in self.security_groups.values()
                if one.id in used and self._is_handed(one.id) and not one.owned
            ),
        )

    def _seen(self, service: Existing) -> Existing:
        """A sibling's association with its own network is none of ours."""
        return replace(
            self._with_words(service),
            associations=tuple(
                replace(found, owned=found.owned and found.network == self.network.arn)
                for found in self._with_words(service).associations
            ),
        )

    def _is_ours(self, thing: TargetGroup | Service | VpcAssociation) -> bool:
        return thing.owned and thing.mark in {"", self.network.name}

    def findings(self, seen: Observation) -> dict[str, Finding]:
        """What keeps all requests out of what is joined, as far as this world has it: weights that add up to 0.

        `seen`: what is observed of it now.
        """
        joined = {
            one.name: [to.weight for found in one.listeners for to in found.sends]
            for one in seen.services
            if one.owned and any(to.network == self.network.arn and to.status == "ACTIVE" for to in one.associations)
        }
        want = desired(self.network, seen)
        asked = {one.name: one.load_balancers for one in want.services}
        reached = {balancer for name in joined for balancer in asked.get(name, ())}
        # Of what serves on, though its wish cannot be met or it cannot leave, as of all others.
        whole = set(want.named.values()) - asked.keys()
        whole |= {state.name for state in self.memory.services if state.status == "held"}
        watched = {one.resource for one in (*want.refusals, *self.memory.refusals)}
        watched |= want.settling.keys() | self.memory.findings.keys()
        watched |= want.named.keys() if self.memory.failed else set()
        moving = (one for one in seen.load_balancers if one.arn in want.moving)
        watched |= {one.arn for one in moving if one.tags.get(tags.STATUS, "connecting") not in tags.GOES_ON}
        for one in (one for one in seen.services if one.name in joined):
            reached |= {found for found in behind(seen, one) if one.name in whole or found in watched}
        alone = [
            one
            for one in seen.services
            if one.name in joined
            and self.found.keys() >= {*(asked.get(one.name) or behind(seen, one) & want.named.keys() or "-")}
        ]
        reached |= {found for one in alone for found in behind(seen, one)}
        ports = {backend.load_balancer: backend.port for one in want.services for backend in one.backends}
        found = {key: replace(one, port=one.port or ports.get(key, 0)) for key, one in self.found.items()}
        return {key: one for key, one in found.items() if key in reached} | {
            balancer: Finding(code="weights-zero", message="give lattice:weight above 0 to one of them")
            for wanted in want.services
            if (weights := joined.get(wanted.name)) and not any(weights)
            for balancer in wanted.load_balancers
        }

    def _depends_on_access(self, seen: Observation, want: Desired) -> bool:
        """Access is looked at only when a wish has to get in, or when nothing is wished for and nothing is left."""
        if not want.services and not want.clients and not want.existing:
            return not self.joining()
        joined = {one.name for one in seen.services for to in one.associations if to.network == self.network.arn}
        inside = {found.vpc for found in seen.vpc_associations if found.network == self.network.arn}
        on_it = {one.arn for one in seen.existing for to in one.associations if to.network == self.network.arn}
        return (
            any(one.name not in joined for one in want.services)
            or any(one.vpc not in inside for one in want.clients)
            or any(one.arn not in on_it for one in want.existing)
        )

    def owned(self) -> set[str]:
        """Names of all that is ours."""
        found = {group.name for group in self.groups.values() if group.owned}
        found |= {service.name for service in self.services.values() if service.owned}
        found |= {
            f"{service.name}/{one.name}" for service in self.services.values() for one in service.listeners if one.owned
        }
        found |= {
            f"{service.name} on the network"
            for service in (*self.services.values(), *self.existing.values())
            for to in service.associations
            if to.owned
        }
        found |= {found.vpc for found in self.vpc_associations.values() if found.owned}
        return found | {group.name for group in self.security_groups.values() if group.owned}

    def joining(self) -> bool:
        """Is there a service or a client of ours, joined to the network or about to be?"""
        services, clients = self.services.values(), self.vpc_associations.values()
        joined = (to.network for found in self.existing.values() for to in found.associations)
        ours = any(self._is_ours(found) for found in services) or any(self._is_ours(found) for found in clients)
        return ours or self.network.arn in joined

    def foreign(self) -> tuple[object, ...]:
        """Everything that somebody else made, as it is."""
        return (
            [group for group in self.groups.values() if not group.owned],
            [
                replace(service, listeners=(), associations=())
                for service in self.services.values()
                if not service.owned
            ],
            [one for service in self.services.values() for one in service.listeners if not one.owned],
            [rule for service in self.services.values() for one in service.listeners for rule in one.others_rules],
            [
                to
                for service in (*self.services.values(), *self.existing.values())
                for to in service.associations
                if not to.owned
            ],
            [replace(service, tags={}, associations=()) for service in self.existing.values()],
            [found for found in self.vpc_associations.values() if not found.owned],
            [record for there in self.zones.values() for record in there if record == FOREIGN],
            [group for group in self.security_groups.values() if not group.owned],
        )

    # --- the verbs

    def apply(self, step: AnyStep) -> str:
        """The step's effect; the ARN of what it made, or ''."""
        self.done.append(step)
        return VERBS[type(step)](self, step)

    def new(self, kind: str, prefix: str) -> str:
        self._made[0] += 1
        return arn(kind, f"{prefix}-{self._made[0]}", self.account)

    def service(self, found: str) -> Service:
        assert found in self.services, f"service {found} is not there"
        return self.services[found]

    def users(self, group: str) -> list[Service]:
        """Who sends requests to it."""
        return [
            service
            for service in self.services.values()
            if any(
                to.target_group == group.rpartition("/")[2]
                for one in service.listeners
                for to in (*one.sends, *one.by_others)
            )
        ]

    def active_groups(self, step: CreateListener | UpdateListener | CreateRule | RuleChange) -> None:
        active = {key.rpartition("/")[2] for key, group in self.groups.items() if group.status == "ACTIVE"}
        sent_to = {to.target_group for to in step.forwards}
        assert sent_to <= active
        if isinstance(step, CreateListener | UpdateListener):
            there = {found.arn: found.protocol for service in self.services.values() for found in service.listeners}
            protocol = step.protocol if isinstance(step, CreateListener) else there[step.listener]
            if protocol == PASSTHROUGH:
                assert sent_to, "what passes through is answered by nobody else"
                assert sent_to <= self.of_tcp, "it goes to groups of TCP alone"
            else:
                assert sent_to.isdisjoint(self.of_tcp), "groups of TCP are for what passes through"
        least = 0 if isinstance(step, CreateListener | UpdateListener) else 1  # it may answer by itself
        assert least <= len(step.forwards) <= 10, "a forward holds 1 to 10 target groups"


def _fill[T](there: dict[str, T], now: dict[str, T]) -> None:
    """In place, since siblings look at the same account."""
    there.clear()
    there.update(now)


def _settled(status: str) -> str:
    return "ACTIVE" if status in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"} else status


def _under_way(world: World, step: AnyStep, status: str) -> dict[str, str]:
    """The status of what was just asked for, and the words of AWS where it will not come to pass."""
    if step.key not in world.breaking:
        return {"status": status}
    return {"status": status.partition("_")[0] + "_FAILED", "failure": "InternalError no capacity"}


def _share(world: World, step: ShareNetwork) -> str:
    assert (step.account, step.name) == (world.network.account, world.account)
    assert world.principal in {"", "FAILED"}
    world.principal = "FAILED" if step.key in world.breaking else "ASSOCIATING"
    return ""


def _unshare(world: World, step: UnshareNetwork) -> str:
    assert (step.account, step.name) == (world.network.account, world.account)
    assert world.principal in {"ASSOCIATING", "ASSOCIATED"}
    assert not world.joining(), "what is joined goes before the share"
    world.principal, world.invitation = "DISASSOCIATING", ""
    return ""


def _accept(world: World, step: AcceptShare) -> str:
    if step.needs:  # the invitation that was sent by this very batch
        assert world.principal == "ASSOCIATING"
    else:
        assert step.invitation == world.invitation != ""
    world.principal, world.invitation = "ASSOCIATED", ""
    return ""


def _adopt(world: World, step: Adopt) -> str:
    """Our mark; the name is what it is remembered by."""
    _mark(world, step.resource, step.name.rpartition("/")[2], owned=True)
    return step.resource


def _release(world: World, step: Release) -> str:
    """The mark goes, and the word that handed it over."""
    _mark(world, step.resource, step.name.rpartition("/")[2], owned=False)
    world.handed.discard(step.resource)
    world.released.add(step.resource)
    return step.resource


def _mark(world: World, found: str, name: str, *, owned: bool) -> None:
    ours = world.network.name
    if "/listener/" not in found and owned:
        assert found in world.handed
    of_thing = {"owned": owned, "mark": ours if owned else ""}
    if found in world.groups:
        world.groups[found] = replace(world.groups[found], name=name, **of_thing)
    elif found in world.vpc_associations:
        world.vpc_associations[found] = replace(world.vpc_associations[found], **of_thing)
    elif found in world.security_groups:
        there = world.security_groups[found]
        world.security_groups[found] = replace(there, name=name if owned else "theirs", owned=owned)
    elif found in world.services:
        assert world.services[found].mark in {"", ours}
        world.services[found] = replace(world.services[found], **of_thing)
    else:
        _mark_below(world, found, name, owned=owned)


def _mark_below(world: World, found: str, name: str, *, owned: bool) -> None:
    for there in [*world.services.values(), *world.existing.values()]:
        joined = tuple(replace(one, owned=owned) if one.arn == found else one for one in there.associations)
        _put(world, replace(there, associations=joined))
    for service in list(world.services.values()):
        listeners = tuple(
            replace(
                one,
                owned=owned if one.arn == found else one.owned,
                name=name if one.arn == found else one.name,
                found_rules=tuple(
                    replace(rule, owned=owned) if rule.arn == found else rule for rule in one.found_rules
                ),
            )
            for one in service.listeners
        )
        world.services[service.arn] = replace(service, listeners=listeners)


def _create_target_group(world: World, step: CreateTargetGroup) -> str:
    assert all(group.name != step.name for group in world.groups.values())
    made = world.new("targetgroup", "tg")
    world.of_tcp |= {made.rpartition("/")[2]} if step.protocol == "TCP" else set()
    world.groups[made] = TargetGroup(
        arn=made, name=step.name, owned=True, mark=world.network.name, **_under_way(world, step, "CREATE_IN_PROGRESS")
    )
    return made


def _register(world: World, step: RegisterTarget) -> str:
    group = world.groups[step.target_group]
    assert group.status == "ACTIVE"
    others = [
        one
        for one in world.groups.values()
        if one is not group and any(to.id == step.load_balancer for to in one.targets)
    ]
    if len(others) >= 2:
        raise Refused("target-refused", "LimitExceeded: a load balancer is in two target groups at most")
    there = {(to.id, to.port) for to in group.targets if to.status != "DRAINING"}
    assert there <= {(step.load_balancer, step.port)}, "a target group holds one load balancer"
    target = Target(id=step.load_balancer, port=step.port, status="INITIAL")
    if world.slow_registration:
        world.arriving.append(Arriving(step.target_group, target, abs(world.slow_registration)))
    if world.slow_registration <= 0:
        targets = tuple(to for to in group.targets if (to.id, to.port) != (target.id, target.port))
        world.groups[step.target_group] = replace(group, targets=(*targets, target))
    return ""


def _create_service(world: World, step: CreateService) -> str:
    assert all(service.name != step.name for service in world.services.values())
    made = world.new("service", "svc")
    domain = f"{step.name}-{made.rpartition('-')[2]}.on.aws"  # never the same again
    world.services[made] = Service(
        arn=made,
        name=step.name,
        owned=True,
        domain=domain,
        zone=LATTICES,
        mark=world.network.name,
        custom_domain=step.domain,
        **_under_way(world, step, "CREATE_IN_PROGRESS"),
    )
    if step.certificate:
        world.settings[made] = Settings(certificate=_fitting(step.certificate, step.domain))
    return made


def _fitting(certificate: str, domain: str) -> str:
    [found] = [one for one in CERTIFICATES if one.arn == certificate]
    assert is_for(found, domain), "the certificate does not cover the domain"
    return certificate


def _set_certificate(world: World, step: SetCertificate) -> str:
    fitting = _fitting(step.certificate, world.service(step.service).custom_domain)
    return _set(world, step.service, "certificate", certificate=fitting)


def _create_listener(world: World, step: CreateListener) -> str:
    service = world.service(step.service)
    assert service.status == "ACTIVE"
    assert len(service.listeners) < 2, "a service has two listeners at most"
    assert all(step.port != found.port and step.listener != found.name for found in service.listeners)
    world.active_groups(step)
    made = world.new(f"service/{step.service.rpartition('/')[2]}/listener", "listener")
    listener = Listener(
        arn=made,
        name=step.listener,
        protocol=step.protocol,
        port=step.port,
        owned=True,
        forwards=step.forwards,
        answers=0 if step.forwards else 404,
    )
    world.services[step.service] = replace(service, listeners=(*service.listeners, listener))
    return made


def _update_listener(world: World, step: UpdateListener) -> str:
    service = world.service(step.service)
    world.active_groups(step)
    assert any(found.arn == step.listener for found in service.listeners)
    listeners = tuple(
        replace(found, forwards=step.forwards, answers=0 if step.forwards else 404)
        if found.arn == step.listener
        else found
        for found in service.listeners
    )
    world.services[step.service] = replace(service, listeners=listeners)
    return ""


def _with_rules(world: World, service: str, listener: str, rules: tuple[Rule, ...]) -> None:
    assert len(rules) <= 10, "a listener has ten rules at most"
    assert len({rule.name for rule in rules}) == len(rules), "a rule's name is taken"
    assert len({rule.priority for rule in rules}) == len(rules), "a rule's priority is taken"
    assert all(1 <= rule.priority <= 100 for rule in rules)
    there = world.service(service)
    listeners = tuple(
        replace(found, found_rules=rules) if found.arn == listener else found for found in there.listeners
    )
    world.services[service] = replace(there, listeners=listeners)


def _listener(world: World, service: str, listener: str) -> Listener:
    [found] = [one for one in world.service(service).listeners if one.arn == listener]
    return found


def _create_rule(world: World, step: CreateRule) -> str:
    world.active_groups(step)
    there = _listener(world, step.service, step.listener).found_rules
    made = f"{step.listener}/rule/{world.new('rule', 'rule').rpartition('/')[2]}"
    rule = Rule(arn=made, name=step.rule, priority=step.priority, owned=True, match=step.match, forwards=step.forwards)
    _with_rules(world, step.service, step.listener, (*there, rule))
    return made


def _update_rules(world: World, step: UpdateRules) -> str:
    there = {rule.arn: rule for rule in _listener(world, step.service, step.listener).found_rules}
    assert 1 <= len(step.changes) <= 10
    for change in step.changes:
        before = there[change.rule]
        assert before.owned
        if change.forwards:
            world.active_groups(change)
        forwards = change.forwards or before.forwards
        there[change.rule] = replace(before, match=change.match, priority=change.priority, forwards=forwards)
    _with_rules(world, step.service, step.listener, tuple(there.values()))
    return ""


def _delete_rule(world: World, step: DeleteRule) -> str:
    there = _listener(world, step.service, step.listener).found_rules
    [gone] = [rule for rule in there if rule.arn == step.rule]
    assert gone.owned
    _with_rules(world, step.service, step.listener, tuple(rule for rule in there if rule is not gone))
    return ""


def _delete_listener(world: World, step: DeleteListener) -> str:
    service = world.service(step.service)
    [gone] = [found for found in service.listeners if found.arn == step.listener]
    assert gone.owned
    world.services[step.service] = replace(
        service, listeners=tuple(found for found in service.listeners if found is not gone)
    )
    return ""


COUNTS_AFTER = 60
"""Seconds until what is said of who may call counts everywhere; AWS says minutes."""


def _set(world: World, service: str, name: str, **given: Any) -> str:
    assert world.service(service).status == "ACTIVE"
    there = world.settings.get(service, Settings())
    world.settings[service] = replace(there, had=tuple(sorted({*there.had, name})), **given)
    return ""


def _set_idle_timeout(world: World, step: SetIdleTimeout) -> str:
    assert 60 <= step.seconds <= 600
    return _set(world, step.service, "idle-timeout", idle_timeout=step.seconds)


def _create_records(world: World, step: CreateRecords) -> str:
    return _change_records(world, step.zone, step.gone, step.make)


def _delete_records(world: World, step: DeleteRecords) -> str:
    return _change_records(world, step.zone, step.gone, ())


def _records_asked(net: Network, want: Desired) -> dict[str, str]:
    asking = (one.said for one in want.services if one.said.asks_records)
    return {one.domain: one.zone for one in asking if net.has_records_of(one.domain)}


def _change_records(world: World, zone: str, gone: tuple[Record, ...], make: tuple[Record, ...]) -> str:
    there = world.zones[zone]
    changed = [one.name.removeprefix(names.ownership("")) for one in (*gone, *make)]
    assert all(world.network.has_records_of(one) for one in changed), "RecordDomains leaves it out: that is denied"
    whose = f"network={world.network.name} account={world.account} "
    marks = [one for one in there if one.type == "TXT" and whose in one.values[0]]
    for record in gone:
        assert record in there, "DELETE repeats what is there"
        assert any(one.name in {record.name, names.ownership(record.name)} for one in marks), "it is somebody else's"
    left = [one for one in there if one not in gone]
    [name] = [one.name for one in ZONES if one.id == zone]
    for record in make:
        assert f".{record.name}".endswith(f".{name}"), "it is outside of the zone"
        assert all((one.name, one.type) != (record.name, record.type) for one in left), "CREATE takes no place"
    world.zones[zone] = [*left, *make]
    return ""


def _create_access_log(world: World, step: CreateAccessLog) -> str:
    assert not world.settings.get(step.service, Settings()).subscription, "one of each kind of destination"
    made = world.new("accesslogsubscription", "als")
    return _set(world, step.service, "log", log=_group(step.destination), subscription=made)


def _update_access_log(world: World, step: UpdateAccessLog) -> str:
    [service] = [arn for arn, one in world.settings.items() if one.subscription == step.subscription]
    return _set(world, service, "log", log=_group(step.destination))


def _delete_access_log(world: World, step: DeleteAccessLog) -> str:
    [service] = [arn for arn, one in world.settings.items() if one.subscription == step.subscription]
    return _set(world, service, "log", log="", subscription="")


def _group(destination: str) -> str:
    head, _, tail = destination.partition(":log-group:")
    assert head == f"arn:aws:logs:ap-northeast-1:{TEAM}"
    assert tail.endswith(":*")
    return tail.removesuffix(":*")


def _put_auth_policy(world: World, step: PutAuthPolicy) -> str:
    assert "\n" not in step.policy
    world.changed[step.service] = world.now
    return _set(world, step.service, "auth", policy=step.policy)


def _set_auth_type(world: World, step: SetAuthType) -> str:
    if step.auth == "AWS_IAM":
        assert world.settings[step.service].policy, "without a policy everybody is turned away"
        assert world.now - world.changed[step.service] > COUNTS_AFTER, "its policy does not count everywhere yet"
    world.changed[step.service] = world.now
    return _set(world, step.service, "auth", auth=step.auth)


def _delete_auth_policy(world: World, step: DeleteAuthPolicy) -> str:
    assert world.settings[step.service].auth == "NONE", "it counts, and without it everybody is turned away"
    assert world.now - world.changed[step.service] > COUNTS_AFTER, "it still counts somewhere"
    return _set(world, step.service, "auth", policy="")


def _associate(world: World, step: AssociateService) -> str:
    service = world.existing.get(step.service) or world.service(step.service)
    assert world.visible, "the network is not within reach"
    assert service.status == "ACTIVE"
    assert all(found.network != world.network.arn for found in service.associations)
    assert service.custom_domain not in world.holders, "another account has it on the network"
    made = world.new("servicenetworkserviceassociation", "snsa")
    association = Association(
        arn=made, network=world.network.arn, owned=True, **_under_way(world, step, "CREATE_IN_PROGRESS")
    )
    _put(world, replace(service, associations=(*service.associations, association)))
    return made


def _put(world: World, service: Service | Existing) -> None:
    if isinstance(service, Existing):
        world.existing[service.arn] = service
    else:
        world.services[service.arn] = service


def _disassociate(world: World, step: DisassociateService) -> str:
    things: list[Service | Existing] = [*world.services.values(), *world.existing.values()]
    [service] = [one for one in things if any(found.arn == step.association for found in one.associations)]
    [association] = [found for found in service.associations if found.arn == step.association]
    assert association.owned
    assert not association.status.endswith("_IN_PROGRESS")
    associations = tuple(
        replace(found, **_under_way(world, step, "DELETE_IN_PROGRESS")) if found is association else found
        for found in service.associations
    )
    _put(world, replace(service, associations=associations))
    return ""


def _delete_service(world: World, step: DeleteService) -> str:
    service = world.service(step.service)
    assert service.owned
    assert not service.associations, "has one or more associated service networks"
    assert not service.status.endswith("_IN_PROGRESS")
    after = _under_way(world, step, "DELETE_IN_PROGRESS")
    listeners = service.listeners if "failure" in after else ()
    world.services[step.service] = replace(service, listeners=listeners, **after)
    return ""


def _delete_target_group(world: World, step: DeleteTargetGroup) -> str:
    group = world.groups[step.target_group]
    assert group.owned
    assert not group.status.endswith("_IN_PROGRESS")
    users = world.users(group.arn)
    assert not any(service.owned for service in users), "used by a forward"
    assert set(step.targets) == {(target.id, target.port) for target in group.targets}
    if users:  # of a group that we took over, whose service stays its owner's: refused, when its targets are out
        used_by = tuple(one.arn.rpartition("/")[2] for one in users)
        world.groups[step.target_group] = replace(group, targets=(), used_by=used_by)
        return ""
    world.groups[step.target_group] = replace(group, targets=(), **_under_way(world, step, "DELETE_IN_PROGRESS"))
    return ""


def _create_security_group(world: World, step: CreateSecurityGroup) -> str:
    assert all(group.name != step.name for group in world.security_groups.values())
    world._made[0] += 1  # siblings make groups in the same account
    made = f"sg-{world._made[0]:08x}"
    world.security_groups[made] = SecurityGroup(
        id=made, name=step.name, vpc=step.vpc, owned=True, admits=frozenset(step.admits)
    )
    return ""


def _update_security_group(world: World, step: UpdateSecurityGroup) -> str:
    group = world.security_groups[step.security_group]
    assert group.owned
    assert frozenset(step.revoke) <= group.admits
    assert not frozenset(step.allow) & group.admits
    first = step.revoke[: max(len(step.allow) - step.room, 0)]
    assert len(group.admits) - len(first) + len(step.allow) <= 60, "a security group holds 60 rules"
    admits = (group.admits | frozenset(step.allow)) - frozenset(step.revoke)
    world.security_groups[step.security_group] = replace(group, admits=admits)
    return ""


def _delete_security_group(world: World, step: DeleteSecurityGroup) -> str:
    assert world.security_groups[step.security_group].owned
    assert all(step.security_group not in found.security_groups for found in world.vpc_associations.values())
    del world.security_groups[step.security_group]
    return ""


def _associate_vpc(world: World, step: AssociateVpc) -> str:
    assert world.visible, "the network is not within reach"
    assert all(found.vpc != step.vpc for found in world.vpc_associations.values()), "a VPC is in one network"
    made_first = names.security_group(world.network.name, step.vpc)
    groups = step.security_groups or tuple(one.id for one in world.security_groups.values() if one.name == made_first)
    assert 1 <= len(groups) <= 5
    made = world.new("servicenetworkvpcassociation", "snva")
    world.vpc_associations[made] = VpcAssociation(
        arn=made,
        vpc=step.vpc,
        network=world.network.arn,
        owned=True,
        mark=world.network.name,
        security_groups=frozenset(groups),
        **_under_way(world, step, "CREATE_IN_PROGRESS"),
    )
    return made


def _update_vpc_association(world: World, step: UpdateVpcAssociation) -> str:
    found = world.vpc_associations[step.association]
    assert found.owned
    assert not found.status.endswith("_IN_PROGRESS")
    assert step.security_groups, "an update never takes the last security group"
    world.vpc_associations[step.association] = replace(
        found, security_groups=frozenset(step.security_groups), status="UPDATE_IN_PROGRESS"
    )
    return ""


def _disassociate_vpc(world: World, step: DisassociateVpc) -> str:
    found = world.vpc_associations[step.association]
    assert found.owned
    assert not found.status.endswith("_IN_PROGRESS")
    world.vpc_associations[step.association] = replace(found, **_under_way(world, step, "DELETE_IN_PROGRESS"))
    return ""


def _associate_zone(world: World, step: AssociateZone) -> str:
    assert step.vpc in {one.vpc for one in world.vpc_associations.values()}, "only clients are put anywhere"
    there = world.within.setdefault(step.vpc, [])
    [name] = {one.name for one in offers.read(world.offered).zones if one.id == step.zone}
    assert name not in {one.name for one in there}, "a VPC is in one zone of a name"
    there.append(Zone(id=step.zone, name=name, private=True, owner=step.owner))
    return f"{step.vpc}/{step.zone}"


def _disassociate_zone(world: World, step: DisassociateZone) -> str:
    assert any((one.vpc, one.zone) == (step.vpc, step.zone) for one in world.done if isinstance(one, AssociateZone))
    world.within[step.vpc] = [one for one in world.within[step.vpc] if one.id != step.zone]
    return ""


def _write_status(world: World, step: WriteStatus) -> str:
    assert all(len(text) <= 255 for text in step.put.values())
    for things in (world.load_balancers, world.vpcs, world.existing):
        thing: Any = things.get(step.resource)
        if thing is not None:
            things[step.resource] = replace(thing, tags={**thing.tags, **step.put})
    _take(world, step.resource, step.remove)
    return ""


def _clear_status(world: World, step: ClearStatus) -> str:
    _take(world, step.resource, step.remove)
    return ""


def _take(world: World, resource: str, keys: tuple[str, ...]) -> None:
    for things in (world.load_balancers, world.vpcs, world.existing):
        thing: Any = things.get(resource)
        if thing is not None:
            things[resource] = replace(thing, tags={k: v for k, v in thing.tags.items() if k not in keys})


VERBS: dict[type[Any], Callable[[World, Any], str]] = {
    ShareNetwork: _share,
    UnshareNetwork: _unshare,
    AcceptShare: _accept,
    Adopt: _adopt,
    Release: _release,
    CreateTargetGroup: _create_target_group,
    RegisterTarget: _register,
    CreateService: _create_service,
    CreateListener: _create_listener,
    UpdateListener: _update_listener,
    DeleteListener: _delete_listener,
    CreateRule: _create_rule,
    UpdateRules: _update_rules,
    DeleteRule: _delete_rule,
    SetIdleTimeout: _set_idle_timeout,
    SetCertificate: _set_certificate,
    CreateRecords: _create_records,
    DeleteRecords: _delete_records,
    CreateAccessLog: _create_access_log,
    UpdateAccessLog: _update_access_log,
    DeleteAccessLog: _delete_access_log,
    PutAuthPolicy: _put_auth_policy,
    SetAuthType: _set_auth_type,
    DeleteAuthPolicy: _delete_auth_policy,
    AssociateService: _associate,
    DisassociateService: _disassociate,
    DeleteService: _delete_service,
    DeleteTargetGroup: _delete_target_group,
    CreateSecurityGroup: _create_security_group,
    UpdateSecurityGroup: _update_security_group,
    DeleteSecurityGroup: _delete_security_group,
    AssociateVpc: _associate_vpc,
    UpdateVpcAssociation: _update_vpc_association,
    DisassociateVpc: _disassociate_vpc,
    AssociateZone: _associate_zone,
    DisassociateZone: _disassociate_zone,
    WriteStatus: _write_status,
    ClearStatus: _clear_status,
}


def steps(planned: Plan) -> list[AnyStep]:
    return [step for batch in planned.batches for step in batch.steps]


def kinds(planned: Plan) -> list[str]:
    return [step.kind for step in steps(planned)]


def done(world: World, step: AnyStep) -> Outcome:
    """What becomes of a step: its fate, or what the world says to it."""
    why = world.refusing(step)
    fate: Fate = "refused" if why else world.fate(step)
    made = ""
    if fate in {"done", "lost"}:
        try:
            made = world.apply(step)
        except Refused as refused:
            fate, why = "refused", refused.message
    elif isinstance(step, WriteStatus) and step.put:
        _take(world, step.resource, step.untrue)
    if fate == "lost":
        fate, made = "not_yet", ""
    world.every_step(step)
    return Outcome(
        kind=step.kind,
        account=step.account,
        name=step.name,
        because=step.because,
        status=fate,
        detail=_taken(world, step) if fate == "done" else why or f"{fate}, by a test's will",
        arn=made,
    )


def _taken(world: World, step: AnyStep) -> str:
    """What is said of a registration that AWS takes its time for."""
    there = not isinstance(step, RegisterTarget) or registers(world, step)
    return "" if there else "taken, and not listed yet"


def registers(world: World, step: RegisterTarget) -> bool:
    return any(to.id == step.load_balancer for to in world.groups[step.target_group].targets)


def carry_out(world: World, planned: Plan) -> tuple[tuple[Outcome, ...], ...]:
    """The outcomes of a plan's batches, each step in its place; one whose ground failed is left."""
    batches = []
    for batch in planned.batches:
        outcomes: list[Outcome] = []
        for step in batch.steps:
            ready = {one.key for one in outcomes if one.stands}
            if needs(step) and needs(step) not in ready:
                later = Outcome(kind=step.kind, account=step.account, name=step.name, because="", status="not_yet")
                outcomes.append(later)
            else:
                world.entered.append((batch.account, step.kind))
                outcomes.append(done(world, step))
        batches.append(tuple(outcomes))
    return tuple(batches)


def begun(world: World) -> Run:
    """A run of the account that has not looked yet."""
    fresh = Run(account=world.account, trigger={}, memory=world.memory)
    return replace(fresh, offered=world.offered, member=versions.TELLS_SERVICES) if world.offered else fresh


def run(
    world: World,
    rounds: int = 60,
    every_look: Callable[[World], None] | None = None,
    every_plan: Callable[[Plan], object] = lambda _: None,
) -> Run:
    """A whole run, as the state machine goes round: look, apply, look, until there is nothing left to do."""
    carried = begun(world)
    for _ in range(rounds):
        seen = world.observe()
        carried = look(world.network, seen, learn(carried), observed_at=world.now, findings=world.findings(seen))
        planned = carried.plan
        assert planned is not None
        assert all(one.code and one.message for one in planned.refusals), "who is refused is told why"
        every_plan(planned)
        outcomes = carry_out(world, planned)
        world.now += planned.wait_seconds + 1
        if planned.next in {"finish", "done"}:
            assert planned.next == "finish" or not outcomes
            carried = replace(carried, finished=outcomes)
            world.reports.append(report(world.network, carried))
            world.memory = world.reports[-1].memory
            return carried
        carried = replace(carried, outcomes=outcomes)
        world.settle()
        if every_look:
            every_look(world)
    raise AssertionError(f"no end after {rounds} rounds: {carried.plan}")


def wishing(world: World) -> list[Resource]:
    things: list[Resource] = [*world.load_balancers.values(), *world.vpcs.values(), *world.existing.values()]
    return [thing for thing in things if speaks(world.network, thing)]
