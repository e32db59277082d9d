"""The buses of all accounts, which moto keeps, and how deliveries go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.backends import get_backend

from localcloud.door.faults import Faults
from localcloud.door.gate import Gated
from localcloud.ground.caller import Caller
from localcloud.ground.ids import uuid4
from localcloud.ground.questions import AsksFunctions, AsksIam, Ground, Sends, Starts, Wakes
from localcloud.services.events.model import Delivery, Event


class Around(Ground, AsksIam, AsksFunctions, Wakes, Gated, Protocol):
    """What EventBridge asks of its surroundings."""

    @property
    def machines(self) -> Starts: ...

    @property
    def queues(self) -> Sends: ...

    @property
    def faults(self) -> Faults: ...


class Estate:
    """The buses of all accounts, which moto keeps, and how deliveries go."""

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.delivery = Delivery()

    def document(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        detail: Any,
        resources: Sequence[str],
        at: float,
    ) -> Event:
        return {
            "version": "0",
            "id": uuid4(self.cloud.random_ids),
            "detail-type": detail_type,
            "source": source,
            "account": account,
            "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": list(resources),
            "detail": detail,
        }

    def bus(self, arn: str) -> Any | None:
        parts = arn.split(":")
        return get_backend("events")[parts[4]][parts[3]].event_buses.get(arn.partition("/")[2])

    def admits(self, bus_arn: str, caller: Caller) -> bool:
        """Whether the caller may put events on the bus: its own policies and, from outside, the bus's."""
        bus = self.bus(bus_arn)
        if bus is None:
            return False
        policies = [bus.policy] if bus.policy else []
        return self.cloud.iam.allows(caller, "events:PutEvents", bus_arn, {}, policies).allowed


def bus_arn_of(name: str, caller: Caller) -> str:
    return name if name.startswith("arn:") else f"arn:aws:events:{caller.region}:{caller.account}:event-bus/{name}"
