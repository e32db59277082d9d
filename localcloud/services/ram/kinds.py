"""Resource shares, what is in them, and permissions of one's own, as CloudFormation makes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from localcloud.ground.kinds import Gone, Made, Properties, Work, as_json, fitted, kind, retag, there

_SETTLES = 30.0
"""Simulated seconds for which CloudFormation waits for an association: an invitation may stay open for days."""

_SHARE = ("Arn", "CreationTime", "FeatureSet", "LastUpdatedTime", "OwningAccountId", "Status")


def _asked(work: Work, operation: str, **given: Any) -> dict[str, Any]:
    """The parameters that have a value, as botocore takes them."""
    shape = work.client("ram").meta.service_model.operation_model(operation).input_shape
    found: dict[str, Any] = fitted({key: value for key, value in given.items() if value is not None}, shape)
    return found


def _moment(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if hasattr(value, "strftime") else value


def _retagged(work: Work, arn: str) -> None:
    ram = work.client("ram")
    retag(
        work,
        lambda tags: ram.tag_resource(resourceArn=arn, tags=[{"key": k, "value": v} for k, v in tags.items()]),
        lambda keys: ram.untag_resource(resourceArn=arn, tagKeys=keys),
    )


def _read_share(work: Work) -> Properties:
    ram, arn = work.client("ram"), there(work).id
    [share] = ram.get_resource_shares(resourceOwner="SELF", resourceShareArns=[arn])["resourceShares"]
    if share["status"] in {"DELETING", "DELETED"}:
        raise Gone(f"the share is {share['status']}")
    found = ram.list_resources(resourceOwner="SELF", resourceShareArns=[arn])["resources"]
    return {
        "Name": share["name"],
        "AllowExternalPrincipals": share["allowExternalPrincipals"],
        "ResourceArns": [one["arn"] for one in found],
    }


@kind(
    "AWS::RAM::ResourceShare",
    lambda work: work.client("ram").delete_resource_share(resourceShareArn=there(work).id),
    attributes=_SHARE,
    replaces=("ResourceShareConfiguration.RetainSharingOnAccountLeaveOrganization",),
    requires=("Name",),
    read=_read_share,
)
def _share(work: Work) -> Made:
    ram = work.client("ram")
    name, external = work.require("Name"), work.take("AllowExternalPrincipals", default=True)
    retain = (work.take("ResourceShareConfiguration") or {}).get("RetainSharingOnAccountLeaveOrganization")
    parts = {
        "principals": work.take("Principals") or [],
        "resourceArns": work.take("ResourceArns") or [],
        "sources": work.take("Sources") or [],
    }
    permissions = work.take("PermissionArns") or []
    if work.old is None:
        asked = _asked(
            work,
            "CreateResourceShare",
            name=name,
            allowExternalPrincipals=external,
            permissionArns=permissions or None,
            resourceShareConfiguration=retain and {"retainSharingOnAccountLeaveOrganization": retain},
            **{key: value or None for key, value in parts.items()},
        )
        answer = ram.create_resource_share(tags=work.tag_list("key", "value"), **asked)
    else:
        arn = work.old.id
        asked = _asked(work, "UpdateResourceShare", name=name, allowExternalPrincipals=external)
        answer = ram.update_resource_share(resourceShareArn=arn, **asked)
        _refilled(work, arn, parts, permissions)
        _retagged(work, arn)
    share = answer["resourceShare"]
    told = {key: _moment(share.get(key[:1].lower() + key[1:])) for key in _SHARE}
    return Made(share["resourceShareArn"], {**told, "Arn": share["resourceShareArn"]})


def _refilled(work: Work, arn: str, parts: dict[str, list[str]], permissions: list[str]) -> None:
    """Bring what is in a share that is changed in line."""
    ram, before = work.client("ram"), work.old_properties
    names = {"principals": "Principals", "resourceArns": "ResourceArns", "sources": "Sources"}
    for key, wanted in parts.items():
        old = before.get(names[key]) or []
        if more := [one for one in wanted if one not in old]:
            ram.associate_resource_share(resourceShareArn=arn, **{key: more})
        for one in more if key == "resourceArns" else ():  # nothing is taken out while something comes in
            _settled(work, partial(_found, work, arn, associationType="RESOURCE", resourceArn=one))
        if less := [one for one in old if one not in wanted]:
            ram.disassociate_resource_share(resourceShareArn=arn, **{key: less})
    old = before.get("PermissionArns") or []
    for permission in permissions:
        if permission not in old:
            ram.associate_resource_share_permission(resourceShareArn=arn, permissionArn=permission, replace=True)


@kind(
    "AWS::RAM::Permission",
    lambda work: work.client("ram").delete_permission(permissionArn=there(work).id),
    attributes=("Arn", "IsResourceTypeDefault", "PermissionType", "Version"),
    replaces=("Name", "ResourceType", "PolicyTemplate"),
    requires=(
        "Name",
        "ResourceType",
        "PolicyTemplate",
    ),
)
def _permission(work: Work) -> Made:
    ram = work.client("ram")
    name, resource_type = work.require("Name"), work.require("ResourceType")
    template = as_json(work.require("PolicyTemplate"))
    if work.old is not None:
        _retagged(work, work.old.id)
        return work.old
    told = ram.create_permission(
        name=name, resourceType=resource_type, policyTemplate=template, tags=work.tag_list("key", "value")
    )["permission"]
    return Made(
        told["arn"],
        {
            "Arn": told["arn"],
            "IsResourceTypeDefault": told["isResourceTypeDefault"],
            "PermissionType": told["permissionType"],
            "Version": told["version"],
        },
    )


def _ends(work: Work) -> list[str]:
    return there(work).id.split("|")


def _remove_permission_association(work: Work) -> None:
    share, permission = _ends(work)
    work.client("ram").disassociate_resource_share_permission(resourceShareArn=share, permissionArn=permission)


_PERMITTED = ("AssociationStatus", "FeatureSet", "IsDefault", "LastUpdatedTime", "PermissionVersion", "ResourceType")


@kind(
    "AWS::RAM::PermissionAssociation",
    _remove_permission_association,
    attributes=_PERMITTED,
    replaces=("ResourceShareArn", "PermissionArn"),
    requires=(
        "PermissionArn",
        "ResourceShareArn",
    ),
)
def _permission_association(work: Work) -> Made:
    ram = work.client("ram")
    share, permission = work.require("ResourceShareArn"), work.require("PermissionArn")
    asked = _asked(work, "AssociateResourceSharePermission", replace=work.take("Replace"))
    if work.old is None:
        ram.associate_resource_share_permission(resourceShareArn=share, permissionArn=permission, **asked)
    there_now = ram.list_resource_share_permissions(resourceShareArn=share)["permissions"]
    told: dict[str, Any] = next((one for one in there_now if one["arn"] == permission), {})
    return Made(
        f"{share}|{permission}",
        {
            "AssociationStatus": told.get("status"),
            "FeatureSet": told.get("featureSet"),
            "IsDefault": told.get("isResourceTypeDefault"),
            "LastUpdatedTime": _moment(told.get("lastUpdatedTime")),
            "PermissionVersion": told.get("version"),
            "ResourceType": told.get("resourceType"),
        },
    )


def _settled(work: Work, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What is read once it is associated, or has had its time."""
    clock = work.cloud.clock
    end = clock.now + _SETTLES
    while read().get("status") == "ASSOCIATING" and (due := clock.next_due()) is not None and due.at <= end:
        clock.step()
    return read()


def _associated(work: Work, member: str, entity: str, find: Callable[[str], dict[str, Any]]) -> Made:
    """An entity in a share: `member` is what AssociateResourceShare calls its kind."""
    share = work.require("ResourceShareArn")
    if work.old is None:
        work.client("ram").associate_resource_share(resourceShareArn=share, **{member: [entity]})
    told = _settled(work, lambda: find(share))
    shown = {key[:1].upper() + key[1:]: _moment(value) for key, value in told.items()}
    return Made(f"{share}|{entity}", shown)


def _found(work: Work, share: str, **named: str) -> dict[str, Any]:
    ram = work.client("ram")
    found = ram.get_resource_share_associations(resourceShareArns=[share], **named)["resourceShareAssociations"]
    return next(iter(found), {})


def _taken_out(member: str) -> Callable[[Work], None]:
    def remove(work: Work) -> None:
        share, entity = _ends(work)
        work.client("ram").disassociate_resource_share(resourceShareArn=share, **{member: [entity]})

    return remove


_JOINED = ("AssociationType", "CreationTime", "External", "LastUpdatedTime", "Status")


@kind(
    "AWS::RAM::PrincipalAssociation",
    _taken_out("principals"),
    attributes=_JOINED,
    replaces=("ResourceShareArn", "Principal"),
    requires=(
        "ResourceShareArn",
        "Principal",
    ),
)
def _principal_association(work: Work) -> Made:
    principal = str(work.require("Principal"))

    def find(share: str) -> dict[str, Any]:
        return _found(work, share, associationType="PRINCIPAL", principal=principal)

    return _associated(work, "principals", principal, find)


@kind(
    "AWS::RAM::ResourceAssociation",
    _taken_out("resourceArns"),
    attributes=_JOINED,
    replaces=("ResourceShareArn", "ResourceArn"),
    requires=(
        "ResourceShareArn",
        "ResourceArn",
    ),
)
def _resource_association(work: Work) -> Made:
    resource = work.require("ResourceArn")

    def find(share: str) -> dict[str, Any]:
        return _found(work, share, associationType="RESOURCE", resourceArn=resource)

    return _associated(work, "resourceArns", resource, find)


@kind(
    "AWS::RAM::SourceAssociation",
    _taken_out("sources"),
    attributes=("CreationTime", "LastUpdatedTime", "SourceType", "Status"),
    replaces=("ResourceShareArn", "SourceId"),
    requires=(
        "ResourceShareArn",
        "SourceId",
    ),
)
def _source_association(work: Work) -> Made:
    source = str(work.require("SourceId"))

    def find(share: str) -> dict[str, Any]:
        named = {"resourceShareArns": [share], "sourceId": source}
        return next(iter(work.client("ram").list_source_associations(**named)["sourceAssociations"]), {})

    return _associated(work, "sources", source, find)
