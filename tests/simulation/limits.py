"""What binds a fleet: AWS's quotas from their file, and the templates' own limits from the templates."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from localcloud.services.cloudformation.read import read
from replay.story import ROOT

QUOTAS = Path(__file__).with_name("quotas.toml")


class Rate(msgspec.Struct, frozen=True):
    """`burst` at once, then `rate` a second."""

    rate: float
    burst: float
    of: str


class Count(msgspec.Struct, frozen=True):
    """At most so many of what it counts; `then` what happens to the next one, `do` what to do about it."""

    most: int
    counts: Literal["accounts", "services", "services_an_account"]
    code: str
    of: str
    then: str
    do: str


class Quotas(msgspec.Struct, frozen=True):
    date: date
    rate: dict[str, Rate]
    count: dict[str, Count]


class Retry(msgspec.Struct, frozen=True):
    """How the state machine comes back to a function that Lambda does not run: the first wait in seconds, and on."""

    interval: float
    backoff: float
    attempts: int
    longest: float


class Limits(msgspec.Struct, frozen=True):
    """Of the deployment; times in seconds. `retries` by state; `queue_age`, `slow`: where these alarms ring."""

    batch: int
    window: float
    pollers: int
    receives: int
    visibility: float
    sweep_every: float
    sweep_within: float
    queue_age: float
    slow: float
    run_at_most: float
    retries: dict[str, Retry]


def quotas() -> Quotas:
    return msgspec.convert(tomllib.loads(QUOTAS.read_text()), Quotas)


def limits() -> Limits:
    """Read from the templates and the state machine as they are."""
    template, member = (read((ROOT / name).read_text())["Resources"] for name in ("template.yaml", "member.yaml"))
    machine = json.loads((ROOT / "functions/reconcile.asl.json").read_text())
    polls = template["IntakeFunction"]["Properties"]["Events"]["Queue"]["Properties"]
    queue, sweep = template["Queue"]["Properties"], member["Sweep"]["Properties"]
    every = re.fullmatch(r"rate\((\d+) hours?\)", sweep["ScheduleExpression"])
    if every is None:
        raise ValueError(f"the sweep's {sweep['ScheduleExpression']} is no rate in hours")
    return Limits(
        batch=polls["BatchSize"],
        window=polls["MaximumBatchingWindowInSeconds"],
        pollers=polls["ScalingConfig"]["MaximumConcurrency"],
        receives=queue["RedrivePolicy"]["maxReceiveCount"],
        visibility=queue["VisibilityTimeout"],
        sweep_every=3600 * int(every[1]),
        sweep_within=60 * sweep["FlexibleTimeWindow"]["MaximumWindowInMinutes"],
        queue_age=template["QueueAgeAlarm"]["Properties"]["Threshold"],
        slow=template["SlowToConnectAlarm"]["Properties"]["Threshold"],
        run_at_most=machine["TimeoutSeconds"],
        retries={name: _retry(state["Retry"][0]) for name, state in machine["States"].items() if "Retry" in state},
    )


def _retry(first: dict[str, Any]) -> Retry:
    if "Lambda.TooManyRequestsException" not in first["ErrorEquals"] or first["JitterStrategy"] != "FULL":
        raise ValueError("the first Retry of a task is not that of a function that Lambda does not run at once")
    return Retry(first["IntervalSeconds"], first["BackoffRate"], first["MaxAttempts"], first["MaxDelaySeconds"])


def exceeded(known: Quotas, accounts: int, services_an_account: int) -> list[Count]:
    """The counts that a fleet of this size is above, the one that binds first at the head."""
    have = {
        "accounts": accounts,
        "services": accounts * services_an_account,
        "services_an_account": services_an_account,
    }
    over = [one for one in known.count.values() if have[one.counts] > one.most]
    return sorted(over, key=lambda one: one.most / have[one.counts])
