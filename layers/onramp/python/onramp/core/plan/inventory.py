"""How every service and client stands, as the inventory has it: what is, not what was wished or made."""

from collections.abc import Iterable

from msgspec.structs import replace

from onramp.core.inventory import ClientState, ServiceState, Status
from onramp.core.model import UNREAD, VPCS
from onramp.core.plan.ground import Ground, Part, Stage, Verdict, may_be_behind, of_vpc
from onramp.core.plan.serving import domain
from onramp.core.plan.verdicts import Told
from onramp.core.settings import Said, lasting

_WORST_FIRST: tuple[Status, ...] = (
    "failed",
    "unreachable",
    "refused",
    "held",
    "waiting",
    "connecting",
    "disconnecting",
)


def service_states(
    ground: Ground,
    told: Told,
    leaving: Iterable[ServiceState],
) -> tuple[ServiceState, ...]:
    """Every service that is asked for or still there. One that several ask for is what the best of them is told."""
    verdicts = told.verdicts
    said = {wanted.name: wanted.said for wanted in ground.want.services}
    gone = {state.name: _as_it_answers(state, told) for state in leaving}
    asking: dict[str, set[str]] = {}
    for wanted in ground.want.services:
        asking.setdefault(wanted.name, set()).update(wanted.load_balancers)
    for balancer, name in ground.want.named.items():
        asking.setdefault(name, set()).add(balancer)
    ours = {service.name: service for service in ground.observed.services if service.owned}
    for name, service in ours.items():
        asking.setdefault(name, set()).update(may_be_behind(ground, service))
    states = list(gone.values())
    for name, balancers in asking.items():
        there = ours.get(name)
        refused = all(verdicts[found].status == "refused" for found in balancers & verdicts.keys())
        if name in gone or (there is None and refused):
            continue  # a wish that is refused has made nothing: the refusal tells of it
        # One that serves under another name says nothing of this one.
        says = [verdicts[found] for found in sorted(balancers) if found in verdicts]
        was = ground.before.services.get(name)
        hidden = was is not None and not says and bool(ground.observed.unread)
        best = (
            Verdict(was.status, was.message)
            if was and hidden
            else _best([one for one in says if one.status != "connected" or name in told.serving])
        )
        state = ServiceState(
            account=ground.observed.account,
            name=name,
            network=ground.network.name,
            status=best.status,
            message=best.message,
            domain=domain(ground, there) if there else "",
            arn=there.arn if there else "",
            load_balancers=tuple(sorted(balancers)) or (was.load_balancers if was else ()),
            settings=lasting(said.get(name, Said()), ground.observed.settings.get(name)),
            custom_domain=there.custom_domain if there else "",
        )
        state = replace(state, until=was.until) if was and hidden else state
        states.append(_as_it_answers(state, told))
    return tuple(sorted(states, key=lambda state: state.name))


def _as_it_answers(state: ServiceState, told: Told) -> ServiceState:
    return replace(state, answers=state.name in told.serving, serving=tuple(sorted(told.serving.get(state.name, ()))))


def _best(told: list[Verdict]) -> Verdict:
    connected = [one for one in told if one.status == "connected"]
    ranked = sorted(told, key=lambda one: _WORST_FIRST.index(one.status) if one.status in _WORST_FIRST else -1)
    return (connected or ranked or [Verdict("connecting")])[0]


def existing_states(ground: Ground, told: Told, leaving: dict[str, Verdict]) -> tuple[ServiceState, ...]:
    """Every service that people made themselves and that asks and is not refused, or is on the network by our hand. It
    asks for itself: where a load balancer's ARN stands there is its own.
    """
    states = []
    asking = {found.arn for found in ground.want.existing} | leaving.keys() | ground.want.awaiting.keys()
    asking |= ground.want.settling.keys()
    was = {state.arn: state for state in ground.before.services.values()}
    for found in ground.observed.existing:
        ours = any(one.owned and ground.network.is_named(one.network) for one in found.associations)
        before = was.get(found.arn) if found.status == UNREAD else None
        if not (found.arn in asking or ours or before):
            continue
        says = told.verdicts.get(found.arn, Verdict(before.status, before.message) if before else Verdict("connecting"))
        if before is not None:
            # What could not be read is as it was.
            states.append(replace(before, status=says.status, message=says.message))
            continue
        serves = found.arn in told.domains
        state = ServiceState(
            account=ground.observed.account,
            name=found.name,
            network=ground.network.name,
            status=says.status,
            message=says.message,
            domain=found.domain,
            arn=found.arn,
            load_balancers=(found.arn,),
            answers=serves,
            serving=(found.arn,) if serves else (),
            custom_domain=found.custom_domain,
        )
        states.append(state)
    return tuple(states)


def client_states(
    ground: Ground, parts: dict[str, Part], verdicts: dict[str, Verdict], leaving: Iterable[ClientState]
) -> tuple[ClientState, ...]:
    """Every VPC that asks and is not refused, that is joined, or that leaves."""
    gone = {state.vpc: state for state in leaving}
    refused = {refusal.resource for refusal in ground.want.refusals}
    joined = {found.vpc for found in ground.observed.vpc_associations if found.owned}
    states = list(gone.values())
    awaiting = ground.want.awaiting.keys() & {found.id for found in ground.observed.vpcs}
    unclear = {found.vpc for found in ground.observed.vpc_associations if found.owned and found.status == UNREAD}
    hidden = joined if VPCS in ground.observed.unread else unclear
    for vpc in sorted((parts.keys() | awaiting | (refused & joined) | hidden) - gone.keys()):
        part, association = parts.get(vpc, Part()), of_vpc(ground.observed, vpc)
        ours = association is not None and association.owned
        if part.refusals and not ours:
            continue
        was = ground.before.clients.get(vpc)
        told = verdicts.get(vpc, Verdict(was.status, was.message) if was and vpc in hidden else Verdict("connecting"))
        serves = part.stage is Stage.SERVING or (vpc in refused | awaiting and ours)
        if was and vpc in hidden:
            serves = was.answers
        states.append(
            ClientState(
                account=ground.observed.account,
                vpc=vpc,
                network=ground.network.name,
                status=told.status,
                message=told.message,
                arn=association.arn if association and ours else "",
                answers=serves and told.status != "unreachable",
            )
        )
    return tuple(sorted(states, key=lambda state: state.vpc))
