"""Several load balancers may stand behind one service, if they agree on what it listens for.

First come, first served: those who serve decide; a newcomer that disagrees, or finds no room, is refused alone.
"""

from collections.abc import Iterable
from functools import lru_cache

from onramp.core import settings
from onramp.core.desired.shared_rules import rules_have_room
from onramp.core.desired.wanted import TARGET_GROUPS_PER_SERVICE, WantedService, Wish, refused_each
from onramp.core.inventory import Refusal
from onramp.core.model import Observation, Service, TargetGroup
from onramp.core.network import Network
from onramp.core.same import Same
from onramp.core.settings import Said


def merge(
    network: Network,
    observed: Observation,
    wanted: Iterable[Wish],
    named: dict[str, str],
    refusals: list[Refusal],
) -> list[WantedService]:
    """The services that are asked for; whoever finds no place in his is added to `refusals`.

    `named`: load balancer -> the service that it asks for, in whatever state it is.
    """
    groups: dict[str, list[Wish]] = {}
    for wish in wanted:
        groups.setdefault(wish.service, []).append(wish)
    merged = []
    ours = {found.name: found for found in reversed(observed.services) if found.owned}
    naming: dict[str, list[str]] = {}
    for balancer, of in named.items():
        naming.setdefault(of, []).append(balancer)
    for name, group in sorted(groups.items()):
        service = ours.get(name)
        first = _behind(observed, service, group) if service else frozenset()
        listens = _agreed(group, first, service)
        agreed = [wish for wish in group if wish.listens == listens]
        shown = " ".join(f"{protocol}:{port}" for protocol, port in listens or ())
        message = (
            f"write {shown} in the listen tag as the load balancers that serve {name} do, or choose another service"
            if listens
            else f"give all load balancers of service {name} the same listen tag"
        )
        refusals.extend(refused_each([wish for wish in group if wish not in agreed], "listen-conflict", message))
        asking = {wish.backend.load_balancer for wish in agreed}
        held = sum(found in first and found not in asking for found in naming.get(name, ()))
        room = TARGET_GROUPS_PER_SERVICE - held - _brought(observed, service, agreed)
        queue = sorted(agreed, key=lambda wish: (wish.backend.load_balancer not in first, wish.backend.load_balancer))
        message = f"choose another service: {name} has the {TARGET_GROUPS_PER_SERVICE} load balancers that it may have"
        refusals.extend(refused_each(queue[room:], "backend-quota", message))
        joined = service is not None and any(network.is_named(found.network) for found in service.associations)
        of_one_mind, others = _of_one_mind(queue[:room], first if joined else frozenset())
        for wish, keys in others:
            message = f"say the same of {_listed(network.prefix, keys)} as the others of {name}, or nothing"
            refusals.extend(refused_each([wish], "setting-conflict", message))
        ruled = rules_have_room(network, observed, service, of_one_mind, named.keys(), refusals)
        backends = tuple(sorted((wish.backend for wish in ruled), key=lambda backend: backend.target_group))
        if backends:
            merged.append(WantedService(name=name, listens=queue[0].listens, backends=()).of(backends))
    return merged


def _brought(observed: Observation, service: Service | None, asking: list[Wish]) -> int:
    """How many target groups the service sends to that a tool of those who ask brought, and that stay."""
    if service is None or not any(wish.backend.by_tool for wish in asking):
        return 0
    ours = {group.arn.rpartition("/")[2] for group in observed.target_groups if group.owned}
    return len({to.target_group for found in service.listeners for to in found.sends} - ours)


def _listed(prefix: str, keys: tuple[str, ...]) -> str:
    """As a sentence has them: `lattice:log, lattice:zone and lattice:auth`."""
    *before, last = (prefix + key for key in keys)
    return f"{', '.join(before)} and {last}" if before else last


def _of_one_mind(queue: list[Wish], first: frozenset[str]) -> tuple[list[Wish], list[tuple[Wish, tuple[str, ...]]]]:
    """Those of the queue who say the same of the service; whoever comes earlier in it decides. And the others, each
    with the tags by which it says something else.

    `first`: those whom clients reach already. Who joins them may say what they say, or nothing: a word of his own would
    change what clients of theirs meet, before anybody knows whether he can join at all.
    """
    serving = [wish for wish in queue if wish.backend.load_balancer in first]
    said, agreed = Said(), list[Wish]()
    others = list[tuple[Wish, tuple[str, ...]]]()
    for wish in queue:
        both = settings.join(said, wish.backend.said)
        newcomer = bool(serving) and wish not in serving
        if both is not None and not (newcomer and not settings.alike(both, said)):
            said = both
            agreed.append(wish)
        else:
            others.append((wish, settings.contradicting(said, wish.backend.said)))
    return agreed, others


def _behind(observed: Observation, service: Service, asking: list[Wish]) -> frozenset[str]:
    """Load balancers that the service sends to; where its listeners were not read yet, all that we registered. Of those
    who are `asking` also whoever was taken out of his target group by a hand: he has his place until it is let go.
    """
    own = {wish.backend.target_group: wish.backend.load_balancer for wish in asking}
    ours, names, registered = _ours(Same(observed.target_groups))
    if service.listeners:
        sent = {to.target_group for found in service.listeners for to in found.sends}
        groups = [ours[found] for found in sent if found in ours]
        names = frozenset(group.name for group in groups)
        registered = frozenset(target.id for group in groups for target in group.targets)
    return registered | {balancer for name, balancer in own.items() if name in names}


@lru_cache(maxsize=2)
def _ours(groups: Same[tuple[TargetGroup, ...]]) -> tuple[dict[str, TargetGroup], frozenset[str], frozenset[str]]:
    """id -> target group of ours; the names of all of them; and whom they have as targets."""
    ours = {group.arn.rpartition("/")[2]: group for group in groups.value if group.owned}
    targets = (target.id for group in ours.values() for target in group.targets)
    return ours, frozenset(group.name for group in ours.values()), frozenset(targets)


def _agreed(group: list[Wish], first: frozenset[str], service: Service | None) -> tuple[tuple[str, int], ...] | None:
    """What the service listens for; None when the wishes disagree and nobody was first."""
    asked = {wish.listens for wish in group}
    if len(asked) == 1:
        return asked.pop()
    ours = {wish.listens for wish in group if wish.backend.load_balancer in first}
    if len(ours) == 1:
        return ours.pop()
    there = tuple(
        sorted(((found.protocol, found.port) for found in (service.listeners if service else ())), key=lambda it: it[1])
    )
    return there if there in ours else None
