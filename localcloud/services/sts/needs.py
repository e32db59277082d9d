"""What IAM must allow for STS: the role, unless its trust policy names the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.ground.caller import Caller
from localcloud.services.sts.estate import Estate

if TYPE_CHECKING:
    from onramp.core.policy import Values


def context_of(params: dict[str, Any]) -> dict[str, Values]:
    context: dict[str, Values] = {"sts:RoleSessionName": params["RoleSessionName"]}
    if params.get("ExternalId"):
        context["sts:ExternalId"] = params["ExternalId"]
    if params.get("SourceIdentity"):
        context["sts:SourceIdentity"] = params["SourceIdentity"]
    return context


def authorisation(
    estate: Estate, operation: str, params: dict[str, Any], caller: Caller
) -> list[tuple[str, str, dict[str, Values]]]:
    """AssumeRole on the role; not where a role of the same account is named by the trust policy itself.

    GetCallerIdentity needs nothing: AWS answers it even to those who are denied it.
    """
    if operation != "AssumeRole":
        return []
    role, context = params["RoleArn"], context_of(params)
    same_account = role.split(":")[4:5] == [caller.account]
    if same_account and estate.cloud.iam.trusts_by_name(role, caller, context):
        return []
    return [("sts:AssumeRole", role, {**context, **_owner_keys(estate, role.split(":")[4])})]


def _owner_keys(estate: Estate, account: str) -> dict[str, Values]:
    """Whose the role is: the account, and its place in the organisation if it is in one."""
    organization = estate.cloud.organization
    keys: dict[str, Values] = {"aws:ResourceAccount": account}
    if organization.id_of(account):
        keys["aws:ResourceOrgID"] = organization.id_of(account)
        keys["aws:ResourceOrgPaths"] = organization.paths_of(account)
    return keys
