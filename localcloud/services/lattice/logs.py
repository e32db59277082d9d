"""Access log subscriptions: where the records of a network or service go."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.log_delivery import demand_trust
from localcloud.services.lattice.model import LogSubscription, ResourceConfiguration, Service, ServiceNetwork, Wire
from localcloud.services.lattice.refusals import conflict, invalid, not_found, taken

DESTINATIONS = ("logs", "s3", "firehose")
IDENTIFIER = "accessLogSubscriptionIdentifier"


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """One destination of each type a resource; a network has two kinds of log, each its own (facts 15)."""
    entity = _entity(estate, params["resourceIdentifier"], caller, "CreateAccessLogSubscription")
    kind = _kind(params["destinationArn"])
    _demand_destination(params["destinationArn"], caller)
    log_type = params.get("serviceNetworkLogType")
    if isinstance(entity, ServiceNetwork):
        log_type = log_type or "SERVICE"
    elif log_type is not None:
        raise invalid("serviceNetworkLogType is for service networks", "serviceNetworkLogType")
    for other in estate.subscriptions.where("resource", entity.id):
        if (_kind(other.destination), other.log_type) == (kind, log_type):
            what = f"Access log subscription of {entity.id} with a destination of type {kind}"
            raise taken(what, other.id, other.resource_type)
    demand_trust(estate, params["destinationArn"], caller)
    subscription = LogSubscription(
        **estate.birth("als", caller, params.get("tags")),
        resource_id=entity.id,
        resource_arn=entity.arn,
        destination=params["destinationArn"],
        log_type=log_type,
    )
    estate.add(subscription, estate.subscriptions)
    return _described(subscription)


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """The destination's type cannot change (facts 7)."""
    subscription = _owned(estate, params, caller, "UpdateAccessLogSubscription")
    was = _kind(subscription.destination)
    if _kind(params["destinationArn"]) != was:
        message = f"Destination type of {subscription.id} cannot change: it is {was}"
        raise conflict(message, subscription.id, subscription.resource_type)
    _demand_destination(params["destinationArn"], caller)
    demand_trust(estate, params["destinationArn"], caller)
    subscription.destination = params["destinationArn"]
    subscription.updated = estate.now
    described = _described(subscription)
    described.pop("serviceNetworkLogType", None)
    return described


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    return _summary(_owned(estate, params, caller, "GetAccessLogSubscription"))


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    identifier = params["resourceIdentifier"]
    found = [
        it
        for it in estate.subscriptions.where("resource", id_of(identifier))
        if (it.account, it.region) == (caller.account, caller.region)
        and identifier in (it.resource_id, it.resource_arn)
    ]
    return page(found, params, estate.page_size, _summary, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    subscription = _owned(estate, params, caller, "DeleteAccessLogSubscription")
    estate.remove(subscription, estate.subscriptions)
    return {}


def _entity(
    estate: Estate, identifier: str, caller: Caller, operation: str
) -> ServiceNetwork | Service | ResourceConfiguration:
    if id_of(identifier).startswith("rcfg-"):
        return estate.owned(estate.configurations, identifier, caller, operation)
    if id_of(identifier).startswith("svc-"):
        return estate.owned(estate.services, identifier, caller, operation)
    return estate.owned(estate.networks, identifier, caller, operation)


def _owned(estate: Estate, params: Wire, caller: Caller, operation: str) -> LogSubscription:
    return estate.owned(estate.subscriptions, params[IDENTIFIER], caller, operation)


def _kind(destination: str) -> str:
    service = destination.split(":")[2]
    if service not in DESTINATIONS:
        raise invalid("The destination is a log group, a bucket or a Firehose stream", "destinationArn")
    return service


def _demand_destination(arn: str, caller: Caller) -> None:
    """What is not there takes no records. In which words Lattice says so is not established."""
    if not outside.log_destination_exists(caller.account, caller.region, arn):
        raise not_found("LOG_DESTINATION", arn)


def _described(subscription: LogSubscription) -> Wire:
    return present(
        id=subscription.id,
        arn=subscription.arn,
        resourceId=subscription.resource_id,
        resourceArn=subscription.resource_arn,
        serviceNetworkLogType=subscription.log_type,
        destinationArn=subscription.destination,
    )


def _summary(subscription: LogSubscription) -> Wire:
    return {
        **_described(subscription),
        "createdAt": moment(subscription.created),
        "lastUpdatedAt": moment(subscription.updated),
    }


OPERATIONS: Operations[Estate] = {
    "CreateAccessLogSubscription": create,
    "UpdateAccessLogSubscription": update,
    "GetAccessLogSubscription": get,
    "ListAccessLogSubscriptions": list_all,
    "DeleteAccessLogSubscription": delete,
}
