"""Schedules: EventBridge Scheduler's and the rules with a schedule, rung in the background of the clock.

moto keeps them; here they are timed. Nobody waits for them: `settle` lets them pass only when something
else takes that long. Source: EventBridge Scheduler user guide, "Schedule types".
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import botocore.exceptions
from botocore import xform_name
from moto.backends import get_backend

from localcloud.caller import Caller
from localcloud.errors import AwsError, NotEmulated
from localcloud.events import Plain
from localcloud.gate import Done
from localcloud.ids import uuid4

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

RETRIES, RETRY_SECONDS = 185, 86_400.0
LONGEST_WAIT = 900.0
SEARCHED_DAYS = 366 * 5  # how far ahead a cron expression is looked for

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\((.+)\)")
_UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


@dataclass(frozen=True)
class Firing:
    """One time at which a schedule fires: `planned` by its expression, `attempt` from 1."""

    schedule: Any  # moto's Schedule
    account: str
    planned: float
    attempt: int = 1


@dataclass
class _Timer:
    signature: str
    call_off: Callable[[], None]


class Schedules:
    """The schedules of all accounts."""

    name: ClassVar[str] = "scheduler"
    operations: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.failures: list[str] = []
        """What schedules could not do, one line each."""
        self._timers: dict[str, _Timer] = {}
        cloud.gate.observe(self._after, before=self._check, also_quiet=True)

    def handle(self, operation: str, *_: Any) -> dict[str, Any]:
        """Never asked: `operations` is empty, so moto answers all."""
        raise NotEmulated(self.name, operation)

    def fire(self, account: str, name: str, group: str = "default") -> None:
        """Let a schedule (of Scheduler) fire now, besides its times."""
        schedule = self._groups(account)[group].get_schedule(name)
        self._fire(Firing(schedule, account, self.cloud.clock.now))

    def _groups(self, account: str) -> dict[str, Any]:
        groups: dict[str, Any] = get_backend("scheduler")[account][self.cloud.region].schedule_groups
        return groups

    def _check(self, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
        """Refuse schedules that Scheduler and EventBridge refuse and moto takes."""
        if (service, operation) == ("events", "PutRule") and params.get("ScheduleExpression"):
            expression, text = params["ScheduleExpression"], "Parameter ScheduleExpression is not valid."
            if expression.startswith("at("):
                raise AwsError("ValidationException", text)
            self._check_expression(expression, UTC, text)
        if service != "scheduler" or operation not in {"CreateSchedule", "UpdateSchedule"}:
            return
        if params.get("GroupName", "default") not in self._groups(caller.account):
            text = f"Schedule group {params['GroupName']} does not exist."
            raise AwsError("ResourceNotFoundException", text, 404)
        try:
            zone = ZoneInfo(params.get("ScheduleExpressionTimezone") or "UTC")
        except (ValueError, KeyError) as error:
            text = f"Invalid ScheduleExpressionTimezone {params['ScheduleExpressionTimezone']}."
            raise AwsError("ValidationException", text) from error
        text = f"Invalid Schedule Expression {params['ScheduleExpression']}."
        self._check_expression(params["ScheduleExpression"], zone, text)
        _check_window(params["FlexibleTimeWindow"])
        _check_target(params["Target"])
        role = params["Target"]["RoleArn"]
        if (
            self.cloud.enforce_iam
            and not self.cloud.iam.trusts(role, _scheduler(caller.account, caller.region)).allowed
        ):
            text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            raise AwsError("ValidationException", text)

    def _check_expression(self, expression: str, zone: tzinfo, text: str) -> None:
        try:
            next(following(expression, self.cloud.clock.now, self.cloud.clock.now, zone), None)
        except (ValueError, KeyError) as error:
            raise AwsError("ValidationException", text) from error

    def _after(self, done: Done, _: Any) -> None:
        if done.error is not None:
            return
        if done.service == "scheduler" and "Schedule" in done.operation:
            self._follow_schedules(done.caller.account)
        elif done.service == "events" and done.operation.endswith("Rule"):
            self._follow_rules(done.caller.account)

    # --- Scheduler -----------------------------------------------------------------------------------------

    def _follow_schedules(self, account: str) -> None:
        prefix = f"arn:aws:scheduler:{self.cloud.region}:{account}:"
        found = {
            schedule.arn: schedule
            for group in self._groups(account).values()
            for schedule in group.schedules.values()
            if schedule.state == "ENABLED"
        }
        self._keep(prefix, found, lambda arn, since: self._plan(found[arn], account, since))

    def _follow_rules(self, account: str) -> None:
        prefix = f"arn:aws:events:{self.cloud.region}:{account}:"
        bus = get_backend("events")[account][self.cloud.region].event_buses["default"]
        found = {
            rule.arn: rule for rule in bus.rules.values() if rule.scheduled_expression and rule.state != "DISABLED"
        }
        self._keep(prefix, found, lambda arn, since: self._plan_rule(found[arn], since))

    def _keep(
        self, prefix: str, found: Mapping[str, Any], plan: Callable[[str, float], Callable[[], None] | None]
    ) -> None:
        """Bring the timers whose ARN begins with `prefix` in line with what was found."""
        for arn in [arn for arn in self._timers if arn.startswith(prefix)]:
            if arn not in found or self._timers[arn].signature != _signature(found[arn]):
                self._timers.pop(arn).call_off()
        for arn, what in found.items():
            if arn not in self._timers:
                self._timers[arn] = _Timer(_signature(what), lambda: None)
                self._plan_next(arn, plan, self.cloud.clock.now)

    def _plan_next(self, arn: str, plan: Callable[[str, float], Callable[[], None] | None], since: float) -> None:
        call_off = plan(arn, since)
        if call_off is None:
            return
        if arn in self._timers:
            self._timers[arn].call_off = call_off
        else:
            call_off()  # deleted by what it rang

    def _plan(self, schedule: Any, account: str, since: float) -> Callable[[], None] | None:
        zone = ZoneInfo(schedule.schedule_expression_timezone)
        # A rate starts at once unless a start is given, as Scheduler does.
        start = _moment(schedule.start_date) or float(schedule.creation_date)
        planned = next(following(schedule.schedule_expression, start, since, zone), None)
        end = _moment(schedule.end_date)
        if planned is None or (end is not None and planned > end):
            return None
        window = schedule.flexible_time_window or {}
        spread = 60.0 * float(window.get("MaximumWindowInMinutes") or 0)
        late = self.cloud.random.uniform(0, spread) if window.get("Mode") == "FLEXIBLE" else 0.0

        def fire() -> None:
            self._fire(Firing(schedule, account, planned))
            again = self._plan(schedule, account, planned + 1)
            timer = self._timers.get(schedule.arn)
            if again is not None and timer is not None:
                timer.call_off = again
            elif again is not None:
                again()  # what it rang has deleted it
            elif schedule.action_after_completion == "DELETE":
                self._groups(account)[schedule.group_name].schedules.pop(schedule.name, None)

        seconds = planned + late - self.cloud.clock.now
        return self.cloud.clock.after(seconds, fire, f"schedule {schedule.name}", background=True)

    def _fire(self, firing: Firing) -> None:
        target = firing.schedule.target
        try:
            self._call(firing, target)
        except (AwsError, botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            self._failed(firing, target, error)

    def _call(self, firing: Firing, target: Mapping[str, Any]) -> None:
        role = target["RoleArn"]
        account, name = role.split(":")[4], role.rpartition("/")[2]
        if not self.cloud.iam.trusts(role, _scheduler(firing.account, self.cloud.region)).allowed:
            raise AwsError("AccessDenied", f"scheduler.amazonaws.com may not assume {role}", 403)
        session = f"{firing.schedule.name}"[:64]
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
        caller = Caller(account, self.cloud.region, arn, role=name, session=session)
        text = self._input(firing, target.get("Input") or "")
        universal = re.fullmatch(r"arn:aws:scheduler:::aws-sdk:([\w-]+):(\w+)", target["Arn"])
        if universal:
            client = self.cloud.client(_SDK_SERVICES.get(universal[1], universal[1]), account, name)
            answer = getattr(client, xform_name(universal[2]))(**json.loads(text or "{}"))
            if answer.get("FailedEntryCount"):
                raise AwsError("FailedEntries", json.dumps(answer.get("Entries"), default=str))
            return
        bus = target.get("EventBridgeParameters") or {}
        payload: Any = self._default(firing)
        if text:
            payload = json.loads(text) if target["Arn"].split(":")[2] in _TAKE_JSON else Plain(text)
        self.cloud.events.hand_over(
            target["Arn"],
            payload,
            caller,
            parameters=target,
            source=bus.get("Source", ""),
            detail_type=bus.get("DetailType", ""),
        )

    def _default(self, firing: Firing) -> dict[str, Any]:
        """What a target gets without an Input (facts §2.6)."""
        return {
            "version": "0",
            "id": uuid4(self.cloud.random_ids),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": firing.account,
            "time": _stamp(firing.planned),
            "region": self.cloud.region,
            "resources": [firing.schedule.arn],
            "detail": "{}",
        }

    def _input(self, firing: Firing, text: str) -> str:
        words = {
            "<aws.scheduler.schedule-arn>": firing.schedule.arn,
            "<aws.scheduler.scheduled-time>": _stamp(firing.planned),
            "<aws.scheduler.execution-id>": uuid4(self.cloud.random_ids),
            "<aws.scheduler.attempt-number>": str(firing.attempt),
        }
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    def _failed(self, firing: Firing, target: Mapping[str, Any], error: Exception) -> None:
        """Try again by the target's RetryPolicy, or give the input to its dead-letter queue."""
        self.failures.append(f"{firing.schedule.arn}: {error}")
        policy = target.get("RetryPolicy") or {}
        wait = min(LONGEST_WAIT, 2.0**firing.attempt)
        too_old = self.cloud.clock.now + wait - firing.planned > policy.get("MaximumEventAgeInSeconds", RETRY_SECONDS)
        if firing.attempt <= policy.get("MaximumRetryAttempts", RETRIES) and not too_old:
            again = Firing(firing.schedule, firing.account, firing.planned, firing.attempt + 1)
            self.cloud.clock.after(wait, lambda: self._fire(again), "schedule again", background=True)
            return
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if queue:
            attributes = {
                "SCHEDULE_ARN": firing.schedule.arn,
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": getattr(error, "code", type(error).__name__),
                "ERROR_MESSAGE": str(error),
                "RETRY_ATTEMPTS": str(firing.attempt - 1),
            }
            caller = _scheduler(firing.account, self.cloud.region)
            text = Plain(self._input(firing, target.get("Input") or "{}"))
            try:
                context = {"aws:SourceArn": firing.schedule.arn}
                self.cloud.events.hand_over(queue, text, caller, context=context, attributes=attributes)
            except AwsError as unreachable:
                self.failures.append(f"{firing.schedule.arn}: {unreachable}")

    # --- rules with a schedule -----------------------------------------------------------------------------

    def _plan_rule(self, rule: Any, since: float) -> Callable[[], None] | None:
        # A rule's rate begins one period after the rule, unlike Scheduler's.
        planned = next(following(rule.scheduled_expression, since, since + 1, UTC), None)
        if planned is None:
            return None

        def fire() -> None:
            event = {
                "version": "0",
                "id": uuid4(self.cloud.random_ids),
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": rule.account_id,
                "time": _stamp(self.cloud.clock.now),
                "region": rule.region_name,
                "resources": [rule.arn],
                "detail": {},
            }
            self.cloud.events.carry(rule, event)
            self._plan_next(rule.arn, lambda _, at: self._plan_rule(rule, at), planned)

        seconds = planned - self.cloud.clock.now
        return self.cloud.clock.after(seconds, fire, f"rule {rule.name}", background=True)


def _check_window(window: Mapping[str, Any]) -> None:
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        text = "MaximumWindowInMinutes must be given when, and only when, the Mode of FlexibleTimeWindow is FLEXIBLE."
        raise AwsError("ValidationException", text)


def _check_target(target: Mapping[str, Any]) -> None:
    arn = target["Arn"]
    if not re.fullmatch(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})?:\S+", arn):
        raise AwsError("ValidationException", f"Provided Arn is not in correct format: {arn}.")
    service = arn.split(":")[2]
    if service == "events" and "EventBridgeParameters" not in target:
        raise AwsError("ValidationException", f"EventBridgeParameters are required for target {arn}.")
    if service in _TAKE_JSON and target.get("Input"):
        try:
            json.loads(target["Input"])
        except ValueError as error:
            raise AwsError("ValidationException", f"Invalid RequestJson provided. Reason: {error}") from error


_TAKE_JSON = frozenset({"events", "lambda", "scheduler", "states"})
"""Targets whose Input is a JSON document; to a queue or a topic any text goes as it is."""

_SDK_SERVICES = {"eventbridge": "events", "sfn": "stepfunctions", "vpclattice": "vpc-lattice"}


def _scheduler(account: str, region: str) -> Caller:
    return Caller(account, region, "scheduler.amazonaws.com", service="scheduler.amazonaws.com")


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


def _stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- when ------------------------------------------------------------------------------------------------


def following(expression: str, start: float, since: float, zone: tzinfo) -> Iterator[float]:
    """The times (epoch seconds) from `since` on at which an expression fires; ValueError when it is none.

    `start` is where a rate begins.
    """
    if match := _RATE.fullmatch(expression):
        count, unit = int(match[1]), match[2]
        if count < 1 or (count == 1) == expression.endswith("s)"):
            raise ValueError(f"not a rate: {expression}")
        return _rate(count * _UNITS[unit], start, since)
    if match := _AT.fullmatch(expression):
        at = datetime.fromisoformat(match[1]).replace(tzinfo=zone).timestamp()
        return iter([at] if at >= since else [])
    if match := _CRON.fullmatch(expression):
        return _cron(_Cron(match[1]), since, zone)
    raise ValueError(f"not a schedule expression: {expression}")


def _rate(period: float, start: float, since: float) -> Iterator[float]:
    passed = max(0.0, since - start)
    at = start + period * -(-passed // period)
    while True:
        yield at
        at += period


class _Cron:
    """The six fields of a cron expression; ValueError when they make no sense."""

    def __init__(self, text: str) -> None:
        fields = text.split()
        if len(fields) != 6:
            raise ValueError(f"cron takes six fields: {text}")
        if "?" not in (fields[2], fields[4]):
            raise ValueError(f"either day-of-month or day-of-week must be ?: {text}")
        self.minutes = _numbers(fields[0], 0, 59)
        self.hours = _numbers(fields[1], 0, 23)
        self.months = _numbers(fields[3], 1, 12, _MONTHS)
        self.years = _numbers(fields[5], 1970, 2199)
        self.day, self.weekday = fields[2].upper(), fields[4].upper()
        self._days = frozenset() if self.day in {"?", "L", "LW"} or "W" in self.day else _numbers(self.day, 1, 31)
        special = self.weekday == "?" or self.weekday.endswith("L") or "#" in self.weekday
        self._weekdays = frozenset() if special else _numbers(self.weekday, 1, 7, _DAYS)

    def is_day(self, day: datetime) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        last = calendar.monthrange(day.year, day.month)[1]
        weekday = day.isoweekday() % 7 + 1
        if self.day != "?":
            if self.day == "L":
                return day.day == last
            if "W" in self.day:
                wanted = last if self.day == "LW" else int(self.day.removesuffix("W"))
                return day.day == _nearest_weekday(day.year, day.month, wanted, last)
            return day.day in self._days
        if "#" in self.weekday:
            which, _, number = self.weekday.partition("#")
            return weekday == _number(which, _DAYS) and (day.day - 1) // 7 + 1 == int(number)
        if self.weekday.endswith("L"):
            return weekday == _number(self.weekday[:-1] or "SAT", _DAYS) and day.day + 7 > last
        return weekday in self._weekdays


def _cron(cron: _Cron, since: float, zone: tzinfo) -> Iterator[float]:
    day = datetime.fromtimestamp(since, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(SEARCHED_DAYS):
        if cron.is_day(day):
            for hour in sorted(cron.hours):
                for minute in sorted(cron.minutes):
                    at = day.replace(hour=hour, minute=minute).timestamp()
                    if at >= since:
                        yield at
        day = day + timedelta(days=1)


def _nearest_weekday(year: int, month: int, wanted: int, last: int) -> int:
    weekday = calendar.weekday(year, month, min(wanted, last))
    day = min(wanted, last)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _numbers(field: str, least: int, most: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in field.upper().split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = least, most
        elif "-" in span:
            first, last = (_number(end, names) for end in span.split("-", 1))
        else:
            first = _number(span, names)
            last = most if step else first
        if not least <= first <= last <= most:
            raise ValueError(f"not within {least}-{most}: {field}")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: Mapping[str, int] | None) -> int:
    return names[text] if names and text in names else int(text)
