"""What a sibling's network has still: of what asks for no network here the answer is the sibling's until it has let it
go, of what asks here the name under which clients call it. Asked only of what carries an answer, where there are
siblings.
"""

from collections.abc import Iterable

from onramp.aws.at_once import each
from onramp.aws.observe.lattice import Lattice
from onramp.aws.observe.reader import Reader
from onramp.core import tags
from onramp.core.desired import moves_to, speaks, wishes
from onramp.core.model import TARGET_GROUPS, Existing, LoadBalancer, Resource, Service, Vpc


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
