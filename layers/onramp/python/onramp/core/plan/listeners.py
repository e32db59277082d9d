"""A service's listeners: new ones beside the old, which go when the new were seen, as its quota and ports let them."""

from onramp.core import names
from onramp.core.desired import LISTENERS_PER_SERVICE, Backend, WantedService
from onramp.core.model import Forward, Listener, Observation, Service
from onramp.core.plan import domains, leavers, rules, target_groups
from onramp.core.plan.forwards import Sending, is_on_its_way, sending
from onramp.core.plan.ground import Ground, Part, behind, id_of, join, refuse, registered, sent_to, wait
from onramp.core.plan.obstacles import barred
from onramp.core.plan.room import crowded
from onramp.core.steps import CreateListener, DeleteListener, RegisterTarget


def of_service(
    ground: Ground, wanted: WantedService, there: Service, own: dict[str, Part], staying: frozenset[str], shown: Part
) -> rules.Ruled:
    """Make before break. Its steps come in the order in which the quota of listeners and unique ports let them.

    `shown`: what puts its certificate right. Before one was seen there, HTTPS takes nobody's place.
    """
    observed = ground.observed
    send = sending(ground, wanted, there, own, staying)
    if not send.ready:
        return rules.Ruled(_first_listeners(ground, wanted, there, own), {})
    new = send.of(None).new
    by_port = {found.port: found for found in there.listeners}
    ports = {port for _, port in wanted.listens}
    surplus = [found for found in there.listeners if found.owned and found.port not in ports]
    certified = domains.certified(ground, wanted)
    # Who leaves is served until he has gone; who is on his way to another target group, until he is there.
    leaving = staying - {key for key in wanted.load_balancers if not is_on_its_way(own[key])}
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
                stay = staying | set(wanted.load_balancers)
                parts.append(for_those_who_stay(ground, there, found, stay, by_default=wanted.has_default))
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


def for_those_who_stay(
    ground: Ground, there: Service, found: Listener, staying: frozenset[str], *, by_default: bool = False
) -> Part:
    """What has a listener that goes on as it is send to those alone who are not let go of yet, where it sends to one.
    `by_default`: where it does so by default.
    """
    nobody = WantedService(name=there.name, listens=(), backends=())
    send = sending(ground, nobody, there, {}, staying)
    if send.lasting.isdisjoint(to.target_group for to in (found.forwards if by_default else found.sends)):
        return Part()
    return rules.of_listener(ground, nobody, there, found, send, staying).part


def _serves_better(ground: Ground, found: Listener, send: Sending) -> bool:
    """Does it send to somebody who answers, where of those who ask nobody could yet? Then it does not make room, unless
    he needs his place elsewhere.
    """
    # Where all who ask take by rules alone, nobody is to answer besides.
    those = send if all(one.rules for one in send.backends) else send.of(None)
    if those.ready.keys() - send.unable:
        return False
    able = {target.id for target in sent_to(ground.observed, found.reached) if ground.takes(target)}
    return bool(able) and not able <= crowded(ground) - send.asking


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
    stuck = [found for found in surplus if _held_for_good(ground, there, found)]
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
    remedy = (
        f"write {found.protocol}:{found.port} in the listen tag, or mend the tags of those that it sends to: listener"
        f" {found.name} of service {there.name} is in use"
    )
    if _held_for_good(ground, there, found):
        return refuse("listen-conflict", remedy, *asking)
    waits = wait(f"listener {found.name} of service {there.name} goes first: it is in use until then")
    waiting = any(_goes_to(ground, wanted, one).person for wanted, one in _wishes(ground, found))
    return waits._replace(person=remedy if waiting else "")


def _held_for_good(ground: Ground, there: Service, listener: Listener) -> bool:
    """Do requests come by it to a load balancer that goes on there, since its own wish is refused or could not answer,
    here or in a sibling's network? Then no time frees it.
    """
    refused = {refusal.resource for refusal in ground.want.refusals}
    stay = refused | leavers.not_coming(ground) | ground.want.awaiting.keys()
    return not stay.isdisjoint(_sent_to(ground.observed, listener)) or any(
        (part := _goes_to(ground, wanted, one)).refusals
        or (
            wanted.name != there.name
            and (part.failed or _could_not_answer(ground, wanted, one) or _was_refused(ground, wanted))
        )
        for wanted, one in _wishes(ground, listener)
    )


def _wishes(ground: Ground, listener: Listener) -> list[tuple[WantedService, Backend]]:
    """Of those whom requests come to by it."""
    sent = _sent_to(ground.observed, listener)
    return [(wanted, one) for wanted in ground.want.services for one in wanted.backends if one.load_balancer in sent]


def _goes_to(ground: Ground, wanted: WantedService, backend: Backend) -> Part:
    return barred(ground, wanted) or target_groups.of_backend(ground, wanted, backend)


def _was_refused(ground: Ground, wanted: WantedService) -> bool:
    """Was a step that the service needs given up in this run?"""
    steps = (key.split(" ", 2) for key in ground.failures)
    return any(kind.startswith(_MAKES) and name.partition("/")[0] == wanted.name for kind, _, name in steps)


_MAKES = ("Create", "Associate", "Update", "Put", "Set")
"""Kinds of steps that bring about what is asked for."""


def _could_not_answer(ground: Ground, wanted: WantedService, backend: Backend) -> bool:
    """Does something that lasts keep requests out where its tags ask for them?"""
    here = ground.of(wanted.name)
    found = here.findings.get(backend.load_balancer)
    return found is not None and not found.settling and here.keeps_out(backend.load_balancer, backend.port)


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
