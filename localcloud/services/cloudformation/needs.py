"""What IAM must allow for CloudFormation: the stack."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need, plain


def needs(call: Call) -> list[Requirement]:
    name = call.get("StackName")
    if not name:
        return plain(call)
    return need(call, name if name.startswith("arn:") else call.arn(f"stack/{name}/*"))
