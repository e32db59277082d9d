"""What a service refuses beyond its model: lengths, letters and counts that its guide names and moto lets pass.

Each service that has such says them in its `limits.py`: LIMITS, a function an operation, EVERY where something holds
for all of its operations, and AGAIN, a function an operation that is answered once more by its client token.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from localcloud.ground.caller import Caller

type Check = Callable[[Mapping[str, Any], Caller], None]
"""Raises AwsError, before anything of the call is done."""


class Said(NamedTuple):
    """What a service says: of single operations, and of each, whose name is given first."""

    of: Mapping[str, Check]
    every: Callable[[str, Mapping[str, Any], Caller], None] | None
    again: Mapping[str, Check]


HOMES: dict[str, str] = {}
"""Which module has the LIMITS of a service, by botocore's name of the service; read when it is first called."""


@lru_cache
def limits_of(service: str) -> Said:
    """The checks of a service."""
    module = importlib.import_module(HOMES[service])
    return Said(module.LIMITS, getattr(module, "EVERY", None), getattr(module, "AGAIN", {}))


def read_all() -> None:
    """Read them now, as `needs.read_all` does and for its reason."""
    for service in HOMES:
        limits_of(service)


def refuse(service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse what the service would."""
    if service not in HOMES:
        return
    said = limits_of(service)
    if operation in said.of:
        said.of[operation](params, caller)
    if said.every is not None:
        said.every(operation, params, caller)


def refuse_again(service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse what the service would of a call that was answered before, to the same token."""
    if service in HOMES and (check := limits_of(service).again.get(operation)) is not None:
        check(params, caller)
