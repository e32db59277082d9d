"""When a schedule fires: at(), rate() and cron()."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

SEARCHED_DAYS = 366 * 5  # how far ahead a cron expression is looked for
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\((.+)\)")
_UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


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
