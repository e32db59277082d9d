"""Services: what a network offers under a domain name. They take time to come and to go."""

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.announce import announce_read
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.listeners import forget
from localcloud.services.lattice.model import Service, Wire
from localcloud.services.lattice.refusals import in_use, invalid, taken, unsettled

CERTIFIED = "RSA 2048"
"""The only keys that a service takes (facts R21); whether its names hold the domain is for whoever connects to see."""


def _demand_certificate(arn: str | None, caller: Caller) -> None:
    if not arn:
        return
    found = outside.certificate(caller.account, caller.region, arn)
    if found is None:
        raise invalid(f"Certificate {arn} is not in this account and Region", "certificateArn")
    if not found.issued or found.key != CERTIFIED:
        why = f"has a key {found.key}, not {CERTIFIED}" if found.issued else "is not issued"
        raise invalid(f"Certificate {arn} {why}", "certificateArn")


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    name = params["name"]
    _demand_certificate(params.get("certificateArn"), caller)
    for holder in estate.services.where("name", caller.account, caller.region, name):
        raise taken(f"Service with name {name}", holder.id, Service.resource_type)
    count = len(estate.services.where("home", caller.account, caller.region))
    estate.demand_room("services", count, Service.resource_type)
    birth = estate.birth("svc", caller, params.get("tags"))
    domain, zone = estate.domain_of(name, birth["id"], caller.region)
    service = Service(
        **birth,
        name=name,
        domain=domain,
        zone=zone,
        auth_type=params.get("authType", "NONE"),
        custom_domain=params.get("customDomainName"),
        certificate=params.get("certificateArn"),
        idle_timeout=params.get("idleTimeoutSeconds", 60),
    )
    estate.add(service, estate.services)
    estate.accounts_with_role.add(caller.account)
    estate.begin_creation(service, estate.timing.service_create)
    return present(**_settings(service), status=service.status, dnsEntry=dns(service))


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service = estate.owned(estate.services, params["serviceIdentifier"], caller, "UpdateService")
    if service.status != "ACTIVE":
        raise unsettled(service)
    _demand_certificate(params.get("certificateArn"), caller)
    service.certificate = params.get("certificateArn", service.certificate)
    service.auth_type = params.get("authType", service.auth_type)
    service.idle_timeout = params.get("idleTimeoutSeconds", service.idle_timeout)
    service.updated = estate.now
    return present(**_settings(service))


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    service = estate.usable(estate.services, params["serviceIdentifier"], caller, "GetService")
    announce_read(estate, service, caller)
    return present(
        **_settings(service),
        status=service.status,
        dnsEntry=dns(service),
        createdAt=moment(service.created),
        lastUpdatedAt=moment(service.updated),
        failureCode=service.failure_code,
        failureMessage=service.failure_message,
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Owned and shared ones; the account in the ARN is the owner's."""
    found = list(estate.services.where("home", caller.account, caller.region))
    for arn in estate.cloud.ram.shared_with(caller.account):
        service = estate.services.get(arn)
        if service is not None and service.region == caller.region:
            found.append(service)
    found.sort(key=lambda service: service.serial)
    return page(found, params, estate.page_size, _summary, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Takes its listeners, rules, policies and log subscriptions along, no target group (facts 9)."""
    service = estate.owned(estate.services, params["serviceIdentifier"], caller, "DeleteService")
    if estate.service_associations.where("service", service.id):
        raise in_use(service, f"Service {service.id} has one or more associated service networks")
    if service.status == "CREATE_IN_PROGRESS":
        raise unsettled(service)

    def gone() -> None:
        for listener in list(service.listeners.values()):
            forget(estate, service, listener)
        for subscription in list(estate.subscriptions.where("resource", service.id)):
            estate.remove(subscription, estate.subscriptions)
        estate.remove(service, estate.services)

    if service.status != "DELETE_IN_PROGRESS":
        estate.begin(service, "DELETE", estate.timing.service_delete, gone)
    return {"id": service.id, "arn": service.arn, "name": service.name, "status": service.status}


def dns(service: Service) -> Wire:
    return {"domainName": service.domain, "hostedZoneId": service.zone}


def _settings(service: Service) -> Wire:
    return present(
        id=service.id,
        arn=service.arn,
        name=service.name,
        customDomainName=service.custom_domain,
        certificateArn=service.certificate,
        authType=service.auth_type,
        idleTimeoutSeconds=service.idle_timeout,
    )


def _summary(service: Service) -> Wire:
    return present(
        id=service.id,
        name=service.name,
        arn=service.arn,
        createdAt=moment(service.created),
        lastUpdatedAt=moment(service.updated),
        dnsEntry=dns(service),
        customDomainName=service.custom_domain,
        status=service.status,
    )


OPERATIONS: Operations[Estate] = {
    "CreateService": create,
    "UpdateService": update,
    "GetService": get,
    "ListServices": list_all,
    "DeleteService": delete,
}
