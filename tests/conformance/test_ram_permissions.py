"""Permissions that accounts make for themselves, their versions, and how shares change from one to the other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, REGION, World, refused

from localcloud.services.ram.model import Quotas

MANAGED = "arn:aws:ram::aws:permission/AWSRAMPermissionVpcLatticeServiceNetworkReadWrite"
READ = json.dumps({"Effect": "Allow", "Action": ["vpc-lattice:GetServiceNetwork"]})
JOIN = json.dumps(
    {"Effect": "Allow", "Action": ["vpc-lattice:GetServiceNetwork", "vpc-lattice:CreateServiceNetworkVpcAssociation"]}
)


@pytest.fixture
def ram(world: World) -> Any:
    return world.aws("ram", NETWORK)


def made(ram: Any, name: str = "readers", template: str = READ, **more: Any) -> dict[str, Any]:
    answer = ram.create_permission(
        name=name, resourceType="vpc-lattice:servicenetwork", policyTemplate=template, **more
    )
    permission: dict[str, Any] = answer["permission"]
    return permission


def test_a_permission_of_ones_own_is_made_and_found(ram: Any) -> None:
    tags = [{"key": "team", "value": "infra"}]
    permission = made(ram, tags=tags)
    arn = f"arn:aws:ram:{REGION}:{NETWORK}:permission/readers"
    assert (permission["arn"], permission["version"], permission["tags"]) == (arn, "1", tags)
    assert permission["resourceType"] == "vpc-lattice:ServiceNetwork"
    assert (permission["permissionType"], permission["isResourceTypeDefault"]) == ("CUSTOMER_MANAGED", False)
    assert ram.get_permission(permissionArn=arn)["permission"]["permission"] == READ
    [own] = ram.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"]
    assert own["arn"] == arn
    with refused("PermissionAlreadyExistsException", status=409):
        made(ram)


def test_it_is_seen_by_its_own_account_alone(world: World, ram: Any) -> None:
    arn = made(ram)["arn"]
    with refused("UnknownResourceException"):
        world.aws("ram", MEMBER).get_permission(permissionArn=arn)
    assert world.aws("ram", MEMBER).list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("nothing", "MalformedPolicyTemplateException"),
        ("[]", "MalformedPolicyTemplateException"),
        ('{"Effect":"Deny","Action":"vpc-lattice:GetService"}', "MalformedPolicyTemplateException"),
        ('{"Effect":"Allow"}', "MalformedPolicyTemplateException"),
        ('{"Effect":"Allow","Action":"vpc-lattice:GetService","Resource":"*"}', "MalformedPolicyTemplateException"),
        ('{"Effect":"Allow","Action":"s3:GetObject"}', "InvalidPolicyException"),
        ('{"Effect":"Allow","Action":"vpc-lattice:*"}', "InvalidPolicyException"),
    ],
)
def test_a_template_that_is_none_is_refused(ram: Any, template: str, code: str) -> None:
    with refused(code, status=400):
        made(ram, template=template)


def test_a_share_gives_what_its_permission_allows(world: World, ram: Any) -> None:
    network, arn = world.network(), made(ram)["arn"]
    world.share(network["arn"], NETWORK, MEMBER)
    share = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"][0]["resourceShareArn"]
    admitted = world.admit(world.vpc(), network)
    with refused("InvalidParameterException", "replace"):
        ram.associate_resource_share_permission(resourceShareArn=share, permissionArn=arn)
    ram.associate_resource_share_permission(resourceShareArn=share, permissionArn=arn, replace=True)
    with refused("AccessDeniedException"):
        world.admit(world.vpc(), network)
    assert world.lattice().get_service_network(serviceNetworkIdentifier=network["arn"])["id"] == network["id"]
    assert world.cloud.lattice.thing(admitted["id"]) is not None


def test_a_new_version_is_the_default_and_shares_keep_theirs(world: World, ram: Any) -> None:
    network, arn = world.network(), made(ram)["arn"]
    share = ram.create_resource_share(name="s", resourceArns=[network["arn"]], permissionArns=[arn])
    named = {"resourceShareArn": share["resourceShare"]["resourceShareArn"]}
    second = ram.create_permission_version(permissionArn=arn, policyTemplate=JOIN)["permission"]
    assert (second["version"], second["defaultVersion"], second["permission"]) == ("2", True, JOIN)
    [used] = ram.list_resource_share_permissions(**named)["permissions"]
    assert (used["version"], used["defaultVersion"]) == ("1", False)
    for version, count in ((1, 1), (2, 0)):
        having = {"resourceOwner": "SELF", "permissionArn": arn, "permissionVersion": version}
        assert len(ram.get_resource_shares(**having)["resourceShares"]) == count
    with refused("InvalidParameterException", "default version"):
        ram.associate_resource_share_permission(**named, permissionArn=arn, permissionVersion=1, replace=True)
    with refused("OperationNotPermittedException"):
        ram.delete_permission_version(permissionArn=arn, permissionVersion=1)
    ram.associate_resource_share_permission(**named, permissionArn=arn, replace=True)
    assert ram.delete_permission_version(permissionArn=arn, permissionVersion=1)["returnValue"] is True
    assert [one["version"] for one in ram.list_permission_versions(permissionArn=arn)["permissions"]] == ["2"]
    with refused("InvalidParameterException", "default"):
        ram.delete_permission_version(permissionArn=arn, permissionVersion=2)


def test_the_default_version_can_be_an_older_one(ram: Any) -> None:
    arn = made(ram)["arn"]
    ram.create_permission_version(permissionArn=arn, policyTemplate=JOIN)
    ram.set_default_permission_version(permissionArn=arn, permissionVersion=1)
    assert ram.get_permission(permissionArn=arn)["permission"]["version"] == "1"
    with refused("UnknownResourceException"):
        ram.set_default_permission_version(permissionArn=arn, permissionVersion=7)
    with refused("InvalidParameterException"):
        ram.set_default_permission_version(permissionArn=MANAGED, permissionVersion=1)


def test_a_share_of_the_first_version_takes_no_resources(world: World, ram: Any) -> None:
    """Who shares a network with the permission of its first days must replace it (facts-2 R9)."""
    versions = {one["version"] for one in ram.list_permission_versions(permissionArn=MANAGED)["permissions"]}
    assert versions == {"1", "2"}
    action = "vpc-lattice:CreateServiceNetworkResourceAssociation"
    texts = [
        ram.get_permission(permissionArn=MANAGED, permissionVersion=number)["permission"]["permission"]
        for number in (1, 2)
    ]
    assert [action in text for text in texts] == [False, True]


def test_a_deprecated_permission_goes_into_no_other_share(world: World, ram: Any) -> None:
    network, arn = world.network(), made(ram)["arn"]
    assert ram.update_permission(permissionArn=arn, status="DEPRECATED")["permissionStatus"] == "DEPRECATED"
    with refused("InvalidParameterException", "DEPRECATED"):
        ram.create_resource_share(name="s", resourceArns=[network["arn"]], permissionArns=[arn])
    with refused("OperationNotPermittedException", "managed by AWS"):
        ram.update_permission(permissionArn=MANAGED, status="DEPRECATED")


def test_a_permission_in_use_is_not_deleted(world: World, ram: Any) -> None:
    network, arn = world.network(), made(ram)["arn"]
    share = ram.create_resource_share(name="s", resourceArns=[network["arn"]], permissionArns=[arn])
    named = {"resourceShareArn": share["resourceShare"]["resourceShareArn"]}
    world.settle()
    with refused("OperationNotPermittedException"):
        ram.delete_permission(permissionArn=arn)
    with refused("OperationNotPermittedException"):
        ram.disassociate_resource_share_permission(**named, permissionArn=arn)
    ram.disassociate_resource_share(**named, resourceArns=[network["arn"]])
    world.settle()
    assert ram.disassociate_resource_share_permission(**named, permissionArn=arn)["returnValue"] is True
    assert ram.delete_permission(permissionArn=arn)["permissionStatus"] == "DELETED"
    with refused("UnknownResourceException"):
        ram.delete_permission(permissionArn=arn)


def test_a_permission_is_replaced_in_all_shares_by_and_by(world: World, ram: Any) -> None:
    network, arn = world.network(), made(ram)["arn"]
    share = ram.create_resource_share(name="s", resourceArns=[network["arn"]])["resourceShare"]["resourceShareArn"]
    work = ram.replace_permission_associations(fromPermissionArn=MANAGED, toPermissionArn=arn)
    begun = work["replacePermissionAssociationsWork"]
    assert (begun["status"], begun["toPermissionArn"]) == ("IN_PROGRESS", arn)
    world.settle()
    [ended] = ram.list_replace_permission_associations_work(workIds=[begun["id"]])["replacePermissionAssociationsWorks"]
    assert ended["status"] == "COMPLETED"
    [used] = ram.list_resource_share_permissions(resourceShareArn=share)["permissions"]
    assert used["arn"] == arn
    service = MANAGED.replace("ServiceNetwork", "Service")
    with refused("InvalidParameterException", "type"):
        ram.replace_permission_associations(fromPermissionArn=service, toPermissionArn=arn)


def test_the_policies_that_shares_amount_to_are_read(world: World, ram: Any) -> None:
    network = world.network()
    assert ram.get_resource_policies(resourceArns=[network["arn"]])["policies"] == []
    world.share(network["arn"], NETWORK, MEMBER)
    [text] = ram.get_resource_policies(resourceArns=[network["arn"]])["policies"]
    [statement] = json.loads(text)["Statement"]
    assert statement["Principal"] == {"AWS": [MEMBER]}
    assert "vpc-lattice:CreateServiceNetworkVpcAssociation" in statement["Action"]
    assert ram.get_resource_policies(resourceArns=[network["arn"]], principal="333333333333")["policies"] == []
    with refused("ResourceArnNotFoundException"):
        ram.get_resource_policies(resourceArns=[network["arn"][:-1] + "0"])


def test_sources_of_a_share_are_kept(ram: Any) -> None:
    share = ram.create_resource_share(name="s", sources=[MEMBER])["resourceShare"]["resourceShareArn"]
    [found] = ram.list_source_associations(resourceShareArns=[share])["sourceAssociations"]
    assert (found["sourceId"], found["status"]) == (MEMBER, "ASSOCIATED")
    ram.disassociate_resource_share(resourceShareArn=share, sources=[MEMBER])
    assert ram.list_source_associations()["sourceAssociations"] == []
    with refused("InvalidParameterException"):
        ram.associate_resource_share(resourceShareArn=share, sources=["nobody"])


def test_what_was_not_made_of_a_policy_is_not_promoted(ram: Any) -> None:
    share = ram.create_resource_share(name="s")["resourceShare"]["resourceShareArn"]
    with refused("InvalidStateTransitionException"):
        ram.promote_resource_share_created_from_policy(resourceShareArn=share)
    with refused("InvalidParameterException"):
        ram.promote_permission_created_from_policy(permissionArn=made(ram)["arn"], name="other")


def test_there_are_only_so_many(world: World, ram: Any) -> None:
    world.cloud.ram.quotas = Quotas(permissions=1, permission_versions=2)
    arn = made(ram)["arn"]
    with refused("PermissionLimitExceededException"):
        made(ram, "more")
    ram.create_permission_version(permissionArn=arn, policyTemplate=JOIN)
    with refused("PermissionVersionsLimitExceededException"):
        ram.create_permission_version(permissionArn=arn, policyTemplate=JOIN)
