"""What moto keeps of a service in an account and a Region that somebody named, and that need not exist."""

from __future__ import annotations

import re
from typing import Any

from moto.backends import get_backend

from localcloud.ground import models

_ACCOUNT = re.compile(r"\d{12}")


def backend_in(service: str, account: str, region: str) -> Any | None:
    """moto's backend of a regional service; None where no account or no Region can be so called."""
    if not _ACCOUNT.fullmatch(account) or region not in models.regions():
        return None
    backends: Any = get_backend(service)  # type: ignore[call-overload]  # of any service by its name
    return backends[account][region]


def backend_of(service: str, arn: str) -> Any | None:
    """That in which a thing with this ARN would be kept; None for what is no ARN, too."""
    parts = arn.split(":", 5)
    return backend_in(service, parts[4], parts[3]) if len(parts) == 6 and parts[0] == "arn" else None
