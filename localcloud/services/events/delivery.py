"""An event on its way from a bus to a target: tried, noted, tried again, given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.journal import DeliveryRecord, EventRecord
from localcloud.services.events.estate import Estate
from localcloud.services.events.inputs import group_of, payload_of
from localcloud.services.events.model import Delayed, Event, Hand, Undelivered
from localcloud.services.events.rules import ARCHIVE, is_active, takes
from localcloud.services.events.senders import ACTIONS, SENDERS, Handed, require

RETRIES, RETRY_SECONDS = 185, 86_400.0  # defaults of a target's RetryPolicy
LONGEST_WAIT = 900.0  # seconds between two attempts; the real back-off is not published
_TO_TRY_AGAIN = {"TooManyRequestsException", "ThrottlingException", "Throttling", "ExecutionLimitExceeded"}
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def _undelivered(error: AwsError) -> Undelivered:
    if error.code in _DENIED:
        return Undelivered("NO_PERMISSIONS", error.message)
    if error.code in _TO_TRY_AGAIN:
        return Undelivered("THROTTLING", error.message, again=True)
    return Undelivered("NO_RESOURCE" if error.status in {400, 404} else "INTERNAL_ERROR", error.message)


def as_events(rule: Any) -> Caller:
    return Caller(rule.account_id, rule.region_name, "events.amazonaws.com", service="events.amazonaws.com")


def source_of(rule: Any) -> dict[str, str]:
    return {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}


def put(estate: Estate, bus_arn: str, event: Event, rules: Sequence[str] | None = None) -> None:
    """Put a whole event on a bus: its rules (or only those with an ARN in `rules`) carry it on.

    A bus that does not exist swallows it, as PutEvents does.
    """
    bus = estate.bus(bus_arn)
    if bus is None:
        return
    matched = [
        rule
        for rule in bus.rules.values()
        if (rules is None or rule.arn in rules) and is_active(rule, event) and takes(rule, event)
    ]
    estate.cloud.journal.add(
        EventRecord(
            at=estate.cloud.clock.now,
            run=estate.cloud.gate.run,
            bus=bus.arn,
            event=event,
            rules=tuple(rule.arn for rule in matched),
        )
    )
    for rule in matched:
        carry(estate, rule, event)


def carry(estate: Estate, rule: Any, event: Event) -> None:
    """Send an event to all targets of a rule (moto's), by and by."""
    for target in list(rule.targets):
        hand = Hand(rule, target, event, estate.cloud.clock.now)
        later(estate, hand, latency(estate))
        if estate.delivery.duplicate and estate.cloud.random.random() < estate.delivery.duplicate:
            later(estate, hand, latency(estate) + estate.cloud.random.uniform(0, 60))


def latency(estate: Estate) -> float:
    extra = estate.cloud.random.uniform(0, 30) if estate.delivery.reorder else 0.0
    return estate.delivery.latency + estate.delivery.delay + extra


def later(estate: Estate, hand: Hand, seconds: float) -> None:
    estate.cloud.clock.after(seconds, lambda: deliver(estate, hand), f"delivery to {hand.target['Arn']}")


def deliver(estate: Estate, hand: Hand) -> None:
    try:
        send(estate, hand)
    except Delayed as delayed:
        later(estate, replace(hand, delayed=True), delayed.seconds)
    except Undelivered as error:
        note(estate, hand, error.code)
        wait = min(LONGEST_WAIT, 2.0**hand.attempt)
        exhausted = exhausted_by(estate, hand, wait) if error.again else ""
        if error.again and not exhausted:
            later(estate, replace(hand, attempt=hand.attempt + 1), wait)
        else:
            give_up(estate, hand, error, exhausted)
    else:
        note(estate, hand, "ok")


def note(estate: Estate, hand: Hand, outcome: str) -> None:
    record = DeliveryRecord(
        at=estate.cloud.clock.now,
        rule=hand.rule.arn,
        target=hand.target["Arn"],
        event_id=hand.event["id"],
        outcome=outcome,
    )
    estate.cloud.journal.add(record)


def exhausted_by(estate: Estate, hand: Hand, wait: float) -> str:
    """Which limit of the target's RetryPolicy another attempt after `wait` seconds would pass; ''."""
    policy = hand.target.get("RetryPolicy") or {}
    if hand.attempt >= policy.get("MaximumRetryAttempts", RETRIES):
        return "MaximumRetryAttempts"
    age = estate.cloud.clock.now + wait - hand.since
    return "MaximumEventAgeInSeconds" if age > policy.get("MaximumEventAgeInSeconds", RETRY_SECONDS) else ""


def give_up(estate: Estate, hand: Hand, error: Undelivered, exhausted: str) -> None:
    queue = (hand.target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "RULE_ARN": hand.rule.arn,
        "TARGET_ARN": hand.target["Arn"],
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": error.text,
        "RETRY_ATTEMPTS": str(hand.attempt),
    }
    if exhausted:
        attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
    try:
        hand_over(estate, queue, hand.event, as_events(hand.rule), context=source_of(hand.rule), attributes=attributes)
    except AwsError:
        note(estate, hand, "DEAD_LETTER_QUEUE_UNREACHABLE")


def send(estate: Estate, hand: Hand) -> None:
    target, rule = hand.target, hand.rule
    service = target["Arn"].split(":")[2]
    if rule.name.startswith(ARCHIVE) and target["Arn"].endswith("::"):
        into_archive(rule, hand.event)
        return
    payload = payload_of(hand, estate.cloud.random)
    caller = actor(estate, rule, target)
    action = ACTIONS.get(service, "*")
    fault = None if hand.delayed else estate.cloud.faults.check(service, action, rule.account_id, caller.role)
    if fault is not None and fault.kind == "delay":
        raise Delayed(fault.seconds)
    if fault is not None and fault.kind in {"throttle", "500"}:
        raise Undelivered("THROTTLING" if fault.kind == "throttle" else "INTERNAL_ERROR", "injected", again=True)
    if fault is not None and fault.kind == "refuse":
        raise Undelivered("NO_PERMISSIONS", "injected")
    if service == "events":
        forward(estate, hand, caller)
    else:
        try:
            hand_over(
                estate,
                target["Arn"],
                payload,
                caller,
                context=source_of(rule),
                parameters={**target, "SqsParameters": {"MessageGroupId": group_of(hand, estate.cloud.random)}},
            )
        except AwsError as error:
            raise _undelivered(error) from error
    if fault is not None and fault.kind == "lost":
        raise Undelivered("INTERNAL_ERROR", "the answer was lost", again=True)


def actor(estate: Estate, rule: Any, target: Mapping[str, Any]) -> Caller:
    """As whom EventBridge calls the target: the target's role, or by itself."""
    role = target.get("RoleArn")
    if not role:
        return as_events(rule)
    if not estate.cloud.iam.trusts(role, as_events(rule)).allowed:
        raise Undelivered("NO_PERMISSIONS", f"events.amazonaws.com may not assume {role}")
    account, name = role.split(":")[4], role.rpartition("/")[2]
    session = f"{rule.name}"[:64]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    return Caller(account, rule.region_name, arn, role=name, session=session)


def into_archive(rule: Any, event: Event) -> None:
    backend: Any = get_backend("events")[rule.account_id][rule.region_name]
    archive = backend.archives.get(rule.name.removeprefix(ARCHIVE))
    if archive is not None:
        archive.events.append(event)


def forward(estate: Estate, hand: Hand, caller: Caller) -> None:
    """To another bus. The event keeps id, time, source, region and the account of its origin."""
    target = hand.target["Arn"]
    here, there = hand.rule.account_id, target.split(":")[4]
    if there != here and hand.event["account"] != here:
        raise Undelivered("THIRD_ACCOUNT_HOP_DETECTED", f"event from {hand.event['account']} may not go on to {there}")
    if estate.bus(target) is None:
        raise Undelivered("NO_RESOURCE", f"there is no {target}")
    if there != here:
        own = estate.cloud.iam.allows(caller, "events:PutEvents", target, {}, (), owner=caller.account)
        if not own.allowed:
            raise Undelivered("NO_PERMISSIONS", f"{caller.arn} may not events:PutEvents on {target}")
        if not estate.admits(target, caller):
            raise Undelivered("CROSS_ACCOUNT_INGESTION_FAILED", f"the policy of {target} refuses {caller.arn}")
    elif caller.role and not estate.cloud.iam.allows(caller, "events:PutEvents", target).allowed:
        raise Undelivered("NO_PERMISSIONS", f"{caller.arn} may not events:PutEvents on {target}")
    put(estate, target, hand.event)


def hand_over(
    estate: Estate,
    arn: str,
    payload: Any,
    caller: Caller,
    *,
    context: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    source: str = "",
    detail_type: str = "",
) -> None:
    """An AWS service hands a JSON value, or Plain text, to a queue, topic, function, machine, bus or log group.

    `caller` is that service, or a role's session; `context` holds condition keys (aws:SourceArn).
    `attributes` become SQS message attributes, `parameters` are a rule's target, `source` and
    `detail_type` make the event when `arn` is a bus. Raises AwsError: access denied, no such resource.
    """
    service = arn.split(":")[2]
    if service == "events":
        emit_for(estate, arn, payload, caller, source, detail_type)
        return
    if service not in SENDERS:
        raise NotEmulated("events", f"the target {arn}")
    handed = Handed(arn, payload, caller, context or {}, attributes or {}, parameters or {})
    SENDERS[service](estate.cloud, handed)


def emit_for(estate: Estate, arn: str, payload: Any, caller: Caller, source: str, detail_type: str) -> None:
    require(estate.cloud, caller, "events:PutEvents", arn, {})
    detail = payload if isinstance(payload, dict) else {}
    put(
        estate,
        arn,
        estate.document(caller.account, caller.region, source, detail_type, detail, [], estate.cloud.clock.now),
    )
