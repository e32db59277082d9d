"""What Route 53 refuses of a record's values and of a zone (developer guide, "Supported DNS record types")."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

CHANGES = 1_000
STRING = 255
"""Characters of one of the quoted strings of which a TXT record's value consists."""
LABEL, NAME = 63, 255
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*')
_ONE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LABEL = re.compile(r"[a-z0-9_*!\"#$%&'()+,/:;<=>?@\[\]^`{|}~\\-]+", re.IGNORECASE)


def _illegal(problem: str, value: str) -> str:
    return f"Invalid Resource Record: FATAL problem: {problem} encountered with '{value}'"


def _text(value: str) -> str:
    if not _STRINGS.fullmatch(value):
        return _illegal("InvalidCharacterString (Value should be enclosed in quotation marks)", value)
    if any(len(one) > STRING for one in _ONE.findall(value)):
        return _illegal("CharacterStringTooLong (Value is too long)", value)
    return ""


def _address(parse: Callable[[str], Any], name: str) -> Callable[[str], str]:
    def wrong(value: str) -> str:
        try:
            parse(value)
        except ValueError:
            return _illegal(f"ARRDATAIllegal{name}Address (Value is not a valid {name} address)", value)
        return ""

    return wrong


def _fields(name: str, wanted: str, pattern: str) -> Callable[[str], str]:
    def wrong(value: str) -> str:
        return (
            "" if re.fullmatch(pattern, value) else _illegal(f"{name}RRDATAIllegal (Value should be {wanted})", value)
        )

    return wrong


_VALUES: dict[str, Callable[[str], str]] = {
    "TXT": _text,
    "SPF": _text,
    "A": _address(ipaddress.IPv4Address, "IPv4"),
    "AAAA": _address(ipaddress.IPv6Address, "IPv6"),
    "MX": _fields("MX", "preference and a name", r"\d{1,5}\s+\S+"),
    "SRV": _fields("SRV", "priority, weight, port and a name", r"(\d{1,5}\s+){3}\S+"),
    "CAA": _fields("CAA", "flags, a tag and a quoted value", r'\d{1,3}\s+[a-z0-9]+\s+"[^"]*"'),
}


def name_fault(name: str) -> str:
    """What is wrong with a domain name; '' for none."""
    labels = name.removesuffix(".").split(".")
    if len(name) > NAME or any(not 1 <= len(label) <= LABEL or not _LABEL.fullmatch(label) for label in labels):
        return f"the name '{name}' is not valid: up to {LABEL} characters between dots, {NAME} in all"
    return ""


def _changes(params: Mapping[str, Any], caller: Caller) -> None:
    changes = params["ChangeBatch"]["Changes"]
    if len(changes) > CHANGES:
        raise AwsError("InvalidChangeBatch", f"[Number of records limit of {CHANGES} exceeded.]", 400)
    zone = get_backend("route53")[caller.account]["aws"].zones.get(params["HostedZoneId"].rpartition("/")[2])
    apex = zone.name.removesuffix(".").lower() if zone is not None else ""
    wrong = [fault for change in changes for fault in _faults(change["ResourceRecordSet"], change["Action"], apex)]
    if wrong:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(wrong)}]", 400)


_ROUTED = (
    "Weight",
    "Region",
    "Failover",
    "GeoLocation",
    "MultiValueAnswer",
    "CidrRoutingConfig",
    "GeoProximityLocation",
)
"""Of records of one name and type, each has one of these, and an identifier of its own."""


def _faults(record: Mapping[str, Any], action: str, apex: str) -> Iterator[str]:
    kind, values = record["Type"], [one["Value"] for one in record.get("ResourceRecords") or ()]
    if action == "DELETE":
        if kind in ("NS", "SOA") and record["Name"].removesuffix(".").lower() == apex:
            yield f"A HostedZone must contain at least one {kind} record for the zone itself."
        return
    if fault := name_fault(record["Name"]):
        yield f"FATAL problem: DomainLabelTooLong or illegal, {fault}"
    alias = "AliasTarget" in record
    if alias and kind in ("NS", "SOA"):
        yield f"The {kind} record cannot be an alias"
    routed = any(name in record for name in _ROUTED)
    if routed != ("SetIdentifier" in record):
        yield f"Missing field 'SetIdentifier' or one of {', '.join(_ROUTED)}"
    if alias == bool(values):
        yield "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"
    if values and "TTL" not in record:
        yield "Missing field 'TTL'"
    if alias and "TTL" in record:
        yield "TTL cannot be given for an alias"
    if kind == "CNAME" and len(values) > 1:
        yield "Invalid Resource Record: a CNAME has one value"
    if len(set(values)) < len(values):
        yield "Duplicate Resource Record"
    yield from filter(None, map(_VALUES.get(kind, lambda _: ""), values))


def _zone(params: Mapping[str, Any], caller: Caller) -> None:
    if fault := name_fault(params["Name"]):
        raise AwsError("InvalidDomainName", f"FATAL problem: {fault}", 400)
    zones = get_backend("route53")[caller.account]["aws"].zones.values()
    if any(zone.caller_reference == params["CallerReference"] for zone in zones):
        text = "A hosted zone has already been created with the specified caller reference."
        raise AwsError("HostedZoneAlreadyExists", text, 409)


def _delegation_set(params: Mapping[str, Any], caller: Caller) -> None:
    sets = get_backend("route53")[caller.account]["aws"].delegation_sets.values()
    if any(one.caller_reference == params["CallerReference"] for one in sets):
        text = "A delegation set with the same owner and caller reference combination has already been created."
        raise AwsError("DelegationSetAlreadyCreated", text, 400)


LIMITS = {
    "CreateReusableDelegationSet": _delegation_set,
    "ChangeResourceRecordSets": _changes,
    "CreateHostedZone": _zone,
}
