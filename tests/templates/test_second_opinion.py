"""An IAM engine that we did not write comes to the same answers as ours: on all that the stories asked, and on all that
was refused (iam-simulate, see second_opinion.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from tests.templates.permissions import Evidence, kind_of
from tests.templates.questions import Question
from tests.templates.second_opinion import opinions

NOT_SENT = {
    # The reference lists this key for TagResource, which goes with a creation, and not for the creation itself.
    *(
        (f"vpc-lattice:Create{kind}", "vpc-lattice:CreateAction")
        for kind in ("Service", "TargetGroup", "AccessLogSubscription")
    ),
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


# --- the operators, whatever the product's policies use of them today

ONE = "arn:aws:sns:eu-west-1:111122223333:one"
TWO = "arn:aws:sns:eu-west-1:111122223333:two"

COMPARING = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


class Subject(NamedTuple):
    """A condition key, the operators that are for it, what a policy may say, and what a request may bring (or lack)."""

    key: str
    operators: tuple[str, ...]
    wanted: tuple[str, ...]
    given: tuple[str | list[str] | None, ...]
    quantifiers: tuple[str, ...] = ("",)


TEXTS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
SUBJECTS = [
    Subject(
        "aws:PrincipalTag/team",
        (*TEXTS, "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        ("blue", "Blue", "blu*", "*", "b?ue", "${aws:PrincipalAccount}", "${aws:PrincipalTag/none, 'blue'}"),
        (None, "blue", "Blue", "blu*", "111122223333", ""),
    ),
    Subject(
        "aws:SourceArn",
        ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        ("arn:aws:sns:*:111122223333:one", "arn:aws:sns:eu-west-1:*:o?e", "arn:aws:s?s:*:*:*", ONE),
        (None, ONE, TWO),
    ),
    # A `*` in an ARN does not reach over a colon.
    Subject("aws:SourceArn", ("ArnEquals", "ArnLike"), ("arn:*:one", "*"), (ONE, TWO)),
    Subject("aws:SecureTransport", ("Bool",), ("true", "false"), (None, "true", "false")),
    Subject(
        "aws:SourceIp",
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.0/8", "10.1.2.3"),
        (None, "10.1.2.3", "10.9.9.9", "192.168.0.1"),
    ),
    Subject("s3:max-keys", tuple(f"Numeric{it}" for it in COMPARING), ("10", "11"), (None, "5", "10", "11")),
    Subject(
        "aws:CurrentTime",
        tuple(f"Date{it}" for it in COMPARING),
        ("2026-11-25T00:00:00Z",),
        (None, "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"),
    ),
    Subject(
        "aws:TagKeys",
        TEXTS,
        ("a", "b*"),
        (None, ["a"], ["a", "b1"], ["c"], ["a", "c"]),
        ("ForAllValues:", "ForAnyValue:"),
    ),
]


def asked(operator: str, key: str, wanted: list[str], given: str | list[str] | None) -> Question:
    """May a role list a bucket, by a policy with this one condition?"""
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {operator: {key: wanted}}}
    brought = {"aws:PrincipalAccount": "111122223333"} | ({} if given is None else {key: given})
    return Question(
        principal="arn:aws:sts::111122223333:assumed-role/reader/one",
        account="111122223333",
        role="reader",
        action="s3:ListBucket",
        resource="arn:aws:s3:::papers",
        owner="111122223333",
        context=json.dumps(brought),
        identity=(json.dumps({"Version": "2012-10-17", "Statement": [statement]}),),
        guard=None,
        names=frozenset(),
    )


def every_condition() -> Iterator[Question]:
    for subject in SUBJECTS:
        lists = [[one] for one in subject.wanted] + [list(subject.wanted)]
        for quantifier, operator, wanted in product(subject.quantifiers, subject.operators, lists):
            for given in subject.given:
                yield asked(f"{quantifier}{operator}", subject.key, wanted, given)
                # The documentation does not say what IfExists makes of ForAnyValue without the key; no policy has it.
                if not (quantifier == "ForAnyValue:" and given is None):
                    yield asked(f"{quantifier}{operator}IfExists", subject.key, wanted, given)
    for wanted, key in product(("true", "false"), ("aws:PrincipalTag/team", "aws:TagKeys")):
        for given in (None, ["a"] if key == "aws:TagKeys" else "a"):
            yield asked("Null", key, [wanted], given)


def test_both_engines_know_the_same_operators() -> None:
    questions = list(every_condition())
    ours = [question.ask() for question in questions]
    assert {True, False} == set(ours)
    differing = [
        (question.identity, question.context)
        for question, mine, other in zip(questions, ours, opinions(questions), strict=True)
        if mine != other.allowed
    ]
    assert differing == []
