"""Share the network with an account and take it back, in the network account; accept it, in the member's."""

import time

from botocore.exceptions import ClientError

from onramp.aws.apply.scene import Scene, removed
from onramp.aws.errors import code, denied, missing
from onramp.core.errors import NotYet, Refused
from onramp.core.steps import AcceptShare, ShareNetwork, UnshareNetwork


def share(scene: Scene, step: ShareNetwork) -> str:
    try:
        scene.client("ram").associate_resource_share(
            resourceShareArn=scene.network.share, principals=[step.name], clientToken=scene.token(step)
        )
    except ClientError as error:
        if missing(error):  # it is the stack's, and no time brings it back
            said = f"{error.operation_name}: {code(error)}"
            why = f"ask infra: the share of this network is gone from its stack: {said}"
            raise Refused("sharing-failed", why) from error
        raise
    return ""


def unshare(scene: Scene, step: UnshareNetwork) -> str:
    return removed(
        lambda: scene.client("ram").disassociate_resource_share(
            resourceShareArn=scene.network.share, principals=[step.name], clientToken=scene.token(step)
        )
    )


INVITED_WITHIN = 6
"""Seconds to wait for an invitation that was just sent: half a dozen cost less than one more round of the machine."""


def _invitation(scene: Scene) -> str:
    """The invitation of the network's share that waits for an answer; NotYet when none comes within seconds."""
    for _ in range(INVITED_WITHIN // 3):
        time.sleep(3)
        try:
            answer = scene.client("ram").get_resource_share_invitations(resourceShareArns=[scene.network.share])
        except ClientError as error:
            if denied(error):  # a member stack of release 0.1.0: its reader may list them, so the next look finds it
                raise NotYet("the invitation is looked for by the next look") from error
            raise
        for found in answer["resourceShareInvitations"]:
            if found["status"] == "PENDING" and found["senderAccountId"] == scene.network.account:
                return str(found["resourceShareInvitationArn"])
    raise NotYet("the invitation has not come yet")


def accept(scene: Scene, step: AcceptShare) -> str:
    invitation = step.invitation or _invitation(scene)
    try:
        scene.client("ram").accept_resource_share_invitation(
            resourceShareInvitationArn=invitation, clientToken=scene.token(step)
        )
    except ClientError as error:
        if code(error) != "ResourceShareInvitationAlreadyAcceptedException":
            raise
    return ""
