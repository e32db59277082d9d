"""AWS Organizations as its clients meet it: the organisation is made, grows, and lets accounts go.

What belongs together stands in `ground.organization`; here are the calls on it. Of policies there are service control
policies; tags and delegated administrators are not emulated.
"""

from __future__ import annotations

from typing import ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations, answer
from localcloud.services.organizations import accounts, handshakes, organization, policies, trust, units
from localcloud.services.organizations.estate import Around, Estate, Wire

OPERATIONS: Operations[Estate] = {
    **organization.OPERATIONS,
    **units.OPERATIONS,
    **accounts.OPERATIONS,
    **handshakes.OPERATIONS,
    **trust.OPERATIONS,
    **policies.OPERATIONS,
}


class Organizations:
    """The service; `cloud.organization` is what it works on, whoever made that."""

    name: ClassVar[str] = "organizations"

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)

    def handle(self, operation: str, params: Wire, caller: Caller) -> Wire:
        """Answer one call."""
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)
