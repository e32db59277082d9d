"""What an auth policy says of everybody: whether it shuts all out, or lets anybody in."""

import re
from collections.abc import Iterable

from onramp.core.policy import CONNECT, INVOKE, Document, Statement, glob, is_about, parse

_ANY_PATHS = "", "orders/0\N{SNOWMAN}/of whatever length, which no policy names"


def shuts(policy: Document, arn: str, actions: Iterable[str] = (INVOKE, CONNECT)) -> str:
    """Why an auth policy lets no request through to what is below `arn`, whoever asks; '' where one may get through.

    `actions`: of which one suffices. Only what is certain: a condition may be met, a principal may ask. Raises
    MalformedPolicy.
    """
    statements = parse(policy)
    why = [_shut(statements, action, arn) for action in actions]
    return why[0] if why and all(why) else ""


def _shut(statements: tuple[Statement, ...], action: str, arn: str) -> str:
    asked = [one for one in statements if is_about(one, action)]
    for one in asked:
        if not one.allows and not one.tests and _anybody(one) and _holds_all(one, arn):
            return f"statement {one.name} denies everybody"
    allowing = [one for one in asked if one.allows]
    if any(_may_hold(one, arn) for one in allowing):
        return ""
    # A resource is the service's ARN with a path behind it: of the ARN alone nothing is asked (facts R24).
    return "no statement allows anything of this service" if allowing else "no statement allows anybody"


def opens(policy: Document) -> bool:
    """Does a statement of an auth policy let anybody in, on no condition? Raises MalformedPolicy."""
    return any(
        one.allows and not one.tests and _anybody(one)
        for one in parse(policy)
        if any(is_about(one, action) for action in (INVOKE, CONNECT))
    )


def _anybody(statement: Statement) -> bool:
    """Does it name everybody as its principal?"""
    everybody = any(one in (("*", "*"), ("AWS", "*")) for one in statement.principals or ())
    return everybody and not statement.not_principals


def _holds_all(statement: Statement, arn: str) -> bool:
    """Is everything below `arn` among its resources?"""
    if statement.resources is None:
        return True
    if statement.not_resources:
        return False
    return _any_is_all(statement.resources, arn)


def _any_is_all(patterns: Iterable[str], arn: str) -> bool:
    return any(all(glob(p, f"{arn}/{path}") for path in _ANY_PATHS) for p in patterns)


def _may_hold(statement: Statement, arn: str) -> bool:
    """May something below `arn` be among its resources?"""
    if statement.resources is None:
        return True
    if statement.not_resources:
        return not _any_is_all(statement.resources, arn)
    return any(_begins(p, f"{arn}/") for p in statement.resources)


def _begins(pattern: str, start: str) -> bool:
    """Does it match anything that begins so? What a variable in it stands for is not known."""
    plain = re.sub(r"\$\{[^}]*\}", "*", pattern)
    return any(glob(plain[:end], start) for end in range(len(plain) + 1))
