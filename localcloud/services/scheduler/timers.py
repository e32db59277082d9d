"""Which schedules and rules are timed, brought in line with what there is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from moto.backends import get_backend

from localcloud.door.call import Done
from localcloud.ground.ids import uuid4
from localcloud.services.scheduler.estate import Estate, Firing, Timer
from localcloud.services.scheduler.expressions import following
from localcloud.services.scheduler.firing import fire, stamp


def _signature(what: Any) -> str:
    """What a timer depends on: when this changes, it is set anew."""
    fields = (
        "scheduled_expression",
        "schedule_expression",
        "schedule_expression_timezone",
        "flexible_time_window",
        "target",
        "start_date",
        "end_date",
    )
    return json.dumps([getattr(what, field, None) for field in fields], default=str) + str(
        id(what) if hasattr(what, "scheduled_expression") else ""
    )


def _moment(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return float(value.timestamp()) if isinstance(value, datetime) else float(value)


def follow(estate: Estate, done: Done) -> None:
    if done.error is not None:
        return
    if done.service == "scheduler" and "Schedule" in done.operation:
        follow_schedules(estate, done.caller.account)
    elif done.service == "events" and done.operation.endswith("Rule"):
        follow_rules(estate, done.caller.account)


def follow_schedules(estate: Estate, account: str) -> None:
    prefix = f"arn:aws:scheduler:{estate.cloud.region}:{account}:"
    found = {
        schedule.arn: schedule
        for group in estate.groups(account).values()
        for schedule in group.schedules.values()
        if schedule.state == "ENABLED"
    }
    keep(estate, prefix, found, lambda arn, since: plan_schedule(estate, found[arn], account, since))


def follow_rules(estate: Estate, account: str) -> None:
    prefix = f"arn:aws:events:{estate.cloud.region}:{account}:"
    bus = get_backend("events")[account][estate.cloud.region].event_buses["default"]
    found = {rule.arn: rule for rule in bus.rules.values() if rule.scheduled_expression and rule.state != "DISABLED"}
    keep(estate, prefix, found, lambda arn, since: plan_rule(estate, found[arn], since))


def keep(
    estate: Estate, prefix: str, found: Mapping[str, Any], plan: Callable[[str, float], Callable[[], None] | None]
) -> None:
    """Bring the timers whose ARN begins with `prefix` in line with what was found."""
    for arn in [arn for arn in estate.timers if arn.startswith(prefix)]:
        if arn not in found or estate.timers[arn].signature != _signature(found[arn]):
            estate.timers.pop(arn).call_off()
    for arn, what in found.items():
        if arn not in estate.timers:
            estate.timers[arn] = Timer(_signature(what), lambda: None)
            plan_next(estate, arn, plan, estate.cloud.clock.now)


def plan_next(estate: Estate, arn: str, plan: Callable[[str, float], Callable[[], None] | None], since: float) -> None:
    call_off = plan(arn, since)
    if call_off is None:
        return
    if arn in estate.timers:
        estate.timers[arn].call_off = call_off
    else:
        call_off()  # deleted by what it rang


def plan_schedule(estate: Estate, schedule: Any, account: str, since: float) -> Callable[[], None] | None:
    zone = ZoneInfo(schedule.schedule_expression_timezone)
    # A rate starts at once unless a start is given, as Scheduler does.
    start = _moment(schedule.start_date) or float(schedule.creation_date)
    planned = next(following(schedule.schedule_expression, start, since, zone), None)
    end = _moment(schedule.end_date)
    if planned is None or (end is not None and planned > end):
        return None
    window = schedule.flexible_time_window or {}
    spread = 60.0 * float(window.get("MaximumWindowInMinutes") or 0)
    late = estate.cloud.random.uniform(0, spread) if window.get("Mode") == "FLEXIBLE" else 0.0

    def ring() -> None:
        fire(estate, Firing(schedule, account, planned))
        again = plan_schedule(estate, schedule, account, planned + 1)
        timer = estate.timers.get(schedule.arn)
        if again is not None and timer is not None:
            timer.call_off = again
        elif again is not None:
            again()  # what it rang has deleted it
        elif schedule.action_after_completion == "DELETE":
            estate.groups(account)[schedule.group_name].schedules.pop(schedule.name, None)

    seconds = planned + late - estate.cloud.clock.now
    return estate.cloud.clock.after(seconds, ring, f"schedule {schedule.name}", background=True)


def plan_rule(estate: Estate, rule: Any, since: float) -> Callable[[], None] | None:
    # A rule's rate begins one period after the rule, unlike Scheduler's.
    planned = next(following(rule.scheduled_expression, since, since + 1, UTC), None)
    if planned is None:
        return None

    def ring() -> None:
        event = {
            "version": "0",
            "id": uuid4(estate.cloud.random_ids),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": rule.account_id,
            "time": stamp(estate.cloud.clock.now),
            "region": rule.region_name,
            "resources": [rule.arn],
            "detail": {},
        }
        estate.cloud.events.carry(rule, event)
        plan_next(estate, rule.arn, lambda _, at: plan_rule(estate, rule, at), planned)

    seconds = planned - estate.cloud.clock.now
    return estate.cloud.clock.after(seconds, ring, f"rule {rule.name}", background=True)
