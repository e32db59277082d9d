"""What a domain's name has to be, which the model says of none of them but by their length (facts-2 R2, R4, R7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.services.lattice.refusals import invalid

_LABEL = r"[a-z0-9_*](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.IGNORECASE)


def _named(*members: str) -> Callable[[Mapping[str, Any], Caller], None]:
    """A check of these members, each a path with dots."""

    def check(params: Mapping[str, Any], _: Caller) -> None:
        for member in members:
            found: Any = params
            for key in member.split("."):
                found = found.get(key) if isinstance(found, Mapping) else None
            if isinstance(found, str) and not _NAME.fullmatch(found):
                raise invalid(f"{found} is not a domain name", member)

    return check


_DNS = "resourceConfigurationDefinition.dnsResource.domainName"

LIMITS = {
    "CreateService": _named("customDomainName"),
    "CreateResourceConfiguration": _named("customDomainName", "groupDomain", _DNS),
    "UpdateResourceConfiguration": _named(_DNS),
    "StartDomainVerification": _named("domainName"),
}
