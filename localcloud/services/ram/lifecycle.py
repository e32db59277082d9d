"""An association from joining to parting, with the invitation in between, as time passes."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.services.ram.estate import Estate, is_inside, needs_invitation
from localcloud.services.ram.model import (
    ASSOCIATION,
    CONSUMER_LAG,
    INVITATION,
    INVITATION_LIFE,
    JOINING,
    KEPT,
    Association,
    Invitation,
    Kind,
    Share,
)
from localcloud.services.ram.tells import announce


def complete_later(estate: Estate, association: Association, seconds: float) -> None:
    clock = estate.cloud.clock

    def complete() -> None:
        if association.status != "ASSOCIATING":
            return
        settle(estate, association, "ASSOCIATED")
        # Accepted shares count their lag from the acceptance, the others from here.
        lag = CONSUMER_LAG - (JOINING if association.invited else 0.0)
        clock.after(lag, appear, "a share to reach its consumers")

    def appear() -> None:
        association.visible = association.status == "ASSOCIATED"

    clock.after(seconds, complete, "a share association")


def end_invitation(estate: Estate, invitation: Invitation, status: str) -> None:
    invitation.status = status
    estate.expiries.pop(invitation.arn, lambda: None)()
    announce(estate, invitation.association, "Resource Share Invitation", status.lower())


def fail_later(estate: Estate, association: Association, message: str) -> None:
    def fail() -> None:
        if association.status == "ASSOCIATING":
            association.message = message
            settle(estate, association, "FAILED")

    estate.cloud.clock.after(ASSOCIATION, fail, "a share association to fail")


def invite(estate: Estate, association: Association) -> None:
    association.settling = False
    if association.status != "ASSOCIATING":
        return
    share = association.share
    actor = Caller(share.owner, share.region, "")
    arn = estate.arn(actor, "resource-share-invitation")
    now = estate.cloud.clock.now
    invitation = Invitation(estate.shares.serial(), arn, association, association.entity, now)
    estate.shares.invite(invitation)

    def expire() -> None:
        end_invitation(estate, invitation, "EXPIRED")
        part(estate, association)

    life = estate.cloud.clock.after(INVITATION_LIFE, expire, "an invitation to expire", background=True)
    estate.expiries[arn] = life
    announce(estate, association, "Resource Share Invitation", "pending")


def join(estate: Estate, share: Share, kind: Kind, entity: str) -> Association:
    there = share.associations.get((kind, entity))
    if there is not None and there.alive:
        return there
    now = estate.cloud.clock.now
    association = Association(estate.shares.serial(), share, kind, entity, now, now)
    if kind == "PRINCIPAL":
        association.invited = needs_invitation(estate, share, entity)
        association.external = not is_inside(estate, share.owner, entity)
    estate.shares.join(association)
    if waiting := estate.failing.get(entity):
        fail_later(estate, association, waiting.pop(0))
    elif association.invited:
        estate.cloud.clock.after(INVITATION, lambda: invite(estate, association), "an invitation to appear")
    else:
        complete_later(estate, association, ASSOCIATION)
    return association


def part(estate: Estate, association: Association) -> None:
    """Begin to end an association: its effect ends now, RAM's own work a little later."""
    if association.status == "DISASSOCIATING":
        return
    association.status, association.updated = "DISASSOCIATING", estate.cloud.clock.now
    association.visible = False
    withdraw(estate, association)

    def parted() -> None:
        settle(estate, association, "DISASSOCIATED")

    clock = estate.cloud.clock
    clock.after(ASSOCIATION, parted, "a share association to end")
    clock.after(KEPT, lambda: estate.shares.part(association), "an ended association", background=True)


def settle(estate: Estate, association: Association, status: str) -> None:
    association.status, association.updated = status, estate.cloud.clock.now
    association.settling = False
    announce(estate, association, "Resource Share Association", status.lower())


def withdraw(estate: Estate, association: Association) -> None:
    for invitation in list(estate.shares.received(association.entity)):
        if invitation.association is association and invitation.status == "PENDING":
            end_invitation(estate, invitation, "EXPIRED")
