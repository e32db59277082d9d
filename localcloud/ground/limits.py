"""What a service refuses beyond its model: lengths, letters and counts that its guide names and moto lets pass.

Each service that has such says them in its `limits.py`, a function an operation.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from localcloud.ground.caller import Caller

type Check = Callable[[Mapping[str, Any], Caller], None]
"""Raises AwsError, before anything of the call is done."""

HOMES: dict[str, str] = {}
"""Which module has the LIMITS of a service, by botocore's name of the service; read when it is first called."""


@lru_cache
def limits_of(service: str) -> Mapping[str, Check]:
    """The checks of a service by operation."""
    found: Mapping[str, Check] = importlib.import_module(HOMES[service]).LIMITS
    return found


def read_all() -> None:
    """Read them now, as `needs.read_all` does and for its reason."""
    for service in HOMES:
        limits_of(service)


def refuse(service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse what the service would."""
    check = limits_of(service).get(operation) if service in HOMES else None
    if check is not None:
        check(params, caller)
