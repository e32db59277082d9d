"""Functions run as on Lambda: sandboxes, environment, errors, retries, concurrency."""

import io
import json
import os
import sys
import zipfile
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.faults import FunctionFault
from localcloud.ground.errors import AwsError
from localcloud.ground.journal import CallRecord, InvocationRecord

ACCOUNT = "111111111111"
WORKER = "demo-worker"


def test_the_code_and_its_layer_run_from_their_folders(runtime: LocalCloud) -> None:
    result, error = runtime.functions.invoke(ACCOUNT, WORKER, {"n": 1})
    assert (result["word"], result["event"], error) == ("layered", {"n": 1}, "")


def test_a_warm_sandbox_keeps_its_modules_and_only_the_first_invocation_is_cold(runtime: LocalCloud) -> None:
    counts = [runtime.functions.invoke(ACCOUNT, WORKER, {})[0]["calls"] for _ in range(3)]
    assert counts == [1, 2, 3]
    assert [record.cold for record in runtime.journal.of(InvocationRecord)] == [True, False, False]


def test_functions_share_no_module_with_each_other_or_with_this_process(runtime: LocalCloud) -> None:
    runtime.functions.invoke(ACCOUNT, WORKER, {})
    runtime.functions.invoke(ACCOUNT, "demo-batcher", {"Records": []})
    result, _ = runtime.functions.invoke(ACCOUNT, WORKER, {})
    assert result["calls"] == 2
    assert "shared_words" not in sys.modules
    assert "app" not in sys.modules


def test_a_function_sees_its_own_environment_and_nothing_of_this_process(
    runtime: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLY_ON_THE_HOST", "x")
    seen, _ = runtime.functions.invoke(ACCOUNT, WORKER, {"do": "environment"})
    assert seen["BUS"] == "demo"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == WORKER
    assert {"ONLY_ON_THE_HOST", "HOME"} & set(seen) == set()
    assert os.environ["ONLY_ON_THE_HOST"] == "x"


def test_a_function_calls_with_its_roles_credentials(runtime: LocalCloud) -> None:
    arn, _ = runtime.functions.invoke(ACCOUNT, WORKER, {"do": "who"})
    assert arn.startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/demo-WorkerRole-")
    assert boto3.DEFAULT_SESSION is None
    (call,) = [record for record in runtime.journal.of(CallRecord) if record.operation == "GetCallerIdentity"]
    assert call.function == WORKER
    assert call.role.startswith("demo-WorkerRole-")


def test_a_call_that_its_role_may_not_make_is_refused(runtime: LocalCloud) -> None:
    result, error = runtime.functions.invoke(ACCOUNT, WORKER, {"do": "tables"})
    assert error == "ClientError"
    assert "dynamodb:ListTables" in result["errorMessage"]


def test_an_exception_becomes_lambdas_error_document(runtime: LocalCloud) -> None:
    result, error = runtime.functions.invoke(ACCOUNT, WORKER, {"do": "fail"})
    assert error == "Broken"
    assert (result["errorMessage"], result["errorType"]) == ("on purpose", "Broken")
    assert any("raise Broken" in line for line in result["stackTrace"])


def test_a_result_that_is_no_json_is_an_error(runtime: LocalCloud) -> None:
    assert runtime.functions.invoke(ACCOUNT, WORKER, {"do": "set"})[1] == "Runtime.MarshalError"


def test_a_function_that_exits_loses_its_sandbox(runtime: LocalCloud) -> None:
    assert runtime.functions.invoke(ACCOUNT, WORKER, {"do": "exit"})[1] == "Runtime.ExitError"
    assert runtime.functions.invoke(ACCOUNT, WORKER, {})[0]["calls"] == 1


def test_what_a_function_prints_stands_in_the_journal(runtime: LocalCloud) -> None:
    runtime.functions.invoke(ACCOUNT, WORKER, {"n": 7})
    assert runtime.journal.of(InvocationRecord)[-1].output == "did {'n': 7}\n"


def printed(runtime: LocalCloud) -> list[str]:
    """All that the worker has printed, as CloudWatch Logs tells it."""
    told = runtime.client("logs", ACCOUNT).filter_log_events(logGroupName=f"/aws/lambda/{WORKER}")
    return [event["message"] for event in told["events"]]


def may_log(runtime: LocalCloud, *actions: str) -> None:
    """Let the worker's role do these of CloudWatch Logs, in the worker's group, and no others."""
    iam = runtime.client("iam", ACCOUNT)
    arn = runtime.client("lambda", ACCOUNT).get_function(FunctionName=WORKER)["Configuration"]["Role"]
    role = arn.rpartition("/")[2]
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    group = f"arn:aws:logs:ap-northeast-1:{ACCOUNT}:log-group:/aws/lambda/{WORKER}:*"
    statement = {"Effect": "Allow", "Action": [f"logs:{action}" for action in actions], "Resource": group}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="log", PolicyDocument=document)


def test_what_a_function_prints_stands_in_cloudwatch_logs_between_lambdas_own_lines(runtime: LocalCloud) -> None:
    may_log(runtime, "CreateLogGroup", "CreateLogStream", "PutLogEvents")
    runtime.functions.invoke(ACCOUNT, WORKER, {"n": 7})
    runtime.functions.invoke(ACCOUNT, WORKER, {"do": "fail"})
    first, second = (record.request_id for record in runtime.journal.of(InvocationRecord))
    lines = printed(runtime)
    assert lines[:3] == [f"START RequestId: {first} Version: $LATEST", "did {'n': 7}", f"END RequestId: {first}"]
    assert lines[4:][0].startswith(f"START RequestId: {second}")
    assert "[ERROR] Broken: on purpose" in lines[4:]
    assert lines[-1].startswith(f"REPORT RequestId: {second}\tDuration: ")


def test_a_warm_environment_goes_on_in_its_stream_and_a_cold_one_begins_another(runtime: LocalCloud) -> None:
    may_log(runtime, "CreateLogGroup", "CreateLogStream", "PutLogEvents")
    seen = runtime.functions.invoke(ACCOUNT, WORKER, {"do": "environment"})[0]
    runtime.functions.invoke(ACCOUNT, WORKER, {})
    logs = runtime.client("logs", ACCOUNT)
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{WORKER}")["logStreams"]
    assert [one["logStreamName"] for one in streams] == [seen["AWS_LAMBDA_LOG_STREAM_NAME"]]
    runtime.functions.forget(ACCOUNT, WORKER)
    runtime.functions.invoke(ACCOUNT, WORKER, {})
    assert len(logs.describe_log_streams(logGroupName=f"/aws/lambda/{WORKER}")["logStreams"]) == 2


@pytest.mark.parametrize("missing", ["CreateLogGroup", "CreateLogStream", "PutLogEvents"])
def test_a_role_that_may_not_log_runs_and_prints_into_nowhere(runtime: LocalCloud, missing: str) -> None:
    may_log(runtime, *{"CreateLogGroup", "CreateLogStream", "PutLogEvents"} - {missing})
    assert runtime.functions.invoke(ACCOUNT, WORKER, {"n": 7})[1] == ""
    assert runtime.client("logs", ACCOUNT).describe_log_groups()["logGroups"] == []


def test_new_settings_start_a_new_sandbox(runtime: LocalCloud) -> None:
    runtime.functions.invoke(ACCOUNT, WORKER, {})
    client = runtime.client("lambda", ACCOUNT)
    client.update_function_configuration(FunctionName=WORKER, Environment={"Variables": {"BUS": "other"}})
    seen, _ = runtime.functions.invoke(ACCOUNT, WORKER, {"do": "environment"})
    assert seen["BUS"] == "other"
    assert runtime.journal.of(InvocationRecord)[-1].cold


def test_a_missing_handler_and_a_missing_module_are_named(runtime: LocalCloud) -> None:
    client = runtime.client("lambda", ACCOUNT)
    client.update_function_configuration(FunctionName=WORKER, Handler="app.nobody")
    assert runtime.functions.invoke(ACCOUNT, WORKER, {})[1] == "Runtime.HandlerNotFound"
    client.update_function_configuration(FunctionName=WORKER, Handler="nowhere.handler")
    assert runtime.functions.invoke(ACCOUNT, WORKER, {})[1] == "Runtime.ImportModuleError"


def test_an_archive_runs_as_well_as_a_folder(runtime: LocalCloud) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return 'from the archive'\n")
    runtime.client("lambda", ACCOUNT).update_function_code(FunctionName=WORKER, ZipFile=packed.getvalue())
    assert runtime.functions.invoke(ACCOUNT, WORKER, {}) == ("from the archive", "")


def test_invoke_answers_on_the_wire(runtime: LocalCloud) -> None:
    client = runtime.client("lambda", ACCOUNT)
    answer = client.invoke(FunctionName=WORKER, Payload=json.dumps({"n": 1}), LogType="Tail")
    assert json.loads(answer["Payload"].read())["event"] == {"n": 1}
    assert answer["StatusCode"] == 200
    assert answer["LogResult"]
    failed = client.invoke(FunctionName=WORKER, Payload=json.dumps({"do": "fail"}))
    assert failed["FunctionError"] == "Unhandled"
    client.invoke(FunctionName=WORKER, InvocationType="DryRun")
    assert len(runtime.journal.of(InvocationRecord)) == 2


def test_an_unknown_function_is_not_found(runtime: LocalCloud) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        runtime.client("lambda", ACCOUNT).invoke(FunctionName="nobody")


def test_an_asynchronous_invocation_is_tried_three_times_and_then_told(runtime: LocalCloud) -> None:
    client = runtime.client("lambda", ACCOUNT)
    queue = runtime.client("sqs", ACCOUNT).create_queue(QueueName="told")["QueueUrl"]
    role = client.get_function(FunctionName=WORKER)["Configuration"]["Role"].rpartition("/")[2]
    runtime.client("iam", ACCOUNT).put_role_policy(
        RoleName=role,
        PolicyName="tell",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
            }
        ),
    )
    arn = f"arn:aws:sqs:{runtime.region}:{ACCOUNT}:told"
    client.put_function_event_invoke_config(FunctionName=WORKER, DestinationConfig={"OnFailure": {"Destination": arn}})
    start = runtime.clock.now
    client.invoke(FunctionName=WORKER, InvocationType="Event", Payload='{"do": "fail"}')
    runtime.settle()
    records = runtime.journal.of(InvocationRecord)
    assert [record.at - start for record in records] == [0, 60, 180]
    assert len({record.request_id for record in records}) == 1
    (body,) = runtime.queues.bodies(ACCOUNT, "told")
    told = json.loads(body)
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 3
    assert told["responsePayload"]["errorType"] == "Broken"
    assert queue


def test_a_request_whose_sandbox_died_is_tried_again_in_another_and_writes_to_the_same_stream(
    runtime: LocalCloud,
) -> None:
    runtime.faults.add(FunctionFault(WORKER, kind="die", at_call=0))
    runtime.client("lambda", ACCOUNT).invoke(FunctionName=WORKER, InvocationType="Event", Payload='{"do": "who"}')
    runtime.settle()
    records = runtime.journal.of(InvocationRecord)
    assert [record.cold for record in records] == [True, True]
    logs = runtime.client("logs", ACCOUNT)
    assert len(logs.describe_log_streams(logGroupName=f"/aws/lambda/{WORKER}")["logStreams"]) == 1


def test_reserved_concurrency_throttles(runtime: LocalCloud) -> None:
    client = runtime.client("lambda", ACCOUNT)
    client.put_function_concurrency(FunctionName=WORKER, ReservedConcurrentExecutions=1)
    runtime.functions.duration = 5.0
    runtime.functions.invoke(ACCOUNT, WORKER, {})
    with pytest.raises(AwsError, match="TooManyRequestsException"):
        runtime.functions.invoke(ACCOUNT, WORKER, {})
    runtime.clock.advance(6)
    assert runtime.functions.invoke(ACCOUNT, WORKER, {})[1] == ""


def test_a_function_that_sleeps_has_its_place_all_the_while(cloud: LocalCloud, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text("import time\n\ndef handler(event, context):\n    time.sleep(event)\n")
    properties = {"Runtime": "python3.13", "Handler": "app.handler", "CodeUri": "code", "FunctionName": "f"}
    resources = {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (tmp_path / "template.yaml").write_text(json.dumps(template))
    cloud.stacks.deploy(tmp_path / "template.yaml", ACCOUNT, "s")
    cloud.functions.places = 1
    refused: list[str] = []

    def meanwhile() -> None:
        with pytest.raises(AwsError, match="TooManyRequestsException"):
            cloud.functions.invoke(ACCOUNT, "f", 0)
        refused.append("once")

    cloud.clock.after(5, meanwhile, "another")
    began = cloud.clock.now
    assert cloud.functions.invoke(ACCOUNT, "f", 20)[1] == ""
    [record] = cloud.journal.of(InvocationRecord)
    assert record.slept == 20
    assert (cloud.clock.now - began, refused) == (20, ["once"])
    assert cloud.functions.invoke(ACCOUNT, "f", 0)[1] == ""


@pytest.mark.parametrize(("kind", "error"), [("die", "Runtime.ExitError"), ("timeout", "Sandbox.Timedout")])
def test_a_function_can_be_made_to_end_at_a_call(runtime: LocalCloud, kind: str, error: str) -> None:
    runtime.faults.add(FunctionFault(WORKER, kind=kind, at_call=1))  # type: ignore[arg-type]  # a table of literals
    assert runtime.functions.invoke(ACCOUNT, WORKER, {"do": "who"})[1] == error
    assert runtime.functions.invoke(ACCOUNT, WORKER, {"do": "who"})[1] == ""
    assert [record.cold for record in runtime.journal.of(InvocationRecord)] == [True, True]


def test_calls_stay_here_even_where_the_code_brings_an_sdk_of_its_own(cloud: LocalCloud, tmp_path: Path) -> None:
    code = tmp_path / "code"
    for package in ("boto3", "botocore", "msgspec"):
        (code / package).mkdir(parents=True)
        (code / package / "__init__.py").write_text("raise ImportError('this one would leave the machine')")
    asks = "boto3.client('sts').get_caller_identity()['Account']"
    (code / "app.py").write_text(f"import boto3\n\ndef handler(event, context):\n    return {asks}\n")
    properties = {"Runtime": "python3.13", "Handler": "app.handler", "CodeUri": "code", "FunctionName": "f"}
    resources = {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (tmp_path / "template.yaml").write_text(json.dumps(template))
    cloud.stacks.deploy(tmp_path / "template.yaml", ACCOUNT, "s")
    result, error = cloud.functions.invoke(ACCOUNT, "f", {})
    assert (result, error) == (ACCOUNT, "")


def test_an_account_tells_what_it_may_run_at_once(runtime: LocalCloud) -> None:
    told = runtime.client("lambda", ACCOUNT).get_account_settings()
    limits = told["AccountLimit"]
    assert limits["ConcurrentExecutions"] == limits["UnreservedConcurrentExecutions"] == 1000
    assert told["AccountUsage"]["FunctionCount"] > 0
