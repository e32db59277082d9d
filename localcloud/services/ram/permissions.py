"""Permissions of RAM: which there are, in which versions, and which a share uses."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import ASSOCIATION, PERMISSIONS, Permissions, Replacement, Share, Wire, moment
from localcloud.services.ram.seen import type_asked


def list_types(estate: Estate, params: Wire, caller: Caller) -> Wire:
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
    return page(estate, "resourceTypes", rows, params, caller)


def list_permissions(estate: Estate, params: Wire, caller: Caller) -> Wire:
    wanted, kind = type_asked(params), params.get("permissionType", "ALL")
    rows = [
        (one.serial, one.summary())
        for one in _seen(estate, caller)
        if params.get("permissionStatus") in (None, one.status)
        and params.get("resourceOwner") != "OTHER-ACCOUNTS"
        and wanted in (None, one.current.resource_type.lower())
        and kind in ("ALL", "CUSTOMER_MANAGED" if one.current.owner else "AWS_MANAGED")
    ]
    return page(estate, "permissions", rows, params, caller)


def get_permission(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = estate.permission(params["permissionArn"], caller)
    return {"permission": found.detail(_version(found, params))}


def list_share_permissions(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.share(params["resourceShareArn"], caller)
    permissions = sorted(share.permissions.values(), key=lambda permission: permission.name)
    rows = [
        (
            number,
            permission.summary(default=_is_default(estate, permission.arn, permission.version))
            | {"status": "ASSOCIATED"},
        )
        for number, permission in enumerate(permissions, start=1)
    ]
    return page(estate, "permissions", rows, params, caller)


def list_permission_versions(estate: Estate, params: Wire, caller: Caller) -> Wire:
    found = estate.permission(params["permissionArn"], caller)
    rows = [(number, found.summary(number)) for number in sorted(found.versions)]
    return page(estate, "permissions", rows, params, caller)


def list_permission_associations(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """In which of the caller's shares which permission is, and in which version."""
    wanted = type_asked(params)
    arn, version = params.get("permissionArn"), params.get("permissionVersion")
    if arn is not None and not arn.startswith("arn:"):
        raise refusals.malformed(arn)
    default = params.get("defaultVersion")
    rows = [
        (
            share.serial,
            {
                "arn": permission.arn,
                "permissionVersion": str(permission.version),
                "defaultVersion": _is_default(estate, permission.arn, permission.version),
                "resourceType": permission.resource_type,
                "status": "ASSOCIATED",
                "featureSet": "STANDARD",
                "lastUpdatedTime": moment(share.updated),
                "resourceShareArn": share.arn,
            },
        )
        for share in _active(estate, caller)
        if params.get("associationStatus") in (None, "ASSOCIATED")
        for permission in share.permissions.values()
        if arn in (None, permission.arn)
        and version in (None, permission.version)
        and default in (None, _is_default(estate, permission.arn, permission.version))
        and wanted in (None, permission.resource_type.lower())
    ]
    return page(estate, "permissions", rows, params, caller)


# --- in a share


def associate(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Always the default version: with `replace` in place of the type's other, or of its own older version."""
    share = estate.own_active(params["resourceShareArn"], caller)
    found = estate.permission(params["permissionArn"], caller)
    if found.status != "ATTACHABLE":
        raise refusals.invalid(f"The permission {found.current.arn} is {found.status}")
    if params.get("permissionVersion", found.default) != found.default:
        raise refusals.invalid("Only the default version of a permission can be associated")
    there = share.permissions.get(found.current.kind)
    if there is not None and there != found.current and not params.get("replace"):
        raise refusals.invalid(
            f"A permission of type {there.resource_type} is associated already; give replace to exchange it"
        )
    share.permissions[found.current.kind] = found.current
    share.updated = estate.cloud.clock.now
    return {"returnValue": True}


def disassociate(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.own_active(params["resourceShareArn"], caller)
    found = estate.permission(params["permissionArn"], caller)
    there = share.permissions.get(found.current.kind)
    if there is None or there.arn != found.current.arn:
        raise refusals.unknown(f"The permission {found.current.arn} is not associated with {share.arn}")
    if any(one.alive and f":{there.kind}/" in one.entity for one in share.of("RESOURCE")):
        raise refusals.not_permitted(f"The resource share has resources of type {there.resource_type}")
    del share.permissions[there.kind]
    share.updated = estate.cloud.clock.now
    return {"returnValue": True}


def replace_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """In all shares of the caller that use the one; it takes a while, as a work that can be looked at."""
    before = estate.permission(params["fromPermissionArn"], caller)
    after = estate.permission(params["toPermissionArn"], caller)
    if before.current.resource_type != after.current.resource_type:
        raise refusals.invalid("Both permissions must be of the same resource type")
    if after.status != "ATTACHABLE":
        raise refusals.not_permitted(f"The permission {after.current.arn} is {after.status}")
    version = params.get("fromPermissionVersion")
    now = estate.cloud.clock.now
    work = Replacement(
        serial=estate.shares.serial(),
        id=estate.arn(caller, "work").rpartition("/")[2],
        account=caller.account,
        region=caller.region,
        before=before.current.arn,
        before_version=version or before.default,
        after=after.current,
        at=now,
        updated=now,
    )
    estate.replacements[work.id] = work

    def done() -> None:
        for share in _active(estate, caller):
            there = share.permissions.get(work.after.kind)
            if there is not None and there.arn == work.before and version in (None, there.version):
                share.permissions[work.after.kind] = work.after
        work.status, work.updated = "COMPLETED", estate.cloud.clock.now

    estate.cloud.clock.after(ASSOCIATION, done, "a permission to be replaced")
    return {"replacePermissionAssociationsWork": work.wire()}


def list_replacements(estate: Estate, params: Wire, caller: Caller) -> Wire:
    wanted = params.get("workIds")
    rows = [
        (work.serial, work.wire())
        for work in estate.replacements.values()
        if (work.account, work.region) == (caller.account, caller.region)
        and (not wanted or work.id in wanted)
        and params.get("status") in (None, work.status)
    ]
    return page(estate, "replacePermissionAssociationsWorks", rows, params, caller)


def _seen(estate: Estate, caller: Caller) -> list[Permissions]:
    return [one for one in estate.permissions.values() if one.current.owner in ("", caller.account)]


def _active(estate: Estate, caller: Caller) -> list[Share]:
    return [share for share in estate.shares.owned(caller.account, caller.region) if share.status == "ACTIVE"]


def _version(found: Permissions, params: Wire) -> int:
    number = int(params.get("permissionVersion", found.default))
    if number not in found.versions:
        raise refusals.unknown(f"The permission {found.current.arn} has no version {number}")
    return number


def _is_default(estate: Estate, arn: str, version: int) -> bool:
    found = estate.permissions.get(arn)
    return found is not None and found.default == version


OPERATIONS: Operations[Estate] = {
    "AssociateResourceSharePermission": associate,
    "DisassociateResourceSharePermission": disassociate,
    "GetPermission": get_permission,
    "ListPermissionAssociations": list_permission_associations,
    "ListPermissionVersions": list_permission_versions,
    "ListPermissions": list_permissions,
    "ListReplacePermissionAssociationsWork": list_replacements,
    "ListResourceSharePermissions": list_share_permissions,
    "ListResourceTypes": list_types,
    "ReplacePermissionAssociations": replace_all,
}
