"""Service networks, their policies, logs and VPC associations, as CloudFormation makes them."""

from __future__ import annotations

from typing import Any

from localcloud.ground.kinds import Gone, Made, Properties, ResourceFailed, Work, as_json, camel_case, kind, there
from localcloud.services.lattice import service_kinds as service_kinds  # its types are this service's, too
from localcloud.services.lattice.stable import attributes, begun, given, gone, retagged, waited

_NETWORK = ("Arn", "CreatedAt", "Id", "LastUpdatedAt")


@kind(
    "AWS::VpcLattice::ServiceNetwork",
    lambda work: work.client("vpc-lattice").delete_service_network(serviceNetworkIdentifier=there(work).id),
    attributes=_NETWORK,
    replaces=("Name", "SharingConfig"),
    read=lambda work: {
        "AuthType": work.client("vpc-lattice").get_service_network(serviceNetworkIdentifier=there(work).id)["authType"]
    },
)
def _service_network(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 63).lower()
    auth = given(work, "CreateServiceNetwork", "AuthType")
    sharing = given(work, "CreateServiceNetwork", "SharingConfig")
    if work.old is None:
        arn = lattice.create_service_network(name=name, tags=work.tags(), **auth, **sharing)["arn"]
    else:
        arn = work.old.id
        lattice.update_service_network(serviceNetworkIdentifier=arn, authType=auth.get("authType", "NONE"))
        retagged(work, arn)
    found = lattice.get_service_network(serviceNetworkIdentifier=arn)
    return Made(arn, {**attributes(found, *_NETWORK), "Name_": name})


def _read_auth_policy(work: Work) -> Properties:
    policy = work.client("vpc-lattice").get_auth_policy(resourceIdentifier=there(work).id).get("policy")
    if not policy:
        raise Gone("it has no policy")
    return {"Policy": policy}


@kind(
    "AWS::VpcLattice::AuthPolicy",
    lambda work: work.client("vpc-lattice").delete_auth_policy(resourceIdentifier=work.require("ResourceIdentifier")),
    attributes=("State",),
    replaces=("ResourceIdentifier",),
    read=_read_auth_policy,
    requires=(
        "ResourceIdentifier",
        "Policy",
    ),
)
def _auth_policy(work: Work) -> Made:
    resource, policy = work.require("ResourceIdentifier"), as_json(work.require("Policy"))
    answer = work.client("vpc-lattice").put_auth_policy(resourceIdentifier=resource, policy=policy)
    return Made(resource, attributes(answer, "State"))


@kind(
    "AWS::VpcLattice::ResourcePolicy",
    lambda work: work.client("vpc-lattice").delete_resource_policy(resourceArn=work.require("ResourceArn")),
    replaces=("ResourceArn",),
    requires=(
        "ResourceArn",
        "Policy",
    ),
)
def _lattice_policy(work: Work) -> Made:
    arn, policy = work.require("ResourceArn"), as_json(work.require("Policy"))
    work.client("vpc-lattice").put_resource_policy(resourceArn=arn, policy=policy)
    return Made(arn, {})


def _read_access_log(work: Work) -> Properties:
    lattice, named = work.client("vpc-lattice"), {"accessLogSubscriptionIdentifier": there(work).id}
    return {"DestinationArn": lattice.get_access_log_subscription(**named)["destinationArn"]}


@kind(
    "AWS::VpcLattice::AccessLogSubscription",
    lambda work: work.client("vpc-lattice").delete_access_log_subscription(
        accessLogSubscriptionIdentifier=there(work).id
    ),
    attributes=("Arn", "Id", "ResourceArn", "ResourceId"),
    replaces=("ResourceIdentifier", "ServiceNetworkLogType"),
    requires=("DestinationArn",),
    read=_read_access_log,
)
def _access_log(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    destination = work.require("DestinationArn")
    about = given(work, "CreateAccessLogSubscription", "ResourceIdentifier", "ServiceNetworkLogType")
    if work.old is None:
        answer = lattice.create_access_log_subscription(destinationArn=destination, tags=work.tags(), **about)
    else:
        named = {"accessLogSubscriptionIdentifier": work.old.id}
        answer = lattice.update_access_log_subscription(destinationArn=destination, **named)
        retagged(work, work.old.id)
    return Made(answer["arn"], attributes(answer, "Arn", "Id", "ResourceArn", "ResourceId"))


def _remove_vpc_association(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"serviceNetworkVpcAssociationIdentifier": there(work).id}
    lattice.delete_service_network_vpc_association(**named)
    gone(work, lambda: lattice.get_service_network_vpc_association(**named))


_VPC_ASSOCIATION = (
    *("Arn", "CreatedAt", "Id", "Status", "VpcId"),
    *("ServiceNetworkArn", "ServiceNetworkId", "ServiceNetworkName"),
)


@kind(
    "AWS::VpcLattice::ServiceNetworkVpcAssociation",
    _remove_vpc_association,
    attributes=_VPC_ASSOCIATION,
    replaces=("ServiceNetworkIdentifier", "VpcIdentifier"),
)
def _vpc_association(work: Work) -> Made:
    lattice, create = work.client("vpc-lattice"), "CreateServiceNetworkVpcAssociation"
    ends = given(work, create, "ServiceNetworkIdentifier", "VpcIdentifier")
    changing = given(work, create, "SecurityGroupIds", "PrivateDnsEnabled", "DnsOptions")
    if work.old is None:
        arn = begun(work, lattice.create_service_network_vpc_association(tags=work.tags(), **ends, **changing))
    else:
        arn = work.old.id
        if work.old_properties.get("SecurityGroupIds") and not changing.get("securityGroupIds"):
            text = (
                "an association that has security groups keeps at least one; to have none, delete it and make it anew"
            )
            raise ResourceFailed(f"{work.logical}: SecurityGroupIds: {text}")
        lattice.update_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=arn, **changing)
        retagged(work, arn)
    named = {"serviceNetworkVpcAssociationIdentifier": arn}

    def read() -> Any:
        return lattice.get_service_network_vpc_association(**named)

    return Made(arn, attributes(waited(work, read, "the association"), *_VPC_ASSOCIATION))


def _remove_gateway(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"resourceGatewayIdentifier": there(work).id}
    lattice.delete_resource_gateway(**named)
    gone(work, lambda: lattice.get_resource_gateway(**named))


@kind(
    "AWS::VpcLattice::ResourceGateway",
    _remove_gateway,
    attributes=("Arn", "Id"),
    replaces=(
        "Name",
        "VpcIdentifier",
        "SubnetIds",
        "IpAddressType",
        "Ipv4AddressesPerEni",
        "ResourceConfigDnsResolution",
    ),
    requires=(
        "Name",
        "VpcIdentifier",
        "SubnetIds",
    ),
)
def _resource_gateway(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.require("Name"), 40).lower()
    fixed = given(
        work,
        "CreateResourceGateway",
        *("VpcIdentifier", "SubnetIds", "IpAddressType", "Ipv4AddressesPerEni", "ResourceConfigDnsResolution"),
    )
    groups = given(work, "CreateResourceGateway", "SecurityGroupIds")
    if work.old is None:
        arn = begun(work, lattice.create_resource_gateway(name=name, tags=work.tags(), **fixed, **groups))
    else:
        arn = work.old.id
        lattice.update_resource_gateway(resourceGatewayIdentifier=arn, **{"securityGroupIds": [], **groups})
        retagged(work, arn)
    found = waited(work, lambda: lattice.get_resource_gateway(resourceGatewayIdentifier=arn), "the resource gateway")
    return Made(arn, attributes(found, "Arn", "Id"))


def _definition(given: dict[str, Any]) -> dict[str, Any]:
    """IpResource and ArnResource are plain strings here, DnsResource and CidrResource objects (facts-2 R12)."""
    found = camel_case(given)
    for name, member in (("ipResource", "ipAddress"), ("arnResource", "arn")):
        if isinstance(found.get(name), str):
            found[name] = {member: found[name]}
    return dict(found)


def _remove_configuration(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"resourceConfigurationIdentifier": there(work).id}
    lattice.delete_resource_configuration(**named)
    gone(work, lambda: lattice.get_resource_configuration(**named))


@kind(
    "AWS::VpcLattice::ResourceConfiguration",
    _remove_configuration,
    attributes=("Arn", "Id"),
    replaces=(
        "Name",
        "ResourceConfigurationType",
        "ResourceConfigurationGroupId",
        "ResourceGatewayId",
        "ProtocolType",
        "CustomDomainName",
        "GroupDomain",
        "DomainVerificationId",
    ),
    requires=(
        "Name",
        "ResourceConfigurationType",
    ),
)
def _resource_configuration(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.require("Name"), 40).lower()
    fixed = {
        "type": work.require("ResourceConfigurationType"),
        "resourceGatewayIdentifier": work.take("ResourceGatewayId"),
        "resourceConfigurationGroupIdentifier": work.take("ResourceConfigurationGroupId"),
        "protocol": work.take("ProtocolType"),
        "customDomainName": work.take("CustomDomainName"),
        "groupDomain": work.take("GroupDomain"),
        "domainVerificationIdentifier": work.take("DomainVerificationId"),
    }
    work.take("ResourceConfigurationAuthType")
    # The type's own spelling, without the e.
    allowed = work.take("AllowAssociationToSharableServiceNetwork")
    definition = work.take("ResourceConfigurationDefinition")
    changing = {
        "portRanges": work.take("PortRanges"),
        "resourceConfigurationDefinition": _definition(definition) if definition else None,
        "allowAssociationToShareableServiceNetwork": None if allowed is None else str(allowed).lower() == "true",
    }
    sent = {key: value for key, value in changing.items() if value is not None}
    if work.old is None:
        more = {key: value for key, value in fixed.items() if value is not None}
        arn = begun(work, lattice.create_resource_configuration(name=name, tags=work.tags(), **more, **sent))
    else:
        arn = work.old.id
        lattice.update_resource_configuration(resourceConfigurationIdentifier=arn, **sent)
        retagged(work, arn)
    named = {"resourceConfigurationIdentifier": arn}
    found = waited(work, lambda: lattice.get_resource_configuration(**named), "the resource configuration")
    return Made(arn, {"Arn": arn, "Id": found["id"]})


def _remove_resource_association(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"serviceNetworkResourceAssociationIdentifier": there(work).id}
    lattice.delete_service_network_resource_association(**named)
    gone(work, lambda: lattice.get_service_network_resource_association(**named))


@kind(
    "AWS::VpcLattice::ServiceNetworkResourceAssociation",
    _remove_resource_association,
    attributes=("Arn", "Id"),
    replaces=("ResourceConfigurationId", "ServiceNetworkId", "PrivateDnsEnabled"),
)
def _resource_association(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    ends: dict[str, Any] = {
        "resourceConfigurationIdentifier": work.take("ResourceConfigurationId"),
        "serviceNetworkIdentifier": work.take("ServiceNetworkId"),
    }
    private = work.take("PrivateDnsEnabled")
    if private is not None:
        ends["privateDnsEnabled"] = str(private).lower() == "true"
    if work.old is None:
        arn = begun(work, lattice.create_service_network_resource_association(tags=work.tags(), **ends))
    else:
        arn = work.old.id
        retagged(work, arn)
    named = {"serviceNetworkResourceAssociationIdentifier": arn}

    def read() -> Any:
        return lattice.get_service_network_resource_association(**named)

    return Made(arn, {"Arn": arn, "Id": waited(work, read, "the association")["id"]})


@kind(
    "AWS::VpcLattice::DomainVerification",
    lambda work: work.client("vpc-lattice").delete_domain_verification(domainVerificationIdentifier=there(work).id),
    attributes=("Arn", "Id", "Status", "TxtMethodConfig.Name", "TxtMethodConfig.Value"),
    replaces=("DomainName",),
    requires=("DomainName",),
)
def _domain_verification(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    domain = work.require("DomainName")
    if work.old is not None:
        retagged(work, work.old.id)
        return work.old
    made = lattice.start_domain_verification(domainName=domain, tags=work.tags())
    text = made["txtMethodConfig"]
    return Made(
        made["arn"],
        {
            "Arn": made["arn"],
            "Id": made["id"],
            "Status": made["status"],
            "TxtMethodConfig.Name": text["name"],
            "TxtMethodConfig.Value": text["value"],
        },
    )
