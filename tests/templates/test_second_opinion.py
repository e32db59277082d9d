"""An IAM engine that we did not write comes to the same answers as ours: on all that the stories asked, and on all that
was refused (iam-simulate, see second_opinion.py).
"""

from __future__ import annotations

import pytest

from tests.templates.permissions import Evidence, kind_of
from tests.templates.questions import Question
from tests.templates.second_opinion import opinions

pytestmark = pytest.mark.xdist_group("evidence")

NOT_SENT = {
    # The reference lists this key for TagResource, which goes with a creation, and not for the creation itself.
    *((f"vpc-lattice:Create{kind}", "vpc-lattice:CreateAction") for kind in ("Service", "TargetGroup")),
    *(
        (f"vpc-lattice:CreateServiceNetwork{kind}Association", "vpc-lattice:CreateAction")
        for kind in ("Service", "Vpc")
    ),
}
"""(action, condition key) that our local cloud sends and AWS, by its reference, does not: no policy may ask for it."""


def test_what_the_stories_needed_is_allowed_by_another_engine(evidence: Evidence) -> None:
    told = opinions(evidence.questions)
    needed = {(use.role, use.what) for use in evidence.uses if ":" in use.what and not use.what.startswith("arn:")}
    assert needed == {(kind_of(one.role), one.action) for one in evidence.questions if one.role and not one.trust}
    differing = [
        (question.principal, question.action, question.resource)
        for (question, allowed), other in zip(evidence.questions.items(), told, strict=True)
        if not (allowed and other.allowed)
    ]
    assert differing == []


def test_what_is_refused_is_refused_by_another_engine(refusals: dict[Question, str]) -> None:
    told = opinions(refusals)
    assert [what for (_, what), other in zip(refusals.items(), told, strict=True) if other.allowed] == []


def test_no_policy_counts_on_a_condition_key_that_aws_does_not_send(evidence: Evidence) -> None:
    told = zip(evidence.questions, opinions(evidence.questions), strict=True)
    assert {(question.action, key) for question, opinion in told for key in opinion.ignored} == NOT_SENT
