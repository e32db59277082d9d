"""The policy of a table, which its indexes go by, and of its stream."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.ground.guarded import Guard, Guarded, document_of


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, tail = arn.split(":", 5)
    kind, _, name = tail.partition("/")
    if kind != "table":
        return None
    backend = get_backend("dynamodb")[owner][region]
    plain, _, part = name.partition("/")
    if plain not in backend.tables:
        return None
    table = arn.removesuffix(f"/{part}")
    kept = backend.resource_policies.get(arn if part.startswith("stream/") else table)
    return Guarded(owner, document_of(kept.policy_doc if kept is not None else None))


GUARD = Guard(_find)
