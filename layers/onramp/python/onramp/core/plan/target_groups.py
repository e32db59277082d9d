"""A load balancer's target group: it holds that one alone, which may be in two of them, and was seen in it or waits."""

from onramp.core.desired import Backend, WantedService
from onramp.core.model import TARGET_GROUPS, UNREAD, TargetGroup
from onramp.core.plan import room
from onramp.core.plan.forwards import arriving, filled
from onramp.core.plan.ground import (
    FAILED,
    GOING,
    Ground,
    Part,
    Stage,
    answers,
    broke,
    delete_target_group,
    groups_of,
    id_of,
    keeps_its_targets,
    named,
    refuse,
    taken,
    unlisted,
    unread,
    wait,
)
from onramp.core.steps import CreateTargetGroup, RegisterTarget


def of_backend(ground: Ground, wanted: WantedService, backend: Backend) -> Part:
    name = backend.target_group
    there = named(ground.observed.target_groups, name)
    if there is None:
        stopped = unlisted(ground, TARGET_GROUPS) or _crowded(ground, wanted, backend)
        if stopped is not None:
            return stopped
        because = f"service {wanted.name} sends to the load balancer's listener {backend.protocol}:{backend.port}"
        return ground.do(
            CreateTargetGroup,
            name,
            because,
            protocol=backend.protocol,
            port=backend.port,
            vpc=backend.vpc,
            extra=ground.tags_for(backend.load_balancer),
        )
    if not there.owned and there.status != GOING:
        return taken("target group", name, backend.load_balancer)
    if there.status == UNREAD:
        return unread(ground, there.arn)
    if there.status in FAILED:
        return delete_target_group(ground, there, broke(there.status, there.failure))
    if there.status != "ACTIVE":
        return wait(f"target group {name} is {there.status}")._replace(stage=Stage.MADE)
    if filled(there, backend):
        begun = wait(f"target group {name} takes requests soon") if arriving(there, backend) else Part()
        return begun._replace(stage=Stage.FILLED)
    crowded = _crowded(ground, wanted, backend) or _replaced(there, backend)
    if crowded is not None:
        return crowded
    register = ground.do(
        RegisterTarget,
        name,
        f"the load balancer is not registered for {backend.protocol}:{backend.port}",
        target_group=there.arn,
        load_balancer=backend.load_balancer,
        port=backend.port,
    )
    if any(step.key in ground.taken for step in register.steps):
        # It may take minutes until it is listed (facts 11), and asking again would not make it faster.
        register = wait(f"the load balancer is being registered in target group {name}")
    return register._replace(stage=Stage.MADE)


def _replaced(there: TargetGroup, backend: Backend) -> Part | None:
    """A target group holds one load balancer (facts 11). Whoever put another one into ours may have meant it, and
    clients are answered by that now: it is left, and told.
    """
    stranger = next((target for target in there.targets if target.status != "DRAINING"), None)
    if stranger is None:
        return None
    message = (
        f"take {stranger.id.rpartition('loadbalancer/')[2]} port {stranger.port} out of target group"
        f" {id_of(there.arn)}: somebody put it there in place of this load balancer and gets its requests"
    )
    return refuse("target-replaced", message, backend.load_balancer)._replace(stage=Stage.MADE)


def _crowded(ground: Ground, wanted: WantedService, backend: Backend) -> Part | None:
    """A load balancer is in two target groups at most (facts 11): is there room for one more, or will there be?"""
    observed = ground.observed
    others = [
        group
        for group in observed.target_groups
        if group.name != backend.target_group and any(target.id == backend.load_balancer for target in group.targets)
    ]
    if len(others) < room.PLACES:
        return None
    mine = [group for group in others if group.owned and group.arn not in observed.unmarked]
    going = [group for group in mine if _goes(ground, wanted, group, mine)]
    asked = {found.name for found in ground.want.services}
    sends = [
        (to.target_group, service)
        for service in observed.services
        if service.name in asked or not service.owned or answers(ground.network, service)
        for listener in service.listeners
        for to in listener.sends
    ]
    used = {group for group, _ in sends}
    unused = [group for group in going if id_of(group.arn) not in used]
    # In one service of ours it stays until it serves anew, for which a group that is not ours does not count.
    stays = not any(
        id_of(group.arn) == sent and service.owned and (group.owned or service.name != wanted.name)
        for group in others
        if group not in going
        for sent, service in sends
    )
    free = unused + [group for group in going if group not in unused][stays:]
    if len(others) - len(free) < room.PLACES:
        if unused:
            return wait(f"the load balancer leaves target group {unused[0].name} first")
        return wait(f"target group {free[0].name} goes first: a load balancer is in two at most")
    moved = next((group for group in others if group.mark in ground.network.siblings), None)
    # Beside one of a stranger's it has no place here before a sibling has let it go, which waits for it to answer here.
    strangers = any(not group.owned and group.mark not in ground.network.siblings for group in others)
    if moved is not None and not strangers:
        where = f"target group {id_of(moved.arn)}"
        return wait(f"network {moved.mark} takes the load balancer out of {where} first")._replace(
            person=f"network {moved.mark} still has it in {where}: it joins here when that has let it go."
            " If it stays put its old tags back until it is connected or ask infra: Vanish or DeletionLimit or an"
            " association by hand may keep it"
        )
    shown = " ".join(id_of(group.arn) for group in others[: room.PLACES])
    return refuse(
        "load-balancer-in-two-groups",
        f"take the load balancer out of one of {shown}: it is in {len(others)} target groups and may be in"
        f" {room.PLACES}",
        backend.load_balancer,
    )


def _goes(ground: Ground, wanted: WantedService, group: TargetGroup, mine: list[TargetGroup]) -> bool:
    """Does it go by itself, when nobody whom it serves needs it any more? Infra may have what is left stay; and what
    sends to it may. `mine`: the target groups of ours that the load balancer is in: of two behind the service that it
    asks for one is enough.
    """
    if ground.network.vanish != "everything":
        return False
    asked = {one.name for one in ground.want.services}
    sends = {
        service.name: service
        for service in ground.observed.services
        for listener in service.listeners
        for to in listener.sends
        if to.target_group == id_of(group.arn)
    }
    if group.targets and group.used_by and not sends:
        return False  # a rule that a hand made and that was not read sends to it
    here = sends.get(wanted.name)
    if here is not None and len([one for one in groups_of(ground.observed, here) if one in mine]) < room.PLACES:
        return False
    return not any(
        keeps_its_targets(ground, service) or (service.name in asked and room.is_bound(service, group))
        for service in sends.values()
    )
