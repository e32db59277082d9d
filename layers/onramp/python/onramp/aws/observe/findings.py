"""What a look found to be joined, and of that what keeps all requests out."""

from typing import NamedTuple

from msgspec.structs import replace

from onramp.aws.errors import translated
from onramp.aws.observe import wishes
from onramp.aws.observe.reader import Reader, id_of
from onramp.aws.reach import Reach
from onramp.core import names
from onramp.core.desired import TARGET_PROTOCOLS, Backend, Desired, desired
from onramp.core.model import LOAD_BALANCERS, VPCS, Ingress, Observation, Service
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
            asked = {one: sent for one, sent in self._asked.items() if one.load_balancer in doubted}
            clients = {vpc: groups for vpc, groups in self._clients.items() if vpc in doubted}
            cidrs = {vpc.id: vpc.cidrs for vpc in self.observation.vpcs}
            found = _findings(self._reader, self._reach, asked, clients, admits, cidrs)
            # Who left goes on where nobody else could answer: then it is asked of him, too. So it is of where he who
            # cannot answer at the port that his tags ask for is sent to still.
            left = [one for asking, behind in self._left if found.keys() >= asking for one in behind.items()]
            other = [one for one in self._elsewhere.items() if one[0].load_balancer in found]
            more = _findings(self._reader, self._reach, dict((*left, *other)), {}, admits, {}) if left or other else {}
            return more | {key: replace(one, everywhere=key in more) for key, one in found.items()}


class Sent(NamedTuple):
    """By which service it is sent requests, and the weights that decide whether it gets any."""

    service: str
    weights: list[int]


def _asked(reader: Reader, observed: Observation, want: Desired) -> dict[Asked, Sent]:
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
            host=_host(joined[wanted.name], backend.protocol),
        ): Sent(wanted.name, _weights(observed, joined[wanted.name], backend))
        for wanted in want.services
        if wanted.name in joined
        for backend in wanted.backends
        if backend.target_group in filled
    }
    again = {one.load_balancer for one in asked}
    still = _serving_still(reader, observed, want, list(joined.values()))
    return asked | {one: sent for one, sent in still.items() if one.load_balancer not in again}


def _serving_still(reader: Reader, observed: Observation, want: Desired, joined: list[Service]) -> dict[Asked, Sent]:
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
        one: sent
        for service in joined
        for one, sent in _behind(reader.network, observed, want, service).items()
        if service.name in whole or one.load_balancer in watched
    }


def _left(network: Network, observed: Observation, want: Desired) -> list[tuple[frozenset[str], dict[Asked, Sent]]]:
    """Of each service on the network that somebody asks for: those behind it who do, or ask for something else by now,
    and those who ask for nothing, any more or ever.
    """
    asking = {wanted.name: frozenset(wanted.load_balancers) for wanted in want.services}
    found = []
    for service in observed.services:
        behind = _behind(network, observed, want, service) if service.owned and answers(network, service) else {}
        left = {one: sent for one, sent in behind.items() if one.load_balancer not in want.named}
        others = frozenset(one.load_balancer for one in behind) - frozenset(one.load_balancer for one in left)
        ask = asking.get(service.name, others)
        found += [(ask & others, left)] if ask and left else []
    return found


def _elsewhere(network: Network, observed: Observation, want: Desired, asked: dict[Asked, Sent]) -> dict[Asked, Sent]:
    """Of the load balancers that are asked about, where else a service on the network sends to them."""
    ports = {one.load_balancer: one.port for one in asked}
    return {
        one: sent
        for service in observed.services
        if service.owned and answers(network, service)
        for one, sent in _behind(network, observed, want, service).items()
        if ports.get(one.load_balancer, one.port) != one.port
    }


def _behind(network: Network, observed: Observation, want: Desired, service: Service) -> dict[Asked, Sent]:
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
            host=_host(service, protocol),
        ): Sent(service.name, [to.weight for listener in service.listeners for to in listener.sends])
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


def _host(service: Service, protocol: str) -> str:
    """The name that clients ask the load balancer itself for: TCP is what TLS passes through by."""
    return service.custom_domain if protocol == "TCP" else ""


def _findings(
    reader: Reader,
    reach: Reach,
    asked: dict[Asked, Sent],
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
            service, weights = asked[one]
            finding = unreachable_service(
                facts, lattice, certificate=one.certificate, weights=weights, prefix=reader.network.prefix
            )
            last = before.get(one.load_balancer)
            if finding is None and last and last.code in unsure_of_service(facts, lattice, one.certificate):
                finding = last
            if finding is not None:
                finding = replace(finding, service=service if finding.code in OF_A_SERVICE else "")
            found |= {one.load_balancer: finding} if finding else {}
    hidden = LOAD_BALANCERS in reader.unread
    found |= {key: one for key, one in before.items() if key in reader.unread or (hidden and key.startswith("arn:"))}
    for vpc, of_vpc in (reach.vpcs(reader.member, clients, admits=admits) if clients else {}).items():
        finding = unreachable_client(of_vpc, cidrs.get(vpc, ()), reader.network.prefix)
        if finding is None and vpc in before and before[vpc].code in unsure_of_client(of_vpc):
            finding = before[vpc]
        found |= {vpc: finding} if finding else {}
    return found
