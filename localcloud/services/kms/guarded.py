"""The policy of a key with its grants: who is not let in by these, or left to his account by them, may nothing."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend
from onramp.core.policy import Document

from localcloud.ground.guarded import Guard, Guarded, document_of

# KMS developer guide, "Allowing users in other accounts to use a KMS key": all other operations are the owner's own.
_OPENED = frozenset(
    {
        *("CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey"),
        *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext"),
        *("GenerateMac", "GetKeyRotationStatus", "GetPublicKey", "ListGrants", "ReEncrypt", "RetireGrant"),
        *("RevokeGrant", "Sign", "Verify", "VerifyMac"),
    }
)


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, tail = arn.split(":", 5)
    key = get_backend("kms")[owner][region].keys.get(tail.removeprefix("key/"))
    if key is None:
        return None
    return Guarded(owner, [*document_of(key.policy), *map(_granted, key.grants.values())], alone=True)


def _granted(grant: Any) -> Document:
    """A grant as the policy that says the same."""
    limits = grant.constraints or {}
    wanted = {**limits.get("EncryptionContextSubset", {}), **limits.get("EncryptionContextEquals", {})}
    same = {f"kms:EncryptionContext:{key}": value for key, value in wanted.items()}
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": grant.grantee_principal},
        "Action": [f"kms:{name}" for name in grant.operations],
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": statement | ({"Condition": {"StringEquals": same}} if same else {})}


GUARD = Guard(_find, _OPENED.__contains__)
