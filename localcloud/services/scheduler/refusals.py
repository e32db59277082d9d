"""Schedules that Scheduler and EventBridge refuse and moto takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.json_text import read_json
from localcloud.services.scheduler.estate import Estate, as_scheduler
from localcloud.services.scheduler.expressions import following


def _check_window(window: Mapping[str, Any]) -> None:
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        text = "MaximumWindowInMinutes must be given when, and only when, the Mode of FlexibleTimeWindow is FLEXIBLE."
        raise AwsError("ValidationException", text)


def _check_target(target: Mapping[str, Any]) -> None:
    arn = target["Arn"]
    if not re.fullmatch(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})?:\S+", arn):
        raise AwsError("ValidationException", f"Provided Arn is not in correct format: {arn}.")
    service = arn.split(":")[2]
    if service not in CALLED:
        raise NotEmulated("scheduler", f"a schedule with the target {arn}")
    if service == "events" and "EventBridgeParameters" not in target:
        raise AwsError("ValidationException", f"EventBridgeParameters are required for target {arn}.")
    if service in TAKE_JSON and target.get("Input"):
        try:
            read_json(target["Input"], twice=True)
        except ValueError as error:
            raise AwsError("ValidationException", f"Invalid RequestJson provided. Reason: {error}") from error


CALLED = frozenset({"events", "lambda", "scheduler", "sns", "sqs", "states"})
"""Services whose things a schedule calls here; Scheduler's own are any service's calls."""

TAKE_JSON = frozenset({"events", "lambda", "scheduler", "states"})
"""Targets whose Input is a JSON document; to a queue or a topic any text goes as it is."""


def refuse(estate: Estate, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse schedules that Scheduler and EventBridge refuse and moto takes."""
    if (service, operation) == ("events", "PutRule") and params.get("ScheduleExpression"):
        expression, text = params["ScheduleExpression"], "Parameter ScheduleExpression is not valid."
        if expression.startswith("at("):
            raise AwsError("ValidationException", text)
        check_expression(estate, expression, UTC, text)
    if service != "scheduler" or operation not in {"CreateSchedule", "UpdateSchedule"}:
        return
    try:
        zone = ZoneInfo(params.get("ScheduleExpressionTimezone") or "UTC")
    except (ValueError, KeyError) as error:
        text = f"Invalid ScheduleExpressionTimezone {params['ScheduleExpressionTimezone']}."
        raise AwsError("ValidationException", text) from error
    text = f"Invalid Schedule Expression {params['ScheduleExpression']}."
    check_expression(estate, params["ScheduleExpression"], zone, text)
    _check_window(params["FlexibleTimeWindow"])
    _check_target(params["Target"])
    role = params["Target"]["RoleArn"]
    if (
        estate.cloud.enforce_iam
        and not estate.cloud.iam.trusts(role, as_scheduler(caller.account, caller.region)).allowed
    ):
        text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise AwsError("ValidationException", text)


def check_expression(estate: Estate, expression: str, zone: tzinfo, text: str) -> None:
    try:
        next(following(expression, estate.cloud.clock.now, estate.cloud.clock.now, zone), None)
    except (ValueError, KeyError) as error:
        raise AwsError("ValidationException", text) from error
