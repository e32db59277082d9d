"""CloudFormation's resource types: each one made, changed and removed by the ordinary API calls that AWS makes.

A type takes the properties that it knows; one that is left over is an error, so that a template's mistake is
not swallowed. Ref values and attributes: CloudFormation template reference.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from moto.backends import get_backend
from moto.iam.models import AWSManagedPolicy

from localcloud import asl

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

LOCAL_BUCKET = "folder-on-this-machine"
"""In `S3Bucket` of code: then `S3Key` is the path of a local folder."""

LONGEST_WAIT = 3_600.0  # simulated seconds until a resource must be stable

type Properties = dict[str, Any]


class ResourceFailed(Exception):
    """A resource could not be made, changed or removed; the text says why."""


@dataclass
class Made:
    """What came of a resource: `id` is what Ref answers (the physical id), `attributes` what GetAtt does."""

    id: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Work:
    """One resource to be made or changed. `old` is what it was, None when it is made."""

    cloud: LocalCloud
    account: str
    region: str
    client: Callable[[str], Any]
    stack: str
    logical: str
    properties: Properties
    stack_tags: dict[str, str]
    old: Made | None = None
    old_properties: Properties = field(default_factory=dict)

    def take(self, name: str, *, default: Any = None) -> Any:
        """A property, which is then no longer left over."""
        return self.properties.pop(name, default)

    def take_some(self, *names: str) -> Properties:
        """Those of the properties that are given."""
        return {name: self.properties.pop(name) for name in names if name in self.properties}

    def require(self, name: str) -> Any:
        """A property that must be given: ResourceFailed."""
        if name not in self.properties:
            raise ResourceFailed(f"{self.logical}: required property {name} is missing")
        return self.properties.pop(name)

    def name(self, given: str | None, longest: int = 64) -> str:
        """The given name, the one it had, or a generated one."""
        if given:
            return given
        if self.old is not None:
            return self.old.attributes.get("Name_") or self.old.id
        letters = "".join(self.cloud.random_ids.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(12))
        room = longest - len(letters) - 2 - min(len(self.logical), longest // 2)
        return f"{self.stack[:room]}-{self.logical[: longest // 2]}-{letters}"

    def tags(self) -> dict[str, str]:
        """The resource's tags and those of its stack."""
        given = self.take("Tags") or {}
        if isinstance(given, list):
            given = {tag["Key"]: tag["Value"] for tag in given}
        return {**self.stack_tags, **{key: str(value) for key, value in given.items()}}

    def tag_list(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        return [{key: name, value: text} for name, text in self.tags().items()]

    def wait(self, is_stable: Callable[[], bool]) -> None:
        """Let simulated time pass until the resource is stable: ResourceFailed after an hour."""
        end = self.cloud.clock.now + LONGEST_WAIT
        while not is_stable():
            due = self.cloud.clock.next_due()
            if due is None or due.at > end:
                raise ResourceFailed(f"{self.logical} did not stabilize")
            self.cloud.clock.step()


type Make = Callable[[Work], Made]
type Remove = Callable[[Work], None]


@dataclass(frozen=True)
class Kind:
    """A resource type. `replaces`: the properties that cannot be changed in place; None: none of them can."""

    type: str
    make: Make
    remove: Remove
    attributes: frozenset[str]
    replaces: frozenset[str] | None


KINDS: dict[str, Kind] = {}


def kind(
    type_name: str,
    remove: Remove,
    *,
    attributes: Iterable[str] = (),
    replaces: Iterable[str] | None = (),
) -> Callable[[Make], Make]:
    """Register the function that makes and changes a type."""

    def register(make: Make) -> Make:
        fixed = None if replaces is None else frozenset(replaces)
        KINDS[type_name] = Kind(type_name, make, remove, frozenset(attributes), fixed)
        return make

    return register


def nothing(_: Work) -> None:
    """Nothing to remove: it goes with what it belongs to."""


def _json(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _policy(document: Any) -> str:
    """A policy of IAM. moto refuses one without a Version, which AWS takes (SAM's policy templates have none)."""
    if isinstance(document, Mapping) and "Version" not in document:
        document = {"Version": "2012-10-17", **document}
    return _json(document)


def _lower(value: Any) -> Any:
    """CloudFormation's property names as the camelCase of newer APIs."""
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: _lower(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_lower(one) for one in value]
    return value


def _gone(work: Work) -> Made:
    if work.old is None:
        raise ResourceFailed(f"{work.logical} is not there")
    return work.old


def _retag(work: Work, put: Callable[[dict[str, str]], Any], drop: Callable[[list[str]], Any]) -> None:
    """Bring the tags of a resource that is changed in line."""
    before = Work(**{**work.__dict__, "properties": dict(work.old_properties)}).tags()
    after = work.tags()
    if gone := [key for key in before if key not in after]:
        drop(gone)
    if changed := {key: value for key, value in after.items() if before.get(key) != value}:
        put(changed)


# --- SQS, SNS ----------------------------------------------------------------------------------------------

_QUEUE = (
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
)


@kind(
    "AWS::SQS::Queue",
    lambda work: work.client("sqs").delete_queue(QueueUrl=_gone(work).id),
    attributes=("Arn", "QueueName", "QueueUrl"),
    replaces=("QueueName", "FifoQueue"),
)
def _queue(work: Work) -> Made:
    sqs = work.client("sqs")
    attributes = {key: _text(value) for key, value in work.take_some(*_QUEUE).items()}
    for key in ("RedrivePolicy", "RedriveAllowPolicy"):
        if policy := work.take(key):
            attributes[key] = _json(policy)
    name = work.name(work.take("QueueName"), 80)
    if work.old is None:
        url = sqs.create_queue(QueueName=name, Attributes=attributes, tags=work.tags())["QueueUrl"]
    else:
        url = work.old.id
        if attributes:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        _retag(
            work,
            lambda tags: sqs.tag_queue(QueueUrl=url, Tags=tags),
            lambda keys: sqs.untag_queue(QueueUrl=url, TagKeys=keys),
        )
        name = work.old.attributes["QueueName"]
    arn = f"arn:aws:sqs:{work.region}:{work.account}:{name}"
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url, "Name_": name})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _remove_queue_policy(work: Work) -> None:
    for url in work.require("Queues"):
        work.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


@kind("AWS::SQS::QueuePolicy", _remove_queue_policy, attributes=("Id",))
def _queue_policy(work: Work) -> Made:
    policy = _json(work.require("PolicyDocument"))
    for url in work.require("Queues"):
        work.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Made(work.name(None), {})


@kind(
    "AWS::SNS::Topic",
    lambda work: work.client("sns").delete_topic(TopicArn=_gone(work).id),
    attributes=("TopicArn", "TopicName"),
    replaces=("TopicName", "FifoTopic"),
)
def _topic(work: Work) -> Made:
    sns = work.client("sns")
    attributes = {
        key: _text(value)
        for key, value in work.take_some(
            "DisplayName",
            "KmsMasterKeyId",
            "FifoTopic",
            "ContentBasedDeduplication",
            "SignatureVersion",
            "TracingConfig",
        ).items()
    }
    name = work.name(work.take("TopicName"), 256)
    if work.old is None:
        arn = sns.create_topic(Name=name, Attributes=attributes, Tags=work.tag_list())["TopicArn"]
    else:
        arn, name = work.old.id, work.old.attributes["TopicName"]
        for key, value in attributes.items():
            sns.set_topic_attributes(TopicArn=arn, AttributeName=key, AttributeValue=value)
        work.take("Tags")
    for one in work.take("Subscription") or []:
        sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    return Made(arn, {"TopicArn": arn, "TopicName": name, "Name_": name})


def _remove_topic_policy(work: Work) -> None:
    for arn in work.require("Topics"):
        default = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": []}
        work.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(default)
        )


@kind("AWS::SNS::TopicPolicy", _remove_topic_policy, attributes=("Id",))
def _topic_policy(work: Work) -> Made:
    policy = _json(work.require("PolicyDocument"))
    for arn in work.require("Topics"):
        work.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return Made(work.name(None), {})


@kind(
    "AWS::SNS::Subscription",
    lambda work: work.client("sns").unsubscribe(SubscriptionArn=_gone(work).id),
    attributes=("Arn",),
    replaces=("Endpoint", "Protocol", "TopicArn"),
)
def _subscription(work: Work) -> Made:
    sns = work.client("sns")
    where = work.take_some("TopicArn", "Protocol", "Endpoint")
    attributes = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in work.take_some(
            "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy"
        ).items()
    }
    if work.old is not None:
        arn = work.old.id
        for key, value in attributes.items():
            sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=key, AttributeValue=value)
    else:
        arn = sns.subscribe(**where, Attributes=attributes, ReturnSubscriptionArn=True)["SubscriptionArn"]
    return Made(arn, {"Arn": arn})


# --- EventBridge -------------------------------------------------------------------------------------------


@kind(
    "AWS::Events::EventBus",
    lambda work: work.client("events").delete_event_bus(Name=_gone(work).id),
    attributes=("Arn", "Name", "Policy"),
    replaces=("Name",),
)
def _event_bus(work: Work) -> Made:
    events = work.client("events")
    name = work.require("Name")
    given = work.take_some("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig", "EventSourceName")
    if work.old is None:
        arn = events.create_event_bus(Name=name, Tags=work.tag_list(), **given)["EventBusArn"]
    else:
        arn = work.old.attributes["Arn"]
        events.update_event_bus(Name=name, **given)
        work.take("Tags")
    if policy := work.take("Policy"):
        events.put_permission(EventBusName=name, Policy=_json(policy))
    return Made(name, {"Arn": arn, "Name": name})


def _bus_statements(events: Any, bus: str) -> list[dict[str, Any]]:
    policy = events.describe_event_bus(Name=bus).get("Policy")
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"] if policy else []
    return statements


def _remove_bus_policy(work: Work) -> None:
    bus = work.take("EventBusName") or "default"
    work.client("events").remove_permission(EventBusName=bus, StatementId=work.require("StatementId"))


@kind("AWS::Events::EventBusPolicy", _remove_bus_policy, replaces=("StatementId", "EventBusName"))
def _event_bus_policy(work: Work) -> Made:
    events = work.client("events")
    bus = work.take("EventBusName") or "default"
    sid = work.require("StatementId")
    statement = work.take("Statement")
    if statement is None:
        arn = events.describe_event_bus(Name=bus)["Arn"]
        principal = work.require("Principal")
        statement = {
            "Effect": "Allow",
            "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
            "Action": work.require("Action"),
            "Resource": arn,
        }
        if condition := work.take("Condition"):
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    others = [one for one in _bus_statements(events, bus) if one.get("Sid") != sid]
    # All at once: moto drops the statements of a principal when it gets another one for it.
    policy = {"Version": "2012-10-17", "Statement": [*others, {**statement, "Sid": sid}]}
    events.put_permission(EventBusName=bus, Policy=json.dumps(policy))
    return Made(work.name(None), {})


def _remove_rule(work: Work) -> None:
    events, made = work.client("events"), _gone(work)
    bus = made.attributes["Bus_"]
    targets = events.list_targets_by_rule(Rule=made.attributes["Name_"], EventBusName=bus)["Targets"]
    if targets:
        ids = [target["Id"] for target in targets]
        events.remove_targets(Rule=made.attributes["Name_"], EventBusName=bus, Ids=ids)
    events.delete_rule(Name=made.attributes["Name_"], EventBusName=bus)


@kind("AWS::Events::Rule", _remove_rule, attributes=("Arn",), replaces=("Name", "EventBusName"))
def _rule(work: Work) -> Made:
    events = work.client("events")
    name = work.name(work.take("Name"))
    bus = work.take("EventBusName") or "default"
    given = work.take_some("Description", "ScheduleExpression", "State", "RoleArn")
    if pattern := work.take("EventPattern"):
        given["EventPattern"] = _json(pattern)
    targets = work.take("Targets") or []
    arn = events.put_rule(Name=name, EventBusName=bus, **given)["RuleArn"]
    gone = []
    if work.old is not None:
        kept = {target["Id"] for target in targets}
        gone = [one["Id"] for one in work.old_properties.get("Targets", []) if one["Id"] not in kept]
    if gone:
        events.remove_targets(Rule=name, EventBusName=bus, Ids=gone)
    if targets:
        answer = events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
        if answer.get("FailedEntryCount"):
            raise ResourceFailed(f"{work.logical}: {answer['FailedEntries'][0].get('ErrorMessage')}")
    ref = name if bus == "default" else f"{bus.rpartition('/')[2]}|{name}"
    return Made(ref, {"Arn": arn, "Name_": name, "Bus_": bus})


@kind(
    "AWS::Events::Archive",
    lambda work: work.client("events").delete_archive(ArchiveName=_gone(work).id),
    attributes=("Arn", "ArchiveName"),
    replaces=("ArchiveName", "SourceArn"),
)
def _archive(work: Work) -> Made:
    events = work.client("events")
    name = work.name(work.take("ArchiveName"), 48)
    given = work.take_some("Description", "RetentionDays", "KmsKeyIdentifier")
    if "RetentionDays" in given:  # a parameter's value is text
        given["RetentionDays"] = int(given["RetentionDays"])
    if pattern := work.take("EventPattern"):
        given["EventPattern"] = _json(pattern)
    source = work.require("SourceArn")
    if work.old is None:
        arn = events.create_archive(ArchiveName=name, EventSourceArn=source, **given)["ArchiveArn"]
    else:
        arn = events.update_archive(ArchiveName=name, **given)["ArchiveArn"]
    return Made(name, {"Arn": arn, "ArchiveName": name})


@kind(
    "AWS::Scheduler::ScheduleGroup",
    lambda work: work.client("scheduler").delete_schedule_group(Name=_gone(work).id),
    attributes=("Arn", "State"),
    replaces=("Name",),
)
def _schedule_group(work: Work) -> Made:
    scheduler = work.client("scheduler")
    name = work.name(work.take("Name"))
    if work.old is not None:
        return work.old
    arn = scheduler.create_schedule_group(Name=name, Tags=work.tag_list())["ScheduleGroupArn"]
    return Made(name, {"Arn": arn, "State": "ACTIVE"})


def _remove_schedule(work: Work) -> None:
    group = work.take("GroupName") or "default"
    work.client("scheduler").delete_schedule(Name=_gone(work).id, GroupName=group)


@kind("AWS::Scheduler::Schedule", _remove_schedule, attributes=("Arn",), replaces=("Name",))
def _schedule(work: Work) -> Made:
    scheduler = work.client("scheduler")
    given = work.take_some(
        "Description",
        "EndDate",
        "FlexibleTimeWindow",
        "GroupName",
        "KmsKeyArn",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    )
    name = work.name(work.take("Name"))
    call = scheduler.create_schedule if work.old is None else scheduler.update_schedule
    return Made(name, {"Arn": call(Name=name, **given)["ScheduleArn"]})


# --- IAM ---------------------------------------------------------------------------------------------------


@functools.cache
def _aws_managed_policies() -> dict[str, dict[str, Any]]:
    """The policies that AWS manages, by ARN, as moto's data file has them."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return {
        (policy.get("Arn") or f"arn:aws:iam::aws:policy{policy.get('Path', '/')}{name}"): {"name": name, **policy}
        for name, policy in found.items()
    }


def _provide_managed(account: str, arn: str) -> None:
    """Put a policy that AWS manages into moto's IAM, which is emptied of them because there are a thousand."""
    backend = get_backend("iam")[account]["aws"]
    if not arn.startswith("arn:aws:iam::aws:policy/") or arn in backend.managed_policies:
        return
    data = _aws_managed_policies().get(arn)
    if data is None:
        raise ResourceFailed(f"there is no policy {arn}")
    backend.managed_policies[arn] = AWSManagedPolicy.from_data(data["name"], account, "us-east-1", data)


def _attach(work: Work, role: str, wanted: list[str]) -> None:
    iam = work.client("iam")
    have = {one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]}
    for arn in wanted:
        _provide_managed(work.account, arn)
        if arn not in have:
            iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    old = set(work.old_properties.get("ManagedPolicyArns") or [])
    for arn in (old & have) - set(wanted):
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)


def _remove_role(work: Work) -> None:
    iam, name = work.client("iam"), _gone(work).id
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


@kind("AWS::IAM::Role", _remove_role, attributes=("Arn", "RoleId"), replaces=("RoleName", "Path"))
def _role(work: Work) -> Made:
    iam = work.client("iam")
    name = work.name(work.take("RoleName"))
    trust = _json(work.require("AssumeRolePolicyDocument"))
    inline = {one["PolicyName"]: _policy(one["PolicyDocument"]) for one in work.take("Policies") or []}
    managed = list(work.take("ManagedPolicyArns") or [])
    given = work.take_some("Description", "MaxSessionDuration")
    boundary = work.take("PermissionsBoundary")
    path = work.take("Path") or "/"
    if work.old is None:
        if boundary:
            given["PermissionsBoundary"] = boundary
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Path=path, Tags=work.tag_list(), **given)[
            "Role"
        ]
        made = Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
    else:
        made = work.old
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        if given:
            iam.update_role(RoleName=name, **given)
        _retag(
            work,
            lambda tags: iam.tag_role(RoleName=name, Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
            lambda keys: iam.untag_role(RoleName=name, TagKeys=keys),
        )
    for old in work.old_properties.get("Policies") or []:
        if old["PolicyName"] not in inline:
            iam.delete_role_policy(RoleName=name, PolicyName=old["PolicyName"])
    for policy, document in inline.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    if managed or work.old_properties.get("ManagedPolicyArns"):
        _attach(work, name, managed)
    return made


def _remove_inline(work: Work) -> None:
    for role in work.take("Roles") or []:
        work.client("iam").delete_role_policy(RoleName=role, PolicyName=work.properties["PolicyName"])


@kind("AWS::IAM::Policy", _remove_inline, attributes=("Id",), replaces=("PolicyName", "Roles"))
@kind("AWS::IAM::RolePolicy", _remove_inline, replaces=("PolicyName", "RoleName"))
def _inline_policy(work: Work) -> Made:
    document, name = _policy(work.require("PolicyDocument")), work.require("PolicyName")
    roles = work.take("Roles") or [work.require("RoleName")]
    for role in roles:
        work.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    return Made(name, {})


def _remove_managed_policy(work: Work) -> None:
    iam, arn = work.client("iam"), _gone(work).id
    for role in work.take("Roles") or []:
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


@kind("AWS::IAM::ManagedPolicy", _remove_managed_policy, attributes=("PolicyArn", "PolicyId"), replaces=None)
def _managed_policy(work: Work) -> Made:
    iam = work.client("iam")
    name = work.name(work.take("ManagedPolicyName"))
    given = work.take_some("Description", "Path")
    document = _policy(work.require("PolicyDocument"))
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document, **given)["Policy"]
    for role in work.properties.pop("Roles", []):
        iam.attach_role_policy(RoleName=role, PolicyArn=policy["Arn"])
    return Made(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})


# --- Lambda ------------------------------------------------------------------------------------------------

_FUNCTION = (
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)
_ENVIRONMENT_BYTES = 4096  # facts §21


def _code(work: Work, code: Mapping[str, Any]) -> dict[str, Any]:
    if code.get("S3Bucket") == LOCAL_BUCKET:
        return {"ZipFile": work.cloud.functions.stand_in(Path(code["S3Key"]))}
    if isinstance(code.get("ZipFile"), str):
        raise ResourceFailed(f"{work.logical}: inline code is not emulated; give a folder or an archive in S3")
    return dict(code)


def _function_settings(work: Work) -> dict[str, Any]:
    given = work.take_some(*_FUNCTION)
    if "KmsKeyArn" in given:
        given["KMSKeyArn"] = given.pop("KmsKeyArn")
    variables = (given.get("Environment") or {}).get("Variables") or {}
    for key, value in variables.items():
        if not isinstance(value, str | int | float | bool):
            raise ResourceFailed(f"{work.logical}: the variable {key} is no text: {value!r}")
    variables = {key: _text(value) for key, value in variables.items()}
    if sum(len(key) + len(value) for key, value in variables.items()) > _ENVIRONMENT_BYTES:
        raise ResourceFailed(f"{work.logical}: the environment is larger than {_ENVIRONMENT_BYTES} bytes")
    if "Environment" in given:
        given["Environment"] = {"Variables": variables}
    return given


@kind(
    "AWS::Lambda::Function",
    lambda work: work.client("lambda").delete_function(FunctionName=_gone(work).id),
    attributes=("Arn",),
    replaces=("FunctionName", "PackageType"),
)
def _function(work: Work) -> Made:
    client = work.client("lambda")
    name = work.name(work.take("FunctionName"))
    code = _code(work, work.require("Code"))
    reserved = work.take("ReservedConcurrentExecutions")
    given = _function_settings(work)
    tags = work.tags()
    if work.old is None:
        arn = client.create_function(FunctionName=name, Code=code, Tags=tags, **given)["FunctionArn"]
    else:
        arn = work.old.attributes["Arn"]
        given.pop("PackageType", None)
        architectures = given.pop("Architectures", None)
        client.update_function_configuration(FunctionName=name, **given)
        more = {"Architectures": architectures} if architectures else {}
        client.update_function_code(FunctionName=name, **code, **more)
        client.tag_resource(Resource=arn, Tags=tags)
    if reserved is not None:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))
    elif work.old_properties.get("ReservedConcurrentExecutions") is not None:
        client.delete_function_concurrency(FunctionName=name)
    return Made(name, {"Arn": arn})


def _remove_layer(work: Work) -> None:
    arn = _gone(work).id
    name, version = arn.split(":")[6:8]
    work.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


@kind("AWS::Lambda::LayerVersion", _remove_layer, attributes=("LayerVersionArn",), replaces=None)
def _layer(work: Work) -> Made:
    content = _code(work, work.require("Content"))
    given = work.take_some("Description", "CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo")
    name = work.take("LayerName") or f"{work.stack}-{work.logical}"
    arn = work.client("lambda").publish_layer_version(LayerName=name, Content=content, **given)["LayerVersionArn"]
    return Made(arn, {"LayerVersionArn": arn})


def _remove_permission(work: Work) -> None:
    work.client("lambda").remove_permission(FunctionName=work.require("FunctionName"), StatementId=_gone(work).id)


@kind("AWS::Lambda::Permission", _remove_permission, attributes=("Id",), replaces=None)
def _permission(work: Work) -> Made:
    given = work.take_some(
        "Action", "FunctionName", "Principal", "SourceAccount", "SourceArn", "PrincipalOrgID", "EventSourceToken"
    )
    sid = work.name(None, 100)
    work.client("lambda").add_permission(StatementId=sid, **given)
    return Made(sid, {})


_MAPPING = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ScalingConfig",
)


@kind(
    "AWS::Lambda::EventSourceMapping",
    lambda work: work.client("lambda").delete_event_source_mapping(UUID=_gone(work).id),
    attributes=("EventSourceMappingArn", "Id"),
    replaces=("EventSourceArn", "StartingPosition"),
)
def _mapping(work: Work) -> Made:
    client = work.client("lambda")
    given = work.take_some(*_MAPPING)
    fixed = work.take_some("EventSourceArn", "StartingPosition")
    if work.old is None:
        answer = client.create_event_source_mapping(**given, **fixed)
    else:
        answer = client.update_event_source_mapping(UUID=work.old.id, **given)
    arn = answer.get("EventSourceMappingArn", "")
    return Made(answer["UUID"], {"EventSourceMappingArn": arn, "Id": answer["UUID"]})


@kind(
    "AWS::Lambda::EventInvokeConfig",
    lambda work: work.client("lambda").delete_function_event_invoke_config(FunctionName=work.require("FunctionName")),
    replaces=("FunctionName", "Qualifier"),
)
def _invoke_config(work: Work) -> Made:
    given = work.take_some("DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
    if work.take("Qualifier") not in {None, "$LATEST"}:
        raise ResourceFailed(f"{work.logical}: only the qualifier $LATEST is emulated")
    work.client("lambda").put_function_event_invoke_config(**given)
    return Made(work.name(None), {})


@kind("AWS::Lambda::Version", nothing, attributes=("FunctionArn", "Version"), replaces=None)
def _version(work: Work) -> Made:
    given = work.take_some("FunctionName", "Description", "CodeSha256")
    answer = work.client("lambda").publish_version(**given)
    arn = f"{answer['FunctionArn'].removesuffix(':' + answer['Version'])}:{answer['Version']}"
    return Made(arn, {"FunctionArn": arn, "Version": answer["Version"]})


def _remove_alias(work: Work) -> None:
    work.client("lambda").delete_alias(FunctionName=work.require("FunctionName"), Name=work.require("Name"))


@kind("AWS::Lambda::Alias", _remove_alias, attributes=("AliasArn",), replaces=("Name", "FunctionName"))
def _alias(work: Work) -> Made:
    client = work.client("lambda")
    given = work.take_some("FunctionName", "Name", "FunctionVersion", "Description", "RoutingConfig")
    call = client.create_alias if work.old is None else client.update_alias
    arn = call(**given)["AliasArn"]
    return Made(arn, {"AliasArn": arn})


# --- Step Functions ----------------------------------------------------------------------------------------


def _definition(work: Work) -> str:
    text = work.take("DefinitionString")
    value = work.take("Definition")
    location = work.take("DefinitionS3Location")
    if location is not None:
        extra = {"VersionId": location["Version"]} if location.get("Version") else {}
        found = work.client("s3").get_object(Bucket=location["Bucket"], Key=location["Key"], **extra)
        text = found["Body"].read().decode()
    if value is not None:
        text = json.dumps(value)
    if text is None:
        raise ResourceFailed(f"{work.logical}: there is no definition")
    for key, replacement in (work.take("DefinitionSubstitutions") or {}).items():
        text = text.replace("${" + key + "}", json.dumps(str(replacement))[1:-1])
    if missing := re.findall(r"\$\{[\w:.]+\}", text):
        raise ResourceFailed(f"{work.logical}: {missing[0]} is left in the definition")
    try:
        faults = asl.check(json.loads(text))
    except ValueError as error:
        faults = [f"the definition is not JSON: {error}"]
    if faults:
        raise ResourceFailed(f"{work.logical}: Invalid State Machine Definition: " + "; ".join(faults))
    return str(text)


@kind(
    "AWS::StepFunctions::StateMachine",
    lambda work: work.client("stepfunctions").delete_state_machine(stateMachineArn=_gone(work).id),
    attributes=("Arn", "Name", "StateMachineRevisionId"),
    replaces=("StateMachineName", "StateMachineType"),
)
def _state_machine(work: Work) -> Made:
    client = work.client("stepfunctions")
    name = work.name(work.take("StateMachineName"), 80)
    definition = _definition(work)
    role = work.require("RoleArn")
    given = _lower(work.take_some("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"))
    kind_of = work.take("StateMachineType") or "STANDARD"
    if work.old is None:
        tags = work.tag_list("key", "value")
        arn = client.create_state_machine(
            name=name, definition=definition, roleArn=role, type=kind_of, tags=tags, **given
        )["stateMachineArn"]
    else:
        arn, name = work.old.id, work.old.attributes["Name"]
        client.update_state_machine(stateMachineArn=arn, definition=definition, roleArn=role, **given)
        work.take("Tags")
    return Made(arn, {"Arn": arn, "Name": name, "StateMachineRevisionId": "INITIAL"})


# --- DynamoDB, S3, SSM, KMS --------------------------------------------------------------------------------


def _remove_table(work: Work) -> None:
    client, name = work.client("dynamodb"), _gone(work).id
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.delete_table(TableName=name)


@kind(
    "AWS::DynamoDB::Table",
    _remove_table,
    attributes=("Arn", "StreamArn"),
    replaces=("TableName", "KeySchema", "LocalSecondaryIndexes"),
)
def _table(work: Work) -> Made:
    client = work.client("dynamodb")
    name = work.name(work.take("TableName"), 255)
    given = work.take_some(
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "OnDemandThroughput",
        "ProvisionedThroughput",
        "TableClass",
    )
    if stream := work.take("StreamSpecification"):
        given["StreamSpecification"] = {"StreamEnabled": True, **stream}
    if encryption := work.take("SSESpecification"):
        given["SSESpecification"] = {("Enabled" if k == "SSEEnabled" else k): v for k, v in encryption.items()}
    recovery = work.take("PointInTimeRecoverySpecification")
    lifetime = work.take("TimeToLiveSpecification")
    if work.old is None:
        client.create_table(TableName=name, Tags=work.tag_list(), **given)
    else:
        given.pop("KeySchema", None)
        given.pop("LocalSecondaryIndexes", None)
        given.pop("GlobalSecondaryIndexes", None)
        client.update_table(TableName=name, **given)
        work.take("Tags")
    if recovery is not None:
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if lifetime is not None and lifetime != work.old_properties.get("TimeToLiveSpecification"):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=lifetime)
    table = client.describe_table(TableName=name)["Table"]
    return Made(name, {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn", "")})


@kind(
    "AWS::S3::Bucket",
    lambda work: work.client("s3").delete_bucket(Bucket=_gone(work).id),
    attributes=("Arn", "DomainName", "RegionalDomainName"),
    replaces=("BucketName",),
)
def _bucket(work: Work) -> Made:
    s3 = work.client("s3")
    name = work.name(work.take("BucketName"), 63).lower()
    if work.old is None:
        place = {} if work.region == "us-east-1" else {"LocationConstraint": work.region}
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    if encryption := work.take("BucketEncryption"):
        rules = [
            {
                **({"BucketKeyEnabled": rule["BucketKeyEnabled"]} if "BucketKeyEnabled" in rule else {}),
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            }
            for rule in encryption["ServerSideEncryptionConfiguration"]
        ]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if block := work.take("PublicAccessBlockConfiguration"):
        # CloudFormation takes booleans as text as well, and SAM's own bucket gives them so.
        flags = {key: str(value).lower() == "true" for key, value in block.items()}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=flags)
    if versioning := work.take("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if ownership := work.take("OwnershipControls"):
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    work.take("LifecycleConfiguration")  # nothing here grows old
    work.take("LoggingConfiguration")
    if tags := work.tag_list():
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    domain = f"{name}.s3.{work.region}.amazonaws.com"
    return Made(
        name,
        {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com", "RegionalDomainName": domain},
    )


@kind(
    "AWS::S3::BucketPolicy",
    lambda work: work.client("s3").delete_bucket_policy(Bucket=work.require("Bucket")),
    replaces=("Bucket",),
)
def _bucket_policy(work: Work) -> Made:
    bucket = work.require("Bucket")
    work.client("s3").put_bucket_policy(Bucket=bucket, Policy=_json(work.require("PolicyDocument")))
    return Made(bucket, {})


@kind(
    "AWS::SSM::Parameter",
    lambda work: work.client("ssm").delete_parameter(Name=_gone(work).id),
    attributes=("Type", "Value"),
    replaces=("Name",),
)
def _ssm_parameter(work: Work) -> Made:
    name = work.name(work.take("Name"))
    given = work.take_some("AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type", "Value")
    work.tags()
    work.client("ssm").put_parameter(Name=name, Overwrite=work.old is not None, **given)
    return Made(name, {"Type": given.get("Type", ""), "Value": given.get("Value", "")})


@kind(
    "AWS::KMS::Key",
    lambda work: work.client("kms").schedule_key_deletion(KeyId=_gone(work).id, PendingWindowInDays=7),
    attributes=("Arn", "KeyId"),
    replaces=("KeySpec", "KeyUsage", "MultiRegion"),
)
def _key(work: Work) -> Made:
    kms = work.client("kms")
    policy = work.take("KeyPolicy")
    rotation = work.take("EnableKeyRotation")
    work.take("PendingWindowInDays")
    given = work.take_some("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")
    if policy is not None:
        given["Policy"] = _json(policy)
    if work.old is None:
        key = kms.create_key(Tags=work.tag_list("TagKey", "TagValue"), **given)["KeyMetadata"]
        made = Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})
    else:
        made = work.old
        work.take("Tags")
        if "Policy" in given:
            kms.put_key_policy(KeyId=made.id, PolicyName="default", Policy=given["Policy"])
    if rotation:
        kms.enable_key_rotation(KeyId=made.id)
    return made


@kind(
    "AWS::KMS::Alias",
    lambda work: work.client("kms").delete_alias(AliasName=_gone(work).id),
    replaces=("AliasName",),
)
def _key_alias(work: Work) -> Made:
    kms, name = work.client("kms"), work.require("AliasName")
    call = kms.create_alias if work.old is None else kms.update_alias
    call(AliasName=name, TargetKeyId=work.require("TargetKeyId"))
    return Made(name, {})


# --- Logs, CloudWatch --------------------------------------------------------------------------------------


@kind(
    "AWS::Logs::LogGroup",
    lambda work: work.client("logs").delete_log_group(logGroupName=_gone(work).id),
    attributes=("Arn",),
    replaces=("LogGroupName", "LogGroupClass"),
)
def _log_group(work: Work) -> Made:
    logs = work.client("logs")
    name = work.name(work.take("LogGroupName"), 512)
    days = work.take("RetentionInDays")
    given = _lower(work.take_some("KmsKeyId", "LogGroupClass"))
    for unused in ("DataProtectionPolicy", "FieldIndexPolicies", "DeletionProtectionEnabled"):
        work.take(unused)
    tags = work.tags()
    if work.old is None:
        logs.create_log_group(logGroupName=name, **given, **({"tags": tags} if tags else {}))
    if days is not None:
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
    elif work.old_properties.get("RetentionInDays") is not None:
        logs.delete_retention_policy(logGroupName=name)
    return Made(name, {"Arn": f"arn:aws:logs:{work.region}:{work.account}:log-group:{name}:*"})


@kind(
    "AWS::Logs::ResourcePolicy",
    lambda work: work.client("logs").delete_resource_policy(policyName=_gone(work).id),
    replaces=("PolicyName",),
)
def _logs_policy(work: Work) -> Made:
    name = work.require("PolicyName")
    work.client("logs").put_resource_policy(policyName=name, policyDocument=_json(work.require("PolicyDocument")))
    return Made(name, {})


def _remove_metric_filter(work: Work) -> None:
    group = work.require("LogGroupName")
    work.client("logs").delete_metric_filter(logGroupName=group, filterName=_gone(work).id)


@kind("AWS::Logs::MetricFilter", _remove_metric_filter, replaces=("FilterName", "LogGroupName"))
def _metric_filter(work: Work) -> Made:
    name = work.name(work.take("FilterName"), 512)
    transformations = []
    for one in work.require("MetricTransformations"):
        lowered = _lower(one)
        if "dimensions" in lowered:
            lowered["dimensions"] = {pair["key"]: pair["value"] for pair in lowered["dimensions"]}
        lowered["metricValue"] = str(lowered["metricValue"])
        transformations.append(lowered)
    work.client("logs").put_metric_filter(
        filterName=name,
        logGroupName=work.require("LogGroupName"),
        filterPattern=work.require("FilterPattern"),
        metricTransformations=transformations,
    )
    return Made(name, {})


_ALARM = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


def _remove_alarm(work: Work) -> None:
    work.client("cloudwatch").delete_alarms(AlarmNames=[_gone(work).id])


@kind("AWS::CloudWatch::Alarm", _remove_alarm, attributes=("Arn",), replaces=("AlarmName",))
def _alarm(work: Work) -> Made:
    name = work.name(work.take("AlarmName"), 255)
    given = work.take_some(*_ALARM)
    work.client("cloudwatch").put_metric_alarm(AlarmName=name, Tags=work.tag_list(), **given)
    return Made(name, {"Arn": f"arn:aws:cloudwatch:{work.region}:{work.account}:alarm:{name}"})


@kind("AWS::CloudWatch::CompositeAlarm", _remove_alarm, attributes=("Arn",), replaces=("AlarmName",))
def _composite_alarm(work: Work) -> Made:
    name = work.name(work.take("AlarmName"), 255)
    given = work.take_some(
        "ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmRule", "InsufficientDataActions", "OKActions"
    )
    work.client("cloudwatch").put_composite_alarm(AlarmName=name, Tags=work.tag_list(), **given)
    return Made(name, {"Arn": f"arn:aws:cloudwatch:{work.region}:{work.account}:alarm:{name}"})


@kind(
    "AWS::CloudWatch::Dashboard",
    lambda work: work.client("cloudwatch").delete_dashboards(DashboardNames=[_gone(work).id]),
    replaces=("DashboardName",),
)
def _dashboard(work: Work) -> Made:
    name = work.name(work.take("DashboardName"), 255)
    body = work.require("DashboardBody")
    try:
        json.loads(body)
    except ValueError as error:
        raise ResourceFailed(f"{work.logical}: DashboardBody is not JSON: {error}") from error
    work.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
    return Made(name, {})


# --- VPC Lattice, RAM --------------------------------------------------------------------------------------


@kind(
    "AWS::VpcLattice::ServiceNetwork",
    lambda work: work.client("vpc-lattice").delete_service_network(serviceNetworkIdentifier=_gone(work).id),
    attributes=("Arn", "CreatedAt", "Id", "LastUpdatedAt"),
    replaces=("Name",),
)
def _service_network(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    name = work.name(work.take("Name"), 63).lower()
    auth = work.take("AuthType")
    sharing = work.take("SharingConfig")
    if work.old is None:
        given: dict[str, Any] = {"authType": auth} if auth else {}
        if sharing is not None:
            given["sharingConfig"] = _lower(sharing)
        answer = lattice.create_service_network(name=name, tags=work.tags(), **given)
        made = Made(answer["arn"], {"Arn": answer["arn"], "Id": answer["id"]})
    else:
        made = work.old
        lattice.update_service_network(serviceNetworkIdentifier=made.id, authType=auth or "NONE")
        _retag(
            work,
            lambda tags: lattice.tag_resource(resourceArn=made.id, tags=tags),
            lambda keys: lattice.untag_resource(resourceArn=made.id, tagKeys=keys),
        )
    return made


@kind(
    "AWS::VpcLattice::AuthPolicy",
    lambda work: work.client("vpc-lattice").delete_auth_policy(resourceIdentifier=work.require("ResourceIdentifier")),
    attributes=("State",),
    replaces=("ResourceIdentifier",),
)
def _auth_policy(work: Work) -> Made:
    resource, policy = work.require("ResourceIdentifier"), _json(work.require("Policy"))
    answer = work.client("vpc-lattice").put_auth_policy(resourceIdentifier=resource, policy=policy)
    return Made(resource, {"State": answer.get("state", "Active").upper()})


@kind(
    "AWS::VpcLattice::ResourcePolicy",
    lambda work: work.client("vpc-lattice").delete_resource_policy(resourceArn=work.require("ResourceArn")),
    replaces=("ResourceArn",),
)
def _lattice_policy(work: Work) -> Made:
    arn, policy = work.require("ResourceArn"), _json(work.require("Policy"))
    work.client("vpc-lattice").put_resource_policy(resourceArn=arn, policy=policy)
    return Made(arn, {})


@kind(
    "AWS::VpcLattice::AccessLogSubscription",
    lambda work: work.client("vpc-lattice").delete_access_log_subscription(
        accessLogSubscriptionIdentifier=_gone(work).id
    ),
    attributes=("Arn", "Id", "ResourceArn", "ResourceId"),
    replaces=("ResourceIdentifier", "ServiceNetworkLogType"),
)
def _access_log(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    destination = work.require("DestinationArn")
    given = _lower(work.take_some("ResourceIdentifier", "ServiceNetworkLogType"))
    if work.old is None:
        answer = lattice.create_access_log_subscription(destinationArn=destination, tags=work.tags(), **given)
    else:
        work.take("Tags")
        answer = lattice.update_access_log_subscription(
            accessLogSubscriptionIdentifier=work.old.id, destinationArn=destination
        )
    return Made(
        answer["arn"],
        {
            "Arn": answer["arn"],
            "Id": answer["id"],
            "ResourceArn": answer["resourceArn"],
            "ResourceId": answer["resourceId"],
        },
    )


def _remove_vpc_association(work: Work) -> None:
    lattice, made = work.client("vpc-lattice"), _gone(work)
    lattice.delete_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=made.id)

    def is_gone() -> bool:
        try:
            lattice.get_service_network_vpc_association(serviceNetworkVpcAssociationIdentifier=made.id)
        except lattice.exceptions.ResourceNotFoundException:
            return True
        return False

    work.wait(is_gone)


@kind(
    "AWS::VpcLattice::ServiceNetworkVpcAssociation",
    _remove_vpc_association,
    attributes=(
        "Arn",
        "CreatedAt",
        "Id",
        "ServiceNetworkArn",
        "ServiceNetworkId",
        "ServiceNetworkName",
        "Status",
        "VpcId",
    ),
    replaces=("ServiceNetworkIdentifier", "VpcIdentifier"),
)
def _vpc_association(work: Work) -> Made:
    lattice = work.client("vpc-lattice")
    groups = work.take("SecurityGroupIds")
    given = _lower(work.take_some("ServiceNetworkIdentifier", "VpcIdentifier", "PrivateDnsEnabled", "DnsOptions"))
    more = {"securityGroupIds": groups} if groups else {}
    if work.old is None:
        made_id = lattice.create_service_network_vpc_association(tags=work.tags(), **given, **more)["arn"]
    else:
        made_id = work.old.id
        work.take("Tags")
        lattice.update_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=made_id, securityGroupIds=groups or []
        )

    def describe() -> dict[str, Any]:
        found: dict[str, Any] = lattice.get_service_network_vpc_association(
            serviceNetworkVpcAssociationIdentifier=made_id
        )
        return found

    work.wait(lambda: not describe()["status"].endswith("_IN_PROGRESS"))
    answer = describe()
    if answer["status"] != "ACTIVE":
        raise ResourceFailed(f"{work.logical}: {answer['status']}: {answer.get('failureMessage')}")
    return Made(made_id, {key[:1].upper() + key[1:]: value for key, value in answer.items()})


@kind(
    "AWS::RAM::ResourceShare",
    lambda work: work.client("ram").delete_resource_share(resourceShareArn=_gone(work).id),
    attributes=("Arn",),
)
def _share(work: Work) -> Made:
    ram = work.client("ram")
    name = work.require("Name")
    external = work.take("AllowExternalPrincipals", default=True)
    parts = {
        "principals": work.take("Principals") or [],
        "resourceArns": work.take("ResourceArns") or [],
        "sources": work.take("Sources") or [],
    }
    permissions = work.take("PermissionArns") or []
    if work.old is None:
        answer = ram.create_resource_share(
            name=name,
            allowExternalPrincipals=external,
            tags=work.tag_list("key", "value"),
            **{key: value for key, value in parts.items() if value},
            **({"permissionArns": permissions} if permissions else {}),
        )
        arn = answer["resourceShare"]["resourceShareArn"]
        return Made(arn, {"Arn": arn})
    arn = work.old.id
    work.take("Tags")
    ram.update_resource_share(resourceShareArn=arn, name=name, allowExternalPrincipals=external)
    before = {
        "principals": work.old_properties.get("Principals") or [],
        "resourceArns": work.old_properties.get("ResourceArns") or [],
    }
    for key, old in before.items():
        if more := [one for one in parts[key] if one not in old]:
            ram.associate_resource_share(resourceShareArn=arn, **{key: more})
        if less := [one for one in old if one not in parts[key]]:
            ram.disassociate_resource_share(resourceShareArn=arn, **{key: less})
    return work.old


# --- EC2, load balancers -----------------------------------------------------------------------------------


def _specification(work: Work, resource_type: str) -> dict[str, Any]:
    tags = work.tag_list()
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": tags}]} if tags else {}


def _retag_ec2(work: Work) -> Made:
    ec2, made = work.client("ec2"), _gone(work)
    _retag(
        work,
        lambda tags: ec2.create_tags(Resources=[made.id], Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
        lambda keys: ec2.delete_tags(Resources=[made.id], Tags=[{"Key": key} for key in keys]),
    )
    return made


@kind(
    "AWS::EC2::VPC",
    lambda work: work.client("ec2").delete_vpc(VpcId=_gone(work).id),
    attributes=("CidrBlock", "DefaultSecurityGroup", "VpcId"),
    replaces=("CidrBlock", "InstanceTenancy"),
)
def _vpc(work: Work) -> Made:
    ec2 = work.client("ec2")
    given = work.take_some("CidrBlock", "InstanceTenancy")
    dns = work.take_some("EnableDnsHostnames", "EnableDnsSupport")
    if work.old is None:
        vpc = ec2.create_vpc(**given, **_specification(work, "vpc"))["Vpc"]
        made = Made(vpc["VpcId"], {"VpcId": vpc["VpcId"], "CidrBlock": vpc["CidrBlock"]})
        filters = [{"Name": "vpc-id", "Values": [made.id]}, {"Name": "group-name", "Values": ["default"]}]
        groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        made.attributes["DefaultSecurityGroup"] = groups[0]["GroupId"] if groups else ""
    else:
        made = _retag_ec2(work)
    for key, value in dns.items():
        ec2.modify_vpc_attribute(VpcId=made.id, **{key: {"Value": str(value).lower() == "true"}})
    return made


@kind(
    "AWS::EC2::Subnet",
    lambda work: work.client("ec2").delete_subnet(SubnetId=_gone(work).id),
    attributes=("AvailabilityZone", "SubnetId", "VpcId"),
    replaces=("AvailabilityZone", "CidrBlock", "VpcId"),
)
def _subnet(work: Work) -> Made:
    given = work.take_some("AvailabilityZone", "CidrBlock", "VpcId")
    work.take("MapPublicIpOnLaunch")
    if work.old is not None:
        return _retag_ec2(work)
    subnet = work.client("ec2").create_subnet(**given, **_specification(work, "subnet"))["Subnet"]
    keys = ("AvailabilityZone", "SubnetId", "VpcId")
    return Made(subnet["SubnetId"], {key: subnet[key] for key in keys})


def _ip_permission(rule: Mapping[str, Any], side: str) -> dict[str, Any]:
    permission: dict[str, Any] = {"IpProtocol": str(rule["IpProtocol"])}
    permission |= {key: int(rule[key]) for key in ("FromPort", "ToPort") if key in rule}
    text = {"Description": rule["Description"]} if rule.get("Description") else {}
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **text}]
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **text}]
    if prefix := rule.get(f"{side}PrefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": prefix, **text}]
    if group := rule.get(f"{side}SecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": group, **text}]
    return permission


@kind(
    "AWS::EC2::SecurityGroup",
    lambda work: work.client("ec2").delete_security_group(GroupId=_gone(work).id),
    attributes=("GroupId", "Id", "VpcId"),
    replaces=("GroupDescription", "GroupName", "VpcId"),
)
def _security_group(work: Work) -> Made:
    ec2 = work.client("ec2")
    name = work.name(work.take("GroupName"), 255)
    description, vpc = work.require("GroupDescription"), work.take("VpcId")
    sides = [
        ("Source", work.take("SecurityGroupIngress"), "ingress"),
        ("Destination", work.take("SecurityGroupEgress"), "egress"),
    ]
    if work.old is None:
        where = {"VpcId": vpc} if vpc else {}
        made_id = ec2.create_security_group(
            GroupName=name, Description=description, **where, **_specification(work, "security-group")
        )["GroupId"]
        made = Made(made_id, {"GroupId": made_id, "Id": made_id, "VpcId": vpc or "", "Name_": name})
        if sides[1][1]:
            everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            ec2.revoke_security_group_egress(GroupId=made_id, IpPermissions=everything)
    else:
        made = _retag_ec2(work)
    for side, rules, direction in sides:
        old = work.old_properties.get(f"SecurityGroup{direction.capitalize()}") or []
        gone = [_ip_permission(rule, side) for rule in old if rule not in (rules or [])]
        new = [_ip_permission(rule, side) for rule in rules or [] if rule not in old]
        if gone:
            getattr(ec2, f"revoke_security_group_{direction}")(GroupId=made.id, IpPermissions=gone)
        if new:
            getattr(ec2, f"authorize_security_group_{direction}")(GroupId=made.id, IpPermissions=new)
    return made


@kind(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    lambda work: work.client("elbv2").delete_load_balancer(LoadBalancerArn=_gone(work).id),
    attributes=("CanonicalHostedZoneID", "DNSName", "LoadBalancerArn", "LoadBalancerFullName", "LoadBalancerName"),
    replaces=("Name", "Scheme", "Type"),
)
def _load_balancer(work: Work) -> Made:
    elb = work.client("elbv2")
    name = work.name(work.take("Name"), 32)
    attributes = work.take("LoadBalancerAttributes")
    given = work.take_some("IpAddressType", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Type")
    if work.old is None:
        tags = work.tag_list()
        balancer = elb.create_load_balancer(Name=name, **given, **({"Tags": tags} if tags else {}))["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        made = Made(
            arn,
            {
                "LoadBalancerArn": arn,
                "LoadBalancerName": name,
                "LoadBalancerFullName": arn.partition("loadbalancer/")[2],
                "DNSName": balancer["DNSName"],
                "CanonicalHostedZoneID": balancer.get("CanonicalHostedZoneId", ""),
                "Name_": name,
            },
        )
    else:
        made = work.old
        if given.get("SecurityGroups"):
            elb.set_security_groups(LoadBalancerArn=made.id, SecurityGroups=given["SecurityGroups"])
        _retag(
            work,
            lambda tags: elb.add_tags(ResourceArns=[made.id], Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
            lambda keys: elb.remove_tags(ResourceArns=[made.id], TagKeys=keys),
        )
    if attributes:
        elb.modify_load_balancer_attributes(LoadBalancerArn=made.id, Attributes=attributes)
    return made


@kind(
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    lambda work: work.client("elbv2").delete_target_group(TargetGroupArn=_gone(work).id),
    attributes=("TargetGroupArn", "TargetGroupFullName", "TargetGroupName"),
    replaces=None,
)
def _target_group(work: Work) -> Made:
    elb = work.client("elbv2")
    name = work.name(work.take("Name"), 32)
    targets = work.take("Targets")
    work.take("TargetGroupAttributes")
    given = work.take_some(
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "Matcher",
        "Port",
        "Protocol",
        "ProtocolVersion",
        "TargetType",
        "UnhealthyThresholdCount",
        "VpcId",
    )
    tags = work.tag_list()
    answer = elb.create_target_group(Name=name, **given, **({"Tags": tags} if tags else {}))
    arn = answer["TargetGroups"][0]["TargetGroupArn"]
    if targets:
        elb.register_targets(TargetGroupArn=arn, Targets=targets)
    full = arn.split(":")[-1]
    return Made(arn, {"TargetGroupArn": arn, "TargetGroupFullName": full, "TargetGroupName": name})


@kind(
    "AWS::ElasticLoadBalancingV2::Listener",
    lambda work: work.client("elbv2").delete_listener(ListenerArn=_gone(work).id),
    attributes=("ListenerArn",),
    replaces=("LoadBalancerArn",),
)
def _elb_listener(work: Work) -> Made:
    elb = work.client("elbv2")
    given = work.take_some("AlpnPolicy", "Certificates", "DefaultActions", "Port", "Protocol", "SslPolicy")
    balancer = work.take("LoadBalancerArn")
    if work.old is None:
        arn = elb.create_listener(LoadBalancerArn=balancer, **given)["Listeners"][0]["ListenerArn"]
    else:
        arn = work.old.id
        elb.modify_listener(ListenerArn=arn, **given)
    return Made(arn, {"ListenerArn": arn})


# --- nothing behind it -------------------------------------------------------------------------------------


@kind("AWS::CloudFormation::WaitConditionHandle", nothing)
def _wait_handle(work: Work) -> Made:
    return Made(f"https://cloudformation-waitcondition.invalid/{work.stack}/{work.logical}", {})


# --- CloudFormation itself ---------------------------------------------------------------------------------


def _remove_stack_set(work: Work) -> None:
    for account in _gone(work).attributes["Accounts_"]:
        work.cloud.stacks.delete(account, work.old.attributes["Stack_"] if work.old else "")


@kind(
    "AWS::CloudFormation::StackSet",
    _remove_stack_set,
    attributes=("StackSetId",),
    replaces=("StackSetName", "PermissionModel"),
)
def _stack_set(work: Work) -> Made:
    """Service-managed only: a stack in each account of the units, but the management account's (facts 23)."""
    organization = work.cloud.organization
    name = work.require("StackSetName")
    if work.require("PermissionModel") != "SERVICE_MANAGED":
        raise ResourceFailed(f"{work.logical}: only service-managed stack sets are emulated")
    if not organization.id:
        raise ResourceFailed(f"{work.logical}: account {work.account} is in no organization")
    body = work.take("TemplateBody") or _template_at(work, work.require("TemplateURL"))
    if "Transform:" in body or '"Transform"' in body:
        raise ResourceFailed(f"{work.logical}: a service-managed stack set takes no template with a transform")
    parameters = {item["ParameterKey"]: str(item["ParameterValue"]) for item in work.take("Parameters") or ()}
    work.take_some(
        "Description", "Capabilities", "CallAs", "AutoDeployment", "ManagedExecution", "OperationPreferences"
    )
    units = {
        unit
        for group in work.take("StackInstancesGroup") or ()
        for unit in group["DeploymentTargets"]["OrganizationalUnitIds"]
    }
    accounts = sorted(
        account
        for account in organization.accounts - {organization.management}
        if any(f"/{unit}/" in organization.paths_of(account)[0] for unit in units)
    )
    stack = f"StackSet-{name}"
    for account in accounts:
        work.cloud.stacks.deploy_text(body, account, stack, parameters)
    for account in set(work.old.attributes["Accounts_"] if work.old else ()) - set(accounts):
        work.cloud.stacks.delete(account, stack)
    return Made(name, {"StackSetId": name, "Accounts_": accounts, "Stack_": stack})


def _template_at(work: Work, url: str) -> str:
    """The template that `sam deploy` put into S3."""
    bucket, key = in_s3(url)
    text: str = work.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text


def in_s3(url: str) -> tuple[str, str]:
    """Bucket and key of an object's URL: of AWS's S3 in both styles, or of the one that is served here."""
    parts = urlsplit(url)
    host, path = parts.netloc, unquote(parts.path.lstrip("/"))
    if ".s3" in host:
        return host.partition(".s3")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key
