"""What an account sees: shares of its own or of others, and the types that it asks for."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.services.ram import refusals
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import BY_TYPE, Association, Share, Wire, permission_for


def consumed(estate: Estate, caller: Caller) -> dict[str, tuple[Share, str]]:
    """The shares of others that mean the caller, with what they are to it: PENDING until they can be used."""
    found: dict[str, tuple[Share, str]] = {}
    for association in estate.shares.admissions(caller.account, estate.cloud.organization):
        share = association.share
        if share.region != caller.region or share.status != "ACTIVE":
            continue
        if not association.visible and not _is_invited(estate, association):
            continue
        status = "ACTIVE" if association.visible else "PENDING"
        if found.get(share.arn, (share, ""))[1] != "ACTIVE":
            found[share.arn] = (share, status)
    return found


def _is_invited(estate: Estate, association: Association) -> bool:
    received = estate.shares.received(association.entity)
    return association.invited and any(i.association is association for i in received)


def type_asked(params: Wire) -> str | None:
    """The asked resource type in lower case: case does not matter to RAM."""
    asked = params.get("resourceType")
    if asked is None:
        return None
    if asked.lower() not in BY_TYPE:
        raise refusals.unknown_type(asked)
    return str(asked).lower()


def is_of(association: Association, wanted: str | None) -> bool:
    permission = permission_for(association.entity)
    return wanted is None or (permission is not None and permission.resource_type.lower() == wanted)


def shares_seen(estate: Estate, params: Wire, caller: Caller) -> list[Share]:
    """The shares that a list by resourceOwner looks into: one's own, or those that one can use."""
    named = [estate.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    if params["resourceOwner"] == "SELF":
        seen = [s for s in estate.shares.owned(caller.account, caller.region) if s.status != "DELETED"]
    else:
        seen = [share for share, status in consumed(estate, caller).values() if status == "ACTIVE"]
    return [share for share in seen if not named or share.arn in named]
