"""Services that people made themselves in the random histories: what befalls one, and what must be so of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from model_world import World, existing
from msgspec.structs import replace
from onramp.core import tags
from onramp.core.desired import desired, moves_to
from onramp.core.model import Association, Existing, Observation

NAMES = ("theirs-a", "theirs-b")


def found(world: World, name: str) -> Existing | None:
    return next((one for one in world.existing.values() if one.name == name), None)


def joined(service: Existing, network: str = "") -> set[str]:
    """Networks that it is on, or whether it is on that one."""
    there = {one.network for one in service.associations if one.status == "ACTIVE"}
    return there & {network} if network else there


# --- what somebody does


def put(world: World, name: str, given: dict[str, str], *, listens: bool, domain: str) -> None:
    """Its maker makes it, or changes its tags; a domain of its own is fixed when it is made."""
    there = found(world, name)
    prefixed = {f"lattice:{key}": value for key, value in given.items()}
    if there is None:
        made = existing(name, tags=prefixed, listens=listens, custom_domain=domain)
        world.existing[made.arn] = made
        return
    answers = {key: value for key, value in there.tags.items() if key in tags.STATUS_KEYS}
    world.existing[there.arn] = replace(there, tags={**answers, **prefixed}, listens=listens)


def join(world: World, name: str, *, handed: bool) -> None:
    """Another hand brings it to the network, and may hand the association over."""
    there = found(world, name)
    if there is None or not world.visible or any(one.network == world.network.arn for one in there.associations):
        return
    made = world.new("servicenetworkserviceassociation", "hand-snsa")
    by_hand = Association(arn=made, network=world.network.arn, status="ACTIVE", owned=False)
    world.existing[there.arn] = replace(there, associations=(*there.associations, by_hand))
    if handed:
        world.handed.add(made)


def part(world: World, name: str) -> None:
    """Another hand takes it off every network."""
    there = found(world, name)
    if there is not None:
        world.existing[there.arn] = replace(there, associations=())


def take_back(world: World, name: str) -> None:
    """Its owner takes its associations back."""
    there = found(world, name)
    if there is not None:
        world.let_go |= {one.arn for one in there.associations if one.owned}


def delete(world: World, name: str) -> None:
    """Its maker deletes it, which Lattice lets him where it is on no network."""
    there = found(world, name)
    if there is not None and not there.associations:
        del world.existing[there.arn]


# --- what must be so


def on_by_us(world: World) -> set[str]:
    """ARNs of those that are on the network, by a hand of ours or one that we let go."""
    return {one.arn for one in world.existing.values() if joined(one, world.network.arn)}


def ours(world: World) -> set[str]:
    """The same of those whose association is ours."""
    return {
        one.arn
        for one in world.existing.values()
        if any(to.owned and to.network == world.network.arn for to in one.associations)
    }


def asking(world: World, seen: Observation) -> set[str]:
    """The ARNs of those that ask for the network."""
    return {one.arn for one in desired(world.network, seen).existing} if world.existing else set()


def answering(world: World, asking: set[str]) -> set[str]:
    """Domains that the inventory is to say answer: of those that ask for the network, or are on it by our hand."""
    return {
        one.domain
        for one in world.existing.values()
        if one.arn in asking | ours(world) and joined(one, world.network.arn) and one.listens
    }


def untold(world: World, seen: Observation, asking: set[str]) -> Iterator[str]:
    """What is told of them at rest and is not so."""
    for arn, there in world.existing.items():
        if moves_to(world.network, there) or arn in seen.elsewhere:  # the sibling answers there
            continue
        said = world.answers(arn)
        serves = bool(joined(there, world.network.arn) and there.listens)
        if said.get("domain", "") not in {"", there.domain if serves else ""}:
            yield f"{there.name} is told {said}, and does not answer"
        if serves and arn in asking and not said.get("domain"):
            yield f"{there.name} is told {said}, and answers"
        if said.get("status") == "connected" and not serves:
            yield f"{there.name} is told {said}, and is not on the network"
        if said.get("status") in {"connecting", "disconnecting"}:
            yield f"{there.name} is told {said}, and nothing is on its way"
        if said and not _speaks(there) and arn not in ours(world):
            yield f"{there.name} is told {said}, and asks for nothing"


def _speaks(there: Existing) -> bool:
    return any(key.startswith("lattice:") for key in there.tags)


# --- making histories


def beside(chance: random.Random, acts: list[Any]) -> list[Any]:
    """The same, and people have services of their own making beside it."""
    made: list[Any] = list(acts)
    first = chance.choice(NAMES)
    made[1:1] = [("theirs", first, {"network": "net"}, True, "")]
    for _ in range(chance.randint(2, 5)):
        act = [some_act(chance, chance.choice((first, first, *NAMES)))]
        meanwhile = [(chance.randint(1, 6), some_act(chance, first)) for _ in range(chance.choice((0, 0, 1)))]
        made[(at := chance.randint(2, len(made))) : at] = [*act, ("ring", *meanwhile)]
    return made


def some_act(chance: random.Random, name: str) -> tuple[Any, ...]:
    kind = chance.choice(("theirs",) * 4 + ("theirs_join", "theirs_part", "theirs_take_back", "theirs_delete"))
    if kind == "theirs_join":
        return (kind, name, chance.random() < 0.5)
    if kind != "theirs":
        return (kind, name)
    given = chance.choice(
        ({"network": "net"},) * 3
        + ({}, {}, {"network": "sibling"}, {"network": "nett"}, {"network": "net", "listen": "HTTP:80"})
    )
    domain = chance.choice(("", "", "", "own.shop.example.jp", "taken.shop.example.jp"))
    return (kind, name, given, chance.random() < 0.85, domain)
