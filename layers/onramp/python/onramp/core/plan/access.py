"""The network within the account's reach: share it, accept, or wait; and end the share when nothing needs it."""

from onramp.core import denials, names, tags
from onramp.core.inventory import Refusal
from onramp.core.model import INVITATIONS, SHARE
from onramp.core.plan.ground import Ground, Part, join, unlisted, wait, within_reach
from onramp.core.steps import AcceptShare, ShareNetwork, UnshareNetwork

INVITED_AGAIN_SECONDS = 86400
"""A person's no holds for a day; then the tag, if it is still there, has the account invited again."""

EARLIER_SECONDS = 3600
"""An invitation that was sent so long before its share association was made belongs to an earlier one."""


COME_SECONDS = 300
"""How long after a share was taken it may be that the account does not see the network yet."""


def _differs(ground: Ground) -> bool:
    """Is it by the member's stack that the network is not seen? In which words AWS denies one that is not shared with
    the account, or not yet, is not established: so not before it has had the time to come.
    """
    there = ground.observed.access
    taken = there.principal == "ASSOCIATED" and not there.invitation
    return bool(there.differs) and taken and ground.now >= max(there.associated_at, there.updated_at) + COME_SECONDS


def access(ground: Ground) -> Part:
    """What brings the network within reach. `person`: what somebody in the account has to do first."""
    network, observed = ground.network, ground.observed
    there = observed.access
    if there.visible or not there.known:
        return Part()
    if _differs(ground):
        return Part(failed=(f"{there.differs}: {there.denied}",))
    if there.lacking:
        return Part(person=f"ask infra: the RAM permission by which the network is shared lacks {there.lacking[0]}")
    shared = there.principal not in {"", "DISASSOCIATED", "FAILED"}
    earlier = shared and there.invited_at + EARLIER_SECONDS < there.associated_at
    hidden = unlisted(ground, SHARE) or (unlisted(ground, INVITATIONS) if shared and network.invites else None)
    if hidden is not None:
        return hidden
    answered = "" if there.invitation or earlier else there.answered
    if answered == "REJECTED" and ground.now < there.invited_at + INVITED_AGAIN_SECONDS:
        return Part(
            person=f"accept the next invitation in RAM, a day after the last, or remove the tag"
            f" {network.prefix}{tags.NETWORK}: that to network {network.name} was rejected in this account"
        )
    if not shared:
        because = f"account {observed.account} has something to connect and does not see network {network.name}"
        share = ground.do_sharing(ShareNetwork, because)
        if not (network.invites and network.acceptance == "automatic" and share.steps):
            return share
        because = "its invitation comes within seconds, while the rest is being made"
        return join([share, ground.do(AcceptShare, network.name, because, needs=share.steps[0].key)])
    if there.principal == "DISASSOCIATING":
        return wait("an earlier share is being ended")
    if answered in {"REJECTED", "EXPIRED"}:
        # It cannot be accepted any more: only a new association of the account sends a new one (facts 17).
        return ground.do_sharing(UnshareNetwork, f"its invitation is {answered}: the account has to be invited anew")
    if not there.invitation:
        return wait("the share has not reached the account yet")
    if network.acceptance == "manual":
        return Part(person="accept the resource share invitation of this network in RAM: it expires after 12 hours")
    because = f"the invitation came from the network account {network.account}"
    return ground.do(AcceptShare, network.name, because, invitation=there.invitation)


def barred(ground: Ground) -> str:
    """What is said beside a share that does not come into sight, and where AWS shows it: it may have come long ago."""
    there = ground.observed.access
    if there.principal != "ASSOCIATED" or not there.denied:
        return ""
    role = names.role(ground.network.name, "reader")
    return f". If that lasts, let role {role} see the network, or lift what denies it: {there.denied}"


def may_make(ground: Ground, access: Part) -> bool:
    """Is the network within reach, or has it been asked for? Nothing is made for a service before that."""
    there = ground.observed.access
    if within_reach(ground):
        return True
    if there.lacking or there.differs:
        return False
    if any(step.key in ground.doubts for step in access.steps):
        return False  # the last run could not share it: what is made meanwhile would only be unwound again
    return not access.failed and (bool(there.invitation) or not access.person)


def refused(ground: Ground) -> tuple[Refusal, ...]:
    """What infra is told of a share by which nobody could join: it is theirs to mend, not the team's. So is a member's
    stack by which nobody of that account can.
    """
    there = ground.observed.access
    if _differs(ground):
        return (denials.refusal(ground.observed.account, f"{there.differs}: {there.denied}"),)
    network, lacking = ground.network, ground.observed.access.lacking
    if not lacking:
        return ()
    message = (
        f"allow {' '.join(lacking)} in {network.share_permission}, or leave SharePermissionArn empty: nobody can join"
    )
    return (Refusal(code="share-permission", resource=network.share, message=message),)


def unshare(ground: Ground) -> Part:
    principal = ground.observed.access.principal
    if principal in {"ASSOCIATING", "ASSOCIATED"}:
        because = f"nothing of account {ground.observed.account} is on network {ground.network.name} any more"
        return ground.do_sharing(UnshareNetwork, because)
    if principal == "DISASSOCIATING":
        return wait("the share is being ended")
    return Part()
