"""Queues and their policies, as CloudFormation makes them."""

from __future__ import annotations

import json

from localcloud.ground.kinds import Gone, Made, Properties, Work, as_json, as_text, kind, picked, retag, there

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

_PLAIN = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}
"""What these are again once a template no longer says them."""


def _read_queue(work: Work) -> Properties:
    answer = work.client("sqs").get_queue_attributes(QueueUrl=there(work).id, AttributeNames=["All"])
    found = answer["Attributes"]
    return picked(found, *_QUEUE, "RedriveAllowPolicy") | {"RedrivePolicy": found.get("RedrivePolicy")}


@kind(
    "AWS::SQS::Queue",
    lambda work: work.client("sqs").delete_queue(QueueUrl=there(work).id),
    attributes=("Arn", "QueueName", "QueueUrl"),
    replaces=("QueueName", "FifoQueue"),
    read=_read_queue,
)
def _queue(work: Work) -> Made:
    sqs = work.client("sqs")
    attributes = {key: as_text(value) for key, value in work.take_some(*_QUEUE).items()}
    for key in ("RedrivePolicy", "RedriveAllowPolicy"):
        if policy := work.take(key):
            attributes[key] = as_json(policy)
    name = work.name(work.take("QueueName"), 80)
    if work.old is None:
        url = sqs.create_queue(QueueName=name, Attributes=attributes, tags=work.tags())["QueueUrl"]
    else:
        url = work.old.id
        attributes |= {
            key: plain for key, plain in _PLAIN.items() if key in work.old_properties and key not in attributes
        }
        if attributes:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        retag(
            work,
            lambda tags: sqs.tag_queue(QueueUrl=url, Tags=tags),
            lambda keys: sqs.untag_queue(QueueUrl=url, TagKeys=keys),
        )
        name = work.old.attributes["QueueName"]
    arn = f"arn:aws:sqs:{work.region}:{work.account}:{name}"
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url, "Name_": name})


def _remove_queue_policy(work: Work) -> None:
    for url in work.require("Queues"):
        work.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def _read_queue_policy(work: Work) -> Properties:
    """It is in sync where all queues have it; of those that differ the first is told."""
    sqs, policies = work.client("sqs"), []
    for url in work.properties["Queues"]:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
        policies.append(json.loads(found) if found else None)
    if not any(policies):
        raise Gone("no queue has it")
    return {"PolicyDocument": next((one for one in policies if one != work.properties["PolicyDocument"]), policies[0])}


@kind(
    "AWS::SQS::QueuePolicy",
    _remove_queue_policy,
    read=_read_queue_policy,
    attributes=("Id",),
    requires=(
        "PolicyDocument",
        "Queues",
    ),
)
def _queue_policy(work: Work) -> Made:
    policy = as_json(work.require("PolicyDocument"))
    for url in work.require("Queues"):
        work.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Made(work.name(None), {})
