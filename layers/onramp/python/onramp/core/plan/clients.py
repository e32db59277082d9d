"""Forward, for clients: a VPC on the network, and who in it may call."""

from msgspec.structs import replace

from onramp.core import names, sources, tags
from onramp.core.desired import WantedClient
from onramp.core.model import SECURITY_GROUPS, UNREAD, VpcAssociation
from onramp.core.plan import quotas
from onramp.core.plan.ground import (
    FAILED,
    GOING,
    Ground,
    Part,
    Stage,
    broke,
    held_by_sibling,
    join,
    named,
    of_vpc,
    refuse,
    taken,
    unlisted,
    unread,
    wait,
)
from onramp.core.steps import (
    AssociateVpc,
    CreateSecurityGroup,
    DisassociateVpc,
    UpdateSecurityGroup,
    UpdateVpcAssociation,
)

SERVES = frozenset({"ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"})
"""States of an association in which traffic passes: an update that runs or failed leaves what was there."""


def client(ground: Ground, wanted: WantedClient, *, may_make: bool) -> Part:
    """`stage` is SERVING where the association was seen to let requests through."""
    there = of_vpc(ground.observed, wanted.vpc)
    foreign = _in_other_hands(ground, wanted, there)
    if foreign is not None:
        later = _without_the_siblings(ground, there)
        # What could not be had then either is said while the sibling's goes on: that goes for who waits for it alone.
        refused = client(later, wanted, may_make=may_make).refusals if later else ()
        return Part(refusals=refused) if refused else foreign
    unknown = _unread(ground, wanted, there) or _unknown_groups(ground, wanted) or _prefix_lists(ground, wanted)
    if unknown is not None:
        # Who calls already goes on.
        return unknown._replace(stage=_stage(there))
    if there is None and not may_make:
        return Part(reach=True)
    if there is None and (crowded := quotas.for_client(ground, wanted.vpc)) is not None:
        return crowded
    group = _security_group(ground, wanted)
    if group.refusals:
        return group
    groups = wanted.security_groups
    if not groups:
        made = named(ground.observed.security_groups, names.security_group(ground.network.name, wanted.vpc))
        groups = (made.id,) if made else ()
    if there is None and group.failed:
        return group  # it would join as one from which nobody, or somebody else, may call
    filled_first = next((step.key for step in group.steps), "")
    association = _association(ground, wanted, there, groups, filled_first)
    return join([group, association])._replace(stage=association.stage)


def told(ground: Ground, vpc: str) -> str:
    """What is said beside `connected`: who wrote whom to admit must not take it for said."""
    keys = " and ".join(next((client.unheeded for client in ground.want.clients if client.vpc == vpc), ()))
    key = ground.network.prefix + tags.SECURITY_GROUPS
    return f"remove {keys} or {key}: the security groups alone say who may call" if keys else ""


def _without_the_siblings(ground: Ground, there: VpcAssociation | None) -> Ground | None:
    """The ground as it is when a sibling has let the VPC go; None where none has it."""
    if there is None or there.mark not in ground.network.siblings or there.status == GOING:
        return None
    others = tuple(one for one in ground.observed.vpc_associations if one is not there)
    return ground._replace(observed=replace(ground.observed, vpc_associations=others))


def _in_other_hands(ground: Ground, wanted: WantedClient, there: VpcAssociation | None) -> Part | None:
    """A VPC is in one network (facts 12): another's association has to go first, and may be on its way."""
    network = ground.network
    if there is None:
        return None
    if there.status == GOING and not (there.owned and network.is_named(there.network)):
        which = "that somebody else made" if network.is_named(there.network) else "with another network"
        return wait(f"the association of {wanted.vpc} {which} is {GOING}")
    if there.mark in network.siblings:
        return held_by_sibling(
            ground,
            f"network {there.mark} lets {wanted.vpc} go first",
            person=f"network {there.mark} still holds this VPC: it joins here when that has let it go."
            " If it stays ask infra: Vanish or DeletionLimit may keep it",
        )
    if not network.is_named(there.network):
        other = there.network.rpartition("/")[2]
        message = f"remove this VPC's association with {other}: a VPC is in one network only"
        return refuse("vpc-in-another-network", message, wanted.vpc)
    if not there.owned and there.status in FAILED:
        message = (
            f"remove the association of {wanted.vpc} with the network that somebody else made: it is {there.status}"
        )
        return refuse("association-taken", message, wanted.vpc)
    if not there.owned:
        message = (
            f"put tag {tags.ADOPT} = {tags.YES} on the association of this VPC that somebody else made to hand it over"
            f" as it is, or remove it or this tag: {there.arn.rpartition('/')[2]}"
        )
        return refuse("association-taken", message, wanted.vpc)
    return None


def _unread(ground: Ground, wanted: WantedClient, there: VpcAssociation | None) -> Part | None:
    """Is it unknown whether it is joined, or by which security groups? One that has its own already needs none."""
    if there is None and wanted.vpc in ground.observed.unread:
        return unread(ground, wanted.vpc)
    own = set(wanted.security_groups)
    if own and there is not None and own <= there.security_groups:
        return None
    return unlisted(ground, SECURITY_GROUPS)


def _unknown_groups(ground: Ground, wanted: WantedClient) -> Part | None:
    unknown = sorted(group for vpc, group in ground.observed.unknown_groups if vpc == wanted.vpc)
    if not unknown:
        return None
    return refuse("tag-invalid", f"name security groups of this VPC: {' '.join(unknown)} is not in it", wanted.vpc)


def _stage(there: VpcAssociation | None) -> Stage:
    if there is None:
        return Stage.MISSING
    return Stage.SERVING if there.status in SERVES else Stage.MADE


def _prefix_lists(ground: Ground, wanted: WantedClient) -> Part | None:
    """Why the prefix lists that the tags name cannot be admitted: they are not there, or are larger than a group."""
    known = ground.observed.prefix_lists
    asked = sorted(found for found in wanted.callers if found.startswith(sources.PREFIX_LIST))
    for found in asked:
        if found in ground.observed.unread:
            return unread(ground, found)
    missing = [found for found in asked if found not in known]
    if missing:
        message = f"name prefix lists of your own, or shared with you: {' '.join(missing)} is none of them"
        return refuse("tag-invalid", message, wanted.vpc)
    number = sources.weight(wanted.admits, known)
    if number > sources.RULES_PER_GROUP:
        shown = " ".join(f"{found} may hold {known[found]} entries and counts as so many rules" for found in asked)
        return refuse("tag-invalid", f"{sources.too_many(number)}: {shown}", wanted.vpc)
    return None


def _security_group(ground: Ground, wanted: WantedClient) -> Part:
    if wanted.security_groups:
        return Part()
    name = names.security_group(ground.network.name, wanted.vpc)
    there = named(ground.observed.security_groups, name)
    if there is None:
        because = "it says which clients of this VPC may enter the network"
        return ground.do(
            CreateSecurityGroup,
            name,
            because,
            vpc=wanted.vpc,
            admits=tuple(sorted(wanted.admits)),
            extra=ground.tags_for(wanted.vpc),
        )
    if not there.owned:
        return taken("security group", name, wanted.vpc)
    allow, revoke = sorted(wanted.admits - there.admits), sorted(there.admits - wanted.admits)
    if not allow and not revoke:
        return Part()
    lists = ground.observed.prefix_lists
    free = sources.RULES_PER_GROUP - sources.weight(there.admits, lists)
    return ground.do(
        UpdateSecurityGroup,
        name,
        "its rules are not those that the tags ask for",
        security_group=there.id,
        allow=tuple(allow),
        revoke=tuple(revoke),
        room=len(allow) - sources.before(allow, revoke, room=free, lists=lists),
    )


def _association(
    ground: Ground, wanted: WantedClient, there: VpcAssociation | None, groups: tuple[str, ...], filled_first: str
) -> Part:
    """`filled_first`: the step of this batch that makes its security group or puts its rules right, or ''."""
    if there is None:
        if not ground.at_home and not ground.observed.access.visible:
            return Part(reach=True)
        because = "the VPC asks to join as a client"
        return ground.do(
            AssociateVpc,
            wanted.vpc,
            because,
            vpc=wanted.vpc,
            security_groups=groups,
            needs=filled_first,
            extra=ground.tags_for(wanted.vpc),
        )
    if there.status == UNREAD:
        return unread(ground, there.arn)
    if there.status in FAILED:
        because = broke(there.status, there.failure)
        return ground.do(DisassociateVpc, wanted.vpc, because, association=there.arn)
    stage = _stage(there)
    if there.status not in {"ACTIVE", "UPDATE_FAILED"}:
        return wait(f"association of {wanted.vpc} is {there.status}")._replace(stage=stage)
    if groups and (set(groups) != there.security_groups or there.status == "UPDATE_FAILED"):
        because = "its security groups are not those that the tags ask for"
        update = ground.do(UpdateVpcAssociation, wanted.vpc, because, association=there.arn, security_groups=groups)
        return update._replace(stage=stage)
    return Part(stage=stage)
