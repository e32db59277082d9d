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
