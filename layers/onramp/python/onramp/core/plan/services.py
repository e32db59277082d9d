"""Forward, for services: what is wanted and missing or wrong.

Nothing is sent to before it was seen to be able to take it, and nothing that serves is let go before what takes its
place was seen to serve.
"""

from typing import NamedTuple

from onramp.core import tags
from onramp.core.desired import WantedService
from onramp.core.model import SERVICES, UNREAD, Observation, Service
from onramp.core.plan import domains, listeners, quotas, rules, settings, target_groups
from onramp.core.plan.forwards import arriving, filled
from onramp.core.plan.ground import (
    FAILED,
    GOING,
    Ground,
    Part,
    Stage,
    answers,
    broke,
    id_of,
    join,
    known_balancers,
    may_be_behind,
    named,
    refuse,
    registered,
    spoken_for,
    to_network,
    unlisted,
    unread,
    wait,
)
from onramp.core.plan.obstacles import barred, ports_taken, without_the_siblings
from onramp.core.settings import Said, alike
from onramp.core.steps import (
    AssociateService,
    CreateListener,
    CreateRule,
    CreateService,
    CreateTargetGroup,
    DeleteService,
    DisassociateService,
    UpdateListener,
)
from onramp.core.text import counted


class ServicePlan(NamedTuple):
    """`own`: load balancer -> what concerns it alone; `part` is all of it together, theirs included."""

    part: Part
    own: dict[str, Part]


def serving(ground: Ground, wanted: WantedService) -> frozenset[str]:
    """Those of `placed` that nothing known keeps requests from: what they served by before may go."""
    here = ground.of(wanted.name)
    ports = {backend.load_balancer: backend.port for backend in wanted.backends}
    return frozenset(found for found in placed(ground, wanted) if not here.keeps_out(found, ports[found]))


def placed(ground: Ground, wanted: WantedService) -> frozenset[str]:
    """Load balancers of the service that were seen where their tags ask: on the network, behind each listener."""
    there = named(ground.observed.services, wanted.name)
    if there is None or not there.owned or not answers(ground.network, there):
        return frozenset()
    if any(protocol == "HTTPS" for protocol, _ in wanted.listens) and not domains.certified(ground, wanted):
        return frozenset()
    by_port = {(found.protocol, found.port): found for found in there.listeners}
    listening = [by_port.get(listen) for listen in wanted.listens]
    found = set()
    for backend in wanted.backends:
        group = named(ground.observed.target_groups, backend.target_group)
        if group is None or not filled(group, backend) or arriving(group, backend):
            continue
        if all(one is not None and rules.serves(one, backend, id_of(group.arn)) for one in listening):
            found.add(backend.load_balancer)
    return frozenset(found)


def service(ground: Ground, wanted: WantedService, *, may_make: bool, staying: frozenset[str]) -> ServicePlan:
    """`may_make`: the network is within reach, or asked for. `staying`: load balancers that are not let go of yet."""
    ground = ground.of(wanted.name)
    observed = ground.observed
    there = named(observed.services, wanted.name)
    stopped = barred(ground, wanted)
    if stopped is not None:
        later = without_the_siblings(ground, wanted)
        # What could not be had then either is said while the sibling's goes on: that goes for who waits for it alone.
        refused = service(later, wanted, may_make=may_make, staying=staying).part.refusals if later else ()
        return ServicePlan(Part(refusals=refused) if refused else stopped, {})
    if there is None and (hidden := unlisted(ground, SERVICES)) is not None:
        return ServicePlan(hidden, {})
    if there is None and not may_make:
        return ServicePlan(Part(reach=True), {})
    if there is not None and there.status == UNREAD:
        return ServicePlan(unread(ground, there.arn), {})
    if there is None and (crowded := quotas.for_service(ground, wanted.name, wanted.load_balancers)) is not None:
        return ServicePlan(crowded, {})
    if there is None and any(step.key in ground.doubts for step in _make(ground, wanted).steps):
        # The last run could not make it: whatever is made before it would only be unwound again.
        return ServicePlan(_make(ground, wanted), {})
    left_out, nowhere = ports_taken(ground, wanted, there), dict[str, Part]()
    strange = {found.port for found in (there.listeners if there else ()) if not found.owned}
    if all(port in strange for _, port in wanted.listens):
        # Nothing is half made for who can have no listener at all.
        nowhere, left_out = left_out, {}
    own = {
        one.load_balancer: nowhere.get(one.load_balancer) or target_groups.of_backend(ground, wanted, one)
        for one in wanted.backends
    }
    base = join(own.values())
    if there is None:
        return _create(ground, wanted, base, own)
    if there.status in FAILED:
        because = broke(there.status, there.failure)
        return ServicePlan(join([base, ground.do(DeleteService, there.name, because, service=there.arn)]), own)
    if there.status != "ACTIVE":
        waits = wait(f"service {wanted.name} is {there.status}")._replace(reach=there.status != GOING)
        return ServicePlan(join([base, waits]), own)
    shown = domains.certificate(ground, wanted, there)
    listening, failed = listeners.of_service(ground, wanted, there, own, staying, shown)
    others = (may_be_behind(ground, there) & staying) - set(wanted.load_balancers)
    dressed = settings.service_settings(ground, wanted, there, others=others, unheard=_unheard(ground, wanted.name))
    heard = dressed.stage is Stage.SERVING and not _speaks_late(wanted, own)
    association = _association(ground, wanted, there, listening, guarded=heard)
    lacking = Part(refusals=wanted.unmet + tuple(one for part in left_out.values() for one in part.refusals))
    blamed = {key: own.get(key, Part()) for key in (*own, *failed)}
    blamed = {key: one._replace(failed=(*one.failed, *failed.get(key, ()))) for key, one in blamed.items()}
    return ServicePlan(join([base, shown, listening, dressed, association, lacking]), blamed)


def parting(ground: Ground, staying: frozenset[str]) -> Part:
    """Who left, or is not there any more, goes from a service that others ask for who cannot be met now, or have asked
    for, where those have their requests: what they do not take, nobody is asked for who could take it.
    """
    want = ground.want
    asked = spoken_for(ground) - {found.name for found in want.services}
    coming = {want.named[key] for key in want.named.keys() & (want.settling.keys() | want.awaiting.keys())}
    return join(
        # Who is on his way may be the one to take the rest.
        listeners.for_those_who_stay(ground.of(there.name), there, found, staying, by_default=there.name in coming)
        for there in ground.observed.services
        if there.owned and there.status == "ACTIVE" and there.name in asked
        for found in there.listeners
        if found.owned
    )


def _speaks_late(wanted: WantedService, own: dict[str, Part]) -> bool:
    """Is one of several on its way that says something of the service? Who comes when others serve has no say."""
    speaking = (one.load_balancer for one in wanted.backends if not alike(one.said, Said()))
    return len(wanted.backends) > 1 and any(
        own[one].stage < Stage.FILLED and (own[one].steps or own[one].pending) for one in speaking
    )


def _unheard(ground: Ground, name: str) -> bool:
    """Is there a load balancer that asks for the service and of which it is not known yet what it says; or that is
    refused, and says something of who may call?
    """
    auth = {f"{ground.network.prefix}{tag}" for tag in (tags.AUTH, tags.AUTH_POLICY)}
    there = known_balancers(ground.observed)
    guarding = {key for key in ground.frozen if key in there and not auth.isdisjoint(there[key].tags)}
    unknown = ground.want.settling.keys() | guarding
    return ground.hides_wishes or any(ground.want.named.get(key) == name for key in unknown)


def _create(ground: Ground, wanted: WantedService, base: Part, own: dict[str, Part]) -> ServicePlan:
    """The service, after a target group: of the two it is the one that costs, so it is not made for nothing."""
    there = any(one.stage > Stage.MISSING for one in own.values())
    first = next((step.key for step in base.steps if isinstance(step, CreateTargetGroup)), "")
    if not there and not first:
        # Where nobody can be behind it a person has to act first, and the network need not be within reach for that.
        return ServicePlan(base._replace(reach=not all(one.refusals for one in own.values())), own)
    return ServicePlan(join([base, _make(ground, wanted, needs="" if there else first)]), own)


def _make(ground: Ground, wanted: WantedService, *, needs: str = "") -> Part:
    ask = "asks" if len(wanted.backends) == 1 else "ask"
    because = f"{counted(len(wanted.backends), 'tagged load balancer')} {ask} for it"
    extra = ground.tags_for(*wanted.load_balancers)
    shown = domains.chosen(ground, wanted)
    return ground.do(
        CreateService,
        wanted.name,
        because,
        domain=wanted.said.domain,
        certificate=shown.arn if shown else "",
        needs=needs,
        extra=extra,
    )._replace(reach=True)


# --- the association with the network


def _association(ground: Ground, wanted: WantedService, there: Service, listening: Part, *, guarded: bool) -> Part:
    """`guarded`: whoever may not call is turned away already, so that it may be on the network."""
    found = to_network(ground.network, there)
    if found is None:
        if not ground.at_home and not ground.observed.access.visible:
            return Part(reach=True)
        if not guarded:
            return Part()
        ready, needs = _listens(ground.observed, wanted, there, listening)
        if not ready:
            return Part()
        because = f"the network is within reach and service {there.name} is ready"
        return ground.do(
            AssociateService,
            there.name,
            because,
            needs=needs,
            service=there.arn,
            extra=ground.tags_for(*wanted.load_balancers),
        )
    if found.status in FAILED:
        if not found.owned:
            message = (
                f"remove the association of service {there.name} with the network that somebody else made: it is"
                f" {found.status}"
            )
            return refuse("association-taken", message, *wanted.load_balancers)
        because = broke(found.status, found.failure)
        return ground.do(DisassociateService, there.name, because, association=found.arn)
    if found.status != "ACTIVE":
        return wait(f"association of service {there.name} is {found.status}")
    return Part(stage=Stage.SERVING)


def _listens(observed: Observation, wanted: WantedService, there: Service, listening: Part) -> tuple[bool, str]:
    """Does one of its listeners send to a target that was seen, or will one after a step of this batch?"""
    full = {id_of(group.arn) for group in observed.target_groups if registered(group)}
    wants = [found for found in there.listeners if (found.protocol, found.port) in wanted.listens]
    rules_made = [step.key for step in listening.steps if isinstance(step, CreateRule)]
    if rules_made:
        return True, rules_made[-1]
    if any(to.target_group in full for found in wants for to in found.sends):
        return True, ""
    if wanted.rules:
        return False, ""  # its rules come when its listeners were seen: nobody's requests go to another one first
    makes = [step.key for step in listening.steps if isinstance(step, CreateListener | UpdateListener)]
    return bool(makes), makes[0] if makes else ""
