"""Resource associations: a resource becomes reachable through a network (facts-2 R5)."""

from collections.abc import Iterable

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice.announce import announce
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.domains import status_of
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import ResourceAssociation, ResourceConfiguration, ServiceNetwork, Wire
from localcloud.services.lattice.refusals import conflict, denied, in_use, invalid, unsettled

CREATE = "CreateServiceNetworkResourceAssociation"
IDENTIFIER = "serviceNetworkResourceAssociationIdentifier"


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    network = estate.usable(estate.networks, params["serviceNetworkIdentifier"], caller, CREATE)
    configuration = estate.usable(estate.configurations, params["resourceConfigurationIdentifier"], caller, CREATE)
    _demand_fit(estate, network, configuration, caller)
    count = len([it for it in estate.resource_associations.where("network", network.id) if not it.parent])
    estate.demand_room("resource_associations_per_network", count, ResourceAssociation.resource_type, network.id)
    private = True if configuration.type == "ARN" else params.get("privateDnsEnabled", False)
    association = _made(estate, network, configuration, caller, private=private, tags=params.get("tags"))
    for child in estate.configurations.where("parent", configuration.id):
        _made(estate, network, child, caller, private=private, parent=association.id)
    announce(estate, "Create", association, caller)
    return {
        "id": association.id,
        "arn": association.arn_for(caller.account),
        "status": association.status,
        "createdBy": association.account,
        "privateDnsEnabled": association.private_dns,
    }


def follow(estate: Estate, child: ResourceConfiguration) -> None:
    """A child that is made later comes into the networks that its group is in."""
    for joined in list(estate.resource_associations.where("configuration", child.parent)):
        network = estate.networks.get(joined.network_id)
        if network is not None and not joined.status.startswith("DELETE"):
            maker = Caller(joined.account, joined.region, f"arn:aws:iam::{joined.account}:root")
            _made(estate, network, child, maker, private=joined.private_dns, parent=joined.id)


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    association = estate.association(
        estate.resource_associations, params[IDENTIFIER], caller, "GetServiceNetworkResourceAssociation"
    )
    announce(estate, "Get", association, caller)
    configuration = _configuration(estate, association)
    verification = estate.verifications.get(configuration.verification or "")
    return present(
        **_summary(estate, association, caller),
        failureReason=association.failure_message,
        lastUpdatedAt=moment(association.updated),
        domainVerificationStatus=status_of(estate, verification) if verification else None,
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """By network or by configuration; neither, or both, is refused: clients that give one are always right (R5)."""
    network, configuration = params.get("serviceNetworkIdentifier"), params.get("resourceConfigurationIdentifier")
    if (network is None) == (configuration is None):
        raise invalid("Provide serviceNetworkIdentifier or resourceConfigurationIdentifier", "serviceNetworkIdentifier")
    shelf = estate.resource_associations
    found: Iterable[ResourceAssociation]
    if network is not None:
        wanted = estate.found(estate.networks, network, caller)
        found = shelf.where("network", wanted.id if wanted else "")
    else:
        resource = estate.found(estate.configurations, str(configuration), caller)
        found = shelf.where("configuration", resource.id if resource else "")
        children = [child for it in found for child in shelf.where("parent", it.id)]
        found = [*found, *children]
    shown = (it for it in found if params.get("includeChildren") or it.parent is None)
    seen = estate.seen(shown, caller)
    return page(seen, params, estate.page_size, lambda it: _summary(estate, it, caller), caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Either side may, and its maker (R5). Those of children go with the whole."""
    operation = "DeleteServiceNetworkResourceAssociation"
    association = estate.association(estate.resource_associations, params[IDENTIFIER], caller, operation)
    if caller.account not in association.sides:
        raise denied(caller, operation, association.arn_for(caller.account))
    if association.parent is not None:
        raise in_use(association, f"Association {association.id} is managed: delete {association.parent}")
    if association.status == "CREATE_IN_PROGRESS":
        raise in_use(association, f"Creation is in progress for association {association.id}")
    if association.status != "DELETE_IN_PROGRESS":
        for one in (association, *estate.resource_associations.where("parent", association.id)):
            _begin_end(estate, one)
        announce(estate, "Delete", association, caller)
    return {
        "id": association.id,
        "arn": association.arn_for(caller.account),
        "status": association.status,
    }


def _begin_end(estate: Estate, association: ResourceAssociation) -> None:
    def gone() -> None:
        if association.id in estate.things:
            estate.remove(association, estate.resource_associations)

    estate.begin(association, "DELETE", estate.timing.resource_association_delete, gone)


def _made(
    estate: Estate,
    network: ServiceNetwork,
    configuration: ResourceConfiguration,
    caller: Caller,
    *,
    private: bool,
    tags: dict[str, str] | None = None,
    parent: str | None = None,
) -> ResourceAssociation:
    birth = estate.birth("snra", caller, tags)
    domain, zone = estate.resource_domain_of(birth["id"], configuration.id, caller.region)
    association = ResourceAssociation(
        **birth,
        network_id=network.id,
        network_account=network.account,
        other_account=network.account if caller.account == configuration.account else configuration.account,
        configuration_id=configuration.id,
        private_dns=private,
        domain=domain,
        zone=zone,
        parent=parent,
    )
    estate.add(association, estate.resource_associations)
    estate.begin_creation(association, estate.timing.resource_association_create)
    return association


def _demand_fit(estate: Estate, network: ServiceNetwork, configuration: ResourceConfiguration, caller: Caller) -> None:
    if caller.account not in (network.account, configuration.account):
        # Two entities that are both merely shared with the caller cannot be joined.
        raise denied(caller, CREATE, network.arn)
    if configuration.type in ("CHILD", "CIDR"):
        what = "associate its group" if configuration.type == "CHILD" else "it is for VPC endpoints of type Tunnel"
        raise invalid(f"A resource configuration of type {configuration.type} is not associated: {what}")
    for there in estate.resource_associations.where("configuration", configuration.id):
        if there.network_id == network.id:
            raise conflict("Association already exists", there.id, there.resource_type)
    if network.shareable and not configuration.shareable_networks:
        raise invalid(
            f"Resource configuration {configuration.id} does not allow association to a shareable service network",
            "serviceNetworkIdentifier",
        )
    if configuration.status not in ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"):
        raise unsettled(configuration)


def _configuration(estate: Estate, association: ResourceAssociation) -> ResourceConfiguration:
    configuration = estate.configurations.get(association.configuration_id)
    if configuration is None:
        # It cannot go while an association is left.
        raise RuntimeError(f"{association.id} has lost its resource")
    return configuration


def _summary(estate: Estate, association: ResourceAssociation, caller: Caller) -> Wire:
    network, configuration = estate.networks.get(association.network_id), _configuration(estate, association)
    if network is None:
        # It cannot go while an association is left.
        raise RuntimeError(f"{association.id} has lost its network")
    named = association.status == "ACTIVE"
    private = configuration.custom_domain if named and association.private_dns else None
    return present(
        id=association.id,
        arn=association.arn_for(caller.account),
        status=association.status,
        createdBy=association.account,
        createdAt=moment(association.created),
        resourceConfigurationId=configuration.id,
        resourceConfigurationArn=configuration.arn,
        resourceConfigurationName=configuration.name,
        serviceNetworkId=network.id,
        serviceNetworkArn=network.arn,
        serviceNetworkName=network.name,
        dnsEntry={"domainName": association.domain, "hostedZoneId": association.zone} if named else None,
        privateDnsEntry={"domainName": private} if private else None,
        isManagedAssociation=configuration.managed,
        failureCode=association.failure_code,
        privateDnsEnabled=association.private_dns,
    )


OPERATIONS: Operations[Estate] = {
    CREATE: create,
    "GetServiceNetworkResourceAssociation": get,
    "ListServiceNetworkResourceAssociations": list_all,
    "DeleteServiceNetworkResourceAssociation": delete,
}
