"""Whom S3 tells of a bucket's objects: queues, topics and functions that let it, and the account's default bus.

S3 user guide, "Amazon S3 Event Notifications" and "Event message structure". Told is what a call does at once; what
would come of time, of replicas or of archives is refused when it is asked for.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, Protocol
from urllib.parse import quote_plus

from moto.s3.notifications import S3NotificationEvent

from localcloud.door.call import Done
from localcloud.door.gate import Gated
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, NotEmulated
from localcloud.ground.questions import AsksEvents, AsksFunctions, AsksIam, Ground
from localcloud.services.s3.public import bucket_of

S3 = "s3.amazonaws.com"
LATENCY = 1.0  # seconds; "typically delivered in seconds"

_LISTS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
_TOLD = ("s3:ObjectCreated:", "s3:ObjectRemoved:", "s3:ObjectTagging:", "s3:ObjectAcl:Put")

_MADE = {"PutObject": "Put", "CopyObject": "Copy", "CompleteMultipartUpload": "CompleteMultipartUpload"}
_CHANGED = {
    "PutObjectTagging": ("ObjectTagging:Put", "Object Tags Added"),
    "DeleteObjectTagging": ("ObjectTagging:Delete", "Object Tags Deleted"),
    "PutObjectAcl": ("ObjectAcl:Put", "Object ACL Updated"),
}


class Around(Ground, AsksIam, AsksEvents, AsksFunctions, Gated, Protocol):
    """What telling asks of its surroundings."""


class _Event(NamedTuple):
    """`kind` without "s3:" (`ObjectCreated:Put`); `detail_type` and `detail` are EventBridge's."""

    kind: str
    detail_type: str
    detail: dict[str, Any]
    key: str
    object: dict[str, Any]


class Notices:
    """The notifications of all accounts' buckets."""

    operations: ClassVar[frozenset[str]] = frozenset({"GetBucketNotificationConfiguration"})

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self._asked: dict[str, dict[str, Any]] = {}
        self._sequence = itertools.count(1)
        cloud.gate.guard(self._check)
        cloud.gate.observe(self._hear, also_quiet=True)

    def handle(self, _: str, params: dict[str, Any], __: Caller) -> dict[str, Any]:
        """GetBucketNotificationConfiguration, of which moto forgets the bus."""
        name = str(params["Bucket"])
        if bucket_of(name) is None:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)
        return dict(self._asked.get(name, {}))

    def _check(self, service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
        if (service, operation) != ("s3", "PutBucketNotificationConfiguration"):
            return
        bucket = bucket_of(str(params["Bucket"]))
        if bucket is None:
            return  # moto says so
        rules = list(_rules(params.get("NotificationConfiguration") or {}))
        for _arn, rule in rules:
            for event in rule["Events"]:
                # What is no event at all moto refuses.
                if S3NotificationEvent.is_event_valid(event) and not event.startswith(_TOLD):
                    raise NotEmulated(service, f"{operation} of {event}")
        if any(_overlap(one, other) for (_a, one), (_b, other) in itertools.combinations(rules, 2)):
            text = (
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes"
                " are overlapping for the same event type."
            )
            raise AwsError("InvalidArgument", text, 400)
        if not params.get("SkipDestinationValidation"):
            for arn in dict.fromkeys(arn for arn, _ in rules):
                self._try_out(bucket, arn)

    def _try_out(self, bucket: Any, arn: str) -> None:
        """S3 sends each queue and topic a first message, and asks whether it may call each function."""
        text = "Unable to validate the following destination configurations"
        first = {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": self._now(),
            "Bucket": bucket.name,
            "RequestId": "5582815E1AEA5ADF",
            "HostId": "local",
        }
        try:
            if arn.split(":")[2] != "lambda":
                self.cloud.events.hand_over(arn, first, _as_s3(bucket), context=_source(bucket))
                return
            function, policies = self.cloud.functions.authorised_by(bucket.account_id, arn)
        except AwsError as refused:
            raise AwsError("InvalidArgument", text, 400) from refused
        asked = self.cloud.iam.allows(_as_s3(bucket), "lambda:InvokeFunction", function, _source(bucket), policies)
        if self.cloud.enforce_iam and not asked.allowed:
            raise AwsError("InvalidArgument", text, 400)

    def _hear(self, done: Done) -> None:
        if done.service != "s3" or done.error is not None:
            return
        name = str(done.params.get("Bucket", ""))
        if done.operation == "PutBucketNotificationConfiguration":
            self._asked[name] = done.params.get("NotificationConfiguration") or {}
        elif done.operation == "DeleteBucket":
            self._asked.pop(name, None)
        elif asked := self._asked.get(name):
            bucket = bucket_of(name)
            for event in _events(bucket, done) if bucket is not None else ():
                self._tell(bucket, asked, event)

    def _tell(self, bucket: Any, asked: Mapping[str, Any], event: _Event) -> None:
        sequencer = f"{next(self._sequence):018X}"
        at = self._now()
        for arn, rule in _rules(asked):
            if any(_covers(one, f"s3:{event.kind}") for one in rule["Events"]) and _names(rule, event.key):
                record = self._record(bucket, rule, event, sequencer, at)
                hand_over = functools.partial(self._hand_over, bucket, arn, record)
                self.cloud.clock.after(LATENCY, hand_over, f"notice to {arn}")
        if "EventBridgeConfiguration" in asked:
            detail = {
                "version": "0",
                "bucket": {"name": bucket.name},
                "object": {"key": event.key, **_lowered(event.object), "sequencer": sequencer},
                "request-id": "5582815E1AEA5ADF",
                "requester": bucket.account_id,
                "source-ip-address": "192.0.2.1",
                **event.detail,
            }
            self.cloud.events.emit(
                bucket.account_id, "aws.s3", event.detail_type, detail, [bucket.arn], bucket.region_name
            )

    def _hand_over(self, bucket: Any, arn: str, record: dict[str, Any]) -> None:
        try:
            self.cloud.events.hand_over(arn, {"Records": [record]}, _as_s3(bucket), context=_source(bucket))
        except AwsError:
            return  # whoever no longer lets S3 in, or is gone, hears nothing, as on AWS

    def _record(self, bucket: Any, rule: Mapping[str, Any], event: _Event, sequencer: str, at: str) -> dict[str, Any]:
        who = {"principalId": f"AWS:{bucket.account_id}"}
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": bucket.region_name,
            "eventTime": at,
            "eventName": event.kind,
            "userIdentity": who,
            "requestParameters": {"sourceIPAddress": "192.0.2.1"},
            "responseElements": {"x-amz-request-id": "5582815E1AEA5ADF", "x-amz-id-2": "local"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": rule.get("Id", ""),
                "bucket": {"name": bucket.name, "ownerIdentity": who, "arn": bucket.arn},
                "object": {"key": quote_plus(event.key, safe="/"), **event.object, "sequencer": sequencer},
            },
        }

    def _now(self) -> str:
        return datetime.fromtimestamp(self.cloud.clock.now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _rules(asked: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(ARN of whom to tell, rule), of all kinds."""
    for name, member in _LISTS.items():
        for rule in asked.get(name) or ():
            yield rule[member], rule


def _events(bucket: Any, done: Done) -> Iterator[_Event]:
    """What a call did to objects."""
    params, operation = done.params, done.operation
    if operation in _MADE:
        held = _held(bucket, params["Key"])
        detail = {"reason": operation}
        yield _Event(f"ObjectCreated:{_MADE[operation]}", "Object Created", detail, params["Key"], held)
    elif operation in _CHANGED:
        kind, detail_type = _CHANGED[operation]
        yield _Event(kind, detail_type, {}, params["Key"], _held(bucket, params["Key"]))
    elif operation == "DeleteObject":
        yield _gone(params["Key"], params.get("VersionId"), done.result)
    elif operation == "DeleteObjects":
        for one in done.result.get("Deleted", ()):
            yield _gone(one["Key"], one.get("VersionId"), one)


def _gone(key: str, version: str | None, told: Mapping[str, Any]) -> _Event:
    marked = bool(told.get("DeleteMarker")) and version is None
    marker = told.get("DeleteMarkerVersionId") or told.get("VersionId") if marked else version
    kind = "DeleteMarkerCreated" if marked else "Delete"
    detail = {
        "reason": "DeleteObject",
        "deletion-type": "Delete Marker Created" if marked else "Permanently Deleted",
    }
    return _Event(f"ObjectRemoved:{kind}", "Object Deleted", detail, key, {"versionId": marker} if marker else {})


def _held(bucket: Any, key: str) -> dict[str, Any]:
    held = bucket.keys.get(key)
    if held is None:
        return {}
    version = {"versionId": held.version_id} if bucket.is_versioned else {}
    return {"size": held.size, "eTag": held.etag.strip('"'), **version}


def _lowered(given: Mapping[str, Any]) -> dict[str, Any]:
    """As EventBridge spells what is told of an object."""
    return {{"eTag": "etag", "versionId": "version-id"}.get(name, name): one for name, one in given.items()}


def _covers(asked: str, event: str) -> bool:
    return asked == event or (asked.endswith("*") and event.startswith(asked[:-1]))


def _filter(rule: Mapping[str, Any]) -> tuple[str, str]:
    """The prefix and the suffix that a key must have."""
    rules = ((rule.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    found = {str(one["Name"]).lower(): str(one.get("Value", "")) for one in rules}
    return found.get("prefix", ""), found.get("suffix", "")


def _names(rule: Mapping[str, Any], key: str) -> bool:
    prefix, suffix = _filter(rule)
    return key.startswith(prefix) and key.endswith(suffix)


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some key and event would be told by both."""
    (prefix, suffix), (prefix_, suffix_) = _filter(one), _filter(other)
    return (
        any(_covers(a, b) or _covers(b, a) for a in one["Events"] for b in other["Events"])
        and (prefix.startswith(prefix_) or prefix_.startswith(prefix))
        and (suffix.endswith(suffix_) or suffix_.endswith(suffix))
    )


def _as_s3(bucket: Any) -> Caller:
    return Caller(bucket.account_id, bucket.region_name, S3, service=S3)


def _source(bucket: Any) -> dict[str, str]:
    return {"aws:SourceArn": bucket.arn, "aws:SourceAccount": bucket.account_id}
