"""Organisational units, and what stands below and above what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.organizations.answers import page
from localcloud.services.organizations.estate import Estate, Wire, by_management

if TYPE_CHECKING:
    from localcloud.ground.caller import Caller


def create_unit(estate: Estate, params: Wire, _: Caller) -> Wire:
    parent, name = estate.parent(params["ParentId"]), params["Name"]
    require_free_name(estate, parent, name)
    unit = f"ou-{estate.all.root.removeprefix('r-')}-{estate.letters(8)}"
    estate.all.add_unit(unit, parent)
    estate.names[unit] = name
    return {"OrganizationalUnit": shown_unit(estate, unit)}


def describe_unit(estate: Estate, params: Wire, _: Caller) -> Wire:
    return {"OrganizationalUnit": shown_unit(estate, known_unit(estate, params["OrganizationalUnitId"]))}


def rename_unit(estate: Estate, params: Wire, _: Caller) -> Wire:
    unit = known_unit(estate, params["OrganizationalUnitId"])
    name = params.get("Name", estate.names.get(unit, unit))
    if name != estate.names.get(unit, unit):
        require_free_name(estate, estate.all.parents[unit], name)
    estate.names[unit] = name
    return {"OrganizationalUnit": shown_unit(estate, unit)}


def delete_unit(estate: Estate, params: Wire, _: Caller) -> Wire:
    unit = known_unit(estate, params["OrganizationalUnitId"])
    if unit in estate.all.parents.values():
        text = "We can't delete the OU because it still contains accounts or OUs."
        raise AwsError("OrganizationalUnitNotEmptyException", text)
    del estate.all.parents[unit]
    estate.names.pop(unit, None)
    return {}


def list_units(estate: Estate, params: Wire, _: Caller) -> Wire:
    parent = estate.parent(params["ParentId"])
    found = [shown_unit(estate, unit) for unit in estate.all.units() if estate.all.parents[unit] == parent]
    return page("OrganizationalUnits", found, params)


def shown_unit(estate: Estate, unit: str) -> Wire:
    return {"Id": unit, "Arn": estate.all.unit_arn(unit), "Name": estate.names.get(unit, unit)}


def known_unit(estate: Estate, unit: str) -> str:
    if unit not in estate.all.units():
        raise AwsError(
            "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist."
        )
    return unit


def require_free_name(estate: Estate, parent: str, name: str) -> None:
    beside = [unit for unit in estate.all.units() if estate.all.parents[unit] == parent]
    if any(estate.names.get(unit, unit) == name for unit in beside):
        text = "An OU with the same name already exists."
        raise AwsError("DuplicateOrganizationalUnitException", text)


def list_children(estate: Estate, params: Wire, _: Caller) -> Wire:
    parent = estate.parent(params["ParentId"])
    kind = params["ChildType"]
    among = sorted(estate.all.accounts) if kind == "ACCOUNT" else estate.all.units()
    found = [{"Id": one, "Type": kind} for one in among if estate.all.parents[one] == parent]
    return page("Children", found, params)


def list_parents(estate: Estate, params: Wire, _: Caller) -> Wire:
    parent = estate.all.parents.get(params["ChildId"])
    if parent is None:
        raise AwsError("ChildNotFoundException", "You specified child that doesn't exist.")
    kind = "ROOT" if parent == estate.all.root else "ORGANIZATIONAL_UNIT"
    return page("Parents", [{"Id": parent, "Type": kind}], params)


OPERATIONS: Operations[Estate] = {
    "CreateOrganizationalUnit": by_management(create_unit),
    "DeleteOrganizationalUnit": by_management(delete_unit),
    "DescribeOrganizationalUnit": by_management(describe_unit),
    "ListChildren": by_management(list_children),
    "ListOrganizationalUnitsForParent": by_management(list_units),
    "ListParents": by_management(list_parents),
    "UpdateOrganizationalUnit": by_management(rename_unit),
}
