"""How much IAM lets be attached (IAM's quotas)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

MANAGED = 10
"""Managed policies of one role, user or group, unless a quota was raised."""


def _attached(kind: str) -> Callable[[Mapping[str, Any], Caller], None]:
    named = f"{kind.capitalize()}Name"

    def refuse(params: Mapping[str, Any], caller: Caller) -> None:
        everybody = getattr(get_backend("iam")[caller.account]["aws"], f"{kind}s").values()
        found = next((one for one in everybody if one.name == params[named]), None)
        there = found.managed_policies if found is not None else {}
        if params["PolicyArn"] not in there and len(there) >= MANAGED:
            text = f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {MANAGED}"
            raise AwsError("LimitExceeded", text, 409)

    return refuse


LIMITS = {
    "AttachRolePolicy": _attached("role"),
    "AttachUserPolicy": _attached("user"),
    "AttachGroupPolicy": _attached("group"),
}
