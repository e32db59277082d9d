"""TCP connections to resources of a network: name, association, gateway, security groups, database or host (facts R1).

A connection has no status: it comes about, or a hop stops it. Where AWS's documents and what was tried contradict each
other about a name, the one that costs a user nothing is taken: a name that may not lead there leads nowhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from moto.backends import get_backend
from onramp.core import matching
from onramp.core.trace import Hop

from localcloud.network.view import Around, Reader
from localcloud.services.lattice.model import (
    ResourceAssociation,
    ResourceConfiguration,
    ResourceGateway,
    VpcAssociation,
)

RESOURCES = "129.224.0.0/17"
"""From where resources get their addresses in clients' VPCs (facts R8)."""

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
    """What a resource comes to: where it is, whom its groups let in, and what listens on it."""

    address: str
    account: str
    groups: tuple[str, ...]
    ports: tuple[int, ...]
    what: str


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
        association = self.resolve()
        self.egress()
        joined = self.vpc_association()
        self.security_group(joined)
        self.resource_association(association, joined)
        configuration = self.configuration(association)
        end = self.end(configuration)
        self.target(self.gateway(configuration, end), end)

    # --- the client's side

    def joined(self) -> list[VpcAssociation]:
        return list(self.estate.vpc_associations.where("vpc", self.cloud.region, self.client.vpc))

    def resolve(self) -> ResourceAssociation:
        name = "dns"
        if not self.reader.resolves(self.client.account, self.client.vpc):
            raise self.stops(name, f"DNS support or DNS hostnames are off in {self.client.vpc}")
        target = dict(self.reader.aliases(self.host, self.client.vpc)).get(self.host, self.host)
        here = [it for it in self.estate.resource_associations if it.region == self.cloud.region]
        generated = next((it for it in here if it.domain == target), None)
        if generated is not None:
            self.passes(name, f"{self.host} is the name of resource association {generated.id}")
            return generated
        why = f"no resource of a network has the name {self.host}"
        for association in here:
            configuration = self.estate.configurations.get(association.configuration_id)
            if configuration is None or (configuration.custom_domain or "").lower() != self.host:
                continue
            why = self.no_zone(association, configuration)
            if not why:
                self.passes(name, f"{self.client.vpc} has a zone of Lattice's for {self.host}")
                return association
        raise self.stops(name, f"{why}; the generated name always resolves")

    def no_zone(self, association: ResourceAssociation, configuration: ResourceConfiguration) -> str:
        """Why Lattice makes no private zone for a custom name in the client's VPC; '' where it does (facts R8)."""
        if configuration.managed:
            return f"whether {self.host}, the database's own name, leads through Lattice is disputed"
        mine = next((it for it in self.joined() if it.network_id == association.network_id), None)
        if mine is None:
            return f"{self.client.vpc} is not in the network that has {self.host}"
        if not association.private_dns:
            return f"private DNS of association {association.id} is off"
        if not mine.private_dns:
            return f"private DNS of the association of {self.client.vpc} is off"
        options = mine.dns_options or {}
        preference = options.get("privateDnsPreference", "VERIFIED_DOMAINS_ONLY")
        verification = self.estate.verifications.get(configuration.verification or "")
        verified = verification is not None and verification.verified is not None
        specified = any(_names(one, self.host) for one in options.get("privateDnsSpecifiedDomains", ()))
        admitted = {
            "ALL_DOMAINS": True,
            "VERIFIED_DOMAINS_ONLY": verified,
            "SPECIFIED_DOMAINS_ONLY": specified,
            "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS": verified or specified,
        }[preference]
        return "" if admitted else f"{self.client.vpc} takes no zone for {self.host}: its preference is {preference}"

    def egress(self) -> None:
        if not self.client.groups:
            return
        name = "egress"
        groups = self.reader.security_groups(self.client.account, set(self.client.groups))
        letting = next((it.id for it in groups if matching.lets_out(it, self.port, [RESOURCES], 4)), None)
        if letting is None:
            names = ", ".join(self.client.groups)
            raise self.stops(
                name, f"no outbound rule of {names} lets the client out to {RESOURCES} on port {self.port}"
            )
        acl = self.reader.network_acl(self.client.account, self.client.subnet)
        for outwards, ports in ((True, [self.port]), (False, matching.asked_from(acl))):
            if not any(matching.acl_passes(acl, RESOURCES, one, egress=outwards) for one in ports):
                way = f"out to {RESOURCES} on port {self.port}" if outwards else f"back from {RESOURCES}"
                raise self.stops(name, f"network ACL {acl.id} of the client's subnet lets nothing {way}")
        self.passes(name, f"{letting} lets the client out to port {self.port}; {acl.id} lets it pass both ways")

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

    def resource_association(self, association: ResourceAssociation, joined: VpcAssociation) -> None:
        name = "resource association"
        if association.network_id != joined.network_id:
            raise self.stops(name, f"{association.id} is with another network than {self.client.vpc}")
        if association.status not in ("ACTIVE", "PARTIAL"):
            raise self.stops(name, f"{association.id} is {association.status}")
        self.passes(name, f"{association.id} is {association.status}")

    def configuration(self, association: ResourceAssociation) -> ResourceConfiguration:
        name = "resource configuration"
        configuration = self.estate.configurations.get(association.configuration_id)
        if configuration is None or configuration.status not in _CARRYING:
            status = "not there" if configuration is None else configuration.status
            raise self.stops(name, f"{association.configuration_id} is {status}")
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
        groups = self.reader.security_groups(gateway.account, set(self.groups_of(gateway)))
        if not any(
            matching.opens(rule, self.port)
            and (set(rule.groups) & set(end.groups) or any(matching.meet(end.address, one) for one in rule.cidrs))
            for group in groups
            for rule in group.egress
        ):
            names = ", ".join(self.groups_of(gateway))
            raise self.stops(name, f"no outbound rule of {names} lets gateway {gateway.name} out to {end.what}")
        self.passes(name, f"gateway {gateway.name} of {gateway.vpc_id} leads to {end.what}")
        return gateway

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
                return _database(known, account, groups, one.port, one.status)
        for known, cluster in rds.clusters.items():
            if wanted(("cluster", known)) or (name and name in (cluster.endpoint, cluster.reader_endpoint)):
                members = [it for it in rds.databases.values() if it.db_cluster_identifier == known]
                theirs = {*cluster.vpc_security_group_ids, *(it for of in members for it in of.vpc_security_group_ids)}
                status = cluster.status if members else "without an instance"
                return _database(known, account, tuple(sorted(theirs)), cluster.port, status)
        return None

    def host_at(self, account: str, vpc: str, address: str) -> _End:
        instance = self.reader.machine(account, vpc, address)
        if instance is None:
            raise self.stops("target", f"nothing is at {address} in {vpc}")
        groups, running, ports = instance
        if not running:
            raise self.stops("target", f"what is at {address} is not running")
        return _End(address, account, groups, ports, address)

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
        for group in self.reader.security_groups(account, set(groups)):
            if any(matching.admits(rule, self.port, one, callers) for rule in group.ingress for one in addresses):
                return group.id
        return None


def _database(name: str, account: str, groups: tuple[str, ...], port: Any, status: str) -> _End:
    """Its address is some private one: whoever is let out to it is let out to its group, or to private addresses."""
    available = status == "available"
    what = f"database {name}" if available else f"database {name}, which is {status},"
    return _End("10.0.0.0/8", account, groups, (int(port or 0),) if available else (), what)


def _within(span: str, port: int) -> bool:
    first, _, last = span.partition("-")
    return int(first) <= port <= int(last or first)


def _names(specified: str, host: str) -> bool:
    """`example.jp`, or `*.example.jp` for what is below it."""
    wanted = specified.lower()
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted
