"""What IAM must allow for SQS: the queue, whichever way it is named."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need


def needs(call: Call) -> list[Requirement]:
    action = call.action.removesuffix("Batch")
    url = call.get("QueueUrl")
    if url:
        account, name = ([call.caller.account, *url.rstrip("/").split("/")])[-2:]
        return need(call, f"arn:aws:sqs:{call.caller.region}:{account}:{name}", action=action)
    name = call.get("QueueName")
    owner = call.get("QueueOwnerAWSAccountId") or call.caller.account
    return need(call, f"arn:aws:sqs:{call.caller.region}:{owner}:{name}" if name else "*", action=action)
