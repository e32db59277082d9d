"""Where moto's S3 is wrong for what this project needs: bucket policies are read as IAM reads them, and
what is put there is told by our `notices`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3 import notifications
from moto.s3.models import S3Backend
from onramp.core.policy import Principal, Values, evaluate

from localcloud.ground.caller import Caller
from localcloud.ground.moto import Patches


class _Callers(Protocol):
    """Who calls now, and whom a policy sees in them."""

    def context(self, caller: Caller) -> dict[str, Values]: ...

    def principal(self, caller: Caller) -> Principal: ...


def patches(caller_now: Callable[[], Caller | None], iam: _Callers) -> Patches:
    """What is put right in moto's S3: `iam` says whom a bucket's policy sees in a caller."""

    def is_permitted(policy: Any, action: str, resource: str = "*", *_: Any, **__: Any) -> PermissionResult:
        # moto passes conditions over, so that "deny what does not come by TLS" denies everything.
        caller = caller_now()
        if caller is None:
            return PermissionResult.NEUTRAL
        document, context = policy._policy_json, iam.context(caller)
        decision = evaluate([document], action, resource, context, iam.principal(caller))
        if decision.allowed:
            return PermissionResult.PERMITTED
        return PermissionResult.DENIED if decision.explicit else PermissionResult.NEUTRAL

    return (
        (IAMPolicy, "is_action_permitted", is_permitted),
        # moto would tell at once, whatever policies say, and EventBridge's rules past their patterns: see `notices`.
        (notifications, "send_event", _nothing),
        (notifications, "send_test_event", _nothing),
        (S3Backend, "get_bucket_encryption", _encryption),
        (S3Backend, "put_object", _put_object),
    )


_DEFAULT = "AES256"
"""Every bucket encrypts what is put into it, since January 2023, whether or not anybody asked for it."""

_put: Callable[..., Any] = vars(S3Backend)["put_object"]


def _encryption(backend: Any, name: str) -> dict[str, Any]:
    default = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": _DEFAULT}, "BucketKeyEnabled": False}}
    return backend.get_bucket(name).encryption or default


def _put_object(backend: Any, bucket_name: str, *given: Any, **more: Any) -> Any:
    if not more.get("encryption") and not backend.get_bucket(bucket_name).encryption:
        more["encryption"] = _DEFAULT
    return _put(backend, bucket_name, *given, **more)


def _nothing(*_: Any, **__: Any) -> None:
    """Nobody is told."""
