"""VPC endpoints of the types Resource and ServiceNetwork: EC2 makes them, Lattice lists them (facts-2 R6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from localcloud.door.call import Done
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import (
    EndpointAssociation,
    ResourceAssociation,
    ResourceConfiguration,
    Service,
    ServiceNetwork,
    Wire,
)
from localcloud.services.lattice.refusals import denied, not_found

KINDS = {"Resource": "ResourceConfigurationArn", "ServiceNetwork": "ServiceNetworkArn"}
OF_CONFIGURATION = "resourceConfigurationIdentifier"


def list_of_configuration(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Those of a resource, to its owner; an endpoint's owner sees his own. There is no 404 in its model."""
    configuration = estate.found(estate.configurations, params[OF_CONFIGURATION], caller)
    found = [
        it
        for it in estate.endpoints.where("target", configuration.id if configuration else "")
        if caller.account in (it.account, it.endpoint_owner)
        and params.get("resourceEndpointAssociationIdentifier") in (None, it.id, it.arn)
        and params.get("vpcEndpointId") in (None, it.endpoint)
        and params.get("vpcEndpointOwner") in (None, it.endpoint_owner)
    ]

    def render(it: EndpointAssociation) -> Wire:
        return present(
            id=it.id,
            arn=it.arn,
            **_configuration_of(configuration),
            resourceConfigurationName=configuration.name if configuration else None,
            vpcEndpointId=it.endpoint,
            vpcEndpointOwner=it.endpoint_owner,
            createdBy=it.endpoint_owner,
            createdAt=moment(it.created),
        )

    return page(found, params, estate.page_size, render, caller)


def list_of_network(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Those of a network, to its owner; an endpoint's owner sees his own."""
    network = estate.found(estate.networks, params["serviceNetworkIdentifier"], caller)
    found = [
        it
        for it in estate.endpoints.where("target", network.id if network else "")
        if caller.account in (it.account, it.endpoint_owner)
    ]

    def render(it: EndpointAssociation) -> Wire:
        return present(
            vpcEndpointId=it.endpoint,
            vpcId=it.vpc_id,
            vpcEndpointOwnerId=it.endpoint_owner,
            id=it.id,
            state="ACTIVE",
            serviceNetworkArn=network.arn if network else None,
            createdAt=moment(it.created),
        )

    return page(found, params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """The resource's owner cuts an endpoint off; what EC2 then calls it is not established (here: rejected)."""
    identifier = params["resourceEndpointAssociationIdentifier"]
    found = estate.endpoints.get(identifier)
    if found is None or found.region != caller.region:
        raise not_found(EndpointAssociation.resource_type, identifier)
    if found.account != caller.account:
        raise denied(caller, "DeleteResourceEndpointAssociation", found.arn)
    configuration = estate.configurations.get(found.target)
    estate.remove(found, estate.endpoints)
    outside.reject_endpoint(found.endpoint_owner, found.region, found.endpoint)
    return present(id=found.id, arn=found.arn, **_configuration_of(configuration), vpcEndpointId=found.endpoint)


def _configuration_of(configuration: ResourceConfiguration | None) -> Wire:
    if configuration is None:
        return {}
    return {"resourceConfigurationId": configuration.id, "resourceConfigurationArn": configuration.arn}


OPERATIONS: Operations[Estate] = {
    "ListResourceEndpointAssociations": list_of_configuration,
    "ListServiceNetworkVpcEndpointAssociations": list_of_network,
    "DeleteResourceEndpointAssociation": delete,
}


# --- what EC2 does --------------------------------------------------------------------------------------------


def check(estate: Estate, params: Mapping[str, Any], caller: Caller) -> None:
    """Refuses an endpoint to what is not there or not shared with the caller, in EC2's way."""
    kind = params.get("VpcEndpointType")
    if kind not in KINDS:
        return
    arn = str(params.get(KINDS[kind]) or "")
    if not arn:
        raise AwsError("MissingParameter", f"The request must contain the parameter {KINDS[kind]}", 400)
    target = _target(estate, arn)
    if target is None or target.region != caller.region or not estate.visible(target, caller.account):
        raise AwsError("InvalidParameter", f"The {KINDS[kind]} {arn} does not exist or is not shared with you", 400)
    if isinstance(target, ResourceConfiguration) and target.type in ("CHILD", "CIDR"):
        raise AwsError("InvalidParameter", f"An endpoint cannot lead to a resource of type {target.type}", 400)


def hear(estate: Estate, done: Done) -> None:
    """What an endpoint leads to is known of Lattice, too, from the moment that EC2 has made it."""
    if done.service != "ec2" or done.error:
        return
    if done.operation == "CreateVpcEndpoint" and done.params.get("VpcEndpointType") in KINDS:
        arn = done.params[KINDS[done.params["VpcEndpointType"]]]
        target = _target(estate, arn)
        if target is None:
            return
        made = done.result["VpcEndpoint"]["VpcEndpointId"]
        member, private_dns = KINDS[done.params["VpcEndpointType"]], bool(done.params.get("PrivateDnsEnabled"))
        outside.name_endpoint(done.caller.account, done.caller.region, made, member, arn, private_dns=private_dns)
        owner = Caller(target.account, done.caller.region, f"arn:aws:iam::{target.account}:root")
        association = EndpointAssociation(
            **estate.birth("rea", owner),
            target=target.id,
            endpoint=made,
            endpoint_owner=done.caller.account,
            vpc_id=done.params.get("VpcId", ""),
            private_dns=private_dns,
            dns_options=done.params.get("DnsOptions"),
        )
        estate.add(association, estate.endpoints)
    elif done.operation == "DeleteVpcEndpoints":
        for gone in done.params.get("VpcEndpointIds", []):
            for association in list(estate.endpoints.where("endpoint", gone)):
                if association.endpoint_owner == done.caller.account:
                    estate.remove(association, estate.endpoints)


def behind(estate: Estate, account: str, region: str) -> list[Wire]:
    """What each endpoint of the account leads to, as EC2 tells it: a resource, a group's, or all that a network has."""
    found: list[Wire] = []
    for it in list(estate.things.values()):
        if isinstance(it, EndpointAssociation) and (it.endpoint_owner, it.region) == (account, region):
            network = estate.networks.get(it.target)
            found += _in_network(estate, it, network) if network else _of_resource(estate, it)
    return found


def resources(
    estate: Estate, it: EndpointAssociation
) -> list[tuple[ResourceConfiguration, ResourceAssociation | None, tuple[str, str]]]:
    """What an endpoint leads to of resources, by which association of a network, and under which name and zone."""
    target = estate.configurations.get(it.target)
    if target is not None:
        behind_it = list(estate.configurations.where("parent", target.id)) or [target]
        return [(one, None, estate.resource_domain_of(it.endpoint, one.id, it.region)) for one in behind_it]
    found: list[tuple[ResourceConfiguration, ResourceAssociation | None, tuple[str, str]]] = []
    for joined in estate.resource_associations.where("network", it.target):
        resource = estate.configurations.get(joined.configuration_id)
        if resource is not None and joined.status == "ACTIVE":
            name = estate.resource_domain_of(f"{it.endpoint}-{joined.id}", resource.id, it.region)
            found.append((resource, joined, name))
    return found


def services(estate: Estate, it: EndpointAssociation) -> list[tuple[Service, str]]:
    """The services that an endpoint to a network leads to, and under which names; none of one to a resource."""
    found = []
    for served in estate.service_associations.where("network", it.target):
        service = estate.services.get(served.service_id)
        if service is not None and served.status == "ACTIVE":
            found.append((service, f"{it.endpoint}-{served.id}.{service.domain.split('.', 1)[1]}"))
    return found


def private_name(it: EndpointAssociation, service: Service) -> str:
    """The service's own domain, where the endpoint has a zone for it in its VPC; '' where it has none (facts R8, R21).

    A service proves no domain, so that a preference for those that are verified takes none.
    """
    domain, options = (service.custom_domain or "").lower(), it.dns_options or {}
    preference = options.get("PrivateDnsPreference") or "VERIFIED_DOMAINS_ONLY"
    specified = any(names(one, domain) for one in options.get("PrivateDnsSpecifiedDomains") or ())
    takes = preference == "ALL_DOMAINS" or (preference != "VERIFIED_DOMAINS_ONLY" and specified)
    return domain if it.private_dns and takes else ""


def names(specified: str, host: str) -> bool:
    """`example.jp`, or `*.example.jp` for what is below it."""
    wanted = specified.lower()
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted


def _of_resource(estate: Estate, it: EndpointAssociation) -> list[Wire]:
    target = estate.configurations.get(it.target)
    return [
        {
            **_row(it, one.arn, name),
            **({"ResourceConfigurationGroupArn": target.arn} if target is not None and one is not target else {}),
        }
        for one, _, name in resources(estate, it)
    ]


def _in_network(estate: Estate, it: EndpointAssociation, network: ServiceNetwork) -> list[Wire]:
    of = {"ServiceNetworkArn": network.arn, "ServiceNetworkName": network.name}
    found = [{**_row(it, resource.arn, name), **of} for resource, _, name in resources(estate, it)]
    for service, name in services(estate, it):
        own = private_name(it, service)
        private = {"PrivateDnsEntry": {"DnsName": own, "HostedZoneId": service.zone}} if own else {}
        found.append({**_row(it, service.arn, (name, service.zone)), **private, **of})
    return found


def _row(it: EndpointAssociation, arn: str, name: tuple[str, str]) -> Wire:
    mark = hashlib.sha256(f"{it.endpoint} {arn}".encode()).hexdigest()[:17]
    return {
        "Id": f"vpce-rsc-asc-{mark}",
        "VpcEndpointId": it.endpoint,
        "AssociatedResourceArn": arn,
        "AssociatedResourceAccessibility": "Accessible",
        "DnsEntry": {"DnsName": name[0], "HostedZoneId": name[1]},
    }


def _target(estate: Estate, arn: str) -> ServiceNetwork | ResourceConfiguration | None:
    return estate.networks.get(arn) or estate.configurations.get(arn)
