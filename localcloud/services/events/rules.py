"""Rules and targets: which are refused, and whether a rule takes an event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground import patterns
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.json_text import read_json
from localcloud.ground.paths import steps_of
from localcloud.services.events.estate import Estate, bus_arn_of
from localcloud.services.events.model import Event
from localcloud.services.events.senders import ACTIONS

MAX_PATTERN = 2_048  # characters (facts 21)
MAX_TARGETS = 5  # of one rule
MAX_RULES = 300  # of one bus
MAX_POLICY = 10_240  # characters of a bus's policy
_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})?:\S+")
ARCHIVE = "Events-Archive-"  # so moto names the rules that fill an archive


def takes(rule: Any, event: Event) -> bool:
    text = rule.event_pattern.dump()
    return bool(text) and patterns.parse(text).matches(event)


ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_RECORDED = ("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail")


def is_active(rule: Any, event: Event) -> bool:
    """Read-only calls recorded by CloudTrail reach only rules that ask for them (facts 3).

    So do the records of a shared entity's reading, …BySharee, which come the same way and say that they are.
    """
    if rule.state == "DISABLED":
        return False
    if event["detail-type"] not in _RECORDED or rule.state != "ENABLED":
        return True
    name = str(event["detail"].get("eventName", ""))
    read_only = event["detail"].get("readOnly", name.startswith(("Get", "List", "Describe")))
    return read_only not in {True, "true"}


def check_pattern(text: str) -> patterns.Pattern:
    if len(text) > MAX_PATTERN:
        raise AwsError(
            "InvalidEventPatternException",
            f"Event pattern is not valid. Reason: longer than {MAX_PATTERN} characters",
        )
    try:
        return patterns.parse(text)
    except patterns.BadPattern as error:
        raise AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from error


def _limit_exceeded() -> AwsError:
    return AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")


def _check_target(target: Mapping[str, Any], caller: Caller) -> None:
    arn = target["Arn"]
    if not _ARN.fullmatch(arn):
        text = f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        raise AwsError("ValidationException", text)
    service, region, account = arn.split(":")[2:5]
    if service not in ACTIONS or (service == "events" and ":event-bus/" not in arn):
        raise NotEmulated("events", f"PutTargets with the target {arn}")
    if service != "events" and region != caller.region:
        raise AwsError("ValidationException", f"Target {arn} is in another Region than the rule.")
    letters = (target.get("DeadLetterConfig") or {}).get("Arn", "")
    if letters and (letters.split(":")[2:4] != ["sqs", caller.region] or letters.endswith(".fifo")):
        text = (
            f"The dead-letter queue of target {target['Id']} must be a standard queue of the rule's Region: {letters}."
        )
        raise AwsError("ValidationException", text)
    _check_input(target)
    is_foreign_bus = service == "events" and ":event-bus/" in arn and account != caller.account
    if (is_foreign_bus or service == "states") and not target.get("RoleArn"):
        raise AwsError("ValidationException", f"RoleArn is required for target {arn}.")
    if service == "states" and account != caller.account:
        raise AwsError("ValidationException", f"Provided Arn is not in correct format or account: {arn}.")
    given = [key for key in ("Input", "InputPath", "InputTransformer") if target.get(key)]
    if is_foreign_bus and given:
        raise AwsError("ValidationException", f"{given[0]} is not supported for target {arn}.")
    if len(given) > 1:
        text = "Only one of Input, InputPath, or InputTransformer must be provided for target " + target["Id"]
        raise AwsError("ValidationException", f"{text}.")


def _check_bus(estate: Estate, target: Mapping[str, Any], caller: Caller) -> None:
    """A bus has to be there when it becomes a target, and another account's to admit the rule's (facts 28.11).

    That AWS refuses is known from others; the words are ours.
    """
    arn = target["Arn"]
    service, _, account = arn.split(":")[2:5]
    if service != "events":
        return
    if estate.bus(arn) is None:
        raise AwsError("ResourceNotFoundException", f"Event bus {arn} does not exist.")
    if account == caller.account:
        return
    role = target["RoleArn"].rpartition("/")[2]
    session = f"arn:aws:sts::{caller.account}:assumed-role/{role}/targets"
    if not estate.admits(arn, Caller(caller.account, caller.region, session, role=role, session="targets")):
        raise AwsError("ValidationException", f"Event bus {arn} does not admit account {caller.account}.")


def _check_input(target: Mapping[str, Any]) -> None:
    try:
        if target.get("Input"):
            read_json(target["Input"], twice=True)
        paths = (target.get("InputTransformer") or {}).get("InputPathsMap") or {}
        for path in [*filter(None, [target.get("InputPath")]), *paths.values()]:
            _check_path(path)
    except ValueError as error:
        text = f"JSON syntax error in input for target {target['Id']}: {error}."
        raise AwsError("ValidationException", text) from error


def _check_path(path: str) -> None:
    """Filters are of the States Language."""
    if any(kind in ("filter", "union") for kind, _ in steps_of(path)[1]):
        raise ValueError(f"path not understood: {path!r}")


def asks_for_readings(estate: Estate, account: str, region: str) -> bool:
    """Whether a rule of the account's default bus wants the calls that only read, too (facts 3)."""
    bus = estate.bus(f"arn:aws:events:{region}:{account}:event-bus/default")
    return bus is not None and any(rule.state == ALL_CALLS for rule in bus.rules.values())


def refuse(estate: Estate, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
    """Refuse rules and targets that EventBridge refuses and moto takes."""
    if service != "events":
        return
    if operation in {"PutRule", "CreateArchive", "UpdateArchive"} and params.get("EventPattern"):
        check_pattern(params["EventPattern"])
    if operation == "PutRule":
        bus = estate.bus(bus_arn_of(params.get("EventBusName") or "default", caller))
        rules = [name for name in bus.rules if not name.startswith(ARCHIVE)] if bus else []
        if params["Name"] not in rules and len(rules) >= MAX_RULES:
            raise _limit_exceeded()
    elif operation == "PutPermission" and len(params.get("Policy", "")) > MAX_POLICY:
        raise AwsError("PolicyLengthExceededException", f"The policy is longer than {MAX_POLICY} characters.")
    elif operation == "PutTargets":
        for target in params["Targets"]:
            _check_target(target, caller)
            _check_bus(estate, target, caller)
        rule = find_rule(estate, params, caller)
        known = {target["Id"] for target in rule.targets} if rule else set()
        if len(known | {target["Id"] for target in params["Targets"]}) > MAX_TARGETS:
            raise _limit_exceeded()


def find_rule(estate: Estate, params: Mapping[str, Any], caller: Caller) -> Any | None:
    bus = estate.bus(bus_arn_of(params.get("EventBusName") or "default", caller))
    return bus.rules.get(params["Rule"]) if bus else None
