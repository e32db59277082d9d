"""What Secrets Manager refuses of a secret's name (API reference, CreateSecret)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

_NAME = re.compile(r"[a-zA-Z0-9/_+=.@!\-]+")


def _secret(params: Mapping[str, Any], _: Caller) -> None:
    if not _NAME.fullmatch(params["Name"]):
        text = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        raise AwsError("ValidationException", text, 400)


LIMITS = {"CreateSecret": _secret}
