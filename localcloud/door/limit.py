"""Step: what a service refuses beyond its model."""

from __future__ import annotations

from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.ground import limits


def limit(_: Gate, call: Call) -> None:
    """The service's own error for a length, a letter or a count that it does not take."""
    limits.refuse(call.service, call.name, call.params, call.caller)
