"""What a look found to be joined, and of that what keeps all requests out."""

from typing import NamedTuple

from msgspec.structs import replace

from onramp.aws.errors import translated
from onramp.aws.observe import wishes
from onramp.aws.observe.reader import Reader, id_of
from onramp.aws.reach import Reach
from onramp.core import names, tags
from onramp.core.desired import TARGET_PROTOCOLS, Backend, Desired, desired
from onramp.core.model import LOAD_BALANCERS, VPCS, Ingress, Observation, Service, Vpc
from onramp.core.network import Network
from onramp.core.plan.clients import SERVES
from onramp.core.plan.ground import answers, groups_of
from onramp.core.reach import (
    OF_A_SERVICE,
    Asked,
    Finding,
    unreachable_client,
    unreachable_service,
    unsure_of_client,
    unsure_of_service,
)
from onramp.core.rounds import found as found_before


class Place(NamedTuple):
    """Where a service sends to, and the weights that decide whether it gets any."""

    service: str
    asked: Asked
    weights: tuple[int, ...]

    @property
    def balancer(self) -> str:
        return self.asked.load_balancer


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
        self.joined = frozenset({one.balancer for one in self._asked} | self._clients.keys())

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
            clients = {vpc: groups for vpc, groups in self._clients.items() if vpc in doubted}
            own = _at(self._reader, self._reach, [one for one in self._asked if one.balancer in doubted])
            unread = _unread(self._reader)
            found = _together(own) | unread
            # Who left goes on where nobody else could answer: then it is asked of him, too. So it is of where he who
            # cannot answer as his tags ask for is sent to still.
            left = [one for asking, behind in self._left if found.keys() >= asking for one in behind]
            other = [one for one in self._elsewhere if self._differs(one, found.get(one.balancer))]
            more = _at(self._reader, self._reach, list(dict.fromkeys((*left, *other))))
            of_clients = _of_clients(self._reader, self._reach, clients, admits, self.observation.vpcs)
            return _together(own, more) | unread | of_clients

    def _differs(self, place: Place, found: Finding | None) -> bool:
        """Does what was found where its tags ask for say nothing of this place?"""
        ports = {one.asked.port for one in self._asked if one.balancer == place.balancer}
        return found is not None and (found.code in OF_A_SERVICE or place.asked.port not in ports)


type Looked = dict[str, list[Finding | None]]
"""Load balancer -> what is found at each place that was looked at."""


def _asked(reader: Reader, observed: Observation, want: Desired) -> list[Place]:
    """What is joined, with the weights that its service's listeners give: what is not has an answer of its own."""
    network = reader.network
    joined = {service.name: service for service in observed.services if service.owned and answers(network, service)}
    filled = {group.name for group in observed.target_groups if group.targets}
    asked = [
        Place(
            wanted.name,
            Asked(
                load_balancer=backend.load_balancer,
                protocol=backend.protocol,
                port=backend.port,
                certificate=_certificate(observed, want, joined[wanted.name]),
                host=_host(joined[wanted.name], backend.protocol),
            ),
            _weights(observed, joined[wanted.name], backend),
        )
        for wanted in want.services
        if wanted.name in joined
        for backend in wanted.backends
        if backend.target_group in filled
    ]
    # Who is not sent to yet where its tags ask for serves on where it was, until that is so.
    sent = {group.name for service in joined.values() for group in groups_of(observed, service)}
    groups = {backend.load_balancer: backend.target_group for found in want.services for backend in found.backends}
    there = {one.balancer for one in asked if groups[one.balancer] in sent}
    # So does, beside where they ask and are sent to by now, what is held, and what did not answer before.
    held, again = _held(reader), {(one.service, one.asked) for one in asked}
    doubted = found_before(reader.run)
    return asked + [
        one
        for one in _serving_still(reader, observed, want, list(joined.values()), held)
        if (one.service, one.asked) not in again
        and (
            one.balancer not in there
            or one.service in held
            or (one.balancer in doubted and doubted[one.balancer].is_of(one.service))
        )
    ]


def _held(reader: Reader) -> set[str]:
    """Services that nobody asks for any more, and that may go on for good."""
    run = reader.run
    states = run.plan.services if run.plan else run.memory.services
    return {state.name for state in states if state.status == "held"}


def _serving_still(
    reader: Reader, observed: Observation, want: Desired, joined: list[Service], held: set[str]
) -> list[Place]:
    """What serves on although its wish cannot be met now, or though it is to leave and cannot: whether it answers is
    told of it as of all others. While something that is on its way comes about, that is nobody's question.
    """
    run = reader.run
    refused = run.plan.refusals if run.plan else run.memory.refusals
    whole = held | (set(want.named.values()) - {wanted.name for wanted in want.services})
    watched = {refusal.resource for refusal in (*want.refusals, *refused)}
    watched |= want.settling.keys() | found_before(run).keys() | _stuck(observed, want)
    if run.failures or run.memory.failed:
        watched |= want.named.keys()
    return [
        one
        for service in joined
        for one in _behind(reader.network, observed, want, service)
        if service.name in whole or one.balancer in watched
    ]


def _stuck(observed: Observation, want: Desired) -> set[str]:
    """Who asks for a sibling's network, and was told there more than that it is on its way: it may be here for good."""
    said = {one.arn: one.tags.get(tags.STATUS, "") for one in observed.load_balancers if one.arn in want.moving}
    return {arn for arn, status in said.items() if status not in {"", *tags.GOES_ON}}


def _left(network: Network, observed: Observation, want: Desired) -> list[tuple[frozenset[str], list[Place]]]:
    """Of each service on the network that somebody asks for: those behind it who do, or where nobody does those who ask
    for something else by now, and where it sends to who does not ask for it, any more or ever.
    """
    found = []
    for service in observed.services:
        behind = _behind(network, observed, want, service) if service.owned and answers(network, service) else []
        left = [one for one in behind if want.named.get(one.balancer) != service.name]
        others = frozenset(one.balancer for one in behind if one.balancer in want.named)
        ask = frozenset(key for key, name in want.named.items() if name == service.name) or others
        found += [(ask & others, left)] if ask and left else []
    return found


def _elsewhere(network: Network, observed: Observation, want: Desired, asked: list[Place]) -> list[Place]:
    """Of the load balancers that are asked about, where else a service on the network sends to them."""
    about, again = {one.balancer for one in asked}, {(one.service, one.asked) for one in asked}
    return [
        one
        for service in observed.services
        if service.owned and answers(network, service)
        for one in _behind(network, observed, want, service)
        if one.balancer in about and (one.service, one.asked) not in again
    ]


def _behind(network: Network, observed: Observation, want: Desired, service: Service) -> list[Place]:
    """Every load balancer that the service sends to, by rules that somebody else made, too, at the port that its target
    was registered with. By which protocol is told by its group's name; of what somebody else put there, by the wish for
    that group, and of a group that is not ours by what listens there.
    """
    vpcs = {one.arn: one.vpc for one in observed.load_balancers}
    listens = {(one.arn, it.port): it.protocol for one in observed.load_balancers for it in one.listeners or ()}
    by_others = {to.target_group for listener in service.listeners for to in listener.by_others}
    beside = [one for one in observed.target_groups if id_of(one.arn) in by_others]
    spoken = {backend.target_group: backend.protocol for wanted in want.services for backend in wanted.backends}
    return [
        Place(
            service.name,
            Asked(
                load_balancer=target.id,
                protocol=protocol,
                port=target.port,
                certificate=_certificate(observed, want, service),
                host=_host(service, protocol),
            ),
            tuple(to.weight for listener in service.listeners for to in listener.sends),
        )
        for group in dict.fromkeys((*groups_of(observed, service), *beside))
        for target in group.targets
        if target.id in vpcs
        for protocol in TARGET_PROTOCOLS
        if spoken.get(group.name) == protocol
        or (not group.owned and listens.get((target.id, target.port)) == protocol)
        or group.name
        == names.target_group(network.name, service.name, target.id, protocol, target.port, vpcs[target.id])
    ]


def _weights(observed: Observation, service: Service, backend: Backend) -> tuple[int, ...]:
    """Of all that get requests where it asks for some: by default, or by the rules that send to it."""
    if not backend.rules:
        return tuple(to.weight for listener in service.listeners for to in listener.forwards)
    group = next(found.arn for found in observed.target_groups if found.name == backend.target_group)
    rules = [rule for listener in service.listeners for rule in listener.own_rules]
    mine = [rule for rule in rules if any(to.target_group == id_of(group) for to in rule.forwards)]
    return tuple(to.weight for rule in mine for to in rule.forwards)


def _certificate(observed: Observation, want: Desired, service: Service) -> str | None:
    """The service's own, as it was read with its settings; a service that is asked for none has none by our hand. One
    with a domain that nobody asks for any more has what it had, which is not read.
    """
    settings = observed.settings.get(service.name)
    if settings is None:
        left = all(wanted.name != service.name for wanted in want.services)
        return None if left and service.custom_domain else ""
    return settings.certificate if settings.known else None


def _host(service: Service, protocol: str) -> str:
    """The name that clients ask the load balancer itself for: TCP is what TLS passes through by."""
    return service.custom_domain if protocol == "TCP" else ""


def _at(reader: Reader, reach: Reach, places: list[Place]) -> Looked:
    """Load balancer -> what is found at each of these places. What was found before, and could not be read this time,
    is found still.
    """
    if not places:
        return {}
    before = found_before(reader.run)
    found: Looked = {}
    sent_to = [one.asked for one in places]
    balancers = reach.balancers(reader.member, sent_to, described=reader.described, listeners=reader.listeners)
    lattice = reach.lattice(reader.member, balancers.values())
    for service, asked, weights in places:
        facts = balancers[asked]
        finding = unreachable_service(
            facts, lattice, certificate=asked.certificate, weights=weights, prefix=reader.network.prefix
        )
        last = before.get(asked.load_balancer)
        if finding is None and last and last.is_of(service) and last.is_at(asked.port):
            finding = last if last.code in unsure_of_service(facts, lattice, asked.certificate) else None
        finding = replace(finding, service=service, port=asked.port, everywhere=False) if finding else None
        found.setdefault(asked.load_balancer, []).append(finding)
    return found


def _together(own: Looked, more: Looked | None = None) -> dict[str, Finding]:
    """Load balancer -> what is told of it: of where its tags ask for before `more`, where it is sent to besides."""
    beside = more or {}
    found: dict[str, Finding] = {}
    for key in own.keys() | beside.keys():
        mine, others = own.get(key, []), beside.get(key, [])
        there = [one for one in (*mine, *others) if one is not None]
        if there:
            first = there[0]
            plain = bool(mine) and None not in mine and first.code not in OF_A_SERVICE
            everywhere = len(there) == len(mine) + len(others) > 1
            found[key] = replace(first, service="" if plain else first.service, everywhere=everywhere)
    return found


def _unread(reader: Reader) -> dict[str, Finding]:
    """What was found before of those that cannot be read this time."""
    hidden = LOAD_BALANCERS in reader.unread
    before = found_before(reader.run)
    return {key: one for key, one in before.items() if key in reader.unread or (hidden and key.startswith("arn:"))}


def _of_clients(
    reader: Reader,
    reach: Reach,
    clients: dict[str, frozenset[str]],
    admits: dict[str, frozenset[Ingress]],
    vpcs: tuple[Vpc, ...],
) -> dict[str, Finding]:
    """VPC -> what is found of it. What was found before, and could not be read this time, is found still."""
    before = found_before(reader.run)
    prefix, there = reader.network.prefix, {vpc.id: vpc for vpc in vpcs}
    by_own = {vpc.id for vpc in vpcs if prefix + tags.SECURITY_GROUPS in vpc.tags}
    found: dict[str, Finding] = {}
    for vpc, of_vpc in (reach.vpcs(reader.member, clients, admits=admits) if clients else {}).items():
        cidrs = there[vpc].cidrs if vpc in there else ()
        finding = unreachable_client(of_vpc, cidrs, "" if vpc in by_own else prefix + tags.ALLOW_FROM)
        if finding is None and vpc in before and before[vpc].code in unsure_of_client(of_vpc):
            finding = before[vpc]
        found |= {vpc: finding} if finding else {}
    return found
