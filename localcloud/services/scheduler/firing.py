"""What happens when a schedule fires: its target is called, again, or given up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions
from botocore import xform_name

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.ids import uuid4
from localcloud.ground.plain import Plain
from localcloud.services.scheduler.estate import Estate, Firing, as_scheduler
from localcloud.services.scheduler.refusals import TAKE_JSON

RETRIES, RETRY_SECONDS = 185, 86_400.0
LONGEST_WAIT = 900.0
_SDK_SERVICES = {"eventbridge": "events", "sfn": "stepfunctions", "vpclattice": "vpc-lattice"}


def stamp(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fire(estate: Estate, firing: Firing) -> None:
    target = firing.schedule.target
    try:
        call(estate, firing, target)
    except (AwsError, botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        failed(estate, firing, target, error)


def call(estate: Estate, firing: Firing, target: Mapping[str, Any]) -> None:
    role = target["RoleArn"]
    account, name = role.split(":")[4], role.rpartition("/")[2]
    if not estate.cloud.iam.trusts(role, as_scheduler(firing.account, estate.cloud.region)).allowed:
        raise AwsError("AccessDenied", f"scheduler.amazonaws.com may not assume {role}", 403)
    session = f"{firing.schedule.name}"[:64]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    caller = Caller(account, estate.cloud.region, arn, role=name, session=session)
    text = filled(estate, firing, target.get("Input") or "")
    universal = re.fullmatch(r"arn:aws:scheduler:::aws-sdk:([\w-]+):(\w+)", target["Arn"])
    if universal:
        client = estate.cloud.client(_SDK_SERVICES.get(universal[1], universal[1]), account, name)
        answer = getattr(client, xform_name(universal[2]))(**json.loads(text or "{}"))
        if answer.get("FailedEntryCount"):
            raise AwsError("FailedEntries", json.dumps(answer.get("Entries"), default=str))
        return
    bus = target.get("EventBridgeParameters") or {}
    payload: Any = default_input(estate, firing)
    if text:
        payload = json.loads(text) if target["Arn"].split(":")[2] in TAKE_JSON else Plain(text)
    estate.cloud.events.hand_over(
        target["Arn"],
        payload,
        caller,
        parameters=target,
        source=bus.get("Source", ""),
        detail_type=bus.get("DetailType", ""),
    )


def default_input(estate: Estate, firing: Firing) -> dict[str, Any]:
    """What a target gets without an Input (facts 2.6)."""
    return {
        "version": "0",
        "id": uuid4(estate.cloud.random_ids),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": firing.account,
        "time": stamp(firing.planned),
        "region": estate.cloud.region,
        "resources": [firing.schedule.arn],
        "detail": "{}",
    }


def filled(estate: Estate, firing: Firing, text: str) -> str:
    words = {
        "<aws.scheduler.schedule-arn>": firing.schedule.arn,
        "<aws.scheduler.scheduled-time>": stamp(firing.planned),
        "<aws.scheduler.execution-id>": uuid4(estate.cloud.random_ids),
        "<aws.scheduler.attempt-number>": str(firing.attempt),
    }
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def failed(estate: Estate, firing: Firing, target: Mapping[str, Any], error: Exception) -> None:
    """Try again by the target's RetryPolicy, or give the input to its dead-letter queue."""
    estate.failures.append(f"{firing.schedule.arn}: {error}")
    policy = target.get("RetryPolicy") or {}
    wait = min(LONGEST_WAIT, 2.0**firing.attempt)
    too_old = estate.cloud.clock.now + wait - firing.planned > policy.get("MaximumEventAgeInSeconds", RETRY_SECONDS)
    if firing.attempt <= policy.get("MaximumRetryAttempts", RETRIES) and not too_old:
        again = Firing(firing.schedule, firing.account, firing.planned, firing.attempt + 1)
        estate.cloud.clock.after(wait, lambda: fire(estate, again), "schedule again", background=True)
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
        caller = as_scheduler(firing.account, estate.cloud.region)
        text = Plain(filled(estate, firing, target.get("Input") or "{}"))
        try:
            context = {"aws:SourceArn": firing.schedule.arn}
            estate.cloud.events.hand_over(queue, text, caller, context=context, attributes=attributes)
        except AwsError as unreachable:
            estate.failures.append(f"{firing.schedule.arn}: {unreachable}")
