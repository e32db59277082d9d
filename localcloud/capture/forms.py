"""Of what form the attributes are that Terraform's provider writes: what is of another is told, thing by thing."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

_TEXT = frozenset(
    {"arn", "availability_zone", "certificate_arn", "domain_name", "id", "instance_state", "listener_arn"}
    | {"load_balancer_arn", "load_balancer_type", "name", "network_acl_id", "private_ip", "security_group_id"}
    | {"subnet_id", "target_group_arn", "target_id", "target_type", "vpc_id", "protocol", "ip_protocol", "type"}
    | {"source_security_group_id", "referenced_security_group_id", "action", "rule_action", "http_header_name"}
)
_TEXTS = frozenset(
    {"ipv6_cidr_blocks", "prefix_list_ids", "security_groups", "subnet_ids", "values", "vpc_security_group_ids"}
)
_NETWORK = frozenset({"cidr_block", "cidr_ipv4"})
_NETWORKS = frozenset({"cidr_blocks"})
_NUMBER = {
    "from_port": (-1, 65_535),
    "to_port": (-1, 65_535),
    "rule_no": (1, 32_767),
    "rule_number": (1, 32_767),
    "weight": (0, 999),
}
_NEEDED = {
    "aws_vpc": ("id", "cidr_block"),
    "aws_subnet": ("id", "vpc_id"),
    "aws_security_group": ("id", "name", "vpc_id"),
    "aws_instance": ("id",),
    "aws_lb": ("arn", "name"),
    "aws_alb": ("arn", "name"),
    "aws_lb_target_group": ("arn",),
    "aws_alb_target_group": ("arn",),
    "aws_lb_listener": ("load_balancer_arn", "port"),
    "aws_alb_listener": ("load_balancer_arn", "port"),
    "aws_network_acl": ("id",),
    "aws_default_network_acl": ("id",),
    "aws_acm_certificate": ("arn",),
}


def demand(kind: str, attributes: Mapping[str, Any]) -> None:
    """KeyError for what must be there, ValueError for what is of another form than the provider's."""
    for name in _NEEDED.get(kind, ()):
        if not attributes.get(name):
            raise KeyError(name)
    tags = attributes.get("tags") or {}
    if not isinstance(tags, dict) or not all(isinstance(one, str) for one in tags.values()):
        raise ValueError(f"tags are {tags!r}"[:200])
    _look({name: one for name, one in attributes.items() if name not in ("tags", "tags_all")})


def _look(given: Any) -> None:
    if isinstance(given, list):
        for one in given:
            _look(one)
    elif isinstance(given, dict):
        for name, value in given.items():
            if value not in (None, "") and not _fits(name, value):
                raise ValueError(f"{name} is {value!r}"[:200])
            _look(value)


def _fits(name: str, value: Any) -> bool:
    if name in _TEXT:
        return isinstance(value, str) or (name == "action" and isinstance(value, list))
    if name in _TEXTS or name in _NETWORKS:
        fits = _is_network if name in _NETWORKS else (lambda one: isinstance(one, str))
        return isinstance(value, list) and all(map(fits, value))
    if name in _NETWORK:
        return _is_network(value)
    if name in _NUMBER:
        least, most = _NUMBER[name]
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return True


def _is_network(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.IPv4Network(value, strict=False))
    except ValueError:
        return False
