"""What ELB refuses of a listener's actions and of a rule's conditions (ELB user guide, "Listener rules")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.ground.errors import AwsError

VALUES = 5
"""Values that all conditions of a rule may have, wildcards or not."""
_LAST = frozenset({"forward", "redirect", "fixed-response"})
_KEPT = {"Protocol": "#{protocol}", "Host": "#{host}", "Port": "#{port}", "Path": "/#{path}", "Query": "#{query}"}
"""What a redirect leaves as it is."""


def demand_actions(actions: Sequence[Mapping[str, Any]]) -> None:
    """One action answers or forwards, and it is the last one; a redirect changes something."""
    answering = [one for one in actions if one.get("Type") in _LAST]
    if not answering:
        raise AwsError("ValidationError", "A forward, redirect or fixed-response action must be specified", 400)
    if len(answering) > 1:
        text = "Only one of the actions forward, redirect and fixed-response can be specified, as the last one"
        raise AwsError("InvalidLoadBalancerAction", text, 400)
    redirect = answering[0].get("RedirectConfig") or {}
    if answering[0].get("Type") == "redirect" and all(redirect.get(part, kept) == kept for part, kept in _KEPT.items()):
        text = "The redirect configuration is not valid because it creates a loop."
        raise AwsError("InvalidLoadBalancerAction", text, 400)


def demand_conditions(conditions: Sequence[Mapping[str, Any]]) -> None:
    if not conditions:
        raise AwsError("ValidationError", "A condition must be specified", 400)
    if sum(map(_values, conditions)) > VALUES:
        raise AwsError("ValidationError", f"The rule has too many condition values; the limit is '{VALUES}'", 400)


def _values(condition: Mapping[str, Any]) -> int:
    parts = [value for key, value in condition.items() if key.endswith("Config") and isinstance(value, Mapping)]
    return sum(len(part.get("Values") or ()) for part in parts or (condition,))
