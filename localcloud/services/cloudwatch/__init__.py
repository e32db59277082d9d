"""CloudWatch, moto's; the alarms' states are ours: what they watch is looked at in simulated time, and they ring."""

from __future__ import annotations

from typing import Any, ClassVar

from moto.backends import get_backend

from localcloud.door.call import Done
from localcloud.ground.caller import Caller
from localcloud.ground.journal import Record
from localcloud.services.cloudwatch import alarms, composite, expressions, statistics
from localcloud.services.cloudwatch.estate import Around, Estate
from localcloud.services.cloudwatch.metrics import data_of, data_put


class Alarms:
    """The alarms of all accounts. Their metrics: functions, state machines, queues, what functions print as EMF, and
    what anybody puts.

    They are looked at a minute after something happened, and as long as something is in their periods: where nothing
    happens nothing is looked at, and time does not stand in the way.
    """

    operations: ClassVar[frozenset[str]] = frozenset({"PutCompositeAlarm"})

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        # What happened before the first alarm was made is theirs as well.
        for record in cloud.journal:
            self._hear(record)
        cloud.journal.hear(self._hear)
        cloud.gate.guard(statistics.refuse)
        cloud.gate.guard(alarms.refuse)
        cloud.gate.guard(expressions.refuse)
        cloud.gate.observe(self._see)
        cloud.gate.observe(self._set, self._state_of)

    def handle(self, _: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutCompositeAlarm, which moto has not."""
        composite.put(params, caller)
        alarms.compose(self.estate, caller.account)
        return {}

    def _state_of(self, service: str, operation: str, params: dict[str, Any], caller: Caller) -> str:
        """The state that somebody is about to set by hand."""
        if (service, operation) != ("cloudwatch", "SetAlarmState"):
            return ""
        alarm = get_backend("cloudwatch")[caller.account][caller.region].alarms.get(str(params.get("AlarmName")))
        return str(alarm.state_value) if alarm is not None else ""

    def _set(self, done: Done, before: str) -> None:
        # Until the next look it is as it was set, and does what it would do (API reference, SetAlarmState).
        if before and done.error is None and before != done.params["StateValue"]:
            alarm = get_backend("cloudwatch")[done.caller.account][done.caller.region].alarms[done.params["AlarmName"]]
            alarms.tell(self.estate, done.caller.account, alarm, before)
            alarms.compose(self.estate, done.caller.account)
            alarms.wake(self.estate)

    def _see(self, done: Done) -> None:
        if (done.service, done.operation) == ("cloudwatch", "PutMetricData") and done.error is None:
            self.estate.data += data_put(done.caller.account, done.params, self.estate.cloud.clock.now)
            alarms.wake(self.estate)

    def _hear(self, record: Record) -> None:
        self.estate.data += data_of(record)
        alarms.wake(self.estate)
