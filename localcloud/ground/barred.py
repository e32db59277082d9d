"""A refusal that comes from elsewhere than the caller's own policies, and AWS's word for where."""

from __future__ import annotations

from dataclasses import dataclass

from onramp.core.policy import Decision

CONTROL = "service control policy"
RESOURCE_CONTROL = "resource control policy"
BOUNDARY = "permissions boundary"
POLICY = "resource-based policy"


@dataclass(frozen=True)
class Barred(Decision):
    """`by`: what refused, as AWS calls it."""

    by: str = ""


def refuser(decision: Decision) -> str:
    """What refused, in AWS's words: the caller's own policies where nothing else did."""
    return decision.by if isinstance(decision, Barred) else "identity-based policy"
