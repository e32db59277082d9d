"""A log group that a team makes for Lattice's access logs, as docs/tags.md tells it to."""

from __future__ import annotations

import json
from typing import Any

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:*:*:log-group:/lattice/*:*",
    },
}


def open_log_group(logs: Any, name: str, *, resource: str = "arn:aws:logs:*:*:log-group:/lattice/*:*") -> None:
    """Make it, and let log delivery write to it; `resource`: to which groups, whose `name` begins with /lattice/."""
    policy = {**POLICY, "Statement": {**POLICY["Statement"], "Resource": resource}}
    logs.create_log_group(logGroupName=name)
    logs.put_resource_policy(policyName="lattice-access-logs", policyDocument=json.dumps(policy))
