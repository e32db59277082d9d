"""Records of services' own domains in hosted zones: made with a mark that says whose they are, never over others'.

What is not shown to be ours by that mark is somebody else's: it is left, and told.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from onramp.core import denials, names, tags
from onramp.core.desired import PASSTHROUGH, WantedService
from onramp.core.hosts import is_below
from onramp.core.inventory import UNREAD_CODE, Refusal
from onramp.core.model import NETWORKS_ZONE, UNREAD, Dns, Record, Service, Zone
from onramp.core.plan.ground import Ground, Part, coded, join, named, refuse, to_network, wait
from onramp.core.settings import ANY, BY_STACK, NO_ZONE
from onramp.core.steps import AnyStep, CreateRecords, DeleteRecords

BESIDE = frozenset({"zone-invalid", "zone-off"})
"""Codes of what cannot be had, though a service that is there goes on without its records, or with those it has."""

TTL_SECONDS = 60
"""How long an alias to Lattice, and our mark, are kept by those who asked for them (facts R23.2)."""

OF_ADDRESSES = ("A", "AAAA")
IN_THE_WAY = frozenset({*OF_ADDRESSES, "CNAME", "NS"})
"""What decides where a domain leads, another zone's servers among them; others, as MX, are none of our business."""

_MARK = re.compile(
    r'"heritage=lattice-onramp network=([a-z0-9]+(?:-[a-z0-9]+)*) account=([0-9]{12}) target=([a-z0-9.-]+)"'
)
"""Whoever may write in the zone may write one: of what it names people are told, so it names what we would."""


class Remaining(NamedTuple):
    """What becomes of records that were ours. `since`: the ground's, with what nobody asks for. `kept`: as the plan's
    `records`. `going`: domains whose records go now, and their services wait for that; of those that are gone already
    the epoch seconds at which nobody goes by them any more.
    """

    part: Part
    since: dict[str, float]
    kept: dict[str, tuple[str, ...]]
    going: dict[str, float]


# --- what is wanted


def ours(ground: Ground, domain: str, there: Service) -> tuple[Record, ...]:
    """The records by which the domain leads to the service, and the mark beside them."""
    whose = f"network={ground.network.name} account={ground.observed.account}"
    mark = f'"heritage=lattice-onramp {whose} target={there.domain}"'
    leads = (Record(name=domain, type=kind, to=there.domain, zone=there.zone) for kind in OF_ADDRESSES)
    return (*leads, Record(name=names.ownership(domain), type="TXT", values=(mark,), ttl=TTL_SECONDS))


def refused(ground: Ground, wanted: WantedService) -> Part | None:
    """Why its domain can have no records: nothing is made for such a wish."""
    dns = ground.observed.dns.get(wanted.said.domain)
    if not wanted.said.asks_records or wanted.said.zone == BY_STACK:
        return None  # what nobody of the team asked for keeps nothing of it back
    key = f"{ground.network.prefix}{tags.ZONE}"
    if _kept_out(ground, wanted):
        return refuse("zone-off", _left_out(ground, wanted), *wanted.load_balancers)
    if dns is None:
        return None
    if dns.denied and _zone(ground, wanted) not in dns.records:
        message = (
            f"ask infra to name the hosted zone of {wanted.said.domain} in HostedZoneArns, or remove {key}:"
            f" {dns.denied}"
        )
        return refuse("zone-off", message, *wanted.load_balancers)
    if dns.zones is None:
        return None
    fitting = holding(dns.zones, wanted.said.domain)
    if len(fitting) == 1:
        away = _handed_on(wanted.said.domain, dns.records.get(fitting[0].id, ()))
        message = _elsewhere(ground, wanted, fitting[0].id, away)
        return refuse("zone-invalid", message, *wanted.load_balancers) if away else None
    if fitting:
        message = _one_of(fitting, key)
    elif wanted.said.zone == ANY:
        message = (
            f"make a hosted zone for {wanted.said.domain} in this account or the network account, or remove {key}: none"
            " holds it"
        )
    elif dns.zones:
        message = (
            f"name a hosted zone in {key} whose name {wanted.said.domain} ends with: {_id(dns.zones[0].id)} is for"
            f" {dns.zones[0].name}"
        )
    else:
        message = f"name a hosted zone of this account or the network account in {key}: {wanted.said.zone} is none"
    return refuse("zone-invalid", message, *wanted.load_balancers)


def _may_have(ground: Ground, domain: str) -> bool:
    """Is it below RecordDomains, those of the network's stack and of its zone's account's, as far as these are read?"""
    dns = ground.observed.dns.get(domain, Dns())
    return ground.network.has_records_of(domain) and is_below(domain, dns.below)


def _kept_out(ground: Ground, wanted: WantedService) -> bool:
    """Has infra left it out of RecordDomains, and does it have no records from before that?"""
    domain = wanted.said.domain
    if _may_have(ground, domain) or domain in ground.observed.unread:
        return False
    return not any(_target(ground, there) for there in ground.observed.dns.get(domain, Dns()).records.values())


def _handed_on(domain: str, there: Iterable[Record]) -> str:
    """The name above the domain that this zone hands on to other servers; '' where it does not. Nobody who asks for
    the domain comes back to this zone then, whatever stands in it.
    """
    return next((one.name for one in there if one.type == "NS" and domain.endswith(f".{one.name}")), "")


def _elsewhere(ground: Ground, wanted: WantedService, zone: str, away: str) -> str:
    key = f"{ground.network.prefix}{tags.ZONE}"
    if wanted.said.zone == BY_STACK:
        return (
            f"name the hosted zone of {away} in {key} or write {NO_ZONE} there: {_id(zone)} hands that name on by NS"
            " records, and nobody finds what stands below"
        )
    return (
        f"name the hosted zone of {away} in {key} or remove it: {_id(zone)} hands that name on by NS records, and"
        " nobody finds what stands below"
    )


def _left_out(ground: Ground, wanted: WantedService) -> str:
    key, domain = f"{ground.network.prefix}{tags.ZONE}", wanted.said.domain
    if ground.network.has_records_of(domain):
        home = _zone(ground, wanted).startswith(NETWORKS_ZONE)
        account = ground.network.account if home else ground.observed.account
        if wanted.said.zone == BY_STACK:
            return (
                f"ask infra to name a domain above {domain} in RecordDomains of the member stack of account {account},"
                f" or write {NO_ZONE} in {key}: it gets no records"
            )
        return (
            f"ask infra to name a domain above {domain} in RecordDomains of the member stack of account {account}, or"
            f" remove {key}: it gets no records"
        )
    if wanted.said.zone == BY_STACK:
        return (
            f"ask infra to name a domain above {domain} in RecordDomains, or write {NO_ZONE} in {key}: it gets no"
            " records"
        )
    return f"ask infra to name a domain above {domain} in RecordDomains, or remove {key}: it gets no records"


def _one_of(fitting: tuple[Zone, ...], key: str) -> str:
    shown = " ".join(sorted(_id(zone.id) for zone in fitting))
    return f"name one of {shown} in {key}: several hosted zones are called {fitting[0].name}"


def holding(zones: Iterable[Zone], domain: str) -> tuple[Zone, ...]:
    """Those with the longest name that is the domain, or that it is below, by whole labels."""
    found = [zone for zone in zones if f".{domain}".endswith(f".{zone.name}")]
    longest = max((len(zone.name) for zone in found), default=0)
    return tuple(zone for zone in found if len(zone.name) == longest)


def _zone(ground: Ground, wanted: WantedService) -> str:
    """The hosted zone that is to have its records; '' where it is not known, or there is none."""
    dns = ground.observed.dns.get(wanted.said.domain, Dns())
    if dns.zones is not None:
        fitting = holding(dns.zones, wanted.said.domain)
        return fitting[0].id if len(fitting) == 1 else ""
    if wanted.said.zone not in {ANY, BY_STACK}:
        home = NETWORKS_ZONE + wanted.said.zone
        return home if home in dns.records else wanted.said.zone
    return next((zone for zone, there in sorted(dns.records.items()) if _target(ground, there)), "")


def _id(zone: str) -> str:
    """As people write it."""
    return zone.removeprefix(NETWORKS_ZONE)


def marked(network: str, account: str, there: Iterable[Record]) -> str:
    """Where the records lead by the mark of this network and account; '' without it."""
    for record in there:
        found = _MARK.fullmatch(record.values[0]) if record.type == "TXT" and len(record.values) == 1 else None
        if found and (found[1], found[2]) == (network, account):
            return found[3]
    return ""


def _target(ground: Ground, there: Iterable[Record]) -> str:
    return marked(ground.network.name, ground.observed.account, there)


def _plain(record: Record) -> Record:
    """Without what changes nothing for who asks: Lattice's targets are not checked (facts R23)."""
    return replace(record, ttl=0, healthy=False)


def _leads(record: Record, to: str) -> bool:
    return not record.routed and to in (record.to, *(value.removesuffix(".").lower() for value in record.values))


def _led(found: Iterable[Record], there: Service) -> bool:
    """Does the domain lead to the service?"""
    return any(one.type in OF_ADDRESSES and _leads(one, there.domain) for one in found)


class _Standing(NamedTuple):
    """`mine`: what we wrote. `theirs`: what somebody else did, and `foreign`: what of that leads elsewhere."""

    mine: tuple[Record, ...]
    theirs: tuple[Record, ...]
    foreign: tuple[Record, ...]


def _standing(ground: Ground, there: tuple[Record, ...], leads: str) -> _Standing:
    """Whose what stands is. `leads`: where it is to lead."""
    target = _target(ground, there)
    aliases = [one for one in there if one.type in IN_THE_WAY]
    marks = [one for one in there if one.type == "TXT"]
    # What leads where our mark says was written with it: both come in one change, or none does.
    mine = [one for one in aliases if target and one.type in OF_ADDRESSES and one.to and _leads(one, target)]
    mine += marks if target else []
    theirs = [one for one in (*aliases, *marks) if one not in mine]
    return _Standing(tuple(mine), tuple(theirs), tuple(one for one in theirs if not _leads(one, leads)))


def of_service(ground: Ground, wanted: WantedService, *, serves: bool) -> Part:
    """What its domain's records lack. `serves`: it answers, so that they lead to somebody."""
    there, found = named(ground.observed.services, wanted.name), _found(ground, wanted)
    if found is None or not serves or there is None or not (there.domain and there.zone):
        return Part()
    if not _may_have(ground, wanted.said.domain):
        return Part()  # its writer would be denied
    mine, theirs, foreign = _standing(ground, found, there.domain)
    if foreign or (theirs and not mine) or any(one.type == "CNAME" for one in theirs):
        return Part()
    missing = _lacking(ground, wanted, there, found)
    if not missing:
        return Part()
    wants = {_plain(one) for one in ours(ground, wanted.said.domain, there)}
    stale = tuple(one for one in mine if _plain(one) not in wants)
    because = f"clients are to find {there.domain} under it"
    return ground.do(CreateRecords, wanted.said.domain, because, zone=_zone(ground, wanted), make=missing, gone=stale)


def _lacking(ground: Ground, wanted: WantedService, there: Service, found: tuple[Record, ...]) -> tuple[Record, ...]:
    stands = {_plain(one) for one in found}
    return tuple(one for one in ours(ground, wanted.said.domain, there) if _plain(one) not in stands)


def _found(ground: Ground, wanted: WantedService) -> tuple[Record, ...] | None:
    """What stands in its zone under its domain; None where that is not known, or no records are asked for."""
    if not wanted.said.asks_records:
        return None
    return ground.observed.dns.get(wanted.said.domain, Dns()).records.get(_zone(ground, wanted))


def told(ground: Ground, wanted: WantedService, part: Part, lattices: str) -> str:
    """What those who ask for records are told beside being connected, '' where they ask for none.

    `part`: what their records lack; `lattices`: the name under which the service answers.
    """
    domain, by_stack = wanted.said.domain, wanted.said.zone == BY_STACK
    if not wanted.said.asks_records:
        return ""
    if domain in ground.observed.unread:
        return f"{UNREAD_CODE}: the records of {domain} cannot be read: {ground.observed.unread[domain]}"
    if whys := ground.failing(part):
        return coded(whys[0])
    there, found = named(ground.observed.services, wanted.name), _found(ground, wanted)
    lacks = there is None or found is None or bool(_lacking(ground, wanted, there, found))
    if lacks and not _may_have(ground, domain):
        return f"zone-off: {_left_out(ground, wanted)}"
    if by_stack and found is None:
        fitting = holding(ground.observed.dns.get(domain, Dns()).zones or (), domain)
        key = f"{ground.network.prefix}{tags.ZONE}"
        return f"zone-invalid: {_one_of(fitting, key)}" if len(fitting) > 1 else ""
    if there is None or found is None or part.steps:
        return f"the records of {domain} are on their way: until then clients use {lattices}"
    if away := _handed_on(domain, found):
        return f"zone-invalid: {_elsewhere(ground, wanted, _zone(ground, wanted), away)}"
    if foreign := _standing(ground, found, there.domain).foreign:
        return _taken(ground, wanted, foreign[0])
    if any(protocol == PASSTHROUGH for protocol, _ in wanted.listens):
        return f"clients use {domain} and no other name: a connection lives 10 minutes at most"
    return f"clients may use {domain} too"


def to_come(ground: Ground, wanted: WantedService) -> str:
    """What those are told who do not answer yet, '' where no records follow."""
    found = _found(ground, wanted)
    if found is None:
        return ""
    zone = _id(_zone(ground, wanted))
    return f"the records of {wanted.said.domain} are made in hosted zone {zone} when the service answers"


def _taken(ground: Ground, wanted: WantedService, foreign: Record) -> str:
    key = f"{ground.network.prefix}{tags.ZONE}"
    mark = _MARK.fullmatch(foreign.values[0]) if foreign.values else None
    if mark and (mark[1], mark[2]) == (ground.network.name, ground.observed.account):
        mark = None  # ours, with what somebody wrote beside it: nobody else is to let the domain go
    if mark and wanted.said.zone == BY_STACK:
        return (
            f"record-taken: ask account {mark[2]} to let {wanted.said.domain} go on network {mark[1]}, or write"
            f" {NO_ZONE} in tag {key}: it has the records"
        )
    if mark:
        return (
            f"record-taken: ask account {mark[2]} to let {wanted.said.domain} go on network {mark[1]}, or remove tag"
            f" {key}: it has the records"
        )
    zone = _id(_zone(ground, wanted))
    if wanted.said.zone == BY_STACK:
        return (
            f"record-taken: remove {foreign.type} {foreign.name} from hosted zone {zone} or write {NO_ZONE} in tag"
            f" {key}: somebody else made it"
        )
    kind, name = foreign.type, foreign.name
    return f"record-taken: remove {kind} {name} from hosted zone {zone} or tag {key}: somebody else made it"


def in_networks_zone(step: AnyStep) -> bool:
    """Does the step write in a hosted zone of the network account? Then it is done by that account's writer role."""
    return isinstance(step, CreateRecords | DeleteRecords) and step.zone.startswith(NETWORKS_ZONE)


# --- what was wanted


def remaining(ground: Ground, wants: dict[str, Part]) -> Remaining:
    """What becomes of the records that are remembered, beside what services want now (`wants`, by name)."""
    asking = {wanted.said.domain: wanted for wanted in ground.want.services if wanted.said.asks_records}
    kept: dict[str, set[str]] = {}
    for domain, wanted in asking.items():
        there, found = named(ground.observed.services, wanted.name), _found(ground, wanted)
        if there is not None and not there.owned and (domain not in ground.before.records or _let_go(ground, domain)):
            continue  # of a service that its owner took back, which no tag gives back to us
        zone = _zone(ground, wanted)
        # Without our mark, which a hand has taken off, they are nobody's to delete, and lead there as before.
        lead = zone in ground.before.records.get(domain, ()) and there is not None and _led(found or (), there)
        if wants.get(wanted.name, Part()).steps or lead or (found is not None and _target(ground, found)):
            kept[domain] = {zone}
    parts: list[Part] = []
    since: dict[str, float] = {}
    going: dict[str, float] = {}
    remembered = [(domain, zone) for domain, zones in sorted(ground.before.records.items()) for zone in zones]
    for domain, zone in remembered:
        if zone in kept.get(domain, ()) or _let_go(ground, domain):
            continue
        if not _may_stand(ground, domain, zone):
            at = ground.since.get(_gone(domain), ground.now)
            if _is_last(ground, domain, zone) and ground.now < at + TTL_SECONDS:
                since[_gone(domain)], going[domain] = at, at + TTL_SECONDS
                kept.setdefault(domain, set()).add(zone)
            continue
        kept.setdefault(domain, set()).add(zone)
        if _stays(ground, domain, asking.get(domain), wants):
            continue
        if any(wanted.said.domain == domain for wanted in ground.want.services) and domain not in asking:
            # A tool that takes a tag off and puts it back keeps nobody from finding the domain.
            since[_key(domain)] = ground.since.get(_key(domain), ground.now)
            until = since[_key(domain)] + ground.quiet_seconds
            if ground.now < until:
                what = f"the records of {domain} go when their quiet time is over"
                parts.append(wait(what)._replace(until=(until,)))
                continue
        gone = _delete(ground, domain, zone)
        parts.append(gone)
        going |= {domain: 0.0} if gone.steps else {}
    zones = {domain: tuple(sorted(found)) for domain, found in kept.items()}
    return Remaining(join(parts), since, zones, going)


def private(ground: Ground, kept: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """As the plan's, of the hosted zones in which records of ours stand, or may."""
    if not ground.network.associates_zones:
        return {}
    known = ground.before.private | ground.observed.private
    return {zone: known[zone] for zones in kept.values() for zone in zones if zone in known}


def _key(domain: str) -> str:
    """Under which key it is remembered since when no tag asks for its records: no domain has a space."""
    return f"{domain} records"


def _gone(domain: str) -> str:
    """Under which key it is remembered since when its records were seen gone."""
    return f"{_key(domain)} gone"


def _is_last(ground: Ground, domain: str, zone: str) -> bool:
    """Did another run take its records away, and perhaps die before their minute was over, so that nobody has waited it
    for the service that is left of it off the network?
    """
    there = named(ground.observed.services, names.service_at(domain))
    waited = f"DeleteRecords {ground.observed.account} {domain}/{zone}" in ground.taken
    return not waited and there is not None and there.owned and to_network(ground.network, there) is None


def _let_go(ground: Ground, domain: str) -> bool:
    """Does its service's owner take it back? Then the records are the owner's as it is: requests go on by them."""
    there = named(ground.observed.services, names.service_at(domain))
    return there is not None and there.arn in ground.observed.released


def _may_stand(ground: Ground, domain: str, zone: str) -> bool:
    """Are there records of ours, or may there be some? A zone that is gone has none."""
    dns = ground.observed.dns.get(domain)
    if dns is None or dns.denied or domain in ground.observed.unread:
        return True
    return bool(_target(ground, dns.records.get(zone, ())))


def _stays(ground: Ground, domain: str, asking: WantedService | None, wants: dict[str, Part]) -> bool:
    """Does something still lead by these records, or may it?"""
    if ground.network.vanish == "nothing" or ground.hides_wishes or domain in ground.observed.unread:
        return True
    if asking is not None:
        # Those of its new zone are there first.
        found = _found(ground, asking)
        return found is None or not _target(ground, found) or bool(wants.get(asking.name, Part()).steps)
    name = names.service_at(domain)
    there = named(ground.observed.services, name)
    answers = there is not None and (there.status == UNREAD or to_network(ground.network, there) is not None)
    if held := {balancer for balancer, wish in ground.want.named.items() if wish == name} & ground.frozen:
        # Off the network, as infra may have taken it, a refused wish does not bring it back; what is not ready may.
        return answers or not held <= {refusal.resource for refusal in ground.want.refusals}
    return answers and all(wanted.name != name for wanted in ground.want.services)


def _delete(ground: Ground, domain: str, zone: str) -> Part:
    dns = ground.observed.dns.get(domain, Dns())
    account = ground.observed.account
    if zone not in dns.records:
        if not dns.denied:
            return Part()  # not read yet
        message = f"name {_id(zone)} in HostedZoneArns again, or remove the records of {domain} in it"
        return Part(refusals=(Refusal(code="zone-off", resource=account, message=f"{message}: {dns.denied}"),))
    if not ground.network.has_records_of(domain):
        message = f"name a domain above {domain} in RecordDomains again, or remove its records in {_id(zone)}"
        return Part(refusals=(Refusal(code="zone-off", resource=account, message=message),))
    mine = _standing(ground, dns.records[zone], "").mine
    part = ground.do(DeleteRecords, f"{domain}/{zone}", "nothing answers under it any more", zone=zone, gone=mine)
    if part.failed:
        return Part(refusals=(denials.refusal(account, part.failed[0]),))
    return part
