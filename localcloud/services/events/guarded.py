"""The policy of an event bus."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.ground.guarded import Guard, Guarded, document_of


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, tail = arn.split(":", 5)
    kind, _, name = tail.partition("/")
    bus = get_backend("events")[owner][region].event_buses.get(name) if kind == "event-bus" else None
    return Guarded(owner, document_of(bus.policy)) if bus is not None else None


GUARD = Guard(_find)
