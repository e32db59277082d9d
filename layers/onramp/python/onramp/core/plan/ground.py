"""What every part of the plan stands on: the observation, what was tried in vain, and how a part says what it adds."""

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from onramp.core import denials, quotas, tags
from onramp.core.desired import Desired, key_of
from onramp.core.errors import MEMBER_ROLE_MISSING, tells_of_role
from onramp.core.inventory import UNREAD_CODE, ClientState, Refusal, ServiceState, Status
from onramp.core.model import (
    LOAD_BALANCERS,
    UNREAD,
    VPCS,
    Association,
    Existing,
    Forward,
    LoadBalancer,
    Observation,
    SecurityGroup,
    Service,
    Target,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.network import Network
from onramp.core.reach import Finding
from onramp.core.same import Same
from onramp.core.steps import (
    AnyStep,
    DeleteListener,
    DeleteRule,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    Step,
    UpdateListener,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
)

GOING = "DELETE_IN_PROGRESS"
FAILED = frozenset({"CREATE_FAILED", "DELETE_FAILED"})


def broke(status: str, failure: str) -> str:
    """What is told of what failed: AWS does not always say why."""
    return f"it is {status}: {failure or 'AWS gives no reason'}"


class Stage(IntEnum):
    """How far a thing has come, as it was seen: a step is an intention, and moves nothing on.

    A target group: there is none; it is there; a target is seen registered in it, and not draining; a listener of a
    service on the network sends to it. A service: there is none; it is there; every listener that is wanted sends to a
    filled group; and it is associated.
    """

    MISSING = 0
    MADE = 1
    FILLED = 2
    SERVING = 3


class Part(NamedTuple):
    """What one wish or one leftover adds to the plan.

    `pending`: what is waited for. `refusals`: what cannot be met. `failed`: why a step that is needed was given up.
    `person`: what a person, or another network's hand, has to do first. `reach`: it cannot go on before the network is
    within the account's reach. `until`: epoch seconds at which it goes on by itself.
    """

    steps: tuple[AnyStep, ...] = ()
    pending: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    failed: tuple[str, ...] = ()
    person: str = ""
    reach: bool = False
    until: tuple[float, ...] = ()
    stage: Stage = Stage.MISSING


def join(parts: Iterable[Part]) -> Part:
    """All that they add. The stage is nobody's: how far several have come together is the caller's to say."""
    found = list(parts)
    return Part(
        tuple(step for part in found for step in part.steps),
        tuple(dict.fromkeys(what for part in found for what in part.pending)),
        tuple(refusal for part in found for refusal in part.refusals),
        tuple(dict.fromkeys(why for part in found for why in part.failed)),
        next((part.person for part in found if part.person), ""),
        any(part.reach for part in found),
        tuple(at for part in found for at in part.until),
    )


class Verdict(NamedTuple):
    """What a team is told of one wish."""

    status: Status
    message: str = ""


class Before(NamedTuple):
    """What the last look or report had: of what cannot be read it is all that is known. `arns`: ARN -> name of ours.
    `records`, `private`, `zones`: as in the plan.
    """

    services: dict[str, ServiceState] = {}
    clients: dict[str, ClientState] = {}
    arns: dict[str, str] = {}
    records: dict[str, tuple[str, ...]] = {}
    private: dict[str, str] = {}
    zones: dict[str, tuple[str, ...]] = {}


class Ground(NamedTuple):
    """One look, and what the run knows beside it.

    `failures`: step key -> why it was given up in this run. `doubts`: the same of the last run.
    `taken`: keys of changes that AWS took in this run. `since`: service name, VPC or load balancer -> epoch
    seconds when it was first seen that nobody asks for it. `released`: infra lets go whatever leaves since before that.
    `now`: epoch seconds. `findings`: load balancer or VPC -> what keeps requests out, and from where.
    `before`: what was known before this look.
    `offered`: what clients can call, as core/offers spells it; '' unknown, None where it must not be told.
    `readers`: account -> the ARN of the session by which somebody reads it, where it is none of our roles that does.
    `of_all`: the findings of all services, where `findings` are those of one.
    """

    network: Network
    observed: Observation
    want: Desired
    failures: dict[str, str]
    doubts: Mapping[str, str]
    taken: frozenset[str]
    since: dict[str, float]
    released: float
    now: float
    findings: dict[str, Finding]
    before: Before
    offered: str | None = None
    readers: Mapping[str, str] = {}
    of_all: dict[str, Finding] = {}

    def do(self, kind: Callable[..., AnyStep], name: str, because: str, **given: Any) -> Part:
        """A step in the member account; a part that says why not, where it was given up in this run."""
        return self._do(kind(account=self.observed.account, name=name, because=because, **given))

    def tags_for(self, *resources: str) -> dict[str, str]:
        """The tags that what is made for these resources carries besides ours: given ones, and those
        without a value as the first of the resources that has them says, as far as Lattice takes it.
        """
        if not self.network.extra_tags:
            return {}
        asking = [thing.tags for thing in self.observed.resources if key_of(thing) in resources]
        found = {
            key: value or next((tags.copied(given[key]) for given in asking if key in given), "")
            for key, value in self.network.extra_tags.items()
        }
        return {key: value for key, value in found.items() if value}

    def do_sharing(self, kind: Callable[..., AnyStep], because: str) -> Part:
        """A step in the network account, on its share, about this account."""
        return self._do(kind(account=self.network.account, name=self.observed.account, because=because))

    def _do(self, step: AnyStep) -> Part:
        why = self.failures.get(step.key, self._lacks_mark(step))
        return Part(steps=(step,)) if why is None else Part(failed=(why,))

    def _lacks_mark(self, step: AnyStep) -> str | None:
        """Why the step would be denied: what bears our mark no more may not be changed, nor be marked anew."""
        changed = next((getattr(step, field) for kind, field in _OF_OURS.items() if isinstance(step, kind)), "")
        return mark_missing(self.network, changed) if changed in self.observed.unmarked else None

    def failing(self, part: Part) -> tuple[str, ...]:
        """Why its steps came to nothing: in this run, or in the last one and they are tried once more. That is told
        until they were seen done, or each sweep would take back for some seconds what it says again.
        """
        return (*part.failed, *(self.doubts[step.key] for step in part.steps if step.key in self.doubts))

    @property
    def at_home(self) -> bool:
        """The network account itself: its network is within reach without a share."""
        return self.observed.account == self.network.account

    @property
    def quiet_seconds(self) -> int:
        return 0 if self.network.offboarding else self.network.quiet_seconds

    @property
    def keep_seconds(self) -> int:
        return 0 if self.network.offboarding else self.network.keep_seconds

    def of(self, service: str) -> "Ground":
        """As it is for this service: what keeps out requests of another one alone says nothing of it."""
        found = self.of_all or self.findings
        about = {key: one for key, one in found.items() if one.is_of(service)}
        return self if about == self.findings else self._replace(findings=about, of_all=found)

    def keeps_out(self, balancer: str, port: int) -> bool:
        """Does something known keep all requests from it there? Weights are the service's own matter, and say nothing
        of another that sends there, too.
        """
        found = self.findings.get(balancer)
        return found is not None and found.code != "weights-zero" and found.is_at(port)

    def takes(self, target: Target) -> bool:
        """Does its load balancer stand and listen on that port, as far as that was read, and does nothing known keep
        requests out?
        """
        if target.status == "DRAINING" or target.arriving or self.keeps_out(target.id, target.port):
            return False
        there = known_balancers(self.observed).get(target.id)
        if there is None or there.state in {"provisioning", "failed"}:
            return False
        return there.listeners is None or any(found.port == target.port for found in there.listeners)

    def serves(self, target: Target) -> bool:
        """Does it take requests; or is it something else that somebody brought, which Lattice tells to be well?"""
        return self.takes(target) if is_load_balancer(target) else target.status in _WELL

    @property
    def asking_nothing(self) -> frozenset[str]:
        """Load balancers that stand and ask for nothing, as far as that is known; nobody's hand wants them off."""
        want = self.want
        there = {found.arn for found in self.observed.load_balancers} - want.moving.keys() - want.kept_out.keys()
        asking = {found for service in want.services for found in service.load_balancers} | want.named.keys()
        return frozenset(there - asking - self.frozen)

    @property
    def hides_wishes(self) -> bool:
        """Are there load balancers of which it is not known what they ask for? It may be any service."""
        return any(key == LOAD_BALANCERS or ":loadbalancer/" in key for key in self.unread)

    @property
    def unread(self) -> frozenset[str]:
        """What was not read, and decides something: where the network is given up nobody's wish does."""
        wishes = {key for key in self.observed.unread if key in {LOAD_BALANCERS, VPCS} or ":loadbalancer/" in key}
        return frozenset(self.observed.unread) - (wishes if self.network.offboarding else set[str]())

    @property
    def frozen(self) -> frozenset[str]:
        """Resources whose wish cannot be met or read now: what serves them is kept as it is."""
        refused = {refusal.resource for refusal in self.want.refusals}
        return frozenset(refused | set(self.want.settling) | set(self.want.awaiting) | self.unread)


_WELL = frozenset({"HEALTHY", "UNAVAILABLE"})
"""States in which a target that is no load balancer takes requests: unavailable where nothing checks its health."""

_OF_OURS: dict[type[Step], str] = {
    UpdateListener: "listener",
    DeleteListener: "listener",
    DeleteRule: "rule",
    SetIdleTimeout: "service",
    SetCertificate: "service",
    SetAuthType: "service",
    DeleteService: "service",
    DeleteTargetGroup: "target_group",
    DisassociateService: "association",
    DisassociateVpc: "association",
    UpdateVpcAssociation: "association",
    UpdateSecurityGroup: "security_group",
    DeleteSecurityGroup: "security_group",
}
"""Steps that the writer may do only to what bears our mark, and which field names that (member.yaml, ChangeOurs)."""


def mark_missing(network: Network, key: str) -> str:
    """The remedy, for what is known by this ARN or id."""
    remedy = f"put tag {tags.OWNER} = {network.name} back on {id_of(key)}"
    return f"{remedy}: somebody took it off, and without it we may not change it"


def wait(what: str) -> Part:
    return Part(pending=(what,))


def unread(ground: Ground, key: str, what: str = "") -> Part:
    """It is there and cannot be read: nothing is done to it, and why is told. `what`: what people call it."""
    return Part(failed=(_unreadable(what or id_of(key), ground.observed.unread.get(key, "")),))


def within_reach(ground: Ground) -> bool:
    """Does the account see the network, as far as was asked?"""
    there = ground.observed.access
    return ground.at_home or there.visible or not there.known


def held_by_sibling(ground: Ground, why: str, person: str) -> Part:
    """What a sibling's network has to let go first. It does when it is told that nothing else is missing here: so not
    before this network is within reach.
    """
    return wait(why)._replace(reach=True, person=person if within_reach(ground) else "")


def unlisted(ground: Ground, kind: str) -> Part | None:
    """Why nothing is begun that depends on this list, where it could not be read."""
    why = ground.observed.unread.get(kind)
    return None if why is None else Part(failed=(_unreadable(f"the account's {kind}", why),))


def _unreadable(what: str, why: str) -> str:
    return f"{UNREAD_CODE}: {what} cannot be read: {why}"


def coded(failed: str) -> str:
    """Why a step was given up, or what could not be read, with its code."""
    if failed.startswith(f"{UNREAD_CODE}: "):
        return failed
    if tells_of_role(failed):
        return f"{MEMBER_ROLE_MISSING}: {failed}"
    return f"quota: {failed}" if quotas.tells(failed) else f"{denials.code(failed)}: {failed}"


def blurred(ground: Ground, service: Service) -> bool:
    """Is something of it unread, so that whether it answers is known from before alone? Off the network it does not."""
    if to_network(ground.network, service) is None:
        return False
    return LOAD_BALANCERS in ground.observed.unread or bool(hidden(ground.observed, service))


def hidden(observed: Observation, service: Service) -> str:
    """What of it is unread: itself, or a target group that it sends to, so that it is not known whom requests come to.
    '' where nothing is.
    """
    if service.status == UNREAD:
        return service.arn
    sends = {to.target_group for found in service.listeners for to in found.sends}
    unread = (one.arn for one in observed.target_groups if one.status == UNREAD)
    return next((arn for arn in unread if id_of(arn) in sends), "")


def refuse(code: str, message: str, *resources: str) -> Part:
    return Part(refusals=tuple(Refusal(code=code, resource=found, message=message) for found in resources))


def taken(kind: str, name: str, *resources: str, instead: str = "choose another name") -> Part:
    """Nobody is told to remove it: it may serve, and may have been made here before somebody took our tag off."""
    remedy = f"{instead}, or put tag {tags.OWNER} back if a run of this network made it"
    return refuse("name-taken", f"{remedy}: {kind} {name} is there without it", *resources)


def delete_target_group(ground: Ground, group: TargetGroup, because: str, *, needs: str = "") -> Part:
    targets = tuple((target.id, target.port) for target in group.targets)
    return ground.do(DeleteTargetGroup, group.name, because, target_group=group.arn, targets=targets, needs=needs)


# --- looking things up


def named[T: (Service, TargetGroup, SecurityGroup)](there: tuple[T, ...], name: str) -> T | None:
    """The first of that name."""
    found: T | None = _by_name(Same(there)).get(name)
    return found


@lru_cache(maxsize=8)
def _by_name(there: Same[tuple[Any, ...]]) -> dict[str, Any]:
    return {thing.name: thing for thing in reversed(there.value)}


def of_vpc(observed: Observation, vpc: str) -> VpcAssociation | None:
    return next((found for found in observed.vpc_associations if found.vpc == vpc), None)


def to_network(network: Network, service: Service | Existing) -> Association | None:
    return next((found for found in service.associations if network.is_named(found.network)), None)


def ours(ground: Ground, found: Association) -> bool:
    return found.owned and ground.network.is_named(found.network)


def keeps_its_targets(ground: Ground, service: Service) -> bool:
    """Does nothing of what it sends to leave it now? Nobody asks for it who could be served, and it is somebody else's,
    or on a network by another hand, or serves who is refused or not known.
    """
    want = ground.want
    if service.name in {one.name for one in want.services}:
        return False
    asked = {want.named[key] for key in want.named.keys() - want.kept_out.keys()}
    return (
        not service.owned
        or service.name in asked
        or any(not ours(ground, found) for found in service.associations)
        or not ground.frozen.isdisjoint(may_be_behind(ground, service))
    )


def spoken_for(ground: Ground) -> frozenset[str]:
    """Names of the services that somebody asks for, or that serve who is refused or not known, whatever he asks for;
    but of what infra keeps off the network.
    """
    want = ground.want
    asked = {want.named[key] for key in want.named.keys() - want.kept_out.keys()}
    served = {one.name for one in ground.observed.services if not ground.frozen.isdisjoint(may_be_behind(ground, one))}
    return frozenset({one.name for one in want.services} | asked | (served - kept_out_of(ground)))


def kept_out_of(ground: Ground) -> frozenset[str]:
    """Names of the services that infra keeps off the network, whoever asks for them, or serves by them what he is
    refused elsewhere.
    """
    account = ground.observed.account
    return frozenset(one.name for one in ground.observed.services if ground.network.keeps_out(account, one.name))


def id_of(arn: str) -> str:
    """The id at an ARN's end; Lattice answers ids even where ARNs were sent, so ids are compared (facts 5)."""
    return arn.rpartition("/")[2]


def answers(network: Network, service: Service | Existing) -> bool:
    """Is it on the network? Whether a request gets an answer, its listeners and targets say."""
    association = to_network(network, service)
    return service.status == "ACTIVE" and association is not None and association.status == "ACTIVE"


def registered(group: TargetGroup) -> frozenset[str]:
    """Load balancers that were seen registered in it, and not draining."""
    there = (target for target in group.targets if target.status != "DRAINING")
    return frozenset(target.id for target in there if is_load_balancer(target))


def is_load_balancer(target: Target) -> bool:
    """In groups that are not ours there may be addresses, instances and functions, too."""
    return ":loadbalancer/" in target.id


class Known(NamedTuple):
    """A target group, its place among those that were seen, and the load balancers registered in it."""

    place: int
    group: TargetGroup
    registered: frozenset[str]


@lru_cache(maxsize=2)
def _indexed(groups: Same[tuple[TargetGroup, ...]]) -> dict[str, Known]:
    return {id_of(group.arn): Known(place, group, registered(group)) for place, group in enumerate(groups.value)}


def known_groups(observed: Observation) -> dict[str, Known]:
    """id -> target group, in order."""
    return _indexed(Same(observed.target_groups))


@lru_cache(maxsize=2)
def _by_arn(balancers: Same[tuple[LoadBalancer, ...]]) -> dict[str, LoadBalancer]:
    return {one.arn: one for one in balancers.value}


def known_balancers(observed: Observation) -> dict[str, LoadBalancer]:
    """ARN -> load balancer."""
    return _by_arn(Same(observed.load_balancers))


def _of(observed: Observation, ids: Iterable[str]) -> list[Known]:
    known = known_groups(observed)
    return sorted((known[one] for one in set(ids) if one in known), key=lambda one: one.place)


def groups_of(observed: Observation, service: Service) -> tuple[TargetGroup, ...]:
    """The target groups that a listener of the service sends to."""
    ids = {to.target_group for listener in service.listeners for to in listener.sends}
    return tuple(found.group for found in _of(observed, ids))


def sent_to(observed: Observation, forwards: Iterable[Forward]) -> tuple[Target, ...]:
    """The targets that get some of the requests."""
    return targets_in(observed, {to.target_group for to in forwards if to.weight > 0})


def targets_in(observed: Observation, ids: Iterable[str]) -> tuple[Target, ...]:
    """The targets in target groups of these ids."""
    return tuple(target for found in _of(observed, ids) for target in found.group.targets)


def behind(observed: Observation, service: Service) -> frozenset[str]:
    """The load balancers that the service was seen to send to."""
    return frozenset(found for group in groups_of(observed, service) for found in registered(group))


def may_be_behind(ground: Ground, service: Service) -> frozenset[str]:
    """The same, and those that it was told to send to, where a look cannot tell."""
    was = ground.before.services.get(service.name) if hidden(ground.observed, service) else None
    return behind(ground.observed, service) | frozenset(was.load_balancers if was else ())
