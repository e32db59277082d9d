"""CloudWatch, moto's; the alarms' states are ours: what they watch is looked at in simulated time, and they ring."""

from __future__ import annotations

from localcloud.door.call import Done
from localcloud.ground.journal import Record
from localcloud.services.cloudwatch import alarms, statistics
from localcloud.services.cloudwatch.estate import Around, Estate
from localcloud.services.cloudwatch.metrics import data_of, data_put


class Alarms:
    """The alarms of all accounts. Their metrics: functions, state machines, queues, what functions print as EMF, and
    what anybody puts.

    They are looked at a minute after something happened, and as long as something is in their periods: where nothing
    happens nothing is looked at, and time does not stand in the way.
    """

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        # What happened before the first alarm was made is theirs as well.
        for record in cloud.journal:
            self._hear(record)
        cloud.journal.hear(self._hear)
        cloud.gate.guard(statistics.refuse)
        cloud.gate.observe(self._see)

    def _see(self, done: Done) -> None:
        if (done.service, done.operation) == ("cloudwatch", "PutMetricData") and done.error is None:
            self.estate.data += data_put(done.caller.account, done.params, self.estate.cloud.clock.now)
            alarms.wake(self.estate)

    def _hear(self, record: Record) -> None:
        self.estate.data += data_of(record)
        alarms.wake(self.estate)
