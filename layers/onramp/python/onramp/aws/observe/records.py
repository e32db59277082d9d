"""What Route 53 has of domains whose records tags ask for, or asked for. Read only for these."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import code, denied, missing
from onramp.aws.observe.reader import Reader
from onramp.core import names
from onramp.core.desired import Desired
from onramp.core.errors import Refused
from onramp.core.model import NETWORKS_ZONE, Dns, Record, Zone
from onramp.core.plan.records import IN_THE_WAY, holding, marked
from onramp.core.rounds import private as known_private
from onramp.core.rounds import records as remembered
from onramp.core.settings import ANY, BY_STACK

AT_MOST = "20"
"""Record sets to ask for from a domain on: they come by name and type, and the first that is there tells."""

_POLICY, _RECORD_NAMES = "write", "route53:ChangeResourceRecordSetsNormalizedRecordNames"
"""The writer role's policy, and its key for the names of records (member.yaml)."""

OF_MARK = ("CNAME", "TXT")
"""What may stand where our mark is to be, in the order of Route 53: beside a CNAME there is nothing else."""

SERVERS_AT_MOST = "3"
"""From the NS records of a name on, so that the SOA of a zone's own name is among them: PTR alone comes between."""


def dns(reader: Reader, want: Desired) -> dict[str, Dns]:
    """Domain -> what Route 53 has of it, in the account and in the network account."""
    asked = {
        wanted.said.domain: wanted.said.zone
        for wanted in want.services
        if wanted.said.asks_records and reader.network.has_records_of(wanted.said.domain)
    }
    kept = remembered(reader.run)
    found = {domain: _dns(reader, domain, asked.get(domain, ""), kept.get(domain, ())) for domain in {**asked, **kept}}
    return {domain: one for domain, one in found.items() if one is not None}


def private(reader: Reader, found: dict[str, Dns]) -> dict[str, str]:
    """Which of the hosted zones that may hold records of ours are private, where that is of use to clients: each is
    asked for once, since none changes.
    """
    if not reader.network.associates_zones:
        return {}
    known = {**known_private(reader.run)}
    known |= {zone.id: _name(zone) for one in found.values() for zone in one.zones or ()}
    for key in sorted({zone for one in found.values() for zone in one.records} - known.keys()):
        place = _Place(reader.home, NETWORKS_ZONE) if key.startswith(NETWORKS_ZONE) else _Place(lambda: reader.member)
        zone = reader.patiently(key, partial(place.zone, key))
        known |= {key: _name(zone)} if isinstance(zone, Zone) else {}
    return known


def _name(zone: Zone) -> str:
    """'' for a public one, in which no VPC has to be."""
    return zone.name if zone.private else ""


def _dns(reader: Reader, domain: str, asked: str, kept: tuple[str, ...]) -> Dns | None:
    return reader.patiently(domain, lambda: _read(reader, domain, asked, kept))


def _read(reader: Reader, domain: str, asked: str, kept: tuple[str, ...]) -> Dns:
    here, home = _Place(lambda: reader.member), _Place(reader.home, NETWORKS_ZONE)
    away = reader.member.account != reader.network.account
    zones: tuple[Zone, ...] | None = None
    records: dict[str, tuple[Record, ...]] = {}

    def look_into(zone: str) -> str:
        """Why it may not be read, or ''."""
        place = home if zone.startswith(NETWORKS_ZONE) else here
        there = place.records(zone, domain)
        if isinstance(there, str):
            return there
        records.update({} if there is None else {zone: there})
        return ""

    hidden = [look_into(zone) or (home.shut if zone.startswith(NETWORKS_ZONE) else "") for zone in kept]
    named = next((zone for zone in (asked, NETWORKS_ZONE + asked) if zone in records), "")
    if asked not in {ANY, BY_STACK, ""} and not named:
        places = (asked, NETWORKS_ZONE + asked) if away else (asked,)
        no: list[str] = []
        for zone in places:
            if not named:
                no.append(look_into(zone))
                named = zone if zone in records else ""
        hidden += [] if named else [*no, home.unknown]
        if not named and not any(hidden):
            zones = ()
    ours = {zone for zone, there in records.items() if marked(reader.network.name, reader.member.account, there)}
    if asked in {ANY, BY_STACK} and not ours:
        listed = [place.zones() for place in ((here, home) if away else (here,))]
        found = holding((zone for some in listed if not isinstance(some, str) for zone in some), domain)
        no = [some for some in listed if isinstance(some, str)]
        zones = None if (no or home.unknown) and not found else found
        hidden += [look_into(found[0].id)] if len(found) == 1 else [*no, home.unknown] if not found else []
    elif named and named not in ours:
        found_zone = (home if named != asked else here).zone(named)
        zones = (found_zone,) if isinstance(found_zone, Zone) else None
        hidden += [found_zone] if isinstance(found_zone, str) else []
    below: tuple[str, ...] = ()
    if zones is not None and len(zones) == 1 and zones[0].id in records:
        below = _below(reader, home if zones[0].id.startswith(NETWORKS_ZONE) else here)
    return Dns(zones=zones, records=records, denied=next(filter(None, hidden), ""), below=below)


def _below(reader: Reader, place: "_Place") -> tuple[str, ...]:
    """Below which domains the place's writer may make records, as its policy says: the stack there may have other
    RecordDomains than the network's. A release before this one does not let it be read: then AWS denies what it will.
    """
    policy = place.rights(reader.network.name) or {}
    like = [one.get("Condition", {}).get("ForAllValues:StringLike", {}) for one in _each(policy.get("Statement", []))]
    patterns = next((_each(one[_RECORD_NAMES]) for one in like if _RECORD_NAMES in one), [])
    return tuple(sorted(pattern.removeprefix("*.") for pattern in patterns))


def _each(said: Any) -> list[Any]:
    """One or several, as a policy may say either."""
    return said if isinstance(said, list) else [said]


class _Place:
    """One account's Route 53. What may not be read is answered by the call, and AWS's code. `shut`: why the account
    cannot be entered; `unknown`: the same, where that is for want of rights and not since it takes no part, by which it
    can have no zone for anybody.
    """

    def __init__(self, account: Callable[[], Account] | None, before: str = "") -> None:
        self.shut = self.unknown = "" if account else "nobody looks into the network account"
        self._account = account
        self._before = before

    def records(self, zone: str, domain: str) -> tuple[Record, ...] | str | None:
        """What stands there under the domain; None where the zone is not there."""
        return self._allowed(
            lambda account: _records(account.client("route53"), zone.removeprefix(self._before), domain)
        )

    def zone(self, zone: str) -> Zone | str | None:
        def read(account: Account) -> Zone:
            given = account.client("route53").get_hosted_zone(Id=zone.removeprefix(self._before))
            return self._zone(given["HostedZone"])

        return self._allowed(read)

    def zones(self) -> tuple[Zone, ...] | str:
        """All of the account."""

        def read(account: Account) -> tuple[Zone, ...]:
            pages = account.client("route53").get_paginator("list_hosted_zones").paginate()
            return tuple(self._zone(item) for page in pages for item in page["HostedZones"])

        found = self._allowed(read)
        return () if found is None else found

    def rights(self, network: str) -> dict[str, Any] | None:
        """The policy of the account's writer role; None where it may not be read."""

        def read(account: Account) -> dict[str, Any]:
            role = names.role(network, "writer")
            given = account.client("iam").get_role_policy(RoleName=role, PolicyName=_POLICY)
            document: dict[str, Any] = given["PolicyDocument"]
            return document

        found = self._allowed(read)
        return found if isinstance(found, dict) else None

    def _zone(self, item: dict[str, Any]) -> Zone:
        return Zone(
            id=self._before + item["Id"].rpartition("/")[2],
            name=_plain(item["Name"]),
            private=item.get("Config", {}).get("PrivateZone", False),
        )

    def _allowed[T](self, read: Callable[[Account], T]) -> T | str | None:
        if self._account is None:
            return None
        try:
            return read(self._account())
        except Refused as refused:
            self.shut = refused.message
            self.unknown = "" if refused.code == "member-role-missing" else refused.message
        except ClientError as error:
            if denied(error):
                return f"{error.operation_name} {code(error)}"
            if not missing(error):
                raise
        return None


def _records(client: Any, zone: str, domain: str) -> tuple[Record, ...]:
    ask = partial(client.list_resource_record_sets, HostedZoneId=zone)
    page = ask(StartRecordName=domain, MaxItems=AT_MOST)
    mark = names.ownership(domain)
    from_there = [_record(item) for item in page["ResourceRecordSets"]]
    of_mark = [one for one in from_there if one.name == mark and one.type in OF_MARK]
    if not of_mark and page["IsTruncated"]:  # many stand between
        next_to_it = ask(StartRecordName=mark, StartRecordType=OF_MARK[0], MaxItems=AT_MOST)["ResourceRecordSets"]
        of_mark = [one for one in map(_record, next_to_it) if one.name == mark and one.type in OF_MARK]
    under_it = [one for one in from_there if one.name == domain]
    apex = any(one.type == "SOA" for one in under_it)  # where the zone's own servers stand, which lead nobody away
    leads = (one for one in under_it if one.type in IN_THE_WAY and not (apex and one.type == "NS"))
    return (*leads, *of_mark, *(() if apex else _handed_on(ask, domain)))


def _handed_on(ask: Callable[..., Any], domain: str) -> Iterator[Record]:
    """NS records above the domain, up to the zone's own: whom they lead away finds nothing here that stands below."""
    above = domain.partition(".")[2]
    while above:
        found = ask(StartRecordName=above, StartRecordType="NS", MaxItems=SERVERS_AT_MOST)["ResourceRecordSets"]
        at_it = [one for one in map(_record, found) if one.name == above]
        if any(one.type == "SOA" for one in at_it):
            return
        yield from (one for one in at_it if one.type == "NS")
        above = above.partition(".")[2]


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
