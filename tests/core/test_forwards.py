"""No forward leads to a target group without a target that was seen: in any world, whatever was given up.

But for the first listener of a service that nobody reaches yet: that needs the step of its batch which fills the group.

Worlds are generated so that they reach every step and every verdict, which is counted: a property over worlds in which
nothing is ever switched would hold without the code that it guards.
"""

import random
from collections import Counter
from functools import cache
from typing import Any, get_args

import pytest
from model_world import LATTICES, NETWORK_ARN, OTHER_NETWORK_ARN, TEAM, balancer, network, steps, vpc
from msgspec.structs import replace
from onramp.core import names
from onramp.core.desired import desired
from onramp.core.desired.rules import asked
from onramp.core.inventory import Status
from onramp.core.model import (
    UNREAD,
    Access,
    Association,
    Certificate,
    Dns,
    Forward,
    Handed,
    Ingress,
    Listener,
    LoadBalancer,
    Match,
    Observation,
    Record,
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
from onramp.core.offers import Offer, PrivateZone
from onramp.core.plan import plan
from onramp.core.plan.ground import Before, registered
from onramp.core.reach import Finding
from onramp.core.run import Plan
from onramp.core.settings import preset
from onramp.core.steps import AnyStep, CreateListener, CreateRule, UpdateListener, UpdateRules

pytestmark = pytest.mark.long

NOW = 1_000_000.0
STATES = ("ACTIVE",) * 8 + ("CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "CREATE_FAILED", "DELETE_FAILED")
SERVICES = ("shop", "shop", "bank", "gone")
PORTS = ("HTTP:80", "HTTP:8080")
DOMAIN = "shop.jp"
AT = names.service_at(DOMAIN)
RECORDS = (
    Record(name=DOMAIN, type="A", to=f"{AT}.on.aws", zone=LATTICES),
    Record(
        name=names.ownership(DOMAIN),
        type="TXT",
        values=(f'"heritage=lattice-onramp network=net account={TEAM} target={AT}.on.aws"',),
        ttl=60,
    ),
)
"""Ours, of which one is missing."""


PRIVATE = PrivateZone(id="ZSHOP", account=TEAM, name=DOMAIN)
ZONE = Zone(id=PRIVATE.id, name=PRIVATE.name, private=True, owner=TEAM)

RULES: tuple[dict[str, str], ...] = (
    {"path": "/a"},
    {"path": "/a /b"},
    {"path": "/a /b", "priority": "7"},
    {"path": "/b", "priority": "8"},
)
MATCHES = tuple(one.match for given in RULES for one in asked(given, "lattice:"))


class Drawn:
    """One account in some state, near enough to what its tags ask for that something is to be switched."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  the same again is what is wanted
        self.balancers = [self.balancer(name) for name in ("a", "b", "c")[: self.chance.randint(1, 3)]]
        self.groups = [
            group
            for one in self.balancers
            for service in ("shop", "bank", AT)
            for port in (80, 8080)
            if self.chance.random() < 0.5
            for group in [self.group(one, service, port)]
        ]
        self.clients = [self.client(name) for name in ("vpc-1", "vpc-2") if self.chance.random() < 0.6]
        # Of a chance of their own: they leave all else as it is drawn.
        zones = random.Random(f"zones {seed}")  # noqa: S311  the same again is what is wanted
        self.offered = zones.choice((frozenset(), frozenset({PRIVATE})))
        # In half of them the run itself began what has to be waited for.
        self.taken = zones.choice((frozenset(), frozenset(f"SetAuthType {TEAM} {name}" for name in ("shop", "bank"))))
        self.within = {name: ((ZONE,) if zones.random() < 0.5 else ()) for name in ("vpc-1", "vpc-2")}
        self.by_us = {name: (ZONE.id,) for name in ("vpc-1", "vpc-2") if zones.random() < 0.5}

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def some(self, *choices: Any) -> Any:
        return self.chance.choice(choices)

    def balancer(self, name: str) -> LoadBalancer:
        given = {"network": self.some("net", "net", "net", "net", "net", "sibling", "nett")}
        given["listen"] = self.some(
            "HTTP:80", "HTTP:80", "HTTP:80 HTTP:81", "HTTP:82 HTTP:83", "HTTPS:80", "HTTP:80 HTTPS:81"
        )
        given["service"] = self.some(*SERVICES)
        given["target"] = self.some("HTTP:80", "HTTP:80", "HTTP:8080")
        if self.often(0.2):
            given["weight"] = self.some("0", "5", "much")
        if self.often(0.6):
            given |= self.some(*RULES)
        if self.often(0.15):
            given["auth"] = self.some("none", "iam", "iam", "accounts 222222222222")
        if self.often(0.2):
            given["idle-timeout"] = self.some("60", "120")
        if self.often(0.4):
            given["log"] = self.some("/orders", "/orders/2")
        if self.often(0.2):
            given["domain"] = DOMAIN
            given |= {"zone": "ZSHOP"} if self.often(0.7) else {}
        if self.often(0.1):
            given = {}
        state = "provisioning" if self.often(0.05) else "active"
        return balancer(name, *PORTS, tags={f"lattice:{key}": value for key, value in given.items()}, state=state)

    def group(self, one: LoadBalancer, service: str, port: int) -> TargetGroup:
        name = names.target_group("net", service, one.arn, "HTTP", port, "vpc-1")
        status = self.some(*STATES)
        there = status == "ACTIVE" and self.often(0.7)
        target = Target(id=one.arn, port=port, status=self.some("UNAVAILABLE", "UNAVAILABLE", "INITIAL", "DRAINING"))
        return TargetGroup(
            arn=f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:targetgroup/{name}",
            name=name,
            status=UNREAD if self.often(0.02) else status,
            owned=self.often(0.95),
            targets=(target,) if there else (),
        )

    def service(self, name: str) -> Service:
        arn = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/{name}"
        mine = [group for group in self.groups if group.name.startswith(name)]
        listeners = [
            Listener(
                arn=f"{arn}/listener/{protocol}-{port}",
                name=f"{protocol.lower()}-{port}",
                protocol=protocol,
                port=port,
                owned=self.often(0.95),
                forwards=self.forwards(mine, 0.6),
                answers=self.some(0, 404),
                found_rules=self.rules(f"{arn}/listener/{protocol}-{port}", mine) if self.often(0.9) else (),
            )
            for protocol, port in (("HTTP", 80), ("HTTP", 81), ("HTTP", 82))
            if self.often(0.5)
        ]
        associations = [
            Association(
                arn=f"{arn}/{number}",
                network=where,
                status=self.some(*STATES),
                owned=self.often(0.9),
                failure="no capacity",
            )
            for number, (where, share) in enumerate(((NETWORK_ARN, 0.6), (OTHER_NETWORK_ARN, 0.1)))
            if self.often(share)
        ]
        owned = self.often(0.95)
        return Service(
            arn=arn,
            name=name,
            status=self.some(*STATES),
            owned=owned,
            mark="net" if owned else self.some("", "sibling"),
            domain=f"{name}.on.aws",
            zone=LATTICES,
            custom_domain=DOMAIN if name == AT and self.often(0.9) else "",
            listeners=tuple(listeners[:2]),
            associations=tuple(associations),
        )

    def forwards(self, groups: list[TargetGroup], share: float) -> tuple[Forward, ...]:
        return tuple(
            Forward(target_group=group.arn.rpartition("/")[2], weight=self.some(100, 100, 0))
            for group in groups
            if self.often(share)
        )

    def rules(self, listener: str, groups: list[TargetGroup]) -> tuple[Rule, ...]:
        there = [one for one in (*dict.fromkeys(MATCHES), None) if self.often(0.85)]
        numbers = self.chance.sample((1, 7, 8, 9, 57, 60, 61, 97), len(there))
        return tuple(
            Rule(
                arn=f"{listener}/rule/{number}",
                name=names.rule(match) if match and self.often(0.8) else f"r{number}",
                priority=number,
                owned=owned,
                match=match if owned else None,
                forwards=self.forwards(groups, 0.5) if owned else (),
            )
            for match, number in zip(there, numbers, strict=True)
            for owned in [self.often(0.85)]
        )

    def settings(self) -> Settings:
        return Settings(
            idle_timeout=self.some(60, 120),
            auth=self.some("NONE", "AWS_IAM"),
            policy=self.some("", preset(network(), "iam", "lattice:auth")),
            had=self.some((), ("auth",), ("auth", "idle-timeout")),
            **self.some({}, {}, {"log": "/orders", "subscription": "als"}),
        )

    def client(self, name: str) -> Vpc:
        given = {"network": self.some("net", "net", "net", "sibling", "nett")}
        if self.often(0.3):
            given["security-groups"] = "sg-0123abcd"
        if self.often(0.2):
            given["ports"] = self.some("80", "none")
        return replace(vpc(name), tags={f"lattice:{key}": value for key, value in given.items()})

    def association(self, name: str) -> VpcAssociation:
        owned = self.often(0.85)
        return VpcAssociation(
            arn=f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:servicenetworkvpcassociation/{name}",
            vpc=name,
            network=self.some(NETWORK_ARN, NETWORK_ARN, NETWORK_ARN, OTHER_NETWORK_ARN),
            status=self.some(*STATES, "UPDATE_IN_PROGRESS", "UPDATE_FAILED"),
            owned=owned,
            mark="net" if owned else self.some("", "sibling"),
            security_groups=frozenset({self.some(f"sg-{name}", "sg-0123abcd")}),
        )

    def security_group(self, name: str) -> SecurityGroup:
        rules = frozenset({Ingress(source="10.1.0.0/20", from_port=port, to_port=port) for port in (80, 443)})
        return SecurityGroup(
            id=f"sg-{name}",
            name=names.security_group("net", name),
            vpc=name,
            owned=True,
            admits=self.some(rules, frozenset()),
        )

    def observation(self) -> Observation:
        empty = self.often(0.1)
        return Observation(
            account=TEAM,
            target_groups=() if empty else tuple(self.groups),
            services=()
            if empty
            else tuple(self.service(name) for name in ("shop", "bank", "gone", AT) if self.often(0.8)),
            vpc_associations=()
            if empty
            else tuple(self.association(name) for name in ("vpc-1", "vpc-2") if self.often(0.6)),
            security_groups=()
            if empty
            else tuple(self.security_group(name) for name in ("vpc-1", "vpc-2") if self.often(0.6)),
            access=self.some(
                Access(known=True, visible=True),
                Access(known=True, visible=True),
                Access(known=True),
                Access(known=True, principal="ASSOCIATING", invitation="arn:i"),
                Access(known=True, principal="ASSOCIATED"),
            ),
            log_groups=frozenset({"/orders", "/orders/2"}),
            dns={DOMAIN: Dns(records={"ZSHOP": self.some((), (), RECORDS)})},
            certificates=self.some((), *[(Certificate(arn="arn:c", names=(DOMAIN,)),)] * 4),
            settings={name: self.settings() for name in ("shop", "bank", AT) if self.often(0.6)},
            load_balancers=() if empty and self.often(0.5) else tuple(self.balancers),
            vpcs=() if empty and self.often(0.5) else tuple(self.clients),
            unread={self.balancers[0].arn: "DescribeListeners AccessDenied"} if self.often(0.03) else {},
            zones=self.within,
        )

    def planned(self, seen: Observation) -> Plan:
        """The plan, and in half of the worlds the one after some of its steps were given up."""
        given: dict[str, Any] = {
            "acceptance": self.some("automatic", "automatic", "automatic", "manual"),
            "deletion_limit": self.some(10, 10, 0),
            "keep_seconds": self.some(0, 0, 86400),
            "quiet_seconds": self.some(0, 0, 60),
            "vanish": self.some("everything", "everything", "everything", "associations", "nothing"),
            "kept_out": self.some(*[frozenset()] * 6, frozenset({"shop"})),
        }
        net = network(siblings=frozenset({"sibling"}), **given)
        findings = {self.balancers[0].arn: Finding(code="no-healthy-target", message="mend")} if self.often(0.3) else {}
        since = {name: NOW - self.some(0, 30, 7200) for name in ("shop", "bank", "gone") if self.often(0.5)}
        before = Before(records={DOMAIN: ("ZSHOP",)}, zones=self.by_us)
        holding = Offer(1, 0, self.offered).spelled()
        known: dict[str, Any] = {"now": NOW, "findings": findings, "since": since, "before": before}
        known |= {"holding": holding, "taken": self.taken}
        first = plan(net, seen, **known)
        if self.often(0.5):
            return first
        gone = {step.key: "no capacity" for step in steps(first) if self.often(0.5)}
        return plan(net, seen, failures=gone, **known)


class Settled(Drawn):
    """One whose service has all in its place, and rules besides that nobody asks for any more."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        plain = {"lattice:network": "net", "lattice:service": "shop", "lattice:listen": "HTTP:80"}
        given = [self.some({}, *RULES) for _ in self.balancers]
        self.balancers = [
            balancer(one.name, tags={**plain, **{f"lattice:{key}": text for key, text in tags.items()}})
            for one, tags in zip(self.balancers, given, strict=True)
        ]
        target = {one.arn: Target(id=one.arn, port=80, status="UNAVAILABLE") for one in self.balancers}
        self.groups = [
            replace(self.group(one, "shop", 80), status="ACTIVE", owned=True, targets=(target[one.arn],))
            for one in self.balancers
        ]

    def observation(self) -> Observation:
        there = replace(
            super().observation(),
            services=(),
            target_groups=tuple(self.groups),
            vpc_associations=(),
            security_groups=(),
            load_balancers=tuple(self.balancers),
            vpcs=(),
            settings={},
            unread={},
        )
        [wanted] = desired(network(), there).services
        of = {
            backend.load_balancer: group
            for backend in wanted.backends
            for group in self.groups
            if group.name == backend.target_group
        }

        def forwards(match: Match | None) -> tuple[Forward, ...]:
            asking = [backend for backend in wanted.backends if backend.takes(match)]
            return tuple(
                Forward(target_group=of[one.load_balancer].arn.rpartition("/")[2], weight=one.weight) for one in asking
            )

        arn = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/shop"
        asked_ = [
            (match, number or 60 + at, forwards(match)) for at, (match, number) in enumerate(wanted.rules.items())
        ]
        others = [Match(path=f"/old/{at}", begins=self.often(0.5)) for at in range(self.chance.randint(1, 3))]
        spare = [(match, 90 + at, self.forwards(self.groups, 0.8)) for at, match in enumerate(others)]
        rules = tuple(
            Rule(
                arn=f"{arn}/listener/l/rule/{number}",
                name=names.rule(match),
                priority=number,
                owned=True,
                match=match,
                forwards=sends or (Forward(target_group=self.groups[0].arn.rpartition("/")[2]),),
            )
            for match, number, sends in (*asked_, *spare)
            if self.often(0.9)
        )
        listener = Listener(
            arn=f"{arn}/listener/l",
            name="http-80",
            protocol="HTTP",
            port=80,
            owned=True,
            forwards=forwards(None),
            answers=0 if forwards(None) else 404,
            found_rules=rules,
        )
        service = Service(
            arn=arn,
            name="shop",
            status="ACTIVE",
            owned=True,
            mark="net",
            domain="shop.on.aws",
            listeners=(listener,),
            associations=(Association(arn=f"{arn}/0", network=NETWORK_ARN, status="ACTIVE", owned=True),),
        )
        return replace(there, services=(service,))


class HandedOver(Settled):
    """One whose service people made themselves, as the tags ask for it, and hand over."""

    def observation(self) -> Observation:
        there = super().observation()
        [wanted] = desired(network(), there).services
        [given] = there.services
        listeners = tuple(
            replace(one, found_rules=tuple(replace(rule, owned=rule.match in wanted.rules) for rule in one.found_rules))
            for one in given.listeners
        )
        return replace(
            there,
            services=(Service(arn=given.arn, name=given.name, status=given.status, owned=False),),
            target_groups=(),
            handed=Handed(services=(replace(given, listeners=listeners),), target_groups=tuple(self.groups)),
        )


class TakenBack(Settled):
    """One whose service its owner takes back."""

    def observation(self) -> Observation:
        there = super().observation()
        return replace(there, let_go=frozenset(one.arn for one in there.services))


def drawn_account(seed: int) -> Drawn:
    """Every eighth has little left to do: the last step of a change is done when all else is in its place."""
    if seed % 20 == 4:
        return HandedOver(seed) if seed % 40 == 4 else TakenBack(seed)
    return Settled(seed) if seed % 8 == 0 else Drawn(seed)


type Came = tuple[Drawn, Observation, Plan]


def came(seed: int) -> Came:
    """An account, what is seen of it, and what is planned."""
    drawn = drawn_account(seed)
    seen = drawn.observation()
    return drawn, seen, drawn.planned(seen)


first = cache(came)
"""The same for all who ask: several tests look at the first thousands."""


def sends_into_nothing(seen: Observation, step: AnyStep) -> list[str]:
    """Ids of target groups that the step sends to, and in which no target was seen that is not draining."""
    if isinstance(step, UpdateRules):
        return [one for change in step.changes for one in into_nothing(seen, change.forwards)]
    if not isinstance(step, CreateListener | UpdateListener | CreateRule):
        return []
    groups = {group.arn.rpartition("/")[2]: group for group in seen.target_groups}
    if isinstance(step, CreateListener) and step.needs.startswith("RegisterTarget "):
        service = next(one for one in seen.services if one.arn == step.service)
        assert not service.listeners
        assert not service.associations
        filled = step.needs.rpartition(" ")[2]
        return [to.target_group for to in step.forwards if groups[to.target_group].name != filled]
    return into_nothing(seen, step.forwards)


def into_nothing(seen: Observation, forwards: tuple[Forward, ...]) -> list[str]:
    """Not those that somebody else brought into an action, perhaps a tool: they stay where they are."""
    groups = {group.arn.rpartition("/")[2]: group for group in seen.target_groups}
    unknown = {one for one, group in groups.items() if group.status == UNREAD}
    there = {to.target_group for service in seen.services for found in service.listeners for to in found.sends}
    unknown |= {one for one in there if one not in groups or not groups[one].owned}
    return [
        to.target_group
        for to in forwards
        if to.target_group not in unknown and (to.target_group not in groups or not registered(groups[to.target_group]))
    ]


def test_no_forward_leads_to_a_group_without_a_target_and_every_step_and_verdict_is_reached() -> None:
    kinds: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for seed in range(5600):
        _, seen, planned = first(seed) if seed < 2000 else came(seed)
        for step in steps(planned):
            assert sends_into_nothing(seen, step) == [], f"seed {seed}: {step}"
            kinds[step.kind] += 1
        verdicts.update(one.status for one in (*planned.services, *planned.clients))
    # What clears an answer follows one that failed in the same run: no first look plans it.
    assert {one.__name__ for one in get_args(AnyStep.__value__) if kinds[one.__name__] < 20} == {"ClearStatus"}
    assert {one for one in get_args(Status.__value__) if verdicts[one] < 20} == set()


def test_every_forward_has_ten_target_groups_at_most_and_one_at_least_where_somebody_takes_the_rest() -> None:
    for seed in range(1000):
        _, seen, planned = first(seed)
        refused = {one.resource for one in planned.refusals}
        for step in steps(planned):
            if isinstance(step, CreateListener | UpdateListener):
                assert len(step.forwards) <= 10, f"seed {seed}: {step}"
            if isinstance(step, UpdateListener) and not step.forwards:
                # It answers by itself then, which is for where everybody takes by rules, or is refused.
                asking = [one for one in desired(network(), seen).services if step.name.startswith(f"{one.name}/")]
                plain = {one.load_balancer for wanted in asking for one in wanted.backends if not one.rules}
                assert plain <= refused, f"seed {seed}: {step}"
            if isinstance(step, CreateRule):
                assert 1 <= len(step.forwards) <= 10, f"seed {seed}: {step}"


def test_rules_change_only_what_is_ours_and_keep_what_serves_a_wish_that_cannot_be_met() -> None:
    changed = Counter[str]()
    for seed in range(2000):
        drawn, seen, planned = first(seed)
        there = {rule.arn: rule for one in seen.services for found in one.listeners for rule in found.found_rules}
        frozen = {refusal.resource for refusal in planned.refusals}
        # What answers nothing need not be kept: the first of them may be found to keep requests out.
        frozen &= {one.arn for one in drawn.balancers[1:] if one.state == "active"}
        groups = [one for one in seen.target_groups if any(to.status == "UNAVAILABLE" for to in one.targets)]
        kept = {group.arn.rpartition("/")[2] for group in groups if not registered(group).isdisjoint(frozen)}
        for step in steps(planned):
            for change in step.changes if isinstance(step, UpdateRules) else ():
                before = there[change.rule]
                assert before.owned
                sends = {to.target_group for to in change.forwards or before.forwards}
                assert {to.target_group for to in before.forwards} & kept <= sends, f"seed {seed}: {step}"
                changed["replaced" if change.match != before.match else "changed"] += 1
    assert changed["changed"] > 5


def test_no_plan_gives_two_rules_of_a_listener_one_number() -> None:
    for seed in range(2000):
        _, seen, planned = first(seed)
        listeners = {found.arn: found for one in seen.services for found in one.listeners}
        after = {arn: {rule.arn: rule.priority for rule in found.found_rules} for arn, found in listeners.items()}
        for step in steps(planned):
            if isinstance(step, UpdateRules):
                after[step.listener] |= {change.rule: change.priority for change in step.changes}
                assert len(set(after[step.listener].values())) == len(after[step.listener]), f"seed {seed}: {step}"
            if isinstance(step, CreateRule):
                before = {rule.priority for rule in listeners[step.listener].found_rules}
                assert step.priority not in before, f"seed {seed}: {step}"
