"""The organisation as its owner makes it by the API, and what RAM's sharing makes of it (facts 1 and 17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from lattice_world import MEMBER, NETWORK, OTHER, World, refused

from localcloud.cloud import LocalCloud
from localcloud.services.organizations.trust import RAM

fact = pytest.mark.fact
type Aws = Callable[[str, str], Any]


class Made:
    """An organisation of the network account, and the calls of those in it."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.management = aws("organizations", NETWORK)
        self.id = str(self.management.create_organization(FeatureSet="ALL")["Organization"]["Id"])
        self.root = str(self.management.list_roots()["Roots"][0]["Id"])

    def unit(self, name: str, parent: str = "") -> dict[str, Any]:
        made = self.management.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return dict(made["OrganizationalUnit"])

    def join(self, account: str, unit: str = "") -> None:
        asked = self.management.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": account})
        self.aws("organizations", account).accept_handshake(HandshakeId=asked["Handshake"]["Id"])
        if unit:
            self.management.move_account(AccountId=account, SourceParentId=self.root, DestinationParentId=unit)


@pytest.fixture
def made(aws: Aws) -> Made:
    return Made(aws)


@pytest.fixture
def network(world: World) -> str:
    return str(world.network()["arn"])


def received(aws: Aws, account: str) -> list[str]:
    answer = aws("ram", account).list_resources(resourceOwner="OTHER-ACCOUNTS")
    return [one["arn"] for one in answer["resources"]]


@fact("17: EnableSharingWithAwsOrganization from the management account, then a unit is a principal")
def test_an_organisation_made_by_the_api_can_be_shared_with(
    cloud: LocalCloud, aws: Aws, made: Made, network: str
) -> None:
    unit = made.unit("production")
    made.join(MEMBER, unit["Id"])
    made.join(OTHER)
    aws("ram", NETWORK).enable_sharing_with_aws_organization()
    aws("ram", NETWORK).create_resource_share(name="n", resourceArns=[network], principals=[unit["Arn"]])
    cloud.settle()
    assert received(aws, MEMBER) == [network]
    assert received(aws, OTHER) == []
    assert aws("ram", MEMBER).get_resource_share_invitations()["resourceShareInvitations"] == []


@fact("17: turning on trusted access alone omits the service-linked role, and sharing then fails")
def test_trusted_access_alone_is_not_enough_for_sharing(aws: Aws, made: Made, network: str) -> None:
    made.management.enable_aws_service_access(ServicePrincipal=RAM)
    with refused("OperationNotPermittedException", status=400):
        aws("ram", NETWORK).create_resource_share(
            name="n", resourceArns=[network], principals=[made.unit("production")["Arn"]]
        )


@fact("17: organization sharing is switched on from the management account")
def test_a_member_cannot_switch_sharing_on(aws: Aws, made: Made) -> None:
    made.join(MEMBER)
    with refused("OperationNotPermittedException", status=400):
        aws("ram", MEMBER).enable_sharing_with_aws_organization()


@fact("17: OperationNotPermitted: organization sharing off, by ending RAM's trusted access")
def test_sharing_is_switched_off_by_ending_trusted_access(aws: Aws, made: Made, network: str) -> None:
    aws("ram", NETWORK).enable_sharing_with_aws_organization()
    listed = made.management.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [one["ServicePrincipal"] for one in listed] == [RAM]
    made.management.disable_aws_service_access(ServicePrincipal=RAM)
    with refused("OperationNotPermittedException", status=400):
        aws("ram", NETWORK).create_resource_share(
            name="n", resourceArns=[network], principals=[made.unit("production")["Arn"]]
        )


@fact("17: accounts that join the organization or OU later gain access by themselves; those that leave lose it")
@pytest.mark.parametrize("how", ["leaves", "is removed", "is moved"])
def test_access_comes_and_goes_with_the_place(cloud: LocalCloud, aws: Aws, made: Made, network: str, how: str) -> None:
    unit = made.unit("production")
    aws("ram", NETWORK).enable_sharing_with_aws_organization()
    aws("ram", NETWORK).create_resource_share(name="n", resourceArns=[network], principals=[unit["Arn"]])
    cloud.settle()
    made.join(MEMBER, unit["Id"])
    assert received(aws, MEMBER) == [network]
    if how == "leaves":
        aws("organizations", MEMBER).leave_organization()
    elif how == "is removed":
        made.management.remove_account_from_organization(AccountId=MEMBER)
    else:
        made.management.move_account(AccountId=MEMBER, SourceParentId=unit["Id"], DestinationParentId=made.root)
    assert received(aws, MEMBER) == []


@fact("17: a unit stands for the accounts of the units below it")
def test_an_account_in_a_unit_below_is_meant(cloud: LocalCloud, aws: Aws, made: Made, network: str) -> None:
    above = made.unit("production")
    made.join(MEMBER, made.unit("team", above["Id"])["Id"])
    aws("ram", NETWORK).enable_sharing_with_aws_organization()
    aws("ram", NETWORK).create_resource_share(name="n", resourceArns=[network], principals=[above["Arn"]])
    cloud.settle()
    assert received(aws, MEMBER) == [network]


@fact("the model of Organizations: a new account is there a little after it was asked for")
def test_a_new_account_joins_when_it_is_created(cloud: LocalCloud, made: Made) -> None:
    asked = made.management.create_account(AccountName="team", Email="team@example.com")["CreateAccountStatus"]
    assert asked["State"] == "IN_PROGRESS"
    cloud.settle()
    now = made.management.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    assert now["State"] == "SUCCEEDED"
    account = made.management.describe_account(AccountId=now["AccountId"])["Account"]
    assert (account["Name"], account["Status"], account["JoinedMethod"]) == ("team", "ACTIVE", "CREATED")
    assert now["AccountId"] in [one["Id"] for one in made.management.list_accounts()["Accounts"]]


REFUSED: dict[str, tuple[str, str, Callable[[Made], dict[str, Any]], str]] = {
    "an outsider asks": (OTHER, "describe_organization", lambda _: {}, "AWSOrganizationsNotInUseException"),
    "a member lists": (MEMBER, "list_accounts", lambda _: {}, "AccessDeniedException"),
    "a second time": (NETWORK, "create_organization", lambda _: {}, "AlreadyInOrganizationException"),
    "the management account leaves": (
        NETWORK,
        "leave_organization",
        lambda _: {},
        "MasterCannotLeaveOrganizationException",
    ),
    "with a member in it": (NETWORK, "delete_organization", lambda _: {}, "OrganizationNotEmptyException"),
    "an unknown parent": (
        NETWORK,
        "create_organizational_unit",
        lambda made: {"ParentId": f"{made.root}zz", "Name": "x"},
        "ParentNotFoundException",
    ),
    "a name twice": (
        NETWORK,
        "create_organizational_unit",
        lambda made: {"ParentId": made.root, "Name": made.unit("x")["Name"]},
        "DuplicateOrganizationalUnitException",
    ),
    "where it stands already": (
        NETWORK,
        "move_account",
        lambda made: {"AccountId": MEMBER, "SourceParentId": made.root, "DestinationParentId": made.root},
        "DuplicateAccountException",
    ),
    "an account of nobody": (
        NETWORK,
        "describe_account",
        lambda _: {"AccountId": OTHER},
        "AccountNotFoundException",
    ),
    "a member again": (
        NETWORK,
        "invite_account_to_organization",
        lambda _: {"Target": {"Type": "ACCOUNT", "Id": MEMBER}},
        "HandshakeConstraintViolationException",
    ),
    "what is left out": (NETWORK, "list_policies", lambda _: {"Filter": "TAG_POLICY"}, "NotImplemented"),
}


@fact("the model of Organizations: each refusal has its own error")
@pytest.mark.parametrize("case", REFUSED)
def test_what_organizations_refuses(aws: Aws, made: Made, case: str) -> None:
    made.join(MEMBER)
    account, method, given, code = REFUSED[case]
    with pytest.raises(ClientError, match=code):
        getattr(aws("organizations", account), method)(**given(made))


@fact("the model of Organizations: an invitation is answered once, by the account that it went to")
def test_an_invitation_to_join_is_its_receivers(aws: Aws, made: Made) -> None:
    asked = made.management.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": MEMBER})
    handshake = {"HandshakeId": asked["Handshake"]["Id"]}
    with refused("HandshakeNotFoundException"):
        aws("organizations", OTHER).accept_handshake(**handshake)
    member = aws("organizations", MEMBER)
    assert [one["State"] for one in member.list_handshakes_for_account()["Handshakes"]] == ["OPEN"]
    assert member.decline_handshake(**handshake)["Handshake"]["State"] == "DECLINED"
    with refused("InvalidHandshakeTransitionException"):
        member.accept_handshake(**handshake)
    with refused("AWSOrganizationsNotInUseException"):
        member.describe_organization()


@fact("the model of Organizations: what a page leaves out is on the next")
def test_units_come_in_pages(made: Made) -> None:
    names = {made.unit(f"unit-{number}")["Name"] for number in range(5)}
    pages = made.management.get_paginator("list_organizational_units_for_parent").paginate(
        ParentId=made.root, PaginationConfig={"PageSize": 2}
    )
    sizes = [page["OrganizationalUnits"] for page in pages]
    assert [len(one) for one in sizes] == [2, 2, 1]
    assert {unit["Name"] for page in sizes for unit in page} == names


@fact("the model of Organizations: an empty organisation can be deleted, and another made")
def test_an_organisation_ends(made: Made, aws: Aws) -> None:
    made.management.delete_organization()
    with refused("AWSOrganizationsNotInUseException"):
        made.management.describe_organization()
    assert Made(aws).id != made.id
