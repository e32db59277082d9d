"""The policy of a secret."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from localcloud.ground.guarded import Guard, Guarded, document_of


def secret_of(backend: Any, name: str) -> Any:
    """moto's secret of that name or ARN; None where there is none."""
    try:
        return backend.secrets.get(name)
    except KeyError:
        return None


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, _ = arn.split(":", 5)
    found = secret_of(get_backend("secretsmanager")[owner][region], arn)
    return Guarded(owner, document_of(found.policy)) if found is not None else None


GUARD = Guard(_find)
