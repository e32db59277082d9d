"""Forward, for services: what is wanted and missing or wrong.

Nothing is sent to before it was seen to be able to take it, and nothing that serves is let go before what takes its
place was seen to serve.
"""

from typing import NamedTuple

from onramp.core import names, tags
from onramp.core.desired import LISTENERS_PER_SERVICE, Backend, WantedService
from onramp.core.model import (
    SERVICES,
    TARGET_GROUPS,
    UNREAD,
    Forward,
    Listener,
    Observation,
    Service,
    TargetGroup,
)
from onramp.core.plan import domains, records, room, rules, settings
from onramp.core.plan.forwards import Sending, arriving, filled, sending
from onramp.core.plan.ground import (
    FAILED,
    GOING,
    Ground,
    Part,
    Stage,
    answers,
    behind,
    broke,
    delete_target_group,
    id_of,
    join,
    named,
    refuse,
    registered,
    sent_to,
    taken,
    to_network,
    unlisted,
    unread,
    wait,
)
from onramp.core.settings import Said, alike
from onramp.core.steps import (
    AssociateService,
    CreateListener,
    CreateRule,
    CreateService,
    CreateTargetGroup,
    DeleteListener,
    DeleteService,
    DisassociateService,
    Refusal,
    RegisterTarget,
    UpdateListener,
)
from onramp.core.text import counted

GROUPS_PER_LOAD_BALANCER = 2  # used by two services at most (facts 11)


class ServicePlan(NamedTuple):
    """`own`: load balancer -> what concerns it alone; `part` is all of it together, theirs included."""

    part: Part
    own: dict[str, Part]


def serving(ground: Ground, wanted: WantedService) -> frozenset[str]:
    """Those of `placed` that nothing known keeps requests from: what they served by before may go."""
    ports = {backend.load_balancer: backend.port for backend in wanted.backends}
    return frozenset(found for found in placed(ground, wanted) if not ground.keeps_out(found, ports[found]))


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
    observed = ground.observed
    there = named(observed.services, wanted.name)
    barred = _barred(ground, wanted)
    if barred is not None:
        return ServicePlan(barred, {})
    if there is None and (hidden := unlisted(ground, SERVICES)) is not None:
        return ServicePlan(hidden, {})
    if there is None and not may_make:
        return ServicePlan(Part(reach=True), {})
    if there is not None and there.status == UNREAD:
        return ServicePlan(unread(ground, there.arn), {})
    if there is None and (crowded := room.for_service(ground, wanted.name, wanted.load_balancers)) is not None:
        return ServicePlan(crowded, {})
    if there is None and any(step.key in ground.doubts for step in _make(ground, wanted).steps):
        # The last run could not make it: whatever is made before it would only be unwound again.
        return ServicePlan(_make(ground, wanted), {})
    left_out, nowhere = _ports_taken(ground, wanted, there), dict[str, Part]()
    strange = {found.port for found in (there.listeners if there else ()) if not found.owned}
    if all(port in strange for _, port in wanted.listens):
        # Nothing is half made for who can have no listener at all.
        nowhere, left_out = left_out, {}
    own = {
        one.load_balancer: nowhere.get(one.load_balancer) or _target_group(ground, wanted, one)
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
    listeners, failed = _listeners(ground, wanted, there, own, staying, shown)
    others = (behind(observed, there) & staying) - set(wanted.load_balancers)
    dressed = settings.service_settings(ground, wanted, there, others=others, unheard=_unheard(ground, wanted.name))
    heard = dressed.stage is Stage.SERVING and not _speaks_late(wanted, own)
    association = _association(ground, wanted, there, listeners, guarded=heard)
    lacking = Part(refusals=wanted.unmet + tuple(one for part in left_out.values() for one in part.refusals))
    blamed = {key: own.get(key, Part()) for key in (*own, *failed)}
    blamed = {key: one._replace(failed=(*one.failed, *failed.get(key, ()))) for key, one in blamed.items()}
    return ServicePlan(join([base, shown, listeners, dressed, association, lacking]), blamed)


def parting(ground: Ground, staying: frozenset[str]) -> Part:
    """Who left, or is not there any more, goes from a service that others ask for who cannot be met now, where those
    have their requests: what they do not take, nobody is asked for who could take it.
    """
    want = ground.want
    asked = {want.named[key] for key in want.named.keys() - want.kept_out.keys()}
    asked -= {found.name for found in want.services}
    coming = {want.named[key] for key in want.named.keys() & (want.settling.keys() | want.awaiting.keys())}
    parts: list[Part] = []
    for there in ground.observed.services:
        if there.owned and there.status == "ACTIVE" and there.name in asked:
            nobody = WantedService(name=there.name, listens=(), backends=())
            send = sending(ground, nobody, {}, staying)
            parts += [
                rules.of_listener(ground, nobody, there, found, send, staying).part
                for found in there.listeners
                if found.owned
                # Who is on his way may be the one to take the rest.
                and not send.lasting.isdisjoint(
                    to.target_group for to in (found.forwards if there.name in coming else found.sends)
                )
            ]
    return join(parts)


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
    guarding = {one.arn for one in ground.observed.load_balancers if not auth.isdisjoint(one.tags)}
    asking = {balancer for balancer, of in ground.want.named.items() if of == name}
    unknown = ground.want.settling.keys() | (ground.frozen & guarding)
    return ground.hides_wishes or not asking.isdisjoint(unknown)


def _create(ground: Ground, wanted: WantedService, base: Part, own: dict[str, Part]) -> ServicePlan:
    """The service, after a target group: of the two it is the one that costs, so it is not made for nothing."""
    there = any(one.stage > Stage.MISSING for one in own.values())
    first = next((step.key for step in base.steps if isinstance(step, CreateTargetGroup)), "")
    if not there and not first:
        return ServicePlan(base._replace(reach=True), own)
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


def _barred(ground: Ground, wanted: WantedService) -> Part | None:
    """Why nothing can be done for the service as a whole."""
    there = named(ground.observed.services, wanted.name)
    return _in_other_hands(ground, wanted, there) or _not_to_be_had(ground, wanted)


def _not_to_be_had(ground: Ground, wanted: WantedService) -> Part | None:
    found = domains.refused(ground, wanted) or records.refused(ground, wanted) or settings.refused(ground, wanted)
    return None if found and found.refusals and wanted.unmet else found


_BESIDE = domains.BESIDE | records.BESIDE | settings.BESIDE


def unmet(ground: Ground, wanted: WantedService) -> tuple[Refusal, ...]:
    """Why what the service's load balancers say of it cannot be had; none where that is not known now."""
    if _in_other_hands(ground, wanted, named(ground.observed.services, wanted.name)):
        return ()
    found = _not_to_be_had(ground, wanted)
    return found.refusals if found else ()


def goes_on(ground: Ground, wanted: WantedService, lacking: tuple[Refusal, ...]) -> bool:
    """Does what the load balancer lacks decide no request? Then it takes its share of a service that is there, which
    may be all that is left of it: that turns away as before who may not call, and shows what certificate it has.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None or there.status != "ACTIVE":
        return False
    codes = {refusal.code for refusal in lacking}
    return codes <= _BESIDE or (codes <= settings.OF_AUTH and settings.guards(ground, there))


def _in_other_hands(ground: Ground, wanted: WantedService, there: Service | None) -> Part | None:
    """The service is somebody else's; or is on its way out of a sibling's hands."""
    if there is None or there.owned:
        return None
    if there.status == GOING:
        return wait(f"a service {wanted.name} of somebody else is {GOING}")
    if wanted.name in ground.want.theirs.get(there.mark, ()):
        message = f"choose another name, or take it off what asks for it in network {there.mark}: {wanted.name} is"
        return refuse("name-taken", f"{message} in use there", *wanted.load_balancers)
    if there.mark in ground.network.siblings:
        return wait(f"network {there.mark} lets service {wanted.name} go first")._replace(
            person=f"network {there.mark} still holds service {wanted.name}: it joins here when that has let it go."
            " If it stays ask infra: Vanish may keep it"
        )
    message = (
        f"put tag {tags.ADOPT} = {tags.YES} on service {wanted.name} to hand it over as it is, or choose another"
        f" name: it is there and not ours"
    )
    return refuse("name-taken", message, *wanted.load_balancers)


def _ports_taken(ground: Ground, wanted: WantedService, there: Service | None) -> dict[str, Part]:
    """What is told of listeners that somebody else made on wanted ports, to whoever gets no requests by one as he asks.
    Nothing of them is changed; nobody loses what he has by the others for it, or is kept from them.
    """
    protocols = {port: protocol for protocol, port in wanted.listens}
    strange = [found for found in (there.listeners if there else ()) if found.port in protocols and not found.owned]
    told: dict[str, Part] = {}
    for backend in wanted.backends:
        group = named(ground.observed.target_groups, backend.target_group)
        for found in strange:
            speaks = found.protocol == protocols[found.port]
            if not (speaks and group and rules.serves(found, backend, id_of(group.arn))):
                what = f"{found.name} of service {wanted.name}"
                told[backend.load_balancer] = taken(
                    "listener", what, backend.load_balancer, instead="listen on another port"
                )
    return told


# --- target groups


def _target_group(ground: Ground, wanted: WantedService, backend: Backend) -> Part:
    name = backend.target_group
    there = named(ground.observed.target_groups, name)
    if there is None:
        stopped = unlisted(ground, TARGET_GROUPS) or _crowded(ground, backend)
        if stopped is not None:
            return stopped
        because = f"service {wanted.name} sends to the load balancer's listener {backend.protocol}:{backend.port}"
        return ground.do(
            CreateTargetGroup,
            name,
            because,
            protocol=backend.protocol,
            port=backend.port,
            vpc=backend.vpc,
            extra=ground.tags_for(backend.load_balancer),
        )
    if not there.owned and there.status != GOING:
        return taken("target group", name, backend.load_balancer)
    if there.status == UNREAD:
        return unread(ground, there.arn)
    if there.status in FAILED:
        return delete_target_group(ground, there, broke(there.status, there.failure))
    if there.status != "ACTIVE":
        return wait(f"target group {name} is {there.status}")._replace(stage=Stage.MADE)
    if filled(there, backend):
        begun = wait(f"target group {name} takes requests soon") if arriving(there, backend) else Part()
        return begun._replace(stage=Stage.FILLED)
    crowded = _crowded(ground, backend) or _replaced(there, backend)
    if crowded is not None:
        return crowded
    register = ground.do(
        RegisterTarget,
        name,
        f"the load balancer is not registered for {backend.protocol}:{backend.port}",
        target_group=there.arn,
        load_balancer=backend.load_balancer,
        port=backend.port,
    )
    if any(step.key in ground.registering for step in register.steps):
        # It may take minutes until it is listed (facts 11), and asking again would not make it faster.
        register = wait(f"the load balancer is being registered in target group {name}")
    return register._replace(stage=Stage.MADE)


def _replaced(there: TargetGroup, backend: Backend) -> Part | None:
    """A target group holds one load balancer (facts 11). Whoever put another one into ours may have meant it, and
    clients are answered by that now: it is left, and told.
    """
    stranger = next((target for target in there.targets if target.status != "DRAINING"), None)
    if stranger is None:
        return None
    message = (
        f"take {stranger.id.rpartition('loadbalancer/')[2]} port {stranger.port} out of target group"
        f" {id_of(there.arn)}: somebody put it there in place of this load balancer and gets its requests"
    )
    return refuse("target-replaced", message, backend.load_balancer)._replace(stage=Stage.MADE)


def _crowded(ground: Ground, backend: Backend) -> Part | None:
    """A load balancer is in two target groups at most (facts 11): is there room for one more, or will there be?"""
    observed = ground.observed
    others = [
        group
        for group in observed.target_groups
        if group.name != backend.target_group and any(target.id == backend.load_balancer for target in group.targets)
    ]
    if len(others) < GROUPS_PER_LOAD_BALANCER:
        return None
    wanted = {found.name for found in ground.want.services}
    used = {
        to.target_group
        for service in observed.services
        if service.name in wanted or not service.owned or answers(ground.network, service)
        for listener in service.listeners
        for to in listener.sends
    }
    mine = [group for group in others if group.owned and group.arn not in observed.unmarked]
    leaving = [group for group in mine if id_of(group.arn) not in used]
    if len(others) - len(leaving) < GROUPS_PER_LOAD_BALANCER:
        return wait(f"the load balancer leaves target group {leaving[0].name} first")
    ours = [group for group in mine if _may_leave(ground, group)]
    if ours:
        return wait(f"target group {ours[0].name} goes first: a load balancer is in two at most")
    shown = " ".join(id_of(group.arn) for group in others[:GROUPS_PER_LOAD_BALANCER])
    return refuse(
        "load-balancer-in-two-groups",
        f"take the load balancer out of one of {shown}: it is in {len(others)} target groups and may be in"
        f" {GROUPS_PER_LOAD_BALANCER}",
        backend.load_balancer,
    )


def _may_leave(ground: Ground, group: TargetGroup) -> bool:
    """Is it behind a service that nobody asks for any more, whose time to go has begun?"""
    return any(
        service.name in ground.since
        for service in ground.observed.services
        for listener in service.listeners
        for to in listener.sends
        if to.target_group == id_of(group.arn)
    )


# --- listeners


def _listeners(
    ground: Ground, wanted: WantedService, there: Service, own: dict[str, Part], staying: frozenset[str], shown: Part
) -> rules.Ruled:
    """Make before break. Its steps come in the order in which the quota of listeners and unique ports let them.

    `shown`: what puts its certificate right. Before one was seen there, HTTPS takes nobody's place.
    """
    observed = ground.observed
    send = sending(ground, wanted, own, staying)
    if not send.ready:
        return rules.Ruled(_first_listeners(ground, wanted, there, own), {})
    new = send.of(None).new
    by_port = {found.port: found for found in there.listeners}
    ports = {port for _, port in wanted.listens}
    surplus = [found for found in there.listeners if found.owned and found.port not in ports]
    certified = domains.certified(ground, wanted)
    leaving = staying - set(wanted.load_balancers)
    parts: list[Part] = []
    failed: dict[str, tuple[str, ...]] = {}
    missing: list[tuple[str, int]] = []
    for protocol, port in wanted.listens:
        found = by_port.get(port)
        if found is None:
            missing.append((protocol, port))
        elif not found.owned:
            continue
        elif found.name != names.listener(protocol, port):
            # The port is taken by our listener of another protocol: it has to go first, its port is unique.
            if (protocol == "HTTPS" and not certified) or _serves_better(ground, found, send):
                continue
            if not leaving.isdisjoint(_sent_to(observed, found)):
                parts.append(_in_use(ground, there, found, wanted.load_balancers))
                continue
            goes = _delete_listener(ground, there, found, f"{names.listener(protocol, port)} replaces it")
            parts += [goes, _create_listener(ground, there, protocol, port, new, needs=goes)]
        else:
            ruled = rules.of_listener(ground, wanted, there, found, send, staying)
            parts += [ruled.part]
            failed |= {key: (*failed.get(key, ()), *whys) for key, whys in ruled.failed.items()}
    secure = [] if certified else [one for one in missing if one[0] == "HTTPS"]
    if secure:
        # It comes with its certificate, and until that was seen everything else stays.
        free = LISTENERS_PER_SERVICE - len(there.listeners)
        plain = [one for one in missing if one not in secure][:free]
        parts += [_create_listener(ground, there, protocol, port, new) for protocol, port in plain]
        coming = secure[: free - len(plain)]
        parts += [_create_listener(ground, there, *one, new, needs=shown) for one in coming]
        return rules.Ruled(join(parts), failed)
    needed = {found.arn for found in surplus if not staying.isdisjoint(_sent_to(observed, found))}
    held = {found.arn for found in surplus if not leaving.isdisjoint(_sent_to(observed, found))}
    if not missing:
        leave = [found for found in surplus if found.arn not in needed] if certified else []
        parts += [_delete_listener(ground, there, found, "no tag asks for it") for found in leave]
        return rules.Ruled(join(parts), failed)
    yielding = [found for found in surplus if not _serves_better(ground, found, send)]
    if surplus and not yielding and len(there.listeners) >= LISTENERS_PER_SERVICE:
        return rules.Ruled(join(parts), failed)
    surplus = yielding if len(there.listeners) >= LISTENERS_PER_SERVICE else surplus
    parts += _change(ground, there, missing, surplus, new, held, wanted.load_balancers)
    return rules.Ruled(join(parts), failed)


def _serves_better(ground: Ground, found: Listener, send: Sending) -> bool:
    """Does it send to somebody who answers, where of those who ask nobody could yet? Then it does not make room."""
    able = send.of(None).ready.keys() - send.unable
    return not able and any(ground.takes(target) for target in sent_to(ground.observed, found.reached))


def _first_listeners(ground: Ground, wanted: WantedService, there: Service, own: dict[str, Part]) -> Part:
    """Of a service that nobody reaches yet: in the batch that fills its first target group, and after that was done.

    Else there is nothing that can serve, and what is there goes on. A load balancer that may serve elsewhere is not
    switched to what was not seen.
    """
    if there.listeners or there.associations or not (ground.at_home or ground.observed.access.visible):
        return Part()
    serves = {target.id for group in ground.observed.target_groups for target in group.targets}
    # One that takes by rules alone gets them when the listener was seen; until then that answers by itself.
    backends = sorted(wanted.backends, key=lambda one: bool(one.rules))
    for backend in (one for one in backends if one.load_balancer not in serves):
        fills = next((step for step in own[backend.load_balancer].steps if isinstance(step, RegisterTarget)), None)
        if fills is not None:
            new = (Forward(target_group=id_of(fills.target_group), weight=backend.weight),)
            return join(
                _create_listener(
                    ground, there, protocol, port, () if backend.rules else new, needs=Part(steps=(fills,))
                )
                for protocol, port in wanted.listens
            )
    return Part()


def _sent_to(observed: Observation, listener: Listener) -> frozenset[str]:
    """Load balancers that a listener sends to."""
    ids = {to.target_group for to in listener.sends}
    return frozenset(
        found for group in observed.target_groups if id_of(group.arn) in ids for found in registered(group)
    )


def _change(
    ground: Ground,
    there: Service,
    missing: list[tuple[str, int]],
    surplus: list[Listener],
    new: tuple[Forward, ...],
    held: set[str],
    asking: tuple[str, ...],
) -> list[Part]:
    """New listeners beside the old, which go when the new were seen; where the quota leaves no room, one by one.

    `held`: those by which requests come to load balancers that are not let go of yet and ask for nothing here.
    `asking`: the load balancers that ask for the new ones.
    """
    free = LISTENERS_PER_SERVICE - len(there.listeners)
    stuck = [found for found in surplus if _held_for_good(ground, found)]
    if stuck and len(missing) > free + len(surplus) - len(stuck):
        return [_in_use(ground, there, stuck[0], asking)]
    if free > 0:
        return [_create_listener(ground, there, protocol, port, new) for protocol, port in missing[:free]]
    room = [found for found in surplus if found.arn not in held]
    if room:
        goes = _delete_listener(ground, there, room[-1], "a listener that a tag asks for needs its place")
        return [goes, _create_listener(ground, there, *missing[0], new, needs=goes)]
    if surplus:
        return [_in_use(ground, there, surplus[-1], asking)]
    message = f"remove a listener of service {there.name} that is not ours: it has the {LISTENERS_PER_SERVICE} it may"
    return [refuse("listener-quota", message, *(sorted(behind(ground.observed, there)) or [there.arn]))]


def _in_use(ground: Ground, there: Service, found: Listener, asking: tuple[str, ...]) -> Part:
    """Requests come by it to others than those who are `asking` for its place."""
    if not _held_for_good(ground, found):
        return wait(f"listener {found.name} of service {there.name} goes first: it is in use until then")
    message = f"write {found.protocol}:{found.port} in the listen tag, or mend the tags of those that it sends to"
    return refuse("listen-conflict", f"{message}: listener {found.name} of service {there.name} is in use", *asking)


def _held_for_good(ground: Ground, listener: Listener) -> bool:
    """Do requests come by it to a load balancer whose own wish is refused? Then no time frees it."""
    sent = _sent_to(ground.observed, listener)
    if not sent.isdisjoint(refusal.resource for refusal in ground.want.refusals):
        return True
    wishes = [(wanted, one) for wanted in ground.want.services for one in wanted.backends if one.load_balancer in sent]
    return any((_barred(ground, wanted) or _target_group(ground, wanted, one)).refusals for wanted, one in wishes)


def _create_listener(
    ground: Ground, there: Service, protocol: str, port: int, new: tuple[Forward, ...], needs: Part | None = None
) -> Part:
    name = names.listener(protocol, port)
    if needs is not None and not needs.steps:
        return Part()  # what stands in its way could not be removed, and that is told
    return ground.do(
        CreateListener,
        f"{there.name}/{name}",
        f"clients are to use {protocol}:{port}",
        needs=needs.steps[0].key if needs else "",
        service=there.arn,
        listener=name,
        protocol=protocol,
        port=port,
        forwards=new,
        extra=ground.tags_for(*(found for found, name in ground.want.named.items() if name == there.name)),
    )


def _delete_listener(ground: Ground, service: Service, found: Listener, because: str) -> Part:
    name = f"{service.name}/{found.name}"
    return ground.do(DeleteListener, name, because, listener=found.arn, service=service.arn)


# --- the association with the network


def _association(ground: Ground, wanted: WantedService, there: Service, listeners: Part, *, guarded: bool) -> Part:
    """`guarded`: whoever may not call is turned away already, so that it may be on the network."""
    found = to_network(ground.network, there)
    if found is None:
        if not ground.at_home and not ground.observed.access.visible:
            return Part(reach=True)
        if not guarded:
            return Part()
        ready, needs = _listens(ground.observed, wanted, there, listeners)
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


def _listens(observed: Observation, wanted: WantedService, there: Service, listeners: Part) -> tuple[bool, str]:
    """Does one of its listeners send to a target that was seen, or will one after a step of this batch?"""
    full = {id_of(group.arn) for group in observed.target_groups if registered(group)}
    wants = [found for found in there.listeners if (found.protocol, found.port) in wanted.listens]
    rules_made = [step.key for step in listeners.steps if isinstance(step, CreateRule)]
    if rules_made:
        return True, rules_made[-1]
    if any(to.target_group in full for found in wants for to in found.sends):
        return True, ""
    if wanted.rules:
        return False, ""  # its rules come when its listeners were seen: nobody's requests go to another one first
    makes = [step.key for step in listeners.steps if isinstance(step, CreateListener | UpdateListener)]
    return bool(makes), makes[0] if makes else ""
