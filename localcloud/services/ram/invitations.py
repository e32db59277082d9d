"""Invitations: answered, and listed to whom they were sent."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.entities import shown_resource
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.lifecycle import complete_later, end_invitation, part
from localcloud.services.ram.model import JOINING, Invitation, Wire


def accept(estate: Estate, params: Wire, caller: Caller) -> Wire:
    invitation = pending(estate, params["resourceShareInvitationArn"], caller)
    invitation.association.settling = True
    end_invitation(estate, invitation, "ACCEPTED")
    complete_later(estate, invitation.association, JOINING)
    return {"resourceShareInvitation": invitation.wire()}


def pending(estate: Estate, arn: str, caller: Caller) -> Invitation:
    invitation = estate.invitation(arn, caller)
    if invitation.status != "PENDING":
        raise refusals.answered(invitation)
    return invitation


def reject(estate: Estate, params: Wire, caller: Caller) -> Wire:
    invitation = pending(estate, params["resourceShareInvitationArn"], caller)
    end_invitation(estate, invitation, "REJECTED")
    part(estate, invitation.association)
    return {"resourceShareInvitation": invitation.wire()}


def get_invitations(estate: Estate, params: Wire, caller: Caller) -> Wire:
    named = [estate.invitation(arn, caller).arn for arn in params.get("resourceShareInvitationArns", [])]
    shares = params.get("resourceShareArns", [])
    rows = [
        (invitation.serial, invitation.wire())
        for invitation in estate.shares.received(caller.account)
        if invitation.share.region == caller.region
        and (not named or invitation.arn in named)
        and (not shares or invitation.share.arn in shares)
    ]
    return page(estate, "resourceShareInvitations", rows, params, caller)


def list_pending_resources(estate: Estate, params: Wire, caller: Caller) -> Wire:
    invitation = estate.invitation(params["resourceShareInvitationArn"], caller)
    if invitation.status in ("REJECTED", "EXPIRED"):
        raise refusals.answered(invitation)
    rows = [
        (resource.serial, shown_resource(resource))
        for resource in invitation.share.of("RESOURCE")
        if resource.alive and params.get("resourceRegionScope") != "GLOBAL"
    ]
    return page(estate, "resources", rows, params, caller)


OPERATIONS: Operations[Estate] = {
    "AcceptResourceShareInvitation": accept,
    "GetResourceShareInvitations": get_invitations,
    "ListPendingInvitationResources": list_pending_resources,
    "RejectResourceShareInvitation": reject,
}
