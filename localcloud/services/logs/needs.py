"""What IAM must allow for CloudWatch Logs: the group, or the stream in it."""

from __future__ import annotations

import re

from localcloud.ground.needs import Call, Requirement, need, plain

_LOGS_EVERYWHERE = re.compile(r"(DescribeLogGroups|.*LogDeliver(y|ies)|.*ResourcePolic(y|ies))")


def needs(call: Call) -> list[Requirement]:
    group = call.get("logGroupName", "logGroupIdentifier")
    if not group or _LOGS_EVERYWHERE.fullmatch(call.operation):
        return plain(call)
    arn = group if group.startswith("arn:") else call.arn(f"log-group:{group}")
    stream = call.get("logStreamName")
    # Groups are named with a trailing :* in policies; only streams have a tail of their own.
    return need(call, f"{arn.removesuffix(':*')}:log-stream:{stream}" if stream else f"{arn.removesuffix(':*')}:*")
