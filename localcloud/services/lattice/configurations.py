"""Resource configurations: what can be reached behind a gateway, one thing or a group of them (facts-2 R4)."""

from __future__ import annotations

import ipaddress
import re

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.domains import status_of
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.gateways import demand_name
from localcloud.services.lattice.model import ResourceConfiguration, ResourceGateway, Wire
from localcloud.services.lattice.refusals import in_use, invalid, not_found, taken, unsettled
from localcloud.services.lattice.resource_associations import follow

IDENTIFIER = "resourceConfigurationIdentifier"

# What each type must have and may have besides a name and tags; anything else is unexpected.
_ALLOW, _CUSTOM = "allowAssociationToShareableServiceNetwork", "customDomainName"
_GROUP, _VERIFIED = "resourceConfigurationGroupIdentifier", "domainVerificationIdentifier"
_GATEWAY, _WHAT, _PORTS = "resourceGatewayIdentifier", "resourceConfigurationDefinition", "portRanges"
_DEMANDED = {
    "SINGLE": (_GATEWAY, _WHAT, _PORTS),
    "GROUP": (_GATEWAY,),
    "CHILD": (_GROUP, _WHAT, _PORTS),
    "ARN": (_GATEWAY, _WHAT),
    "CIDR": (_GATEWAY, _WHAT, _PORTS),
}
_ALLOWED = {
    "SINGLE": ("protocol", _ALLOW, _CUSTOM, _VERIFIED),
    # Whether a group may say ports is told both ways.
    "GROUP": ("protocol", _ALLOW, "groupDomain", _VERIFIED, _PORTS),
    "CHILD": (_CUSTOM,),
    "ARN": (_ALLOW,),
    "CIDR": ("protocol",),
}
_DEFINED_BY = {
    "SINGLE": ("dnsResource", "ipResource"),
    "CHILD": ("dnsResource", "ipResource"),
    "ARN": ("arnResource",),
    "CIDR": ("cidrResource",),
}
_FORMS = {
    "dnsResource": ("domainName", "ipAddressType"),
    "ipResource": ("ipAddress",),
    "arnResource": ("arn",),
    "cidrResource": ("cidrRanges",),
}
_OTHER_MEMBERS = frozenset({_GATEWAY, _WHAT, _PORTS, "protocol", _GROUP, _ALLOW, _CUSTOM, "groupDomain", _VERIFIED})
_PORT_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_NEVER = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "100.64.0.0/10", "224.0.0.0/4", "fe80::/10", "ff00::/8")))
_DATABASE = re.compile(r"arn:aws[a-z-]*:rds:([a-z0-9-]+):(\d{12}):(db|cluster):([^:]+)")


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    name, kind = params["name"], params["type"]
    demand_name(name, "rcfg-")
    _demand_members(kind, params)
    for holder in estate.configurations.where("name", caller.account, caller.region, name):
        raise taken(f"Resource configuration with name {name}", holder.id, ResourceConfiguration.resource_type)
    count = len(estate.configurations.where("home", caller.account, caller.region))
    estate.demand_room("resource_configurations", count, ResourceConfiguration.resource_type)
    group = _group(estate, params, caller)
    gateway = _gateway(estate, group.gateway_id if group else params[_GATEWAY], caller)
    definition = params.get(_WHAT)
    if definition is not None:
        _demand_definition(kind, definition, gateway)
    ports = tuple(params.get(_PORTS, ()))
    _demand_ports(ports)
    custom = params.get(_CUSTOM)
    if group is not None and group.group_domain and custom and not _under(custom, group.group_domain):
        raise invalid(f"{custom} is not under the group's domain {group.group_domain}", _CUSTOM)
    verification = _verification(estate, params, custom or params.get("groupDomain"), caller)
    default = {"CIDR": "TCP_UDP", "SINGLE": "TCP", "GROUP": "TCP"}.get(kind)
    configuration = ResourceConfiguration(
        **estate.birth("rcfg", caller, params.get("tags")),
        name=name,
        type=kind,
        gateway_id=gateway.id,
        definition=definition,
        ports=ports,
        protocol=params.get("protocol", default),
        parent=group.id if group else None,
        # By the model and the guide false where nobody says so; an answer has shown true (R4).
        shareable_networks=params.get(_ALLOW, False),
        custom_domain=custom,
        group_domain=params.get("groupDomain"),
        verification=verification,
    )
    estate.add(configuration, estate.configurations)
    estate.begin_creation(configuration, estate.timing.resource_configuration_create)
    if kind == "ARN":
        _make_children(estate, configuration, caller)
    if group is not None:
        follow(estate, configuration)
    return present(
        **_told(configuration),
        **_domains(estate, configuration),
        createdAt=moment(configuration.created),
    )


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Its definition, its ports, and whether shareable networks may have it. There is no 409 in its model."""
    configuration = estate.owned(estate.configurations, params[IDENTIFIER], caller, "UpdateResourceConfiguration")
    _demand_unmanaged(configuration)
    if configuration.status not in ("ACTIVE", "UPDATE_FAILED"):
        raise invalid(f"Resource configuration {configuration.id} is {configuration.status}")
    _demand_changes(configuration.type, params)
    definition = params.get(_WHAT, configuration.definition)
    if _WHAT in params:
        gateway = _gateway(estate, configuration.gateway_id, caller)
        _demand_definition(configuration.type, params[_WHAT], gateway)
        if configuration.type == "ARN" and definition != configuration.definition:
            # Told both ways: Terraform makes another one, so that is what always works.
            raise invalid("The ARN of a resource configuration cannot change", _WHAT)
    ports = tuple(params.get(_PORTS, configuration.ports))
    _demand_ports(ports)
    allowed = params.get(_ALLOW, configuration.shareable_networks)

    def done() -> None:
        configuration.definition, configuration.ports = definition, ports
        configuration.shareable_networks = allowed
        configuration.status = "ACTIVE"

    estate.begin(configuration, "UPDATE", estate.timing.resource_configuration_update, done)
    told = _told(configuration)
    return present(**{**told, _WHAT: definition, _PORTS: list(ports) or None, _ALLOW: allowed})


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    configuration = estate.usable(estate.configurations, params[IDENTIFIER], caller, "GetResourceConfiguration")
    return present(
        **_told(configuration),
        **_domains(estate, configuration),
        amazonManaged=configuration.managed,
        createdAt=moment(configuration.created),
        lastUpdatedAt=moment(configuration.updated),
        failureReason=configuration.failure_message,
        domainVerificationStatus=_verification_status(estate, configuration),
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Owned and shared ones; an unknown filter finds nothing."""
    found = list(estate.configurations.where("home", caller.account, caller.region))
    for arn in estate.cloud.ram.shared_with(caller.account):
        shared = estate.configurations.get(arn)
        if shared is not None and shared.region == caller.region:
            found += [shared, *estate.configurations.where("parent", shared.id)]
    found.sort(key=lambda it: it.serial)
    gateway, group, verified = (id_of(params.get(name, "")) for name in (_GATEWAY, _GROUP, _VERIFIED))
    wanted = [
        it
        for it in found
        if (not gateway or it.gateway_id == gateway)
        and (not group or it.parent == group)
        and (not verified or it.verification == verified)
    ]

    def render(it: ResourceConfiguration) -> Wire:
        return present(
            id=it.id,
            name=it.name,
            arn=it.arn,
            resourceGatewayId=it.gateway_id,
            resourceConfigurationGroupId=it.parent,
            type=it.type,
            status=it.status,
            amazonManaged=it.managed,
            createdAt=moment(it.created),
            lastUpdatedAt=moment(it.updated),
            customDomainName=it.custom_domain,
            domainVerificationId=it.verification,
            groupDomain=it.group_domain,
        )

    return page(wanted, params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Refused while it is associated, by a network or an endpoint, and a group while it has children (R10)."""
    configuration = estate.owned(estate.configurations, params[IDENTIFIER], caller, "DeleteResourceConfiguration")
    _demand_unmanaged(configuration)
    if configuration.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
        raise unsettled(configuration)
    if estate.resource_associations.where("configuration", configuration.id) and configuration.type != "CHILD":
        raise in_use(configuration, f"Resource configuration {configuration.id} has service network(s) associated")
    if estate.endpoints.where("target", configuration.id):
        raise in_use(configuration, f"Resource configuration {configuration.id} has VPC endpoint(s) associated")
    children = list(estate.configurations.where("parent", configuration.id))
    if any(not child.managed for child in children):
        raise in_use(configuration, f"Resource configuration {configuration.id} has child resource configuration(s)")

    def gone() -> None:
        for child in children:
            estate.remove(child, estate.configurations)
        for subscription in list(estate.subscriptions.where("resource", configuration.id)):
            estate.remove(subscription, estate.subscriptions)
        for association in list(estate.resource_associations.where("configuration", configuration.id)):
            estate.remove(association, estate.resource_associations)
        estate.remove(configuration, estate.configurations)

    if configuration.status != "DELETE_IN_PROGRESS":
        estate.begin(configuration, "DELETE", estate.timing.resource_configuration_delete, gone)
    return {}


def _demand_members(kind: str, params: Wire) -> None:
    _demand_expected(kind, params)
    for member in _DEMANDED[kind]:
        if not params.get(member):
            raise invalid(f"Attribute {member} is required for type {kind}", member)
    protocol = params.get("protocol")
    if protocol and (protocol == "TCP_UDP") != (kind == "CIDR"):
        raise invalid(f"protocol {protocol} is not supported for type {kind}", "protocol")


def _demand_changes(kind: str, params: Wire) -> None:
    """What may be said of its type, and nothing taken away that it must have."""
    _demand_expected(kind, params)
    if _PORTS in _DEMANDED[kind] and params.get(_PORTS) == []:
        raise invalid(f"Attribute {_PORTS} is required for type {kind}", _PORTS)


def _demand_expected(kind: str, params: Wire) -> None:
    may = {IDENTIFIER, *_DEMANDED[kind], *_ALLOWED[kind]}
    for member in sorted(_OTHER_MEMBERS & params.keys()):
        if member not in may:
            raise invalid(f"Unexpected attribute {member} for type {kind}", member)


def _group(estate: Estate, params: Wire, caller: Caller) -> ResourceConfiguration | None:
    if _GROUP not in params:
        return None
    group = estate.owned(estate.configurations, params[_GROUP], caller, "CreateResourceConfiguration")
    if group.type != "GROUP":
        raise invalid(f"Resource configuration {group.id} is not of type GROUP", _GROUP)
    if group.status != "ACTIVE":
        raise unsettled(group)
    count = len(estate.configurations.where("parent", group.id))
    estate.demand_room("children_per_group", count, ResourceConfiguration.resource_type, group.id)
    return group


def _gateway(estate: Estate, identifier: str, caller: Caller) -> ResourceGateway:
    gateway = estate.owned(estate.gateways, identifier, caller, "CreateResourceConfiguration")
    if gateway.status not in ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"):
        raise unsettled(gateway)
    return gateway


def _demand_definition(kind: str, definition: Wire, gateway: ResourceGateway) -> None:
    [(form, what)] = definition.items()
    if form not in _DEFINED_BY[kind]:
        raise invalid(f"Unexpected attribute {form} for type {kind}", _WHAT)
    for member in _FORMS[form]:
        # The model asks for none of them.
        if not what.get(member):
            raise invalid(f"Attribute {member} is required in {form}", f"{_WHAT}.{form}.{member}")
    if form == "dnsResource" and what.get("ipAddressType") == "DUALSTACK":
        raise invalid("The address type DUALSTACK is not supported for a DNS resource", _WHAT)
    if form == "ipResource":
        _demand_address(what["ipAddress"], gateway)
    if form == "cidrResource":
        _demand_ranges(what["cidrRanges"])
    in_vpc = gateway.resolution == "IN_VPC"
    if form == "cidrResource" and not in_vpc:
        raise invalid("Type CIDR needs a resource gateway that resolves in its VPC", _GATEWAY)
    if form == "arnResource":
        if in_vpc:
            raise invalid("Type ARN needs a resource gateway that resolves publicly", _GATEWAY)
        _demand_database(what["arn"], gateway)


def _demand_address(text: str, gateway: ResourceGateway) -> None:
    """A private one, or one of IPv6 that the gateway's VPC has (R4)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise invalid(f"{text} is not an IP address", _WHAT) from error
    own = outside.cidrs_of_vpc(gateway.account, gateway.region, gateway.vpc_id)
    may = outside.PRIVATE if address.version == 4 else tuple(map(ipaddress.ip_network, own))
    if not any(address in network for network in may):
        where = "a private address" if address.version == 4 else f"an address of {gateway.vpc_id}"
        raise invalid(f"{text} is not {where}", _WHAT)


def _demand_ranges(ranges: list[str]) -> None:
    for text in ranges:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise invalid(f"{text} is not a CIDR range", _WHAT) from error
        if "/" not in text or any(network.version == one.version and network.overlaps(one) for one in _NEVER):
            if network.prefixlen == 0 and "/" in text and len(ranges) == 1:
                continue
            raise invalid(f"The CIDR range {text} is not supported", _WHAT)
        if network.prefixlen == 0 and len(ranges) > 1:
            raise invalid(f"The CIDR range {text} may stand only alone", _WHAT)


def _demand_database(arn: str, gateway: ResourceGateway) -> None:
    found = _DATABASE.fullmatch(arn)
    if found is None:
        raise invalid(f"{arn} is not the ARN of an RDS database", _WHAT)
    database = outside.database(gateway.account, gateway.region, arn)
    if database is None or (found[1], found[2]) != (gateway.region, gateway.account):
        raise not_found("RDS_RESOURCE", arn)
    if database.public:
        raise invalid(f"{arn} is publicly accessible", _WHAT)
    if database.vpc_id and database.vpc_id != gateway.vpc_id:
        raise invalid(f"{arn} is not in the VPC of the resource gateway, {gateway.vpc_id}", _WHAT)


def _demand_ports(ports: tuple[str, ...]) -> None:
    for text in ports:
        found = _PORT_RANGE.fullmatch(text)
        if found is None or not 1 <= int(found[1]) <= int(found[2] or found[1]) <= 65535:
            raise invalid(f"{text} is not a port or a range of ports", _PORTS)


def _under(name: str, domain: str) -> bool:
    return name.lower() == domain.lower() or name.lower().endswith(f".{domain.lower()}")


def _verification(estate: Estate, params: Wire, name: str | None, caller: Caller) -> str | None:
    if _VERIFIED not in params:
        return None
    verification = estate.owned(estate.verifications, params[_VERIFIED], caller, "CreateResourceConfiguration")
    if not name or not _under(name, verification.domain):
        raise invalid(f"The domain verification is for {verification.domain}", _VERIFIED)
    return verification.id


def _make_children(estate: Estate, configuration: ResourceConfiguration, caller: Caller) -> None:
    """AWS's own, of a cluster: its writer's name and its reader's (R4)."""
    arn = (configuration.definition or {})["arnResource"]["arn"]
    database = outside.database(caller.account, caller.region, arn)
    for number, name in enumerate(database.names if database else ()):
        child = ResourceConfiguration(
            **estate.birth("rcfg", caller),
            name=f"{configuration.name[:36]}-{'wr'[min(number, 1)]}{number}",
            type="CHILD",
            gateway_id=configuration.gateway_id,
            definition={"dnsResource": {"domainName": name, "ipAddressType": "IPV4"}},
            ports=(str(database.port),) if database else (),
            parent=configuration.id,
            custom_domain=name,
            managed=True,
        )
        estate.add(child, estate.configurations)
        estate.begin_creation(child, estate.timing.resource_configuration_create)


def _demand_unmanaged(configuration: ResourceConfiguration) -> None:
    if configuration.managed:
        raise invalid(f"Resource configuration {configuration.id} is managed by Amazon")


def _domains(estate: Estate, configuration: ResourceConfiguration) -> Wire:
    verification = estate.verifications.get(configuration.verification or "")
    return present(
        customDomainName=configuration.custom_domain,
        groupDomain=configuration.group_domain,
        domainVerificationId=verification.id if verification else None,
        domainVerificationArn=verification.arn if verification else None,
    )


def _verification_status(estate: Estate, configuration: ResourceConfiguration) -> str | None:
    verification = estate.verifications.get(configuration.verification or "")
    return status_of(estate, verification) if verification else None


def _told(configuration: ResourceConfiguration) -> Wire:
    return present(
        id=configuration.id,
        name=configuration.name,
        arn=configuration.arn,
        resourceGatewayId=configuration.gateway_id,
        resourceConfigurationGroupId=configuration.parent,
        type=configuration.type,
        portRanges=list(configuration.ports) or None,
        protocol=configuration.protocol,
        status=configuration.status,
        resourceConfigurationDefinition=configuration.definition,
        allowAssociationToShareableServiceNetwork=configuration.shareable_networks,
    )


OPERATIONS: Operations[Estate] = {
    "CreateResourceConfiguration": create,
    "UpdateResourceConfiguration": update,
    "GetResourceConfiguration": get,
    "ListResourceConfigurations": list_all,
    "DeleteResourceConfiguration": delete,
}
