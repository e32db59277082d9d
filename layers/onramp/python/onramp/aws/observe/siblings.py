"""What a sibling's network has still: of what asks for no network here the answer is the sibling's until it has let it
go, of what asks here the name under which clients call it; and whether it has what moves to it. Asked only of what
carries an answer or moves, where there are siblings.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from onramp.aws.at_once import each
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.core import tags
from onramp.core.desired import Desired, moves_to, speaks, wishes
from onramp.core.model import (
    TARGET_GROUPS,
    Association,
    Existing,
    LoadBalancer,
    Observation,
    Resource,
    Service,
    Target,
    Vpc,
)
from onramp.core.plan.ground import answers, behind


def elsewhere(reader: Reader, lattice: Lattice, resources: Iterable[Resource]) -> frozenset[str]:
    """Load balancers and services (ARNs), and VPCs (ids)."""
    network = reader.network
    if not network.siblings:
        return frozenset()
    left = [
        one
        for one in resources
        if tags.STATUS in one.tags and not wishes(network, one) and (network.offboarding or not moves_to(network, one))
    ]
    joined = lattice.others_vpc_associations({one.id for one in left if isinstance(one, Vpc)})
    vpcs = {one.vpc for one in joined if one.mark in network.siblings}
    balancers = _behind(reader, lattice, {one.arn: one.vpc for one in left if isinstance(one, LoadBalancer)})
    services = {
        one.arn
        for one in left
        if isinstance(one, Existing)
        and any(each(lambda it: not it.owned and reader.mark(it.arn) in network.siblings, one.associations))
    }
    return frozenset(vpcs | balancers | services)


def arrived(reader: Reader, lattice: Lattice, seen: Observation, want: Desired) -> frozenset[str]:
    """Load balancers that ask for a sibling's network now, and are behind a service on it: of those for whom a service
    of ours waits, or that others ask for; and services that people made, which that has on it. What cannot be read has
    not arrived.

    Who is behind another sibling's still, and ours, has no place for the one that it asks for: of these two the one
    whose name is first lets go.
    """
    network = reader.network
    if not want.moving or network.offboarding:
        return frozenset()
    asked = {one.name for one in want.services} | set(want.named.values())
    awaited = {name for names in want.theirs.values() for name in names} - asked
    left = {
        balancer
        for one in seen.services
        if one.owned and one.name not in awaited and answers(network, one)
        for balancer in behind(seen, one) & want.moving.keys()
    }
    there = _serving(reader, lattice, {one.arn: one.vpc for one in seen.load_balancers if one.arn in left})
    came = {
        one.arn
        for one in seen.existing
        if one.arn in want.moving
        and any(it.owned and network.is_named(it.network) for it in one.associations)
        and any(each(partial(_brought, reader, want.moving[one.arn]), one.associations))
    }
    return frozenset(
        one for one, marks in there.items() if any(mark == want.moving[one] or mark > network.name for mark in marks)
    ).union(came)


def _brought(reader: Reader, sibling: str, found: Association) -> bool:
    return found.status == "ACTIVE" and not found.owned and reader.mark(found.arn) == sibling


def domains_elsewhere(
    reader: Reader,
    lattice: Lattice,
    resources: Iterable[Resource],
    services: Iterable[Service],
    left: frozenset[str],
) -> dict[str, str]:
    """Load balancers that ask here -> the domain on them, where a sibling's service answers under it still. `services`:
    those that are there; under the name of one of ours the sibling's does not. `left`: what asks for no network here,
    and a sibling has still; of these, whichever domain a sibling's service has.
    """
    network = reader.network
    if not network.siblings or network.offboarding:
        return {}
    ours = {one.domain for one in services if one.owned}
    balancers = [one for one in resources if isinstance(one, LoadBalancer)]
    told = {
        one.arn: one
        for one in balancers
        if one.arn in left or (speaks(network, one) and one.tags.get(tags.DOMAIN, "") not in {"", *ours})
    }
    there = _domains(reader, lattice, {arn: one.vpc for arn, one in told.items()})
    carried = {arn: domain for arn, one in told.items() if (domain := one.tags.get(tags.DOMAIN, "")) not in {"", *ours}}
    if TARGET_GROUPS in reader.unread:
        return carried  # what cannot be read answers as it did
    still = {arn: domain for arn, domain in carried.items() if not there.get(arn, set()).isdisjoint({domain, ""})}
    others = {arn: sorted(there.get(arn, set()) - {"", *ours}) for arn in told.keys() & left - still.keys()}
    return still | {arn: names[0] for arn, names in others.items() if names}


def _behind(reader: Reader, lattice: Lattice, balancers: dict[str, str]) -> set[str]:
    """Which of these load balancers a sibling's group has still, by its mark. `balancers`: ARN -> its VPC."""
    return {target.id for _, _, behind in _groups(reader, lattice, balancers) for target in behind}


def _domains(reader: Reader, lattice: Lattice, balancers: dict[str, str]) -> dict[str, set[str]]:
    """Load balancer -> Lattice's names of the services on a network that send to it by a sibling's group; '' for
    one of which that cannot be read.
    """
    found: dict[str, set[str]] = {}
    for group, _, targets in _groups(reader, lattice, balancers):
        behind = {target.id for target in targets}
        for service in group.get("serviceArns", ()) if behind else ():
            items = reader.one(service, partial(lattice.joined, service)) or ()
            names_of = {one.get("dnsEntry", {}).get("domainName", "") for one in items if one["status"] == "ACTIVE"}
            names_of |= {""} if service in reader.unread else set()
            for balancer in behind:
                found.setdefault(balancer, set()).update(names_of)
    return found


def _serving(reader: Reader, lattice: Lattice, balancers: dict[str, str]) -> dict[str, set[str]]:
    """Load balancer -> whose services are on another network and send to it where it takes requests."""
    found: dict[str, set[str]] = {}
    for group, mark, targets in _groups(reader, lattice, balancers):
        behind = {one.id for one in targets if one.status != "DRAINING" and not one.arriving}
        services = group.get("serviceArns", ()) if behind else ()
        if any(_is_elsewhere(reader, lattice, service) for service in services):
            for balancer in behind:
                found.setdefault(balancer, set()).add(mark)
    return found


def _is_elsewhere(reader: Reader, lattice: Lattice, service: str) -> bool:
    items = reader.one(service, partial(lattice.joined, service)) or ()
    network = reader.network
    return any(one["status"] == "ACTIVE" and not network.is_named(one["serviceNetworkArn"]) for one in items)


def _groups(
    reader: Reader, lattice: Lattice, balancers: dict[str, str]
) -> list[tuple[dict[str, Any], str, list[Target]]]:
    """The target groups with a sibling's mark that may have one of them, whose, and their targets of these."""
    if not balancers:
        return []
    items = [
        item
        for item in reader.listed(TARGET_GROUPS, "vpc-lattice", "list_target_groups", "items")
        if item.get("type") == "ALB" and item.get("vpcIdentifier") in balancers.values()
    ]
    marks = each(lambda item: reader.mark(item["arn"]), items)
    siblings = reader.network.siblings
    theirs = [(item, mark) for item, mark in zip(items, marks, strict=True) if mark in siblings]
    arns = [item["arn"] for item, _ in theirs]
    targets = each(lambda arn: reader.one(arn, partial(lattice.targets, arn)) or (), arns)
    return [
        (item, mark, [one for one in found if one.id in balancers])
        for (item, mark), found in zip(theirs, targets, strict=True)
    ]
