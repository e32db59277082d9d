"""EC2's calls as CloudTrail writes them: by the model's shapes, in one of two manners (facts 2.4).

What EC2 had in its SOAP days is told in that API's names: lists are sets with `items`, an empty one is {}. What came
later is told as it was sent, under the name of its request: a list's parts bear a `tag`, their number. The model tells
which is which: the older operations write DryRun with a small letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localcloud.ground import models

XMLNS = "http://ec2.amazonaws.com/doc/2016-11-15/"
_UNSAID = ("DryRun", "ClientToken")
"""SDKs draw tokens by themselves, so that no two records would be the same."""

# Sets whose names in SOAP's description are not made of those of their members.
_SETS = {
    "AllocationIds": "allocationIdsSet",
    "BlockDeviceMappings": "blockDeviceMapping",
    "CustomerGatewayIds": "customerGatewaySet",
    "DhcpOptionsIds": "dhcpOptionsSet",
    "ExecutableUsers": "executableBySet",
    "GroupIds": "groupSet",
    "ImageIds": "imagesSet",
    "InstanceIds": "instancesSet",
    "KeyNames": "keySet",
    "OwnerIds": "ownersSet",
    "Owners": "ownersSet",
    "PublicIps": "publicIpsSet",
    "RegionNames": "regionSet",
    "Resources": "resourcesSet",
    "SecurityGroupIds": "groupSet",
    "SnapshotIds": "snapshotSet",
    "SubnetIds": "subnetSet",
    "VolumeIds": "volumeSet",
    "VpcIds": "vpcSet",
    "VpnConnectionIds": "vpnConnectionSet",
    "VpnGatewayIds": "vpnGatewaySet",
    "ZoneNames": "availabilityZoneSet",
}
_OF_GROUPS = {"GroupIds": "securityGroupIdSet", "GroupNames": "securityGroupSet"}
_RUN = ("ImageId", "MinCount", "MaxCount", "KeyName")
"""What RunInstances says within its set of instances."""


def request(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """`requestParameters` of a call."""
    shape = models.operation_model("ec2", operation).input_shape
    given = {name: value for name, value in params.items() if name not in _UNSAID}
    if shape is None:
        return {}
    if not _of_soap(shape):
        return {f"{operation}Request": _as_sent(given, shape)}
    written: dict[str, Any] = {}
    for name, member in shape.members.items():
        if member.type_name == "list" and (name in given or operation.startswith("Describe")):
            key = _set_name(operation, name, member)
            word = "groupId" if key == "groupSet" else _wire(name, member)
            written[key] = _items(given.get(name) or [], member, word)
        elif name in given:
            written[_small(name)] = _written(given[name], member)
    if operation == "RunInstances":
        lot = {_small(name): written.pop(_small(name)) for name in _RUN if _small(name) in written}
        written["instancesSet"] = {"items": [lot]}
    return written


def response(operation: str, result: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """`responseElements` of a call that changed something; `_return` where the answer says nothing but yes."""
    model = models.operation_model("ec2", operation)
    if model.input_shape is not None and not _of_soap(model.input_shape):
        said = _by_xml_names(result, model.output_shape, _one_or_many) if model.output_shape is not None else {}
        return {f"{operation}Response": {"xmlns": XMLNS, "requestId": request_id, **said}}
    known = _by_xml_names(result, model.output_shape, _all_items) if model.output_shape is not None else {}
    if not known or set(known) == {"return"}:
        known = {"_return": True}
    return {"requestId": request_id, **known}


def _of_soap(shape: Any) -> bool:
    dry = shape.members.get("DryRun")
    return dry is not None and dry.serialization.get("name", "") == "dryRun"


def _set_name(operation: str, name: str, member: Any) -> str:
    if operation == "DescribeSecurityGroups" and name in _OF_GROUPS:
        return _OF_GROUPS[name]
    wire = member.serialization.get("name")
    # A list that is sent under its own name is no set.
    return _SETS.get(name) or (f"{_small(wire)}Set" if wire else _small(name))


def _items(values: list[Any], shape: Any, wire: str) -> dict[str, Any]:
    """The members of a set, each under the name of what it is."""
    if not values:
        return {}
    word = _small(wire)
    structures = shape.member.type_name == "structure"
    return {
        "items": [_written(one, shape.member) if structures else {word: _written(one, shape.member)} for one in values]
    }


def _written(value: Any, shape: Any) -> Any:
    if shape.type_name == "structure":
        written: dict[str, Any] = {}
        for name, member in shape.members.items():
            if name not in value:
                continue
            key = _small(member.serialization.get("name") or name)
            if shape.name == "TagSpecification" and name == "Tags":
                written["tags"] = [_written(one, member.member) for one in value[name]]
            elif shape.name == "Filter" and name == "Values":
                # A set of values, each of which is one.
                written["valueSet"] = {"items": [{"value": one} for one in value[name]]}
            elif member.type_name == "list":
                written[key] = _items(value[name], member, key)
            else:
                written[key] = _written(value[name], member)
        return written
    return _plain(value)


def _as_sent(value: Any, shape: Any) -> Any:
    if shape.type_name != "structure":
        return _plain(value)
    written: dict[str, Any] = {}
    for name, member in shape.members.items():
        if name not in value:
            continue
        wire = _wire(name, member)
        if member.type_name == "list":
            parts = [_tagged(number, one, member.member) for number, one in enumerate(value[name], 1)]
            written[wire] = parts[0] if len(parts) == 1 else parts
        else:
            written[wire] = _as_sent(value[name], member)
    return written


def _tagged(number: int, value: Any, shape: Any) -> dict[str, Any]:
    if shape.type_name == "structure":
        return {"tag": number, **_as_sent(value, shape)}
    return {"tag": number, "content": _plain(value)}


def _wire(name: str, member: Any) -> str:
    """The name under which a member is sent."""
    wire = str(member.serialization.get("queryName") or member.serialization.get("name") or name)
    return wire[:1].upper() + wire[1:]


def _all_items(items: list[Any]) -> Any:
    return {"items": items} if items else {}


def _one_or_many(items: list[Any]) -> Any:
    return {"item": items[0] if len(items) == 1 else items} if items else ""


def _by_xml_names(value: Any, shape: Any, listed: Any) -> Any:
    if shape.type_name == "structure":
        return {
            member.serialization.get("name", _small(name)): _by_xml_names(value[name], member, listed)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.type_name == "list":
        return listed([_by_xml_names(item, shape.member, listed) for item in value])
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%b %d, %Y, %I:%M:%S %p")
    return "" if isinstance(value, bytes) else value


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]
