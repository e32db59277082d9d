"""Where moto's IAM is wrong for what this project needs: a user's id is written as AWS writes one."""

from __future__ import annotations

from typing import Any

from moto.iam.models import User
from moto.iam.utils import generate_access_key_id_from_account_id

from localcloud.ground.moto import Patches

_begin = User.__init__


def _new_user(user: Any, account_id: str, *args: Any, **more: Any) -> None:
    # moto's ids of users are twenty letters without the prefix that tells whose id it is.
    _begin(user, account_id, *args, **more)
    user.id = generate_access_key_id_from_account_id(account_id=account_id, prefix="AIDA", total_length=21)


PATCHES: Patches = ((User, "__init__", _new_user),)
