"""The policy of a function."""

from __future__ import annotations

from moto.awslambda.utils import get_backend as lambda_backend
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud.ground.guarded import Guard, Guarded


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, tail = arn.split(":", 5)
    kind, _, name = tail.partition(":")
    if kind != "function":
        return None
    plain, _, qualifier = name.partition(":")
    try:
        function = lambda_backend(owner, region).get_function(plain, qualifier or None)
    except (HTTPException, ServiceException):
        return None
    statements = list(function.policy.statements)
    return Guarded(owner, [{"Version": "2012-10-17", "Statement": statements}] if statements else [])


GUARD = Guard(_find)
