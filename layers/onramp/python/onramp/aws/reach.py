"""Read what decides whether a request gets through: security groups, listeners, targets, DNS.

Each fact is read by itself. What is denied, or fails, is None; only being asked to slow down stops the look.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from fnmatch import fnmatchcase
from functools import partial
from itertools import batched
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from onramp.aws.account import Account
from onramp.aws.at_once import each
from onramp.aws.dated import dated
from onramp.aws.errors import throttled, translated
from onramp.core.certificates import is_good
from onramp.core.model import Certificate, Ingress
from onramp.core.reach import Asked, BalancerFacts, LatticeRange, PrefixList, TargetHealth, VpcFacts, takes

_ARNS_PER_CALL = 20  # ELBv2 DescribeLoadBalancers
_VALUES_PER_FILTER = 200  # EC2

type Item = Mapping[str, Any]
"""A thing as AWS describes it."""


_JOINS = (
    "vpc-lattice:CreateServiceNetworkServiceAssociation",
    "vpc-lattice:CreateServiceNetworkVpcAssociation",
    "vpc-lattice:GetServiceNetwork",
)
"""What a member's runs ask of the network that is shared with it."""


class Reach:
    """Reads facts of any account. Lattice's prefix lists are AWS's own and the same for everybody in a region, so one
    of these, kept as long as the process lives, reads them once.
    """

    def __init__(self) -> None:
        self._named: dict[str, tuple[PrefixList, ...]] = {}
        self._ranges: dict[str, LatticeRange] = {}
        self._suffices: set[str] = set()

    def share_lacks(self, own: Account, permission: str) -> tuple[str, ...]:
        """Actions that runs need and this RAM permission does not give; none where it is not told.

        One that gives all is read once; one that does not is read again, since infra may have mended it. NotYet when
        throttled.
        """
        if not permission or permission in self._suffices:
            return ()
        with translated():
            answer = _fact(lambda: own.client("ram").get_permission(permissionArn=permission))
        if answer is None:
            return ()
        given = json.loads(answer["permission"]["permission"]).get("Action", [])
        patterns = [given] if isinstance(given, str) else given
        lacking = tuple(one for one in _JOINS if not any(fnmatchcase(one, pattern) for pattern in patterns))
        if not lacking:
            self._suffices.add(permission)
        return lacking

    def lattice(self, member: Account, facts: Iterable[BalancerFacts] | None = None) -> LatticeRange | None:
        """The addresses that Lattice calls from in the account's region. NotYet when throttled.

        `facts`: what it is read for. Where the lists' ids, or everybody, are admitted, the addresses are not asked for.
        """
        region = str(member.client("ec2").meta.region_name)
        if region in self._ranges:
            return self._ranges[region]
        with translated():
            if region not in self._named:
                named = _prefix_lists(member, region)
                if named is None:
                    return None
                self._named[region] = named
            named = self._named[region]
            if facts is not None and not any(_asks_for_addresses(one, named) for one in facts):
                return LatticeRange(lists=named)
            found = tuple(replace(one, cidrs=_entries(member, one.id)) for one in named)
        if any(one.cidrs is None for one in found):
            return LatticeRange(lists=found)
        self._ranges[region] = LatticeRange(lists=found)
        return self._ranges[region]

    def balancers(
        self,
        member: Account,
        asked: Iterable[Asked],
        *,
        described: Mapping[str, Item] | None = None,
        listeners: Mapping[str, Sequence[Item]] | None = None,
    ) -> dict[Asked, BalancerFacts]:
        """The facts about each load balancer that a service sends to. NotYet when throttled.

        `described` and `listeners`: what DescribeLoadBalancers and DescribeListeners answered already, by the load
        balancer's ARN; what is not there is asked for.
        """
        wanted = tuple(dict.fromkeys(asked))
        with translated():
            look = _Look(member, self._own_lists(member) if wanted else frozenset())
            items = look.balancers({one.load_balancer for one in wanted}, described or {})
            groups = look.security_groups(group for item in items.values() for group in item.get("SecurityGroups", ()))

            def facts(one: Asked) -> BalancerFacts:
                return look.facts(one, items.get(one.load_balancer), (listeners or {}).get(one.load_balancer), groups)

            return dict(zip(wanted, each(facts, wanted), strict=True))

    def vpcs(
        self,
        member: Account,
        asked: Mapping[str, Iterable[str]],
        *,
        admits: Mapping[str, frozenset[Ingress]] | None = None,
    ) -> dict[str, VpcFacts]:
        """The facts about client VPCs: id -> security groups of its association. NotYet when throttled.

        `admits`: security group -> what it lets in, of those that were read already.
        """
        known = admits or {}
        named = {vpc: tuple(sorted(groups)) for vpc, groups in asked.items()}
        with translated():
            look = _Look(member, None)
            unread = {group for wanted in named.values() for group in wanted} - known.keys()
            groups = {**known, **look.security_groups(unread)}
            return {
                vpc: VpcFacts(
                    id=vpc,
                    dns_support=look.dns(vpc, "enableDnsSupport", "EnableDnsSupport"),
                    dns_hostnames=look.dns(vpc, "enableDnsHostnames", "EnableDnsHostnames"),
                    security_groups=wanted,
                    admits=_together(wanted, groups),
                )
                for vpc, wanted in named.items()
            }

    def _own_lists(self, member: Account) -> frozenset[str]:
        found = self.lattice(member, ())
        return frozenset(one.id for one in found.lists) if found else frozenset()


def _fact[T](read: Callable[..., T], *given: Any) -> T | None:
    """What `read` answers, or None where AWS does not tell."""
    try:
        return read(*given)
    except ClientError as error:
        if throttled(error):
            raise
        return None


def _pages(client: Any, operation: str, key: str, **given: Any) -> list[Item]:
    return [item for page in client.get_paginator(operation).paginate(**given) for item in page[key]]


def _listed(client: Any, operation: str, key: str, **given: Any) -> list[Item] | None:
    """Every item of every page, or None where AWS does not tell."""
    return _fact(lambda: _pages(client, operation, key, **given))


def _prefix_lists(member: Account, region: str) -> tuple[PrefixList, ...] | None:
    names = [f"com.amazonaws.{region}.vpc-lattice", f"com.amazonaws.{region}.ipv6.vpc-lattice"]
    filters = [{"Name": "prefix-list-name", "Values": names}]
    items = _listed(member.client("ec2"), "describe_managed_prefix_lists", "PrefixLists", Filters=filters)
    if items is None:
        return None
    return tuple(
        PrefixList(id=item["PrefixListId"], name=item["PrefixListName"])
        for item in sorted(items, key=lambda item: names.index(item["PrefixListName"]))
    )


def _asks_for_addresses(balancer: BalancerFacts, named: tuple[PrefixList, ...]) -> bool:
    """Is none of its rules for the port told by a list's id, or by everybody's addresses?"""
    enough = {one.id for one in named if balancer.dualstack is not False or not one.ipv6} | {"0.0.0.0/0"}
    return balancer.admits is not None and not any(
        rule.source in enough and (rule.from_port <= balancer.port <= rule.to_port or rule.from_port == -1)
        for rule in balancer.admits
    )


def _entries(member: Account, prefix_list: str) -> tuple[str, ...] | None:
    found = _listed(member.client("ec2"), "get_managed_prefix_list_entries", "Entries", PrefixListId=prefix_list)
    return None if found is None else tuple(entry["Cidr"] for entry in found)


def _together(wanted: Sequence[str], groups: Mapping[str, frozenset[Ingress]]) -> frozenset[Ingress] | None:
    """What all the groups let in; None when there is none, or one of them is not told: it may be another account's."""
    if not wanted or any(group not in groups for group in wanted):
        return None
    return frozenset[Ingress]().union(*(groups[group] for group in wanted))


class _Look:
    """One look at one account: what several load balancers share is asked once. `lattice`: ids of the prefix lists that
    are not the account's own; None where no prefix list's addresses matter.
    """

    def __init__(self, member: Account, lattice: frozenset[str] | None) -> None:
        self._member = member
        self._lattice = lattice
        self._health: dict[str, tuple[TargetHealth, ...] | None] = {}
        self._lists: dict[str, tuple[str, ...] | None] = {}
        self._shown: dict[str, tuple[Certificate, float] | None] = {}

    # --- load balancers and their listeners

    def balancers(self, arns: set[str], known: Mapping[str, Item]) -> dict[str, Item]:
        found = {arn: known[arn] for arn in arns if arn in known}
        for some in batched(sorted(arns - set(found)), _ARNS_PER_CALL, strict=False):
            items = _listed(
                self._member.client("elbv2"), "describe_load_balancers", "LoadBalancers", LoadBalancerArns=list(some)
            )
            found |= {item["LoadBalancerArn"]: item for item in items or ()}
        return found

    def facts(
        self,
        asked: Asked,
        item: Item | None,
        listeners: Sequence[Item] | None,
        groups: Mapping[str, frozenset[Ingress]],
    ) -> BalancerFacts:
        if listeners is None:
            listeners = _listed(
                self._member.client("elbv2"), "describe_listeners", "Listeners", LoadBalancerArn=asked.load_balancer
            )
        mine = tuple((item or {}).get("SecurityGroups", ()))
        kind = (item or {}).get("IpAddressType")
        outer = BalancerFacts(
            arn=asked.load_balancer,
            protocol=asked.protocol,
            port=asked.port,
            host=asked.host,
            security_groups=mine,
            admits=_together(mine, groups),
            dualstack=None if kind is None else kind != "ipv4",
        )
        return outer if listeners is None else self._with_listener(outer, asked, listeners)

    def _with_listener(self, outer: BalancerFacts, asked: Asked, listeners: Sequence[Item]) -> BalancerFacts:
        listener = next((found for found in listeners if found["Port"] == asked.port), None)
        if listener is None:
            return replace(outer, listens="")
        # What comes before the last action, signing in, lets through or answers by itself: that is between the two.
        action: Item = max(listener["DefaultActions"], key=lambda one: one.get("Order", 0), default={})
        kind = action.get("Type")
        groups = _forwarded(action)
        targets = self._targets(groups)
        ends_here = targets is not None and not any(map(takes, targets))
        rules = self._rules(listener["ListenerArn"]) if ends_here else None
        if rules:
            targets = self._targets([*groups, *rules])
        return replace(
            outer,
            listens=listener["Protocol"],
            action=kind if kind in ("forward", "redirect", "fixed-response") else None,
            status=int(action.get("FixedResponseConfig", {}).get("StatusCode", 0)),
            leads=_leads(action.get("RedirectConfig", {})),
            weightless=kind == "forward" and not groups,
            rules_forward=None if rules is None else bool(rules),
            targets=targets,
            certificates=self._certificates(asked, listener),
            refused=self._refused(asked.host, listener),
        )

    def _rules(self, listener: str) -> list[str] | None:
        """The target groups that rules besides the default one send to."""
        items = _listed(self._member.client("elbv2"), "describe_rules", "Rules", ListenerArn=listener)
        if items is None:
            return None
        actions = [action for item in items if not item["IsDefault"] for action in item["Actions"]]
        return list(dict.fromkeys(group for action in actions for group in _forwarded(action)))

    def _targets(self, groups: Iterable[str]) -> tuple[TargetHealth, ...] | None:
        """The targets of all groups; of those that were read, if one of them takes requests, else None is unread."""
        read = [self._group(group) for group in groups]
        found = tuple(health for group in read for health in group or ())
        return None if None in read and not any(takes(health) for health in found) else found

    def _group(self, group: str) -> tuple[TargetHealth, ...] | None:
        if group not in self._health:
            answer = _fact(lambda: self._member.client("elbv2").describe_target_health(TargetGroupArn=group))
            self._health[group] = None if answer is None else _counted(answer["TargetHealthDescriptions"])
        return self._health[group]

    def _certificates(self, asked: Asked, listener: Item) -> frozenset[str] | None:
        """The default one, and where the service's own is another, those for further host names too."""
        own = frozenset(one["CertificateArn"] for one in listener.get("Certificates", ()))
        if not asked.certificate or asked.certificate in own or listener["Protocol"] != "HTTPS":
            return own
        every = self._every_certificate(listener)
        return None if every is None else own | set(every)

    def _every_certificate(self, listener: Item) -> list[str] | None:
        items = _listed(
            self._member.client("elbv2"),
            "describe_listener_certificates",
            "Certificates",
            ListenerArn=listener["ListenerArn"],
        )
        return None if items is None else [one["CertificateArn"] for one in items]

    def _refused(self, host: str, listener: Item) -> tuple[Certificate, ...] | None:
        """What it shows, where a client that asks for `host` takes none; of those for further host names, ELB shows the
        one that is for it. What is not ACM's nobody here can read: such a one is taken.
        """
        if not host or listener["Protocol"] != "HTTPS":
            return ()
        own = [one["CertificateArn"] for one in listener.get("Certificates", ())]
        if any(map(partial(self._takes, host), own)):
            return ()
        every = self._every_certificate(listener)
        if every is None:
            return None
        more = [arn for arn in every if arn not in own]
        if any(map(partial(self._takes, host), more)):
            return ()
        read = [self._certificate(arn) for arn in (*own, *more)]
        return None if None in read else tuple(one for one, _ in filter(None, read))

    def _takes(self, host: str, arn: str) -> bool:
        if arn.split(":")[2] != "acm":
            return True
        read = self._certificate(arn)
        return read is not None and is_good(read[0], host, read[1])

    def _certificate(self, arn: str) -> tuple[Certificate, float] | None:
        """As ACM describes it, and when, in epoch seconds."""
        if arn not in self._shown:
            answer = _fact(lambda: self._member.client("acm").describe_certificate(CertificateArn=arn))
            self._shown[arn] = None if answer is None else (_described(answer["Certificate"]), dated(answer))
        return self._shown[arn]

    # --- EC2

    def security_groups(self, wanted: Iterable[str]) -> dict[str, frozenset[Ingress]]:
        """What each lets in; a group that is not told is not in it."""
        found: dict[str, frozenset[Ingress]] = {}
        for some in batched(sorted(set(wanted)), _VALUES_PER_FILTER, strict=False):
            # By filter: a group that is gone, or another account's, then costs the others nothing.
            filters = [{"Name": "group-id", "Values": list(some)}]
            items = _listed(self._member.client("ec2"), "describe_security_groups", "SecurityGroups", Filters=filters)
            found |= {item["GroupId"]: self._admits(item["IpPermissions"]) for item in items or ()}
        return found

    def _admits(self, permissions: Iterable[Item]) -> frozenset[Ingress]:
        sources = (
            ("IpRanges", "CidrIp"),
            ("Ipv6Ranges", "CidrIpv6"),
            ("UserIdGroupPairs", "GroupId"),
            ("PrefixListIds", "PrefixListId"),
        )
        return frozenset(
            Ingress(
                source=source,
                from_port=permission.get("FromPort", -1),
                to_port=permission.get("ToPort", -1),
                protocol=permission["IpProtocol"],
            )
            for permission in permissions
            for key, field in sources
            for entry in permission.get(key, ())
            for source in self._resolved(entry[field])
        )

    def _resolved(self, source: str) -> tuple[str, ...]:
        """The addresses of a prefix list that is not Lattice's own, or its id where they are not told."""
        if not source.startswith("pl-") or self._lattice is None or source in self._lattice:
            return (source,)
        if source not in self._lists:
            self._lists[source] = _entries(self._member, source)
        found = self._lists[source]
        return (source,) if found is None else found

    def dns(self, vpc: str, attribute: str, key: str) -> bool | None:
        answer = _fact(lambda: self._member.client("ec2").describe_vpc_attribute(VpcId=vpc, Attribute=attribute))
        return None if answer is None else bool(answer[key]["Value"])


def _described(item: Item) -> Certificate:
    ends = item.get("NotAfter")
    return Certificate(
        arn=item["CertificateArn"],
        # Names beside the first one count, that one only where there are none (facts R21).
        names=tuple(item.get("SubjectAlternativeNames") or [item["DomainName"]]),
        not_after=ends.timestamp() if ends else 0.0,
        ends=ends.astimezone(UTC).date().isoformat() if ends else "",
    )


def _forwarded(action: Item) -> list[str]:
    """The target groups that an action sends to: those with a weight."""
    groups = action.get("ForwardConfig", {}).get("TargetGroups", ())
    if groups:
        return [one["TargetGroupArn"] for one in groups if one.get("Weight") != 0]
    return [action["TargetGroupArn"]] if "TargetGroupArn" in action else []


def _leads(redirect: Item) -> str:
    """Where a redirect leads: protocol, host and port, as far as it changes them."""
    changed = (redirect.get("Protocol", ""), redirect.get("Host", ""), redirect.get("Port", ""))
    return ":".join(part for part in changed if part and "#{" not in part)


def _counted(descriptions: Iterable[Item]) -> tuple[TargetHealth, ...]:
    health = [one["TargetHealth"] for one in descriptions]
    counts = Counter((one["State"], one.get("Reason", "")) for one in health)
    return tuple(TargetHealth(state=state, reason=reason, count=count) for (state, reason), count in counts.items())
