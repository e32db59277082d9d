"""Each action, resource and condition of each policy counts: without it a story would fail, or a refusal not come.

A policy is changed in one place, and what was asked of IAM is asked again: in the stories, where all was allowed, and
in the attempts, where all was refused. A change that no answer shows is one that no test would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from localcloud.cloud import LocalCloud
from tests.templates.attempts import OURS, OWN, TEAM, WIDE, Scene, bus_policy
from tests.templates.permissions import EXPLAINED, MEMBERS, ROLES, Evidence, Grant, kind_of, why
from tests.templates.questions import Question
from tests.templates.readings import lists

type Statement = dict[str, Any]
type Change = Callable[[Statement], Statement | None]


class Mutant(NamedTuple):
    """What is changed, and how: None is a statement that is gone. `key`: the condition key that is forgotten."""

    what: str
    change: Change
    key: str = ""


def mutants(statement: Statement) -> Iterator[Mutant]:
    """Every way in which a statement could let more pass than it does."""
    if statement["Effect"] == "Deny":
        yield Mutant("is gone", lambda _: None)
        return
    if "Principal" not in statement and statement["Resource"] != "*":
        yield Mutant("holds for every resource", lambda it: {**it, "Resource": "*"})
    if statement.get("Principal", "*") != "*":  # what guards one thing speaks of no other resource, but of somebody
        yield Mutant("holds for everybody", lambda it: {**it, "Principal": "*"})
    for operator, keys in statement.get("Condition", {}).items():
        for key in keys:
            yield Mutant(f"forgets {operator} {key}", without(operator, key), key)


def without(operator: str, key: str) -> Change:
    def change(statement: Statement) -> Statement:
        condition = {
            one: {name: value for name, value in keys.items() if (one, name) != (operator, key)}
            for one, keys in statement.get("Condition", {}).items()
        }
        return {**statement, "Condition": {one: keys for one, keys in condition.items() if keys}}

    return change


def fewer(action: str) -> Mutant:
    def change(statement: Statement) -> Statement | None:
        left = [one for one in listed(statement["Action"]) if one != action]
        return {**statement, "Action": left} if left else None

    return Mutant(f"allows {action} no more", change)


def narrower(statement: Statement) -> Iterator[Mutant]:
    """Every way in which one of several resources or values could be missing."""
    places: list[tuple[str, ...]] = [("Resource",)]
    places += [("Condition", operator, key) for operator, keys in statement["Condition"].items() for key in keys]
    for place in places:
        items = listed(_at(statement, place))
        for number, item in enumerate(items if len(items) > 1 else ()):
            yield Mutant(f"has no {'/'.join(place[1:]) or 'resource'} {item}", without_item(place, number))


def without_item(place: tuple[str, ...], number: int) -> Change:
    """By its number: each deployment spells it with its own accounts and names."""

    def change(statement: Statement) -> Statement:
        made: Statement = json.loads(json.dumps(statement))
        items = _at(made, place)
        if isinstance(items, list) and len(items) > 1:
            del items[min(number, len(items) - 1)]
        return made

    return change


def _at(statement: Statement, place: tuple[str, ...]) -> Any:
    found: Any = statement
    for key in place:
        found = found.get(key, []) if isinstance(found, dict) else []
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def changed(policy: str, place: Callable[[Statement], bool], change: Change) -> str:
    """The policy with the statement of that place changed, as JSON; as it was where it has none."""
    document = json.loads(policy)
    statements = [change(one) if place(one) else one for one in listed(document["Statement"])]
    return json.dumps({**document, "Statement": [one for one in statements if one is not None]})


def by_sid(sid: str) -> Callable[[Statement], bool]:
    return lambda statement: statement.get("Sid") == sid


type Asked = dict[str, dict[str, list[tuple[Question, bool]]]]
"""Role -> action -> what was asked of its own policies, and the answer."""


def asked_of(questions: dict[Question, bool]) -> Asked:
    found: Asked = {}
    for question, allowed in questions.items():
        if not question.trust:
            found.setdefault(kind_of(question.role), {}).setdefault(question.action, []).append((question, allowed))
    return found


def shows(asked: Asked, role: str, sid: str, mutant: Mutant, action: str = "") -> bool:
    """Whether any question on the role, or on that action of it, is answered otherwise with its policy so changed."""
    texts: dict[str, str] = {}  # the questions of a role are judged by few policies

    def mutated(text: str) -> str:
        if text not in texts:
            texts[text] = changed(text, by_sid(sid), mutant.change)
        return texts[text]

    of_the_role = asked.get(role, {})
    return any(
        question.ask(identity=list(map(mutated, question.identity))) != allowed
        for some in ([of_the_role.get(action, [])] if action else of_the_role.values())
        for question, allowed in some
    )


def statement_of(grant: Grant) -> Statement:
    resources = list(grant.resources)
    return {
        "Effect": "Allow",
        "Resource": "*" if resources == ["*"] else resources,
        "Condition": dict(grant.condition),
    }


@pytest.fixture(scope="module")
def asked(evidence: Evidence) -> Asked:
    return asked_of(evidence.questions)


def test_without_any_action_a_story_would_fail(evidence: Evidence, asked: Asked) -> None:
    survivors = [
        (grant.role, grant.sid, action)
        for grant in evidence.grants
        for action in grant.actions
        if (grant.role, grant.sid, action) not in EXPLAINED
        and not shows(asked, grant.role, grant.sid, fewer(action), action)
    ]
    assert survivors == []


LIST = "has no ForAllValues:StringLike/ram:Principal NETWORK_ACCOUNT"
LISTED_ANYWAY = {("apply", "ShareNetwork", LIST)}
"""The list of members as it is given: the network's own account is on it to ring, and needs no share."""


def test_without_any_of_several_resources_or_values_a_story_would_fail(evidence: Evidence, asked: Asked) -> None:
    survivors = {
        (grant.role, grant.sid, mutant.what)
        for grant in evidence.grants
        if not all((grant.role, grant.sid, action) in EXPLAINED for action in grant.actions)
        for mutant in narrower(statement_of(grant))
        if not shows(asked, grant.role, grant.sid, mutant)
    }
    assert survivors == LISTED_ANYWAY, "\n".join(map(" ".join, survivors))


class Unguarded(NamedTuple):
    """What could be left out of a statement for an action of it without a refusal to show it."""

    role: str
    sid: str
    what: str
    key: str
    action: str


def unguarded(evidence: Evidence, refusals: dict[Question, str]) -> list[Unguarded]:
    denied = asked_of(dict.fromkeys(refusals, False))
    found = (
        Unguarded(grant.role, grant.sid, mutant.what, mutant.key, action)
        for grant in evidence.grants
        for mutant in mutants(statement_of(grant))
        for action in grant.actions
        if not shows(denied, grant.role, grant.sid, mutant, action)
    )
    return list(dict.fromkeys(found))


def test_without_any_condition_or_resource_a_refusal_would_not_come(
    evidence: Evidence, refusals: dict[Question, str]
) -> None:
    survivors = unguarded(evidence, refusals)
    assert survivors == [], "\n".join(map(" ".join, survivors))


TAGGED = "forgets StringEqualsIfExists aws:ResourceTag/lattice-onramp:network"


def test_where_aws_sends_no_more_than_it_lists_only_what_it_does_not_list_is_given_up(
    evidence_by_row: Evidence, refusals_by_row: dict[Question, str]
) -> None:
    """Of each action, by that reading: whatever bounds it and is sent with it still does."""
    lost = unguarded(evidence_by_row, refusals_by_row)
    survivors = [one for one in lost if not one.key or lists(one.action, one.key)]
    assert survivors == [], "\n".join(map(" ".join, survivors))
    # The tags of what is there are listed with no action of these; what that gives up is TAKEN in attempts.py.
    actions = {(one.role, one.sid): set(one.actions) for one in evidence_by_row.grants}
    whole = {
        (one.role, one.sid, one.what)
        for one in lost
        if {it.action for it in lost if it[:3] == one[:3]} == actions[one.role, one.sid]
    }
    assert whole == {("writer", sid, TAGGED) for sid in ("UseOurs", "LogAccess", "LetGo")}


@pytest.mark.parametrize("role", ROLES)
def test_one_action_more_would_be_idle(evidence: Evidence, role: str) -> None:
    """No reason and no story covers what was not there when they were played."""
    for grant in (one for one in evidence.grants if one.role == role):
        assert not why(evidence, role, grant.sid, "iam:PassRole")


# --- what has a policy of its own


@pytest.fixture(scope="module")
def guards() -> dict[str, str]:
    """Every policy of a queue, topic, key, bus or role of the stacks, as JSON, by what it guards."""
    found: dict[str, Any] = {}
    with LocalCloud() as cloud:
        scene = Scene(cloud)
        for logical in ("QueuePolicy", "DeadLettersPolicy", "NoticesPolicy", "NoticesKey", "NetworkAuthPolicy"):
            found[logical] = scene.policy(logical)
        found["DeadLettersPolicy of a member"] = scene.policy("DeadLettersPolicy", account=TEAM)
        for logical in ("NoticesPolicy", "NetworkAuthPolicy"):
            found[f"{logical} in an organisation"] = scene.policy(logical, WIDE)
        for network in (OURS, WIDE):
            found[f"bus of {network}"] = json.loads(bus_policy(scene, network))
        for role in ROLES:
            account = TEAM if role in MEMBERS else OWN
            arn = f"arn:aws:iam::{account}:role/onramp-{OURS}-{role}"
            found[f"trust in {role}"] = cloud.iam.role(arn).assume_role_policy_document
    return {name: plain(policy) for name, policy in found.items()}


SAME = [(f"trust in {role}", "Allow", "holds for everybody") for role in ("reader", "writer")]
"""Changes that change nothing: the condition names one role of the network account already, with its account."""


def plain(policy: Any) -> str:
    return json.dumps(json.loads(policy) if isinstance(policy, str) else policy, sort_keys=True)


def test_what_guards_itself_lets_nobody_else_in(guards: dict[str, str], refusals: dict[Question, str]) -> None:
    survivors = []
    for name, policy in guards.items():
        asked = [one for one in refusals if one.guard and policy in map(plain, one.guard)]
        assert asked, f"nothing was tried against {name}"
        for statement in listed(json.loads(policy)["Statement"]):
            for mutant in mutants(statement):
                opened = changed(policy, lambda one, it=statement: one == it, mutant.change)
                if not any(question.ask(guard=[opened]) for question in asked):
                    survivors.append((name, statement.get("Sid", statement["Effect"]), mutant.what))
    assert survivors == SAME
