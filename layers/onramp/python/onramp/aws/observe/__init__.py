"""Read one account: what is there first, what people want second.

In that order, so that what appears meanwhile cannot look orphaned. A list that cannot be read raises NotYet: unknown
is not absent. What carries our mark is found by one call of the tagging API, which lags, so whatever it lists is
confirmed by a read of the thing itself, and whatever we know we made is asked for by its ARN. A mark can be forged, and
taken off: ours is what we remember to have made, or what bears the mark and the name that we would have given it.
"""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from onramp.aws.account import Account
from onramp.aws.at_once import each
from onramp.aws.errors import translated
from onramp.aws.observe import adopting, domains, records, sharing, siblings, wishes, zones
from onramp.aws.observe import existing as theirs
from onramp.aws.observe import settings as dressed
from onramp.aws.observe.findings import Seen
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.aws.reach import Reach
from onramp.core import names
from onramp.core.desired import Backend, Desired, desired, made_for, speaks
from onramp.core.looks import acted_on
from onramp.core.model import (
    Existing,
    LoadBalancer,
    Observation,
    SecurityGroup,
    Service,
    TargetGroup,
    Vpc,
    VpcAssociation,
)
from onramp.core.network import Network
from onramp.core.plan.ground import GOING
from onramp.core.run import Run
from onramp.core.steps import WriteStatus


def observe(
    network: Network,
    own: Account,
    member: Account,
    run: Run,
    reach: Reach,
    *,
    for_hands: bool = False,
    by_lists: bool = False,
    home: Callable[[], Account] | None = None,
    leave_vpcs: bool = False,
    leave_others: bool = False,
) -> Seen:
    """The account as it is. `own` is the network account by the function's role, `member` the account's reader, `reach`
    what reads whether requests get through. `home` answers the network account's reader, by which its hosted zones are
    read, or raises Refused. `for_hands`: read what only a hand can have changed, too. `by_lists`: take from lists, and
    from what was seen last, what they tell of a large account's services. `leave_vpcs`: do not read which VPCs ask,
    unless something of ours is in one. `leave_others`: take load balancers, and security groups of VPCs that only
    leave, from what was seen last, unless something that may be behind them is there now.

    Raises NotYet when something could not be read, Refused when it must not be. An error about one thing costs that
    thing: it is told as unread, and left as it is.
    """
    with translated():
        reader = Reader(network, member, run, home)
        lattice = Lattice(reader, reader.marked(), for_hands=for_hands, by_lists=by_lists)
        services = lattice.services()
        groups = lattice.target_groups()
        associations = lattice.vpc_associations()
        registered = {target.id for group in groups for target in group.targets}
        last = run.seen if leave_others and not services and not groups else None
        balancers = wishes.load_balancers(reader, registered) if last is None else last.load_balancers
        leaves = leave_vpcs and not associations and not lattice.marks_security_groups
        vpcs = () if leaves else wishes.vpcs(reader)

        security_groups: tuple[SecurityGroup, ...] = ()
        # A client's first group is made by name: that one is there already, its making tells.
        later = run.round > 0 and any(speaks(network, vpc) for vpc in vpcs)
        if last is not None and _stay(last, associations) and not any(speaks(network, vpc) for vpc in vpcs):
            security_groups = last.security_groups
        elif associations or lattice.marks_security_groups or later or run.memory.failed:
            security_groups = wishes.security_groups(reader)
            security_groups += wishes.unmarked_groups(reader, associations, security_groups, vpcs)
        services, groups, associations = _ours(
            reader, lattice, services, groups, associations, balancers, vpcs, security_groups
        )
        seen = Observation(
            account=member.account,
            load_balancers=balancers,
            vpcs=vpcs,
            existing=theirs.existing(reader, lattice, services, for_hands=for_hands),
            services=tuple(services),
            target_groups=tuple(groups),
            vpc_associations=tuple(associations),
            security_groups=security_groups,
        )
        want = desired(network, seen)
        named = {wanted.name for wanted in want.services} | set(want.named.values())
        ports = {wanted.name: {port for _, port in wanted.listens} for wanted in want.services}
        # Who leaves may be on another network, too, and is not deleted then.
        apart = [one if one.name in named else lattice.alone(one) for one in services]
        services = [one for one in apart if one is not None]
        services = _named(services, lattice.others_services(named - {service.name for service in services}))
        ruled = {wanted.name for wanted in want.services if wanted.rules}
        services = each(
            lambda one: lattice.listeners.added_to(one, ports.get(one.name, set()), ruled=one.name in ruled), services
        )
        others = lattice.others_target_groups(
            _wanted_groups(want),
            {backend.load_balancer: backend.vpc for wanted in want.services for backend in wanted.backends},
            groups,
        )
        groups = _named(groups, others)
        groups = _named(groups, lattice.others_sent_to(services, groups, _by_tool(want, groups)))
        groups = lattice.with_users(services, groups, _wanted_groups(want))
        joined = lattice.others_vpc_associations(
            {client.vpc for client in want.clients} - {found.vpc for found in associations}
        )
        associations = _named(associations, joined)
        there = replace(seen, services=tuple(services), target_groups=tuple(groups))
        offered = adopting.handed(reader, lattice, want, services, associations)
        dns = records.dns(reader, want)
        parameters = dressed.parameters(reader, want)
        left = siblings.elsewhere(reader, lattice, seen.resources)
        observed = replace(
            seen,
            services=tuple(services),
            target_groups=tuple(groups),
            vpc_associations=tuple(associations),
            unknown_groups=wishes.unknown_groups(reader, want, associations, security_groups),
            prefix_lists=wishes.prefix_lists(reader, want, security_groups),
            handed=offered,
            let_go=frozenset(reader.let_go) | theirs.let_go(seen.existing),
            released=reader.released,
            settings=dressed.settings(reader, want, (*services, *offered.services)),
            parameters=parameters.held,
            parameter_types=parameters.others,
            log_groups=dressed.log_groups(reader, want),
            certificates=domains.certificates(reader, want),
            holders=domains.holders(reader, own, want, services),
            dns=dns,
            private=records.private(reader, dns),
            zones=zones.zones(reader, want, associations),
            arrived=siblings.arrived(reader, lattice, there, want),
            elsewhere=left,
            domains_elsewhere=siblings.domains_elsewhere(reader, lattice, seen.resources, services, left),
            access=sharing.access(reader, own, want, services, associations, reach, seen.existing),
            unread=reader.unread,
            unproven=lattice.unproven,
            unmarked=_there(reader, services, groups, associations, seen.existing),
        )
        return Seen(reader, reach, observed)


def _wanted_groups(want: Desired) -> set[str]:
    return {backend.target_group for wanted in want.services for backend in wanted.backends}


def _by_tool(want: Desired, groups: Iterable[TargetGroup]) -> dict[str, list[Backend]]:
    """Service -> those of which a tool sets the shares, where all that ask for it have target groups of ours."""
    ours = {group.name for group in groups if group.owned}
    if want.refusals or want.settling or want.awaiting:
        return {}  # it may be any of them that it asks for
    return {
        one.name: [backend for backend in one.backends if backend.by_tool]
        for one in want.services
        if all(backend.target_group in ours for backend in one.backends)
    }


def _as_before(found: Service, last: Service | None) -> Service:
    """A service that is waited for, with the listeners of the last look: nothing was done to it since."""
    return replace(found, listeners=last.listeners) if last is not None and found.status == "ACTIVE" else found


def touched(
    network: Network,
    own: Account,
    member: Account,
    run: Run,
    reach: Reach,
    *,
    home: Callable[[], Account] | None = None,
) -> Observation:
    """The account as the last look of this run saw it, with what is on its way or was touched by its last steps read
    anew, and what somebody else has to let go first. Raises as `observe` does.
    """
    before = run.seen
    if before is None or run.plan is None:
        raise AssertionError("there was no look before")
    outcomes = [outcome for batch in run.outcomes for outcome in batch]
    made = {outcome.arn: outcome for outcome in outcomes if outcome.arn}
    names_of = acted_on(run)
    with translated():
        reader = Reader(network, member, run, home)
        lattice = Lattice(reader, frozenset(run.plan.arns | run.made), for_hands=False)
        before = _with_theirs_now(network, lattice, before)
        want = desired(network, before)
        ports = {wanted.name: {port for _, port in wanted.listens} for wanted in want.services}
        ruled = {wanted.name for wanted in want.services if wanted.rules}

        services = {one.arn: one for one in before.services}
        to_read = [one.arn for one in before.services if one.owned and (one.name in names_of or _moves(one))]
        for arn in [*to_read, *(arn for arn, one in made.items() if one.kind == "CreateService")]:
            last = services.pop(arn, None)
            if (found := lattice.service(arn)) is not None:
                found = found if found.name in names_of else _as_before(found, last)
                services[arn] = lattice.listeners.added_to(
                    found, ports.get(found.name, set()), ruled=found.name in ruled
                )
        groups = {one.arn: one for one in before.target_groups}
        for group in before.target_groups:
            arriving = any(target.arriving for target in group.targets)
            if group.owned and (group.name in names_of or group.status != "ACTIVE" or arriving):
                del groups[group.arn]
                if (seen := lattice.target_group(group.arn)) is not None:
                    groups[group.arn] = seen
        # A new one was left its time; AWS refuses what is registered too early, and then the whole account is read.
        groups |= {
            arn: TargetGroup(arn=arn, name=one.name, status="ACTIVE", owned=True, mark=network.name)
            for arn, one in made.items()
            if one.kind == "CreateTargetGroup"
        }
        associations = {one.arn: one for one in before.vpc_associations}
        moving = [one.arn for one in before.vpc_associations if one.owned and (one.vpc in names_of or _moves(one))]
        for arn in [*moving, *(arn for arn, one in made.items() if one.kind == "AssociateVpc")]:
            associations.pop(arn, None)
            if (joined := lattice.vpc_association(arn)) is not None:
                associations[arn] = joined
        existing: list[Existing] = []
        for one_of_theirs in before.existing:
            again = one_of_theirs.name in names_of or _moves(one_of_theirs)
            now = theirs.read(reader, lattice, one_of_theirs.arn) if again else one_of_theirs
            existing += [now] if now else []
        of_records = any(outcome.kind.endswith("Records") for outcome in outcomes)
        dns = records.dns(reader, want) if of_records else before.dns
        of_groups = any(outcome.kind.endswith("SecurityGroup") for outcome in outcomes)
        stands = {outcome.key for outcome in outcomes if outcome.stands}
        written = [
            step
            for batch in run.plan.batches
            for step in batch.steps
            if isinstance(step, WriteStatus) and step.key in stands
        ]
        after = replace(
            before,
            load_balancers=tuple(_answered(one, one.arn, written) for one in before.load_balancers),
            vpcs=tuple(_answered(one, one.id, written) for one in before.vpcs),
            existing=tuple(_answered(one, one.arn, written) for one in existing),
            services=tuple(services.values()),
            target_groups=tuple(lattice.with_users(services.values(), groups.values(), _wanted_groups(want))),
            vpc_associations=tuple(associations.values()),
            security_groups=wishes.security_groups(reader) if of_groups else before.security_groups,
            dns=dns,
            private=records.private(reader, dns) if of_records else before.private,
            zones=zones.zones(reader, want, list(associations.values())),
        )
        if before.domains_elsewhere:
            still = siblings.domains_elsewhere(reader, lattice, after.resources, after.services, after.elsewhere)
            after = replace(after, domains_elsewhere=still)
        if before.access.known and not before.access.visible:
            there = sharing.access(
                reader, own, want, list(after.services), list(after.vpc_associations), reach, after.existing
            )
            after = replace(after, access=there)
        return replace(after, unread=reader.unread)


def _with_theirs_now(network: Network, lattice: Lattice, before: Observation) -> Observation:
    """With what is in the way, and waited for since somebody else lets it go, as it is now."""

    def now[T: (Service, TargetGroup, VpcAssociation)](
        there: Iterable[T], read: Callable[[T], T | None]
    ) -> tuple[T, ...]:
        found = (
            read(one) if not one.owned and (one.mark in network.siblings or one.status == GOING) else one
            for one in there
        )
        return tuple(one for one in found if one is not None)

    return replace(
        before,
        services=now(before.services, lattice.others_service_now),
        target_groups=now(before.target_groups, lattice.others_target_group_now),
        vpc_associations=now(before.vpc_associations, lattice.others_vpc_association_now),
    )


def _stay(last: Observation, associations: list[VpcAssociation]) -> bool:
    """Are the VPCs joined as they were?"""
    return {one.arn for one in last.vpc_associations} == {one.arn for one in associations}


def _answered[T: (LoadBalancer, Vpc, Existing)](thing: T, key: str, written: list[WriteStatus]) -> T:
    """With the answers that the last steps put on it."""
    for step in written:
        if step.resource == key:
            tags = {name: text for name, text in thing.tags.items() if name not in step.remove}
            thing = replace(thing, tags={**tags, **step.put})
    return thing


def _moves(thing: Service | Existing | VpcAssociation) -> bool:
    """Is it, or its association, on its way?"""
    on_way = {thing.status} | {one.status for one in (() if isinstance(thing, VpcAssociation) else thing.associations)}
    return any(status.endswith("_IN_PROGRESS") for status in on_way)


def _named[T: (Service, TargetGroup, VpcAssociation)](there: list[T], listed: list[T]) -> list[T]:
    """What was found, with what was found by a list: of what could not be read that alone has the name."""
    again: set[str] = {found.arn for found in listed}
    return [found for found in there if found.arn not in again] + listed


def _there(
    reader: Reader,
    services: list[Service],
    groups: list[TargetGroup],
    associations: list[VpcAssociation],
    existing: tuple[Existing, ...],
) -> dict[str, str]:
    """What bears our mark no more, of what was seen: the tags of what is gone may be answered as none."""
    seen = {one.arn for one in services} | {one.arn for one in groups} | {one.arn for one in associations}
    for service in services:
        seen |= {one.arn for one in service.listeners} | {one.arn for one in service.associations}
        seen |= {rule.arn for one in service.listeners for rule in one.own_rules}
    seen |= {one.arn for service in existing for one in service.associations}
    return {key: name for key, name in reader.unmarked.items() if key in seen or key.startswith("sg-")}


def _ours(
    reader: Reader,
    lattice: Lattice,
    services: list[Service],
    groups: list[TargetGroup],
    associations: list[VpcAssociation],
    balancers: tuple[LoadBalancer, ...],
    vpcs: tuple[Vpc, ...],
    security_groups: tuple[SecurityGroup, ...],
) -> tuple[list[Service], list[TargetGroup], list[VpcAssociation]]:
    """Whose is it, now that what people ask for is known. What only bears our mark is told, and left alone."""
    network = reader.network
    asked = made_for(network, balancers)
    there = {service.name for service in services}
    proven_groups = [replace(found, owned=lattice.proves_group(found, asked, there)) for found in groups]
    proven_services = [
        replace(found, owned=found.arn in reader.known or found.name in asked or lattice.proves_service(found, groups))
        for found in services
    ]
    wishing = {vpc.id for vpc in vpcs if speaks(network, vpc)}
    made = {group.id for group in security_groups if group.name == names.security_group(network.name, group.vpc)}
    proven_associations = [
        replace(
            found,
            owned=found.owned
            and (found.arn in reader.known or found.vpc in wishing or not made.isdisjoint(found.security_groups)),
        )
        for found in associations
    ]
    lattice.unproven |= {found.arn: found.name for found in proven_services if not found.owned}
    lattice.unproven |= {found.arn: found.name for found in proven_groups if not found.owned}
    lattice.unproven |= {found.arn: found.vpc for found in proven_associations if not found.owned}
    return (
        [found for found in proven_services if found.owned],
        [found for found in proven_groups if found.owned],
        [found for found in proven_associations if found.owned],
    )
