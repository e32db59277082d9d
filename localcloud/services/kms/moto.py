"""Where moto's KMS is wrong for what this project needs: which names a key goes by, how long the id of one of several
regions is, and what a key is for where nobody says it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.kms import models
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse

from localcloud.ground.moto import Patches

_create: Callable[..., Any] = vars(KmsBackend)["create_key"]
_begin: Callable[..., Any] = vars(KmsBackend)["__init__"]
_new_id: Callable[..., str] = vars(models)["generate_key_id"]


def _key_id(*given: Any) -> str:
    """One of several regions has as many characters as others: `mrk-` stands where their hyphens are."""
    found = _new_id(*given)
    return f"mrk-{found.removeprefix('mrk-').replace('-', '')}" if found.startswith("mrk-") else found


def _create_key(backend: Any, policy: Any, key_usage: str | None, *given: Any, **more: Any) -> Any:
    key = _create(backend, policy, key_usage or "ENCRYPT_DECRYPT", *given, **more)
    key.multi_region = bool(key.multi_region)
    return key


def _id_of(backend: Any, name: str) -> str:
    """The id of the key that an ARN or an alias is of, and an alias of none as it is: moto falls over it."""
    plain = backend.get_alias_name(name)
    found = backend.get_key_id_from_alias(plain) if plain.startswith("alias/") else backend.get_key_id(plain)
    return str(found or plain)


class _Keys(dict[str, Any]):
    """By their ids, as moto keeps them, and found by ARN and alias as well, which it forgets at every other place."""

    def __init__(self, backend: Any) -> None:
        super().__init__()
        self._backend = backend

    def __missing__(self, name: str) -> Any:
        found = self.get(_id_of(self._backend, name))
        if found is None:
            raise KeyError(name)  # another service's call may look here, and has its own word for it
        return found


def _begin_with_keys(backend: Any, *given: Any, **more: Any) -> None:
    _begin(backend, *given, **more)
    backend.keys = _Keys(backend)


def _as_arn(name: str) -> Callable[[Any], str]:
    """The operation, whose answer names the key by its ARN and tells its state."""
    by_moto: Callable[[Any], str] = vars(KmsResponse)[name]

    @functools.wraps(by_moto)
    def answered(response: Any) -> str:
        answer = json.loads(by_moto(response))
        key = response.kms_backend.keys[answer["KeyId"]]
        answer["KeyId"] = key.arn
        if "DeletionDate" in answer:
            answer["KeyState"] = key.key_state
            answer["PendingWindowInDays"] = response._get_param("PendingWindowInDays") or 30
        return json.dumps(answer)

    return answered


PATCHES: Patches = (
    (models, "generate_key_id", _key_id),
    (KmsBackend, "create_key", _create_key),
    (KmsBackend, "__init__", _begin_with_keys),
    (KmsBackend, "any_id_to_key_id", _id_of),
    *((KmsResponse, name, _as_arn(name)) for name in ("schedule_key_deletion", "cancel_key_deletion")),
)
