"""What a sibling's network has still: of what asks for no network here the answer is the sibling's until it has let it
go, of what asks here the name under which clients call it; and whether it has what moves to it. Asked only of what
carries an answer or moves, where there are siblings.
"""

from collections.abc import Iterable

from onramp.aws.at_once import each
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.core import tags
from onramp.core.desired import Desired, moves_to, speaks, wishes
from onramp.core.model import TARGET_GROUPS, Existing, LoadBalancer, Observation, Resource, Service, Vpc
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
    balancers = lattice.behind_siblings({one.arn: one.vpc for one in left if isinstance(one, LoadBalancer)})
    services = {
        one.arn
        for one in left
        if isinstance(one, Existing)
        and any(each(lambda it: not it.owned and reader.mark(it.arn) in network.siblings, one.associations))
    }
    return frozenset(vpcs | balancers | services)


def arrived(reader: Reader, lattice: Lattice, seen: Observation, want: Desired) -> frozenset[str]:
    """Load balancers that ask for a sibling's network now, and are behind a service on it: of those for whom a service
    of ours waits, or that others ask for. What cannot be read has not arrived.

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
    there = lattice.served_by_siblings({one.arn: one.vpc for one in seen.load_balancers if one.arn in left})
    return frozenset(
        one for one, marks in there.items() if any(mark == want.moving[one] or mark > network.name for mark in marks)
    )


def domains_elsewhere(
    reader: Reader, lattice: Lattice, resources: Iterable[Resource], services: Iterable[Service]
) -> dict[str, str]:
    """Load balancers that ask here -> the domain on them, where a sibling's service answers under it still. `services`:
    those that are there; under the name of one of ours the sibling's does not.
    """
    network = reader.network
    ours = {one.domain for one in services if one.owned}
    told = {
        one.arn: one
        for one in resources
        if isinstance(one, LoadBalancer) and speaks(network, one) and one.tags.get(tags.DOMAIN, "") not in {"", *ours}
    }
    if not network.siblings or network.offboarding:
        return {}
    there = lattice.domains_at_siblings({arn: one.vpc for arn, one in told.items()})
    carried = {arn: one.tags[tags.DOMAIN] for arn, one in told.items()}
    if TARGET_GROUPS in reader.unread:
        return carried  # what cannot be read answers as it did
    return {arn: domain for arn, domain in carried.items() if not there.get(arn, set()).isdisjoint({domain, ""})}
