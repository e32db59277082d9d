"""What IAM must allow for SNS: the topic, and who subscribes."""

from __future__ import annotations

from onramp.core.policy import Values

from localcloud.ground.needs import Call, Requirement, need


def needs(call: Call) -> list[Requirement]:
    arn = call.get("TopicArn", "TargetArn", "ResourceArn")
    if not arn and call.get("SubscriptionArn"):
        arn = call.get("SubscriptionArn").rsplit(":", 1)[0]
    if call.operation == "CreateTopic":
        arn = call.arn(call.get("Name"))
    action = "sns:Publish" if call.operation == "PublishBatch" else call.action
    more: dict[str, Values] = {}
    if call.operation == "Subscribe":
        more = {"sns:Protocol": call.get("Protocol"), "sns:Endpoint": call.get("Endpoint")}
    return need(call, arn or "*", more, action)
