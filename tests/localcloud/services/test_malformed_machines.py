"""A definition of another form than the States Language's is refused in a sentence, wherever it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT = "111111111111"
STRANGE: tuple[Any, ...] = (None, 5, "x", [], {}, [1], {"a": 1}, True, [[]])
FIELDS = {
    "Pass": ("Type", "End", "Next", "Parameters", "Result", "ResultPath", "InputPath", "OutputPath"),
    "Task": ("Resource", "Retry", "Catch", "TimeoutSeconds", "Parameters", "ResultSelector"),
    "Wait": ("Seconds", "Timestamp", "SecondsPath"),
    "Choice": ("Choices", "Default"),
    "Map": ("ItemProcessor", "Iterator", "ItemsPath", "MaxConcurrency", "ItemSelector"),
    "Parallel": ("Branches",),
    "Fail": ("Error", "Cause"),
}
TASK = "arn:aws:states:::aws-sdk:sqs:listQueues"


def definitions(strange: Any) -> Iterator[Any]:
    yield strange
    for key in ("StartAt", "States", "Comment", "QueryLanguage"):
        yield {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}, key: strange}
    yield {"StartAt": "A", "States": {"A": strange}}
    for kind, fields in FIELDS.items():
        for field in fields:
            state = {"Type": kind, "End": True, **({"Resource": TASK} if kind == "Task" else {}), field: strange}
            yield {"StartAt": "A", "States": {"A": state}}
    for rule in (
        strange,
        {"And": strange},
        {"Or": [strange]},
        {"Not": strange},
        {"Variable": strange},
        {"Next": strange},
    ):
        yield {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [rule]}}}
    for key in ("ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "Next"):
        for way in ("Retry", "Catch"):
            one = {"ErrorEquals": ["States.ALL"], key: strange}
            yield {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": TASK, "End": True, way: [one]}}}


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_nothing_strange_in_a_definition_makes_anything_fly(cloud: LocalCloud, strange: Any) -> None:
    machines, flew, refused = cloud.client("stepfunctions", ACCOUNT), [], 0
    for number, definition in enumerate(definitions(strange)):
        text = json.dumps(definition)
        try:
            machines.validate_state_machine_definition(definition=text)
            role = f"arn:aws:iam::{ACCOUNT}:role/r"
            machines.create_state_machine(name=f"m{number}", definition=text, roleArn=role)
        except ClientError as told:
            refused += 1
            if told.response["Error"]["Code"] != "InvalidDefinition":
                flew.append((text, told.response["Error"]))
        except Exception as other:
            flew.append((text, other))
    assert flew == []
    assert refused > 10
