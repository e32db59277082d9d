"""Where moto's Lambda is wrong for what this project needs: whom a function's policy names, and where it logs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.awslambda.policy import Policy

from localcloud.ground.moto import Patches
from localcloud.services.lambda_.log import group_name


def _principal(_: Any, given: Any) -> Any:
    # moto keeps an account as a bare number, which is no Principal; Lambda writes its root's ARN.
    if isinstance(given, str) and re.fullmatch(r"\d{12}", given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    if isinstance(given, str) and given.startswith("arn:"):
        return {"AWS": given}
    return {"Service": given} if isinstance(given, str) and "." in given else given


_configuration: Callable[..., dict[str, Any]] = vars(LambdaFunction)["get_configuration"]


def _get_configuration(function: Any, *given: Any, **more: Any) -> dict[str, Any]:
    told = _configuration(function, *given, **more)
    return {**told, "LoggingConfig": {"LogFormat": "Text", "LogGroup": group_name(function)}}


PATCHES: Patches = (
    (Policy, "principal_formatter", _principal),
    (LambdaFunction, "get_configuration", _get_configuration),
)
