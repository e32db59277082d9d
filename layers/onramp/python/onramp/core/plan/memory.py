"""What the next look has to know of this one: what is ours, what broke, and since when things leave."""

from onramp.core.model import (
    SECURITY_GROUPS,
    UNREAD,
    VPCS,
    Association,
    Existing,
    Observation,
    Service,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.network import Network
from onramp.core.plan.ground import FAILED, Ground, broke, hidden


def ours(ground: Ground) -> dict[str, str]:
    """ARN -> name of all that we made here: the next run's hint where to look, and the proof that it is ours."""
    observed = ground.observed
    # Of what cannot be read nothing is learned, and nothing forgotten: whose it is was not shown this time.
    services = {found.arn: found.name for found in observed.services if found.status == UNREAD}
    services |= {found.arn: found.name for found in observed.existing if found.status == UNREAD}
    others = {found.arn for found in observed.target_groups if found.status == UNREAD}
    others |= {found.arn for found in observed.vpc_associations if found.status == UNREAD}
    kept = {
        arn: name
        for arn, name in ground.before.arns.items()
        if arn in others or name in services.values() or arn.rpartition("/listener/")[0] in services
    }
    owned = {found.arn: found.name for found in observed.services if found.owned and found.status != UNREAD}
    owned |= {found.arn: found.name for found in observed.target_groups if found.owned and found.status != UNREAD}
    for service in observed.services:
        owned |= {found.arn: service.name for found in service.associations if found.owned and found.arn}
        owned |= {found.arn: found.name for found in service.listeners if found.owned}
        owned |= {rule.arn: rule.name for found in service.listeners if found.owned for rule in found.own_rules}
    for one in observed.existing:
        owned |= {found.arn: one.name for found in one.associations if found.owned}
    joined = [found for found in observed.vpc_associations if found.owned and found.status != UNREAD]
    # Of a group that we made the name tells; of one that we took over this alone.
    groups = {found.id: found.name for found in observed.security_groups if found.owned}
    if SECURITY_GROUPS in observed.unread:
        groups |= {key: name for key, name in ground.before.arns.items() if key.startswith("sg-")}
    owned |= {key: name for key, name in groups.items() if key in ground.before.arns}
    return kept | owned | {found.arn: found.vpc for found in joined}


def broken(network: Network, observed: Observation) -> dict[str, str]:
    """What failed while it was made or taken away: the key of the step that did it, and what Lattice says."""
    with_associations: list[Service | Existing] = [*observed.services, *observed.existing]
    there: list[tuple[str, str, str, Service | TargetGroup | Association | VpcAssociation]] = [
        *(("CreateService", "DeleteService", found.name, found) for found in observed.services),
        *(("CreateTargetGroup", "DeleteTargetGroup", found.name, found) for found in observed.target_groups),
        *(
            ("AssociateService", "DisassociateService", service.name, found)
            for service in with_associations
            for found in service.associations
        ),
        *(("AssociateVpc", "DisassociateVpc", found.vpc, found) for found in observed.vpc_associations),
    ]
    failed = {
        f"{makes if found.status == 'CREATE_FAILED' else takes} {observed.account} {name}": broke(
            found.status, found.failure
        )
        for makes, takes, name, found in there
        if found.owned and found.status in FAILED
    }
    if observed.access.principal == "FAILED":
        why = observed.access.failure or "AWS gives no reason"
        failed[f"ShareNetwork {network.account} {observed.account}"] = f"RAM could not share the network: {why}"
    return failed | {
        f"UpdateVpcAssociation {observed.account} {found.vpc}": broke(found.status, found.failure)
        for found in observed.vpc_associations
        if found.owned and found.status == "UPDATE_FAILED"
    }


def still_going(ground: Ground) -> dict[str, float]:
    """Since when things leave of which this look cannot tell: the time that has passed is not lost by that."""
    observed, want = ground.observed, ground.want
    unread = {found.name for found in observed.services if hidden(observed, found)}
    unread |= {found.vpc for found in observed.vpc_associations if found.status == UNREAD}
    unread |= {found.id for found in observed.existing if found.status == UNREAD}
    asked = {found.name for found in want.services} | set(want.named.values()) | {found.vpc for found in want.clients}
    asked |= {found.id for found in want.existing}
    dark = ground.hides_wishes or VPCS in ground.unread
    return {
        key: at
        for key, at in ground.since.items()
        if (what := key.partition(" ")[0]) not in asked and (dark or what in unread)
    }
