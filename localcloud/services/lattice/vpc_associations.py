"""VPC associations: the clients in a VPC may call what a network offers."""

import re

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.announce import announce
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import VpcAssociation, Wire
from localcloud.services.lattice.refusals import conflict, denied, in_use, invalid, not_found, unsettled

CREATE = "CreateServiceNetworkVpcAssociation"
UPDATE = "UpdateServiceNetworkVpcAssociation"
DELETE = "DeleteServiceNetworkVpcAssociation"
IDENTIFIER = "serviceNetworkVpcAssociationIdentifier"
NETWORK = re.compile(r"sn-[0-9a-z]{17}|arn:[a-z0-9-]+:vpc-lattice:[a-zA-Z0-9-]+:\d{12}:servicenetwork/sn-[0-9a-z]{17}")
"""The model leaves this one parameter without a pattern; that it refuses a bare name is not established."""


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    if not NETWORK.fullmatch(params["serviceNetworkIdentifier"]):
        raise invalid("Give the id or ARN of a service network", "serviceNetworkIdentifier")
    network = estate.usable(estate.networks, params["serviceNetworkIdentifier"], caller, CREATE)
    vpc_id = params["vpcIdentifier"]
    if not outside.vpc_exists(caller.account, caller.region, vpc_id):
        raise not_found("VPC", vpc_id)
    there = next(iter(estate.vpc_associations.where("vpc", caller.region, vpc_id)), None)
    if there is not None:
        # One network a VPC, be it another, the same, or one that is just going (facts 8).
        message = f"VPC has already been associated to a service network: {vpc_id}"
        raise conflict(message, there.id, there.resource_type)
    groups = tuple(dict.fromkeys(params.get("securityGroupIds", ())))
    _demand_groups(groups, vpc_id, caller)
    count = len(estate.vpc_associations.where("network", network.id))
    kind = VpcAssociation.resource_type
    estate.demand_room("vpc_associations_per_network", count, kind, network.id)
    association = VpcAssociation(
        **estate.birth("snva", caller, params.get("tags")),
        network_id=network.id,
        network_account=network.account,
        other_account=network.account,
        vpc_id=vpc_id,
        security_groups=groups,
        private_dns=params.get("privateDnsEnabled", False),
        dns_options=params.get("dnsOptions"),
    )
    estate.add(association, estate.vpc_associations)
    estate.begin_creation(association, estate.timing.vpc_association_create)
    announce(estate, "Create", association, caller)
    return _settings(association, caller)


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Only its maker may (facts 10). The new settings hold once it is ACTIVE again."""
    association = estate.association(estate.vpc_associations, params[IDENTIFIER], caller, UPDATE)
    if caller.account != association.account:
        raise denied(caller, UPDATE, association.arn_for(caller.account))
    if association.status not in ("ACTIVE", "UPDATE_FAILED"):
        raise unsettled(association)
    groups = tuple(dict.fromkeys(params.get("securityGroupIds", association.security_groups)))
    _demand_groups(groups, association.vpc_id, caller)
    private_dns = params.get("privateDnsEnabled", association.private_dns)
    dns_options = params.get("dnsOptions", association.dns_options)

    def done() -> None:
        association.security_groups = groups
        association.private_dns, association.dns_options = private_dns, dns_options
        association.status = "ACTIVE"

    estate.begin(association, "UPDATE", estate.timing.vpc_association_update, done)
    return present(
        id=association.id,
        arn=association.arn_for(caller.account),
        status=association.status,
        createdBy=association.account,
        securityGroupIds=list(groups),
        privateDnsEnabled=private_dns,
        dnsOptions=dns_options,
    )


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    association = estate.association(
        estate.vpc_associations, params[IDENTIFIER], caller, "GetServiceNetworkVpcAssociation"
    )
    announce(estate, "Get", association, caller)
    return present(
        **_summary(estate, association, caller),
        securityGroupIds=list(association.security_groups),
        failureCode=association.failure_code,
        failureMessage=association.failure_message,
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """By network, by VPC or by both; an unknown filter finds nothing (facts 5)."""
    shelf = estate.vpc_associations
    identifier, vpc_id = params.get("serviceNetworkIdentifier"), params.get("vpcIdentifier")
    if identifier is None and vpc_id is None:
        raise invalid("Provide serviceNetworkIdentifier or vpcIdentifier", "serviceNetworkIdentifier")
    network = estate.found(estate.networks, identifier, caller) if identifier else None
    network_id = network.id if network else ""
    found = shelf.where("vpc", caller.region, vpc_id) if vpc_id else shelf.where("network", network_id)
    seen = estate.seen((it for it in found if identifier is None or it.network_id == network_id), caller)
    return page(seen, params, estate.page_size, lambda it: _summary(estate, it, caller), caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Its maker or the network's owner, who holds the kill switch (facts 10)."""
    association = estate.association(estate.vpc_associations, params[IDENTIFIER], caller, DELETE)
    if caller.account not in association.sides:
        raise denied(caller, DELETE, association.arn_for(caller.account))
    if association.status == "CREATE_IN_PROGRESS":
        raise in_use(association, f"Creation is in progress for association {association.id}")
    if association.status == "UPDATE_IN_PROGRESS":
        raise in_use(association, f"Update is in progress for association {association.id}")
    if association.status != "DELETE_IN_PROGRESS":
        estate.begin(
            association,
            "DELETE",
            estate.timing.vpc_association_delete,
            lambda: estate.remove(association, estate.vpc_associations),
        )
        announce(estate, "Delete", association, caller)
    return {
        "id": association.id,
        "arn": association.arn_for(caller.account),
        "status": association.status,
    }


def _demand_groups(groups: tuple[str, ...], vpc_id: str, caller: Caller) -> None:
    for group in groups:
        home = outside.vpc_of_security_group(caller.account, caller.region, group)
        if home is None:
            raise not_found("SECURITY_GROUP", group)
        if home != vpc_id:
            raise invalid(f"Security group {group} is not in {vpc_id}", "securityGroupIds")


def _settings(association: VpcAssociation, caller: Caller) -> Wire:
    return present(
        id=association.id,
        arn=association.arn_for(caller.account),
        status=association.status,
        createdBy=association.account,
        securityGroupIds=list(association.security_groups),
        privateDnsEnabled=association.private_dns,
        dnsOptions=association.dns_options,
    )


def _summary(estate: Estate, association: VpcAssociation, caller: Caller) -> Wire:
    network = estate.networks.get(association.network_id)
    if network is None:
        # It cannot go while an association is left.
        raise RuntimeError(f"{association.id} has lost its network")
    return present(
        id=association.id,
        arn=association.arn_for(caller.account),
        status=association.status,
        createdBy=association.account,
        createdAt=moment(association.created),
        lastUpdatedAt=moment(association.updated),
        serviceNetworkId=network.id,
        serviceNetworkName=network.name,
        serviceNetworkArn=network.arn,
        privateDnsEnabled=association.private_dns,
        dnsOptions=association.dns_options,
        vpcId=association.vpc_id,
    )


OPERATIONS: Operations[Estate] = {
    CREATE: create,
    UPDATE: update,
    "GetServiceNetworkVpcAssociation": get,
    "ListServiceNetworkVpcAssociations": list_all,
    DELETE: delete,
}
