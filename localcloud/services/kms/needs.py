"""What IAM must allow for KMS: the key, by its id, its ARN or its alias."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.ground.needs import Call, Requirement, need, plain


def needs(call: Call) -> list[Requirement]:
    key = call.get("KeyId")
    if key.startswith(("alias/", "arn:")) and ":key/" not in key:
        alias = key.rsplit(":", 1)[-1]
        backend = get_backend("kms")[call.caller.account][call.caller.region]
        key = backend.get_key_id_from_alias(alias) or key
    if not key:
        return plain(call)
    return need(call, key if key.startswith("arn:") else call.arn(f"key/{key}"))
