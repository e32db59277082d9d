"""Where moto's Route 53 is wrong for what this project needs: each correction with its reason."""

from __future__ import annotations

from collections.abc import Iterable
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
        after = [one for one in after if one not in same]
        after += [] if change["Action"] == "DELETE" else [given]
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
