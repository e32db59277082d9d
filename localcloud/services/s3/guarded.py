"""The policy of a bucket, which its objects go by."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.ground.guarded import Guard, Guarded, document_of


def _find(arn: str) -> Guarded | None:
    name = arn.split(":", 5)[5].partition("/")[0]
    # A bucket's ARN names no account, and its name is the only one in the world.
    for owner, partitions in get_backend("s3").items():
        for backend in partitions.values():
            if name in backend.buckets:
                return Guarded(owner, document_of(backend.buckets[name].policy))
    return None


GUARD = Guard(_find)
