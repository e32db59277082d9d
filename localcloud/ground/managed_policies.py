"""The policies that AWS manages, by ARN, as moto's data file has them."""

from __future__ import annotations

import functools
import json
from typing import Any


@functools.cache
def aws_managed_policies() -> dict[str, dict[str, Any]]:
    """The policies that AWS manages, by ARN, as moto's data file has them."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return {
        (policy.get("Arn") or f"arn:aws:iam::aws:policy{policy.get('Path', '/')}{name}"): {"name": name, **policy}
        for name, policy in found.items()
    }
