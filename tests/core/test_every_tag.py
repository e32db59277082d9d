"""Every tag alone and with each other that it can meet: no request fails, no name changes, and what is told is so."""

from __future__ import annotations

import re
from itertools import pairwise, permutations, product
from pathlib import Path

import pytest
from every_tag import BALANCER, EVERY, ON_A_BALANCER, PAIRS, VPC, WISHES, Tag, by_hand, every_change, meeting
from histories import Act, History, Player, some_history
from model_world import World
from onramp.core import tags

STORIES = Path(__file__).parents[1] / "stories"
EVENTS = STORIES.parents[1] / "events"

CANNOT_MEET = {frozenset({(BALANCER, "auth"), (BALANCER, "auth-policy")}): "auth-invalid"}
"""Two that are never understood together, and what is told."""


class Telling(Player):
    """Keeps what the load balancer and the VPC carry at rest: status, and the code in the message."""

    def __init__(self, history: History) -> None:
        super().__init__(history)
        self.said: list[tuple[str, str]] = []

    def at_rest(self, world: World) -> None:
        super().at_rest(world)
        if world is self.world:
            [key] = [arn for arn, found in world.load_balancers.items() if found.name == BALANCER]
            said = world.answers(key)
            status = said.get("status", "")
            code = said["message"].partition(":")[0] if status == "refused" else ""
            self.said.append((f"{status} {code}".strip(), world.answers(VPC).get("status", "")))


def met(one: Tag, other: Tag, *, beside: bool) -> list[str]:
    """What went wrong where these two meet."""
    player = Telling(meeting(one, other, beside=beside))
    try:
        problems = player.play()
    except AssertionError as error:
        return [f"asserted: {error}"]  # a step that AWS would refuse
    code = CANNOT_MEET.get(frozenset({one, other}))
    first = f"refused {code}" if code else "connected"
    if player.said[0] != (first, "connected"):
        problems.append(f"at first they are told {player.said[0]}")
    if not any(told.startswith("refused") for both in player.said for told in both):
        problems.append("no value is refused")
    return problems


def test_every_tag_that_is_read_is_among_them() -> None:
    on = {BALANCER: tags.LOAD_BALANCER_KEYS, VPC: tags.VPC_KEYS}
    assert {carrier: {key for one, key in EVERY if one == carrier} for carrier in on} == on


@pytest.mark.parametrize("one", list(EVERY)[:-1], ids="/".join)
def test_two_tags_come_change_and_go_together(one: Tag) -> None:
    found = {
        (other, beside): problems[:2]
        for (first, other), beside in product(PAIRS, (False, True))
        if first == one and (problems := met(first, other, beside=beside))
    }
    assert found == {}


@pytest.mark.parametrize("by_stack", [False, True], ids=["by tags", "records for all domains"])
@pytest.mark.parametrize("wish", WISHES)
def test_every_kind_of_value_becomes_every_other(wish: str, *, by_stack: bool) -> None:
    """No request fails, and at each rest it is told refused for what is not understood, and for nothing else."""
    kinds = WISHES[wish]
    history, order = every_change(kinds, by_stack=by_stack)
    assert {(one, other) for one, other in pairwise(map(spelled, order)) if one != other} == set(
        permutations(map(spelled, kinds.all), 2)
    )
    player = Telling(history)
    assert player.play() == []
    refused = [status.startswith("refused") for status, _ in player.said[: len(order)]]
    assert [spelled(said) for said, is_refused in zip(order, refused, strict=True) if is_refused] == [
        spelled(said) for said in order if said in kinds.wrong
    ]


@pytest.mark.parametrize("key", ON_A_BALANCER)
def test_what_a_tag_asks_for_and_was_made_by_hand_is_handed_over_changed_taken_back_and_handed_over_anew(
    key: str,
) -> None:
    player = Telling(by_hand(key))
    assert player.play() == []
    rests = [status for status, _ in player.said]
    assert rests[1] == "connected"  # when it was handed over
    assert rests[6:8] == ["refused name-taken", "connected"]  # when it was taken back, and handed over anew
    assert {"Adopt", "Release"} <= player.kinds
    assert not any(one.owned for one in player.world.services.values())


def spelled(said: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in sorted(said.items()))


def carried(act: Act) -> set[tuple[Tag, str]]:
    """What tags an act of a history puts where."""
    match act:
        case ("ring", *meanwhile):
            return {one for _, later in meanwhile for one in carried(later)}
        case ("create", _, _, dict(given), _) | ("retag", _, dict(given)):
            return {((BALANCER, key), value) for key, value in given.items()}
        case ("vpc", _, dict(given)):
            return {((VPC, key), value) for key, value in given.items()}
        case ("set", _, key, str(value)):
            return {((BALANCER, key), value)}
        case _:
            return set()


def test_every_tag_is_in_the_random_histories_with_several_values_and_with_each_other() -> None:
    values: dict[Tag, set[str]] = {tag: set() for tag in EVERY}
    together: set[frozenset[Tag]] = set()
    for seed in range(1000):
        there: set[Tag] = set()
        for act in some_history(seed).acts:
            for tag, value in carried(act):
                if tag in EVERY:
                    values[tag].add(value)
                    there.add(tag)
        together |= {frozenset({one, other}) for one, other in PAIRS if {one, other} <= there}
    assert {tag: found for tag, found in values.items() if len(found) < 2} == {}
    assert [pair for pair in PAIRS if frozenset(pair) not in together] == []


def test_services_of_ones_own_making_and_the_words_that_hand_over_are_in_them_too() -> None:
    """Their one tag with several values, and what their owners hand over and take back."""
    values: set[str | None] = set()
    kinds: set[str] = set()
    for seed in range(1000):
        for act in some_history(seed).acts:
            for one in (act, *(later for _, later in act[1:])) if act[0] == "ring" else (act,):
                kinds.add(one[0])
                if one[0] == "theirs":
                    assert one[2].keys() <= tags.EXISTING_KEYS | {"listen"}
                    values.add(one[2].get("network"))
    assert values == {"net", "sibling", "nett", None}
    assert {
        "by_hand",
        "join_by_hand",
        "hand_over",
        "take_back",
        "theirs_join",
        "theirs_part",
        "theirs_take_back",
        "theirs_delete",
    } <= kinds


def test_every_tag_has_a_story() -> None:
    """As it is written in an event or a script, or by a story's test, as `said.tag(idle_timeout="300")`."""
    scripts = [path.read_text() for path in EVENTS.glob("*/*")]
    told = [path.read_text() for path in STORIES.glob("test_*.py")]
    keys = tags.LOAD_BALANCER_KEYS | tags.VPC_KEYS | tags.EXISTING_KEYS
    untold = {
        key
        for key in keys
        if not any(f"lattice:{key}" in text for text in (*scripts, *told))
        and not any(re.search(rf"\b{key.replace('-', '_')}=|\"{key}\":", text) for text in told)
    }
    assert untold == set()
