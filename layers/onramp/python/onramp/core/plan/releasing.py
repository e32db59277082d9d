"""What is ours and its owner takes back: our mark goes, nothing else does, and nothing of ours touches it any more."""

from typing import NamedTuple

from msgspec.structs import replace

from onramp.core.model import UNREAD, Existing, Observation, Service, VpcAssociation
from onramp.core.plan.ground import Ground, Part, id_of, join
from onramp.core.steps import Release


class _Thing(NamedTuple):
    """`resource`: ARN, or a security group's id."""

    resource: str
    name: str


def going(observed: Observation) -> list[list[_Thing]]:
    """What is let go, in chains: first what belongs to a thing, and last what bears its owner's word, so that this
    stands as long as anything of it is to go. Of what cannot be read it is not known what belongs to it: that would
    stay ours, and be taken away from under it. It stays as it is until it can be read.
    """
    unread = {one.arn for one in observed.services if one.status == UNREAD}
    unread |= {one.arn for one in observed.vpc_associations if one.status == UNREAD}
    asked = observed.let_go - unread
    chains = [_of_service(observed, one) for one in observed.services if one.owned and one.arn in asked]
    joined: list[Service | Existing] = [*observed.services, *observed.existing]
    chains += [
        [_Thing(found.arn, one.name)]
        for one in joined
        for found in one.associations
        if found.owned and found.arn in asked
    ]
    chains += [[_Thing(one.arn, one.name)] for one in observed.target_groups if one.owned and one.arn in asked]
    chains += [_of_client(observed, one) for one in observed.vpc_associations if one.owned and one.arn in asked]
    chains += [[_Thing(one.id, one.name)] for one in observed.security_groups if one.owned and one.id in asked]
    return chains


def without(observed: Observation) -> Observation:
    """What would be there if all of it were let go already: the plan goes by that."""
    left = {thing.resource for chain in going(observed) for thing in chain}
    if not left:
        return observed
    return replace(
        observed,
        services=tuple(
            replace(
                one,
                owned=one.owned and one.arn not in left,
                mark="" if one.arn in left else one.mark,
                listeners=()
                if one.arn in left
                else tuple(replace(found, owned=found.owned and found.arn not in left) for found in one.listeners),
                associations=tuple(
                    replace(found, owned=found.owned and found.arn not in left) for found in one.associations
                ),
            )
            for one in observed.services
        ),
        existing=tuple(
            replace(
                one,
                associations=tuple(
                    replace(found, owned=found.owned and found.arn not in left) for found in one.associations
                ),
            )
            for one in observed.existing
        ),
        target_groups=tuple(
            replace(one, owned=False, mark="") if one.arn in left else one for one in observed.target_groups
        ),
        vpc_associations=tuple(
            replace(one, owned=False, mark="") if one.arn in left else one for one in observed.vpc_associations
        ),
        security_groups=tuple(replace(one, owned=one.owned and one.id not in left) for one in observed.security_groups),
        released=(*observed.released, *sorted(left)),
    )


def releasing(ground: Ground, observed: Observation) -> Part:
    """`observed`: as it was seen, of which the ground has what is left `without` it."""
    parts: list[Part] = []
    for chain in going(observed):
        before = ""
        for thing in chain:
            if thing.resource in observed.unmarked:
                continue  # somebody took our mark off already: it holds up nothing of what is to be let go
            part = ground.do(
                Release,
                f"{id_of(thing.resource)}/{thing.name}",
                "its owner takes it back",
                resource=thing.resource,
                needs=before,
            )
            parts.append(part)
            if not part.steps:
                break
            before = part.steps[0].key
    return join(parts)


def _of_service(observed: Observation, there: Service) -> list[_Thing]:
    sends = {to.target_group for found in there.listeners if found.owned for to in found.sends}
    listeners = [found for found in there.listeners if found.owned]
    return [
        *(_Thing(one.arn, one.name) for one in observed.target_groups if one.owned and id_of(one.arn) in sends),
        *(_Thing(rule.arn, rule.name) for found in listeners for rule in found.own_rules),
        *(_Thing(found.arn, found.name) for found in listeners),
        *(_Thing(found.arn, there.name) for found in there.associations if found.owned and found.arn),
        _Thing(there.arn, there.name),
    ]


def _of_client(observed: Observation, there: VpcAssociation) -> list[_Thing]:
    groups = [one for one in observed.security_groups if one.owned and one.id in there.security_groups]
    return [*(_Thing(one.id, one.name) for one in groups), _Thing(there.arn, there.vpc)]
