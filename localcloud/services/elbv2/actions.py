"""What ELB refuses of a listener's actions and of a rule's conditions (ELB user guide, "Listener rules")."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.ground.errors import AwsError

PORT = 65_535
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
    port = redirect.get("Port", _KEPT["Port"])
    if port != _KEPT["Port"] and not (port.isdecimal() and 1 <= int(port) <= PORT):
        raise AwsError("InvalidLoadBalancerAction", f"The redirect port '{port}' is not valid", 400)
    if answering[0].get("Type") == "redirect" and all(redirect.get(part, kept) == kept for part, kept in _KEPT.items()):
        text = "The redirect configuration is not valid because it creates a loop."
        raise AwsError("InvalidLoadBalancerAction", text, 400)


def demand_conditions(conditions: Sequence[Mapping[str, Any]]) -> None:
    if not conditions:
        raise AwsError("ValidationError", "A condition must be specified", 400)
    if sum(map(_values, conditions)) > VALUES:
        raise AwsError("ValidationError", f"The rule has too many condition values; the limit is '{VALUES}'", 400)
    fields = [one.get("Field") for one in conditions]
    if twice := next((one for one in fields if one in _ONCE and fields.count(one) > 1), None):
        raise AwsError("ValidationError", f"A rule can only have one '{twice}' condition", 400)
    for one in conditions:
        config = one.get("HttpHeaderConfig") or {}
        if one.get("Field") == "http-header" and str(config.get("HttpHeaderName")).lower() == "host":
            text = "The header 'Host' cannot be specified in a condition 'http-header'; use 'host-header'"
            raise AwsError("ValidationError", text, 400)
        is_value = _FORMS.get(str(one.get("Field")))
        if wrong := next((it for it in _said(one) if is_value and not is_value(it)), None):
            raise AwsError("ValidationError", f"The '{one['Field']}' value '{wrong}' is not valid", 400)


def _is_block(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


_ONCE = frozenset({"path-pattern", "host-header", "http-request-method", "source-ip"})
_FORMS: dict[str, Callable[[str], Any]] = {
    "host-header": re.compile(r"[A-Za-z0-9.*?-]*\.[A-Za-z*?]+").fullmatch,
    "source-ip": _is_block,
}
"""A host has a dot, and letters alone after the last one; an address is a block."""


def _said(condition: Mapping[str, Any]) -> list[str]:
    """Plain values, in either way in which they may be given."""
    config = condition.get("HostHeaderConfig") or condition.get("SourceIpConfig") or condition
    return [str(one) for one in config.get("Values") or ()]


def _values(condition: Mapping[str, Any]) -> int:
    parts = [value for key, value in condition.items() if key.endswith("Config") and isinstance(value, Mapping)]
    return sum(len(part.get("Values") or ()) for part in parts or (condition,))
