"""Where moto's Lambda is wrong for what this project needs: whom a function's policy names."""

from __future__ import annotations

import re
from typing import Any

from moto.awslambda.policy import Policy

from localcloud.ground.moto import Patches


def _principal(_: Any, given: Any) -> Any:
    # moto keeps an account as a bare number, which is no Principal; Lambda writes its root's ARN.
    if isinstance(given, str) and re.fullmatch(r"\d{12}", given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    if isinstance(given, str) and given.startswith("arn:"):
        return {"AWS": given}
    return {"Service": given} if isinstance(given, str) and "." in given else given


PATCHES: Patches = ((Policy, "principal_formatter", _principal),)
