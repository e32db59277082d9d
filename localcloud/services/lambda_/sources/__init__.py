"""Event source mappings: what Lambda reads for a function, from a queue or a stream, and hands it batch by batch.

moto keeps the mappings; `queues` and `streams` each read what theirs names, as time passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.door.call import Done
from localcloud.ground.caller import Caller
from localcloud.services.lambda_.estate import Estate
from localcloud.services.lambda_.sources import queues, streams


class Sources:
    """The mappings of all accounts at work."""

    def __init__(self, estate: Estate) -> None:
        self._all = (queues.Pollers(estate), streams.Readers(estate))

    def refuse(self, service: str, operation: str, params: Mapping[str, Any], caller: Caller) -> None:
        """Refuse the mappings that Lambda refuses."""
        if (service, operation) == ("lambda", "CreateEventSourceMapping"):
            for source in self._all:
                source.refuse(params, caller)

    def hear(self, done: Done) -> None:
        """Read from what is mapped, and from nothing else."""
        if done.error is None:
            for source in self._all:
                source.hear(done)
