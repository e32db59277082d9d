"""Roles may do what the stories need, and nothing else without a reason: docs/permissions.md says it, these hold it."""

from __future__ import annotations

import msgspec
import pytest
from onramp.core.triggers import Event, Ring, parse

from tests.templates.conditions import CONDITIONS, used
from tests.templates.permissions import DENIED, EXPLAINED, REPORT, ROLES, Evidence, Gathered, Use, render, why
from tests.templates.readings import Reading
from tests.templates.rules import Deployed, forwarding

# Where tests are spread over processes by group, the stories are played in one of them only.


@pytest.fixture(params=Reading, ids=["united", "row"])
def by_reading(request: pytest.FixtureRequest) -> Evidence:
    """Whatever AWS sends of what its reference leaves in doubt."""
    found: Evidence = request.getfixturevalue(
        {Reading.UNITED: "evidence", Reading.ROW: "evidence_by_row"}[request.param]
    )
    return found


def test_every_story_and_deed_came_out_under_iam(by_reading: Evidence) -> None:
    assert by_reading.unmet == []
    assert by_reading.unenforced == set()


def test_every_role_took_part(by_reading: Evidence) -> None:
    assert {one.role for one in by_reading.asked} == set(ROLES)


def test_the_two_readings_differ_in_what_the_stories_asked(evidence: Evidence, evidence_by_row: Evidence) -> None:
    """Else one of them would prove nothing."""
    doubted = {"vpc-lattice:RegisterTargets": "aws:ResourceTag/", "vpc-lattice:TagResource": "vpc-lattice:CreateAction"}
    for action, key in doubted.items():
        keys = [
            {name for one in side.questions if one.action == action for name in one.keys if name.startswith(key)}
            for side in (evidence, evidence_by_row)
        ]
        assert [bool(found) for found in keys] == [True, False], action


def test_what_one_reading_allows_the_other_allows_so_that_the_stories_played_once_show_both(gathered: Gathered) -> None:
    assert gathered.apart == []


def test_every_call_was_asked_of_iam_and_allowed(by_reading: Evidence) -> None:
    evidence = by_reading
    assert [one for one in evidence.asked if not one.allowed] == []
    # Nothing slipped by unasked: each call made at least one decision in its story.
    asked = {(one.story, one.role, one.action.partition(":")[2]) for one in evidence.asked}
    words = {"Invoke": "InvokeFunction", "BatchUpdateRule": "UpdateRule"}
    unasked = {
        (story, call.role, call.operation)
        for story, call in evidence.calls
        if (story, call.role.rpartition("-")[2], words.get(call.operation, call.operation)) not in asked
    }
    assert unasked == set()


def test_nothing_was_denied_but_the_look_at_a_network_that_is_not_shared_yet(by_reading: Evidence) -> None:
    denied = {(call.role.rpartition("-")[2], call.operation) for _, call in by_reading.calls if call.outcome in DENIED}
    assert denied == {("reader", "GetServiceNetwork")}


def test_every_allowed_action_is_needed_by_a_story_or_explained(evidence: Evidence) -> None:
    idle = [
        (grant.role, grant.sid, action)
        for grant in evidence.grants
        for action in grant.actions
        if not why(evidence, grant.role, grant.sid, action)
    ]
    assert idle == []


def test_every_allowed_resource_is_needed_by_a_story_or_explained(evidence: Evidence) -> None:
    idle = [
        (grant.role, grant.sid, pattern)
        for grant in evidence.grants
        for pattern in grant.patterns
        if Use(grant.role, grant.sid, pattern) not in evidence.uses
        and not all((grant.role, grant.sid, action) in EXPLAINED for action in grant.actions)
    ]
    assert idle == []


def test_no_explanation_is_left_over(evidence: Evidence) -> None:
    granted = {(grant.role, grant.sid, action) for grant in evidence.grants for action in grant.actions}
    needed = set(evidence.uses)
    assert set(EXPLAINED) <= granted
    assert set(EXPLAINED) & needed == set()


def test_statements_have_names_of_their_own_and_no_wildcard_in_their_actions(evidence: Evidence) -> None:
    names = [(grant.role, grant.sid, grant.where) for grant in evidence.grants]
    assert all(sid for _, sid, _ in names)
    assert len(names) == len(set(names))
    assert not [action for grant in evidence.grants for action in grant.actions if "*" in action]


def test_what_changes_a_member_is_bound_by_resource_or_condition(evidence: Evidence) -> None:
    free = {
        (grant.role, action)
        for grant in evidence.grants
        for action in grant.actions
        if "*" in grant.resources
        and not grant.condition
        and not action.split(":")[1].startswith(("Describe", "Get", "List"))
    }
    # They know no resources: X-Ray's, and log delivery's, which Lattice asks for in its caller's name.
    assert {action.partition(":")[0] for _, action in free} <= {"xray", "logs"}
    assert {role for role, _ in free} == {"intake", "plan", "apply", "report", "watch", "reconcile", "writer"}
    assert {action for role, action in free if role == "writer"} == {
        f"logs:{verb}LogDelivery" for verb in ("Create", "Update", "Delete")
    }


def test_what_the_rules_forwarded_in_any_story_rings(evidence: Evidence, deployed: Deployed) -> None:
    rules = {deployed.team: deployed.member, deployed.network.account: deployed.own}
    forwarded = [
        event for event in evidence.events if event["account"] in rules and forwarding(rules[event["account"]], event)
    ]
    assert {event["source"] for event in forwarded} >= {"aws.tag", "aws.ram", "aws.vpc-lattice", "lattice.onramp"}
    for event in forwarded:
        assert isinstance(parse(msgspec.convert(event, Event), deployed.network.name), Ring), event


def test_of_every_condition_it_is_said_what_happens_if_aws_does_otherwise() -> None:
    assert set(CONDITIONS) == used()


def test_the_report_is_current(evidence: Evidence) -> None:
    hint = "run `python -m tests.templates.permissions`"
    assert REPORT.read_text(encoding="utf-8") == render(evidence), hint
