"""Is what is told so? Answers on resources and announcements, held against the data plane and what Lattice holds."""

import ipaddress
from collections.abc import Iterator
from typing import Any, NamedTuple

from onramp.core import tags
from onramp.core.auth_policy import shuts
from onramp.core.policy import CONNECT, INVOKE
from onramp.core.report import SOURCE

from localcloud import network
from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord, Record
from localcloud.services.lattice.model import Rule, Service, VpcAssociation

ROLLS = (0.0, 0.2, 0.4, 0.6, 0.8)
"""Where the weighted choices of a request may fall: of several load balancers some may answer and others not."""

SERVES = frozenset({"ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"})
"""States of a VPC's association in which its requests pass."""

FAILS_OPEN = "no-healthy-target: "
"""Where no target is healthy a load balancer sends to all (ELB's fail-open), so that a wrong health check stops nothing
here; on AWS that is luck on which nobody is told to build, and the answer stays `unreachable`."""

LEAVES = frozenset({"disconnecting", "held"})


class Watch:
    """Hears every announcement, and looks at its account's answers in that very moment; `wrong` is what was not so.

    `answered`: the stacks put answers on resources.
    """

    def __init__(self, cloud: LocalCloud, *, answered: bool = True) -> None:
        self.wrong: list[str] = []
        self._cloud = cloud
        self._answered = answered
        self._heard: set[str] = set()
        cloud.journal.hear(self.hear)

    def hear(self, record: Record) -> None:
        if not isinstance(record, EventRecord) or not record.run or record.event.get("source") != SOURCE:
            return
        event = record.event
        if event["id"] in self._heard:
            return
        self._heard.add(event["id"])
        self._add(f"as {event['detail-type']} was announced", unfounded(self._cloud, event))
        self._add(f"as {event['detail-type']} was announced", self._untrue(str(event["detail"].get("account", ""))))

    def at_rest(self, *accounts: str) -> None:
        """Look at these accounts now."""
        for account in accounts:
            self._add("at rest", self._untrue(account))

    def _untrue(self, account: str) -> Iterator[str]:
        return untrue(self._cloud, account, answered=self._answered) if account else iter(())

    def _add(self, when: str, found: Iterator[str]) -> None:
        self.wrong += [sentence for what in found if (sentence := f"{when}: {what}") not in self.wrong]


class _Resource(NamedTuple):
    """`key`: a load balancer's ARN or a VPC's id. `asks`: the network that its tags ask for, under whatever prefix."""

    key: str
    vpc: str
    status: str
    domain: str
    asks: str
    message: str


def untrue(cloud: LocalCloud, account: str, *, answered: bool = True) -> Iterator[str]:
    """What the account's answers say and is not so, a sentence each. `answered`: the stack answers on resources."""
    with cloud.gate.quiet():
        networks = {one.name for one in cloud.lattice.estate.networks}
        for found in _balancers(cloud, account):
            if found.asks and found.asks not in networks and found.status != "refused":
                continue  # it was left to a sibling's stack, which is not there to answer
            yield from _untrue_balancer(cloud, account, found, answered=answered)
        for found in _vpcs(cloud, account):
            yield from _untrue_vpc(cloud, found, answered=answered)


def unfounded(cloud: LocalCloud, event: dict[str, Any]) -> Iterator[str]:
    """What an announcement says and is not so at the moment in which it is made."""
    kind, detail = str(event["detail-type"]), event["detail"]
    with cloud.gate.quiet():
        match kind.split():
            case ["Service", "Connected"] if not _answers(cloud, detail["domain"]):
                yield f"{kind}: nothing answers under {detail['domain']}"
            case ["Service", "Unreachable"] if detail.get("message", "").startswith(FAILS_OPEN):
                return
            case ["Service", "Disconnected" | "Unreachable"] if _answers(cloud, detail["domain"]):
                yield f"{kind}: {detail['domain']} answers"
            case ["Client", "Connected"] if not _can_call(cloud, detail["vpc"]):
                yield f"{kind}: no request leaves {detail['vpc']}"
            case ["Client", "Disconnected"] if _joined(cloud, detail["vpc"], detail["network"]):
                yield f"{kind}: {detail['vpc']} is joined"
            case ["Client", "Unreachable"] if _can_call(cloud, detail["vpc"]):
                yield f"{kind}: requests leave {detail['vpc']}"
            case ["Load", "Balancer", "Joined"]:
                behind = {
                    found for one in _services(cloud) if one.arn == detail["arn"] for found in _behind(cloud, one)
                }
                for balancer in sorted(set(detail["joined"]) - behind):
                    yield f"{kind}: service {detail['name']} does not send to {balancer}"


# --- load balancers


def _balancers(cloud: LocalCloud, account: str) -> Iterator[_Resource]:
    elb = cloud.client("elbv2", account)
    for page in elb.get_paginator("describe_load_balancers").paginate():
        for item in page["LoadBalancers"]:
            arn = item["LoadBalancerArn"]
            given = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
            yield _resource(arn, item["VpcId"], given)


def _resource(key: str, vpc: str, given: list[dict[str, str]]) -> _Resource:
    found = {tag["Key"]: tag["Value"] for tag in given}
    asks = next((value for name, value in found.items() if name.endswith(":network") and name != tags.OWNER), "")
    return _Resource(
        key, vpc, found.get(tags.STATUS, ""), found.get(tags.DOMAIN, ""), asks, found.get(tags.MESSAGE, "")
    )


def _untrue_balancer(cloud: LocalCloud, account: str, found: _Resource, *, answered: bool) -> Iterator[str]:
    name = found.key.split("/")[-2]
    ours = [one for one in _services(cloud) if one.account == account and found.key in _behind(cloud, one)]
    answering = {one.domain: one for one in ours if _answers(cloud, one.domain)}
    # A policy that a hand put is looked for every few hours only: until then it goes unsaid.
    shut = {one.domain for one in ours if _is_shut(one)}
    if found.domain and found.domain not in answering.keys() | shut:
        yield f"{name} says {found.status or 'nothing'} and {found.domain}, which does not answer by way of it"
    if found.status == "connected" and not found.domain:
        yield f"{name} says connected and no domain"
    if not answered or found.message.startswith(FAILS_OPEN):
        return
    for domain, service in answering.items():
        alone = _behind(cloud, service) == {found.key}
        if not found.status and alone:
            yield f"{name} says nothing and {domain} answers by way of it"
        elif found.status == "unreachable" and alone:
            yield f"{name} says unreachable and {domain} answers by way of it"
        elif not found.domain and alone:
            yield f"{name} says {found.status} without a domain and {domain} answers by way of it"


def _services(cloud: LocalCloud) -> list[Service]:
    """Those that some stack made: our mark may be taken off by somebody, and then the name tells."""
    return [one for one in cloud.lattice.estate.services if _made(one)]


def _made(thing: Service | VpcAssociation) -> bool:
    return not {tags.OWNER, tags.NAME}.isdisjoint(thing.tags)


def _behind(cloud: LocalCloud, service: Service) -> set[str]:
    """Load balancers that its listeners send to."""
    groups = [
        cloud.lattice.estate.target_groups.get(group)
        for listener in service.listeners.values()
        for rule in listener.rules.values()
        for group in rule.target_groups
    ]
    return {to.id for group in groups if group is not None for to in group.targets.values() if not to.draining}


def _answers(cloud: LocalCloud, domain: str) -> bool:
    """Is a request under this name answered by a server behind a load balancer, from a network that it is in and that a
    stack keeps?
    """
    estate = cloud.lattice.estate
    for service in (one for one in estate.services if one.domain == domain and not _is_shut(one)):
        vpcs = {
            (service.account, group.vpc_id)
            for listener in service.listeners.values()
            for rule in listener.rules.values()
            for identifier in rule.target_groups
            if (group := estate.target_groups.get(identifier)) is not None and group.vpc_id
        }
        for one in estate.service_associations.where("service", service.id):
            if not _has_stack(cloud, one.network_id):
                continue  # whoever made it somewhere else answers for that himself
            for listener in service.listeners.values():
                scheme = "http" if listener.protocol == "HTTP" else "https"
                # What passes through is known by the domain of its own alone, which the certificate behind is for.
                passes = listener.protocol == "TLS_PASSTHROUGH" and service.custom_domain
                url = f"{scheme}://{service.custom_domain if passes else domain}:{listener.port}"
                for vpc in vpcs:
                    for path, method, headers in {_asks_for(rule) for rule in listener.rules.values()}:
                        walks = network.from_within(
                            cloud, one.network_id, vpc, f"{url}{path}", ROLLS, method=method, headers=dict(headers)
                        )
                        if any(not walked.stopped_at and _left_lattice(walked) for walked in walks):
                            return True
    return False


def _is_shut(service: Service) -> bool:
    """Does it turn away whoever asks, for certain?"""
    if service.auth_type == "NONE":
        return False
    asked = [CONNECT if one.protocol == "TLS_PASSTHROUGH" else INVOKE for one in service.listeners.values()]
    return service.policy is None or bool(shuts(service.policy.document, service.arn, asked))


def _has_stack(cloud: LocalCloud, identifier: str) -> bool:
    """Does a stack keep the network? It has a bus that is named after it."""
    found = cloud.lattice.estate.networks.get(identifier)
    if found is None:
        return False
    events = cloud.client("events", found.account)
    return bool(events.list_event_buses(NamePrefix=f"onramp-{found.name}")["EventBuses"])


def _asks_for(rule: Rule) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """A request that the rule takes, unless one before it does: path, method and headers."""
    http = (rule.match or {}).get("httpMatch", {})
    path = next(iter(http.get("pathMatch", {}).get("match", {}).values()), "/")
    headers = tuple((one["name"], next(iter(one["match"].values()))) for one in http.get("headerMatches", ()))
    return path, http.get("method", "GET"), headers


def _left_lattice(walked: network.Answer) -> bool:
    """Was it answered by somebody behind a target group, and not by a rule itself?"""
    return any(hop.name == "target group" for hop in walked.hops)


# --- VPCs


def _vpcs(cloud: LocalCloud, account: str) -> Iterator[_Resource]:
    for page in cloud.client("ec2", account).get_paginator("describe_vpcs").paginate():
        for item in page["Vpcs"]:
            yield _resource(item["VpcId"], item["VpcId"], item.get("Tags", []))


def _untrue_vpc(cloud: LocalCloud, found: _Resource, *, answered: bool) -> Iterator[str]:
    calls = _can_call(cloud, found.key)
    if found.status == "connected" and not calls:
        yield f"{found.key} says connected and no request leaves it"
    if found.status == "unreachable" and calls:
        yield f"{found.key} says unreachable and requests leave it"
    if answered and calls and found.status in ("", "connecting"):
        yield f"{found.key} says {found.status or 'nothing'} and requests leave it"


def _associations(cloud: LocalCloud, vpc: str) -> list[VpcAssociation]:
    there = cloud.lattice.estate.vpc_associations.where("vpc", cloud.region, vpc)
    return [one for one in there if one.status in SERVES and _made(one)]


def _joined(cloud: LocalCloud, vpc: str, name: str) -> bool:
    networks = [cloud.lattice.estate.networks.get(one.network_id) for one in _associations(cloud, vpc)]
    return any(one is not None and one.name == name for one in networks)


def _can_call(cloud: LocalCloud, vpc: str) -> bool:
    """Is it joined by a stack, do names resolve in it, and is anybody let in?"""
    for one in _associations(cloud, vpc):
        ec2 = cloud.client("ec2", one.account)
        attributes = ("enableDnsSupport", "enableDnsHostnames")
        answers = [ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name) for name in attributes]
        resolves = all(
            answer[name[0].upper() + name[1:]]["Value"] for name, answer in zip(attributes, answers, strict=True)
        )
        groups = (
            ec2.describe_security_groups(GroupIds=list(one.security_groups))["SecurityGroups"]
            if one.security_groups
            else []
        )
        admits = [
            rule for group in groups for rule in group["IpPermissions"] if rule["IpProtocol"] in ("tcp", "6", "-1")
        ]
        [there] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        if resolves and (not one.security_groups or any(_lets_in(rule, there) for rule in admits)):
            return True
    return False


def _lets_in(rule: dict[str, Any], vpc: dict[str, Any]) -> bool:
    """Does it admit an address of the VPC? Who is in a list or a group is not asked here."""
    if rule.get("PrefixListIds") or rule.get("UserIdGroupPairs"):
        return True
    own = [it["CidrBlock"] for it in vpc["CidrBlockAssociationSet"]]
    own += [it["Ipv6CidrBlock"] for it in vpc.get("Ipv6CidrBlockAssociationSet", ())]
    admitted = [it["CidrIp"] for it in rule.get("IpRanges", ())] + [it["CidrIpv6"] for it in rule.get("Ipv6Ranges", ())]
    pairs = ((ipaddress.ip_network(one), ipaddress.ip_network(other)) for one in admitted for other in own)
    return any(one.version == other.version and one.overlaps(other) for one, other in pairs)
