"""Back: what is ours and nobody asks for any more.

It leaves in steps: after a quiet time it goes off the network, and its service, with the name that clients have
written down, is kept for a time and taken up again if the wish comes back. In the order that Lattice demands:
association, listeners, service, target group; VPC association, security group (facts 9).
"""

from collections.abc import Mapping
from typing import NamedTuple

from onramp.core import denials
from onramp.core.inventory import DELETION_LIMIT, ClientState, Refusal, ServiceState
from onramp.core.model import Association, Existing, Service, VpcAssociation
from onramp.core.plan import deletion_limit, leavers, room, unneeded_groups
from onramp.core.plan.ground import (
    GOING,
    Ground,
    Part,
    Verdict,
    behind,
    coded,
    id_of,
    join,
    known_balancers,
    ours,
    refuse,
    wait,
)
from onramp.core.plan.leavers import Leaver
from onramp.core.settings import Said, lasting
from onramp.core.steps import DeleteListener, DeleteService, DisassociateService, DisassociateVpc

COMING_LOOKS, HEARD_LOOKS = 30, 5
"""How often a run looks for what moves to a sibling's network, in seconds, as long as it waits for that; and for what
that says at once, whether it waits for what is here.
"""


class Leaving(NamedTuple):
    """`told`: what the resources behind what leaves are told. `since`: the ground's, with what began to leave now.
    `existing`: by ARN, of those that people made themselves.
    """

    part: Part
    since: dict[str, float]
    told: dict[str, Verdict]
    services: tuple[ServiceState, ...]
    clients: tuple[ClientState, ...]
    existing: dict[str, Verdict]


class _Goes(NamedTuple):
    part: Part
    verdict: Verdict | None = None


_KEPT = Verdict("kept", "ask for it again to have it back under the same name")
_KEPT_OUT = Verdict("held", "kept-out: ask infra, which keeps it off the network for now")


def leaving(
    ground: Ground,
    *,
    frozen: frozenset[str],
    switching: frozenset[str],
    abandoned: frozenset[str],
    unneeded: frozenset[str],
    named: Mapping[str, float],
    needed: Mapping[str, str],
    settled: frozenset[str],
) -> Leaving:
    """What goes, and what does not and why.

    `frozen`: resources whose wish cannot be met or read: what serves them stays, so that a typing error is no outage.
    `switching`: load balancers whose new service was not seen to serve yet. `abandoned`: services that were begun for a
    network that turned out not to be within reach, or for a domain that another account was quicker to bring there:
    unwound at once, as are `unneeded` security groups and target groups. `named`: domains whose records go now, and
    their services after them; where they are gone, at these epoch seconds. `needed`: of those who switch and stand
    behind several, the service in which each stays. `settled`: services that are asked for, and of which nothing is
    changed in this round.
    """
    services = leavers.unwanted_services(ground, frozen, switching, abandoned, needed)
    clients = leavers.unwanted_clients(ground, frozen)
    of_services = {service.name: leavers.of_service(ground, service, abandoned) for service in services}
    of_services = leavers.coming(ground, services, of_services)
    of_clients = {found.vpc: leavers.of_client(ground, found) for found in clients}
    existing = leavers.unwanted_existing(ground, frozen)
    of_existing = {found.id: leavers.of_existing(ground, found) for found in existing}
    everybody = of_services | of_clients | of_existing
    mass = deletion_limit.too_many(ground, everybody)
    going = {service.name: _service(ground, service, of_services[service.name], mass, named) for service in services}
    parting = {found.vpc: _client(ground, found, of_clients[found.vpc], mass) for found in clients}
    undone = {found.arn: _existing(ground, found, of_existing[found.id], mass) for found in existing}
    parts = [
        *(goes.part for goes in (*going.values(), *parting.values(), *undone.values())),
        deletion_limit.over_the_limit(ground, mass),
        *room.for_who_move(
            ground, [leaver.key for leaver in of_services.values() if leaver.heard and not leaver.coming], settled
        ),
    ]
    if ground.network.vanish == "everything":
        freed = {step.listener: step.key for part in parts for step in part.steps if isinstance(step, DeleteListener)}
        parts += [
            *unneeded_groups.target_groups(ground, frozen, abandoned, freed, unneeded),
            *unneeded_groups.security_groups(ground, frozen, unneeded),
        ]
    told = {
        found: verdict
        for service in services
        if service.name not in abandoned and (verdict := going[service.name].verdict)
        for found in _behind(ground, service, verdict)
    }
    told |= {vpc: goes.verdict for vpc, goes in parting.items() if goes.verdict}
    let_go = {arn: goes.verdict or Verdict("disconnecting") for arn, goes in undone.items()}
    going_for = [leaver for key, leaver in everybody.items() if key not in abandoned and not leaver.out]
    asked = [leaver for leaver in going_for if leaver.awaited]
    # What goes; not what somebody or something keeps on the network, where another word may come before it goes.
    begun = going | parting
    going_now = [one for one in asked if one.heard and (begun[one.key].part.steps or not one.on_network)]
    keys = [leavers.heard_of(leaver.key) for leaver in going_now if ground.network.vanish != "nothing"]
    heard = {key: ground.since.get(key, ground.now) for key in keys}
    asking = {leavers.asked_for(leaver.key): leaver.asked for leaver in asked if not leaver.heard}
    off = {leavers.off_the_network(leaver.key): leaver.off for leaver in going_for if leaver.off is not None}
    return Leaving(
        join(parts),
        {leaver.key: leaver.since for leaver in going_for} | off | asking | heard,
        told | let_go,
        tuple(
            _service_state(ground, service, of_services[service.name], going[service.name])
            for service in services
            if service.name not in abandoned
        ),
        tuple(_client_state(ground, found, of_clients[found.vpc], parting[found.vpc]) for found in clients),
        let_go,
    )


# --- how it leaves


def _held_back(ground: Ground, leaver: Leaver, mass: frozenset[str], arn: str) -> _Goes | None:
    """Why it does not go off the network now. `arn`: of what would go."""
    if ground.network.vanish == "nothing":
        verdict = Verdict("held", "kept-by-policy: infra lets nothing go off this network: ask there")
        return _Goes(_awaited_in_vain(ground, leaver, arn), verdict)
    if leaver.key in mass:
        return _Goes(Part(), Verdict("held", f"{DELETION_LIMIT}: too many leave at once: infra has to let them go"))
    if leaver.on_network and leaver.moves and not leaver.heard and not leaver.out:
        message = f"put the tag back to stay: it leaves when network {leaver.awaited} waits for it"
        return _Goes(_unheard(ground, leaver), Verdict("disconnecting", message))
    until = leavers.quiet_until(ground, leaver)
    if leaver.on_network and ground.now < until:
        part = wait(f"{leaver.key} leaves when its quiet time is over")._replace(until=(until,))
        message = f"put the tag back to stay, or to come back: it leaves {ground.quiet_seconds} s after the tag went"
        return _Goes(part, Verdict("disconnecting", message))
    if leaver.coming:
        name, there = leaver.coming
        part = _coming(ground, f"{leaver.key} leaves when {name} answers in network {there}", until)
        message = f"put the tag back to stay: it leaves when {name} answers in network {there}"
        return _Goes(part, Verdict("disconnecting", message))
    return None


def moving_on(ground: Ground, moving: Mapping[str, float]) -> list[Part]:
    """`moving`: load balancers that a sibling's network has to have before they leave a service that stays."""
    known = known_balancers(ground.observed)
    return [
        _coming(
            ground,
            f"{known[found].name} leaves when it answers in network {ground.want.moving[found]}",
            since + ground.quiet_seconds,
        )
        for found, since in moving.items()
    ]


def _coming(ground: Ground, why: str, since: float, *, looks: int = COMING_LOOKS) -> Part:
    """Waited for, for some time."""
    until = since + leavers.COMING_SECONDS
    if ground.now >= until:
        return Part()
    return wait(why)._replace(until=(min(ground.now + looks, until),))


def _unheard(ground: Ground, leaver: Leaver) -> Part:
    """What a sibling's network is asked for, and has not said that it waits for."""
    if leaver.heard:
        return Part()
    why = f"{leaver.key} leaves when network {leaver.awaited} says that it waits for it"
    looks = HEARD_LOOKS if ground.now < leaver.asked + leavers.HEARD_SECONDS else COMING_LOOKS
    return _coming(ground, why, leaver.asked, looks=looks)


def _awaited_in_vain(ground: Ground, leaver: Leaver, arn: str) -> Part:
    """What a sibling's network waits for, and no time brings: the stack's parameter keeps it."""
    if not leaver.awaited:
        return Part()
    what = f"{leaver.key} is asked for in network {leaver.awaited}, which waits until it is gone here"
    if ":service/" not in arn:
        remedy = "set Vanish to associations or everything"
    elif ground.network.vanish == "nothing" or leaver.on_network:
        remedy = "set Vanish to everything"
    else:
        remedy = "delete the service to free its name, or set Vanish to everything"
    return refuse("kept-by-policy", f"{remedy}: {what}, and Vanish is {ground.network.vanish}", arn)


def _never_free(ground: Ground, service: Service, leaver: Leaver, foreign: list[Association]) -> _Goes | None:
    """Why its name, which a sibling's network waits for, would not be free if it left: then it goes on here for who
    moves there.
    """
    if not (leaver.on_network and leaver.moves) or leaver.out or ground.network.offboarding:
        return None
    if there := next((found for found in foreign if found.status != GOING), None):
        message = (
            f"remove association {id_of(there.arn)} that somebody else made: network {leaver.awaited} waits for the"
            f" name of service {service.name}"
        )
        return _Goes(_by_others(service, message, there), Verdict("held", f"associated-by-others: {message}"))
    if ground.network.vanish == "everything":
        return None
    message = (
        f"ask infra, which lets no service of this network be deleted: network {leaver.awaited} waits for its name"
    )
    return _Goes(_awaited_in_vain(ground, leaver, service.arn), Verdict("held", f"kept-by-policy: {message}"))


def _by_others(service: Service, message: str, found: Association) -> Part:
    return Part(
        refusals=(Refusal(code="associated-by-others", resource=service.arn, message=f"{message} ({found.arn})"),)
    )


def _service(
    ground: Ground, service: Service, leaver: Leaver, mass: frozenset[str], with_records: Mapping[str, float]
) -> _Goes:
    mine = [found for found in service.associations if ours(ground, found)]
    foreign = [found for found in service.associations if not ours(ground, found)]
    if mine:
        held = _held_back(ground, leaver, mass, service.arn) or _never_free(ground, service, leaver, foreign)
        if held is not None:
            return held
        goes = _disassociate(ground, service, mine, _why(leaver))
        if goes.part.steps and not foreign:
            # Its listeners go right behind it, which is one look less: nobody comes to them by way of the network any
            # more. They stay where others have made an association: by that it serves.
            listeners = _delete_listeners(ground, service, _why(leaver), needs=goes.part.steps[0].key)
            return goes._replace(part=join([goes.part, listeners]))
        return goes
    if foreign:
        # Somebody else's association is theirs, and a service with one cannot go.
        here = next((found for found in foreign if ground.network.is_named(found.network)), None)
        shown = here or foreign[0]
        where = "on this network by it" if here else "off this network and kept for it"
        message = f"remove association {id_of(shown.arn)} that somebody else made: service {service.name} is {where}"
        return _Goes(_by_others(service, message, shown), Verdict("held", f"associated-by-others: {message}"))
    if service.status.endswith("_IN_PROGRESS"):
        return _Goes(wait(f"service {service.name} is {service.status}"))
    kept = leaver.out or ground.now < _kept_until(ground, leaver)
    if kept or ground.network.vanish != "everything":
        because = "its service is kept for its name, and its load balancers are free"
        part = _delete_listeners(ground, service, because)
        in_vain = _unheard(ground, leaver) if kept else _awaited_in_vain(ground, leaver, service.arn)
        return _Goes(join([part, in_vain]), _KEPT_OUT if leaver.out else _KEPT)
    if service.custom_domain in with_records:
        # Whoever asked for them keeps them for a minute, and is not to be led to nobody (facts R23.2).
        why = f"the records of {service.custom_domain} go before service {service.name}"
        until = with_records[service.custom_domain]
        waits = wait(why)._replace(until=(until,) if until else ())
        return _Goes(waits, _going(ground.before.services.get(service.name)))
    part = ground.do(DeleteService, service.name, _why(leaver), service=service.arn)
    if part.failed:
        refusal = denials.refusal(service.arn, part.failed[0])
        return _Goes(Part(refusals=(refusal,)), Verdict("held", coded(part.failed[0])))
    if whys := ground.failing(part):
        return _Goes(part, Verdict("held", coded(whys[0])))
    return _Goes(part, _going(ground.before.services.get(service.name)))


def _going(was: ServiceState | ClientState | None) -> Verdict:
    """What is told of it while it goes: what was told since it leaves. To take words away costs a call."""
    return Verdict("disconnecting", was.message if was and was.status == "disconnecting" else "")


def _why(leaver: Leaver) -> str:
    return "it is to go now" if leaver.now else "nobody asks for it any more"


def _delete_listeners(ground: Ground, service: Service, because: str, *, needs: str = "") -> Part:
    return join(
        ground.do(
            DeleteListener,
            f"{service.name}/{found.name}",
            because,
            listener=found.arn,
            service=service.arn,
            needs=needs,
        )
        for found in service.listeners
        if found.owned
    )


def _existing(ground: Ground, found: Existing, leaver: Leaver, mass: frozenset[str]) -> _Goes:
    """Our association alone goes: the service and all that is behind it are their maker's."""
    mine = [one for one in found.associations if ours(ground, one)]
    return _held_back(ground, leaver, mass, found.arn) or _disassociate(ground, found, mine, _why(leaver))


def _disassociate(ground: Ground, service: Service | Existing, mine: list[Association], because: str) -> _Goes:
    parts = []
    for found in mine:
        if found.status.endswith("_IN_PROGRESS"):
            parts.append(wait(f"association of service {service.name} is {found.status}"))
        else:
            parts.append(ground.do(DisassociateService, service.name, because, association=found.arn))
    part = join(parts)
    if whys := ground.failing(part):
        return _Goes(part, Verdict("held", coded(whys[0])))
    return _Goes(part, _going(ground.before.services.get(service.name)))


def _kept_until(ground: Ground, leaver: Leaver) -> float:
    # From when it went: what was held for longer than that (a mass, a policy) has its time, too.
    return max(leavers.quiet_until(ground, leaver), leaver.off or 0.0) + leaver.keep


def _client(ground: Ground, found: VpcAssociation, leaver: Leaver, mass: frozenset[str]) -> _Goes:
    goes = _going(ground.before.clients.get(found.vpc))
    if found.status.endswith("_IN_PROGRESS") and found.status != "UPDATE_IN_PROGRESS":
        return _Goes(wait(f"association of {found.vpc} is {found.status}"), goes)
    held = _held_back(ground, leaver, mass, found.arn)
    if held is not None:
        return held
    if found.status == "UPDATE_IN_PROGRESS":
        return _Goes(wait(f"association of {found.vpc} is {found.status}"), goes)
    part = ground.do(DisassociateVpc, found.vpc, _why(leaver), association=found.arn)
    if whys := ground.failing(part):
        return _Goes(part, Verdict("held", coded(whys[0])))
    return _Goes(part, goes)


# --- what is told of it


def _behind(ground: Ground, service: Service, verdict: Verdict) -> frozenset[str]:
    """The load balancers that it sends to; while it goes also those that it sent to, since its listeners and target
    groups may be gone before it is. Of one that is kept they are free.
    """
    was = None if verdict.status == "kept" else ground.before.services.get(service.name)
    return behind(ground.observed, service) or frozenset(was.load_balancers if was else ())


def _service_state(ground: Ground, service: Service, leaver: Leaver, goes: _Goes) -> ServiceState:
    verdict = goes.verdict or Verdict("disconnecting")
    return ServiceState(
        account=ground.observed.account,
        name=service.name,
        network=ground.network.name,
        status=verdict.status,
        message=verdict.message,
        arn=service.arn,
        domain=service.domain,
        load_balancers=tuple(sorted(_behind(ground, service, verdict))),
        until=_kept_until(ground, leaver) if verdict.status == "kept" else 0.0,
        settings=lasting(Said(), ground.observed.settings.get(service.name)),
        custom_domain=service.custom_domain,
    )


def _client_state(ground: Ground, found: VpcAssociation, leaver: Leaver, goes: _Goes) -> ClientState:
    verdict = goes.verdict or Verdict("disconnecting")
    return ClientState(
        account=ground.observed.account,
        vpc=found.vpc,
        network=ground.network.name,
        status=verdict.status,
        message=verdict.message,
        arn=found.arn,
        answers=leaver.on_network,
    )
