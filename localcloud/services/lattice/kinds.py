"""Service networks, their policies, logs and VPC associations, as CloudFormation makes them."""

from __future__ import annotations

from typing import Any

from localcloud.ground.kinds import Made, ResourceFailed, Work, as_json, camel_case, kind, retag, there


@kind(
    "AWS::VpcLattice::ServiceNetwork",
    lambda work: work.client("vpc-lattice").delete_service_network(serviceNetworkIdentifier=there(work).id),
    attributes=("Arn", "CreatedAt", "Id", "LastUpdatedAt"),
    replaces=("Name",),
)
def _service_network(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 63).lower()
    auth = work.take("AuthType")
    sharing = work.take("SharingConfig")
    if work.old is None:
        given: dict[str, Any] = {"authType": auth} if auth else {}
        if sharing is not None:
            given["sharingConfig"] = camel_case(sharing)
        answer = lattice.create_service_network(name=name, tags=work.tags(), **given)
        made = Made(answer["arn"], {"Arn": answer["arn"], "Id": answer["id"]})
    else:
        made = work.old
        lattice.update_service_network(serviceNetworkIdentifier=made.id, authType=auth or "NONE")
        retag(
            work,
            lambda tags: lattice.tag_resource(resourceArn=made.id, tags=tags),
            lambda keys: lattice.untag_resource(resourceArn=made.id, tagKeys=keys),
        )
    return made


@kind(
    "AWS::VpcLattice::AuthPolicy",
    lambda work: work.client("vpc-lattice").delete_auth_policy(resourceIdentifier=work.require("ResourceIdentifier")),
    attributes=("State",),
    replaces=("ResourceIdentifier",),
)
def _auth_policy(work: Work) -> Made:
    resource, policy = work.require("ResourceIdentifier"), as_json(work.require("Policy"))
    answer = work.client("vpc-lattice").put_auth_policy(resourceIdentifier=resource, policy=policy)
    return Made(resource, {"State": answer.get("state", "Active").upper()})


@kind(
    "AWS::VpcLattice::ResourcePolicy",
    lambda work: work.client("vpc-lattice").delete_resource_policy(resourceArn=work.require("ResourceArn")),
    replaces=("ResourceArn",),
)
def _lattice_policy(work: Work) -> Made:
    arn, policy = work.require("ResourceArn"), as_json(work.require("Policy"))
    work.client("vpc-lattice").put_resource_policy(resourceArn=arn, policy=policy)
    return Made(arn, {})


@kind(
    "AWS::VpcLattice::AccessLogSubscription",
    lambda work: work.client("vpc-lattice").delete_access_log_subscription(
        accessLogSubscriptionIdentifier=there(work).id
    ),
    attributes=("Arn", "Id", "ResourceArn", "ResourceId"),
    replaces=("ResourceIdentifier", "ServiceNetworkLogType"),
)
def _access_log(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    destination = work.require("DestinationArn")
    given = camel_case(work.take_some("ResourceIdentifier", "ServiceNetworkLogType"))
    if work.old is None:
        answer = lattice.create_access_log_subscription(destinationArn=destination, tags=work.tags(), **given)
    else:
        work.take("Tags")
        answer = lattice.update_access_log_subscription(
            accessLogSubscriptionIdentifier=work.old.id, destinationArn=destination
        )
    return Made(
        answer["arn"],
        {
            "Arn": answer["arn"],
            "Id": answer["id"],
            "ResourceArn": answer["resourceArn"],
            "ResourceId": answer["resourceId"],
        },
    )


def _remove_vpc_association(work: Work) -> None:
    lattice, made = work.client("vpc-lattice"), there(work)
    lattice.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=made.id)

    def is_gone() -> bool:
        try:
            lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=made.id)
        except lattice.exceptions.ResourceNotFoundException:
            return True
        return False

    work.wait(is_gone)


@kind(
    "AWS::VpcLattice::ServiceNetworkVpcAssociation",
    _remove_vpc_association,
    attributes=(
        "Arn",
        "CreatedAt",
        "Id",
        "ServiceNetworkArn",
        "ServiceNetworkId",
        "ServiceNetworkName",
        "Status",
        "VpcId",
    ),
    replaces=("ServiceNetworkIdentifier", "VpcIdentifier"),
)
def _vpc_association(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    groups = work.take("SecurityGroupIds")
    given = camel_case(work.take_some("ServiceNetworkIdentifier", "VpcIdentifier", "PrivateDnsEnabled", "DnsOptions"))
    more = {"securityGroupIds": groups} if groups else {}
    if work.old is None:
        made_id = lattice.create_service_network_vpc_association(tags=work.tags(), **given, **more)["arn"]
    else:
        made_id = work.old.id
        work.take("Tags")
        lattice.update_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=made_id, securityGroupIds=groups or []
        )

    def describe() -> dict[str, Any]:
        found: dict[str, Any] = lattice.get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=made_id
        )
        return found

    work.wait(lambda: not describe()["status"].endswith("_IN_PROGRESS"))
    answer = describe()
    if answer["status"] != "ACTIVE":
        raise ResourceFailed(f"{work.logical}: {answer['status']}: {answer.get('failureMessage')}")
    return Made(made_id, {key[:1].upper() + key[1:]: value for key, value in answer.items()})


def _waited(work: Work, read: Any, what: str) -> dict[str, Any]:
    """What is read once it has come to rest; ResourceFailed where that is no ACTIVE."""
    work.wait(lambda: not read()["status"].endswith("_IN_PROGRESS"))
    answer: dict[str, Any] = read()
    if answer["status"] != "ACTIVE":
        reason = answer.get("failureReason") or answer.get("failureMessage")
        raise ResourceFailed(f"{work.logical}: {what} is {answer['status']}: {reason}")
    return answer


def _gone(work: Work, read: Any) -> None:
    lattice = work.client("vpc-lattice")

    def is_gone() -> bool:
        try:
            read()
        except lattice.exceptions.ResourceNotFoundException:
            return True
        return False

    work.wait(is_gone)


def _retagged(work: Work, arn: str) -> None:
    lattice = work.client("vpc-lattice")
    retag(
        work,
        lambda tags: lattice.tag_resource(resourceArn=arn, tags=tags),
        lambda keys: lattice.untag_resource(resourceArn=arn, tagKeys=keys),
    )


def _remove_gateway(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"resourceGatewayIdentifier": there(work).id}
    lattice.delete_resource_gateway(**named)
    _gone(work, lambda: lattice.get_resource_gateway(**named))


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
)
def _resource_gateway(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.require("Name"), 40).lower()
    given = camel_case(
        work.take_some(
            "VpcIdentifier", "SubnetIds", "IpAddressType", "Ipv4AddressesPerEni", "ResourceConfigDnsResolution"
        )
    )
    groups = work.take("SecurityGroupIds")
    more = {"securityGroupIds": groups} if groups is not None else {}
    if work.old is None:
        arn = lattice.create_resource_gateway(name=name, tags=work.tags(), **given, **more)["arn"]
    else:
        arn = work.old.id
        lattice.update_resource_gateway(resourceGatewayIdentifier=arn, securityGroupIds=groups or [])
        _retagged(work, arn)
    found = _waited(work, lambda: lattice.get_resource_gateway(resourceGatewayIdentifier=arn), "the resource gateway")
    return Made(arn, {"Arn": arn, "Id": found["id"]})


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
    _gone(work, lambda: lattice.get_resource_configuration(**named))


@kind(
    "AWS::VpcLattice::ResourceConfiguration",
    _remove_configuration,
    attributes=("Arn", "Id"),
    replaces=(
        "Name",
        "ResourceConfigurationType",
        "ResourceGatewayId",
        "ProtocolType",
        "CustomDomainName",
        "GroupDomain",
        "DomainVerificationId",
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
    given = {key: value for key, value in changing.items() if value is not None}
    if work.old is None:
        more = {key: value for key, value in fixed.items() if value is not None}
        arn = lattice.create_resource_configuration(name=name, tags=work.tags(), **more, **given)["arn"]
    else:
        arn = work.old.id
        lattice.update_resource_configuration(resourceConfigurationIdentifier=arn, **given)
        _retagged(work, arn)
    named = {"resourceConfigurationIdentifier": arn}
    found = _waited(work, lambda: lattice.get_resource_configuration(**named), "the resource configuration")
    return Made(arn, {"Arn": arn, "Id": found["id"]})


def _remove_resource_association(work: Work) -> None:
    lattice, named = work.client("vpc-lattice"), {"serviceNetworkResourceAssociationIdentifier": there(work).id}
    lattice.delete_service_network_resource_association(**named)
    _gone(work, lambda: lattice.get_service_network_resource_association(**named))


@kind(
    "AWS::VpcLattice::ServiceNetworkResourceAssociation",
    _remove_resource_association,
    attributes=("Arn", "Id"),
    replaces=("ResourceConfigurationId", "ServiceNetworkId", "PrivateDnsEnabled"),
)
def _resource_association(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    given = {
        "resourceConfigurationIdentifier": work.take("ResourceConfigurationId"),
        "serviceNetworkIdentifier": work.take("ServiceNetworkId"),
    }
    private = work.take("PrivateDnsEnabled")
    if private is not None:
        given["privateDnsEnabled"] = str(private).lower() == "true"
    if work.old is None:
        arn = lattice.create_service_network_resource_association(tags=work.tags(), **given)["arn"]
    else:
        arn = work.old.id
        _retagged(work, arn)
    named = {"serviceNetworkResourceAssociationIdentifier": arn}
    read = lambda: lattice.get_service_network_resource_association(**named)  # noqa: E731
    return Made(arn, {"Arn": arn, "Id": _waited(work, read, "the association")["id"]})


@kind(
    "AWS::VpcLattice::DomainVerification",
    lambda work: work.client("vpc-lattice").delete_domain_verification(domainVerificationIdentifier=there(work).id),
    attributes=("Arn", "Id", "Status", "TxtMethodConfig.Name", "TxtMethodConfig.Value"),
    replaces=("DomainName",),
)
def _domain_verification(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    domain = work.require("DomainName")
    if work.old is not None:
        _retagged(work, work.old.id)
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
