"""What IAM must allow for Parameter Store: each parameter."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, plain, tags_asked


def needs(call: Call) -> list[Requirement]:
    names = [call.get("Name")] if call.get("Name") else call.params.get("Names", [])
    return [(call.action, call.arn(f"parameter/{name.lstrip('/')}"), tags_asked(call)) for name in names] or plain(call)
