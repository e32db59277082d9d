"""By which name a client's VPC gets to a resource, and through what: an association, or an endpoint (facts R6, R8).

Where AWS's documents and what was tried contradict each other about a name, the one that costs a user nothing is taken:
a name that may not lead there leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.services.lattice import endpoints
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import (
    EndpointAssociation,
    ResourceAssociation,
    ResourceConfiguration,
    Service,
    VpcAssociation,
)

_NOWHERE = "the generated name always resolves"


@dataclass(frozen=True)
class Entrance:
    """`association`: with a network, none of an endpoint of type Resource; `endpoint`: none of a VPC in a network."""

    configuration: str
    association: ResourceAssociation | None
    endpoint: EndpointAssociation | None
    because: str


class NoEntrance(Exception):
    """The name leads to no resource; the text says why."""


@dataclass(frozen=True)
class Served:
    """A service of a network, by the name that it has through an endpoint of type ServiceNetwork."""

    service: Service
    network: str
    endpoint: EndpointAssociation


def served(estate: Estate, region: str, name: str) -> Served | None:
    """The service whose name through an endpoint that is, whosever VPC the endpoint is in."""
    for it in estate.things.values():
        if isinstance(it, EndpointAssociation) and it.region == region:
            for service, found in endpoints.services(estate, it):
                if found == name:
                    return Served(service, it.target, it)
    return None


def by_private_name(estate: Estate, region: str, vpc: str, host: str) -> str:
    """The name through an endpoint of this VPC that a service's own domain leads to there, else ''."""
    for it in estate.things.values():
        if isinstance(it, EndpointAssociation) and (it.region, it.vpc_id) == (region, vpc):
            for service, name in endpoints.services(estate, it):
                if host and endpoints.private_name(it, service) == host:
                    return name
    return ""


def find(estate: Estate, region: str, vpc: str, host: str, target: str) -> Entrance:
    """What `host` leads to from a VPC; `target` is what records make of it, else the same. NoEntrance for nothing."""
    generated = next((it for it in estate.resource_associations if it.region == region and it.domain == target), None)
    if generated is not None:
        because = f"{host} is the name of resource association {generated.id}"
        return Entrance(generated.configuration_id, generated, None, because)
    own = [it for it in estate.things.values() if isinstance(it, EndpointAssociation) and it.region == region]
    for endpoint in own:
        for configuration, association, (name, _) in endpoints.resources(estate, endpoint):
            if name == target:
                if endpoint.vpc_id != vpc:
                    raise NoEntrance(f"{host} is a name of {endpoint.endpoint}, which is in {endpoint.vpc_id}")
                because = f"{host} is a name of endpoint {endpoint.endpoint}"
                return Entrance(configuration.id, association, endpoint, because)
    why = f"no resource of a network has the name {host}; {_NOWHERE}"
    for found, wrong in _by_own_names(estate, region, vpc, host, [it for it in own if it.vpc_id == vpc]):
        if not wrong:
            return found
        why = f"{wrong}; {_NOWHERE}"
    raise NoEntrance(why)


def _by_own_names(
    estate: Estate, region: str, vpc: str, host: str, own: Iterable[EndpointAssociation]
) -> Iterator[tuple[Entrance, str]]:
    """What has the name for its own, and why Lattice makes no zone for it in the VPC; '' where it does."""
    for endpoint in own:
        for configuration, association, _ in endpoints.resources(estate, endpoint):
            # Tried with endpoints: a target's own name leads through them, too, and needs no custom one (facts R8).
            target = str(((configuration.definition or {}).get("dnsResource") or {}).get("domainName", ""))
            if host in (_custom(configuration), target.lower().rstrip(".")):
                because = f"{vpc} has a zone of endpoint {endpoint.endpoint} for {host}"
                found = Entrance(configuration.id, association, endpoint, because)
                yield found, _no_zone_of_endpoint(estate, configuration, association, endpoint, host)
    joined = list(estate.vpc_associations.where("vpc", region, vpc))
    for one in estate.resource_associations:
        there = estate.configurations.get(one.configuration_id)
        if one.region == region and there is not None and _custom(there) == host:
            because = f"{vpc} has a zone of Lattice's for {host}"
            yield Entrance(there.id, one, None, because), _no_zone(estate, there, one, joined, vpc, host)


def _custom(configuration: ResourceConfiguration) -> str:
    return (configuration.custom_domain or "").lower()


def _no_zone(
    estate: Estate,
    configuration: ResourceConfiguration,
    association: ResourceAssociation,
    joined: Iterable[VpcAssociation],
    vpc: str,
    host: str,
) -> str:
    if configuration.managed:
        return f"whether {host}, the database's own name, leads through Lattice is disputed"
    mine = next((it for it in joined if it.network_id == association.network_id), None)
    if mine is None:
        return f"{vpc} is not in the network that has {host}"
    if not association.private_dns:
        return f"private DNS of association {association.id} is off"
    if not mine.private_dns:
        return f"private DNS of the association of {vpc} is off"
    options = mine.dns_options or {}
    given = (options.get("privateDnsPreference"), options.get("privateDnsSpecifiedDomains"))
    return _not_preferred(estate, configuration, given, vpc, host)


def _no_zone_of_endpoint(
    estate: Estate,
    configuration: ResourceConfiguration,
    association: ResourceAssociation | None,
    endpoint: EndpointAssociation,
    host: str,
) -> str:
    if not endpoint.private_dns:
        return f"private DNS of endpoint {endpoint.endpoint} is off"
    if configuration.managed or host != _custom(configuration):
        return ""
    if association is not None and not association.private_dns:
        return f"private DNS of association {association.id} is off"
    options = endpoint.dns_options or {}
    given = (options.get("PrivateDnsPreference"), options.get("PrivateDnsSpecifiedDomains"))
    return _not_preferred(estate, configuration, given, f"endpoint {endpoint.endpoint}", host)


def _not_preferred(
    estate: Estate, configuration: ResourceConfiguration, given: tuple[Any, Any], who: str, host: str
) -> str:
    preference, domains = given[0] or "VERIFIED_DOMAINS_ONLY", given[1] or ()
    verification = estate.verifications.get(configuration.verification or "")
    verified = verification is not None and verification.verified is not None
    specified = any(endpoints.names(one, host) for one in domains)
    admitted: Mapping[str, bool] = {
        "ALL_DOMAINS": True,
        "VERIFIED_DOMAINS_ONLY": verified,
        "SPECIFIED_DOMAINS_ONLY": specified,
        "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS": verified or specified,
    }
    return "" if admitted.get(preference) else f"{who} takes no zone for {host}: its preference is {preference}"
