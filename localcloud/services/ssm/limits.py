"""What Parameter Store refuses of a parameter (user guide, "Requirements and constraints for parameter names")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

LONGEST = {"Standard": 4_096, "Advanced": 8_192, "Intelligent-Tiering": 8_192}
LEVELS = 15
_NAME = re.compile(r"[a-zA-Z0-9_.\-/]+")


def _put(params: Mapping[str, Any], _: Caller) -> None:
    name, value = params["Name"], params["Value"]
    plain = name.rpartition(":parameter")[2] if name.startswith("arn:") else name
    if plain.lower().lstrip("/").startswith("ssm") or not _NAME.fullmatch(plain):
        text = (
            'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of'
            " sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the"
            " following 3 symbols .-_"
        )
        raise AwsError("ValidationException", text)
    if "/" in plain and not plain.startswith("/"):
        raise AwsError("ValidationException", "Parameter name must be a fully qualified name.")
    if plain.strip("/").count("/") >= LEVELS:
        text = f"A parameter name can have at most {LEVELS} levels."
        raise AwsError("HierarchyLevelLimitExceededException", text)
    tier = params.get("Tier", "Standard")
    if len(value.encode()) > LONGEST[tier]:
        more = "" if tier != "Standard" else " To create a larger parameter value, use the advanced-parameter tier."
        text = f"{tier} tier parameters support a maximum parameter value of {LONGEST[tier]} characters.{more}"
        raise AwsError("ValidationException", text)
    if "{{" in value:
        text = "The parameter value can't contain a reference to another parameter: {{...}} is not supported."
        raise AwsError("ValidationException", text)
    pattern = params.get("AllowedPattern")
    if pattern and not _matches(pattern, value):
        text = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise AwsError("ParameterPatternMismatchException", text)


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error as error:
        raise AwsError("InvalidAllowedPatternException", f"The AllowedPattern is not valid: {pattern}") from error


LIMITS = {"PutParameter": _put}
