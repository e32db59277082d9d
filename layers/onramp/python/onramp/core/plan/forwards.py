"""What an action of a listener sends to, be it the default one or a rule's.

Nothing is sent to before it was seen to be able to take it, and nothing that serves is let go before what takes its
place was seen to serve.
"""

from typing import NamedTuple

from msgspec.structs import replace

from onramp.core import tags
from onramp.core.desired import TARGET_GROUPS_PER_SERVICE, THEIRS, Backend, WantedService
from onramp.core.model import UNREAD, Forward, Match, Service, Target, TargetGroup
from onramp.core.plan.ground import (
    FAILED,
    Ground,
    Part,
    Stage,
    id_of,
    known_balancers,
    known_groups,
    named,
    sent_to,
    targets_in,
)
from onramp.core.plan.room import crowded


class Sending(NamedTuple):
    """What a service's listeners may send to, by the ids of target groups.

    `ready`: filled -> who asks for it; `unable`: those of them to which nothing is sent yet, or at which something
    known keeps all requests out; `lasting`: not let go of yet; `left`: of who asks for it no more. `others`:
    somebody asks for the service who cannot be served now; `coming`: somebody's target group is being made or filled;
    `failing`: why somebody's was given up. `asking`: the load balancers whose wish is understood, whatever they take;
    `moved`: those that ask for another service, understood or not.
    """

    ready: dict[str, Backend]
    unable: frozenset[str]
    lasting: frozenset[str]
    left: frozenset[str]
    backends: tuple[Backend, ...]
    others: bool
    coming: bool
    failing: tuple[str, ...]
    asking: frozenset[str]
    moved: frozenset[str]

    def of(self, match: Match | None) -> "Sending":
        """What a rule may send to; None: the default action."""
        return self._replace(
            ready={group: backend for group, backend in self.ready.items() if backend.takes(match)},
            backends=tuple(backend for backend in self.backends if backend.takes(match)),
        )

    @property
    def new(self) -> tuple[Forward, ...]:
        """What something new begins with: those that can answer, where some can."""
        able = {group: backend for group, backend in self.ready.items() if group not in self.unable} or self.ready
        return tuple(Forward(target_group=group, weight=backend.weight) for group, backend in able.items())

    @property
    def awaited(self) -> bool:
        """Does somebody ask for a share who may have none yet?"""
        return self.others or any(backend.weight for backend in self.backends)


def filled(group: TargetGroup, backend: Backend) -> bool:
    return group.status == "ACTIVE" and any(
        target.id == backend.load_balancer and target.port == backend.port and target.status != "DRAINING"
        for target in group.targets
    )


def arriving(group: TargetGroup, backend: Backend) -> bool:
    """Is its target in there, and sent nothing yet? Nothing that serves is changed for it before that is over."""
    mine = [target for target in group.targets if (target.id, target.port) == (backend.load_balancer, backend.port)]
    return any(target.arriving for target in mine)


def sending(
    ground: Ground, wanted: WantedService, service: Service, own: dict[str, Part], staying: frozenset[str]
) -> Sending:
    """Of what `service` sends to already, and of what is wanted."""
    known = known_groups(ground.observed)
    groups = ground.observed.target_groups
    full = {
        id_of(group.arn): backend
        for backend in wanted.backends
        if own[backend.load_balancer].stage is Stage.FILLED and (group := named(groups, backend.target_group))
    }
    want = ground.want
    sent = {to.target_group for found in service.listeners for to in found.sends}
    there = {found: known[found] for found in sent | full.keys() if found in known}
    leaves = {one for it in there.values() for one in it.registered if one in known_balancers(ground.observed)}
    leaves -= set(wanted.load_balancers) | want.moving.keys() | want.kept_out.keys()
    # Whoever needs its place elsewhere answers here no longer for those who cannot.
    leaves -= crowded(ground) if leaves else set()
    coming = {found for found, it in there.items() if any(target.arriving for target in it.group.targets)}
    kept = staying | (set(wanted.load_balancers) - {backend.load_balancer for backend in full.values()})
    asked = {backend.target_group for backend in wanted.backends}
    # What lost our mark by somebody's hand is not read any more: that is refused, and its load balancer goes on.
    lasting = {
        found
        for found, (_, group, within) in there.items()
        if group.status == UNREAD
        or (group.status not in FAILED and not kept.isdisjoint(within))
        or (not group.owned and group.name in asked)
    }
    others = {found for found, name in ground.want.named.items() if name == wanted.name} - set(wanted.load_balancers)
    return Sending(
        full,
        frozenset(
            group
            for group, backend in full.items()
            if group in coming or ground.keeps_out(backend.load_balancer, backend.port)
        ),
        frozenset(lasting),
        frozenset(found for found, it in there.items() if not leaves.isdisjoint(it.registered)),
        wanted.backends,
        not others <= ground.want.kept_out.keys(),
        not coming.isdisjoint(full) or any(is_on_its_way(part) for part in own.values()),
        tuple(why for part in own.values() for why in (*part.failed, *(one.message for one in part.refusals))),
        frozenset(wanted.load_balancers),
        frozenset(found for found, name in want.named.items() if name != wanted.name),
    )


def is_on_its_way(part: Part) -> bool:
    return part.stage < Stage.FILLED and bool(part.steps or part.pending) and not (part.refusals or part.failed)


def forwards(ground: Ground, has: tuple[Forward, ...], sending: Sending, elsewhere: int = 0) -> tuple[Forward, ...]:
    """Those that can serve, and those that are not let go yet with the share that they have; ten at most. `has`: what
    the action sends to now. `elsewhere`: how many other target groups its service has besides.
    """
    there = {to.target_group: to.weight for to in has}
    brought = _brought(ground, has, sending)
    stays = [to for to in has if to.target_group in sending.lasting and to.target_group not in sending.ready]
    stays += _last_to_answer(ground, has, sending, stays)
    remains = [*stays, *(to for to in has if to.target_group in sending.ready)]
    ready = {group: backend.weight for group, backend in sending.ready.items()}
    coming = _targets(ground, *ready)
    if any(target.arriving for target in coming) and not any(ground.takes(target) for target in coming):
        return has  # who left goes on until those who come can answer
    if any(ground.takes(target) for target in sent_to(ground.observed, remains)):
        # Others answer: nobody joins them who could not, or gets more than he has.
        able = {group: weight for group, weight in ready.items() if group not in sending.unable}
        unable = {group: min(weight, there[group]) for group, weight in ready.items() if group in there}
        ready = {group: able.get(group, unable.get(group, 0)) for group in ready if group in able or group in unable}
    if any(ground.takes(target) for target in _targets(ground, *ready)):
        # What answers nothing any more, since its load balancer stopped to listen there, would only take a share.
        stays = [to for to in stays if not _answers_nothing(ground, to)]
    queue = sorted(ready, key=lambda group: group not in there)
    room = TARGET_GROUPS_PER_SERVICE - elsewhere - len(brought)
    if len(remains) >= room:
        # No room beside the old: one changes places with what it replaces.
        of = {found: it.registered for found, it in known_groups(ground.observed).items()}
        pairs = ((new, old) for new in queue if new not in there for old in stays)
        swap = next(((new, old) for new, old in pairs if not of[new].isdisjoint(of[old.target_group])), None)
        if swap is not None:
            new, old = swap
            stays.remove(old)
            queue = [group for group in queue if group in there or group == new]
    queue = queue[: max(room - len(stays), 0)]
    found = (*(Forward(target_group=group, weight=ready[group]) for group in ready if group in queue), *stays)
    if sending.awaited and not any(to.weight for to in found):
        # Whoever is to take the requests is not there yet: they go where they went.
        found = tuple(replace(to, weight=there.get(to.target_group, to.weight)) for to in found)
    by_tool = _by_tool(ground, has, sending)
    return _as_the_tool_has_it(ground, has, found, brought) if by_tool else (*found, *brought)


def seen(ground: Ground, has: tuple[Forward, ...], sending: Sending) -> tuple[Forward, ...] | None:
    """As of the steps that change an action, which sends to what it `has`."""
    return has if _by_tool(ground, has, sending) else None


def _by_tool(ground: Ground, has: tuple[Forward, ...], sending: Sending) -> bool:
    """Does a tool of the team's set the shares here? Whoever puts them back fails its deployment (facts R25). So it
    does where that is all that is understood of who is behind it; of who leaves it says nothing any more.
    """
    there, key = known_balancers(ground.observed), ground.network.prefix + tags.WEIGHT
    goes_on = (_unheard(ground, has, sending) & ground.frozen) - sending.moved
    unheard = (there[one].tags.get(key, "") for one in goes_on if one in there)
    return any(backend.by_tool for backend in sending.backends) or any(
        said.strip().lower() == THEIRS for said in unheard
    )


def _unheard(ground: Ground, has: tuple[Forward, ...], sending: Sending) -> frozenset[str]:
    """Load balancers that the action sends to, that are not let go of yet, and whose word is not to be had now."""
    known = known_groups(ground.observed)
    behind = (known[to.target_group] for to in has if to.target_group in sending.lasting and to.target_group in known)
    return frozenset(one for it in behind if it.group.owned for one in it.registered) - sending.asking


def _brought(ground: Ground, has: tuple[Forward, ...], sending: Sending) -> tuple[Forward, ...]:
    """What the action sends to besides what we made, where a tool has a word in it; or may have, as of somebody behind
    it whose word is not to be had now: what served him goes on.
    """
    if not (_by_tool(ground, has, sending) or _unheard(ground, has, sending)):
        return ()
    ours = {found for found, it in known_groups(ground.observed).items() if it.group.owned}
    return tuple(to for to in has if to.target_group not in ours and to.target_group not in sending.lasting)


def _as_the_tool_has_it(
    ground: Ground, has: tuple[Forward, ...], found: tuple[Forward, ...], brought: tuple[Forward, ...]
) -> tuple[Forward, ...]:
    """The same target groups, and what the tool brought, with the shares that they have. Who comes begins with that of
    the target group whose load balancer it has, or with none; unless nobody else has one.
    """
    there = {to.target_group: to.weight for to in has}
    behind = {found: it.registered for found, it in known_groups(ground.observed).items()}

    def share(group: str) -> int:
        before = (there[old] for old in there if not behind[group].isdisjoint(behind.get(old, ())))
        return there.get(group, max(before, default=0))

    shares = (*(replace(to, weight=share(to.target_group)) for to in found), *brought)
    lost = not any(to.weight for to in shares) and (not has or any(there.values()))
    return (*found, *brought) if lost else shares


def _last_to_answer(ground: Ground, has: tuple[Forward, ...], sending: Sending, stays: list[Forward]) -> list[Forward]:
    """Those who ask for nothing any more and answer, where nobody who asks could in their place: they go when somebody
    can. Whoever asks for no requests is nobody's successor.
    """
    asked = bool(stays) or any(backend.weight for backend in sending.backends)
    others = _targets(ground, *sending.ready, *(to.target_group for to in stays))
    if not asked or any(ground.takes(target) for target in others):
        return []
    left = [to for to in has if to.weight and to.target_group in sending.left and to not in stays]
    return [to for to in left if any(ground.takes(target) for target in _targets(ground, to.target_group))]


def elsewhere(service: Service, has: tuple[Forward, ...], sending: Sending) -> int:
    """How many target groups the service has besides those of an action."""
    others = {to.target_group for found in service.listeners for to in found.sends}
    return len(others - {to.target_group for to in has} - sending.ready.keys())


def _targets(ground: Ground, *groups: str) -> tuple[Target, ...]:
    return targets_in(ground.observed, groups)


def _answers_nothing(ground: Ground, to: Forward) -> bool:
    """Was it read, and does no target of it take requests?"""
    targets = _targets(ground, to.target_group)
    return bool(targets) and not any(ground.takes(target) for target in targets)
