"""RAM shares and what is in them, from the owner's side (facts 17)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, REGION, World, refused

from localcloud.cloud import LocalCloud
from localcloud.services.ram.model import KEPT, Quotas

fact = pytest.mark.fact
type Aws = Callable[[str, str], Any]
type Reach = Callable[[LocalCloud], str | None]

SERVICE_NETWORK_PERMISSION = "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceNetworkReadWrite"


@pytest.fixture
def owner(aws: Aws) -> Any:
    return aws("ram", NETWORK)


@pytest.fixture
def arn(world: World) -> str:
    """A service network of the network account."""
    return str(world.network()["arn"])


def share(owner: Any, **params: Any) -> dict[str, Any]:
    made: dict[str, Any] = owner.create_resource_share(**{"name": "network"} | params)["resourceShare"]
    return made


def associations(owner: Any, kind: str, **params: Any) -> dict[str, str]:
    listed = owner.get_resource_share_associations(associationType=kind, **params)["resourceShareAssociations"]
    return {one["associatedEntity"]: one["status"] for one in listed}


@fact("17: CreateResourceShare needs a name only; allowExternalPrincipals is true by default")
def test_a_share_can_be_made_empty_and_lets_outsiders_in_by_default(owner: Any) -> None:
    made = share(owner)
    assert made["status"] == "ACTIVE"
    assert made["allowExternalPrincipals"] is True
    assert made["owningAccountId"] == NETWORK
    assert re.fullmatch(rf"arn:aws:ram:{REGION}:{NETWORK}:resource-share/[0-9a-f-]{{36}}", made["resourceShareArn"])


@fact("17: names are not unique: a second create makes a second share")
def test_two_shares_may_have_one_name(owner: Any) -> None:
    first, second = share(owner), share(owner)
    assert first["resourceShareArn"] != second["resourceShareArn"]
    assert len(owner.get_resource_shares(resourceOwner="SELF", name="network")["resourceShares"]) == 2


@fact("17: IdempotentParameterMismatch: token reused with other parameters")
def test_a_client_token_makes_a_create_happen_once(owner: Any) -> None:
    first = owner.create_resource_share(name="network", clientToken="t-1")
    again = owner.create_resource_share(name="network", clientToken="t-1")
    assert first["clientToken"] == again["clientToken"] == "t-1"
    assert first["resourceShare"]["resourceShareArn"] == again["resourceShare"]["resourceShareArn"]
    with refused("IdempotentParameterMismatchException", status=400):
        owner.create_resource_share(name="other", clientToken="t-1")


@fact("17: associating is asynchronous")
def test_a_resource_is_associating_before_it_is_associated(owner: Any, cloud: LocalCloud, arn: str) -> None:
    share(owner, resourceArns=[arn])
    assert associations(owner, "RESOURCE") == {arn: "ASSOCIATING"}
    cloud.settle()
    assert associations(owner, "RESOURCE") == {arn: "ASSOCIATED"}


@fact("17: a resource's type has a default permission, attached when permissionArns is left out")
def test_the_default_permission_of_the_type_is_attached(owner: Any, arn: str) -> None:
    made = share(owner, resourceArns=[arn])
    listed = owner.list_resource_share_permissions(resourceShareArn=made["resourceShareArn"])["permissions"]
    assert [(one["arn"], one["status"]) for one in listed] == [(SERVICE_NETWORK_PERMISSION, "ASSOCIATED")]


@fact("17: a permission of another type than the resources' is refused")
def test_a_permission_must_fit_the_resources(owner: Any, arn: str) -> None:
    service = SERVICE_NETWORK_PERMISSION.replace("ServiceNetwork", "Service")
    with refused("InvalidParameterException"):
        share(owner, resourceArns=[arn], permissionArns=[service])
    with refused("UnknownResourceException"):
        share(owner, resourceArns=[arn], permissionArns=[SERVICE_NETWORK_PERMISSION + "Xy"])
    share(owner, resourceArns=[arn], permissionArns=[SERVICE_NETWORK_PERMISSION])


@fact("17: permissionArns may name the permission of resources that are associated later")
def test_a_permission_may_be_given_before_its_resources(owner: Any) -> None:
    made = share(owner, permissionArns=[SERVICE_NETWORK_PERMISSION])
    listed = owner.list_resource_share_permissions(resourceShareArn=made["resourceShareArn"])["permissions"]
    assert [one["arn"] for one in listed] == [SERVICE_NETWORK_PERMISSION]
    with refused("InvalidParameterException"):
        share(owner, permissionArns=[SERVICE_NETWORK_PERMISSION, SERVICE_NETWORK_PERMISSION])


@fact("10: only owned entities can be shared on")
def test_a_foreign_resource_cannot_be_shared(aws: Aws, arn: str) -> None:
    with refused("OperationNotPermittedException"):
        share(aws("ram", MEMBER), resourceArns=[arn])


@fact("10: sharingConfig.enabled of a network is fixed at creation")
def test_a_network_made_without_sharing_cannot_be_shared(owner: Any, world: World) -> None:
    private = world.network(sharingConfig={"enabled": False})["arn"]
    with refused("OperationNotPermittedException"):
        share(owner, resourceArns=[private])


@fact("17: a resource that is not there is UnknownResource, an ARN that is none MalformedArn")
def test_what_is_shared_must_exist_and_be_an_arn(owner: Any, arn: str) -> None:
    with refused("UnknownResourceException", status=400):
        share(owner, resourceArns=[arn[:-3] + "zzz"])
    with refused("MalformedArnException", status=400):
        share(owner, resourceArns=["sn-0123456789abcdef0"])


@fact("10: target groups, listeners and associations cannot be shared")
@pytest.mark.parametrize(
    "tail", ["targetgroup/tg-{0}", "service/svc-{0}/listener/listener-{0}", "servicenetworkvpcassociation/snva-{0}"]
)
def test_what_lattice_does_not_share_is_refused(owner: Any, tail: str) -> None:
    of_lattice = f"arn:aws:vpc-lattice:{REGION}:{NETWORK}:{tail.format('0123456789abcdef0')}"
    with refused("MalformedArnException", "cannot share the selected resource type", status=400):
        share(owner, resourceArns=[of_lattice])


@fact("issue 3: what is left out answers with a clear 'not emulated'")
def test_sharing_what_is_not_lattices_is_said_to_be_left_out(owner: Any) -> None:
    with refused("NotImplementedException", "not emulated", status=501):
        share(owner, resourceArns=[f"arn:aws:ec2:{REGION}:{NETWORK}:subnet/subnet-0123456789abcdef0"])


@fact("10: not with IAM users or roles; 17: principals are accounts, organisations and units")
@pytest.mark.parametrize("principal", ["o-a1b2c3d4e5", "12345", f"arn:aws:iam::{MEMBER}:role/x", NETWORK])
def test_a_principal_is_another_account_or_an_organisations_arn(owner: Any, arn: str, principal: str) -> None:
    with refused("InvalidParameterException", principal):
        share(owner, resourceArns=[arn], principals=[principal])
    assert owner.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


@fact("17: allowExternalPrincipals false keeps accounts out that RAM does not know as the organisation's")
def test_a_closed_share_refuses_outsiders(owner: Any, arn: str, cloud: LocalCloud) -> None:
    cloud.organization.create(NETWORK, ram_sharing=True)
    closed = share(owner, resourceArns=[arn], allowExternalPrincipals=False)
    with refused("OperationNotPermittedException"):
        owner.associate_resource_share(resourceShareArn=closed["resourceShareArn"], principals=[OTHER])


@fact("17: a share with outsiders in it cannot be closed")
def test_a_share_with_an_outsider_cannot_be_closed(owner: Any, arn: str) -> None:
    made = share(owner, resourceArns=[arn], principals=[MEMBER])
    with refused("OperationNotPermittedException"):
        owner.update_resource_share(resourceShareArn=made["resourceShareArn"], allowExternalPrincipals=False)


@fact("17: UpdateResourceShare changes the name or who may be let in")
def test_a_share_is_renamed_in_place(owner: Any) -> None:
    made = share(owner)
    renamed = owner.update_resource_share(resourceShareArn=made["resourceShareArn"], name="production")
    assert renamed["resourceShare"]["name"] == "production"
    assert renamed["resourceShare"]["resourceShareArn"] == made["resourceShareArn"]
    with refused("MissingRequiredParameterException"):
        owner.update_resource_share(resourceShareArn=made["resourceShareArn"])


@fact("17: InvalidStateTransition, for instance disassociating while ASSOCIATING")
def test_nothing_is_disassociated_while_the_share_is_associating(owner: Any, cloud: LocalCloud, arn: str) -> None:
    made = share(owner, resourceArns=[arn])["resourceShareArn"]
    with refused("InvalidStateTransitionException", "ASSOCIATING", status=400):
        owner.disassociate_resource_share(resourceShareArn=made, resourceArns=[arn])
    cloud.settle()
    parted = owner.disassociate_resource_share(resourceShareArn=made, resourceArns=[arn])
    assert parted["resourceShareAssociations"][0]["status"] == "DISASSOCIATING"
    with refused("InvalidStateTransitionException", "DISASSOCIATING"):
        owner.associate_resource_share(resourceShareArn=made, resourceArns=[arn])
    cloud.settle()
    assert associations(owner, "RESOURCE") == {arn: "DISASSOCIATED"}


@fact("17: what was disassociated can be associated again")
def test_a_principal_can_be_brought_back(owner: Any, cloud: LocalCloud, arn: str) -> None:
    made = share(owner, resourceArns=[arn])["resourceShareArn"]
    cloud.settle()
    owner.disassociate_resource_share(resourceShareArn=made, resourceArns=[arn])
    cloud.settle()
    owner.associate_resource_share(resourceShareArn=made, resourceArns=[arn])
    cloud.settle()
    assert associations(owner, "RESOURCE") == {arn: "ASSOCIATED"}


@fact("17: associating what is there already changes nothing")
def test_an_association_is_made_once(owner: Any, cloud: LocalCloud, arn: str) -> None:
    made = share(owner, resourceArns=[arn])["resourceShareArn"]
    cloud.settle()
    again = owner.associate_resource_share(resourceShareArn=made, resourceArns=[arn, arn])
    assert [one["status"] for one in again["resourceShareAssociations"]] == ["ASSOCIATED"]


@fact("17: an association call names something, and what is parted is there")
def test_an_association_call_that_names_nothing_known_is_refused(owner: Any, arn: str) -> None:
    made = share(owner)["resourceShareArn"]
    with refused("InvalidParameterException"):
        owner.associate_resource_share(resourceShareArn=made)
    with refused("UnknownResourceException"):
        owner.disassociate_resource_share(resourceShareArn=made, resourceArns=[arn])


@fact("17: association statuses hold FAILED; 2.2: an event says failed")
def test_an_association_can_fail_and_says_why(owner: Any, cloud: LocalCloud, arn: str) -> None:
    cloud.ram.failing[arn] = ["internal failure"]
    share(owner, resourceArns=[arn])
    cloud.settle()
    listed = owner.get_resource_share_associations(associationType="RESOURCE")["resourceShareAssociations"]
    assert [(one["status"], one["statusMessage"]) for one in listed] == [("FAILED", "internal failure")]


@fact("17: a deleted share is DELETING, then DELETED, and still listed for a while")
def test_a_deleted_share_lingers_in_the_list(owner: Any, cloud: LocalCloud, arn: str) -> None:
    made = share(owner, resourceArns=[arn])["resourceShareArn"]
    cloud.settle()

    def statuses() -> list[str]:
        return [one["status"] for one in owner.get_resource_shares(resourceOwner="SELF")["resourceShares"]]

    assert owner.delete_resource_share(resourceShareArn=made)["returnValue"] is True
    assert statuses() == ["DELETING"]
    with refused("InvalidStateTransitionException"):
        owner.delete_resource_share(resourceShareArn=made)
    cloud.settle()
    assert statuses() == ["DELETED"]
    assert associations(owner, "RESOURCE") == {arn: "DISASSOCIATED"}
    with refused("UnknownResourceException"):
        owner.associate_resource_share(resourceShareArn=made, resourceArns=[arn])
    cloud.clock.advance(KEPT)
    assert statuses() == []


@fact("17: find first by GetResourceShares (SELF, name, tagFilters)")
def test_own_shares_are_found_by_name_status_arn_and_tags(owner: Any) -> None:
    tags = [{"key": "network", "value": "prod"}, {"key": "team", "value": "infra"}]
    prod = share(owner, name="prod", tags=tags)["resourceShareArn"]
    share(owner, name="test", tags=[{"key": "network", "value": "test"}])

    def found(**filters: Any) -> list[str]:
        answer = owner.get_resource_shares(resourceOwner="SELF", **filters)["resourceShares"]
        return [one["name"] for one in answer]

    assert found() == ["prod", "test"]
    assert found(name="prod") == ["prod"]
    assert found(resourceShareArns=[prod]) == ["prod"]
    assert found(resourceShareStatus="ACTIVE") == ["prod", "test"]
    assert found(resourceShareStatus="DELETED") == []
    assert found(tagFilters=[{"tagKey": "network"}]) == ["prod", "test"]
    assert found(tagFilters=[{"tagKey": "network", "tagValues": ["prod", "stage"]}]) == ["prod"]
    assert found(tagFilters=[{"tagKey": "network"}, {"tagKey": "team", "tagValues": ["infra"]}]) == ["prod"]
    assert found(permissionArn=SERVICE_NETWORK_PERMISSION) == []


@fact("17: tags of a share are written, overwritten and removed")
def test_a_share_is_tagged_and_untagged(owner: Any) -> None:
    made = share(owner, tags=[{"key": "a", "value": "1"}])["resourceShareArn"]
    owner.tag_resource(resourceShareArn=made, tags=[{"key": "a", "value": "2"}, {"key": "b", "value": "3"}])
    owner.untag_resource(resourceShareArn=made, tagKeys=["b", "c"])
    assert owner.get_resource_shares(resourceOwner="SELF")["resourceShares"][0]["tags"] == [{"key": "a", "value": "2"}]


@fact("18: no aws: prefix; 50 tags per resource")
def test_tags_of_a_share_have_limits(owner: Any) -> None:
    made = share(owner)["resourceShareArn"]
    with refused("TagPolicyViolationException"):
        owner.tag_resource(resourceShareArn=made, tags=[{"key": "aws:x", "value": "1"}])
    with refused("TagLimitExceededException"):
        owner.tag_resource(resourceShareArn=made, tags=[{"key": f"k{n}", "value": ""} for n in range(51)])
    with refused("InvalidParameterException"):
        owner.tag_resource(resourceShareArn=made, tags=[{"key": "k", "value": "x" * 257}])


@fact("17: OperationNotPermitted for who is not the owner; a share one cannot see is unknown")
def test_a_share_is_its_owners_alone(owner: Any, aws: Aws, cloud: LocalCloud, arn: str) -> None:
    made = share(owner, resourceArns=[arn], principals=[MEMBER])["resourceShareArn"]
    cloud.settle()
    with refused("OperationNotPermittedException"):
        aws("ram", MEMBER).delete_resource_share(resourceShareArn=made)
    with refused("UnknownResourceException"):
        aws("ram", OTHER).delete_resource_share(resourceShareArn=made)
    with refused("MalformedArnException"):
        owner.delete_resource_share(resourceShareArn="network")


@fact("17: GetResourceShareAssociations shows shares you own")
def test_associations_are_shown_to_the_owner_only(owner: Any, aws: Aws, cloud: LocalCloud, arn: str) -> None:
    share(owner, resourceArns=[arn], principals=[MEMBER])
    cloud.settle()
    assert associations(aws("ram", MEMBER), "RESOURCE") == {}
    assert associations(owner, "RESOURCE", resourceArn=arn) == {arn: "ASSOCIATED"}
    assert associations(owner, "PRINCIPAL", principal=OTHER) == {}
    assert associations(owner, "PRINCIPAL", associationStatus="ASSOCIATING") == {MEMBER: "ASSOCIATING"}


@fact("17: resourceArn goes with RESOURCE only, principal with PRINCIPAL only")
def test_an_association_filter_must_fit_the_type(owner: Any, arn: str) -> None:
    with refused("InvalidParameterException"):
        owner.get_resource_share_associations(associationType="PRINCIPAL", resourceArn=arn)
    with refused("InvalidParameterException"):
        owner.get_resource_share_associations(associationType="RESOURCE", principal=MEMBER)


@fact("17: shares are regional; 10: a consumer acts in the same region")
def test_a_share_is_seen_in_its_region_only(owner: Any, cloud: LocalCloud, reach: Reach) -> None:
    made = share(owner)["resourceShareArn"]
    elsewhere: Any = cloud.session(NETWORK).client("ram", region_name="eu-west-1", endpoint_url=reach(cloud))
    assert elsewhere.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []
    with refused("UnknownResourceException"):
        elsewhere.delete_resource_share(resourceShareArn=made)


@fact("17: page until nextToken is null; maxResults up to 500")
def test_lists_come_in_pages(owner: Any) -> None:
    for number in range(5):
        share(owner, name=f"n{number}")
    first = owner.get_resource_shares(resourceOwner="SELF", maxResults=2)
    assert len(first["resourceShares"]) == 2
    pages = owner.get_paginator("get_resource_shares").paginate(resourceOwner="SELF", PaginationConfig={"PageSize": 2})
    assert [one["name"] for page in pages for one in page["resourceShares"]] == [f"n{n}" for n in range(5)]
    with refused("InvalidNextTokenException"):
        owner.get_resource_shares(resourceOwner="SELF", nextToken="guess")
    with refused("InvalidNextTokenException"):
        owner.get_resource_shares(resourceOwner="SELF", name="n1", nextToken=first["nextToken"])


@fact("17: pages may be empty")
def test_an_empty_page_may_come_before_a_full_one(owner: Any, cloud: LocalCloud) -> None:
    share(owner)
    cloud.ram.sparse_pages = True
    first = owner.get_resource_shares(resourceOwner="SELF")
    assert first["resourceShares"] == []
    second = owner.get_resource_shares(resourceOwner="SELF", nextToken=first["nextToken"])
    assert len(second["resourceShares"]) == 1
    assert "nextToken" not in second


@fact("17: types vpc-lattice:ServiceNetwork, Service, ResourceConfiguration; ListResourceTypes is the authority")
def test_the_lattice_types_are_listed(owner: Any) -> None:
    listed = owner.list_resource_types()["resourceTypes"]
    assert [one["resourceType"] for one in listed] == [
        "vpc-lattice:ServiceNetwork",
        "vpc-lattice:Service",
        "vpc-lattice:ResourceConfiguration",
    ]
    assert owner.list_resource_types(resourceRegionScope="GLOBAL")["resourceTypes"] == []


@fact("17: the permission of a network allows both associations and reading the network")
def test_a_permission_says_what_it_allows(owner: Any) -> None:
    listed = owner.list_permissions(resourceType="VPC-Lattice:servicenetwork")["permissions"]
    assert [one["arn"] for one in listed] == [SERVICE_NETWORK_PERMISSION]
    document = owner.get_permission(permissionArn=SERVICE_NETWORK_PERMISSION)["permission"]["permission"]
    assert "vpc-lattice:CreateServiceNetworkVpcAssociation" in document
    assert "vpc-lattice:GetServiceNetwork" in document
    assert owner.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []
    with refused("UnknownResourceException"):
        owner.get_permission(permissionArn=SERVICE_NETWORK_PERMISSION + "Xy")


@fact("17: a share's permissions are found from the permission's side as well; a managed one has its versions")
def test_a_permission_tells_its_versions_and_its_shares(owner: Any, arn: str) -> None:
    made = share(owner, resourceArns=[arn])
    versions = owner.list_permission_versions(permissionArn=SERVICE_NETWORK_PERMISSION)["permissions"]
    assert [(one["version"], one["defaultVersion"]) for one in versions] == [("1", False), ("2", True)]
    [found] = owner.list_permission_associations(permissionArn=SERVICE_NETWORK_PERMISSION)["permissions"]
    assert found["resourceShareArn"] == made["resourceShareArn"]
    assert owner.list_permission_associations(resourceType="vpc-lattice:Service")["permissions"] == []
    unknown = SERVICE_NETWORK_PERMISSION + "x"
    assert owner.list_permission_associations(permissionArn=unknown)["permissions"] == []
    with refused("UnknownResourceException"):
        owner.list_permission_versions(permissionArn=unknown)
    for method in ("list_permission_versions", "list_permission_associations"):
        with refused("MalformedArnException"):
            getattr(owner, method)(permissionArn="ReadWrite")


@fact("17: 25,000 shares, 5,000 resources and principals per share, 250 pending invitations")
def test_quotas_hold(owner: Any, cloud: LocalCloud, arn: str) -> None:
    cloud.ram.quotas = Quotas(shares=2, principals=1, pending_invitations=1)
    with refused("ResourceShareLimitExceededException", status=400):
        share(owner, principals=[MEMBER, OTHER])
    share(owner, principals=[MEMBER])
    cloud.settle()
    with refused("ResourceShareLimitExceededException", "pending"):
        share(owner, principals=[OTHER])
    share(owner)
    with refused("ResourceShareLimitExceededException", "shares"):
        share(owner)


@fact("17: ListResources and ListPrincipals with SELF show what is shared with whom")
def test_the_owner_lists_resources_and_principals(owner: Any, cloud: LocalCloud, arn: str) -> None:
    made = share(owner, resourceArns=[arn], principals=[MEMBER])["resourceShareArn"]
    cloud.settle()

    def resources(**filters: Any) -> list[str]:
        return [one["arn"] for one in owner.list_resources(resourceOwner="SELF", **filters)["resources"]]

    def principals(**filters: Any) -> list[str]:
        return [one["id"] for one in owner.list_principals(resourceOwner="SELF", **filters)["principals"]]

    assert resources(principal=MEMBER, resourceShareArns=[made], resourceType="vpc-lattice:SERVICENETWORK") == [arn]
    assert resources(principal=OTHER) == []
    assert resources(resourceType="vpc-lattice:service") == []
    assert resources(resourceArns=[arn]) == [arn]
    assert principals(resourceArn=arn) == [MEMBER]
    assert principals(principals=[OTHER]) == []
    assert principals(resourceType="vpc-lattice:Service") == []
    with refused("InvalidResourceTypeException"):
        resources(resourceType="ec2:nothing")
