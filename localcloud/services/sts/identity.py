"""Who is calling."""

from __future__ import annotations

from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.sts.estate import Estate


def get_caller_identity(estate: Estate, _: dict[str, Any], caller: Caller) -> dict[str, Any]:
    return {"Account": caller.account, "Arn": caller.arn, "UserId": estate.user_id(caller)}


OPERATIONS: Operations[Estate] = {"GetCallerIdentity": get_caller_identity}
