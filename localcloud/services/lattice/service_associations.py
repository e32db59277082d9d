"""Service associations: a service becomes reachable through a network."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice.announce import announce
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import Service, ServiceAssociation, ServiceNetwork, Wire
from localcloud.services.lattice.refusals import conflict, denied, in_use, invalid, taken, unsettled
from localcloud.services.lattice.services import dns

CREATE = "CreateServiceNetworkServiceAssociation"
IDENTIFIER = "serviceNetworkServiceAssociationIdentifier"


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    network = estate.usable(estate.networks, params["serviceNetworkIdentifier"], caller, CREATE)
    service = estate.usable(estate.services, params["serviceIdentifier"], caller, CREATE)
    _demand_fit(estate, network, service, caller)
    count = len(estate.service_associations.where("network", network.id))
    kind = ServiceAssociation.resource_type
    estate.demand_room("service_associations_per_network", count, kind, network.id)
    association = ServiceAssociation(
        **estate.birth("snsa", caller, params.get("tags")),
        network_id=network.id,
        network_account=network.account,
        other_account=network.account if caller.account == service.account else service.account,
        service_id=service.id,
    )
    estate.add(association, estate.service_associations)
    estate.begin_creation(association, estate.timing.service_association_create)
    announce(estate, "Create", association, caller)
    return present(
        id=association.id,
        arn=association.arn_for(caller.account),
        status=association.status,
        createdBy=association.account,
        customDomainName=service.custom_domain,
        dnsEntry=dns(service),
    )


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    association = estate.association(
        estate.service_associations, params[IDENTIFIER], caller, "GetServiceNetworkServiceAssociation"
    )
    announce(estate, "Get", association, caller)
    return present(
        **_summary(estate, association, caller),
        failureCode=association.failure_code,
        failureMessage=association.failure_message,
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """By network, by service or by both; an unknown filter finds nothing (facts 5)."""
    shelf = estate.service_associations
    network, service = params.get("serviceNetworkIdentifier"), params.get("serviceIdentifier")
    if network is None and service is None:
        raise invalid("Provide serviceNetworkIdentifier or serviceIdentifier", "serviceNetworkIdentifier")
    wanted_network = estate.found(estate.networks, network, caller) if network else None
    wanted_service = estate.found(estate.services, service, caller) if service else None
    if network and service:
        ends = (wanted_network.id, wanted_service.id) if wanted_network and wanted_service else ("", "")
        found = shelf.where("pair", *ends)
    elif network:
        found = shelf.where("network", wanted_network.id if wanted_network else "")
    else:
        found = shelf.where("service", wanted_service.id if wanted_service else "")
    seen = estate.seen(found, caller)
    return page(seen, params, estate.page_size, lambda it: _summary(estate, it, caller), caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Either side may; a mere consumer of the network may not (facts 10)."""
    operation = "DeleteServiceNetworkServiceAssociation"
    association = estate.association(estate.service_associations, params[IDENTIFIER], caller, operation)
    if caller.account not in association.sides:
        raise denied(caller, operation, association.arn_for(caller.account))
    if association.status == "CREATE_IN_PROGRESS":
        raise in_use(association, f"Creation is in progress for association {association.id}")
    if association.status != "DELETE_IN_PROGRESS":
        estate.begin(
            association,
            "DELETE",
            estate.timing.service_association_delete,
            lambda: estate.remove(association, estate.service_associations),
        )
        announce(estate, "Delete", association, caller)
    return {
        "id": association.id,
        "arn": association.arn_for(caller.account),
        "status": association.status,
    }


def _demand_fit(estate: Estate, network: ServiceNetwork, service: Service, caller: Caller) -> None:
    if caller.account not in (network.account, service.account):
        # Two entities that are both merely shared with the caller cannot be joined.
        raise denied(caller, CREATE, network.arn)
    there = next(iter(estate.service_associations.where("pair", network.id, service.id)), None)
    if there is not None:
        raise conflict(f"Association already exists: {there.id}", there.id, there.resource_type)
    if service.status != "ACTIVE":
        raise unsettled(service)
    if service.custom_domain is None:
        return
    for other in estate.service_associations.where("network", network.id):
        rival = estate.services.get(other.service_id)
        if rival is not None and rival.custom_domain == service.custom_domain:
            what = f"Custom domain name {service.custom_domain} in service network {network.id}"
            raise taken(what, other.id, other.resource_type)


def _summary(estate: Estate, association: ServiceAssociation, caller: Caller) -> Wire:
    network = estate.networks.get(association.network_id)
    service = estate.services.get(association.service_id)
    if network is None or service is None:
        # Neither end can go while an association is left.
        raise RuntimeError(f"{association.id} has lost an end")
    return present(
        id=association.id,
        arn=association.arn_for(caller.account),
        status=association.status,
        createdBy=association.account,
        createdAt=moment(association.created),
        serviceId=service.id,
        serviceName=service.name,
        serviceArn=service.arn,
        serviceNetworkId=network.id,
        serviceNetworkName=network.name,
        serviceNetworkArn=network.arn,
        dnsEntry=dns(service),
        customDomainName=service.custom_domain,
    )


OPERATIONS: Operations[Estate] = {
    CREATE: create,
    "GetServiceNetworkServiceAssociation": get,
    "ListServiceNetworkServiceAssociations": list_all,
    "DeleteServiceNetworkServiceAssociation": delete,
}
