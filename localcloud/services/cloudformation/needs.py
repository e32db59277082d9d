"""What IAM must allow for CloudFormation: the stack, or the stack set."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need, plain


def needs(call: Call) -> list[Requirement]:
    if stack_set := call.get("StackSetName"):
        return need(call, call.arn(f"stackset/{stack_set.partition(':')[0]}:*"))
    name = call.get("StackName")
    if not name:
        return plain(call)
    return need(call, name if name.startswith("arn:") else call.arn(f"stack/{name}/*"))
