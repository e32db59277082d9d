"""What an account may run at once, and how many functions it has."""

from __future__ import annotations

from typing import Any

from moto.awslambda.utils import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.lambda_.estate import Estate

CODE_BYTES = 80_530_636_800


def get_settings(estate: Estate, _params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The account's limits and use."""
    functions = list(get_backend(caller.account, caller.region).list_functions())
    reserved = sum(function.reserved_concurrency or 0 for function in functions)
    return {
        "AccountLimit": {
            "TotalCodeSize": CODE_BYTES,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": estate.places,
            "UnreservedConcurrentExecutions": estate.places - reserved,
        },
        "AccountUsage": {"TotalCodeSize": 0, "FunctionCount": len(functions)},
    }


OPERATIONS: Operations[Estate] = {"GetAccountSettings": get_settings}
