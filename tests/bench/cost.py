"""What an onboarding, a sweep, an account-month and the stack at rest cost: counts that were measured, times prices."""

import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from onramp.core.metrics import METRICS

from localcloud.services.cloudformation.read import read
from replay.story import ROOT
from tests.bench.replays import Measured

PRICES = Path(__file__).with_name("prices.toml")
PAGE = ROOT / "docs" / "cost.md"

FLEETS = (10, 200, 1000)
A_THOUSAND = 1000

type Bill = Counter[str]
"""Price name -> how much of it; fractions where a price's unit is larger than what is used."""


class Price(msgspec.Struct, frozen=True):
    """`usd` for `per` of what `of` says."""

    usd: float
    per: int
    of: str
    source: str


class Assumed(msgspec.Struct, frozen=True):
    value: float
    of: str


class Prices(msgspec.Struct, frozen=True):
    region: str
    date: date
    price: dict[str, Price]
    assumed: dict[str, Assumed]

    def usd(self, bill: Bill) -> float:
        """KeyError where something has no price."""
        return sum(amount * self.price[name].usd / self.price[name].per for name, amount in bill.items())

    def assume(self, name: str) -> float:
        return self.assumed[name].value


class Stack(msgspec.Struct, frozen=True):
    """What the templates make that costs while nothing happens, with their defaults.

    `memory`: GB of a function. `watches`: invocations of the watch an hour. `member_alarms`: of one member.
    """

    memory: float
    watches: float
    alarm_metrics: int
    dashboards: int
    keys: int
    sweeps: float
    member_alarms: int


def prices() -> Prices:
    return msgspec.convert(tomllib.loads(PRICES.read_text()), Prices)


def stack() -> Stack:
    """Read from the templates; ValueError where a schedule is written in another way than by a rate."""
    template, member = (read((ROOT / name).read_text()) for name in ("template.yaml", "member.yaml"))
    made = template["Resources"]
    return Stack(
        memory=template["Globals"]["Function"]["MemorySize"] / 1024,
        watches=_an_hour(made["WatchSchedule"]["Properties"]["ScheduleExpression"]),
        alarm_metrics=sum(map(_watched, _of(made, "AWS::CloudWatch::Alarm"))),
        dashboards=len(_of(made, "AWS::CloudWatch::Dashboard")),
        keys=len(_of(made, "AWS::KMS::Key")),
        sweeps=_an_hour(member["Resources"]["Sweep"]["Properties"]["ScheduleExpression"]),
        # Those with a condition are made where it is asked for.
        member_alarms=sum("Condition" not in it for it in _of(member["Resources"], "AWS::CloudWatch::Alarm")),
    )


def _of(resources: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [it for it in resources.values() if it["Type"] == kind]


def _watched(alarm: dict[str, Any]) -> int:
    """An alarm is paid by the metrics that it reads."""
    return sum("MetricStat" in it for it in alarm["Properties"].get("Metrics", [{"MetricStat": {}}]))


def _an_hour(expression: str) -> float:
    found = re.fullmatch(r"rate\((\d+) (minute|hour)s?\)", expression)
    if found is None:
        raise ValueError(f"{expression} is no rate of minutes or hours")
    return (60 if found[2] == "minute" else 1) / int(found[1])


# --- bills


def of_trigger(it: Measured, made: Stack, known: Prices) -> Bill:
    """What one trigger uses: its runs, and the events that rang and were announced."""
    writes = it.by_operation.get("dynamodb:UpdateItem", 0)
    seconds = it.invocations * known.assume("seconds_an_invocation") + it.calls * known.assume("seconds_a_call")
    seconds += it.slept
    return Counter(
        {
            "transition": it.transitions,
            "invocation": it.invocations,
            "gigabyte_second": seconds * made.memory,
            "event": it.events,
            "queue_request": 3 * it.events,  # sent, received, deleted
            "write_unit": writes * known.assume("item_units"),
            "key_request": writes,
            "trace": 2 * it.runs,  # of the intake, and of the run with its functions
            "logged_gigabyte": it.invocations * known.assume("logged_kilobytes") / 1e6,
        }
    )


def of_sweep(it: Measured, made: Stack, known: Prices) -> Bill:
    """The same, with what rings it in the member: a schedule, and its event on the member's own bus."""
    return of_trigger(it, made, known) + Counter({"schedule": 1, "event": 1})


def of_account_month(sweep: Bill, made: Stack, known: Prices) -> Bill:
    """A member at rest: its sweeps, and its item, which each watch reads."""
    hours = known.assume("hours_a_month")
    bill: Bill = Counter({name: amount * made.sweeps * hours for name, amount in sweep.items()})
    bill["read_unit"] = made.watches * hours * known.assume("item_units") / 4 / 2
    bill["alarm_metric"] = made.member_alarms
    return +bill


def of_stack_month(made: Stack, known: Prices) -> Bill:
    """The network account's stack, without a member: what is paid by the month, the watch, and the queue's polling."""
    watches = made.watches * known.assume("hours_a_month")
    seconds = known.assume("seconds_an_invocation") + known.assume("seconds_a_call")
    return Counter(
        {
            "alarm_metric": made.alarm_metrics,
            "metric": len(METRICS) - 1 + known.assume("codes"),  # RefusalsByCode is one for each code
            "dashboard": made.dashboards,
            "key": made.keys,
            "invocation": watches,
            "event": watches,
            "gigabyte_second": watches * seconds * made.memory,
            "read_unit": watches,
            "trace": watches,
            "logged_gigabyte": watches * known.assume("logged_kilobytes") / 1e6,
            "queue_request": known.assume("polls_a_minute") * 60 * known.assume("hours_a_month"),
        }
    )


# --- the page


def page(measured: list[Measured]) -> str:
    """The whole page. StopIteration where no sweep was measured."""
    known, made = prices(), stack()
    sweep = next(it for it in measured if "sweep" in it.what)
    bills = {it.what: of_sweep(it, made, known) if it is sweep else of_trigger(it, made, known) for it in measured}
    month, rest = of_account_month(bills[sweep.what], made, known), of_stack_month(made, known)
    alarm = known.price["alarm_metric"].usd
    parts = [
        HEAD.format(
            region=known.region, date=known.date, rest=f"{known.usd(rest):.2f}", month=f"{known.usd(month):.2f}"
        ),
        _table(
            ["what happens", "calls", "transitions", "invocations", "events", "USD for a thousand"],
            [(it.what, *_counts(it), _usd(A_THOUSAND * known.usd(bills[it.what]))) for it in measured],
        ),
        AT_REST,
        _lines(known, month, "a member account, by the month"),
        ALARM.format(alarm=f"{alarm:.2f}", month=f"{known.usd(month):.2f}"),
        _lines(known, rest, "the network account's stack, by the month"),
        FLEET.format(hour=f"{known.price['service_hour'].usd:.3f}", service=f"{_service(known):.2f}"),
        _table(
            ["member accounts", "stack and members", "a month and account", "its services, one each"],
            [
                (
                    f"{fleet:,}",
                    f"{known.usd(rest) + fleet * known.usd(month):.2f}",
                    f"{known.usd(rest) / fleet + known.usd(month):.2f}",
                    f"{fleet * _service(known):,.2f}",
                )
                for fleet in FLEETS
            ],
        ),
        FROM.format(region=known.region, date=known.date),
        _table(
            ("price", "USD", "for", "from"),
            [
                (it.of, f"{it.usd:.10f}".rstrip("0").rstrip("."), f"{it.per:,}", f"<{it.source}>")
                for it in known.price.values()
            ],
        ),
        ASSUMED,
        _table(("assumed", "value"), [(it.of, f"{it.value:g}") for it in known.assumed.values()]),
    ]
    return "\n".join(parts) + "\n"


def _counts(it: Measured) -> tuple[int, ...]:
    return it.calls, it.transitions, it.invocations, it.events


def _service(known: Prices) -> float:
    return known.usd(Counter({"service_hour": 1})) * known.assume("hours_a_month")


def _lines(known: Prices, bill: Bill, title: str) -> str:
    """A bill line by line, the dearest first."""
    costs = {name: known.usd(Counter({name: amount})) for name, amount in bill.items()}
    rows = [
        (known.price[name].of, f"{bill[name]:,.3f}".rstrip("0").rstrip("."), _usd(usd))
        for name, usd in sorted(costs.items(), key=lambda one: (-one[1], one[0]))
        if bill[name]
    ]
    return _table((title, "how many", "USD"), [*rows, ("together", "", _usd(sum(costs.values())))])


def _plain(usd: float) -> str:
    return f"{usd:.10f}".rstrip("0").rstrip(".")


def _usd(amount: float) -> str:
    return f"{amount:.4f}"


def _table(head: Any, rows: list[Any]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join((lines[0], "|---" * len(head) + "|", *lines[1:]))


HEAD = """# What it costs

<!-- Written by `make pages` from the counts of `make bench` and tests/bench/prices.toml; a test holds it to that. -->

Counts are measured on the local cloud; [prices](#prices) are AWS's of {region} as of {date}, without any free tier:
**check them before you rely on a sum.** In short: the network account's stack costs {rest} USD a month, each member
account {month} USD, and an onboarding a fraction of a cent.

## What happens

Each is one trigger with all that it brings about: functions, state machine, table, queue, bus, traces, logs. In the
first service of an account are the 20 s for which a function waits, to find out whether Lattice is quick.
"""

AT_REST = """
## While nothing happens

A member is looked at once an hour, by the sweep of the table above, which also reads what only hands can have changed.
"""

ALARM = """
An alarm of its own (`MemberAlarms=on`) adds {alarm} USD to these {month}: about as much again, so it is off unless
asked for, and an account whose events do not get through is missed by the watch instead (`account-silent`).
"""

FLEET = """
The watch runs every five minutes and reads the table; with an alarm, metric or key of your own (`KeyArn`) that you pay
already, take it off. Mails, the archive and what logs and backups hold are paid by size: cents.

## A fleet

VPC Lattice itself asks {hour} USD for each hour of a service, used or not: {service} a month, beside which the rest is
small.
"""

FROM = """
## Prices

Of {region}, as of {date}: from AWS's public pages, **check before you rely on it**. They stand in
`tests/bench/prices.toml`; `make pages` computes this page anew.
"""

ASSUMED = """
What no count tells is assumed, on the high side:
"""
