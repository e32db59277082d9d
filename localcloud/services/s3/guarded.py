"""The policy of a bucket, which its objects go by."""

from __future__ import annotations

from localcloud.ground.guarded import Guard, Guarded
from localcloud.services.s3.public import bucket_of, heeded


def _find(arn: str) -> Guarded | None:
    # A bucket's ARN names no account, and its name is the only one in the world.
    bucket = bucket_of(arn.split(":", 5)[5].partition("/")[0])
    return Guarded(bucket.account_id, heeded(bucket)) if bucket is not None else None


GUARD = Guard(_find)
