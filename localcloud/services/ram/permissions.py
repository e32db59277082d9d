"""Permissions of RAM: which there are, and which a share uses."""

from __future__ import annotations

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import BY_ARN, PERMISSIONS, Wire, moment
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
    wanted = type_asked(params)
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
    return page(estate, "permissions", rows, params, caller)


def get_permission(_: Estate, params: Wire, __: Caller) -> Wire:
    arn = params["permissionArn"]
    if not arn.startswith("arn:"):
        raise refusals.malformed(arn)
    if arn not in BY_ARN or params.get("permissionVersion", 1) != 1:
        raise refusals.unknown(f"The permission {arn} could not be found")
    return {"permission": BY_ARN[arn].detail()}


def list_share_permissions(estate: Estate, params: Wire, caller: Caller) -> Wire:
    share = estate.share(params["resourceShareArn"], caller)
    permissions = sorted(share.permissions.values(), key=lambda permission: permission.name)
    rows = [
        (number, permission.summary() | {"status": "ASSOCIATED"})
        for number, permission in enumerate(permissions, start=1)
    ]
    return page(estate, "permissions", rows, params, caller)


def list_permission_versions(estate: Estate, params: Wire, caller: Caller) -> Wire:
    permission = get_permission(estate, {"permissionArn": params["permissionArn"]}, caller)
    return page(estate, "permissions", [(1, BY_ARN[permission["permission"]["arn"]].summary())], params, caller)


def list_permission_associations(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """In which of the caller's shares which permission is; all permissions have one version."""
    wanted = type_asked(params)
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
        for share in estate.shares.owned(caller.account, caller.region)
        if share.status == "ACTIVE" and not none
        for permission in share.permissions.values()
        if arn in (None, permission.arn) and wanted in (None, permission.resource_type.lower())
    ]
    return page(estate, "permissions", rows, params, caller)


OPERATIONS: Operations[Estate] = {
    "GetPermission": get_permission,
    "ListPermissionAssociations": list_permission_associations,
    "ListPermissionVersions": list_permission_versions,
    "ListPermissions": list_permissions,
    "ListResourceSharePermissions": list_share_permissions,
    "ListResourceTypes": list_types,
}
