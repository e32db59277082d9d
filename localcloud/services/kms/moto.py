"""Where moto's KMS is wrong for what this project needs: what a key is for where nobody says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.kms.models import KmsBackend

from localcloud.ground.moto import Patches

_create: Callable[..., Any] = vars(KmsBackend)["create_key"]


def _create_key(backend: Any, policy: Any, key_usage: str | None, *given: Any, **more: Any) -> Any:
    key = _create(backend, policy, key_usage or "ENCRYPT_DECRYPT", *given, **more)
    key.multi_region = bool(key.multi_region)
    return key


PATCHES: Patches = ((KmsBackend, "create_key", _create_key),)
