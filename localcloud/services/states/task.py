"""What a Task does: a function, or a call of AWS, with the rights of the role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions
from botocore import xform_name

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.paths import Json, Scope
from localcloud.services.states import asl
from localcloud.services.states.asl.errors import StatesError
from localcloud.services.states.estate import Estate
from localcloud.services.states.integrations import SDK_PREFIXES, SDK_SERVICES
from localcloud.services.states.model import Execution, Steps
from localcloud.services.states.payloads import dump, whole


def _raise_if_failed(result: Json | StatesError, *, is_late: bool) -> None:
    if is_late:
        raise StatesError("States.Timeout", "")
    if isinstance(result, StatesError):
        raise result


def _function_account(execution: Execution, function: str) -> str:
    return function.split(":")[4] if function.startswith("arn:") else execution.account


def _to_members(value: Json, shape: Any) -> Json:
    """Parameters as written in the definition (PascalCase) under the model's own member names."""
    if shape is None:
        return {}
    if shape.type_name == "structure" and isinstance(value, Mapping):
        names = {name[0].upper() + name[1:]: name for name in shape.members}
        if unknown := [key for key in value if key not in names]:
            raise StatesError("States.Runtime", f"The field '{unknown[0]}' is not supported by Step Functions")
        return {names[key]: _to_members(one, shape.members[names[key]]) for key, one in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_to_members(one, shape.member) for one in value]
    if shape.type_name == "string" and isinstance(value, Mapping | list):
        return dump(value)  # as the SDK integrations do for a JSON value in a text field
    return value


def _to_pascal(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: _to_pascal(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_to_pascal(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def _task_details(resource: str) -> dict[str, Any]:
    kind, _, name = resource.removeprefix("arn:aws:states:::").rpartition(":")
    return {"resourceType": kind, "resource": name}


def run_task(estate: Estate, execution: Execution, state: Mapping[str, Any], given: Json, scope: Scope) -> Steps:
    resource = state["Resource"]
    limit = state.get("TimeoutSeconds")
    if "TimeoutSecondsPath" in state:
        limit = whole(state["TimeoutSecondsPath"], scope, "TimeoutSecondsPath", 1)
    by_arn = resource.startswith("arn:aws:lambda:")
    scheduled = {"resource": resource, "input": dump(given)} if by_arn else _task_details(resource)
    kind = "LambdaFunction" if by_arn else "Task"
    key = "lambdaFunction" if by_arn else "task"
    if not by_arn:
        scheduled |= {"region": estate.cloud.region, "parameters": dump(given)}
    estate.write(execution, f"{kind}Scheduled", **{f"{key}ScheduledEventDetails": scheduled})
    started = {} if by_arn else {"taskStartedEventDetails": _task_details(resource)}
    estate.write(execution, f"{kind}Started", **started)
    more = {} if by_arn else _task_details(resource)
    try:
        result, seconds = call(estate, execution, resource, given, state, scope)
        if seconds:
            yield estate.sleep(execution, seconds if limit is None else min(seconds, limit))
        _raise_if_failed(result, is_late=limit is not None and seconds > limit)
    except StatesError as error:
        details = {**more, "error": error.error, "cause": error.cause}
        if error.error == "States.Timeout":
            estate.write(execution, f"{kind}TimedOut", **{f"{key}TimedOutEventDetails": details})
        else:
            estate.write(execution, f"{kind}Failed", **{f"{key}FailedEventDetails": details})
        raise
    details = {**more, "output": dump(result)}
    estate.write(execution, f"{kind}Succeeded", **{f"{key}SucceededEventDetails": details})
    return result


def call(
    estate: Estate, execution: Execution, resource: str, given: Json, state: Mapping[str, Any], scope: Scope
) -> tuple[Json | StatesError, float]:
    """Do a task's work: its result or error, and how many seconds it takes."""
    role = execution.role
    if "Credentials" in state:
        role = asl.fill(state["Credentials"], scope)["RoleArn"]
        require_assumable(estate, execution, role)
    if resource.startswith("arn:aws:lambda:"):
        return invoke(estate, execution, role, resource, given)
    if resource == "arn:aws:states:::lambda:invoke":
        return invoke_optimised(estate, execution, role, given)
    return call_sdk(estate, execution, role, resource, given), 0.0


def require_assumable(estate: Estate, execution: Execution, role: str) -> None:
    caller = caller_of(estate, execution, execution.role)
    allowed = estate.cloud.iam.allows(caller, "sts:AssumeRole", role).allowed
    if not allowed or not estate.cloud.iam.trusts(role, caller).allowed:
        text = f"{caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
        raise StatesError("States.TaskFailed", text)


def invoke_optimised(estate: Estate, execution: Execution, role: str, given: Json) -> tuple[Json | StatesError, float]:
    known = {"FunctionName", "Payload", "InvocationType", "ClientContext", "Qualifier"}
    if not isinstance(given, Mapping) or "FunctionName" not in given or set(given) - known:
        raise StatesError("States.Runtime", "lambda:invoke takes FunctionName, Payload and InvocationType")
    payload = given.get("Payload", {})
    function = str(given["FunctionName"])
    if given.get("InvocationType", "RequestResponse") == "Event":
        check_invoke(estate, execution, role, function)
        estate.cloud.functions.invoke_async(_function_account(execution, function), function, payload)
        return {"StatusCode": 202, "Payload": ""}, 0.0
    result, seconds = invoke(estate, execution, role, function, payload)
    if not isinstance(result, StatesError):
        result = {"ExecutedVersion": "$LATEST", "Payload": result, "StatusCode": 200}
    return result, seconds


def invoke(
    estate: Estate, execution: Execution, role: str, function: str, payload: Json
) -> tuple[Json | StatesError, float]:
    try:
        check_invoke(estate, execution, role, function)
        done = estate.cloud.functions.run(_function_account(execution, function), function, payload, run=execution.arn)
    except AwsError as refused:
        return StatesError(f"Lambda.{refused.code}", refused.message), 0.0
    if done.error:
        return StatesError(done.error, dump(done.result)), done.seconds
    return done.result, done.seconds


def check_invoke(estate: Estate, execution: Execution, role: str, function: str) -> None:
    account = _function_account(execution, function)
    arn, policies = estate.cloud.functions.authorised_by(account, function)
    caller = caller_of(estate, execution, role)
    if not estate.cloud.iam.allows(caller, "lambda:InvokeFunction", arn, {}, policies).allowed:
        text = (
            f"User: {caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
            " (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException)"
        )
        raise StatesError("Lambda.AWSLambdaException", text)


def caller_of(estate: Estate, execution: Execution, role: str) -> Caller:
    account, name = role.split(":")[4], role.rpartition("/")[2]
    session = execution.name[:64]
    return Caller(
        account=account,
        region=estate.cloud.region,
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        role=name,
        session=session,
    )


def call_sdk(estate: Estate, execution: Execution, role: str, resource: str, given: Json) -> Json:
    """An AWS SDK task, or an optimised one that is just a call, made by boto3 with the role's credentials."""
    service, action = resource.rsplit(":", 2)[1:]
    client = estate.cloud.client(SDK_SERVICES.get(service, service), role.split(":")[4], role.rpartition("/")[2])
    prefix = SDK_PREFIXES.get(service, service.capitalize())
    operation = action[0].upper() + action[1:]
    shape = client.meta.service_model.operation_model(operation).input_shape
    with estate.cloud.running(run=execution.arn):
        try:
            answer = getattr(client, xform_name(action))(**_to_members(given, shape))
        except botocore.exceptions.ClientError as error:
            told = error.response.get("Error", {})
            name = f"{prefix}.{told.get('Code', 'Exception')}"
            raise StatesError(name, told.get("Message", "")) from error
        except botocore.exceptions.BotoCoreError as error:
            raise StatesError(f"{prefix}.SdkClientException", str(error)) from error
    answer.pop("ResponseMetadata", None)
    return _to_pascal(answer)
