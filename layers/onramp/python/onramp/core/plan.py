"""Observation and wishes in, plan out: every step that is possible now, and why.

Nothing here refers to what another step will make: a step whose ground is not laid yet simply is not in the
plan, and the next look finds it possible. So rounds do the ordering, and there is no graph.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from onramp.core import names, tags
from onramp.core.desired import (
    LISTENERS_PER_SERVICE,
    Backend,
    Desired,
    WantedClient,
    WantedService,
    desired,
    wishes,
)
from onramp.core.model import (
    Association,
    Forward,
    Listener,
    LoadBalancer,
    Network,
    Observation,
    SecurityGroup,
    Service,
    TargetGroup,
    Vpc,
    VpcAssociation,
)
from onramp.core.steps import (
    DELETION_LIMIT,
    AcceptShare,
    AnyStep,
    AssociateService,
    AssociateVpc,
    Batch,
    ClientState,
    CreateListener,
    CreateSecurityGroup,
    CreateService,
    CreateTargetGroup,
    DeleteListener,
    DeleteSecurityGroup,
    DeleteService,
    DeleteTargetGroup,
    DisassociateService,
    DisassociateVpc,
    Plan,
    Refusal,
    RegisterTarget,
    ServiceState,
    ShareNetwork,
    Status,
    UnshareNetwork,
    UpdateListener,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
    WriteStatus,
)

SETTLE_SECONDS: dict[str, int] = {
    "CreateService": 35,
    "CreateTargetGroup": 15,
    "ShareNetwork": 5,
    "AcceptShare": 10,
    "AssociateService": 25,
    "AssociateVpc": 25,
    "UpdateVpcAssociation": 15,
    "DisassociateService": 20,
    "DisassociateVpc": 20,
    "DeleteService": 25,
    "DeleteTargetGroup": 15,
    "UnshareNetwork": 5,
}
"""How long to leave a change alone before looking: Lattice announces nothing, so it is asked (facts 1, 9)."""

STEPS_AT_MOST = 120
"""In one round: what more there is follows in the next. A state holds 256 KiB (facts 20), Apply has its minutes."""

POLL_SECONDS = 10
POLL_SECONDS_AT_MOST = 30

INVITED_AGAIN_SECONDS = 86400
"""A person's no holds for a day; then the tag, if it is still there, has the account invited again."""

EARLIER_SECONDS = 3600
"""An invitation that was sent so long before its share association was made belongs to an earlier one."""

GOING = "DELETE_IN_PROGRESS"
FAILED = frozenset({"CREATE_FAILED", "DELETE_FAILED"})


class Part(NamedTuple):
    """What one wish or one leftover adds to the plan.

    `reach`: it cannot go on before the network is within the account's reach. `live`: it serves requests.
    """

    steps: tuple[AnyStep, ...] = ()
    pending: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    reach: bool = False
    live: bool = False


def _join(parts: Iterable[Part]) -> Part:
    found = list(parts)
    return Part(
        tuple(step for part in found for step in part.steps),
        tuple(dict.fromkeys(what for part in found for what in part.pending)),
        tuple(refusal for part in found for refusal in part.refusals),
        any(part.reach for part in found),
    )


class Verdict(NamedTuple):
    """What a team is told of one wish."""

    status: Status
    message: str = ""


def plan(
    network: Network,
    observed: Observation,
    *,
    round: int = 0,
    failures: dict[str, str] | None = None,
    stalled: int = 0,
    gave_up: bool = False,
    last: dict[str, str] | None = None,
    now: float = 0.0,
) -> Plan:
    """The plan for one account.

    `failures`: step key -> why AWS refused it in this run; such a step is left out, and told instead.
    `stalled`: rounds in which nothing changed; they make the polls slower. `gave_up`: stop waiting, and say so.
    `last`: step key -> what AWS answered when it was tried last, for that.
    `now`: epoch seconds, from which on a rejected invitation may be old enough.
    Pure: raises nothing that a tag or an observation could cause.
    """
    held = failures or {}
    want = desired(network, observed)
    taken = {wanted.name: _names_taken(observed, wanted) for wanted in want.services}
    clients = {wanted.vpc: _client(network, observed, wanted) for wanted in want.clients}
    refusals = (*want.refusals, *_join([*taken.values(), *clients.values()]).refusals)
    frozen = {refusal.resource for refusal in refusals} | set(want.settling)
    services = {
        wanted.name: taken[wanted.name] if taken[wanted.name].refusals else _service(network, observed, wanted, frozen)
        for wanted in want.services
    }
    forward = _join([*services.values(), *clients.values()])
    access, person = _access(network, observed, now) if forward.reach else (Part(), "")
    switching = {arn for wanted in want.services if not services[wanted.name].live for arn in wanted.load_balancers}
    back = _leftovers(network, observed, want, frozen, switching)
    limit = _deletion_limit(network, observed, back)
    if limit:
        back = Part(refusals=(limit,))

    todo = [step for step in (*access.steps, *forward.steps, *back.steps) if step.key not in held]
    pending = list(dict.fromkeys((*forward.pending, *access.pending, *back.pending, *want.settling.values())))
    stuck: tuple[Refusal, ...] = ()
    words = last or {}
    if gave_up and (todo or pending):
        stuck = (_stuck(observed, pending or [words.get(step.key, step.key) for step in todo]),)
        todo, pending = [], []

    def verdict(part: Part) -> Verdict:
        mine = (*part.steps, *(access.steps if part.reach else ()))
        waits = (*part.pending, *(access.pending if part.reach else ()))
        refused = next((held[step.key] for step in mine if step.key in held), "")
        if part.refusals:
            return Verdict("refused", part.refusals[0].message)
        if refused:
            return Verdict("failed", refused)
        if gave_up and (mine or waits):
            return Verdict(
                "failed",
                "it does not settle: " + "; ".join(waits or [words.get(step.key, step.because) for step in mine]),
            )
        if part.reach and person:
            return Verdict("waiting", person)
        return Verdict("connected") if part.live else Verdict("connecting")

    told: dict[str, tuple[Verdict, str]] = {arn: (Verdict("waiting", why), "") for arn, why in want.settling.items()}
    service_states = []
    for wanted in want.services:
        part = services[wanted.name]
        says, there = verdict(part), _named(observed.services, wanted.name)
        domain = there.domain if there and part.live else ""
        service_states.append(
            ServiceState(
                account=observed.account,
                name=wanted.name,
                network=network.name,
                status=says.status,
                domain=there.domain if there else "",
                arn=there.arn if there else "",
                load_balancers=wanted.load_balancers,
            )
        )
        told.update(dict.fromkeys(wanted.load_balancers, (says, domain)))
    client_states = []
    for client in want.clients:
        says = verdict(clients[client.vpc])
        association = _of_vpc(observed, client.vpc)
        client_states.append(
            ClientState(
                account=observed.account,
                vpc=client.vpc,
                network=network.name,
                status=says.status,
                arn=association.arn if association else "",
            )
        )
        told[client.vpc] = (says, "")
    for refusal in refusals:
        told[refusal.resource] = (Verdict("refused", f"{refusal.code}: {refusal.message}"), "")

    answers = [step for step in _answers(network, observed, told) if step.key not in held]
    steps = [*todo, *answers]
    if len(steps) > STEPS_AT_MOST:
        pending.append(f"{len(steps) - STEPS_AT_MOST} more steps for the next rounds")
    return Plan(
        account=observed.account,
        round=round,
        next=_next(todo, answers, pending),
        wait_seconds=_wait_seconds(todo, pending, stalled),
        batches=_batches(network, steps[:STEPS_AT_MOST]),
        refusals=(*refusals, *back.refusals, *stuck),
        services=tuple(service_states),
        clients=tuple(client_states),
        pending=tuple(pending),
        arns=_ours(observed),
        broken=_broken(observed),
    )


def _next(
    todo: list[AnyStep], answers: list[WriteStatus], pending: list[str]
) -> Literal["apply", "finish", "wait", "done"]:
    if todo or (answers and pending):
        return "apply"
    if answers:
        return "finish"
    return "wait" if pending else "done"


def _wait_seconds(todo: list[AnyStep], pending: list[str], stalled: int) -> int:
    # A step that did not succeed is tried again at once, and then as slowly as the rest.
    poll = min(POLL_SECONDS * (1 + stalled // 3), POLL_SECONDS_AT_MOST) if pending or stalled else 0
    return max([poll, *(SETTLE_SECONDS.get(step.kind, 0) for step in todo)])


def _stuck(observed: Observation, waits: list[str]) -> Refusal:
    message = f"given up until the next look: {'; '.join(waits)}"
    return Refusal(code="not-settling", resource=observed.account, message=message)


def _batches(network: Network, steps: list[AnyStep]) -> tuple[Batch, ...]:
    """The network account's steps of sharing apart from the account's own: each with its own credentials."""
    sharing = tuple(step for step in steps if isinstance(step, ShareNetwork | UnshareNetwork))
    own = tuple(step for step in steps if not isinstance(step, ShareNetwork | UnshareNetwork))
    made = []
    if sharing:
        made.append(Batch(account=network.account, sharing=True, steps=sharing))
    if own:
        made.append(Batch(account=own[0].account, sharing=False, steps=own))
    return tuple(made)


# --- looking things up in an observation


def _named[T: (Service, TargetGroup, SecurityGroup)](there: tuple[T, ...], name: str) -> T | None:
    return next((thing for thing in there if thing.name == name), None)


def _of_vpc(observed: Observation, vpc: str) -> VpcAssociation | None:
    return next((found for found in observed.vpc_associations if found.vpc == vpc), None)


def _to_network(network: Network, service: Service) -> Association | None:
    return next((found for found in service.associations if network.is_named(found.network)), None)


def _id(arn: str) -> str:
    """The id at an ARN's end; Lattice answers ids even where ARNs were sent, so ids are compared (facts 5)."""
    return arn.rpartition("/")[2]


def _ours(observed: Observation) -> dict[str, str]:
    """ARN -> name of all that we made here: the next run's hint where to look."""
    owned = {found.arn: found.name for found in observed.services if found.owned}
    owned |= {found.arn: found.name for found in observed.target_groups if found.owned}
    for service in observed.services:
        owned |= {found.arn: service.name for found in service.associations if found.owned}
        owned |= {found.arn: found.name for found in service.listeners if found.owned}
    return owned | {found.arn: found.vpc for found in observed.vpc_associations if found.owned}


def _broken(observed: Observation) -> dict[str, str]:
    """What failed while it was made: the key of the step that made it, and what Lattice says."""
    made: list[tuple[str, str, Service | TargetGroup | Association | VpcAssociation]] = [
        *(("CreateService", found.name, found) for found in observed.services),
        *(("CreateTargetGroup", found.name, found) for found in observed.target_groups),
        *(("AssociateService", service.name, found) for service in observed.services for found in service.associations),
        *(("AssociateVpc", found.vpc, found) for found in observed.vpc_associations),
    ]
    return {
        f"{kind} {observed.account} {name}": f"it is {found.status}: {found.failure}"
        for kind, name, found in made
        if found.owned and found.status == "CREATE_FAILED"
    }


# --- forward: what is wanted and missing or wrong


def _taken(kind: str, name: str, resources: Iterable[str]) -> Part:
    message = f"{kind} {name} exists and is not ours: choose another name or remove it"
    return Part(refusals=tuple(Refusal(code="name-taken", resource=found, message=message) for found in resources))


def _names_taken(observed: Observation, wanted: WantedService) -> Part:
    """Refusals where the service, one of its target groups or a listener's port is somebody else's."""
    there = _named(observed.services, wanted.name)
    if there is not None and not there.owned:
        return _taken("service", wanted.name, wanted.load_balancers)
    parts = [
        _taken("target group", backend.target_group, [backend.load_balancer])
        for backend in wanted.backends
        if (group := _named(observed.target_groups, backend.target_group)) is not None and not group.owned
    ]
    ports = {port for _, port in wanted.listens}
    parts += [
        _taken("listener", f"{found.name} of service {wanted.name}", wanted.load_balancers)
        for found in (there.listeners if there else ())
        if found.port in ports and not found.owned
    ]
    return _join(parts)


def _target_group(observed: Observation, wanted: WantedService, backend: Backend) -> Part:
    """`live` when requests may be sent to it."""
    name = backend.target_group
    there = _named(observed.target_groups, name)
    port = f"{backend.protocol}:{backend.port}"
    if there is None:
        because = f"service {wanted.name} sends to the load balancer's listener {port}"
        return Part(
            steps=(
                CreateTargetGroup(
                    account=observed.account,
                    name=name,
                    because=because,
                    protocol=backend.protocol,
                    port=backend.port,
                    vpc=backend.vpc,
                ),
            )
        )
    if there.status in FAILED:
        return Part(steps=(_delete_target_group(observed, there, f"it is {there.status}: {there.failure}"),))
    if there.status != "ACTIVE":
        return Part(pending=(f"target group {name} is {there.status}",))
    registered = any(
        target.id == backend.load_balancer and target.port == backend.port and target.status != "DRAINING"
        for target in there.targets
    )
    if registered:
        return Part(live=True)
    return Part(
        steps=(
            RegisterTarget(
                account=observed.account,
                name=name,
                because=f"the load balancer is not registered for {port}",
                target_group=there.arn,
                load_balancer=backend.load_balancer,
                port=backend.port,
            ),
        ),
        live=True,
    )


def _service(network: Network, observed: Observation, wanted: WantedService, frozen: set[str]) -> Part:
    groups = [_target_group(observed, wanted, backend) for backend in wanted.backends]
    base = _join(groups)
    there = _named(observed.services, wanted.name)
    if there is None:
        because = f"{len(wanted.backends)} tagged load balancer(s) ask for it"
        create = CreateService(account=observed.account, name=wanted.name, because=because)
        return base._replace(steps=(*base.steps, create), reach=True)
    if there.status in FAILED:
        step = DeleteService(
            account=observed.account,
            name=wanted.name,
            because=f"it is {there.status}: {there.failure}",
            service=there.arn,
        )
        return base._replace(steps=(*base.steps, step))
    if there.status != "ACTIVE":
        return base._replace(
            pending=(*base.pending, f"service {wanted.name} is {there.status}"), reach=there.status != GOING
        )
    ready = tuple(
        Forward(target_group=_id(found.arn), weight=backend.weight)
        for backend, group in zip(wanted.backends, groups, strict=True)
        if group.live and (found := _named(observed.target_groups, backend.target_group))
    )
    # No load balancer stops serving because its wish cannot be met, or before what replaces it can serve.
    behind = frozen | {
        backend.load_balancer for backend, group in zip(wanted.backends, groups, strict=True) if not group.live
    }
    staying = {_id(found.arn) for found in observed.target_groups if any(to.id in behind for to in found.targets)}
    listeners = _listeners(observed, wanted, there, ready, staying)
    association = _association(network, observed, there, listening=bool(there.listeners))
    joined = _join([base, listeners, association])
    return joined._replace(live=association.live and listeners.live)


def _listeners(
    observed: Observation, wanted: WantedService, there: Service, ready: tuple[Forward, ...], staying: set[str]
) -> Part:
    """`live` when every wanted listener is there. `staying`: ids of target groups that no listener lets go of."""
    steps: list[AnyStep] = []
    live = True
    by_port = {found.port: found for found in there.listeners}
    for protocol, port in wanted.listens:
        name = names.listener(protocol, port)
        found = by_port.get(port)
        label = f"{wanted.name}/{name}"
        if found is None:
            live = False
            steps.append(
                CreateListener(
                    account=observed.account,
                    name=label,
                    because=f"clients are to use {protocol}:{port}",
                    service=there.arn,
                    listener=name,
                    protocol=protocol,
                    port=port,
                    forwards=ready,
                )
            )
        elif found.name != name:
            # The port is taken by our listener of another protocol: it has to go first, its port is unique.
            live = False
            steps.append(_delete_listener(observed, wanted.name, there, found.arn, found.name, f"{name} replaces it"))
        elif set(found.forwards) != set(forwards := _forwards(found, ready, staying)):
            steps.append(
                UpdateListener(
                    account=observed.account,
                    name=label,
                    because="it does not forward to the target groups that the tags ask for",
                    service=there.arn,
                    listener=found.arn,
                    forwards=forwards,
                )
            )
    if not ready:
        return Part(live=live)  # nothing new can serve yet: what is there goes on
    ports = {port for _, port in wanted.listens}
    unwanted = [
        _delete_listener(observed, wanted.name, there, found.arn, found.name, "no tag asks for it")
        for found in there.listeners
        if found.owned and found.port not in ports
    ]
    # Old listeners go last, so that clients can move, unless the quota leaves no room for the new ones.
    more = sum(isinstance(step, CreateListener) for step in steps)
    full = len(there.listeners) + more > LISTENERS_PER_SERVICE
    return Part(steps=(*unwanted, *steps) if full else (*steps, *unwanted), live=live)


def _forwards(found: Listener, ready: tuple[Forward, ...], staying: set[str]) -> tuple[Forward, ...]:
    return (*ready, *(to for to in found.forwards if to.target_group in staying))


def _delete_listener(
    observed: Observation, service: str, there: Service, arn: str, name: str, because: str
) -> DeleteListener:
    return DeleteListener(
        account=observed.account, name=f"{service}/{name}", because=because, listener=arn, service=there.arn
    )


def _association(network: Network, observed: Observation, there: Service, *, listening: bool) -> Part:
    found = _to_network(network, there)
    if found is None:
        reach = observed.account != network.account and not observed.access.visible
        if reach or not listening:
            return Part(reach=reach)
        because = f"the network is within reach and service {there.name} is ready"
        step = AssociateService(account=observed.account, name=there.name, because=because, service=there.arn)
        return Part(steps=(step,))
    if found.status == "ACTIVE":
        return Part(live=True)
    if found.status in FAILED and found.owned:
        because = f"it is {found.status}: {found.failure}"
        return Part(
            steps=(
                DisassociateService(account=observed.account, name=there.name, because=because, association=found.arn),
            )
        )
    return Part(pending=(f"association of service {there.name} is {found.status}",))


def _client(network: Network, observed: Observation, wanted: WantedClient) -> Part:
    there = _of_vpc(observed, wanted.vpc)
    if there is not None and not network.is_named(there.network) and there.status != GOING:
        message = f"the VPC is associated with another network ({_id(there.network)}): a VPC can be in one only"
        return Part(refusals=(Refusal(code="vpc-in-another-network", resource=wanted.vpc, message=message),))
    if there is not None and not there.owned and there.status != GOING:
        message = "somebody else associated this VPC with the network: remove that association, or this tag"
        return Part(refusals=(Refusal(code="association-taken", resource=wanted.vpc, message=message),))
    unknown = [group for group in wanted.security_groups if (wanted.vpc, group) in observed.unknown_groups]
    if unknown:
        message = f"tag {network.prefix}{tags.SECURITY_GROUPS} names {unknown[0]}: this VPC has no such security group"
        return Part(refusals=(Refusal(code="tag-invalid", resource=wanted.vpc, message=message),))
    group = _security_group(network, observed, wanted)
    groups = wanted.security_groups
    if not groups:
        made = _named(observed.security_groups, names.security_group(network.name, wanted.vpc))
        groups = (made.id,) if made else ()
    if group.refusals:
        return group
    association = _vpc_association(network, observed, wanted, there, groups)
    return _join([group, association])._replace(live=association.live)


def _security_group(network: Network, observed: Observation, wanted: WantedClient) -> Part:
    if wanted.security_groups:
        return Part()
    name = names.security_group(network.name, wanted.vpc)
    there = _named(observed.security_groups, name)
    if there is None:
        because = "it says which clients of this VPC may enter the network"
        return Part(
            steps=(
                CreateSecurityGroup(
                    account=observed.account,
                    name=name,
                    because=because,
                    vpc=wanted.vpc,
                    admits=tuple(sorted(wanted.admits)),
                ),
            )
        )
    if not there.owned:
        return _taken("security group", name, [wanted.vpc])
    allow, revoke = wanted.admits - there.admits, there.admits - wanted.admits
    if not allow and not revoke:
        return Part()
    return Part(
        steps=(
            UpdateSecurityGroup(
                account=observed.account,
                name=name,
                because="its rules are not those that the tags ask for",
                security_group=there.id,
                allow=tuple(sorted(allow)),
                revoke=tuple(sorted(revoke)),
            ),
        )
    )


def _vpc_association(
    network: Network,
    observed: Observation,
    wanted: WantedClient,
    there: VpcAssociation | None,
    groups: tuple[str, ...],
) -> Part:
    if there is None:
        reach = observed.account != network.account and not observed.access.visible
        if reach or not groups:
            return Part(reach=reach)
        because = "the VPC asks to join as a client"
        join = AssociateVpc(
            account=observed.account, name=wanted.vpc, because=because, vpc=wanted.vpc, security_groups=groups
        )
        return Part(steps=(join,))
    if there.status == "CREATE_FAILED" or there.status == "DELETE_FAILED":
        because = f"it is {there.status}: {there.failure}"
        return Part(steps=(_disassociate_vpc(observed, there, because),))
    if there.status not in {"ACTIVE", "UPDATE_FAILED"}:
        return Part(
            pending=(f"association of {wanted.vpc} is {there.status}",),
            live=there.status == "UPDATE_IN_PROGRESS",
        )
    if groups and (set(groups) != there.security_groups or there.status == "UPDATE_FAILED"):
        because = "its security groups are not those that the tags ask for"
        step = UpdateVpcAssociation(
            account=observed.account,
            name=wanted.vpc,
            because=because,
            association=there.arn,
            security_groups=groups,
        )
        return Part(steps=(step,), live=True)
    return Part(live=True)


# --- access: the network within the account's reach


def _access(network: Network, observed: Observation, now: float) -> tuple[Part, str]:
    """Share, accept, or wait; and what a person has to do, if it is theirs."""
    access = observed.access
    if access.visible or not access.known:
        return Part(), ""
    shared = access.principal not in {"", "DISASSOCIATED", "FAILED"}
    earlier = shared and access.invited_at + EARLIER_SECONDS < access.associated_at
    answered = "" if access.invitation or earlier else access.answered
    if answered == "REJECTED" and now < access.invited_at + INVITED_AGAIN_SECONDS:
        return Part(), (
            f"the invitation to network {network.name} was rejected in this account: a new one follows a day after it:"
            f" accept that in RAM, or remove the tag {network.prefix}{tags.NETWORK}"
        )
    if not shared:
        because = f"account {observed.account} has something to connect and does not see network {network.name}"
        return Part(steps=(ShareNetwork(account=network.account, name=observed.account, because=because),)), ""
    if access.principal == "DISASSOCIATING":
        return Part(pending=("an earlier share is being ended",)), ""
    if answered in {"REJECTED", "EXPIRED"}:
        # It cannot be accepted any more: only a new association of the account sends a new one (facts 17).
        because = f"its invitation is {answered}: the account has to be invited anew"
        return Part(steps=(UnshareNetwork(account=network.account, name=observed.account, because=because),)), ""
    if not access.invitation:
        return Part(pending=("the share has not reached the account yet",)), ""
    if network.acceptance == "manual":
        return (
            Part(),
            "accept the resource share invitation of this network in RAM: it expires after 12 hours",
        )
    because = f"the invitation came from the network account {network.account}"
    step = AcceptShare(account=observed.account, name=network.name, because=because, invitation=access.invitation)
    return Part(steps=(step,)), ""


# --- back: what is ours and no longer wanted


def _leftovers(network: Network, observed: Observation, want: Desired, frozen: set[str], switching: set[str]) -> Part:
    """Deletions, in the order that Lattice demands: association, service, target group; VPC association,
    security group; the share last (facts 9).

    `frozen` are resources whose wish cannot be met or read now: what serves them is kept as it is, so that a
    typing error in a tag is no outage. `switching` are load balancers whose new service is not live yet.
    """
    wanted_groups = {backend.target_group for wanted in want.services for backend in wanted.backends}
    kept_groups = {
        found.arn
        for found in observed.target_groups
        if found.name in wanted_groups or any(to.id in frozen for to in found.targets)
    }
    wanted_names = {wanted.name for wanted in want.services}
    kept_ids = {_id(arn) for arn in kept_groups}
    parts: list[Part] = []
    leaving: list[Service] = []
    held: list[Part] = []
    for service in observed.services:
        if not service.owned or service.name in wanted_names:
            continue
        if any(to.target_group in kept_ids for listener in service.listeners for to in listener.forwards):
            continue
        if _stands_in(network, observed, service, switching):
            kept_groups |= _groups_of(observed, service)
            continue
        if any(not found.owned for found in service.associations):
            held.append(_held_by_others(service))
            continue
        leaving.append(service)
        parts.append(_unwind_service(observed, service))
    if not held:
        in_use = {
            to.target_group for service in observed.services for found in service.listeners for to in found.forwards
        }
        parts.extend(
            _unwind_target_group(observed, group, in_use=_id(group.arn) in in_use or bool(leaving))
            for group in observed.target_groups
            if group.owned and group.arn not in kept_groups
        )
    parts.append(_unwind_clients(network, observed, want, frozen))
    joined = any(found.owned for found in observed.services) or any(found.owned for found in observed.vpc_associations)
    wishing = want.services or want.clients or want.settling
    if not joined and not wishing and observed.access.known:
        parts.append(_unshare(network, observed))
    return _join([*parts, *held])


def _groups_of(observed: Observation, service: Service) -> set[str]:
    """ARNs of the target groups that the service sends to."""
    ids = {to.target_group for listener in service.listeners for to in listener.forwards}
    return {found.arn for found in observed.target_groups if _id(found.arn) in ids}


def _stands_in(network: Network, observed: Observation, service: Service, switching: set[str]) -> bool:
    """A renamed service goes on serving until the one that replaces it is live: no outage in between."""
    association = _to_network(network, service)
    if association is None or association.status != "ACTIVE":
        return False
    groups = _groups_of(observed, service)
    return any(to.id in switching for found in observed.target_groups if found.arn in groups for to in found.targets)


def _held_by_others(service: Service) -> Part:
    """An association that somebody else made is theirs, and a service with one cannot go."""
    foreign = next(found for found in service.associations if not found.owned)
    message = f"service {service.name} is kept: somebody else associated it ({_id(foreign.arn)}): remove that first"
    return Part(refusals=(Refusal(code="associated-by-others", resource=service.arn, message=message),))


def _unwind_service(observed: Observation, service: Service) -> Part:
    because = "no load balancer asks for it any more"
    steps = []
    pending = []
    for found in service.associations:
        if found.status.endswith("_IN_PROGRESS"):
            pending.append(f"association of service {service.name} is {found.status}")
        else:
            steps.append(
                DisassociateService(account=observed.account, name=service.name, because=because, association=found.arn)
            )
    if service.associations:
        return Part(steps=tuple(steps), pending=tuple(pending))
    if service.status.endswith("_IN_PROGRESS"):
        return Part(pending=(f"service {service.name} is {service.status}",))
    step = DeleteService(account=observed.account, name=service.name, because=because, service=service.arn)
    return Part(steps=(step,))


def _unwind_target_group(observed: Observation, group: TargetGroup, *, in_use: bool) -> Part:
    if group.status.endswith("_IN_PROGRESS"):
        return Part(pending=(f"target group {group.name} is {group.status}",))
    if in_use:
        return Part(pending=(f"target group {group.name} is still in use",))
    return Part(steps=(_delete_target_group(observed, group, "no load balancer asks for it any more"),))


def _delete_target_group(observed: Observation, group: TargetGroup, because: str) -> DeleteTargetGroup:
    return DeleteTargetGroup(
        account=observed.account,
        name=group.name,
        because=because,
        target_group=group.arn,
        targets=tuple((target.id, target.port) for target in group.targets),
    )


def _disassociate_vpc(observed: Observation, found: VpcAssociation, because: str) -> DisassociateVpc:
    return DisassociateVpc(account=observed.account, name=found.vpc, because=because, association=found.arn)


def _unwind_clients(network: Network, observed: Observation, want: Desired, frozen: set[str]) -> Part:
    wanted = {client.vpc for client in want.clients} | frozen
    because = "the VPC does not ask for the network any more"
    parts = []
    for found in observed.vpc_associations:
        if not found.owned or found.vpc in wanted:
            continue
        if found.status.endswith("_IN_PROGRESS"):
            parts.append(Part(pending=(f"association of {found.vpc} is {found.status}",)))
        else:
            parts.append(Part(steps=(_disassociate_vpc(observed, found, because),)))
    used = {group for found in observed.vpc_associations for group in found.security_groups}
    needed = {names.security_group(network.name, client.vpc) for client in want.clients if not client.security_groups}
    for group in observed.security_groups:
        if not group.owned or group.name in needed or group.vpc in frozen:
            continue
        if group.id in used:
            continue  # the association's own part above waits for it
        step = DeleteSecurityGroup(
            account=observed.account,
            name=group.name,
            because="no association uses it",
            security_group=group.id,
        )
        parts.append(Part(steps=(step,)))
    return _join(parts)


def _unshare(network: Network, observed: Observation) -> Part:
    if observed.access.principal in {"ASSOCIATING", "ASSOCIATED"}:
        because = f"nothing of account {observed.account} is on network {network.name} any more"
        return Part(steps=(UnshareNetwork(account=network.account, name=observed.account, because=because),))
    if observed.access.principal == "DISASSOCIATING":
        return Part(pending=("the share is being ended",))
    return Part()


def _deletion_limit(network: Network, observed: Observation, back: Part) -> Refusal | None:
    """A wrong deletion is an outage: more of them at once than the limit, and none is done."""
    going = [step for step in back.steps if isinstance(step, DisassociateService | DisassociateVpc)]
    if len(going) <= network.deletion_limit:
        return None
    shown = ", ".join(step.name for step in going[:3])
    return Refusal(
        code=DELETION_LIMIT,
        resource=observed.account,
        message=f"{len(going)} services and clients ({shown}, ...) would be disconnected at once and the limit is"
        f" {network.deletion_limit}: nothing is deleted; raise DeletionLimit if this is meant",
    )


# --- answers: our words on the team's own resources


def _answers(network: Network, observed: Observation, told: dict[str, tuple[Verdict, str]]) -> list[WriteStatus]:
    if not network.status_tags:
        return []
    steps = []
    resources: list[LoadBalancer | Vpc] = [*observed.load_balancers, *observed.vpcs]
    for resource in resources:
        if resource.tags.get(network.prefix + tags.NETWORK) in network.siblings:
            continue
        step = _answer(network, observed, resource, told)
        if step is not None:
            steps.append(step)
    return steps


def _answer(
    network: Network,
    observed: Observation,
    resource: LoadBalancer | Vpc,
    told: dict[str, tuple[Verdict, str]],
) -> WriteStatus | None:
    key = resource.arn if isinstance(resource, LoadBalancer) else resource.id
    wanted: dict[str, str] = {}
    if wishes(network, resource) and key in told:
        says, domain = told[key]
        given = {tags.STATUS: says.status, tags.DOMAIN: domain, tags.MESSAGE: says.message}
        wanted = {name: tags.answer(text) for name, text in given.items() if text}
    there = {name: resource.tags[name] for name in tags.STATUS_KEYS if name in resource.tags}
    put = {name: text for name, text in wanted.items() if there.get(name) != text}
    remove = tuple(sorted(there.keys() - wanted.keys()))
    if not put and not remove:
        return None
    because = f"the answer is {wanted[tags.STATUS]}" if wanted else "it asks for nothing any more"
    name = resource.name if isinstance(resource, LoadBalancer) else resource.id
    return WriteStatus(account=observed.account, name=name, because=because, resource=key, put=put, remove=remove)
