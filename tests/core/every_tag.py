"""Every tag that teams write, with values of every kind that it takes, and the history in which two of them meet."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from histories import Act, History
from onramp.core.tags import RULE_KEYS

type Value = str | None
"""None: the tag is not there."""


class Values(NamedTuple):
    """`first` and `second` are understood, `wrong` is not. `with_it`: tags without which it says nothing."""

    first: str
    second: str
    wrong: str
    with_it: dict[str, str] = {}

    @property
    def all(self) -> tuple[Value, ...]:
        return (self.first, self.second, self.wrong, None)


DOMAIN = {"domain": "api.shop.example.jp"}

ON_A_BALANCER = {
    "network": Values("net", "sibling", "nett"),
    "service": Values("bank", "shop", "No Good"),
    "domain": Values("api.shop.example.jp", "web.shop.example.jp", "*.example.jp"),
    "certificate": Values("11111111", "22222222", "mine", DOMAIN),
    "zone": Values("ZSHOP", "ZROOT", "shop", DOMAIN),
    "listen": Values("HTTP:80 HTTPS:443", "TLS_PASSTHROUGH:443", "SMTP:25", DOMAIN),
    "target": Values("HTTP:8080", "HTTPS:443", "HTTP:9"),
    "weight": Values("200", "0", "much"),
    "path-prefix": Values("/api", "/api /v2", "api"),
    "path": Values("/v2", "/api/x", ""),
    "method": Values("GET", "GET HEAD", "GET/POST"),
    "header": Values("x-version=beta", "x-version=beta x-version=gamma", "x-version"),
    "priority": Values("7", "9", "300", {"path-prefix": "/api"}),
    "idle-timeout": Values("120", "600", "5"),
    "log": Values("/orders", "/orders/2", "a b"),
    "auth": Values("iam", "vpcs vpc-0123abcd", "everybody"),
    "auth-policy": Values("/lattice-onramp/open", "/lattice-onramp/signed", "/orders"),
}


class Kinds(NamedTuple):
    """What one wish can be, each spelled by the tags that say it: those that are `understood`, and those that are not.
    `with_it`: as of Values.
    """

    understood: tuple[dict[str, str], ...]
    wrong: tuple[dict[str, str], ...]
    with_it: dict[str, str] = {}

    @property
    def all(self) -> tuple[dict[str, str], ...]:
        return (*self.understood, *self.wrong, {})


def _said(key: str, *values: str) -> tuple[dict[str, str], ...]:
    return tuple({key: value} for value in values)


OPEN, SIGNED, SHUT = (f"/lattice-onramp/{name}" for name in ("open", "signed", "shut"))
BOTH = "HTTP:80 HTTPS:443"
WISHES = {
    "records": Kinds(_said("zone", "ZSHOP", "ZROOT", "auto", "none"), _said("zone", "shop", "ZELSE"), DOMAIN),
    "listeners": Kinds(_said("listen", "HTTP:80", "HTTPS:443", BOTH, "TLS_PASSTHROUGH:443"), (), DOMAIN),
    "callers": Kinds(
        (
            *_said("auth", "none", "iam", "accounts 111111111111", "vpcs vpc-0123abcd"),
            *_said("auth-policy", OPEN, SIGNED, SHUT),
        ),
        ({"auth": "everybody"}, {"auth": "iam", "auth-policy": OPEN}, {"auth-policy": "/orders"}),
    ),
    "shares": Kinds(_said("weight", "200", "0", "theirs"), _said("weight", "much")),
    "what is taken": Kinds(
        (
            *_said("path-prefix", "/api", "/api /v2"),
            *_said("path", "/v2"),
            {"path-prefix": "/api", "method": "GET"},
            {"header": "x-version=beta", "priority": "7"},
        ),
        ({"path-prefix": "api"}, {"priority": "7"}),
    ),
    "domains": Kinds(
        (
            *_said("domain", "api.shop.example.jp", "web.shop.example.jp"),
            {"domain": "api.shop.example.jp", "zone": "ZSHOP"},
            {"domain": "web.shop.example.jp", "zone": "auto"},
            {"domain": "api.shop.example.jp", "certificate": "22222222"},
        ),
        (*_said("domain", "*.example.jp"), {"zone": "ZSHOP"}),
    ),
}

ON_A_VPC = {
    "network": Values("net", "sibling", "nett"),
    "allow-from": Values("10.1.0.0/16", "10.1.3.4/32 pl-0123abcd", "everywhere"),
    "ports": Values("80 443", "80-443", "http"),
    "security-groups": Values("sg-0123abcd", "sg-4567abcd", "web"),
}

BALANCER, VPC = "alb-a", "vpc-1"

type Tag = tuple[str, str]
"""What carries it, and its key after the prefix."""

EVERY = {(BALANCER, key): values for key, values in ON_A_BALANCER.items()}
EVERY |= {(VPC, key): values for key, values in ON_A_VPC.items()}

PAIRS: tuple[tuple[Tag, Tag], ...] = tuple(combinations(EVERY, 2))


class _Hand:
    """Who tags: he keeps in mind what the two carry."""

    def __init__(self) -> None:
        self.carry: dict[str, dict[str, str]] = {
            BALANCER: {"network": "net", "service": "shop", "listen": "HTTP:80"},
            VPC: {"network": "net", "ports": "80 81 443"},
        }

    def put(self, tag: Tag, value: Value) -> Act:
        """The act by which this tag, and nothing else, becomes that."""
        on, key = tag
        others = {name: text for name, text in self.carry[on].items() if name != key}
        self.carry[on] = others if value is None else {**others, key: value}
        return self.told(on)

    def told(self, on: str) -> Act:
        return ("retag" if on == BALANCER else "vpc", on, dict(self.carry[on]))


def meeting(one: Tag, other: Tag, *, beside: bool) -> History:
    """A load balancer and a VPC come with both tags, each changes to every kind of value that it takes, then in the
    middle of a run for the other, and then all is taken off. `beside`: another load balancer comes behind the service.
    """
    both = (one, other)
    hand = _Hand()
    for on, key in both:
        hand.carry[on] |= {name: text for name, text in EVERY[on, key].with_it.items() if (on, name) not in both}
    company = {key: text for key, text in hand.carry[BALANCER].items() if key not in RULE_KEYS}
    for tag in both:
        hand.put(tag, EVERY[tag].first)
    # Two that speak HTTP are no default for anybody.
    ports = ("HTTP:80", "HTTPS:443", "HTTP:8080") if (BALANCER, "target") in both else ("HTTP:80", "HTTPS:443")
    acts: list[Act] = [("create", BALANCER, ports, dict(hand.carry[BALANCER]), "active"), hand.told(VPC), ("ring",)]
    if beside:
        # What those have to agree on of whom one is there.
        company |= {key: hand.carry[BALANCER][key] for key in ("domain", "listen") if key in hand.carry[BALANCER]}
        acts += [("create", "alb-b", ("HTTP:80", "HTTPS:443"), company, "active"), ("ring",)]
    for number in range(1, 4):
        for tag in both:
            acts += [hand.put(tag, EVERY[tag].all[number]), ("ring",)]
    acts += [hand.put(one, EVERY[one].first), ("ring", (2, hand.put(other, EVERY[other].second)))]
    acts += [hand.put(other, EVERY[other].first), ("ring", (3, hand.put(one, EVERY[one].second)))]
    for on in (BALANCER, VPC):
        hand.carry[on] = {}
        acts.append(hand.told(on))
    acts += [("ring",), ("wait", 90000), ("ring",)]
    return History(seed=0, acts=tuple(acts))


def by_hand(key: str) -> History:
    """What the load balancer asks for with this tag was made by hand, and is handed over; the tag changes to every kind
    of value that it takes, its owner takes the service back and hands it over anew, and then all is taken off.
    """
    tag, hand = (BALANCER, key), _Hand()
    hand.carry[BALANCER] |= EVERY[tag].with_it
    hand.put(tag, EVERY[tag].first)
    ports = ("HTTP:80", "HTTPS:443", "HTTP:8080") if key == "target" else ("HTTP:80", "HTTPS:443")
    acts: list[Act] = [("create", BALANCER, ports, {}, "active"), hand.told(VPC), ("ring",)]
    acts += [("by_hand", BALANCER, "shop", dict(hand.carry[BALANCER])), hand.told(BALANCER), ("ring",)]
    for value in (*EVERY[tag].all[1:], EVERY[tag].first):
        acts += [hand.put(tag, value), ("ring",)]
    acts += [("take_back", "services"), ("ring",), ("hand_over",), ("ring",)]
    for on in (BALANCER, VPC):
        hand.carry[on] = {}
        acts.append(hand.told(on))
    return History(seed=0, acts=(*acts, ("ring",), ("wait", 90000), ("ring",)))


def every_change(kinds: Kinds, *, by_stack: bool) -> tuple[History, tuple[dict[str, str], ...]]:
    """A load balancer whose wish becomes each kind from each other kind, and what it was at each rest. `by_stack`:
    infra has records made for all domains.
    """
    order = [kinds.all[0]]
    for place, one in enumerate(kinds.all):
        for other in kinds.all[place + 1 :]:
            order += [other, one]
        order += kinds.all[place + 1 : place + 2]
    plain = {"network": "net", "service": "shop", "listen": "HTTP:80", **kinds.with_it}

    def tags(said: dict[str, str]) -> dict[str, str]:
        return {**plain, **said}

    acts: list[Act] = [("records", "domains")] if by_stack else []
    acts += [("create", BALANCER, ("HTTP:80", "HTTPS:443"), tags(order[0]), "active"), ("vpc", VPC, {"network": "net"})]
    acts.append(("ring",))
    for said in order[1:]:
        acts += [("retag", BALANCER, tags(said)), ("ring",)]
    return History(seed=0, acts=tuple(acts)), tuple(order)
