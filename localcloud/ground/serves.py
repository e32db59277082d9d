"""What an instance answers on its ports: kept in its user data, since an instance runs what that says."""

from __future__ import annotations

from typing import Annotated

import msgspec

type PortNumber = Annotated[int, msgspec.Meta(ge=1, le=65535)]

_MARK = "#serves "


class Serves(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an instance answers on `port`: `server` is the program's name."""

    port: PortNumber
    server: str = ""
    status: int = 200
    body: str = ""


def user_data(serves: tuple[Serves, ...]) -> str:
    """The user data of an instance that answers so."""
    return _MARK + msgspec.json.encode(serves).decode()


def serves_of(data: str) -> tuple[Serves, ...]:
    """What an instance with this user data answers: () for any that `user_data` did not write."""
    if not data.startswith(_MARK):
        return ()
    return msgspec.json.decode(data.removeprefix(_MARK), type=tuple[Serves, ...])
