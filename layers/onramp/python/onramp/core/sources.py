"""Who may call from a VPC, and on which ports: the words of two tags as rules of a security group."""

import functools
import ipaddress
import re
from collections.abc import Iterable, Mapping

from onramp.core import tags
from onramp.core.errors import Refused
from onramp.core.model import Ingress

RULES_PER_GROUP = 60
"""EC2's default quota of inbound rules per security group. It holds for each family; here for both together."""

PREFIX_LIST = "pl-"
SECURITY_GROUP = "sg-"

_MAPPED = 96
"""Bits before an IPv4 address that is written as an IPv6 one (::ffff:10.1.0.0); callers never come from such a one."""

_ID = r"[0-9a-f]{8}([0-9a-f]{9})?"


def words(text: str) -> list[str]:
    """Values of one tag: EC2 takes commas in tags, ELB does not (facts 18), so both separate where both may stand."""
    return text.replace(",", " ").split()


def is_security_group(word: str) -> bool:
    return re.fullmatch(SECURITY_GROUP + _ID, word) is not None


def rules(sources: Iterable[str], ports: Iterable[str], *, from_key: str, ports_key: str) -> frozenset[Ingress]:
    """Every source on every port. `from_key`, `ports_key`: the tags that they stand in. Raises Refused."""
    spans = [span(word, ports_key) for word in ports]
    found = frozenset(
        Ingress(source=source(word, from_key), from_port=first, to_port=last)
        for word in sources
        for first, last in spans
    )
    if len(found) > RULES_PER_GROUP:
        raise Refused("tag-invalid", too_many(len(found)))
    return found


def too_many(number: int) -> str:
    return (
        f"name fewer or larger CIDRs, or fewer ports: {number} rules would be needed and a security group"
        f" holds {RULES_PER_GROUP}"
    )


def span(text: str, key: str) -> tuple[int, int]:
    """One port, or a range of them, as 8000-8010."""
    first, dash, last = text.partition("-")
    ends = (port(first, key, text), port(last if dash else first, key, text))
    if ends[0] > ends[1]:
        raise Refused("tag-invalid", f"write {ends[1]}-{ends[0]} in tag {key}: it has {tags.spelled(text)}")
    return ends


def port(text: str, key: str, word: str) -> int:
    """`word`: the whole of what was written, of which that is a part."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise Refused("tag-invalid", f"write a port from 1 to 65535 in tag {key}: it has {tags.spelled(word)}")
    return int(text)


@functools.lru_cache(4096)
def source(text: str, key: str) -> str:
    """As EC2 spells it: a CIDR of either family, or the id of a prefix list or of a security group."""
    for kind, example in ((PREFIX_LIST, "pl-0123abcd"), (SECURITY_GROUP, "sg-0123abcd")):
        if text.startswith(kind):
            if not re.fullmatch(kind + _ID, text):
                raise Refused("tag-invalid", f"write ids as {example} in tag {key}: it has {tags.spelled(text)}")
            return text
    address = text.partition("/")[0]
    try:
        # What names an interface (%) is one machine's own.
        found = None if "%" in text else ipaddress.ip_network(text, strict=False)
    except ValueError:
        found = None
    if found is None:
        raise Refused(
            "tag-invalid",
            f"write CIDRs as 10.1.33.54/32 or 2001:db8::/64, pl-0123abcd or sg-0123abcd in tag {key}:"
            f" it has {tags.spelled(text)}",
        )
    mapped = found.network_address.ipv4_mapped if isinstance(found, ipaddress.IPv6Network) else None
    if mapped is not None and found.prefixlen >= _MAPPED:
        plain = f"{mapped}/{found.prefixlen - _MAPPED}"
        raise Refused("tag-invalid", f"write {plain} in tag {key}: it has the IPv4 range as an IPv6 one, {text}")
    if ipaddress.ip_address(address) != found.network_address:
        raise Refused(
            "tag-invalid",
            f"write {found} for the whole range or {address}/{found.max_prefixlen} for one in tag {key}: it has {text}",
        )
    return str(found)


def weight(given: Iterable[Ingress], lists: Mapping[str, int]) -> int:
    """How many rules of a group they count as: a prefix list's counts as the entries that it may come to hold.

    `lists`: prefix list -> that number; one that is not known counts as one.
    """
    return sum(lists.get(rule.source, 1) for rule in given)


def before(allow: Iterable[Ingress], revoke: Iterable[Ingress], *, room: int, lists: Mapping[str, int]) -> int:
    """How many of `revoke`, in their order, have to go first so that `allow` finds room."""
    missing, going = weight(allow, lists) - room, 0
    for rule in revoke:
        if missing <= 0:
            break
        missing -= weight([rule], lists)
        going += 1
    return going
