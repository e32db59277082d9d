"""What people made and hand over: it becomes ours, and nothing of it changes.

So it is taken over only where it is what the tags ask for already: were it ours, there would be nothing to do but what
can be set in place. What differs is told, and all is left as it is.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from onramp.core import tags
from onramp.core.desired import WantedClient, WantedService
from onramp.core.model import Existing, Observation, Service, TargetGroup, VpcAssociation
from onramp.core.plan import clients, services
from onramp.core.plan.ground import (
    FAILED,
    GOING,
    Ground,
    Part,
    Stage,
    id_of,
    join,
    named,
    of_vpc,
    refuse,
    to_network,
)
from onramp.core.plan.services import ServicePlan
from onramp.core.steps import (
    Adopt,
    AnyStep,
    AssociateService,
    CreateAccessLog,
    CreateListener,
    CreateSecurityGroup,
    CreateTargetGroup,
    DeleteListener,
    PutAuthPolicy,
    SetAuthType,
    SetCertificate,
    SetIdleTimeout,
    UpdateListener,
    UpdateSecurityGroup,
)

_IN_PLACE = (AssociateService, SetIdleTimeout, SetCertificate, PutAuthPolicy, SetAuthType, CreateAccessLog)
"""What a tag asks for beside what is there, and takes nothing of that away."""


def service(ground: Ground, wanted: WantedService) -> ServicePlan | None:
    """Taking over the service that stands in the way of this wish; None where none does, or is not handed over."""
    there = named(ground.observed.services, wanted.name)
    given = named(ground.observed.handed.services, wanted.name)
    if there is None or there.owned or given is None or there.status == GOING:
        return None
    observed = _as_ours(ground.observed)
    filled = {group.name for group in observed.target_groups if group.owned}
    # Who is not behind it yet joins it when it is ours, as any other.
    behind = [backend for backend in wanted.backends if backend.target_group in filled] or wanted.backends
    found = services.service(ground._replace(observed=observed), wanted.of(behind), may_make=True, staying=frozenset())
    if found.part.refusals or found.part.failed:
        return _held_up(found, wanted)
    for step in found.part.steps:
        if not isinstance(step, _IN_PLACE):
            return ServicePlan(refuse("adopt-differs", _of_service(step, given), *wanted.load_balancers), {})
    if found.part.pending:
        return ServicePlan(Part(pending=found.part.pending), {})
    return ServicePlan(_service(ground, given), {})


def _held_up(found: ServicePlan, wanted: WantedService) -> ServicePlan:
    """Nothing of it is done, and all who ask for the service are told: it is taken over as a whole, or not at all."""
    own = {key: part._replace(steps=()) for key, part in found.own.items()}
    refused = {one.resource for one in found.part.refusals}
    others = [key for key in wanted.load_balancers if key not in refused]
    told = Part()
    if refused and others:
        first = found.part.refusals[0]
        message = (
            f"mend load balancer {first.resource.split('/')[-2]} first, it is told {first.code}: service"
            f" {wanted.name} is handed over as a whole"
        )
        told = refuse("adopt-differs", message, *others)
    return ServicePlan(join([found.part._replace(steps=()), told]), own)


def client(as_seen: Ground, wanted: WantedClient) -> Part | None:
    """Taking over the association of this VPC, with its security group; None as for a service."""
    handed = as_seen.observed.handed
    there = of_vpc(as_seen.observed, wanted.vpc)
    given = next((one for one in handed.vpc_associations if one.vpc == wanted.vpc), None)
    if there is None or there.owned or given is None or there.status in {GOING, *FAILED}:
        return None
    ground = as_seen._replace(observed=_as_ours(as_seen.observed))
    found = clients.client(ground, wanted, may_make=True)
    if found.refusals or found.failed:
        return found._replace(steps=(), stage=Stage.MISSING)
    if found.steps:
        return refuse("adopt-differs", _of_client(found.steps[0], given), wanted.vpc)
    if found.pending:
        return Part(pending=found.pending)
    groups = () if wanted.security_groups else handed.security_groups
    parts = [(one.id, one.name) for one in groups if one.id in given.security_groups]
    return _chain(as_seen, [*parts, (given.arn, given.vpc)])


def associations(ground: Ground) -> Part:
    """Taking over what others associated, of services that are ours, or that ask by their own tag."""
    ours = (named(ground.observed.services, wanted.name) for wanted in ground.want.services)
    asking: list[Service | Existing] = [*(one for one in ours if one is not None), *ground.want.existing]
    joined = [(to_network(ground.network, one), one.name) for one in asking]
    return join(
        _chain(ground, [(found.arn, name)])
        for found, name in joined
        if found is not None and found.handed and found.status == "ACTIVE"
    )


def _as_ours(observed: Observation) -> Observation:
    handed = observed.handed
    return replace(
        observed,
        services=_instead(observed.services, handed.services),
        target_groups=_instead(observed.target_groups, handed.target_groups),
        vpc_associations=_instead(observed.vpc_associations, handed.vpc_associations),
        security_groups=(*observed.security_groups, *handed.security_groups),
    )


def _instead[T: (Service, TargetGroup, VpcAssociation)](there: tuple[T, ...], handed: tuple[T, ...]) -> tuple[T, ...]:
    arns: set[str] = {one.arn for one in handed}
    return tuple(one for one in there if one.arn not in arns) + handed


def _service(ground: Ground, given: Service) -> Part:
    """The service last: as long as it is not ours nothing changes, whatever becomes of the steps before."""
    sends = {to.target_group for found in given.listeners if found.owned for to in found.sends}
    groups = [one for one in ground.observed.handed.target_groups if id_of(one.arn) in sends]
    listeners = [found for found in given.listeners if found.owned]
    joined = [one for one in given.associations if one.handed and one.owned]
    return _chain(
        ground,
        [
            *((one.arn, one.name) for one in groups),
            *((rule.arn, rule.name) for found in listeners for rule in found.own_rules),
            *((found.arn, found.name) for found in listeners),
            *((one.arn, given.name) for one in joined),
            (given.arn, given.name),
        ],
    )


def _chain(ground: Ground, things: Iterable[tuple[str, str]]) -> Part:
    """One after the other, none without the one before it: ARN or id, and the name under which it is remembered. A
    service that was on the network by its own tag is told nothing there from now on.
    """
    told = {one.arn: tuple(sorted(one.tags.keys() & set(tags.STATUS_KEYS))) for one in ground.observed.existing}
    parts: list[Part] = []
    before = ""
    for resource, name in things:
        part = ground.do(
            Adopt,
            f"{id_of(resource)}/{name}",
            "its owner hands it over",
            resource=resource,
            needs=before,
            remove=told.get(resource, ()),
        )
        parts.append(part)
        if not part.steps:
            break  # what was given up is told, and what comes after it is left
        before = part.steps[0].key
    return join(parts)


def _of_service(step: AnyStep, given: Service) -> str:
    """What of it is not what the tags ask for, and what to do."""
    if isinstance(step, CreateTargetGroup):
        if not any(found.sends for found in given.listeners):
            return (
                f"write in the rule tags what the rules of service {given.name} ask for, as path-prefix = / with its"
                " priority: by default its listener sends to nobody"
            )
        return (
            f"put tag {tags.ADOPT} = {tags.YES} on the target group, too, by which service {given.name} sends to port"
            f" {step.port} of the load balancer by {step.protocol}: none that is handed over does"
        )
    if isinstance(step, CreateListener):
        return (
            f"write in the listen tag what service {given.name} listens for: it has no listener"
            f" {step.protocol}:{step.port}"
        )
    if isinstance(step, DeleteListener):
        name = step.name.rpartition("/")[2]
        return f"write in the listen tag all that service {given.name} listens for: it has a listener {name}, too"
    if isinstance(step, UpdateListener):
        name = step.name.rpartition("/")[2]
        return (
            f"write in the tags what listener {name} of service {given.name} does by default, or change it by hand: it"
            f" sends elsewhere or by other weights"
        )
    return f"write in the tags what service {given.name} has, or change it by hand: {step.because}"


def _of_client(step: AnyStep, given: VpcAssociation) -> str:
    groups = " ".join(sorted(given.security_groups)) or "none"
    if isinstance(step, CreateSecurityGroup) and not given.security_groups:
        return (
            "give this VPC's association a security group by hand, and put tag"
            f" {tags.ADOPT} = {tags.YES} on it or name it in the security-groups tag: it has none and lets in all of it"
        )
    if isinstance(step, CreateSecurityGroup):
        return (
            f"put tag {tags.ADOPT} = {tags.YES} on the security group of this VPC's association, too, or name it in the"
            f" security-groups tag: {groups}"
        )
    if isinstance(step, UpdateSecurityGroup):
        return f"write in the tags who may call as {groups} has it, or change its rules by hand: they differ"
    return f"write in the security-groups tag what the association has, or change that by hand: {groups}"
