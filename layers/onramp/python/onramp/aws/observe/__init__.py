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
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader, id_of
from onramp.aws.reach import Reach
from onramp.core import names
from onramp.core.desired import TARGET_PROTOCOLS, Backend, Desired, desired, made_for, speaks
from onramp.core.looks import acted_on
from onramp.core.model import (
    LOAD_BALANCERS,
    VPCS,
    Existing,
    Ingress,
    LoadBalancer,
    Network,
    Observation,
    SecurityGroup,
    Service,
    TargetGroup,
    Vpc,
    VpcAssociation,
)
from onramp.core.plan.clients import SERVES
from onramp.core.plan.ground import answers, groups_of
from onramp.core.reach import (
    Asked,
    Finding,
    unreachable_client,
    unreachable_service,
    unsure_of_client,
    unsure_of_service,
)
from onramp.core.rounds import found as found_before
from onramp.core.run import Run
from onramp.core.steps import WriteStatus


class Seen:
    """What a look saw. `joined`: the load balancers and VPCs that are, so that what keeps requests out can be asked."""

    def __init__(self, reader: Reader, reach: Reach, observation: Observation) -> None:
        self.observation = observation
        self._reader = reader
        self._reach = reach
        want = desired(reader.network, observation)
        self._asked = _asked(reader, observation, want)
        self._left = _left(reader.network, observation, want)
        self._elsewhere = _elsewhere(reader.network, observation, want, self._asked)
        # Whether requests get through is nobody's question any more of who leaves.
        asking = (
            {client.vpc for client in want.clients} | want.settling.keys() | {one.resource for one in want.refusals}
        )
        self._clients = {
            one.vpc: one.security_groups
            for one in observation.vpc_associations
            if one.owned and one.status in SERVES and one.vpc in asking
        }
        self.joined = frozenset({one.load_balancer for one in self._asked} | self._clients.keys())

    def asks_by_vpcs(self) -> bool:
        """Do VPCs ask, or may they, of a look that has left them? Raises as `observe` does."""
        with translated():
            return bool(wishes.vpcs(self._reader)) or VPCS in self._reader.unread

    def findings(self, doubted: frozenset[str] | None = None) -> dict[str, Finding]:
        """Load balancer or VPC -> what keeps all requests out, as seen last: of those that are joined, or `doubted`.

        Raises as `observe` does.
        """
        doubted = self.joined if doubted is None else doubted
        with translated():
            admits = {one.id: one.admits for one in self.observation.security_groups}
            asked = {one: weights for one, weights in self._asked.items() if one.load_balancer in doubted}
            clients = {vpc: groups for vpc, groups in self._clients.items() if vpc in doubted}
            cidrs = {vpc.id: vpc.cidrs for vpc in self.observation.vpcs}
            found = _findings(self._reader, self._reach, asked, clients, admits, cidrs)
            # Who left goes on where nobody else could answer: then it is asked of him, too. So it is of where he who
            # cannot answer at the port that his tags ask for is sent to still.
            left = [one for asking, behind in self._left if found.keys() >= asking for one in behind.items()]
            other = [one for one in self._elsewhere.items() if one[0].load_balancer in found]
            more = _findings(self._reader, self._reach, dict((*left, *other)), {}, admits, {}) if left or other else {}
            return more | {key: replace(one, everywhere=key in more) for key, one in found.items()}


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
            {backend.target_group for wanted in want.services for backend in wanted.backends},
            {backend.load_balancer: backend.vpc for wanted in want.services for backend in wanted.backends},
            groups,
        )
        groups = _named(groups, others)
        groups = _named(groups, lattice.others_sent_to(services, groups, _by_tool(want, groups)))
        joined = lattice.others_vpc_associations(
            {client.vpc for client in want.clients} - {found.vpc for found in associations}
        )
        associations = _named(associations, joined)
        there = replace(seen, services=tuple(services), target_groups=tuple(groups))
        offered = adopting.handed(reader, lattice, want, services, associations)
        dns = records.dns(reader, want)
        parameters = dressed.parameters(reader, want)
        observed = replace(
            seen,
            services=tuple(services),
            target_groups=tuple(groups),
            vpc_associations=tuple(associations),
            unknown_groups=wishes.unknown_groups(reader, want, associations, security_groups),
            prefix_lists=wishes.prefix_lists(reader, want, security_groups),
            handed=offered,
            let_go=frozenset(reader.let_go),
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
            elsewhere=siblings.elsewhere(reader, lattice, seen.resources),
            domains_elsewhere=siblings.domains_elsewhere(reader, lattice, seen.resources, services),
            access=sharing.access(reader, own, want, services, associations, reach, seen.existing),
            unread=reader.unread,
            unproven=lattice.unproven,
            unmarked=_there(reader, services, groups, associations, seen.existing),
        )
        return Seen(reader, reach, observed)


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
    anew. Raises as `observe` does.
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
            target_groups=tuple(groups.values()),
            vpc_associations=tuple(associations.values()),
            security_groups=wishes.security_groups(reader) if of_groups else before.security_groups,
            dns=dns,
            private=records.private(reader, dns) if of_records else before.private,
            zones=zones.zones(reader, want, list(associations.values())),
        )
        if before.domains_elsewhere:
            still = siblings.domains_elsewhere(reader, lattice, after.resources, after.services)
            after = replace(after, domains_elsewhere=still)
        if before.access.known and not before.access.visible:
            there = sharing.access(
                reader, own, want, list(after.services), list(after.vpc_associations), reach, after.existing
            )
            after = replace(after, access=there)
        return replace(after, unread=reader.unread)


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


def _asked(reader: Reader, observed: Observation, want: Desired) -> dict[Asked, list[int]]:
    """What is joined, with the weights that its service's listeners give: what is not has an answer of its own."""
    network = reader.network
    joined = {service.name: service for service in observed.services if service.owned and answers(network, service)}
    filled = {group.name for group in observed.target_groups if group.targets}
    asked = {
        Asked(
            load_balancer=backend.load_balancer,
            protocol=backend.protocol,
            port=backend.port,
            certificate=_certificate(observed, wanted.name),
        ): _weights(observed, joined[wanted.name], backend)
        for wanted in want.services
        if wanted.name in joined
        for backend in wanted.backends
        if backend.target_group in filled
    }
    again = {one.load_balancer for one in asked}
    still = _serving_still(reader, observed, want, list(joined.values()))
    return asked | {one: weights for one, weights in still.items() if one.load_balancer not in again}


def _serving_still(
    reader: Reader, observed: Observation, want: Desired, joined: list[Service]
) -> dict[Asked, list[int]]:
    """What serves on although its wish cannot be met now, or though it is to leave and cannot: whether it answers is
    told of it as of all others. While something that is on its way comes about, that is nobody's question.
    """
    run = reader.run
    states = run.plan.services if run.plan else run.memory.services
    whole = set(want.named.values()) - {wanted.name for wanted in want.services}
    whole |= {state.name for state in states if state.status == "held"}
    watched = {refusal.resource for refusal in want.refusals} | want.settling.keys() | found_before(run).keys()
    if run.failures or run.memory.failed:
        watched |= want.named.keys()
    return {
        one: weights
        for service in joined
        for one, weights in _behind(reader.network, observed, want, service).items()
        if service.name in whole or one.load_balancer in watched
    }


def _left(
    network: Network, observed: Observation, want: Desired
) -> list[tuple[frozenset[str], dict[Asked, list[int]]]]:
    """Of each service on the network that somebody asks for: those behind it who do, or ask for something else by now,
    and those who ask for nothing, any more or ever.
    """
    asking = {wanted.name: frozenset(wanted.load_balancers) for wanted in want.services}
    found = []
    for service in observed.services:
        behind = _behind(network, observed, want, service) if service.owned and answers(network, service) else {}
        left = {one: weights for one, weights in behind.items() if one.load_balancer not in want.named}
        others = frozenset(one.load_balancer for one in behind) - frozenset(one.load_balancer for one in left)
        ask = asking.get(service.name, others)
        found += [(ask & others, left)] if ask and left else []
    return found


def _elsewhere(
    network: Network, observed: Observation, want: Desired, asked: dict[Asked, list[int]]
) -> dict[Asked, list[int]]:
    """Of the load balancers that are asked about, where else a service on the network sends to them."""
    ports = {one.load_balancer: one.port for one in asked}
    return {
        one: weights
        for service in observed.services
        if service.owned and answers(network, service)
        for one, weights in _behind(network, observed, want, service).items()
        if ports.get(one.load_balancer, one.port) != one.port
    }


def _behind(network: Network, observed: Observation, want: Desired, service: Service) -> dict[Asked, list[int]]:
    """Every load balancer that the service sends to, at the port that its target was registered with. By which protocol
    is told by its group's name; of what somebody else put there, by the wish for that group.
    """
    vpcs = {one.arn: one.vpc for one in observed.load_balancers}
    spoken = {backend.target_group: backend.protocol for wanted in want.services for backend in wanted.backends}
    return {
        Asked(
            load_balancer=target.id,
            protocol=protocol,
            port=target.port,
            certificate=_certificate(observed, service.name),
        ): [to.weight for listener in service.listeners for to in listener.sends]
        for group in groups_of(observed, service)
        for target in group.targets
        if target.id in vpcs
        for protocol in TARGET_PROTOCOLS
        if spoken.get(group.name) == protocol
        or group.name
        == names.target_group(network.name, service.name, target.id, protocol, target.port, vpcs[target.id])
    }


def _weights(observed: Observation, service: Service, backend: Backend) -> list[int]:
    """Of all that get requests where it asks for some: by default, or by the rules that send to it."""
    if not backend.rules:
        return [to.weight for listener in service.listeners for to in listener.forwards]
    group = next(found.arn for found in observed.target_groups if found.name == backend.target_group)
    rules = [rule for listener in service.listeners for rule in listener.own_rules]
    mine = [rule for rule in rules if any(to.target_group == id_of(group) for to in rule.forwards)]
    return [to.weight for rule in mine for to in rule.forwards]


def _certificate(observed: Observation, service: str) -> str | None:
    """The service's own, as it was read with its settings; a service that is asked for none has none by our hand."""
    settings = observed.settings.get(service)
    if settings is None:
        return ""
    return settings.certificate if settings.known else None


def _findings(
    reader: Reader,
    reach: Reach,
    asked: dict[Asked, list[int]],
    clients: dict[str, frozenset[str]],
    admits: dict[str, frozenset[Ingress]],
    cidrs: dict[str, tuple[str, ...]],
) -> dict[str, Finding]:
    """What was found before and could not be read this time is found still."""
    before = found_before(reader.run)
    found: dict[str, Finding] = {}
    if asked:
        balancers = reach.balancers(reader.member, asked, described=reader.described, listeners=reader.listeners)
        lattice = reach.lattice(reader.member, balancers.values())
        for one, facts in balancers.items():
            finding = unreachable_service(
                facts, lattice, certificate=one.certificate, weights=asked[one], prefix=reader.network.prefix
            )
            last = before.get(one.load_balancer)
            if finding is None and last and last.code in unsure_of_service(facts, lattice, one.certificate):
                finding = last
            found |= {one.load_balancer: finding} if finding else {}
    hidden = LOAD_BALANCERS in reader.unread
    found |= {key: one for key, one in before.items() if key in reader.unread or (hidden and key.startswith("arn:"))}
    for vpc, of_vpc in (reach.vpcs(reader.member, clients, admits=admits) if clients else {}).items():
        finding = unreachable_client(of_vpc, cidrs.get(vpc, ()), reader.network.prefix)
        if finding is None and vpc in before and before[vpc].code in unsure_of_client(of_vpc):
            finding = before[vpc]
        found |= {vpc: finding} if finding else {}
    return found


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
