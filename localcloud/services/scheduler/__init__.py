"""Schedules: EventBridge Scheduler's and the rules with a schedule, rung in the background of the clock.

moto keeps them; here they are timed. Nobody waits for them: `settle` lets them pass only when something
else takes that long. Source: EventBridge Scheduler user guide, "Schedule types".
"""

from __future__ import annotations

import functools

from localcloud.services.scheduler.estate import Around, Estate, Firing
from localcloud.services.scheduler.firing import fire
from localcloud.services.scheduler.refusals import refuse
from localcloud.services.scheduler.timers import follow


class Schedules:
    """Scheduler of all accounts: moto answers for it, here schedules are refused, timed and rung."""

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        cloud.gate.guard(functools.partial(refuse, self.estate))
        cloud.gate.observe(functools.partial(follow, self.estate), also_quiet=True)

    @property
    def failures(self) -> list[str]:
        """What schedules could not do, one line each."""
        return self.estate.failures

    def fire(self, account: str, name: str, group: str = "default") -> None:
        """Let a schedule (of Scheduler) fire now, besides its times."""
        schedule = self.estate.groups(account)[group].get_schedule(name)
        fire(self.estate, Firing(schedule, account, self.estate.cloud.clock.now))
