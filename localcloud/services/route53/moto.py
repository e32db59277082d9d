"""Where moto's Route 53 is wrong for what this project needs: each correction with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from moto.route53 import models as route53
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import FakeZone, RecordSet, Route53Backend

from localcloud.ground.moto import Patches, next_ids


def _change(backend: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> None:
    """A batch is done as a whole or not at all, and in its order. CREATE is refused where there is such a record, and
    DELETE where what is there differs in anything (facts R23). moto looks for the very same change made before, and
    lets the rest pass.
    """
    zone = backend.get_hosted_zone(zoneid)
    after = [_spelled(vars(one)) for one in zone.rrsets]
    wrong: list[str] = []
    changed: dict[tuple[str, str, str | None], set[str]] = {}
    for change in change_list:
        given = _spelled(_told(change["ResourceRecordSet"]))
        same = [one for one in after if _key(one) == _key(given)]
        called = f"[name='{given['name']}', type='{given['type']}']"
        if not f".{given['name']}".endswith(f".{_dotted(zone.name)}"):
            wrong.append(f"RRSet with DNS name {given['name']} is not permitted in zone {_dotted(zone.name)}")
        elif change["Action"] == "DELETE" and not same:
            wrong.append(f"Tried to delete resource record set {called} but it was not found")
        elif change["Action"] == "DELETE" and given != same[0]:
            wrong.append(
                f"Tried to delete resource record set {called} but the values provided do not match the current values"
            )
        elif change["Action"] == "CREATE" and same:
            wrong.append(f"Tried to create resource record set {called} but it already exists")
        elif change["Action"] != "DELETE" and _beside_cname(given, after):
            wrong.append(
                f"RRSet of type {given['type']} with DNS name {given['name']} is not permitted as it conflicts with"
                f" other records with the same DNS name in zone {_dotted(zone.name)}"
            )
        elif change["Action"] != "DELETE" and (fault := _beside_others(given, after)):
            wrong.append(fault)
        if _key(given) in changed and change["Action"] in changed[_key(given)]:
            # One may go and another come; twice the same is nothing that anybody means.
            told = f"'{given['type']} {given['name']}'"
            wrong.append(f"The request contains an invalid set of changes for a resource record set {told}")
        changed.setdefault(_key(given), set()).add(change["Action"])
        after = [one for one in after if one not in same]
        after += [] if change["Action"] == "DELETE" else [given]
    wrong += _aimless(zone, after, change_list)
    if wrong:
        raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(wrong)}]")
    zone.rrsets = [_record_set(one) for one in after]


_SET: Any = RecordSet
"""moto makes them so, and names them abstract."""


def _told(given: dict[str, Any]) -> dict[str, Any]:
    """As moto keeps what a call says."""
    values = [one["Value"] for one in given.get("ResourceRecords") or ()]
    made: RecordSet = _SET({**given, "ResourceRecords": values})
    return vars(made)


def _spelled(kept: dict[str, Any]) -> dict[str, Any]:
    """As Route 53 keeps and answers it: small letters, and a dot at the end of names (facts R23.2)."""
    alias = kept["alias_target"]
    if alias:
        alias = {**alias, "DNSName": _dotted(alias["DNSName"])}
    ttl = None if kept["ttl"] is None else int(kept["ttl"])
    return {**kept, "name": _dotted(kept["name"]), "alias_target": alias, "records": list(kept["records"]), "ttl": ttl}


def _record_set(kept: dict[str, Any]) -> RecordSet:
    made: RecordSet = _SET({})
    vars(made).update(kept)
    return made


def _dotted(name: str) -> str:
    return name.lower().removesuffix(".") + "."


def _key(kept: dict[str, Any]) -> tuple[str, str, str | None]:
    return kept["name"], kept["type"], kept["set_identifier"]


def _beside_cname(given: dict[str, Any], there: Iterable[dict[str, Any]]) -> bool:
    """A CNAME stands alone under its name."""
    types = {one["type"] for one in there if one["name"] == given["name"]}
    return (given["type"] == "CNAME") != ("CNAME" in types) and bool(types)


def _beside_others(given: dict[str, Any], there: Iterable[dict[str, Any]]) -> str:
    """A record without an identifier is the only one of its name and type."""
    simple = {
        one["set_identifier"] is None for one in there if one["name"] == given["name"] and one["type"] == given["type"]
    }
    if simple and (given["set_identifier"] is None) not in simple:
        told = f"RRSet with DNS name {given['name']}, type {given['type']}, SetIdentifier {given['set_identifier']}"
        return f"{told} cannot be created as other RRSets exist with the same name and type."
    return ""


def _aimless(zone: FakeZone, after: list[dict[str, Any]], changes: list[dict[str, Any]]) -> Iterator[str]:
    """An alias to a record of the same zone leads to another one, of its type, that is there."""
    there = {(one["name"], one["type"]) for one in after}
    for change in changes:
        given = _spelled(_told(change["ResourceRecordSet"]))
        alias = given["alias_target"]
        if change["Action"] == "DELETE" or not alias or alias["HostedZoneId"] != zone.id.rpartition("/")[2]:
            continue
        target, kind = alias["DNSName"], given["type"]
        tried = f"Tried to create an alias that targets {target}, type {kind} in zone {alias['HostedZoneId']}, but"
        if not f".{target}".endswith(f".{_dotted(zone.name)}"):
            yield f"{tried} the alias target name does not lie within the target zone"
        elif target == given["name"] or (target, kind) not in there:
            yield f"{tried} that target was not found"


_moto_sets = FakeZone.get_record_sets


def _record_sets(zone: FakeZone, start_type: str, start_name: str) -> list[RecordSet]:
    """By name and type from there on; moto compares names letter by letter, with their dots."""
    return list(_moto_sets(zone, start_type, _dotted(start_name) if start_name else start_name))


_moto_id = route53.create_route53_zone_id


def _zone_id(**given: Any) -> str:
    """They begin with Z, and may be given, so that a world can name its zones; moto draws from all letters."""
    asked = next_ids["hosted-zone"]
    return asked.popleft() if asked else f"Z{_moto_id(**given)[1:]}"


PATCHES: Patches = (
    (route53, "create_route53_zone_id", _zone_id),
    (Route53Backend, "change_resource_record_sets", _change),
    (FakeZone, "get_record_sets", _record_sets),
)
