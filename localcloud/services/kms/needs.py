"""What IAM must allow for KMS: the key, by its id, its ARN or its alias, or that with which a text was encrypted."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend
from onramp.core.policy import Values

from localcloud.ground.backends import backend_in
from localcloud.ground.needs import Call, Requirement, need, plain

_ID = 36
"""moto writes the id of the key before what it encrypts; whose key it is, it does not write."""


def needs(call: Call) -> list[Requirement]:
    more = _context(call.params.get("EncryptionContext"))
    if call.operation == "ReEncrypt":
        source = _key(call, call.get("SourceKeyId")) or _encrypted_with(call)
        target = _key(call, call.get("DestinationKeyId"))
        sent = _context(call.params.get("SourceEncryptionContext"))
        kept = _context(call.params.get("DestinationEncryptionContext"))
        return [("kms:ReEncryptFrom", source or "*", sent), ("kms:ReEncryptTo", target or "*", kept)]
    key = _key(call, call.get("KeyId")) or (_encrypted_with(call) if call.operation == "Decrypt" else "")
    return need(call, key, more) if key else plain(call)


def _key(call: Call, name: str) -> str:
    """The ARN of the key that is so called; '' for no name."""
    if not name:
        return ""
    owner, region, plain_name = call.caller.account, call.caller.region, name
    if name.startswith("arn:") and name.count(":") == 5:
        _, _, _, region, owner, plain_name = name.split(":")
    there = backend_in("kms", owner, region)
    if plain_name.startswith("alias/") and there is not None:
        plain_name = there.get_key_id_from_alias(plain_name) or plain_name
    return f"arn:aws:kms:{region}:{owner}:{plain_name if '/' in plain_name else f'key/{plain_name}'}"


def _encrypted_with(call: Call) -> str:
    """The ARN of the key of what is to be decrypted; '' where it is no text of ours."""
    blob = call.params.get("CiphertextBlob")
    name = bytes(blob[:_ID]).decode(errors="replace") if isinstance(blob, bytes | bytearray) else ""
    region = call.caller.region
    owners = [owner for owner, there in get_backend("kms").items() if name in there[region].keys]
    return f"arn:aws:kms:{region}:{owners[0]}:key/{name}" if owners else ""


def _context(given: Any) -> dict[str, Values]:
    return {f"kms:EncryptionContext:{key}": str(value) for key, value in (given or {}).items()}
