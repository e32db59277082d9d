"""Two readings of AWS's reference: which condition keys a request brings that asks for an action on a resource.

The Service Authorization Reference lists keys in an action's row and, apart, with the types of resources. Whether the
latter are sent with an action whose own row lacks them is not said anywhere, so policies have to hold either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import cache
from typing import Any
from unittest import mock

from onramp.core.policy import Context, Decision

from localcloud.ground.caller import Caller
from localcloud.services.iam import Iam
from tests.templates.questions import Listener, listening
from tests.templates.second_opinion import fetching, reference


class Reading(Enum):
    """What is taken for sent."""

    UNITED = "the keys of the action's row and those of the resource's type"
    ROW = "the keys of the action's row alone, and none that no page promises"


UNPROMISED = {("vpc-lattice:tagresource", "vpc-lattice:createaction")}
"""(action, key), in small letters: in the action's row, but no page says which creations send it."""

LISTED = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
"""Of the keys that begin with `aws:`, those that the reference lists where they are sent. The others are global."""


def sent(action: str, resource: str, keys: Context, reading: Reading) -> Context:
    """Those of `keys` that AWS sends with a request for `action` on `resource`, by that reading."""
    if reading is Reading.UNITED:
        return keys
    fetching()
    row = _row(action.lower(), resource)
    return {key: value for key, value in keys.items() if _is_sent(key.lower(), action.lower(), row)}


def _is_sent(key: str, action: str, row: frozenset[str]) -> bool:
    if (action, key) in UNPROMISED:
        return False
    if key.startswith("aws:") and not key.startswith(LISTED):
        return True
    return key in row or f"{key.partition('/')[0]}/" in row


def lists(action: str, key: str) -> bool:
    """Whether AWS sends the key with the action by its row alone, on whichever of its kinds of resources."""
    fetching()
    service, _, name = action.lower().partition(":")
    row = reference(service)[0][name]
    kinds = [row, *row["resourceTypes"]]
    return _is_sent(key.lower(), action.lower(), _spelled(one for kind in kinds for one in kind["conditionKeys"]))


@cache
def _row(action: str, resource: str) -> frozenset[str]:
    """Keys of the action's row for a resource of that kind."""
    service, _, name = action.partition(":")
    actions, types = reference(service)
    row = actions[name]
    keys = set(row["conditionKeys"])
    for kind in row["resourceTypes"]:
        if re.fullmatch(_arn(types[kind["name"].lower()]["arn"]), resource):
            keys |= set(kind["conditionKeys"])
    return _spelled(keys)


def _spelled(keys: Iterable[str]) -> frozenset[str]:
    """In small letters; a head ends with its slash."""
    return frozenset(re.sub(r"\$\{.*", "", key).lower() for key in keys)


def _arn(pattern: str) -> str:
    """The reference's `arn:${Partition}:ec2:${Region}:…` as a regular expression."""
    return "".join(".*" if part.startswith("$") else re.escape(part) for part in re.split(r"(\$\{\w+\})", pattern))


@contextmanager
def reading_of(reading: Reading) -> Iterator[None]:
    """Whatever any local cloud's IAM is asked meanwhile brings what AWS sends by that reading."""
    allows = Iam.allows

    def asked(
        iam: Iam, caller: Caller, action: str, resource: str, context: Context | None = None, *more: Any, **named: Any
    ) -> Decision:
        return allows(iam, caller, action, resource, sent(action, resource, context or {}, reading), *more, **named)

    with mock.patch.object(Iam, "allows", asked):
        yield


@contextmanager
def judged(united: Listener, by_row: Listener, apart: Callable[[str], None]) -> Iterator[None]:
    """Whatever any local cloud's IAM is asked meanwhile is judged by both readings, and each listener told of one.

    The answer is that of `UNITED`. Where the other is not the same, but for the statement that allows, `apart` is told
    what was asked: as long as it is told nothing, whatever happens would happen under the other reading as well, and
    need not be done again to see it.
    """
    allows = Iam.allows
    with listening(by_row):
        heard = Iam.allows

        def asked(
            iam: Iam,
            caller: Caller,
            action: str,
            resource: str,
            context: Context | None = None,
            *more: Any,
            **named: Any,
        ) -> Decision:
            decision = allows(iam, caller, action, resource, context, *more, **named)
            less = sent(action, resource, context or {}, Reading.ROW)
            other = heard(iam, caller, action, resource, less, *more, **named)
            if other != decision and not (other.allowed and decision.allowed):
                apart(f"{caller.arn}: {action} on {resource}")
            return decision

        with mock.patch.object(Iam, "allows", asked), listening(united):
            yield
