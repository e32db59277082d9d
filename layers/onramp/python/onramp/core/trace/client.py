"""The client's side: its DNS, what it may send to, its VPC's association with the network and who may use that."""

import difflib
import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from onramp.core.matching import acl_passes, admits, asked_from, inside, lets_out, opens
from onramp.core.trace.walked import Stopped, Walk, wait_or_repair
from onramp.core.view import (
    ENDPOINTS,
    NAMES,
    NETWORK_ACL,
    PREFIX_LIST,
    Endpoint,
    Hidden,
    Network,
    Service,
    VpcAssociation,
    associations_of,
    groups_of,
)

ON_WHICH_PORT = "on which port it is called is not known: the service's listeners could not be read"
SAY_THE_PORT = "name a profile of the service's account as well, or write the port, as NAME:80"

# An association whose update failed or runs still carries traffic; one being made or unmade does not.
_CARRYING = ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED")


def resolve(walk: Walk) -> tuple[Service, Endpoint | None]:
    """The service that the name leads to, and the VPC endpoint through which it does, if it does so."""
    walk.at = "dns"
    vpc = next((vpc for vpc in walk.view.vpcs if vpc.id == walk.request.vpc), None)
    if vpc is not None and not vpc.dns:
        raise Stopped(
            "vpc-dns-off",
            f"DNS support or DNS hostnames are off in {vpc.id}, so no Lattice name resolves there",
            f"turn on both attributes of {vpc.id}: enableDnsSupport and enableDnsHostnames",
        )
    host = walk.request.host.lower().rstrip(".")
    service, through = _named(walk, host)
    walk.by_lattices_name = host == service.domain or (through is not None and host in dict(through.names))
    if through is not None and walk.by_lattices_name:
        because = f"{host} is the name of service {service.name} of {service.account} through {through.id}"
        doubt = walk.unread(walk.request.vpc, host)
        walk.note(because=f"{because}; {doubt}" if doubt else because, unknown=bool(doubt))
        return service, through
    if host not in (service.domain, service.custom_domain):
        raise Stopped(
            "domain-not-its-own",
            f"{host} points at {service.name}, which does not have it as custom domain",
            "point the record at the service that has the name, or ask by a name of this one",
        )
    because = f"the name belongs to service {service.name} of {service.account}"
    doubt = walk.unread(walk.request.vpc, host, service.domain)
    walk.note(because=f"{because}; {doubt}" if doubt else because, unknown=bool(doubt))
    return service, through


def _named(walk: Walk, host: str) -> tuple[Service, Endpoint | None]:
    """The service that `host` leads to, and through which VPC endpoint."""
    name = dict(walk.view.aliases).get(host, host)
    if (shadow := next((it for it in walk.view.hidden if not it.zone), None)) is not None:
        raise Stopped(
            "zone-shadowed",
            f"{name} is a name that AWS answers for, and private hosted zone {shadow.by} answers in its place in"
            f" {walk.request.vpc}",
            f"take {walk.request.vpc} out of {shadow.by}, or name that zone more narrowly",
        )
    service = next((service for service in walk.view.services if service.domain == name), None)
    if service is not None:
        return service, None
    for through in walk.view.endpoints:
        behind = dict(through.names).get(name, "")
        service = next((service for service in walk.view.services if service.id == behind), None)
        if service is not None:
            return service, through
    region = region_of(name)
    if region and walk.view.region and region != walk.view.region:
        raise Stopped(
            "wrong-region",
            f"{host} is a name of {region}, and the caller's VPC is in {walk.view.region}",
            f"a network reaches within its region: offer the service in {walk.view.region}",
        )
    by_custom = next((service for service in walk.view.services if service.custom_domain == host), None)
    if by_custom is not None and walk.view.hidden:
        raise _not_found(host, walk.request.vpc, walk.view.hidden[0])
    if by_custom is not None and walk.unread(host):
        return by_custom, None
    if by_custom is not None:
        walk.known(ENDPOINTS)
        raise Stopped(
            "no-record",
            f"{host} has no DNS record that points at the service's Lattice name",
            f"make an alias or CNAME record of {host} for {by_custom.domain}",
        )
    if (called := next((service for service in walk.view.services if service.name == host), None)) is not None:
        raise Stopped(
            "name-unknown",
            f"{host} is what service {host} is called in its account, and no name in DNS",
            f"ask by {called.domain}",
        )
    if region and name.startswith("vpce-"):
        walk.known(ENDPOINTS)
    walk.known(NAMES)
    if close := difflib.get_close_matches(host, walk.view.others, n=1):
        raise Stopped("name-unknown", f"no service has the name {host}", f"ask for {close[0]}, if that is meant")
    raise Stopped(
        "name-unknown",
        f"no service has the name {host}",
        "ask by a service's name, its Lattice name or its custom domain, as the tag lattice-onramp:domain tells it",
    )


def _not_found(host: str, vpc: str, record: Hidden) -> Stopped:
    zone = record.zone
    if record.why == "shadowed":
        return Stopped(
            "zone-shadowed",
            f"{host} has its record in hosted zone {zone}, and private hosted zone {record.by} answers in its place in"
            f" {vpc}",
            f"make the record in {record.by} as well, or take {vpc} out of that zone",
        )
    if record.why == "handed on":
        return Stopped(
            "zone-handed-on",
            f"{host} has its record in hosted zone {zone}, whose NS records hand {record.by} on to other servers",
            f"make the record in the hosted zone of {record.by}, or remove these NS records",
        )
    return Stopped(
        "zone-not-associated",
        f"{host} is in private hosted zone {zone}, and {vpc} is not associated with it",
        f"have infra set AssociateZones to on, or associate {vpc} with {zone}",
    )


class Towards(NamedTuple):
    """To what a caller has to be let out: its addresses, where they are known; else why not.

    `groups`: its security groups, and `subnets`, within which no ACL is asked, where it is in a VPC; `what` names it.
    """

    what: str
    cidrs: tuple[str, ...]
    unread: str = ""
    groups: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


def lattice(walk: Walk) -> Towards:
    """The addresses of Lattice, of the caller's family."""
    version = ipaddress.ip_network(walk.request.source_ip, strict=False).version
    cidrs = tuple(cidr for cidr in walk.view.lattice_cidrs if ipaddress.ip_network(cidr).version == version)
    return Towards("Lattice", cidrs, "" if cidrs else walk.unread(PREFIX_LIST))


def egress(walk: Walk, towards: Towards) -> None:
    """Do the caller's own groups and its subnet's ACL let it out? No hop where nobody says who calls."""
    unread_acl = walk.unread(NETWORK_ACL)
    if not walk.request.security_groups and walk.view.network_acl is None and not unread_acl:
        return
    walk.at = "egress"
    port = walk.request.port
    if not port:
        walk.note(unknown=True, because=ON_WHICH_PORT, remedy=SAY_THE_PORT)
        return
    version = ipaddress.ip_network(walk.request.source_ip, strict=False).version
    said, doubts = [], [unread_acl]
    named = ", ".join(towards.subnets)
    where = f"the subnets {named} of {towards.what}" if named else f"the prefix list {walk.prefix_list}"
    if walk.request.security_groups:
        groups = {group.id: group for group in walk.view.security_groups}
        mine = [groups[name] for name in walk.request.security_groups if name in groups]
        letting = next(
            (
                group.id
                for group in mine
                if lets_out(group, port, towards.cidrs, version)
                or any(opens(rule, port) and set(rule.groups) & set(towards.groups) for rule in group.egress)
            ),
            None,
        )
        names = ", ".join(walk.request.security_groups)
        if letting is not None:
            said.append(f"{letting} lets the caller out to port {port}")
        elif why := walk.unread(*walk.request.security_groups) or towards.unread:
            doubts.append(why)
        elif len(mine) < len(walk.request.security_groups):
            doubts.append(f"not all of the caller's security groups {names} can be seen")
        else:
            raise Stopped(
                "egress-security-group",
                f"no outbound rule of {names} lets the caller out to {towards.what} on port {port}",
                f"let {mine[0].id} out to {where} on TCP {port}",
            )
    acl = walk.view.network_acl
    if acl is not None and towards.cidrs and walk.request.subnet not in towards.subnets:
        for outwards, ports in ((True, [port]), (False, asked_from(acl))):
            if not any(acl_passes(acl, cidr, one, egress=outwards) for cidr in towards.cidrs for one in ports):
                what = towards.what
                way = f"to {what} on port {port}" if outwards else f"back from {what} to the caller's ports"
                wanted = f"to it on TCP {port}" if outwards else "from it to TCP 1024-65535"
                raise Stopped(
                    "egress-network-acl",
                    f"network ACL {acl.id} of the caller's subnet lets nothing {way}",
                    f"allow in {acl.id} what {where} holds: {wanted}",
                )
        said.append(f"{acl.id} lets it pass both ways")
    doubts = [doubt for doubt in doubts if doubt]
    walk.note(because="; ".join(doubts + said), unknown=bool(doubts))


def vpc_association(walk: Walk) -> VpcAssociation:
    walk.at = "vpc association"
    mine = [found for found in walk.view.vpc_associations if found.vpc == walk.request.vpc]
    if not mine:
        walk.known(associations_of(walk.request.vpc))
        tag = (
            f"tag {walk.request.vpc} with the network's name: lattice:network = NAME"
            f" (if it has it, ask onramp doctor {walk.request.vpc})"
        )
        by_endpoint = "; by a VPC endpoint of type ServiceNetwork, ask by the name that the service has there"
        raise Stopped(
            "vpc-not-joined", f"{walk.request.vpc} is not joined to any service network", f"{tag}{by_endpoint}"
        )
    live = [found for found in mine if found.status in _CARRYING]
    if not live:
        raise Stopped(
            "vpc-not-active",
            f"the association of {walk.request.vpc} is {mine[0].status}",
            wait_or_repair(mine[0].status, "the VPC's association"),
        )
    return live[0]


def network(walk: Walk, identifier: str) -> Network:
    network = next((found for found in walk.view.networks if found.id == identifier), None)
    if network is None:
        walk.known(identifier)
        raise Stopped(
            "network-missing",
            f"network {identifier} of the association is not there",
            "join the VPC to a network that exists",
        )
    return network


def security_group(walk: Walk, association: VpcAssociation) -> None:
    walk.at = "security group"
    source, port = walk.request.source_ip, walk.request.port
    if why := walk.unread(groups_of(association.vpc)):
        walk.note(unknown=True, because=why)
        return
    if not association.security_groups:
        walk.note(because="the association has no security group: the whole VPC may call")
        return
    if not port:
        walk.note(unknown=True, because=ON_WHICH_PORT, remedy=SAY_THE_PORT)
        return
    groups = association.security_groups
    because, known = admitted(walk, groups)
    if not because:
        raise Stopped(
            "security-group",
            f"no rule of {', '.join(groups)} admits {source} to port {port}",
            f"add the address to lattice:allow-from and the port to lattice:ports of {association.vpc}, "
            "or a rule to the group",
        )
    walk.note(because=because, unknown=not known, remedy="" if known or walk.unread(*groups) else ONE_ADDRESS)


ONE_ADDRESS = "ask from one address"


def admitted(walk: Walk, groups: tuple[str, ...]) -> tuple[str, bool]:
    """Which of `groups` lets the caller in, and whether that is known; '' where none does."""
    source, port = walk.request.source_ip, walk.request.port
    letting = _admitting(walk, groups, port, (source,), walk.request.security_groups)
    if letting is not None:
        return f"{letting} admits {source} to port {port}", True
    if why := walk.unread(*groups):
        return why, False
    if some := _some_of(walk, groups, port, source):
        return f"{', '.join(groups)} admits only {', '.join(some)} of {source} to port {port}", False
    return "", True


def _admitting(
    walk: Walk, groups: Iterable[str], port: int, addresses: tuple[str, ...], callers: tuple[str, ...]
) -> str | None:
    """The first of `groups` that lets one of `addresses`, or a member of `callers`, in on TCP `port`."""
    known = {group.id: group for group in walk.view.security_groups}
    for name in groups:
        group = known.get(name)
        if group is not None and any(
            admits(rule, port, address, callers) for rule in group.ingress for address in addresses
        ):
            return name
    return None


def _some_of(walk: Walk, groups: Iterable[str], port: int, source: str) -> list[str]:
    """Which parts of the network `source` the groups let in, where it is one; groups of callers count as parts."""
    ours = ipaddress.ip_network(source, strict=False)
    if ours.num_addresses == 1:
        return []
    rules = [rule for group in walk.view.security_groups if group.id in set(groups) for rule in group.ingress]
    on_port = [rule for rule in rules if opens(rule, port)]
    parts = [cidr for rule in on_port for cidr in rule.cidrs if inside(cidr, source)]
    return sorted({*parts, *(group for rule in on_port for group in rule.groups)})


def region_of(domain: str) -> str:
    """The region in a Lattice name, or ''.

    >>> region_of("orders-0a1.7d67968.vpc-lattice-svcs.eu-west-1.on.aws")
    'eu-west-1'
    """
    parts = domain.split(".")
    return parts[-3] if parts[-2:] == ["on", "aws"] and parts[-4:-3] == ["vpc-lattice-svcs"] else ""
