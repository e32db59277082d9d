"""Back: what is ours and nobody asks for any more.

It leaves in steps: after a quiet time it goes off the network, and its service, with the name that clients have
written down, is kept for a time and taken up again if the wish comes back. In the order that Lattice demands:
association, listeners, service, target group; VPC association, security group (facts 9).
"""

from collections import Counter
from typing import NamedTuple

from onramp.core import names, tags
from onramp.core.desired import key_of
from onramp.core.model import (
    LOAD_BALANCERS,
    UNREAD,
    VPCS,
    Association,
    Existing,
    SecurityGroup,
    Service,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.plan.ground import (
    GOING,
    Ground,
    Part,
    Verdict,
    answers,
    behind,
    coded,
    delete_target_group,
    id_of,
    join,
    refuse,
    wait,
)
from onramp.core.settings import Said, lasting
from onramp.core.steps import (
    DELETION_LIMIT,
    ClientState,
    DeleteListener,
    DeleteSecurityGroup,
    DeleteService,
    DisassociateService,
    DisassociateVpc,
    Refusal,
    ServiceState,
)
from onramp.core.text import counted

SHOWN = 3
"""Names of what leaves that a refusal spells out."""

MASS_SECONDS = 60
"""Leaving this much later than the quiet time is leaving apart: the looks that see a mass go are a quiet time apart."""


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


class _Leaver(NamedTuple):
    """`key`: a service's name, a VPC, or the id of a service that people made themselves. `now`: a hand wants it off
    the network at once. `out`: that hand is infra's, for now, so that the name stays. `keep`: seconds for which it is
    kept after it went `off` the network, which it is since then. `awaited`: the sibling's network that can have it, or
    its name, only when it is gone here.
    """

    key: str
    since: float
    on_network: bool
    counts: bool
    now: bool
    out: bool = False
    keep: float = 0.0
    off: float | None = None
    awaited: str = ""


class _Goes(NamedTuple):
    part: Part
    verdict: Verdict | None = None


_KEPT = Verdict("kept", "ask for it again to have it back under the same name")
_GOES = Verdict("disconnecting")
_KEPT_OUT = Verdict("held", "kept-out: ask infra, which keeps it off the network for now")


def leaving(
    ground: Ground,
    *,
    frozen: frozenset[str],
    switching: frozenset[str],
    abandoned: frozenset[str],
    named: frozenset[str] = frozenset(),
) -> Leaving:
    """What goes, and what does not and why.

    `frozen`: resources whose wish cannot be met or read: what serves them stays, so that a typing error is no outage.
    `switching`: load balancers whose new service was not seen to serve yet. `abandoned`: services that were begun for a
    network that turned out not to be within reach: unwound at once. `named`: domains whose records go now, and their
    services after them.
    """
    services = _unwanted_services(ground, frozen, switching, abandoned)
    clients = _unwanted_clients(ground, frozen)
    of_services = {service.name: _service_leaver(ground, service, abandoned) for service in services}
    of_clients = {found.vpc: _client_leaver(ground, found) for found in clients}
    existing = _unwanted_existing(ground, frozen)
    of_existing = {found.id: _existing_leaver(ground, found) for found in existing}
    leavers = of_services | of_clients | of_existing
    mass = _mass(ground, leavers)
    going = {service.name: _service(ground, service, of_services[service.name], mass, named) for service in services}
    parting = {found.vpc: _client(ground, found, of_clients[found.vpc], mass) for found in clients}
    undone = {found.arn: _existing(ground, found, of_existing[found.id], mass) for found in existing}
    parts = [*(goes.part for goes in (*going.values(), *parting.values(), *undone.values())), _limit(ground, mass)]
    if ground.network.vanish == "everything":
        freed = {step.listener: step.key for part in parts for step in part.steps if isinstance(step, DeleteListener)}
        parts += [*_target_groups(ground, frozen, abandoned, freed), *_security_groups(ground, frozen)]
    told = {
        found: verdict
        for service in services
        if service.name not in abandoned and (verdict := going[service.name].verdict)
        for found in _behind(ground, service, verdict)
    }
    told |= {vpc: goes.verdict for vpc, goes in parting.items() if goes.verdict}
    let_go = {arn: goes.verdict or Verdict("disconnecting") for arn, goes in undone.items()}
    going_for = [leaver for key, leaver in leavers.items() if key not in abandoned and not leaver.out]
    off = {_off(leaver.key): leaver.off for leaver in going_for if leaver.off is not None}
    return Leaving(
        join(parts),
        {leaver.key: leaver.since for leaver in going_for} | off,
        told | let_go,
        tuple(
            _service_state(ground, service, of_services[service.name], going[service.name])
            for service in services
            if service.name not in abandoned
        ),
        tuple(_client_state(ground, found, of_clients[found.vpc], parting[found.vpc]) for found in clients),
        let_go,
    )


def lingering(ground: Ground) -> dict[str, float]:
    """Load balancers that stand behind a service that others still ask for, and ask for nothing any more: since when.

    They leave in the same quiet way. One that is not there any more serves nobody, and does not linger.
    """
    want = ground.want
    leaves = ground.asking_nothing
    staying = {found.name for found in want.services} | set(want.named.values())
    return {
        found: ground.since.get(found, ground.now)
        for service in ground.observed.services
        if service.owned and service.name in staying
        for found in behind(ground.observed, service)
        if found in leaves
    }


def opted_out(ground: Ground) -> dict[str, float]:
    """Who took the network's tag off and left others on: since when. Leaving needs no more, and is no typing error.

    It shows by our answer that is still there, and later by what is remembered. A stack beside this one that knows
    nothing of it tells it all the same; then it stays told, or the two would correct each other for ever.
    """
    resources = ground.observed.resources
    answers = {key_of(one): one.tags.get(tags.MESSAGE, "") for one in resources if tags.STATUS in one.tags}
    found: dict[str, float] = {}
    for stray in ground.want.strays:
        if stray.code != "network-missing":
            continue
        code = answers.get(stray.resource, "").partition(":")[0]
        was_in = stray.resource in answers and code not in {"network-missing", "tag-unknown"}
        if was_in or (stray.resource in ground.since and stray.resource not in answers):
            found[stray.resource] = ground.since.get(stray.resource, ground.now)
    return found


# --- who leaves


def _unwanted_services(
    ground: Ground, frozen: frozenset[str], switching: frozenset[str], abandoned: frozenset[str]
) -> list[Service]:
    want = ground.want
    if ground.hides_wishes:
        return []  # what it asks for is not known, and it may be any of them
    kept_out = {want.named[found] for found in want.kept_out if found in want.named}
    wanted = {found.name for found in want.services} | (set(want.named.values()) - kept_out)
    unwanted = [
        service
        for service in ground.observed.services
        if service.owned
        and service.status != UNREAD
        and (service.name not in wanted or service.name in abandoned)
        and frozen.isdisjoint(behind(ground.observed, service))
    ]
    standing = [
        service
        for service in unwanted
        if answers(ground.network, service) and not switching.isdisjoint(behind(ground.observed, service))
    ]
    # A renamed service goes on serving until the one that replaces it does. Of several, those whose time to go has
    # begun already are not needed: a load balancer is in two target groups at most, and the new one needs a place.
    fresh = {service.name for service in standing if service.name not in ground.since}
    stays = fresh or {service.name for service in standing}
    return [service for service in unwanted if service.name not in stays]


def _unwanted_clients(ground: Ground, frozen: frozenset[str]) -> list[VpcAssociation]:
    if VPCS in ground.unread:
        return []
    wanted = {client.vpc for client in ground.want.clients} | frozen
    ours = [found for found in ground.observed.vpc_associations if found.owned and found.status != UNREAD]
    return [found for found in ours if found.vpc not in wanted]


def _unwanted_existing(ground: Ground, frozen: frozenset[str]) -> list[Existing]:
    """Those that are on the network by our hand: another's is theirs to end."""
    wanted = {found.arn for found in ground.want.existing} | frozen
    return [
        found
        for found in ground.observed.existing
        if found.arn not in wanted and any(_ours(ground, one) for one in found.associations)
    ]


def _existing_leaver(ground: Ground, found: Existing) -> _Leaver:
    kept_out = found.arn in ground.want.kept_out
    return _Leaver(
        key=found.id,
        since=ground.since.get(found.id, ground.now),
        on_network=answers(ground.network, found),
        counts=not kept_out,
        now=kept_out or found.arn in ground.want.moving,
        out=kept_out,
    )


def _service_leaver(ground: Ground, service: Service, abandoned: frozenset[str]) -> _Leaver:
    want = ground.want
    kept_out = any(want.named.get(found) == service.name for found in want.kept_out)
    there = behind(ground.observed, service)
    # Where it is asked for by the same name in a sibling's network, that is free only when it is gone here.
    awaited = next((sibling for sibling, asked in sorted(want.theirs.items()) if service.name in asked), "")
    off = None if any(_ours(ground, found) for found in service.associations) else ground.now
    return _Leaver(
        key=service.name,
        since=ground.since.get(service.name, ground.now),
        on_network=answers(ground.network, service),
        counts=not kept_out and service.name not in abandoned,
        now=kept_out or (awaited != "" and there <= want.moving.keys()) or service.name in abandoned,
        out=kept_out,
        keep=0 if awaited or service.name in abandoned else ground.keep_seconds,
        off=off and ground.since.get(_off(service.name), off),
        awaited=awaited,
    )


def _off(name: str) -> str:
    """Under which key it is remembered since when a service is off the network: no service's name has a space."""
    return f"{name} off the network"


def _client_leaver(ground: Ground, found: VpcAssociation) -> _Leaver:
    kept_out = found.vpc in ground.want.kept_out
    return _Leaver(
        key=found.vpc,
        since=ground.since.get(found.vpc, ground.now),
        on_network=found.status in {"ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"},
        counts=not kept_out,
        now=kept_out or found.vpc in ground.want.moving,
        out=kept_out,
        awaited=ground.want.moving.get(found.vpc, ""),
    )


def _mass(ground: Ground, leavers: dict[str, _Leaver]) -> frozenset[str]:
    """Those that leave together with more than the limit: a wrong deletion is an outage. Who leaves alone gets out.

    What has left the network already and is kept counts with those it left with, so that a mass does not get out a
    part at a time.
    """
    queue = sorted((leaver for leaver in leavers.values() if leaver.counts), key=lambda leaver: leaver.since)
    groups: list[list[_Leaver]] = []
    for leaver in queue:
        apart = not groups or leaver.since - groups[-1][-1].since > ground.quiet_seconds + MASS_SECONDS
        groups = [*groups, [leaver]] if apart else [*groups[:-1], [*groups[-1], leaver]]
    return frozenset(
        leaver.key
        for group in groups
        if len(group) > ground.network.deletion_limit
        for leaver in group
        if leaver.on_network and leaver.since > ground.released
    )


def _limit(ground: Ground, mass: frozenset[str]) -> Part:
    if not mass:
        return Part()
    shown = ", ".join(sorted(mass)[:SHOWN]) + (", ..." if len(mass) > SHOWN else "")
    left = counted(len(mass), "service or client", "services and clients")
    account, most = ground.observed.account, ground.network.deletion_limit
    message = (
        f"let them go with onramp release --account {account}, or raise DeletionLimit, if this is meant:"
        f" {left} ({shown}) left at once and the limit is {most}: nothing of them is deleted"
    )
    return refuse(DELETION_LIMIT, message, account)


# --- how it leaves


def _until(ground: Ground, leaver: _Leaver) -> float:
    """When its quiet time ends."""
    return leaver.since + (0 if leaver.now else ground.quiet_seconds)


def _held_back(ground: Ground, leaver: _Leaver, mass: frozenset[str], arn: str) -> _Goes | None:
    """Why it does not go off the network now. `arn`: of what would go."""
    if ground.network.vanish == "nothing":
        verdict = Verdict("held", "kept-by-policy: infra lets nothing go off this network: ask there")
        return _Goes(_awaited_in_vain(ground, leaver, arn), verdict)
    if leaver.key in mass:
        return _Goes(Part(), Verdict("held", f"{DELETION_LIMIT}: too many leave at once: infra has to let them go"))
    until = _until(ground, leaver)
    if leaver.on_network and ground.now < until:
        part = wait(f"{leaver.key} leaves when its quiet time is over")._replace(until=(until,))
        message = f"put the tag back to stay: it leaves {ground.quiet_seconds} s after the tag went"
        return _Goes(part, Verdict("disconnecting", message))
    return None


def _awaited_in_vain(ground: Ground, leaver: _Leaver, arn: str) -> Part:
    """What a sibling's network waits for, and no time brings: the stack's parameter keeps it."""
    if not leaver.awaited:
        return Part()
    what = f"{leaver.key} is asked for in network {leaver.awaited}, which waits until it is gone here"
    if ":service/" not in arn:
        remedy = "set Vanish to associations or everything"
    elif ground.network.vanish == "nothing":
        remedy = "set Vanish to everything"
    else:
        remedy = "delete the service to free its name, or set Vanish to everything"
    return refuse("kept-by-policy", f"{remedy}: {what}, and Vanish is {ground.network.vanish}", arn)


def _ours(ground: Ground, found: Association) -> bool:
    return found.owned and ground.network.is_named(found.network)


def _service(
    ground: Ground, service: Service, leaver: _Leaver, mass: frozenset[str], with_records: frozenset[str]
) -> _Goes:
    mine = [found for found in service.associations if _ours(ground, found)]
    foreign = [found for found in service.associations if not _ours(ground, found)]
    if mine:
        held = _held_back(ground, leaver, mass, service.arn)
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
        shown = foreign[0].arn
        message = f"remove association {id_of(shown)} that somebody else made: service {service.name} is kept for it"
        refusal = Refusal(code="associated-by-others", resource=service.arn, message=f"{message} ({shown})")
        return _Goes(Part(refusals=(refusal,)), Verdict("held", f"associated-by-others: {message}"))
    if service.status.endswith("_IN_PROGRESS"):
        return _Goes(wait(f"service {service.name} is {service.status}"))
    kept = leaver.out or ground.now < _kept_until(ground, leaver)
    if kept or ground.network.vanish != "everything":
        because = "its service is kept for its name, and its load balancers are free"
        part = _delete_listeners(ground, service, because)
        in_vain = Part() if kept else _awaited_in_vain(ground, leaver, service.arn)
        return _Goes(join([part, in_vain]), _KEPT_OUT if leaver.out else _KEPT)
    if service.custom_domain in with_records:
        # Whoever asked for them keeps them for a minute, and is not to be led to nobody (facts R23.2).
        return _Goes(wait(f"the records of {service.custom_domain} go before service {service.name}"), _GOES)
    part = ground.do(DeleteService, service.name, _why(leaver), service=service.arn)
    if part.failed:
        refusal = Refusal(code="step-failed", resource=service.arn, message=part.failed[0])
        return _Goes(Part(refusals=(refusal,)), Verdict("held", coded(part.failed[0])))
    return _Goes(part, _GOES)


def _why(leaver: _Leaver) -> str:
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


def _existing(ground: Ground, found: Existing, leaver: _Leaver, mass: frozenset[str]) -> _Goes:
    """Our association alone goes: the service and all that is behind it are their maker's."""
    mine = [one for one in found.associations if _ours(ground, one)]
    return _held_back(ground, leaver, mass, found.arn) or _disassociate(ground, found, mine, _why(leaver))


def _disassociate(ground: Ground, service: Service | Existing, mine: list[Association], because: str) -> _Goes:
    parts = []
    for found in mine:
        if found.status.endswith("_IN_PROGRESS"):
            parts.append(wait(f"association of service {service.name} is {found.status}"))
        else:
            parts.append(ground.do(DisassociateService, service.name, because, association=found.arn))
    part = join(parts)
    if part.failed:
        return _Goes(part, Verdict("held", coded(part.failed[0])))
    return _Goes(part, Verdict("disconnecting"))


def _kept_until(ground: Ground, leaver: _Leaver) -> float:
    # From when it went: what was held for longer than that (a mass, a policy) has its time, too.
    return max(_until(ground, leaver), leaver.off or 0.0) + leaver.keep


def _client(ground: Ground, found: VpcAssociation, leaver: _Leaver, mass: frozenset[str]) -> _Goes:
    if found.status.endswith("_IN_PROGRESS") and found.status != "UPDATE_IN_PROGRESS":
        return _Goes(wait(f"association of {found.vpc} is {found.status}"), Verdict("disconnecting"))
    held = _held_back(ground, leaver, mass, found.arn)
    if held is not None:
        return held
    if found.status == "UPDATE_IN_PROGRESS":
        return _Goes(wait(f"association of {found.vpc} is {found.status}"), Verdict("disconnecting"))
    part = ground.do(DisassociateVpc, found.vpc, _why(leaver), association=found.arn)
    if part.failed:
        return _Goes(part, Verdict("held", coded(part.failed[0])))
    return _Goes(part, Verdict("disconnecting"))


# --- what they leave behind


def _target_groups(
    ground: Ground, frozen: frozenset[str], abandoned: frozenset[str], freed: dict[str, str]
) -> list[Part]:
    """`freed`: listener -> key of the step of this plan that takes it away; its target groups may go right after it."""
    observed = ground.observed
    if any(key == LOAD_BALANCERS or ":service/" in key for key in ground.unread):
        return []  # whom an unread service sends to is not known: nothing is taken out of a group that may be in use
    wanted = {
        backend.target_group
        for found in ground.want.services
        if found.name not in abandoned
        for backend in found.backends
    }
    listeners = [found for service in observed.services for found in service.listeners]
    sends = {(found.arn, to.target_group) for found in listeners for to in found.sends}
    senders = Counter(group for _, group in sends)
    after = {group: freed[listener] for listener, group in sends if listener in freed and senders[group] == 1}
    # One step needs one other: a group to which several listeners send goes in the round after them.
    used = senders.keys() - after.keys()
    unclear = any(service.owned and service.status == GOING for service in observed.services)
    return [
        _target_group(ground, group, after.get(id_of(group.arn), ""))
        for group in observed.target_groups
        if group.owned
        and group.status != UNREAD
        and group.name not in wanted
        and id_of(group.arn) not in used
        and not unclear
        and frozen.isdisjoint(target.id for target in group.targets)
    ]


def _target_group(ground: Ground, group: TargetGroup, needs: str) -> Part:
    if group.status.endswith("_IN_PROGRESS"):
        return wait(f"target group {group.name} is {group.status}")
    return delete_target_group(ground, group, "no load balancer asks for it any more", needs=needs)


def _security_groups(ground: Ground, frozen: frozenset[str]) -> list[Part]:
    want, observed = ground.want, ground.observed
    if VPCS in ground.unread or any(found.status == UNREAD for found in observed.vpc_associations):
        return []  # who needs which is not known
    used = {group for found in observed.vpc_associations for group in found.security_groups}
    needed = {
        names.security_group(ground.network.name, client.vpc) for client in want.clients if not client.security_groups
    }
    return [
        _security_group(ground, group)
        for group in observed.security_groups
        if group.owned and group.name not in needed and group.vpc not in frozen and group.id not in used
    ]


def _security_group(ground: Ground, group: SecurityGroup) -> Part:
    return ground.do(DeleteSecurityGroup, group.name, "no association uses it", security_group=group.id)


# --- what is told of it


def _behind(ground: Ground, service: Service, verdict: Verdict) -> frozenset[str]:
    """The load balancers that it sends to; while it goes also those that it sent to, since its listeners and target
    groups may be gone before it is. Of one that is kept they are free.
    """
    was = None if verdict.status == "kept" else ground.before.services.get(service.name)
    return behind(ground.observed, service) or frozenset(was.load_balancers if was else ())


def _service_state(ground: Ground, service: Service, leaver: _Leaver, goes: _Goes) -> ServiceState:
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


def _client_state(ground: Ground, found: VpcAssociation, leaver: _Leaver, goes: _Goes) -> ClientState:
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
