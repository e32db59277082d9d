"""Resource gateways: the addresses in a VPC from which Lattice reaches what stands there (facts-2 R3)."""

from collections.abc import Callable

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lattice import outside
from localcloud.services.lattice.answers import moment, page, present
from localcloud.services.lattice.estate import Estate
from localcloud.services.lattice.model import ResourceGateway, Wire
from localcloud.services.lattice.refusals import in_use, invalid, not_found, taken, unsettled

IDENTIFIER = "resourceGatewayIdentifier"
MOST_GROUPS = 5
DEFAULT_ADDRESSES, MOST_ADDRESSES = 16, 62
FAMILIES: dict[str, Callable[[frozenset[int]], bool]] = {
    "IPV4": lambda families: 4 in families,
    "IPV6": lambda families: families == {6},
    "DUALSTACK": lambda families: families == {4, 6},
}
"""What each subnet must offer for a gateway's address type: IPV6 asks for subnets of IPv6 only (R3)."""


def create(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Of a VPC of the caller's own: whoever takes part in a shared one may not (R3)."""
    name = params["name"]
    demand_name(name, "rgw-")
    for holder in estate.gateways.where("name", caller.account, caller.region, name):
        raise taken(f"Resource gateway with name {name}", holder.id, ResourceGateway.resource_type)
    vpc, subnets = params.get("vpcIdentifier"), tuple(dict.fromkeys(params.get("subnetIds", ())))
    if not vpc or not subnets:
        # The model asks for neither; CloudFormation, Terraform and the console ask for both.
        raise invalid("A resource gateway needs a VPC and subnets", "vpcIdentifier" if not vpc else "subnetIds")
    if not outside.vpc_exists(caller.account, caller.region, vpc):
        raise not_found("VPC", vpc)
    for subnet in subnets:
        home = outside.vpc_of_subnet(caller.account, caller.region, subnet)
        if home is None:
            raise not_found("SUBNET", subnet)
        if home != vpc:
            raise invalid(f"Subnet {subnet} is not in {vpc}", "subnetIds")
        families = outside.families_of_subnet(caller.account, caller.region, subnet)
        if not FAMILIES[params.get("ipAddressType", "IPV4")](families):
            text = f"Subnet {subnet} does not offer the address type {params.get('ipAddressType', 'IPV4')}"
            raise invalid(text, "ipAddressType")
    groups = tuple(dict.fromkeys(params.get("securityGroupIds", ())))
    _demand_groups(groups, vpc, caller)
    kind = params.get("ipAddressType", "IPV4")
    addresses = params.get("ipv4AddressesPerEni")
    if kind == "IPV6" and addresses is not None:
        raise invalid("ipv4AddressesPerEni is for IPv4 and dualstack gateways", "ipv4AddressesPerEni")
    if addresses is not None and not 1 <= addresses <= MOST_ADDRESSES:
        raise invalid(f"ipv4AddressesPerEni must be 1 to {MOST_ADDRESSES}", "ipv4AddressesPerEni")
    resolution = params.get("resourceConfigDnsResolution", "PUBLIC")
    if resolution == "IN_VPC" and kind == "IPV6":
        raise invalid("IN_VPC does not work in IPv6-only subnets", "resourceConfigDnsResolution")
    count = len(estate.gateways.where("vpc", caller.region, vpc))
    estate.demand_room("resource_gateways_per_vpc", count, ResourceGateway.resource_type, vpc)
    gateway = ResourceGateway(
        **estate.birth("rgw", caller, params.get("tags")),
        name=name,
        vpc_id=vpc,
        subnets=subnets,
        security_groups=groups,
        address_type=kind,
        addresses=None if kind == "IPV6" else addresses or DEFAULT_ADDRESSES,
        resolution=resolution,
    )
    estate.add(gateway, estate.gateways)
    estate.accounts_with_role.add(caller.account)
    estate.begin_creation(gateway, estate.timing.resource_gateway_create)
    return present(**_told(gateway), vpcIdentifier=gateway.vpc_id, ipv4AddressesPerEni=gateway.addresses)


def update(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Its security groups, and the way names are looked up: the model has it, the guide calls it fixed."""
    gateway = estate.owned(estate.gateways, params[IDENTIFIER], caller, "UpdateResourceGateway")
    if gateway.status not in ("ACTIVE", "UPDATE_FAILED"):
        raise unsettled(gateway)
    groups = tuple(dict.fromkeys(params.get("securityGroupIds", gateway.security_groups)))
    _demand_groups(groups, gateway.vpc_id, caller)
    resolution = params.get("resourceConfigDnsResolution", gateway.resolution)
    if resolution != gateway.resolution:
        # Both readings cost nothing this way: whoever means it makes another gateway.
        raise invalid("resourceConfigDnsResolution cannot change", "resourceConfigDnsResolution")

    def done() -> None:
        gateway.security_groups = groups
        gateway.status = "ACTIVE"

    estate.begin(gateway, "UPDATE", estate.timing.resource_gateway_update, done)
    told = {**_told(gateway), "securityGroupIds": list(groups)}
    if told["ipAddressType"] == "DUALSTACK":
        del told["ipAddressType"]  # this answer's model has no word for it (R3)
    return present(**told, vpcId=gateway.vpc_id)


def get(estate: Estate, params: Wire, caller: Caller) -> Wire:
    gateway = estate.owned(estate.gateways, params[IDENTIFIER], caller, "GetResourceGateway")
    return present(
        **_told(gateway),
        vpcId=gateway.vpc_id,
        ipv4AddressesPerEni=gateway.addresses,
        serviceManaged=False,
        createdAt=moment(gateway.created),
        lastUpdatedAt=moment(gateway.updated),
    )


def list_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    def render(gateway: ResourceGateway) -> Wire:
        return present(
            **_told(gateway),
            vpcIdentifier=gateway.vpc_id,
            ipv4AddressesPerEni=gateway.addresses,
            createdAt=moment(gateway.created),
            lastUpdatedAt=moment(gateway.updated),
        )

    found = estate.gateways.where("home", caller.account, caller.region)
    return page(found, params, estate.page_size, render, caller)


def delete(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Refused while a resource configuration stands behind it (R10)."""
    gateway = estate.owned(estate.gateways, params[IDENTIFIER], caller, "DeleteResourceGateway")
    if gateway.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
        raise unsettled(gateway)
    if estate.configurations.where("gateway", gateway.id):
        raise in_use(gateway, f"Resource gateway {gateway.id} has resource configuration(s) associated")
    if gateway.status != "DELETE_IN_PROGRESS":

        def gone() -> None:
            estate.remove(gateway, estate.gateways)

        estate.begin(gateway, "DELETE", estate.timing.resource_gateway_delete, gone)
    return {"id": gateway.id, "arn": gateway.arn, "name": gateway.name, "status": gateway.status}


def demand_name(name: str, prefix: str) -> None:
    """ValidationException for a name that looks like an id; the rest of the rule is the model's (R2)."""
    if name.startswith((prefix, "-")) or "--" in name or name.endswith("-"):
        raise invalid(f"The name {name} is not valid: it begins with {prefix}, or has a hyphen out of place", "name")


def _demand_groups(groups: tuple[str, ...], vpc: str, caller: Caller) -> None:
    if len(groups) > MOST_GROUPS:
        raise invalid(f"A resource gateway has at most {MOST_GROUPS} security groups", "securityGroupIds")
    for group in groups:
        home = outside.vpc_of_security_group(caller.account, caller.region, group)
        if home is None:
            raise not_found("SECURITY_GROUP", group)
        if home != vpc:
            raise invalid(f"Security group {group} is not in {vpc}", "securityGroupIds")


def _told(gateway: ResourceGateway) -> Wire:
    return {
        "id": gateway.id,
        "arn": gateway.arn,
        "name": gateway.name,
        "status": gateway.status,
        "subnetIds": list(gateway.subnets),
        "securityGroupIds": list(gateway.security_groups),
        "ipAddressType": gateway.address_type,
        "resourceConfigDnsResolution": gateway.resolution,
    }


OPERATIONS: Operations[Estate] = {
    "CreateResourceGateway": create,
    "UpdateResourceGateway": update,
    "GetResourceGateway": get,
    "ListResourceGateways": list_all,
    "DeleteResourceGateway": delete,
}
