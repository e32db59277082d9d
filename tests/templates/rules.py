"""The product as deployed, and which of its rules an event meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloud import LocalCloud
from localcloud.ground.patterns import Pattern
from localcloud.services.cloudformation.model import Stack
from replay.story import Network


@dataclass(frozen=True)
class Deployed:
    """The walk-through's network: `stack` is the network account's, `member` a guest's, `own` its own member stack."""

    cloud: LocalCloud
    network: Network
    team: str
    stack: Stack
    member: Stack
    own: Stack


def forwarding(stack: Stack, event: Mapping[str, Any]) -> set[str]:
    """The logical names of the stack's rules that `event` matches, by the patterns that were deployed."""
    return {name for name, pattern in patterns(stack).items() if Pattern(pattern).matches(event)}


def patterns(stack: Stack) -> dict[str, dict[str, Any]]:
    """The pattern of every rule that has one, with its references resolved, by logical name."""
    return {
        name: resource.properties["EventPattern"]
        for name, resource in stack.resources.items()
        if resource.type == "AWS::Events::Rule" and "EventPattern" in resource.properties
    }
