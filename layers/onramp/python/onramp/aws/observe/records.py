"""What Route 53 has of domains whose records tags ask for, or asked for. Read only for these."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.errors import code, denied, missing
from onramp.aws.observe.reader import Reader
from onramp.core import names
from onramp.core.desired import Desired
from onramp.core.model import Dns, Record, Zone
from onramp.core.plan.records import IN_THE_WAY, holding, marked
from onramp.core.rounds import records as remembered
from onramp.core.settings import ANY

AT_MOST = "20"
"""Record sets to ask for from a domain on: they come by name and type, and the first that is there tells."""


def dns(reader: Reader, want: Desired) -> dict[str, Dns]:
    """Domain -> what Route 53 has of it."""
    asked = {wanted.said.domain: wanted.said.zone for wanted in want.services if wanted.said.zone}
    kept = remembered(reader.run)
    found = {domain: _dns(reader, domain, asked.get(domain, ""), kept.get(domain, ())) for domain in {**asked, **kept}}
    return {domain: one for domain, one in found.items() if one is not None}


def _dns(reader: Reader, domain: str, asked: str, kept: tuple[str, ...]) -> Dns | None:
    return reader.patiently(domain, lambda: _read(reader, domain, asked, kept))


def _read(reader: Reader, domain: str, asked: str, kept: tuple[str, ...]) -> Dns:
    allowed = _Allowed()
    zones: tuple[Zone, ...] | None = None
    records: dict[str, tuple[Record, ...]] = {}

    def look_into(ids: set[str]) -> None:
        for zone in sorted(ids - records.keys()):
            there = allowed(partial(_records, reader, zone, domain))
            records.update({} if there is None else {zone: there})

    look_into({*kept, asked} - {ANY, ""})
    account = reader.member.account
    ours = {zone for zone, there in records.items() if marked(reader.network.name, account, there)}
    if asked == ANY and not ours:
        listed = allowed(lambda: reader.pages("route53", "list_hosted_zones", "HostedZones"))
        zones = None if listed is None else holding(map(_zone, listed), domain)
        look_into({zones[0].id} if zones and len(zones) == 1 else set())
    elif asked != ANY and asked not in ours and asked in records:
        answer = allowed(lambda: reader.client("route53").get_hosted_zone(Id=asked))
        zones = (_zone(answer["HostedZone"]),) if answer else None
    elif asked not in {ANY, ""} and asked not in ours and not allowed.denied:
        zones = ()
    return Dns(zones=zones, records=records, denied=allowed.denied)


class _Allowed:
    """Reads what may be read. `denied`: the first call that was, and AWS's code."""

    def __init__(self) -> None:
        self.denied = ""

    def __call__[T](self, read: Callable[[], T]) -> T | None:
        """What it answers; None where it is denied, or the zone is not there."""
        try:
            return read()
        except ClientError as error:
            if denied(error):
                self.denied = self.denied or f"{error.operation_name} {code(error)}"
            elif not missing(error):
                raise
            return None


def _zone(item: dict[str, Any]) -> Zone:
    return Zone(id=item["Id"].rpartition("/")[2], name=_plain(item["Name"]))


def _records(reader: Reader, zone: str, domain: str) -> tuple[Record, ...]:
    ask = reader.client("route53").list_resource_record_sets
    of_domain = ask(HostedZoneId=zone, StartRecordName=domain, MaxItems=AT_MOST)["ResourceRecordSets"]
    mark = names.ownership(domain)
    of_mark = ask(HostedZoneId=zone, StartRecordName=mark, StartRecordType="TXT", MaxItems="1")["ResourceRecordSets"]
    leads = (one for one in map(_record, of_domain) if one.name == domain and one.type in IN_THE_WAY)
    return (*leads, *(one for one in map(_record, of_mark) if (one.name, one.type) == (mark, "TXT")))


def _record(item: dict[str, Any]) -> Record:
    alias = item.get("AliasTarget", {})
    return Record(
        name=_plain(item["Name"]),
        type=item["Type"],
        to=_plain(alias.get("DNSName", "")),
        zone=alias.get("HostedZoneId", ""),
        healthy=alias.get("EvaluateTargetHealth", False),
        values=tuple(one["Value"] for one in item.get("ResourceRecords", ())),
        ttl=item.get("TTL", 0),
        routed="SetIdentifier" in item,
    )


def _plain(name: str) -> str:
    """As DNS compares it: Route 53 ends names with a dot (facts R23.2)."""
    return name.lower().removesuffix(".")
