"""RAM within an AWS organisation, where nobody is invited (facts 1 and 17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, World, refused

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord
from localcloud.ground.organization import Organization
from localcloud.services.ram.model import ASSOCIATION, CONSUMER_LAG

fact = pytest.mark.fact
type Aws = Callable[[str, str], Any]

UNIT, TEAM = "ou-ab12-11111111", "ou-ab12-22222222"


@pytest.fixture
def organization(cloud: LocalCloud) -> Organization:
    """Of network and member account, the member in a unit; RAM sharing is on; the other account is outside."""
    organization = cloud.organization
    organization.create(NETWORK, ram_sharing=True)
    organization.add_unit(UNIT)
    organization.add_unit(TEAM, UNIT)
    organization.add(MEMBER, TEAM)
    return organization


@pytest.fixture
def network(world: World) -> str:
    return str(world.network()["arn"])


def shared(aws: Aws, network: str, principal: str, **more: Any) -> str:
    params = {"name": "network", "resourceArns": [network], "principals": [principal]} | more
    made = aws("ram", NETWORK).create_resource_share(**params)
    return str(made["resourceShare"]["resourceShareArn"])


def received(aws: Aws, account: str = MEMBER) -> list[str]:
    answer = aws("ram", account).list_resources(resourceOwner="OTHER-ACCOUNTS")
    return [one["arn"] for one in answer["resources"]]


def invitations(aws: Aws, account: str = MEMBER) -> list[str]:
    answer = aws("ram", account).get_resource_share_invitations()
    return [one["status"] for one in answer["resourceShareInvitations"]]


@fact("1: within an organization that has RAM sharing enabled there is no invitation")
def test_a_fellow_account_is_let_in_without_an_invitation(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str
) -> None:
    shared(aws, network, MEMBER, allowExternalPrincipals=False)
    cloud.clock.advance(ASSOCIATION)
    assert received(aws) == []
    cloud.clock.advance(CONSUMER_LAG)
    assert received(aws) == [network]
    assert invitations(aws) == []


@fact("17: principals are account ids, the organisation's ARN, a unit's ARN")
@pytest.mark.parametrize("whom", ["organisation", "unit", "unit above"])
def test_an_organisation_or_unit_stands_for_its_accounts(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str, whom: str
) -> None:
    arns = {
        "organisation": organization.arn,
        "unit": organization.unit_arn(TEAM),
        "unit above": organization.unit_arn(UNIT),
    }
    shared(aws, network, arns[whom], allowExternalPrincipals=False)
    cloud.settle()
    assert received(aws) == [network]
    assert received(aws, OTHER) == []


@fact("17: a unit's ARN does not mean accounts outside the unit")
def test_an_account_outside_the_unit_gets_nothing(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str
) -> None:
    organization.add(OTHER)
    shared(aws, network, organization.unit_arn(UNIT))
    cloud.settle()
    assert received(aws, OTHER) == []


@fact("17: accounts that join the organization or unit later gain access by themselves; those that leave lose it")
def test_access_follows_membership(cloud: LocalCloud, aws: Aws, organization: Organization, network: str) -> None:
    shared(aws, network, organization.unit_arn(UNIT))
    cloud.settle()
    organization.add(OTHER, UNIT)
    assert received(aws, OTHER) == [network]
    organization.remove(OTHER)
    assert received(aws, OTHER) == []


@fact("17: OperationNotPermitted: organization sharing off")
def test_without_sharing_enabled_the_organisation_is_no_principal(
    aws: Aws, organization: Organization, network: str
) -> None:
    organization.ram_sharing = False
    for principal in (organization.arn, organization.unit_arn(UNIT)):
        with refused("OperationNotPermittedException", status=400):
            shared(aws, network, principal)


@fact("17: a unit that is not there is unknown")
def test_an_unknown_unit_is_refused(aws: Aws, organization: Organization, network: str) -> None:
    with refused("UnknownResourceException"):
        shared(aws, network, organization.unit_arn("ou-ab12-99999999"))


@fact("1: elsewhere an invitation is sent, sharing off included")
def test_with_sharing_off_a_fellow_account_is_invited(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str
) -> None:
    organization.ram_sharing = False
    shared(aws, network, MEMBER)
    cloud.settle()
    assert invitations(aws) == ["PENDING"]
    assert received(aws) == []


@fact("1: an account outside the organisation is invited even if sharing is on")
def test_an_account_outside_is_invited(cloud: LocalCloud, aws: Aws, organization: Organization, network: str) -> None:
    shared(aws, network, OTHER)
    cloud.settle()
    assert invitations(aws, OTHER) == ["PENDING"]


@fact("17: with RetainSharingOnAccountLeaveOrganization true, invitations are sent even inside the organization")
def test_a_retained_share_invites_and_outlives_membership(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str
) -> None:
    keep = {"retainSharingOnAccountLeaveOrganization": True}
    shared(aws, network, MEMBER, resourceShareConfiguration=keep)
    cloud.settle()
    assert invitations(aws) == ["PENDING"]
    member = aws("ram", MEMBER)
    arn = member.get_resource_share_invitations()["resourceShareInvitations"][0]["resourceShareInvitationArn"]
    member.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    cloud.settle()
    organization.remove(MEMBER)
    assert received(aws) == [network]


@fact("17: an account that leaves the organisation loses what it had by being in it")
def test_an_account_that_leaves_loses_a_share_without_invitation(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str
) -> None:
    shared(aws, network, MEMBER)
    cloud.settle()
    organization.remove(MEMBER)
    assert received(aws) == []


@fact("17: organization sharing is switched on from the management account")
def test_sharing_is_enabled_by_the_management_account_alone(aws: Aws, organization: Organization) -> None:
    organization.ram_sharing = False
    for account in (MEMBER, OTHER):
        with refused("OperationNotPermittedException"):
            aws("ram", account).enable_sharing_with_aws_organization()
    assert aws("ram", NETWORK).enable_sharing_with_aws_organization()["returnValue"] is True
    assert organization.ram_sharing


@fact("2.2: with organization sharing, association events come but no invitation events")
def test_no_invitation_event_comes_within_the_organisation(
    cloud: LocalCloud, aws: Aws, organization: Organization, network: str
) -> None:
    shared(aws, network, MEMBER)
    cloud.settle()
    found = [one.event for one in cloud.journal.of(EventRecord) if one.event["source"] == "aws.ram"]
    heard = {(event["account"], event["detail"]["event"], event["detail"]["status"]) for event in found}
    assert heard == {(account, "Resource Share Association", "associated") for account in (NETWORK, MEMBER)}
