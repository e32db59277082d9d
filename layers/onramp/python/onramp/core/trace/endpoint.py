"""Through a VPC endpoint of type ServiceNetwork, with addresses in a VPC: into its network without an association."""

from onramp.core.matching import acl_passes, asked_from
from onramp.core.trace import client
from onramp.core.trace.walked import Stopped, Walk
from onramp.core.view import Endpoint, Network, NetworkAcl, acls_of


def enter(walk: Walk, through: Endpoint) -> Network:
    """The network that it leads into, for whom it lets in."""
    here = tuple(one.id for one in through.subnets)
    cidrs = tuple(one.cidr for one in through.subnets)
    unread = "" if cidrs else walk.unread(acls_of(through.id))
    client.egress(walk, client.Towards(through.id, cidrs, unread, through.security_groups, here))
    walk.at = "vpc endpoint"
    if through.state.lower() != "available":
        raise Stopped(
            "endpoint-not-available",
            f"VPC endpoint {through.id} is {through.state}",
            "wait while it is pending; make one again that failed or was rejected",
        )
    doubts = [_elsewhere(walk, through), _passed_by_acls(walk, through)]
    because, remedy = client.ON_WHICH_PORT, client.SAY_THE_PORT
    known = bool(walk.request.port)
    if known:
        because, known = client.admitted(walk, through.security_groups)
        remedy = "" if known or walk.unread(*through.security_groups) else client.ONE_ADDRESS
    if not because:
        raise Stopped(
            "endpoint-security-group",
            f"no rule of {', '.join(through.security_groups)} admits {walk.request.source_ip} to port"
            f" {walk.request.port} of {through.id}",
            f"admit it to TCP {walk.request.port} in {', '.join(through.security_groups)}",
        )
    network = client.network(walk, through.network)
    said = [*filter(None, doubts), because, f"{through.id} leads into network {network.name}"]
    walk.note(because="; ".join(said), unknown=any(doubts) or not known, remedy=remedy)
    return network


def _elsewhere(walk: Walk, through: Endpoint) -> str:
    """Peering, transit gateways and routes are nobody's to read here."""
    if through.vpc == walk.request.vpc:
        return ""
    return f"{through.id} is in {through.vpc}, and whether a way leads there from {walk.request.vpc} is not looked at"


def _passed_by_acls(walk: Walk, through: Endpoint) -> str:
    """Why it is not known whether its subnets' ACLs let the caller in, and the answer out; '' when all do."""
    if why := walk.unread(acls_of(through.id)):
        return why
    source, port = walk.request.source_ip, walk.request.port
    # What stays in its subnet passes none.
    asked = [one.acl for one in through.subnets if one.id != walk.request.subnet and one.acl is not None]
    entered = {acl.id: not port or acl_passes(acl, source, port, egress=False) for acl in asked}
    shut = [acl.id for acl in asked if not (entered[acl.id] and _lets_back(acl, source))]
    if not shut:
        return ""
    first = shut[0]
    way = f"back to {source}'s ports" if entered[first] else f"in from {source} on port {port}"
    if len(shut) < len(through.subnets):
        return f"network ACL {first} of some subnets of {through.id} lets nothing {way}: what goes there is lost"
    raise Stopped(
        "endpoint-network-acl",
        f"network ACL {first} of {through.id}'s subnets lets nothing {way}",
        f"allow in {first}: from {source} on TCP {port}, to it on TCP 1024-65535",
    )


def _lets_back(acl: NetworkAcl, source: str) -> bool:
    return any(acl_passes(acl, source, one, egress=True) for one in asked_from(acl))
