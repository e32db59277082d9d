"""EventBridge: carries events by the rules that are deployed, from bus to bus and to their targets.

moto keeps buses, rules and archives; here events are matched, transformed, delivered, retried and given up.
Rules of delivery: EventBridge user guide; the project's facts, section 3.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud import asl, patterns
from localcloud.asl import Scope
from localcloud.caller import Caller
from localcloud.errors import AwsError, NotEmulated
from localcloud.ids import uuid4
from localcloud.journal import DeliveryRecord, EventRecord

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

MAX_REQUEST = 1024 * 1024  # bytes of all entries of one PutEvents (facts §21)
MAX_PATTERN = 2_048  # characters (facts §21)
MAX_TARGETS = 5  # of one rule
MAX_RULES = 300  # of one bus
MAX_POLICY = 10_240  # characters of a bus's policy
RETRIES, RETRY_SECONDS = 185, 86_400.0  # defaults of a target's RetryPolicy
LONGEST_WAIT = 900.0  # seconds between two attempts; the real back-off is not published

_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})?:\S+")
_ARCHIVE = "Events-Archive-"  # so moto names the rules that fill an archive

type Event = dict[str, Any]


@dataclass
class Delivery:
    """How deliveries go.

    `latency`: seconds from the bus to a target. `duplicate`: chance that a target is called twice. `delay`:
    seconds more for every delivery. `reorder`: each delivery takes up to 30 s more, by chance. `drop`: chance
    that an event of an AWS service is lost (they are best effort; what PutEvents took is not).
    """

    latency: float = 1.0
    duplicate: float = 0.0
    delay: float = 0.0
    reorder: bool = False
    drop: float = 0.0


class Undelivered(Exception):
    """A target was not reached: `code` is EventBridge's ERROR_CODE; `again` whether it will be retried."""

    def __init__(self, code: str, text: str, *, again: bool = False) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.again = again


class Plain(str):
    """What `hand_over` is to hand over as it is, not as a JSON value."""

    __slots__ = ()


@dataclass(frozen=True)
class _Hand:
    """One event on its way to one target of one rule."""

    rule: Any  # moto's Rule
    target: Mapping[str, Any]
    event: Event
    since: float
    attempt: int = 0


class Events:
    """The buses of all accounts."""

    name: ClassVar[str] = "events"
    operations: ClassVar[frozenset[str]] = frozenset({"PutEvents", "TestEventPattern", "StartReplay"})

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.delivery = Delivery()
        cloud.gate.observe(lambda *_: None, before=self._check, also_quiet=True)
        cloud.component("schedules")  # it listens for rules with a schedule

    # --- the service ---------------------------------------------------------------------------------------

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        if operation == "PutEvents":
            return self._put_events(params, caller)
        if operation == "TestEventPattern":
            return {"Result": _test_pattern(params)}
        return self._start_replay(params, caller)

    def emit(
        self,
        account: str,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
        region: str | None = None,
    ) -> None:
        """An AWS service puts an event on the account's default bus; by `delivery.drop` it may be lost."""
        if self.delivery.drop and self.cloud.random.random() < self.delivery.drop:
            return
        region = region or self.cloud.region
        event = self._document(account, region, source, detail_type, detail, resources, self.cloud.clock.now)
        self.put(f"arn:aws:events:{region}:{account}:event-bus/default", event)

    def asks_for_readings(self, account: str, region: str) -> bool:
        """Whether a rule of the account's default bus wants the calls that only read, too (facts 3)."""
        bus = self._bus(f"arn:aws:events:{region}:{account}:event-bus/default")
        return bus is not None and any(rule.state == _ALL_CALLS for rule in bus.rules.values())

    def put(self, bus_arn: str, event: Event, rules: Sequence[str] | None = None) -> None:
        """Put a whole event on a bus: its rules (or only those with an ARN in `rules`) carry it on.

        A bus that does not exist swallows it, as PutEvents does.
        """
        bus = self._bus(bus_arn)
        if bus is None:
            return
        matched = [
            rule
            for rule in bus.rules.values()
            if (rules is None or rule.arn in rules) and _is_active(rule, event) and _matches(rule, event)
        ]
        self.cloud.journal.add(
            EventRecord(
                at=self.cloud.clock.now,
                run=self.cloud.gate.run,
                bus=bus.arn,
                event=event,
                rules=tuple(rule.arn for rule in matched),
            )
        )
        for rule in matched:
            self.carry(rule, event)

    def carry(self, rule: Any, event: Event) -> None:
        """Send an event to all targets of a rule (moto's), by and by."""
        for target in list(rule.targets):
            hand = _Hand(rule, target, event, self.cloud.clock.now)
            self._later(hand, self._latency())
            if self.delivery.duplicate and self.cloud.random.random() < self.delivery.duplicate:
                self._later(hand, self._latency() + self.cloud.random.uniform(0, 60))

    def _document(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        detail: Any,
        resources: Sequence[str],
        at: float,
    ) -> Event:
        return {
            "version": "0",
            "id": uuid4(self.cloud.random_ids),
            "detail-type": detail_type,
            "source": source,
            "account": account,
            "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": list(resources),
            "detail": detail,
        }

    def _bus(self, arn: str) -> Any | None:
        parts = arn.split(":")
        return get_backend("events")[parts[4]][parts[3]].event_buses.get(arn.partition("/")[2])

    def _put_events(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        entries = params["Entries"]
        if sum(map(_size, entries)) > MAX_REQUEST:
            raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
        answers = [self._put_entry(entry, caller) for entry in entries]
        return {
            "Entries": answers,
            "FailedEntryCount": sum("ErrorCode" in answer for answer in answers),
        }

    def _put_entry(self, entry: dict[str, Any], caller: Caller) -> dict[str, Any]:
        for field in ("Source", "DetailType", "Detail"):
            if not entry.get(field):
                text = f"Parameter {field} is not valid. Reason: {field} is a required argument."
                return {"ErrorCode": "InvalidArgument", "ErrorMessage": text}
        if entry["Source"].startswith("aws."):
            text = "Not authorized for the source."
            return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": text}
        try:
            detail = json.loads(entry["Detail"])
        except ValueError:
            detail = None
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        bus_arn = _bus_arn(entry.get("EventBusName") or "default", caller)
        is_foreign = bus_arn.split(":")[4] != caller.account
        if is_foreign and self._bus(bus_arn) is not None and not self._admits(bus_arn, caller):
            text = f"User: {caller.arn} is not authorized to perform: events:PutEvents on resource: {bus_arn}"
            raise AwsError("AccessDeniedException", text)
        at = entry["Time"].timestamp() if entry.get("Time") else self.cloud.clock.now
        event = self._document(
            caller.account,
            caller.region,
            entry["Source"],
            entry["DetailType"],
            detail,
            entry.get("Resources", []),
            at,
        )
        self.put(bus_arn, event)
        return {"EventId": event["id"]}

    def _admits(self, bus_arn: str, caller: Caller) -> bool:
        """Whether the caller may put events on the bus: its own policies and, from outside, the bus's."""
        bus = self._bus(bus_arn)
        if bus is None:
            return False
        policies = [bus.policy] if bus.policy else []
        return self.cloud.iam.allows(caller, "events:PutEvents", bus_arn, {}, policies).allowed

    def _start_replay(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        backend: Any = get_backend("events")[caller.account][caller.region]
        archive = backend.archives.get(params["EventSourceArn"].rpartition("/")[2])
        kept = list(archive.events) if archive else []
        if archive:
            archive.events.clear()  # moto would replay them itself, and call targets that it cannot call
        start, end = _epoch(params["EventStartTime"]), _epoch(params["EventEndTime"])
        name = params["ReplayName"]
        try:
            answer = backend.start_replay(
                name, params.get("Description", ""), params["EventSourceArn"], start, end, params["Destination"]
            )
        except (HTTPException, ServiceException) as error:
            raise _refusal(error) from error
        finally:
            if archive:
                archive.events.extend(kept)
        only = params["Destination"].get("FilterArns")
        for event in kept:
            if start <= _epoch(event["time"]) <= end:
                again = {**event, "replay-name": name}
                put = functools.partial(self.put, params["Destination"]["Arn"], again, only)
                self.cloud.clock.after(0, put, f"replay {name}")
        return {
            "ReplayArn": answer["ReplayArn"],
            "State": "STARTING",
            "ReplayStartTime": datetime.fromtimestamp(self.cloud.clock.now, UTC),
        }

    def _check(self, service: str, operation: str, params: dict[str, Any], caller: Caller) -> None:
        """Refuse rules and targets that EventBridge refuses and moto takes."""
        if service != "events":
            return
        if operation in {"PutRule", "CreateArchive", "UpdateArchive"} and params.get("EventPattern"):
            _check_pattern(params["EventPattern"])
        if operation == "PutRule":
            bus = self._bus(_bus_arn(params.get("EventBusName") or "default", caller))
            rules = [name for name in bus.rules if not name.startswith(_ARCHIVE)] if bus else []
            if params["Name"] not in rules and len(rules) >= MAX_RULES:
                raise _limit_exceeded()
        elif operation == "PutPermission" and len(params.get("Policy", "")) > MAX_POLICY:
            raise AwsError("PolicyLengthExceededException", f"The policy is longer than {MAX_POLICY} characters.")
        elif operation == "PutTargets":
            for target in params["Targets"]:
                _check_target(target, caller)
            rule = self._rule(params, caller)
            known = {target["Id"] for target in rule.targets} if rule else set()
            if len(known | {target["Id"] for target in params["Targets"]}) > MAX_TARGETS:
                raise _limit_exceeded()

    def _rule(self, params: Mapping[str, Any], caller: Caller) -> Any | None:
        bus = self._bus(_bus_arn(params.get("EventBusName") or "default", caller))
        return bus.rules.get(params["Rule"]) if bus else None

    # --- to a target ---------------------------------------------------------------------------------------

    def _latency(self) -> float:
        extra = self.cloud.random.uniform(0, 30) if self.delivery.reorder else 0.0
        return self.delivery.latency + self.delivery.delay + extra

    def _later(self, hand: _Hand, seconds: float) -> None:
        self.cloud.clock.after(seconds, lambda: self._deliver(hand), f"delivery to {hand.target['Arn']}")

    def _deliver(self, hand: _Hand) -> None:
        try:
            self._send(hand)
        except Undelivered as error:
            self._note(hand, error.code)
            wait = min(LONGEST_WAIT, 2.0**hand.attempt)
            exhausted = self._exhausted(hand, wait) if error.again else ""
            if error.again and not exhausted:
                self._later(replace(hand, attempt=hand.attempt + 1), wait)
            else:
                self._give_up(hand, error, exhausted)
        else:
            self._note(hand, "ok")

    def _note(self, hand: _Hand, outcome: str) -> None:
        record = DeliveryRecord(
            at=self.cloud.clock.now,
            rule=hand.rule.arn,
            target=hand.target["Arn"],
            event_id=hand.event["id"],
            outcome=outcome,
        )
        self.cloud.journal.add(record)

    def _exhausted(self, hand: _Hand, wait: float) -> str:
        """Which limit of the target's RetryPolicy another attempt after `wait` seconds would pass; ''."""
        policy = hand.target.get("RetryPolicy") or {}
        if hand.attempt >= policy.get("MaximumRetryAttempts", RETRIES):
            return "MaximumRetryAttempts"
        age = self.cloud.clock.now + wait - hand.since
        return "MaximumEventAgeInSeconds" if age > policy.get("MaximumEventAgeInSeconds", RETRY_SECONDS) else ""

    def _give_up(self, hand: _Hand, error: Undelivered, exhausted: str) -> None:
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
            self.hand_over(queue, hand.event, _service(hand.rule), context=_source(hand.rule), attributes=attributes)
        except AwsError:
            self._note(hand, "DEAD_LETTER_QUEUE_UNREACHABLE")

    def _send(self, hand: _Hand) -> None:
        target, rule = hand.target, hand.rule
        service = target["Arn"].split(":")[2]
        if rule.name.startswith(_ARCHIVE) and target["Arn"].endswith("::"):
            self._archive(rule, hand.event)
            return
        payload = _payload(hand, self.cloud)
        caller = self._actor(rule, target)
        fault = self.cloud.faults.check(service, _ACTIONS.get(service, "*"), rule.account_id, caller.role)
        if fault is not None and fault.kind in {"throttle", "500"}:
            raise Undelivered("THROTTLING" if fault.kind == "throttle" else "INTERNAL_ERROR", "injected", again=True)
        if fault is not None and fault.kind == "refuse":
            raise Undelivered("NO_PERMISSIONS", "injected")
        if service == "events":
            self._forward(hand, caller)
        else:
            try:
                self.hand_over(
                    target["Arn"],
                    payload,
                    caller,
                    context=_source(rule),
                    parameters=target,
                )
            except AwsError as error:
                raise _undelivered(error) from error
        if fault is not None and fault.kind == "lost":
            raise Undelivered("INTERNAL_ERROR", "the answer was lost", again=True)

    def _actor(self, rule: Any, target: Mapping[str, Any]) -> Caller:
        """As whom EventBridge calls the target: the target's role, or by itself."""
        role = target.get("RoleArn")
        if not role:
            return _service(rule)
        if not self.cloud.iam.trusts(role, _service(rule)).allowed:
            raise Undelivered("NO_PERMISSIONS", f"events.amazonaws.com may not assume {role}")
        account, name = role.split(":")[4], role.rpartition("/")[2]
        session = f"{rule.name}"[:64]
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
        return Caller(account, rule.region_name, arn, role=name, session=session)

    def _forward(self, hand: _Hand, caller: Caller) -> None:
        """To another bus. The event keeps id, time, source, region and the account of its origin."""
        target = hand.target["Arn"]
        here, there = hand.rule.account_id, target.split(":")[4]
        if there != here and hand.event["account"] != here:
            raise Undelivered(
                "THIRD_ACCOUNT_HOP_DETECTED", f"event from {hand.event['account']} may not go on to {there}"
            )
        if self._bus(target) is None:
            raise Undelivered("NO_RESOURCE", f"there is no {target}")
        if there != here:
            own = self.cloud.iam.allows(caller, "events:PutEvents", target, {}, (), owner=caller.account)
            if not own.allowed:
                raise Undelivered("NO_PERMISSIONS", f"{caller.arn} may not events:PutEvents on {target}")
            if not self._admits(target, caller):
                raise Undelivered("CROSS_ACCOUNT_INGESTION_FAILED", f"the policy of {target} refuses {caller.arn}")
        elif caller.role and not self.cloud.iam.allows(caller, "events:PutEvents", target).allowed:
            raise Undelivered("NO_PERMISSIONS", f"{caller.arn} may not events:PutEvents on {target}")
        self.put(target, hand.event)

    def _archive(self, rule: Any, event: Event) -> None:
        backend: Any = get_backend("events")[rule.account_id][rule.region_name]
        archive = backend.archives.get(rule.name.removeprefix(_ARCHIVE))
        if archive is not None:
            archive.events.append(event)

    # --- to anything ---------------------------------------------------------------------------------------

    def hand_over(
        self,
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
        ways: dict[str, Callable[[], None]] = {
            "sqs": lambda: self.cloud.queues.send(
                arn,
                _dump(payload),
                caller,
                context=context or {},
                attributes=attributes or {},
                group=((parameters or {}).get("SqsParameters") or {}).get("MessageGroupId"),
            ),
            "sns": lambda: self._publish(arn, payload, caller, context or {}),
            "lambda": lambda: self._invoke(arn, payload, caller, context or {}),
            "states": lambda: self._start(arn, payload, caller),
            "events": lambda: self._emit_for(arn, payload, caller, source, detail_type),
            "logs": lambda: self._log(arn, payload, caller, context or {}),
        }
        if service not in ways:
            raise NotEmulated("events", f"the target {arn}")
        ways[service]()

    def _require(
        self, caller: Caller, action: str, arn: str, context: Mapping[str, str], policies: Sequence[Any] = ()
    ) -> None:
        if not self.cloud.enforce_iam:
            return
        if not self.cloud.iam.allows(caller, action, arn, dict(context), list(policies)).allowed:
            who = caller.service or caller.arn
            raise AwsError("AccessDenied", f"{who} is not authorized to perform: {action} on resource: {arn}", 403)

    def _publish(self, arn: str, payload: Any, caller: Caller, context: Mapping[str, str]) -> None:
        account, region = arn.split(":")[4], arn.split(":")[3]
        backend = get_backend("sns")[account][region]
        topic = backend.topics.get(arn)
        if topic is None:
            raise AwsError("NotFound", f"Topic does not exist: {arn}", 404)
        self._require(caller, "sns:Publish", arn, context, [topic.policy])
        backend.publish(message=_dump(payload), arn=arn)

    def _invoke(self, arn: str, payload: Any, caller: Caller, context: Mapping[str, str]) -> None:
        function_arn, policies = self.cloud.functions.authorised_by(arn.split(":")[4], arn)
        self._require(caller, "lambda:InvokeFunction", function_arn, context, policies)
        self.cloud.functions.invoke_async(arn.split(":")[4], arn, payload)

    def _start(self, arn: str, payload: Any, caller: Caller) -> None:
        self._require(caller, "states:StartExecution", arn, {})
        self.cloud.machines.start(arn, "", _dump(payload))

    def _emit_for(self, arn: str, payload: Any, caller: Caller, source: str, detail_type: str) -> None:
        self._require(caller, "events:PutEvents", arn, {})
        detail = payload if isinstance(payload, dict) else {}
        self.put(
            arn,
            self._document(caller.account, caller.region, source, detail_type, detail, [], self.cloud.clock.now),
        )

    def _log(self, arn: str, payload: Any, caller: Caller, context: Mapping[str, str]) -> None:
        account, region = arn.split(":")[4], arn.split(":")[3]
        group = arn.split(":")[6]
        backend = get_backend("logs")[account][region]
        if group not in backend.groups:
            raise AwsError("ResourceNotFoundException", f"there is no log group {group}")
        policies = [policy.policy_document for policy in backend.resource_policies.values()]
        self._require(caller, "logs:PutLogEvents", f"{arn.removesuffix(':*')}:*", context, policies)
        stream = uuid4(self.cloud.random_ids)
        backend.create_log_stream(group, stream)
        message = {"timestamp": int(self.cloud.clock.now * 1000), "message": _dump(payload)}
        backend.put_log_events(group, stream, [message])


# The call that a delivery amounts to, by which an injected fault finds it.
_ACTIONS = {
    "sqs": "SendMessage",
    "sns": "Publish",
    "lambda": "Invoke",
    "states": "StartExecution",
    "events": "PutEvents",
    "logs": "PutLogEvents",
}
_TO_TRY_AGAIN = {"TooManyRequestsException", "ThrottlingException", "Throttling", "ExecutionLimitExceeded"}
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def _undelivered(error: AwsError) -> Undelivered:
    if error.code in _DENIED:
        return Undelivered("NO_PERMISSIONS", error.message)
    if error.code in _TO_TRY_AGAIN:
        return Undelivered("THROTTLING", error.message, again=True)
    return Undelivered("NO_RESOURCE" if error.status in {400, 404} else "INTERNAL_ERROR", error.message)


def _service(rule: Any) -> Caller:
    return Caller(rule.account_id, rule.region_name, "events.amazonaws.com", service="events.amazonaws.com")


def _source(rule: Any) -> dict[str, str]:
    return {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}


def _matches(rule: Any, event: Event) -> bool:
    text = rule.event_pattern.dump()
    return bool(text) and patterns.parse(text).matches(event)


_ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_RECORDED = ("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail")


def _is_active(rule: Any, event: Event) -> bool:
    """Read-only calls recorded by CloudTrail reach only rules that ask for them (facts §3).

    So do the records of a shared entity's reading, …BySharee, which come the same way and say that they are.
    """
    if rule.state == "DISABLED":
        return False
    if event["detail-type"] not in _RECORDED or rule.state != "ENABLED":
        return True
    name = str(event["detail"].get("eventName", ""))
    read_only = event["detail"].get("readOnly", name.startswith(("Get", "List", "Describe")))
    return read_only not in {True, "true"}


def _bus_arn(name: str, caller: Caller) -> str:
    return name if name.startswith("arn:") else f"arn:aws:events:{caller.region}:{caller.account}:event-bus/{name}"


def _size(entry: Mapping[str, Any]) -> int:
    """Bytes that count for the limit of PutEvents, as the user guide counts them."""
    size = 14 if entry.get("Time") else 0
    texts = [entry.get(key) or "" for key in ("Source", "DetailType", "Detail")] + list(entry.get("Resources") or [])
    return size + sum(len(text.encode()) for text in texts)


def _test_pattern(params: Mapping[str, Any]) -> bool:
    try:
        event = json.loads(params["Event"])
    except ValueError as error:
        raise AwsError("ValidationException", f"Event is not valid. Reason: {error}") from error
    if not isinstance(event, dict):
        raise AwsError("ValidationException", "Event is not valid. Reason: it is not an object")
    needed = ("id", "account", "source", "time", "region", "resources", "detail-type")
    missing = [key for key in needed if key not in event]
    if missing:
        raise AwsError("ValidationException", f"Event is not valid. Reason: {missing[0]} is missing")
    return _check_pattern(params["EventPattern"]).matches(event)


def _check_pattern(text: str) -> patterns.Pattern:
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
    if service not in _ACTIONS or (service == "events" and ":event-bus/" not in arn):
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


def _check_input(target: Mapping[str, Any]) -> None:
    try:
        if target.get("Input"):
            json.loads(target["Input"])
        paths = (target.get("InputTransformer") or {}).get("InputPathsMap") or {}
        for path in [*filter(None, [target.get("InputPath")]), *paths.values()]:
            asl.check_path(path)
    except ValueError as error:
        text = f"JSON syntax error in input for target {target['Id']}: {error}."
        raise AwsError("ValidationException", text) from error


# --- what a target gets ----------------------------------------------------------------------------------

_VARIABLE = re.compile(r"<([A-Za-z0-9_.\-]+)>")


def _payload(hand: _Hand, cloud: LocalCloud) -> Any:
    """The event, or what Input, InputPath or InputTransformer make of it (a JSON value)."""
    target = hand.target
    try:
        if target.get("Input"):
            return json.loads(target["Input"])
        if target.get("InputPath"):
            return asl.find(target["InputPath"], Scope(hand.event, None, cloud.random))
        if target.get("InputTransformer"):
            return _transformed(hand, cloud)
    except (ValueError, KeyError) as error:
        raise Undelivered("INVALID_JSON", f"the input for {target['Arn']} cannot be made: {error}") from error
    return hand.event


def _transformed(hand: _Hand, cloud: LocalCloud) -> Any:
    transformer = hand.target["InputTransformer"]
    values: dict[str, Any] = {
        "aws.events.rule-arn": hand.rule.arn,
        "aws.events.rule-name": hand.rule.name,
        "aws.events.event.ingestion-time": hand.event["time"],
        "aws.events.event": hand.event,
        "aws.events.event.json": hand.event,
    }
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        try:
            values[name] = asl.find(path, Scope(hand.event, None, cloud.random))
        except KeyError:
            values[name] = ""  # a path that finds nothing leaves its variable empty
    template = transformer["InputTemplate"]
    made, inside, last = [], False, 0
    for match in _VARIABLE.finditer(template):
        between = template[last : match.start()]
        inside ^= len(re.findall(r'(?<!\\)"', between)) % 2 == 1
        made.append(between)
        made.append(_spelled(values[match[1]], inside=inside) if match[1] in values else match[0])
        last = match.end()
    text = "".join([*made, template[last:]])
    # A template that is no JSON by itself is sent as the text it is.
    return json.loads(text) if text.lstrip()[:1] in {"{", "[", '"'} else text


def _spelled(value: Any, *, inside: bool) -> str:
    """A variable's value: between the quotes of a string as text, elsewhere as JSON."""
    if not inside:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]


def _dump(value: Any) -> str:
    return value if isinstance(value, Plain) else json.dumps(value)


def _epoch(moment: Any) -> float:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return float(moment.timestamp()) if isinstance(moment, datetime) else float(moment)


def _refusal(error: Exception) -> AwsError:
    code = getattr(error, "error_type", "") or getattr(error, "code", "") or "ValidationException"
    return AwsError(str(code), str(getattr(error, "message", error)))
