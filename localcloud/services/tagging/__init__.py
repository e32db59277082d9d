"""Tags across services: the events that their changes raise, and the Resource Groups Tagging API.

The tags themselves stay with their services (moto's ELBv2 and EC2, our Lattice); what is kept here is what
only these two views know: how often a resource's tags changed, and who was tagged once.
"""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations, answer
from localcloud.services.tagging import quota, reports, resources
from localcloud.services.tagging.estate import Around, Estate
from localcloud.services.tagging.tells import tags_before, tell

OPERATIONS: Operations[Estate] = {**resources.OPERATIONS, **reports.OPERATIONS}


class Tagging:
    """The tagging API of one local cloud, and the observer that raises tag events."""

    name: ClassVar[str] = "resourcegroupstaggingapi"

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        after, before = functools.partial(tell, self.estate), functools.partial(tags_before, self.estate)
        cloud.gate.observe(after, before, also_quiet=True)
        cloud.gate.guard(functools.partial(quota.refuse, self.estate))

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call of the tagging API; of tag policies there are none here, and reports say so."""
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)
