"""A page of a listing whose token says where the next one begins, and is good for as often as it is sent."""

from __future__ import annotations

import base64
import binascii
import re

from localcloud.ground.errors import AwsError

_BEGINS = re.compile(rb"from ([0-9]{1,9})")


def page[Item](items: list[Item], token: str | None, size: int, refusal: AwsError) -> tuple[list[Item], str | None]:
    """The page that `token` asks for and the token of the next, None after the last; `refusal` for what is no token."""
    start = _opened(token, refusal) if token else 0
    more = start + size < len(items)
    return items[start : start + size], _sealed(start + size) if more else None


def is_token(token: str) -> bool:
    """Whether `page` made it."""
    refused = AwsError("", "")
    try:
        _opened(token, refused)
    except AwsError:
        return False
    return True


def _sealed(start: int) -> str:
    return base64.urlsafe_b64encode(b"from %d" % start).decode()


def _opened(token: str, refusal: AwsError) -> int:
    try:
        found = _BEGINS.fullmatch(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError):
        raise refusal from None
    if found is None:
        raise refusal
    return int(found[1])
