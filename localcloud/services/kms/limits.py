"""What a key cannot be used for (developer guide, "Key states")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError


def _use(params: Mapping[str, Any], caller: Caller) -> None:
    named = str(params.get("KeyId", ""))
    _, _, _, region, account, tail = named.split(":", 5) if named.startswith("arn:") else ["", "", "", "", "", named]
    backend = get_backend("kms")[account or caller.account][region or caller.region]
    key = backend.keys.get(tail.removeprefix("key/"))
    if key is not None and key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.", 400)


_USES = ("Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign", "GenerateMac", "CreateGrant")
LIMITS = dict.fromkeys(_USES, _use)
