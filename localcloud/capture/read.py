"""What was read of an account, as AWS's Describe calls answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

type Answer = Mapping[str, Any]


class Unreadable(ValueError):
    """What was given cannot be captured; says why, and what to give instead."""


@dataclass
class Targets:
    """A target group of a load balancer: its port, the type of its targets, and their ids with their ports."""

    name: str
    port: int
    kind: str = "instance"
    members: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Read:
    """What was read of one account. `unread`: a line for each thing, or kind of thing, that was not."""

    account: str
    vpcs: list[Answer] = field(default_factory=list)
    subnets: list[Answer] = field(default_factory=list)
    groups: list[Answer] = field(default_factory=list)
    acls: list[Answer] = field(default_factory=list)
    instances: list[Answer] = field(default_factory=list)
    balancers: list[Answer] = field(default_factory=list)
    listeners: list[Answer] = field(default_factory=list)
    rules: dict[str, list[Answer]] = field(default_factory=dict)
    """By ARN of a listener; without its default action."""
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """By ARN of a load balancer."""
    targets: dict[str, Targets] = field(default_factory=dict)
    """By ARN of a target group."""
    dns: dict[str, bool] = field(default_factory=dict)
    """By id of a VPC: whether it answers names and gives them; on where nothing is said."""
    certificates: dict[str, str] = field(default_factory=dict)
    """Host names, by ARN of a certificate."""
    unread: list[str] = field(default_factory=list)
