"""The organisation itself: founded, described, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.service import Operations
from localcloud.services.organizations.answers import page
from localcloud.services.organizations.estate import Estate, Wire, by_management
from localcloud.services.organizations.policies import policy_types

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller


def create_organization(estate: Estate, params: Wire, caller: Caller) -> Wire:
    if estate.all.id_of(caller.account):
        text = "The AWS account is already a member of an organization."
        raise AwsError("AlreadyInOrganizationException", text)
    if estate.all.id:
        raise NotEmulated("organizations", "CreateOrganization of a second organization")
    if params.get("FeatureSet", "ALL") != "ALL":
        raise NotEmulated("organizations", "CreateOrganization for consolidated billing")
    estate.all.create(caller.account, f"o-{estate.letters(10)}", f"r-{estate.letters(4)}")
    return {"Organization": shown_organization(estate)}


def describe_organization(estate: Estate, _: Wire, caller: Caller) -> Wire:
    estate.require_member(caller)
    return {"Organization": shown_organization(estate)}


def delete_organization(estate: Estate, _: Wire, caller: Caller) -> Wire:
    if estate.all.accounts != {caller.account} or estate.all.units():
        text = "To delete the organization, remove all member accounts and organizational units first."
        raise AwsError("OrganizationNotEmptyException", text)
    estate.all.disband()
    estate.trusted.clear()
    return {}


def shown_organization(estate: Estate) -> Wire:
    management = estate.all.management
    return {
        "Id": estate.all.id,
        "Arn": estate.all.arn,
        "FeatureSet": "ALL",
        "MasterAccountArn": estate.account_arn(management),
        "MasterAccountId": management,
        "MasterAccountEmail": estate.known(management).email,
        "AvailablePolicyTypes": [],
    }


def list_roots(estate: Estate, params: Wire, _: Caller) -> Wire:
    arn = f"arn:aws:organizations::{estate.all.management}:root/{estate.all.id}/{estate.all.root}"
    return page(
        "Roots", [{"Id": estate.all.root, "Arn": arn, "Name": "Root", "PolicyTypes": policy_types(estate)}], params
    )


OPERATIONS: Operations[Estate] = {
    "CreateOrganization": create_organization,
    "DeleteOrganization": by_management(delete_organization),
    "DescribeOrganization": describe_organization,
    "ListRoots": by_management(list_roots),
}
