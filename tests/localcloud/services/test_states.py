"""State machines run by the States Language, on simulated time."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.faults import FunctionFault
from localcloud.ground.journal import EventRecord, ExecutionRecord, InvocationRecord, StateRecord
from localcloud.services.states import asl
from localcloud.services.states.retry import seconds_to_retry

ACCOUNT = "111111111111"
WORKER = f"arn:aws:lambda:ap-northeast-1:{ACCOUNT}:function:demo-worker"
MACHINE = f"arn:aws:states:ap-northeast-1:{ACCOUNT}:stateMachine:demo-machine"


def make(cloud: LocalCloud, name: str, definition: dict[str, Any]) -> str:
    """A machine with the role of the stack's machine, which may invoke the worker."""
    client = cloud.client("stepfunctions", ACCOUNT)
    role = client.describe_state_machine(stateMachineArn=MACHINE)["roleArn"]
    answer = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
    return str(answer["stateMachineArn"])


def run(cloud: LocalCloud, definition: dict[str, Any], data: Any = None) -> dict[str, Any]:
    """What DescribeExecution answers after the machine ran; `output` as a value."""
    client = cloud.client("stepfunctions", ACCOUNT)
    arn = make(cloud, f"machine-{len(cloud.machines.executions)}", definition)
    text = json.dumps({} if data is None else data)
    execution = client.start_execution(stateMachineArn=arn, input=text)["executionArn"]
    cloud.settle()
    answer: dict[str, Any] = client.describe_execution(executionArn=execution)
    answer["output"] = json.loads(answer["output"]) if "output" in answer else None
    return answer


def one(state: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "One", "States": {"One": state, **more}}


def invoke(**more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": WORKER, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
        **more,
    }


def test_a_task_invokes_its_function(runtime: LocalCloud) -> None:
    answer = run(runtime, one(invoke()), {"n": 1})
    assert answer["status"] == "SUCCEEDED"
    assert answer["output"]["event"] == {"n": 1}
    (record,) = runtime.journal.of(InvocationRecord)
    assert record.run == answer["executionArn"]


def test_a_bare_function_arn_gives_the_result_itself(runtime: LocalCloud) -> None:
    answer = run(runtime, one({"Type": "Task", "Resource": WORKER, "End": True}), {"n": 2})
    assert answer["output"]["event"] == {"n": 2}


def test_paths_select_what_goes_in_and_where_the_result_lands(runtime: LocalCloud) -> None:
    state = invoke(
        InputPath="$.inner",
        Parameters={"FunctionName": WORKER, "Payload": {"got.$": "$.x", "who.$": "$$.Execution.Name"}},
        ResultSelector={"word.$": "$.Payload.word", "got.$": "$.Payload.event.got"},
        ResultPath="$.result.here",
        OutputPath="$",
    )
    answer = run(runtime, one(state), {"inner": {"x": 5}, "kept": True})
    assert answer["output"] == {"inner": {"x": 5}, "kept": True, "result": {"here": {"word": "layered", "got": 5}}}


def test_a_null_result_path_keeps_the_input(runtime: LocalCloud) -> None:
    answer = run(runtime, one(invoke(ResultPath=None, OutputPath="$")), {"kept": 1})
    assert answer["output"] == {"kept": 1}


def test_a_choice_takes_the_first_rule_that_holds(runtime: LocalCloud) -> None:
    definition = one(
        {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [{"Variable": "$.n", "IsPresent": True}, {"Variable": "$.n", "NumericGreaterThan": 5}],
                    "Next": "Big",
                },
                {"Variable": "$.s", "StringMatches": "a*c", "Next": "Text"},
            ],
            "Default": "Other",
        },
        Big={"Type": "Pass", "Result": "big", "End": True},
        Text={"Type": "Pass", "Result": "text", "End": True},
        Other={"Type": "Succeed"},
    )
    assert run(runtime, definition, {"n": 6})["output"] == "big"
    assert run(runtime, definition, {"n": 4, "s": "abc"})["output"] == "text"
    assert run(runtime, definition, {"n": "six", "s": "x"})["output"] == {"n": "six", "s": "x"}


def test_a_choice_without_default_fails_when_nothing_holds(runtime: LocalCloud) -> None:
    definition = one(
        {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "End"}]},
        End={"Type": "Succeed"},
    )
    assert run(runtime, definition, {"n": 2})["error"] == "States.NoChoiceMatched"
    assert run(runtime, definition, {})["error"] == "States.Runtime"


def test_a_wait_lets_simulated_time_pass(runtime: LocalCloud) -> None:
    start = runtime.clock.now
    answer = run(runtime, one({"Type": "Wait", "SecondsPath": "$.seconds", "End": True}), {"seconds": 90})
    assert answer["status"] == "SUCCEEDED"
    assert runtime.clock.now - start == 90


def test_a_map_runs_items_side_by_side_up_to_its_limit(runtime: LocalCloud) -> None:
    definition = one(
        {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "all.$": "$.all"},
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Rest",
                "States": {"Rest": {"Type": "Wait", "Seconds": 10, "End": True}},
            },
            "End": True,
        }
    )
    start = runtime.clock.now
    answer = run(runtime, definition, {"items": ["a", "b", "c"], "all": 1})
    assert answer["output"] == [{"item": x, "index": i, "all": 1} for i, x in enumerate("abc")]
    assert runtime.clock.now - start == 20


def test_a_map_over_nothing_gives_nothing(runtime: LocalCloud) -> None:
    processor = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    answer = run(runtime, one({"Type": "Map", "ItemsPath": "$", "ItemProcessor": processor, "End": True}), [])
    assert answer["output"] == []


def test_an_item_that_fails_fails_the_map(runtime: LocalCloud) -> None:
    processor = {"StartAt": "Work", "States": {"Work": invoke()}}
    state = {
        "Type": "Map",
        "ItemProcessor": processor,
        "Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$", "Next": "Told"}],
        "End": True,
    }
    answer = run(runtime, one(state, Told={"Type": "Pass", "End": True}), [{"do": "fail"}, {}])
    assert answer["output"]["Error"] == "Broken"
    assert json.loads(answer["output"]["Cause"])["errorMessage"] == "on purpose"


def test_parallel_branches_give_a_list(runtime: LocalCloud) -> None:
    branch = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": True}}}
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": True}}}
    answer = run(runtime, one({"Type": "Parallel", "Branches": [branch, wait], "End": True}), {"x": 1})
    assert answer["output"] == [1, {"x": 1}]


def test_a_retry_waits_longer_each_time_and_then_the_catch_takes_over(runtime: LocalCloud) -> None:
    state = invoke(
        Retry=[{"ErrorEquals": ["Broken"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}],
        Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Told"}],
    )
    start = runtime.clock.now
    answer = run(runtime, one(state, Told={"Type": "Pass", "End": True}), {"do": "fail"})
    assert [record.at - start for record in runtime.journal.of(InvocationRecord)] == [0, 2, 6, 14]
    assert answer["output"]["error"]["Error"] == "Broken"
    assert answer["output"]["do"] == "fail"


def test_a_longest_delay_caps_the_waits(runtime: LocalCloud) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 10, "MaxAttempts": 2, "MaxDelaySeconds": 12}]
    start = runtime.clock.now
    assert run(runtime, one(invoke(Retry=retry)), {"do": "fail"})["status"] == "FAILED"
    assert [record.at - start for record in runtime.journal.of(InvocationRecord)] == [0, 10, 22]


def test_a_function_that_takes_too_long_times_the_state_out(runtime: LocalCloud) -> None:
    runtime.functions.duration = 8.0
    answer = run(runtime, one(invoke(TimeoutSeconds=5)))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")


def test_a_function_that_lambda_cuts_off_is_an_error_that_taskfailed_takes(runtime: LocalCloud) -> None:
    runtime.faults.add(FunctionFault("demo-worker", kind="timeout"))
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Told"}]
    answer = run(runtime, one(invoke(Catch=catch), Told={"Type": "Pass", "End": True}))
    assert answer["output"]["Error"] == "Sandbox.Timedout"


def test_the_machines_role_must_be_allowed_to_invoke(runtime: LocalCloud) -> None:
    state = invoke(Parameters={"FunctionName": WORKER.replace("worker", "batcher"), "Payload": {}})
    answer = run(runtime, one(state))
    assert answer["error"] == "Lambda.AWSLambdaException"
    assert "lambda:InvokeFunction" in answer["cause"]


def test_a_fail_state_names_error_and_cause(runtime: LocalCloud) -> None:
    answer = run(runtime, one({"Type": "Fail", "Error": "Mine", "CausePath": "$.why"}), {"why": "because"})
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Mine", "because")


def test_a_machine_times_out(runtime: LocalCloud) -> None:
    definition = one({"Type": "Wait", "Seconds": 100, "End": True}) | {"TimeoutSeconds": 30}
    assert run(runtime, definition)["status"] == "TIMED_OUT"


def test_an_sdk_task_calls_the_api_with_the_machines_role(runtime: LocalCloud) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues",
        "Parameters": {},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Told"}],
        "End": True,
    }
    answer = run(runtime, one(state, Told={"Type": "Pass", "End": True}))
    assert answer["output"]["Error"].startswith("Sqs.AccessDenied")


def test_names_are_idempotent_while_the_execution_runs(runtime: LocalCloud) -> None:
    client = runtime.client("stepfunctions", ACCOUNT)
    arn = make(runtime, "slow", one({"Type": "Wait", "Seconds": 60, "End": True}))
    first = client.start_execution(stateMachineArn=arn, name="a", input="{}")
    assert client.start_execution(stateMachineArn=arn, name="a", input="{}")["executionArn"] == first["executionArn"]
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=arn, name="a", input='{"other": 1}')
    runtime.settle()
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=arn, name="a", input="{}")
    with pytest.raises(ClientError, match="InvalidName"):
        client.start_execution(stateMachineArn=arn, name="arn:aws")


def test_stopping_ends_an_execution_at_once(runtime: LocalCloud) -> None:
    client = runtime.client("stepfunctions", ACCOUNT)
    arn = make(runtime, "slow", one({"Type": "Wait", "Seconds": 60, "End": True}))
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    runtime.clock.advance(10)
    client.stop_execution(executionArn=execution, error="Stop", cause="enough")
    runtime.settle()
    answer = client.describe_execution(executionArn=execution)
    assert (answer["status"], answer["error"]) == ("ABORTED", "Stop")
    assert client.list_executions(stateMachineArn=arn, statusFilter="ABORTED")["executions"]


def test_the_history_tells_each_step(runtime: LocalCloud) -> None:
    answer = run(runtime, one(invoke()))
    client = runtime.client("stepfunctions", ACCOUNT)
    history = client.get_execution_history(executionArn=answer["executionArn"])["events"]
    assert [event["type"] for event in history] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["id"] for event in history] == list(range(1, 8))


def test_a_status_change_is_announced_on_the_default_bus(runtime: LocalCloud) -> None:
    run(runtime, one({"Type": "Fail", "Error": "Mine", "Cause": "x"}))
    details = [record.event["detail"] for record in runtime.journal.of(EventRecord)]
    assert [detail["status"] for detail in details] == ["RUNNING", "FAILED"]
    assert (details[1]["error"], details[1]["cause"], details[1]["output"]) == ("Mine", "x", None)
    assert details[1]["stopDate"] == int(runtime.clock.now * 1000)
    assert [record.status for record in runtime.journal.of(ExecutionRecord)] == ["RUNNING", "FAILED"]


def test_each_entered_state_is_a_transition_in_the_journal(runtime: LocalCloud) -> None:
    run(runtime, one({"Type": "Pass", "Next": "Two"}, Two={"Type": "Succeed"}), {"a": 1})
    assert [(record.state, record.kind, record.input) for record in runtime.journal.of(StateRecord)] == [
        ("One", "Pass", {"a": 1}),
        ("Two", "Succeed", {"a": 1}),
    ]


def test_an_endless_loop_ends_at_the_limit_of_the_history(runtime: LocalCloud) -> None:
    answer = run(runtime, one({"Type": "Pass", "Next": "One"}))
    assert answer["error"] == "States.Runtime"
    assert "25000" in answer["cause"]


def test_a_payload_that_is_too_large_fails(runtime: LocalCloud) -> None:
    state = {"Type": "Pass", "Parameters": {"twice.$": "States.Array($.x, $.x)"}, "End": True}
    assert run(runtime, one(state), {"x": "y" * 140_000})["error"] == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("States.Format('{} of {}', $.n, $.s)", "5 of text"),
        (r"States.Format('it\'s \{x\}')", "it's {x}"),
        ("States.JsonToString($.list)", "[1,2,2]"),
        ("States.StringToJson('{\"a\": 1}')", {"a": 1}),
        ("States.ArrayUnique($.list)", [1, 2]),
        ("States.ArrayLength($.list)", 3),
        ("States.ArrayContains($.list, 2)", True),
        ("States.ArrayPartition($.list, 2)", [[1, 2], [2]]),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayGetItem($.list, States.MathAdd(1, 1))", 2),
        ("States.JsonMerge($.a, $.b, false)", {"x": 2, "y": 3}),
        ("States.Base64Decode(States.Base64Encode('hi'))", "hi"),
        ("States.Hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("States.StringSplit('1.2,3', '.,')", ["1", "2", "3"]),
        ("States.Array('a', 1, true, null, $.n)", ["a", 1, True, None, 5]),
        ("States.ArrayUnique($.mixed)", [True, 1, "1"]),
        ("States.MathAdd(1.5, 2)", 4),
        ("$.objects[*].k", [1, 2]),
        ("$..k", [1, 2]),
        ("States.ArrayLength($.objects[?(@.k > 1)])", 1),
        ("$.list[0:2]", [1, 2]),
        ("$.list[-1]", 2),
        ("$['s']", "text"),
        ("$$.Execution.Name", "e"),
    ],
)
def test_functions_and_paths(cloud: LocalCloud, expression: str, expected: Any) -> None:
    objects = [{"k": 1}, {"k": 2}]
    data = {"n": 5, "s": "text", "list": [1, 2, 2], "a": {"x": 1}, "b": {"x": 2, "y": 3}, "objects": objects}
    data["mixed"] = [True, 1, "1", 1]
    scope = asl.Scope(data, {"Execution": {"Name": "e"}}, cloud.random)
    assert asl.calculate(expression, scope) == expected


@pytest.mark.parametrize(
    "expression",
    [
        *("States.ArrayGetItem($.l, -1)", "States.ArrayPartition($.l, -1)", "States.ArrayLength($.s)"),
        *("States.ArrayContains($.s, 'b')", "States.MathAdd('a', 'b')", "States.MathAdd(true, 1)"),
        *("States.Base64Decode('!!')", "States.ArrayRange(1, 9, 0)", "States.UUID(1)", "States.Hash('a', 'SHA-3')"),
    ],
)
def test_what_a_function_does_not_take_fails_it(cloud: LocalCloud, expression: str) -> None:
    with pytest.raises(asl.StatesError, match="IntrinsicFailure"):
        asl.calculate(expression, asl.Scope({"l": [1, 2], "s": "abc"}, {}, cloud.random))


def retried(retry: dict[str, Any]) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": WORKER, "End": True}
    return one({**state, "Retry": [{"ErrorEquals": ["States.ALL"], **retry}]})


CAUGHT = {"ErrorEquals": ["States.ALL"], "Next": "One"}
UNTAKEN: list[tuple[str, Any]] = [
    *(("IntervalSeconds", 0), ("IntervalSeconds", "5"), ("MaxAttempts", -1), ("MaxAttempts", 1.5)),
    *(("BackoffRate", 0.5), ("BackoffRate", "2"), ("MaxDelaySeconds", 1), ("JitterStrategy", "HALF")),
]


def test_waits_between_attempts_never_grow_past_what_can_be_counted(cloud: LocalCloud) -> None:
    state = {"Retry": [{"ErrorEquals": ["a"], "MaxAttempts": 999, "BackoffRate": 10, "MaxDelaySeconds": 60}]}
    assert seconds_to_retry(cloud.machines.estate, state, asl.StatesError("a", ""), {0: 500}) == 60


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        (one({"Type": "Pass", "End": True, "Color": 1}), "Color is not known"),
        (one({"Type": "Pass"}), "either Next or End"),
        (one({"Type": "Pass", "Next": "Nowhere"}), "no state named Nowhere"),
        (one({"Type": "Succeed"}, Lost={"Type": "Succeed"}), "no state leads here"),
        (one({"Type": "Sing", "End": True}), "Type is not known"),
        (one({"Type": "Pass", "End": True, "InputPath": "$.a["}), "not understood"),
        (one({"Type": "Pass", "End": True, "InputPath": "$.a[?(@.b =)]"}), "not understood"),
        *(
            (one({"Type": "Pass", "End": True, "ResultPath": path}), "not a Reference Path")
            for path in ("$.a[*]", "$.a[?(@.b)]", "$$.a", "$..a", "$.a[-1]", "$.a[0:1]", "$.a[0,1]")
        ),
        (
            one({"Type": "Task", "Resource": "x", "End": True, "Catch": [{**CAUGHT, "ResultPath": "$.a[*]"}]}),
            "not a Reference Path",
        ),
        (one({"Type": "Pass", "End": True, "Parameters": {"a.$": "States.Nothing()"}}), "unknown function"),
        (one({"Type": "Pass", "End": True, "Parameters": {"a.$": "plain"}}), "not understood"),
        (one({"Type": "Wait", "End": True}), "exactly one of"),
        (one({"Type": "Choice", "Choices": [{"Variable": "$", "Equals": 1, "Next": "One"}]}), "Equals is not known"),
        (one({"Type": "Task", "Resource": "x", "End": True, "Retry": [{"ErrorEquals": ["a"], "Max": 1}]}), "Max"),
        *((retried({key: value}), key) for key, value in UNTAKEN),
        (one({"Type": "Wait", "Seconds": "5", "End": True}), "Seconds is a whole number"),
        (one({"Type": "Wait", "Timestamp": "tomorrow", "End": True}), "Timestamp is a moment"),
        ({**one({"Type": "Succeed"}), "TimeoutSeconds": 0}, "TimeoutSeconds is a whole number"),
        (one({"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": "1", "Next": "One"}]}), "not a number"),
        (one({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": "true", "Next": "One"}]}), "not a boolean"),
        (one({"Type": "Fail", "Error": "a", "ErrorPath": "$.a"}), "exclude each other"),
        ({**one({"Type": "Succeed"}), "QueryLanguage": "JSONata"}, "JSONPath"),
        ({"StartAt": "X", "States": {"One": {"Type": "Succeed"}}}, "StartAt names no state"),
    ],
)
def test_a_definition_that_cannot_run_is_told_why(definition: dict[str, Any], fault: str) -> None:
    assert any(fault in one for one in asl.check(definition)), asl.check(definition)
