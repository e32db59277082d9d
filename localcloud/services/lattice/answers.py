"""How answers are put together: moments, absent members, pages."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from localcloud.ground.caller import Caller
from localcloud.services.lattice.model import Wire
from localcloud.services.lattice.refusals import invalid


class Ordered(Protocol):
    @property
    def serial(self) -> int: ...


def moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def present(**members: Any) -> Wire:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}


def page[T: Ordered](things: Iterable[T], params: Wire, size: int, render: Callable[[T], Wire], caller: Caller) -> Wire:
    """One page of `things`, which come in order of their serial.

    The token holds the last serial given, so that what comes or goes between two pages shifts nothing; it is
    good for the same account and Region, listing (each has a `render` of its own) and filters only, and says nothing
    to its holder.
    """
    filters = {name: value for name, value in params.items() if name not in ("maxResults", "nextToken")}
    listing = [caller.account, caller.region, render.__module__, render.__qualname__, filters]
    bound = hashlib.sha256(json.dumps(listing, sort_keys=True).encode()).hexdigest()[:16]
    after = _opened(params["nextToken"], bound) if "nextToken" in params else -1
    wanted = params.get("maxResults", size)
    rest = (thing for thing in things if thing.serial > after)
    found = list(islice(rest, wanted + 1))
    answer: Wire = {"items": [render(thing) for thing in found[:wanted]]}
    if len(found) > wanted:
        answer["nextToken"] = base64.urlsafe_b64encode(f"{bound}:{found[wanted - 1].serial}".encode()).decode()
    return answer


def _opened(token: str, bound: str) -> int:
    try:
        tied_to, _, serial = base64.urlsafe_b64decode(token).decode().partition(":")
        after = int(serial)
    except (binascii.Error, ValueError) as error:
        raise invalid("The nextToken is not valid", "nextToken") from error
    if tied_to != bound:
        raise invalid("The nextToken belongs to another request", "nextToken")
    return after
