"""What Lambda refuses of names and of places kept free (developer guide, quotas)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

NAME = 64
PLACES, UNRESERVED = 1_000, 100
"""Executions at once in an account, and those of them that no function may keep for itself."""


def _function(params: Mapping[str, Any], _: Caller) -> None:
    name = params["FunctionName"].rpartition(":")[2]
    if len(name) > NAME:
        told = f"Value '{name}' at 'functionName' failed to satisfy constraint"
        text = f"1 validation error detected: {told}: Member must have length less than or equal to {NAME}"
        raise AwsError("InvalidParameterValueException", text, 400, Type="User")


def _concurrency(params: Mapping[str, Any], caller: Caller) -> None:
    name = params["FunctionName"].rpartition(":")[2]
    functions = get_backend("lambda")[caller.account][caller.region].list_functions()
    others = [one.reserved_concurrency for one in functions if one.function_name != name]
    if params["ReservedConcurrentExecutions"] + sum(int(one or 0) for one in others) > PLACES - UNRESERVED:
        text = (
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
            f" below its minimum value of [{UNRESERVED}]."
        )
        raise AwsError("InvalidParameterValueException", text, 400, Type="User")


LIMITS = {"CreateFunction": _function, "PutFunctionConcurrency": _concurrency}
