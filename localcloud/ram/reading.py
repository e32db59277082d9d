"""RAM's operations that only look: what an owner lists, and what a consumer does."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from localcloud.caller import Caller
from localcloud.ram import refusals
from localcloud.ram.model import (
    BY_ARN,
    BY_TYPE,
    PERMISSIONS,
    Association,
    Share,
    Wire,
    moment,
    permission_for,
)

if TYPE_CHECKING:
    from localcloud.ram.service import Ram

# How many an answer holds when nothing is asked; RAM says only that it differs between operations.
PAGE = 100

type Row = tuple[int, Wire]  # the serial that orders it, and what is shown


def _page(ram: Ram, key: str, rows: Iterable[Row], params: Wire, caller: Caller) -> Wire:
    """One page under `key`. The token holds the last serial shown and is good for the same request only."""
    asked = {name: value for name, value in params.items() if name not in ("maxResults", "nextToken")}
    bound = hashlib.sha256(json.dumps([key, caller.account, caller.region, asked], sort_keys=True).encode())
    mark = bound.hexdigest()[:12]
    after = _opened(params["nextToken"], mark) if params.get("nextToken") else -1
    if after == -1 and ram.sparse_pages:
        return {key: [], "nextToken": _token(mark, 0)}
    rest = sorted((row for row in rows if row[0] > after), key=lambda row: row[0])
    size = params.get("maxResults", PAGE)
    answer: Wire = {key: [shown for _, shown in rest[:size]]}
    if len(rest) > size:
        answer["nextToken"] = _token(mark, rest[size - 1][0])
    return answer


def _token(mark: str, serial: int) -> str:
    return base64.urlsafe_b64encode(f"{mark}:{serial}".encode()).decode()


def _opened(token: str, mark: str) -> int:
    try:
        theirs, _, serial = base64.urlsafe_b64decode(token).decode().partition(":")
        after = int(serial)
    except (binascii.Error, ValueError) as error:
        raise refusals.invalid_next_token() from error
    if theirs != mark:
        raise refusals.invalid_next_token()
    return after


# --- shares ------------------------------------------------------------------------------------------------


def _shares(ram: Ram, params: Wire, caller: Caller) -> Wire:
    named = [ram.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    own = params["resourceOwner"] == "SELF"
    if own:
        seen = [(share, share.status) for share in ram.shares.owned(caller.account, caller.region)]
    else:
        seen = list(_consumed(ram, caller).values())
    rows = [
        (share.serial, share.wire(status, own=own))
        for share, status in seen
        if (not named or share.arn in named)
        and params.get("name") in (None, share.name)
        and params.get("resourceShareStatus") in (None, status)
        and _tags_match(share, params.get("tagFilters", []), own=own)
        and _permission_matches(share, params)
    ]
    return _page(ram, "resourceShares", rows, params, caller)


def _consumed(ram: Ram, caller: Caller) -> dict[str, tuple[Share, str]]:
    """The shares of others that mean the caller, with what they are to it: PENDING until they can be used."""
    found: dict[str, tuple[Share, str]] = {}
    for association in ram.shares.admissions(caller.account, ram.cloud.organization):
        share = association.share
        if share.region != caller.region or share.status != "ACTIVE":
            continue
        if not association.visible and not _is_invited(ram, association):
            continue
        status = "ACTIVE" if association.visible else "PENDING"
        if found.get(share.arn, (share, ""))[1] != "ACTIVE":
            found[share.arn] = (share, status)
    return found


def _is_invited(ram: Ram, association: Association) -> bool:
    received = ram.shares.received(association.entity)
    return association.invited and any(i.association is association for i in received)


def _tags_match(share: Share, filters: list[Wire], *, own: bool) -> bool:
    # The tags of a share are its owner's: to a consumer no filter on them finds anything.
    return all(
        own
        and wanted.get("tagKey") in share.tags
        and (not wanted.get("tagValues") or share.tags[wanted["tagKey"]] in wanted["tagValues"])
        for wanted in filters
    )


def _permission_matches(share: Share, params: Wire) -> bool:
    arn = params.get("permissionArn")
    return arn is None or any(permission.arn == arn for permission in share.permissions.values())


def _associations(ram: Ram, params: Wire, caller: Caller) -> Wire:
    kind = params["associationType"]
    if kind == "PRINCIPAL" and params.get("resourceArn"):
        raise refusals.invalid("resourceArn cannot be given for principals")
    if kind == "RESOURCE" and params.get("principal"):
        raise refusals.invalid("principal cannot be given for resources")
    named = [ram.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    entity = params.get("resourceArn") or params.get("principal")
    rows = [
        (association.serial, association.wire())
        for share in ram.shares.owned(caller.account, caller.region)
        if not named or share.arn in named
        for association in share.of(kind)
        if entity in (None, association.entity) and params.get("associationStatus") in (None, association.status)
    ]
    return _page(ram, "resourceShareAssociations", rows, params, caller)


# --- invitations -------------------------------------------------------------------------------------------


def _invitations(ram: Ram, params: Wire, caller: Caller) -> Wire:
    named = [ram.invitation(arn, caller).arn for arn in params.get("resourceShareInvitationArns", [])]
    shares = params.get("resourceShareArns", [])
    rows = [
        (invitation.serial, invitation.wire())
        for invitation in ram.shares.received(caller.account)
        if invitation.share.region == caller.region
        and (not named or invitation.arn in named)
        and (not shares or invitation.share.arn in shares)
    ]
    return _page(ram, "resourceShareInvitations", rows, params, caller)


def _pending_resources(ram: Ram, params: Wire, caller: Caller) -> Wire:
    invitation = ram.invitation(params["resourceShareInvitationArn"], caller)
    if invitation.status in ("REJECTED", "EXPIRED"):
        raise refusals.answered(invitation)
    rows = [
        (resource.serial, _resource(resource))
        for resource in invitation.share.of("RESOURCE")
        if resource.alive and params.get("resourceRegionScope") != "GLOBAL"
    ]
    return _page(ram, "resources", rows, params, caller)


# --- resources and principals ------------------------------------------------------------------------------


def _resource(association: Association) -> Wire:
    permission = permission_for(association.entity)
    return {
        "arn": association.entity,
        "type": permission.resource_type if permission else "",
        "resourceShareArn": association.share.arn,
        "status": "AVAILABLE" if association.status == "ASSOCIATED" else "PENDING",
        "creationTime": moment(association.created),
        "lastUpdatedTime": moment(association.updated),
        "resourceRegionScope": "REGIONAL",
    }


def _type_asked(params: Wire) -> str | None:
    """The asked resource type in lower case: case does not matter to RAM."""
    asked = params.get("resourceType")
    if asked is None:
        return None
    if asked.lower() not in BY_TYPE:
        raise refusals.unknown_type(asked)
    return str(asked).lower()


def _is_of(association: Association, wanted: str | None) -> bool:
    permission = permission_for(association.entity)
    return wanted is None or (permission is not None and permission.resource_type.lower() == wanted)


def _shares_seen(ram: Ram, params: Wire, caller: Caller) -> list[Share]:
    """The shares that a list by resourceOwner looks into: one's own, or those that one can use."""
    named = [ram.share(arn, caller).arn for arn in params.get("resourceShareArns", [])]
    if params["resourceOwner"] == "SELF":
        seen = [s for s in ram.shares.owned(caller.account, caller.region) if s.status != "DELETED"]
    else:
        seen = [share for share, status in _consumed(ram, caller).values() if status == "ACTIVE"]
    return [share for share in seen if not named or share.arn in named]


def _resources(ram: Ram, params: Wire, caller: Caller) -> Wire:
    wanted, own = _type_asked(params), params["resourceOwner"] == "SELF"
    arns, principal = params.get("resourceArns"), params.get("principal")
    rows = [
        (resource.serial, _resource(resource))
        for share in _shares_seen(ram, params, caller)
        if principal is None or _has_principal(share, principal, own=own)
        for resource in share.of("RESOURCE")
        if resource.alive
        and (own or resource.visible)
        and (not arns or resource.entity in arns)
        and _is_of(resource, wanted)
        and ram.cloud.lattice.exists(resource.entity)
        and params.get("resourceRegionScope") != "GLOBAL"
    ]
    return _page(ram, "resources", rows, params, caller)


def _has_principal(share: Share, principal: str, *, own: bool) -> bool:
    if not own:
        return share.owner == principal
    association = share.associations.get(("PRINCIPAL", principal))
    return association is not None and association.alive


def _principals(ram: Ram, params: Wire, caller: Caller) -> Wire:
    wanted, own = _type_asked(params), params["resourceOwner"] == "SELF"
    arn, names = params.get("resourceArn"), params.get("principals")
    rows: list[Row] = []
    for share in _shares_seen(ram, params, caller):
        resources = [r for r in share.of("RESOURCE") if r.alive and _is_of(r, wanted)]
        if (wanted and not resources) or (arn and arn not in [r.entity for r in resources]):
            continue
        # A consumer is shown who shares with it: the owners, not its fellows.
        listed = [a for a in share.of("PRINCIPAL") if a.alive] if own else [None]
        for association in listed:
            name = association.entity if association else share.owner
            if names and name not in names:
                continue
            at = association or share
            shown: Wire = {
                "id": name,
                "resourceShareArn": share.arn,
                "creationTime": moment(at.created),
                "lastUpdatedTime": moment(at.updated),
            }
            if association:
                shown["external"] = association.external
            rows.append((at.serial, shown))
    return _page(ram, "principals", rows, params, caller)


# --- types and permissions ---------------------------------------------------------------------------------


def _types(ram: Ram, params: Wire, caller: Caller) -> Wire:
    rows = [
        (
            number,
            {
                "resourceType": permission.resource_type,
                "serviceName": "vpc-lattice",
                "resourceRegionScope": "REGIONAL",
            },
        )
        for number, permission in enumerate(PERMISSIONS.values(), start=1)
        if params.get("resourceRegionScope") != "GLOBAL"
    ]
    return _page(ram, "resourceTypes", rows, params, caller)


def _permissions(ram: Ram, params: Wire, caller: Caller) -> Wire:
    wanted = _type_asked(params)
    none = (
        params.get("permissionType") == "CUSTOMER_MANAGED"
        or params.get("permissionStatus") not in (None, "ATTACHABLE")
        or params.get("resourceOwner") == "OTHER-ACCOUNTS"
    )
    rows = [
        (number, permission.summary())
        for number, permission in enumerate(PERMISSIONS.values(), start=1)
        if not none and wanted in (None, permission.resource_type.lower())
    ]
    return _page(ram, "permissions", rows, params, caller)


def _permission(_ram: Ram, params: Wire, _caller: Caller) -> Wire:
    arn = params["permissionArn"]
    if not arn.startswith("arn:"):
        raise refusals.malformed(arn)
    if arn not in BY_ARN or params.get("permissionVersion", 1) != 1:
        raise refusals.unknown(f"The permission {arn} could not be found")
    return {"permission": BY_ARN[arn].detail()}


def _share_permissions(ram: Ram, params: Wire, caller: Caller) -> Wire:
    share = ram.share(params["resourceShareArn"], caller)
    permissions = sorted(share.permissions.values(), key=lambda permission: permission.name)
    rows = [
        (number, permission.summary() | {"status": "ASSOCIATED"})
        for number, permission in enumerate(permissions, start=1)
    ]
    return _page(ram, "permissions", rows, params, caller)


def _permission_versions(ram: Ram, params: Wire, caller: Caller) -> Wire:
    permission = _permission(ram, {"permissionArn": params["permissionArn"]}, caller)
    return _page(ram, "permissions", [(1, BY_ARN[permission["permission"]["arn"]].summary())], params, caller)


def _permission_associations(ram: Ram, params: Wire, caller: Caller) -> Wire:
    """In which of the caller's shares which permission is; all permissions have one version."""
    wanted = _type_asked(params)
    arn = params.get("permissionArn")
    if arn is not None and not arn.startswith("arn:"):
        raise refusals.malformed(arn)
    none = params.get("permissionVersion", 1) != 1 or params.get("associationStatus") not in (None, "ASSOCIATED")
    rows = [
        (
            share.serial,
            {
                "arn": permission.arn,
                "permissionVersion": "1",
                "defaultVersion": True,
                "resourceType": permission.resource_type,
                "status": "ASSOCIATED",
                "featureSet": "STANDARD",
                "lastUpdatedTime": moment(share.updated),
                "resourceShareArn": share.arn,
            },
        )
        for share in ram.shares.owned(caller.account, caller.region)
        if share.status == "ACTIVE" and not none
        for permission in share.permissions.values()
        if arn in (None, permission.arn) and wanted in (None, permission.resource_type.lower())
    ]
    return _page(ram, "permissions", rows, params, caller)


OPERATIONS: dict[str, Callable[[Ram, Wire, Caller], Wire]] = {
    "GetPermission": _permission,
    "GetResourceShareAssociations": _associations,
    "GetResourceShareInvitations": _invitations,
    "GetResourceShares": _shares,
    "ListPendingInvitationResources": _pending_resources,
    "ListPermissionAssociations": _permission_associations,
    "ListPermissionVersions": _permission_versions,
    "ListPermissions": _permissions,
    "ListPrincipals": _principals,
    "ListResourceSharePermissions": _share_permissions,
    "ListResourceTypes": _types,
    "ListResources": _resources,
}
