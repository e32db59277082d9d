"""TCP connections to resources: name, association or endpoint, gateway, groups and ACLs, database or host (facts R1).

A connection has no status: it comes about, or a hop stops it. Which names lead where is told by `entrances`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from moto.backends import get_backend
from onramp.core import matching
from onramp.core.trace import Hop

from localcloud.network import entrances
from localcloud.network.entrances import Entrance
from localcloud.network.view import Around, Reader
from localcloud.services.lattice.model import (
    EndpointAssociation,
    ResourceAssociation,
    ResourceConfiguration,
    ResourceGateway,
    VpcAssociation,
)

RESOURCES = "129.224.0.0/17"
"""From where resources get their addresses in clients' VPCs (facts R8)."""

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""Where a database may be of which nobody can tell more."""

_CARRYING = ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED")


class Client(NamedTuple):
    """Who connects. `groups` and `subnet` are those of the instance that has the address, if one has."""

    account: str
    vpc: str
    ip: str
    groups: tuple[str, ...] = ()
    subnet: str = ""


class _Stopped(Exception):
    """The walk ends here."""


class _End(NamedTuple):
    """What a resource comes to: where it is (`vpc` is '' where nobody can tell), whom it lets in, what listens."""

    addresses: tuple[str, ...]
    account: str
    groups: tuple[str, ...]
    ports: tuple[int, ...]
    what: str
    vpc: str
    subnets: tuple[str, ...]


def connect(cloud: Around, client: Client, host: str, port: int) -> tuple[Hop, ...]:
    """Walk a connection from `client` to `host`; the last hop has not passed where it is stopped."""
    walk = _Walk(cloud, client, host.lower().rstrip("."), port)
    with contextlib.suppress(_Stopped):
        walk.go()
    return tuple(walk.hops)


class _Walk:
    def __init__(self, cloud: Around, client: Client, host: str, port: int) -> None:
        self.cloud = cloud
        self.client = client
        self.host = host
        self.port = port
        self.reader = Reader(cloud)
        self.estate = cloud.lattice.estate
        self.hops: list[Hop] = []

    def passes(self, name: str, because: str) -> None:
        self.hops.append(Hop(name=name, passed=True, because=because))

    def stops(self, name: str, because: str) -> _Stopped:
        self.hops.append(Hop(name=name, passed=False, because=because))
        return _Stopped()

    def go(self) -> None:
        entrance = self.resolve()
        if entrance.endpoint is not None:
            configuration = self.estate.configurations.get(entrance.configuration)
            gateway = self.gateway_of(configuration) if configuration is not None else None
            self.endpoint(entrance.endpoint, gateway)
        else:
            self.egress((RESOURCES,))
            joined = self.vpc_association()
            self.security_group(joined)
            if entrance.association is not None and entrance.association.network_id != joined.network_id:
                text = f"{entrance.association.id} is with another network than {self.client.vpc}"
                raise self.stops("resource association", text)
        if entrance.association is not None:
            self.resource_association(entrance.association)
        configuration = self.configuration(entrance.configuration)
        end = self.end(configuration)
        self.target(self.gateway(configuration, end), end)

    # --- the client's side

    def demand_dns(self) -> None:
        if not self.reader.resolves(self.client.account, self.client.vpc):
            raise self.stops("dns", f"DNS support or DNS hostnames are off in {self.client.vpc}")

    def joined(self) -> list[VpcAssociation]:
        return list(self.estate.vpc_associations.where("vpc", self.cloud.region, self.client.vpc))

    def resolve(self) -> Entrance:
        name = "dns"
        self.demand_dns()
        target = dict(self.reader.aliases(self.host, self.client.vpc)).get(self.host, self.host)
        try:
            found = entrances.find(self.estate, self.cloud.region, self.client.vpc, self.host, target)
        except entrances.NoEntrance as wrong:
            raise self.stops(name, str(wrong)) from wrong
        self.passes(name, found.because)
        return found

    def egress(self, towards: tuple[str, ...], among: tuple[str, ...] = ()) -> None:
        """`towards`: the CIDRs of what is called, which is in the subnets `among` of the client's own VPC, if any."""
        if not self.client.groups:
            return
        name = "egress"
        where = ", ".join(towards)
        groups = self.reader.security_groups(self.client.account, frozenset(self.client.groups))
        letting = next((it.id for it in groups if matching.lets_out(it, self.port, towards, 4)), None)
        if letting is None:
            names = ", ".join(self.client.groups)
            raise self.stops(name, f"no outbound rule of {names} lets the client out to {where} on port {self.port}")
        acl = self.reader.network_acl(self.client.account, self.client.subnet)
        # What stays in its subnet passes none.
        if self.client.subnet not in among:
            for outwards, ports in ((True, [self.port]), (False, matching.asked_from(acl))):
                passing = (matching.acl_passes(acl, one, at, egress=outwards) for one in towards for at in ports)
                if not any(passing):
                    way = f"out to {where} on port {self.port}" if outwards else f"back from {where}"
                    raise self.stops(name, f"network ACL {acl.id} of the client's subnet lets nothing {way}")
        self.passes(name, f"{letting} lets the client out to port {self.port}; {acl.id} lets it pass both ways")

    def endpoint(self, it: EndpointAssociation, gateway: ResourceGateway | None) -> None:
        """Through a VPC endpoint, which has addresses in the client's own VPC; `gateway`: a resource's behind it."""
        name = "vpc endpoint"
        found = self.reader.endpoint(it.endpoint_owner, it.endpoint)
        if found is None or found.state.lower() != "available":
            state = "not there" if found is None else found.state
            raise self.stops(name, f"{it.endpoint} is {state}")
        subnets = tuple(found.subnet_ids or ())
        if gateway is not None:
            here = self.reader.zones(it.endpoint_owner, subnets)
            if not here & self.reader.zones(gateway.account, gateway.subnets):
                zones = ", ".join(sorted(here)) or "none"
                raise self.stops(
                    name, f"{it.endpoint} and gateway {gateway.name} have no availability zone in common ({zones})"
                )
        self.egress(self.reader.subnet_cidrs(it.endpoint_owner, subnets), subnets)
        groups = tuple(found.security_group_ids)
        letting = self.admitting(it.endpoint_owner, groups, (self.client.ip,), self.client.groups)
        if letting is None:
            text = f"no rule of {', '.join(groups)} admits {self.client.ip} to port {self.port} of {it.endpoint}"
            raise self.stops(name, text)
        self.passes(name, f"{it.endpoint} is {found.state}, and {letting} admits {self.client.ip} to port {self.port}")

    def vpc_association(self) -> VpcAssociation:
        name = "vpc association"
        mine = self.joined()
        if not mine:
            raise self.stops(name, f"{self.client.vpc} is not joined to any service network")
        live = [it for it in mine if it.status in _CARRYING]
        if not live:
            raise self.stops(name, f"the association of {self.client.vpc} is {mine[0].status}")
        network = self.estate.networks.get(live[0].network_id)
        self.passes(name, f"{self.client.vpc} is joined to network {network.name if network else live[0].network_id}")
        return live[0]

    def security_group(self, joined: VpcAssociation) -> None:
        name = "security group"
        if not joined.security_groups:
            self.passes(name, "the association has no security group: the whole VPC may call")
            return
        letting = self.admitting(joined.account, joined.security_groups, (self.client.ip,), self.client.groups)
        if letting is None:
            names = ", ".join(joined.security_groups)
            raise self.stops(name, f"no rule of {names} admits {self.client.ip} to port {self.port}")
        self.passes(name, f"{letting} admits {self.client.ip} to port {self.port}")

    # --- the resource's side

    def resource_association(self, association: ResourceAssociation) -> None:
        name = "resource association"
        if association.status not in ("ACTIVE", "PARTIAL"):
            raise self.stops(name, f"{association.id} is {association.status}")
        self.passes(name, f"{association.id} is {association.status}")

    def configuration(self, identifier: str) -> ResourceConfiguration:
        name = "resource configuration"
        configuration: ResourceConfiguration | None = self.estate.configurations.get(identifier)
        if configuration is None or configuration.status not in _CARRYING:
            status = "not there" if configuration is None else configuration.status
            raise self.stops(name, f"{identifier} is {status}")
        if configuration.type == "GROUP":
            raise self.stops(
                name, f"{configuration.name} is a group, which leads nowhere itself: ask by a child's name"
            )
        if configuration.ports and not any(_within(one, self.port) for one in configuration.ports):
            ports = ", ".join(configuration.ports)
            raise self.stops(name, f"{configuration.name} takes ports {ports}, not {self.port}")
        self.passes(name, f"{configuration.name} takes port {self.port}")
        return configuration

    def gateway(self, configuration: ResourceConfiguration, end: _End) -> ResourceGateway:
        name = "resource gateway"
        gateway = self.gateway_of(configuration)
        if gateway is None or gateway.status not in _CARRYING:
            status = "not there" if gateway is None else gateway.status
            raise self.stops(name, f"{configuration.gateway_id} is {status}")
        groups = self.reader.security_groups(gateway.account, frozenset(self.groups_of(gateway)))
        if not any(
            matching.opens(rule, self.port)
            and (
                set(rule.groups) & set(end.groups)
                or any(matching.meet(address, one) for address in end.addresses for one in rule.cidrs)
            )
            for group in groups
            for rule in group.egress
        ):
            names = ", ".join(self.groups_of(gateway))
            raise self.stops(name, f"no outbound rule of {names} lets gateway {gateway.name} out to {end.what}")
        if end.vpc not in ("", gateway.vpc_id) and not self.reader.peered(gateway.account, gateway.vpc_id, end.vpc):
            why = f"{end.what} is in {end.vpc}, and gateway {gateway.name} in {gateway.vpc_id}, which are not peered"
            raise self.stops(name, why)
        self.pass_acls(gateway, end)
        self.passes(name, f"gateway {gateway.name} of {gateway.vpc_id} leads to {end.what}")
        return gateway

    def pass_acls(self, gateway: ResourceGateway, end: _End) -> None:
        """From one of the gateway's subnets to one of the resource's, both ways; within a subnet no ACL is asked."""
        if not end.subnets or set(gateway.subnets) & set(end.subnets):
            return
        why = ""
        for near in gateway.subnets:
            for far in end.subnets:
                why = self.stopped_by_acl((gateway.account, near), (end.account, far))
                if not why:
                    return
        raise self.stops("resource gateway", f"{why} of {end.what} and gateway {gateway.name}")

    def stopped_by_acl(self, near: tuple[str, str], far: tuple[str, str]) -> str:
        here, there = self.reader.network_acl(*near), self.reader.network_acl(*far)
        [own], [theirs] = self.reader.subnet_cidrs(near[0], near[1:]), self.reader.subnet_cidrs(far[0], far[1:])
        asked = [self.port]
        for acl, towards, ports, egress in (
            (here, theirs, asked, True),
            (there, own, asked, False),
            (there, own, matching.asked_from(there), True),
            (here, theirs, matching.asked_from(here), False),
        ):
            if not any(matching.acl_passes(acl, towards, port, egress=egress) for port in ports):
                way = f"out to {towards}" if egress else f"in from {towards}"
                what = f"port {self.port}" if ports is asked else "the answers"
                return f"network ACL {acl.id} lets {what} not {way}, between the subnets"
        return ""

    def gateway_of(self, configuration: ResourceConfiguration) -> ResourceGateway | None:
        found: ResourceGateway | None = self.estate.gateways.get(configuration.gateway_id)
        return found

    def groups_of(self, gateway: ResourceGateway) -> tuple[str, ...]:
        """Without any, the VPC's default one (facts R3)."""
        return gateway.security_groups or (self.reader.default_group(gateway.account, gateway.vpc_id),)

    def end(self, configuration: ResourceConfiguration) -> _End:
        """What stands behind the gateway, found as the gateway would find it."""
        gateway = self.gateway_of(configuration)
        definition = configuration.definition or {}
        account, vpc = configuration.account, gateway.vpc_id if gateway else ""
        if "arnResource" in definition:
            kind, named = definition["arnResource"]["arn"].split(":")[5:7]
            found = self.database(account, lambda it: it == (kind, named))
            if found is None:
                raise self.stops("target", f"{definition['arnResource']['arn']} is not there")
            return found
        if "ipResource" in definition:
            return self.host_at(account, vpc, definition["ipResource"]["ipAddress"])
        name = definition["dnsResource"]["domainName"].lower().rstrip(".")
        found = self.database(account, lambda _: False, name)
        if found is not None:
            return found
        private = gateway is not None and gateway.resolution == "IN_VPC"
        records = dict(self.reader.aliases(name, vpc if private else ""))
        if name not in records:
            where = f"in {vpc}" if private else "in public DNS"
            raise self.stops("target", f"the gateway resolves names {where}, and there {name} is not known")
        return self.host_at(account, vpc, records[name])

    def database(self, account: str, wanted: Any, name: str = "") -> _End | None:
        """The instance or cluster that `wanted` ("db" or "cluster", id) chooses, or whose endpoint is `name`."""
        rds = get_backend("rds")[account][self.cloud.region]
        for known, one in rds.databases.items():
            if wanted(("db", known)) or (name and one.address == name):
                groups = tuple(one.vpc_security_group_ids)
                return self.stored(known, account, groups, one.port, one.status, [one])
        for known, cluster in rds.clusters.items():
            if wanted(("cluster", known)) or (name and name in (cluster.endpoint, cluster.reader_endpoint)):
                members = [it for it in rds.databases.values() if it.db_cluster_identifier == known]
                theirs = {*cluster.vpc_security_group_ids, *(it for of in members for it in of.vpc_security_group_ids)}
                status = cluster.status if members else "without an instance"
                return self.stored(known, account, tuple(sorted(theirs)), cluster.port, status, members)
        return None

    def host_at(self, account: str, vpc: str, address: str) -> _End:
        instance = self.reader.machine(account, vpc, address)
        if instance is None:
            raise self.stops("target", f"nothing is at {address} in {vpc}")
        groups, running, ports, subnet = instance
        if not running:
            raise self.stops("target", f"what is at {address} is not running")
        return _End((address,), account, groups, ports, address, vpc, (subnet,))

    def stored(
        self, name: str, account: str, groups: tuple[str, ...], port: Any, status: str, instances: Iterable[Any]
    ) -> _End:
        """A database: at one of its subnet group's addresses, of which nobody can tell which."""
        available = status == "available"
        what = f"database {name}" if available else f"database {name}, which is {status},"
        ports = (int(port or 0),) if available else ()
        of_groups = (getattr(one, "db_subnet_group", None) for one in instances)
        subnets = tuple(
            sorted({one["SubnetIdentifier"] for group in of_groups if group is not None for one in group.subnets})
        )
        vpc, cidrs = self.reader.vpc_of(account, subnets, groups)
        return _End(cidrs or _PRIVATE, account, groups, ports, what, vpc, subnets)

    def target(self, gateway: ResourceGateway, end: _End) -> None:
        name = "target"
        sources = self.reader.subnet_cidrs(gateway.account, gateway.subnets)
        if self.admitting(end.account, end.groups, sources, self.groups_of(gateway)) is None:
            names = ", ".join(end.groups) or "it has none"
            raise self.stops(
                name,
                f"no security group of {end.what} ({names}) admits gateway {gateway.name} to port {self.port}: "
                "it asks from its own subnets, not from the client's address",
            )
        if self.port not in end.ports:
            raise self.stops(name, f"nothing listens on port {self.port} of {end.what}")
        self.passes(name, f"{end.what} takes the connection on port {self.port}")

    def admitting(
        self, account: str, groups: Iterable[str], addresses: tuple[str, ...], callers: tuple[str, ...]
    ) -> str | None:
        """The first group that lets one of `addresses`, or a member of `callers`, in."""
        for group in self.reader.security_groups(account, frozenset(groups)):
            if any(matching.admits(rule, self.port, one, callers) for rule in group.ingress for one in addresses):
                return group.id
        return None


def _within(span: str, port: int) -> bool:
    first, _, last = span.partition("-")
    return int(first) <= port <= int(last or first)
