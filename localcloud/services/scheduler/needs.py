"""What IAM must allow for Scheduler: the schedule in its group."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need, plain


def needs(call: Call) -> list[Requirement]:
    group, name = call.get("GroupName") or "default", call.get("Name")
    if call.operation.endswith("ScheduleGroup") and name:
        return need(call, call.arn(f"schedule-group/{name}"))
    if name:
        return need(call, call.arn(f"schedule/{group}/{name}"))
    return plain(call)
