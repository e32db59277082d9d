"""What has a policy of its own: whose it is, what that policy says, and which calls it can open to other accounts.

Each service whose things have such policies says so in its `guarded.py`.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from onramp.core.policy import Document

from localcloud.ground import models

_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Guarded:
    """One thing of the account `owner`, and the policies that are asked about it; none where it has none.

    `alone`: nobody may anything that these do not allow, or leave to his account (a key's).
    """

    owner: str
    policies: Sequence[Document] = ()
    alone: bool = False


class Guard(NamedTuple):
    """What a service says. `find`: the thing that an ARN names, None where there is none of that name.

    `opens`: whether a policy can let another account make that call.
    """

    find: Callable[[str], Guarded | None]
    opens: Callable[[str], bool] = lambda _: True


HOMES: dict[str, str] = {}
"""Which module has the GUARD of a service, by the service's name in ARNs; read when one of its ARNs is first asked."""


@lru_cache
def guard_of(service: str) -> Guard:
    """What the service of that name in ARNs says."""
    found: Guard = importlib.import_module(HOMES[service]).GUARD
    return found


def read_all() -> None:
    """Read them now, as `needs.read_all` does and for its reason."""
    for service in HOMES:
        guard_of(service)


def guarded(arn: str) -> Guarded | None:
    """The thing with a policy that an ARN names; None where there is none, or its service has no such things."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] not in HOMES:
        return None
    _, _, service, region, owner, _ = parts
    somewhere = region in models.regions() and _ACCOUNT.fullmatch(owner)
    return guard_of(service).find(arn) if somewhere or (service == "s3" and not region + owner) else None


def document_of(text: Any) -> list[Document]:
    """A stored policy as a list of one; none where nothing is stored."""
    if not text:
        return []
    document = json.loads(text) if isinstance(text, str | bytes) else text
    return [dict(document)] if isinstance(document, Mapping) else []
