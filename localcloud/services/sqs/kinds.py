"""Queues and their policies, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Work, as_json, as_text, kind, retag, there

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


@kind(
    "AWS::SQS::Queue",
    lambda work: work.client("sqs").delete_queue(QueueUrl=there(work).id),
    attributes=("Arn", "QueueName", "QueueUrl"),
    replaces=("QueueName", "FifoQueue"),
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


@kind(
    "AWS::SQS::QueuePolicy",
    _remove_queue_policy,
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
