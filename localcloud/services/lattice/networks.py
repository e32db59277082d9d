"""Service networks: made and removed at once, without a status."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice.announce import announce_read
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import ServiceNetwork, Wire
from localcloud.services.lattice.refusals import in_use, taken


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    name = params["name"]
    for holder in estate.networks.where("name", caller.account, caller.region, name):
        raise taken(f"Service network with name {name}", holder.id, ServiceNetwork.resource_type)
    count = len(estate.networks.where("home", caller.account, caller.region))
    estate.demand_room("networks", count, ServiceNetwork.resource_type)
    network = ServiceNetwork(
        **estate.birth("sn", caller, params.get("tags")),
        name=name,
        auth_type=params.get("authType", "NONE"),
        shareable=params.get("sharingConfig", {}).get("enabled", True),
    )
    estate.add(network, estate.networks)
    estate.accounts_with_role.add(caller.account)
    return {**_named(network), "sharingConfig": {"enabled": network.shareable}, "authType": network.auth_type}


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Only authType can change (facts 7)."""
    network = estate.owned(estate.networks, params["serviceNetworkIdentifier"], caller, "UpdateServiceNetwork")
    network.auth_type = params["authType"]
    network.updated = estate.now
    return {**_named(network), "authType": network.auth_type}


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    network = estate.usable(estate.networks, params["serviceNetworkIdentifier"], caller, "GetServiceNetwork")
    announce_read(estate, network, caller)
    return {
        **_summary(estate, network),
        "authType": network.auth_type,
        "sharingConfig": {"enabled": network.shareable},
    }


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Owned and shared ones; the account in the ARN is the owner's."""
    found = list(estate.networks.where("home", caller.account, caller.region))
    for arn in estate.cloud.ram.shared_with(caller.account):
        network = estate.networks.get(arn)
        if network is not None and network.region == caller.region and network.shareable:
            found.append(network)
    found.sort(key=lambda network: network.serial)

    def render(network: ServiceNetwork) -> Wire:
        resources = sum(it.parent is None for it in estate.resource_associations.where("network", network.id))
        return {**_summary(estate, network), "numberOfAssociatedResourceConfigurations": resources}

    return page(found, params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Takes its policies and log subscriptions along; refused while any association exists (facts 9)."""
    network = estate.owned(estate.networks, params["serviceNetworkIdentifier"], caller, "DeleteServiceNetwork")
    if estate.vpc_associations.where("network", network.id):
        raise in_use(network, f"Service network {network.id} has VPC(s) associated")
    joined = (estate.service_associations, estate.resource_associations)
    if any(shelf.where("network", network.id) for shelf in joined):
        raise in_use(network, f"Service network {network.id} has resource(s) associated")
    if estate.endpoints.where("target", network.id):
        raise in_use(network, f"Service network {network.id} has VPC endpoint(s) associated")
    for subscription in list(estate.subscriptions.where("resource", network.id)):
        estate.remove(subscription, estate.subscriptions)
    estate.remove(network, estate.networks)
    return {}


def _named(network: ServiceNetwork) -> Wire:
    return {"id": network.id, "name": network.name, "arn": network.arn}


def _summary(estate: Estate, network: ServiceNetwork) -> Wire:
    return present(
        **_named(network),
        createdAt=moment(network.created),
        lastUpdatedAt=moment(network.updated),
        numberOfAssociatedVPCs=len(estate.vpc_associations.where("network", network.id)),
        numberOfAssociatedServices=len(estate.service_associations.where("network", network.id)),
    )


OPERATIONS: Operations[Estate] = {
    "CreateServiceNetwork": create,
    "UpdateServiceNetwork": update,
    "GetServiceNetwork": get,
    "ListServiceNetworks": list_all,
    "DeleteServiceNetwork": delete,
}
