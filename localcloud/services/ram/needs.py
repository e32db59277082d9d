"""What IAM must allow for RAM: a creation on `*`, a change on the share, an answer on the invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.ground.caller import Caller
from localcloud.ground.needs import request_tags, resource_tags
from localcloud.services.ram.estate import Estate, owner_of
from localcloud.services.ram.model import Wire, permission_for

if TYPE_CHECKING:
    from onramp.core.policy import Values


def _requested(params: Wire) -> dict[str, Values]:
    context: dict[str, Values] = {}
    resources = params.get("resourceArns", [])
    if resources:
        context["ram:ResourceArn"] = list(resources)
        context["ram:RequestedResourceType"] = [p.resource_type for p in map(permission_for, resources) if p]
    if params.get("principals"):
        context["ram:Principal"] = list(params["principals"])
    return context


def _resource_policies(params: Wire, operation: str) -> list[tuple[str, str, dict[str, Values]]]:
    """RAM writes the policy itself, in the caller's name."""
    ours: dict[str, Values] = {"aws:ViaAWSService": "true"}
    return [(f"vpc-lattice:{operation}", arn, ours) for arn in params.get("resourceArns", []) if permission_for(arn)]


def authorisation(estate: Estate, operation: str, params: Wire, _: Caller) -> list[tuple[str, str, dict[str, Values]]]:
    """What IAM must allow (facts 24): a creation on `*`, a change on the share, an answer on the invitation.

    Sharing and unsharing a Lattice resource writes its resource policy in the caller's name.
    """
    action = f"ram:{operation}"
    asked = request_tags(params.get("tags"), params.get("tagKeys"))
    if operation == "CreateResourceShare":
        external = "true" if params.get("allowExternalPrincipals", True) else "false"
        context = asked | _requested(params) | {"ram:RequestedAllowsExternalPrincipals": external}
        return [(action, "*", context), *_resource_policies(params, "PutResourcePolicy")]
    invitation = params.get("resourceShareInvitationArn")
    if invitation:
        found = estate.shares.invitations.get(invitation)
        sender = found.share.owner if found else owner_of(invitation)
        return [(action, invitation, {"ram:ShareOwnerAccountId": sender})]
    arn = params.get("resourceShareArn") or params.get("resourceArn")
    if not arn or operation.startswith(("Get", "List")):
        return [(action, params.get("permissionArn") or "*", {})]
    context = asked | _requested(params) | resource_tags(arn, estate.cloud)
    share = estate.shares.all.get(arn)
    if share:
        context["ram:ResourceShareName"] = share.name
        context["ram:AllowsExternalPrincipals"] = "true" if share.external else "false"
    if "allowExternalPrincipals" in params:
        external = "true" if params["allowExternalPrincipals"] else "false"
        context["ram:RequestedAllowsExternalPrincipals"] = external
    policy = "PutResourcePolicy" if operation == "AssociateResourceShare" else "DeleteResourcePolicy"
    return [(action, arn, context), *_resource_policies(params, policy)]
