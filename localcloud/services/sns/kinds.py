"""Topics, their policies and subscriptions, as CloudFormation makes them."""

from __future__ import annotations

import json

from localcloud.ground.kinds import Made, Properties, Work, as_json, as_text, kind, picked, retag, there


def _read_topic(work: Work) -> Properties:
    found = work.client("sns").get_topic_attributes(TopicArn=there(work).id)["Attributes"]
    return picked(found, "DisplayName", "KmsMasterKeyId")


@kind(
    "AWS::SNS::Topic",
    lambda work: work.client("sns").delete_topic(TopicArn=there(work).id),
    attributes=("TopicArn", "TopicName"),
    replaces=("TopicName", "FifoTopic"),
    read=_read_topic,
)
def _topic(work: Work) -> Made:
    sns = work.client("sns")
    attributes = {
        key: as_text(value)
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
        retag(
            work,
            lambda tags: sns.tag_resource(
                ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            ),
            lambda keys: sns.untag_resource(ResourceArn=arn, TagKeys=keys),
        )
    wanted = work.take("Subscription") or []
    for one in wanted:
        sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    left = [one for one in work.old_properties.get("Subscription") or () if one not in wanted]
    for one in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] if left else ():
        if {"Protocol": one["Protocol"], "Endpoint": one["Endpoint"]} in left:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    return Made(arn, {"TopicArn": arn, "TopicName": name, "Name_": name})


def _remove_topic_policy(work: Work) -> None:
    for arn in work.require("Topics"):
        # As AWS makes it with the topic: its account's, and nobody else's.
        owner = {"StringEquals": {"aws:SourceOwner": arn.split(":")[4]}}
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
            "Resource": arn,
            "Condition": owner,
        }
        default = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
        work.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(default)
        )


def _read_topic_policy(work: Work) -> Properties:
    """Of several topics the first that has another one; a topic has some policy always."""
    arns = work.properties["Topics"]
    found = [work.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"] for arn in arns]
    policies = [json.loads(policy) for policy in found]
    return {"PolicyDocument": next((one for one in policies if one != work.properties["PolicyDocument"]), policies[0])}


@kind(
    "AWS::SNS::TopicPolicy",
    _remove_topic_policy,
    read=_read_topic_policy,
    attributes=("Id",),
    requires=(
        "PolicyDocument",
        "Topics",
    ),
)
def _topic_policy(work: Work) -> Made:
    policy = as_json(work.require("PolicyDocument"))
    for arn in work.require("Topics"):
        work.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return Made(work.name(None), {})


@kind(
    "AWS::SNS::Subscription",
    lambda work: work.client("sns").unsubscribe(SubscriptionArn=there(work).id),
    attributes=("Arn",),
    replaces=("Endpoint", "Protocol", "TopicArn"),
    requires=(
        "TopicArn",
        "Protocol",
    ),
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
