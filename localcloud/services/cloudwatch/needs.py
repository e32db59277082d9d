"""What IAM must allow for CloudWatch: the namespace, the alarm."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, need, plain


def needs(call: Call) -> list[Requirement]:
    if call.operation == "PutMetricData":
        return need(call, "*", {"cloudwatch:namespace": call.get("Namespace")})
    if call.operation in ("PutMetricAlarm", "PutCompositeAlarm"):
        return need(call, call.arn(f"alarm:{call.get('AlarmName')}"))
    return plain(call)
