"""By what a description may be narrowed: a name that EC2's reference has for it, as botocore's models repeat it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from localcloud.ground import models
from localcloud.ground.errors import AwsError

_CODE = re.compile(r"<code>([^<]+)</code>")


def refuse(operation: str, params: Mapping[str, Any]) -> None:
    """InvalidParameterValue for a filter that the operation does not have; moto falls over it, or finds nothing."""
    for one in params.get("Filters") or ():
        name = str(one.get("Name", ""))
        known = _known(operation)
        if known and name not in known and name.partition(":")[0] not in ("tag", "tag-key", "tag-value"):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid", 400)


@lru_cache(maxsize=512)
def _known(operation: str) -> frozenset[str]:
    """Every word of the reference that could be a filter's; none where it does not tell them."""
    shape = models.operation_model("ec2", operation).input_shape
    told = shape.members["Filters"].documentation if shape is not None and "Filters" in shape.members else ""
    return frozenset(_CODE.findall(told))
