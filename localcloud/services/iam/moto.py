"""Where moto's IAM is wrong for what this project needs: a user's id is written as AWS writes one, and
the policies that AWS manages are there for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.iam.models import IAMBackend, User
from moto.iam.utils import generate_access_key_id_from_account_id

from localcloud.ground.managed_policies import aws_managed_policies
from localcloud.ground.moto import Patches
from localcloud.services.iam.managed import AWS, provide

_begin = User.__init__


def _new_user(user: Any, account_id: str, *args: Any, **more: Any) -> None:
    # moto's ids of users are twenty letters without the prefix that tells whose id it is.
    _begin(user, account_id, *args, **more)
    user.id = generate_access_key_id_from_account_id(account_id=account_id, prefix="AIDA", total_length=21)


_NAMING = (
    "attach_group_policy",
    "attach_role_policy",
    "attach_user_policy",
    "get_policy",
    "get_policy_version",
    "list_policy_versions",
    "put_role_permissions_boundary",
)
"""Methods of moto's that are given a policy's ARN."""


def _providing(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(backend: Any, *given: Any, **more: Any) -> Any:
        for one in (*given, *more.values()):
            if isinstance(one, str) and one.startswith(AWS):
                provide(backend, one)
        return method(backend, *given, **more)

    return call


_list: Callable[..., Any] = vars(IAMBackend)["list_policies"]


def _list_policies(backend: Any, marker: Any, max_items: Any, only_attached: Any, path_prefix: Any, scope: Any) -> Any:
    if scope != "Local" and not only_attached:
        for arn in aws_managed_policies():
            provide(backend, arn)
    return _list(backend, marker, max_items, only_attached, path_prefix, scope)


PATCHES: Patches = (
    (User, "__init__", _new_user),
    (IAMBackend, "list_policies", _list_policies),
    *((IAMBackend, name, _providing(vars(IAMBackend)[name])) for name in _NAMING),
)
