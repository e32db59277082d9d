"""Where moto's S3 is wrong for what this project needs: bucket policies are read as IAM reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from moto.iam.access_control import IAMPolicy, PermissionResult
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

    return ((IAMPolicy, "is_action_permitted", is_permitted),)
