"""What S3 would tell others of a bucket's objects: nobody is told here, so whoever asks for it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated


def refuse(service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """NotEmulated for notifications of a bucket; an empty configuration, which takes them away, is done."""
    if (service, operation) != ("s3", "PutBucketNotificationConfiguration"):
        return
    asked = sorted(name for name in params.get("NotificationConfiguration") or {})
    if asked:
        raise NotEmulated(service, f"{operation} of {', '.join(asked)}")
