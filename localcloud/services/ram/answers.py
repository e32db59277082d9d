"""A page of a listing, and the token for the next."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable

from localcloud.ground.caller import Caller
from localcloud.services.ram import refusals
from localcloud.services.ram.estate import Estate
from localcloud.services.ram.model import Wire

# How many an answer holds when nothing is asked; RAM says only that it differs between operations.
PAGE = 100
type Row = tuple[int, Wire]  # the serial that orders it, and what is shown


def page(estate: Estate, key: str, rows: Iterable[Row], params: Wire, caller: Caller) -> Wire:
    """One page under `key`. The token holds the last serial shown and is good for the same request only."""
    asked = {name: value for name, value in params.items() if name not in ("maxResults", "nextToken")}
    bound = hashlib.sha256(json.dumps([key, caller.account, caller.region, asked], sort_keys=True).encode())
    mark = bound.hexdigest()[:12]
    after = _opened(params["nextToken"], mark) if params.get("nextToken") else -1
    if after == -1 and estate.sparse_pages:
        return {key: [], "nextToken": _token(mark, 0)}
    rest = sorted((row for row in rows if row[0] > after), key=lambda row: row[0])
    size = params.get("maxResults", PAGE)
    answer: Wire = {key: [shown for _, shown in rest[:size]]}
    if len(rest) > size:
        answer["nextToken"] = _token(mark, rest[size - 1][0])
    return answer


def _token(mark: str, serial: int) -> str:
    return base64.urlsafe_b64encode(f"{mark}:{serial}".encode()).decode()


def _opened(token: str, mark: str) -> int:
    try:
        theirs, _, serial = base64.urlsafe_b64decode(token).decode().partition(":")
        after = int(serial)
    except (binascii.Error, ValueError) as error:
        raise refusals.invalid_next_token() from error
    if theirs != mark:
        raise refusals.invalid_next_token()
    return after
