"""What those who left leave behind: target groups and security groups that nobody needs any more."""

from collections import Counter

from onramp.core import names
from onramp.core.model import LOAD_BALANCERS, UNREAD, VPCS, SecurityGroup, TargetGroup
from onramp.core.plan.ground import GOING, Ground, Part, delete_target_group, id_of, wait
from onramp.core.steps import DeleteSecurityGroup


def target_groups(
    ground: Ground,
    frozen: frozenset[str],
    abandoned: frozenset[str],
    freed: dict[str, str],
    unneeded: frozenset[str],
) -> list[Part]:
    """`freed`: listener -> key of the step of this plan that takes it away; its target groups may go right after it.
    `unneeded`: ARNs of those that go though their load balancer's wish cannot be met.
    """
    observed = ground.observed
    if any(key == LOAD_BALANCERS or ":service/" in key for key in ground.unread):
        return []  # whom an unread service sends to is not known: nothing is taken out of a group that may be in use
    wanted = {
        backend.target_group
        for found in ground.want.services
        if found.name not in abandoned
        for backend in found.backends
    }
    listeners = [found for service in observed.services for found in service.listeners]
    sends = {(found.arn, to.target_group) for found in listeners for to in (*found.sends, *found.by_others)}
    senders = Counter(group for _, group in sends)
    after = {group: freed[listener] for listener, group in sends if listener in freed and senders[group] == 1}
    # One step needs one other: a group to which several listeners send goes in the round after them.
    used = senders.keys() - after.keys()
    # Of one that nothing seems to send to Lattice knows better: a rule that a hand made and that was not read.
    used |= {id_of(one.arn) for one in observed.target_groups if one.targets and one.used_by} - senders.keys()
    unclear = any(service.owned and service.status == GOING for service in observed.services)
    return [
        _target_group(ground, group, after.get(id_of(group.arn), ""))
        for group in observed.target_groups
        if group.owned
        and group.status != UNREAD
        and group.name not in wanted
        and id_of(group.arn) not in used
        and not unclear
        and (group.arn in unneeded or frozen.isdisjoint(target.id for target in group.targets))
    ]


def _target_group(ground: Ground, group: TargetGroup, needs: str) -> Part:
    if group.status.endswith("_IN_PROGRESS"):
        return wait(f"target group {group.name} is {group.status}")
    return delete_target_group(ground, group, "no load balancer asks for it any more", needs=needs)


def security_groups(ground: Ground, frozen: frozenset[str], unneeded: frozenset[str]) -> list[Part]:
    """`unneeded`: ids of those that go though their VPC asks for the network, since that is not within reach."""
    want, observed = ground.want, ground.observed
    if VPCS in ground.unread or any(found.status == UNREAD for found in observed.vpc_associations):
        return []  # who needs which is not known
    used = {group for found in observed.vpc_associations for group in found.security_groups}
    needed = {
        names.security_group(ground.network.name, client.vpc) for client in want.clients if not client.security_groups
    }
    return [
        _security_group(ground, group)
        for group in observed.security_groups
        if group.owned
        and (group.name not in needed or group.id in unneeded)
        and group.vpc not in frozen
        and group.id not in used
    ]


def _security_group(ground: Ground, group: SecurityGroup) -> Part:
    return ground.do(DeleteSecurityGroup, group.name, "no association uses it", security_group=group.id)
