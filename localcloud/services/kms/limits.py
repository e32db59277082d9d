"""What a key cannot be used for (developer guide, "Key states")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.backends import backend_in, backend_of
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError


def _key(params: Mapping[str, Any], caller: Caller) -> Any | None:
    """The key that a call names; None where there is none, which moto says."""
    named = str(params.get("KeyId") or params.get("TargetKeyId") or "")
    is_arn = named.startswith("arn:")
    backend = backend_of("kms", named) if is_arn else backend_in("kms", caller.account, caller.region)
    return backend.keys.get(backend.any_id_to_key_id(named)) if backend is not None else None


def _not_pending(params: Mapping[str, Any], caller: Caller) -> None:
    key = _key(params, caller)
    if key is not None and key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.", 400)


def _enabled(params: Mapping[str, Any], caller: Caller) -> None:
    _not_pending(params, caller)
    key = _key(params, caller)
    if key is not None and key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.", 400)


def _pending(params: Mapping[str, Any], caller: Caller) -> None:
    key = _key(params, caller)
    if key is not None and key.key_state != "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is not pending deletion.", 400)


_USES = (
    *("Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign", "Verify", "GenerateMac", "VerifyMac"),
    *("EnableKeyRotation", "DisableKeyRotation"),
)
_CHANGES = ("CreateAlias", "CreateGrant", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "UpdateKeyDescription")
LIMITS = {
    **dict.fromkeys(_USES, _enabled),
    **dict.fromkeys(_CHANGES, _not_pending),
    "CancelKeyDeletion": _pending,
}
