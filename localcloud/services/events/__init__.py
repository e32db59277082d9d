"""EventBridge: carries events by the rules that are deployed, from bus to bus and to their targets.

moto keeps buses, rules and archives; here events are matched, transformed, delivered, retried and given up.
Rules of delivery: EventBridge user guide; docs/aws-facts.md (facts 3).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations, answer
from localcloud.services.events import archives, buses
from localcloud.services.events.buses import emit
from localcloud.services.events.delivery import carry, hand_over, put
from localcloud.services.events.estate import Around, Estate
from localcloud.services.events.model import Delivery, Event
from localcloud.services.events.rules import asks_for_readings, refuse

OPERATIONS: Operations[Estate] = {**buses.OPERATIONS, **archives.OPERATIONS}


class Events:
    """The buses of all accounts."""

    name: ClassVar[str] = "events"
    operations: ClassVar[frozenset[str]] = frozenset(OPERATIONS)

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        cloud.gate.guard(functools.partial(refuse, self.estate))
        cloud.component("schedules")  # it listens for rules with a schedule

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)

    @property
    def delivery(self) -> Delivery:
        return self.estate.delivery

    @delivery.setter
    def delivery(self, delivery: Delivery) -> None:
        self.estate.delivery = delivery

    def emit(
        self,
        account: str,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
        region: str | None = None,
    ) -> None:
        """An AWS service puts an event on the account's default bus; by `delivery.drop` it may be lost."""
        emit(self.estate, account, source, detail_type, detail, resources, region)

    def asks_for_readings(self, account: str, region: str) -> bool:
        """Whether a rule of the account's default bus wants the calls that only read, too (facts 3)."""
        return asks_for_readings(self.estate, account, region)

    def put(self, bus_arn: str, event: Event, rules: Sequence[str] | None = None) -> None:
        """Put a whole event on a bus: its rules (or only those with an ARN in `rules`) carry it on.

        A bus that does not exist swallows it, as PutEvents does.
        """
        put(self.estate, bus_arn, event, rules)

    def carry(self, rule: Any, event: Event) -> None:
        """Send an event to all targets of a rule (moto's), by and by."""
        carry(self.estate, rule, event)

    def hand_over(
        self,
        arn: str,
        payload: Any,
        caller: Caller,
        *,
        context: Mapping[str, str] | None = None,
        attributes: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        source: str = "",
        detail_type: str = "",
    ) -> None:
        """An AWS service hands a JSON value, or Plain text, to a queue, topic, function, machine, bus or log group.

        `caller` is that service, or a role's session; `context` holds condition keys (aws:SourceArn).
        `attributes` become SQS message attributes, `parameters` are a rule's target, `source` and
        `detail_type` make the event when `arn` is a bus. Raises AwsError: access denied, no such resource.
        """
        hand_over(
            self.estate,
            arn,
            payload,
            caller,
            context=context,
            attributes=attributes,
            parameters=parameters,
            source=source,
            detail_type=detail_type,
        )
