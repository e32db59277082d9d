"""Functions that Lambda refuses and moto takes."""

from __future__ import annotations

import json
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated

MAX_TIMEOUT = 900  # seconds
MAX_MEMORY = 10_240  # MB
MAX_ENVIRONMENT = 4 * 1024  # bytes

RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)


def refuse(service: str, operation: str, params: dict[str, Any], _: Caller) -> None:
    """Refuse functions that Lambda refuses and moto takes (facts 21), and what nothing here would ever read from."""
    source = str(params.get("EventSourceArn", "")).split(":")[2:3]
    if service == "lambda" and operation == "CreateEventSourceMapping" and source not in (["sqs"], ["dynamodb"]):
        raise NotEmulated("lambda", f"CreateEventSourceMapping with the source {params.get('EventSourceArn')}")
    if service != "lambda" or operation not in {"CreateFunction", "UpdateFunctionConfiguration"}:
        return
    for name, most in (("Timeout", MAX_TIMEOUT), ("MemorySize", MAX_MEMORY)):
        if params.get(name, 0) > most:
            told = f"Member must have value less than or equal to {most}"
            where = name[0].lower() + name[1:]
            text = f"1 validation error detected: Value '{params[name]}' at '{where}' failed to satisfy constraint:"
            raise AwsError("ValidationException", f"{text} {told}")
    variables = params.get("Environment", {}).get("Variables", {})
    because = "Lambda was unable to configure your environment variables because the environment variables"
    if reserved := sorted(RESERVED_VARIABLES & variables.keys()):
        text = f"{because} you have provided contains reserved keys: {', '.join(reserved)}"
        raise AwsError("InvalidParameterValueException", text, Type="User")
    if len(json.dumps(variables, separators=(",", ":")).encode()) > MAX_ENVIRONMENT:
        text = f"{because} you have provided exceeded the 4KB limit."
        raise AwsError("InvalidParameterValueException", text, Type="User")
