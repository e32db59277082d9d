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
# What takes a value from where a path leads, and what a choice compares there.
BY_PATH: tuple[dict[str, Any], ...] = (
    {"Type": "Wait", "SecondsPath": "$.x", "End": True},
    {"Type": "Wait", "TimestampPath": "$.x", "End": True},
    {"Type": "Fail", "ErrorPath": "$.x", "CausePath": "States.Format('{}', $.x)"},
    {
        "Type": "Map",
        "ItemsPath": "$.x",
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}},
        "End": True,
    },
    {"Type": "Pass", "ResultPath": "$.x.y[0]", "End": True},
    {"Type": "Pass", "OutputPath": "$.x.y", "End": True},
    *(
        {"Type": "Pass", "Parameters": {"a.$": f"States.{call}"}, "End": True}
        for call in (
            *("Format($.x, $.x)", "StringToJson($.x)", "ArrayPartition($.x, $.x)", "ArrayContains($.x, $.x)"),
            *("ArrayRange($.x, 9, 2)", "ArrayGetItem($.x, $.x)", "ArrayLength($.x)", "ArrayUnique($.x)", "UUID($.x)"),
            *("Base64Encode($.x)", "Base64Decode($.x)", "Hash($.x, $.x)", "JsonMerge($.x, $.x, $.x)"),
            *("MathRandom($.x, $.x)", "MathAdd($.x, $.x)", "StringSplit($.x, $.x)", "ArrayRange(1, 9, $.x)"),
        )
    ),
    *(
        {"Type": "Choice", "Choices": [{"Variable": "$.x", **rule, "Next": "End"}], "Default": "End"}
        for rule in (
            *({"NumericEqualsPath": "$.x"}, {"StringLessThanPath": "$.none"}, {"TimestampEqualsPath": "$.x"}),
            *({"BooleanEqualsPath": "$.x"}, {"IsTimestamp": True}, {"StringMatches": "*"}),
        )
    ),
)
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
            made = machines.create_state_machine(name=f"m{number}", definition=text, roleArn=role)
            machines.start_execution(stateMachineArn=made["stateMachineArn"])
            cloud.clock.advance(1)
        except ClientError as told:
            refused += 1
            if told.response["Error"]["Code"] != "InvalidDefinition":
                flew.append((text, told.response["Error"]))
        except Exception as other:
            flew.append((text, other))
    assert flew == []
    assert refused > 10


@pytest.mark.parametrize("strange", [*STRANGE, 0.5, "2026-99-99T00:00:00Z", -1, 10**400], ids=repr)
def test_nothing_strange_where_a_path_leads_makes_anything_fly(cloud: LocalCloud, strange: Any) -> None:
    machines, role = cloud.client("stepfunctions", ACCOUNT), f"arn:aws:iam::{ACCOUNT}:role/r"
    for number, state in enumerate(BY_PATH):
        states = {"A": state, **({"End": {"Type": "Succeed"}} if state["Type"] == "Choice" else {})}
        text = json.dumps({"StartAt": "A", "States": states})
        made = machines.create_state_machine(name=f"m{number}", definition=text, roleArn=role)["stateMachineArn"]
        ran = machines.start_execution(stateMachineArn=made, input=json.dumps({"x": strange}))["executionArn"]
        cloud.clock.advance(1)
        told = machines.describe_execution(executionArn=ran)
        assert told["status"] in ("SUCCEEDED", "FAILED") or (state["Type"], strange) == ("Wait", 5), (state, told)
